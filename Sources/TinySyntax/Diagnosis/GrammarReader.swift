// Reads the notation of `Grammar`. The texts are our own, so what it can't read is a bug; `DiagnosisTests` would show it.

struct GrammarReader {
    private let bytes: [UInt8]
    private var position = 0
    private(set) var numbers: [String: Int] = [:]
    private var isForErrors = false
    private(set) var problems: [String] = []

    init(_ text: String) { bytes = Array(text.utf8) + [0] }

    mutating func readRules() -> [Grammar.Rule] {
        var order = 0
        for line in bytes.split(separator: 10) {
            let name = line.drop { $0 == 32 }.prefix { Lexer.continuesName($0) }
            if name.isEmpty { continue }
            numbers[String(decoding: name, as: UTF8.self)] = order
            order += 1
        }
        var rules: [Grammar.Rule] = []
        while true {
            while bytes[position] == 32 || bytes[position] == 10 { position += 1 }
            if bytes[position] == 0 { return rules }
            let name = readWord()
            skipBlanks()
            let isRemembered = accept("@")
            let isLeftRecursive = accept("<")
            skipBlanks()
            if !accept(":") { problems.append("no colon after \(name)") }
            rules.append(
                Grammar.Rule(
                    name: name, isRemembered: isRemembered, isLeftRecursive: isLeftRecursive,
                    alternatives: readAlternatives()))
            if bytes[position] != 10 && bytes[position] != 0 {
                problems.append("stray text in \(name)")
                while bytes[position] != 10 && bytes[position] != 0 { position += 1 }
            }
        }
    }

    private mutating func skipBlanks() {
        while bytes[position] == 32 { position += 1 }
    }

    private mutating func accept(_ character: Unicode.Scalar) -> Bool {
        if bytes[position] != UInt8(ascii: character) { return false }
        position += 1
        return true
    }

