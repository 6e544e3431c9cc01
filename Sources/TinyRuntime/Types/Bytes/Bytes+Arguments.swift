// What the methods of bytes and bytearray take and give: octets in, an object of the receiver's kind out.
import Glibc

enum BytesArguments {
    /// The octets of self.
    @inline(__always)
    static func own(_ value: Value) -> Octets {
        value.isKind(.bytes) ? value.object(BytesObject.self).buffer : Octets(value.object(ByteArray.self).buffer)
    }

    /// A new object of the kind of self.
    static func make(_ octets: Octets, like value: Value) -> Value {
        value.isKind(.bytes) ? BytesObject.make(octets) : Value(ByteArray.make(octets))
    }

    static func make(_ octets: [UInt8], like value: Value) -> Value {
        octets.withUnsafeBufferPointer { make($0, like: value) }
    }

    /// A new object of the kind of self with what becomes of each octet.
    @inline(__always)
    static func mapped(_ value: Value, _ body: (UInt8) -> UInt8) -> Value {
        let octets = own(value)
        if octets.count < 2 || !value.isKind(.bytes) { return make(octets.map(body), like: value) }
        let result = BytesObject.allocate(octets.count)
        let target = result.bytes
        // (One loop without a branch, which the compiler makes one over many octets at once.)
        for index in 0 ..< octets.count { target[index] = body(octets[index]) }
        return Value(result)
    }

    /// Self, unless it is mutable or an instance of a subclass.
    static func unchanged(_ value: Value) -> Value {
        value.isExactly(.bytes) ? value : make(own(value), like: value)
    }

    /// The part of self between two offsets.
    static func part(_ value: Value, _ start: Int, _ end: Int) -> Value {
        let octets = own(value)
        if end <= start { return make(Octets(start: nil, count: 0), like: value) }
        if start == 0, end == octets.count { return unchanged(value) }
        return make(octets.part(start, end), like: value)
    }

    /// An octet from an integer. Throws ValueError beyond 255.
    static func octet(_ value: Value, _ message: StaticString = "byte must be in range(0, 256)") throws(Raised) -> UInt8 {
        guard let number = machineInt(try indexValue(value)), 0 ... 255 ~= number else {
            throw valueError(message.description)
        }
        return UInt8(number)
    }

    static func isIndex(_ value: Value) -> Bool { isInteger(value) || value.isPointer && value.cls.has(.index) }

    /// What is searched for: one octet or a bytes-like object.
    static func withPattern<Result>(
        _ value: Value, _ body: (Octets) throws(Raised) -> Result
    ) throws(Raised) -> Result {
        if BufferView.isBytesLike(value) { return try body(try BufferView(value).octets) }
        guard isIndex(value) else {
            throw typeError("argument should be integer or bytes-like object, not '\(typeName(value))'")
        }
        let byte = try octet(value)
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 1) { buffer throws(Raised) in
            buffer.initialize(repeating: byte)
            return try body(Octets(buffer))
        }
    }

    /// A separator, which must not be empty.
    static func separator(_ value: Value) throws(Raised) -> Octets {
        let octets = try BufferView(value).octets
        guard octets.count > 0 else { throw valueError("empty separator") }
        return octets
    }
}

/// ASCII's idea of characters: what bytes methods go by.
public enum ASCII {
    @inline(__always) static func isUpper(_ byte: UInt8) -> Bool { byte &- 0x41 < 26 }
    @inline(__always) static func isLower(_ byte: UInt8) -> Bool { byte &- 0x61 < 26 }
    @inline(__always) static func isAlpha(_ byte: UInt8) -> Bool { (byte | 0x20) &- 0x61 < 26 }
    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
    @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte &- 9 < 5 }
    @inline(__always) static func upper(_ byte: UInt8) -> UInt8 { isLower(byte) ? byte ^ 0x20 : byte }
    @inline(__always) static func lower(_ byte: UInt8) -> UInt8 { isUpper(byte) ? byte ^ 0x20 : byte }

    /// The value of a hexadecimal digit.
    @inline(__always)
    public static func hexValue(_ byte: UInt8) -> UInt8? {
        if isDigit(byte) { return byte - 0x30 }
        let letter = byte | 0x20
        return letter >= 0x61 && letter <= 0x66 ? letter - 0x61 + 10 : nil
    }
}
