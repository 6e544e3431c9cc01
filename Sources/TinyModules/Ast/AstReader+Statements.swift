// Statements, patterns and type parameters of `ast` back to the compiler's tree.
import TinyCompiler
import TinyRuntime
import TinySyntax

extension AstReader {
    /// The tree of a Module, Expression or Interactive node.
    func module(_ node: Value) throws(Raised) -> Module {
        switch kind(node) {
        case "Module": return .file(try block(node, "body", isNeeded: false))
        case "Interactive": return .interactive(try block(node, "body", isNeeded: false))
        case "Expression": return .expression(try expression(node, "body"))
        default: throw try wrong(node, "mod")
        }
    }

    private func block(_ node: Value, _ name: StaticString, isNeeded: Bool = true) throws(Raised) -> [Statement] {
        let body = try items(node, name) { value throws(Raised) in
            if value.isNone { throw valueError("None disallowed in statement list") }
            return try statement(value)
        }
        if isNeeded, body.isEmpty { throw valueError("empty \(name) on \(kind(node) ?? "?")") }
        return body
    }

    private func nonempty<Element>(_ list: [Element], _ name: StaticString, _ node: Value) throws(Raised) -> [Element] {
        if list.isEmpty { throw valueError("empty \(name) on \(kind(node) ?? "?")") }
        return list
    }

    func statement(_ node: Value) throws(Raised) -> Statement {
        try currentThread().checkNativeStack()
        guard let name = kind(node) else { throw try wrong(node, "stmt") }
        let place = try range(node, "stmt")
        func made(_ form: Statement.Node) -> Statement { Statement(form, place) }
        switch name {
        case "FunctionDef", "AsyncFunctionDef":
            return made(
                .function(
                    FunctionDefinition(
                        name: try identifier(node, "name"), nameRange: place, typeParameters: try typeParameters(node),
                        parameters: try parameters(try required(node, "args")), returns: try optionalExpression(node, "returns"),
                        body: try block(node, "body"), decorators: try expressions(node, "decorator_list"),
                        isAsync: name == "AsyncFunctionDef")))
        case "ClassDef":
            return made(
                .class(
                    ClassDefinition(
                        name: try identifier(node, "name"), nameRange: place, typeParameters: try typeParameters(node),
                        bases: try expressions(node, "bases"), keywords: try keywords(node), body: try block(node, "body"),
                        decorators: try expressions(node, "decorator_list"))))
        case "Return": return made(.return(try optionalExpression(node, "value")))
        case "Delete": return made(.delete(try nonempty(try expressions(node, "targets", .delete), "targets", node)))
        case "Assign":
            return made(
                .assign(
                    targets: try nonempty(try expressions(node, "targets", .store), "targets", node),
                    value: try expression(node, "value")))
        case "AugAssign":
            return made(
                .augmentedAssign(target: try expression(node, "target", .store), try binaryOperator(node), value: try expression(node, "value")))
        case "AnnAssign": return made(try annotatedAssign(node))
        case "TypeAlias":
            let target = try expression(node, "name", .store)
            guard case .name(let alias) = target.node else { throw typeError("TypeAlias with non-Name name") }
            return made(
                .typeAlias(
                    name: alias, nameRange: target.range, typeParameters: try typeParameters(node),
                    value: try expression(node, "value")))
        case "For", "AsyncFor":
            return made(
                .for(
                    target: try expression(node, "target", .store), iterable: try expression(node, "iter"),
                    body: try block(node, "body"), orElse: try block(node, "orelse", isNeeded: false), isAsync: name == "AsyncFor"))
        case "While":
            return made(
                .while(
                    test: try expression(node, "test"), body: try block(node, "body"),
                    orElse: try block(node, "orelse", isNeeded: false)))
        case "If":
            return made(
                .if(
                    test: try expression(node, "test"), body: try block(node, "body"),
                    orElse: try block(node, "orelse", isNeeded: false)))
        case "With", "AsyncWith":
            let list = try items(node, "items") { item throws(Raised) in
                guard kind(item) == "withitem" else { throw try wrong(item, "withitem") }
                return WithItem(
                    context: try expression(item, "context_expr"), target: try optionalExpression(item, "optional_vars", .store))
            }
            return made(.with(items: try nonempty(list, "items", node), body: try block(node, "body"), isAsync: name == "AsyncWith"))
        case "Match":
            let subject = try expression(node, "subject")
            let cases = try items(node, "cases") { item throws(Raised) in
                guard kind(item) == "match_case" else { throw try wrong(item, "match_case") }
                return MatchCase(
                    pattern: try pattern(try required(item, "pattern")), guardTest: try optionalExpression(item, "guard"),
                    body: try block(item, "body"))
            }
            return made(.match(subject: subject, cases: try nonempty(cases, "cases", node)))
        case "Raise":
            let (exception, cause) = (try optionalExpression(node, "exc"), try optionalExpression(node, "cause"))
            if exception == nil, cause != nil { throw valueError("Raise with cause but no exception") }
            return made(.raise(exception, cause: cause))
        case "Try", "TryStar": return made(try tryStatement(node, isGroup: name == "TryStar"))
        case "Assert": return made(.assert(test: try expression(node, "test"), message: try optionalExpression(node, "msg")))
        case "Import": return made(.import(try nonempty(try aliases(node), "names", node)))
        case "ImportFrom":
            let level = try optionalField(node, "level") == nil ? 0 : try integer(node, "level")
            if level < 0 { throw valueError("Negative ImportFrom level") }
            return made(
                .importFrom(
                    module: try optionalIdentifier(node, "module"), names: try nonempty(try aliases(node), "names", node), level: level))
        case "Global", "Nonlocal":
            let names = try nonempty(try items(node, "names") { item throws(Raised) in try identifier(item) }, "names", node)
            return made(name == "Global" ? .global(names) : .nonlocal(names))
        case "Expr": return made(.expression(try expression(node, "value")))
        case "Pass": return made(.pass)
        case "Break": return made(.break)
        case "Continue": return made(.continue)
        default: throw try wrong(node, "stmt")
        }
    }

