// Tokens: what the lexer makes of text, and all that the parser looks at.
//
// A token holds no text of its own, only where it stands; names carry the number that the `NameTable` gave them.
// 32 bytes each, in one array for the whole file: looking ahead and going back cost nothing.

/// One token.
struct Token {
    var kind: TokenKind
    /// Depth of open brackets after this token.
    var level: UInt8
    /// Of a name or keyword: its number in the `NameTable`.
    var name: Int32
    /// Byte offsets into the source.
    var start: Int32
    var end: Int32
    var range: SourceRange
}

/// Kinds of token; keywords and operators are kinds of their own.
enum TokenKind: UInt8 {
    case endMarker, newline, indent, dedent, name, number, string
    case formattedStart, formattedMiddle, formattedEnd
    /// The lexer stopped here; the last token of the array.
    case error

    // Keywords, in the order of `TokenKind.keywords`.
    case kwFalse, kwNone, kwTrue, kwAnd, kwAs, kwAssert, kwAsync, kwAwait, kwBreak, kwClass, kwContinue, kwDef, kwDel
    case kwElif, kwElse, kwExcept, kwFinally, kwFor, kwFrom, kwGlobal, kwIf, kwImport, kwIn, kwIs, kwLambda, kwNonlocal
    case kwNot, kwOr, kwPass, kwRaise, kwReturn, kwTry, kwWhile, kwWith, kwYield

    case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
    case colon, comma, semicolon, dot, ellipsis, arrow, colonEqual, equal, exclamation
    case plus, minus, star, slash, percent, at, ampersand, bar, caret, tilde, leftShift, rightShift
    case doubleStar, doubleSlash
    case less, greater, doubleEqual, notEqual, lessEqual, greaterEqual
    case plusEqual, minusEqual, starEqual, slashEqual, percentEqual, atEqual, ampersandEqual, barEqual, caretEqual
    case leftShiftEqual, rightShiftEqual, doubleStarEqual, doubleSlashEqual
    /// A character that starts no token: `$`, `?`, a lone backquote. The parser refuses it as "invalid syntax".
    case unknown

    static let keywords: [StaticString] = [
        "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue", "def", "del",
        "elif", "else", "except", "finally", "for", "from", "global", "if", "import", "in", "is", "lambda", "nonlocal",
        "not", "or", "pass", "raise", "return", "try", "while", "with", "yield",
    ]

    var isKeyword: Bool { rawValue >= TokenKind.kwFalse.rawValue && rawValue <= TokenKind.kwYield.rawValue }
}
