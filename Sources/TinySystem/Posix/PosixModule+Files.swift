// `posix`: more of files: reads and writes of several parts, copies inside the kernel, extended attributes, devices,
// what a file system can do, and descriptors that are no files (memory, events, timers).
import CTiny
import Glibc
import TinyRuntime

/// The octets of several buffers as the system takes them. They are gathered into memory that nobody else knows while the
/// GIL is released, so a buffer may be resized meanwhile.
struct ScatteredOctets {
    let memory: UnsafeMutablePointer<UInt8>
    let total: Int
    let buffers: ListRef
    /// The octets as a gathering call wants them: of objects that can't change as they lie there, else of one copy.
    let vectors: UnsafeMutableBufferPointer<iovec>

    /// - Throws: TypeError for what is no buffer, or cannot be written to.
    init(_ value: Value, isWritable: Bool, _ message: String) throws(Raised) {
        guard value.isKind(.list) || value.isKind(.tuple) || value.isPointer && value.cls.has(.getitem) else { throw typeError(message) }
        buffers = try makeList(value)
        var total = 0
        for position in 0 ..< buffers.count {
            let item = buffers.items[position]
            total += isWritable ? try MutableOctets.count(item) : try BufferView(item).count
        }
        try checkSize(total)
        self.total = total
        if !isWritable, let vectors = try ScatteredOctets.unchanging(buffers) {
            self.vectors = vectors
            memory = .allocate(capacity: 1)
            return
        }
        memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(total, 1))
        vectors = .allocate(capacity: 1)
        vectors.initialize(repeating: iovec(iov_base: memory, iov_len: total))
        guard !isWritable else { return }
        var offset = 0
        for position in 0 ..< buffers.count {
            do throws(Raised) {
                let view = try BufferView(buffers.items[position])
                let count = min(view.count, total - offset)
                if let base = view.octets.baseAddress { (memory + offset).update(from: base, count: count) }
                offset += count
            } catch {
                deallocate()
                throw error
            }
        }
    }

    func deallocate() {
        memory.deallocate()
        vectors.deallocate()
    }

    /// Where the octets lie if all belong to bytes objects, which the list then holds in place of views of them. Nil: some
    /// could be resized while the call waits.
    private static func unchanging(_ buffers: ListRef) throws(Raised) -> UnsafeMutableBufferPointer<iovec>? {
        guard 1 ... 1024 ~= buffers.count else { return nil }
        for position in 0 ..< buffers.count {
            let item = buffers.items[position]
            guard item.isKind(.bytes) || item.isKind(.memoryview) && item.object(MemoryView.self).isContiguous
                && item.object(MemoryView.self).pointee.owner.isKind(.bytes)
            else { return nil }
        }
        let vectors = UnsafeMutableBufferPointer<iovec>.allocate(capacity: buffers.count)
        for position in 0 ..< buffers.count {
            let item = buffers.items[position]
            do throws(Raised) {
                let octets = try BufferView(item).octets
                vectors.initializeElement(
                    at: position, to: iovec(iov_base: UnsafeMutableRawPointer(mutating: octets.baseAddress), iov_len: octets.count))
            } catch {
                vectors.deallocate()
                throw error
            }
            if item.isKind(.memoryview) { buffers.items[position] = item.object(MemoryView.self).pointee.owner }
        }
        return vectors
    }

    /// Hands what was read to the buffers, in their order.
    func scatter(_ count: Int) throws(Raised) {
        var offset = 0
        for position in 0 ..< buffers.count where offset < count {
            let part = min(try MutableOctets.count(buffers.items[position]), count - offset)
            try MutableOctets.fill(buffers.items[position], Octets(start: memory + offset, count: part))
            offset += part
        }
    }
}

extension PosixModule {
    private static func done(_ body: () -> Int32) throws(Raised) -> Value {
        _ = try Posix.check(nil) { Int(body()) }
        return .none
    }

    private static func offset(_ value: Value) throws(Raised) -> Int64? { value.isNone || value.isAbsent ? nil : Int64(try index(value)) }

