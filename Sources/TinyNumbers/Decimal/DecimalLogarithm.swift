// exp, ln, log10 and powers that are not integers. Each result is correctly rounded: it is computed with a few digits more,
// and with more again while those don't say to which side it must be rounded.
import TinyRuntime

extension Rules {
    /// Bits that hold so many decimal digits, and some to spare.
    private static func bits(_ digits: Int) throws(Raised) -> Int {
        guard digits < largestBuffer / 8 else { throw raise(.memoryError) }
        return digits * 3322 / 1000 + 40
    }

    /// Whether the digits beyond the precision of a coefficient (wrong by 20 units at most) decide how it is rounded to nearest.
    private func isDecided(_ coefficient: Natural) throws(Raised) -> Bool {
        let excess = try coefficient.digits() - precision
        guard excess >= 3 else { return false }
        let unit = try PowerOfTen.natural(excess)
        let rest = try coefficient.divided(by: unit).remainder
        let twice = try rest.plus(rest)
        let distance = twice.compare(unit) < 0 ? try unit.minus(twice) : try twice.minus(unit)
        return distance.count > 1 || distance.low > 40
    }

    /// The approximate coefficient as a number, never ending in 0 or 5: it is not exact.
    private func approximate(_ isNegative: Bool, _ coefficient: Natural, _ exponent: Int) throws(Raised) -> Number {
        Number(isNegative, coefficient.endsInFives ? try coefficient.plusOne() : coefficient, exponent)
    }

    func exp(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        if a.isInfinite { return a.isNegative ? try Number(false, 0, 0) : a }
        if a.isZero { return try Number(false, 1, 0) }
        let inner = with(rounding: .halfEven)
        let adjusted = try a.adjusted()
        if adjusted > 18 {
            return try inner.fit(try Number(false, 1, a.isNegative ? tiny - 2 : 2 * Rules.mostPrecision), &status)
        }
        // Three digits more than are kept don't tell it from 1.
        let isNextToZero = adjusted == -precision - 4
            ? try a.magnitudeOrder(try Number(false, 9, adjusted)) <= 0 : adjusted < -precision - 4
        if isNextToZero {
            status.formUnion([.inexact, .rounded])
            return try paddedOne(false, precision - 1)
        }
        var extra = 4
        while true {
            let digits = precision + extra
            let bits = try Rules.bits(digits)
            let x = try Fixed.make(a.coefficient, a.exponent, bits: bits)
            if a.isNegative { x.negate() }
            let (tens, result) = Fixed.exponential(x, bits: bits)
            result.multiply(Fixed(try PowerOfTen.natural(digits)))
            result.shiftRight(bits)
            let coefficient = try result.natural()
            if try isDecided(coefficient) {
                return try inner.fit(try approximate(false, coefficient, tens - digits), &status)
            }
            extra *= 2
        }
    }

    func ln(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let simple = try simpleLogarithm(a, &status) { return simple }
        if try a.order(try Number(false, 1, 0)) == 0 { return try Number(false, 0, 0) }
        return try logarithm(a, &status) { value, _ in value }
    }

    func log10(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let simple = try simpleLogarithm(a, &status) { return simple }
        let (one, _) = try a.coefficient.droppingZeros(try a.digits())
        if one.count == 1, one.low == 1 {
            let adjusted = try a.adjusted()
            return try with(rounding: .halfEven).fit(try Number(adjusted < 0, adjusted.magnitude, 0), &status)
        }
        return try logarithm(a, &status) { value, bits in
            value.shiftLeft(bits)
            value.divide(Fixed.logarithms(bits).ten)
            return value
        }
    }

    /// The logarithm of what has a simple one; nil: it must be computed.
    private func simpleLogarithm(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number? {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        if a.isZero { return .infinity(true) }
        if a.isNegative { return invalid(&status) }
        return a.isInfinite ? a : nil
    }

    private func logarithm(
        _ a: Number, _ status: inout DecimalStatus, _ finish: (Fixed, Int) -> Fixed
    ) throws(Raised) -> Number {
        // a = x · 10^tens with 0.1 ≤ x < 1, or near 1.
        var tens = try a.adjusted() + 1
        var near = 0
        if tens == 0 || tens == 1 {
            // Next to 1 the result is small: as many digits more are needed.
            var ignored = DecimalStatus()
            let gap = try Rules.widest.subtract(a, try Number(false, 1, 0), &ignored)
            let adjusted = try gap.adjusted()
            if adjusted < -1 || tens == 1 && adjusted < 0 {
                near = -adjusted
                tens = 0
            }
        }
        var extra = 5
        while true {
            let digits = precision + extra + near
            let bits = try Rules.bits(digits)
            let x = try Fixed.make(a.coefficient, a.exponent - tens, bits: bits)
            let sum = Fixed.logarithm(x, bits: bits)
            if tens != 0 {
                // A word more of ln 10, for what the multiplication makes of its error.
                let whole = Fixed.logarithms(bits + 64).ten
                whole.multiply(tens)
                whole.shiftRight(64)
                sum.add(whole)
            }
            let result = finish(sum, bits)
            let isNegative = result.sign < 0
            if isNegative { result.negate() }
            result.multiply(Fixed(try PowerOfTen.natural(digits)))
            result.shiftRight(bits)
            let coefficient = try result.natural()
            if try isDecided(coefficient) {
                return try with(rounding: .halfEven).fit(try approximate(isNegative, coefficient, -digits), &status)
            }
            extra *= 2
        }
    }

    /// exp(y · ln x), with more digits than are kept.
    func realPower(_ base: Number, _ exponent: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        let inner = Rules.widest.with(precision: Swift.max(precision, try base.digits()) + 23)
        var ignored = DecimalStatus()
        let logarithm = try inner.ln(base, &ignored)
        return try inner.exp(try inner.multiply(logarithm, exponent, &ignored), &status)
    }
}
