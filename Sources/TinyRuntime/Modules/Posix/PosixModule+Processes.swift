// `posix`: processes: who we are, fork, wait, signals, exec and spawn.
import CTiny
import Glibc

/// `register_at_fork`: what the script wants run around a fork. Lists of callables, permanent roots.
enum ForkHooks {
    nonisolated(unsafe) static let before = ForkHooks.list()
    nonisolated(unsafe) static let inParent = ForkHooks.list()
    nonisolated(unsafe) static let inChild = ForkHooks.list()

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

/// Text for exec: pointers to C strings, freed with the object.
final class CStringVector {
    private(set) var pointers: [UnsafeMutablePointer<CChar>?] = []

    func append(_ text: [CChar]) { pointers.append(strdup(text + [0])) }
    func finish() { pointers.append(nil) }
    deinit { for pointer in pointers { free(pointer) } }

    /// The arguments of a list or tuple.
    static func arguments(_ value: Value, _ function: String) throws(Raised) -> CStringVector {
        guard value.isKind(.list) || value.isKind(.tuple) else { throw typeError("\(function): argv must be a tuple or list") }
        let items = try makeList(value)
        guard items.count > 0 else { throw valueError("\(function): argv must not be empty") }
        let vector = CStringVector()
        for index in 0 ..< items.count {
            let octets = try SystemPath.encode(try SystemPath.fspath(items.items[index]))
            if index == 0, octets.isEmpty { throw valueError("\(function): argv first element cannot be empty") }
            guard !octets.contains(0) else { throw valueError("embedded null byte") }
            vector.append(octets)
        }
        vector.finish()
        return vector
    }

    static func environment(_ value: Value) throws(Raised) -> CStringVector {
        let keys = try makeList(try callMethod(value, Names.keys))
        let vector = CStringVector()
        for index in 0 ..< keys.count {
            let key = try SystemPath.encode(try SystemPath.fspath(keys.items[index]))
            let text = try SystemPath.encode(try SystemPath.fspath(try getItem(value, keys.items[index])))
            guard !key.contains(0x3D) else { throw valueError("illegal environment variable name") }
            guard !key.contains(0), !text.contains(0) else { throw valueError("embedded null byte") }
            vector.append(key + [0x3D] + text)
        }
        vector.finish()
        return vector
    }
}

extension PosixModule {
    private static func call(_ body: () -> Int32) throws(Raised) -> Value { Value(try Posix.check(nil) { Int(body()) }) }

