// `_multiprocessing.SemLock`: a semaphore, a lock or a recursive lock that processes share.
//
// Without a name it lies in anonymous shared memory, which children of fork inherit; with a name it is a named semaphore
// of the system, which a program that was started anew can open. `count` and `owner` say what this process holds.
import CTiny
import Glibc
import TinyRuntime

final class SharedSemaphore {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    enum Form: Int { case recursiveLock = 0, semaphore = 1 }

    let semaphore: UnsafeMutablePointer<sem_t>
    let form: Form
    let most: Int
    let name: String?
    private(set) var count = 0
    private var owner = 0

    private init(_ semaphore: UnsafeMutablePointer<sem_t>, _ form: Form, _ most: Int, _ name: String?) {
        self.semaphore = semaphore
        self.form = form
        self.most = most
        self.name = name
    }

    deinit {
        if name == nil { munmap(semaphore, MemoryLayout<sem_t>.size) } else { sem_close(semaphore) }
    }

    static func of(_ value: Value) throws(Raised) -> SharedSemaphore {
        guard let own = value.boxed(SharedSemaphore.self) else { throw typeError("a SemLock is required") }
        return own
    }

    private var task: Int { Int(currentThread().pointee.taskNumber) }
    private var isMine: Bool { count > 0 && owner == task }

    private var value: Int {
        var number: Int32 = 0
        sem_getvalue(semaphore, &number)
        return max(0, Int(number))
    }

    func acquire(until deadline: UInt64?, isBlocking: Bool) throws(Raised) -> Bool {
        if form == .recursiveLock, isMine {
            count += 1
            return true
        }
        while sem_trywait(semaphore) != 0 {
            let code = errno
            if code == EINTR {
                try Signals.handleArrived()
                continue
            }
            guard code == EAGAIN else { throw osError(code) }
            guard isBlocking else { return false }
            guard try wait(until: deadline) else { return false }
            break
        }
        count += 1
        owner = task
        return true
    }

    /// Waits without the GIL. False if the time ran out.
    private func wait(until deadline: UInt64?) throws(Raised) -> Bool {
        DirtyStreams.flushAll()
        let semaphore = semaphore
        while true {
            let code = Threads.blocking { () -> Int32 in
                let result = if let deadline { tiny_wait_until(semaphore, deadline) } else { sem_wait(semaphore) }
                return result == 0 ? 0 : errno
            }
            switch code {
            case 0: return true
            case ETIMEDOUT: return false
            case EINTR: try Signals.handleArrived()
            default: throw osError(code)
            }
        }
    }

    func release() throws(Raised) {
        if form == .recursiveLock {
            guard isMine else { throw raise(.assertionError, "attempt to release recursive lock not owned by thread") }
            if count > 1 {
                count -= 1
                return
            }
        } else if value >= most {
            throw valueError("semaphore or lock released too many times")
        }
        // Whoever gets the lock may read a file that was written under it and that nobody has closed.
        DirtyStreams.flushAll()
        guard sem_post(semaphore) == 0 else { throw osError(errno) }
        count -= 1
    }

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let values = try bindNames(args, ["kind", "value", "maxvalue", "name", "unlink"], required: 5, function: "SemLock")
        defer { values.deallocate() }
        guard let form = Form(rawValue: try index(values[0])) else { throw valueError("unrecognized kind") }
        let first = try index(values[1])
        let most = try index(values[2])
        guard first >= 0, first <= Int(Int32.max) else { throw osError(EINVAL) }
        let memory: UnsafeMutableRawPointer?
        var name: String?
        if values[3].isNone {
            memory = tiny_map(MemoryLayout<sem_t>.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
            if let memory { sem_init(memory.assumingMemoryBound(to: sem_t.self), 1, UInt32(first)) }
        } else {
            guard values[3].isKind(.str) else { throw typeError("SemLock() argument 'name' must be str, not \(typeName(values[3]))") }
            let text = values[3].object(Str.self).string
            name = text
            memory = tiny_semaphore_open(text, O_CREAT | O_EXCL, 0o600, UInt32(first))
            let code = errno
            if memory != nil, try truth(values[4]) { sem_unlink(text) }
            errno = code
        }
        guard let memory else { throw osError(errno) }
        let own = SharedSemaphore(memory.assumingMemoryBound(to: sem_t.self), form, most, name)
        return BoxedObject.make(own, args[0].object(ClassObject.self))
    }

    /// Real time, also where the clock of this process is virtual: other processes have their own.
    private static func deadline(after timeout: Value) throws(Raised) -> UInt64 {
        let seconds = max(0, try ThreadModule.seconds(timeout))
        return Clock.real() &+ UInt64(min(seconds, 1e9) * 1e9)
    }

    private static let acquire: NativeBody = { args throws(Raised) in
        let isBlocking = try truth(args[1])
        let limit = isBlocking && !args[2].isNone ? try deadline(after: args[2]) : nil
        return Value(try of(args[0]).acquire(until: limit, isBlocking: isBlocking))
    }

