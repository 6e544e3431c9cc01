// `_io.BytesIO`: a stream over octets in memory. They lie in a bytearray, which keeps account of the views on it.
import CTiny
import Glibc

final class BytesStream: TracedObject {
    /// Nil once closed.
    private var storage: ByteArrayRef?
    private var position = 0

    init() { storage = ByteArray.make(Octets(start: nil, count: 0)) }

    func trace(_ marker: inout Marker) { if let storage { marker.mark(Value(storage)) } }

    private static func own(_ value: Value) throws(Raised) -> BytesStream {
        guard let stream = value.boxed(BytesStream.self) else { throw typeError("a BytesIO is required, not '\(typeName(value))'") }
        return stream
    }

    private static func open(_ value: Value) throws(Raised) -> (BytesStream, ByteArrayRef) {
        let stream = try own(value)
        guard let storage = stream.storage else { throw valueError("I/O operation on closed file.") }
        return (stream, storage)
    }

    private func take(_ count: Int, _ storage: ByteArrayRef) -> Octets {
        let start = min(position, storage.pointee.count)
        let end = count < 0 ? storage.pointee.count : min(storage.pointee.count, start + count)
        if end > start { position = end }
        return Octets(storage.buffer).part(start, end)
    }

    private func line(_ limit: Int, _ storage: ByteArrayRef) -> Octets {
        let octets = Octets(storage.buffer)
        guard position < octets.count else { return Octets(start: nil, count: 0) }
        let bound = limit < 0 ? octets.count : min(octets.count, position + limit)
        let found = octets.part(position, bound).firstIndex(of: 0x0A)
        return take(found.map { $0 + 1 } ?? bound - position, storage)
    }

    private static let read: NativeBody = { args throws(Raised) in
        let (stream, storage) = try open(args[0])
        return BytesObject.make(stream.take(try IOBase.size(args[1]), storage))
    }

    private static let readInto: NativeBody = { args throws(Raised) in
        let (stream, storage) = try open(args[0])
        let octets = stream.take(try MutableOctets.count(args[1]), storage)
        try MutableOctets.fill(args[1], octets)
        return Value(octets.count)
    }

