// The class Decimal: operators, and the operations that numbers and contexts both have.
//
// An operation is one function of Rules; a table gives it its two appearances, `a.exp(context=None)` and `context.exp(a)`.
import TinyRuntime

typealias DecimalUnary = @Sendable (Rules, Number, inout DecimalStatus) throws(Raised) -> Number
typealias DecimalBinary = @Sendable (Rules, Number, Number, inout DecimalStatus) throws(Raised) -> Number

enum DecimalMethods {
    /// Decimal and int operands as numbers; nil: neither.
    static func operand(_ value: Value) throws(Raised) -> Number? {
        if value.isDecimal { return Number(value.object(DecimalObject.self)) }
        guard isInteger(value) else { return nil }
        return Number(isNegative(value), try Natural(value), 0)
    }

    /// As above, for methods: anything else is an error.
    static func required(_ value: Value) throws(Raised) -> Number {
        guard let number = try operand(value) else {
            throw typeError("conversion from \(typeName(value)) to Decimal is not supported")
        }
        return number
    }

    // MARK: Operators

    /// A binary operator in general form; NotImplemented for operands that are no numbers.
    static func operate(_ operatorIndex: Int, _ a: Value, _ b: Value, _ context: DecimalContext) throws(Raised) -> Value {
        try Scratch.using { () throws(Raised) in
            guard let x = try operand(a), let y = try operand(b) else { return .notImplemented }
            var status = DecimalStatus()
            let rules = context.rules
            let result: Number
            switch operatorIndex {
            case 0: result = try rules.add(x, y, &status)
            case 1: result = try rules.subtract(x, y, &status)
            case 2: result = try rules.multiply(x, y, &status)
            case 4: result = try rules.divide(x, y, &status)
            case 5: result = try rules.divideInteger(x, y, &status)
            case 6: result = try rules.remainder(x, y, &status)
            case 7: result = try rules.power(x, y, &status)
            default: return .notImplemented
            }
            try context.note(status)
            return DecimalObject.make(result)
        }
    }

    private static func pair(_ forward: StaticString, _ backward: StaticString, _ operatorIndex: Int) -> [Native] {
        [
            Native(forward, "") { args throws(Raised) in
                try operate(operatorIndex, args[0], args[1], try DecimalContext.current())
            },
            Native(backward, "") { args throws(Raised) in
                try operate(operatorIndex, args[1], args[0], try DecimalContext.current())
            },
        ]
    }

    static func divideModulo(_ a: Value, _ b: Value, _ context: DecimalContext) throws(Raised) -> Value {
        if let x = ShortDecimal(a), let y = ShortDecimal(b),
            let quotient = context.rules.shortParts(x, y, wantsQuotient: true),
            let rest = context.rules.shortParts(x, y, wantsQuotient: false)
        {
            return Value(Tuple.make(quotient, rest))
        }
        return try Scratch.using { () throws(Raised) in
            guard let x = try operand(a), let y = try operand(b) else { return .notImplemented }
            var status = DecimalStatus()
            let (quotient, rest) = try context.rules.divideModulo(x, y, &status)
            try context.note(status)
            return Value(Tuple.make(DecimalObject.make(quotient), DecimalObject.make(rest)))
        }
    }

    static func power(_ a: Value, _ b: Value, _ modulus: Value, _ context: DecimalContext) throws(Raised) -> Value {
        if modulus.isNone { return try operate(7, a, b, context) }
        return try Scratch.using { () throws(Raised) in
            guard let x = try operand(a), let y = try operand(b), let m = try operand(modulus) else { return .notImplemented }
            var status = DecimalStatus()
            let result = try context.rules.powerModulo(x, y, m, &status)
            try context.note(status)
            return DecimalObject.make(result)
        }
    }

