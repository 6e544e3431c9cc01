// `greenlet`: fibers as the package of that name shows them (greenlet 3).
//
// The class is `Fiber` itself. `switch` and `throw` are known to the interpreter (NativeIntrinsic): called from the script
// they are jumps of the loop where that can be; called from native code, and by a thread's first fiber, they switch native
// stacks (Fiber+Switch).
import TinyCompiler

enum GreenletModule {
    /// `greenlet.greenlet`, `GreenletExit` and `error`; made with the module, without which there are no fibers.
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var exit = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeModule = NativeModule(
        "_greenlet", doc: "Switching between stretches of a program by hand.", functions: { functions },
        prepare: { own throws(Raised) in
            // Known by the name of the package.
            let contents = ModuleContents(namespace: own.namespace, name: StrTables.intern("greenlet"))
            exit = contents.addException("GreenletExit", base: .baseException)
            error = contents.addException("error", base: .exception)
            cls = contents.add(nativeClass)
            let namespace = cls.pointee.namespace
            for name in ["getcurrent", "settrace", "gettrace"] {
                let function = contents.namespace.get(StrTables.intern(name))
                namespace.set(StrTables.intern(name), StaticMethod.make(function))
            }
            namespace.set(StrTables.intern("GreenletExit"), Value(exit))
            namespace.set(StrTables.intern("error"), Value(error))
            for (name, intrinsic) in [("switch", NativeIntrinsic.switchFiber), ("throw", .throwFiber)] {
                let method = cls.lookup(StrTables.intern(name))
                if method.isKind(.native) { method.object(NativeFunction.self).pointee.record.pointee.intrinsic = intrinsic }
            }
            for name in ["GREENLET_USE_GC", "GREENLET_USE_TRACING", "GREENLET_USE_CONTEXT_VARS"] { contents.set(name, .true) }
        })

    private static let functions: [Native] = [
        Native("getcurrent()", "The greenlet that runs.") { _ throws(Raised) in Value(currentThread().currentFiber()) },
        Native("settrace(callback, /)", "Calls a function at every switch of this thread; the one before.") { args throws(Raised) in
            let old = currentThread().pointee.fiberTracer
            currentThread().pointee.fiberTracer = args[0]
            return old
        },
        Native("get_total_main_greenlets()", "How many threads have a main greenlet.") { _ throws(Raised) in
            var count = 0
            Threads.forEach { if $0.pointee.rootFiber != nil { count += 1 } }
            return Value(count)
        },
        Native("get_pending_cleanup_count()", "How many greenlets of other threads wait for their thread to end them.") { _ throws(Raised) in
            var count = 0
            Threads.forEach { count += $0.pointee.doomed?.count ?? 0 }
            return Value(count)
        },
        Native("set_thread_local(key, value, /)", "Keeps a value in the state of this thread.") { args throws(Raised) in
            let t = currentThread()
            let kept = t.pointee.threadDictionary ?? Dict.make()
            t.pointee.threadDictionary = kept
            try kept.set(args[0], args[1])
            return .none
        },
        Native("gettrace()", "The function that is called at every switch of this thread, or None.") { _ throws(Raised) in
            currentThread().pointee.fiberTracer
        },
    ]

    private static func fiber(_ value: Value) -> FiberRef { value.object(Fiber.self) }