    private func annotatedAssign(_ node: Value) throws(Raised) -> Statement.Node {
        let target = try expression(node, "target", .store)
        let isSimple = try integer(node, "simple") != 0
        if isSimple {
            guard case .name = target.node else { throw typeError("AnnAssign with simple non-Name target") }
        }
        return .annotatedAssign(
            target: target, annotation: try expression(node, "annotation"), value: try optionalExpression(node, "value"),
            isSimple: isSimple)
    }

    private func tryStatement(_ node: Value, isGroup: Bool) throws(Raised) -> Statement.Node {
        let body = try block(node, "body")
        let handlers = try items(node, "handlers") { handler throws(Raised) in
            guard kind(handler) == "ExceptHandler" else { throw try wrong(handler, "excepthandler") }
            return ExceptionHandler(
                type: try optionalExpression(handler, "type"), name: try optionalIdentifier(handler, "name"),
                body: try block(handler, "body"), range: try range(handler, "excepthandler"))
        }
        let orElse = try block(node, "orelse", isNeeded: false)
        let finally = try block(node, "finalbody", isNeeded: false)
        let name = isGroup ? "TryStar" : "Try"
        if handlers.isEmpty, finally.isEmpty { throw valueError("\(name) has neither except handlers nor finalbody") }
        if handlers.isEmpty, !orElse.isEmpty { throw valueError("\(name) has orelse but no except handlers") }
        return .try(body: body, handlers: handlers, orElse: orElse, finally: finally, isGroup: isGroup)
    }

    private func aliases(_ node: Value) throws(Raised) -> [ImportAlias] {
        try items(node, "names") { alias throws(Raised) in
            guard kind(alias) == "alias" else { throw try wrong(alias, "alias") }
            return ImportAlias(
                name: try identifier(alias, "name"), alias: try optionalIdentifier(alias, "asname"), range: try range(alias, "alias"))
        }
    }

    private func typeParameters(_ node: Value) throws(Raised) -> [TypeParameter] {
        try items(node, "type_params") { parameter throws(Raised) in
            let form: TypeParameter.Form
            switch kind(parameter) {
            case "TypeVar": form = .typeVariable
            case "TypeVarTuple": form = .typeVariableTuple
            case "ParamSpec": form = .parameterSpecification
            default: throw try wrong(parameter, "type_param")
            }
            return TypeParameter(
                form: form, name: try identifier(parameter, "name"),
                bound: form == .typeVariable ? try optionalExpression(parameter, "bound") : nil,
                defaultValue: try optionalExpression(parameter, "default_value"), range: try range(parameter, "type_param"))
        }
    }

    // MARK: Patterns

    private func patterns(_ node: Value, _ name: StaticString, allowsStar: Bool = false) throws(Raised) -> [Pattern] {
        try items(node, name) { value throws(Raised) in try pattern(value, allowsStar: allowsStar) }
    }

