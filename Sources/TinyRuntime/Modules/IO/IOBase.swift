// `_io`: the classes of streams, and what the abstract ones do for streams written in the language.
import CTiny
import Glibc

enum IOClasses {
    nonisolated(unsafe) static var base = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var raw = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var buffered = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var text = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var file = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var bytes = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var string = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var reader = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var writer = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var random = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var pair = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var wrapper = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var newlineDecoder = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var unsupported = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// Whether a stream is one of ours, whose `write` nobody has replaced.
    static func takesWholeLines(_ file: Value) -> Bool {
        file.isKind(.box) && (file.cls == wrapper || file.cls == string) && !IOBase.hasOwnAttributes(file)
    }

    /// Makes the classes; `sys` needs them for its streams, before `_io` is imported.
    static func prepare() {
        func make(_ table: NativeClass, _ parent: ClassRef) -> ClassRef {
            let cls = ClassObject.makeNative(
                table.name.description, kind: table.kind, bases: [parent], flags: table.flags, module: "_io")
            cls.fill(table)
            return cls
        }
        base = make(IOBase.nativeClass, Runtime.objectClass)
        raw = make(IOBase.rawClass, base)
        buffered = make(IOBase.bufferedClass, base)
        text = make(IOBase.textClass, base)
        file = make(FileStream.nativeClass, raw)
        bytes = make(BytesStream.nativeClass, buffered)
        string = make(StringStream.nativeClass, text)
        reader = make(BufferedStream.readerClass, buffered)
        writer = make(BufferedStream.writerClass, buffered)
        random = make(BufferedStream.randomClass, buffered)
        pair = make(BufferedPair.nativeClass, buffered)
        wrapper = make(TextStream.nativeClass, text)
        newlineDecoder = make(NewlineDecoder.nativeClass, Runtime.objectClass)
        unsupported = ClassObject.makeNative(
            "UnsupportedOperation", kind: .exception, bases: [ExceptionName.osError.cls, ExceptionName.valueError.cls],
            flags: [.isBase, .isException, .isHeapType], module: "io")
    }
}

func unsupportedOperation(_ message: String) -> Raised {
    raise(ExceptionObject.make(IOClasses.unsupported, Tuple.make(Value(Str.make(message)))))
}

enum IOBase {
    /// What a script has set on a stream, copied for `__getstate__`; None if it has set nothing.
    static func attributes(of stream: Value) -> Value {
        ownDictionary(stream, create: false).map { Value($0.copy()) } ?? .none
    }

    /// Sets what `attributes` gave. Throws TypeError if it is no dict.
    static func setAttributes(of stream: Value, _ state: Value, _ place: StaticString) throws(Raised) {
        if state.isNone { return }
        guard state.isKind(.dict) else { throw typeError("\(place) should be a dict, got a \(typeName(state))") }
        guard let own = ownDictionary(stream, create: true) else { return }
        try updateDictionary(own, from: state)
    }

    nonisolated(unsafe) static let closedFlag = StrTables.intern("__IOBase_closed")
    nonisolated(unsafe) static let closed = StrTables.intern("closed")
    nonisolated(unsafe) static let read = StrTables.intern("read")
    nonisolated(unsafe) static let read1 = StrTables.intern("read1")
    nonisolated(unsafe) static let readinto = StrTables.intern("readinto")
    nonisolated(unsafe) static let readall = StrTables.intern("readall")
    nonisolated(unsafe) static let readline = StrTables.intern("readline")
    nonisolated(unsafe) static let peek = StrTables.intern("peek")
    nonisolated(unsafe) static let seek = StrTables.intern("seek")
    nonisolated(unsafe) static let tell = StrTables.intern("tell")
    nonisolated(unsafe) static let truncate = StrTables.intern("truncate")
    nonisolated(unsafe) static let readable = StrTables.intern("readable")
    nonisolated(unsafe) static let writable = StrTables.intern("writable")
    nonisolated(unsafe) static let seekable = StrTables.intern("seekable")
    nonisolated(unsafe) static let fileno = StrTables.intern("fileno")
    nonisolated(unsafe) static let isatty = StrTables.intern("isatty")
    nonisolated(unsafe) static let name = StrTables.intern("name")
    nonisolated(unsafe) static let mode = StrTables.intern("mode")

    static func isClosed(_ object: Value) throws(Raised) -> Bool { try truth(try getAttribute(object, closed)) }

    static func checkClosed(_ object: Value) throws(Raised) {
        if try isClosed(object) { throw valueError("I/O operation on closed file.") }
    }

