// `fcntl` and `resource`: descriptors and limits of the process.
import CTiny
import Glibc
import TinyRuntime

enum FcntlModule {
    static let nativeModule = NativeModule(
        "fcntl", doc: "This module performs file control and I/O control on file descriptors.", functions: { functions },
        prepare: { contents throws(Raised) in
            for (name, value) in [
                ("F_DUPFD", 0), ("F_GETFD", 1), ("F_SETFD", 2), ("F_GETFL", 3), ("F_SETFL", 4), ("F_GETLK", 5),
                ("F_SETLK", 6), ("F_SETLKW", 7), ("F_SETOWN", 8), ("F_GETOWN", 9), ("F_SETSIG", 10), ("F_GETSIG", 11),
                ("F_DUPFD_CLOEXEC", 1030), ("F_SETPIPE_SZ", 1031), ("F_GETPIPE_SZ", 1032), ("FD_CLOEXEC", 1),
                ("F_RDLCK", 0), ("F_WRLCK", 1), ("F_UNLCK", 2), ("LOCK_SH", 1), ("LOCK_EX", 2), ("LOCK_NB", 4),
                ("LOCK_UN", 8), ("FASYNC", 0x2000), ("F_OFD_GETLK", 36), ("F_OFD_SETLK", 37), ("F_OFD_SETLKW", 38),
            ] { contents.set(name, value) }
            NamedNumbers(more).install(in: contents.namespace)
        })

    private static let more: StaticString = """
        DN_ACCESS 1 DN_ATTRIB 32 DN_CREATE 4 DN_DELETE 8 DN_MODIFY 2 DN_MULTISHOT 2147483648 DN_RENAME 16 FICLONE 1074041865 \
        FICLONERANGE 1075876877 F_ADD_SEALS 1033 F_EXLCK 4 F_GETLEASE 1025 F_GETLK64 5 F_GETOWN_EX 16 F_GET_FILE_RW_HINT \
        1037 F_GET_RW_HINT 1035 F_GET_SEALS 1034 F_NOTIFY 1026 F_OWNER_PGRP 2 F_OWNER_PID 1 F_OWNER_TID 0 \
        F_SEAL_FUTURE_WRITE 16 F_SEAL_GROW 4 F_SEAL_SEAL 1 F_SEAL_SHRINK 2 F_SEAL_WRITE 8 F_SETLEASE 1024 F_SETLK64 6 \
        F_SETLKW64 7 F_SETOWN_EX 15 F_SET_FILE_RW_HINT 1038 F_SET_RW_HINT 1036 F_SHLCK 8 LOCK_MAND 32 LOCK_READ 64 LOCK_RW \
        192 LOCK_WRITE 128 RWH_WRITE_LIFE_EXTREME 5 RWH_WRITE_LIFE_LONG 4 RWH_WRITE_LIFE_MEDIUM 3 RWH_WRITE_LIFE_NONE 1 \
        RWH_WRITE_LIFE_NOT_SET 0 RWH_WRITE_LIFE_SHORT 2
        """

    /// Calls a function that may block, without the GIL, again after signals.
    static func blocking(_ body: () -> Int32) throws(Raised) -> Int32 {
        while true {
            let (result, code) = Threads.blocking { () -> (Int32, Int32) in
                let result = body()
                return (result, errno)
            }
            if result >= 0 { return result }
            guard code == EINTR else { throw osError(code) }
            if Signals.hasArrived, Threads.isMain(currentThread()) { try Signals.handlePending() }
        }
    }

    private static func request(_ value: Value) throws(Raised) -> UInt {
        let number = try indexValue(value)
        if let machine = machineInt(number) { return UInt(bitPattern: machine) }
        throw raise(.overflowError, "Python int too large to convert to C unsigned long")
    }

