// itertools: groupby and tee.
import TinyRuntime

final class GroupBy: IteratorObject {
    private let source: Value
    private let keyFunction: Value
    fileprivate var targetKey = Value.absent
    fileprivate var currentKey = Value.absent
    fileprivate var currentValue = Value.absent
    /// The number of the group that may still draw from the source.
    fileprivate var current = 0
    private var groups = 0
    /// The box that this lies in.
    fileprivate var box = Value.absent

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
        return Value(Tuple.make(currentKey, BoxedObject.make(group(targetKey), Group.cls)))
    }

    /// The group of a key, which alone may draw from the source from now on.
    fileprivate func group(_ key: Value) -> Group {
        groups += 1
        current = groups
        return Group(self, key, groups)
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(keyFunction)
        marker.mark(targetKey)
        marker.mark(currentKey)
        marker.mark(currentValue)
        marker.mark(box)
    }

    static let nativeClass = NativeClass(
        "groupby", kind: .box, doc: "make an iterator that returns consecutive keys and groups from the iterable", flags: .isBase,
        methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: GroupBy, cls) in
                let arguments = Value(Tuple.make(own.source, own.keyFunction))
                if own.currentValue.isAbsent || own.targetKey.isAbsent || own.currentKey.isAbsent {
                    return Tuple.make(cls, arguments)
                }
                let state = Tuple.make(own.currentValue, own.targetKey, own.currentKey)
                return Tuple.make(cls, arguments, Value(state))
            },
            ItertoolsCopying.setState { (own: GroupBy, state) throws(Raised) in
                let parts = try ItertoolsCopying.tuple(state)
                guard parts.count == 3 else {
                    throw typeError("function takes exactly 3 arguments (\(parts.count) given)")
                }
                own.currentValue = parts.items[0]
                own.targetKey = parts.items[1]
                own.currentKey = parts.items[2]
            },
        ], construct: { args throws(Raised) in
            let values = try bindNames(args, ["iterable", "key"], required: 1, function: "groupby")
            defer { values.deallocate() }
            let function = values[1].isAbsent ? .none : values[1]
            let groups = GroupBy(try iterator(values[0]), function)
            groups.box = BoxedObject.make(groups, ItertoolsModule.cls(args))
            return groups.box
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

    static let nativeClass = NativeClass(
        "_grouper", kind: .box, methods: nativeIteratorMethods + [
            ItertoolsCopying.reduce { (own: Group, cls) throws(Raised) in
                guard own.parent.current == own.number else {
                    return Tuple.make(try Runtime.builtin("iter"), Value(Tuple.make(Value(Tuple.make()))))
                }
                return Tuple.make(cls, Value(Tuple.make(own.parent.box, own.key)))
            }
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(2, args, "_grouper")
            guard let parent = positional.items[0].boxed(GroupBy.self) else {
                throw typeError(
                    "_grouper() argument 1 must be itertools.groupby, not \(positional.items[0].cls.nameText)")
            }
            return BoxedObject.make(parent.group(positional.items[1]), ItertoolsModule.cls(args))
        })
}

/// One of the iterators that `tee` gives: they share a chain of links, each an item and the link after it.
final class Tee: IteratorObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// Where the items come from; shared, so that an iterator can tell that another is drawing from it.
    private final class Source {
        let items: Value
        var isDrawing = false

        init(_ items: Value) { self.items = items }
    }

    /// A list [item, next link], empty until its item is taken from the source.
    private var link: ListRef
    private var source: Source

    private init(_ source: Source, _ link: ListRef) {
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
        // What has been split already is the first of its own copies.
        let first = items.boxed(Tee.self) ?? Tee(Source(items), List.make())
        if items.boxed(Tee.self) != nil { result.items[0] = items }
        for index in (items.boxed(Tee.self) == nil ? 0 : 1) ..< count { result.items[index] = BoxedObject.make(Tee(first.source, first.link), cls) }
        return Value(result)
    }

    /// Whether a value is what links are: lists of an item and the next, down to an empty one.
    private static func isChain(_ value: Value) -> Bool {
        var value = value
        var seen = 0
        while value.isExactly(.list) {
            let list = value.object(List.self)
            if list.count == 0 { return true }
            seen += 1
            if list.count != 2 || seen > largestBuffer / 64 { return false }
            value = list.items[1]
        }
        return false
    }

    override func next() throws(Raised) -> Value {
        let here = link
        if here.count == 0 {
            if source.isDrawing { throw raise(.runtimeError, "cannot re-enter the tee iterator") }
            source.isDrawing = true
            defer { source.isDrawing = false }
            let value = try TinyRuntime.next(source.items)
            if value.isAbsent { return value }
            here.append(value)
            here.append(Value(List.make()))
        }
        link = here.items[1].object(List.self)
        return here.items[0]
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(source.items)
        marker.mark(link)
    }

    static let nativeClass = NativeClass(
        "_tee", kind: .box, doc: "Iterator wrapped to make it copyable.", flags: [.isBase, .isWeakReferenceable],
        methods: nativeIteratorMethods + [
            Native("__copy__(self, /)", "Returns an independent iterator.") { args throws(Raised) in
                guard let own = args[0].boxed(Tee.self) else { return .none }
                return BoxedObject.make(Tee(own.source, own.link), cls)
            },
            ItertoolsCopying.reduce { (own: Tee, cls) in
                let state = Tuple.make(own.source.items, Value(own.link))
                return Tuple.make(cls, Value(Tuple.make(Value(Tuple.make()))), Value(state))
            },
            ItertoolsCopying.setState { (own: Tee, state) throws(Raised) in
                let parts = try ItertoolsCopying.tuple(state)
                guard parts.count == 2, parts.items[0].cls.has(.next), isChain(parts.items[1]) else {
                    throw valueError("Invalid arguments")
                }
                own.source = Source(parts.items[0])
                own.link = parts.items[1].object(List.self)
            },
        ], construct: { args throws(Raised) in
            let positional = try ItertoolsModule.exactly(1, args, "_tee")
            let items = try iterator(positional.items[0])
            let tee = items.boxed(Tee.self).map { Tee($0.source, $0.link) } ?? Tee(Source(items), List.make())
            return BoxedObject.make(tee, cls)
        })
}
