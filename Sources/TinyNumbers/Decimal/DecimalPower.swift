// Roots and powers. Integer powers multiply as libmpdec does, with some digits more than are kept; others are
// exp(y · ln x) (DecimalLogarithm.swift).
import CGMP
import TinyRuntime

extension Rules {
    func root(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        let half = a.exponent >> 1
        if a.isZero { return try fit(try Number(a.isNegative, 0, half), &status) }
        if a.isNegative { return invalid(&status) }
        if a.isInfinite { return a }
        let digits = try a.digits()
        let isOdd = a.exponent & 1 == 1
        var coefficient = isOdd ? try a.coefficient.appending(1) : a.coefficient
        let length = isOdd ? digits >> 1 + 1 : (digits + 1) >> 1
        // Twice as many digits under the root as the result has, and one pair more.
        let shift = precision + 1 - length
        var isExact = true
        if shift >= 0 {
            coefficient = try coefficient.appending(2 * shift)
        } else {
            let (quotient, rest) = try coefficient.dropping(-2 * shift)
            coefficient = quotient
            isExact = rest == .nothing
        }
        var (root, isSquare) = try coefficient.root()
        var exponent = half - shift
        if isExact, isSquare {
            if shift >= 0 {
                root = try root.divided(by: PowerOfTen.natural(shift)).quotient
            } else {
                root = try root.appending(-shift)
            }
            exponent = half
        } else if root.endsInFives {
            root = try root.plusOne()
        }
        return try with(rounding: .halfEven).fit(Number(false, root, exponent), &status)
    }

    func power(_ base: Number, _ exponent: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(base, exponent, self, &status) { return nan }
        let parity = try exponent.parity()
        let isNegative = base.isNegative && parity.isInteger && parity.isOdd
        if base.isZero {
            if exponent.isZero { return invalid(&status) }
            return exponent.isNegative ? .infinity(isNegative) : try Number(isNegative, 0, 0)
        }
        if base.isNegative, !parity.isInteger || exponent.isInfinite { return invalid(&status) }
        let one = try Number(false, 1, 0)
        let order = try base.magnitudeOrder(one)
        if exponent.isInfinite {
            if order == 0 {
                status.formUnion([.inexact, .rounded])
                return try paddedOne(isNegative, precision - 1)
            }
            return (order < 0) == exponent.isNegative ? .infinity(isNegative) : try Number(isNegative, 0, 0)
        }
        if base.isInfinite {
            if exponent.isZero { return try Number(isNegative, 1, 0) }
            return exponent.isNegative ? try Number(isNegative, 0, 0) : .infinity(isNegative)
        }
        if exponent.isZero { return try Number(isNegative, 1, 0) }
        if order == 0 { return try powerOfOne(base, exponent, parity.isInteger, isNegative, &status) }
        if let far = try farPower(base, exponent, isAbove: order > 0, isNegative, &status) { return far }
        if parity.isInteger { return try integerPower(base, exponent, isNegative, &status) }
        var result = try realPower(base, exponent, &status)
        if result.isFinite, try result.order(one) == 0 { result = try paddedOne(false, precision - 1) }
        if result.isInfinite { result = try Number(false, 1, 2 * Rules.mostPrecision) }
        return try fit(result, &status)
    }

    /// 1 with zeros behind the point.
    func paddedOne(_ isNegative: Bool, _ zeros: Int) throws(Raised) -> Number {
        Number(isNegative, try PowerOfTen.natural(zeros), -zeros)
    }

    private func powerOfOne(
        _ base: Number, _ exponent: Number, _ isInteger: Bool, _ isNegative: Bool, _ status: inout DecimalStatus
    ) throws(Raised) -> Number {
        var zeros = precision - 1
        if isInteger {
            if exponent.isNegative { return try Number(isNegative, 1, 0) }
            // 1.000 ** 3 has nine zeros.
            let product = try exponent.coefficient.times(try Natural(UInt(-base.exponent)))
            let total = Number(false, product, exponent.exponent)
            if try total.order(try Number(false, UInt(precision - 1), 0)) > 0 {
                status.insert(.rounded)
            } else {
                let integer = total.exponent >= 0
                    ? try product.appending(total.exponent) : try product.dropping(-total.exponent).quotient
                zeros = Int(integer.low)
            }
        } else {
            status.formUnion([.inexact, .rounded])
        }
        return try paddedOne(isNegative, zeros)
    }

