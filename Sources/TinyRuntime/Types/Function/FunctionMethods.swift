// What a script sees of functions, methods, code objects and cells.
import TinyCompiler

extension Function {
    static let nativeClass = NativeClass(
        "function", kind: .function, flags: [.isWeakReferenceable], methods: [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let name = args[0].object(Function.self).pointee.qualifiedName.object(Str.self).string
                return Value(Str.make("<function \(name) at \(addressText(args[0]))>"))
            },
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try callValue(args[0], args[1].object(Tuple.self), args[2].object(Dict.self))
            },
            Native("__get__(self, instance, owner=None, /)", "Return an attribute of instance, which is of type owner.") { args throws(Raised) in
                args[1].isNone ? args[0] : Value(BoundMethod.make(args[0], args[1]))
            },
        ], attributes: attributes, construct: construct)

    private static func function(_ value: Value) -> FunctionRef { value.object(Function.self) }

    /// A function that something is about to be stored into.
    private static func changed(_ value: Value) -> FunctionRef {
        writeBarrier(value.address)
        return function(value)
    }

    private static let attributes: [Accessors] = [
        Accessors("__name__") { function($0).pointee.name } set: { object, value throws(Raised) in
            guard value.isKind(.str) else { throw typeError("__name__ must be set to a string object") }
            changed(object).pointee.name = value
        },
        Accessors("__qualname__") { function($0).pointee.qualifiedName } set: { object, value throws(Raised) in
            guard value.isKind(.str) else { throw typeError("__qualname__ must be set to a string object") }
            changed(object).pointee.qualifiedName = value
        },
        Accessors.member("__doc__") { function($0).documentation } set: { object, value in
            changed(object).pointee.doc = value.isAbsent ? .none : value
        },
        Accessors.member("__module__") { object in
            let module = function(object).pointee.module
            return module.isAbsent ? .none : module
        } set: { object, value in changed(object).pointee.module = value.isAbsent ? .none : value },
        Accessors("__code__") { Value(function($0).pointee.code) } set: { object, value throws(Raised) in
            guard value.isKind(.code) else { throw typeError("__code__ must be set to a code object") }
            let code = value.object(Code.self)
            let free = function(object).pointee.closure.isNone ? 0 : function(object).pointee.closure.object(Tuple.self).count
            guard code.pointee.freeNames.object(Tuple.self).count == free else {
                throw valueError(
                    "\(function(object).pointee.name.object(Str.self).string)() requires a code object with \(free) free vars, not \(code.pointee.freeNames.object(Tuple.self).count)")
            }
            let kinds: UInt32 = 0x2A0
            if code.pointee.flags & kinds != function(object).pointee.code.pointee.flags & kinds {
                try warn(
                    .deprecationWarning,
                    "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)")
            }
            changed(object).pointee.code = code
        },
        Accessors.member("__globals__") { Value(function($0).pointee.globals) },
        Accessors.member("__builtins__") { builtins(of: $0.object(Function.self).pointee.globals) },
        Accessors.member("__closure__") { function($0).pointee.closure },
        Accessors("__defaults__") { function($0).pointee.defaults } set: { object, value throws(Raised) in
            guard value.isAbsent || value.isNone || value.isKind(.tuple) else {
                throw typeError("__defaults__ must be set to a tuple object")
            }
            changed(object).pointee.defaults = value.isAbsent ? .none : value
        },
        Accessors("__kwdefaults__") { function($0).pointee.keywordDefaults } set: { object, value throws(Raised) in
            guard value.isAbsent || value.isNone || value.isKind(.dict) else {
                throw typeError("__kwdefaults__ must be set to a dict object")
            }
            changed(object).pointee.keywordDefaults = value.isAbsent ? .none : value
        },
        Accessors("__annotations__") { object in
            if function(object).pointee.annotations.isAbsent { changed(object).pointee.annotations = Value(Dict.make()) }
            return function(object).pointee.annotations
        } set: { object, value throws(Raised) in
            guard value.isAbsent || value.isNone || value.isKind(.dict) else {
                throw typeError("__annotations__ must be set to a dict object")
            }
            changed(object).pointee.annotations = value.isNone ? .absent : value
        },
        Accessors("__type_params__") { object in
            let parameters = function(object).pointee.typeParameters
            return parameters.isAbsent ? Value(Tuple.make()) : parameters
        } set: { object, value throws(Raised) in
            guard value.isKind(.tuple) else { throw typeError("__type_params__ must be set to a tuple") }
            changed(object).pointee.typeParameters = value
        },
        dictionaryAccessors,
    ]

    /// `types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None)`.
    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let parameters = try bindNames(
            args, ["code", "globals", "name", "argdefs", "closure", "kwdefaults"], required: 2, function: "function")
        defer { parameters.deallocate() }
        guard parameters[0].isKind(.code) else {
            throw typeError("function() argument 'code' must be code, not \(typeName(parameters[0]))")
        }
        guard parameters[1].isKind(.dict) else {
            throw typeError("function() argument 'globals' must be dict, not \(typeName(parameters[1]))")
        }
        let code = parameters[0].object(Code.self)
        let free = code.pointee.freeNames.object(Tuple.self).count
        if free > 0 {
            guard parameters[4].isKind(.tuple) else { throw typeError("arg 5 (closure) must be tuple") }
            guard parameters[4].object(Tuple.self).count == free else {
                throw valueError(
                    "\(code.pointee.name.object(Str.self).string) requires closure of length \(free), not \(parameters[4].object(Tuple.self).count)")
            }
            let cells = parameters[4].object(Tuple.self)
            for index in 0 ..< free where !cells.items[index].isKind(.cell) {
                throw typeError("arg 5 (closure) expected cell, found \(typeName(cells.items[index]))")
            }
        }
        for (index, kind, what) in [(2, Kind.str, "3 (name) must be None or string"), (3, .tuple, "4 (defaults) must be None or tuple"),
            (5, .dict, "6 (kwdefaults) must be None or dict")]
        where !parameters[index].isAbsent && !parameters[index].isNone && !parameters[index].isKind(kind) {
            throw typeError("arg \(what)")
        }
        let function = Function.make(code, parameters[1].object(Dict.self))
        if parameters[2].isKind(.str) { function.pointee.name = parameters[2] }
        if parameters[3].isKind(.tuple) { function.pointee.defaults = parameters[3] }
        if parameters[4].isKind(.tuple) { function.pointee.closure = parameters[4] }
        if parameters[5].isKind(.dict) { function.pointee.keywordDefaults = parameters[5] }
        let module = parameters[1].object(Dict.self).get(Names.name)
        function.pointee.module = module
        return Value(function)
    }
}

