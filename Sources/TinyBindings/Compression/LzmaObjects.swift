// LZMACompressor and LZMADecompressor.
import CLzma
import TinyRuntime

final class LzmaCompressor {
    private let stream = LzmaStream()
    private var isFlushed = false

    private static func of(_ value: Value) throws(Raised) -> LzmaCompressor {
        guard let own = value.boxed(LzmaCompressor.self) else { throw typeError("an LZMACompressor object is required") }
        return own
    }

    private func begin(_ format: LzmaModule.Format, check: Int32, preset: UInt32, filters: Value) throws(Raised) {
        let code: lzma_ret
        switch format {
        case .xz:
            let check = check == -1 ? LZMA_CHECK_CRC64 : lzma_check(rawValue: UInt32(bitPattern: check))
            if filters.isNone {
                code = lzma_easy_encoder(stream.stream, preset, check)
            } else {
                code = try FilterChain(filters).use { lzma_stream_encoder(stream.stream, $0, check) }
            }
        case .alone:
            let chain = filters.isNone ? try FilterChain(FilterChain.lzma1, preset: preset) : try FilterChain(filters)
            guard chain.count == 1, chain.filters[0].id == FilterChain.lzma1, let options = chain.filters[0].options else {
                throw valueError("Invalid filter chain for FORMAT_ALONE - must be a single LZMA1 filter")
            }
            code = chain.use { _ in lzma_alone_encoder(stream.stream, options.assumingMemoryBound(to: lzma_options_lzma.self)) }
        case .raw:
            code = try FilterChain(filters).use { lzma_raw_encoder(stream.stream, $0) }
        case .auto:
            throw valueError("Invalid container format: 0")
        }
        try LzmaModule.check(code)
        // Most of it is touched by long texts only; so that abandoned compressors don't fill the memory before anybody looks.
        noteExternal(Int(clamping: lzma_easy_encoder_memusage(preset)) / 8)
    }

    private func run(_ input: [UInt8], _ action: lzma_action) throws(Raised) -> Value {
        var input = input
        var output: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        var offset = 0
        while true {
            var result: (used: Int, written: Int, code: lzma_ret) = (0, 0, LZMA_OK)
            input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    result = stream.step(UnsafeMutableBufferPointer(rebasing: source[offset...]), target, action)
                }
            }
            try LzmaModule.check(result.code)
            offset += result.used
            output.append(contentsOf: chunk[0 ..< result.written])
            if action == LZMA_RUN ? offset == input.count && result.written < chunk.count : result.code == LZMA_STREAM_END { break }
        }
        return BytesObject.make(output)
    }

    static let nativeClass = NativeClass(
        "LZMACompressor", kind: .box, doc: "LZMACompressor(format=FORMAT_XZ, check=-1, preset=None, filters=None)", flags: [.isBase],
        methods: [
            Native("compress(self, data, /)", "Provide data to the compressor object.", .method) { args throws(Raised) in
                let own = try of(args[0])
                let input = Array(try BufferView(args[1]).octets)
                guard !own.isFlushed else { throw valueError("Compressor has been flushed") }
                return try own.run(input, LZMA_RUN)
            },
            Native("flush(self, /)", "Finish the compression process.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.isFlushed else { throw valueError("Repeated call to flush()") }
                own.isFlushed = true
                defer { own.stream.end() }
                return try own.run([], LZMA_FINISH)
            },
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["format", "check", "preset", "filters"], required: 0, function: "LZMACompressor")
            defer { values.deallocate() }
            let number = values[0].isAbsent ? 1 : try Posix.int32(values[0])
            let check = values[1].isAbsent ? -1 : try Posix.int32(values[1])
            let hasPreset = !values[2].isAbsent && !values[2].isNone
            let filters = values[3].isAbsent ? Value.none : values[3]
            if hasPreset, !filters.isNone { throw valueError("Cannot specify both preset and filter chain") }
            let preset = hasPreset ? try FilterChain.unsigned(values[2]) : 6
            if number != 1, check != -1, check != 0 { throw valueError("Integrity checks are only supported by FORMAT_XZ") }
            guard let format = LzmaModule.Format(rawValue: Int(number)), format != .auto else { throw valueError("Invalid container format: \(number)") }
            if format == .raw, filters.isNone { throw valueError("Must specify filters for FORMAT_RAW") }
            let own = LzmaCompressor()
            try own.begin(format, check: check, preset: preset, filters: filters)
            return BoxedObject.make(own, args[0].object(ClassObject.self))
        })
}

