// `mmap`: a file, or nothing, as memory.
//
// Views (memoryview) count in `exports`; while there are any the map is neither closed nor moved, so an address that a view
// has taken stays good. A closed map has no address, and everything but `closed` fails.
import CTiny
import Glibc
import TinyRuntime

final class MemoryMap: BufferExporter {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    enum Access: Int { case standard = 0, read = 1, write = 2, copy = 3 }

    private(set) var base: UnsafeMutablePointer<UInt8>?
    private(set) var count: Int
    var position = 0
    let access: Access
    private let isWritable: Bool
    private let flags: Int32
    let offset: Int
    private var descriptor: Int32
    /// The file's descriptor is kept, for its size and to resize it.
    private let tracks: Bool
    let exports = ExportCounter()

    private init(_ base: UnsafeMutablePointer<UInt8>, _ count: Int, _ access: Access, _ isWritable: Bool, _ flags: Int32, _ offset: Int, _ descriptor: Int32, tracks: Bool) {
        self.tracks = tracks
        self.base = base
        self.count = count
        self.access = access
        self.isWritable = isWritable
        self.flags = flags
        self.offset = offset
        self.descriptor = descriptor
    }

    deinit { drop() }

    private func drop() {
        if let base { munmap(base, count) }
        base = nil
        count = 0
        if descriptor >= 0 { Glibc.close(descriptor) }
        descriptor = -1
    }

    var isClosed: Bool { base == nil }

    func exportedBuffer() -> (octets: UnsafeMutableBufferPointer<UInt8>, format: UInt8, itemSize: Int, isReadOnly: Bool) {
        (UnsafeMutableBufferPointer(start: base, count: count), 0x42, 1, !isWritable)
    }

    static func of(_ value: Value) throws(Raised) -> MemoryMap {
        guard let map = value.boxed(MemoryMap.self) else { throw typeError("an mmap is required") }
        guard !map.isClosed else { throw valueError("mmap closed or invalid") }
        return map
    }

    /// An argument's `__index__` may have closed the map.
    func checkOpen() throws(Raised) {
        if isClosed { throw valueError("mmap closed or invalid") }
    }

    var octets: Octets { Octets(start: base, count: count) }

    /// The address, for writing.
    func writable() throws(Raised) -> UnsafeMutablePointer<UInt8> {
        guard isWritable, let base else { throw typeError("mmap can't modify a readonly memory map.") }
        return base
    }

    private func checkFree(_ text: String) throws(Raised) {
        if exports.count == 0 { return }
        heap.collect()
        heap.collect()
        if exports.count > 0 { throw raise(.bufferError, text) }
    }

    func close() throws(Raised) {
        try checkFree("cannot close exported pointers exist")
        drop()
    }

    func resize(_ size: Int) throws(Raised) {
        try checkFree("mmap can't resize with extant buffers exported.")
        guard access == .standard || access == .write else { throw typeError("mmap can't resize a readonly or copy-on-write memory map.") }
        guard tracks else { throw valueError("can't resize a mmap with trackfd=False.") }
        guard size > 0, size <= largestBuffer, let base else { throw valueError("new size out of range") }
        if descriptor >= 0 {
            let length = offset + size
            _ = try Posix.check(nil) { Int(ftruncate(self.descriptor, length)) }
        }
        guard let moved = tiny_remap(base, count, size) else { throw osError(errno) }
        self.base = moved.assumingMemoryBound(to: UInt8.self)
        count = size
    }

    func flush(_ start: Int, _ length: Int) throws(Raised) {
        guard start >= 0, length >= 0, start <= count, length <= count - start else { throw valueError("flush values out of range") }
        if access == .read || access == .copy { return }
        guard let base else { return }
        guard msync(base + start, length, MS_SYNC) == 0 else { throw osError(errno) }
    }

    func advise(_ option: Int32, _ start: Int, _ length: Int?) throws(Raised) {
        guard start >= 0, start < count else { throw valueError("madvise start out of bounds") }
        let length = length ?? count - start
        guard length >= 0 else { throw valueError("madvise length invalid") }
        guard length <= Int.max - start else { throw raise(.overflowError, "madvise length too large") }
        guard let base, madvise(base + start, min(length, count - start), option) == 0 else { throw osError(errno) }
    }

    // MARK: Making

