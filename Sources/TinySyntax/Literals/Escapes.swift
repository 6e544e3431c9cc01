// What stands between the quotes of a string: escapes to bytes of UTF-8 (or to bytes, for bytes literals).
//
// `\ud800` and its like are kept as three bytes (WTF-8), for the language's strings may hold lone surrogates.

/// Why the inside of a string is wrong; the wording is CPython's codecs'.
struct EscapeError: Error {
    let message: String
}

struct EscapeDecoder {
    let bytes: UnsafePointer<UInt8>
    let stop: Int
    var position: Int
    var result: [UInt8] = []
    /// Places of backslashes that begin no escape.
    var invalid: [(position: Int, message: String)] = []

    init(_ bytes: UnsafePointer<UInt8>, from start: Int, to stop: Int) {
        self.bytes = bytes
        self.stop = stop
        position = start
        result.reserveCapacity(stop - start)
    }

    /// The text of a str literal.
    mutating func decodeText() throws(EscapeError) {
        let start = position
        while position < stop {
            let c = bytes[position]
            position += 1
            if c != UInt8(ascii: "\\") || position >= stop {
                result.append(c)
                continue
            }
            let letter = bytes[position]
            position += 1
            if decodeCommon(letter) { continue }
            switch letter {
            case UInt8(ascii: "x"): try decodeHexadecimal(2, "truncated \\xXX escape", start)
            case UInt8(ascii: "u"): try decodeHexadecimal(4, "truncated \\uXXXX escape", start)
            case UInt8(ascii: "U"): try decodeHexadecimal(8, "truncated \\UXXXXXXXX escape", start)
            case UInt8(ascii: "N"): try decodeName(start)
            default: decodeInvalid(letter)
            }
        }
    }

    /// The bytes of a bytes literal.
    mutating func decodeBytes() throws(EscapeError) {
        let start = position
        while position < stop {
            let c = bytes[position]
            position += 1
            if c != UInt8(ascii: "\\") || position >= stop {
                result.append(c)
                continue
            }
            let letter = bytes[position]
            position += 1
            if letter >= 0x30 && letter <= 0x37 {
                result.append(UInt8(truncatingIfNeeded: decodeOctal(letter)))
                continue
            }
            if decodeCommon(letter) { continue }
            if letter == UInt8(ascii: "x") {
                guard position + 1 < stop, let high = digit(bytes[position]), let low = digit(bytes[position + 1]) else {
                    throw EscapeError(message: "(value error) invalid \\x escape at position \(position - 2 - start)")
                }
                result.append(UInt8(high * 16 + low))
                position += 2
            } else {
                decodeInvalid(letter)
            }
        }
    }

    /// Escapes of one letter, and octal ones.
    private mutating func decodeCommon(_ letter: UInt8) -> Bool {
        switch letter {
        case 0x0A: break
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): result.append(letter)
        case UInt8(ascii: "a"): result.append(7)
        case UInt8(ascii: "b"): result.append(8)
        case UInt8(ascii: "f"): result.append(12)
        case UInt8(ascii: "n"): result.append(10)
        case UInt8(ascii: "r"): result.append(13)
        case UInt8(ascii: "t"): result.append(9)
        case UInt8(ascii: "v"): result.append(11)
        case 0x30...0x37: append(UInt32(decodeOctal(letter)))
        default: return false
        }
        return true
    }

    private mutating func decodeOctal(_ first: UInt8) -> Int {
        let start = position - 2
        var value = Int(first - 0x30)
        var count = 1
        while count < 3 && position < stop && bytes[position] >= 0x30 && bytes[position] <= 0x37 {
            value = value * 8 + Int(bytes[position] - 0x30)
            position += 1
            count += 1
        }
        if value > 0o377 {
            invalid.append((start, "invalid octal escape sequence '\\\(String(value, radix: 8))'"))
        }
        return value
    }

    private mutating func decodeInvalid(_ letter: UInt8) {
        var message = "invalid escape sequence '\\"
        var width = 1
        if letter >= 0xF0 { width = 4 } else if letter >= 0xE0 { width = 3 } else if letter >= 0xC0 { width = 2 }
        width = min(width, stop - position + 1)
        message += String(decoding: UnsafeBufferPointer(start: bytes + position - 1, count: width), as: UTF8.self) + "'"
        invalid.append((position - 2, message))
        result.append(UInt8(ascii: "\\"))
        result.append(letter)
    }

    private func digit(_ c: UInt8) -> Int? {
        switch c {
        case 0x30...0x39: Int(c) - 0x30
        case 0x41...0x46: Int(c) - 0x37
        case 0x61...0x66: Int(c) - 0x57
        default: nil
        }
    }

    private mutating func decodeHexadecimal(_ count: Int, _ message: String, _ start: Int) throws(EscapeError) {
        let escape = position - 2
        var value: UInt32 = 0
        var seen = 0
        while seen < count, position < stop, let digit = digit(bytes[position]) {
            value = value << 4 | UInt32(digit)
            position += 1
            seen += 1
        }
        if seen < count { throw failure(message, escape, position - 1, start) }
        if value > 0x10FFFF { throw failure("illegal Unicode character", escape, position - 1, start) }
        append(value)
    }

    private mutating func decodeName(_ start: Int) throws(EscapeError) {
        let escape = position - 2
        let malformed = "malformed \\N character escape"
        if position >= stop || bytes[position] != UInt8(ascii: "{") {
            throw failure(malformed, escape, position - 1, start)
        }
        position += 1
        let nameStart = position
        while position < stop && bytes[position] != UInt8(ascii: "}") { position += 1 }
        if position >= stop || position == nameStart { throw failure(malformed, escape, min(position, stop) - 1, start) }
        let name = String(decoding: UnsafeBufferPointer(start: bytes + nameStart, count: position - nameStart), as: UTF8.self)
        position += 1
        guard let value = UnicodeNames.scalar(named: name) else {
            throw failure("unknown Unicode character name", escape, position - 1, start)
        }
        append(value)
    }

    /// Positions are those in the text as CPython's decoder sees it, where each character beyond ASCII takes ten.
    private func failure(_ message: String, _ from: Int, _ to: Int, _ start: Int) -> EscapeError {
        func place(_ limit: Int) -> Int {
            var count = 0
            var index = start
            while index < limit {
                if bytes[index] < 0x80 { count += 1 } else if bytes[index] >= 0xC0 { count += 10 }
                index += 1
            }
            return count
        }
        let first = place(from)
        let last = place(to + 1) - 1
        return EscapeError(
            message: first == last
                ? "(unicode error) 'unicodeescape' codec can't decode byte 0x5c in position \(first): \(message)"
                : "(unicode error) 'unicodeescape' codec can't decode bytes in position \(first)-\(last): \(message)")
    }

    private mutating func append(_ value: UInt32) {
        switch value {
        case 0..<0x80: result.append(UInt8(value))
        case 0x80..<0x800:
            result.append(UInt8(0xC0 | value >> 6))
            result.append(UInt8(0x80 | value & 0x3F))
        case 0x800..<0x10000:
            result.append(UInt8(0xE0 | value >> 12))
            result.append(UInt8(0x80 | value >> 6 & 0x3F))
            result.append(UInt8(0x80 | value & 0x3F))
        default:
            result.append(UInt8(truncatingIfNeeded: 0xF0 | value >> 18))
            result.append(UInt8(0x80 | value >> 12 & 0x3F))
            result.append(UInt8(0x80 | value >> 6 & 0x3F))
            result.append(UInt8(0x80 | value & 0x3F))
        }
    }
}
