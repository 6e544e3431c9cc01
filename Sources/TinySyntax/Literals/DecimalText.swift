// Numbers as CPython's `repr` writes them, for the tree printer.

enum DecimalText {
    /// The decimal digits of an integer that is given in another radix.
    static func decimal(_ digits: String, radix: Int) -> String {
        // Nine decimal digits to a limb, least significant first.
        var limbs: [UInt64] = [0]
        for unit in digits.utf8 {
            var carry = UInt64(unit <= 0x39 ? unit - 0x30 : unit - 0x57)
            for index in limbs.indices {
                let value = limbs[index] * UInt64(radix) + carry
                limbs[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { limbs.append(carry) }
        }
        var result = String(limbs[limbs.count - 1])
        for limb in limbs.dropLast().reversed() {
            let text = String(limb)
            result += String(repeating: "0", count: 9 - text.utf8.count) + text
        }
        return result
    }

    static func float(_ value: Double) -> String {
        if value.isInfinite { return "inf" }
        var text = shortest(value)
        if !text.utf8.contains(where: { $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "e") }) { text += ".0" }
        return text
    }

    static func imaginary(_ value: Double) -> String {
        if value.isInfinite { return "infj" }
        return shortest(value) + "j"
    }

    /// The shortest digits that read back the same; an exponent below 1e-4 and from 1e16 on.
    private static func shortest(_ value: Double) -> String {
        if value == 0 { return "0" }
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        let text = Array(value.description.utf8)
        var index = 0
        while index < text.count && text[index] != UInt8(ascii: "e") {
            if text[index] == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(text[index]) }
            index += 1
        }
        if index < text.count { exponent = Int(String(decoding: text[(index + 1)...], as: UTF8.self)) ?? 0 }
        var point = (pointAt ?? digits.count) + exponent
        while digits.count > 1, digits.first == 0x30 {
            digits.removeFirst()
            point -= 1
        }
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        func string(_ part: some Sequence<UInt8>) -> String { String(decoding: Array(part), as: UTF8.self) }
        if point > 16 || point < -3 {
            let scale = point - 1
            let size = String(abs(scale))
            let sign = scale < 0 ? "-" : "+"
            let mantissa = digits.count > 1 ? "\(string(digits.prefix(1))).\(string(digits.dropFirst()))" : string(digits)
            return mantissa + "e" + sign + (size.utf8.count < 2 ? "0" + size : size)
        }
        if point <= 0 { return "0." + String(repeating: "0", count: -point) + string(digits) }
        if point >= digits.count { return string(digits) + String(repeating: "0", count: point - digits.count) }
        return "\(string(digits.prefix(point))).\(string(digits.dropFirst(point)))"
    }
}
