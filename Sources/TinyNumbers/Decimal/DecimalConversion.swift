// From and to the other types: what the constructor takes, int, float, ratio, tuple.
import Glibc
import TinyRuntime

enum DecimalConversion {
    /// The class DecimalTuple.
    nonisolated(unsafe) static var tupleClass = Value.none

    // MARK: Construction

    /// `Decimal(value, context)`: exact, whatever the precision.
    static func construct(_ cls: ClassRef, _ value: Value, _ context: Value) throws(Raised) -> Value {
        let context = try DecimalContext.given(context)
        if cls.shapeID == DecimalObject.shape, value.isExactly(.decimal) { return value }
        if floatOf(value) != nil { try context.note(.floatOperation) }
        return try Scratch.using { () throws(Raised) in
            var status = DecimalStatus()
            let number = try exact(value, &status)
            try context.note(status)
            return DecimalObject.make(number, cls)
        }
    }

    /// A number as it is written; nil: a text that is none.
    private static func read(_ value: Value, isLoose: Bool) throws(Raised) -> Number? {
        if value.isKind(.str) { return try DecimalReader.read(value.object(Str.self), isLoose: isLoose) }
        if let number = try DecimalMethods.operand(value) { return number }
        if let float = floatOf(value) { return try exact(float) }
        guard value.isKind(.tuple) || value.isKind(.list) else {
            throw typeError("conversion from \(typeName(value)) to Decimal is not supported")
        }
        return try number(ofTuple: try makeTuple(value))
    }

    /// As above; a number that no context holds exactly is no number.
    private static func exact(_ value: Value, _ status: inout DecimalStatus) throws(Raised) -> Number {
        guard let number = try read(value, isLoose: true) else {
            status.insert(.conversionSyntax)
            return .nan
        }
        var own = DecimalStatus()
        let fitted = try Rules.widest.fit(number, &own)
        if own.isDisjoint(with: [.inexact, .rounded, .clamped]) { return fitted }
        status.insert(.invalidOperation)
        return .nan
    }

    /// `context.create_decimal(value)`: rounded.
    static func create(_ value: Value, _ context: DecimalContext) throws(Raised) -> Value {
        if floatOf(value) != nil { try context.note(.floatOperation) }
        return try context.perform { rules, status throws(Raised) in
            guard let number = try read(value, isLoose: false) else {
                status.insert(.conversionSyntax)
                return .nan
            }
            if number.isNaN, !number.coefficient.isZero, try number.digits() > rules.precision - (rules.clamps ? 1 : 0) {
                status.insert(value.isKind(.str) || value.isDecimal ? .conversionSyntax : .invalidOperation)
                return .nan
            }
            return try rules.fit(number, &status)
        }
    }

    private static func number(ofTuple tuple: TupleRef) throws(Raised) -> Number {
        guard tuple.count == 3 else { throw valueError("argument must be a sequence of length 3") }
        guard isInteger(tuple.items[0]), let sign = machineInt(tuple.items[0]), sign == 0 || sign == 1 else {
            throw valueError("sign must be an integer with the value 0 or 1")
        }
        var form = DecimalForm.finite
        var exponent = 0
        if tuple.items[2].isKind(.str) {
            let text = tuple.items[2].object(Str.self)
            if text.equals("F") {
                form = .infinite
            } else if text.equals("n") {
                form = .quiet
            } else if text.equals("N") {
                form = .signaling
            } else {
                throw valueError("string argument in the third position must be 'F', 'n' or 'N'")
            }
        } else {
            guard isInteger(tuple.items[2]) else { throw valueError("exponent must be an integer") }
            guard let machine = machineInt(tuple.items[2]) else {
                throw raise(.overflowError, "Python int too large to convert to C ssize_t")
            }
            exponent = min(max(machine, -4_000_000_000_000_000_000), 4_000_000_000_000_000_000)
        }
        if form == .infinite { return .infinity(sign == 1) }
        guard tuple.items[1].isKind(.tuple) || tuple.items[1].isKind(.list) else {
            throw valueError("coefficient must be a tuple of digits")
        }
        let digits = try makeTuple(tuple.items[1])
        var text: [UInt8] = []
        text.reserveCapacity(digits.count)
        for index in 0 ..< digits.count {
            guard isInteger(digits.items[index]), let digit = machineInt(digits.items[index]), 0 ... 9 ~= digit else {
                throw valueError("coefficient must be a tuple of digits")
            }
            text.append(0x30 + UInt8(digit))
        }
        var number = Number(sign == 1, try naturalOf(text), exponent)
        number.form = form
        return number
    }

