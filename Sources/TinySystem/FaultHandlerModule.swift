// `faulthandler`: where every thread is, written straight to a descriptor: on request, after a time, on a signal, when
// the process crashes.
//
// What runs in a signal handler or beside the holder of the GIL only reads: it walks the frames and writes octets, and
// neither allocates nor touches a value's count. It may see a frame half made; then a line is wrong, no more.
import CTiny
import Glibc
import TinyRuntime

enum FaultHandlerModule {
    /// Where a kind of dump goes.
    private struct Target {
        var descriptor: Int32 = -1
        var allThreads = true
        var chains = false
        var isSet = false
        var previous = sigaction()
    }

    nonisolated(unsafe) private static var crash = Target()
    nonisolated(unsafe) private static let bySignal: UnsafeMutablePointer<Target> = {
        let targets = UnsafeMutablePointer<Target>.allocate(capacity: 65)
        targets.initialize(repeating: Target(), count: 65)
        return targets
    }()
    nonisolated(unsafe) private static let crashTargets: UnsafeMutablePointer<Target> = {
        let targets = UnsafeMutablePointer<Target>.allocate(capacity: 65)
        targets.initialize(repeating: Target(), count: 65)
        return targets
    }()
    /// The files in use, so that they stay open; a root.
    nonisolated(unsafe) private static let files: DictRef = {
        let dict = Dict.make()
        heap.permanentRoots.append(Value(dict))
        return dict
    }()

    private static let crashes: [(Int32, StaticString)] = [
        (SIGBUS, "Bus error"), (SIGILL, "Illegal instruction"), (SIGFPE, "Floating-point exception"), (SIGABRT, "Aborted"),
        (SIGSEGV, "Segmentation fault"),
    ]

    // MARK: Writing

    private static func put(_ descriptor: Int32, _ text: StaticString) { _ = Glibc.write(descriptor, text.utf8Start, text.utf8CodeUnitCount) }

    private static func put(_ descriptor: Int32, decimal number: Int) {
        var digits: (UInt64, UInt64, UInt64) = (0, 0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            var position = buffer.count
            var rest = number.magnitude
            repeat {
                position -= 1
                buffer[position] = UInt8(0x30 + rest % 10)
                rest /= 10
            } while rest > 0 && position > 0
            _ = Glibc.write(descriptor, buffer.baseAddress.map { $0 + position }, buffer.count - position)
        }
    }

    private static func put(_ descriptor: Int32, hexadecimal number: UInt) {
        var digits: (UInt64, UInt64) = (0, 0)
        withUnsafeMutableBytes(of: &digits) { buffer in
            for index in 0 ..< 16 {
                let nibble = UInt8(truncatingIfNeeded: number >> UInt(60 - 4 * index) & 0xF)
                buffer[index] = nibble < 10 ? 0x30 + nibble : 0x57 + nibble
            }
            _ = Glibc.write(descriptor, buffer.baseAddress, 16)
        }
    }

    private static func put(_ descriptor: Int32, _ value: Value) {
        guard value.isKind(.str) else { return put(descriptor, "???") }
        let text = value.object(Str.self).buffer
        _ = Glibc.write(descriptor, text.baseAddress, min(text.count, 500))
        if text.count > 500 { put(descriptor, "...") }
    }

    private static func dumpFrames(_ descriptor: Int32, _ state: ThreadRef) {
        var frame = state.scriptFrame
        if frame == nil { put(descriptor, "  <no Python frame>\n") }
        var count = 0
        while let current = frame {
            if count == 100 { return put(descriptor, "  ...\n") }
            let code = current.header.pointee.code
            put(descriptor, "  File \"")
            put(descriptor, code.pointee.fileName)
            put(descriptor, "\", line ")
            put(descriptor, decimal: Int(code.range(at: max(0, code.offset(of: current.header.pointee.pc) - 1)).line))
            put(descriptor, " in ")
            put(descriptor, code.pointee.name)
            put(descriptor, "\n")
            frame = scriptCaller(of: current)
            count += 1
        }
    }

    /// From the thread that watches the time nobody is the current thread. In a signal handler that interrupted whoever has the
    /// mutex the list of threads can't be read: then only the holder of the GIL is told of.
    private static func dump(_ descriptor: Int32, allThreads: Bool, hasCurrent: Bool = true) {
        guard let raw = tiny_hot()?.pointee.thread else { return }
        let holder = raw.assumingMemoryBound(to: ThreadState.self)
        guard allThreads, pthread_mutex_trylock(Threads.mutex) == 0 else {
            put(descriptor, "Stack (most recent call first):\n")
            return dumpFrames(descriptor, holder)
        }
        defer { pthread_mutex_unlock(Threads.mutex) }
        var isFirst = true
        for thread in Threads.all.reversed() {
            if !isFirst { put(descriptor, "\n") }
            isFirst = false
            put(descriptor, hasCurrent && thread.state == holder ? "Current thread 0x" : "Thread 0x")
            put(descriptor, hexadecimal: UInt(bitPattern: thread.identifier))
            put(descriptor, " (most recent call first):\n")
            if hasCurrent, thread.state == holder, heap.isFinalizing { put(descriptor, "  Garbage-collecting\n") }
            dumpFrames(descriptor, thread.state)
        }
    }

