// bytes and bytearray: octets, in the object or in a buffer that grows.
import Glibc

/// bytes. The octets follow it in memory.
public struct BytesObject {
    var header: ObjectHeader
    var hash: Int
    /// Octets.
    public var count: Int

    static let offset = 24

    /// Bytes of the object without the extra word.
    static func size(_ object: UnsafeMutableRawPointer) -> Int {
        (offset + object.load(fromByteOffset: 16, as: Int.self) + 7) & ~7
    }

    /// A bytes object whose octets the caller writes; `extra`: bytes behind it that instances of a subclass have.
    public static func allocate(_ count: Int, shape: ShapeID = ShapeID(Kind.bytes.rawValue), extra: Int = 0) -> BytesRef {
        let bytes = allocateObject((offset + count + 7) & ~7 + extra, .bytes, shape).assumingMemoryBound(to: BytesObject.self)
        bytes.pointee.hash = 0
        bytes.pointee.count = count
        return bytes
    }

    /// Makes memory that came from malloc, with `count` octets at `offset`, an object: no copy is made of many.
    fileprivate static func adopt(_ memory: UnsafeMutableRawPointer, _ count: Int) -> Value {
        let size = (offset + count + 7) & ~7
        let object = heap.adoptLarge(realloc(memory, size) ?? memory, size, .bytes, ShapeID(Kind.bytes.rawValue))
            .assumingMemoryBound(to: BytesObject.self)
        object.pointee.hash = 0
        object.pointee.count = count
        return Value(object)
    }

    /// The bytes objects without an octet or with one, made when they are first asked for: there is one of each, as in CPython.
    nonisolated(unsafe) private static var short = [Value](repeating: .absent, count: 257)

    private static func makeShort(_ buffer: UnsafeBufferPointer<UInt8>) -> Value {
        let place = buffer.first.map { Int($0) } ?? 256
        if short[place].isAbsent {
            let bytes = allocate(buffer.count)
            if let octet = buffer.first { bytes.bytes[0] = octet }
            heap.permanentRoots.append(Value(bytes))
            short[place] = Value(bytes)
        }
        return short[place]
    }

    /// A copy of octets.
    public static func make(_ buffer: UnsafeBufferPointer<UInt8>) -> Value {
        if buffer.count < 2 { return makeShort(buffer) }
        let bytes = allocate(buffer.count)
        if let base = buffer.baseAddress { memcpy(bytes.bytes, base, buffer.count) }
        return Value(bytes)
    }

    /// A copy of an array's octets.
    public static func make(_ array: [UInt8]) -> Value { array.withUnsafeBufferPointer { make($0) } }
}

extension BytesObject {
    /// An instance of a class: of `bytes` itself or a script's subclass.
    static func make(_ octets: UnsafeBufferPointer<UInt8>, _ cls: ClassRef) -> Value {
        guard cls.pointee.flags.contains(.isHeapType) else { return make(octets) }
        // A class that can be instantiated has a root shape.
        let copy = allocate(octets.count, shape: cls.pointee.rootShape.unsafelyUnwrapped.pointee.id, extra: 8)
        if let base = octets.baseAddress { memcpy(copy.bytes, base, octets.count) }
        return finishSubclass(Value(copy), cls)
    }
}

/// A bytes object in the heap.
public typealias BytesRef = UnsafeMutablePointer<BytesObject>

extension BytesRef {
    /// The first octet. Only who has just made the object writes.
    public var bytes: UnsafeMutablePointer<UInt8> {
        (UnsafeMutableRawPointer(self) + BytesObject.offset).assumingMemoryBound(to: UInt8.self)
    }
    /// The octets. Valid as long as the object is reachable.
    public var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: pointee.count) }
}

/// bytearray. The octets lie in memory of their own, which may move when it grows.
public struct ByteArray {
    var header: ObjectHeader
    var count: Int
    /// Octets that there is room for from `bytes` on.
    var capacity: Int
    /// The first octet.
    var bytes: UnsafeMutablePointer<UInt8>?
    /// Octets of the memory that lie before the first: what has been taken away at the front, so that a buffer that is read from
    /// there (`del data[:n]`) need not be moved each time.
    var headroom: Int
    /// Counts the views that forbid resizing; made with the first.
    var exports: Unmanaged<ExportCounter>?

    /// A bytearray with a copy of octets; `extra`: bytes behind it that instances of a subclass have.
    public static func make(_ buffer: UnsafeBufferPointer<UInt8>, shape: ShapeID = ShapeID(Kind.bytearray.rawValue), extra: Int = 0)
        -> UnsafeMutablePointer<ByteArray>
    {
        let array = allocateObject(MemoryLayout<ByteArray>.stride + extra, .bytearray, shape)
            .assumingMemoryBound(to: ByteArray.self)
        array.pointee.count = buffer.count
        array.pointee.capacity = buffer.count
        array.pointee.headroom = 0
        array.pointee.exports = nil
        array.pointee.bytes = nil
        array.pointee.header.flags.insert(.releases)
        if buffer.count > 0, let base = buffer.baseAddress {
            let memory = allocateBuffer(buffer.count).bindMemory(to: UInt8.self, capacity: buffer.count)
            memory.update(from: base, count: buffer.count)
            array.pointee.bytes = memory
        }
        return array
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        traceExtra(object, .bytearray, &marker)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let array = object.assumingMemoryBound(to: ByteArray.self)
        array.freeOctets()
        array.pointee.exports?.release()
    }
}

