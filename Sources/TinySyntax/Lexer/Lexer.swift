// The lexer: bytes to an array of tokens, the whole text at once.
//
// It follows CPython's tokenizer in what it accepts, what it says, and where it says it stands. It never throws: at the
// first thing that is no token it appends an `error` token and keeps the reason, so that an error of grammar that comes
// earlier in the text is still reported first. F-strings are lexed in place (PEP 701): a stack of modes remembers which
// strings are open, and inside their braces ordinary tokens follow.
//
// The text must end in a zero byte that is not counted in `end`: the sentinel makes bounds checks unnecessary.

/// Why the lexer stopped.
struct LexicalFailure {
    var diagnostic: SyntaxDiagnostic
    /// CPython raises most errors in the tokenizer itself, but leaves some to the parser; only the former take
    /// precedence over an error of grammar that comes earlier.
    var isRaisedByLexer: Bool
    /// The text ended too early.
    var isAtEnd: Bool
}

/// An open bracket.
struct OpenBracket {
    var byte: UInt8
    var line: Int32
    var column: Int32
}

struct Lexer {
    let bytes: UnsafePointer<UInt8>
    let end: Int
    /// A statement typed at a prompt: the end of text stands for a newline.
    let isInteractive: Bool

    var position = 0
    var line: Int32 = 1
    var lineStart = 0
    var previousLineStart = 0
    /// Where the line began, lines joined to it by backslashes or inside strings included.
    var logicalStart = 0
    var tokens: [Token] = []
    var names = NameTable()
    var failure: LexicalFailure?
    var warnings: [SyntaxDiagnostic] = []
    var brackets: [OpenBracket] = []
    var modes: [FormattedMode] = []
    var indents: [Int32] = [0]
    var alternativeIndents: [Int32] = [0]
    var isAtLineBeginning = true

    static let maximumBrackets = 200
    static let maximumIndents = 100
    static let maximumModes = 150
    static let maximumFieldNesting = 3

    init(bytes: UnsafePointer<UInt8>, count: Int, isInteractive: Bool) {
        self.bytes = bytes
        self.end = count
        self.isInteractive = isInteractive
        tokens.reserveCapacity(count / 4 + 16)
    }

    /// Makes tokens until the end of the text or the first error.
    mutating func run() {
        var goesOn = true
        while goesOn {
            if let mode = modes.last, !mode.isInExpression {
                goesOn = lexFormattedText()
            } else {
                goesOn = lexToken()
            }
        }
    }

    // MARK: Ordinary tokens

    /// One token, or a run of blank lines. False at the end of the text and on errors.
    private mutating func lexToken() -> Bool {
        if isAtLineBeginning {
            isAtLineBeginning = false
            guard let isBlank = lexIndentation() else { return false }
            if isBlank { return true }
        }
        while true {
            var c = bytes[position]
            while c == 0x20 || c == 0x09 || c == 0x0C {
                position += 1
                c = bytes[position]
            }
            let start = position
            switch c {
            case UInt8(ascii: "#"):
                skipComment()
                if bytes[position] == 0x0A { return lexNewline(from: start) }
                return lexEnd()
            case 0x0A:
                return lexNewline(from: start)
            case 0 where position >= end:
                return lexEnd()
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"), 0x80...0xFF:
                return lexNameOrString(c)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                return lexNumber()
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                return lexString(from: start)
            case UInt8(ascii: "\\"):
                guard skipContinuation() else { return false }
            default:
                return lexOperator(c)
            }
        }
    }

    mutating func skipComment() {
        while bytes[position] != 0x0A && position < end { position += 1 }
    }

    private mutating func lexNewline(from start: Int) -> Bool {
        position += 1
        if brackets.isEmpty {
            isAtLineBeginning = true
            append(.newline, start: start)
        }
        beginLine()
        logicalStart = position
        return true
    }

    /// Called after the newline byte was passed.
    @inline(__always)
    mutating func beginLine() {
        previousLineStart = lineStart
        lineStart = position
        line += 1
    }

    /// The end of the text. CPython counts a line only when something stands on it.
    mutating func lexEnd() -> Bool {
        stepBackAtEnd()
        if !brackets.isEmpty { return failAtEnd() }
        if !isInteractive {
            dedentAll()
        } else if !tokens.isEmpty {
            // At the prompt the end of the text ends the statement too. A block may go on until an empty line ends it.
            let endsLine = bytes[position - 1] == 0x0A
            if endsLine { dedentAll() }
            appendPlaceless(.newline)
        }
        if end == 0 { line = 0 }
        appendPlaceless(.endMarker)
        return false
    }

    private mutating func dedentAll() {
        while indents.count > 1 {
            indents.removeLast()
            appendPlaceless(.dedent)
        }
    }

    mutating func stepBackAtEnd() {
        if position == end && position == lineStart && line > 1 {
            line -= 1
            lineStart = previousLineStart
        }
    }

    /// A backslash at the end of a line joins it with the next. False on error.
    mutating func skipContinuation() -> Bool {
        position += 1
        guard bytes[position] == 0x0A else {
            // A text that gets no newline at its end (`eval`, the prompt) may end right behind the backslash: there the prompt asks for more.
            let isAtEnd = position >= end
            if !isAtEnd { position += 1 }
            let place = Int(line)
            failLater(
                .syntaxError, "unexpected character after line continuation character",
                line: place, offset: characters(from: logicalStart, to: position), endLine: place, endOffset: 0, isIncomplete: isAtEnd)
            return false
        }
        position += 1
        beginLine()
        if position < end { return true }
        stepBackAtEnd()
        _ = failAtEnd()
        return false
    }

    // MARK: Making tokens

    @inline(__always)
    func makeToken(_ kind: TokenKind, start: Int) -> Token {
        Token(
            kind: kind, level: UInt8(truncatingIfNeeded: brackets.count), name: -1, start: Int32(truncatingIfNeeded: start),
            end: Int32(truncatingIfNeeded: position),
            range: SourceRange(
                line: line, column: Int32(truncatingIfNeeded: start - lineStart), endLine: line,
                endColumn: Int32(truncatingIfNeeded: position - lineStart)))
    }

    @inline(__always)
    mutating func append(_ kind: TokenKind, start: Int) {
        tokens.append(makeToken(kind, start: start))
    }

    /// A token that no text belongs to.
    mutating func appendPlaceless(_ kind: TokenKind) {
        var token = makeToken(kind, start: position)
        token.range.column = -1
        token.range.endColumn = -1
        tokens.append(token)
    }
}
