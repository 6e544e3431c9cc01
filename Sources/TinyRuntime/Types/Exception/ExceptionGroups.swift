// Exception groups and what `except*` does with them (PEP 654).

enum GroupMethods {
    private static func group(_ value: Value) -> ExceptionRef { value.object(ExceptionObject.self) }
    private static func members(_ value: Value) -> TupleRef { group(value).field(1).object(Tuple.self) }

    static let nativeClass = NativeClass(
        "BaseExceptionGroup", kind: .exception, doc: "A combination of multiple unrelated exceptions.",
        flags: [.isBase, .isException], methods: [
            Native("__init__(self, /, *args, **kwargs)", "Initialize self.") { _ in .none },
            Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in
                let count = members(args[0]).count
                let message = try str(group(args[0]).field(0)).string
                return Value(Str.make("\(message) (\(count) sub-exception\(count == 1 ? "" : "s"))"))
            },
            Native("derive(self, excs, /)", "") { args throws(Raised) in
                let name: ExceptionName = .baseExceptionGroup
                return try callValue(Value(name.cls), group(args[0]).field(0), args[1])
            },
            Native("split(self, matcher_value, /)", "") { args throws(Raised) in
                let parts = try split(args[0], try matcher(args[1]))
                return Value(Tuple.make(parts.matching, parts.rest))
            },
            Native("subgroup(self, matcher_value, /)", "") { args throws(Raised) in
                try split(args[0], try matcher(args[1])).matching
            },
            Native("__class_getitem__(cls, object, /)", "", .classMethod) { args throws(Raised) in
                GenericAlias.make(args[0], args[1])
            },
        ], construct: construct)

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        var cls = args[0].object(ClassObject.self)
        let arguments = args[1].object(Tuple.self)
        guard arguments.count == 2 else {
            throw typeError("BaseExceptionGroup.__new__() takes exactly 2 arguments (\(arguments.count) given)")
        }
        guard arguments.items[0].isKind(.str) else {
            throw typeError("BaseExceptionGroup.__new__() argument 1 must be str, not \(typeName(arguments.items[0]))")
        }
        let source = arguments.items[1]
        guard source.isKind(.list) || source.isKind(.tuple) || source.cls.pointee.flags.contains(.matchesSequence) else {
            throw typeError("second argument (exceptions) must be a sequence")
        }
        let list = try makeList(source)
        guard list.count > 0 else { throw valueError("second argument (exceptions) must be a non-empty sequence") }
        var areAllExceptions = true
        for index in 0 ..< list.count {
            guard list.items[index].isKind(.exception) else {
                throw valueError("Item \(index) of second argument (exceptions) is not an exception")
            }
            if !list.items[index].cls.isSubclass(of: ExceptionName.exception.cls) { areAllExceptions = false }
        }
        if cls == ExceptionName.baseExceptionGroup.cls {
            if areAllExceptions { cls = ExceptionName.exceptionGroup.cls }
        } else if !areAllExceptions, cls.isSubclass(of: ExceptionName.exception.cls) {
            if cls == ExceptionName.exceptionGroup.cls {
                throw typeError("Cannot nest BaseExceptions in an ExceptionGroup")
            }
            throw typeError("Cannot nest BaseExceptions in '\(cls.nameText)'")
        }
        let object = ExceptionObject.make(cls, arguments)
        object.setField(0, arguments.items[0])
        object.setField(1, Value(Tuple.make(list.items, list.count)))
        return Value(object)
    }

    typealias Matcher = (Value) throws(Raised) -> Bool

    /// A class, a tuple of classes, or a function of an exception.
    private static func matcher(_ value: Value) throws(Raised) -> Matcher {
        if value.isKind(.class) && value.object(ClassObject.self).pointee.flags.contains(.isException) || value.isKind(.tuple) {
            return { exception throws(Raised) in try matches(exception, value) }
        }
        guard value.cls.has(.call), !value.isKind(.class) else {
            throw typeError("expected an exception type, a tuple of exception types, or a callable (other than a class)")
        }
        return { exception throws(Raised) in try truth(callValue(value, exception)) }
    }

    /// The parts of an exception (group) that match and that don't, each with the group structure kept; None if empty.
    static func split(_ exception: Value, _ matches: Matcher) throws(Raised) -> (matching: Value, rest: Value) {
        try currentThread().checkNativeStack()
        if try matches(exception) { return (exception, .none) }
        guard exception.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls) else { return (.none, exception) }
        let matching = List.make()
        let rest = List.make()
        let all = members(exception)
        for index in 0 ..< all.count {
            let parts = try split(all.items[index], matches)
            if !parts.matching.isNone { matching.append(parts.matching) }
            if !parts.rest.isNone { rest.append(parts.rest) }
        }
        return (try derive(exception, matching), try derive(exception, rest))
    }

    /// A group like `original` of these members, with its traceback, cause, context and notes; None for no members.
    static func derive(_ original: Value, _ members: ListRef) throws(Raised) -> Value {
        guard members.count > 0 else { return .none }
        let made = try callMethod(original, StrTables.intern("derive"), Value(members))
        guard made.isKind(.exception), made.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls) else {
            throw typeError("derive must return an instance of BaseExceptionGroup")
        }
        let (from, to) = (group(original), group(made))
        to.pointee.traceback = from.pointee.traceback
        to.pointee.cause = from.pointee.cause
        to.pointee.context = from.pointee.context
        to.pointee.suppressesContext = from.pointee.suppressesContext
        if let notes = from.pointee.dictionary?.get(Names.notes), notes.isKind(.list) {
            let dictionary = to.pointee.dictionary ?? Dict.make()
            to.pointee.dictionary = dictionary
            let list = notes.object(List.self)
            dictionary.set(Names.notes, Value(list.count == 0 ? List.make() : List.make(list.items, list.count)))
        }
        return made
    }
}

