// collections.deque: what the script sees.

extension Deque {
    private static func own(_ value: Value) throws(Raised) -> Deque {
        guard let deque = value.deque else {
            throw typeError("descriptor requires a 'collections.deque' object but received '\(typeName(value))'")
        }
        return deque
    }

    private static func empty(_ cls: ClassRef, limit: Int) -> (Deque, Value) {
        let deque = Deque()
        deque.limit = limit
        return (deque, BoxedObject.make(deque, cls))
    }

    private static func limitValue(_ deque: Deque) -> Value { deque.limit < 0 ? .none : Value(deque.limit) }

    /// An empty deque of the receiver's class and limit.
    private static func like(_ value: Value) throws(Raised) -> Value {
        let own = try own(value)
        if value.cls == cls { return empty(cls, limit: own.limit).1 }
        let arguments = own.limit < 0 ? Tuple.make() : Tuple.make(Value(Tuple.make()), Value(own.limit))
        let made = try callValue(Value(value.cls), arguments)
        guard made.boxed(Deque.self) != nil else {
            throw typeError("\(typeName(value))() must return a deque, not \(typeName(made))")
        }
        return made
    }

    private static func copy(_ value: Value) throws(Raised) -> Value {
        let own = try own(value)
        let result = try like(value)
        if let copy = result.boxed(Deque.self) { for index in 0 ..< own.count { copy.append(own[index]) } }
        return result
    }

    private static func repeated(_ value: Value, _ times: Value) throws(Raised) -> Value {
        let result = try copy(value)
        try `repeat`(result, times)
        return result
    }

    private static func `repeat`(_ value: Value, _ times: Value) throws(Raised) {
        let own = try own(value)
        guard isInteger(times) || times.cls.has(.index) else {
            throw typeError("can't multiply sequence by non-int of type '\(typeName(times))'")
        }
        let times = try repetitions(times, length: own.count)
        if times == 0 { return own.clear() }
        let list = own.items()
        for _ in 1 ..< max(1, times) {
            if own.limit >= 0, list.count >= own.limit { break }
            for index in 0 ..< list.count { own.append(list.items[index]) }
        }
    }

    static let nativeClass = NativeClass(
        "deque", kind: .box, doc: "A list-like sequence optimized for data accesses near its endpoints.",
        flags: [.isBase, .isWeakReferenceable, .matchesSequence], methods: methods + operators,
        attributes: [
            Accessors("maxlen", "maximum size of a deque or None if unbounded") { object throws(Raised) in
                limitValue(try own(object))
            }
        ],
        construct: { args throws(Raised) in empty(args[0].object(ClassObject.self), limit: -1).1 })

