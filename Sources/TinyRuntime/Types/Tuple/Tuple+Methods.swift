// tuple: methods and operators.

extension Tuple {
    private static func tuple(_ value: Value) -> TupleRef { value.object(Tuple.self) }

    static let nativeClass = NativeClass(
        "tuple", kind: .tuple,
        doc: "Built-in immutable sequence.\n\nIf no argument is given, the constructor returns an empty tuple.\nIf iterable is specified the tuple is initialized from iterable's items.",
        flags: [.isBase, .matchesSequence, .matchSelf], methods: methods, construct: construct)

    static func concatenation(_ a: TupleRef, _ b: TupleRef) -> Value {
        if a.count + b.count == 0 { return Value(Tuple.make()) }
        let result = Tuple.allocate(a.count + b.count)
        result.items.update(from: a.items, count: a.count)
        (result.items + a.count).update(from: b.items, count: b.count)
        return Value(result)
    }

    private static let methods: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(tuple(args[0]).count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SequenceIterator.make(args[0]) },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            let own = tuple(args[0])
            for index in 0 ..< own.count where try equal(own.items[index], args[1]) { return .true }
            return .false
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let own = tuple(args[0])
            guard args[1].isKind(.slice) else { return own.items[try position(args[1], own.count, "tuple")] }
            let slice = try args[1].object(SliceObject.self).resolve(own.count)
            if slice.count == own.count, slice.step == 1, args[0].isExactly(.tuple) { return args[0] }
            if slice.count == 0 { return Value(Tuple.make()) }
            let result = Tuple.allocate(slice.count)
            for index in 0 ..< slice.count { result.items[index] = own.items[slice.start + index * slice.step] }
            return Value(result)
        },
        Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in Value(try hashTuple(tuple(args[0]))) },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(
                try guardingRecursion(args[0], "(...)") { () throws(Raised) in
                    let own = tuple(args[0])
                    return own.count == 1
                        ? try showItems("(", ",)", count: { 1 }) { own.items[$0] }
                        : try showItems("(", ")", count: { own.count }) { own.items[$0] }
                })
        },
        Native("__add__(self, value, /)", "Return self+value.") { args throws(Raised) in
            guard args[1].isKind(.tuple) else { throw concatenationError(args[0], args[1]) }
            return concatenation(tuple(args[0]), tuple(args[1]))
        },
        Native("__mul__(self, value, /)", "Return self*value.") { args throws(Raised) in try multiply(args[0], args[1]) },
        Native("__rmul__(self, value, /)", "Return value*self.") { args throws(Raised) in try multiply(args[0], args[1]) },
        Native("__getnewargs__(self, /)", "") { args throws(Raised) in
            Value(Tuple.make(Value(Tuple.make(tuple(args[0]).items, tuple(args[0]).count))))
        },
        Native("count(self, value, /)", "Return number of occurrences of value.") { args throws(Raised) in
            let own = tuple(args[0])
            var count = 0
            for index in 0 ..< own.count where try equal(own.items[index], args[1]) { count += 1 }
            return Value(count)
        },
        Native("index(self, value, start=0, stop=9223372036854775807, /)", "Return first index of value.") { args throws(Raised) in
            let own = tuple(args[0])
            var index = try clampedBound(args[2], own.count)
            let stop = try clampedBound(args[3], own.count)
            while index < stop {
                if try equal(own.items[index], args[1]) { return Value(index) }
                index += 1
            }
            throw valueError("tuple.index(x): x not in tuple")
        },
        classGetItem,
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard b.isKind(.tuple) else { return .notImplemented }
            return try tuple(a).compare(operatorIndex, tuple(b))
        }

    static func multiply(_ value: Value, _ times: Value) throws(Raised) -> Value {
        let own = tuple(value)
        let count = own.count
        let times = try repetitions(times, length: count)
        if times == 0 { return Value(Tuple.make()) }
        if times == 1, value.isExactly(.tuple) { return value }
        let result = Tuple.allocate(count * times)
        for round in 0 ..< times { (result.items + round * count).update(from: own.items, count: count) }
        return Value(result)
    }

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let positional = args[1].object(Tuple.self)
        guard positional.count <= 1 else { throw typeError("tuple expected at most 1 argument, got \(positional.count)") }
        let cls = args[0].object(ClassObject.self)
        let isExact = cls.shapeID == Tuple.shape
        try rejectKeywords(args, "tuple")
        let items = positional.count == 0 ? Tuple.make() : try makeTuple(positional.items[0])
        if isExact { return Value(items) }
        let result = Tuple.allocate(items.count, shape: cls.shapeID, extra: 8)
        result.items.update(from: items.items, count: items.count)
        beginExtra(Value(result))
        return Value(result)
    }
}
