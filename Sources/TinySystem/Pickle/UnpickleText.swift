// The texts inside pickles: numbers and strings of the line-oriented protocols, UTF-8 of the later ones.
import TinyRuntime

enum UnpickleText {
    typealias Octets = UnsafeBufferPointer<UInt8>

    private static func string(_ octets: Octets) -> String { String(decoding: octets, as: UTF8.self) }

    static func index(_ octets: Octets) throws(Raised) -> Int {
        let value = try callValue(
            Value(Shapes.table[Int(Kind.int.rawValue)].pointee.cls), Value(Str.make(string(octets) + "\n")))
        return try TinyRuntime.index(value)
    }

    /// INT: "00" and "01" are the booleans of old.
    static func int(_ octets: Octets) throws(Raised) -> Value {
        if octets.count == 2, octets[0] == 0x30, octets[1] == 0x30 || octets[1] == 0x31 { return Value(octets[1] == 0x31) }
        return try number(octets, "could not convert string to int")
    }

    private static func number(_ octets: Octets, _ message: String) throws(Raised) -> Value {
        do {
            return try callValue(
                Value(Shapes.table[Int(Kind.int.rawValue)].pointee.cls), Value(Str.make(string(octets))))
        } catch {
            guard currentThread().raisedIs(.valueError) else { throw error }
            _ = currentThread().takeRaised()
            throw valueError(message)
        }
    }

    static func long(_ octets: Octets) throws(Raised) -> Value {
        guard octets.count > 0 else { throw PickleInput.truncated() }
        let digits = octets[octets.count - 1] == 0x4C ? Octets(rebasing: octets[0 ..< octets.count - 1]) : octets
        return try callValue(Value(Shapes.table[Int(Kind.int.rawValue)].pointee.cls), Value(Str.make(string(digits))))
    }

    static func float(_ octets: Octets) throws(Raised) -> Value {
        do {
            return try callValue(
                Value(Shapes.table[Int(Kind.float.rawValue)].pointee.cls), Value(Str.make(string(octets))))
        } catch {
            guard currentThread().raisedIs(.valueError) else { throw error }
            _ = currentThread().takeRaised()
            throw valueError("could not convert string to float")
        }
    }

    /// STRING: the octets of a quoted Python 2 literal.
    static func quoted(_ octets: Octets) throws(Raised) -> Value {
        let end = octets.count
        guard end >= 2, octets[0] == octets[end - 1], octets[0] == 0x27 || octets[0] == 0x22 else {
            throw Pickle.cannotUnpickle("the STRING opcode argument must be quoted")
        }
        let inner = BytesObject.make(Octets(rebasing: octets[1 ..< end - 1]))
        let result = try callValue(try getAttribute(try importModule("_codecs"), "escape_decode"), inner)
        guard result.isKind(.tuple), result.object(Tuple.self).count > 0 else { return inner }
        return result.object(Tuple.self).items[0]
    }

    static func rawUnicode(_ octets: Octets) throws(Raised) -> Value {
        try callMethod(BytesObject.make(octets), StrTables.intern("decode"), Value(Str.make("raw-unicode-escape")))
    }

    static func ascii(_ octets: Octets) throws(Raised) -> Value {
        guard octets.allSatisfy({ $0 < 0x80 }) else {
            throw Pickle.cannotUnpickle("persistent IDs in protocol 0 must be ASCII strings")
        }
        return Value(Str.make(octets))
    }

    /// UTF-8 in which lone surrogates are allowed.
    @inline(__always)
    static func utf8(_ octets: Octets) throws(Raised) -> Value {
        if octets.count < 32, octets.allSatisfy({ $0 < 0x80 }) { return Value(StrTables.known(octets)) }
        return try longUTF8(octets)
    }

    @inline(never)
    private static func longUTF8(_ octets: Octets) throws(Raised) -> Value {
        if UTF8Text.validEnd(octets, from: 0) == octets.count { return Value(Str.make(octets)) }
        return try callMethod(
            BytesObject.make(octets), StrTables.intern("decode"), Value(Str.make("utf-8")), Value(Str.make("surrogatepass")))
    }
}

extension StrTables {
    /// Short ASCII text: one character of Latin-1 exists once.
    @inline(__always)
    fileprivate static func known(_ octets: UnsafeBufferPointer<UInt8>) -> StrRef {
        guard octets.count > 1, let base = octets.baseAddress else {
            if octets.count == 1, let single = latin1(octets[0]) { return single }
            return octets.count == 0 ? Str.empty : Str.make(octets)
        }
        let text = Str.allocate(byteCount: octets.count, count: octets.count)
        text.bytes.update(from: base, count: octets.count)
        return text
    }
}
