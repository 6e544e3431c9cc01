// `_io.FileIO`: bytes of a file descriptor, unbuffered.
//
// The descriptor belongs to this Swift object: the sweep that finds the stream unreferenced closes it. Buffered and text
// streams hold the Swift object itself, so that what they have not yet written goes out first.
import CTiny
import Glibc

final class FileStream: TracedObject {
    var descriptor: Int32 = -1
    var closesDescriptor = true
    var isReadable = false
    var isWritable = false
    var isCreated = false
    var isAppending = false
    var name: Value = .absent
    var blockSize = 8192
    /// A file that always says it is ready, though reading it may take its time.
    private(set) var isOnDisk = false
    private var knownSeekable: Bool?

    /// What the descriptor stood for when the stream was made.
    private var identity: (device: dev_t, number: ino_t)?

    /// The collector comes late: somebody may have closed the descriptor since, and its number be another file's.
    deinit {
        if descriptor >= 0, closesDescriptor, isStillItsOwn { Glibc.close(descriptor) }
    }

    /// Whether the descriptor still is what it was when the stream was made.
    var isStillItsOwn: Bool {
        guard let identity else { return true }
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_dev == identity.device && status.st_ino == identity.number
    }

    /// Leaves the descriptor to whoever has it now.
    func forget() { descriptor = -1 }

    func trace(_ marker: inout Marker) { marker.mark(name) }

    static func own(_ value: Value) throws(Raised) -> FileStream {
        guard let stream = value.boxed(FileStream.self) else { throw typeError("a FileIO is required, not '\(typeName(value))'") }
        return stream
    }

    private static func open(_ value: Value) throws(Raised) -> FileStream {
        let stream = try own(value)
        try stream.checkOpen()
        return stream
    }

    func checkOpen() throws(Raised) {
        if descriptor < 0 { throw valueError("I/O operation on closed file") }
    }

    var modeText: String {
        let plus = isReadable && isWritable ? "+" : ""
        return isCreated ? "xb" + plus : isAppending ? "ab" + plus : isReadable ? "rb" + plus : "wb"
    }

    var isSeekable: Bool {
        if let knownSeekable { return knownSeekable }
        let answer = lseek(descriptor, 0, SEEK_CUR) >= 0
        knownSeekable = answer
        return answer
    }

    // MARK: System calls

