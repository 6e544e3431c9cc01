// Conditions: tests become jumps, without a boolean in between.
import TinySyntax

extension Emitter {
    /// Goes to `label` if the truth of `expression` is `condition`, else falls through.
    func emitJump(_ expression: Expression, if condition: Bool, to label: Label) throws(SyntaxDiagnostic) {
        try context.stack.check()
        if let truth = foldedConstant(expression)?.truth {
            range = expression.range
            if truth == condition { jump(to: label) }
            return
        }
        switch expression.node {
        case .unary(.not, let inner):
            if let inverse = inner.invertedTest { return try emitJump(inverse, if: condition, to: label) }
            try emitJump(inner, if: !condition, to: label)
        case .boolean(let op, let operands): try emitBooleanJump(op, operands, condition, label)
        case .compare(let left, let links) where links.count == 1:
            warnOfComparison(left, links, expression.range)
            try emitComparisonJump(left, links[0], condition, label, expression.range)
        case .compare: try emitChainJump(expression, condition, label)
        case .conditional: try emitConditionalJump(expression, condition, label)
        case .named(let target, let value): try emitNamedJump(target, value, condition, label, expression.range)
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .lambda, .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            let mark = nextRegister
            let register = try operand(expression)
            nextRegister = mark
            range = expression.range
            emitJump(condition ? .jumpIfTrue : .jumpIfFalse, a: register, to: label)
        }
    }

    @inline(never)
    private func emitBooleanJump(
        _ op: BooleanOperator, _ operands: [Expression], _ condition: Bool, _ label: Label
    ) throws(SyntaxDiagnostic) {
        guard let last = operands.last else { return }
        // the value that decides at once: false for `and`, true for `or`
        let decisive = op == .or
        if condition == decisive {
            for operand in operands { try emitJump(operand, if: decisive, to: label) }
            return
        }
        let skip = newLabel()
        for operand in operands.dropLast() { try emitJump(operand, if: decisive, to: skip) }
        try emitJump(last, if: condition, to: label)
        place(skip)
    }

    @inline(never)
    private func emitConditionalJump(
        _ expression: Expression, _ condition: Bool, _ label: Label
    ) throws(SyntaxDiagnostic) {
        guard case .conditional(let test, let body, let orElse) = expression.node else { return }
        let otherwise = newLabel(), end = newLabel()
        try emitJump(test, if: false, to: otherwise)
        try emitJump(body, if: condition, to: label)
        jump(to: end)
        place(otherwise)
        try emitJump(orElse, if: condition, to: label)
        place(end)
    }

    /// `while chunk := read():` tests the variable itself.
    @inline(never)
    private func emitNamedJump(
        _ target: Expression, _ value: Expression, _ condition: Bool, _ label: Label, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        guard case .name(let name) = target.node else { return }
        let mark = nextRegister
        var register = targetRegister(name)
        if let register {
            try emit(value, into: register)
            assigned.insert(register)
        } else {
            let temporary = try operand(value)
            self.range = target.range
            try storeName(name, from: temporary)
            register = temporary
        }
        nextRegister = mark
        self.range = range
        emitJump(condition ? .jumpIfTrue : .jumpIfFalse, a: register ?? 0, to: label)
    }

    private static func isNone(_ expression: Expression) -> Bool {
        if case .constant(.none) = expression.node { return true }
        return false
    }

    @inline(never)
    private func emitComparisonJump(
        _ left: Expression, _ link: Comparison, _ condition: Bool, _ label: Label, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        defer { nextRegister = mark }
        let first = try operand(left)
        if link.op == .is || link.op == .isNot, Emitter.isNone(link.right) {
            self.range = range
            return emitJump((link.op == .is) == condition ? .jumpIfNone : .jumpIfNotNone, a: first, to: label)
        }
        try emitLinkJump(first, link, constantOperand(link.right), nil, condition, label, range)
    }

    /// Compares R[first] with a constant, with R[second], or (both nil) with what the link says, and jumps.
    private func emitLinkJump(
        _ first: Int, _ link: Comparison, _ constant: Int?, _ second: Int?, _ condition: Bool, _ label: Label,
        _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let isOrder = link.op.rawValue <= ComparisonOperator.greaterEqual.rawValue
        let flag = condition ? 1 : 0
        if isOrder, let constant,
            let opcode = Opcode(rawValue: Opcode.jumpIfLessConstant.rawValue + link.op.rawValue) {
            self.range = range
            return emitJump(opcode, a: first, b: constant, d: flag, to: label)
        }
        let other = if let second { second } else { try comparand(link) }
        self.range = range
        if isOrder, let opcode = Opcode(rawValue: Opcode.jumpIfLess.rawValue + link.op.rawValue) {
            emitJump(opcode, a: first, b: other, d: flag, to: label)
        } else {
            let result = try allocate()
            emitComparison(link.op, result, first, other)
            emitJump(condition ? .jumpIfTrue : .jumpIfFalse, a: result, to: label)
        }
    }

    @inline(never)
    private func emitChainJump(
        _ expression: Expression, _ condition: Bool, _ label: Label
    ) throws(SyntaxDiagnostic) {
        guard case .compare(let left, let links) = expression.node else { return }
        warnOfComparison(left, links, expression.range)
        let mark = nextRegister
        defer { nextRegister = mark }
        let fails = condition ? newLabel() : label
        var first = try operand(left)
        for (index, link) in links.enumerated() {
            let isLast = index == links.count - 1
            // the last comparand is not needed again, and may be a constant of the instruction
            let second = isLast ? nil : try comparand(link)
            try emitLinkJump(
                first, link, isLast ? constantOperand(link.right) : nil, second, isLast ? condition : false,
                isLast ? label : fails, expression.range)
            if let second { first = second }
        }
        if condition { place(fails) }
    }
}

extension Expression {
    /// `a is not b` for `a is b`, and so on: what `not` makes of a test that has an inverse.
    var invertedTest: Expression? {
        guard case .compare(let left, let links) = node, links.count == 1 else { return nil }
        let inverse: ComparisonOperator
        switch links[0].op {
        case .is: inverse = .isNot
        case .isNot: inverse = .is
        case .in: inverse = .notIn
        case .notIn: inverse = .in
        case .less, .lessEqual, .equal, .notEqual, .greater, .greaterEqual: return nil
        }
        return Expression(.compare(left, [Comparison(inverse, links[0].right)]), range)
    }
}
