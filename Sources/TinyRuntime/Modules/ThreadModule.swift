// `_thread`: threads, locks and thread-local data.
import CTiny
import Glibc

enum ThreadModule {
    static let nativeModule = NativeModule(
        "_thread", doc: "This module provides primitive operations to write multi-threaded programs.",
        functions: { functions },
        prepare: { contents throws(Raised) in
            let lock = contents.add(LockObject.nativeClass)
            contents.set("LockType", Value(lock))
            LockObject.cls = lock
            contents.add(ReentrantLock.nativeClass)
            contents.add(ThreadLocal.nativeClass)
            ThreadHandle.cls = contents.add(ThreadHandle.nativeClass)
            contents.set("error", Value(ExceptionName.runtimeError.cls))
            contents.set("TIMEOUT_MAX", Value(Double(Int64.max / 1_000_000_000)))
        })

    /// The wait that `acquire(blocking, timeout)` means: nil to give up at once, else a deadline or none.
    enum Wait {
        case no
        case until(UInt64?)
    }

    static func wait(_ blocking: Value, _ timeout: Value) throws(Raised) -> Wait {
        let isBlocking = try truth(blocking)
        guard let seconds = try realOf(timeout) else {
            throw typeError("'\(typeName(timeout))' object cannot be interpreted as a number")
        }
        if !isBlocking {
            if seconds != -1 { throw valueError("can't specify a timeout for a non-blocking call") }
            return .no
        }
        if seconds == -1 { return .until(nil) }
        if seconds < 0 { throw valueError("timeout value must be a non-negative number") }
        if seconds > Double(Int64.max / 1_000_000_000) { throw raise(.overflowError, "timeout value is too large") }
        return .until(Threads.deadline(after: seconds))
    }

    private static let functions: [Native] = [
        Native("allocate_lock()", "Create a new lock object.") { _ in BoxedObject.make(Lock(), LockObject.cls) },
        Native("allocate()", "An obsolete synonym of allocate_lock().") { _ in BoxedObject.make(Lock(), LockObject.cls) },
        Native("start_new_thread(function, args, kwargs=?, /)", "Start a new thread and return its identifier.") { args throws(Raised) in
            guard args[0].cls.has(.call) else { throw typeError("first arg must be callable") }
            guard args[1].isKind(.tuple) else { throw typeError("2nd arg must be a tuple") }
            if args.has(2), !args[2].isKind(.dict) { throw typeError("optional 3rd arg must be a dictionary") }
            let thread = try Threads.spawn(args[0], args[1], args.has(2) ? args[2] : .none)
            return Value(thread.identifier)
        },
        Native("start_joinable_thread(function, handle=None, daemon=True)", "Start a thread whose end can be waited for.") { args throws(Raised) in
            guard args[0].cls.has(.call) else { throw typeError("thread function must be callable") }
            let thread = try Threads.spawn(args[0], Value(Tuple.make()), .none)
            thread.isDaemon = try truth(args[2])
            return BoxedObject.make(ThreadHandle(thread), ThreadHandle.cls)
        },
        Native("get_ident()", "Return a non-zero integer that uniquely identifies the current thread.") { _ in
            Value(Threads.current()?.identifier ?? 0)
        },
        Native("get_native_id()", "Return a non-negative integer identifying the thread as reported by the OS kernel.") { _ in
            Value(Int(tiny_gettid()))
        },
        Native("_get_main_thread_ident()", "The identifier of the main thread.") { _ in Value(Threads.main?.identifier ?? 0) },
        Native("_is_main_interpreter()", "True: there is one interpreter.") { _ in .true },
        Native("_count()", "Return the number of currently running Python threads, excluding the main thread.") { _ in
            Value(Threads.count - 1)
        },
        Native("daemon_threads_allowed()", "Return True if daemon threads are allowed.") { _ in .true },
        Native("exit()", "Raise SystemExit, which ends the thread.") { args throws(Raised) in throw raise(.systemExit) },
        Native("exit_thread()", "An obsolete synonym of exit().") { args throws(Raised) in throw raise(.systemExit) },
        Native("interrupt_main(signum=2, /)", "Simulate the arrival of a signal in the main thread.") { args throws(Raised) in
            let number = try index(args[0])
            guard number > 0, number < 64 else { throw valueError("signal number out of range") }
            Signals.note(Int32(number))
            return .none
        },
        Native("stack_size(size=0, /)", "Return the thread stack size used when creating new threads.") { args throws(Raised) in
            let old = Threads.stackSize
            let size = try index(args[0])
            guard size == 0 || size >= 32768 else { throw valueError("size not valid: \(size) bytes") }
            Threads.stackSize = size
            return Value(old)
        },
        Native("_shutdown()", "") { _ in .none },
    ]
}

