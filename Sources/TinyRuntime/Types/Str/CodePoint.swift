// What Unicode says of one code point, as CPython's `str` asks it.
//
// The data are those of Swift's standard library. ASCII never reaches it: the callers have table look-ups for that.
// Lone surrogates are no Unicode.Scalar; they have no properties but their category (Cs).

enum CodePoint {
    @inline(__always)
    static func properties(_ codePoint: UInt32) -> Unicode.Scalar.Properties? {
        Unicode.Scalar(codePoint)?.properties
    }

    /// Whether `repr` shows the character itself: everything but Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs other than a space.
    static func isPrintable(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x7F { return codePoint >= 0x20 }
        guard let properties = properties(codePoint) else { return false }
        switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    /// `str.isspace` and what `split()` and `strip()` drop: bidirectional class WS, B or S, or category Zs.
    @inline(__always)
    static func isSpace(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return codePoint == 0x20 || codePoint &- 9 <= 4 || codePoint &- 0x1C <= 3 }
        switch codePoint {
        case 0x85, 0xA0, 0x1680, 0x2000 ... 0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: return true
        default: return false
        }
    }

    /// Whether `splitlines` breaks behind it.
    @inline(__always)
    static func isLineBreak(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return codePoint &- 0xA <= 3 || codePoint &- 0x1C <= 2 }
        return codePoint == 0x85 || codePoint == 0x2028 || codePoint == 0x2029
    }

    static func isAlphabetic(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return (codePoint | 0x20) &- 0x61 < 26 }
        switch properties(codePoint)?.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    /// The value of a decimal digit (category Nd).
    static func decimal(_ codePoint: UInt32) -> Int? {
        if codePoint < 0x80 { return codePoint &- 0x30 < 10 ? Int(codePoint) - 0x30 : nil }
        guard let properties = properties(codePoint), properties.numericType == .decimal,
            let value = properties.numericValue
        else { return nil }
        return Int(value)
    }

    /// The value of a digit: decimal digits, superscripts, circled digits …
    static func digit(_ codePoint: UInt32) -> Int? {
        if codePoint < 0x80 { return codePoint &- 0x30 < 10 ? Int(codePoint) - 0x30 : nil }
        guard let properties = properties(codePoint), let type = properties.numericType, type != .numeric,
            let value = properties.numericValue
        else { return nil }
        return Int(value)
    }

    static func numeric(_ codePoint: UInt32) -> Double? {
        if codePoint < 0x80 { return codePoint &- 0x30 < 10 ? Double(codePoint - 0x30) : nil }
        return properties(codePoint)?.numericValue
    }

    static func isAlphanumeric(_ codePoint: UInt32) -> Bool {
        isAlphabetic(codePoint) || numeric(codePoint) != nil
    }

    static func isUpper(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return codePoint &- 0x41 < 26 }
        return properties(codePoint)?.isUppercase ?? false
    }

    static func isLower(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return codePoint &- 0x61 < 26 }
        return properties(codePoint)?.isLowercase ?? false
    }

    static func isTitle(_ codePoint: UInt32) -> Bool {
        codePoint >= 0x80 && properties(codePoint)?.generalCategory == .titlecaseLetter
    }

    /// A letter that has case.
    static func isCased(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return (codePoint | 0x20) &- 0x61 < 26 }
        return properties(codePoint)?.isCased ?? false
    }

    static func isCaseIgnorable(_ codePoint: UInt32) -> Bool {
        properties(codePoint)?.isCaseIgnorable ?? false
    }

    static func isIdentifierStart(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return (codePoint | 0x20) &- 0x61 < 26 || codePoint == 0x5F }
        return properties(codePoint)?.isXIDStart ?? false
    }

    static func isIdentifierPart(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return isIdentifierStart(codePoint) || codePoint &- 0x30 < 10 }
        return properties(codePoint)?.isXIDContinue ?? false
    }
}
