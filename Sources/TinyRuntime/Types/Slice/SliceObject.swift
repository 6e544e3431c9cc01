// slice: three values, and their resolution against a length.

/// slice: parts of any type, None where left out.
public struct SliceObject {
    var header: ObjectHeader
    var start: Value
    var stop: Value
    var step: Value

    static func make(_ start: Value, _ stop: Value, _ step: Value) -> Value {
        let slice = allocateObject(MemoryLayout<SliceObject>.size, .slice, ShapeID(Kind.slice.rawValue))
            .assumingMemoryBound(to: SliceObject.self)
        slice.pointee.start = start
        slice.pointee.stop = stop
        slice.pointee.step = step
        return Value(slice)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let slice = object.assumingMemoryBound(to: SliceObject.self)
        marker.mark(slice.pointee.start)
        marker.mark(slice.pointee.stop)
        marker.mark(slice.pointee.step)
    }
}

/// A slice resolved against a length: `count` indices from `start` in steps of `step`.
public struct ResolvedSlice {
    /// The first index, if there is one (see `count`).
    public var start: Int
    /// Where the indices end, itself left out; -1 for a negative step that goes down to the first item.
    public var stop: Int
    /// Never 0.
    public var step: Int
    /// Items that the slice takes; 0 for an empty one.
    public var count: Int
}

extension UnsafeMutablePointer<SliceObject> {
    /// Throws ValueError for a zero step, TypeError for indices that are none.
    public func resolve(_ length: Int) throws(Raised) -> ResolvedSlice { try resolve { length } }

    /// As above for a sequence that the `__index__` of a part may change: its length counts when all parts are known.
    func resolve(_ currentLength: () -> Int) throws(Raised) -> ResolvedSlice {
        let step = pointee.step.isNone ? 1 : try clamped(pointee.step)
        guard step != 0 else { throw valueError("slice step cannot be zero") }
        let first = pointee.start.isNone ? nil : try clamped(pointee.start)
        let last = pointee.stop.isNone ? nil : try clamped(pointee.stop)
        let length = currentLength()
        let lowest = step < 0 ? -1 : 0
        let highest = step < 0 ? length - 1 : length
        func bound(_ index: Int?, _ fallback: Int) -> Int {
            guard let index else { return fallback }
            let adjusted = index < 0 ? index &+ length : index
            return Swift.min(Swift.max(adjusted, lowest), highest)
        }
        let start = bound(first, step < 0 ? highest : lowest)
        let stop = bound(last, step < 0 ? lowest : highest)
        let count: Int
        if step > 0 {
            count = start < stop ? (stop - start - 1) / step + 1 : 0
        } else {
            count = stop < start ? (start - stop - 1) / (step == Int.min ? Int.max : -step) + 1 : 0
        }
        return ResolvedSlice(start: start, stop: stop, step: step, count: count)
    }

    /// The slice against a length of any size, exactly: what `indices` gives, and what slicing a range needs.
    func resolveInts(_ length: Value) throws(Raised) -> (start: Value, stop: Value, step: Value) {
        func part(_ value: Value) throws(Raised) -> Value {
            guard value.isInlineInt || value.isKind(.int) || value.isBool || value.cls.has(.index) else {
                throw typeError("slice indices must be integers or None or have an __index__ method")
            }
            return try indexValue(value)
        }
        let step = pointee.step.isNone ? Value(inline: 1) : try part(pointee.step)
        guard compareInts(step, Value(inline: 0)) != 0 else { throw valueError("slice step cannot be zero") }
        let isBackward = TinyRuntime.isNegative(step)
        let lowest = Value(inline: isBackward ? -1 : 0)
        let highest = isBackward ? try binary(1, length, Value(inline: 1)) : length
        func bound(_ value: Value, _ fallback: Value) throws(Raised) -> Value {
            if value.isNone { return fallback }
            var index = try part(value)
            if TinyRuntime.isNegative(index) { index = try binary(0, index, length) }
            if compareInts(index, lowest) < 0 { return lowest }
            return compareInts(index, highest) > 0 ? highest : index
        }
        return (
            try bound(pointee.start, isBackward ? highest : lowest),
            try bound(pointee.stop, isBackward ? lowest : highest), step
        )
    }

    /// A slice index; integers beyond the machine's are as good as its largest.
    private func clamped(_ value: Value) throws(Raised) -> Int {
        if value.isInlineInt { return value.inlineInt }
        guard value.isKind(.int) || value.isBool || value.cls.has(.index) else {
            throw typeError("slice indices must be integers or None or have an __index__ method")
        }
        let int = try indexValue(value)
        return machineInt(int) ?? (TinyRuntime.isNegative(int) ? -Int.max : Int.max)
    }
}
