// The text of an expression, as CPython writes it for annotations under `from __future__ import annotations`.
// Parentheses come from precedences alone; those of the source are gone.
import TinySyntax

struct TreeUnparser {
    private enum Level: Int, Comparable {
        case tuple, test, or, and, not, compare, bitOr, bitXor, bitAnd, shift, sum, term, factor, power, await, atom
        static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
        var next: Level { Level(rawValue: rawValue + 1) ?? .atom }
    }

    private var text = ""
    private let stack: StackGuard
    /// Set when the stack ran out; the text is then worth nothing.
    private var isExhausted = false

    private init(stack: StackGuard) { self.stack = stack }

    static func text(of expression: Expression, stack: StackGuard) throws(SyntaxDiagnostic) -> String {
        var unparser = TreeUnparser(stack: stack)
        unparser.write(expression, .test)
        if unparser.isExhausted { throw StackGuard.exhausted }
        return unparser.text
    }

    /// The text of a part that is put together on its own.
    private mutating func part(_ body: (inout TreeUnparser) -> Void) -> String {
        var inner = TreeUnparser(stack: stack)
        body(&inner)
        if inner.isExhausted { isExhausted = true }
        return inner.text
    }

    private mutating func write(_ expression: Expression, _ level: Level) {
        do throws(SyntaxDiagnostic) { try stack.check() } catch { isExhausted = true }
        if isExhausted { return }
        switch expression.node {
        case .constant(let constant): write(constant)
        case .name(let name): text += name
        case .joinedString, .formatted: writeJoined(expression)
        case .attribute(let object, let name):
            write(object, .atom)
            if case .constant(.integer) = object.node { text += " " }
            text += "." + name
        case .subscript(let object, let index):
            write(object, .atom)
            text += "["
            write(index, .tuple)
            text += "]"
        case .slice(let lower, let upper, let step):
            if let lower { write(lower, .test) }
            text += ":"
            if let upper { write(upper, .test) }
            if let step {
                text += ":"
                write(step, .test)
            }
        case .starred(let value):
            text += "*"
            write(value, .bitOr)
        case .call(let function, let arguments, let keywords): writeCall(function, arguments, keywords)
        case .unary(let op, let operand): write(op, operand, level)
        case .binary(let left, let op, let right): write(left, op, right, level)
        case .boolean(let op, let operands):
            let own: Level = op == .and ? .and : .or
            enclosed(level > own) { unparser in
                unparser.list(operands, op == .and ? " and " : " or ") { $0.write($1, own.next) }
            }
        case .compare(let left, let links):
            enclosed(level > .compare) { unparser in
                unparser.write(left, .bitOr)
                for link in links {
                    unparser.text += " \(TreeUnparser.symbol(link.op)) "
                    unparser.write(link.right, .bitOr)
                }
            }
        case .conditional(let test, let body, let orElse):
            enclosed(level > .test) { unparser in
                unparser.write(body, .or)
                unparser.text += " if "
                unparser.write(test, .or)
                unparser.text += " else "
                unparser.write(orElse, .test)
            }
        case .named(let target, let value):
            enclosed(true) { unparser in
                unparser.write(target, .atom)
                unparser.text += " := "
                unparser.write(value, .atom)
            }
        case .lambda(let parameters, let body):
            enclosed(level > .test) { unparser in
                let list = unparser.parameters(parameters)
                // CPython writes no blank before a star
                let isPositional = !parameters.positional.isEmpty || !parameters.positionalOnly.isEmpty
                unparser.text += isPositional ? "lambda \(list): " : "lambda\(list): "
                unparser.write(body, .test)
            }
        case .tuple(let items):
            if items.isEmpty {
                text += "()"
            } else {
                enclosed(level > .tuple) { unparser in
                    unparser.list(items, ", ") { $0.write($1, .test) }
                    if items.count == 1 { unparser.text += "," }
                }
            }
        case .list(let items): bracketed("[", items, "]")
        case .set(let items): bracketed("{", items, "}")
        case .dictionary(let items):
            text += "{"
            list(items, ", ") { unparser, item in
                if let key = item.key {
                    unparser.write(key, .test)
                    unparser.text += ": "
                    unparser.write(item.value, .test)
                } else {
                    unparser.text += "**"
                    unparser.write(item.value, .bitOr)
                }
            }
            text += "}"
        case .listComprehension(let element, let clauses): comprehension("[", element, nil, clauses, "]")
        case .setComprehension(let element, let clauses): comprehension("{", element, nil, clauses, "}")
        case .dictionaryComprehension(let key, let value, let clauses): comprehension("{", key, value, clauses, "}")
        case .generator(let element, let clauses): comprehension("(", element, nil, clauses, ")")
        case .await(let value):
            enclosed(level > .await) { unparser in
                unparser.text += "await "
                unparser.write(value, .atom)
            }
        case .yield(let value):
            enclosed(true) { unparser in
                unparser.text += "yield"
                guard let value else { return }
                unparser.text += " "
                unparser.write(value, .test)
            }
        case .yieldFrom(let value):
            enclosed(true) { unparser in
                unparser.text += "yield from "
                unparser.write(value, .test)
            }
        }
    }

