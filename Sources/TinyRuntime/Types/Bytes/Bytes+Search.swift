// Finding in bytes and bytearrays, taking them apart and joining them.
import Glibc

enum BytesSearch {
    private typealias Args = BytesArguments

    static let methods: [Native] = [
        Native("find(self, sub, start=None, end=None, /)", "The lowest index of a part, or -1.") { a throws(Raised) in
            Value(inline: try find(a, last: false))
        },
        Native("rfind(self, sub, start=None, end=None, /)", "The highest index of a part, or -1.") { a throws(Raised) in
            Value(inline: try find(a, last: true))
        },
        Native("index(self, sub, start=None, end=None, /)", "The lowest index of a part; ValueError if there is none.") {
            a throws(Raised) in
            try found(find(a, last: false))
        },
        Native("rindex(self, sub, start=None, end=None, /)", "The highest index of a part; ValueError if there is none.") {
            a throws(Raised) in
            try found(find(a, last: true))
        },
        Native("count(self, sub, start=None, end=None, /)", "Occurrences of a part that don't overlap.") {
            a throws(Raised) in
            let own = Args.own(a[0])
            let range = try searchRange(a[2], a[3], own.count)
            let count = try Args.withPattern(a[1]) { pattern throws(Raised) -> Int in
                guard range.start <= range.end else { return 0 }
                if pattern.count == 0 { return range.end - range.start + 1 }
                return own.occurrences(pattern, range.start, range.end)
            }
            return Value(count)
        },
        Native("startswith(self, prefix, start=None, end=None, /)", "Whether the bytes start with one of the prefixes.") {
            a throws(Raised) in
            Value(try affix(a, "startswith", atEnd: false))
        },
        Native("endswith(self, suffix, start=None, end=None, /)", "Whether the bytes end with one of the suffixes.") {
            a throws(Raised) in
            Value(try affix(a, "endswith", atEnd: true))
        },
        Native("replace(self, old, new, count=-1, /)", "A copy with occurrences of a part replaced.") { a throws(Raised) in
            let old = try BufferView(a[1]).octets
            let new = try BufferView(a[2]).octets
            let limit = try index(a[3])
            return try replace(a[0], old, new, limit < 0 ? Int.max : limit)
        },
        Native("removeprefix(self, prefix, /)", "A copy without the prefix, if it has it.") { a throws(Raised) in
            let own = Args.own(a[0])
            let prefix = try BufferView(a[1]).octets
            return own.hasPart(prefix, at: 0) ? Args.part(a[0], prefix.count, own.count) : Args.unchanged(a[0])
        },
        Native("removesuffix(self, suffix, /)", "A copy without the suffix, if it has it.") { a throws(Raised) in
            let own = Args.own(a[0])
            let suffix = try BufferView(a[1]).octets
            return own.hasPart(suffix, at: own.count - suffix.count)
                ? Args.part(a[0], 0, own.count - suffix.count) : Args.unchanged(a[0])
        },
        Native("split(self, /, sep=None, maxsplit=-1)", "The list of the parts.") { a throws(Raised) in
            let limit = try limit(a[2])
            return Value(a[1].isNone ? splitWords(a[0], limit) : split(a[0], try Args.separator(a[1]), limit))
        },
        Native("rsplit(self, /, sep=None, maxsplit=-1)", "The list of the parts, splitting from the end.") {
            a throws(Raised) in
            let limit = try limit(a[2])
            let list = a[1].isNone
                ? splitWordsFromEnd(a[0], limit) : splitFromEnd(a[0], try Args.separator(a[1]), limit)
            return Value(reversed(list))
        },
        Native("splitlines(self, /, keepends=False)", "The list of the lines.") { a throws(Raised) in
            Value(splitLines(a[0], keepEnds: try truth(a[1])))
        },
        Native("partition(self, sep, /)", "What stands before a separator, the separator, and what stands behind.") {
            a throws(Raised) in
            let own = Args.own(a[0])
            let part = try Args.separator(a[1])
            let found = own.find(part, 0, own.count)
            guard found >= 0 else {
                return Value(Tuple.make(Args.unchanged(a[0]), Args.make([], like: a[0]), Args.make([], like: a[0])))
            }
            return parts(a[0], part, found)
        },
        Native("rpartition(self, sep, /)", "As partition, with the last separator.") { a throws(Raised) in
            let own = Args.own(a[0])
            let part = try Args.separator(a[1])
            let found = own.findLast(part, 0, own.count)
            guard found >= 0 else {
                return Value(Tuple.make(Args.make([], like: a[0]), Args.make([], like: a[0]), Args.unchanged(a[0])))
            }
            return parts(a[0], part, found)
        },
        Native("join(self, iterable_of_bytes, /)", "Bytes-like objects with this one between them.") { a throws(Raised) in
            try join(a[0], a[1])
        },
    ]

