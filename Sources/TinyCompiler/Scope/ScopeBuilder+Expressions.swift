// Expressions, as ScopeBuilder sees them. `visit` is called at every level of a tree that may be 2,000 levels deep:
// forms with several parts are handled by functions of their own, so that its own frame stays small.
import TinySyntax

extension ScopeBuilder {
    mutating func visit(_ expression: Expression?) throws(SyntaxDiagnostic) {
        if let expression { try visit(expression) }
    }

    mutating func visit(_ expressions: [Expression]) throws(SyntaxDiagnostic) {
        for expression in expressions { try visit(expression) }
    }

    mutating func visit(_ expression: Expression) throws(SyntaxDiagnostic) {
        try stack.check()
        switch expression.node {
        case .constant: break
        case .name(let name): try visitName(name, expression.range)
        case .joinedString(let parts): try visit(parts)
        case .formatted(let value, _, let format):
            try visit(value)
            try visit(format)
        case .attribute(let object, _): try visit(object)
        case .subscript(let object, let index):
            try visit(object)
            try visit(index)
        case .slice(let lower, let upper, let step): try visitSlice(lower, upper, step)
        case .starred(let inner): try visit(inner)
        case .call(let function, let arguments, let keywords): try visitCall(function, arguments, keywords)
        case .unary(_, let operand): try visit(operand)
        case .binary(let left, _, let right):
            try visit(left)
            try visit(right)
        case .boolean(_, let operands): try visit(operands)
        case .compare(let left, let links): try visitCompare(left, links)
        case .conditional(let test, let body, let orElse):
            try visitSlice(test, body, orElse)
        case .named(let target, let value): try visitNamed(target, value, expression.range)
        case .lambda(let parameters, let body): try visitLambda(parameters, body, expression.range)
        case .tuple(let items), .list(let items), .set(let items): try visit(items)
        case .dictionary(let items): try visitDictionary(items)
        case .listComprehension, .setComprehension, .dictionaryComprehension, .generator:
            try visitComprehension(expression)
        case .await(let value): try visitAwait(value, expression.range)
        case .yield(let value): try visitYield(value, expression.range)
        case .yieldFrom(let value): try visitYield(value, expression.range)
        }
    }

    private mutating func visitSlice(
        _ first: Expression?, _ second: Expression?, _ third: Expression?
    ) throws(SyntaxDiagnostic) {
        try visit(first)
        try visit(second)
        try visit(third)
    }

    @inline(never)
    private mutating func visitName(_ name: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try note(name, .used, range)
        if name == "super", current.isFunctionLike { try note("__class__", .used, range) }
    }

    @inline(never)
    private mutating func visitCall(
        _ function: Expression, _ arguments: [Expression], _ keywords: [Keyword]
    ) throws(SyntaxDiagnostic) {
        try visit(function)
        try visit(arguments)
        for keyword in keywords { try visit(keyword.value) }
    }

    @inline(never)
    private mutating func visitCompare(_ left: Expression, _ links: [Comparison]) throws(SyntaxDiagnostic) {
        try visit(left)
        for link in links { try visit(link.right) }
    }

    @inline(never)
    private mutating func visitDictionary(_ items: [DictionaryItem]) throws(SyntaxDiagnostic) {
        for item in items {
            try visit(item.key)
            try visit(item.value)
        }
    }

    @inline(never)
    private mutating func visitLambda(
        _ parameters: Parameters, _ body: Expression, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        try visitDefaults(parameters)
        _ = try within(.lambda, name: "lambda", range: range) { builder throws(SyntaxDiagnostic) in
            try builder.noteParameters(parameters)
            try builder.visit(body)
        }
    }

    // MARK: Targets

    /// What is assigned or deleted.
    mutating func visitTarget(_ target: Expression, deletes: Bool = false) throws(SyntaxDiagnostic) {
        try stack.check()
        switch target.node {
        case .name(let name): try visitNameTarget(name, target.range, deletes)
        case .tuple(let items), .list(let items):
            for item in items { try visitTarget(item, deletes: deletes) }
        case .starred(let inner): try visitTarget(inner, deletes: deletes)
        case .attribute(let object, let name):
            if name == "__debug__" {
                throw SyntaxDiagnostic("cannot \(deletes ? "delete" : "assign to") __debug__", at: target.range)
            }
            if !deletes { noteStaticAttribute(object, name) }
            try visit(object)
        case .constant, .joinedString, .formatted, .subscript, .slice, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            try visit(target)
        }
    }

    private mutating func visitNameTarget(
        _ name: String, _ range: SourceRange, _ deletes: Bool
    ) throws(SyntaxDiagnostic) {
        if deletes, name == "__debug__" { throw SyntaxDiagnostic("cannot delete __debug__", at: range) }
        try note(name, .local, range)
        if deletes { current.unboundNames.insert(current.mangle(name)) }
    }

    /// `self.name = …` in a method: the class is told.
    private func noteStaticAttribute(_ object: Expression, _ name: String) {
        guard case .name(let selfName) = object.node, selfName == "self" else { return }
        var scope: Scope? = current
        while let inner = scope, inner.kind != .class { scope = inner.parent }
        guard let scope, scope !== current, !scope.staticAttributes.contains(name) else { return }
        scope.staticAttributes.append(name)
    }

    @inline(never)
    private mutating func visitNamed(
        _ target: Expression, _ value: Expression, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        try requireAllowed("named expression", range)
        if iterableDepth > 0 {
            throw SyntaxDiagnostic(
                "assignment expression cannot be used in a comprehension iterable expression", at: range)
        }
        guard case .name(let name) = target.node else { return try visit(value) }
        if current.isComprehension {
            try extendNamed(name, target.range)
        } else {
            current.walrusNames.insert(current.mangle(name))
        }
        try visit(value)
        try note(name, .local, target.range)
    }

