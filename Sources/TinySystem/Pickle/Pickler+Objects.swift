// Writing pickles: objects that say themselves how they are rebuilt, and classes and functions, which travel by name.
import TinyRuntime

extension Pickler {
    /// Everything that is no built-in container.
    func saveObject(_ value: Value) throws(Raised) {
        if !override.isAbsent {
            let reduction = try callValue(override, value)
            if reduction != .notImplemented { return try saveResult(reduction, of: value) }
        }
        let cls = value.cls
        if cls == Runtime.typeClass { return try saveType(value) }
        if value.isKind(.function) { return try saveGlobal(value, name: .absent) }
        let reducer = try registeredReducer(Value(cls))
        if !reducer.isAbsent { return try saveResult(try callValue(reducer, value), of: value) }
        if cls.isSubclass(of: Runtime.typeClass) { return try saveGlobal(value, name: .absent) }
        let method = try getOptionalAttribute(value, SpecialName.reduceEx.string)
        if !method.isAbsent { return try saveResult(try callValue(method, Value(inline: version)), of: value) }
        let plain = try getOptionalAttribute(value, SpecialName.reduce.string)
        guard !plain.isAbsent else {
            throw Pickle.cannotPickle("can't pickle '\(typeName(value))' object: \(try repr(value).string)")
        }
        try saveResult(try callValue(plain, Value(Tuple.make()).object(Tuple.self)), of: value)
    }

    /// Writes an instance that nothing says is taken apart in another way: the pickle of what `object.__reduce_ex__` returns
    /// for it, without making that. Otherwise writes nothing and returns false.
    func savePlainInstance(_ value: Value) throws(Raised) -> Bool {
        let cls = value.cls
        guard version >= 2, hook.isAbsent, override.isAbsent, Pickler.isPlain(cls), try registeredReducer(Value(cls)).isAbsent
        else { return false }
        let instance = value.object(Instance.self)
        let (shape, dict) = (instance.shape, instance.dictionary)
        for special in [SpecialName.reduceEx, .reduce, .getstate] where !instance.get(special.string).isAbsent { return false }
        try save(Value(cls))
        put(PickleOpcode.emptyTuple, PickleOpcode.newobj)
        memoize(value)
        if let dict {
            if dict.pointee.count == 0 { return true }
            try save(Value(dict))
        } else {
            let names = names(shape)
            if names.isEmpty { return true }
            put(PickleOpcode.emptyDict)
            memoizeNameless()
            if names.count > 1 { put(PickleOpcode.mark) }
            for (index, name) in names.enumerated() {
                try save(Value(name))
                guard instance.pointee.header.shape == shape.pointee.id else {
                    throw raise(.runtimeError, "dictionary changed size during iteration")
                }
                try save(instance.slot(index, shape).pointee)
            }
            put(names.count > 1 ? PickleOpcode.setitems : PickleOpcode.setitem)
        }
        put(PickleOpcode.build)
        return true
    }

    /// Whether instances of a script's class are nothing but their attributes, and pickled in the way of `object`.
    private static func isPlain(_ cls: ClassRef) -> Bool {
        let root = Runtime.objectClass
        return cls.usesPlainGetattribute && cls.pointee.flags.contains(.isHeapType) && cls.pointee.flags.contains(.hasDict)
            && cls.pointee.slotCount == 0 && cls.special(.reduceEx) == root.special(.reduceEx)
            && cls.special(.reduce) == root.special(.reduce) && cls.special(.getstate) == root.special(.getstate)
            && cls.special(.cls) == root.special(.cls) && !cls.has(.getnewargs) && !cls.has(.getnewargsEx)
    }

    /// What the dispatch tables (the extra one, then this pickler's or copyreg's) have for a class.
    private func registeredReducer(_ cls: Value) throws(Raised) -> Value {
        if extraTable.isExactly(.dict) {
            let known = try extraTable.object(Dict.self).get(cls)
            if !known.isAbsent { return known }
        }
        if table.isAbsent, copyregTable.isAbsent { copyregTable = try Pickle.table("copyreg", "dispatch_table") }
        let known = table.isAbsent ? copyregTable : table
        if known.isExactly(.dict) { return try known.object(Dict.self).get(cls) }
        do {
            return try getItem(known, cls)
        } catch {
            guard currentThread().raisedIs(.keyError) else { throw error }
            _ = currentThread().takeRaised()
            return .absent
        }
    }

