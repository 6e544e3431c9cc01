// Encoding and decoding by name: what `str.encode`, `bytes.decode` and `str(bytes, encoding)` do.

/// Text to octets and back, by any codec.
public enum Codecs {
    /// The bytes of a text; UTF-8 and strict unless told otherwise.
    static func encode(_ text: StrRef, _ encoding: StrRef?, _ errors: StrRef?) throws(Raised) -> Value {
        if Runtime.isDevelopment { try CodecErrors.check(errors) }
        guard let encoding else { return try encode(text, .utf8, ErrorPolicy(errors)) }
        if let codec = Codec.named(encoding) { return try encode(text, codec, ErrorPolicy(errors)) }
        let result = try CodecRegistry.callText(encoding, isEncoding: true, Value(text.exact), errors)
        guard result.isKind(.bytes) || result.isKind(.bytearray) else {
            throw typeError(
                "'\(encoding.string)' encoder returned '\(typeName(result))' instead of 'bytes'; use codecs.encode() to encode to arbitrary types")
        }
        return result
    }

    /// The bytes object of a text. Throws UnicodeEncodeError where the policy says so, and what a registered handler raises.
    public static func encode(_ text: StrRef, _ codec: Codec, _ policy: ErrorPolicy) throws(Raised) -> Value {
        if codec == .utf8, !text.hasSurrogates { return BytesObject.make(text.buffer) }
        if text.isASCII, codec == .ascii || codec == .latin1 { return BytesObject.make(text.buffer) }
        if case .utf16(let order) = codec, text.pointee.byteCount > 0, !text.hasSurrogates { return units(text, order) }
        var encoder = Encoder(text, codec, policy)
        try encoder.run()
        return BytesObject.make(encoder.output)
    }

