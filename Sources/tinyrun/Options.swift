// The options of the command line: one table, from which they are read and `--help` is written.
import TinyRuntime

struct Option: Sendable {
    let name: String
    /// What the option wants behind it; nil: nothing.
    let argument: String?
    let help: String
    /// Takes the argument in; false if it makes no sense.
    let apply: @Sendable (inout Settings, String) -> Bool
}

/// What the options set.
struct Settings {
    var concurrency = ConcurrencyOptions()
    var language = LanguageOptions()
    var wantsHelp = false
    /// `-V`, twice for more.
    var wantsVersion = 0
    /// `-x`: the first line is not the script's.
    var skipsFirstLine = false
    /// `--check`: the rest are files to be looked at.
    var checks = false
    /// What one of the options that only say or do something says, when all of them have been read.
    var answer: (@Sendable () throws(Mistake) -> String)?
}

enum Options {
    static let all: [Option] = [
        Option(name: "--gil-policy", argument: "timed|io-first|fifo|ticks100", help: "who gets the lock next, and when: CPython's way, Tiny's, in order of arrival, Python 2's") {
            guard let policy = ConcurrencyOptions.Policy(rawValue: $1) else { return false }
            $0.concurrency.policy = policy
            return true
        },
        Option(name: "--switch-instructions", argument: "N", help: "the lock changes hands every N instructions instead of every 5 ms") {
            guard let count = Int($1), count > 0 else { return false }
            $0.concurrency.instructions = count
            return true
        },
        Option(name: "--seed", argument: "N", help: "every choice of the scheduler comes from N, and time is virtual: the same output on every run") {
            guard let seed = UInt64($1) else { return false }
            $0.concurrency.seed = seed
            return true
        },
        Option(name: "--virtual-time", argument: nil, help: "sleeps and timeouts cost nothing") { settings, _ in
            settings.concurrency.hasVirtualTime = true
            return true
        },
        Option(name: "--record", argument: "FILE", help: "write every choice of the scheduler to FILE (a seed is drawn if none is given)") {
            $0.concurrency.recording = $1
            return true
        },
        Option(name: "--replay", argument: "FILE", help: "run with the choices that FILE recorded") {
            guard let text = readText($1) else { return false }
            $0.concurrency.replay = text
            return true
        },
        Option(name: "--deadlock", argument: "on|off", help: "raise DeadlockError where tasks would wait for ever (on), or hang as CPython does (off)") {
            guard $1 == "on" || $1 == "off" else { return false }
            $0.concurrency.findsDeadlocks = $1 == "on"
            return true
        },
        Option(name: "--gil-stats", argument: nil, help: "at the end, how long each thread held the lock and waited for it") { settings, _ in
            settings.concurrency.showsStatistics = true
            return true
        },
        Option(name: "--check", argument: nil, help: "name the syntax errors and undefined names of the files that follow; nothing runs") { settings, _ in
            settings.checks = true
            return true
        },
        Option(name: "--completion", argument: "bash|zsh|fish", help: "print the completion script for a shell") {
            guard let script = Completions.script(for: $1) else { return false }
            $0.answer = { () throws(Mistake) in script }
            return true
        },
        Option(name: "--install-completion", argument: nil, help: "put the completion script to where your shell ($SHELL) looks for it") { settings, _ in
            settings.answer = { () throws(Mistake) in "completion is in \(try Completions.install()); a new shell knows it\n" }
            return true
        },
        Option(name: "--man", argument: nil, help: "print the manual page (for man: tinyrun --man > tinyrun.1)") { settings, _ in
            settings.answer = { () throws(Mistake) in Completions.manual }
            return true
        },
        Option(name: "--version", argument: nil, help: "what this is (-VV: more of it)") { settings, _ in
            settings.wantsVersion += 1
            return true
        },
        Option(name: "--help", argument: nil, help: "this text") { settings, _ in
            settings.wantsHelp = true
            return true
        },
    ]

