// `_functools`: reduce and cmp_to_key; partial and the cache of lru_cache lie in files of their own.
import TinyRuntime

enum FunctoolsModule {
    static let nativeModule = NativeModule(
        "_functools", doc: "Tools that operate on functions.", functions: {
            [
                Native("reduce(function, iterable, initial=?, /)", "Apply a function of two arguments cumulatively to the items of an iterable, from left to right.") { args throws(Raised) in
                    try reduce(args)
                },
                Native("cmp_to_key(mycmp)", "Convert a cmp= function into a key= function.") { args throws(Raised) in
                    BoxedObject.make(KeyWrapper(args[0], .absent), KeyWrapper.cls)
                },
            ]
        },
        prepare: { contents throws(Raised) in
            let module = Value(StrTables.intern("functools"))
            Partial.cls = contents.add(Partial.nativeClass)
            Partial.cls.pointee.namespace.set(Names.module, module)
            CallCache.cls = contents.add(CallCache.nativeClass)
            CallCache.cls.pointee.namespace.set(Names.module, module)
            KeyWrapper.cls = ClassObject.makeNative(
                "KeyWrapper", kind: .box, bases: [Runtime.objectClass], module: "functools"
            ).filled(KeyWrapper.nativeClass)
            KeyWrapper.cls.pointee.namespace.set(SpecialName.hash.string, .none)
        })

    private static func reduce(_ args: Arguments) throws(Raised) -> Value {
        guard isIterable(args[1]) else { throw typeError("reduce() arg 2 must support iteration") }
        let source = try iterator(args[1])
        var result = args[2]
        if result.isAbsent {
            result = try next(source)
            if result.isAbsent { throw typeError("reduce() of empty iterable with no initial value") }
        }
        while true {
            let value = try next(source)
            if value.isAbsent { return result }
            result = try callValue(args[0], result, value)
        }
    }
}

/// What cmp_to_key returns, and what that makes of each object.
final class KeyWrapper: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let compare: Value
    private var object: Value

    init(_ compare: Value, _ object: Value) {
        self.compare = compare
        self.object = object
    }

    func trace(_ marker: inout Marker) {
        marker.mark(compare)
        marker.mark(object)
    }

    static let nativeClass = NativeClass("KeyWrapper", kind: .box, methods: [
        Native("__call__(self, /, obj)", "Call self as a function.") { args throws(Raised) in
            guard let own = args[0].boxed(KeyWrapper.self) else { return .none }
            return BoxedObject.make(KeyWrapper(own.compare, args[1]), cls)
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: 'functools.KeyWrapper'") },
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard let x = a.boxed(KeyWrapper.self), let y = b.boxed(KeyWrapper.self) else {
                throw typeError("other argument must be K instance")
            }
            if x.object.isAbsent || y.object.isAbsent { throw raise(.attributeError, "object") }
            let order = try callValue(x.compare, x.object, y.object)
            return try richCompare(operatorIndex, order, Value(inline: 0))
        },
        attributes: [
            Accessors("obj", "Value wrapped by a key function.") { value throws(Raised) in
                guard let own = value.boxed(KeyWrapper.self), !own.object.isAbsent else {
                    throw raise(.attributeError, "object")
                }
                return own.object
            } set: { value, object in
                value.boxed(KeyWrapper.self)?.object = object
            }
        ])
}
