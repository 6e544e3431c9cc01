// `_collections`: deque, defaultdict, the counting loop of Counter, and the descriptor of a namedtuple's fields.

enum CollectionsModule {
    static let nativeModule = NativeModule(
        "_collections", doc: "High performance data structures.",
        functions: {
            [
                Native("_ordered_view(mapping, form, /)", "The keys (0), values (1) or items (2) of an OrderedDict.") { args throws(Raised) in
                    guard args[0].isKind(.dict), let form = DictIterator.Form(rawValue: UInt8(truncatingIfNeeded: try index(args[1]))) else {
                        throw typeError("_ordered_view() takes a dict and a number")
                    }
                    return DictView.make(args[0].object(Dict.self), form, isOrdered: true)
                },
                Native("_ordered(cls, /)", "Let iterators over a class's dicts notice every change of the order; returns it.") { args throws(Raised) in
                    guard args[0].isKind(.class) else { throw typeError("a class is needed, not \(typeName(args[0]))") }
                    args[0].object(ClassObject.self).pointee.flags.insert(.isOrdered)
                    return args[0]
                },
                Native("_move_to_end(mapping, key, last, /)", "Move an existing key of a dict to its end, or to its front.") { args throws(Raised) in
                    guard args[0].isKind(.dict) else { throw typeError("_move_to_end() takes a dict") }
                    let dict = args[0].object(Dict.self)
                    let place = try dict.find(args[1], hash: try TinyRuntime.hash(args[1]))
                    guard place >= 0 else { throw raise(.keyError, arguments: args[1]) }
                    dict.move(at: place, toEnd: try truth(args[2]))
                    return .none
                },
                Native("_count_elements(mapping, iterable, /)", "Count elements in the iterable, updating the mapping") { args throws(Raised) in
                    try count(args[0], args[1])
                    return .none
                },
            ]
        },
        prepare: { contents throws(Raised) in
            Deque.cls = contents.add(Deque.nativeClass)
            Deque.cls.pointee.namespace.set(Names.module, Value(StrTables.intern("collections")))
            Deque.cls.pointee.namespace.set(SpecialName.hash.string, .none)
            DequeIterator.forward = contents.add(DequeIterator.nativeClass)
            DequeIterator.backward = contents.add(DequeIterator.reverseClass)
            for (form, name) in (["odict_keys", "odict_values", "odict_items"] as [StaticString]).enumerated() {
                let base = Shapes.table[Int(DictView.shapes[form])].pointee.cls
                let view = ClassObject.makeNative(name.description, kind: .dictView, bases: [ClassRef(base)])
                DictView.orderedShapes[form] = view.shapeID
            }
            let iterator = ClassObject.makeNative("odict_iterator", kind: .dictIterator, bases: [Runtime.objectClass])
            iterator.fill(DictIterator.nativeClass("odict_iterator"))
            DictIterator.orderedShape = iterator.shapeID
            let dict = Shapes.table[Int(Kind.dict.rawValue)].pointee.cls
            DefaultDict.cls = contents.add(DefaultDict.nativeClass, base: dict)
            DefaultDict.cls.pointee.namespace.set(Names.module, Value(StrTables.intern("collections")))
            contents.add(TupleGetter.nativeClass).pointee.namespace.set(Names.module, Value(StrTables.intern("collections")))
        })

    private static func count(_ mapping: Value, _ iterable: Value) throws(Raised) {
        let dict = Shapes.table[Int(Kind.dict.rawValue)].pointee.cls
        if mapping.isKind(.dict), mapping.cls.lookup(Names.get) == dict.lookup(Names.get),
            mapping.cls.special(.setitem) == dict.special(.setitem)
        {
            let own = mapping.object(Dict.self)
            return try forEach(iterable) { key throws(Raised) in
                let hash = try TinyRuntime.hash(key)
                let index = try own.find(key, hash: hash)
                if index >= 0, let entries = own.pointee.entries {
                    let old = entries[index].value
                    if old.isInlineInt {
                        writeBarrier(own)
                        entries[index].value = Value(old.inlineInt + 1)
                    } else {
                        try own.set(key, hash: hash, try binary(0, old, Value(inline: 1)))
                    }
                } else {
                    own.append(key, hash, Value(inline: 1))
                }
                return true
            }
        }
        let get = try getAttribute(mapping, Names.get)
        try forEach(iterable) { key throws(Raised) in
            try setItem(mapping, key, try binary(0, try callValue(get, key, Value(inline: 0)), Value(inline: 1)))
            return true
        }
    }
}

/// collections.defaultdict: a dict with two words behind it, that of every subclass's instance and the factory.
enum DefaultDict {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// The factory's place; nil for an instance that was made as another class's (odd multiple inheritance).
    static func slot(_ value: Value) -> UnsafeMutablePointer<Value>? {
        guard value.isKind(.dict), value.header.pointee.detail == 1 else { return nil }
        return (value.address + MemoryLayout<Dict>.stride + 8).assumingMemoryBound(to: Value.self)
    }

    static func factory(_ value: Value) -> Value { slot(value)?.pointee ?? .none }

    private static func arguments(_ value: Value) -> TupleRef {
        let factory = factory(value)
        return factory.isNone ? Tuple.make() : Tuple.make(factory)
    }

    private static func copy(_ value: Value) throws(Raised) -> Value {
        try callValue(Value(value.cls), factory(value), value)
    }

