// str: an immutable sequence of code points, held as UTF-8.
//
//     header | hash | byteCount | bytes …                               ASCII
//     header | hash | byteCount | bytes … | pad | count | offsets       otherwise
//
// (One that has grown by `+` has its bytes elsewhere, see Str+Append.swift; which of these it is, header.detail says.)
// Lone surrogates are allowed (encoded as three bytes, "WTF-8"). ASCII text indexes its bytes; other text grows, at its
// first index, a table of the byte offset of every 64th code point, so that indexing stays O(1) (as in PyPy). The hash
// is keyed against flooding and kept; 0 means not yet computed.
import CTiny
import Glibc

/// str. The bytes, and for text that is not ASCII a count and a table, follow it in memory.
public struct Str {
    var header: ObjectHeader
    var hash: Int
    /// Bytes of UTF-8.
    public internal(set) var byteCount: Int

    static let bytesOffset = 24
    /// Bits of header.detail: the text is ASCII; its bytes lie in a GrowingText; it is a concatenation of its own bytes.
    static let ascii: UInt8 = 1
    static let grown: UInt8 = 2
    static let sum: UInt8 = 4
    /// The shape of exact strings, as against those of subclasses.
    public static let shape = ShapeID(Kind.str.rawValue)
    /// Every so many code points the offset table has an entry.
    static let stride = 64
}

/// A str in the heap.
public typealias StrRef = UnsafeMutablePointer<Str>

extension UnsafeMutablePointer<Str> {
    /// The first byte of the UTF-8; `byteCount` of them, no zero behind.
    @inline(__always)
    public var bytes: UnsafeMutablePointer<UInt8> {
        isGrown ? growingText.bytes : (UnsafeMutableRawPointer(self) + Str.bytesOffset).assumingMemoryBound(to: UInt8.self)
    }

    @inline(__always)
    var isGrown: Bool { pointee.header.detail & Str.grown != 0 }

    /// Where the bytes of a text that has grown lie.
    var growingText: UnsafeMutablePointer<GrowingText> {
        (UnsafeMutableRawPointer(self) + Str.bytesOffset).assumingMemoryBound(to: UnsafeMutablePointer<GrowingText>.self).pointee
    }

