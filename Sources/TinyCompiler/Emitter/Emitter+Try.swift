// try, except, finally, except*.
//
//     body                      protected by H
//     else
//     finally                   (a copy for the normal way out, and for each return, break and continue)
//     jump end
//     H: pushHandled            what was handled before is saved in a register
//        matchException …       the clauses; while one runs, C undoes pushHandled should it fail
//        popHandled; finally; jump end
//        popHandled; reraise    no clause matched
//     C: popHandled; reraise
import TinySyntax

extension Emitter {
    @inline(never)
    func emitTry(_ statement: Statement) throws(SyntaxDiagnostic) {
        guard case .try(let body, let handlers, let orElse, let finally, let isGroup) = statement.node else { return }
        stand(for: statement.range)
        if finally.isEmpty { return try emitExcept(body, handlers, orElse, isGroup, statement.range) }
        let mark = nextRegister
        let saved = try allocate(), exception = try allocate(), second = try allocate()
        let end = newLabel()
        let outer = currentHandler
        let protection = protect(exceptionRegister: exception)
        try open(.finally(finally), statement.range, outerHandler: outer)
        if handlers.isEmpty {
            try emit(body)
            try emit(orElse)
        } else {
            try emitExcept(body, handlers, orElse, isGroup, statement.range)
        }
        closeBlock()
        endProtection(protection)
        try emit(finally)
        jumpWithoutLine(to: end)

        beginHandler(protection)
        try withoutLine { () throws(SyntaxDiagnostic) in emit(.pushHandled, a: saved, b: exception) }
        let cleanup = protect(exceptionRegister: second)
        try open(.handled(saved: saved, reraised: exception), statement.range, outerHandler: outer)
        try emit(finally)
        closeBlock()
        endProtection(cleanup)
        emitWithoutLine(Instruction(.popHandled, a: saved))
        // Still in the line that ran last.
        emit(.reraise, a: exception, b: 1)
        emitCleanup(cleanup, saved, second)
        place(end)
        nextRegister = mark
    }

    /// C: what the handler let out leaves, and what was handled before is handled again.
    func emitCleanup(_ cleanup: Protection, _ saved: Int, _ exception: Int) {
        beginHandler(cleanup)
        emitReraise(saved, exception)
    }

    /// Where a block ends, things may have died: what a swallowed exception referred to (the frames that it came through, and what they
    /// worked on), what the body of a `with` has dropped. What is in registers from R[register] on is dead.
    func letGo(from register: Int, afterHandling: Bool) {
        if context.options.settles { emitWithoutLine(Instruction(.settle, a: register, d: afterHandling ? 3 : 0)) }
    }

    /// The exception goes on its way.
    private func emitReraise(_ saved: Int, _ exception: Int) {
        emitWithoutLine(Instruction(.popHandled, a: saved))
        emitWithoutLine(Instruction(.reraise, a: exception))
    }

    private func emitExcept(
        _ body: [Statement], _ handlers: [ExceptionHandler], _ orElse: [Statement], _ isGroup: Bool,
        _ wholeRange: SourceRange
    ) throws(SyntaxDiagnostic) {
        for handler in handlers.dropLast() where handler.type == nil {
            throw SyntaxDiagnostic("default 'except:' must be last", at: handler.range)
        }
        let mark = nextRegister
        let saved = try allocate(), exception = try allocate(), second = try allocate()
        let end = newLabel()
        let outer = currentHandler
        let protection = protect(exceptionRegister: exception)
        try open(.protected, wholeRange, outerHandler: outer)
        try emit(body)
        closeBlock()
        endProtection(protection)
        try emit(orElse)
        jumpWithoutLine(to: end)

        range = handlers.first?.range ?? range
        beginHandler(protection)
        emit(.pushHandled, a: saved, b: exception)
        let cleanup = protect(exceptionRegister: second)
        try open(.handled(saved: saved, reraised: nil), wholeRange, outerHandler: outer)
        if isGroup {
            try emitGroupHandlers(handlers, saved, exception, end)
        } else {
            for handler in handlers { try emitHandler(handler, mark, saved, exception, end) }
            endProtection(cleanup)
            // no clause matched: still in the line of the last one
            range = handlers.last?.type?.range ?? range
            emit(.popHandled, a: saved)
            emit(.reraise, a: exception, b: 1)
        }
        closeBlock()
        endProtection(cleanup)
        emitCleanup(cleanup, saved, second)
        place(end)
        nextRegister = mark
    }

