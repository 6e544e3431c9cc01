// `posix`: processes: who we are, fork, statuses, signals.
import CTiny
import Glibc
import TinyRuntime

/// `register_at_fork`: what the script wants run around a fork. Lists of callables, permanent roots.
enum ForkHooks {
    nonisolated(unsafe) static let before = ForkHooks.list()
    nonisolated(unsafe) static let inParent = ForkHooks.list()
    nonisolated(unsafe) static let inChild = ForkHooks.list()

    /// What nearly every child calls has its arguments known before the first fork.
    static let preparation: Void = {
        do throws(Raised) {
            let exit = try getAttribute(try importModule("posix"), "_exit")
            guard exit.isKind(.native) else { return }
            let record = exit.object(NativeFunction.self).pointee.record
            if record.pointee.binding == nil { _ = parse(record) }
        } catch {
            _ = currentThread().takeRaised()
        }
    }()

    private static func list() -> ListRef {
        let list = List.make()
        heap.permanentRoots.append(Value(list))
        return list
    }

    static func run(_ hooks: ListRef, reversed: Bool) {
        for position in 0 ..< hooks.count {
            let hook = hooks.items[reversed ? hooks.count - 1 - position : position]
            do { _ = try callValue(hook) } catch {
                reportUnraisable(currentThread().takeRaised(), hook, "Exception ignored in")
            }
        }
    }
}

extension PosixModule {
    private static func call(_ body: () -> Int32) throws(Raised) -> Value { Value(try Posix.check(nil) { Int(body()) }) }

    /// fork, with what the runtime and the script want done around it. Without hooks if the child only does exec.
    static func fork(runsHooks: Bool = true, _ call: () -> pid_t = { tiny_fork() }) throws(Raised) -> Int {
        if runsHooks, Threads.isFinalizing { throw raise(.pythonFinalizationError, "can't fork at interpreter shutdown") }
        if runsHooks { ForkHooks.run(ForkHooks.before, reversed: true) }
        if runsHooks { try ImportLocks.hold() }
        DirtyStreams.flushAll()
        // Made here, not in every child anew: what a child writes to or runs for the first time costs it a page each.
        let (inParent, inChild) = (ForkHooks.inParent, ForkHooks.inChild)
        if runsHooks { ForkHooks.preparation }
        let child = Int(call())
        let code = child < 0 ? errno : 0
        if child == 0 {
            Threads.afterForkInChild()
            if runsHooks { _ = ImportLocks.letGo() }
            if runsHooks { ForkHooks.run(inChild, reversed: false) }
        } else if runsHooks {
            _ = ImportLocks.letGo()
            ForkHooks.run(inParent, reversed: false)
        }
        if child < 0 { throw osError(code) }
        if child > 0, Threads.count > 1 { try warnOfThreads() }
        return child
    }

    private static func warnOfThreads() throws(Raised) {
        let text = "This process (pid=\(Glibc.getpid())) is multi-threaded, use of fork() may lead to deadlocks in the child."
        let warn = try getAttribute(try importModule("warnings"), StrTables.intern("warn"))
        _ = try callValue(warn, Value(Str.make(text)), Value(ExceptionName.deprecationWarning.cls))
    }

    private static func statusRow(_ signature: StaticString, _ doc: StaticString, _ body: @escaping @Sendable (Int32) -> Value) -> Native {
        Native(signature, doc) { args throws(Raised) in body(try Posix.int32(args[0])) }
    }

