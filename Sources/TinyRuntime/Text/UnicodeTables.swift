// Tables of Unicode properties, expanded from their recorded runs when first used.

/// Properties that Swift's standard library does not tell, as of Unicode 15.1.
public enum UnicodeTables {
    /// The runs of a property: where each starts, and its letter. Sorted.
    struct Runs {
        private var starts: [UInt32] = []
        private var letters: [UInt8] = []

        init(_ text: StaticString) {
            var start: UInt32 = 0
            var number: UInt32 = 0
            for index in 0 ..< text.utf8CodeUnitCount {
                let byte = text.utf8Start[index]
                if byte == 0x20 || byte == 0x0A { continue }
                // Numbers are written with capital letters; the value ends the word.
                if ASCII.isDigit(byte) || byte &- 0x41 < 6 {
                    number = number << 4 | UInt32(ASCII.hexValue(byte) ?? 0)
                } else {
                    start += number
                    starts.append(start)
                    letters.append(byte)
                    number = 0
                }
            }
        }

        subscript(codePoint: UInt32) -> UInt8 {
            var low = 0
            var high = starts.count
            while high - low > 1 {
                let middle = (low + high) / 2
                if starts[middle] <= codePoint { low = middle } else { high = middle }
            }
            return letters[low]
        }
    }

    private static let widths = Runs(widthRuns)
    private static let directions = Runs(directionRuns)
    private static let mirrored = Runs(mirroredRuns)

    /// `east_asian_width`.
    public static func width(_ codePoint: UInt32) -> String {
        switch widths[codePoint] {
        case 0x77: "W"
        case 0x66: "F"
        case 0x68: "H"
        case 0x73: "Na"
        case 0x6D: "A"
        default: "N"
        }
    }

    /// `bidirectional`.
    public static func direction(_ codePoint: UInt32) -> String { directionNames[Int(directions[codePoint]) - 0x67] }

    /// `unicodedata.mirrored`: a character that text from right to left shows the other way round.
    public static func isMirrored(_ codePoint: UInt32) -> Bool { mirrored[codePoint] == 0x79 }
}
