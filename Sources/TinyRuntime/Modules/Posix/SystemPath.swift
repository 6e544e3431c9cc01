// Path arguments: str, bytes, an object with `__fspath__`, or where allowed an open descriptor.
import CTiny
import Glibc

/// A path argument as the calls of the system take it.
public struct SystemPath {
    /// What the script gave, after `__fspath__`: the file name in errors. Absent: no argument (None).
    public let value: Value
    /// Names that come back are bytes then.
    let isBytes: Bool
    /// The open file that was given instead of a path; nil for a path.
    public let descriptor: Int32?
    /// The octets with a zero behind them.
    public let text: [CChar]

    /// Reads an argument; `function` and `argument` name it in errors.
    /// - Throws: TypeError for what is no path, ValueError for a zero in it, what `__fspath__` raises.
    public init(_ given: Value, _ function: String, argument: String = "path", allowsDescriptor: Bool = false, allowsNone: Bool = false) throws(Raised) {
        if allowsNone, given.isNone || given.isAbsent {
            self.init(value: .absent, isBytes: false, descriptor: nil, text: [0x2E, 0])
            return
        }
        if allowsDescriptor, isInteger(given) || given.isPointer && given.cls.has(.index) {
            let number = try descriptorNumber(given)
            self.init(value: given, isBytes: false, descriptor: number, text: [0])
            return
        }
        let path: Value
        if given.isKind(.str) || given.isKind(.bytes) {
            path = given
        } else {
            let method = given.isPointer ? given.cls.lookup(SystemPath.fspathName) : .absent
            guard !method.isAbsent, !method.isNone else {
                let integer = allowsDescriptor ? (allowsNone ? ", os.PathLike, integer or None" : ", os.PathLike or integer") : " or os.PathLike"
                throw typeError("\(function): \(argument) should be string, bytes\(integer), not \(typeName(given))")
            }
            path = try SystemPath.fspath(given)
        }
        let octets = try SystemPath.encode(path)
        guard !octets.contains(0) else { throw valueError("\(function): embedded null character in \(argument)") }
        self.init(value: path, isBytes: path.isKind(.bytes), descriptor: nil, text: octets + [0])
    }

    private init(value: Value, isBytes: Bool, descriptor: Int32?, text: [CChar]) {
        self.value = value
        self.isBytes = isBytes
        self.descriptor = descriptor
        self.text = text
    }

    nonisolated(unsafe) private static let fspathName = StrTables.intern("__fspath__")

    /// `os.fspath`.
    public static func fspath(_ given: Value) throws(Raised) -> Value {
        if given.isKind(.str) || given.isKind(.bytes) { return given }
        let method = given.isPointer ? given.cls.lookup(fspathName) : .absent
        guard !method.isAbsent, !method.isNone else {
            throw typeError("expected str, bytes or os.PathLike object, not \(typeName(given))")
        }
        let result = try callMethod(given, fspathName)
        guard result.isKind(.str) || result.isKind(.bytes) else {
            throw typeError("expected \(typeName(given)).__fspath__() to return str or bytes, not \(typeName(result))")
        }
        return result
    }

    /// The octets of a str (UTF-8, surrogateescape) or bytes, without a zero at the end.
    public static func encode(_ value: Value) throws(Raised) -> [CChar] {
        if value.isKind(.str) {
            let text = value.object(Str.self)
            if !text.hasSurrogates { return text.buffer.map { CChar(bitPattern: $0) } }
            let encoded = try Codecs.encode(text, .utf8, .surrogateEscape)
            return encoded.object(BytesObject.self).buffer.map { CChar(bitPattern: $0) }
        }
        return try BufferView(value).octets.map { CChar(bitPattern: $0) }
    }

    /// The str that stands for octets of the system.
    public static func decode(_ octets: Octets) throws(Raised) -> Value {
        if UTF8Text.validEnd(octets, from: 0) == octets.count { return Value(Str.make(octets)) }
        return Value(try Codecs.decode(try BufferView(BytesObject.make(octets)), .utf8, .surrogateEscape))
    }

    /// The str of a C string of the system's, up to its zero.
    public static func decode(_ text: UnsafePointer<CChar>) throws(Raised) -> Value {
        let raw = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
        return try decode(Octets(start: raw, count: strlen(text)))
    }

    /// A name as the script wants it: bytes if it asked with bytes.
    public func name(_ octets: Octets) throws(Raised) -> Value {
        isBytes ? BytesObject.make(octets) : try SystemPath.decode(octets)
    }
}

