// list: a growing array of values in a buffer of its own.
import CTiny
import Glibc

/// list.
public struct List {
    var header: ObjectHeader
    /// Items in use.
    public var count: Int
    /// Items that there is room for.
    public var capacity: Int
    var items: UnsafeMutablePointer<Value>?

    /// The shape of exact lists, as against those of subclasses.
    public static let shape = ShapeID(Kind.list.rawValue)
}

/// A list in the heap.
public typealias ListRef = UnsafeMutablePointer<List>

extension List {
    /// An empty list with room for `capacity` items.
    public static func make(capacity: Int = 0, shape: ShapeID = List.shape, extra: Int = 0) -> ListRef {
        let list = allocateObject(MemoryLayout<List>.size + extra, .list, shape).assumingMemoryBound(to: List.self)
        list.pointee.count = 0
        list.pointee.capacity = capacity
        list.pointee.items = nil
        if capacity > 0 { list.take(Storage.allocate(capacity * 8), capacity) }
        return list
    }

    /// A list of copies of `count` values.
    public static func make(_ items: UnsafePointer<Value>, _ count: Int) -> ListRef {
        let list = make(capacity: count)
        list.pointee.items?.update(from: items, count: count)
        list.pointee.count = count
        return list
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let list = object.assumingMemoryBound(to: List.self)
        marker.mark(list.pointee.items, count: list.pointee.count)
        marker.mark(storage: list.pointee.items, list.pointee.capacity * 8)
        traceExtra(object, .list, &marker)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let list = object.assumingMemoryBound(to: List.self)
        Storage.release(list.pointee.items, list.pointee.capacity * 8)
    }
}

extension UnsafeMutablePointer<List> {
    /// Items in use.
    @inline(__always)
    public var count: Int { pointee.count }

    /// The items; only indices below `count` may be used. Who stores one into a list that may be old says so before: `put`, or
    /// `writeBarrier`.
    @inline(__always)
    public var items: UnsafeMutablePointer<Value> {
        // An empty list may have no buffer; then no index is valid and the pointer is never followed.
        pointee.items.unsafelyUnwrapped
    }

    /// The items. Valid until the list changes, which any call of script code may do.
    public var buffer: UnsafeBufferPointer<Value> { UnsafeBufferPointer(start: pointee.items, count: pointee.count) }

    /// `list.append`, in constant time on average.
    @inline(__always)
    public func append(_ value: Value) {
        if pointee.count == pointee.capacity { grow(pointee.count + 1) }
        writeBarrier(self)
        items[pointee.count] = value
        pointee.count += 1
    }

    /// Replaces the item at an index below `count`.
    @inline(__always)
    public func put(_ value: Value, at index: Int) {
        writeBarrier(self)
        items[index] = value
    }

    /// Appends unless that takes memory; whether it has.
    @inline(__always)
    func appendIfRoom(_ value: Value) -> Bool {
        guard pointee.count < pointee.capacity else { return false }
        writeBarrier(self)
        items[pointee.count] = value
        pointee.count += 1
        return true
    }

    /// Makes room for at least `capacity` items, with slack that grows with the size (as CPython's over-allocation).
    @inline(never)
    func grow(_ needed: Int) {
        reserve(Swift.max(4, needed + needed >> 3 + 3))
    }

    /// Makes room for so many items in all; a list never shrinks by it.
    public func reserve(_ capacity: Int) {
        guard capacity > pointee.capacity else { return }
        take(Storage.resize(pointee.items, from: pointee.capacity * 8, to: capacity * 8), capacity)
    }

    /// Makes a buffer the list's own.
    @inline(__always)
    func take(_ memory: UnsafeMutableRawPointer, _ capacity: Int) {
        writeBarrier(self)
        pointee.items = memory.bindMemory(to: Value.self, capacity: capacity)
        pointee.capacity = capacity
        if !Storage.isCell(capacity * 8) { pointee.header.flags.insert(.releases) }
    }

    /// Gives memory back after a large shrinkage.
    func shrink() {
        guard pointee.count * 2 < pointee.capacity, pointee.capacity > 16 else { return }
        let capacity = Swift.max(pointee.count, 4)
        take(Storage.resize(pointee.items, from: pointee.capacity * 8, to: capacity * 8), capacity)
    }

    /// Replaces the items `start ..< end` by `replacement`, which does not lie in this list.
    public func replace(_ start: Int, _ end: Int, _ replacement: UnsafeBufferPointer<Value>) {
        writeBarrier(self)
        let delta = replacement.count - (end - start)
        let count = pointee.count
        if count + delta > pointee.capacity { grow(count + delta) }
        if count + delta > 0 || count > 0, let items = pointee.items {
            memmove(items + end + delta, items + end, (count - end) * 8)
            if let source = replacement.baseAddress { (items + start).update(from: source, count: replacement.count) }
        }
        pointee.count = count + delta
        if delta < 0 { shrink() }
    }
}
