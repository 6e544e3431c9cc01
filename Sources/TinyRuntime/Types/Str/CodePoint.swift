// What Unicode says of one code point, as CPython's `str` asks it.
//
// The data are those of Swift's standard library (Unicode 17), seen as of Unicode 15.1, the version of CPython 3.13:
// what is newer counts as unassigned. Compared over all code points, they then agree with `unicodedata`, save for two
// categories (U+0295, U+1171E, told here). Lone surrogates are no Unicode.Scalar; they have no properties but their category (Cs).

/// Properties of code points, as of Unicode 15.1. Any 32-bit number may be asked about.
public enum CodePoint {
    /// The properties of a code point that Unicode 15.1 knows.
    public static func properties(_ codePoint: UInt32) -> Unicode.Scalar.Properties? {
        guard let properties = Unicode.Scalar(codePoint)?.properties, isKnown(properties) else { return nil }
        return properties
    }

    private static func isKnown(_ properties: Unicode.Scalar.Properties) -> Bool {
        guard let age = properties.age else { return false }
        return age.major < 15 || age.major == 15 && age.minor <= 1
    }

    /// `unicodedata.category`: private use or unassigned for what 15.1 does not know.
    public static func category(_ codePoint: UInt32) -> Unicode.GeneralCategory {
        if codePoint & 0xFFFF_F800 == 0xD800 { return .surrogate }
        if codePoint == 0x295 { return .lowercaseLetter }
        if codePoint == 0x1171E { return .nonspacingMark }
        if let properties = properties(codePoint) { return properties.generalCategory }
        let isPrivate = 0xE000 ... 0xF8FF ~= codePoint || codePoint >= 0xF0000 && codePoint & 0xFFFE != 0xFFFE
        return isPrivate ? .privateUse : .unassigned
    }

    /// Whether `repr` shows the character itself: everything but Cc, Cf, Cs, Co, Cn, Zl, Zp and Zs other than a space.
    static func isPrintable(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x7F { return codePoint >= 0x20 }
        switch category(codePoint) {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
            .spaceSeparator:
            return false
        default:
            return true
        }
    }

    /// `str.isspace` and what `split()` and `strip()` drop: bidirectional class WS, B or S, or category Zs.
    @inline(__always)
    public static func isSpace(_ codePoint: UInt32) -> Bool {
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
        switch category(codePoint) {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: return true
        default: return false
        }
    }

    /// The value of a decimal digit (category Nd).
    @inline(__always)
    public static func decimal(_ codePoint: UInt32) -> Int? {
        codePoint < 0x80 ? codePoint &- 0x30 < 10 ? Int(codePoint) - 0x30 : nil : slowDecimal(codePoint)
    }

    /// The same beyond ASCII.
    @inline(never)
    public static func slowDecimal(_ codePoint: UInt32) -> Int? {
        guard let properties = properties(codePoint), properties.numericType == .decimal,
            let value = properties.numericValue
        else { return nil }
        return Int(value)
    }

    /// The value of a digit: decimal digits, superscripts, circled digits …
    public static func digit(_ codePoint: UInt32) -> Int? {
        if codePoint < 0x80 { return codePoint &- 0x30 < 10 ? Int(codePoint) - 0x30 : nil }
        guard let properties = properties(codePoint), let type = properties.numericType, type != .numeric,
            let value = properties.numericValue
        else { return nil }
        return Int(value)
    }

    /// `unicodedata.numeric`; nil for what stands for no number.
    public static func numeric(_ codePoint: UInt32) -> Double? {
        if codePoint < 0x80 { return codePoint &- 0x30 < 10 ? Double(codePoint - 0x30) : nil }
        guard let properties = properties(codePoint), properties.numericType != nil else { return nil }
        switch codePoint {
        // Cuneiform numbers that newer data gained, and a corrected one.
        case 0x12038, 0x12039, 0x12079, 0x12226, 0x1222B, 0x1230B, 0x1230D, 0x12399: return nil
        case 0x5146: return 1_000_000
        default: return properties.numericValue
        }
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
        return codePoint == 0x295 || properties(codePoint)?.isLowercase ?? false
    }

