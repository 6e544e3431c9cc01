// `select`: select, poll and epoll.
//
// Each waits without the GIL; a call that asks for no waiting keeps it. After a signal the handlers run and the wait goes
// on for what is left of its time (PEP 475).
import CTiny
import Glibc
import TinyRuntime

/// `select.poll()`: registered descriptors in their order.
final class PollObject {
    var entries: [(descriptor: Int32, events: Int16)] = []
    /// A thread waits in poll(): another may not do so at the same time.
    var isPolling = false
}

/// `select.epoll()`.
final class EpollObject {
    var descriptor: Int32
    init(_ descriptor: Int32) { self.descriptor = descriptor }
    deinit { close() }
    func close() {
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }
}

enum SelectModule {
    nonisolated(unsafe) private static var pollClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeModule = NativeModule(
        "select", doc: "Waiting for input and output on several files at once.", functions: { functions },
        prepare: { contents throws(Raised) in
            pollClass = contents.add(pollTable)
            // Its name is that of the function that makes one.
            _ = contents.namespace.remove(StrTables.intern("_poll"))
            pollClass.pointee.name = Value(StrTables.intern("poll"))
            pollClass.pointee.qualifiedName = pollClass.pointee.name
            contents.add(epollTable)
            contents.set("error", Value(ExceptionName.osError.cls))
            for (name, number) in constants { contents.set(name, number) }
        })

    private static let constants: [(String, Int)] = [
        ("POLLIN", 1), ("POLLPRI", 2), ("POLLOUT", 4), ("POLLERR", 8), ("POLLHUP", 16), ("POLLNVAL", 32), ("POLLRDNORM", 64),
        ("POLLRDBAND", 128), ("POLLWRNORM", 256), ("POLLWRBAND", 512), ("POLLMSG", 1024), ("POLLRDHUP", 0x2000),
        ("PIPE_BUF", 4096),
        ("EPOLLIN", 1), ("EPOLLPRI", 2), ("EPOLLOUT", 4), ("EPOLLERR", 8), ("EPOLLHUP", 16), ("EPOLLRDNORM", 64),
        ("EPOLLRDBAND", 128), ("EPOLLWRNORM", 256), ("EPOLLWRBAND", 512), ("EPOLLMSG", 1024), ("EPOLLRDHUP", 0x2000),
        ("EPOLLEXCLUSIVE", 1 << 28), ("EPOLLWAKEUP", 1 << 29), ("EPOLLONESHOT", 1 << 30), ("EPOLLET", 1 << 31),
        ("EPOLL_CLOEXEC", 0o2000000),
    ]

    /// Repeats a wait of so many milliseconds (negative: for ever) until it is over or gives something.
    private static func wait(_ milliseconds: Double, _ body: (Int32) -> Int32) throws(Raised) -> Int32 {
        let deadline = milliseconds < 0 ? nil : Clock.now() &+ UInt64(min(milliseconds, 9e12) * 1e6)
        var left = milliseconds < 0 ? Int32(-1) : Int32(min(milliseconds.rounded(.up), 2e9))
        while true {
            var code: Int32 = 0
            func call() -> Int32 {
                let result = body(left)
                code = errno
                return result
            }
            let isIdle = IdleCollection.isDue(left)
            if isIdle { left = IdleCollection.patience }
            let result = left == 0 ? call() : Threads.blocking { call() }
            if result > 0 || result == 0 && !isIdle { return result }
            if result == 0 {
                try IdleCollection.run()
            } else {
                guard code == EINTR else { throw osError(code) }
                try Signals.handleArrived()
            }
            if isIdle { left = -1 }
            if let deadline {
                let now = Clock.now()
                left = now >= deadline ? 0 : Int32(min(Double(deadline - now) / 1e6 + 1, 2e9))
            }
        }
    }

    private static func milliseconds(_ value: Value, factor: Double) throws(Raised) -> Double {
        if value.isNone || value.isAbsent { return -1 }
        guard let seconds = try realOf(value) else { throw typeError("timeout must be a real number or None") }
        if seconds.isNaN { throw valueError("Invalid value NaN (not a number)") }
        return seconds < 0 ? -1 : seconds * factor
    }

