// `type`: attributes and methods of classes.

enum TypeMethods {
    static let nativeClass = NativeClass(
        "type", kind: .class, doc: "type(object) -> the object's type\ntype(name, bases, dict, **kwds) -> a new type",
        flags: [.isBase, .isMetaclass], methods: methods, attributes: attributes, construct: construct)

    private static func cls(_ value: Value) -> ClassRef { value.object(ClassObject.self) }

    private static let methods: [Native] = [
        Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
            let keywords = args[2].object(Dict.self)
            return try instantiate(
                cls(args[0]), args[1].object(Tuple.self), keywords.pointee.count == 0 ? nil : keywords)
        },
        Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { _ in .none },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(Str.make("<class '\(qualifiedClassName(cls(args[0])))'>"))
        },
        Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            let value = try plainAttribute(args[0], args[0].cls, name)
            if value.isAbsent { throw noAttribute(args[0], name) }
            return value
        },
        Native("__setattr__(self, name, value, /)", "Implement setattr(self, name, value).") { args throws(Raised) in
            try setClassAttribute(cls(args[0]), try attributeName(args[1]), args[2])
            return .none
        },
        Native("__delattr__(self, name, /)", "Implement delattr(self, name).") { args throws(Raised) in
            try setClassAttribute(cls(args[0]), try attributeName(args[1]), .absent)
            return .none
        },
        Native("mro(self, /)", "Return a type's method resolution order.") { args throws(Raised) in
            let bases = cls(args[0]).pointee.bases.object(Tuple.self)
            let order = try linearize(cls(args[0]), (0 ..< bases.count).map { cls(bases.items[$0]) })
            let list = List.make()
            for value in order { list.append(value) }
            return Value(list)
        },
        Native("__subclasses__(self, /)", "Return a list of immediate subclasses.") { args throws(Raised) in
            let list = List.make()
            for subclass in cls(args[0]).pointee.subclasses?.takeUnretainedValue().classes ?? [] { list.append(Value(subclass)) }
            return Value(list)
        },
        Native("__prepare__(cls, /, *args, **kwargs)", "Create the namespace for the class statement.", .classMethod) { _ in
            Value(Dict.make())
        },
        Native("__instancecheck__(self, instance, /)", "Check if an object is an instance.") { args throws(Raised) in
            Value(try plainIsInstance(args[1], cls(args[0])))
        },
        Native("__subclasscheck__(self, subclass, /)", "Check if a class is a subclass.") { args throws(Raised) in
            Value(try plainIsSubclass(args[1], args[0]))
        },
        Native("__dir__(self, /)", "Specialized __dir__ implementation for types.") { args throws(Raised) in
            Value(try attributeNames(args[0]))
        },
        Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in try unionOf(args[0], args[1]) },
        Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try unionOf(args[1], args[0]) },
        Native("__sizeof__(self, /)", "Return memory consumption of the type object.") { args in
            Value(cls(args[0]).pointee.flags.contains(.isHeapType) ? 1696 : 400)
        },
    ]

    private static let attributes: [Accessors] = [
        Accessors("__name__", "") { cls($0).pointee.name } set: { object, value throws(Raised) in
            try checkMutable(object, "__name__", value)
            guard value.isKind(.str) else {
                throw typeError("can only assign string to \(cls(object).nameText).__name__, not '\(typeName(value))'")
            }
            try checkClassName(value.object(Str.self))
            cls(object).pointee.name = value
        },
        Accessors("__qualname__", "") { cls($0).pointee.qualifiedName } set: { object, value throws(Raised) in
            try checkMutable(object, "__qualname__", value)
            guard value.isKind(.str) else {
                throw typeError("can only assign string to \(cls(object).nameText).__qualname__, not '\(typeName(value))'")
            }
            cls(object).pointee.qualifiedName = value
        },
        Accessors("__module__", "") { object throws(Raised) in
            let module = cls(object).pointee.namespace.get(Names.module)
            // Some native classes give their instances a `__module__`, under the same name.
            return module.isAbsent || module.isKind(.getSet) ? Value(StrTables.intern("builtins")) : module
        } set: { object, value throws(Raised) in
            try checkMutable(object, "__module__", value)
            _ = cls(object).pointee.namespace.remove(StrTables.intern("__firstlineno__"))
            cls(object).pointee.namespace.set(Names.module, value)
        },
        Accessors("__bases__", "", { cls($0).pointee.bases }, set: setBases),
        Accessors.member("__base__") { object throws(Raised) in cls(object).pointee.base.map { Value($0) } ?? .none },
        // While a metaclass's mro() finds it out for a new class, there is none yet.
        Accessors("__mro__", "") { cls($0).pointee.rootShape == nil ? .none : cls($0).pointee.mro },
        Accessors("__dict__", "") { MappingProxy.make(Value(cls($0).pointee.namespace)) },
        Accessors("__doc__", "") { object throws(Raised) in
            let doc = cls(object).pointee.namespace.get(Names.doc)
            if doc.isAbsent { return .none }
            if let own = ClassObject.nativeDocs.first(where: { $0.cls == cls(object) }) { return Value(Str.make(own.doc)) }
            return doc.isPlainData ? doc : try getDescriptor(doc, .absent, cls(object))
        } set: { object, value throws(Raised) in
            try checkMutable(object, "__doc__", value)
            cls(object).pointee.namespace.set(Names.doc, value)
        },
        Accessors("__annotations__", "") { object throws(Raised) in
            guard cls(object).pointee.flags.contains(.isHeapType) else {
                throw raise(.attributeError, "type object '\(cls(object).nameText)' has no attribute '__annotations__'")
            }
            let namespace = cls(object).pointee.namespace
            let own = namespace.get(Names.annotations)
            if !own.isAbsent { return own }
            let made = Value(Dict.make())
            namespace.set(Names.annotations, made)
            return made
        } set: { object, value throws(Raised) in
            guard cls(object).isMutable else {
                throw typeError("cannot set '__annotations__' attribute of immutable type '\(cls(object).shownName)'")
            }
            let namespace = cls(object).pointee.namespace
            if value.isAbsent {
                if !namespace.remove(Names.annotations) { throw raise(.attributeError, "__annotations__") }
            } else {
                namespace.set(Names.annotations, value)
            }
        },
        Accessors("__text_signature__", "") { ClassSignatures.of(cls($0)) },
        Accessors("__abstractmethods__", "") { object throws(Raised) in
            let own = cls(object).pointee.namespace.get(SpecialName.abstractMethods.string)
            if own.isAbsent || own.isKind(.getSet) { throw raise(.attributeError, "__abstractmethods__") }
            return own
        } set: { object, value throws(Raised) in
            let namespace = cls(object).pointee.namespace
            if value.isAbsent {
                guard namespace.remove(SpecialName.abstractMethods.string) else { throw raise(.attributeError, "__abstractmethods__") }
                cls(object).pointee.flags.remove(.isAbstract)
            } else {
                namespace.set(SpecialName.abstractMethods.string, value)
                if try truth(value) { cls(object).pointee.flags.insert(.isAbstract) } else { cls(object).pointee.flags.remove(.isAbstract) }
            }
        },
        Accessors("__type_params__", "") { object throws(Raised) in
            let own = cls(object).pointee.namespace.get(StrTables.intern("__type_params__"))
            return own.isAbsent || own.isKind(.getSet) ? Value(Tuple.make()) : own
        } set: { object, value throws(Raised) in
            try checkMutable(object, "__type_params__", value)
            cls(object).pointee.namespace.set(StrTables.intern("__type_params__"), value)
        },
        Accessors.member("__flags__") { object throws(Raised) in
            let flags = cls(object).pointee.flags
            var bits = 0x1000
            if flags.contains(.isHeapType) { bits |= 1 << 9 }
            if !cls(object).isMutable { bits |= 1 << 8 }
            if flags.contains(.hasDict), cls(object).pointee.instanceKind == .instance { bits |= 1 << 2 }
            if flags.contains(.isBase) { bits |= 1 << 10 }
            if flags.contains(.isAbstract) { bits |= 1 << 20 }
            if flags.contains(.matchesSequence) { bits |= 1 << 5 }
            if flags.contains(.matchesMapping) { bits |= 1 << 6 }
            return Value(bits)
        },
        Accessors.member("__basicsize__") { object throws(Raised) in
            Value((cls(object).pointee.instanceKind == .int ? 24 : 16) + Int(cls(object).pointee.slotCount) * 8)
        },
        Accessors.member("__itemsize__") { object throws(Raised) in
            switch cls(object).pointee.instanceKind {
            case .int: Value(4)
            case .tuple: Value(8)
            case .bytes: Value(1)
            default: Value(0)
            }
        },
        Accessors.member("__dictoffset__") { object throws(Raised) in
            let flags = cls(object).pointee.flags
            return Value(flags.contains(.isException) ? 16 : flags.contains(.hasDict) ? -1 : 0)
        },
        Accessors.member("__weakrefoffset__") { object throws(Raised) in
            Value(cls(object).pointee.flags.contains(.isWeakReferenceable) ? -1 : 0)
        },
        Accessors("__matches__", "which of match's patterns instances fit: 0, 1 sequence, 2 mapping") { object throws(Raised) in
            let flags = cls(object).pointee.flags
            return Value(flags.contains(.matchesSequence) ? 1 : flags.contains(.matchesMapping) ? 2 : 0)
        } set: { object, value throws(Raised) in
            let which = try index(value)
            cls(object).pointee.flags.subtract([.matchesSequence, .matchesMapping])
            if which == 1 { cls(object).pointee.flags.insert(.matchesSequence) }
            if which == 2 { cls(object).pointee.flags.insert(.matchesMapping) }
        },
    ]

    private static func checkMutable(_ object: Value, _ name: String, _ value: Value) throws(Raised) {
        guard cls(object).isMutable else {
            throw typeError("cannot set '\(name)' attribute of immutable type '\(cls(object).shownName)'")
        }
        if value.isAbsent { throw typeError("cannot delete '\(name)' attribute of immutable type '\(cls(object).shownName)'") }
        if AuditHooks.listen { try AuditHooks.tell("object.__setattr__", object, Value(StrTables.intern(name)), value) }
    }

    private static func setBases(_ object: Value, _ value: Value) throws(Raised) {
        try checkMutable(object, "__bases__", value)
        let target = cls(object)
        guard value.isKind(.tuple), value.object(Tuple.self).count > 0 else {
            throw typeError(
                value.isKind(.tuple) ? "can only assign non-empty tuple to \(target.nameText).__bases__, not ()"
                    : "can only assign tuple to \(target.nameText).__bases__, not \(typeName(value))")
        }
        let tuple = value.object(Tuple.self)
        var bases: [ClassRef] = []
        for index in 0 ..< tuple.count {
            guard tuple.items[index].isKind(.class) else {
                throw typeError("\(target.nameText).__bases__ must be tuple of classes, not '\(typeName(tuple.items[index]))'")
            }
            let base = cls(tuple.items[index])
            if base.isSubclass(of: target) { throw typeError("a __bases__ item causes an inheritance cycle") }
            guard base.pointee.instanceKind == target.pointee.instanceKind else {
                throw typeError("__bases__ assignment: '\(base.nameText)' object layout differs from '\(target.nameText)'")
            }
            bases.append(base)
        }
        let old = target.pointee.bases
        // Orders as they were, in turn with their classes: an error of a metaclass's `mro` takes all back.
        let orders = List.make()
        target.pointee.bases = value
        do {
            try renewOrder(target, orders)
        } catch {
            // What `mro` has set meanwhile stays.
            guard target.pointee.bases == value else { throw error }
            target.pointee.bases = old
            for index in stride(from: 0, to: orders.count, by: 2) {
                cls(orders.items[index]).pointee.mro = orders.items[index + 1]
                cls(orders.items[index]).changed()
            }
            throw error
        }
        // `mro` may have set other bases meanwhile.
        guard target.pointee.bases == value else { return }
        for index in 0 ..< old.object(Tuple.self).count { cls(old.object(Tuple.self).items[index]).unregister(target) }
        for base in bases { base.register(target) }
    }

    /// Works out the order of a class and of all that derive from it anew.
    private static func renewOrder(_ target: ClassRef, _ orders: ListRef) throws(Raised) {
        try currentThread().checkNativeStack()
        let bases = target.pointee.bases.object(Tuple.self)
        let before = target.pointee.mro
        orders.append(Value(target))
        orders.append(before)
        let order = try classOrder(target, Value(target).cls, (0 ..< bases.count).map { cls(bases.items[$0]) })
        // A look-up that `mro` caused may have been given other bases: the innermost assignment wins.
        guard target.pointee.bases.object(Tuple.self) == bases else { return }
        target.pointee.mro = Value(Tuple.make(order))
        target.changed()
        for subclass in target.pointee.subclasses?.takeUnretainedValue().classes ?? [] { try renewOrder(subclass, orders) }
    }

    /// `type(name, bases, namespace, **keywords)`; the one-argument form is handled by the caller.
    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let positional = args[1].object(Tuple.self)
        guard positional.count == 3 else {
            if args[0] == Value(Runtime.typeClass) { throw typeError("type() takes 1 or 3 arguments") }
            throw typeError("type.__new__() takes exactly 3 arguments (\(positional.count) given)")
        }
        let (name, bases, namespace) = (positional.items[0], positional.items[1], positional.items[2])
        guard name.isKind(.str) else { throw typeError("type.__new__() argument 1 must be str, not \(typeName(name))") }
        try checkClassName(name.object(Str.self))
        guard bases.isKind(.tuple) else { throw typeError("type.__new__() argument 2 must be tuple, not \(typeName(bases))") }
        guard namespace.isKind(.dict) else {
            throw typeError("type.__new__() argument 3 must be dict, not \(typeName(namespace))")
        }
        for index in 0 ..< bases.object(Tuple.self).count {
            let base = bases.object(Tuple.self).items[index]
            if !base.isKind(.class), !(try getOptionalAttribute(base, SpecialName.mroEntries.string)).isAbsent {
                throw typeError("type() doesn't support MRO entry resolution; use types.new_class()")
            }
        }
        let keywords = args[2].isNone ? nil : args[2].object(Dict.self)
        let metaclass = try mostDerivedMetaclass(cls(args[0]), bases.object(Tuple.self))
        // The bases may ask for a metaclass that makes its classes in its own way.
        let new = metaclass.special(.new)
        if metaclass != cls(args[0]), new.isKind(.staticMethod), new.object(StaticMethod.self).pointee.callable.isKind(.function) {
            return try callValue(
                new.object(StaticMethod.self).pointee.callable, Tuple.make(Value(metaclass), name, bases, namespace), keywords)
        }
        return Value(
            try makeClass(
                metaclass, StrTables.intern(name.object(Str.self)), bases.object(Tuple.self), namespace.object(Dict.self),
                keywords))
    }
}