final class LzmaDecompressor: QueueingStream {
    static let endText = "Already at end of stream"
    private let stream = LzmaStream()
    private(set) var queue = InputQueue()
    private var check: UInt32

    private init(check: UInt32) { self.check = check }

    static func of(_ value: Value) throws(Raised) -> LzmaDecompressor {
        guard let own = value.boxed(LzmaDecompressor.self) else { throw typeError("an LZMADecompressor object is required") }
        return own
    }

    func decompress(_ data: [UInt8], limit: Int?) throws(Raised) -> Value {
        let own = self
        return BytesObject.make(try queue.run(data, limit: limit, keepsOutput: true) { source, target throws(Raised) in
            var result = own.stream.step(source, target, LZMA_RUN)
            // The kind of check is known now; the stream goes on where it was.
            if result.code == LZMA_GET_CHECK || result.code == LZMA_NO_CHECK {
                own.check = lzma_get_check(own.stream.stream).rawValue
                let rest = UnsafeMutableBufferPointer(rebasing: source[result.used...])
                let room = UnsafeMutableBufferPointer(rebasing: target[result.written...])
                let next = own.stream.step(rest, room, LZMA_RUN)
                result = (result.used + next.used, result.written + next.written, next.code)
            }
            if result.code == LZMA_BUF_ERROR, target.isEmpty { result.code = LZMA_OK }
            try LzmaModule.check(result.code)
            if result.code == LZMA_STREAM_END { own.stream.end() }
            return InputQueue.StepOutcome(used: result.used, written: result.written, ended: result.code == LZMA_STREAM_END)
        })
    }

    static let nativeClass = NativeClass(
        "LZMADecompressor", kind: .box, doc: "Create a decompressor object for decompressing data incrementally.", flags: [.isBase],
        methods: methods, attributes: [
            Accessors("check", "ID of the integrity check used by the input stream.") { object throws(Raised) in Value(Int(try of(object).check)) }
        ] + attributes,
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["format", "memlimit", "filters"], required: 0, function: "LZMADecompressor")
            defer { values.deallocate() }
            let number = values[0].isAbsent ? 0 : try Posix.int32(values[0])
            let hasLimit = !values[1].isAbsent && !values[1].isNone
            let filters = values[2].isAbsent ? Value.none : values[2]
            if hasLimit, number == 3 { throw valueError("Cannot specify memory limit with FORMAT_RAW") }
            let limit = hasLimit ? try FilterChain.identity(values[1]) : UInt64.max
            if number == 3, filters.isNone { throw valueError("Must specify filters for FORMAT_RAW") }
            if number != 3, !filters.isNone { throw valueError("Cannot specify filters except with FORMAT_RAW") }
            guard let format = LzmaModule.Format(rawValue: Int(number)) else { throw valueError("Invalid container format: \(number)") }
            // LZMA_TELL_NO_CHECK | LZMA_TELL_ANY_CHECK
            let flags: UInt32 = 0x01 | 0x04
            let own = LzmaDecompressor(check: format == .auto || format == .xz ? 16 : 0)
            let code: lzma_ret
            switch format {
            case .auto: code = lzma_auto_decoder(own.stream.stream, limit, flags)
            case .xz: code = lzma_stream_decoder(own.stream.stream, limit, flags)
            case .alone: code = lzma_alone_decoder(own.stream.stream, limit)
            case .raw: code = try FilterChain(filters).use { lzma_raw_decoder(own.stream.stream, $0) }
            }
            try LzmaModule.check(code)
            noteExternal(1 << 20)
            return BoxedObject.make(own, args[0].object(ClassObject.self))
        })
}
