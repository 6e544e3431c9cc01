// Native classes whose instances are ordinary instances with fixed slots: small, allocated as fast as any instance, traced by
// the collector as such, and open to subclasses of the script. A native method reads the slots by number; the script sees
// those that have a name as it sees `__slots__`.
//
// Invariant: the slots of the native class are the first of every subclass, so `slots(of:)` may count on them.

/// A native class with slots.
struct SlottedClass {
    let cls: ClassRef
    let count: Int

    /// Adds a class to a module. A slot that the script is not to know has a name that begins with a dot.
    static func add(_ table: NativeClass, slots: [String], base: SlottedClass? = nil, to contents: ModuleContents) -> SlottedClass {
        let cls = contents.add(table, base: base?.cls)
        let first = base?.count ?? 0
        for (index, name) in slots.enumerated() {
            let name = StrTables.intern(name)
            cls.pointee.namespace.set(name, MemberDescriptor.make(name, cls, slot: first + index))
        }
        cls.pointee.slotCount = Int32(truncatingIfNeeded: first + slots.count)
        cls.pointee.inlineHint = cls.pointee.slotCount
        cls.pointee.rootShape = cls.makeRootShape()
        return SlottedClass(cls: cls, count: first + slots.count)
    }

    /// An instance, its slots None.
    @inline(__always)
    func make(_ cls: ClassRef? = nil) -> InstanceRef {
        let instance = Instance.allocate(cls ?? self.cls)
        var index = 0
        while index < count {
            instance.inlineSlots[index] = .none
            index += 1
        }
        return instance
    }

    /// The instance, if the value is one of this class.
    @inline(__always)
    func instance(_ value: Value) -> InstanceRef? {
        guard value.isKind(.instance), value.cls == cls || value.cls.isSubclass(of: cls) else { return nil }
        return value.object(Instance.self)
    }

    /// What the script has put into a slot, or None if it has deleted it.
    @inline(__always)
    static func slot(_ instance: InstanceRef, _ index: Int) -> Value {
        let value = instance.inlineSlots[index]
        return value.isAbsent ? .none : value
    }
}
