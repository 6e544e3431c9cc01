// Attributes and method look-ups, with their inline caches.
//
// Cache of attribute instructions: word 1 = shape | offset in the object << 32 (or keys version | entry index << 32 for
// a module), word 2 = a value or a shape. A cache holds as long as its instruction keeps the quickened opcode: a change
// of a class empties all caches (InlineCaches.flush), so a hit needs to compare nothing but the shape.
import TinyCompiler

@inline(__always)
func loadAttributeSlot(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    let cache = pc[0]
    if object.isPointer && object.header.pointee.shape == UInt32(truncatingIfNeeded: cache) {
        let value = object.address.load(fromByteOffset: Int(cache >> 32), as: Value.self)
        if !value.isAbsent {
            r[i.a] = value
            return Next(r, pc + 2)
        }
    }
    return slowLoadAttribute(i, r, pc, t)
}

@inline(__always)
func loadAttributeClass(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    if object.shapeID == UInt32(truncatingIfNeeded: pc[0]) {
        r[i.a] = Value(BoundMethod.make(Value(bits: pc[1]), object))
        return Next(r, pc + 2)
    }
    return slowLoadAttribute(i, r, pc, t)
}

@inline(__always)
func loadAttributeModule(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    if let value = moduleEntry(r[i.b], pc[0]) {
        r[i.a] = value
        return Next(r, pc + 2)
    }
    return slowLoadAttribute(i, r, pc, t)
}

@inline(__always)
private func moduleEntry(_ object: Value, _ cache: UInt64) -> Value? {
    guard object.isExactly(.module) else { return nil }
    let namespace = object.object(ModuleObject.self).pointee.namespace
    guard namespace.pointee.keysVersion == UInt32(truncatingIfNeeded: cache) else { return nil }
    return namespace.pointee.entries.unsafelyUnwrapped[Int(cache >> 32)].value
}

@inline(__always)
func storeAttributeSlot(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.a]
    let cache = pc[0]
    if object.isPointer && object.header.pointee.shape == UInt32(truncatingIfNeeded: cache) {
        writeBarrier(object.address)
        object.address.storeBytes(of: r[i.b], toByteOffset: Int(cache >> 32), as: Value.self)
        return Next(r, pc + 2)
    }
    return slowStoreAttribute(i, r, pc, t)
}

/// Word 2 = the shape that the instance takes on.
@inline(__always)
func storeAttributeAdd(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.a]
    let cache = pc[0]
    if object.isPointer && object.header.pointee.shape == UInt32(truncatingIfNeeded: cache) {
        object.header.pointee.shape = UInt32(truncatingIfNeeded: pc[1])
        writeBarrier(object.address)
        object.address.storeBytes(of: r[i.b], toByteOffset: Int(cache >> 32), as: Value.self)
        return Next(r, pc + 2)
    }
    return slowStoreAttribute(i, r, pc, t)
}

@inline(__always)
func loadMethodClass(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    if object.shapeID == UInt32(truncatingIfNeeded: pc[0]) {
        let base = r + i.a
        base.header.pointee.callable = Value(bits: pc[1])
        base[0] = object
        return Next(r, pc + 2)
    }
    return slowLoadMethod(i, r, pc, t)
}

@inline(__always)
func loadMethodModule(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    if let value = moduleEntry(r[i.b], pc[0]) {
        let base = r + i.a
        base.header.pointee.callable = value
        base[0] = .absent
        return Next(r, pc + 2)
    }
    return slowLoadMethod(i, r, pc, t)
}

// MARK: Loading

@inline(never)
func slowLoadAttribute(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    let name = r.name(i.c)
    if let entry = AttributeCache.find(.load, name, object.attributeOwner) {
        switch entry.pointee.action {
        case .slot:
            let value = object.address.load(fromByteOffset: Int(entry.pointee.offset), as: Value.self)
            if !value.isAbsent {
                if i.opcodeByte == Opcode.loadAttribute.rawValue {
                    pc[0] = entry.pointee.owner | UInt64(entry.pointee.offset) << 32
                    quicken(pc - 1, .loadAttributeSlot)
                }
                r[i.a] = value
                return Next(r, pc + 2)
            }
        case .method:
            r[i.a] = Value(BoundMethod.make(Value(bits: entry.pointee.value), object))
            return Next(r, pc + 2)
        case .value:
            r[i.a] = Value(bits: entry.pointee.value)
            return Next(r, pc + 2)
        case .accessor:
            return callGetter(Value(bits: entry.pointee.value), object, i.a, r, pc + 2, t)
        case .item:
            let tuple = object.object(Tuple.self)
            if Int(entry.pointee.offset) < tuple.count {
                r[i.a] = tuple.items[Int(entry.pointee.offset)]
                return Next(r, pc + 2)
            }
        case .add, .methodUnlessOwn, .classMethod, .none: break
        }
    }
    let cls = object.cls
    if let next = loadQuickly(object, cls, name, i, r, pc, t) { return next }
    t.leave(r, pc + 2)
    do {
        r[i.a] = try getAttribute(object, name)
        return Next(r, pc + 2)
    } catch { return unwind(r, pc + 2, t) }
}