    /// A result so far above the largest or below the smallest number that nothing need be computed; nil: it may be within.
    private func farPower(
        _ base: Number, _ exponent: Number, isAbove: Bool, _ isNegative: Bool, _ status: inout DecimalStatus
    ) throws(Raised) -> Number? {
        let adjusted = try base.adjusted()
        // The magnitude of log10(base) is at least 10^bound.
        let bound: Int
        if isAbove ? adjusted >= 1 : adjusted <= -2 {
            bound = Natural.digits(UInt(isAbove ? adjusted : -adjusted - 1)) - 1
        } else {
            var ignored = DecimalStatus()
            let one = try Number(false, 1, 0)
            let gap = try Rules.widest.subtract(base.with(sign: false), one, &ignored)
            // log10(1 + x) is at least x/9 for x up to 9, and below 1 its magnitude is even larger.
            bound = try gap.adjusted() - 1
        }
        let reach = bound + (try exponent.adjusted())
        let limit = isAbove != exponent.isNegative ? highest : -tiny
        guard reach > Natural.digits(UInt(Swift.max(1, limit))) else { return nil }
        return try fit(
            isAbove != exponent.isNegative
                ? try Number(isNegative, 1, 2 * Rules.mostPrecision) : try Number(isNegative, 1, tiny - 1), &status)
    }

    private func integerPower(
        _ base: Number, _ exponent: Number, _ isNegative: Bool, _ status: inout DecimalStatus
    ) throws(Raised) -> Number {
        let digits = try exponent.digits()
        var inner = Rules(
            precision: precision + digits + exponent.exponent + 2, highest: highest, lowest: lowest, rounding: .halfEven,
            clamps: false)
        var factor = base
        if exponent.isNegative {
            inner.precision += 1
            var own = DecimalStatus()
            factor = try inner.divide(try Number(false, 1, 0), base, &own)
            status.formUnion(own)
        }
        let magnitude = exponent.exponent >= 0
            ? try exponent.coefficient.appending(exponent.exponent)
            : try exponent.coefficient.dropping(-exponent.exponent).quotient
        var result = factor
        var bit = magnitude.bitLength - 1
        var own = DecimalStatus()
        while bit > 0 {
            bit -= 1
            result = try inner.multiply(result, result, &own)
            if magnitude.limbs[bit >> 6] >> UInt(bit & 63) & 1 == 1 { result = try inner.multiply(result, factor, &own) }
            if !result.isFinite || result.isZero && own.contains(.clamped) { break }
        }
        status.formUnion(own)
        result.isNegative = isNegative
        if result.isInfinite { result = try Number(isNegative, 1, 2 * Rules.mostPrecision) }
        return try fit(result, &status)
    }

    /// pow(a, b, m) on integers, exactly.
    func powerModulo(_ a: Number, _ b: Number, _ m: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN || b.isNaN || m.isNaN {
            let operands = [a, b, m]
            let chosen = operands.first { $0.form == .signaling } ?? operands.first { $0.isNaN } ?? m
            return try Number.nan(chosen, nil, self, &status) ?? .nan
        }
        let parity = try b.parity()
        guard a.isFinite, b.isFinite, m.isFinite, try a.parity().isInteger, parity.isInteger, try m.parity().isInteger,
            !m.isZero, !b.isNegative || b.isZero, try m.adjusted() < precision, !(a.isZero && b.isZero)
        else { return invalid(&status) }
        func integer(_ number: Number) throws(Raised) -> Natural {
            number.exponent >= 0
                ? try number.coefficient.appending(number.exponent)
                : try number.coefficient.dropping(-number.exponent).quotient
        }
        let modulus = try integer(m).value(isNegative: false)
        let isNegative = a.isNegative && parity.isOdd
        // base ** (c · 10^e) is base ** c, to the power of ten e times: the exponent itself might be too long.
        var zeros = Swift.max(0, b.exponent)
        guard zeros <= 1 << 24 else { throw raise(.memoryError) }
        let exponent = zeros > 0 ? b.coefficient : try integer(b)
        var result = try intPower(integerModulo(a, modulus), exponent.value(isNegative: false), modulus)
        while zeros > 0 {
            result = try intPower(result, Value(inline: 10), modulus)
            zeros -= 1
        }
        return Number(isNegative, try Natural(result), 0)
    }

    private func integerModulo(_ a: Number, _ m: Value) throws(Raised) -> Value {
        let coefficient = a.exponent >= 0
            ? a.coefficient.value(isNegative: false)
            : try a.coefficient.dropping(-a.exponent).quotient.value(isNegative: false)
        guard a.exponent > 0 else { return coefficient }
        let power = try intPower(Value(inline: 10), Value(a.exponent), m)
        return try intBinary(6, try intBinary(2, coefficient, power) ?? .none, m) ?? .none
    }
}

/// `pow(a, b, m)` of integers of the language: the function of that name, which Rules' own would hide.
private func intPower(_ a: Value, _ b: Value, _ m: Value) throws(Raised) -> Value { try powerModulo(a, b, m) }
