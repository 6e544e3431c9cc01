// Statements, match patterns and type parameters (CPython's Python.asdl, classes `stmt`, `pattern`, `type_param`).

/// A statement and where it stands. Decorated definitions start at the `def` or `class` keyword, as in CPython.
public struct Statement: Sendable {
    /// Which form it has.
    public let node: Node
    /// Where it stands.
    public let range: SourceRange

    public init(_ node: Node, _ range: SourceRange) {
        self.node = node
        self.range = range
    }

    /// The forms of statements; what is not explained is as in CPython's `ast`.
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

/// `def name[…](…) -> …:`, also with `async` before it.
public struct FunctionDefinition: Sendable {
    /// The name as written (private names are mangled later).
    public let name: String
    /// Where the name stands.
    public let nameRange: SourceRange
    /// What stands in square brackets behind the name (PEP 695).
    public let typeParameters: [TypeParameter]
    /// What stands in parentheses.
    public let parameters: Parameters
    /// What stands behind the arrow.
    public let returns: Expression?
    public let body: [Statement]
    /// The decorators, the first one first.
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

/// `class name[…](…):`
public struct ClassDefinition: Sendable {
    /// The name as written (private names are mangled later).
    public let name: String
    /// Where the name stands.
    public let nameRange: SourceRange
    /// What stands in square brackets behind the name (PEP 695).
    public let typeParameters: [TypeParameter]
    /// The bases, `*sequence` among them.
    public let bases: [Expression]
    /// `metaclass=…` and other keywords, `**mapping` among them.
    public let keywords: [Keyword]
    public let body: [Statement]
    /// The decorators, the first one first.
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
    /// `T`, `*Ts`, `**P`.
    public enum Form: Sendable { case typeVariable, typeVariableTuple, parameterSpecification }
    /// Which kind it is.
    public let form: Form
    public let name: String
    /// The bound, or a tuple of constraints, of a type variable.
    public let bound: Expression?
    /// What stands behind the equals sign (PEP 696).
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

/// `context as target` of a `with`.
public struct WithItem: Sendable {
    /// The context manager.
    public let context: Expression
    /// What its `__enter__` result is assigned to.
    public let target: Expression?

    public init(context: Expression, target: Expression?) {
        self.context = context
        self.target = target
    }
}

/// `except type as name:`
public struct ExceptionHandler: Sendable {
    /// The classes that it handles; nil handles all.
    public let type: Expression?
    /// The name that the exception has in the body, and which is unbound behind it.
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

/// `name as alias` of an import.
public struct ImportAlias: Sendable {
    /// The name with its dots, or `*`.
    public let name: String
    /// The name that it gets here, if that is another.
    public let alias: String?
    public let range: SourceRange

    public init(name: String, alias: String?, range: SourceRange) {
        self.name = name
        self.alias = alias
        self.range = range
    }
}

/// `case pattern if guard:`
public struct MatchCase: Sendable {
    public let pattern: Pattern
    /// What stands behind the `if`.
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
    /// Which form it has.
    public let node: Node
    /// Where it stands.
    public let range: SourceRange

    public init(_ node: Node, _ range: SourceRange) {
        self.node = node
        self.range = range
    }

    /// The forms of patterns, as in CPython's `ast`.
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
