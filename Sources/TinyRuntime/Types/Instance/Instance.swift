// Instances of the script's classes.
//
//     header | extra | slot 0 … slot inlineCapacity-1
//
// The shape says which attribute lies in which slot. Slots past the inline ones lie in the buffer at `extra`; when the
// attributes have moved to a dict (`obj.__dict__` was asked for, an attribute was deleted, or there are very many),
// `extra` is that dict. A class learns from its instances: when one overflows, the next ones get more inline slots.
import CTiny
import Glibc

/// An object of a class of the script. Its first slots follow it in memory.
public struct Instance {
    /// Its shape says what lies in which slot.
    public var header: ObjectHeader
    /// Overflow buffer or dict, as the shape says.
    var extra: UnsafeMutableRawPointer?

    /// Beyond so many attributes they move to a dict.
    static let slotLimit = 128
}

/// An instance in the heap.
public typealias InstanceRef = UnsafeMutablePointer<Instance>

extension InstanceRef {
    /// The shape, which changes with every attribute that is added.
    public var shape: ShapeRef { Shapes.table[Int(pointee.header.shape)] }

    @inline(__always)
    fileprivate var firstSlot: UnsafeMutablePointer<Value> {
        (UnsafeMutableRawPointer(self) + 16).assumingMemoryBound(to: Value.self)
    }

    /// The slots that follow the header, of an instance that has enough of them.
    @inline(__always)
    var inlineSlots: InlineSlots { InlineSlots(instance: self) }

    private var overflow: UnsafeMutablePointer<Value>? { pointee.extra?.assumingMemoryBound(to: Value.self) }

    /// Where a slot of a non-dictionary shape lies. A store needs `writeBarrier`.
    public func slot(_ index: Int, _ shape: ShapeRef) -> UnsafeMutablePointer<Value> {
        let inline = shape.pointee.inlineCapacity
        if index < inline { return firstSlot + index }
        // A shape that has the slot implies the buffer.
        return overflow.unsafelyUnwrapped + (index - inline)
    }

    /// The dict of an instance whose attributes lie in one.
    public var dictionary: DictRef? { shape.pointee.isDictionary ? pointee.extra?.assumingMemoryBound(to: Dict.self) : nil }

    /// The value of an attribute of the instance itself, or absent.
    public func get(_ name: StrRef) -> Value {
        let shape = self.shape
        if shape.pointee.isDictionary {
            let value = dictionary?.get(name) ?? .absent
            if !value.isAbsent || shape.pointee.count == 0 { return value }
        }
        guard let index = shape.slot(of: name) else { return .absent }
        return slot(index, shape).pointee
    }

    /// Sets an attribute of the instance itself; `name` is interned.
    public func set(_ name: StrRef, _ value: Value) {
        let shape = self.shape
        if shape.pointee.isDictionary {
            dictionary?.set(name, value)
        } else if let index = shape.slot(of: name) {
            writeBarrier(self)
            slot(index, shape).pointee = value
        } else if shape.pointee.count >= Instance.slotLimit {
            makeDictionary().set(name, value)
        } else {
            addSlot(shape.adding(name), value)
        }
    }

    /// Takes on a shape with one slot more.
    func addSlot(_ next: ShapeRef, _ value: Value) {
        writeBarrier(self)
        let index = next.pointee.count - 1
        let inline = next.pointee.inlineCapacity
        if index >= inline {
            let used = index - inline
            if used & (used - 1) == 0 || used == 0 {
                let capacity = Swift.max(4, used * 2)
                if used == 0 || used >= 4 {
                    pointee.extra = reallocateBuffer(pointee.extra, capacity * 8, was: used * 8)
                    pointee.header.flags.insert(.releases)
                }
            }
            next.pointee.cls.learn(slots: index + 1)
        }
        pointee.header.shape = next.pointee.id
        slot(index, next).pointee = value
    }

