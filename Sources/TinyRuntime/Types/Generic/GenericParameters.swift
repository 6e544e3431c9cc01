// Type variables in the arguments of generic aliases and unions: found, shown, and replaced by `alias[types]`.

enum GenericParameters {
    nonisolated(unsafe) private static let substName = StrTables.intern("__typing_subst__")
    nonisolated(unsafe) private static let prepareName = StrTables.intern("__typing_prepare_subst__")
    nonisolated(unsafe) private static let parametersName = StrTables.intern("__parameters__")
    nonisolated(unsafe) private static let originName = StrTables.intern("__origin__")
    nonisolated(unsafe) private static let argumentsName = StrTables.intern("__args__")
    nonisolated(unsafe) private static let unpackedName = StrTables.intern("__typing_unpacked_tuple_args__")
    nonisolated(unsafe) private static let isUnpackedName = StrTables.intern("__typing_is_unpacked_typevartuple__")

    private static func add(_ value: Value, to list: ListRef) {
        for index in 0 ..< list.count where list.items[index] == value { return }
        list.append(value)
    }

    /// The type variables of some arguments, each once, in order.
    static func collect(_ arguments: TupleRef) throws(Raised) -> TupleRef {
        let list = List.make()
        for index in 0 ..< arguments.count {
            let argument = arguments.items[index]
            if argument.isKind(.class) || !argument.isPointer { continue }
            if argument.isKind(.tuple) || argument.isKind(.list) {
                let inner = try collect(try makeTuple(argument))
                for place in 0 ..< inner.count { add(inner.items[place], to: list) }
                continue
            }
            if try !getOptionalAttribute(argument, substName).isAbsent {
                add(argument, to: list)
                continue
            }
            let inner = try getOptionalAttribute(argument, parametersName)
            guard inner.isKind(.tuple) else { continue }
            for place in 0 ..< inner.object(Tuple.self).count { add(inner.object(Tuple.self).items[place], to: list) }
        }
        return list.count == 0 ? Tuple.make() : Tuple.make(list.items, list.count)
    }

    /// An origin or argument as the repr of an alias shows it.
    static func show(_ value: Value) throws(Raised) -> String {
        if value == .ellipsis { return "..." }
        if value.isKind(.list) {
            var parts: [String] = []
            let list = value.object(List.self)
            var index = 0
            while index < list.count {
                parts.append(try show(list.items[index]))
                index += 1
            }
            return "[\(parts.joined(separator: ", "))]"
        }
        if try !getOptionalAttribute(value, originName).isAbsent, try !getOptionalAttribute(value, argumentsName).isAbsent {
            return try repr(value).string
        }
        let name = try getOptionalAttribute(value, Names.qualname)
        let module = try getOptionalAttribute(value, Names.module)
        guard !name.isAbsent, !name.isNone, !module.isAbsent, !module.isNone else { return try repr(value).string }
        let text = try str(name).string
        return module.isKind(.str) && module.object(Str.self).equals("builtins") ? text : "\(try str(module).string).\(text)"
    }

    /// What stands between the brackets, as a list in which `*tuple[...]` is spread.
    private static func items(_ key: Value) throws(Raised) -> ListRef {
        let given = key.isKind(.tuple) ? key.object(Tuple.self) : Tuple.make(key)
        let list = List.make()
        for index in 0 ..< given.count {
            let item = given.items[index]
            let spread = item.isKind(.class) || !item.isPointer ? .absent : try getOptionalAttribute(item, unpackedName)
            if spread.isKind(.tuple) {
                let inner = spread.object(Tuple.self)
                if inner.count == 0 || inner.items[inner.count - 1] != .ellipsis {
                    try extend(list, spread)
                    continue
                }
            }
            list.append(item)
        }
        return list
    }

    /// The arguments with the type variables replaced.
    static func substitute(
        _ alias: Value, _ arguments: TupleRef, _ parameters: TupleRef, _ key: Value
    ) throws(Raised) -> TupleRef {
        guard parameters.count > 0 else { throw typeError("\(try repr(alias).string) is not a generic class") }
        var given = Value(try items(key))
        var isPrepared = false
        for index in 0 ..< parameters.count {
            let prepare = try getOptionalAttribute(parameters.items[index], prepareName)
            if prepare.isAbsent || prepare.isNone { continue }
            let argument = given.isKind(.list) ? Value(try makeTuple(given)) : given
            given = try callValue(prepare, alias, argument)
            isPrepared = true
        }
        _ = isPrepared
        let values = try makeTuple(given)
        guard values.count == parameters.count else {
            throw typeError(
                "Too \(values.count > parameters.count ? "many" : "few") arguments for \(try repr(alias).string); actual \(values.count), expected \(parameters.count)")
        }
        let result = List.make(capacity: arguments.count)
        for index in 0 ..< arguments.count { try replace(arguments.items[index], parameters, values, into: result) }
        return result.count == 0 ? Tuple.make() : Tuple.make(result.items, result.count)
    }

    private static func replace(
        _ argument: Value, _ parameters: TupleRef, _ values: TupleRef, into result: ListRef
    ) throws(Raised) {
        if argument.isKind(.class) || !argument.isPointer {
            result.append(argument)
            return
        }
        if argument.isKind(.tuple) || argument.isKind(.list) {
            let inner = List.make()
            let items = try makeTuple(argument)
            for index in 0 ..< items.count { try replace(items.items[index], parameters, values, into: inner) }
            result.append(argument.isKind(.list) ? Value(inner) : Value(try makeTuple(Value(inner))))
            return
        }
        let flag = try getOptionalAttribute(argument, isUnpackedName)
        let isSpread = flag.isAbsent ? false : try truth(flag)
        var replaced = argument
        let subst = try getOptionalAttribute(argument, substName)
        if !subst.isAbsent {
            for index in 0 ..< parameters.count where parameters.items[index] == argument {
                replaced = try callValue(subst, values.items[index])
                break
            }
        } else {
            replaced = try replaceInside(argument, parameters, values)
        }
        if isSpread, replaced.isKind(.tuple) {
            try extend(result, replaced)
        } else {
            result.append(replaced)
        }
    }

    /// An argument that is itself generic gets its share of the values.
    private static func replaceInside(_ argument: Value, _ parameters: TupleRef, _ values: TupleRef) throws(Raised) -> Value {
        let own = try getOptionalAttribute(argument, parametersName)
        guard own.isKind(.tuple), own.object(Tuple.self).count > 0 else { return argument }
        let wanted = own.object(Tuple.self)
        let list = List.make()
        for index in 0 ..< wanted.count {
            var value = wanted.items[index]
            for place in 0 ..< parameters.count where parameters.items[place] == value {
                value = values.items[place]
                break
            }
            // A variable of any number of types has a tuple of them.
            if value.isKind(.tuple), wanted.items[index].cls.has(.iter) {
                try extend(list, value)
            } else {
                list.append(value)
            }
        }
        return try getItem(argument, Value(Tuple.make(list.items, list.count)))
    }
}
