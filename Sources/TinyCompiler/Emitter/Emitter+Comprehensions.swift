// Comprehensions. Those of lists, sets and dicts are part of the code around them; their variables have registers of
// their own, and cells of their own, made anew at each execution, where an inner function needs them. A generator
// expression is a function of one argument `.0`, the iterator of its outermost iterable.
import TinySyntax

extension Emitter {
    @inline(never)
    func emitComprehension(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard let parts = expression.comprehensionParts, let first = parts.clauses.first else { return }
        let scope = try scopeInside(parts.kind, expression.range)
        let mark = nextRegister
        if scope.isInlined {
            let result = try scratch(for: destination)
            let iterator = try emitIterator(first)
            try emitInlined(parts, scope, expression.range, result, iterator)
            range = expression.range
            move(result, to: destination)
        } else {
            try emitNested(parts, scope, first, expression.range, into: destination)
        }
        nextRegister = mark
    }

    /// The top register = the iterator of a clause.
    private func emitIterator(_ clause: ComprehensionClause) throws(SyntaxDiagnostic) -> Int {
        let iterator = try allocate()
        let source = try iterableOperand(clause.iterable)
        range = clause.iterable.range
        emit(clause.isAsync ? .getAsyncIterator : .getIterator, a: iterator, b: source)
        nextRegister = iterator + 1
        return iterator
    }

    private func emitInlined(
        _ parts: ComprehensionParts, _ scope: Scope, _ range: SourceRange, _ result: Int, _ iterator: Int
    ) throws(SyntaxDiagnostic) {
        let variables = registers.registers(of: scope)
        let ordered = variables.sorted { $0.value < $1.value }
        self.range = range
        for (name, register) in ordered {
            assigned.remove(register)
            if scope.places[name] == .cell {
                emit(.clearLocal, a: register)
                emit(.makeCell, a: register)
            }
        }
        // Where `locals()` could see them, the variables are forgotten whichever way the comprehension ends.
        let isSeen = !self.scope.isFunctionLike || ordered.contains { registers.existing($0.key) != nil }
        let exception = isSeen && !ordered.isEmpty ? try allocate() : nil
        let protection = exception.map { protect(exceptionRegister: $0) }
        inlined.append(InlinedScope(scope: scope, registers: variables))
        emitEmptyContainer(parts.kind, result)
        try emitClauses(parts, 0, iterator: iterator, result: result, range)
        inlined.removeLast()
        self.range = range
        if let protection { endProtection(protection) }
        for (_, register) in ordered {
            emit(.clearLocal, a: register)
            assigned.remove(register)
        }
        guard let protection, let exception else { return }
        let end = newLabel()
        jumpWithoutLine(to: end)
        beginHandler(protection)
        for (_, register) in ordered { emitWithoutLine(Instruction(.clearLocal, a: register)) }
        emitWithoutLine(Instruction(.reraise, a: exception))
        place(end)
    }

    private func emitEmptyContainer(_ kind: Scope.Kind, _ result: Int) {
        switch kind {
        case .listComprehension: emit(.buildList, a: result, b: result, c: 0)
        case .setComprehension: emit(.buildSet, a: result, b: result, c: 0)
        case .dictionaryComprehension: emit(.buildDictionary, a: result, b: result, c: 0)
        case .module, .class, .function, .lambda, .generator, .typeParameters, .typeBound, .typeDefault, .typeAlias:
            break
        }
    }

    /// A generator expression, or a comprehension that has to be a function.
    private func emitNested(
        _ parts: ComprehensionParts, _ scope: Scope, _ first: ComprehensionClause, _ range: SourceRange,
        into destination: Int
    ) throws(SyntaxDiagnostic) {
        let emitter = try inner(scope, name: parts.name, firstLine: Int(range.line))
        emitter.argumentCount = 1
        emitter.emitEntry()
        let result = try emitter.allocate()
        emitter.emitEmptyContainer(parts.kind, result)
        var iterator = 0
        if scope.places[".0"] == .cell {
            iterator = try emitter.allocate()
            emitter.emit(.loadCell, a: iterator, b: 0, c: try emitter.nameSlot(".0"))
        }
        try emitter.emitClauses(parts, 0, iterator: iterator, result: result, range)
        emitter.range = range
        if parts.kind == .generator {
            emitter.emit(.returnConstant, bc: emitter.pool.slot(.literal(.none)))
        } else {
            emitter.emit(.returnValue, a: result)
        }
        let callable = try allocateCall()
        let base = nextRegister
        let temporaries = nextRegister
        self.range = range
        try emitFunctionObject(try emitter.finish(), first: temporaries, parts: [], into: callable)
        nextRegister = base
        _ = try emitIterator(first)
        self.range = range
        emit(.call, a: destination, b: base, c: 1)
        nextRegister = callable
        if scope.isCoroutine, parts.kind != .generator {
            let value = try scratch(for: destination)
            try emitAwait(from: destination, kind: 0, into: value)
            move(value, to: destination)
        }
    }

    // MARK: Clauses

    /// The loops from clause `index` inwards; the outermost iterator is in R[iterator].
    func emitClauses(
        _ parts: ComprehensionParts, _ index: Int, iterator: Int, result: Int, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        guard index < parts.clauses.count else { return try emitElement(parts, result, range) }
        try context.stack.check()
        let clause = parts.clauses[index]
        let mark = nextRegister
        let iterator = index == 0 ? iterator : try emitIterator(clause)
        let head = newLabel(), next = newLabel(), end = newLabel()
        var protection: Protection?
        placeLoopHead(head)
        if clause.isAsync {
            protection = try emitAsyncNext(clause.target, iterator, range)
        } else {
            self.range = clause.iterable.range
            try emitForIterate(clause.target, iterator, end: end)
        }
        for condition in clause.conditions { try emitJump(condition, if: false, to: next) }
        try emitClauses(parts, index + 1, iterator: iterator, result: result, range)
        place(next)
        self.range = parts.elementRange
        emitJump(.jumpBack, to: head)
        self.range = range
        if let protection { endAsyncLoop(protection) }
        place(end)
        nextRegister = mark
    }

    private func emitElement(
        _ parts: ComprehensionParts, _ result: Int, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        defer { nextRegister = mark }
        let element = try operand(parts.element)
        self.range = parts.element.range
        switch parts.kind {
        case .listComprehension: emit(.listAppend, a: result, b: element)
        case .setComprehension: emit(.setAdd, a: result, b: element)
        case .dictionaryComprehension:
            guard let valueExpression = parts.value else { return }
            let value = try operand(valueExpression)
            self.range = parts.elementRange
            emit(.dictionaryInsert, a: result, b: element, c: value)
        case .generator: try emitYield(of: element, into: try allocate())
        case .module, .class, .function, .lambda, .typeParameters, .typeBound, .typeDefault, .typeAlias: break
        }
    }
}
