// The double of a short decimal text, without the C library (which wants a copy that ends in a zero, and knows of locales).

/// The double that digits with or without a point and a sign say, if that is easily told; nil: ask `strtod`, which also knows whether
/// the text is a number at all.
///
/// A significand up to 2^53 and a power of ten up to 10^22 are doubles exactly, so one division rounds once: the result is the nearest
/// double (W. D. Clinger, How to Read Floating Point Numbers Accurately, 1990).
public func quickDouble(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let first = text.first, text.count <= 20 else { return nil }
    var index = first == UInt8(ascii: "-") || first == UInt8(ascii: "+") ? 1 : 0
    var significand = 0
    var digits = 0
    var point = -1
    while index < text.count {
        let octet = text[index]
        let digit = octet &- UInt8(ascii: "0")
        if digit < 10 {
            significand = significand &* 10 &+ Int(digit)
            digits &+= 1
        } else if octet == UInt8(ascii: "."), point < 0 {
            point = digits
        } else {
            return nil
        }
        index &+= 1
    }
    // Eighteen digits don't overflow.
    guard digits > 0, digits <= 18, significand <= 1 << 53 else { return nil }
    let magnitude = Double(significand) / powersOfTen[point < 0 ? 0 : digits - point]
    return first == UInt8(ascii: "-") ? -magnitude : magnitude
}

private let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18,
]
