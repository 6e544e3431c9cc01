// Arithmetic on coefficients: GMP's mpn functions on limbs in Scratch, one-limb operands first.
import CGMP
import Glibc
import TinyRuntime

/// What dropping digits has left behind, in units of the last digit kept.
enum Remainder: Int {
    case nothing, belowHalf, half, aboveHalf
}

extension Natural {
    /// Decimal digits; zero has one.
    @inline(__always)
    func digits() throws(Raised) -> Int {
        if count <= 1 { return Natural.digits(low) }
        return try slowDigits()
    }

    /// Decimal digits of a word: the number of bits times log10(2), put right by a comparison.
    @inline(__always)
    static func digits(_ word: UInt) -> Int {
        let guess = ((64 - (word | 1).leadingZeroBitCount) &* 1233) >> 12
        return guess &+ (word >= PowerOfTen.words[guess] ? 1 : 0) | (word == 0 ? 1 : 0)
    }

    var bitLength: Int { count == 0 ? 0 : count * 64 - limbs[count - 1].leadingZeroBitCount }

    @inline(never)
    private func slowDigits() throws(Raised) -> Int {
        // As for words, while the power is in the table.
        let guess = bitLength * 30103 / 100_000
        if guess < PowerOfTen.tableSize { return compare(try PowerOfTen.natural(guess)) < 0 ? guess : guess + 1 }
        // log10 in double precision settles all but numbers next to a power of ten.
        let top = Double(limbs[count - 1]) * 18446744073709551616.0 + Double(limbs[count - 2])
        let logarithm = log10(top) + Double(count - 2) * 19.265919722494796
        let whole = logarithm.rounded(.down)
        let distance = min(logarithm - whole, whole + 1 - logarithm)
        if distance > 1e-9 + logarithm * 1e-14 { return Int(whole) + 1 }
        let nearest = Int(logarithm.rounded())
        return compare(try PowerOfTen.natural(nearest)) < 0 ? nearest : nearest + 1
    }

    @inline(__always)
    func compare(_ other: Natural) -> Int {
        if count != other.count { return count < other.count ? -1 : 1 }
        if count == 0 { return 0 }
        if count == 1 { return limbs[0] < other.limbs[0] ? -1 : limbs[0] == other.limbs[0] ? 0 : 1 }
        return Int(__gmpn_cmp(limbs, other.limbs, count))
    }

    func plus(_ other: Natural) throws(Raised) -> Natural {
        let (long, short) = count >= other.count ? (self, other) : (other, self)
        if short.count == 0 { return long }
        let sum = try Scratch.take(long.count + 1)
        sum[long.count] = __gmpn_add(sum, long.limbs, long.count, short.limbs, short.count)
        return Natural(sum, normalizing: long.count + 1)
    }

    /// The difference; `other` is not larger.
    func minus(_ other: Natural) throws(Raised) -> Natural {
        if other.count == 0 { return self }
        let difference = try Scratch.take(count)
        __gmpn_sub(difference, limbs, count, other.limbs, other.count)
        return Natural(difference, normalizing: count)
    }

    func plusOne() throws(Raised) -> Natural { try plus(Natural(PowerOfTen.words, count: 1)) }

    func times(_ other: Natural) throws(Raised) -> Natural {
        if count == 0 || other.count == 0 { return Natural(Scratch.nothing, count: 0) }
        let product = try Scratch.take(count + other.count)
        if count == 1, other.count == 1 {
            let (high, low) = limbs[0].multipliedFullWidth(by: other.limbs[0])
            product[0] = low
            product[1] = high
        } else if limbs == other.limbs, count == other.count {
            __gmpn_sqr(product, limbs, count)
        } else if count >= other.count {
            __gmpn_mul(product, limbs, count, other.limbs, other.count)
        } else {
            __gmpn_mul(product, other.limbs, other.count, limbs, count)
        }
        return Natural(product, normalizing: count + other.count)
    }

    /// The number with k zeros more.
    func appending(_ k: Int) throws(Raised) -> Natural {
        count == 0 || k <= 0 ? self : try times(PowerOfTen.natural(k))
    }

    /// Quotient and remainder; `other` is not zero.
    func divided(by other: Natural) throws(Raised) -> (quotient: Natural, remainder: Natural) {
        if compare(other) < 0 { return (Natural(Scratch.nothing, count: 0), self) }
        if other.count == 1 {
            let quotient = try Scratch.take(count)
            let rest = try Scratch.take(1)
            rest[0] = __gmpn_divrem_1(quotient, 0, limbs, count, other.limbs[0])
            return (Natural(quotient, normalizing: count), Natural(rest, normalizing: 1))
        }
        let quotient = try Scratch.take(count - other.count + 1)
        let rest = try Scratch.take(other.count)
        __gmpn_tdiv_qr(quotient, rest, 0, limbs, count, other.limbs, other.count)
        return (Natural(quotient, normalizing: count - other.count + 1), Natural(rest, normalizing: other.count))
    }

    /// The number without its last k digits (k > 0), and what they were worth.
    func dropping(_ k: Int) throws(Raised) -> (quotient: Natural, rest: Remainder) {
        if count == 0 { return (self, .nothing) }
        if k > count * 20 { return (Natural(Scratch.nothing, count: 0), .belowHalf) }
        let unit = try PowerOfTen.natural(k)
        let (quotient, rest) = try divided(by: unit)
        if rest.count == 0 { return (quotient, .nothing) }
        let order: Int
        if unit.count == 1 {
            let other = unit.limbs[0] - rest.limbs[0]
            order = rest.limbs[0] < other ? -1 : rest.limbs[0] == other ? 0 : 1
        } else {
            order = try rest.plus(rest).compare(unit)
        }
        return (quotient, order < 0 ? .belowHalf : order == 0 ? .half : .aboveHalf)
    }

