// Literals that are well-formed as tokens and wrong all the same.

extension Diagnoser {
    /// Adjacent strings: escapes, and bytes beside text.
    func checkStrings(from start: Int) throws(Stop) -> Match {
        var sawBytes = false
        var sawOther = false
        var sawFormatted = false
        for index in start..<mark {
            let token = tokens[index]
            switch token.kind {
            case .string where token.level == tokens[start].level:
                let shape = StringShape(lexer.bytes, token)
                if shape.isBytes { sawBytes = true } else { sawOther = true }
                try checkString(token, shape)
            case .string: break
            case .formattedStart: sawFormatted = true
            default: break
            }
        }
        if sawBytes && (sawOther || sawFormatted) {
            throw .diagnosed(raised(.syntaxError, "cannot mix bytes and nonbytes literals"))
        }
        return Match(sawFormatted ? "joined" : "constant", start, mark)
    }

    private func checkString(_ token: Token, _ shape: StringShape) throws(Stop) {
        if shape.isBytes {
            for position in shape.start..<shape.stop where lexer.bytes[position] >= 0x80 {
                throw .diagnosed(
                    located(.syntaxError, "bytes can only contain ASCII literal characters", token.range))
            }
        }
        if !shape.isRaw { try checkEscapes(token, shape.start, shape.stop, isBytes: shape.isBytes) }
    }

    private func checkEscapes(_ token: Token, _ start: Int, _ stop: Int, isBytes: Bool) throws(Stop) {
        var decoder = EscapeDecoder(lexer.bytes, from: start, to: stop)
        do throws(EscapeError) {
            if isBytes { try decoder.decodeBytes() } else { try decoder.decodeText() }
        } catch {
            // CPython knows the token only of plain strings; of f-strings it names what was read last.
            throw .diagnosed(
                token.kind == .string
                    ? located(.syntaxError, error.message, token.range) : raised(.syntaxError, error.message))
        }
    }

    /// The literal pieces of an f-string, once it is complete.
    func checkFormatted(_ parts: [Match], from start: Int) throws(Stop) -> Match {
        let isRaw = name(parts[0]).utf8.contains { $0 | 0x20 == UInt8(ascii: "r") }
        if !isRaw {
            for piece in parts[1].parts where tokens[piece.start].kind == .formattedMiddle {
                _ = try checkFormatText(piece)
            }
        }
        return Match("joined", start, mark)
    }

    /// A literal piece of an f-string or of a format.
    func checkFormatText(_ piece: Match) throws(Stop) -> Match {
        let token = tokens[piece.start]
        try checkEscapes(token, Int(token.start), Int(token.end), isBytes: false)
        return piece
    }

    func checkConversion(_ mark: Match, _ letter: Match) throws(Stop) -> Match {
        if tokens[letter.start].start != tokens[mark.start].end {
            throw .diagnosed(
                located(
                    .syntaxError, "f-string: conversion type must come right after the exclamanation mark",
                    range(mark).through(range(letter))))
        }
        let text = name(letter)
        if text != "s" && text != "r" && text != "a" {
            // What else is wrong with the field is told first.
            let next = try current().kind
            guard next == .colon || next == .rightBrace else { return letter }
            throw .diagnosed(
                located(
                    .syntaxError, "f-string: invalid conversion character '\(text)': expected 's', 'r', or 'a'",
                    range(letter)))
        }
        return letter
    }

    /// An integer may have too many digits to be read in good time.
    func checkDigits(_ token: Token) throws(Stop) {
        let text = UnsafeBufferPointer(start: lexer.bytes + Int(token.start), count: Int(token.end - token.start))
        guard case .tooManyDigits(let count) = NumberLiteral.value(of: text) else { return }
        // CPython knows the line only.
        var diagnostic = located(
            .syntaxError,
            "Exceeds the limit (\(NumberLiteral.maximumDigits) digits) for integer string conversion: value has \(count) digits; "
                + "use sys.set_int_max_str_digits() to increase the limit"
                + " - Consider hexadecimal for huge integer literals to avoid decimal conversion limits.", token.range)
        diagnostic.offset = 0
        diagnostic.endOffset = 0
        throw .diagnosed(diagnostic)
    }

    /// The parts of a complex number in a pattern.
    func checkNumber(_ number: Match, isImaginary: Bool) throws(Stop) -> Match {
        let hasUnit = name(number).utf8.last.map { $0 | 0x20 == UInt8(ascii: "j") } ?? false
        if hasUnit != isImaginary {
            let kind = isImaginary ? "imaginary" : "real"
            throw .diagnosed(
                located(.syntaxError, "\(kind) number required in complex literal", range(number)))
        }
        return number
    }
}
