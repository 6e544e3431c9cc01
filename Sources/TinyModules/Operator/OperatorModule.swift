// `_operator`: every operator as a function.
import TinyRuntime

enum OperatorModule {
    static let nativeModule = NativeModule(
        "_operator", doc: "Operator interface.", functions: { binaryRows + comparisons + unaryRows + sequences },
        prepare: { contents throws(Raised) in
            for table in [ItemsGetter.nativeClass, AttributeGetter.nativeClass, MethodCaller.nativeClass] {
                contents.add(table).pointee.namespace.set(Names.module, Value(StrTables.intern("operator")))
            }
        })

    private static func row(_ signature: StaticString, _ operatorIndex: Int, inPlace: Bool = false) -> Native {
        Native(signature, inPlace ? "Same as a op= b." : "Same as a op b.") { args throws(Raised) in
            try binary(operatorIndex, args[0], args[1], inPlace: inPlace)
        }
    }

    private static let binaryRows: [Native] = [
        row("add(a, b, /)", 0), row("sub(a, b, /)", 1), row("mul(a, b, /)", 2), row("matmul(a, b, /)", 3),
        row("truediv(a, b, /)", 4), row("floordiv(a, b, /)", 5), row("mod(a, b, /)", 6), row("pow(a, b, /)", 7),
        row("lshift(a, b, /)", 8), row("rshift(a, b, /)", 9), row("or_(a, b, /)", 10), row("xor(a, b, /)", 11),
        row("and_(a, b, /)", 12),
        row("iadd(a, b, /)", 0, inPlace: true), row("isub(a, b, /)", 1, inPlace: true), row("imul(a, b, /)", 2, inPlace: true),
        row("imatmul(a, b, /)", 3, inPlace: true), row("itruediv(a, b, /)", 4, inPlace: true),
        row("ifloordiv(a, b, /)", 5, inPlace: true), row("imod(a, b, /)", 6, inPlace: true),
        row("ipow(a, b, /)", 7, inPlace: true), row("ilshift(a, b, /)", 8, inPlace: true),
        row("irshift(a, b, /)", 9, inPlace: true), row("ior(a, b, /)", 10, inPlace: true),
        row("ixor(a, b, /)", 11, inPlace: true), row("iand(a, b, /)", 12, inPlace: true),
    ]

    private static func comparison(_ signature: StaticString, _ operatorIndex: Int) -> Native {
        Native(signature, "Same as a op b.") { args throws(Raised) in try richCompare(operatorIndex, args[0], args[1]) }
    }

    private static let comparisons: [Native] = [
        comparison("lt(a, b, /)", 0), comparison("le(a, b, /)", 1), comparison("eq(a, b, /)", 2),
        comparison("ne(a, b, /)", 3), comparison("gt(a, b, /)", 4), comparison("ge(a, b, /)", 5),
        Native("is_(a, b, /)", "Same as a is b.") { args throws(Raised) in Value(isIdentical(args[0], args[1])) },
        Native("is_not(a, b, /)", "Same as a is not b.") { args throws(Raised) in Value(!isIdentical(args[0], args[1])) },
        Native("_compare_digest(a, b, /)", "Return 'a == b' in time that does not depend on where they differ.") { args throws(Raised) in
            try compareDigests(args[0], args[1])
        },
    ]

    private static func compareDigests(_ a: Value, _ b: Value) throws(Raised) -> Value {
        if a.isKind(.str), b.isKind(.str) {
            let (x, y) = (a.object(Str.self), b.object(Str.self))
            guard x.isASCII, y.isASCII else {
                throw typeError("comparing strings with non-ASCII characters is not supported")
            }
            return Value(same(x.buffer, y.buffer))
        }
        guard let x = try BufferView.view(a), let y = try BufferView.view(b) else {
            throw typeError("unsupported operand types(s) or combination of types: '\(typeName(a))' and '\(typeName(b))'")
        }
        return Value(same(x.octets, y.octets))
    }

    private static func same(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in 0 ..< a.count { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    private static func unaryRow(_ signature: StaticString, _ name: SpecialName) -> Native {
        Native(signature, "Same as op a.") { args throws(Raised) in try unary(name, args[0]) }
    }

    private static let unaryRows: [Native] = [
        unaryRow("neg(a, /)", .neg), unaryRow("pos(a, /)", .pos), unaryRow("invert(a, /)", .invert), unaryRow("inv(a, /)", .invert),
        Native("abs(a, /)", "Same as abs(a).") { args throws(Raised) in
            try callValue(try Runtime.builtin("abs"), args[0])
        },
        Native("not_(a, /)", "Same as not a.") { args throws(Raised) in Value(try !truth(args[0])) },
        Native("truth(a, /)", "Return True if a is true, False otherwise.") { args throws(Raised) in Value(try truth(args[0])) },
        Native("index(a, /)", "Same as a.__index__()") { args throws(Raised) in try indexValue(args[0]) },
        Native("length_hint(obj, default=0, /)", "Return an estimate of the number of items in obj.") { args throws(Raised) in
            guard isInteger(args[1]) else { throw typeError("'\(typeName(args[1]))' object cannot be interpreted as an integer") }
            return Value(try lengthHint(args[0], try TinyRuntime.index(args[1])))
        },
        Native("call(obj, /, *args, **kwargs)", "Same as obj(*args, **kwargs).") { args throws(Raised) in
            try callValue(args[0], args[1].object(Tuple.self), args[2].object(Dict.self))
        },
    ]

    private static let sequences: [Native] = [
        Native("concat(a, b, /)", "Same as a + b, for a and b sequences.") { args throws(Raised) in
            guard args[0].cls.has(.getitem) else { throw typeError("'\(typeName(args[0]))' object can't be concatenated") }
            return try binary(0, args[0], args[1])
        },
        Native("iconcat(a, b, /)", "Same as a += b, for a and b sequences.") { args throws(Raised) in
            guard args[0].cls.has(.getitem) else { throw typeError("'\(typeName(args[0]))' object can't be concatenated") }
            return try binary(0, args[0], args[1], inPlace: true)
        },
        Native("contains(a, b, /)", "Same as b in a (note reversed operands).") { args throws(Raised) in
            Value(try TinyRuntime.contains(args[0], args[1]))
        },
        Native("getitem(a, b, /)", "Same as a[b].") { args throws(Raised) in try getItem(args[0], args[1]) },
        Native("setitem(a, b, c, /)", "Same as a[b] = c.") { args throws(Raised) in
            try setItem(args[0], args[1], args[2])
            return .none
        },
        Native("delitem(a, b, /)", "Same as del a[b].") { args throws(Raised) in
            try deleteItem(args[0], args[1])
            return .none
        },
        Native("countOf(a, b, /)", "Return the number of items in a which are, or which equal, b.") { args throws(Raised) in
            guard isIterable(args[0]) else { throw typeError("argument of type '\(typeName(args[0]))' is not iterable") }
            var count = 0
            let wanted = args[1]
            try forEach(args[0]) { value throws(Raised) in
                if try equal(value, wanted) { count += 1 }
                return true
            }
            return Value(count)
        },
        Native("indexOf(a, b, /)", "Return the first index of b in a.") { args throws(Raised) in
            guard isIterable(args[0]) else { throw typeError("argument of type '\(typeName(args[0]))' is not iterable") }
            var place = -1
            var count = 0
            let wanted = args[1]
            try forEach(args[0]) { value throws(Raised) in
                if try equal(value, wanted) {
                    place = count
                    return false
                }
                count += 1
                return true
            }
            if place < 0 { throw valueError("sequence.index(x): x not in sequence") }
            return Value(place)
        },
    ]
}
