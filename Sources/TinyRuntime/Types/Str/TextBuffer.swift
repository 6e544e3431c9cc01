// Text in the making: well-formed UTF-8 (WTF-8) octets that become a str at the end.
//
// Everything that builds text piece by piece (formatting, repr, decoding) writes here; the paths that know the size
// of the result beforehand (concatenation, join, replace) allocate the str at once instead.

/// Octets that become a str. Whatever is appended must be well-formed (WTF-8) on its own or become so in the end.
public struct TextBuffer {
    /// What there is so far.
    public var bytes: [UInt8] = []

    /// Empty.
    public init() {}

    /// Empty, with room for so many bytes.
    public init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Appends one byte: ASCII, or a part of a longer sequence.
    @inline(__always)
    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Appends the text of a str, lone surrogates included.
    public mutating func append(_ str: StrRef) { bytes.append(contentsOf: str.buffer) }

    /// Appends well-formed (WTF-8) octets.
    public mutating func append(_ buffer: UnsafeBufferPointer<UInt8>) { bytes.append(contentsOf: buffer) }

    /// Appends well-formed (WTF-8) octets.
    public mutating func append(_ array: [UInt8]) { bytes.append(contentsOf: array) }

    mutating func append(_ array: ArraySlice<UInt8>) { bytes.append(contentsOf: array) }

    /// Appends a literal.
    public mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// Appends a Swift string.
    public mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }

    /// Appends a code point, surrogates included.
    public mutating func append(codePoint: UInt32) {
        if codePoint < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: codePoint))
            return
        }
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
            // A temporary allocation of four bytes has an address.
            let count = Str.encode(codePoint, buffer.baseAddress.unsafelyUnwrapped)
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: buffer[0 ..< count]))
        }
    }

    /// Appends a code point so many times. Throws MemoryError if that is absurd.
    public mutating func append(repeating codePoint: UInt32, count: Int) throws(Raised) {
        guard count > 0 else { return }
        try checkSize(count)
        if codePoint < 0x80 {
            bytes.append(contentsOf: repeatElement(UInt8(truncatingIfNeeded: codePoint), count: count))
        } else {
            for _ in 0 ..< count { append(codePoint: codePoint) }
        }
    }

    /// Appends an ASCII escape: a backslash, a letter and so many lower-case hexadecimal digits.
    public mutating func append(escape letter: UInt8, _ codePoint: UInt32, digits: Int) {
        bytes.append(0x5C)
        bytes.append(letter)
        var shift = UInt32(digits) * 4
        while shift > 0 {
            shift -= 4
            bytes.append(hexDigit(codePoint >> shift & 15))
        }
    }

    /// Appends `\xe9`, `\u20ac` or `\U0001f600`, the shortest that holds the code point.
    public mutating func append(backslashEscape codePoint: UInt32) {
        if codePoint < 0x100 {
            append(escape: 0x78, codePoint, digits: 2)
        } else if codePoint < 0x10000 {
            append(escape: 0x75, codePoint, digits: 4)
        } else {
            append(escape: 0x55, codePoint, digits: 8)
        }
    }

    /// A str of what there is so far.
    public func makeStr() -> StrRef { Str.make(bytes) }
}

/// The lower-case digit of a number below 16.
@inline(__always)
public func hexDigit(_ nibble: UInt32) -> UInt8 {
    let digit = UInt8(truncatingIfNeeded: nibble)
    return digit < 10 ? 0x30 + digit : 0x61 + digit - 10
}
