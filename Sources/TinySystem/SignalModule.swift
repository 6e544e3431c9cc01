// `_signal`: handlers of the script, timers, and sending signals.
//
// The handler that the system calls only notes the number (see Signals); the script's handler runs in the main thread.
import CTiny
import Glibc
import TinyRuntime

enum SignalModule {
    static let nativeModule = NativeModule(
        "_signal", doc: "This module provides mechanisms to use signal handlers in Python.", functions: { functions },
        prepare: { contents throws(Raised) in
            for (name, number) in signals { contents.set(name, Int(number)) }
            for (name, number) in [
                ("SIG_DFL", 0), ("SIG_IGN", 1), ("NSIG", 65), ("SIG_BLOCK", 0), ("SIG_UNBLOCK", 1), ("SIG_SETMASK", 2),
                ("ITIMER_REAL", 0), ("ITIMER_VIRTUAL", 1), ("ITIMER_PROF", 2), ("SIGRTMIN", 34), ("SIGRTMAX", 64),
            ] { contents.set(name, number) }
            contents.set("ItimerError", Value(ExceptionName.osError.cls))
            let handler = contents.namespace.get(StrTables.intern("default_int_handler"))
            Signals.initialHandler = handler
            information = StructSequence.makeClass(
                "struct_siginfo", module: "signal",
                fields: ["si_signo", "si_code", "si_errno", "si_pid", "si_uid", "si_status", "si_band"])
            contents.set("struct_siginfo", Value(information))
            if try Signals.handlers.get(Value(Int(SIGINT))).isAbsent { try Signals.handlers.set(Value(Int(SIGINT)), handler) }
        })

    private static let signals: [(String, Int32)] = [
        ("SIGHUP", SIGHUP), ("SIGINT", SIGINT), ("SIGQUIT", SIGQUIT), ("SIGILL", SIGILL), ("SIGTRAP", SIGTRAP),
        ("SIGABRT", SIGABRT), ("SIGIOT", SIGABRT), ("SIGBUS", SIGBUS), ("SIGFPE", SIGFPE), ("SIGKILL", SIGKILL),
        ("SIGUSR1", SIGUSR1), ("SIGSEGV", SIGSEGV), ("SIGUSR2", SIGUSR2), ("SIGPIPE", SIGPIPE), ("SIGALRM", SIGALRM),
        ("SIGTERM", SIGTERM), ("SIGSTKFLT", 16), ("SIGCHLD", SIGCHLD), ("SIGCLD", SIGCHLD), ("SIGCONT", SIGCONT),
        ("SIGSTOP", SIGSTOP), ("SIGTSTP", SIGTSTP), ("SIGTTIN", SIGTTIN), ("SIGTTOU", SIGTTOU), ("SIGURG", SIGURG),
        ("SIGXCPU", SIGXCPU), ("SIGXFSZ", SIGXFSZ), ("SIGVTALRM", SIGVTALRM), ("SIGPROF", SIGPROF), ("SIGWINCH", 28),
        ("SIGIO", 29), ("SIGPOLL", 29), ("SIGPWR", 30), ("SIGSYS", SIGSYS),
    ]

    private static func number(_ value: Value) throws(Raised) -> Int32 {
        let number = try index(value)
        guard number >= 1, number < 65 else { throw valueError("signal number out of range") }
        return Int32(number)
    }

    private static func current(_ number: Int32) throws(Raised) -> Value {
        let known = try Signals.handlers.get(Value(Int(number)))
        if !known.isAbsent { return known }
        return Value(number == SIGPIPE || number == SIGXFSZ ? 1 : 0)
    }

    private static func runArrived() throws(Raised) {
        try Signals.handleArrived()
    }

    private static func install(_ number: Int32, _ handler: Value) throws(Raised) {
        var action = sigaction()
        if isInteger(handler) {
            switch try index(handler) {
            case 0: action.__sigaction_handler.sa_handler = SIG_DFL
            case 1: action.__sigaction_handler.sa_handler = SIG_IGN
            default: throw typeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
            }
        } else {
            guard handler.isPointer, handler.cls.has(.call) else {
                throw typeError("signal handler must be signal.SIG_IGN, signal.SIG_DFL, or a callable object")
            }
            action.__sigaction_handler.sa_handler = { Signals.note($0) }
        }
        guard sigaction(number, &action, nil) == 0 else { throw osError(errno) }
    }

    private static func seconds(_ time: timeval) -> Value { Value(Double(time.tv_sec) + Double(time.tv_usec) / 1e6) }

