// The locks of `_thread`: a lock, and one that its owner may take again. Only the holder of the GIL touches a lock, so
// nothing here is atomic.
//
// A lock that is let go is free, and the task that has waited longest is woken to take it. Whoever runs meanwhile may take
// it first: handed to a task that is still to be woken, a lock that two tasks use all the time would make them switch at
// every use (a lock convoy). A task that has come too late once has the lock handed to it: nobody starves. (The two modes
// of Go's sync.Mutex and of WebKit's ParkingLot.)
//
// A lock knows who took it (by number: no reference is counted on the fast path), where, and whether it was ever let go
// by somebody else; the wait-for graph and its reports are built from that.
import CTiny

/// The Swift side of `_thread.lock` and `_thread.RLock`. Guarded by the GIL.
public final class Lock: TracedObject {
    /// Whether anybody has it.
    public private(set) var isLocked = false
    /// Number of the task that has it; -1: nobody, or nobody in particular.
    private(set) var ownerNumber = -1
    /// Which of the task's fibers has it, for comparison only; nil: the first one.
    private(set) var ownerFiber: FiberRef?
    /// A greenlet that wants a lock of another one in its thread waits in the hub: what monkey.patch_thread asks for, for locks
    /// that were made before.
    nonisolated(unsafe) static var waitsInHub = false
    /// How often its owner has taken it (reentrant locks).
    var depth = 0
    let isReentrant: Bool
    /// Locked from the start, to be let go by whoever has news: it never has an owner.
    let isSignal: Bool
    /// Someone else than the owner has let it go: who has it says nothing about who will let it go.
    private(set) var isPassedAround = false
    /// Taken by a `with` statement, which lets it go at its end.
    var isScoped = false
    private var acquireSite = CodeSite()
    private(set) var waiters = WaitQueue()
    /// A waiter has been woken to take the lock and has not run yet.
    private var isWaking = false
    /// The lock belongs to a waiter that has not run yet.
    private var isHandedOver = false
    /// The first waiter has been woken once in vain.
    private var isStarving = false

    init(isReentrant: Bool = false, isSignal: Bool = false) {
        self.isReentrant = isReentrant
        self.isSignal = isSignal
        isLocked = isSignal
    }

    /// Marks the code that took it. For the collector, which holds the GIL.
    public func trace(_ marker: inout Marker) { marker.mark(acquireSite.code) }

    var owner: ScriptTask? { ownerNumber < 0 ? nil : Threads.task(ownerNumber) }

    /// File and line where it was taken.
    var site: Place? { acquireSite.place }

    /// Takes the lock if it is free.
    @inline(__always)
    func tryAcquire(_ t: ThreadRef) -> Bool {
        if isLocked { return false }
        isLocked = true
        own(t)
        return true
    }

    @inline(__always)
    private func own(_ t: ThreadRef) {
        isScoped = false
        if isSignal { return }
        ownerNumber = t.pointee.taskNumber
        ownerFiber = Lock.fiber(of: t)
        if let frame = t.pointee.frame { acquireSite = CodeSite(frame) }
    }

    /// The running fiber; nil for a thread's first one.
    @inline(__always)
    private static func fiber(of t: ThreadRef) -> FiberRef? {
        guard let fiber = t.pointee.fiber, !fiber.pointee.isRoot else { return nil }
        return fiber
    }

    /// Whether the running task has it; and its running fiber, where that makes a difference.
    @inline(__always)
    func isOwned(by t: ThreadRef) -> Bool {
        ownerNumber == t.pointee.taskNumber && (!Lock.waitsInHub || ownerFiber == Lock.fiber(of: t))
    }

    /// The lock was made before monkey patching, and a fiber of this thread waits for it: lets others run until it is free.
    /// Nil: there is nobody left who could run, so the thread itself may wait.
    private func acquireInHub(until deadline: UInt64?, _ t: ThreadRef) throws(Raised) -> Bool? {
        var pause = 0.0
        while EventLoop.hasWork(t) {
            try HubWaiting.pause(pause, t)
            if tryAcquire(t) { return true }
            if let deadline, Clock.now() >= deadline { return false }
            pause = min(pause + 0.0002, 0.005)
        }
        return nil
    }

    /// Takes the lock, waiting at most until the deadline. False if the time ran out.
    @inline(never)
    func acquire(until deadline: UInt64?, isMasked: Bool = false) throws(Raised) -> Bool {
        let t = currentThread()
        if tryAcquire(t) { return true }
        if Lock.waitsInHub, !isSignal, t.pointee.hub != nil, t.pointee.hub != t.pointee.fiber,
            let isAcquired = try acquireInHub(until: deadline, t) {
            return isAcquired
        }
        guard let task = ScriptTask.current() else { return false }
        var wait = Wait(isReentrant ? .reentrantLock : isSignal ? .signal : .lock, self, until: deadline)
        wait.isMasked = isMasked
        waiters.append(task)
        while true {
            let isUnparked: Bool
            do throws(Raised) { isUnparked = try Threads.park(wait) } catch {
                if !waiters.remove(task) { giveUp() }
                throw error
            }
            // Out of time; if it was woken at the same moment it may still succeed.
            if !isUnparked, waiters.remove(task) { return false }
            if isHandedOver {
                isHandedOver = false
                own(t)
                return true
            }
            isWaking = false
            if tryAcquire(t) { return true }
            if !isUnparked { return false }
            isStarving = true
            waiters.insertFirst(task)
        }
    }

    /// A task that was woken for the lock does not want it any more: then the next may have it.
    private func giveUp() {
        if isHandedOver {
            isHandedOver = false
            release()
        } else {
            isWaking = false
            if !isLocked, !waiters.isEmpty { slowRelease() }
        }
    }

    /// Lets go: frees the lock and wakes the first waiter, or hands it the lock.
    @inline(__always)
    public func release(_ t: ThreadRef) {
        if !isPassedAround, ownerNumber >= 0, ownerNumber != t.pointee.taskNumber { isPassedAround = true }
        ownerNumber = -1
        // Let go before the one to whom it was handed has run: that one has to try again.
        isHandedOver = false
        if waiters.isEmpty { isLocked = false } else { slowRelease() }
    }

    func release() { release(currentThread()) }

    @inline(never)
    private func slowRelease() {
        isLocked = false
        if isWaking { return }
        while let next = waiters.popFirst() {
            // In the child of a fork the threads that waited are gone.
            if next.isDone { continue }
            if isSignal || isStarving {
                isLocked = true
                isHandedOver = true
                isStarving = false
                if !isSignal { ownerNumber = next.number }
            } else {
                isWaking = true
            }
            Threads.unpark(next)
            return
        }
    }

    /// In the child of a fork: free, with no waiters.
    func reset() {
        isLocked = false
        ownerNumber = -1
        depth = 0
        waiters = WaitQueue()
        isWaking = false
        isHandedOver = false
        isStarving = false
    }
}
