// operator.itemgetter, attrgetter and methodcaller.
import TinyRuntime

/// What the three have in common: the tuple of what was given.
class Getter: SingleArgumentCallable {
    final let names: TupleRef

    init(_ names: TupleRef) {
        self.names = names
        super.init()
    }

    override func trace(_ marker: inout Marker) { marker.mark(names) }

    static func own<Kind: Getter>(_ value: Value, _ type: Kind.Type = Kind.self) throws(Raised) -> Kind {
        guard let getter = value.boxed(Kind.self) else { throw typeError("a getter is required") }
        return getter
    }

    static func show(_ value: Value, _ names: TupleRef) throws(Raised) -> Value {
        Value(
            try guardingRecursion(value, "...") { () throws(Raised) in
                let items = try showItems("(", ")", count: { names.count }) { names.items[$0] }
                return Str.make("\(qualifiedClassName(value.cls))\(items.string)")
            })
    }

    /// How the getters are called, for `inspect.signature`.
    static let signature: [Accessors] = [Accessors("__text_signature__") { _ in Value(Str.make("(obj, /)")) }]

    /// The arguments of a call that takes exactly one object.
    static func single(_ args: Arguments, _ name: String) throws(Raised) -> Value {
        if args[2].object(Dict.self).pointee.count > 0 { throw typeError("\(name)() takes no keyword arguments") }
        let positional = args[1].object(Tuple.self)
        guard positional.count == 1 else { throw typeError("\(name) expected 1 argument, got \(positional.count)") }
        return positional.items[0]
    }

    static func given(_ args: Arguments, _ name: String) throws(Raised) -> TupleRef {
        if args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 {
            throw typeError("\(name)() takes no keyword arguments")
        }
        let positional = args[1].object(Tuple.self)
        guard positional.count > 0 else { throw typeError("\(name) expected at least 1 argument, got 0") }
        return positional
    }
}

final class ItemsGetter: Getter {
    override func call(_ object: Value) throws(Raised) -> Value {
        if names.count == 1 { return try getItem(object, names.items[0]) }
        let result = blankTuple(names.count)
        for index in 0 ..< names.count { result.items[index] = try getItem(object, names.items[index]) }
        return Value(result)
    }

    static let nativeClass = NativeClass(
        "itemgetter", kind: .box, doc: "Return a callable object that fetches the given item(s) from its operand.", methods: [
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try own(args[0], ItemsGetter.self).call(try single(args, "itemgetter"))
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                try show(args[0], try own(args[0], ItemsGetter.self).names)
            },
            Native("__reduce__(self, /)", "Return state information for pickling", .method) { args throws(Raised) in
                Value(Tuple.make(Value(args[0].cls), Value(try own(args[0], ItemsGetter.self).names)))
            },
        ],
        attributes: signature, construct: { args throws(Raised) in
            BoxedObject.make(ItemsGetter(try given(args, "itemgetter")), args[0].object(ClassObject.self))
        })
}

final class AttributeGetter: Getter {
    override func call(_ object: Value) throws(Raised) -> Value {
        if names.count == 1 { return try AttributeGetter.follow(object, names.items[0].object(Str.self)) }
        let result = blankTuple(names.count)
        for index in 0 ..< names.count {
            result.items[index] = try AttributeGetter.follow(object, names.items[index].object(Str.self))
        }
        return Value(result)
    }

    /// Follows a dotted name.
    private static func follow(_ object: Value, _ name: StrRef) throws(Raised) -> Value {
        let bytes = name.buffer
        guard bytes.contains(0x2E) else { return try getAttribute(object, name) }
        var value = object
        var start = 0
        for index in 0 ... bytes.count where index == bytes.count || bytes[index] == 0x2E {
            let part = Str.make(UnsafeBufferPointer(rebasing: bytes[start ..< index]))
            value = try getAttribute(value, StrTables.intern(part))
            start = index + 1
        }
        return value
    }

    static let nativeClass = NativeClass(
        "attrgetter", kind: .box, doc: "Return a callable object that fetches the given attribute(s) from its operand.", methods: [
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try own(args[0], AttributeGetter.self).call(try single(args, "attrgetter"))
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                try show(args[0], try own(args[0], AttributeGetter.self).names)
            },
            Native("__reduce__(self, /)", "Return state information for pickling", .method) { args throws(Raised) in
                Value(Tuple.make(Value(args[0].cls), Value(try own(args[0], AttributeGetter.self).names)))
            },
        ],
        attributes: signature, construct: { args throws(Raised) in
            let names = try given(args, "attrgetter")
            let interned = blankTuple(names.count)
            for index in 0 ..< names.count {
                guard names.items[index].isKind(.str) else { throw typeError("attribute name must be a string") }
                interned.items[index] = Value(StrTables.intern(names.items[index].object(Str.self)))
            }
            return BoxedObject.make(AttributeGetter(interned), args[0].object(ClassObject.self))
        })
}

final class MethodCaller: Getter {
    private let keywords: DictRef

    init(_ names: TupleRef, _ keywords: DictRef) {
        self.keywords = keywords
        super.init(names)
    }

    override func trace(_ marker: inout Marker) {
        super.trace(&marker)
        marker.mark(keywords)
    }

    override func call(_ object: Value) throws(Raised) -> Value {
        try callValue(try getAttribute(object, names.items[0].object(Str.self)), arguments(), keywords)
    }

    private func arguments() -> TupleRef { Tuple.make(names.items + 1, names.count - 1) }

    static let nativeClass = NativeClass(
        "methodcaller", kind: .box, doc: "Return a callable object that calls the given method on its operand.", methods: [
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try own(args[0], MethodCaller.self).call(try single(args, "methodcaller"))
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let own = try own(args[0], MethodCaller.self)
                let value = args[0]
                return Value(
                    try guardingRecursion(value, "...") { () throws(Raised) in
                        var parts: [String] = []
                        for index in 0 ..< own.names.count { parts.append(try repr(own.names.items[index]).string) }
                        var position = 0
                        while let entry = own.keywords.next(&position) {
                            let (key, value) = (entry.pointee.key, entry.pointee.value)
                            parts.append("\(try str(key).string)=\(try repr(value).string)")
                        }
                        return Str.make("\(qualifiedClassName(value.cls))(\(parts.joined(separator: ", ")))")
                    })
            },
            Native("__reduce__(self, /)", "Return state information for pickling", .method) { args throws(Raised) in
                let own = try own(args[0], MethodCaller.self)
                let cls = Value(args[0].cls)
                if own.keywords.pointee.count == 0 { return Value(Tuple.make(cls, Value(own.names))) }
                let maker = try callValue(Value(Partial.cls), Tuple.make(cls, own.names.items[0]), own.keywords)
                return Value(Tuple.make(maker, Value(own.arguments())))
            },
        ],
        attributes: signature, construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            guard positional.count > 0 else { throw typeError("methodcaller needs at least one argument, the method name") }
            guard positional.items[0].isKind(.str) else { throw typeError("method name must be a string") }
            let names = Tuple.make(positional.items, positional.count)
            names.items[0] = Value(StrTables.intern(positional.items[0].object(Str.self)))
            let keywords = args[2].isKind(.dict) ? args[2].object(Dict.self).copy() : Dict.make()
            return BoxedObject.make(MethodCaller(names, keywords), args[0].object(ClassObject.self))
        })
}
