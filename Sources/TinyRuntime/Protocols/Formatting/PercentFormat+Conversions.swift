// The conversions of `%` formatting: an argument becomes text by the letter of the conversion, and is laid out.
import Glibc

extension PercentFormatter {
    /// Writes an argument; `start` is where the letter stands, for the error.
    mutating func write(_ conversion: PercentConversion, _ argument: Value, _ start: Int) throws(Raised) {
        switch conversion.type {
        case 0x73, 0x72, 0x61: try writeText(conversion, argument)
        case 0x62 where isBytes: try writeText(conversion, argument)
        case 0x64, 0x69, 0x75, 0x6F, 0x78, 0x58: try writeInteger(conversion, argument)
        case 0x65, 0x45, 0x66, 0x46, 0x67, 0x47: try writeFloat(conversion, argument)
        case 0x63: try writeCharacter(conversion, argument)
        default:
            let index = isBytes ? start : Str.countCodePoints(UnsafeBufferPointer(rebasing: format[0 ..< start]))
            let type = conversion.type
            let shown = type >= 32 && type < 127 ? String(Unicode.Scalar(UInt8(type))) : "?"
            throw valueError(
                "unsupported format character '\(shown)' (0x\(String(type, radix: 16))) at index \(index)")
        }
    }

    // MARK: s, r, a

    private mutating func writeText(_ conversion: PercentConversion, _ argument: Value) throws(Raised) {
        if isBytes { return try writeOctets(conversion, argument) }
        let text: StrRef
        if conversion.type == 0x73 {
            text = argument.isExactly(.str) ? argument.object(Str.self) : try str(argument)
        } else {
            text = conversion.type == 0x72 ? try repr(argument) : try ascii(argument)
        }
        var count = conversion.width < 0 && conversion.precision < 0 ? 0 : text.count
        var byteCount = text.pointee.byteCount
        if conversion.precision >= 0, conversion.precision < count {
            count = conversion.precision
            byteCount = text.byteOffset(count)
        }
        try pad(conversion, UnsafeBufferPointer(start: text.bytes, count: byteCount), count: count)
    }

    /// `%s`, `%b`, `%r` and `%a` of bytes.
    private mutating func writeOctets(_ conversion: PercentConversion, _ argument: Value) throws(Raised) {
        if conversion.type == 0x72 || conversion.type == 0x61 {
            let text = try ascii(argument)
            let count = conversion.precision < 0 ? text.pointee.byteCount : min(conversion.precision, text.pointee.byteCount)
            return try pad(conversion, UnsafeBufferPointer(start: text.bytes, count: count), count: count)
        }
        var source = argument
        if !BufferView.isBytesLike(argument) {
            let method = argument.cls.special(.bytes)
            guard !method.isAbsent else {
                throw typeError(
                    "%b requires a bytes-like object, or an object that implements __bytes__, not '\(typeName(argument))'")
            }
            source = try callUnbound(method, argument)
            guard source.isKind(.bytes) else {
                throw typeError("__bytes__ returned non-bytes (type \(typeName(source)))")
            }
        }
        let view = try BufferView(source)
        let count = conversion.precision < 0 ? view.count : min(conversion.precision, view.count)
        try pad(conversion, UnsafeBufferPointer(rebasing: view.octets[0 ..< count]), count: count)
    }

    private mutating func pad(
        _ conversion: PercentConversion, _ text: UnsafeBufferPointer<UInt8>, count: Int
    ) throws(Raised) {
        let missing = conversion.width > count ? conversion.width - count : 0
        if !conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
        output.append(text)
        if conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
    }

    private mutating func pad(_ conversion: PercentConversion, _ text: [UInt8], count: Int) throws(Raised) {
        let missing = conversion.width > count ? conversion.width - count : 0
        if !conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
        output.append(text)
        if conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
    }

    // MARK: c

    private mutating func writeCharacter(_ conversion: PercentConversion, _ argument: Value) throws(Raised) {
        var character = TextBuffer()
        if isBytes {
            character.append(try octet(argument))
        } else if argument.isKind(.str) {
            guard argument.object(Str.self).count == 1 else { throw typeError("%c requires int or char") }
            character.append(argument.object(Str.self))
        } else {
            guard isInteger(argument) || argument.cls.has(.index) else { throw typeError("%c requires int or char") }
            guard let codePoint = machineInt(try indexValue(argument)), 0 ... 0x10FFFF ~= codePoint else {
                throw raise(.overflowError, "%c arg not in range(0x110000)")
            }
            character.append(codePoint: UInt32(codePoint))
        }
        try pad(conversion, character.bytes, count: 1)
    }

