// `posix`: other programs: exec replaces this one, posix_spawn starts one beside it.
import CTiny
import Glibc
import TinyRuntime

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
    /// The `file_actions` of posix_spawn.
    private static func fillActions(_ actions: inout posix_spawn_file_actions_t, _ given: Value) throws(Raised) {
        guard !given.isNone else { return }
        guard given.isKind(.list) || given.isKind(.tuple) || given.isPointer && given.cls.has(.getitem) else {
            throw typeError("file_actions must be a sequence or None")
        }
        let list = try makeList(given)
        for position in 0 ..< list.count {
            guard list.items[position].isKind(.tuple), list.items[position].object(Tuple.self).count >= 1 else {
                throw typeError("Each file_actions element must be a non-empty tuple")
            }
            let action = list.items[position].object(Tuple.self)
            let tag = try index(action.items[0])
            let wanted = [0: 5, 1: 2, 2: 3, 3: 2][tag]
            guard let wanted else { throw typeError("Unknown file_actions identifier") }
            guard action.count == wanted else {
                let name = ["open", "close", "dup2", "closefrom"][tag]
                throw typeError("A \(name) file_action tuple must have \(wanted) elements")
            }
            let descriptor = try descriptorNumber(action.items[1])
            switch tag {
            case 0:
                let path = try SystemPath(action.items[2], "posix_spawn")
                let flags = try Posix.int32(action.items[3])
                posix_spawn_file_actions_addopen(&actions, descriptor, path.text, flags, mode_t(truncatingIfNeeded: try index(action.items[4])))
            case 1: posix_spawn_file_actions_addclose(&actions, descriptor)
            case 2: posix_spawn_file_actions_adddup2(&actions, descriptor, try descriptorNumber(action.items[2]))
            default: tiny_spawn_closefrom(&actions, descriptor)
            }
        }
    }

    /// The signals of a set argument.
    private static func signals(_ value: Value) throws(Raised) -> sigset_t {
        var set = sigset_t()
        sigemptyset(&set)
        let list = try makeList(value)
        for position in 0 ..< list.count {
            let number = try index(list.items[position])
            guard 1 ..< 65 ~= number else { throw valueError("signal number \(number) out of range [1; 64]") }
            sigaddset(&set, Int32(number))
        }
        return set
    }

    /// What posix_spawn is to set in the child, from its keyword arguments.
    private static func fillAttributes(_ attributes: inout posix_spawnattr_t, _ args: Arguments, _ function: String) throws(Raised) {
        var flags = Int16(POSIX_SPAWN_SETSIGDEF)
        // A child of ours has SIGPIPE as programs expect it.
        var defaults = sigset_t()
        sigemptyset(&defaults)
        if args.has(4) {
            flags |= Int16(POSIX_SPAWN_SETPGROUP)
            posix_spawnattr_setpgroup(&attributes, try Posix.int32(args[4]))
        }
        if try truth(args[5]) { flags |= Int16(POSIX_SPAWN_RESETIDS) }
        if args.has(7) {
            flags |= Int16(POSIX_SPAWN_SETSIGMASK)
            var mask = try signals(args[7])
            posix_spawnattr_setsigmask(&attributes, &mask)
        }
        if args.has(8) { defaults = try signals(args[8]) }
        if !args.has(8) { sigaddset(&defaults, SIGPIPE) }
        posix_spawnattr_setsigdefault(&attributes, &defaults)
        if args.has(9), !args[9].isNone {
            guard args[9].isKind(.tuple), args[9].object(Tuple.self).count == 2 else {
                throw typeError("\(function): scheduler must be a tuple or None")
            }
            let pair = args[9].object(Tuple.self)
            if !pair.items[0].isNone {
                flags |= Int16(POSIX_SPAWN_SETSCHEDULER)
                posix_spawnattr_setschedpolicy(&attributes, try Posix.int32(pair.items[0]))
            }
            flags |= Int16(POSIX_SPAWN_SETSCHEDPARAM)
            var parameter = sched_param()
            parameter.sched_priority = try priority(pair.items[1])
            posix_spawnattr_setschedparam(&attributes, &parameter)
        }
        posix_spawnattr_setflags(&attributes, flags)
        if try truth(args[6]) { tiny_spawn_setsid(&attributes) }
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
        try fillAttributes(&attributes, args, function)
        tiny_slice_restore()
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
            if AuditHooks.listen { try AuditHooks.tell("os.exec", args[0], args[1], .none) }
            DirtyStreams.flushAll()
            tiny_slice_restore()
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
            tiny_slice_restore()
            Glibc.signal(SIGPIPE, SIG_DFL)
            if let descriptor = path.descriptor {
                fexecve(descriptor, arguments.pointers, environment.pointers)
            } else {
                Glibc.execve(path.text, arguments.pointers, environment.pointers)
            }
            let code = errno
            Glibc.signal(SIGPIPE, SIG_IGN)
            throw osError(code, path.value)
        }.telling("os.exec", 0, 1, 2),
        Native("posix_spawn(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, setsid=False, setsigmask=?, setsigdef=?, scheduler=?)", "Execute the program specified by path in a new process.") { args throws(Raised) in
            try spawn(args, "posix_spawn", search: false)
        }.telling("os.posix_spawn", 0, 1, 2),
        Native("posix_spawnp(path, argv, env, /, *, file_actions=None, setpgroup=?, resetids=False, setsid=False, setsigmask=?, setsigdef=?, scheduler=?)", "Execute the program specified by path in a new process.") { args throws(Raised) in
            try spawn(args, "posix_spawnp", search: true)
        }.telling("os.posix_spawn", 0, 1, 2),
    ]
}
