// Valid programs give CPython's tree.

import Testing

@testable import TinySyntax

@Suite struct ParserTests {
    @Test func treesAgreeWithCPython() throws {
        for row in ValidPrograms.table.split(separator: "\n") {
            let fields = WrongPrograms.fields(row)
            let program = WrongPrograms.unescaped(Substring(fields[0]))
            let result = try Parse.file(Array(program.utf8), name: "test")
            #expect(TreePrinter.dump(result.module) == fields[1], "\(program)")
        }
    }

    @Test func placesAreByteColumns() throws {
        let result = try Parse.file(Array("é = (a +\n  b)\n".utf8), name: "test")
        #expect(
            TreePrinter.dump(result.module, includesPlaces: true).contains(
                "right=Name(id='b', ctx=Load(), lineno=2, col_offset=2, end_lineno=2, end_col_offset=3)"))
    }

    @Test func linesMayEndAnyWay() throws {
        let unix = TreePrinter.dump(try Parse.file(Array("if a:\n  b\n".utf8), name: "test").module)
        for text in ["if a:\r\n  b\r\n", "if a:\r  b\r", "if a:\n  b", "\u{FEFF}if a:\n  b"] {
            #expect(TreePrinter.dump(try Parse.file(Array(text.utf8), name: "test").module) == unix)
        }
    }

    @Test func latin1IsDecoded() throws {
        let result = try Parse.file(Array("# coding: latin-1\nx = '".utf8) + [0xE9, 0x27], name: "test")
        #expect(TreePrinter.dump(result.module).contains("'é'"))
    }

    @Test(arguments: [
        ("if x:", true), ("if x:\n  y", true), ("if x:\n  y\n", false), ("f(", true), ("'''a", true), ("'a", false),
        ("x = 1", false), ("x = = 1", false), ("a \\", true), ("class C:\n  def f(self):", true), ("@a", true),
        ("a b", false), ("def f():\n  return (", true),
    ])
    func promptAsksForMore(text: String, isIncomplete: Bool) {
        var found = false
        do throws(SyntaxDiagnostic) {
            _ = try Parse.interactive(Array(text.utf8), name: "test")
        } catch {
            found = error.isIncomplete
        }
        #expect(found == isIncomplete)
    }
}
