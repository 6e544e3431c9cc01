// A thread from its start to its end, and what a fork leaves of the others.
import CTiny
import Glibc

extension Threads {
    private final class Start {
        let thread: ScriptThread
        let function: Value
        let arguments: Value
        let keywords: Value
        let hasShortSlice = tiny_slice_is_short()
        let stackSize = Threads.stackSize > 0 ? max(Threads.stackSize, 1 << 18) : Threads.defaultStackSize
        init(_ thread: ScriptThread, _ function: Value, _ arguments: Value, _ keywords: Value) {
            self.thread = thread
            self.function = function
            self.arguments = arguments
            self.keywords = keywords
        }
    }

    /// threading.stack_size(), 0: the default.
    nonisolated(unsafe) static var stackSize = 0
    /// 1 MiB of addresses; what is never touched costs no memory.
    fileprivate static let defaultStackSize = 1 << 20

    /// Starts a thread that calls a function. Called with the GIL. The thread is ready at once: its creator puts it among
    /// those that want the GIL, so that the order does not depend on how fast the system starts it.
    static func spawn(_ function: Value, _ arguments: Value, _ keywords: Value, isDaemon: Bool = false) throws(Raised) -> ScriptThread {
        CodePages.giveBack()
        let state = ThreadState.make()
        lastNumber += 1
        let thread = ScriptThread(state, number: lastNumber)
        state.pointee.taskNumber = lastNumber
        state.pointee.owner = Unmanaged.passRetained(thread)
        thread.isDaemon = isDaemon
        thread.spawnSite = ScriptTask.current().flatMap { Place(of: $0) }
        let start = Start(thread, function, arguments, keywords)
        // Roots until the thread runs: its registers.
        state.pointee.top[0] = function
        state.pointee.top[1] = arguments
        state.pointee.top[2] = keywords
        state.pointee.top += 3
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, start.stackSize)
        let result = pthread_create(&thread.handle, &attributes, { raw in
            guard let raw else { return nil }
            Threads.run(Unmanaged<Start>.fromOpaque(raw).takeRetainedValue())
            return nil
        }, Unmanaged.passRetained(start).toOpaque())
        if result == 0 {
            // Only now: the new thread waits for its turn, and can't get it before it is known.
            pthread_mutex_lock(mutex)
            // Under virtual time runs are to be alike, identifiers too.
            thread.identifier = Clock.isVirtual ? 0x7000_0000 + thread.number : Int(bitPattern: UInt(thread.handle))
            all.append(thread)
            _ = makeReady(thread, .started)
            pthread_mutex_unlock(mutex)
        }
        pthread_attr_destroy(&attributes)
        guard result == 0 else {
            Unmanaged.passUnretained(start).release()
            state.pointee.owner?.release()
            state.dispose()
            throw raise(.runtimeError, "can't start new thread")
        }
        return thread
    }

    private static func run(_ start: Start) {
        let thread = start.thread
        let t = thread.state
        tiny_slice_inherit(start.hasShortSlice)
        pthread_mutex_lock(mutex)
        awaitTurn(thread)
        pthread_mutex_unlock(mutex)
        // Only now: collectors read it.
        t.assumeNativeStack(size: start.stackSize)
        stopIfFinalizing(thread)
        thread.nativeIdentifier = Int(tiny_gettid())
        do {
            let keywords = start.keywords.isKind(.dict) ? start.keywords.object(Dict.self) : nil
            _ = try callValue(start.function, start.arguments.object(Tuple.self), keywords)
        } catch {
            let exception = t.takeRaised()
            if !exception.cls.isSubclass(of: ExceptionName.systemExit.cls) {
                let traceback = exception.isKind(.exception) ? exception.object(ExceptionObject.self).pointee.traceback : .none
                reportUnraisable(
                    exception, shown: start.function, "Exception ignored in thread started by",
                    task: TaskNames.farewell(of: thread, traceback: traceback, nil))
            }
        }
        GreenletModule.endLeft(t)
        stopIfFinalizing(thread)
        // It forked, is the main thread of the child, and so ends the process.
        if thread === main { exit(Runtime.finish(0)) }
        end(thread, start.function)
    }

    private static func end(_ thread: ScriptThread, _ function: Value) {
        let t = thread.state
        t.forgetTracers()
        remember(thread, function)
        for local in thread.locals.values { local.takeUnretainedValue().forget(thread) }
        thread.isDone = true
        while let joiner = thread.joiners.popFirst() { unpark(joiner) }
        LockReport.note(thread)
        WaitGraph.checkAtEnd(of: thread)
        pthread_mutex_lock(mutex)
        all.removeAll { $0 === thread }
        let next = passOn(after: thread, .exit)
        // Nobody has the GIL before the mutex is let go, or whoever gets it is not awake yet.
        t.dispose()
        pthread_mutex_unlock(mutex)
        next?.wake()
        Unmanaged.passUnretained(thread).release()
    }

    /// The last threads that ended: a lock that one of them took and never let go is told by its name.
    nonisolated(unsafe) private(set) static var ended: [ScriptThread] = []

    private static func remember(_ thread: ScriptThread, _ function: Value) {
        if function.isKind(.boundMethod) { thread.lastName = TaskNames.threadName(function.object(BoundMethod.self).pointee.receiver) }
        if ended.count >= 64 { ended.removeFirst(32) }
        ended.append(thread)
    }

    /// Waits for a thread's end. False if the time ran out.
    static func join(_ thread: ScriptThread, until deadline: UInt64?) throws(Raised) -> Bool {
        guard !thread.isDone, let current = ScriptTask.current() else {
            try Signals.handleArrived()
            return true
        }
        thread.joiners.append(current)
        do throws(Raised) {
            if try park(Wait(.join, thread, until: deadline)) { return true }
        } catch {
            thread.joiners.remove(current)
            throw error
        }
        return !thread.joiners.remove(current)
    }

    // MARK: Fork

    /// In the child of fork: only the calling thread is left. What is as it should be is not written: each page that the child
    /// writes to is copied for it.
    public static func afterForkInChild() {
        guard let thread = current() else { return }
        if isMutexMade { pthread_mutex_init(mutex, nil) }
        if !policy.isEmpty { policy.removeAll() }
        LockTimer.forget()
        outside = 0
        if all.count != 1 {
            for other in all where other !== thread {
                other.isDone = true
                // Its native stack belongs to the system again.
                other.state.pointee.scanTop = 0
                leftBehind.append(other)
            }
            all = [thread]
            heap.finalizing.removeAll { $0 != thread.state }
        }
        if main !== thread { main = thread }
        if holder !== thread { holder = thread }
        isAsked = false
        granted = nil
        heldSince = Clock.real()
        sem_init(thread.semaphore, 0, 0)
        thread.parking = .no
        Signals.mainSemaphore = thread.semaphore
        ImportLocks.afterFork()
        thread.nativeIdentifier = Int(tiny_gettid())
        withdrawBreak(.release)
    }
}
