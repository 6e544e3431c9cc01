// itertools: product, permutations, combinations, combinations_with_replacement.

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
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let keyword = try ItertoolsModule.keyword(args, "repeat", "product")
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

    init(_ pool: TupleRef, _ indices: [Int], done: Bool) {
        self.pool = pool
        self.indices = indices
        isDone = done
    }

    /// Steps to the next row; false at the end.
    func advance() -> Bool { false }

    var size: Int { indices.count }

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
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "combinations", required: 2)
            let size = try ItertoolsModule.size(r)
            let isDone = size > pool.count
            return BoxedObject.make(Combinations(pool, isDone ? [] : [Int](0 ..< size), done: isDone), ItertoolsModule.cls(args))
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
        flags: .isBase, methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "combinations_with_replacement", required: 2)
            let size = try ItertoolsModule.size(r)
            if size > largestBuffer / 8 { throw raise(.memoryError) }
            let isDone = size > 0 && pool.count == 0
            let indices = isDone ? [] : [Int](repeating: 0, count: size)
            return BoxedObject.make(CombinationsWithReplacement(pool, indices, done: isDone), ItertoolsModule.cls(args))
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
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let (pool, r) = try arguments(args, "permutations", required: 1)
            var size = pool.count
            if !r.isAbsent, !r.isNone {
                guard isInteger(r) else { throw typeError("Expected int as r") }
                size = try ItertoolsModule.size(r)
            }
            return BoxedObject.make(Permutations(pool, size), ItertoolsModule.cls(args))
        })
}
