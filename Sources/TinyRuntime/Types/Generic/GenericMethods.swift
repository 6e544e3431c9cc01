// types.GenericAlias (`list[int]`) and types.UnionType (`int | str`): what the script sees of them.

extension GenericAlias {
    private static func own(_ value: Value) throws(Raised) -> UnsafeMutablePointer<GenericAlias> {
        guard value.isKind(.genericAlias) else { throw typeError("a GenericAlias is required") }
        return value.object(GenericAlias.self)
    }

    /// Attributes that are the alias's own; all others are its origin's.
    private static let ownNames: Set<String> = [
        "__class__", "__origin__", "__args__", "__unpacked__", "__parameters__", "__typing_unpacked_tuple_args__",
        "__mro_entries__", "__reduce_ex__", "__reduce__", "__bases__", "__copy__", "__deepcopy__",
    ]

    /// A class of the script's own gets its word for attributes.
    private static func make(_ cls: ClassRef, _ origin: Value, _ arguments: Value) -> Value {
        let isHeap = cls.pointee.flags.contains(.isHeapType)
        let alias = allocateObject(
            MemoryLayout<GenericAlias>.stride + (isHeap ? 8 : 0), .genericAlias, cls.shapeID
        ).assumingMemoryBound(to: GenericAlias.self)
        alias.pointee.origin = origin
        alias.pointee.arguments = arguments.isKind(.tuple) ? arguments : Value(Tuple.make(arguments))
        alias.pointee.parameters = .absent
        alias.pointee.isUnpacked = false
        if isHeap { beginExtra(Value(alias)) }
        return Value(alias)
    }

    /// `tuple[int]` for `*tuple[int]`.
    static func withoutStar(_ value: Value) -> Value {
        make(value.object(GenericAlias.self).pointee.origin, value.object(GenericAlias.self).pointee.arguments)
    }

    static func parameters(_ value: Value) throws(Raised) -> Value {
        let own = value.object(GenericAlias.self)
        if own.pointee.parameters.isAbsent {
            own.pointee.parameters = Value(try GenericParameters.collect(own.pointee.arguments.object(Tuple.self)))
        }
        return own.pointee.parameters
    }

    static let nativeClass = NativeClass(
        "types.GenericAlias", kind: .genericAlias, doc: "Represent a PEP 585 generic type", flags: .isBase,
        methods: [
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let own = try own(args[0])
                let list = own.pointee.arguments.object(Tuple.self)
                var text = (own.pointee.isUnpacked ? "*" : "") + (try GenericParameters.show(own.pointee.origin)) + "["
                if list.count == 0 { text += "()" }
                for index in 0 ..< list.count {
                    if index > 0 { text += ", " }
                    text += try GenericParameters.show(list.items[index])
                }
                return Value(Str.make(text + "]"))
            },
            Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
                let name = try attributeName(args[1])
                if !ownNames.contains(name.string), args[0].cls.shapeID == ShapeID(Kind.genericAlias.rawValue) {
                    return try getAttribute(try own(args[0]).pointee.origin, name)
                }
                let value = try plainAttribute(args[0], args[0].cls, name)
                if !value.isAbsent { return value }
                if ownNames.contains(name.string) { throw noAttribute(args[0], name) }
                return try getAttribute(try own(args[0]).pointee.origin, name)
            },
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                let object = try callValue(try own(args[0]).pointee.origin, args[1].object(Tuple.self), args[2].object(Dict.self))
                do throws(Raised) { try setAttribute(object, StrTables.intern("__orig_class__"), args[0]) } catch {
                    guard currentThread().raisedIs(.attributeError) || currentThread().raisedIs(.typeError) else { throw error }
                    _ = currentThread().takeRaised()
                }
                return object
            },
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
                let parameters = try parameters(args[0]).object(Tuple.self)
                let own = try own(args[0])
                let changed = try GenericParameters.substitute(
                    args[0], own.pointee.arguments.object(Tuple.self), parameters, args[1])
                let result = make(ClassRef(Shapes.table[Int(Kind.genericAlias.rawValue)].pointee.cls), own.pointee.origin, Value(changed))
                result.object(GenericAlias.self).pointee.isUnpacked = own.pointee.isUnpacked
                return result
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard args[1].isKind(.genericAlias) else { return .notImplemented }
                let (a, b) = (try own(args[0]), try own(args[1]))
                guard a.pointee.isUnpacked == b.pointee.isUnpacked, try equal(a.pointee.origin, b.pointee.origin) else { return .false }
                return Value(try equal(a.pointee.arguments, b.pointee.arguments))
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                let own = try own(args[0])
                return Value(try hash(own.pointee.origin) ^ (try hash(own.pointee.arguments)))
            },
            Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in try unionOf(args[0], args[1]) },
            Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try unionOf(args[1], args[0]) },
            Native("__mro_entries__(self, bases, /)", "", .method) { args throws(Raised) in
                Value(Tuple.make(try own(args[0]).pointee.origin))
            },
            Native("__instancecheck__(self, instance, /)", "", .method) { args throws(Raised) in
                throw typeError("isinstance() argument 2 cannot be a parameterized generic")
            },
            Native("__subclasscheck__(self, cls, /)", "", .method) { args throws(Raised) in
                throw typeError("issubclass() argument 2 cannot be a parameterized generic")
            },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                let own = try own(args[0])
                let starred = make(own.pointee.origin, own.pointee.arguments)
                starred.object(GenericAlias.self).pointee.isUnpacked = true
                return AliasIterator.box(starred)
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                let own = try own(args[0])
                if own.pointee.isUnpacked {
                    return Value(Tuple.make(try Runtime.builtin("next"), Value(Tuple.make(AliasIterator.box(args[0])))))
                }
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.pointee.origin, own.pointee.arguments))))
            },
            Native("__dir__(self, /)", "", .method) { args throws(Raised) in
                let names = try makeList(try callValue(try Runtime.builtin("dir"), try own(args[0]).pointee.origin))
                for name in ownNames.sorted() where !(try contains(Value(names), Value(StrTables.intern(name)))) {
                    names.append(Value(StrTables.intern(name)))
                }
                return Value(names)
            },
        ],
        attributes: [
            Accessors.member("__origin__") { object throws(Raised) in try own(object).pointee.origin },
            Accessors.member("__args__") { object throws(Raised) in try own(object).pointee.arguments },
            Accessors("__parameters__") { object throws(Raised) in try parameters(object) },
            Accessors.member("__unpacked__") { object throws(Raised) in Value(try own(object).pointee.isUnpacked) },
            Accessors("__typing_unpacked_tuple_args__") { object throws(Raised) in
                let own = try own(object)
                let isTuple = own.pointee.origin == Value(Shapes.table[Int(Kind.tuple.rawValue)].pointee.cls)
                return own.pointee.isUnpacked && isTuple ? own.pointee.arguments : .none
            },
        ],
        construct: { args throws(Raised) in
            if args[2].isKind(.dict) { throw typeError("GenericAlias() takes no keyword arguments") }
            let positional = args[1].object(Tuple.self)
            guard positional.count == 2 else { throw typeError("GenericAlias expected 2 arguments, got \(positional.count)") }
            return make(args[0].object(ClassObject.self), positional.items[0], positional.items[1])
        })
}

