// The emitter's promises: which reads are checked, where values are computed, what is folded, how far jumps reach.
import Testing

@testable import TinyCompiler
@testable import TinySyntax

@Suite struct CodeTests {
    // MARK: Registers

    @Test func localsAreUsedWhereTheyLie() throws {
        #expect(try Source.opcodes(Source.inner("def f(a, b): return a + b")) == [.add, .returnValue])
        #expect(try Source.opcodes(Source.inner("def f(a):\n x = a * 2\n return x"))
            == [.multiplyConstant, .returnValue])
    }

    @Test func anOperandThatMayChangeIsCopied() throws {
        #expect(try Source.opcodes(Source.inner("def f(x): return x + (x := 1)"))
            == [.move, .loadConstant, .move, .add, .returnValue])
    }

    @Test func aDestinationIsWrittenLast() throws {
        // `x and y` must not overwrite x before y is read
        let unit = try Source.inner("def f(x, y):\n x = y and x\n return x")
        let places = Disassembler.instructions(unit)
        #expect(places[0].opcode == .move && places[0].instruction.a >= unit.localNames.count)
    }

    @Test func onlyDoubtfulReadsAreChecked() throws {
        func checks(_ text: String) throws -> Int {
            try Source.opcodes(Source.inner(text)).filter { $0 == .checkBound }.count
        }
        #expect(try checks("def f(a):\n x = a\n return x") == 0)
        #expect(try checks("def f(a):\n if a: x = a\n return x") == 1)
        #expect(try checks("def f(a):\n if a: x = 1\n else: x = 2\n return x") == 0)
        #expect(try checks("def f(a):\n for x in a: x\n return x") == 1)
        #expect(try checks("def f(a):\n while True:\n  x = a\n  if x: break\n return x") == 0)
        #expect(try checks("def f(a):\n try: x = a()\n except E: return\n return x") == 0)
        #expect(try checks("def f(a):\n try: x = a()\n except E: pass\n return x") == 1)
        #expect(try checks("def f(a):\n del a\n return a") == 1)
        #expect(try checks("def f(a):\n for i in a:\n  a\n  del a") == 1)
        #expect(try checks("def f(a):\n try: a()\n except E as e: e\n return a") == 0)
    }

    // MARK: Folding

    @Test(arguments: [
        ("1 + 2 * 3", "7"), ("2 ** 64", "18446744073709551616"), ("-5 // 3", "-2"), ("-5 % 3", "1"),
        ("1 << 70", "1180591620717411303424"), ("7 / 2", "3.5"), ("'a' + 'b'", "'ab'"), ("'ab' * 2", "'abab'"),
        ("(1, 2)[1]", "2"), ("b'a'[0]", "97"), ("(1,) + (2,)", "(1, 2)"), ("not 1", "False"), ("-1.5", "-1.5"),
        ("~5", "-6"), ("True + 1", "2"), ("True & False", "False"), ("1e16", "1e+16"), ("1e-7", "1e-07"),
        ("123456789.125", "123456789.125"), ("0.1 + 0.2", "0.30000000000000004"),
    ])
    func isFolded(_ source: String, _ value: String) throws {
        let unit = try Source.compiled(source, mode: .expression)
        let places = Disassembler.instructions(unit)
        #expect(places.count == 1)
        #expect(places[0].opcode == .returnConstant)
        #expect(ConstantText.text(unit.constants[places[0].instruction.bc]) == value)
    }

    @Test(arguments: [
        "1 / 0", "1 % 0", "2 ** -1", "1 << -1", "2 ** 200", "'a' * 5000", "(1, 2)[2]", "'é'[0]", "1 + 2j", "-9 ** 99",
        "'a' * x", "1.5 % 2", "~True",
    ])
    func isLeftToTheRuntime(_ source: String) throws {
        #expect(try Source.opcodes(Source.compiled(source, mode: .expression)) != [.returnConstant])
    }

    @Test func constantsAreSharedByTypeAndValue() throws {
        let unit = try Source.compiled("f(1, 1, 1.0, True, 0.0, -0.0, (1,), (1.0,), (1,), 'a', b'a')")
        #expect(unit.constants.map(ConstantText.text)
            == ["'f'", "1", "1.0", "True", "0.0", "-0.0", "(1,)", "(1.0,)", "'a'", "b'a'", "None"])
    }

    @Test func deadCodeIsNotEmitted() throws {
        #expect(try Source.opcodes(Source.inner("def f():\n return 1\n print(2)")) == [.returnConstant])
        // Their lines are told to tracing functions, as CPython's NOPs do it.
        #expect(try Source.opcodes(Source.inner("def f():\n if 0: print(2)\n while 0: a\n return x"))
            == [.jump, .jump, .loadGlobal, .returnValue])
        #expect(try Source.opcodes(Source.inner("def f():\n assert x\n return")).contains(.raise))
        var options = CompileOptions()
        options.optimizationLevel = 1
        #expect(try Source.opcodes(Source.compiled("assert x", options: options)) == [.returnConstant])
    }

    // MARK: Jumps

    @Test func testsJumpWithoutBooleans() throws {
        #expect(try Source.opcodes(Source.inner("def f(a, b):\n if a < b and a is not None: return 1\n return 2"))
            == [.jumpIfLess, .jumpIfNone, .returnConstant, .returnConstant])
    }

    @Test func longJumpsHop() throws {
        let body = String(repeating: "  a = b.c + x\n", count: 9_000)
        let unit = try Source.inner("def f(x, b):\n for i in b:\n\(body) while x < 5:\n\(body)  if x == 1: break\n")
        #expect(CodeVerifier.problems(in: unit) == [])
        let places = Disassembler.instructions(unit)
        #expect(places.contains { abs(($0.jumpTarget ?? $0.offset) - $0.offset) > 32_768 })
    }

    // MARK: The data of a unit

    @Test func namesOfAUnit() throws {
        let unit = try Source.inner("def f(p, /, a, *args, k, **named):\n x = p\n return lambda: (a, y)\n z = 1")
        #expect(unit.localNames == ["p", "a", "k", "args", "named", "x", "z"])
        #expect(unit.cellLocals == [1])
        #expect((unit.argumentCount, unit.positionalOnlyCount, unit.keywordOnlyCount) == (2, 1, 1))
        #expect(unit.flags == [.optimized, .newLocals, .variadic, .variadicKeywords])
        guard case .code(let lambda)? = unit.constants.first(where: { if case .code = $0 { true } else { false } })
        else { throw Source.Missing() }
        #expect(lambda.freeNames == ["a"])
        #expect(lambda.qualifiedName == "f.<locals>.<lambda>")
        #expect(lambda.flags.contains(.nested))
    }

    @Test func docstringIsTheFirstConstant() throws {
        let unit = try Source.inner("def f():\n    '''One.\n\n      Two.\n    '''\n    return 1")
        #expect(unit.flags.contains(.hasDocstring))
        #expect(ConstantText.text(unit.constants[0]) == "'One.\\n\\nTwo.\\n'")
    }

    @Test func positionsAreThoseThatAreBlamed() throws {
        let unit = try Source.compiled("x = (a\n     .b\n     .c(1))\n")
        let places = Disassembler.instructions(unit)
        let method = try #require(places.first { $0.opcode == .loadMethod })
        #expect(unit.position(at: method.offset) == SourceRange(line: 3, column: 6, endLine: 3, endColumn: 7))
        let call = try #require(places.first { $0.opcode == .callMethod })
        #expect(unit.position(at: call.offset) == SourceRange(line: 3, column: 6, endLine: 3, endColumn: 10))
    }
}
