// What can be computed while compiling: literals joined by operators, tuples of constants, items of constants.
// Only what cannot fail and stays small is folded, as in CPython; the rest is left to the runtime, errors included.
import TinySyntax

extension CodeConstant {
    /// Whether it counts as true; nil if that is not known.
    var truth: Bool? {
        switch self {
        case .literal(let literal):
            switch literal {
            case .none, .false: false
            case .true, .ellipsis, .bigInteger: true
            case .integer(let value): value != 0
            case .float(let value): value != 0
            case .imaginary(let value): value != 0
            case .string(let bytes), .bytes(let bytes): !bytes.isEmpty
            }
        case .text(let text): !text.octets.isEmpty
        case .tuple(let items): !items.isEmpty
        case .frozenSet(let items): !items.isEmpty
        case .code: nil
        }
    }
}

extension Emitter {
    /// The value of an expression that is known now.
    func foldedConstant(_ expression: Expression) -> CodeConstant? {
        // each level asks again: without a limit a high tree would take quadratic time, and the stack
        guard foldingDepth < Emitter.deepestFolding else { return nil }
        foldingDepth += 1
        defer { foldingDepth -= 1 }
        return switch expression.node {
        case .constant(let constant): .literal(constant)
        case .name("__debug__"):
            .literal(context.options.optimizationLevel == 0 ? .true : .false)
        case .unary: foldedUnary(expression)
        case .binary: foldedBinary(expression)
        case .tuple(let items): foldedItems(items).map { .tuple($0) }
        case .subscript: foldedSubscript(expression)
        case .joinedString(let parts) where parts.isEmpty: .literal(.string([]))
        case .joinedString(let parts) where parts.count == 1: if case .constant(let constant) = parts[0].node { .literal(constant) } else { nil }
        case .name, .joinedString, .formatted, .attribute, .slice, .starred, .call, .boolean, .compare, .conditional,
            .named, .lambda, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            nil
        }
    }

    private static let deepestFolding = 40

    /// The values of items, if all are known.
    func foldedItems(_ items: [Expression]) -> [CodeConstant]? {
        var constants: [CodeConstant] = []
        for item in items {
            guard let constant = foldedConstant(item) else { return nil }
            constants.append(constant)
        }
        return constants
    }

    /// A display of constants that is only looked into: a list becomes a tuple, a set a frozen set.
    func foldedContainer(_ expression: Expression) -> CodeConstant? {
        switch expression.node {
        case .list(let items): foldedItems(items).map { .tuple($0) }
        case .set(let items): foldedItems(items).map { .frozenSet($0) }
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .boolean, .compare, .conditional, .named, .lambda, .tuple, .dictionary, .listComprehension,
            .setComprehension, .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            nil
        }
    }

    @inline(never)
    private func foldedUnary(_ expression: Expression) -> CodeConstant? {
        guard case .unary(let op, let operand) = expression.node, let value = foldedConstant(operand) else { return nil }
        if op == .not { return value.truth.map { .literal($0 ? .false : .true) } }
        guard case .literal(let literal) = value else { return nil }
        if case .float(let number) = literal {
            switch op {
            case .minus: return .literal(.float(-number))
            case .plus: return .literal(.float(number))
            case .invert, .not: return nil
            }
        }
        guard let number = FoldedInteger.value(literal) else { return nil }
        switch op {
        case .minus: return FoldedInteger.constant(-number).map { .literal($0) }
        case .plus: return FoldedInteger.constant(number).map { .literal($0) }
        case .invert:
            // ~True warns at run time
            if literal == .true || literal == .false { return nil }
            return FoldedInteger.constant(~number).map { .literal($0) }
        case .not: return nil
        }
    }

    @inline(never)
    private func foldedBinary(_ expression: Expression) -> CodeConstant? {
        guard case .binary(let left, let op, let right) = expression.node, let first = foldedConstant(left),
            let second = foldedConstant(right)
        else { return nil }
        switch (first, second) {
        case (.literal(let first), .literal(let second)): return Folding.literals(first, op, second)
        case (.tuple(let first), .tuple(let second)) where op == .add && first.count + second.count <= 256:
            return .tuple(first + second)
        case (.tuple(let items), .literal(.integer(let count))) where op == .multiply:
            guard count >= 0, items.isEmpty || count <= 256 / Int64(items.count) else { return nil }
            return .tuple(Array(repeatElement(items, count: items.isEmpty ? 0 : Int(count)).joined()))
        default: return nil
        }
    }

