// `posix`: the environment, the machine, random octets, times.
import CTiny
import Glibc
import TinyRuntime

extension PosixModule {
    private static func environmentText(_ value: Value) throws(Raised) -> [CChar] {
        guard value.isKind(.bytes) || value.isKind(.str) else { throw typeError("expected bytes, \(typeName(value)) found") }
        let octets = try SystemPath.encode(value)
        guard !octets.contains(0) else { throw valueError("embedded null byte") }
        return octets
    }

    private static func random(_ size: Value) throws(Raised) -> Value {
        let count = try index(size)
        guard count >= 0 else { throw valueError("negative argument not allowed") }
        try checkSize(count)
        let bytes = BytesObject.allocate(count)
        var offset = 0
        while offset < count {
            let part = min(256, count - offset)
            guard getentropy(bytes.bytes + offset, part) == 0 else { throw osError(errno) }
            offset += part
        }
        return Value(bytes)
    }

    static let systemFunctions: [Native] = [
        Native("putenv(name, value, /)", "Change or add an environment variable.") { args throws(Raised) in
            let name = try environmentText(args[0])
            let text = try environmentText(args[1])
            guard !name.contains(0x3D) else { throw valueError("illegal environment variable name") }
            _ = try Posix.check(nil) { Int(setenv(name + [0], text + [0], 1)) }
            return .none
        }.telling("os.putenv", 0, 1),
        Native("unsetenv(name, /)", "Delete an environment variable.") { args throws(Raised) in
            let name = try environmentText(args[0])
            _ = try Posix.check(nil) { Int(Glibc.unsetenv(name + [0])) }
            return .none
        }.telling("os.unsetenv", 0),
        Native("system(command)", "Execute the command in a subshell.") { args throws(Raised) in
            let command = try SystemPath.encode(try SystemPath.fspath(args[0]))
            guard !command.contains(0) else { throw valueError("embedded null byte") }
            DirtyStreams.flushAll()
            let text = command + [0]
            tiny_slice_restore()
            return Value(Int(Threads.blocking { Glibc.system(text) }))
        }.telling("os.system", 0),
        Native("cpu_count()", "Return the number of logical CPUs in the system.") { _ in
            Value(Runtime.processorCount ?? sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        },
        Native("sched_yield()", "Voluntarily relinquish the CPU.") { _ in
            _ = Threads.blocking { Glibc.sched_yield() }
            return .none
        },
        Native("sched_getaffinity(pid, /)", "Return the affinity of the process identified by pid.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            var set = [UInt8](repeating: 0, count: 1024)
            _ = try Posix.check(nil) { Int(tiny_sched_getaffinity(pid, &set, set.count)) }
            let result = List.make()
            for (position, byte) in set.enumerated() {
                for bit in 0 ..< 8 where byte >> UInt8(bit) & 1 == 1 { result.append(Value(position * 8 + bit)) }
            }
            return try callValue(try Runtime.builtin("set"), Value(result))
        },
        Native("getloadavg()", "Return average recent system load information.") { _ throws(Raised) in
            var loads = [0.0, 0.0, 0.0]
            guard Glibc.getloadavg(&loads, 3) == 3 else { throw raise(.osError, "Load averages are unobtainable") }
            return Value(Tuple.make(Value(loads[0]), Value(loads[1]), Value(loads[2])))
        },
        Native("urandom(size, /)", "Return a bytes object containing random bytes suitable for cryptographic use.") { args throws(Raised) in
            try random(args[0])
        },
        Native("getrandom(size, flags=0)", "Obtain a series of random bytes.") { args throws(Raised) in
            guard try index(args[0]) >= 0 else { throw osError(EINVAL) }
            return try random(args[0])
        },
        Native("uname()", "Return an object identifying the current operating system.") { _ throws(Raised) in
            var name = utsname()
            _ = try Posix.check(nil) { Int(Glibc.uname(&name)) }
            func text<Field>(_ field: Field) -> Value {
                withUnsafeBytes(of: field) { Value(Str.make($0.prefix { $0 != 0 }.map { $0 })) }
            }
            return StructSequence.make(
                unameResult, [text(name.sysname), text(name.nodename), text(name.release), text(name.version), text(name.machine)])
        },
        Native("times()", "Return a collection containing process timing information.") { _ throws(Raised) in
            var times = tms()
            let elapsed = Glibc.times(&times)
            let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
            return StructSequence.make(
                timesResult,
                [times.tms_utime, times.tms_stime, times.tms_cutime, times.tms_cstime, elapsed].map { Value(Double($0) / ticks) })
        },
        Native("strerror(code, /)", "Translate an error code to a message string.") { args throws(Raised) in
            Value(Str.make(String(cString: Glibc.strerror(try Posix.int32(args[0])))))
        },
        Native("device_encoding(fd)", "Return a string describing the encoding of a terminal's file descriptor.") { args throws(Raised) in
            Glibc.isatty(try descriptorNumber(args[0])) == 1 ? Value(Str.make("utf-8")) : .none
        },
    ]
}
