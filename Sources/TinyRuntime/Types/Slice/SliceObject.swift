// slice: three values, and their resolution against a length.

struct SliceObject {
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
struct ResolvedSlice {
    var start: Int
    var stop: Int
    var step: Int
    var count: Int
}

extension UnsafeMutablePointer<SliceObject> {
    /// Throws ValueError for a zero step, TypeError for indices that are none.
    func resolve(_ length: Int) throws(Raised) -> ResolvedSlice {
        let step = pointee.step.isNone ? 1 : try clamped(pointee.step)
        guard step != 0 else { throw valueError("slice step cannot be zero") }
        let lowest = step < 0 ? -1 : 0
        let highest = step < 0 ? length - 1 : length
        func bound(_ value: Value, _ fallback: Int) throws(Raised) -> Int {
            if value.isNone { return fallback }
            let index = try clamped(value)
            let adjusted = index < 0 ? index &+ length : index
            return Swift.min(Swift.max(adjusted, lowest), highest)
        }
        let start = try bound(pointee.start, step < 0 ? highest : lowest)
        let stop = try bound(pointee.stop, step < 0 ? lowest : highest)
        let count: Int
        if step > 0 {
            count = start < stop ? (stop - start - 1) / step + 1 : 0
        } else {
            count = stop < start ? (start - stop - 1) / (step == Int.min ? Int.max : -step) + 1 : 0
        }
        return ResolvedSlice(start: start, stop: stop, step: step, count: count)
    }

    /// A slice index; integers beyond the machine's are as good as its largest.
    private func clamped(_ value: Value) throws(Raised) -> Int {
        if value.isInlineInt { return value.inlineInt }
        guard value.isKind(.int) || value.isBool || value.cls.has(.index) else {
            throw typeError("slice indices must be integers or None or have an __index__ method")
        }
        let int = try indexValue(value)
        return machineInt(int) ?? (TinyRuntime.isNegative(int) ? Int.min / 2 : Int.max / 2)
    }
}