    /// A size argument: None and negative mean everything (-1).
    static func size(_ value: Value) throws(Raised) -> Int {
        if value.isNone || value.isAbsent { return -1 }
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else {
            throw typeError("argument should be integer or None, not '\(typeName(value))'")
        }
        return max(-1, try index(value))
    }

    /// Whether an object is of one of the native classes itself and has no attributes of its own, so that none of its
    /// methods can be another than ours.
    static func isPlain(_ object: Value, _ classes: ClassRef...) -> Bool {
        classes.contains(object.cls) && !hasOwnAttributes(object)
    }

    /// Whether a script has set attributes of the stream itself, methods perhaps.
    static func hasOwnAttributes(_ object: Value) -> Bool { (extraDictionarySlot(object)?.pointee?.pointee.count ?? 0) != 0 }

    /// The name of a stream for its text; absent if it has none, or can't tell any more.
    static func nameShown(_ stream: Value) throws(Raised) -> Value {
        do throws(Raised) { return try getAttribute(stream, name, default: .absent) } catch {
            guard currentThread().raisedIs(.valueError) else { throw error }
            _ = currentThread().takeRaised()
            return .absent
        }
    }

    /// Runs the second even if the first raises; what is raised is the first one's exception, or the second's with the first as context.
    static func both(_ first: () throws(Raised) -> Void, _ second: () throws(Raised) -> Void) throws(Raised) {
        let t = currentThread()
        var pending = Value.absent
        do { try first() } catch { pending = t.takeRaised() }
        do { try second() } catch {
            if !pending.isAbsent, t.pointee.raised.isKind(.exception) {
                t.pointee.raised.object(ExceptionObject.self).setContext(pending)
            }
            throw error
        }
        if !pending.isAbsent { throw raise(pending.object(ExceptionObject.self)) }
    }

    private static func readLine(_ object: Value, _ limit: Int) throws(Raised) -> Value {
        var line: [UInt8] = []
        let hasPeek = !(try getAttribute(object, peek, default: .absent)).isAbsent
        while limit < 0 || line.count < limit {
            var wanted = 1
            if hasPeek {
                let ahead = try callMethod(object, peek, Value(1))
                guard ahead.isKind(.bytes) else { throw raise(.osError, "peek() should have returned a bytes object, not '\(typeName(ahead))'") }
                let octets = ahead.object(BytesObject.self).buffer
                if octets.count > 0 {
                    wanted = octets.firstIndex(of: 0x0A).map { $0 + 1 } ?? octets.count
                    if limit >= 0 { wanted = min(wanted, limit - line.count) }
                }
            }
            let piece = try callMethod(object, read, Value(wanted))
            guard piece.isKind(.bytes) else { throw raise(.osError, "read() should have returned a bytes object, not '\(typeName(piece))'") }
            let octets = piece.object(BytesObject.self).buffer
            if octets.count == 0 { break }
            line.append(contentsOf: octets)
            if line.last == 0x0A { break }
        }
        return BytesObject.make(line)
    }

    static func lines(_ object: Value, _ hint: Int) throws(Raised) -> Value {
        let list = List.make()
        var total = 0
        try forEach(object) { line throws(Raised) in
            list.append(line)
            if hint > 0 {
                total += try length(line)
                return total < hint
            }
            return true
        }
        return Value(list)
    }

    private static func check(_ object: Value, _ method: StrRef, _ message: String) throws(Raised) -> Value {
        let answer = try callMethod(object, method)
        if answer == .true { return .true }
        throw unsupportedOperation(message)
    }

