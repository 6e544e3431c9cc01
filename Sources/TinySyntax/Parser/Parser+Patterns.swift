// `match` and its patterns.

extension Parser {
    /// `match` is a name as well: nil, with nothing passed, if no match statement begins here.
    mutating func matchStatement() throws(ParseFailure) -> Statement? {
        let start = index
        index += 1
        guard beginsExpression, let subject = try matchHead() else {
            index = start
            return nil
        }
        var cases: [MatchCase] = []
        while isSoft(NameTable.case) {
            index += 1
            let pattern = try topPattern()
            let guardTest = accept(.kwIf) ? try namedExpression() : nil
            cases.append(MatchCase(pattern: pattern, guardTest: guardTest, body: try block()))
        }
        try expect(.dedent)
        return Statement(.match(subject: subject, cases: cases), range(from: start))
    }

    /// The subject, if a colon and an indented `case` follow.
    private mutating func matchHead() throws(ParseFailure) -> Expression? {
        do throws(ParseFailure) {
            let start = index
            let subject = try tupleOrSingle { parser throws(ParseFailure) in try parser.starNamedExpression() }
            if case .starred = subject.node, start < index { return nil }
            if accept(.colon), accept(.newline), accept(.indent), isSoft(NameTable.case) { return subject }
        } catch {
            guard case .rejected = error else { throw error }
        }
        return nil
    }

    /// A pattern, or a sequence without brackets.
    private mutating func topPattern() throws(ParseFailure) -> Pattern {
        let start = index
        let first = try starPattern()
        if kind != .comma {
            if case .star = first.node { throw .rejected }
            return first
        }
        var patterns = [first]
        while accept(.comma) {
            if kind == .colon || kind == .kwIf { break }
            patterns.append(try starPattern())
        }
        return Pattern(.sequence(patterns), range(from: start))
    }

    private mutating func starPattern() throws(ParseFailure) -> Pattern {
        if kind != .star { return try pattern() }
        let start = index
        index += 1
        if tokens[index].kind == .name && nextKind == .dot { throw .rejected }
        let name = try expectName()
        return Pattern(.star(name == "_" ? nil : name), range(from: start))
    }

    private mutating func pattern() throws(ParseFailure) -> Pattern {
        try checkStack()
        let start = index
        let first = try closedPattern()
        var result = first
        if kind == .bar {
            var alternatives = [first]
            while accept(.bar) { alternatives.append(try closedPattern()) }
            result = Pattern(.alternatives(alternatives), range(from: start))
        }
        if accept(.kwAs) {
            if isSoft(NameTable.underscore) { throw .rejected }
            let name = try expectName()
            switch kind {
            case .dot, .leftParen, .equal: throw .rejected
            default: break
            }
            result = Pattern(.capture(result, name: name), range(from: start))
        }
        return result
    }

    private mutating func closedPattern() throws(ParseFailure) -> Pattern {
        let start = index
        switch kind {
        case .number, .minus, .string, .formattedStart:
            let value = try literal()
            return Pattern(.value(value), range(from: start))
        case .kwNone, .kwTrue, .kwFalse:
            let constant: Constant = kind == .kwNone ? .none : kind == .kwTrue ? .true : .false
            index += 1
            return Pattern(.singleton(constant), range(from: start))
        case .name: return try namePattern()
        case .leftParen: return try groupPattern()
        case .leftBracket:
            index += 1
            let (patterns, _) = try sequenceItems(until: .rightBracket)
            return Pattern(.sequence(patterns), range(from: start))
        case .leftBrace: return try mappingPattern()
        default: throw .rejected
        }
    }

    /// Number, complex number, or string.
    private mutating func literal() throws(ParseFailure) -> Expression {
        let start = index
        switch kind {
        case .string, .formattedStart:
            return try strings()
        case .kwNone, .kwTrue, .kwFalse: return try atom()
        default: break
        }
        let real = try signedNumber()
        guard kind == .plus || kind == .minus else { return real }
        let op: BinaryOperator = kind == .plus ? .add : .subtract
        index += 1
        if kind != .number || isImaginary(real) { throw .rejected }
        let imaginary = try atom()
        if !isImaginary(imaginary) { throw .rejected }
        return Expression(.binary(real, op, imaginary), range(from: start))
    }

