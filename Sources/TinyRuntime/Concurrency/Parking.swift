// The parking place: where a task waits, without the GIL, for another task or for a time. Locks, joins, conditions, queues
// and sleeps all wait here.
//
// What is waited for (a lock, a thread's end) is changed only by holders of the GIL; so whoever wakes a task hands over
// first and then calls `unpark`, and the woken task finds the thing already its own. There are no lost wake-ups and no
// stolen locks: a wake-up that comes before its task sleeps is kept. Signals wake the main thread at once: its semaphore
// is posted by the C handler.
import CTiny
import Glibc

extension Threads {
    /// Waits until another task calls `unpark`, or until the wait's deadline. True if unparked. Throws what a signal handler
    /// of the script raises, and DeadlockError if nobody could ever end the wait.
    public static func park(_ wait: Wait) throws(Raised) -> Bool {
        guard let thread = current() else { return false }
        DirtyStreams.flushAll()
        var wait = wait
        wait.since = Clock.real()
        var quietUntil = ParkedCollection.time(for: thread)
        defer { thread.wait = nil }
        while true {
            thread.wait = wait
            if wait.deadline == nil { try WaitGraph.check(thread) }
            let outcome = keepingValues(thread.state) { sleep(thread, until: wait.deadline, quietUntil) }
            stopIfFinalizing(thread)
            if outcome == .unparked {
                // What was waited for is this task's now. An exception that was sent meanwhile is seen at its next call or
                // back-edge, when it can let go again; a signal here: whoever called gives up again what it got.
                if !thread.state.pointee.pending.isAbsent { requestBreak(.exception) }
                if heedsSignals(thread) { try Signals.handlePending() }
                return true
            }
            if outcome == .idle {
                quietUntil = nil
                ParkedCollection.run()
            }
            if heedsSignals(thread) { try Signals.handlePending() }
            try raisePending(thread)
            switch outcome {
            case .timedOut: return false
            case .idle, .interrupted, .parked, .no, .unparked: continue
            }
        }
    }

    /// Whether a signal has arrived that ends or interrupts the task's wait.
    private static func heedsSignals(_ thread: ScriptThread) -> Bool {
        thread === main && Signals.hasArrived && !(thread.wait?.isMasked ?? false)
    }

    /// Raises what another task has sent to this one.
    private static func raisePending(_ thread: ScriptThread) throws(Raised) {
        let exception = thread.state.pointee.pending
        if exception.isAbsent { return }
        thread.state.pointee.pending = .absent
        throw raise(try exceptionToRaise(exception))
    }

    private static func sleep(_ thread: ScriptThread, until deadline: UInt64?, _ quietUntil: UInt64?) -> ScriptTask.Parking {
        pthread_mutex_lock(mutex)
        defer {
            thread.parking = .no
            pthread_mutex_unlock(mutex)
        }
        if thread.parking == .unparked { return .unparked }
        if heedsSignals(thread) { return .interrupted }
        if !thread.state.pointee.pending.isAbsent { return .interrupted }
        thread.parking = .parked
        thread.sliceUsed = 0
        thread.statistics.voluntary += 1
        // With virtual time the next may be this one, its own time having come.
        let next = passOn(after: thread, .wait)
        if next !== thread {
            pthread_mutex_unlock(mutex)
            next?.wake()
            pthread_mutex_lock(mutex)
        }
        var quietUntil = quietUntil
        while holder !== thread {
            let isTimed = thread.parking == .parked && !Clock.isVirtual
            pthread_mutex_unlock(mutex)
            thread.awaitWake(until: isTimed ? quietUntil.map { min($0, deadline ?? .max) } ?? deadline : nil)
            pthread_mutex_lock(mutex)
            guard thread.parking == .parked, holder !== thread else { continue }
            if let time = quietUntil, Clock.real() >= time {
                quietUntil = nil
                if holder == nil { thread.parking = .idle }
            }
            endWait(thread, deadline)
        }
        return thread.parking
    }

    /// A parked thread has woken by itself: a signal, or its time is over. With the mutex held.
    private static func endWait(_ thread: ScriptThread, _ deadline: UInt64?) {
        if heedsSignals(thread) {
            thread.parking = .interrupted
        } else if let deadline, !Clock.isVirtual, Clock.real() >= deadline {
            thread.parking = .timedOut
        } else if thread.parking != .idle {
            return
        }
        if let next = makeReady(thread, .returned), next !== thread { next.wake() }
    }

    /// Wakes a parked task, or keeps it from parking. With the GIL.
    public static func unpark(_ task: ScriptTask) { resume(task, .unparked) }

    /// Makes a parked task look up, for an exception that was sent to it. With the GIL.
    static func interrupt(_ task: ScriptTask) { resume(task, .interrupted) }

    private static func resume(_ task: ScriptTask, _ how: ScriptTask.Parking) {
        // Left in a queue by a fork: it runs in the parent only.
        if task.isDone { return }
        // Tasks are threads.
        let thread = unsafeDowncast(task, to: ScriptThread.self)
        var next: ScriptThread?
        pthread_mutex_lock(mutex)
        switch thread.parking {
        case .parked:
            thread.parking = how
            next = makeReady(thread, .woken)
        case .timedOut, .interrupted, .idle, .no:
            if how == .unparked { thread.parking = .unparked }
        case .unparked: break
        }
        pthread_mutex_unlock(mutex)
        next?.wake()
    }

    // MARK: Virtual time; with the mutex held

    /// Nobody can run: time jumps to the earliest deadline, and whoever waits for it is ready.
    static func endEarliestWaits() {
        var earliest = UInt64.max
        for thread in all where thread.parking == .parked {
            if let deadline = thread.wait?.deadline { earliest = min(earliest, deadline) }
        }
        guard earliest != .max else { return }
        Clock.jump(to: earliest)
        let now = Clock.real()
        for thread in all where thread.parking == .parked {
            guard let deadline = thread.wait?.deadline, deadline <= earliest else { continue }
            thread.parking = .timedOut
            thread.readySince = now
            policy.add(thread, .returned)
        }
    }

    /// Somebody is in a call of the system, nobody else can run: time jumps if that lasts.
    static func watchIdleness() { LockTimer.ask(at: Clock.real() + 20_000_000) }

    /// For the timer: whoever is to be woken.
    static func endIdleness() -> ScriptThread? {
        guard Clock.isVirtual, holder == nil else { return nil }
        endEarliestWaits()
        return handToNext(after: nil, .wait, Clock.real())
    }
}
