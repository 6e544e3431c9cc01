// What a script sees of the built-in descriptors.

extension Property {
    static let nativeClass = NativeClass(
        "property", kind: .property,
        doc: "Property attribute.\n\n  fget\n    function to be used for getting an attribute value\n  fset\n    function to be used for setting an attribute value\n  fdel\n    function to be used for del'ing an attribute\n  doc\n    docstring\n",
        flags: .isBase, methods: [
            Native("getter(self, fget, /)", "Descriptor to obtain a copy of the property with a different getter.") { args throws(Raised) in
                try copy(args[0], getter: args[1])
            },
            Native("setter(self, fset, /)", "Descriptor to obtain a copy of the property with a different setter.") { args throws(Raised) in
                try copy(args[0], setter: args[1])
            },
            Native("deleter(self, fdel, /)", "Descriptor to obtain a copy of the property with a different deleter.") { args throws(Raised) in
                try copy(args[0], deleter: args[1])
            },
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                args[1].isNone ? args[0] : try args[0].object(Property.self).get(args[1])
            },
            Native("__set__(self, instance, value, /)", "") { args throws(Raised) in
                try args[0].object(Property.self).set(args[1], args[2])
                return .none
            },
            Native("__delete__(self, instance, /)", "") { args throws(Raised) in
                try args[0].object(Property.self).set(args[1], .absent)
                return .none
            },
            Native("__set_name__(self, /, *args)", "Method to set name of a property.") { args throws(Raised) in
                let given = args[1].object(Tuple.self)
                guard given.count == 2 else {
                    throw typeError("__set_name__() takes 2 positional arguments but \(given.count) were given")
                }
                args[0].object(Property.self).pointee.name = given.items[1]
                return .none
            },
            Native("__init__(self, fget=None, fset=None, fdel=None, doc=None)", "Initialize self.") { args throws(Raised) in
                let property = args[0].object(Property.self)
                property.pointee.getter = args[1]
                property.pointee.setter = args[2]
                property.pointee.deleter = args[3]
                property.pointee.header.detail = 0
                property.pointee.doc = args[4]
                if args[4].isNone, !args[1].isNone {
                    property.pointee.doc = try getAttribute(args[1], Names.doc, default: .none)
                    if !property.pointee.doc.isNone { property.pointee.header.detail = docFromGetter }
                }
                if args[0].isExactly(.property) { return .none }
                // In an instance of a subclass the class's own docstring would hide it: it becomes an attribute.
                do throws(Raised) {
                    try setAttribute(args[0], Names.doc, property.pointee.doc)
                } catch {
                    let isFromGetter = property.pointee.header.detail == docFromGetter
                    guard currentThread().raisedIs(.attributeError), !isFromGetter else { throw error }
                    _ = currentThread().takeRaised()
                }
                return .none
            },
        ], attributes: [
            Accessors.member("fget") { $0.object(Property.self).pointee.getter },
            Accessors.member("fset") { $0.object(Property.self).pointee.setter },
            Accessors.member("fdel") { $0.object(Property.self).pointee.deleter },
            Accessors.member("__doc__") { $0.object(Property.self).pointee.doc } set: { object, value in
                object.object(Property.self).pointee.doc = value.isAbsent ? .none : value
            },
            Accessors("__name__") { object throws(Raised) in
                let name = object.object(Property.self).pointee.name
                if !name.isAbsent { return name }
                let getter = object.object(Property.self).pointee.getter
                let own = getter.isNone ? .absent : try getAttribute(getter, Names.name, default: .absent)
                if own.isAbsent { throw noAttribute(object, Names.name) }
                return own
            } set: { object, value in object.object(Property.self).pointee.name = value },
            Accessors("__isabstractmethod__") { object throws(Raised) in
                let property = object.object(Property.self)
                let name = StrTables.intern("__isabstractmethod__")
                for part in [property.pointee.getter, property.pointee.setter, property.pointee.deleter] where !part.isNone {
                    if try truth(getAttribute(part, name, default: .false)) { return .true }
                }
                return .false
            },
        ], construct: { args throws(Raised) in
            Value(allocate(args[0].object(ClassObject.self)))
        })

    /// Header detail: the docstring is the getter's.
    private static let docFromGetter: UInt8 = 1

    private static func allocate(_ cls: ClassRef) -> UnsafeMutablePointer<Property> {
        let extra = cls.pointee.flags.contains(.isHeapType) ? 8 : 0
        let property = allocateObject(MemoryLayout<Property>.stride + extra, .property, cls.shapeID)
            .assumingMemoryBound(to: Property.self)
        property.pointee.getter = .none
        property.pointee.setter = .none
        property.pointee.deleter = .none
        property.pointee.doc = .none
        property.pointee.name = .absent
        if extra > 0 { beginExtra(Value(property)) }
        return property
    }

    private static func keep(_ new: Value?, _ old: Value) -> Value {
        if let new, !new.isNone { new } else { old }
    }

    private static func copy(
        _ value: Value, getter: Value? = nil, setter: Value? = nil, deleter: Value? = nil
    ) throws(Raised) -> Value {
        let old = value.object(Property.self).pointee
        let made = try callValue(
            Value(value.cls), keep(getter, old.getter), keep(setter, old.setter), keep(deleter, old.deleter),
            old.header.detail == docFromGetter ? .none : old.doc)
        if made.isKind(.property), !old.name.isAbsent { made.object(Property.self).pointee.name = old.name }
        return made
    }
}

