// The character encodings that the runtime knows itself, and the names they go by.
//
// A name is normalised first (lower case, runs of other characters as one underscore), then looked up; what is not
// here is asked of the search functions that the script registered (CodecRegistry).

/// Which octet of a number comes first.
public enum ByteOrder: Equatable, Sendable { case little, big }

/// An encoding of the runtime's own.
public enum Codec: Equatable, Sendable {
    case utf8, utf8Signature
    /// Nil: the machine's order, with a byte order mark.
    case utf16(ByteOrder?), utf32(ByteOrder?)
    case ascii, latin1
    case unicodeEscape, rawUnicodeEscape
    /// A row of CharacterMapRows.
    case characterMap(Int)

    /// The name that `codecs.lookup(…).name` shows.
    public var name: String {
        switch self {
        case .utf8: "utf-8"
        case .utf8Signature: "utf-8-sig"
        case .utf16(nil): "utf-16"
        case .utf16(.little): "utf-16-le"
        case .utf16(.big): "utf-16-be"
        case .utf32(nil): "utf-32"
        case .utf32(.little): "utf-32-le"
        case .utf32(.big): "utf-32-be"
        case .ascii: "ascii"
        case .latin1: "iso8859-1"
        case .unicodeEscape: "unicode-escape"
        case .rawUnicodeEscape: "raw-unicode-escape"
        case .characterMap(let row): CharacterMapRows.all[row].name.description
        }
    }

    /// The name in errors.
    var errorName: String {
        switch self {
        case .utf8Signature: "utf-8"
        case .latin1: "latin-1"
        case .unicodeEscape: "unicodeescape"
        case .rawUnicodeEscape: "rawunicodeescape"
        case .characterMap: "charmap"
        case .utf8, .utf16, .utf32, .ascii: name
        }
    }

    /// The codec of a name as a script writes it.
    public static func named(_ name: StrRef) -> Codec? {
        if name.equals("utf-8") || name.equals("utf8") { return .utf8 }
        if name.equals("ascii") { return .ascii }
        if name.equals("latin-1") || name.equals("latin1") { return .latin1 }
        if let last, name.buffer.elementsEqual(last.name) { return last.codec }
        for byte in name.buffer where byte == 0 || byte >= 0x80 { return nil }
        guard let codec = table[normalized(name)] else { return nil }
        last = (Array(name.buffer), codec)
        return codec
    }

    /// The name that was looked for last, as it was written. With the GIL.
    nonisolated(unsafe) private static var last: (name: [UInt8], codec: Codec)?

    /// Lower case, with every run of characters other than letters, digits and points as one underscore.
    static func normalized(_ name: StrRef) -> String {
        var bytes: [UInt8] = []
        var pending = false
        for byte in name.buffer {
            if ASCII.isAlpha(byte) || ASCII.isDigit(byte) || byte == 0x2E {
                if pending, !bytes.isEmpty { bytes.append(0x5F) }
                pending = false
                bytes.append(ASCII.lower(byte))
            } else {
                pending = true
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The names that are not that of a module of `encodings`, and the module's.
    public static var aliases: [(name: String, module: String)] {
        table.compactMap { name, codec in
            let module = codec == .latin1 ? "latin_1" : String(codec.name.map { $0 == "-" ? "_" : $0 })
            return name == module ? nil : (name, module)
        }
    }

    private static let table: [String: Codec] = {
        let rows: [(Codec, String)] = [
            (.utf8, "utf_8 u8 utf utf8 utf8_ucs2 utf8_ucs4 cp65001"),
            (.utf8Signature, "utf_8_sig utf8_sig"),
            (.utf16(nil), "utf_16 u16 utf16"),
            (.utf16(.little), "utf_16_le unicodelittleunmarked utf_16le utf16_le utf16le"),
            (.utf16(.big), "utf_16_be unicodebigunmarked utf_16be utf16_be utf16be"),
            (.utf32(nil), "utf_32 u32 utf32"),
            (.utf32(.little), "utf_32_le utf_32le utf32_le"),
            (.utf32(.big), "utf_32_be utf_32be utf32_be"),
            (
                .ascii,
                "ascii 646 ansi_x3.4_1968 ansi_x3_4_1968 ansi_x3.4_1986 cp367 csascii ibm367 iso646_us iso_646.irv_1991 iso_ir_6 us us_ascii"
            ),
            (
                .latin1,
                "latin_1 8859 cp819 csisolatin1 ibm819 iso8859 iso8859_1 iso_8859_1 iso_8859_1_1987 iso_ir_100 l1 latin latin1"
            ),
            (.unicodeEscape, "unicode_escape unicodeescape"),
            (.rawUnicodeEscape, "raw_unicode_escape rawunicodeescape"),
        ]
        var table: [String: Codec] = [:]
        for (codec, names) in rows {
            for name in names.split(separator: " ") { table[String(name)] = codec }
        }
        for (index, row) in CharacterMapRows.all.enumerated() {
            table[normalized(Str.make(row.name))] = .characterMap(index)
            for name in row.aliases.description.split(separator: " ") { table[String(name)] = .characterMap(index) }
        }
        return table
    }()
}
