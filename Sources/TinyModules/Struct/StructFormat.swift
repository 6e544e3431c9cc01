// The format strings of `struct`, compiled to a list of fields with places.
import TinyRuntime

/// A field, or `count` padding bytes, of a format.
struct StructField {
    var code: UInt8
    var offset: Int
    /// Bytes of one item; of the whole for `s` and `p`.
    var size: Int
    var count: Int
}

final class StructFormat {
    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped
    let fields: [StructField]
    let size: Int
    let isLittle: Bool
    let isNative: Bool
    /// Values that pack takes and unpack gives.
    let valueCount: Int
    let text: [UInt8]

    static func fail(_ message: String) -> Raised {
        raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(message)))))
    }

    private static func itemSize(_ code: UInt8, native isNative: Bool) -> Int? {
        switch code {
        case UInt8(ascii: "x"), UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "c"), UInt8(ascii: "?"), UInt8(ascii: "s"),
            UInt8(ascii: "p"): 1
        case UInt8(ascii: "h"), UInt8(ascii: "H"), UInt8(ascii: "e"): 2
        case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): 4
        case UInt8(ascii: "l"), UInt8(ascii: "L"): isNative ? 8 : 4
        case UInt8(ascii: "q"), UInt8(ascii: "Q"), UInt8(ascii: "d"): 8
        case UInt8(ascii: "n"), UInt8(ascii: "N"), UInt8(ascii: "P"): isNative ? 8 : nil
        default: nil
        }
    }

    init(_ text: [UInt8]) throws(Raised) {
        self.text = text
        if text.contains(0) { throw StructFormat.fail("embedded null character") }
        var position = 0
        var isLittle = true
        var isNative = true
        if let first = text.first {
            switch first {
            case UInt8(ascii: "@"): position = 1
            case UInt8(ascii: "="), UInt8(ascii: "<"):
                position = 1
                isNative = false
            case UInt8(ascii: ">"), UInt8(ascii: "!"):
                position = 1
                isNative = false
                isLittle = false
            default: break
            }
        }
        var fields: [StructField] = []
        var offset = 0
        var values = 0
        while position < text.count {
            var code = text[position]
            position += 1
            if code == 0x20 || code &- 9 < 5 { continue }
            var count = 1
            if code &- 0x30 < 10 {
                count = Int(code &- 0x30)
                while position < text.count, text[position] &- 0x30 < 10 {
                    count = count * 10 + Int(text[position] &- 0x30)
                    if count > 1 << 40 { throw Self.fail("overflow in item count") }
                    position += 1
                }
                guard position < text.count else { throw Self.fail("repeat count given without format specifier") }
                code = text[position]
                position += 1
            }
            guard let size = Self.itemSize(code, native: isNative) else { throw Self.fail("bad char in struct format") }
            if isNative, size > 1 { offset = (offset + size - 1) / size * size }
            switch code {
            case UInt8(ascii: "x"): break
            case UInt8(ascii: "s"), UInt8(ascii: "p"):
                fields.append(StructField(code: code, offset: offset, size: count, count: 1))
                values += 1
            default:
                if count > 0 { fields.append(StructField(code: code, offset: offset, size: size, count: count)) }
                values += count
            }
            offset += size * count
            if offset > 1 << 46 { throw Self.fail("total struct size too long") }
        }
        self.fields = fields
        size = offset
        valueCount = values
        self.isLittle = isLittle
        self.isNative = isNative
    }

    // MARK: Cache of compiled formats

    nonisolated(unsafe) private static var cache: [[UInt8]: StructFormat] = [:]

    static func clearCache() { cache = [:] }

    static func of(_ value: Value) throws(Raised) -> StructFormat {
        let text: [UInt8]
        if value.isKind(.str) {
            text = Array(value.object(Str.self).buffer)
        } else if value.isKind(.bytes) {
            text = Array(value.object(BytesObject.self).buffer)
        } else {
            throw typeError("Struct() argument 1 must be a str or bytes object, not \(typeName(value))")
        }
        if let known = cache[text] { return known }
        let format = try StructFormat(text)
        if cache.count > 100 { cache = [:] }
        cache[text] = format
        return format
    }
}
