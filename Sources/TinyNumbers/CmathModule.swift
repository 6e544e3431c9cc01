// `cmath`: the C library's complex functions.
//
// Their special values (infinities, NaN, signed zeros) are those of C99's Annex G, as in CPython. Where finite operands
// give something infinite that is an overflow, or a domain error for the logarithm's pole.
import CTiny
import Glibc
import TinyRuntime

enum CmathModule {
    static let nativeModule = NativeModule(
        "cmath", doc: "This module provides access to mathematical functions for complex numbers.",
        functions: { functions },
        prepare: { contents throws(Raised) in
            contents.set("pi", Value(Double.pi))
            contents.set("e", Value(M_E))
            contents.set("tau", Value(2 * Double.pi))
            contents.set("inf", Value(Double.infinity))
            contents.set("nan", Value(Double.nan))
            contents.set("infj", ComplexObject.make(0, .infinity))
            contents.set("nanj", ComplexObject.make(0, .nan))
        })

    private static func number(_ value: Value) throws(Raised) -> (Double, Double) {
        if value.isFloat { return (value.float, 0) }
        if value.isKind(.complex) {
            let complex = value.object(ComplexObject.self).pointee
            return (complex.real, complex.imaginary)
        }
        let method = value.cls.special(.complex)
        if !method.isAbsent {
            let result = try callUnbound(method, value)
            guard result.isKind(.complex) else {
                throw typeError("\(typeName(value)).__complex__() must return a complex, not \(typeName(result))")
            }
            return (result.object(ComplexObject.self).pointee.real, result.object(ComplexObject.self).pointee.imaginary)
        }
        return (try FloatMethods.real(value), 0)
    }

    private static func apply(_ function: Int32, _ z: (Double, Double)) -> (Double, Double) {
        var (real, imaginary) = z
        tiny_complex(function, &real, &imaginary)
        return (real, imaginary)
    }

    private static func isFinite(_ z: (Double, Double)) -> Bool { z.0.isFinite && z.1.isFinite }
    private static func isNaN(_ z: (Double, Double)) -> Bool { z.0.isNaN || z.1.isNaN }

    /// A result, or the error that the operand and it stand for.
    private static func checked(_ z: (Double, Double), _ result: (Double, Double), _ function: Int32) throws(Raised) -> Value {
        if isFinite(z), !isFinite(result) {
            if function == 5 { throw valueError("math domain error") }
            if isNaN(result) && !result.0.isInfinite && !result.1.isInfinite { throw valueError("math domain error") }
            // atan has poles at 1j and -1j.
            if function == 4 { throw valueError("math domain error") }
            throw raise(.overflowError, "math range error")
        }
        // The sine of infinity and its like.
        if isNaN(result), !isNaN(z), function == 6 || function == 7 || function == 8 || function == 10 || function == 11 || function == 13 || function == 14 {
            let angle = function == 6 || function == 10 || function == 13 ? z.0 : z.1
            if angle.isInfinite, !(result.0.isInfinite || result.1.isInfinite) || isFinite((function == 6 || function == 10 || function == 13 ? z.1 : z.0, 0)) {
                throw valueError("math domain error")
            }
        }
        return ComplexObject.make(result.0, result.1)
    }

    /// Whether exp, cosh, sinh, cos or sin of z would have an infinite angle.
    private static func turnsForEver(_ function: Int32, _ z: (Double, Double)) -> Bool {
        switch function {
        case 6, 10: z.0.isInfinite && !z.1.isNaN
        case 7, 11: z.1.isInfinite && !z.0.isNaN
        case 8: z.1.isInfinite && !z.0.isNaN && z.0 != -.infinity
        default: false
        }
    }

    private static func one(_ signature: StaticString, _ function: Int32) -> Native {
        Native(signature, "See the C library's complex function of this name.") { args throws(Raised) in
            let z = try number(args[0])
            if turnsForEver(function, z) { throw valueError("math domain error") }
            if function == 5, z.1 == 0, abs(z.0) == 1 { throw valueError("math domain error") }
            // The C library lets a zero stand beside an angle that is none.
            if function == 14 && z.0 == 0 && z.1.isNaN || function == 13 && z.1 == 0 && z.0.isNaN { return ComplexObject.make(.nan, .nan) }
            return try checked(z, apply(function, z), function)
        }
    }

    private static func logarithm(_ z: (Double, Double)) throws(Raised) -> (Double, Double) {
        if z.0 == 0, z.1 == 0 { throw valueError("math domain error") }
        return apply(9, z)
    }