    static let nativeClass = NativeClass(
        "_IOBase", kind: .instance, doc: "The abstract base class for all I/O classes.",
        flags: [.isBase, .hasDict, .isWeakReferenceable, .hasDel], methods: [
            Native("seek(self, offset, whence=0, /)", "Change the stream position to the given byte offset.") { _ throws(Raised) in throw unsupportedOperation("seek") },
            Native("tell(self, /)", "Return current stream position.") { args throws(Raised) in try callMethod(args[0], seek, Value(0), Value(1)) },
            Native("truncate(self, size=None, /)", "Truncate file to size bytes.") { _ throws(Raised) in throw unsupportedOperation("truncate") },
            Native("fileno(self, /)", "Return underlying file descriptor if one exists.") { _ throws(Raised) in throw unsupportedOperation("fileno") },
            Native("flush(self, /)", "Flush write buffers, if applicable.") { args throws(Raised) in
                try checkClosed(args[0])
                return .none
            },
            Native("close(self, /)", "Flush and close the IO object.") { args throws(Raised) in
                if try isClosed(args[0]) { return .none }
                try both({ () throws(Raised) in _ = try callMethod(args[0], Names.flush) }, { () throws(Raised) in
                    if args[0].isKind(.instance) { try setAttribute(args[0], closedFlag, .true) }
                })
                return .none
            },
            Native("__del__(self, /)", "Closes the stream.") { args throws(Raised) in
                try UnclosedStreams.finalize(args[0])
                return .none
            },
            Native("seekable(self, /)", "Return whether object supports random access.") { _ in .false },
            Native("readable(self, /)", "Return whether object was opened for reading.") { _ in .false },
            Native("writable(self, /)", "Return whether object was opened for writing.") { _ in .false },
            Native("isatty(self, /)", "Return whether this is an 'interactive' stream.") { args throws(Raised) in
                try checkClosed(args[0])
                return .false
            },
            Native("_checkClosed(self, msg=None, /)", "") { args throws(Raised) in
                try checkClosed(args[0])
                return .none
            },
            Native("_checkSeekable(self, msg=None, /)", "") { args throws(Raised) in try check(args[0], seekable, "File or stream is not seekable.") },
            Native("_checkReadable(self, msg=None, /)", "") { args throws(Raised) in try check(args[0], readable, "File or stream is not readable.") },
            Native("_checkWritable(self, msg=None, /)", "") { args throws(Raised) in try check(args[0], writable, "File or stream is not writable.") },
            Native("__enter__(self, /)", "") { args throws(Raised) in
                try checkClosed(args[0])
                return args[0]
            },
            Native("__exit__(self, /, *args)", "") { args throws(Raised) in
                _ = try callMethod(args[0], Names.close)
                return .none
            },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                try checkClosed(args[0])
                return args[0]
            },
            Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
                let line = try callMethod(args[0], readline)
                if try length(line) == 0 { throw raise(.stopIteration) }
                return line
            },
            Native("readline(self, size=-1, /)", "Read and return a line from the stream.") { args throws(Raised) in
                try readLine(args[0], try size(args[1]))
            },
            Native("readlines(self, hint=-1, /)", "Return a list of lines from the stream.") { args throws(Raised) in
                try lines(args[0], try size(args[1]))
            },
            Native("writelines(self, lines, /)", "Write a list of lines to stream.") { args throws(Raised) in
                try checkClosed(args[0])
                let object = args[0]
                try forEach(args[1]) { line throws(Raised) in
                    _ = try callMethod(object, Names.write, line)
                    return true
                }
                return .none
            },
        ], attributes: [
            Accessors("closed") { object throws(Raised) in
                let flag = try getAttribute(object, closedFlag, default: .absent)
                return flag.isAbsent ? .false : flag
            }
        ])

    static let rawClass = NativeClass("_RawIOBase", kind: .instance, doc: "Base class for raw binary I/O.", flags: [.isBase, .hasDict], methods: [
        Native("read(self, size=-1, /)", "") { args throws(Raised) in
            let count = try size(args[1])
            if count < 0 { return try callMethod(args[0], readall) }
            try checkSize(count)
            let array = ByteArray.make(Octets(start: nil, count: 0))
            let zeros = [UInt8](repeating: 0, count: count)
            try zeros.withUnsafeBufferPointer { view throws(Raised) in try array.replace(0, 0, view) }
            let answer = try callMethod(args[0], readinto, Value(array))
            if answer.isNone { return .none }
            let got = try index(answer)
            guard got >= 0, got <= array.pointee.count else {
                throw valueError("readinto returned \(got) outside buffer size \(array.pointee.count)")
            }
            return BytesObject.make(Octets(array.buffer).part(0, got))
        },
        Native("readall(self, /)", "Read until EOF, using multiple read() call.") { args throws(Raised) in
            var all: [UInt8] = []
            while true {
                let piece = try callMethod(args[0], read, Value(8192))
                if piece.isNone { return all.isEmpty ? .none : BytesObject.make(all) }
                guard piece.isKind(.bytes) else { throw typeError("read() should return bytes") }
                let octets = piece.object(BytesObject.self).buffer
                if octets.count == 0 { return BytesObject.make(all) }
                all.append(contentsOf: octets)
            }
        },
    ])

    /// Fills a writable buffer from `read` or `read1`.
    private static func readInto(_ object: Value, _ target: Value, _ method: StrRef) throws(Raised) -> Value {
        let count = try MutableOctets.count(target)
        let piece = try callMethod(object, method, Value(count))
        guard piece.isKind(.bytes) else { throw typeError("read() should return bytes") }
        let octets = piece.object(BytesObject.self).buffer
        guard octets.count <= count else {
            throw valueError("read() returned too much data: \(count) bytes requested, \(octets.count) returned")
        }
        try MutableOctets.fill(target, octets)
        return Value(octets.count)
    }

    static let bufferedClass = NativeClass("_BufferedIOBase", kind: .instance, doc: "Base class for buffered IO objects.", flags: [.isBase, .hasDict], methods: [
        Native("detach(self, /)", "Disconnect this buffer from its underlying raw stream and return it.") { _ throws(Raised) in throw unsupportedOperation("detach") },
        Native("read(self, size=-1, /)", "Read and return up to n bytes.") { _ throws(Raised) in throw unsupportedOperation("read") },
        Native("read1(self, size=-1, /)", "Read and return up to size bytes, with at most one read() call.") { _ throws(Raised) in throw unsupportedOperation("read1") },
        Native("write(self, buffer, /)", "Write buffer b to the IO stream.") { _ throws(Raised) in throw unsupportedOperation("write") },
        Native("readinto(self, buffer, /)", "") { args throws(Raised) in try readInto(args[0], args[1], read) },
        Native("readinto1(self, buffer, /)", "") { args throws(Raised) in try readInto(args[0], args[1], read1) },
    ])

    static let textClass = NativeClass("_TextIOBase", kind: .instance, doc: "Base class for text I/O.", flags: [.isBase, .hasDict], methods: [
        Native("detach(self, /)", "Separate the underlying buffer from the TextIOBase and return it.") { _ throws(Raised) in throw unsupportedOperation("detach") },
        Native("read(self, size=-1, /)", "Read at most size characters from stream.") { _ throws(Raised) in throw unsupportedOperation("read") },
        Native("readline(self, size=-1, /)", "Read until newline or EOF.") { _ throws(Raised) in throw unsupportedOperation("readline") },
        Native("write(self, s, /)", "Write string s to stream.") { _ throws(Raised) in throw unsupportedOperation("write") },
    ], attributes: [
        Accessors("encoding") { _ in .none }, Accessors("newlines") { _ in .none }, Accessors("errors") { _ in .none },
    ])
}

