// Deep and long programs end in a tree or in an error, on a small stack too.

import Testing

@testable import TinySyntax

@Suite struct LimitsTests {
    private func repeated(_ text: String, _ count: Int) -> String { String(repeating: text, count: count) }

    @Test func longChainsAreTrees() {
        for program in [
            repeated("a and ", 100_000) + "a", repeated("a < ", 100_000) + "a", repeated("a, ", 100_000),
            repeated("1 + ", 1_500) + "1", "if a: b\n" + repeated("elif c: d\n", 3_000), repeated("[", 190) + repeated("]", 190),
            repeated("-", 1_900) + "1", repeated("lambda: ", 1_900) + "1", repeated("a = ", 50_000) + "1",
        ] {
            #expect(outcome(program) == "valid", "\(program.prefix(40))")
        }
    }

    @Test func deepTreesAreErrors() {
        for program in [
            repeated("1 + ", 100_000) + "1", "a" + repeated(".b", 100_000), "a" + repeated("()", 100_000),
            repeated("-", 100_000) + "1", repeated("not ", 100_000) + "1", repeated("lambda: ", 100_000) + "1",
            repeated("1 if 2 else ", 100_000) + "3", repeated("2 ** ", 100_000) + "3",
            "if a: b\n" + repeated("elif c: d\n", 50_000),
        ] {
            #expect(outcome(program).hasPrefix("MemoryError"), "\(program.prefix(40))")
        }
    }

    @Test func nestingIsBounded() {
        #expect(outcome(repeated("(", 201)).hasSuffix("too many nested parentheses"))
        #expect(outcome(repeated("(", 200)).hasSuffix("'(' was never closed"))
        var blocks = ""
        for depth in 0..<101 { blocks += repeated(" ", depth) + "if a:\n" }
        #expect(outcome(blocks).hasSuffix("too many levels of indentation"))
        #expect(outcome(repeated("f'{", 160)).hasSuffix("too many nested f-strings"))
        #expect(outcome(repeated("[", 150) + "a b" + repeated("]", 150)) != "valid")
    }
}
