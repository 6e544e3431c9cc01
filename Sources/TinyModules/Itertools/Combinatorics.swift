// itertools: product, permutations, combinations, combinations_with_replacement.
import TinyRuntime

final class Product: IteratorObject {
    /// Tuple of tuples.
    private let pools: TupleRef
    private var indices: [Int]
    private var state = 0

    init(_ pools: TupleRef) {
        self.pools = pools
        indices = [Int](repeating: 0, count: pools.count)
    }

    private func pool(_ index: Int) -> TupleRef { pools.items[index].object(Tuple.self) }

    override func next() throws(Raised) -> Value {
        if state == 2 { return .absent }
        if state == 0 {
            state = 1
            for index in 0 ..< pools.count where pool(index).count == 0 {
                state = 2
                return .absent
            }
        } else {
            var place = pools.count - 1
            while place >= 0 {
                indices[place] += 1
                if indices[place] < pool(place).count { break }
                indices[place] = 0
                place -= 1
            }
            if place < 0 {
                state = 2
                return .absent
            }
        }
        if pools.count == 0 { return Value(Tuple.make()) }
        let row = Tuple.allocate(pools.count)
        for index in 0 ..< pools.count { row.items[index] = pool(index).items[indices[index]] }
        return Value(row)
    }

    override func trace(_ marker: inout Marker) { marker.mark(pools) }

    static let nativeClass = NativeClass(
        "product", kind: .box, doc: "Cartesian product of input iterables. Equivalent to nested for-loops.", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Product, cls) in
                switch own.state {
                case 0: Tuple.make(cls, Value(own.pools))
                case 1: Tuple.make(cls, Value(own.pools), ItertoolsCopying.tuple(of: own.indices))
                default: Tuple.make(cls, Value(Tuple.make(Value(Tuple.make()))))
                }
            },
            ItertoolsCopying.setState { (own: Product, state) throws(Raised) in
                guard state.isKind(.tuple), state.object(Tuple.self).count == own.pools.count else {
                    throw valueError("invalid arguments")
                }
                if (0 ..< own.pools.count).contains(where: { own.pool($0).count == 0 }) {
                    own.state = 2
                    return
                }
                own.indices = try ItertoolsCopying.indices(state, own.pools.count) { 0 ... own.pool($0).count - 1 }
                own.state = 1
            },
        ], construct: { args throws(Raised) in
            let keyword = try onlyKeyword(args, "repeat", "product")
            let times = keyword.isAbsent ? 1 : try index(keyword)
            if times < 0 { throw valueError("repeat argument cannot be negative") }
            let iterables = args[1].object(Tuple.self)
            let (count, overflow) = iterables.count.multipliedReportingOverflow(by: times)
            if overflow || count > 1 << 28 { throw raise(.overflowError, "repeat argument too large") }
            let pools = blankTuple(count)
            for index in 0 ..< (times == 0 ? 0 : iterables.count) {
                let pool = Value(try makeTuple(iterables.items[index]))
                for round in 0 ..< times { pools.items[round * iterables.count + index] = pool }
            }
            return BoxedObject.make(Product(pools), ItertoolsModule.cls(args))
        })
}

/// What the three share: a pool, indices into it, and whether the first row has been given out.
class Selection: IteratorObject {
    final let pool: TupleRef
    final var indices: [Int]
    final var hasStarted = false
    final var isDone: Bool
    /// How long rows would be, where there are none.
    private var length: Int?

    init(_ pool: TupleRef, _ indices: [Int], done: Bool) {
        self.pool = pool
        self.indices = indices
        isDone = done
    }

    /// One of rows that are longer than can be: there are none.
    convenience init(_ pool: TupleRef, none size: Int) {
        self.init(pool, [], done: true)
        length = size
    }

    /// Steps to the next row; false at the end.
    func advance() -> Bool { false }

    /// How long the rows are.
    var size: Int { length ?? indices.count }

    final override func next() throws(Raised) -> Value {
        if isDone { return .absent }
        if hasStarted {
            if !advance() {
                isDone = true
                return .absent
            }
        } else {
            hasStarted = true
        }
        let count = size
        if count == 0 { return Value(Tuple.make()) }
        let row = Tuple.allocate(count)
        indices.withUnsafeBufferPointer { indices in
            for index in 0 ..< count { row.items[index] = pool.items[indices[index]] }
        }
        return Value(row)
    }

    override final func trace(_ marker: inout Marker) { marker.mark(pool) }

    /// What a copy is made from: the pool and the length, and nothing of a finished one.
    final func remade(_ cls: Value, progress: () -> Value) -> TupleRef {
        let pool = isDone ? Tuple.make() : self.pool
        let arguments = Value(Tuple.make(Value(pool), Value(inline: size)))
        return hasStarted && !isDone ? Tuple.make(cls, arguments, progress()) : Tuple.make(cls, arguments)
    }

    /// Goes on from indices that a copy has written down.
    final func goOn(_ state: Value, within range: (Int) -> ClosedRange<Int>) throws(Raised) {
        guard state.isKind(.tuple), state.object(Tuple.self).count == size, !isDone || size == 0 else {
            throw valueError("invalid arguments")
        }
        indices = try ItertoolsCopying.indices(state, size, within: range)
        hasStarted = true
    }