    static let operators: [Native] =
        pair("__add__(self, value, /)", "__radd__(self, value, /)", 0)
        + pair("__sub__(self, value, /)", "__rsub__(self, value, /)", 1)
        + pair("__mul__(self, value, /)", "__rmul__(self, value, /)", 2)
        + pair("__truediv__(self, value, /)", "__rtruediv__(self, value, /)", 4)
        + pair("__floordiv__(self, value, /)", "__rfloordiv__(self, value, /)", 5)
        + pair("__mod__(self, value, /)", "__rmod__(self, value, /)", 6)
        + comparisonRows { operatorIndex, a, b throws(Raised) in try DecimalCompare.compare(operatorIndex, a, b) }
        + [
            Native("__divmod__(self, value, /)", "Return divmod(self, value).") { args throws(Raised) in
                try divideModulo(args[0], args[1], try DecimalContext.current())
            },
            Native("__rdivmod__(self, value, /)", "Return divmod(value, self).") { args throws(Raised) in
                try divideModulo(args[1], args[0], try DecimalContext.current())
            },
            Native("__pow__(self, value, mod=None, /)", "Return pow(self, value, mod).") { args throws(Raised) in
                try power(args[0], args[1], args[2], try DecimalContext.current())
            },
            Native("__rpow__(self, value, mod=None, /)", "Return pow(value, self, mod).") { args throws(Raised) in
                try power(args[1], args[0], args[2], try DecimalContext.current())
            },
            Native("__neg__(self, /)", "-self") { args throws(Raised) in
                try unary(args[0], try DecimalContext.current()) { rules, a, status throws(Raised) in try rules.minus(a, &status) }
            },
            Native("__pos__(self, /)", "+self") { args throws(Raised) in
                try unary(args[0], try DecimalContext.current()) { rules, a, status throws(Raised) in try rules.plus(a, &status) }
            },
            Native("__abs__(self, /)", "abs(self)") { args throws(Raised) in
                try unary(args[0], try DecimalContext.current()) { rules, a, status throws(Raised) in try rules.absolute(a, &status) }
            },
        ]

    // MARK: Operations of numbers and contexts

    static func unary(_ a: Value, _ context: DecimalContext, _ operation: DecimalUnary) throws(Raised) -> Value {
        try context.perform { rules, status throws(Raised) in try operation(rules, try required(a), &status) }
    }

    static func binary(_ a: Value, _ b: Value, _ context: DecimalContext, _ operation: DecimalBinary) throws(Raised) -> Value {
        try context.perform { rules, status throws(Raised) in
            try operation(rules, try required(a), try required(b), &status)
        }
    }

    // Two structs: Swift 6.3.1 crashes on closures with typed throws that fill a field of generic type.
    struct UnaryRow: Sendable {
        let ofNumber: StaticString?
        let ofContext: StaticString
        let doc: StaticString
        let operation: DecimalUnary

        init(_ ofNumber: StaticString?, _ ofContext: StaticString, _ doc: StaticString, _ operation: @escaping DecimalUnary) {
            self.ofNumber = ofNumber
            self.ofContext = ofContext
            self.doc = doc
            self.operation = operation
        }
    }

    struct BinaryRow: Sendable {
        let ofNumber: StaticString?
        let ofContext: StaticString
        let doc: StaticString
        let operation: DecimalBinary

        init(_ ofNumber: StaticString?, _ ofContext: StaticString, _ doc: StaticString, _ operation: @escaping DecimalBinary) {
            self.ofNumber = ofNumber
            self.ofContext = ofContext
            self.doc = doc
            self.operation = operation
        }
    }