    /// Up to `count` octets; empty at the end, nil if it would block.
    func read(_ count: Int) throws(Raised) -> [UInt8]? {
        while true {
            try checkOpen()
            if CooperativeFiles.isOn, let data = try CooperativeFiles.read(self, count) { return data }
            let descriptor = descriptor
            var code: Int32 = 0
            var got = 0
            let data = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
                got = Threads.transferring(descriptor, POLLIN) {
                    guard let room = SystemFaults.room("read", count) else {
                        code = errno
                        return -1
                    }
                    let result = Glibc.read(descriptor, buffer.baseAddress, room)
                    code = errno
                    return result
                }
                filled = max(got, 0)
            }
            if got >= 0 { return data }
            if code == EAGAIN { return nil }
            guard code == EINTR else { throw osError(code) }
            try Signals.handleArrived()
        }
    }

    /// Everything up to the end; nil if it would block at once.
    func readAll() throws(Raised) -> [UInt8]? {
        try checkOpen()
        var expected = 0
        var status = stat()
        if fstat(descriptor, &status) == 0, status.st_size > 0 {
            let position = lseek(descriptor, 0, SEEK_CUR)
            if position >= 0, status.st_size > position { expected = min(Int(status.st_size) - position, 1 << 30) }
        }
        guard var all = try read(expected + 1 > 8192 ? expected + 1 : 8192) else { return nil }
        if all.isEmpty { return all }
        while true {
            guard let more = try read(max(8192, all.count / 2)) else { return all }
            if more.isEmpty { return all }
            all.append(contentsOf: more)
        }
    }

    /// How many octets were written; nil if it would block.
    func write(_ data: [UInt8], from offset: Int = 0) throws(Raised) -> Int? {
        while true {
            try checkOpen()
            if CooperativeFiles.isOn, let written = try CooperativeFiles.write(self, data, from: offset) { return written }
            let descriptor = descriptor
            var code: Int32 = 0
            let written = data.withUnsafeBufferPointer { buffer in
                Threads.transferring(descriptor, POLLOUT, count: data.count - offset) {
                    guard let room = SystemFaults.room("write", data.count - offset) else {
                        code = errno
                        return -1
                    }
                    let result = Glibc.write(descriptor, buffer.baseAddress.map { $0 + offset }, room)
                    code = errno
                    return result
                }
            }
            if written >= 0 { return written }
            if code == EAGAIN { return nil }
            guard code == EINTR else { throw osError(code) }
            try Signals.handleArrived()
        }
    }

    func seek(_ offset: Int, _ whence: Int) throws(Raised) -> Int {
        try checkOpen()
        let result = lseek(descriptor, offset, Int32(truncatingIfNeeded: whence))
        guard result >= 0 else { throw osError(errno) }
        return result
    }

    func truncate(_ size: Int) throws(Raised) {
        try checkOpen()
        guard ftruncate(descriptor, size) == 0 else { throw osError(errno) }
    }

    func close() throws(Raised) {
        guard descriptor >= 0 else { return }
        let old = descriptor
        descriptor = -1
        if closesDescriptor, Glibc.close(old) < 0, errno != EINTR { throw osError(errno) }
    }

    // MARK: Opening

    private func setMode(_ mode: StrRef) throws(Raised) -> Int32 {
        var flags: Int32 = 0
        var kinds = 0
        var plus = false
        for byte in mode.buffer {
            switch byte {
            case 0x72: isReadable = true
            case 0x77:
                isWritable = true
                flags |= O_CREAT | O_TRUNC
            case 0x61:
                isWritable = true
                isAppending = true
                flags |= O_APPEND | O_CREAT
            case 0x78:
                isWritable = true
                isCreated = true
                flags |= O_EXCL | O_CREAT
            case 0x62: continue
            case 0x2B:
                if plus { kinds = 9 }
                plus = true
                continue
            default: throw valueError("invalid mode: \(mode.string)")
            }
            kinds += 1
        }
        guard kinds == 1 else {
            throw valueError("Must have exactly one of create/read/write/append mode and at most one plus")
        }
        if plus { (isReadable, isWritable) = (true, true) }
        return flags | (isReadable && isWritable ? O_RDWR : isWritable ? O_WRONLY : O_RDONLY)
    }

    func open(_ file: Value, _ mode: StrRef, closesDescriptor: Bool, opener: Value) throws(Raised) {
        if descriptor >= 0 { try close() }
        (isReadable, isWritable, isCreated, isAppending, knownSeekable) = (false, false, false, false, nil)
        let flags = try setMode(mode)
        if AuditHooks.listen { try AuditHooks.tell("open", file, Value(mode), Value(Int(flags | O_CLOEXEC))) }
        if isInteger(file) {
            if file.isBool { try warn(.runtimeWarning, "bool is used as a file descriptor") }
            let number = try Posix.int32(file)
            guard number >= 0 else { throw valueError("negative file descriptor") }
            descriptor = number
            self.closesDescriptor = closesDescriptor
        } else {
            guard file.isKind(.str) || file.isKind(.bytes) || !(file.isPointer ? file.cls.lookup(StrTables.intern("__fspath__")) : .absent).isAbsent else {
                throw typeError("expected str, bytes or os.PathLike object, not \(typeName(file))")
            }
            let given = try SystemPath.fspath(file)
            if try SystemPath.encode(given).contains(0) { throw valueError("embedded null byte") }
            guard closesDescriptor else { throw valueError("Cannot use closefd=False with file name") }
            self.closesDescriptor = true
            if opener.isNone {
                let path = try SystemPath(given, "open")
                if CooperativeFiles.isOn, let waited = try CooperativeFiles.open(path, flags) {
                    descriptor = waited
                } else {
                    descriptor = try Posix.open(path, flags, 0o666)
                }
            } else {
                let answer = try callValue(opener, file, Value(Int(flags | O_CLOEXEC)))
                guard isInteger(answer) else { throw typeError("expected integer from opener") }
                let number = try Posix.int32(answer)
                guard number >= 0 else { throw valueError("opener returned \(number)") }
                descriptor = number
                try? Posix.setInheritable(number, false)
            }
        }
        name = file
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            let code = errno
            descriptor = -1
            throw osError(code)
        }
        if status.st_mode & S_IFMT == S_IFDIR {
            if self.closesDescriptor, !isInteger(file) { Glibc.close(descriptor) }
            descriptor = -1
            throw osError(EISDIR, file)
        }
        identity = (status.st_dev, status.st_ino)
        isOnDisk = [S_IFREG, S_IFBLK].contains(status.st_mode & S_IFMT)
        if status.st_blksize > 1 { blockSize = Int(status.st_blksize) }
        if isAppending { _ = lseek(descriptor, 0, SEEK_END) }
    }

    // MARK: The class

    private static func reading(_ value: Value) throws(Raised) -> FileStream {
        let stream = try open(value)
        guard stream.isReadable else { throw unsupportedOperation("File not open for reading") }
        return stream
    }

    private static func writing(_ value: Value) throws(Raised) -> FileStream {
        let stream = try open(value)
        guard stream.isWritable else { throw unsupportedOperation("File not open for writing") }
        return stream
    }

    static let nativeClass = NativeClass("FileIO", kind: .box, doc: "Open a file.", flags: [.isBase, .hasDict, .isWeakReferenceable], methods: [
        Native("__init__(self, file, mode='r', closefd=True, opener=None)", "Initialize self.") { args throws(Raised) in
            guard args[2].isKind(.str) else { throw typeError("FileIO() argument 'mode' must be str, not \(typeName(args[2]))") }
            let stream = try own(args[0])
            try stream.open(args[1], args[2].object(Str.self), closesDescriptor: try truth(args[3]), opener: args[4])
            guard args[0].cls.pointee.flags.contains(.isHeapType) else { return .none }
            // A class of the script may want to know of the name. If it refuses it, a descriptor that was given stays open.
            do throws(Raised) { try setAttribute(args[0], IOBase.name, args[1]) } catch {
                if isInteger(args[1]) { stream.forget() }
                throw error
            }
            return .none
        },
        Native("read(self, size=-1, /)", "Read at most size bytes, returned as bytes.") { args throws(Raised) in
            let stream = try reading(args[0])
            let count = try IOBase.size(args[1])
            try checkSize(max(count, 0))
            return (count < 0 ? try stream.readAll() : try stream.read(count)).map { BytesObject.make($0) } ?? .none
        },
        Native("readall(self, /)", "Read all data from the file, returned as bytes.") { args throws(Raised) in
            try reading(args[0]).readAll().map { BytesObject.make($0) } ?? .none
        },
        Native("readinto(self, buffer, /)", "Same as RawIOBase.readinto().") { args throws(Raised) in
            let stream = try reading(args[0])
            guard let data = try stream.read(try MutableOctets.count(args[1])) else { return .none }
            try data.withUnsafeBufferPointer { view throws(Raised) in try MutableOctets.fill(args[1], view) }
            return Value(data.count)
        },
        Native("write(self, b, /)", "Write buffer b to file, return number of bytes written.") { args throws(Raised) in
            let stream = try writing(args[0])
            let view = try BufferView(args[1]).octets
            let octets = [UInt8](unsafeUninitializedCapacity: view.count) { buffer, count in
                if let from = view.baseAddress, let to = buffer.baseAddress { memcpy(to, from, view.count) }
                count = view.count
            }
            guard let written = try stream.write(octets) else { return .none }
            // A signal has cut it short.
            if written < octets.count { try Signals.handleArrived() }
            return Value(written)
        },
        Native("seek(self, pos, whence=0, /)", "Move to new file position and return the file position.") { args throws(Raised) in
            Value(try open(args[0]).seek(try index(args[1]), try index(args[2])))
        },
        Native("tell(self, /)", "Current file position.") { args throws(Raised) in Value(try open(args[0]).seek(0, 1)) },
        Native("truncate(self, size=None, /)", "Truncate the file to at most size bytes and return the truncated size.") { args throws(Raised) in
            let stream = try writing(args[0])
            let size = args[1].isNone ? try stream.seek(0, 1) : try index(args[1])
            try stream.truncate(size)
            return Value(size)
        },
        Native("close(self, /)", "Close the file.") { args throws(Raised) in
            let stream = try own(args[0])
            let flushes = !IOBase.isPlain(args[0], IOClasses.file) && stream.descriptor >= 0
            try IOBase.both({ () throws(Raised) in if flushes { _ = try callMethod(args[0], Names.flush) } }, { () throws(Raised) in try stream.close() })
            return .none
        },
        Native("seekable(self, /)", "True if file supports random-access.") { args throws(Raised) in Value(try open(args[0]).isSeekable) },
        Native("readable(self, /)", "True if file was opened in a read mode.") { args throws(Raised) in Value(try open(args[0]).isReadable) },
        Native("writable(self, /)", "True if file was opened in a write mode.") { args throws(Raised) in Value(try open(args[0]).isWritable) },
        Native("fileno(self, /)", "Return the underlying file descriptor (an integer).") { args throws(Raised) in Value(Int(try open(args[0]).descriptor)) },
        Native("isatty(self, /)", "True if the file is connected to a TTY device.") { args throws(Raised) in
            Value(Glibc.isatty(try open(args[0]).descriptor) == 1)
        },
        Native("_isatty_open_only(self, /)", "") { args throws(Raised) in Value(Glibc.isatty(try open(args[0]).descriptor) == 1) },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let stream = try own(args[0])
            let cls = args[0].cls == IOClasses.file ? qualifiedClassName(IOClasses.file) : args[0].cls.nameText
            if stream.descriptor < 0 { return Value(Str.make("<\(cls) [closed]>")) }
            let closes = stream.closesDescriptor ? "True" : "False"
            let shown = stream.name.isAbsent ? "fd=\(stream.descriptor)" : "name=\(try repr(stream.name).string)"
            return Value(Str.make("<\(cls) \(shown) mode='\(stream.modeText)' closefd=\(closes)>"))
        },
        Native("__reduce_ex__(self, protocol, /)", "") { args throws(Raised) in throw typeError("cannot pickle '\(typeName(args[0]))' instances") },
    ], attributes: [
        dictionaryAccessors,
        Accessors("closed", "True if the file is closed") { object throws(Raised) in Value(try own(object).descriptor < 0) },
        Accessors("closefd", "True if the file descriptor will be closed by close().") { object throws(Raised) in Value(try own(object).closesDescriptor) },
        Accessors("mode", "String giving the file mode") { object throws(Raised) in Value(Str.make(try own(object).modeText)) },
        Accessors("_blksize") { object throws(Raised) in Value(try own(object).blockSize) },
        Accessors("name") { object throws(Raised) in
            let name = try own(object).name
            guard !name.isAbsent else { throw noAttribute(object, IOBase.name) }
            return name
        } set: { object, value throws(Raised) in try own(object).name = value },
    ], construct: { args throws(Raised) in BoxedObject.make(FileStream(), args[0].object(ClassObject.self)) })
}
