// Packing and unpacking of values by a compiled format of `struct`.
import TinyRuntime

extension StructFormat {
    // MARK: Unpacking

    private func raw(_ bytes: UnsafePointer<UInt8>, _ size: Int) -> UInt64 {
        var result: UInt64 = 0
        if isLittle {
            for index in 0 ..< size { result |= UInt64(bytes[index]) << UInt64(index * 8) }
        } else {
            for index in 0 ..< size { result = result << 8 | UInt64(bytes[index]) }
        }
        return result
    }

    private func signed(_ raw: UInt64, _ size: Int) -> Int {
        let shift = 64 - Int64(size * 8)
        return Int(Int64(bitPattern: raw << UInt64(shift)) >> shift)
    }

    /// The values of the bytes, of which there are enough.
    func unpack(_ bytes: UnsafePointer<UInt8>) -> Value {
        if valueCount == 0 { return Value(Tuple.make()) }
        let result = Tuple.allocate(valueCount)
        var place = 0
        for field in fields {
            if field.code == UInt8(ascii: "s") {
                result.items[place] = BytesObject.make(UnsafeBufferPointer(start: bytes + field.offset, count: field.size))
                place += 1
                continue
            }
            if field.code == UInt8(ascii: "p") {
                let count = field.size == 0 ? 0 : min(Int(bytes[field.offset]), field.size - 1)
                result.items[place] = BytesObject.make(UnsafeBufferPointer(start: bytes + field.offset + 1, count: count))
                place += 1
                continue
            }
            for index in 0 ..< field.count {
                let start = bytes + field.offset + index * field.size
                result.items[place] = item(field, start)
                place += 1
            }
        }
        return Value(result)
    }

    private func item(_ field: StructField, _ bytes: UnsafePointer<UInt8>) -> Value {
        let raw = raw(bytes, field.size)
        switch field.code {
        case UInt8(ascii: "c"): return BytesObject.make(UnsafeBufferPointer(start: bytes, count: 1))
        case UInt8(ascii: "?"): return Value(raw != 0)
        case UInt8(ascii: "e"): return Value(Self.halfValue(UInt16(truncatingIfNeeded: raw)))
        case UInt8(ascii: "f"): return Value(Double(Float(bitPattern: UInt32(truncatingIfNeeded: raw))))
        case UInt8(ascii: "d"): return Value(Double(bitPattern: raw))
        case UInt8(ascii: "b"), UInt8(ascii: "h"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "n"):
            return Value(signed(raw, field.size))
        default: return IntObject.make(magnitude: UInt(raw), isNegative: false)
        }
    }

    private static func halfValue(_ bits: UInt16) -> Double {
        let exponent = Int(bits >> 10 & 31)
        let fraction = Double(bits & 1023)
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        if exponent == 31 { return fraction == 0 ? sign * .infinity : .nan }
        if exponent == 0 { return sign * fraction * 0x1p-24 }
        return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
    }

