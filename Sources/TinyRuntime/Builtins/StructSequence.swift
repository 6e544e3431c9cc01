// Tuples with named fields that native modules return: sys.version_info, os.stat_result, time.struct_time …

/// Makes classes of named tuples and their instances.
public enum StructSequence {
    /// What the class's fields are called: nil for an item that has no name. Those from `visible` on are no items.
    struct Layout {
        let fields: [StrRef?]
        let visible: Int
    }

    /// How a class that `makeClass` made, or a subclass, makes instances; with it the class's layout is found.
    private final class Constructor: NativeConstructor {
        let layout: Layout

        init(_ layout: Layout, _ body: @escaping NativeBody) {
            self.layout = layout
            super.init(body)
        }
    }

    private static func layout(of cls: ClassRef) -> Layout {
        (cls.pointee.construct?.takeUnretainedValue() as? Constructor)?.layout ?? Layout(fields: [], visible: 0)
    }

    /// A subclass of tuple with a read-only attribute per field. Fields beyond `visible` are no items of the tuple; one
    /// without a name is no attribute. `own`: methods in place of those that all have; `constructor`: likewise.
    public static func makeClass(
        _ name: String, module: String, fields: [String], visible: Int? = nil, constructible: Bool = true,
        own: @autoclosure @escaping @Sendable () -> [Native] = [], constructor: NativeBody? = nil
    ) -> ClassRef {
        let tuple = Shapes.table[Int(Kind.tuple.rawValue)].pointee.cls
        let cls = ClassObject.makeNative(name, kind: .tuple, bases: [tuple], flags: [.isHeapType], module: module)
        let shown = visible ?? fields.count
        let layout = Layout(fields: fields.map { $0.isEmpty ? nil : StrTables.intern($0) }, visible: shown)
        cls.fillLater { fillNamespace($0, layout) }
        let body = constructor ?? (constructible ? construct : refuse)
        cls.fill(NativeClass("struct sequence", kind: .tuple, methods: methods + own(), construct: body))
        cls.pointee.construct?.release()
        cls.pointee.construct = Unmanaged.passRetained(Constructor(layout, body))
        return cls
    }

    private static func fillNamespace(_ cls: ClassRef, _ layout: Layout) {
        let namespace = cls.pointee.namespace
        let named = layout.fields.count { $0 != nil }
        namespace.set(StrTables.intern("n_fields"), Value(layout.fields.count))
        namespace.set(StrTables.intern("n_sequence_fields"), Value(layout.visible))
        namespace.set(StrTables.intern("n_unnamed_fields"), Value(layout.fields.count - named))
        namespace.set(Names.matchArgs, Value(Tuple.make(layout.fields.prefix(layout.visible).compactMap { $0.map { Value($0) } })))
        for (index, name) in layout.fields.enumerated() {
            guard let name else { continue }
            namespace.set(
                name, index < layout.visible
                    ? ItemGetter.make(name, cls, index) : ItemGetter.makeHidden(name, cls))
        }
    }

