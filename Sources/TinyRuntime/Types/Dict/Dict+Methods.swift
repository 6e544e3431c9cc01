// dict: methods, operators and views.

extension Dict {
    fileprivate static func dict(_ value: Value) -> DictRef { value.object(Dict.self) }

    static let nativeClass = NativeClass(
        "dict", kind: .dict, flags: [.isBase, .matchesMapping, .matchSelf], methods: methods + operators,
        construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            let isHeap = cls.pointee.flags.contains(.isHeapType)
            let result = Dict.make(shape: cls.shapeID, extra: isHeap ? 8 : 0)
            if isHeap { beginExtra(Value(result)) }
            return Value(result)
        })

    private static let methods: [Native] = [
        Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { args throws(Raised) in
            try update("dict", args)
            return .none
        },
        Native("update(self, /, *args, **kwargs)", "Update D from mapping/iterable E and F.") { args throws(Raised) in
            try update("update", args)
            return .none
        },
        Native("get(self, key, default=None, /)", "Return the value for key if key is in the dictionary, else default.") { args throws(Raised) in
            let value = try dict(args[0]).get(args[1])
            return value.isAbsent ? args[2] : value
        },
        Native("setdefault(self, key, default=None, /)", "Insert key with a value of default if key is not in the dictionary.") { args throws(Raised) in
            let hash = try TinyRuntime.hash(args[1])
            let index = try dict(args[0]).find(args[1], hash: hash)
            if index >= 0, let entries = dict(args[0]).pointee.entries { return entries[index].value }
            dict(args[0]).append(args[1], hash, args[2])
            return args[2]
        },
        Native("pop(self, key, default=?, /)", "Remove specified key and return the corresponding value.") { args throws(Raised) in
            // An empty dict does not even hash the key.
            let value = dict(args[0]).pointee.count == 0 ? .absent : try dict(args[0]).remove(args[1])
            if !value.isAbsent { return value }
            if args.has(2) { return args[2] }
            throw raise(.keyError, arguments: args[1])
        },
        Native("popitem(self, /)", "Remove and return a (key, value) pair as a 2-tuple.") { args throws(Raised) in
            let own = dict(args[0])
            var index = Int(own.pointee.used) - 1
            while index >= 0, let entries = own.pointee.entries {
                if entries[index].key != .tombstone {
                    let pair = Value(Tuple.make(entries[index].key, entries[index].value))
                    own.remove(at: index)
                    return pair
                }
                index -= 1
            }
            throw raise(.keyError, "popitem(): dictionary is empty")
        },
        Native("clear(self, /)", "Remove all items from the dict.") { args throws(Raised) in
            dict(args[0]).clear()
            return .none
        },
        Native("copy(self, /)", "Return a shallow copy of the dict.") { args throws(Raised) in Value(dict(args[0]).copy()) },
        Native("keys(self, /)", "Return a set-like object providing a view on the dict's keys.") { args throws(Raised) in DictView.make(dict(args[0]), .keys) },
        Native("values(self, /)", "Return an object providing a view on the dict's values.") { args throws(Raised) in DictView.make(dict(args[0]), .values) },
        Native("items(self, /)", "Return a set-like object providing a view on the dict's items.") { args throws(Raised) in DictView.make(dict(args[0]), .items) },
        Native("fromkeys(cls, iterable, value=None, /)", "Create a new dictionary with keys from iterable and values set to value.", .classMethod) { args throws(Raised) in
            let made = try callValue(args[0])
            // Sets and dicts know the hashes of their keys.
            if made.isExactly(.dict), args[1].isExactly(.set) || args[1].isExactly(.frozenset) {
                var position = 0
                while let entry = args[1].object(SetObject.self).next(&position) {
                    try dict(made).set(entry.pointee.key, hash: entry.pointee.hash, args[2])
                }
                return made
            }
            if made.isExactly(.dict), args[1].isExactly(.dict) {
                var position = 0
                while let entry = dict(args[1]).next(&position) {
                    try dict(made).set(entry.pointee.key, hash: entry.pointee.hash, args[2])
                }
                return made
            }
            try forEach(args[1]) { key throws(Raised) in
                try setItem(made, key, args[2])
                return true
            }
            return made
        },
        Native("__reversed__(self, /)", "Return a reverse iterator over the dict keys.") { args throws(Raised) in
            DictIterator.make(dict(args[0]), .keys, reversed: true)
        },
        Native("__sizeof__(self, /)", "Return the size of the dict in memory.") { args throws(Raised) in
            Value(ReportedSize.dict(dict(args[0])))
        },
        classGetItem,
    ]

    private static func update(_ name: String, _ args: Arguments) throws(Raised) {
        let positional = args[1].object(Tuple.self)
        guard positional.count <= 1 else {
            throw typeError("\(name) expected at most 1 argument, got \(positional.count)")
        }
        if positional.count == 1 { try updateDictionary(dict(args[0]), from: positional.items[0]) }
        if dict(args[2]).pointee.count > 0 { try updateDictionary(dict(args[0]), from: args[2]) }
    }

    private static let operators: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(dict(args[0]).pointee.count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in DictIterator.make(dict(args[0]), .keys) },
        Native("__contains__(self, key, /)", "True if the dictionary has the specified key, else False.", .method) { args throws(Raised) in
            Value(try !dict(args[0]).get(args[1]).isAbsent)
        },
        Native("__getitem__(self, key, /)", "Return self[key].", .method) { args throws(Raised) in
            let value = try dict(args[0]).get(args[1])
            if !value.isAbsent { return value }
            if !args[0].isExactly(.dict) {
                let missing = args[0].cls.special(.missing)
                if !missing.isAbsent { return try callUnbound(missing, args[0], args[1]) }
            }
            throw raise(.keyError, arguments: args[1])
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            try dict(args[0]).set(args[1], args[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
            if try dict(args[0]).remove(args[1]).isAbsent { throw raise(.keyError, arguments: args[1]) }
            return .none
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(
                try guardingRecursion(args[0], "{...}") { () throws(Raised) in
                    var text = TextBuilder()
                    text.append("{")
                    var position = 0
                    var isFirst = true
                    while let entry = dict(args[0]).next(&position) {
                        let (key, value) = (entry.pointee.key, entry.pointee.value)
                        if !isFirst { text.append(", ") }
                        isFirst = false
                        text.append(try repr(key))
                        text.append(": ")
                        text.append(try repr(value))
                    }
                    text.append("}")
                    return text.make()
                })
        },
        Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
            guard args[1].isKind(.dict) else { return .notImplemented }
            return Value(try sameEntries(dict(args[0]), dict(args[1])))
        },
        Native("__ne__(self, value, /)", "Return self!=value.") { args throws(Raised) in
            guard args[1].isKind(.dict) else { return .notImplemented }
            return Value(try !sameEntries(dict(args[0]), dict(args[1])))
        },
        Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in
            guard args[1].isKind(.dict) else { return .notImplemented }
            let result = dict(args[0]).copy()
            try updateDictionary(result, from: args[1])
            return Value(result)
        },
        Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in
            guard args[1].isKind(.dict) else { return .notImplemented }
            let result = dict(args[1]).copy()
            try updateDictionary(result, from: args[0])
            return Value(result)
        },
        Native("__ior__(self, value, /)", "Return self|=value.") { args throws(Raised) in
            try updateDictionary(dict(args[0]), from: args[1])
            return args[0]
        },
    ]

    private static func sameEntries(_ a: DictRef, _ b: DictRef) throws(Raised) -> Bool {
        guard a.pointee.count == b.pointee.count else { return false }
        var position = 0
        while let entry = a.next(&position) {
            let (key, value, hash) = (entry.pointee.key, entry.pointee.value, entry.pointee.hash)
            let index = try b.find(key, hash: hash)
            guard index >= 0, let entries = b.pointee.entries, try equal(value, entries[index].value) else { return false }
        }
        return true
    }
}

