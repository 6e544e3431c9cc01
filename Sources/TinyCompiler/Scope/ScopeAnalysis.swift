// The second pass over the scopes: where does each name live?
//
// Downwards goes what the functions around bind; upwards comes what the functions inside need. A local that a real
// inner function needs becomes a cell; one that only an inlined comprehension needs stays a register, because the
// comprehension is part of the same unit of code.
import TinySyntax

enum ScopeAnalysis {
    static func analyze(_ root: Scope, stack: StackGuard) throws(SyntaxDiagnostic) {
        _ = try analyze(root, bound: [], globals: [], typeParameters: [], stack)
    }

    /// Returns the names that `scope` needs from outside, and those of them that must live in cells.
    private static func analyze(
        _ scope: Scope, bound: Set<String>, globals: Set<String>, typeParameters: Set<String>, _ stack: StackGuard
    ) throws(SyntaxDiagnostic) -> (free: Set<String>, captured: Set<String>) {
        try stack.check()
        var bound = bound, globals = globals
        // what inner scopes see; a class hides its own names from them, and adds two
        var innerBound = bound, innerGlobals = globals
        var locals: Set<String> = []
        var typeParameters = typeParameters
        for name in scope.order {
            let place = try place(of: name, in: scope, bound: &bound, globals: &globals, locals: &locals,
                typeParameters: &typeParameters)
            scope.places[name] = place
        }
        if scope.kind == .class {
            innerBound.formUnion(["__class__", "__classdict__"])
        } else {
            innerGlobals = globals
            innerBound = scope.isFunctionLike ? bound.union(locals) : bound
        }
        if scope.isComprehension, scope.kind != .generator, scope.parent?.seesClassScope != true {
            scope.isInlined = true
        }

        let own = Set(scope.places.filter { $0.value == .free }.map(\.key))
        var free: Set<String> = []
        var captured: Set<String> = []
        for child in scope.children {
            let needs = try analyze(
                child, bound: innerBound, globals: innerGlobals, typeParameters: typeParameters, stack)
            free.formUnion(needs.free)
            captured.formUnion(needs.captured)
        }
        switch scope.kind {
        case .class:
            if free.remove("__class__") != nil { scope.needsClassCell = true }
            if free.remove("__classdict__") != nil { scope.needsClassDictionary = true }
            captured.subtract(["__class__", "__classdict__"])
        case .module:
            free = []
        case .function, .lambda, .generator, .listComprehension, .setComprehension, .dictionaryComprehension,
            .typeParameters, .typeBound, .typeDefault, .typeAlias:
            for name in captured.intersection(locals) { scope.places[name] = .cell }
            free.subtract(locals)
            captured.subtract(locals)
        }
        free.formUnion(own)
        scope.freeNames = free
        return (free, scope.isInlined ? captured : free)
    }

    private static func place(
        of name: String, in scope: Scope, bound: inout Set<String>, globals: inout Set<String>,
        locals: inout Set<String>, typeParameters: inout Set<String>
    ) throws(SyntaxDiagnostic) -> NamePlace {
        let uses = scope.symbols[name] ?? []
        if uses.contains(.global) {
            if uses.contains(.nonlocal) {
                throw SyntaxDiagnostic("name '\(name)' is nonlocal and global", at: scope.directives[name] ?? .none)
            }
            globals.insert(name)
            bound.remove(name)
            return .globalExplicit
        }
        if uses.contains(.nonlocal) {
            let range = scope.directives[name] ?? .none
            if scope.kind == .module {
                throw SyntaxDiagnostic("nonlocal declaration not allowed at module level", at: range)
            }
            if !bound.contains(name) {
                throw SyntaxDiagnostic("no binding for nonlocal '\(name)' found", at: range)
            }
            if typeParameters.contains(name) {
                throw SyntaxDiagnostic("nonlocal binding not allowed for type parameter '\(name)'", at: range)
            }
            return .free
        }
        if !uses.isDisjoint(with: .bound) {
            locals.insert(name)
            globals.remove(name)
            if uses.contains(.typeParameter) { typeParameters.insert(name) } else { typeParameters.remove(name) }
            return .local
        }
        if let uses = classScope(seenFrom: scope)?.symbols[name] {
            // What the class binds is looked for in the class as it is then and among the globals: not in functions around.
            if uses.contains(.global) { return .globalExplicit }
            if !uses.isDisjoint(with: .bound), !uses.contains(.nonlocal) { return .globalImplicit }
        }
        if bound.contains(name) { return .free }
        return .globalImplicit
    }

    /// The class in which a scope of type parameters, a bound or an alias stands (PEP 695).
    private static func classScope(seenFrom scope: Scope) -> Scope? {
        var scope = scope
        while scope.seesClassScope, let parent = scope.parent {
            if parent.kind == .class { return parent }
            scope = parent
        }
        return nil
    }
}
