// Attribute access in its general form: descriptors, instance dictionaries, `__getattr__` and friends.
import TinyCompiler

extension ClassRef {
    /// Whether `__getattribute__` is the one of `object`.
    @inline(__always)
    public var usesPlainGetattribute: Bool { special(.getattribute) == Runtime.objectGetattribute }

    /// Whether it is that or the one of `type`: `plainAttribute` does for both.
    @inline(__always)
    var usesBuiltinGetattribute: Bool {
        let method = special(.getattribute)
        return method == Runtime.objectGetattribute || method == Runtime.typeGetattribute
    }
}

extension ClassRef {
    /// The name, as error messages give it: that of a built-in class with its module.
    var shownName: String { pointee.flags.contains(.isNamedWithModule) ? qualifiedClassName(self) : nameText }
}

/// The name of the value's class, as error messages give it.
public func typeName(_ value: Value) -> String { value.cls.shownName }

/// `object.name`. Throws AttributeError and whatever descriptors raise.
public func getAttribute(_ object: Value, _ name: StrRef) throws(Raised) -> Value {
    let value: Value
    do throws(Raised) {
        value = try attributeOrAbsent(object, name)
    } catch {
        noteMissing(object, name)
        throw error
    }
    if value.isAbsent { throw noAttribute(object, name) }
    return value
}

/// A hook of the script may have raised AttributeError without saying of what; suggestions need to know.
private func noteMissing(_ object: Value, _ name: StrRef) {
    let raised = currentThread().pointee.raised
    guard currentThread().raisedIs(.attributeError), raised.isKind(.exception) else { return }
    let exception = raised.object(ExceptionObject.self)
    guard exception.field(0).isNone, exception.field(1).isNone else { return }
    exception.setField(0, Value(name))
    exception.setField(1, object)
}

/// `object.name` for a name that is not interned yet. Throws AttributeError and whatever descriptors raise.
public func getAttribute(_ object: Value, _ name: String) throws(Raised) -> Value {
    try getAttribute(object, StrTables.intern(name))
}

/// The attribute, or absent where AttributeError would be raised.
public func getOptionalAttribute(_ object: Value, _ name: StrRef) throws(Raised) -> Value {
    try getAttribute(object, name, default: .absent)
}

/// The attribute; absent if there is plainly none. A hook of the script may still raise AttributeError.
private func attributeOrAbsent(_ object: Value, _ name: StrRef) throws(Raised) -> Value {
    let cls = object.cls
    if cls.usesBuiltinGetattribute {
        let value: Value
        do {
            value = try plainAttribute(object, cls, name)
        } catch {
            guard currentThread().raisedIs(.attributeError), cls.has(.getattr) else { throw error }
            _ = currentThread().takeRaised()
            return try callGetattr(object, cls, name)
        }
        if value.isAbsent, cls.has(.getattr) { return try callGetattr(object, cls, name) }
        return value
    }
    do {
        return try callUnbound(cls.special(.getattribute), object, Value(name))
    } catch {
        guard currentThread().raisedIs(.attributeError) else { throw error }
        if cls.has(.getattr) {
            _ = currentThread().takeRaised()
            return try callGetattr(object, cls, name)
        }
        throw error
    }
}

/// The attribute or a given value: AttributeError of any origin counts as "not there".
public func getAttribute(_ object: Value, _ name: StrRef, default fallback: Value) throws(Raised) -> Value {
    do {
        let value = try attributeOrAbsent(object, name)
        return value.isAbsent ? fallback : value
    } catch {
        guard currentThread().raisedIs(.attributeError) else { throw error }
        _ = currentThread().takeRaised()
        return fallback
    }
}

private func callGetattr(_ object: Value, _ cls: ClassRef, _ name: StrRef) throws(Raised) -> Value {
    try callUnbound(cls.special(.getattr), object, Value(name))
}

/// What `object.__getattribute__` does; absent if there is no such attribute.
func plainAttribute(_ object: Value, _ cls: ClassRef, _ name: StrRef) throws(Raised) -> Value {
    switch object.kind {
    case .class: return try classAttribute(object.object(ClassObject.self), cls, name)
    case .module: return try moduleAttribute(object.object(ModuleObject.self), cls, name)
    case .superObject: return try superObjectAttribute(object, cls, name)
    default: break
    }
    let found = cls.lookup(name)
    if !found.isAbsent, overridesInstance(found) {
        return try getDescriptor(found, object, cls)
    }
    let own = ownAttributeValue(object, name)
    if !own.isAbsent { return own }
    if found.isAbsent { return .absent }
    return try getDescriptor(found, object, cls)
}

