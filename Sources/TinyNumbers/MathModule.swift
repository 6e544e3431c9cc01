// `math`.
import CTiny
import Glibc
import TinyRuntime

enum MathModule {
    static let nativeModule = NativeModule(
        "math", doc: "This module provides access to the mathematical functions defined by the C standard.",
        functions: { simple + roundings + special + integers },
        prepare: { contents throws(Raised) in
            contents.set("pi", Value(Double.pi))
            contents.set("e", Value(M_E))
            contents.set("tau", Value(2 * Double.pi))
            contents.set("inf", Value(Double.infinity))
            contents.set("nan", Value(Double.nan))
        })

    /// A function of one float: NaN from no NaN is a domain error, infinity from finite an overflow or a pole.
    private static func one(
        _ signature: StaticString, _ overflows: Bool = false, _ body: @escaping @Sendable (Double) -> Double
    ) -> Native {
        Native(signature, "See the C library's function of this name.") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            let result = body(x)
            if result.isNaN, !x.isNaN { throw valueError(domain(x)) }
            if result.isInfinite, x.isFinite {
                if overflows { throw raise(.overflowError, "math range error") }
                throw valueError(domain(x))
            }
            return Value(result)
        }
    }

    private static func domain(_ x: Double) -> String { "math domain error" }

    private static let simple: [Native] = [
        one("acos(x, /)") { acos($0) }, one("acosh(x, /)") { acosh($0) }, one("asin(x, /)") { asin($0) },
        one("asinh(x, /)") { asinh($0) }, one("atan(x, /)") { atan($0) }, one("atanh(x, /)") { atanh($0) },
        one("cbrt(x, /)") { cbrt($0) }, one("cos(x, /)") { cos($0) }, one("cosh(x, /)", true) { cosh($0) },
        one("erf(x, /)") { erf($0) }, one("erfc(x, /)") { erfc($0) }, one("exp(x, /)", true) { exp($0) },
        one("exp2(x, /)", true) { exp2($0) }, one("expm1(x, /)", true) { expm1($0) }, one("fabs(x, /)") { abs($0) },
        one("log1p(x, /)") { log1p($0) }, one("sin(x, /)") { sin($0) }, one("sinh(x, /)", true) { sinh($0) },
        one("sqrt(x, /)") { $0.squareRoot() }, one("tan(x, /)") { tan($0) }, one("tanh(x, /)") { tanh($0) },
        one("degrees(x, /)", true) { $0 * (180 / Double.pi) }, one("radians(x, /)") { $0 * (Double.pi / 180) },
        Native("gamma(x, /)", "Gamma function at x.") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            if x == -.infinity || x <= 0 && x == x.rounded() { throw valueError("math domain error") }
            let result = tgamma(x)
            if result.isInfinite, x.isFinite { throw raise(.overflowError, "math range error") }
            return Value(result)
        },
        Native("lgamma(x, /)", "Natural logarithm of absolute value of Gamma function at x.") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            if x <= 0, x == x.rounded(), x.isFinite { throw valueError("math domain error") }
            let result = tiny_lgamma(x)
            if result.isInfinite, x.isFinite { throw raise(.overflowError, "math range error") }
            return Value(result)
        },
    ]

    /// What a number that is no float is rounded to: by the method of that name, or as the float that it stands for.
    private static func rounded(_ x: Value, _ name: SpecialName, _ rounded: (Double) -> Double) throws(Raised) -> Value {
        if x.isInlineInt { return x }
        let method = x.cls.special(name)
        if !method.isAbsent { return try callUnbound(method, x) }
        if name == .trunc { throw typeError("type \(typeName(x)) doesn't define __trunc__ method") }
        return try IntMethods.truncate(rounded(try FloatMethods.real(x)))
    }

    private static let roundings: [Native] = [
        Native("floor(x, /)", "Return the floor of x as an Integral.\n\nThis is the largest integer <= x.") { args throws(Raised) in
            let x = args[0]
            return x.isFloat ? try IntMethods.truncate(x.float.rounded(.down)) : try rounded(x, .floor) { $0.rounded(.down) }
        },
        Native("ceil(x, /)", "Return the ceiling of x as an Integral.\n\nThis is the smallest integer >= x.") { args throws(Raised) in
            let x = args[0]
            return x.isFloat ? try IntMethods.truncate(x.float.rounded(.up)) : try rounded(x, .ceil) { $0.rounded(.up) }
        },
        Native("trunc(x, /)", "Truncates the Real x to the nearest Integral toward 0.\n\nUses the __trunc__ magic method.") { args throws(Raised) in
            let x = args[0]
            return x.isFloat ? try IntMethods.truncate(x.float) : try rounded(x, .trunc) { $0.rounded(.towardZero) }
        },
    ]

    private static func logarithm(_ value: Value, _ base: (Double) -> Double, _ perBit: Double) throws(Raised) -> Double {
        if isInteger(value), !value.isInlineInt, bitLength(value) > 1000, !isNegative(value) {
            // Scaled into the range of a double.
            let shift = bitLength(value) - 500
            let top = try intBinary(9, plainInt(value), Value(shift)) ?? .none
            return base(doubleValue(top)) + Double(shift) * perBit
        }
        if isInteger(value), !value.isInlineInt, isNegative(value) { throw valueError("math domain error") }
        let x = try FloatMethods.real(value)
        if x <= 0 { throw valueError("math domain error") }
        return base(x)
    }

    private static let special: [Native] = [
        Native("log(x, base=?, /)", "Return the logarithm of x to the given base.") { args throws(Raised) in
            let numerator = try logarithm(args[0], { log($0) }, M_LN2)
            guard args.has(1) else { return Value(numerator) }
            let denominator = try logarithm(args[1], { log($0) }, M_LN2)
            guard denominator != 0 else { throw raise(.zeroDivisionError, "division by zero") }
            return Value(numerator / denominator)
        },
        Native("log2(x, /)", "Return the base 2 logarithm of x.") { args throws(Raised) in
            Value(try logarithm(args[0], { log2($0) }, 1))
        },
        Native("log10(x, /)", "Return the base 10 logarithm of x.") { args throws(Raised) in
            Value(try logarithm(args[0], { log10($0) }, 0.301029995663981195))
        },
        Native("pow(x, y, /)", "Return x**y (x to the power of y).") { args throws(Raised) in
            let (x, y) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]))
            let result = pow(x, y)
            if result.isNaN, !x.isNaN, !y.isNaN { throw valueError("math domain error") }
            if result.isInfinite, x.isFinite, y.isFinite {
                if x == 0 { throw valueError("math domain error") }
                throw raise(.overflowError, "math range error")
            }
            return Value(result)
        },
        Native("fmod(x, y, /)", "Return fmod(x, y), according to platform C.") { args throws(Raised) in
            let (x, y) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]))
            let result = fmod(x, y)
            if result.isNaN, !x.isNaN, !y.isNaN { throw valueError("math domain error") }
            return Value(result)
        },
        Native("remainder(x, y, /)", "Difference between x and the closest integer multiple of y.") { args throws(Raised) in
            let (x, y) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]))
            let result = remainder(x, y)
            if result.isNaN, !x.isNaN, !y.isNaN { throw valueError("math domain error") }
            return Value(result)
        },
        Native("atan2(y, x, /)", "Return the arc tangent (measured in radians) of y/x.") { args throws(Raised) in
            Value(atan2(try FloatMethods.real(args[0]), try FloatMethods.real(args[1])))
        },
        Native("copysign(x, y, /)", "Return a float with the magnitude of x but the sign of y.") { args throws(Raised) in
            Value(copysign(try FloatMethods.real(args[0]), try FloatMethods.real(args[1])))
        },
        Native("hypot(*coordinates)", "Multidimensional Euclidean distance from the origin to a point.") { args throws(Raised) in
            Value(try norm(args[0].object(Tuple.self)))
        },
        Native("dist(p, q, /)", "Return the Euclidean distance between two points p and q.") { args throws(Raised) in
            let (p, q) = (
                args[0].isKind(.tuple) ? args[0].object(Tuple.self) : try makeTuple(args[0]),
                args[1].isKind(.tuple) ? args[1].object(Tuple.self) : try makeTuple(args[1]))
            guard p.count == q.count else { throw valueError("both points must have the same number of dimensions") }
            let differences = Tuple.allocate(p.count)
            for index in 0 ..< p.count { differences.items[index] = Value(try FloatMethods.real(p.items[index]) - FloatMethods.real(q.items[index])) }
            return Value(try norm(differences))
        },
        Native("frexp(x, /)", "Return the mantissa and exponent of x, as pair (m, e).") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            if !x.isFinite || x == 0 { return Value(Tuple.make(Value(x), Value(0))) }
            var exponent: Int32 = 0
            let mantissa = frexp(x, &exponent)
            return Value(Tuple.make(Value(mantissa), Value(Int(exponent))))
        },
        Native("ldexp(x, i, /)", "Return x * (2**i).") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            guard isInteger(args[1]) || args[1].cls.has(.index) else { throw typeError("Expected an int as second argument to ldexp.") }
            let exponent = machineInt(try indexValue(args[1])) ?? (isNegative(args[1]) ? -100_000 : 100_000)
            let result = scalbn(x, Int32(max(-100_000, min(100_000, exponent))))
            if result.isInfinite, x.isFinite { throw raise(.overflowError, "math range error") }
            return Value(result)
        },
        Native("modf(x, /)", "Return the fractional and integer parts of x.") { args throws(Raised) in
            let x = try FloatMethods.real(args[0])
            if x.isInfinite { return Value(Tuple.make(Value(copysign(0, x)), Value(x))) }
            let whole = x.rounded(.towardZero)
            return Value(Tuple.make(Value(copysign(x - whole, x)), Value(copysign(whole, x))))
        },
        Native("fma(x, y, z, /)", "Fused multiply-add operation.") { args throws(Raised) in
            let (x, y, z) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]), try FloatMethods.real(args[2]))
            let result = fma(x, y, z)
            if result.isNaN, !x.isNaN, !y.isNaN, !z.isNaN { throw valueError("invalid operation in fma") }
            if result.isInfinite, x.isFinite, y.isFinite, z.isFinite { throw raise(.overflowError, "overflow in fma") }
            return Value(result)
        },
        Native("isfinite(x, /)", "Return True if x is neither an infinity nor a NaN, and False otherwise.") { args throws(Raised) in Value(try FloatMethods.real(args[0]).isFinite) },
        Native("isinf(x, /)", "Return True if x is a positive or negative infinity, and False otherwise.") { args throws(Raised) in Value(try FloatMethods.real(args[0]).isInfinite) },
        Native("isnan(x, /)", "Return True if x is a NaN (not a number), and False otherwise.") { args throws(Raised) in Value(try FloatMethods.real(args[0]).isNaN) },
        Native("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", "Determine whether two floating-point numbers are close in value.") { args throws(Raised) in
            let (a, b, relative, absolute) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]), try FloatMethods.real(args[2]), try FloatMethods.real(args[3]))
            guard relative >= 0, absolute >= 0 else { throw valueError("tolerances must be non-negative") }
            if a == b { return .true }
            if a.isInfinite || b.isInfinite { return .false }
            let difference = abs(b - a)
            return Value(difference <= abs(relative * b) || difference <= abs(relative * a) || difference <= absolute)
        },
        Native("nextafter(x, y, /, *, steps=None)", "Return the floating-point value the given number of steps after x towards y.") { args throws(Raised) in
            var x = try FloatMethods.real(args[0])
            let y = try FloatMethods.real(args[1])
            var steps = args[2].isNone ? 1 : try index(args[2])
            guard steps >= 0 else { throw valueError("steps must be a non-negative integer") }
            if steps == 0 { return Value(x) }
            if x == y { return Value(y) }
            while steps > 0, x != y, !x.isNaN {
                x = nextafter(x, y)
                steps -= 1
            }
            return Value(y.isNaN ? y : x)
        },
        Native("ulp(x, /)", "Return the value of the least significant bit of the float x.") { args throws(Raised) in
            let x = abs(try FloatMethods.real(args[0]))
            return Value(x.isFinite ? x.ulp : x)
        },
        Native("fsum(seq, /)", "Return an accurate floating-point sum of values in the iterable seq.") { args throws(Raised) in
            var partials: [Double] = []
            partials.reserveCapacity(16)
            var special = 0.0, infinities = 0.0
            try forEach(args[0]) { value throws(Raised) in
                var x = try FloatMethods.real(value)
                guard x.isFinite else {
                    special += x
                    if x.isInfinite { infinities += x }
                    return true
                }
                var kept = 0
                for index in 0 ..< partials.count {
                    var y = partials[index]
                    if abs(x) < abs(y) { swap(&x, &y) }
                    let high = x + y
                    let low = y - (high - x)
                    if low != 0 {
                        partials[kept] = low
                        kept += 1
                    }
                    x = high
                }
                if x.isInfinite { throw raise(.overflowError, "intermediate overflow in fsum") }
                partials.removeLast(partials.count - kept)
                partials.append(x)
                return true
            }
            if special != 0 || special.isNaN {
                if infinities.isNaN { throw valueError("-inf + inf in fsum") }
                return Value(special)
            }
            return Value(roundedSum(partials))
        },
        Native("sumprod(p, q, /)", "Return the sum of products of values from two iterables p and q.") { args throws(Raised) in
            let (p, q) = (try iterator(args[0]), try iterator(args[1]))
            var sum = ProductSum()
            while true {
                let (x, y) = (try next(p), try next(q))
                guard x.isAbsent == y.isAbsent else { throw valueError("Inputs are not the same length") }
                if x.isAbsent { return try sum.total() }
                try sum.add(x, y)
            }
        },
    ]

    /// The sum of non-overlapping partials, correctly rounded (half to even).
    private static func roundedSum(_ partials: [Double]) -> Double {
        var rest = partials[...]
        guard var high = rest.popLast() else { return 0 }
        var low = 0.0
        while let y = rest.popLast() {
            let x = high
            high = x + y
            low = y - (high - x)
            if low != 0 { break }
        }
        if let next = rest.last, low < 0 && next < 0 || low > 0 && next > 0 {
            let y = low * 2
            let x = high + y
            if y == x - high { high = x }
        }
        return high
    }

    private static func norm(_ values: TupleRef) throws(Raised) -> Double {
        var largest = 0.0
        var hasNaN = false
        var numbers: [Double] = []
        numbers.reserveCapacity(values.count)
        for index in 0 ..< values.count {
            let x = abs(try FloatMethods.real(values.items[index]))
            if x.isNaN { hasNaN = true }
            largest = max(largest, x)
            numbers.append(x)
        }
        if largest.isInfinite { return .infinity }
        if hasNaN { return .nan }
        if largest == 0 { return 0 }
        if numbers.count == 1 { return largest }
        if largest < .leastNormalMagnitude {
            // Too small to be scaled by a power of two at once.
            return .leastNormalMagnitude * norm(numbers.map { $0 / .leastNormalMagnitude }, largest / .leastNormalMagnitude)
        }
        return norm(numbers, largest)
    }

    /// The root of the sum of squares, with what rounding loses added up, and one step of correction.
    private static func norm(_ numbers: [Double], _ largest: Double) -> Double {
        let scale = Double(sign: .plus, exponent: -Int(largest.exponent) - 1, significand: 1)
        var sum = 1.0, squares = 0.0, carries = 0.0
        func add(_ x: Double, _ y: Double) {
            let product = x * y
            squares += (-product).addingProduct(x, y)
            let total = sum + product
            carries += (sum - total) + product
            sum = total
        }
        for number in numbers { add(number * scale, number * scale) }
        var root = (sum - 1 + (squares + carries)).squareRoot()
        add(-root, root)
        root += (sum - 1 + (squares + carries)) / (2 * root)
        return root / scale
    }

    private static let integers: [Native] = [
        Native("factorial(n, /)", "Find n!.") { args throws(Raised) in
            if args[0].isFloat { throw typeError("'float' object cannot be interpreted as an integer") }
            let n = try indexValue(args[0])
            if isNegative(n) { throw valueError("factorial() not defined for negative values") }
            guard let count = machineInt(n), count < 1 << 31 else { throw raise(.overflowError, "factorial() argument should not exceed 9223372036854775807") }
            return try product(1, count)
        },
        Native("gcd(*integers)", "Greatest Common Divisor.") { args throws(Raised) in
            var result = Value(inline: 0)
            let values = args[0].object(Tuple.self)
            if values.count == 2, values.items[0].isInlineInt, values.items[1].isInlineInt {
                return Value(gcd(values.items[0].inlineInt, values.items[1].inlineInt))
            }
            for index in 0 ..< values.count { result = try gcd(result, plainInt(try indexValue(values.items[index]))) }
            return result
        },
        Native("lcm(*integers)", "Least Common Multiple.") { args throws(Raised) in
            var result = Value(inline: 1)
            let values = args[0].object(Tuple.self)
            if values.count == 2, values.items[0].isInlineInt, values.items[1].isInlineInt {
                let (a, b) = (abs(values.items[0].inlineInt), abs(values.items[1].inlineInt))
                let (product, overflows) = a.multipliedReportingOverflow(by: b == 0 ? 0 : b / max(gcd(a, b), 1))
                if !overflows { return Value(product) }
            }
            for index in 0 ..< values.count {
                let value = plainInt(try indexValue(values.items[index]))
                if isZero(value) {
                    result = Value(inline: 0)
                    continue
                }
                if isZero(result) { continue }
                let divisor = try gcd(result, value)
                result = try intBinary(2, try intBinary(5, result, divisor) ?? .none, value) ?? .none
                if isNegative(result) { result = negateInt(result) }
            }
            return result
        },
        Native("isqrt(n, /)", "Return the integer part of the square root of the input.") { args throws(Raised) in
            let n = plainInt(try indexValue(args[0]))
            if isNegative(n) { throw valueError("isqrt() argument must be nonnegative") }
            if isZero(n) { return n }
            if let small = machineInt(n), small < 1 << 62 {
                // The double's root is off by one at most.
                var root = Int(Double(small).squareRoot())
                while root * root > small { root -= 1 }
                while (root + 1) * (root + 1) <= small { root += 1 }
                return Value(root)
            }
            // Newton's iteration from above.
            var x = try intBinary(8, Value(inline: 1), Value((bitLength(n) + 1) / 2)) ?? .none
            while true {
                let sum = try intBinary(0, x, try intBinary(5, n, x) ?? .none) ?? .none
                let y = try intBinary(9, sum, Value(inline: 1)) ?? .none
                if compareInts(y, x) >= 0 { return x }
                x = y
            }
        },
        Native("comb(n, k, /)", "Number of ways to choose k items from n items without repetition and without order.") { args throws(Raised) in
            let n = plainInt(try indexValue(args[0]))
            let k = plainInt(try indexValue(args[1]))
            if isNegative(n) { throw valueError("n must be a non-negative integer") }
            if isNegative(k) { throw valueError("k must be a non-negative integer") }
            let rest = try intBinary(1, n, k) ?? .none
            if isNegative(rest) { return Value(inline: 0) }
            let smaller = compareInts(k, rest) < 0 ? k : rest
            guard let count = machineInt(smaller) else { throw raise(.overflowError, "min(n - k, k) must not exceed 9223372036854775807") }
            var result = Value(inline: 1)
            var index = 0
            if let machine = machineInt(n) {
                // As far as a machine integer goes.
                var product = 1
                while index < count {
                    let (next, overflows) = product.multipliedReportingOverflow(by: machine - index)
                    if overflows { break }
                    product = next / (index + 1)
                    index += 1
                }
                result = Value(product)
            }
            while index < count {
                result = try intBinary(2, result, try intBinary(1, n, Value(index)) ?? .none) ?? .none
                result = try intBinary(5, result, Value(index + 1)) ?? .none
                index += 1
            }
            return result
        },
        Native("perm(n, k=None, /)", "Number of ways to choose k items from n items without repetition and with order.") { args throws(Raised) in
            let n = plainInt(try indexValue(args[0]))
            if isNegative(n) { throw valueError("n must be a non-negative integer") }
            let k = args[1].isNone ? n : plainInt(try indexValue(args[1]))
            if isNegative(k) { throw valueError("k must be a non-negative integer") }
            if compareInts(k, n) > 0 { return Value(inline: 0) }
            guard let count = machineInt(k) else { throw raise(.overflowError, "k must not exceed 9223372036854775807") }
            var result = Value(inline: 1)
            for index in 0 ..< count { result = try intBinary(2, result, try intBinary(1, n, Value(index)) ?? .none) ?? .none }
            return result
        },
        Native("prod(iterable, /, *, start=1)", "Calculate the product of all the elements in the input iterable.") { args throws(Raised) in
            var result = args[1]
            try forEach(args[0]) { value throws(Raised) in
                result = try binary(2, result, value)
                return true
            }
            return result
        },
    ]

    /// low · … · high, in halves, so that factors stay of like size.
    private static func product(_ low: Int, _ high: Int) throws(Raised) -> Value {
        if low > high { return Value(inline: 1) }
        // 20! is the last one that a machine integer holds.
        if high <= 20 { return Value((low ... high).reduce(1, *)) }
        if high - low < 8 {
            var result = Value(low)
            for factor in low + 1 ..< high + 1 where low < high { result = try intBinary(2, result, Value(factor)) ?? .none }
            return result
        }
        let middle = (low + high) / 2
        return try intBinary(2, try product(low, middle), try product(middle + 1, high)) ?? .none
    }

    /// Of integers far from the limits of a machine integer.
    private static func gcd(_ a: Int, _ b: Int) -> Int {
        var (x, y) = (abs(a), abs(b))
        while y != 0 { (x, y) = (y, x % y) }
        return x
    }

    static func gcd(_ a: Value, _ b: Value) throws(Raised) -> Value {
        if a.isInlineInt, b.isInlineInt { return Value(gcd(a.inlineInt, b.inlineInt)) }
        var (x, y) = (isNegative(a) ? negateInt(a) : a, isNegative(b) ? negateInt(b) : b)
        while !isZero(y) { (x, y) = (y, try intBinary(6, x, y) ?? .none) }
        return x
    }
}
