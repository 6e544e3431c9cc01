// How any object is taken apart for pickle and copy: `object.__reduce_ex__` of protocols 2 and up, `object.__getstate__`.

enum ObjectReduction {
    /// (copyreg.__newobj__, (cls, *args), state, items, pairs).
    static func reduce(_ object: Value) throws(Raised) -> Value {
        let cls = object.cls
        let copyreg = try importModule("copyreg")
        let (positional, keywords) = try newArguments(object)
        if positional == nil { try checkRebuildable(object) }
        let count = positional?.count ?? 0
        let (maker, arguments): (Value, TupleRef)
        if let positional, let keywords, keywords.pointee.count > 0 {
            maker = try getAttribute(copyreg, "__newobj_ex__")
            arguments = Tuple.make(Value(cls), Value(positional), Value(keywords))
        } else {
            maker = try getAttribute(copyreg, "__newobj__")
            arguments = Tuple.allocate(count + 1)
            arguments.items[0] = Value(cls)
            if let positional { for index in 0 ..< count { arguments.items[index + 1] = positional.items[index] } }
        }
        let state = try self.state(object)
        let items: Value = object.isKind(.list) ? try iterator(object) : .none
        let pairs: Value = object.isKind(.dict) ? try iterator(try callMethod(object, Names.items)) : .none
        return Value(Tuple.make(maker, Value(arguments), state, items, pairs))
    }

    /// A special method, bound; the instance's own attributes don't count.
    private static func specialMethod(_ object: Value, _ name: SpecialName) throws(Raised) -> Value {
        let method = object.cls.special(name)
        return method.isAbsent ? method : try bindDescriptor(method, object)
    }

    /// What `__getnewargs_ex__` or `__getnewargs__` say; nil if there is neither.
    private static func newArguments(_ object: Value) throws(Raised) -> (TupleRef?, DictRef?) {
        let extended = try specialMethod(object, .getnewargsEx)
        if !extended.isAbsent {
            let result = try callValue(extended, Tuple.make())
            guard result.isKind(.tuple) else {
                throw typeError("__getnewargs_ex__ should return a tuple, not '\(typeName(result))'")
            }
            let parts = result.object(Tuple.self)
            guard parts.count == 2 else {
                throw valueError("__getnewargs_ex__ should return a tuple of length 2, not \(parts.count)")
            }
            guard parts.items[0].isKind(.tuple) else {
                throw typeError("first item of the tuple returned by __getnewargs_ex__ must be a tuple, not '\(typeName(parts.items[0]))'")
            }
            guard parts.items[1].isKind(.dict) else {
                throw typeError("second item of the tuple returned by __getnewargs_ex__ must be a dict, not '\(typeName(parts.items[1]))'")
            }
            return (parts.items[0].object(Tuple.self), parts.items[1].object(Dict.self))
        }
        let plain = try specialMethod(object, .getnewargs)
        if plain.isAbsent { return (nil, nil) }
        let result = try callValue(plain, Tuple.make())
        guard result.isKind(.tuple) else {
            throw typeError("__getnewargs__ should return a tuple, not '\(typeName(result))'")
        }
        return (result.object(Tuple.self), nil)
    }

    /// Objects whose memory holds more than attributes can't be rebuilt from these.
    private static func checkRebuildable(_ object: Value) throws(Raised) {
        switch object.kind {
        case .instance, .list, .dict, .set, .frozenset, .exception: return
        default:
            let getState = object.cls.special(.getstate)
            if getState != Runtime.objectClass.pointee.namespace.get(SpecialName.getstate.string) { return }
            throw typeError("cannot pickle '\(typeName(object))' object")
        }
    }

    private static func state(_ object: Value) throws(Raised) -> Value {
        try callValue(try getAttribute(object, SpecialName.getstate.string), Tuple.make())
    }

    /// `object.__getstate__`: the attributes, and the slots beside them if there are any.
    static func defaultState(_ object: Value) throws(Raised) -> Value {
        var state = Value.none
        if hasOwnDictionary(object) || object.isKind(.instance) {
            let dict = try getOptionalAttribute(object, Names.dict)
            if dict.isKind(.dict), dict.object(Dict.self).pointee.count > 0 { state = Value(dict.object(Dict.self).copy()) }
        }
        let cls = object.cls
        if !cls.pointee.flags.contains(.isHeapType) { return state }
        let names = try callValue(try getAttribute(try importModule("copyreg"), "_slotnames"), Value(cls))
        if names.isNone { return state }
        guard names.isKind(.list) else {
            throw typeError("copyreg._slotnames didn't return a list or None")
        }
        let list = names.object(List.self)
        if list.count == 0 { return state }
        let slots = Dict.make()
        var index = 0
        while index < list.count {
            let value = try getOptionalAttribute(object, try attributeName(list.items[index]))
            if !value.isAbsent { try slots.set(list.items[index], value) }
            index += 1
        }
        return slots.pointee.count == 0 ? state : Value(Tuple.make(state, Value(slots)))
    }
}
