// enumerate, zip, map and filter.
import TinyCompiler

final class Enumerate: IteratorObject {
    private let source: Value
    private var count: Value

    init(_ source: Value, _ start: Value) {
        self.source = source
        count = start
    }

    override func next() throws(Raised) -> Value {
        let value = try TinyRuntime.next(source)
        return value.isAbsent ? value : Value(Tuple.make(try step(), value))
    }

    override func nextRow(_ width: Int, into target: Registers) throws(Raised) -> RowOutcome {
        guard width == 2 else { return .unsupported }
        var value = source.nextOfSequence
        if value.isAbsent { value = try TinyRuntime.next(source) }
        if value.isAbsent { return .ended }
        target[0] = try step()
        target[1] = value
        return .filled
    }

    /// As `nextRow` of an enumerate, if that needs no call: the source is the iterator of a list or tuple that has an item left.
    @inline(__always)
    static func fillQuickly(_ target: Registers, _ width: Int, from enumerate: Value) -> Bool {
        enumerate.object(BoxedObject.self).withBorrowed(Enumerate.self) { own in
            let count = own.count
            guard width == 2, count.isInlineInt, count.inlineInt < Value.inlineIntegers.upperBound else { return false }
            let value = own.source.nextOfSequence
            guard !value.isAbsent else { return false }
            target[0] = count
            target[1] = value
            own.count = Value(inline: count.inlineInt + 1)
            return true
        }
    }

    nonisolated(unsafe) static var shape: ShapeID = 0

    /// The count, which then goes up.
    @inline(__always)
    private func step() throws(Raised) -> Value {
        let current = count
        count = current.isInlineInt && current.inlineInt < Value.inlineIntegers.upperBound
            ? Value(inline: current.inlineInt + 1) : try binary(0, current, Value(inline: 1))
        return current
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(count)
    }

    static let nativeClass = NativeClass(
        "enumerate", kind: .box, doc: "Return an enumerate object.", flags: .isBase,
        methods: nativeIteratorMethods + [
            classGetItem,
            Native("__reduce__(self, /)", "Return state information for pickling.", .method) { args throws(Raised) in
                guard let own = args[0].boxed(Enumerate.self) else { return .none }
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.source, own.count))))
            },
        ], construct: { args throws(Raised) in
            if args[1].object(Tuple.self).count == 0, args[2].isNone || args[2].object(Dict.self).find(StrTables.intern("iterable")) < 0 {
                throw typeError("enumerate() missing required argument 'iterable'")
            }
            let values = try bindNames(args, ["iterable", "start"], required: 1, function: "enumerate")
            defer { values.deallocate() }
            let start = values[1].isAbsent ? Value(inline: 0) : try indexValue(values[1])
            return BoxedObject.make(Enumerate(try iterator(values[0]), start), args[0].object(ClassObject.self))
        },
        quick: { cls, base, count throws(Raised) in
            guard count == 1, cls.isBuiltin else { return nil }
            return BoxedObject.make(Enumerate(try iterator(base[0]), Value(inline: 0)), cls)
        })
}

final class Zip: IteratorObject {
    /// Tuple of iterators.
    private let sources: TupleRef
    private var isStrict: Bool
    /// The sources, if they are two iterators of sequences and not one that stands twice: `fillPair` need not look again. Otherwise
    /// what gives it nothing.
    private let pair: (first: UnsafeMutablePointer<SequenceIterator>, second: UnsafeMutablePointer<SequenceIterator>)

    init(_ sources: TupleRef, strict: Bool) {
        self.sources = sources
        isStrict = strict
        let arePair = sources.count == 2 && sources.items[0] != sources.items[1]
            && sources.items[0].isKind(.sequenceIterator) && sources.items[1].isKind(.sequenceIterator)
        pair = arePair ? (sources.items[0].object(SequenceIterator.self), sources.items[1].object(SequenceIterator.self))
            : (SequenceIterator.ended, SequenceIterator.ended)
    }

    override func next() throws(Raised) -> Value {
        guard sources.count > 0 else { return .absent }
        let row = Tuple.allocate(sources.count)
        row.items.update(repeating: .none, count: sources.count)
        for index in 0 ..< sources.count {
            let value = try TinyRuntime.next(sources.items[index])
            if value.isAbsent {
                if isStrict { try checkEnds(index) }
                return .absent
            }
            row.items[index] = value
        }
        return Value(row)
    }

