// Numbers, strings, and f-strings to tree.

extension Parser {
    func text(_ token: Token) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: bytes + Int(token.start), count: Int(token.end - token.start))
    }

    /// The number under the cursor, which is not passed.
    func number() throws(ParseFailure) -> Constant {
        switch NumberLiteral.value(of: text(tokens[index])) {
        case .constant(let constant): return constant
        case .tooManyDigits: throw .rejected
        }
    }

    /// One or more adjacent strings and f-strings.
    mutating func strings() throws(ParseFailure) -> Expression {
        let start = index
        if kind == .string && nextKind != .string && nextKind != .formattedStart {
            let token = tokens[index]
            let (value, isBytes) = try plainString(token)
            index += 1
            height = 1
            return Expression(.constant(isBytes ? .bytes(value) : .string(value)), token.range)
        }
        var pieces: [Expression] = []
        var sawBytes = false
        var sawText = false
        var sawFormatted = false
        var tallest = 0
        while true {
            if kind == .string {
                let token = tokens[index]
                let (value, isBytes) = try plainString(token)
                if isBytes { sawBytes = true } else { sawText = true }
                pieces.append(Expression(.constant(.string(value)), token.range))
                index += 1
            } else if kind == .formattedStart {
                sawFormatted = true
                pieces += try formattedPieces()
                tallest = max(tallest, height)
            } else {
                break
            }
        }
        if sawBytes && (sawText || sawFormatted) { throw .rejected }
        let place = range(from: start)
        if !sawFormatted {
            let value = joinedBytes(pieces[...])
            height = 1
            return Expression(.constant(sawBytes ? .bytes(value) : .string(value)), place)
        }
        try setHeight(tallest + 1)
        return Expression(.joinedString(folded(pieces)), place)
    }

    private func joinedBytes(_ pieces: ArraySlice<Expression>) -> [UInt8] {
        var result: [UInt8] = []
        for piece in pieces {
            if case .constant(.string(let value)) = piece.node { result += value }
        }
        return result
    }

    /// Adjacent literal pieces become one; empty ones vanish.
    private func folded(_ pieces: [Expression]) -> [Expression] {
        var result: [Expression] = []
        var index = 0
        while index < pieces.count {
            guard case .constant = pieces[index].node else {
                result.append(pieces[index])
                index += 1
                continue
            }
            let first = index
            while index < pieces.count, case .constant = pieces[index].node { index += 1 }
            let value = joinedBytes(pieces[first..<index])
            if !value.isEmpty {
                let place = pieces[first].range.through(pieces[index - 1].range)
                result.append(Expression(.constant(.string(value)), place))
            }
        }
        return result
    }

    /// The value of a string without fields, and whether it is bytes.
    mutating func plainString(_ token: Token) throws(ParseFailure) -> ([UInt8], isBytes: Bool) {
        let shape = StringShape(bytes, token)
        if shape.isBytes {
            for position in shape.start..<shape.stop where bytes[position] >= 0x80 { throw .rejected }
        }
        let value = try decoded(token, from: shape.start, to: shape.stop, isRaw: shape.isRaw, isBytes: shape.isBytes)
        return (value, shape.isBytes)
    }

    private mutating func decoded(
        _ token: Token, from start: Int, to stop: Int, isRaw: Bool, isBytes: Bool
    ) throws(ParseFailure) -> [UInt8] {
        let content = UnsafeBufferPointer(start: bytes + start, count: stop - start)
        if isRaw || !content.contains(UInt8(ascii: "\\")) { return Array(content) }
        var decoder = EscapeDecoder(bytes, from: start, to: stop)
        do throws(EscapeError) {
            if isBytes { try decoder.decodeBytes() } else { try decoder.decodeText() }
        } catch {
            throw .rejected
        }
        for (position, message) in decoder.invalid { warn(message, token, at: position) }
        return decoder.result
    }

    private mutating func warn(_ message: String, _ token: Token, at position: Int) {
        // As in CPython the literal is to blame, wherever in it the escape stands.
        let line = Int(token.range.line)
        // The text of an f-string is the exception: there it is what follows it.
        let isMiddle = token.kind == .formattedMiddle
        let position = Int(isMiddle ? token.end : token.start)
        var lineStart = position
        while lineStart > 0 && bytes[lineStart - 1] != 0x0A { lineStart -= 1 }
        var stop = position
        while bytes[stop] != 0x0A && bytes[stop] != 0 { stop += 1 }
        let offset = position - lineStart + 1
        let width = isMiddle ? 1 : Int(token.end - token.start)
        warnings.append(
            SyntaxDiagnostic(
                kind: .syntaxWarning, message: message, line: line, offset: offset, endLine: line, endOffset: min(offset + width, stop - lineStart + 1),
                text: String(decoding: UnsafeBufferPointer(start: bytes + lineStart, count: stop - lineStart), as: UTF8.self)
            ))
    }

    // MARK: F-strings

    /// The pieces of one f-string, from its opening to its end. `height` is then that of the highest field.
    private mutating func formattedPieces() throws(ParseFailure) -> [Expression] {
        let opening = tokens[index]
        let isRaw = text(opening).contains { $0 | 0x20 == UInt8(ascii: "r") }
        index += 1
        var pieces: [Expression] = []
        var tallest = 0
        while kind != .formattedEnd {
            if kind == .formattedMiddle {
                let token = tokens[index]
                let value = try decoded(
                    token, from: Int(token.start), to: Int(token.end), isRaw: isRaw, isBytes: false)
                // A brace is not escaped by a backslash.
                if !isRaw, bytes[Int(token.end)] == UInt8(ascii: "{"),
                    text(token).reversed().prefix(while: { $0 == UInt8(ascii: "\\") }).count % 2 == 1
                {
                    warn("invalid escape sequence '\\{'", token, at: Int(token.end) - 1)
                }
                pieces.append(Expression(.constant(.string(value)), token.range))
                index += 1
            } else {
                try replacementField(into: &pieces)
                tallest = max(tallest, height)
            }
        }
        index += 1
        height = tallest
        return pieces
    }

    /// `{value=!r:format}`
    private mutating func replacementField(into pieces: inout [Expression]) throws(ParseFailure) {
        let start = index
        try expect(.leftBrace)
        let value = try yieldOrStarExpressions()
        var tallest = height
        let isDebug = accept(.equal)
        let debugEnd = tokens[index]
        var conversion: Character?
        if kind == .exclamation {
            index += 1
            let token = tokens[index]
            let letter = text(token)
            guard token.kind == .name, token.start == tokens[index - 1].end, letter.count == 1 else { throw .rejected }
            switch letter[0] {
            case UInt8(ascii: "r"): conversion = "r"
            case UInt8(ascii: "s"): conversion = "s"
            case UInt8(ascii: "a"): conversion = "a"
            default: throw .rejected
            }
            index += 1
        }
        var format: Expression?
        if kind == .colon {
            format = try formatSpecification()
            tallest = max(tallest, height)
        }
        try expect(.rightBrace)
        try setHeight(tallest + 2)
        let place = range(from: start)
        if isDebug {
            let open = tokens[start]
            let source = withoutComments(from: Int(open.end), to: Int(debugEnd.start))
            let isClosing = debugEnd.kind == .rightBrace
            let sourceRange = SourceRange(
                line: open.range.line, column: open.range.column + 1,
                endLine: isClosing ? place.endLine : debugEnd.range.line,
                endColumn: isClosing ? place.endColumn - 1 : debugEnd.range.column)
            pieces.append(Expression(.constant(.string(source)), sourceRange))
            if conversion == nil && format == nil { conversion = "r" }
        }
        pieces.append(Expression(.formatted(value: value, conversion: conversion, format: format), place))
    }

    /// The text of a field with `=`, as it is shown.
    private func withoutComments(from start: Int, to stop: Int) -> [UInt8] {
        var result: [UInt8] = []
        var position = start
        var quote: UInt8 = 0
        while position < stop {
            let c = bytes[position]
            if quote != 0 {
                if c == quote { quote = 0 }
            } else if c == UInt8(ascii: "\"") || c == UInt8(ascii: "'") {
                quote = c
            } else if c == UInt8(ascii: "#") {
                while position < stop && bytes[position] != 0x0A { position += 1 }
                continue
            }
            result.append(c)
            position += 1
        }
        return result
    }

    /// From the colon to the brace that closes the field. Escapes are read even in raw f-strings, as CPython does.
    private mutating func formatSpecification() throws(ParseFailure) -> Expression {
        let start = index
        index += 1
        var pieces: [Expression] = []
        var tallest = 0
        while kind != .rightBrace {
            if kind == .formattedMiddle {
                let token = tokens[index]
                let value = try decoded(
                    token, from: Int(token.start), to: Int(token.end), isRaw: false, isBytes: false)
                pieces.append(Expression(.constant(.string(value)), token.range))
                index += 1
            } else {
                try replacementField(into: &pieces)
                tallest = max(tallest, height)
            }
        }
        try setHeight(tallest + 1)
        return Expression(.joinedString(folded(pieces)), range(from: start))
    }
}
