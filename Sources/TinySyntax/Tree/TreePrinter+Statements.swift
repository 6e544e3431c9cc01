// Statements and patterns as `ast.dump` writes them.

extension TreePrinter {
    mutating func statement(_ statement: Statement) {
        let place = statement.range
        switch statement.node {
        case .function(let definition): function(definition, place)
        case .class(let definition): classDefinition(definition, place)
        case .return(let value): node("Return", place) { $0.optional("value", value) }
        case .delete(let targets):
            node("Delete", place) { $0.list("targets", targets) { $0.expression($1, .delete) } }
        case .assign(let targets, let value):
            node("Assign", place) {
                $0.list("targets", targets) { $0.expression($1, .store) }
                $0.child("value", value)
            }
        case .augmentedAssign(let target, let op, let value):
            node("AugAssign", place) {
                $0.child("target", target, .store)
                $0.raw("op", TreePrinter.operatorName(op) + "()")
                $0.child("value", value)
            }
        case .annotatedAssign(let target, let annotation, let value, let isSimple):
            node("AnnAssign", place) {
                $0.child("target", target, .store)
                $0.child("annotation", annotation)
                $0.optional("value", value)
                $0.raw("simple", isSimple ? "1" : "0")
            }
        case .typeAlias(let name, let nameRange, let parameters, let value):
            node("TypeAlias", place) {
                $0.child("name", Expression(.name(name), nameRange), .store)
                $0.list("type_params", parameters) { $0.typeParameter($1) }
                $0.child("value", value)
            }
        case .expression(let value): node("Expr", place) { $0.child("value", value) }
        case .raise(let exception, let cause):
            node("Raise", place) {
                $0.optional("exc", exception)
                $0.optional("cause", cause)
            }
        case .assert(let test, let message):
            node("Assert", place) {
                $0.child("test", test)
                $0.optional("msg", message)
            }
        case .import(let aliases): node("Import", place) { $0.list("names", aliases) { $0.alias($1) } }
        case .importFrom(let module, let aliases, let level):
            node("ImportFrom", place) {
                $0.text("module", module)
                $0.list("names", aliases) { $0.alias($1) }
                $0.raw("level", String(level))
            }
        case .global(let names): node("Global", place) { $0.names(names) }
        case .nonlocal(let names): node("Nonlocal", place) { $0.names(names) }
        case .pass: node("Pass", place)
        case .break: node("Break", place)
        case .continue: node("Continue", place)
        case .for, .while, .if, .with, .match, .try: compound(statement)
        }
    }

    private mutating func names(_ names: [String]) {
        list("names", names) { $0.output += "'" + $1 + "'" }
    }

    private mutating func alias(_ alias: ImportAlias) {
        node("alias", alias.range) {
            $0.text("name", alias.name)
            $0.text("asname", alias.alias)
        }
    }

    mutating func block(_ name: String, _ body: [Statement]) {
        list(name, body) { $0.statement($1) }
    }

    private mutating func compound(_ statement: Statement) {
        let place = statement.range
        switch statement.node {
        case .for(let target, let iterable, let body, let orElse, let isAsync):
            node(isAsync ? "AsyncFor" : "For", place) {
                $0.child("target", target, .store)
                $0.child("iter", iterable)
                $0.block("body", body)
                $0.block("orelse", orElse)
            }
        case .while(let test, let body, let orElse):
            node("While", place) {
                $0.child("test", test)
                $0.block("body", body)
                $0.block("orelse", orElse)
            }
        case .if(let test, let body, let orElse):
            node("If", place) {
                $0.child("test", test)
                $0.block("body", body)
                $0.block("orelse", orElse)
            }
        case .with(let items, let body, let isAsync):
            node(isAsync ? "AsyncWith" : "With", place) {
                $0.list("items", items) { printer, item in
                    printer.node("withitem", nil) {
                        $0.child("context_expr", item.context)
                        $0.optional("optional_vars", item.target, .store)
                    }
                }
                $0.block("body", body)
            }
        case .match(let subject, let cases):
            node("Match", place) {
                $0.child("subject", subject)
                $0.list("cases", cases) { $0.matchCase($1) }
            }
        case .try(let body, let handlers, let orElse, let finally, let isGroup):
            node(isGroup ? "TryStar" : "Try", place) {
                $0.block("body", body)
                $0.list("handlers", handlers) { printer, handler in
                    printer.node("ExceptHandler", handler.range) {
                        $0.optional("type", handler.type)
                        $0.text("name", handler.name)
                        $0.block("body", handler.body)
                    }
                }
                $0.block("orelse", orElse)
                $0.block("finalbody", finally)
            }
        default: break
        }
    }

