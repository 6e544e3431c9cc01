// Suspension: yield, yield from, await, and the loops over asynchronous iterators.
//
// `yield from` and `await` are the same loop: send what came in to the sub-iterator, yield what it gives. The
// `yieldValue` in it has D = 1 and is followed by the `jump` back to its `send`; the word behind that `send` leads to
// the end of the loop. The runtime uses this to forward `throw` and `close`.
import TinySyntax

extension Emitter {
    @inline(never)
    func emitSuspension(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        switch expression.node {
        case .yield(let value):
            try requireFunction("yield", expression.range)
            let register: Int
            if let value {
                register = try operand(value, reusing: destination)
                range = expression.range
            } else {
                register = try scratch(for: destination)
                range = expression.range
                loadNone(into: register)
            }
            try emitYield(of: register, into: destination)
        case .yieldFrom(let value):
            try requireFunction("yield from", expression.range)
            if scope.isAsync { throw SyntaxDiagnostic("'yield from' inside async function", at: expression.range) }
            let source = try operand(value)
            range = expression.range
            let delegate = try allocate()
            emit(.getDelegate, a: delegate, b: source)
            try emitDelegation(delegate, into: destination)
        case .await(let value):
            if !scope.isAsync, !scope.isComprehension, !context.options.allowsTopLevelAwait {
                throw SyntaxDiagnostic("'await' outside async function", at: expression.range)
            }
            let source = try operand(value)
            range = expression.range
            try emitAwait(from: source, kind: 0, into: destination)
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .boolean, .compare, .conditional, .named, .lambda, .tuple, .list, .set, .dictionary,
            .listComprehension, .setComprehension, .dictionaryComprehension, .generator:
            break
        }
        nextRegister = mark
    }

    private func requireFunction(_ word: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if !scope.isFunctionLike { throw SyntaxDiagnostic("'\(word)' outside function", at: range) }
    }

    /// R[destination] = what is sent for R[value].
    func emitYield(of value: Int, into destination: Int) throws(SyntaxDiagnostic) {
        if flags.contains(.asyncGenerator) {
            let mark = nextRegister
            let wrapped = try allocate()
            emit(.wrapAsyncYield, a: wrapped, b: value)
            emit(.yieldValue, a: destination, b: wrapped)
            nextRegister = mark
        } else {
            emit(.yieldValue, a: destination, b: value)
        }
    }

    /// R[destination] = the result of awaiting R[source]; `kind` is getAwaitable's D.
    func emitAwait(from source: Int, kind: Int, into destination: Int) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let delegate = try allocate()
        append(Instruction(.getAwaitable, a: delegate, b: source, d: kind))
        try emitDelegation(delegate, into: destination)
        nextRegister = mark
    }

    /// What is sent, what comes and the result stand in the destination itself if it is a temporary: nothing is left over in a
    /// second register, where it would be kept alive. A variable gets its value at the end.
    private func emitDelegation(_ delegate: Int, into destination: Int) throws(SyntaxDiagnostic) {
        let value = destination == delegate ? try allocate() : try scratch(for: destination)
        let loop = newLabel(), end = newLabel()
        loadNone(into: value)
        placeLoopHead(loop)
        emitJump(.send, a: value, b: delegate, d: 0, c: value, to: end)
        append(Instruction(.yieldValue, a: value, b: value, c: delegate, d: 1))
        jump(to: loop)
        place(end)
        if value != destination { move(value, to: destination) }
    }

    // MARK: Loops over asynchronous iterators

    /// Awaits the next item and stores it; what comes back must be given to `endAsyncLoop` after the loop's jump.
    func emitAsyncNext(_ target: Expression, _ iterator: Int, _ range: SourceRange) throws(SyntaxDiagnostic) -> Protection {
        let exception = try allocate()
        let protection = protect(exceptionRegister: exception)
        let mark = nextRegister
        let value = try allocate()
        self.range = range
        emit(.getAsyncNext, a: value, b: iterator)
        let delegate = value
        try emitDelegation(delegate, into: value)
        endProtection(protection)
        try store(target, from: value)
        nextRegister = mark
        return protection
    }

    /// The exhausted iterator leads here.
    func endAsyncLoop(_ protection: Protection) {
        beginHandler(protection)
        emit(.endAsyncFor, a: handlers[Int(protection.handler)].exceptionRegister)
    }
}
