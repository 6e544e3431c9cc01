// Context: the rules of a computation, its flags and traps; and which context is the current one.
//
// The current context is the value of a context variable, so that threads and tasks each have theirs. Looking it up is a
// dict look-up in the running thread's context, so the last answer is kept: it holds while that thread's context is the
// same object and no context variable has been set (`ScriptContext.epoch`).
import TinyRuntime

final class DecimalContext: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// `detail` of a box that holds one.
    static let boxDetail: UInt8 = 5

    var rules: Rules
    var flags = DecimalStatus()
    var traps: DecimalStatus
    var capitals = 1
    /// The mappings that show flags and traps, made when first asked for.
    var flagsView = Value.none
    var trapsView = Value.none

    init(_ rules: Rules, traps: DecimalStatus) {
        self.rules = rules
        self.traps = traps
    }

    /// As the default context, without flags.
    convenience init(copying other: DecimalContext) {
        self.init(other.rules, traps: other.traps)
        capitals = other.capitals
    }

    func trace(_ marker: inout Marker) {
        marker.mark(flagsView)
        marker.mark(trapsView)
    }

    func make(_ cls: ClassRef = DecimalContext.cls) -> Value {
        let box = BoxedObject.make(self, cls)
        box.header.pointee.detail = DecimalContext.boxDetail
        return box
    }

    // MARK: The current one

    /// The ready-made contexts, by address: `setcontext` copies them.
    nonisolated(unsafe) static var templates: [Value] = []
    /// The ContextVar.
    nonisolated(unsafe) static var variable = Value.none
    /// The running thread's context variables when `known` was found, and their state then. Both are kept alive by `roots`.
    nonisolated(unsafe) private static var owner = Value.absent
    nonisolated(unsafe) private static var epoch = 0
    nonisolated(unsafe) private static var known: Unmanaged<DecimalContext>?
    nonisolated(unsafe) static var roots: ListRef = List.make()

    /// The current context. (It lives on: `roots` holds it.)
    @inline(__always)
    static func current() throws(Raised) -> DecimalContext {
        if let known, currentThread().pointee.contextVariables == owner, epoch == ScriptContext.epoch {
            return known._withUnsafeGuaranteedRef { $0 }
        }
        return try slowCurrent()
    }

    @inline(never)
    private static func slowCurrent() throws(Raised) -> DecimalContext {
        try own(try currentValue())
    }

    /// The current context as the script sees it, made when there is none yet.
    static func currentValue() throws(Raised) -> Value {
        let (context, box) = ScriptContext.current()
        var value = try context.values.get(variable)
        if value.isAbsent {
            value = DecimalContext(copying: try own(templates[0])).make()
            try context.set(variable, value)
        }
        let own = try own(value)
        roots.put(value, at: 0)
        roots.put(box, at: 1)
        owner = box
        epoch = ScriptContext.epoch
        known = Unmanaged.passUnretained(own)
        return value
    }

    /// Makes a context the current one; a ready-made one is copied.
    static func setCurrent(_ value: Value) throws(Raised) {
        var value = value
        let own = try own(value)
        if templates.contains(value) { value = DecimalContext(copying: own).make() }
        let (context, _) = ScriptContext.current()
        try context.values.set(variable, value)
        ScriptContext.epoch += 1
    }

    @inline(__always)
    static func find(_ value: Value) -> DecimalContext? {
        guard value.isKind(.box), value.header.pointee.detail == boxDetail else { return nil }
        return unsafeDowncast(value.object(BoxedObject.self).swiftObject, to: DecimalContext.self)
    }

    static func own(_ value: Value) throws(Raised) -> DecimalContext {
        guard let context = find(value) else { throw typeError("argument must be a context") }
        return context
    }

    /// The context that an optional argument names.
    @inline(__always)
    static func given(_ value: Value) throws(Raised) -> DecimalContext {
        if value.isNone { return try current() }
        guard let context = find(value) else { throw typeError("optional argument must be a context") }
        return context
    }

    // MARK: Signals

    /// Notes what an operation has met: flags, and an exception for what is trapped.
    @inline(__always)
    func note(_ status: DecimalStatus) throws(Raised) {
        if !status.isEmpty { try slowNote(status) }
    }

    @inline(never)
    private func slowNote(_ status: DecimalStatus) throws(Raised) {
        flags.formUnion(status)
        let trapped = status.intersection(traps)
        if !trapped.isEmpty { throw DecimalSignals.exception(trapped) }
    }

    /// Runs an operation by the rules of this context.
    @inline(__always)
    func perform(_ operation: (Rules, inout DecimalStatus) throws(Raised) -> Number) throws(Raised) -> Value {
        try Scratch.using { () throws(Raised) in
            var status = DecimalStatus()
            let result = try operation(rules, &status)
            try note(status)
            return DecimalObject.make(result)
        }
    }
}

