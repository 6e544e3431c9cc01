// `str.format` and `str.format_map`: the fields of a format replaced by formatted values.
//
// Values live in local variables while attributes, items and `__format__` of the script run; the text made so far is
// plain octets that the collector has no business with.

extension Str {
    static let formatMethods: [Native] = [
        Native("format(self, /, *args, **kwargs)", "The text with its fields replaced by the arguments.") {
            a throws(Raised) in
            var engine = FieldFormatter(a[0].object(Str.self), a[1].object(Tuple.self), a[2])
            return Value(try engine.run())
        },
        Native("format_map(self, mapping, /)", "The text with its fields replaced from a mapping.") { a throws(Raised) in
            var engine = FieldFormatter(a[0].object(Str.self), nil, a[1])
            return Value(try engine.run())
        },
    ]

    /// What the module `_string` holds.
    public static let stringModuleNatives: [Native] = [
        Native("formatter_parser(string, /)", "The pieces of a format string.") { a throws(Raised) in
            guard a[0].isKind(.str) else { throw typeError("expected str, got \(typeName(a[0]))") }
            let text = a[0].object(Str.self)
            let pieces = List.make()
            var scanner = MarkupScanner(text, 0 ..< text.pointee.byteCount)
            while let piece = try scanner.next() { pieces.append(shown(piece, text)) }
            return try iterator(Value(pieces))
        },
        Native("formatter_field_name_split(string, /)", "The first part of a field name, and the others.") {
            a throws(Raised) in
            guard a[0].isKind(.str) else { throw typeError("expected str, got \(typeName(a[0]))") }
            let text = a[0].object(Str.self)
            var scanner = FieldNameScanner(text, 0 ..< text.pointee.byteCount)
            let number = try scanner.integer(scanner.first)
            let first = number.map { Value($0) } ?? Value(text.substring(scanner.first.lowerBound, scanner.first.upperBound))
            let rest = List.make()
            while let part = try scanner.next() {
                let name = text.substring(part.name.lowerBound, part.name.upperBound)
                let index = part.isAttribute ? nil : try scanner.integer(part.name)
                rest.append(Value(Tuple.make(Value(part.isAttribute), index.map { Value($0) } ?? Value(name))))
            }
            return Value(Tuple.make(first, try iterator(Value(rest))))
        },
    ]

    /// (literal text, field name, specification, conversion) as string.Formatter wants it.
    private static func shown(_ piece: MarkupPiece, _ text: StrRef) -> Value {
        let literal = Value(text.substring(piece.literal.lowerBound, piece.literal.upperBound))
        guard let field = piece.field else { return Value(Tuple.make(literal, .none, .none, .none)) }
        let specification = text.substring(piece.specification.lowerBound, piece.specification.upperBound)
        let conversion = piece.conversion == 0 ? Value.none : Value(make(codePoint: piece.conversion))
        return Value(
            Tuple.make(
                literal, Value(text.substring(field.lowerBound, field.upperBound)), Value(specification), conversion))
    }
}

private struct FieldFormatter {
    private enum Numbering { case open, automatic, manual }

    private let text: StrRef
    /// Nil for format_map.
    private let arguments: TupleRef?
    /// The keywords, or the mapping of format_map.
    private let mapping: Value
    private var numbering = Numbering.open
    private var nextNumber = 0

    init(_ text: StrRef, _ arguments: TupleRef?, _ mapping: Value) {
        self.text = text
        self.arguments = arguments
        self.mapping = mapping
    }

    mutating func run() throws(Raised) -> StrRef {
        var output = TextBuffer(capacity: text.pointee.byteCount + 32)
        try build(text, 0 ..< text.pointee.byteCount, depth: 2, into: &output)
        return output.makeStr()
    }

    private mutating func build(
        _ format: StrRef, _ range: Range<Int>, depth: Int, into output: inout TextBuffer
    ) throws(Raised) {
        if depth <= 0 { throw valueError("Max string recursion exceeded") }
        var scanner = MarkupScanner(format, range)
        while let piece = try scanner.next() {
            output.append(format.buffer.part(piece.literal.lowerBound, piece.literal.upperBound))
            if let field = piece.field { try write(format, field, piece, depth, &output) }
        }
    }

    private mutating func write(
        _ format: StrRef, _ field: Range<Int>, _ piece: MarkupPiece, _ depth: Int, _ output: inout TextBuffer
    ) throws(Raised) {
        var value = try object(format, field)
        switch piece.conversion {
        case 0: break
        case 0x72: value = Value(try repr(value))
        case 0x73: value = Value(try str(value))
        case 0x61: value = Value(try ascii(value))
        default:
            let code = piece.conversion
            let shown = code > 32 && code < 127 ? String(Unicode.Scalar(UInt8(code))) : "\\x" + String(code, radix: 16)
            throw valueError("Unknown conversion specifier \(shown)")
        }
        if piece.specification.isEmpty {
            output.append(value.isExactly(.str) ? value.object(Str.self) : try TinyRuntime.format(value, nil))
            return
        }
        let specification: StrRef
        if piece.specificationHasFields {
            var expanded = TextBuffer()
            try build(format, piece.specification, depth: depth - 1, into: &expanded)
            specification = expanded.makeStr()
        } else {
            specification = format.substring(piece.specification.lowerBound, piece.specification.upperBound)
        }
        output.append(try TinyRuntime.format(value, specification))
    }

    /// The value that a field name denotes.
    private mutating func object(_ format: StrRef, _ field: Range<Int>) throws(Raised) -> Value {
        var scanner = FieldNameScanner(format, field)
        var value = try firstObject(format, scanner)
        while let part = try scanner.next() {
            let name = format.substring(part.name.lowerBound, part.name.upperBound)
            if part.isAttribute {
                value = try getAttribute(value, StrTables.intern(name))
            } else if let index = try scanner.integer(part.name) {
                value = try getItem(value, Value(index))
            } else {
                value = try getItem(value, Value(name))
            }
        }
        return value
    }

    private mutating func firstObject(_ format: StrRef, _ scanner: FieldNameScanner) throws(Raised) -> Value {
        var number = try scanner.integer(scanner.first)
        if scanner.first.isEmpty || number != nil {
            let isAutomatic = scanner.first.isEmpty
            if numbering == .open { numbering = isAutomatic ? .automatic : .manual }
            if isAutomatic, numbering == .manual {
                throw valueError(
                    "cannot switch from manual field specification to automatic field numbering")
            }
            if !isAutomatic, numbering == .automatic {
                throw valueError(
                    "cannot switch from automatic field numbering to manual field specification")
            }
            if isAutomatic {
                number = nextNumber
                nextNumber += 1
            }
        }
        guard let number else {
            let key = Value(format.substring(scanner.first.lowerBound, scanner.first.upperBound))
            if arguments != nil, mapping.isNone { throw raise(.keyError, arguments: key) }
            return try getItem(mapping, key)
        }
        guard let arguments else { throw valueError("Format string contains positional fields") }
        guard number < arguments.count else {
            throw raise(.indexError, "Replacement index \(number) out of range for positional args tuple")
        }
        return arguments.items[number]
    }
}
