// `_weakref`: weak references and the proxies that forward everything to their referent.
import CTiny
import Glibc
import TinyCompiler
import TinyRuntime

enum WeakrefModule {
    static let nativeModule = NativeModule("_weakref", doc: "Weak-reference support module.", functions: {
        [
            Native("getweakrefcount(object, /)", "Return the number of weak references to 'object'.") { args throws(Raised) in
                Value(references(to: args[0]).count)
            },
            Native("getweakrefs(object, /)", "Return a list of all weak reference objects pointing to 'object'.") { args throws(Raised) in
                Value(references(to: args[0]))
            },
            Native("proxy(object, callback=None, /)", "Create a proxy object that weakly references 'object'.") { args throws(Raised) in
                guard isWeakReferenceable(args[0]) else {
                    throw typeError("cannot create weak reference to '\(typeName(args[0]))' object")
                }
                let cls = args[0].cls.has(.call) ? WeakProxy.callableClass : WeakProxy.cls
                if args[1].isNone {
                    // One without a callback serves all.
                    var next = heap.weakReferences[UInt(bitPattern: args[0].address)]
                    while let reference = next {
                        if reference.pointee.callback.isNone, Value(reference).cls == cls { return Value(reference) }
                        next = reference.pointee.next
                    }
                }
                return WeakReference.make(args[0], args[1], cls)
            },
            Native("_remove_dead_weakref(dct, key, /)", "Atomically remove key from dict if it points to a dead weakref.") { args throws(Raised) in
                let value = try args[0].object(Dict.self).get(args[1])
                if value.isKind(.weakReference), value.object(WeakReference.self).pointee.referent.isAbsent {
                    _ = try args[0].object(Dict.self).remove(args[1])
                }
                return .none
            },
        ]
    }, prepare: { contents throws(Raised) in
        let reference = Value(Shapes.table[Int(Kind.weakReference.rawValue)].pointee.cls)
        contents.set("ref", reference)
        contents.set("ReferenceType", reference)
        contents.set("ProxyType", Value(WeakProxy.cls))
        contents.set("CallableProxyType", Value(WeakProxy.callableClass))
    })

    private static func references(to value: Value) -> ListRef {
        let list = List.make()
        guard value.isPointer else { return list }
        // First the plain one and the plain proxy, which all share that ask for one without a callback.
        for wantsShared in [true, false] {
            var next = heap.weakReferences[UInt(bitPattern: value.address)]
            while let reference = next {
                let isShared = reference.pointee.callback.isNone && !Value(reference).cls.pointee.flags.contains(.isHeapType)
                if isShared == wantsShared { list.append(Value(reference)) }
                next = reference.pointee.next
            }
        }
        return list
    }
}

