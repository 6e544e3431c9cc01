// The order of decimals: by value, by the total order of representations, and what max and min make of both.
import TinyRuntime

extension Number {
    /// Negative, zero or positive; neither is a NaN.
    func order(_ other: Number) throws(Raised) -> Int {
        let own = signum
        let their = other.signum
        if own != their || own == 0 { return own < their ? -1 : own > their ? 1 : 0 }
        let magnitude = try magnitudeOrder(other)
        return isNegative ? -magnitude : magnitude
    }

    private var signum: Int { isZero ? 0 : isNegative ? -1 : 1 }

    /// The order of the magnitudes; neither is a NaN.
    func magnitudeOrder(_ other: Number) throws(Raised) -> Int {
        if !isFinite || !other.isFinite { return isFinite ? -1 : other.isFinite ? 1 : 0 }
        if isZero || other.isZero { return isZero ? (other.isZero ? 0 : -1) : 1 }
        if exponent == other.exponent { return coefficient.compare(other.coefficient) }
        let (x, y) = (try adjusted(), try other.adjusted())
        if x != y { return x < y ? -1 : 1 }
        let shift = exponent - other.exponent
        return try coefficient.appending(shift).compare(try other.coefficient.appending(-shift))
    }

    /// The order in which representations and NaNs have their place too.
    func totalOrder(_ other: Number) throws(Raised) -> Int {
        if isNegative != other.isNegative { return isNegative ? -1 : 1 }
        let magnitude = try totalMagnitudeOrder(other)
        return isNegative ? -magnitude : magnitude
    }

    func totalMagnitudeOrder(_ other: Number) throws(Raised) -> Int {
        func rank(_ number: Number) -> Int { number.form == .quiet ? 2 : number.form == .signaling ? 1 : 0 }
        let (x, y) = (rank(self), rank(other))
        if x != y { return x < y ? -1 : 1 }
        if x > 0 { return coefficient.compare(other.coefficient) }
        let order = try magnitudeOrder(other)
        if order != 0 || isInfinite { return order }
        return exponent < other.exponent ? -1 : exponent > other.exponent ? 1 : 0
    }
}

extension Rules {
    private func number(_ order: Int) throws(Raised) -> Number { try Number(order < 0, order == 0 ? 0 : 1, 0) }

    func compare(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        return try number(try a.order(b))
    }

    func compareSignal(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        if a.isNaN || b.isNaN { status.insert(.invalidOperation) }
        return try compare(a, b, &status)
    }

    func compareTotal(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try number(try a.totalOrder(b))
    }

    func compareTotalMagnitude(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try number(try a.totalMagnitudeOrder(b))
    }

    func maximum(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try extreme(a, b, &status) { x, y throws(Raised) in try x.order(y) > 0 }
    }

    func minimum(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try extreme(a, b, &status) { x, y throws(Raised) in try x.order(y) < 0 }
    }

    func maximumMagnitude(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try extreme(a, b, &status) { x, y throws(Raised) in try x.magnitudeOrder(y) > 0 }
    }

    func minimumMagnitude(_ a: Number, _ b: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        try extreme(a, b, &status) { x, y throws(Raised) in try x.magnitudeOrder(y) < 0 }
    }

    /// The operand that wins; `isMax` follows from what `wins` says of 1 and 0. A number wins over a quiet NaN.
    private func extreme(
        _ a: Number, _ b: Number, _ status: inout DecimalStatus, _ wins: (Number, Number) throws(Raised) -> Bool
    ) throws(Raised) -> Number {
        if a.form == .quiet, !b.isNaN { return try fit(b, &status) }
        if b.form == .quiet, !a.isNaN { return try fit(a, &status) }
        if let nan = try Number.nan(a, b, self, &status) { return nan }
        if try wins(a, b) { return try fit(a, &status) }
        if try wins(b, a) { return try fit(b, &status) }
        let total = try a.totalOrder(b)
        let isMax = try wins(try Number(false, 1, 0), try Number(false, 0, 0))
        return try fit((total > 0) == isMax || total == 0 ? a : b, &status)
    }
}