    private static func time(_ value: Value) throws(Raised) -> timeval {
        guard let seconds = try realOf(value) else { throw typeError("'\(typeName(value))' object cannot be interpreted as an integer") }
        guard seconds >= 0, seconds < 1e15 else { throw osError(EINVAL) }
        let whole = seconds.rounded(.down)
        let micros = Int(((seconds - whole) * 1e6).rounded(.up))
        return timeval(tv_sec: Int(whole), tv_usec: min(999_999, micros == 0 && seconds > 0 && whole == 0 ? 1 : micros))
    }

    private static func timer(_ value: Value) throws(Raised) -> Int32 {
        let which = try index(value)
        guard 0 ... 2 ~= which else { throw osError(EINVAL) }
        return Int32(which)
    }

    private static func set(of mask: sigset_t) throws(Raised) -> Value {
        var mask = mask
        let list = List.make()
        for number in 1 ..< 65 where sigismember(&mask, Int32(number)) == 1 { list.append(Value(number)) }
        return try callValue(try Runtime.builtin("set"), Value(list))
    }

    private static func mask(_ value: Value) throws(Raised) -> sigset_t {
        var mask = sigset_t()
        sigemptyset(&mask)
        let list = try makeList(value)
        for position in 0 ..< list.count {
            let item = list.items[position]
            let number = isInteger(item) ? machineInt(item) ?? -1 : try index(item)
            guard number >= 1, number < 65 else { throw valueError("signal number \(number) out of range [1; 64]") }
            sigaddset(&mask, Int32(number))
        }
        return mask
    }

    nonisolated(unsafe) private static var information = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// Waits for a signal of a set; None if the time ran out. nil: for ever.
    private static func wait(_ wanted: Value, seconds: Double?) throws(Raised) -> Value {
        var wanted = try mask(wanted)
        DirtyStreams.flushAll()
        let end = seconds.map { Clock.real() &+ UInt64($0 * 1e9) }
        while true {
            var fields = [Int](repeating: 0, count: 7)
            var code: Int32 = 0
            let left = end.map { max(0, Int64(bitPattern: $0 &- Clock.real())) } ?? -1
            let result = Threads.blocking { () -> Int32 in
                let result = tiny_sigwait(&wanted, left, &fields)
                code = errno
                return result
            }
            if result >= 0 { return StructSequence.make(information, fields.map { Value($0) }) }
            if code == EAGAIN { return .none }
            guard code == EINTR else { throw osError(code) }
            try runArrived()
        }
    }