    private static func parts(_ value: Value, _ part: Octets, _ found: Int) -> Value {
        let count = Args.own(value).count
        return Value(
            Tuple.make(
                Args.part(value, 0, found), Args.make(part, like: value), Args.part(value, found + part.count, count)))
    }

    private static func limit(_ value: Value) throws(Raised) -> Int {
        let limit = try index(value)
        return limit < 0 ? Int.max : limit
    }

    private static func find(_ a: Arguments, last: Bool) throws(Raised) -> Int {
        let own = Args.own(a[0])
        let range = try searchRange(a[2], a[3], own.count)
        return try Args.withPattern(a[1]) { pattern throws(Raised) in
            last ? own.findLast(pattern, range.start, range.end) : own.find(pattern, range.start, range.end)
        }
    }

    private static func found(_ index: Int) throws(Raised) -> Value {
        guard index >= 0 else { throw valueError("subsection not found") }
        return Value(inline: index)
    }

    private static func affix(_ a: Arguments, _ function: StaticString, atEnd: Bool) throws(Raised) -> Bool {
        let own = Args.own(a[0])
        let range = try searchRange(a[2], a[3], own.count)
        func matches(_ part: Octets) -> Bool {
            guard range.end - range.start >= part.count else { return false }
            return own.hasPart(part, at: atEnd ? range.end - part.count : range.start)
        }
        if a[1].isKind(.tuple) {
            for item in a[1].object(Tuple.self).buffer where matches(try BufferView(item).octets) { return true }
            return false
        }
        guard let view = try BufferView.view(a[1]) else {
            throw typeError("\(function) first arg must be bytes or a tuple of bytes, not \(typeName(a[1]))")
        }
        return matches(view.octets)
    }

    private static func replace(_ value: Value, _ old: Octets, _ new: Octets, _ limit: Int) throws(Raised) -> Value {
        let own = Args.own(value)
        if limit == 0 { return Args.unchanged(value) }
        if old.count == 0 {
            try checkSize(try repeatedSize(new.count, min(limit, own.count + 1)) + own.count)
            var result: [UInt8] = []
            for (index, byte) in own.enumerated() {
                if index < limit { result.append(contentsOf: new) }
                result.append(byte)
            }
            if own.count < limit { result.append(contentsOf: new) }
            return Args.make(result, like: value)
        }
        let times = own.occurrences(old, 0, own.count, limit: limit)
        if times == 0 { return Args.unchanged(value) }
        let (added, overflow) = times.multipliedReportingOverflow(by: new.count - old.count)
        try checkSize(overflow ? Int.max : own.count + added)
        let size = own.count + added
        if value.isKind(.bytes) {
            let result = BytesObject.allocate(size)
            own.replace(old, new, count: times, into: result.bytes)
            return Value(result)
        }
        let result = ByteArray.make(Octets(start: nil, count: 0))
        result.reserve(size)
        if let bytes = result.pointee.bytes { own.replace(old, new, count: times, into: bytes) }
        result.pointee.count = size
        return Value(result)
    }

