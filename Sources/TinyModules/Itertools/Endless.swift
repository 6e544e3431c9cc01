// itertools: count, repeat and cycle.
import TinyRuntime

final class Count: IteratorObject {
    private var value: Value
    private let step: Value

    init(_ start: Value, _ step: Value) {
        value = start
        self.step = step
    }

    override func next() throws(Raised) -> Value {
        let result = value
        if step.isInlineInt, value.isInlineInt {
            value = Value(value.inlineInt + step.inlineInt)
        } else {
            value = try binary(0, value, step)
        }
        return result
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(value)
        marker.mark(step)
    }

    static let nativeClass = NativeClass(
        "count", kind: .box, doc: "Return a count object whose .__next__() method returns consecutive values.", flags: .isBase,
        methods: nativeIteratorMethods + [
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                guard let own = args[0].boxed(Count.self) else { return .none }
                let start = try repr(own.value).string
                if own.step.isInlineInt, own.step.inlineInt == 1 { return Value(Str.make("\(args[0].cls.nameText)(\(start))")) }
                return Value(Str.make("\(args[0].cls.nameText)(\(start), \(try repr(own.step).string))"))
            },
            Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
                guard let own = args[0].boxed(Count.self) else { return .none }
                let isPlain = own.step.isInlineInt && own.step.inlineInt == 1 && own.value.isInlineInt
                let arguments = isPlain ? Tuple.make(own.value) : Tuple.make(own.value, own.step)
                try ItertoolsCopying.warnOfRemoval()
                return Value(Tuple.make(Value(args[0].cls), Value(arguments)))
            },
        ], construct: { args throws(Raised) in
            let values = try bindNames(args, ["start", "step"], required: 0, function: "count")
            defer { values.deallocate() }
            let start = values[0].isAbsent ? Value(inline: 0) : values[0]
            let step = values[1].isAbsent ? Value(inline: 1) : values[1]
            for value in [start, step] where !isNumber(value) { throw typeError("a number is required") }
            return BoxedObject.make(Count(start, step), ItertoolsModule.cls(args))
        })

    private static func isNumber(_ value: Value) -> Bool {
        if isInteger(value) || value.isFloat { return true }
        return value.cls.has(.index) || value.cls.has(.float) || value.cls.has(.int) || value.isKind(.complex)
    }
}

final class Repeat: IteratorObject {
    private let value: Value
    /// Times left; negative: for ever.
    private var left: Int

    init(_ value: Value, _ left: Int) {
        self.value = value
        self.left = left
    }

    override func next() throws(Raised) -> Value {
        if left == 0 { return .absent }
        if left > 0 { left -= 1 }
        return value
    }

    override func trace(_ marker: inout Marker) { marker.mark(value) }

    static let nativeClass = NativeClass(
        "repeat", kind: .box, doc: "repeat(object [,times]) -> create an iterator which returns the object", flags: .isBase,
        methods: nativeIteratorMethods + [
            Native("__length_hint__(self, /)", "Private method returning an estimate of len(list(it)).") { args throws(Raised) in
                let left = args[0].boxed(Repeat.self)?.left ?? 0
                if left < 0 { throw typeError("len() of unsized object") }
                return Value(left)
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                guard let own = args[0].boxed(Repeat.self) else { return .none }
                let shown = try repr(own.value).string
                return Value(Str.make(own.left < 0 ? "\(args[0].cls.nameText)(\(shown))" : "\(args[0].cls.nameText)(\(shown), \(own.left))"))
            },
            Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
                guard let own = args[0].boxed(Repeat.self) else { return .none }
                let arguments = own.left < 0 ? Tuple.make(own.value) : Tuple.make(own.value, Value(own.left))
                try ItertoolsCopying.warnOfRemoval()
                return Value(Tuple.make(Value(args[0].cls), Value(arguments)))
            },
        ], construct: { args throws(Raised) in
            let values = try bindNames(args, ["object", "times"], required: 1, function: "repeat")
            defer { values.deallocate() }
            let times = values[1].isAbsent ? -1 : max(0, try index(values[1]))
            return BoxedObject.make(Repeat(values[0], times), ItertoolsModule.cls(args))
        },
        quick: { cls, base, count throws(Raised) in
            guard count == 1 || count == 2, cls.isBuiltin else { return nil }
            return BoxedObject.make(Repeat(base[0], count == 1 ? -1 : max(0, try index(base[1]))), cls)
        })
}

final class Cycle: IteratorObject {
    private var source: Value
    private var saved = List.make()
    private var position = 0
    /// Whether the source has been gone through before: its items are saved already.
    private var isComplete = false

    init(_ source: Value) { self.source = source }

    override func next() throws(Raised) -> Value {
        if !source.isNone {
            let value = try TinyRuntime.next(source)
            if !value.isAbsent {
                if !isComplete { saved.append(value) }
                return value
            }
            source = .none
        }
        if saved.count == 0 { return .absent }
        if position >= saved.count { position = 0 }
        position += 1
        return saved.items[position - 1]
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(saved)
    }

    static let nativeClass = NativeClass(
        "cycle", kind: .box, doc: "Return elements from the iterable until it is exhausted. Then repeat the sequence indefinitely.",
        flags: .isBase, methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Cycle, cls) throws(Raised) in
                if !own.source.isNone {
                    let state = Tuple.make(Value(own.saved), Value(own.isComplete))
                    return Tuple.make(cls, Value(Tuple.make(own.source)), Value(state))
                }
                let items = try iterator(Value(own.saved))
                if own.position > 0, own.position < own.saved.count {
                    _ = try callValue(try getAttribute(items, "__setstate__"), Value(inline: own.position))
                }
                return Tuple.make(cls, Value(Tuple.make(items)), Value(Tuple.make(Value(own.saved), Value(true))))
            },
            ItertoolsCopying.setState { (own: Cycle, state) throws(Raised) in
                let parts = try ItertoolsCopying.tuple(state)
                guard parts.count == 2 else {
                    throw typeError("function takes exactly 2 arguments (\(parts.count) given)")
                }
                guard parts.items[0].isKind(.list) else {
                    throw typeError("argument 1 must be list, not \(parts.items[0].cls.nameText)")
                }
                own.isComplete = try index(parts.items[1]) != 0
                own.saved = parts.items[0].object(List.self)
                own.position = 0
            },
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(1, args, "cycle")
            return BoxedObject.make(Cycle(try iterator(positional.items[0])), ItertoolsModule.cls(args))
        })
}