/// Enters the getter of a property.
@inline(__always)
private func callGetter(
    _ getter: Value, _ object: Value, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let function = getter.object(Function.self)
    let code = function.pointee.code
    let base = r + Int(r.header.pointee.code.pointee.registerCount) + CallLayout.headerWords
    guard code.pointee.plainArgumentCount == 1, base >= t.pointee.segmentStart, base <= t.pointee.segmentEnd else {
        return callSpecial(getter, object, .absent, .absent, count: 1, destination, .store, r, pc, t)
    }
    base[0] = object
    base.header.pointee.callable = getter
    return enter(function, code, base, 1, destination, .store, r, pc, t)
}

/// An attribute of a class object, remembered; nil: use the general way.
private func loadFromClass(_ object: Value, _ name: StrRef, _ role: AttributeRole) -> (value: Value, isMethod: Bool)? {
    let cls = object.object(ClassObject.self)
    guard object.cls.usesBuiltinGetattribute else { return nil }
    let meta = object.cls.lookup(name)
    guard meta.isAbsent || !isDataDescriptor(meta) else { return nil }
    let own = cls.lookup(name)
    guard !own.isAbsent, let found = own.throughClass else { return nil }
    AttributeCache.remember(role, name, object.bits, found.isMethod ? .method : .value, value: found.value.bits)
    return found
}

/// The cases that can be cached or need a frame; nil: use the general way.
private func loadQuickly(
    _ object: Value, _ cls: ClassRef, _ name: StrRef, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    if object.isExactly(.module) {
        return loadFromModule(object, name, i, r, pc)
    }
    if object.isKind(.class) {
        guard let found = loadFromClass(object, name, .load) else { return nil }
        r[i.a] = found.isMethod ? Value(BoundMethod.make(found.value, object)) : found.value
        return Next(r, pc + 2)
    }
    guard cls.usesPlainGetattribute, !object.isKind(.class), !object.isKind(.superObject) else { return nil }
    let found = cls.lookup(name)
    if name == Names.class, found == Runtime.objectClass.lookup(name) {
        // The shape tells the class.
        AttributeCache.remember(.load, name, UInt64(object.shapeID), .value, value: Value(cls).bits)
        r[i.a] = Value(cls)
        return Next(r, pc + 2)
    }
    if found.isKind(.property), !found.hasScriptAccess {
        let getter = found.object(Property.self).pointee.getter
        guard getter.isKind(.function), !cls.has(.getattr) else { return nil }
        AttributeCache.remember(.load, name, UInt64(object.shapeID), .accessor, value: getter.bits)
        return callGetter(getter, object, i.a, r, pc + 2, t)
    }
    if object.isKind(.tuple), let field = TupleGetter.field(found) {
        AttributeCache.remember(.load, name, UInt64(object.shapeID), .item, offset: field)
        return nil
    }
    if object.isKind(.instance) {
        let instance = object.object(Instance.self)
        let shape = instance.shape
        if found.isKind(.member) || found.isAbsent || found.isKind(.function) || found.isPlainData {
            if !found.isKind(.member) || found.object(MemberDescriptor.self).pointee.slot >= 0,
                let value = loadSlot(instance, shape, name, cls, i, pc)
            {
                r[i.a] = value
                return Next(r, pc + 2)
            }
        } else {
            return nil
        }
    } else if object.isKind(.fiber) || object.isKind(.exception) {
        // A dict of its own, mostly small: what is there hides what the class has, unless that is a data descriptor.
        guard found.isAbsent || found.isPlainData || found.isKind(.function) else { return nil }
        let own = ownDictionary(object, create: false)?.get(name) ?? .absent
        guard own.isAbsent else {
            r[i.a] = own
            return Next(r, pc + 2)
        }
        guard !found.isAbsent else { return nil }
        r[i.a] = found.isKind(.function) ? Value(BoundMethod.make(found, object)) : found
        return Next(r, pc + 2)
    } else if hasUnknownAttributes(object) {
        return nil
    }
    if found.isKind(.function) {
        if !cls.pointee.flags.contains(.isVolatile), !hasUnknownAttributes(object) {
            cls.pointee.flags.insert(.isCached)
            pc[0] = UInt64(object.shapeID)
            pc[1] = found.bits
            quicken(pc - 1, .loadAttributeClass)
            AttributeCache.remember(.load, name, UInt64(object.shapeID), .method, value: found.bits)
        }
        r[i.a] = Value(BoundMethod.make(found, object))
        return Next(r, pc + 2)
    }
    if found.isPlainData, !found.isAbsent {
        if !hasUnknownAttributes(object) {
            AttributeCache.remember(.load, name, UInt64(object.shapeID), .value, value: found.bits)
        }
        r[i.a] = found
        return Next(r, pc + 2)
    }
    return nil
}

