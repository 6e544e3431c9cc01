// 8-bit character sets as tables, both ways; made from CharacterMapRows when first used.

struct CharacterMap {
    /// Code points of the octets from 0x80 on; 0xFFFD: none.
    let upper: [UInt16]
    private let octets: [UInt16: UInt8]

    init(_ runs: String) {
        var points: [UInt16] = []
        for run in runs.split(whereSeparator: { $0 == " " || $0 == "\n" }) {
            let parts = run.split(separator: "*")
            let start = UInt16(parts[0], radix: 16) ?? 0xFFFD
            let count = parts.count > 1 ? UInt16(parts[1]) ?? 1 : 1
            for step in 0 ..< count { points.append(start == 0xFFFD ? start : start &+ step) }
        }
        upper = points
        var octets: [UInt16: UInt8] = [:]
        for (index, point) in points.enumerated() where point != 0xFFFD && octets[point] == nil {
            octets[point] = UInt8(truncatingIfNeeded: 0x80 + index)
        }
        self.octets = octets
    }

    /// The octet that stands for a code point.
    func octet(_ codePoint: UInt32) -> UInt8? {
        if codePoint < 0x80 { return UInt8(codePoint) }
        return codePoint < 0x10000 ? octets[UInt16(codePoint)] : nil
    }

    nonisolated(unsafe) private static var made: [Int: CharacterMap] = [:]

    /// The map of a row of CharacterMapRows. Guarded by the GIL.
    static func row(_ index: Int) -> CharacterMap {
        if let known = made[index] { return known }
        let map = CharacterMap(CharacterMapRows.all[index].runs.description)
        made[index] = map
        return map
    }
}