    private static let methods: [Native] = [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let cls = args[0].cls
            let fields = layout(of: cls).fields
            let items = args[0].object(Tuple.self)
            var text = TextBuilder()
            text.append(qualifiedClassName(cls))
            text.append("(")
            for index in 0 ..< items.count {
                if index > 0 { text.append(", ") }
                if index < fields.count, let field = fields[index] {
                    text.append(field)
                    text.append("=")
                }
                text.append(try repr(items.items[index]))
            }
            text.append(")")
            return Value(text.make())
        },
        Native("__reduce__(self, /)", "") { args throws(Raised) in
            let items = args[0].object(Tuple.self)
            let hidden = extraDictionarySlot(args[0])?.pointee?.copy() ?? Dict.make()
            let arguments = Tuple.make(Value(Tuple.make(items.items, items.count)), Value(hidden))
            return Value(Tuple.make(Value(args[0].cls), Value(arguments)))
        },
        Native("__replace__(self, /, *args, **kwargs)", "Return a copy of the structure with new values for the specified fields.") { args throws(Raised) in
            let cls = args[0].cls
            if args[1].object(Tuple.self).count > 0 {
                throw typeError("__replace__() takes no positional arguments (\(args[1].object(Tuple.self).count) given)")
            }
            let layout = layout(of: cls)
            guard !layout.fields.contains(nil) else {
                throw typeError("__replace__() is not supported for \(qualifiedClassName(cls)) because it has unnamed field(s)")
            }
            let changes = args[2].object(Dict.self).copy()
            let values = List.make()
            for (index, field) in layout.fields.enumerated() {
                guard let field else { continue }
                let change = changes.get(field)
                if !change.isAbsent { _ = try changes.remove(Value(field)) }
                values.append(change.isAbsent ? value(args[0], index, field) : change)
            }
            if changes.pointee.count > 0 {
                throw typeError("Got unexpected field name(s): \(try repr(Value(try makeList(Value(changes)))).string)")
            }
            return make(cls, (0 ..< values.count).map { values.items[$0] })
        },
    ]

    /// The value of a field.
    private static func value(_ object: Value, _ index: Int, _ field: StrRef) -> Value {
        let items = object.object(Tuple.self)
        if index < items.count { return items.items[index] }
        return extraDictionarySlot(object)?.pointee?.get(field) ?? .none
    }

    private static let refuse: NativeBody = { args throws(Raised) in
        throw typeError("cannot create '\(qualifiedClassName(args[0].object(ClassObject.self)))' instances")
    }

    private static let construct: NativeBody = { args throws(Raised) in
        let cls = args[0].object(ClassObject.self)
        let given = try bindNames(args, ["sequence", "dict"], required: 1, function: cls.nameText)
        defer { given.deallocate() }
        guard given[0].cls.has(.getitem) || given[0].cls.has(.iter) else {
            throw typeError("constructor requires a sequence")
        }
        let items = try makeList(given[0])
        let layout = layout(of: cls)
        let fields = layout.fields.count
        let visible = layout.visible
        guard given[1].isAbsent || given[1].isKind(.dict) else {
            throw typeError("\(qualifiedClassName(cls))() takes a dict as second arg, if any")
        }
        guard items.count >= visible, items.count <= fields else {
            let wanted = fields == visible
                ? "a \(visible)-sequence"
                : items.count < visible ? "an at least \(visible)-sequence" : "an at most \(fields)-sequence"
            throw typeError("\(qualifiedClassName(cls))() takes \(wanted) (\(items.count)-sequence given)")
        }
        if given[1].isKind(.dict) {
            var used = 0
            let named = given[1].object(Dict.self)
            for index in items.count ..< fields {
                let value = layout.fields[index].map { named.get($0) } ?? .absent
                if !value.isAbsent { used += 1 }
                items.append(value.isAbsent ? .none : value)
            }
            if used < named.pointee.count {
                throw typeError("\(qualifiedClassName(cls))() got duplicate or unexpected field name(s)")
            }
        }
        return make(cls, (0 ..< items.count).map { items.items[$0] })
    }

    /// An instance; values beyond the visible ones become attributes only.
    public static func make(_ cls: ClassRef, _ values: [Value]) -> Value {
        let layout = layout(of: cls)
        let visible = layout.visible
        let tuple = Tuple.allocate(visible, shape: cls.shapeID, extra: 8)
        for index in 0 ..< visible { tuple.items[index] = index < values.count ? values[index] : .none }
        extraDictionarySlot(Value(tuple))?.pointee = nil
        let fields = layout.fields
        if fields.count > visible {
            let dict = Dict.make()
            for index in visible ..< fields.count {
                if let field = fields[index] { dict.set(field, index < values.count ? values[index] : .none) }
            }
            setExtraDictionary(Value(tuple), dict)
        }
        return Value(tuple)
    }

    // MARK: Those of sys

    static func prepareSys(_ contents: ModuleContents) {
        func int(_ value: Int) -> Value { Value(value) }
        func text(_ string: String) -> Value { Value(StrTables.intern(string)) }
        let version = makeClass("version_info", module: "sys", fields: ["major", "minor", "micro", "releaselevel", "serial"],
            constructible: false)
        contents.set("version_info", make(version, [int(3), int(13), int(0), text("final"), int(0)]))
        let hash = makeClass(
            "hash_info", module: "sys",
            fields: ["width", "modulus", "inf", "nan", "imag", "algorithm", "hash_bits", "seed_bits", "cutoff"])
        contents.set(
            "hash_info",
            make(hash, [int(64), int((1 << 61) - 1), int(314159), int(0), int(1_000_003), text("wyhash"), int(64), int(128), int(0)]))
        let float = makeClass(
            "float_info", module: "sys",
            fields: ["max", "max_exp", "max_10_exp", "min", "min_exp", "min_10_exp", "dig", "mant_dig", "epsilon", "radix", "rounds"])
        contents.set(
            "float_info",
            make(
                float,
                [
                    Value(Double.greatestFiniteMagnitude), int(1024), int(308), Value(Double.leastNormalMagnitude), int(-1021),
                    int(-307), int(15), int(53), Value(Double.ulpOfOne), int(2), int(1),
                ]))
        let ints = makeClass(
            "int_info", module: "sys",
            fields: ["bits_per_digit", "sizeof_digit", "default_max_str_digits", "str_digits_check_threshold"])
        contents.set("int_info", make(ints, [int(30), int(4), int(4300), int(640)]))
        let unraisable = makeClass(
            "UnraisableHookArgs", module: "sys", fields: ["exc_type", "exc_value", "exc_traceback", "err_msg", "object"])
        contents.set("UnraisableHookArgs", Value(unraisable))
        let threads = makeClass("thread_info", module: "sys", fields: ["name", "lock", "version"])
        contents.set("thread_info", make(threads, [text("pthread"), text("mutex+cond"), .none]))
        let flags = makeClass(
            "flags", module: "sys",
            fields: [
                "debug", "inspect", "interactive", "optimize", "dont_write_bytecode", "no_user_site", "no_site",
                "ignore_environment", "verbose", "bytes_warning", "quiet", "hash_randomization", "isolated", "dev_mode",
                "utf8_mode", "warn_default_encoding", "safe_path", "int_max_str_digits", "gil",
            ], visible: 18, constructible: false)
        contents.set(
            "flags",
            make(
                flags,
                [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0].map { int($0) } + [.false, int(1), int(0), .false, int(4300), int(1)]))
        let implementation = Instance.allocate(namespaceClass)
        implementation.set(StrTables.intern("name"), text("tiny"))
        implementation.set(StrTables.intern("cache_tag"), text(BytecodeFile.tag))
        implementation.set(StrTables.intern("version"), contents.namespace.get(StrTables.intern("version_info")))
        implementation.set(StrTables.intern("hexversion"), int(0x030D_00F0))
        implementation.set(StrTables.intern("_multiarch"), text(multiarch))
        contents.set("implementation", Value(implementation))
    }

    /// types.SimpleNamespace.
    nonisolated(unsafe) public static let namespaceClass: ClassRef = {
        let cls = ClassObject.makeNative(
            "SimpleNamespace", kind: .instance, bases: [Runtime.objectClass],
            flags: [.isBase, .hasDict, .isWeakReferenceable], module: "types")
        cls.fill(
            NativeClass("SimpleNamespace", kind: .instance, methods: [
                Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { args throws(Raised) in
                    let positional = args[1].object(Tuple.self)
                    guard positional.count <= 1 else {
                        throw typeError("SimpleNamespace expected at most 1 argument, got \(positional.count)")
                    }
                    let attributes = Dict.make()
                    if positional.count == 1 { try updateDictionary(attributes, from: positional.items[0]) }
                    try updateDictionary(attributes, from: args[2])
                    var position = 0
                    while let entry = attributes.next(&position) {
                        guard entry.pointee.key.isKind(.str) else { throw typeError("keywords must be strings") }
                        try setAttribute(args[0], StrTables.intern(entry.pointee.key.object(Str.self)), entry.pointee.value)
                    }
                    return .none
                },
                Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                    Value(
                        try guardingRecursion(args[0], "namespace(...)") { () throws(Raised) in
                            let own = args[0].object(Instance.self).makeDictionary()
                            var text = TextBuilder()
                            text.append(args[0].cls == namespaceClass ? "namespace" : args[0].cls.nameText)
                            text.append("(")
                            var position = 0
                            var isFirst = true
                            while let entry = own.next(&position) {
                                if !isFirst { text.append(", ") }
                                isFirst = false
                                text.append(try str(entry.pointee.key))
                                text.append("=")
                                text.append(try repr(entry.pointee.value))
                            }
                            text.append(")")
                            return text.make()
                        })
                },
                Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                    guard args[1].isKind(.instance), args[1].cls.isSubclass(of: namespaceClass) else { return notImplemented }
                    return try richCompare(
                        2, Value(args[0].object(Instance.self).makeDictionary()),
                        Value(args[1].object(Instance.self).makeDictionary()))
                },
                Native("__reduce__(self, /)", "Return state information for pickling.") { args in
                    let own = Value(args[0].object(Instance.self).makeDictionary())
                    return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make()), own))
                },
                Native("__replace__(self, /, **changes)", "Return a copy of the namespace object with new values for the specified attributes.") { args throws(Raised) in
                    let attributes = args[0].object(Instance.self).makeDictionary().copy()
                    try updateDictionary(attributes, from: args[1])
                    return try callValue(Value(args[0].cls), Tuple.make(), attributes)
                },
            ], attributes: [dictionaryAccessors]))
        return cls
    }()
}

/// A named item of a tuple.
enum ItemGetter {
    static func make(_ name: StrRef, _ cls: ClassRef, _ index: Int) -> Value {
        make(name, cls) { object throws(Raised) in
            object.isKind(.tuple) && index < object.object(Tuple.self).count ? object.object(Tuple.self).items[index] : .none
        }
    }

    /// A field that is no item.
    static func makeHidden(_ name: StrRef, _ cls: ClassRef) -> Value {
        let key = Value(name)
        return make(name, cls) { object throws(Raised) in
            let value = object.isKind(.tuple) ? extraDictionarySlot(object)?.pointee?.get(key.object(Str.self)) ?? .absent : .absent
            return value.isAbsent ? .none : value
        }
    }

    private static func make(_ name: StrRef, _ cls: ClassRef, _ getter: @escaping Accessors.Getter) -> Value {
        Accessors.member("item", "", getter).descriptor(name, cls)
    }
}

/// What the tools of GNU/Linux call the machine.
private var multiarch: String {
    #if arch(arm64)
        "aarch64-linux-gnu"
    #else
        "x86_64-linux-gnu"
    #endif
}
