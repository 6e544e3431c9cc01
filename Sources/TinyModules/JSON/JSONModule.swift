// `_json`: what stdlib/json has done natively. The strings of JSON are here, reader and writer in files of their own.
import TinyRuntime

enum JSONModule {
    static let nativeModule = NativeModule(
        "_json", doc: "json speedups", functions: { functions },
        prepare: { contents throws(Raised) in
            contents.set("make_scanner", Value(contents.add(JSONScanner.nativeClass)))
            contents.set("make_encoder", Value(contents.add(JSONEncoder.nativeClass)))
        })

    private static func quoted(_ value: Value, _ form: JSONText.Form) throws(Raised) -> Value {
        guard value.isKind(.str) else { throw typeError("first argument must be a string, not \(typeName(value))") }
        var buffer = TextBuffer()
        JSONText.quote(value.object(Str.self), form, &buffer)
        return Value(buffer.makeStr())
    }

    private static let functions: [Native] = [
        Native("encode_basestring_ascii(string, /)", "Return an ASCII-only JSON representation of a Python string") { args throws(Raised) in
            try quoted(args[0], .ascii)
        },
        Native("encode_basestring(string, /)", "Return a JSON representation of a Python string") { args throws(Raised) in
            try quoted(args[0], .unicode)
        },
        Native("scanstring(string, end, strict=True, /)", "Scan the string s for a JSON string. End is the index of the character in s after the quote that started the JSON string.") { args throws(Raised) in
            let end = try index(args[1])
            guard args[0].isKind(.str) else { throw typeError("first argument must be a string, not \(typeName(args[0]))") }
            let text = args[0].object(Str.self)
            guard end >= 0, end <= text.count else { throw valueError("end is out of bounds") }
            var reader = JSONReader(text, Dict.make())
            reader.position = end == text.count ? reader.count : text.byteOffset(end)
            let result = try reader.string(strict: try truth(args[2]))
            return Value(Tuple.make(Value(result), Value(reader.index)))
        },
    ]
}

enum JSONText {
    enum Form { case ascii, unicode }

    /// The form that an encoder function of ours stands for; nil for one of the script.
    static func form(of encoder: Value) -> Form? {
        guard encoder.isKind(.native) else { return nil }
        let name = encoder.object(NativeFunction.self).pointee.record.pointee.name
        if name.equals("encode_basestring_ascii") { return .ascii }
        return name.equals("encode_basestring") ? .unicode : nil
    }

    /// Appends the string in quotes, with escapes.
    static func quote(_ str: StrRef, _ form: Form, _ buffer: inout TextBuffer) {
        let bytes = str.bytes
        let count = str.pointee.byteCount
        buffer.append(UInt8(ascii: "\""))
        var start = 0
        var place = 0
        while place < count {
            let byte = bytes[place]
            if byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x7F || form == .unicode || byte == 0x7F {
                place += 1
                continue
            }
            buffer.append(UnsafeBufferPointer(start: bytes + start, count: place - start))
            if byte < 0x80 {
                escape(byte, &buffer)
                place += 1
            } else {
                let (code, length) = Str.decode(bytes + place)
                if code >= 0x10000 {
                    unit(0xD800 + (code - 0x10000) >> 10, &buffer)
                    unit(0xDC00 + (code - 0x10000) & 0x3FF, &buffer)
                } else {
                    unit(code, &buffer)
                }
                place += length
            }
            start = place
        }
        buffer.append(UnsafeBufferPointer(start: bytes + start, count: place - start))
        buffer.append(UInt8(ascii: "\""))
    }

    private static func escape(_ byte: UInt8, _ buffer: inout TextBuffer) {
        switch byte {
        case 0x22: buffer.append("\\\"" as StaticString)
        case 0x5C: buffer.append("\\\\" as StaticString)
        case 8: buffer.append("\\b" as StaticString)
        case 12: buffer.append("\\f" as StaticString)
        case 10: buffer.append("\\n" as StaticString)
        case 13: buffer.append("\\r" as StaticString)
        case 9: buffer.append("\\t" as StaticString)
        default: unit(UInt32(byte), &buffer)
        }
    }

    private static func unit(_ code: UInt32, _ buffer: inout TextBuffer) {
        buffer.append("\\u" as StaticString)
        for shift in [12, 8, 4, 0] as [UInt32] {
            let digit = UInt8(truncatingIfNeeded: code >> shift & 15)
            buffer.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
        }
    }
}
