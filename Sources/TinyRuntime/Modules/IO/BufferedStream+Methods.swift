// What a script sees of the buffered streams.
import CTiny
import Glibc

extension BufferedStream {
    private static func bytes(_ data: [UInt8]?) -> Value { data.map { BytesObject.make($0) } ?? .none }

    private static func initializer(_ reading: Bool, _ writing: Bool) -> Native {
        Native("__init__(self, raw, buffer_size=8192)", "Initialize self.") { args throws(Raised) in
            let stream = try own(args[0])
            stream.forget()
            let raw = args[1]
            if let file = raw.cls == IOClasses.file ? raw.boxed(FileStream.self) : nil {
                try file.checkOpen()
                if reading, writing, !file.isSeekable { throw unsupportedOperation("File or stream is not seekable.") }
                if reading, !file.isReadable { throw unsupportedOperation("File or stream is not readable.") }
                if writing, !file.isWritable { throw unsupportedOperation("File or stream is not writable.") }
            } else {
                if reading, writing, try !truth(try callMethod(raw, IOBase.seekable)) { throw unsupportedOperation("File or stream is not seekable.") }
                if reading, try !truth(try callMethod(raw, IOBase.readable)) { throw unsupportedOperation("File or stream is not readable.") }
                if writing, try !truth(try callMethod(raw, IOBase.writable)) { throw unsupportedOperation("File or stream is not writable.") }
            }
            let size = try index(args[2])
            guard size > 0 else { throw valueError("buffer size must be strictly positive") }
            stream.attach(raw, reading: reading, writing: writing, size: size)
            return .none
        }
    }

    private static let constructor: NativeBody = { args throws(Raised) in
        BoxedObject.make(BufferedStream(), args[0].object(ClassObject.self))
    }

