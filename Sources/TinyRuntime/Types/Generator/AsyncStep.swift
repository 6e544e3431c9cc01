// The awaitables of an asynchronous generator's steps: `__anext__` and `asend`, `athrow` and `aclose`.
//
// A step runs the generator's frame until that yields a wrapped value (AsyncYield), which ends the step, or awaits
// something, which goes on to whoever drives the awaiting coroutine. Only one step of a generator is under way at a time.

final class AsyncStep: TracedObject {
    enum Action {
        case send(Value)
        case throwing(Value)
        case close
    }
    private enum Phase { case fresh, running, done }
    let generator: Value
    private let action: Action
    private var phase = Phase.fresh

    private init(_ generator: Value, _ action: Action) {
        self.generator = generator
        self.action = action
    }

    func trace(_ marker: inout Marker) {
        marker.mark(generator)
        switch action {
        case .send(let value), .throwing(let value): marker.mark(value)
        case .close: break
        }
    }

    static func make(_ generator: Value, _ action: Action) throws(Raised) -> Value {
        try AsyncHooks.announce(generator)
        if case .send = action { return BoxedObject.make(AsyncStep(generator, action), sendClass) }
        return BoxedObject.make(AsyncStep(generator, action), throwClass)
    }

    nonisolated(unsafe) private static let sendClass = ClassObject.makeNative(
        "async_generator_asend", kind: .box, bases: [Runtime.objectClass], flags: .hasDel
    ).filled(NativeClass("async_generator_asend", kind: .box, methods: methods))

    nonisolated(unsafe) private static let throwClass = ClassObject.makeNative(
        "async_generator_athrow", kind: .box, bases: [Runtime.objectClass], flags: .hasDel
    ).filled(NativeClass("async_generator_athrow", kind: .box, methods: methods))

    private static func step(_ value: Value) throws(Raised) -> AsyncStep {
        guard let step = value.boxed(AsyncStep.self) else { throw typeError("not a step of an asynchronous generator") }
        return step
    }

