// `_thread`: starting threads, waiting for their end, and what a thread can know about itself.
import CTiny
import Glibc

extension Threads {
    /// The thread that the system knows under `get_ident()`'s number. Throws ProcessLookupError if there is none (any more): the
    /// system's functions would take the number for an address.
    public static func handle(_ identifier: Value) throws(Raised) -> pthread_t {
        let number = try index(identifier)
        guard let thread = all.first(where: { $0.identifier == number }) else { throw osError(ESRCH) }
        return thread.handle
    }
}

/// The module `_thread`, and how it reads timeouts for others.
public enum ThreadModule {
    static let nativeModule = NativeModule(
        "_thread", doc: "This module provides primitive operations to write multi-threaded programs.",
        functions: { functions },
        prepare: { contents throws(Raised) in
            let lock = contents.add(LockObject.nativeClass)
            contents.set("LockType", Value(lock))
            LockObject.cls = lock
            contents.add(ReentrantLockObject.nativeClass)
            contents.add(ThreadLocal.nativeClass)
            ThreadHandle.cls = contents.add(ThreadHandle.nativeClass)
            let hookArguments = StructSequence.makeClass(
                "_ExceptHookArgs", module: "_thread", fields: ["exc_type", "exc_value", "exc_traceback", "thread"])
            contents.set("_ExceptHookArgs", Value(hookArguments))
            contents.set("error", Value(ExceptionName.runtimeError.cls))
            contents.set("DeadlockError", Value(WaitGraph.errorClass))
            contents.set("TIMEOUT_MAX", Value(Double(Int64.max / 1_000_000_000)))
        })

    /// Seconds that a timeout may have at most: `threading.TIMEOUT_MAX`.
    public static let timeoutMaximum = Double(Int64.max / 1_000_000_000)

    /// The wait that `acquire(blocking, timeout)` means: nil to give up at once, else a deadline or none.
    enum Patience {
        case none
        case until(UInt64?)
    }

    static func patience(_ blocking: Value, _ timeout: Value) throws(Raised) -> Patience {
        let isBlocking = try truth(blocking)
        let seconds = try seconds(timeout)
        if !isBlocking {
            if seconds != -1 { throw valueError("can't specify a timeout for a non-blocking call") }
            return .none
        }
        if seconds == -1 { return .until(nil) }
        if seconds < 0 { throw valueError("timeout value must be a non-negative number") }
        if seconds > timeoutMaximum { throw raise(.overflowError, "timeout value is too large") }
        return .until(Clock.deadline(after: seconds))
    }

    /// A timeout in seconds.
    public static func seconds(_ value: Value) throws(Raised) -> Double {
        guard let seconds = try realOf(value) else {
            throw typeError("'\(typeName(value))' object cannot be interpreted as an integer")
        }
        if seconds.isNaN { throw valueError("Invalid value NaN (not a number)") }
        return seconds
    }

    private static func startNew(_ args: Arguments) throws(Raised) -> Value {
        guard args[0].cls.has(.call) else { throw typeError("first arg must be callable") }
        guard args[1].isKind(.tuple) else { throw typeError("2nd arg must be a tuple") }
        if args.has(2), !args[2].isKind(.dict) { throw typeError("optional 3rd arg must be a dictionary") }
        try refuseAtEnd()
        if AuditHooks.listen { try AuditHooks.tell("_thread.start_new_thread", args[0], args[1], args.has(2) ? args[2] : .none) }
        return Value(try Threads.spawn(args[0], args[1], args.has(2) ? args[2] : .none, isDaemon: true).identifier)
    }

    private static func refuseAtEnd() throws(Raised) {
        if Threads.isFinalizing { throw raise(ExceptionName.pythonFinalizationError, "can't create new thread at interpreter shutdown") }
    }

    private static let newLock: NativeBody = { _ in LockObject.make(Lock()) }

