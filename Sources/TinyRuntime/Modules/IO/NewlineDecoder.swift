// Line ends: recognising and translating them; `_io.IncrementalNewlineDecoder`.
import CTiny
import Glibc

/// Which line ends count when lines are read.
enum LineEnd {
    case lf, universal, cr, crlf

    /// One behind the end of the first line at or behind `start`; nil if none ends.
    func find(_ text: Octets, _ start: Int) -> Int? {
        guard start < text.count, let base = text.baseAddress else { return nil }
        func first(_ byte: Int32, _ from: Int) -> Int? {
            memchr(base + from, byte, text.count - from).map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
        }
        switch self {
        case .lf: return first(0x0A, start).map { $0 + 1 }
        case .cr: return first(0x0D, start).map { $0 + 1 }
        case .crlf:
            var from = start
            while from < text.count, let found = first(0x0D, from) {
                if found + 1 < text.count, text[found + 1] == 0x0A { return found + 2 }
                from = found + 1
            }
            return nil
        case .universal:
            var offset = start
            while offset < text.count {
                if text[offset] == 0x0A { return offset + 1 }
                if text[offset] == 0x0D { return offset + 1 < text.count && text[offset + 1] == 0x0A ? offset + 2 : offset + 1 }
                offset += 1
            }
            return nil
        }
    }
}

/// Notes what line ends text has, and makes them all "\n" if asked to. A carriage return at the end of a piece waits.
struct NewlineTranslator {
    let translates: Bool
    var hasPendingReturn = false
    /// 1: "\r", 2: "\n", 4: "\r\n".
    var seen = 0

    mutating func feed(_ text: Octets, isFinal: Bool) -> [UInt8] {
        var input = Array(text)
        if hasPendingReturn, !input.isEmpty || isFinal {
            input.insert(0x0D, at: 0)
            hasPendingReturn = false
        }
        if !isFinal, input.last == 0x0D {
            input.removeLast()
            hasPendingReturn = true
        }
        if !input.contains(0x0D) {
            if seen & 2 == 0, input.contains(0x0A) { seen |= 2 }
            return input
        }
        var result: [UInt8] = []
        result.reserveCapacity(input.count)
        var offset = 0
        while offset < input.count {
            let byte = input[offset]
            offset += 1
            if byte == 0x0D {
                let isPair = offset < input.count && input[offset] == 0x0A
                seen |= isPair ? 4 : 1
                if translates {
                    result.append(0x0A)
                    if isPair { offset += 1 }
                } else {
                    result.append(0x0D)
                    if isPair {
                        result.append(0x0A)
                        offset += 1
                    }
                }
                continue
            }
            if byte == 0x0A { seen |= 2 }
            result.append(byte)
        }
        return result
    }

    /// The attribute `newlines`.
    var newlines: Value {
        func text(_ string: String) -> Value { Value(StrTables.intern(string)) }
        switch seen {
        case 1: return text("\r")
        case 2: return text("\n")
        case 3: return Value(Tuple.make(text("\r"), text("\n")))
        case 4: return text("\r\n")
        case 5: return Value(Tuple.make(text("\r"), text("\r\n")))
        case 6: return Value(Tuple.make(text("\n"), text("\r\n")))
        case 7: return Value(Tuple.make(text("\r"), text("\n"), text("\r\n")))
        default: return .none
        }
    }
}

final class NewlineDecoder: TracedObject {
    private var decoder: Value = .none
    private var translator = NewlineTranslator(translates: false)

    func trace(_ marker: inout Marker) { marker.mark(decoder) }

    private static func own(_ value: Value) throws(Raised) -> NewlineDecoder {
        guard let own = value.boxed(NewlineDecoder.self) else { throw typeError("an IncrementalNewlineDecoder is required") }
        return own
    }

