// `zlib`: compression, checksums, and the streaming objects of libz.
import CZlib
import Glibc
import TinyRuntime

enum ZlibModule {
    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeModule = NativeModule(
        "zlib", doc: "The functions in this module allow compression and decompression using the zlib library, which is based on GNU zip.",
        functions: { functions },
        prepare: { contents throws(Raised) in
            error = contents.addException("error")
            Compressor.cls = contents.add(Compressor.nativeClass)
            Decompressor.cls = contents.add(Decompressor.nativeClass)
            QueueingDecompressor.cls = contents.add(QueueingDecompressor.nativeClass)
            for (name, value) in [
                ("MAX_WBITS", 15), ("DEFLATED", 8), ("DEF_MEM_LEVEL", 8), ("DEF_BUF_SIZE", 16384), ("Z_NO_COMPRESSION", 0),
                ("Z_BEST_SPEED", 1), ("Z_BEST_COMPRESSION", 9), ("Z_DEFAULT_COMPRESSION", -1), ("Z_DEFAULT_STRATEGY", 0),
                ("Z_FILTERED", 1), ("Z_HUFFMAN_ONLY", 2), ("Z_RLE", 3), ("Z_FIXED", 4), ("Z_NO_FLUSH", 0),
                ("Z_PARTIAL_FLUSH", 1), ("Z_SYNC_FLUSH", 2), ("Z_FULL_FLUSH", 3), ("Z_FINISH", 4), ("Z_BLOCK", 5), ("Z_TREES", 6),
            ] { contents.set(name, value) }
            contents.set("ZLIB_VERSION", ZLIB_VERSION)
            contents.set("ZLIB_RUNTIME_VERSION", String(cString: zlibVersion()))
            contents.set("__version__", "1.0")
        })

    static func fail(_ stream: z_stream, _ code: Int32, _ doing: String) -> Raised {
        var message = "Error \(code) \(doing)"
        if let text = stream.msg {
            message += ": " + String(cString: text)
        } else if code == Z_BUF_ERROR {
            message += ": incomplete or truncated stream"
        } else if code == Z_STREAM_ERROR {
            message += ": inconsistent stream state"
        } else if code == Z_DATA_ERROR {
            message += ": invalid input data"
        }
        return raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(message)))))
    }

    static func small(_ value: Value) throws(Raised) -> Int32 {
        let number = try index(value)
        guard let small = Int32(exactly: number) else { throw raise(.overflowError, "Python int too large to convert to C int") }
        return small
    }

    private static let functions: [Native] = [
        Native("compress(data, /, level=-1, wbits=15)", "Returns a bytes object containing compressed data.") { args throws(Raised) in
            let input = Array(try BufferView(args[0]).octets)
            let level = try small(args[1])
            guard -1 ... 9 ~= level else { throw raise(ExceptionObject.make(error, Tuple.make(Value(Str.make("Bad compression level"))))) }
            let stream = try ZlibStream(deflating: level, wbits: try small(args[2]), memory: 8, strategy: 0)
            return BytesObject.make(try stream.run(input, flush: Z_FINISH, limit: nil, "while compressing data").output)
        },
        Native("decompress(data, /, wbits=15, bufsize=16384)", "Returns a bytes object containing the uncompressed data.") { args throws(Raised) in
            let input = Array(try BufferView(args[0]).octets)
            guard try index(args[2]) >= 0 else { throw valueError("bufsize must be non-negative") }
            let stream = try ZlibStream(inflating: try small(args[1]), dictionary: [])
            let result = try stream.run(input, flush: Z_SYNC_FLUSH, limit: nil, "while decompressing data")
            guard stream.isFinished else { throw fail(z_stream(), Z_BUF_ERROR, "while decompressing data") }
            return BytesObject.make(result.output)
        },
        Native("compressobj(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=?)", "Return a compressor object.") { args throws(Raised) in
            let dictionary = args.has(5) ? Array(try BufferView(args[5]).octets) : nil
            guard try index(args[1]) == 8 else { throw valueError("Invalid initialization option") }
            let stream = try ZlibStream(
                deflating: try small(args[0]), wbits: try small(args[2]), memory: try small(args[3]), strategy: try small(args[4]))
            if let dictionary { try stream.setDictionary(dictionary) }
            noteExternal(1 << 16)
            return BoxedObject.make(Compressor(stream), Compressor.cls)
        },
        Native("decompressobj(wbits=15, zdict=b'')", "Return a decompressor object.") { args throws(Raised) in
            if args.has(1), !BufferView.isBytesLike(args[1]) { throw typeError("zdict argument must support the buffer protocol") }
            let dictionary = args.has(1) ? Array(try BufferView(args[1]).octets) : []
            // (Its window comes with the first octets.)
            noteExternal(1 << 13)
            return BoxedObject.make(Decompressor(try ZlibStream(inflating: try small(args[0]), dictionary: dictionary)), Decompressor.cls)
        },
        Native("crc32(data, value=0, /)", "Compute a CRC-32 checksum of data.") { args throws(Raised) in
            let octets = try BufferView(args[0]).octets
            return Value(Int(crc32_z(UInt(truncatingIfNeeded: try mask(args[1])), octets.baseAddress ?? nowhere, octets.count)))
        },
        Native("adler32(data, value=1, /)", "Compute an Adler-32 checksum of data.") { args throws(Raised) in
            let octets = try BufferView(args[0]).octets
            return Value(Int(adler32_z(UInt(truncatingIfNeeded: try mask(args[1])), octets.baseAddress ?? nowhere, octets.count)))
        },
    ]

    nonisolated(unsafe) static let nowhere = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

    /// The low 32 bits of an integer.
    private static func mask(_ value: Value) throws(Raised) -> UInt32 {
        let int = try indexValue(value)
        if let machine = machineInt(int) { return UInt32(truncatingIfNeeded: machine) }
        return try withLimbs(int) { limbs in
            let low = UInt32(truncatingIfNeeded: limbs.limbs[0])
            return limbs.isNegative ? ~low &+ 1 : low
        }
    }
}

