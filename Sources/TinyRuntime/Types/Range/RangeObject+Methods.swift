// range and slice: methods and operators.

extension RangeObject {
    private static func range(_ value: Value) -> UnsafeMutablePointer<RangeObject> { value.object(RangeObject.self) }

    static let nativeClass = NativeClass(
        "range", kind: .range, doc: "range(stop) -> range object\nrange(start, stop[, step]) -> range object",
        flags: .matchesSequence, methods: methods, attributes: [
            Accessors.member("start") { range($0).pointee.start }, Accessors.member("stop") { range($0).pointee.stop },
            Accessors.member("step") { range($0).pointee.step },
        ], construct: { args throws(Raised) in
            if args[2].isKind(.dict) { throw typeError("range() takes no keyword arguments") }
            let positional = args[1].object(Tuple.self)
            switch positional.count {
            case 0: throw typeError("range expected at least 1 argument, got 0")
            case 1: return try make(Value(inline: 0), plainInt(try indexValue(positional.items[0])), Value(inline: 1))
            case 2:
                return try make(
                    plainInt(try indexValue(positional.items[0])), plainInt(try indexValue(positional.items[1])), Value(inline: 1))
            case 3:
                let step = try indexValue(positional.items[2])
                if isZero(step) { throw valueError("range() arg 3 must not be zero") }
                return try make(
                    plainInt(try indexValue(positional.items[0])), plainInt(try indexValue(positional.items[1])), plainInt(step))
            default: throw typeError("range expected at most 3 arguments, got \(positional.count)")
            }
        })

    /// The position of an integer in the range, or nil.
    private static func find(_ own: UnsafeMutablePointer<RangeObject>, _ value: Value) throws(Raised) -> Value? {
        let offset = try binary(1, value, own.pointee.start)
        guard isZero(try binary(6, offset, own.pointee.step)) else { return nil }
        let index = try binary(5, offset, own.pointee.step)
        guard compareInts(index, Value(inline: 0)) >= 0, compareInts(index, own.pointee.count) < 0 else { return nil }
        return index
    }

