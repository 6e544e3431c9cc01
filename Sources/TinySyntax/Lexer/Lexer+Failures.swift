// How the lexer reports. An error ends the token array with an `error` token; what to say about it stands in `failure`.

extension Lexer {
    /// Characters (not bytes) of the current line before `limit`.
    func characters(to limit: Int) -> Int { characters(from: lineStart, to: limit) }

    func characters(from start: Int, to limit: Int) -> Int {
        var count = 0
        var index = start
        while index < limit {
            if bytes[index] & 0xC0 != 0x80 { count += 1 }
            index += 1
        }
        return count
    }

    /// The current line with its newline.
    var lineText: String {
        var stop = lineStart
        while stop < end && bytes[stop] != 0x0A { stop += 1 }
        if stop < end { stop += 1 }
        return String(decoding: UnsafeBufferPointer(start: bytes + lineStart, count: stop - lineStart), as: UTF8.self)
    }

    /// An error that stands at what was read last.
    mutating func fail(_ message: String, isAtEnd: Bool = false) -> Bool {
        let offset = characters(to: position)
        return fail(message, offset: offset, endOffset: offset, isAtEnd: isAtEnd)
    }

    mutating func fail(_ message: String, offset: Int, endOffset: Int, isAtEnd: Bool = false) -> Bool {
        // What runs on to the end of the text is shown without its newline.
        let text = isAtEnd && lineText.last == "\n" ? String(lineText.dropLast()) : lineText
        record(
            SyntaxDiagnostic(
                kind: .syntaxError, message: message, line: Int(line), offset: offset, endLine: Int(line),
                endOffset: endOffset, text: text, isIncomplete: isAtEnd),
            isRaisedByLexer: true, isAtEnd: isAtEnd)
        return false
    }

    /// An error that counts only if the parser comes as far as here.
    mutating func failLater(
        _ kind: SyntaxDiagnostic.Kind, _ message: String, line: Int, offset: Int, endLine: Int, endOffset: Int, isIncomplete: Bool = false
    ) {
        record(
            SyntaxDiagnostic(
                kind: kind, message: message, line: line, offset: offset, endLine: endLine, endOffset: endOffset,
                text: lineText, isIncomplete: isIncomplete),
            isRaisedByLexer: false, isAtEnd: false)
    }

    /// The text ends inside brackets, or after a backslash.
    mutating func failAtEnd() -> Bool {
        let diagnostic: SyntaxDiagnostic
        if let bracket = brackets.last {
            diagnostic = neverClosed(bracket)
        } else {
            diagnostic = SyntaxDiagnostic(
                kind: .syntaxError, message: "unexpected EOF while parsing", line: Int(line),
                offset: characters(to: position), endLine: Int(line), endOffset: -1, text: lineText, isIncomplete: true)
        }
        record(diagnostic, isRaisedByLexer: false, isAtEnd: true)
        return false
    }

    func neverClosed(_ bracket: OpenBracket) -> SyntaxDiagnostic {
        // The bracket's line may lie far above: count its characters from its own line start.
        var start = 0
        var remaining = bracket.line - 1
        while remaining > 0 && start < end {
            if bytes[start] == 0x0A { remaining -= 1 }
            start += 1
        }
        var copy = self
        copy.lineStart = start
        return SyntaxDiagnostic(
            kind: .syntaxError, message: "'\(Character(Unicode.Scalar(bracket.byte)))' was never closed",
            line: Int(bracket.line), offset: copy.characters(to: start + Int(bracket.column)) + 1, endLine: Int(bracket.line),
            endOffset: 0, text: copy.lineText, isIncomplete: true)
    }

    mutating func warn(_ message: String, line: Int32, start: Int, stop: Int) {
        warnings.append(
            SyntaxDiagnostic(
                kind: .syntaxWarning, message: message, line: Int(line), offset: characters(to: start) + 1,
                endLine: Int(line), endOffset: characters(to: stop) + 1, text: lineText))
    }

    private mutating func record(_ diagnostic: SyntaxDiagnostic, isRaisedByLexer: Bool, isAtEnd: Bool) {
        failure = LexicalFailure(diagnostic: diagnostic, isRaisedByLexer: isRaisedByLexer, isAtEnd: isAtEnd)
        append(.error, start: position)
    }
}
