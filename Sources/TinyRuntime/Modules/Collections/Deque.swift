// collections.deque: a ring buffer whose size is a power of two. This file: the buffer; Deque+Class.swift: the methods.

/// The Swift side of a `deque`. Guarded by the GIL.
public final class Deque: TracedObject, ComparedSequence {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private var buffer: UnsafeMutablePointer<Value>?
    private var mask = -1
    private var head = 0
    /// Items in use.
    public private(set) var count = 0
    /// Negative: unbounded.
    var limit = -1
    /// Counts changes of length, which end iterations.
    private(set) var changes = 0

    /// Empty and unbounded; memory comes with the first item.
    public init() {}

    deinit { buffer?.deallocate() }

    /// Marks the items and counts their memory. For the collector, which holds the GIL.
    public func trace(_ marker: inout Marker) {
        guard let buffer else { return }
        for index in 0 ..< count { marker.mark(buffer[(head + index) & mask]) }
        marker.liveBytes += (mask + 1) * 8
    }

    /// Counted from the left end; only indices below `count` may be used.
    public subscript(index: Int) -> Value {
        // A deque that has an item has a buffer.
        get { buffer.unsafelyUnwrapped[(head + index) & mask] }
        set { buffer.unsafelyUnwrapped[(head + index) & mask] = newValue }
    }

    private func grow() {
        let size = max(8, (mask + 1) * 2)
        let memory = UnsafeMutablePointer<Value>.allocate(capacity: size)
        memory.initialize(repeating: .none, count: size)
        noteExternal((size - mask - 1) * 8)
        if let buffer {
            for index in 0 ..< count { memory[index] = buffer[(head + index) & mask] }
            buffer.deallocate()
        }
        buffer = memory
        head = 0
        mask = size - 1
    }

    /// Adds at the right end. A bounded one that is full loses its first item for that.
    @inline(__always)
    public func append(_ value: Value) {
        if limit >= 0, count >= limit {
            if limit == 0 { return }
            _ = popFirst()
        }
        if count > mask { grow() }
        changes &+= 1
        buffer.unsafelyUnwrapped[(head + count) & mask] = value
        count += 1
    }

    @inline(__always)
    func appendLeft(_ value: Value) {
        if limit >= 0, count >= limit {
            if limit == 0 { return }
            _ = popLast()
        }
        if count > mask { grow() }
        changes &+= 1
        head = (head - 1) & mask
        buffer.unsafelyUnwrapped[head] = value
        count += 1
    }

    /// The deque is not empty.
    @inline(__always)
    public func popFirst() -> Value {
        let value = self[0]
        head = (head + 1) & mask
        count -= 1
        changes &+= 1
        return value
    }

    /// The deque is not empty.
    @inline(__always)
    func popLast() -> Value {
        count -= 1
        changes &+= 1
        return self[count]
    }

    func clear() {
        buffer?.deallocate()
        buffer = nil
        mask = -1
        head = 0
        count = 0
        changes &+= 1
    }

    func rotate(_ steps: Int) {
        guard count > 1 else { return }
        var steps = steps % count
        if steps < 0 { steps += count }
        if steps == 0 { return }
        changes &+= 1
        if steps > count / 2 { steps -= count }
        if count == mask + 1 {
            head = (head - steps) & mask
            return
        }
        while steps > 0 {
            let value = self[count - 1]
            head = (head - 1) & mask
            self[0] = value
            steps -= 1
        }
        while steps < 0 {
            let value = self[0]
            head = (head + 1) & mask
            self[count - 1] = value
            steps += 1
        }
    }

    /// Inserts before an index in `0 ... count`.
    func insert(_ value: Value, at index: Int) {
        append(value)
        var place = count - 1
        while place > index {
            self[place] = self[place - 1]
            place -= 1
        }
        self[index] = value
    }

    func remove(at index: Int) {
        if index < count / 2 {
            var place = index
            while place > 0 {
                self[place] = self[place - 1]
                place -= 1
            }
            _ = popFirst()
        } else {
            var place = index
            while place < count - 1 {
                self[place] = self[place + 1]
                place += 1
            }
            _ = popLast()
        }
    }

