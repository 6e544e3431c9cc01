// range: three integers of any size; ranges of machine integers have a fast path.

struct RangeObject {
    var header: ObjectHeader
    var start: Value
    var stop: Value
    var step: Value
    /// The number of items; a big integer where it must be.
    var count: Value

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let range = object.assumingMemoryBound(to: RangeObject.self)
        marker.mark(range.pointee.start)
        marker.mark(range.pointee.stop)
        marker.mark(range.pointee.step)
        marker.mark(range.pointee.count)
    }

    /// Integers; the step is not zero.
    static func make(_ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
        let count: Value
        if start.isInlineInt, stop.isInlineInt, step.isInlineInt {
            count = Value(smallCount(start.inlineInt, stop.inlineInt, step.inlineInt))
        } else {
            count = try bigCount(start, stop, step)
        }
        let range = allocateObject(MemoryLayout<RangeObject>.size, .range, ShapeID(Kind.range.rawValue))
            .assumingMemoryBound(to: RangeObject.self)
        range.pointee.start = start
        range.pointee.stop = stop
        range.pointee.step = step
        range.pointee.count = count
        return Value(range)
    }

    /// The same for machine integers.
    static func make(_ start: Int, _ stop: Int, _ step: Int) -> Value {
        let range = allocateObject(MemoryLayout<RangeObject>.size, .range, ShapeID(Kind.range.rawValue))
            .assumingMemoryBound(to: RangeObject.self)
        range.pointee.start = Value(inline: start)
        range.pointee.stop = Value(inline: stop)
        range.pointee.step = Value(inline: step)
        range.pointee.count = Value(inline: smallCount(start, stop, step))
        return Value(range)
    }

    private static func smallCount(_ start: Int, _ stop: Int, _ step: Int) -> Int {
        if step > 0 { return start < stop ? (stop - start - 1) / step + 1 : 0 }
        return stop < start ? (start - stop - 1) / -step + 1 : 0
    }

    private static func bigCount(_ start: Value, _ stop: Value, _ step: Value) throws(Raised) -> Value {
        let isForward = try compareTruth(4, step, Value(inline: 0))
        let low = isForward ? start : stop
        let high = isForward ? stop : start
        guard try compareTruth(0, low, high) else { return Value(inline: 0) }
        let span = try binary(1, try binary(1, high, low), Value(inline: 1))
        let width = isForward ? step : try unary(.neg, step)
        return try binary(0, try binary(5, span, width), Value(inline: 1))
    }
}

extension UnsafeMutablePointer<RangeObject> {
    /// The count, if it and all items are inline integers.
    var smallCount: Int? {
        guard pointee.start.isInlineInt, pointee.step.isInlineInt, pointee.stop.isInlineInt, pointee.count.isInlineInt
        else { return nil }
        return pointee.count.inlineInt
    }

    func iterator() -> Value {
        if let count = smallCount { return RangeIterator.make(pointee.start.inlineInt, pointee.step.inlineInt, count) }
        return BoxedObject.make(BigRangeIterator(pointee.start, pointee.step, pointee.count), Runtime.longRangeIterator)
    }

    /// Whether an integer is in a range of small ones; nil: it is not one.
    func containsQuickly(_ number: Int) -> Bool? {
        guard let count = smallCount else { return nil }
        let offset = number - pointee.start.inlineInt
        let step = pointee.step.inlineInt
        return count > 0 && offset % step == 0 && offset / step >= 0 && offset / step < count
    }

    func reversedIterator() throws(Raised) -> Value {
        if let count = smallCount {
            let (first, step) = (pointee.start.inlineInt, pointee.step.inlineInt)
            return count == 0 ? RangeIterator.make(0, 1, 0) : RangeIterator.make(first + (count - 1) * step, -step, count)
        }
        if isZero(pointee.count) { return RangeIterator.make(0, 1, 0) }
        let last = try item(try binary(1, pointee.count, Value(inline: 1)))
        return BoxedObject.make(BigRangeIterator(last, try unary(.neg, pointee.step), pointee.count), Runtime.longRangeIterator)
    }

    /// The item at an index in 0 ..< count.
    func item(_ index: Value) throws(Raised) -> Value {
        try binary(0, pointee.start, try binary(2, index, pointee.step))
    }
}

/// Iterates over a range that leaves the inline integers.
final class BigRangeIterator: IteratorObject {
    private var current: Value
    private let step: Value
    private var remaining: Value

    init(_ start: Value, _ step: Value, _ count: Value) {
        current = start
        self.step = step
        remaining = count
    }

    override func next() throws(Raised) -> Value {
        if remaining == Value(inline: 0) { return .absent }
        let value = current
        remaining = try binary(1, remaining, Value(inline: 1))
        current = try binary(0, current, step)
        return value
    }

    /// The range still to come.
    func rest() throws(Raised) -> Value {
        try RangeObject.make(current, try binary(0, current, try binary(2, remaining, step)), step)
    }

    func skip(_ count: Value) throws(Raised) {
        let skipped = compareInts(count, remaining) > 0 ? remaining : isNegative(count) ? Value(inline: 0) : count
        current = try binary(0, current, try binary(2, skipped, step))
        remaining = try binary(1, remaining, skipped)
    }

    var hint: Value { remaining }

    override func trace(_ marker: inout Marker) {
        marker.mark(current)
        marker.mark(step)
        marker.mark(remaining)
    }
}
