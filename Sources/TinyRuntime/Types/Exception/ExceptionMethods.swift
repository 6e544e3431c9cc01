// The built-in exception classes: their fields, text and groups.

extension ExceptionRef {
    /// A field beyond `args`, in the order of `fieldNames`, or None.
    public func field(_ index: Int) -> Value {
        guard let fields = pointee.fields, index < fields.count else { return .none }
        return fields.items[index]
    }

    /// Sets a field beyond `args`, in the order of `fieldNames`; the list of fields grows as needed.
    public func setField(_ index: Int, _ value: Value) {
        let fields = pointee.fields ?? List.make()
        pointee.fields = fields
        while fields.count <= index { fields.append(.none) }
        fields.put(value, at: index)
    }

    /// The value that a StopIteration carries.
    var stopValue: Value { field(0) }

    func addNote(_ text: String) {
        let dictionary = pointee.dictionary ?? Dict.make()
        pointee.dictionary = dictionary
        var notes = dictionary.get(Names.notes)
        if !notes.isKind(.list) {
            notes = Value(List.make())
            dictionary.set(Names.notes, notes)
        }
        notes.object(List.self).append(Value(Str.make(text)))
    }

    /// Sets the fields from the constructor's positional arguments.
    func initializeFields(_ arguments: [Value]) {
        let cls = Value(self).cls
        guard cls.pointee.flags.contains(.keepsFields) else { return }
        if cls.isSubclass(of: ExceptionName.stopIteration.cls) || cls.isSubclass(of: ExceptionName.systemExit.cls) {
            let isExit = cls.isSubclass(of: ExceptionName.systemExit.cls)
            setField(0, arguments.isEmpty ? .none : arguments.count == 1 || !isExit ? arguments[0] : Value(Tuple.make(arguments)))
        } else if cls.isSubclass(of: ExceptionName.osError.cls), arguments.count >= 2, arguments.count <= 5 {
            setField(0, arguments[0])
            setField(1, arguments[1])
            if arguments.count == 3, isInteger(arguments[2]), cls.isSubclass(of: ExceptionName.blockingIOError.cls) {
                setField(4, arguments[2])
            } else if arguments.count >= 3 {
                setField(2, arguments[2])
                pointee.args = Value(Tuple.make(arguments[0], arguments[1]))
            }
            if arguments.count >= 5 { setField(3, arguments[4]) }
        } else if cls.isSubclass(of: ExceptionName.syntaxError.cls) {
            if let message = arguments.first { setField(0, message) }
            if arguments.count == 2, arguments[1].isKind(.tuple) {
                let details = arguments[1].object(Tuple.self)
                // filename, lineno, offset, text, end_lineno, end_offset
                for index in 0 ..< Swift.min(details.count, 6) { setField(index + 1, details.items[index]) }
            }
        } else if cls.isSubclass(of: ExceptionName.importError.cls) {
            setField(0, arguments.count == 1 ? arguments[0] : .none)
        } else if cls.isSubclass(of: ExceptionName.unicodeDecodeError.cls) || cls.isSubclass(of: ExceptionName.unicodeEncodeError.cls) {
            for index in 0 ..< Swift.min(arguments.count, 5) { setField(index, arguments[index]) }
            // What can change is kept as bytes.
            if arguments.count == 5, arguments[1].isKind(.bytearray) || arguments[1].isKind(.memoryview),
                let view = try? BufferView(arguments[1])
            {
                setField(1, BytesObject.make(Array(view.octets)))
            }
        } else if cls.isSubclass(of: ExceptionName.unicodeTranslateError.cls) {
            for index in 0 ..< Swift.min(arguments.count, 4) { setField(index, arguments[index]) }
        }
    }
}

/// The member names of classes that keep more than `args`, by field index.
private func fieldNames(_ name: ExceptionName) -> [StaticString] {
    switch name {
    case .stopIteration: ["value"]
    case .systemExit: ["code"]
    case .osError: ["errno", "strerror", "filename", "filename2", "characters_written"]
    case .syntaxError: ["msg", "filename", "lineno", "offset", "text", "end_lineno", "end_offset", "print_file_and_line"]
    case .importError: ["msg", "name", "path", "name_from"]
    case .nameError: ["name"]
    case .attributeError: ["name", "obj"]
    case .unicodeDecodeError, .unicodeEncodeError: ["encoding", "object", "start", "end", "reason"]
    case .unicodeTranslateError: ["object", "start", "end", "reason"]
    case .baseExceptionGroup: ["message", "exceptions"]
    default: []
    }
}

