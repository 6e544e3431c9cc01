// Finding in strings: find, index, count, replace, startswith and their relatives.
import Glibc

extension Str {
    static let searchMethods: [Native] = [
        Native("find(self, sub, start=None, end=None, /)", "The lowest index of a part, or -1.") { a throws(Raised) in
            Value(inline: try find(a, "find", last: false))
        },
        Native("rfind(self, sub, start=None, end=None, /)", "The highest index of a part, or -1.") { a throws(Raised) in
            Value(inline: try find(a, "rfind", last: true))
        },
        Native("index(self, sub, start=None, end=None, /)", "The lowest index of a part; ValueError if there is none.") {
            a throws(Raised) in
            try foundIndex(find(a, "index", last: false))
        },
        Native("rindex(self, sub, start=None, end=None, /)", "The highest index of a part; ValueError if there is none.") {
            a throws(Raised) in
            try foundIndex(find(a, "rindex", last: true))
        },
        Native("count(self, sub, start=None, end=None, /)", "Occurrences of a part that don't overlap.") {
            a throws(Raised) in
            let text = a[0].object(Str.self)
            let part = try strArgument(a[1], "count", "argument 1")
            guard let range = try text.byteRange(a[2], a[3]) else { return Value(inline: 0) }
            if part.pointee.byteCount == 0 {
                return Value(countCodePoints(text.buffer.part(range.start, range.end)) + 1)
            }
            return Value(text.buffer.occurrences(part.buffer, range.start, range.end))
        },
        Native("startswith(self, prefix, start=None, end=None, /)", "Whether the text starts with one of the prefixes.") {
            a throws(Raised) in
            Value(try affix(a, "startswith", atEnd: false))
        },
        Native("endswith(self, suffix, start=None, end=None, /)", "Whether the text ends with one of the suffixes.") {
            a throws(Raised) in
            Value(try affix(a, "endswith", atEnd: true))
        },
        Native("replace(self, old, new, /, count=-1)", "A copy with occurrences of a part replaced.") { a throws(Raised) in
            let old = try strArgument(a[1], "replace", "argument 1")
            let new = try strArgument(a[2], "replace", "argument 2")
            let count = try index(a[3])
            return Value(try a[0].object(Str.self).replacing(old, new, count < 0 ? Int.max : count))
        },
        Native("removeprefix(self, prefix, /)", "The text without the prefix, if it has it.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let prefix = try strArgument(a[1], "removeprefix")
            guard text.buffer.hasPart(prefix.buffer, at: 0) else { return Value(text.exact) }
            return Value(text.substring(prefix.pointee.byteCount, text.pointee.byteCount))
        },
        Native("removesuffix(self, suffix, /)", "The text without the suffix, if it has it.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let suffix = try strArgument(a[1], "removesuffix")
            let end = text.pointee.byteCount - suffix.pointee.byteCount
            guard text.buffer.hasPart(suffix.buffer, at: end) else { return Value(text.exact) }
            return Value(text.substring(0, end))
        },
    ]

    /// The code point index that find and its relatives return.
    private static func find(_ a: Arguments, _ function: StaticString, last: Bool) throws(Raised) -> Int {
        let text = a[0].object(Str.self)
        let part = try strArgument(a[1], function, "argument 1")
        if a[2].isNone, a[3].isNone, !last {
            return text.codePointIndexOrMissing(text.buffer.find(part.buffer, 0, text.pointee.byteCount))
        }
        guard let range = try text.byteRange(a[2], a[3]) else { return -1 }
        let offset = last
            ? text.buffer.findLast(part.buffer, range.start, range.end)
            : text.buffer.find(part.buffer, range.start, range.end)
        return text.codePointIndexOrMissing(offset)
    }

    private static func foundIndex(_ index: Int) throws(Raised) -> Value {
        guard index >= 0 else { throw valueError("substring not found") }
        return Value(inline: index)
    }

    private static func affix(_ a: Arguments, _ function: StaticString, atEnd: Bool) throws(Raised) -> Bool {
        let text = a[0].object(Str.self)
        let range = a[2].isNone && a[3].isNone ? (start: 0, end: text.pointee.byteCount) : try text.byteRange(a[2], a[3])
        if a[1].isKind(.str) { return matches(text, a[1].object(Str.self), range, atEnd) }
        guard a[1].isKind(.tuple) else {
            throw typeError("\(function) first arg must be str or a tuple of str, not \(typeName(a[1]))")
        }
        for item in a[1].object(Tuple.self).buffer {
            guard item.isKind(.str) else {
                throw typeError("tuple for \(function) must only contain str, not \(typeName(item))")
            }
            if matches(text, item.object(Str.self), range, atEnd) { return true }
        }
        return false
    }

    private static func matches(_ text: StrRef, _ part: StrRef, _ range: (start: Int, end: Int)?, _ atEnd: Bool) -> Bool {
        guard let range, range.end - range.start >= part.pointee.byteCount else { return false }
        return text.buffer.hasPart(part.buffer, at: atEnd ? range.end - part.pointee.byteCount : range.start)
    }
}

extension StrRef {
    /// The code point index of a byte offset that a search gave.
    @inline(__always)
    fileprivate func codePointIndexOrMissing(_ offset: Int) -> Int { offset <= 0 ? offset : codePointIndex(offset) }

    func contains(_ part: StrRef) -> Bool { buffer.find(part.buffer, 0, pointee.byteCount) >= 0 }

    func replacing(_ old: StrRef, _ new: StrRef, _ limit: Int) throws(Raised) -> StrRef {
        if limit == 0 { return exact }
        if old.pointee.byteCount == 0 { return try interspersed(new, limit) }
        let times = buffer.occurrences(old.buffer, 0, pointee.byteCount, limit: limit)
        if times == 0 { return exact }
        let growth = new.pointee.byteCount - old.pointee.byteCount
        let (added, overflow) = times.multipliedReportingOverflow(by: growth)
        try checkSize(overflow ? Int.max : pointee.byteCount + added)
        let size = pointee.byteCount + added
        let result = Str.allocate(byteCount: size, count: count + times * (new.count - old.count))
        buffer.replace(old.buffer, new.buffer, count: times, into: result.bytes)
        return result
    }

    /// The replacement of the empty string: something before every character and at the end.
    private func interspersed(_ new: StrRef, _ limit: Int) throws(Raised) -> StrRef {
        let size = try repeatedSize(new.pointee.byteCount, Swift.min(limit, count + 1))
        var text = TextBuffer(capacity: pointee.byteCount + size)
        var left = limit
        var offset = 0
        while left > 0 {
            text.append(new)
            left -= 1
            guard offset < pointee.byteCount else { break }
            let length = Str.sequenceLength(bytes[offset])
            text.append(buffer.part(offset, offset + length))
            offset += length
        }
        text.append(buffer.part(offset, pointee.byteCount))
        return text.makeStr()
    }
}
