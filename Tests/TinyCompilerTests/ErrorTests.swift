// What scopes and emitter refuse, against the words and places that CPython gives.
import Testing

@testable import TinyCompiler
@testable import TinySyntax

@Suite struct ErrorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let program: String
        let expected: String
        var testDescription: String { program }
    }

    static let rows: [Row] = WrongPrograms.table.split(separator: "\n").compactMap { line in
        let fields = line.split(separator: "⇒").map { $0.drop { $0 == " " } }
        guard fields.count == 2 else { return nil }
        var program = String(fields[0])
        program.removeLast()
        return Row(program: program.replacing("\\n", with: "\n"), expected: String(fields[1]))
    }

    @Test(arguments: rows) func isRefusedAsInCPython(_ row: Row) {
        #expect(ErrorTests.outcome(row.program) == row.expected)
    }

    static func outcome(_ program: String) -> String {
        do throws(SyntaxDiagnostic) {
            _ = try Compile.text(Array(program.utf8), fileName: "test", mode: .file)
            return "accepted"
        } catch {
            return "\(error.line)|\(error.offset)|\(error.endLine)|\(error.endOffset)|\(error.message)"
        }
    }

    @Test func warnings() throws {
        func warned(_ program: String) throws -> [String] {
            try Compile.text(Array(program.utf8), fileName: "test", mode: .file).warnings.map(\.message)
        }
        #expect(try warned("x is 1") == ["\"is\" with 'int' literal. Did you mean \"==\"?"])
        #expect(try warned("not x is ()") == ["\"is not\" with 'tuple' literal. Did you mean \"!=\"?"])
        #expect(try warned("x is None") == [])
        #expect(try warned("[(1, 2) (3, 4)]") == ["'tuple' object is not callable; perhaps you missed a comma?"])
        #expect(try warned("None[1]") == ["'NoneType' object is not subscriptable; perhaps you missed a comma?"])
        #expect(
            try warned("[[1] [2, 3]]")
                == ["list indices must be integers or slices, not tuple; perhaps you missed a comma?"])
        #expect(try warned("assert (x, 'y')") == ["assertion is always true, perhaps remove parentheses?"])
    }
}