    override func nextRow(_ width: Int, into target: Registers) throws(Raised) -> RowOutcome {
        guard width == sources.count, width > 0 else { return .unsupported }
        for index in 0 ..< width {
            let source = sources.items[index]
            var value = source.nextOfSequence
            if value.isAbsent { value = try TinyRuntime.next(source) }
            if value.isAbsent {
                if isStrict { try checkEnds(index) }
                return .ended
            }
            target[index] = value
        }
        return .filled
    }

    /// As `nextRow` of a zip, if that needs no call: all sources are iterators of lists and tuples that have an item left.
    @inline(__always)
    static func fillQuickly(_ target: Registers, _ width: Int, from zip: Value) -> Bool {
        let sources = zip.object(BoxedObject.self).withBorrowed(Zip.self) { $0.sources }
        guard width == sources.count, width > 0 else { return false }
        for index in 0 ..< width {
            let value = sources.items[index].nextOfSequence
            guard !value.isAbsent else {
                // One may stand in several places: `zip(it, it)`. Each gives back what it gave.
                for taken in 0 ..< index { sources.items[taken].object(SequenceIterator.self).pointee.index &-= 1 }
                return false
            }
            target[index] = value
        }
        return true
    }

    /// As `fillQuickly`, from two to what an `unpack` names. Calls nothing, so that it needs no stack.
    @inline(__always)
    static func fillPair(_ r: Registers, _ unpack: PC, from zip: Value) -> Bool {
        let pair = zip.object(BoxedObject.self).withBorrowed(Zip.self) { $0.pair }
        guard let left = pair.first.nextPlace, let right = pair.second.nextPlace else { return false }
        let target = r + Instruction(word: unpack.pointee).a
        target[0] = left.pointee
        target[1] = right.pointee
        pair.first.advance()
        pair.second.advance()
        return true
    }

    nonisolated(unsafe) static var shape: ShapeID = 0

    private func checkEnds(_ ended: Int) throws(Raised) {
        if ended > 0 {
            let plural = ended == 1 ? " " : "s 1-"
            throw valueError("zip() argument \(ended + 1) is shorter than argument\(plural)\(ended)")
        }
        for index in 1 ..< max(1, sources.count) where try !TinyRuntime.next(sources.items[index]).isAbsent {
            let plural = index == 1 ? " " : "s 1-"
            throw valueError("zip() argument \(index + 1) is longer than argument\(plural)\(index)")
        }
    }

    override func trace(_ marker: inout Marker) { marker.mark(sources) }

    static let nativeClass = NativeClass(
        "zip", kind: .box, doc: "The zip object yields n-length tuples, where n is the number of iterables passed.",
        flags: .isBase, methods: nativeIteratorMethods + [
            Native("__reduce__(self, /)", "Return state information for pickling.", .method) { args throws(Raised) in
                guard let own = args[0].boxed(Zip.self) else { return .none }
                if own.isStrict { return Value(Tuple.make(Value(args[0].cls), Value(own.sources), .true)) }
                return Value(Tuple.make(Value(args[0].cls), Value(own.sources)))
            },
            Native("__setstate__(self, state, /)", "Set state information for unpickling.", .method) { args throws(Raised) in
                if let own = args[0].boxed(Zip.self) { own.isStrict = try truth(args[1]) }
                return .none
            },
        ], construct: { args throws(Raised) in
            let iterables = args[1].object(Tuple.self)
            var strict = false
            if args[2].isKind(.dict) {
                var position = 0
                while let entry = args[2].object(Dict.self).next(&position) {
                    guard entry.pointee.key.object(Str.self).equals("strict") else {
                        throw typeError("zip() got an unexpected keyword argument '\(entry.pointee.key.object(Str.self).string)'")
                    }
                    strict = try truth(entry.pointee.value)
                }
            }
            return BoxedObject.make(Zip(try iterators(of: iterables), strict: strict), args[0].object(ClassObject.self))
        },
        quick: { cls, base, count throws(Raised) in
            guard cls.isBuiltin else { return nil }
            return BoxedObject.make(Zip(try iterators(of: Tuple.make(base, count)), strict: false), cls)
        })
}

