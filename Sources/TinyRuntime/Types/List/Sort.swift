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
    var sorter = Sorter(keys: keys, values: values, keyScratch: keyScratch, valueScratch: valueScratch)
    sorter.chooseComparison()
    try sorter.sort()
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

private struct Sorter {
    let keys: ListRef
    let values: ListRef
    let keyScratch: ListRef
    let valueScratch: ListRef
    private var comparison = Comparison.general

    /// Keys that are all of one simple kind are compared without asking their class.
    private enum Comparison { case ints, floats, strings, general }

    init(keys: ListRef, values: ListRef, keyScratch: ListRef, valueScratch: ListRef) {
        self.keys = keys
        self.values = values
        self.keyScratch = keyScratch
        self.valueScratch = valueScratch
    }

    mutating func chooseComparison() {
        let buffer = keys.buffer
        if buffer.allSatisfy({ $0.isInlineInt }) {
            comparison = .ints
        } else if buffer.allSatisfy({ $0.isFloat }) {
            comparison = .floats
        } else if buffer.allSatisfy({ $0.isExactly(.str) }) {
            comparison = .strings
        }
    }

    @inline(__always)
    private func less(_ a: Value, _ b: Value) throws(Raised) -> Bool {
        switch comparison {
        case .ints: a.inlineInt < b.inlineInt
        case .floats: a.float < b.float
        case .strings: a.object(Str.self).compare(b.object(Str.self)) < 0
        case .general: try compareTruth(0, a, b)
        }
    }

    private static let runLength = 16

    func sort() throws(Raised) {
        let count = keys.count
        if try isSorted(count) { return }
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

    private func isSorted(_ count: Int) throws(Raised) -> Bool {
        for index in 1 ..< count where try less(keys.items[index], keys.items[index - 1]) { return false }
        return true
    }

    private func insertionSort(_ start: Int, _ end: Int) throws(Raised) {
        var index = start + 1
        while index < end {
            let key = keys.items[index]
            let value = values.items[index]
            // Binary search for the place behind all that are not greater.
            var low = start
            var high = index
            while low < high {
                let middle = (low + high) / 2
                if try less(key, keys.items[middle]) { high = middle } else { low = middle + 1 }
            }
            var position = index
            while position > low {
                keys.items[position] = keys.items[position - 1]
                if values != keys { values.items[position] = values.items[position - 1] }
                position -= 1
            }
            keys.items[low] = key
            if values != keys { values.items[low] = value }
            index += 1
        }
    }

    private func merge(_ low: Int, _ middle: Int, _ high: Int) throws(Raised) {
        if try !less(keys.items[middle], keys.items[middle - 1]) { return }
        let left = middle - low
        keyScratch.items.update(from: keys.items + low, count: left)
        if values != keys { valueScratch.items.update(from: values.items + low, count: left) }
        var i = 0
        var j = middle
        var target = low
        while i < left, j < high {
            if try less(keys.items[j], keyScratch.items[i]) {
                keys.items[target] = keys.items[j]
                if values != keys { values.items[target] = values.items[j] }
                j += 1
            } else {
                keys.items[target] = keyScratch.items[i]
                if values != keys { values.items[target] = valueScratch.items[i] }
                i += 1
            }
            target += 1
        }
        while i < left {
            keys.items[target] = keyScratch.items[i]
            if values != keys { values.items[target] = valueScratch.items[i] }
            i += 1
            target += 1
        }
    }
}