    /// The UTF-8. Valid as long as the str is reachable.
    public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: pointee.byteCount) }

    /// Whether bytes and code points are the same.
    @inline(__always)
    public var isASCII: Bool { pointee.header.detail & Str.ascii != 0 }

    /// Where the count of code points and the offset table of non-ASCII text lie.
    fileprivate var tail: UnsafeMutablePointer<Int> {
        (UnsafeMutableRawPointer(self) + Str.bytesOffset + (isGrown ? 8 : (pointee.byteCount + 7) & ~7)).assumingMemoryBound(to: Int.self)
    }

    /// Code points.
    @inline(__always)
    public var count: Int { isASCII ? pointee.byteCount : tail[0] }

    /// The text as a Swift string; lone surrogates become replacement characters.
    public var string: String { String(decoding: buffer, as: UTF8.self) }

    /// The hash that the language shows, computed once. 0 only for the empty string.
    @inline(__always)
    public var hashValue: Int { pointee.hash != 0 ? pointee.hash : slowHash() }

    @inline(never)
    private func slowHash() -> Int {
        // The empty string's hash is 0, in CPython too.
        if pointee.byteCount == 0 { return 0 }
        pointee.hash = Str.hash(bytes, pointee.byteCount)
        return pointee.hash
    }

    /// Whether the texts are the same, compared byte by byte.
    @inline(__always)
    public func equals(_ other: StrRef) -> Bool {
        self == other || pointee.byteCount == other.pointee.byteCount
            && memcmp(bytes, other.bytes, pointee.byteCount) == 0
    }

    /// Whether it is that text.
    public func equals(_ text: StaticString) -> Bool {
        pointee.byteCount == text.utf8CodeUnitCount && memcmp(bytes, text.utf8Start, pointee.byteCount) == 0
    }

    /// The byte offset of a code point index in 0 ... count.
    public func byteOffset(_ index: Int) -> Int {
        if isASCII { return index }
        if index >= tail[0] { return pointee.byteCount }
        let table = offsetTable()
        var offset = Int(table[index / Str.stride])
        var remaining = index % Str.stride
        while remaining > 0 {
            offset += Str.sequenceLength(bytes[offset])
            remaining -= 1
        }
        return offset
    }

    private func offsetTable() -> UnsafeMutablePointer<UInt32> {
        if let table = UnsafeMutablePointer<UInt32>(bitPattern: tail[1]) { return table }
        let entries = tail[0] / Str.stride + 1
        let table = allocateBuffer(entries * 4).bindMemory(to: UInt32.self, capacity: entries)
        var offset = 0
        var index = 0
        while offset < pointee.byteCount {
            if index % Str.stride == 0 { table[index / Str.stride] = UInt32(truncatingIfNeeded: offset) }
            offset += Str.sequenceLength(bytes[offset])
            index += 1
        }
        if index % Str.stride == 0 { table[index / Str.stride] = UInt32(truncatingIfNeeded: offset) }
        tail[1] = Int(bitPattern: table)
        pointee.header.flags.insert(.releases)
        return table
    }

    /// The code point index of a byte offset that lies on a boundary.
    public func codePointIndex(_ offset: Int) -> Int {
        if isASCII { return offset }
        if offset >= pointee.byteCount { return tail[0] }
        var index = 0
        var position = 0
        if offset > 4 * Str.stride {
            // The last entry of the table that lies at or before the offset.
            let table = offsetTable()
            var (low, high) = (0, tail[0] / Str.stride)
            while low < high {
                let middle = (low + high + 1) / 2
                if Int(table[middle]) <= offset { low = middle } else { high = middle - 1 }
            }
            index = low * Str.stride
            position = Int(table[low])
        }
        while position < offset {
            position += Str.sequenceLength(bytes[position])
            index += 1
        }
        return index
    }

    /// The code point that starts at a byte offset, surrogates included.
    public func codePoint(at offset: Int) -> UInt32 { Str.decode(bytes + offset).codePoint }

    fileprivate func setTail(_ count: Int) {
        tail[0] = count
        tail[1] = 0
    }
}

// MARK: Making