    static let nativeClass = NativeClass(
        "defaultdict", kind: .dict, doc: "defaultdict(default_factory=None, /, [...]) --> dict with default factory",
        flags: [.isBase, .matchesMapping], methods: [
            Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { args throws(Raised) in
                let positional = args[1].object(Tuple.self)
                var rest = positional
                if positional.count > 0 {
                    let factory = positional.items[0]
                    guard factory.isNone || factory.cls.has(.call) else { throw typeError("first argument must be callable or None") }
                    writeBarrier(args[0].address)
                    slot(args[0])?.pointee = factory
                    rest = Tuple.make(positional.items + 1, positional.count - 1)
                }
                guard rest.count <= 1 else { throw typeError("dict expected at most 1 argument, got \(rest.count)") }
                if rest.count == 1 { try updateDictionary(args[0].object(Dict.self), from: rest.items[0]) }
                if args[2].object(Dict.self).pointee.count > 0 { try updateDictionary(args[0].object(Dict.self), from: args[2]) }
                return .none
            },
            Native("__missing__(self, key, /)", "Called by __getitem__ for missing key; pseudo-code: if self.default_factory is None: raise KeyError((key,)); self[key] = value = self.default_factory(); return value.", .method) { args throws(Raised) in
                let factory = factory(args[0])
                if factory.isNone { throw raise(.keyError, arguments: args[1]) }
                let value = try callValue(factory)
                try setItem(args[0], args[1], value)
                return value
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let factory = factory(args[0])
                let shown = try guardingRecursion(factory, "...") { () throws(Raised) in try repr(factory) }
                let dict = Shapes.table[Int(Kind.dict.rawValue)].pointee.cls
                let items = try callUnbound(dict.special(.repr), args[0])
                return Value(Str.make("\(args[0].cls.nameText)(\(shown.string), \(items.object(Str.self).string))"))
            },
            Native("copy(self, /)", "D.copy() -> a shallow copy of D.") { args throws(Raised) in try copy(args[0]) },
            Native("__copy__(self, /)", "D.copy() -> a shallow copy of D.", .method) { args throws(Raised) in try copy(args[0]) },
            Native("__reduce__(self, /)", "Return state information for pickling.", .method) { args throws(Raised) in
                let items = try iterator(try callMethod(args[0], Names.items))
                return Value(Tuple.make(Value(args[0].cls), Value(arguments(args[0])), .none, .none, items))
            },
            Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in
                guard args[0].isKind(.dict), args[1].isKind(.dict) else { return .notImplemented }
                let result = try copy(args[0])
                guard result.isKind(.dict) else { return .notImplemented }
                try updateDictionary(result.object(Dict.self), from: args[1])
                return result
            },
            Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in
                guard args[1].isKind(.dict) else { return .notImplemented }
                let result = try callValue(Value(args[0].cls), factory(args[0]), args[1])
                guard result.isKind(.dict) else { return .notImplemented }
                try updateDictionary(result.object(Dict.self), from: args[0])
                return result
            },
            classGetItem,
        ], attributes: [
            Accessors("default_factory", "Factory for default value called by __missing__().") { factory($0) } set: { object, value in
                writeBarrier(object.address)
                slot(object)?.pointee = value.isAbsent ? .none : value
            }
        ], construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            let dict = Dict.make(shape: cls.shapeID, extra: 16)
            dict.pointee.header.detail = 1
            (UnsafeMutableRawPointer(dict) + MemoryLayout<Dict>.stride).storeBytes(of: 0, as: Int.self)
            slot(Value(dict))?.pointee = .none
            return Value(dict)
        })
}

/// `_tuplegetter`: a field of a namedtuple.
final class TupleGetter: TracedObject {
    private let index: Int
    private var doc: Value

    init(_ index: Int, _ doc: Value) {
        self.index = index
        self.doc = doc
    }

    func trace(_ marker: inout Marker) { marker.mark(doc) }

    /// Which item of a tuple a descriptor reads; nil: it is none of these.
    static func field(_ descriptor: Value) -> Int? { descriptor.isKind(.box) ? descriptor.boxed(TupleGetter.self)?.index : nil }

    static let nativeClass = NativeClass("_tuplegetter", kind: .box, methods: [
        Native("__get__(self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner.", .method) { args throws(Raised) in
            guard let own = args[0].boxed(TupleGetter.self) else { return .none }
            if args[1].isKind(.tuple) {
                let tuple = args[1].object(Tuple.self)
                guard own.index < tuple.count else { throw raise(.indexError, "tuple index out of range") }
                return tuple.items[own.index]
            }
            if args[1].isNone { return args[0] }
            throw typeError("descriptor for index '\(own.index)' for tuple subclasses doesn't apply to '\(typeName(args[1]))' object")
        },
        Native("__set__(self, instance, value, /)", "Set an attribute of instance to value.", .method) { args throws(Raised) in
            throw raise(.attributeError, "can't set attribute")
        },
        Native("__delete__(self, instance, /)", "Delete an attribute of instance.", .method) { args throws(Raised) in
            throw raise(.attributeError, "can't delete attribute")
        },
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            guard let own = args[0].boxed(TupleGetter.self) else { return .none }
            return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(Value(own.index), own.doc))))
        },
        Native("__repr__(self, /)", "Return repr(self).", .method) { args throws(Raised) in
            guard let own = args[0].boxed(TupleGetter.self) else { return .none }
            return Value(Str.make("_tuplegetter(\(own.index), \(try repr(own.doc).string))"))
        },
    ], attributes: [
        Accessors("__doc__") { $0.boxed(TupleGetter.self)?.doc ?? .none } set: { object, value in
            object.boxed(TupleGetter.self)?.doc = value.isAbsent ? .none : value
        }
    ], construct: { args throws(Raised) in
        let positional = args[1].object(Tuple.self)
        guard positional.count == 2 else { throw typeError("_tuplegetter expected 2 arguments, got \(positional.count)") }
        let place = try TinyRuntime.index(positional.items[0])
        return BoxedObject.make(TupleGetter(max(0, place), positional.items[1]), args[0].object(ClassObject.self))
    })
}
