// Text of decimals: what the constructor reads, and what str() and repr() write.
import TinyRuntime

// MARK: Reading

/// The parts of a numeric text, already in ASCII.
struct DecimalReader {
    private let text: UnsafeBufferPointer<UInt8>
    private var position = 0

    private init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

    /// The number of a text; nil if it is none. The limbs lie in Scratch.
    static func read(_ text: UnsafeBufferPointer<UInt8>) throws(Raised) -> Number? {
        var reader = DecimalReader(text)
        return try reader.number()
    }

    private var next: UInt8 { position < text.count ? text[position] : 0 }

    private mutating func take(_ lower: StaticString) -> Bool {
        let count = lower.utf8CodeUnitCount
        guard text.count - position >= count else { return false }
        for index in 0 ..< count where text[position + index] | 0x20 != lower.utf8Start[index] { return false }
        position += count
        return true
    }

    private mutating func digits() -> Range<Int> {
        let start = position
        while position < text.count, text[position] &- 0x30 < 10 { position += 1 }
        return start ..< position
    }

    private mutating func number() throws(Raised) -> Number? {
        let isNegative = next == 0x2D
        if isNegative || next == 0x2B { position += 1 }
        if next &- 0x30 >= 10, next != 0x2E { return try special(isNegative) }
        let whole = digits()
        var fraction = position ..< position
        if next == 0x2E {
            position += 1
            fraction = digits()
        }
        guard !whole.isEmpty || !fraction.isEmpty else { return nil }
        var exponent = 0
        if next | 0x20 == 0x65 {
            position += 1
            guard let read = readExponent() else { return nil }
            exponent = read
        }
        guard position == text.count else { return nil }
        return Number(isNegative, try coefficient(whole, fraction), exponent - fraction.count)
    }

    /// The exponent; one that no number may have stays so, but does not overflow.
    private mutating func readExponent() -> Int? {
        let isNegative = next == 0x2D
        if isNegative || next == 0x2B { position += 1 }
        let range = digits()
        guard !range.isEmpty else { return nil }
        let cap = 4_000_000_000_000_000_000
        var exponent = 0
        for index in range {
            let (product, overflow) = exponent.multipliedReportingOverflow(by: 10)
            exponent = overflow || product >= cap ? cap : product + Int(text[index] & 15)
        }
        return isNegative ? -exponent : exponent
    }

    private func coefficient(_ whole: Range<Int>, _ fraction: Range<Int>) throws(Raised) -> Natural {
        if whole.count + fraction.count <= 19 {
            var word: UInt = 0
            for index in whole { word = word &* 10 &+ UInt(text[index] & 15) }
            for index in fraction { word = word &* 10 &+ UInt(text[index] & 15) }
            return try Natural(word)
        }
        if fraction.isEmpty { return try Natural(digits: UnsafeBufferPointer(rebasing: text[whole])) }
        let all = Array(text[whole]) + Array(text[fraction])
        return try naturalOf(all)
    }

    private mutating func special(_ isNegative: Bool) throws(Raised) -> Number? {
        if take("inf") {
            _ = take("inity")
            return position == text.count ? .infinity(isNegative) : nil
        }
        let isSignaling = next | 0x20 == 0x73
        if isSignaling { position += 1 }
        guard take("nan") else { return nil }
        let diagnosis = digits()
        guard position == text.count else { return nil }
        var result = Number(isNegative, try Natural(digits: UnsafeBufferPointer(rebasing: text[diagnosis])), 0)
        result.form = isSignaling ? .signaling : .quiet
        return result
    }
}

/// The number of ASCII digits in an array.
func naturalOf(_ digits: [UInt8]) throws(Raised) -> Natural {
    let result: Result<Natural, Raised> = digits.withUnsafeBufferPointer { buffer in
        do throws(Raised) { return .success(try Natural(digits: buffer)) } catch { return .failure(error) }
    }
    return try result.get()
}