    @inline(never)
    private func foldedSubscript(_ expression: Expression) -> CodeConstant? {
        guard case .subscript(let object, let index) = expression.node,
            case .literal(let position)? = foldedConstant(index), case .integer(let number) = position,
            let container = foldedConstant(object)
        else { return nil }
        func item<T>(_ items: [T]) -> T? {
            let place = number < 0 ? number + Int64(items.count) : number
            return place >= 0 && place < items.count ? items[Int(place)] : nil
        }
        switch container {
        case .tuple(let items): return item(items)
        case .literal(.bytes(let bytes)): return item(bytes).map { .literal(.integer(Int64($0))) }
        case .literal(.string(let bytes)):
            guard bytes.allSatisfy({ $0 < 0x80 }) else { return nil }
            return item(bytes).map { .literal(.string([$0])) }
        case .literal, .text, .frozenSet, .code: return nil
        }
    }
}

extension Constant {
    /// Whether it is a float, or an integer of a machine word.
    var isPlainNumber: Bool {
        switch self {
        case .integer, .float: true
        case .none, .true, .false, .ellipsis, .bigInteger, .imaginary, .string, .bytes: false
        }
    }
}

enum Folding {
    /// The longest text that is built while compiling.
    private static let longestText = 4096

    static func literals(_ left: Constant, _ op: BinaryOperator, _ right: Constant) -> CodeConstant? {
        switch (left, right) {
        case (.string(let first), .string(let second)):
            return op == .add && first.count + second.count <= longestText ? .literal(.string(first + second)) : nil
        case (.bytes(let first), .bytes(let second)):
            return op == .add && first.count + second.count <= longestText ? .literal(.bytes(first + second)) : nil
        case (.string(let text), .integer(let count)), (.integer(let count), .string(let text)):
            return op == .multiply ? repeated(text, count).map { .literal(.string($0)) } : nil
        case (.bytes(let text), .integer(let count)), (.integer(let count), .bytes(let text)):
            return op == .multiply ? repeated(text, count).map { .literal(.bytes($0)) } : nil
        default: break
        }
        if let first = FoldedInteger.value(left), let second = FoldedInteger.value(right) {
            if op == .divide { return division(first, second) }
            guard let value = FoldedInteger.operation(first, op, second) else { return nil }
            if isBoolean(left), isBoolean(right), op == .bitAnd || op == .bitOr || op == .bitXor {
                return .literal(value != 0 ? .true : .false)
            }
            return FoldedInteger.constant(value).map { .literal($0) }
        }
        guard let first = real(left), let second = real(right) else { return nil }
        switch op {
        case .add: return .literal(.float(first + second))
        case .subtract: return .literal(.float(first - second))
        case .multiply: return .literal(.float(first * second))
        case .divide: return second == 0 ? nil : .literal(.float(first / second))
        case .matrixMultiply, .floorDivide, .modulo, .power, .leftShift, .rightShift, .bitOr, .bitXor, .bitAnd:
            return nil
        }
    }

    private static func isBoolean(_ constant: Constant) -> Bool { constant == .true || constant == .false }

    private static func repeated(_ text: [UInt8], _ count: Int64) -> [UInt8]? {
        if count <= 0 || text.isEmpty { return [] }
        guard count <= Int64(longestText / text.count) else { return nil }
        return Array(repeatElement(text, count: Int(count)).joined())
    }

    /// True division of ints that a double holds exactly.
    private static func division(_ left: Int128, _ right: Int128) -> CodeConstant? {
        let limit = Int128(1) << 53
        guard right != 0, left.magnitude <= limit.magnitude, right.magnitude <= limit.magnitude else { return nil }
        return .literal(.float(Double(Int64(left)) / Double(Int64(right))))
    }

    /// A number that a double holds exactly.
    private static func real(_ constant: Constant) -> Double? {
        switch constant {
        case .float(let value): value
        case .integer(let value): value.magnitude <= 1 << 53 ? Double(value) : nil
        case .true: 1
        case .false: 0
        case .none, .ellipsis, .bigInteger, .imaginary, .string, .bytes: nil
        }
    }
}
