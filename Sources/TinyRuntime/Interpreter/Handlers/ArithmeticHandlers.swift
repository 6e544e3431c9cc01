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
func subtract(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
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

@inline(__always)
func divide(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ b: Value) -> Next {
    let a = r[i.b]
    if Value.bothFloats(a, b) && b.float != 0, let result = Value(number: a.float / b.float) {
        r[i.a] = result
        return Next(r, pc)
    }
    // Inline integers are exact as doubles, so the quotient is correctly rounded.
    if Value.bothInlineInts(a, b) && b.inlineInt != 0 {
        r[i.a] = Value(bits: (Double(a.inlineInt) / Double(b.inlineInt)).bitPattern)
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
