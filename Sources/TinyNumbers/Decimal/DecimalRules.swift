// What a context asks of results: how many digits, which exponents, how to round; and the fitting of a result to it.
//
// An operation computes with exact coefficients (or with one digit more than is kept, made odd where digits were lost) and
// ends in `Rules.fit`, the only place where results are rounded. What happened is gathered in a DecimalStatus; the context
// makes flags and exceptions of it when the operation is over, all at once, as libmpdec does.

import CGMP
import TinyRuntime

/// How digits are dropped, in the order of the names that the language uses.
enum DecimalRounding: UInt8 {
    case up, down, ceiling, floor, halfUp, halfDown, halfEven, zeroFiveUp

    static let names: [StaticString] = [
        "ROUND_UP", "ROUND_DOWN", "ROUND_CEILING", "ROUND_FLOOR", "ROUND_HALF_UP", "ROUND_HALF_DOWN", "ROUND_HALF_EVEN",
        "ROUND_05UP",
    ]

    /// Whether a magnitude that ends in `lowest` grows, having lost `rest`.
    @inline(__always)
    func grows(_ rest: Remainder, isNegative: Bool, lowest: () -> UInt) -> Bool {
        if rest == .nothing { return false }
        switch self {
        case .up: return true
        case .down: return false
        case .ceiling: return !isNegative
        case .floor: return isNegative
        case .halfUp: return rest.rawValue >= Remainder.half.rawValue
        case .halfDown: return rest == .aboveHalf
        case .halfEven: return rest == .aboveHalf || rest == .half && lowest() & 1 == 1
        case .zeroFiveUp: return lowest() % 5 == 0
        }
    }
}

/// Conditions that an operation has met.
struct DecimalStatus: OptionSet {
    let rawValue: UInt32
    @inline(__always) init(rawValue: UInt32) { self.rawValue = rawValue }
    static let clamped = DecimalStatus(rawValue: 1)
    static let conversionSyntax = DecimalStatus(rawValue: 2)
    static let divisionByZero = DecimalStatus(rawValue: 4)
    static let divisionImpossible = DecimalStatus(rawValue: 8)
    static let divisionUndefined = DecimalStatus(rawValue: 16)
    static let inexact = DecimalStatus(rawValue: 64)
    static let invalidContext = DecimalStatus(rawValue: 128)
    static let invalidOperation = DecimalStatus(rawValue: 256)
    static let floatOperation = DecimalStatus(rawValue: 1024)
    static let overflow = DecimalStatus(rawValue: 2048)
    static let rounded = DecimalStatus(rawValue: 4096)
    static let subnormal = DecimalStatus(rawValue: 8192)
    static let underflow = DecimalStatus(rawValue: 16384)
    /// All that the signal InvalidOperation stands for.
    static let allInvalid: DecimalStatus = [
        .conversionSyntax, .divisionImpossible, .divisionUndefined, .invalidContext, .invalidOperation,
    ]
    static let errors: DecimalStatus = [allInvalid, .divisionByZero]
}

/// The limits of a context, and its rounding.
struct Rules {
    var precision: Int
    /// Emax and Emin.
    var highest: Int
    var lowest: Int
    var rounding: DecimalRounding
    var clamps: Bool

    static let mostPrecision = 999_999_999_999_999_999
    /// The widest of all, for what must be exact.
    static let widest = Rules(
        precision: mostPrecision, highest: mostPrecision, lowest: -mostPrecision, rounding: .halfEven, clamps: false)

    /// The exponents of the smallest subnormal number and of the largest number with all digits.
    var tiny: Int { lowest - (precision - 1) }
    var top: Int { highest - (precision - 1) }

    func with(rounding: DecimalRounding) -> Rules {
        var copy = self
        copy.rounding = rounding
        return copy
    }

    func with(precision: Int) -> Rules {
        var copy = self
        copy.precision = precision
        return copy
    }

    // MARK: Fitting

    /// Rounds a result to these rules.
    func fit(_ number: Number, _ status: inout DecimalStatus) throws(Raised) -> Number {
        var number = number
        guard number.isFinite else {
            if number.isNaN { try fitDiagnosis(&number) }
            return number
        }
        let digits = try number.digits()
        let adjusted = number.exponent + digits - 1
        if digits <= precision, adjusted <= highest, adjusted >= lowest, !clamps { return number }
        try fitExponent(&number, adjusted, &status)
        guard number.isFinite else { return number }
        let left = try number.digits()
        if left > precision { try fitDigits(&number, left - precision, &status) }
        return number
    }

