// Decoding: octets to text.
//
// `Decoder` holds what all codecs share: the octets, the text so far, and what happens at a malformed place. With
// `isFinal` false, an incomplete sequence at the end is left for the next call (`consumed` says up to where).

/// One run of decoding.
public struct Decoder {
    private(set) var octets: Octets
    private var owner: Value
    /// The text so far.
    public var output = TextBuffer()
    let policy: ErrorPolicy
    var errorName: String
    let isFinal: Bool
    var consumed = 0
    /// Set by UTF-16 and UTF-32 when a byte order mark has been seen.
    var order: ByteOrder?
    /// What is to be warned of: an escape that is none.
    var invalidEscape: String?

    /// - Parameters:
    ///   - errorName: what a UnicodeDecodeError calls the encoding.
    ///   - isFinal: whether an incomplete end is an error.
    public init(_ view: BufferView, _ policy: ErrorPolicy, _ errorName: String, isFinal: Bool) {
        octets = view.octets
        owner = view.owner
        self.policy = policy
        self.errorName = errorName
        self.isFinal = isFinal
        if policy.isRegistered, !owner.isKind(.bytes) {
            // A handler of the script could resize what the octets lie in.
            owner = BytesObject.make(octets)
            octets = owner.object(BytesObject.self).buffer
        }
    }

    var count: Int { octets.count }

    /// The bytes object that errors show.
    private var object: Value {
        if owner.isExactly(.bytes), owner.object(BytesObject.self).pointee.count == octets.count { return owner }
        return BytesObject.make(octets)
    }

    private func strictError(_ start: Int, _ end: Int, _ reason: String) -> Raised {
        let exception = CodecErrors.make(.unicodeDecodeError, errorName, object, start, end, reason)
        return raise(exception.object(ExceptionObject.self))
    }

    /// Deals with the malformed octets `start ..< end`; where to go on.
    public mutating func problem(_ start: Int, _ end: Int, _ reason: String, unit: Int = 1) throws(Raised) -> Int {
        switch policy {
        case .ignore: return end
        case .replace:
            output.append("\u{FFFD}")
            return end
        case .backslashReplace:
            for byte in octets.part(start, end) { output.append(escape: 0x78, UInt32(byte), digits: 2) }
            return end
        case .surrogateEscape:
            var position = start
            while position < end, position < start + 4, octets[position] >= 0x80 {
                output.append(codePoint: 0xDC00 + UInt32(octets[position]))
                position += 1
            }
            if position > start { return position }
        case .surrogatePass:
            if let length = passSurrogate(start, unit) { return start + length }
        case .registered(let name):
            let handler = try CodecErrors.handler(name)
            let exception = CodecErrors.make(.unicodeDecodeError, errorName, object, start, end, reason)
            let answer = try CodecErrors.call(handler, exception, count, "decoding", "str")
            output.append(answer.replacement.object(Str.self))
            let shown = exception.object(ExceptionObject.self).field(1)
            if shown.isKind(.bytes), shown != owner {
                owner = shown
                octets = shown.object(BytesObject.self).buffer
            }
            return answer.position
        case .xmlReplace, .nameReplace:
            throw typeError("don't know how to handle UnicodeDecodeError in error callback")
        case .strict: break
        }
        throw strictError(start, end, reason)
    }

    /// Appends the lone surrogate at an offset; its length, or nil if there is none.
    private mutating func passSurrogate(_ start: Int, _ unit: Int) -> Int? {
        func octet(_ offset: Int) -> UInt32 { UInt32(octets[start + offset]) }
        let codePoint: UInt32
        let length: Int
        if unit == 1 {
            guard errorName == "utf-8", count - start >= 3, octets[start] == 0xED, octets[start + 1] & 0xE0 == 0xA0,
                octets[start + 2] & 0xC0 == 0x80
            else { return nil }
            codePoint = 0xD000 | (octet(1) & 0x3F) << 6 | octet(2) & 0x3F
            length = 3
        } else {
            guard count - start >= unit else { return nil }
            let little = order != .big
            codePoint = unit == 2
                ? (little ? octet(0) | octet(1) << 8 : octet(0) << 8 | octet(1))
                : (little
                    ? octet(0) | octet(1) << 8 | octet(2) << 16 | octet(3) << 24
                    : octet(0) << 24 | octet(1) << 16 | octet(2) << 8 | octet(3))
            length = unit
        }
        guard codePoint & 0xFFFF_F800 == 0xD800 else { return nil }
        output.append(codePoint: codePoint)
        return length
    }
}