extension UnionType {
    private static func members(_ value: Value) throws(Raised) -> TupleRef {
        guard value.isKind(.unionType) else { throw typeError("a union is required") }
        return value.object(UnionType.self).pointee.arguments.object(Tuple.self)
    }

    static let nativeClass = NativeClass(
        "types.UnionType", kind: .unionType, doc: "Represent a PEP 604 union type\n\nE.g. for int | str", methods: [
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let own = try members(args[0])
                var parts: [String] = []
                for index in 0 ..< own.count {
                    let isNone = own.items[index] == Value(Value.none.cls)
                    parts.append(isNone ? "None" : try GenericParameters.show(own.items[index]))
                }
                return Value(Str.make(parts.joined(separator: " | ")))
            },
            Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in try unionOf(args[0], args[1]) },
            Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try unionOf(args[1], args[0]) },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard args[1].isKind(.unionType) else { return .notImplemented }
                let (a, b) = (try members(args[0]), try members(args[1]))
                guard a.count == b.count else { return .false }
                for index in 0 ..< a.count where try !contains(Value(b), a.items[index]) { return .false }
                return .true
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                let own = try members(args[0])
                let set = SetObject.frozen([])
                for index in 0 ..< own.count { try set.object(SetObject.self).add(own.items[index]) }
                return Value(try hash(set))
            },
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
                let own = try members(args[0])
                let changed = try GenericParameters.substitute(args[0], own, try GenericParameters.collect(own), args[1])
                guard changed.count > 0 else { return .none }
                var result = changed.items[0]
                for index in 1 ..< max(1, changed.count) { result = try binary(10, result, changed.items[index]) }
                return result
            },
            Native("__instancecheck__(self, instance, /)", "", .method) { args throws(Raised) in
                Value(try isInstance(args[1], args[0]))
            },
            Native("__subclasscheck__(self, cls, /)", "", .method) { args throws(Raised) in
                Value(try isSubclass(args[1], args[0]))
            },
        ],
        attributes: [
            Accessors.member("__args__") { object throws(Raised) in Value(try members(object)) },
            Accessors("__parameters__") { object throws(Raised) in Value(try GenericParameters.collect(try members(object))) },
        ])

    static func make(_ arguments: TupleRef) -> Value {
        let union = allocateObject(MemoryLayout<UnionType>.size, .unionType, ShapeID(Kind.unionType.rawValue))
            .assumingMemoryBound(to: UnionType.self)
        union.pointee.arguments = Value(arguments)
        return Value(union)
    }
}

/// `a | b` of types; NotImplemented if one is no type.
public func unionOf(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let members = List.make()
    for operand in [a, b] {
        let parts = operand.isKind(.unionType) ? operand.object(UnionType.self).pointee.arguments.object(Tuple.self) : Tuple.make(operand)
        for index in 0 ..< parts.count {
            var part = parts.items[index]
            if part.isNone { part = Value(part.cls) }
            guard part.isKind(.class) || part.isKind(.genericAlias) || part.cls.pointee.flags.contains(.joinsUnions) else {
                return notImplemented
            }
            var isKnown = false
            for known in 0 ..< members.count where try equal(members.items[known], part) { isKnown = true }
            if !isKnown { members.append(part) }
        }
    }
    return members.count == 1 ? members.items[0] : UnionType.make(Tuple.make(members.items, members.count))
}
