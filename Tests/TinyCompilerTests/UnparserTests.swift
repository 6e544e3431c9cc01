// Annotations as text: what `from __future__ import annotations` gives in CPython.
import Testing

@testable import TinyCompiler
@testable import TinySyntax

@Suite struct UnparserTests {
    @Test(arguments: [
        ("a.b[c, 'd']", "a.b[c, 'd']"), ("-a**b", "-a ** b"), ("(-a)**-b", "(-a) ** (-b)"), ("a**b**c", "a ** b ** c"),
        ("(a, b)", "(a, b)"), ("(a or b) and not c", "(a or b) and not c"), ("lambda *, a=1: a", "lambda*, a=1: a"),
        ("f(x for x in y)", "f(x for x in y)"), ("0xFFFFFFFFFFFFFFFFFFFF", "1208925819614629174706175"),
        ("f'a{b!r:>{w}}'", "f'a{b!r:>{w}}'"), ("x if (y if z else w) else v", "x if (y if z else w) else v"),
        ("{**a, 'b': [*c]}", "{**a, 'b': [*c]}"), ("a < (b < c)", "a < (b < c)"), ("1e100", "1e+100"), ("2j", "2j"),
        ("a[b:c:d, ::e]", "a[b:c:d, ::e]"), ("\"it's\"", "\"it's\""), ("(await_, )", "(await_,)"),
    ])
    func reads(_ source: String, _ expected: String) throws {
        guard case .expression(let expression) = try Parse.expression(Array(source.utf8), name: "test").module else {
            throw Source.Missing()
        }
        let text = try TreeUnparser.text(of: expression, stack: StackGuard(budget: 1 << 18))
        #expect(text == expected)
    }
}
