// bytes and bytearray: octets, in the object or in a buffer that grows; memoryview: a window on either.
import Glibc

struct BytesObject {
    var header: ObjectHeader
    var hash: Int
    var count: Int

    static let offset = 24

    /// Bytes of the object without the extra word.
    static func size(_ object: UnsafeMutableRawPointer) -> Int {
        (offset + object.load(fromByteOffset: 16, as: Int.self) + 7) & ~7
    }

    static func allocate(_ count: Int, shape: ShapeID = ShapeID(Kind.bytes.rawValue), extra: Int = 0) -> BytesRef {
        let bytes = allocateObject((offset + count + 7) & ~7 + extra, .bytes, shape).assumingMemoryBound(to: BytesObject.self)
        bytes.pointee.hash = 0
        bytes.pointee.count = count
        return bytes
    }

    static func make(_ buffer: UnsafeBufferPointer<UInt8>) -> Value {
        let bytes = allocate(buffer.count)
        if let base = buffer.baseAddress { memcpy(bytes.bytes, base, buffer.count) }
        return Value(bytes)
    }

    static func make(_ array: [UInt8]) -> Value { array.withUnsafeBufferPointer { make($0) } }
}

typealias BytesRef = UnsafeMutablePointer<BytesObject>

extension BytesRef {
    var bytes: UnsafeMutablePointer<UInt8> {
        (UnsafeMutableRawPointer(self) + BytesObject.offset).assumingMemoryBound(to: UInt8.self)
    }
    var buffer: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: pointee.count) }
}

struct ByteArray {
    var header: ObjectHeader
    var count: Int
    var capacity: Int
    var bytes: UnsafeMutablePointer<UInt8>?
    /// Views that forbid resizing.
    var exports: Int

    static func make(_ buffer: UnsafeBufferPointer<UInt8>, shape: ShapeID = ShapeID(Kind.bytearray.rawValue), extra: Int = 0)
        -> UnsafeMutablePointer<ByteArray>
    {
        let array = allocateObject(MemoryLayout<ByteArray>.stride + extra, .bytearray, shape)
            .assumingMemoryBound(to: ByteArray.self)
        array.pointee.count = buffer.count
        array.pointee.capacity = buffer.count
        array.pointee.exports = 0
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
        free(object.assumingMemoryBound(to: ByteArray.self).pointee.bytes)
    }
}

typealias ByteArrayRef = UnsafeMutablePointer<ByteArray>

extension ByteArrayRef {
    var buffer: UnsafeMutableBufferPointer<UInt8> {
        UnsafeMutableBufferPointer(start: pointee.bytes, count: pointee.count)
    }

    /// Replaces `start ..< end`. Throws BufferError while views exist and the size would change.
    func replace(_ start: Int, _ end: Int, _ replacement: UnsafeBufferPointer<UInt8>) throws(Raised) {
        let delta = replacement.count - (end - start)
        if delta != 0, pointee.exports > 0 {
            throw raise(.bufferError, "Existing exports of data: object cannot be re-sized")
        }
        let count = pointee.count + delta
        try checkSize(count)
        if count > pointee.capacity {
            let capacity = count + count >> 3 + 8
            pointee.bytes = reallocateBuffer(pointee.bytes, capacity, was: pointee.capacity)
                .bindMemory(to: UInt8.self, capacity: capacity)
            pointee.capacity = capacity
        }
        if let bytes = pointee.bytes {
            memmove(bytes + end + delta, bytes + end, pointee.count - end)
            if let source = replacement.baseAddress { memmove(bytes + start, source, replacement.count) }
        }
        pointee.count = count
    }
}

/// A window on the bytes of another object.
struct MemoryView {
    var header: ObjectHeader
    /// bytes, bytearray or whatever exports a buffer; None once released.
    var owner: Value
    var start: Int
    var count: Int
    /// Item format (struct module's code), its size, and the distance of items in bytes.
    var format: UInt8
    var itemSize: Int
    var stride: Int
    /// Shape of more than one dimension: tuple, or None.
    var shape: Value
    var isReadOnly: Bool

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.owner)
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.shape)
    }

    static func release(_ object: UnsafeMutableRawPointer) {}
}
