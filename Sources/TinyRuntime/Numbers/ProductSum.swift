// The sum of products behind `math.sumprod`: exact for machine integers, rounded once for floats, and what the operators
// say for everything else.
//
// Pairs of ints are added up in a machine word until that overflows, pairs of floats (or a float and an int) in three
// doubles that keep what rounding loses (T. Ogita, S. Rump and S. Oishi, "Accurate sum and dot product", algorithm 5.10). A
// way that met something it can't take hands its sum over to the general one and is not taken again, so the order of
// additions is that of the pairs.

/// Sums up products pair by pair, each kind of number as exactly as it can be.
public struct ProductSum {
    private var sum = Value(inline: 0)
    private var takesIntegers = true
    private var integers = 0
    private var hasIntegers = false
    private var takesFloats = true
    private var floats = TripleDouble()
    private var hasFloats = false

    /// The sum of nothing: 0.
    public init() {}

    /// Adds `x * y`. Throws what the operators of other types than int and float raise.
    public mutating func add(_ x: Value, _ y: Value) throws(Raised) {
        if takesIntegers {
            if let a = ProductSum.machineInteger(x), let b = ProductSum.machineInteger(y) {
                let (product, tooLarge) = a.multipliedReportingOverflow(by: b)
                let (next, overflows) = integers.addingReportingOverflow(product)
                if !tooLarge, !overflows {
                    integers = next
                    hasIntegers = true
                    return
                }
            }
            try endIntegers()
        }
        if takesFloats {
            if let (a, b) = ProductSum.floats(x, y) {
                let next = floats.adding(a, b)
                if next.high.isFinite {
                    floats = next
                    hasFloats = true
                    return
                }
            }
            try endFloats()
        }
        sum = try binary(0, sum, try binary(2, x, y))
    }

    /// The sum so far: an int, a float, or what the operators made of it. Throws as `add` does.
    public mutating func total() throws(Raised) -> Value {
        try endIntegers()
        try endFloats()
        return sum
    }

    private mutating func endIntegers() throws(Raised) {
        takesIntegers = false
        if hasIntegers { sum = try binary(0, sum, Value(integers)) }
        hasIntegers = false
        integers = 0
    }

    private mutating func endFloats() throws(Raised) {
        takesFloats = false
        if hasFloats { sum = try binary(0, sum, Value(floats.rounded)) }
        hasFloats = false
        floats = TripleDouble()
    }

    /// An int (no bool, no subclass) that fits a machine word.
    private static func machineInteger(_ value: Value) -> Int? {
        if value.isInlineInt { return value.inlineInt }
        return value.isExactly(.int) ? machineInt(value) : nil
    }

    /// Two floats, or a float and an int or bool that has a double.
    private static func floats(_ x: Value, _ y: Value) -> (Double, Double)? {
        func number(_ value: Value) -> Double? {
            if value.isFloat { return value.float }
            guard value.isInlineInt || value.isBool || value.isExactly(.int) else { return nil }
            let double = doubleValue(value)
            return double.isInfinite ? nil : double
        }
        guard x.isFloat || y.isFloat, let a = number(x), let b = number(y) else { return nil }
        return (a, b)
    }
}

/// Three doubles that do not overlap, for a sum that is rounded at the end.
private struct TripleDouble {
    var high = 0.0
    var low = 0.0
    var tiny = 0.0

    /// self + a * b
    func adding(_ a: Double, _ b: Double) -> TripleDouble {
        let product = a * b
        let productRest = (-product).addingProduct(a, b)
        let top = TripleDouble.sum(high, product)
        let middle = TripleDouble.sum(low, productRest)
        let lower = TripleDouble.sum(middle.high, top.low)
        return TripleDouble(high: top.high, low: lower.high, tiny: tiny + middle.low + lower.low)
    }

    var rounded: Double {
        TripleDouble.sum(high, TripleDouble.sum(low, tiny).high).high
    }

    /// a + b and what rounding lost.
    private static func sum(_ a: Double, _ b: Double) -> (high: Double, low: Double) {
        let total = a + b
        let part = total - a
        return (total, (a - (total - part)) + (b - part))
    }
}
