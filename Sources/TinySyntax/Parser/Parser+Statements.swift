// Statements of one line.

extension Parser {
    /// One compound statement, or a line of simple ones.
    mutating func statement(into result: inout [Statement]) throws(ParseFailure) {
        if let compound = try compoundStatement() {
            result.append(compound)
            return
        }
        try simpleStatements(into: &result)
    }

    /// `a; b; c` and the end of the line.
    mutating func simpleStatements(into result: inout [Statement]) throws(ParseFailure) {
        repeat {
            result.append(try simpleStatement())
        } while accept(.semicolon) && kind != .newline
        try expect(.newline)
    }

    private mutating func simpleStatement() throws(ParseFailure) -> Statement {
        let start = index
        let node: Statement.Node
        switch kind {
        case .kwPass:
            index += 1
            node = .pass
        case .kwBreak:
            index += 1
            node = .break
        case .kwContinue:
            index += 1
            node = .continue
        case .kwReturn:
            index += 1
            node = .return(beginsExpression ? try starExpressions() : nil)
        case .kwRaise: node = try raise()
        case .kwGlobal: node = .global(try declaredNames())
        case .kwNonlocal: node = .nonlocal(try declaredNames())
        case .kwDel: node = try delete()
        case .kwAssert:
            index += 1
            let test = try expression()
            node = .assert(test: test, message: accept(.comma) ? try expression() : nil)
        case .kwImport: node = try importModules()
        case .kwFrom: node = try importFrom()
        case .kwYield:
            let value = try yield()
            if kind == .equal { throw .rejected }
            node = .expression(value)
        case .name where tokens[index].name == NameTable.type && nextKind == .name:
            node = try typeAlias()
        default: node = try assignmentOrExpression()
        }
        return Statement(node, range(from: start))
    }

    private mutating func raise() throws(ParseFailure) -> Statement.Node {
        index += 1
        if !beginsExpression || kind == .star { return .raise(nil, cause: nil) }
        let exception = try expression()
        return .raise(exception, cause: accept(.kwFrom) ? try expression() : nil)
    }

    private mutating func declaredNames() throws(ParseFailure) -> [String] {
        index += 1
        var result: [String] = []
        repeat { result.append(try expectName()) } while accept(.comma)
        return result
    }

    private mutating func delete() throws(ParseFailure) -> Statement.Node {
        index += 1
        var targets: [Expression] = []
        repeat {
            if !targets.isEmpty && (kind == .newline || kind == .semicolon) { break }
            let target = try primary()
            if !isTarget(target, .deletion) { throw .rejected }
            targets.append(target)
        } while accept(.comma)
        return .delete(targets)
    }

    private mutating func typeAlias() throws(ParseFailure) -> Statement.Node {
        index += 1
        let nameRange = tokens[index].range
        let name = try expectName()
        let parameters = try typeParameters()
        try expect(.equal)
        return .typeAlias(name: name, nameRange: nameRange, typeParameters: parameters, value: try expression())
    }

    // MARK: Imports

    private mutating func dottedName() throws(ParseFailure) -> String {
        var result = try expectName()
        while accept(.dot) { result += "." + (try expectName()) }
        return result
    }

    private mutating func importModules() throws(ParseFailure) -> Statement.Node {
        index += 1
        var aliases: [ImportAlias] = []
        repeat {
            let start = index
            let name = try dottedName()
            let alias = accept(.kwAs) ? try expectName() : nil
            aliases.append(ImportAlias(name: name, alias: alias, range: range(from: start)))
        } while accept(.comma)
        return .import(aliases)
    }

    private mutating func importFrom() throws(ParseFailure) -> Statement.Node {
        index += 1
        var level = 0
        while true {
            if accept(.dot) { level += 1 } else if accept(.ellipsis) { level += 3 } else { break }
        }
        let module = kind == .name || level == 0 ? try dottedName() : nil
        try expect(.kwImport)
        if kind == .star {
            let star = ImportAlias(name: "*", alias: nil, range: tokens[index].range)
            index += 1
            return .importFrom(module: module, names: [star], level: level)
        }
        let isParenthesized = accept(.leftParen)
        var aliases: [ImportAlias] = []
        repeat {
            if isParenthesized && !aliases.isEmpty && kind == .rightParen { break }
            let start = index
            let name = try expectName()
            let alias = accept(.kwAs) ? try expectName() : nil
            aliases.append(ImportAlias(name: name, alias: alias, range: range(from: start)))
        } while accept(.comma)
        if isParenthesized { try expect(.rightParen) }
        return .importFrom(module: module, names: aliases, level: level)
    }

    // MARK: Assignments

    private mutating func assignmentOrExpression() throws(ParseFailure) -> Statement.Node {
        let isParenthesized = kind == .leftParen
        let first = try starExpressions()
        switch kind {
        case .newline, .semicolon: return .expression(first)
        case .equal: return try assignment(first)
        case .colon:
            if !isSingleTarget(first) { throw .rejected }
            index += 1
            let annotation = try expression()
            let value = accept(.equal) ? try yieldOrStarExpressions() : nil
            var isSimple = false
            if case .name = first.node { isSimple = !isParenthesized }
            return .annotatedAssign(target: first, annotation: annotation, value: value, isSimple: isSimple)
        default:
            guard let op = augmentedOperator() else { return .expression(first) }
            if !isSingleTarget(first) { throw .rejected }
            index += 1
            return .augmentedAssign(target: first, op, value: try yieldOrStarExpressions())
        }
    }

    private mutating func assignment(_ first: Expression) throws(ParseFailure) -> Statement.Node {
        var targets: [Expression] = []
        var last = first
        while accept(.equal) {
            if !isTarget(last) { throw .rejected }
            targets.append(last)
            last = try yieldOrStarExpressions()
        }
        return .assign(targets: targets, value: last)
    }

    private func augmentedOperator() -> BinaryOperator? {
        switch kind {
        case .plusEqual: .add
        case .minusEqual: .subtract
        case .starEqual: .multiply
        case .atEqual: .matrixMultiply
        case .slashEqual: .divide
        case .percentEqual: .modulo
        case .ampersandEqual: .bitAnd
        case .barEqual: .bitOr
        case .caretEqual: .bitXor
        case .leftShiftEqual: .leftShift
        case .rightShiftEqual: .rightShift
        case .doubleStarEqual: .power
        case .doubleSlashEqual: .floorDivide
        default: nil
        }
    }
}
