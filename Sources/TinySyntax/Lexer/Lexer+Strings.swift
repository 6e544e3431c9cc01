// Strings and f-strings: where they end. What their escapes mean is read later, by the parser.

/// An open f-string.
struct FormattedMode {
    var quote: UInt8
    var quoteCount: Int
    var isRaw: Bool
    /// Where the string began, prefix included.
    var start: Int
    var line: Int32
    var lineStart: Int
    /// Brackets open inside this string.
    var depth = 0
    /// Brackets that were open where the innermost replacement field began; -1 outside of fields.
    var fieldDepth = -1
    /// Inside braces: ordinary tokens follow.
    var isInExpression = false
    var isInFormat = false
}

extension Lexer {
    /// A plain string; `position` is on its quote, `start` on its prefix.
    mutating func lexString(from start: Int) -> Bool {
        let quote = bytes[position]
        let firstLine = line
        let firstLineStart = lineStart
        position += 1
        let isTriple = bytes[position] == quote && bytes[position + 1] == quote
        if isTriple { position += 2 }
        var hasEscapedQuote = false
        scanning: while true {
            let c = bytes[position]
            if c == quote {
                position += 1
                if !isTriple { break scanning }
                if bytes[position] == quote && bytes[position + 1] == quote {
                    position += 2
                    break scanning
                }
            } else if c == UInt8(ascii: "\\") {
                position += 1
                if position >= end { continue }
                if bytes[position] == quote { hasEscapedQuote = true }
                passCharacter()
            } else if c == 0x0A || (c == 0 && position >= end) {
                if isTriple && position < end {
                    passCharacter()
                    continue
                }
                return failUnterminated(
                    start, quote, isTriple, hasEscapedQuote, firstLine: firstLine, firstLineStart: firstLineStart)
            } else {
                position += 1
            }
        }
        var token = makeToken(.string, start: start)
        token.range.line = firstLine
        token.range.column = Int32(truncatingIfNeeded: start - firstLineStart)
        tokens.append(token)
        return true
    }

    /// Passes one byte, counting lines.
    @inline(__always)
    private mutating func passCharacter() {
        let isNewline = bytes[position] == 0x0A
        position += 1
        if isNewline { beginLine() }
    }

    private mutating func failUnterminated(
        _ start: Int, _ quote: UInt8, _ isTriple: Bool, _ hasEscapedQuote: Bool, firstLine: Int32, firstLineStart: Int
    ) -> Bool {
        let isAtEnd = position >= end
        stepBackAtEnd()
        let detected = line
        line = firstLine
        lineStart = firstLineStart
        position = start + 1
        if let mode = modes.last, mode.quote == quote, mode.quoteCount == (isTriple ? 3 : 1) {
            return fail("f-string: expecting '}'")
        }
        let name = isTriple ? "unterminated triple-quoted string literal" : "unterminated string literal"
        let hint = hasEscapedQuote && !isTriple ? "; perhaps you escaped the end quote?" : ""
        return fail("\(name) (detected at line \(detected))\(hint)", isAtEnd: isAtEnd && isTriple)
    }

    // MARK: F-strings

    /// The opening of an f-string; `position` is on its quote.
    mutating func beginFormatted(from start: Int, isRaw: Bool) -> Bool {
        let quote = bytes[position]
        position += 1
        var quoteCount = 1
        if bytes[position] == quote && bytes[position + 1] == quote {
            position += 2
            quoteCount = 3
        }
        if modes.count + 1 >= Lexer.maximumModes { return fail("too many nested f-strings") }
        modes.append(
            FormattedMode(
                quote: quote, quoteCount: quoteCount, isRaw: isRaw, start: start, line: line, lineStart: lineStart))
        append(.formattedStart, start: start)
        return true
    }

    private func isClosing(_ mode: FormattedMode) -> Bool {
        bytes[position] == mode.quote
            && (mode.quoteCount == 1 || (bytes[position + 1] == mode.quote && bytes[position + 2] == mode.quote))
    }

    /// A literal piece of an f-string or of a format, or the end of the f-string.
    mutating func lexFormattedText() -> Bool {
        guard let mode = modes.last else { return false }
        let last = modes.count - 1
        let start = position
        let firstLine = line
        let firstLineStart = lineStart
        let isInFormat = mode.isInFormat && mode.fieldDepth >= 0
        if bytes[position] == UInt8(ascii: "{"), bytes[position + 1] != UInt8(ascii: "{") { return beginField() }
        if isClosing(mode) {
            position += mode.quoteCount
            append(.formattedEnd, start: start)
            modes.removeLast()
            return true
        }
        var isNamedEscape = false
        while !isClosing(mode) {
            let c = bytes[position]
            switch c {
            case 0x0A where mode.quoteCount == 1, 0 where position >= end:
                if c == 0x0A && isInFormat {
                    modes[last].isInExpression = true
                    modes[last].isInFormat = false
                    return appendMiddle(start, firstLine, firstLineStart)
                }
                return failUnterminated(mode)
            case UInt8(ascii: "{"):
                if bytes[position + 1] == c && !isInFormat {
                    position += 1
                    let isAppended = appendMiddle(start, firstLine, firstLineStart)
                    position += 1
                    tokens[tokens.count - 1].range.endColumn += 1
                    return isAppended
                }
                return appendMiddle(start, firstLine, firstLineStart) && beginField()
            case UInt8(ascii: "}"):
                if isNamedEscape {
                    position += 1
                    return appendMiddle(start, firstLine, firstLineStart)
                }
                if bytes[position + 1] == c && !isInFormat && mode.depth == 0 {
                    position += 1
                    let isAppended = appendMiddle(start, firstLine, firstLineStart)
                    position += 1
                    tokens[tokens.count - 1].range.endColumn += 1
                    return isAppended
                }
                modes[last].isInExpression = true
                modes[last].isInFormat = false
                return appendMiddle(start, firstLine, firstLineStart)
            case UInt8(ascii: "\\"):
                position += 1
                let next = bytes[position]
                if next == UInt8(ascii: "{") || next == UInt8(ascii: "}") || position >= end { continue }
                passCharacter()
                if !mode.isRaw && next == UInt8(ascii: "N") && bytes[position] == UInt8(ascii: "{") {
                    position += 1
                    isNamedEscape = true
                }
            default:
                passCharacter()
            }
        }
        return appendMiddle(start, firstLine, firstLineStart)
    }

    private mutating func appendMiddle(_ start: Int, _ firstLine: Int32, _ firstLineStart: Int) -> Bool {
        var token = makeToken(.formattedMiddle, start: start)
        token.range.line = firstLine
        token.range.column = Int32(truncatingIfNeeded: start - firstLineStart)
        tokens.append(token)
        return true
    }

    /// The mode changes; the brace itself is lexed as an ordinary token.
    private mutating func beginField() -> Bool {
        let last = modes.count - 1
        modes[last].fieldDepth += 1
        if modes[last].fieldDepth >= Lexer.maximumFieldNesting {
            return fail("f-string: expressions nested too deeply")
        }
        modes[last].isInExpression = true
        modes[last].isInFormat = false
        return true
    }

    private mutating func failUnterminated(_ mode: FormattedMode) -> Bool {
        let isAtEnd = position >= end
        stepBackAtEnd()
        let detected = line
        line = mode.line
        lineStart = mode.lineStart
        position = mode.start + 1
        let name = mode.quoteCount == 3 ? "unterminated triple-quoted f-string literal" : "unterminated f-string literal"
        return fail("\(name) (detected at line \(detected))", isAtEnd: isAtEnd && mode.quoteCount == 3)
    }
}
