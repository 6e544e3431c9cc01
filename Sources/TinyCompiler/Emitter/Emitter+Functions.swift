// Functions and lambdas: the unit of code, and the function object that is made of it.
//
// In the unit, parameters are the first registers. It begins with `makeGenerator` if calling it makes a generator or
// coroutine, then turns the parameters and locals that inner functions need into cells.
import TinySyntax

extension Emitter {
    // MARK: Units

    /// An emitter for a scope inside this unit.
    func inner(_ scope: Scope, name: String, firstLine: Int) throws(SyntaxDiagnostic) -> Emitter {
        let emitter = try Emitter(
            context: context, scope: scope, parent: self, name: name, qualifiedName: qualifiedName(of: name, scope))
        emitter.firstLine = firstLine
        emitter.depth = depth + 1
        if emitter.depth > Emitter.deepestNesting {
            throw SyntaxDiagnostic("too many nested functions", at: scope.range, kind: .memoryOrRecursion)
        }
        emitter.range = scope.range
        emitter.flags.formUnion(context.futures.flags)
        if scope.isNested, scope.isFunctionLike { emitter.flags.insert(.nested) }
        if scope.isFunctionLike { emitter.flags.formUnion([.optimized, .newLocals]) }
        if scope.isGenerator {
            emitter.flags.insert(scope.isCoroutine ? .asyncGenerator : .generator)
        } else if scope.isCoroutine, scope.isFunctionLike {
            emitter.flags.insert(.coroutine)
        }
        return emitter
    }

    private func qualifiedName(of name: String, _ inner: Scope) -> String {
        // the hidden function around a generic definition is not part of the name
        let outer = scope.kind == .typeParameters ? parent ?? self : self
        if outer.scope.kind == .module { return name }
        if inner.kind == .function || inner.kind == .class,
            outer.scope.places[outer.scope.mangle(name)] == .globalExplicit {
            return name
        }
        return outer.qualifiedName + (outer.scope.isFunctionLike ? ".<locals>." : ".") + name
    }

    /// What every function-like unit begins with.
    func emitEntry() {
        if !flags.isDisjoint(with: [.generator, .coroutine, .asyncGenerator]) { emit(.makeGenerator) }
        let cells = registers.cells.prefix(registers.ownCellCount)
        for cell in cells { emit(.makeCell, a: cell) }
        let isVariadic = (flags.contains(.variadic) ? 1 : 0) + (flags.contains(.variadicKeywords) ? 1 : 0)
        for register in 0 ..< argumentCount + keywordOnlyCount + isVariadic where !cells.contains(register) {
            assigned.insert(register)
        }
    }

    func takeParameters(_ parameters: Parameters) {
        positionalOnlyCount = parameters.positionalOnly.count
        argumentCount = positionalOnlyCount + parameters.positional.count
        keywordOnlyCount = parameters.keywordOnly.count
        if parameters.variadic != nil { flags.insert(.variadic) }
        if parameters.variadicKeywords != nil { flags.insert(.variadicKeywords) }
    }

    func scopeInside(_ kind: Scope.Kind, _ range: SourceRange) throws(SyntaxDiagnostic) -> Scope {
        guard let scope = context.scopes.scope(kind, range) else {
            throw SyntaxDiagnostic("the tree has a definition that its scopes don't know", at: range)
        }
        return scope
    }

    // MARK: Function objects

    /// R[destination] = a function of `code`; the parts before the closure lie in the top registers, from `first`.
    func emitFunctionObject(
        _ code: CodeUnit, first: Int, parts: FunctionParts, into destination: Int
    ) throws(SyntaxDiagnostic) {
        var parts = parts
        if !code.freeNames.isEmpty {
            let closure = try allocate()
            let mark = nextRegister
            for name in code.freeNames { loadCellItself(name, into: try allocate()) }
            emit(.buildTuple, a: closure, b: mark, c: code.freeNames.count)
            nextRegister = mark
            parts.insert(.closure)
        }
        let slot = try smallSlot(pool.slot(.code(code)))
        emit(.makeFunction, a: destination, b: slot, c: parts.isEmpty ? destination : first, d: Int(parts.rawValue))
    }

    /// Evaluates default values into the top registers, and says which there are.
    func emitDefaults(_ parameters: Parameters, _ range: SourceRange) throws(SyntaxDiagnostic) -> FunctionParts {
        var parts: FunctionParts = []
        let defaults = (parameters.positionalOnly + parameters.positional).compactMap(\.defaultValue)
        if !defaults.isEmpty {
            let register = try allocate()
            let mark = nextRegister
            if let constants = foldedItems(defaults) {
                self.range = range
                loadConstant(.tuple(constants), into: register)
            } else {
                for value in defaults { try emit(value, into: try allocate()) }
                self.range = range
                emit(.buildTuple, a: register, b: mark, c: defaults.count)
            }
            nextRegister = mark
            parts.insert(.defaults)
        }
        let named = parameters.keywordOnly.filter { $0.defaultValue != nil }
        if !named.isEmpty {
            let register = try allocate()
            let mark = nextRegister
            for parameter in named {
                loadString(mangle(parameter.name), into: try allocate())
                if let value = parameter.defaultValue { try emit(value, into: try allocate()) }
            }
            self.range = range
            emit(.buildDictionary, a: register, b: mark, c: named.count)
            nextRegister = mark
            parts.insert(.keywordDefaults)
        }
        return parts
    }