private func loadFromModule(_ object: Value, _ name: StrRef, _ i: Instruction, _ r: Registers, _ pc: PC) -> Next? {
    let namespace = object.object(ModuleObject.self).pointee.namespace
    let index = namespace.find(name)
    guard index >= 0, let entries = namespace.pointee.entries else { return nil }
    // `__spec__` and its like may still have to be made.
    if entries[index].value.isNone { return nil }
    pc[0] = UInt64(namespace.nameKeys()) | UInt64(index) << 32
    quicken(pc - 1, .loadAttributeModule)
    r[i.a] = entries[index].value
    return Next(r, pc + 2)
}

/// The attribute in a slot of the instance, remembered if it is an inline slot.
private func loadSlot(
    _ instance: InstanceRef, _ shape: ShapeRef, _ name: StrRef, _ cls: ClassRef, _ i: Instruction, _ pc: PC
) -> Value? {
    if shape.pointee.isDictionary {
        let value = instance.get(name)
        return value.isAbsent ? nil : value
    }
    guard let index = shape.slot(of: name) else { return nil }
    let value = instance.slot(index, shape).pointee
    guard !value.isAbsent else { return nil }
    if index < shape.pointee.inlineCapacity, !cls.pointee.flags.contains(.isVolatile) {
        cls.pointee.flags.insert(.isCached)
        pc[0] = UInt64(shape.pointee.id) | UInt64(16 + index * 8) << 32
        quicken(pc - 1, .loadAttributeSlot)
        AttributeCache.remember(.load, name, UInt64(shape.pointee.id), .slot, offset: 16 + index * 8)
    }
    return value
}

@inline(never)
func slowLoadMethod(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    let name = r.name(i.c)
    let base = r + i.a
    if let entry = AttributeCache.find(.method, name, object.attributeOwner),
        entry.pointee.action != .methodUnlessOwn || !ownAttribute(object, name)
    {
        base.header.pointee.callable = Value(bits: entry.pointee.value)
        switch entry.pointee.action {
        case .value: base[0] = .absent
        case .classMethod: base[0] = Value(object.cls)
        case .method, .methodUnlessOwn, .slot, .accessor, .add, .item, .none: base[0] = object
        }
        if i.opcodeByte == Opcode.loadMethod.rawValue, entry.pointee.action == .method, !object.isKind(.class) {
            pc[0] = entry.pointee.owner
            pc[1] = entry.pointee.value
            quicken(pc - 1, .loadMethodClass)
        }
        return Next(r, pc + 2)
    }
    let cls = object.cls
    if object.isKind(.class) {
        if let found = loadFromClass(object, name, .method) {
            base.header.pointee.callable = found.value
            base[0] = found.isMethod ? object : .absent
            return Next(r, pc + 2)
        }
    } else if object.isExactly(.module) {
        let namespace = object.object(ModuleObject.self).pointee.namespace
        let index = namespace.find(name)
        if index >= 0, let entries = namespace.pointee.entries {
            pc[0] = UInt64(namespace.nameKeys()) | UInt64(index) << 32
            quicken(pc - 1, .loadMethodModule)
            base.header.pointee.callable = entries[index].value
            base[0] = .absent
            return Next(r, pc + 2)
        }
    } else if cls.usesPlainGetattribute, !object.isKind(.class), !object.isKind(.superObject) {
        let found = cls.lookup(name)
        if found.isKind(.function) || found.isKind(.native) && isMethodDescriptor(found), !ownAttribute(object, name) {
            let mayCache = !hasUnknownAttributes(object)
            if mayCache, !cls.pointee.flags.contains(.isVolatile) {
                cls.pointee.flags.insert(.isCached)
                pc[0] = UInt64(object.shapeID)
                pc[1] = found.bits
                quicken(pc - 1, .loadMethodClass)
                AttributeCache.remember(.method, name, UInt64(object.shapeID), .method, value: found.bits)
            } else if !mayCache {
                AttributeCache.remember(.method, name, UInt64(object.shapeID), .methodUnlessOwn, value: found.bits)
            }
            base.header.pointee.callable = found
            base[0] = object
            return Next(r, pc + 2)
        }
        if found.isKind(.staticMethod) || found.isKind(.classMethod), let (callable, isMethod) = found.throughClass,
            !hasUnknownAttributes(object), !ownAttribute(object, name)
        {
            AttributeCache.remember(
                .method, name, UInt64(object.shapeID), isMethod ? .classMethod : .value, value: callable.bits)
            base.header.pointee.callable = callable
            base[0] = isMethod ? Value(cls) : .absent
            return Next(r, pc + 2)
        }
    }
    t.leave(r, pc + 2)
    do {
        let value = try getAttribute(object, name)
        base.header.pointee.callable = value
        base[0] = .absent
        return Next(r, pc + 2)
    } catch { return unwind(r, pc + 2, t) }
}

