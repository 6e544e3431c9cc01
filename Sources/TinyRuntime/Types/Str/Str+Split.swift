// Taking strings apart and joining them: split, rsplit, splitlines, partition, join.
import Glibc

extension Str {
    static let splitMethods: [Native] = [
        Native("split(self, /, sep=None, maxsplit=-1)", "The list of the words.") { a throws(Raised) in
            let limit = try limit(a[2])
            let text = a[0].object(Str.self)
            if a[1].isNone { return Value(text.splitWords(limit)) }
            return Value(text.split(try separator(a[1]), limit))
        },
        Native("rsplit(self, /, sep=None, maxsplit=-1)", "The list of the words, splitting from the end.") {
            a throws(Raised) in
            let limit = try limit(a[2])
            let text = a[0].object(Str.self)
            let list = a[1].isNone ? text.splitWordsFromEnd(limit) : text.splitFromEnd(try separator(a[1]), limit)
            list.reverse()
            return Value(list)
        },
        Native("splitlines(self, /, keepends=False)", "The list of the lines.") { a throws(Raised) in
            Value(a[0].object(Str.self).splitLines(keepEnds: try truth(a[1])))
        },
        Native("partition(self, sep, /)", "What stands before a separator, the separator, and what stands behind.") {
            a throws(Raised) in
            let text = a[0].object(Str.self)
            let part = try partitionSeparator(a[1])
            let found = text.buffer.find(part.buffer, 0, text.pointee.byteCount)
            guard found >= 0 else { return Value(Tuple.make(Value(text.exact), Value(empty), Value(empty))) }
            return parts(text, part, found)
        },
        Native("rpartition(self, sep, /)", "As partition, with the last separator.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let part = try partitionSeparator(a[1])
            let found = text.buffer.findLast(part.buffer, 0, text.pointee.byteCount)
            guard found >= 0 else { return Value(Tuple.make(Value(empty), Value(empty), Value(text.exact))) }
            return parts(text, part, found)
        },
        Native("join(self, iterable, /)", "The strings of an iterable with this one between them.") { a throws(Raised) in
            Value(try join(a[0].object(Str.self), a[1]))
        },
    ]

    private static func parts(_ text: StrRef, _ part: StrRef, _ found: Int) -> Value {
        let before = text.substring(0, found)
        let behind = text.substring(found + part.pointee.byteCount, text.pointee.byteCount)
        return Value(Tuple.make(Value(before), Value(part.exact), Value(behind)))
    }

    private static func limit(_ value: Value) throws(Raised) -> Int {
        let limit = try index(value)
        return limit < 0 ? Int.max : limit
    }

    private static func separator(_ value: Value) throws(Raised) -> StrRef {
        guard value.isKind(.str) else { throw typeError("must be str or None, not \(typeName(value))") }
        let part = value.object(Str.self)
        guard part.pointee.byteCount > 0 else { throw valueError("empty separator") }
        return part
    }

    private static func partitionSeparator(_ value: Value) throws(Raised) -> StrRef {
        guard value.isKind(.str) else { throw typeError("must be str, not \(typeName(value))") }
        let part = value.object(Str.self)
        guard part.pointee.byteCount > 0 else { throw valueError("empty separator") }
        return part
    }

    /// `separator.join(iterable)`.
    static func join(_ separator: StrRef, _ iterable: Value) throws(Raised) -> StrRef {
        guard iterable.isExactly(.list) || iterable.isExactly(.tuple) || isIterable(iterable) else {
            throw typeError("can only join an iterable")
        }
        if iterable.isExactly(.tuple) {
            let tuple = iterable.object(Tuple.self)
            return try join(separator, UnsafePointer(tuple.items), tuple.count)
        }
        let list = iterable.isExactly(.list) ? iterable.object(List.self) : try makeList(iterable)
        guard list.count > 0 else { return empty }
        return try join(separator, UnsafePointer(list.items), list.count)
    }

