// Characters by name, for `\N{…}` and `unicodedata`, both ways.
//
// Swift's standard library knows the names but can't be asked backwards: the first look-up by name makes a table of all
// that don't follow a rule (about 34,000; some tens of milliseconds), so that programs without such escapes pay nothing.
// Names of ideographs, Hangul syllables and variation selectors follow rules. Only what Unicode 15.1 knows counts.

/// Names of characters.
public enum UnicodeNames {
    /// The code point with this name or alias; case does not matter.
    public static func scalar(named name: String) -> UInt32? {
        // Names made by rule must be spelled in capitals.
        if let codePoint = ideograph(name) ?? hangul(name) { return codePoint }
        let key = name.uppercased()
        return table[key] ?? variationSelector(key)
    }

    /// The code points of a name, an alias or a named sequence.
    public static func codePoints(named name: String) -> [UInt32]? {
        if let codePoint = scalar(named: name) { return [codePoint] }
        return sequence(named: name.uppercased())
    }

    /// The name of a code point, or nil.
    public static func name(of codePoint: UInt32) -> String? {
        if 0x17000 ... 0x187F7 ~= codePoint || 0x18D00 ... 0x18D08 ~= codePoint { return nil }
        return properties(codePoint)?.name
    }

    private static func properties(_ codePoint: UInt32) -> Unicode.Scalar.Properties? {
        guard let properties = Unicode.Scalar(codePoint)?.properties, let age = properties.age else { return nil }
        return age.major < 15 || age.major == 15 && age.minor <= 1 ? properties : nil
    }

    private static let table: [String: UInt32] = {
        var table: [String: UInt32] = [:]
        table.reserveCapacity(40000)
        let ranges: [Range<UInt32>] = [
            0x20 ..< 0x3400, 0x4DC0 ..< 0x4E00, 0xA000 ..< 0xAC00, 0xD7B0 ..< 0xD7FC, 0xF900 ..< 0x17000, 0x18800 ..< 0x20000,
            0xE0000 ..< 0xE0200,
        ]
        for range in ranges {
            for codePoint in range {
                guard let properties = properties(codePoint) else { continue }
                if let name = properties.name { table[name] = codePoint }
                if let alias = properties.nameAlias, table[alias] == nil { table[alias] = codePoint }
            }
        }
        for (names, codePoint) in aliases {
            for name in names.split(separator: "|") { table[String(name)] = codePoint }
        }
        return table
    }()

