// set and frozenset: methods and operators.

extension SetObject {
    fileprivate static func set(_ value: Value) -> SetRef { value.object(SetObject.self) }

    static let nativeClass = NativeClass(
        "set", kind: .set, doc: "Build an unordered collection of unique elements.",
        flags: [.isBase, .matchSelf, .isWeakReferenceable], methods: shared + changing, construct: { args throws(Raised) in
            Value(allocate(args[0].object(ClassObject.self), .set))
        })

    static let frozenClass = NativeClass(
        "frozenset", kind: .frozenset, doc: "Build an immutable unordered collection of unique elements.",
        flags: [.isBase, .matchSelf, .isWeakReferenceable], methods: shared + [
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in Value(frozenHash(set(args[0]))) }
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            let cls = args[0].object(ClassObject.self)
            try rejectKeywords(args, "frozenset")
            guard positional.count <= 1 else { throw typeError("frozenset expected at most 1 argument, got \(positional.count)") }
            if positional.count == 1, positional.items[0].isExactly(.frozenset), !cls.pointee.flags.contains(.isHeapType) {
                return positional.items[0]
            }
            let result = allocate(cls, .frozenset)
            if positional.count == 1 { try update(result, positional.items[0]) }
            return Value(result)
        })

    private static func allocate(_ cls: ClassRef, _ kind: Kind) -> SetRef {
        let isHeap = cls.pointee.flags.contains(.isHeapType)
        let result = make(kind, shape: cls.shapeID, extra: isHeap ? 8 : 0)
        if isHeap { beginExtra(Value(result)) }
        return result
    }

    fileprivate static func isSet(_ value: Value) -> Bool { value.isKind(.set) || value.isKind(.frozenset) }

    /// CPython's order-independent hash.
    private static func frozenHash(_ set: SetRef) -> Int {
        if set.pointee.hash != 0 { return set.pointee.hash }
        var hash: UInt64 = 0
        var position = 0
        while let entry = set.next(&position) {
            let own = UInt64(bitPattern: Int64(entry.pointee.hash))
            hash ^= (own ^ 89_869_747 ^ (own << 16)) &* 3_644_798_167
        }
        hash ^= (UInt64(set.pointee.count) &+ 1) &* 1_927_868_237
        hash ^= (hash >> 11) ^ (hash >> 25)
        hash = hash &* 69069 &+ 907_133_923
        let result = Int(Int64(bitPattern: hash))
        set.pointee.hash = result == -1 || result == 0 ? 590_923_713 : result
        return set.pointee.hash
    }

    /// Adds the items of an iterable.
    static func update(_ target: SetRef, _ source: Value) throws(Raised) {
        if isSet(source) { return try target.merge(set(source)) }
        if source.isExactly(.dict) {
            let other = source.object(Dict.self)
            target.makeRoom(for: other.pointee.count)
            var position = 0
            while let entry = other.next(&position) { try target.add(entry.pointee.key, hash: entry.pointee.hash) }
            return
        }
        try forEach(source) { value throws(Raised) in
            try target.add(value)
            return true
        }
    }

    static func make(from source: Value, _ kind: Kind) throws(Raised) -> SetRef {
        let made = make(kind)
        try update(made, source)
        return made
    }

    /// The iterable as a set: itself if it is one.
    private static func asSet(_ value: Value) throws(Raised) -> SetRef {
        if isSet(value) { return set(value) }
        return try make(from: value, .set)
    }

    /// A new set of the same kind as `like`.
    private static func filtered(_ source: SetRef, like: Value, _ keep: (Value, Int) throws(Raised) -> Bool) throws(Raised) -> SetRef {
        let result = make(like.kind)
        var position = 0
        while let entry = source.next(&position) {
            let (key, hash) = (entry.pointee.key, entry.pointee.hash)
            if try keep(key, hash) { result.addNew(key, hash: hash) }
        }
        return result
    }

    static func intersection(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let own = set(a)
        guard isSet(b) else {
            let result = make(a.kind)
            try forEach(b) { value throws(Raised) in
                let hash = try TinyRuntime.hash(value)
                guard try own.contains(value, hash: hash) else { return true }
                try result.add(value, hash: hash)
                return result.pointee.count < own.pointee.count
            }
            return result
        }
        let other = set(b)
        if own == other { return try own.copy(a.kind) }
        // The smaller one is walked.
        let (walked, asked) = other.pointee.count > own.pointee.count ? (own, other) : (other, own)
        return try filtered(walked, like: a) { key, hash throws(Raised) in try asked.contains(key, hash: hash) }
    }

    static func difference(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let own = set(a)
        // Where there is little to take out of much, or nothing to ask, it is taken out of a copy.
        let isFew = isSet(b) ? own.pointee.count >> 2 > set(b).pointee.count
            : b.isExactly(.dict) ? own.pointee.count >> 2 > b.object(Dict.self).pointee.count : true
        if isFew {
            let result = try own.copy(a.kind)
            try remove(b, from: result)
            return result
        }
        if isSet(b) {
            let other = set(b)
            return try filtered(own, like: a) { key, hash throws(Raised) in try !other.contains(key, hash: hash) }
        }
        let other = b.object(Dict.self)
        return try filtered(own, like: a) { key, hash throws(Raised) in try other.find(key, hash: hash) < 0 }
    }

    /// Takes the items of an iterable out of a set.
    private static func remove(_ items: Value, from target: SetRef) throws(Raised) {
        if isSet(items), set(items) == target { return target.clear() }
        if isSet(items) {
            var other = set(items)
            if other.pointee.count >> 3 > target.pointee.count { other = try intersection(Value(target), items) }
            var position = 0
            while let entry = other.next(&position) { _ = try target.discard(entry.pointee.key, entry.pointee.hash) }
        } else {
            try forEach(items) { value throws(Raised) in
                _ = try target.remove(value)
                return true
            }
        }
        target.tidyAfterRemovals()
    }

    static func symmetricDifference(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let result = make(a.kind)
        try update(result, b)
        try toggle(a, in: result)
        return result
    }

    /// Takes those items of a set or dict out of a set that are there, and adds the others.
    private static func toggle(_ items: Value, in target: SetRef) throws(Raised) {
        if items.isExactly(.dict) {
            let other = items.object(Dict.self)
            var position = 0
            while let entry = other.next(&position) { try toggle(entry.pointee.key, entry.pointee.hash, in: target) }
            return
        }
        let other = try asSet(items)
        if other == target { return target.clear() }
        var position = 0
        while let entry = other.next(&position) { try toggle(entry.pointee.key, entry.pointee.hash, in: target) }
    }

    private static func toggle(_ key: Value, _ hash: Int, in target: SetRef) throws(Raised) {
        if try !target.discard(key, hash) { try target.add(key, hash: hash) }
    }

    static func union(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let result = try set(a).copy(a.kind)
        try update(result, b)
        return result
    }

    private static func isSubset(_ a: SetRef, _ b: SetRef) throws(Raised) -> Bool {
        if a.pointee.count > b.pointee.count { return false }
        var position = 0
        while let entry = a.next(&position) {
            if try !b.contains(entry.pointee.key, hash: entry.pointee.hash) { return false }
        }
        return true
    }

    /// Compares two sets (and frozensets) as sets: a smaller one is a subset.
    static func compare(_ operatorIndex: Int, _ x: SetRef, _ y: SetRef) throws(Raised) -> Bool {
        let (m, n) = (x.pointee.count, y.pointee.count)
        switch operatorIndex {
        case 0: return m < n ? try isSubset(x, y) : false
        case 1: return try isSubset(x, y)
        case 2: return m == n ? try isSubset(x, y) : false
        case 3: return m == n ? try !isSubset(x, y) : true
        case 4: return m > n ? try isSubset(y, x) : false
        default: return try isSubset(y, x)
        }
    }

    /// Puts another set's table in place of a set's own.
    fileprivate static func replace(_ target: SetRef, by source: SetRef) {
        target.clear()
        writeBarrier(target)
        target.pointee.table = source.pointee.table
        target.pointee.mask = source.pointee.mask
        target.pointee.fill = source.pointee.fill
        target.pointee.count = source.pointee.count
        source.pointee.table = nil
        source.clear()
    }

    private static func row(
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> SetRef
    ) -> Native {
        Native(signature, "Return the combination of two sets as a new set.", .slotWrapper) { args throws(Raised) in
            guard isSet(args[1]) else { return .notImplemented }
            return Value(try body(args[0], args[1]))
        }
    }

    /// Methods that take any number of iterables and return a new set: `body` makes it of the first, `change` (or `body` again) takes
    /// in the others.
    private static func many(
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> SetRef,
        then change: (@Sendable (SetRef, Value) throws(Raised) -> Void)? = nil
    ) -> Native {
        Native(signature, "Return a new set.", .method) { args throws(Raised) in
            Value(try combination(args[0], args[1].object(Tuple.self), body, then: change))
        }
    }

    private static func combination(
        _ first: Value, _ others: TupleRef, _ body: (Value, Value) throws(Raised) -> SetRef,
        then change: ((SetRef, Value) throws(Raised) -> Void)? = nil
    ) throws(Raised) -> SetRef {
        if others.count == 0 { return try set(first).copy(first.kind) }
        var result = try body(first, others.items[0])
        for index in 1 ..< others.count {
            if let change {
                try change(result, others.items[index])
            } else {
                result = try body(Value(result), others.items[index])
            }
        }
        return result
    }

    private static let shared: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(set(args[0]).pointee.count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SetIterator.make(set(args[0])) },
        Native("__contains__(self, object, /)", "x.__contains__(y) <==> y in x.", .method) { args throws(Raised) in
            Value(try set(args[0]).containsKeyOrSet(args[1]))
        },
        Native("__repr__(self, /)", "Return repr(self).", .function, show),
        row("__and__(self, value, /)", intersection), row("__or__(self, value, /)", union),
        row("__sub__(self, value, /)", difference), row("__xor__(self, value, /)", symmetricDifference),
        row("__rand__(self, value, /)") { a, b throws(Raised) in try intersection(b, a) },
        row("__ror__(self, value, /)") { a, b throws(Raised) in try union(b, a) },
        row("__rsub__(self, value, /)") { a, b throws(Raised) in try difference(b, a) },
        row("__rxor__(self, value, /)") { a, b throws(Raised) in try symmetricDifference(b, a) },
        many("intersection(self, *others)", intersection),
        many("union(self, *others)", union) { target, items throws(Raised) in try update(target, items) },
        many("difference(self, *others)", difference) { target, items throws(Raised) in try remove(items, from: target) },
        Native("symmetric_difference(self, other, /)", "Return the symmetric difference of two sets as a new set.") { args throws(Raised) in
            Value(try symmetricDifference(args[0], args[1]))
        },
        Native("isdisjoint(self, other, /)", "Return True if two sets have a null intersection.") { args throws(Raised) in
            var isDisjoint = true
            try forEach(args[1]) { value throws(Raised) in
                isDisjoint = try !set(args[0]).contains(value)
                return isDisjoint
            }
            return Value(isDisjoint)
        },
        Native("issubset(self, other, /)", "Report whether another set contains this set.") { args throws(Raised) in
            Value(try isSubset(set(args[0]), try asSet(args[1])))
        },
        Native("issuperset(self, other, /)", "Report whether this set contains another set.") { args throws(Raised) in
            Value(try isSubset(try asSet(args[1]), set(args[0])))
        },
        Native("copy(self, /)", "Return a shallow copy of a set.") { args throws(Raised) in
            args[0].isExactly(.frozenset) ? args[0] : Value(try set(args[0]).copy(args[0].kind))
        },
        Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
            let items = try makeList(args[0])
            let state = try getAttribute(args[0], Names.dict, default: .none)
            return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(Value(items))), state))
        },
        Native("__sizeof__(self, /)", "") { args throws(Raised) in Value(ReportedSize.set(count: set(args[0]).pointee.count)) },
        classGetItem,
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard isSet(b) else { return .notImplemented }
            return Value(try compare(operatorIndex, set(a), set(b)))
        }

    private static let show: NativeBody = { args throws(Raised) in
        let cls = args[0].cls
        let name = cls.nameText
        if set(args[0]).pointee.count == 0 { return Value(Str.make("\(name)()")) }
        let placeholder = args[0].isExactly(.set) ? "set(...)" : "\(name)(...)"
        return Value(
            try guardingRecursion(args[0], placeholder) { () throws(Raised) in
                let items = try makeList(args[0])
                let shown = try showItems("{", "}", count: { items.count }) { items.items[$0] }
                return args[0].isExactly(.set) ? shown : Str.make("\(name)(\(shown.string))")
            })
    }

    private static func inPlace(
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> Void
    ) -> Native {
        Native(signature, "Update the set in place.", .slotWrapper) { args throws(Raised) in
            guard isSet(args[1]) else { return .notImplemented }
            try body(args[0], args[1])
            return args[0]
        }
    }

    private static let changing: [Native] = [
        Native("__init__(self, iterable=?, /)", "Initialize self.") { args throws(Raised) in
            set(args[0]).clear()
            if args.has(1) { try update(set(args[0]), args[1]) }
            return .none
        },
        Native("add(self, object, /)", "Add an element to a set.") { args throws(Raised) in
            try set(args[0]).add(args[1])
            return .none
        },
        Native("remove(self, object, /)", "Remove an element from a set; it must be a member.") { args throws(Raised) in
            if try !set(args[0]).removeKeyOrSet(args[1]) { throw raise(.keyError, arguments: args[1]) }
            return .none
        },
        Native("discard(self, object, /)", "Remove an element from a set if it is a member.") { args throws(Raised) in
            _ = try set(args[0]).removeKeyOrSet(args[1])
            return .none
        },
        Native("pop(self, /)", "Remove and return an arbitrary set element.") { args throws(Raised) in
            let key = set(args[0]).pop()
            if key.isAbsent { throw raise(.keyError, "pop from an empty set") }
            return key
        },
        Native("clear(self, /)", "Remove all elements from this set.") { args throws(Raised) in
            set(args[0]).clear()
            return .none
        },
        Native("update(self, *others)", "Update the set, adding elements from all others.") { args throws(Raised) in
            let others = args[1].object(Tuple.self)
            for index in 0 ..< others.count { try update(set(args[0]), others.items[index]) }
            return .none
        },
        Native("__ior__(self, value, /)", "Return self|=value.") { args throws(Raised) in
            guard isSet(args[1]) else { return .notImplemented }
            try update(set(args[0]), args[1])
            return args[0]
        },
        inPlace("__iand__(self, value, /)") { a, b throws(Raised) in replace(set(a), by: try intersection(a, b)) },
        inPlace("__isub__(self, value, /)") { a, b throws(Raised) in try remove(b, from: set(a)) },
        inPlace("__ixor__(self, value, /)") { a, b throws(Raised) in try toggle(b, in: set(a)) },
        Native("intersection_update(self, *others)", "Update the set, keeping only elements found in it and all others.", .method) { args throws(Raised) in
            replace(set(args[0]), by: try combination(args[0], args[1].object(Tuple.self), intersection))
            return .none
        },
        Native("difference_update(self, *others)", "Update the set, removing elements found in others.", .method) { args throws(Raised) in
            let others = args[1].object(Tuple.self)
            for index in 0 ..< others.count { try remove(others.items[index], from: set(args[0])) }
            return .none
        },
        Native("symmetric_difference_update(self, other, /)", "Update the set, keeping only elements found in either set, but not in both.") { args throws(Raised) in
            try toggle(args[1], in: set(args[0]))
            return .none
        },
    ]
}
