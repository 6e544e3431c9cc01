// The locks of `_thread`: a lock, and one that its owner may take again. A lock that is let go is handed to the task that
// has waited longest. Only the holder of the GIL touches a lock, so nothing here is atomic.
//
// A lock knows who took it (by number: no reference is counted on the fast path), where, and whether it was ever let go
// by somebody else; the wait-for graph and its reports are built from that.
import CTiny

final class Lock: TracedObject {
    private(set) var isLocked = false
    /// Number of the task that has it; -1: nobody, or nobody in particular.
    private(set) var ownerNumber = -1
    /// How often its owner has taken it (reentrant locks).
    var depth = 0
    let isReentrant: Bool
    /// Locked from the start, to be let go by whoever has news: it never has an owner.
    let isSignal: Bool
    /// Someone else than the owner has let it go: who has it says nothing about who will let it go.
    private(set) var isPassedAround = false
    /// Taken by a `with` statement, which lets it go at its end.
    var isScoped = false
    /// Where it was taken: the code, and the place behind the call.
    private var siteCode = Value.absent
    private var sitePC: PC?
    private(set) var waiters = WaitQueue()

    init(isReentrant: Bool = false, isSignal: Bool = false) {
        self.isReentrant = isReentrant
        self.isSignal = isSignal
        isLocked = isSignal
    }

    func trace(_ marker: inout Marker) { marker.mark(siteCode) }

    var owner: ScriptTask? { ownerNumber < 0 ? nil : Threads.task(ownerNumber) }

    /// File and line where it was taken.
    var site: Place? {
        guard siteCode.isKind(.code), let sitePC else { return nil }
        return Place(siteCode.object(Code.self), sitePC)
    }

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
        if let frame = t.pointee.frame {
            siteCode = Value(frame.header.pointee.code)
            sitePC = frame.header.pointee.pc
        }
    }

    /// Takes the lock, waiting at most until the deadline. False if the time ran out.
    @inline(never)
    func acquire(until deadline: UInt64?) throws(Raised) -> Bool {
        let t = currentThread()
        if tryAcquire(t) { return true }
        guard let task = ScriptTask.current() else { return false }
        waiters.append(task)
        do throws(Raised) {
            if try Threads.park(Wait(isReentrant ? .reentrantLock : isSignal ? .signal : .lock, self, until: deadline)) {
                own(t)
                return true
            }
        } catch {
            // It may have been handed over meanwhile: then it goes on to the next.
            if !waiters.remove(task) { release() }
            throw error
        }
        // The same between the timeout and our return to the GIL; here that is success.
        if waiters.remove(task) { return false }
        own(t)
        return true
    }

    /// Lets go: hands the lock to the next waiter, or frees it.
    @inline(__always)
    func release(_ t: ThreadRef) {
        if !isPassedAround, ownerNumber >= 0, ownerNumber != t.pointee.taskNumber { isPassedAround = true }
        ownerNumber = -1
        if waiters.isEmpty { isLocked = false } else { slowHandOn() }
    }

    func release() { release(currentThread()) }

    @inline(never)
    private func slowHandOn() {
        while let next = waiters.popFirst() {
            // In the child of a fork the threads that waited are gone.
            if next.isDone { continue }
            if !isSignal { ownerNumber = next.number }
            Threads.unpark(next)
            return
        }
        isLocked = false
    }

    /// In the child of a fork: free, with no waiters.
    func reset() {
        isLocked = false
        ownerNumber = -1
        depth = 0
        waiters = WaitQueue()
    }
}