/// `_thread.lock`.
enum LockObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func lock(_ value: Value) throws(Raised) -> Lock {
        guard let lock = value.boxed(Lock.self) else { throw typeError("a lock is required") }
        return lock
    }

    private static let acquire: NativeBody = { args throws(Raised) in
        let own = try lock(args[0])
        if own.tryAcquire() { return .true }
        switch try ThreadModule.wait(args[1], args[2]) {
        case .no: return .false
        case .until(let deadline): return Value(try own.acquire(until: deadline))
        }
    }

    private static let release: NativeBody = { args throws(Raised) in
        let own = try lock(args[0])
        guard own.isLocked else { throw raise(.runtimeError, "release unlocked lock") }
        own.release()
        return .none
    }

    static let nativeClass = NativeClass(
        "lock", kind: .box, doc: "A lock object is a synchronization primitive.", flags: .isWeakReferenceable, methods: [
            Native("acquire(self, blocking=True, timeout=-1)", "Lock the lock.", .method, acquire),
            Native("acquire_lock(self, blocking=True, timeout=-1)", "An obsolete synonym of acquire().", .method, acquire),
            Native("release(self, /)", "Release the lock.", .method, release),
            Native("release_lock(self, /)", "An obsolete synonym of release().", .method, release),
            Native("locked(self, /)", "Return whether the lock is in the locked state.") { args throws(Raised) in
                Value(try lock(args[0]).isLocked)
            },
            Native("__enter__(self, /)", "Lock the lock.", .method) { args throws(Raised) in
                let own = try lock(args[0])
                if own.tryAcquire() { return .true }
                return Value(try own.acquire(until: nil))
            },
            Native("__exit__(self, /, *args)", "Release the lock.", .method, release),
            Native("_at_fork_reinit(self, /)", "") { args throws(Raised) in
                try lock(args[0]).reset()
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let state = try lock(args[0]).isLocked ? "locked" : "unlocked"
                return Value(Str.make("<\(state) _thread.lock object at \(addressText(args[0]))>"))
            },
        ], construct: { args throws(Raised) in BoxedObject.make(Lock(), args[0].object(ClassObject.self)) })
}

/// `_thread.RLock`.
final class ReentrantLock {
    private let lock = Lock()
    private var count = 0

    private var isOwned: Bool { count > 0 && lock.owner === Threads.current() }

    private static func own(_ value: Value) throws(Raised) -> ReentrantLock {
        guard let lock = value.boxed(ReentrantLock.self) else { throw typeError("an RLock is required") }
        return lock
    }

    private static let acquire: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        if lock.isOwned {
            lock.count += 1
            return .true
        }
        switch try ThreadModule.wait(args[1], args[2]) {
        case .no: guard lock.lock.tryAcquire() else { return .false }
        case .until(let deadline): guard try lock.lock.acquire(until: deadline) else { return .false }
        }
        lock.count = 1
        return .true
    }

    private static let release: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        guard lock.isOwned else { throw raise(.runtimeError, "cannot release un-acquired lock") }
        lock.count -= 1
        if lock.count == 0 { lock.lock.release() }
        return .none
    }

    static let nativeClass = NativeClass("RLock", kind: .box, flags: [.isBase, .isWeakReferenceable], methods: [
        Native("acquire(self, blocking=True, timeout=-1)", "Lock the lock.", .method, acquire),
        Native("release(self, /)", "Release the lock.", .method, release),
        Native("__enter__(self, blocking=True, timeout=-1)", "Lock the lock.", .method, acquire),
        Native("__exit__(self, /, *args)", "Release the lock.", .method, release),
        Native("_is_owned(self, /)", "For internal use by `threading.Condition`.") { args throws(Raised) in
            Value(try own(args[0]).isOwned)
        },
        Native("_recursion_count(self, /)", "For internal use by reentrancy checks.") { args throws(Raised) in
            let lock = try own(args[0])
            return Value(lock.isOwned ? lock.count : 0)
        },
        Native("_release_save(self, /)", "For internal use by `threading.Condition`.") { args throws(Raised) in
            let lock = try own(args[0])
            guard lock.count > 0 else { throw raise(.runtimeError, "cannot release un-acquired lock") }
            let count = lock.count
            lock.count = 0
            lock.lock.release()
            return Value(Tuple.make(Value(count), Value(Threads.current()?.identifier ?? 0)))
        },
        Native("_acquire_restore(self, state, /)", "For internal use by `threading.Condition`.") { args throws(Raised) in
            let lock = try own(args[0])
            guard args[1].isKind(.tuple), args[1].object(Tuple.self).count == 2 else { throw typeError("a tuple is required") }
            _ = try lock.lock.acquire(until: nil)
            lock.count = try index(args[1].object(Tuple.self).items[0])
            return .none
        },
        Native("_at_fork_reinit(self, /)", "") { args throws(Raised) in
            let lock = try own(args[0])
            lock.lock.reset()
            lock.count = 0
            return .none
        },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            let lock = try own(args[0])
            let state = lock.count > 0 ? "locked" : "unlocked"
            let owner = lock.count > 0 ? lock.lock.owner?.identifier ?? 0 : 0
            return Value(
                Str.make("<\(state) \(qualifiedClassName(args[0].cls)) object owner=\(owner) count=\(lock.count) at \(addressText(args[0]))>"))
        },
    ], construct: { args throws(Raised) in BoxedObject.make(ReentrantLock(), args[0].object(ClassObject.self)) })
}

