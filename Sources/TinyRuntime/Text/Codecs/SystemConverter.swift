// Character sets that the C library knows: East Asian ones and others that nobody should type in again.
//
// iconv converts as far as it can and says where and why it stopped; what is done about that (error handlers, waiting for
// more input) is the business of `encodings/_system.tr`. Text goes through UTF-32, so that a place in it is a number of
// characters.
import Glibc

/// iconv(3), as the language sees it.
public enum SystemConverter {
    /// How far a conversion came.
    enum Outcome: Int { case complete = 0, malformed = 1, incomplete = 2 }

    /// Whether the C library has a character set.
    static func knows(_ name: String) -> Bool {
        guard let converter = open("UTF-32LE", name) else { return false }
        iconv_close(converter)
        return true
    }

    /// Octets to UTF-32 (little endian); `state`: a shift sequence that input begins with.
    static func decode(_ name: String, _ input: UnsafeBufferPointer<UInt8>) -> (output: [UInt8], used: Int, outcome: Outcome)? {
        convert(from: name, to: "UTF-32LE", input, flushes: false)
    }

    /// UTF-32 (little endian) to octets; at the end the character set's initial state is restored.
    static func encode(
        _ name: String, _ input: UnsafeBufferPointer<UInt8>, flushes: Bool
    ) -> (output: [UInt8], used: Int, outcome: Outcome)? {
        convert(from: "UTF-32LE", to: name, input, flushes: flushes)
    }

    private static func open(_ target: String, _ source: String) -> iconv_t? {
        guard let converter = iconv_open(target, source), Int(bitPattern: converter) != -1 else { return nil }
        return converter
    }

    private static func convert(
        from source: String, to target: String, _ input: UnsafeBufferPointer<UInt8>, flushes: Bool
    ) -> (output: [UInt8], used: Int, outcome: Outcome)? {
        guard let converter = open(target, source) else { return nil }
        defer { iconv_close(converter) }
        var output: [UInt8] = []
        var outcome = Outcome.complete
        let size = 4096
        let buffer = UnsafeMutablePointer<CChar>.allocate(capacity: size)
        defer { buffer.deallocate() }
        var next = input.baseAddress.map { UnsafeMutableRawPointer(mutating: $0).assumingMemoryBound(to: CChar.self) }
        var left = input.count
        var isFlushing = left == 0
        while !isFlushing || flushes {
            var place: UnsafeMutablePointer<CChar>? = buffer
            var room = size
            let result = isFlushing ? iconv(converter, nil, nil, &place, &room) : iconv(converter, &next, &left, &place, &room)
            let reason = errno
            buffer.withMemoryRebound(to: UInt8.self, capacity: size) {
                output.append(contentsOf: UnsafeBufferPointer(start: $0, count: size - room))
            }
            if result == -1 {
                if reason == E2BIG { continue }
                outcome = reason == EINVAL ? .incomplete : .malformed
                break
            }
            if isFlushing { break }
            isFlushing = true
        }
        return (output, input.count - left, outcome)
    }

    /// Rows for `_codecs`, which `encodings/_system.tr` calls.
    public static let natives: [Native] = [
        Native("system_charset(name, /)", "Whether the system knows a character set.") { a throws(Raised) in
            Value(knows(try strArgument(a[0], "system_charset").string))
        },
        Native("system_decode(name, data, /)", "(text, octets used, 0: all, 1: malformed or 2: incomplete there).") { a throws(Raised) in
            let name = try strArgument(a[0], "system_decode").string
            guard let done = decode(name, try BufferView(a[1]).octets) else {
                throw raise(.lookupError, "unknown encoding: \(name)")
            }
            var text = TextBuffer(capacity: done.output.count)
            for index in stride(from: 0, to: done.output.count - 3, by: 4) {
                let unit = (0 ..< 4).reduce(UInt32(0)) { $0 | UInt32(done.output[index + $1]) << UInt32(8 * $1) }
                text.append(codePoint: unit)
            }
            return Value(Tuple.make(Value(text.makeStr()), Value(done.used), Value(done.outcome.rawValue)))
        },
        Native("system_encode(name, text, final, /)", "(octets, characters used, 0: all or 1: no such character there).") { a throws(Raised) in
            let name = try strArgument(a[0], "system_encode").string
            guard a[1].isKind(.str) else { throw typeError("system_encode() argument 2 must be str, not \(typeName(a[1]))") }
            let text = a[1].object(Str.self)
            var units: [UInt8] = []
            units.reserveCapacity(text.count * 4)
            var offset = 0
            while offset < text.pointee.byteCount {
                let (point, length) = Str.decode(text.bytes + offset)
                offset += length
                for shift in stride(from: UInt32(0), to: 32, by: 8) { units.append(UInt8(truncatingIfNeeded: point >> shift)) }
            }
            let flushes = try truth(a[2])
            guard let done = units.withUnsafeBufferPointer({ encode(name, $0, flushes: flushes) }) else {
                throw raise(.lookupError, "unknown encoding: \(name)")
            }
            return Value(Tuple.make(BytesObject.make(done.output), Value(done.used / 4), Value(done.outcome == .complete ? 0 : 1)))
        },
    ]
}