    /// Joins strings that lie in memory. No script code runs.
    static func join(_ separator: StrRef, _ items: UnsafePointer<Value>, _ count: Int) throws(Raised) -> StrRef {
        if count == 0 { return empty }
        if count == 1, items[0].isExactly(.str) { return items[0].object(Str.self) }
        var size = try repeatedSize(separator.pointee.byteCount, count - 1)
        var characters = separator.count * (count - 1)
        for index in 0 ..< count {
            guard items[index].isKind(.str) else {
                throw typeError("sequence item \(index): expected str instance, \(typeName(items[index])) found")
            }
            let str = items[index].object(Str.self)
            size += str.pointee.byteCount
            characters += str.count
        }
        try checkSize(size)
        let result = allocate(byteCount: size, count: characters)
        var target = result.bytes
        for index in 0 ..< count {
            if index > 0 {
                memcpy(target, separator.bytes, separator.pointee.byteCount)
                target += separator.pointee.byteCount
            }
            let str = items[index].object(Str.self)
            memcpy(target, str.bytes, str.pointee.byteCount)
            target += str.pointee.byteCount
        }
        return result
    }
}

extension ListRef {
    /// Turns the order of the items round.
    fileprivate func reverse() {
        var low = 0
        var high = count - 1
        while low < high {
            (items[low], items[high]) = (items[high], items[low])
            low += 1
            high -= 1
        }
    }
}

extension StrRef {
    func split(_ separator: StrRef, _ limit: Int) -> ListRef {
        let list = List.make()
        let end = pointee.byteCount
        var start = 0
        while list.count < limit {
            let found = buffer.find(separator.buffer, start, end)
            if found < 0 { break }
            list.append(Value(substring(start, found)))
            start = found + separator.pointee.byteCount
        }
        list.append(Value(substring(start, end)))
        return list
    }

    /// The parts from the last to the first.
    func splitFromEnd(_ separator: StrRef, _ limit: Int) -> ListRef {
        let list = List.make()
        var end = pointee.byteCount
        while list.count < limit {
            let found = buffer.findLast(separator.buffer, 0, end)
            if found < 0 { break }
            list.append(Value(substring(found + separator.pointee.byteCount, end)))
            end = found
        }
        list.append(Value(substring(0, end)))
        return list
    }

    /// The code point that ends at a byte offset, and its length.
    @inline(__always)
    func codePoint(before offset: Int) -> (codePoint: UInt32, length: Int) {
        var start = offset - 1
        while bytes[start] & 0xC0 == 0x80 { start -= 1 }
        return Str.decode(bytes + start)
    }

    /// The first byte offset at or behind `start` whose character is a space, or is none.
    @inline(__always)
    fileprivate func skip(_ start: Int, spaces: Bool) -> Int {
        var offset = start
        while offset < pointee.byteCount {
            let byte = bytes[offset]
            if byte < 0x80 {
                if CodePoint.isSpace(UInt32(byte)) != spaces { break }
                offset += 1
            } else {
                let (codePoint, length) = Str.decode(bytes + offset)
                if CodePoint.isSpace(codePoint) != spaces { break }
                offset += length
            }
        }
        return offset
    }

    fileprivate func skipBack(_ end: Int, spaces: Bool) -> Int {
        var offset = end
        while offset > 0 {
            let (codePoint, length) = codePoint(before: offset)
            if CodePoint.isSpace(codePoint) != spaces { break }
            offset -= length
        }
        return offset
    }

    func splitWords(_ limit: Int) -> ListRef {
        let list = List.make()
        var start = skip(0, spaces: true)
        while start < pointee.byteCount {
            if list.count == limit {
                list.append(Value(substring(start, pointee.byteCount)))
                break
            }
            let end = skip(start, spaces: false)
            list.append(Value(substring(start, end)))
            start = skip(end, spaces: true)
        }
        return list
    }

    func splitWordsFromEnd(_ limit: Int) -> ListRef {
        let list = List.make()
        var end = skipBack(pointee.byteCount, spaces: true)
        while end > 0 {
            if list.count == limit {
                list.append(Value(substring(0, end)))
                break
            }
            let start = skipBack(end, spaces: false)
            list.append(Value(substring(start, end)))
            end = skipBack(start, spaces: true)
        }
        return list
    }

    func splitLines(keepEnds: Bool) -> ListRef {
        let list = List.make()
        let end = pointee.byteCount
        var start = 0
        var offset = 0
        while offset < end {
            let (codePoint, length) = Str.decode(bytes + offset)
            guard CodePoint.isLineBreak(codePoint) else {
                offset += length
                continue
            }
            let lineEnd = offset
            offset += length
            if codePoint == 0x0D, offset < end, bytes[offset] == 0x0A { offset += 1 }
            list.append(Value(substring(start, keepEnds ? offset : lineEnd)))
            start = offset
        }
        if start < end { list.append(Value(substring(start, end))) }
        return list
    }
}