// MARK: isinstance and issubclass

/// `isinstance(object, cls)`: a class, a union, a tuple of such, or anything with `__instancecheck__`.
public func isInstance(_ object: Value, _ cls: Value) throws(Raised) -> Bool {
    if cls.isKind(.class) {
        if object.cls == cls.object(ClassObject.self) { return true }
        if cls.cls == Runtime.typeClass { return try plainIsInstance(object, cls.object(ClassObject.self)) }
    }
    if cls.isKind(.tuple) {
        try currentThread().checkNativeStack()
        let tuple = cls.object(Tuple.self)
        for index in 0 ..< tuple.count where try isInstance(object, tuple.items[index]) { return true }
        return false
    }
    if cls.isKind(.unionType) { return try isInstance(object, cls.object(UnionType.self).pointee.arguments) }
    let method = cls.cls.special(.instancecheck)
    guard !method.isAbsent else {
        // Anything with a tuple `__bases__` counts as a class.
        guard try classBases(cls) != nil else {
            throw typeError("isinstance() arg 2 must be a type, a tuple of types, or a union")
        }
        let own = try getAttribute(object, SpecialName.cls.string, default: .absent)
        return own.isAbsent ? false : try derives(own, from: cls)
    }
    return try truth(callUnbound(method, cls, object))
}

