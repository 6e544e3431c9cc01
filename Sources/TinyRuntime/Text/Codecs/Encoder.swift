// Encoding: text to octets.
//
// Every codec is a function that writes one code point or says that it cannot; the loop, the runs that cannot be
// encoded and the error policies are the same for all.

import TinySyntax

struct Encoder {
    let text: StrRef
    let codec: Codec
    let policy: ErrorPolicy
    var output: [UInt8] = []
    private let map: CharacterMap?

    init(_ text: StrRef, _ codec: Codec, _ policy: ErrorPolicy) {
        self.text = text
        self.codec = codec
        self.policy = policy
        if case .characterMap(let row) = codec { map = CharacterMap.row(row) } else { map = nil }
        output.reserveCapacity(text.pointee.byteCount)
    }

    mutating func run() throws(Raised) {
        switch codec {
        case .utf8Signature: output.append(contentsOf: [0xEF, 0xBB, 0xBF])
        case .utf16(nil): output.append(contentsOf: [0xFF, 0xFE])
        case .utf32(nil): output.append(contentsOf: [0xFF, 0xFE, 0, 0])
        default: break
        }
        if isCopy {
            output.append(contentsOf: text.buffer)
            return
        }
        var offset = 0
        var index = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + offset)
            if write(codePoint) {
                offset += length
                index += 1
            } else {
                let next = try problem(offset, index)
                if next >= index {
                    while index < next, offset < text.pointee.byteCount {
                        offset += Str.sequenceLength(text.bytes[offset])
                        index += 1
                    }
                } else {
                    index = next
                    offset = text.byteOffset(next)
                }
            }
        }
    }

    /// Whether the octets of the str are those of the result.
    private var isCopy: Bool {
        switch codec {
        case .utf8, .utf8Signature: text.isASCII || !text.hasSurrogates
        case .ascii, .latin1, .characterMap: text.isASCII
        case .utf16, .utf32, .unicodeEscape, .rawUnicodeEscape: false
        }
    }

    /// Writes a code point, if the codec can.
    private mutating func write(_ codePoint: UInt32) -> Bool {
        let isSurrogate = codePoint & 0xFFFF_F800 == 0xD800
        switch codec {
        case .utf8, .utf8Signature:
            if isSurrogate { return false }
            appendUTF8(codePoint)
        case .ascii:
            guard codePoint < 0x80 else { return false }
            output.append(UInt8(codePoint))
        case .latin1:
            guard codePoint < 0x100 else { return false }
            output.append(UInt8(codePoint))
        case .characterMap:
            guard let octet = map?.octet(codePoint) else { return false }
            output.append(octet)
        case .utf16(let order):
            if isSurrogate { return false }
            if codePoint >= 0x10000 {
                appendUnit(0xD800 + (codePoint - 0x10000) >> 10, 2, order)
                appendUnit(0xDC00 + (codePoint - 0x10000) & 0x3FF, 2, order)
            } else {
                appendUnit(codePoint, 2, order)
            }
        case .utf32(let order):
            if isSurrogate { return false }
            appendUnit(codePoint, 4, order)
        case .unicodeEscape: appendEscape(codePoint)
        case .rawUnicodeEscape:
            if codePoint < 0x100 {
                output.append(UInt8(codePoint))
            } else {
                append { $0.append(backslashEscape: codePoint) }
            }
        }
        return true
    }

    private mutating func appendUTF8(_ codePoint: UInt32) { append { $0.append(codePoint: codePoint) } }

    private mutating func append(_ body: (inout TextBuffer) -> Void) {
        var piece = TextBuffer()
        body(&piece)
        output.append(contentsOf: piece.bytes)
    }

    private mutating func appendUnit(_ unit: UInt32, _ size: Int, _ order: ByteOrder?) {
        for index in 0 ..< size {
            let shift = UInt32(order == .big ? size - 1 - index : index) * 8
            output.append(UInt8(truncatingIfNeeded: unit >> shift))
        }
    }

    private mutating func appendEscape(_ codePoint: UInt32) {
        switch codePoint {
        case 0x5C: output.append(contentsOf: [0x5C, 0x5C])
        case 0x09: output.append(contentsOf: [0x5C, 0x74])
        case 0x0A: output.append(contentsOf: [0x5C, 0x6E])
        case 0x0D: output.append(contentsOf: [0x5C, 0x72])
        case 0x20 ... 0x7E: output.append(UInt8(codePoint))
        default: append { $0.append(backslashEscape: codePoint) }
        }
    }

    // MARK: What cannot be encoded

    private var reason: String {
        switch codec {
        case .ascii: "ordinal not in range(128)"
        case .latin1: "ordinal not in range(256)"
        case .characterMap: "character maps to <undefined>"
        default: "surrogates not allowed"
        }
    }

    /// Whether a code point cannot be encoded (nothing is written).
    private func isUnencodable(_ codePoint: UInt32) -> Bool {
        switch codec {
        case .ascii: codePoint >= 0x80
        case .latin1: codePoint >= 0x100
        case .characterMap: map?.octet(codePoint) == nil
        default: codePoint & 0xFFFF_F800 == 0xD800
        }
    }

    /// The run of code points from an offset on that cannot be encoded.
    private func run(_ offset: Int) -> [UInt32] {
        var points: [UInt32] = []
        var position = offset
        while position < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + position)
            guard isUnencodable(codePoint) else { break }
            points.append(codePoint)
            position += length
            switch codec {
            case .utf16, .utf32: return points
            default: break
            }
        }
        return points
    }

    /// Deals with the run at an offset; the index to go on at.
    private mutating func problem(_ offset: Int, _ index: Int) throws(Raised) -> Int {
        let points = run(offset)
        let end = index + points.count
        var replacement = TextBuffer()
        switch policy {
        case .strict: throw strictError(index, end)
        case .ignore: return end
        case .replace: for _ in points { replacement.append(0x3F) }
        case .backslashReplace: for point in points { replacement.append(backslashEscape: point) }
        case .xmlReplace: for point in points { replacement.append("&#\(point);") }
        case .nameReplace:
            for point in points {
                if let name = UnicodeNames.name(of: point) {
                    replacement.append("\\N{\(name)}")
                } else {
                    replacement.append(backslashEscape: point)
                }
            }
        case .surrogateEscape:
            for (done, point) in points.enumerated() {
                guard 0xDC80 ... 0xDCFF ~= point, unitSize == 1 else { throw strictError(index + done, end) }
                output.append(UInt8(point - 0xDC00))
            }
            return end
        case .surrogatePass:
            for (done, point) in points.enumerated() { guard passSurrogate(point) else { throw strictError(index + done, end) } }
            return end
        case .registered(let name):
            let handler = try CodecErrors.handler(name)
            let answer = try CodecErrors.call(handler, exception(index, end), text.count, "encoding", "str/bytes")
            if answer.replacement.isKind(.bytes) {
                let octets = answer.replacement.object(BytesObject.self).buffer
                guard octets.count % unitSize == 0 else { throw strictError(index, end) }
                output.append(contentsOf: answer.replacement.object(BytesObject.self).buffer)
                return answer.position
            }
            let replacement = answer.replacement.object(Str.self)
            guard replacement.isASCII || !isUnicode else { throw strictError(index, end) }
            try writeAll(replacement, index, end)
            return answer.position
        }
        try writeAll(replacement.makeStr(), index, end)
        return end
    }

    private func exception(_ index: Int, _ end: Int) -> Value {
        CodecErrors.make(.unicodeEncodeError, codec.errorName, Value(text.exact), index, end, reason)
    }

    private func strictError(_ index: Int, _ end: Int) -> Raised {
        raise(exception(index, end).object(ExceptionObject.self))
    }

    /// Writes a replacement, which must be encodable itself.
    private mutating func writeAll(_ replacement: StrRef, _ index: Int, _ end: Int) throws(Raised) {
        var offset = 0
        while offset < replacement.pointee.byteCount {
            let (codePoint, length) = Str.decode(replacement.bytes + offset)
            guard write(codePoint) else { throw strictError(index, end) }
            offset += length
        }
    }

    /// Whether every character but lone surrogates can be encoded: what replaces those must be plain.
    private var isUnicode: Bool {
        switch codec {
        case .utf8, .utf8Signature, .utf16, .utf32: true
        default: false
        }
    }

    private var unitSize: Int {
        switch codec {
        case .utf16: 2
        case .utf32: 4
        default: 1
        }
    }

    /// Writes a lone surrogate as if it were a character.
    private mutating func passSurrogate(_ point: UInt32) -> Bool {
        guard point & 0xFFFF_F800 == 0xD800 else { return false }
        switch codec {
        case .utf8, .utf8Signature: appendUTF8(point)
        case .utf16(let order): appendUnit(point, 2, order)
        case .utf32(let order): appendUnit(point, 4, order)
        default: return false
        }
        return true
    }
}

extension StrRef {
    /// Whether the text has a lone surrogate: the octet ED followed by one of A0 … BF.
    public var hasSurrogates: Bool {
        if isASCII { return false }
        var offset = 0
        let lead: [UInt8] = [0xED]
        while offset < pointee.byteCount {
            let found = lead.withUnsafeBufferPointer { buffer.find($0, offset, pointee.byteCount) }
            if found < 0 { return false }
            if bytes[found + 1] >= 0xA0 { return true }
            offset = found + 3
        }
        return false
    }
}