    private static let functions: [Native] = [
        Native("allocate_lock()", "Create a new lock object.", .function, newLock),
        Native("allocate()", "An obsolete synonym of allocate_lock().", .function, newLock),
        Native("_allocate_signal()", "Create a lock that is locked and that whoever has news lets go.") { _ in
            LockObject.make(Lock(isSignal: true))
        },
        Native("start_new_thread(function, args, kwargs=?, /)", "Start a new thread and return its identifier.", .function, startNew),
        Native("start_new(function, args, kwargs=?, /)", "An obsolete synonym of start_new_thread().", .function, startNew),
        Native("start_joinable_thread(function, handle=None, daemon=True)", "Start a thread whose end can be waited for.") { args throws(Raised) in
            guard args[0].cls.has(.call) else { throw typeError("thread function must be callable") }
            var box = args[1]
            if box.isNone { box = ThreadHandle.make() }
            guard let handle = box.boxed(ThreadHandle.self) else {
                throw typeError("'handle' must be a _ThreadHandle")
            }
            let isDaemon = try truth(args[2])
            try refuseAtEnd()
            if AuditHooks.listen { try AuditHooks.tell("_thread.start_joinable_thread", args[0], Value(inline: isDaemon ? 1 : 0), args[1]) }
            if handle.isStarted { throw raise(.runtimeError, "thread already started") }
            handle.thread = try Threads.spawn(args[0], Value(Tuple.make()), .none, isDaemon: isDaemon)
            return box
        },
        Native("get_ident()", "Return a non-zero integer that uniquely identifies the current thread.") { _ in
            Value(Threads.current()?.identifier ?? 0)
        },
        Native("get_native_id()", "Return a non-negative integer identifying the thread as reported by the OS kernel.") { _ in
            Value(Int(tiny_gettid()))
        },
        Native("_get_main_thread_ident()", "The identifier of the main thread.") { _ in Value(Threads.main?.identifier ?? 0) },
        Native("_make_thread_handle(ident, /)", "Internal only. Make a thread handle for threads not spawned by the threading module.") { args throws(Raised) in
            let number = try index(args[0])
            guard let thread = Threads.all.first(where: { $0.identifier == number }) else { return ThreadHandle.make() }
            return ThreadHandle.make(thread)
        },
        Native("_is_main_interpreter()", "True: there is one interpreter.") { _ in .true },
        Native("_count()", "Return the number of currently running Python threads, excluding the main thread.") { _ in
            Value(Threads.count - 1)
        },
        Native("daemon_threads_allowed()", "Return True if daemon threads are allowed.") { _ in .true },
        Native("exit()", "Raise SystemExit, which ends the thread.") { args throws(Raised) in throw raise(.systemExit) },
        Native("exit_thread()", "An obsolete synonym of exit().") { args throws(Raised) in throw raise(.systemExit) },
        Native("interrupt_main(signum=2, /)", "Simulate the arrival of a signal in the main thread.") { args throws(Raised) in
            let number = try index(args[0])
            guard number > 0, number < 65 else { throw valueError("signal number out of range") }
            // As the system would: an ignored signal, or one with its default action, is nothing.
            let handler = try Signals.handlers.get(Value(number))
            if !handler.isAbsent, isInteger(handler) || handler.isNone { return .none }
            if handler.isAbsent, number != SIGINT { return .none }
            Signals.note(Int32(number))
            try Signals.handleArrived()
            return .none
        },
        Native("stack_size(size=0, /)", "Return the thread stack size used when creating new threads.") { args throws(Raised) in
            let old = Threads.stackSize
            let size = try index(args[0])
            if size < 0 { throw valueError("size must be 0 or a positive value") }
            guard size == 0 || size >= 32768 else { throw valueError("size not valid: \(size) bytes") }
            Threads.stackSize = size
            return Value(old)
        },
        Native("_farewell(traceback=None, introduction=None, /)", "What is told about the thread that an error has ended: its name, who started it where (or the introduction), what it still has.") { args in
            let introduction = args[1].isKind(.str) ? args[1].object(Str.self).string : nil
            return Value(Str.make(ScriptTask.current().map { TaskNames.farewell(of: $0, traceback: args[0], introduction) } ?? ""))
        },
        Native("_is_last(handlers=0, /)", "Whether no other thread could do anything that this one might wait for, nor a signal (but for so many handlers).") { args throws(Raised) in
            let tolerated = args.has(0) ? try index(args[0]) : 0
            return Threads.current().map { WaitGraph.isLast($0, besides: tolerated) ? .true : .false } ?? .false
        },
        Native("_site()", "The line of the script that runs, not the library's: for _place_of, if anybody asks.") { _ in
            let site = Place.site(currentThread().scriptFrame)
            guard let site, let pc = site.pc, site.code.isKind(.code) else { return .none }
            return Value(Tuple.make(site.code, Value(site.code.object(Code.self).offset(of: pc))))
        },
        Native("_place_of(site, /)", "What _site gave, as file:line; None if it gave nothing.") { args in
            guard args[0].isKind(.tuple), args[0].object(Tuple.self).count == 2 else { return .none }
            let items = args[0].object(Tuple.self).items
            guard items[0].isKind(.code), items[1].isInlineInt else { return .none }
            let code = items[0].object(Code.self)
            return Value(Str.make(Place(code, offset: items[1].inlineInt).description))
        },
        Native("_shutdown()", "Wait for all threads that are no daemons.") { args throws(Raised) in
            while let thread = Threads.all.first(where: { !$0.isDaemon && $0 !== Threads.main && $0 !== Threads.current() }) {
                _ = try Threads.join(thread, until: nil)
            }
            return .none
        },
    ]
}