func plainIsInstance(_ object: Value, _ cls: ClassRef) throws(Raised) -> Bool {
    if object.cls.isSubclass(of: cls) { return true }
    // `__class__` may pretend.
    guard object.cls.pointee.flags.contains(.isHeapType) || object.isKind(.box), !object.cls.lookup(SpecialName.cls.string).isKind(.getSet) || !object.cls.usesPlainGetattribute || object.cls.has(.getattr) else { return false }
    let pretended = try getAttribute(object, SpecialName.cls.string, default: .absent)
    return pretended.isKind(.class) && pretended.object(ClassObject.self).isSubclass(of: cls)
}

/// `issubclass(cls, other)`.
public func isSubclass(_ cls: Value, _ other: Value) throws(Raised) -> Bool {
    if other.isKind(.tuple) {
        try currentThread().checkNativeStack()
        let tuple = other.object(Tuple.self)
        for index in 0 ..< tuple.count where try isSubclass(cls, tuple.items[index]) { return true }
        return false
    }
    if other.isKind(.unionType) { return try isSubclass(cls, other.object(UnionType.self).pointee.arguments) }
    if other.isKind(.class), other.cls == Runtime.typeClass { return try plainIsSubclass(cls, other) }
    let method = other.cls.special(.subclasscheck)
    guard !method.isAbsent else {
        guard try classBases(cls) != nil else { throw typeError("issubclass() arg 1 must be a class") }
        guard try classBases(other) != nil else {
            throw typeError("issubclass() arg 2 must be a class, a tuple of classes, or a union")
        }
        return try derives(cls, from: other)
    }
    return try truth(callUnbound(method, other, cls))
}

