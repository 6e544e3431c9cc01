// int and bool: methods and operators.
import Glibc

/// The methods `__op__` and `__rop__` of an operator, by its index in BinaryOperator.
func operatorPair(
    _ forward: StaticString, _ backward: StaticString, _ operatorIndex: Int,
    _ accepts: @escaping @Sendable (Value) -> Bool
) -> [Native] {
    [
        Native(forward, "Return self op value.", .slotWrapper) { args throws(Raised) in
            guard accepts(args[1]) else { return .notImplemented }
            return try numberOperation(operatorIndex, args[0], args[1]) ?? .notImplemented
        },
        Native(backward, "Return value op self.", .slotWrapper) { args throws(Raised) in
            guard accepts(args[1]) else { return .notImplemented }
            return try numberOperation(operatorIndex, args[1], args[0]) ?? .notImplemented
        },
    ]
}

/// The six comparisons of a number type.
func comparisons(_ accepts: @escaping @Sendable (Value) -> Bool) -> [Native] {
    let rows: [(StaticString, Int)] = [
        ("__lt__(self, value, /)", 0), ("__le__(self, value, /)", 1), ("__eq__(self, value, /)", 2),
        ("__ne__(self, value, /)", 3), ("__gt__(self, value, /)", 4), ("__ge__(self, value, /)", 5),
    ]
    return rows.map { signature, operatorIndex in
        Native(signature, "Compare self with value.", .slotWrapper) { args throws(Raised) in
            guard accepts(args[1]), let order = compareReals(args[0], args[1]) else { return .notImplemented }
            return Value(order == unordered ? operatorIndex == 3 : holds(operatorIndex, order: order))
        }
    }
}

/// The class int, and conversions that other modules need too.
public enum IntMethods {
    static let nativeClass = NativeClass(
        "int", kind: .int,
        doc: "int([x]) -> integer\nint(x, base=10) -> integer\n\nConvert a number or string to an integer, or return 0 if no arguments\nare given.",
        flags: [.isBase, .matchSelf], methods: operators + conversions + methods, attributes: attributes,
        construct: construct)

    private static let operators: [Native] =
        operatorPair("__add__(self, value, /)", "__radd__(self, value, /)", 0, isInteger)
        + operatorPair("__sub__(self, value, /)", "__rsub__(self, value, /)", 1, isInteger)
        + operatorPair("__mul__(self, value, /)", "__rmul__(self, value, /)", 2, isInteger)
        + operatorPair("__truediv__(self, value, /)", "__rtruediv__(self, value, /)", 4, isInteger)
        + operatorPair("__floordiv__(self, value, /)", "__rfloordiv__(self, value, /)", 5, isInteger)
        + operatorPair("__mod__(self, value, /)", "__rmod__(self, value, /)", 6, isInteger)
        + operatorPair("__lshift__(self, value, /)", "__rlshift__(self, value, /)", 8, isInteger)
        + operatorPair("__rshift__(self, value, /)", "__rrshift__(self, value, /)", 9, isInteger)
        + operatorPair("__or__(self, value, /)", "__ror__(self, value, /)", 10, isInteger)
        + operatorPair("__xor__(self, value, /)", "__rxor__(self, value, /)", 11, isInteger)
        + operatorPair("__and__(self, value, /)", "__rand__(self, value, /)", 12, isInteger)
        + comparisons(isInteger)
        + [
            Native("__divmod__(self, value, /)", "Return divmod(self, value).") { args throws(Raised) in
                isInteger(args[1]) ? try divmod(args[0], args[1]) : .notImplemented
            },
            Native("__rdivmod__(self, value, /)", "Return divmod(value, self).") { args throws(Raised) in
                isInteger(args[1]) ? try divmod(args[1], args[0]) : .notImplemented
            },
            Native("__pow__(self, value, mod=None, /)", "Return pow(self, value, mod).") { args throws(Raised) in
                try power(args[0], args[1], args[2])
            },
            Native("__rpow__(self, value, mod=None, /)", "Return pow(value, self, mod).") { args throws(Raised) in
                try power(args[1], args[0], args[2])
            },
            Native("__neg__(self, /)", "-self") { args throws(Raised) in negateInt(plainInt(args[0])) },
            Native("__pos__(self, /)", "+self") { args throws(Raised) in plainInt(args[0]) },
            Native("__abs__(self, /)", "abs(self)") { args throws(Raised) in
                isNegative(args[0]) ? negateInt(plainInt(args[0])) : plainInt(args[0])
            },
            Native("__invert__(self, /)", "~self") { args throws(Raised) in
                try intBinary(1, negateInt(plainInt(args[0])), Value(inline: 1)) ?? .none
            },
            Native("__bool__(self, /)", "True if self else False") { args throws(Raised) in Value(!isZero(args[0])) },
            Native("__hash__(self, /)", "Return hash(self).") { args throws(Raised) in
                Value(hashNumber(plainInt(args[0])) ?? 0)
            },
        ]