/// weakref.proxy: a weak reference that forwards everything to its referent.
enum WeakProxy {
    nonisolated(unsafe) static let cls = make("ProxyType", extra: [])
    nonisolated(unsafe) static let callableClass = make("CallableProxyType", extra: [
        Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
            try callValue(try referent(args[0]), args[1].object(Tuple.self), args[2].object(Dict.self))
        }
    ])

    private static func make(_ name: String, extra: [Native]) -> ClassRef {
        ClassObject.makeNative(name, kind: .weakReference, bases: [Runtime.objectClass], module: "weakref")
            .filled(NativeClass("proxy", kind: .weakReference, methods: methods + extra))
    }

    private static func referent(_ value: Value) throws(Raised) -> Value {
        guard value.isKind(.weakReference) else { return value }
        let target = value.object(WeakReference.self).pointee.referent
        if target.isAbsent { throw raise(.referenceError, "weakly-referenced object no longer exists") }
        return target
    }

    /// A proxy's referent, anything else itself.
    private static func unwrap(_ value: Value) throws(Raised) -> Value {
        let isProxy = value.isKind(.weakReference) && (value.cls == cls || value.cls == callableClass)
        return isProxy ? try referent(value) : value
    }

    private static let operators: [(StaticString, StaticString, Int)] = [
        ("__add__(self, value, /)", "__radd__(self, value, /)", 0), ("__sub__(self, value, /)", "__rsub__(self, value, /)", 1),
        ("__mul__(self, value, /)", "__rmul__(self, value, /)", 2), ("__matmul__(self, value, /)", "__rmatmul__(self, value, /)", 3),
        ("__lshift__(self, value, /)", "__rlshift__(self, value, /)", 8), ("__rshift__(self, value, /)", "__rrshift__(self, value, /)", 9),
        ("__truediv__(self, value, /)", "__rtruediv__(self, value, /)", 4),
        ("__floordiv__(self, value, /)", "__rfloordiv__(self, value, /)", 5), ("__mod__(self, value, /)", "__rmod__(self, value, /)", 6),
        ("__and__(self, value, /)", "__rand__(self, value, /)", 12), ("__or__(self, value, /)", "__ror__(self, value, /)", 10),
        ("__xor__(self, value, /)", "__rxor__(self, value, /)", 11),
    ]

    private static let inPlaceOperators: [(StaticString, Int)] = [
        ("__iadd__(self, value, /)", 0), ("__isub__(self, value, /)", 1), ("__imul__(self, value, /)", 2),
        ("__imatmul__(self, value, /)", 3), ("__itruediv__(self, value, /)", 4), ("__ifloordiv__(self, value, /)", 5),
        ("__imod__(self, value, /)", 6), ("__ipow__(self, value, /)", 7), ("__ilshift__(self, value, /)", 8),
        ("__irshift__(self, value, /)", 9), ("__ior__(self, value, /)", 10), ("__ixor__(self, value, /)", 11),
        ("__iand__(self, value, /)", 12),
    ]

    private static let unaryOperators: [(StaticString, SpecialName)] = [
        ("__neg__(self, /)", .neg), ("__pos__(self, /)", .pos), ("__invert__(self, /)", .invert),
    ]

    private static let methods: [Native] = [
        Native("__pow__(self, value, mod=None, /)", "Return pow(self, value, mod).") { args throws(Raised) in
            try power(try unwrap(args[0]), try unwrap(args[1]), modulus: try unwrap(args[2]))
        },
        Native("__rpow__(self, value, mod=None, /)", "Return pow(value, self, mod).") { args throws(Raised) in
            try power(try unwrap(args[1]), try unwrap(args[0]), modulus: try unwrap(args[2]))
        },
        Native("__divmod__(self, value, /)", "Return divmod(self, value).") { args throws(Raised) in
            try divmod(try unwrap(args[0]), try unwrap(args[1]))
        },
        Native("__rdivmod__(self, value, /)", "Return divmod(value, self).") { args throws(Raised) in
            try divmod(try unwrap(args[1]), try unwrap(args[0]))
        },
        Native("__abs__(self, /)", "abs(self)") { args throws(Raised) in try callMethod(try referent(args[0]), SpecialName.abs.string) },
        Native("__int__(self, /)", "int(self)") { args throws(Raised) in 
            try callValue(Value(Shapes.table[Int(Kind.int.rawValue)].pointee.cls), try referent(args[0]))
         },
        Native("__float__(self, /)", "float(self)") { args throws(Raised) in 
            try callValue(Value(Shapes.table[Int(Kind.float.rawValue)].pointee.cls), try referent(args[0]))
         },
        Native("__index__(self, /)", "Return self converted to an integer, if self is suitable for use as an index into a list.") { args throws(Raised) in
            try indexValue(try referent(args[0]))
        },
        Native("__bytes__(self, /)", "") { args throws(Raised) in try callMethod(try referent(args[0]), SpecialName.bytes.string) },
        Native("__reversed__(self, /)", "") { args throws(Raised) in try callMethod(try referent(args[0]), SpecialName.reversed.string) },
        Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
            try getAttribute(try referent(args[0]), try attributeName(args[1]))
        },
        Native("__setattr__(self, name, value, /)", "") { args throws(Raised) in
            try setAttribute(try referent(args[0]), try attributeName(args[1]), args[2])
            return .none
        },
        Native("__delattr__(self, name, /)", "") { args throws(Raised) in
            try deleteAttribute(try referent(args[0]), try attributeName(args[1]))
            return .none
        },
        Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in Value(try str(try referent(args[0]))) },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let target = args[0].object(WeakReference.self).pointee.referent
            if target.isAbsent { return Value(Str.make("<weakproxy at \(addressText(args[0])); dead>")) }
            return Value(Str.make("<weakproxy at \(addressText(args[0])); to '\(typeName(target))' at \(addressText(target))>"))
        },
        Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in Value(try truth(try referent(args[0]))) },
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try length(try referent(args[0]))) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in try iterator(try referent(args[0])) },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let target = try referent(args[0])
            guard target.cls.has(.next) else {
                throw typeError("Weakref proxy referenced a non-iterator '\(typeName(target))' object")
            }
            let value = try next(target)
            if value.isAbsent { throw raise(.stopIteration) }
            return value
        },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            Value(try contains(try referent(args[0]), args[1]))
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in try getItem(try referent(args[0]), args[1]) },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            try setItem(try referent(args[0]), args[1], args[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
            try deleteItem(try referent(args[0]), args[1])
            return .none
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: 'weakref.ProxyType'") },
    ]
        + unaryOperators.map { text, name in
            Native(text, "") { args throws(Raised) in try unary(name, try referent(args[0])) }
        }
        + inPlaceOperators.map { text, operatorIndex in
            Native(text, "") { args throws(Raised) in
                try binary(operatorIndex, try unwrap(args[0]), try unwrap(args[1]), inPlace: true)
            }
        }
        + operators.flatMap { forward, backward, operatorIndex in
            [
                Native(forward, "") { args throws(Raised) in
                    try binary(operatorIndex, try unwrap(args[0]), try unwrap(args[1]))
                },
                Native(backward, "") { args throws(Raised) in
                    try binary(operatorIndex, try unwrap(args[1]), try unwrap(args[0]))
                },
            ]
        }
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            try richCompare(operatorIndex, try unwrap(a), try unwrap(b))
        }
}