    /// A NaN's digits may be as many as the precision, less one if it clamps.
    func fitDiagnosis(_ number: inout Number) throws(Raised) {
        let most = precision - (clamps ? 1 : 0)
        if most == 0 {
            number.coefficient.count = 0
        } else if try number.digits() > most {
            number.coefficient = try number.coefficient.divided(by: PowerOfTen.natural(most)).remainder
        }
    }

    private func fitExponent(_ number: inout Number, _ adjusted: Int, _ status: inout DecimalStatus) throws(Raised) {
        if adjusted > highest {
            if number.isZero {
                number.exponent = clamps ? top : highest
                status.insert(.clamped)
                return
            }
            number = try overflow(number.isNegative)
            status.formUnion([.overflow, .inexact, .rounded])
        } else if clamps, number.exponent > top {
            number.coefficient = try number.coefficient.appending(number.exponent - top)
            number.exponent = top
            status.insert(.clamped)
            if !number.isZero, adjusted < lowest { status.insert(.subnormal) }
        } else if adjusted < lowest {
            if number.isZero {
                if number.exponent < tiny {
                    number.exponent = tiny
                    status.insert(.clamped)
                }
                return
            }
            status.insert(.subnormal)
            guard number.exponent < tiny else { return }
            let rest = try number.drop(tiny - number.exponent, rounding)
            status.insert(.rounded)
            if rest != .nothing {
                status.formUnion([.inexact, .underflow])
                if number.isZero { status.insert(.clamped) }
            }
        }
    }

    private func fitDigits(_ number: inout Number, _ excess: Int, _ status: inout DecimalStatus) throws(Raised) {
        let rest = try number.drop(excess, rounding)
        status.insert(.rounded)
        if rest != .nothing { status.insert(.inexact) }
        // 999.9 has become 1000: the one case in which rounding makes a digit.
        if rest != .nothing, try number.digits() > precision {
            number.coefficient = try number.coefficient.divided(by: PowerOfTen.natural(1)).quotient
            number.exponent += 1
            try fitExponent(&number, try number.adjusted(), &status)
        }
    }

    /// What is too large to be written: infinity or the largest number.
    private func overflow(_ isNegative: Bool) throws(Raised) -> Number {
        switch rounding {
        case .up, .halfUp, .halfDown, .halfEven: return .infinity(isNegative)
        case .ceiling where !isNegative: return .infinity(isNegative)
        case .floor where isNegative: return .infinity(isNegative)
        default: return Number(isNegative, try nines(), top)
        }
    }

    /// The coefficient of the largest number.
    func nines() throws(Raised) -> Natural {
        try PowerOfTen.natural(precision).minus(Natural(PowerOfTen.words, count: 1))
    }
}

extension Number {
    /// Takes the last k digits off (k > 0), rounding what is left.
    mutating func drop(_ k: Int, _ rounding: DecimalRounding) throws(Raised) -> Remainder {
        let (quotient, rest) = try coefficient.dropping(k)
        exponent += k
        coefficient = quotient
        let digit = { quotient.count <= 1 ? quotient.low : quotient.lowestDigit }
        if rounding.grows(rest, isNegative: isNegative, lowest: digit) { coefficient = try quotient.plusOne() }
        return rest
    }

    /// The NaN that one of the operands makes of the result; nil if neither is one.
    static func nan(
        _ a: Number, _ b: Number? = nil, _ rules: Rules, _ status: inout DecimalStatus
    ) throws(Raised) -> Number? {
        guard a.isNaN || b?.isNaN == true else { return nil }
        var chosen = a
        if let b, b.isNaN, !a.isNaN || a.form == .quiet && b.form == .signaling { chosen = b }
        if chosen.form == .signaling { status.insert(.invalidOperation) }
        chosen.form = .quiet
        chosen.exponent = 0
        try rules.fitDiagnosis(&chosen)
        return chosen
    }
}

extension Natural {
    /// A number below 10 that is even, and a multiple of five, where this one is.
    fileprivate var lowestDigit: UInt {
        let fives = UInt(__gmpn_mod_1(limbs, count, 5))
        return fives & 1 == low & 1 ? fives : fives + 5
    }
}