    /// A call that moves octets from one descriptor to another, with an offset in either that may be missing.
    private static func move(
        _ from: Int64?, _ to: Int64?, _ body: (UnsafeMutablePointer<Int64>?, UnsafeMutablePointer<Int64>?) -> Int
    ) throws(Raised) -> Value {
        var (source, target) = (from ?? 0, to ?? 0)
        return Value(
            try Posix.blocking(nil) {
                withUnsafeMutablePointer(to: &source) { source in
                    withUnsafeMutablePointer(to: &target) { target in body(from == nil ? nil : source, to == nil ? nil : target) }
                }
            })
    }

    /// A device's number, or its major or minor part; -1 stands for no device.
    private static func deviceNumber<Number: FixedWidthInteger>(_ value: Value, _ type: Number.Type) throws(Raised) -> Number {
        let number = try indexValue(value)
        guard let machine = machineInt(number) else { throw raise(.overflowError, "Python int too large to convert to C unsigned int") }
        if machine == -1 { return Number.max }
        guard machine >= 0 else { throw raise(.overflowError, "can't convert negative int to unsigned") }
        guard let short = Number(exactly: machine) else { throw raise(.overflowError, "Python int too large to convert to C unsigned int") }
        return short
    }

    static let transferFunctions: [Native] = [
        Native("readv(fd, buffers, /)", "Read from a file descriptor fd into an iterable of buffers.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let parts = try ScatteredOctets(args[1], isWritable: true, "readv() arg 2 must be a sequence")
            defer { parts.deallocate() }
            let count = try Posix.transferring(descriptor, POLLIN) { Glibc.read(descriptor, parts.memory, parts.total) }
            try parts.scatter(count)
            return Value(count)
        },
        Native("writev(fd, buffers, /)", "Iterate over buffers, and write the contents of each to a file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let parts = try ScatteredOctets(args[1], isWritable: false, "writev() arg 2 must be a sequence")
            defer { parts.deallocate() }
            return Value(try Posix.transferring(descriptor, POLLOUT, count: parts.total) {
                Glibc.writev(descriptor, parts.vectors.baseAddress, Int32(clamping: parts.vectors.count))
            })
        },
        Native("preadv(fd, buffers, offset, flags=0, /)", "Reads from a file descriptor into a number of mutable bytes-like objects.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let parts = try ScatteredOctets(args[1], isWritable: true, "preadv2() arg 2 must be a sequence")
            defer { parts.deallocate() }
            let place = Int64(try index(args[2]))
            let flags = try Posix.int32(args[3])
            let count = try Posix.blocking(nil) {
                var part = iovec(iov_base: parts.memory, iov_len: parts.total)
                return tiny_preadv2(descriptor, &part, 1, place, flags)
            }
            try parts.scatter(count)
            return Value(count)
        },
        Native("pwritev(fd, buffers, offset, flags=0, /)", "Writes the contents of bytes-like objects to a file descriptor at a given offset.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let parts = try ScatteredOctets(args[1], isWritable: false, "pwritev() arg 2 must be a sequence")
            defer { parts.deallocate() }
            let place = Int64(try index(args[2]))
            let flags = try Posix.int32(args[3])
            return Value(
                try Posix.blocking(nil) {
                    tiny_pwritev2(descriptor, parts.vectors.baseAddress, Int32(clamping: parts.vectors.count), place, flags)
                })
        },
        Native("sendfile(out_fd, in_fd, offset, count)", "Copy count bytes from file descriptor in_fd to file descriptor out_fd.") { args throws(Raised) in
            let target = try descriptorNumber(args[0])
            let source = try descriptorNumber(args[1])
            let start = try offset(args[2])
            let count = try index(args[3])
            return try move(start, nil) { place, _ in tiny_sendfile(target, source, place, count) }
        },
        Native("copy_file_range(src, dst, count, offset_src=None, offset_dst=None)", "Copy count bytes from one file descriptor to another.") { args throws(Raised) in
            let source = try descriptorNumber(args[0])
            let target = try descriptorNumber(args[1])
            let count = try index(args[2])
            guard count >= 0 else { throw valueError("negative value for 'count' not allowed") }
            return try move(try offset(args[3]), try offset(args[4])) { tiny_copy_file_range(source, $0, target, $1, count) }
        },
        Native("splice(src, dst, count, offset_src=None, offset_dst=None, flags=0)", "Transfer count bytes from one pipe to a descriptor or vice versa.") { args throws(Raised) in
            let source = try descriptorNumber(args[0])
            let target = try descriptorNumber(args[1])
            let count = try index(args[2])
            guard count >= 0 else { throw valueError("negative value for 'count' not allowed") }
            let flags = UInt32(truncatingIfNeeded: try index(args[5]))
            return try move(try offset(args[3]), try offset(args[4])) { tiny_splice(source, $0, target, $1, count, flags) }
        },
        Native("lockf(fd, command, length, /)", "Apply, test or remove a POSIX lock on an open file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let command = try Posix.int32(args[1])
            let length = try index(args[2])
            _ = try Posix.blocking(nil) { Int(Glibc.lockf(descriptor, command, length)) }
            return .none
        }.telling("os.lockf", 0, 1, 2),
        Native("posix_fallocate(fd, offset, length, /)", "Ensure a file has allocated at least a particular number of bytes on disk.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let (start, length) = (try index(args[1]), try index(args[2]))
            let code = Threads.blocking { Glibc.posix_fallocate(descriptor, start, length) }
            guard code == 0 else { throw osError(code) }
            return .none
        },
        Native("posix_fadvise(fd, offset, length, advice, /)", "Announce an intention to access data in a specific pattern.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let (start, length, advice) = (try index(args[1]), try index(args[2]), try Posix.int32(args[3]))
            let code = Threads.blocking { Glibc.posix_fadvise(descriptor, start, length, advice) }
            guard code == 0 else { throw osError(code) }
            return .none
        },
        Native("fchown(fd, uid, gid)", "Change the owner and group id of the file specified by file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let (user, group) = (try Posix.identity(args[1], "uid"), try Posix.identity(args[2], "gid"))
            return try done { Glibc.fchown(descriptor, user, group) }
        },
        Native("lchown(path, uid, gid)", "Change the owner and group id of path; a symbolic link itself.") { args throws(Raised) in
            let path = try SystemPath(args[0], "lchown")
            let (user, group) = (try Posix.identity(args[1], "uid"), try Posix.identity(args[2], "gid"))
            _ = try Posix.check(path) { Int(Glibc.lchown(path.text, user, group)) }
            return .none
        },
        Native("mknod(path, mode=384, device=0, *, dir_fd=None)", "Create a node in the file system.") { args throws(Raised) in
            let path = try SystemPath(args[0], "mknod")
            let mode = try Posix.int32(args[1])
            let device = UInt64(bitPattern: Int64(try index(args[2])))
            let directory = try Posix.directory(args[3])
            _ = try Posix.check(path) { Int(tiny_mknodat(directory, path.text, UInt32(bitPattern: mode), device)) }
            return .none
        },
        Native("major(device, /)", "Extracts a device major number from a raw device number.") { args throws(Raised) in
            let device = try deviceNumber(args[0], UInt64.self)
            return Value(device == UInt64.max ? -1 : Int(tiny_major(device)))
        },
        Native("minor(device, /)", "Extracts a device minor number from a raw device number.") { args throws(Raised) in
            let device = try deviceNumber(args[0], UInt64.self)
            return Value(device == UInt64.max ? -1 : Int(tiny_minor(device)))
        },
        Native("makedev(major, minor, /)", "Composes a raw device number from the major and minor device numbers.") { args throws(Raised) in
            let (major, minor) = (try deviceNumber(args[0], UInt32.self), try deviceNumber(args[1], UInt32.self))
            if major == UInt32.max, minor == UInt32.max { return Value(-1) }
            return Value(Int(truncatingIfNeeded: tiny_makedev(major, minor)))
        },
    ]

