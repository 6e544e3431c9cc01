// Parts of strings: indexing, slicing, repetition.
//
// ASCII text slices by offset; other text finds the offsets of both ends through its offset table. One-character
// strings of Latin-1 exist once (StrTables), so `s[i]` of ordinary text allocates nothing.
import Glibc

extension Str {
    /// The empty string.
    nonisolated(unsafe) public static let empty = StrTables.intern("")
}

extension StrRef {
    /// The string itself, or a plain copy of an instance of a subclass.
    public var exact: StrRef { pointee.header.shape == Str.shape ? self : Str.make(buffer) }

    /// The text between two byte offsets on boundaries.
    public func substring(_ start: Int, _ end: Int) -> StrRef {
        let size = end - start
        if size == pointee.byteCount { return exact }
        if size <= 0 { return Str.empty }
        if isASCII {
            if size == 1, let known = StrTables.latin1(bytes[start]) { return known }
            let part = Str.allocate(byteCount: size, count: size)
            memcpy(part.bytes, bytes + start, size)
            return part
        }
        if size <= 2, Str.sequenceLength(bytes[start]) == size { return Str.make(codePoint: codePoint(at: start)) }
        return Str.make(UnsafeBufferPointer(start: bytes + start, count: size))
    }

    /// The character at an index in 0 ..< count.
    @inline(__always)
    func character(_ index: Int) -> StrRef {
        if isASCII, let known = StrTables.latin1(bytes[index]) { return known }
        return Str.make(codePoint: codePoint(at: byteOffset(index)))
    }

    /// `self[index]` for any index, slices included.
    func item(_ index: Value) throws(Raised) -> StrRef {
        if index.isInlineInt || isInteger(index) || !index.isKind(.slice) && index.cls.has(.index) {
            return character(try sequenceIndex(index, count, "string index out of range"))
        }
        guard index.isKind(.slice) else {
            throw typeError("string indices must be integers, not '\(typeName(index))'")
        }
        return slice(try index.object(SliceObject.self).resolve(count))
    }

    func slice(_ slice: ResolvedSlice) -> StrRef {
        if slice.count == 0 { return Str.empty }
        if slice.step == 1 { return substring(byteOffset(slice.start), byteOffset(slice.start + slice.count)) }
        if isASCII {
            let part = Str.allocate(byteCount: slice.count, count: slice.count)
            var index = slice.start
            for target in 0 ..< slice.count {
                part.bytes[target] = bytes[index]
                index &+= slice.step
            }
            return part
        }
        var text = TextBuffer(capacity: slice.count)
        var index = slice.start
        for _ in 0 ..< slice.count {
            text.append(codePoint: codePoint(at: byteOffset(index)))
            index &+= slice.step
        }
        return text.makeStr()
    }

    /// `self * times`.
    func repeated(_ times: Int) throws(Raised) -> StrRef {
        if times == 1 { return exact }
        guard times > 0, pointee.byteCount > 0 else { return Str.empty }
        let size = try repeatedSize(pointee.byteCount, times)
        let result = Str.allocate(byteCount: size, count: count * times)
        memcpy(result.bytes, bytes, pointee.byteCount)
        fillRepeated(result.bytes, unit: pointee.byteCount, total: size)
        return result
    }

    /// A bounded part for searching, in byte offsets; nil if the start lies behind the end.
    func byteRange(_ start: Value, _ end: Value) throws(Raised) -> (start: Int, end: Int)? {
        let range = try searchRange(start, end, count)
        guard range.start <= range.end else { return nil }
        return (byteOffset(range.start), byteOffset(range.end))
    }
}

/// The str of an argument. `place`: "argument 1", or "argument" of a function that has only one.
public func strArgument(_ value: Value, _ function: StaticString, _ place: StaticString = "argument") throws(Raised) -> StrRef {
    guard value.isKind(.str) else { throw typeError("\(function)() \(place) must be str, not \(typeName(value))") }
    return value.object(Str.self)
}
