// Parameter lists, lambdas and type parameters.

extension Parser {
    mutating func lambda() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        var tallest = 0
        let parameters = try parameters(until: .colon, isLambda: true, tallest: &tallest)
        try expect(.colon)
        let body = try expression()
        try setHeight(max(tallest, height) + 1)
        return Expression(.lambda(parameters, body: body), range(from: start))
    }

    /// Parameters up to the closing token, which is not passed.
    mutating func parameters(
        until close: TokenKind, isLambda: Bool, tallest: inout Int
    ) throws(ParseFailure) -> Parameters {
        var result = Parameters()
        var sawSlash = false
        var sawStar = false
        var sawDefault = false
        while kind != close {
            switch kind {
            case .slash:
                if sawSlash || sawStar || result.positional.isEmpty { throw .rejected }
                index += 1
                sawSlash = true
                swap(&result.positionalOnly, &result.positional)
            case .star:
                if sawStar { throw .rejected }
                index += 1
                sawStar = true
                if accept(.comma) {
                    // A bare star must be followed by a keyword-only parameter.
                    if kind != .name { throw .rejected }
                    continue
                }
                result.variadic = try parameter(isLambda, allowsStar: true, allowsDefault: false, &tallest)
            case .doubleStar:
                index += 1
                result.variadicKeywords = try parameter(isLambda, allowsStar: false, allowsDefault: false, &tallest)
                _ = accept(.comma)
                if kind != close { throw .rejected }
                return result
            default:
                let parameter = try parameter(isLambda, allowsStar: false, allowsDefault: true, &tallest)
                if sawStar {
                    result.keywordOnly.append(parameter)
                } else {
                    if parameter.defaultValue != nil { sawDefault = true } else if sawDefault { throw .rejected }
                    result.positional.append(parameter)
                }
            }
            if !accept(.comma) { break }
        }
        if kind != close { throw .rejected }
        return result
    }

    private mutating func parameter(
        _ isLambda: Bool, allowsStar: Bool, allowsDefault: Bool, _ tallest: inout Int
    ) throws(ParseFailure) -> Parameter {
        let start = index
        let name = try expectName()
        var annotation: Expression?
        if !isLambda && accept(.colon) {
            annotation = allowsStar ? try starExpression() : try expression()
            tallest = max(tallest, height)
        }
        let place = range(from: start)
        var defaultValue: Expression?
        if allowsDefault && accept(.equal) {
            defaultValue = try expression()
            tallest = max(tallest, height)
        }
        return Parameter(name: name, annotation: annotation, defaultValue: defaultValue, range: place)
    }

    /// `[T: bound = default, *Ts, **P]`, or nothing.
    mutating func typeParameters() throws(ParseFailure) -> [TypeParameter] {
        if !accept(.leftBracket) { return [] }
        var result: [TypeParameter] = []
        repeat {
            if kind == .rightBracket { break }
            let start = index
            let form: TypeParameter.Form
            if accept(.star) {
                form = .typeVariableTuple
            } else if accept(.doubleStar) {
                form = .parameterSpecification
            } else {
                form = .typeVariable
            }
            let name = try expectName()
            var bound: Expression?
            if form == .typeVariable && accept(.colon) { bound = try expression() }
            var defaultValue: Expression?
            if accept(.equal) {
                defaultValue = form == .typeVariableTuple ? try starExpression() : try expression()
            }
            result.append(
                TypeParameter(
                    form: form, name: name, bound: bound, defaultValue: defaultValue, range: range(from: start)))
        } while accept(.comma)
        try expect(.rightBracket)
        if result.isEmpty { throw .rejected }
        return result
    }

    /// `def name[…](…) -> …: block`, after `async` if there is one (`start` is the token of either).
    mutating func function(from start: Int, isAsync: Bool, decorators: [Expression]) throws(ParseFailure) -> Statement {
        try expect(.kwDef)
        let nameRange = tokens[index].range
        let name = try expectName()
        let typeParameters = try typeParameters()
        try expect(.leftParen)
        var tallest = 0
        let parameters = try parameters(until: .rightParen, isLambda: false, tallest: &tallest)
        index += 1
        let returns = accept(.arrow) ? try expression() : nil
        let body = try block()
        let definition = FunctionDefinition(
            name: name, nameRange: nameRange, typeParameters: typeParameters, parameters: parameters, returns: returns,
            body: body, decorators: decorators, isAsync: isAsync)
        return Statement(.function(definition), range(from: start))
    }

    mutating func classDefinition(decorators: [Expression]) throws(ParseFailure) -> Statement {
        let start = index
        try expect(.kwClass)
        let nameRange = tokens[index].range
        let name = try expectName()
        let typeParameters = try typeParameters()
        var bases: [Expression] = []
        var keywords: [Keyword] = []
        if kind == .leftParen { (bases, keywords) = try callArguments(allowsGenerator: false) }
        let body = try block()
        let definition = ClassDefinition(
            name: name, nameRange: nameRange, typeParameters: typeParameters, bases: bases, keywords: keywords,
            body: body, decorators: decorators)
        return Statement(.class(definition), range(from: start))
    }
}
