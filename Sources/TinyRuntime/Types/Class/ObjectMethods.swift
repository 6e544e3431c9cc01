// `object`: what every class inherits.

enum ObjectMethods {
    static let nativeClass = NativeClass(
        "object", kind: .instance,
        doc: "The base class of the class hierarchy.\n\nWhen called, it accepts no arguments and returns a new featureless\ninstance that has no instance attributes and cannot be given any.\n",
        flags: .isBase, methods: methods, attributes: [
            Accessors("__class__", "the object's class", { Value($0.cls) }, set: setClass)
        ])

    private static let methods: [Native] = [
        Native("__new__(*args, **kwargs)", "Create and return a new object.", .staticMethod) { args throws(Raised) in
            try new(args, owner: Runtime.objectClass)
        },
        Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { args throws(Raised) in
            let count = args[1].object(Tuple.self).count + args[2].object(Dict.self).pointee.count
            if count > 0 {
                let cls = args[0].cls
                if cls.special(.`init`) != Runtime.objectInit {
                    throw typeError("object.__init__() takes exactly one argument (the instance to initialize)")
                }
                if cls.special(.new) == Runtime.objectNew {
                    throw typeError("\(cls.nameText).__init__() takes exactly one argument (the instance to initialize)")
                }
            }
            return .none
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in Value(defaultRepr(args[0])) },
        Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in Value(try repr(args[0])) },
        Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in Value(identityHash(args[0])) },
        Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
            args[0] == args[1] ? .true : notImplemented
        },
        Native("__ne__(self, value, /)", "Return self!=value.") { args throws(Raised) in
            let method = args[0].cls.special(.eq)
            let result = try callUnbound(method, args[0], args[1])
            return result == notImplemented ? result : Value(try !truth(result))
        },
        Native("__lt__(self, value, /)", "Return self<value.") { args throws(Raised) in notImplemented },
        Native("__le__(self, value, /)", "Return self<=value.") { args throws(Raised) in notImplemented },
        Native("__gt__(self, value, /)", "Return self>value.") { args throws(Raised) in notImplemented },
        Native("__ge__(self, value, /)", "Return self>=value.") { args throws(Raised) in notImplemented },
        Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            let value = try plainAttribute(args[0], args[0].cls, name)
            if value.isAbsent { throw noAttribute(args[0], name) }
            return value
        },
        Native("__setattr__(self, name, value, /)", "Implement setattr(self, name, value).") { args throws(Raised) in
            if args[0].isKind(.class) { throw typeError("can't apply this __setattr__ to type object") }
            try setPlainAttribute(args[0], try attributeName(args[1]), args[2])
            return .none
        },
        Native("__delattr__(self, name, /)", "Implement delattr(self, name).") { args throws(Raised) in
            try setPlainAttribute(args[0], try attributeName(args[1]), .absent)
            return .none
        },
        Native("__format__(self, format_spec, /)", "Default object formatter.") { args throws(Raised) in
            guard args[1].isKind(.str) else {
                throw typeError("__format__() argument must be str, not \(typeName(args[1]))")
            }
            if args[1].object(Str.self).pointee.byteCount > 0 {
                throw typeError("unsupported format string passed to \(typeName(args[0])).__format__")
            }
            return Value(try str(args[0]))
        },
        Native("__dir__(self, /)", "Default dir() implementation.") { args throws(Raised) in
            Value(try attributeNames(args[0]))
        },
        Native("__init_subclass__(cls, /)", "This method is called when a class is subclassed.", .classMethod) { _ in .none },
        Native("__subclasshook__(cls, cls2, /)", "Abstract classes can override this to customize issubclass().", .classMethod) { _ in
            notImplemented
        },
        Native("__reduce__(self, /)", "Helper for pickle.") { args throws(Raised) in
            try reduce(args[0], protocol: 0)
        },
        Native("__reduce_ex__(self, protocol, /)", "Helper for pickle.") { args throws(Raised) in
            let method = args[0].cls.special(.reduce)
            if method != Runtime.objectClass.pointee.namespace.get(SpecialName.reduce.string) {
                // The object's own, if it has one, in place of the class's.
                return try callValue(try getAttribute(args[0], SpecialName.reduce.string), Tuple.make())
            }
            return try reduce(args[0], protocol: try index(args[1]))
        },
        Native("__getstate__(self, /)", "Helper for pickle.") { args throws(Raised) in
            try ObjectReduction.defaultState(args[0])
        },
        Native("__sizeof__(self, /)", "Size of object in memory, in bytes.") { args throws(Raised) in
            Value(ReportedSize.object(args[0]))
        },
    ]

    /// The `__new__` that a built-in class with a constructor of its own has: the same function under another identity,
    /// so that `int.__new__ is not object.__new__`.
    static func installNew(in cls: ClassRef) {
        nonisolated(unsafe) let owner = cls
        let row = Native("__new__(*args, **kwargs)", "Create and return a new object.", .staticMethod) { args throws(Raised) in
            try new(args, owner: owner)
        }
        row.install(in: cls, selfKind: nil)
        cls.pointee.namespace.get(SpecialName.new.string).header.pointee.detail = 1
    }

    /// `owner.__new__(cls, …)`: the constructor of a built-in class, for itself or a class whose instances it may lay out.
    private static func new(_ args: Arguments, owner: ClassRef) throws(Raised) -> Value {
        let all = args[0].object(Tuple.self)
        let name = owner.nameText
        guard all.count > 0 else { throw typeError("\(name).__new__(): not enough arguments") }
        guard all.items[0].isKind(.class) else {
            throw typeError("\(name).__new__(X): X is not a type object (\(typeName(all.items[0])))")
        }
        let cls = all.items[0].object(ClassObject.self)
        guard cls.isSubclass(of: owner) else {
            throw typeError("\(name).__new__(\(cls.nameText)): \(cls.nameText) is not a subtype of \(name)")
        }
        // The nearest built-in class with a constructor of its own must be this one.
        var layout = cls
        while layout.pointee.flags.contains(.isHeapType) || layout.pointee.namespace.find(SpecialName.new.string) < 0,
            let base = layout.pointee.base
        { layout = base }
        guard layout == owner || owner.isSubclass(of: layout) else {
            throw typeError("\(name).__new__(\(cls.nameText)) is not safe, use \(nativeBase(cls).nameText).__new__()")
        }
        let keywords = args[1].object(Dict.self)
        return try constructNative(
            cls, Tuple.make(all.items + 1, all.count - 1), keywords.pointee.count == 0 ? nil : keywords)
    }

    /// `copyreg` knows how objects are taken apart.
    private static func reduce(_ object: Value, protocol version: Int) throws(Raised) -> Value {
        if version >= 2 { return try ObjectReduction.reduce(object) }
        let copyreg = try importModule("copyreg")
        return try callValue(try getAttribute(copyreg, "_reduce_ex"), object, Value(version))
    }

    private static func nativeBase(_ cls: ClassRef) -> ClassRef {
        var current = cls
        while current.pointee.flags.contains(.isHeapType), let base = current.pointee.base { current = base }
        return current
    }

    /// The names of all slots of a class's instances, by place.
    private static func slotNames(_ cls: ClassRef) -> [StrRef?] {
        var names = [StrRef?](repeating: nil, count: Int(cls.pointee.slotCount))
        let order = cls.pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count {
            let namespace = order.items[index].object(ClassObject.self).pointee.namespace
            var position = 0
            while let entry = namespace.next(&position) {
                guard entry.pointee.value.isKind(.member) else { continue }
                let member = entry.pointee.value.object(MemberDescriptor.self).pointee
                if names.indices.contains(member.slot) { names[member.slot] = member.name }
            }
        }
        return names
    }

    /// The classes that a class's slots come from, but for the one that added the last: two classes may each have added the same names.
    private static func slotLayers(_ cls: ClassRef) -> ArraySlice<ClassRef> {
        var layers: [ClassRef] = []
        var current = cls
        while let base = current.pointee.base {
            if base.pointee.slotCount != current.pointee.slotCount { layers.append(current) }
            current = base
        }
        return layers.dropFirst()
    }

    private static func setClass(_ object: Value, _ value: Value) throws(Raised) {
        guard value.isKind(.class) else {
            throw typeError("__class__ must be set to a class, not '\(typeName(value))' object")
        }
        if AuditHooks.listen { try AuditHooks.tell("object.__setattr__", object, Value(StrTables.intern("__class__")), value) }
        let cls = value.object(ClassObject.self)
        let old = object.cls
        if object.isKind(.module), cls.pointee.instanceKind == .module {
            writeBarrier(object.address)
            object.header.pointee.shape = cls.shapeID
            return
        }
        // Instances of subclasses of the same built-in class lie the same in memory.
        if !object.isKind(.instance), object.isPointer, !object.isKind(.class),
            old.pointee.flags.contains(.isHeapType), cls.pointee.flags.contains(.isHeapType),
            old.pointee.instanceKind == cls.pointee.instanceKind, nativeBase(old) == nativeBase(cls)
        {
            writeBarrier(object.address)
            let dictionary = extraDictionarySlot(object)?.pointee
            object.header.pointee.shape = cls.shapeID
            if let dictionary { setExtraDictionary(object, dictionary) }
            return
        }
        // So do classes whose metaclasses are the script's.
        if object.isKind(.class), cls.pointee.instanceKind == .class,
            old.pointee.flags.contains(.isHeapType), cls.pointee.flags.contains(.isHeapType), nativeBase(old) == nativeBase(cls)
        {
            writeBarrier(object.address)
            object.header.pointee.shape = cls.shapeID
            object.object(ClassObject.self).changed()
            return
        }
        guard object.isKind(.instance), cls.pointee.instanceKind == .instance,
            old.pointee.flags.contains(.isHeapType), cls.pointee.flags.contains(.isHeapType),
            old.pointee.slotCount == cls.pointee.slotCount, slotNames(old) == slotNames(cls), slotLayers(old) == slotLayers(cls),
            old.pointee.flags.intersection([.hasDict, .isWeakReferenceable]) == cls.pointee.flags.intersection([.hasDict, .isWeakReferenceable])
        else {
            if !old.pointee.flags.contains(.isHeapType) || !cls.pointee.flags.contains(.isHeapType) {
                throw typeError("__class__ assignment only supported for mutable types or ModuleType subclasses")
            }
            throw typeError("__class__ assignment: '\(cls.nameText)' object layout differs from '\(old.nameText)'")
        }
        let instance = object.object(Instance.self)
        _ = instance.makeDictionary()
        writeBarrier(instance)
        instance.pointee.header.shape = cls.dictionaryShape(inlineCapacity: instance.shape.pointee.inlineCapacity)
    }
}