extension DecimalReader {
    /// The number of a str. `isLoose`: blanks around it and underscores anywhere are passed over.
    static func read(_ str: StrRef, isLoose: Bool) throws(Raised) -> Number? {
        if str.isASCII {
            let all = str.buffer
            var start = 0
            var end = all.count
            var hasUnderscore = false
            if isLoose {
                while start < end, isBlank(all[start]) { start += 1 }
                while start < end, isBlank(all[end - 1]) { end -= 1 }
                for index in start ..< end where all[index] == 0x5F { hasUnderscore = true }
            }
            if !hasUnderscore { return try read(UnsafeBufferPointer(rebasing: all[start ..< end])) }
        }
        var scanner = CodePointScanner(str)
        var plain: [UInt8] = []
        while let codePoint = scanner.peek(0) {
            scanner.skip()
            if isLoose, codePoint == 0x5F { continue }
            if codePoint > 0, codePoint < 0x80 {
                plain.append(UInt8(truncatingIfNeeded: codePoint))
            } else if CodePoint.isSpace(codePoint) {
                plain.append(0x20)
            } else if let digit = CodePoint.decimal(codePoint) {
                plain.append(0x30 + UInt8(truncatingIfNeeded: digit))
            } else {
                return nil
            }
        }
        if isLoose {
            while let last = plain.last, isBlank(last) { plain.removeLast() }
            plain.removeFirst(plain.prefix { isBlank($0) }.count)
        }
        let result: Result<Number?, Raised> = plain.withUnsafeBufferPointer { buffer in
            do throws(Raised) { return .success(try read(buffer)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || 9 ... 13 ~= byte || 0x1C ... 0x1F ~= byte }
}

// MARK: Writing

extension Number {
    /// Scientific notation, or engineering (exponents that are multiples of three).
    func text(isEngineering: Bool = false, capitals: Bool) throws(Raised) -> [UInt8] {
        var result: [UInt8] = isNegative ? [0x2D] : []
        switch form {
        case .infinite:
            result += Array("Infinity".utf8)
            return result
        case .quiet, .signaling:
            result += Array((form == .quiet ? "NaN" : "sNaN").utf8)
            if !coefficient.isZero { result += try coefficient.text() }
            return result
        case .finite: break
        }
        let digits = try coefficient.text()
        let left = exponent + digits.count
        let point: Int
        if exponent <= 0, left > -6 {
            point = left
        } else if !isEngineering {
            point = 1
        } else if coefficient.isZero {
            point = floorModulo(left + 1) - 1
        } else {
            point = floorModulo(left - 1) + 1
        }
        result.reserveCapacity(result.count + digits.count + 28)
        if point <= 0 {
            result += [0x30, 0x2E]
            result += repeatElement(0x30, count: -point)
            result += digits
        } else if point >= digits.count {
            result += digits
            result += repeatElement(0x30, count: point - digits.count)
        } else {
            result += digits[..<point]
            result.append(0x2E)
            result += digits[point...]
        }
        if left != point {
            result.append(capitals ? 0x45 : 0x65)
            if left > point { result.append(0x2B) }
            result += Array(String(left - point).utf8)
        }
        return result
    }

    private func floorModulo(_ n: Int) -> Int {
        let rest = n % 3
        return rest < 0 ? rest + 3 : rest
    }
}

extension DecimalRef {
    /// The text of a short number without an exponent, which is what most texts are; nil: another number.
    func plainText() -> StrRef? {
        guard isShort, pointee.exponent <= 0, pointee.exponent >= -20 else { return nil }
        let digits = Natural.digits(pointee.word)
        let places = -pointee.exponent
        guard digits - places > -6 else { return nil }
        let whole = max(1, digits - places)
        let sign = isNegative ? 1 : 0
        let length = sign + whole + (places > 0 ? 1 + places : 0)
        let str = Str.allocate(byteCount: length, count: length)
        let bytes = str.bytes
        var word = pointee.word
        var index = length
        var left = places
        while left > 0 {
            index -= 1
            let (quotient, rest) = word.quotientAndRemainder(dividingBy: 10)
            bytes[index] = 0x30 + UInt8(truncatingIfNeeded: rest)
            word = quotient
            left -= 1
        }
        if places > 0 {
            index -= 1
            bytes[index] = 0x2E
        }
        while index > sign {
            index -= 1
            let (quotient, rest) = word.quotientAndRemainder(dividingBy: 10)
            bytes[index] = 0x30 + UInt8(truncatingIfNeeded: rest)
            word = quotient
        }
        if sign == 1 { bytes[0] = 0x2D }
        return str
    }

    /// `str()`.
    func text() throws(Raised) -> StrRef {
        if let plain = plainText() { return plain }
        let capitals = try DecimalContext.current().capitals == 1
        return Str.make(try Scratch.using { () throws(Raised) in try Number(self).text(capitals: capitals) })
    }
}
