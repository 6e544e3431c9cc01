// The class Context: its settings, and what else is not arithmetic.
import TinyRuntime

extension DecimalContext {
    /// Context without arguments, or with those of `__init__`.
    static let nativeClass = NativeClass(
        "Context", kind: .box, doc: "The rules of a computation with decimals: precision, rounding, exponents, flags and traps.",
        flags: .isBase, methods: settings + ContextMethods.all, attributes: attributes,
        construct: { args throws(Raised) in
            DecimalContext(copying: try own(templates[0])).make(args[0].object(ClassObject.self))
        })

    // MARK: Settings

    static func machine(_ value: Value) throws(Raised) -> Int {
        guard isInteger(value) else { throw typeError("an integer is required") }
        guard let int = machineInt(value) else { throw raise(.overflowError, "Python int too large to convert to C ssize_t") }
        return int
    }

    static func rounding(_ value: Value) throws(Raised) -> DecimalRounding {
        if value.isKind(.str) {
            let str = value.object(Str.self)
            for (index, name) in DecimalRounding.names.enumerated() where str.equals(name) {
                return DecimalRounding(rawValue: UInt8(index)) ?? .halfEven
            }
        }
        throw typeError(
            """
            valid values for rounding are:
              [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,
               ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,
               ROUND_05UP]
            """)
    }

    /// Sets one setting, by its name.
    func set(_ name: StaticString, _ value: Value) throws(Raised) {
        if value.isAbsent { throw raise(.attributeError, "context attributes cannot be deleted") }
        let key = name.description
        switch key {
        case "rounding": rules.rounding = try DecimalContext.rounding(value)
        case "flags": flags = try DecimalContext.signals(value, isStrict: true)
        case "traps": traps = try DecimalContext.signals(value, isStrict: true)
        default:
            let int = try DecimalContext.machine(value)
            let most = Rules.mostPrecision
            let range = switch key {
            case "prec": 1 ... most
            case "Emin": -most ... 0
            case "Emax": 0 ... most
            default: 0 ... 1
            }
            guard range.contains(int) else {
                throw valueError(
                    key == "prec" ? "valid range for prec is [1, MAX_PREC]"
                        : key == "Emin" ? "valid range for Emin is [MIN_EMIN, 0]"
                        : key == "Emax" ? "valid range for Emax is [0, MAX_EMAX]" : "valid values for \(key) are 0 or 1")
            }
            switch key {
            case "prec": rules.precision = int
            case "Emin": rules.lowest = int
            case "Emax": rules.highest = int
            case "capitals": capitals = int
            default: rules.clamps = int == 1
            }
        }
    }

    func get(_ name: StaticString) -> Value {
        switch name.description {
        case "prec": return Value(rules.precision)
        case "Emin": return Value(rules.lowest)
        case "Emax": return Value(rules.highest)
        case "capitals": return Value(capitals)
        case "clamp": return Value(rules.clamps ? 1 : 0)
        case "rounding": return Value(StrTables.intern(DecimalRounding.names[Int(rules.rounding.rawValue)]))
        default: return .none
        }
    }

    /// The signals of a mapping (which must have all of them) or, unless `isStrict`, of a list.
    static func signals(_ value: Value, isStrict: Bool) throws(Raised) -> DecimalStatus {
        var status = DecimalStatus()
        if let view = value.boxed(SignalView.self) { return view.status }
        if value.isKind(.list), !isStrict {
            let list = value.object(List.self)
            for index in 0 ..< list.count {
                guard let signal = DecimalSignals.status(list.items[index]) else {
                    throw raise(.keyError, DecimalSignals.names)
                }
                status.formUnion(signal)
            }
            return status
        }
        guard value.isKind(.dict) else { throw typeError("argument must be a signal dict") }
        let dict = value.object(Dict.self)
        guard dict.pointee.count == DecimalSignals.all.count else { throw raise(.keyError, "invalid signal dict") }
        for (index, cls) in DecimalSignals.classes.enumerated() {
            let entry = try dict.get(Value(cls))
            if entry.isAbsent { throw raise(.keyError, "invalid signal dict") }
            if try truth(entry) { status.formUnion(DecimalSignals.all[index].status) }
        }
        return status
    }