    static let unaryRows: [UnaryRow] = [
        UnaryRow("exp(self, /, context=None)", "exp(self, x, /)", "e to the power of the number, correctly rounded.") { r, a, s throws(Raised) in try r.exp(a, &s) },
        UnaryRow("ln(self, /, context=None)", "ln(self, x, /)", "The natural logarithm, correctly rounded.") { r, a, s throws(Raised) in try r.ln(a, &s) },
        UnaryRow("log10(self, /, context=None)", "log10(self, x, /)", "The logarithm to base 10, correctly rounded.") { r, a, s throws(Raised) in try r.log10(a, &s) },
        UnaryRow("logb(self, /, context=None)", "logb(self, x, /)", "The exponent of the first digit, as a Decimal.") { r, a, s throws(Raised) in try r.logb(a, &s) },
        UnaryRow("logical_invert(self, /, context=None)", "logical_invert(self, x, /)", "Every digit (0 or 1) turned round.") { r, a, s throws(Raised) in try r.logicalInvert(a, &s) },
        UnaryRow("next_minus(self, /, context=None)", "next_minus(self, x, /)", "The largest number below this one.") { r, a, s throws(Raised) in try r.nextMinus(a, &s) },
        UnaryRow("next_plus(self, /, context=None)", "next_plus(self, x, /)", "The smallest number above this one.") { r, a, s throws(Raised) in try r.nextPlus(a, &s) },
        UnaryRow("normalize(self, /, context=None)", "normalize(self, x, /)", "The number rounded, without zeros at its end.") { r, a, s throws(Raised) in try r.normalize(a, &s) },
        UnaryRow("sqrt(self, /, context=None)", "sqrt(self, x, /)", "The square root, correctly rounded.") { r, a, s throws(Raised) in try r.root(a, &s) },
        UnaryRow(nil, "to_integral_exact(self, x, /)", "The nearest integer; tells what is lost.") { r, a, s throws(Raised) in try r.integral(a, tells: true, &s) },
        UnaryRow(nil, "to_integral_value(self, x, /)", "The nearest integer.") { r, a, s throws(Raised) in try r.integral(a, tells: false, &s) },
        UnaryRow(nil, "to_integral(self, x, /)", "The nearest integer.") { r, a, s throws(Raised) in try r.integral(a, tells: false, &s) },
        UnaryRow(nil, "abs(self, x, /)", "The absolute value, rounded.") { r, a, s throws(Raised) in try r.absolute(a, &s) },
        UnaryRow(nil, "plus(self, x, /)", "The number, rounded.") { r, a, s throws(Raised) in try r.plus(a, &s) },
        UnaryRow(nil, "minus(self, x, /)", "The number with the other sign, rounded.") { r, a, s throws(Raised) in try r.minus(a, &s) },
        UnaryRow(nil, "_apply(self, x, /)", "The number fitted to the context.") { r, a, s throws(Raised) in try r.fit(a, &s) },
    ]