/// The attribute in the object's own slots or dict, or absent.
func ownAttributeValue(_ object: Value, _ name: StrRef) -> Value {
    guard object.isPointer else { return .absent }
    if object.header.pointee.kind == .instance {
        let instance = object.object(Instance.self)
        let interned = name.pointee.header.flags.contains(.interned) ? name : StrTables.intern(name)
        let shape = instance.shape
        if !shape.pointee.isDictionary, let slot = shape.slot(of: interned), slot < Int(shape.pointee.cls.pointee.slotCount) {
            return .absent
        }
        return instance.get(interned)
    }
    return ownDictionary(object, create: false)?.get(name) ?? .absent
}

/// A data descriptor that can be read: one with `__set__` alone leaves reading to the instance's own attributes.
private func overridesInstance(_ found: Value) -> Bool {
    switch found.kind {
    case .property, .getSet, .member: true
    default: isDataDescriptor(found) && found.cls.has(.get)
    }
}

func isDataDescriptor(_ value: Value) -> Bool {
    switch value.kind {
    case .property, .getSet, .member: true
    case .instance, .exception: value.cls.has(.set) || value.cls.has(.delete)
    default:
        value.isPointer && value.header.pointee.shape >= 104 && (value.cls.has(.set) || value.cls.has(.delete))
    }
}

/// What a class attribute gives when it is read through an instance (`instance` absent: through the class itself).
func getDescriptor(_ found: Value, _ instance: Value, _ owner: ClassRef) throws(Raised) -> Value {
    switch found.kind {
    case .immediate, .int, .float, .complex, .decimal, .str, .bytes, .bytearray, .tuple, .list, .dict, .set, .frozenset, .class,
        .boundMethod, .module, .code, .cell, .generator, .range, .slice:
        // Classes of the script that derive from these may be descriptors all the same.
        if found.isPointer, found.header.pointee.shape >= 104, found.cls.has(.get), !found.isKind(.class), !found.isKind(.generator) { break }
        return found
    case .function:
        return instance.isAbsent ? found : Value(BoundMethod.make(found, instance))
    case .native:
        let native = found.object(NativeFunction.self)
        let shape = native.pointee.header.shape
        if shape == NativeShapes.classMethodDescriptor {
            return Value(NativeFunction.make(native.pointee.record, receiver: Value(owner)))
        }
        guard NativeShapes.isUnboundMethod(found) else { return found }
        if instance.isAbsent { return found }
        return Value(
            NativeFunction.make(
                native.pointee.record, receiver: instance,
                shape: shape == NativeShapes.slotWrapper ? NativeShapes.methodWrapper : ShapeID(Kind.native.rawValue)))
    case .property:
        if found.hasScriptAccess { break }
        if instance.isAbsent { return found }
        return try found.object(Property.self).get(instance)
    case .classMethod:
        if found.hasScriptAccess { break }
        return Value(BoundMethod.make(found.object(ClassMethod.self).pointee.callable, Value(owner)))
    case .staticMethod:
        if found.hasScriptAccess { break }
        return found.object(StaticMethod.self).pointee.callable
    case .getSet:
        if instance.isAbsent { return found }
        return try found.object(GetSetDescriptor.self).get(instance)
    case .member:
        if instance.isAbsent { return found }
        return try found.object(MemberDescriptor.self).get(instance)
    default:
        break
    }
    let get = found.cls.special(.get)
    if get.isAbsent { return found }
    return try callUnbound(get, found, instance.isAbsent ? .none : instance, Value(owner))
}

/// A callable found on a class, bound to a receiver.
func bindDescriptor(_ found: Value, _ receiver: Value) throws(Raised) -> Value {
    if found.isKind(.native), found.object(NativeFunction.self).pointee.header.shape == ShapeID(Kind.native.rawValue) {
        return found
    }
    return try getDescriptor(found, receiver, receiver.cls)
}