// MARK: UTF-8

extension Decoder {
    mutating func utf8() throws(Raised) {
        var position = 0
        while true {
            let end = UTF8Text.validEnd(octets, from: position)
            if end > position { output.append(octets.part(position, end)) }
            position = end
            if position >= count { break }
            let flaw = UTF8Text.flaw(octets, at: position)
            if flaw.isIncomplete {
                if !isFinal { break }
                position = try problem(position, count, "unexpected end of data")
            } else if !isFinal, count - position == 2, octets[position] == 0xED, 0xA0 ... 0xBF ~= octets[position + 1] {
                // The beginning of a lone surrogate, which "surrogatepass" may take.
                break
            } else {
                let reason = flaw.isStart ? "invalid start byte" : "invalid continuation byte"
                position = try problem(position, position + flaw.length, reason)
            }
        }
        consumed = position
    }
}

/// Well-formed UTF-8.
public enum UTF8Text {
    /// The offset of the first octet from `start` on that does not belong to well-formed UTF-8.
    public static func validEnd(_ octets: Octets, from start: Int) -> Int {
        guard let base = octets.baseAddress else { return start }
        let count = octets.count
        var offset = start
        while offset < count {
            let byte = base[offset]
            if byte < 0x80 {
                offset = asciiEnd(octets, from: offset)
                continue
            }
            let length = sequenceLength(octets, at: offset)
            if length == 0 { return offset }
            offset += length
        }
        return offset
    }

    /// The offset of the first octet from `start` on that is not ASCII; eight are looked at at a time.
    static func asciiEnd(_ octets: Octets, from start: Int) -> Int {
        guard let base = octets.baseAddress else { return start }
        let raw = UnsafeRawPointer(base)
        var offset = start
        while offset + 8 <= octets.count,
            raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
        {
            offset += 8
        }
        while offset < octets.count, base[offset] < 0x80 { offset += 1 }
        return offset
    }

    /// The length of the well-formed sequence at an offset; 0: there is none.
    @inline(__always)
    private static func sequenceLength(_ octets: Octets, at offset: Int) -> Int {
        let lead = octets[offset]
        let left = octets.count - offset
        switch lead {
        case 0xC2 ... 0xDF: return left >= 2 && octets[offset + 1] & 0xC0 == 0x80 ? 2 : 0
        case 0xE0 ... 0xEF:
            guard left >= 3, isSecond(octets[offset + 1], lead), octets[offset + 2] & 0xC0 == 0x80 else { return 0 }
            return 3
        case 0xF0 ... 0xF4:
            guard left >= 4, isSecond(octets[offset + 1], lead), octets[offset + 2] & 0xC0 == 0x80,
                octets[offset + 3] & 0xC0 == 0x80
            else { return 0 }
            return 4
        default: return 0
        }
    }

    /// Whether an octet may stand behind a leading octet of three or four.
    @inline(__always)
    private static func isSecond(_ byte: UInt8, _ lead: UInt8) -> Bool {
        switch lead {
        case 0xE0: 0xA0 ... 0xBF ~= byte
        case 0xED: 0x80 ... 0x9F ~= byte
        case 0xF0: 0x90 ... 0xBF ~= byte
        case 0xF4: 0x80 ... 0x8F ~= byte
        default: byte & 0xC0 == 0x80
        }
    }

    /// What is wrong at an offset: how many octets, and whether more of them could mend it.
    static func flaw(_ octets: Octets, at offset: Int) -> (length: Int, isStart: Bool, isIncomplete: Bool) {
        let lead = octets[offset]
        guard 0xC2 ... 0xF4 ~= lead else { return (1, true, false) }
        let wanted = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        for index in 1 ..< wanted {
            guard offset + index < octets.count else { return (index, false, true) }
            let byte = octets[offset + index]
            let isGood = index == 1 && wanted > 2 ? isSecond(byte, lead) : byte & 0xC0 == 0x80
            if !isGood { return (index, false, false) }
        }
        return (1, true, false)
    }
}

