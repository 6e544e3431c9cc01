// Files of compiled code: `__pycache__/name.tiny-313.pyc` beside the source (PEP 3147), with the header of PEP 552.
//
//     magic (4)   flags (4)   time (4) and size (4) of the source, or its hash (8)   the code, marshalled   [nanoseconds (4)]
//
// What is written here ends in the rest of the source's time, so that a source changed twice in a second is told apart.
// A file is used if it is this program's (the magic, and the mark in the image) and belongs to the source as that is now;
// else the source is compiled and the file written anew: beside its place, then renamed, so that nobody ever reads half of one.
// That it can't be written is no error, and `sys.dont_write_bytecode` forbids it.
import CTiny
import Glibc

/// What is kept of compiled code in `__pycache__`.
public enum BytecodeFile {
    static let suffix = ".pyc"
    static let tag = "tiny-313"

    /// Two octets that change with whatever the compiler makes, and the two that betray a file taken for text.
    public static var magic: [UInt8] {
        let print = EmbeddedLibrary.fingerprint
        let folded = print ^ print >> 16 ^ print >> 32 ^ print >> 48
        return [UInt8(truncatingIfNeeded: folded), UInt8(truncatingIfNeeded: folded >> 8), 0x0D, 0x0A]
    }

    private static let headerSize = 16
    private static let hashBased: UInt32 = 1
    private static let checksSource: UInt32 = 2

    // MARK: Where

