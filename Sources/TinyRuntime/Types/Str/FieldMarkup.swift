// The syntax of `str.format`: literal text, `{field!conversion:specification}`, and field names `name.attribute[index]`.
//
// Positions are byte offsets into the format; everything that the syntax knows is ASCII. The order of the checks is
// CPython's (Objects/stringlib/unicode_format.h), so that malformed formats give the same errors.

/// A piece of a format: literal text, and the field behind it if there is one.
struct MarkupPiece {
    var literal: Range<Int>
    var field: Range<Int>?
    var specification: Range<Int> = 0 ..< 0
    var specificationHasFields = false
    /// The code point behind `!`; 0: none.
    var conversion: UInt32 = 0
}

struct MarkupScanner {
    let text: StrRef
    private(set) var position: Int
    let end: Int

    init(_ text: StrRef, _ range: Range<Int>) {
        self.text = text
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next piece, or nil at the end.
    mutating func next() throws(Raised) -> MarkupPiece? {
        guard position < end else { return nil }
        let start = position
        var mark: UInt8 = 0
        while position < end {
            let byte = text.bytes[position]
            position += 1
            if byte == 0x7B || byte == 0x7D {
                mark = byte
                break
            }
        }
        guard mark != 0 else { return MarkupPiece(literal: start ..< position) }
        let isDoubled = position < end && text.bytes[position] == mark
        if mark == 0x7D, !isDoubled { throw valueError("Single '}' encountered in format string") }
        if position >= end { throw valueError("Single '{' encountered in format string") }
        if isDoubled {
            position += 1
            return MarkupPiece(literal: start ..< position - 1)
        }
        return try field(MarkupPiece(literal: start ..< position - 1))
    }

    private mutating func field(_ start: MarkupPiece) throws(Raised) -> MarkupPiece {
        var piece = start
        let nameStart = position
        var last: UInt8 = 0
        scan: while position < end {
            last = text.bytes[position]
            position += 1
            switch last {
            case 0x7B: throw valueError("unexpected '{' in field name")
            case 0x5B: while position < end, text.bytes[position] != 0x5D { position += 1 }
            case 0x7D, 0x3A, 0x21: break scan
            default: break
            }
        }
        piece.field = nameStart ..< max(nameStart, position - 1)
        if last == 0x7D { return piece }
        guard last == 0x3A || last == 0x21 else { throw valueError("expected '}' before end of string") }
        if last == 0x21 {
            guard position < end else {
                throw valueError("end of string while looking for conversion specifier")
            }
            let (codePoint, length) = Str.decode(text.bytes + position)
            piece.conversion = codePoint
            position += length
            if position < end {
                let byte = text.bytes[position]
                position += 1
                if byte == 0x7D { return piece }
                if byte != 0x3A { throw valueError("expected ':' after conversion specifier") }
            }
        }
        return try specification(piece)
    }

    private mutating func specification(_ start: MarkupPiece) throws(Raised) -> MarkupPiece {
        var piece = start
        let first = position
        var depth = 1
        while position < end {
            let byte = text.bytes[position]
            position += 1
            if byte == 0x7B {
                piece.specificationHasFields = true
                depth += 1
            } else if byte == 0x7D {
                depth -= 1
                if depth == 0 {
                    piece.specification = first ..< position - 1
                    return piece
                }
            }
        }
        throw valueError("unmatched '{' in format spec")
    }
}

/// The parts of a field name behind the first: `.attribute` and `[index]`.
struct FieldNameScanner {
    let text: StrRef
    let first: Range<Int>
    private var position: Int
    private let end: Int

    init(_ text: StrRef, _ range: Range<Int>) {
        self.text = text
        var split = range.lowerBound
        while split < range.upperBound, text.bytes[split] != 0x2E, text.bytes[split] != 0x5B { split += 1 }
        first = range.lowerBound ..< split
        position = split
        end = range.upperBound
    }

    mutating func next() throws(Raised) -> (isAttribute: Bool, name: Range<Int>)? {
        guard position < end else { return nil }
        let mark = text.bytes[position]
        position += 1
        let start = position
        let name: Range<Int>
        switch mark {
        case 0x2E:
            while position < end, text.bytes[position] != 0x2E, text.bytes[position] != 0x5B { position += 1 }
            name = start ..< position
        case 0x5B:
            while position < end, text.bytes[position] != 0x5D { position += 1 }
            guard position < end else { throw valueError("Missing ']' in format string") }
            name = start ..< position
            position += 1
        default: throw valueError("Only '.' or '[' may follow ']' in format field specifier")
        }
        if name.isEmpty { throw valueError("Empty attribute in format string") }
        return (mark == 0x2E, name)
    }

    /// The integer that a name spells, or nil.
    func integer(_ range: Range<Int>) throws(Raised) -> Int? {
        guard !range.isEmpty else { return nil }
        var result = 0
        var offset = range.lowerBound
        while offset < range.upperBound {
            let (codePoint, length) = Str.decode(text.bytes + offset)
            guard let digit = CodePoint.decimal(codePoint) else { return nil }
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { throw valueError("Too many decimal digits in format string") }
            result = sum
            offset += length
        }
        return result
    }
}