// MARK: UTF-16 and UTF-32

extension Decoder {
    /// Takes the byte order mark, if the order is not given; where the text starts.
    private mutating func takeMark(_ given: ByteOrder?, _ unit: Int, _ family: String) -> Int {
        if let given {
            order = given
            return 0
        }
        var start = 0
        if order == nil, count >= unit {
            let little = octets[0] == 0xFF && octets[1] == 0xFE && (unit == 2 || octets[2] == 0 && octets[3] == 0)
            let big = unit == 2
                ? octets[0] == 0xFE && octets[1] == 0xFF
                : octets[0] == 0 && octets[1] == 0 && octets[2] == 0xFE && octets[3] == 0xFF
            if little || big { start = unit }
            order = big ? .big : .little
        }
        errorName = family + (order == .big ? "-be" : "-le")
        return start
    }

    mutating func utf16(_ given: ByteOrder?) throws(Raised) {
        var position = takeMark(given, 2, "utf-16")
        func unit(_ offset: Int) -> UInt32 {
            let first = UInt32(octets[offset])
            let second = UInt32(octets[offset + 1])
            return order == .big ? first << 8 | second : second << 8 | first
        }
        while position < count {
            guard count - position >= 2 else {
                if !isFinal { break }
                position = try problem(position, count, "truncated data", unit: 2)
                continue
            }
            let first = unit(position)
            guard first & 0xF800 == 0xD800 else {
                output.append(codePoint: first)
                position += 2
                continue
            }
            if first >= 0xDC00 {
                position = try problem(position, position + 2, "illegal encoding", unit: 2)
                continue
            }
            guard count - position >= 4 else {
                if !isFinal { break }
                position = try problem(position, count, "unexpected end of data", unit: 2)
                continue
            }
            let second = unit(position + 2)
            if second & 0xFC00 == 0xDC00 {
                output.append(codePoint: 0x10000 + (first & 0x3FF) << 10 + second & 0x3FF)
                position += 4
            } else {
                position = try problem(position, position + 2, "illegal UTF-16 surrogate", unit: 2)
            }
        }
        consumed = position
    }

    mutating func utf32(_ given: ByteOrder?) throws(Raised) {
        var position = takeMark(given, 4, "utf-32")
        while position < count {
            guard count - position >= 4 else {
                if !isFinal { break }
                position = try problem(position, count, "truncated data", unit: 4)
                continue
            }
            var codePoint: UInt32 = 0
            for index in 0 ..< 4 {
                codePoint = codePoint << 8 | UInt32(octets[position + (order == .big ? index : 3 - index)])
            }
            if codePoint & 0xFFFF_F800 == 0xD800 {
                let reason = "code point in surrogate code point range(0xd800, 0xe000)"
                position = try problem(position, position + 4, reason, unit: 4)
            } else if codePoint > 0x10FFFF {
                position = try problem(position, position + 4, "code point not in range(0x110000)", unit: 4)
            } else {
                output.append(codePoint: codePoint)
                position += 4
            }
        }
        consumed = position
    }
}

// MARK: One octet, one character

extension Decoder {
    mutating func ascii() throws(Raised) {
        var position = 0
        while position < count {
            var end = position
            while end < count, octets[end] < 0x80 { end += 1 }
            output.append(octets.part(position, end))
            position = end
            if position < count { position = try problem(position, position + 1, "ordinal not in range(128)") }
        }
        consumed = position
    }

    mutating func latin1() {
        for byte in octets { output.append(codePoint: UInt32(byte)) }
        consumed = count
    }

    mutating func characterMap(_ map: CharacterMap) throws(Raised) {
        var position = 0
        while position < count {
            let byte = octets[position]
            if byte < 0x80 {
                output.append(byte)
                position += 1
                continue
            }
            let point = map.upper[Int(byte) - 0x80]
            if point == 0xFFFD {
                position = try problem(position, position + 1, "character maps to <undefined>")
            } else {
                output.append(codePoint: UInt32(point))
                position += 1
            }
        }
        consumed = position
    }
}