    /// One clause. What is in registers from R[statement] on is the statement's, and dead at its end.
    private func emitHandler(
        _ handler: ExceptionHandler, _ statement: Int, _ saved: Int, _ exception: Int, _ end: Label
    ) throws(SyntaxDiagnostic) {
        let next = newLabel()
        let mark = nextRegister
        range = handler.range
        if let type = handler.type {
            let expected = try operand(type)
            range = handler.range
            let matches = try allocate()
            emit(.matchException, a: matches, b: exception, c: expected)
            emitJump(.jumpIfFalse, a: matches, to: next)
            nextRegister = mark
        }
        try emitNamedHandler(handler, exception)
        // the protection that the cleanup gives ends before it is done by hand
        let inner = currentHandler
        currentHandler = blocks.last?.outerHandler ?? -1
        try withoutLine { () throws(SyntaxDiagnostic) in
            emit(.popHandled, a: saved)
            letGo(from: statement, afterHandling: true)
            jump(to: end)
        }
        currentHandler = inner
        place(next)
        nextRegister = mark
    }

    /// The body of a clause; a name that it binds is unbound however it ends.
    private func emitNamedHandler(_ handler: ExceptionHandler, _ exception: Int) throws(SyntaxDiagnostic) {
        guard let name = handler.name else { return try emit(handler.body) }
        range = handler.range
        try storeName(name, from: exception)
        let third = try allocate()
        let done = newLabel()
        let protection = protect(exceptionRegister: third)
        try open(.exceptionName(name), handler.range, outerHandler: protection.outer)
        try emit(handler.body)
        closeBlock()
        endProtection(protection)
        try withoutLine { () throws(SyntaxDiagnostic) in
            try clearName(name)
            jump(to: done)
        }
        beginHandler(protection)
        try withoutLine { () throws(SyntaxDiagnostic) in
            try clearName(name)
            emit(.reraise, a: third)
        }
        place(done)
    }

    // MARK: except*

    /// Each clause takes its part of the group; what they raise and what is left over is raised at the end.
    private func emitGroupHandlers(
        _ handlers: [ExceptionHandler], _ saved: Int, _ exception: Int, _ end: Label
    ) throws(SyntaxDiagnostic) {
        let list = try allocate(), matched = try allocate(2), before = try allocate(), raised = try allocate()
        let rest = matched + 1
        emit(.buildList, a: list, b: list, c: 0)
        move(exception, to: rest)
        for handler in handlers {
            let next = newLabel()
            let mark = nextRegister
            range = handler.range
            if let type = handler.type {
                let expected = try operand(type)
                range = handler.range
                emit(.matchExceptionGroup, a: matched, b: rest, c: expected)
                nextRegister = mark
            }
            emitJump(.jumpIfNone, a: matched, to: next)
            emit(.pushHandled, a: before, b: matched)
            let protection = protect(exceptionRegister: raised)
            try open(.groupHandler(saved: before), handler.range, outerHandler: protection.outer)
            try emitNamedHandler(handler, matched)
            closeBlock()
            endProtection(protection)
            range = handler.range
            emitWithoutLine(Instruction(.popHandled, a: before))
            jumpWithoutLine(to: next)
            beginHandler(protection)
            emitWithoutLine(Instruction(.popHandled, a: before))
            emitWithoutLine(Instruction(.listAppend, a: list, b: raised))
            place(next)
            nextRegister = mark
        }
        let again = newLabel()
        emitWithoutLine(Instruction(.listAppend, a: list, b: rest))
        emitWithoutLine(Instruction(.prepareGroupReraise, a: raised, b: exception, c: list))
        currentHandler = blocks.last?.outerHandler ?? -1
        emitWithoutLine(Instruction(.popHandled, a: saved))
        emitWithoutLine(Instruction(.jumpIfNotNone, a: raised), to: again)
        jumpWithoutLine(to: end)
        place(again)
        emitWithoutLine(Instruction(.reraise, a: raised))
    }
}
