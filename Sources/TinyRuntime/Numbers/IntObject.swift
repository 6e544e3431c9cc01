// Integers beyond 51 bits: sign and magnitude, limbs in the object, worked on by GMP's mpn functions.
//
// Values of 51 to 64 bits are one limb and have fast paths of their own in IntArithmetic.swift (linear congruential
// generators, modular products). Measured: a Swift big-integer package multiplies 4 limbs in 473 ns, CPython in 351, raw
// limbs in 51. Also the instances of subclasses of `int`, of any size: only those may hold small values.
import CGMP
import Glibc

/// int: one that takes more than 51 bits, or an instance of a subclass. The limbs follow it in memory, the lowest first.
public struct IntObject {
    var header: ObjectHeader
    /// Limbs in use, negative for a negative number; 0 is zero.
    public var signedCount: Int

    /// The shape of exact ints, as against those of subclasses (and of bool).
    public static let shape = ShapeID(Kind.int.rawValue)
    static let limbsOffset = 16

    /// Bytes of the object without the extra word.
    static func size(_ object: UnsafeMutableRawPointer) -> Int {
        limbsOffset + abs(object.load(fromByteOffset: 8, as: Int.self)) * 8
    }

    /// Room for a positive number whose limbs the caller writes; `normalized` then makes it a value.
    public static func allocate(limbs: Int, shape: ShapeID = IntObject.shape, extra: Int = 0) -> IntRef {
        let int = allocateObject(limbsOffset + limbs * 8 + extra, .int, shape).assumingMemoryBound(to: IntObject.self)
        int.pointee.signedCount = limbs
        return int
    }

    /// A one-limb object for a machine integer beyond 51 bits.
    @inline(never)
    static func allocate(_ int: Int) -> Value {
        let object = allocate(limbs: 1)
        object.limbs[0] = mp_limb_t(int.magnitude)
        object.pointee.signedCount = int < 0 ? -1 : 1
        return Value(object)
    }

    /// The integer of a 64-bit magnitude and a sign.
    public static func make(magnitude: UInt, isNegative: Bool) -> Value {
        if magnitude < 1 << 50 { return Value(inline: isNegative ? -Int(magnitude) : Int(magnitude)) }
        let object = allocate(limbs: 1)
        object.limbs[0] = mp_limb_t(magnitude)
        object.pointee.signedCount = isNegative ? -1 : 1
        return normalized(object)
    }

    /// Drops leading zero limbs; a small result becomes an inline integer.
    public static func normalized(_ object: IntRef) -> Value {
        var count = abs(object.pointee.signedCount)
        while count > 0, object.limbs[count - 1] == 0 { count -= 1 }
        let isNegative = object.pointee.signedCount < 0
        object.pointee.signedCount = isNegative ? -count : count
        if count == 0 { return Value(inline: 0) }
        if count == 1 {
            let magnitude = UInt(object.limbs[0])
            if magnitude < 1 << 50 { return Value(inline: isNegative ? -Int(magnitude) : Int(magnitude)) }
            if isNegative, magnitude == 1 << 50 { return Value(inline: -(1 << 50)) }
        }
        return Value(object)
    }
}

/// A big int in the heap.
public typealias IntRef = UnsafeMutablePointer<IntObject>

extension IntRef {
    /// The lowest limb.
    @inline(__always)
    public var limbs: UnsafeMutablePointer<mp_limb_t> {
        (UnsafeMutableRawPointer(self) + IntObject.limbsOffset).assumingMemoryBound(to: mp_limb_t.self)
    }
    /// Limbs of the magnitude; 0 is zero.
    public var count: Int { abs(pointee.signedCount) }
    var isNegative: Bool { pointee.signedCount < 0 }
}

/// The limbs of any integer value, for reading: an inline integer gets a limb on the stack.
public struct IntOperand {
    /// The magnitude, the lowest limb first; for reading, while `withLimbs` runs.
    public var limbs: UnsafeMutablePointer<mp_limb_t>
    /// Limbs, without leading zeros; 0 for zero.
    public var count: Int
    /// False for zero.
    public var isNegative: Bool
}

/// Whether a value is an integer (bool included).
@inline(__always)
public func isInteger(_ value: Value) -> Bool { value.isInlineInt || value.isKind(.int) || value.isBool }

/// Calls `body` with the limbs of an integer value.
public func withLimbs<Result>(_ value: Value, _ body: (IntOperand) throws(Raised) -> Result) throws(Raised) -> Result {
    if value.isKind(.int) {
        let object = value.object(IntObject.self)
        return try body(IntOperand(limbs: object.limbs, count: object.count, isNegative: object.isNegative))
    }
    let small = value.isBool ? (value.isTrue ? 1 : 0) : value.inlineInt
    var limb = mp_limb_t(small.magnitude)
    return try withUnsafeMutablePointer(to: &limb) { pointer throws(Raised) in
        try body(IntOperand(limbs: pointer, count: small == 0 ? 0 : 1, isNegative: small < 0))
    }
}