    private func saveResult(_ reduction: Value, of value: Value) throws(Raised) {
        if reduction.isKind(.str) { return try saveGlobal(value, name: reduction) }
        guard reduction.isKind(.tuple) else { throw Pickle.cannotPickle("__reduce__ must return a string or tuple") }
        try saveReduction(reduction, of: value)
    }

    private func saveType(_ value: Value) throws(Raised) {
        let cls = value.object(ClassObject.self)
        let single = cls == Value.none.cls ? Value.none : cls == Value.ellipsis.cls ? .ellipsis : .notImplemented
        if cls == single.cls {
            return try saveReduction(Value(Tuple.make(Value(Runtime.typeClass), Value(Tuple.make(single)))), of: value)
        }
        try saveGlobal(value, name: .absent)
    }

    // MARK: Reductions

    /// Writes a tuple that `__reduce__` returned. `value` is absent where nothing is to be memoised.
    func saveReduction(_ reduction: Value, of value: Value) throws(Raised) {
        let parts = reduction.object(Tuple.self)
        guard parts.count >= 2, parts.count <= 6 else {
            throw Pickle.cannotPickle("tuple returned by __reduce__ must contain 2 through 6 elements")
        }
        func part(_ index: Int) -> Value { index < parts.count ? parts.items[index] : .none }
        let callable = part(0)
        let arguments = part(1)
        let (state, items, pairs, setter) = (part(2), part(3), part(4), part(5))
        guard isCallable(callable) else {
            throw Pickle.cannotPickle("first item of the tuple returned by __reduce__ must be callable")
        }
        guard arguments.isKind(.tuple) else {
            throw Pickle.cannotPickle("second item of the tuple returned by __reduce__ must be a tuple")
        }
        guard items.isNone || items.cls.has(.next) else {
            throw Pickle.cannotPickle("fourth element of the tuple returned by __reduce__ must be an iterator, not \(typeName(items))")
        }
        guard pairs.isNone || pairs.cls.has(.next) else {
            throw Pickle.cannotPickle("fifth element of the tuple returned by __reduce__ must be an iterator, not \(typeName(pairs))")
        }
        guard setter.isNone || isCallable(setter) else {
            throw Pickle.cannotPickle("sixth element of the tuple returned by __reduce__ must be a function, not \(typeName(setter))")
        }
        try saveCall(callable, arguments, of: value)
        if !value.isAbsent {
            if let number = memo.number(value) {
                // A recursive tuple has been written while its arguments were.
                put(PickleOpcode.pop)
                return putGet(number)
            }
            memoize(value)
        }
        if !items.isNone { try saveItems(items) }
        if !pairs.isNone { try savePairs(pairs) }
        if state.isNone { return }
        if setter.isNone {
            try save(state)
            return put(PickleOpcode.build)
        }
        try save(setter)
        try save(value)
        try save(state)
        put(PickleOpcode.tuple2)
        put(PickleOpcode.reduce)
        put(PickleOpcode.pop)
    }

    private func isCallable(_ value: Value) -> Bool {
        value.isKind(.function) || value.isKind(.native) || value.isKind(.class) || value.isPointer && value.cls.has(.call)
    }

    private func saveCall(_ callable: Value, _ arguments: Value, of value: Value) throws(Raised) {
        if version >= 2 {
            let name = try getOptionalAttribute(callable, Names.name)
            if name.isKind(.str) {
                if name.object(Str.self).equals("__newobj_ex__") { return try saveNewExtended(arguments.object(Tuple.self)) }
                if name.object(Str.self).equals("__newobj__") { return try saveNew(arguments.object(Tuple.self), of: value) }
            }
        }
        try save(callable)
        try save(arguments)
        put(PickleOpcode.reduce)
    }

    private func saveNew(_ arguments: TupleRef, of value: Value) throws(Raised) {
        guard arguments.count > 0 else { throw Pickle.cannotPickle("__newobj__ arglist is empty") }
        let cls = arguments.items[0]
        guard try !getOptionalAttribute(cls, SpecialName.new.string).isAbsent else {
            throw Pickle.cannotPickle("args[0] from __newobj__ args has no __new__")
        }
        if !value.isAbsent, try getAttribute(value, SpecialName.cls.string) != cls {
            throw Pickle.cannotPickle("args[0] from __newobj__ args has the wrong class")
        }
        let rest = Value(Tuple.make(arguments.items + 1, arguments.count - 1))
        try save(cls)
        try save(rest)
        put(PickleOpcode.newobj)
    }

