// itertools: groupby and tee.

final class GroupBy: IteratorObject {
    private let source: Value
    private let keyFunction: Value
    fileprivate var targetKey = Value.absent
    fileprivate var currentKey = Value.absent
    fileprivate var currentValue = Value.absent
    /// The number of the group that may still draw from the source.
    fileprivate var current = 0
    private var groups = 0

    init(_ source: Value, _ keyFunction: Value) {
        self.source = source
        self.keyFunction = keyFunction
    }

    /// Takes the next item; false at the end.
    fileprivate func step() throws(Raised) -> Bool {
        let value = try TinyRuntime.next(source)
        if value.isAbsent { return false }
        let key = keyFunction.isNone ? value : try callValue(keyFunction, value)
        currentValue = value
        currentKey = key
        return true
    }

    override func next() throws(Raised) -> Value {
        current = 0
        while true {
            if !currentKey.isAbsent {
                if targetKey.isAbsent { break }
                if try !equal(targetKey, currentKey) { break }
            }
            if try !step() { return .absent }
        }
        targetKey = currentKey
        groups += 1
        current = groups
        return Value(Tuple.make(currentKey, BoxedObject.make(Group(self, targetKey, groups), Group.cls)))
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(keyFunction)
        marker.mark(targetKey)
        marker.mark(currentKey)
        marker.mark(currentValue)
    }

    static let nativeClass = NativeClass(
        "groupby", kind: .box, doc: "make an iterator that returns consecutive keys and groups from the iterable", flags: .isBase,
        methods: nativeIteratorMethods, construct: { args throws(Raised) in
            let values = try bindNames(args, ["iterable", "key"], required: 1, function: "groupby")
            defer { values.deallocate() }
            let function = values[1].isAbsent ? .none : values[1]
            return BoxedObject.make(GroupBy(try iterator(values[0]), function), ItertoolsModule.cls(args))
        })
}

/// The items of one key. It marks what its groupby refers to, for that one may be otherwise forgotten.
final class Group: IteratorObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let parent: GroupBy
    private let key: Value
    private let number: Int

    init(_ parent: GroupBy, _ key: Value, _ number: Int) {
        self.parent = parent
        self.key = key
        self.number = number
    }

    override func next() throws(Raised) -> Value {
        guard parent.current == number else { return .absent }
        if parent.currentValue.isAbsent, try !parent.step() { return .absent }
        guard try equal(key, parent.currentKey) else { return .absent }
        let value = parent.currentValue
        parent.currentValue = .absent
        return value
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(key)
        parent.trace(&marker)
    }

    static let nativeClass = NativeClass("_grouper", kind: .box, methods: nativeIteratorMethods)
}

/// One of the iterators that `tee` gives: they share a chain of links, each an item and the link after it.
final class Tee: IteratorObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// A list [item, next link], empty until its item is taken from the source.
    private var link: ListRef
    private let source: Value

    private init(_ source: Value, _ link: ListRef) {
        self.source = source
        self.link = link
    }

    static func make(_ iterable: Value, _ count: Value) throws(Raised) -> Value {
        let count = try index(count)
        if count < 0 { throw valueError("n must be >= 0") }
        if count == 0 { return Value(Tuple.make()) }
        if count > largestBuffer / 64 { throw raise(.memoryError) }
        let items = try iterator(iterable)
        let result = blankTuple(count)
        let first = items.boxed(Tee.self).map { Tee($0.source, $0.link) } ?? Tee(items, List.make())
        for index in 0 ..< count { result.items[index] = BoxedObject.make(Tee(first.source, first.link), cls) }
        return Value(result)
    }

    override func next() throws(Raised) -> Value {
        let here = link
        if here.count == 0 {
            let value = try TinyRuntime.next(source)
            if value.isAbsent { return value }
            if here.count == 0 {
                here.append(value)
                here.append(Value(List.make()))
            }
        }
        link = here.items[1].object(List.self)
        return here.items[0]
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(link)
    }

    static let nativeClass = NativeClass(
        "_tee", kind: .box, doc: "Iterator wrapped to make it copyable.", flags: [.isBase, .isWeakReferenceable],
        methods: nativeIteratorMethods + [
            Native("__copy__(self, /)", "Returns an independent iterator.") { args throws(Raised) in
                guard let own = args[0].boxed(Tee.self) else { return .none }
                return BoxedObject.make(Tee(own.source, own.link), cls)
            }
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(1, args, "_tee")
            let pair = try make(positional.items[0], Value(inline: 1))
            return pair.object(Tuple.self).items[0]
        })
}
