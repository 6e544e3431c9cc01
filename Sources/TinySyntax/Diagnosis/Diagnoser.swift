enum Diagnoser {
    static func diagnose(_ lexer: Lexer, _ mode: Parse.Mode) -> SyntaxDiagnostic {
        lexer.failure?.diagnostic ?? SyntaxDiagnostic(kind: .syntaxError, message: "invalid syntax")
    }
}
