// Expressions. `emit(_:into:)` is called at every level of a tree that may be 2,000 levels deep: it only says which
// function knows the form, and those keep their frames small.
import TinySyntax

extension Emitter {
    /// R[destination] = the value. A local's register is written last, and only if nothing fails.
    func emit(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        try context.stack.check()
        if let constant = foldedConstant(expression) {
            range = expression.range
            return loadConstant(constant, into: destination)
        }
        switch expression.node {
        case .constant(let constant):
            range = expression.range
            loadConstant(.literal(constant), into: destination)
        case .name(let name):
            range = expression.range
            try loadName(name, into: destination)
        case .joinedString, .formatted: try emitText(expression, into: destination)
        case .attribute: try emitAttribute(expression, into: destination)
        case .subscript: try emitSubscript(expression, into: destination)
        case .slice: try emitSlice(expression, into: destination)
        case .starred: throw SyntaxDiagnostic("can't use starred expression here", at: expression.range)
        case .call: try emitCall(expression, into: destination)
        case .unary: try emitUnary(expression, into: destination)
        case .binary: try emitBinary(expression, into: destination)
        case .boolean: try emitBoolean(expression, into: destination)
        case .compare: try emitCompare(expression, into: destination)
        case .conditional: try emitConditional(expression, into: destination)
        case .named: try emitNamed(expression, into: destination)
        case .lambda: try emitLambda(expression, into: destination)
        case .tuple, .list, .set: try emitSequence(expression, into: destination)
        case .dictionary: try emitDictionary(expression, into: destination)
        case .listComprehension, .setComprehension, .dictionaryComprehension, .generator:
            try emitComprehension(expression, into: destination)
        case .await, .yield, .yieldFrom: try emitSuspension(expression, into: destination)
        }
    }

    /// The register where the value can be read: a local's own, or a temporary.
    func operand(_ expression: Expression) throws(SyntaxDiagnostic) -> Int {
        if let register = try stableRegister(expression) { return register }
        let register = try allocate()
        try emit(expression, into: register)
        return register
    }

    /// As `operand`, but intermediate values may go to `destination` instead of a new temporary.
    func operand(_ expression: Expression, reusing destination: Int) throws(SyntaxDiagnostic) -> Int {
        if let register = try stableRegister(expression) { return register }
        let register = try scratch(for: destination)
        try emit(expression, into: register)
        return register
    }

    /// The slot of an operand that is a constant, if instructions can name it.
    func constantOperand(_ expression: Expression) -> Int? {
        guard let constant = foldedConstant(expression) else { return nil }
        let slot = pool.slot(constant)
        return slot <= Int(UInt16.max) ? slot : nil
    }

    /// The value is computed and dropped.
    func emitDiscarded(_ expression: Expression) throws(SyntaxDiagnostic) {
        if foldedConstant(expression) != nil { return }
        if try stableRegister(expression) != nil { return }
        let mark = nextRegister
        try emit(expression, into: try allocate())
        nextRegister = mark
    }

    // MARK: Operators

    @inline(never)
    private func emitUnary(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .unary(let op, let value) = expression.node else { return }
        if op == .not, let inverse = value.invertedTest { return try emit(inverse, into: destination) }
        let mark = nextRegister
        var operandValue = value
        // What is only compared to be denied stands where the denial does.
        if op == .not, case .compare(_, let links) = value.node, links.count == 1 {
            operandValue = Expression(value.node, expression.range)
        }
        let source = try operand(operandValue, reusing: destination)
        range = expression.range
        switch op {
        case .minus: emit(.negate, a: destination, b: source)
        case .plus: emit(.positive, a: destination, b: source)
        case .invert: emit(.invert, a: destination, b: source)
        case .not: emit(.not, a: destination, b: source)
        }
        nextRegister = mark
    }

    @inline(never)
    private func emitBinary(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .binary(let left, let op, let right) = expression.node else { return }
        let mark = nextRegister
        if try emitWithConstantLeft(left, op, right, into: destination, range: expression.range) { return nextRegister = mark }
        let first = try operand(left, reusing: destination)
        try emitOperation(op, destination, first, right, inPlace: false, range: expression.range)
        nextRegister = mark
    }