    private mutating func readWord() -> String {
        let start = position
        while Lexer.continuesName(bytes[position]) { position += 1 }
        return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// Text up to a closing quote; `\"` stands for a quote.
    private mutating func readQuoted(_ quote: Unicode.Scalar) -> String {
        var result: [UInt8] = []
        while bytes[position] != UInt8(ascii: quote) && bytes[position] != 0 {
            if bytes[position] == UInt8(ascii: "\\") { position += 1 }
            result.append(bytes[position])
            position += 1
        }
        position += 1
        return String(decoding: result, as: UTF8.self)
    }

    private mutating func readAlternatives() -> [Grammar.Alternative] {
        var result: [Grammar.Alternative] = []
        repeat { result.append(readAlternative()) } while accept("|")
        return result
    }

    private mutating func readAlternative() -> Grammar.Alternative {
        var result = Grammar.Alternative()
        let outer = isForErrors
        isForErrors = false
        while true {
            skipBlanks()
            switch bytes[position] {
            case UInt8(ascii: "|"), UInt8(ascii: ")"), UInt8(ascii: "]"), 10, 0:
                // As in CPython, only an alternative that is nothing but such a rule is kept from the first pass.
                result.isForErrors = isForErrors && result.items.count == 1
                isForErrors = outer
                return result
            case UInt8(ascii: "{"):
                position += 1
                result.action = readAction()
            default:
                var label: UInt8 = 0
                if Lexer.continuesName(bytes[position]), bytes[position + 1] == UInt8(ascii: "=") {
                    label = bytes[position]
                    position += 2
                }
                result.items.append((label, readItem()))
            }
        }
    }

    private mutating func readAction() -> Grammar.Action {
        let name = accept("=") ? "=" : readWord()
        var labels: [UInt8] = []
        var message = ""
        while true {
            skipBlanks()
            if accept("}") || bytes[position] == 0 { break }
            if accept("\"") {
                message = readQuoted("\"")
                continue
            }
            let label = readWord()
            if label.isEmpty { position += 1 }
            labels.append(label.utf8.first ?? 0)
        }
        return Grammar.Action(name: name, labels: labels, message: message)
    }

    private mutating func readItem() -> Grammar.Item {
        if accept("~") { return .cut }
        if accept("!") { return .notAhead(readAtom()) }
        if accept("&") {
            guard accept("&") else { return .ahead(readAtom()) }
            _ = accept("'")
            let text = readQuoted("'")
            return .forced(GrammarReader.tokenKind(text) ?? .unknown, text)
        }
        let atom = readAtom()
        if accept("*") { return .repeated(atom, minimum: 0) }
        if accept("+") { return .repeated(atom, minimum: 1) }
        if accept(".") {
            let element = readAtom()
            _ = accept("+")
            return .separated(element, by: atom)
        }
        return atom
    }

    private mutating func readAtom() -> Grammar.Item {
        if accept("(") {
            let alternatives = readAlternatives()
            _ = accept(")")
            return .group(alternatives)
        }
        if accept("[") {
            let alternatives = readAlternatives()
            _ = accept("]")
            return .optional(.group(alternatives))
        }
        if accept("'") {
            let text = readQuoted("'")
            if GrammarReader.tokenKind(text) == nil { problems.append("no token \(text)") }
            return .token(GrammarReader.tokenKind(text) ?? .unknown)
        }
        if accept("\"") {
            switch readQuoted("\"") {
            case "match": return .soft(NameTable.match)
            case "case": return .soft(NameTable.case)
            case "type": return .soft(NameTable.type)
            default: return .soft(NameTable.underscore)
            }
        }
        let word = readWord()
        switch word {
        case "NAME": return .token(.name)
        case "NUMBER": return .token(.number)
        case "STRING": return .token(.string)
        case "FORMATTED": return .token(.formattedStart)
        case "MIDDLE": return .token(.formattedMiddle)
        case "FORMATTED_END": return .token(.formattedEnd)
        case "NEWLINE": return .token(.newline)
        case "INDENT": return .token(.indent)
        case "DEDENT": return .token(.dedent)
        case "END": return .token(.endMarker)
        case "SOFT": return .softKeyword
        case "plainly": return .plainly(numbers["expressionPlain"] ?? 0)
        default:
            if word.isEmpty { position += 1 }
            guard let number = numbers[word] else {
                problems.append("no rule \(word)")
                return .token(.unknown)
            }
            if word.hasPrefix("bad") { isForErrors = true }
            return .rule(number)
        }
    }

    private static func tokenKind(_ text: String) -> TokenKind? {
        for (index, keyword) in TokenKind.keywords.enumerated() where keyword.description == text {
            return TokenKind(rawValue: TokenKind.kwFalse.rawValue + UInt8(index))
        }
        return operators[text]
    }

    private static let operators: [String: TokenKind] = [
        "(": .leftParen, ")": .rightParen, "[": .leftBracket, "]": .rightBracket, "{": .leftBrace, "}": .rightBrace,
        ":": .colon, ",": .comma, ";": .semicolon, ".": .dot, "...": .ellipsis, "->": .arrow, ":=": .colonEqual,
        "=": .equal, "!": .exclamation, "+": .plus, "-": .minus, "*": .star, "/": .slash, "%": .percent, "@": .at,
        "&": .ampersand, "|": .bar, "^": .caret, "~": .tilde, "<<": .leftShift, ">>": .rightShift, "**": .doubleStar,
        "//": .doubleSlash, "<": .less, ">": .greater, "==": .doubleEqual, "!=": .notEqual, "<=": .lessEqual,
        ">=": .greaterEqual, "+=": .plusEqual, "-=": .minusEqual, "*=": .starEqual, "/=": .slashEqual,
        "%=": .percentEqual, "@=": .atEqual, "&=": .ampersandEqual, "|=": .barEqual, "^=": .caretEqual,
        "<<=": .leftShiftEqual, ">>=": .rightShiftEqual, "**=": .doubleStarEqual, "//=": .doubleSlashEqual,
    ]
}
