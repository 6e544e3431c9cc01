// `from __future__ import …`: which features a text asks for, and whether it asks early enough.
import TinySyntax

/// The features in force in a text.
public struct FutureFeatures: Sendable {
    /// The features that there are, by the names that imports have for them.
    public enum Feature: String, CaseIterable, Sendable {
        case nestedScopes = "nested_scopes"
        case generators
        case division
        case absoluteImport = "absolute_import"
        case withStatement = "with_statement"
        case printFunction = "print_function"
        case unicodeLiterals = "unicode_literals"
        case barryAsFLUFL = "barry_as_FLUFL"
        case generatorStop = "generator_stop"
        case annotations
    }

    private var features: Set<Feature> = []
    private var earlyImports: Set<SourceRange> = []

    /// No others than those that code calling `compile` hands down.
    public init(inherited: Set<Feature> = []) { features = inherited }

    /// Whether a feature is in force.
    public func contains(_ feature: Feature) -> Bool { features.contains(feature) }

    /// What code says of them.
    var flags: CodeFlags {
        var flags: CodeFlags = []
        if contains(.annotations) { flags.insert(.futureAnnotations) }
        if contains(.barryAsFLUFL) { flags.insert(.futureBarryAsFLUFL) }
        return flags
    }

    /// Whether the import at `range` stands where such imports must stand.
    func isEarly(_ range: SourceRange) -> Bool { earlyImports.contains(range) }

    /// Reads the imports at the beginning of a module.
    mutating func read(_ body: [Statement]) throws(SyntaxDiagnostic) {
        var mayBeDocstring = true
        for statement in body {
            switch statement.node {
            case .importFrom("__future__"?, let names, 0):
                for alias in names { try insert(alias.name, statement.range) }
                earlyImports.insert(statement.range)
            case .expression(let expression):
                guard mayBeDocstring, case .constant(.string) = expression.node else { return }
            case .function, .class, .return, .delete, .assign, .augmentedAssign, .annotatedAssign, .typeAlias, .for,
                .while, .if, .with, .match, .raise, .try, .assert, .import, .importFrom, .global, .nonlocal, .pass,
                .break, .continue:
                return
            }
            mayBeDocstring = false
        }
    }

    private mutating func insert(_ name: String, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if let feature = Feature(rawValue: name) {
            features.insert(feature)
        } else if name == "braces" {
            throw FutureFeatures.refusal("not a chance", range)
        } else {
            throw FutureFeatures.refusal("future feature \(name) is not defined", range)
        }
    }

    /// CPython gives these a beginning and no end.
    private static func refusal(_ message: String, _ range: SourceRange) -> SyntaxDiagnostic {
        var diagnostic = SyntaxDiagnostic(message, at: range)
        diagnostic.endLine = diagnostic.line
        diagnostic.endOffset = 0
        return diagnostic
    }
}
