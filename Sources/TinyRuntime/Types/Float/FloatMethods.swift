// float: methods and operators.
import CTiny
import Glibc

private func isReal(_ value: Value) -> Bool { floatOf(value) != nil || isInteger(value) }

/// The class float, and how other modules read float arguments.
public enum FloatMethods {
    static let nativeClass = NativeClass(
        "float", kind: .float, doc: "Convert a string or number to a floating-point number, if possible.",
        flags: [.isBase, .matchSelf], methods: operators + methods, attributes: [
            Accessors("real", "the real part of a complex number") { Value(double($0)) }, Accessors("imag", "the imaginary part of a complex number") { _ in Value(0.0) },
        ], construct: construct)

    private static func double(_ value: Value) -> Double { floatOf(value) ?? 0 }

    private static let operators: [Native] =
        operatorPair("__add__(self, value, /)", "__radd__(self, value, /)", 0, isReal)
        + operatorPair("__sub__(self, value, /)", "__rsub__(self, value, /)", 1, isReal)
        + operatorPair("__mul__(self, value, /)", "__rmul__(self, value, /)", 2, isReal)
        + operatorPair("__truediv__(self, value, /)", "__rtruediv__(self, value, /)", 4, isReal)
        + operatorPair("__floordiv__(self, value, /)", "__rfloordiv__(self, value, /)", 5, isReal)
        + operatorPair("__mod__(self, value, /)", "__rmod__(self, value, /)", 6, isReal)
        + comparisons(isReal)
        + [
            Native("__pow__(self, value, mod=None, /)", "Return pow(self, value, mod).") { args throws(Raised) in
                guard isReal(args[1]) else { return .notImplemented }
                if !args[2].isNone { throw typeError("pow() 3rd argument not allowed unless all arguments are integers") }
                return try numberOperation(7, args[0], args[1]) ?? .notImplemented
            },
            Native("__rpow__(self, value, mod=None, /)", "Return pow(value, self, mod).") { args throws(Raised) in
                guard isReal(args[1]) else { return .notImplemented }
                guard args[2].isNone else {
                    throw typeError("pow() 3rd argument not allowed unless all arguments are integers")
                }
                return try numberOperation(7, args[1], args[0]) ?? .notImplemented
            },
            Native("__divmod__(self, value, /)", "Return divmod(self, value).") { args throws(Raised) in
                try divmod(args[0], args[1])
            },
            Native("__rdivmod__(self, value, /)", "Return divmod(value, self).") { args throws(Raised) in
                try divmod(args[1], args[0])
            },
            Native("__neg__(self, /)", "-self") { args throws(Raised) in Value(-double(args[0])) },
            Native("__pos__(self, /)", "+self") { args throws(Raised) in Value(double(args[0])) },
            Native("__abs__(self, /)", "abs(self)") { args throws(Raised) in Value(abs(double(args[0]))) },
            Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in Value(double(args[0]) != 0) },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                Value(hashDouble(double(args[0]), args[0]))
            },
        ]

    private static func divmod(_ a: Value, _ b: Value) throws(Raised) -> Value {
        guard isReal(a), isReal(b), let x = try realOf(a), let y = try realOf(b) else { return .notImplemented }
        guard y != 0 else { throw raise(.zeroDivisionError, "float divmod()") }
        let result = floatDivmod(x, y)
        return Value(Tuple.make(Value(result.quotient), Value(result.remainder)))
    }

    private static let methods: [Native] = [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in Value(Str.make(double(args[0]))) },
        Native("__int__(self, /)", "int(self)") { args throws(Raised) in try IntMethods.truncate(double(args[0])) },
        Native("__float__(self, /)", "float(self)") { args throws(Raised) in Value(double(args[0])) },
        Native("__trunc__(self, /)", "Return the Integral closest to x between 0 and x.") { args throws(Raised) in
            try IntMethods.truncate(double(args[0]))
        },
        Native("__floor__(self, /)", "Return the floor as an Integral.") { args throws(Raised) in
            try IntMethods.truncate(double(args[0]).rounded(.down))
        },
        Native("__ceil__(self, /)", "Return the ceiling as an Integral.") { args throws(Raised) in
            try IntMethods.truncate(double(args[0]).rounded(.up))
        },
        Native("__round__(self, ndigits=None, /)", "Return the Integral closest to x, rounding half toward even.") { args throws(Raised) in
            let x = double(args[0])
            if args[1].isNone { return try IntMethods.truncate(x.rounded(.toNearestOrEven)) }
            let digits = try indexValue(args[1])
            return try round(x, machineInt(digits) ?? (isNegative(digits) ? -100_000 : 100_000))
        },
        Native("__format__(self, format_spec, /)", "Formats the float according to format_spec.") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("__format__() argument must be str, not \(typeName(args[1]))") }
            if args[1].object(Str.self).pointee.byteCount == 0 { return Value(try str(args[0])) }
            return Value(try formatFloat(double(args[0]), args[1].object(Str.self)))
        },
        Native("__getnewargs__(self, /)", "") { args throws(Raised) in Value(Tuple.make(Value(double(args[0])))) },
        Native("__getformat__(cls, typestr, /)", "", .classMethod) { args throws(Raised) in
            guard args[1].isKind(.str) else {
                throw typeError("__getformat__() argument must be str, not \(typeName(args[1]))")
            }
            guard args[1].object(Str.self).equals("double") || args[1].object(Str.self).equals("float") else {
                throw valueError("__getformat__() argument 1 must be 'double' or 'float'")
            }
            return Value(Str.make("IEEE, little-endian"))
        },
        Native("conjugate(self, /)", "Return self, the complex conjugate of any float.") { args throws(Raised) in Value(double(args[0])) },
        Native("is_integer(self, /)", "Return True if the float is an integer.") { args throws(Raised) in
            let x = double(args[0])
            return Value(x.isFinite && x == x.rounded(.towardZero))
        },
        Native("as_integer_ratio(self, /)", "Return a pair of integers, whose ratio is exactly equal to the original float.") { args throws(Raised) in
            try ratio(double(args[0]))
        },
        Native("hex(self, /)", "Return a hexadecimal representation of a floating-point number.") { args throws(Raised) in
            Value(hexText(double(args[0])))
        },
        Native("fromhex(cls, string, /)", "Create a floating-point number from a hexadecimal string.", .classMethod) { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("bad argument type for built-in operation") }
            let text = args[1].object(Str.self)
            let number: Double
            if let plain = plainHex(text.buffer) { number = plain } else { number = try parseHex(text.string) }
            let value = Value(number)
            return args[0].object(ClassObject.self).shapeID == ShapeID(Kind.float.rawValue) ? value : try callValue(args[0], value)
        },
    ]

    /// The powers of ten that are doubles.
    private static let powersOfTen: [Double] = (0 ... 22).map { Double(sign: .plus, exponent: $0, significand: 1) * pow(5, Double($0)) }

    /// `x` to so many decimal places where the multiple stays small: the integer nearest to x * 10^digits, a tie going to the even one,
    /// divided by 10^digits. The product's own rounding error, which fma(3) tells, decides near ties; the division rounds once.
    private static func quickRound(_ x: Double, _ digits: Int) -> Double? {
        guard powersOfTen.indices.contains(digits) else { return nil }
        let power = powersOfTen[digits]
        let product = x * power
        guard abs(product) < 0x1p51 else { return nil }
        let error = (-product).addingProduct(x, power)
        let floor = product.rounded(.down)
        let rest = product - floor
        let isUp = rest != 0.5 ? rest > 0.5 : error != 0 ? error > 0 : floor.truncatingRemainder(dividingBy: 2) != 0
        return copysign((isUp ? floor + 1 : floor) / power, x)
    }

    /// round(x, digits): through the correctly rounded decimal text.
    private static func round(_ x: Double, _ digits: Int) throws(Raised) -> Value {
        if !x.isFinite || x == 0 || digits > 323 { return Value(x) }
        if let rounded = quickRound(x, digits) { return Value(rounded) }
        if digits < -308 { return Value(x < 0 ? -0.0 : 0.0) }
        if digits >= 0 {
            let text = fixedText(x, digits)
            return Value(strtod(text, nil))
        }
        // Exact on the integer part: the fraction can only break a tie upward.
        let unit = pow(10, Double(-digits))
        let quotient = x / unit
        var rounded = quotient.rounded(.toNearestOrEven)
        let exact = try ratioCompare(x, unit, quotient)
        if let exact { rounded = exact }
        let result = rounded * unit
        if result.isInfinite { throw raise(.overflowError, "rounded value too large to represent") }
        return Value(result)
    }

    /// The right multiple where `x` lies near a tie, decided in integers; nil: the plain rounding is right.
    private static func ratioCompare(_ x: Double, _ unit: Double, _ quotient: Double) throws(Raised) -> Double? {
        let floor = quotient.rounded(.down)
        guard abs(quotient - floor - 0.5) < 1e-9, abs(x) < 1e22 else { return nil }
        let low = try intBinary(2, intValue(truncating: floor), intValue(truncating: unit)) ?? .none
        let twice = try intBinary(2, try intBinary(1, intValue(truncating: x.rounded(.down)), low) ?? .none, Value(inline: 2)) ?? .none
        let order = compareInts(twice, intValue(truncating: unit))
        let hasFraction = x != x.rounded(.down)
        if order < 0 && !hasFraction { return floor }
        if order > 0 || hasFraction { return floor + 1 }
        return floor.truncatingRemainder(dividingBy: 2) == 0 ? floor : floor + 1
    }

    /// `%.nf`, correctly rounded by the C library.
    private static func fixedText(_ x: Double, _ digits: Int) -> String {
        var buffer = [CChar](repeating: 0, count: 400 + digits)
        let count = tiny_format_double(&buffer, buffer.count, "%.*f", Int32(digits), x)
        return String(decoding: buffer.prefix(Int(max(0, count))).map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static func ratio(_ x: Double) throws(Raised) -> Value {
        if x.isNaN { throw valueError("cannot convert NaN to integer ratio") }
        if x.isInfinite { throw raise(.overflowError, "cannot convert Infinity to integer ratio") }
        var exponent: Int32 = 0
        var mantissa = frexp(x, &exponent)
        var shifts = 0
        while mantissa != mantissa.rounded(.down), shifts < 300 {
            mantissa *= 2
            exponent -= 1
            shifts += 1
        }
        let numerator = intValue(truncating: mantissa)
        let power = try intBinary(8, Value(inline: 1), Value(inline: Int(abs(exponent)))) ?? .none
        return exponent >= 0
            ? Value(Tuple.make(try intBinary(2, numerator, power) ?? .none, Value(inline: 1)))
            : Value(Tuple.make(numerator, power))
    }

    private static func hexText(_ x: Double) -> StrRef {
        if x.isNaN { return StrTables.intern("nan") }
        if x.isInfinite { return StrTables.intern(x < 0 ? "-inf" : "inf") }
        // At most a sign, "0x1.", 13 digits, "p-" and four digits.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32) { buffer in
            var count = 0
            func put(_ byte: UInt8) {
                buffer[count] = byte
                count += 1
            }
            if x.sign == .minus { put(0x2D) }
            put(0x30)
            put(0x78)
            put(x.isNormal ? 0x31 : 0x30)
            put(0x2E)
            var fraction = x.significandBitPattern
            if x == 0 { put(0x30) } else {
                for _ in 0 ..< 13 {
                    put(hexDigit(UInt32(truncatingIfNeeded: fraction >> 48) & 15))
                    fraction <<= 4
                }
            }
            put(0x70)
            let exponent = x.isNormal ? Int(x.exponentBitPattern) - 1023 : x == 0 ? 0 : -1022
            put(exponent < 0 ? 0x2D : 0x2B)
            let rest = exponent.magnitude
            for unit in [1000, 100, 10, 1] as [UInt] where rest >= unit || unit == 1 { put(0x30 + UInt8(truncatingIfNeeded: rest / unit % 10)) }
            return Str.make(UnsafeBufferPointer(rebasing: buffer[..<count]))
        }
    }

    /// What `hex()` writes and its like: `0x`, at most 15 hexadecimal digits with a point among them, and a short exponent. Nil: look closer.
    private static func plainHex(_ octets: Octets) -> Double? {
        var position = octets.first == 0x2D ? 1 : 0
        let isNegative = position == 1
        guard octets.count > position + 2, octets[position] == 0x30, octets[position + 1] == 0x78 else { return nil }
        position += 2
        var significand = 0, digits = 0, power = 0
        var hasPoint = false
        while position < octets.count {
            if octets[position] == 0x2E, !hasPoint {
                hasPoint = true
            } else {
                guard let digit = ASCII.hexValue(octets[position]) else { break }
                significand = significand << 4 | Int(digit)
                digits += 1
                if hasPoint { power -= 4 }
                // What is a double without rounding.
                if digits > 14, significand >> 53 != 0 { return nil }
            }
            position += 1
        }
        guard 1 ... 15 ~= digits, significand >> 53 == 0 else { return nil }
        if position < octets.count {
            guard octets[position] == 0x70, position + 1 < octets.count else { return nil }
            position += 1
            let isDown = octets[position] == 0x2D
            if isDown || octets[position] == 0x2B { position += 1 }
            guard 1 ... 3 ~= octets.count - position else { return nil }
            var exponent = 0
            while position < octets.count {
                guard ASCII.isDigit(octets[position]) else { return nil }
                exponent = exponent * 10 + Int(octets[position] - 0x30)
                position += 1
            }
            power += isDown ? -exponent : exponent
        }
        // Far from overflow and from what loses bits.
        guard -900 ... 900 ~= power else { return nil }
        let value = scalbn(Double(significand), Int32(power))
        return isNegative ? -value : value
    }

    private static func parseHex(_ source: String) throws(Raised) -> Double {
        func bad() -> Raised { valueError("invalid hexadecimal floating-point string") }
        var text = String(decoding: trimmed(Array(source.utf8)), as: UTF8.self).lowercased()
        if let special = specialDouble(text) { return special }
        var negative = false
        if text.hasPrefix("-") || text.hasPrefix("+") {
            negative = text.hasPrefix("-")
            text.removeFirst()
        }
        if text.hasPrefix("0x") { text.removeFirst(2) }
        let parts = text.split(separator: "p", maxSplits: 1, omittingEmptySubsequences: false)
        let mantissa = parts[0].split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        let digits = mantissa.joined()
        guard !digits.isEmpty, digits.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x66 }) else { throw bad() }
        if parts.count == 2 {
            let exponent = parts[1].drop { $0 == "-" || $0 == "+" }
            guard parts[1].utf8.count - exponent.utf8.count <= 1, !exponent.isEmpty,
                exponent.utf8.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
            else { throw bad() }
        }
        let power = parts.count == 2 ? Int(parts[1]) ?? (parts[1].hasPrefix("-") ? -(1 << 40) : 1 << 40) : 0
        let value = scaled(Array(digits.utf8), max(-(1 << 40), min(power, 1 << 40)) - 4 * (mantissa.count == 2 ? mantissa[1].utf8.count : 0))
        if value.isInfinite { throw raise(.overflowError, "hexadecimal value too large to represent as a float") }
        return negative ? -value : value
    }

    /// digits × 2^power, rounded once, to the nearest and to even in the middle; small letters.
    private static func scaled(_ digits: [UInt8], _ power: Int) -> Double {
        var significand: UInt64 = 0
        var exponent = power
        var isInexact = false
        for digit in digits {
            let value = UInt64(digit >= 0x61 ? digit - 0x57 : digit - 0x30)
            if significand >> 58 == 0 {
                significand = significand << 4 | value
            } else {
                exponent += 4
                isInexact = isInexact || value != 0
            }
        }
        guard significand != 0 else { return 0 }
        let top = exponent + 63 - significand.leadingZeroBitCount
        if top > 1023 { return .infinity }
        let lowest = max(top - 52, -1074)
        let dropped = lowest - exponent
        if dropped <= 0 { return scalbn(Double(significand), Int32(exponent)) }
        if dropped > 63 { return 0 }
        let half: UInt64 = 1 << UInt64(dropped - 1)
        let rest = significand & (half << 1 &- 1)
        var kept = significand >> UInt64(dropped)
        if rest > half || rest == half && (isInexact || kept & 1 == 1) { kept += 1 }
        return scalbn(Double(kept), Int32(lowest))
    }

    private static func specialDouble(_ text: String) -> Double? {
        switch text {
        case "inf", "infinity", "+inf", "+infinity": .infinity
        case "-inf", "-infinity": -.infinity
        case "nan", "+nan": .nan
        case "-nan": -.nan
        default: nil
        }
    }

    // MARK: Construction

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        try rejectKeywords(args, "float")
        let positional = args[1].object(Tuple.self)
        guard positional.count <= 1 else { throw typeError("float expected at most 1 argument, got \(positional.count)") }
        let double = positional.count == 0 ? 0 : try number(positional.items[0])
        let cls = args[0].object(ClassObject.self)
        return cls.shapeID == ShapeID(Kind.float.rawValue) ? Value(double) : instance(double, cls)
    }

    static func instance(_ double: Double, _ cls: ClassRef) -> Value {
        let object = allocateObject(MemoryLayout<FloatObject>.stride + 8, .float, cls.shapeID)
            .assumingMemoryBound(to: FloatObject.self)
        object.pointee.value = double
        beginExtra(Value(object))
        return Value(object)
    }

    /// A float argument. Throws TypeError for what is no real number.
    public static func real(_ value: Value) throws(Raised) -> Double {
        if value.isFloat { return value.float }
        if value.isInlineInt { return Double(value.inlineInt) }
        guard floatOf(value) != nil || isInteger(value) || value.cls.has(.float) || value.cls.has(.index) else {
            throw typeError("must be real number, not \(typeName(value))")
        }
        return try number(value)
    }

    /// `float(x)` of anything.
    public static func number(_ x: Value) throws(Raised) -> Double {
        if x.isFloat { return x.float }
        if x.isInlineInt { return Double(x.inlineInt) }
        let text: [UInt8]
        switch x.kind {
        case .str where x.isExactly(.str) || x.cls.special(.float).isAbsent:
            if let double = quickDouble(x.object(Str.self).buffer) { return double }
            text = decimalBytes(x.object(Str.self))
        case .bytes: text = Array(x.object(BytesObject.self).buffer)
        case .bytearray: text = Array(x.object(ByteArray.self).buffer)
        case .memoryview: text = Array(try BufferView(x).octets)
        default:
            let method = x.cls.special(.float)
            if !method.isAbsent {
                let result = try callUnbound(method, x)
                guard let double = floatOf(result) else {
                    throw typeError("\(typeName(x)).__float__ returned non-float (type \(typeName(result)))")
                }
                if !result.isFloat {
                    try warn(
                        .deprecationWarning,
                        "\(typeName(x)).__float__ returned non-float (type \(typeName(result))).  The ability to return an instance of a strict subclass of float is deprecated, and may not be supported in a future version of Python.")
                }
                return double
            }
            if x.cls.has(.index) { return try realOf(try indexValue(x)) ?? 0 }
            if let view = try BufferView.view(x) {
                text = Array(view.octets)
                break
            }
            throw typeError("float() argument must be a string or a real number, not '\(typeName(x))'")
        }
        guard let double = parse(text) else {
            throw valueError("could not convert string to float: \(try repr(x).string)")
        }
        return double
    }

    /// The double of a decimal text with optional blanks around it; nil if it is none.
    public static func parse(_ text: [UInt8]) -> Double? {
        var plain: [UInt8] = []
        var previous: UInt8 = 0
        for byte in trimmed(text) {
            if byte == 0x5F {
                guard previous >= 0x30, previous <= 0x39 else { return nil }
            } else {
                if previous == 0x5F, byte < 0x30 || byte > 0x39 { return nil }
                plain.append(byte)
            }
            previous = byte
        }
        guard previous != 0x5F, !plain.isEmpty else { return nil }
        let string = String(decoding: plain, as: UTF8.self)
        if let special = specialDouble(string.lowercased()) { return special }
        // Only what the language allows: Swift and C would take "0x1p3" and "nan(1)" too.
        guard plain.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 || $0 == 0x2B || $0 == 0x2D || $0 == 0x2E || $0 | 0x20 == 0x65 })
        else { return nil }
        var end: UnsafeMutablePointer<CChar>?
        return string.withCString { start in
            let value = strtod(start, &end)
            return end.map { UnsafePointer($0) == start + plain.count } == true ? value : nil
        }
    }
}

