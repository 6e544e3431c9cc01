// Methods of generators, coroutines and asynchronous generators.
import TinyCompiler

extension GeneratorObject {
    private static func generator(_ value: Value) -> GeneratorRef { value.object(GeneratorObject.self) }

    static let nativeClass = NativeClass(
        "generator", kind: .generator, flags: .isWeakReferenceable, methods: shared(isCoroutine: false) + [
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in args[0] },
            Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
                try advance(args[0], .none)
            },
        ], attributes: attributes("gi"))

    static let coroutineClass = NativeClass(
        "coroutine", kind: .generator, flags: .isWeakReferenceable, methods: shared(isCoroutine: true) + [
            Native("__await__(self, /)", "Return an iterator to be used in await expression.") { args throws(Raised) in
                BoxedObject.make(CoroutineWrapper(args[0]), coroutineWrapperClass)
            }
        ], attributes: attributes("cr") + [Accessors.member("cr_origin") { generator($0).pointee.origin }])

    static let asyncGeneratorClass = NativeClass(
        "async_generator", kind: .generator, flags: .isWeakReferenceable, methods: [
            Native("__repr__(self, /)", "", .function, show),
            Native("__aiter__(self, /)", "Return an awaitable, that resolves in next async iteration.") { args throws(Raised) in args[0] },
            Native("__anext__(self, /)", "Return a value or raise StopAsyncIteration.") { args throws(Raised) in
                try AsyncStep.make(args[0], .send(.none))
            },
            Native("asend(self, value, /)", "asend(v) -> send 'v' in generator.") { args throws(Raised) in
                try AsyncStep.make(args[0], .send(args[1]))
            },
            Native("athrow(self, typ, val=?, tb=?, /)", "athrow(value) -> raise exception in generator.") { args throws(Raised) in
                let isPlain = args[2].isAbsent && args[3].isAbsent
                let exception = isPlain ? args[1] : Value(try exceptionFor(args[1], args[2], args[3]))
                return try AsyncStep.make(args[0], .throwing(exception))
            },
            Native("aclose(self, /)", "aclose() -> raise GeneratorExit inside generator.") { args throws(Raised) in
                try AsyncStep.make(args[0], .close)
            },
            Native("__class_getitem__(cls, object, /)", "", .classMethod) { args throws(Raised) in GenericAlias.make(args[0], args[1]) },
        ], attributes: attributes("ag"))

    private static let show: NativeBody = { args throws(Raised) in
        let name = generator(args[0]).pointee.qualifiedName
        let noun = args[0].cls.nameText
        return Value(Str.make("<\(noun) object \(try str(name).string) at \(addressText(args[0]))>"))
    }

    private static func shared(isCoroutine: Bool) -> [Native] {
        [
            Native("__repr__(self, /)", "Return repr(self).", .function, show),
            Native("send(self, arg, /)", isCoroutine ? "send(arg) -> send 'arg' into coroutine,\nreturn next iterated value or raise StopIteration." : "send(arg) -> send 'arg' into generator,\nreturn next yielded value or raise StopIteration.") { args throws(Raised) in
                try advance(args[0], args[1])
            },
            Native("throw(self, typ, val=?, tb=?, /)", isCoroutine ? "throw(value)\nthrow(type[,value[,traceback]])\n\nRaise exception in coroutine, return next iterated value or raise\nStopIteration." : "throw(value)\nthrow(type[,value[,tb]])\n\nRaise exception in generator, return next yielded value or raise\nStopIteration.") { args throws(Raised) in
                try throwInto(args[0], try exceptionFor(args[1], args[2], args[3]))
            },
            Native("close(self, /)", isCoroutine ? "close() -> raise GeneratorExit inside coroutine." : "close() -> raise GeneratorExit inside generator.") { args throws(Raised) in
                try closeGenerator(generator(args[0]))
            },
            Native("__class_getitem__(cls, object, /)", "", .classMethod) { args throws(Raised) in GenericAlias.make(args[0], args[1]) },
        ]
    }

    private static func attributes(_ prefix: String) -> [Accessors] {
        func name(_ suffix: String) -> StaticString {
            switch (prefix, suffix) {
            case ("gi", "frame"): "gi_frame"
            case ("gi", "code"): "gi_code"
            case ("gi", "running"): "gi_running"
            case ("gi", "suspended"): "gi_suspended"
            case ("gi", _): "gi_yieldfrom"
            case ("cr", "frame"): "cr_frame"
            case ("cr", "code"): "cr_code"
            case ("cr", "running"): "cr_running"
            case ("cr", "suspended"): "cr_suspended"
            case ("cr", _): "cr_await"
            case (_, "frame"): "ag_frame"
            case (_, "code"): "ag_code"
            case (_, "running"): "ag_running"
            case (_, "suspended"): "ag_suspended"
            default: "ag_await"
            }
        }
        let isCoroutine = prefix == "cr"
        return [
            Accessors("__name__", isCoroutine ? "name of the coroutine" : "name of the generator") { generator($0).pointee.name } set: { object, value throws(Raised) in
                guard value.isKind(.str) else { throw typeError("__name__ must be set to a string object") }
                generator(object).pointee.name = value
            },
            Accessors("__qualname__", isCoroutine ? "qualified name of the coroutine" : "qualified name of the generator") { generator($0).pointee.qualifiedName } set: { object, value throws(Raised) in
                guard value.isKind(.str) else { throw typeError("__qualname__ must be set to a string object") }
                generator(object).pointee.qualifiedName = value
            },
            Accessors(name("frame")) { object in
                generator(object).pointee.state == .finished ? .none : Value(frameObject(of: generator(object).registers))
            },
            Accessors(name("code")) { Value(generator($0).registers.header.pointee.code) },
            Accessors(name("running")) { object in
                Value(generator(object).pointee.state == .running || generator(object).pointee.asyncRunning.isTrue)
            },
            Accessors(name("suspended")) { Value(generator($0).pointee.state == .suspended) },
            Accessors(name("delegate"), prefix == "gi" ? "object being iterated by yield from, or None" : "object being awaited on, or None") { AsyncStep.shown(generator($0).delegate) },
        ]
    }

    /// send/next from native code: StopIteration at the end.
    static func advance(_ value: Value, _ sent: Value) throws(Raised) -> Value {
        let isCoroutine = value.header.pointee.shape == coroutineShape
        if isCoroutine, generator(value).pointee.state == .finished {
            throw raise(.runtimeError, "cannot reuse already awaited coroutine")
        }
        let result = try resumeFromNative(generator(value), sent)
        if result.isAbsent { throw stopIteration(currentThread().pointee.result) }
        return result
    }

    /// The exception that `throw(type, value, traceback)` means.
    static func exceptionFor(_ type: Value, _ value: Value, _ traceback: Value) throws(Raised) -> ExceptionRef {
        if !value.isAbsent || !traceback.isAbsent {
            try warn(
                .deprecationWarning,
                "the (type, exc, tb) signature of throw() is deprecated, use the single-arg signature instead.")
        }
        let (value, traceback) = (value.isAbsent ? Value.none : value, traceback.isAbsent ? Value.none : traceback)
        let exception: ExceptionRef
        if type.isKind(.exception) {
            if !value.isNone { throw typeError("instance exception may not have a separate value") }
            exception = type.object(ExceptionObject.self)
        } else if type.isKind(.class), type.object(ClassObject.self).pointee.flags.contains(.isException) {
            if value.isKind(.exception), value.cls.isSubclass(of: type.object(ClassObject.self)) {
                exception = value.object(ExceptionObject.self)
            } else {
                // What goes wrong in making it is thrown instead of it.
                do {
                    exception = value.isNone ? try exceptionToRaise(type) : try exceptionToRaise(
                        value.isKind(.tuple) ? try callValue(type, value.object(Tuple.self)) : try callValue(type, value))
                } catch {
                    let failure = currentThread().takeRaised()
                    guard failure.isKind(.exception) else { throw error }
                    exception = failure.object(ExceptionObject.self)
                }
            }
        } else {
            throw typeError("exceptions must be classes or instances deriving from BaseException, not \(typeName(type))")
        }
        if traceback.isKind(.traceback) {
            exception.pointee.traceback = traceback
        } else if !traceback.isNone {
            throw typeError("throw() third argument must be a traceback object")
        }
        return exception
    }

    /// Raises inside the generator, or inside what it delegates to.
    static func throwInto(_ value: Value, _ exception: ExceptionRef) throws(Raised) -> Value {
        let target = generator(value)
        if target.pointee.state == .finished, value.header.pointee.shape == coroutineShape {
            throw raise(.runtimeError, "cannot reuse already awaited coroutine")
        }
        if target.pointee.state == .running { throw valueError("\(generatorNoun(target)) already executing") }
        let result = try throwOrDelegate(target, exception)
        if result.isAbsent { throw stopIteration(currentThread().pointee.result) }
        return result
    }

    /// As `resumeFromNative`: absent when the generator has finished.
    static func throwOrDelegate(_ target: GeneratorRef, _ exception: ExceptionRef) throws(Raised) -> Value {
        let t = currentThread()
        let delegate = target.delegate
        guard !delegate.isNone else { return try throwIntoGenerator(target, Value(exception)) }
        if Value(exception).cls.isSubclass(of: ExceptionName.generatorExit.cls) {
            do {
                _ = try delegating(target) { () throws(Raised) in
                    try closeDelegate(delegate)
                    return .none
                }
            } catch { return try throwIntoGenerator(target, t.takeRaised()) }
            return try throwIntoGenerator(target, Value(exception))
        }
        var isAsked = true
        let outcome: Value
        do {
            outcome = try delegating(target) { () throws(Raised) in
                if delegate.isKind(.generator) {
                    if let step = AsyncStep.underWay(delegate) { return try step.throwing(exception) }
                    return try throwOrDelegate(delegate.object(GeneratorObject.self), exception)
                }
                let method = try getOptionalAttribute(delegate, Names.throwName)
                isAsked = !method.isAbsent
                return isAsked ? try callValue(method, Value(exception)) : .none
            }
        } catch {
            guard t.raisedIs(.stopIteration) else { return try throwIntoGenerator(target, t.takeRaised()) }
            return try finishDelegation(target, t.takeRaised().object(ExceptionObject.self).stopValue)
        }
        if !isAsked { return try throwIntoGenerator(target, Value(exception)) }
        if outcome.isAbsent { return try finishDelegation(target, t.pointee.result) }
        return outcome
    }

    /// Does something with what a generator delegates to while the generator counts as running, its frame below.
    private static func delegating(
        _ target: GeneratorRef, _ body: () throws(Raised) -> Value
    ) throws(Raised) -> Value {
        let t = currentThread()
        let frame = t.pointee.frame
        target.pointee.state = .running
        target.pointee.entryTop = t.pointee.top
        target.registers.header.pointee.caller = frame
        t.pointee.frame = target.registers
        defer {
            target.pointee.state = .suspended
            t.pointee.frame = frame
        }
        return try body()
    }

    /// The sub-iterator has ended with a value: goes on behind the delegation.
    private static func finishDelegation(_ target: GeneratorRef, _ value: Value) throws(Raised) -> Value {
        let frame = target.registers
        // Behind the yield stands the jump back to `send`, whose word 1 leads behind the loop.
        let pc = frame.header.pointee.pc
        let back = Instruction(word: pc.pointee)
        let send = pc + 1 + back.bc
        let instruction = Instruction(word: send.pointee)
        frame[instruction.a] = value
        frame.header.pointee.pc = send + 2 + Int(Int64(bitPattern: send[1]))
        let t = currentThread()
        try t.checkNativeStack()
        let result = try t.runNested { base in
            target.pointee.entryTop = t.pointee.top
            target.pointee.state = .created
            return resume(target, .none, 0, .exit, base, leaveLoopWord, t)
        }
        if target.pointee.state == .finished {
            t.pointee.result = result
            return .absent
        }
        return result
    }

    private static func closeDelegate(_ delegate: Value) throws(Raised) {
        if delegate.isKind(.generator) {
            if let step = AsyncStep.underWay(delegate) { return try step.close() }
            _ = try closeGenerator(delegate.object(GeneratorObject.self))
            return
        }
        let method: Value
        do throws(Raised) { method = try getOptionalAttribute(delegate, Names.close) } catch {
            // What only looks for the method must not keep the generator from ending.
            return reportUnraisable(currentThread().takeRaised(), delegate)
        }
        if !method.isAbsent { _ = try callValue(method) }
    }

    /// `close()`: what the generator returns if it catches GeneratorExit.
    static func closeGenerator(_ target: GeneratorRef) throws(Raised) -> Value {
        let t = currentThread()
        switch target.pointee.state {
        case .finished: return .none
        case .created:
            target.pointee.state = .finished
            return .none
        case .running: throw valueError("\(generatorNoun(target)) already executing")
        case .suspended: break
        }
        let exit = ExceptionObject.make(ExceptionName.generatorExit.cls, Tuple.make())
        do {
            let result = try throwOrDelegate(target, exit)
            if result.isAbsent { return t.pointee.result }
        } catch {
            guard t.raisedIs(.generatorExit) || t.raisedIs(.stopIteration) else { throw error }
            _ = t.takeRaised()
            return .none
        }
        throw raise(.runtimeError, "\(generatorNoun(target)) ignored GeneratorExit")
    }

    nonisolated(unsafe) static let coroutineWrapperClass = ClassObject.makeNative(
        "coroutine_wrapper", kind: .box, bases: [Runtime.objectClass]
    ).filled(CoroutineWrapper.nativeClass)
}