/// An attribute of a class: its metaclass's data descriptors, its own order, then the rest of its metaclass.
private func classAttribute(_ cls: ClassRef, _ metaclass: ClassRef, _ name: StrRef) throws(Raised) -> Value {
    let meta = metaclass.lookup(name)
    if !meta.isAbsent, overridesInstance(meta) { return try getDescriptor(meta, Value(cls), metaclass) }
    let own = cls.lookup(name)
    if !own.isAbsent { return try getDescriptor(own, .absent, cls) }
    if meta.isAbsent { return .absent }
    return try getDescriptor(meta, Value(cls), metaclass)
}

private func moduleAttribute(_ module: ModuleRef, _ cls: ClassRef, _ name: StrRef) throws(Raised) -> Value {
    let found = cls.lookup(name)
    if !found.isAbsent, isDataDescriptor(found) { return try getDescriptor(found, Value(module), cls) }
    let own = module.pointee.namespace.get(name)
    if own.isNone, name == Names.spec || name == Names.loader, let filled = try Finders.fill(module, name) { return filled }
    if !own.isAbsent { return own }
    if !found.isAbsent { return try getDescriptor(found, Value(module), cls) }
    let getattr = module.pointee.namespace.get(SpecialName.getattr.string)
    return getattr.isAbsent ? .absent : try callValue(getattr, Value(name))
}

/// The AttributeError for an attribute that is not there, worded after what the object is, with its `name` and `obj`; to be thrown.
public func noAttribute(_ object: Value, _ name: StrRef) -> Raised {
    let text = name.string
    let raised: Raised
    switch object.kind {
    case .class:
        raised = raise(.attributeError, "type object '\(object.object(ClassObject.self).nameText)' has no attribute '\(text)'")
    case .module:
        raised = raise(.attributeError, ModuleObject.missing(text, in: object.object(ModuleObject.self)))
    default:
        raised = raise(.attributeError, "'\(typeName(object))' object has no attribute '\(text)'")
    }
    return withPlace(raised, object, name)
}

/// Notes in an AttributeError that is being raised which attribute of what was missing.
func withPlace(_ raised: Raised, _ object: Value, _ name: StrRef) -> Raised {
    let exception = currentThread().pointee.raised.object(ExceptionObject.self)
    exception.setField(0, Value(name))
    exception.setField(1, object)
    return raised
}

// MARK: Setting and deleting

/// `object.name = value`.
public func setAttribute(_ object: Value, _ name: StrRef, _ value: Value) throws(Raised) {
    let method = object.cls.special(.setattr)
    if method == Runtime.objectSetattr || method.isAbsent { return try setPlainAttribute(object, name, value) }
    _ = try callUnbound(method, object, Value(name), value)
}

/// `del object.name`. Throws AttributeError, and whatever a `__delattr__` of the script raises.
public func deleteAttribute(_ object: Value, _ name: StrRef) throws(Raised) {
    let method = object.cls.special(.delattr)
    if method == Runtime.objectDelattr || method.isAbsent { return try setPlainAttribute(object, name, .absent) }
    _ = try callUnbound(method, object, Value(name))
}

/// What `object.__setattr__` does; an absent value deletes.
func setPlainAttribute(_ object: Value, _ name: StrRef, _ value: Value) throws(Raised) {
    if object.isKind(.class) { return try setClassAttribute(object.object(ClassObject.self), name, value) }
    let cls = object.cls
    let found = cls.lookup(name)
    if !found.isAbsent, try setDescriptor(found, object, name, value) { return }
    if object.isKind(.instance) {
        try setInstanceAttribute(object.object(Instance.self), cls, found, name, value)
        return
    }
    if object.isKind(.module) {
        let namespace = object.object(ModuleObject.self).pointee.namespace
        if value.isAbsent {
            if !namespace.remove(name) { throw noAttribute(object, name) }
        } else {
            namespace.set(name, value)
        }
        return
    }
    guard let dictionary = ownDictionary(object, create: true) else { throw cannotSet(object, found, name, value) }
    if value.isAbsent {
        if !dictionary.remove(name) { throw noAttribute(object, name) }
    } else {
        dictionary.set(StrTables.intern(name), value)
    }
}

