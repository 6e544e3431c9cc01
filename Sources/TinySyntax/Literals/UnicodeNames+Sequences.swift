// Named sequences: names that stand for several characters. `unicodedata.lookup` knows them, `\N{…}` does not.
//
// Keycaps and Tamil syllables are made by rule; the others stand in a table, by what their names begin with.

extension UnicodeNames {
    static func sequence(named name: String) -> [UInt32]? { sequences[name] }

    private static let sequences: [String: [UInt32]] = {
        var sequences = keycaps
        sequences.merge(tamilSyllables) { old, _ in old }
        for (start, entries) in listed {
            for entry in entries.split(separator: ";") {
                let parts = entry.split(separator: "=")
                let name = parts[0].drop { $0 == " " }
                sequences["\(start) \(name)"] = parts[1].split(separator: " ").compactMap { UInt32($0, radix: 16) }
            }
        }
        return sequences
    }()

    private static var keycaps: [String: [UInt32]] {
        var result: [String: [UInt32]] = [:]
        for codePoint: UInt32 in [0x23, 0x2A] + Array(0x30 ... 0x39) {
            if let name = name(of: codePoint) { result["KEYCAP \(name)"] = [codePoint, 0xFE0F, 0x20E3] }
        }
        return result
    }

    /// A consonant alone carries the virama; with a vowel sign it is a syllable.
    private static var tamilSyllables: [String: [UInt32]] {
        let virama: UInt32 = 0xBCD
        let consonants: [(String, [UInt32])] = [
            ("K", [0xB95]), ("NG", [0xB99]), ("C", [0xB9A]), ("NY", [0xB9E]), ("TT", [0xB9F]), ("NN", [0xBA3]), ("T", [0xBA4]),
            ("N", [0xBA8]), ("P", [0xBAA]), ("M", [0xBAE]), ("Y", [0xBAF]), ("R", [0xBB0]), ("L", [0xBB2]), ("V", [0xBB5]),
            ("LLL", [0xBB4]), ("LL", [0xBB3]), ("RR", [0xBB1]), ("NNN", [0xBA9]), ("J", [0xB9C]), ("SH", [0xBB6]),
            ("SS", [0xBB7]), ("S", [0xBB8]), ("H", [0xBB9]), ("KSS", [0xB95, virama, 0xBB7]),
        ]
        let vowels: [(String, UInt32)] = [
            ("AA", 0xBBE), ("I", 0xBBF), ("II", 0xBC0), ("U", 0xBC1), ("UU", 0xBC2), ("E", 0xBC6), ("EE", 0xBC7), ("AI", 0xBC8),
            ("O", 0xBCA), ("OO", 0xBCB), ("AU", 0xBCC),
        ]
        var result: [String: [UInt32]] = [
            "TAMIL SYLLABLE KSSA": [0xB95, virama, 0xBB7], "TAMIL SYLLABLE SHRII": [0xBB6, virama, 0xBB0, 0xBC0],
        ]
        for (consonant, codePoints) in consonants {
            result["TAMIL CONSONANT \(consonant)"] = codePoints + [virama]
            for (vowel, sign) in vowels { result["TAMIL SYLLABLE \(consonant)\(vowel)"] = codePoints + [sign] }
        }
        return result
    }