    static let nativeClass = NativeClass("BytesIO", kind: .box, doc: "Buffered I/O implementation using an in-memory bytes buffer.", flags: [.isBase, .hasDict, .isWeakReferenceable], methods: [
        Native("__init__(self, initial_bytes=b'')", "Initialize self.") { args throws(Raised) in
            let stream = try own(args[0])
            // A new one has an empty buffer.
            if stream.position == 0, stream.storage?.pointee.count == 0, args[1].isNone || args[1].isExactly(.bytes) && args[1].object(BytesObject.self).pointee.count == 0 {
                return .none
            }
            let storage = ByteArray.make(args[1].isNone ? Octets(start: nil, count: 0) : try BufferView(args[1]).octets)
            stream.storage = storage
            stream.position = 0
            return .none
        },
        Native("read(self, size=-1, /)", "Read at most size bytes, returned as a bytes object.", .method, read),
        Native("read1(self, size=-1, /)", "Read at most size bytes, returned as a bytes object.", .method, read),
        Native("readinto(self, buffer, /)", "Read bytes into buffer.", .method, readInto),
        Native("readinto1(self, buffer, /)", "Read bytes into buffer.", .method, readInto),
        Native("readline(self, size=-1, /)", "Next line from the file, as a bytes object.") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            return BytesObject.make(stream.line(try IOBase.size(args[1]), storage))
        },
        Native("readlines(self, size=None, /)", "List of bytes objects, each a line from the file.") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            let hint = try IOBase.size(args[1])
            let list = List.make()
            var total = 0
            while true {
                let line = stream.line(-1, storage)
                if line.count == 0 { return Value(list) }
                list.append(BytesObject.make(line))
                total += line.count
                if hint > 0, total >= hint { return Value(list) }
            }
        },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            let line = stream.line(-1, storage)
            guard line.count > 0 else { throw raise(.stopIteration) }
            return BytesObject.make(line)
        },
        Native("write(self, b, /)", "Write bytes to file.") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            let view = try BufferView(args[1])
            if view.count == 0 { return Value(0) }
            if stream.position > storage.pointee.count {
                let gap = [UInt8](repeating: 0, count: stream.position - storage.pointee.count)
                try gap.withUnsafeBufferPointer { zeros throws(Raised) in try storage.replace(storage.pointee.count, storage.pointee.count, zeros) }
            }
            let end = min(storage.pointee.count, stream.position + view.count)
            try storage.replace(stream.position, end, view.octets)
            stream.position += view.count
            return Value(view.count)
        },
        Native("seek(self, pos, whence=0, /)", "Change stream position.") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            let offset = try index(args[1])
            switch try index(args[2]) {
            case 0:
                guard offset >= 0 else { throw valueError("negative seek value \(offset)") }
                stream.position = offset
            case 1: stream.position = max(0, stream.position &+ offset)
            case 2: stream.position = max(0, storage.pointee.count &+ offset)
            case let whence: throw valueError("invalid whence (\(whence), should be 0, 1 or 2)")
            }
            return Value(stream.position)
        },
        Native("tell(self, /)", "Current file position, an integer.") { args throws(Raised) in Value(try open(args[0]).0.position) },
        Native("truncate(self, size=None, /)", "Truncate the file to at most size bytes.") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            let size = args[1].isNone ? stream.position : try index(args[1])
            guard size >= 0 else { throw valueError("negative size value \(size)") }
            if size < storage.pointee.count { try storage.replace(size, storage.pointee.count, Octets(start: nil, count: 0)) }
            return Value(size)
        },
        Native("getvalue(self, /)", "Retrieve the entire contents of the BytesIO object.") { args throws(Raised) in
            BytesObject.make(Octets(try open(args[0]).1.buffer))
        },
        Native("getbuffer(self, /)", "Get a read-write view over the contents of the BytesIO object.") { args throws(Raised) in
            Value(try MemoryView.make(Value(try open(args[0]).1)))
        },
        Native("flush(self, /)", "Does nothing.") { args throws(Raised) in
            _ = try open(args[0])
            return .none
        },
        Native("close(self, /)", "Disable all I/O operations.") { args throws(Raised) in
            let stream = try own(args[0])
            if let storage = stream.storage { try storage.checkResizable() }
            stream.storage = nil
            return .none
        },
        Native("readable(self, /)", "Returns True if the IO object can be read.") { args throws(Raised) in
            _ = try open(args[0])
            return .true
        },
        Native("writable(self, /)", "Returns True if the IO object can be written.") { args throws(Raised) in
            _ = try open(args[0])
            return .true
        },
        Native("seekable(self, /)", "Returns True if the IO object can be seeked.") { args throws(Raised) in
            _ = try open(args[0])
            return .true
        },
        Native("isatty(self, /)", "Always returns False.") { args throws(Raised) in
            _ = try open(args[0])
            return .false
        },
        Native("__getstate__(self, /)", "") { args throws(Raised) in
            let (stream, storage) = try open(args[0])
            return Value(Tuple.make(BytesObject.make(Octets(storage.buffer)), Value(stream.position), IOBase.attributes(of: args[0])))
        },
        Native("__setstate__(self, state, /)", "") { args throws(Raised) in
            let (stream, _) = try open(args[0])
            guard args[1].isKind(.tuple), args[1].object(Tuple.self).count == 3 else { throw typeError("_io.BytesIO.__setstate__ argument should be 3-tuple, got \(typeName(args[1]))") }
            let state = args[1].object(Tuple.self)
            let storage = ByteArray.make(try BufferView(state.items[0]).octets)
            guard isInteger(state.items[1]) else {
                throw typeError("second item of state must be an integer, not \(typeName(state.items[1]))")
            }
            let position = try index(state.items[1])
            guard position >= 0 else { throw valueError("position value cannot be negative") }
            stream.storage = storage
            stream.position = position
            try IOBase.setAttributes(of: args[0], state.items[2], "third item of state")
            return .none
        },
    ], attributes: [dictionaryAccessors, Accessors("closed", "True if the file is closed.") { object throws(Raised) in Value(try own(object).storage == nil) }],
        construct: { args throws(Raised) in BoxedObject.make(BytesStream(), args[0].object(ClassObject.self)) })
}