private func setInstanceAttribute(
    _ instance: InstanceRef, _ cls: ClassRef, _ found: Value, _ name: StrRef, _ value: Value
) throws(Raised) {
    guard cls.pointee.flags.contains(.hasDict) else { throw cannotSet(Value(instance), found, name, value) }
    if value.isAbsent {
        let dictionary = instance.makeDictionary()
        if !dictionary.remove(name) { throw noAttribute(Value(instance), name) }
    } else {
        instance.set(StrTables.intern(name), value)
    }
}

private func cannotSet(_ object: Value, _ found: Value, _ name: StrRef, _ value: Value) -> Raised {
    if found.isAbsent {
        let raised = raise(
            .attributeError,
            "'\(typeName(object))' object has no attribute '\(name.string)' and no __dict__ for setting new attributes")
        let exception = currentThread().pointee.raised.object(ExceptionObject.self)
        exception.setField(0, Value(name))
        exception.setField(1, object)
        return raised
    }
    return raise(.attributeError, "'\(typeName(object))' object attribute '\(name.string)' is read-only")
}

/// Sets through a data descriptor; false if the class attribute is none.
private func setDescriptor(_ found: Value, _ object: Value, _ name: StrRef, _ value: Value) throws(Raised) -> Bool {
    switch found.kind {
    case .property where !found.hasScriptAccess:
        try found.object(Property.self).set(object, value)
    case .getSet:
        try found.object(GetSetDescriptor.self).set(object, value)
    case .member:
        try found.object(MemberDescriptor.self).set(object, value)
    default:
        guard found.isPointer else { return false }
        let method = found.cls.special(value.isAbsent ? .delete : .set)
        if method.isAbsent {
            guard isDataDescriptor(found) else { return false }
            throw raise(.attributeError, value.isAbsent ? "__delete__" : "__set__")
        }
        if value.isAbsent {
            _ = try callUnbound(method, found, object)
        } else {
            _ = try callUnbound(method, found, object, value)
        }
    }
    return true
}

/// The dict of an object that is no plain instance: functions, exceptions, instances of subclasses of built-ins.
func ownDictionary(_ object: Value, create: Bool) -> DictRef? {
    guard object.isPointer else { return nil }
    switch object.header.pointee.kind {
    case .instance:
        let instance = object.object(Instance.self)
        guard instance.shape.pointee.cls.pointee.flags.contains(.hasDict) else { return nil }
        return create ? instance.makeDictionary() : instance.dictionary
    case .function:
        let function = object.object(Function.self)
        if function.pointee.dictionary == nil, create {
            writeBarrier(function)
            function.pointee.dictionary = Dict.make()
        }
        return function.pointee.dictionary
    case .exception:
        let exception = object.object(ExceptionObject.self)
        if exception.pointee.dictionary == nil, create { exception.pointee.dictionary = Dict.make() }
        return exception.pointee.dictionary
    case .classMethod, .staticMethod:
        // Both lie the same in memory.
        let method = object.object(ClassMethod.self)
        if method.pointee.dictionary == nil, create { method.pointee.dictionary = Dict.make() }
        return method.pointee.dictionary
    case .fiber:
        let fiber = object.object(Fiber.self)
        if fiber.pointee.dictionary == nil, create { fiber.pointee.dictionary = Dict.make() }
        return fiber.pointee.dictionary
    case .module:
        return object.object(ModuleObject.self).pointee.namespace
    case .class:
        return object.object(ClassObject.self).pointee.namespace
    default:
        guard object.cls.pointee.flags.contains(.hasDict), let slot = extraDictionarySlot(object) else { return nil }
        if slot.pointee == nil, create { setExtraDictionary(object, Dict.make()) }
        return slot.pointee
    }
}

/// Whether what attributes the object has of its own can't be told from its shape.
func hasUnknownAttributes(_ object: Value) -> Bool {
    guard object.isPointer else { return false }
    switch object.header.pointee.kind {
    case .function, .exception, .module, .class, .classMethod, .staticMethod, .fiber: return true
    default: return Shapes.table[Int(object.header.pointee.shape)].pointee.isDictionary
    }
}

/// Whether the object can have attributes of its own beside its class's.
func hasOwnDictionary(_ object: Value) -> Bool {
    guard object.isPointer else { return false }
    switch object.header.pointee.kind {
    case .instance, .function, .exception, .module, .class, .classMethod, .staticMethod, .fiber: return true
    default: return object.cls.pointee.flags.contains(.hasDict) && extraDictionarySlot(object) != nil
    }
}
