// Stable sorting: a merge sort with insertion-sorted runs.
//
// What moves is not the values but small entries: where a key stands, and a prefix of it that decides most comparisons
// without a look at the key itself (which lies anywhere in memory). The comparison may run script code, which may collect:
// keys and values stay where they are, in list objects that the native stack holds.

/// Sorts a list in place. While it sorts, the list appears empty; changing it meanwhile is a ValueError.
public func sort(_ list: ListRef, key: Value, reverse: Bool) throws(Raised) {
    let count = list.count
    guard count > 1 || !key.isNone else { return }
    let values = List.make()
    exchangeBuffers(list, values)
    var result = values
    var failure: Raised?
    do {
        var keys = values
        if !key.isNone {
            keys = List.make(capacity: count)
            for index in 0 ..< count { keys.append(try callValue(key, values.items[index])) }
        }
        if count > 1 { result = try sortInPlainestOrder(keys, values, reverse) }
        // The use that keeps the keys on the native stack until here.
        if keys != values { keys.pointee.count = 0 }
    } catch { failure = error }
    let wasChanged = list.count > 0 || list.pointee.items != nil
    exchangeBuffers(list, result)
    if let failure { throw failure }
    if wasChanged { throw valueError("list modified during sort") }
}

private func exchangeBuffers(_ a: ListRef, _ b: ListRef) {
    writeBarrier(a)
    writeBarrier(b)
    swap(&a.pointee.items, &b.pointee.items)
    swap(&a.pointee.capacity, &b.pointee.capacity)
    swap(&a.pointee.count, &b.pointee.count)
    noteOwnBuffer(a)
    noteOwnBuffer(b)
}

private func noteOwnBuffer(_ list: ListRef) {
    if !Storage.isCell(list.pointee.capacity * 8) { list.pointee.header.flags.insert(.releases) }
}

func reverseItems(_ list: ListRef) {
    guard list.count > 1 else { return }
    var items = UnsafeMutableBufferPointer(start: list.pointee.items, count: list.count)
    items.reverse()
}

/// Chooses the order by what the keys are: keys of one simple kind are compared without asking their class, as are the
/// first items of tuples (which decide most comparisons). The values in their order, in a list of their own.
private func sortInPlainestOrder(_ keys: ListRef, _ values: ListRef, _ reverse: Bool) throws(Raised) -> ListRef {
    let all = keys.buffer
    if all.allSatisfy({ $0.isInlineInt }) { return try Sorter<IntOrder>.sort(keys, values, reverse) }
    if all.allSatisfy({ $0.isFloat }) { return try Sorter<FloatOrder>.sort(keys, values, reverse) }
    if all.allSatisfy({ $0.isExactly(.str) }) { return try Sorter<StrOrder>.sort(keys, values, reverse) }
    if all.allSatisfy({ $0.isExactly(.tuple) && $0.object(Tuple.self).count > 0 }) {
        if all.allSatisfy({ $0.firstItem.isInlineInt }) { return try Sorter<TupleOrder<IntOrder>>.sort(keys, values, reverse) }
        if all.allSatisfy({ $0.firstItem.isFloat }) { return try Sorter<TupleOrder<FloatOrder>>.sort(keys, values, reverse) }
        if all.allSatisfy({ $0.firstItem.isExactly(.str) }) { return try Sorter<TupleOrder<StrOrder>>.sort(keys, values, reverse) }
    }
    return try Sorter<GeneralOrder>.sort(keys, values, reverse)
}

extension Value {
    /// The first item of a tuple known to have one.
    @inline(__always)
    fileprivate var firstItem: Value { object(Tuple.self).items[0] }
}

/// "Is less than" for keys of one kind; a type, so that the sort is compiled once for each.
private protocol KeyOrder {
    /// What of a key goes into its entry: a lesser one belongs to a lesser key.
    associatedtype Prefix: Comparable
    static func prefix(_ key: Value) -> Prefix
    /// Keys of equal prefixes are equal.
    static var prefixDecides: Bool { get }
    /// `a < b` of keys whose prefixes are equal.
    static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool
    /// `a == b` of keys whose prefixes are equal; only simple kinds are asked.
    static func equal(_ a: Value, _ b: Value) -> Bool
}

private enum IntOrder: KeyOrder {
    @inline(__always) static func prefix(_ key: Value) -> Int { key.inlineInt }
    static var prefixDecides: Bool { true }
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool { false }
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool { true }
}

private enum FloatOrder: KeyOrder {
    @inline(__always) static func prefix(_ key: Value) -> Double { key.float }
    static var prefixDecides: Bool { true }
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool { a.float < b.float }
    // As the general comparison of tuples: the same object is equal to itself, NaN or not.
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool { a == b || a.float == b.float }
}

private enum StrOrder: KeyOrder {
    /// The first eight bytes; the order of UTF-8's bytes is that of the code points.
    @inline(__always) static func prefix(_ key: Value) -> UInt64 {
        let text = key.object(Str.self)
        let count = text.pointee.byteCount
        if count >= 8 { return UInt64(bigEndian: UnsafeRawPointer(text.bytes).loadUnaligned(as: UInt64.self)) }
        var prefix: UInt64 = 0
        for index in 0 ..< count { prefix |= UInt64(text.bytes[index]) << UInt64(56 - 8 * index) }
        return prefix
    }
    static var prefixDecides: Bool { false }
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool {
        a.object(Str.self).compare(b.object(Str.self)) < 0
    }
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool {
        a == b || a.object(Str.self).equals(b.object(Str.self))
    }
}

