// What characters stand for where only their meaning counts: the compatibility forms NFKC, in which names are compared (PEP 3131),
// and NFKD. Canonical forms are those of Swift's standard library, which does not know these.
@_spi(_Unicode) import Swift

/// Compatibility decomposition, one character at a time.
public enum CompatibilityForms {
    /// What a character stands for, one step.
    public struct Form: Sendable {
        /// Why, as Unicode's data say it: `font`, `circle`, `compat`, ….
        public let tag: String
        /// The characters that it stands for.
        public let codePoints: [UInt32]
    }

    private static let tags = [
        "compat", "circle", "final", "font", "fraction", "initial", "isolated", "medial", "narrow", "noBreak", "small",
        "square", "sub", "super", "vertical", "wide",
    ]

    /// The forms of all characters that have one, by code point. Made when first asked for.
    public static let table: [UInt32: Form] = {
        var table: [UInt32: Form] = [:]
        var start: UInt32 = 0
        for word in runs.description.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            guard let mark = word.firstIndex(where: { $0 >= "a" && $0 <= "p" }), let letter = word[mark].asciiValue else { continue }
            start += UInt32(word[..<mark], radix: 16) ?? 0
            let parts = word[word.index(after: mark)...].split(separator: "*")
            let points = parts[0].split(separator: ".").compactMap { UInt32($0, radix: 16) }
            let count = parts.count > 1 ? UInt32(parts[1]) ?? 1 : 1
            for step in 0 ..< count {
                let target = count == 1 ? points : [points[0] + step]
                table[start + step] = Form(tag: tags[Int(letter) - 0x61], codePoints: target)
            }
        }
        return table
    }()

    /// Appends what a character stands for, all steps, canonical ones included.
    public static func expand(_ scalar: Unicode.Scalar, into text: inout String.UnicodeScalarView) {
        if scalar.value < 0xA0 {
            text.append(scalar)
            return
        }
        if let known = table[scalar.value] {
            for codePoint in known.codePoints { if let part = Unicode.Scalar(codePoint) { expand(part, into: &text) } }
            return
        }
        let parts = Array(String(Character(scalar))._nfd)
        if parts.count == 1, parts[0] == scalar {
            text.append(scalar)
        } else {
            for part in parts { expand(part, into: &text) }
        }
    }

    /// A text in NFKC.
    static func composed(_ scalars: some Sequence<Unicode.Scalar>) -> String {
        var expanded = String.UnicodeScalarView()
        for scalar in scalars { expand(scalar, into: &expanded) }
        var composed = String.UnicodeScalarView()
        composed.append(contentsOf: String(expanded)._nfc)
        return String(composed)
    }
}
