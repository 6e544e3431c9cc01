// The second reading of a wrong program: what to say, and where the caret goes.
//
// Two passes over the tokens, as in CPython: first with the plain grammar, to see how far the program makes sense (the
// last token looked at is where "invalid syntax" points), then with the rules for wrong forms. Tokens count as read only
// when a rule looks at them, so an error of the lexer is reported when the parser gets there, and not before.

/// A match: which tokens, what kind of expression, and its parts.
final class Match {
    let kind: String
    let start: Int
    let end: Int
    let parts: [Match]

    init(_ kind: String, _ start: Int, _ end: Int, _ parts: [Match] = []) {
        self.kind = kind
        self.start = start
        self.end = end
        self.parts = parts
    }
}

final class Diagnoser {
    /// What ends a pass before its time.
    enum Stop: Error {
        case diagnosed(SyntaxDiagnostic)
        case tooDeep
        case tooLong
    }

    struct Memory {
        let match: Match?
        let end: Int
    }

    let lexer: Lexer
    let tokens: [Token]
    let grammar = Grammar.shared
    var mark = 0
    /// Tokens looked at so far.
    var fill = 0
    var usesErrorRules = false
    var memory: [Int: Memory] = [:]
    var depth = 0
    var steps = 0

    /// As deep as CPython's parser goes before it reports a MemoryError.
    static let maximumDepth = 6_000
    static let maximumSteps = 50_000_000

    init(_ lexer: Lexer) {
        self.lexer = lexer
        tokens = lexer.tokens
    }

    static func diagnose(_ lexer: Lexer, _ mode: Parse.Mode) -> SyntaxDiagnostic {
        let rule =
            switch mode {
            case .file: "file"
            case .expression: "eval"
            case .interactive: "interactive"
            }
        return Diagnoser(lexer).diagnose(rule)
    }

    private func diagnose(_ ruleName: String) -> SyntaxDiagnostic {
        let rule = grammar.number(of: ruleName)
        do throws(Stop) {
            var early: SyntaxDiagnostic?
            do throws(Stop) {
                let isWhole = try match(rule: rule) != nil
                if isWhole && ruleName == "interactive" {
                    return raised(.syntaxError, "multiple statements found while compiling a single statement")
                }
            } catch {
                // What the plain grammar raises may still be overruled by a rule for wrong forms.
                guard case .diagnosed(let diagnostic) = error, !hasReachedFailure else { throw error }
                early = diagnostic
            }
            let isIncomplete = hasReachedEnd
            // Where "invalid syntax" points, if nothing better is found.
            let last = tokens[max(0, fill - 1)]
            var diagnostic = try explained(rule) ?? early ?? generic(last)
            diagnostic.isIncomplete = isIncomplete
            return diagnostic
        } catch {
            switch error {
            case .diagnosed(let diagnostic): return diagnostic
            case .tooDeep: return SyntaxDiagnostic(kind: .memoryOrRecursion, message: "too complex")
            case .tooLong: return located(.syntaxError, "invalid syntax", tokens[max(0, fill - 1)].range)
            }
        }
    }

    /// The second pass: what a rule for wrong forms has to say.
    private func explained(_ rule: Int) throws(Stop) -> SyntaxDiagnostic? {
        memory.removeAll(keepingCapacity: true)
        mark = 0
        usesErrorRules = true
        do throws(Stop) {
            _ = try match(rule: rule)
            return nil
        } catch {
            guard case .diagnosed(let diagnostic) = error else { throw error }
            return hasReachedEnd || hasReachedFailure ? diagnostic : overridden(diagnostic)
        }
    }

    private var hasReachedEnd: Bool { fill > 0 && tokens[min(fill, tokens.count) - 1].kind == .endMarker }
    private var hasReachedFailure: Bool { fill > 0 && tokens[min(fill, tokens.count) - 1].kind == .error }

    private func generic(_ last: Token) -> SyntaxDiagnostic {
        switch last.kind {
        case .indent, .dedent:
            return raised(.indentationError, last.kind == .indent ? "unexpected indent" : "unexpected unindent")
        default:
            return overridden(located(.syntaxError, "invalid syntax", last.range))
        }
    }

    /// What the lexer found further on in the text may explain the error better: a bracket never closed, say.
    private func overridden(_ diagnostic: SyntaxDiagnostic) -> SyntaxDiagnostic {
        guard let failure = lexer.failure else { return diagnostic }
        // CPython passes over what is wrong further on inside an f-string.
        if failure.isRaisedByLexer { return lexer.modes.isEmpty ? failure.diagnostic : diagnostic }
        if let bracket = lexer.brackets.last, tokens[max(0, fill - 1)].range.line > bracket.line {
            return lexer.neverClosed(bracket)
        }
        return diagnostic
    }

    // MARK: Tokens

    /// The token here, which counts as read from now on.
    func current() throws(Stop) -> Token {
        if mark >= fill {
            fill = mark + 1
            if tokens[mark].kind == .error, let failure = lexer.failure { throw .diagnosed(failure.diagnostic) }
        }
        return tokens[mark]
    }

    func matchToken(_ kind: TokenKind) throws(Stop) -> Match? {
        let token = try current()
        if token.kind != kind { return nil }
        let start = mark
        if kind != .endMarker { mark += 1 }
        if kind == .number { try checkDigits(token) }
        return Match(Diagnoser.kindName(kind), start, start + 1)
    }

    private static func kindName(_ kind: TokenKind) -> String {
        switch kind {
        case .name: "name"
        case .number, .string: "constant"
        default: "token"
        }
    }
}
