// `_heapq` and `_bisect`: priority queues in lists, and binary search in sorted sequences.
import TinyRuntime

enum HeapModule {
    static let nativeModule = NativeModule("_heapq", doc: "Heap queue algorithm (a.k.a. priority queue).", functions: { functions })

    private static func list(_ value: Value) throws(Raised) -> ListRef {
        guard value.isKind(.list) else { throw typeError("argument must be list, not \(typeName(value))") }
        return value.object(List.self)
    }

    private static func full(_ value: Value) throws(Raised) -> ListRef {
        let heap = try list(value)
        if heap.count == 0 { throw raise(.indexError, "index out of range") }
        return heap
    }

    /// Whether `a` belongs above `b`.
    @inline(__always)
    private static func above(_ a: Value, _ b: Value, max isMax: Bool) throws(Raised) -> Bool {
        let (x, y) = isMax ? (b, a) : (a, b)
        if Value.bothInlineInts(x, y) { return x.inlineInt < y.inlineInt }
        if x.isFloat, y.isFloat { return x.float < y.float }
        return try compareTruth(0, x, y)
    }

    private static func checkSize(_ heap: ListRef, _ size: Int) throws(Raised) {
        if heap.count != size { throw raise(.runtimeError, "list changed size during iteration") }
    }

    /// Moves the item at `place` towards the root as far as it belongs, not above `start`.
    private static func rise(_ heap: ListRef, from start: Int, _ place: Int, max isMax: Bool) throws(Raised) {
        let size = heap.count
        let item = heap.items[place]
        var place = place
        while place > start {
            let parent = (place - 1) >> 1
            let other = heap.items[parent]
            guard try above(item, other, max: isMax) else { break }
            try checkSize(heap, size)
            heap.items[place] = other
            heap.items[parent] = item
            place = parent
        }
        try checkSize(heap, size)
    }

    /// Moves the item at `start` to a leaf along the better children, then up to where it belongs.
    private static func sink(_ heap: ListRef, _ start: Int, max isMax: Bool) throws(Raised) {
        let size = heap.count
        var place = start
        while place < size >> 1 {
            var child = 2 * place + 1
            if child + 1 < size {
                let goesLeft = try above(heap.items[child], heap.items[child + 1], max: isMax)
                try checkSize(heap, size)
                if !goesLeft { child += 1 }
            }
            let item = heap.items[child]
            heap.items[child] = heap.items[place]
            heap.items[place] = item
            place = child
        }
        try rise(heap, from: start, place, max: isMax)
    }

    private static func heapify(_ value: Value, max isMax: Bool) throws(Raised) -> Value {
        let heap = try list(value)
        var place = heap.count / 2 - 1
        while place >= 0 {
            try sink(heap, place, max: isMax)
            place -= 1
        }
        return .none
    }

    private static func pop(_ value: Value, max isMax: Bool) throws(Raised) -> Value {
        let heap = try full(value)
        heap.pointee.count -= 1
        let last = heap.items[heap.count]
        if heap.count == 0 { return last }
        let result = heap.items[0]
        heap.items[0] = last
        try sink(heap, 0, max: isMax)
        return result
    }

    private static func replace(_ value: Value, _ item: Value, max isMax: Bool) throws(Raised) -> Value {
        let heap = try full(value)
        let result = heap.items[0]
        heap.put(item, at: 0)
        try sink(heap, 0, max: isMax)
        return result
    }

    private static func pushPop(_ value: Value, _ item: Value, max isMax: Bool) throws(Raised) -> Value {
        let heap = try list(value)
        guard heap.count > 0, try above(heap.items[0], item, max: isMax) else { return item }
        return try replace(value, item, max: isMax)
    }

    private static func push(_ value: Value, _ item: Value, max isMax: Bool) throws(Raised) -> Value {
        let heap = try list(value)
        heap.append(item)
        try rise(heap, from: 0, heap.count - 1, max: isMax)
        return .none
    }

