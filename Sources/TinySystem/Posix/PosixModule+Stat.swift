// `posix`: stat_result, and directories read entry by entry.
import CTiny
import Glibc
import TinyRuntime

extension PosixModule {
    nonisolated(unsafe) private static var statResult = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func prepareStat(_ contents: ModuleContents) {
        statResult = StructSequence.makeClass(
            "stat_result", module: "os",
            fields: [
                "st_mode", "st_ino", "st_dev", "st_nlink", "st_uid", "st_gid", "st_size", "", "", "",
                "st_atime", "st_mtime", "st_ctime", "st_atime_ns", "st_mtime_ns", "st_ctime_ns", "st_blksize",
                "st_blocks", "st_rdev",
            ], visible: 10)
        contents.set("stat_result", Value(statResult))
    }

    static func result(_ status: stat) -> Value {
        func float(_ time: timespec) -> Value { Value(Double(time.tv_sec) + 1e-9 * Double(time.tv_nsec)) }
        func nanoseconds(_ time: timespec) -> Value { Value(time.tv_sec &* 1_000_000_000 &+ time.tv_nsec) }
        // All of these are numbers that no collection moves or frees before the tuple holds them: none can happen here.
        return StructSequence.make(
            statResult,
            [
                Value(Int(status.st_mode)), Value(Int(bitPattern: status.st_ino)), Value(Int(bitPattern: status.st_dev)),
                Value(Int(bitPattern: UInt(status.st_nlink))), Value(Int(status.st_uid)), Value(Int(status.st_gid)), Value(Int(status.st_size)),
                Value(status.st_atim.tv_sec), Value(status.st_mtim.tv_sec), Value(status.st_ctim.tv_sec),
                float(status.st_atim), float(status.st_mtim), float(status.st_ctim),
                nanoseconds(status.st_atim), nanoseconds(status.st_mtim), nanoseconds(status.st_ctim),
                Value(Int(status.st_blksize)), Value(Int(status.st_blocks)), Value(Int(bitPattern: UInt(status.st_rdev))),
            ])
    }

    static func status(_ path: SystemPath, _ directory: Int32, follow: Bool) throws(Raised) -> stat {
        var status = stat()
        // The size is that of a file that a script has written and let go of.
        if path.descriptor == nil { DirtyStreams.flushAll() }
        _ = try Posix.check(path) {
            if let descriptor = path.descriptor { return Int(Glibc.fstat(descriptor, &status)) }
            let result = fstatat(directory, path.text, &status, follow ? 0 : AT_SYMLINK_NOFOLLOW)
            guard result != 0, errno == ENOENT, let embedded = EmbeddedLibrary.descriptor(path: path.text) else { return Int(result) }
            defer { close(embedded) }
            guard fstat(embedded, &status) == 0 else { return -1 }
            // It has not changed since the program was built.
            status.st_mode = S_IFREG | 0o444
            (status.st_atim, status.st_mtim, status.st_ctim) = (timespec(), timespec(), timespec())
            return 0
        }
        return status
    }

    static let statFunctions: [Native] = [
        Native("stat(path, *, dir_fd=None, follow_symlinks=True)", "Perform a stat system call on the given path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "stat", allowsDescriptor: true)
            let directory = try Posix.directory(args[1])
            return result(try status(path, directory, follow: try truth(args[2])))
        },
        Native("lstat(path, *, dir_fd=None)", "Perform a stat system call on the given path, without following symbolic links.") { args throws(Raised) in
            let path = try SystemPath(args[0], "lstat")
            return result(try status(path, try Posix.directory(args[1]), follow: false))
        },
        Native("fstat(fd)", "Perform a stat system call on the given file descriptor.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            var status = Glibc.stat()
            _ = try Posix.check(nil) { Int(Glibc.fstat(descriptor, &status)) }
            return result(status)
        },
    ]
}

/// What `scandir` returns: an open directory.
final class DirectoryScan: TracedObject {
    private var handle: OpaquePointer?
    private let path: SystemPath
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    init(_ path: SystemPath) throws(Raised) {
        self.path = path
        if let descriptor = path.descriptor {
            let copy = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard copy >= 0 else { throw osError(errno, path.value) }
            handle = fdopendir(copy)
            let code = errno
            if let handle { rewinddir(handle) } else { Glibc.close(copy) }
            errno = code
        } else {
            handle = opendir(path.text)
        }
        guard handle != nil else { throw osError(errno, path.value.isAbsent ? Value(Str.make(".")) : path.value) }
    }

    deinit { close() }

    func trace(_ marker: inout Marker) { marker.mark(path.value) }

    func close() {
        if let handle { closedir(handle) }
        handle = nil
    }

    /// The next entry but `.` and `..`; nil at the end.
    func read() throws(Raised) -> (name: Value, type: UInt8, inode: UInt)? {
        while let handle {
            errno = 0
            guard let entry = readdir(handle) else {
                if errno != 0 { throw osError(errno, path.value) }
                return nil
            }
            let name = UnsafeRawPointer(entry) + (MemoryLayout<dirent>.offset(of: \.d_name) ?? 19)
            let octets = Octets(start: name.assumingMemoryBound(to: UInt8.self), count: strlen(name.assumingMemoryBound(to: CChar.self)))
            if octets.elementsEqual([0x2E]) || octets.elementsEqual([0x2E, 0x2E]) { continue }
            return (try path.name(octets), entry.pointee.d_type, UInt(entry.pointee.d_ino))
        }
        return nil
    }

