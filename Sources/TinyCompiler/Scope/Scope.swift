// A scope: a block of source text whose names are looked up together (CPython's "symbol table entry").
//
// ScopeBuilder notes what each block does with each name; ScopeAnalysis then decides where each name lives. List, set
// and dict comprehensions are scopes for their names, but not units of code: they are inlined into the unit around
// them (PEP 709), save inside the annotation scopes of classes, as CPython does.
import TinySyntax

/// What a block does with a name.
struct SymbolUse: OptionSet {
    let rawValue: UInt16
    static let global = SymbolUse(rawValue: 1)
    static let local = SymbolUse(rawValue: 2)
    static let parameter = SymbolUse(rawValue: 4)
    static let nonlocal = SymbolUse(rawValue: 8)
    static let used = SymbolUse(rawValue: 16)
    static let imported = SymbolUse(rawValue: 32)
    static let annotated = SymbolUse(rawValue: 64)
    static let iterationVariable = SymbolUse(rawValue: 128)
    static let typeParameter = SymbolUse(rawValue: 256)
    static let bound: SymbolUse = [.local, .parameter, .imported, .typeParameter]
}

/// Where a name of a scope lives.
enum NamePlace {
    case local, cell, free, globalExplicit, globalImplicit
}

final class Scope {
    enum Kind: UInt8 {
        case module, `class`, function, lambda
        case generator, listComprehension, setComprehension, dictionaryComprehension
        /// The hidden function around a generic definition; the lazily evaluated parts of one (PEP 695, 696).
        case typeParameters, typeBound, typeDefault, typeAlias
    }

    let kind: Kind
    let name: String
    let range: SourceRange
    unowned let parent: Scope?
    var children: [Scope] = []

    // What ScopeBuilder finds.
    var symbols: [String: SymbolUse] = [:]
    /// Names in the order of their first occurrence.
    var order: [String] = []
    var parameters: [String] = []
    /// Where `global` and `nonlocal` (or an assignment expression) declared a name.
    var directives: [String: SourceRange] = [:]
    /// The class whose name mangles private names here.
    var privateName: String?
    /// If set, only these names are mangled (bases of a generic class stand outside of the class).
    var mangledNames: Set<String>?
    /// Names that an assignment expression binds: an operand read before may change under it.
    var walrusNames: Set<String> = []
    /// Names that `del` or the end of an `except … as` unbinds.
    var unboundNames: Set<String> = []
    var isAsync = false
    var isGenerator = false
    /// Awaits: an `async def`, or a comprehension with an asynchronous part.
    var isCoroutine = false
    var hasAnnotations = false
    /// An annotation scope inside of a class: its names are looked up in the class namespace too.
    var seesClassScope = false
    var needsClassCell = false
    var needsClassDictionary = false
    /// Attributes that methods assign on their first parameter (`__static_attributes__`).
    var staticAttributes: [String] = []

    // What ScopeAnalysis decides.
    var places: [String: NamePlace] = [:]
    /// Names that this scope needs from those around it.
    var freeNames: Set<String> = []
    var isInlined = false

    init(kind: Kind, name: String, range: SourceRange, parent: Scope?) {
        self.kind = kind
        self.name = name
        self.range = range
        self.parent = parent
        privateName = parent?.privateName
        mangledNames = parent?.mangledNames
    }

    var isFunctionLike: Bool {
        switch kind {
        case .module, .class: false
        case .function, .lambda, .generator, .listComprehension, .setComprehension, .dictionaryComprehension,
            .typeParameters, .typeBound, .typeDefault, .typeAlias:
            true
        }
    }

    var isComprehension: Bool {
        switch kind {
        case .generator, .listComprehension, .setComprehension, .dictionaryComprehension: true
        case .module, .class, .function, .lambda, .typeParameters, .typeBound, .typeDefault, .typeAlias: false
        }
    }

    /// Whether it lies inside a function (CPython's `ste_nested`).
    var isNested: Bool {
        var scope = parent
        while let outer = scope {
            if outer.isFunctionLike { return true }
            scope = outer.parent
        }
        return false
    }

    /// `name` as it is stored: private names of a class carry its name.
    func mangle(_ name: String) -> String {
        guard let privateName, name.utf8.starts(with: "__".utf8) else { return name }
        if let mangledNames, !mangledNames.contains(name) { return name }
        return Scope.mangle(name, class: privateName)
    }

    static func mangle(_ name: String, class className: String) -> String {
        guard name.utf8.starts(with: "__".utf8), !name.hasSuffix("__"), !name.utf8.contains(UInt8(ascii: ".")) else {
            return name
        }
        let stripped = className.drop { $0 == "_" }
        return stripped.isEmpty ? name : "_" + stripped + name
    }
}

/// The scopes of one source text, found again by what opened them.
struct ScopeTable {
    struct Key: Hashable {
        let kind: Scope.Kind
        let range: SourceRange
    }

    let root: Scope
    private var scopes: [Key: Scope] = [:]

    init(root: Scope) { self.root = root }

    mutating func insert(_ scope: Scope) { scopes[Key(kind: scope.kind, range: scope.range)] = scope }

    func scope(_ kind: Scope.Kind, _ range: SourceRange) -> Scope? { scopes[Key(kind: kind, range: range)] }
}

extension SyntaxDiagnostic {
    /// An error of the compiler. As in CPython, its offsets count bytes.
    init(_ message: String, at range: SourceRange, kind: Kind = .syntaxError) {
        self.init(
            kind: kind, message: message, line: Int(range.line), offset: Int(range.column) + 1,
            endLine: Int(range.endLine), endOffset: Int(range.endColumn) + 1)
    }
}
