// `unicodedata`: what Unicode says of characters.

import TinyRuntime
import TinySyntax

enum UnicodeDataModule {
    static let nativeModule = NativeModule(
        "unicodedata", doc: "Access to the Unicode Character Database.", functions: { natives },
        prepare: { contents throws(Raised) in contents.set("unidata_version", "15.1.0") })

    private static func character(_ value: Value, _ function: StaticString, _ place: StaticString = "argument") throws(Raised) -> UInt32 {
        guard value.isKind(.str), value.object(Str.self).count == 1 else {
            throw typeError("\(function)() \(place) must be a unicode character, not \(typeName(value))")
        }
        return value.object(Str.self).codePoint(at: 0)
    }

    private static func text(_ string: String) -> Value { Value(StrTables.intern(string)) }

    private static let natives: [Native] = [
        Native("__getattr__(name, /)", "The database of version 3.2 is read when it is asked for.") { a throws(Raised) in
            let name = try strArgument(a[0], "__getattr__")
            guard name.string == "ucd_3_2_0" || name.string == "UCD" else {
                throw raise(.attributeError, "module 'unicodedata' has no attribute '\(name.string)'")
            }
            let value = try getAttribute(try importModule("_unicode_3_2"), name)
            try importModule("unicodedata").object(ModuleObject.self).pointee.namespace.set(name, value)
            return value
        },
        Native("name(chr, default=?, /)", "The name of a character.") { a throws(Raised) in
            let codePoint = try character(a[0], "name", "argument 1")
            if let name = UnicodeNames.name(of: codePoint) { return Value(Str.make(name)) }
            guard a.has(1) else { throw valueError("no such name") }
            return a[1]
        },
        Native("lookup(name, /)", "The character of a name.") { a throws(Raised) in
            let name = try strArgument(a[0], "lookup")
            guard let codePoints = UnicodeNames.codePoints(named: name.string) else {
                throw raise(.keyError, "undefined character name '\(name.string)'")
            }
            var buffer = TextBuffer()
            for codePoint in codePoints { buffer.append(codePoint: codePoint) }
            return Value(buffer.makeStr())
        },
        Native("category(chr, /)", "The general category.") { a throws(Raised) in
            text(categoryName(CodePoint.category(try character(a[0], "category"))))
        },
        Native("bidirectional(chr, /)", "The bidirectional class.") { a throws(Raised) in
            text(UnicodeTables.direction(try character(a[0], "bidirectional")))
        },
        Native("combining(chr, /)", "The canonical combining class.") { a throws(Raised) in
            let codePoint = try character(a[0], "combining")
            return Value(inline: Int(CodePoint.properties(codePoint)?.canonicalCombiningClass.rawValue ?? 0))
        },
        Native("east_asian_width(chr, /)", "The width in East Asian text.") { a throws(Raised) in
            text(UnicodeTables.width(try character(a[0], "east_asian_width")))
        },
        Native("mirrored(chr, /)", "1 if the character is mirrored in right-to-left text.") { a throws(Raised) in
            Value(inline: UnicodeTables.isMirrored(try character(a[0], "mirrored")) ? 1 : 0)
        },
        Native("decimal(chr, default=?, /)", "The value of a decimal digit.") { a throws(Raised) in
            let found = CodePoint.decimal(try character(a[0], "decimal", "argument 1"))
            if let found { return Value(inline: found) }
            return try missing(a, "not a decimal")
        },
        Native("digit(chr, default=?, /)", "The value of a digit.") { a throws(Raised) in
            let found = CodePoint.digit(try character(a[0], "digit", "argument 1"))
            if let found { return Value(inline: found) }
            return try missing(a, "not a digit")
        },
        Native("numeric(chr, default=?, /)", "The numeric value.") { a throws(Raised) in
            let found = CodePoint.numeric(try character(a[0], "numeric", "argument 1"))
            if let found { return Value(found) }
            return try missing(a, "not a numeric character")
        },
        Native("decomposition(chr, /)", "The decomposition, as hexadecimal text.") { a throws(Raised) in
            let codePoint = try character(a[0], "decomposition")
            if let known = CompatibilityForms.table[codePoint] {
                return text("<\(known.tag)> " + known.codePoints.map(hexadecimal).joined(separator: " "))
            }
            guard CodePoint.properties(codePoint) != nil, let scalar = Unicode.Scalar(codePoint) else { return text("") }
            return text(NormalForm.decomposition(scalar).map(hexadecimal).joined(separator: " "))
        },
        Native("normalize(form, unistr, /)", "The text in a normal form.") { a throws(Raised) in
            let text = try strArgument(a[1], "normalize", "argument 2")
            if text.pointee.byteCount == 0 { return Value(Str.empty) }
            return Value(try normalForm(a[0], "normalize").apply(text.exact))
        },
        Native("is_normalized(form, unistr, /)", "Whether the text is in a normal form.") { a throws(Raised) in
            let form = try normalForm(a[0], "is_normalized")
            let text = try strArgument(a[1], "is_normalized", "argument 2")
            return Value(form.apply(text).equals(text))
        },
    ]

    private static func missing(_ a: Arguments, _ message: String) throws(Raised) -> Value {
        guard a.has(1) else { throw valueError(message) }
        return a[1]
    }

    private static func normalForm(_ value: Value, _ function: StaticString) throws(Raised) -> NormalForm {
        let name = try strArgument(value, function, "argument 1")
        guard let form = NormalForm(rawValue: name.string) else { throw valueError("invalid normalization form") }
        return form
    }

    private static func hexadecimal(_ codePoint: UInt32) -> String {
        let digits = String(codePoint, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
    }

    private static func categoryName(_ category: Unicode.GeneralCategory) -> String {
        switch category {
        case .uppercaseLetter: "Lu"
        case .lowercaseLetter: "Ll"
        case .titlecaseLetter: "Lt"
        case .modifierLetter: "Lm"
        case .otherLetter: "Lo"
        case .nonspacingMark: "Mn"
        case .spacingMark: "Mc"
        case .enclosingMark: "Me"
        case .decimalNumber: "Nd"
        case .letterNumber: "Nl"
        case .otherNumber: "No"
        case .connectorPunctuation: "Pc"
        case .dashPunctuation: "Pd"
        case .openPunctuation: "Ps"
        case .closePunctuation: "Pe"
        case .initialPunctuation: "Pi"
        case .finalPunctuation: "Pf"
        case .otherPunctuation: "Po"
        case .mathSymbol: "Sm"
        case .currencySymbol: "Sc"
        case .modifierSymbol: "Sk"
        case .otherSymbol: "So"
        case .spaceSeparator: "Zs"
        case .lineSeparator: "Zl"
        case .paragraphSeparator: "Zp"
        case .control: "Cc"
        case .format: "Cf"
        case .surrogate: "Cs"
        case .privateUse: "Co"
        case .unassigned: "Cn"
        @unknown default: "Cn"
        }
    }
}