/// A file descriptor argument.
public func descriptorNumber(_ value: Value) throws(Raised) -> Int32 {
    guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
        let method = try getAttribute(value, StrTables.intern("fileno"), default: .absent)
        guard !method.isAbsent else { throw typeError("argument must be an int, or have a fileno() method.") }
        let number = try callValue(method)
        guard isInteger(number) else { throw typeError("fileno() returned a non-integer") }
        return try descriptorNumber(number)
    }
    if value.isBool { try warn(.runtimeWarning, "bool is used as a file descriptor") }
    guard let number = machineInt(try indexValue(value)), let short = Int32(exactly: number) else {
        throw raise(.overflowError, "Python int too large to convert to C int")
    }
    return short
}

/// The descriptor of a file: a number or what `fileno()` gives, not negative.
public func openDescriptor(_ value: Value) throws(Raised) -> Int32 {
    let number = try descriptorNumber(value)
    guard number >= 0 else { throw valueError("file descriptor cannot be a negative integer (\(number))") }
    return number
}

/// Calls of the system as natives make them: OSError for what fails, handlers of signals after EINTR.
public enum Posix {
    /// The result of a system call; OSError with the path for -1. Again after EINTR.
    public static func check(_ path: SystemPath?, _ second: SystemPath? = nil, _ body: () -> Int) throws(Raised) -> Int {
        while true {
            let result = body()
            if result >= 0 { return result }
            let code = errno
            if code == EINTR {
                try Signals.handleArrived()
                continue
            }
            throw osError(code, path?.value ?? .absent, second?.value ?? .absent)
        }
    }

    /// As `check`, without the GIL.
    public static func blocking(_ path: SystemPath?, _ body: () -> Int) throws(Raised) -> Int {
        while true {
            var code: Int32 = 0
            let result = Threads.blocking { () -> Int in
                let result = body()
                code = errno
                return result
            }
            if result >= 0 { return result }
            guard code == EINTR else { throw osError(code, path?.value ?? .absent) }
            try Signals.handleArrived()
        }
    }

    /// Reads from or writes to a descriptor: as `blocking`, but with the GIL if that would not block.
    public static func transferring(_ descriptor: Int32, _ events: Int32, count: Int = 0, _ body: () -> Int) throws(Raised) -> Int {
        while true {
            var code: Int32 = 0
            let result = Threads.transferring(descriptor, events, count: count) { () -> Int in
                let result = body()
                code = errno
                return result
            }
            if result >= 0 { return result }
            guard code == EINTR else { throw osError(code) }
            try Signals.handleArrived()
        }
    }

    /// The directory that a relative path starts from: `dir_fd`.
    public static func directory(_ value: Value) throws(Raised) -> Int32 {
        if value.isNone || value.isAbsent { return AT_FDCWD }
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
            throw typeError("argument should be integer or None, not \(typeName(value))")
        }
        return try descriptorNumber(value)
    }

    /// An int argument of C. Throws OverflowError beyond 32 bits.
    public static func int32(_ value: Value) throws(Raised) -> Int32 {
        let number = try index(value)
        guard let short = Int32(exactly: number) else {
            throw raise(.overflowError, number < 0 ? "signed integer is less than minimum" : "signed integer is greater than maximum")
        }
        return short
    }

    /// Whether children inherit a descriptor (PEP 446).
    public static func setInheritable(_ descriptor: Int32, _ isInheritable: Bool) throws(Raised) {
        let flags = try check(nil) { Int(tiny_fcntl(descriptor, F_GETFD, 0)) }
        let wanted = isInheritable ? flags & ~1 : flags | 1
        _ = try check(nil) { Int(tiny_fcntl(descriptor, F_SETFD, wanted)) }
    }

    /// Descriptors are not inherited by children (PEP 446). Collects once if there are too many: files that nobody
    /// refers to any more are closed by the sweep.
    public static func open(_ path: SystemPath, _ flags: Int32, _ mode: mode_t, _ directory: Int32 = AT_FDCWD) throws(Raised) -> Int32 {
        DirtyStreams.flushAll()
        var hasCollected = false
        while true {
            var code: Int32 = 0
            let result = Threads.blocking { () -> Int32 in
                let result = path.text.withUnsafeBufferPointer { Glibc.openat(directory, $0.baseAddress.unsafelyUnwrapped, flags | O_CLOEXEC, mode) }
                code = errno
                return result
            }
            if result >= 0 { return result }
            if code == EINTR {
                try Signals.handleArrived()
                continue
            }
            if code == EMFILE, !hasCollected {
                hasCollected = true
                // The second collection finishes the sweep of the first.
                heap.collect()
                heap.collect()
                continue
            }
            if code == ENOENT, flags & O_ACCMODE == O_RDONLY, let embedded = EmbeddedLibrary.descriptor(path: path.text) { return embedded }
            throw osError(code, path.value)
        }
    }
}

extension String {
    /// The text in a buffer that the system filled, up to its zero.
    public init(upToZero buffer: [CChar]) {
        self.init(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