    static let processFunctions: [Native] = [
        Native("getpid()", "Return the current process id.") { _ in Value(Int(Glibc.getpid())) },
        Native("getppid()", "Return the parent's process id.") { _ in Value(Int(Glibc.getppid())) },
        Native("getuid()", "Return the current process's user id.") { _ in Value(Int(Glibc.getuid())) },
        Native("geteuid()", "Return the current process's effective user id.") { _ in Value(Int(Glibc.geteuid())) },
        Native("getgid()", "Return the current process's group id.") { _ in Value(Int(Glibc.getgid())) },
        Native("getegid()", "Return the current process's effective group id.") { _ in Value(Int(Glibc.getegid())) },
        Native("getpgrp()", "Return the current process group id.") { _ in Value(Int(Glibc.getpgrp())) },
        Native("getpgid(pid)", "Call the system call getpgid().") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            return try call { Glibc.getpgid(pid) }
        },
        Native("setpgid(pid, pgrp, /)", "Call the system call setpgid(pid, pgrp).") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let group = try Posix.int32(args[1])
            _ = try call { Glibc.setpgid(pid, group) }
            return .none
        },
        Native("getsid(pid, /)", "Call the system call getsid(pid) and return the result.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            return try call { Glibc.getsid(pid) }
        },
        Native("setsid()", "Call the system call setsid().") { _ throws(Raised) in
            _ = try call { Glibc.setsid() }
            return .none
        },
        Native("getgroups()", "Return list of supplemental group IDs for the process.") { _ throws(Raised) in
            var groups = [gid_t](repeating: 0, count: 65536)
            let count = try Posix.check(nil) { Int(Glibc.getgroups(65536, &groups)) }
            let list = List.make()
            for group in groups.prefix(count) { list.append(Value(Int(group))) }
            return Value(list)
        },
        Native("getlogin()", "Return the actual login name.") { _ throws(Raised) in
            guard let name = Glibc.getlogin() else { throw osError(errno) }
            return try SystemPath.decode(name)
        },
        Native("nice(increment, /)", "Add increment to the priority of process and return the new priority.") { args throws(Raised) in
            let increment = try Posix.int32(args[0])
            errno = 0
            let result = Glibc.nice(increment)
            if result == -1, errno != 0 { throw osError(errno) }
            return Value(Int(result))
        },
        Native("_exit(status)", "Exit to the system with specified status, without normal exit processing.") { args throws(Raised) in
            tiny_exit(try Posix.int32(args[0]))
            return .none
        },
        Native("abort()", "Abort the interpreter immediately.") { _ in Glibc.abort() },
        Native("fork()", "Fork a child process.") { _ throws(Raised) in Value(try fork()) }.telling("os.fork"),
        Native("forkpty()", "Fork a new process with a new pseudo-terminal as controlling tty.") { _ throws(Raised) in
            var master: Int32 = -1
            let child = try fork { tiny_forkpty(&master) }
            if child > 0 { try Posix.setInheritable(master, false) }
            return Value(Tuple.make(Value(child), Value(child > 0 ? Int(master) : 0)))
        }.telling("os.forkpty"),
        Native("register_at_fork(*, before=?, after_in_child=?, after_in_parent=?)", "Register callables to be called when forking a new process.") { args throws(Raised) in
            guard args.has(0) || args.has(1) || args.has(2) else { throw typeError("At least one argument is required.") }
            for (position, name) in ["before", "after_in_child", "after_in_parent"].enumerated() where args.has(position) {
                guard args[position].cls.has(.call) else { throw typeError("'\(name)' must be callable, not \(typeName(args[position]))") }
            }
            if args.has(0) { ForkHooks.before.append(args[0]) }
            if args.has(1) { ForkHooks.inChild.append(args[1]) }
            if args.has(2) { ForkHooks.inParent.append(args[2]) }
            return .none
        },
        statusRow("WIFEXITED(status)", "Return True if the process returning status exited via the exit() system call.") { Value($0 & 0x7F == 0) },
        statusRow("WEXITSTATUS(status)", "Return the process return code from status.") { Value(Int($0 >> 8 & 0xFF)) },
        statusRow("WIFSIGNALED(status)", "Return True if the process returning status was terminated by a signal.") { Value($0 & 0x7F != 0 && $0 & 0x7F != 0x7F) },
        statusRow("WTERMSIG(status)", "Return the signal that terminated the process that provided the status value.") { Value(Int($0 & 0x7F)) },
        statusRow("WIFSTOPPED(status)", "Return True if the process returning status was stopped.") { Value($0 & 0xFF == 0x7F) },
        statusRow("WSTOPSIG(status)", "Return the signal that stopped the process that provided the status value.") { Value(Int($0 >> 8 & 0xFF)) },
        statusRow("WIFCONTINUED(status)", "Return True if a particular process was continued from a job control stop.") { Value($0 == 0xFFFF) },
        statusRow("WCOREDUMP(status, /)", "Return True if the process returning status was dumped to a core file.") { Value($0 & 0x80 != 0) },
        Native("waitstatus_to_exitcode(status)", "Convert a wait status to an exit code.") { args throws(Raised) in
            let status = try Posix.int32(args[0])
            if status & 0x7F == 0 { return Value(Int(status >> 8 & 0xFF)) }
            guard status & 0xFF != 0x7F else { throw valueError("process stopped by delivery of signal \(status >> 8 & 0xFF)") }
            return Value(-Int(status & 0x7F))
        },
        Native("kill(pid, signal, /)", "Kill a process with a signal.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let number = try Posix.int32(args[1])
            _ = try call { Glibc.kill(pid, number) }
            try Signals.handleArrived()
            return .none
        }.telling("os.kill", 0, 1),
        Native("killpg(pgid, signal, /)", "Kill a process group with a signal.") { args throws(Raised) in
            let group = try Posix.int32(args[0])
            let number = try Posix.int32(args[1])
            _ = try call { Glibc.killpg(group, number) }
            try Signals.handleArrived()
            return .none
        }.telling("os.killpg", 0, 1),
    ]
}
