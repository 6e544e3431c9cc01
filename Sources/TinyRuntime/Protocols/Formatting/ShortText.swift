// The text of floats and of machine integers, written into memory of the caller: what `repr` of a number, `json.dumps` and every
// table that is printed spend their time on. (Measured: with Swift strings and arrays in between a float took 240 ns more.)

/// Calls `body` with the shortest decimal text that reads back as the same double, as CPython's repr lays it out.
public func withFloatText<Result>(_ double: Double, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ShortText.capacity) { buffer in
        // A temporary allocation that is not empty has an address.
        var text = ShortText(buffer.baseAddress.unsafelyUnwrapped)
        text.append(float: double)
        return body(text.octets)
    }
}

/// The shortest text that reads back as the same double.
public func floatText(_ double: Double) -> String { withFloatText(double) { String(decoding: $0, as: UTF8.self) } }

/// Calls `body` with the digits of a machine integer, behind a minus sign if it is negative.
/// - Parameters:
///   - radix: from 2 to 36.
///   - prefix: what stands between sign and digits: `0x`, say.
public func withIntegerText<Result>(
    _ number: Int, radix: Int = 10, uppercase: Bool = false, prefix: StaticString = "", _ body: (UnsafeBufferPointer<UInt8>) -> Result
) -> Result {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: ShortText.capacity) { buffer in
        let letter: UInt8 = uppercase ? 0x41 - 10 : 0x61 - 10
        var start = buffer.count
        var left = number.magnitude
        func push(_ byte: UInt8) {
            start -= 1
            buffer[start] = byte
        }
        if radix == 10 {
            // A division by a constant is a multiplication.
            repeat {
                push(UInt8(truncatingIfNeeded: left % 10) + 0x30)
                left /= 10
            } while left > 0
        } else {
            repeat {
                let digit = UInt8(truncatingIfNeeded: left % UInt(radix))
                push(digit < 10 ? digit + 0x30 : digit + letter)
                left /= UInt(radix)
            } while left > 0
        }
        for index in (0 ..< prefix.utf8CodeUnitCount).reversed() { push(prefix.utf8Start[index]) }
        if number < 0 { push(0x2D) }
        return body(UnsafeBufferPointer(rebasing: buffer[start...]))
    }
}

/// Calls `body` with the digits, without zeros at either end, of a positive and finite double, and with the number of them that stand
/// before the point.
func withShortestDigits<Result>(_ double: Double, _ body: (_ digits: UnsafeBufferPointer<UInt8>, _ point: Int) -> Result) -> Result {
    // Swift's description is the shortest text that reads back (SwiftDtoa, after Errol and Ryu).
    var description = double.description
    return description.withUTF8 { text in
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: text.count + 1) { digits in
            var count = 0
            var point = 0
            var isFraction = false
            var index = 0
            while index < text.count, text[index] != 0x65 {
                if text[index] == 0x2E {
                    isFraction = true
                } else if count > 0 || text[index] != 0x30 {
                    digits[count] = text[index]
                    count += 1
                    if !isFraction { point += 1 }
                } else if isFraction {
                    point -= 1
                }
                index += 1
            }
            var exponent = 0
            for byte in text[min(index + 1, text.count)...] where byte >= 0x30 && byte <= 0x39 {
                exponent = exponent * 10 + Int(byte - 0x30)
            }
            if index + 1 < text.count, text[index + 1] == 0x2D { exponent = -exponent }
            while count > 0, digits[count - 1] == 0x30 { count -= 1 }
            return body(UnsafeBufferPointer(rebasing: digits[..<count]), point + exponent)
        }
    }
}