    /// Moves the attributes to a dict and returns it.
    func makeDictionary() -> DictRef {
        let shape = self.shape
        if let dictionary { return dictionary }
        writeBarrier(self)
        let fixed = Int(shape.pointee.cls.pointee.slotCount)
        let dict = Dict.make()
        for (index, name) in shape.names.enumerated() where index >= fixed {
            let value = slot(index, shape).pointee
            if !value.isAbsent { dict.set(name, value) }
        }
        if shape.pointee.count > shape.pointee.inlineCapacity { free(pointee.extra) }
        // The collector would go on seeing here what the dict may drop.
        for index in min(fixed, shape.pointee.inlineCapacity) ..< shape.pointee.inlineCapacity { firstSlot[index] = .absent }
        pointee.header.flags.remove(.releases)
        pointee.extra = UnsafeMutableRawPointer(dict)
        pointee.header.shape = shape.pointee.cls.dictionaryShape(inlineCapacity: shape.pointee.inlineCapacity)
        return dict
    }

    /// Replaces the attributes by another dict (`obj.__dict__ = d`).
    func setDictionary(_ dict: DictRef) {
        _ = makeDictionary()
        writeBarrier(self)
        pointee.extra = UnsafeMutableRawPointer(dict)
    }
}

extension Instance {
    /// An instance without attributes, all its slots absent; `__init__` is not called.
    public static func allocate(_ cls: ClassRef) -> InstanceRef {
        // A class that can be instantiated has a root shape.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped
        let capacity = shape.pointee.inlineCapacity
        let instance = allocateObject(16 + capacity * 8, .instance, shape.pointee.id)
            .assumingMemoryBound(to: Instance.self)
        instance.pointee.extra = nil
        var index = 0
        while index < capacity {
            instance.firstSlot[index] = .absent
            index += 1
        }
        if cls.pointee.flags.contains(.hasDel) { heap.finalizeInTime(UnsafeMutableRawPointer(instance)) }
        return instance
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let instance = object.assumingMemoryBound(to: Instance.self)
        let shape = instance.shape
        let inline = shape.pointee.inlineCapacity
        marker.mark(instance.firstSlot, count: shape.pointee.isDictionary ? inline : Swift.min(shape.pointee.count, inline))
        guard let extra = instance.pointee.extra else { return }
        if shape.pointee.isDictionary {
            marker.mark(object: extra)
        } else if shape.pointee.count > inline {
            marker.mark(extra.assumingMemoryBound(to: Value.self), count: shape.pointee.count - inline)
        }
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        free(object.assumingMemoryBound(to: Instance.self).pointee.extra)
    }
}

/// The slots of an instance that lie in its own memory, by index.
struct InlineSlots {
    fileprivate let instance: InstanceRef

    subscript(index: Int) -> Value {
        @inline(__always) get { instance.firstSlot[index] }
        @inline(__always) nonmutating set {
            writeBarrier(instance)
            instance.firstSlot[index] = newValue
        }
    }
}

extension ClassRef {
    /// Gives future instances room for so many slots.
    func learn(slots: Int) {
        guard slots > Int(pointee.inlineHint), slots <= 32 else { return }
        pointee.inlineHint = Int32((slots + 1) & ~1)
        pointee.rootShape = makeRootShape()
    }

    /// The first shape of instances: the `__slots__` members only.
    func makeRootShape() -> ShapeRef {
        var shape = Shapes.make(self, inlineCapacity: Swift.max(Int(pointee.inlineHint), Int(pointee.slotCount)))
        for name in slotNames { shape = shape.adding(name) }
        return shape
    }

    /// The names of the `__slots__` members of the class and its bases, in slot order (mangled, interned).
    var slotNames: [StrRef] {
        guard pointee.slotCount > 0 else { return [] }
        var names = [StrRef?](repeating: nil, count: Int(pointee.slotCount))
        let order = pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count {
            var position = 0
            while let entry = order.items[index].object(ClassObject.self).pointee.namespace.next(&position) {
                guard entry.pointee.value.isKind(.member) else { continue }
                let member = entry.pointee.value.object(MemberDescriptor.self)
                if member.pointee.slot >= 0, member.pointee.slot < names.count { names[member.pointee.slot] = member.pointee.name }
            }
        }
        return names.compactMap { $0 }
    }

    func dictionaryShape(inlineCapacity: Int) -> ShapeID {
        if let shape = pointee.dictShape, shape.pointee.inlineCapacity == inlineCapacity { return shape.pointee.id }
        var shape = Shapes.make(self, inlineCapacity: inlineCapacity, isDictionary: true)
        for name in slotNames {
            let next = shape.adding(name)
            next.pointee.isDictionary = true
            shape = next
        }
        pointee.dictShape = shape
        return shape.pointee.id
    }
}
