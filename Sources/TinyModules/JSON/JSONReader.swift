// The text that JSON is read from: its place, its strings and its errors.
import Glibc
import TinyRuntime

struct JSONReader {
    let text: StrRef
    let bytes: UnsafeMutablePointer<UInt8>
    let count: Int
    /// In bytes.
    var position = 0
    let keys: DictRef
    /// Some of the keys, by a hash of their bytes: most keys of a text have come before, and need not be made to be looked up.
    private let recentKeys: UnsafeMutablePointer<StrRef?>
    private static let recentCount = 64

    init(_ text: StrRef, _ keys: DictRef) {
        self.text = text
        bytes = text.bytes
        count = text.pointee.byteCount
        self.keys = keys
        recentKeys = .allocate(capacity: Self.recentCount)
        recentKeys.initialize(repeating: nil, count: Self.recentCount)
    }

    func dispose() { recentKeys.deallocate() }

    /// The place in characters.
    var index: Int { text.isASCII ? position : text.codePointIndex(position) }

    /// The next byte, or zero at the end.
    @inline(__always)
    var peek: UInt8 { position < count ? bytes[position] : 0 }

    @inline(__always)
    mutating func skipBlanks() {
        while position < count {
            let byte = bytes[position]
            guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
            position += 1
        }
    }

    mutating func skip(_ word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard position + length <= count else { return false }
        for index in 0 ..< length where bytes[position + index] != word.utf8Start[index] { return false }
        position += length
        return true
    }

    private func characterIndex(_ offset: Int) -> Int { text.isASCII ? offset : text.codePointIndex(offset) }

    /// StopIteration with the place: the decoder makes "Expecting value" of it.
    func stop(at offset: Int) -> Raised { raise(.stopIteration, arguments: Value(characterIndex(offset))) }

    func fail(_ message: StaticString, _ offset: Int) -> Raised {
        do throws(Raised) {
            let module = try Runtime.modules.get(Value(StrTables.intern("json.decoder")))
            let cls = try getAttribute(module, "JSONDecodeError")
            let error = try callValue(cls, Value(Str.make(message)), Value(text), Value(characterIndex(offset)))
            guard error.isKind(.exception) else { return valueError(message.description) }
            return raise(error.object(ExceptionObject.self))
        } catch { return error }
    }

    /// As `string`, a key: equal ones are one object.
    mutating func key(strict isStrict: Bool) throws(Raised) -> StrRef {
        var place = position
        var hash = 0
        while place < count, bytes[place] != UInt8(ascii: "\""), bytes[place] != UInt8(ascii: "\\"), bytes[place] >= 0x20 {
            hash = hash &* 31 &+ Int(bytes[place])
            place += 1
        }
        let recent = recentKeys + hash & (Self.recentCount - 1)
        let length = place - position
        if place < count, bytes[place] == UInt8(ascii: "\""), let known = recent.pointee, known.pointee.byteCount == length,
            memcmp(known.bytes, bytes + position, length) == 0
        {
            position = place + 1
            return known
        }
        let made = try string(strict: isStrict)
        let known = keys.get(made)
        let key = known.isAbsent ? made : known.object(Str.self)
        if known.isAbsent { keys.set(key, Value(key)) }
        // One with escapes lies where others are looked for, too.
        recent.pointee = key
        return key
    }

    /// The string whose opening quote has been read; leaves the place behind its closing quote.
    mutating func string(strict isStrict: Bool) throws(Raised) -> StrRef {
        let begin = position - 1
        let start = position
        var place = position
        while place < count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                position = place + 1
                return Str.make(UnsafeBufferPointer(start: bytes + start, count: place - start))
            }
            if byte == UInt8(ascii: "\\") { break }
            if byte < 0x20, isStrict { throw fail("Invalid control character at", place) }
            place += 1
        }
        guard place < count else { throw fail("Unterminated string starting at", begin) }
        var buffer = TextBuffer()
        buffer.append(UnsafeBufferPointer(start: bytes + start, count: place - start))
        while place < count {
            let byte = bytes[place]
            if byte == UInt8(ascii: "\"") {
                position = place + 1
                return buffer.makeStr()
            }
            if byte != UInt8(ascii: "\\") {
                if byte < 0x20, isStrict { throw fail("Invalid control character at", place) }
                buffer.append(byte)
                place += 1
                continue
            }
            guard place + 1 < count else { throw fail("Unterminated string starting at", begin) }
            switch bytes[place + 1] {
            case UInt8(ascii: "\""): buffer.append(0x22 as UInt8)
            case UInt8(ascii: "\\"): buffer.append(0x5C as UInt8)
            case UInt8(ascii: "/"): buffer.append(0x2F as UInt8)
            case UInt8(ascii: "b"): buffer.append(8 as UInt8)
            case UInt8(ascii: "f"): buffer.append(12 as UInt8)
            case UInt8(ascii: "n"): buffer.append(10 as UInt8)
            case UInt8(ascii: "r"): buffer.append(13 as UInt8)
            case UInt8(ascii: "t"): buffer.append(9 as UInt8)
            case UInt8(ascii: "u"):
                guard var code = hex(place + 2) else { throw fail("Invalid \\uXXXX escape", place + 1) }
                place += 6
                if code >= 0xD800, code <= 0xDBFF, place + 1 < count, bytes[place] == UInt8(ascii: "\\"),
                    bytes[place + 1] == UInt8(ascii: "u")
                {
                    guard let low = hex(place + 2) else { throw fail("Invalid \\uXXXX escape", place + 1) }
                    if low >= 0xDC00, low <= 0xDFFF {
                        code = 0x10000 + (code - 0xD800) << 10 + (low - 0xDC00)
                        place += 6
                    }
                }
                buffer.append(codePoint: code)
                continue
            default: throw fail("Invalid \\escape", place)
            }
            place += 2
        }
        throw fail("Unterminated string starting at", begin)
    }

    private func hex(_ offset: Int) -> UInt32? {
        guard offset + 4 <= count else { return nil }
        var code: UInt32 = 0
        for index in 0 ..< 4 {
            let byte = bytes[offset + index]
            let digit: UInt8
            switch byte {
            case 0x30 ... 0x39: digit = byte - 0x30
            case 0x41 ... 0x46, 0x61 ... 0x66: digit = (byte | 0x20) - 0x61 + 10
            default: return nil
            }
            code = code << 4 | UInt32(digit)
        }
        return code
    }
}
