// `MemoryBIO`: a queue of octets between a TLS connection and whoever carries them.
import CCrypto
import TinyRuntime

final class TLSBuffer {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let bio: OpaquePointer
    /// Whether the other side will write nothing more.
    private var hasEnded = false

    init?() {
        guard let bio = BIO_new(BIO_s_mem()) else { return nil }
        self.bio = bio
        // An empty buffer means "not yet", not the end.
        BIO_ctrl(bio, BIO_C_SET_BUF_MEM_EOF_RETURN, -1, nil)
    }

    deinit { BIO_free(bio) }

    var pending: Int { Int(BIO_ctrl_pending(bio)) }

    static func own(_ value: Value) throws(Raised) -> TLSBuffer {
        guard let buffer = value.boxed(TLSBuffer.self) else { throw typeError("a MemoryBIO is required, not '\(typeName(value))'") }
        return buffer
    }

    static let nativeClass = NativeClass("MemoryBIO", kind: .box, doc: "A queue of octets in memory.", methods: [
        Native("read(self, size=-1, /)", "Read up to size bytes from the memory BIO.") { args throws(Raised) in
            let buffer = try own(args[0])
            let size = try index(args[1])
            let count = size < 0 ? buffer.pending : min(size, buffer.pending)
            guard count > 0 else { return BytesObject.make([]) }
            var bytes = [UInt8](repeating: 0, count: count)
            let got = BIO_read(buffer.bio, &bytes, Int32(clamping: count))
            return BytesObject.make(Array(bytes.prefix(max(0, Int(got)))))
        },
        Native("write(self, b, /)", "Writes the bytes b into the memory BIO.") { args throws(Raised) in
            let buffer = try own(args[0])
            let view = try BufferView(contiguous: args[1])
            guard view.count <= Int(Int32.max) else { throw raise(.overflowError, "string longer than \(Int32.max) bytes") }
            if buffer.hasEnded { throw TLSError.make(.plain, 0, "cannot write() after write_eof()") }
            guard view.count > 0 else { return Value(0) }
            return Value(Int(BIO_write(buffer.bio, view.octets.baseAddress, Int32(view.count))))
        },
        Native("write_eof(self, /)", "Write an EOF marker to the memory BIO.") { args throws(Raised) in
            let buffer = try own(args[0])
            buffer.hasEnded = true
            BIO_ctrl(buffer.bio, BIO_C_SET_BUF_MEM_EOF_RETURN, 0, nil)
            return .none
        },
    ], attributes: [
        Accessors("pending", "The number of bytes pending in the memory BIO.") { object throws(Raised) in Value(try own(object).pending) },
        Accessors("eof", "Whether the memory BIO is at EOF.") { object throws(Raised) in
            let buffer = try own(object)
            return Value(buffer.hasEnded && buffer.pending == 0)
        },
    ], construct: { args throws(Raised) in
        guard let buffer = TLSBuffer() else { throw raise(.memoryError) }
        return BoxedObject.make(buffer, args[0].object(ClassObject.self))
    })
}