extension Str {
    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let str = object.assumingMemoryBound(to: Str.self)
        if str.isGrown { marker.mark(str.growingText) } else { traceExtra(object, .str, &marker) }
    }

    /// Frees the offset table.
    static func release(_ object: UnsafeMutableRawPointer) {
        let str = object.assumingMemoryBound(to: Str.self)
        if !str.isASCII { free(UnsafeMutableRawPointer(bitPattern: str.tail[1])) }
    }

    /// Memory for text of a known form, its bytes still to be written.
    public static func allocate(byteCount: Int, count: Int, shape: ShapeID = Str.shape, extra: Int = 0) -> StrRef {
        let isASCII = byteCount == count
        let size = bytesOffset + (isASCII ? byteCount : (byteCount + 7) & ~7 + 16)
        let str = allocateObject(extra == 0 ? size : (size + 7) & ~7 + extra, .str, shape).assumingMemoryBound(to: Str.self)
        str.pointee.hash = 0
        str.pointee.byteCount = byteCount
        str.pointee.header.detail = isASCII ? ascii : 0
        if !isASCII { str.setTail(count) }
        return str
    }

    /// The beginning of a text that grows.
    static func make(_ text: UnsafeMutablePointer<GrowingText>, byteCount: Int, count: Int) -> StrRef {
        let isASCII = byteCount == count
        let str = allocateObject(bytesOffset + (isASCII ? 8 : 24), .str, Str.shape).assumingMemoryBound(to: Str.self)
        str.pointee.hash = 0
        str.pointee.byteCount = byteCount
        str.pointee.header.detail = isASCII ? grown | ascii : grown
        (UnsafeMutableRawPointer(str) + bytesOffset).storeBytes(of: text, as: UnsafeMutablePointer<GrowingText>.self)
        if !isASCII { str.setTail(count) }
        return str
    }

    /// A copy of well-formed (WTF-8) bytes.
    public static func make(_ bytes: UnsafeBufferPointer<UInt8>) -> StrRef {
        let str = allocate(byteCount: bytes.count, count: countCodePoints(bytes))
        if let base = bytes.baseAddress { memcpy(str.bytes, base, bytes.count) }
        return str
    }

    /// A copy of well-formed (WTF-8) bytes.
    public static func make(_ bytes: [UInt8]) -> StrRef { bytes.withUnsafeBufferPointer { make($0) } }

    /// A copy of a Swift string.
    public static func make(_ string: String) -> StrRef {
        var string = string
        return string.withUTF8 { make($0) }
    }

    /// A copy of a literal.
    public static func make(_ text: StaticString) -> StrRef {
        make(UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    /// The one-character string of a code point; those of Latin-1 exist once.
    static func make(codePoint: UInt32) -> StrRef {
        if codePoint < 256, let known = StrTables.latin1(UInt8(truncatingIfNeeded: codePoint)) { return known }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 4) { buffer in
            // A temporary allocation of four bytes has an address.
            let count = encode(codePoint, buffer.baseAddress.unsafelyUnwrapped)
            return make(UnsafeBufferPointer(start: buffer.baseAddress, count: count))
        }
    }

    static func countCodePoints(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
        var continuations = 0
        for byte in bytes where byte & 0xC0 == 0x80 { continuations += 1 }
        return bytes.count - continuations
    }

    // MARK: UTF-8

    /// Bytes of the sequence that a leading byte begins.
    @inline(__always)
    static func sequenceLength(_ lead: UInt8) -> Int {
        lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
    }

    /// The code point that begins at `bytes`, which must be well-formed (WTF-8), and its length in bytes.
    @inline(__always)
    public static func decode(_ bytes: UnsafePointer<UInt8>) -> (codePoint: UInt32, length: Int) {
        let lead = UInt32(bytes[0])
        if lead < 0x80 { return (lead, 1) }
        if lead < 0xE0 { return ((lead & 0x1F) << 6 | UInt32(bytes[1]) & 0x3F, 2) }
        if lead < 0xF0 {
            return ((lead & 0x0F) << 12 | (UInt32(bytes[1]) & 0x3F) << 6 | UInt32(bytes[2]) & 0x3F, 3)
        }
        let high = (lead & 0x07) << 18 | (UInt32(bytes[1]) & 0x3F) << 12
        return (high | (UInt32(bytes[2]) & 0x3F) << 6 | UInt32(bytes[3]) & 0x3F, 4)
    }

    /// Writes a code point as UTF-8; the bytes written.
    @discardableResult
    static func encode(_ codePoint: UInt32, _ bytes: UnsafeMutablePointer<UInt8>) -> Int {
        if codePoint < 0x80 {
            bytes[0] = UInt8(truncatingIfNeeded: codePoint)
            return 1
        }
        if codePoint < 0x800 {
            bytes[0] = UInt8(truncatingIfNeeded: 0xC0 | codePoint >> 6)
            bytes[1] = UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F)
            return 2
        }
        if codePoint < 0x10000 {
            bytes[0] = UInt8(truncatingIfNeeded: 0xE0 | codePoint >> 12)
            bytes[1] = UInt8(truncatingIfNeeded: 0x80 | codePoint >> 6 & 0x3F)
            bytes[2] = UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F)
            return 3
        }
        bytes[0] = UInt8(truncatingIfNeeded: 0xF0 | codePoint >> 18)
        bytes[1] = UInt8(truncatingIfNeeded: 0x80 | codePoint >> 12 & 0x3F)
        bytes[2] = UInt8(truncatingIfNeeded: 0x80 | codePoint >> 6 & 0x3F)
        bytes[3] = UInt8(truncatingIfNeeded: 0x80 | codePoint & 0x3F)
        return 4
    }

    // MARK: Hashing

    /// The key of all hashes of text; random unless TINYHASHSEED says otherwise.
    nonisolated(unsafe) static var hashKey: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// A keyed 64-bit hash (multiply-and-fold, after wyhash); never 0.
    static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int) -> Int {
        let raw = UnsafeRawPointer(bytes)
        var state = hashKey ^ UInt64(truncatingIfNeeded: count) &* 0xA076_1D64_78BD_642F
        var offset = 0
        while offset + 8 <= count {
            state = fold(state ^ raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self), 0xE703_7ED1_A0B4_28DB)
            offset += 8
        }
        var rest: UInt64 = 0
        while offset < count {
            rest = rest << 8 | UInt64(bytes[offset])
            offset += 1
        }
        state = fold(state ^ rest, 0x8EBC_6AF0_9C88_C6E3)
        let hash = Int(bitPattern: UInt(fold(state, hashKey | 1)))
        return hash == 0 || hash == -1 ? 1 : hash
    }

    @inline(__always)
    private static func fold(_ a: UInt64, _ b: UInt64) -> UInt64 {
        let product = a.multipliedFullWidth(by: b)
        return product.high ^ product.low
    }
}