/// The iterators of several iterables. Throws TypeError that says which is none.
public func iterators(of iterables: TupleRef) throws(Raised) -> TupleRef {
    let result = Tuple.allocate(iterables.count)
    result.items.update(repeating: .none, count: iterables.count)
    for index in 0 ..< iterables.count {
        guard isIterable(iterables.items[index]) else {
            throw typeError("'\(typeName(iterables.items[index]))' object is not iterable")
        }
        result.items[index] = try iterator(iterables.items[index])
    }
    return result
}

final class MapIterator: IteratorObject {
    let function: Value
    private let sources: TupleRef
    /// Shape of the exact class, as of the first `map` made.
    nonisolated(unsafe) static var shape: ShapeID = 0

    /// The iterator, if there is but one.
    var onlySource: Value? { sources.count == 1 ? sources.items[0] : nil }

    init(_ function: Value, _ sources: TupleRef) {
        self.function = function
        self.sources = sources
    }

    override func next() throws(Raised) -> Value {
        if sources.count == 1 {
            let value = try TinyRuntime.next(sources.items[0])
            return value.isAbsent ? value : try callValue(function, value)
        }
        let row = Tuple.allocate(sources.count)
        row.items.update(repeating: .none, count: sources.count)
        for index in 0 ..< sources.count {
            let value = try TinyRuntime.next(sources.items[index])
            if value.isAbsent { return value }
            row.items[index] = value
        }
        return try callValue(function, row)
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(sources)
    }

    static let nativeClass = NativeClass(
        "map", kind: .box, doc: "Make an iterator that computes the function using arguments from each of the iterables.",
        flags: .isBase, methods: nativeIteratorMethods + [
            Native("__reduce__(self, /)", "Return state information for pickling.", .method) { args throws(Raised) in
                guard let own = args[0].boxed(MapIterator.self) else { return .none }
                let all = List.make()
                all.append(own.function)
                for index in 0 ..< own.sources.count { all.append(own.sources.items[index]) }
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(all.items, all.count))))
            }
        ], construct: { args throws(Raised) in
            try rejectKeywords(args, "map")
            let positional = args[1].object(Tuple.self)
            guard positional.count >= 2 else { throw typeError("map() must have at least two arguments.") }
            let sources = try iterators(of: Tuple.make(positional.items + 1, positional.count - 1))
            return BoxedObject.make(MapIterator(positional.items[0], sources), args[0].object(ClassObject.self))
        },
        quick: { cls, base, count throws(Raised) in
            guard count >= 2, cls.isBuiltin else { return nil }
            return BoxedObject.make(MapIterator(base[0], try iterators(of: Tuple.make(base + 1, count - 1))), cls)
        })
}

final class FilterIterator: IteratorObject {
    private let function: Value
    private let source: Value

    init(_ function: Value, _ source: Value) {
        self.function = function
        self.source = source
    }

    override func next() throws(Raised) -> Value {
        while true {
            let value = try TinyRuntime.next(source)
            if value.isAbsent { return value }
            if try truth(function.isNone ? value : try callValue(function, value)) { return value }
        }
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(source)
    }

    static let nativeClass = NativeClass(
        "filter", kind: .box, doc: "Return an iterator yielding those items of iterable for which function(item) is true.",
        flags: .isBase, methods: nativeIteratorMethods + [
            Native("__reduce__(self, /)", "Return state information for pickling.", .method) { args throws(Raised) in
                guard let own = args[0].boxed(FilterIterator.self) else { return .none }
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(own.function, own.source))))
            }
        ], construct: { args throws(Raised) in
            try rejectKeywords(args, "filter")
            let positional = args[1].object(Tuple.self)
            guard positional.count == 2 else { throw typeError("filter expected 2 arguments, got \(positional.count)") }
            return BoxedObject.make(
                FilterIterator(positional.items[0], try iterator(positional.items[1])), args[0].object(ClassObject.self))
        },
        quick: { cls, base, count throws(Raised) in
            guard count == 2, cls.isBuiltin else { return nil }
            return BoxedObject.make(FilterIterator(base[0], try iterator(base[1])), cls)
        })
}