extension ClassMethod {
    static let nativeClass = NativeClass(
        "classmethod", kind: .classMethod, doc: "Convert a function to be a class method.", flags: .isBase, methods: [
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                let owner = args[2].isNone ? Value(args[1].cls) : args[2]
                return Value(BoundMethod.make(args[0].object(ClassMethod.self).pointee.callable, owner))
            },
            Native("__init__(self, function, /)", "Initialize self.") { args throws(Raised) in
                args[0].object(ClassMethod.self).pointee.callable = args[1]
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                Value(Str.make("<classmethod(\(try repr(args[0].object(ClassMethod.self).pointee.callable).string))>"))
            },
        ], attributes: wrapperAttributes, construct: { args throws(Raised) in
            allocateWrapper(args[0].object(ClassObject.self), .classMethod)
        })
}

extension StaticMethod {
    static let nativeClass = NativeClass(
        "staticmethod", kind: .staticMethod, doc: "Convert a function to be a static method.", flags: .isBase, methods: [
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                args[0].object(StaticMethod.self).pointee.callable
            },
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try callValue(
                    args[0].object(StaticMethod.self).pointee.callable, args[1].object(Tuple.self), args[2].object(Dict.self))
            },
            Native("__init__(self, function, /)", "Initialize self.") { args throws(Raised) in
                args[0].object(StaticMethod.self).pointee.callable = args[1]
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                Value(Str.make("<staticmethod(\(try repr(args[0].object(StaticMethod.self).pointee.callable).string))>"))
            },
        ], attributes: wrapperAttributes, construct: { args throws(Raised) in
            allocateWrapper(args[0].object(ClassObject.self), .staticMethod)
        })
}

/// classmethod and staticmethod lie the same in memory.
private func allocateWrapper(_ cls: ClassRef, _ kind: Kind) -> Value {
    let extra = cls.pointee.flags.contains(.isHeapType) ? 8 : 0
    let wrapper = allocateObject(MemoryLayout<ClassMethod>.stride + extra, kind, cls.shapeID)
        .assumingMemoryBound(to: ClassMethod.self)
    wrapper.pointee.callable = .none
    wrapper.pointee.dictionary = nil
    if extra > 0 { beginExtra(Value(wrapper)) }
    return Value(wrapper)
}

/// Attributes of the wrapped function show through.
private let wrapperAttributes: [Accessors] =
    [
        Accessors.member("__func__") { $0.object(ClassMethod.self).pointee.callable },
        Accessors.member("__wrapped__") { $0.object(ClassMethod.self).pointee.callable },
        Accessors("__dict__") { object throws(Raised) in
            guard let dictionary = ownDictionary(object, create: true) else { throw noAttribute(object, Names.dict) }
            // What the function says of itself stands in the wrapper's own dict, once somebody looks.
            let callable = object.object(ClassMethod.self).pointee.callable
            for name in wrappedNames where dictionary.find(StrTables.intern(name)) < 0 {
                let value = try getOptionalAttribute(callable, StrTables.intern(name))
                if !value.isAbsent { dictionary.set(StrTables.intern(name), value) }
            }
            return Value(dictionary)
        } set: { object, value throws(Raised) in
            guard value.isKind(.dict) else {
                throw typeError("__dict__ must be set to a dictionary, not a '\(typeName(value))'")
            }
            object.object(ClassMethod.self).pointee.dictionary = value.object(Dict.self)
        },
        Accessors("__isabstractmethod__") { object throws(Raised) in
            let own = try getAttribute(
                object.object(ClassMethod.self).pointee.callable, StrTables.intern("__isabstractmethod__"), default: .false)
            return Value(try truth(own))
        },
    ]
    + wrappedNames.map { name in
        Accessors(name) { object throws(Raised) in
            let key = StrTables.intern(name)
            let own = object.object(ClassMethod.self).pointee.dictionary?.get(key) ?? .absent
            return own.isAbsent ? try getAttribute(object.object(ClassMethod.self).pointee.callable, key) : own
        } set: { object, value throws(Raised) in
            guard let dictionary = ownDictionary(object, create: true) else { throw noAttribute(object, Names.dict) }
            if value.isAbsent { _ = dictionary.remove(StrTables.intern(name)) } else { dictionary.set(StrTables.intern(name), value) }
        }
    }