    /// The nearest half-precision number, ties to even; nil if it is too large.
    private static func halfBits(_ value: Double) -> UInt16? {
        let sign: UInt16 = value.sign == .minus ? 0x8000 : 0
        if value.isNaN { return sign | 0x7E00 }
        let magnitude = value.magnitude
        if magnitude.isInfinite { return sign | 0x7C00 }
        if magnitude == 0 { return sign }
        if magnitude < 0x1p-14 {
            return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven))
        }
        let exponent = magnitude.exponent
        if exponent > 15 { return nil }
        let scaled = (magnitude.significand * 1024).rounded(.toNearestOrEven)
        let bits = (Int(exponent) + 15) << 10 + Int(scaled) - 1024
        return bits >= 0x7C00 ? nil : sign | UInt16(bits)
    }

    // MARK: Packing

    private func store(_ raw: UInt64, _ bytes: UnsafeMutablePointer<UInt8>, _ size: Int) {
        for index in 0 ..< size {
            let shift = UInt64((isLittle ? index : size - 1 - index) * 8)
            bytes[index] = UInt8(truncatingIfNeeded: raw >> shift)
        }
    }

    /// Writes `count` values to memory that is zeroed and large enough.
    func pack(_ values: UnsafePointer<Value>, into bytes: UnsafeMutablePointer<UInt8>) throws(Raised) {
        var place = 0
        for field in fields {
            for index in 0 ..< field.count {
                try pack(values[place], field, bytes + field.offset + index * field.size)
                place += 1
            }
        }
    }

    private func pack(_ value: Value, _ field: StructField, _ bytes: UnsafeMutablePointer<UInt8>) throws(Raised) {
        switch field.code {
        case UInt8(ascii: "s"), UInt8(ascii: "p"):
            let letter = field.code == UInt8(ascii: "s") ? "s" : "p"
            guard value.isKind(.bytes) || value.isKind(.bytearray), let view = try BufferView.view(value) else {
                throw Self.fail("argument for '\(letter)' must be a bytes object")
            }
            if letter == "s" {
                for index in 0 ..< min(field.size, view.count) { bytes[index] = view.octets[index] }
            } else if field.size > 0 {
                let count = min(view.count, field.size - 1)
                bytes[0] = UInt8(min(count, 255))
                for index in 0 ..< count { bytes[index + 1] = view.octets[index] }
            }
        case UInt8(ascii: "c"):
            guard value.isKind(.bytes), value.object(BytesObject.self).pointee.count == 1 else {
                throw Self.fail("char format requires a bytes object of length 1")
            }
            bytes[0] = value.object(BytesObject.self).buffer[0]
        case UInt8(ascii: "?"): bytes[0] = try truth(value) ? 1 : 0
        case UInt8(ascii: "e"), UInt8(ascii: "f"), UInt8(ascii: "d"):
            store(try floatBits(value, field.code), bytes, field.size)
        default: store(try integerBits(value, field), bytes, field.size)
        }
    }

    private func floatBits(_ value: Value, _ code: UInt8) throws(Raised) -> UInt64 {
        guard value.isFloat || isInteger(value) || value.cls.has(.float) || value.cls.has(.index), let real = try realOf(value) else {
            throw Self.fail("required argument is not a float")
        }
        switch code {
        case UInt8(ascii: "d"): return real.storedBits
        case UInt8(ascii: "f"):
            let single = Float(real)
            if single.isInfinite, real.isFinite, !isNative { throw raise(.overflowError, "float too large to pack with f format") }
            return UInt64(single.bitPattern)
        default:
            guard let half = Self.halfBits(real) else { throw raise(.overflowError, "float too large to pack with e format") }
            return UInt64(half)
        }
    }

    private func integerBits(_ value: Value, _ field: StructField) throws(Raised) -> UInt64 {
        guard isInteger(value) || value.cls.has(.index) else { throw Self.fail("required argument is not an integer") }
        let int = try indexValue(value)
        let isSigned: Bool
        switch field.code {
        case UInt8(ascii: "b"), UInt8(ascii: "h"), UInt8(ascii: "i"), UInt8(ascii: "l"), UInt8(ascii: "q"), UInt8(ascii: "n"):
            isSigned = true
        default: isSigned = false
        }
        let bits = field.size * 8
        if let machine = machineInt(int) {
            if isSigned {
                let limit = bits == 64 ? Int.max : 1 << (bits - 1) - 1
                if machine <= limit, machine >= -limit - 1 { return UInt64(bitPattern: Int64(machine)) }
            } else if machine >= 0, bits == 64 || machine < 1 << bits {
                return UInt64(machine)
            }
        } else if !isSigned, bits == 64, !isNegative(int), bitLength(int) <= 64 {
            return UInt64(int.object(IntObject.self).limbs[0])
        }
        throw outOfRange(field, isSigned)
    }

    private func outOfRange(_ field: StructField, _ isSigned: Bool) -> Raised {
        let letter = String(UnicodeScalar(field.code))
        let bits = field.size * 8
        let low = isSigned ? "-\(UInt64(1) << UInt64(bits - 1))" : "0"
        let high = isSigned ? UInt64(1) << UInt64(bits - 1) - 1 : bits == 64 ? UInt64.max : UInt64(1) << UInt64(bits) - 1
        return Self.fail("'\(letter)' format requires \(low) <= number <= \(high)")
    }
}
