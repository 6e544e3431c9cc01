// `_contextvars`: Context, ContextVar and Token. A context is a dict from variables to values. A copy shares it until one of the two
// sets a variable: asyncio copies the context for each callback and task, few of which set any.

enum ContextModule {
    static let nativeModule = NativeModule(
        "_contextvars", doc: "Context Variables", functions: {
            [
                Native("copy_context()", "Return a shallow copy of the current context.") { args throws(Raised) in
                    BoxedObject.make(ScriptContext(copying: ScriptContext.current().0), ScriptContext.cls)
                }
            ]
        },
        prepare: { contents throws(Raised) in
            ScriptContext.cls = contents.add(ScriptContext.nativeClass)
            contents.add(ContextVariable.nativeClass)
            ContextToken.cls = contents.add(ContextToken.nativeClass)
            let missing = ClassObject.makeNative("Missing", kind: .box, bases: [Runtime.objectClass], module: "Token")
                .filled(NativeClass("Missing", kind: .box, methods: [
                    Native("__repr__(self, /)", "Return repr(self).") { _ in Value(StrTables.intern("<Token.MISSING>")) }
                ]))
            ContextToken.cls.pointee.namespace.set(
                StrTables.intern("MISSING"), BoxedObject.make(ContextToken.Missing(), missing))
        })
}

/// contextvars.Context (PEP 567).
public final class ScriptContext: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// Renewed whenever a variable is set: what remembers a variable's value compares it.
    nonisolated(unsafe) public static var epoch = 0
    /// From ContextVar to value. Changed by `set` and `remove` alone.
    public private(set) var values: DictRef
    /// Whether another context may have the same dict.
    private var isShared = false
    private var isEntered = false

    init(_ values: DictRef) { self.values = values }

    /// With the same variables.
    init(copying other: ScriptContext) {
        values = other.values
        isShared = true
        other.isShared = true
    }

    private func own() {
        guard isShared else { return }
        values = values.copy()
        isShared = false
    }

    /// Gives a variable a value.
    public func set(_ variable: Value, _ value: Value) throws(Raised) {
        own()
        try values.set(variable, value)
    }

    fileprivate func remove(_ variable: Value) throws(Raised) {
        own()
        _ = try values.remove(variable)
    }

    /// Marks the variables and their values. For the collector, which holds the GIL.
    public func trace(_ marker: inout Marker) { marker.mark(values) }

    /// The running thread's context, made when first wanted, and its box.
    public static func current() -> (ScriptContext, Value) {
        let t = currentThread()
        if let context = t.pointee.contextVariables.boxed(ScriptContext.self) { return (context, t.pointee.contextVariables) }
        let context = ScriptContext(Dict.make())
        let box = BoxedObject.make(context, cls)
        t.pointee.contextVariables = box
        return (context, box)
    }

    private static func own(_ value: Value) throws(Raised) -> ScriptContext {
        guard let context = value.boxed(ScriptContext.self) else { throw typeError("a Context is required") }
        return context
    }

    private static func variable(_ value: Value) throws(Raised) -> Value {
        guard value.boxed(ContextVariable.self) != nil else {
            throw typeError("a ContextVar key was expected, got \(try repr(value).string)")
        }
        return value
    }

    static let nativeClass = NativeClass(
        "Context", kind: .box, flags: [.isWeakReferenceable, .matchesMapping], methods: [
            Native("run(self, /, *args, **kwargs)", "", .method) { args throws(Raised) in
                let own = try own(args[0])
                let given = args[1].object(Tuple.self)
                guard given.count > 0 else { throw typeError("run() missing 1 required positional argument") }
                if own.isEntered {
                    throw raise(.runtimeError, "cannot enter context: \(try repr(args[0]).string) is already entered")
                }
                let t = currentThread()
                let previous = t.pointee.contextVariables
                own.isEntered = true
                t.pointee.contextVariables = args[0]
                defer {
                    own.isEntered = false
                    t.pointee.contextVariables = previous
                }
                return try callValue(given.items[0], Tuple.make(given.items + 1, given.count - 1), args[2].object(Dict.self))
            },
            Native("copy(self, /)", "Return a shallow copy of the context object.") { args throws(Raised) in
                BoxedObject.make(ScriptContext(copying: try own(args[0])), cls)
            },
            Native("get(self, key, default=None, /)", "Return the value for `key` if `key` has the value in the context object.") { args throws(Raised) in
                let value = try own(args[0]).values.get(try variable(args[1]))
                return value.isAbsent ? args[2] : value
            },
            Native("keys(self, /)", "Return a list of all variables in the context object.") { args throws(Raised) in
                DictView.make(try own(args[0]).values, .keys)
            },
            Native("values(self, /)", "Return a list of all variables' values in the context object.") { args throws(Raised) in
                DictView.make(try own(args[0]).values, .values)
            },
            Native("items(self, /)", "Return all variables and their values in the context object.") { args throws(Raised) in
                DictView.make(try own(args[0]).values, .items)
            },
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try own(args[0]).values.pointee.count) },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                DictIterator.make(try own(args[0]).values, .keys)
            },
            Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
                Value(!(try own(args[0]).values.get(try variable(args[1])).isAbsent))
            },
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
                let value = try own(args[0]).values.get(try variable(args[1]))
                if value.isAbsent { throw raise(.keyError, arguments: args[1]) }
                return value
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard let other = args[1].boxed(ScriptContext.self) else { return .notImplemented }
                return Value(try equal(Value(try own(args[0]).values), Value(other.values)))
            },
            Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: '_contextvars.Context'") },
        ],
        construct: { args throws(Raised) in
            if args[1].object(Tuple.self).count > 0 || args[2].isKind(.dict) {
                throw typeError("Context() does not accept any arguments")
            }
            return BoxedObject.make(ScriptContext(Dict.make()), args[0].object(ClassObject.self))
        })
}