    private func saveNewExtended(_ arguments: TupleRef) throws(Raised) {
        guard arguments.count == 3 else {
            throw Pickle.cannotPickle("length of the NEWOBJ_EX argument tuple must be exactly 3, not \(arguments.count)")
        }
        let (cls, positional, keywords) = (arguments.items[0], arguments.items[1], arguments.items[2])
        guard cls.isKind(.class) else {
            throw Pickle.cannotPickle("first item from NEWOBJ_EX argument tuple must be a class, not \(typeName(cls))")
        }
        guard positional.isKind(.tuple) else {
            throw Pickle.cannotPickle("second item from NEWOBJ_EX argument tuple must be a tuple, not \(typeName(positional))")
        }
        guard keywords.isKind(.dict) else {
            throw Pickle.cannotPickle("third item from NEWOBJ_EX argument tuple must be a dict, not \(typeName(keywords))")
        }
        if version >= 4 {
            try save(cls)
            try save(positional)
            try save(keywords)
            return put(PickleOpcode.newobjEx)
        }
        // Older protocols have no keywords: a partial object carries them.
        let new = try getAttribute(cls, SpecialName.new.string)
        let partial = try getAttribute(try importModule("functools"), "partial")
        let all = Tuple.allocate(positional.object(Tuple.self).count + 2)
        all.items[0] = new
        all.items[1] = cls
        for index in 0 ..< positional.object(Tuple.self).count { all.items[index + 2] = positional.object(Tuple.self).items[index] }
        let call = try callValue(partial, all, keywords.object(Dict.self))
        try save(call)
        try save(Value(Tuple.make()))
        put(PickleOpcode.reduce)
    }

    // MARK: Names

    /// Writes what is found again by module and name; `name` is absent for the object's own.
    func saveGlobal(_ value: Value, name given: Value) throws(Raised) {
        var name = given
        if name.isAbsent { name = try getOptionalAttribute(value, Names.qualname) }
        if !name.isKind(.str) { name = try getAttribute(value, Names.name) }
        guard name.isKind(.str) else { throw typeError("__name__ must be a string, not \(typeName(name))") }
        if try Pickler.isInModule(value, name) { return try saveNames(value, try getAttribute(value, Names.module), name, []) }
        let text = name.object(Str.self).string
        let path = text.split(separator: ".", omittingEmptySubsequences: false).map { String($0) }
        if path.count > 1, path.dropFirst().contains("<locals>") {
            throw raise(.attributeError, "Can't get local object \(try repr(name).string)")
        }
        let moduleName = try Pickler.moduleName(value, path)
        guard moduleName.isKind(.str) else { throw typeError("module name must be a string, not \(typeName(moduleName))") }
        let module: Value
        do {
            module = try importModule(moduleName.object(Str.self).string)
        } catch {
            guard currentThread().raisedIs(.importError) else { throw error }
            _ = currentThread().takeRaised()
            throw Pickle.cannotPickle("Can't pickle \(try repr(value).string): import of module \(try repr(moduleName).string) failed")
        }
        let found = try Pickler.resolve(module, path)
        guard let found else {
            throw Pickle.cannotPickle(
                "Can't pickle \(try repr(value).string): attribute lookup \(text) on \(moduleName.object(Str.self).string) failed")
        }
        guard found.value == value else {
            throw Pickle.cannotPickle(
                "Can't pickle \(try repr(value).string): it's not the same object as \(moduleName.object(Str.self).string).\(text)")
        }
        try saveNames(value, moduleName, name, path)
    }

    /// Whether an object is what its module has under a name without dots: by far the most are, and the look-up is short.
    private static func isInModule(_ value: Value, _ name: Value) throws(Raised) -> Bool {
        guard value.isKind(.class) || value.isKind(.function), !name.object(Str.self).buffer.contains(0x2E) else { return false }
        let moduleName = try getOptionalAttribute(value, Names.module)
        guard moduleName.isExactly(.str) else { return false }
        let module = Runtime.modules.get(StrTables.intern(moduleName.object(Str.self)))
        guard module.isExactly(.module) else { return false }
        return module.object(ModuleObject.self).pointee.namespace.get(StrTables.intern(name.object(Str.self))) == value
    }