func plainIsSubclass(_ cls: Value, _ other: Value) throws(Raised) -> Bool {
    if cls.isKind(.class) { return cls.object(ClassObject.self).isSubclass(of: other.object(ClassObject.self)) }
    let bases = try getAttribute(cls, StrTables.intern("__bases__"), default: .absent)
    guard bases.isKind(.tuple) else { throw typeError("issubclass() arg 1 must be a class") }
    for index in 0 ..< bases.object(Tuple.self).count
    where try plainIsSubclass(bases.object(Tuple.self).items[index], other) {
        return true
    }
    return false
}

/// The `__bases__` of anything that has a tuple under that name; nil: it is no class.
private func classBases(_ cls: Value) throws(Raised) -> TupleRef? {
    let bases = try getAttribute(cls, StrTables.intern("__bases__"), default: .absent)
    return bases.isKind(.tuple) ? bases.object(Tuple.self) : nil
}

/// Whether `other` is `cls` or among its bases and theirs.
private func derives(_ cls: Value, from other: Value) throws(Raised) -> Bool {
    try currentThread().checkNativeStack()
    if cls == other { return true }
    guard let bases = try classBases(cls) else { return false }
    for index in 0 ..< bases.count where try derives(bases.items[index], from: other) { return true }
    return false
}