    /// `2 * x`, `1 / x`: a number on the left that an instruction can name. False: it is something else, and nothing was emitted.
    private func emitWithConstantLeft(
        _ left: Expression, _ op: BinaryOperator, _ right: Expression, into destination: Int, range: SourceRange
    ) throws(SyntaxDiagnostic) -> Bool {
        let form: (opcode: Opcode, flag: Int)
        switch op {
        case .add: form = (.addConstant, 2)
        case .multiply: form = (.multiplyConstant, 2)
        case .subtract: form = (.constantSubtract, 0)
        case .divide: form = (.constantDivide, 0)
        case .matrixMultiply, .floorDivide, .modulo, .power, .leftShift, .rightShift, .bitOr, .bitXor, .bitAnd: return false
        }
        guard case .literal(let literal)? = foldedConstant(left), literal.isPlainNumber, foldedConstant(right) == nil,
            let slot = constantOperand(left)
        else { return false }
        let second = try operand(right, reusing: destination)
        self.range = range
        emit(form.opcode, a: destination, b: second, c: slot, d: form.flag)
        return true
    }

    /// R[destination] = R[left] op right.
    func emitOperation(
        _ op: BinaryOperator, _ destination: Int, _ left: Int, _ right: Expression, inPlace: Bool, range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let flag = inPlace ? 1 : 0
        if let slot = constantOperand(right), let opcode = Opcode(rawValue: Opcode.addConstant.rawValue + op.rawValue) {
            self.range = range
            emit(opcode, a: destination, b: left, c: slot, d: flag)
        } else if let opcode = Opcode(rawValue: Opcode.add.rawValue + op.rawValue) {
            let second = try operand(right)
            self.range = range
            emit(opcode, a: destination, b: left, c: second, d: flag)
        }
    }

    @inline(never)
    private func emitBoolean(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .boolean(let op, let operands) = expression.node, let last = operands.last else { return }
        let mark = nextRegister
        let result = try scratch(for: destination)
        let end = newLabel()
        for value in operands.dropLast() {
            if let constant = foldedConstant(value), let truth = constant.truth {
                // a constant decides now: it ends the chain, or is left out
                if truth == (op == .or) {
                    range = value.range
                    loadConstant(constant, into: result)
                    jump(to: end)
                }
                continue
            }
            try emit(value, into: result)
            range = expression.range
            emitJump(op == .and ? .jumpIfFalse : .jumpIfTrue, a: result, to: end)
        }
        try emit(last, into: result)
        place(end)
        range = expression.range
        move(result, to: destination)
        nextRegister = mark
    }

    @inline(never)
    private func emitConditional(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .conditional(let test, let body, let orElse) = expression.node else { return }
        let otherwise = newLabel(), end = newLabel()
        try emitJump(test, if: false, to: otherwise)
        try emit(body, into: destination)
        range = expression.range
        jump(to: end)
        place(otherwise)
        try emit(orElse, into: destination)
        place(end)
    }

    @inline(never)
    private func emitNamed(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .named(let target, let value) = expression.node, case .name(let name) = target.node else { return }
        let mark = nextRegister
        let result = try scratch(for: destination)
        try emit(value, into: result)
        range = target.range
        try storeName(name, from: result)
        move(result, to: destination)
        nextRegister = mark
    }

    // MARK: Comparison

    @inline(never)
    private func emitCompare(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .compare(let left, let links) = expression.node, let last = links.last else { return }
        warnOfComparison(left, links, expression.range)
        let mark = nextRegister
        let result = links.count == 1 ? destination : try scratch(for: destination)
        let end = newLabel()
        var first = try operand(left, reusing: links.count == 1 ? destination : try allocate())
        for link in links.dropLast() {
            let second = try comparand(link)
            range = expression.range
            emitComparison(link.op, result, first, second)
            emitJump(.jumpIfFalse, a: result, to: end)
            first = second
        }
        let second = try comparand(last)
        range = expression.range
        emitComparison(last.op, result, first, second)
        place(end)
        move(result, to: destination)
        nextRegister = mark
    }

    /// The right side of a comparison; `in [1, 2]` looks in a constant.
    func comparand(_ link: Comparison) throws(SyntaxDiagnostic) -> Int {
        if link.op == .in || link.op == .notIn, let constant = foldedContainer(link.right) {
            let register = try allocate()
            range = link.right.range
            loadConstant(constant, into: register)
            return register
        }
        return try operand(link.right)
    }

    func emitComparison(_ op: ComparisonOperator, _ destination: Int, _ left: Int, _ right: Int) {
        if let opcode = Opcode(rawValue: Opcode.less.rawValue + op.rawValue) {
            emit(opcode, a: destination, b: left, c: right)
        }
    }

    // MARK: Attributes and items