    // MARK: Extended attributes

    private static func attributed(_ value: Value, _ follow: Value, _ function: String) throws(Raised) -> (SystemPath, Int32, Int32) {
        let path = try SystemPath(value, function, allowsDescriptor: true)
        let follows = try truth(follow)
        if path.descriptor != nil, !follows { throw valueError("\(function): cannot use fd and follow_symlinks together") }
        return (path, path.descriptor ?? -1, follows ? 1 : 0)
    }

    static let extendedAttributeFunctions: [Native] = [
        Native("getxattr(path, attribute, *, follow_symlinks=True)", "Return the value of extended attribute attribute on path.") { args throws(Raised) in
            let (path, descriptor, follow) = try attributed(args[0], args[2], "getxattr")
            let name = try SystemPath(args[1], "getxattr", argument: "attribute")
            var value = [UInt8](repeating: 0, count: 65536)
            let count = try Posix.check(path) { tiny_getxattr(path.text, descriptor, name.text, &value, value.count, follow) }
            return BytesObject.make(Array(value.prefix(count)))
        }.telling("os.getxattr", 0, 1),
        Native("setxattr(path, attribute, value, flags=0, *, follow_symlinks=True)", "Set extended attribute attribute on path to value.") { args throws(Raised) in
            let (path, descriptor, follow) = try attributed(args[0], args[4], "setxattr")
            let name = try SystemPath(args[1], "setxattr", argument: "attribute")
            let value = Array(try BufferView(args[2]).octets)
            let flags = try Posix.int32(args[3])
            _ = try Posix.check(path) { Int(tiny_setxattr(path.text, descriptor, name.text, value, value.count, flags, follow)) }
            return .none
        }.telling("os.setxattr", 0, 1, 2, 3),
        Native("removexattr(path, attribute, *, follow_symlinks=True)", "Remove extended attribute attribute on path.") { args throws(Raised) in
            let (path, descriptor, follow) = try attributed(args[0], args[2], "removexattr")
            let name = try SystemPath(args[1], "removexattr", argument: "attribute")
            _ = try Posix.check(path) { Int(tiny_removexattr(path.text, descriptor, name.text, follow)) }
            return .none
        }.telling("os.removexattr", 0, 1),
        Native("listxattr(path=None, *, follow_symlinks=True)", "Return a list of extended attributes on path.") { args throws(Raised) in
            let given = args[0].isNone ? Value(Str.make(".")) : args[0]
            let (path, descriptor, follow) = try attributed(given, args[1], "listxattr")
            var names = [CChar](repeating: 0, count: 65536)
            let count = try Posix.check(path) { tiny_listxattr(path.text, descriptor, &names, names.count, follow) }
            let list = List.make()
            for name in names.prefix(count).split(separator: 0) {
                list.append(try SystemPath.decode(Array(name) + [0]))
            }
            return Value(list)
        }.telling("os.listxattr", 0),
    ]

