// The built-in error handlers as functions (`codecs.strict_errors` …): what `lookup_error` gives, and what handlers of
// the script call to fall back on. Encoding and decoding themselves never call these (see ErrorPolicy).

import TinyRuntime
import TinySyntax

enum CodecHandlers {
    /// Names of the policies; each has a native `<name>_errors`.
    static let names = [
        "strict", "ignore", "replace", "xmlcharrefreplace", "backslashreplace", "namereplace", "surrogateescape",
        "surrogatepass",
    ]

    static let natives: [Native] = [
        Native("strict_errors(exception, /)", "Raises the exception.") { a throws(Raised) in
            guard a[0].isKind(.exception) else { throw typeError("codec must pass exception instance") }
            throw raise(a[0].object(ExceptionObject.self))
        },
        Native("ignore_errors(exception, /)", "Drops what is malformed.") { a throws(Raised) in
            Value(Tuple.make(Value(Str.empty), Value(try Flaw(a[0]).end)))
        },
        Native("replace_errors(exception, /)", "Question marks, or U+FFFD.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            var text = TextBuffer()
            switch flaw.kind {
            case .encode: try text.append(repeating: 0x3F, count: flaw.end - flaw.start)
            case .decode: text.append(codePoint: 0xFFFD)
            case .translate: try text.append(repeating: 0xFFFD, count: flaw.end - flaw.start)
            }
            return flaw.answer(text)
        },
        Native("xmlcharrefreplace_errors(exception, /)", "Character references.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            guard flaw.kind == .encode else { throw flaw.refusal }
            var text = TextBuffer()
            flaw.forEach { text.append("&#\($0);") }
            return flaw.answer(text)
        },
        Native("backslashreplace_errors(exception, /)", "Escapes.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            var text = TextBuffer()
            if flaw.kind == .decode {
                for byte in flaw.octets { text.append(escape: 0x78, UInt32(byte), digits: 2) }
            } else {
                flaw.forEach { text.append(backslashEscape: $0) }
            }
            return flaw.answer(text)
        },
        Native("namereplace_errors(exception, /)", "`\\N{…}` escapes.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            guard flaw.kind == .encode else { throw flaw.refusal }
            var text = TextBuffer()
            flaw.forEach { point in
                if let name = UnicodeNames.name(of: point) {
                    text.append("\\N{\(name)}")
                } else {
                    text.append(backslashEscape: point)
                }
            }
            return flaw.answer(text)
        },
        Native("surrogateescape_errors(exception, /)", "Octets as lone surrogates, and back.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            if flaw.kind == .decode {
                var text = TextBuffer()
                for byte in flaw.octets.prefix(4) {
                    guard byte >= 0x80 else { break }
                    text.append(codePoint: 0xDC00 + UInt32(byte))
                }
                let count = text.bytes.count / 3
                if count > 0 { return Value(Tuple.make(Value(text.makeStr()), Value(flaw.start + count))) }
            } else if flaw.kind == .encode {
                var bytes: [UInt8] = []
                flaw.forEach { if 0xDC80 ... 0xDCFF ~= $0 { bytes.append(UInt8($0 - 0xDC00)) } }
                if bytes.count == flaw.end - flaw.start {
                    return Value(Tuple.make(BytesObject.make(bytes), Value(flaw.end)))
                }
            }
            if flaw.kind == .translate { throw flaw.refusal }
            throw raise(a[0].object(ExceptionObject.self))
        },
        Native("surrogatepass_errors(exception, /)", "Lone surrogates as if they were characters.") { a throws(Raised) in
            let flaw = try Flaw(a[0])
            if flaw.kind == .translate { throw flaw.refusal }
            let own = a[0].object(ExceptionObject.self)
            guard let codec = Codec.named(flaw.encoding) else { throw raise(own) }
            if flaw.kind == .encode {
                var text = TextBuffer()
                var isAll = true
                flaw.forEach {
                    text.append(codePoint: $0)
                    if $0 & 0xFFFF_F800 != 0xD800 { isAll = false }
                }
                guard isAll else { throw raise(own) }
                return Value(Tuple.make(try Codecs.encode(text.makeStr(), codec, .surrogatePass), Value(flaw.end)))
            }
            let rest = flaw.allOctets.part(flaw.start, flaw.allOctets.count)
            let unit = codec.name.hasPrefix("utf-8") ? 3 : codec.name.hasPrefix("utf-16") ? 2 : 4
            guard rest.count >= unit else { throw raise(own) }
            let piece = try BufferView(BytesObject.make(rest.part(0, unit)))
            guard let text = try? Codecs.decode(piece, codec, .surrogatePass), text.count == 1, text.hasSurrogates else {
                throw raise(own)
            }
            return Value(Tuple.make(Value(text), Value(flaw.start + unit)))
        },
    ]
}

/// The place that a UnicodeError tells of.
private struct Flaw {
    enum Kind { case encode, decode, translate }

    let kind: Kind
    let exception: ExceptionRef
    let start: Int
    let end: Int
    private let object: Value

    init(_ value: Value) throws(Raised) {
        guard value.isKind(.exception) else {
            throw typeError("don't know how to handle \(typeName(value)) in error callback")
        }
        exception = value.object(ExceptionObject.self)
        if value.cls.isSubclass(of: ExceptionName.unicodeEncodeError.cls) {
            kind = .encode
        } else if value.cls.isSubclass(of: ExceptionName.unicodeDecodeError.cls) {
            kind = .decode
        } else if value.cls.isSubclass(of: ExceptionName.unicodeTranslateError.cls) {
            kind = .translate
        } else {
            throw typeError("don't know how to handle \(typeName(value)) in error callback")
        }
        let shift = kind == .translate ? 0 : 1
        object = exception.field(shift)
        guard object.isKind(kind == .decode ? .bytes : .str) else {
            throw typeError("object attribute must be \(kind == .decode ? "bytes" : "unicode")")
        }
        let count = kind == .decode ? object.object(BytesObject.self).pointee.count : object.object(Str.self).count
        start = max(0, min(try index(exception.field(shift + 1)), count))
        end = max(start, min(try index(exception.field(shift + 2)), count))
    }

    var refusal: Raised { typeError("don't know how to handle \(typeName(Value(exception))) in error callback") }

    var encoding: StrRef {
        let name = exception.field(0)
        return name.isKind(.str) ? name.object(Str.self) : Str.empty
    }

    var allOctets: Octets { object.object(BytesObject.self).buffer }
    var octets: Octets { allOctets.part(start, end) }

    func forEach(_ body: (UInt32) -> Void) {
        let text = object.object(Str.self)
        for index in start ..< end { body(text.codePoint(at: text.byteOffset(index))) }
    }

    func answer(_ text: TextBuffer) -> Value { Value(Tuple.make(Value(text.makeStr()), Value(end))) }
}