/// Writable buffers that `readinto` fills.
public enum MutableOctets {
    private static func fail(_ value: Value) -> Raised {
        typeError("readinto() argument must be read-write bytes-like object, not \(typeName(value))")
    }

    private static func octets(_ value: Value) throws(Raised) -> UnsafeMutableBufferPointer<UInt8> {
        switch value.kind {
        case .bytearray: return value.object(ByteArray.self).buffer
        case .memoryview:
            guard try !truth(try getAttribute(value, "readonly")), try truth(try getAttribute(value, "contiguous")) else { throw fail(value) }
            return UnsafeMutableBufferPointer(mutating: try BufferView(value).octets)
        case .box:
            guard let exporter = value.object(BoxedObject.self).swiftObject as? any BufferExporter, !exporter.exportedBuffer().isReadOnly else { throw fail(value) }
            return exporter.exportedBuffer().octets
        default: throw fail(value)
        }
    }

    /// Octets that the buffer has room for. Throws TypeError unless it can be written to and lies in one piece.
    public static func count(_ value: Value) throws(Raised) -> Int {
        guard let view = try scripted(value) else { return try octets(value).count }
        let count = view.byteCount
        try view.letGo()
        return count
    }

    /// What a `__buffer__` of the script hands out for writing; nil for built-in buffers.
    private static func scripted(_ value: Value) throws(Raised) -> MemoryViewRef? {
        guard value.isKind(.instance), value.cls.special(.buffer).isKind(.function) else { return nil }
        let view = try MemoryView.make(value, flags: MemoryView.writableRequest)
        if view.pointee.isReadOnly || !view.isContiguous { throw fail(value) }
        return view
    }

    /// Copies octets to the front of the buffer; nothing is copied if they don't fit. Throws TypeError as `count` does.
    public static func fill(_ value: Value, _ source: Octets) throws(Raised) {
        guard let view = try scripted(value) else { return try copy(source, to: try octets(value)) }
        try copy(source, to: try octets(Value(view)))
        try view.letGo()
    }

    private static func copy(_ source: Octets, to target: UnsafeMutableBufferPointer<UInt8>) throws(Raised) {
        guard source.count <= target.count, let to = target.baseAddress, let from = source.baseAddress else { return }
        memmove(to, from, source.count)
    }
}