    private static let methods: [Native] = [
        Native("__await__(self, /)", "Return an iterator to be used in await expression.") { args throws(Raised) in args[0] },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in args[0] },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in try step(args[0]).send(.none) },
        Native("send(self, arg, /)", "") { args throws(Raised) in try step(args[0]).send(args[1]) },
        Native("throw(self, typ, val=?, tb=?, /)", "") { args throws(Raised) in
            try step(args[0]).throwing(try GeneratorObject.exceptionFor(args[1], args[2], args[3]))
        },
        Native("close(self, /)", "") { args throws(Raised) in
            try step(args[0]).close()
            return .none
        },
        Native("__del__(self, /)", "") { args throws(Raised) in
            try step(args[0]).warnIfUnawaited()
            return .none
        },
    ]

    /// Of `aclose` and the others, by the name of its method.
    private var methodName: String {
        switch action {
        case .send: "asend"
        case .throwing: "athrow"
        case .close: "aclose"
        }
    }

    private func warnIfUnawaited() throws(Raised) {
        guard phase == .fresh else { return }
        phase = .done
        let name = try str(target.pointee.qualifiedName).string
        try warn(.runtimeWarning, "coroutine method '\(methodName)' of '\(name)' was never awaited")
    }

    private var target: GeneratorRef { generator.object(GeneratorObject.self) }

    private var isClosing: Bool {
        if case .close = action { return true }
        return false
    }

    /// Header detail of a generator that has been closed: no further step starts.
    private static let closed: UInt8 = 1

    // MARK: Steps without an object

    /// Takes an asynchronous generator for a step that the loop makes. False: another step is under way, or there is
    /// nothing to step; an object is to tell.
    static func beginInLoop(_ generator: Value) throws(Raised) -> Bool {
        let target = generator.object(GeneratorObject.self)
        guard target.pointee.header.shape == GeneratorObject.asyncGeneratorShape, !target.pointee.asyncRunning.isTrue,
            target.pointee.state == .created || target.pointee.state == .suspended
        else { return false }
        try AsyncHooks.announce(generator)
        target.pointee.asyncRunning = .true
        return true
    }

    /// A step that the loop made is over.
    static func leave(_ target: GeneratorRef, isClosed: Bool) {
        target.pointee.asyncRunning = .false
        if isClosed { target.pointee.header.detail = closed }
    }

    /// The step that the loop is making of an asynchronous generator; nil for other generators.
    static func underWay(_ generator: Value) -> AsyncStep? {
        guard generator.header.pointee.shape == GeneratorObject.asyncGeneratorShape else { return nil }
        let step = AsyncStep(generator, .send(.none))
        step.phase = .running
        return step
    }

    /// What a generator delegates to, as a script sees it.
    static func shown(_ delegate: Value) -> Value {
        guard delegate.isKind(.generator), let step = underWay(delegate) else { return delegate }
        return BoxedObject.make(step, sendClass)
    }

    // MARK: Steps

    func send(_ value: Value) throws(Raised) -> Value {
        try checkReuse()
        guard phase == .fresh else { return try settle { () throws(Raised) in try resumeFromNative(target, value) } }
        if case .send(let first) = action {
            try begin()
            return try settle { () throws(Raised) in try resumeFromNative(target, value.isNone ? first : value) }
        }
        if target.pointee.state == .finished {
            phase = .done
            throw raise(.stopIteration)
        }
        try begin()
        if target.pointee.header.detail == AsyncStep.closed {
            phase = .done
            target.pointee.asyncRunning = .false
            throw raise(.stopAsyncIteration)
        }
        guard value.isNone else {
            phase = .fresh
            target.pointee.asyncRunning = .false
            throw raise(.runtimeError, "can't send non-None value to a just-started coroutine")
        }
        if case .throwing(let exception) = action {
            return try settle { () throws(Raised) in
                try GeneratorObject.throwOrDelegate(target, try GeneratorObject.exceptionFor(exception, .absent, .absent))
            }
        }
        target.pointee.header.detail = AsyncStep.closed
        let exit = ExceptionObject.make(ExceptionName.generatorExit.cls, Tuple.make())
        return try settle { () throws(Raised) in try GeneratorObject.throwOrDelegate(target, exit) }
    }

    func throwing(_ exception: ExceptionRef) throws(Raised) -> Value {
        try checkReuse()
        if phase == .fresh { try begin() }
        return try settle { () throws(Raised) in try GeneratorObject.throwOrDelegate(target, exception) }
    }

    func close() throws(Raised) {
        guard phase != .done else { return }
        let t = currentThread()
        do {
            _ = try throwing(ExceptionObject.make(ExceptionName.generatorExit.cls, Tuple.make()))
        } catch {
            guard t.raisedIs(.stopIteration) || t.raisedIs(.stopAsyncIteration) || t.raisedIs(.generatorExit) else { throw error }
            _ = t.takeRaised()
            return
        }
        throw raise(.runtimeError, "coroutine ignored GeneratorExit")
    }

    private func checkReuse() throws(Raised) {
        guard phase == .done else { return }
        if case .send = action { throw raise(.runtimeError, "cannot reuse already awaited __anext__()/asend()") }
        throw raise(.runtimeError, "cannot reuse already awaited aclose()/athrow()")
    }

    /// Takes the generator for this step.
    private func begin() throws(Raised) {
        if target.pointee.asyncRunning.isTrue {
            phase = .done
            let name = methodName == "asend" ? "anext" : methodName
            throw raise(.runtimeError, "\(name)(): asynchronous generator is already running")
        }
        phase = .running
        target.pointee.asyncRunning = .true
    }

    private func end() {
        phase = .done
        target.pointee.asyncRunning = .false
    }

    /// Turns what the generator's frame did into what the awaiting side sees.
    private func settle(_ body: () throws(Raised) -> Value) throws(Raised) -> Value {
        let t = currentThread()
        let result: Value
        target.pointee.asyncRunning = .true
        do {
            result = try body()
        } catch {
            end()
            guard t.raisedIs(.stopAsyncIteration) || t.raisedIs(.generatorExit) else { throw error }
            target.pointee.header.detail = AsyncStep.closed
            guard isClosing else { throw error }
            _ = t.takeRaised()
            throw raise(.stopIteration)
        }
        if result.isAbsent {
            end()
            target.pointee.header.detail = AsyncStep.closed
            throw raise(isClosing ? .stopIteration : .stopAsyncIteration)
        }
        guard result.isKind(.asyncYield) else { return result }
        end()
        if isClosing { throw raise(.runtimeError, "async generator ignored GeneratorExit") }
        throw stopIteration(result.object(AsyncYield.self).pointee.value)
    }
}