    private static func own(_ value: Value) throws(Raised) -> DirectoryScan {
        guard let scan = value.boxed(DirectoryScan.self) else { throw typeError("a ScandirIterator is required") }
        return scan
    }

    static let nativeClass = NativeClass("ScandirIterator", kind: .box, flags: .hasDel, methods: [
        Native("__del__(self, /)", "Warns if nobody has closed it or seen its end, and closes it.") { args throws(Raised) in
            let scan = try own(args[0])
            guard scan.handle != nil else { return .none }
            defer { scan.close() }
            try UnclosedStreams.warn(args[0], "scandir iterator")
            return .none
        },
        Native("__iter__(self, /)", "Implement iter(self).") { $0[0] },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let scan = try own(args[0])
            guard let entry = try scan.read() else {
                scan.close()
                throw raise(.stopIteration)
            }
            return BoxedObject.make(try DirectoryEntry(scan.path, entry), DirectoryEntry.cls)
        },
        Native("close(self, /)", "Close the iterator.") { args throws(Raised) in
            try own(args[0]).close()
            return .none
        },
        Native("__enter__(self, /)", "") { $0[0] },
        Native("__exit__(self, /, *args)", "") { args throws(Raised) in
            try own(args[0]).close()
            return .none
        },
    ])
}

/// `os.DirEntry`.
final class DirectoryEntry: TracedObject {
    private let name: Value
    private let path: Value
    private let descriptor: Int32?
    private let type: UInt8
    private let inode: UInt
    /// Kept after the first call.
    private var followed: Value = .absent
    private var unfollowed: Value = .absent
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    init(_ directory: SystemPath, _ entry: (name: Value, type: UInt8, inode: UInt)) throws(Raised) {
        name = entry.name
        type = entry.type
        inode = entry.inode
        descriptor = directory.descriptor
        if directory.descriptor != nil {
            path = name
        } else if directory.value.isAbsent {
            path = Value(Str.make("./" + name.object(Str.self).string))
        } else {
            var octets = try SystemPath.encode(directory.value).map { UInt8(bitPattern: $0) }
            if let last = octets.last, last != 0x2F { octets.append(0x2F) }
            octets += try SystemPath.encode(name).map { UInt8(bitPattern: $0) }
            path = try octets.withUnsafeBufferPointer { view throws(Raised) in try directory.name(view) }
        }
    }

    func trace(_ marker: inout Marker) {
        marker.mark(name)
        marker.mark(path)
        marker.mark(followed)
        marker.mark(unfollowed)
    }

    private static func own(_ value: Value) throws(Raised) -> DirectoryEntry {
        guard let entry = value.boxed(DirectoryEntry.self) else { throw typeError("a DirEntry is required") }
        return entry
    }

    private func status(follow: Bool) throws(Raised) -> stat {
        try PosixModule.status(try SystemPath(path, "stat"), descriptor ?? AT_FDCWD, follow: follow)
    }

    private func isType(_ kind: mode_t, _ known: UInt8, follow: Bool) throws(Raised) -> Bool {
        if type != 0, type != 10 || !follow { return type == known }
        do {
            return try status(follow: follow).st_mode & S_IFMT == kind
        } catch {
            let t = currentThread()
            guard t.pointee.raised.cls.isSubclass(of: ExceptionName.fileNotFoundError.cls) else { throw error }
            _ = t.takeRaised()
            return false
        }
    }

    static let nativeClass = NativeClass("DirEntry", kind: .box, methods: [
        Native("is_dir(self, /, *, follow_symlinks=True)", "Return True if the entry is a directory.") { args throws(Raised) in
            Value(try own(args[0]).isType(S_IFDIR, 4, follow: try truth(args[1])))
        },
        Native("is_file(self, /, *, follow_symlinks=True)", "Return True if the entry is a file.") { args throws(Raised) in
            Value(try own(args[0]).isType(S_IFREG, 8, follow: try truth(args[1])))
        },
        Native("is_symlink(self, /)", "Return True if the entry is a symbolic link.") { args throws(Raised) in
            Value(try own(args[0]).isType(S_IFLNK, 10, follow: false))
        },
        Native("is_junction(self, /)", "Return True if the entry is a junction.") { _ in .false },
        Native("stat(self, /, *, follow_symlinks=True)", "Return stat_result object for the entry.") { args throws(Raised) in
            let entry = try own(args[0])
            if try truth(args[1]), entry.type == 10 || entry.type == 0 {
                if entry.followed.isAbsent { entry.followed = PosixModule.result(try entry.status(follow: true)) }
                return entry.followed
            }
            if entry.unfollowed.isAbsent { entry.unfollowed = PosixModule.result(try entry.status(follow: false)) }
            return entry.unfollowed
        },
        Native("inode(self, /)", "Return inode of the entry.") { args throws(Raised) in Value(Int(bitPattern: try own(args[0]).inode)) },
        Native("__fspath__(self, /)", "Returns the path for the entry.") { args throws(Raised) in try own(args[0]).path },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(Str.make("<DirEntry \(try repr(try own(args[0]).name).string)>"))
        },
        classGetItem,
    ], attributes: [
        Accessors("name", "the entry's base filename") { object throws(Raised) in try own(object).name },
        Accessors("path", "the entry's full path name") { object throws(Raised) in try own(object).path },
    ])
}