extension ClassRef {
    /// Adds what a table describes to a class that was made in another way; returns the class.
    public func filled(_ table: NativeClass) -> ClassRef {
        fill(table)
        return self
    }
}

/// What `coroutine.__await__()` returns.
final class CoroutineWrapper: TracedObject {
    let coroutine: Value
    init(_ coroutine: Value) { self.coroutine = coroutine }
    func trace(_ marker: inout Marker) { marker.mark(coroutine) }

    private static func wrapped(_ value: Value) throws(Raised) -> Value {
        guard let wrapper = value.boxed(CoroutineWrapper.self) else { throw typeError("not a coroutine wrapper") }
        return wrapper.coroutine
    }

    static let nativeClass = NativeClass("coroutine_wrapper", kind: .box, methods: [
        Native("__iter__(self, /)", "") { args throws(Raised) in args[0] },
        Native("__next__(self, /)", "") { args throws(Raised) in try GeneratorObject.advance(try wrapped(args[0]), .none) },
        Native("send(self, arg, /)", "") { args throws(Raised) in try GeneratorObject.advance(try wrapped(args[0]), args[1]) },
        Native("throw(self, typ, val=?, tb=?, /)", "") { args throws(Raised) in
            try GeneratorObject.throwInto(try wrapped(args[0]), try GeneratorObject.exceptionFor(args[1], args[2], args[3]))
        },
        Native("close(self, /)", "") { args throws(Raised) in
            try GeneratorObject.closeGenerator(try wrapped(args[0]).object(GeneratorObject.self))
        },
    ])
}

