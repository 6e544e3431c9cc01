// Expressions above the operators: conditional, boolean, comparison; and lists of them.

extension Parser {
    /// `a`, or a tuple `a, b, …`, with stars.
    mutating func starExpressions() throws(ParseFailure) -> Expression {
        try tupleOrSingle { parser throws(ParseFailure) in try parser.starExpression() }
    }

    /// As `starExpressions`, without stars.
    mutating func expressions() throws(ParseFailure) -> Expression {
        try tupleOrSingle { parser throws(ParseFailure) in try parser.expression() }
    }

    @inline(__always)
    mutating func tupleOrSingle(
        _ element: (inout Parser) throws(ParseFailure) -> Expression
    ) throws(ParseFailure) -> Expression {
        let start = index
        let first = try element(&self)
        if kind != .comma { return first }
        var elements = [first]
        var tallest = height
        while accept(.comma) {
            if !beginsExpression { break }
            elements.append(try element(&self))
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.tuple(elements), range(from: start))
    }

    /// Whether an element can follow a comma here; what can't ends the list.
    var beginsExpression: Bool {
        switch kind {
        case .name, .number, .string, .formattedStart, .kwFalse, .kwNone, .kwTrue, .kwAwait, .kwLambda, .kwNot,
            .leftParen, .leftBracket, .leftBrace, .ellipsis, .plus, .minus, .star, .tilde:
            true
        default: false
        }
    }

    mutating func starExpression() throws(ParseFailure) -> Expression {
        if kind == .star { return try starred() }
        return try expression()
    }

    /// `*` and an operand of `|`.
    mutating func starred() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        let value = try binary(.bitOr)
        try setHeight(height + 1)
        return Expression(.starred(value), range(from: start))
    }

    mutating func starNamedExpression() throws(ParseFailure) -> Expression {
        if kind == .star { return try starred() }
        return try namedExpression()
    }

    mutating func namedExpression() throws(ParseFailure) -> Expression {
        if kind == .name && nextKind == .colonEqual {
            let start = index
            let target = name()
            index += 1
            let value = try expression()
            try setHeight(height + 1)
            return Expression(.named(target: target, value: value), range(from: start))
        }
        return try expression()
    }

    /// The name under the cursor.
    mutating func name() -> Expression {
        let token = tokens[index]
        index += 1
        height = 1
        return Expression(.name(names[Int(token.name)]), token.range)
    }

    mutating func expression() throws(ParseFailure) -> Expression {
        try checkStack()
        if kind == .kwLambda { return try lambda() }
        let start = index
        let body = try disjunction()
        if kind != .kwIf { return body }
        var tallest = height
        index += 1
        let test = try disjunction()
        tallest = max(tallest, height)
        try expect(.kwElse)
        let orElse = try expression()
        try setHeight(max(tallest, height) + 1)
        return Expression(.conditional(test: test, body: body, orElse: orElse), range(from: start))
    }

    mutating func disjunction() throws(ParseFailure) -> Expression {
        let start = index
        let first = try conjunction()
        if kind != .kwOr { return first }
        var operands = [first]
        var tallest = height
        while accept(.kwOr) {
            operands.append(try conjunction())
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.boolean(.or, operands), range(from: start))
    }

    private mutating func conjunction() throws(ParseFailure) -> Expression {
        let start = index
        let first = try inversion()
        if kind != .kwAnd { return first }
        var operands = [first]
        var tallest = height
        while accept(.kwAnd) {
            operands.append(try inversion())
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.boolean(.and, operands), range(from: start))
    }

    private mutating func inversion() throws(ParseFailure) -> Expression {
        if kind != .kwNot { return try comparison() }
        try checkStack()
        let start = index
        index += 1
        let operand = try inversion()
        try setHeight(height + 1)
        return Expression(.unary(.not, operand), range(from: start))
    }

    private mutating func comparison() throws(ParseFailure) -> Expression {
        let start = index
        let left = try binary(.bitOr)
        guard let first = comparisonOperator() else { return left }
        var tallest = height
        var links = [Comparison(first, try binary(.bitOr))]
        tallest = max(tallest, height)
        while let op = comparisonOperator() {
            links.append(Comparison(op, try binary(.bitOr)))
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.compare(left, links), range(from: start))
    }

    /// Passes a comparison operator, if one is here.
    private mutating func comparisonOperator() -> ComparisonOperator? {
        let result: ComparisonOperator
        switch kind {
        case .less: result = .less
        case .greater: result = .greater
        case .doubleEqual: result = .equal
        case .notEqual: result = .notEqual
        case .lessEqual: result = .lessEqual
        case .greaterEqual: result = .greaterEqual
        case .kwIn: result = .in
        case .kwNot:
            if nextKind != .kwIn { return nil }
            index += 1
            result = .notIn
        case .kwIs:
            if nextKind == .kwNot {
                index += 1
                result = .isNot
            } else {
                result = .is
            }
        default: return nil
        }
        index += 1
        return result
    }
}
