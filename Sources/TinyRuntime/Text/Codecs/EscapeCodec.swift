// `escape_encode` and `escape_decode`: octets with the escapes of bytes literals. They are no codec (nothing finds them by name);
// pickles of protocol 0 are written with them.

/// The escapes of bytes literals.
public enum EscapeCodec {
    /// Rows for `_codecs`.
    public static let natives: [Native] = [
        Native("escape_encode(data, errors=None, /)", "") { a throws(Raised) in
            guard a[0].isKind(.bytes) else { throw typeError("a bytes object is required, not '\(typeName(a[0]))'") }
            let octets = a[0].object(BytesObject.self).buffer
            var text = TextBuffer()
            for byte in octets {
                switch byte {
                case 0x27, 0x5C:
                    text.append(0x5C)
                    text.append(byte)
                case 0x09: text.append("\\t")
                case 0x0A: text.append("\\n")
                case 0x0D: text.append("\\r")
                case 0x20 ... 0x7E: text.append(byte)
                default: text.append(escape: 0x78, UInt32(byte), digits: 2)
                }
            }
            return Value(Tuple.make(BytesObject.make(text.bytes), Value(octets.count)))
        },
        Native("escape_decode(data, errors=None, /)", "") { a throws(Raised) in try decode(a[0], a[1]) },
    ]

    /// Bytes with the escapes of bytes literals.
    private static func decode(_ value: Value, _ errors: Value) throws(Raised) -> Value {
        let policy = errors.isNone ? "strict" : try strArgument(errors, "escape_decode", "argument 2").string
        let view = value.isKind(.str) ? try BufferView(BytesObject.make(value.object(Str.self).buffer)) : try BufferView(value)
        let octets = view.octets
        var result: [UInt8] = []
        var offset = 0
        var problem: String?
        while offset < octets.count {
            let byte = octets[offset]
            offset += 1
            guard byte == 0x5C else {
                result.append(byte)
                continue
            }
            guard offset < octets.count else { throw valueError("Trailing \\ in string") }
            let letter = octets[offset]
            offset += 1
            switch letter {
            case 0x0A: break
            case 0x5C, 0x27, 0x22: result.append(letter)
            case 0x62: result.append(0x08)
            case 0x66: result.append(0x0C)
            case 0x74: result.append(0x09)
            case 0x6E: result.append(0x0A)
            case 0x72: result.append(0x0D)
            case 0x76: result.append(0x0B)
            case 0x61: result.append(0x07)
            case 0x30 ... 0x37:
                var number = Int(letter - 0x30)
                var digits = 1
                while digits < 3, offset < octets.count, 0x30 ... 0x37 ~= octets[offset] {
                    number = number * 8 + Int(octets[offset] - 0x30)
                    offset += 1
                    digits += 1
                }
                if number > 0o377, problem == nil { problem = "invalid octal escape sequence '\\\(String(number, radix: 8))'" }
                result.append(UInt8(truncatingIfNeeded: number))
            case 0x78:
                if offset + 1 < octets.count, let high = ASCII.hexValue(octets[offset]), let low = ASCII.hexValue(octets[offset + 1]) {
                    result.append(high << 4 | low)
                    offset += 2
                    break
                }
                switch policy {
                case "strict": throw valueError("invalid \\x escape at position \(offset - 2)")
                case "replace": result.append(0x3F)
                case "ignore": break
                default: throw valueError("decoding error; unknown error handling code: \(policy)")
                }
                if offset < octets.count, ASCII.hexValue(octets[offset]) != nil { offset += 1 }
            default:
                if problem == nil { problem = "invalid escape sequence '\\\(Character(UnicodeScalar(letter)))'" }
                result.append(contentsOf: [0x5C, letter])
            }
        }
        let count = octets.count
        if let problem { try warn(.deprecationWarning, problem) }
        return Value(Tuple.make(BytesObject.make(result), Value(count)))
    }
}
