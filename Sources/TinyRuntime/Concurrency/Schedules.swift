// Where a chosen schedule comes from: a seed, a seed that writes down what it chose, or what was written down.
//
// A recording is a text. Each line is a choice, in order: `slice N` (the holder runs N instructions while others are
// ready), `run T2 wait race.tr:9 (T1)` (T2 is next, because T1 waits at that place). Places are for the reader and for
// finding out that the script is another one; what replays are the numbers.
import CTiny
import Glibc

protocol Chooser: AnyObject {
    /// The index of the task that is to run.
    func task(from ready: TaskQueue, after task: ScriptTask?, _ reason: SwitchReason) -> Int
    /// A number of instructions.
    func slice() -> Int
}

final class SeededChooser: Chooser {
    private var choices: Choices

    init(seed: UInt64) { choices = Choices(seed: seed) }

    func task(from ready: TaskQueue, after task: ScriptTask?, _ reason: SwitchReason) -> Int { choices.below(ready.count) }

    func slice() -> Int {
        // One in two tears a statement; the others are spread evenly over the orders of magnitude.
        switch choices.below(4) {
        case 0, 1: return 1 + choices.below(30)
        case 2: return 1 + choices.below(300)
        default: return 1 + choices.below(3000)
        }
    }
}

/// Writes down what another chooser chooses.
final class RecordingChooser: Chooser {
    private let source: any Chooser
    private let file: UnsafeMutablePointer<FILE>

    /// Nil if the file can't be written.
    init?(_ source: any Chooser, path: String, seed: UInt64) {
        guard let file = fopen(path, "w") else { return nil }
        self.source = source
        self.file = file
        fputs("tiny schedule 1\nseed \(seed)\n", file)
        // Whatever way the process ends, the file is whole up to the last line.
        setvbuf(file, nil, _IOFBF, 1 << 16)
    }

    func task(from ready: TaskQueue, after task: ScriptTask?, _ reason: SwitchReason) -> Int {
        let index = source.task(from: ready, after: task, reason)
        fputs("run T\(ready[index].number) \(reason.rawValue) \(place(of: task))\n", file)
        return index
    }

    func slice() -> Int {
        let count = source.slice()
        fputs("slice \(count)\n", file)
        return count
    }

    /// Called when the process ends.
    func finish() { fflush(file) }

    private func place(of task: ScriptTask?) -> String {
        guard let task, let place = Place(of: task) else { return "-" }
        return "\(place) (T\(task.number))"
    }
}

/// Chooses what was written down. Where the script goes another way than it did, it says so once and goes on by a seed.
final class ReplayingChooser: Chooser {
    private var lines: [Substring]
    private var position = 0
    private var fallback: SeededChooser
    private var hasLeft = false
    let seed: UInt64

    /// Nil if the text is no recording.
    init?(_ text: String) {
        let all = text.split(separator: "\n")
        guard all.count >= 2, all[0] == "tiny schedule 1", all[1].hasPrefix("seed "), let seed = UInt64(all[1].dropFirst(5)) else {
            return nil
        }
        lines = Array(all[2...])
        self.seed = seed
        fallback = SeededChooser(seed: seed)
    }

    private func next(_ verb: String) -> [Substring]? {
        guard !hasLeft, position < lines.count else { return nil }
        let words = lines[position].split(separator: " ", maxSplits: 3)
        guard words.count >= 2, words[0] == verb else {
            leave("'\(verb)' was to be chosen, the recording has '\(lines[position])'")
            return nil
        }
        position += 1
        return words
    }

    private func leave(_ why: String) {
        hasLeft = true
        writeError("tinyrun: the script goes another way than the recording, at its line \(position + 3): \(why)\n")
    }

    func task(from ready: TaskQueue, after task: ScriptTask?, _ reason: SwitchReason) -> Int {
        if let words = next("run") {
            for index in 0 ..< ready.count where words[1] == "T\(ready[index].number)" { return index }
            leave("\(words[1]) was to run and is not ready")
        }
        return fallback.task(from: ready, after: task, reason)
    }

    func slice() -> Int {
        if let words = next("slice"), let count = Int(words[1]), count > 0 { return count }
        return fallback.slice()
    }
}
