// Counters of the GIL, per thread: always kept (a few additions at each hand-over), told by `--gil-stats`.

struct LockStatistics {
    /// Nanoseconds.
    var held: UInt64 = 0
    var waited: UInt64 = 0
    var longestWait: UInt64 = 0
    /// Where the longest wait was, if it was told.
    var longestPlace: String?
    var acquisitions = 0
    var forced = 0
    var voluntary = 0

    mutating func tookAfter(_ waiting: UInt64) {
        acquisitions += 1
        waited += waiting
        if waiting > longestWait { longestWait = waiting }
    }
}

enum LockReport {
    nonisolated(unsafe) static var isWanted = false
    /// Of threads that have ended: name and counters.
    nonisolated(unsafe) private static var ended: [(String, LockStatistics)] = []
    nonisolated(unsafe) private static var omitted = 0

    /// A thread ends. With the GIL.
    static func note(_ thread: ScriptThread) {
        guard isWanted else { return }
        if ended.count < 200 { ended.append((TaskNames.name(of: thread), thread.statistics)) } else { omitted += 1 }
    }

    /// The table, for the end of the process. With the GIL.
    static func text(_ living: [ScriptThread]) -> String {
        func padded(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(1, width - text.utf8.count)) + text }
        func milliseconds(_ nanoseconds: UInt64) -> String {
            let hundredths = (nanoseconds + 5_000) / 10_000
            let rest = hundredths % 100
            return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
        }
        var rows = ended
        for thread in living { rows.insert((TaskNames.name(of: thread), thread.statistics), at: thread.number == 0 ? 0 : rows.count) }
        let titles = ["held ms", "waited ms", "taken", "forced", "voluntary", "longest ms"]
        var text = "GIL (\(Threads.policy.name))" + String(repeating: " ", count: max(1, 19 - Threads.policy.name.utf8.count))
        text += titles.map { padded($0, 12) }.joined() + "  at\n"
        for (name, row) in rows {
            let short = name.count > 24 ? String(name.prefix(23)) + "…" : name
            text += short + String(repeating: " ", count: max(0, 25 - short.count))
            for column in [
                milliseconds(row.held), milliseconds(row.waited), "\(row.acquisitions)", "\(row.forced)", "\(row.voluntary)",
                milliseconds(row.longestWait),
            ] { text += padded(column, 12) }
            text += "  \(row.longestPlace ?? "-")\n"
        }
        if omitted > 0 { text += "and \(omitted) more threads\n" }
        return text
    }
}