/// `__dict__` of whatever keeps its attributes in a dict.
public let dictionaryAccessors = Accessors("__dict__", "dictionary for instance variables") { object throws(Raised) in
    if object.isKind(.class) { return MappingProxy.make(Value(object.object(ClassObject.self).pointee.namespace)) }
    guard let dictionary = ownDictionary(object, create: true) else { throw noAttribute(object, Names.dict) }
    return Value(dictionary)
} set: { object, value throws(Raised) in
    // A class or a module may have this from another base.
    if object.isKind(.class) { throw raise(.attributeError, "attribute '__dict__' of 'type' objects is not writable") }
    if object.isKind(.module) { throw raise(.attributeError, "readonly attribute") }
    if value.isAbsent, object.isKind(.instance) {
        return object.object(Instance.self).setDictionary(Dict.make())
    }
    if value.isAbsent, object.isKind(.function) || object.isKind(.exception) { throw typeError("cannot delete __dict__") }
    guard value.isKind(.dict) else {
        throw typeError("__dict__ must be set to a dictionary, not a '\(typeName(value))'")
    }
    let dict = value.object(Dict.self)
    if object.isPointer { writeBarrier(object.address) }
    switch object.kind {
    case .instance: object.object(Instance.self).setDictionary(dict)
    case .function: object.object(Function.self).pointee.dictionary = dict
    case .exception: object.object(ExceptionObject.self).pointee.dictionary = dict
    case .fiber: object.object(Fiber.self).pointee.dictionary = dict
    default: setExtraDictionary(object, dict)
    }
}