    func reverse() {
        var (low, high) = (0, count - 1)
        while low < high {
            let value = self[low]
            self[low] = self[high]
            self[high] = value
            low += 1
            high -= 1
        }
    }

    func extend(_ iterable: Value) throws(Raised) {
        if iterable.boxed(Deque.self) === self {
            let list = items()
            for index in 0 ..< list.count { append(list.items[index]) }
            return
        }
        try forEach(iterable) { value throws(Raised) in
            append(value)
            return true
        }
    }

    func extendLeft(_ iterable: Value) throws(Raised) {
        if iterable.boxed(Deque.self) === self {
            let list = items()
            for index in 0 ..< list.count { appendLeft(list.items[index]) }
            return
        }
        try forEach(iterable) { value throws(Raised) in
            appendLeft(value)
            return true
        }
    }

    /// A list of the items.
    func items() -> ListRef {
        let list = List.make(capacity: count)
        for index in 0 ..< count { list.append(self[index]) }
        return list
    }

    /// The index of a value, or nil. Throws RuntimeError if comparing changes the deque.
    func find(_ value: Value, from start: Int = 0, to stop: Int = .max, _ complaint: ExceptionName = .runtimeError) throws(Raised) -> Int? {
        let before = changes
        var index = start
        while index < min(stop, count) {
            let isEqual = try equal(self[index], value)
            if before != changes {
                throw raise(complaint, complaint == .indexError ? "deque mutated during remove()." : "deque mutated during iteration")
            }
            if isEqual { return index }
            index += 1
        }
        return nil
    }
}

final class DequeIterator: IteratorObject {
    private var box: Value
    private let deque: Deque
    private let changes: Int
    private var index = 0
    private let isReversed: Bool
    nonisolated(unsafe) static var forward = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var backward = ClassRef(bitPattern: 8).unsafelyUnwrapped

    init(_ box: Value, _ deque: Deque, reversed: Bool) {
        self.box = box
        self.deque = deque
        changes = deque.changes
        isReversed = reversed
    }

    override func next() throws(Raised) -> Value {
        if box.isNone { return .absent }
        if deque.changes != changes {
            box = .none
            throw raise(.runtimeError, "deque mutated during iteration")
        }
        guard index < deque.count else {
            box = .none
            return .absent
        }
        index += 1
        return deque[isReversed ? deque.count - index : index - 1]
    }

    override func trace(_ marker: inout Marker) { marker.mark(box) }

    static let methods = nativeIteratorMethods + [
        Native("__length_hint__(self, /)", "Private method returning an estimate of len(list(it)).") { args throws(Raised) in
            guard let own = args[0].boxed(DequeIterator.self), !own.box.isNone else { return Value(inline: 0) }
            return Value(own.deque.count - own.index)
        },
        Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
            guard let own = args[0].boxed(DequeIterator.self) else { throw typeError("a deque iterator is required") }
            if own.box.isNone {
                let empty = try callValue(Value(Deque.cls))
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(empty))))
            }
            return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.box, Value(own.index)))))
        },
    ]
    static let nativeClass = NativeClass(
        "_deque_iterator", kind: .box, methods: methods, construct: { args throws(Raised) in try make(args, reversed: false) })
    static let reverseClass = NativeClass(
        "_deque_reverse_iterator", kind: .box, methods: methods, construct: { args throws(Raised) in try make(args, reversed: true) })

    /// `_deque_iterator(deque, index)`: what `__reduce__` gives.
    private static func make(_ args: Arguments, reversed: Bool) throws(Raised) -> Value {
        let cls = args[0].object(ClassObject.self)
        let given = try bindNames(args, ["deque", "index"], required: 1, function: cls.nameText)
        defer { given.deallocate() }
        guard let deque = given[0].deque else { throw typeError("argument 1 must be collections.deque, not \(typeName(given[0]))") }
        let iterator = DequeIterator(given[0], deque, reversed: reversed)
        if !given[1].isAbsent { iterator.index = min(max(0, try TinyRuntime.index(given[1])), deque.count) }
        return BoxedObject.make(iterator, cls)
    }
}
