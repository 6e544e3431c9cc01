// What is said about a wrong program: a SyntaxError as CPython 3.13 words it, with the place to put the caret.
//
// Line and offsets are those of CPython's exception attributes (`lineno`, `offset`, `end_lineno`, `end_offset`):
// lines and offsets count from 1, offsets count characters (not bytes), and an end offset of 0 or -1 means "unknown".

/// An error or a warning about source text.
public struct SyntaxDiagnostic: Error, Sendable, Equatable {
    /// Which exception or warning it becomes.
    public enum Kind: Sendable {
        case syntaxError, indentationError, tabError
        /// Nested too deeply: reported as MemoryError or RecursionError.
        case memoryOrRecursion
        /// The null-byte error of CPython is a SyntaxError without a place; so is a failure to decode.
        case encodingError
        /// In `warnings` only.
        case syntaxWarning
    }

    /// Which exception or warning it becomes.
    public var kind: Kind
    /// CPython's wording, without the place.
    public var message: String
    /// The line where it begins, from 1; 0 if unknown, -1 if it has no place at all.
    public var line: Int
    /// The character of the line where it begins, from 1; 0 if unknown.
    public var offset: Int
    /// The line where it ends, from 1; 0 if unknown.
    public var endLine: Int
    /// The character behind its end, from 1; 0 or -1 if unknown.
    public var endOffset: Int
    /// The offending line, with its newline if it has one; nil if there is no place.
    public var text: String?
    /// The text could still be continued to something valid: the prompt should ask for another line.
    public var isIncomplete: Bool
    /// What had been warned of before the error was met.
    public var earlierWarnings: [SyntaxDiagnostic] = []

    /// A diagnostic; what is not given is unknown.
    public init(
        kind: Kind, message: String, line: Int = 0, offset: Int = 0, endLine: Int = 0, endOffset: Int = 0,
        text: String? = nil, isIncomplete: Bool = false
    ) {
        self.kind = kind
        self.message = message
        self.line = line
        self.offset = offset
        self.endLine = endLine
        self.endOffset = endOffset
        self.text = text
        self.isIncomplete = isIncomplete
    }

    /// What is wrong with the bytes as a whole: only the message is told.
    static func withoutPlace(_ message: String) -> SyntaxDiagnostic {
        SyntaxDiagnostic(kind: .encodingError, message: message, line: -1)
    }

    /// The name of the exception that the language raises for it.
    public var exceptionName: String {
        switch kind {
        case .syntaxError, .encodingError: "SyntaxError"
        case .indentationError: "IndentationError"
        case .tabError: "TabError"
        case .memoryOrRecursion: "MemoryError"
        case .syntaxWarning: "SyntaxWarning"
        }
    }
}
