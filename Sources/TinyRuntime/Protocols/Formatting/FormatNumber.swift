// `format(number, specification)` for int, float and complex.
//
// A number's text is made without sign and padding, then laid out: sign, prefix, padding, digits in groups, the rest
// (point, fraction, exponent). Zero padding with grouping groups the zeros too, which is why layout does the grouping.

/// The parts of a number's text.
private struct NumberText {
    /// `-`, `+`, a space, or 0.
    var sign: UInt8 = 0
    /// The letter of `0x` and the like, or 0.
    var prefix: UInt8 = 0
    /// What grouping applies to.
    var digits: ArraySlice<UInt8> = []
    /// Decimal point, fraction, exponent, percent sign.
    var rest: ArraySlice<UInt8> = []

    /// Lays the parts out in the width of the specification.
    func layOut(_ specification: FormatSpecification, groupSize: Int, into buffer: inout TextBuffer, restCount: Int) throws(Raised) {
        let fixed = (sign == 0 ? 0 : 1) + (prefix == 0 ? 0 : 2) + restCount
        let padsWithZeros = specification.fill == 0x30 && specification.align == 0x3D
        let leastWidth = padsWithZeros ? specification.width - fixed : 0
        try checkSize(max(0, specification.width))
        let zeros = specification.grouping == .none && !digits.isEmpty ? max(0, leastWidth - digits.count) : 0
        let grouped = specification.grouping == .none || digits.isEmpty ? digits : group(specification, groupSize, leastWidth)[...]
        let missing = max(0, specification.width - fixed - zeros - grouped.count)
        var left = 0
        var middle = 0
        switch specification.align {
        case 0x3E: left = missing
        case 0x5E: left = missing / 2
        case 0x3D: middle = missing
        default: break
        }
        try buffer.append(repeating: specification.fill, count: left)
        if sign != 0 { buffer.append(sign) }
        if prefix != 0 {
            buffer.append(0x30)
            buffer.append(prefix)
        }
        try buffer.append(repeating: specification.fill, count: middle)
        try buffer.append(repeating: 0x30, count: zeros)
        buffer.append(grouped)
        buffer.append(rest)
        try buffer.append(repeating: specification.fill, count: missing - left - middle)
    }

    /// The digits, with zeros in front up to `leastWidth`, in groups.
    private func group(_ specification: FormatSpecification, _ size: Int, _ leastWidth: Int) -> [UInt8] {
        let mark: UInt8 = specification.grouping == .comma ? 0x2C : 0x5F
        var reversed: [UInt8] = []
        var inGroup = 0
        var index = digits.endIndex
        while index > digits.startIndex || reversed.count < leastWidth {
            if inGroup == size {
                reversed.append(mark)
                inGroup = 0
            }
            index -= 1
            reversed.append(index >= digits.startIndex ? digits[index] : 0x30)
            inGroup += 1
        }
        return reversed.reversed()
    }

    /// The sign to write for a number of this sign.
    static func sign(_ isNegative: Bool, _ specification: FormatSpecification) -> UInt8 {
        if isNegative { return 0x2D }
        return specification.sign == 0x2B || specification.sign == 0x20 ? specification.sign : 0
    }

    /// Splits the text of a float into sign, leading digits and the rest.
    init(_ text: [UInt8], _ specification: FormatSpecification) {
        let isNegative = text.first == 0x2D
        sign = NumberText.sign(isNegative, specification)
        let unsigned = text[(isNegative ? 1 : 0)...]
        let split = unsigned.firstIndex { $0 < 0x30 || $0 > 0x39 } ?? unsigned.endIndex
        digits = unsigned[..<split]
        rest = unsigned[split...]
    }

    init() {}
}

// MARK: int

/// `int.__format__`: an integer (or bool) by a specification; errors name the class of `object`.
func formatInt(_ value: Value, _ text: StrRef, of object: Value? = nil) throws(Raised) -> StrRef {
    let specification = try FormatSpecification(text, defaultType: 0x64, defaultAlign: 0x3E, typeName: typeName(object ?? value))
    var buffer = TextBuffer(capacity: specification.expectedSize)
    switch specification.type {
    case 0x62, 0x64, 0x6E, 0x6F, 0x78, 0x58: try appendInt(value, specification, &buffer)
    case 0x63: try appendCharacter(value, specification, &buffer)
    case 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x25:
        let double = doubleValue(value.isBool ? plainInt(value) : value)
        if double.isInfinite { throw raise(.overflowError, "int too large to convert to float") }
        try appendFloat(double, specification, &buffer)
    default: throw specification.unknownType(typeName(object ?? value))
    }
    return buffer.makeStr()
}