    private static let functions: [Native] = [
        Native("select(rlist, wlist, xlist, timeout=None, /)", "Wait until one or more file descriptors are ready for some kind of I/O.") { args throws(Raised) in
            if !args[3].isNone, let seconds = try realOf(args[3]), seconds < 0 { throw valueError("timeout must be non-negative") }
            if !args[3].isNone, try realOf(args[3]) == nil { throw typeError("timeout must be a float or None") }
            // What select calls readable, writable and exceptional, in terms of poll.
            let events = [POLLIN | POLLHUP | POLLERR, POLLOUT | POLLERR, POLLPRI]
            var questions: [pollfd] = []
            // The lists asked, then what is ready of them. A tuple holds them: fileno() and other threads may collect.
            let result = Tuple.allocate(3)
            result.items.update(repeating: .none, count: 3)
            for index in 0 ..< 3 {
                let list = List.make()
                result.items[index] = Value(list)
                // A list is asked as it is, item by item: fileno() may change it.
                let given = args[index].isKind(.list) ? args[index].object(List.self) : try makeList(args[index])
                var place = 0
                while place < given.count {
                    let item = given.items[place]
                    list.append(item)
                    let descriptor = try openDescriptor(item)
                    questions.append(pollfd(fd: descriptor, events: Int16(events[index] & (POLLIN | POLLOUT | POLLPRI)), revents: 0))
                    place += 1
                }
            }
            _ = try wait(try milliseconds(args[3], factor: 1000)) { poll(&questions, nfds_t(questions.count), $0) }
            if questions.contains(where: { $0.revents & Int16(POLLNVAL) != 0 }) { throw osError(EBADF) }
            var place = 0
            for index in 0 ..< 3 {
                let list = result.items[index].object(List.self)
                let ready = List.make()
                for item in 0 ..< list.count {
                    if Int32(questions[place].revents) & events[index] != 0 { ready.append(list.items[item]) }
                    place += 1
                }
                result.items[index] = Value(ready)
            }
            return Value(result)
        },
        Native("poll()", "Returns a polling object.") { _ throws(Raised) in BoxedObject.make(PollObject(), pollClass) },
    ]

    // MARK: poll

    private static func polling(_ value: Value) throws(Raised) -> PollObject {
        guard let object = value.boxed(PollObject.self) else { throw typeError("a poll object is required") }
        return object
    }

    private static func mask(_ value: Value, _ fallback: Int32) throws(Raised) -> Int16 {
        if value.isAbsent { return Int16(truncatingIfNeeded: fallback) }
        let number = try index(value)
        guard number >= 0 else { throw valueError("value must be positive") }
        guard let mask = UInt16(exactly: number) else { throw raise(.overflowError, "Python int too large for C unsigned short") }
        return Int16(bitPattern: mask)
    }

    private static let pollTable = NativeClass("_poll", kind: .box, methods: [
        Native("register(self, fd, eventmask=?, /)", "Register a file descriptor with the polling object.") { args throws(Raised) in
            let poll = try polling(args[0])
            let descriptor = try openDescriptor(args[1])
            let events = try mask(args[2], POLLIN | POLLPRI | POLLOUT)
            if let place = poll.entries.firstIndex(where: { $0.descriptor == descriptor }) {
                poll.entries[place].events = events
            } else {
                poll.entries.append((descriptor, events))
            }
            return .none
        },
        Native("modify(self, fd, eventmask, /)", "Modify an already registered file descriptor.") { args throws(Raised) in
            let poll = try polling(args[0])
            let descriptor = try openDescriptor(args[1])
            let events = try mask(args[2], 0)
            guard let place = poll.entries.firstIndex(where: { $0.descriptor == descriptor }) else { throw osError(ENOENT) }
            poll.entries[place].events = events
            return .none
        },
        Native("unregister(self, fd, /)", "Remove a file descriptor being tracked by the polling object.") { args throws(Raised) in
            let poll = try polling(args[0])
            let descriptor = try openDescriptor(args[1])
            guard let place = poll.entries.firstIndex(where: { $0.descriptor == descriptor }) else {
                throw raise(.keyError, arguments: Value(Int(descriptor)))
            }
            poll.entries.remove(at: place)
            return .none
        },
        Native("poll(self, timeout=None, /)", "Polls the set of registered file descriptors.") { args throws(Raised) in
            let polling = try polling(args[0])
            if !args[1].isNone, isInteger(args[1]) {
                guard let number = machineInt(args[1]), number <= Int32.max else { throw raise(.overflowError, "timeout is too large") }
            }
            let limit = try milliseconds(args[1], factor: 1)
            if polling.isPolling { throw raise(.runtimeError, "concurrent poll() invocation") }
            polling.isPolling = true
            defer { polling.isPolling = false }
            var questions = polling.entries.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
            _ = try wait(limit) { Glibc.poll(&questions, nfds_t(questions.count), $0) }
            let list = List.make()
            for question in questions where question.revents != 0 {
                list.append(Value(Tuple.make(Value(Int(question.fd)), Value(Int(UInt16(bitPattern: question.revents))))))
            }
            return Value(list)
        },
    ])

