// What is made of a match: an expression of some kind, or an error.

extension Diagnoser {
    func perform(
        _ action: Grammar.Action, _ chosen: [Match], _ parts: [Match], from start: Int
    ) throws(Stop) -> Match? {
        func first() -> Match { chosen.first ?? Match("nothing", start, mark) }
        func second() -> Match { chosen.count > 1 ? chosen[1] : first() }
        switch action.name {
        case "=": return first()
        case "starred", "compare": return Match(action.name, start, mark, chosen)
        case "strings": return try checkStrings(from: start)
        case "formatted": return try checkFormatted(parts, from: start)
        case "formatText": return try checkFormatText(first())
        case "conversion": return try checkConversion(first(), second())
        case "real", "imaginary": return try checkNumber(first(), isImaginary: action.name == "imaginary")
        case "at": throw .diagnosed(located(.syntaxError, expanded(action.message, first()), range(first())))
        case "span":
            let place = range(first()).through(range(second()))
            throw .diagnosed(located(.syntaxError, expanded(action.message, first()), place))
        case "spanItems":
            let items = second().parts.first?.parts.last ?? second()
            throw .diagnosed(located(.syntaxError, action.message, range(first()).through(range(items))))
        case "from": throw .diagnosed(startingFrom(first(), action.message))
        case "here": throw .diagnosed(raised(.syntaxError, action.message))
        case "next": throw .diagnosed(located(.syntaxError, action.message, try current().range))
        case "indent": throw .diagnosed(raised(.indentationError, expanded(action.message, first())))
        case "afterKey":
            var place = range(first())
            place.line = place.endLine
            place.column = place.endColumn - 1
            place.endColumn = -1
            place.line = range(first()).line
            throw .diagnosed(located(.syntaxError, action.message, place))
        case "comma":
            if isLegacy(first()) || tokens[mark - 1].level == 0 { return nil }
            let place = range(first()).through(range(second()))
            throw .diagnosed(located(.syntaxError, "invalid syntax. Perhaps you forgot a comma?", place))
        case "legacy":
            guard isLegacy(first()) else { return nil }
            let name = name(first())
            let message = "Missing parentheses in call to '\(name)'. Did you mean \(name)(...)?"
            throw .diagnosed(located(.syntaxError, message, range(first()).through(range(second()))))
        case "starTarget", "forTarget", "deleteTarget": return try refuseTarget(first(), action.name)
        case "generatorArgument", "argumentOrder": return try refuseArguments(action.name, first(), second())
        case "bound":
            let what = second().kind == "tuple" ? "constraints" : "bound"
            throw .diagnosed(startingFrom(first(), "cannot use \(what) with \(action.message)"))
        default: return Match(action.name, start, mark, parts)
        }
    }

    // MARK: Places

    /// From the first token of a match to the last one that is not about lines.
    func range(_ match: Match) -> SourceRange {
        var last = max(match.start, match.end - 1)
        while last > match.start {
            switch tokens[last].kind {
            case .newline, .indent, .dedent, .endMarker:
                last -= 1
                continue
            default: break
            }
            break
        }
        return tokens[match.start].range.through(tokens[last].range)
    }

    /// An error at a place that is known. Columns become character offsets within the line of its start.
    func located(_ kind: SyntaxDiagnostic.Kind, _ message: String, _ place: SourceRange) -> SyntaxDiagnostic {
        diagnostic(
            kind, message, line: place.line, offset: place.column + 1, endLine: place.endLine,
            endOffset: place.endColumn + 1)
    }

    private func diagnostic(
        _ kind: SyntaxDiagnostic.Kind, _ message: String, line: Int32, offset: Int32, endLine: Int32, endOffset: Int32
    ) -> SyntaxDiagnostic {
        let text = lineText(line)
        return SyntaxDiagnostic(
            kind: kind, message: message, line: Int(line), offset: characters(offset, of: text), endLine: Int(endLine),
            endOffset: endOffset > 0 ? characters(endOffset, of: text) : Int(endOffset),
            text: String(decoding: text, as: UTF8.self))
    }

    /// An error at the last token read.
    func raised(_ kind: SyntaxDiagnostic.Kind, _ message: String) -> SyntaxDiagnostic {
        let token = tokens[max(0, fill - 1)]
        if token.range.column >= 0 { return located(kind, message, token.range) }
        var lineStart = Int(token.start)
        while lineStart > 0 && lexer.bytes[lineStart - 1] != 0x0A { lineStart -= 1 }
        if Int(token.start) >= lexer.end && lineStart == lexer.end && lineStart > 0 {
            lineStart -= 1
            while lineStart > 0 && lexer.bytes[lineStart - 1] != 0x0A { lineStart -= 1 }
        }
        return diagnostic(
            kind, message, line: token.range.line, offset: token.start - Int32(lineStart), endLine: token.range.endLine,
            endOffset: -1)
    }

