// What may be assigned to, deleted or annotated.
//
// Targets are parsed as the expressions that they look like, and looked at afterwards.

extension Parser {
    enum TargetUse { case assignment, deletion }

    /// Whether the expression may be assigned to or deleted.
    func isTarget(_ expression: Expression, _ use: TargetUse = .assignment) -> Bool {
        switch expression.node {
        case .name, .attribute, .subscript: true
        case .tuple(let elements), .list(let elements): elements.allSatisfy { isTarget($0, use) }
        case .starred(let value):
            if use == .deletion {
                false
            } else if case .starred = value.node {
                false
            } else {
                isTarget(value, use)
            }
        default: false
        }
    }

    /// A single place: what `+=` and annotations take.
    func isSingleTarget(_ expression: Expression) -> Bool {
        switch expression.node {
        case .name, .attribute, .subscript: true
        default: false
        }
    }

    /// The targets of `for`. They end before `in`, which is why they are not parsed as whole expressions.
    mutating func starTargets() throws(ParseFailure) -> Expression {
        let result = try tupleOrSingle { parser throws(ParseFailure) in
            parser.kind == .star ? try parser.starred() : try parser.primary()
        }
        if !isTarget(result) { throw .rejected }
        return result
    }

    /// One target, after `as`.
    mutating func starTarget() throws(ParseFailure) -> Expression {
        let result = kind == .star ? try starred() : try primary()
        if !isTarget(result) { throw .rejected }
        return result
    }
}
