// Statements: which function knows which form, and the simple ones.
import TinySyntax

extension Emitter {
    func emit(_ statements: [Statement]) throws(SyntaxDiagnostic) {
        for statement in statements { try emit(statement) }
    }

    func emit(_ statement: Statement) throws(SyntaxDiagnostic) {
        try context.stack.check()
        range = statement.range
        if context.options.settles, asksForCollection(statement) {
            emitWithoutLine(Instruction(.settle, a: nextRegister, d: 2))
        }
        beginStatement()
        switch statement.node {
        case .function(let function): try emitFunction(function, statement.range)
        case .class(let definition): try emitClass(definition, statement.range)
        case .return(let value): try emitReturn(value, statement.range)
        case .delete(let targets): for target in targets { try emitDelete(target) }
        case .assign(let targets, let value): try emitAssign(targets, value)
        case .augmentedAssign(let target, let op, let value):
            try emitAugmented(target, op, value, statement.range)
        case .annotatedAssign(let target, let annotation, let value, let isSimple):
            try emitAnnotated(target, annotation, value, isSimple, statement.range)
        case .typeAlias(let name, _, let parameters, let value):
            try emitTypeAlias(name, parameters, value, statement.range)
        case .for, .while: try emitLoop(statement)
        case .if: try emitIf(statement)
        case .with(let items, let body, let isAsync):
            if isAsync { try requireAsync("async with", statement.range) }
            try emitWith(items[...], body, isAsync, statement.range)
        case .match(let subject, let cases): try emitMatch(subject, cases)
        case .raise(let exception, let cause): try emitRaise(exception, cause, statement.range)
        case .try: try emitTry(statement)
        case .assert(let test, let message): try emitAssert(test, message, statement.range)
        case .import(let names): for alias in names { try emitImport(alias, statement.range) }
        case .importFrom(let module, let names, let level):
            try emitImportFrom(module, names, level, statement.range)
        case .global, .nonlocal: break
        case .pass: stand(for: statement.range)
        case .expression(let expression): try emitExpressionStatement(expression, statement.range)
        case .break: try emitBreak(statement.range)
        case .continue: try emitContinue(statement.range)
        }
        if context.options.settles, let isMeant = mayEndLife(statement) {
            emitWithoutLine(Instruction(.settle, a: nextRegister, d: isMeant ? 1 : 0))
        }
    }

    /// Whether a statement is of those by which things die: `del x`, `x = None`, a call whose result nobody wants (what it left
    /// behind dies with it), and at the top also a name that gets the result of a call; nil: it is not. True if it is meant to end
    /// something that was there before.
    private func mayEndLife(_ statement: Statement) -> Bool? {
        switch statement.node {
        case .delete: return true
        case .assign(_, let value):
            if case .constant(.none) = value.node { return true }
            guard scope.kind == .module, case .call = value.node else { return nil }
            return true
        case .expression(let expression):
            guard case .call(let callee, _, _) = expression.node else { return nil }
            if case .name = callee.node { return false }
            guard scope.kind == .module else { return nil }
            if case .attribute(_, let name) = callee.node { return Emitter.removing.contains(name) }
            return false
        case .function, .class, .return, .augmentedAssign, .annotatedAssign, .typeAlias, .for, .while, .if, .with, .match, .raise,
            .try, .assert, .import, .importFrom, .global, .nonlocal, .pass, .break, .continue:
            return nil
        }
    }

    /// Whether a statement is `gc.collect()` or a call of something that is named after it: what earlier statements left over in
    /// registers is cleared first, since whoever asks will look for what has died.
    private func asksForCollection(_ statement: Statement) -> Bool {
        guard case .expression(let expression) = statement.node, case .call(let callee, _, _) = expression.node else { return false }
        switch callee.node {
        case .name(let name), .attribute(_, let name): return name.contains("collect")
        case .constant, .joinedString, .formatted, .subscript, .slice, .starred, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            return false
        }
    }

    /// Methods of containers that take something out.
    private static let removing: Set<String> = ["clear", "discard", "pop", "popitem", "popleft", "remove"]

    private func emitExpressionStatement(_ expression: Expression, _ range: SourceRange) throws(SyntaxDiagnostic) {
        guard context.options.isInteractive, scope.kind == .module else {
            let count = items.count
            try emitDiscarded(expression)
            if items.count == count { stand(for: range) }
            return
        }
        let mark = nextRegister
        let value = try operand(expression)
        self.range = range
        let result = try allocate()
        append(Instruction(.intrinsic, a: result, b: value, c: value, d: Int(Intrinsic.display.rawValue)))
        nextRegister = mark
    }

    private func emitReturn(_ value: Expression?, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if !scope.isFunctionLike { throw SyntaxDiagnostic("'return' outside function", at: range) }
        if value != nil, flags.contains(.asyncGenerator) {
            throw SyntaxDiagnostic("'return' with value in async generator", at: range)
        }
        try refuseInGroupHandler(range, downTo: 0)
        let mark = nextRegister
        defer { nextRegister = mark }
        let constant = value.map { foldedConstant($0) } ?? .literal(.none)
        if let constant {
            if leavingRunsCode { stand(for: range) }
            return try leave(downTo: 0, range) { emit(.returnConstant, bc: pool.slot(constant)) }
        }
        guard let value else { return }
        var register = try operand(value)
        if isLocal(register), leavingRunsCode {
            let copy = try allocate()
            move(register, to: copy)
            register = copy
        }
        try leave(downTo: 0, range) { emit(.returnValue, a: register) }
    }

    private func emitRaise(
        _ exception: Expression?, _ cause: Expression?, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let value = try exception.map { expression throws(SyntaxDiagnostic) in try operand(expression) }
        let origin = try cause.map { expression throws(SyntaxDiagnostic) in try operand(expression) }
        self.range = range
        emit(.raise, a: value ?? 0, b: origin ?? 0, d: value == nil ? 0 : origin == nil ? 1 : 2)
        nextRegister = mark
    }

    private func emitAssert(
        _ test: Expression, _ message: Expression?, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        if case .tuple(let items) = test.node, !items.isEmpty {
            context.warn("assertion is always true, perhaps remove parentheses?", at: range)
        }
        if context.options.optimizationLevel > 0 { return }
        let end = newLabel()
        let mark = nextRegister
        // `not a is b` is `a is not b`, and stands where that does.
        var failing = test.range
        if case .unary(.not, let inner) = test.node, let inverse = inner.invertedTest { failing = inverse.range }
        try emitJump(test, if: true, to: end)
        let callable = try allocateCall()
        let base = nextRegister
        self.range = range
        emit(.loadAssertionError, a: callable)
        if let message {
            try emit(message, into: try allocate())
            self.range = range
            nextRegister = base + 1
            let result = try allocate()
            emit(.call, a: result, b: base, c: 1)
            self.range = failing
            append(Instruction(.raise, a: result, d: 1))
        } else {
            self.range = failing
            append(Instruction(.raise, a: callable, d: 1))
        }
        place(end)
        nextRegister = mark
    }

    func requireAsync(_ what: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if !scope.isAsync, !(scope.kind == .module && context.options.allowsTopLevelAwait) {
            throw SyntaxDiagnostic("'\(what)' outside async function", at: range)
        }
    }
}
