// Cold kinds of object (files, locks, native iterators …): one slot that holds a Swift object, released by the sweep.
//
// A Swift object that keeps values of the language must be a TracedObject, or the collector would not see them.

/// A Swift object that refers to values.
public protocol TracedObject: AnyObject {
    /// Marks every value that it refers to.
    func trace(_ marker: inout Marker)
}

/// A Swift object that iterates, as a class: its `next` costs a virtual call, where a protocol costs a dynamic cast.
class IteratorObject: NativeIterator, TracedObject {
    func next() throws(Raised) -> Value { .absent }
    func trace(_ marker: inout Marker) {}
}

struct BoxedObject {
    var header: ObjectHeader
    private var object: Unmanaged<AnyObject>

    /// A box of a class (or a subclass of it that the script made).
    static func make(_ object: AnyObject, _ cls: ClassRef) -> Value {
        let extra = cls.pointee.flags.contains(.isHeapType) ? 8 : 0
        // A class that can be instantiated has a root shape.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let box = allocateObject(MemoryLayout<BoxedObject>.stride + extra, .box, shape)
            .assumingMemoryBound(to: BoxedObject.self)
        box.pointee.object = Unmanaged.passRetained(object)
        box.pointee.header.flags.insert(.releases)
        box.pointee.header.detail = object is IteratorObject ? 1 : 0
        if extra > 0 { extraDictionarySlot(Value(box))?.pointee = nil }
        if cls.pointee.flags.contains(.hasDel) { heap.finalizable.append(UnsafeMutableRawPointer(box)) }
        return Value(box)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let box = object.assumingMemoryBound(to: BoxedObject.self)
        (box.swiftObject as? TracedObject)?.trace(&marker)
        traceExtra(object, .box, &marker)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        object.assumingMemoryBound(to: BoxedObject.self).pointee.object.release()
    }

    fileprivate var unmanaged: Unmanaged<AnyObject> { object }
}

extension UnsafeMutablePointer<BoxedObject> {
    /// The object as an iterator, if it is an IteratorObject.
    @inline(__always)
    var iteratorObject: IteratorObject? {
        pointee.header.detail == 1 ? unsafeDowncast(swiftObject, to: IteratorObject.self) : nil
    }

    var swiftObject: AnyObject { pointee.unmanaged.takeUnretainedValue() }
}

extension Value {
    /// The Swift object of a boxed value, if it is of that type.
    public func boxed<Object: AnyObject>(_ type: Object.Type = Object.self) -> Object? {
        guard isKind(.box) else { return nil }
        return object(BoxedObject.self).swiftObject as? Object
    }
}
