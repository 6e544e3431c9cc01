// Runs the scripts of Tests/ and examples/ with the built `tinyrun` and compares what they print.
//
// A script says on its own lines what is to come: `# expect: text` for each line of output, in order, `# error: text` for
// the last line of standard error (the exit status is then 1). A file `name.expected` beside a script, recorded from
// CPython 3.13, stands for its whole output. Scripts of Library/ assert and print nothing. `# options: …` on a line of a
// script is given to tinyrun: a lesson with threads prints the same on every run under `--seed`.
import Foundation
import Testing

private let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()

/// Where the build put the executables.
private let products: URL = {
    #if canImport(Darwin)
        Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }?.bundleURL.deletingLastPathComponent() ?? root
    #else
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
    #endif
}()

/// The scripts below a folder, as paths from the repository's root.
private func scripts(_ folder: String) -> [String] {
    let base = root.appendingPathComponent(folder)
    let all = FileManager.default.enumerator(at: base, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
    return all.filter { $0.pathExtension == "tr" && !$0.path.contains("/benchmarks/") }
        .map { String($0.standardizedFileURL.path.dropFirst(root.standardizedFileURL.path.count + 1)) }.sorted()
}

/// Scripts that do not pass yet (Tests/KnownFailures.txt).
private let knownFailures: Set<String> = {
    let file = root.appendingPathComponent("Tests/KnownFailures.txt")
    let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    return Set(text.split(separator: "\n").filter { !$0.hasPrefix("#") }.compactMap { $0.split(separator: " ").first.map { String($0) } })
}()

/// Runs a script's checks; those of a known failure must fail, and are reported as known issues.
private func expecting(_ script: String, _ checks: () throws -> Void) throws {
    guard knownFailures.contains(script) else { return try checks() }
    // Only this one passes in one setting and fails in another; any other that starts to pass must leave the list.
    let isIntermittent = script == "Tests/Library/test_os.tr"
    withKnownIssue("listed in Tests/KnownFailures.txt", isIntermittent: isIntermittent) { try checks() }
}

private struct Outcome {
    var output: String
    var errors: String
    var status: Int32
}

/// Runs a script; one that takes longer than half a minute is ended.
private func run(_ script: String, options: [String] = [], arguments: [String] = [], environment: [String: String] = [:]) throws -> Outcome {
    let text = try String(contentsOf: root.appendingPathComponent(script), encoding: .utf8)
    let stress = ProcessInfo.processInfo.environment["TINY_STRESS"].map { ["-X", "gcstress=\($0)"] } ?? []
    let own = text.split(separator: "\n").first { $0.hasPrefix("# options:") }?.dropFirst(10).split(separator: " ").map { String($0) }
    let program = products.appendingPathComponent("tinyrun").path
    let folder = FileManager.default.temporaryDirectory
    let output = folder.appendingPathComponent(UUID().uuidString).path
    let errors = folder.appendingPathComponent(UUID().uuidString).path
    defer { for file in [output, errors] { unlink(file) } }
    let status = try launch(
        [program] + stress + (own ?? []) + options + [script] + arguments,
        environment: ProcessInfo.processInfo.environment.merging(environment) { $1 }, output: output, errors: errors)
    func contents(_ path: String) -> String { String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self) }
    return Outcome(output: contents(output), errors: contents(errors), status: status)
}

/// Scripts are named relative to the repository's root, which is the folder of all children.
private let isAtRoot = FileManager.default.changeCurrentDirectoryPath(root.path)

/// Runs a program from the repository's root for at most 60 seconds; its exit status, or minus the signal that ended it.
///
/// Not Foundation's Process: that starts children with the signal mask of a worker thread, which blocks most signals, and
/// scripts wait for signals.
private func launch(_ words: [String], environment: [String: String], output: String, errors: String) throws -> Int32 {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    _ = isAtRoot
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
    defer { (arguments + variables).forEach { free($0) } }
    var child = pid_t()
    let code = posix_spawn(&child, words[0], &actions, &attributes, arguments, variables)
    guard code == 0 else { throw POSIXError(POSIXErrorCode(rawValue: code) ?? .EINVAL) }
    let victim = child
    let watchdog = DispatchWorkItem { kill(victim, SIGKILL) }
    DispatchQueue.global().asyncAfter(deadline: .now() + 60, execute: watchdog)
    defer { watchdog.cancel() }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    return status & 0x7F == 0 ? status >> 8 & 0xFF : -(status & 0x7F)
}

/// What follows a marker on the lines of a script.
private func expectations(_ marker: String, in text: String) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
        line.range(of: marker).map { String(line[$0.upperBound...]).trimmingCharacters(in: .whitespaces) }
    }
}