    private static let methods: [Native] = [
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in range(args[0]).iterator() },
        Native("__reversed__(self, /)", "Return a reverse iterator.") { args throws(Raised) in
            try range(args[0]).reversedIterator()
        },
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in
            guard let count = machineInt(range(args[0]).pointee.count) else {
                throw raise(.overflowError, "Python int too large to convert to C ssize_t")
            }
            return Value(count)
        },
        Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in Value(!isZero(range(args[0]).pointee.count)) },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            if isInteger(args[1]), args[1].isInlineInt || args[1].isBool || args[1].isExactly(.int) {
                return Value(try find(range(args[0]), args[1]) != nil)
            }
            var found = false
            try forEach(args[0]) { value throws(Raised) in
                found = try equal(value, args[1])
                return !found
            }
            return Value(found)
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let own = range(args[0])
            if args[1].isKind(.slice) {
                let slice = try args[1].object(SliceObject.self).resolveInts(own.pointee.count)
                return try make(
                    try own.item(slice.start), try own.item(slice.stop), try binary(2, own.pointee.step, slice.step))
            }
            guard isInteger(args[1]) || args[1].cls.has(.index) else {
                throw typeError("range indices must be integers or slices, not \(typeName(args[1]))")
            }
            var index = try indexValue(args[1])
            if isNegative(index) { index = try binary(0, index, own.pointee.count) }
            guard !isNegative(index), compareInts(index, own.pointee.count) < 0 else {
                throw raise(.indexError, "range object index out of range")
            }
            return try own.item(index)
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = range(args[0])
            let (start, stop) = (try repr(own.pointee.start).string, try repr(own.pointee.stop).string)
            if own.pointee.step == Value(inline: 1) { return Value(Str.make("range(\(start), \(stop))")) }
            return Value(Str.make("range(\(start), \(stop), \(try repr(own.pointee.step).string))"))
        },
        Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
            args[1].isKind(.range) ? Value(same(range(args[0]), range(args[1]))) : .notImplemented
        },
        Native("__ne__(self, value, /)", "Return self!=value.") { args throws(Raised) in
            args[1].isKind(.range) ? Value(!same(range(args[0]), range(args[1]))) : .notImplemented
        },
        Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
            let own = range(args[0])
            let isEmpty = isZero(own.pointee.count)
            let isSingle = own.pointee.count == Value(inline: 1)
            return Value(
                try hash(
                    Value(
                        Tuple.make(
                            own.pointee.count, isEmpty ? .none : own.pointee.start,
                            isEmpty || isSingle ? .none : own.pointee.step))))
        },
        Native("count(self, value, /)", "Return number of occurrences of value.") { args throws(Raised) in
            if isInteger(args[1]) { return Value(try find(range(args[0]), args[1]) != nil ? 1 : 0) }
            var count = 0
            try forEach(args[0]) { value throws(Raised) in
                if try equal(value, args[1]) { count += 1 }
                return true
            }
            return Value(count)
        },
        Native("index(self, value, /)", "Return index of value.") { args throws(Raised) in
            if isInteger(args[1]) {
                if let index = try find(range(args[0]), args[1]) { return index }
                throw valueError("\(try repr(args[1]).string) is not in range")
            }
            var index = 0
            var found = false
            try forEach(args[0]) { value throws(Raised) in
                found = try equal(value, args[1])
                if !found { index += 1 }
                return !found
            }
            if found { return Value(index) }
            throw valueError("sequence.index(x): x not in sequence")
        },
        Native("__reduce__(self, /)", "") { args throws(Raised) in
            let own = range(args[0]).pointee
            return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.start, own.stop, own.step))))
        },
    ]

    private static func same(_ a: UnsafeMutablePointer<RangeObject>, _ b: UnsafeMutablePointer<RangeObject>) -> Bool {
        guard compareInts(a.pointee.count, b.pointee.count) == 0 else { return false }
        if isZero(a.pointee.count) { return true }
        guard compareInts(a.pointee.start, b.pointee.start) == 0 else { return false }
        return a.pointee.count == Value(inline: 1) || compareInts(a.pointee.step, b.pointee.step) == 0
    }
}

extension SliceObject {
    private static func slice(_ value: Value) -> UnsafeMutablePointer<SliceObject> { value.object(SliceObject.self) }
    private static func parts(_ value: Value) -> Value {
        let own = slice(value).pointee
        return Value(Tuple.make(own.start, own.stop, own.step))
    }

    static let nativeClass = NativeClass(
        "slice", kind: .slice, doc: "slice(stop)\nslice(start, stop[, step])\n\nCreate a slice object.", methods: [
            Native("indices(self, length, /)", "S.indices(len) -> (start, stop, stride)") { args throws(Raised) in
                let length = try indexValue(args[1])
                guard !isNegative(length) else { throw valueError("length should not be negative") }
                let resolved = try slice(args[0]).resolveInts(length)
                return Value(Tuple.make(resolved.start, resolved.stop, resolved.step))
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("slice\(try repr(parts(args[0])).string)"))
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                let own = slice(args[0]).pointee
                return Value(try tupleHash(own.start, own.stop, own.step, mixesCount: false))
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                Value(Tuple.make(Value(args[0].cls), parts(args[0])))
            },
        ]
            + comparisonRows { operatorIndex, a, b throws(Raised) in
                guard b.isKind(.slice) else { return .notImplemented }
                return try richCompare(operatorIndex, parts(a), parts(b))
            },
        attributes: [
            Accessors.member("start") { slice($0).pointee.start }, Accessors.member("stop") { slice($0).pointee.stop },
            Accessors.member("step") { slice($0).pointee.step },
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            if args[2].isKind(.dict) { throw typeError("slice() takes no keyword arguments") }
            switch positional.count {
            case 0: throw typeError("slice expected at least 1 argument, got 0")
            case 1: return make(.none, positional.items[0], .none)
            case 2: return make(positional.items[0], positional.items[1], .none)
            case 3: return make(positional.items[0], positional.items[1], positional.items[2])
            default: throw typeError("slice expected at most 3 arguments, got \(positional.count)")
            }
        })
}
