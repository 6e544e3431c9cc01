// Arithmetic on decimals whose coefficients fit a word, where the result needs no rounding: most of what programs that
// count money do. Operators come here first (Operators.swift), and go on to the general form where nil comes back.
import TinyRuntime

/// A finite number with a coefficient of 64 bits at most: a Decimal or an inline integer.
struct ShortDecimal {
    var isNegative: Bool
    var word: UInt
    var exponent: Int

    @inline(__always)
    init?(_ value: Value) {
        if value.isInlineInt {
            let int = value.inlineInt
            isNegative = int < 0
            word = int.magnitude
            exponent = 0
            return
        }
        guard value.isKind(.decimal) else { return nil }
        let decimal = value.object(DecimalObject.self)
        guard decimal.isShort else { return nil }
        isNegative = decimal.isNegative
        word = decimal.pointee.word
        exponent = decimal.pointee.exponent
    }
}

extension Rules {
    /// Whether a finite number of so many digits needs no fitting.
    @inline(__always)
    private func holds(_ word: UInt, _ exponent: Int) -> Bool {
        let digits = Natural.digits(word)
        return digits <= precision && exponent >= lowest && exponent + digits - 1 <= highest && !clamps
    }

    @inline(__always)
    private func made(_ isNegative: Bool, _ word: UInt, _ exponent: Int) -> Value? {
        holds(word, exponent) ? DecimalObject.make(isNegative, word, exponent) : nil
    }

    func shortSum(_ a: ShortDecimal, _ b: ShortDecimal) -> Value? {
        var x = a.word
        var y = b.word
        var exponent = a.exponent
        if a.exponent != b.exponent {
            let shift = a.exponent &- b.exponent
            guard shift.magnitude < 20 else { return nil }
            let (scaled, overflow) = (shift > 0 ? x : y).multipliedReportingOverflow(by: PowerOfTen.words[Int(shift.magnitude)])
            if overflow { return nil }
            if shift > 0 {
                x = scaled
                exponent = b.exponent
            } else {
                y = scaled
            }
        }
        if a.isNegative == b.isNegative {
            let (sum, overflow) = x.addingReportingOverflow(y)
            return overflow ? nil : made(a.isNegative, sum, exponent)
        }
        if x == y { return made(rounding == .floor, 0, exponent) }
        return x > y ? made(a.isNegative, x &- y, exponent) : made(b.isNegative, y &- x, exponent)
    }

    @inline(__always)
    func shortProduct(_ a: ShortDecimal, _ b: ShortDecimal) -> Value? {
        let (product, overflow) = a.word.multipliedReportingOverflow(by: b.word)
        return overflow ? nil : made(a.isNegative != b.isNegative, product, a.exponent &+ b.exponent)
    }

    /// A quotient of words with as many digits as are kept, at most 19.
    func shortQuotient(_ a: ShortDecimal, _ b: ShortDecimal, _ status: inout DecimalStatus) -> Value? {
        guard a.word != 0, b.word != 0, precision <= 19, !clamps else { return nil }
        // Chosen so that the quotient has as many digits as are kept or one less, and fits a word.
        let shift = Natural.digits(b.word) - Natural.digits(a.word) + precision - 1
        guard shift >= 0, shift < 20 else { return nil }
        let (high, low) = a.word.multipliedFullWidth(by: PowerOfTen.words[shift])
        guard high < b.word else { return nil }
        var (quotient, rest) = b.word.dividingFullWidth((high, low))
        let ideal = a.exponent - b.exponent
        var exponent = ideal - shift
        if rest != 0, quotient < PowerOfTen.words[precision - 1] {
            let (digit, left) = b.word.dividingFullWidth(rest.multipliedFullWidth(by: 10))
            quotient = quotient &* 10 &+ digit
            rest = left
            exponent -= 1
        }
        if rest == 0 {
            while exponent < ideal {
                let (shorter, digit) = quotient.quotientAndRemainder(dividingBy: 10)
                if digit != 0 { break }
                quotient = shorter
                exponent += 1
            }
            return made(a.isNegative != b.isNegative, quotient, exponent)
        }
        return grown(a.isNegative != b.isNegative, quotient, exponent, rest, of: b.word, &status)
    }

    /// A product of two words that has more digits than are kept.
    func longProduct(_ a: ShortDecimal, _ b: ShortDecimal, _ status: inout DecimalStatus) -> Value? {
        guard a.word != 0, b.word != 0, precision <= 19, !clamps else { return nil }
        let (high, low) = a.word.multipliedFullWidth(by: b.word)
        // The product has as many digits as both together or one less.
        var excess = Natural.digits(a.word) + Natural.digits(b.word) - 1 - precision
        guard excess >= 0, excess < 19 else { return nil }
        if high >= PowerOfTen.words[excess] { excess += 1 }
        var unit = PowerOfTen.words[excess]
        guard high < unit else { return nil }
        var (quotient, rest) = unit.dividingFullWidth((high, low))
        if quotient >= PowerOfTen.words[precision] {
            excess += 1
            guard excess < 20 else { return nil }
            let (shorter, digit) = quotient.quotientAndRemainder(dividingBy: 10)
            quotient = shorter
            rest += digit * unit
            unit = PowerOfTen.words[excess]
        }
        return grown(a.isNegative != b.isNegative, quotient, a.exponent &+ b.exponent &+ excess, rest, of: unit, &status)
    }