/// The one keyword `name` of a constructor that takes any number of positional arguments, or absent.
public func onlyKeyword(_ args: Arguments, _ name: StaticString, _ function: String) throws(Raised) -> Value {
    guard args[2].isKind(.dict) else { return .absent }
    var result = Value.absent
    var position = 0
    while let entry = args[2].object(Dict.self).next(&position) {
        guard entry.pointee.key.object(Str.self).equals(name) else {
            throw typeError("\(function)() got an unexpected keyword argument '\(entry.pointee.key.object(Str.self).string)'")
        }
        result = entry.pointee.value
    }
    return result
}

/// A constructor without keywords lets them pass only to a subclass whose own `__init__` may want them.
public func rejectKeywords(_ args: Arguments, _ function: String) throws(Raised) {
    guard args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 else { return }
    let cls = args[0].object(ClassObject.self)
    guard cls.pointee.flags.contains(.isHeapType), cls.special(.`init`).isKind(.function) else {
        throw typeError("\(function)() takes no keyword arguments")
    }
}

/// Binds a constructor's tuple and dict to names; missing optional ones are absent. The caller frees the buffer.
public func bindNames(
    _ args: Arguments, _ names: [StaticString], required: Int, function: String
) throws(Raised) -> UnsafeMutablePointer<Value> {
    let positional = args[1].object(Tuple.self)
    guard positional.count <= names.count else {
        throw typeError("\(function)() takes at most \(names.count) argument\(names.count == 1 ? "" : "s") (\(positional.count) given)")
    }
    let values = UnsafeMutablePointer<Value>.allocate(capacity: max(1, names.count))
    values.initialize(repeating: .absent, count: max(1, names.count))
    for index in 0 ..< positional.count { values[index] = positional.items[index] }
    var failure: Raised?
    if args[2].isKind(.dict) {
        let keywords = args[2].object(Dict.self)
        var position = 0
        while failure == nil, let entry = keywords.next(&position) {
            let key = entry.pointee.key.object(Str.self)
            if let index = names.firstIndex(where: { key.equals($0) }) {
                if !values[index].isAbsent {
                    failure = typeError("argument for \(function)() given by name ('\(key.string)') and position (\(index + 1))")
                }
                values[index] = entry.pointee.value
            } else {
                failure = typeError("\(function)() got an unexpected keyword argument '\(key.string)'")
            }
        }
    }
    for index in 0 ..< required where failure == nil && values[index].isAbsent {
        failure = typeError("\(function)() missing required argument '\(names[index])' (pos \(index + 1))")
    }
    if let failure {
        values.deallocate()
        throw failure
    }
    return values
}

extension BoundMethod {
    static let nativeClass = NativeClass(
        "method", kind: .boundMethod, methods: [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let method = args[0].object(BoundMethod.self)
                var name = try getAttribute(method.pointee.function, Names.qualname, default: .none)
                if !name.isKind(.str) { name = try getAttribute(method.pointee.function, Names.name, default: .none) }
                let shown = name.isKind(.str) ? name.object(Str.self).string : "?"
                return Value(Str.make("<bound method \(shown) of \(try repr(method.pointee.receiver).string)>"))
            },
            Native("__call__(self, /, *args, **kwargs)", "Call self as a function.") { args throws(Raised) in
                try callValue(args[0], args[1].object(Tuple.self), args[2].object(Dict.self))
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard args[1].isKind(.boundMethod) else { return notImplemented }
                let (a, b) = (args[0].object(BoundMethod.self), args[1].object(BoundMethod.self))
                return Value(a.pointee.receiver == b.pointee.receiver && a.pointee.function == b.pointee.function)
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                let method = args[0].object(BoundMethod.self)
                return Value(inline: (identityHash(method.pointee.receiver) &* 31 ^ identityHash(method.pointee.function)) & 0xFFFF_FFFF_FFFF)
            },
            Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
                let name = try attributeName(args[1])
                let value = try plainAttribute(args[0], args[0].cls, name)
                if !value.isAbsent { return value }
                return try getAttribute(args[0].object(BoundMethod.self).pointee.function, name)
            },
            Native("__get__(self, instance, owner=None, /)", "") { args throws(Raised) in args[0] },
            Native("__reduce__(self, /)", "") { args throws(Raised) in
                let method = args[0].object(BoundMethod.self)
                let name = try getAttribute(method.pointee.function, Names.name)
                return Value(
                    Tuple.make(
                        try Runtime.builtin("getattr"),
                        Value(Tuple.make(method.pointee.receiver, name))))
            },
        ], attributes: [
            Accessors.member("__func__") { $0.object(BoundMethod.self).pointee.function },
            Accessors.member("__self__") { $0.object(BoundMethod.self).pointee.receiver },
            Accessors("__doc__") { object throws(Raised) in
                try getAttribute(object.object(BoundMethod.self).pointee.function, Names.doc, default: .none)
            },
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            guard positional.count == 2 else { throw typeError("method expected 2 arguments, got \(positional.count)") }
            guard positional.items[0].cls.has(.call) || positional.items[0].isKind(.function) else {
                throw typeError("first argument must be callable")
            }
            if positional.items[1].isNone { throw typeError("instance must not be None") }
            return Value(BoundMethod.make(positional.items[0], positional.items[1]))
        })
}

