// The timer thread of the GIL: it sets the breaker when the holder's slice of time is over.
//
// A thread of its own, so that neither the holder nor those that wait need to look at clocks. It sleeps while nobody
// waits, is woken only for a time earlier than the one it sleeps until, and works out what is due when it wakes.
import CTiny
import Glibc

enum LockTimer {
    nonisolated(unsafe) private static var isRunning = false
    /// Until when it sleeps.
    nonisolated(unsafe) private static var due = UInt64.max
    nonisolated(unsafe) private static let condition: UnsafeMutablePointer<pthread_cond_t> = {
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        initialise(condition)
        return condition
    }()

    private static func initialise(_ condition: UnsafeMutablePointer<pthread_cond_t>) {
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    /// Looks at the slice again at a time, or up to a switch interval later if it sleeps anyway: to wake it costs more than
    /// most waits last.
    /// With the mutex held.
    static func ask(at time: UInt64) {
        if !isRunning { start() }
        if due == .max || time &+ Threads.switchIntervalNanoseconds < due {
            due = time
            pthread_cond_signal(condition)
        }
    }

    /// In the child of a fork there is no such thread.
    static func forget() {
        guard isRunning || due != .max else { return }
        isRunning = false
        due = .max
        initialise(condition)
    }

    private static func start() {
        isRunning = true
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 64 << 10)
        // It takes no signals: those are for the threads of the script.
        var blocked = sigset_t()
        var old = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, &old)
        if pthread_create(&thread, &attributes, { _ in
            LockTimer.run()
            return nil
        }, nil) != 0 {
            isRunning = false
            requestBreak(.release)
        }
        pthread_sigmask(SIG_SETMASK, &old, nil)
        pthread_attr_destroy(&attributes)
    }

    private static func run() {
        pthread_mutex_lock(Threads.mutex)
        while true {
            let now = Clock.real()
            if now < due {
                sleep()
                continue
            }
            due = .max
            if Threads.holder == nil {
                if let next = Threads.endIdleness() {
                    pthread_mutex_unlock(Threads.mutex)
                    next.wake()
                    pthread_mutex_lock(Threads.mutex)
                }
            } else if !Threads.policy.isEmpty, !Threads.isAsked, case .nanoseconds(let slice) = Threads.policy.slice(used: Threads.holder?.sliceUsed ?? 0) {
                let end = Threads.heldSince &+ slice
                if now >= end {
                    Threads.isAsked = true
                    requestBreak(.release)
                } else {
                    due = end
                }
            }
        }
    }

    private static func sleep() {
        if due == .max {
            pthread_cond_wait(condition, Threads.mutex)
        } else {
            var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
            pthread_cond_timedwait(condition, Threads.mutex, &time)
        }
    }
}