    private func isImaginary(_ expression: Expression) -> Bool {
        switch expression.node {
        case .constant(.imaginary): true
        case .unary(_, let operand): isImaginary(operand)
        default: false
        }
    }

    private mutating func signedNumber() throws(ParseFailure) -> Expression {
        let start = index
        let isNegative = accept(.minus)
        if kind != .number { throw .rejected }
        let value = try atom()
        return isNegative ? Expression(.unary(.minus, value), range(from: start)) : value
    }

    /// Capture, wildcard, dotted value, or class pattern.
    private mutating func namePattern() throws(ParseFailure) -> Pattern {
        let start = index
        if nextKind != .dot && nextKind != .leftParen {
            if nextKind == .equal { throw .rejected }
            let name = try expectName()
            return Pattern(.capture(nil, name: name == "_" ? nil : name), range(from: start))
        }
        var value = name()
        while accept(.dot) {
            let attribute = try expectName()
            value = Expression(.attribute(value, attribute), range(from: start))
            try setHeight(height + 1)
        }
        if kind == .leftParen { return try classPattern(value, from: start) }
        if kind == .equal { throw .rejected }
        return Pattern(.value(value), range(from: start))
    }

    private mutating func classPattern(_ type: Expression, from start: Int) throws(ParseFailure) -> Pattern {
        index += 1
        var patterns: [Pattern] = []
        var keywordNames: [String] = []
        var keywordPatterns: [Pattern] = []
        while kind != .rightParen {
            if kind == .name && nextKind == .equal {
                keywordNames.append(try expectName())
                index += 1
                keywordPatterns.append(try pattern())
            } else {
                if !keywordNames.isEmpty { throw .rejected }
                patterns.append(try pattern())
            }
            if !accept(.comma) { break }
        }
        try expect(.rightParen)
        return Pattern(
            .class(type, patterns: patterns, keywordNames: keywordNames, keywordPatterns: keywordPatterns),
            range(from: start))
    }

    private mutating func groupPattern() throws(ParseFailure) -> Pattern {
        let start = index
        index += 1
        let (patterns, hasComma) = try sequenceItems(until: .rightParen)
        if patterns.count == 1 && !hasComma {
            if case .star = patterns[0].node { throw .rejected }
            return patterns[0]
        }
        return Pattern(.sequence(patterns), range(from: start))
    }

    private mutating func sequenceItems(until close: TokenKind) throws(ParseFailure) -> ([Pattern], hasComma: Bool) {
        var patterns: [Pattern] = []
        var hasComma = false
        while kind != close {
            patterns.append(try starPattern())
            if !accept(.comma) { break }
            hasComma = true
        }
        try expect(close)
        return (patterns, hasComma)
    }

    private mutating func mappingPattern() throws(ParseFailure) -> Pattern {
        let start = index
        index += 1
        var keys: [Expression] = []
        var patterns: [Pattern] = []
        var rest: String?
        while kind != .rightBrace {
            if accept(.doubleStar) {
                if isSoft(NameTable.underscore) { throw .rejected }
                rest = try expectName()
                _ = accept(.comma)
                break
            }
            keys.append(try mappingKey())
            try expect(.colon)
            patterns.append(try pattern())
            if !accept(.comma) { break }
        }
        try expect(.rightBrace)
        return Pattern(.mapping(keys: keys, patterns: patterns, rest: rest), range(from: start))
    }

    private mutating func mappingKey() throws(ParseFailure) -> Expression {
        if kind != .name { return try literal() }
        let start = index
        var value = name()
        if kind != .dot { throw .rejected }
        while accept(.dot) {
            let attribute = try expectName()
            value = Expression(.attribute(value, attribute), range(from: start))
            try setHeight(height + 1)
        }
        return value
    }
}
