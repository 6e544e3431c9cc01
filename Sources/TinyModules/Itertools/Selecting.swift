// itertools: compress, dropwhile, filterfalse, takewhile, islice, starmap.
import TinyRuntime

final class Compress: IteratorObject {
    private let data: Value
    private let selectors: Value

    init(_ data: Value, _ selectors: Value) {
        self.data = data
        self.selectors = selectors
    }

    override func next() throws(Raised) -> Value {
        while true {
            let value = try TinyRuntime.next(data)
            if value.isAbsent { return value }
            let selector = try TinyRuntime.next(selectors)
            if selector.isAbsent { return selector }
            if try truth(selector) { return value }
        }
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(data)
        marker.mark(selectors)
    }

    static let nativeClass = NativeClass(
        "compress", kind: .box, doc: "Return data elements corresponding to true selector elements.", flags: .isBase,
        methods: nativeIteratorMethods + ItertoolsCopying.stateless { (own: Compress) in
            Tuple.make(own.data, own.selectors)
        }, construct: { args throws(Raised) in
            let values = try bindNames(args, ["data", "selectors"], required: 2, function: "compress")
            defer { values.deallocate() }
            let data = try iterator(values[0])
            return BoxedObject.make(Compress(data, try iterator(values[1])), ItertoolsModule.cls(args))
        })
}

final class DropWhile: IteratorObject {
    private let predicate: Value
    private let source: Value
    private var hasStarted = false

    init(_ predicate: Value, _ source: Value) {
        self.predicate = predicate
        self.source = source
    }

    override func next() throws(Raised) -> Value {
        while true {
            let value = try TinyRuntime.next(source)
            if value.isAbsent || hasStarted { return value }
            if try !truth(try callValue(predicate, value)) {
                hasStarted = true
                return value
            }
        }
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(predicate)
        marker.mark(source)
    }

    static let nativeClass = NativeClass(
        "dropwhile", kind: .box, doc: "Drop items from the iterable while predicate(item) is true.", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: DropWhile, cls) in
                Tuple.make(cls, Value(Tuple.make(own.predicate, own.source)), Value(inline: own.hasStarted ? 1 : 0))
            },
            ItertoolsCopying.setState { (own: DropWhile, state) throws(Raised) in own.hasStarted = try truth(state) },
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(2, args, "dropwhile")
            return BoxedObject.make(DropWhile(positional.items[0], try iterator(positional.items[1])), ItertoolsModule.cls(args))
        })
}

final class TakeWhile: IteratorObject {
    private let predicate: Value
    private let source: Value
    private var hasStopped = false

    init(_ predicate: Value, _ source: Value) {
        self.predicate = predicate
        self.source = source
    }

    override func next() throws(Raised) -> Value {
        if hasStopped { return .absent }
        let value = try TinyRuntime.next(source)
        if value.isAbsent { return value }
        if try truth(try callValue(predicate, value)) { return value }
        hasStopped = true
        return .absent
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(predicate)
        marker.mark(source)
    }

    static let nativeClass = NativeClass(
        "takewhile", kind: .box, doc: "Return successive entries from an iterable as long as the predicate evaluates to true for each entry.",
        flags: .isBase, methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: TakeWhile, cls) in
                Tuple.make(cls, Value(Tuple.make(own.predicate, own.source)), Value(inline: own.hasStopped ? 1 : 0))
            },
            ItertoolsCopying.setState { (own: TakeWhile, state) throws(Raised) in own.hasStopped = try truth(state) },
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(2, args, "takewhile")
            return BoxedObject.make(TakeWhile(positional.items[0], try iterator(positional.items[1])), ItertoolsModule.cls(args))
        })
}

final class FilterFalse: IteratorObject {
    private let predicate: Value
    private let source: Value

    init(_ predicate: Value, _ source: Value) {
        self.predicate = predicate
        self.source = source
    }

    override func next() throws(Raised) -> Value {
        let isPlain = predicate.isNone || predicate == Value(Shapes.table[Int(Shapes.bool)].pointee.cls)
        while true {
            let value = try TinyRuntime.next(source)
            if value.isAbsent { return value }
            if try !truth(isPlain ? value : try callValue(predicate, value)) { return value }
        }
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(predicate)
        marker.mark(source)
    }