    private static let listed: [(String, String)] = [
        ("LATIN CAPITAL LETTER", """
            A WITH MACRON AND GRAVE=0100 0300; I WITH MACRON AND GRAVE=012A 0300; U WITH MACRON AND GRAVE=016A 0300; \
            E WITH VERTICAL LINE BELOW=0045 0329; E WITH VERTICAL LINE BELOW AND GRAVE=00C8 0329; \
            E WITH VERTICAL LINE BELOW AND ACUTE=00C9 0329; O WITH VERTICAL LINE BELOW=004F 0329; \
            O WITH VERTICAL LINE BELOW AND GRAVE=00D2 0329; O WITH VERTICAL LINE BELOW AND ACUTE=00D3 0329; \
            S WITH VERTICAL LINE BELOW=0053 0329; E WITH CIRCUMFLEX AND MACRON=00CA 0304; \
            E WITH CIRCUMFLEX AND CARON=00CA 030C; A WITH OGONEK AND ACUTE=0104 0301; A WITH OGONEK AND TILDE=0104 0303; \
            E WITH OGONEK AND ACUTE=0118 0301; E WITH OGONEK AND TILDE=0118 0303; E WITH DOT ABOVE AND ACUTE=0116 0301; \
            E WITH DOT ABOVE AND TILDE=0116 0303; I WITH OGONEK AND ACUTE=012E 0301; I WITH OGONEK AND TILDE=012E 0303; \
            J WITH TILDE=004A 0303; L WITH TILDE=004C 0303; M WITH TILDE=004D 0303; R WITH TILDE=0052 0303; \
            U WITH OGONEK AND ACUTE=0172 0301; U WITH OGONEK AND TILDE=0172 0303; U WITH MACRON AND ACUTE=016A 0301; \
            U WITH MACRON AND TILDE=016A 0303
            """),
        ("LATIN SMALL LETTER", """
            A WITH MACRON AND GRAVE=0101 0300; I WITH MACRON AND GRAVE=012B 0300; U WITH MACRON AND GRAVE=016B 0300; \
            E WITH VERTICAL LINE BELOW=0065 0329; E WITH VERTICAL LINE BELOW AND GRAVE=00E8 0329; \
            E WITH VERTICAL LINE BELOW AND ACUTE=00E9 0329; O WITH VERTICAL LINE BELOW=006F 0329; \
            O WITH VERTICAL LINE BELOW AND GRAVE=00F2 0329; O WITH VERTICAL LINE BELOW AND ACUTE=00F3 0329; \
            S WITH VERTICAL LINE BELOW=0073 0329; E WITH CIRCUMFLEX AND MACRON=00EA 0304; \
            E WITH CIRCUMFLEX AND CARON=00EA 030C; I WITH DOT ABOVE AND ACUTE=0069 0307 0301; \
            NG WITH TILDE ABOVE=006E 0360 0067; A WITH OGONEK AND ACUTE=0105 0301; A WITH OGONEK AND TILDE=0105 0303; \
            E WITH OGONEK AND ACUTE=0119 0301; E WITH OGONEK AND TILDE=0119 0303; E WITH DOT ABOVE AND ACUTE=0117 0301; \
            E WITH DOT ABOVE AND TILDE=0117 0303; I WITH DOT ABOVE AND GRAVE=0069 0307 0300; \
            I WITH DOT ABOVE AND TILDE=0069 0307 0303; I WITH OGONEK AND DOT ABOVE AND ACUTE=012F 0307 0301; \
            I WITH OGONEK AND DOT ABOVE AND TILDE=012F 0307 0303; J WITH DOT ABOVE AND TILDE=006A 0307 0303; \
            L WITH TILDE=006C 0303; M WITH TILDE=006D 0303; R WITH TILDE=0072 0303; U WITH OGONEK AND ACUTE=0173 0301; \
            U WITH OGONEK AND TILDE=0173 0303; U WITH MACRON AND ACUTE=016B 0301; U WITH MACRON AND TILDE=016B 0303; \
            AE WITH GRAVE=00E6 0300; OPEN O WITH GRAVE=0254 0300; OPEN O WITH ACUTE=0254 0301; \
            TURNED V WITH GRAVE=028C 0300; TURNED V WITH ACUTE=028C 0301; SCHWA WITH GRAVE=0259 0300; \
            SCHWA WITH ACUTE=0259 0301; HOOKED SCHWA WITH GRAVE=025A 0300; HOOKED SCHWA WITH ACUTE=025A 0301
            """),
        ("ARABIC SEQUENCE", """
            YEH WITH HAMZA ABOVE WITH ALEF=0626 0627; YEH WITH HAMZA ABOVE WITH WAW=0626 0648; \
            YEH WITH HAMZA ABOVE WITH ALEF MAKSURA=0626 0649; YEH WITH HAMZA ABOVE WITH OE=0626 06C6; \
            YEH WITH HAMZA ABOVE WITH U=0626 06C7; YEH WITH HAMZA ABOVE WITH YU=0626 06C8; \
            YEH WITH HAMZA ABOVE WITH E=0626 06D0; YEH WITH HAMZA ABOVE WITH AE=0626 06D5; NOON WITH KEHEH=0646 06A9
            """),
        ("DEVANAGARI SEQUENCE FOR LETTER", """
            QA=0915 093C; KHHA=0916 093C; GHHA=0917 093C; ZA=091C 093C; DDDHA=0921 093C; RHA=0922 093C; FA=092B 093C; \
            YYA=092F 093C
            """),
        ("BENGALI SEQUENCE FOR LETTER", """
            RRA=09A1 09BC; RHA=09A2 09BC; YYA=09AF 09BC
            """),
        ("GURMUKHI SEQUENCE FOR LETTER", """
            LLA=0A32 0A3C; SHA=0A38 0A3C; KHHA=0A16 0A3C; GHHA=0A17 0A3C; ZA=0A1C 0A3C; FA=0A2B 0A3C
            """),
        ("ORIYA SEQUENCE FOR LETTER", """
            RRA=0B21 0B3C; RHA=0B22 0B3C
            """),
        ("SINHALA CONSONANT SIGN", """
            YANSAYA=0DCA 200D 0DBA; RAKAARAANSAYA=0DCA 200D 0DBB; REPAYA=0DBB 0DCA 200D
            """),
        ("KHMER CONSONANT SIGN COENG", """
            KA=17D2 1780; KHA=17D2 1781; KO=17D2 1782; KHO=17D2 1783; NGO=17D2 1784; CA=17D2 1785; CHA=17D2 1786; \
            CO=17D2 1787; CHO=17D2 1788; NYO=17D2 1789; DA=17D2 178A; TTHA=17D2 178B; DO=17D2 178C; TTHO=17D2 178D; \
            NA=17D2 178E; TA=17D2 178F; THA=17D2 1790; TO=17D2 1791; THO=17D2 1792; NO=17D2 1793; BA=17D2 1794; \
            PHA=17D2 1795; PO=17D2 1796; PHO=17D2 1797; MO=17D2 1798; YO=17D2 1799; RO=17D2 179A; LO=17D2 179B; \
            VO=17D2 179C; SHA=17D2 179D; SSA=17D2 179E; SA=17D2 179F; HA=17D2 17A0; LA=17D2 17A1
            """),
        ("KHMER INDEPENDENT VOWEL SIGN COENG", """
            QU=17D2 17A7; RY=17D2 17AB; RYY=17D2 17AC; QE=17D2 17AF
            """),
        ("KHMER VOWEL SIGN", """
            COENG QA=17D2 17A2; OM=17BB 17C6; AAM=17B6 17C6
            """),
        ("HIRAGANA LETTER BIDAKUON", """
            NGA=304B 309A; NGI=304D 309A; NGU=304F 309A; NGE=3051 309A; NGO=3053 309A
            """),
        ("KATAKANA LETTER BIDAKUON", """
            NGA=30AB 309A; NGI=30AD 309A; NGU=30AF 309A; NGE=30B1 309A; NGO=30B3 309A
            """),
        ("KATAKANA LETTER AINU", """
            CE=30BB 309A; TU=30C4 309A; TO=30C8 309A; P=31F7 309A
            """),
        ("MODIFIER LETTER", """
            EXTRA-HIGH EXTRA-LOW CONTOUR TONE BAR=02E5 02E9; EXTRA-LOW EXTRA-HIGH CONTOUR TONE BAR=02E9 02E5
            """),
        ("BENGALI LETTER", """
            KHINYA=0995 09CD 09B7
            """),
        ("GEORGIAN LETTER", """
            U-BRJGU=10E3 0302
            """),
    ]
}
