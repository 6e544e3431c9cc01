// Items of native formats (the struct module's single letters): memory to value and back.
//
// Used by memoryview; array and struct's native mode can share it. Memory need not be aligned.

struct NativeItem {
    let code: UInt8
    let size: Int

    /// Nil for a letter that is no native format.
    init?(_ code: UInt8) {
        switch code {
        case 0x3F, 0x63, 0x62, 0x42: size = 1 // ? c b B
        case 0x68, 0x48, 0x65: size = 2 // h H e
        case 0x69, 0x49, 0x66: size = 4 // i I f
        case 0x6C, 0x4C, 0x71, 0x51, 0x6E, 0x4E, 0x50, 0x64: size = 8 // l L q Q n N P d
        default: return nil
        }
        self.code = code
    }

    var isFloat: Bool { code == 0x65 || code == 0x66 || code == 0x64 }
    var isOctet: Bool { size == 1 && code != 0x3F }

    func load(_ memory: UnsafeRawPointer) -> Value {
        switch code {
        case 0x3F: Value(memory.load(as: UInt8.self) != 0)
        case 0x63: BytesObject.make(Octets(start: memory.assumingMemoryBound(to: UInt8.self), count: 1))
        case 0x62: Value(inline: Int(memory.load(as: Int8.self)))
        case 0x42: Value(inline: Int(memory.load(as: UInt8.self)))
        case 0x68: Value(inline: Int(memory.loadUnaligned(as: Int16.self)))
        case 0x48: Value(inline: Int(memory.loadUnaligned(as: UInt16.self)))
        case 0x69: Value(inline: Int(memory.loadUnaligned(as: Int32.self)))
        case 0x49: Value(inline: Int(memory.loadUnaligned(as: UInt32.self)))
        case 0x6C, 0x71, 0x6E: Value(memory.loadUnaligned(as: Int.self))
        case 0x65: Value(NativeItem.double(half: memory.loadUnaligned(as: UInt16.self)))
        case 0x66: Value(Double(memory.loadUnaligned(as: Float.self)))
        case 0x64: Value(memory.loadUnaligned(as: Double.self))
        default: IntObject.make(magnitude: memory.loadUnaligned(as: UInt.self), isNegative: false)
        }
    }

    /// Stores a value; throws what memoryview throws for one that does not fit.
    func store(_ value: Value, _ memory: UnsafeMutableRawPointer) throws(Raised) {
        if code == 0x3F {
            memory.storeBytes(of: try truth(value) ? 1 : 0, as: UInt8.self)
        } else if code == 0x63 {
            guard value.isKind(.bytes) else { throw wrongType() }
            guard value.object(BytesObject.self).pointee.count == 1 else { throw wrongValue() }
            memory.storeBytes(of: value.object(BytesObject.self).bytes[0], as: UInt8.self)
        } else if isFloat {
            try storeFloat(value, memory)
        } else {
            try storeInteger(value, memory)
        }
    }

    private var shown: String { String(Unicode.Scalar(code)) }
    private func wrongType() -> Raised { typeError("memoryview: invalid type for format '\(shown)'") }
    private func wrongValue() -> Raised { valueError("memoryview: invalid value for format '\(shown)'") }

    private func storeFloat(_ value: Value, _ memory: UnsafeMutableRawPointer) throws(Raised) {
        guard floatOf(value) != nil || isInteger(value) || value.cls.has(.float) || value.cls.has(.index) else {
            throw wrongType()
        }
        let double = try doubleArgument(value)
        switch code {
        case 0x64: memory.storeBytes(of: double, as: Double.self)
        case 0x66:
            let float = Float(double)
            if float.isInfinite, double.isFinite { throw wrongValue() }
            memory.storeBytes(of: float, as: Float.self)
        default:
            guard let half = NativeItem.half(double) else { throw wrongValue() }
            memory.storeBytes(of: half, as: UInt16.self)
        }
    }

    private func storeInteger(_ value: Value, _ memory: UnsafeMutableRawPointer) throws(Raised) {
        guard isInteger(value) || value.isPointer && value.cls.has(.index) else { throw wrongType() }
        let int = try indexValue(value)
        let isSigned = code >= 0x61 // small letters
        if size == 8, !isSigned {
            guard !isNegative(int), bitLength(int) <= 64 else { throw wrongValue() }
            let word = machineInt(int).map { UInt(bitPattern: $0) } ?? UInt(int.object(IntObject.self).limbs[0])
            memory.storeBytes(of: word, as: UInt.self)
            return
        }
        guard let machine = machineInt(int) else { throw wrongValue() }
        let bits = size * 8
        if bits < 64 {
            let low = isSigned ? -(1 << (bits - 1)) : 0
            let high = isSigned ? 1 << (bits - 1) - 1 : 1 << bits - 1
            guard machine >= low, machine <= high else { throw wrongValue() }
        }
        var word = machine
        memory.copyMemory(from: &word, byteCount: size)
    }

    // MARK: Half precision (binary16); Swift has no such type on x86-64.

    static func double(half: UInt16) -> Double {
        let exponent = Int(half >> 10 & 0x1F)
        let fraction = Double(half & 0x3FF)
        let magnitude: Double
        if exponent == 0x1F {
            magnitude = fraction == 0 ? .infinity : .nan
        } else if exponent == 0 {
            magnitude = fraction * 0x1p-24
        } else {
            magnitude = (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
        }
        return half & 0x8000 == 0 ? magnitude : -magnitude
    }

    /// The nearest half, ties to even; nil if too large.
    static func half(_ double: Double) -> UInt16? {
        let sign: UInt16 = double.sign == .minus ? 0x8000 : 0
        if double.isNaN { return sign | 0x7E00 }
        if double.isInfinite { return sign | 0x7C00 }
        let magnitude = abs(double)
        if magnitude < 0x1p-14 { return sign | UInt16((magnitude * 0x1p24).rounded(.toNearestOrEven)) }
        guard magnitude < 65520 else { return nil }
        let exponent = Int(magnitude.exponent)
        let scaled = (magnitude * Double(sign: .plus, exponent: 10 - exponent, significand: 1)).rounded(.toNearestOrEven)
        // A mantissa rounded up to 2048 carries into the exponent by itself.
        return sign | UInt16((exponent + 14) << 10 + Int(scaled))
    }
}
