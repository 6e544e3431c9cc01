// Weak references: linked from Heap.weakReferences by referent, cleared by the collection that finds it dead.

/// weakref.ref, and a proxy's inside.
public struct WeakReference {
    var header: ObjectHeader
    /// Absent once the referent is dead. Not marked.
    public var referent: Value
    /// None, or called with the reference when the referent dies.
    public var callback: Value
    var hash: Value
    /// Next reference to the same referent.
    public var next: UnsafeMutablePointer<WeakReference>?

    /// A new reference, at the head of the referent's list. The caller has checked that the referent can have any.
    public static func make(_ referent: Value, _ callback: Value, _ cls: ClassRef) -> Value {
        let extra = cls.pointee.flags.contains(.isHeapType) ? 8 : 0
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let reference = allocateObject(MemoryLayout<WeakReference>.stride + extra, .weakReference, shape)
            .assumingMemoryBound(to: WeakReference.self)
        reference.pointee.referent = referent
        reference.pointee.callback = callback
        reference.pointee.hash = .absent
        if extra > 0 { beginExtra(Value(reference)) }
        let address = UInt(bitPattern: referent.address)
        reference.pointee.next = heap.weakReferences[address]
        heap.weakReferences[address] = reference
        WatchedDeaths.note(.any)
        referent.header.pointee.flags.insert(.weaklyReferenced)
        return Value(reference)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let reference = object.assumingMemoryBound(to: WeakReference.self)
        marker.mark(reference.pointee.callback)
        marker.mark(reference.pointee.hash)
        traceExtra(object, .weakReference, &marker)
    }
}
