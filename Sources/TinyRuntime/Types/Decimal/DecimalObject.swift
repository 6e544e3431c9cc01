// Decimal: the object of the heap. `_decimals` (TinyNumbers) is what knows how to work with one.
//
//     header | exponent | limb count | limbs …
//
// The value is ± coefficient · 10^exponent. The coefficient is binary, as GMP wants it: a number of up to 64 bits is one
// limb (an object of 32 bytes, CPython's take 104) with fast paths in DecimalShortcuts.swift; a zero has no limbs in use.
// Binary makes products and texts of very long numbers GMP's business; the price is a division by a power of ten where
// a result is rounded. A NaN's diagnostic digits are its coefficient.

/// decimal.Decimal. Limbs beyond the first follow it in memory.
public struct DecimalObject {
    /// `detail` holds the sign (bit 0) and the form: finite, infinite, NaN, signalling NaN.
    public var header: ObjectHeader
    /// The power of ten that the coefficient is multiplied by; says nothing in an infinity or a NaN.
    public var exponent: Int
    /// Limbs in use, without leading zeros.
    public var limbCount: Int
    /// The first limb; 0 where none is in use.
    public var word: UInt

    /// Where the limbs begin, in bytes from the header.
    public static let limbsOffset = 24
    /// The shape of exact Decimals, as against those of subclasses.
    public static let shape = ShapeID(Kind.decimal.rawValue)

    /// Bytes of the object without the extra word.
    public static func size(_ object: UnsafeMutableRawPointer) -> Int {
        limbsOffset + max(1, object.assumingMemoryBound(to: DecimalObject.self).pointee.limbCount) * 8
    }
}

/// A Decimal in the heap.
public typealias DecimalRef = UnsafeMutablePointer<DecimalObject>

/// What the machine asks `_decimals` for, once that is imported: operators and calls of the class, without a search for methods.
public struct DecimalOperations {
    /// The class `Decimal`.
    let cls: ClassRef
    /// A binary operator where one operand is exactly a Decimal; nil: use the methods.
    let operate: (Int, Value, Value) throws(Raised) -> Value?
    /// The order (-1, 0, 1) of two numbers, one of them exactly a Decimal; nil: use the methods.
    let order: (Value, Value) -> Int?
    /// `Decimal(value)`.
    let construct: (Value) throws(Raised) -> Value

    /// nil: not imported. Guarded by the GIL.
    nonisolated(unsafe) public static var imported: DecimalOperations?

    /// - Parameters:
    ///   - operate: gets the operator's index in BinaryOperator, then the operands in their order.
    ///   - order: nil too where there is no order, as with a NaN.
    public init(
        cls: ClassRef, operate: @escaping (Int, Value, Value) throws(Raised) -> Value?, order: @escaping (Value, Value) -> Int?,
        construct: @escaping (Value) throws(Raised) -> Value
    ) {
        self.cls = cls
        self.operate = operate
        self.order = order
        self.construct = construct
    }
}