    static func arguments(_ args: Arguments, _ name: String, required: Int) throws(Raised) -> (TupleRef, Value) {
        let values = try bindNames(args, ["iterable", "r"], required: required, function: name)
        defer { values.deallocate() }
        let size = values[1]
        return (try makeTuple(values[0]), size)
    }
}

final class Combinations: Selection {
    override func advance() -> Bool {
        var place = indices.count - 1
        while place >= 0, indices[place] == place + pool.count - indices.count { place -= 1 }
        if place < 0 { return false }
        indices[place] += 1
        place += 1
        while place < indices.count {
            indices[place] = indices[place - 1] + 1
            place += 1
        }
        return true
    }

    static let nativeClass = NativeClass(
        "combinations", kind: .box, doc: "Return successive r-length combinations of elements in the iterable.", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Combinations, cls) in
                own.remade(cls) { ItertoolsCopying.tuple(of: own.indices) }
            },
            ItertoolsCopying.setState { (own: Combinations, state) throws(Raised) in
                let spare = max(0, own.pool.count - own.size)
                try own.goOn(state) { 0 ... spare + $0 }
            },
        ], construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "combinations", required: 2)
            let size = try ItertoolsModule.size(r)
            let isDone = size > pool.count
            if isDone { return BoxedObject.make(Combinations(pool, none: size), ItertoolsModule.cls(args)) }
            return BoxedObject.make(Combinations(pool, [Int](0 ..< size), done: false), ItertoolsModule.cls(args))
        })
}

final class CombinationsWithReplacement: Selection {
    override func advance() -> Bool {
        var place = indices.count - 1
        while place >= 0, indices[place] == pool.count - 1 { place -= 1 }
        if place < 0 { return false }
        let value = indices[place] + 1
        while place < indices.count {
            indices[place] = value
            place += 1
        }
        return true
    }

    static let nativeClass = NativeClass(
        "combinations_with_replacement", kind: .box,
        doc: "Return successive r-length combinations of elements in the iterable allowing individual elements to have successive repeats.",
        flags: .isBase, methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: CombinationsWithReplacement, cls) in
                own.remade(cls) { ItertoolsCopying.tuple(of: own.indices) }
            },
            ItertoolsCopying.setState { (own: CombinationsWithReplacement, state) throws(Raised) in
                let last = max(0, own.pool.count - 1)
                try own.goOn(state) { _ in 0 ... last }
            },
        ], construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "combinations_with_replacement", required: 2)
            let size = try ItertoolsModule.size(r)
            if size > largestBuffer / 8 { throw raise(.memoryError) }
            let isDone = size > 0 && pool.count == 0
            if isDone { return BoxedObject.make(CombinationsWithReplacement(pool, none: size), ItertoolsModule.cls(args)) }
            return BoxedObject.make(CombinationsWithReplacement(pool, [Int](repeating: 0, count: size), done: false), ItertoolsModule.cls(args))
        })
}

final class Permutations: Selection {
    private var cycles: [Int]
    private let chosen: Int

    init(_ pool: TupleRef, _ size: Int) {
        chosen = size
        cycles = size > pool.count ? [] : (0 ..< size).map { pool.count - $0 }
        super.init(pool, [Int](0 ..< pool.count), done: size > pool.count)
    }

    override var size: Int { chosen }

    override func advance() -> Bool {
        let count = indices.count
        var place = chosen - 1
        while place >= 0 {
            cycles[place] -= 1
            if cycles[place] == 0 {
                let first = indices[place]
                for index in place ..< count - 1 { indices[index] = indices[index + 1] }
                indices[count - 1] = first
                cycles[place] = count - place
            } else {
                indices.swapAt(place, count - cycles[place])
                return true
            }
            place -= 1
        }
        return false
    }

    static let nativeClass = NativeClass(
        "permutations", kind: .box, doc: "Return successive r-length permutations of elements in the iterable.", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Permutations, cls) in
                own.remade(cls) {
                    Value(Tuple.make(ItertoolsCopying.tuple(of: own.indices), ItertoolsCopying.tuple(of: own.cycles)))
                }
            },
            ItertoolsCopying.setState { (own: Permutations, state) throws(Raised) in
                let parts = try ItertoolsCopying.tuple(state)
                guard parts.count == 2, !own.isDone else { throw valueError("invalid arguments") }
                let count = own.pool.count
                let indices = try ItertoolsCopying.indices(parts.items[0], count) { _ in 0 ... count - 1 }
                own.cycles = try ItertoolsCopying.indices(parts.items[1], own.chosen) { 1 ... count - $0 }
                own.indices = indices
                own.hasStarted = true
            },
        ], construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "permutations", required: 1)
            var size = pool.count
            if !r.isAbsent, !r.isNone {
                guard isInteger(r) else { throw typeError("Expected int as r") }
                size = try ItertoolsModule.size(r)
            }
            return BoxedObject.make(Permutations(pool, size), ItertoolsModule.cls(args))
        })
}
