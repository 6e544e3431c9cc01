// Atoms: names, literals, and what stands in brackets.

extension Parser {
    mutating func atom() throws(ParseFailure) -> Expression {
        let token = tokens[index]
        let constant: Constant
        switch token.kind {
        case .name: return name()
        case .number: constant = try number()
        case .string, .formattedStart: return try strings()
        case .kwTrue: constant = .true
        case .kwFalse: constant = .false
        case .kwNone: constant = .none
        case .ellipsis: constant = .ellipsis
        case .leftParen: return try parenthesized()
        case .leftBracket: return try bracketed()
        case .leftBrace: return try braced()
        default: throw .rejected
        }
        index += 1
        height = 1
        return Expression(.constant(constant), token.range)
    }

    /// Group, tuple or generator.
    private mutating func parenthesized() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        height = 0
        if accept(.rightParen) {
            height = 1
            return Expression(.tuple([]), range(from: start))
        }
        if kind == .kwYield {
            let value = try yield()
            try expect(.rightParen)
            return value
        }
        let first = try starNamedExpression()
        if beginsComprehension {
            if case .starred = first.node { throw .rejected }
            var tallest = height
            let clauses = try comprehensionClauses(&tallest)
            try expect(.rightParen)
            try setHeight(tallest + 1)
            return Expression(.generator(first, clauses), range(from: start))
        }
        if kind == .comma {
            let elements = try elements(after: first, until: .rightParen)
            return Expression(.tuple(elements), range(from: start))
        }
        if case .starred = first.node { throw .rejected }
        try expect(.rightParen)
        return first
    }

    /// The rest of a display, from the comma after its first element to the closing bracket.
    private mutating func elements(after first: Expression, until close: TokenKind) throws(ParseFailure) -> [Expression] {
        var elements = [first]
        var tallest = height
        while accept(.comma) {
            if kind == close { break }
            elements.append(try starNamedExpression())
            tallest = max(tallest, height)
        }
        try expect(close)
        try setHeight(tallest + 1)
        return elements
    }

    private mutating func bracketed() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        if accept(.rightBracket) {
            height = 1
            return Expression(.list([]), range(from: start))
        }
        let first = try starNamedExpression()
        if beginsComprehension {
            if case .starred = first.node { throw .rejected }
            var tallest = height
            let clauses = try comprehensionClauses(&tallest)
            try expect(.rightBracket)
            try setHeight(tallest + 1)
            return Expression(.listComprehension(first, clauses), range(from: start))
        }
        let elements = try elements(after: first, until: .rightBracket)
        return Expression(.list(elements), range(from: start))
    }

    /// Set, dictionary, or a comprehension of either.
    private mutating func braced() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        height = 0
        if accept(.rightBrace) {
            height = 1
            return Expression(.dictionary([]), range(from: start))
        }
        if kind == .doubleStar { return try dictionary(from: start, first: nil) }
        let first = try starNamedExpression()
        if kind == .colon {
            switch first.node {
            case .starred: throw .rejected
            case .named where tokens[start + 1].kind == .name: throw .rejected
            default: return try dictionary(from: start, first: first)
            }
        }
        if beginsComprehension {
            if case .starred = first.node { throw .rejected }
            var tallest = height
            let clauses = try comprehensionClauses(&tallest)
            try expect(.rightBrace)
            try setHeight(tallest + 1)
            return Expression(.setComprehension(first, clauses), range(from: start))
        }
        let elements = try elements(after: first, until: .rightBrace)
        return Expression(.set(elements), range(from: start))
    }

    /// The rest of a dictionary; `first` is a key that was parsed already.
    private mutating func dictionary(from start: Int, first: Expression?) throws(ParseFailure) -> Expression {
        var items: [DictionaryItem] = []
        var tallest = height
        var pending = first
        while kind != .rightBrace {
            if pending == nil, accept(.doubleStar) {
                items.append(DictionaryItem(key: nil, value: try binary(.bitOr)))
            } else {
                let key: Expression
                if let known = pending { key = known } else { key = try expression() }
                pending = nil
                tallest = max(tallest, height)
                try expect(.colon)
                let value = try expression()
                if items.isEmpty && beginsComprehension {
                    tallest = max(tallest, height)
                    let clauses = try comprehensionClauses(&tallest)
                    try expect(.rightBrace)
                    try setHeight(tallest + 1)
                    return Expression(.dictionaryComprehension(key: key, value: value, clauses), range(from: start))
                }
                items.append(DictionaryItem(key: key, value: value))
            }
            tallest = max(tallest, height)
            if !accept(.comma) { break }
        }
        try expect(.rightBrace)
        try setHeight(tallest + 1)
        return Expression(.dictionary(items), range(from: start))
    }

    mutating func yield() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        height = 0
        if accept(.kwFrom) {
            let value = try expression()
            try setHeight(height + 1)
            return Expression(.yieldFrom(value), range(from: start))
        }
        let value = beginsExpression ? try starExpressions() : nil
        try setHeight(height + 1)
        return Expression(.yield(value), range(from: start))
    }

    /// The right side of an assignment.
    mutating func yieldOrStarExpressions() throws(ParseFailure) -> Expression {
        kind == .kwYield ? try yield() : try starExpressions()
    }
}
