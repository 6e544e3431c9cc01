// "Did you mean": the known name that a wrong one is nearest to, by CPython's measure. A letter too many, too few or wrong costs
// two, one of the wrong case one; a name is near if the cost is at most a third of both lengths together. (The names of
// NameError, AttributeError and ImportError are compared when a traceback is written: `stdlib/traceback`.)

enum Suggestions {
    private static let moveCost = 2
    private static let caseCost = 1
    private static let longest = 40

    /// The nearest of the names, or nil if none is near.
    static func nearest(to wrong: String, among names: [String]) -> String? {
        guard names.count <= 750 else { return nil }
        let wrongText = Array(wrong.utf8)
        var best: String?
        var bestCost = Int.max
        for name in names where name != wrong {
            let text = Array(name.utf8)
            let limit = min((wrongText.count + text.count + 3) * moveCost / 6, bestCost - 1)
            let cost = distance(wrongText, text, limit)
            if cost <= limit { (best, bestCost) = (name, cost) }
        }
        return best
    }

    private static func change(_ a: UInt8, _ b: UInt8) -> Int {
        if a == b { return 0 }
        let isLetter = (a | 0x20) >= 0x61 && (a | 0x20) <= 0x7A
        return isLetter && a ^ b == 0x20 ? caseCost : moveCost
    }

    /// What it costs to turn one text into the other; something above the limit if it is more than that.
    private static func distance(_ a: [UInt8], _ b: [UInt8], _ limit: Int) -> Int {
        guard a.count <= longest, b.count <= longest, abs(a.count - b.count) * moveCost <= limit else { return limit + 1 }
        // row[i]: the first i letters of a against those of b so far.
        var row = (0 ... a.count).map { $0 * moveCost }
        for (count, letter) in b.enumerated() {
            var diagonal = row[0]
            row[0] = (count + 1) * moveCost
            for index in 0 ..< a.count {
                let cost = min(diagonal + change(a[index], letter), row[index] + moveCost, row[index + 1] + moveCost)
                diagonal = row[index + 1]
                row[index + 1] = cost
            }
        }
        return row[a.count]
    }
}