extension DictView {
    private static func view(_ value: Value) -> DictView { value.object(DictView.self).pointee }

    static func nativeClass(_ name: StaticString, _ form: Int) -> NativeClass {
        NativeClass(name, kind: .dictView, methods: shared + (form == 1 ? [] : setLike), attributes: [
            Accessors("mapping", "dictionary that this view refers to") { MappingProxy.make(Value(view($0).dict)) }
        ])
    }

    private static let shared: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(view(args[0]).dict.pointee.count) },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
            DictIterator.make(view(args[0]).dict, view(args[0]).form)
        },
        Native("__reversed__(self, /)", "Return a reverse iterator over the view.") { args throws(Raised) in
            DictIterator.make(view(args[0]).dict, view(args[0]).form, reversed: true)
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(
                try guardingRecursion(args[0], "...") { () throws(Raised) in
                    let list = try makeList(args[0])
                    return Str.make("\(args[0].cls.nameText)(\(try repr(Value(list)).string))")
                })
        },
    ]

    /// Operators of views that are like sets.
    private static let setLike: [Native] = [
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            Value(try has(args[0], args[1]))
        },
        Native("__and__(self, value, /)", "Return self&value.") { args throws(Raised) in try combine(args[0], args[1], "intersection_update") },
        Native("__rand__(self, value, /)", "Return value&self.") { args throws(Raised) in try combine(args[1], args[0], "intersection_update") },
        Native("__or__(self, value, /)", "Return self|value.") { args throws(Raised) in try combine(args[0], args[1], "update") },
        Native("__ror__(self, value, /)", "Return value|self.") { args throws(Raised) in try combine(args[1], args[0], "update") },
        Native("__sub__(self, value, /)", "Return self-value.") { args throws(Raised) in try combine(args[0], args[1], "difference_update") },
        Native("__rsub__(self, value, /)", "Return value-self.") { args throws(Raised) in try combine(args[1], args[0], "difference_update") },
        Native("__xor__(self, value, /)", "Return self^value.") { args throws(Raised) in
            try combine(args[0], args[1], "symmetric_difference_update")
        },
        Native("__rxor__(self, value, /)", "Return value^self.") { args throws(Raised) in
            try combine(args[1], args[0], "symmetric_difference_update")
        },
        Native("isdisjoint(self, other, /)", "Return True if the view and the given iterable have a null intersection.") { args throws(Raised) in
            var isDisjoint = true
            try forEach(args[1]) { value throws(Raised) in
                isDisjoint = try !has(args[0], value)
                return isDisjoint
            }
            return Value(isDisjoint)
        },
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard b.isKind(.set) || b.isKind(.frozenset) || b.isKind(.dictView) else { return .notImplemented }
            let (countA, countB) = (try length(a), try length(b))
            // Which must lie within which, after the counts have had their say.
            switch operatorIndex {
            case 0: return countA < countB ? Value(try within(a, b)) : .false
            case 1: return countA <= countB ? Value(try within(a, b)) : .false
            case 2: return countA == countB ? Value(try within(a, b)) : .false
            case 3: return countA == countB ? Value(try !within(a, b)) : .true
            case 4: return countA > countB ? Value(try within(b, a)) : .false
            default: return countA >= countB ? Value(try within(b, a)) : .false
            }
        }

    private static func within(_ a: Value, _ b: Value) throws(Raised) -> Bool {
        var result = true
        try forEach(a) { value throws(Raised) in
            result = try contains(b, value)
            return result
        }
        return result
    }

    private static func has(_ value: Value, _ item: Value) throws(Raised) -> Bool {
        let own = view(value)
        guard own.form == .items else { return try !own.dict.get(item).isAbsent }
        guard item.isKind(.tuple), item.object(Tuple.self).count == 2 else { return false }
        let pair = item.object(Tuple.self)
        let found = try own.dict.get(pair.items[0])
        return found.isAbsent ? false : try equal(found, pair.items[1])
    }

    private static func combine(_ a: Value, _ b: Value, _ method: StaticString) throws(Raised) -> Value {
        guard isIterable(b) else { throw typeError("'\(typeName(b))' object is not iterable") }
        let result = Value(SetObject.make())
        try forEach(a) { value throws(Raised) in
            try result.object(SetObject.self).add(value)
            return true
        }
        _ = try callMethod(result, StrTables.intern(method), b)
        return result
    }
}

