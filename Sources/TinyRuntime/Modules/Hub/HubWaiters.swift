// Waiter: waits for one value. `get()` in one greenlet, `switch(value)` or `throw(error)` by the hub. And Gathering, by which
// one waits for many.

/// Slots of a Waiter.
enum WaiterSlot {
    static let hub = 0
    static let greenlet = 1
    static let value = 2
    /// False: nothing has come yet; None: a value has; a tuple: an error (type, value, traceback).
    static let exception = 3
    /// Of an ItemWaiter.
    static let item = 4
    static let queue = 5
}

/// Slots of a Gathering.
enum GatheringSlot {
    /// How many are waited for.
    static let count = 0
    /// A list of those that are ready.
    static let found = 1
    static let waiter = 2
}

enum HubWaiters {
    nonisolated(unsafe) private static var ownNew = Value.none
    nonisolated(unsafe) private static var ownInit = Value.none
    nonisolated(unsafe) private static var itemInit = Value.none

    /// After the classes exist.
    static func prepare() {
        ownNew = HubModule.waiter.cls.special(.new)
        ownInit = HubModule.waiter.cls.special(.`init`)
        itemInit = HubModule.itemWaiter.cls.special(.`init`)
    }

    static func own(_ value: Value) throws(Raised) -> InstanceRef {
        guard let waiter = HubModule.waiter.instance(value) else { throw typeError("a Waiter is required") }
        return waiter
    }

    /// The waiter's hub: the thread's, if none was given.
    static func hub(of waiter: InstanceRef, _ t: ThreadRef) throws(Raised) -> FiberRef {
        let hub = SlottedClass.slot(waiter, WaiterSlot.hub)
        if hub.isKind(.fiber) { return hub.object(Fiber.self) }
        let own = try HubModule.hub(t)
        waiter.inlineSlots[WaiterSlot.hub] = Value(own)
        return own
    }

    /// The exception of a tuple as `throw` takes it.
    static func exception(_ details: Value) throws(Raised) -> ExceptionRef {
        guard details.isKind(.tuple), details.object(Tuple.self).count > 0 else { return try exceptionToRaise(details) }
        let tuple = details.object(Tuple.self)
        let value = tuple.count > 1 && !tuple.items[1].isNone ? tuple.items[1] : tuple.items[0]
        let exception = value.isKind(.exception)
            ? value.object(ExceptionObject.self)
            : tuple.count > 1 && !tuple.items[1].isNone
                ? try exceptionToRaise(try callValue(tuple.items[0], value)) : try exceptionToRaise(value)
        if tuple.count > 2, tuple.items[2].isKind(.traceback) { exception.pointee.traceback = tuple.items[2] }
        return exception
    }

    /// Gives a value to who waits, or keeps it.
    static func give(_ waiter: InstanceRef, _ value: Value, _ t: ThreadRef) throws(Raised) {
        let target = SlottedClass.slot(waiter, WaiterSlot.greenlet)
        guard target.isKind(.fiber) else {
            waiter.inlineSlots[WaiterSlot.value] = value
            waiter.inlineSlots[WaiterSlot.exception] = .none
            return
        }
        do {
            let fiber = target.object(Fiber.self)
            if fiber.pointee.state == .suspended, fiber.pointee.thread == t {
                _ = try t.switchNatively(to: fiber, Transfer(value: value))
            } else {
                let (fiber, transfer) = try GreenletModule.planSwitch(fiber, Tuple.make(value), t)
                _ = try t.switchNatively(to: fiber, transfer)
            }
        } catch { try complain(waiter, try getAttribute(target, "switch"), t) }
    }

    /// The hub is told of an Exception; any other goes on.
    private static func complain(_ waiter: InstanceRef, _ context: Value, _ t: ThreadRef) throws(Raised) {
        let exception = t.takeRaised()
        guard exception.cls.isSubclass(of: ExceptionName.exception.cls) else {
            t.pointee.raised = exception
            throw Raised()
        }
        let hub = try hub(of: waiter, t)
        try EventLoop.tell(Value(hub), context, exception)
    }

