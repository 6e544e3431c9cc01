// Waiting in the hub: `sleep`, `hub.wait`, `hub.wait_for`, `Waiter.get`.
//
// Called from the script these are jumps of the interpreter's loop (NativeIntrinsic), so that a greenlet that waits is
// data and keeps no native stack. Nothing of them is left to run when the greenlet goes on; what must be undone then (the
// timer that was not what woke it, the Waiter that it was in) is noted in the fiber (`wakeup`) and undone by `settle`,
// which every switch into a fiber that waited calls.
import CTiny
import TinyCompiler

enum HubWaiting {
    /// What a wait comes to before anybody is switched to.
    private enum Outcome {
        case value(Value)
        /// Go to the hub.
        case wait(FiberRef, Transfer)
        /// Not called as it should be: the general way says what is wrong.
        case unknown
    }

    /// A call in the interpreter's loop. Nil: the general way.
    static func waitFromLoop(
        _ intrinsic: NativeIntrinsic, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int, _ r: Registers,
        _ pc: PC, _ t: ThreadRef
    ) -> Next? {
        guard names == nil else { return nil }
        t.leave(r, pc)
        do {
            let outcome: Outcome
            switch intrinsic {
            case .hubSleep: outcome = count <= 1 ? try sleep(count == 1 ? base[0] : Value(0), .true, t) : .unknown
            case .hubWait: outcome = count == 2 ? try wait(base[0], base[1], t) : .unknown
            case .hubWaitFor: outcome = count == 2 ? try waitFor(base[0], base[1], t) : .unknown
            case .waiterGet: outcome = count == 1 ? try get(base[0], t) : .unknown
            default: outcome = .unknown
            }
            switch outcome {
            case .unknown: return nil
            case .value(let value):
                r[destination] = value
                return Next(r, pc)
            case .wait(let hub, let transfer): return t.switchFiber(to: hub, transfer, destination, r, pc)
            }
        } catch { return unwind(r, pc, t) }
    }

    /// A call from native code.
    private static func finish(_ outcome: Outcome, _ t: ThreadRef) throws(Raised) -> Value {
        switch outcome {
        case .unknown: return .none
        case .value(let value): return value
        case .wait(let hub, let transfer): return try t.switchNatively(to: hub, transfer)
        }
    }

    /// `sleep`, for natives.
    static func pause(_ seconds: Double, _ t: ThreadRef) throws(Raised) {
        _ = try finish(try sleep(Value(seconds), .true, t), t)
    }

    // MARK: The waits

    /// Notes what the current fiber waits for, and goes to the hub.
    private static func leave(_ hub: FiberRef, _ what: Value, _ wakeup: Value, _ t: ThreadRef) throws(Raised) -> Outcome {
        let current = t.currentFiber()
        current.pointee.waiting = what.isNone ? .false : what
        current.pointee.wakeup = wakeup
        if hub.pointee.state == .suspended, hub.pointee.thread == t { return .wait(hub, Transfer(value: .none)) }
        do {
            let (target, transfer) = try GreenletModule.planSwitch(hub, Tuple.make(), t)
            return .wait(target, transfer)
        } catch {
            current.pointee.waiting = .none
            current.pointee.wakeup = .none
            throw error
        }
    }

    /// The hub can't wait for itself.
    private static func checkNotHub(_ hub: FiberRef, _ t: ThreadRef) throws(Raised) {
        guard t.currentFiber() == hub else { return }
        _ = try callValue(try getAttribute(Value(hub), "switch_out"))
    }

    private static func sleep(_ duration: Value, _ keeps: Value, _ t: ThreadRef) throws(Raised) -> Outcome {
        guard let seconds = try realOf(duration) else { throw typeError("must be real number, not \(typeName(duration))") }
        let hub = try HubModule.hub(t)
        try checkNotHub(hub, t)
        let box = t.pointee.hubLoop
        let loop = try EventLoop.of(box)
        let current = Value(t.currentFiber())
        if !(seconds > 0) { return try leave(hub, HubModule.turn, Value(loop.schedule(current)), t) }
        let timer = HubModule.timer.make()
        timer.inlineSlots[WatcherSlot.loop] = box
        timer.inlineSlots[WatcherSlot.keeps] = Value(try truth(keeps))
        timer.inlineSlots[WatcherSlot.first] = Value(seconds)
        timer.inlineSlots[WatcherSlot.second] = Value(0.0)
        timer.inlineSlots[WatcherSlot.function] = current
        timer.inlineSlots[WatcherSlot.arguments] = .absent
        if timer.inlineSlots[WatcherSlot.keeps] == .true { loop.references += 1 }
        timer.inlineSlots[WatcherSlot.number] = Value(loop.addTimer(timer, at: Clock.deadline(after: seconds)))
        return try leave(hub, duration, Value(timer), t)
    }

