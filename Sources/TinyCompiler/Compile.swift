// The entry to this floor: a tree goes in, a unit of code comes out.
import TinySyntax

/// How a text is compiled.
public struct CompileOptions: Sendable {
    /// The value of each expression statement at the top is shown (the prompt).
    public var isInteractive = false
    /// Names at the top are looked up in a namespace that may differ from the globals (`exec` with two mappings, and
    /// anything `compile` is called for); otherwise they are globals, which is faster.
    public var usesNamespace = false
    /// 1 leaves out assertions, 2 documentation strings too (`-O`, `-OO`).
    public var optimizationLevel = 0
    /// `await` is allowed at the top (the asynchronous prompt).
    public var allowsTopLevelAwait = false
    /// Features that code calling `compile` hands down.
    public var inheritedFeatures: Set<FutureFeatures.Feature> = []

    /// Statements that take the last reference from something, as a rule, are followed by `settle`: whoever wrote them may
    /// expect `__del__` to run there.
    public var settles = false

    /// Those of a file that is run without options.
    public init() {}
}

/// What comes of a compilation.
public struct Compilation: Sendable {
    /// The unit of the whole text, with all others in it.
    public let code: CodeUnit
    /// SyntaxWarnings, in the order in which they were found.
    public let warnings: [SyntaxDiagnostic]
}

/// The compiler's entries. Nothing here touches the runtime: no lock is needed.
public enum Compile {
    /// How much of the caller's native stack is used before another one is taken.
    public static let stackBudget = 96 << 10

    /// Parses and compiles a text.
    public static func text(
        _ text: [UInt8], fileName: String, mode: Parse.Mode, options: CompileOptions = CompileOptions()
    ) throws(SyntaxDiagnostic) -> Compilation {
        var options = options
        if mode == .interactive { options.isInteractive = true }
        let parsed = try Parse.parse(text, name: fileName, mode: mode)
        let warnings = parsed.warnings
        let tree = parsed.module
        _ = consume parsed
        let compilation = try module(consume tree, fileName: fileName, options: options)
        return Compilation(code: compilation.code, warnings: warnings + compilation.warnings)
    }

    /// Compiles a file, a text for `eval`, or what was typed at the prompt.
    public static func module(
        _ module: consuming Module, fileName: String, options: CompileOptions = CompileOptions()
    ) throws(SyntaxDiagnostic) -> Compilation {
        do throws(SyntaxDiagnostic) {
            return try compile(module, fileName, options, StackGuard(budget: stackBudget))
        } catch {
            guard error == StackGuard.exhausted else { throw error }
        }
        // the tree is released over there as well: that recurses, too
        var tree: Module? = consume module
        let result = LargeStack.run { () -> Result<Compilation, SyntaxDiagnostic> in
            guard let module = tree.take() else { return .failure(StackGuard.exhausted) }
            do throws(SyntaxDiagnostic) {
                return .success(try compile(module, fileName, options, StackGuard(budget: LargeStack.size * 3 / 4)))
            } catch {
                return .failure(error)
            }
        }
        guard let result else { throw StackGuard.exhausted }
        return try result.get()
    }

    private static func compile(
        _ module: Module, _ fileName: String, _ options: CompileOptions, _ stack: StackGuard
    ) throws(SyntaxDiagnostic) -> Compilation {
        var futures = FutureFeatures(inherited: options.inheritedFeatures)
        switch module {
        case .file(let body), .interactive(let body): try futures.read(body)
        case .expression: break
        }
        let scopes = try ScopeBuilder.build(
            module, futureAnnotations: futures.contains(.annotations),
            allowsTopLevelAwait: options.allowsTopLevelAwait, stack: stack)
        let context = CompileContext(
            fileName: fileName, options: options, scopes: scopes, futures: futures, stack: stack)
        let emitter = try Emitter(
            context: context, scope: scopes.root, parent: nil, name: "<module>", qualifiedName: "<module>")
        emitter.flags.formUnion(futures.flags)
        if options.allowsTopLevelAwait, scopes.root.isCoroutine { emitter.flags.insert(.coroutine) }
        let code = try emitter.compile(module)
        return Compilation(code: code, warnings: context.warnings)
    }
}

extension Emitter {
    fileprivate func compile(_ module: Module) throws(SyntaxDiagnostic) -> CodeUnit {
        range = SourceRange(line: 1, column: 0, endLine: 1, endColumn: 0)
        if flags.contains(.coroutine) { emit(.makeGenerator) }
        switch module {
        case .file(let body):
            try emitBody(body[...])
            // What an empty file does is its first line's.
            if body.isEmpty { emit(.returnConstant, bc: pool.slot(.literal(.none))) } else { emitEnd() }
        case .interactive(let body):
            if scope.hasAnnotations { emit(.setupAnnotations) }
            try emit(body)
            emitEnd()
        case .expression(let expression): try emitReturn(of: expression)
        }
        return try finish()
    }
}
