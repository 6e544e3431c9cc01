// Wrong programs get CPython's message and place; the tables beside this file say which.

import Testing

@testable import TinySyntax

enum WrongPrograms {
    /// Undoes the escapes of the tables.
    static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscape = false
        for character in text {
            if isEscape {
                switch character {
                case "n": result += "\n"
                case "t": result += "\t"
                case "1": result += "\u{1}"
                case "2": result += "\u{2}"
                case "z": result += "\u{200B}"
                case "s": result += "\u{A0}"
                case "y": result += "\u{FF}"
                default: result.append(character)
                }
                isEscape = false
            } else if character == "\\" {
                isEscape = true
            } else {
                result.append(character)
            }
        }
        return result
    }

    /// The fields of a row.
    static func fields(_ row: Substring) -> [String] {
        row.split(separator: " ⇒ ", omittingEmptySubsequences: false).map(String.init)
    }
}

func outcome(_ program: String, _ mode: Parse.Mode = .file) -> String {
    do throws(SyntaxDiagnostic) {
        _ = try Parse.parse(Array(program.utf8), name: "test", mode: mode)
        return "valid"
    } catch {
        return "\(error.exceptionName)|\(error.line)|\(error.offset)|\(error.endLine)|\(error.endOffset)|\(error.message)"
    }
}

@Suite struct DiagnosisTests {
    @Test(arguments: [WrongPrograms.expressions, WrongPrograms.statements, WrongPrograms.lines])
    func agreesWithCPython(table: String) {
        var count = 0
        for row in table.split(separator: "\n") {
            let fields = WrongPrograms.fields(row)
            guard fields.count == 3 else {
                Issue.record("not a row: \(row)")
                continue
            }
            let mode: Parse.Mode = fields[0] == "eval" ? .expression : fields[0] == "single" ? .interactive : .file
            let program = WrongPrograms.unescaped(Substring(fields[1]))
            #expect(outcome(program, mode) == fields[2], "\(program)")
            count += 1
        }
        #expect(count > 50)
    }

    @Test func grammarIsReadable() {
        #expect(Grammar.shared.problems.isEmpty)
        #expect(Grammar.shared.rules.count < 1024)
    }

    @Test func bytesThatAreNoText() {
        #expect(outcome("a\0b") == "SyntaxError|-1|0|0|0|source code string cannot contain null bytes")
        #expect(throws: SyntaxDiagnostic.self) { try Parse.file([0x61, 0xFF, 0x0A], name: "test") }
        #expect(throws: SyntaxDiagnostic.self) { try Parse.file(Array("# coding: nonsense\n".utf8), name: "test") }
    }

    @Test func invalidEscapesAreWarnings() throws {
        let result = try Parse.file(Array("x = '\\d' + 1if y else 2\n".utf8), name: "test")
        #expect(result.warnings.map(\.message).sorted() == ["invalid decimal literal", "invalid escape sequence '\\d'"])
    }
}
