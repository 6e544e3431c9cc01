// Expressions, as in the abstract grammar of the language (CPython's Python.asdl, class `expr`).
//
// Nodes are values: an indirect enum says which form it is, so that every `switch` over forms is exhaustive and a
// new form makes the compiler list each place to visit.

/// An expression and where it stands.
public struct Expression: Sendable {
    /// Which form it has.
    public let node: Node
    /// Where it stands.
    public let range: SourceRange

    public init(_ node: Node, _ range: SourceRange) {
        self.node = node
        self.range = range
    }

    /// The forms of expressions; what is not explained is as in CPython's `ast`.
    public indirect enum Node: Sendable {
        case constant(Constant)
        case name(String)
        /// An f-string: literal pieces (`constant(.string)`) and `formatted` fields, in order.
        case joinedString([Expression])
        /// A replacement field of an f-string. `conversion` is "r", "s", "a" or nil; `format` is a `joinedString`.
        case formatted(value: Expression, conversion: Character?, format: Expression?)
        case attribute(Expression, String)
        case `subscript`(Expression, Expression)
        case slice(lower: Expression?, upper: Expression?, step: Expression?)
        case starred(Expression)
        case call(function: Expression, arguments: [Expression], keywords: [Keyword])
        case unary(UnaryOperator, Expression)
        case binary(Expression, BinaryOperator, Expression)
        /// `and` / `or` over two or more operands.
        case boolean(BooleanOperator, [Expression])
        /// A chain `left op0 right0 op1 right1 …`.
        case compare(Expression, [Comparison])
        case conditional(test: Expression, body: Expression, orElse: Expression)
        /// `name := value`.
        case named(target: Expression, value: Expression)
        case lambda(Parameters, body: Expression)
        case tuple([Expression])
        case list([Expression])
        case set([Expression])
        /// Items in order; a nil key is `**value`.
        case dictionary([DictionaryItem])
        case listComprehension(Expression, [ComprehensionClause])
        case setComprehension(Expression, [ComprehensionClause])
        case dictionaryComprehension(key: Expression, value: Expression, [ComprehensionClause])
        case generator(Expression, [ComprehensionClause])
        case await(Expression)
        case yield(Expression?)
        case yieldFrom(Expression)
    }
}

/// A literal. Text is UTF-8 in which a lone surrogate is allowed (WTF-8), as `str` holds it.
public enum Constant: Hashable, Sendable {
    case none, `true`, `false`, ellipsis
    case integer(Int64)
    /// An integer beyond 64 bits: its digits without prefix and underscores, lower case.
    case bigInteger(digits: String, radix: Int)
    case float(Double)
    case imaginary(Double)
    case string([UInt8])
    case bytes([UInt8])
}

/// `~`, `not`, `+`, `-` before an operand.
public enum UnaryOperator: Sendable { case invert, not, plus, minus }

/// `+ - * @ / // % **`, `<< >> | ^ &` between two operands. The order is that of the opcodes.
public enum BinaryOperator: UInt8, CaseIterable, Sendable {
    case add, subtract, multiply, matrixMultiply, divide, floorDivide, modulo, power
    case leftShift, rightShift, bitOr, bitXor, bitAnd
}

/// Operators that may leave their right operand alone.
public enum BooleanOperator: Sendable { case and, or }

/// `< <= == != > >=`, `is`, `is not`, `in`, `not in`. The order is that of the opcodes.
public enum ComparisonOperator: UInt8, CaseIterable, Sendable {
    case less, lessEqual, equal, notEqual, greater, greaterEqual
    case `is`, isNot, `in`, notIn
}

/// One link of a comparison chain.
public struct Comparison: Sendable {
    /// How the operand before it is compared.
    public let op: ComparisonOperator
    /// The operand behind the operator.
    public let right: Expression

    public init(_ op: ComparisonOperator, _ right: Expression) {
        self.op = op
        self.right = right
    }
}

/// `name=value` in a call or class header; a nil name is `**value`.
public struct Keyword: Sendable {
    /// The name, nil for `**value`.
    public let name: String?
    /// What stands behind the sign.
    public let value: Expression
    /// From the name, or the stars, to the end of the value.
    public let range: SourceRange

    public init(name: String?, value: Expression, range: SourceRange) {
        self.name = name
        self.value = value
        self.range = range
    }
}

/// `key: value` in a display of a dict; a nil key is `**value`.
public struct DictionaryItem: Sendable {
    /// The key, nil for `**value`.
    public let key: Expression?
    /// What stands behind the colon or the stars.
    public let value: Expression

    public init(key: Expression?, value: Expression) {
        self.key = key
        self.value = value
    }
}

/// `for target in iterable if … if …`.
public struct ComprehensionClause: Sendable {
    /// What each item is assigned to.
    public let target: Expression
    /// What is iterated over.
    public let iterable: Expression
    /// The `if`s behind it, all of which must hold.
    public let conditions: [Expression]
    /// Whether it is `async for`.
    public let isAsync: Bool

    public init(target: Expression, iterable: Expression, conditions: [Expression], isAsync: Bool) {
        self.target = target
        self.iterable = iterable
        self.conditions = conditions
        self.isAsync = isAsync
    }
}

/// One parameter of a function or lambda.
public struct Parameter: Sendable {
    /// The name as written (private names are mangled later).
    public let name: String
    /// What stands behind the colon.
    public let annotation: Expression?
    /// What stands behind the equals sign.
    public let defaultValue: Expression?
    /// From the name to the end of the annotation.
    public let range: SourceRange

    public init(name: String, annotation: Expression?, defaultValue: Expression?, range: SourceRange) {
        self.name = name
        self.annotation = annotation
        self.defaultValue = defaultValue
        self.range = range
    }
}

/// The parameter list of a function or lambda, in source order within each group.
public struct Parameters: Sendable {
    /// Those before a `/`.
    public var positionalOnly: [Parameter]
    /// Those that may be given by place or by name.
    public var positional: [Parameter]
    /// `*args`.
    public var variadic: Parameter?
    /// Those behind `*` or `*args`.
    public var keywordOnly: [Parameter]
    /// `**kwargs`.
    public var variadicKeywords: Parameter?

    public init(
        positionalOnly: [Parameter] = [], positional: [Parameter] = [], variadic: Parameter? = nil,
        keywordOnly: [Parameter] = [], variadicKeywords: Parameter? = nil
    ) {
        self.positionalOnly = positionalOnly
        self.positional = positional
        self.variadic = variadic
        self.keywordOnly = keywordOnly
        self.variadicKeywords = variadicKeywords
    }
}