    static let nativeClass = NativeClass(
        "SemLock", kind: .box, doc: "Semaphore/Mutex type", flags: [.isBase, .isWeakReferenceable],
        methods: [
            Native("acquire(self, /, block=True, timeout=None)", "Acquire the semaphore/lock.", .method, acquire),
            Native("release(self, /)", "Release the semaphore/lock.", .method) { args throws(Raised) in
                try of(args[0]).release()
                return .none
            },
            Native("__enter__(self, /)", "Enter the semaphore/lock.", .method) { args throws(Raised) in
                Value(try of(args[0]).acquire(until: nil, isBlocking: true))
            },
            Native("__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)", "Exit the semaphore/lock.", .method) { args throws(Raised) in
                try of(args[0]).release()
                return .none
            },
            Native("_count(self, /)", "Num of `acquire()`s minus num of `release()`s for this process.", .method) { args throws(Raised) in
                Value(try of(args[0]).count)
            },
            Native("_is_mine(self, /)", "Whether the lock is owned by this thread.", .method) { args throws(Raised) in Value(try of(args[0]).isMine) },
            Native("_get_value(self, /)", "Get the value of the semaphore.", .method) { args throws(Raised) in Value(try of(args[0]).value) },
            Native("_is_zero(self, /)", "Return whether semaphore has value zero.", .method) { args throws(Raised) in Value(try of(args[0]).value == 0) },
            Native("_after_fork(self, /)", "Rezero the net acquisition count after fork().", .method) { args throws(Raised) in
                try of(args[0]).count = 0
                return .none
            },
            Native("_rebuild(cls, handle, kind, maxvalue, name, /)", "Open a named semaphore.", .classMethod) { args throws(Raised) in
                guard let form = Form(rawValue: try index(args[2])) else { throw valueError("unrecognized kind") }
                let most = try index(args[3])
                guard args[4].isKind(.str) else { throw typeError("a semaphore without a name can't be opened by another program") }
                let name = args[4].object(Str.self).string
                guard let memory = tiny_semaphore_open(name, 0, 0, 0) else { throw osError(errno) }
                let own = SharedSemaphore(memory.assumingMemoryBound(to: sem_t.self), form, most, name)
                return BoxedObject.make(own, args[0].object(ClassObject.self))
            },
        ],
        attributes: [
            Accessors("handle") { object throws(Raised) in Value(Int(bitPattern: try of(object).semaphore)) },
            Accessors("kind") { object throws(Raised) in Value(try of(object).form.rawValue) },
            Accessors("maxvalue") { object throws(Raised) in Value(try of(object).most) },
            Accessors("name") { object throws(Raised) in
                guard let name = try of(object).name else { return .none }
                return Value(Str.make(name))
            },
        ],
        construct: construct)
}

/// `_multiprocessing`, and `_posixshmem`: shared memory by name.
enum MultiprocessingModule {
    static let nativeModule = NativeModule(
        "_multiprocessing", functions: { functions },
        prepare: { contents throws(Raised) in
            SharedSemaphore.cls = contents.add(SharedSemaphore.nativeClass)
            ReadAhead.cls = contents.add(ReadAhead.nativeClass)
            SharedSemaphore.cls.pointee.namespace.set(StrTables.intern("SEM_VALUE_MAX"), Value(Int(Int32.max)))
        })

    private static let functions: [Native] = [
        Native("sem_unlink(name, /)", "") { args throws(Raised) in
            let path = try SystemPath(args[0], "sem_unlink")
            _ = try Posix.check(nil) { Int(Glibc.sem_unlink(path.text)) }
            return .none
        },
        Native("send_descriptor(socket, fd, /)", "Send a file descriptor over a Unix socket.") { args throws(Raised) in
            let socket = try descriptorNumber(args[0])
            let descriptor = try descriptorNumber(args[1])
            _ = try Posix.blocking(nil) { Int(tiny_send_descriptor(socket, descriptor)) }
            return .none
        },
        Native("flush_files()", "Write out what is in the buffers of open files.") { _ in
            DirtyStreams.flushAll()
            return .none
        },
        Native("prepare(*functions)", "Read what functions of the library consist of, once here instead of in every child of fork.") { args throws(Raised) in
            let functions = args[0].object(Tuple.self)
            for index in 0 ..< functions.count {
                let function = functions.items[index]
                if function.isKind(.function) {
                    function.object(Function.self).pointee.code.readBody()
                } else if function.isKind(.native), case let record = function.object(NativeFunction.self).pointee.record, record.pointee.binding == nil {
                    _ = parse(record)
                }
            }
            return .none
        },
        Native("send_message(fd, data, /)", "Send octets after their number.", .function, Messages.send),
        Native("send_messages(fd, messages, /)", "Send several bytes objects, each after its number.", .function, Messages.sendAll),
        Native("receive_message(fd, most=-1, ahead=None, /)", "Receive octets that were sent so; None if there are too many.", .function, Messages.receive),
        Native("take_message(lock, room, fd, ahead, /)", "Receive a message while holding a lock; then release the semaphore `room`, if any.", .function, Messages.take),
        Native("dumps(obj, table, protocol=None, /)", "Pickle with more reducers than copyreg has.") { args throws(Raised) in
            try PickleModule.dumps(args[0], protocol: args[2], extraTable: args[1])
        },
        Native("receive_descriptor(socket, /)", "Receive a file descriptor over a Unix socket.") { args throws(Raised) in
            let socket = try descriptorNumber(args[0])
            return Value(try Posix.blocking(nil) { Int(tiny_receive_descriptor(socket)) })
        },
    ]

    static let sharedMemory = NativeModule(
        "_posixshmem", doc: "POSIX shared memory module",
        functions: {
            [
                Native("shm_open(path, flags, mode=511)", "Open a shared memory object.  Returns a file descriptor (integer).") { args throws(Raised) in
                    let path = try SystemPath(args[0], "shm_open")
                    let flags = try Posix.int32(args[1])
                    let mode = mode_t(truncatingIfNeeded: try index(args[2]))
                    return Value(try Posix.check(path) { Int(Glibc.shm_open(path.text, flags, mode)) })
                },
                Native("shm_unlink(path)", "Remove a shared memory object (similar to unlink()).") { args throws(Raised) in
                    let path = try SystemPath(args[0], "shm_unlink")
                    _ = try Posix.check(path) { Int(Glibc.shm_unlink(path.text)) }
                    return .none
                },
            ]
        })
}
