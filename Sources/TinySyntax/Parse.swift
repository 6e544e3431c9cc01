// The way in: text to tree.
//
//     let module = try Parse.file(bytes, name: "script.tr").module
//
// A text is lexed as a whole and parsed by the quick `Parser`; only if that refuses it, the `Diagnoser` finds out what to
// say. The parser first runs on the caller's stack with a small budget (fibers have little), and a deeply nested text is
// parsed once more on a stack of its own.

/// A tree and the warnings that the text earned.
public struct ParseResult: Sendable {
    /// The tree.
    public let module: Module
    /// SyntaxWarnings, in the order in which they were found.
    public let warnings: [SyntaxDiagnostic]
}

/// The parser's entries. Nothing here touches the runtime: no lock is needed.
public enum Parse {
    /// What a text is meant to be.
    public enum Mode: Sendable {
        /// A file, or the argument of `exec`.
        case file
        /// The argument of `eval`. Leading blanks are refused: `eval` strips them first.
        case expression
        /// One statement at the prompt. A compound statement ends with an empty line.
        case interactive
    }

    /// Where a text comes from: a `str`, which has no encoding, bytes, or a script's file.
    public enum Origin: Sendable { case text, bytes, file }

    /// The encoding that a comment of the text names, if this floor can't decode it.
    public static func foreignEncoding(_ text: [UInt8]) -> String? { SourceText.foreignEncoding(text) }

    /// The tree of a file, or of the argument of `exec`: UTF-8, or as a comment in it names. Throws what is wrong with it; `name` is for messages.
    public static func file(_ text: [UInt8], name: String) throws(SyntaxDiagnostic) -> ParseResult {
        try parse(text, name: name, mode: .file)
    }

    /// The tree of an expression, the argument of `eval`. Throws what is wrong with it.
    public static func expression(_ text: [UInt8], name: String) throws(SyntaxDiagnostic) -> ParseResult {
        try parse(text, name: name, mode: .expression)
    }

    /// The tree of one statement at the prompt. Throws what is wrong with it; `isIncomplete` then tells whether more lines could mend that.
    public static func interactive(_ text: [UInt8], name: String) throws(SyntaxDiagnostic) -> ParseResult {
        try parse(text, name: name, mode: .interactive)
    }

    /// Parses a text.
    ///
    /// - Parameters:
    ///   - isBarrys: unequal is written `<>`.
    ///   - stackBudget: how much of the caller's native stack may be used before another one is taken.
    public static func parse(
        _ text: [UInt8], name: String, mode: Mode, origin: Origin = .bytes, isBarrys: Bool = false, stackBudget: Int = 96 << 10
    ) throws(SyntaxDiagnostic) -> ParseResult {
        let source = try SourceText(text, name: name, addsNewline: mode == .file, origin: origin)
        let result = source.bytes.withUnsafeBufferPointer { buffer -> Result<ParseResult, SyntaxDiagnostic> in
            guard let bytes = buffer.baseAddress else { return .success(ParseResult(module: .file([]), warnings: [])) }
            return parse(bytes, count: source.count, mode: mode, isBarrys: isBarrys, stackBudget: stackBudget)
        }
        return try result.get()
    }

    private static func parse(
        _ bytes: UnsafePointer<UInt8>, count: Int, mode: Mode, isBarrys: Bool, stackBudget: Int
    ) -> Result<ParseResult, SyntaxDiagnostic> {
        var lexer = Lexer(bytes: bytes, count: count, isInteractive: mode == .interactive)
        lexer.run()
        let refused = isBarrys ? lexer.swapInequality() : nil
        // The parser looks one token beyond the one it is at.
        if let last = lexer.tokens.last { lexer.tokens.append(last) }
        var warnings: [SyntaxDiagnostic] = []
        let outcome = lexer.tokens.withUnsafeBufferPointer { tokens -> Result<ParseResult, ParseFailure> in
            guard let start = tokens.baseAddress else { return .failure(.rejected) }
            return quickly(start, bytes, lexer, mode, stackBudget, &warnings)
        }
        switch outcome {
        case .success(let result): return .success(result)
        case .failure(.rejected):
            var diagnostic = LargeStack.run { Diagnoser.diagnose(lexer, mode) } ?? tooComplex
            diagnostic.earlierWarnings = lexer.warnings + warnings
            if let refused, diagnostic.message == "invalid syntax", diagnostic.line == Int(refused.line), diagnostic.offset == Int(refused.column) + 1 {
                diagnostic.message = "with Barry as BDFL, use '<>' instead of '!='"
            }
            return .failure(diagnostic)
        case .failure: return .failure(tooComplex)
        }
    }

    private static func quickly(
        _ tokens: UnsafePointer<Token>, _ bytes: UnsafePointer<UInt8>, _ lexer: Lexer, _ mode: Mode, _ stackBudget: Int,
        _ earlierWarnings: inout [SyntaxDiagnostic]
    ) -> Result<ParseResult, ParseFailure> {
        var earned: [SyntaxDiagnostic] = []
        defer { earlierWarnings = earned }
        func attempt(_ budget: Int) -> Result<ParseResult, ParseFailure> {
            var parser = Parser(tokens: tokens, bytes: bytes, names: lexer.names.names, stackBudget: budget)
            do throws(ParseFailure) {
                let module: Module =
                    switch mode {
                    case .file: .file(try parser.file())
                    case .expression: .expression(try parser.evaluated())
                    case .interactive: .interactive(try parser.interactive())
                    }
                return .success(ParseResult(module: module, warnings: lexer.warnings + parser.warnings))
            } catch {
                earned = parser.warnings
                return .failure(error)
            }
        }
        let first = attempt(stackBudget)
        guard case .failure(.stackExhausted) = first else { return first }
        return LargeStack.run { attempt(LargeStack.size / 2) } ?? first
    }

    private static var tooComplex: SyntaxDiagnostic {
        SyntaxDiagnostic(kind: .memoryOrRecursion, message: "too complex")
    }
}