    private static func test(_ signature: StaticString, _ doc: StaticString, _ body: @escaping @Sendable ((Double, Double)) -> Bool) -> Native {
        Native(signature, doc) { args throws(Raised) in Value(body(try number(args[0]))) }
    }

    private static let functions: [Native] = [
        one("acos(z, /)", 0), one("acosh(z, /)", 1), one("asin(z, /)", 2), one("asinh(z, /)", 3), one("atan(z, /)", 4),
        one("atanh(z, /)", 5), one("cos(z, /)", 6), one("cosh(z, /)", 7), one("exp(z, /)", 8), one("sin(z, /)", 10),
        one("sinh(z, /)", 11), one("sqrt(z, /)", 12), one("tan(z, /)", 13), one("tanh(z, /)", 14),
        Native("log(z, base=?, /)", "log(z[, base]) -> the logarithm of z to the given base.") { args throws(Raised) in
            let z = try logarithm(try number(args[0]))
            guard args.has(1) else { return ComplexObject.make(z.0, z.1) }
            let base = try logarithm(try number(args[1]))
            return try numberOperation(4, ComplexObject.make(z.0, z.1), ComplexObject.make(base.0, base.1)) ?? .none
        },
        Native("log10(z, /)", "Return the base-10 logarithm of z.") { args throws(Raised) in
            let z = try logarithm(try number(args[0]))
            return ComplexObject.make(z.0 / M_LN10, z.1 / M_LN10)
        },
        Native("phase(z, /)", "Return argument, also known as the phase angle, of a complex.") { args throws(Raised) in
            let z = try number(args[0])
            return Value(atan2(z.1, z.0))
        },
        Native("polar(z, /)", "Convert a complex from rectangular coordinates to polar coordinates.") { args throws(Raised) in
            let z = try number(args[0])
            let radius = hypot(z.0, z.1)
            if radius.isInfinite, isFinite(z) { throw raise(.overflowError, "math range error") }
            return Value(Tuple.make(Value(radius), Value(atan2(z.1, z.0))))
        },
        Native("rect(r, phi, /)", "Convert from polar coordinates to rectangular coordinates.") { args throws(Raised) in
            let (radius, angle) = (try FloatMethods.real(args[0]), try FloatMethods.real(args[1]))
            if angle.isInfinite, radius != 0, !radius.isNaN { throw valueError("math domain error") }
            if radius == 0 { return ComplexObject.make(radius, angle.isFinite && angle != 0 ? radius * sin(angle) : angle == 0 ? radius * angle : 0) }
            if radius.isInfinite, angle.isFinite {
                return ComplexObject.make(
                    Double(signOf: cos(angle), magnitudeOf: .infinity) * (radius < 0 ? -1 : 1),
                    (angle == 0 ? angle : Double(signOf: sin(angle), magnitudeOf: .infinity)) * (radius < 0 ? -1 : 1))
            }
            if radius.isInfinite, angle.isNaN { return ComplexObject.make(.infinity, .nan) }
            if radius.isNaN, angle == 0 { return ComplexObject.make(.nan, 0) }
            return ComplexObject.make(radius * cos(angle), angle == 0 ? radius * angle : radius * sin(angle))
        },
        test("isfinite(z, /)", "Return True if both the real and imaginary parts of z are finite, else False.") { isFinite($0) },
        test("isinf(z, /)", "Checks if the real or imaginary part of z is infinite.") { $0.0.isInfinite || $0.1.isInfinite },
        test("isnan(z, /)", "Checks if the real or imaginary part of z not a number (NaN).") { isNaN($0) },
        Native("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", "Determine whether two complex numbers are close in value.") { args throws(Raised) in
            let (a, b) = (try number(args[0]), try number(args[1]))
            let (relative, absolute) = (try FloatMethods.real(args[2]), try FloatMethods.real(args[3]))
            guard relative >= 0, absolute >= 0 else { throw valueError("tolerances must be non-negative") }
            if a.0 == b.0, a.1 == b.1 { return .true }
            if a.0.isInfinite || a.1.isInfinite || b.0.isInfinite || b.1.isInfinite { return .false }
            let difference = hypot(a.0 - b.0, a.1 - b.1)
            return Value(
                difference <= relative * hypot(b.0, b.1) || difference <= relative * hypot(a.0, a.1) || difference <= absolute)
        },
    ]
}
