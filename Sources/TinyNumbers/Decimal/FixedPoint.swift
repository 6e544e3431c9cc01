// Exponential and logarithm on binary fixed-point numbers: integers of GMP that stand for n / 2^bits.
//
// exp takes whole tens off first (e^x = 10^k · e^r, so that huge exponents stay small integers), halves what is left a few
// times, sums the series and squares the result as often. ln takes square roots until the number is near 1 and sums the
// series of the inverse hyperbolic tangent. All results are a few units of the last place wrong at most.
import CGMP
import TinyRuntime

/// An integer of GMP with its memory.
final class Fixed {
    private let z: UnsafeMutablePointer<__mpz_struct>

    init() {
        z = .allocate(capacity: 1)
        __gmpz_init(z)
    }

    convenience init(_ int: Int) {
        self.init()
        __gmpz_set_si(z, int)
    }

    convenience init(_ other: Fixed) {
        self.init()
        __gmpz_set(z, other.z)
    }

    convenience init(_ natural: Natural) {
        self.init()
        if natural.count > 0 { __gmpz_import(z, natural.count, -1, 8, 0, 0, natural.limbs) }
    }

    deinit {
        __gmpz_clear(z)
        z.deallocate()
    }

    var integer: Int { __gmpz_get_si(z) }

    var sign: Int { z.pointee._mp_size < 0 ? -1 : z.pointee._mp_size > 0 ? 1 : 0 }
    var bitLength: Int { __gmpz_sizeinbase(z, 2) }

    /// The magnitude; the limbs are copied to Scratch.
    func natural() throws(Raised) -> Natural {
        let count = abs(Int(z.pointee._mp_size))
        let limbs = try Scratch.take(max(1, count))
        if count > 0 { limbs.update(from: z.pointee._mp_d, count: count) }
        return Natural(limbs, count: count)
    }

    func add(_ other: Fixed) { __gmpz_add(z, z, other.z) }
    func subtract(_ other: Fixed) { __gmpz_sub(z, z, other.z) }
    func negate() { z.pointee._mp_size = -z.pointee._mp_size }
    func multiply(_ other: Fixed) { __gmpz_mul(z, z, other.z) }
    func multiply(_ int: Int) { __gmpz_mul_si(z, z, int) }
    func shiftLeft(_ bits: Int) { __gmpz_mul_2exp(z, z, UInt(bits)) }
    func shiftRight(_ bits: Int) { __gmpz_fdiv_q_2exp(z, z, UInt(bits)) }
    func divide(_ other: Fixed) { __gmpz_fdiv_q(z, z, other.z) }
    func divide(_ word: Int) { __gmpz_fdiv_q_ui(z, z, UInt(word)) }
    func squareRoot() { __gmpz_sqrt(z, z) }
    func multiplyByPowerOfFive(_ k: Int) {
        let power = Fixed()
        __gmpz_ui_pow_ui(power.z, 5, UInt(k))
        multiply(power)
    }

    /// A fraction in its lowest terms.
    static func lowest(_ numerator: Fixed, _ denominator: Fixed) -> (Fixed, Fixed) {
        let common = Fixed()
        __gmpz_gcd(common.z, numerator.z, denominator.z)
        __gmpz_divexact(numerator.z, numerator.z, common.z)
        __gmpz_divexact(denominator.z, denominator.z, common.z)
        return (numerator, denominator)
    }

    func compare(_ other: Fixed) -> Int { Int(__gmpz_cmp(z, other.z)) }

    /// The product of two numbers of so many bits behind the point.
    func multiply(_ other: Fixed, bits: Int) {
        multiply(other)
        shiftRight(bits)
    }

    static func one(_ bits: Int) -> Fixed {
        let one = Fixed(1)
        one.shiftLeft(bits)
        return one
    }

    /// coefficient · 10^exponent, rounded down.
    static func make(_ coefficient: Natural, _ exponent: Int, bits: Int) throws(Raised) -> Fixed {
        let result = Fixed(coefficient)
        if exponent >= 0 {
            result.multiply(Fixed(try PowerOfTen.natural(exponent)))
            result.shiftLeft(bits)
        } else {
            result.shiftLeft(bits)
            result.divide(Fixed(try PowerOfTen.natural(-exponent)))
        }
        return result
    }

