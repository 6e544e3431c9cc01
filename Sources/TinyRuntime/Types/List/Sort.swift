// Stable sorting: a merge sort with insertion-sorted runs, on values whose keys were computed first.
//
// The comparison may run script code, which may collect: what is being sorted lies in list objects that the native stack
// holds, never in Swift arrays.

/// Sorts a list in place. While it sorts, the list appears empty; changing it meanwhile is a ValueError.
func sort(_ list: ListRef, key: Value, reverse: Bool) throws(Raised) {
    let count = list.count
    guard count > 1 || !key.isNone else { return }
    let values = List.make(capacity: count)
    if count > 0 { values.items.update(from: list.items, count: count) }
    values.pointee.count = count
    let savedItems = list.pointee.items
    let savedCapacity = list.pointee.capacity
    list.pointee.items = nil
    list.pointee.count = 0
    list.pointee.capacity = 0
    var failure: Raised?
    do {
        var keys = values
        if !key.isNone {
            keys = List.make(capacity: count)
            for index in 0 ..< count { keys.append(try callValue(key, values.items[index])) }
        }
        try sortPairs(keys, values, reverse)
        if keys != values { keys.pointee.count = 0 }
    } catch { failure = error }
    let wasChanged = list.count > 0 || list.pointee.items != nil
    if wasChanged { List.release(UnsafeMutableRawPointer(list)) }
    list.pointee.items = savedItems
    list.pointee.capacity = savedCapacity
    list.pointee.count = count
    if count > 0 { list.items.update(from: values.items, count: count) }
    if let failure { throw failure }
    if wasChanged { throw valueError("list modified during sort") }
}

/// Sorts keys, moving values along (they may be the same list).
private func sortPairs(_ keys: ListRef, _ values: ListRef, _ reverse: Bool) throws(Raised) {
    let count = keys.count
    guard count > 1 else { return }
    // Equal elements keep their order in a reversed sort too: sort the reversed sequence, then reverse.
    if reverse {
        reverseItems(keys)
        if values != keys { reverseItems(values) }
    }
    let keyScratch = List.make(capacity: count)
    let valueScratch = values == keys ? keyScratch : List.make(capacity: count)
    for scratch in [keyScratch, valueScratch] {
        scratch.items.update(repeating: .none, count: count)
        scratch.pointee.count = count
    }
    let storage = SortStorage(
        keys: keys.items, values: values == keys ? nil : values.items, keyScratch: keyScratch.items,
        valueScratch: valueScratch.items, count: count)
    // The storage points into these lists, which must stay on the native stack while the script compares: emptying them
    // afterwards is the use that keeps them there.
    defer {
        keyScratch.pointee.count = 0
        valueScratch.pointee.count = 0
    }
    try sortInPlainestOrder(storage, keys.buffer)
    if reverse {
        reverseItems(keys)
        if values != keys { reverseItems(values) }
    }
}

func reverseItems(_ list: ListRef) {
    guard list.count > 1 else { return }
    var low = 0
    var high = list.count - 1
    while low < high {
        let value = list.items[low]
        list.items[low] = list.items[high]
        list.items[high] = value
        low += 1
        high -= 1
    }
}

/// Where the keys and what moves along with them lie. The lists that own the buffers are private to the sort, so the
/// addresses hold although the comparison may run anything.
private struct SortStorage {
    let keys: UnsafeMutablePointer<Value>
    /// Nil: the keys are the values.
    let values: UnsafeMutablePointer<Value>?
    let keyScratch: UnsafeMutablePointer<Value>
    let valueScratch: UnsafeMutablePointer<Value>
    let count: Int
}

/// Chooses the order by what the keys are: keys of one simple kind are compared without asking their class, as are the
/// first items of tuples (which decide most comparisons).
private func sortInPlainestOrder(_ storage: SortStorage, _ keys: UnsafeBufferPointer<Value>) throws(Raised) {
    if keys.allSatisfy({ $0.isInlineInt }) { return try Sorter<IntOrder>(storage).sort() }
    if keys.allSatisfy({ $0.isFloat }) { return try Sorter<FloatOrder>(storage).sort() }
    if keys.allSatisfy({ $0.isExactly(.str) }) { return try Sorter<StrOrder>(storage).sort() }
    if keys.allSatisfy({ $0.isExactly(.tuple) && $0.object(Tuple.self).count > 0 }) {
        if keys.allSatisfy({ $0.firstItem.isInlineInt }) { return try Sorter<TupleOrder<IntOrder>>(storage).sort() }
        if keys.allSatisfy({ $0.firstItem.isFloat }) { return try Sorter<TupleOrder<FloatOrder>>(storage).sort() }
        if keys.allSatisfy({ $0.firstItem.isExactly(.str) }) { return try Sorter<TupleOrder<StrOrder>>(storage).sort() }
    }
    try Sorter<GeneralOrder>(storage).sort()
}

