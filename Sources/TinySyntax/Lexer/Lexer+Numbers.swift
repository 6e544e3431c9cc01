// Numbers: where they end, and what is wrong with those that are none. Their value is read later, by the parser.

extension Lexer {
    private static func isDigit(_ c: UInt8) -> Bool { c >= 0x30 && c <= 0x39 }

    private static func isHexadecimal(_ c: UInt8) -> Bool {
        isDigit(c) || (c | 0x20 >= UInt8(ascii: "a") && c | 0x20 <= UInt8(ascii: "f"))
    }

    /// A number that begins with a digit, or (`position` on it) with a dot before a digit.
    mutating func lexNumber() -> Bool {
        let start = position
        let c = bytes[position]
        let isNumber: Bool
        if c == UInt8(ascii: "0") {
            position += 1
            switch bytes[position] | 0x20 {
            case UInt8(ascii: "x"): isNumber = lexRadix("hexadecimal", 16)
            case UInt8(ascii: "o"): isNumber = lexRadix("octal", 8)
            case UInt8(ascii: "b"): isNumber = lexRadix("binary", 2)
            default: isNumber = lexAfterZero(start)
            }
        } else if c == UInt8(ascii: ".") {
            isNumber = lexFraction()
        } else {
            isNumber = lexDigits() && lexAfterDigits()
        }
        if isNumber { append(.number, start: start) }
        return isNumber
    }

    private mutating func lexRadix(_ name: String, _ radix: UInt8) -> Bool {
        func accepts(_ c: UInt8) -> Bool { radix == 16 ? Lexer.isHexadecimal(c) : c >= 0x30 && c < 0x30 + radix }
        position += 1
        repeat {
            if bytes[position] == UInt8(ascii: "_") { position += 1 }
            if !accepts(bytes[position]) {
                return failDigit(name) ?? fail("invalid \(name) literal")
            }
            while accepts(bytes[position]) { position += 1 }
        } while bytes[position] == UInt8(ascii: "_")
        return failDigit(name) ?? checkEnd(name)
    }

    /// A decimal digit too large for the radix.
    private mutating func failDigit(_ name: String) -> Bool? {
        let c = bytes[position]
        guard Lexer.isDigit(c) else { return nil }
        position += 1
        return fail("invalid digit '\(Character(Unicode.Scalar(c)))' in \(name) literal")
    }

    private mutating func lexAfterZero(_ start: Int) -> Bool {
        while true {
            if bytes[position] == UInt8(ascii: "_") {
                position += 1
                if !Lexer.isDigit(bytes[position]) { return fail("invalid decimal literal") }
            }
            if bytes[position] != UInt8(ascii: "0") { break }
            position += 1
        }
        let zerosEnd = position + 1
        var hasNonzero = false
        if Lexer.isDigit(bytes[position]) {
            hasNonzero = true
            guard lexDigits() else { return false }
        }
        switch bytes[position] {
        case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "j"), UInt8(ascii: "J"):
            return lexAfterDigits()
        default:
            if hasNonzero {
                // The only place where CPython counts bytes.
                return fail(
                    "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
                    offset: start - lineStart + 1, endOffset: zerosEnd - lineStart)
            }
            return checkEnd("decimal")
        }
    }

    /// Digits with single underscores between them.
    private mutating func lexDigits() -> Bool {
        while true {
            while Lexer.isDigit(bytes[position]) { position += 1 }
            if bytes[position] != UInt8(ascii: "_") { return true }
            position += 1
            if !Lexer.isDigit(bytes[position]) { return fail("invalid decimal literal") }
        }
    }

    private mutating func lexAfterDigits() -> Bool {
        bytes[position] == UInt8(ascii: ".") ? lexFraction() : lexExponent()
    }

    private mutating func lexFraction() -> Bool {
        position += 1
        if Lexer.isDigit(bytes[position]) {
            guard lexDigits() else { return false }
        }
        return lexExponent()
    }

    private mutating func lexExponent() -> Bool {
        if bytes[position] | 0x20 == UInt8(ascii: "e") {
            let mark = position
            position += 1
            let c = bytes[position]
            if c == UInt8(ascii: "+") || c == UInt8(ascii: "-") {
                position += 1
                if !Lexer.isDigit(bytes[position]) { return fail("invalid decimal literal") }
            } else if !Lexer.isDigit(c) {
                position = mark
                return checkEnd("decimal")
            }
            guard lexDigits() else { return false }
        }
        if bytes[position] | 0x20 == UInt8(ascii: "j") {
            position += 1
            return checkEnd("imaginary")
        }
        return checkEnd("decimal")
    }

    /// A number may be followed at once by a keyword (with a warning), but not by a name.
    private mutating func checkEnd(_ name: String) -> Bool {
        let c = bytes[position]
        if !Lexer.continuesName(c) || c >= 0x80 { return true }
        for keyword: StaticString in ["and", "else", "for", "if", "in", "is", "or", "not"] {
            var index = 0
            while index < keyword.utf8CodeUnitCount, bytes[position + index] == keyword.utf8Start[index] { index += 1 }
            guard index == keyword.utf8CodeUnitCount else { continue }
            if index > 2 && Lexer.continuesName(bytes[position + index]) { continue }
            if c == UInt8(ascii: "o") && Lexer.continuesName(bytes[position + index]) { continue }
            warn("invalid \(name) literal", line: line, start: position, stop: position)
            return true
        }
        return fail("invalid \(name) literal")
    }
}
