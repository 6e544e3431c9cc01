// match. A pattern is code that jumps to `fail` if it does not match. What it captures is kept in registers and stored
// in the variables only when the whole pattern has matched, before the guard.
import TinySyntax

/// The captures of the pattern being emitted.
struct PatternCaptures {
    var names: [String] = []
    var sources: [Int] = []

    mutating func add(_ name: String, _ register: Int, _ range: SourceRange) throws(SyntaxDiagnostic) {
        if names.contains(name) {
            throw SyntaxDiagnostic("multiple assignments to name '\(name)' in pattern", at: range)
        }
        names.append(name)
        sources.append(register)
    }
}

extension Emitter {
    @inline(never)
    func emitMatch(_ subject: Expression, _ cases: [MatchCase]) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let value = try allocate()
        try emit(subject, into: value)
        let end = newLabel()
        for (index, matchCase) in cases.enumerated() {
            let pattern = matchCase.pattern
            if index < cases.count - 1, matchCase.guardTest == nil { try refuseIrrefutable(pattern) }
            let next = newLabel()
            let caseMark = nextRegister
            var captures = PatternCaptures()
            range = pattern.range
            if case .capture(nil, nil) = pattern.node { stand(for: pattern.range) }
            try emitPattern(pattern, value, next, &captures)
            if case .capture = pattern.node {} else { range = pattern.range }
            for (name, source) in zip(captures.names, captures.sources) { try storeName(name, from: source) }
            nextRegister = caseMark
            if let test = matchCase.guardTest { try emitJump(test, if: false, to: next) }
            try emit(matchCase.body)
            if index < cases.count - 1 { jumpWithoutLine(to: end) }
            place(next)
        }
        place(end)
        nextRegister = mark
    }

    private func refuseIrrefutable(_ pattern: Pattern) throws(SyntaxDiagnostic) {
        // `(p as x)` is as irrefutable as p, `p | q` as q.
        if case .capture(let inner?, _) = pattern.node { return try refuseIrrefutable(inner) }
        if case .alternatives(let alternatives) = pattern.node, let last = alternatives.last { return try refuseIrrefutable(last) }
        guard case .capture(nil, let name) = pattern.node else { return }
        if let name {
            throw SyntaxDiagnostic("name capture '\(name)' makes remaining patterns unreachable", at: pattern.range)
        }
        throw SyntaxDiagnostic("wildcard makes remaining patterns unreachable", at: pattern.range)
    }

    /// Goes to `fail` unless R[subject] matches.
    private func emitPattern(
        _ pattern: Pattern, _ subject: Int, _ fail: Label, _ captures: inout PatternCaptures
    ) throws(SyntaxDiagnostic) {
        try context.stack.check()
        range = pattern.range
        switch pattern.node {
        case .value(let value): try emitValuePattern(value, subject, fail, pattern.range)
        case .singleton(let constant): try emitSingleton(constant, subject, fail)
        case .sequence(let patterns): try emitSequencePattern(patterns, subject, fail, &captures, pattern.range)
        case .mapping: try emitMappingPattern(pattern, subject, fail, &captures)
        case .class: try emitClassPattern(pattern, subject, fail, &captures)
        case .star(let name):
            if let name { try captures.add(name, subject, pattern.range) }
        case .capture(let inner, let name):
            if let inner { try emitPattern(inner, subject, fail, &captures) }
            if let name { try captures.add(name, subject, pattern.range) }
        case .alternatives(let patterns):
            try emitAlternatives(patterns, subject, fail, &captures, pattern.range)
        }
    }

    private func emitValuePattern(
        _ value: Expression, _ subject: Int, _ fail: Label, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        if case .joinedString = value.node {
            throw SyntaxDiagnostic("patterns may only match literals and attribute lookups", at: range)
        }
        let mark = nextRegister
        if let slot = constantOperand(value) {
            self.range = range
            emitJump(.jumpIfEqualConstant, a: subject, b: slot, d: 0, to: fail)
        } else {
            let register = try operand(value)
            self.range = range
            emitJump(.jumpIfEqual, a: subject, b: register, d: 0, to: fail)
        }
        nextRegister = mark
    }

    private func emitSingleton(_ constant: Constant, _ subject: Int, _ fail: Label) throws(SyntaxDiagnostic) {
        if constant == .none { return emitJump(.jumpIfNotNone, a: subject, to: fail) }
        let mark = nextRegister
        let register = try allocate()
        loadConstant(.literal(constant), into: register)
        emit(.isSame, a: register, b: subject, c: register)
        emitJump(.jumpIfFalse, a: register, to: fail)
        nextRegister = mark
    }

    // MARK: Sequences

    private static func isWildcard(_ pattern: Pattern) -> Bool {
        switch pattern.node {
        case .capture(nil, nil), .star(nil): true
        case .value, .singleton, .sequence, .mapping, .class, .star, .capture, .alternatives: false
        }
    }

    private func emitSequencePattern(
        _ patterns: [Pattern], _ subject: Int, _ fail: Label, _ captures: inout PatternCaptures, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let stars = patterns.indices.filter { if case .star = patterns[$0].node { true } else { false } }
        if stars.count > 1 {
            throw SyntaxDiagnostic("multiple starred names in sequence pattern", at: range)
        }
        if patterns.count > Emitter.longestPattern {
            throw SyntaxDiagnostic("too many expressions in star-unpacking sequence pattern", at: range)
        }
        let test = try allocate()
        emit(.matchSequence, a: test, b: subject)
        emitJump(.jumpIfFalse, a: test, to: fail)
        let required = patterns.count - stars.count
        if stars.isEmpty || required > 0 {
            emit(.getLength, a: test, b: subject)
            let slot = try smallSlot(pool.slot(.literal(.integer(Int64(required)))))
            emitJump(stars.isEmpty ? .jumpIfEqualConstant : .jumpIfGreaterEqualConstant, a: test, b: slot, d: 0, to: fail)
        }
        if patterns.allSatisfy(Emitter.isWildcard) { return }
        if let star = stars.first, Emitter.isWildcard(patterns[star]) {
            return try emitItems(patterns, star, subject, length: test, fail, &captures)
        }
        let first = try allocate(patterns.count)
        if let star = stars.first {
            append(Instruction(.unpackStar, a: first, b: subject, c: patterns.count - star - 1, d: star))
        } else {
            emit(.unpack, a: first, b: subject, c: patterns.count)
        }
        for (index, inner) in patterns.enumerated() where !Emitter.isWildcard(inner) {
            try emitPattern(inner, first + index, fail, &captures)
        }
    }

    private static let longestPattern = 255

    /// With `*_` the items are taken one by one: the rest need not be copied.
    private func emitItems(
        _ patterns: [Pattern], _ star: Int, _ subject: Int, length: Int, _ fail: Label,
        _ captures: inout PatternCaptures
    ) throws(SyntaxDiagnostic) {
        for (index, inner) in patterns.enumerated() where index != star && !Emitter.isWildcard(inner) {
            let item = try allocate()
            range = inner.range
            if index < star {
                let slot = try smallSlot(pool.slot(.literal(.integer(Int64(index)))))
                emit(.loadItemConstant, a: item, b: subject, c: slot)
            } else {
                let slot = try smallSlot(pool.slot(.literal(.integer(Int64(patterns.count - index)))))
                emit(.subtractConstant, a: item, b: length, c: slot)
                emit(.loadItem, a: item, b: subject, c: item)
            }
            try emitPattern(inner, item, fail, &captures)
        }
    }

    // MARK: Mappings and classes

    private func emitMappingPattern(
        _ pattern: Pattern, _ subject: Int, _ fail: Label, _ captures: inout PatternCaptures
    ) throws(SyntaxDiagnostic) {
        guard case .mapping(let keys, let patterns, let rest) = pattern.node else { return }
        let test = try allocate()
        emit(.matchMapping, a: test, b: subject)
        emitJump(.jumpIfFalse, a: test, to: fail)
        if !keys.isEmpty {
            emit(.getLength, a: test, b: subject)
            let slot = try smallSlot(pool.slot(.literal(.integer(Int64(keys.count)))))
            emitJump(.jumpIfGreaterEqualConstant, a: test, b: slot, d: 0, to: fail)
        }
        for key in keys {
            if case .joinedString = key.node {
                throw SyntaxDiagnostic("mapping pattern keys may only match literals and attribute lookups", at: pattern.range)
            }
        }
        let firstKey = nextRegister
        try emitKeys(keys, pattern.range)
        range = pattern.range
        if !keys.isEmpty {
            let values = try allocate()
            emit(.buildTuple, a: values, b: firstKey, c: keys.count)
            emit(.matchKeys, a: values, b: subject, c: values)
            emitJump(.jumpIfNone, a: values, to: fail)
            let first = try allocate(keys.count)
            emit(.unpack, a: first, b: values, c: keys.count)
            for (index, inner) in patterns.enumerated() where !Emitter.isWildcard(inner) {
                try emitPattern(inner, first + index, fail, &captures)
            }
        }
        if let rest {
            let copy = try allocate()
            range = pattern.range
            append(Instruction(.intrinsic, a: copy, b: subject, c: subject, d: Int(Intrinsic.copyMapping.rawValue)))
            for index in keys.indices { emit(.deleteItem, a: copy, b: firstKey + index) }
            try captures.add(rest, copy, pattern.range)
        }
    }

    /// One constant for all numbers that are equal as keys: `0`, `False`, `0.0` and `0j`.
    private func key(equalTo constant: CodeConstant) -> CodeConstant {
        switch constant {
        case .literal(.true): .literal(.integer(1))
        case .literal(.false), .literal(.imaginary(0)): .literal(.integer(0))
        case .literal(.float(let number)):
            Int64(exactly: number).map { .literal(.integer($0)) } ?? constant
        default: constant
        }
    }

    private func emitKeys(_ keys: [Expression], _ range: SourceRange) throws(SyntaxDiagnostic) {
        var seen: Set<ConstantKey> = []
        for key in keys {
            if let constant = foldedConstant(key) {
                if let identity = ConstantKey(self.key(equalTo: constant)), !seen.insert(identity).inserted {
                    throw SyntaxDiagnostic(
                        "mapping pattern checks duplicate key (\(ConstantText.text(constant)))", at: range)
                }
            } else if case .attribute = key.node {
            } else if case .binary = key.node {
            } else if case .unary = key.node {
            } else {
                throw SyntaxDiagnostic(
                    "mapping pattern keys may only match literals and attribute lookups", at: range)
            }
            try emit(key, into: try allocate())
        }
    }

    private func emitClassPattern(
        _ pattern: Pattern, _ subject: Int, _ fail: Label, _ captures: inout PatternCaptures
    ) throws(SyntaxDiagnostic) {
        guard case .class(let type, let patterns, let names, let keywordPatterns) = pattern.node else { return }
        for (index, name) in names.enumerated() where names[..<index].contains(name) {
            throw SyntaxDiagnostic(
                "attribute name repeated in class pattern: \(name)", at: keywordPatterns[index].range)
        }
        let all = patterns + keywordPatterns
        if all.count > Emitter.longestPattern {
            throw SyntaxDiagnostic("too many sub-patterns in class pattern", at: pattern.range)
        }
        let expected = try operand(type)
        range = pattern.range
        let values = try allocate()
        let list = CodeConstant.tuple(names.map { .literal(.string(Array($0.utf8))) })
        append(
            Instruction(.matchClass, a: values, b: subject, c: expected, d: patterns.count),
            wordOne: UInt64(pool.slot(list)))
        emitJump(.jumpIfNone, a: values, to: fail)
        if all.allSatisfy(Emitter.isWildcard) { return }
        let first = try allocate(all.count)
        emit(.unpack, a: first, b: values, c: all.count)
        for (index, inner) in all.enumerated() where !Emitter.isWildcard(inner) {
            try emitPattern(inner, first + index, fail, &captures)
        }
    }

    // MARK: Alternatives

    private func emitAlternatives(
        _ patterns: [Pattern], _ subject: Int, _ fail: Label, _ captures: inout PatternCaptures, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let done = newLabel()
        var common: [String] = []
        // where all alternatives leave what they capture
        var places = 0
        for (index, inner) in patterns.enumerated() {
            let isLast = index == patterns.count - 1
            if !isLast { try refuseIrrefutable(inner) }
            let next = isLast ? fail : newLabel()
            var own = PatternCaptures()
            if index == 0 {
                common = names(in: inner)
                places = try allocate(common.count)
            }
            let mark = nextRegister
            try emitPattern(inner, subject, next, &own)
            guard own.names.count == common.count, Set(own.names) == Set(common) else {
                throw SyntaxDiagnostic("alternative patterns bind different names", at: range)
            }
            self.range = inner.range
            for (name, source) in zip(own.names, own.sources) {
                if let position = common.firstIndex(of: name) { move(source, to: places + position) }
            }
            nextRegister = mark
            if !isLast {
                jump(to: done)
                place(next)
            }
        }
        place(done)
        for (index, name) in common.enumerated() { try captures.add(name, places + index, range) }
    }

    /// The names that a pattern binds.
    private func names(in pattern: Pattern) -> [String] {
        switch pattern.node {
        case .value, .singleton: []
        case .sequence(let patterns): patterns.flatMap { names(in: $0) }
        case .mapping(_, let patterns, let rest): patterns.flatMap { names(in: $0) } + [rest].compactMap { $0 }
        case .class(_, let patterns, _, let keywordPatterns):
            (patterns + keywordPatterns).flatMap { names(in: $0) }
        case .star(let name): [name].compactMap { $0 }
        case .capture(let inner, let name): (inner.map { names(in: $0) } ?? []) + [name].compactMap { $0 }
        case .alternatives(let patterns): patterns.first.map { names(in: $0) } ?? []
        }
    }
}
