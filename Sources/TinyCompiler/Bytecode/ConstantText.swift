// Constants as text, in the language's own notation.
import TinySyntax

enum ConstantText {
    /// A string or bytes literal, as `repr` writes it. Undecodable bytes of a string are shown as surrogate escapes.
    static func quoted(_ bytes: [UInt8], isText: Bool = true) -> String {
        let quote: Unicode.Scalar = bytes.contains(UInt8(ascii: "'")) && !bytes.contains(UInt8(ascii: "\"")) ? "\"" : "'"
        var text = String(quote)
        let scalars = isText ? Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
            : bytes.map { Unicode.Scalar($0) }
        for scalar in scalars {
            switch scalar {
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            case quote: text += "\\" + String(quote)
            default:
                let isPlain = scalar.value >= 0x20 && scalar.value < 0x7F
                    || isText && scalar.value > 0xA0 && scalar.properties.isPrintable
                text += isPlain ? String(scalar) : escape(scalar.value)
            }
        }
        return text + String(quote)
    }

    private static func escape(_ value: UInt32) -> String {
        func hexadecimal(_ width: Int) -> String {
            let digits = String(value, radix: 16)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        if value <= 0xFF { return "\\x" + hexadecimal(2) }
        return value <= 0xFFFF ? "\\u" + hexadecimal(4) : "\\U" + hexadecimal(8)
    }

    /// The decimal digits of an integer beyond 64 bits.
    static func decimal(_ digits: String, radix: Int) -> String {
        guard radix != 10, digits.utf8.count <= 10_000 else { return radix == 10 ? digits : "0x" + digits }
        // groups of nine decimal digits, the lowest first
        var groups: [UInt64] = [0]
        for digit in digits {
            var carry = UInt64(digit.hexDigitValue ?? 0)
            for index in groups.indices {
                let value = groups[index] * UInt64(radix) + carry
                groups[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { groups.append(carry) }
        }
        var text = String(groups[groups.count - 1])
        for group in groups.dropLast().reversed() {
            let part = String(group)
            text += String(repeating: "0", count: 9 - part.utf8.count) + part
        }
        return text
    }

    /// A float as `repr` writes it.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let magnitude = value.magnitude
        if magnitude == 0 || (magnitude >= 1e-4 && magnitude < 1e16) { return "\(value)".positional }
        return "\(value)".scientific
    }

    /// A constant for people; code is shown by its name.
    static func text(_ constant: CodeConstant) -> String {
        switch constant {
        case .literal(let literal):
            switch literal {
            case .none: "None"
            case .true: "True"
            case .false: "False"
            case .ellipsis: "Ellipsis"
            case .integer(let value): String(value)
            case .bigInteger(let digits, let radix): decimal(digits, radix: radix)
            case .float(let value): number(value)
            case .imaginary(let value): number(value) + "j"
            case .string(let bytes): quoted(bytes)
            case .bytes(let bytes): "b" + quoted(bytes, isText: false)
            }
        case .text(let text): quoted(text.bytes)
        case .tuple(let items):
            "(" + items.map(text).joined(separator: ", ") + (items.count == 1 ? ",)" : ")")
        case .frozenSet(let items): "frozenset({" + items.map(text).joined(separator: ", ") + "})"
        case .code(let unit): "<code \(unit.qualifiedName)>"
        }
    }
}

extension Unicode.Scalar.Properties {
    fileprivate var isPrintable: Bool {
        switch generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            false
        default: true
        }
    }
}

extension String {
    /// Swift's shortest digits without an exponent.
    fileprivate var positional: String {
        guard let mark = firstIndex(of: "e"), let exponent = Int(self[index(after: mark)...]) else { return self }
        let isNegative = hasPrefix("-")
        var digits = self[..<mark].filter { $0 != "." && $0 != "-" }
        let point = (self[..<mark].firstIndex(of: ".").map { distance(from: startIndex, to: $0) }
            ?? distance(from: startIndex, to: mark)) - (isNegative ? 1 : 0)
        let place = point + exponent
        if place <= 0 {
            digits = "0." + String(repeating: "0", count: -place) + digits
        } else if place >= digits.count {
            digits += String(repeating: "0", count: place - digits.count) + ".0"
        } else {
            digits.insert(".", at: digits.index(digits.startIndex, offsetBy: place))
        }
        while digits.hasSuffix("0"), !digits.hasSuffix(".0") { digits.removeLast() }
        return (isNegative ? "-" : "") + digits
    }

    /// Swift's shortest digits with an exponent of at least two digits.
    fileprivate var scientific: String {
        guard let mark = firstIndex(of: "e"), let exponent = Int(self[index(after: mark)...]) else { return self }
        var digits = String(self[..<mark])
        if digits.hasSuffix(".0") { digits.removeLast(2) }
        let size = String(exponent.magnitude)
        return digits + (exponent < 0 ? "e-" : "e+") + (size.count < 2 ? "0" + size : size)
    }
}