extension Value {
    /// The first item of a tuple known to have one.
    @inline(__always)
    fileprivate var firstItem: Value { object(Tuple.self).items[0] }
}

/// "Is less than" for keys of one kind; a type, so that the sort is compiled once for each.
private protocol KeyOrder {
    static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool
    /// `a == b` where `less` decides; only simple kinds are asked.
    static func equal(_ a: Value, _ b: Value) -> Bool
}

private enum IntOrder: KeyOrder {
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool { a.inlineInt < b.inlineInt }
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool { a == b }
}

private enum FloatOrder: KeyOrder {
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool { a.float < b.float }
    // As the general comparison of tuples: the same object is equal to itself, NaN or not.
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool { a == b || a.float == b.float }
}

private enum StrOrder: KeyOrder {
    @inline(__always) static func less(_ a: Value, _ b: Value) -> Bool {
        a.object(Str.self).compare(b.object(Str.self)) < 0
    }
    @inline(__always) static func equal(_ a: Value, _ b: Value) -> Bool {
        a == b || a.object(Str.self).equals(b.object(Str.self))
    }
}

/// Tuples whose first items are all of one simple kind.
private enum TupleOrder<First: KeyOrder>: KeyOrder {
    @inline(__always) static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
        if !First.equal(a.firstItem, b.firstItem) { return try First.less(a.firstItem, b.firstItem) }
        return try compareTruth(0, a, b)
    }
    static func equal(_ a: Value, _ b: Value) -> Bool { a == b }
}

private enum GeneralOrder: KeyOrder {
    static func less(_ a: Value, _ b: Value) throws(Raised) -> Bool { try compareTruth(0, a, b) }
    static func equal(_ a: Value, _ b: Value) -> Bool { a == b }
}

private struct Sorter<Order: KeyOrder> {
    private let keys: UnsafeMutablePointer<Value>
    private let values: UnsafeMutablePointer<Value>?
    private let keyScratch: UnsafeMutablePointer<Value>
    private let valueScratch: UnsafeMutablePointer<Value>
    private let count: Int
    private static var runLength: Int { 24 }

    init(_ storage: SortStorage) {
        keys = storage.keys
        values = storage.values
        keyScratch = storage.keyScratch
        valueScratch = storage.valueScratch
        count = storage.count
    }

    func sort() throws(Raised) {
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
        guard try Order.less(keys[1], keys[0]) else {
            while index < count {
                if try Order.less(keys[index], keys[index - 1]) { return false }
                index += 1
            }
            return true
        }
        while index < count {
            guard try Order.less(keys[index], keys[index - 1]) else { return false }
            index += 1
        }
        for items in [keys, values] {
            var items = UnsafeMutableBufferPointer(start: items, count: items == nil ? 0 : count)
            items.reverse()
        }
        return true
    }

    private func insertionSort(_ start: Int, _ end: Int) throws(Raised) {
        var index = start + 1
        while index < end {
            let key = keys[index]
            // Binary search for the place behind all that are not greater.
            var low = start
            var high = index
            while low < high {
                let middle = (low + high) / 2
                if try Order.less(key, keys[middle]) { high = middle } else { low = middle + 1 }
            }
            shift(keys, from: low, to: index)
            if let values { shift(values, from: low, to: index) }
            index += 1
        }
    }

    /// Moves the item at `index` down to `low`, the others up.
    @inline(__always)
    private func shift(_ items: UnsafeMutablePointer<Value>, from low: Int, to index: Int) {
        let item = items[index]
        var position = index
        while position > low {
            items[position] = items[position - 1]
            position -= 1
        }
        items[low] = item
    }

    private func merge(_ low: Int, _ middle: Int, _ high: Int) throws(Raised) {
        if try !Order.less(keys[middle], keys[middle - 1]) { return }
        let left = middle - low
        keyScratch.update(from: keys + low, count: left)
        if let values { valueScratch.update(from: values + low, count: left) }
        var i = 0
        var j = middle
        var target = low
        while i < left, j < high {
            if try Order.less(keys[j], keyScratch[i]) {
                keys[target] = keys[j]
                if let values { values[target] = values[j] }
                j += 1
            } else {
                keys[target] = keyScratch[i]
                if let values { values[target] = valueScratch[i] }
                i += 1
            }
            target += 1
        }
        (keys + target).update(from: keyScratch + i, count: left - i)
        if let values { (values + target).update(from: valueScratch + i, count: left - i) }
    }
}
