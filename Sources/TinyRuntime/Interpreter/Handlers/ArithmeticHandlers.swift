// Arithmetic and comparison: integers and floats here, everything else in Operators.swift.
//
// With NaN-boxing the test "both are integers" is one AND and one comparison, as cheap as the guard of a quickened
// instruction would be; so these are not quickened by type.
import TinyCompiler

@inline(__always)
func add(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) {
        let (sum, overflow) = a.shiftedInt.addingReportingOverflow(b.shiftedInt)
        if !overflow {
            r[i.a] = Value(shifted: sum)
            return Next(r, pc)
        }
    } else if Value.bothFloats(a, b), let result = Value(number: a.float + b.float) {
        r[i.a] = result
        return Next(r, pc)
    }
    return slowBinary(0, i, a, b, r, pc, t)
}

@inline(__always)
func subtract(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, from a: Value, _ b: Value) -> Next {
    if Value.bothInlineInts(a, b) {
        let (difference, overflow) = a.shiftedInt.subtractingReportingOverflow(b.shiftedInt)
        if !overflow {
            r[i.a] = Value(shifted: difference)
            return Next(r, pc)
        }
    } else if Value.bothFloats(a, b), let result = Value(number: a.float - b.float) {
        r[i.a] = result
        return Next(r, pc)
    }
    return slowBinary(1, i, a, b, r, pc, t)
}

@inline(__always)
func multiply(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) {
        let (product, overflow) = Int64(a.inlineInt).multipliedReportingOverflow(by: b.shiftedInt)
        if !overflow {
            r[i.a] = Value(shifted: product)
            return Next(r, pc)
        }
    } else if Value.bothFloats(a, b), let result = Value(number: a.float * b.float) {
        r[i.a] = result
        return Next(r, pc)
    }
    return slowBinary(2, i, a, b, r, pc, t)
}

/// What is done with a product.
enum ProductUse { case add, subtract, subtractFrom, addConstant }

/// A product and the instruction behind it, which adds it to something or subtracts: one dispatch for two, and a float goes
/// from one to the other in a machine register. Whatever is not the common case is left to the two by themselves.
@inline(__always)
func multiplyThen(_ use: ProductUse, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    let second = Instruction(word: pc.pointee)
    // One of the two operands of a sum is the product, whichever.
    let other = switch use {
    case .add: r[second.b ^ second.c ^ i.a]
    case .subtract: r[second.c]
    case .subtractFrom: r[second.b]
    case .addConstant: r.constants[second.c]
    }
    if Value.bothFloats(a, b), other.isFloat {
        let product = a.float * b.float
        let result = switch use {
        case .add, .addConstant: product + other.float
        case .subtract: product - other.float
        case .subtractFrom: other.float - product
        }
        // Where the product is no number, neither is the result.
        if let result = Value(number: result) {
            r[i.a] = Value(bits: product.bitPattern)
            r[second.a] = result
            return Next(r, pc + 1)
        }
    } else if Value.bothInlineInts(a, b), other.isInlineInt {
        let (product, isLarge) = Int64(a.inlineInt).multipliedReportingOverflow(by: b.shiftedInt)
        let (result, isLarger) = switch use {
        case .add, .addConstant: product.addingReportingOverflow(other.shiftedInt)
        case .subtract: product.subtractingReportingOverflow(other.shiftedInt)
        case .subtractFrom: other.shiftedInt.subtractingReportingOverflow(product)
        }
        if !isLarge, !isLarger {
            r[i.a] = Value(shifted: product)
            r[second.a] = Value(shifted: result)
            return Next(r, pc + 1)
        }
    }
    return multiply(i, r, pc, t, b)
}

/// A product and its yield.
@inline(__always)
func multiplyThenYield(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    guard let product = quickProduct(r[i.b], b) else { return multiply(i, r, pc, t, b) }
    r[i.a] = product
    return yieldValue(product, Instruction(word: pc.pointee), r, pc + 1, t, isObserved: false)
}

/// A product of floats, or of inline integers that is one itself.
@inline(__always)
func quickProduct(_ a: Value, _ b: Value) -> Value? {
    if a.isFloat { return b.isFloat ? Value(number: a.float * b.float) : nil }
    guard Value.bothInlineInts(a, b) else { return nil }
    let (product, overflow) = Int64(a.inlineInt).multipliedReportingOverflow(by: b.shiftedInt)
    return overflow ? nil : Value(shifted: product)
}

@inline(__always)
func divide(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ a: Value, by b: Value) -> Next {
    // Inline integers are exact as doubles, so the quotient is correctly rounded.
    if let x = a.exactDouble, let y = b.exactDouble, y != 0, let result = Value(number: x / y) {
        r[i.a] = result
        return Next(r, pc)
    }
    return slowBinary(4, i, a, b, r, pc, t)
}

