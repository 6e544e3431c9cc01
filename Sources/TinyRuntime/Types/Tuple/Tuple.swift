// tuple: an immutable sequence; the items lie in the object.

/// tuple. The items follow it in memory.
public struct Tuple {
    var header: ObjectHeader
    /// Items; never changes.
    public let count: Int

    /// The shape of exact tuples, as against those of subclasses and named ones.
    public static let shape = ShapeID(Kind.tuple.rawValue)
    /// The one empty tuple. A permanent root.
    nonisolated(unsafe) static var empty: TupleRef?
}

/// A tuple in the heap.
public typealias TupleRef = UnsafeMutablePointer<Tuple>

extension UnsafeMutablePointer<Tuple> {
    /// The first item. Only who has just made the tuple writes.
    @inline(__always)
    public var items: UnsafeMutablePointer<Value> {
        (UnsafeMutableRawPointer(self) + 16).assumingMemoryBound(to: Value.self)
    }

    /// Replaces an item of a tuple that natives change although it may be old. (Those that they fill need no barrier, be it while
    /// the script runs: Generations.swift.)
    public func put(_ value: Value, at index: Int) {
        writeBarrier(self)
        items[index] = value
    }

    /// Number of items.
    @inline(__always)
    public var count: Int { pointee.count }

    /// The items. Valid as long as the tuple is reachable.
    public var buffer: UnsafeBufferPointer<Value> { UnsafeBufferPointer(start: items, count: count) }
}

extension Tuple {
    /// A tuple whose items the caller writes before the next safepoint.
    public static func allocate(_ count: Int, shape: ShapeID = Tuple.shape, extra: Int = 0) -> TupleRef {
        if count == 0, shape == Tuple.shape, let empty { return empty }
        let tuple = allocateObject(16 + count * 8 + extra, .tuple, shape)
        tuple.storeBytes(of: count, toByteOffset: 8, as: Int.self)
        return tuple.assumingMemoryBound(to: Tuple.self)
    }

    /// A copy of `count` values; the one empty tuple for none.
    public static func make(_ items: UnsafePointer<Value>, _ count: Int) -> TupleRef {
        if count == 0, let empty { return empty }
        let tuple = allocate(count)
        tuple.items.update(from: items, count: count)
        return tuple
    }

    /// A pair, the most frequent of all (no array is made for it).
    @inline(__always)
    public static func make(_ first: Value, _ second: Value) -> TupleRef {
        let tuple = allocate(2)
        tuple.items[0] = first
        tuple.items[1] = second
        return tuple
    }

    /// A tuple of one item (no array is made for it).
    @inline(__always)
    public static func make(_ only: Value) -> TupleRef {
        let tuple = allocate(1)
        tuple.items[0] = only
        return tuple
    }

    /// Items that the caller keeps reachable.
    public static func make(_ items: Value...) -> TupleRef { make(items) }

    /// A copy of an array's items.
    public static func make(_ items: [Value]) -> TupleRef {
        items.withUnsafeBufferPointer { buffer in
            let tuple = allocate(buffer.count)
            for index in buffer.indices { tuple.items[index] = buffer[index] }
            return tuple
        }
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let tuple = object.assumingMemoryBound(to: Tuple.self)
        marker.mark(tuple.items, count: tuple.count)
        traceExtra(object, .tuple, &marker)
    }
}

/// A tuple of `count` Nones, to be filled while the script may run.
public func blankTuple(_ count: Int) -> TupleRef {
    if count == 0 { return Tuple.make() }
    let tuple = Tuple.allocate(count)
    tuple.items.update(repeating: .none, count: count)
    return tuple
}
