// The short way through `queue.Queue`: what put() and get() do when nobody is in their way.
//
// The queue's content, lock and conditions are the script's own objects, and the long way (queue.tr) works on the same.
// While a native function runs nobody else does; so if the queue's lock is free, adding an item, counting it and waking a
// getter may be done at once. Whatever is not plain (full, empty, shut down, locked) is left to the long way.
import TinyRuntime

enum QueueShortcuts {
    nonisolated(unsafe) private static let maxsize = StrTables.intern("maxsize")
    nonisolated(unsafe) private static let unfinished = StrTables.intern("unfinished_tasks")
    nonisolated(unsafe) private static let isShutDown = StrTables.intern("is_shutdown")

    @inline(__always)
    private static func deque(_ value: Value) -> Deque? {
        guard value.isKind(.box) else { return nil }
        let object = value.object(BoxedObject.self).swiftObject
        return type(of: object) == Deque.self ? unsafeDowncast(object, to: Deque.self) : nil
    }

    /// Wakes the first who waits on a condition.
    @inline(__always)
    private static func notify(_ waiters: Deque) {
        if waiters.count > 0 { waiters.popFirst().lock?.release(currentThread()) }
    }

    /// Whether that is possible: in a patched program a greenlet may wait, on a lock of another kind.
    @inline(__always)
    private static func canNotify(_ waiters: Deque) -> Bool { waiters.count == 0 || waiters[0].lock != nil }

    static let functions: [Native] = [
        Native("_put(queue, items, mutex, waiters, item, /)", "Add an item if that is possible at once. Whether it was.") { args in
            guard args[0].isKind(.instance), let items = deque(args[1]), let mutex = args[2].lock, let waiters = deque(args[3]),
                !mutex.isLocked, canNotify(waiters)
            else { return .false }
            let queue = args[0].object(Instance.self)
            let limit = queue.get(maxsize)
            let count = queue.get(unfinished)
            guard queue.get(isShutDown).bits == Value.false.bits, limit.isInlineInt, count.isInlineInt,
                limit.inlineInt <= 0 || items.count < limit.inlineInt
            else { return .false }
            items.append(args[4])
            queue.set(unfinished, Value(count.inlineInt + 1))
            notify(waiters)
            return .true
        },
        Native("_get(items, mutex, waiters, /)", "Take the first item if that is possible at once; else _nothing.") { args in
            guard let items = deque(args[0]), let mutex = args[1].lock, let waiters = deque(args[2]), !mutex.isLocked, items.count > 0,
                canNotify(waiters)
            else { return Runtime.missing }
            let item = items.popFirst()
            notify(waiters)
            return item
        },
    ]
}