    static let binaryRows: [BinaryRow] = [
        BinaryRow("compare(self, /, other, context=None)", "compare(self, x, y, /)", "-1, 0 or 1 by the order of the numbers.") { r, a, b, s throws(Raised) in try r.compare(a, b, &s) },
        BinaryRow("compare_signal(self, /, other, context=None)", "compare_signal(self, x, y, /)", "As compare; every NaN signals.") { r, a, b, s throws(Raised) in try r.compareSignal(a, b, &s) },
        BinaryRow("logical_and(self, /, other, context=None)", "logical_and(self, x, y, /)", "Digit by digit: both are 1.") { r, a, b, s throws(Raised) in try r.logicalAnd(a, b, &s) },
        BinaryRow("logical_or(self, /, other, context=None)", "logical_or(self, x, y, /)", "Digit by digit: one is 1.") { r, a, b, s throws(Raised) in try r.logicalOr(a, b, &s) },
        BinaryRow("logical_xor(self, /, other, context=None)", "logical_xor(self, x, y, /)", "Digit by digit: they differ.") { r, a, b, s throws(Raised) in try r.logicalXor(a, b, &s) },
        BinaryRow("max(self, /, other, context=None)", "max(self, x, y, /)", "The larger number.") { r, a, b, s throws(Raised) in try r.maximum(a, b, &s) },
        BinaryRow("max_mag(self, /, other, context=None)", "max_mag(self, x, y, /)", "The number with the larger magnitude.") { r, a, b, s throws(Raised) in try r.maximumMagnitude(a, b, &s) },
        BinaryRow("min(self, /, other, context=None)", "min(self, x, y, /)", "The smaller number.") { r, a, b, s throws(Raised) in try r.minimum(a, b, &s) },
        BinaryRow("min_mag(self, /, other, context=None)", "min_mag(self, x, y, /)", "The number with the smaller magnitude.") { r, a, b, s throws(Raised) in try r.minimumMagnitude(a, b, &s) },
        BinaryRow("next_toward(self, /, other, context=None)", "next_toward(self, x, y, /)", "The nearest number in the direction of the other.") { r, a, b, s throws(Raised) in try r.nextToward(a, b, &s) },
        BinaryRow("remainder_near(self, /, other, context=None)", "remainder_near(self, x, y, /)", "What is left when the nearest multiple is taken away.") { r, a, b, s throws(Raised) in try r.remainderNear(a, b, &s) },
        BinaryRow("rotate(self, /, other, context=None)", "rotate(self, x, y, /)", "The digits rotated.") { r, a, b, s throws(Raised) in try r.rotate(a, b, &s) },
        BinaryRow("scaleb(self, /, other, context=None)", "scaleb(self, x, y, /)", "The exponent moved by the second number.") { r, a, b, s throws(Raised) in try r.scale(a, b, &s) },
        BinaryRow("shift(self, /, other, context=None)", "shift(self, x, y, /)", "The digits shifted.") { r, a, b, s throws(Raised) in try r.shift(a, b, &s) },
        BinaryRow("compare_total(self, /, other, context=None)", "compare_total(self, x, y, /)", "-1, 0 or 1 by the total order of representations.") { r, a, b, s throws(Raised) in try r.compareTotal(a, b, &s) },
        BinaryRow("compare_total_mag(self, /, other, context=None)", "compare_total_mag(self, x, y, /)", "As compare_total, without the signs.") { r, a, b, s throws(Raised) in try r.compareTotalMagnitude(a, b, &s) },
        BinaryRow("copy_sign(self, /, other, context=None)", "copy_sign(self, x, y, /)", "The first number with the second's sign.") { _, a, b, _ throws(Raised) in a.with(sign: b.isNegative) },
        BinaryRow(nil, "add(self, x, y, /)", "The sum.") { r, a, b, s throws(Raised) in try r.add(a, b, &s) },
        BinaryRow(nil, "subtract(self, x, y, /)", "The difference.") { r, a, b, s throws(Raised) in try r.subtract(a, b, &s) },
        BinaryRow(nil, "multiply(self, x, y, /)", "The product.") { r, a, b, s throws(Raised) in try r.multiply(a, b, &s) },
        BinaryRow(nil, "divide(self, x, y, /)", "The quotient.") { r, a, b, s throws(Raised) in try r.divide(a, b, &s) },
        BinaryRow(nil, "divide_int(self, x, y, /)", "The integer part of the quotient.") { r, a, b, s throws(Raised) in try r.divideInteger(a, b, &s) },
        BinaryRow(nil, "remainder(self, x, y, /)", "The remainder, with the sign of the first number.") { r, a, b, s throws(Raised) in try r.remainder(a, b, &s) },
    ]

    /// The rows as methods of numbers.
    static let shared: [Native] =
        unaryRows.compactMap { row in
            row.ofNumber.map {
                Native($0, row.doc, .method) { args throws(Raised) in
                    try unary(args[0], try DecimalContext.given(args[1]), row.operation)
                }
            }
        }
        + binaryRows.compactMap { row in
            row.ofNumber.map {
                Native($0, row.doc, .method) { args throws(Raised) in
                    try binary(args[0], args[1], try DecimalContext.given(args[2]), row.operation)
                }
            }
        }
}
