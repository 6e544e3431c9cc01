// Text of doubles in every style that formatting knows: repr, e, f and g, with any precision.
//
// The C library's printf rounds correctly whatever the precision; it gives the digits, and the layout (when to use an
// exponent, which zeros to keep) follows CPython's PyOS_double_to_string.
import CTiny
import Glibc

struct FloatStyle {
    /// `r` (shortest that reads back), `e`, `f` or `g`.
    var type: UInt8
    var precision: Int
    /// `#`: a decimal point always, and g keeps its trailing zeros.
    var isAlternate = false
    /// At least one digit behind the point, as repr has it.
    var addsPointZero = false
    var coercesNegativeZero = false
    var isUppercase = false

    /// The text, with a minus sign if negative.
    func text(_ value: Double) -> [UInt8] {
        var result = value.isFinite ? finiteText(value) : Array((value.isNaN ? "nan" : value < 0 ? "-inf" : "inf").utf8)
        if coercesNegativeZero, result.first == 0x2D, !hasDigitBeyondZero(result) { result.removeFirst() }
        if isUppercase {
            for index in result.indices where result[index] >= 0x61 && result[index] <= 0x7A { result[index] -= 0x20 }
        }
        return result
    }

    /// Whether the mantissa of a text has any digit but zeros (infinity counts as one).
    private func hasDigitBeyondZero(_ text: [UInt8]) -> Bool {
        for byte in text.dropFirst() {
            if byte == 0x65 { return false }
            if byte != 0x30, byte != 0x2E { return true }
        }
        return false
    }

    private func finiteText(_ value: Double) -> [UInt8] {
        switch type {
        case 0x66: return fixed(value)
        case 0x65: return exponential(value)
        case 0x67: return general(value)
        default: return shortest(value)
        }
    }

    /// Digits beyond which a double has only zeros.
    private static let mostDigits = 1100

    /// printf with a precision that is bounded by what a double can have; `missing` zeros would follow.
    private static func print(_ format: StaticString, _ precision: Int, _ value: Double) -> (bytes: [UInt8], missing: Int) {
        let bounded = min(precision, mostDigits)
        let capacity = bounded + 340
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            buffer.withMemoryRebound(to: CChar.self) { characters in
                format.utf8Start.withMemoryRebound(to: CChar.self, capacity: format.utf8CodeUnitCount) { text in
                    count = max(0, Int(tiny_format_double(characters.baseAddress, capacity, text, Int32(bounded), value)))
                }
            }
        }
        return (bytes, precision - bounded)
    }

    private func fixed(_ value: Double) -> [UInt8] {
        if !isAlternate, let text = exactlyRoundedText(value, precision: precision) { return text }
        var (bytes, missing) = FloatStyle.print("%.*f", precision, value)
        bytes.append(contentsOf: repeatElement(0x30, count: missing))
        if isAlternate, precision == 0 { bytes.append(0x2E) }
        return bytes
    }

    private func exponential(_ value: Double) -> [UInt8] {
        let (bytes, missing) = FloatStyle.print("%.*e", precision, value)
        guard missing > 0 || isAlternate && precision == 0, let mark = bytes.lastIndex(of: 0x65) else { return bytes }
        var result = Array(bytes[..<mark])
        if precision == 0 { result.append(0x2E) }
        result.append(contentsOf: repeatElement(0x30, count: missing))
        return result + bytes[mark...]
    }

    private func general(_ value: Double) -> [UInt8] {
        let wanted = max(1, precision)
        let (bytes, missing) = FloatStyle.print("%.*e", wanted - 1, value)
        let isNegative = bytes.first == 0x2D
        // The C library has written a mark of the exponent.
        let mark = bytes.lastIndex(of: 0x65) ?? bytes.count
        var digits = bytes[(isNegative ? 1 : 0) ..< mark].filter { $0 != 0x2E }
        let exponent = Int(String(decoding: bytes[min(mark + 1, bytes.count)...], as: UTF8.self)) ?? 0
        if isAlternate {
            digits.append(contentsOf: repeatElement(0x30, count: missing))
        } else {
            while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        }
        let point = exponent + 1
        let usesExponent = point <= -4 || point > wanted - (addsPointZero ? 1 : 0)
        return layOut(digits, point: point, isNegative, usesExponent: usesExponent)
    }

    private func shortest(_ value: Double) -> [UInt8] {
        let isNegative = value.sign == .minus
        if value == 0 { return layOut([0x30], point: 1, isNegative, usesExponent: false) }
        return withShortestDigits(abs(value)) { digits, point in
            layOut(Array(digits), point: point, isNegative, usesExponent: point > 16 || point <= -4)
        }
    }

    /// Digits with the decimal point (behind `point` of them), and the exponent if there is to be one.
    private func layOut(_ digits: [UInt8], point: Int, _ isNegative: Bool, usesExponent: Bool) -> [UInt8] {
        var result: [UInt8] = isNegative ? [0x2D] : []
        let whole = usesExponent ? 1 : point
        if whole <= 0 {
            result.append(0x30)
            result.append(0x2E)
            result.append(contentsOf: repeatElement(0x30, count: -whole))
            result.append(contentsOf: digits)
        } else if digits.count > whole {
            result.append(contentsOf: digits[..<whole])
            result.append(0x2E)
            result.append(contentsOf: digits[whole...])
        } else {
            result.append(contentsOf: digits)
            result.append(contentsOf: repeatElement(0x30, count: whole - digits.count))
            if addsPointZero, !usesExponent {
                result.append(0x2E)
                result.append(0x30)
            } else if isAlternate {
                result.append(0x2E)
            }
        }
        guard usesExponent else { return result }
        let exponent = point - 1
        result.append(0x65)
        result.append(exponent < 0 ? 0x2D : 0x2B)
        if abs(exponent) < 10 { result.append(0x30) }
        result.append(contentsOf: String(abs(exponent)).utf8)
        return result
    }
}