private func checkIntFlags(_ specification: FormatSpecification) throws(Raised) {
    if specification.precision >= 0 { throw valueError("Precision not allowed in integer format specifier") }
    if specification.coercesNegativeZero {
        throw valueError("Negative zero coercion (z) not allowed in integer format specifier")
    }
}

private func appendInt(_ value: Value, _ specification: FormatSpecification, _ buffer: inout TextBuffer) throws(Raised) {
    try checkIntFlags(specification)
    let radix = specification.type == 0x62 ? 2 : specification.type == 0x6F ? 8 : specification.type | 0x20 == 0x78 ? 16 : 10
    if radix == 10 { try checkDigitLimit(value) }
    let digits = IntObject.text(value, radix: radix, uppercase: specification.type == 0x58)
    var parts = NumberText()
    let isNegative = digits.first == 0x2D
    parts.sign = NumberText.sign(isNegative, specification)
    parts.digits = isNegative ? digits.dropFirst() : digits[...]
    if specification.isAlternate, radix != 10 { parts.prefix = UInt8(truncatingIfNeeded: specification.type) }
    try parts.layOut(specification, groupSize: radix == 10 ? 3 : 4, into: &buffer, restCount: 0)
}

private func appendCharacter(
    _ value: Value, _ specification: FormatSpecification, _ buffer: inout TextBuffer
) throws(Raised) {
    try checkIntFlags(specification)
    if specification.sign != 0 { throw valueError("Sign not allowed with integer format specifier 'c'") }
    if specification.isAlternate {
        throw valueError("Alternate form (#) not allowed with integer format specifier 'c'")
    }
    guard let codePoint = machineInt(value) else {
        throw raise(.overflowError, "Python int too large to convert to C long")
    }
    guard 0 ... 0x10FFFF ~= codePoint else { throw raise(.overflowError, "%c arg not in range(0x110000)") }
    var character = TextBuffer()
    character.append(codePoint: UInt32(codePoint))
    var parts = NumberText()
    parts.rest = character.bytes[...]
    try parts.layOut(specification, groupSize: 3, into: &buffer, restCount: 1)
}

/// Throws ValueError if the decimal text of an integer would be longer than the limit.
func checkDigitLimit(_ value: Value) throws(Raised) {
    guard SysModule.maximumDigits > 0, value.isKind(.int) else { return }
    // One decimal digit holds 3.3219 bits; exact only near the limit.
    let bits = bitLength(value)
    guard Double(bits) * 0.30102999566398 > Double(SysModule.maximumDigits) - 1 else { return }
    // Far beyond it the digits need not be counted.
    let digits = Double(bits) * 0.30102999566398 > Double(SysModule.maximumDigits) + 2 ? [] : IntObject.text(value)
    guard digits.isEmpty || digits.count - (digits.first == 0x2D ? 1 : 0) > SysModule.maximumDigits else { return }
    throw valueError(
        "Exceeds the limit (\(SysModule.maximumDigits) digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit")
}

// MARK: float

/// `float.__format__`.
func formatFloat(_ value: Double, _ text: StrRef) throws(Raised) -> StrRef {
    if text.pointee.byteCount == 0 { return Str.make(value) }
    let specification = try FormatSpecification(text, defaultType: 0, defaultAlign: 0x3E, typeName: "float")
    switch specification.type {
    case 0, 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x6E, 0x25: break
    default: throw specification.unknownType("float")
    }
    var buffer = TextBuffer(capacity: specification.expectedSize)
    try appendFloat(value, specification, &buffer)
    return buffer.makeStr()
}

private func checkPrecision(_ precision: Int) throws(Raised) {
    if precision > Int(Int32.max) { throw valueError("precision too big") }
    try checkSize(precision)
}

