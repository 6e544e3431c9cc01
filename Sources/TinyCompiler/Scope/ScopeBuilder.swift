// The first pass over a tree: which blocks there are, and what each does with its names. Raises the errors that
// depend on one block only, with CPython's wording; those that need the blocks around are ScopeAnalysis's.
import TinySyntax

struct ScopeBuilder {
    var table: ScopeTable
    var current: Scope
    let futureAnnotations: Bool
    let allowsTopLevelAwait: Bool
    let stack: StackGuard
    /// Depths of: a comprehension's iterable (where `:=` is not allowed), its target, an annotation.
    var iterableDepth = 0
    var isIterationTarget = false
    /// What `yield`, `await` and `:=` are said not to be allowed in, if any.
    var forbiddenPlace: String?

    init(range: SourceRange, futureAnnotations: Bool, allowsTopLevelAwait: Bool, stack: StackGuard) {
        self.stack = stack
        let root = Scope(kind: .module, name: "top", range: range, parent: nil)
        table = ScopeTable(root: root)
        current = root
        self.futureAnnotations = futureAnnotations
        self.allowsTopLevelAwait = allowsTopLevelAwait
    }

    static func build(
        _ module: Module, futureAnnotations: Bool, allowsTopLevelAwait: Bool, stack: StackGuard
    ) throws(SyntaxDiagnostic) -> ScopeTable {
        var builder = ScopeBuilder(
            range: .none, futureAnnotations: futureAnnotations, allowsTopLevelAwait: allowsTopLevelAwait, stack: stack)
        switch module {
        case .file(let body), .interactive(let body): try builder.visit(body)
        case .expression(let expression): try builder.visit(expression)
        }
        try ScopeAnalysis.analyze(builder.table.root, stack: stack)
        return builder.table
    }

    // MARK: Blocks

    /// Visits the inside of a new block.
    mutating func within(
        _ kind: Scope.Kind, name: String, range: SourceRange,
        _ body: (inout ScopeBuilder) throws(SyntaxDiagnostic) -> Void
    ) throws(SyntaxDiagnostic) -> Scope {
        let outer = current
        let outerDepth = iterableDepth, outerTarget = isIterationTarget, outerForbidden = forbiddenPlace
        let scope = Scope(kind: kind, name: name, range: range, parent: outer)
        outer.children.append(scope)
        table.insert(scope)
        current = scope
        // a comprehension or lambda inside an iterable is still inside of it
        iterableDepth = scope.isComprehension || kind == .lambda ? outerDepth : 0
        isIterationTarget = false
        forbiddenPlace = nil
        try body(&self)
        current = outer
        iterableDepth = outerDepth
        isIterationTarget = outerTarget
        forbiddenPlace = outerForbidden
        return scope
    }

    // MARK: Names

    /// Notes what the current block does with a name.
    mutating func note(_ name: String, _ use: SymbolUse, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try note(name, use, range, in: current)
    }

    mutating func note(
        _ name: String, _ use: SymbolUse, _ range: SourceRange, in scope: Scope
    ) throws(SyntaxDiagnostic) {
        let mangled = scope === current ? current.mangle(name) : scope.mangle(name)
        var all = scope.symbols[mangled] ?? []
        if name == "__debug__", !use.isDisjoint(with: .bound) {
            throw SyntaxDiagnostic("cannot assign to __debug__", at: range)
        }
        if use.contains(.parameter) {
            if all.contains(.parameter) {
                throw SyntaxDiagnostic("duplicate argument '\(name)' in function definition", at: range)
            }
            scope.parameters.append(mangled)
        }
        if use.contains(.typeParameter), all.contains(.typeParameter) {
            throw SyntaxDiagnostic("duplicate type parameter '\(name)'", at: range)
        }
        if scope.symbols[mangled] == nil { scope.order.append(mangled) }
        all.formUnion(use)
        if isIterationTarget, use.contains(.local), scope === current, scope.isComprehension {
            if !all.isDisjoint(with: [.global, .nonlocal]) {
                throw SyntaxDiagnostic(
                    "comprehension inner loop cannot rebind assignment expression target '\(name)'", at: range)
            }
            all.formUnion(.iterationVariable)
        }
        scope.symbols[mangled] = all
        if use.contains(.global), scope.kind != .module {
            // the module must know that someone assigns the name
            let root = table.root
            if root.symbols[mangled] == nil { root.order.append(mangled) }
            root.symbols[mangled, default: []].formUnion(.global)
        }
    }

    func uses(of name: String) -> SymbolUse { current.symbols[current.mangle(name)] ?? [] }

    func requireAllowed(_ what: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if let forbiddenPlace {
            throw SyntaxDiagnostic("\(what) cannot be used within \(forbiddenPlace)", at: range)
        }
    }

    // MARK: Functions

    mutating func visitDefaults(_ parameters: Parameters) throws(SyntaxDiagnostic) {
        for parameter in parameters.positionalOnly { try visit(parameter.defaultValue) }
        for parameter in parameters.positional { try visit(parameter.defaultValue) }
        for parameter in parameters.keywordOnly { try visit(parameter.defaultValue) }
    }

    mutating func noteParameters(_ parameters: Parameters) throws(SyntaxDiagnostic) {
        for parameter in parameters.inOrder { try note(parameter.name, .parameter, parameter.range) }
    }

    mutating func visitAnnotation(_ annotation: Expression?) throws(SyntaxDiagnostic) {
        guard let annotation else { return }
        let outer = forbiddenPlace
        if futureAnnotations {
            // it becomes text: its names count for nothing, its errors do
            forbiddenPlace = "an annotation"
            _ = try withinDetached { builder throws(SyntaxDiagnostic) in try builder.visit(annotation) }
        } else {
            try visit(annotation)
        }
        forbiddenPlace = outer
    }