/// A name given to getattr and the like.
public func attributeName(_ value: Value) throws(Raised) -> StrRef {
    guard value.isKind(.str) else {
        throw typeError("attribute name must be string, not '\(typeName(value))'")
    }
    return StrTables.intern(value.object(Str.self))
}

/// The names that `dir(object)` starts from: the object's own, then its class's and their bases'.
func attributeNames(_ object: Value) throws(Raised) -> ListRef {
    let names = Dict.make()
    func add(_ dict: DictRef) {
        var position = 0
        while let entry = dict.next(&position) {
            if entry.pointee.key.isKind(.str) { names.set(entry.pointee.key.object(Str.self), .none) }
        }
    }
    func addOrder(_ cls: ClassRef) {
        let order = cls.pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count { add(order.items[index].object(ClassObject.self).pointee.namespace) }
    }
    if object.isKind(.class) {
        addOrder(object.object(ClassObject.self))
    } else {
        let own = try getOptionalAttribute(object, Names.dict)
        if own.isKind(.dict) {
            add(own.object(Dict.self))
        } else if object.isKind(.module) {
            throw typeError("\(typeName(object)).__dict__ is not a dictionary")
        }
        let cls = try getOptionalAttribute(object, SpecialName.cls.string)
        if !object.isKind(.module), cls.isKind(.class) { addOrder(cls.object(ClassObject.self)) }
    }
    return try makeList(Value(names))
}
