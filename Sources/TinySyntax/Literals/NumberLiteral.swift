// The value of a number that the lexer has found well-formed.

/// Numbers in source text.
public enum NumberLiteral {
    /// The most digits that a decimal integer in source text may have; 0: any number of them. The runtime sets it
    /// (`sys.set_int_max_str_digits`), under its lock.
    nonisolated(unsafe) public static var maximumDigits = 4_300

    /// The constant, or the number of digits if there are more than an integer may have.
    enum Result {
        case constant(Constant)
        case tooManyDigits(Int)
    }

    static func value(of text: UnsafeBufferPointer<UInt8>) -> Result {
        guard let first = text.first, let last = text.last else { return .constant(.integer(0)) }
        if first == UInt8(ascii: "0") && text.count > 1 {
            switch text[1] | 0x20 {
            case UInt8(ascii: "x"): return .constant(integer(text.dropFirst(2), radix: 16))
            case UInt8(ascii: "o"): return .constant(integer(text.dropFirst(2), radix: 8))
            case UInt8(ascii: "b"): return .constant(integer(text.dropFirst(2), radix: 2))
            default: break
            }
        }
        if last | 0x20 == UInt8(ascii: "j") { return .constant(.imaginary(double(text.dropLast()))) }
        let isFloat = text.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
        if isFloat { return .constant(.float(double(text[...]))) }
        if maximumDigits > 0, text.count > maximumDigits {
            let count = text.reduce(0) { $0 + ($1 == UInt8(ascii: "_") ? 0 : 1) }
            if count > maximumDigits { return .tooManyDigits(count) }
        }
        return .constant(integer(text[...], radix: 10))
    }

    private static func integer(_ text: Slice<UnsafeBufferPointer<UInt8>>, radix: Int64) -> Constant {
        var value: Int64 = 0
        for c in text where c != UInt8(ascii: "_") {
            let digit = Int64(c <= 0x39 ? c - 0x30 : (c | 0x20) - 0x57)
            let (product, overflow) = value.multipliedReportingOverflow(by: radix)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry {
                let digits = text.lazy.filter { $0 != UInt8(ascii: "_") }.map { $0 >= 0x41 ? $0 | 0x20 : $0 }
                let trimmed = Array(digits.drop { $0 == 0x30 })
                return .bigInteger(digits: String(decoding: trimmed, as: UTF8.self), radix: Int(radix))
            }
            value = sum
        }
        return .integer(value)
    }

    private static func double(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Double {
        var digits: [UInt8] = []
        digits.reserveCapacity(text.count + 2)
        for c in text where c != UInt8(ascii: "_") {
            // Neither ".5" nor "1." nor "1.e5" is left to the library's taste.
            if digits.isEmpty && c == UInt8(ascii: ".") { digits.append(0x30) }
            if digits.last == UInt8(ascii: ".") && !(0x30...0x39).contains(c) { digits.append(0x30) }
            digits.append(c)
        }
        if digits.last == UInt8(ascii: ".") { digits.append(0x30) }
        return Double(String(decoding: digits, as: UTF8.self)) ?? .infinity
    }
}
