// functools.partial. (A call without named arguments is the interpreter's: ForwardingCallable.)
import TinyRuntime

final class Partial: ForwardingCallable {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func own(_ value: Value) throws(Raised) -> Partial {
        guard let partial = value.boxed(Partial.self) else { throw typeError("a partial object is required") }
        return partial
    }

    private static func joined(_ a: TupleRef, _ b: UnsafePointer<Value>, _ count: Int) -> TupleRef {
        if a.count + count == 0 { return Tuple.make() }
        let all = Tuple.allocate(a.count + count)
        all.items.update(from: a.items, count: a.count)
        (all.items + a.count).update(from: b, count: count)
        return all
    }

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let cls = args[0].object(ClassObject.self)
        let positional = args[1].object(Tuple.self)
        guard positional.count > 0 else { throw typeError("type 'partial' takes at least one argument") }
        var function = positional.items[0]
        guard function.cls.has(.call) || function.isKind(.function) || function.isKind(.native) || function.isKind(.class) else {
            throw typeError("the first argument must be callable")
        }
        var start = Tuple.make()
        var keywords = args[2].isKind(.dict) ? args[2].object(Dict.self).copy() : Dict.make()
        if let inner = function.boxed(Partial.self), function.cls == Self.cls, extraDictionarySlot(function)?.pointee == nil {
            function = inner.function
            start = inner.leading
            let all = inner.named.copy()
            try updateDictionary(all, from: Value(keywords))
            keywords = all
        }
        return BoxedObject.make(
            Partial(function, joined(start, positional.items + 1, positional.count - 1), keywords), cls)
    }

    private static func show(_ value: Value) throws(Raised) -> StrRef {
        let own = try own(value)
        var parts = [try repr(own.function).string]
        for index in 0 ..< own.leading.count { parts.append(try repr(own.leading.items[index]).string) }
        let keywords = own.named
        var position = 0
        while let entry = keywords.next(&position) {
            let (key, value) = (entry.pointee.key, entry.pointee.value)
            parts.append("\(try str(key).string)=\(try repr(value).string)")
        }
        return Str.make("\(qualifiedClassName(value.cls))(\(parts.joined(separator: ", ")))")
    }

    private static func setState(_ value: Value, _ state: Value) throws(Raised) {
        let own = try own(value)
        let message = "invalid partial state"
        guard state.isKind(.tuple), state.object(Tuple.self).count == 4 else { throw typeError(message) }
        let items = state.object(Tuple.self).items
        guard items[0].cls.has(.call) || items[0].isKind(.function) || items[0].isKind(.native) || items[0].isKind(.class),
            items[1].isKind(.tuple), items[2].isNone || items[2].isKind(.dict)
        else { throw typeError(message) }
        own.function = items[0]
        let arguments = items[1].object(Tuple.self)
        own.leading = items[1].isExactly(.tuple) ? arguments : Tuple.make(arguments.items, arguments.count)
        own.named = items[2].isNone ? Dict.make() : items[2].isExactly(.dict) ? items[2].object(Dict.self) : items[2].object(Dict.self).copy()
        if items[3].isKind(.dict) {
            setExtraDictionary(value, items[3].object(Dict.self))
        } else {
            extraDictionarySlot(value)?.pointee = nil
        }
    }

    static let nativeClass = NativeClass(
        "partial", kind: .box, doc: "Create a new function with partial application of the given arguments and keywords.",
        flags: [.isBase, .isHeapType, .hasDict, .isWeakReferenceable], methods: [
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                let own = try own(args[0])
                let given = args[1].object(Tuple.self)
                let arguments = own.leading.count == 0 ? given : joined(own.leading, given.items, given.count)
                var keywords = args[2].object(Dict.self)
                if own.named.pointee.count > 0 {
                    let all = own.named.copy()
                    if keywords.pointee.count > 0 { try updateDictionary(all, from: Value(keywords)) }
                    keywords = all
                }
                return try callValue(own.function, arguments, keywords)
            },
            Native("__get__(self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner.") { args throws(Raised) in
                if !args[1].isNone {
                    try warn(
                        .futureWarning,
                        "functools.partial will be a method descriptor in future Python versions; wrap it in staticmethod() if you want to preserve the old behavior")
                }
                return args[0]
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let value = args[0]
                return Value(try guardingRecursion(value, "...") { () throws(Raised) in try show(value) })
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                let own = try own(args[0])
                let dictionary = extraDictionarySlot(args[0])?.pointee
                let state = Tuple.make(
                    own.function, Value(own.leading), Value(own.named), dictionary.map { Value($0) } ?? .none)
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.function)), Value(state)))
            },
            Native("__setstate__(self, state, /)", "", .method) { args throws(Raised) in
                try setState(args[0], args[1])
                return .none
            },
            classGetItem,
        ], attributes: [
            dictionaryAccessors,
            Accessors("func", "function object to use in future partial calls") { object throws(Raised) in try own(object).function },
            Accessors("args", "tuple of arguments to future partial calls") { object throws(Raised) in Value(try own(object).leading) },
            Accessors("keywords", "dictionary of keyword arguments to future partial calls") { object throws(Raised) in
                Value(try own(object).named)
            },
        ], construct: construct)
}