    /// `:=` in a comprehension binds in the function or module around it.
    private mutating func extendNamed(_ name: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        var scope: Scope? = current
        while let outer = scope {
            defer { scope = outer.parent }
            let uses = outer.symbols[outer.mangle(name)] ?? []
            switch outer.kind {
            case .generator, .listComprehension, .setComprehension, .dictionaryComprehension:
                if uses.contains(.iterationVariable) {
                    throw SyntaxDiagnostic(
                        "assignment expression cannot rebind comprehension iteration variable '\(name)'", at: range)
                }
            case .function, .lambda:
                try note(name, uses.contains(.global) ? .global : .nonlocal, range)
                current.directives[current.mangle(name)] = range
                outer.walrusNames.insert(outer.mangle(name))
                return try note(name, .local, range, in: outer)
            case .module:
                try note(name, .global, range)
                current.directives[current.mangle(name)] = range
                return try note(name, .global, range, in: outer)
            case .class: try refuse("in a class body", range)
            case .typeParameters: try refuse("within the definition of a generic", range)
            case .typeAlias: try refuse("in a type alias", range)
            case .typeBound: try refuse("in a TypeVar bound", range)
            case .typeDefault: try refuse("in a TypeVar default", range)
            }
        }
    }

    private func refuse(_ place: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        throw SyntaxDiagnostic(
            "assignment expression within a comprehension cannot be used \(place)", at: range)
    }

    // MARK: Comprehensions, await, yield

    @inline(never)
    private mutating func visitComprehension(_ expression: Expression) throws(SyntaxDiagnostic) {
        guard let parts = expression.comprehensionParts, let first = parts.clauses.first else { return }
        iterableDepth += 1
        try visit(first.iterable)
        iterableDepth -= 1
        let scope = try within(parts.kind, name: parts.name, range: expression.range) {
            builder throws(SyntaxDiagnostic) in
            try builder.note(".0", .parameter, expression.range)
            if first.isAsync { builder.current.isCoroutine = true }
            try builder.visitIterationTarget(first.target)
            try builder.visit(first.conditions)
            for clause in parts.clauses.dropFirst() {
                try builder.visitIterationTarget(clause.target)
                builder.iterableDepth += 1
                try builder.visit(clause.iterable)
                builder.iterableDepth -= 1
                try builder.visit(clause.conditions)
                if clause.isAsync { builder.current.isCoroutine = true }
            }
            if let value = parts.value { try builder.visit(value) }
            try builder.visit(parts.element)
        }
        let isGenerator = parts.kind == .generator
        if isGenerator { scope.isGenerator = true }
        if scope.isCoroutine, !isGenerator {
            let isInside = current.isAsync || current.isComprehension || (current.kind == .module && allowsTopLevelAwait)
            if !isInside {
                throw SyntaxDiagnostic(
                    "asynchronous comprehension outside of an asynchronous function", at: expression.range)
            }
            current.isCoroutine = true
        }
    }

    private mutating func visitIterationTarget(_ target: Expression) throws(SyntaxDiagnostic) {
        isIterationTarget = true
        try visitTarget(target)
        isIterationTarget = false
    }

    @inline(never)
    private mutating func visitAwait(_ value: Expression, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try requireAllowed("await expression", range)
        if !(allowsTopLevelAwait && current.kind == .module) {
            if !current.isFunctionLike { throw SyntaxDiagnostic("'await' outside function", at: range) }
            if !current.isAsync, !current.isComprehension {
                throw SyntaxDiagnostic("'await' outside async function", at: range)
            }
        }
        try visit(value)
        current.isCoroutine = true
    }

    @inline(never)
    private mutating func visitYield(_ value: Expression?, _ range: SourceRange) throws(SyntaxDiagnostic) {
        try requireAllowed("yield expression", range)
        try visit(value)
        current.isGenerator = true
        let place: String
        switch current.kind {
        case .listComprehension: place = "list comprehension"
        case .setComprehension: place = "set comprehension"
        case .dictionaryComprehension: place = "dict comprehension"
        case .generator: place = "generator expression"
        case .module, .class, .function, .lambda, .typeParameters, .typeBound, .typeDefault, .typeAlias: return
        }
        throw SyntaxDiagnostic("'yield' inside \(place)", at: range)
    }
}

/// The parts that the four kinds of comprehension have in common.
struct ComprehensionParts {
    let kind: Scope.Kind
    let name: String
    /// What is collected; for a dict comprehension the key.
    let element: Expression
    /// A dict comprehension's value.
    let value: Expression?
    let clauses: [ComprehensionClause]

    /// Of what is collected; of key and value.
    var elementRange: SourceRange { value.map { element.range.through($0.range) } ?? element.range }
}

extension Expression {
    /// Nil for what is no comprehension.
    var comprehensionParts: ComprehensionParts? {
        switch node {
        case .listComprehension(let element, let clauses):
            ComprehensionParts(
                kind: .listComprehension, name: "<listcomp>", element: element, value: nil, clauses: clauses)
        case .setComprehension(let element, let clauses):
            ComprehensionParts(
                kind: .setComprehension, name: "<setcomp>", element: element, value: nil, clauses: clauses)
        case .dictionaryComprehension(let key, let value, let clauses):
            ComprehensionParts(
                kind: .dictionaryComprehension, name: "<dictcomp>", element: key, value: value, clauses: clauses)
        case .generator(let element, let clauses):
            ComprehensionParts(kind: .generator, name: "<genexpr>", element: element, value: nil, clauses: clauses)
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .boolean, .compare, .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .await,
            .yield, .yieldFrom:
            nil
        }
    }
}
