// A tree as text, in the format of CPython 3.13's `ast.dump(tree)`: the parser is compared with CPython file by file.
//
// Two things differ: `kind='u'` of strings with that prefix is not in the tree, and contexts (`Load`, `Store`, `Del`) are
// not nodes here but follow from where an expression stands.

/// Writes trees as text.
public struct TreePrinter {
    enum Context: String { case load = "Load()", store = "Store()", delete = "Del()" }

    var output = ""
    let includesPlaces: Bool

    /// - Parameter includesPlaces: as `include_attributes=True`.
    public static func dump(_ module: Module, includesPlaces: Bool = false) -> String {
        var printer = TreePrinter(includesPlaces: includesPlaces)
        switch module {
        case .file(let body): printer.node("Module", nil) { $0.list("body", body) { $0.statement($1) } }
        case .interactive(let body): printer.node("Interactive", nil) { $0.list("body", body) { $0.statement($1) } }
        case .expression(let body): printer.node("Expression", nil) { $0.field("body") { $0.expression(body) } }
        }
        return printer.output
    }

    private init(includesPlaces: Bool) { self.includesPlaces = includesPlaces }

    // MARK: Building blocks

    /// `Name(field=…, …)`, with the place at the end if wanted.
    mutating func node(_ name: String, _ range: SourceRange?, _ fields: (inout TreePrinter) -> Void = { _ in }) {
        output += name
        output += "("
        fields(&self)
        if includesPlaces, let range {
            field("lineno") { $0.output += String(range.line) }
            field("col_offset") { $0.output += String(range.column) }
            field("end_lineno") { $0.output += String(range.endLine) }
            field("end_col_offset") { $0.output += String(range.endColumn) }
        }
        output += ")"
    }

    mutating func field(_ name: String, _ value: (inout TreePrinter) -> Void) {
        if output.utf8.last != UInt8(ascii: "(") { output += ", " }
        output += name
        output += "="
        value(&self)
    }

    /// A field that is left out if empty.
    mutating func list<Element>(
        _ name: String, _ elements: [Element], _ print: (inout TreePrinter, Element) -> Void
    ) {
        if elements.isEmpty { return }
        field(name) { printer in
            printer.output += "["
            var isFirst = true
            for element in elements {
                if !isFirst { printer.output += ", " }
                isFirst = false
                print(&printer, element)
            }
            printer.output += "]"
        }
    }

    mutating func optional(_ name: String, _ value: Expression?, _ context: Context = .load) {
        guard let value else { return }
        field(name) { $0.expression(value, context) }
    }

    mutating func child(_ name: String, _ value: Expression, _ context: Context = .load) {
        field(name) { $0.expression(value, context) }
    }

    mutating func text(_ name: String, _ value: String?) {
        guard let value else { return }
        field(name) { $0.output += "'" + value + "'" }
    }

    mutating func raw(_ name: String, _ value: String) {
        field(name) { $0.output += value }
    }

    // MARK: Constants

    static func text(of constant: Constant) -> String {
        switch constant {
        case .none: "None"
        case .true: "True"
        case .false: "False"
        case .ellipsis: "Ellipsis"
        case .integer(let value): String(value)
        case .bigInteger(let digits, let radix): radix == 10 ? digits : DecimalText.decimal(digits, radix: radix)
        case .float(let value): DecimalText.float(value)
        case .imaginary(let value): DecimalText.imaginary(value)
        case .string(let value): quoted(value)
        case .bytes(let value): "b" + quotedBytes(value)
        }
    }

    private static func quotedBytes(_ bytes: [UInt8]) -> String {
        let quote: UInt8 = bytes.contains(0x27) && !bytes.contains(0x22) ? 0x22 : 0x27
        var result = [quote]
        for byte in bytes {
            switch byte {
            case quote, 0x5C: result += [0x5C, byte]
            case 9: result += Array("\\t".utf8)
            case 10: result += Array("\\n".utf8)
            case 13: result += Array("\\r".utf8)
            case 0x20..<0x7F: result.append(byte)
            default: result += Array(("\\x" + hexadecimal(UInt32(byte), 2)).utf8)
            }
        }
        result.append(quote)
        return String(decoding: result, as: UTF8.self)
    }

    private static func hexadecimal(_ value: UInt32, _ width: Int) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func quoted(_ bytes: [UInt8]) -> String {
        let quote: UInt32 = bytes.contains(0x27) && !bytes.contains(0x22) ? 0x22 : 0x27
        var result = String.UnicodeScalarView()
        func add(_ text: String) { result.append(contentsOf: text.unicodeScalars) }
        let mark = quote == 0x22 ? "\"" : "'"
        add(mark)
        var index = 0
        while index < bytes.count {
            let lead = bytes[index]
            let length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
            var value = UInt32(length == 1 ? lead : lead & (0xFF >> UInt8(length + 1)))
            for offset in 1..<max(length, 1) where index + offset < bytes.count {
                value = value << 6 | UInt32(bytes[index + offset] & 0x3F)
            }
            index += length
            switch value {
            case quote: add("\\" + mark)
            case 0x5C: add("\\\\")
            case 9: add("\\t")
            case 10: add("\\n")
            case 13: add("\\r")
            default:
                if let scalar = Unicode.Scalar(value), value >= 0x20, value != 0x7F, Lexer.isPrintable(scalar) {
                    result.append(scalar)
                } else if value < 0x100 {
                    add("\\x" + hexadecimal(value, 2))
                } else if value < 0x10000 {
                    add("\\u" + hexadecimal(value, 4))
                } else {
                    add("\\U" + hexadecimal(value, 8))
                }
            }
        }
        add(mark)
        return String(result)
    }
}
