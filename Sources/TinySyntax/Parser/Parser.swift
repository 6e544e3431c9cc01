// The parser of valid programs: recursive descent over the token array, operators by precedence climbing.
//
// It is fast because it does not explain. At the first thing that does not fit it throws `ParseFailure.rejected`, and the
// `Diagnoser` reads the tokens a second time, slowly, to find out what CPython would say. Here it therefore matters only
// to accept exactly the right programs and to build the right tree.
//
// Depth is bounded twice: `height` is the height of the tree just built (trees are released recursively, and later
// stages walk them recursively), and `checkStack` compares the native stack used with a budget.

/// Why the parser gave up.
enum ParseFailure: Error {
    case rejected
    /// The native stack given is used up: a larger one may do.
    case stackExhausted
    /// The tree would be higher than any later stage can walk.
    case tooComplex
}

struct Parser {
    let tokens: UnsafePointer<Token>
    let bytes: UnsafePointer<UInt8>
    let names: [String]
    let stackBudget: Int
    let stackBase: Int
    var index = 0
    /// Height of the expression parsed last.
    var height = 0
    var warnings: [SyntaxDiagnostic] = []

    /// Highest tree of one expression.
    static let maximumHeight = 2_000
    /// Longest chain of `elif`, which is a tree of statements just as high.
    static let maximumChain = 5_000

    init(tokens: UnsafePointer<Token>, bytes: UnsafePointer<UInt8>, names: [String], stackBudget: Int) {
        self.tokens = tokens
        self.bytes = bytes
        self.names = names
        self.stackBudget = stackBudget
        stackBase = Parser.stackPosition()
    }

    @inline(never)
    static func stackPosition() -> Int {
        var mark: UInt8 = 0
        return withUnsafeMutablePointer(to: &mark) { Int(bitPattern: $0) }
    }

    @inline(__always)
    func checkStack() throws(ParseFailure) {
        if stackBase - Parser.stackPosition() > stackBudget { throw .stackExhausted }
    }

    @inline(__always)
    mutating func setHeight(_ value: Int) throws(ParseFailure) {
        height = value
        if value > Parser.maximumHeight { throw .tooComplex }
    }

    // MARK: Tokens

    @inline(__always)
    var kind: TokenKind { tokens[index].kind }

    /// The array ends in an end marker or error, followed by one more of the same: looking one ahead is always possible.
    @inline(__always)
    var nextKind: TokenKind { tokens[index + 1].kind }

    @inline(__always)
    mutating func accept(_ wanted: TokenKind) -> Bool {
        if tokens[index].kind == wanted {
            index += 1
            return true
        }
        return false
    }

    @inline(__always)
    mutating func expect(_ wanted: TokenKind) throws(ParseFailure) {
        if tokens[index].kind != wanted { throw .rejected }
        index += 1
    }

    /// At the soft keyword with this number.
    @inline(__always)
    func isSoft(_ name: Int32) -> Bool { tokens[index].kind == .name && tokens[index].name == name }

    /// A name, and where it stands.
    mutating func expectName() throws(ParseFailure) -> String {
        if tokens[index].kind != .name { throw .rejected }
        index += 1
        return names[Int(tokens[index - 1].name)]
    }

    /// From the token numbered `start` to the last one passed that is not about lines.
    func range(from start: Int) -> SourceRange {
        var last = index - 1
        while last > start {
            switch tokens[last].kind {
            case .newline, .indent, .dedent, .endMarker:
                last -= 1
                continue
            default: break
            }
            break
        }
        return tokens[start].range.through(tokens[last].range)
    }

    // MARK: Whole texts

    mutating func file() throws(ParseFailure) -> [Statement] {
        var result: [Statement] = []
        while kind != .endMarker { try statement(into: &result) }
        return result
    }

    mutating func evaluated() throws(ParseFailure) -> Expression {
        let result = try expressions()
        while accept(.newline) {}
        if kind != .endMarker { throw .rejected }
        return result
    }

    /// One statement at the prompt.
    mutating func interactive() throws(ParseFailure) -> [Statement] {
        var result: [Statement] = []
        if accept(.newline) || kind == .endMarker { return result }
        let isCompound = isCompound
        try statement(into: &result)
        // `match` is compound only if it turns out so.
        if case .match? = result.first?.node { try expect(.newline) } else if isCompound { try expect(.newline) }
        while accept(.newline) {}
        if kind != .endMarker { throw .rejected }
        return result
    }

    private var isCompound: Bool {
        switch kind {
        case .kwDef, .at, .kwAsync, .kwIf, .kwClass, .kwWith, .kwFor, .kwTry, .kwWhile: true
        default: false
        }
    }
}
