// How an instruction lies in its 64-bit word:
//
//     bit 63          48 47          32 31          16 15     8 7       0
//         +-------------+--------------+--------------+---------+--------+
//         |      C      |      B       |      A       |    D    | opcode |
//         +-------------+--------------+--------------+---------+--------+
//         |        BC, signed 32       |

/// One instruction word.
public struct Instruction: Sendable, Equatable {
    /// All of it.
    public var word: UInt64

    @inlinable public init(word: UInt64) { self.word = word }

    /// Registers, constant indices and counts as the opcode's comment says.
    @inlinable
    public init(_ opcode: Opcode, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0) {
        word = UInt64(opcode.rawValue) | UInt64(UInt8(truncatingIfNeeded: d)) << 8
            | UInt64(UInt16(truncatingIfNeeded: a)) << 16
            | UInt64(UInt16(truncatingIfNeeded: b)) << 32
            | UInt64(UInt16(truncatingIfNeeded: c)) << 48
    }

    /// As above, with one signed 32-bit operand in place of B and C.
    @inlinable
    public init(_ opcode: Opcode, a: Int = 0, bc: Int, d: Int = 0) {
        word = UInt64(opcode.rawValue) | UInt64(UInt8(truncatingIfNeeded: d)) << 8
            | UInt64(UInt16(truncatingIfNeeded: a)) << 16
            | UInt64(UInt32(truncatingIfNeeded: bc)) << 32
    }

    /// The lowest octet.
    @inlinable @inline(__always) public var opcodeByte: UInt8 { UInt8(truncatingIfNeeded: word) }
    /// Nil for a byte that is no opcode (only damaged code has one).
    public var opcode: Opcode? { Opcode(rawValue: opcodeByte) }
    /// Operand D.
    @inlinable @inline(__always) public var d: Int { Int(UInt8(truncatingIfNeeded: word >> 8)) }
    /// Operand A.
    @inlinable @inline(__always) public var a: Int { Int(UInt16(truncatingIfNeeded: word >> 16)) }
    /// Operand B.
    @inlinable @inline(__always) public var b: Int { Int(UInt16(truncatingIfNeeded: word >> 32)) }
    /// Operand C.
    @inlinable @inline(__always) public var c: Int { Int(word >> 48) }
    /// C as a signed number (jumps of compare-and-jump).
    @inlinable @inline(__always) public var signedC: Int { Int(Int64(bitPattern: word) >> 48) }
    /// B and C together, signed.
    @inlinable @inline(__always) public var bc: Int { Int(Int64(bitPattern: word) >> 32) }
}

/// How a call is laid out in the caller's registers.
///
/// The callee's frame header lies directly below its first register, and its first registers are the arguments:
///
///     R[base - headerWords] … R[base - 1]   the callee's frame header; the callable is put into its first word
///     R[base] …                             the arguments
///
/// so that a call copies nothing. For `callMethod`, R[base] is self or absent. All registers from
/// `base - headerWords` up are dead after the call, save the destination.
public enum CallLayout {
    /// Words of a frame header.
    public static let headerWords = 8
    /// The register into which the callable of a call with first argument `base` goes.
    @inlinable
    public static func callableRegister(base: Int) -> Int { base - headerWords }
}
