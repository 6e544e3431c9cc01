// with and async with. `__exit__` and its self are looked up first and kept in two registers; each way out copies them
// to where a call needs them. While `__exit__` runs because of an exception, that exception is being handled.
import TinySyntax

extension Emitter {
    func emitWith(
        _ items: ArraySlice<WithItem>, _ body: [Statement], _ isAsync: Bool, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        guard let item = items.first else { return try emit(body) }
        try context.stack.check()
        let mark = nextRegister
        let place = item.context.range
        let exit = try allocate(2)
        let saved = try allocate(), exception = try allocate(), second = try allocate(), result = try allocate()
        try emitEnter(item, exit, result, isAsync)
        let end = newLabel()
        let outer = currentHandler
        let protection = protect(exceptionRegister: exception)
        try open(.with(exit: exit, isAsync: isAsync, range: place), place, outerHandler: outer)
        if let target = item.target { try store(target, from: result) }
        try emitWith(items.dropFirst(), body, isAsync, range)
        // Before `__exit__` runs, which may have been waiting for what the body has dropped (a test that catches warnings).
        letGo(from: nextRegister, afterHandling: false)
        endProtection(protection)
        self.range = place
        beginStatement()
        try emitExitCall(exit, exception: nil, isAsync, place)
        closeBlock()
        jumpWithoutLine(to: end)

        self.range = place
        beginHandler(protection)
        emit(.pushHandled, a: saved, b: exception)
        let cleanup = protect(exceptionRegister: second)
        try emitExitCall(exit, exception: exception, isAsync, place, result: result)
        endProtection(cleanup)
        let suppressed = newLabel()
        emit(.popHandled, a: saved)
        emitJump(.jumpIfTrue, a: result, to: suppressed)
        emit(.reraise, a: exception)
        emitCleanup(cleanup, saved, second)
        self.place(suppressed)
        letGo(from: mark, afterHandling: true)
        self.place(end)
        nextRegister = mark
    }

    /// Looks both methods up, keeps `__exit__`, calls `__enter__`.
    private func emitEnter(_ item: WithItem, _ exit: Int, _ result: Int, _ isAsync: Bool) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let manager = try operand(item.context)
        range = item.context.range
        _ = try allocateCall()
        let enterBase = try allocate()
        append(Instruction(
            .loadSpecial, a: enterBase, b: manager,
            d: Int((isAsync ? SpecialMethod.asyncEnter : .enter).rawValue)))
        let callable = try allocateCall()
        let exitBase = try allocate()
        append(Instruction(
            .loadSpecial, a: exitBase, b: manager, d: Int((isAsync ? SpecialMethod.asyncExit : .exit).rawValue)))
        move(callable, to: exit)
        move(exitBase, to: exit + 1)
        nextRegister = enterBase + 1
        emit(.callMethod, a: result, b: enterBase, c: 0)
        if isAsync { try emitAwait(from: result, kind: 1, into: result) }
        nextRegister = mark
    }

    /// Calls `__exit__`, with what R[exception] holds or with three times None.
    func emitExitCall(
        _ exit: Int, exception: Int?, _ isAsync: Bool, _ range: SourceRange, result: Int? = nil
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let value = if let result { result } else { try allocate() }
        self.range = range
        let callable = try allocateCall()
        let base = try allocate()
        move(exit, to: callable)
        move(exit + 1, to: base)
        let arguments = try allocate(3)
        if let exception {
            emit(.loadExitArguments, a: arguments, b: exception)
        } else {
            for argument in arguments ..< arguments + 3 { loadNone(into: argument) }
        }
        emit(.callMethod, a: value, b: base, c: 3)
        if isAsync { try emitAwait(from: value, kind: 2, into: value) }
        nextRegister = mark
    }
}