    private static let functions: [Native] = [
        Native("fcntl(fd, cmd, arg=0, /)", "Perform the operation cmd on file descriptor fd.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            let command = Int32(truncatingIfNeeded: try index(args[1]))
            if args[2].isKind(.str) || BufferView.isBytesLike(args[2]) {
                var octets = args[2].isKind(.str) ? Array(args[2].object(Str.self).buffer) : Array(try BufferView(args[2]).octets)
                guard octets.count <= 1024 else { throw valueError("fcntl string arg too long") }
                let count = octets.count
                octets += [UInt8](repeating: 0, count: 1024 - count)
                var memory = octets
                _ = try blocking { memory.withUnsafeMutableBytes { tiny_fcntl(descriptor, command, Int(bitPattern: $0.baseAddress)) } }
                return BytesObject.make(Array(memory[0 ..< count]))
            }
            let argument = try index(args[2])
            return Value(Int(try blocking { tiny_fcntl(descriptor, command, argument) }))
        },
        Native("ioctl(fd, request, arg=0, mutate_flag=True, /)", "Perform the operation request on file descriptor fd.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            let code = try request(args[1])
            guard args[2].isKind(.str) || BufferView.isBytesLike(args[2]) else {
                let argument = try index(args[2])
                let result = tiny_ioctl(descriptor, code, UnsafeMutableRawPointer(bitPattern: argument))
                guard result >= 0 else { throw osError(errno) }
                return Value(Int(result))
            }
            var octets = args[2].isKind(.str) ? Array(args[2].object(Str.self).buffer) : Array(try BufferView(args[2]).octets)
            let count = octets.count
            octets += [UInt8](repeating: 0, count: max(1, 1024 - count))
            let result = octets.withUnsafeMutableBytes { tiny_ioctl(descriptor, code, $0.baseAddress) }
            guard result >= 0 else { throw osError(errno) }
            let isWritable = args[2].isKind(.bytearray) || args[2].isKind(.memoryview) && !args[2].object(MemoryView.self).pointee.isReadOnly
            guard isWritable, try truth(args[3]) else { return BytesObject.make(Array(octets[0 ..< count])) }
            let view = try BufferView(args[2])
            if let base = view.octets.baseAddress { UnsafeMutablePointer(mutating: base).update(from: octets, count: view.count) }
            return Value(Int(result))
        },
        Native("flock(fd, operation, /)", "Perform the lock operation on file descriptor fd.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            let operation = Int32(truncatingIfNeeded: try index(args[1]))
            _ = try blocking { flock(descriptor, operation) }
            return .none
        },
        Native("lockf(fd, cmd, len=0, start=0, whence=0, /)", "A wrapper around the fcntl() locking calls.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            let command = try index(args[1])
            var lock = Glibc.flock()
            if command == 8 {
                lock.l_type = Int16(F_UNLCK)
            } else if command & 1 != 0 {
                lock.l_type = Int16(F_RDLCK)
            } else if command & 2 != 0 {
                lock.l_type = Int16(F_WRLCK)
            } else {
                throw valueError("unrecognized lockf argument")
            }
            lock.l_len = try index(args[2])
            lock.l_start = try index(args[3])
            lock.l_whence = Int16(truncatingIfNeeded: try index(args[4]))
            let wanted = command & 4 != 0 ? F_SETLK : F_SETLKW
            _ = try blocking { withUnsafeMutablePointer(to: &lock) { tiny_fcntl(descriptor, Int32(wanted), Int(bitPattern: $0)) } }
            return .none
        },
    ]
}

enum ResourceModule {
    static let nativeModule = NativeModule(
        "resource", functions: { functions },
        prepare: { contents throws(Raised) in
            for (name, value) in [
                ("RLIMIT_CPU", 0), ("RLIMIT_FSIZE", 1), ("RLIMIT_DATA", 2), ("RLIMIT_STACK", 3), ("RLIMIT_CORE", 4),
                ("RLIMIT_RSS", 5), ("RLIMIT_NPROC", 6), ("RLIMIT_NOFILE", 7), ("RLIMIT_OFILE", 7), ("RLIMIT_MEMLOCK", 8),
                ("RLIMIT_AS", 9), ("RLIMIT_SIGPENDING", 11), ("RLIMIT_MSGQUEUE", 12), ("RLIMIT_NICE", 13), ("RLIMIT_RTPRIO", 14),
                ("RLIMIT_RTTIME", 15), ("RLIM_INFINITY", -1), ("RUSAGE_SELF", 0), ("RUSAGE_CHILDREN", -1), ("RUSAGE_THREAD", 1),
            ] { contents.set(name, value) }
            contents.set("error", Value(ExceptionName.osError.cls))
            contents.set("struct_rusage", Value(usageClass))
        })

