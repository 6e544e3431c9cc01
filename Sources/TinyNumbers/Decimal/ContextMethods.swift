// The operations of a context: those that numbers have too, and making numbers.
import TinyRuntime

enum ContextMethods {
    private static func own(_ args: Arguments) throws(Raised) -> DecimalContext { try DecimalContext.own(args[0]) }

    private static func plain(_ value: Value, _ change: (Number) -> Number) throws(Raised) -> Value {
        try Scratch.using { () throws(Raised) in DecimalObject.make(change(try DecimalMethods.required(value))) }
    }

    static let all: [Native] =
        DecimalMethods.unaryRows.map { row in
            Native(row.ofContext, row.doc, .method) { args throws(Raised) in
                try DecimalMethods.unary(args[1], try own(args), row.operation)
            }
        }
        + DecimalMethods.binaryRows.map { row in
            Native(row.ofContext, row.doc, .method) { args throws(Raised) in
                try DecimalMethods.binary(args[1], args[2], try own(args), row.operation)
            }
        }
        + DecimalMethods.predicateRows.map { row in
            Native(row.ofContext, "", .method) { args throws(Raised) in
                let context = try own(args)
                return try Scratch.using { () throws(Raised) in
                    Value(try row.test(context.rules, try DecimalMethods.required(args[1])))
                }
            }
        } + others

    private static let others: [Native] = [
        Native("quantize(self, x, y, /)", "x rounded to the exponent of y.", .method) { args throws(Raised) in
            try DecimalMethods.quantize(args[1], args[2], try own(args), nil)
        },
        Native("fma(self, x, y, z, /)", "x * y + z, rounded once.", .method) { args throws(Raised) in
            try own(args).perform { rules, status throws(Raised) in
                try rules.fma(
                    try DecimalMethods.required(args[1]), try DecimalMethods.required(args[2]),
                    try DecimalMethods.required(args[3]), &status)
            }
        },
        Native("divmod(self, x, y, /)", "Quotient and remainder.", .method) { args throws(Raised) in
            let context = try own(args)
            try check(args[1], args[2])
            return try DecimalMethods.divideModulo(args[1], args[2], context)
        },
        Native("power(self, /, a, b, modulo=None)", "a ** b, or a ** b % modulo.", .method) { args throws(Raised) in
            let context = try own(args)
            try check(args[1], args[2])
            if !args[3].isNone { try check(args[3], args[3]) }
            return try DecimalMethods.power(args[1], args[2], args[3], context)
        },
        Native("copy_abs(self, x, /)", "x without its sign.", .method) { args throws(Raised) in
            try plain(args[1]) { $0.with(sign: false) }
        },
        Native("copy_negate(self, x, /)", "x with the other sign.", .method) { args throws(Raised) in
            try plain(args[1]) { $0.with(sign: !$0.isNegative) }
        },
        Native("copy_decimal(self, x, /)", "x as a Decimal.", .method) { args throws(Raised) in
            args[1].isDecimal ? args[1] : try plain(args[1]) { $0 }
        },
        Native("canonical(self, x, /)", "x itself.", .method) { args throws(Raised) in
            guard args[1].isDecimal else { throw typeError("argument must be a Decimal") }
            return args[1]
        },
        Native("is_canonical(self, x, /)", "True.", .method) { args throws(Raised) in
            guard args[1].isDecimal else { throw typeError("argument must be a Decimal") }
            return .true
        },
        Native("same_quantum(self, x, y, /)", "Whether the exponents are the same.", .method) { args throws(Raised) in
            try Scratch.using { () throws(Raised) in
                DecimalMethods.sameQuantum(try DecimalMethods.required(args[1]), try DecimalMethods.required(args[2]))
            }
        },
        Native("number_class(self, x, /)", "The kind of number, as text.", .method) { args throws(Raised) in
            let context = try own(args)
            return try Scratch.using { () throws(Raised) in
                try DecimalMethods.numberClass(try DecimalMethods.required(args[1]), context.rules)
            }
        },
        Native("radix(self, /)", "Decimal(10).", .method) { _ in DecimalObject.make(false, 10, 0) },
        Native("to_sci_string(self, x, /)", "Text in scientific notation.", .method) { args throws(Raised) in
            try DecimalMethods.text(args[1], try own(args), isEngineering: false)
        },
        Native("to_eng_string(self, x, /)", "Text in engineering notation.", .method) { args throws(Raised) in
            try DecimalMethods.text(args[1], try own(args), isEngineering: true)
        },
        Native("create_decimal(self, num='0', /)", "A Decimal rounded to this context.", .method) { args throws(Raised) in
            try DecimalConversion.create(args[1], try own(args))
        },
        Native("create_decimal_from_float(self, f, /)", "The value of a float, rounded to this context.", .method) { args throws(Raised) in
            guard isInteger(args[1]) || floatOf(args[1]) != nil else { throw typeError("argument must be int or float") }
            return try own(args).perform { rules, status throws(Raised) in
                if let float = floatOf(args[1]) { return try rules.fit(try DecimalConversion.exact(float), &status) }
                return try rules.fit(try DecimalMethods.required(args[1]), &status)
            }
        },
    ]

    private static func check(_ a: Value, _ b: Value) throws(Raised) {
        for value in [a, b] where !value.isDecimal && !isInteger(value) { _ = try DecimalMethods.required(value) }
    }
}
