// Displays of tuples, lists, sets and dicts. Short ones are laid out in registers and built at once; long ones, and
// those with stars, grow item by item.
import TinySyntax

extension Emitter {
    @inline(never)
    func emitSequence(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        switch expression.node {
        case .tuple(let items): try emitTuple(items, expression.range, into: destination)
        case .list(let items):
            if !items.isEmpty, let constants = foldedItems(items) {
                range = expression.range
                return emit(.buildListFromConstant, a: destination, bc: pool.slot(.tuple(constants)))
            }
            try emitItems(items, .buildList, expression.range, into: destination)
        case .set(let items):
            if items.count > 2, let constants = foldedItems(items) {
                range = expression.range
                return emit(.buildSetFromConstant, a: destination, bc: pool.slot(.frozenSet(constants)))
            }
            try emitItems(items, .buildSet, expression.range, into: destination)
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .boolean, .compare, .conditional, .named, .lambda, .dictionary, .listComprehension,
            .setComprehension, .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            break
        }
    }

    private func emitTuple(_ items: [Expression], _ range: SourceRange, into destination: Int) throws(SyntaxDiagnostic) {
        if items.count <= Emitter.longestRun, !items.contains(where: \.isStarred) {
            return try emitRun(items, .buildTuple, range, into: destination)
        }
        let mark = nextRegister
        let list = try scratch(for: destination)
        try emitItems(items, .buildList, range, into: list)
        self.range = range
        emit(.listToTuple, a: destination, b: list)
        nextRegister = mark
    }

    private func emitRun(
        _ items: [Expression], _ opcode: Opcode, _ range: SourceRange, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        for item in items { try emit(item, into: try allocate()) }
        self.range = range
        emit(opcode, a: destination, b: items.isEmpty ? destination : mark, c: items.count)
        nextRegister = mark
    }

    /// A list or set.
    func emitItems(
        _ items: [Expression], _ opcode: Opcode, _ range: SourceRange, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let head = items.prefix(Emitter.longestRun).prefix { !$0.isStarred }
        if head.count == items.count { return try emitRun(items, opcode, range, into: destination) }
        let mark = nextRegister
        let container = try isLocal(destination) || destination != nextRegister - 1 ? allocate() : destination
        try emitRun(Array(head), opcode, range, into: container)
        let isList = opcode == .buildList
        for item in items.dropFirst(head.count) {
            let itemMark = nextRegister
            if case .starred(let inner) = item.node {
                let source = try operand(inner)
                self.range = range
                emit(isList ? .listExtend : .setUpdate, a: container, b: source, d: isList ? 1 : 0)
            } else {
                let source = try operand(item)
                self.range = range
                emit(isList ? .listAppend : .setAdd, a: container, b: source)
            }
            nextRegister = itemMark
        }
        self.range = range
        move(container, to: destination)
        nextRegister = mark
    }

    @inline(never)
    func emitDictionary(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .dictionary(let items) = expression.node else { return }
        let mark = nextRegister
        let head = items.prefix(Emitter.longestRun / 4).prefix { $0.key != nil }
        let isWhole = head.count == items.count
        let container = isWhole ? destination : try scratch(for: destination)
        let first = nextRegister
        for item in head {
            guard let key = item.key else { continue }
            try emit(key, into: try allocate())
            try emit(item.value, into: try allocate())
        }
        range = expression.range
        emit(.buildDictionary, a: container, b: head.isEmpty ? container : first, c: head.count)
        nextRegister = first
        for item in items.dropFirst(head.count) {
            if let keyExpression = item.key {
                let key = try operand(keyExpression)
                let value = try operand(item.value)
                range = expression.range
                emit(.dictionaryInsert, a: container, b: key, c: value)
            } else {
                let value = try operand(item.value)
                range = expression.range
                emit(.dictionaryUpdate, a: container, b: value)
            }
            nextRegister = first
        }
        if !isWhole { move(container, to: destination) }
        nextRegister = mark
    }
}

extension Expression {
    var isStarred: Bool {
        if case .starred = node { return true }
        return false
    }
}