/// Tuples whose first items are all of one simple kind.
private enum TupleOrder<First: KeyOrder>: KeyOrder {
    @inline(__always) static func prefix(_ key: Value) -> First.Prefix { First.prefix(key.firstItem) }
    static var prefixDecides: Bool { false }
    static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
        guard First.equal(a.firstItem, b.firstItem) else { return try First.less(a.firstItem, b.firstItem) }
        let left = a.object(Tuple.self)
        let right = b.object(Tuple.self)
        // Second items that are small integers decide most of what is left.
        if left.count > 1, right.count > 1 {
            let x = left.items[1]
            let y = right.items[1]
            if x.isInlineInt, y.isInlineInt, x != y { return x.inlineInt < y.inlineInt }
        }
        return try compareTruth(0, a, b)
    }
    static func equal(_ a: Value, _ b: Value) -> Bool { a == b }
}

private enum GeneralOrder: KeyOrder {
    /// Says nothing.
    @inline(__always) static func prefix(_ key: Value) -> UInt8 { 0 }
    static var prefixDecides: Bool { false }
    static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool { try compareTruth(0, a, b) }
    static func equal(_ a: Value, _ b: Value) -> Bool { a == b }
}

private struct Sorter<Order: KeyOrder> {
    private struct Entry {
        var prefix: Order.Prefix
        var index: UInt32
    }

    /// The keys' list is private to the sort, so the address holds although the comparison may run anything.
    private let keys: UnsafeMutablePointer<Value>
    private let entries: UnsafeMutablePointer<Entry>
    /// Room for the left one of two runs that are merged, behind the entries.
    private let scratch: UnsafeMutablePointer<Entry>
    private let count: Int
    private static var runLength: Int { 24 }

    /// The values by their keys. A reversed sort reads and writes from the end: so equal elements keep their order.
    static func sort(_ keys: ListRef, _ values: ListRef, _ reverse: Bool) throws(Raised) -> ListRef {
        let count = keys.count
        var widest = runLength
        while widest * 2 < count { widest *= 2 }
        let entries = UnsafeMutablePointer<Entry>.allocate(capacity: count > runLength ? count + min(widest, count) : count)
        defer { entries.deallocate() }
        let sorter = Sorter(keys: keys.items, entries: entries, scratch: entries + count, count: count)
        for place in 0 ..< count {
            let index = reverse ? count - 1 - place : place
            (sorter.entries + place).initialize(
                to: Entry(prefix: Order.prefix(keys.items[index]), index: UInt32(truncatingIfNeeded: index)))
        }
        try sorter.sort()
        let result = List.make(capacity: count)
        result.pointee.count = count
        for place in 0 ..< count {
            result.items[reverse ? count - 1 - place : place] = values.items[Int(sorter.entries[place].index)]
        }
        return result
    }

    @inline(__always)
    private func less(_ a: Entry, _ b: Entry) throws(Raised) -> Bool {
        if Order.prefixDecides { return a.prefix < b.prefix }
        if a.prefix < b.prefix { return true }
        if b.prefix < a.prefix { return false }
        return try Order.less(keys[Int(a.index)], keys[Int(b.index)])
    }

    private func sort() throws(Raised) {
        if try isSorted() { return }
        var start = 0
        while start < count {
            try insertionSort(start, min(start + Self.runLength, count))
            start += Self.runLength
        }
        var width = Self.runLength
        while width < count {
            var low = 0
            while low + width < count {
                try merge(low, low + width, min(low + 2 * width, count))
                low += 2 * width
            }
            width *= 2
        }
    }

    /// Whether there is nothing to do: already in order, or strictly descending, which reversing puts in order.
    private func isSorted() throws(Raised) -> Bool {
        var index = 2
        guard try less(entries[1], entries[0]) else {
            while index < count {
                if try less(entries[index], entries[index - 1]) { return false }
                index += 1
            }
            return true
        }
        while index < count {
            guard try less(entries[index], entries[index - 1]) else { return false }
            index += 1
        }
        var all = UnsafeMutableBufferPointer(start: entries, count: count)
        all.reverse()
        return true
    }

    private func insertionSort(_ start: Int, _ end: Int) throws(Raised) {
        var index = start + 1
        while index < end {
            let entry = entries[index]
            // Binary search for the place behind all that are not greater.
            var low = start
            var high = index
            while low < high {
                let middle = (low + high) / 2
                if try less(entry, entries[middle]) { high = middle } else { low = middle + 1 }
            }
            var position = index
            while position > low {
                entries[position] = entries[position - 1]
                position -= 1
            }
            entries[low] = entry
            index += 1
        }
    }

    private func merge(_ low: Int, _ middle: Int, _ high: Int) throws(Raised) {
        if try !less(entries[middle], entries[middle - 1]) { return }
        let left = middle - low
        scratch.update(from: entries + low, count: left)
        var i = 0
        var j = middle
        var target = low
        while i < left, j < high {
            // Both are read and one is chosen without a jump: which one it will be can't be predicted.
            let takesRight = try less(entries[j], scratch[i])
            entries[target] = takesRight ? entries[j] : scratch[i]
            j += takesRight ? 1 : 0
            i += takesRight ? 0 : 1
            target += 1
        }
        (entries + target).update(from: scratch + i, count: left - i)
    }
}