    @inline(never)
    private func emitAttribute(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .attribute(let object, let name) = expression.node else { return }
        let mark = nextRegister
        let slot = try nameSlot(mangle(name))
        if let call = superCall(object), name != "__class__" {
            let base = try emitSuperOperands(call)
            range = attributeRange(expression)
            emit(.loadSuperAttribute, a: destination, b: base, c: slot, d: call.arguments.isEmpty ? 0 : 1)
        } else {
            let source = try operand(object, reusing: destination)
            range = attributeRange(expression)
            emit(.loadAttribute, a: destination, b: source, c: slot)
        }
        nextRegister = mark
    }

    /// The range that an attribute access is blamed on: on several lines, the line of the attribute's name.
    func attributeRange(_ expression: Expression) -> SourceRange {
        guard case .attribute(_, let name) = expression.node else { return expression.range }
        return Emitter.narrowed(expression.range, toAttributeAt: expression.range, name)
    }

    /// `range`, moved to the line on which the attribute's name ends, as CPython does for accesses and method calls.
    static func narrowed(_ range: SourceRange, toAttributeAt attribute: SourceRange, _ name: String) -> SourceRange {
        guard range.line != attribute.endLine else { return range }
        let length = Int32(name.unicodeScalars.count)
        guard length <= attribute.endColumn else { return range }
        return SourceRange(
            line: attribute.endLine, column: attribute.endColumn - length, endLine: range.endLine,
            endColumn: range.endLine == attribute.endLine ? range.endColumn : range.endColumn)
    }

    @inline(never)
    private func emitSubscript(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .subscript(let object, let index) = expression.node else { return }
        warnOfSubscript(object, index, expression.range)
        let mark = nextRegister
        let source = try operand(object, reusing: destination)
        if let slot = constantOperand(index) {
            range = expression.range
            emit(.loadItemConstant, a: destination, b: source, c: slot)
        } else if case .slice(let lower, let upper, nil) = index.node {
            let bounds = try emitBounds([lower, upper], index.range)
            range = expression.range
            emit(.loadSlice, a: destination, b: source, c: bounds)
        } else {
            let key = try operand(index)
            range = expression.range
            emit(.loadItem, a: destination, b: source, c: key)
        }
        nextRegister = mark
    }

    @inline(never)
    private func emitSlice(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .slice(let lower, let upper, let step) = expression.node else { return }
        let mark = nextRegister
        let bounds = try emitBounds([lower, upper, step], expression.range)
        range = expression.range
        emit(.buildSlice, a: destination, b: bounds)
        nextRegister = mark
    }

    /// Consecutive registers with the parts of a slice.
    private func emitBounds(_ parts: [Expression?], _ range: SourceRange) throws(SyntaxDiagnostic) -> Int {
        let first = nextRegister
        for part in parts {
            let register = try allocate()
            if let part {
                try emit(part, into: register)
            } else {
                self.range = range
                loadNone(into: register)
            }
        }
        return first
    }

    // MARK: f-strings

    @inline(never)
    private func emitText(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        switch expression.node {
        case .joinedString(let parts): try emitJoined(parts, expression, into: destination)
        case .formatted(let value, let conversion, let format):
            let source = try operand(value, reusing: destination)
            var specification = 0xFFFF
            if let format { specification = try operand(format) }
            range = expression.range
            emit(.formatValue, a: destination, b: source, c: specification, d: Emitter.conversionCode(conversion))
        case .constant, .name, .attribute, .subscript, .slice, .starred, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            break
        }
        nextRegister = mark
    }

    private static func conversionCode(_ conversion: Character?) -> Int {
        switch conversion {
        case "s": 1
        case "r": 2
        case "a": 3
        default: 0
        }
    }

    private func emitJoined(
        _ parts: [Expression], _ expression: Expression, into destination: Int
    ) throws(SyntaxDiagnostic) {
        if parts.isEmpty {
            range = expression.range
            return loadString("", into: destination)
        }
        if parts.count == 1 { return try emit(parts[0], into: destination) }
        var first = nextRegister
        var pending = 0
        for part in parts {
            if pending == Emitter.longestRun {
                range = expression.range
                emit(.buildString, a: first, b: first, c: pending)
                nextRegister = first + 1
                pending = 1
            }
            let register = try allocate()
            if pending == 0 { first = register }
            try emit(part, into: register)
            pending += 1
        }
        range = expression.range
        emit(.buildString, a: destination, b: first, c: pending)
    }

    /// The most values that are laid out in consecutive registers for one instruction.
    static let longestRun = 64
}