    static let table = NativeClass(
        "Waiter", kind: .instance, doc: "Waits for one value.", flags: [.isBase, .isHeapType],
        methods: [
            Native("__init__(self, hub=None)", "") { args throws(Raised) in
                let waiter = try own(args[0])
                waiter.inlineSlots[WaiterSlot.hub] = args[1].isNone ? Value(try HubModule.hub(currentThread())) : args[1]
                return .none
            },
            Native("clear(self)", "Waits anew.") { args throws(Raised) in
                let waiter = try own(args[0])
                waiter.inlineSlots[WaiterSlot.greenlet] = .none
                waiter.inlineSlots[WaiterSlot.value] = .none
                waiter.inlineSlots[WaiterSlot.exception] = .false
                return .none
            },
            Native("ready(self)", "Whether there is a value or an error.") { args throws(Raised) in
                Value(try own(args[0]).inlineSlots[WaiterSlot.exception] != .false)
            },
            Native("successful(self)", "Whether there is a value.") { args throws(Raised) in
                Value(try own(args[0]).inlineSlots[WaiterSlot.exception].isNone)
            },
            Native("switch(self, value=None)", "Gives the value to the greenlet that waits, or keeps it.") { args throws(Raised) in
                try give(try own(args[0]), args[1], currentThread())
                return .none
            },
            Native("switch_args(self, *args)", "Gives the arguments as a tuple.") { args throws(Raised) in
                _ = try callValue(try getAttribute(args[0], "switch"), args[1])
                return .none
            },
            Native("throw(self, *throw_args)", "Raises an exception in the greenlet that waits, or keeps it.") { args throws(Raised) in
                let waiter = try own(args[0])
                let t = currentThread()
                let target = SlottedClass.slot(waiter, WaiterSlot.greenlet)
                guard target.isKind(.fiber) else {
                    waiter.inlineSlots[WaiterSlot.exception] = args[1]
                    return .none
                }
                let method = try getAttribute(target, "throw")
                do { _ = try callValue(method, args[1].object(Tuple.self)) } catch { try complain(waiter, method, t) }
                return .none
            },
            HubWaiting.getMethod,
        ],
        attributes: [
            Accessors("exc_info") { object throws(Raised) in
                let value = object.object(Instance.self).inlineSlots[WaiterSlot.exception]
                return value == .false ? .none : value
            }
        ],
        construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            let isItem = cls.isSubclass(of: HubModule.itemWaiter.cls)
            let waiter = (isItem ? HubModule.itemWaiter : HubModule.waiter).make(cls)
            waiter.inlineSlots[WaiterSlot.exception] = .false
            return Value(waiter)
        },
        quick: { cls, base, count throws(Raised) in
            let initializer = cls.special(.`init`)
            guard cls.special(.new) == ownNew else { return nil }
            if initializer == ownInit, count <= 1 {
                let hub = count == 0 || base[0].isNone ? Value(try HubModule.hub(currentThread())) : base[0]
                let waiter = HubModule.waiter.make(cls)
                waiter.inlineSlots[WaiterSlot.hub] = hub
                waiter.inlineSlots[WaiterSlot.exception] = .false
                return Value(waiter)
            }
            guard initializer == itemInit, count == 2 else { return nil }
            let hub = try HubModule.hub(currentThread())
            let waiter = HubModule.itemWaiter.make(cls)
            waiter.inlineSlots[WaiterSlot.hub] = Value(hub)
            waiter.inlineSlots[WaiterSlot.exception] = .false
            waiter.inlineSlots[WaiterSlot.item] = base[0]
            waiter.inlineSlots[WaiterSlot.queue] = base[1]
            return Value(waiter)
        })

    /// Waits to put an item into a queue.
    static let itemTable = NativeClass(
        "ItemWaiter", kind: .instance, doc: "Waits to put an item into a queue.", flags: [.isBase, .isHeapType],
        methods: [
            Native("__init__(self, item, queue, /)", "") { args throws(Raised) in
                guard let waiter = HubModule.itemWaiter.instance(args[0]) else { throw typeError("an ItemWaiter is required") }
                waiter.inlineSlots[WaiterSlot.hub] = Value(try HubModule.hub(currentThread()))
                waiter.inlineSlots[WaiterSlot.item] = args[1]
                waiter.inlineSlots[WaiterSlot.queue] = args[2]
                return .none
            }
        ])

    // MARK: Many at once

    /// One more is ready; wakes who waits if that is enough.
    static func gather(_ value: Value, _ item: Value, _ t: ThreadRef) throws(Raised) {
        guard let own = HubModule.gathering.instance(value) else { throw typeError("a Gathering is required") }
        let found = own.inlineSlots[GatheringSlot.found]
        let count = own.inlineSlots[GatheringSlot.count]
        guard found.isKind(.list), count.isInlineInt, found.object(List.self).count < count.inlineInt else { return }
        found.object(List.self).append(item)
        if found.object(List.self).count == count.inlineInt, let waiter = HubModule.waiter.instance(own.inlineSlots[GatheringSlot.waiter]) {
            try give(waiter, .none, t)
        }
    }

    static let gatheringTable = NativeClass(
        "Gathering", kind: .instance, doc: "Wakes who waits once so many objects are ready, not for each of them.",
        methods: [
            Native("__init__(self, count, waiter, /)", "") { args throws(Raised) in
                guard let own = HubModule.gathering.instance(args[0]) else { throw typeError("a Gathering is required") }
                own.inlineSlots[GatheringSlot.count] = Value(try index(args[1]))
                own.inlineSlots[GatheringSlot.found] = Value(List.make())
                own.inlineSlots[GatheringSlot.waiter] = args[2]
                return .none
            },
            Native("add(self, item, /)", "As a link: one more is ready.") { args throws(Raised) in
                try gather(args[0], args[1], currentThread())
                return .none
            },
        ], construct: { args throws(Raised) in Value(HubModule.gathering.make(args[0].object(ClassObject.self))) })
}
