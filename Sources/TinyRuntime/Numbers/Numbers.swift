// What integers, floats and complex numbers have in common: mixed operands, comparison and hashing.
import Glibc

/// An instance of a subclass of `float`; plain floats need no object.
struct FloatObject {
    var header: ObjectHeader
    var value: Double
}

/// complex.
public struct ComplexObject {
    var header: ObjectHeader
    /// `real`.
    public var real: Double
    /// `imag`.
    public var imaginary: Double

    /// A new complex number.
    public static func make(_ real: Double, _ imaginary: Double) -> Value {
        let complex = allocateObject(MemoryLayout<ComplexObject>.size, .complex, ShapeID(Kind.complex.rawValue))
            .assumingMemoryBound(to: ComplexObject.self)
        complex.pointee.real = real
        complex.pointee.imaginary = imaginary
        return Value(complex)
    }
}

/// The double of a float (or an instance of a subclass); nil for anything else.
@inline(__always)
public func floatOf(_ value: Value) -> Double? {
    if value.isFloat { return value.float }
    return value.isKind(.float) ? value.object(FloatObject.self).pointee.value : nil
}

/// The double of a float or an integer. Throws OverflowError for an integer that is too large.
public func realOf(_ value: Value) throws(Raised) -> Double? {
    if let float = floatOf(value) { return float }
    guard isInteger(value) else { return nil }
    let double = doubleValue(value)
    if double.isInfinite { throw raise(.overflowError, "int too large to convert to float") }
    return double
}