/// `except* pattern`: what it catches of an exception (always as a group) and what is left.
func splitForHandler(_ exception: Value, _ pattern: Value) throws(Raised) -> (matching: Value, rest: Value) {
    if exception.isNone { return (.none, .none) }
    let patterns = pattern.isKind(.tuple) ? pattern.object(Tuple.self) : Tuple.make(pattern)
    for index in 0 ..< patterns.count {
        let cls = patterns.items[index]
        guard cls.isKind(.class), cls.object(ClassObject.self).pointee.flags.contains(.isException) else {
            throw typeError("catching classes that do not inherit from BaseException is not allowed")
        }
        if cls.object(ClassObject.self).isSubclass(of: ExceptionName.baseExceptionGroup.cls) {
            throw typeError("catching ExceptionGroup with except* is not allowed. Use except instead.")
        }
    }
    if !exception.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls) {
        guard try matches(exception, pattern) else { return (.none, exception) }
        // A naked exception is wrapped.
        let group = try callValue(
            Value(ExceptionName.baseExceptionGroup.cls), Value(StrTables.intern("")), Value(Tuple.make(exception)))
        group.object(ExceptionObject.self).pointee.traceback = exception.object(ExceptionObject.self).pointee.traceback
        return (group, .none)
    }
    return try GroupMethods.split(exception) { value throws(Raised) in try matches(value, pattern) }
}

/// What is raised after the `except*` clauses: the exceptions they raised, beside what none of them caught; None if
/// nothing is left.
func groupToReraise(_ original: Value, _ results: ListRef) throws(Raised) -> Value {
    let raised = List.make()
    let unhandled = List.make()
    for index in 0 ..< results.count where !results.items[index].isNone {
        let value = results.items[index]
        if isPart(value, of: original) { unhandled.append(value) } else { raised.append(value) }
    }
    if raised.count == 0, unhandled.count == 0 { return .none }
    if !original.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls) {
        return raised.count > 0 ? raised.items[0] : original
    }
    let rest = List.make()
    for index in 0 ..< unhandled.count { collectLeaves(unhandled.items[index], into: rest) }
    var remaining = Value.none
    if rest.count > 0 {
        remaining = try GroupMethods.split(original) { value in
            for index in 0 ..< rest.count where rest.items[index] == value { return true }
            return false
        }.matching
    }
    if raised.count == 0 { return remaining }
    if !remaining.isNone { raised.append(remaining) }
    if raised.count == 1 { return raised.items[0] }
    let group = try callValue(Value(ExceptionName.baseExceptionGroup.cls), Value(StrTables.intern("")), Value(raised))
    return group
}

/// Whether a group was split off `original`: they share traceback and metadata.
private func isPart(_ value: Value, of original: Value) -> Bool {
    if value == original { return true }
    guard value.isKind(.exception), value.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls),
        original.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls)
    else { return false }
    let (a, b) = (value.object(ExceptionObject.self).pointee, original.object(ExceptionObject.self).pointee)
    return a.traceback == b.traceback && a.context == b.context && a.cause == b.cause
        && sameNotes(a.dictionary?.get(Names.notes) ?? .absent, b.dictionary?.get(Names.notes) ?? .absent)
}

/// A part has a copy of its whole's list of notes.
private func sameNotes(_ a: Value, _ b: Value) -> Bool {
    guard a.isKind(.list), b.isKind(.list) else { return a == b }
    let (x, y) = (a.object(List.self), b.object(List.self))
    return x.count == y.count && (0 ..< x.count).allSatisfy { x.items[$0] == y.items[$0] }
}

private func collectLeaves(_ exception: Value, into list: ListRef) {
    guard exception.cls.isSubclass(of: ExceptionName.baseExceptionGroup.cls) else {
        list.append(exception)
        return
    }
    let all = exception.object(ExceptionObject.self).field(1).object(Tuple.self)
    for index in 0 ..< all.count { collectLeaves(all.items[index], into: list) }
}
