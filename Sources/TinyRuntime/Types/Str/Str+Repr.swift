// `repr(str)` and `ascii(str)`: quotes, escapes, and which characters stand for themselves.
//
// Single quotes, unless the text has some and no double ones. Most strings need no escape; they are found by one pass
// over the bytes and copied at once.
import Glibc

/// `repr(str)`.
func strRepr(_ str: StrRef) -> StrRef {
    if let plain = plainRepr(str) { return plain }
    var buffer = TextBuffer(capacity: str.pointee.byteCount + 2)
    appendRepr(str, to: &buffer)
    return buffer.makeStr()
}

/// The repr of ASCII text that has nothing to escape and no single quote; nil: look closer.
private func plainRepr(_ str: StrRef) -> StrRef? {
    guard str.isASCII else { return nil }
    let count = str.pointee.byteCount
    for index in 0 ..< count {
        let byte = str.bytes[index]
        guard byte >= 0x20, byte < 0x7F, byte != 0x5C, byte != 0x27 else { return nil }
    }
    let result = Str.allocate(byteCount: count + 2, count: count + 2)
    result.bytes[0] = 0x27
    memcpy(result.bytes + 1, str.bytes, count)
    result.bytes[count + 1] = 0x27
    return result
}

/// The text with every character beyond ASCII as `\xe9`, `\u20ac`, `\U0001f600`: what `ascii` makes of a repr.
func strAscii(_ str: StrRef) -> StrRef {
    if str.isASCII { return str }
    var buffer = TextBuffer(capacity: str.pointee.byteCount * 2)
    str.forEachCodePoint { codePoint in
        if codePoint < 0x80 {
            buffer.append(UInt8(truncatingIfNeeded: codePoint))
        } else {
            buffer.append(backslashEscape: codePoint)
        }
    }
    return buffer.makeStr()
}

/// The quote that `repr` puts around these octets.
func reprQuote(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt8 {
    guard let base = bytes.baseAddress, memchr(base, 0x27, bytes.count) != nil else { return 0x27 }
    return memchr(base, 0x22, bytes.count) == nil ? 0x22 : 0x27
}

/// Appends `repr(str)`.
func appendRepr(_ str: StrRef, to buffer: inout TextBuffer) {
    let quote = reprQuote(str.buffer)
    buffer.append(quote)
    let end = str.pointee.byteCount
    let bytes = UnsafePointer(str.bytes)
    var plainStart = 0
    var offset = 0
    while offset < end {
        let byte = bytes[offset]
        if byte >= 0x20, byte < 0x7F, byte != 0x5C, byte != quote {
            offset += 1
            continue
        }
        let (codePoint, length) = Str.decode(bytes + offset)
        if codePoint >= 0x80, CodePoint.isPrintable(codePoint) {
            offset += length
            continue
        }
        buffer.append(UnsafeBufferPointer(start: bytes + plainStart, count: offset - plainStart))
        appendEscape(codePoint, to: &buffer)
        offset += length
        plainStart = offset
    }
    buffer.append(UnsafeBufferPointer(start: bytes + plainStart, count: end - plainStart))
    buffer.append(quote)
}

/// Appends the escape of a quote, a backslash or an unprintable character.
private func appendEscape(_ codePoint: UInt32, to buffer: inout TextBuffer) {
    switch codePoint {
    case 0x22, 0x27, 0x5C:
        buffer.append(0x5C)
        buffer.append(UInt8(truncatingIfNeeded: codePoint))
    case 0x09: buffer.append("\\t")
    case 0x0A: buffer.append("\\n")
    case 0x0D: buffer.append("\\r")
    default: buffer.append(backslashEscape: codePoint)
    }
}

/// `repr(bytes)`: `b'…'` with everything but printable ASCII escaped.
func bytesRepr(_ bytes: UnsafeBufferPointer<UInt8>, into buffer: inout TextBuffer) {
    let quote = reprQuote(bytes)
    buffer.append(0x62)
    buffer.append(quote)
    for byte in bytes {
        switch byte {
        case quote, 0x5C:
            buffer.append(0x5C)
            buffer.append(byte)
        case 0x09: buffer.append("\\t")
        case 0x0A: buffer.append("\\n")
        case 0x0D: buffer.append("\\r")
        case 0x20 ... 0x7E: buffer.append(byte)
        default: buffer.append(escape: 0x78, UInt32(byte), digits: 2)
        }
    }
    buffer.append(quote)
}

func bytesRepr(_ bytes: UnsafeBufferPointer<UInt8>) -> StrRef {
    var buffer = TextBuffer(capacity: bytes.count + 3)
    bytesRepr(bytes, into: &buffer)
    return buffer.makeStr()
}

extension StrRef {
    /// Calls `body` with every code point, surrogates included.
    @inline(__always)
    public func forEachCodePoint(_ body: (UInt32) throws(Raised) -> Void) throws(Raised) {
        var offset = 0
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            try body(codePoint)
            offset += length
        }
    }

    /// As above, for a body that throws nothing.
    @inline(__always)
    func forEachCodePoint(_ body: (UInt32) -> Void) {
        var offset = 0
        while offset < pointee.byteCount {
            let (codePoint, length) = Str.decode(bytes + offset)
            body(codePoint)
            offset += length
        }
    }
}
