// Characters by name, for `\N{…}`. The table is built from the standard library's Unicode data at the first use (about
// a tenth of a second), so that programs without such escapes pay nothing.

public enum UnicodeNames {
    private static let table: [String: UInt32] = {
        var result: [String: UInt32] = [:]
        result.reserveCapacity(40_000)
        for value: UInt32 in 0...0x2FA1F {
            // Ideographs and syllables have names by rule.
            if (0x3400...0x9FFF).contains(value) || (0xAC00...0xD7A3).contains(value) { continue }
            if (0x20000...0x2F7FF).contains(value) { continue }
            guard let scalar = Unicode.Scalar(value) else { continue }
            if let name = scalar.properties.name { result[name] = value }
            if let alias = scalar.properties.nameAlias, result[alias] == nil { result[alias] = value }
        }
        return result
    }()

    /// The code point with this name or alias; case does not matter.
    public static func scalar(named name: String) -> UInt32? {
        let upper = name.uppercased()
        if let value = table[upper] { return value }
        for prefix in ["CJK UNIFIED IDEOGRAPH-"] where upper.hasPrefix(prefix) {
            guard let value = UInt32(upper.dropFirst(prefix.count), radix: 16), let scalar = Unicode.Scalar(value) else {
                return nil
            }
            return scalar.properties.isIdeographic ? value : nil
        }
        if upper.hasPrefix("HANGUL SYLLABLE ") {
            for value: UInt32 in 0xAC00...0xD7A3 where Unicode.Scalar(value)?.properties.name == upper { return value }
        }
        return nil
    }
}