    /// The number without as many zeros at its end as it has, at most so many; and how many they were.
    func droppingZeros(_ limit: Int) throws(Raised) -> (Natural, Int) {
        if limit <= 0 || count == 0 || limbs[0] & 1 == 1 { return (self, 0) }
        if count == 1 {
            var word = limbs[0]
            var zeros = 0
            while zeros < limit {
                let (quotient, rest) = word.quotientAndRemainder(dividingBy: 10)
                if rest != 0 { break }
                word = quotient
                zeros += 1
            }
            return (try Natural(word), zeros)
        }
        // Every zero is a factor two, so the low limbs say how many there can be; halves of that are tried.
        var twos = 0
        while limbs[twos >> 6] == 0 { twos += 64 }
        twos += limbs[twos >> 6].trailingZeroBitCount
        var most = min(limit, twos)
        var number = self
        var zeros = 0
        while most > 0 {
            var step = 1
            while step * 2 <= most { step *= 2 }
            let (quotient, rest) = try number.divided(by: PowerOfTen.natural(step))
            if rest.isZero {
                number = quotient
                zeros += step
                most -= step
            } else {
                most = min(most, step - 1)
            }
        }
        return (number, zeros)
    }

    /// The integer square root, and whether it is exact.
    func root() throws(Raised) -> (Natural, isExact: Bool) {
        if count == 0 { return (self, true) }
        let size = (count + 1) / 2
        let result = try Scratch.take(size)
        let rest = try Scratch.take(count)
        let left = __gmpn_sqrtrem(result, rest, limbs, count)
        return (Natural(result, normalizing: size), left == 0)
    }

    /// Whether the last digit is 0 or 5.
    var endsInFives: Bool { count == 0 || (count == 1 ? limbs[0] % 5 : __gmpn_mod_1(limbs, count, 5)) == 0 }

    // MARK: Text

    /// The digits as ASCII.
    func text() throws(Raised) -> [UInt8] {
        if count <= 1 || count == 2 && limbs[1] < PowerOfTen.words[19] {
            // Nineteen digits fit a word.
            let unit = PowerOfTen.words[19]
            let (high, word) = count == 2 ? unit.dividingFullWidth((limbs[1], limbs[0])) : (0, low)
            let length = count == 2 ? Natural.digits(high) + 19 : Natural.digits(word)
            return [UInt8](unsafeUninitializedCapacity: length) { buffer, used in
                Natural.write(word, buffer, count == 2 ? length - 19 : 0, length)
                if count == 2 { Natural.write(high, buffer, 0, length - 19) }
                used = length
            }
        }
        // Conversion destroys its operand.
        let copy = try Scratch.take(count + 1)
        copy.update(from: limbs, count: count)
        let capacity = count * 20 + 2
        var bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, used in
            if let base = buffer.baseAddress { used = Int(__gmpn_get_str(base, 10, copy, count)) }
        }
        var leading = 0
        while leading < bytes.count - 1, bytes[leading] == 0 { leading += 1 }
        if leading > 0 { bytes.removeFirst(leading) }
        bytes.withUnsafeMutableBufferPointer { buffer in
            for index in buffer.indices { buffer[index] |= 0x30 }
        }
        return bytes
    }

    private static func write(_ word: UInt, _ buffer: UnsafeMutableBufferPointer<UInt8>, _ start: Int, _ end: Int) {
        var word = word
        var index = end
        while index > start {
            index -= 1
            let (quotient, rest) = word.quotientAndRemainder(dividingBy: 10)
            buffer[index] = 0x30 + UInt8(truncatingIfNeeded: rest)
            word = quotient
        }
    }

    /// The number of ASCII digits.
    init(digits: UnsafeBufferPointer<UInt8>) throws(Raised) {
        var start = 0
        while start < digits.count, digits[start] == 0x30 { start += 1 }
        let length = digits.count - start
        guard length > 0, let base = digits.baseAddress else {
            self.init(Scratch.nothing, count: 0)
            return
        }
        if length <= 19 {
            var word: UInt = 0
            for index in start ..< digits.count { word = word &* 10 &+ UInt(digits[index] & 15) }
            try self.init(word)
            return
        }
        let bytes = try Scratch.take(length / 8 + 1)
        let values = UnsafeMutableRawPointer(bytes).assumingMemoryBound(to: UInt8.self)
        for index in 0 ..< length { values[index] = base[start + index] & 15 }
        // 3.33 bits a digit.
        let capacity = length / 19 + 2
        let limbs = try Scratch.take(capacity)
        let used = Int(__gmpn_set_str(limbs, values, length, 10))
        self.init(limbs, normalizing: used)
    }

    /// The magnitude of an integer of the language.
    init(_ value: Value) throws(Raised) {
        if let machine = machineInt(value) {
            try self.init(machine.magnitude)
            return
        }
        let object = value.object(IntObject.self)
        self.init(object.limbs, count: object.count)
    }

    /// As an integer of the language.
    func value(isNegative: Bool) -> Value {
        if count <= 1 { return IntObject.make(magnitude: low, isNegative: isNegative) }
        let object = IntObject.allocate(limbs: count)
        object.limbs.update(from: limbs, count: count)
        object.pointee.signedCount = isNegative ? -count : count
        return IntObject.normalized(object)
    }
}
