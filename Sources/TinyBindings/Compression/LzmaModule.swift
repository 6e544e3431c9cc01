// `_lzma`: the streams of liblzma; files and one-shot functions are `stdlib/lzma.tr`.
import CLzma
import TinyRuntime

enum LzmaModule {
    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    enum Format: Int { case auto, xz, alone, raw }

    static let nativeModule = NativeModule("_lzma", functions: { functions }, prepare: { contents throws(Raised) in
        error = contents.addException("LZMAError")
        contents.add(LzmaCompressor.nativeClass)
        contents.add(LzmaDecompressor.nativeClass)
        for (name, value) in [
            ("FORMAT_AUTO", 0), ("FORMAT_XZ", 1), ("FORMAT_ALONE", 2), ("FORMAT_RAW", 3), ("CHECK_NONE", 0), ("CHECK_CRC32", 1),
            ("CHECK_CRC64", 4), ("CHECK_SHA256", 10), ("CHECK_ID_MAX", 15), ("CHECK_UNKNOWN", 16), ("FILTER_LZMA1", 0x4000_0000_0000_0001),
            ("FILTER_LZMA2", 0x21), ("FILTER_DELTA", 3), ("FILTER_X86", 4), ("FILTER_POWERPC", 5), ("FILTER_IA64", 6), ("FILTER_ARM", 7),
            ("FILTER_ARMTHUMB", 8), ("FILTER_SPARC", 9), ("MF_HC3", 3), ("MF_HC4", 4), ("MF_BT2", 0x12), ("MF_BT3", 0x13), ("MF_BT4", 0x14),
            ("MODE_FAST", 1), ("MODE_NORMAL", 2), ("PRESET_DEFAULT", 6), ("PRESET_EXTREME", 1 << 31),
        ] { contents.set(name, value) }
    })

    static func fail(_ message: String) -> Raised { raise(ExceptionObject.make(error, Tuple.make(Value(Str.make(message))))) }

    /// Throws what liblzma complains about.
    static func check(_ code: lzma_ret) throws(Raised) {
        switch code {
        case LZMA_OK, LZMA_GET_CHECK, LZMA_NO_CHECK, LZMA_STREAM_END: return
        case LZMA_UNSUPPORTED_CHECK: throw fail("Unsupported integrity check")
        case LZMA_MEM_ERROR: throw raise(.memoryError)
        case LZMA_MEMLIMIT_ERROR: throw fail("Memory usage limit exceeded")
        case LZMA_FORMAT_ERROR: throw fail("Input format not supported by decoder")
        case LZMA_OPTIONS_ERROR: throw fail("Invalid or unsupported options")
        case LZMA_DATA_ERROR: throw fail("Corrupt input data")
        case LZMA_BUF_ERROR: throw fail("Insufficient buffer space")
        case LZMA_PROG_ERROR: throw fail("Internal error")
        default: throw fail("Unrecognized error from liblzma: \(code.rawValue)")
        }
    }

    private static let functions: [Native] = [
        Native("is_check_supported(check_id, /)", "Test whether the given integrity check is supported.") { args throws(Raised) in
            let id = try Posix.int32(args[0])
            return Value(id >= 0 && lzma_check_is_supported(lzma_check(rawValue: UInt32(bitPattern: id))) != 0)
        },
        Native("_encode_filter_properties(filter, /)", "Return a bytes object encoding the options (properties) of the filter.") { args throws(Raised) in
            let chain = try FilterChain(only: args[0])
            var size: UInt32 = 0
            try check(chain.use { lzma_properties_size(&size, $0) })
            var bytes = [UInt8](repeating: 0, count: Int(size))
            try check(chain.use { lzma_properties_encode($0, &bytes) })
            return BytesObject.make(bytes)
        },
        Native("_decode_filter_properties(filter_id, encoded_props, /)", "Return a dictionary describing the filter.") { args throws(Raised) in
            let id = try FilterChain.identity(args[0])
            return try FilterChain(id, decoding: Array(try BufferView(args[1]).octets)).specification()
        },
    ]
}

/// An lzma_stream at a fixed address.
final class LzmaStream {
    let stream = UnsafeMutablePointer<lzma_stream>.allocate(capacity: 1)

    init() { stream.initialize(to: lzma_stream()) }

    deinit {
        end()
        stream.deallocate()
    }

    /// Gives back what the library holds (an encoder 94 MB): nothing more will be asked of the stream.
    func end() { lzma_end(stream) }

    /// One call of the library on these buffers.
    func step(
        _ source: UnsafeMutableBufferPointer<UInt8>, _ target: UnsafeMutableBufferPointer<UInt8>, _ action: lzma_action
    ) -> (used: Int, written: Int, code: lzma_ret) {
        stream.pointee.next_in = UnsafePointer(source.baseAddress)
        stream.pointee.avail_in = source.count
        stream.pointee.next_out = target.baseAddress
        stream.pointee.avail_out = target.count
        var code = lzma_code(stream, action)
        // It could not go on, which is no error where there simply was no input.
        if code == LZMA_BUF_ERROR, stream.pointee.avail_in == 0, stream.pointee.avail_out > 0 { code = LZMA_OK }
        return (source.count - stream.pointee.avail_in, target.count - stream.pointee.avail_out, code)
    }
}