@inline(__always)
func floorDivide(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) && b.inlineInt > 0 {
        let x = a.inlineInt
        let y = b.inlineInt
        // A power of two, as it often is: a division takes the processor ten times as long as a shift, which rounds down as well.
        if y & (y &- 1) == 0 {
            r[i.a] = Value(inline: x &>> y.trailingZeroBitCount)
            return Next(r, pc)
        }
        let quotient = x / y
        r[i.a] = Value(inline: x % y < 0 ? quotient &- 1 : quotient)
        return Next(r, pc)
    }
    return slowBinary(5, i, a, b, r, pc, t)
}

@inline(__always)
func modulo(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) && b.inlineInt > 0 {
        let y = b.inlineInt
        if y & (y &- 1) == 0 {
            r[i.a] = Value(inline: a.inlineInt & (y &- 1))
            return Next(r, pc)
        }
        let remainder = a.inlineInt % y
        r[i.a] = Value(inline: remainder < 0 ? remainder &+ y : remainder)
        return Next(r, pc)
    }
    return slowBinary(6, i, a, b, r, pc, t)
}

@inline(__always)
func leftShift(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) && UInt(bitPattern: b.inlineInt) < 50 {
        let shifted = a.inlineInt << b.inlineInt
        if shifted >> b.inlineInt == a.inlineInt && Value.inlineIntegers.contains(shifted) {
            r[i.a] = Value(inline: shifted)
            return Next(r, pc)
        }
    }
    return slowBinary(8, i, a, b, r, pc, t)
}

@inline(__always)
func rightShift(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) && b.inlineInt >= 0 {
        r[i.a] = Value(inline: a.inlineInt >> min(b.inlineInt, 63))
        return Next(r, pc)
    }
    return slowBinary(9, i, a, b, r, pc, t)
}

@inline(__always)
func bitOr(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) {
        r[i.a] = Value(bits: a.bits | b.bits)
        return Next(r, pc)
    }
    return slowBinary(10, i, a, b, r, pc, t)
}

@inline(__always)
func bitXor(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) {
        r[i.a] = Value(bits: (a.bits ^ b.bits) | Value.integerTag)
        return Next(r, pc)
    }
    return slowBinary(11, i, a, b, r, pc, t)
}

@inline(__always)
func bitAnd(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothInlineInts(a, b) {
        r[i.a] = Value(bits: a.bits & b.bits)
        return Next(r, pc)
    }
    return slowBinary(12, i, a, b, r, pc, t)
}

@inline(__always)
func negate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let a = r[i.b]
    if a.isInlineInt && a.inlineInt != Value.inlineIntegers.lowerBound {
        r[i.a] = Value(inline: -a.inlineInt)
        return Next(r, pc)
    }
    if a.isFloat {
        r[i.a] = Value(-a.float)
        return Next(r, pc)
    }
    return slowUnary(.neg, i, r, pc, t)
}

@inline(__always)
func not(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let a = r[i.b]
    if a.isBool {
        r[i.a] = Value(bits: a.bits ^ 1)
        return Next(r, pc)
    }
    return slowNot(i, r, pc, t)
}

@inline(__always)
func compare(
    _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ operatorIndex: Int,
    _ ints: (Int64, Int64) -> Bool, _ floats: (Double, Double) -> Bool
) -> Next {
    let a = r[i.b]
    let b = r[i.c]
    if Value.bothInlineInts(a, b) {
        r[i.a] = Value(ints(a.shiftedInt, b.shiftedInt))
        return Next(r, pc)
    }
    if Value.bothFloats(a, b) {
        r[i.a] = Value(floats(a.float, b.float))
        return Next(r, pc)
    }
    return slowCompare(operatorIndex, i, a, b, r, pc, t)
}

@inline(__always)
func jumpIfCompare(
    _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value, _ operatorIndex: Int,
    _ ints: (Int64, Int64) -> Bool, _ floats: (Double, Double) -> Bool
) -> Next {
    let a = r[i.a]
    if Value.bothInlineInts(a, b) {
        return ints(a.shiftedInt, b.shiftedInt) == (i.d != 0) ? jumpTo(pc + i.signedC, r, t) : Next(r, pc)
    }
    if Value.bothFloats(a, b) {
        return floats(a.float, b.float) == (i.d != 0) ? jumpTo(pc + i.signedC, r, t) : Next(r, pc)
    }
    return slowJumpIfCompare(operatorIndex, i, a, b, r, pc, t)
}

@inline(__always)
func isSame(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(r[i.b] == r[i.c])
    return Next(r, pc)
}

@inline(__always)
func isNotSame(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(r[i.b] != r[i.c])
    return Next(r, pc)
}