    static func construct(_ args: Arguments) throws(Raised) -> Value {
        let values = try bindNames(args, ["fileno", "length", "flags", "prot", "access", "offset", "trackfd"], required: 2, function: "mmap")
        defer { values.deallocate() }
        let descriptor = try Posix.int32(values[0])
        var size = try index(values[1])
        var flags = values[2].isAbsent ? MAP_SHARED : try Posix.int32(values[2])
        var protection = values[3].isAbsent ? PROT_READ | PROT_WRITE : try Posix.int32(values[3])
        let offset = values[5].isAbsent ? 0 : try index(values[5])
        let tracks = values[6].isAbsent ? true : try truth(values[6])
        guard size >= 0 else { throw raise(.overflowError, "memory mapped length must be positive") }
        guard offset >= 0 else { throw raise(.overflowError, "memory mapped offset must be positive") }
        guard let access = Access(rawValue: values[4].isAbsent ? 0 : try index(values[4])) else { throw valueError("mmap invalid access parameter.") }
        if access != .standard, !values[2].isAbsent || !values[3].isAbsent {
            throw valueError("mmap can't specify both access and flags, prot.")
        }
        switch access {
        case .standard: break
        case .read: (flags, protection) = (MAP_SHARED, PROT_READ)
        case .write: (flags, protection) = (MAP_SHARED, PROT_READ | PROT_WRITE)
        case .copy: (flags, protection) = (MAP_PRIVATE, PROT_READ | PROT_WRITE)
        }
        if AuditHooks.listen {
            try AuditHooks.tell(
                "mmap.__new__", Value(Int(descriptor)), Value(size), values[4].isAbsent ? Value(inline: 0) : values[4], Value(offset))
        }
        let isWritable = access == .standard ? protection & PROT_WRITE != 0 : access != .read
        if descriptor != -1 {
            var status = stat()
            guard fstat(descriptor, &status) == 0 else { throw osError(errno) }
            if status.st_mode & S_IFMT == S_IFREG {
                let length = Int(status.st_size)
                if size == 0 {
                    guard length > 0 else { throw valueError("cannot mmap an empty file") }
                    guard offset < length else { throw valueError("mmap offset is greater than file size") }
                    size = length - offset
                } else if offset > length || length - offset < size {
                    throw valueError("mmap length is greater than file size")
                }
            }
        } else {
            flags |= MAP_ANONYMOUS
        }
        var own: Int32 = -1
        if descriptor != -1, tracks {
            own = tiny_fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
            guard own >= 0 else { throw osError(errno) }
        }
        guard size <= largestBuffer, let memory = tiny_map(size, protection, flags, descriptor, offset) else {
            let code = size > largestBuffer ? ENOMEM : errno
            if own >= 0 { Glibc.close(own) }
            throw osError(code)
        }
        let map = MemoryMap(memory.assumingMemoryBound(to: UInt8.self), size, access, isWritable, flags, offset, own, tracks: tracks)
        return BoxedObject.make(map, args[0].object(ClassObject.self))
    }

    func fileSize() throws(Raised) -> Int {
        guard tracks else { throw osError(EBADF) }
        guard descriptor >= 0 else { return count }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw osError(errno) }
        return Int(status.st_size)
    }

    static let nativeModule = NativeModule(
        "mmap", functions: { [] },
        prepare: { contents throws(Raised) in
            cls = contents.add(nativeClass)
            contents.set("error", Value(ExceptionName.osError.cls))
            for (name, value) in [
                ("PROT_READ", 1), ("PROT_WRITE", 2), ("PROT_EXEC", 4), ("MAP_SHARED", 1), ("MAP_PRIVATE", 2),
                ("MAP_DENYWRITE", 0x800), ("MAP_EXECUTABLE", 0x1000), ("MAP_ANON", 0x20), ("MAP_ANONYMOUS", 0x20),
                ("MAP_POPULATE", 0x8000), ("MAP_STACK", 0x20000), ("MAP_32BIT", 0x40), ("MAP_NORESERVE", 0x4000), ("PAGESIZE", Int(sysconf(Int32(_SC_PAGESIZE)))),
                ("ALLOCATIONGRANULARITY", Int(sysconf(Int32(_SC_PAGESIZE)))), ("ACCESS_DEFAULT", 0), ("ACCESS_READ", 1),
                ("ACCESS_WRITE", 2), ("ACCESS_COPY", 3), ("MADV_NORMAL", 0), ("MADV_RANDOM", 1), ("MADV_SEQUENTIAL", 2),
                ("MADV_WILLNEED", 3), ("MADV_DONTNEED", 4), ("MADV_REMOVE", 9), ("MADV_DONTFORK", 10), ("MADV_DOFORK", 11),
                ("MADV_MERGEABLE", 12), ("MADV_UNMERGEABLE", 13), ("MADV_HUGEPAGE", 14), ("MADV_NOHUGEPAGE", 15),
                ("MADV_DONTDUMP", 16), ("MADV_DODUMP", 17), ("MADV_FREE", 8), ("MADV_HWPOISON", 100),
            ] { contents.set(name, value) }
        })
}