    static func divmod(_ a: Value, _ b: Value) throws(Raised) -> Value {
        if isZero(b) { throw raise(.zeroDivisionError, "integer division or modulo by zero") }
        let quotient = try intBinary(5, a, b) ?? .none
        return Value(Tuple.make(quotient, try intBinary(6, a, b) ?? .none))
    }

    private static func power(_ base: Value, _ exponent: Value, _ modulus: Value) throws(Raised) -> Value {
        guard isInteger(base), isInteger(exponent) else { return .notImplemented }
        if modulus.isNone { return try numberOperation(7, base, exponent) ?? .notImplemented }
        guard isInteger(modulus) else { return .notImplemented }
        if isZero(modulus) { throw valueError("pow() 3rd argument cannot be 0") }
        let m = plainInt(modulus)
        if isNegative(exponent) {
            return try powerModulo(try inverse(plainInt(base), m), negateInt(plainInt(exponent)), m)
        }
        return try powerModulo(plainInt(base), plainInt(exponent), m)
    }

    /// The modular inverse, by Euclid's extended algorithm.
    private static func inverse(_ a: Value, _ m: Value) throws(Raised) -> Value {
        var (oldRemainder, remainder) = (try intBinary(6, a, m) ?? .none, m)
        var (oldFactor, factor) = (Value(inline: 1), Value(inline: 0))
        while !isZero(remainder) {
            let quotient = try intBinary(5, oldRemainder, remainder) ?? .none
            (oldRemainder, remainder) = (remainder, try intBinary(6, oldRemainder, remainder) ?? .none)
            let product = try intBinary(2, quotient, factor) ?? .none
            (oldFactor, factor) = (factor, try intBinary(1, oldFactor, product) ?? .none)
        }
        let isUnit = compareInts(oldRemainder, Value(inline: 1)) == 0 || compareInts(oldRemainder, Value(inline: -1)) == 0
        guard isUnit || compareInts(m, Value(inline: 1)) == 0 || compareInts(m, Value(inline: -1)) == 0 else {
            throw valueError("base is not invertible for the given modulus")
        }
        if compareInts(oldRemainder, Value(inline: -1)) == 0 { oldFactor = negateInt(oldFactor) }
        return try intBinary(6, oldFactor, m) ?? .none
    }