    private static func wait(_ hub: Value, _ watcher: Value, _ t: ThreadRef) throws(Raised) -> Outcome {
        guard hub.isKind(.fiber) else { throw typeError("a hub is required") }
        let fiber = hub.object(Fiber.self)
        try checkNotHub(fiber, t)
        guard HubModule.watcher.instance(watcher) != nil else {
            // Anything else that can be started: it switches to us with itself.
            let current = t.currentFiber()
            _ = try callValue(
                try getAttribute(watcher, "start"), try getAttribute(Value(current), "switch"), watcher)
            return try leave(fiber, watcher, watcher, t)
        }
        try HubWatchers.start(watcher, Value(t.currentFiber()), .absent)
        return try leave(fiber, watcher, watcher, t)
    }

    /// Leaves the current fiber with the hub until the loop has done what the watcher is for: `operation` says what.
    static func wait(
        _ hub: FiberRef, _ watcher: InstanceRef, _ operation: Value, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
    ) throws(Raised) -> Next {
        try HubWatchers.start(Value(watcher), Value(t.currentFiber()), operation)
        guard case .wait(let target, let transfer) = try leave(hub, Value(watcher), Value(watcher), t) else { return Next(r, pc) }
        return t.switchFiber(to: target, transfer, destination, r, pc)
    }

    private static func waitFor(_ hub: Value, _ what: Value, _ t: ThreadRef) throws(Raised) -> Outcome {
        guard hub.isKind(.fiber) else { throw typeError("a hub is required") }
        try checkNotHub(hub.object(Fiber.self), t)
        return try leave(hub.object(Fiber.self), what, .true, t)
    }

    private static func get(_ value: Value, _ t: ThreadRef) throws(Raised) -> Outcome {
        guard let waiter = HubModule.waiter.instance(value) else { throw typeError("a Waiter is required") }
        let state = SlottedClass.slot(waiter, WaiterSlot.exception)
        if state != .false {
            if state.isNone { return .value(SlottedClass.slot(waiter, WaiterSlot.value)) }
            throw raise(try HubWaiters.exception(state))
        }
        let other = SlottedClass.slot(waiter, WaiterSlot.greenlet)
        guard other.isNone else {
            _ = try callValue(HubModule.complaint, Value(StrTables.intern("ConcurrentObjectUseError")), Value(Str.make("This Waiter is already used by \(try repr(other).string)")))
            return .value(.none)
        }
        let hub = try HubWaiters.hub(of: waiter, t)
        try checkNotHub(hub, t)
        waiter.inlineSlots[WaiterSlot.greenlet] = Value(t.currentFiber())
        return try leave(hub, value, value, t)
    }

    // MARK: Going on

    /// A callback of the loop will not be called.
    static func cancel(_ callback: InstanceRef) {
        callback.inlineSlots[CallbackSlot.function] = .none
        callback.inlineSlots[CallbackSlot.arguments] = .none
    }

    /// The fiber that waited goes on with what its `transfer` says: undoes what its wait has left behind.
    static func settle(_ fiber: FiberRef) {
        let wakeup = fiber.pointee.wakeup
        fiber.pointee.waiting = .none
        fiber.pointee.wakeup = .none
        guard wakeup.isKind(.instance) else { return }
        let cls = wakeup.cls
        let instance = wakeup.object(Instance.self)
        if cls == HubModule.callback.cls {
            cancel(instance)
            if !fiber.pointee.transferIsRaised { fiber.pointee.transfer = .none }
        } else if HubModule.waiter.instance(wakeup) != nil {
            instance.inlineSlots[WaiterSlot.greenlet] = .none
        } else {
            let isRaised = fiber.pointee.transferIsRaised
            let value = fiber.pointee.transfer
            do {
                if HubModule.watcher.instance(wakeup) != nil { try HubWatchers.stop(wakeup) } else {
                    _ = try callValue(try getAttribute(wakeup, "stop"))
                }
                guard !isRaised else { return }
                if value != wakeup {
                    let text = "Invalid switch into \(try repr(Value(fiber)).string): got \(try repr(value).string) (expected \(try repr(wakeup).string))"
                    _ = try callValue(HubModule.complaint, Value(StrTables.intern("InvalidSwitchError")), Value(Str.make(text)))
                }
                fiber.pointee.transfer = .none
            } catch {
                fiber.pointee.transfer = currentThread().takeRaised()
                fiber.pointee.transferIsRaised = true
            }
        }
    }

    // MARK: The same, as functions

    static let sleepFunction = Native("sleep(seconds=0, ref=True)", "Lets others run for at least so many seconds; 0: once.") { args throws(Raised) in
        let t = currentThread()
        return try finish(try sleep(args[0], args[1], t), t)
    }

    static let hubTable = NativeClass(
        "HubBase", kind: .fiber, doc: "What is native of gevent's hub.", flags: [.isBase, .isWeakReferenceable, .hasDict],
        methods: [
            Native("wait(self, watcher, /)", "Waits until a watcher happens.") { args throws(Raised) in
                let t = currentThread()
                return try finish(try wait(args[0], args[1], t), t)
            },
            Native("wait_for(self, what, /)", "Waits for something that will call the current greenlet's `switch`; what it was given.") { args throws(Raised) in
                let t = currentThread()
                return try finish(try waitFor(args[0], args[1], t), t)
            },
        ])

    static let getMethod = Native("get(self, /)", "The value, waited for.") { args throws(Raised) in
        let t = currentThread()
        return try finish(try get(args[0], t), t)
    }
}