    /// fork, with what the runtime and the script want done around it. Without hooks if the child only does exec.
    static func fork(runsHooks: Bool = true) throws(Raised) -> Int {
        if runsHooks { ForkHooks.run(ForkHooks.before, reversed: true) }
        DirtyStreams.flushAll()
        let child = Int(tiny_fork())
        let code = errno
        if child == 0 {
            Threads.afterForkInChild()
            if runsHooks { ForkHooks.run(ForkHooks.inChild, reversed: false) }
        } else if runsHooks {
            ForkHooks.run(ForkHooks.inParent, reversed: false)
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

    private static func wait(_ pid: Int32, _ options: Int32) throws(Raised) -> (Int, Int32, rusage) {
        var status: Int32 = 0
        var usage = rusage()
        DirtyStreams.flushAll()
        let result = try Posix.blocking(nil) { Int(wait4(pid, &status, options, &usage)) }
        return (result, status, usage)
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
            Glibc._exit(try Posix.int32(args[0]))
        },
        Native("abort()", "Abort the interpreter immediately.") { _ in Glibc.abort() },
        Native("fork()", "Fork a child process.") { _ throws(Raised) in Value(try fork()) },
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
        Native("wait()", "Wait for completion of a child process.") { _ throws(Raised) in
            let result = try wait(-1, 0)
            return Value(Tuple.make(Value(result.0), Value(Int(result.1))))
        },
        Native("waitpid(pid, options, /)", "Wait for completion of a given child process.") { args throws(Raised) in
            let result = try wait(try Posix.int32(args[0]), try Posix.int32(args[1]))
            return Value(Tuple.make(Value(result.0), Value(Int(result.1))))
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
        },
        Native("killpg(pgid, signal, /)", "Kill a process group with a signal.") { args throws(Raised) in
            let group = try Posix.int32(args[0])
            let number = try Posix.int32(args[1])
            _ = try call { Glibc.killpg(group, number) }
            return .none
        },
    ]

    /// The `file_actions` of posix_spawn.
    private static func fillActions(_ actions: inout posix_spawn_file_actions_t, _ given: Value) throws(Raised) {
        guard !given.isNone else { return }
        let list = try makeList(given)
        for position in 0 ..< list.count {
            guard list.items[position].isKind(.tuple), list.items[position].object(Tuple.self).count >= 2 else {
                throw typeError("Each file_actions element must be a non-empty tuple")
            }
            let action = list.items[position].object(Tuple.self)
            let descriptor = try descriptorNumber(action.items[1])
            switch try index(action.items[0]) {
            case 0 where action.count == 5:
                let path = try SystemPath(action.items[2], "posix_spawn")
                let flags = try Posix.int32(action.items[3])
                posix_spawn_file_actions_addopen(&actions, descriptor, path.text, flags, mode_t(truncatingIfNeeded: try index(action.items[4])))
            case 1: posix_spawn_file_actions_addclose(&actions, descriptor)
            case 2 where action.count == 3: posix_spawn_file_actions_adddup2(&actions, descriptor, try descriptorNumber(action.items[2]))
            default: throw typeError("Unknown file_actions identifier")
            }
        }
    }

    private static func spawn(_ args: Arguments, _ function: String, search: Bool) throws(Raised) -> Value {
        let path = try SystemPath(args[0], function)
        let arguments = try CStringVector.arguments(args[1], function)
        let environment = args[2].isNone ? nil : try CStringVector.environment(args[2])
        DirtyStreams.flushAll()
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        try fillActions(&actions, args[3])
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var flags: Int16 = Int16(POSIX_SPAWN_SETSIGDEF)
        var defaults = sigset_t()
        sigemptyset(&defaults)
        sigaddset(&defaults, SIGPIPE)
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        if args.has(4) {
            flags |= Int16(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, try Posix.int32(args[4]))
        }
        posix_spawnattr_setflags(&attributes, flags)
        var pid = pid_t()
        let envp = environment?.pointers
        let code: Int32
        if let envp {
            code = search ? posix_spawnp(&pid, path.text, &actions, &attributes, arguments.pointers, envp)
                : posix_spawn(&pid, path.text, &actions, &attributes, arguments.pointers, envp)
        } else {
            code = search ? posix_spawnp(&pid, path.text, &actions, &attributes, arguments.pointers, tiny_environ())
                : posix_spawn(&pid, path.text, &actions, &attributes, arguments.pointers, tiny_environ())
        }
        guard code == 0 else { throw osError(code, path.value) }
        return Value(Int(pid))
    }

    static let spawnFunctions: [Native] = [
        Native("execv(path, argv, /)", "Execute an executable path with arguments, replacing current process.") { args throws(Raised) in
            let path = try SystemPath(args[0], "execv")
            let arguments = try CStringVector.arguments(args[1], "execv")
            DirtyStreams.flushAll()
            Glibc.signal(SIGPIPE, SIG_DFL)
            Glibc.execv(path.text, arguments.pointers)
            let code = errno
            Glibc.signal(SIGPIPE, SIG_IGN)
            throw osError(code, path.value)
        },
        Native("execve(path, argv, env)", "Execute an executable path with arguments, replacing current process.") { args throws(Raised) in
            let path = try SystemPath(args[0], "execve", allowsDescriptor: true)
            let arguments = try CStringVector.arguments(args[1], "execve")
            let environment = try CStringVector.environment(args[2])
            DirtyStreams.flushAll()
            Glibc.signal(SIGPIPE, SIG_DFL)
            if let descriptor = path.descriptor {
                fexecve(descriptor, arguments.pointers, environment.pointers)
            } else {
                Glibc.execve(path.text, arguments.pointers, environment.pointers)
            }
            let code = errno
            Glibc.signal(SIGPIPE, SIG_IGN)
            throw osError(code, path.value)
        },
        Native("posix_spawn(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, setsid=False, setsigmask=?, setsigdef=?, scheduler=?)", "Execute the program specified by path in a new process.") { args throws(Raised) in
            try spawn(args, "posix_spawn", search: false)
        },
        Native("posix_spawnp(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, setsid=False, setsigmask=?, setsigdef=?, scheduler=?)", "Execute the program specified by path in a new process.") { args throws(Raised) in
            try spawn(args, "posix_spawnp", search: true)
        },
    ]
}