    static let nativeClass = NativeClass(
        "filterfalse", kind: .box, doc: "Return those items of iterable for which function(item) is false.", flags: .isBase,
        methods: nativeIteratorMethods + ItertoolsCopying.stateless { (own: FilterFalse) in
            Tuple.make(own.predicate, own.source)
        }, construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(2, args, "filterfalse")
            return BoxedObject.make(FilterFalse(positional.items[0], try iterator(positional.items[1])), ItertoolsModule.cls(args))
        })
}

final class StarMap: IteratorObject {
    private let function: Value
    private let source: Value

    init(_ function: Value, _ source: Value) {
        self.function = function
        self.source = source
    }

    override func next() throws(Raised) -> Value {
        let value = try TinyRuntime.next(source)
        if value.isAbsent { return value }
        return try callValue(function, try makeTuple(value))
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(source)
    }

    static let nativeClass = NativeClass(
        "starmap", kind: .box, doc: "Return an iterator whose values are returned from the function evaluated with an argument tuple taken from the given sequence.",
        flags: .isBase, methods: nativeIteratorMethods + ItertoolsCopying.stateless { (own: StarMap) in
            Tuple.make(own.function, own.source)
        }, construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(2, args, "starmap")
            return BoxedObject.make(StarMap(positional.items[0], try iterator(positional.items[1])), ItertoolsModule.cls(args))
        })
}

final class ISlice: IteratorObject {
    private var source: Value
    /// Place of the next item wanted; items taken; where to stop (negative: never).
    private var wanted: Int
    private var taken = 0
    private let stop: Int
    private let step: Int

    init(_ source: Value, _ start: Int, _ stop: Int, _ step: Int) {
        self.source = source
        wanted = start
        self.stop = stop
        self.step = step
    }

    override func next() throws(Raised) -> Value {
        if source.isNone { return .absent }
        let limit = stop < 0 ? wanted : min(wanted, stop)
        while taken < limit {
            if try TinyRuntime.next(source).isAbsent {
                source = .none
                return .absent
            }
            taken += 1
        }
        if stop >= 0, taken >= stop {
            source = .none
            return .absent
        }
        let value = try TinyRuntime.next(source)
        if value.isAbsent {
            source = .none
            return value
        }
        taken += 1
        let (sum, overflow) = wanted.addingReportingOverflow(step)
        wanted = overflow ? (stop < 0 ? Int.max : stop) : stop >= 0 ? min(sum, stop) : sum
        return value
    }

    override func trace(_ marker: inout Marker) { marker.mark(source) }

    private static func bound(_ value: Value, _ fallback: Int, _ message: String) throws(Raised) -> Int {
        if value.isNone { return fallback }
        do {
            let number = try index(value)
            if number >= 0 { return number }
        } catch {
            _ = currentThread().takeRaised()
        }
        throw valueError(message)
    }

    static let nativeClass = NativeClass(
        "islice", kind: .box, doc: "islice(iterable, [start,] stop [, step]) --> islice object", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: ISlice, cls) throws(Raised) in
                if own.source.isNone {
                    let empty = try iterator(Value(List.make()))
                    return Tuple.make(cls, Value(Tuple.make(empty, Value(inline: 0))), Value(inline: 0))
                }
                let arguments = blankTuple(4)
                arguments.items[0] = own.source
                arguments.items[1] = Value(own.wanted)
                if own.stop >= 0 { arguments.items[2] = Value(own.stop) }
                arguments.items[3] = Value(own.step)
                return Tuple.make(cls, Value(arguments), Value(own.taken))
            },
            ItertoolsCopying.setState { (own: ISlice, state) throws(Raised) in own.taken = max(0, try index(state)) },
        ], construct: { args throws(Raised) in
            try rejectKeywords(args, "islice")
            let positional = args[1].object(Tuple.self)
            guard positional.count >= 2 else { throw typeError("islice expected at least 2 arguments, got \(positional.count)") }
            guard positional.count <= 4 else { throw typeError("islice expected at most 4 arguments, got \(positional.count)") }
            var start = 0
            let stop: Int
            if positional.count == 2 {
                stop = try bound(positional.items[1], -1, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
            } else {
                let message = "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize."
                start = try bound(positional.items[1], 0, message)
                stop = try bound(
                    positional.items[2], -1, "Stop argument for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
            }
            var step = 1
            if positional.count == 4, !positional.items[3].isNone {
                step = try bound(positional.items[3], 1, "Step for islice() must be a positive integer or None.")
                if step < 1 { throw valueError("Step for islice() must be a positive integer or None.") }
            }
            return BoxedObject.make(ISlice(try iterator(positional.items[0]), start, stop, step), ItertoolsModule.cls(args))
        })
}
