// Integer arithmetic at compile time: 128 bits, which is where CPython's folding ends too.
import TinySyntax

enum FoldedInteger {
    /// The value of a literal, if 128 bits hold it.
    static func value(_ constant: Constant) -> Int128? {
        switch constant {
        case .integer(let value): Int128(value)
        case .true: 1
        case .false: 0
        case .bigInteger(let digits, let radix): digits.utf8.count <= 128 ? Int128(digits, radix: radix) : nil
        case .none, .ellipsis, .float, .imaginary, .string, .bytes: nil
        }
    }

    /// The literal for a value. A negative one beyond 64 bits has none.
    static func constant(_ value: Int128) -> Constant? {
        if let small = Int64(exactly: value) { return .integer(small) }
        return value > 0 ? .bigInteger(digits: String(value, radix: 16), radix: 16) : nil
    }

    static func operation(_ left: Int128, _ op: BinaryOperator, _ right: Int128) -> Int128? {
        switch op {
        case .add: checked(left.addingReportingOverflow(right))
        case .subtract: checked(left.subtractingReportingOverflow(right))
        case .multiply: checked(left.multipliedReportingOverflow(by: right))
        case .floorDivide: right == 0 ? nil : floorDivision(left, right)?.quotient
        case .modulo: right == 0 ? nil : floorDivision(left, right)?.remainder
        case .power: power(left, right)
        case .leftShift: leftShift(left, right)
        case .rightShift: right < 0 ? nil : left >> Swift.min(right, 127)
        case .bitOr: left | right
        case .bitXor: left ^ right
        case .bitAnd: left & right
        case .matrixMultiply, .divide: nil
        }
    }

    private static func checked(_ result: (partialValue: Int128, overflow: Bool)) -> Int128? {
        result.overflow ? nil : result.partialValue
    }

    private static func floorDivision(_ left: Int128, _ right: Int128) -> (quotient: Int128, remainder: Int128)? {
        if left == .min, right == -1 { return nil }
        let (quotient, remainder) = left.quotientAndRemainder(dividingBy: right)
        if remainder != 0, (remainder < 0) != (right < 0) { return (quotient - 1, remainder + right) }
        return (quotient, remainder)
    }

    private static func power(_ base: Int128, _ exponent: Int128) -> Int128? {
        guard exponent >= 0, exponent <= 128 else { return nil }
        var result: Int128 = 1
        for _ in 0 ..< Int(exponent) {
            guard let next = checked(result.multipliedReportingOverflow(by: base)) else { return nil }
            result = next
        }
        return result
    }

    private static func leftShift(_ value: Int128, _ count: Int128) -> Int128? {
        guard count >= 0, count < 127 else { return nil }
        let result = value << count
        return result >> count == value ? result : nil
    }
}
