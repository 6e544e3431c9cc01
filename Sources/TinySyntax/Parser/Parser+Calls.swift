// The arguments of calls and class headers, and the clauses of comprehensions.

extension Parser {
    /// From the opening to the closing parenthesis. `height` is then that of the highest argument. A call, unlike a class
    /// header, may have one generator without parentheses of its own.
    mutating func callArguments(allowsGenerator: Bool = true) throws(ParseFailure) -> ([Expression], [Keyword]) {
        let open = index
        index += 1
        var arguments: [Expression] = []
        var keywords: [Keyword] = []
        var tallest = 0
        var sawDoubleStar = false
        while kind != .rightParen {
            let start = index
            switch kind {
            case .star:
                if sawDoubleStar { throw .rejected }
                index += 1
                let value = try expression()
                arguments.append(Expression(.starred(value), range(from: start)))
            case .doubleStar:
                index += 1
                let value = try expression()
                keywords.append(Keyword(name: nil, value: value, range: range(from: start)))
                sawDoubleStar = true
            case .name where nextKind == .equal:
                let name = try expectName()
                index += 1
                let value = try expression()
                keywords.append(Keyword(name: name, value: value, range: range(from: start)))
            default:
                if !keywords.isEmpty { throw .rejected }
                let value = try namedExpression()
                if kind == .kwFor || kind == .kwAsync {
                    if !allowsGenerator || !arguments.isEmpty { throw .rejected }
                    var highest = height
                    let clauses = try comprehensionClauses(&highest)
                    try expect(.rightParen)
                    try setHeight(highest + 1)
                    return ([Expression(.generator(value, clauses), range(from: open))], [])
                }
                arguments.append(value)
            }
            tallest = max(tallest, height)
            if !accept(.comma) { break }
        }
        try expect(.rightParen)
        try setHeight(tallest + 1)
        return (arguments, keywords)
    }

    var beginsComprehension: Bool { kind == .kwFor || (kind == .kwAsync && nextKind == .kwFor) }

    /// One or more `for … in … if …`. `tallest` is raised to the highest expression in them.
    mutating func comprehensionClauses(_ tallest: inout Int) throws(ParseFailure) -> [ComprehensionClause] {
        var clauses: [ComprehensionClause] = []
        while beginsComprehension {
            let isAsync = accept(.kwAsync)
            index += 1
            let target = try starTargets()
            tallest = max(tallest, height)
            try expect(.kwIn)
            let iterable = try disjunction()
            tallest = max(tallest, height)
            var conditions: [Expression] = []
            while accept(.kwIf) {
                conditions.append(try disjunction())
                tallest = max(tallest, height)
            }
            clauses.append(
                ComprehensionClause(target: target, iterable: iterable, conditions: conditions, isAsync: isAsync))
        }
        if clauses.isEmpty { throw .rejected }
        return clauses
    }
}
