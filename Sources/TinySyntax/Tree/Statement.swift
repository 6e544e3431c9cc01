// Statements, match patterns and type parameters (CPython's Python.asdl, classes `stmt`, `pattern`, `type_param`).

/// A statement and where it stands. Decorated definitions start at the `def` or `class` keyword, as in CPython.
public struct Statement: Sendable {
    public let node: Node
    public let range: SourceRange

    public init(_ node: Node, _ range: SourceRange) {
        self.node = node
        self.range = range
    }

    public indirect enum Node: Sendable {
        case function(FunctionDefinition)
        case `class`(ClassDefinition)
        case `return`(Expression?)
        case delete([Expression])
        /// `t1 = t2 = … = value`.
        case assign(targets: [Expression], value: Expression)
        case augmentedAssign(target: Expression, BinaryOperator, value: Expression)
        /// `target: annotation = value`; `isSimple`: the target is a bare name without parentheses.
        case annotatedAssign(target: Expression, annotation: Expression, value: Expression?, isSimple: Bool)
        case typeAlias(name: String, nameRange: SourceRange, typeParameters: [TypeParameter], value: Expression)
        case `for`(target: Expression, iterable: Expression, body: [Statement], orElse: [Statement], isAsync: Bool)
        case `while`(test: Expression, body: [Statement], orElse: [Statement])
        case `if`(test: Expression, body: [Statement], orElse: [Statement])
        case with(items: [WithItem], body: [Statement], isAsync: Bool)
        case match(subject: Expression, cases: [MatchCase])
        case raise(Expression?, cause: Expression?)
        /// `isGroup`: the handlers are `except*`.
        case `try`(
            body: [Statement], handlers: [ExceptionHandler], orElse: [Statement], finally: [Statement], isGroup: Bool)
        case assert(test: Expression, message: Expression?)
        case `import`([ImportAlias])
        /// `level` counts the leading dots; a nil module is `from . import …`; the single name "*" is a star import.
        case importFrom(module: String?, names: [ImportAlias], level: Int)
        case global([String])
        case nonlocal([String])
        case expression(Expression)
        case pass
        case `break`
        case `continue`
    }
}

public struct FunctionDefinition: Sendable {
    public let name: String
    public let nameRange: SourceRange
    public let typeParameters: [TypeParameter]
    public let parameters: Parameters
    public let returns: Expression?
    public let body: [Statement]
    public let decorators: [Expression]
    public let isAsync: Bool

    public init(
        name: String, nameRange: SourceRange, typeParameters: [TypeParameter], parameters: Parameters,
        returns: Expression?, body: [Statement], decorators: [Expression], isAsync: Bool
    ) {
        self.name = name
        self.nameRange = nameRange
        self.typeParameters = typeParameters
        self.parameters = parameters
        self.returns = returns
        self.body = body
        self.decorators = decorators
        self.isAsync = isAsync
    }
}

public struct ClassDefinition: Sendable {
    public let name: String
    public let nameRange: SourceRange
    public let typeParameters: [TypeParameter]
    public let bases: [Expression]
    public let keywords: [Keyword]
    public let body: [Statement]
    public let decorators: [Expression]

    public init(
        name: String, nameRange: SourceRange, typeParameters: [TypeParameter], bases: [Expression],
        keywords: [Keyword], body: [Statement], decorators: [Expression]
    ) {
        self.name = name
        self.nameRange = nameRange
        self.typeParameters = typeParameters
        self.bases = bases
        self.keywords = keywords
        self.body = body
        self.decorators = decorators
    }
}

/// One of PEP 695's type parameters.
public struct TypeParameter: Sendable {
    public enum Form: Sendable { case typeVariable, typeVariableTuple, parameterSpecification }
    public let form: Form
    public let name: String
    /// The bound, or a tuple of constraints, of a type variable.
    public let bound: Expression?
    public let defaultValue: Expression?
    public let range: SourceRange

    public init(form: Form, name: String, bound: Expression?, defaultValue: Expression?, range: SourceRange) {
        self.form = form
        self.name = name
        self.bound = bound
        self.defaultValue = defaultValue
        self.range = range
    }
}

public struct WithItem: Sendable {
    public let context: Expression
    public let target: Expression?

    public init(context: Expression, target: Expression?) {
        self.context = context
        self.target = target
    }
}

public struct ExceptionHandler: Sendable {
    public let type: Expression?
    public let name: String?
    public let body: [Statement]
    public let range: SourceRange

    public init(type: Expression?, name: String?, body: [Statement], range: SourceRange) {
        self.type = type
        self.name = name
        self.body = body
        self.range = range
    }
}

public struct ImportAlias: Sendable {
    public let name: String
    public let alias: String?
    public let range: SourceRange

    public init(name: String, alias: String?, range: SourceRange) {
        self.name = name
        self.alias = alias
        self.range = range
    }
}

public struct MatchCase: Sendable {
    public let pattern: Pattern
    public let guardTest: Expression?
    public let body: [Statement]

    public init(pattern: Pattern, guardTest: Expression?, body: [Statement]) {
        self.pattern = pattern
        self.guardTest = guardTest
        self.body = body
    }
}

/// A pattern of a `case`.
public struct Pattern: Sendable {
    public let node: Node
    public let range: SourceRange

    public init(_ node: Node, _ range: SourceRange) {
        self.node = node
        self.range = range
    }

    public indirect enum Node: Sendable {
        /// Compared by `==`: a number, string, or dotted name.
        case value(Expression)
        /// Compared by `is`: None, True, False.
        case singleton(Constant)
        case sequence([Pattern])
        case mapping(keys: [Expression], patterns: [Pattern], rest: String?)
        case `class`(Expression, patterns: [Pattern], keywordNames: [String], keywordPatterns: [Pattern])
        /// `*name` inside a sequence; nil is `*_`.
        case star(String?)
        /// `pattern as name`; a nil pattern is a bare capture, both nil the wildcard `_`.
        case capture(Pattern?, name: String?)
        case alternatives([Pattern])
    }
}

/// What a source text is parsed to.
public enum Module: Sendable {
    /// A file, or the argument of `exec`.
    case file([Statement])
    /// The argument of `eval`.
    case expression(Expression)
    /// One statement typed at the prompt.
    case interactive([Statement])
}