    /// An error from a token to the end of what was read.
    private func startingFrom(_ match: Match, _ message: String) -> SyntaxDiagnostic {
        let place = range(match)
        let last = tokens[max(0, fill - 1)].range
        return diagnostic(
            .syntaxError, message, line: place.line, offset: place.column + 1, endLine: last.endLine,
            endOffset: max(last.endColumn, 0))
    }

    /// A line; its newline belongs to it only if the lexer has come no further, as in CPython.
    private func lineText(_ line: Int32) -> ArraySlice<UInt8> {
        var start = 0
        var remaining = line - 1
        while remaining > 0 && start < lexer.end {
            if lexer.bytes[start] == 0x0A { remaining -= 1 }
            start += 1
        }
        var stop = start
        while stop < lexer.end && lexer.bytes[stop] != 0x0A { stop += 1 }
        if stop < lexer.end && tokens[max(0, fill - 1)].range.endLine <= line { stop += 1 }
        return Array(UnsafeBufferPointer(start: lexer.bytes + start, count: stop - start))[...]
    }

    /// Characters in the first bytes of a line.
    private func characters(_ count: Int32, of text: ArraySlice<UInt8>) -> Int {
        let limit = min(Int(count), text.count + 1)
        var result = 0
        for index in 0..<max(0, limit) where index >= text.count || text[index] & 0xC0 != 0x80 { result += 1 }
        return result
    }

    // MARK: Words

    /// Fills in `%n` (kind of expression), `%t` (text) and `%l` (line).
    private func expanded(_ message: String, _ match: Match) -> String {
        guard let percent = message.firstIndex(of: "%") else { return message }
        let rest = message.index(after: percent)
        let value: String
        switch message[rest] {
        case "n": value = description(match)
        case "t": value = name(match)
        default: value = String(tokens[match.start].range.line)
        }
        return message[..<percent] + value + message[message.index(after: rest)...]
    }

    func name(_ match: Match) -> String {
        let token = tokens[match.start]
        return String(
            decoding: UnsafeBufferPointer(start: lexer.bytes + Int(token.start), count: Int(token.end - token.start)),
            as: UTF8.self)
    }

    private func isLegacy(_ match: Match) -> Bool {
        match.kind == "name" && (name(match) == "print" || name(match) == "exec")
    }

    private func description(_ match: Match) -> String {
        switch match.kind {
        case "call": "function call"
        case "operation": "expression"
        case "generator": "generator expression"
        case "yield": "yield expression"
        case "await": "await expression"
        case "listComprehension": "list comprehension"
        case "setComprehension": "set comprehension"
        case "dictComprehension": "dict comprehension"
        case "dict": "dict literal"
        case "set": "set display"
        case "joined": "f-string expression"
        case "constant": "literal"
        case "true": "True"
        case "false": "False"
        case "none": "None"
        case "compare": "comparison"
        case "conditional": "conditional expression"
        case "named": "named expression"
        default: match.kind
        }
    }

    // MARK: Targets and arguments

    private func refuseTarget(_ match: Match, _ use: String) throws(Stop) -> Match? {
        guard let wrong = invalidTarget(match, use) else { return nil }
        let verb = use == "deleteTarget" ? "delete" : "assign to"
        throw .diagnosed(located(.syntaxError, "cannot \(verb) \(description(wrong))", range(wrong)))
    }

    /// The first part that can't be a target.
    private func invalidTarget(_ match: Match, _ use: String) -> Match? {
        switch match.kind {
        case "name", "attribute", "subscript": return nil
        case "tuple", "list", "sequence", "nothing":
            for part in match.parts {
                if let wrong = invalidTarget(part, use) { return wrong }
            }
            return nil
        case "token": return nil
        case "starred": return use == "deleteTarget" ? match : match.parts.first.flatMap { invalidTarget($0, use) }
        case "compare" where use == "forTarget":
            guard match.parts.count > 1, match.parts[1].parts.first?.kind == "in" else { return nil }
            return invalidTarget(match.parts[0], use)
        default: return match
        }
    }

    private func refuseArguments(_ action: String, _ arguments: Match, _ clauses: Match) throws(Stop) -> Match? {
        var positional: [Match] = []
        var unpacks = false
        func visit(_ match: Match) {
            switch match.kind {
            case "args": match.parts.forEach(visit)
            case "sequence" where match.parts.contains { $0.kind != "token" }: match.parts.forEach(visit)
            case "sequence", "nothing", "token", "keyword": break
            case "unpacking": unpacks = true
            default: positional.append(match)
            }
        }
        visit(arguments)
        if action == "argumentOrder" {
            let tail = unpacks ? " unpacking" : ""
            throw .diagnosed(raised(.syntaxError, "positional argument follows keyword argument" + tail))
        }
        guard positional.count > 1, let last = positional.last else { return nil }
        throw .diagnosed(
            located(.syntaxError, "Generator expression must be parenthesized", range(last).through(range(clauses))))
    }
}