    nonisolated(unsafe) private static let usageClass = StructSequence.makeClass(
        "struct_rusage", module: "resource", fields: [
            "ru_utime", "ru_stime", "ru_maxrss", "ru_ixrss", "ru_idrss", "ru_isrss", "ru_minflt", "ru_majflt", "ru_nswap",
            "ru_inblock", "ru_oublock", "ru_msgsnd", "ru_msgrcv", "ru_nsignals", "ru_nvcsw", "ru_nivcsw",
        ])

    /// What a process used.
    static func value(of usage: rusage) -> Value {
        let list = List.make()
        list.append(Value(Double(usage.ru_utime.tv_sec) + Double(usage.ru_utime.tv_usec) * 1e-6))
        list.append(Value(Double(usage.ru_stime.tv_sec) + Double(usage.ru_stime.tv_usec) * 1e-6))
        for number in [
            usage.ru_maxrss, usage.ru_ixrss, usage.ru_idrss, usage.ru_isrss, usage.ru_minflt, usage.ru_majflt,
            usage.ru_nswap, usage.ru_inblock, usage.ru_oublock, usage.ru_msgsnd, usage.ru_msgrcv, usage.ru_nsignals,
            usage.ru_nvcsw, usage.ru_nivcsw,
        ] { list.append(Value(number)) }
        return StructSequence.make(usageClass, list.buffer.map { $0 })
    }

    private static func limit(_ value: rlim_t) -> Value { value == rlim_t.max ? Value(-1) : Value(Int(clamping: value)) }

    private static func number(_ value: Value) throws(Raised) -> rlim_t {
        let number = try index(value)
        return number < 0 ? rlim_t.max : rlim_t(number)
    }

    private static func which(_ value: Value) throws(Raised) -> __rlimit_resource_t {
        let number = try index(value)
        guard 0 ..< 16 ~= number else { throw valueError("invalid resource specified") }
        return __rlimit_resource_t(UInt32(number))
    }

    private static let functions: [Native] = [
        Native("getrlimit(resource, /)", "") { args throws(Raised) in
            var limits = rlimit()
            guard getrlimit(try which(args[0]), &limits) == 0 else { throw osError(errno) }
            return Value(Tuple.make(limit(limits.rlim_cur), limit(limits.rlim_max)))
        },
        Native("setrlimit(resource, limits, /)", "") { args throws(Raised) in
            let pair = try makeTuple(args[1])
            guard pair.count == 2 else { throw valueError("expected a tuple of 2 integers") }
            var limits = rlimit(rlim_cur: try number(pair.items[0]), rlim_max: try number(pair.items[1]))
            guard setrlimit(try which(args[0]), &limits) == 0 else {
                let code = errno
                if code == EINVAL { throw valueError("current limit exceeds maximum limit") }
                if code == EPERM { throw valueError("not allowed to raise maximum limit") }
                throw osError(code)
            }
            return .none
        },
        Native("getrusage(who, /)", "") { args throws(Raised) in
            var usage = rusage()
            let who = try index(args[0])
            guard -1 ... 1 ~= who else { throw valueError("invalid who parameter") }
            guard getrusage(__rusage_who_t(Int32(who)), &usage) == 0 else { throw osError(errno) }
            return value(of: usage)
        },
        Native("prlimit(pid, resource, limits=None, /)", "") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let resource = try which(args[1])
            var new: [UInt64]?
            if !args[2].isNone {
                let pair = try makeTuple(args[2])
                guard pair.count == 2 else { throw valueError("expected a tuple of 2 integers") }
                new = [UInt64(try number(pair.items[0])), UInt64(try number(pair.items[1]))]
            }
            var old: [UInt64] = [0, 0]
            guard tiny_prlimit(pid, resource, new, &old) == 0 else { throw osError(errno) }
            return Value(Tuple.make(limit(rlim_t(old[0])), limit(rlim_t(old[1]))))
        },
        Native("getpagesize()", "") { _ in Value(Int(sysconf(Int32(_SC_PAGESIZE)))) },
    ]
}