    /// Names of control characters and abbreviations that Unicode lists; its corrections come from the standard library.
    private static let aliases: [(String, UInt32)] = [
        ("NULL|NUL", 0x0), ("START OF HEADING|SOH", 0x1), ("START OF TEXT|STX", 0x2), ("END OF TEXT|ETX", 0x3),
        ("END OF TRANSMISSION|EOT", 0x4), ("ENQUIRY|ENQ", 0x5), ("ACKNOWLEDGE|ACK", 0x6), ("ALERT|BEL", 0x7),
        ("BACKSPACE|BS", 0x8), ("CHARACTER TABULATION|HORIZONTAL TABULATION|HT|TAB", 0x9),
        ("LINE FEED|NEW LINE|END OF LINE|EOL|LF|NL", 0xA), ("LINE TABULATION|VERTICAL TABULATION|VT", 0xB),
        ("FORM FEED|FF", 0xC), ("CARRIAGE RETURN|CR", 0xD), ("SHIFT OUT|LOCKING-SHIFT ONE|SO", 0xE),
        ("SHIFT IN|LOCKING-SHIFT ZERO|SI", 0xF), ("DATA LINK ESCAPE|DLE", 0x10), ("DEVICE CONTROL ONE|DC1", 0x11),
        ("DEVICE CONTROL TWO|DC2", 0x12), ("DEVICE CONTROL THREE|DC3", 0x13), ("DEVICE CONTROL FOUR|DC4", 0x14),
        ("NEGATIVE ACKNOWLEDGE|NAK", 0x15), ("SYNCHRONOUS IDLE|SYN", 0x16), ("END OF TRANSMISSION BLOCK|ETB", 0x17),
        ("CANCEL|CAN", 0x18), ("END OF MEDIUM|EOM|EM", 0x19), ("SUBSTITUTE|SUB", 0x1A), ("ESCAPE|ESC", 0x1B),
        ("INFORMATION SEPARATOR FOUR|FILE SEPARATOR|FS", 0x1C),
        ("INFORMATION SEPARATOR THREE|GROUP SEPARATOR|GS", 0x1D),
        ("INFORMATION SEPARATOR TWO|RECORD SEPARATOR|RS", 0x1E),
        ("INFORMATION SEPARATOR ONE|UNIT SEPARATOR|US", 0x1F), ("SP", 0x20), ("DELETE|DEL", 0x7F),
        ("PADDING CHARACTER|PAD", 0x80), ("HIGH OCTET PRESET|HOP", 0x81), ("BREAK PERMITTED HERE|BPH", 0x82),
        ("NO BREAK HERE|NBH", 0x83), ("INDEX|IND", 0x84), ("NEXT LINE|NEL", 0x85),
        ("START OF SELECTED AREA|SSA", 0x86), ("END OF SELECTED AREA|ESA", 0x87),
        ("CHARACTER TABULATION SET|HORIZONTAL TABULATION SET|HTS", 0x88),
        ("CHARACTER TABULATION WITH JUSTIFICATION|HORIZONTAL TABULATION WITH JUSTIFICATION|HTJ", 0x89),
        ("LINE TABULATION SET|VERTICAL TABULATION SET|VTS", 0x8A),
        ("PARTIAL LINE FORWARD|PARTIAL LINE DOWN|PLD", 0x8B), ("PARTIAL LINE BACKWARD|PARTIAL LINE UP|PLU", 0x8C),
        ("REVERSE LINE FEED|REVERSE INDEX|RI", 0x8D), ("SINGLE SHIFT TWO|SINGLE-SHIFT-2|SS2", 0x8E),
        ("SINGLE SHIFT THREE|SINGLE-SHIFT-3|SS3", 0x8F), ("DEVICE CONTROL STRING|DCS", 0x90),
        ("PRIVATE USE ONE|PRIVATE USE-1|PU1", 0x91), ("PRIVATE USE TWO|PRIVATE USE-2|PU2", 0x92),
        ("SET TRANSMIT STATE|STS", 0x93), ("CANCEL CHARACTER|CCH", 0x94), ("MESSAGE WAITING|MW", 0x95),
        ("START OF GUARDED AREA|START OF PROTECTED AREA|SPA", 0x96),
        ("END OF GUARDED AREA|END OF PROTECTED AREA|EPA", 0x97), ("START OF STRING|SOS", 0x98),
        ("SINGLE GRAPHIC CHARACTER INTRODUCER|SGC", 0x99), ("SINGLE CHARACTER INTRODUCER|SCI", 0x9A),
        ("CONTROL SEQUENCE INTRODUCER|CSI", 0x9B), ("STRING TERMINATOR|ST", 0x9C),
        ("OPERATING SYSTEM COMMAND|OSC", 0x9D), ("PRIVACY MESSAGE|PM", 0x9E),
        ("APPLICATION PROGRAM COMMAND|APC", 0x9F), ("NBSP", 0xA0), ("SHY", 0xAD), ("CGJ", 0x34F), ("ALM", 0x61C),
        ("FVS1", 0x180B), ("FVS2", 0x180C), ("FVS3", 0x180D), ("MVS", 0x180E), ("FVS4", 0x180F), ("ZWSP", 0x200B),
        ("ZWNJ", 0x200C), ("ZWJ", 0x200D), ("LRM", 0x200E), ("RLM", 0x200F), ("LRE", 0x202A), ("RLE", 0x202B),
        ("PDF", 0x202C), ("LRO", 0x202D), ("RLO", 0x202E), ("NNBSP", 0x202F), ("MMSP", 0x205F), ("WJ", 0x2060),
        ("LRI", 0x2066), ("RLI", 0x2067), ("FSI", 0x2068), ("PDI", 0x2069), ("BYTE ORDER MARK|BOM|ZWNBSP", 0xFEFF),
    ]

    /// `VS17` is another name of VARIATION SELECTOR-17.
    private static func variationSelector(_ name: String) -> UInt32? {
        guard name.hasPrefix("VS"), let number = UInt32(name.dropFirst(2)), name == "VS\(number)", 1 ... 256 ~= number else {
            return nil
        }
        return number <= 16 ? 0xFE00 + number - 1 : 0xE0100 + number - 17
    }

    /// `CJK UNIFIED IDEOGRAPH-4E00`.
    private static func ideograph(_ name: String) -> UInt32? {
        for prefix in ["CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-"] where name.hasPrefix(prefix) {
            let digits = name.dropFirst(prefix.utf8.count)
            guard 4 ... 5 ~= digits.utf8.count, let codePoint = UInt32(digits, radix: 16) else { return nil }
            return properties(codePoint)?.name == name ? codePoint : nil
        }
        return nil
    }

    private static let leads = ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"]
    private static let vowels = [
        "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU",
        "YI", "I",
    ]
    private static let tails = [
        "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS",
        "NG", "J", "C", "K", "T", "P", "H",
    ]

    /// `HANGUL SYLLABLE GAG`: lead, vowel and tail, each the longest that fits.
    private static func hangul(_ name: String) -> UInt32? {
        guard name.hasPrefix("HANGUL SYLLABLE ") else { return nil }
        var rest = name.dropFirst(16)
        func take(_ parts: [String]) -> Int? {
            var best: Int?
            for (index, part) in parts.enumerated() where rest.hasPrefix(part) {
                if best.map({ parts[$0].utf8.count < part.utf8.count }) ?? true { best = index }
            }
            if let best { rest = rest.dropFirst(parts[best].utf8.count) }
            return best
        }
        guard let lead = take(leads), let vowel = take(vowels), let tail = take(tails), rest.isEmpty else { return nil }
        return UInt32(0xAC00 + (lead * 21 + vowel) * 28 + tail)
    }
}
