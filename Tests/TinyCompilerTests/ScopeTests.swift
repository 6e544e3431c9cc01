// Where names live.
import Testing

@testable import TinyCompiler
@testable import TinySyntax

@Suite struct ScopeTests {
    static func scopes(_ text: String) throws -> Scope {
        let module = try Parse.file(Array(text.utf8), name: "test").module
        return try ScopeBuilder.build(
            module, futureAnnotations: false, allowsTopLevelAwait: false, stack: StackGuard(budget: 1 << 18)
        ).root
    }

    @Test func capturedLocalsAreCells() throws {
        let root = try ScopeTests.scopes("def f(a):\n b = c = 1\n def g(): return a, b, d\n")
        let outer = root.children[0]
        #expect(outer.places["a"] == .cell && outer.places["b"] == .cell && outer.places["c"] == .local)
        #expect(outer.children[0].freeNames == ["a", "b"])
        #expect(outer.children[0].places["d"] == .globalImplicit)
    }

    @Test func inlinedComprehensionsCaptureNothing() throws {
        let root = try ScopeTests.scopes("def f(a): return [a + x for x in a]")
        #expect(root.children[0].places["a"] == .local)
        #expect(root.children[0].children[0].isInlined)
        let captured = try ScopeTests.scopes("def f(a): return [lambda: a + x for x in a]")
        #expect(captured.children[0].places["a"] == .cell)
        #expect(captured.children[0].children[0].places["x"] == .cell)
    }

    @Test func classesHideTheirNames() throws {
        let root = try ScopeTests.scopes("def f():\n x = 1\n class A:\n  x = 2\n  def g(self): return x, __class__\n")
        let outer = root.children[0], inner = outer.children[0]
        #expect(outer.places["x"] == .cell)
        #expect(inner.places["x"] == .local && inner.needsClassCell)
        #expect(inner.freeNames == ["x"])
        #expect(inner.children[0].freeNames == ["x", "__class__"])
    }

    @Test func globalsStayGlobal() throws {
        let root = try ScopeTests.scopes("def f():\n global x\n x = 1\n def g(): return x\n")
        #expect(root.children[0].places["x"] == .globalExplicit)
        #expect(root.children[0].children[0].places["x"] == .globalImplicit)
    }

    @Test func privateNamesAreMangled() {
        #expect(Scope.mangle("__a", class: "_B") == "_B__a")
        #expect(Scope.mangle("__a__", class: "B") == "__a__")
        #expect(Scope.mangle("_a", class: "B") == "_a")
        #expect(Scope.mangle("__a", class: "__") == "__a")
        #expect(Scope.mangle("__a.b", class: "B") == "__a.b")
    }

    @Test func namedExpressionsBindOutside() throws {
        let root = try ScopeTests.scopes("def f(): return [y := x for x in z], (w := 1)")
        #expect(root.children[0].places["y"] == .local)
        #expect(root.children[0].walrusNames == ["y", "w"])
    }
}
