// list: methods and operators.

extension List {
    private static func list(_ value: Value) -> ListRef { value.object(List.self) }

    static func concatenation(_ a: ListRef, _ b: ListRef) -> Value {
        let result = List.make(capacity: a.count + b.count)
        if a.count > 0 { result.items.update(from: a.items, count: a.count) }
        if b.count > 0 { (result.items + a.count).update(from: b.items, count: b.count) }
        result.pointee.count = a.count + b.count
        return Value(result)
    }

    /// `own[slice] = source`
    static func assign(_ own: ListRef, _ slice: UnsafeMutablePointer<SliceObject>, _ source: Value) throws(Raised) {
        guard isIterable(source) else { throw typeError("must assign iterable to extended slice") }
        let values = source == Value(own) || !source.isKind(.list) ? try makeList(source) : list(source)
        let slice = try slice.resolve { own.count }
        if slice.step == 1 {
            own.replace(slice.start, max(slice.start, slice.stop), values.buffer)
            return
        }
        guard values.count == slice.count else {
            throw valueError(
                "attempt to assign sequence of size \(values.count) to extended slice of size \(slice.count)")
        }
        writeBarrier(own)
        for index in 0 ..< slice.count { own.items[slice.start + index * slice.step] = values.items[index] }
    }

    static let nativeClass = NativeClass(
        "list", kind: .list,
        doc: "Built-in mutable sequence.\n\nIf no argument is given, the constructor creates a new empty list.\nThe argument must be an iterable if specified.",
        flags: [.isBase, .matchesSequence, .matchSelf], methods: methods + operators + items,
        construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            let isHeap = cls.pointee.flags.contains(.isHeapType)
            let result = List.make(shape: cls.shapeID, extra: isHeap ? 8 : 0)
            if isHeap { beginExtra(Value(result)) }
            return Value(result)
        })

    private static let methods: [Native] = [
        Native("__init__(self, iterable=?, /, **kwargs)", "Initialize self.") { args throws(Raised) in
            // A subclass whose `__new__` takes keywords need not have an `__init__` that does.
            if args[2].object(Dict.self).pointee.count > 0 {
                let new = args[0].cls.special(.new)
                guard new.isKind(.staticMethod), new.object(StaticMethod.self).pointee.callable.isKind(.function) else {
                    throw typeError("list() takes no keyword arguments")
                }
            }
            list(args[0]).pointee.count = 0
            if args.has(1) { try TinyRuntime.extend(list(args[0]), args[1]) }
            return .none
        },
        Native("append(self, object, /)", "Append object to the end of the list.") { args throws(Raised) in
            list(args[0]).append(args[1])
            return .none
        },
        Native("extend(self, iterable, /)", "Extend list by appending elements from the iterable.") { args throws(Raised) in
            try TinyRuntime.extend(list(args[0]), args[1])
            return .none
        },
        Native("insert(self, index, object, /)", "Insert object before index.") { args throws(Raised) in
            let own = list(args[0])
            let wanted = try TinyRuntime.index(args[1])
            let index = wanted < 0 ? max(0, wanted &+ own.count) : min(wanted, own.count)
            withUnsafePointer(to: args[2]) { own.replace(index, index, UnsafeBufferPointer(start: $0, count: 1)) }
            return .none
        },
        Native("pop(self, index=-1, /)", "Remove and return item at index (default last).") { args throws(Raised) in
            let own = list(args[0])
            var index = try TinyRuntime.index(args[1])
            guard own.count > 0 else { throw raise(.indexError, "pop from empty list") }
            if index < 0 { index += own.count }
            guard index >= 0, index < own.count else { throw raise(.indexError, "pop index out of range") }
            let value = own.items[index]
            if index == own.count - 1 {
                own.pointee.count -= 1
                own.shrink()
            } else {
                own.replace(index, index + 1, UnsafeBufferPointer(start: nil, count: 0))
            }
            return value
        },
        Native("remove(self, value, /)", "Remove first occurrence of value.") { args throws(Raised) in
            let own = list(args[0])
            var index = 0
            while index < own.count {
                if try equal(own.items[index], args[1]) {
                    if index < own.count { own.replace(index, index + 1, UnsafeBufferPointer(start: nil, count: 0)) }
                    return .none
                }
                index += 1
            }
            throw valueError("list.remove(x): x not in list")
        },
        Native("clear(self, /)", "Remove all items from list.") { args throws(Raised) in
            let own = list(args[0])
            own.pointee.count = 0
            own.shrink()
            return .none
        },
        Native("copy(self, /)", "Return a shallow copy of the list.") { args throws(Raised) in
            let own = list(args[0])
            return Value(own.count == 0 ? List.make() : List.make(own.items, own.count))
        },
        Native("count(self, value, /)", "Return number of occurrences of value.") { args throws(Raised) in
            let own = list(args[0])
            var (index, count) = (0, 0)
            while index < own.count {
                if try equal(own.items[index], args[1]) { count += 1 }
                index += 1
            }
            return Value(count)
        },
        Native("index(self, value, start=0, stop=9223372036854775807, /)", "Return first index of value.") { args throws(Raised) in
            let own = list(args[0])
            var index = try clampedBound(args[2]) { own.count }
            let stop = try clampedBound(args[3]) { own.count }
            while index < stop, index < own.count {
                if try equal(own.items[index], args[1]) { return Value(index) }
                index += 1
            }
            throw valueError("\(try repr(args[1]).string) is not in list")
        },
        Native("reverse(self, /)", "Reverse *IN PLACE*.") { args throws(Raised) in
            reverseItems(list(args[0]))
            return .none
        },
        Native("sort(self, /, *, key=None, reverse=False)", "Sort the list in ascending order and return None.") { args throws(Raised) in
            try TinyRuntime.sort(list(args[0]), key: args[1], reverse: try truth(args[2]))
            return .none
        },
        Native("__reversed__(self, /)", "Return a reverse iterator over the list.") { args throws(Raised) in
            ReverseIterator.make(args[0])
        },
        Native("__sizeof__(self, /)", "Return the size of the list in memory, in bytes.") { args throws(Raised) in
            Value(40 + list(args[0]).pointee.capacity * 8)
        },
        classGetItem,
    ]

    private static let operators: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(list(args[0]).count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SequenceIterator.make(args[0]) },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            let own = list(args[0])
            var index = 0
            while index < own.count {
                if try equal(own.items[index], args[1]) { return .true }
                index += 1
            }
            return .false
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(
                try guardingRecursion(args[0], "[...]") { () throws(Raised) in
                    try showItems("[", "]", count: { list(args[0]).count }) { list(args[0]).items[$0] }
                })
        },
        Native("__add__(self, value, /)", "Return self+value.") { args throws(Raised) in
            guard args[1].isKind(.list) else { throw concatenationError(args[0], args[1]) }
            return concatenation(list(args[0]), list(args[1]))
        },
        Native("__iadd__(self, value, /)", "Implement self+=value.") { args throws(Raised) in
            try TinyRuntime.extend(list(args[0]), args[1])
            return args[0]
        },
        Native("__mul__(self, value, /)", "Return self*value.") { args throws(Raised) in try multiply(args[0], args[1]) },
        Native("__rmul__(self, value, /)", "Return value*self.") { args throws(Raised) in try multiply(args[0], args[1]) },
        Native("__imul__(self, value, /)", "Implement self*=value.") { args throws(Raised) in
            let own = list(args[0])
            let factor = try indexValue(args[1])
            let count = own.count
            let times = try repetitions(factor, length: count)
            if times == 0 {
                own.pointee.count = 0
                return args[0]
            }
            own.reserve(count * times)
            for round in 1 ..< max(1, times) { (own.items + round * count).update(from: own.items, count: count) }
            own.pointee.count = count * times
            return args[0]
        },
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard b.isKind(.list) else { return .notImplemented }
            return try list(a).compare(operatorIndex, list(b))
        }

    static func multiply(_ value: Value, _ times: Value) throws(Raised) -> Value {
        let own = list(value)
        let factor = try indexValue(times)
        let count = own.count
        let times = try repetitions(factor, length: count)
        let result = List.make(capacity: count * times)
        if count == 1, times > 0 {
            result.items.update(repeating: own.items[0], count: times)
        } else {
            for round in 0 ..< times { (result.items + round * count).update(from: own.items, count: count) }
        }
        result.pointee.count = count * times
        return Value(result)
    }

    private static let items: [Native] = [
        Native("__getitem__(self, index, /)", "Return self[index].", .method) { args throws(Raised) in
            let own = list(args[0])
            guard args[1].isKind(.slice) else {
                let index = try position(args[1], own.count, "list")
                return own.items[index]
            }
            let slice = try args[1].object(SliceObject.self).resolve { own.count }
            if slice.count == 0 { return Value(List.make()) }
            if slice.step == 1 { return Value(List.make(own.items + slice.start, slice.count)) }
            let result = List.make(capacity: slice.count)
            for index in 0 ..< slice.count { result.items[index] = own.items[slice.start &+ index &* slice.step] }
            result.pointee.count = slice.count
            return Value(result)
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            let own = list(args[0])
            guard args[1].isKind(.slice) else {
                let index = try position(args[1], own.count, "list", "assignment index")
                own.put(args[2], at: index)
                return .none
            }
            try assign(own, args[1].object(SliceObject.self), args[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
            let own = list(args[0])
            let nothing = UnsafeBufferPointer<Value>(start: nil, count: 0)
            guard args[1].isKind(.slice) else {
                let index = try position(args[1], own.count, "list", "assignment index")
                own.replace(index, index + 1, nothing)
                return .none
            }
            var slice = try args[1].object(SliceObject.self).resolve { own.count }
            if slice.count == 0 { return .none }
            if slice.step == 1 {
                own.replace(slice.start, slice.stop, nothing)
                return .none
            }
            if slice.step < 0 {
                slice.start += (slice.count - 1) * slice.step
                slice.step = -slice.step
            }
            var target = slice.start
            var next = slice.start
            var removed = 0
            for index in slice.start ..< own.count {
                if index == next, removed < slice.count {
                    // A huge step leads past the end: the sum may wrap, no index equals it.
                    next &+= slice.step
                    removed += 1
                } else {
                    own.items[target] = own.items[index]
                    target += 1
                }
            }
            own.pointee.count = target
            return .none
        },
    ]
}

/// `reversed()` of anything with a length and integer indices.
final class ReverseIterator: IteratorObject {
    private var sequence: Value
    private var index: Int

    private init(_ sequence: Value, _ index: Int) {
        self.sequence = sequence
        self.index = index
    }

    static func make(_ sequence: Value) -> Value {
        let iterator = BoxedObject.make(ReverseIterator(sequence, sequence.object(List.self).count - 1), listClass)
        listShape = iterator.header.pointee.shape
        return iterator
    }

    /// The shape of the iterators over lists, once there has been one.
    nonisolated(unsafe) private(set) static var listShape: ShapeID = 0

    /// The next item of an iterator over a list, if there is one; else absent, and nothing has moved.
    @inline(__always)
    static func nextQuickly(_ iterator: Value) -> Value {
        iterator.object(BoxedObject.self).withBorrowed(ReverseIterator.self) { own in
            guard own.index >= 0, own.sequence.isExactly(.list) else { return .absent }
            let list = own.sequence.object(List.self)
            guard own.index < list.count else { return .absent }
            own.index &-= 1
            return list.items[own.index &+ 1]
        }
    }

    static func make(_ sequence: Value, length: Int) -> Value {
        BoxedObject.make(ReverseIterator(sequence, length - 1), cls)
    }

    override func next() throws(Raised) -> Value {
        guard index >= 0, !sequence.isNone else {
            sequence = .none
            return .absent
        }
        if sequence.isExactly(.list) {
            let list = sequence.object(List.self)
            guard index < list.count else {
                sequence = .none
                return .absent
            }
            index -= 1
            return list.items[index + 1]
        }
        do {
            let value = try getItem(sequence, Value(index))
            index -= 1
            return value
        } catch {
            guard currentThread().raisedIs(.indexError) || currentThread().raisedIs(.stopIteration) else { throw error }
            _ = currentThread().takeRaised()
            sequence = .none
            return .absent
        }
    }

    override func trace(_ marker: inout Marker) { marker.mark(sequence) }

    private static let pickling = [
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            guard let own = args[0].boxed(ReverseIterator.self) else { return .none }
            // (The class itself is made from this table.)
            let isList = typeName(args[0]) == "list_reverseiterator"
            let maker = isList ? try Runtime.builtin("reversed") : Value(args[0].cls)
            guard !own.sequence.isNone else {
                return Value(Tuple.make(
                    try Runtime.builtin("iter"), Value(Tuple.make(Value(List.make())))))
            }
            return Value(Tuple.make(maker, Value(Tuple.make(own.sequence)), Value(own.index)))
        },
        Native("__setstate__(self, state, /)", "", .method) { args throws(Raised) in
            guard let own = args[0].boxed(ReverseIterator.self), !own.sequence.isNone else { return .none }
            own.index = min(max(-1, try TinyRuntime.index(args[1])), try length(own.sequence) - 1)
            return .none
        },
    ]

    private static let hint = Native("__length_hint__(self, /)", "") { args throws(Raised) in
        guard let own = args[0].boxed(ReverseIterator.self), !own.sequence.isNone else { return Value(inline: 0) }
        return Value(try length(own.sequence) <= own.index ? 0 : own.index + 1)
    }
    nonisolated(unsafe) private static let listClass = ClassObject.makeNative(
        "list_reverseiterator", kind: .box, bases: [Runtime.objectClass]
    ).filled(NativeClass("list_reverseiterator", kind: .box, methods: nativeIteratorMethods + [hint] + pickling))

    /// The class `reversed` itself.
    nonisolated(unsafe) static let cls = ClassObject.makeNative("reversed", kind: .box, bases: [Runtime.objectClass], flags: .isBase)
        .filled(NativeClass("reversed", kind: .box, methods: nativeIteratorMethods + [hint] + pickling, construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            try rejectKeywords(args, "reversed")
            guard positional.count == 1 else { throw typeError("reversed expected 1 argument, got \(positional.count)") }
            return try over(positional.items[0])
        }))

    /// `reversed(sequence)`
    static func over(_ sequence: Value) throws(Raised) -> Value {
        if sequence.isExactly(.list) { return make(sequence) }
        if sequence.isKind(.range) { return try sequence.object(RangeObject.self).reversedIterator() }
        let method = sequence.cls.special(.reversed)
        if method.isNone { throw typeError("'\(typeName(sequence))' object is not reversible") }
        if !method.isAbsent { return try callUnbound(method, sequence) }
        guard sequence.cls.has(.getitem), sequence.cls.has(.len) else {
            throw typeError("'\(typeName(sequence))' object is not reversible")
        }
        return ReverseIterator.make(sequence, length: try length(sequence))
    }
}
