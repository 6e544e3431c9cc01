// super: attribute look-up that starts behind a class in the order of another.

struct SuperObject {
    var header: ObjectHeader
    /// The class to start behind.
    var start: Value
    /// The instance or class that methods are bound to, or None.
    var receiver: Value
    /// The class whose order is followed.
    var receiverClass: Value

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let value = object.assumingMemoryBound(to: SuperObject.self)
        marker.mark(value.pointee.start)
        marker.mark(value.pointee.receiver)
        marker.mark(value.pointee.receiverClass)
        traceExtra(object, .superObject, &marker)
    }
}

/// The class whose order `super(start, receiver)` follows. Throws TypeError if they don't fit.
func superReceiverClass(_ start: Value, _ receiver: Value) throws(Raised) -> ClassRef {
    guard start.isKind(.class) else {
        throw typeError("super() argument 1 must be a type, not \(typeName(start))")
    }
    let cls = start.object(ClassObject.self)
    if receiver.isKind(.class), receiver.object(ClassObject.self).isSubclass(of: cls) {
        return receiver.object(ClassObject.self)
    }
    if receiver.cls.isSubclass(of: cls) { return receiver.cls }
    // A proxy may claim another class.
    let claimed = try getAttribute(receiver, SpecialName.cls.string, default: .absent)
    if claimed.isKind(.class), claimed != Value(receiver.cls), claimed.object(ClassObject.self).isSubclass(of: cls) {
        return claimed.object(ClassObject.self)
    }
    throw typeError("super(type, obj): obj (\(receiver.isKind(.class) ? "type " + receiver.object(ClassObject.self).nameText : "instance of " + typeName(receiver))) is not an instance or subtype of type (\(cls.nameText)).")
}

/// What the classes behind `start` have under a name; absent if nothing.
private func lookupBehind(_ start: ClassRef, in cls: ClassRef, _ name: StrRef) -> Value {
    let order = cls.pointee.mro.object(Tuple.self)
    var index = 0
    while index < order.count, order.items[index] != Value(start) { index += 1 }
    index += 1
    while index < order.count {
        let value = order.items[index].object(ClassObject.self).pointee.namespace.get(name)
        if !value.isAbsent { return value }
        index += 1
    }
    return .absent
}

/// `super().name` of the compiler's instructions. `isUnboundMethod`: the value is to be called with the receiver.
func superAttribute(
    _ superValue: Value, _ start: Value, _ receiver: Value, _ name: StrRef, bind: Bool, explicit: Bool = false
) throws(Raised) -> (value: Value, isUnboundMethod: Bool) {
    guard superValue == Value(Runtime.superClass) else {
        // The name `super` means something else here: it gets the arguments that the source wrote.
        let object = explicit ? try callValue(superValue, start, receiver) : try callValue(superValue)
        return (try getAttribute(object, name), false)
    }
    let cls = try superReceiverClass(start, receiver)
    let found = name.equals("__class__") ? .absent : lookupBehind(start.object(ClassObject.self), in: cls, name)
    if found.isAbsent {
        return (try getAttribute(makeSuper(start, receiver, cls), name), false)
    }
    let throughClass = receiver.isKind(.class) && receiver == Value(cls)
    if !bind, !throughClass, found.isKind(.function) { return (found, true) }
    return (try getDescriptor(found, throughClass ? .absent : receiver, cls), false)
}

private func superHasNo(_ object: Value, _ name: StrRef) -> Raised {
    raise(.attributeError, "'super' object has no attribute '\(name.string)'")
}

func makeSuper(_ start: Value, _ receiver: Value, _ cls: ClassRef?) -> Value {
    let object = allocateObject(MemoryLayout<SuperObject>.stride, .superObject, ShapeID(Kind.superObject.rawValue))
        .assumingMemoryBound(to: SuperObject.self)
    object.pointee.start = start
    object.pointee.receiver = receiver
    object.pointee.receiverClass = cls.map { Value($0) } ?? .none
    return Value(object)
}

/// An attribute of a super object: absent if there is none.
func superObjectAttribute(_ object: Value, _ cls: ClassRef, _ name: StrRef) throws(Raised) -> Value {
    let value = object.object(SuperObject.self)
    if value.pointee.receiverClass.isKind(.class), !name.equals("__class__") {
        let receiverClass = value.pointee.receiverClass.object(ClassObject.self)
        let found = lookupBehind(value.pointee.start.object(ClassObject.self), in: receiverClass, name)
        if !found.isAbsent {
            let receiver = value.pointee.receiver
            return try getDescriptor(found, receiver == Value(receiverClass) ? .absent : receiver, receiverClass)
        }
    }
    let found = cls.lookup(name)
    if found.isAbsent { throw superHasNo(object, name) }
    return try getDescriptor(found, object, cls)
}
