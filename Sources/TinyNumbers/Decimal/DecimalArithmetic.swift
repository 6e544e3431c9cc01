// Sums, products, quotients and remainders of decimals, in general form; short operands go by DecimalShortcuts.swift.
import TinyRuntime

extension Rules {
    // MARK: Sums

    func add(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            guard a.isInfinite else { return .infinity(b.isNegative) }
            if b.isInfinite, a.isNegative != b.isNegative {
                status.insert(.invalidOperation)
                return .nan
            }
            return .infinity(a.isNegative)
        }
        return try fit(try sum(a, b), &status)
    }

    func subtract(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if b.isNaN { return try add(a, b, &status) }
        return try add(a, b.with(sign: !b.isNegative), &status)
    }

    /// The sum of finite numbers before rounding; exact, save for what lies so far down that it only says "a little more".
    private func sum(_ a: Number, _ b: Number) throws(Raised) -> Number {
        var (big, small) = b.exponent > a.exponent ? (b, a) : (a, b)
        if big.exponent != small.exponent, !big.isZero {
            let digits = try big.digits()
            let reach = big.exponent - 1 + (digits > precision ? 0 : digits - precision - 1)
            if try small.adjusted() < reach {
                small = try Number(small.isNegative, small.isZero ? 0 : 1, reach)
            }
            big.coefficient = try big.coefficient.appending(big.exponent - small.exponent)
        }
        let exponent = small.exponent
        if a.isNegative == b.isNegative {
            return Number(a.isNegative, try big.coefficient.plus(small.coefficient), exponent)
        }
        let order = big.coefficient.compare(small.coefficient)
        if order == 0 { return try Number(rounding == .floor, 0, exponent) }
        return order > 0
            ? Number(big.isNegative, try big.coefficient.minus(small.coefficient), exponent)
            : Number(small.isNegative, try small.coefficient.minus(big.coefficient), exponent)
    }

    // MARK: Products

    func multiply(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            return infiniteProduct(a, b, &status)
        }
        return try fit(
            Number(a.isNegative != b.isNegative, try a.coefficient.times(b.coefficient), a.exponent + b.exponent), &status)
    }

    private func infiniteProduct(_ a: Number, _ b: Number, _ status: inout DecimalStatus) -> Number {
        if a.isZero || b.isZero {
            status.insert(.invalidOperation)
            return .nan
        }
        return .infinity(a.isNegative != b.isNegative)
    }

    /// a · b + c, rounded once.
    func fma(_ a: Number, _ b: Number, _ c: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        guard a.isFinite, b.isFinite else {
            let product = try multiply(a, b, &status)
            return status.contains(.invalidOperation) ? product : try add(product, c, &status)
        }
        let product = Number(
            a.isNegative != b.isNegative, try a.coefficient.times(b.coefficient), a.exponent + b.exponent)
        return try add(product, c, &status)
    }

    // MARK: Quotients

    func divide(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        let isNegative = a.isNegative != b.isNegative
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            if a.isInfinite, b.isInfinite { return invalid(&status) }
            if a.isInfinite { return .infinity(isNegative) }
            status.insert(.clamped)
            return try Number(isNegative, 0, tiny)
        }
        if b.isZero { return byZero(a, isNegative, &status) }
        let ideal = a.exponent - b.exponent
        if a.isZero { return try fit(try Number(isNegative, 0, ideal), &status) }
        let shift = try b.digits() - a.digits() + precision + 1
        let numerator = try a.coefficient.appending(shift)
        let denominator = try b.coefficient.appending(-shift)
        var (quotient, rest) = try numerator.divided(by: denominator)
        var exponent = ideal - shift
        if rest.isZero {
            let (shorter, zeros) = try quotient.droppingZeros(ideal - exponent)
            quotient = shorter
            exponent += zeros
        } else if quotient.endsInFives {
            // One digit more than is kept: odd enough to round as the exact quotient would.
            quotient = try quotient.plusOne()
        }
        return try fit(Number(isNegative, quotient, exponent), &status)
    }

    private func byZero(_ a: Number, _ isNegative: Bool, _ status: inout DecimalStatus) -> Number {
        if a.isZero {
            status.insert(.divisionUndefined)
            return .nan
        }
        status.insert(.divisionByZero)
        return .infinity(isNegative)
    }

    func invalid(_ status: inout DecimalStatus) -> Number {
        status.insert(.invalidOperation)
        return .nan
    }

    /// Quotient, as an integer, and remainder of finite numbers; nil where the quotient has too many digits.
    private func parts(_ a: Number, _ b: Number) throws(Raised) -> (quotient: Number, remainder: Number)? {
        let isNegative = a.isNegative != b.isNegative
        let exponent = min(a.exponent, b.exponent)
        if a.isZero { return (try Number(isNegative, 0, 0), try Number(a.isNegative, 0, exponent)) }
        let gap = try a.adjusted() - b.adjusted()
        if gap < 0 {
            var rest = a
            rest.coefficient = try rest.coefficient.appending(rest.exponent - exponent)
            rest.exponent = exponent
            return (try Number(isNegative, 0, 0), rest)
        }
        if gap > precision { return nil }
        let shift = a.exponent - b.exponent
        let (quotient, rest) = try a.coefficient.appending(shift).divided(by: try b.coefficient.appending(-shift))
        if try quotient.digits() > precision { return nil }
        return (Number(isNegative, quotient, 0), Number(a.isNegative, rest, exponent))
    }

    func divideInteger(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        let isNegative = a.isNegative != b.isNegative
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            if a.isInfinite { return b.isInfinite ? invalid(&status) : .infinity(isNegative) }
            return try Number(isNegative, 0, 0)
        }
        if b.isZero { return byZero(a, isNegative, &status) }
        guard let parts = try parts(a, b) else { return impossible(&status) }
        return try fit(parts.quotient, &status)
    }

    private func impossible(_ status: inout DecimalStatus) -> Number {
        status.insert(.divisionImpossible)
        return .nan
    }

    func remainder(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let special = try specialRemainder(a, b, &status) { return special }
        guard let parts = try parts(a, b) else { return impossible(&status) }
        return try fit(parts.remainder, &status)
    }

    /// The remainder where an operand is no finite number, or the divisor is zero.
    private func specialRemainder(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number? {
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return nan }
            return a.isInfinite ? invalid(&status) : try fit(a, &status)
        }
        guard b.isZero else { return nil }
        status.insert(a.isZero ? .divisionUndefined : .invalidOperation)
        return .nan
    }

    func divideModulo(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> (Number, Number) {
        let isNegative = a.isNegative != b.isNegative
        if !a.isFinite || !b.isFinite {
            if let nan = try Number.nan(a, b, self, &status) { return (nan, nan) }
            if a.isInfinite {
                status.insert(.invalidOperation)
                return (b.isInfinite ? .nan : .infinity(isNegative), .nan)
            }
            return (try Number(isNegative, 0, 0), try fit(a, &status))
        }
        if b.isZero {
            if a.isZero {
                status.insert(.divisionUndefined)
                return (.nan, .nan)
            }
            status.formUnion([.divisionByZero, .invalidOperation])
            return (.infinity(isNegative), .nan)
        }
        guard let parts = try parts(a, b) else { return (impossible(&status), .nan) }
        return (try fit(parts.quotient, &status), try fit(parts.remainder, &status))
    }

    /// What is left of a when the multiple of b nearest to it is taken away.
    func remainderNear(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let special = try specialRemainder(a, b, &status) { return special }
        let exponent = min(a.exponent, b.exponent)
        if a.isZero { return try fit(try Number(a.isNegative, 0, exponent), &status) }
        let gap = try a.adjusted() - b.adjusted()
        if gap > precision { return impossible(&status) }
        if gap < -1 {
            var rest = a
            rest.coefficient = try rest.coefficient.appending(rest.exponent - exponent)
            rest.exponent = exponent
            return try fit(rest, &status)
        }
        let shift = a.exponent - b.exponent
        let divisor = try b.coefficient.appending(-shift)
        var (quotient, rest) = try a.coefficient.appending(shift).divided(by: divisor)
        var isNegative = a.isNegative
        let order = try rest.plus(rest).compare(divisor)
        if order > 0 || order == 0 && quotient.low & 1 == 1 {
            quotient = try quotient.plusOne()
            rest = try divisor.minus(rest)
            isNegative.toggle()
        }
        if try quotient.digits() > precision { return impossible(&status) }
        return try fit(Number(isNegative, rest, exponent), &status)
    }
}
