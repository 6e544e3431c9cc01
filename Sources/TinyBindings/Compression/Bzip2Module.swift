// `_bz2`: the compressor and the decompressor of libbz2; files and one-shot functions are `stdlib/bz2.tr`.
import CBzip2
import TinyRuntime

enum Bzip2Module {
    static let nativeModule = NativeModule("_bz2", functions: { [] }, prepare: { contents throws(Raised) in
        contents.add(Bzip2Compressor.nativeClass)
        contents.add(Bzip2Decompressor.nativeClass)
    })

    /// Throws what libbz2 complains about.
    static func check(_ code: Int32) throws(Raised) {
        switch code {
        case BZ_OK, BZ_RUN_OK, BZ_FLUSH_OK, BZ_FINISH_OK, BZ_STREAM_END: return
        case BZ_PARAM_ERROR: throw valueError("Internal error - invalid parameters passed to libbzip2")
        case BZ_MEM_ERROR: throw raise(.memoryError)
        case BZ_DATA_ERROR, BZ_DATA_ERROR_MAGIC: throw raise(.osError, "Invalid data stream")
        case BZ_IO_ERROR: throw raise(.osError, "Unknown I/O error")
        case BZ_UNEXPECTED_EOF: throw raise(.eofError, "Compressed file ended before the logical end-of-stream was detected")
        case BZ_SEQUENCE_ERROR: throw raise(.runtimeError, "Internal error - Invalid sequence of commands sent to libbzip2")
        default: throw raise(.osError, "Unrecognized error from libbzip2: \(code)")
        }
    }
}

/// A bz_stream at a fixed address, which libbz2 checks.
private final class Bzip2Stream {
    let stream = UnsafeMutablePointer<bz_stream>.allocate(capacity: 1)
    private let isCompressing: Bool

    init(level: Int32) throws(Raised) {
        stream.initialize(to: bz_stream())
        isCompressing = true
        try Bzip2Module.check(BZ2_bzCompressInit(stream, level, 0, 0))
        noteExternal(1 << 20)
    }

    init() throws(Raised) {
        stream.initialize(to: bz_stream())
        isCompressing = false
        try Bzip2Module.check(BZ2_bzDecompressInit(stream, 0, 0))
    }

    deinit {
        end()
        stream.deallocate()
    }

    /// Gives back what the library holds (an encoder 8 MB): nothing more will be asked of the stream.
    func end() {
        if isCompressing { BZ2_bzCompressEnd(stream) } else { BZ2_bzDecompressEnd(stream) }
    }

    /// One call of the library on these buffers.
    func step(
        _ source: UnsafeMutableBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>,
        _ call: (UnsafeMutablePointer<bz_stream>) -> Int32
    ) throws(Raised) -> (used: Int, written: Int, code: Int32) {
        let given = min(source.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutableRawPointer(source.baseAddress)?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(to: CChar.self)
        stream.pointee.avail_out = UInt32(target.count)
        let code = call(stream)
        try Bzip2Module.check(code)
        return (given - Int(stream.pointee.avail_in), target.count - Int(stream.pointee.avail_out), code)
    }
}

final class Bzip2Compressor {
    private let stream: Bzip2Stream
    private var isFlushed = false

    private init(_ stream: Bzip2Stream) { self.stream = stream }

    private static func of(_ value: Value) throws(Raised) -> Bzip2Compressor {
        guard let own = value.boxed(Bzip2Compressor.self) else { throw typeError("a BZ2Compressor object is required") }
        return own
    }

    private func run(_ input: [UInt8], _ action: Int32) throws(Raised) -> Value {
        var input = input
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            var outcome = Result<(used: Int, written: Int, code: Int32), Raised>.success((0, 0, 0))
            input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    let rest = UnsafeMutableBufferPointer(rebasing: source[offset...])
                    do throws(Raised) { outcome = .success(try stream.step(rest, target) { BZ2_bzCompress($0, action) }) } catch { outcome = .failure(error) }
                }
            }
            let result = try outcome.get()
            offset += result.used
            output.append(contentsOf: chunk[0 ..< result.written])
            if action == BZ_RUN ? offset == input.count && result.written < chunk.count : result.code == BZ_STREAM_END { break }
        }
        return BytesObject.make(output)
    }

    static let nativeClass = NativeClass(
        "BZ2Compressor", kind: .box, doc: "Create a compressor object for compressing data incrementally.", flags: [.isBase],
        methods: [
            Native("compress(self, data, /)", "Provide data to the compressor object.", .method) { args throws(Raised) in
                let own = try of(args[0])
                let input = Array(try BufferView(args[1]).octets)
                guard !own.isFlushed else { throw valueError("Compressor has been flushed") }
                return input.isEmpty ? BytesObject.make([]) : try own.run(input, BZ_RUN)
            },
            Native("flush(self, /)", "Finish the compression process.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.isFlushed else { throw valueError("Repeated call to flush()") }
                own.isFlushed = true
                defer { own.stream.end() }
                return try own.run([], BZ_FINISH)
            },
        ],
        construct: { args throws(Raised) in
            try rejectKeywords(args, "BZ2Compressor")
            let given = args[1].object(Tuple.self)
            guard given.count <= 1 else { throw typeError("BZ2Compressor expected at most 1 argument, got \(given.count)") }
            let level = given.count == 1 ? try Posix.int32(given.items[0]) : 9
            guard 1 ... 9 ~= level else { throw valueError("compresslevel must be between 1 and 9") }
            return BoxedObject.make(Bzip2Compressor(try Bzip2Stream(level: level)), args[0].object(ClassObject.self))
        })
}

final class Bzip2Decompressor: QueueingStream {
    static let endText = "End of stream already reached"
    private let stream: Bzip2Stream
    private(set) var queue = InputQueue()

    private init(_ stream: Bzip2Stream) { self.stream = stream }

    static func of(_ value: Value) throws(Raised) -> Bzip2Decompressor {
        guard let own = value.boxed(Bzip2Decompressor.self) else { throw typeError("a BZ2Decompressor object is required") }
        return own
    }

    func decompress(_ data: [UInt8], limit: Int?) throws(Raised) -> Value {
        let stream = stream
        return BytesObject.make(try queue.run(data, limit: limit, keepsOutput: false) { source, target throws(Raised) in
            let result = try stream.step(source, target) { BZ2_bzDecompress($0) }
            if result.code == BZ_STREAM_END { stream.end() }
            return InputQueue.StepOutcome(used: result.used, written: result.written, ended: result.code == BZ_STREAM_END)
        })
    }

    static let nativeClass = NativeClass(
        "BZ2Decompressor", kind: .box, doc: "Create a decompressor object for decompressing data incrementally.", flags: [.isBase],
        methods: methods, attributes: attributes,
        construct: { args throws(Raised) in
            try rejectKeywords(args, "BZ2Decompressor")
            let given = args[1].object(Tuple.self).count
            guard given == 0 else { throw typeError("BZ2Decompressor expected 0 arguments, got \(given)") }
            return BoxedObject.make(Bzip2Decompressor(try Bzip2Stream()), args[0].object(ClassObject.self))
        })
}