    // MARK: Splitting

    private static func reversed(_ list: ListRef) -> ListRef {
        let result = List.make(capacity: list.count)
        for index in stride(from: list.count - 1, through: 0, by: -1) { result.append(list.items[index]) }
        return result
    }

    private static func split(_ value: Value, _ separator: Octets, _ limit: Int) -> ListRef {
        let own = Args.own(value)
        let list = List.make()
        var start = 0
        while list.count < limit {
            let found = own.find(separator, start, own.count)
            if found < 0 { break }
            list.append(Args.part(value, start, found))
            start = found + separator.count
        }
        list.append(Args.part(value, start, own.count))
        return list
    }

    private static func splitFromEnd(_ value: Value, _ separator: Octets, _ limit: Int) -> ListRef {
        let own = Args.own(value)
        let list = List.make()
        var end = own.count
        while list.count < limit {
            let found = own.findLast(separator, 0, end)
            if found < 0 { break }
            list.append(Args.part(value, found + separator.count, end))
            end = found
        }
        list.append(Args.part(value, 0, end))
        return list
    }

    private static func splitWords(_ value: Value, _ limit: Int) -> ListRef {
        let own = Args.own(value)
        let list = List.make()
        var start = 0
        while true {
            while start < own.count, ASCII.isSpace(own[start]) { start += 1 }
            if start >= own.count { return list }
            var end = start
            if list.count == limit {
                end = own.count
            } else {
                while end < own.count, !ASCII.isSpace(own[end]) { end += 1 }
            }
            list.append(Args.part(value, start, end))
            start = end
        }
    }

    private static func splitWordsFromEnd(_ value: Value, _ limit: Int) -> ListRef {
        let own = Args.own(value)
        let list = List.make()
        var end = own.count
        while true {
            while end > 0, ASCII.isSpace(own[end - 1]) { end -= 1 }
            if end == 0 { return list }
            var start = end
            if list.count == limit {
                start = 0
            } else {
                while start > 0, !ASCII.isSpace(own[start - 1]) { start -= 1 }
            }
            list.append(Args.part(value, start, end))
            end = start
        }
    }

    private static func splitLines(_ value: Value, keepEnds: Bool) -> ListRef {
        let own = Args.own(value)
        let list = List.make()
        var start = 0
        var offset = 0
        while offset < own.count {
            let byte = own[offset]
            offset += 1
            guard byte == 0x0A || byte == 0x0D else { continue }
            let lineEnd = offset - 1
            if byte == 0x0D, offset < own.count, own[offset] == 0x0A { offset += 1 }
            list.append(Args.part(value, start, keepEnds ? offset : lineEnd))
            start = offset
        }
        if start < own.count { list.append(Args.part(value, start, own.count)) }
        return list
    }

    private static func join(_ separator: Value, _ iterable: Value) throws(Raised) -> Value {
        guard isIterable(iterable) else { throw typeError("can only join an iterable") }
        // What the iterable runs must not resize the separator.
        let counter = separator.isKind(.bytearray) ? separator.object(ByteArray.self).exportCounter : nil
        counter?.count += 1
        defer { counter?.count -= 1 }
        let items = iterable.isExactly(.list) ? iterable.object(List.self) : try makeList(iterable)
        let between = Args.own(separator)
        var result: [UInt8] = []
        for index in 0 ..< items.count {
            guard let view = try BufferView.view(items.items[index]) else {
                throw typeError(
                    "sequence item \(index): expected a bytes-like object, \(typeName(items.items[index])) found")
            }
            if index > 0 { result.append(contentsOf: between) }
            try checkSize(result.count + view.count)
            result.append(contentsOf: view.octets)
        }
        if items.count == 1, separator.isKind(.bytes), items.items[0].isExactly(.bytes) { return items.items[0] }
        return Args.make(result, like: separator)
    }
}
