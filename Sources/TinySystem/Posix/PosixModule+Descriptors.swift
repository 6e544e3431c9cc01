// `posix`: file descriptors.
import CTiny
import Glibc
import TinyRuntime

extension PosixModule {
    private static func call(_ body: () -> Int32) throws(Raised) { _ = try Posix.check(nil) { Int(body()) } }

    static let descriptorFunctions: [Native] = [
        Native("open(path, flags, mode=511, *, dir_fd=None)", "Open a file for low level IO.") { args throws(Raised) in
            let path = try SystemPath(args[0], "open")
            let flags = try Posix.int32(args[1])
            let mode = mode_t(truncatingIfNeeded: try index(args[2]))
            if AuditHooks.listen { try AuditHooks.tell("open", args[0], .none, Value(Int(flags | O_CLOEXEC))) }
            return Value(Int(try Posix.open(path, flags, mode, try Posix.directory(args[3]))))
        },
        Native("close(fd)", "Close a file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let result = Glibc.close(descriptor)
            if result < 0, errno != EINTR { throw osError(errno) }
            return .none
        },
        Native("closerange(fd_low, fd_high, /)", "Closes all file descriptors in [fd_low, fd_high), ignoring errors.") { args throws(Raised) in
            let low = try Posix.int32(args[0])
            let high = try Posix.int32(args[1])
            var descriptor = max(low, 0)
            while descriptor < high {
                Glibc.close(descriptor)
                descriptor += 1
            }
            return .none
        },
        Native("read(fd, length, /)", "Read from a file descriptor.  Returns a bytes object.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let length = try index(args[1])
            guard length >= 0 else { throw osError(EINVAL) }
            try checkSize(length)
            // Nobody else knows the memory while the GIL is released.
            let memory = UnsafeMutableRawPointer.allocate(byteCount: max(length, 1), alignment: 8)
            defer { memory.deallocate() }
            let count = try Posix.transferring(descriptor, POLLIN) {
                guard let room = SystemFaults.room("read", length) else { return -1 }
                return Glibc.read(descriptor, memory, room)
            }
            return BytesObject.make(Octets(start: memory.assumingMemoryBound(to: UInt8.self), count: count))
        },
        Native("write(fd, data, /)", "Write a bytes object to a file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let view = try BufferView(args[1])
            if args[1].isKind(.bytes) {
                return Value(try Posix.transferring(descriptor, POLLOUT, count: view.count) {
                    guard let room = SystemFaults.room("write", view.count) else { return -1 }
                    return Glibc.write(descriptor, view.octets.baseAddress, room)
                })
            }
            let copy = Array(view.octets)
            return Value(try Posix.transferring(descriptor, POLLOUT, count: copy.count) {
                guard let room = SystemFaults.room("write", copy.count) else { return -1 }
                return Glibc.write(descriptor, copy, room)
            })
        },
        Native("pread(fd, length, offset, /)", "Read a number of bytes from a file descriptor starting at a particular offset.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let length = try index(args[1])
            let offset = try index(args[2])
            guard length >= 0 else { throw osError(EINVAL) }
            try checkSize(length)
            var buffer = [UInt8](repeating: 0, count: length)
            let count = try Posix.check(nil) { Glibc.pread(descriptor, &buffer, length, offset) }
            return BytesObject.make(Array(buffer.prefix(count)))
        },
        Native("pwrite(fd, buffer, offset, /)", "Write bytes to a file descriptor starting at a particular offset.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let copy = Array(try BufferView(args[1]).octets)
            let offset = try index(args[2])
            return Value(try Posix.check(nil) { Glibc.pwrite(descriptor, copy, copy.count, offset) })
        },
        Native("lseek(fd, position, whence, /)", "Set the position of a file descriptor.  Return the new position.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let position = try index(args[1])
            let whence = try Posix.int32(args[2])
            return Value(try Posix.check(nil) { Glibc.lseek(descriptor, position, whence) })
        },
        Native("dup(fd, /)", "Return a duplicate of a file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            return Value(try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) })
        },
        Native("dup2(fd, fd2, inheritable=True)", "Duplicate file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let target = try descriptorNumber(args[1])
            let isInheritable = try truth(args[2])
            if isInheritable {
                try call { Glibc.dup2(descriptor, target) }
            } else {
                try call { tiny_dup3(descriptor, target, O_CLOEXEC) }
            }
            return Value(Int(target))
        },
        Native("pipe()", "Create a pipe.") { _ throws(Raised) in
            var ends: [Int32] = [0, 0]
            try call { tiny_pipe2(&ends, O_CLOEXEC) }
            return Value(Tuple.make(Value(Int(ends[0])), Value(Int(ends[1]))))
        },
        Native("pipe2(flags, /)", "Create a pipe with flags set atomically.") { args throws(Raised) in
            let flags = try Posix.int32(args[0])
            var ends: [Int32] = [0, 0]
            try call { tiny_pipe2(&ends, flags) }
            return Value(Tuple.make(Value(Int(ends[0])), Value(Int(ends[1]))))
        },
        Native("isatty(fd, /)", "Return True if the fd is connected to a terminal.") { args throws(Raised) in
            Value(Glibc.isatty(try descriptorNumber(args[0])) == 1)
        },
        Native("openpty()", "Open a pseudo-terminal: (the end that plays the user, the terminal).") { _ throws(Raised) in
            var ends: [Int32] = [0, 0]
            try call { tiny_openpty(&ends) }
            return Value(Tuple.make(Value(Int(ends[0])), Value(Int(ends[1]))))
        },
        Native("ttyname(fd, /)", "Return the name of the terminal device connected to 'fd'.") { args throws(Raised) in
            var name = [CChar](repeating: 0, count: 256)
            let code = ttyname_r(try descriptorNumber(args[0]), &name, name.count)
            guard code == 0 else { throw osError(code) }
            return Value(Str.make(name.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }))
        },
        Native("ftruncate(fd, length, /)", "Truncate a file, specified by file descriptor, to a specific length.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let length = try index(args[1])
            try call { Glibc.ftruncate(descriptor, length) }
            return .none
        }.telling("os.truncate", 0, 1),
        Native("fsync(fd)", "Force write of fd to disk.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            _ = try Posix.blocking(nil) { Int(Glibc.fsync(descriptor)) }
            return .none
        },
        Native("fdatasync(fd)", "Force write of fd to disk without forcing update of metadata.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            _ = try Posix.blocking(nil) { Int(Glibc.fdatasync(descriptor)) }
            return .none
        },
        Native("get_blocking(fd, /)", "Get the blocking mode of the file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let flags = try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_GETFL, 0)) }
            return Value(flags & Int(O_NONBLOCK) == 0)
        },
        Native("set_blocking(fd, blocking, /)", "Set the blocking mode of the specified file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let isBlocking = try truth(args[1])
            let flags = try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_GETFL, 0)) }
            let wanted = isBlocking ? flags & ~Int(O_NONBLOCK) : flags | Int(O_NONBLOCK)
            _ = try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_SETFL, wanted)) }
            return .none
        },
        Native("get_inheritable(fd, /)", "Get the close-on-exe flag of the specified file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let flags = try Posix.check(nil) { Int(tiny_fcntl(descriptor, F_GETFD, 0)) }
            return Value(flags & 1 == 0)
        },
        Native("set_inheritable(fd, inheritable, /)", "Set the inheritable flag of the specified file descriptor.") { args throws(Raised) in
            try Posix.setInheritable(try descriptorNumber(args[0]), try truth(args[1]))
            return .none
        },
        Native("get_terminal_size(fd=1, /)", "Return the size of the terminal window as (columns, lines).") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            var size = winsize()
            try call { tiny_ioctl(descriptor, UInt(TIOCGWINSZ), &size) }
            return StructSequence.make(terminalSize, [Value(Int(size.ws_col)), Value(Int(size.ws_row))])
        },
    ]
}