/// Keywords that a constructor takes, with the field each sets.
private func keywordFields(_ cls: ClassRef) -> [(StaticString, Int)] {
    if cls.isSubclass(of: ExceptionName.importError.cls) { return [("name", 1), ("path", 2), ("name_from", 3)] }
    if cls.isSubclass(of: ExceptionName.nameError.cls) { return [("name", 0)] }
    if cls.isSubclass(of: ExceptionName.attributeError.cls) { return [("name", 0), ("obj", 1)] }
    return []
}

extension Runtime {
    static func makeExceptions() {
        defer {
            exceptionNew = ExceptionName.baseException.cls.special(.new)
            exceptionInit = ExceptionName.baseException.cls.special(.`init`)
        }
        for name in ExceptionName.allCases {
            var bases = [name.base.map { $0.cls } ?? objectClass]
            if name == .exceptionGroup { bases.append(ExceptionName.exception.cls) }
            let cls = ClassObject.makeNative(name.name.description, kind: .exception, bases: bases, flags: [.isBase, .isException])
            ExceptionName.classes[name.rawValue] = cls
            if name == .baseException { cls.fill(ExceptionMethods.nativeClass) }
            if name == .baseExceptionGroup { cls.fill(GroupMethods.nativeClass) }
            if !fieldNames(name).isEmpty { cls.pointee.flags.insert(.keepsFields) }
            cls.fillLater { cls in
                // Each class has its own, as in CPython: with several bases `super().__init__()` ends there.
                let initializer = SpecialName.`init`.string
                if name != .exceptionGroup, cls.pointee.namespace.find(initializer) < 0 {
                    cls.pointee.namespace.set(initializer, ExceptionName.baseException.cls.lookup(initializer))
                }
                for (index, field) in fieldNames(name).enumerated() {
                    let interned = StrTables.intern(field)
                    cls.pointee.namespace.set(interned, MemberDescriptor.make(interned, cls, slot: -1 - index))
                }
                for native in ExceptionMethods.methods(of: name) { native.install(in: cls, selfKind: .exception) }
            }
            export(cls)
        }
    }

    /// `OSError` of an errno: the subclass that stands for it.
    static func exceptionClass(errno: Int) -> ExceptionName {
        switch errno {
        case 11, 115, 114: .blockingIOError
        case 10: .childProcessError
        case 32, 108: .brokenPipeError
        case 103: .connectionAbortedError
        case 111: .connectionRefusedError
        case 104: .connectionResetError
        case 17: .fileExistsError
        case 2: .fileNotFoundError
        case 4: .interruptedError
        case 21: .isADirectoryError
        case 20: .notADirectoryError
        case 13, 1: .permissionError
        case 3: .processLookupError
        case 110: .timeoutError
        default: .osError
        }
    }
}

enum ExceptionMethods {
    private static func exception(_ value: Value) -> ExceptionRef { value.object(ExceptionObject.self) }

