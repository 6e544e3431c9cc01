// The native half of `decimal`. It makes the classes once; `_decimal.tr` and `_pydecimal.tr` are two doors to it, because
// programs block one to get the other.
import TinyRuntime

enum DecimalModule {
    static let nativeModule = NativeModule(
        "_decimals", doc: "Decimal floating point by the General Decimal Arithmetic Specification.", functions: { functions },
        prepare: { contents throws(Raised) in
            DecimalSignals.addClasses(contents)
            DecimalMethods.cls = add(DecimalMethods.nativeClass, shape: DecimalObject.shape)
            contents.set("Decimal", Value(DecimalMethods.cls))
            DecimalOperations.imported = DecimalOperations(
                cls: DecimalMethods.cls, operate: DecimalObject.operate, order: DecimalObject.order,
                construct: { value throws(Raised) in try DecimalConversion.construct(DecimalMethods.cls, value, .none) })
            DecimalContext.cls = add(DecimalContext.nativeClass)
            contents.set("Context", Value(DecimalContext.cls))
            LocalContext.cls = add(LocalContext.nativeClass)
            try addTuple(contents)
            try addSignalDict()
            try addContexts(contents)
            addConstants(contents)
            let register = try getAttribute(try getAttribute(try importModule("numbers"), "Number"), "register")
            _ = try callValue(register, Value(DecimalMethods.cls))
        })

    private static func add(_ table: NativeClass, shape: ShapeID? = nil) -> ClassRef {
        let cls = ClassObject.makeNative(
            table.name.description, kind: table.kind, bases: [Runtime.objectClass], shape: shape, flags: table.flags,
            module: "decimal")
        cls.fill(table)
        return cls
    }

    private static func addTuple(_ contents: ModuleContents) throws(Raised) {
        let keywords = Dict.make()
        keywords.set(StrTables.intern("module"), Value(StrTables.intern("decimal")))
        DecimalConversion.tupleClass = try callValue(
            try getAttribute(try importModule("collections"), "namedtuple"),
            Tuple.make(Value(Str.make("DecimalTuple")), Value(Str.make("sign digits exponent"))), keywords)
        heap.permanentRoots.append(DecimalConversion.tupleClass)
        contents.set("DecimalTuple", DecimalConversion.tupleClass)
    }

    /// Flags and traps are mutable mappings, with all that those have.
    private static func addSignalDict() throws(Raised) {
        let mapping = try getAttribute(try importModule("_collections_abc"), "MutableMapping")
        let namespace = Dict.make()
        namespace.set(Names.module, Value(StrTables.intern("decimal")))
        let cls = try callValue(
            Value(mapping.cls), Value(Str.make("SignalDict")),
            Value(Tuple.make(Value(add(SignalView.mixin)), mapping)), Value(namespace))
        SignalView.cls = cls.object(ClassObject.self)
        heap.permanentRoots.append(cls)
    }

    private static func addContexts(_ contents: ModuleContents) throws(Raised) {
        let rules = Rules(precision: 28, highest: 999_999, lowest: -999_999, rounding: .halfEven, clamps: false)
        var basic = rules.with(rounding: .halfUp)
        basic.precision = 9
        let plain: DecimalStatus = [.allInvalid, .divisionByZero, .overflow]
        for (name, rules, traps) in [
            ("DefaultContext", rules, plain), ("BasicContext", basic, plain.union([.clamped, .underflow])),
            ("ExtendedContext", rules.with(precision: 9), []),
        ] {
            let value = DecimalContext(rules, traps: traps).make()
            heap.permanentRoots.append(value)
            DecimalContext.templates.append(value)
            contents.set(name, value)
        }
        DecimalContext.variable = try callValue(
            try getAttribute(try importModule("_contextvars"), "ContextVar"), Value(Str.make("decimal_context")))
        heap.permanentRoots.append(DecimalContext.variable)
        DecimalContext.roots.append(.none)
        DecimalContext.roots.append(.none)
        heap.permanentRoots.append(Value(DecimalContext.roots))
    }

    private static func addConstants(_ contents: ModuleContents) {
        for name in DecimalRounding.names { contents.set(name.description, Value(StrTables.intern(name))) }
        let most = Rules.mostPrecision
        for (name, value) in [("MAX_PREC", most), ("MAX_EMAX", most), ("MIN_EMIN", -most), ("MIN_ETINY", 1 - 2 * most)] {
            contents.set(name, value)
        }
        contents.set("HAVE_THREADS", .true)
        contents.set("HAVE_CONTEXTVAR", .true)
        contents.set("__version__", "1.70")
        contents.set("__libmpdec_version__", "2.5.1")
    }

    private static let functions: [Native] = [
        Native("getcontext()", "The context of this thread or task.") { _ throws(Raised) in try DecimalContext.currentValue() },
        Native("setcontext(context, /)", "Makes it the context of this thread or task; a ready-made one is copied.") { args throws(Raised) in
            try DecimalContext.setCurrent(args[0])
            return .none
        },
        Native("localcontext(ctx=None, **kwargs)", "A context for a `with` block: a copy of the given or the current one, with changes.") { args throws(Raised) in
            let source = try DecimalContext.given(args[0])
            let copy = DecimalContext(copying: source)
            copy.flags = source.flags
            let keywords = args[1].object(Dict.self)
            var position = 0
            while let entry = keywords.next(&position) {
                let key = entry.pointee.key.object(Str.self)
                guard let name = DecimalContext.names.first(where: { key.equals($0) }) else {
                    throw typeError("this function got an unexpected keyword argument '\(key.string)'")
                }
                let value = entry.pointee.value
                if value.isNone { continue }
                switch name.description {
                case "flags": copy.flags = try DecimalContext.signals(value, isStrict: false)
                case "traps": copy.traps = try DecimalContext.signals(value, isStrict: false)
                default: try copy.set(name, value)
                }
            }
            return BoxedObject.make(LocalContext(copy.make()), LocalContext.cls)
        },
    ]
}

/// What `localcontext()` returns.
final class LocalContext: TracedObject {
    nonisolated(unsafe) fileprivate(set) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let inner: Value
    private var outer = Value.none

    fileprivate init(_ inner: Value) { self.inner = inner }

    func trace(_ marker: inout Marker) {
        marker.mark(inner)
        marker.mark(outer)
    }

    private static func own(_ value: Value) throws(Raised) -> LocalContext {
        guard let own = value.boxed(LocalContext.self) else { throw typeError("a context manager is required") }
        return own
    }

    fileprivate static let nativeClass = NativeClass("ContextManager", kind: .box, methods: [
        Native("__enter__(self, /)", "", .method) { args throws(Raised) in
            let own = try own(args[0])
            own.outer = try DecimalContext.currentValue()
            try DecimalContext.setCurrent(own.inner)
            return own.inner
        },
        Native("__exit__(self, /, *args)", "", .method) { args throws(Raised) in
            let own = try own(args[0])
            if !own.outer.isNone { try DecimalContext.setCurrent(own.outer) }
            return .false
        },
    ])
}