    /// The name that a pattern binds; None, not `_`, stands for none.
    private func captureName(_ node: Value, _ name: StaticString) throws(Raised) -> String? {
        let name = try optionalIdentifier(node, name)
        if name == "_" { throw valueError("can't capture name '_' in patterns") }
        return name
    }

    private func pattern(_ node: Value, allowsStar: Bool = false) throws(Raised) -> Pattern {
        try currentThread().checkNativeStack()
        guard let name = kind(node) else { throw try wrong(node, "pattern") }
        let place = try range(node, "pattern")
        func made(_ form: Pattern.Node) -> Pattern { Pattern(form, place) }
        switch name {
        case "MatchValue":
            let value = try expression(node, "value")
            try checkPatternValue(value)
            return made(.value(value))
        case "MatchSingleton":
            let value = try field(node, "value")
            if value.isNone { return made(.singleton(.none)) }
            guard value.isBool else { throw valueError("MatchSingleton can only contain True, False and None") }
            return made(.singleton(value.isTrue ? .true : .false))
        case "MatchSequence": return made(.sequence(try patterns(node, "patterns", allowsStar: true)))
        case "MatchMapping":
            let (keys, values) = (try expressions(node, "keys"), try patterns(node, "patterns"))
            guard keys.count == values.count else {
                throw valueError("MatchMapping doesn't have the same number of keys as patterns")
            }
            for key in keys { try checkPatternValue(key, isKey: true) }
            return made(.mapping(keys: keys, patterns: values, rest: try captureName(node, "rest")))
        case "MatchClass":
            let keywordPatterns = try patterns(node, "kwd_patterns")
            let names = try items(node, "kwd_attrs") { item throws(Raised) in try identifier(item) }
            guard names.count == keywordPatterns.count else {
                throw valueError("MatchClass doesn't have the same number of keyword attributes as patterns")
            }
            let cls = try expression(node, "cls")
            guard cls.isDottedName else { throw valueError("MatchClass cls field can only contain Name or Attribute nodes.") }
            return made(
                .class(cls, patterns: try patterns(node, "patterns"), keywordNames: names, keywordPatterns: keywordPatterns))
        case "MatchStar":
            guard allowsStar else { throw valueError("can't use MatchStar here") }
            return made(.star(try captureName(node, "name")))
        case "MatchAs":
            let name = try captureName(node, "name")
            guard let inner = try optionalField(node, "pattern") else { return made(.capture(nil, name: name)) }
            if name == nil { throw valueError("MatchAs must specify a target name if a pattern is given") }
            return made(.capture(try pattern(inner), name: name))
        case "MatchOr":
            let alternatives = try patterns(node, "patterns")
            if alternatives.count < 2 { throw valueError("MatchOr requires at least 2 patterns") }
            return made(.alternatives(alternatives))
        default: throw try wrong(node, "pattern")
        }
    }

    private func checkPatternValue(_ value: Expression, isKey: Bool = false) throws(Raised) {
        switch value.node {
        case .constant(.string), .constant(.bytes), .constant(.integer), .constant(.bigInteger), .constant(.float),
            .constant(.imaginary), .attribute, .joinedString:
            return
        case .constant(.none) where isKey, .constant(.true) where isKey, .constant(.false) where isKey: return
        case .constant: throw valueError("unexpected constant inside of a literal pattern")
        case .unary(.minus, let operand) where operand.isNumber(imaginary: true) || operand.isNumber(imaginary: false): return
        case .binary(let left, let sign, let right) where sign == .add || sign == .subtract:
            var real = left
            if case .unary(.minus, let operand) = left.node { real = operand }
            if real.isNumber(imaginary: false), right.isNumber(imaginary: true) { return }
            throw valueError("patterns may only match literals and attribute lookups")
        case .name, .unary, .binary, .formatted, .subscript, .slice, .starred, .call, .boolean, .compare, .conditional, .named, .lambda,
            .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension, .dictionaryComprehension, .generator,
            .await, .yield, .yieldFrom:
            throw valueError("patterns may only match literals and attribute lookups")
        }
    }
}

extension Expression {
    /// A literal that is a number.
    fileprivate func isNumber(imaginary: Bool) -> Bool {
        guard case .constant(let constant) = node else { return false }
        if case .imaginary = constant { return imaginary }
        if case .integer = constant { return !imaginary }
        if case .bigInteger = constant { return !imaginary }
        if case .float = constant { return !imaginary }
        return false
    }

    /// `a` or `a.b.c`.
    fileprivate var isDottedName: Bool {
        if case .name = node { return true }
        if case .attribute(let inner, _) = node { return inner.isDottedName }
        return false
    }
}