    /// UTF-16 of a text that is not empty and has no lone surrogates; without an order, the machine's, which is said in front.
    private static func units(_ text: StrRef, _ order: ByteOrder?) -> Value {
        // Four octets of UTF-8 become two units, fewer one.
        let pairs = text.isASCII ? 0 : text.buffer.reduce(0) { $1 >= 0xF0 ? $0 + 1 : $0 }
        let result = BytesObject.allocate(2 * (text.count + pairs) + (order == nil ? 2 : 0))
        let target = UnsafeMutableRawPointer(result.bytes).assumingMemoryBound(to: UInt16.self)
        var count = 0
        func put(_ unit: UInt32) {
            let unit = UInt16(truncatingIfNeeded: unit)
            target[count] = order == .big ? unit.bigEndian : unit.littleEndian
            count += 1
        }
        if order == nil { put(0xFEFF) }
        var offset = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + offset)
            offset += length
            if codePoint >= 0x10000 {
                put(0xD800 + (codePoint - 0x10000) >> 10)
                put(0xDC00 + (codePoint - 0x10000) & 0x3FF)
            } else {
                put(codePoint)
            }
        }
        return Value(result)
    }

    /// The text of octets.
    static func decode(_ view: BufferView, _ encoding: StrRef?, _ errors: StrRef?) throws(Raised) -> StrRef {
        if Runtime.isDevelopment { try CodecErrors.check(errors) }
        let codec = encoding == nil ? Codec.utf8 : encoding.flatMap { Codec.named($0) }
        if let codec { return try decode(view, codec, ErrorPolicy(errors)) }
        // A name that is unknown here is not nil.
        let name = encoding.unsafelyUnwrapped
        let source = view.owner.isKind(.bytes) ? view.owner : BytesObject.make(view.octets)
        let result = try CodecRegistry.callText(name, isEncoding: false, source, errors)
        guard result.isKind(.str) else {
            throw typeError(
                "'\(name.string)' decoder returned '\(typeName(result))' instead of 'str'; use codecs.decode() to decode to arbitrary types")
        }
        return result.object(Str.self)
    }

    /// The text of all octets. Throws UnicodeDecodeError where the policy says so, and what a registered handler raises.
    public static func decode(_ view: BufferView, _ codec: Codec, _ policy: ErrorPolicy) throws(Raised) -> StrRef {
        if let text = asciiText(view.octets, codec) { return text }
        if codec == .utf8, UTF8Text.validEnd(view.octets, from: 0) == view.count { return Str.make(view.octets) }
        return try decode(view, codec, policy, isFinal: true).text
    }

    /// As above; unless `isFinal`, an incomplete end is left alone. Says how many octets were used.
    public static func decode(
        _ view: BufferView, _ codec: Codec, _ policy: ErrorPolicy, isFinal: Bool, order: ByteOrder? = nil
    ) throws(Raised) -> (text: StrRef, consumed: Int, order: ByteOrder?) {
        var decoder = Decoder(view, policy, codec.errorName, isFinal: isFinal)
        decoder.order = order
        var skipped = 0
        switch codec {
        case .utf8: try decoder.utf8()
        case .utf8Signature:
            let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
            if view.octets.starts(with: mark) {
                skipped = 3
                decoder = Decoder(
                    try BufferView(BytesObject.make(view.octets.part(3, view.count))), policy, "utf-8", isFinal: isFinal)
            } else if !isFinal, mark.starts(with: view.octets) {
                return (Str.empty, 0, nil)
            }
            try decoder.utf8()
        case .utf16(let given): try decoder.utf16(given)
        case .utf32(let given): try decoder.utf32(given)
        case .ascii: try decoder.ascii()
        case .latin1: decoder.latin1()
        case .unicodeEscape: try decoder.unicodeEscape()
        case .rawUnicodeEscape: try decoder.rawUnicodeEscape()
        case .characterMap(let row): try decoder.characterMap(CharacterMap.row(row))
        }
        return (decoder.output.makeStr(), decoder.consumed + skipped, decoder.order)
    }

    /// The text of octets that are all ASCII, for codecs that leave ASCII as it is; nil otherwise.
    private static func asciiText(_ octets: Octets, _ codec: Codec) -> StrRef? {
        switch codec {
        case .utf8, .ascii, .latin1, .characterMap: break
        case .utf8Signature, .utf16, .utf32, .unicodeEscape, .rawUnicodeEscape: return nil
        }
        guard let base = octets.baseAddress, octets.count > 0 else { return Str.empty }
        guard UTF8Text.asciiEnd(octets, from: 0) == octets.count else { return nil }
        // One character is a str that exists already.
        if octets.count == 1, let known = StrTables.latin1(octets[0]) { return known }
        let text = Str.allocate(byteCount: octets.count, count: octets.count)
        text.bytes.update(from: base, count: octets.count)
        return text
    }
}

/// Decoding in pieces, for files and streams: what is incomplete at the end of a piece waits for the next.
struct IncrementalTextDecoder {
    let codec: Codec
    /// The error policy's name.
    let errors: String
    private var pending: [UInt8] = []
    private var order: ByteOrder?
    private var isAtStart = true

    init(_ codec: Codec, errors: String = "strict") {
        self.codec = codec
        self.errors = errors
    }

    /// Octets that wait for more.
    var waiting: [UInt8] { pending }

    /// The text that can be told so far; `isFinal`: nothing more will come.
    mutating func feed(_ octets: Octets, isFinal: Bool) throws(Raised) -> StrRef {
        if pending.isEmpty, codec == .utf8, UTF8Text.validEnd(octets, from: 0) == octets.count {
            return Str.make(octets)
        }
        pending.append(contentsOf: octets)
        let view = try BufferView(BytesObject.make(pending))
        // A byte order mark or signature counts only at the start.
        let current = codec == .utf8Signature && !isAtStart ? Codec.utf8 : codec
        let result = try Codecs.decode(
            view, current, ErrorPolicy(StrTables.intern(errors)), isFinal: isFinal, order: order)
        pending.removeFirst(min(result.consumed, pending.count))
        order = result.order ?? order
        if result.consumed > 0 { isAtStart = false }
        return result.text
    }

    /// To go on somewhere behind the start: a byte order mark that was seen still counts.
    mutating func resume() {
        pending = []
        isAtStart = false
    }

    mutating func reset() {
        pending = []
        order = nil
        isAtStart = true
    }
}