    static let nativeClass = NativeClass(
        "BaseException", kind: .exception, doc: "Common base class for all exceptions.",
        flags: [.isBase, .isException], methods: [
            Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { args throws(Raised) in
                let object = exception(args[0])
                let who = args[0].cls.isSubclass(of: ExceptionName.osError.cls) ? reader(args[0].cls) : .initializer
                if who == .new { return .none }
                let keywords = args[2].object(Dict.self)
                let allowed = keywordFields(args[0].cls)
                for field in allowed { object.setField(field.1, .none) }
                var position = 0
                while let entry = keywords.next(&position) {
                    let key = entry.pointee.key.object(Str.self)
                    guard let field = allowed.first(where: { key.equals($0.0) }) else {
                        if allowed.isEmpty { throw typeError("\(args[0].cls.nameText)() takes no keyword arguments") }
                        throw typeError("\(args[0].cls.nameText)() got an unexpected keyword argument '\(key.string)'")
                    }
                    object.setField(field.1, entry.pointee.value)
                }
                object.pointee.args = args[1]
                let tuple = args[1].object(Tuple.self)
                try checkUnicodeArguments(args[0].cls, tuple)
                try checkPlace(args[0].cls, tuple)
                if who == .initializer { object.initializeFields((0 ..< tuple.count).map { tuple.items[$0] }) }
                return .none
            },
            Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in
                let tuple = exception(args[0]).pointee.args.object(Tuple.self)
                switch tuple.count {
                case 0: return Value(StrTables.intern(""))
                case 1: return Value(try str(tuple.items[0]))
                default: return Value(try repr(Value(tuple)))
                }
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let tuple = exception(args[0]).pointee.args.object(Tuple.self)
                var text = TextBuilder()
                text.append(args[0].cls.nameText)
                if tuple.count == 1 {
                    text.append("(")
                    text.append(try repr(tuple.items[0]))
                    text.append(")")
                } else {
                    text.append(try repr(Value(tuple)))
                }
                return Value(text.make())
            },
            Native("with_traceback(self, tb, /)", "Set self.__traceback__ to tb and return self.") { args throws(Raised) in
                guard args[1].isNone || args[1].isKind(.traceback) else { throw typeError("__traceback__ must be a traceback or None") }
                exception(args[0]).pointee.traceback = args[1]
                return args[0]
            },
            Native("add_note(self, note, /)", "Add a note to the exception.") { args throws(Raised) in
                guard args[1].isKind(.str) else { throw typeError("note must be a str, not '\(typeName(args[1]))'") }
                let dictionary = exception(args[0]).pointee.dictionary ?? Dict.make()
                exception(args[0]).pointee.dictionary = dictionary
                var notes = dictionary.get(Names.notes)
                if notes.isAbsent {
                    notes = Value(List.make())
                    dictionary.set(Names.notes, notes)
                }
                guard notes.isKind(.list) else { throw typeError("Cannot add note: __notes__ is not a list") }
                notes.object(List.self).append(args[1])
                return .none
            },
            Native("__reduce__(self, /)", "") { args throws(Raised) in
                let object = exception(args[0])
                if args[0].cls.isSubclass(of: ExceptionName.osError.cls), object.pointee.args.object(Tuple.self).count == 2,
                    !object.field(2).isNone
                {
                    let two = object.pointee.args.object(Tuple.self).items
                    let all = object.field(3).isNone
                        ? Tuple.make([two[0], two[1], object.field(2)])
                        : Tuple.make([two[0], two[1], object.field(2), .none, object.field(3)])
                    let state = object.pointee.dictionary.map { Value($0) } ?? .none
                    return Value(state.isNone ? Tuple.make(Value(args[0].cls), Value(all)) : Tuple.make([Value(args[0].cls), Value(all), state]))
                }
                let isNameError = args[0].cls.isSubclass(of: ExceptionName.nameError.cls)
                let named = isNameError ? [] : keywordFields(args[0].cls).filter { !object.field($0.1).isNone && $0.0.description != "obj" }
                if !named.isEmpty {
                    // What was given by keyword comes back as attributes.
                    let state = object.pointee.dictionary?.copy() ?? Dict.make()
                    for field in named { state.set(StrTables.intern(field.0), object.field(field.1)) }
                    return Value(Tuple.make([Value(args[0].cls), object.pointee.args, Value(state)]))
                }
                if let dictionary = object.pointee.dictionary, dictionary.pointee.count > 0 {
                    return Value(Tuple.make(Value(args[0].cls), object.pointee.args, Value(dictionary)))
                }
                return Value(Tuple.make(Value(args[0].cls), object.pointee.args))
            },
            Native("__setstate__(self, state, /)", "") { args throws(Raised) in
                guard args[1].isKind(.dict) else {
                    if args[1].isNone { return .none }
                    throw typeError("state is not a dictionary")
                }
                let state = args[1].object(Dict.self)
                var position = 0
                while let entry = state.next(&position) {
                    try setAttribute(args[0], try attributeName(entry.pointee.key), entry.pointee.value)
                }
                return .none
            },
        ], attributes: [
            Accessors("args") { exception($0).pointee.args } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("args may not be deleted") }
                exception(object).pointee.args = Value(try makeTuple(value))
            },
            Accessors("__traceback__") { exception($0).pointee.traceback } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("__traceback__ may not be deleted") }
                guard value.isNone || value.isKind(.traceback) else { throw typeError("__traceback__ must be a traceback or None") }
                exception(object).pointee.traceback = value
            },
            Accessors("__cause__") { exception($0).pointee.cause } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("__cause__ may not be deleted") }
                guard value.isNone || value.isKind(.exception) else {
                    throw typeError("exception cause must be None or derive from BaseException")
                }
                exception(object).pointee.cause = value
                exception(object).pointee.suppressesContext = true
            },
            Accessors("__context__") { exception($0).pointee.context } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("__context__ may not be deleted") }
                guard value.isNone || value.isKind(.exception) else {
                    throw typeError("exception context must be None or derive from BaseException")
                }
                exception(object).pointee.context = value
            },
            Accessors.member("__suppress_context__") { Value(exception($0).pointee.suppressesContext) } set: { object, value throws(Raised) in
                if value.isAbsent { throw typeError("can't delete numeric/char attribute") }
                guard value.isBool else { throw typeError("attribute value type must be bool") }
                exception(object).pointee.suppressesContext = value.isTrue
            },
            dictionaryAccessors,
        ], construct: construct)

    /// The Unicode errors take what they say about a text, and nothing else.
    private static func checkUnicodeArguments(_ cls: ClassRef, _ arguments: TupleRef) throws(Raised) {
        let isDecode = cls.isSubclass(of: ExceptionName.unicodeDecodeError.cls)
        let isTranslate = cls.isSubclass(of: ExceptionName.unicodeTranslateError.cls)
        guard isDecode || isTranslate || cls.isSubclass(of: ExceptionName.unicodeEncodeError.cls) else { return }
        let count = isTranslate ? 4 : 5
        guard arguments.count == count else {
            throw typeError("function takes exactly \(count) arguments (\(arguments.count) given)")
        }
        for index in 0 ..< count {
            let value = arguments.items[index]
            let field = isTranslate ? index + 1 : index
            if field == 2 || field == 3 {
                _ = try TinyRuntime.index(value)
            } else if field == 1, isDecode {
                guard value.isKind(.bytes) || value.isKind(.bytearray) || value.isKind(.memoryview) else {
                    throw typeError("a bytes-like object is required, not '\(typeName(value))'")
                }
            } else if !value.isKind(.str) {
                throw typeError("argument \(index + 1) must be str, not \(typeName(value))")
            }
        }
    }

    /// The place that a SyntaxError may be given: file, line, offset, text, and then both ends or none.
    private static func checkPlace(_ cls: ClassRef, _ arguments: TupleRef) throws(Raised) {
        guard cls.isSubclass(of: ExceptionName.syntaxError.cls), arguments.count == 2 else { return }
        let place = try makeTuple(arguments.items[1])
        guard place.count >= 4 else { throw typeError("function missing required argument 'text' (pos 4)") }
        if place.count > 6 { throw typeError("function takes at most 6 arguments (\(place.count) given)") }
        if place.count == 5 { throw typeError("end_offset must be provided when end_lineno is provided") }
    }

    /// Who reads an OSError's arguments: `__new__`, unless its class has an `__init__` of its own and no `__new__`; another
    /// built-in class's `__init__` (`class Both(ValueError, OSError)`) knows nothing of errno.
    private enum Reader { case new, initializer, nobody }

    private static func reader(_ cls: ClassRef) -> Reader {
        guard cls.special(.new) == Runtime.exceptionNew else { return .new }
        let order = cls.pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count {
            let base = order.items[index].object(ClassObject.self)
            guard base.pointee.namespace.find(SpecialName.`init`.string) >= 0 else { continue }
            if base.pointee.flags.contains(.isHeapType) { return .initializer }
            return base.isSubclass(of: ExceptionName.osError.cls) ? .new : .nobody
        }
        return .new
    }

    /// `__new__`: the arguments are kept even if a subclass's `__init__` never hands them on.
    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        var cls = args[0].object(ClassObject.self)
        let arguments = args[1].object(Tuple.self)
        if cls == ExceptionName.osError.cls, arguments.count >= 2, let number = machineInt(arguments.items[0]) {
            cls = Runtime.exceptionClass(errno: number).cls
        }
        let isSystemError = cls.isSubclass(of: ExceptionName.osError.cls)
        if isSystemError, reader(cls) != .new { return Value(ExceptionObject.make(cls, Tuple.make([]))) }
        if isSystemError, args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 {
            throw typeError("\(cls.nameText)() takes no keyword arguments")
        }
        let object = ExceptionObject.make(cls, arguments)
        if isSystemError || cls.isSubclass(of: ExceptionName.stopIteration.cls) {
            object.initializeFields((0 ..< arguments.count).map { arguments.items[$0] })
        }
        return Value(object)
    }

    /// Methods of single classes.
    static func methods(of name: ExceptionName) -> [Native] {
        switch name {
        case .keyError:
            [
                Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in
                    let tuple = exception(args[0]).pointee.args.object(Tuple.self)
                    if tuple.count == 1 { return Value(try repr(tuple.items[0])) }
                    return tuple.count == 0 ? Value(StrTables.intern("")) : Value(try repr(Value(tuple)))
                }
            ]
        case .osError: [Native("__str__(self, /)", "Return str(self).", .function, osErrorText)]
        case .importError:
            [
                Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in
                    let message = exception(args[0]).field(0)
                    if message.isExactly(.str) { return message }
                    let tuple = exception(args[0]).pointee.args.object(Tuple.self)
                    return Value(tuple.count == 0 ? StrTables.intern("") : try str(tuple.count == 1 ? tuple.items[0] : Value(tuple)))
                }
            ]
        case .syntaxError: [Native("__str__(self, /)", "Return str(self).", .function, syntaxErrorText)]
        case .unicodeDecodeError, .unicodeEncodeError, .unicodeTranslateError:
            [Native("__str__(self, /)", "Return str(self).", .function, unicodeErrorText)]
        default: []
        }
    }

    private static func osErrorText(_ args: Arguments) throws(Raised) -> Value {
        let object = exception(args[0])
        let (number, message, file, second) = (object.field(0), object.field(1), object.field(2), object.field(3))
        if !file.isNone {
            var text = "[Errno \(try str(number).string)] \(try str(message).string): \(try repr(file).string)"
            if !second.isNone { text += " -> \(try repr(second).string)" }
            return Value(Str.make(text))
        }
        let tuple = object.pointee.args.object(Tuple.self)
        // One may have been given None for an errno.
        if !number.isNone && !message.isNone || tuple.count == 2 && object.pointee.fields != nil {
            return Value(Str.make("[Errno \(try str(number).string)] \(try str(message).string)"))
        }
        return Value(tuple.count == 0 ? StrTables.intern("") : try str(tuple.count == 1 ? tuple.items[0] : Value(tuple)))
    }

    private static func syntaxErrorText(_ args: Arguments) throws(Raised) -> Value {
        let object = exception(args[0])
        let message = try str(object.field(0)).string
        let (file, line) = (object.field(1), object.field(2))
        let name = file.isKind(.str) ? file.object(Str.self).string.split(separator: "/").last.map { String($0) } : nil
        switch (name, line.isInlineInt) {
        case (let name?, true): return Value(Str.make("\(message) (\(name), line \(line.inlineInt))"))
        case (let name?, false): return Value(Str.make("\(message) (\(name))"))
        case (nil, true): return Value(Str.make("\(message) (line \(line.inlineInt))"))
        case (nil, false): return Value(Str.make(message))
        }
    }

    private static func unicodeErrorText(_ args: Arguments) throws(Raised) -> Value {
        let object = exception(args[0])
        let isTranslate = args[0].cls.isSubclass(of: ExceptionName.unicodeTranslateError.cls)
        let isDecode = args[0].cls.isSubclass(of: ExceptionName.unicodeDecodeError.cls)
        let shift = isTranslate ? 0 : 1
        guard let start = machineInt(object.field(1 + shift)), let end = machineInt(object.field(2 + shift)) else {
            return Value(StrTables.intern(""))
        }
        let reason = try str(object.field(3 + shift)).string
        let prefix = isTranslate ? "can't translate" : "'\(try str(object.field(0)).string)' codec can't \(isDecode ? "decode" : "encode")"
        let source = object.field(shift)
        if end == start + 1 {
            if isDecode, source.isKind(.bytes), start < source.object(BytesObject.self).pointee.count, start >= 0 {
                let hex = String(source.object(BytesObject.self).bytes[start], radix: 16)
                return Value(Str.make("\(prefix) byte 0x\(hex.count == 1 ? "0" : "")\(hex) in position \(start): \(reason)"))
            }
            if !isDecode, source.isKind(.str), start >= 0, start < source.object(Str.self).count {
                let text = source.object(Str.self)
                let codePoint = text.codePoint(at: text.byteOffset(start))
                return Value(Str.make("\(prefix) character '\(escape(codePoint))' in position \(start): \(reason)"))
            }
        }
        return Value(Str.make("\(prefix) \(isDecode ? "bytes" : "characters") in position \(start)-\(end - 1): \(reason)"))
    }

    private static func escape(_ codePoint: UInt32) -> String {
        let hex = String(codePoint, radix: 16)
        let width = codePoint < 0x100 ? 2 : codePoint < 0x10000 ? 4 : 8
        let letter = codePoint < 0x100 ? "x" : codePoint < 0x10000 ? "u" : "U"
        return "\\\(letter)" + String(repeating: "0", count: width - hex.count) + hex
    }
}
