// The cache of functools.lru_cache: results by argument key; if bounded, in a ring of links from oldest to newest.
//
// A link is a tuple [previous, next, key, result, hash of the key] that no script ever sees; the root is the link between the newest
// and the oldest.
import TinyRuntime

final class CallCache: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private let function: Value
    private let infoClass: Value
    /// Negative: unbounded.
    private let limit: Int
    private let isTyped: Bool
    private let results = Dict.make()
    private let root: TupleRef
    private var hits = 0
    private var misses = 0

    private init(_ function: Value, limit: Int, typed: Bool, _ infoClass: Value) {
        self.function = function
        self.infoClass = infoClass
        self.limit = limit
        isTyped = typed
        root = Tuple.make(.none, .none, .none, .none)
        close()
    }

    private func close() {
        root.put(Value(root), at: 0)
        root.put(Value(root), at: 1)
    }

    func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(infoClass)
        marker.mark(results)
        marker.mark(root)
    }

    // MARK: Keys

    private func key(_ arguments: TupleRef, _ keywords: DictRef) -> Value {
        if !isTyped, keywords.pointee.count == 0 {
            if arguments.count == 1 {
                let only = arguments.items[0]
                if only.isExactly(.str) || only.isInlineInt { return only }
            }
            return Value(arguments)
        }
        let named = keywords.pointee.count
        let untyped = arguments.count + (named > 0 ? 1 + 2 * named : 0)
        let key = Tuple.allocate(isTyped ? untyped + arguments.count + named : untyped)
        key.items.update(from: arguments.items, count: arguments.count)
        var place = arguments.count
        var typePlace = untyped
        if isTyped {
            for index in 0 ..< arguments.count {
                key.items[typePlace] = Value(arguments.items[index].cls)
                typePlace += 1
            }
        }
        if named > 0 {
            key.items[place] = Value(Self.cls)
            place += 1
            var position = 0
            while let entry = keywords.next(&position) {
                key.items[place] = entry.pointee.key
                key.items[place + 1] = entry.pointee.value
                place += 2
                if isTyped {
                    key.items[typePlace] = Value(entry.pointee.value.cls)
                    typePlace += 1
                }
            }
        }
        return Value(key)
    }

    // MARK: Calling

    private func call(_ arguments: TupleRef, _ keywords: DictRef) throws(Raised) -> Value {
        if limit == 0 {
            misses += 1
            return try callValue(function, arguments, keywords)
        }
        let key = key(arguments, keywords)
        let hash = try TinyRuntime.hash(key)
        let index = try results.find(key, hash: hash)
        if index >= 0, let entries = results.pointee.entries {
            hits += 1
            let found = entries[index].value
            if limit < 0 { return found }
            let link = found.object(Tuple.self)
            unlink(link)
            linkNewest(link)
            return link.items[3]
        }
        misses += 1
        let result = try callValue(function, arguments, keywords)
        if limit < 0 {
            try results.set(key, hash: hash, result)
            return result
        }
        // The call may have stored the very key.
        if try results.find(key, hash: hash) >= 0 { return result }
        if results.pointee.count >= limit, root.items[1] != Value(root) {
            let oldest = root.items[1].object(Tuple.self)
            unlink(oldest)
            // A key is hashed once a call: `__hash__` may be slow, or call the function itself.
            let place = try results.find(oldest.items[2], hash: machineInt(oldest.items[4]) ?? 0)
            if place >= 0 { results.remove(at: place) }
        }
        let link = Tuple.make(.none, .none, key, result, Value(hash))
        try results.set(key, hash: hash, Value(link))
        linkNewest(link)
        return result
    }

    private func unlink(_ link: TupleRef) {
        let (previous, next) = (link.items[0], link.items[1])
        previous.object(Tuple.self).put(next, at: 1)
        next.object(Tuple.self).put(previous, at: 0)
    }

    private func linkNewest(_ link: TupleRef) {
        let last = root.items[0]
        last.object(Tuple.self).put(Value(link), at: 1)
        link.put(last, at: 0)
        link.put(Value(root), at: 1)
        root.put(Value(link), at: 0)
    }

    // MARK: The class

    private static func own(_ value: Value) throws(Raised) -> CallCache {
        guard let cache = value.boxed(CallCache.self) else { throw typeError("a cached function is required") }
        return cache
    }

    static let nativeClass = NativeClass(
        "_lru_cache_wrapper", kind: .box, doc: "Create a cached callable that wraps another function.",
        flags: [.isBase, .isHeapType, .hasDict, .isWeakReferenceable], methods: [
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try own(args[0]).call(args[1].object(Tuple.self), args[2].object(Dict.self))
            },
            Native("__get__(self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner.", .method) { args throws(Raised) in
                args[1].isNone ? args[0] : Value(BoundMethod.make(args[0], args[1]))
            },
            Native("cache_info(self, /)", "Report cache statistics") { args throws(Raised) in
                let own = try own(args[0])
                return try callValue(
                    own.infoClass, Value(own.hits), Value(own.misses), own.limit < 0 ? .none : Value(own.limit),
                    Value(own.results.pointee.count))
            },
            Native("cache_clear(self, /)", "Clear the cache and cache statistics") { args throws(Raised) in
                let own = try own(args[0])
                own.results.clear()
                own.close()
                own.hits = 0
                own.misses = 0
                return .none
            },
            Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
                try getAttribute(args[0], Names.qualname)
            },
            Native("__copy__(self, /)", "", .method) { args throws(Raised) in args[0] },
            Native("__deepcopy__(self, memo, /)", "", .method) { args throws(Raised) in args[0] },
        ], attributes: [dictionaryAccessors],
        construct: { args throws(Raised) in
            let values = try bindNames(
                args, ["user_function", "maxsize", "typed", "cache_info_type"], required: 4, function: "_lru_cache_wrapper")
            defer { values.deallocate() }
            guard values[0].cls.has(.call) || values[0].isKind(.function) || values[0].isKind(.native) || values[0].isKind(.class) else {
                throw typeError("the first argument must be callable")
            }
            var limit = -1
            if !values[1].isNone {
                guard isInteger(values[1]) || values[1].cls.has(.index) else { throw typeError("maxsize should be integer or None") }
                limit = max(0, try index(values[1]))
            }
            return BoxedObject.make(
                CallCache(values[0], limit: limit, typed: try truth(values[2]), values[3]), args[0].object(ClassObject.self))
        })
}