/// sys.set_coroutine_origin_tracking_depth: how many frames of its maker a coroutine remembers.
enum CoroutineOrigins {
    nonisolated(unsafe) static var depth = 0

    /// The places of the frames below `r`, innermost first: a tuple of (file, line, name).
    static func current(_ r: Registers) -> Value {
        let places = List.make()
        var caller = scriptCaller(of: r)
        while places.count < depth, let frame = caller {
            let code = frame.header.pointee.code
            let line = code.range(at: max(0, code.offset(of: frame.header.pointee.pc) - 1)).line
            places.append(Value(Tuple.make(code.pointee.fileName, Value(Int(line)), code.pointee.name)))
            caller = scriptCaller(of: frame)
        }
        return Value(places.count == 0 ? Tuple.make() : Tuple.make(places.items, places.count))
    }
}

/// sys.set_asyncgen_hooks: who is told of a new asynchronous generator.
enum AsyncHooks {
    nonisolated(unsafe) static var firstIteration = Value.none
    nonisolated(unsafe) static var finalizer = Value.none

    static func announce(_ generator: Value) throws(Raised) {
        let object = generator.object(GeneratorObject.self)
        guard object.pointee.finalizer.isAbsent else { return }
        object.pointee.finalizer = finalizer
        if !firstIteration.isNone { _ = try callValue(firstIteration, generator) }
    }
}
