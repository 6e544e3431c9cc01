// `posix`: whose process this is, which group and session it is in, and how the system schedules it.
import CTiny
import Glibc
import TinyRuntime

extension Posix {
    /// A user's or group's number: -1 means "leave as it is".
    static func identity(_ value: Value, _ name: String) throws(Raised) -> UInt32 {
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
            throw typeError("\(name) should be integer, not \(typeName(value))")
        }
        let whole = try indexValue(value)
        guard let number = machineInt(whole) else {
            let isNegative = whole.object(IntObject.self).pointee.signedCount < 0
            throw raise(.overflowError, isNegative ? "\(name) is less than minimum" : "\(name) is greater than maximum")
        }
        if number == -1 { return UInt32.max }
        guard number >= 0 else { throw raise(.overflowError, "\(name) is less than minimum") }
        guard let short = UInt32(exactly: number) else { throw raise(.overflowError, "\(name) is greater than maximum") }
        return short
    }

    /// The octets of a name or a path, with a zero at the end.
    static func text(_ value: Value) throws(Raised) -> [CChar] {
        let octets = try SystemPath.encode(try SystemPath.fspath(value))
        guard !octets.contains(0) else { throw valueError("embedded null byte") }
        return octets + [0]
    }
}

extension PosixModule {
    private static func done(_ body: () -> Int32) throws(Raised) -> Value {
        _ = try Posix.check(nil) { Int(body()) }
        return .none
    }

    /// A row for a call that takes users' or groups' numbers.
    private static func identityRow(_ signature: StaticString, _ doc: StaticString, _ names: [String], _ body: @escaping @Sendable ([UInt32]) -> Int32) -> Native {
        Native(signature, doc) { args throws(Raised) in
            var numbers: [UInt32] = []
            for (position, name) in names.enumerated() { numbers.append(try Posix.identity(args[position], name)) }
            return try done { body(numbers) }
        }
    }

    private static func groupNumbers(_ value: Value) throws(Raised) -> [gid_t] {
        guard value.isKind(.list) || value.isKind(.tuple) || value.cls.has(.getitem) else {
            throw typeError("setgroups argument must be a sequence")
        }
        let list = try makeList(value)
        guard list.count <= 65536 else { throw valueError("too many groups") }
        var groups: [gid_t] = []
        for position in 0 ..< list.count { groups.append(try Posix.identity(list.items[position], "gid")) }
        return groups
    }

