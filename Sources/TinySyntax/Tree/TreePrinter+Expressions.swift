// Expressions as `ast.dump` writes them.

extension TreePrinter {
    mutating func expression(_ value: Expression, _ context: Context = .load) {
        let place = value.range
        switch value.node {
        case .constant(let constant):
            node("Constant", place) { $0.raw("value", TreePrinter.text(of: constant)) }
        case .name(let name):
            node("Name", place) {
                $0.text("id", name)
                $0.raw("ctx", context.rawValue)
            }
        case .joinedString(let pieces):
            node("JoinedStr", place) { $0.list("values", pieces) { $0.expression($1) } }
        case .formatted(let value, let conversion, let format):
            node("FormattedValue", place) {
                $0.child("value", value)
                $0.raw("conversion", String(conversion.flatMap { $0.asciiValue }.map(Int.init) ?? -1))
                $0.optional("format_spec", format)
            }
        case .attribute(let value, let name):
            node("Attribute", place) {
                $0.child("value", value)
                $0.text("attr", name)
                $0.raw("ctx", context.rawValue)
            }
        case .subscript(let value, let slice):
            node("Subscript", place) {
                $0.child("value", value)
                $0.child("slice", slice)
                $0.raw("ctx", context.rawValue)
            }
        case .slice(let lower, let upper, let step):
            node("Slice", place) {
                $0.optional("lower", lower)
                $0.optional("upper", upper)
                $0.optional("step", step)
            }
        case .starred(let value):
            node("Starred", place) {
                $0.child("value", value, context)
                $0.raw("ctx", context.rawValue)
            }
        case .tuple(let elements): sequence("Tuple", elements, context, place)
        case .list(let elements): sequence("List", elements, context, place)
        case .set(let elements):
            node("Set", place) { $0.list("elts", elements) { $0.expression($1) } }
        case .call(let function, let arguments, let keywords):
            node("Call", place) {
                $0.child("func", function)
                $0.list("args", arguments) { $0.expression($1) }
                $0.list("keywords", keywords) { $0.keyword($1) }
            }
        case .lambda(let parameters, let body):
            node("Lambda", place) {
                $0.field("args") { $0.parameters(parameters) }
                $0.child("body", body)
            }
        case .conditional(let test, let body, let orElse):
            node("IfExp", place) {
                $0.child("test", test)
                $0.child("body", body)
                $0.child("orelse", orElse)
            }
        case .named(let target, let value):
            node("NamedExpr", place) {
                $0.child("target", target, .store)
                $0.child("value", value)
            }
        case .await(let value): node("Await", place) { $0.child("value", value) }
        case .yield(let value): node("Yield", place) { $0.optional("value", value) }
        case .yieldFrom(let value): node("YieldFrom", place) { $0.child("value", value) }
        case .unary, .binary, .boolean, .compare: operation(value)
        case .dictionary(let items): dictionary(items, place)
        case .listComprehension, .setComprehension, .dictionaryComprehension, .generator: comprehension(value)
        }
    }

    private mutating func sequence(_ name: String, _ elements: [Expression], _ context: Context, _ place: SourceRange) {
        node(name, place) {
            $0.list("elts", elements) { $0.expression($1, context) }
            $0.raw("ctx", context.rawValue)
        }
    }

    private mutating func operation(_ value: Expression) {
        switch value.node {
        case .unary(let op, let operand):
            node("UnaryOp", value.range) {
                $0.raw("op", TreePrinter.operatorName(op) + "()")
                $0.child("operand", operand)
            }
        case .binary(let left, let op, let right):
            node("BinOp", value.range) {
                $0.child("left", left)
                $0.raw("op", TreePrinter.operatorName(op) + "()")
                $0.child("right", right)
            }
        case .boolean(let op, let operands):
            node("BoolOp", value.range) {
                $0.raw("op", op == .and ? "And()" : "Or()")
                $0.list("values", operands) { $0.expression($1) }
            }
        case .compare(let left, let links):
            node("Compare", value.range) {
                $0.child("left", left)
                $0.list("ops", links) { $0.output += TreePrinter.operatorName($1.op) + "()" }
                $0.list("comparators", links) { $0.expression($1.right) }
            }
        default: break
        }
    }

