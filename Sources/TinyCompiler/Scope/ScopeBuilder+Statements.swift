// Statements and patterns, as ScopeBuilder sees them.
import TinySyntax

extension ScopeBuilder {
    mutating func visit(_ statements: [Statement]) throws(SyntaxDiagnostic) {
        for statement in statements { try visit(statement) }
    }

    mutating func visit(_ statement: Statement) throws(SyntaxDiagnostic) {
        try stack.check()
        let range = statement.range
        switch statement.node {
        case .function(let function): try visitFunction(function, range)
        case .class(let definition): try visitClass(definition, range)
        case .return(let value): try visit(value)
        case .delete(let targets):
            for target in targets { try visitTarget(target, deletes: true) }
        case .assign(let targets, let value):
            for target in targets { try visitTarget(target) }
            try visit(value)
        case .augmentedAssign(let target, _, let value):
            // the target is read too; when it is a name that reads as a use of a bound name
            try visitTarget(target)
            try visit(value)
        case .annotatedAssign(let target, let annotation, let value, let isSimple):
            try visitAnnotated(target, annotation, value, isSimple, range)
        case .typeAlias(let name, let nameRange, let parameters, let value):
            try visitTypeAlias(name, nameRange, parameters, value, range)
        case .for(let target, let iterable, let body, let orElse, let isAsync):
            noteAsync(isAsync)
            try visitTarget(target)
            try visit(iterable)
            try visit(body)
            try visit(orElse)
        case .while(let test, let body, let orElse):
            try visit(test)
            try visit(body)
            try visit(orElse)
        case .if: try visitIf(statement)
        case .with(let items, let body, let isAsync):
            noteAsync(isAsync)
            for item in items {
                try visit(item.context)
                if let target = item.target { try visitTarget(target) }
            }
            try visit(body)
        case .match(let subject, let cases):
            try visit(subject)
            for matchCase in cases {
                try visit(matchCase.pattern)
                try visit(matchCase.guardTest)
                try visit(matchCase.body)
            }
        case .raise(let exception, let cause):
            try visit(exception)
            try visit(cause)
        case .try(let body, let handlers, let orElse, let finally, _):
            try visit(body)
            for handler in handlers { try visit(handler) }
            try visit(orElse)
            try visit(finally)
        case .assert(let test, let message):
            try visit(test)
            try visit(message)
        case .import(let names):
            for alias in names { try visitImport(alias, range) }
        case .importFrom(_, let names, _):
            for alias in names { try visitImportFrom(alias, range) }
        case .global(let names):
            for name in names { try declare(name, .global, range) }
        case .nonlocal(let names):
            for name in names { try declare(name, .nonlocal, range) }
        case .expression(let expression): try visit(expression)
        case .pass, .break, .continue: break
        }
    }

    /// `elif` chains are as long as one likes: no recursion along them.
    private mutating func visitIf(_ statement: Statement) throws(SyntaxDiagnostic) {
        var current = statement
        while case .if(let test, let body, let orElse) = current.node {
            try visit(test)
            try visit(body)
            guard orElse.count == 1, case .if = orElse[0].node else { return try visit(orElse) }
            current = orElse[0]
        }
    }

    /// An `async for` or `async with` of a module whose code may await makes a coroutine of it.
    private mutating func noteAsync(_ isAsync: Bool) {
        if isAsync, allowsTopLevelAwait, current.kind == .module { current.isCoroutine = true }
    }

    private mutating func visit(_ handler: ExceptionHandler) throws(SyntaxDiagnostic) {
        try visit(handler.type)
        if let name = handler.name {
            try note(name, .local, handler.range)
            current.unboundNames.insert(current.mangle(name))
        }
        try visit(handler.body)
    }

    private mutating func visitAnnotated(
        _ target: Expression, _ annotation: Expression, _ value: Expression?, _ isSimple: Bool, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        if case .name(let name) = target.node {
            let uses = uses(of: name)
            if isSimple, current.kind != .module {
                if uses.contains(.global) {
                    throw SyntaxDiagnostic("annotated name '\(name)' can't be global", at: range)
                }
                if uses.contains(.nonlocal) {
                    throw SyntaxDiagnostic("annotated name '\(name)' can't be nonlocal", at: range)
                }
            }
            if isSimple {
                try note(name, [.annotated, .local], target.range)
                current.hasAnnotations = true
            } else if value != nil {
                try note(name, .local, target.range)
            }
        } else {
            try visitTarget(target)
        }
        try visitAnnotation(annotation)
        try visit(value)
    }

    private mutating func visitImport(_ alias: ImportAlias, _ range: SourceRange) throws(SyntaxDiagnostic) {
        let name = alias.alias ?? String(alias.name.prefix { $0 != "." })
        try note(name, .imported, range)
    }

    private mutating func visitImportFrom(_ alias: ImportAlias, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if alias.name == "*" {
            if current.kind != .module {
                throw SyntaxDiagnostic("import * only allowed at module level", at: alias.range)
            }
            return
        }
        try note(alias.alias ?? alias.name, .imported, range)
    }

    private mutating func declare(
        _ name: String, _ use: SymbolUse, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let word = use.contains(.global) ? "global" : "nonlocal"
        let before = uses(of: name)
        if before.contains(.parameter) {
            throw SyntaxDiagnostic("name '\(name)' is parameter and \(word)", at: range)
        }
        if before.contains(.used) {
            throw SyntaxDiagnostic("name '\(name)' is used prior to \(word) declaration", at: range)
        }
        if before.contains(.annotated) {
            throw SyntaxDiagnostic("annotated name '\(name)' can't be \(word)", at: range)
        }
        if before.contains(.local) {
            throw SyntaxDiagnostic("name '\(name)' is assigned to before \(word) declaration", at: range)
        }
        try note(name, use, range)
        let mangled = current.mangle(name)
        if current.directives[mangled] == nil { current.directives[mangled] = range }
    }

    // MARK: Patterns

    mutating func visit(_ pattern: Pattern) throws(SyntaxDiagnostic) {
        try stack.check()
        switch pattern.node {
        case .value(let expression): try visit(expression)
        case .singleton: break
        case .sequence(let patterns), .alternatives(let patterns):
            for inner in patterns { try visit(inner) }
        case .mapping(let keys, let patterns, let rest):
            for key in keys { try visit(key) }
            for inner in patterns { try visit(inner) }
            if let rest { try note(rest, .local, pattern.range) }
        case .class(let type, let patterns, _, let keywordPatterns):
            try visit(type)
            for inner in patterns { try visit(inner) }
            for inner in keywordPatterns { try visit(inner) }
        case .star(let name):
            if let name { try note(name, .local, pattern.range) }
        case .capture(let inner, let name):
            if let inner { try visit(inner) }
            if let name { try note(name, .local, pattern.range) }
        }
    }
}