    static let identityFunctions: [Native] = [
        identityRow("setuid(uid, /)", "Set the current process's user id.", ["uid"]) { Glibc.setuid($0[0]) },
        identityRow("seteuid(euid, /)", "Set the current process's effective user id.", ["uid"]) { Glibc.seteuid($0[0]) },
        identityRow("setgid(gid, /)", "Set the current process's group id.", ["gid"]) { Glibc.setgid($0[0]) },
        identityRow("setegid(egid, /)", "Set the current process's effective group id.", ["gid"]) { Glibc.setegid($0[0]) },
        identityRow("setreuid(ruid, euid, /)", "Set the current process's real and effective user ids.", ["uid", "uid"]) { Glibc.setreuid($0[0], $0[1]) },
        identityRow("setregid(rgid, egid, /)", "Set the current process's real and effective group ids.", ["gid", "gid"]) { Glibc.setregid($0[0], $0[1]) },
        identityRow("setresuid(ruid, euid, suid, /)", "Set the current process's real, effective, and saved user ids.", ["uid", "uid", "uid"]) { tiny_setresuid($0[0], $0[1], $0[2]) },
        identityRow("setresgid(rgid, egid, sgid, /)", "Set the current process's real, effective, and saved group ids.", ["gid", "gid", "gid"]) { tiny_setresgid($0[0], $0[1], $0[2]) },
        Native("getresuid()", "Return a tuple of the current process's real, effective, and saved user ids.") { _ throws(Raised) in
            var ids: [uid_t] = [0, 0, 0]
            _ = try Posix.check(nil) { ids.withUnsafeMutableBufferPointer { part in
                guard let base = part.baseAddress else { return -1 }
                return Int(tiny_getresuid(base, base + 1, base + 2))
            } }
            return Value(Tuple.make(ids.map { Value(Int($0)) }))
        },
        Native("getresgid()", "Return a tuple of the current process's real, effective, and saved group ids.") { _ throws(Raised) in
            var ids: [gid_t] = [0, 0, 0]
            _ = try Posix.check(nil) { ids.withUnsafeMutableBufferPointer { part in
                guard let base = part.baseAddress else { return -1 }
                return Int(tiny_getresgid(base, base + 1, base + 2))
            } }
            return Value(Tuple.make(ids.map { Value(Int($0)) }))
        },
        Native("setgroups(groups, /)", "Set the groups of the current process to list.") { args throws(Raised) in
            let groups = try groupNumbers(args[0])
            return try done { tiny_setgroups(groups.count, groups) }
        },
        Native("initgroups(username, gid, /)", "Initialize the group access list.") { args throws(Raised) in
            let user = try Posix.text(args[0])
            let group = try Posix.identity(args[1], "gid")
            return try done { tiny_initgroups(user, group) }
        },
        Native("getgrouplist(user, group, /)", "Returns a list of groups to which a user belongs.") { args throws(Raised) in
            let user = try Posix.text(args[0])
            let group = try Posix.identity(args[1], "gid")
            var groups = [gid_t](repeating: 0, count: 65536)
            var count = Int32(groups.count)
            guard tiny_getgrouplist(user, group, &groups, &count) >= 0 else { throw osError(errno) }
            let list = List.make()
            for group in groups.prefix(Int(max(0, count))) { list.append(Value(Int(group))) }
            return Value(list)
        },
        Native("setpgrp()", "Make the current process the leader of its process group.") { _ throws(Raised) in
            try done { Glibc.setpgid(0, 0) }
        },
        Native("tcgetpgrp(fd, /)", "Return the process group associated with the terminal specified by fd.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return Value(try Posix.check(nil) { Int(Glibc.tcgetpgrp(descriptor)) })
        },
        Native("tcsetpgrp(fd, pgid, /)", "Set the process group associated with the terminal specified by fd.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let group = try Posix.int32(args[1])
            return try done { Glibc.tcsetpgrp(descriptor, group) }
        },
        Native("getpriority(which, who)", "Return program scheduling priority.") { args throws(Raised) in
            let which = try Posix.int32(args[0])
            let who = try Posix.int32(args[1])
            errno = 0
            let result = Glibc.getpriority(__priority_which_t(UInt32(bitPattern: which)), id_t(bitPattern: who))
            if result == -1, errno != 0 { throw osError(errno) }
            return Value(Int(result))
        },
        Native("setpriority(which, who, priority)", "Set program scheduling priority.") { args throws(Raised) in
            let which = try Posix.int32(args[0])
            let who = try Posix.int32(args[1])
            let priority = try Posix.int32(args[2])
            return try done { Glibc.setpriority(__priority_which_t(UInt32(bitPattern: which)), id_t(bitPattern: who), priority) }
        },
        Native("chroot(path)", "Change root directory to path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "chroot")
            _ = try Posix.check(path) { Int(tiny_chroot(path.text)) }
            return .none
        },
        Native("unshare(flags)", "Disassociate parts of a process (or thread) execution context.") { args throws(Raised) in
            let flags = try Posix.int32(args[0])
            return try done { tiny_unshare(flags) }
        },
        Native("setns(fd, nstype=0)", "Move the calling thread into different namespaces.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let kind = try Posix.int32(args[1])
            return try done { tiny_setns(descriptor, kind) }
        },
    ]

    // MARK: Scheduling

