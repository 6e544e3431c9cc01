// Documentation strings: which statement is one, and how its text is cleaned (CPython 3.13 strips the indentation
// when it compiles).
import TinySyntax

extension ArraySlice where Element == Statement {
    /// The text of a first statement that is a string and nothing else.
    var docstring: [UInt8]? {
        guard let first, case .expression(let expression) = first.node,
            case .constant(.string(let text)) = expression.node
        else { return nil }
        return text
    }
}

enum Docstring {
    /// The text without the indentation that all lines but the first share, as `inspect.cleandoc` does save that it
    /// keeps blank lines at the ends.
    static func cleaned(_ text: [UInt8]) -> [UInt8] {
        let space = UInt8(ascii: " "), newline = UInt8(ascii: "\n")
        var lines = expandedTabs(text).split(separator: newline, omittingEmptySubsequences: false)
        let margin = lines.dropFirst().compactMap { line in line.firstIndex { $0 != space }.map { $0 - line.startIndex } }
            .min() ?? 0
        lines[0] = lines[0].drop { $0 == space }
        for index in lines.indices.dropFirst() {
            let line = lines[index]
            lines[index] = line.dropFirst(Swift.min(margin, line.prefix { $0 == space }.count))
        }
        return Array(lines.joined(separator: [newline]))
    }

    private static func expandedTabs(_ text: [UInt8]) -> [UInt8] {
        guard text.contains(UInt8(ascii: "\t")) else { return text }
        var result: [UInt8] = [], column = 0
        for byte in text {
            if byte == UInt8(ascii: "\t") {
                let count = 8 - column % 8
                result.append(contentsOf: repeatElement(UInt8(ascii: " "), count: count))
                column += count
            } else {
                result.append(byte)
                // bytes that continue a character take no column
                if byte & 0xC0 != 0x80 { column += 1 }
                if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") { column = 0 }
            }
        }
        return result
    }
}