/// Whether the object itself, apart from its class, has the attribute.
private func ownAttribute(_ object: Value, _ name: StrRef) -> Bool {
    if object.isKind(.instance) { return !object.object(Instance.self).get(name).isAbsent }
    guard let dictionary = ownDictionary(object, create: false) else { return false }
    return dictionary.find(name) >= 0
}

private func isMethodDescriptor(_ value: Value) -> Bool {
    let shape = value.header.pointee.shape
    return shape == NativeShapes.methodDescriptor || shape == NativeShapes.slotWrapper
}

@inline(never)
func slowLoadSpecial(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    let name: SpecialName
    switch SpecialMethod(rawValue: UInt8(i.d)) ?? .enter {
    case .enter: name = .enter
    case .exit: name = .exit
    case .asyncEnter: name = .aenter
    case .asyncExit: name = .aexit
    }
    let found = object.cls.special(name)
    let base = r + i.a
    t.leave(r, pc)
    if found.isAbsent { return fail(noContextManager(object, name), r, pc, t) }
    if found.isKind(.function) || found.isKind(.native) && isMethodDescriptor(found) {
        base.header.pointee.callable = found
        base[0] = object
        return Next(r, pc)
    }
    do {
        base.header.pointee.callable = try bindDescriptor(found, object)
        base[0] = .absent
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

private func noContextManager(_ object: Value, _ name: SpecialName) -> Raised {
    let isAsync = name == .aenter || name == .aexit
    let protocolName = isAsync ? "asynchronous context manager" : "context manager"
    var message = "'\(typeName(object))' object does not support the \(protocolName) protocol"
    if name == .exit || name == .aexit { message += " (missed \(name.string.string) method)" }
    return typeError(message)
}

@inline(never)
func slowLoadSuperAttribute(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let base = r + i.b
        r[i.a] = try superAttribute(base[0], base[1], base[2], r.name(i.c), bind: true, explicit: i.d == 1).value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowLoadSuperMethod(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let operands = r + i.b
        let receiver = operands[2]
        let name = r.name(i.c)
        let isCacheable = operands[0] == Value(Runtime.superClass) && !receiver.isKind(.class)
        if isCacheable, let entry = AttributeCache.find(.superMethod, name, UInt64(receiver.shapeID), start: operands[1].bits) {
            let base = r + i.a
            base.header.pointee.callable = Value(bits: entry.pointee.value)
            base[0] = receiver
            return Next(r, pc)
        }
        let found = try superAttribute(operands[0], operands[1], receiver, name, bind: false, explicit: i.d == 1)
        if isCacheable, found.isUnboundMethod {
            AttributeCache.remember(
                .superMethod, name, UInt64(receiver.shapeID), start: operands[1].bits, .method, value: found.value.bits)
        }
        let base = r + i.a
        base.header.pointee.callable = found.value
        base[0] = found.isUnboundMethod ? receiver : .absent
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

// MARK: Storing

@inline(never)
func slowStoreAttribute(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.a]
    let name = r.name(i.c)
    let value = r[i.b]
    if let entry = AttributeCache.find(.store, name, UInt64(object.shapeID)) {
        switch entry.pointee.action {
        case .slot:
            if i.opcodeByte == Opcode.storeAttribute.rawValue {
                pc[0] = entry.pointee.owner | UInt64(entry.pointee.offset) << 32
                quicken(pc - 1, .storeAttributeSlot)
            }
            writeBarrier(object.address)
            object.address.storeBytes(of: value, toByteOffset: Int(entry.pointee.offset), as: Value.self)
            return Next(r, pc + 2)
        case .add:
            if i.opcodeByte == Opcode.storeAttribute.rawValue {
                pc[0] = entry.pointee.owner | UInt64(entry.pointee.offset) << 32
                pc[1] = entry.pointee.value
                quicken(pc - 1, .storeAttributeAdd)
            }
            object.header.pointee.shape = ShapeID(truncatingIfNeeded: entry.pointee.value)
            writeBarrier(object.address)
            object.address.storeBytes(of: value, toByteOffset: Int(entry.pointee.offset), as: Value.self)
            return Next(r, pc + 2)
        case .accessor:
            return callSpecial(
                Value(bits: entry.pointee.value), object, value, .absent, count: 2, 0, .discard, r, pc + 2, t)
        case .method, .methodUnlessOwn, .classMethod, .value, .item, .none: break
        }
    }
    let cls = object.cls
    let setattr = cls.special(.setattr)
    if setattr == Runtime.objectSetattr {
        let found = cls.lookup(name)
        if object.isKind(.instance), found.isAbsent || found.isPlainData || found.isKind(.function)
            || found.isKind(.member) && found.object(MemberDescriptor.self).pointee.slot >= 0
        {
            if storeSlot(object.object(Instance.self), found.isKind(.member), name, value, cls, i, pc) {
                return Next(r, pc + 2)
            }
        } else if object.isKind(.fiber), found.isAbsent || found.isPlainData || found.isKind(.function) {
            ownDictionary(object, create: true)?.set(name, value)
            return Next(r, pc + 2)
        } else if found.isKind(.property), !found.hasScriptAccess {
            let setter = found.object(Property.self).pointee.setter
            if setter.isKind(.function) {
                AttributeCache.remember(.store, name, UInt64(object.shapeID), .accessor, value: setter.bits)
                return callSpecial(setter, object, value, .absent, count: 2, 0, .discard, r, pc + 2, t)
            }
        }
    } else if setattr.isKind(.function) {
        return callSpecial(setattr, object, Value(name), value, count: 3, 0, .discard, r, pc + 2, t)
    }
    t.leave(r, pc + 2)
    do {
        try setAttribute(object, name, value)
        return Next(r, pc + 2)
    } catch { return unwind(r, pc + 2, t) }
}

/// Stores into a slot of the instance and remembers how; false: the general way must say what is wrong.
private func storeSlot(
    _ instance: InstanceRef, _ isMember: Bool, _ name: StrRef, _ value: Value, _ cls: ClassRef, _ i: Instruction,
    _ pc: PC
) -> Bool {
    let shape = instance.shape
    if shape.pointee.isDictionary {
        if isMember || !cls.pointee.flags.contains(.hasDict) { return false }
        instance.set(name, value)
        return true
    }
    if let index = shape.slot(of: name) {
        writeBarrier(instance)
        instance.slot(index, shape).pointee = value
        if index < shape.pointee.inlineCapacity, !cls.pointee.flags.contains(.isVolatile) {
            cls.pointee.flags.insert(.isCached)
            pc[0] = UInt64(shape.pointee.id) | UInt64(16 + index * 8) << 32
            quicken(pc - 1, .storeAttributeSlot)
            AttributeCache.remember(.store, name, UInt64(shape.pointee.id), .slot, offset: 16 + index * 8)
        }
        return true
    }
    guard cls.pointee.flags.contains(.hasDict) else { return false }
    instance.set(name, value)
    let next = instance.shape
    if !next.pointee.isDictionary, next.pointee.count <= next.pointee.inlineCapacity,
        !cls.pointee.flags.contains(.isVolatile)
    {
        cls.pointee.flags.insert(.isCached)
        pc[0] = UInt64(shape.pointee.id) | UInt64(16 + (next.pointee.count - 1) * 8) << 32
        pc[1] = UInt64(next.pointee.id)
        quicken(pc - 1, .storeAttributeAdd)
        AttributeCache.remember(
            .store, name, UInt64(shape.pointee.id), .add, offset: 16 + (next.pointee.count - 1) * 8,
            value: UInt64(next.pointee.id))
    }
    return true
}

@inline(never)
func slowDeleteAttribute(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try deleteAttribute(r[i.a], r.name(i.c))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