    private func octet(_ argument: Value) throws(Raised) -> UInt8 {
        if argument.isKind(.bytes) || argument.isKind(.bytearray) {
            let view = try BufferView(argument)
            if view.count == 1 { return view.octets[0] }
        } else if isInteger(argument) || argument.cls.has(.index) {
            guard let number = machineInt(try indexValue(argument)), 0 ... 255 ~= number else {
                throw raise(.overflowError, "%c arg not in range(256)")
            }
            return UInt8(number)
        }
        throw typeError("%c requires an integer in range(256) or a single byte")
    }

    // MARK: d, i, u, o, x, X

    private mutating func writeInteger(_ conversion: PercentConversion, _ argument: Value) throws(Raised) {
        let letter = UInt8(truncatingIfNeeded: conversion.type)
        let radix = letter == 0x6F ? 8 : letter | 0x20 == 0x78 ? 16 : 10
        guard let int = try integerArgument(argument, truncates: radix == 10) else {
            let shown = String(Unicode.Scalar(letter))
            let wanted = radix == 10 ? "a real number" : "an integer"
            throw typeError("%\(shown) format: \(wanted) is required, not \(typeName(argument))")
        }
        if radix == 10 { try checkDigitLimit(int) }
        var digits = IntObject.text(int, radix: radix, uppercase: letter == 0x58)
        let isNegative = digits.first == 0x2D
        if isNegative { digits.removeFirst() }
        if conversion.precision > digits.count {
            try checkSize(conversion.precision)
            digits = Array(repeating: 0x30, count: conversion.precision - digits.count) + digits
        }
        let prefix: [UInt8] = conversion.alternate && radix != 10 ? [0x30, letter] : []
        try writeNumber(conversion, isNegative, prefix, digits)
    }

    // MARK: e, f, g

    private mutating func writeFloat(_ conversion: PercentConversion, _ argument: Value) throws(Raised) {
        let value: Double
        if isBytes {
            do { value = try doubleArgument(argument) } catch {
                guard currentThread().raisedIs(.typeError) else { throw error }
                _ = currentThread().takeRaised()
                throw typeError("float argument required, not \(typeName(argument))")
            }
        } else {
            value = try doubleArgument(argument)
        }
        try checkSize(conversion.precision)
        let letter = UInt8(truncatingIfNeeded: conversion.type)
        var style = FloatStyle(type: letter | 0x20, precision: conversion.precision < 0 ? 6 : conversion.precision)
        style.isAlternate = conversion.alternate
        style.isUppercase = letter & 0x20 == 0
        var text = style.text(value)
        let isNegative = text.first == 0x2D
        if isNegative { text.removeFirst() }
        try writeNumber(conversion, isNegative, [], text)
    }

    private mutating func writeNumber(
        _ conversion: PercentConversion, _ isNegative: Bool, _ prefix: [UInt8], _ digits: [UInt8]
    ) throws(Raised) {
        let sign: UInt8 = isNegative ? 0x2D : conversion.plus ? 0x2B : conversion.blank ? 0x20 : 0
        let count = digits.count + prefix.count + (sign == 0 ? 0 : 1)
        let missing = conversion.width > count ? conversion.width - count : 0
        let padsWithZeros = conversion.zero && !conversion.leftAligned
        if !padsWithZeros, !conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
        if sign != 0 { output.append(sign) }
        output.append(prefix)
        if padsWithZeros { try output.append(repeating: 0x30, count: missing) }
        output.append(digits)
        if conversion.leftAligned { try output.append(repeating: 0x20, count: missing) }
    }
}

// MARK: Numbers as arguments

/// The integer of a number: `__index__` for o and x, `int()` for d. Nil if the argument is no number of that sort.
func integerArgument(_ value: Value, truncates: Bool) throws(Raised) -> Value? {
    if isInteger(value) { return value }
    if truncates, let double = floatOf(value) {
        if double.isNaN { throw valueError("cannot convert float NaN to integer") }
        if double.isInfinite { throw raise(.overflowError, "cannot convert float infinity to integer") }
        return intValue(truncating: double)
    }
    for name in truncates ? [SpecialName.int, .index] : [.index] {
        let method = value.cls.special(name)
        if method.isAbsent { continue }
        do {
            let result = try callUnbound(method, value)
            return isInteger(result) ? result : nil
        } catch {
            guard currentThread().raisedIs(.typeError) else { throw error }
            _ = currentThread().takeRaised()
            return nil
        }
    }
    return nil
}

/// The double of anything with `__float__` or `__index__`. Throws TypeError "must be real number, not str".
public func doubleArgument(_ value: Value) throws(Raised) -> Double {
    if let double = try realOf(value) { return double }
    let method = value.cls.special(.float)
    if !method.isAbsent {
        let result = try callUnbound(method, value)
        guard let double = floatOf(result) else {
            throw typeError("\(typeName(value)).__float__ returned non-float (type \(typeName(result)))")
        }
        return double
    }
    guard value.cls.has(.index) else { throw typeError("must be real number, not \(typeName(value))") }
    return try realOf(try indexValue(value)) ?? 0
}
