// gevent's queues, their native half: how items are kept, and how they go from those who wait to put to those who wait to get.
// `gevent.queue` has the rest: what put and get do, and when they wait.
//
// `_unlock` runs in the hub, which nobody else does meanwhile; but it lets others run, so it looks at everything anew after
// each. A class that keeps its items otherwise overrides `_put`, `_get` and `_qsize`, which are then called.
//
// Measured against the same in the language: an item handed over a Queue(1) 1.4 → 1.0 µs.

/// Slots of a queue.
enum QueueSlot {
    static let limit = 0
    static let getters = 1
    static let putters = 2
    static let hub = 3
    static let items = 4
    static let isShutDown = 5
    /// The callback that will unlock, or None.
    static let unlocking = 6
    /// How many items were put and not yet worked on; None where nobody counts.
    static let unfinished = 7
    /// An event that is set while there are none.
    static let finished = 8
}

enum HubQueues {
    nonisolated(unsafe) private static var putName = StrRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var sizeName = StrRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var unlockName = StrRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var ownPut = Value.none
    nonisolated(unsafe) private static var ownSize = Value.none

    /// After the class exists.
    static func prepare(_ cls: ClassRef) {
        putName = StrTables.intern("_put")
        sizeName = StrTables.intern("_qsize")
        unlockName = StrTables.intern("_unlock")
        ownPut = cls.lookup(putName)
        ownSize = cls.lookup(sizeName)
    }

    private static func own(_ value: Value) throws(Raised) -> InstanceRef {
        guard let queue = HubModule.queue.instance(value) else { throw typeError("a queue is required, not '\(typeName(value))'") }
        return queue
    }

    // MARK: Items

    private static func put(_ queue: InstanceRef, _ item: Value) throws(Raised) {
        let items = SlottedClass.slot(queue, QueueSlot.items)
        if let deque = items.deque { deque.append(item) } else { _ = try callMethod(items, StrTables.intern("append"), item) }
        let count = SlottedClass.slot(queue, QueueSlot.unfinished)
        guard !count.isNone else { return }
        let more = try index(count) + 1
        queue.inlineSlots[QueueSlot.unfinished] = Value(more)
        if more == 1 { _ = try callMethod(SlottedClass.slot(queue, QueueSlot.finished), StrTables.intern("clear")) }
    }

    private static func get(_ queue: InstanceRef) throws(Raised) -> Value {
        let items = SlottedClass.slot(queue, QueueSlot.items)
        if let deque = items.deque, deque.count > 0 { return deque.popFirst() }
        return try callMethod(items, StrTables.intern("popleft"))
    }

    private static func size(_ queue: InstanceRef) throws(Raised) -> Int {
        let items = SlottedClass.slot(queue, QueueSlot.items)
        if let deque = items.deque { return deque.count }
        return try length(items)
    }

    // MARK: Who waits

    private static func scheduleUnlock(_ queue: Value) throws(Raised) {
        let own = try own(queue)
        guard SlottedClass.slot(own, QueueSlot.unlocking).isNone else { return }
        let t = currentThread()
        let hub = SlottedClass.slot(own, QueueSlot.hub)
        let isOfThread = t.pointee.hub.map { Value($0) == hub } ?? false
        let loop = try EventLoop.of(isOfThread ? t.pointee.hubLoop : try getAttribute(hub, Names.loop))
        own.inlineSlots[QueueSlot.unlocking] = Value(loop.schedule(try getAttribute(queue, unlockName)))
    }

    private static func waiters(_ queue: InstanceRef, _ slot: Int) throws(Raised) -> Deque {
        guard let deque = SlottedClass.slot(queue, slot).deque else { throw typeError("those who wait must be in a deque") }
        return deque
    }

    /// Wakes one that waits, with itself.
    private static func wake(_ value: Value, _ t: ThreadRef) throws(Raised) {
        if let waiter = HubModule.waiter.instance(value) {
            try HubWaiters.give(waiter, value, t)
        } else {
            _ = try callMethod(value, StrTables.intern("switch"), value)
        }
    }

    private static func unlock(_ value: Value, _ t: ThreadRef) throws(Raised) {
        let queue = try own(value)
        queue.inlineSlots[QueueSlot.unlocking] = .none
        let isPlain = value.cls.lookup(putName) == ownPut && value.cls.lookup(sizeName) == ownSize
        func size() throws(Raised) -> Int {
            isPlain ? try self.size(queue) : try index(try callMethod(value, sizeName))
        }
        let limit = try index(SlottedClass.slot(queue, QueueSlot.limit))
        var hasMoved = true
        while hasMoved {
            hasMoved = false
            var hasRoom = limit < 0
            if try waiters(queue, QueueSlot.putters).count > 0 {
                if !hasRoom { hasRoom = try size() < limit }
                let putters = try waiters(queue, QueueSlot.putters)
                if hasRoom, putters.count > 0 {
                    hasMoved = true
                    let putter = putters.popFirst()
                    var isPut = true
                    do {
                        let item: Value
                        if let waiter = HubModule.itemWaiter.instance(putter) {
                            item = SlottedClass.slot(waiter, WaiterSlot.item)
                        } else {
                            item = try getAttribute(putter, "item")
                        }
                        if isPlain { try put(queue, item) } else { _ = try callMethod(value, putName, item) }
                    } catch {
                        isPut = false
                        try passOn(to: putter, t)
                    }
                    if isPut { try wake(putter, t) }
                }
            }
            if try waiters(queue, QueueSlot.getters).count > 0, try size() > 0 {
                let getters = try waiters(queue, QueueSlot.getters)
                guard getters.count > 0 else { continue }
                hasMoved = true
                try wake(getters.popFirst(), t)
            }
        }
    }

    /// An item could not be put: who wanted to is told.
    private static func passOn(to putter: Value, _ t: ThreadRef) throws(Raised) {
        let exception = t.takeRaised()
        let traceback = exception.isKind(.exception) ? exception.object(ExceptionObject.self).pointee.traceback : .none
        _ = try callMethod(putter, Names.throwName, Value(exception.cls), exception, traceback)
    }

    static let slots = [
        "_maxsize", "getters", "putters", "hub", "queue", "is_shutdown", "_event_unlock", "unfinished_tasks", "_cond",
    ]

    static let table = NativeClass(
        "QueueBase", kind: .instance, doc: "What is native of gevent's queues.", flags: [.isBase, .isHeapType],
        methods: [
            Native("_put(self, item, /)", "Keeps an item.") { args throws(Raised) in
                try put(try own(args[0]), args[1])
                return .none
            },
            Native("_get(self, /)", "The item that is next, which is kept no longer.") { args throws(Raised) in try get(try own(args[0])) },
            Native("_qsize(self, /)", "How many items are kept.") { args throws(Raised) in Value(try size(try own(args[0]))) },
            Native("_schedule_unlock(self, /)", "Asks the hub to let in and wake those who wait.") { args throws(Raised) in
                try scheduleUnlock(args[0])
                return .none
            },
            Native("_unlock(self, /)", "In the hub: items go to those who wait, and from those who wait to put.") { args throws(Raised) in
                try unlock(args[0], currentThread())
                return .none
            },
        ], construct: { args throws(Raised) in Value(HubModule.queue.make(args[0].object(ClassObject.self))) })
}