    // MARK: What a file system can do

    nonisolated(unsafe) private static var fileSystemResult = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func prepareFiles(_ contents: ModuleContents) {
        fileSystemResult = StructSequence.makeClass(
            "statvfs_result", module: "os",
            fields: [
                "f_bsize", "f_frsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree", "f_favail", "f_flag", "f_namemax", "f_fsid",
            ], visible: 10)
        contents.set("statvfs_result", Value(fileSystemResult))
    }

    private static func fileSystem(_ path: SystemPath, _ descriptor: Int32?) throws(Raised) -> Value {
        var status = statvfs()
        _ = try Posix.blocking(path) { Int(tiny_statvfs(path.text, descriptor ?? -1, &status)) }
        return StructSequence.make(
            fileSystemResult,
            [
                status.f_bsize, status.f_frsize, status.f_blocks, status.f_bfree, status.f_bavail, status.f_files, status.f_ffree,
                status.f_favail, status.f_flag, status.f_namemax, status.f_fsid,
            ].map { Value(Int(bitPattern: UInt($0))) })
    }

    static let fileSystemFunctions: [Native] = [
        Native("statvfs(path)", "Perform a statvfs system call on the given path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "statvfs", allowsDescriptor: true)
            return try fileSystem(path, path.descriptor)
        },
        Native("fstatvfs(fd, /)", "Perform an fstatvfs system call on the given fd.") { args throws(Raised) in
            let path = try SystemPath(args[0], "fstatvfs", allowsDescriptor: true)
            return try fileSystem(path, try descriptorNumber(args[0]))
        },
        Native("pathconf(path, name)", "Return the configuration limit name for the file or directory path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "pathconf", allowsDescriptor: true)
            let name = try Configuration.number(args[1], Configuration.paths)
            errno = 0
            let result = path.descriptor.map { Glibc.fpathconf($0, name) } ?? Glibc.pathconf(path.text, name)
            if result == -1, errno != 0 { throw errno == EINVAL ? osError(errno) : osError(errno, path.value) }
            return Value(result)
        },
        Native("fpathconf(fd, name, /)", "Return the configuration limit name for the file descriptor fd.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let name = try Configuration.number(args[1], Configuration.paths)
            errno = 0
            let result = Glibc.fpathconf(descriptor, name)
            if result == -1, errno != 0 { throw osError(errno) }
            return Value(result)
        },
        Native("sysconf(name, /)", "Return an integer-valued system configuration variable.") { args throws(Raised) in
            let name = try Configuration.number(args[0], Configuration.system)
            errno = 0
            let result = Glibc.sysconf(name)
            if result == -1, errno != 0 { throw osError(errno) }
            return Value(result)
        },
        Native("confstr(name, /)", "Return a string-valued system configuration variable.") { args throws(Raised) in
            let name = try Configuration.number(args[0], Configuration.texts)
            errno = 0
            var text = [CChar](repeating: 0, count: 4096)
            let count = Glibc.confstr(name, &text, text.count)
            if count == 0 {
                if errno != 0 { throw osError(errno) }
                return .none
            }
            return try SystemPath.decode(text)
        },
    ]