extension Cell {
    static let nativeClass = NativeClass(
        "cell", kind: .cell, methods: [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let value = args[0].object(Cell.self).pointee.value
                let shown = value.isAbsent ? "empty" : "\(typeName(value)) object at \(addressText(value))"
                return Value(Str.make("<cell at \(addressText(args[0])): \(shown)>"))
            },
        ]
            + comparisonRows { operatorIndex, a, b throws(Raised) in
                guard b.isKind(.cell) else { return .notImplemented }
                let (x, y) = (a.object(Cell.self).pointee.value, b.object(Cell.self).pointee.value)
                // An empty cell comes before any other.
                if x.isAbsent || y.isAbsent {
                    return Value(holds(operatorIndex, order: (x.isAbsent ? 0 : 1) - (y.isAbsent ? 0 : 1)))
                }
                return try richCompare(operatorIndex, x, y)
            },
        attributes: [
            Accessors("cell_contents") { object throws(Raised) in
                let value = object.object(Cell.self).pointee.value
                if value.isAbsent { throw valueError("Cell is empty") }
                return value
            } set: { object, value in object.object(Cell.self).set(value) }
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            return Value(Cell.make(positional.count > 0 ? positional.items[0] : .absent))
        })
}

extension Code {
    static let nativeClass = NativeClass(
        "code", kind: .code, methods: [
            Native("__repr__(self, /)", "") { args throws(Raised) in
                let code = args[0].object(Code.self)
                return Value(
                    Str.make(
                        "<code object \(code.pointee.name.object(Str.self).string) at \(addressText(args[0])), file \"\(code.pointee.fileName.object(Str.self).string)\", line \(code.unit.firstLine)>"))
            },
            Native("co_positions(self, /)", "") { args throws(Raised) in
                let code = args[0].object(Code.self)
                code.readBody()
                let list = List.make()
                let words = Int(code.pointee.wordCount)
                let positions = code.unit.positions
                for (index, entry) in positions.enumerated() {
                    let range = entry.range
                    func number(_ int: Int32) -> Value { range.line > 0 && int >= 0 ? Value(Int(int)) : .none }
                    let place = Runtime.hasColumns
                        ? Tuple.make(number(range.line), number(range.endLine), number(range.column), number(range.endColumn))
                        : Tuple.make(number(range.line), number(range.line), .none, .none)
                    // One for every two octets, before the first entry as well.
                    let start = index == 0 ? 0 : Int(entry.start)
                    let end = index + 1 < positions.count ? Int(positions[index + 1].start) : words
                    let before = index == 0 ? min(Int(entry.start), end) - start : 0
                    for _ in 0 ..< before * Code.unitsPerWord { list.append(Value(Tuple.make(.none, .none, .none, .none))) }
                    for _ in 0 ..< max(0, end - start - before) * Code.unitsPerWord { list.append(Value(place)) }
                }
                return try iterator(Value(list))
            },
            Native("co_lines(self, /)", "") { args throws(Raised) in
                let code = args[0].object(Code.self)
                code.readBody()
                let list = List.make()
                let positions = code.unit.positions
                if positions.isEmpty { return try iterator(Value(list)) }
                // Before the first instruction stands the line of the definition: there a call begins.
                list.append(Value(Tuple.make(Value(inline: -2), Value(inline: 0), Value(code.unit.definitionLine))))
                // Instructions one after the other that stand in one line are one row.
                var index = 0
                while index < positions.count {
                    let (start, line) = (Int(positions[index].start), positions[index].range.line)
                    repeat { index += 1 } while index < positions.count && positions[index].range.line == line
                    let end = index < positions.count ? Int(positions[index].start) : Int(code.pointee.wordCount)
                    list.append(
                        Value(Tuple.make(
                            Value(start * Code.octetsPerWord), Value(end * Code.octetsPerWord), line > 0 ? Value(Int(line)) : .none)))
                }
                return try iterator(Value(list))
            },
            Native("replace(self, /, **changes)", "Return a copy with new values for the specified fields.") { args throws(Raised) in
                try CodeParts.replace(args[0].object(Code.self), args[1].object(Dict.self))
            },
            Native("__replace__(self, /, **changes)", "The same as replace().") { args throws(Raised) in
                try CodeParts.replace(args[0].object(Code.self), args[1].object(Dict.self))
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                guard args[1].isKind(.code) else { return notImplemented }
                return Value(try CodeState.areEqual(args[0].object(Code.self), args[1].object(Code.self)))
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                try CodeState.hash(args[0].object(Code.self))
            },
        ], attributes: attributes, construct: { args throws(Raised) in try CodeParts.construct(args) })

