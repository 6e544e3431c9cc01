// Names of characters, both ways.
//
// Swift's standard library knows the names but can't be asked backwards; the first look-up by name makes a table of
// all of them (about 34,000; some tens of milliseconds). Names of ideographs and Hangul syllables follow rules.

enum CharacterNames {
    /// The name of a code point, or nil.
    static func name(_ codePoint: UInt32) -> String? {
        if 0x17000 ... 0x187F7 ~= codePoint || 0x18D00 ... 0x18D08 ~= codePoint { return nil }
        return CodePoint.properties(codePoint)?.name
    }

    /// The code points of a name or alias.
    static func lookup(_ name: String) -> [UInt32]? {
        let key = name.uppercased()
        // Names made by rule must be spelled in capitals.
        if let codePoint = ideograph(name) ?? hangul(name) { return [codePoint] }
        return table[key].map { [$0] }
    }

    private static let table: [String: UInt32] = {
        var table: [String: UInt32] = [:]
        table.reserveCapacity(40000)
        let ranges: [Range<UInt32>] = [
            0x20 ..< 0x3400, 0x4DC0 ..< 0x4E00, 0xA000 ..< 0xAC00, 0xD7B0 ..< 0xD7FC, 0xF900 ..< 0x17000, 0x18800 ..< 0x20000, 0xE0000 ..< 0xE0200,
        ]
        for range in ranges {
            for codePoint in range {
                guard let properties = CodePoint.properties(codePoint) else { continue }
                if let name = properties.name { table[name] = codePoint }
                if let alias = properties.nameAlias, table[alias] == nil { table[alias] = codePoint }
            }
        }
        for (names, codePoint) in aliases {
            for name in names.split(separator: "|") { table[String(name)] = codePoint }
        }
        return table
    }()

    /// Names of control characters and other aliases that Unicode lists.
    private static let aliases: [(String, UInt32)] = [
        ("NULL|NUL", 0), ("START OF HEADING|SOH", 1), ("START OF TEXT|STX", 2), ("END OF TEXT|ETX", 3),
        ("END OF TRANSMISSION|EOT", 4), ("ENQUIRY|ENQ", 5), ("ACKNOWLEDGE|ACK", 6), ("ALERT|BEL", 7), ("BACKSPACE|BS", 8),
        ("CHARACTER TABULATION|HORIZONTAL TABULATION|HT|TAB", 9), ("LINE FEED|NEW LINE|END OF LINE|LF|NL|EOL", 10),
        ("LINE TABULATION|VERTICAL TABULATION|VT", 11), ("FORM FEED|FF", 12), ("CARRIAGE RETURN|CR", 13),
        ("SHIFT OUT|LOCKING-SHIFT ONE|SO", 14), ("SHIFT IN|LOCKING-SHIFT ZERO|SI", 15), ("DATA LINK ESCAPE|DLE", 16),
        ("DEVICE CONTROL ONE|DC1", 17), ("DEVICE CONTROL TWO|DC2", 18), ("DEVICE CONTROL THREE|DC3", 19),
        ("DEVICE CONTROL FOUR|DC4", 20), ("NEGATIVE ACKNOWLEDGE|NAK", 21), ("SYNCHRONOUS IDLE|SYN", 22),
        ("END OF TRANSMISSION BLOCK|ETB", 23), ("CANCEL|CAN", 24), ("END OF MEDIUM|EOM|EM", 25), ("SUBSTITUTE|SUB", 26),
        ("ESCAPE|ESC", 27), ("INFORMATION SEPARATOR FOUR|FILE SEPARATOR|FS", 28),
        ("INFORMATION SEPARATOR THREE|GROUP SEPARATOR|GS", 29), ("INFORMATION SEPARATOR TWO|RECORD SEPARATOR|RS", 30),
        ("INFORMATION SEPARATOR ONE|UNIT SEPARATOR|US", 31), ("SP", 32), ("DELETE|DEL", 127), ("NEXT LINE|NEL", 0x85),
        ("NBSP", 0xA0), ("SHY", 0xAD), ("ZWSP", 0x200B), ("ZWNJ", 0x200C), ("ZWJ", 0x200D), ("LRM", 0x200E), ("RLM", 0x200F),
        ("BYTE ORDER MARK|BOM|ZWNBSP", 0xFEFF), ("WJ", 0x2060), ("CGJ", 0x34F), ("NNBSP", 0x202F), ("MMSP", 0x205F),
        ("LRE", 0x202A), ("RLE", 0x202B), ("PDF", 0x202C), ("LRO", 0x202D), ("RLO", 0x202E), ("LRI", 0x2066),
        ("RLI", 0x2067), ("FSI", 0x2068), ("PDI", 0x2069),
    ]

    /// `CJK UNIFIED IDEOGRAPH-4E00`.
    private static func ideograph(_ name: String) -> UInt32? {
        for prefix in ["CJK UNIFIED IDEOGRAPH-", "CJK COMPATIBILITY IDEOGRAPH-"] where name.hasPrefix(prefix) {
            let digits = name.dropFirst(prefix.utf8.count)
            guard 4 ... 5 ~= digits.utf8.count, let codePoint = UInt32(digits, radix: 16) else { return nil }
            return CodePoint.properties(codePoint)?.name == name ? codePoint : nil
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
