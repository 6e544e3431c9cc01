// itertools: chain, zip_longest, pairwise, batched, accumulate.
import TinyRuntime

final class Chain: IteratorObject {
    /// Iterator of iterables; None at the end.
    private var sources: Value
    private var current = Value.none

    init(_ sources: Value) { self.sources = sources }

    override func next() throws(Raised) -> Value {
        while !sources.isNone {
            if current.isNone {
                let following: Value
                do {
                    following = try TinyRuntime.next(sources)
                    if following.isAbsent {
                        sources = .none
                        return .absent
                    }
                    current = try iterator(following)
                } catch {
                    sources = .none
                    throw error
                }
            }
            let value = try TinyRuntime.next(current)
            if !value.isAbsent { return value }
            current = .none
        }
        return .absent
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(sources)
        marker.mark(current)
    }

    static let nativeClass = NativeClass(
        "chain", kind: .box, doc: "Return a chain object whose .__next__() method returns elements from the first iterable until it is exhausted, then elements from the next iterable, until all of the iterables are exhausted.",
        flags: .isBase, methods: nativeIteratorMethods + [
            Native("from_iterable(cls, iterable, /)", "Alternative chain() constructor taking a single iterable argument that evaluates lazily.", .classMethod) { args throws(Raised) in
                BoxedObject.make(Chain(try iterator(args[1])), args[0].object(ClassObject.self))
            },
            classGetItem,
            ItertoolsCopying.reduce { (own: Chain, cls) in
                if own.sources.isNone { return Tuple.make(cls, Value(Tuple.make())) }
                let state = own.current.isNone ? Tuple.make(own.sources) : Tuple.make(own.sources, own.current)
                return Tuple.make(cls, Value(Tuple.make()), Value(state))
            },
            ItertoolsCopying.setState { (own: Chain, state) throws(Raised) in
                let parts = try ItertoolsCopying.tuple(state)
                guard 1 ... 2 ~= parts.count else {
                    throw typeError("function expected \(parts.count == 0 ? "at least 1 argument" : "at most 2 arguments"), got \(parts.count)")
                }
                for place in 0 ..< parts.count where !parts.items[place].cls.has(.next) {
                    throw typeError("Arguments must be iterators.")
                }
                own.sources = parts.items[0]
                own.current = parts.count == 2 ? parts.items[1] : .none
            },
        ], construct: { args throws(Raised) in
            try rejectKeywords(args, "chain")
            return BoxedObject.make(Chain(try iterator(args[1])), ItertoolsModule.cls(args))
        },
        quick: { cls, base, count throws(Raised) in
            guard cls.isBuiltin else { return nil }
            return BoxedObject.make(Chain(try iterator(Value(Tuple.make(base, count)))), cls)
        })
}

final class ZipLongest: IteratorObject {
    /// Iterators; None for an exhausted one.
    private let sources: TupleRef
    private var fill: Value
    private var active: Int

    init(_ sources: TupleRef, _ fill: Value) {
        self.sources = sources
        self.fill = fill
        active = sources.count
    }

    override func next() throws(Raised) -> Value {
        guard active > 0 else { return .absent }
        let row = blankTuple(sources.count)
        for index in 0 ..< sources.count {
            if sources.items[index].isNone {
                row.items[index] = fill
                continue
            }
            let value: Value
            do { value = try TinyRuntime.next(sources.items[index]) } catch {
                active = 0
                throw error
            }
            if value.isAbsent {
                active -= 1
                if active == 0 { return .absent }
                sources.items[index] = .none
                row.items[index] = fill
            } else {
                row.items[index] = value
            }
        }
        return Value(row)
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(sources)
        marker.mark(fill)
    }

    static let nativeClass = NativeClass(
        "zip_longest", kind: .box, doc: "Return a zip_longest object whose .__next__() method returns a tuple where the i-th element comes from the i-th iterable argument.",
        flags: .isBase, methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: ZipLongest, cls) in
                let sources = blankTuple(own.sources.count)
                for index in 0 ..< own.sources.count {
                    let source = own.sources.items[index]
                    sources.items[index] = source.isNone ? Value(Tuple.make()) : source
                }
                return Tuple.make(cls, Value(sources), own.fill)
            },
            ItertoolsCopying.setState { (own: ZipLongest, state) in own.fill = state },
        ], construct: { args throws(Raised) in
            let fill = try onlyKeyword(args, "fillvalue", "zip_longest")
            let sources = try iterators(of: args[1].object(Tuple.self))
            return BoxedObject.make(ZipLongest(sources, fill.isAbsent ? .none : fill), ItertoolsModule.cls(args))
        })
}

final class Pairwise: IteratorObject {
    private var source: Value
    private var previous = Value.absent

    init(_ source: Value) { self.source = source }