/// What `start_joinable_thread` returns.
final class ThreadHandle {
    let thread: ScriptThread
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    init(_ thread: ScriptThread) { self.thread = thread }

    private static func own(_ value: Value) throws(Raised) -> ScriptThread {
        guard let handle = value.boxed(ThreadHandle.self) else { throw typeError("a thread handle is required") }
        return handle.thread
    }

    static let nativeClass = NativeClass("_ThreadHandle", kind: .box, methods: [
        Native("join(self, timeout=None, /)", "Wait for the thread to end.") { args throws(Raised) in
            let thread = try own(args[0])
            guard let current = Threads.current() else { return .none }
            if thread === current { throw raise(.runtimeError, "cannot join current thread") }
            let deadline: UInt64?
            if args[1].isNone {
                deadline = nil
            } else {
                guard let seconds = try realOf(args[1]) else {
                    throw typeError("'\(typeName(args[1]))' object cannot be interpreted as an integer")
                }
                deadline = seconds < 0 ? nil : Threads.deadline(after: seconds)
            }
            if thread.isDone { return .none }
            thread.joiners.append(current)
            do throws(Raised) {
                if try !Threads.park(until: deadline) { thread.joiners.remove(current) }
            } catch {
                thread.joiners.remove(current)
                throw error
            }
            return .none
        },
        Native("is_done(self, /)", "Whether the thread has ended.") { args throws(Raised) in Value(try own(args[0]).isDone) },
    ], attributes: [Accessors("ident") { object throws(Raised) in Value(try own(object).identifier) }])
}

/// `_thread._local`: attributes of which each thread has its own set.
final class ThreadLocal: TracedObject {
    private let arguments: Value
    private let keywords: Value

    init(_ arguments: Value, _ keywords: Value) {
        self.arguments = arguments
        self.keywords = keywords
    }

    func trace(_ marker: inout Marker) {
        marker.mark(arguments)
        marker.mark(keywords)
    }

    /// The calling thread's attributes; `__init__` runs once in each thread that uses the object.
    private static func dictionary(_ object: Value) throws(Raised) -> DictRef {
        guard let own = object.boxed(ThreadLocal.self), let thread = Threads.current() else { throw typeError("not a local") }
        let known = try thread.locals.get(Value(identityHash(object)))
        if known.isKind(.dict) { return known.object(Dict.self) }
        let made = Dict.make()
        try thread.locals.set(Value(identityHash(object)), Value(made))
        let initializer = object.cls.special(.`init`)
        if initializer.isKind(.function) {
            let count = own.arguments.object(Tuple.self).count
            let all = Tuple.allocate(count + 1)
            all.items[0] = object
            for index in 0 ..< count { all.items[index + 1] = own.arguments.object(Tuple.self).items[index] }
            _ = try callValue(initializer, all, own.keywords.isKind(.dict) ? own.keywords.object(Dict.self) : nil)
        }
        return made
    }

    static let nativeClass = NativeClass("_local", kind: .box, doc: "Thread-local data", flags: [.isBase, .isWeakReferenceable], methods: [
        Native("__init__(self, /, *args, **kwargs)", "") { _ in .none },
        Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            let own = try dictionary(args[0])
            if name.equals("__dict__") { return Value(own) }
            let found = args[0].cls.lookup(name)
            if !found.isAbsent, isDataDescriptor(found) { return try getDescriptor(found, args[0], args[0].cls) }
            let value = own.get(name)
            if !value.isAbsent { return value }
            if found.isAbsent { throw noAttribute(args[0], name) }
            return try getDescriptor(found, args[0], args[0].cls)
        },
        Native("__setattr__(self, name, value, /)", "Implement setattr(self, name, value).") { args throws(Raised) in
            let name = try attributeName(args[1])
            if name.equals("__dict__") {
                throw raise(.attributeError, "'\(typeName(args[0]))' object attribute '__dict__' is read-only")
            }
            let found = args[0].cls.lookup(name)
            if found.isKind(.property) {
                try found.object(Property.self).set(args[0], args[2])
            } else {
                try dictionary(args[0]).set(name, args[2])
            }
            return .none
        },
        Native("__delattr__(self, name, /)", "Implement delattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            if name.equals("__dict__") {
                throw raise(.attributeError, "'\(typeName(args[0]))' object attribute '__dict__' is read-only")
            }
            let own = try dictionary(args[0])
            if !own.remove(name) { throw noAttribute(args[0], name) }
            return .none
        },
    ], construct: { args throws(Raised) in
        let cls = args[0].object(ClassObject.self)
        let hasArguments = args[1].object(Tuple.self).count > 0 || args[2].isKind(.dict)
        if hasArguments, !cls.special(.`init`).isKind(.function) {
            throw typeError("Initialization arguments are not supported")
        }
        let object = BoxedObject.make(ThreadLocal(args[1], args[2]), cls)
        // `__init__` is about to run for this thread.
        if let thread = Threads.current() { try thread.locals.set(Value(identityHash(object)), Value(Dict.make())) }
        return object
    })
}
