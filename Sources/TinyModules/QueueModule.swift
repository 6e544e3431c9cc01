// `_queue`: SimpleQueue, an unbounded queue for threads. An item goes straight to the thread that has waited longest.
import TinyRuntime

enum QueueModule {
    static let nativeModule = NativeModule(
        "_queue", doc: "C implementation of the Python queue module.", functions: { QueueShortcuts.functions },
        prepare: { contents throws(Raised) in
            contents.add(SimpleQueue.nativeClass)
            SimpleQueue.empty = contents.addException("Empty")
            contents.set("_nothing", Runtime.missing)
        })
}

final class SimpleQueue: TracedObject {
    nonisolated(unsafe) static var empty = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let items = Deque()
    private var waiters = WaitQueue()

    func trace(_ marker: inout Marker) { items.trace(&marker) }

    private static func own(_ value: Value) throws(Raised) -> SimpleQueue {
        guard let queue = value.boxed(SimpleQueue.self) else { throw typeError("a SimpleQueue is required") }
        return queue
    }

    private static func emptied() -> Raised { raise(ExceptionObject.make(empty, Tuple.make())) }

    private func put(_ value: Value) {
        items.append(value)
        if let waiter = waiters.popFirst() { Threads.unpark(waiter) }
    }

    private func take(until deadline: UInt64?) throws(Raised) -> Value {
        while items.count == 0 {
            guard let thread = ScriptTask.current() else { throw Self.emptied() }
            waiters.append(thread)
            var isUnparked = false
            do { isUnparked = try Threads.park(Wait(.queue, self, until: deadline)) } catch {
                giveUp(thread)
                throw error
            }
            if isUnparked { continue }
            giveUp(thread)
            if items.count == 0 { throw Self.emptied() }
        }
        return items.popFirst()
    }

    /// The thread waits no longer; a wake-up that was on its way goes to the next.
    private func giveUp(_ task: ScriptTask) {
        if !waiters.remove(task), items.count > 0, let other = waiters.popFirst() { Threads.unpark(other) }
    }

    static let nativeClass = NativeClass(
        "SimpleQueue", kind: .box, doc: "Simple, unbounded, reentrant FIFO queue.", flags: [.isBase, .isWeakReferenceable],
        methods: [
            Native("put(self, item, block=True, timeout=None)", "Put the item on the queue.") { args throws(Raised) in
                try own(args[0]).put(args[1])
                return .none
            },
            Native("put_nowait(self, item)", "Put an item into the queue without blocking.") { args throws(Raised) in
                try own(args[0]).put(args[1])
                return .none
            },
            Native("get(self, block=True, timeout=None)", "Remove and return an item from the queue.") { args throws(Raised) in
                let own = try own(args[0])
                var deadline: UInt64?
                if try truth(args[1]) {
                    if !args[2].isNone {
                        let seconds = try ThreadModule.seconds(args[2])
                        if seconds < 0 { throw valueError("'timeout' must be a non-negative number") }
                        if seconds > ThreadModule.timeoutMaximum { throw raise(.overflowError, "timeout value is too large") }
                        deadline = Clock.deadline(after: seconds)
                    }
                } else if own.items.count == 0 {
                    throw emptied()
                }
                if own.items.count > 0 { return own.items.popFirst() }
                return try own.take(until: deadline)
            },
            Native("get_nowait(self, /)", "Remove and return an item from the queue without blocking.") { args throws(Raised) in
                let own = try own(args[0])
                if own.items.count == 0 { throw emptied() }
                return own.items.popFirst()
            },
            Native("empty(self, /)", "Return True if the queue is empty, False otherwise.") { args throws(Raised) in
                Value(try own(args[0]).items.count == 0)
            },
            Native("qsize(self, /)", "Return the approximate size of the queue.") { args throws(Raised) in
                Value(try own(args[0]).items.count)
            },
            classGetItem,
        ], construct: { args throws(Raised) in BoxedObject.make(SimpleQueue(), args[0].object(ClassObject.self)) })
}
