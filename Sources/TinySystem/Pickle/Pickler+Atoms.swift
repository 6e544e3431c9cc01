// Writing pickles: what holds no other objects: truth values, numbers, text.
import TinyRuntime

extension Pickler {
    // MARK: Atoms

    func saveBool(_ flag: Bool) {
        if version >= 2 { put(flag ? PickleOpcode.newtrue : PickleOpcode.newfalse) } else { put(flag ? "I01\n" : "I00\n") }
    }

    func saveInt(_ value: Value) throws(Raised) {
        if let number = machineInt(value), number >= -0x8000_0000, number <= 0x7FFF_FFFF {
            if !isBinary { return put("I\(number)\n") }
            if number >= 0, number <= 0xFF {
                put(PickleOpcode.binint1, UInt8(number))
            } else if number >= 0, number <= 0xFFFF {
                put(PickleOpcode.binint2, number, bytes: 2)
            } else {
                put(PickleOpcode.binint, number, bytes: 4)
            }
            return
        }
        if version < 2 {
            put(PickleOpcode.long)
            IntObject.text(value).withUnsafeBufferPointer { put($0) }
            return put("L\n")
        }
        // As few octets of two's complement as hold the number.
        if let number = machineInt(value) {
            let size = (Int.bitWidth - (number < 0 ? ~number : number).leadingZeroBitCount) / 8 + 1
            put(PickleOpcode.long1)
            return put(UInt8(truncatingIfNeeded: size), number, bytes: size)
        }
        var size = bitLength(value) / 8 + 1
        var bytes = try IntMethods.toBytes(value, size, isLittle: true, signed: true)
        let octets = bytes.object(BytesObject.self).buffer
        if isNegative(value), size > 1, octets[size - 1] == 0xFF, octets[size - 2] & 0x80 != 0 {
            size -= 1
            bytes = try IntMethods.toBytes(value, size, isLittle: true, signed: true)
        }
        if size < 256 {
            put(PickleOpcode.long1, UInt8(size))
        } else {
            put(PickleOpcode.long4, size, bytes: 4)
        }
        put(bytes.object(BytesObject.self).buffer)
    }

    func saveFloat(_ double: Double) {
        if !isBinary { return put("F\(floatText(double))\n") }
        put(PickleOpcode.binfloat, Int(bitPattern: UInt(double.storedBits.byteSwapped)), bytes: 8)
    }

    func saveText(_ value: Value) throws(Raised) {
        let text = value.object(Str.self)
        if !isBinary {
            put(PickleOpcode.unicode)
            Pickler.rawEscaped(text).withUnsafeBufferPointer { put($0) }
            put(0x0A)
        } else {
            let count = text.pointee.byteCount
            if count <= 0xFF, version >= 4 {
                putShort(text.buffer)
            } else if count <= 0xFFFF_FFFF {
                try put(header: (PickleOpcode.binunicode, count, bytes: 4), text.buffer)
            } else {
                try put(header: (PickleOpcode.binunicode8, count, bytes: 8), text.buffer)
            }
        }
        memoize(value)
    }

    /// Latin-1 with `\u` escapes for the rest and for what would end or spoil a line.
    private static func rawEscaped(_ text: StrRef) -> [UInt8] {
        var result = TextBuffer(capacity: text.pointee.byteCount)
        var offset = 0
        while offset < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + offset)
            offset += length
            switch codePoint {
            case 0x5C, 0, 0x0A, 0x0D, 0x1A: result.append(escape: 0x75, codePoint, digits: 4)
            case 0 ..< 0x100: result.append(UInt8(codePoint))
            case 0x100 ..< 0x10000: result.append(escape: 0x75, codePoint, digits: 4)
            default: result.append(escape: 0x55, codePoint, digits: 8)
            }
        }
        return result.bytes
    }
}
