// SyntaxWarnings about code that is legal and surely wrong, in CPython's words.
import TinySyntax

extension Emitter {
    func warnOfComparison(_ left: Expression, _ links: [Comparison], _ range: SourceRange) {
        var previous = left
        for link in links {
            if link.op == .is || link.op == .isNot {
                if let type = literalType(previous) ?? literalType(link.right) {
                    let word = link.op == .is ? "\"is\"" : "\"is not\""
                    let instead = link.op == .is ? "\"==\"" : "\"!=\""
                    return context.warn("\(word) with '\(type)' literal. Did you mean \(instead)?", at: range)
                }
            }
            previous = link.right
        }
    }

    /// The type of a constant that `is` should not be used with.
    private func literalType(_ expression: Expression) -> String? {
        switch foldedConstant(expression) {
        case .literal(let constant)?:
            switch constant {
            case .none, .true, .false, .ellipsis: nil
            case .integer, .bigInteger, .float, .imaginary, .string, .bytes: Emitter.typeName(constant)
            }
        case .text?: "str"
        case .tuple?: "tuple"
        case .frozenSet?, .code?, nil: nil
        }
    }

    private static func typeName(_ constant: Constant) -> String {
        switch constant {
        case .none: "NoneType"
        case .true, .false: "bool"
        case .ellipsis: "ellipsis"
        case .integer, .bigInteger: "int"
        case .float: "float"
        case .imaginary: "complex"
        case .string: "str"
        case .bytes: "bytes"
        }
    }

    /// The type of a display or literal.
    private static func displayType(_ expression: Expression) -> String? {
        switch expression.node {
        case .constant(let constant): typeName(constant)
        case .tuple: "tuple"
        case .list, .listComprehension: "list"
        case .dictionary, .dictionaryComprehension: "dict"
        case .set, .setComprehension: "set"
        case .generator: "generator"
        case .lambda: "function"
        case .joinedString, .formatted: "str"
        case .name, .attribute, .subscript, .slice, .starred, .call, .unary, .binary, .boolean, .compare, .conditional,
            .named, .await, .yield, .yieldFrom:
            nil
        }
    }

    func warnOfCall(_ function: Expression, _ range: SourceRange) {
        guard let type = Emitter.displayType(function), type != "function" else { return }
        context.warn("'\(type)' object is not callable; perhaps you missed a comma?", at: range)
    }

    func warnOfSubscript(_ object: Expression, _ index: Expression, _ range: SourceRange) {
        guard let type = Emitter.displayType(object) else { return }
        switch type {
        case "str", "bytes", "tuple", "list":
            guard let indexType = Emitter.displayType(index), indexType != "int", indexType != "bool" else { return }
            context.warn(
                "\(type) indices must be integers or slices, not \(indexType); perhaps you missed a comma?", at: range)
        case "dict": return
        default: context.warn("'\(type)' object is not subscriptable; perhaps you missed a comma?", at: range)
        }
    }
}