    /// Reads options up to the first argument that is none. Returns what is left. (No `Result`: finding its type costs more than all else here.)
    static func read(_ arguments: ArraySlice<String>, into settings: inout Settings) throws(Mistake) -> ArraySlice<String> {
        var rest = arguments
        while let word = rest.first {
            let octets = Array(word.utf8)
            guard octets.count > 1, octets[0] == UInt8(ascii: "-") else { break }
            if octets[1] != UInt8(ascii: "-") {
                rest = try readLetters(octets, before: rest.dropFirst(), into: &settings)
                if let first = rest.first, first == "-c" || first == "-m" { return rest }
                continue
            }
            if octets.count == 2 { return rest.dropFirst() }
            let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map { String($0) }
            guard let option = all.first(where: { $0.name == parts[0] }) else { throw Mistake("unknown option \(parts[0])") }
            rest = rest.dropFirst()
            var value = ""
            if let argument = option.argument {
                if parts.count == 2 {
                    value = parts[1]
                } else {
                    guard let next = rest.first else { throw Mistake("\(option.name) wants \(argument)") }
                    value = next
                    rest = rest.dropFirst()
                }
                guard option.apply(&settings, value) else { throw Mistake("\(option.name) wants \(argument), not '\(value)'") }
            } else {
                guard parts.count == 1, option.apply(&settings, "") else { throw Mistake("\(option.name) takes nothing behind it") }
            }
        }
        return rest
    }

    /// `-uB`, `-X dev`, `-Wignore`: the options of python3. Returns what is left of the words behind them, with `-c` and `-m` as
    /// words of their own in front. (Octets, not characters: the tables of Unicode need not be read before the script is.)
    private static func readLetters(
        _ octets: [UInt8], before words: ArraySlice<String>, into settings: inout Settings
    ) throws(Mistake) -> ArraySlice<String> {
        func text(from place: Int) -> String { String(decoding: octets[place...], as: UTF8.self) }
        for place in 1 ..< octets.count {
            let isLast = place + 1 == octets.count
            switch octets[place] {
            case UInt8(ascii: "X"), UInt8(ascii: "W"):
                let isExtension = octets[place] == UInt8(ascii: "X")
                var value = text(from: place + 1)
                if isLast {
                    guard let next = words.first else { throw Mistake("Argument expected for the -\(isExtension ? "X" : "W") option") }
                    value = next
                }
                if isExtension { settings.language.extended.append(value) } else { settings.language.warnings.append(value) }
                return isLast ? words.dropFirst() : words
            case UInt8(ascii: "h"), UInt8(ascii: "?"): settings.wantsHelp = true
            case UInt8(ascii: "V"): settings.wantsVersion += 1
            case UInt8(ascii: "x"): settings.skipsFirstLine = true
            case UInt8(ascii: "c"), UInt8(ascii: "m"):
                let option = octets[place] == UInt8(ascii: "c") ? "-c" : "-m"
                // `-Ic text`, `-ctext`
                if !isLast { return [option, text(from: place + 1)] + words }
                guard !words.isEmpty else { throw Mistake("Argument expected for the \(option) option") }
                return [option] + words
            case let letter where counted.contains(letter): settings.language.counts.add(letter)
            default: throw Mistake("Unknown option: -\(text(from: place).prefix(1))")
            }
        }
        return words
    }

    /// The letters of which only the number counts.
    private static let counted = Array("bBdEiIOPqRsSuv".utf8)

    static let letterHelp = [
        ("-i", "the prompt when the script has ended; prompts even if standard input is no terminal"),
        ("-q", "no greeting before the prompt"),
        ("-O, -OO", "leave out assertions; documentation strings too"),
        ("-u", "write output at once (TINYUNBUFFERED)"),
        ("-x", "skip the first line of the script"),
        ("-E, -P, -I", "no TINY… and PYTHON… variables; no script's folder on sys.path; both"),
        ("-X option, -W filter", "set sys._xoptions; set a filter of warnings"),
        ("-B", "keep no compiled code beside the sources (TINYDONTWRITEBYTECODE)"),
        ("-R", "hashes of strings are random even if TINYHASHSEED is 0"),
        ("-b -d -s -S -v", "taken as python3 takes them; they show in sys.flags"),
        ("-h, -V", "--help, --version"),
    ]

    /// What stands below the word on a mistake.
    static let usage = """
        usage: tinyrun [option] ... [-c cmd | -m mod | file | -] [arg] ...
        Try `tinyrun -h' for more information.
        """

    static var help: String {
        var text = """
            usage: tinyrun [options]                           the prompt, or the script on standard input
                   tinyrun [options] script.tr [arguments]     run a file, or a folder's __main__.tr
                   tinyrun [options] -c 'text' [arguments]     run a text
                   tinyrun [options] -m module [arguments]     run a module
                   tinyrun [options] -                         run standard input
            options:

            """
        for (letters, meaning) in letterHelp { text += "  \(letters)\n      \(meaning)\n" }
        for option in all {
            text += "  \(option.name)\(option.argument.map { " " + $0 } ?? "")\n      \(option.help)\n"
        }
        return text
    }
}

struct Mistake: Error {
    let text: String
    init(_ text: String) { self.text = text }
}
