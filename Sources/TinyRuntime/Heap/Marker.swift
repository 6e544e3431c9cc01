// The tracer: marks what is reachable, with a stack of its own so that deep data needs no native stack.
import CTiny
import Glibc

/// The stack of objects reached but not yet looked into.
///
/// An object's header is read when the object leaves the stack, not when it is reached: between the two it passes through a short
/// window whose entries were asked of the memory when they came in ("prefetch on grey", Boehm 2000; the queue, Cher, Hosking and
/// Vitek 2004). So an object may stand on the stack more than once. Loops over many values ask ahead themselves, and put each
/// object on the stack once, marked: the lowest bit of its entry says so.
public struct Marker {
    private var stack: UnsafeMutablePointer<UInt>
    private var count = 0
    private var capacity = 4096
    /// Bytes of objects marked in this collection, external buffers included as far as their kinds say.
    public var liveBytes = 0
    /// What is marked of kinds that are not guarded, since the last full collection.
    var unguarded: [UnsafeMutableRawPointer] = []
    /// What native stacks refer to, as found in this collection or the last one.
    var fromStacks: [UnsafeMutableRawPointer] = []
    /// How many buffers have been marked that were not.
    var freshStorage = 0

    init() {
        stack = .allocate(capacity: capacity)
    }

    /// Notes that a value is reachable; nothing to do for one that is no heap object.
    @inline(__always)
    public mutating func mark(_ value: Value) {
        if value.isPointer { mark(object: value.address) }
    }

    /// Notes that an object is reachable; the pointer is that to its header.
    @inline(__always)
    public mutating func mark<Object>(_ pointer: UnsafeMutablePointer<Object>?) {
        if let pointer { mark(object: UnsafeMutableRawPointer(pointer)) }
    }

    @inline(__always)
    mutating func mark(object: UnsafeMutableRawPointer) { push(UInt(bitPattern: object)) }

    /// As `mark`, at once: for objects that have most likely been reached before, or whose headers have been asked for.
    @inline(__always)
    mutating func markNow(object: UnsafeMutableRawPointer) {
        let header = object.assumingMemoryBound(to: ObjectHeader.self)
        guard !header.pointee.flags.contains(.marked) else { return }
        header.pointee.flags.insert(.marked)
        push(UInt(bitPattern: object) | Marker.isMarked)
    }

    @inline(__always)
    mutating func markNow(_ value: Value) {
        if value.isPointer { markNow(object: value.address) }
    }

    mutating func mark(_ values: UnsafeMutablePointer<Value>?, count: Int) {
        guard let values else { return }
        if count <= Marker.few {
            for index in 0 ..< count { mark(values[index]) }
            return
        }
        for index in 0 ..< count {
            if index + Marker.distance < count { expect(values[index + Marker.distance]) }
            markNow(values[index])
        }
    }

    /// How many values ahead of the one that is marked a loop asks for the next: most of its time would go into waiting for the
    /// headers of objects that lie all over the heap.
    static let distance = 8

    /// How many values go on the stack without a look at their headers.
    static let few = 32

    private static let isMarked: UInt = 1

    /// The value will be marked soon.
    @inline(__always)
    func expect(_ value: Value) { tiny_prefetch(value.bits ^ Value.pointerTag) }

    @inline(__always)
    private mutating func push(_ entry: UInt) {
        if count == capacity { grow() }
        stack[count] = entry
        count += 1
    }

    @inline(never)
    private mutating func grow() {
        let larger = UnsafeMutablePointer<UInt>.allocate(capacity: capacity * 2)
        larger.update(from: stack, count: count)
        stack.deallocate()
        stack = larger
        capacity *= 2
    }

    /// The objects reached so far, each once, unmarked again: who asks wants to know them, not to keep them.
    mutating func takeReached() -> [UnsafeMutableRawPointer] {
        var seen: Set<UnsafeMutableRawPointer> = []
        var reached: [UnsafeMutableRawPointer] = []
        for index in 0 ..< count {
            guard let object = UnsafeMutableRawPointer(bitPattern: stack[index] & ~Marker.isMarked), seen.insert(object).inserted else { continue }
            object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.remove(.marked)
            reached.append(object)
        }
        count = 0
        return reached
    }

    /// As above while a collection is under way: each as often as it was reached, and those that live keep their marks.
    mutating func takeFresh(_ body: (UnsafeMutableRawPointer) -> Void) {
        for index in 0 ..< count {
            guard let object = UnsafeMutableRawPointer(bitPattern: stack[index] & ~Marker.isMarked) else { continue }
            if stack[index] & Marker.isMarked != 0 { object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.remove(.marked) }
            body(object)
        }
        count = 0
    }

    func dispose() { stack.deallocate() }

    /// Looks into every reached object until none is left.
    mutating func drain() {
        withUnsafeTemporaryAllocation(of: UInt.self, capacity: Marker.window) { window in
            window.initialize(repeating: 0)
            let window = window.baseAddress.unsafelyUnwrapped
            var position = 0
            var waiting = 0
            while true {
                var entering: UInt = 0
                if count > 0 {
                    count -= 1
                    entering = stack[count]
                    tiny_prefetch(UInt64(entering))
                    waiting += 1
                } else if waiting == 0 {
                    return
                }
                let entry = window[position]
                window[position] = entering
                position = (position + 1) & (Marker.window - 1)
                if entry != 0 {
                    waiting -= 1
                    look(into: entry)
                }
            }
        }
    }

    /// Entries that wait for their memory; a power of two.
    private static let window = 8

    @inline(__always)
    private mutating func look(into entry: UInt) {
        let object = UnsafeMutableRawPointer(bitPattern: entry & ~Marker.isMarked).unsafelyUnwrapped
        let header = object.assumingMemoryBound(to: ObjectHeader.self)
        if entry & Marker.isMarked == 0 {
            guard !header.pointee.flags.contains(.marked) else { return }
            header.pointee.flags.insert(.marked)
        }
        liveBytes &+= header.pointee.sizeClass == Heap.largeClass ? tiny_usable_size(object) : Int(header.pointee.sizeClass) * 16
        markNow(object: UnsafeMutableRawPointer(Shapes.table[Int(header.pointee.shape)].pointee.cls))
        // The most frequent ones without a look at the table, whose closures would be retained and released each time.
        switch header.pointee.kind {
        case .int, .float, .bytes, .decimal: if header.pointee.shape >= Shapes.firstFree { lookByTable(into: object, header.pointee.kind) }
        case .tuple: Tuple.trace(object, &self)
        case .list: List.trace(object, &self)
        case .instance: Instance.trace(object, &self)
        case .str: Str.trace(object, &self)
        case .storage: break
        default: lookByTable(into: object, header.pointee.kind)
        }
    }

    @inline(never)
    private mutating func lookByTable(into object: UnsafeMutableRawPointer, _ kind: Kind) {
        kindTable[Int(kind.rawValue)].trace(object, &self)
        if !kindTable[Int(kind.rawValue)].isGuarded { unguarded.append(object) }
    }
}

/// What the collector must know of a kind of object.
struct KindRow {
    /// Marks everything that the object refers to, its class excepted.
    var trace: @Sendable (UnsafeMutableRawPointer, inout Marker) -> Void
    /// Frees what the object holds outside the heap. Called by the sweep: other objects may be gone already.
    var release: (@Sendable (UnsafeMutableRawPointer) -> Void)?
    /// `Kind.isGuarded`.
    var isGuarded = true
}
