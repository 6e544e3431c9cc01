// The left margin: spaces and tabs to `indent` and `dedent` tokens.
//
// Width is measured twice, with tabs to multiples of 8 and with tabs as one column. Lines whose order differs between
// the two measures depend on the reader's tab width, and are refused (TabError).

extension Lexer {
    /// Measures the margin. True if nothing but a comment stands on the line, nil on error.
    mutating func lexIndentation() -> Bool? {
        var column: Int32 = 0
        var alternative: Int32 = 0
        var continued: Int32 = 0
        measuring: while true {
            switch bytes[position] {
            case 0x20:
                column += 1
                alternative += 1
            case 0x09:
                column = (column / 8 + 1) * 8
                alternative += 1
            case 0x0C:
                column = 0
                alternative = 0
            case UInt8(ascii: "\\"):
                // The margin of a line that a backslash continues is that of its first piece.
                if continued == 0 { continued = column }
                guard skipContinuation() else { return nil }
                logicalStart = lineStart
                continue measuring
            default:
                break measuring
            }
            position += 1
        }
        let c = bytes[position]
        if c == UInt8(ascii: "#") || c == 0x0A {
            skipComment()
            guard bytes[position] == 0x0A else {
                isAtLineBeginning = true
                return false
            }
            position += 1
            beginLine()
            logicalStart = position
            isAtLineBeginning = true
            return true
        }
        if position >= end { return false }
        if continued != 0 {
            column = continued
            alternative = continued
        }
        return applyIndentation(column, alternative) ? false : nil
    }

    private mutating func applyIndentation(_ column: Int32, _ alternative: Int32) -> Bool {
        let current = indents[indents.count - 1]
        if column == current {
            return alternative == alternativeIndents[indents.count - 1] || failInconsistent()
        }
        if column > current {
            if indents.count >= Lexer.maximumIndents {
                failLater(
                    .indentationError, "too many levels of indentation", line: Int(line), offset: 1, endLine: Int(line),
                    endOffset: 0)
                return false
            }
            if alternative <= alternativeIndents[indents.count - 1] { return failInconsistent() }
            indents.append(column)
            alternativeIndents.append(alternative)
            appendPlaceless(.indent)
            return true
        }
        var dropped = 0
        while indents.count > 1 && column < indents[indents.count - 1] {
            indents.removeLast()
            alternativeIndents.removeLast()
            dropped += 1
        }
        if column != indents[indents.count - 1] {
            failLater(
                .indentationError, "unindent does not match any outer indentation level", line: Int(line),
                offset: lineText.unicodeScalars.count, endLine: Int(line), endOffset: -1)
            return false
        }
        if alternative != alternativeIndents[indents.count - 1] { return failInconsistent() }
        for _ in 0..<dropped { appendPlaceless(.dedent) }
        return true
    }

    private mutating func failInconsistent() -> Bool {
        failLater(
            .tabError, "inconsistent use of tabs and spaces in indentation", line: Int(line), offset: 1,
            endLine: Int(line), endOffset: 0)
        return false
    }
}
