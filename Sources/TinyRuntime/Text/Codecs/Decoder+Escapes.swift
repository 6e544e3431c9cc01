// Decoding `unicode_escape` and `raw_unicode_escape`: Latin-1 text with the escapes of string literals.

import TinySyntax

extension Decoder {
    /// The hexadecimal digits from an offset on, at most `wanted`: their value and how many there are.
    private func hexadecimal(_ start: Int, _ wanted: Int) -> (value: UInt32, length: Int) {
        var value: UInt32 = 0
        var length = 0
        while length < wanted, start + length < count, let digit = ASCII.hexValue(octets[start + length]) {
            value = value << 4 | UInt32(digit)
            length += 1
        }
        return (value, length)
    }

    mutating func unicodeEscape() throws(Raised) {
        var position = 0
        while position < count {
            let byte = octets[position]
            guard byte == 0x5C else {
                output.append(codePoint: UInt32(byte))
                position += 1
                continue
            }
            guard position + 1 < count else {
                if !isFinal { break }
                position = try problem(position, position + 1, "\\ at end of string")
                continue
            }
            if !isFinal, isIncompleteEscape(position) { break }
            position = try escape(position)
        }
        consumed = position
        if let invalidEscape { try warn(.deprecationWarning, invalidEscape) }
    }

    /// Whether more octets could complete the escape at an offset.
    private func isIncompleteEscape(_ start: Int) -> Bool {
        let wanted: Int
        switch octets[start + 1] {
        case 0x78: wanted = 2
        case 0x75: wanted = 4
        case 0x55: wanted = 8
        case 0x4E:
            return count - start == 2 || octets[start + 2] == 0x7B && !octets.part(start, count).contains(0x7D)
        case 0x30 ... 0x37: return count - start < 4 && octets.part(start + 1, count).allSatisfy { 0x30 ... 0x37 ~= $0 }
        default: return false
        }
        let found = hexadecimal(start + 2, wanted).length
        return found < wanted && start + 2 + found == count
    }

    /// Decodes the escape whose backslash is at `start`; where to go on.
    private mutating func escape(_ start: Int) throws(Raised) -> Int {
        let letter = octets[start + 1]
        switch letter {
        case 0x0A: return start + 2
        case 0x5C, 0x27, 0x22: output.append(letter)
        case 0x62: output.append(0x08)
        case 0x66: output.append(0x0C)
        case 0x74: output.append(0x09)
        case 0x6E: output.append(0x0A)
        case 0x72: output.append(0x0D)
        case 0x76: output.append(0x0B)
        case 0x61: output.append(0x07)
        case 0x30 ... 0x37:
            var value: UInt32 = 0
            var offset = start + 1
            while offset < count, offset < start + 4, 0x30 ... 0x37 ~= octets[offset] {
                value = value << 3 | UInt32(octets[offset] - 0x30)
                offset += 1
            }
            if value > 0o377 { note("invalid octal escape sequence '\\\(String(value, radix: 8))'") }
            output.append(codePoint: value)
            return offset
        case 0x78: return try numeric(start, 2, "truncated \\xXX escape")
        case 0x75: return try numeric(start, 4, "truncated \\uXXXX escape")
        case 0x55: return try numeric(start, 8, "truncated \\UXXXXXXXX escape")
        case 0x4E: return try named(start)
        default:
            note("invalid escape sequence '\\\(Character(UnicodeScalar(letter)))'")
            output.append(0x5C)
            output.append(codePoint: UInt32(letter))
        }
        return start + 2
    }

    /// Remembers the first escape that is none.
    private mutating func note(_ message: String) {
        if invalidEscape == nil { invalidEscape = message }
    }

    private mutating func numeric(_ start: Int, _ digits: Int, _ reason: String) throws(Raised) -> Int {
        let (value, length) = hexadecimal(start + 2, digits)
        if length < digits { return try problem(start, start + 2 + length, reason) }
        if value > 0x10FFFF { return try problem(start, start + 10, "illegal Unicode character") }
        output.append(codePoint: value)
        return start + 2 + digits
    }

    /// `\N{name}`.
    private mutating func named(_ start: Int) throws(Raised) -> Int {
        let malformed = "malformed \\N character escape"
        guard start + 2 < count, octets[start + 2] == 0x7B else { return try problem(start, start + 2, malformed) }
        var end = start + 3
        while end < count, octets[end] != 0x7D { end += 1 }
        guard end < count, end > start + 3 else { return try problem(start, end, malformed) }
        let name = String(decoding: octets.part(start + 3, end), as: UTF8.self)
        guard let codePoint = UnicodeNames.scalar(named: name) else {
            return try problem(start, end + 1, "unknown Unicode character name")
        }
        output.append(codePoint: codePoint)
        return end + 1
    }

    mutating func rawUnicodeEscape() throws(Raised) {
        var position = 0
        while position < count {
            let byte = octets[position]
            let letter = position + 1 < count ? octets[position + 1] : 0
            guard byte == 0x5C, letter == 0x75 || letter == 0x55 else {
                if byte == 0x5C, position + 1 >= count, !isFinal { break }
                output.append(codePoint: UInt32(byte))
                position += 1
                if byte == 0x5C, letter == 0x5C {
                    output.append(letter)
                    position += 1
                }
                continue
            }
            let digits = letter == 0x75 ? 4 : 8
            let (value, length) = hexadecimal(position + 2, digits)
            if length < digits {
                if !isFinal, position + 2 + length == count { break }
                let reason = digits == 4 ? "truncated \\uXXXX escape" : "truncated \\UXXXXXXXX escape"
                position = try problem(position, position + 2 + length, reason)
            } else if value > 0x10FFFF {
                position = try problem(position, position + 2 + digits, "\\Uxxxxxxxx out of range")
            } else {
                output.append(codePoint: value)
                position += 2 + digits
            }
        }
        consumed = position
    }
}