final class ContextVariable: TracedObject {
    fileprivate let name: Value
    fileprivate let fallback: Value

    init(_ name: Value, _ fallback: Value) {
        self.name = name
        self.fallback = fallback
    }

    func trace(_ marker: inout Marker) {
        marker.mark(name)
        marker.mark(fallback)
    }

    private static func own(_ value: Value) throws(Raised) -> ContextVariable {
        guard let variable = value.boxed(ContextVariable.self) else { throw typeError("a ContextVar is required") }
        return variable
    }

    private static func reset(_ args: Arguments) throws(Raised) -> Value {
        guard let token = args[1].boxed(ContextToken.self) else {
            throw typeError("expected an instance of Token, got \(try repr(args[1]).string)")
        }
        if token.isUsed {
            throw raise(.runtimeError, "\(try repr(args[1]).string) has already been used once")
        }
        if token.variable != args[0] {
            throw valueError("\(try repr(args[1]).string) was created by a different ContextVar")
        }
        let (context, box) = ScriptContext.current()
        if token.context != box { throw valueError("\(try repr(args[1]).string) was created in a different Context") }
        token.isUsed = true
        ScriptContext.epoch += 1
        if token.oldValue.isAbsent {
            try context.remove(args[0])
        } else {
            try context.set(args[0], token.oldValue)
        }
        return .none
    }

    static let nativeClass = NativeClass("ContextVar", kind: .box, flags: .isWeakReferenceable, methods: [
        Native("get(self, default=?, /)", "Return a value for the context variable for the current context.") { args throws(Raised) in
            let own = try own(args[0])
            if let context = currentThread().pointee.contextVariables.boxed(ScriptContext.self) {
                let value = try context.values.get(args[0])
                if !value.isAbsent { return value }
            }
            if args.has(1) { return args[1] }
            if !own.fallback.isAbsent { return own.fallback }
            throw raise(.lookupError, arguments: args[0])
        },
        Native("set(self, value, /)", "Call to set a new value for the context variable in the current context.") { args throws(Raised) in
            let (context, box) = ScriptContext.current()
            let old = try context.values.get(args[0])
            try context.set(args[0], args[1])
            ScriptContext.epoch += 1
            return BoxedObject.make(ContextToken(args[0], box, old), ContextToken.cls)
        },
        Native("reset(self, token, /)", "Reset the context variable.") { args throws(Raised) in try reset(args) },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try own(args[0])
            let fallback = own.fallback.isAbsent ? "" : " default=\(try repr(own.fallback).string)"
            return Value(Str.make("<ContextVar name=\(try repr(own.name).string)\(fallback) at \(addressText(args[0]))>"))
        },
        classGetItem,
    ], attributes: [
        Accessors.member("name") { object throws(Raised) in try own(object).name }
    ], construct: { args throws(Raised) in
        let positional = args[1].object(Tuple.self)
        guard positional.count == 1 else {
            throw typeError("ContextVar() takes exactly 1 positional argument (\(positional.count) given)")
        }
        guard positional.items[0].isKind(.str) else { throw typeError("context variable name must be a str") }
        let fallback = try onlyKeyword(args, "default", "ContextVar")
        return BoxedObject.make(ContextVariable(positional.items[0], fallback), args[0].object(ClassObject.self))
    })
}

final class ContextToken: TracedObject {
    /// The one Token.MISSING.
    final class Missing {}

    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    let variable: Value
    let context: Value
    let oldValue: Value
    var isUsed = false

    init(_ variable: Value, _ context: Value, _ oldValue: Value) {
        self.variable = variable
        self.context = context
        self.oldValue = oldValue
    }

    func trace(_ marker: inout Marker) {
        marker.mark(variable)
        marker.mark(context)
        marker.mark(oldValue)
    }

    static let nativeClass = NativeClass("Token", kind: .box, methods: [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            guard let own = args[0].boxed(ContextToken.self) else { return .none }
            return Value(Str.make("<Token\(own.isUsed ? " used" : "") var=\(try repr(own.variable).string) at \(addressText(args[0]))>"))
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: 'Token'") },
        classGetItem,
    ], attributes: [
        Accessors("var") { $0.boxed(ContextToken.self)?.variable ?? .none },
        Accessors("old_value") { object throws(Raised) in
            guard let own = object.boxed(ContextToken.self) else { return .none }
            return own.oldValue.isAbsent ? cls.lookup(StrTables.intern("MISSING")) : own.oldValue
        },
    ], construct: { args throws(Raised) in throw raise(.runtimeError, "Tokens can only be created by ContextVars") })
}
