// The parking place: where a thread waits, without the GIL, for another thread or for a time.
//
// What is waited for (a lock, a thread's end) is changed only by holders of the GIL; so whoever wakes a thread hands over
// first and then calls `unpark`, and the woken thread finds the thing already its own. There are no lost wake-ups and no
// stolen locks. The main thread looks at signals at least every 20 ms while it waits.
import CTiny
import Glibc

extension Threads {
    /// Waits until another thread calls `unpark`, or until a deadline (nanoseconds of the monotonic clock; nil: for ever).
    /// True if unparked. Throws what a signal handler of the script raises.
    static func park(until deadline: UInt64?) throws(Raised) -> Bool {
        guard let thread = current() else { return false }
        while true {
            let outcome = wait(thread, until: deadline)
            stopIfFinalizing(thread)
            if thread === main, Signals.hasArrived { try Signals.handlePending() }
            if !thread.state.pointee.pending.isAbsent {
                let exception = thread.state.pointee.pending
                thread.state.pointee.pending = .absent
                throw raise(try exceptionToRaise(exception))
            }
            switch outcome {
            case .unparked: return true
            case .timedOut: return false
            case .interrupted: continue
            }
        }
    }

    private enum Outcome { case unparked, timedOut, interrupted }

    private static func wait(_ thread: ScriptThread, until deadline: UInt64?) -> Outcome {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        letGo()
        var outcome = Outcome.unparked
        while !thread.isUnparked {
            let time = now()
            if let deadline, time >= deadline {
                outcome = .timedOut
                break
            }
            if thread === main {
                if Signals.hasArrived {
                    outcome = .interrupted
                    break
                }
                waitOn(thread.condition, until: min(deadline ?? .max, time + 20_000_000))
            } else if let deadline {
                waitOn(thread.condition, until: deadline)
            } else {
                pthread_cond_wait(thread.condition, mutex)
            }
        }
        if outcome == .unparked { thread.isUnparked = false }
        queueBehindHolder(thread)
        return outcome
    }

    private static func waitOn(_ condition: UnsafeMutablePointer<pthread_cond_t>, until due: UInt64) {
        var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
        pthread_cond_timedwait(condition, mutex, &time)
    }

    /// Wakes a parked thread. With the GIL.
    static func unpark(_ thread: ScriptThread) {
        pthread_mutex_lock(mutex)
        thread.isUnparked = true
        pthread_cond_signal(thread.condition)
        pthread_mutex_unlock(mutex)
    }

    /// The deadline a timeout in seconds from now means.
    static func deadline(after seconds: Double) -> UInt64 {
        now() &+ UInt64(max(0, min(seconds, 1e9)) * 1e9)
    }
}

/// A list of waiting threads in order of arrival. With the GIL.
struct WaitQueue {
    private var threads: [ScriptThread] = []

    var isEmpty: Bool { threads.isEmpty }
    mutating func append(_ thread: ScriptThread) { threads.append(thread) }
    mutating func popFirst() -> ScriptThread? { threads.isEmpty ? nil : threads.removeFirst() }
    mutating func remove(_ thread: ScriptThread) { threads.removeAll { $0 === thread } }
}

/// The lock of `_thread`: handed to the thread that has waited longest.
final class Lock {
    private(set) var isLocked = false
    private(set) var owner: ScriptThread?
    private var waiters = WaitQueue()

    /// Takes the lock if it is free.
    func tryAcquire() -> Bool {
        if isLocked { return false }
        isLocked = true
        owner = Threads.current()
        return true
    }

    /// Takes the lock, waiting at most until the deadline. False if the time ran out.
    func acquire(until deadline: UInt64?) throws(Raised) -> Bool {
        if tryAcquire() { return true }
        guard let thread = Threads.current() else { return false }
        waiters.append(thread)
        do throws(Raised) {
            if try Threads.park(until: deadline) { return true }
        } catch {
            giveUp(thread)
            throw error
        }
        // The lock may have been handed over between the timeout and our return to the GIL.
        if owner === thread, isLocked {
            thread.isUnparked = false
            return true
        }
        waiters.remove(thread)
        return false
    }

    private func giveUp(_ thread: ScriptThread) {
        if owner === thread, isLocked {
            thread.isUnparked = false
            release()
        } else {
            waiters.remove(thread)
        }
    }

    /// Hands the lock to the next waiter or frees it.
    func release() {
        if let next = waiters.popFirst() {
            owner = next
            Threads.unpark(next)
        } else {
            owner = nil
            isLocked = false
        }
    }

    /// In the child of a fork: free, with no waiters.
    func reset() {
        isLocked = false
        owner = nil
        waiters = WaitQueue()
    }
}