    private mutating func dictionary(_ items: [DictionaryItem], _ place: SourceRange) {
        node("Dict", place) {
            $0.list("keys", items) { printer, item in
                if let key = item.key { printer.expression(key) } else { printer.output += "None" }
            }
            $0.list("values", items) { $0.expression($1.value) }
        }
    }

    private mutating func comprehension(_ value: Expression) {
        switch value.node {
        case .listComprehension(let element, let clauses): comprehension("ListComp", element, clauses, value.range)
        case .setComprehension(let element, let clauses): comprehension("SetComp", element, clauses, value.range)
        case .generator(let element, let clauses): comprehension("GeneratorExp", element, clauses, value.range)
        case .dictionaryComprehension(let key, let element, let clauses):
            node("DictComp", value.range) {
                $0.child("key", key)
                $0.child("value", element)
                $0.list("generators", clauses) { $0.clause($1) }
            }
        default: break
        }
    }

    private mutating func comprehension(
        _ name: String, _ element: Expression, _ clauses: [ComprehensionClause], _ place: SourceRange
    ) {
        node(name, place) {
            $0.child("elt", element)
            $0.list("generators", clauses) { $0.clause($1) }
        }
    }

    private mutating func clause(_ clause: ComprehensionClause) {
        node("comprehension", nil) {
            $0.child("target", clause.target, .store)
            $0.child("iter", clause.iterable)
            $0.list("ifs", clause.conditions) { $0.expression($1) }
            $0.raw("is_async", clause.isAsync ? "1" : "0")
        }
    }

    mutating func keyword(_ keyword: Keyword) {
        node("keyword", keyword.range) {
            $0.text("arg", keyword.name)
            $0.child("value", keyword.value)
        }
    }

    mutating func parameters(_ parameters: Parameters) {
        node("arguments", nil) {
            $0.list("posonlyargs", parameters.positionalOnly) { $0.parameter($1) }
            $0.list("args", parameters.positional) { $0.parameter($1) }
            if let variadic = parameters.variadic { $0.field("vararg") { $0.parameter(variadic) } }
            $0.list("kwonlyargs", parameters.keywordOnly) { $0.parameter($1) }
            $0.list("kw_defaults", parameters.keywordOnly) { printer, parameter in
                if let value = parameter.defaultValue { printer.expression(value) } else { printer.output += "None" }
            }
            if let variadic = parameters.variadicKeywords { $0.field("kwarg") { $0.parameter(variadic) } }
            let defaults = (parameters.positionalOnly + parameters.positional).compactMap(\.defaultValue)
            $0.list("defaults", defaults) { $0.expression($1) }
        }
    }

    private mutating func parameter(_ parameter: Parameter) {
        node("arg", parameter.range) {
            $0.text("arg", parameter.name)
            $0.optional("annotation", parameter.annotation)
        }
    }

    // MARK: Operators

    /// What `ast` calls the operator.
    public static func operatorName(_ op: UnaryOperator) -> String {
        switch op {
        case .invert: "Invert"
        case .not: "Not"
        case .plus: "UAdd"
        case .minus: "USub"
        }
    }

    /// What `ast` calls the operator.
    public static func operatorName(_ op: BinaryOperator) -> String {
        switch op {
        case .add: "Add"
        case .subtract: "Sub"
        case .multiply: "Mult"
        case .matrixMultiply: "MatMult"
        case .divide: "Div"
        case .floorDivide: "FloorDiv"
        case .modulo: "Mod"
        case .power: "Pow"
        case .leftShift: "LShift"
        case .rightShift: "RShift"
        case .bitOr: "BitOr"
        case .bitXor: "BitXor"
        case .bitAnd: "BitAnd"
        }
    }

    /// What `ast` calls the operator.
    public static func operatorName(_ op: ComparisonOperator) -> String {
        switch op {
        case .less: "Lt"
        case .lessEqual: "LtE"
        case .equal: "Eq"
        case .notEqual: "NotEq"
        case .greater: "Gt"
        case .greaterEqual: "GtE"
        case .is: "Is"
        case .isNot: "IsNot"
        case .in: "In"
        case .notIn: "NotIn"
        }
    }
}