/// The machine integer of an integer value, or nil if it needs more than 64 bits.
public func machineInt(_ value: Value) -> Int? {
    if value.isInlineInt { return value.inlineInt }
    if value.isBool { return value.isTrue ? 1 : 0 }
    guard value.isKind(.int) else { return nil }
    let object = value.object(IntObject.self)
    switch object.count {
    case 0: return 0
    case 1:
        let magnitude = UInt(object.limbs[0])
        if object.isNegative { return magnitude <= 1 << 63 ? Int(bitPattern: ~magnitude &+ 1) : nil }
        return magnitude < 1 << 63 ? Int(magnitude) : nil
    default: return nil
    }
}

/// An exact int of the same value: instances of subclasses and bools become plain.
public func plainInt(_ value: Value) -> Value {
    if value.isInlineInt { return value }
    if value.isBool { return Value(inline: value.isTrue ? 1 : 0) }
    let object = value.object(IntObject.self)
    if value.isExactly(.int) { return value }
    let copy = IntObject.allocate(limbs: object.count)
    copy.limbs.update(from: object.limbs, count: object.count)
    copy.pointee.signedCount = object.pointee.signedCount
    return IntObject.normalized(copy)
}

/// Whether it is an int below zero; false for what is no int.
public func isNegative(_ value: Value) -> Bool {
    if value.isInlineInt { return value.inlineInt < 0 }
    return value.isKind(.int) && value.object(IntObject.self).isNegative
}

/// Whether it is the int 0 or False; false for what is no int.
public func isZero(_ value: Value) -> Bool {
    value.isInlineInt ? value.inlineInt == 0 : value.isBool ? !value.isTrue : value.isKind(.int) && value.object(IntObject.self).count == 0
}

/// Bits of the magnitude.
public func bitLength(_ value: Value) -> Int {
    if value.isInlineInt { return Int.bitWidth - value.inlineInt.magnitude.leadingZeroBitCount }
    if value.isBool { return value.isTrue ? 1 : 0 }
    let object = value.object(IntObject.self)
    guard object.count > 0 else { return 0 }
    return object.count * 64 - object.limbs[object.count - 1].leadingZeroBitCount
}

// MARK: Text

extension IntObject {
    /// The integer of digits in a radix of 2 to 36 (letters of either case), or nil if one is not a digit.
    static func parse(_ digits: String, radix: Int) -> Value? {
        parse(Array(digits.utf8), radix: radix)
    }

    static func parse(_ digits: [UInt8], radix: Int) -> Value? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count)
        for byte in digits {
            let digit: UInt8
            switch byte {
            case 0x30 ... 0x39: digit = byte - 0x30
            case 0x61 ... 0x7A: digit = byte - 0x61 + 10
            case 0x41 ... 0x5A: digit = byte - 0x41 + 10
            default: return nil
            }
            guard digit < radix else { return nil }
            bytes.append(digit)
        }
        guard !bytes.isEmpty else { return nil }
        if bytes.count <= 12, radix <= 16 {
            return Value(bytes.reduce(0) { $0 * radix + Int($1) })
        }
        let leading = bytes.firstIndex { $0 != 0 } ?? bytes.count
        let significant = bytes.count - leading
        guard significant > 0 else { return Value(inline: 0) }
        let object = allocate(limbs: significant * 6 / 64 + 2)
        let used = bytes.withUnsafeBufferPointer { buffer in
            // At least one digit is left.
            __gmpn_set_str(object.limbs, buffer.baseAddress.unsafelyUnwrapped + leading, significant, Int32(radix))
        }
        object.pointee.signedCount = Int(used)
        return normalized(object)
    }

    /// Digits of an integer value, with a minus sign.
    public static func text(_ value: Value, radix: Int = 10, uppercase: Bool = false) -> [UInt8] {
        if let machine = machineInt(value) { return withIntegerText(machine, radix: radix, uppercase: uppercase) { Array($0) } }
        let object = value.object(IntObject.self)
        let capacity = __gmpn_sizeinbase(object.count, Int32(radix)) + 2
        let letter: UInt8 = uppercase ? 0x41 : 0x61
        // Conversion destroys its operand.
        return withUnsafeTemporaryAllocation(of: mp_limb_t.self, capacity: object.count + 1) { copy in
            // Neither is empty.
            let limbs = copy.baseAddress.unsafelyUnwrapped
            limbs.update(from: object.limbs, count: object.count)
            return [UInt8](unsafeUninitializedCapacity: capacity + 1) { buffer, count in
                let start = object.isNegative ? 1 : 0
                let digits = buffer.baseAddress.unsafelyUnwrapped + start
                let length = Int(__gmpn_get_str(digits, Int32(radix), limbs, object.count))
                var leading = 0
                while leading < length, digits[leading] == 0 { leading += 1 }
                for index in leading ..< length {
                    let digit = digits[index]
                    digits[index - leading] = digit < 10 ? 0x30 + digit : letter + digit - 10
                }
                if start == 1 { buffer[0] = 0x2D }
                count = start + length - leading
            }
        }
    }
}

private func __gmpn_sizeinbase(_ count: Int, _ radix: Int32) -> Int {
    let bits = count * 64
    var bitsPerDigit = 1
    while 1 << (bitsPerDigit + 1) <= Int(radix) { bitsPerDigit += 1 }
    return bits / bitsPerDigit + 1
}
