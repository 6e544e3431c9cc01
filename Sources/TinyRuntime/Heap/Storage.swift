// Buffers of containers: the items of a list, the table of a dict or set.
//
// Small ones are cells of the heap's own pages (kind `storage`), marked by their owner's trace and swept like any object:
// taking one costs a pop from a free list where malloc and free cost ten times that, and a container whose buffer is
// small needs no release when it dies. Large ones come from malloc and are freed by their owner. Which of the two a
// buffer is follows from its size alone, so nobody has to remember it.
import CTiny
import Glibc

enum Storage {
    /// The most bytes that a cell can hold beside its header.
    static let largestCell = Heap.largestCell - 8

    @inline(__always)
    static func isCell(_ bytes: Int) -> Bool { bytes <= largestCell }

    /// Memory for `bytes` bytes, not initialised; the owner must be able to reach it before the next safepoint.
    @inline(__always)
    static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
        // The shape is never looked at; it only has to be one.
        isCell(bytes) ? allocateObject(bytes + 8, .storage, ShapeID(Kind.list.rawValue)) + 8 : allocateBuffer(bytes)
    }

    /// A buffer of `bytes` that begins as the old one of `oldBytes` does; the old one is gone.
    static func resize(_ old: UnsafeMutableRawPointer?, from oldBytes: Int, to bytes: Int) -> UnsafeMutableRawPointer {
        guard let old else { return allocate(bytes) }
        if !isCell(oldBytes), !isCell(bytes) { return reallocateBuffer(old, bytes, was: oldBytes) }
        let memory = allocate(bytes)
        memory.copyMemory(from: old, byteCount: min(bytes, oldBytes))
        replace(old, oldBytes)
        return memory
    }

    /// Gives back a buffer of an object that lives and has got another: what grows leaves no garbage.
    @inline(never)
    static func replace(_ buffer: UnsafeMutableRawPointer, _ bytes: Int) {
        if isCell(bytes) { heap.giveBack(buffer - 8) } else { freeBuffer(buffer, bytes) }
    }

    /// Gives back a buffer of an object that may be dead; a cell is left to the collector.
    @inline(__always)
    static func release(_ buffer: UnsafeMutableRawPointer?, _ bytes: Int) {
        if !isCell(bytes) { freeBuffer(buffer, bytes) }
    }
}

extension Marker {
    /// Keeps a buffer of its owner; what lies in it is the owner's to mark.
    @inline(__always)
    mutating func mark(storage: UnsafeMutableRawPointer?, _ bytes: Int) {
        guard let storage else { return }
        if Storage.isCell(bytes) {
            let header = (storage - 8).assumingMemoryBound(to: ObjectHeader.self)
            if !header.pointee.flags.contains(.marked) {
                header.pointee.flags.insert(.marked)
                freshStorage &+= 1
            }
        }
        liveBytes &+= bytes + 8
    }
}