    /// Writes module and name; `path` is the name's parts if it has several.
    private func saveNames(_ value: Value, _ moduleName: Value, _ name: Value, _ path: [String]) throws(Raised) {
        if version >= 2, try saveExtension(moduleName, name) { return }
        if version >= 4 {
            try save(moduleName)
            try save(name)
            put(PickleOpcode.stackGlobal)
        } else if path.count > 1 {
            // getattr(getattr(first, second), third): older protocols have no dotted names.
            let getter = Runtime.builtins.get(StrTables.intern("getattr"))
            for _ in 1 ..< path.count {
                try save(getter)
                if version < 2 { put(PickleOpcode.mark) }
            }
            try saveNameLines(moduleName, Value(Str.make(path[0])))
            for part in path.dropFirst() {
                try save(Value(Str.make(part)))
                put(version < 2 ? PickleOpcode.tuple : PickleOpcode.tuple2)
                put(PickleOpcode.reduce)
            }
        } else {
            try saveNameLines(moduleName, name)
        }
        memoize(value)
    }

    private func saveNameLines(_ moduleName: Value, _ name: Value) throws(Raised) {
        var (module, name) = (moduleName, name)
        if fixesImports {
            let names = try Pickle.table("_compat_pickle", "REVERSE_NAME_MAPPING")
            let known = names.isKind(.dict) ? try names.object(Dict.self).get(Value(Tuple.make(module, name))) : .absent
            if known.isKind(.tuple), known.object(Tuple.self).count == 2 {
                (module, name) = (known.object(Tuple.self).items[0], known.object(Tuple.self).items[1])
            } else {
                let modules = try Pickle.table("_compat_pickle", "REVERSE_IMPORT_MAPPING")
                let renamed = modules.isKind(.dict) ? try modules.object(Dict.self).get(module) : .absent
                if renamed.isKind(.str) { module = renamed }
            }
        }
        guard module.isKind(.str), name.isKind(.str) else { throw typeError("names must be strings") }
        let (moduleText, nameText) = (module.object(Str.self), name.object(Str.self))
        if version < 3, !moduleText.isASCII || !nameText.isASCII {
            throw Pickle.cannotPickle(
                "can't pickle \(moduleText.isASCII ? "global" : "module") identifier '\(moduleText.isASCII ? "\(moduleText.string).\(nameText.string)" : moduleText.string)' using pickle protocol \(version)")
        }
        put(PickleOpcode.global)
        put(moduleText.buffer)
        put(0x0A)
        put(nameText.buffer)
        put(0x0A)
    }

    /// Writes the short code that copyreg has for a name, if it has one.
    private func saveExtension(_ module: Value, _ name: Value) throws(Raised) -> Bool {
        let registry = try Pickle.table("copyreg", "_extension_registry")
        guard registry.isKind(.dict), registry.object(Dict.self).pointee.count > 0 else { return false }
        let code = try registry.object(Dict.self).get(Value(Tuple.make(module, name)))
        if code.isAbsent { return false }
        guard let number = machineInt(code), number > 0, number <= 0x7FFF_FFFF else {
            throw raise(.runtimeError, "extension code \(try repr(code).string) is out of range")
        }
        if number <= 0xFF {
            put(PickleOpcode.ext1, UInt8(number))
        } else if number <= 0xFFFF {
            put(PickleOpcode.ext2, number, bytes: 2)
        } else {
            put(PickleOpcode.ext4, number, bytes: 4)
        }
        return true
    }

    /// What a dotted path leads to from a module, and what holds the last name; nil if there is no such thing.
    static func resolve(_ module: Value, _ path: [String]) throws(Raised) -> (value: Value, parent: Value)? {
        var (value, parent) = (module, module)
        for name in path {
            parent = value
            value = try getOptionalAttribute(parent, StrTables.intern(name))
            if value.isAbsent { return nil }
        }
        return (value, parent)
    }

    /// The module of an object: what it says, or the first that holds it under that path.
    private static func moduleName(_ value: Value, _ path: [String]) throws(Raised) -> Value {
        let own = try getOptionalAttribute(value, Names.module)
        if !own.isAbsent, !own.isNone { return own }
        let names = try makeList(Value(Runtime.modules))
        for index in 0 ..< names.count {
            let name = names.items[index]
            let module = try Runtime.modules.get(name)
            if module.isAbsent || module.isNone || !name.isKind(.str) { continue }
            if name.object(Str.self).equals("__main__") || name.object(Str.self).equals("__mp_main__") { continue }
            if let found = try resolve(module, path), found.value == value { return name }
        }
        return Value(Str.make("__main__"))
    }
}