    static func isTitle(_ codePoint: UInt32) -> Bool {
        codePoint >= 0x80 && properties(codePoint)?.generalCategory == .titlecaseLetter
    }

    /// A letter that has case.
    static func isCased(_ codePoint: UInt32) -> Bool {
        if codePoint < 0x80 { return (codePoint | 0x20) &- 0x61 < 26 }
        return codePoint == 0x295 || properties(codePoint)?.isCased ?? false
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

    // MARK: Case

    enum CaseMapping: Int { case upper, lower, title, fold }

    /// Mappings of the scripts that have case, where one code point becomes one: by mapping and code point; 0: not
    /// looked up yet, `severalPoints`: becomes several. Guarded by the GIL.
    nonisolated(unsafe) private static let known: UnsafeMutablePointer<UInt32> = {
        let table = UnsafeMutablePointer<UInt32>.allocate(capacity: 4 * knownLimit)
        table.initialize(repeating: 0, count: 4 * knownLimit)
        return table
    }()
    private static let knownLimit = 0x600
    private static let severalPoints = UInt32.max

    /// Calls `body` with what the code point becomes: one code point mostly, up to three.
    static func map(_ codePoint: UInt32, _ mapping: CaseMapping, _ body: (UInt32) -> Void) {
        if codePoint < 0x80 {
            let isLetter = (codePoint | 0x20) &- 0x61 < 26
            let raises = mapping == .upper || mapping == .title
            return body(isLetter ? raises ? codePoint & ~0x20 : codePoint | 0x20 : codePoint)
        }
        guard codePoint < knownLimit else { return slowMap(codePoint, mapping, body) }
        let entry = known + (mapping.rawValue * knownLimit + Int(codePoint))
        if entry.pointee == 0 {
            var single: UInt32 = 0
            var count = 0
            slowMap(codePoint, mapping) {
                single = $0
                count += 1
            }
            entry.pointee = count == 1 ? single : severalPoints
        }
        if entry.pointee == severalPoints { slowMap(codePoint, mapping, body) } else { body(entry.pointee) }
    }

    /// As above, asking the standard library.
    private static func slowMap(_ codePoint: UInt32, _ mapping: CaseMapping, _ body: (UInt32) -> Void) {
        guard let scalar = Unicode.Scalar(codePoint), isKnown(scalar.properties) else { return body(codePoint) }
        switch mapping {
        case .upper: emit(scalar.properties.uppercaseMapping, codePoint, body)
        case .lower: emit(scalar.properties.lowercaseMapping, codePoint, body)
        case .title: emit(scalar.properties.titlecaseMapping, codePoint, body)
        case .fold: fold(scalar, body)
        }
    }

    /// Letters that a newer Unicode gave a counterpart stay as they are.
    private static func emit(_ text: String, _ codePoint: UInt32, _ body: (UInt32) -> Void) {
        for scalar in text.unicodeScalars {
            guard isKnown(scalar.properties) else { return body(codePoint) }
            body(scalar.value)
        }
    }

    /// Case folding: the lower case of the upper case, but for the dotless i, the capital sharp s, and Cherokee,
    /// which folds to its capitals (found by comparison with CPython over all code points).
    private static func fold(_ scalar: Unicode.Scalar, _ body: (UInt32) -> Void) {
        switch scalar.value {
        case 0x131, 0x13A0 ... 0x13F5: body(scalar.value)
        case 0x13F8 ... 0x13FD, 0xAB70 ... 0xABBF: emit(scalar.properties.uppercaseMapping, scalar.value, body)
        case 0x1E9E:
            body(0x73)
            body(0x73)
        default:
            for upper in scalar.properties.uppercaseMapping.unicodeScalars {
                guard isKnown(upper.properties) else { return body(scalar.value) }
                emit(upper.properties.lowercaseMapping, upper.value, body)
            }
        }
    }
}