    private static let conversions: [Native] = [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            try checkDigits(args[0])
            return Value(Str.make(IntObject.text(plainInt(args[0]))))
        },
        Native("__int__(self, /)", "int(self)") { args throws(Raised) in plainInt(args[0]) },
        Native("__index__(self, /)", "Return self converted to an integer, if self is suitable for use as an index into a list.") { args throws(Raised) in
            plainInt(args[0])
        },
        Native("__trunc__(self, /)", "Truncating an Integral returns itself.") { args throws(Raised) in plainInt(args[0]) },
        Native("__floor__(self, /)", "Flooring an Integral returns itself.") { args throws(Raised) in plainInt(args[0]) },
        Native("__ceil__(self, /)", "Ceiling of an Integral returns itself.") { args throws(Raised) in plainInt(args[0]) },
        Native("__float__(self, /)", "float(self)") { args throws(Raised) in Value(try realOf(plainInt(args[0])) ?? 0) },
        Native("__round__(self, ndigits=?, /)", "Rounding an Integral returns itself.") { args throws(Raised) in
            let value = plainInt(args[0])
            guard args.has(1), !args[1].isNone else { return value }
            let digits = try indexValue(args[1])
            guard isNegative(digits) else { return value }
            let unit = try intBinary(7, Value(inline: 10), negateInt(digits)) ?? .none
            // To the nearest multiple, ties to the even one.
            let (quotient, remainder) = try divideFloor(value, unit)
            let twice = try intBinary(2, remainder, Value(inline: 2)) ?? .none
            let order = compareInts(twice, unit)
            let isOdd = !isZero(try intBinary(12, quotient, Value(inline: 1)) ?? .none)
            let rounded = order > 0 || order == 0 && isOdd ? try intBinary(0, quotient, Value(inline: 1)) ?? .none : quotient
            return try intBinary(2, rounded, unit) ?? .none
        },
        Native("__format__(self, format_spec, /)", "Convert to a string according to format_spec.") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("__format__() argument must be str, not \(typeName(args[1]))") }
            if args[1].object(Str.self).pointee.byteCount == 0 { return Value(try str(args[0])) }
            return Value(try formatInt(plainInt(args[0]), args[1].object(Str.self), of: args[0]))
        },
        Native("__getnewargs__(self, /)", "") { args throws(Raised) in Value(Tuple.make(plainInt(args[0]))) },
        Native("__sizeof__(self, /)", "Returns size in memory, in bytes.") { args throws(Raised) in
            Value(ReportedSize.int(bits: bitLength(args[0])))
        },
    ]

    /// Guards against quadratic conversions (CVE-2020-10735), as CPython does.
    static func checkDigits(_ value: Value) throws(Raised) {
        try checkDigitLimit(plainInt(value))
    }

    private static let methods: [Native] = [
        Native("conjugate(self, /)", "Returns self, the complex conjugate of any int.") { args throws(Raised) in plainInt(args[0]) },
        Native("bit_length(self, /)", "Number of bits necessary to represent self in binary.") { args throws(Raised) in
            if args[0].isInlineInt { return Value(inline: 64 - args[0].inlineInt.magnitude.leadingZeroBitCount) }
            return Value(bitLength(args[0]))
        },
        Native("bit_count(self, /)", "Number of ones in the binary representation of the absolute value of self.") { args throws(Raised) in
            if args[0].isInlineInt { return Value(inline: args[0].inlineInt.magnitude.nonzeroBitCount) }
            return try withLimbs(args[0]) { limbs in
                Value((0 ..< limbs.count).reduce(0) { $0 + limbs.limbs[$1].nonzeroBitCount })
            }
        },
        Native("as_integer_ratio(self, /)", "Return a pair of integers, whose ratio is equal to the original int.") { args throws(Raised) in
            Value(Tuple.make(plainInt(args[0]), Value(inline: 1)))
        },
        Native("is_integer(self, /)", "Returns True.") { _ in .true },
        Native("to_bytes(self, /, length=1, byteorder='big', *, signed=False)", "Return an array of bytes representing an integer.") { args throws(Raised) in
            let length = try index(args[1])
            guard length >= 0 else { throw valueError("length argument must be non-negative") }
            return try toBytes(plainInt(args[0]), length, isLittle: try isLittle(args[2]), signed: try truth(args[3]))
        },
        Native("from_bytes(cls, /, bytes, byteorder='big', *, signed=False)", "Return the integer represented by the given array of bytes.", .classMethod) { args throws(Raised) in
            var octets: [UInt8]
            if let view = try BufferView.view(args[1]) {
                octets = Array(view.octets)
            } else {
                let bytesMethod = args[1].cls.special(.bytes)
                if !bytesMethod.isAbsent {
                    octets = Array(try BufferView(try callUnbound(bytesMethod, args[1])).octets)
                } else {
                    guard isIterable(args[1]), !args[1].isKind(.str) else { throw typeError("cannot convert '\(typeName(args[1]))' object to bytes") }
                    octets = []
                    let list = try makeList(args[1])
                    for position in 0 ..< list.count {
                        let byte = try index(list.items[position])
                        guard byte >= 0, byte < 256 else { throw valueError("bytes must be in range(0, 256)") }
                        octets.append(UInt8(byte))
                    }
                }
            }
            if try isLittle(args[2]) { octets.reverse() }
            let value = fromBytes(octets, signed: try truth(args[3]))
            let cls = args[0].object(ClassObject.self)
            return cls.shapeID == ShapeID(Kind.int.rawValue) ? value : try callValue(args[0], value)
        },
    ]

    private static func isLittle(_ order: Value) throws(Raised) -> Bool {
        guard order.isKind(.str) else { throw typeError("to_bytes() argument 'byteorder' must be str, not \(typeName(order))") }
        if order.object(Str.self).equals("little") { return true }
        if order.object(Str.self).equals("big") { return false }
        throw valueError("byteorder must be either 'little' or 'big'")
    }

    /// `int.to_bytes` of an int. Throws OverflowError for one that does not fit, ValueError for a negative length.
    public static func toBytes(_ value: Value, _ length: Int, isLittle: Bool, signed: Bool) throws(Raised) -> Value {
        try checkSize(length)
        if !signed, isNegative(value) { throw raise(.overflowError, "can't convert negative int to unsigned") }
        let bits = bitLength(value)
        var fits = bits <= length * 8 - (signed ? 1 : 0)
        if signed, !fits, isNegative(value), bits == length * 8 {
            // The most negative number has one bit more than its positive counterpart.
            let lowest = negateInt(try intBinary(8, Value(inline: 1), Value(length * 8 - 1)) ?? .none)
            fits = length > 0 && compareInts(value, lowest) == 0
        }
        guard fits || bits == 0 else { throw raise(.overflowError, "int too big to convert") }
        let octets = BytesObject.allocate(length)
        try withLimbs(value) { limbs in
            var carry = limbs.isNegative
            for position in 0 ..< length {
                let limb = position / 8 < limbs.count ? limbs.limbs[position / 8] : 0
                var byte = UInt8(truncatingIfNeeded: limb >> UInt(position % 8 * 8))
                if limbs.isNegative {
                    byte = ~byte
                    if carry { (byte, carry) = byte.addingReportingOverflow(1) }
                }
                octets.bytes[isLittle ? position : length - 1 - position] = byte
            }
        }
        // The shortest ones are shared.
        return length < 2 ? BytesObject.make(octets.buffer) : Value(octets)
    }

    /// Big-endian octets.
    public static func fromBytes(_ octets: [UInt8], signed: Bool) -> Value {
        guard let first = octets.first else { return Value(inline: 0) }
        let negative = signed && first >= 0x80
        let count = (octets.count + 7) / 8
        let object = IntObject.allocate(limbs: count)
        object.limbs.update(repeating: 0, count: count)
        var carry = true
        for (position, octet) in octets.reversed().enumerated() {
            var byte = octet
            if negative {
                byte = ~byte
                if carry { (byte, carry) = byte.addingReportingOverflow(1) }
            }
            object.limbs[position / 8] |= UInt(byte) << UInt(position % 8 * 8)
        }
        if negative, carry {
            // All bits were ones and the carry ran out at the top: 256 to the number of octets.
            return (try? intBinary(8, Value(inline: -1), Value(octets.count * 8))) ?? .none
        }
        object.pointee.signedCount = negative ? -count : count
        return IntObject.normalized(object)
    }

    private static let attributes: [Accessors] = [
        Accessors("real", "the real part of a complex number") { plainInt($0) },
        Accessors("imag", "the imaginary part of a complex number") { _ in Value(inline: 0) },
        Accessors("numerator", "the numerator of a rational number in lowest terms") { plainInt($0) },
        Accessors("denominator", "the denominator of a rational number in lowest terms") { _ in Value(inline: 1) },
    ]

    // MARK: Construction

    private static func construct(_ args: Arguments) throws(Raised) -> Value {
        if args[2].isKind(.dict), args[2].object(Dict.self).find(StrTables.intern("x")) >= 0 {
            throw typeError("int() got an unexpected keyword argument 'x'")
        }
        let given = args[1].object(Tuple.self).count
        guard given <= 2 else { throw typeError("int expected at most 2 arguments, got \(given)") }
        let values = try bindNames(args, ["x", "base"], required: 0, function: "int")
        defer { values.deallocate() }
        let value = try convert(values[0], base: values[1])
        let cls = args[0].object(ClassObject.self)
        return cls.shapeID == ShapeID(Kind.int.rawValue) ? value : instance(value, cls)
    }

    /// An instance of a script's subclass.
    static func instance(_ value: Value, _ cls: ClassRef) -> Value {
        let copy = (try? withLimbs(value) { limbs -> Value in
            let copy = IntObject.allocate(limbs: limbs.count, shape: cls.shapeID, extra: 8)
            copy.limbs.update(from: limbs.limbs, count: limbs.count)
            copy.pointee.signedCount = limbs.isNegative ? -limbs.count : limbs.count
            return Value(copy)
        }) ?? value
        beginExtra(copy)
        return copy
    }

    private static func convert(_ x: Value, base: Value) throws(Raised) -> Value {
        if x.isAbsent {
            if !base.isAbsent { throw typeError("int() missing string argument") }
            return Value(inline: 0)
        }
        if base.isAbsent { return try number(x) }
        let radix = machineInt(try indexValue(base)) ?? -1
        guard radix == 0 || radix >= 2 && radix <= 36 else { throw valueError("int() base must be >= 2 and <= 36, or 0") }
        if radix != 0, x.isKind(.str), let number = plainDigits(x.object(Str.self).buffer, radix: radix) { return number }
        if radix == 0 || radix == 16, x.isKind(.str), let number = prefixedDigits(x.object(Str.self).buffer, radix: radix) { return number }
        if !x.isKind(.memoryview), !x.isKind(.box), let text = try sourceText(x) { return try parse(text, radix: radix, shown: x) }
        throw typeError("int() can't convert non-string with explicit base")
    }

    private static func sourceText(_ value: Value) throws(Raised) -> [UInt8]? {
        switch value.kind {
        case .str: decimalBytes(value.object(Str.self))
        case .bytes: Array(value.object(BytesObject.self).buffer)
        case .bytearray: Array(value.object(ByteArray.self).buffer)
        default: BufferView.isBytesLike(value) ? Array(try BufferView(value).octets) : nil
        }
    }

    /// The integer of a string of a few decimal digits, perhaps with a minus sign; nil: look closer.
    static func plainDecimal(_ text: StrRef) -> Value? { text.pointee.byteCount <= 15 ? plainDigits(text.buffer, radix: 10) : nil }

    /// The same in any base from 2 to 36, of at most as many digits as an inline integer surely holds, perhaps between spaces.
    @inline(__always)
    private static func plainDigits(_ text: Octets, radix: Int) -> Value? {
        var octets = text
        while let last = octets.last, last == 0x20 || last == 0x0A { octets = octets.part(0, octets.count - 1) }
        while octets.first == 0x20 { octets = octets.part(1, octets.count) }
        let isNegative = octets.first == 0x2D
        let start = isNegative ? 1 : 0
        guard octets.count > start, octets.count <= (radix <= 10 ? 15 : radix <= 16 ? 12 : 9) else { return nil }
        var number = 0
        for index in start ..< octets.count {
            let octet = octets[index]
            let digit = octet < 0x3A ? octet &- 0x30 : (octet | 0x20) &- 0x57
            // (Whatever lies between digits and letters has wrapped around.)
            guard Int(digit) < radix, octet < 0x3A || digit >= 10 else { return nil }
            number = number &* radix &+ Int(digit)
        }
        return Value(inline: isNegative ? -number : number)
    }

    /// "0x1f" and its like, of a few digits, in the base that they name; in base 0 also decimal ones. Nil: look closer.
    private static func prefixedDigits(_ text: Octets, radix: Int) -> Value? {
        guard let first = text.first, ASCII.isDigit(first) else { return nil }
        if first != 0x30 { return radix == 0 ? plainDigits(text, radix: 10) : nil }
        guard text.count > 2, ASCII.hexValue(text[2]) != nil else { return nil }
        let base = switch text[1] | 0x20 {
        case 0x78: 16
        case 0x6F: 8
        case 0x62: 2
        default: 0
        }
        return base != 0 && (radix == 0 || radix == base) ? plainDigits(text.part(2, text.count), radix: base) : nil
    }

    /// `int(x)` of anything.
    static func number(_ x: Value) throws(Raised) -> Value {
        if x.isInlineInt { return x }
        if x.isBool || x.isExactly(.int) { return plainInt(x) }
        if let double = floatOf(x), x.isFloat { return try truncate(double) }
        if x.isExactly(.str), let number = plainDigits(x.object(Str.self).buffer, radix: 10) { return number }
        for name in [SpecialName.int, .index, .trunc] {
            let method = x.cls.special(name)
            guard !method.isAbsent else { continue }
            let result = try callUnbound(method, x)
            if isInteger(result) {
                if name != .trunc, !result.isInlineInt, !result.isExactly(.int) {
                    try warn(
                        .deprecationWarning,
                        "\(name.string.string) returned non-int (type \(typeName(result))).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python.")
                }
                if name == .trunc {
                    try warn(.deprecationWarning, "The delegation of int() to __trunc__ is deprecated.")
                }
                return plainInt(result)
            }
            if name == .trunc {
                try warn(.deprecationWarning, "The delegation of int() to __trunc__ is deprecated.")
                guard result.cls.has(.index) else { throw typeError("__trunc__ returned non-Integral (type \(typeName(result)))") }
                return try number(result)
            }
            throw typeError("\(name.string.string) returned non-int (type \(typeName(result)))")
        }
        if x.isExactly(.bytes), let number = plainDigits(x.object(BytesObject.self).buffer, radix: 10) { return number }
        if let text = try sourceText(x) { return try parse(text, radix: 10, shown: x) }
        throw typeError(
            "int() argument must be a string, a bytes-like object or a real number, not '\(typeName(x))'")
    }

    /// `int(double)`: rounded toward zero. Throws ValueError for a NaN, OverflowError for an infinity.
    public static func truncate(_ double: Double) throws(Raised) -> Value {
        if abs(double) < 9e18 { return Value(Int(double)) }
        if double.isNaN { throw valueError("cannot convert float NaN to integer") }
        if double.isInfinite { throw raise(.overflowError, "cannot convert float infinity to integer") }
        return intValue(truncating: double)
    }

    private static func parse(_ text: [UInt8], radix: Int, shown: Value) throws(Raised) -> Value {
        func bad() throws(Raised) -> Raised {
            let text = try repr(shown).string
            return valueError("invalid literal for int() with base \(radix): \(text.unicodeScalars.count > 200 ? String(text.unicodeScalars.prefix(200)) : text)")
        }
        var digits = trimmed(text)
        var negative = false
        if let sign = digits.first, sign == 0x2B || sign == 0x2D {
            negative = sign == 0x2D
            digits = digits.dropFirst()
        }
        var base = radix
        if digits.count >= 2, digits.first == 0x30 {
            let marker = digits[digits.startIndex + 1] | 0x20
            let prefixed = marker == 0x78 ? 16 : marker == 0x6F ? 8 : marker == 0x62 ? 2 : 0
            if prefixed != 0, radix == 0 || radix == prefixed {
                base = prefixed
                digits = digits.dropFirst(2)
                if digits.first == 0x5F { digits = digits.dropFirst() }
            } else if radix == 0 {
                guard digits.allSatisfy({ $0 == 0x30 || $0 == 0x5F }) else { throw try bad() }
            }
        }
        if base == 0 { base = 10 }
        let hasMarks = digits.withUnsafeBytes { $0.baseAddress.map { start in memchr(start, 0x5F, digits.count) != nil } ?? false }
        let limit = SysModule.maximumDigits
        func checkLimit(_ count: Int) throws(Raised) {
            guard limit > 0, count > limit, base & (base - 1) != 0 else { return }
            throw valueError(
                "Exceeds the limit (\(limit) digits) for integer string conversion: value has \(count) digits; use sys.set_int_max_str_digits() to increase the limit")
        }
        // Too many are refused before they are copied.
        if !hasMarks { try checkLimit(digits.count) }
        let plain = hasMarks ? Array(digits.filter { $0 != 0x5F }) : Array(digits)
        if plain.count < digits.count {
            // Single ones between digits.
            var previous: UInt8 = 0x5F
            for byte in digits {
                guard byte != 0x5F || previous != 0x5F else { throw try bad() }
                previous = byte
            }
            guard previous != 0x5F else { throw try bad() }
        }
        guard !plain.isEmpty else { throw try bad() }
        try checkLimit(plain.count)
        guard let value = IntObject.parse(plain, radix: base) else { throw try bad() }
        return negative ? negateInt(value) : value
    }
}

