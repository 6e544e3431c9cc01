// Names, keywords, and the prefixes of strings.

extension Lexer {
    @inline(__always)
    static func continuesName(_ c: UInt8) -> Bool {
        switch c {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        default: false
        }
    }

    mutating func lexNameOrString(_ first: UInt8) -> Bool {
        let start = position
        if let handled = lexStringPrefix(first) { return handled }
        var isASCII = true
        var c = first
        while Lexer.continuesName(c) {
            if c >= 0x80 { isASCII = false }
            position += 1
            c = bytes[position]
        }
        var token = makeToken(.name, start: start)
        let text = UnsafeBufferPointer(start: bytes + start, count: position - start)
        if isASCII {
            token.name = names.number(of: text)
            if token.name < NameTable.keywordCount {
                token.kind = TokenKind(rawValue: TokenKind.kwFalse.rawValue + UInt8(token.name)) ?? .name
            }
        } else {
            guard let normal = normalizedIdentifier(text, start: start) else { return false }
            token.name = normal.withUnsafeBufferPointer { names.number(of: $0) }
            // As in CPython such a name is no keyword, even if its normal form is one; constants stay what they are.
            if token.name < 3 { token.kind = .unknown }
        }
        tokens.append(token)
        return true
    }

    /// If a string begins here (after up to two prefix letters), lexes it; otherwise nil, and nothing has moved.
    private mutating func lexStringPrefix(_ first: UInt8) -> Bool? {
        var index = position
        var c = first
        var sawB = false, sawR = false, sawU = false, sawF = false
        while true {
            switch c | 0x20 {
            case UInt8(ascii: "b") where !(sawB || sawU || sawF): sawB = true
            case UInt8(ascii: "u") where !(sawB || sawU || sawR || sawF): sawU = true
            case UInt8(ascii: "r") where !(sawR || sawU): sawR = true
            case UInt8(ascii: "f") where !(sawF || sawB || sawU): sawF = true
            default: return nil
            }
            index += 1
            c = bytes[index]
            if c == UInt8(ascii: "\"") || c == UInt8(ascii: "'") {
                let start = position
                position = index
                return sawF ? beginFormatted(from: start, isRaw: sawR) : lexString(from: start)
            }
        }
    }

    /// Checks a name with characters beyond ASCII, and gives its NFKC form (PEP 3131).
    private mutating func normalizedIdentifier(_ text: UnsafeBufferPointer<UInt8>, start: Int) -> [UInt8]? {
        let scalars = String(decoding: text, as: UTF8.self).unicodeScalars
        var offset = 0
        for scalar in scalars {
            let properties = scalar.properties
            let isValid =
                offset == 0
                ? (properties.isXIDStart || scalar == "_") : properties.isXIDContinue
            let width = UTF8.width(scalar)
            if !isValid {
                position = start + offset + width
                let hex = hexadecimal(scalar.value)
                return fail(
                    Lexer.isPrintable(scalar)
                        ? "invalid character '\(scalar)' (U+\(hex))" : "invalid non-printable character U+\(hex)")
                    ? [] : nil
            }
            offset += width
        }
        return Array(CompatibilityForms.composed(scalars).utf8)
    }

    func hexadecimal(_ value: UInt32) -> String {
        let digits = String(value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: false
        case .spaceSeparator: scalar == " "
        default: true
        }
    }
}
