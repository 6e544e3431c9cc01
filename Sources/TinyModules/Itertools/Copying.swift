// How the iterators of itertools are copied and pickled: `__reduce__` and `__setstate__`.
//
// Each class says in one row what it can be made from again and what it has done since, and in another how it takes
// that back. A state comes from a pickle, which anybody may have written: indices are forced into their pools.
// Python 3.14 drops all of it, hence the warning.
import TinyRuntime

enum ItertoolsCopying {
    static func warnOfRemoval() throws(Raised) {
        try warn(
            .deprecationWarning, "Pickle, copy, and deepcopy support will be removed from itertools in Python 3.14.")
    }

    /// The row `__reduce__` of a class of iterators; the body gets the iterator and its class.
    static func reduce<Iterator: IteratorObject>(
        _ body: @escaping @Sendable (Iterator, Value) throws(Raised) -> TupleRef
    ) -> Native {
        Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
            guard let own = args[0].boxed(Iterator.self) else { throw typeError("an iterator of itertools is required") }
            try warnOfRemoval()
            return Value(try body(own, Value(args[0].cls)))
        }
    }

    /// The row `__setstate__` of a class of iterators.
    static func setState<Iterator: IteratorObject>(
        _ body: @escaping @Sendable (Iterator, Value) throws(Raised) -> Void
    ) -> Native {
        Native("__setstate__(self, state, /)", "Set state information for unpickling.") { args throws(Raised) in
            guard let own = args[0].boxed(Iterator.self) else { throw typeError("an iterator of itertools is required") }
            try warnOfRemoval()
            try body(own, args[1])
            return .none
        }
    }

    /// The rows of an iterator that is made again from what it refers to, for it has no progress of its own.
    static func stateless<Iterator: IteratorObject>(
        _ arguments: @escaping @Sendable (Iterator) -> TupleRef
    ) -> [Native] {
        [reduce { (own: Iterator, cls) in Tuple.make(cls, Value(arguments(own))) }]
    }

    static func tuple(_ state: Value) throws(Raised) -> TupleRef {
        guard state.isKind(.tuple) else { throw typeError("state is not a tuple") }
        return state.object(Tuple.self)
    }

    /// A tuple of `count` indices, each forced into the range that belongs to its place.
    static func indices(
        _ state: Value, _ count: Int, within range: (Int) -> ClosedRange<Int>
    ) throws(Raised) -> [Int] {
        guard state.isKind(.tuple), state.object(Tuple.self).count == count else { throw valueError("invalid arguments") }
        let items = state.object(Tuple.self)
        var result: [Int] = []
        for place in 0 ..< count {
            let range = range(place)
            result.append(min(max(try index(items.items[place]), range.lowerBound), range.upperBound))
        }
        return result
    }

    static func tuple(of numbers: [Int]) -> Value {
        let tuple = Tuple.allocate(numbers.count)
        for (place, number) in numbers.enumerated() { tuple.items[place] = Value(inline: number) }
        return Value(tuple)
    }

    /// An iterator of `itertools.<name>` over arguments.
    static func make(_ name: StaticString, _ arguments: Value...) throws(Raised) -> Value {
        let cls = try getAttribute(try importModule("itertools"), name.description)
        switch arguments.count {
        case 1: return try callValue(cls, arguments[0])
        case 2: return try callValue(cls, arguments[0], arguments[1])
        default: return try callValue(cls, arguments[0], arguments[1], arguments[2])
        }
    }
}