/// ASCII digits for decimal digits of any script, and blanks for any white space; other characters as `?`.
func decimalBytes(_ text: StrRef) -> [UInt8] {
    if text.isASCII { return Array(text.buffer) }
    var result: [UInt8] = []
    var offset = 0
    while offset < text.pointee.byteCount {
        let (codePoint, length) = Str.decode(text.bytes + offset)
        offset += length
        if codePoint < 0x80 {
            result.append(UInt8(codePoint))
        } else if let scalar = Unicode.Scalar(codePoint) {
            if scalar.properties.numericType == .decimal, let value = scalar.properties.numericValue {
                result.append(0x30 + UInt8(value))
            } else {
                result.append(scalar.properties.isWhitespace ? 0x20 : 0x3F)
            }
        } else {
            result.append(0x3F)
        }
    }
    return result
}

/// Without white space at the ends.
func trimmed(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte >= 0x09 && byte <= 0x0D || byte >= 0x1C && byte <= 0x1F }
    var slice = bytes[...]
    while let first = slice.first, isBlank(first) { slice = slice.dropFirst() }
    while let last = slice.last, isBlank(last) { slice = slice.dropLast() }
    return slice
}

enum BoolMethods {
    static let nativeClass = NativeClass(
        "bool", kind: .immediate, doc: "Returns True when the argument is true, False otherwise.",
        methods: logic("__and__(self, value, /)", "__rand__(self, value, /)", 12)
            + logic("__or__(self, value, /)", "__ror__(self, value, /)", 10)
            + logic("__xor__(self, value, /)", "__rxor__(self, value, /)", 11) + [
                Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                    Value(StrTables.intern(args[0].isTrue ? "True" : "False"))
                },
                Native("__invert__(self, /)", "~self") { args throws(Raised) in
                    try warn(
                        .deprecationWarning,
                        "Bitwise inversion '~' on bool is deprecated and will be removed in Python 3.16. This returns the bitwise inversion of the underlying int object and is usually not what you expect from the negation of a bool. Use the 'not' operator for boolean negation or ~int(x) for the bitwise inversion of the underlying int.")
                    return Value(args[0].isTrue ? -2 : -1)
                },
            ],
        construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            if args[2].isKind(.dict) { throw typeError("bool() takes no keyword arguments") }
            guard positional.count <= 1 else { throw typeError("bool expected at most 1 argument, got \(positional.count)") }
            return positional.count == 0 ? .false : Value(try truth(positional.items[0]))
        })

    private static func logic(_ forward: StaticString, _ backward: StaticString, _ operatorIndex: Int) -> [Native] {
        [forward, backward].map { signature in
            Native(signature, "Return self op value.", .slotWrapper) { args throws(Raised) in
                guard isInteger(args[1]) else { return .notImplemented }
                return try numberOperation(operatorIndex, args[0], args[1]) ?? .notImplemented
            }
        }
    }
}