/// The text of `%.*f` where a machine integer holds all its digits; nil: ask the C library. Rounded as it rounds, half to even: the double
/// is an integer over a power of two, and its product with the power of ten is exact in 128 bits.
/// - Parameter precision: digits behind the point.
func exactlyRoundedText(_ double: Double, precision: Int) -> [UInt8]? {
    guard precision >= 0, precision < powersOfTen.count, double.isFinite else { return nil }
    var digits: UInt128 = 0
    // (What has no exponent is zero, or too small to show.)
    if double.exponentBitPattern > 0 {
        let significand = UInt128(double.significandBitPattern | 1 << 52)
        let shift = 1075 - Int(double.exponentBitPattern)
        guard shift >= 0 else { return nil }
        // Below 2 to the 113th: nothing is left of it behind a shift of 127 bits.
        let product = significand * UInt128(powersOfTen[precision])
        digits = product >> UInt128(min(shift, 127))
        if shift > 0, shift < 127 {
            let half = UInt128(1) << UInt128(shift - 1)
            let rest = product & (half << 1 - 1)
            if rest > half || rest == half && digits & 1 == 1 { digits += 1 }
        }
    }
    guard let number = Int(exactly: digits) else { return nil }
    return withIntegerText(number) { text in
        [UInt8](unsafeUninitializedCapacity: 32 + precision) { buffer, count in
            func append(_ byte: UInt8) {
                buffer[count] = byte
                count += 1
            }
            if double.sign == .minus { append(0x2D) }
            let whole = max(text.count - precision, 0)
            for byte in text[..<whole] { append(byte) }
            if whole == 0 { append(0x30) }
            guard precision > 0 else { return }
            append(0x2E)
            for _ in 0 ..< precision - (text.count - whole) { append(0x30) }
            for byte in text[whole...] { append(byte) }
        }
    }
}

private let powersOfTen: [UInt64] = (0 ... 18).map { exponent in (0 ..< exponent).reduce(1) { power, _ in power * 10 } }

/// A text of at most `capacity` bytes in memory of the caller.
private struct ShortText {
    /// A machine integer in base 2 has 64 digits, a sign and a prefix; a double at most 17 digits, a sign, 16 zeros, a point and an
    /// exponent of five characters.
    static let capacity = 72

    private let start: UnsafeMutablePointer<UInt8>
    private var count = 0

    init(_ start: UnsafeMutablePointer<UInt8>) { self.start = start }

    var octets: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: start, count: count) }

    private mutating func append(_ byte: UInt8) {
        start[count] = byte
        count += 1
    }

    private mutating func append(_ bytes: Swift.Slice<UnsafeBufferPointer<UInt8>>) {
        for byte in bytes { append(byte) }
    }

    private mutating func append(_ text: StaticString) {
        for index in 0 ..< text.utf8CodeUnitCount { append(text.utf8Start[index]) }
    }

    private mutating func append(zeros: Int) {
        for _ in 0 ..< max(0, zeros) { append(0x30) }
    }

    mutating func append(float double: Double) {
        if double.isNaN { return append("nan") }
        if double.sign == .minus { append(0x2D) }
        if double.isInfinite { return append("inf") }
        if double == 0 { return append("0.0") }
        withShortestDigits(double.magnitude) { digits, point in
            if point > 16 || point < -3 {
                append(digits[..<1])
                if digits.count > 1 { append(0x2E) }
                append(digits[1...])
                append(exponent: point - 1)
            } else if point <= 0 {
                append("0.")
                append(zeros: -point)
                append(digits[...])
            } else if digits.count <= point {
                append(digits[...])
                append(zeros: point - digits.count)
                append(".0")
            } else {
                append(digits[..<point])
                append(0x2E)
                append(digits[point...])
            }
        }
    }

    private mutating func append(exponent: Int) {
        append(0x65)
        append(exponent < 0 ? 0x2D : 0x2B)
        let size = exponent.magnitude
        if size >= 100 { append(0x30 + UInt8(truncatingIfNeeded: size / 100)) }
        append(0x30 + UInt8(truncatingIfNeeded: size / 10 % 10))
        append(0x30 + UInt8(truncatingIfNeeded: size % 10))
    }
}

extension Str {
    /// `repr` of a float.
    static func make(_ double: Double) -> StrRef { withFloatText(double) { make($0) } }

    /// `repr` of a machine integer.
    static func make(_ integer: Int) -> StrRef { withIntegerText(integer) { make($0) } }
}
