// Arithmetic and bit operators by precedence climbing, the unary ones, power and `await`.

/// Precedence of the binary operators that associate to the left, loosest first.
enum Precedence: UInt8 {
    case bitOr, bitXor, bitAnd, shift, sum, term, none
}

extension Parser {
    @inline(__always)
    private func binaryOperator() -> (BinaryOperator, Precedence)? {
        switch kind {
        case .bar: (.bitOr, .bitOr)
        case .caret: (.bitXor, .bitXor)
        case .ampersand: (.bitAnd, .bitAnd)
        case .leftShift: (.leftShift, .shift)
        case .rightShift: (.rightShift, .shift)
        case .plus: (.add, .sum)
        case .minus: (.subtract, .sum)
        case .star: (.multiply, .term)
        case .slash: (.divide, .term)
        case .doubleSlash: (.floorDivide, .term)
        case .percent: (.modulo, .term)
        case .at: (.matrixMultiply, .term)
        default: nil
        }
    }

    /// Operands joined by operators that bind at least as tightly as `minimum`.
    mutating func binary(_ minimum: Precedence) throws(ParseFailure) -> Expression {
        let start = index
        var left = try factor()
        while let (op, precedence) = binaryOperator(), precedence.rawValue >= minimum.rawValue {
            let leftHeight = height
            index += 1
            let right =
                precedence == .term ? try factor() : try binary(Precedence(rawValue: precedence.rawValue + 1) ?? .none)
            try setHeight(max(leftHeight, height) + 1)
            left = Expression(.binary(left, op, right), range(from: start))
        }
        return left
    }

    mutating func factor() throws(ParseFailure) -> Expression {
        let op: UnaryOperator
        switch kind {
        case .plus: op = .plus
        case .minus: op = .minus
        case .tilde: op = .invert
        default: return try power()
        }
        try checkStack()
        let start = index
        index += 1
        let operand = try factor()
        try setHeight(height + 1)
        return Expression(.unary(op, operand), range(from: start))
    }

    private mutating func power() throws(ParseFailure) -> Expression {
        let start = index
        let base: Expression
        if accept(.kwAwait) {
            let operand = try primary()
            try setHeight(height + 1)
            base = Expression(.await(operand), range(from: start))
        } else {
            base = try primary()
        }
        if kind != .doubleStar { return base }
        try checkStack()
        let baseHeight = height
        index += 1
        let exponent = try factor()
        try setHeight(max(baseHeight, height) + 1)
        return Expression(.binary(base, .power, exponent), range(from: start))
    }

    /// An atom with its trailers: attributes, calls, subscripts.
    mutating func primary() throws(ParseFailure) -> Expression {
        let start = index
        var result = try atom()
        while true {
            switch kind {
            case .dot:
                index += 1
                let attribute = try expectName()
                result = Expression(.attribute(result, attribute), range(from: start))
                try setHeight(height + 1)
            case .leftParen:
                let functionHeight = height
                let (arguments, keywords) = try callArguments()
                try setHeight(max(functionHeight, height) + 1)
                result = Expression(
                    .call(function: result, arguments: arguments, keywords: keywords), range(from: start))
            case .leftBracket:
                let valueHeight = height
                index += 1
                let subscripts = try slices()
                try expect(.rightBracket)
                try setHeight(max(valueHeight, height) + 1)
                result = Expression(.subscript(result, subscripts), range(from: start))
            default:
                return result
            }
        }
    }

    // MARK: Subscripts

    private mutating func slices() throws(ParseFailure) -> Expression {
        let start = index
        let first = try slice()
        if kind != .comma {
            if case .starred = first.node {} else { return first }
        }
        var elements = [first]
        var tallest = height
        while accept(.comma) {
            if kind == .rightBracket { break }
            elements.append(try slice())
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.tuple(elements), range(from: start))
    }

    private mutating func slice() throws(ParseFailure) -> Expression {
        let start = index
        height = 0
        if accept(.star) {
            let value = try expression()
            try setHeight(height + 1)
            return Expression(.starred(value), range(from: start))
        }
        var lower: Expression?
        if kind != .colon {
            let isNamed = kind == .name && nextKind == .colonEqual
            let first = try namedExpression()
            if kind != .colon || isNamed { return first }
            lower = first
        }
        var tallest = height
        index += 1
        var upper: Expression?
        if beginsExpression && kind != .star {
            upper = try expression()
            tallest = max(tallest, height)
        }
        var step: Expression?
        if accept(.colon), beginsExpression, kind != .star {
            step = try expression()
            tallest = max(tallest, height)
        }
        try setHeight(tallest + 1)
        return Expression(.slice(lower: lower, upper: upper, step: step), range(from: start))
    }
}