/// What `start_joinable_thread` returns.
final class ThreadHandle: UntracedObject {
    fileprivate(set) var thread: ScriptThread?
    /// The thread did not survive a fork, or was never ours.
    private var isForced = false
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    fileprivate var isStarted: Bool { thread != nil || isForced }

    fileprivate static func make(_ thread: ScriptThread? = nil) -> Value {
        let handle = ThreadHandle()
        handle.thread = thread
        return BoxedObject.make(handle, cls)
    }

    private static func own(_ value: Value) throws(Raised) -> ThreadHandle {
        guard let handle = value.boxed(ThreadHandle.self) else { throw typeError("a thread handle is required") }
        return handle
    }

    static let nativeClass = NativeClass("_ThreadHandle", kind: .box, methods: [
        Native("join(self, timeout=None, /)", "Wait for the thread to end.") { args throws(Raised) in
            let handle = try own(args[0])
            var deadline: UInt64?
            if !args[1].isNone {
                let seconds = try ThreadModule.seconds(args[1])
                if seconds > ThreadModule.timeoutMaximum { throw raise(.overflowError, "timestamp too large to convert to C PyTime_t") }
                deadline = seconds < 0 ? nil : Clock.deadline(after: seconds)
            }
            if handle.isForced { return .none }
            guard let thread = handle.thread else { throw raise(.runtimeError, "thread not started") }
            if thread === Threads.current() { throw raise(.runtimeError, "Cannot join current thread") }
            _ = try Threads.join(thread, until: deadline)
            return .none
        },
        Native("is_done(self, /)", "Whether the thread has ended.") { args throws(Raised) in
            let handle = try own(args[0])
            return Value(handle.isForced || handle.thread?.isDone ?? false)
        },
        Native("_set_done(self, /)", "The thread is gone, after a fork.") { args throws(Raised) in
            let handle = try own(args[0])
            guard handle.thread != nil || handle.isForced else { throw raise(.runtimeError, "thread not started") }
            handle.isForced = true
            if let thread = handle.thread { while let joiner = thread.joiners.popFirst() { Threads.unpark(joiner) } }
            return .none
        },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            Value(Str.make("<_ThreadHandle object: ident=\(try own(args[0]).thread?.identifier ?? 0)>"))
        },
    ], attributes: [Accessors("ident") { object throws(Raised) in Value(try own(object).thread?.identifier ?? 0) }],
    construct: { args throws(Raised) in make() })
}