    private static func names(_ code: CodeRef, _ wanted: (Int) -> Bool) -> Value {
        let all = code.pointee.localNames.object(Tuple.self)
        return Value(Tuple.make((0 ..< all.count).filter(wanted).map { all.items[$0] }))
    }

    private static let attributes: [Accessors] = [
        Accessors.member("co_name") { $0.object(Code.self).pointee.name },
        Accessors.member("co_qualname") { $0.object(Code.self).pointee.qualifiedName },
        Accessors.member("co_filename") { $0.object(Code.self).pointee.fileName },
        Accessors.member("co_firstlineno") { Value($0.object(Code.self).unit.firstLine) },
        Accessors.member("co_argcount") { Value(Int($0.object(Code.self).pointee.argumentCount)) },
        Accessors.member("co_posonlyargcount") { Value(Int($0.object(Code.self).pointee.positionalOnlyCount)) },
        Accessors.member("co_kwonlyargcount") { Value(Int($0.object(Code.self).pointee.keywordOnlyCount)) },
        Accessors.member("co_nlocals") { Value(CodeParts.variableCount($0.object(Code.self).unit)) },
        Accessors.member("co_stacksize") { object in
            let code = object.object(Code.self)
            return Value(Int(code.pointee.registerCount - code.pointee.localCount))
        },
        Accessors.member("co_flags") { Value(Int($0.object(Code.self).pointee.flags & CodeParts.visibleFlags)) },
        Accessors("co_varnames") { object in
            let code = object.object(Code.self)
            let captured = Set(code.unit.cellLocals)
            let parameters = Int(code.pointee.parameterCount)
            return names(code) { $0 < parameters || !captured.contains($0) }
        },
        Accessors("co_cellvars") { object in
            let code = object.object(Code.self)
            let captured = Set(code.unit.cellLocals)
            return names(code) { captured.contains($0) }
        },
        Accessors("co_freevars") { $0.object(Code.self).pointee.freeNames },
        Accessors.member("co_consts") { object in
            let code = object.object(Code.self)
            code.readBody()
            return Value(Tuple.make(code.constants, Int(code.pointee.constantCount)))
        },
        Accessors.member("co_names") { object in Value(Tuple.make(CodeParts.globalNames(object.object(Code.self)))) },
        Accessors("co_code") { object in
            let code = object.object(Code.self)
            return BytesObject.make(CodeParts.octets(code.unit.words))
        },
        Accessors.member("co_linetable") { object in
            let code = object.object(Code.self)
            code.readBody()
            return BytesObject.make(
                LocationTable.encode(code.unit.positions, words: Int(code.pointee.wordCount), firstLine: code.unit.firstLine))
        },
        Accessors("co_lnotab") { object throws(Raised) in
            try warn(.deprecationWarning, "co_lnotab is deprecated, use co_lines instead.")
            let code = object.object(Code.self)
            code.readBody()
            return BytesObject.make(LocationTable.lines(code.unit.positions, firstLine: code.unit.firstLine))
        },
        Accessors.member("co_exceptiontable") { BytesObject.make(CodeParts.tables($0.object(Code.self))) },
    ]
}
