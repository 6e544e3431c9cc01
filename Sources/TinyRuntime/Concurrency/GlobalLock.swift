// Threads of the script and the global interpreter lock.
//
// A thread of the script is a pthread; the GIL lets one of them run script code. The lock is handed over, not grabbed:
// whoever lets go asks the policy who is next and makes that task the holder before waking it. A task that waits for
// something (Parking) is no longer known to the policy; whoever wakes it adds it there again, and the thread itself sleeps
// on until its turn has come: one wake-up for a wait, never two, and no woken thread finds the lock taken again.
//
// `mutex` guards every field here, all of the policy and `parking` of every task. It is held for a few instructions only;
// semaphores are posted after it is let go.
import CTiny
import Glibc

/// The threads of the script, and who of them holds the GIL.
public enum Threads {
    /// Guards the scheduler's state. Held for a few instructions, never while script code runs; it may be taken with and without the GIL.
    nonisolated(unsafe) public static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        isMutexMade = true
        return mutex
    }()
    /// Whether any thread can have held the mutex.
    nonisolated(unsafe) private(set) static var isMutexMade = false
    /// Who holds the GIL; nil: nobody.
    nonisolated(unsafe) static var holder: ScriptThread?
    nonisolated(unsafe) static var policy: any SchedulingPolicy = IOFirstPolicy(instructions: nil)
    /// Threads that have begun and not ended, in the order of their start; after a fork, the one that forked.
    nonisolated(unsafe) public static var all: [ScriptThread] = []
    nonisolated(unsafe) static var main: ScriptThread?
    /// In a child of fork: the threads that only its parent has. What they were working with is kept, as CPython keeps it: their
    /// `finally` clauses and destructors are the parent's to run.
    nonisolated(unsafe) static var leftBehind: [ScriptThread] = []
    /// Threads that are in a call of the system, without the GIL.
    nonisolated(unsafe) static var outside = 0
    /// When the holder got the lock, in nanoseconds of the real clock.
    nonisolated(unsafe) static var heldSince: UInt64 = 0
    /// sys.setswitchinterval, in seconds.
    nonisolated(unsafe) static var switchInterval = 0.005
    /// The process ends: whatever thread but the main one asks for the GIL stops there, and none can be started.
    nonisolated(unsafe) public static var isFinalizing = false
    nonisolated(unsafe) static var lastNumber = 0
    /// The holder has been asked to let go.
    nonisolated(unsafe) static var isAsked = false
    /// How many instructions it may still run; nil: the slice is of time.
    nonisolated(unsafe) static var granted: Int?

    static var switchIntervalNanoseconds: UInt64 { UInt64(min(switchInterval, 1e6) * 1e9) }

    /// The main thread holds the GIL from the start.
    static func start(_ state: ThreadRef) {
        let thread = ScriptThread(state, number: 0)
        state.pointee.owner = Unmanaged.passRetained(thread)
        thread.handle = pthread_self()
        thread.identifier = Int(bitPattern: UInt(thread.handle))
        thread.nativeIdentifier = Int(tiny_gettid())
        main = thread
        holder = thread
        all = [thread]
        heldSince = Clock.real()
        Signals.mainSemaphore = thread.semaphore
        Runtime.originalImport = Runtime.builtins.get(StrTables.intern("__import__"))
    }

    /// Whether the state is that of the main thread, in which handlers of signals run.
    public static func isMain(_ t: ThreadRef) -> Bool { main?.state == t }

    /// The thread that runs: the holder of the GIL, which the caller has.
    public static func current() -> ScriptThread? {
        ScriptTask.current().map { unsafeDowncast($0, to: ScriptThread.self) }
    }

    /// Calls `body` for every thread that has not ended. With the GIL, so that their states stand still.
    public static func forEach(_ body: (ThreadRef) -> Void) {
        for thread in all { body(thread.state) }
    }

    /// A task by its number, living or lately ended.
    static func task(_ number: Int) -> ScriptTask? {
        all.first { $0.number == number } ?? ended.first { $0.number == number }
    }

    /// Whether the thread of that number still runs.
    static func isAlive(_ number: Int) -> Bool { all.contains { $0.number == number } }

    /// Threads that have begun and not ended, the main one included.
    public static var count: Int { all.count }

    // MARK: Taking and handing over; with the mutex held

    /// Lets go of the GIL. Whoever is to be woken for it, once the mutex is let go; nil: nobody is ready.
    static func passOn(after task: ScriptThread, _ reason: SwitchReason) -> ScriptThread? {
        withdrawBreak(.release)
        isAsked = false
        granted = nil
        tiny_store64(&notBefore, 0)
        let now = Clock.real()
        task.statistics.held &+= now &- heldSince
        holder = nil
        return handToNext(after: task, reason, now)
    }

    /// Nobody holds the GIL: the next ready task gets it.
    static func handToNext(after task: ScriptThread?, _ reason: SwitchReason, _ now: UInt64) -> ScriptThread? {
        if policy.isEmpty, Clock.isVirtual {
            if outside == 0 { endEarliestWaits() } else { watchIdleness() }
        }
        // Every task that is added here is a thread.
        guard let next = policy.next(after: task, reason).map({ unsafeDowncast($0, to: ScriptThread.self) }) else { return nil }
        hold(next, now)
        if !policy.isEmpty { askHolder() }
        return next
    }

    private static func hold(_ thread: ScriptThread, _ now: UInt64) {
        holder = thread
        heldSince = now
        let waited = now > thread.readySince ? now - thread.readySince : 0
        if LockReport.isWanted, waited > thread.statistics.longestWait {
            thread.statistics.longestPlace = Place(of: thread).map { "\($0)" }
        }
        thread.statistics.tookAfter(waited)
        thread.state.pointee.isClean = false
        tiny_hot().pointee.thread = UnsafeMutableRawPointer(thread.state)
    }

    /// A task can run again. Whoever is to be woken, if nobody held the GIL.
    static func makeReady(_ thread: ScriptThread, _ reason: ReadyReason) -> ScriptThread? {
        let now = Clock.real()
        thread.readySince = now
        thread.isPreempted = false
        policy.add(thread, reason)
        if holder == nil { return handToNext(after: nil, .wait, now) }
        askHolder()
        return nil
    }

    /// Sleeps until the thread has the GIL, having watched for it so many nanoseconds. Gives the mutex up meanwhile.
    static func awaitTurn(_ thread: ScriptThread, watching: UInt64 = 0) {
        while holder !== thread {
            pthread_mutex_unlock(mutex)
            thread.awaitWake(until: nil, watching: watching)
            pthread_mutex_lock(mutex)
        }
    }

    // MARK: The GIL around a call that may block

    /// Lets go of the GIL before a call that may block. Until `returnFromSystem` no value may be touched; `blocking` does both.
    public static func leaveForSystem(_ thread: ScriptThread) {
        thread.wait = Wait(.system)
        pthread_mutex_lock(mutex)
        outside += 1
        thread.statistics.voluntary += 1
        let next = passOn(after: thread, .system)
        pthread_mutex_unlock(mutex)
        next?.wake()
    }

    /// Takes the GIL again: waits for its turn. Does not return in a thread that the end of the process has stopped.
    public static func returnFromSystem(_ thread: ScriptThread) {
        pthread_mutex_lock(mutex)
        outside -= 1
        let now = Clock.real()
        var isBesideOthers = false
        thread.readySince = now
        if holder == nil, policy.isEmpty {
            hold(thread, now)
        } else {
            let next = makeReady(thread, .returned)
            if next !== thread { next?.wake() }
            awaitTurn(thread, watching: policy.returningTime)
            isBesideOthers = true
        }
        pthread_mutex_unlock(mutex)
        // With more threads that compute than processors the kernel would let it wait for theirs (measured, a reply beside
        // two busy threads: one in a hundred took 0.6 to 1.5 ms, 0.15 since).
        if isBesideOthers, policy.prefersReturning { tiny_slice_shorten() }
        thread.wait = nil
        stopIfFinalizing(thread)
    }

    // MARK: Slices

    /// Sees to it that the holder is asked to let go when its slice is over.
    static func askHolder() {
        if isAsked { return }
        switch policy.slice(used: holder?.sliceUsed ?? 0) {
        case .instructions(let count):
            isAsked = true
            granted = count
            requestBreak(.release)
        case .nanoseconds(let slice):
            let end = heldSince &+ slice
            // The holder itself watches the clock for a short time: waking the timer would cost more.
            if slice > watchedSlice, end > Clock.real() { return LockTimer.ask(at: end) }
            isAsked = true
            tiny_store64(&notBefore, end)
            requestBreak(.release)
        }
    }

    /// Slices up to this, in nanoseconds, need no timer.
    private static let watchedSlice: UInt64 = 100_000
    /// When the holder is to let go; atomic. Older than any time while that is at once.
    nonisolated(unsafe) private static var notBefore: UInt64 = 0

    /// Whether the holder, which has been asked to let go, may still go on.
    static var hasTime: Bool {
        let end = tiny_load64(&notBefore)
        return end > 0 && Clock.real() < end
    }

    /// How many instructions the holder still runs, now that it has been asked to let go.
    static func instructionsLeft() -> Int {
        pthread_mutex_lock(mutex)
        let count = granted ?? policy.delay()
        granted = nil
        pthread_mutex_unlock(mutex)
        Clock.pass(instructions: count)
        return count
    }

    /// The holder was asked at a place where it can't go on instruction by instruction. False: it need not let go yet.
    static func mustLetGoAtCall() -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let left = granted else { return true }
        // A call is worth about so many instructions.
        granted = left - 20
        return left <= 20
    }

    /// The breaker said that somebody waits: lets go of the GIL and queues again.
    static func yieldToWaiters(_ t: ThreadRef) {
        guard let thread = current() else { return }
        pthread_mutex_lock(mutex)
        withdrawBreak(.release)
        isAsked = false
        granted = nil
        if !policy.isEmpty {
            thread.statistics.forced += 1
            let now = Clock.real()
            thread.readySince = now
            thread.sliceUsed &+= now &- heldSince
            let isOver = thread.sliceUsed >= switchIntervalNanoseconds
            if isOver { thread.sliceUsed = 0 }
            thread.isPreempted = isOver
            policy.add(thread, isOver ? .preempted : .interrupted)
            let next = passOn(after: thread, .interval)
            if next !== thread {
                // With the mutex held: it can't have begun to run.
                if isOver, let next, next.isPreempted { next.ownProcessors = tiny_bring_here(pid_t(truncatingIfNeeded: next.nativeIdentifier)) }
                pthread_mutex_unlock(mutex)
                next?.wake()
                if isOver { tiny_slice_restore() }
                pthread_mutex_lock(mutex)
            }
            awaitTurn(thread)
        }
        let own = thread.ownProcessors
        thread.ownProcessors = nil
        pthread_mutex_unlock(mutex)
        if let own { tiny_release_here(own) }
        stopIfFinalizing(thread)
    }

    /// Once the process ends, other threads stop where they ask for the GIL.
    static func stopIfFinalizing(_ thread: ScriptThread) {
        guard isFinalizing, thread !== main else { return }
        pthread_mutex_lock(mutex)
        let next = passOn(after: thread, .exit)
        pthread_mutex_unlock(mutex)
        next?.wake()
        while true { pause() }
    }
}