    // MARK: Pieces

    private mutating func enclosed(_ isEnclosed: Bool, _ body: (inout TreeUnparser) -> Void) {
        if isEnclosed { text += "(" }
        body(&self)
        if isEnclosed { text += ")" }
    }

    private mutating func list<T>(_ items: [T], _ separator: String, _ body: (inout TreeUnparser, T) -> Void) {
        for (index, item) in items.enumerated() {
            if index > 0 { text += separator }
            body(&self, item)
        }
    }

    private mutating func bracketed(_ opening: String, _ items: [Expression], _ closing: String) {
        text += opening
        list(items, ", ") { $0.write($1, .test) }
        text += closing
    }

    private mutating func comprehension(
        _ opening: String, _ element: Expression, _ value: Expression?, _ clauses: [ComprehensionClause],
        _ closing: String
    ) {
        text += opening
        write(element, .test)
        if let value {
            text += ": "
            write(value, .test)
        }
        for clause in clauses {
            text += clause.isAsync ? " async for " : " for "
            write(clause.target, .tuple)
            text += " in "
            write(clause.iterable, .or)
            for condition in clause.conditions {
                text += " if "
                write(condition, .or)
            }
        }
        text += closing
    }

    private mutating func writeCall(_ function: Expression, _ arguments: [Expression], _ keywords: [Keyword]) {
        write(function, .atom)
        if arguments.count == 1, keywords.isEmpty, case .generator = arguments[0].node {
            return write(arguments[0], .test)
        }
        text += "("
        list(arguments, ", ") { $0.write($1, .test) }
        for (index, keyword) in keywords.enumerated() {
            if index > 0 || !arguments.isEmpty { text += ", " }
            text += keyword.name.map { $0 + "=" } ?? "**"
            write(keyword.value, .test)
        }
        text += ")"
    }

    private mutating func parameter(_ parameter: Parameter) -> String {
        guard let value = parameter.defaultValue else { return parameter.name }
        return parameter.name + "=" + part { $0.write(value, .test) }
    }

    private mutating func parameters(_ parameters: Parameters) -> String {
        var pieces: [String] = []
        for item in parameters.positionalOnly { pieces.append(parameter(item)) }
        if !parameters.positionalOnly.isEmpty { pieces.append("/") }
        for item in parameters.positional { pieces.append(parameter(item)) }
        if let variadic = parameters.variadic {
            pieces.append("*" + variadic.name)
        } else if !parameters.keywordOnly.isEmpty {
            pieces.append("*")
        }
        for item in parameters.keywordOnly { pieces.append(parameter(item)) }
        if let variadic = parameters.variadicKeywords { pieces.append("**" + variadic.name) }
        return pieces.joined(separator: ", ")
    }