private func appendFloat(
    _ value: Double, _ specification: FormatSpecification, _ buffer: inout TextBuffer
) throws(Raised) {
    try checkPrecision(specification.precision)
    var style = FloatStyle(type: 0x72, precision: specification.precision)
    style.isAlternate = specification.isAlternate
    style.coercesNegativeZero = specification.coercesNegativeZero
    var number = value
    switch specification.type {
    case 0:
        style.addsPointZero = true
        if specification.precision >= 0 { style.type = 0x67 }
    case 0x6E: style.type = 0x67
    case 0x25:
        style.type = 0x66
        number *= 100
    default:
        style.type = UInt8(truncatingIfNeeded: specification.type | 0x20)
        style.isUppercase = specification.type & 0x20 == 0
    }
    if style.precision < 0, style.type != 0x72 { style.precision = 6 }
    var digits = style.text(number)
    if specification.type == 0x25 { digits.append(0x25) }
    let parts = NumberText(digits, specification)
    try parts.layOut(specification, groupSize: 3, into: &buffer, restCount: parts.rest.count)
}

// MARK: complex

/// `complex.__format__`.
func formatComplex(_ real: Double, _ imaginary: Double, _ text: StrRef) throws(Raised) -> StrRef {
    let specification = try FormatSpecification(text, defaultType: 0, defaultAlign: 0x3E, typeName: "complex")
    switch specification.type {
    case 0, 0x65, 0x45, 0x66, 0x46, 0x67, 0x47, 0x6E: break
    default: throw specification.unknownType("complex")
    }
    try checkPrecision(specification.precision)
    if specification.fill == 0x30 { throw valueError("Zero padding is not allowed in complex format specifier") }
    if specification.align == 0x3D {
        throw valueError("'=' alignment flag is not allowed in complex format specifier")
    }
    var style = FloatStyle(type: 0x72, precision: specification.precision)
    style.isAlternate = specification.isAlternate
    style.coercesNegativeZero = specification.coercesNegativeZero
    let isPlain = specification.type == 0
    if isPlain {
        if specification.precision >= 0 { style.type = 0x67 }
    } else if specification.type == 0x6E {
        style.type = 0x67
    } else {
        style.type = UInt8(truncatingIfNeeded: specification.type | 0x20)
        style.isUppercase = specification.type & 0x20 == 0
    }
    if style.precision < 0, style.type != 0x72 { style.precision = 6 }
    var part = specification
    part.width = -1
    part.align = 0x3C
    let omitsReal = isPlain && real == 0 && real.sign == .plus
    var buffer = TextBuffer()
    if isPlain, !omitsReal { buffer.append(0x28) }
    if !omitsReal {
        let parts = NumberText(style.text(real), part)
        try parts.layOut(part, groupSize: 3, into: &buffer, restCount: parts.rest.count)
        part.sign = 0x2B
    }
    let parts = NumberText(style.text(imaginary), part)
    try parts.layOut(part, groupSize: 3, into: &buffer, restCount: parts.rest.count)
    buffer.append(0x6A)
    if isPlain, !omitsReal { buffer.append(0x29) }
    var result = TextBuffer()
    let count = buffer.bytes.count
    var outcome: Result<Void, Raised> = .success(())
    buffer.bytes.withUnsafeBufferPointer { bytes in
        do throws(Raised) { try specification.pad(bytes, count: count, into: &result) } catch { outcome = .failure(error) }
    }
    try outcome.get()
    return result.makeStr()
}

// MARK: str

/// `str.__format__`.
func formatString(_ str: StrRef, _ text: StrRef) throws(Raised) -> StrRef {
    if text.pointee.byteCount == 0 { return str }
    let specification = try FormatSpecification(text, defaultType: 0x73, defaultAlign: 0x3C, typeName: "str")
    guard specification.type == 0x73 else { throw specification.unknownType("str") }
    if specification.sign != 0 {
        throw valueError("\(specification.sign == 0x20 ? "Space" : "Sign") not allowed in string format specifier")
    }
    if specification.coercesNegativeZero {
        throw valueError("Negative zero coercion (z) not allowed in string format specifier")
    }
    if specification.isAlternate { throw valueError("Alternate form (#) not allowed in string format specifier") }
    if specification.align == 0x3D { throw valueError("'=' alignment not allowed in string format specifier") }
    var count = str.count
    var byteCount = str.pointee.byteCount
    if specification.precision >= 0, specification.precision < count {
        count = specification.precision
        byteCount = str.byteOffset(count)
    }
    var buffer = TextBuffer(capacity: byteCount)
    try specification.pad(UnsafeBufferPointer(start: str.bytes, count: byteCount), count: count, into: &buffer)
    return buffer.makeStr()
}
