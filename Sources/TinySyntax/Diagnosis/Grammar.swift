// A grammar as data, for the second reading of wrong programs.
//
// CPython explains wrong programs by parsing them once more with extra rules for wrong forms, in the order of a parsing
// expression grammar; which message is given, and where, follows from that order. So the order is kept here, as text in a
// small notation, and interpreted. It is slow (some MB/s) and read only after a program was refused.
//
// Notation: `name: a b | c` alternatives; `'x'` token, `"x"` soft keyword, `NAME` token class; `[x]` optional, `x*` `x+`
// repeated, `','.x+` separated; `&x` `!x` look ahead; `&&'x'` must follow or "expected 'x'"; `~` no other alternative from
// here; `l=x` label; `{…}` what is made of a match: a kind of expression, or an error. `@` after a name: results are
// remembered. `<`: left-recursive. Rules named `bad…` take part only in the second pass.

final class Grammar: Sendable {
    indirect enum Item: Sendable {
        case token(TokenKind)
        case soft(Int32)
        case softKeyword
        case rule(Int)
        /// A rule without the extra rules inside it.
        case plainly(Int)
        case optional(Item)
        case repeated(Item, minimum: Int)
        case separated(Item, by: Item)
        case ahead(Item)
        case notAhead(Item)
        case forced(TokenKind, String)
        case cut
        case group([Alternative])
    }

    struct Alternative: Sendable {
        var items: [(label: UInt8, item: Item)] = []
        var action: Action?
        /// Holds a rule for wrong forms.
        var isForErrors = false
    }

    struct Action: Sendable {
        let name: String
        var labels: [UInt8] = []
        var message = ""
    }

    struct Rule: Sendable {
        let name: String
        let isRemembered: Bool
        let isLeftRecursive: Bool
        let alternatives: [Alternative]
    }

    let rules: [Rule]
    /// What could not be read: always empty, as a test makes sure.
    let problems: [String]
    private let numbers: [String: Int]

    static let shared = Grammar()

    private init() {
        var reader = GrammarReader(
            [Grammar.expressions, Grammar.parameters, Grammar.statements, Grammar.patterns].joined(separator: "\n"))
        rules = reader.readRules()
        numbers = reader.numbers
        problems = reader.problems
    }

    func number(of name: String) -> Int { numbers[name] ?? 0 }
}
