// dict: methods, operators and views.

extension Dict {
    private static func dict(_ value: Value) -> DictRef { value.object(Dict.self) }

    static let nativeClass = NativeClass(
        "dict", kind: .dict, flags: [.isBase, .matchesMapping, .matchSelf],
        methods: [
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(dict(args[0]).pointee.count) },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in DictIterator.make(dict(args[0]), .keys) },
            Native("keys(self, /)", "") { args throws(Raised) in DictView.make(dict(args[0]), .keys) },
            Native("values(self, /)", "") { args throws(Raised) in DictView.make(dict(args[0]), .values) },
            Native("items(self, /)", "") { args throws(Raised) in DictView.make(dict(args[0]), .items) },
        ])
}

extension DictView {
    static func nativeClass(_ name: StaticString, _ form: Int) -> NativeClass {
        NativeClass(name, kind: .dictView, methods: [
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in
                Value(args[0].object(DictView.self).pointee.dict.pointee.count)
            },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                let view = args[0].object(DictView.self).pointee
                return DictIterator.make(view.dict, view.form)
            },
        ])
    }
}

/// dict.update from a mapping or an iterable of pairs.
func updateDictionary(_ dict: DictRef, from source: Value) throws(Raised) {
    if source.isKind(.dict) {
        let other = source.object(Dict.self)
        var position = 0
        while let entry = other.next(&position) {
            try dict.set(entry.pointee.key, hash: entry.pointee.hash, entry.pointee.value)
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
    func name() throws(Raised) -> String {
        let qualified = try getAttribute(callable, Names.qualname, default: .absent)
        return qualified.isKind(.str) ? qualified.object(Str.self).string + "()" : typeName(callable)
    }
    func add(_ key: Value, _ value: Value) throws(Raised) {
        guard key.isKind(.str) else { throw typeError("keywords must be strings") }
        if dict.find(key.object(Str.self)) >= 0 {
            throw typeError("\(try name()) got multiple values for keyword argument '\(key.object(Str.self).string)'")
        }
        dict.set(key.object(Str.self), value)
    }
    if source.isKind(.dict) {
        let other = source.object(Dict.self)
        var position = 0
        while let entry = other.next(&position) { try add(entry.pointee.key, entry.pointee.value) }
        return
    }
    let keys = try getOptionalAttribute(source, Names.keys)
    guard !keys.isAbsent else {
        throw typeError("\(try name()) argument after ** must be a mapping, not \(typeName(source))")
    }
    try forEach(try callValue(keys)) { key throws(Raised) in
        try add(key, try getItem(source, key))
        return true
    }
}