    static let names: [StaticString] = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"]

    private static let attributes: [Accessors] = names.prefix(6).map { name in
        Accessors(name) { object throws(Raised) in try own(object).get(name) } set: { object, value throws(Raised) in
            try own(object).set(name, value)
        }
    } + [
        signals("flags", \.flagsView, isTraps: false), signals("traps", \.trapsView, isTraps: true),
    ]

    /// A set of signals as a mapping, made when first asked for.
    private static func signals(_ name: StaticString, _ view: ReferenceWritableKeyPath<DecimalContext, Value> & Sendable, isTraps: Bool) -> Accessors {
        Accessors(name) { object throws(Raised) in
            let own = try own(object)
            if own[keyPath: view].isNone { own[keyPath: view] = SignalView.make(own, object, isTraps: isTraps) }
            return own[keyPath: view]
        } set: { object, value throws(Raised) in
            try own(object).set(name, value)
        }
    }

    private static func names(_ status: DecimalStatus) -> String {
        // The order of the bits, not that of precedence.
        let order = [
            "Clamped", "InvalidOperation", "DivisionByZero", "Inexact", "FloatOperation", "Overflow", "Rounded", "Subnormal",
            "Underflow",
        ]
        let set = DecimalSignals.all.filter { !$0.status.isDisjoint(with: status) }.map { $0.name }
        return order.filter { set.contains($0) }.joined(separator: ", ")
    }

    private static let settings: [Native] = [
        Native(
            "__init__(self, /, prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)",
            "Initialize self.  See help(type(self)) for accurate signature."
        ) { args throws(Raised) in
            let own = try own(args[0])
            for (index, name) in names.enumerated() where !args[index + 1].isNone {
                if index < 6 {
                    try own.set(name, args[index + 1])
                } else if index == 6 {
                    own.flags = try signals(args[7], isStrict: false)
                } else {
                    own.traps = try signals(args[8], isStrict: false)
                }
            }
            return .none
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try own(args[0])
            let rules = own.rules
            let rounding = DecimalRounding.names[Int(rules.rounding.rawValue)]
            return Value(
                Str.make(
                    "Context(prec=\(rules.precision), rounding=\(rounding), Emin=\(rules.lowest), Emax=\(rules.highest), "
                        + "capitals=\(own.capitals), clamp=\(rules.clamps ? 1 : 0), flags=[\(names(own.flags))], traps=[\(names(own.traps))])"))
        },
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            let own = try own(args[0])
            let state = Tuple.make(
                own.get("prec"), own.get("rounding"), own.get("Emin"), own.get("Emax"), own.get("capitals"), own.get("clamp"),
                DecimalSignals.list(own.flags), DecimalSignals.list(own.traps))
            return Value(Tuple.make(Value(args[0].cls), Value(state)))
        },
        Native("copy(self, /)", "A copy of the context, with its flags.", .method) { args throws(Raised) in try copied(args[0]) },
        Native("__copy__(self, /)", "", .method) { args throws(Raised) in try copied(args[0]) },
        Native("clear_flags(self, /)", "Reset all flags to False.", .method) { args throws(Raised) in
            try own(args[0]).flags = []
            return .none
        },
        Native("clear_traps(self, /)", "Set all traps to False.", .method) { args throws(Raised) in
            try own(args[0]).traps = []
            return .none
        },
        Native("Etiny(self, /)", "The smallest exponent: Emin - prec + 1.", .method) { args throws(Raised) in
            Value(try own(args[0]).rules.tiny)
        },
        Native("Etop(self, /)", "The largest exponent of a number with all digits: Emax - prec + 1.", .method) { args throws(Raised) in
            Value(try own(args[0]).rules.top)
        },
    ]

    private static func copied(_ value: Value) throws(Raised) -> Value {
        let own = try own(value)
        let copy = DecimalContext(copying: own)
        copy.flags = own.flags
        return copy.make()
    }
}