enum ComplexMethods {
    private static func parts(_ value: Value) -> (Double, Double) {
        let complex = value.object(ComplexObject.self).pointee
        return (complex.real, complex.imaginary)
    }

    private static func isNumber(_ value: Value) -> Bool { isReal(value) || value.isKind(.complex) }

    static let nativeClass = NativeClass(
        "complex", kind: .complex, doc: "Create a complex number from a string or numbers.", flags: .isBase,
        methods: operatorPair("__add__(self, value, /)", "__radd__(self, value, /)", 0, isNumber)
            + operatorPair("__sub__(self, value, /)", "__rsub__(self, value, /)", 1, isNumber)
            + operatorPair("__mul__(self, value, /)", "__rmul__(self, value, /)", 2, isNumber)
            + operatorPair("__truediv__(self, value, /)", "__rtruediv__(self, value, /)", 4, isNumber) + [
                Native("__pow__(self, value, mod=None, /)", "") { args throws(Raised) in
                    guard isNumber(args[1]) else { return .notImplemented }
                    if !args[2].isNone { throw valueError("complex modulo") }
                    return try numberOperation(7, args[0], args[1]) ?? .notImplemented
                },
                Native("__rpow__(self, value, mod=None, /)", "") { args throws(Raised) in
                    guard isNumber(args[1]) else { return .notImplemented }
                    return try numberOperation(7, args[1], args[0]) ?? .notImplemented
                },
                Native("__neg__(self, /)", "-self") { args throws(Raised) in ComplexObject.make(-parts(args[0]).0, -parts(args[0]).1) },
                Native("__pos__(self, /)", "+self") { args throws(Raised) in ComplexObject.make(parts(args[0]).0, parts(args[0]).1) },
                Native("__abs__(self, /)", "abs(self)") { args throws(Raised) in
                    let result = hypot(parts(args[0]).0, parts(args[0]).1)
                    if result.isInfinite, parts(args[0]).0.isFinite, parts(args[0]).1.isFinite {
                        throw raise(.overflowError, "absolute value too large")
                    }
                    return Value(result)
                },
                Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in
                    Value(parts(args[0]).0 != 0 || parts(args[0]).1 != 0)
                },
                Native("__eq__(self, value, /)", "Return self==value.") { args throws(Raised) in
                    try equality(args[0], args[1]).map { Value($0) } ?? .notImplemented
                },
                Native("__ne__(self, value, /)", "Return self!=value.") { args throws(Raised) in
                    try equality(args[0], args[1]).map { Value(!$0) } ?? .notImplemented
                },
                Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                    let value = hashDouble(parts(args[0]).0, args[0]) &+ 1_000_003 &* hashDouble(parts(args[0]).1, args[0])
                    return Value(value == -1 ? -2 : value)
                },
                Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                    Value(Str.make(text(parts(args[0]))))
                },
                Native("__complex__(self, /)", "Convert this value to exact type complex.") { args throws(Raised) in
                    ComplexObject.make(parts(args[0]).0, parts(args[0]).1)
                },
                Native("__format__(self, format_spec, /)", "Convert to a string according to format_spec.") { args throws(Raised) in
                    guard args[1].isKind(.str) else { throw typeError("__format__() argument must be str, not \(typeName(args[1]))") }
                    if args[1].object(Str.self).pointee.byteCount == 0 { return Value(try str(args[0])) }
                    return Value(try formatComplex(parts(args[0]).0, parts(args[0]).1, args[1].object(Str.self)))
                },
                Native("__getnewargs__(self, /)", "") { args throws(Raised) in
                    Value(Tuple.make(Value(parts(args[0]).0), Value(parts(args[0]).1)))
                },
                Native("conjugate(self, /)", "Return the complex conjugate of its argument.") { args throws(Raised) in
                    ComplexObject.make(parts(args[0]).0, -parts(args[0]).1)
                },
            ], attributes: [
                Accessors.member("real", "the real part of a complex number") { Value(parts($0).0) }, Accessors.member("imag", "the imaginary part of a complex number") { Value(parts($0).1) },
            ], construct: construct)

    private static func equality(_ a: Value, _ b: Value) throws(Raised) -> Bool? {
        let x = parts(a)
        if b.isKind(.complex) { return x.0 == parts(b).0 && x.1 == parts(b).1 }
        guard isReal(b) else { return nil }
        return x.1 == 0 && compareReals(Value(x.0), b) == 0
    }

    static func text(_ value: (Double, Double)) -> String {
        func part(_ double: Double) -> String {
            let text = floatText(double)
            return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
        }
        let imaginary = part(value.1) + "j"
        if value.0 == 0, value.0.sign == .plus { return imaginary }
        let joiner = imaginary.hasPrefix("-") || imaginary.hasPrefix("+") ? "" : "+"
        return "(\(part(value.0))\(joiner)\(imaginary))"
    }

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        let values = try bindNames(args, ["real", "imag"], required: 0, function: "complex")
        defer { values.deallocate() }
        let cls = args[0].object(ClassObject.self)
        if cls.shapeID == ShapeID(Kind.complex.rawValue), values[0].isExactly(.complex), values[1].isAbsent { return values[0] }
        let result = try number(values[0], values[1])
        if cls.shapeID == ShapeID(Kind.complex.rawValue) { return ComplexObject.make(result.0, result.1) }
        let object = allocateObject(MemoryLayout<ComplexObject>.stride + 8, .complex, cls.shapeID)
            .assumingMemoryBound(to: ComplexObject.self)
        object.pointee.real = result.0
        object.pointee.imaginary = result.1
        beginExtra(Value(object))
        return Value(object)
    }

    private static func number(_ real: Value, _ imaginary: Value) throws(Raised) -> (Double, Double) {
        if real.isKind(.str) {
            guard imaginary.isAbsent else { throw typeError("complex() can't take second arg if first is a string") }
            guard let value = parse(decimalBytes(real.object(Str.self))) else {
                throw valueError("complex() arg is a malformed string")
            }
            return value
        }
        if imaginary.isKind(.str) { throw typeError("complex() second arg can't be a string") }
        let first = real.isAbsent ? (0, 0) : try component(real, "first")
        guard !imaginary.isAbsent else { return first }
        if !imaginary.isKind(.complex), imaginary.cls.has(.complex), !isReal(imaginary), !imaginary.cls.has(.float) {
            throw typeError("complex() second argument must be a number, not '\(typeName(imaginary))'")
        }
        let second = try component(imaginary, "second")
        // A part that is no complex number adds nothing to the other: the sign of its zero is kept.
        let isComplex = (real: !real.isAbsent && (real.isKind(.complex) || real.cls.has(.complex)), imaginary: imaginary.isKind(.complex) || imaginary.cls.has(.complex))
        return (
            isComplex.imaginary ? first.0 - second.1 : first.0, isComplex.real ? first.1 + second.0 : second.0
        )
    }

    private static func component(_ value: Value, _ ordinal: String) throws(Raised) -> (Double, Double) {
        if value.isExactly(.complex) || ordinal == "second" && value.isKind(.complex) { return parts(value) }
        let method = value.cls.special(.complex)
        if !method.isAbsent, !value.isKind(.complex) || !method.isKind(.native) {
            let result = try callUnbound(method, value)
            guard result.isKind(.complex) else {
                throw typeError("__complex__ returned non-complex (type \(typeName(result)))")
            }
            if !result.isExactly(.complex) {
                try warn(
                    .deprecationWarning,
                    "\(typeName(value)).__complex__() must return a complex, not \(typeName(result)). The ability to return an instance of a strict subclass of complex is deprecated, and may not be supported in a future version of Python.")
            }
            return parts(result)
        }
        if value.isKind(.complex) { return parts(value) }
        guard isReal(value) || value.cls.has(.float) || value.cls.has(.index) else {
            throw typeError(
                ordinal == "first"
                    ? "complex() first argument must be a string or a number, not '\(typeName(value))'"
                    : "complex() second argument must be a number, not '\(typeName(value))'")
        }
        return (try FloatMethods.number(value), 0)
    }

    /// "1+2j", "(3j)", " -1 " …
    static func parse(_ source: [UInt8]) -> (Double, Double)? {
        var text = trimmed(source)
        if text.first == 0x28, text.last == 0x29 { text = trimmed(Array(text.dropFirst().dropLast())) }
        guard let last = text.last else { return nil }
        guard last | 0x20 == 0x6A else { return FloatMethods.parse(Array(text)).map { ($0, 0) } }
        let body = Array(text.dropLast())
        // The sign that separates the parts is the last one that no exponent owns.
        var split = body.count - 1
        while split > 0 {
            if body[split] == 0x2B || body[split] == 0x2D, body[split - 1] | 0x20 != 0x65 { break }
            split -= 1
        }
        func imaginary(_ bytes: [UInt8]) -> Double? {
            if bytes.isEmpty || bytes == [0x2B] { return 1 }
            return bytes == [0x2D] ? -1 : bytes.contains(0x20) ? nil : FloatMethods.parse(bytes)
        }
        if split <= 0 { return imaginary(body).map { (0, $0) } }
        guard let real = FloatMethods.parse(Array(body[..<split])), let second = imaginary(Array(body[split...])) else { return nil }
        return (real, second)
    }
}
