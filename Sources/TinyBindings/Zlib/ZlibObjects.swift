// zlib.compressobj() and zlib.decompressobj().
import CZlib
import Glibc
import TinyRuntime

final class Compressor: UntracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let stream: ZlibStream

    init(_ stream: ZlibStream) { self.stream = stream }

    private static func of(_ value: Value) throws(Raised) -> Compressor {
        guard let own = value.boxed(Compressor.self) else { throw typeError("a zlib.Compress object is required") }
        return own
    }

    private static func copied(_ value: Value) throws(Raised) -> Value {
        BoxedObject.make(Compressor(try ZlibStream(copying: try of(value).stream)), cls)
    }

    static let nativeClass = NativeClass("Compress", kind: .box, methods: [
        Native("compress(self, data, /)", "Returns a bytes object containing compressed data.", .method) { args throws(Raised) in
            let input = Array(try BufferView(args[1]).octets)
            return BytesObject.make(try of(args[0]).stream.run(input, flush: Z_NO_FLUSH, limit: nil, "while compressing data").output)
        },
        Native("flush(self, mode=4, /)", "Return a bytes object containing any remaining compressed data.", .method) { args throws(Raised) in
            let mode = try ZlibModule.small(args[1])
            if mode == Z_NO_FLUSH { return BytesObject.make([]) }
            let stream = try of(args[0]).stream
            let rest = try stream.run([], flush: mode, limit: nil, "while flushing").output
            if stream.isFinished { stream.close() }
            return BytesObject.make(rest)
        },
        Native("copy(self, /)", "Return a copy of the compression object.", .method) { args throws(Raised) in try copied(args[0]) },
        Native("__copy__(self, /)", "", .method) { args throws(Raised) in try copied(args[0]) },
        Native("__deepcopy__(self, memo, /)", "", .method) { args throws(Raised) in try copied(args[0]) },
    ])
}

final class Decompressor: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let stream: ZlibStream
    private var unusedData = BytesObject.make([])
    private var unconsumedTail = BytesObject.make([])

    init(_ stream: ZlibStream) { self.stream = stream }

    func trace(_ marker: inout Marker) {
        marker.mark(unusedData)
        marker.mark(unconsumedTail)
    }

    private static func of(_ value: Value) throws(Raised) -> Decompressor {
        guard let own = value.boxed(Decompressor.self) else { throw typeError("a zlib.Decompress object is required") }
        return own
    }

    private static func copied(_ value: Value) throws(Raised) -> Value {
        let own = try of(value)
        let copy = Decompressor(try ZlibStream(copying: own.stream))
        copy.unusedData = own.unusedData
        copy.unconsumedTail = own.unconsumedTail
        return BoxedObject.make(copy, cls)
    }

    private func decompress(_ input: [UInt8], limit: Int?, flush: Int32, _ doing: String) throws(Raised) -> Value {
        if stream.isFinished {
            unusedData = BytesObject.make(Array(unusedData.object(BytesObject.self).buffer) + input)
            return BytesObject.make([])
        }
        let result = try stream.run(input, flush: flush, limit: limit, doing)
        let rest = BytesObject.make(Array(input[result.used...]))
        if stream.isFinished {
            unusedData = rest
            unconsumedTail = BytesObject.make([])
        } else {
            unconsumedTail = rest
        }
        return BytesObject.make(result.output)
    }

    static let nativeClass = NativeClass("Decompress", kind: .box, methods: [
        Native("decompress(self, data, /, max_length=0)", "Return a bytes object containing the decompressed version of the data.", .method) { args throws(Raised) in
            let limit = try index(args[2])
            guard limit >= 0 else { throw valueError("max_length must be non-negative") }
            let input = Array(try BufferView(args[1]).octets)
            return try of(args[0]).decompress(input, limit: limit == 0 ? nil : limit, flush: Z_SYNC_FLUSH, "while decompressing data")
        },
        Native("flush(self, length=16384, /)", "Return a bytes object containing any remaining decompressed data.", .method) { args throws(Raised) in
            guard try index(args[1]) > 0 else { throw valueError("length must be greater than zero") }
            let own = try of(args[0])
            if own.stream.isFinished {
                own.stream.close()
                return BytesObject.make([])
            }
            let rest = Array(own.unconsumedTail.object(BytesObject.self).buffer)
            return try own.decompress(rest, limit: nil, flush: Z_FINISH, "while flushing")
        },
        Native("copy(self, /)", "Return a copy of the decompression object.", .method) { args throws(Raised) in try copied(args[0]) },
        Native("__copy__(self, /)", "", .method) { args throws(Raised) in try copied(args[0]) },
        Native("__deepcopy__(self, memo, /)", "", .method) { args throws(Raised) in try copied(args[0]) },
    ], attributes: [
        Accessors("unused_data") { object throws(Raised) in try of(object).unusedData },
        Accessors("unconsumed_tail") { object throws(Raised) in try of(object).unconsumedTail },
        Accessors("eof") { object throws(Raised) in Value(try of(object).stream.isFinished) },
    ])
}

/// `zlib._ZlibDecompressor`: one stream, which keeps what it has not looked at yet, as those of bz2 and lzma do.
final class QueueingDecompressor: QueueingStream {
    static let endText = "End of stream already reached"
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let stream: ZlibStream
    private(set) var queue = InputQueue()

    private init(_ stream: ZlibStream) { self.stream = stream }

    static func of(_ value: Value) throws(Raised) -> QueueingDecompressor {
        guard let own = value.boxed(QueueingDecompressor.self) else { throw typeError("a zlib._ZlibDecompressor object is required") }
        return own
    }

    func decompress(_ data: [UInt8], limit: Int?) throws(Raised) -> Value {
        let stream = stream
        return BytesObject.make(try queue.run(data, limit: limit, keepsOutput: true) { source, target throws(Raised) in
            let outcome = try stream.step(source, target, "while decompressing data")
            if outcome.ended { stream.close() }
            return outcome
        })
    }

    static let nativeClass = NativeClass(
        "_ZlibDecompressor", kind: .box, doc: "Create a decompressor object for decompressing data incrementally.", flags: [.isBase],
        methods: methods, attributes: attributes,
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["wbits", "zdict"], required: 0, function: "_ZlibDecompressor")
            defer { values.deallocate() }
            let bits = values[0].isAbsent ? 15 : try ZlibModule.small(values[0])
            let dictionary = values[1].isAbsent ? [] : Array(try BufferView(values[1]).octets)
            return BoxedObject.make(
                QueueingDecompressor(try ZlibStream(inflating: bits, dictionary: dictionary)), args[0].object(ClassObject.self))
        })
}