/// dict.update from a mapping or an iterable of pairs.
public func updateDictionary(_ dict: DictRef, from source: Value) throws(Raised) {
    if source.isKind(.dict), source.isExactly(.dict) || source.cls.special(.iter).isKind(.native) {
        let other = source.object(Dict.self)
        guard other != dict else { return }
        let count = other.pointee.count
        var position = 0
        while let entry = other.next(&position) {
            try dict.set(entry.pointee.key, hash: entry.pointee.hash, entry.pointee.value)
            if other.pointee.count != count { throw raise(.runtimeError, "dict mutated during update") }
        }
        return
    }
    let keys = try getOptionalAttribute(source, Names.keys)
    if !keys.isAbsent {
        try forEach(try callValue(keys)) { key throws(Raised) in
            try dict.set(key, try getItem(source, key))
            return true
        }
        return
    }
    var index = 0
    try forEach(source) { pair throws(Raised) in
        if pair.isExactly(.tuple), pair.object(Tuple.self).count == 2 {
            try dict.set(pair.object(Tuple.self).items[0], pair.object(Tuple.self).items[1])
            index += 1
            return true
        }
        guard isIterable(pair) else {
            throw typeError("cannot convert dictionary update sequence element #\(index) to a sequence")
        }
        let items = try makeList(pair)
        guard items.count == 2 else {
            throw valueError("dictionary update sequence element #\(index) has length \(items.count); 2 is required")
        }
        try dict.set(items.items[0], items.items[1])
        index += 1
        return true
    }
}

/// Adds the entries of a call's `**mapping` to its keyword dict.
func mergeKeywords(_ dict: DictRef, from source: Value, callable: Value) throws(Raised) {
    func add(_ key: Value, _ value: Value) throws(Raised) {
        // That keys are strings is the call's business.
        guard try dict.get(key).isAbsent else {
            throw typeError("\(try callableText(callable)) got multiple values for keyword argument '\(try str(key).string)'")
        }
        try dict.set(key, value)
    }
    if source.isKind(.dict) {
        let other = source.object(Dict.self)
        var position = 0
        while let entry = other.next(&position) { try add(entry.pointee.key, entry.pointee.value) }
        return
    }
    let keys = try getOptionalAttribute(source, Names.keys)
    guard !keys.isAbsent else {
        throw typeError("\(try callableText(callable)) argument after ** must be a mapping, not \(typeName(source))")
    }
    try forEach(try callValue(keys)) { key throws(Raised) in
        try add(key, try getItem(source, key))
        return true
    }
}

/// What messages about a call's arguments call the callable: `module.function()`, or its text if it has no name.
func callableText(_ callable: Value) throws(Raised) -> String {
    let qualified = try getAttribute(callable, Names.qualname, default: .absent)
    guard qualified.isKind(.str) else { return try str(callable).string }
    let name = qualified.object(Str.self).string
    let module = try getAttribute(callable, Names.module, default: .absent)
    guard module.isKind(.str), !module.object(Str.self).equals("builtins") else { return name + "()" }
    return "\(module.object(Str.self).string).\(name)()"
}
