// Threads of the script and the global interpreter lock.
//
// A thread of the script is a pthread; the GIL lets one of them run script code. The lock is handed over, not grabbed:
// whoever releases it picks the next of two queues and makes it the owner before it wakes. First those that come back
// from blocking (they want the holder to let go after a tenth of a millisecond), then those that were preempted; each
// queue in order of arrival. A thread doing IO beside a busy one therefore never waits the whole switch interval
// (CPython's convoy effect, bpo-7946), and no woken thread finds the lock taken again.
import CTiny
import Glibc

/// The Swift side of a thread.
final class ScriptThread {
    let state: ThreadRef
    /// Signalled when the thread is given the GIL, or what it waits for.
    let condition: UnsafeMutablePointer<pthread_cond_t>
    var identifier: Int = 0
    var nativeIdentifier: Int = 0
    /// Values of `_thread._local` objects, by object: a dict.
    var locals: DictRef
    var isDaemon = false
    var isDone = false
    /// Set by whoever wakes the thread from the parking place; guarded by `Threads.mutex`.
    var isUnparked = false
    /// Threads that wait for this one to end.
    var joiners = WaitQueue()

    init(_ state: ThreadRef) {
        self.state = state
        locals = Dict.make()
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deallocate()
    }
}

enum Threads {
    /// Guards every field below and all waiting.
    nonisolated(unsafe) static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        return mutex
    }()
    /// Who holds the GIL; nil: nobody.
    nonisolated(unsafe) private static var holder: ScriptThread?
    nonisolated(unsafe) private static var returning: [ScriptThread] = []
    nonisolated(unsafe) private static var preempted: [ScriptThread] = []
    nonisolated(unsafe) private static var all: [ScriptThread] = []
    nonisolated(unsafe) static var main: ScriptThread?
    /// When the holder got the lock, in nanoseconds of the monotonic clock.
    nonisolated(unsafe) private static var heldSince: UInt64 = 0
    /// sys.setswitchinterval, in seconds.
    nonisolated(unsafe) static var switchInterval = 0.005
    nonisolated(unsafe) static var isFinalizing = false
    /// How long the holder may run once a thread is back from blocking, in nanoseconds.
    private static let returningSlice: UInt64 = 100_000
    /// In a row, so many from the first queue, then one from the second: nobody starves.
    private static let returningLimit = 16
    nonisolated(unsafe) private static var returningStreak = 0
    nonisolated(unsafe) private static var timerIsRunning = false

    /// The main thread holds the GIL from the start.
    static func start(_ state: ThreadRef) {
        let thread = ScriptThread(state)
        state.pointee.owner = Unmanaged.passRetained(thread)
        thread.identifier = Int(pthread_self())
        thread.nativeIdentifier = Int(tiny_gettid())
        main = thread
        holder = thread
        all = [thread]
        Runtime.originalImport = Runtime.builtins.get(StrTables.intern("__import__"))
    }

    static func isMain(_ t: ThreadRef) -> Bool { main?.state == t }

    static func current() -> ScriptThread? { currentThread().pointee.owner?.takeUnretainedValue() }

    static func forEach(_ body: (ThreadRef) -> Void) {
        for thread in all { body(thread.state) }
    }

    static func markRoots(_ marker: inout Marker) {
        for thread in all { marker.mark(thread.locals) }
    }

    static var count: Int { all.count }

    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    // MARK: The lock

    /// Takes the GIL. `wasBlocked`: the thread comes back from blocking, and goes first.
    static func acquire(_ thread: ScriptThread, wasBlocked: Bool) {
        pthread_mutex_lock(mutex)
        if holder == nil {
            take(thread)
        } else {
            if wasBlocked { returning.append(thread) } else { preempted.append(thread) }
            askHolder()
            while holder !== thread { pthread_cond_wait(thread.condition, mutex) }
        }
        pthread_mutex_unlock(mutex)
    }

    /// Gives the GIL to the next waiter, or to nobody.
    static func release() {
        pthread_mutex_lock(mutex)
        handOver()
        pthread_mutex_unlock(mutex)
    }

    /// With the mutex held.
    private static func take(_ thread: ScriptThread) {
        holder = thread
        heldSince = now()
        tiny_hot().pointee.thread = UnsafeMutableRawPointer(thread.state)
    }

    /// For the parking place, with the mutex held: lets go of the GIL.
    static func letGo() { handOver() }

    /// For the parking place, with the mutex held: waits for the GIL as a thread that comes back from blocking.
    static func queueBehindHolder(_ thread: ScriptThread) {
        if holder == nil {
            take(thread)
            return
        }
        returning.append(thread)
        askHolder()
        while holder !== thread { pthread_cond_wait(thread.condition, mutex) }
    }

    private static func handOver() {
        withdrawBreak(.release)
        guard let next = nextWaiter() else {
            holder = nil
            return
        }
        take(next)
        pthread_cond_signal(next.condition)
        if !returning.isEmpty || !preempted.isEmpty { askHolder() }
    }

    private static func nextWaiter() -> ScriptThread? {
        if !returning.isEmpty, returningStreak < returningLimit || preempted.isEmpty {
            returningStreak += 1
            return returning.removeFirst()
        }
        returningStreak = 0
        return preempted.isEmpty ? nil : preempted.removeFirst()
    }

    /// Sees to it that the holder is asked to let go when its time is up. With the mutex held.
    private static func askHolder() {
        if timerIsRunning { pthread_cond_signal(timerCondition) } else { startTimer() }
    }

    // MARK: The timer thread: it sets the breaker when the holder's slice is over.

    nonisolated(unsafe) private static let timerCondition: UnsafeMutablePointer<pthread_cond_t> = {
        let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        return condition
    }()

    private static func startTimer() {
        timerIsRunning = true
        var thread = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, 64 << 10)
        if pthread_create(&thread, &attributes, { _ in
            Threads.runTimer()
            return nil
        }, nil) != 0 {
            timerIsRunning = false
            requestBreak(.release)
        }
        pthread_attr_destroy(&attributes)
    }

    private static func runTimer() {
        pthread_mutex_lock(mutex)
        while true {
            if returning.isEmpty, preempted.isEmpty {
                pthread_cond_wait(timerCondition, mutex)
                continue
            }
            let slice = returning.isEmpty ? UInt64(min(switchInterval, 1e6) * 1e9) : returningSlice
            let due = heldSince + slice
            if now() >= due {
                requestBreak(.release)
                // Until the holder lets go there is nothing to do; the hand-over signals.
                waitTimer(until: now() + 1_000_000)
            } else {
                waitTimer(until: due)
            }
        }
    }

    private static func waitTimer(until due: UInt64) {
        var time = timespec(tv_sec: Int(due / 1_000_000_000), tv_nsec: Int(due % 1_000_000_000))
        pthread_cond_timedwait(timerCondition, mutex, &time)
    }

    nonisolated(unsafe) private static var delayState: UInt64 = 0x2545_F491_4F6C_DD1D

    /// How many instructions the holder still runs once it is asked to let go (xorshift; 0 to 15).
    static func nextPreemptionDelay() -> Int {
        delayState ^= delayState << 13
        delayState ^= delayState >> 7
        delayState ^= delayState << 17
        return Int(delayState >> 60)
    }

    /// The breaker said that somebody waits: lets go of the GIL and queues again.
    static func yieldToWaiters(_ t: ThreadRef) {
        guard let thread = t.pointee.owner?.takeUnretainedValue() else { return }
        pthread_mutex_lock(mutex)
        withdrawBreak(.release)
        if !returning.isEmpty || !preempted.isEmpty {
            preempted.append(thread)
            handOver()
            while holder !== thread { pthread_cond_wait(thread.condition, mutex) }
        }
        pthread_mutex_unlock(mutex)
        stopIfFinalizing(thread)
    }

    /// Once the process ends, other threads stop where they ask for the GIL.
    static func stopIfFinalizing(_ thread: ScriptThread) {
        guard isFinalizing, thread !== main else { return }
        release()
        while true { pause() }
    }

    /// Runs `body`, which blocks, without the GIL. `body` touches no values.
    static func blocking<Result>(_ body: () -> Result) -> Result {
        guard let thread = current() else { return body() }
        release()
        let result = body()
        acquire(thread, wasBlocked: true)
        stopIfFinalizing(thread)
        return result
    }

    // MARK: Starting

    private final class Start {
        let thread: ScriptThread
        let function: Value
        let arguments: Value
        let keywords: Value
        init(_ thread: ScriptThread, _ function: Value, _ arguments: Value, _ keywords: Value) {
            self.thread = thread
            self.function = function
            self.arguments = arguments
            self.keywords = keywords
        }
    }

    nonisolated(unsafe) static var stackSize = 0

    /// Starts a thread that calls a function. Called with the GIL.
    static func spawn(_ function: Value, _ arguments: Value, _ keywords: Value) throws(Raised) -> ScriptThread {
        let state = ThreadState.make()
        let thread = ScriptThread(state)
        state.pointee.owner = Unmanaged.passRetained(thread)
        let start = Start(thread, function, arguments, keywords)
        // Roots until the thread runs: its registers.
        state.pointee.top[0] = function
        state.pointee.top[1] = arguments
        state.pointee.top[2] = keywords
        state.pointee.top += 3
        all.append(thread)
        var handle = pthread_t()
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, max(stackSize, 1 << 20))
        let result = pthread_create(&handle, &attributes, { raw in
            guard let raw else { return nil }
            Threads.run(Unmanaged<Start>.fromOpaque(raw).takeRetainedValue())
            return nil
        }, Unmanaged.passRetained(start).toOpaque())
        pthread_attr_destroy(&attributes)
        guard result == 0 else {
            all.removeAll { $0 === thread }
            throw raise(.runtimeError, "can't start new thread")
        }
        thread.identifier = Int(handle)
        return thread
    }

    private static func run(_ start: Start) {
        let thread = start.thread
        let t = thread.state
        t.measureNativeStack()
        thread.identifier = Int(pthread_self())
        acquire(thread, wasBlocked: false)
        thread.nativeIdentifier = Int(tiny_gettid())
        if !isFinalizing {
            do {
                let keywords = start.keywords.isKind(.dict) ? start.keywords.object(Dict.self) : nil
                _ = try callValue(start.function, start.arguments.object(Tuple.self), keywords)
            } catch {
                let exception = t.takeRaised()
                if !exception.cls.isSubclass(of: ExceptionName.systemExit.cls) {
                    reportUnraisable(exception, start.function, "Exception ignored in thread started by")
                }
            }
        }
        stopIfFinalizing(thread)
        thread.isDone = true
        while let joiner = thread.joiners.popFirst() { unpark(joiner) }
        all.removeAll { $0 === thread }
        t.pointee.owner?.release()
        release()
    }

    // MARK: Fork

    /// In the child of fork: only the calling thread is left.
    static func afterForkInChild() {
        guard let thread = current() else { return }
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        returning = []
        preempted = []
        timerIsRunning = false
        all = [thread]
        main = thread
        holder = thread
        thread.nativeIdentifier = Int(tiny_gettid())
        withdrawBreak(.release)
    }
}

