// Where a piece of tree stands in its source text.

/// A half-open stretch of source text. Lines count from 1; columns are UTF-8 byte offsets from the line's start,
/// as in CPython's `ast` (`col_offset`, `end_col_offset`).
public struct SourceRange: Hashable, Sendable {
    /// The line in which it begins, from 1.
    public var line: Int32
    /// Octets before it in that line.
    public var column: Int32
    /// The line in which it ends.
    public var endLine: Int32
    /// Octets before its end in that line.
    public var endColumn: Int32

    public init(line: Int32, column: Int32, endLine: Int32, endColumn: Int32) {
        self.line = line
        self.column = column
        self.endLine = endLine
        self.endColumn = endColumn
    }

    /// The stretch from the start of this one to the end of `other`.
    public func through(_ other: SourceRange) -> SourceRange {
        SourceRange(line: line, column: column, endLine: other.endLine, endColumn: other.endColumn)
    }

    /// Stands for "no place": code that the compiler adds of its own.
    public static let none = SourceRange(line: 0, column: 0, endLine: 0, endColumn: 0)
}
