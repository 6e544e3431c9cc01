// `_thread.lock` and `_thread.RLock`. Taking a free lock and letting go of one that nobody waits for are a few loads and
// stores; all else is in Lock.
import CTiny

extension Value {
    /// The lock in a box that holds one (see BoxedObject.make).
    @inline(__always)
    public var lock: Lock? {
        guard isKind(.box) else { return nil }
        let box = object(BoxedObject.self)
        return box.pointee.header.detail == BoxedObject.lockDetail ? unsafeDowncast(box.swiftObject, to: Lock.self) : nil
    }
}

/// `_thread.lock`.
enum LockObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func make(_ lock: Lock) -> Value { BoxedObject.make(lock, cls) }

    private static func own(_ value: Value) throws(Raised) -> Lock {
        guard let lock = value.lock else { throw typeError("a lock is required") }
        return lock
    }

    private static let acquire: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        switch try ThreadModule.patience(args[1], args[2]) {
        case .none: return Value(lock.tryAcquire(currentThread()))
        case .until(let deadline):
            if lock.tryAcquire(currentThread()) { return .true }
            if let deadline, deadline <= Clock.now() { return .false }
            return Value(try lock.acquire(until: deadline))
        }
    }

    private static let release: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        guard lock.isLocked else { throw raise(.runtimeError, "release unlocked lock") }
        lock.release(currentThread())
        return .none
    }

    private static let locked: NativeBody = { args throws(Raised) in Value(try own(args[0]).isLocked) }

    static let nativeClass = NativeClass(
        "lock", kind: .box,
        doc: "A lock object is a synchronization primitive.", flags: .isWeakReferenceable, methods: [
            Native("acquire(self, /, blocking=True, timeout=-1)", "Lock the lock.", .method, acquire),
            Native("acquire_lock(self, /, blocking=True, timeout=-1)", "An obsolete synonym of acquire().", .method, acquire),
            Native("release(self, /)", "Release the lock.", .method, release),
            Native("release_lock(self, /)", "An obsolete synonym of release().", .method, release),
            Native("locked(self, /)", "Return whether the lock is in the locked state.", .method, locked),
            Native("locked_lock(self, /)", "An obsolete synonym of locked().", .method, locked),
            Native("__enter__(self, /)", "Lock the lock.", .method) { args throws(Raised) in
                let lock = try own(args[0])
                if !lock.tryAcquire(currentThread()) { _ = try lock.acquire(until: nil) }
                lock.isScoped = true
                return .true
            },
            Native("__exit__(self, type=None, value=None, traceback=None, /)", "Release the lock.", .method, release),
            Native("_acquire_again(self, /)", "For threading.Condition: take the lock before any signal is handled.", .method) { args throws(Raised) in
                Value(try own(args[0]).acquire(until: nil, isMasked: true))
            },
            Native("_at_fork_reinit(self, /)", "", .method) { args throws(Raised) in
                try own(args[0]).reset()
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let state = try own(args[0]).isLocked ? "locked" : "unlocked"
                return Value(Str.make("<\(state) \(qualifiedClassName(args[0].cls)) object at \(addressText(args[0]))>"))
            },
        ],
        construct: { args throws(Raised) in
            if args[1].object(Tuple.self).count > 0 || args[2].isKind(.dict) && args[2].object(Dict.self).pointee.count > 0 {
                throw typeError("lock() takes no arguments (\(args[1].object(Tuple.self).count) given)")
            }
            return BoxedObject.make(Lock(), args[0].object(ClassObject.self))
        })
}

/// `_thread.RLock`.
enum ReentrantLockObject {
    private static func own(_ value: Value) throws(Raised) -> Lock {
        guard let lock = value.lock else { throw typeError("an RLock is required") }
        return lock
    }

    @inline(__always)
    private static func isOwned(_ lock: Lock, _ t: ThreadRef) -> Bool { lock.isOwned(by: t) && lock.depth > 0 }

    private static let acquire: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        let t = currentThread()
        let patience = try ThreadModule.patience(args[1], args[2])
        if isOwned(lock, t) {
            lock.depth += 1
            return .true
        }
        if !lock.tryAcquire(t) {
            guard case .until(let deadline) = patience else { return .false }
            if let deadline, deadline <= Clock.now() { return .false }
            guard try lock.acquire(until: deadline) else { return .false }
        }
        lock.depth = 1
        return .true
    }

    private static let enter: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        let t = currentThread()
        if isOwned(lock, t) {
            lock.depth += 1
        } else {
            if !lock.tryAcquire(t) { _ = try lock.acquire(until: nil) }
            lock.depth = 1
        }
        return .true
    }

    private static let release: NativeBody = { args throws(Raised) in
        let lock = try own(args[0])
        let t = currentThread()
        guard isOwned(lock, t) else { throw raise(.runtimeError, "cannot release un-acquired lock") }
        lock.depth -= 1
        if lock.depth == 0 { lock.release(t) }
        return .none
    }

    static let nativeClass = NativeClass("RLock", kind: .box, flags: [.isBase, .isWeakReferenceable], methods: [
        Native("acquire(self, /, blocking=True, timeout=-1)", "Lock the lock.", .method, acquire),
        Native("release(self, /)", "Release the lock.", .method, release),
        Native("__enter__(self, /)", "Lock the lock.", .method, enter),
        Native("__exit__(self, type=None, value=None, traceback=None, /)", "Release the lock.", .method, release),
        Native("_is_owned(self, /)", "For internal use by `threading.Condition`.", .method) { args throws(Raised) in
            Value(isOwned(try own(args[0]), currentThread()))
        },
        Native("_recursion_count(self, /)", "For internal use by reentrancy checks.", .method) { args throws(Raised) in
            let lock = try own(args[0])
            return Value(isOwned(lock, currentThread()) ? lock.depth : 0)
        },
        Native("_release_save(self, /)", "For internal use by `threading.Condition`.", .method) { args throws(Raised) in
            let lock = try own(args[0])
            guard lock.depth > 0 else { throw raise(.runtimeError, "cannot release un-acquired lock") }
            let depth = lock.depth
            lock.depth = 0
            lock.release(currentThread())
            return Value(Tuple.make(Value(depth), Value(Threads.current()?.identifier ?? 0)))
        },
        Native("_acquire_restore(self, state, /)", "For internal use by `threading.Condition`.", .method) { args throws(Raised) in
            let lock = try own(args[0])
            guard args[1].isKind(.tuple), args[1].object(Tuple.self).count == 2 else { throw typeError("a tuple is required") }
            let depth = try index(args[1].object(Tuple.self).items[0])
            _ = try lock.acquire(until: nil, isMasked: true)
            lock.depth = depth
            return .none
        },
        Native("_at_fork_reinit(self, /)", "", .method) { args throws(Raised) in
            try own(args[0]).reset()
            return .none
        },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            let lock = try own(args[0])
            let state = lock.depth > 0 ? "locked" : "unlocked"
            let owner = lock.depth > 0 ? (lock.owner as? ScriptThread)?.identifier ?? 0 : 0
            return Value(
                Str.make("<\(state) \(qualifiedClassName(args[0].cls)) object owner=\(owner) count=\(lock.depth) at \(addressText(args[0]))>"))
        },
    ], construct: { args throws(Raised) in BoxedObject.make(Lock(isReentrant: true), args[0].object(ClassObject.self)) })
}
