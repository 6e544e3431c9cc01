// Arithmetic on integers of any size: one-limb operands first, GMP for the rest.
import CGMP
import Glibc

/// An operator (index in BinaryOperator) on two integers; nil for `/` and for a negative power (results are floats).
public func intBinary(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value? {
    if let x = machineInt(a), let y = machineInt(b), let value = try machineBinary(operatorIndex, x, y) { return value }
    switch operatorIndex {
    case 0: return try addSigned(a, b, negated: false)
    case 1: return try addSigned(a, b, negated: true)
    case 2: return try multiply(a, b)
    case 5: return try divideFloor(a, b).quotient
    case 6: return try divideFloor(a, b).remainder
    case 7: return isNegative(b) ? nil : try power(a, b)
    case 8: return try shiftLeft(a, b)
    case 9: return try shiftRight(a, b)
    case 10, 11, 12: return try bitwise(operatorIndex, a, b)
    default: return nil
    }
}

/// The cases that stay within machine integers; nil: use limbs.
private func machineBinary(_ operatorIndex: Int, _ x: Int, _ y: Int) throws(Raised) -> Value? {
    switch operatorIndex {
    case 0:
        let (sum, overflow) = x.addingReportingOverflow(y)
        return overflow ? nil : Value(sum)
    case 1:
        let (difference, overflow) = x.subtractingReportingOverflow(y)
        return overflow ? nil : Value(difference)
    case 2:
        let (product, overflow) = x.multipliedReportingOverflow(by: y)
        return overflow ? nil : Value(product)
    case 5:
        guard y != 0 else { throw raise(.zeroDivisionError, "integer division or modulo by zero") }
        if y == -1 { return x == Int.min ? nil : Value(-x) }
        let quotient = x / y
        return Value(x % y != 0 && (x < 0) != (y < 0) ? quotient - 1 : quotient)
    case 6:
        guard y != 0 else { throw raise(.zeroDivisionError, "integer modulo by zero") }
        if y == -1 { return Value(inline: 0) }
        let remainder = x % y
        return Value(remainder != 0 && (remainder < 0) != (y < 0) ? remainder + y : remainder)
    case 7: return y >= 0 ? machinePower(x, y) : nil
    case 8:
        guard y >= 0 else { throw valueError("negative shift count") }
        if x == 0 { return Value(inline: 0) }
        guard y < 63, (x << y) >> y == x else { return nil }
        return Value(x << y)
    case 9:
        guard y >= 0 else { throw valueError("negative shift count") }
        return Value(x >> min(y, 63))
    case 10: return Value(x | y)
    case 11: return Value(x ^ y)
    case 12: return Value(x & y)
    default: return nil
    }
}

private func machinePower(_ base: Int, _ exponent: Int) -> Value? {
    var result = 1
    var factor = base
    var rest = exponent
    while rest > 0 {
        if rest & 1 == 1 {
            let (product, overflow) = result.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            result = product
        }
        rest >>= 1
        if rest > 0 {
            let (square, overflow) = factor.multipliedReportingOverflow(by: factor)
            if overflow { return nil }
            factor = square
        }
    }
    return Value(result)
}

private func addSigned(_ a: Value, _ b: Value, negated: Bool) throws(Raised) -> Value {
    try withLimbs(a) { x throws(Raised) in
        try withLimbs(b) { y throws(Raised) in
            let yNegative = y.isNegative != negated
            let (large, small, sign) = compareMagnitudes(x, y) >= 0 ? (x, y, x.isNegative) : (y, x, yNegative)
            let result = IntObject.allocate(limbs: large.count + 1)
            if x.isNegative == yNegative {
                result.limbs[large.count] = small.count == 0
                    ? copied(result.limbs, large) : __gmpn_add(result.limbs, large.limbs, large.count, small.limbs, small.count)
            } else {
                result.limbs[large.count] = 0
                if small.count == 0 {
                    _ = copied(result.limbs, large)
                } else {
                    __gmpn_sub(result.limbs, large.limbs, large.count, small.limbs, small.count)
                }
            }
            let count = large.count + 1
            result.pointee.signedCount = sign ? -count : count
            return IntObject.normalized(result)
        }
    }
}

private func copied(_ target: UnsafeMutablePointer<mp_limb_t>, _ source: IntOperand) -> mp_limb_t {
    target.update(from: source.limbs, count: source.count)
    return 0
}

private func compareMagnitudes(_ x: IntOperand, _ y: IntOperand) -> Int {
    if x.count != y.count { return x.count < y.count ? -1 : 1 }
    return x.count == 0 ? 0 : Int(__gmpn_cmp(x.limbs, y.limbs, x.count))
}

private func multiply(_ a: Value, _ b: Value) throws(Raised) -> Value {
    try withLimbs(a) { x throws(Raised) in
        try withLimbs(b) { y throws(Raised) in
            guard x.count > 0, y.count > 0 else { return Value(inline: 0) }
            try checkSize((x.count + y.count) * 8)
            let count = x.count + y.count
            let result = IntObject.allocate(limbs: count)
            if x.count >= y.count {
                __gmpn_mul(result.limbs, x.limbs, x.count, y.limbs, y.count)
            } else {
                __gmpn_mul(result.limbs, y.limbs, y.count, x.limbs, x.count)
            }
            result.pointee.signedCount = x.isNegative != y.isNegative ? -count : count
            return IntObject.normalized(result)
        }
    }
}

/// Quotient and remainder, rounded towards minus infinity.
func divideFloor(_ a: Value, _ b: Value) throws(Raised) -> (quotient: Value, remainder: Value) {
    if isZero(b) { throw raise(.zeroDivisionError, "integer division or modulo by zero") }
    let truncated = try divideTruncating(a, b)
    guard !isZero(truncated.remainder), isNegative(a) != isNegative(b) else { return truncated }
    return (
        try addSigned(truncated.quotient, Value(inline: 1), negated: true),
        try addSigned(truncated.remainder, b, negated: false)
    )
}

private func divideTruncating(_ a: Value, _ b: Value) throws(Raised) -> (quotient: Value, remainder: Value) {
    try withLimbs(a) { x throws(Raised) in
        try withLimbs(b) { y throws(Raised) in
            guard compareMagnitudes(x, y) >= 0 else { return (Value(inline: 0), plainInt(a)) }
            let quotient = IntObject.allocate(limbs: x.count - y.count + 1)
            let remainder = IntObject.allocate(limbs: y.count)
            __gmpn_tdiv_qr(quotient.limbs, remainder.limbs, 0, x.limbs, x.count, y.limbs, y.count)
            if x.isNegative != y.isNegative { quotient.pointee.signedCount.negate() }
            if x.isNegative { remainder.pointee.signedCount.negate() }
            return (IntObject.normalized(quotient), IntObject.normalized(remainder))
        }
    }
}

private func power(_ a: Value, _ b: Value) throws(Raised) -> Value {
    guard var exponent = machineInt(b) else {
        if let base = machineInt(a), abs(base) <= 1 {
            return base == -1 ? Value(inline: try isOdd(b) ? -1 : 1) : Value(inline: base)
        }
        throw raise(.memoryError)
    }
    let (bits, overflow) = bitLength(a).multipliedReportingOverflow(by: exponent)
    if overflow { throw raise(.memoryError) }
    try checkSize(bits / 8)
    var result = Value(inline: 1)
    var factor = plainInt(a)
    while exponent > 0 {
        if exponent & 1 == 1 { result = try multiplyAny(result, factor) }
        exponent >>= 1
        if exponent > 0 { factor = try multiplyAny(factor, factor) }
    }
    return result
}

private func isOdd(_ value: Value) throws(Raised) -> Bool {
    try withLimbs(value) { limbs in limbs.count > 0 && limbs.limbs[0] & 1 == 1 }
}

private func multiplyAny(_ a: Value, _ b: Value) throws(Raised) -> Value {
    if a.isInlineInt, b.isInlineInt {
        let (product, overflow) = a.inlineInt.multipliedReportingOverflow(by: b.inlineInt)
        if !overflow { return Value(product) }
    }
    return try multiply(a, b)
}

/// `pow(a, b, m)` for integers; b is not negative and m not zero.
public func powerModulo(_ a: Value, _ b: Value, _ m: Value) throws(Raised) -> Value {
    var result = try intBinary(6, Value(inline: 1), m) ?? .none
    var factor = try intBinary(6, a, m) ?? .none
    return try withLimbs(b) { exponent throws(Raised) in
        for limb in 0 ..< exponent.count {
            var bits = exponent.limbs[limb]
            let last = limb == exponent.count - 1
            for _ in 0 ..< (last ? 64 - bits.leadingZeroBitCount : 64) {
                if bits & 1 == 1 { result = try multiplyModulo(result, factor, m) }
                factor = try multiplyModulo(factor, factor, m)
                bits >>= 1
            }
        }
        return result
    }
}

private func multiplyModulo(_ a: Value, _ b: Value, _ m: Value) throws(Raised) -> Value {
    if a.isInlineInt, b.isInlineInt, m.isInlineInt, a.inlineInt >= 0, b.inlineInt >= 0, m.inlineInt > 0 {
        let product = UInt(a.inlineInt).multipliedFullWidth(by: UInt(b.inlineInt))
        return Value(Int(UInt(m.inlineInt).dividingFullWidth(product).remainder))
    }
    return try intBinary(6, try multiplyAny(a, b), m) ?? .none
}

private func shiftLeft(_ a: Value, _ b: Value) throws(Raised) -> Value {
    if isNegative(b) { throw valueError("negative shift count") }
    if isZero(a) { return Value(inline: 0) }
    guard let shift = machineInt(b) else { throw raise(.overflowError, "too many digits in integer") }
    try checkSize(shift / 8)
    return try withLimbs(a) { x in
        let words = shift / 64
        let bits = shift % 64
        let count = x.count + words + 1
        let result = IntObject.allocate(limbs: count)
        result.limbs.update(repeating: 0, count: words)
        if bits == 0 {
            (result.limbs + words).update(from: x.limbs, count: x.count)
            result.limbs[count - 1] = 0
        } else {
            result.limbs[count - 1] = __gmpn_lshift(result.limbs + words, x.limbs, x.count, UInt32(bits))
        }
        result.pointee.signedCount = x.isNegative ? -count : count
        return IntObject.normalized(result)
    }
}

private func shiftRight(_ a: Value, _ b: Value) throws(Raised) -> Value {
    if isNegative(b) { throw valueError("negative shift count") }
    guard let shift = machineInt(b) else { return Value(inline: isNegative(a) ? -1 : 0) }
    return try withLimbs(a) { x throws(Raised) in
        let words = shift / 64
        let bits = shift % 64
        guard words < x.count else { return Value(inline: x.isNegative ? -1 : 0) }
        let count = x.count - words
        let result = IntObject.allocate(limbs: count)
        var lost = false
        for index in 0 ..< words where x.limbs[index] != 0 { lost = true }
        if bits == 0 {
            result.limbs.update(from: x.limbs + words, count: count)
        } else if __gmpn_rshift(result.limbs, x.limbs + words, count, UInt32(bits)) != 0 {
            lost = true
        }
        result.pointee.signedCount = x.isNegative ? -count : count
        let value = IntObject.normalized(result)
        // Towards minus infinity.
        return x.isNegative && lost ? try addAny(value, -1) : value
    }
}

private func addAny(_ a: Value, _ b: Int) throws(Raised) -> Value {
    if let x = machineInt(a) {
        let (sum, overflow) = x.addingReportingOverflow(b)
        if !overflow { return Value(sum) }
    }
    return try addSigned(a, Value(inline: b), negated: false)
}

/// |, ^ and & on two's complement of unlimited width.
private func bitwise(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try withLimbs(a) { x throws(Raised) in
        try withLimbs(b) { y throws(Raised) in
            let count = max(x.count, y.count) + 1
            let result = IntObject.allocate(limbs: count)
            var carryX: mp_limb_t = 1
            var carryY: mp_limb_t = 1
            for index in 0 ..< count {
                let p = complement(x, index, &carryX)
                let q = complement(y, index, &carryY)
                result.limbs[index] = operatorIndex == 10 ? p | q : operatorIndex == 11 ? p ^ q : p & q
            }
            let isNegative = result.limbs[count - 1] >> 63 == 1
            if isNegative {
                var carry: mp_limb_t = 1
                for index in 0 ..< count {
                    let (limb, overflow) = (~result.limbs[index]).addingReportingOverflow(carry)
                    result.limbs[index] = limb
                    carry = overflow ? 1 : 0
                }
            }
            result.pointee.signedCount = isNegative ? -count : count
            return IntObject.normalized(result)
        }
    }
}

/// A limb of the two's complement.
private func complement(_ x: IntOperand, _ index: Int, _ carry: inout mp_limb_t) -> mp_limb_t {
    let limb = index < x.count ? x.limbs[index] : 0
    guard x.isNegative else { return limb }
    let (sum, overflow) = (~limb).addingReportingOverflow(carry)
    carry = overflow ? 1 : 0
    return sum
}

/// `-value` of an int of any size.
public func negateInt(_ value: Value) -> Value {
    if let machine = machineInt(value), machine != Int.min { return Value(-machine) }
    let object = value.object(IntObject.self)
    let copy = IntObject.allocate(limbs: object.count)
    copy.limbs.update(from: object.limbs, count: object.count)
    copy.pointee.signedCount = -object.pointee.signedCount
    return IntObject.normalized(copy)
}

/// -1, 0 or 1: the order of two ints of any size.
public func compareInts(_ a: Value, _ b: Value) -> Int {
    if let x = machineInt(a), let y = machineInt(b) { return x < y ? -1 : x > y ? 1 : 0 }
    let order = try? withLimbs(a) { x throws(Raised) in
        try withLimbs(b) { y in
            if x.isNegative != y.isNegative { return x.isNegative ? -1 : 1 }
            let order = compareMagnitudes(x, y)
            return x.isNegative ? -order : order
        }
    }
    return order ?? 0
}

// MARK: Conversion

/// The nearest double, ties to even; infinite if too large.
public func doubleValue(_ value: Value) -> Double {
    if let machine = machineInt(value) { return Double(machine) }
    let object = value.object(IntObject.self)
    let bits = bitLength(value)
    if bits > 1024 { return object.isNegative ? -Double.infinity : .infinity }
    // The top 64 bits, with a sticky last bit.
    let top = object.count - 1
    let shift = object.limbs[top].leadingZeroBitCount
    var mantissa = UInt64(object.limbs[top])
    var sticky = false
    if shift > 0 {
        mantissa = mantissa << UInt64(shift) | UInt64(object.limbs[top - 1]) >> UInt64(64 - shift)
        sticky = object.limbs[top - 1] << mp_limb_t(shift) != 0
    } else {
        sticky = top > 0 && object.limbs[top - 1] != 0
    }
    if top > 1 { for index in 0 ..< top - 1 where object.limbs[index] != 0 { sticky = true } }
    if sticky { mantissa |= 1 }
    let magnitude = scalbn(Double(mantissa), Int32(bits - 64))
    return object.isNegative ? -magnitude : magnitude
}

/// The integer part of a finite double.
func intValue(truncating double: Double) -> Value {
    if abs(double) < 9e18 { return Value(Int(double)) }
    let exponent = Int(double.exponent) - 52
    let significand = Value(Int(double.significandBitPattern | 1 << 52))
    let shifted = (try? shiftLeft(significand, Value(inline: exponent))) ?? Value(inline: 0)
    return double < 0 ? negateInt(shifted) : shifted
}

/// `a / b` for integers, correctly rounded.
func divideInts(_ a: Value, _ b: Value) throws(Raised) -> Double {
    if isZero(b) { throw raise(.zeroDivisionError, "division by zero") }
    if a.isInlineInt, b.isInlineInt { return Double(a.inlineInt) / Double(b.inlineInt) }
    if isZero(a) { return isNegative(b) ? -0.0 : 0 }
    // Scale so that the quotient has 66 bits or more; the remainder only matters as a sticky bit.
    let shift = max(0, 66 - (bitLength(a) - bitLength(b)))
    let magnitudeA = isNegative(a) ? negateInt(a) : plainInt(a)
    let magnitudeB = isNegative(b) ? negateInt(b) : plainInt(b)
    let scaled = try shiftLeft(magnitudeA, Value(inline: shift))
    var (quotient, remainder) = try divideTruncating(scaled, magnitudeB)
    if !isZero(remainder) { quotient = try bitwise(10, quotient, Value(inline: 1)) }
    let exponent = bitLength(quotient) - shift
    if exponent > 1024 { throw raise(.overflowError, "integer division result too large for a float") }
    var result: Double
    if exponent < -1021 {
        // Subnormal: drop the bits that don't fit before rounding once.
        let excess = -1074 + shift - 2
        if excess > 0 {
            let dropped = try shiftRight(quotient, Value(inline: excess))
            let back = try shiftLeft(dropped, Value(inline: excess))
            let sticky = compareInts(back, quotient) != 0
            let kept = sticky ? try bitwise(10, dropped, Value(inline: 1)) : dropped
            result = doubleValue(kept) * 0x1p-1074 * 0.25
            if !kept.isInlineInt { result = scalbn(doubleValue(kept), Int32(excess - shift)) }
        } else {
            result = scalbn(doubleValue(quotient), Int32(-shift))
        }
    } else {
        result = scalbn(doubleValue(quotient), Int32(-shift))
    }
    if result.isInfinite { throw raise(.overflowError, "integer division result too large for a float") }
    if isNegative(a) != isNegative(b) { result = -result }
    return result
}
