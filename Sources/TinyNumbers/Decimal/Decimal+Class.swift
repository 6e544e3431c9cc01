// The class Decimal: construction, predicates, conversions, rounding; operators and shared operations are in DecimalMethods.
import TinyRuntime

extension DecimalMethods {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeClass = NativeClass(
        "Decimal", kind: .decimal,
        doc: "A decimal number, from an int, a str, a float, a tuple (sign, digits, exponent) or another Decimal: exactly as given.",
        flags: .isBase, methods: operators + shared + predicates + conversions + roundings, attributes: [
            Accessors("real") { $0 }, Accessors("imag") { _ in DecimalObject.make(false, 0, 0) },
        ], construct: construct)

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let cls = args[0].object(ClassObject.self)
        let given = args[1].object(Tuple.self)
        guard given.count <= 2 else { throw typeError("function takes at most 2 arguments (\(given.count) given)") }
        var value = given.count > 0 ? given.items[0] : Value.absent
        var context = given.count > 1 ? given.items[1] : Value.none
        if args[2].isKind(.dict) {
            let keywords = args[2].object(Dict.self)
            var position = 0
            while let entry = keywords.next(&position) {
                guard entry.pointee.key.isKind(.str) else { throw typeError("keywords must be strings") }
                let name = entry.pointee.key.object(Str.self)
                if name.equals("value"), value.isAbsent {
                    value = entry.pointee.value
                } else if name.equals("context"), given.count < 2 {
                    context = entry.pointee.value
                } else {
                    throw typeError("this function got an unexpected keyword argument '\(name.string)'")
                }
            }
        }
        return try DecimalConversion.construct(cls, value.isAbsent ? Value(inline: 0) : value, context)
    }

    private static func decimal(_ value: Value) -> DecimalRef { value.object(DecimalObject.self) }

    // MARK: What it is

    struct PredicateRow: Sendable {
        let ofNumber: StaticString
        let ofContext: StaticString
        let test: @Sendable (Rules, Number) throws(Raised) -> Bool
    }

    static let predicateRows: [PredicateRow] = [
        PredicateRow(ofNumber: "is_finite(self, /)", ofContext: "is_finite(self, x, /)") { $1.isFinite },
        PredicateRow(ofNumber: "is_infinite(self, /)", ofContext: "is_infinite(self, x, /)") { $1.isInfinite },
        PredicateRow(ofNumber: "is_nan(self, /)", ofContext: "is_nan(self, x, /)") { $1.isNaN },
        PredicateRow(ofNumber: "is_qnan(self, /)", ofContext: "is_qnan(self, x, /)") { $1.form == .quiet },
        PredicateRow(ofNumber: "is_snan(self, /)", ofContext: "is_snan(self, x, /)") { $1.form == .signaling },
        PredicateRow(ofNumber: "is_signed(self, /)", ofContext: "is_signed(self, x, /)") { $1.isNegative },
        PredicateRow(ofNumber: "is_zero(self, /)", ofContext: "is_zero(self, x, /)") { $1.isZero },
        PredicateRow(ofNumber: "is_normal(self, /, context=None)", ofContext: "is_normal(self, x, /)") { rules, a throws(Raised) in
            a.isFinite && !a.isZero ? try a.adjusted() >= rules.lowest : false
        },
        PredicateRow(ofNumber: "is_subnormal(self, /, context=None)", ofContext: "is_subnormal(self, x, /)") { rules, a throws(Raised) in
            a.isFinite && !a.isZero ? try a.adjusted() < rules.lowest : false
        },
    ]

    static func numberClass(_ a: Number, _ rules: Rules) throws(Raised) -> Value {
        if a.isNaN { return Value(StrTables.intern(a.form == .quiet ? "NaN" : "sNaN")) }
        let kind = a.isInfinite ? "Infinity" : a.isZero ? "Zero" : try a.adjusted() < rules.lowest ? "Subnormal" : "Normal"
        return Value(StrTables.intern((a.isNegative ? "-" : "+") + kind))
    }

    static func sameQuantum(_ a: Number, _ b: Number) -> Value {
        if !a.isFinite || !b.isFinite { return Value(a.isNaN && b.isNaN || a.isInfinite && b.isInfinite) }
        return Value(a.exponent == b.exponent)
    }

    private static let predicates: [Native] =
        predicateRows.map { row in
            Native(row.ofNumber, "", .method) { args throws(Raised) in
                let rules = args.count > 1 ? try DecimalContext.given(args[1]).rules : .widest
                return Value(try row.test(rules, Number(decimal(args[0]))))
            }
        } + [
            Native("is_canonical(self, /)", "True.", .method) { _ in .true },
            Native("canonical(self, /)", "The number itself.", .method) { args throws(Raised) in args[0] },
            Native("conjugate(self, /)", "The number itself.", .method) { args throws(Raised) in args[0] },
            Native("radix(self, /)", "Decimal(10).", .method) { _ in DecimalObject.make(false, 10, 0) },
            Native("number_class(self, /, context=None)", "The kind of number, as text.", .method) { args throws(Raised) in
                try numberClass(Number(decimal(args[0])), try DecimalContext.given(args[1]).rules)
            },
            Native("same_quantum(self, /, other, context=None)", "Whether the exponents are the same.", .method) { args throws(Raised) in
                _ = try DecimalContext.given(args[2])
                return try Scratch.using { () throws(Raised) in sameQuantum(Number(decimal(args[0])), try required(args[1])) }
            },
            Native("adjusted(self, /)", "The exponent of the first digit.", .method) { args throws(Raised) in
                decimal(args[0]).isFinite ? Value(try Number(decimal(args[0])).adjusted()) : Value(inline: 0)
            },
            Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in
                Value(!decimal(args[0]).isFinite || decimal(args[0]).pointee.limbCount > 0)
            },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in Value(try DecimalCompare.hash(args[0])) },
        ]

    // MARK: Conversions

    private static let conversions: [Native] = [
        Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in Value(try decimal(args[0]).text()) },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            var builder = TextBuilder()
            builder.append("Decimal('")
            builder.append(try decimal(args[0]).text())
            builder.append("')")
            return Value(builder.make())
        },
        Native("to_eng_string(self, /, context=None)", "Text with an exponent that is a multiple of three.", .method) { args throws(Raised) in
            try text(args[0], try DecimalContext.given(args[1]), isEngineering: true)
        },
        Native("__format__(self, specification, override=?, /)", "", .method) { args throws(Raised) in
            try DecimalFormat.format(args[0], args[1], args[2])
        },
        Native("__int__(self, /)", "int(self)") { args throws(Raised) in try DecimalConversion.integer(args[0], .down) },
        Native("__trunc__(self, /)", "", .method) { args throws(Raised) in try DecimalConversion.integer(args[0], .down) },
        Native("__floor__(self, /)", "", .method) { args throws(Raised) in try DecimalConversion.integer(args[0], .floor) },
        Native("__ceil__(self, /)", "", .method) { args throws(Raised) in try DecimalConversion.integer(args[0], .ceiling) },
        Native("__float__(self, /)", "float(self)") { args throws(Raised) in Value(try DecimalConversion.float(args[0])) },
        Native("__complex__(self, /)", "", .method) { args throws(Raised) in
            ComplexObject.make(try DecimalConversion.float(args[0]), 0)
        },
        Native("as_tuple(self, /)", "Sign, digits and exponent.", .method) { args throws(Raised) in try DecimalConversion.tuple(args[0]) },
        Native("as_integer_ratio(self, /)", "A pair of integers, in lowest terms, whose ratio is the number.", .method) { args throws(Raised) in
            try DecimalConversion.ratio(args[0])
        },
        Native("from_float(cls, f, /)", "The exact value of a float.", .classMethod) { args throws(Raised) in
            guard isInteger(args[1]) || floatOf(args[1]) != nil else { throw typeError("argument must be int or float") }
            let exact = try Scratch.using { () throws(Raised) in
                if let float = floatOf(args[1]) { return DecimalObject.make(try DecimalConversion.exact(float)) }
                return DecimalObject.make(try required(args[1]))
            }
            return args[0] == Value(cls) ? exact : try callValue(args[0], exact)
        },
        Native("__reduce__(self, /)", "", .method) { args throws(Raised) in
            Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(Value(try str(args[0]))))))
        },
        Native("__copy__(self, /)", "", .method) { args throws(Raised) in args[0] },
        Native("__deepcopy__(self, memo, /)", "", .method) { args throws(Raised) in args[0] },
        Native("__sizeof__(self, /)", "", .method) { args throws(Raised) in Value(DecimalObject.size(args[0].address)) },
    ]

    static func text(_ value: Value, _ context: DecimalContext, isEngineering: Bool) throws(Raised) -> Value {
        try Scratch.using { () throws(Raised) in
            Value(Str.make(try required(value).text(isEngineering: isEngineering, capitals: context.capitals == 1)))
        }
    }

    // MARK: Rounding

    static func quantize(
        _ a: Value, _ b: Value, _ context: DecimalContext, _ rounding: DecimalRounding?
    ) throws(Raised) -> Value {
        let rules = rounding.map { context.rules.with(rounding: $0) } ?? context.rules
        if a.isDecimal, b.isDecimal {
            var status = DecimalStatus()
            if let value = rules.shortQuantize(decimal(a), decimal(b), &status) {
                try context.note(status)
                return value
            }
        }
        return try context.perform { _, status throws(Raised) in try rules.quantize(try required(a), try required(b), &status) }
    }

    private static func rounded(_ args: Arguments, tells: Bool) throws(Raised) -> Value {
        let context = try DecimalContext.given(args[2])
        let rounding = args[1].isNone ? context.rules.rounding : try DecimalContext.rounding(args[1])
        return try context.perform { rules, status throws(Raised) in
            try rules.with(rounding: rounding).integral(Number(decimal(args[0])), tells: tells, &status)
        }
    }

    private static let roundings: [Native] = [
        Native("quantize(self, /, exp, rounding=None, context=None)", "The number rounded to the exponent of another.", .method) { args throws(Raised) in
            let context = try DecimalContext.given(args[3])
            return try quantize(args[0], args[1], context, args[2].isNone ? nil : try DecimalContext.rounding(args[2]))
        },
        Native("to_integral_value(self, /, rounding=None, context=None)", "The nearest integer.", .method) { args throws(Raised) in
            try rounded(args, tells: false)
        },
        Native("to_integral(self, /, rounding=None, context=None)", "The nearest integer.", .method) { args throws(Raised) in
            try rounded(args, tells: false)
        },
        Native("to_integral_exact(self, /, rounding=None, context=None)", "The nearest integer; tells what is lost.", .method) { args throws(Raised) in
            try rounded(args, tells: true)
        },
        Native("__round__(self, ndigits=?, /)", "", .method) { args throws(Raised) in
            if !args.has(1) || args[1].isNone { return try DecimalConversion.integer(args[0], .halfEven) }
            guard isInteger(args[1]) else { throw typeError("optional arg must be an integer") }
            let places = try DecimalContext.machine(args[1])
            return try DecimalContext.current().perform { rules, status throws(Raised) in
                try rules.quantize(
                    Number(decimal(args[0])), try Number(false, 1, places == Int.min ? Int.max : -places), &status)
            }
        },
        Native("fma(self, /, other, third, context=None)", "self * other + third, rounded once.", .method) { args throws(Raised) in
            try DecimalContext.given(args[3]).perform { rules, status throws(Raised) in
                try rules.fma(Number(decimal(args[0])), try required(args[1]), try required(args[2]), &status)
            }
        },
        Native("copy_abs(self, /)", "The number without its sign.", .method) { args throws(Raised) in
            DecimalObject.make(Number(decimal(args[0])).with(sign: false))
        },
        Native("copy_negate(self, /)", "The number with the other sign.", .method) { args throws(Raised) in
            DecimalObject.make(Number(decimal(args[0])).with(sign: !decimal(args[0]).isNegative))
        },
    ]
}
