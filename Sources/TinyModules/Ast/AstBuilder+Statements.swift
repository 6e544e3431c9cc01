// Node objects of statements, patterns and type parameters.
import TinyRuntime
import TinySyntax

extension AstBuilder {
    func statement(_ statement: Statement) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        let place = statement.range
        switch statement.node {
        case .function(let definition):
            return try node(definition.isAsync ? "AsyncFunctionDef" : "FunctionDef", place, [
                ("name", text(definition.name)), ("args", try parameters(definition.parameters)), ("body", try block(definition.body)),
                ("decorator_list", try expressions(definition.decorators)), ("returns", try optional(definition.returns)),
                ("type_comment", .none), ("type_params", try typeParameters(definition.typeParameters)),
            ])
        case .class(let definition):
            return try node("ClassDef", place, [
                ("name", text(definition.name)), ("bases", try expressions(definition.bases)),
                ("keywords", try list(definition.keywords) { item throws(Raised) in try keyword(item) }),
                ("body", try block(definition.body)), ("decorator_list", try expressions(definition.decorators)),
                ("type_params", try typeParameters(definition.typeParameters)),
            ])
        case .return(let value): return try node("Return", place, [("value", try optional(value))])
        case .delete(let targets): return try node("Delete", place, [("targets", try expressions(targets, .delete))])
        case .assign(let targets, let value):
            return try node("Assign", place, [
                ("targets", try expressions(targets, .store)), ("value", try expression(value)), ("type_comment", .none),
            ])
        case .augmentedAssign(let target, let op, let value):
            return try node("AugAssign", place, [
                ("target", try expression(target, .store)), ("op", try operation(TreePrinter.operatorName(op))), ("value", try expression(value)),
            ])
        case .annotatedAssign(let target, let annotation, let value, let isSimple):
            return try node("AnnAssign", place, [
                ("target", try expression(target, .store)), ("annotation", try expression(annotation)),
                ("value", try optional(value)), ("simple", Value(isSimple ? 1 : 0)),
            ])
        case .typeAlias(let name, let nameRange, let parameters, let value):
            return try node("TypeAlias", place, [
                ("name", try expression(Expression(.name(name), nameRange), .store)), ("type_params", try typeParameters(parameters)),
                ("value", try expression(value)),
            ])
        case .raise(let exception, let cause):
            return try node("Raise", place, [("exc", try optional(exception)), ("cause", try optional(cause))])
        case .assert(let test, let message):
            return try node("Assert", place, [("test", try expression(test)), ("msg", try optional(message))])
        case .import(let aliases): return try node("Import", place, [("names", try self.aliases(aliases))])
        case .importFrom(let module, let aliases, let level):
            return try node("ImportFrom", place, [
                ("module", optional(module)), ("names", try self.aliases(aliases)), ("level", Value(level)),
            ])
        case .global(let names): return try node("Global", place, [("names", try list(names) { name throws(Raised) in text(name) })])
        case .nonlocal(let names): return try node("Nonlocal", place, [("names", try list(names) { name throws(Raised) in text(name) })])
        case .expression(let value): return try node("Expr", place, [("value", try expression(value))])
        case .pass: return try node("Pass", place)
        case .break: return try node("Break", place)
        case .continue: return try node("Continue", place)
        case .for(let target, let iterable, let body, let orElse, let isAsync):
            return try node(isAsync ? "AsyncFor" : "For", place, [
                ("target", try expression(target, .store)), ("iter", try expression(iterable)), ("body", try block(body)),
                ("orelse", try block(orElse)), ("type_comment", .none),
            ])
        case .while(let test, let body, let orElse):
            return try node("While", place, [("test", try expression(test)), ("body", try block(body)), ("orelse", try block(orElse))])
        case .if(let test, let body, let orElse):
            return try node("If", place, [("test", try expression(test)), ("body", try block(body)), ("orelse", try block(orElse))])
        case .with(let items, let body, let isAsync):
            return try node(isAsync ? "AsyncWith" : "With", place, [
                ("items", try list(items) { item throws(Raised) in
                    try node("withitem", nil, [
                        ("context_expr", try expression(item.context)), ("optional_vars", try optional(item.target, .store)),
                    ])
                }), ("body", try block(body)), ("type_comment", .none),
            ])
        case .match(let subject, let cases):
            return try node("Match", place, [
                ("subject", try expression(subject)),
                ("cases", try list(cases) { item throws(Raised) in
                    try node("match_case", nil, [
                        ("pattern", try pattern(item.pattern)), ("guard", try optional(item.guardTest)), ("body", try block(item.body)),
                    ])
                }),
            ])
        case .try(let body, let handlers, let orElse, let finally, let isGroup):
            return try node(isGroup ? "TryStar" : "Try", place, [
                ("body", try block(body)),
                ("handlers", try list(handlers) { handler throws(Raised) in
                    try node("ExceptHandler", handler.range, [
                        ("type", try optional(handler.type)), ("name", optional(handler.name)), ("body", try block(handler.body)),
                    ])
                }), ("orelse", try block(orElse)), ("finalbody", try block(finally)),
            ])
        }
    }

    private func aliases(_ aliases: [ImportAlias]) throws(Raised) -> Value {
        try list(aliases) { alias throws(Raised) in
            try node("alias", alias.range, [("name", text(alias.name)), ("asname", optional(alias.alias))])
        }
    }

    private func typeParameters(_ parameters: [TypeParameter]) throws(Raised) -> Value {
        try list(parameters) { parameter throws(Raised) in
            let defaultValue = try optional(parameter.defaultValue)
            switch parameter.form {
            case .typeVariable:
                return try node("TypeVar", parameter.range, [
                    ("name", text(parameter.name)), ("bound", try optional(parameter.bound)), ("default_value", defaultValue),
                ])
            case .typeVariableTuple:
                return try node("TypeVarTuple", parameter.range, [("name", text(parameter.name)), ("default_value", defaultValue)])
            case .parameterSpecification:
                return try node("ParamSpec", parameter.range, [("name", text(parameter.name)), ("default_value", defaultValue)])
            }
        }
    }

    private func patterns(_ patterns: [Pattern]) throws(Raised) -> Value {
        try list(patterns) { item throws(Raised) in try pattern(item) }
    }

    func pattern(_ pattern: Pattern) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        let place = pattern.range
        switch pattern.node {
        case .value(let value): return try node("MatchValue", place, [("value", try expression(value))])
        case .singleton(let constant): return try node("MatchSingleton", place, [("value", Code.value(constant))])
        case .sequence(let items): return try node("MatchSequence", place, [("patterns", try patterns(items))])
        case .mapping(let keys, let items, let rest):
            return try node("MatchMapping", place, [
                ("keys", try expressions(keys)), ("patterns", try patterns(items)), ("rest", optional(rest)),
            ])
        case .class(let type, let items, let names, let keywordItems):
            return try node("MatchClass", place, [
                ("cls", try expression(type)), ("patterns", try patterns(items)),
                ("kwd_attrs", try list(names) { name throws(Raised) in text(name) }), ("kwd_patterns", try patterns(keywordItems)),
            ])
        case .star(let name): return try node("MatchStar", place, [("name", optional(name))])
        case .capture(let inner, let name):
            var innerValue = Value.none
            if let inner { innerValue = try self.pattern(inner) }
            return try node("MatchAs", place, [("pattern", innerValue), ("name", optional(name))])
        case .alternatives(let items): return try node("MatchOr", place, [("patterns", try patterns(items))])
        }
    }
}