    private static let functions: [Native] = [
        Native("sigwaitinfo(sigset, /)", "Wait synchronously until one of the signals in *sigset* is delivered.") { args throws(Raised) in
            try wait(args[0], seconds: nil)
        },
        Native("sigtimedwait(sigset, timeout, /)", "Like sigwaitinfo(), but with a timeout.") { args throws(Raised) in
            let seconds = try ThreadModule.seconds(args[1])
            if seconds < 0 { throw valueError("timeout must be non-negative") }
            return try wait(args[0], seconds: min(seconds, 9e9))
        },
        Native("pidfd_send_signal(pidfd, signalnum, siginfo=None, flags=0, /)", "Send a signal to a process referred to by a pid file descriptor.") { args throws(Raised) in
            if !args[2].isNone { throw typeError("siginfo must be None") }
            let descriptor = try descriptorNumber(args[0])
            let flags = try index(args[3])
            guard tiny_pidfd_send_signal(descriptor, try number(args[1]), UInt32(truncatingIfNeeded: flags)) == 0 else { throw osError(errno) }
            try runArrived()
            return .none
        },
        Native("signal(signalnum, handler, /)", "Set the action for the given signal.") { args throws(Raised) in
            guard Threads.isMain(currentThread()) else {
                throw valueError("signal only works in main thread of the main interpreter")
            }
            let number = try number(args[0])
            let old = try current(number)
            try install(number, args[1])
            try Signals.handlers.set(Value(Int(number)), args[1])
            try Signals.countHandlers()
            return old
        },
        Native("getsignal(signalnum, /)", "Return the current action for the given signal.") { args throws(Raised) in
            try current(try number(args[0]))
        },
        Native("default_int_handler(signalnum, frame, /)", "The default handler for SIGINT installed by Python.") { _ throws(Raised) in
            throw raise(.keyboardInterrupt)
        },
        Native("set_wakeup_fd(fd, /, *, warn_on_full_buffer=True)", "Sets the fd to be written to (with the signal number) when a signal comes in.") { args throws(Raised) in
            guard Threads.isMain(currentThread()) else {
                throw valueError("set_wakeup_fd only works in main thread of the main interpreter")
            }
            let descriptor = try index(args[0])
            let warns = try truth(args[1])
            if descriptor != -1 {
                var status = stat()
                guard let short = Int32(exactly: descriptor), fstat(short, &status) == 0 else {
                    if errno == EBADF || Int32(exactly: descriptor) == nil { throw valueError("invalid fd") }
                    throw osError(errno)
                }
                if tiny_fcntl(short, F_GETFL, 0) & O_NONBLOCK == 0 {
                    throw valueError("the fd \(descriptor) must be in non-blocking mode")
                }
            }
            let old = Signals.wakeup
            Signals.wakeup = Int32(truncatingIfNeeded: descriptor)
            Signals.warnsOnFullWakeup = warns
            return Value(Int(old))
        },
        Native("alarm(seconds, /)", "Arrange for SIGALRM to arrive after the given number of seconds.") { args throws(Raised) in
            Value(Int(Glibc.alarm(UInt32(truncatingIfNeeded: try index(args[0])))))
        },
        Native("setitimer(which, seconds, interval=0.0, /)", "Sets given itimer (one of ITIMER_REAL, ITIMER_VIRTUAL or ITIMER_PROF).") { args throws(Raised) in
            let which = try timer(args[0])
            var new = itimerval(it_interval: try time(args[2]), it_value: try time(args[1]))
            var old = itimerval()
            guard tiny_setitimer(which, &new, &old) == 0 else { throw osError(errno) }
            return Value(Tuple.make(seconds(old.it_value), seconds(old.it_interval)))
        },
        Native("getitimer(which, /)", "Returns current value of given itimer.") { args throws(Raised) in
            var now = itimerval()
            guard tiny_getitimer(try timer(args[0]), &now) == 0 else { throw osError(errno) }
            return Value(Tuple.make(seconds(now.it_value), seconds(now.it_interval)))
        },
        Native("pause()", "Wait until a signal arrives.") { _ throws(Raised) in
            while !Signals.hasArrived { _ = Threads.blocking { usleep(1000) } }
            try runArrived()
            return .none
        },
        Native("raise_signal(signalnum, /)", "Send a signal to the executing process.") { args throws(Raised) in
            guard Glibc.raise(try number(args[0])) == 0 else { throw osError(errno) }
            try runArrived()
            return .none
        },
        Native("pthread_kill(thread_id, signalnum, /)", "Send a signal to a thread.") { args throws(Raised) in
            let code = Glibc.pthread_kill(try Threads.handle(args[0]), Int32(truncatingIfNeeded: try index(args[1])))
            if code != 0 { throw osError(code) }
            try runArrived()
            return .none
        },
        Native("siginterrupt(signalnum, flag, /)", "Change system call restart behaviour.") { args throws(Raised) in
            _ = try number(args[0])
            return .none
        },
        Native("pthread_sigmask(how, mask, /)", "Fetch and/or change the signal mask of the calling thread.") { args throws(Raised) in
            var new = try mask(args[1])
            var old = sigset_t()
            let code = Glibc.pthread_sigmask(Int32(truncatingIfNeeded: try index(args[0])), &new, &old)
            if code != 0 { throw osError(code) }
            try runArrived()
            return try set(of: old)
        },
        Native("sigpending()", "Examine pending signals.") { _ throws(Raised) in
            var pending = sigset_t()
            guard Glibc.sigpending(&pending) == 0 else { throw osError(errno) }
            return try set(of: pending)
        },
        Native("sigwait(sigset, /)", "Wait for a signal.") { args throws(Raised) in
            var wanted = try mask(args[0])
            var arrived: Int32 = 0
            DirtyStreams.flushAll()
            let code = Threads.blocking { Glibc.sigwait(&wanted, &arrived) }
            if code != 0 { throw osError(code) }
            return Value(Int(arrived))
        },
        Native("strsignal(signalnum, /)", "Return the system description of the given signal.") { args throws(Raised) in
            let number = try number(args[0])
            guard let text = Glibc.strsignal(number) else { return .none }
            let description = String(cString: text)
            return description.hasPrefix("Unknown signal") ? .none : Value(Str.make(description))
        },
        Native("valid_signals()", "Return a set of valid signal numbers on this platform.") { _ throws(Raised) in
            let list = List.make()
            for number in 1 ..< 65 where number != 32 && number != 33 { list.append(Value(number)) }
            return try callValue(try Runtime.builtin("set"), Value(list))
        },
    ]
}