    /// Where the code of a source file is kept; nil for a name without an ending. (importlib has the same for scripts, in `_bytecode.tr`.)
    static func path(of source: String) -> String? {
        let slash = source.lastIndex(of: "/")
        let folder = slash.map { String(source[..<$0]) } ?? ""
        let name = String(slash.map { source[source.index(after: $0)...] } ?? source[...])
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return nil }
        let level = Runtime.compileOptions.optimizationLevel
        let file = "\(name[..<dot]).\(tag)\(level == 0 ? "" : ".opt-\(min(level, 2))")\(suffix)"
        let prefix = Runtime.sysModule.pointee.namespace.get(StrTables.intern("pycache_prefix"))
        if prefix.isKind(.str) { return "\(prefix.object(Str.self).string)\(folder)/\(file)" }
        return slash == nil ? "__pycache__/\(file)" : "\(folder)/__pycache__/\(file)"
    }

    // MARK: Reading

    /// The code of a source file, from where it is kept or compiled. Throws SyntaxError (of the language), OSError.
    static func code(ofSource path: String) throws(Raised) -> CodeRef {
        // The script may have just written it.
        DirtyStreams.flushAll()
        var information = stat()
        let kept = stat(path, &information) == 0 ? Self.path(of: path) : nil
        if let kept, let octets = readFile(kept), let code = code(in: octets, of: path, information) { return code }
        guard let text = readFile(path) else { throw osError(errno, Value(Str.make(path))) }
        let code = try Runtime.compile(text, fileName: path, mode: .file)
        if let kept, text.count == Int(information.st_size) { try write(code, to: kept, information) }
        return code
    }

    /// Whether these are the octets of a file that this program has written.
    static func isOne(_ octets: [UInt8]) -> Bool { octets.prefix(4).elementsEqual(magic) }

    /// The code of a file without source. Throws OSError; ImportError if it is no such file, or not this program's.
    static func code(in path: String, name: String) throws(Raised) -> CodeRef {
        guard let octets = readFile(path) else { throw osError(errno, Value(Str.make(path))) }
        return try code(of: octets, path: path, name: name)
    }

    static func code(of octets: [UInt8], path: String, name: String) throws(Raised) -> CodeRef {
        guard octets.count >= headerSize || !isOne(octets) else {
            throw raise(.eofError, "reached EOF while reading pyc header of \(try repr(Value(Str.make(name))).string)")
        }
        guard isOne(octets) else {
            let found = try repr(BytesObject.make(Array(octets.prefix(4)))).string
            let raised = raise(.importError, "bad magic number in \(try repr(Value(Str.make(name))).string): \(found)")
            let exception = currentThread().pointee.raised.object(ExceptionObject.self)
            exception.setField(1, Value(Str.make(name)))
            exception.setField(2, Value(Str.make(path)))
            throw raised
        }
        guard let code = marshalled(octets, fileName: nil, nanoseconds: nil) else {
            throw raise(.importError, "Non-code object in \(try repr(Value(Str.make(path))).string)")
        }
        return code
    }

    /// Nil if the file is not this program's or does not belong to the source as it is now.
    private static func code(in octets: [UInt8], of source: String, _ information: stat) -> CodeRef? {
        guard octets.count >= headerSize, isOne(octets) else { return nil }
        let flags = number(octets, at: 4)
        if flags & hashBased == 0 {
            guard flags == 0, number(octets, at: 8) == UInt32(truncatingIfNeeded: information.st_mtim.tv_sec),
                number(octets, at: 12) == UInt32(truncatingIfNeeded: information.st_size)
            else { return nil }
        } else if flags & checksSource != 0 {
            guard let text = readFile(source), hash(text).elementsEqual(octets[8 ..< 16]) else { return nil }
        }
        return marshalled(octets, fileName: source, nanoseconds: UInt32(truncatingIfNeeded: information.st_mtim.tv_nsec))
    }

    /// The code behind the header: a code object of marshal that holds an image, as one of its bytes objects.
    private static func marshalled(_ octets: [UInt8], fileName: String?, nanoseconds: UInt32?) -> CodeRef? {
        let head = headerSize + 6
        guard octets.count >= head, octets[headerSize] & 0x7F == UInt8(ascii: "c"), octets[headerSize + 1] & 0x7F == UInt8(ascii: "s")
        else { return nil }
        let end = head + Int(number(octets, at: headerSize + 2))
        guard end <= octets.count else { return nil }
        if let nanoseconds, octets.count == end + 4, number(octets, at: end) != nanoseconds { return nil }
        return octets.withUnsafeBufferPointer { CodeState.read(image: UnsafeBufferPointer(rebasing: $0[head ..< end]), fileName: fileName) }
    }

    private static func number(_ octets: [UInt8], at place: Int) -> UInt32 {
        (0 ..< 4).reduce(0) { $0 | UInt32(octets[place + $1]) << UInt32($1 * 8) }
    }

    private static func octets(_ number: UInt32) -> [UInt8] { (0 ..< 4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

    /// `importlib.util.source_hash`: the text's hash, keyed by the magic. FNV-1a, twice over so that all bits depend on all octets.
    public static func hash(_ text: [UInt8]) -> [UInt8] {
        var result = UInt64(number(magic, at: 0)) ^ 0xCBF2_9CE4_8422_2325
        for octet in text { result = (result ^ UInt64(octet)) &* 0x100_0000_01B3 }
        result = (result ^ result >> 32) &* 0xD6E8_FEB8_6659_FD93
        result ^= result >> 32
        return (0 ..< 8).map { UInt8(truncatingIfNeeded: result >> UInt64($0 * 8)) }
    }

    // MARK: Writing

    private static func write(_ code: CodeRef, to path: String, _ information: stat) throws(Raised) {
        guard !(try truth(Runtime.sysModule.pointee.namespace.get(StrTables.intern("dont_write_bytecode")))),
            let image = try CodeState.image(code)
        else { return }
        let header = magic + octets(0) + octets(UInt32(truncatingIfNeeded: information.st_mtim.tv_sec))
            + octets(UInt32(truncatingIfNeeded: information.st_size))
        let payload = [UInt8(ascii: "c"), UInt8(ascii: "s")] + octets(UInt32(truncatingIfNeeded: image.count)) + image
            + octets(UInt32(truncatingIfNeeded: information.st_mtim.tv_nsec))
        guard let slash = path.lastIndex(of: "/") else { return }
        makeFolders(String(path[..<slash]))
        let temporary = "\(path).\(getpid()).\(tiny_gettid())"
        // Readable for whom the source is, and writable for us.
        let descriptor = tiny_open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, UInt32(information.st_mode & 0o666 | 0o200))
        guard descriptor >= 0 else { return }
        let all = header + payload
        let isWhole = all.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) } == all.count
        let isClosed = close(descriptor) == 0
        if !isWhole || !isClosed || rename(temporary, path) != 0 { unlink(temporary) }
    }

    /// Makes a folder, and those around it that a prefix needs.
    private static func makeFolders(_ path: String) {
        if mkdir(path, 0o777) == 0 || errno != ENOENT { return }
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return }
        makeFolders(String(path[..<slash]))
        mkdir(path, 0o777)
    }
}