/// A binary operator on numbers of exact built-in classes; nil: not two numbers, or the classes have a say.
func numberBinary(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value? {
    guard isExactNumber(a), isExactNumber(b) else { return nil }
    return try numberOperation(operatorIndex, a, b)
}

/// The same for instances of subclasses: what `int.__add__` and its like do. Nil for operands that are no numbers.
public func numberOperation(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value? {
    if isInteger(a), isInteger(b) {
        if a.isBool, b.isBool, operatorIndex >= 10 {
            let x = a.isTrue
            let y = b.isTrue
            return Value(operatorIndex == 10 ? x || y : operatorIndex == 11 ? x != y : x && y)
        }
        if operatorIndex == 4 { return Value(try divideInts(a, b)) }
        if let value = try intBinary(operatorIndex, a, b) { return value }
        if operatorIndex == 7 {
            if isZero(a) { throw raise(.zeroDivisionError, "0.0 cannot be raised to a negative power") }
            return Value(try floatPower(try realOf(a) ?? 0, try realOf(b) ?? 0))
        }
        return nil
    }
    if a.isKind(.complex) || b.isKind(.complex) {
        guard let x = try complexOf(a), let y = try complexOf(b) else { return nil }
        return try complexOperation(operatorIndex, x, y)
    }
    guard operatorIndex < 8, operatorIndex != 3, let x = try realOf(a), let y = try realOf(b) else { return nil }
    return try floatOperation(operatorIndex, x, y)
}

@inline(__always)
private func isExactNumber(_ value: Value) -> Bool {
    !value.isPointer ? value.isInlineInt || value.isFloat || value.isBool : value.isExactly(.int) || value.isExactly(.complex)
}

func floatOperation(_ operatorIndex: Int, _ x: Double, _ y: Double) throws(Raised) -> Value? {
    switch operatorIndex {
    case 0: return Value(x + y)
    case 1: return Value(x - y)
    case 2: return Value(x * y)
    case 4:
        guard y != 0 else { throw raise(.zeroDivisionError, "float division by zero") }
        return Value(x / y)
    case 5:
        guard y != 0 else { throw raise(.zeroDivisionError, "float floor division by zero") }
        return Value(floatDivmod(x, y).quotient)
    case 6:
        guard y != 0 else { throw raise(.zeroDivisionError, "float modulo by zero") }
        return Value(floatDivmod(x, y).remainder)
    case 7:
        if x < 0, x.isFinite, y.isFinite, y != y.rounded() {
            return try complexOperation(7, (x, 0), (y, 0))
        }
        return Value(try floatPower(x, y))
    default: return nil
    }
}

/// divmod with the sign of the divisor, as CPython computes it.
func floatDivmod(_ x: Double, _ y: Double) -> (quotient: Double, remainder: Double) {
    var remainder = fmod(x, y)
    var quotient = (x - remainder) / y
    if remainder != 0 {
        if (y < 0) != (remainder < 0) {
            remainder += y
            quotient -= 1
        }
    } else {
        remainder = copysign(0, y)
    }
    if quotient != 0 {
        let floored = quotient.rounded(.down)
        quotient = quotient - floored > 0.5 ? floored + 1 : floored
    } else {
        quotient = copysign(0, x / y)
    }
    return (quotient, remainder)
}

func floatPower(_ x: Double, _ y: Double) throws(Raised) -> Double {
    if x == 0, y < 0, y.isFinite { throw raise(.zeroDivisionError, "0.0 cannot be raised to a negative power") }
    let result = pow(x, y)
    if result.isInfinite, x.isFinite, y.isFinite {
        throw raise(.overflowError, arguments: Value(inline: 34), Value(Str.make("Numerical result out of range")))
    }
    return result
}

// MARK: Complex

func complexOf(_ value: Value) throws(Raised) -> (Double, Double)? {
    if value.isKind(.complex) {
        let complex = value.object(ComplexObject.self)
        return (complex.pointee.real, complex.pointee.imaginary)
    }
    guard let real = try realOf(value) else { return nil }
    return (real, 0)
}

func complexOperation(_ operatorIndex: Int, _ x: (Double, Double), _ y: (Double, Double)) throws(Raised) -> Value? {
    switch operatorIndex {
    case 0: return ComplexObject.make(x.0 + y.0, x.1 + y.1)
    case 1: return ComplexObject.make(x.0 - y.0, x.1 - y.1)
    case 2: return ComplexObject.make(x.0 * y.0 - x.1 * y.1, x.0 * y.1 + x.1 * y.0)
    case 4:
        let quotient = try complexQuotient(x, y)
        return ComplexObject.make(quotient.0, quotient.1)
    case 7:
        let power = try complexPower(x, y)
        if !power.0.isFinite || !power.1.isFinite, x.0.isFinite, x.1.isFinite, y.0.isFinite, y.1.isFinite {
            throw raise(.overflowError, "complex exponentiation")
        }
        return ComplexObject.make(power.0, power.1)
    default: return nil
    }
}

private func complexQuotient(_ x: (Double, Double), _ y: (Double, Double)) throws(Raised) -> (Double, Double) {
    if y.0 == 0, y.1 == 0 { throw raise(.zeroDivisionError, "complex division by zero") }
    // Smith's method: scale by the larger part.
    if abs(y.0) >= abs(y.1) {
        let ratio = y.1 / y.0
        let denominator = y.0 + y.1 * ratio
        return ((x.0 + x.1 * ratio) / denominator, (x.1 - x.0 * ratio) / denominator)
    }
    let ratio = y.0 / y.1
    let denominator = y.0 * ratio + y.1
    return ((x.0 * ratio + x.1) / denominator, (x.1 * ratio - x.0) / denominator)
}

private func complexPower(_ x: (Double, Double), _ y: (Double, Double)) throws(Raised) -> (Double, Double) {
    if y.0 == 0, y.1 == 0 { return (1, 0) }
    if x.0 == 0, x.1 == 0 {
        if y.1 != 0 || y.0 < 0 { throw raise(.zeroDivisionError, "0.0 to a negative or complex power") }
        return (0, 0)
    }
    if y.1 == 0, y.0 == y.0.rounded(), abs(y.0) <= 100 {
        var result = (1.0, 0.0)
        var factor = x
        var rest = Int(abs(y.0))
        while rest > 0 {
            if rest & 1 == 1 { result = (result.0 * factor.0 - result.1 * factor.1, result.0 * factor.1 + result.1 * factor.0) }
            factor = (factor.0 * factor.0 - factor.1 * factor.1, 2 * factor.0 * factor.1)
            rest >>= 1
        }
        return y.0 < 0 ? try complexQuotient((1, 0), result) : result
    }
    let magnitude = hypot(x.0, x.1)
    var length = pow(magnitude, y.0)
    let angle = atan2(x.1, x.0)
    var phase = angle * y.0
    if y.1 != 0 {
        length /= exp(angle * y.1)
        phase += y.1 * log(magnitude)
    }
    return (length * cos(phase), length * sin(phase))
}

// MARK: Unary, comparison, hash

/// -a, +a, ~a for exact numbers; nil: ask the class.
func numberUnary(_ name: SpecialName, _ a: Value) -> Value? {
    if a.isInlineInt || a.isBool || a.isExactly(.int) {
        switch name {
        case .neg: return negateInt(plainInt(a))
        case .pos: return plainInt(a)
        default: return (try? intBinary(1, negateInt(plainInt(a)), Value(inline: 1))) ?? nil
        }
    }
    if a.isFloat, name != .invert { return name == .neg ? Value(-a.float) : a }
    if a.isExactly(.complex), name != .invert {
        let complex = a.object(ComplexObject.self).pointee
        return name == .neg ? ComplexObject.make(-complex.real, -complex.imaginary) : a
    }
    return nil
}

/// What `compareNumbers` says of a pair with a NaN.
let unordered = 2

/// The order of two exact real numbers: negative, 0, positive, or `unordered`; nil if they are not such.
func compareNumbers(_ a: Value, _ b: Value) -> Int? {
    guard isExactNumber(a), isExactNumber(b), !a.isKind(.complex), !b.isKind(.complex) else { return nil }
    return compareReals(a, b)
}

/// The same for instances of subclasses too; both are integers or floats.
func compareReals(_ a: Value, _ b: Value) -> Int? {
    let x = floatOf(a)
    let y = floatOf(b)
    if let x, let y { return x < y ? -1 : x > y ? 1 : x == y ? 0 : unordered }
    if let x {
        guard isInteger(b) else { return nil }
        let order = compareFloat(x, b)
        return order
    }
    if let y {
        guard isInteger(a) else { return nil }
        let order = compareFloat(y, a)
        return order == unordered ? order : -order
    }
    guard isInteger(a), isInteger(b) else { return nil }
    return compareInts(a, b)
}

/// A float against an integer, exactly.
private func compareFloat(_ x: Double, _ b: Value) -> Int {
    if x.isNaN { return unordered }
    if x.isInfinite { return x < 0 ? -1 : 1 }
    let truncated = intValue(truncating: x)
    let order = compareInts(truncated, b)
    if order != 0 { return order }
    let fraction = x - x.rounded(.towardZero)
    return fraction < 0 ? -1 : fraction > 0 ? 1 : 0
}

private let hashModulus = (1 << 61) - 1

@inline(__always)
func hashSmall(_ int: Int) -> Int { int }

/// The hash of a number, equal for equal numbers of any kind (CPython's: modulo the prime 2^61 - 1); nil for others.
func hashNumber(_ value: Value) -> Int? {
    if value.isInlineInt { return value.inlineInt == -1 ? -2 : value.inlineInt }
    if value.isFloat { return hashDouble(value.float, value) }
    if value.isBool { return value.isTrue ? 1 : 0 }
    if value.isExactly(.int) { return hashInt(value) }
    if value.isExactly(.complex) {
        let complex = value.object(ComplexObject.self).pointee
        let combined = hashDouble(complex.real, value) &+ 1_000_003 &* hashDouble(complex.imaginary, value)
        return combined == -1 ? -2 : combined
    }
    return nil
}

func hashInt(_ value: Value) -> Int {
    let hash = (try? withLimbs(value) { limbs -> Int in
        var residue = 0
        for index in stride(from: limbs.count - 1, through: 0, by: -1) {
            // residue * 2^64 + limb, modulo 2^61 - 1, where 2^64 = 8.
            // Multiplying by 8 rotates the 61 bits, so nothing overflows.
            let modulus = UInt(hashModulus)
            let rotated = UInt(residue) << 3 & modulus | UInt(residue) >> 58
            residue = Int((rotated + UInt(limbs.limbs[index]) % modulus) % modulus)
        }
        return limbs.isNegative ? -residue : residue
    }) ?? 0
    return hash == -1 ? -2 : hash
}

func hashDouble(_ double: Double, _ identity: Value) -> Int {
    if double.isNaN { return identityHash(identity) }
    if double.isInfinite { return double > 0 ? 314159 : -314159 }
    if double == double.rounded(), abs(double) < 1e15 { return Int(double) == -1 ? -2 : Int(double) }
    var exponent: Int32 = 0
    var mantissa = frexp(abs(double), &exponent)
    var hash: UInt = 0
    while mantissa != 0 {
        hash = (hash << 28) & UInt(hashModulus) | hash >> 33
        mantissa *= 268_435_456
        exponent -= 28
        let digit = UInt(mantissa)
        mantissa -= Double(digit)
        hash += digit
        if hash >= UInt(hashModulus) { hash -= UInt(hashModulus) }
    }
    let rotation = exponent >= 0 ? Int(exponent) % 61 : 60 - (-1 - Int(exponent)) % 61
    hash = (hash << UInt(rotation)) & UInt(hashModulus) | hash >> UInt(61 - rotation)
    let signed = double < 0 ? -Int(hash) : Int(hash)
    return signed == -1 ? -2 : signed
}
