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
    fileprivate static func update(_ target: SetRef, _ source: Value) throws(Raised) {
        if isSet(source) {
            let other = set(source)
            var position = 0
            while let entry = other.next(&position) { try target.add(entry.pointee.key, hash: entry.pointee.hash) }
            return
        }
        if source.isExactly(.dict) {
            let other = source.object(Dict.self)
            var position = 0
            while let entry = other.next(&position) { try target.add(entry.pointee.key, hash: entry.pointee.hash) }
            return
        }
        try forEach(source) { value throws(Raised) in
            try target.add(value)
            return true
        }
    }

    /// The iterable as a set: itself if it is one.
    private static func asSet(_ value: Value) throws(Raised) -> SetRef {
        if isSet(value) { return set(value) }
        let made = make()
        try update(made, value)
        return made
    }

    /// A new set of the same kind as `like`.
    private static func filtered(_ source: SetRef, like: Value, _ keep: (Value, Int) throws(Raised) -> Bool) throws(Raised) -> SetRef {
        let result = make(like.kind)
        var position = 0
        while let entry = source.next(&position) {
            let (key, hash) = (entry.pointee.key, entry.pointee.hash)
            if try keep(key, hash) { try result.add(key, hash: hash) }
        }
        return result
    }

    private static func intersection(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let other = try asSet(b)
        let own = set(a)
        // The smaller one is walked, as in CPython, so that the order comes out the same.
        if isSet(b), other.pointee.count > own.pointee.count {
            return try filtered(own, like: a) { key, hash throws(Raised) in try other.find(key, hash) != nil }
        }
        return try filtered(other, like: a) { key, hash throws(Raised) in try own.find(key, hash) != nil }
    }

    private static func difference(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let other = try asSet(b)
        let own = set(a)
        guard own.pointee.count >> 2 > other.pointee.count else {
            return try filtered(own, like: a) { key, hash throws(Raised) in try other.find(key, hash) == nil }
        }
        // Few to take out of many, as CPython does it.
        let result = own.copy(a.kind)
        var position = 0
        while let entry = other.next(&position) {
            if let found = try result.find(entry.pointee.key, entry.pointee.hash) { result.remove(found) }
        }
        return result
    }

    private static func symmetricDifference(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let other = try asSet(b)
        let own = set(a)
        let result = try filtered(own, like: a) { key, hash throws(Raised) in try other.find(key, hash) == nil }
        var position = 0
        while let entry = other.next(&position) {
            let (key, hash) = (entry.pointee.key, entry.pointee.hash)
            if try own.find(key, hash) == nil { try result.add(key, hash: hash) }
        }
        return result
    }

    private static func union(_ a: Value, _ b: Value) throws(Raised) -> SetRef {
        let result = set(a).copy(a.kind)
        try update(result, b)
        return result
    }

    private static func isSubset(_ a: SetRef, _ b: SetRef) throws(Raised) -> Bool {
        if a.pointee.count > b.pointee.count { return false }
        var position = 0
        while let entry = a.next(&position) {
            if try b.find(entry.pointee.key, entry.pointee.hash) == nil { return false }
        }
        return true
    }

    /// Puts another set's table in place of a set's own.
    fileprivate static func replace(_ target: SetRef, by source: SetRef) {
        target.clear()
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

    /// Methods that take any number of iterables and return a new set.
    private static func many(
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> SetRef
    ) -> Native {
        Native(signature, "Return a new set.", .method) { args throws(Raised) in
            let others = args[1].object(Tuple.self)
            var result = Value(set(args[0]).copy(args[0].kind))
            for index in 0 ..< others.count { result = Value(try body(result, others.items[index])) }
            return result
        }
    }

    private static let shared: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(set(args[0]).pointee.count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SetIterator.make(set(args[0])) },
        Native("__contains__(self, key, /)", "x.__contains__(y) <==> y in x.", .method) { args throws(Raised) in
            Value(try set(args[0]).containsKeyOrSet(args[1]))
        },
        Native("__repr__(self, /)", "Return repr(self).", .function, show),
        row("__and__(self, value, /)", intersection), row("__or__(self, value, /)", union),
        row("__sub__(self, value, /)", difference), row("__xor__(self, value, /)", symmetricDifference),
        row("__rand__(self, value, /)") { a, b throws(Raised) in try intersection(b, a) },
        row("__ror__(self, value, /)") { a, b throws(Raised) in try union(b, a) },
        row("__rsub__(self, value, /)") { a, b throws(Raised) in try difference(b, a) },
        row("__rxor__(self, value, /)") { a, b throws(Raised) in try symmetricDifference(b, a) },
        many("intersection(self, *others)", intersection), many("union(self, *others)", union),
        many("difference(self, *others)", difference),
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
            args[0].isExactly(.frozenset) ? args[0] : Value(set(args[0]).copy(args[0].kind))
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
            let (x, y) = (set(a), set(b))
            let (m, n) = (x.pointee.count, y.pointee.count)
            switch operatorIndex {
            case 0: return m < n ? Value(try isSubset(x, y)) : .false
            case 1: return Value(try isSubset(x, y))
            case 2: return m == n ? Value(try isSubset(x, y)) : .false
            case 3: return m == n ? Value(try !isSubset(x, y)) : .true
            case 4: return m > n ? Value(try isSubset(y, x)) : .false
            default: return Value(try isSubset(y, x))
            }
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
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> SetRef
    ) -> Native {
        Native(signature, "Update the set in place.", .slotWrapper) { args throws(Raised) in
            guard isSet(args[1]) else { return .notImplemented }
            replace(set(args[0]), by: try body(args[0], args[1]))
            return args[0]
        }
    }

    private static func updating(
        _ signature: StaticString, _ body: @escaping @Sendable (Value, Value) throws(Raised) -> SetRef
    ) -> Native {
        Native(signature, "Update the set in place.", .method) { args throws(Raised) in
            let others = args[1].object(Tuple.self)
            for index in 0 ..< others.count { replace(set(args[0]), by: try body(args[0], others.items[index])) }
            return .none
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
        inPlace("__iand__(self, value, /)", intersection), inPlace("__isub__(self, value, /)", difference),
        inPlace("__ixor__(self, value, /)", symmetricDifference),
        updating("intersection_update(self, *others)", intersection),
        updating("difference_update(self, *others)", difference),
        Native("symmetric_difference_update(self, other, /)", "Update the set, keeping only elements found in either set, but not in both.") { args throws(Raised) in
            replace(set(args[0]), by: try symmetricDifference(args[0], args[1]))
            return .none
        },
    ]
}