/// Signals: the C handler only notes the number and sets the breaker; handlers of the script run in the main thread.
enum Signals {
    /// Bits of signals that have arrived.
    nonisolated(unsafe) static var arrived: UInt32 = 0
    nonisolated(unsafe) static var arrivedHigh: UInt32 = 0
    /// Handlers by signal number: callables, None, or integers SIG_DFL and SIG_IGN. A root through permanentRoots.
    nonisolated(unsafe) static let handlers: DictRef = {
        let dict = Dict.make()
        heap.permanentRoots.append(Value(dict))
        return dict
    }()

    static var hasArrived: Bool { arrived | arrivedHigh != 0 }

    static func note(_ number: Int32) {
        if number < 32 { arrived |= 1 << UInt32(number) } else { arrivedHigh |= 1 << UInt32(number - 32) }
        requestBreak(.signal)
    }

    /// Calls the script's handlers of what has arrived. In the main thread, with the GIL.
    static func handlePending() throws(Raised) {
        withdrawBreak(.signal)
        let low = arrived
        let high = arrivedHigh
        arrived = 0
        arrivedHigh = 0
        for number in 1 ..< 64 {
            guard (number < 32 ? low >> UInt32(number) : high >> UInt32(number - 32)) & 1 == 1 else { continue }
            let handler = try handlers.get(Value(number))
            if handler.isAbsent {
                if number == SIGINT { throw raise(.keyboardInterrupt) }
                continue
            }
            guard handler.cls.has(.call) else { continue }
            let frame = currentThread().scriptFrame.map { Value(frameObject(of: $0)) } ?? .none
            _ = try callValue(handler, Value(number), frame)
        }
    }

    static func installInterrupt() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { Signals.note($0) }
        sigaction(SIGINT, &action, nil)
        signal(SIGPIPE, SIG_IGN)
    }
}
