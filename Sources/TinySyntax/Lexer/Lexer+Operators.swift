// Operators, brackets, and the characters that mean something else inside the braces of an f-string.

extension Lexer {
    mutating func lexOperator(_ c: UInt8) -> Bool {
        let start = position
        if !modes.isEmpty, let handled = lexFieldPunctuation(c, start) { return handled }
        let second = position + 1 < end ? bytes[position + 1] : 0
        if c == UInt8(ascii: "."), second >= 0x30 && second <= 0x39 { return lexNumber() }
        let third = position + 2 < end ? bytes[position + 2] : 0
        let (kind, length) = Lexer.operatorKind(c, second, third)
        if length == 1 {
            switch c {
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"):
                guard open(c) else { return false }
                append(kind, start: start)
                return true
            case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
                position += 1
                guard close(c) else { return false }
                append(kind, start: start)
                return true
            default: break
            }
        }
        if kind == .unknown, c < 0x20 || c == 0x7F {
            position += 1
            return fail("invalid non-printable character U+\(hexadecimal(UInt32(c)))")
        }
        position += length
        append(kind, start: start)
        return true
    }

    private mutating func open(_ c: UInt8) -> Bool {
        let column = Int32(truncatingIfNeeded: position - lineStart)
        position += 1
        if brackets.count >= Lexer.maximumBrackets { return fail("too many nested parentheses") }
        brackets.append(OpenBracket(byte: c, line: line, column: column))
        if !modes.isEmpty { modes[modes.count - 1].depth += 1 }
        return true
    }

    private mutating func close(_ c: UInt8) -> Bool {
        let character = Character(Unicode.Scalar(c))
        if let mode = modes.last, mode.depth == 0, c == UInt8(ascii: "}") {
            return fail("f-string: single '}' is not allowed")
        }
        guard let bracket = brackets.popLast() else { return fail("unmatched '\(character)'") }
        let matches =
            switch bracket.byte {
            case UInt8(ascii: "("): c == UInt8(ascii: ")")
            case UInt8(ascii: "["): c == UInt8(ascii: "]")
            default: c == UInt8(ascii: "}")
            }
        if !matches {
            if let mode = modes.last, bracket.byte == UInt8(ascii: "{"), mode.depth - 1 == mode.fieldDepth {
                return fail("f-string: unmatched '\(character)'")
            }
            let opening = Character(Unicode.Scalar(bracket.byte))
            let place = bracket.line == line ? "" : " on line \(bracket.line)"
            return fail("closing parenthesis '\(character)' does not match opening parenthesis '\(opening)'\(place)")
        }
        if !modes.isEmpty {
            let last = modes.count - 1
            modes[last].depth -= 1
            if modes[last].depth < 0 { return fail("f-string: unmatched '\(character)'") }
            if c == UInt8(ascii: "}") && modes[last].depth == modes[last].fieldDepth {
                modes[last].fieldDepth -= 1
                modes[last].isInExpression = false
                modes[last].isInFormat = false
            }
        }
        return true
    }

    /// `:` directly inside the braces of a replacement field begins its format. Otherwise nil.
    private mutating func lexFieldPunctuation(_ c: UInt8, _ start: Int) -> Bool? {
        let last = modes.count - 1
        guard c == UInt8(ascii: ":"), modes[last].fieldDepth >= 0, modes[last].depth - 1 == modes[last].fieldDepth else {
            return nil
        }
        modes[last].isInExpression = false
        modes[last].isInFormat = true
        position += 1
        append(.colon, start: start)
        return true
    }

    /// The longest operator that begins with these bytes, and its length.
    private static func operatorKind(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> (TokenKind, Int) {
        let isEqual = b == UInt8(ascii: "=")
        switch a {
        case UInt8(ascii: "("): return (.leftParen, 1)
        case UInt8(ascii: ")"): return (.rightParen, 1)
        case UInt8(ascii: "["): return (.leftBracket, 1)
        case UInt8(ascii: "]"): return (.rightBracket, 1)
        case UInt8(ascii: "{"): return (.leftBrace, 1)
        case UInt8(ascii: "}"): return (.rightBrace, 1)
        case UInt8(ascii: ":"): return isEqual ? (.colonEqual, 2) : (.colon, 1)
        case UInt8(ascii: ","): return (.comma, 1)
        case UInt8(ascii: ";"): return (.semicolon, 1)
        case UInt8(ascii: "."):
            return b == a && c == a ? (.ellipsis, 3) : (.dot, 1)
        case UInt8(ascii: "="): return isEqual ? (.doubleEqual, 2) : (.equal, 1)
        case UInt8(ascii: "!"): return isEqual ? (.notEqual, 2) : (.exclamation, 1)
        case UInt8(ascii: "+"): return isEqual ? (.plusEqual, 2) : (.plus, 1)
        case UInt8(ascii: "-"):
            if b == UInt8(ascii: ">") { return (.arrow, 2) }
            return isEqual ? (.minusEqual, 2) : (.minus, 1)
        case UInt8(ascii: "*"):
            if b == a { return c == UInt8(ascii: "=") ? (.doubleStarEqual, 3) : (.doubleStar, 2) }
            return isEqual ? (.starEqual, 2) : (.star, 1)
        case UInt8(ascii: "/"):
            if b == a { return c == UInt8(ascii: "=") ? (.doubleSlashEqual, 3) : (.doubleSlash, 2) }
            return isEqual ? (.slashEqual, 2) : (.slash, 1)
        case UInt8(ascii: "%"): return isEqual ? (.percentEqual, 2) : (.percent, 1)
        case UInt8(ascii: "@"): return isEqual ? (.atEqual, 2) : (.at, 1)
        case UInt8(ascii: "&"): return isEqual ? (.ampersandEqual, 2) : (.ampersand, 1)
        case UInt8(ascii: "|"): return isEqual ? (.barEqual, 2) : (.bar, 1)
        case UInt8(ascii: "^"): return isEqual ? (.caretEqual, 2) : (.caret, 1)
        case UInt8(ascii: "~"): return (.tilde, 1)
        case UInt8(ascii: "<"):
            if b == a { return c == UInt8(ascii: "=") ? (.leftShiftEqual, 3) : (.leftShift, 2) }
            if b == UInt8(ascii: ">") { return (.unknown, 2) }
            return isEqual ? (.lessEqual, 2) : (.less, 1)
        case UInt8(ascii: ">"):
            if b == a { return c == UInt8(ascii: "=") ? (.rightShiftEqual, 3) : (.rightShift, 2) }
            return isEqual ? (.greaterEqual, 2) : (.greater, 1)
        default: return (.unknown, 1)
        }
    }
}
