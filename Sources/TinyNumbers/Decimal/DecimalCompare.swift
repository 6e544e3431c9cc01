// Comparisons with other kinds of number, and hashes: equal numbers of any kind have the same hash.
import CGMP
import TinyRuntime

enum DecimalCompare {
    /// `a < b` and so on, a being a Decimal; NotImplemented for what it can't be compared with.
    static func compare(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
        let context = try DecimalContext.current()
        let isEquality = operatorIndex == 2 || operatorIndex == 3
        if !b.isDecimal, !isInteger(b), floatOf(b) == nil { return try compareOther(operatorIndex, a, b, context) }
        if floatOf(b) != nil { try noteFloat(context, isEquality) }
        return try Scratch.using { () throws(Raised) in
            var other = try DecimalMethods.operand(b)
            if other == nil { other = try number(b) }
            guard let other else { return .notImplemented }
            return try compare(operatorIndex, Number(a.object(DecimalObject.self)), other, context)
        }
    }

    /// The exact value of a float.
    private static func number(_ value: Value) throws(Raised) -> Number? {
        guard let float = floatOf(value) else { return nil }
        return try DecimalConversion.exact(float)
    }

    /// Ordering floats with decimals is a signal; testing them for equality only sets its flag.
    private static func noteFloat(_ context: DecimalContext, _ isEquality: Bool) throws(Raised) {
        if isEquality { context.flags.insert(.floatOperation) } else { try context.note(.floatOperation) }
    }

    private static func compare(
        _ operatorIndex: Int, _ a: Number, _ b: Number, _ context: DecimalContext
    ) throws(Raised) -> Value {
        if a.isNaN || b.isNaN {
            if a.form == .signaling || b.form == .signaling || operatorIndex != 2 && operatorIndex != 3 {
                try context.note(.invalidOperation)
            }
            return Value(operatorIndex == 3)
        }
        return Value(holds(operatorIndex, order: try a.order(b)))
    }

    /// Complex numbers and fractions.
    private static func compareOther(
        _ operatorIndex: Int, _ a: Value, _ b: Value, _ context: DecimalContext
    ) throws(Raised) -> Value {
        let isEquality = operatorIndex == 2 || operatorIndex == 3
        if b.isKind(.complex) {
            let complex = b.object(ComplexObject.self).pointee
            guard isEquality else { return .notImplemented }
            if complex.imaginary != 0 { return Value(operatorIndex == 3) }
            return try compare(operatorIndex, a, Value(complex.real))
        }
        guard b.isPointer, try isRational(b) else { return .notImplemented }
        let numerator = try getAttribute(b, "numerator")
        let denominator = try getAttribute(b, "denominator")
        guard isInteger(numerator), isInteger(denominator) else { return .notImplemented }
        return try Scratch.using { () throws(Raised) in
            var number = Number(a.object(DecimalObject.self))
            if number.isFinite { number.coefficient = try number.coefficient.times(try Natural(denominator)) }
            let other = Number(isNegative(numerator), try Natural(numerator), 0)
            return try compare(operatorIndex, number, other, context)
        }
    }

    /// Whether it is a numbers.Rational; nothing can be one before that module is there.
    private static func isRational(_ value: Value) throws(Raised) -> Bool {
        switch value.kind {
        case .str, .bytes, .list, .tuple, .dict, .set, .frozenset, .function, .class, .module: return false
        default: break
        }
        let module = Runtime.modules.get(StrTables.intern("numbers"))
        guard module.isKind(.module) else { return false }
        return try isInstance(value, try getAttribute(module, "Rational"))
    }

    // MARK: Hash

    private static let modulus: UInt = (1 << 61) - 1
    private static let inverseOfTen = power(10, modulus - 2)

    private static func times(_ a: UInt, _ b: UInt) -> UInt {
        let (high, low) = a.multipliedFullWidth(by: b)
        // 2^61 is 1 here, so 2^64 is 8.
        let sum = (low & modulus) + (low >> 61 | high << 3)
        return sum >= modulus ? sum - modulus : sum
    }

    private static func power(_ base: UInt, _ exponent: UInt) -> UInt {
        var (result, factor, rest): (UInt, UInt, UInt) = (1, base, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = times(result, factor) }
            factor = times(factor, factor)
            rest >>= 1
        }
        return result
    }

    static func hash(_ value: Value) throws(Raised) -> Int {
        let decimal = value.object(DecimalObject.self)
        guard decimal.isFinite else {
            switch decimal.form {
            case .signaling: throw typeError("Cannot hash a signaling NaN value")
            case .infinite: return decimal.isNegative ? -314159 : 314159
            default: return identityHash(value)
            }
        }
        let count = decimal.pointee.limbCount
        let residue = count <= 1 ? decimal.pointee.word % modulus : __gmpn_mod_1(decimal.limbs, count, modulus)
        let exponent = decimal.pointee.exponent
        let unit = exponent >= 0 ? 10 : inverseOfTen
        let hash = Int(times(residue, power(unit, exponent.magnitude)))
        let signed = decimal.isNegative ? -hash : hash
        return signed == -1 ? -2 : signed
    }
}