/// The mapping that `flags` and `traps` are: every signal has its place.
final class SignalView: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// None in one that a script makes, which is of no use.
    private let context: DecimalContext?
    /// The context as a value, which keeps it alive.
    private let owner: Value
    private let isTraps: Bool

    private init(_ context: DecimalContext?, _ owner: Value, _ isTraps: Bool) {
        self.context = context
        self.owner = owner
        self.isTraps = isTraps
    }

    static func make(_ context: DecimalContext, _ owner: Value, isTraps: Bool) -> Value {
        BoxedObject.make(SignalView(context, owner, isTraps), cls)
    }

    func trace(_ marker: inout Marker) { marker.mark(owner) }

    var status: DecimalStatus {
        get { (isTraps ? context?.traps : context?.flags) ?? [] }
        set { if isTraps { context?.traps = newValue } else { context?.flags = newValue } }
    }

    private func has(_ index: Int) -> Value { Value(!DecimalSignals.all[index].status.isDisjoint(with: status)) }

    private static func own(_ value: Value) throws(Raised) -> SignalView {
        guard let view = value.boxed(SignalView.self), view.context != nil else { throw valueError("invalid signal dict") }
        return view
    }

    private static func index(_ value: Value) throws(Raised) -> Int {
        guard value.isKind(.class), let index = DecimalSignals.classes.firstIndex(of: value.object(ClassObject.self)) else {
            throw raise(.keyError, DecimalSignals.names)
        }
        return index
    }

    private func dictionary() throws(Raised) -> DictRef {
        let dict = Dict.make()
        for (index, cls) in DecimalSignals.classes.enumerated() { try dict.set(Value(cls), has(index)) }
        return dict
    }

    static let mixin = NativeClass(
        "SignalDictMixin", kind: .box, flags: .isBase, methods: [
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                let own = try own(args[0])
                let parts = DecimalSignals.all.indices.map {
                    "<class 'decimal.\(DecimalSignals.all[$0].name)'>:\(own.has($0).isTrue ? "True" : "False")"
                }
                return Value(Str.make("{\(parts.joined(separator: ", "))}"))
            },
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in
                _ = try own(args[0])
                return Value(DecimalSignals.all.count)
            },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                _ = try own(args[0])
                return try iterator(Value(Tuple.make(DecimalSignals.classes.map { Value($0) })))
            },
            Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
                try own(args[0]).has(try index(args[1]))
            },
            Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
                let own = try own(args[0])
                let status = DecimalSignals.all[try index(args[1])].status
                if try truth(args[2]) { own.status.formUnion(status) } else { own.status.subtract(status) }
                return .none
            },
            Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
                throw valueError("signal keys cannot be deleted")
            },
            Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                try equals(args[0], args[1]).map { Value($0) } ?? .notImplemented
            },
            Native("__ne__(self, value, /)", "Return self!=value.") { args throws(Raised) in
                try equals(args[0], args[1]).map { Value(!$0) } ?? .notImplemented
            },
            Native("copy(self, /)", "", .method) { args throws(Raised) in Value(try own(args[0]).dictionary()) },
        ], construct: { args throws(Raised) in
            BoxedObject.make(SignalView(nil, .none, false), args[0].object(ClassObject.self))
        })

    private static func equals(_ a: Value, _ b: Value) throws(Raised) -> Bool? {
        let own = try own(a)
        func canonical(_ status: DecimalStatus) -> [Bool] { DecimalSignals.all.map { !$0.status.isDisjoint(with: status) } }
        if b.boxed(SignalView.self) != nil { return canonical(own.status) == canonical(try Self.own(b).status) }
        guard b.isKind(.dict) else { return nil }
        let dict = b.object(Dict.self)
        guard dict.pointee.count == DecimalSignals.all.count else { return false }
        let status = own.status
        for (index, cls) in DecimalSignals.classes.enumerated() {
            let entry = try dict.get(Value(cls))
            if entry.isAbsent { return false }
            if try truth(entry) == DecimalSignals.all[index].status.isDisjoint(with: status) { return false }
        }
        return true
    }
}