    /// Visits a part whose blocks are thrown away.
    private mutating func withinDetached(
        _ body: (inout ScopeBuilder) throws(SyntaxDiagnostic) -> Void
    ) throws(SyntaxDiagnostic) {
        let outer = current, savedTable = table
        current = Scope(kind: .lambda, name: "_annotation", range: .none, parent: outer)
        try body(&self)
        current = outer
        table = savedTable
    }

    mutating func visitFunction(_ function: FunctionDefinition, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try note(function.name, .local, range)
        try visitDefaults(function.parameters)
        for decorator in function.decorators { try visit(decorator) }
        guard !function.typeParameters.isEmpty else { return try visitFunctionBody(function, range) }
        _ = try within(.typeParameters, name: function.name, range: range) { builder throws(SyntaxDiagnostic) in
            try builder.enterTypeParameters(function.typeParameters)
            let all = function.parameters
            if (all.positionalOnly + all.positional).contains(where: { $0.defaultValue != nil }) {
                try builder.note(".defaults", .parameter, range)
            }
            if all.keywordOnly.contains(where: { $0.defaultValue != nil }) {
                try builder.note(".kwdefaults", .parameter, range)
            }
            try builder.visitFunctionBody(function, range)
        }
    }

    private mutating func visitFunctionBody(
        _ function: FunctionDefinition, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        for parameter in function.parameters.inOrder { try visitAnnotation(parameter.annotation) }
        try visitAnnotation(function.returns)
        _ = try within(.function, name: function.name, range: range) { builder throws(SyntaxDiagnostic) in
            builder.current.isAsync = function.isAsync
            builder.current.isCoroutine = function.isAsync
            try builder.noteParameters(function.parameters)
            try builder.visit(function.body)
        }
    }

    mutating func visitClass(_ definition: ClassDefinition, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try note(definition.name, .local, range)
        for decorator in definition.decorators { try visit(decorator) }
        guard !definition.typeParameters.isEmpty else { return try visitClassBody(definition, range) }
        _ = try within(.typeParameters, name: definition.name, range: range) { builder throws(SyntaxDiagnostic) in
            builder.current.privateName = definition.name
            builder.current.mangledNames = Set(definition.typeParameters.map(\.name))
            try builder.note(".type_params", .local, range)
            try builder.note(".type_params", .used, range)
            try builder.note(".generic_base", .local, range)
            try builder.note(".generic_base", .used, range)
            try builder.enterTypeParameters(definition.typeParameters)
            try builder.visitClassBody(definition, range)
        }
    }

    private mutating func visitClassBody(
        _ definition: ClassDefinition, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        for base in definition.bases { try visit(base) }
        for keyword in definition.keywords { try visit(keyword.value) }
        _ = try within(.class, name: definition.name, range: range) { builder throws(SyntaxDiagnostic) in
            builder.current.privateName = definition.name
            builder.current.mangledNames = nil
            if !definition.typeParameters.isEmpty {
                try builder.note("__type_params__", .local, range)
                try builder.note(".type_params", .used, range)
            }
            try builder.visit(definition.body)
        }
    }

    // MARK: Type parameters

    mutating func enterTypeParameters(_ parameters: [TypeParameter]) throws(SyntaxDiagnostic) {
        if let outer = current.parent, outer.kind == .class || outer.seesClassScope {
            current.seesClassScope = true
            try note("__classdict__", .used, current.range)
        }
        forbiddenPlace = "the definition of a generic"
        var needsDefault = false
        for parameter in parameters {
            try note(parameter.name, [.typeParameter, .local], parameter.range)
            if let bound = parameter.bound {
                var place = "a TypeVar bound"
                if case .tuple = bound.node { place = "a TypeVar constraint" }
                try visitLazily(bound, .typeBound, name: parameter.name, range: parameter.range, place: place)
            }
            if let value = parameter.defaultValue {
                needsDefault = true
                let place = switch parameter.form {
                case .typeVariable: "a TypeVar default"
                case .typeVariableTuple: "a TypeVarTuple default"
                case .parameterSpecification: "a ParamSpec default"
                }
                try visitLazily(value, .typeDefault, name: parameter.name, range: parameter.range, place: place)
            } else if needsDefault {
                throw SyntaxDiagnostic(
                    "non-default type parameter '\(parameter.name)' follows default type parameter",
                    at: parameter.range)
            }
        }
    }

    /// An expression that becomes a function of its own.
    mutating func visitLazily(
        _ expression: Expression, _ kind: Scope.Kind, name: String, range: SourceRange, place: String
    ) throws(SyntaxDiagnostic) {
        let seesClass = current.kind == .class || current.seesClassScope
        _ = try within(kind, name: name, range: range) { builder throws(SyntaxDiagnostic) in
            if seesClass {
                builder.current.seesClassScope = true
                try builder.note("__classdict__", .used, range)
            }
            builder.forbiddenPlace = place
            try builder.visit(expression)
        }
    }

    mutating func visitTypeAlias(
        _ name: String, _ nameRange: SourceRange, _ parameters: [TypeParameter], _ value: Expression,
        _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        try note(name, .local, nameRange)
        guard !parameters.isEmpty else {
            return try visitLazily(value, .typeAlias, name: name, range: range, place: "a type alias")
        }
        _ = try within(.typeParameters, name: name, range: range) { builder throws(SyntaxDiagnostic) in
            try builder.enterTypeParameters(parameters)
            try builder.visitLazily(value, .typeAlias, name: name, range: range, place: "a type alias")
        }
    }
}

extension Parameters {
    /// All parameters in the order of the callee's registers.
    var inOrder: [Parameter] {
        positionalOnly + positional + keywordOnly + [variadic, variadicKeywords].compactMap { $0 }
    }
}