    private static let methods: [Native] = [
        Native("__init__(self, /, iterable=?, maxlen=None)", "Initialize self.") { args throws(Raised) in
            let own = try own(args[0])
            var limit = -1
            if !args[2].isNone {
                guard isInteger(args[2]) || args[2].cls.has(.index) else { throw typeError("an integer is required") }
                limit = try index(args[2])
                if limit < 0 { throw valueError("maxlen must be non-negative") }
            }
            own.clear()
            own.limit = limit
            if args.has(1) { try own.extend(args[1]) }
            return .none
        },
        Native("append(self, item, /)", "Add an element to the right side of the deque.") { args throws(Raised) in
            try own(args[0]).append(args[1])
            return .none
        },
        Native("appendleft(self, item, /)", "Add an element to the left side of the deque.") { args throws(Raised) in
            try own(args[0]).appendLeft(args[1])
            return .none
        },
        Native("pop(self, /)", "Remove and return the rightmost element.") { args throws(Raised) in
            let own = try own(args[0])
            if own.count == 0 { throw raise(.indexError, "pop from an empty deque") }
            return own.popLast()
        },
        Native("popleft(self, /)", "Remove and return the leftmost element.") { args throws(Raised) in
            let own = try own(args[0])
            if own.count == 0 { throw raise(.indexError, "pop from an empty deque") }
            return own.popFirst()
        },
        Native("extend(self, iterable, /)", "Extend the right side of the deque with elements from the iterable.") { args throws(Raised) in
            try own(args[0]).extend(args[1])
            return .none
        },
        Native("extendleft(self, iterable, /)", "Extend the left side of the deque with elements from the iterable.") { args throws(Raised) in
            try own(args[0]).extendLeft(args[1])
            return .none
        },
        Native("clear(self, /)", "Remove all elements from the deque.") { args throws(Raised) in
            try own(args[0]).clear()
            return .none
        },
        Native("copy(self, /)", "Return a shallow copy of a deque.") { args throws(Raised) in try copy(args[0]) },
        Native("__copy__(self, /)", "Return a shallow copy of a deque.") { args throws(Raised) in try copy(args[0]) },
        Native("count(self, value, /)", "Return number of occurrences of value.") { args throws(Raised) in
            let own = try own(args[0])
            var (count, start) = (0, 0)
            while let index = try own.find(args[1], from: start) {
                count += 1
                start = index + 1
            }
            return Value(count)
        },
        Native("index(self, value, start=0, stop=9223372036854775807, /)", "Return first index of value.") { args throws(Raised) in
            let own = try own(args[0])
            let start = try clampedBound(args[2], own.count)
            let stop = try clampedBound(args[3], own.count)
            if let index = try own.find(args[1], from: start, to: stop) { return Value(index) }
            throw valueError("\(try repr(args[1]).string) is not in deque")
        },
        Native("insert(self, index, value, /)", "Insert value before index.") { args throws(Raised) in
            let own = try own(args[0])
            if own.limit >= 0, own.count >= own.limit { throw raise(.indexError, "deque already at its maximum size") }
            own.insert(args[2], at: try clampedBound(args[1], own.count))
            return .none
        },
        Native("remove(self, value, /)", "Remove first occurrence of value.") { args throws(Raised) in
            let own = try own(args[0])
            guard let index = try own.find(args[1], .indexError) else {
                throw valueError("\(try repr(args[1]).string) is not in deque")
            }
            own.remove(at: index)
            return .none
        },
        Native("reverse(self, /)", "Reverse *IN PLACE*.") { args throws(Raised) in
            try own(args[0]).reverse()
            return .none
        },
        Native("rotate(self, n=1, /)", "Rotate the deque n steps to the right.  If n is negative, rotates left.") { args throws(Raised) in
            try own(args[0]).rotate(try index(args[1]))
            return .none
        },
        Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
            let own = try own(args[0])
            let state = try getOptionalAttribute(args[0], Names.dict)
            let arguments = own.limit < 0 ? Tuple.make() : Tuple.make(Value(Tuple.make()), Value(own.limit))
            return Value(
                Tuple.make(
                    Value(args[0].cls), Value(arguments), state.isAbsent || !state.isKind(.dict) || state.object(Dict.self).pointee.count == 0 ? .none : state,
                    try iterator(args[0])))
        },
        Native("__sizeof__(self, /)", "Return the size of the deque in memory, in bytes.") { args throws(Raised) in
            Value(64 + (try own(args[0])).count * 8)
        },
        classGetItem,
    ]

    private static let operators: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try own(args[0]).count) },
        Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in Value(try own(args[0]).count > 0) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
            BoxedObject.make(DequeIterator(args[0], try own(args[0]), reversed: false), DequeIterator.forward)
        },
        Native("__reversed__(self, /)", "Return a reverse iterator over the deque.") { args throws(Raised) in
            BoxedObject.make(DequeIterator(args[0], try own(args[0]), reversed: true), DequeIterator.backward)
        },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            Value(try own(args[0]).find(args[1]) != nil)
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let own = try own(args[0])
            return own[try place(args[1], own)]
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            let own = try own(args[0])
            own[try place(args[1], own)] = args[2]
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
            let own = try own(args[0])
            own.remove(at: try place(args[1], own))
            return .none
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try own(args[0])
            return Value(
                try guardingRecursion(args[0], "[...]") { () throws(Raised) in
                    let list = try repr(Value(own.items())).string
                    return Str.make("\(args[0].cls.nameText)(\(list)\(own.limit < 0 ? "" : ", maxlen=\(own.limit)"))")
                })
        },
        Native("__add__(self, value, /)", "Return self+value.") { args throws(Raised) in
            guard args[1].boxed(Deque.self) != nil else {
                throw typeError("can only concatenate deque (not \"\(typeName(args[1]))\") to deque")
            }
            let result = try copy(args[0])
            try own(result).extend(args[1])
            return result
        },
        Native("__iadd__(self, value, /)", "Implement self+=value.") { args throws(Raised) in
            try own(args[0]).extend(args[1])
            return args[0]
        },
        Native("__mul__(self, value, /)", "Return self*value.") { args throws(Raised) in try repeated(args[0], args[1]) },
        Native("__rmul__(self, value, /)", "Return value*self.") { args throws(Raised) in try repeated(args[0], args[1]) },
        Native("__imul__(self, value, /)", "Implement self*=value.") { args throws(Raised) in
            try `repeat`(args[0], args[1])
            return args[0]
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: '\(qualifiedClassName(args[0].cls))'") },
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard let x = a.boxed(Deque.self), let y = b.boxed(Deque.self) else { return .notImplemented }
            return try compareSequences(operatorIndex, x, y)
        }

    private static func place(_ key: Value, _ deque: Deque) throws(Raised) -> Int {
        guard isInteger(key) || key.cls.has(.index) else {
            throw typeError("sequence index must be integer, not '\(typeName(key))'")
        }
        guard var index = machineInt(try indexValue(key)) else {
            throw raise(.indexError, "cannot fit '\(typeName(key))' into an index-sized integer")
        }
        if index < 0 { index += deque.count }
        guard index >= 0, index < deque.count else { throw raise(.indexError, "deque index out of range") }
        return index
    }
}