    // MARK: epoll

    private static func epolling(_ value: Value) throws(Raised) -> EpollObject {
        guard let object = value.boxed(EpollObject.self) else { throw typeError("an epoll object is required") }
        guard object.descriptor >= 0 else { throw valueError("I/O operation on closed epoll object") }
        return object
    }

    private static func control(_ args: Arguments, _ operation: Int32, _ events: Value) throws(Raised) -> Value {
        let epoll = try epolling(args[0])
        let descriptor = try openDescriptor(args[1])
        var event = epoll_event()
        if !events.isAbsent { event.events = UInt32(truncatingIfNeeded: try index(events)) }
        event.data.fd = descriptor
        guard epoll_ctl(epoll.descriptor, operation, descriptor, &event) == 0 else { throw osError(errno) }
        return .none
    }

    private static let everything = Value(Int(EPOLLIN.rawValue | EPOLLPRI.rawValue | EPOLLOUT.rawValue))

    private static let epollTable = NativeClass(
        "epoll", kind: .box, doc: "Returns an epolling object.", flags: .isBase, methods: [
            Native("register(self, fd, eventmask=?)", "Registers a new fd.") { args throws(Raised) in
                try control(args, EPOLL_CTL_ADD, args.has(2) ? args[2] : everything)
            },
            Native("modify(self, fd, eventmask)", "Modify event mask for a registered file descriptor.") { args throws(Raised) in
                try control(args, EPOLL_CTL_MOD, args[2])
            },
            Native("unregister(self, fd)", "Remove a registered file descriptor from the epoll object.") { args throws(Raised) in
                try control(args, EPOLL_CTL_DEL, .absent)
            },
            Native("poll(self, timeout=None, maxevents=-1)", "Wait for events on the epoll object for a maximum time of timeout in seconds.") { args throws(Raised) in
                let epoll = try epolling(args[0])
                let limit = try milliseconds(args[1], factor: 1000)
                var most = try index(args[2])
                if most == -1 { most = 1024 }
                guard most > 0 else { throw valueError("maxevents must be greater than 0, got \(most)") }
                let count = Int32(truncatingIfNeeded: min(most, 65536))
                let events = UnsafeMutablePointer<epoll_event>.allocate(capacity: Int(count))
                defer { events.deallocate() }
                let descriptor = epoll.descriptor
                let found = try wait(limit) { epoll_wait(descriptor, events, count, $0) }
                let list = List.make(capacity: Int(found))
                for place in 0 ..< Int(found) {
                    list.append(Value(Tuple.make(Value(Int(events[place].data.fd)), Value(Int(events[place].events)))))
                }
                return Value(list)
            },
            Native("close(self, /)", "Close the epoll control file descriptor.") { args throws(Raised) in
                args[0].boxed(EpollObject.self)?.close()
                return .none
            },
            Native("fileno(self, /)", "Return the epoll control file descriptor.") { args throws(Raised) in
                Value(Int(try epolling(args[0]).descriptor))
            },
            Native("fromfd(cls, fd, /)", "Create an epoll object from a given control fd.", .classMethod) { args throws(Raised) in
                BoxedObject.make(EpollObject(try openDescriptor(args[1])), args[0].object(ClassObject.self))
            },
            Native("__enter__(self, /)", "") { args throws(Raised) in
                _ = try epolling(args[0])
                return args[0]
            },
            Native("__exit__(self, exc_type=None, exc_value=None, exc_tb=None, /)", "") { args throws(Raised) in
                args[0].boxed(EpollObject.self)?.close()
                return .none
            },
        ],
        attributes: [
            Accessors("closed") { object throws(Raised) in Value((object.boxed(EpollObject.self)?.descriptor ?? -1) < 0) }
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["sizehint", "flags"], required: 0, function: "epoll")
            defer { values.deallocate() }
            if !values[0].isAbsent {
                let hint = try index(values[0])
                guard hint == -1 || hint > 0 else { throw valueError("negative sizehint") }
            }
            if !values[1].isAbsent {
                let flags = try Posix.int32(values[1])
                guard flags == 0 || flags == Int32(EPOLL_CLOEXEC) else { throw raise(.osError, "invalid flags") }
            }
            let descriptor = epoll_create1(Int32(EPOLL_CLOEXEC))
            guard descriptor >= 0 else { throw osError(errno) }
            return BoxedObject.make(EpollObject(descriptor), args[0].object(ClassObject.self))
        })
}
