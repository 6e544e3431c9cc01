// Strings that grow: a loop of `text += more` takes time in proportion to the text, not to its square.
//
//     str     header | hash | byteCount | buffer [ | count | offsets, if not ASCII ]
//     buffer  header | used | capacity | bytes …
//
// CPython writes behind a string that nobody else refers to; here nobody counts references. Instead the result of a concatenation
// that is appended to lies in a buffer with room behind it. Who appends to a text that ends where the used part of its buffer ends
// writes there and makes a new str of the same buffer; the old one is its beginning, and stays as it was, since what has been used
// never changes. Who appends to a text that others have appended to copies it. (Measured: 100,000 appends of two characters take 10 ms;
// copied each time, 1.4 s.)

/// The memory behind strings that have grown from one another. Each begins at its first byte.
struct GrowingText {
    var header: ObjectHeader
    /// Bytes that belong to a str; those behind are free.
    var used: Int
    let capacity: Int

    fileprivate static func make(capacity: Int) -> UnsafeMutablePointer<GrowingText> {
        // The shape is never looked at; it only has to be one.
        let text = allocateObject(MemoryLayout<GrowingText>.size + capacity, .storage, ShapeID(Kind.list.rawValue))
            .assumingMemoryBound(to: GrowingText.self)
        let header = text.pointee.header
        text.initialize(to: GrowingText(header: header, used: 0, capacity: capacity))
        return text
    }
}

extension UnsafeMutablePointer<GrowingText> {
    @inline(__always)
    var bytes: UnsafeMutablePointer<UInt8> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<GrowingText>.size).assumingMemoryBound(to: UInt8.self)
    }
}

extension Str {
    /// Shorter texts are copied.
    private static let shortest = 256

    /// `a` with `b` behind it, in a buffer with room for more; nil if a copy of both will do as well.
    static func append(_ b: StrRef, to a: StrRef) -> StrRef? {
        let byteCount = a.pointee.byteCount + b.pointee.byteCount
        guard byteCount >= shortest else { return nil }
        var text: UnsafeMutablePointer<GrowingText>
        if a.isGrown, a.growingText.pointee.used == a.pointee.byteCount, byteCount <= a.growingText.pointee.capacity {
            text = a.growingText
        } else if a.isGrown || a.pointee.header.detail & sum != 0 {
            text = GrowingText.make(capacity: byteCount + byteCount >> 2)
            text.bytes.update(from: a.bytes, count: a.pointee.byteCount)
        } else {
            return nil
        }
        (text.bytes + a.pointee.byteCount).update(from: b.bytes, count: b.pointee.byteCount)
        text.pointee.used = byteCount
        return make(text, byteCount: byteCount, count: a.count + b.count)
    }

    /// The concatenation of two strings may be the first of many.
    static func noteSum(_ str: StrRef) {
        if str.pointee.byteCount >= shortest { str.pointee.header.detail |= sum }
    }
}
