// if, while, for, break, continue.
import TinySyntax

extension Emitter {
    /// `elif` chains are as long as one likes: no recursion along them.
    @inline(never)
    func emitIf(_ statement: Statement) throws(SyntaxDiagnostic) {
        let end = newLabel()
        var current = statement
        while case .if(let test, let body, let orElse) = current.node {
            let next = newLabel()
            range = current.range
            beginStatement()
            if foldedConstant(test) != nil { stand(for: test.range) }
            try emitJump(test, if: false, to: next)
            try emit(body)
            if orElse.isEmpty {
                place(next)
                break
            }
            jumpWithoutLine(to: end)
            place(next)
            if orElse.count == 1, case .if = orElse[0].node {
                current = orElse[0]
            } else {
                try emit(orElse)
                break
            }
        }
        place(end)
    }

    @inline(never)
    func emitLoop(_ statement: Statement) throws(SyntaxDiagnostic) {
        switch statement.node {
        case .while(let test, let body, let orElse): try emitWhile(test, body, orElse, statement.range)
        case .for(let target, let iterable, let body, let orElse, false):
            try emitFor(target, iterable, body, orElse, statement.range)
        case .for(let target, let iterable, let body, let orElse, true):
            try requireAsync("async for", statement.range)
            try emitAsyncFor(target, iterable, body, orElse, statement.range)
        case .function, .class, .return, .delete, .assign, .augmentedAssign, .annotatedAssign, .typeAlias, .if, .with,
            .match, .raise, .try, .assert, .import, .importFrom, .global, .nonlocal, .expression, .pass, .break,
            .continue:
            break
        }
    }

    /// A comparison that is one instruction with its jump: such a test is worth repeating at the loop's end.
    private func isFused(_ test: Expression) -> Bool {
        guard case .compare(_, let links) = test.node, links.count == 1 else { return false }
        return links[0].op.rawValue <= ComparisonOperator.greaterEqual.rawValue
    }

    private func emitWhile(
        _ test: Expression, _ body: [Statement], _ orElse: [Statement], _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let head = newLabel(), next = newLabel(), otherwise = newLabel(), end = newLabel()
        let isInverted = isFused(test)
        if foldedConstant(test) != nil { stand(for: test.range) }
        if isInverted {
            try emitJump(test, if: false, to: otherwise)
            placeLoopHead(head)
        } else {
            placeLoopHead(head)
            try emitJump(test, if: false, to: otherwise)
        }
        try open(.loop(breakLabel: end, continueLabel: isInverted ? next : head, continuesBackwards: !isInverted, iterator: nil), range)
        try emit(body)
        closeBlock()
        if isInverted {
            self.range = test.range
            place(next)
            try emitJump(test, if: true, to: head)
        } else if foldedConstant(test) != nil {
            // the line of `while True:` is seen each time
            self.range = test.range
            emitJump(.jumpBack, to: head)
        } else {
            jumpWithoutLine(.jumpBack, to: head)
        }
        place(otherwise)
        try emit(orElse)
        place(end)
    }

    private func emitFor(
        _ target: Expression, _ iterable: Expression, _ body: [Statement], _ orElse: [Statement], _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let iterator = try allocate()
        let source = try iterableOperand(iterable)
        self.range = iterable.range
        emit(.getIterator, a: iterator, b: source)
        nextRegister = iterator + 1
        let head = newLabel(), otherwise = newLabel(), end = newLabel()
        placeLoopHead(head)
        self.range = iterable.range
        try open(
            .loop(breakLabel: end, continueLabel: head, continuesBackwards: true, iterator: iterator), range)
        beginStatement()
        try emitForIterate(target, iterator, end: otherwise)
        try emit(body)
        closeBlock()
        jumpWithoutLine(.jumpBack, to: head)
        place(otherwise)
        nextRegister = mark
        try emit(orElse)
        place(end)
    }

    /// What a loop runs over; a display of constants is a constant.
    func iterableOperand(_ iterable: Expression) throws(SyntaxDiagnostic) -> Int {
        if let constant = foldedContainer(iterable) {
            let register = try allocate()
            range = iterable.range
            loadConstant(constant, into: register)
            return register
        }
        return try operand(iterable)
    }

    /// target = the next item, or a jump to `end`.
    func emitForIterate(_ target: Expression, _ iterator: Int, end: Label) throws(SyntaxDiagnostic) {
        if case .name(let name) = target.node, let register = targetRegister(name) {
            emitJump(.forIterate, a: register, b: iterator, to: end)
            assigned.insert(register)
            return
        }
        let mark = nextRegister
        let item = try allocate()
        emitJump(.forIterate, a: item, b: iterator, to: end)
        try store(target, from: item)
        nextRegister = mark
    }

    private func emitAsyncFor(
        _ target: Expression, _ iterable: Expression, _ body: [Statement], _ orElse: [Statement], _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let iterator = try allocate()
        let source = try operand(iterable)
        self.range = iterable.range
        emit(.getAsyncIterator, a: iterator, b: source)
        nextRegister = iterator + 1
        let head = newLabel(), end = newLabel()
        placeLoopHead(head)
        try open(
            .loop(breakLabel: end, continueLabel: head, continuesBackwards: true, iterator: iterator), range)
        beginStatement()
        let protection = try emitAsyncNext(target, iterator, range)
        try emit(body)
        closeBlock()
        jumpWithoutLine(.jumpBack, to: head)
        self.range = iterable.range
        endAsyncLoop(protection)
        nextRegister = mark
        try emit(orElse)
        place(end)
    }

    // MARK: Leaving loops

    private var innermostLoop: Int? {
        blocks.lastIndex { if case .loop = $0.kind { true } else { false } }
    }

    func emitBreak(_ range: SourceRange) throws(SyntaxDiagnostic) {
        guard let depth = innermostLoop, case .loop(let end, _, _, _) = blocks[depth].kind else {
            try refuseInGroupHandler(range, downTo: 0)
            throw SyntaxDiagnostic("'break' outside loop", at: range)
        }
        try refuseInGroupHandler(range, downTo: depth)
        if leavingRunsCode { stand(for: range) }
        try leave(downTo: depth + 1, range) { jump(to: end) }
    }

    func emitContinue(_ range: SourceRange) throws(SyntaxDiagnostic) {
        guard let depth = innermostLoop, case .loop(_, let next, let isBackwards, _) = blocks[depth].kind else {
            try refuseInGroupHandler(range, downTo: 0)
            throw SyntaxDiagnostic("'continue' not properly in loop", at: range)
        }
        try refuseInGroupHandler(range, downTo: depth)
        if leavingRunsCode { stand(for: range) }
        try leave(downTo: depth + 1, range) { emitJump(isBackwards ? .jumpBack : .jump, to: next) }
    }
}