    private static func rawQuestion(_ signature: StaticString, _ name: @escaping @Sendable () -> StrRef) -> Native {
        Native(signature, "") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.checkAttached()
            return try callMethod(stream.raw, name())
        }
    }

    private static let common: [Native] = [
        Native("flush(self, /)", "Flush write buffers.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.checkAttached()
            try stream.check("flush of closed file")
            if stream.canWrite { try stream.flush() } else if stream.file == nil { _ = try callMethod(stream.raw, Names.flush) }
            return .none
        },
        Native("close(self, /)", "Flush and close the stream.") { args throws(Raised) in
            try own(args[0]).close(args[0])
            return .none
        },
        Native("detach(self, /)", "Disconnect this buffer from its underlying raw stream and return it.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.checkAttached()
            return try stream.detach()
        },
        Native("seek(self, target, whence=0, /)", "Change stream position.") { args throws(Raised) in
            let stream = try own(args[0])
            let target = try index(args[1])
            let whence = try index(args[2])
            guard 0 ... 2 ~= whence || whence == 3 || whence == 4 else { throw valueError("whence value \(whence) unsupported") }
            try stream.check("seek of closed file")
            return Value(try stream.seek(target, whence))
        },
        Native("tell(self, /)", "Return current stream position.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.checkAttached()
            return Value(try stream.tell())
        },
        rawQuestion("seekable(self, /)") { IOBase.seekable },
        rawQuestion("fileno(self, /)") { IOBase.fileno },
        rawQuestion("isatty(self, /)") { IOBase.isatty },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let stream = try own(args[0])
            let cls = qualifiedClassName(args[0].cls)
            let name = stream.raw.isAbsent ? .absent : try IOBase.nameShown(stream.raw)
            return Value(Str.make(name.isAbsent ? "<\(cls)>" : "<\(cls) name=\(try repr(name).string)>"))
        },
        Native("__reduce_ex__(self, protocol, /)", "") { args throws(Raised) in throw typeError("cannot pickle '\(typeName(args[0]))' instances") },
    ]

    private static let reading: [Native] = [
        rawQuestion("readable(self, /)") { IOBase.readable },
        Native("read(self, size=-1, /)", "Read and return up to n bytes.") { args throws(Raised) in
            let stream = try own(args[0])
            if !args[1].isNone, try index(args[1]) < -1 { throw valueError("read length must be non-negative or -1") }
            let count = try IOBase.size(args[1])
            try stream.check("read of closed file")
            return bytes(count < 0 ? try stream.readAll() : try stream.read(count))
        },
        Native("read1(self, size=-1, /)", "Read and return up to size bytes, with at most one read() call.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("read of closed file")
            return BytesObject.make(try stream.read1(try IOBase.size(args[1])))
        },
        Native("peek(self, size=0, /)", "Returns buffered bytes without advancing the position.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("peek of closed file")
            return BytesObject.make(try stream.peek())
        },
        Native("readinto(self, buffer, /)", "") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("readinto of closed file")
            guard let data = try stream.read(try MutableOctets.count(args[1])) else { return .none }
            try data.withUnsafeBufferPointer { view throws(Raised) in try MutableOctets.fill(args[1], view) }
            return Value(data.count)
        },
        Native("readinto1(self, buffer, /)", "") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("readinto of closed file")
            guard let data = try stream.readInto1(try MutableOctets.count(args[1])) else { return .none }
            try data.withUnsafeBufferPointer { view throws(Raised) in try MutableOctets.fill(args[1], view) }
            return Value(data.count)
        },
        Native("readline(self, size=-1, /)", "Read and return a line from the stream.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("readline of closed file")
            return BytesObject.make(try stream.readLine(try IOBase.size(args[1])))
        },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let stream = try own(args[0])
            if args[0].cls.pointee.flags.contains(.isHeapType) {
                let line = try callMethod(args[0], IOBase.readline)
                if try length(line) == 0 { throw raise(.stopIteration) }
                return line
            }
            try stream.check("readline of closed file")
            let line = try stream.readLine(-1)
            if line.isEmpty { throw raise(.stopIteration) }
            return BytesObject.make(line)
        },
    ]

    private static let writing: [Native] = [
        rawQuestion("writable(self, /)") { IOBase.writable },
        Native("write(self, buffer, /)", "Write buffer b to the IO stream.") { args throws(Raised) in
            let stream = try own(args[0])
            if args[1].isKind(.str) { throw typeError("a bytes-like object is required, not 'str'") }
            try stream.checkAttached()
            try stream.check("write to closed file")
            let view = try BufferView(args[1])
            let count = view.count
            try stream.write(view.octets)
            return Value(count)
        },
        Native("truncate(self, pos=None, /)", "Truncate the file to at most pos bytes.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("truncate of closed file")
            return try stream.truncate(args[1])
        },
    ]

    private static let readerOnly: [Native] = [
        Native("truncate(self, pos=None, /)", "Truncate the file to at most pos bytes.") { args throws(Raised) in
            let stream = try own(args[0])
            try stream.check("truncate of closed file")
            throw unsupportedOperation("truncate")
        }
    ]

    private static let attributes: [Accessors] = [
        dictionaryAccessors,
        Accessors("closed") { object throws(Raised) in Value(try own(object).isShownClosed()) },
        Accessors("name") { object throws(Raised) in
            let stream = try own(object)
            try stream.checkAttached()
            return try getAttribute(stream.raw, IOBase.name)
        },
        Accessors("mode") { object throws(Raised) in
            let stream = try own(object)
            try stream.checkAttached()
            return try getAttribute(stream.raw, IOBase.mode)
        },
        Accessors("raw") { object throws(Raised) in
            let stream = try own(object)
            try stream.checkAttached()
            return stream.raw
        },
    ]

    static let readerClass = NativeClass(
        "BufferedReader", kind: .box, doc: "Create a new buffered reader using the given readable raw IO object.",
        flags: [.isBase, .hasDict, .isWeakReferenceable], methods: common + reading + readerOnly + [initializer(true, false)], attributes: attributes, construct: constructor)
    static let writerClass = NativeClass(
        "BufferedWriter", kind: .box, doc: "A buffer for a writeable sequential RawIO object.",
        flags: [.isBase, .hasDict, .isWeakReferenceable], methods: common + writing + [initializer(false, true)], attributes: attributes, construct: constructor)
    static let randomClass = NativeClass(
        "BufferedRandom", kind: .box, doc: "A buffered interface to random access streams.",
        flags: [.isBase, .hasDict, .isWeakReferenceable], methods: common + reading + writing + [initializer(true, true)], attributes: attributes, construct: constructor)
}