@Suite struct ScriptTests {
    @Test(arguments: scripts("Tests/Language")) func language(_ script: String) throws {
        try expecting(script) { try checkLanguage(script) }
    }

    private func checkLanguage(_ script: String) throws {
        let text = try String(contentsOf: root.appendingPathComponent(script), encoding: .utf8)
        let outcome = try run(script)
        let recorded = root.appendingPathComponent(String(script.dropLast(3)) + ".expected")
        if let expected = try? String(contentsOf: recorded, encoding: .utf8) {
            #expect(outcome.output == expected, "\(outcome.errors)")
        } else {
            let lines = expectations("# expect:", in: text)
            let printed = outcome.output.split(separator: "\n", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            #expect(Array(printed.dropLast()) == lines, "\(outcome.errors)")
        }
        if let error = expectations("# error:", in: text).first {
            #expect(outcome.errors.split(separator: "\n").last.map { String($0) } == error)
            #expect(outcome.status == 1)
        } else {
            #expect(outcome.status == 0, "\(outcome.errors)")
        }
    }

    @Test(arguments: scripts("Tests/Library")) func library(_ script: String) throws {
        try expecting(script) {
            let outcome = try run(script)
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
    }

    /// Scripts about tinyrun's own scheduling: their options are on a line, what they print is recorded.
    @Test(arguments: scripts("Tests/Schedules")) func schedule(_ script: String) throws {
        let outcome = try run(script)
        let text = try String(contentsOf: root.appendingPathComponent(script), encoding: .utf8)
        let printed = outcome.output.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
        #expect(printed == expectations("# expect:", in: text), "\(outcome.errors)")
        let error = expectations("# error:", in: text).first
        #expect(outcome.status == (error == nil ? 0 : 1), "\(outcome.errors)")
        if let error { #expect(outcome.errors.split(separator: "\n").contains { $0.hasPrefix(error) }, "\(outcome.errors)") }
    }

    /// What CPython says about wrong programs, and Tiny says too; hints are its own.
    @Test func wrongSnippets() throws {
        let outcome = try run("Tests/Errors/record.tr")
        let lines = outcome.output.split(separator: "\n").filter { !$0.hasPrefix("  hint:") }
        let recorded = try String(contentsOf: root.appendingPathComponent("Tests/Errors/recorded.txt"), encoding: .utf8)
        let expected = recorded.split(separator: "\n")
        #expect(lines.count == expected.count)
        for (line, wanted) in zip(lines, expected) where line != wanted {
            Issue.record("\(line) instead of \(wanted)")
            break
        }
    }

    /// The soak's short form; the long one is a command (README).
    @Test(arguments: [1, 2, 3]) func soak(_ seed: Int) throws {
        let outcome = try run("Tests/Soak/soak.tr", arguments: ["2", "\(seed)"])
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.errors)")
    }

    /// The short form of the pickle fuzzer.
    @Test(arguments: [1, 2]) func damagedPickles(_ seed: Int) throws {
        let outcome = try run("Tests/Soak/pickle_fuzz.tr", arguments: ["2000", "\(seed)"])
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.output)\(outcome.errors)")
    }

    /// The same seed gives the same run; a recording gives it again.
    @Test func seedsRepeat() throws {
        let script = "Tests/Seeds/race.tr"
        let first = try run(script).output
        for _ in 0 ..< 20 { #expect(try run(script).output == first) }
        #expect(try (1 ... 5).contains { try run(script, options: ["--seed", "\($0)"]).output != first })
        let file = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: file) }
        let recorded = try run(script, options: ["--record", file.path])
        #expect(try run(script, options: ["--replay", file.path]).output == recorded.output)
    }

    @Test(arguments: scripts("examples")) func example(_ script: String) throws {
        let outcome = try run(script)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let recorded = root.appendingPathComponent("Tests/Examples/\(script.split(separator: "/").last ?? "").expected")
        if let expected = try? String(contentsOf: recorded, encoding: .utf8) {
            // Times and counts that vary are written as `…` in the recording.
            #expect(matches(outcome.output, expected), "\(outcome.output)")
        }
    }
}

/// Whether a text fits a pattern in which `…` stands for anything on the line.
private func matches(_ text: String, _ pattern: String) -> Bool {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    let patterns = pattern.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == patterns.count else { return false }
    return zip(lines, patterns).allSatisfy { line, pattern in
        var rest = line[...]
        let pieces = pattern.split(separator: "…", omittingEmptySubsequences: false)
        guard let first = pieces.first, rest.hasPrefix(first) else { return false }
        if pieces.count == 1 { return rest == first }
        rest = rest.dropFirst(first.count)
        for piece in pieces.dropFirst().dropLast() {
            guard let found = rest.range(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return rest.hasSuffix(pieces.last ?? "")
    }
}