    override func next() throws(Raised) -> Value {
        if source.isNone { return .absent }
        // The source may ask this very iterator: each step looks at what that has left.
        let source = source
        var old = previous
        if old.isAbsent {
            old = try TinyRuntime.next(source)
            if old.isAbsent {
                self.source = .none
                return .absent
            }
            previous = old
            if self.source.isNone {
                previous = .absent
                return .absent
            }
        }
        let value = try TinyRuntime.next(source)
        if value.isAbsent {
            self.source = .none
            previous = .absent
            return .absent
        }
        previous = value
        return Value(Tuple.make(old, value))
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(previous)
    }

    static let nativeClass = NativeClass(
        "pairwise", kind: .box, doc: "Return an iterator of overlapping pairs taken from the input iterator.", flags: .isBase,
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(1, args, "pairwise")
            return BoxedObject.make(Pairwise(try iterator(positional.items[0])), ItertoolsModule.cls(args))
        })
}

final class Batched: IteratorObject {
    private var source: Value
    private let size: Int
    private let isStrict: Bool

    init(_ source: Value, _ size: Int, strict: Bool) {
        self.source = source
        self.size = size
        isStrict = strict
    }

    override func next() throws(Raised) -> Value {
        if source.isNone { return .absent }
        let list = List.make(capacity: min(size, 64))
        while list.count < size {
            let value = try TinyRuntime.next(source)
            if value.isAbsent {
                source = .none
                break
            }
            list.append(value)
        }
        if list.count == 0 { return .absent }
        if isStrict, list.count < size { throw valueError("batched(): incomplete batch") }
        return Value(Tuple.make(list.items, list.count))
    }

    override func trace(_ marker: inout Marker) { marker.mark(source) }

    static let nativeClass = NativeClass(
        "batched", kind: .box, doc: "Batch data into tuples of length n. The last batch may be shorter than n.", flags: .isBase,
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let values = try bindNames(args, ["iterable", "n", "strict"], required: 2, function: "batched")
            defer { values.deallocate() }
            if args[1].object(Tuple.self).count > 2 {
                throw typeError("batched() takes at most 2 positional arguments (\(args[1].object(Tuple.self).count) given)")
            }
            let size = try index(values[1])
            if size < 1 { throw valueError("n must be at least one") }
            let strict = values[2].isAbsent ? false : try truth(values[2])
            return BoxedObject.make(Batched(try iterator(values[0]), size, strict: strict), ItertoolsModule.cls(args))
        })
}

final class Accumulate: IteratorObject {
    private let source: Value
    private let function: Value
    private var initial: Value
    private var total = Value.absent

    init(_ source: Value, _ function: Value, _ initial: Value) {
        self.source = source
        self.function = function
        self.initial = initial
    }

    override func next() throws(Raised) -> Value {
        if !initial.isNone {
            total = initial
            initial = .none
            return total
        }
        let value = try TinyRuntime.next(source)
        if value.isAbsent { return value }
        if total.isAbsent {
            total = value
        } else if function.isNone {
            total = try binary(0, total, value)
        } else {
            total = try callValue(function, total, value)
        }
        return total
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(function)
        marker.mark(initial)
        marker.mark(total)
    }

    static let nativeClass = NativeClass(
        "accumulate", kind: .box, doc: "Return series of accumulated sums.", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Accumulate, cls) throws(Raised) in
                if !own.initial.isNone {
                    let items = try ItertoolsCopying.make("chain", Value(Tuple.make(own.initial)), own.source)
                    return Tuple.make(cls, Value(Tuple.make(items, own.function)), .none)
                }
                if own.total.isNone {
                    // None as a state means that nothing has been added up: the total goes in as an item, and out again.
                    let items = try ItertoolsCopying.make("chain", Value(Tuple.make(own.total)), own.source)
                    let rest = try callValue(cls, items, own.function)
                    let islice = try getAttribute(try importModule("itertools"), "islice")
                    return Tuple.make(islice, Value(Tuple.make(rest, Value(inline: 1), .none)))
                }
                return Tuple.make(cls, Value(Tuple.make(own.source, own.function)), own.total.isAbsent ? .none : own.total)
            },
            ItertoolsCopying.setState { (own: Accumulate, state) in own.total = state.isNone ? .absent : state },
        ], construct: { args throws(Raised) in
            let values = try bindNames(args, ["iterable", "func", "initial"], required: 1, function: "accumulate")
            defer { values.deallocate() }
            if args[1].object(Tuple.self).count > 2 {
                throw typeError("accumulate() takes at most 2 positional arguments (\(args[1].object(Tuple.self).count) given)")
            }
            let function = values[1].isAbsent ? .none : values[1]
            let initial = values[2].isAbsent ? .none : values[2]
            return BoxedObject.make(Accumulate(try iterator(values[0]), function, initial), ItertoolsModule.cls(args))
        })
}