    // MARK: Operators

    private mutating func write(_ op: UnaryOperator, _ operand: Expression, _ level: Level) {
        let own: Level = op == .not ? .not : .factor
        enclosed(level > own) { unparser in
            switch op {
            case .not: unparser.text += "not "
            case .minus: unparser.text += "-"
            case .plus: unparser.text += "+"
            case .invert: unparser.text += "~"
            }
            unparser.write(operand, own)
        }
    }

    private mutating func write(_ left: Expression, _ op: BinaryOperator, _ right: Expression, _ level: Level) {
        let (symbol, own): (String, Level) = switch op {
        case .add: ("+", .sum)
        case .subtract: ("-", .sum)
        case .multiply: ("*", .term)
        case .matrixMultiply: ("@", .term)
        case .divide: ("/", .term)
        case .floorDivide: ("//", .term)
        case .modulo: ("%", .term)
        case .power: ("**", .power)
        case .leftShift: ("<<", .shift)
        case .rightShift: (">>", .shift)
        case .bitOr: ("|", .bitOr)
        case .bitXor: ("^", .bitXor)
        case .bitAnd: ("&", .bitAnd)
        }
        enclosed(level > own) { unparser in
            // power groups to the right
            unparser.write(left, op == .power ? own.next : own)
            unparser.text += " \(symbol) "
            unparser.write(right, op == .power ? own : own.next)
        }
    }

    private static func symbol(_ op: ComparisonOperator) -> String {
        switch op {
        case .less: "<"
        case .lessEqual: "<="
        case .equal: "=="
        case .notEqual: "!="
        case .greater: ">"
        case .greaterEqual: ">="
        case .is: "is"
        case .isNot: "is not"
        case .in: "in"
        case .notIn: "not in"
        }
    }
}

extension TreeUnparser {
    private mutating func write(_ constant: Constant) {
        switch constant {
        case .none: text += "None"
        case .true: text += "True"
        case .false: text += "False"
        case .ellipsis: text += "..."
        case .integer(let value): text += String(value)
        case .bigInteger(let digits, let radix): text += ConstantText.decimal(digits, radix: radix)
        case .float(let value): text += TreeUnparser.number(value)
        case .imaginary(let value):
            var digits = TreeUnparser.number(value)
            if digits.hasSuffix(".0") { digits.removeLast(2) }
            text += digits + "j"
        case .string(let bytes): text += ConstantText.quoted(bytes)
        case .bytes(let bytes): text += "b" + ConstantText.quoted(bytes, isText: false)
        }
    }

    /// As `repr`, save that infinity is a number too large.
    private static func number(_ value: Double) -> String {
        value.isInfinite ? "1e309" : ConstantText.number(value)
    }

    private mutating func writeJoined(_ expression: Expression) {
        let inner = part { $0.writePiece(expression) }
        // fields may hold quotes: the kind that does not occur
        let quote = inner.contains("'") && !inner.contains("\"") ? "\"" : "'"
        text += "f" + quote + inner + quote
    }

    private mutating func writePiece(_ piece: Expression) {
        switch piece.node {
        case .joinedString(let parts): for part in parts { writePiece(part) }
        case .constant(.string(let bytes)):
            let quoted = ConstantText.quoted(bytes).dropFirst().dropLast()
            text += quoted.replacing("{", with: "{{").replacing("}", with: "}}")
        case .formatted(let value, let conversion, let format):
            let field = part { $0.write(value, .test) }
            text += field.hasPrefix("{") ? "{ " : "{"
            text += field
            if let conversion { text += "!\(conversion)" }
            if let format {
                text += ":"
                writePiece(format)
            }
            text += "}"
        case .constant, .name, .attribute, .subscript, .slice, .starred, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            write(piece, .test)
        }
    }
}