    private mutating func function(_ definition: FunctionDefinition, _ place: SourceRange) {
        node(definition.isAsync ? "AsyncFunctionDef" : "FunctionDef", place) {
            $0.text("name", definition.name)
            $0.field("args") { $0.parameters(definition.parameters) }
            $0.block("body", definition.body)
            $0.list("decorator_list", definition.decorators) { $0.expression($1) }
            $0.optional("returns", definition.returns)
            $0.list("type_params", definition.typeParameters) { $0.typeParameter($1) }
        }
    }

    private mutating func classDefinition(_ definition: ClassDefinition, _ place: SourceRange) {
        node("ClassDef", place) {
            $0.text("name", definition.name)
            $0.list("bases", definition.bases) { $0.expression($1) }
            $0.list("keywords", definition.keywords) { $0.keyword($1) }
            $0.block("body", definition.body)
            $0.list("decorator_list", definition.decorators) { $0.expression($1) }
            $0.list("type_params", definition.typeParameters) { $0.typeParameter($1) }
        }
    }

    private mutating func typeParameter(_ parameter: TypeParameter) {
        let name =
            switch parameter.form {
            case .typeVariable: "TypeVar"
            case .typeVariableTuple: "TypeVarTuple"
            case .parameterSpecification: "ParamSpec"
            }
        node(name, parameter.range) {
            $0.text("name", parameter.name)
            $0.optional("bound", parameter.bound)
            $0.optional("default_value", parameter.defaultValue)
        }
    }

    // MARK: Patterns

    private mutating func matchCase(_ matchCase: MatchCase) {
        node("match_case", nil) {
            $0.field("pattern") { $0.pattern(matchCase.pattern) }
            $0.optional("guard", matchCase.guardTest)
            $0.block("body", matchCase.body)
        }
    }

    private mutating func pattern(_ pattern: Pattern) {
        let place = pattern.range
        switch pattern.node {
        case .value(let value): node("MatchValue", place) { $0.child("value", value) }
        case .singleton(let constant):
            node("MatchSingleton", place) { $0.raw("value", TreePrinter.text(of: constant)) }
        case .sequence(let patterns):
            node("MatchSequence", place) { $0.list("patterns", patterns) { $0.pattern($1) } }
        case .mapping(let keys, let patterns, let rest):
            node("MatchMapping", place) {
                $0.list("keys", keys) { $0.expression($1) }
                $0.list("patterns", patterns) { $0.pattern($1) }
                $0.text("rest", rest)
            }
        case .class(let type, let patterns, let keywordNames, let keywordPatterns):
            node("MatchClass", place) {
                $0.child("cls", type)
                $0.list("patterns", patterns) { $0.pattern($1) }
                $0.list("kwd_attrs", keywordNames) { $0.output += "'" + $1 + "'" }
                $0.list("kwd_patterns", keywordPatterns) { $0.pattern($1) }
            }
        case .star(let name): node("MatchStar", place) { $0.text("name", name) }
        case .capture(let inner, let name):
            node("MatchAs", place) {
                if let inner { $0.field("pattern") { $0.pattern(inner) } }
                $0.text("name", name)
            }
        case .alternatives(let patterns):
            node("MatchOr", place) { $0.list("patterns", patterns) { $0.pattern($1) } }
        }
    }
}
