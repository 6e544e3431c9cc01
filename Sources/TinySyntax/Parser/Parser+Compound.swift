// Statements with blocks.

extension Parser {
    /// The compound statement here, or nil if a simple one is here.
    mutating func compoundStatement() throws(ParseFailure) -> Statement? {
        let start = index
        switch kind {
        case .kwIf: return try ifStatement()
        case .kwFor: return try forStatement(from: start, isAsync: false)
        case .kwWhile:
            index += 1
            let test = try namedExpression()
            let body = try block()
            return Statement(.while(test: test, body: body, orElse: try elseBlock()), range(from: start))
        case .kwTry: return try tryStatement()
        case .kwWith: return try withStatement(from: start, isAsync: false)
        case .kwDef: return try function(from: start, isAsync: false, decorators: [])
        case .kwClass: return try classDefinition(decorators: [])
        case .at: return try decorated()
        case .kwAsync:
            index += 1
            switch kind {
            case .kwDef: return try function(from: start, isAsync: true, decorators: [])
            case .kwFor: return try forStatement(from: start, isAsync: true)
            case .kwWith: return try withStatement(from: start, isAsync: true)
            default: throw .rejected
            }
        case .name where tokens[index].name == NameTable.match: return try matchStatement()
        default: return nil
        }
    }

    /// `:` and either indented statements or the rest of the line.
    mutating func block() throws(ParseFailure) -> [Statement] {
        try expect(.colon)
        var result: [Statement] = []
        if !accept(.newline) {
            try simpleStatements(into: &result)
            return result
        }
        try checkStack()
        try expect(.indent)
        repeat { try statement(into: &result) } while kind != .dedent && kind != .endMarker
        try expect(.dedent)
        return result
    }

    private mutating func elseBlock() throws(ParseFailure) -> [Statement] {
        accept(.kwElse) ? try block() : []
    }

    private mutating func decorated() throws(ParseFailure) -> Statement {
        var decorators: [Expression] = []
        while accept(.at) {
            decorators.append(try namedExpression())
            try expect(.newline)
        }
        let start = index
        if kind == .kwClass { return try classDefinition(decorators: decorators) }
        let isAsync = accept(.kwAsync)
        return try function(from: start, isAsync: isAsync, decorators: decorators)
    }

    /// A chain of `elif` is collected first and nested afterwards, so that its length needs no stack.
    private mutating func ifStatement() throws(ParseFailure) -> Statement {
        var branches: [(start: Int, test: Expression, body: [Statement])] = []
        repeat {
            let start = index
            index += 1
            let test = try namedExpression()
            branches.append((start, test, try block()))
            if branches.count > Parser.maximumChain { throw .tooComplex }
        } while kind == .kwElif
        var orElse = try elseBlock()
        while let branch = branches.popLast() {
            orElse = [
                Statement(.if(test: branch.test, body: branch.body, orElse: orElse), range(from: branch.start))
            ]
        }
        return orElse[0]
    }

    private mutating func forStatement(from start: Int, isAsync: Bool) throws(ParseFailure) -> Statement {
        index += 1
        let target = try starTargets()
        try expect(.kwIn)
        let iterable = try starExpressions()
        let body = try block()
        let orElse = try elseBlock()
        return Statement(
            .for(target: target, iterable: iterable, body: body, orElse: orElse, isAsync: isAsync), range(from: start))
    }

    private mutating func tryStatement() throws(ParseFailure) -> Statement {
        let start = index
        index += 1
        let body = try block()
        var handlers: [ExceptionHandler] = []
        var isGroup = false
        while kind == .kwExcept {
            let handlerStart = index
            index += 1
            let hasStar = accept(.star)
            if !handlers.isEmpty && hasStar != isGroup { throw .rejected }
            isGroup = hasStar
            var type: Expression?
            var name: String?
            if kind != .colon || hasStar {
                type = try expression()
                if accept(.kwAs) { name = try expectName() }
            }
            let handlerBody = try block()
            handlers.append(
                ExceptionHandler(type: type, name: name, body: handlerBody, range: range(from: handlerStart)))
        }
        let orElse = handlers.isEmpty ? [] : try elseBlock()
        let finally = accept(.kwFinally) ? try block() : []
        if handlers.isEmpty && finally.isEmpty { throw .rejected }
        return Statement(
            .try(body: body, handlers: handlers, orElse: orElse, finally: finally, isGroup: isGroup), range(from: start))
    }

    // MARK: With

    private mutating func withStatement(from start: Int, isAsync: Bool) throws(ParseFailure) -> Statement {
        index += 1
        let items: [WithItem]
        if let parenthesized = try parenthesizedItems() {
            items = parenthesized
        } else {
            var list: [WithItem] = []
            repeat { list.append(try withItem()) } while accept(.comma)
            items = list
        }
        let body = try block()
        return Statement(.with(items: items, body: body, isAsync: isAsync), range(from: start))
    }

    /// Items in parentheses, if that is what the parenthesis here begins: it may as well begin an expression.
    private mutating func parenthesizedItems() throws(ParseFailure) -> [WithItem]? {
        let start = index
        if !accept(.leftParen) { return nil }
        do throws(ParseFailure) {
            var list: [WithItem] = []
            repeat {
                if !list.isEmpty && kind == .rightParen { break }
                list.append(try withItem())
            } while accept(.comma)
            try expect(.rightParen)
            if kind == .colon { return list }
        } catch {
            guard case .rejected = error else { throw error }
        }
        index = start
        return nil
    }

    private mutating func withItem() throws(ParseFailure) -> WithItem {
        let context = try expression()
        return WithItem(context: context, target: accept(.kwAs) ? try starTarget() : nil)
    }
}