/// What a wrapper takes over from the function it wraps.
private let wrappedNames: [StaticString] = ["__module__", "__name__", "__qualname__", "__doc__", "__annotations__"]

extension GetSetDescriptor {
    static let nativeClass = NativeClass(
        "getset_descriptor", kind: .getSet, methods: [
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                args[1].isNone ? args[0] : try args[0].object(GetSetDescriptor.self).get(args[1])
            },
            Native("__set__(self, instance, value, /)", "") { args throws(Raised) in
                try args[0].object(GetSetDescriptor.self).set(args[1], args[2])
                return .none
            },
            Native("__delete__(self, instance, /)", "") { args throws(Raised) in
                try args[0].object(GetSetDescriptor.self).set(args[1], .absent)
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let descriptor = args[0].object(GetSetDescriptor.self).pointee
                return Value(Str.make("<attribute '\(descriptor.name.string)' of '\(descriptor.owner.nameText)' objects>"))
            },
        ], attributes: [
            Accessors.member("__name__") { Value($0.object(GetSetDescriptor.self).pointee.name) },
            Accessors.member("__objclass__") { Value($0.object(GetSetDescriptor.self).pointee.owner) },
            Accessors("__qualname__") { object throws(Raised) in
                let descriptor = object.object(GetSetDescriptor.self).pointee
                let owner = try getAttribute(Value(descriptor.owner), Names.qualname)
                return Value(Str.make("\(try str(owner).string).\(descriptor.name.string)"))
            },
            Accessors("__doc__") { documentation($0) },
        ])
}

private func documentation(_ descriptor: Value) -> Value {
    let doc = descriptor.object(GetSetDescriptor.self).pointee.accessors.takeUnretainedValue().doc
    return doc.utf8CodeUnitCount == 0 ? .none : Value(Str.make(doc))
}

/// A built-in attribute that C keeps as it is in the object (`complex.real`) is a member for who asks, though here a function gets it:
/// what says so is its class.
private func isComputed(_ member: Value) -> Bool { member.isKind(.getSet) }

private func setMember(_ member: Value, _ instance: Value, _ value: Value) throws(Raised) {
    if isComputed(member) { return try member.object(GetSetDescriptor.self).set(instance, value) }
    try member.object(MemberDescriptor.self).set(instance, value)
}

extension MemberDescriptor {
    static let nativeClass = NativeClass(
        "member_descriptor", kind: .member, methods: [
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in
                if args[1].isNone { return args[0] }
                return isComputed(args[0])
                    ? try args[0].object(GetSetDescriptor.self).get(args[1]) : try args[0].object(MemberDescriptor.self).get(args[1])
            },
            Native("__set__(self, instance, value, /)", "") { args throws(Raised) in
                try setMember(args[0], args[1], args[2])
                return .none
            },
            Native("__delete__(self, instance, /)", "") { args throws(Raised) in
                try setMember(args[0], args[1], .absent)
                return .none
            },
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let member = args[0].object(MemberDescriptor.self).pointee
                return Value(Str.make("<member '\(member.name.string)' of '\(member.owner.nameText)' objects>"))
            },
        ], attributes: [
            Accessors.member("__name__") { Value($0.object(MemberDescriptor.self).pointee.name) },
            // What `__slots__` says of a slot, `inspect.getdoc` finds there.
            Accessors("__doc__") { isComputed($0) ? documentation($0) : .none },
            Accessors.member("__objclass__") { Value($0.object(MemberDescriptor.self).pointee.owner) },
            Accessors("__qualname__") { object throws(Raised) in
                let descriptor = object.object(MemberDescriptor.self).pointee
                let owner = try getAttribute(Value(descriptor.owner), Names.qualname)
                return Value(Str.make("\(try str(owner).string).\(descriptor.name.string)"))
            },
        ])
}