/// Strings that exist once: interned names and single characters. Roots of the collector.
public enum StrTables {
    /// The one-character strings of Latin-1, by code point. Filled when the runtime starts.
    @inline(__always)
    public static func latin1(_ codePoint: UInt8) -> StrRef? { tiny_latin1()[Int(codePoint)]?.assumingMemoryBound(to: Str.self) }

    /// Interned strings, open addressing on the hash.
    nonisolated(unsafe) private static var slots = [StrRef?](repeating: nil, count: 4096)
    nonisolated(unsafe) private static var used = 0
    /// Those that have come since the last collection.
    nonisolated(unsafe) private static var new: [StrRef] = []
    /// How many strings are interned.
    static var count: Int { used }

    static func prepare() {
        for codePoint in 0 ..< 256 {
            var bytes: [UInt8] = [0, 0]
            let count = Str.encode(UInt32(codePoint), &bytes)
            tiny_latin1()[codePoint] = UnsafeMutableRawPointer(intern(Str.make(Array(bytes[0 ..< count]))))
        }
    }

    /// The one string of that text; `str` itself if the text is new and `str` is an exact str.
    public static func intern(_ str: StrRef) -> StrRef {
        if str.pointee.header.flags.contains(.interned) { return str }
        var index = str.hashValue & (slots.count - 1)
        while let known = slots[index] {
            if known.equals(str) { return known }
            index = (index + 1) & (slots.count - 1)
        }
        let own = str.pointee.header.shape == Str.shape ? str : Str.make(str.buffer)
        own.pointee.header.flags.insert(.interned)
        _ = own.hashValue
        slots[index] = own
        // (The first collection looks at all.)
        if heap.collections > 0 { new.append(own) }
        used += 1
        if used * 2 > slots.count { grow() }
        return own
    }

    /// The one str of that text; look-ups of names compare pointers.
    public static func intern(_ text: String) -> StrRef { intern(Str.make(text)) }
    /// As above for a literal.
    public static func intern(_ text: StaticString) -> StrRef { intern(Str.make(text)) }

    private static func grow() {
        let old = slots
        slots = [StrRef?](repeating: nil, count: old.count * 2)
        for case let str? in old {
            var index = str.hashValue & (slots.count - 1)
            while slots[index] != nil { index = (index + 1) & (slots.count - 1) }
            slots[index] = str
        }
    }

    static func markAll(_ marker: inout Marker) {
        for str in slots { marker.mark(str) }
        new.removeAll(keepingCapacity: true)
    }

    /// Marks those that came after the last collection.
    static func markNew(_ marker: inout Marker) {
        for str in new { marker.mark(str) }
        new.removeAll(keepingCapacity: true)
    }
}