    static let nativeClass = NativeClass("IncrementalNewlineDecoder", kind: .box, doc: "Codec used when reading a file in universal newlines mode.", flags: .isBase, methods: [
        Native("__init__(self, decoder, translate, errors='strict')", "Initialize self.") { args throws(Raised) in
            let decoder = try own(args[0])
            decoder.decoder = args[1]
            decoder.translator = NewlineTranslator(translates: try truth(args[2]))
            return .none
        },
        Native("decode(self, input, final=False)", "") { args throws(Raised) in
            let decoder = try own(args[0])
            let text = decoder.decoder.isNone ? args[1] : try callMethod(decoder.decoder, StrTables.intern("decode"), args[1], args[2])
            guard text.isKind(.str) else { throw typeError("decoder should return a string result, not '\(typeName(text))'") }
            let isFinal = try truth(args[2])
            return Value(Str.make(decoder.translator.feed(text.object(Str.self).buffer, isFinal: isFinal)))
        },
        Native("getstate(self, /)", "") { args throws(Raised) in
            let decoder = try own(args[0])
            var buffer = BytesObject.make([])
            var flag = 0
            if !decoder.decoder.isNone {
                let state = try callMethod(decoder.decoder, StrTables.intern("getstate"))
                guard state.isKind(.tuple), state.object(Tuple.self).count == 2 else { throw typeError("illegal decoder state") }
                buffer = state.object(Tuple.self).items[0]
                flag = try index(state.object(Tuple.self).items[1])
            }
            return Value(Tuple.make(buffer, Value(flag << 1 | (decoder.translator.hasPendingReturn ? 1 : 0))))
        },
        Native("setstate(self, state, /)", "") { args throws(Raised) in
            let decoder = try own(args[0])
            guard args[1].isKind(.tuple), args[1].object(Tuple.self).count == 2 else { throw typeError("state argument must be a tuple") }
            let flag = try index(args[1].object(Tuple.self).items[1])
            decoder.translator.hasPendingReturn = flag & 1 == 1
            if !decoder.decoder.isNone {
                _ = try callMethod(
                    decoder.decoder, StrTables.intern("setstate"),
                    Value(Tuple.make(args[1].object(Tuple.self).items[0], Value(flag >> 1))))
            }
            return .none
        },
        Native("reset(self, /)", "") { args throws(Raised) in
            let decoder = try own(args[0])
            decoder.translator.hasPendingReturn = false
            decoder.translator.seen = 0
            return decoder.decoder.isNone ? .none : try callMethod(decoder.decoder, StrTables.intern("reset"))
        },
    ], attributes: [Accessors("newlines") { object throws(Raised) in try own(object).translator.newlines }],
        construct: { args throws(Raised) in BoxedObject.make(NewlineDecoder(), args[0].object(ClassObject.self)) })
}

/// The argument `newline`.
struct NewlineMode {
    /// Nil: None.
    let given: String?
    var readEnd: LineEnd
    /// Line ends are looked for in every form.
    var isUniversal: Bool
    /// They become "\n".
    var translates: Bool
    /// What "\n" is written as; nil: as it is.
    var written: [UInt8]?

    /// What `newline="\n"` means.
    static let lineFeed = NewlineMode(given: "\n", readEnd: .lf, isUniversal: false, translates: false, written: nil)

    private init(given: String?, readEnd: LineEnd, isUniversal: Bool, translates: Bool, written: [UInt8]?) {
        (self.given, self.readEnd, self.isUniversal, self.translates, self.written) = (given, readEnd, isUniversal, translates, written)
    }

    /// - Parameter place: whose argument it is, for the error.
    init(_ value: Value, _ place: StaticString) throws(Raised) {
        if value.isNone {
            (given, readEnd, isUniversal, translates, written) = (nil, .lf, true, true, nil)
            return
        }
        guard value.isKind(.str) else { throw typeError("\(place) must be str or None, not \(typeName(value))") }
        let text = value.object(Str.self).string
        given = text
        // A Swift Character holds "\r\n" as one: compare the octets.
        switch Array(text.utf8) {
        case []: (readEnd, isUniversal, translates, written) = (.universal, true, false, nil)
        case [0x0A]: (readEnd, isUniversal, translates, written) = (.lf, false, false, nil)
        case [0x0D]: (readEnd, isUniversal, translates, written) = (.cr, false, false, [0x0D])
        case [0x0D, 0x0A]: (readEnd, isUniversal, translates, written) = (.crlf, false, false, [0x0D, 0x0A])
        default: throw valueError("illegal newline value: \(text)")
        }
    }

    /// Whether nothing of the text is to be written in another form.
    func writesAsGiven(_ text: Octets) -> Bool { written == nil || !text.contains(0x0A) }

    /// The text with "\n" as it is to be written; nil if nothing changes.
    func toWrite(_ text: Octets) -> [UInt8]? {
        guard let written, !writesAsGiven(text) else { return nil }
        var result: [UInt8] = []
        for byte in text {
            if byte == 0x0A { result.append(contentsOf: written) } else { result.append(byte) }
        }
        return result
    }
}
