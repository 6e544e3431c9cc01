// Operations that are about digits and exponents: quantize, rounding to integers, the neighbours of a number, scaling,
// shifting, and the logical operations on digits 0 and 1.
import TinyRuntime

extension Rules {
    /// The number with the exponent of another.
    func quantize(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            return a.isInfinite && b.isInfinite ? a : invalid(&status)
        }
        if b.exponent > highest || b.exponent < tiny { return invalid(&status) }
        if a.isZero { return try fit(try Number(a.isNegative, 0, b.exponent), &status) }
        let shift = a.exponent - b.exponent
        if try a.digits() + shift > precision { return invalid(&status) }
        var result = a
        var own = DecimalStatus()
        if shift >= 0 {
            result.coefficient = try a.coefficient.appending(shift)
            result.exponent = b.exponent
        } else {
            own.insert(.rounded)
            if try result.drop(-shift, rounding) != .nothing { own.insert(.inexact) }
            result.exponent = b.exponent
        }
        let digits = try result.digits()
        let adjusted = result.exponent + digits - 1
        if digits > precision || adjusted > highest || adjusted < tiny { return invalid(&status) }
        status.formUnion(own)
        return try fit(result, &status)
    }

    /// The nearest integer; `tells`: whether digits that got lost are told.
    func integral(_ a: Number, tells: Bool, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if !a.isFinite { return try Number.nan(a, nil, self, &status) ?? a }
        if a.exponent >= 0 { return a }
        if a.isZero { return try Number(a.isNegative, 0, 0) }
        var result = a
        let rest = try result.drop(-a.exponent, rounding)
        if tells {
            status.insert(.rounded)
            if rest != .nothing { status.insert(.inexact) }
        }
        return result
    }

    /// Without zeros at the end.
    func normalize(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if !a.isFinite { return try Number.nan(a, nil, self, &status) ?? a }
        var result = try fit(a, &status)
        guard result.isFinite else { return result }
        if result.isZero { return try Number(result.isNegative, 0, 0) }
        let (shorter, zeros) = try result.coefficient.droppingZeros((clamps ? top : highest) - result.exponent)
        result.coefficient = shorter
        result.exponent += zeros
        return result
    }

    func plus(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        return try fit(a.isZero ? a.with(sign: rounding == .floor && a.isNegative) : a, &status)
    }

    func minus(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        return try fit(a.with(sign: a.isZero ? rounding == .floor && !a.isNegative : !a.isNegative), &status)
    }

    func absolute(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        a.isNegative && !a.isNaN ? try minus(a, &status) : try plus(a, &status)
    }

    // MARK: Neighbours

    func nextMinus(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try neighbour(a, .floor, towardsNegative: true, &status)
    }

    func nextPlus(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try neighbour(a, .ceiling, towardsNegative: false, &status)
    }

    private func neighbour(
        _ a: Number, _ rounding: DecimalRounding, towardsNegative: Bool, _ status: inout DecimalStatus
    ) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        if a.isInfinite {
            return a.isNegative == towardsNegative ? a : Number(a.isNegative, try nines(), top)
        }
        let inner = with(rounding: rounding)
        var ignored = DecimalStatus()
        let fitted = try inner.fit(a, &ignored)
        if ignored.contains(.inexact) { return fitted }
        ignored = []
        return try inner.add(fitted, try Number(towardsNegative, 1, tiny - 1), &ignored)
    }

    func nextToward(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        let order = try a.order(b)
        if order == 0 { return a.with(sign: b.isNegative) }
        let result = order < 0 ? try nextPlus(a, &status) : try nextMinus(a, &status)
        if result.isInfinite {
            status.formUnion([.overflow, .rounded, .inexact])
        } else if try result.adjusted() < lowest {
            status.formUnion([.underflow, .subnormal, .rounded, .inexact])
            if result.isZero { status.insert(.clamped) }
        }
        return result
    }

    // MARK: Scaling

    /// The operand as a machine integer, if it is an integer with exponent 0 (between `-limit` and `limit`).
    private func count(_ b: Number, limit: Int) -> Int? {
        guard b.isFinite, b.exponent == 0, b.count <= 1, b.coefficient.low <= UInt(limit) else { return nil }
        return b.isNegative ? -Int(b.coefficient.low) : Int(b.coefficient.low)
    }

    func scale(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        guard let places = count(b, limit: 2 * (highest + precision)) else { return invalid(&status) }
        if a.isInfinite { return a }
        var result = a
        result.exponent += places
        return try fit(result, &status)
    }

    /// The digits moved by so many places, in a window as wide as the precision; to the left if positive.
    func shift(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        guard let places = count(b, limit: precision) else { return invalid(&status) }
        if a.isInfinite { return a }
        var result = a
        result.coefficient = try window(a.coefficient)
        if places >= 0 {
            // Digits that would leave the window go first.
            result.coefficient = try last(precision - places, result.coefficient).appending(places)
        } else {
            result.coefficient = try result.coefficient.dropping(-places).quotient
        }
        result.coefficient = try window(result.coefficient)
        return result
    }

    func rotate(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        guard var places = count(b, limit: precision) else { return invalid(&status) }
        if a.isInfinite { return a }
        var result = a
        let digits = try window(a.coefficient)
        if places < 0 { places += precision }
        if places == 0 || places == precision {
            result.coefficient = digits
        } else {
            let high = try digits.dropping(precision - places).quotient
            result.coefficient = try last(precision - places, digits).appending(places).plus(high)
        }
        return result
    }

    /// As many of the last digits as the precision.
    private func window(_ coefficient: Natural) throws(Raised) -> Natural { try last(precision, coefficient) }

    private func last(_ k: Int, _ coefficient: Natural) throws(Raised) -> Natural {
        if k <= 0 { return Natural(Scratch.nothing, count: 0) }
        if try coefficient.digits() <= k { return coefficient }
        return try coefficient.divided(by: PowerOfTen.natural(k)).remainder
    }

    func logb(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN { return try Number.nan(a, nil, self, &status) ?? a }
        if a.isInfinite { return .infinity(false) }
        if a.isZero {
            status.insert(.divisionByZero)
            return .infinity(true)
        }
        let adjusted = try a.adjusted()
        return try fit(try Number(adjusted < 0, adjusted.magnitude, 0), &status)
    }

    // MARK: Digits as bits

    /// The digits, last first, of a number that has only 0 and 1; nil for others.
    private func bits(_ a: Number) throws(Raised) -> [UInt8]? {
        guard a.isFinite, !a.isNegative, a.exponent == 0 else { return nil }
        let text = try a.coefficient.text()
        guard text.allSatisfy({ $0 <= 0x31 }) else { return nil }
        return text.reversed()
    }

    func logical(
        _ a: Number, _ b: Number, _ status: inout DecimalStatus, _ operation: (UInt8, UInt8) -> UInt8
    ) throws(Raised) -> Number {
        guard let x = try bits(a), let y = try bits(b) else { return invalid(&status) }
        return try number(min(precision, max(x.count, y.count))) {
            operation($0 < x.count ? x[$0] & 1 : 0, $0 < y.count ? y[$0] & 1 : 0)
        }
    }

    func logicalAnd(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try logical(a, b, &status) { $0 & $1 }
    }

    func logicalOr(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try logical(a, b, &status) { $0 | $1 }
    }

    func logicalXor(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try logical(a, b, &status) { $0 ^ $1 }
    }

    func logicalInvert(_ a: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        guard let x = try bits(a) else { return invalid(&status) }
        return try number(precision) { 1 - ($0 < x.count ? x[$0] & 1 : 0) }
    }

    /// The number of so many digits, of which `digit` gives the last first.
    private func number(_ length: Int, _ digit: (Int) -> UInt8) throws(Raised) -> Number {
        try checkSize(length)
        let text = [UInt8](unsafeUninitializedCapacity: length) { buffer, used in
            for index in 0 ..< length { buffer[length - 1 - index] = 0x30 + digit(index) }
            used = length
        }
        let result: Result<Natural, Raised> = text.withUnsafeBufferPointer { buffer in
            do throws(Raised) { return .success(try Natural(digits: buffer)) } catch { return .failure(error) }
        }
        return Number(false, try result.get(), 0)
    }
}