    /// Evaluates annotations into a dict in the top register, if there are any.
    private func emitAnnotations(_ function: FunctionDefinition, _ range: SourceRange) throws(SyntaxDiagnostic) -> Bool {
        let parameters = function.parameters
        let ordered = parameters.positionalOnly + parameters.positional + [parameters.variadic].compactMap { $0 }
            + parameters.keywordOnly + [parameters.variadicKeywords].compactMap { $0 }
        var entries: [(name: String, annotation: Expression, isStarred: Bool)] = []
        for parameter in ordered {
            if let annotation = parameter.annotation { entries.append((mangle(parameter.name), annotation, false)) }
        }
        if let returns = function.returns { entries.append(("return", returns, false)) }
        if entries.isEmpty { return false }
        let register = try allocate()
        let mark = nextRegister
        for entry in entries {
            self.range = entry.annotation.range
            loadString(entry.name, into: try allocate())
            try emitAnnotation(entry.annotation, into: try allocate())
        }
        self.range = range
        emit(.buildDictionary, a: register, b: mark, c: entries.count)
        nextRegister = mark
        return true
    }

    /// R[destination] = the value of an annotation, or its text under `from __future__ import annotations`.
    func emitAnnotation(_ annotation: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        if context.futures.contains(.annotations) {
            range = annotation.range
            return loadString(try TreeUnparser.text(of: annotation, stack: context.stack), into: destination)
        }
        if case .starred(let inner) = annotation.node {
            // `*args: *Ts` is the one item of what Ts unpacks to
            let mark = nextRegister
            let source = try operand(inner)
            range = annotation.range
            emit(.unpack, a: destination, b: source, c: 1)
            nextRegister = mark
            return
        }
        try emit(annotation, into: destination)
    }

    // MARK: Definitions

    @inline(never)
    func emitFunction(_ function: FunctionDefinition, _ range: SourceRange) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        try emitDecorated(function.decorators, name: function.name, range) { emitter, destination throws(SyntaxDiagnostic) in
            let firstLine = Int(function.decorators.first?.range.line ?? range.line)
            emitter.range = range
            if function.typeParameters.isEmpty {
                let first = emitter.nextRegister
                let parts = try emitter.emitDefaults(function.parameters, range)
                try emitter.emitPlainFunction(function, range, firstLine, first, parts, into: destination)
            } else {
                try emitter.emitGenericFunction(function, range, firstLine, into: destination)
            }
        }
        nextRegister = mark
    }

    /// Defaults are in the top registers; adds annotations and the closure and makes the function.
    func emitPlainFunction(
        _ function: FunctionDefinition, _ range: SourceRange, _ firstLine: Int, _ first: Int, _ parts: FunctionParts,
        into destination: Int
    ) throws(SyntaxDiagnostic) {
        var parts = parts
        if try emitAnnotations(function, range) { parts.insert(.annotations) }
        let code = try compileFunction(function, range, firstLine)
        self.range = range
        try emitFunctionObject(code, first: first, parts: parts, into: destination)
    }

    private func compileFunction(
        _ function: FunctionDefinition, _ range: SourceRange, _ firstLine: Int
    ) throws(SyntaxDiagnostic) -> CodeUnit {
        let emitter = try inner(try scopeInside(.function, range), name: function.name, firstLine: firstLine)
        emitter.takeParameters(function.parameters)
        var body = function.body[...]
        if let text = body.docstring, context.options.optimizationLevel < 2 {
            emitter.flags.insert(.hasDocstring)
            _ = emitter.pool.slot(.literal(.string(Docstring.cleaned(text))))
        }
        if body.docstring != nil { body = body.dropFirst() }
        emitter.emitEntry()
        try emitter.emit(Array(body))
        emitter.emitEnd()
        return try emitter.finish()
    }

    /// Decorators are called from the innermost out: the layout is that of nested calls.
    func emitDecorated(
        _ decorators: [Expression], name: String, _ range: SourceRange,
        _ define: (Emitter, Int) throws(SyntaxDiagnostic) -> Void
    ) throws(SyntaxDiagnostic) {
        if decorators.isEmpty, let register = targetRegister(name) {
            try define(self, register)
            return assigned.insert(register)
        }
        var callables: [Int] = []
        for decorator in decorators {
            let callable = try allocate(CallLayout.headerWords + 1)
            nextRegister = callable + 1
            try emit(decorator, into: callable)
            nextRegister = callable + CallLayout.headerWords + 1
            callables.append(callable)
        }
        let value = if let last = callables.last { last + CallLayout.headerWords } else { try allocate() }
        try define(self, value)
        var result = value
        for (index, callable) in callables.enumerated().reversed() {
            self.range = decorators[index].range
            let base = callable + CallLayout.headerWords
            let destination = index > 0 ? callables[index - 1] + CallLayout.headerWords : base
            emit(.call, a: destination, b: base, c: 1)
            result = destination
        }
        self.range = range
        try storeName(name, from: result)
    }

    @inline(never)
    func emitLambda(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .lambda(let parameters, let body) = expression.node else { return }
        let mark = nextRegister
        let parts = try emitDefaults(parameters, expression.range)
        let emitter = try inner(
            try scopeInside(.lambda, expression.range), name: "<lambda>", firstLine: Int(expression.range.line))
        emitter.takeParameters(parameters)
        emitter.emitEntry()
        try emitter.emitReturn(of: body)
        range = expression.range
        try emitFunctionObject(try emitter.finish(), first: mark, parts: parts, into: destination)
        nextRegister = mark
    }

    /// Returns the value of an expression; no blocks are open.
    func emitReturn(of value: Expression, blamed place: SourceRange? = nil) throws(SyntaxDiagnostic) {
        if let constant = foldedConstant(value) {
            range = place ?? value.range
            return emit(.returnConstant, bc: pool.slot(constant))
        }
        let register = try operand(value)
        range = place ?? value.range
        emit(.returnValue, a: register)
    }
}
