// The interpreter of the grammar: a packrat parser that remembers exactly what CPython's remembers (what is remembered
// decides which rules for wrong forms are tried twice, and so which message comes first).

extension Diagnoser {
    func match(rule number: Int) throws(Stop) -> Match? {
        let rule = grammar.rules[number]
        depth += 1
        defer { depth -= 1 }
        steps += 1
        if depth > Diagnoser.maximumDepth { throw .tooDeep }
        if steps > Diagnoser.maximumSteps { throw .tooLong }
        if !rule.isRemembered && !rule.isLeftRecursive { return try match(rule.alternatives) }
        let key = mark << 10 | number
        if let known = memory[key] {
            mark = known.end
            return known.match
        }
        let start = mark
        if !rule.isLeftRecursive {
            let result = try match(rule.alternatives)
            memory[key] = Memory(match: result, end: mark)
            return result
        }
        // Left recursion: begin with a failure and let the match grow as long as it does.
        var best = Memory(match: nil, end: start)
        while true {
            memory[key] = best
            mark = start
            let result = try match(rule.alternatives)
            guard let result, mark > best.end else { break }
            best = Memory(match: result, end: mark)
        }
        memory[key] = best
        mark = best.end
        return best.match
    }

    func match(_ alternatives: [Grammar.Alternative]) throws(Stop) -> Match? {
        let start = mark
        for alternative in alternatives {
            if alternative.isForErrors && !usesErrorRules { continue }
            mark = start
            var parts: [Match] = []
            var isCut = false
            var fits = true
            for (_, item) in alternative.items {
                if case .cut = item {
                    isCut = true
                    parts.append(Match("token", mark, mark))
                    continue
                }
                guard let part = try match(item) else {
                    fits = false
                    break
                }
                parts.append(part)
            }
            // An action that makes nothing ends the rule: no other alternative is tried.
            if fits { return try make(alternative, parts, from: start) }
            if isCut { break }
        }
        mark = start
        return nil
    }

    private func make(_ alternative: Grammar.Alternative, _ parts: [Match], from start: Int) throws(Stop) -> Match? {
        guard let action = alternative.action else {
            if parts.count == 1 { return parts[0] }
            // Look-aheads say what a thing is not; what remains is the thing.
            let matched = parts.filter { $0.end > $0.start }
            if matched.count == 1 && alternative.items.contains(where: Diagnoser.isLookahead) { return matched[0] }
            return Match("sequence", start, mark, parts)
        }
        func part(_ label: UInt8) -> Match? {
            for (index, item) in alternative.items.enumerated() where item.label == label { return parts[index] }
            return nil
        }
        return try perform(action, action.labels.compactMap(part), parts, from: start)
    }

    private static func isLookahead(_ entry: (label: UInt8, item: Grammar.Item)) -> Bool {
        switch entry.item {
        case .ahead, .notAhead: true
        default: false
        }
    }

    func match(_ item: Grammar.Item) throws(Stop) -> Match? {
        switch item {
        case .token(let kind): return try matchToken(kind)
        case .soft(let name):
            let token = try current()
            return token.kind == .name && token.name == name ? try matchToken(.name) : nil
        case .softKeyword:
            let token = try current()
            return token.kind == .name && NameTable.isSoftKeyword(token.name) ? try matchToken(.name) : nil
        case .rule(let number): return try match(rule: number)
        case .plainly(let number):
            let saved = usesErrorRules
            usesErrorRules = false
            defer { usesErrorRules = saved }
            return try match(rule: number)
        case .optional(let inner):
            let start = mark
            if let result = try match(inner) { return result }
            mark = start
            return Match("nothing", start, start)
        case .repeated(let inner, let minimum): return try matchRepeated(inner, minimum)
        case .separated(let inner, let separator): return try matchSeparated(inner, separator)
        case .ahead(let inner):
            let start = mark
            defer { mark = start }
            return try match(inner) == nil ? nil : Match("token", start, start)
        case .notAhead(let inner):
            let start = mark
            defer { mark = start }
            return try match(inner) == nil ? Match("token", start, start) : nil
        case .forced(let kind, let text):
            if let result = try matchToken(kind) { return result }
            throw .diagnosed(located(.syntaxError, "expected '\(text)'", try current().range))
        case .cut: return Match("token", mark, mark)
        case .group(let alternatives): return try match(alternatives)
        }
    }

    private func matchRepeated(_ inner: Grammar.Item, _ minimum: Int) throws(Stop) -> Match? {
        let start = mark
        var parts: [Match] = []
        while true {
            let before = mark
            guard let part = try match(inner), mark > before else {
                mark = before
                break
            }
            parts.append(part)
        }
        if parts.count < minimum {
            mark = start
            return nil
        }
        return Match("sequence", start, mark, parts)
    }

    private func matchSeparated(_ inner: Grammar.Item, _ separator: Grammar.Item) throws(Stop) -> Match? {
        let start = mark
        guard let first = try match(inner) else {
            mark = start
            return nil
        }
        var parts = [first]
        while true {
            let before = mark
            guard try match(separator) != nil, let part = try match(inner) else {
                mark = before
                break
            }
            parts.append(part)
        }
        return Match("sequence", start, mark, parts)
    }
}
