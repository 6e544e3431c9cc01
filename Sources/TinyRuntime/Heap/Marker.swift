// The tracer: marks what is reachable, with a stack of its own so that deep data needs no native stack.
import CTiny
import Glibc

/// The stack of objects reached but not yet looked into.
public struct Marker {
    private var stack: UnsafeMutablePointer<UnsafeMutableRawPointer>
    private var count = 0
    private var capacity = 4096
    /// Bytes of objects marked in this collection, external buffers included as far as their kinds say.
    var liveBytes = 0

    init() {
        stack = .allocate(capacity: capacity)
    }

    @inline(__always)
    mutating func mark(_ value: Value) {
        if value.isPointer { mark(object: value.address) }
    }

    @inline(__always)
    mutating func mark<Object>(_ pointer: UnsafeMutablePointer<Object>?) {
        if let pointer { mark(object: UnsafeMutableRawPointer(pointer)) }
    }

    @inline(__always)
    mutating func mark(object: UnsafeMutableRawPointer) {
        let header = object.assumingMemoryBound(to: ObjectHeader.self)
        guard !header.pointee.flags.contains(.marked) else { return }
        header.pointee.flags.insert(.marked)
        if count == capacity { grow() }
        stack[count] = object
        count += 1
    }

    mutating func mark(_ values: UnsafeMutablePointer<Value>?, count: Int) {
        guard let values else { return }
        let early = max(0, count - Marker.distance)
        for index in 0 ..< early {
            expect(values[index + Marker.distance])
            mark(values[index])
        }
        for index in early ..< count { mark(values[index]) }
    }

    /// How many values ahead of the one that is marked a loop asks for the next: most of its time would go into waiting for the
    /// headers of objects that lie all over the heap.
    static let distance = 8

    /// The value will be marked soon.
    @inline(__always)
    func expect(_ value: Value) { tiny_prefetch(value.bits ^ Value.pointerTag) }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<UnsafeMutableRawPointer>.allocate(capacity: capacity * 2)
        larger.update(from: stack, count: count)
        stack.deallocate()
        stack = larger
        capacity *= 2
    }

    /// The objects reached so far, unmarked again: who asks wants to know them, not to keep them.
    mutating func takeReached() -> [UnsafeMutableRawPointer] {
        let reached = Array(UnsafeBufferPointer(start: stack, count: count))
        for object in reached { object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.remove(.marked) }
        count = 0
        return reached
    }

    func dispose() { stack.deallocate() }

    /// Looks into every reached object until none is left.
    mutating func drain() {
        let rows = kindTable
        while count > 0 {
            count -= 1
            let object = stack[count]
            let header = object.assumingMemoryBound(to: ObjectHeader.self)
            liveBytes &+= header.pointee.sizeClass == Heap.largeClass ? 4096 : Int(header.pointee.sizeClass) * 16
            mark(Shapes.table[Int(header.pointee.shape)].pointee.cls)
            rows[Int(header.pointee.kind.rawValue)].trace(object, &self)
        }
    }
}

/// What the collector must know of a kind of object.
struct KindRow {
    /// Marks everything that the object refers to, its class excepted.
    var trace: @Sendable (UnsafeMutableRawPointer, inout Marker) -> Void
    /// Frees what the object holds outside the heap. Called by the sweep: other objects may be gone already.
    var release: (@Sendable (UnsafeMutableRawPointer) -> Void)?
}
