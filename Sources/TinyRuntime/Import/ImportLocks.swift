// Locks of modules that are being imported: a module's code runs once, and another thread that wants the module meanwhile
// waits until it is whole. Threads whose imports wait for each other in a circle get the module as far as it is, as one
// thread with a circular import does.
import CTiny

/// Who is importing what.
public enum ImportLocks {
    /// By module name; with the GIL. Only modules that somebody is importing.
    nonisolated(unsafe) private static var locks: [String: Lock] = [:]

    /// Whether anybody runs the code of a module for the first time.
    static var isAnyBusy: Bool { !locks.isEmpty }

    /// Whether another task runs the module's code right now.
    static func isBusy(_ name: String) -> Bool {
        guard !locks.isEmpty, let lock = locks[name] else { return false }
        return lock.isLocked && lock.ownerNumber != currentThread().pointee.taskNumber
    }

    /// Waits until nobody runs the module's code. False if that would be for ever.
    static func wait(_ name: String) throws(Raised) -> Bool {
        while isBusy(name), let lock = locks[name] {
            if let task = Threads.current(), WaitGraph.wouldClose(task, Wait(.reentrantLock, lock)) { return false }
            _ = try lock.acquire(until: nil)
            release(name)
        }
        return true
    }

    /// The task is about to run the module's code. False if it does already.
    static func take(_ name: String) throws(Raised) -> Bool {
        guard try wait(name) else { return false }
        let lock = locks[name] ?? Lock(isReentrant: true)
        locks[name] = lock
        return lock.tryAcquire(currentThread())
    }

    // MARK: The lock that scripts know (`imp.acquire_lock`)

    /// Held around a fork, so that the child sees no half-made module of whoever holds it.
    nonisolated(unsafe) private static var common = Lock(isReentrant: true)

    /// `imp.lock_held()`: whether any task holds the lock around forks.
    public static var isHeld: Bool { common.isLocked }

    /// Takes the lock around forks; a task that has it takes it once more. Waits for whoever else has it.
    public static func hold() throws(Raised) {
        let number = currentThread().pointee.taskNumber
        if !(common.isLocked && common.ownerNumber == number) {
            _ = try common.acquire(until: nil)
            common.depth = 0
        }
        common.depth += 1
    }

    /// False if the caller does not hold it.
    public static func letGo() -> Bool {
        guard common.isLocked, common.ownerNumber == currentThread().pointee.taskNumber else { return false }
        common.depth -= 1
        if common.depth == 0 { common.release() }
        return true
    }

    static func release(_ name: String) {
        guard let lock = locks[name] else { return }
        if lock.waiters.isEmpty { locks[name] = nil }
        lock.release()
    }

    /// In the child of a fork: what other threads were importing, nobody imports any more.
    static func afterFork() {
        guard !locks.isEmpty else { return }
        let number = currentThread().pointee.taskNumber
        locks = locks.filter { $0.value.ownerNumber == number }
    }
}