/// A deflate or inflate stream. At a fixed address, which libz checks.
final class ZlibStream {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isDeflating: Bool
    private let dictionary: [UInt8]
    private(set) var isFinished = false
    /// Its end was reached and asked for: nothing can be done with it any more.
    private(set) var isClosed = false

    init(deflating level: Int32, wbits: Int32, memory: Int32, strategy: Int32) throws(Raised) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isDeflating = true
        dictionary = []
        let code = deflateInit2_(stream, level, Z_DEFLATED, wbits, memory, strategy, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if code != Z_OK {
            if code == Z_STREAM_ERROR { throw valueError("Invalid initialization option") }
            throw ZlibModule.fail(stream.pointee, code, "while creating compression object")
        }
    }

    init(inflating wbits: Int32, dictionary: [UInt8]) throws(Raised) {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isDeflating = false
        self.dictionary = dictionary
        let code = inflateInit2_(stream, wbits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        if code != Z_OK {
            if code == Z_STREAM_ERROR { throw valueError("Invalid initialization option") }
            throw ZlibModule.fail(stream.pointee, code, "while creating decompression object")
        }
        if wbits < 0, !dictionary.isEmpty { try setDictionary(dictionary) }
    }

    /// A stream in the same state.
    init(copying other: ZlibStream) throws(Raised) {
        guard !other.isClosed else { throw valueError("Inconsistent stream state") }
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isDeflating = other.isDeflating
        dictionary = other.dictionary
        isFinished = other.isFinished
        let code = isDeflating ? deflateCopy(stream, other.stream) : inflateCopy(stream, other.stream)
        guard code == Z_OK else {
            if code == Z_STREAM_ERROR { throw valueError("Inconsistent stream state") }
            throw ZlibModule.fail(other.stream.pointee, code, "while copying \(isDeflating ? "" : "de")compression object")
        }
    }

    deinit {
        end()
        stream.deallocate()
    }

    private func end() {
        if isDeflating { deflateEnd(stream) } else { inflateEnd(stream) }
    }

    /// The last thing that is done with it: what the library holds for it (to deflate, 268 KB) is given back at once.
    func close() {
        isClosed = true
        end()
    }

    func setDictionary(_ octets: [UInt8]) throws(Raised) {
        let code = isDeflating
            ? deflateSetDictionary(stream, octets, UInt32(octets.count)) : inflateSetDictionary(stream, octets, UInt32(octets.count))
        guard code == Z_OK else {
            if code == Z_STREAM_ERROR { throw valueError("Invalid dictionary") }
            throw ZlibModule.fail(stream.pointee, code, "while setting zdict")
        }
    }

    /// Feeds input; what comes out (up to `limit` octets) and how much of the input was used.
    func run(_ input: [UInt8], flush: Int32, limit: Int?, _ doing: String) throws(Raised) -> (output: [UInt8], used: Int) {
        guard !isClosed else { throw ZlibModule.fail(stream.pointee, Z_STREAM_ERROR, doing) }
        var output: [UInt8] = []
        // (Zeros would take longer to write than most input does to read.)
        var chunk = [UInt8](unsafeUninitializedCapacity: 1 << 16) { _, count in count = 1 << 16 }
        var input = input
        var offset = 0
        var code: Int32 = Z_OK
        repeat {
            let room = min(chunk.count, limit.map { $0 - output.count } ?? chunk.count)
            if room == 0 { break }
            let given = min(input.count - offset, 1 << 30)
            let isLast = offset + given == input.count
            var written = 0
            input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    stream.pointee.next_in = source.baseAddress.map { $0 + offset }
                    stream.pointee.avail_in = UInt32(given)
                    stream.pointee.next_out = target.baseAddress
                    stream.pointee.avail_out = UInt32(room)
                    code = isDeflating ? deflate(stream, isLast ? flush : Z_NO_FLUSH) : inflate(stream, isLast ? flush : Z_SYNC_FLUSH)
                    written = room - Int(stream.pointee.avail_out)
                }
            }
            offset += given - Int(stream.pointee.avail_in)
            output.append(contentsOf: chunk[0 ..< written])
            if code == Z_NEED_DICT, !dictionary.isEmpty {
                try setDictionary(dictionary)
                continue
            }
            if code == Z_STREAM_END {
                isFinished = true
                break
            }
            if code == Z_BUF_ERROR { break }
            guard code == Z_OK else { throw ZlibModule.fail(stream.pointee, code, doing) }
            if written < room, offset == input.count { break }
        } while true
        return (output, offset)
    }

    /// One call of inflate on these buffers.
    func step(
        _ source: UnsafeMutableBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>, _ doing: String
    ) throws(Raised) -> InputQueue.StepOutcome {
        let given = min(source.count, 1 << 30)
        var code: Int32 = Z_OK
        stream.pointee.next_in = source.baseAddress
        stream.pointee.avail_in = UInt32(given)
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        repeat {
            code = inflate(stream, Z_SYNC_FLUSH)
            if code == Z_NEED_DICT, !dictionary.isEmpty {
                try setDictionary(dictionary)
                continue
            }
            break
        } while true
        // It could not go on: nothing came in, or there was no room.
        guard code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR else { throw ZlibModule.fail(stream.pointee, code, doing) }
        isFinished = code == Z_STREAM_END
        return InputQueue.StepOutcome(
            used: given - Int(stream.pointee.avail_in), written: target.count - Int(stream.pointee.avail_out), ended: isFinished)
    }
}