    /// The exact value of a float.
    static func exact(_ float: Double) throws(Raised) -> Number {
        let isNegative = float.sign == .minus
        if float.isNaN { return Number.nan.with(sign: isNegative) }
        if float.isInfinite { return .infinity(isNegative) }
        if float == 0 { return try Number(isNegative, 0, 0) }
        var power: Int32 = 0
        let fraction = frexp(abs(float), &power)
        let mantissa = UInt(fraction * 9_007_199_254_740_992)
        let twos = mantissa.trailingZeroBitCount
        let odd = try Natural(mantissa >> UInt(twos))
        // odd · 2^exponent
        let exponent = Int(power) - 53 + twos
        let base = Fixed(odd)
        if exponent >= 0 {
            base.shiftLeft(exponent)
            return Number(isNegative, try base.natural(), 0)
        }
        base.multiplyByPowerOfFive(-exponent)
        return Number(isNegative, try base.natural(), exponent)
    }

    // MARK: To other types

    /// The integer part, rounded by a rule.
    static func integer(_ value: Value, _ rounding: DecimalRounding) throws(Raised) -> Value {
        let decimal = value.object(DecimalObject.self)
        guard decimal.isFinite else {
            throw decimal.isNaN
                ? valueError("cannot convert NaN to integer") : raise(.overflowError, "cannot convert Infinity to integer")
        }
        return try Scratch.using { () throws(Raised) in
            var number = Number(decimal)
            if number.exponent >= 0 {
                number.coefficient = try number.coefficient.appending(number.exponent)
            } else if !number.isZero {
                _ = try number.drop(-number.exponent, rounding)
            }
            return number.coefficient.value(isNegative: number.isNegative)
        }
    }

    static func float(_ value: Value) throws(Raised) -> Double {
        let decimal = value.object(DecimalObject.self)
        let isNegative = decimal.isNegative
        switch decimal.form {
        case .signaling: throw valueError("cannot convert signaling NaN to float")
        case .quiet: return isNegative ? -Double.nan : Double.nan
        case .infinite: return isNegative ? -Double.infinity : Double.infinity
        case .finite: break
        }
        let exponent = decimal.pointee.exponent
        if decimal.isShort, decimal.pointee.word < 1 << 53, exponent.magnitude <= 19 {
            // Both are exact as doubles: one rounding.
            let word = Double(decimal.pointee.word)
            let unit = Double(PowerOfTen.words[Int(exponent.magnitude)])
            let magnitude = exponent < 0 ? word / unit : word * unit
            return isNegative ? -magnitude : magnitude
        }
        let text = try Scratch.using { () throws(Raised) in try Number(decimal).text(capitals: false) }
        return FloatMethods.parse(text) ?? 0
    }

    static func tuple(_ value: Value) throws(Raised) -> Value {
        let decimal = value.object(DecimalObject.self)
        let text: [UInt8] = try Scratch.using { () throws(Raised) in
            decimal.isFinite || decimal.form != .infinite && decimal.pointee.limbCount > 0
                ? try Number(decimal).coefficient.text() : decimal.form == .infinite ? [0x30] : []
        }
        let digits = Tuple.allocate(text.count)
        for (index, byte) in text.enumerated() { digits.items[index] = Value(inline: Int(byte & 15)) }
        let exponent: Value
        switch decimal.form {
        case .finite: exponent = Value(decimal.pointee.exponent)
        case .infinite: exponent = Value(StrTables.intern("F"))
        case .quiet: exponent = Value(StrTables.intern("n"))
        case .signaling: exponent = Value(StrTables.intern("N"))
        }
        return try callValue(tupleClass, Value(inline: decimal.isNegative ? 1 : 0), Value(digits), exponent)
    }

    static func ratio(_ value: Value) throws(Raised) -> Value {
        let decimal = value.object(DecimalObject.self)
        guard decimal.isFinite else {
            throw decimal.isNaN
                ? valueError("cannot convert NaN to integer ratio")
                : raise(.overflowError, "cannot convert Infinity to integer ratio")
        }
        return try Scratch.using { () throws(Raised) in
            let number = Number(decimal)
            if number.isZero { return Value(Tuple.make(Value(inline: 0), Value(inline: 1))) }
            if number.exponent >= 0 {
                let integer = try number.coefficient.appending(number.exponent).value(isNegative: number.isNegative)
                return Value(Tuple.make(integer, Value(inline: 1)))
            }
            let (numerator, denominator) = Fixed.lowest(
                Fixed(number.coefficient), Fixed(try PowerOfTen.natural(-number.exponent)))
            return Value(
                Tuple.make(
                    try numerator.natural().value(isNegative: number.isNegative),
                    try denominator.natural().value(isNegative: false)))
        }
    }
}