    // MARK: Handlers

    private static func handleCrash(_ number: Int32) {
        let code = errno
        put(crash.descriptor, "Fatal Python error: ")
        for (each, text) in crashes where each == number { put(crash.descriptor, text) }
        put(crash.descriptor, "\n\n")
        dump(crash.descriptor, allThreads: crash.allThreads)
        errno = code
        die(number)
    }

    /// Ends the process by a signal. Swift's own handler, which prints its stack, is not asked: it goes on after a signal
    /// that was only sent.
    private static func die(_ number: Int32) {
        Glibc.signal(number, SIG_DFL)
        Glibc.raise(number)
    }

    /// What the crashing test functions do: the handler's report, if there is one, then the end.
    private static func crash(by number: Int32) {
        if crash.isSet { Glibc.raise(number) } else { die(number) }
    }

    private static func handleUser(_ number: Int32) {
        guard number > 0, number < 65, bySignal[Int(number)].isSet else { return }
        let code = errno
        dump(bySignal[Int(number)].descriptor, allThreads: bySignal[Int(number)].allThreads)
        errno = code
        if bySignal[Int(number)].chains {
            sigaction(number, &bySignal[Int(number)].previous, nil)
            Glibc.raise(number)
            install(number)
        }
    }

    private static func install(_ number: Int32) {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { FaultHandlerModule.handleUser($0) }
        action.sa_flags = bySignal[Int(number)].chains ? SA_NODEFER : SA_RESTART
        sigaction(number, &action, nil)
    }

    private static func disable() -> Bool {
        guard crash.isSet else { return false }
        crash.isSet = false
        for (number, _) in crashes { sigaction(number, &crashTargets[Int(number)].previous, nil) }
        return true
    }

    // MARK: After a time

    /// What the watching thread shares with those that start and stop it. One for each watch.
    private final class Watch {
        let descriptor: Int32
        let nanoseconds: UInt64
        let repeats: Bool
        let exits: Bool
        let title: [UInt8]
        let semaphore: UnsafeMutablePointer<sem_t>
        /// Guarded by the semaphore: set before it is posted.
        nonisolated(unsafe) var isCancelled = false

        init(_ descriptor: Int32, _ nanoseconds: UInt64, repeats: Bool, exits: Bool) {
            self.descriptor = descriptor
            self.nanoseconds = nanoseconds
            self.repeats = repeats
            self.exits = exits
            func two(_ number: UInt64) -> String { number < 10 ? "0\(number)" : "\(number)" }
            let micros = (nanoseconds + 999) / 1000
            let seconds = micros / 1_000_000
            var text = "Timeout (\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
            let rest = String(micros % 1_000_000)
            if micros % 1_000_000 > 0 { text += "." + String(repeating: "0", count: 6 - rest.count) + rest }
            title = Array((text + ")!\n").utf8)
            semaphore = .allocate(capacity: 1)
            semaphore.initialize(to: sem_t())
            sem_init(semaphore, 0, 0)
        }

        func run() {
            repeat {
                while tiny_wait_until(semaphore, Clock.real() &+ nanoseconds) != 0 {
                    if errno == EINTR { continue }
                    break
                }
                if isCancelled { return }
                _ = Glibc.write(descriptor, title, title.count)
                FaultHandlerModule.dump(descriptor, allThreads: true, hasCurrent: false)
                if exits { _exit(1) }
            } while repeats
        }
    }

    nonisolated(unsafe) private static var watch: Watch?

    private static func cancel() {
        guard let old = watch else { return }
        old.isCancelled = true
        sem_post(old.semaphore)
        watch = nil
    }

    private static func start(_ new: Watch) throws(Raised) {
        cancel()
        watch = new
        var handle = pthread_t()
        var blocked = sigset_t()
        var old = sigset_t()
        sigfillset(&blocked)
        pthread_sigmask(SIG_SETMASK, &blocked, &old)
        let result = pthread_create(&handle, nil, { raw in
            if let raw { Unmanaged<Watch>.fromOpaque(raw).takeRetainedValue().run() }
            return nil
        }, Unmanaged.passRetained(new).toOpaque())
        pthread_sigmask(SIG_SETMASK, &old, nil)
        guard result == 0 else { throw raise(.runtimeError, "unable to start watchdog thread") }
        pthread_detach(handle)
    }

    // MARK: The module