    static let nativeClass = NativeClass(
        "greenlet", kind: .fiber,
        doc: "greenlet(run=None, parent=None) -> greenlet\n\nA stretch of a program that runs when it is switched to.",
        flags: [.isBase, .isWeakReferenceable, .hasDict],
        methods: [
            Native("__init__(self, run=?, parent=None)", "Initialize self.") { args throws(Raised) in
                let own = fiber(args[0])
                if args.has(1) { try setFunction(own, args[1]) }
                if !args[2].isNone { try setParent(own, args[2]) }
                return .none
            },
            Native("switch(self, /, *args, **kwargs)", "Goes on in this greenlet, which gets the arguments.") { args throws(Raised) in
                let (target, transfer) = try plan(
                    fiber(args[0]), args[1].object(Tuple.self), args[2].object(Dict.self), currentThread())
                return try currentThread().switchNatively(to: target, transfer)
            },
            Native("throw(self, typ=?, val=None, tb=None, /)", "Goes on in this greenlet with an exception.") { args throws(Raised) in
                let (target, transfer) = try planThrow(fiber(args[0]), args[1], args[2], args[3], currentThread())
                return try currentThread().switchNatively(to: target, transfer)
            },
            Native("__bool__(self, /)", "True if it has begun and not ended.") { args throws(Raised) in Value(fiber(args[0]).isActive) },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in Value(Str.make(show(fiber(args[0])))) },
            Native("__reduce_ex__(self, protocol, /)", "") { args throws(Raised) in
                throw typeError("cannot pickle '\(qualifiedClassName(args[0].cls))' object")
            },
        ],
        attributes: [
            dictionaryAccessors,
            Accessors("run") { object throws(Raised) in
                let function = fiber(object).pointee.function
                if function.isAbsent { throw raise(.attributeError, "run") }
                return function
            } set: { object, value throws(Raised) in
                guard fiber(object).pointee.state == .fresh else {
                    throw raise(.attributeError, "run cannot be set after the start of the greenlet")
                }
                if value.isAbsent { fiber(object).pointee.function = .absent } else { try setFunction(fiber(object), value) }
            },
            Accessors("parent") { object throws(Raised) in
                fiber(object).pointee.parent.map { Value($0) } ?? .none
            } set: { object, value throws(Raised) in
                if value.isAbsent { throw raise(.attributeError, "can't delete attribute") }
                try setParent(fiber(object), value)
            },
            Accessors("dead") { object throws(Raised) in
                let own = fiber(object)
                // The first greenlet of a thread ends with it.
                return Value(own.pointee.state == .dead || own.pointee.isRoot && !own.hasThread)
            },
            Accessors("_stack_saved") { object throws(Raised) in
                // What of its stack is copied away while others run: none of a first fiber's; a fiber's lies in its segments.
                let own = fiber(object)
                var words = 0
                var segment = own.pointee.isRoot || own.pointee.state != .suspended ? nil : own.pointee.saved.segments
                while let current = segment {
                    words += current.words
                    segment = current.pointee.previous
                }
                return Value(words * 8)
            },
            Accessors("gr_frame") { object throws(Raised) in
                let own = fiber(object)
                guard own.pointee.state == .suspended, let frame = own.pointee.saved.frame else { return .none }
                let shown = frame.header.pointee.code.isStandIn ? scriptCaller(of: frame) : frame
                return shown.map { Value(frameObject(of: $0)) } ?? .none
            },
            Accessors("gr_context") { object throws(Raised) in
                let own = fiber(object)
                try checkContext(own, "get")
                return own.pointee.state == .current ? currentThread().pointee.contextVariables : own.pointee.saved.contextVariables
            } set: { object, value throws(Raised) in
                let own = fiber(object)
                if value.isAbsent { throw raise(.attributeError, "can't delete context attribute") }
                guard value.isNone || value.cls.nameText == "Context" else {
                    throw typeError("greenlet context must be a contextvars.Context or None")
                }
                try checkContext(own, "set")
                if own.pointee.state == .current {
                    currentThread().pointee.contextVariables = value
                } else {
                    own.pointee.saved.contextVariables = value
                }
            },
        ],
        construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            if cls.pointee.flags.contains(.isAbstract) { throw abstractInstantiation(cls) }
            let t = currentThread()
            try endDoomed(t)
            return Value(Fiber.make(cls, parent: t.currentFiber()))
        },
        quick: { cls, base, count throws(Raised) in
            guard cls == GreenletModule.cls, count <= 2 else { return nil }
            let t = currentThread()
            try endDoomed(t)
            let fiber = Fiber.make(cls, parent: t.currentFiber())
            if count > 0 { fiber.pointee.function = base[0] }
            if count > 1, !base[1].isNone { try setParent(fiber, base[1]) }
            return Value(fiber)
        })

    private static func checkContext(_ fiber: FiberRef, _ verb: String) throws(Raised) {
        guard fiber.pointee.state == .current, fiber.pointee.thread != currentThread() else { return }
        throw valueError("cannot \(verb) context of a greenlet that is running in a different thread")
    }

    private static func show(_ fiber: FiberRef) -> String {
        var text = "<\(qualifiedClassName(Value(fiber).cls)) object at \(addressText(Value(fiber))) (otid=0x\(String(fiber.pointee.threadNumber + 1, radix: 16)))"
        if !fiber.hasThread { return text + " (thread exited) dead>" }
        switch fiber.pointee.state {
        case .fresh: text += " pending"
        case .current: text += fiber.pointee.thread == currentThread() ? " current active started" : " suspended active started"
        case .suspended: text += " suspended active started"
        case .dead: text += " dead"
        }
        return text + (fiber.pointee.isRoot ? " main>" : ">")
    }

    private static func setFunction(_ fiber: FiberRef, _ function: Value) throws(Raised) {
        guard fiber.pointee.state == .fresh else {
            throw raise(.attributeError, "run cannot be set after the start of the greenlet")
        }
        fiber.pointee.function = function
    }

    private static func setParent(_ fiber: FiberRef, _ value: Value) throws(Raised) {
        if fiber.pointee.isRoot { throw raise(.attributeError, "cannot set the parent of a main greenlet") }
        guard value.isKind(.fiber) else {
            throw typeError("GreenletChecker: Expected any type of greenlet, not \(typeName(value))")
        }
        let parent = value.object(Fiber.self)
        var link: FiberRef? = parent
        while let current = link {
            if current == fiber { throw valueError("cyclic parent chain") }
            link = current.pointee.parent
        }
        // One that has not begun is refused when it is to begin.
        guard fiber.pointee.state == .fresh || parent.pointee.threadNumber == fiber.pointee.threadNumber else {
            throw valueError("parent cannot be on a different thread")
        }
        fiber.pointee.parent = parent
    }

    // MARK: Switching

    /// A call of `switch` or `throw` in the loop. Nil: the receiver is no greenlet, or the arguments don't fit; the general
    /// way says what is wrong.
    static func switchFromLoop(
        _ intrinsic: NativeIntrinsic, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int,
        _ r: Registers, _ pc: PC, _ t: ThreadRef
    ) -> Next? {
        guard count > 0, base[0].isKind(.fiber) else { return nil }
        let receiver = base[0].object(Fiber.self)
        t.leave(r, pc)
        do {
            if intrinsic == .switchFiber {
                if count <= 2, names == nil, receiver.pointee.state == .suspended, receiver.pointee.thread == t {
                    // By far the most frequent: one value or none, to a fiber that waits.
                    let value = count == 2 ? base[1] : Value(Tuple.make())
                    return t.switchFiber(to: receiver, Transfer(value: value), destination, r, pc)
                }
                if names == nil, receiver.pointee.state == .fresh, receiver.pointee.thread == t,
                    receiver.pointee.threadNumber == t.pointee.taskNumber
                {
                    let (target, transfer) = try planSwitch(receiver, Tuple.make(base + 1, count - 1), t)
                    return t.switchFiber(to: target, transfer, destination, r, pc)
                }
                let named = names?.count ?? 0
                let arguments = Tuple.make(base + 1, count - 1 - named)
                let keywords = Dict.make()
                if let names {
                    for index in 0 ..< named { keywords.set(names.items[index].object(Str.self), base[count - named + index]) }
                }
                let (target, transfer) = try plan(receiver, arguments, keywords, t)
                return t.switchFiber(to: target, transfer, destination, r, pc)
            }
            guard names == nil, count <= 4 else { return nil }
            let (target, transfer) = try planThrow(
                receiver, count > 1 ? base[1] : .absent, count > 2 ? base[2] : .none, count > 3 ? base[3] : .none, t)
            return t.switchFiber(to: target, transfer, destination, r, pc)
        } catch { return unwind(r, pc, t) }
    }

    private static func checkThread(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        guard fiber.pointee.thread != t || fiber.pointee.threadNumber != t.pointee.taskNumber else { return }
        let text = fiber.hasThread
            ? "Cannot switch to a different thread\n\tCurrent:  \(show(t.currentFiber()))\n\tExpected: \(show(fiber))"
            : "cannot switch to a different thread (which happens to have exited)"
        throw raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(text)))))
    }

    /// As `plan`, without keywords, from native code.
    static func planSwitch(_ receiver: FiberRef, _ arguments: TupleRef, _ t: ThreadRef) throws(Raised) -> (FiberRef, Transfer) {
        guard receiver.pointee.state == .fresh, receiver.pointee.thread == t else {
            return try plan(receiver, arguments, Dict.make(), t)
        }
        try findFunction(receiver, t)
        guard receiver.pointee.state == .fresh else { return try plan(receiver, arguments, Dict.make(), t) }
        return (receiver, Transfer(value: Value(Tuple.make(Value(arguments), .none))))
    }

    /// Where `switch` leads and what it brings there.
    static func plan(
        _ receiver: FiberRef, _ arguments: TupleRef, _ keywords: DictRef, _ t: ThreadRef
    ) throws(Raised) -> (FiberRef, Transfer) {
        try checkThread(receiver, t)
        let target = receiver.pointee.state == .dead ? receiver.livingParent : receiver
        if target.pointee.state == .fresh {
            try findFunction(target, t)
            guard target.pointee.state == .fresh else { return (target, Transfer(value: pack(arguments, keywords))) }
            let named = keywords.pointee.count > 0 ? Value(keywords) : Value.none
            return (target, Transfer(value: Value(Tuple.make(Value(arguments), named))))
        }
        return (target, Transfer(value: pack(arguments, keywords)))
    }

    /// What `switch(*arguments, **keywords)` makes the other side's `switch()` return.
    private static func pack(_ arguments: TupleRef, _ keywords: DictRef) -> Value {
        if keywords.pointee.count == 0 { return arguments.count == 1 ? arguments.items[0] : Value(arguments) }
        return arguments.count == 0 ? Value(keywords) : Value(Tuple.make(Value(arguments), Value(keywords)))
    }

    /// The arguments with which a fresh fiber begins if it is given one value.
    static func arguments(_ value: Value) -> Value { Value(Tuple.make(Value(Tuple.make(value)), .none)) }

    /// `self.run`, which a subclass may define; looking for it may run the script, and change what the fiber is.
    static func findFunction(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        let isPlain = Value(fiber).cls == cls
        if isPlain, !fiber.pointee.function.isAbsent { return try checkLineage(fiber, t) }
        let found = Value(fiber).cls.lookup(Names.run)
        let isOwn = fiber.pointee.dictionary.map { !$0.get(Names.run).isAbsent } ?? false
        let function = found.isKind(.function) && !isOwn && Value(fiber).cls.usesPlainGetattribute
            ? Value(BoundMethod.make(found, Value(fiber))) : try getAttribute(Value(fiber), "run")
        try checkLineage(fiber, t)
        if fiber.pointee.state == .fresh { fiber.pointee.function = function }
    }

    /// A fiber begins only below fibers of this thread.
    private static func checkLineage(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        var link = fiber.pointee.parent
        while let current = link {
            try checkThread(current, t)
            link = current.pointee.parent
        }
    }

    private static func planThrow(
        _ receiver: FiberRef, _ type: Value, _ value: Value, _ traceback: Value, _ t: ThreadRef
    ) throws(Raised) -> (FiberRef, Transfer) {
        guard traceback.isNone || traceback.isKind(.traceback) else {
            throw typeError("throw() third argument must be a traceback object")
        }
        let exception = try exception(type, value)
        if traceback.isKind(.traceback) { exception.object(ExceptionObject.self).pointee.traceback = traceback }
        try checkThread(receiver, t)
        guard receiver.pointee.state == .fresh || receiver.pointee.state == .dead else {
            return (receiver, Transfer(value: exception, isRaised: true))
        }
        // It never runs: its parent gets what would have left it.
        if receiver.pointee.state == .fresh { try findFunction(receiver, t) }
        receiver.pointee.state = .dead
        let target = receiver.livingParent
        let isExit = exception.cls.isSubclass(of: exit)
        guard target.pointee.state == .fresh else { return (target, Transfer(value: exception, isRaised: !isExit)) }
        guard isExit else { return try planThrow(target, exception, .none, .none, t) }
        try findFunction(target, t)
        return (target, Transfer(value: arguments(exception)))
    }

    private static func exception(_ type: Value, _ value: Value) throws(Raised) -> Value {
        if type.isAbsent { return Value(ExceptionObject.make(exit, Tuple.make())) }
        if type.isKind(.exception) {
            guard value.isNone else { throw typeError("instance exception may not have a separate value") }
            return type
        }
        guard type.isKind(.class), type.object(ClassObject.self).pointee.flags.contains(.isException) else {
            throw typeError("exceptions must be classes, or instances, not \(typeName(type))")
        }
        if value.isKind(.exception), value.cls.isSubclass(of: type.object(ClassObject.self)) { return value }
        let made = value.isNone ? try callValue(type) : value.isKind(.tuple)
            ? try callValue(type, value.object(Tuple.self)) : try callValue(type, value)
        guard made.isKind(.exception) else { throw typeError("exceptions must derive from BaseException") }
        return made
    }

    /// Calls the function of `settrace` in the fiber that was switched to. If it raises, there is no function any more.
    static func tellTracer(_ t: ThreadRef, _ isRaised: Bool) throws(Raised) {
        guard let origin = t.pointee.previousFiber, let target = t.pointee.fiber else { return }
        let tracer = t.pointee.fiberTracer
        let pair = Value(Tuple.make(Value(origin), Value(target)))
        do {
            t.pointee.fiberTracer = .none
            _ = try callValue(tracer, Value(StrTables.intern(isRaised ? "throw" : "switch")), pair)
            if t.pointee.fiberTracer.isNone { t.pointee.fiberTracer = tracer }
        } catch {
            t.pointee.fiberTracer = .none
            throw error
        }
    }

    // MARK: Fibers that nobody refers to

    /// Ends a suspended fiber that has become garbage: GreenletExit is raised in it, so that its `finally` run. One of
    /// another thread is left to that thread.
    static func endAbandoned(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        guard fiber.pointee.state == .suspended, !fiber.pointee.isRoot, fiber.hasThread else { return }
        guard fiber.pointee.thread == t else {
            // Its memory stays until that thread has come by.
            if let owner = fiber.pointee.thread {
                let doomed = owner.pointee.doomed ?? List.make()
                owner.pointee.doomed = doomed
                doomed.append(Value(fiber))
            }
            return
        }
        fiber.pointee.parent = t.currentFiber()
        let exception = ExceptionObject.make(exit, Tuple.make())
        _ = try t.switchNatively(to: fiber, Transfer(value: Value(exception), isRaised: true))
    }

    /// A thread is about to end. Those of its greenlets that nobody refers to get their GreenletExit: afterwards nothing of
    /// them can run any more.
    static func endLeft(_ t: ThreadRef) {
        let isLeft = heap.finalizable.contains { object in
            let fiber = object.assumingMemoryBound(to: Fiber.self)
            return fiber.pointee.header.kind == .fiber && fiber.pointee.state == .suspended && !fiber.pointee.isRoot
                && fiber.pointee.thread == t
        }
        guard isLeft, heap.isEnabled else { return }
        Threads.forEach { $0.clearStaleWords() }
        Threads.keepingValues(t) { heap.collectWhole() }
        do { try runFinalizers() } catch { reportUnraisable(t.takeRaised(), .none) }
    }

    /// Ends what other threads' collectors have left to this one.
    static func endDoomed(_ t: ThreadRef) throws(Raised) {
        guard let doomed = t.pointee.doomed else { return }
        t.pointee.doomed = nil
        for index in 0 ..< doomed.count {
            let value = doomed.items[index]
            do { try endAbandoned(value.object(Fiber.self), t) } catch { reportUnraisable(t.takeRaised(), value) }
        }
    }
}
