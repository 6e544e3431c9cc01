// Decimals: what an object of the heap holds (TinyRuntime, Types/Decimal), and `Number`, what operations work on.
import CGMP
import TinyRuntime

/// What kind of number it is. The values stand in the object's `detail`, above the sign.
enum DecimalForm: UInt8 {
    case finite, infinite, quiet, signaling
}

extension DecimalRef {
    @inline(__always)
    var limbs: UnsafeMutablePointer<UInt> {
        (UnsafeMutableRawPointer(self) + DecimalObject.limbsOffset).assumingMemoryBound(to: UInt.self)
    }
    @inline(__always) var isNegative: Bool { pointee.header.detail & 1 != 0 }
    @inline(__always) var isFinite: Bool { pointee.header.detail < 2 }
    var form: DecimalForm { DecimalForm(rawValue: pointee.header.detail >> 1) ?? .finite }
    @inline(__always) var isNaN: Bool { pointee.header.detail >= 4 }

    /// Finite, with a coefficient of at most 64 bits.
    @inline(__always) var isShort: Bool { pointee.header.detail < 2 && pointee.limbCount <= 1 }
}

extension DecimalObject {
    /// A finite number with a coefficient of one word.
    @inline(__always)
    static func make(_ isNegative: Bool, _ word: UInt, _ exponent: Int) -> Value {
        let decimal = allocateObject(32, .decimal, shape).assumingMemoryBound(to: DecimalObject.self)
        decimal.pointee.header.detail = isNegative ? 1 : 0
        decimal.pointee.exponent = exponent
        decimal.pointee.limbCount = word == 0 ? 0 : 1
        decimal.pointee.word = word
        return Value(decimal)
    }

    /// The object of a number, of the class itself or a subclass that a script made.
    static func make(_ number: Number, _ cls: ClassRef? = nil) -> Value {
        let isPlain = cls.map { $0.shapeID == shape } ?? true
        let size = limbsOffset + max(1, number.count) * 8
        let decimal = allocateObject(
            isPlain ? size : size + 8, .decimal, isPlain ? shape : cls.map { $0.shapeID } ?? shape
        ).assumingMemoryBound(to: DecimalObject.self)
        decimal.pointee.header.detail = number.form.rawValue << 1 | (number.isNegative ? 1 : 0)
        decimal.pointee.exponent = number.exponent
        decimal.pointee.limbCount = number.count
        decimal.pointee.word = 0
        if number.count > 0 { decimal.limbs.update(from: number.limbs, count: number.count) }
        if !isPlain { beginExtra(Value(decimal)) }
        return Value(decimal)
    }
}

extension Value {
    /// A Decimal or an instance of a subclass.
    @inline(__always) var isDecimal: Bool { isKind(.decimal) }
}

/// A natural number; its limbs lie in an object or in Scratch.
struct Natural {
    var limbs: UnsafeMutablePointer<UInt>
    /// Without leading zeros: 0 for zero.
    var count: Int

    var isZero: Bool { count == 0 }

    /// The number without the leading zeros that are in `count` limbs.
    init(_ limbs: UnsafeMutablePointer<UInt>, normalizing count: Int) {
        self.limbs = limbs
        var count = count
        while count > 0, limbs[count - 1] == 0 { count -= 1 }
        self.count = count
    }

    init(_ limbs: UnsafeMutablePointer<UInt>, count: Int) {
        self.limbs = limbs
        self.count = count
    }

    /// A number of one word.
    init(_ word: UInt) throws(Raised) {
        limbs = try Scratch.take(1)
        limbs[0] = word
        count = word == 0 ? 0 : 1
    }

    /// The lowest 64 bits.
    var low: UInt { count == 0 ? 0 : limbs[0] }
}

/// A decimal number in the middle of an operation.
struct Number {
    var coefficient: Natural
    var exponent: Int
    var isNegative: Bool
    var form = DecimalForm.finite

    init(_ decimal: DecimalRef) {
        coefficient = Natural(decimal.limbs, count: decimal.pointee.limbCount)
        exponent = decimal.pointee.exponent
        isNegative = decimal.isNegative
        form = decimal.form
    }

    init(_ isNegative: Bool, _ coefficient: Natural, _ exponent: Int) {
        self.coefficient = coefficient
        self.exponent = exponent
        self.isNegative = isNegative
    }

    init(_ isNegative: Bool, _ word: UInt, _ exponent: Int) throws(Raised) {
        self.init(isNegative, try Natural(word), exponent)
    }

    static func infinity(_ isNegative: Bool) -> Number { special(isNegative, .infinite) }
    static var nan: Number { special(false, .quiet) }

    private static func special(_ isNegative: Bool, _ form: DecimalForm) -> Number {
        var number = Number(isNegative, Natural(Scratch.nothing, count: 0), 0)
        number.form = form
        return number
    }

    var limbs: UnsafeMutablePointer<UInt> { coefficient.limbs }
    var count: Int { coefficient.count }
    var isFinite: Bool { form == .finite }
    var isInfinite: Bool { form == .infinite }
    var isNaN: Bool { form == .quiet || form == .signaling }
    /// A finite zero.
    var isZero: Bool { form == .finite && coefficient.count == 0 }

    func with(sign isNegative: Bool) -> Number {
        var copy = self
        copy.isNegative = isNegative
        return copy
    }

    /// Decimal digits of the coefficient; a zero has one.
    func digits() throws(Raised) -> Int { try coefficient.digits() }

    /// The exponent of the first digit.
    func adjusted() throws(Raised) -> Int { exponent + (try coefficient.digits()) - 1 }

    /// Whether it is an integer, and an odd one.
    func parity() throws(Raised) -> (isInteger: Bool, isOdd: Bool) {
        if form != .finite { return (form == .infinite, false) }
        if coefficient.isZero || exponent > 0 { return (true, false) }
        if exponent == 0 { return (true, coefficient.low & 1 == 1) }
        if -exponent > coefficient.count * 20 { return (false, false) }
        let (quotient, rest) = try coefficient.dropping(-exponent)
        return (rest == .nothing, quotient.low & 1 == 1)
    }
}