    private static let functions: [Native] = [
        Native("heappush(heap, item, /)", "Push item onto heap, maintaining the heap invariant.") { args throws(Raised) in
            try push(args[0], args[1], max: false)
        },
        Native("heappop(heap, /)", "Pop the smallest item off the heap, maintaining the heap invariant.") { args throws(Raised) in
            try pop(args[0], max: false)
        },
        Native("heapify(heap, /)", "Transform list into a heap, in-place, in O(len(heap)) time.") { args throws(Raised) in
            try heapify(args[0], max: false)
        },
        Native("heapreplace(heap, item, /)", "Pop and return the current smallest value, and add the new item.") { args throws(Raised) in
            try replace(args[0], args[1], max: false)
        },
        Native("heappushpop(heap, item, /)", "Push item on the heap, then pop and return the smallest item from the heap.") { args throws(Raised) in
            try pushPop(args[0], args[1], max: false)
        },
        Native("_heappop_max(heap, /)", "Maxheap variant of heappop.") { args throws(Raised) in try pop(args[0], max: true) },
        Native("_heapify_max(heap, /)", "Maxheap variant of heapify.") { args throws(Raised) in try heapify(args[0], max: true) },
        Native("_heapreplace_max(heap, item, /)", "Maxheap variant of heapreplace.") { args throws(Raised) in
            try replace(args[0], args[1], max: true)
        },
    ]
}

enum BisectModule {
    static let nativeModule = NativeModule("_bisect", doc: "Bisection algorithms.", functions: { functions })

    /// Where `args[1]` belongs in `args[0]`; the parameters are (a, x, lo, hi, key).
    private static func search(_ args: Arguments, _ item: Value, right: Bool) throws(Raised) -> Int {
        let sequence = args[0]
        let key = args[4]
        var low = try index(args[2])
        if low < 0 { throw valueError("lo must be non-negative") }
        var high = args[3].isNone ? try length(sequence) : try index(args[3])
        let plain = sequence.isExactly(.list) && key.isNone ? sequence.object(List.self) : nil
        while low < high {
            let middle = low + (high - low) / 2
            var value: Value
            if let plain, middle >= 0, middle < plain.count {
                value = plain.items[middle]
            } else {
                value = try getItem(sequence, Value(middle))
                if !key.isNone { value = try callValue(key, value) }
            }
            if right ? try compareTruth(0, item, value) : try !compareTruth(0, value, item) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }

    private static func insert(_ args: Arguments, right: Bool) throws(Raised) -> Value {
        let item = args[4].isNone ? args[1] : try callValue(args[4], args[1])
        let place = try search(args, item, right: right)
        if args[0].isExactly(.list) {
            let list = args[0].object(List.self)
            let start = min(place, list.count)
            withUnsafePointer(to: args[1]) { list.replace(start, start, UnsafeBufferPointer(start: $0, count: 1)) }
            return .none
        }
        return try callMethod(args[0], StrTables.intern("insert"), Value(place), args[1])
    }

    private static let functions: [Native] = [
        Native("bisect_right(a, x, lo=0, hi=None, *, key=None)", "Return the index where to insert item x in list a, assuming a is sorted.") { args throws(Raised) in
            Value(try search(args, args[1], right: true))
        },
        Native("bisect_left(a, x, lo=0, hi=None, *, key=None)", "Return the index where to insert item x in list a, assuming a is sorted.") { args throws(Raised) in
            Value(try search(args, args[1], right: false))
        },
        Native("insort_right(a, x, lo=0, hi=None, *, key=None)", "Insert item x in list a, and keep it sorted assuming a is sorted.") { args throws(Raised) in
            try insert(args, right: true)
        },
        Native("insort_left(a, x, lo=0, hi=None, *, key=None)", "Insert item x in list a, and keep it sorted assuming a is sorted.") { args throws(Raised) in
            try insert(args, right: false)
        },
    ]
}