/// `_io.BufferedRWPair`: a reader and a writer side by side.
final class BufferedPair: TracedObject {
    private var reader: Value = .absent
    private var writer: Value = .absent

    func trace(_ marker: inout Marker) {
        marker.mark(reader)
        marker.mark(writer)
    }

    private static func own(_ value: Value) throws(Raised) -> BufferedPair {
        guard let pair = value.boxed(BufferedPair.self) else { throw typeError("a BufferedRWPair is required") }
        guard !pair.reader.isAbsent else { throw valueError("I/O operation on uninitialized object") }
        return pair
    }

    private static func toReader(_ signature: StaticString, _ name: @escaping @Sendable () -> StrRef, hasArgument: Bool = true) -> Native {
        Native(signature, "") { args throws(Raised) in
            let pair = try own(args[0])
            return hasArgument ? try callMethod(pair.reader, name(), args[1]) : try callMethod(pair.reader, name())
        }
    }

    private static func toWriter(_ signature: StaticString, _ name: @escaping @Sendable () -> StrRef, hasArgument: Bool = false) -> Native {
        Native(signature, "") { args throws(Raised) in
            let pair = try own(args[0])
            return hasArgument ? try callMethod(pair.writer, name(), args[1]) : try callMethod(pair.writer, name())
        }
    }

    static let nativeClass = NativeClass("BufferedRWPair", kind: .box, doc: "A buffered reader and writer object together.", flags: [.isBase, .hasDict, .isWeakReferenceable], methods: [
        Native("__init__(self, reader, writer, buffer_size=8192, /)", "Initialize self.") { args throws(Raised) in
            guard let pair = args[0].boxed(BufferedPair.self) else { throw typeError("a BufferedRWPair is required") }
            pair.reader = try callValue(Value(IOClasses.reader), args[1], args[3])
            pair.writer = try callValue(Value(IOClasses.writer), args[2], args[3])
            return .none
        },
        toReader("read(self, size=-1, /)", { IOBase.read }), toReader("read1(self, size=-1, /)", { IOBase.read1 }),
        toReader("peek(self, size=0, /)", { IOBase.peek }), toReader("readinto(self, buffer, /)", { IOBase.readinto }),
        toReader("readinto1(self, buffer, /)", { StrTables.intern("readinto1") }),
        toReader("readline(self, size=-1, /)", { IOBase.readline }),
        toReader("readable(self, /)", { IOBase.readable }, hasArgument: false),
        toWriter("write(self, buffer, /)", { Names.write }, hasArgument: true), toWriter("flush(self, /)", { Names.flush }),
        toWriter("writable(self, /)", { IOBase.writable }),
        Native("close(self, /)", "") { args throws(Raised) in
            let pair = try own(args[0])
            try IOBase.both({ () throws(Raised) in _ = try callMethod(pair.writer, Names.close) }, { () throws(Raised) in
                _ = try callMethod(pair.reader, Names.close)
            })
            return .none
        },
        Native("isatty(self, /)", "") { args throws(Raised) in
            let pair = try own(args[0])
            if try truth(try callMethod(pair.writer, IOBase.isatty)) { return .true }
            return try callMethod(pair.reader, IOBase.isatty)
        },
    ], attributes: [dictionaryAccessors, Accessors("closed") { object throws(Raised) in
        guard let pair = object.boxed(BufferedPair.self), !pair.writer.isAbsent else { throw raise(.runtimeError, "the BufferedRWPair object is being garbage-collected") }
        return try getAttribute(pair.writer, IOBase.closed)
    }], construct: { args throws(Raised) in BoxedObject.make(BufferedPair(), args[0].object(ClassObject.self)) })
}