/// The signals: their classes, their order, and the exceptions that they become.
enum DecimalSignals {
    struct Signal {
        let name: String
        let status: DecimalStatus
    }

    /// In order of precedence: the first that is trapped gives the exception its class.
    static let all: [Signal] = [
        Signal(name: "InvalidOperation", status: .allInvalid), Signal(name: "FloatOperation", status: .floatOperation),
        Signal(name: "DivisionByZero", status: .divisionByZero), Signal(name: "Overflow", status: .overflow),
        Signal(name: "Underflow", status: .underflow), Signal(name: "Subnormal", status: .subnormal),
        Signal(name: "Inexact", status: .inexact), Signal(name: "Rounded", status: .rounded),
        Signal(name: "Clamped", status: .clamped),
    ]
    /// What InvalidOperation may have been.
    static let conditions: [Signal] = [
        Signal(name: "InvalidOperation", status: .invalidOperation),
        Signal(name: "ConversionSyntax", status: .conversionSyntax),
        Signal(name: "DivisionImpossible", status: .divisionImpossible),
        Signal(name: "DivisionUndefined", status: .divisionUndefined),
        Signal(name: "InvalidContext", status: .invalidContext),
    ]
    nonisolated(unsafe) static var classes: [ClassRef] = []
    nonisolated(unsafe) static var conditionClasses: [ClassRef] = []

    /// The exception for what is trapped; its argument lists all of it.
    static func exception(_ trapped: DecimalStatus) -> Raised {
        var cls = classes[0]
        if let first = all.indices.first(where: { !all[$0].status.isDisjoint(with: trapped) }) { cls = classes[first] }
        let list = List.make()
        for (index, condition) in conditions.enumerated() where trapped.contains(condition.status) {
            list.append(Value(conditionClasses[index]))
        }
        for index in all.indices.dropFirst() where trapped.contains(all[index].status) { list.append(Value(classes[index])) }
        return raise(ExceptionObject.make(cls, Tuple.make(Value(list))))
    }

    /// The status of a signal's class; nil: it is none.
    static func status(_ value: Value) -> DecimalStatus? {
        guard value.isKind(.class) else { return nil }
        let cls = value.object(ClassObject.self)
        return classes.firstIndex(of: cls).map { all[$0].status }
    }

    static let names = """
        valid values for signals are:
          [InvalidOperation, FloatOperation, DivisionByZero,
           Overflow, Underflow, Subnormal, Inexact, Rounded,
           Clamped]
        """

    static func list(_ status: DecimalStatus) -> Value {
        let list = List.make()
        for index in all.indices where !all[index].status.isDisjoint(with: status) { list.append(Value(classes[index])) }
        return Value(list)
    }

    /// The exception classes, by name, as members of the module `decimal`.
    static func addClasses(_ contents: ModuleContents) {
        func add(_ name: String, _ bases: [ClassRef]) -> ClassRef {
            let cls = ClassObject.makeNative(
                name, kind: .exception, bases: bases, flags: [.isBase, .isException, .isHeapType], module: "decimal")
            contents.set(name, Value(cls))
            return cls
        }
        let base = add("DecimalException", [ExceptionName.arithmeticError.cls])
        let zeroDivision = ExceptionName.zeroDivisionError.cls
        let invalid = add("InvalidOperation", [base])
        let inexact = add("Inexact", [base])
        let rounded = add("Rounded", [base])
        let subnormal = add("Subnormal", [base])
        classes = [
            invalid, add("FloatOperation", [base, ExceptionName.typeError.cls]), add("DivisionByZero", [base, zeroDivision]),
            add("Overflow", [inexact, rounded]), add("Underflow", [inexact, rounded, subnormal]), subnormal, inexact, rounded,
            add("Clamped", [base]),
        ]
        conditionClasses = [
            invalid, add("ConversionSyntax", [invalid]), add("DivisionImpossible", [invalid]),
            add("DivisionUndefined", [invalid, zeroDivision]), add("InvalidContext", [invalid]),
        ]
    }
}