    // MARK: Constants

    nonisolated(unsafe) private static var constantBits = 0
    nonisolated(unsafe) private static var lnTwo = Fixed()
    nonisolated(unsafe) private static var lnTen = Fixed()

    /// ln 2 and ln 10 with so many bits.
    static func logarithms(_ bits: Int) -> (two: Fixed, ten: Fixed) {
        if constantBits < bits {
            let work = bits + bits / 4 + 64
            // Machin-like: ln 2 and ln 5 as sums of inverse hyperbolic tangents.
            let series = [251, 449, 4801, 8749].map { inverseTangent($0, work) }
            func combination(_ factors: [Int]) -> Fixed {
                let sum = Fixed()
                for (term, factor) in zip(series, factors) {
                    let product = Fixed(term)
                    product.multiply(factor)
                    sum.add(product)
                }
                return sum
            }
            lnTwo = combination([144, 54, -38, 62])
            lnTen = combination([334 + 144, 126 + 54, -88 - 38, 144 + 62])
            constantBits = work
        }
        let (two, ten) = (Fixed(lnTwo), Fixed(lnTen))
        two.shiftRight(constantBits - bits)
        ten.shiftRight(constantBits - bits)
        return (two, ten)
    }

    /// artanh(1/n).
    private static func inverseTangent(_ n: Int, _ bits: Int) -> Fixed {
        let power = one(bits)
        power.divide(n)
        let sum = Fixed(power)
        let term = Fixed()
        var k = 3
        while power.sign != 0 {
            power.divide(n * n)
            __gmpz_fdiv_q_ui(term.z, power.z, UInt(k))
            sum.add(term)
            k += 2
        }
        return sum
    }

    // MARK: Functions

    /// e^x = 10^tens · result, 1 ≤ result < 10. Uses x up.
    static func exponential(_ x: Fixed, bits: Int) -> (tens: Int, result: Fixed) {
        // The whole tens may be as many as the bits before the point say.
        let extra = max(0, x.bitLength - bits) + 16
        let (_, exactTen) = logarithms(bits + extra)
        let quotient = Fixed(x)
        quotient.shiftLeft(extra)
        quotient.divide(exactTen)
        let tens = quotient.integer
        quotient.multiply(exactTen)
        x.shiftLeft(extra)
        x.subtract(quotient)
        x.shiftRight(extra)
        var halvings = 4
        while halvings * halvings * 2 < bits { halvings += 1 }
        let work = bits + 2 * halvings + 16
        x.shiftLeft(work - bits - halvings)
        let sum = one(work)
        let term = one(work)
        var k = 1
        while true {
            term.multiply(x, bits: work)
            term.divide(k)
            if term.sign == 0 { break }
            sum.add(term)
            k += 1
        }
        for _ in 0 ..< halvings { sum.multiply(sum, bits: work) }
        sum.shiftRight(work - bits)
        return (tens, sum)
    }

    /// ln of a number between 1/16 and 16. Uses x up.
    static func logarithm(_ x: Fixed, bits: Int) -> Fixed {
        var roots = 4
        while roots * roots * 4 < bits { roots += 1 }
        let work = bits + roots + 24
        x.shiftLeft(work - bits)
        let one = one(work)
        for _ in 0 ..< roots {
            x.shiftLeft(work)
            x.squareRoot()
        }
        let denominator = Fixed(x)
        denominator.add(one)
        x.subtract(one)
        x.shiftLeft(work)
        x.divide(denominator)
        let square = Fixed(x)
        square.multiply(x, bits: work)
        let sum = Fixed(x)
        let term = Fixed()
        var k = 3
        while true {
            x.multiply(square, bits: work)
            __gmpz_tdiv_q_ui(term.z, x.z, UInt(k))
            if term.sign == 0 { break }
            sum.add(term)
            k += 2
        }
        sum.shiftLeft(roots + 1)
        sum.shiftRight(work - bits)
        return sum
    }
}