    nonisolated(unsafe) private static var schedulingParameter = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func prepareScheduling(_ contents: ModuleContents) {
        schedulingParameter = StructSequence.makeClass(
            "sched_param", module: "posix", fields: ["sched_priority"],
            own: [
                Native("__reduce__(self, /)", "") { args in
                    Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(args[0].object(Tuple.self).items[0]))))
                }
            ],
            constructor: { args throws(Raised) in
                let values = try bindNames(args, ["sched_priority"], required: 1, function: "sched_param")
                defer { values.deallocate() }
                return StructSequence.make(schedulingParameter, [values[0]])
            })
        contents.set("sched_param", Value(schedulingParameter))
    }

    static func priority(_ value: Value) throws(Raised) -> Int32 {
        guard value.cls == schedulingParameter else { throw typeError("must have a sched_param object") }
        let item = value.object(Tuple.self).items[0]
        guard isInteger(item) || item.isPointer && item.cls.has(.index) else {
            throw typeError("'\(typeName(item))' object cannot be interpreted as an integer")
        }
        guard let number = machineInt(try indexValue(item)), let short = Int32(exactly: number) else {
            throw raise(.overflowError, "sched_priority out of range")
        }
        return short
    }

    static let schedulingFunctions: [Native] = [
        Native("sched_get_priority_max(policy)", "Get the maximum scheduling priority for policy.") { args throws(Raised) in
            let policy = try Posix.int32(args[0])
            return Value(try Posix.check(nil) { Int(Glibc.sched_get_priority_max(policy)) })
        },
        Native("sched_get_priority_min(policy)", "Get the minimum scheduling priority for policy.") { args throws(Raised) in
            let policy = try Posix.int32(args[0])
            return Value(try Posix.check(nil) { Int(Glibc.sched_get_priority_min(policy)) })
        },
        Native("sched_getscheduler(pid, /)", "Get the scheduling policy for the process identified by pid.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            return Value(try Posix.check(nil) { Int(Glibc.sched_getscheduler(pid)) })
        },
        Native("sched_setscheduler(pid, policy, param, /)", "Set the scheduling policy for the process identified by pid.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let policy = try Posix.int32(args[1])
            let priority = try priority(args[2])
            return try done { tiny_sched_setscheduler(pid, policy, priority) }
        },
        Native("sched_getparam(pid, /)", "Returns scheduling parameters for the process identified by pid.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let priority = try Posix.check(nil) { Int(tiny_sched_getparam(pid)) }
            return StructSequence.make(schedulingParameter, [Value(priority)])
        },
        Native("sched_setparam(pid, param, /)", "Set scheduling parameters for the process identified by pid.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let priority = try priority(args[1])
            return try done { tiny_sched_setparam(pid, priority) }
        },
        Native("sched_rr_get_interval(pid, /)", "Return the round-robin quantum for the process identified by pid, in seconds.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            var interval = timespec()
            _ = try Posix.check(nil) { Int(tiny_sched_rr_get_interval(pid, &interval)) }
            return Value(Double(interval.tv_sec) + 1e-9 * Double(interval.tv_nsec))
        },
        Native("sched_setaffinity(pid, mask, /)", "Set the CPU affinity of the process identified by pid to mask.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let list = try makeList(args[1])
            var set = [UInt8](repeating: 0, count: 8)
            for position in 0 ..< list.count {
                let item = list.items[position]
                guard isInteger(item) else { throw typeError("expected an iterator of ints, but iterator yielded \(typeName(item))") }
                let number = machineInt(item) ?? Int.max
                guard number >= 0 else { throw valueError("negative CPU number") }
                guard number < 1 << 20 else { throw raise(.overflowError, "CPU number too large") }
                while number / 8 >= set.count { set += [UInt8](repeating: 0, count: set.count) }
                set[number / 8] |= 1 << UInt8(number % 8)
            }
            return try done { tiny_sched_setaffinity(pid, set, set.count) }
        },
    ]
}