    /// A word with what was lost below its last digit, `rest / unit`, rounded.
    @inline(__always)
    private func grown(
        _ isNegative: Bool, _ word: UInt, _ exponent: Int, _ rest: UInt, of unit: UInt, _ status: inout DecimalStatus
    ) -> Value? {
        var word = word
        let lost: Remainder = rest == 0 ? .nothing : rest < unit - rest ? .belowHalf : rest == unit - rest ? .half : .aboveHalf
        if rounding.grows(lost, isNegative: isNegative, lowest: { word }) { word += 1 }
        guard holds(word, exponent) else { return nil }
        status.insert(.rounded)
        if lost != .nothing { status.insert(.inexact) }
        return DecimalObject.make(isNegative, word, exponent)
    }

    /// Quotient and remainder of words; nil where the quotient has too many digits.
    func shortParts(_ a: ShortDecimal, _ b: ShortDecimal, wantsQuotient: Bool) -> Value? {
        guard b.word != 0 else { return nil }
        var (x, y) = (a.word, b.word)
        let shift = a.exponent &- b.exponent
        if shift != 0 {
            guard shift.magnitude < 20 else { return nil }
            let (scaled, overflow) = (shift > 0 ? x : y).multipliedReportingOverflow(by: PowerOfTen.words[Int(shift.magnitude)])
            if overflow { return nil }
            if shift > 0 { x = scaled } else { y = scaled }
        }
        let (quotient, rest) = x.quotientAndRemainder(dividingBy: y)
        guard Natural.digits(quotient) <= precision else { return nil }
        return wantsQuotient
            ? made(a.isNegative != b.isNegative, quotient, 0) : made(a.isNegative, rest, Swift.min(a.exponent, b.exponent))
    }

    /// `quantize` where the number gets shorter or stays, within a word.
    @inline(__always)
    func shortQuantize(_ a: DecimalRef, _ b: DecimalRef, _ status: inout DecimalStatus) -> Value? {
        guard a.isShort, b.isFinite, !clamps else { return nil }
        let exponent = b.pointee.exponent
        let places = exponent &- a.pointee.exponent
        if places == 0 { return holds(a.pointee.word, exponent) ? DecimalObject.make(a.isNegative, a.pointee.word, exponent) : nil }
        if places < 0 {
            guard places > -20 else { return nil }
            let (word, overflow) = a.pointee.word.multipliedReportingOverflow(by: PowerOfTen.words[-places])
            return overflow ? nil : made(a.isNegative, word, exponent)
        }
        guard places < 20, a.pointee.word != 0 else { return nil }
        let unit = PowerOfTen.words[places]
        let (quotient, rest) = a.pointee.word.quotientAndRemainder(dividingBy: unit)
        return grown(a.isNegative, quotient, exponent, rest, of: unit, &status)
    }
}

extension DecimalObject {
    /// A binary operator where one operand is exactly a Decimal and the other one too or an int; nil: not so.
    static func operate(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value? {
        guard a.isExactly(.decimal) || a.isInlineInt || a.isExactly(.int) || a.isBool,
            b.isExactly(.decimal) || b.isInlineInt || b.isExactly(.int) || b.isBool
        else { return nil }
        let context = try DecimalContext.current()
        if let x = ShortDecimal(a), let y = ShortDecimal(b) {
            let rules = context.rules
            var status = DecimalStatus()
            let value: Value?
            switch operatorIndex {
            case 0: value = rules.shortSum(x, y)
            case 1: value = rules.shortSum(x, ShortDecimal(y, isNegative: !y.isNegative))
            case 2: value = rules.shortProduct(x, y) ?? rules.longProduct(x, y, &status)
            case 4: value = rules.shortQuotient(x, y, &status)
            case 5: value = rules.shortParts(x, y, wantsQuotient: true)
            case 6: value = rules.shortParts(x, y, wantsQuotient: false)
            default: value = nil
            }
            if let value {
                try context.note(status)
                return value
            }
        }
        return try DecimalMethods.operate(operatorIndex, a, b, context)
    }

    /// The order of two finite short numbers, one a Decimal; nil: another pair.
    static func order(_ a: Value, _ b: Value) -> Int? {
        guard a.isExactly(.decimal) || a.isInlineInt, b.isExactly(.decimal) || b.isInlineInt,
            let x = ShortDecimal(a), let y = ShortDecimal(b)
        else { return nil }
        let shift = x.exponent &- y.exponent
        var (left, right) = (x.word, y.word)
        if shift != 0 {
            guard shift.magnitude < 20 else { return nil }
            let (scaled, overflow) = (shift > 0 ? left : right).multipliedReportingOverflow(
                by: PowerOfTen.words[Int(shift.magnitude)])
            if overflow { return nil }
            if shift > 0 { left = scaled } else { right = scaled }
        }
        if left == 0 && right == 0 { return 0 }
        if x.isNegative != y.isNegative { return x.isNegative ? -1 : 1 }
        let order = left < right ? -1 : left == right ? 0 : 1
        return x.isNegative ? -order : order
    }
}

extension ShortDecimal {
    @inline(__always)
    fileprivate init(_ other: ShortDecimal, isNegative: Bool) {
        self = other
        self.isNegative = isNegative
    }
}