/// A bytearray in the heap.
public typealias ByteArrayRef = UnsafeMutablePointer<ByteArray>

extension ByteArrayRef {
    /// The octets. Valid until the bytearray changes its size, which it can't while views exist.
    public var buffer: UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(start: pointee.bytes, count: pointee.count)
    }

    /// Replaces `start ..< end`. Throws BufferError while views exist and the size would change.
    func replace(_ start: Int, _ end: Int, _ replacement: UnsafeBufferPointer<UInt8>) throws(Raised) {
        let delta = replacement.count - (end - start)
        if delta != 0 { try checkResizable() }
        let count = pointee.count + delta
        try checkSize(count)
        if start == 0, replacement.isEmpty { return dropFirst(end) }
        if count > pointee.capacity { reserve(count + count >> 3 + 8) }
        if delta != 0 || replacement.count > 0, let bytes = pointee.bytes {
            memmove(bytes + end + delta, bytes + end, pointee.count - end)
            if let source = replacement.baseAddress { memmove(bytes + start, source, replacement.count) }
        }
        pointee.count = count
    }

    /// Takes octets away at the front, whose memory stays. What is empty begins at the beginning again.
    private func dropFirst(_ dropped: Int) {
        let shift = dropped == pointee.count ? -pointee.headroom : dropped
        pointee.bytes = pointee.bytes.map { $0 + shift }
        pointee.headroom += shift
        pointee.capacity -= shift
        pointee.count -= dropped
    }

    /// Makes room for at least so many octets.
    func reserve(_ capacity: Int) {
        guard capacity > pointee.capacity else { return }
        // Where enough has been taken away, the rest moves to the front: it is moved less often than octets are taken.
        if let bytes = pointee.bytes, pointee.headroom >= pointee.count, pointee.headroom + pointee.capacity >= capacity {
            let start = bytes - pointee.headroom
            memmove(start, bytes, pointee.count)
            pointee.bytes = start
            pointee.capacity += pointee.headroom
            pointee.headroom = 0
            return
        }
        let total = pointee.headroom + capacity
        let memory = reallocateBuffer(pointee.bytes.map { $0 - pointee.headroom }, total, was: pointee.headroom + pointee.capacity)
        pointee.bytes = memory.bindMemory(to: UInt8.self, capacity: total) + pointee.headroom
        pointee.capacity = capacity
    }

    fileprivate func freeOctets() {
        freeBuffer(pointee.bytes.map { $0 - pointee.headroom }, pointee.headroom + pointee.capacity)
    }

    /// Throws BufferError while views exist. Views that nobody can reach any more don't count, but only a collection
    /// tells: callers hold no unrooted value here.
    func checkResizable() throws(Raised) {
        guard let counter = pointee.exports?.takeUnretainedValue(), counter.count > 0 else { return }
        // The second collection finishes the sweep of the first.
        heap.collect()
        heap.collect()
        if counter.count > 0 {
            throw raise(.bufferError, "Existing exports of data: object cannot be re-sized")
        }
    }

    /// The counter of views, made on demand.
    var exportCounter: ExportCounter {
        if let counter = pointee.exports { return counter.takeUnretainedValue() }
        let counter = ExportCounter()
        pointee.exports = Unmanaged.passRetained(counter)
        return counter
    }
}

/// How many views exist of an object's octets. Shared by the object and its views, whichever the sweep frees first.
public final class ExportCounter {
    /// Views that exist; guarded by the GIL.
    public var count = 0

    /// No views yet.
    public init() {}
}

/// Memory that a system call writes to and that becomes a bytes object afterwards; the collector does not know it before.
public final class BytesBuffer {
    private var memory: UnsafeMutableRawPointer?
    /// Where the call writes.
    public let octets: UnsafeMutablePointer<UInt8>

    /// Nil: there is no memory for so many.
    public init?(_ count: Int) {
        guard let memory = malloc((BytesObject.offset + count + 7) & ~7) else { return nil }
        self.memory = memory
        octets = (memory + BytesObject.offset).assumingMemoryBound(to: UInt8.self)
    }

    /// The first `count` octets as an object.
    public func taken(_ count: Int) -> Value {
        guard let memory, BytesObject.offset + count > Heap.largestCell else {
            return BytesObject.make(UnsafeBufferPointer(start: octets, count: count))
        }
        self.memory = nil
        return BytesObject.adopt(memory, count)
    }

    /// For a call that failed: gives the memory back. After it nothing may be asked of the buffer.
    public func free() {
        Glibc.free(memory)
        memory = nil
    }
}