    // MARK: Descriptors that are no files

    private static func nanoseconds(_ value: Value) throws(Raised) -> timespec {
        let number = try index(value)
        let seconds = number >= 0 ? number / 1_000_000_000 : -((-number + 999_999_999) / 1_000_000_000)
        return timespec(tv_sec: seconds, tv_nsec: number - seconds * 1_000_000_000)
    }

    private static func seconds(_ value: Value) throws(Raised) -> timespec {
        guard let seconds = try realOf(value) else { throw typeError("must be real number, not \(typeName(value))") }
        guard abs(seconds) < 9.2e9 else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
        let whole = seconds.rounded(.down)
        return timespec(tv_sec: Int(whole), tv_nsec: min(999_999_999, Int((seconds - whole) * 1e9)))
    }

    private static func pair(_ value: itimerspec, inNanoseconds: Bool) -> Value {
        func one(_ time: timespec) -> Value {
            inNanoseconds ? Value(time.tv_sec &* 1_000_000_000 &+ time.tv_nsec) : Value(Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec))
        }
        return Value(Tuple.make(one(value.it_value), one(value.it_interval)))
    }

    private static func setTimer(_ args: Arguments, inNanoseconds: Bool) throws(Raised) -> Value {
        let descriptor = try descriptorNumber(args[0])
        let flags = try Posix.int32(args[1])
        var new = itimerspec()
        new.it_value = inNanoseconds ? try nanoseconds(args[2]) : try seconds(args[2])
        new.it_interval = inNanoseconds ? try nanoseconds(args[3]) : try seconds(args[3])
        var old = itimerspec()
        _ = try Posix.check(nil) { Int(tiny_timerfd_settime(descriptor, flags, &new, &old)) }
        return pair(old, inNanoseconds: inNanoseconds)
    }

    private static func getTimer(_ value: Value, inNanoseconds: Bool) throws(Raised) -> Value {
        let descriptor = try descriptorNumber(value)
        var now = itimerspec()
        _ = try Posix.check(nil) { Int(tiny_timerfd_gettime(descriptor, &now)) }
        return pair(now, inNanoseconds: inNanoseconds)
    }

    /// An argument of 64 bits without a sign.
    private static func unsigned(_ value: Value) throws(Raised) -> UInt64 {
        let number = try indexValue(value)
        if isNegative(number) { throw raise(.overflowError, "can't convert negative int to unsigned") }
        if let small = machineInt(number) { return UInt64(small) }
        guard bitLength(number) <= 64 else { throw raise(.overflowError, "int too big to convert") }
        return UInt64(number.object(IntObject.self).limbs[0])
    }

    static let memoryFileFunctions: [Native] = [
        Native("memfd_create(name, flags=1)", "Create an anonymous file in memory.") { args throws(Raised) in
            let name = try Posix.text(args[0])
            let flags = UInt32(truncatingIfNeeded: try index(args[1]))
            return Value(try Posix.check(nil) { Int(tiny_memfd_create(name, flags)) })
        },
        Native("eventfd(initval, flags=524288)", "Creates and returns an event notification file descriptor.") { args throws(Raised) in
            let value = try index(args[0])
            guard value >= 0, value <= UInt32.max else { throw raise(.overflowError, "unsigned int is out of range") }
            let flags = try Posix.int32(args[1])
            return Value(try Posix.check(nil) { Int(tiny_eventfd(UInt32(value), flags)) })
        },
        Native("eventfd_read(fd)", "Read eventfd value.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            var value: UInt64 = 0
            _ = try Posix.transferring(descriptor, POLLIN) { Glibc.read(descriptor, &value, 8) }
            return value <= UInt64(Int.max) ? Value(Int(value)) : IntObject.make(magnitude: UInt(value), isNegative: false)
        },
        Native("eventfd_write(fd, value)", "Write eventfd value.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            var value = try unsigned(args[1])
            _ = try Posix.transferring(descriptor, POLLOUT, count: 8) { Glibc.write(descriptor, &value, 8) }
            return .none
        },
        Native("timerfd_create(clockid, /, *, flags=0)", "Create and return a timer file descriptor.") { args throws(Raised) in
            let (clock, flags) = (try Posix.int32(args[0]), try Posix.int32(args[1]) | 0o2000000 /* TFD_CLOEXEC */)
            return Value(try Posix.check(nil) { Int(tiny_timerfd_create(clock, flags)) })
        },
        Native("timerfd_settime(fd, /, *, flags=0, initial=0.0, interval=0.0)", "Alter a timer file descriptor's internal timer in seconds.") { args throws(Raised) in
            try setTimer(args, inNanoseconds: false)
        },
        Native("timerfd_settime_ns(fd, /, *, flags=0, initial=0, interval=0)", "Alter a timer file descriptor's internal timer in nanoseconds.") { args throws(Raised) in
            try setTimer(args, inNanoseconds: true)
        },
        Native("timerfd_gettime(fd, /)", "Return a tuple of a timer file descriptor's (interval, next expiration) in float seconds.") { args throws(Raised) in
            try getTimer(args[0], inNanoseconds: false)
        },
        Native("timerfd_gettime_ns(fd, /)", "Return a tuple of a timer file descriptor's (interval, next expiration) in nanoseconds.") { args throws(Raised) in
            try getTimer(args[0], inNanoseconds: true)
        },
    ]

    // MARK: Terminals

    static let terminalFunctions: [Native] = [
        Native("ctermid()", "Return the name of the controlling terminal for this process.") { _ in Value(Str.make("/dev/tty")) },
        Native("posix_openpt(oflag, /)", "Open and return a file descriptor for a master pseudo-terminal device.") { args throws(Raised) in
            let flags = try Posix.int32(args[0])
            let descriptor = try Posix.check(nil) { Int(tiny_posix_openpt(flags)) }
            try Posix.setInheritable(Int32(descriptor), false)
            return Value(descriptor)
        },
        Native("grantpt(fd, /)", "Grant access to the slave pseudo-terminal device.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return try done { tiny_grantpt(descriptor) }
        },
        Native("unlockpt(fd, /)", "Unlock a pseudo-terminal master/slave pair.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return try done { tiny_unlockpt(descriptor) }
        },
        Native("ptsname(fd, /)", "Return the name of the slave pseudo-terminal device.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            var name = [CChar](repeating: 0, count: 128)
            let code = tiny_ptsname(descriptor, &name, name.count)
            guard code == 0 else { throw osError(code) }
            return Value(Str.make(String(upToZero: name)))
        },
        Native("login_tty(fd, /)", "Prepare the tty of which fd is a file descriptor for a new login session.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return try done { tiny_login_tty(descriptor) }
        },
    ]
}