    /// The descriptor of a file argument, which is kept open under a key.
    private static func descriptor(_ file: Value, keep key: Int?) throws(Raised) -> Int32 {
        var file = file
        if file.isNone {
            file = Runtime.sysModule.pointee.namespace.get(Names.stderr)
            if file.isAbsent { throw raise(.runtimeError, "unable to get sys.stderr") }
            if file.isNone { throw raise(.runtimeError, "sys.stderr is None") }
        }
        if isInteger(file) {
            guard let number = machineInt(file), let short = Int32(exactly: number), short >= 0 else {
                throw valueError("file is not a valid file descripter")
            }
            return short
        }
        let number = try callMethod(file, StrTables.intern("fileno"))
        guard let wide = machineInt(number), let short = Int32(exactly: wide), short >= 0 else {
            throw raise(.runtimeError, "file.fileno() is not a valid file descriptor")
        }
        do throws(Raised) { _ = try callMethod(file, Names.flush) } catch { _ = currentThread().takeRaised() }
        if let key { try files.set(Value(key), file) }
        return short
    }

    private static func signalNumber(_ value: Value) throws(Raised) -> Int32 {
        let number = try index(value)
        for (crash, _) in crashes where Int(crash) == number {
            throw raise(.runtimeError, "signal \(number) cannot be registered, use enable() instead")
        }
        guard number > 0, number < 65 else { throw valueError("signal number out of range") }
        return Int32(number)
    }

    static let nativeModule = NativeModule("faulthandler", doc: "faulthandler module.", functions: {
        [
            Native("dump_traceback(file=None, all_threads=True)", "Dump the traceback of the current thread, or of all threads if all_threads is True, into file.") { args throws(Raised) in
                dump(try descriptor(args[0], keep: nil), allThreads: try truth(args[1]))
                return .none
            },
            Native("enable(file=None, all_threads=True)", "Enable the fault handler.") { args throws(Raised) in
                crash.descriptor = try descriptor(args[0], keep: 0)
                crash.allThreads = try truth(args[1])
                if crash.isSet { return .none }
                crash.isSet = true
                for (number, _) in crashes {
                    var action = sigaction()
                    action.__sigaction_handler.sa_handler = { FaultHandlerModule.handleCrash($0) }
                    action.sa_flags = Int32(bitPattern: UInt32(SA_NODEFER) | UInt32(SA_ONSTACK))
                    sigaction(number, &action, &crashTargets[Int(number)].previous)
                }
                return .none
            },
            Native("disable()", "Disable the fault handler.") { _ in Value(disable()) },
            Native("is_enabled()", "Check if the handler is enabled.") { _ in Value(crash.isSet) },
            Native("dump_traceback_later(timeout, repeat=False, file=None, exit=False)", "Dump the traceback of all threads in timeout seconds, or each timeout seconds if repeat is True.") { args throws(Raised) in
                guard let seconds = try realOf(args[0]) else {
                    throw typeError("'\(typeName(args[0]))' object cannot be interpreted as an integer")
                }
                guard seconds > 0 else { throw valueError("timeout must be greater than 0") }
                guard seconds < 9e9 else { throw raise(.overflowError, "timeout value is too large") }
                let target = try descriptor(args[2], keep: 65)
                try start(Watch(target, UInt64(seconds * 1e9), repeats: try truth(args[1]), exits: try truth(args[3])))
                return .none
            },
            Native("cancel_dump_traceback_later()", "Cancel the previous call to dump_traceback_later().") { _ in
                cancel()
                return .none
            },
            Native("register(signum, file=None, all_threads=True, chain=False)", "Register a handler for the signal 'signum'.") { args throws(Raised) in
                let number = try signalNumber(args[0])
                let target = Int(number)
                bySignal[target].descriptor = try descriptor(args[1], keep: target)
                bySignal[target].allThreads = try truth(args[2])
                bySignal[target].chains = try truth(args[3])
                if !bySignal[target].isSet { sigaction(number, nil, &bySignal[target].previous) }
                bySignal[target].isSet = true
                install(number)
                return .none
            },
            Native("unregister(signum, /)", "Unregister the handler of the signal 'signum' registered by register().") { args throws(Raised) in
                let number = try signalNumber(args[0])
                guard bySignal[Int(number)].isSet else { return .false }
                bySignal[Int(number)].isSet = false
                sigaction(number, &bySignal[Int(number)].previous, nil)
                return .true
            },
            Native("_sigsegv(release_gil=False, /)", "Raise a SIGSEGV signal.") { _ in
                crash(by: SIGSEGV)
                return .none
            },
            Native("_read_null()", "As a read from the address 0: raise a SIGSEGV signal.") { _ in
                crash(by: SIGSEGV)
                return .none
            },
            Native("_sigabrt()", "Raise a SIGABRT signal.") { _ in
                crash(by: SIGABRT)
                return .none
            },
            Native("_sigfpe()", "Raise a SIGFPE signal.") { _ in
                crash(by: SIGFPE)
                return .none
            },
        ]
    })
}
