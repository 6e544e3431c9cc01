// tinybench: whole programs under tinyrun and its peers, as ratios of medians.
//
// usage: tinybench [--short] [--runs N] [NAME …]
// Runs each file of examples/benchmarks under tinyrun, python3 (TINYBENCH_PYTHON or `python3`), pypy3 and, where a twin
// NAME.lua exists, lua5.4: all in turn, several times, so that a drifting machine hits all alike. Prints each median in
// seconds, tinyrun's ratio to CPython, peak memory, and the geometric mean. Not a test: it never fails on a time.
import Foundation

struct Peer {
    let name: String
    let path: String
    let suffix: String
}

struct Measurement {
    var seconds: [Double] = []
    var kilobytes = 0
    var output = ""

    var median: Double {
        let sorted = seconds.sorted()
        return sorted.isEmpty ? .nan : sorted[sorted.count / 2]
    }
}

func find(_ name: String) -> String? {
    if name.contains("/") { return FileManager.default.isExecutableFile(atPath: name) ? name : nil }
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { FileManager.default.isExecutableFile(atPath: $0) }
}

/// The most memory that a running process has had, in KiB (proc(5), VmHWM); nil if it is gone. What wait4 tells would be
/// at least this program's own: a child counts the memory of the process it was spawned in.
func peakMemory(_ process: pid_t) -> Int? {
    guard let file = fopen("/proc/\(process)/status", "r") else { return nil }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    while fgets(&line, Int32(line.count), file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        if text.hasPrefix("VmHWM:") { return text.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) } }
    }
    return nil
}

/// Runs a command once: wall-clock seconds and what it printed; in the warm-up, its memory, looked at every millisecond.
func run(_ path: String, _ file: String, into measurement: inout Measurement, isWarmUp: Bool) {
    let output = NSTemporaryDirectory() + "tinybench-\(getpid()).out"
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    let words = [strdup(path), strdup(file), nil]
    defer { words.forEach { free($0) } }
    var child = pid_t()
    let start = DispatchTime.now().uptimeNanoseconds
    guard posix_spawn(&child, path, &actions, nil, words, environ) == 0 else { return }
    var status: Int32 = 0
    while isWarmUp, waitpid(child, &status, WNOHANG) == 0 {
        measurement.kilobytes = max(measurement.kilobytes, peakMemory(child) ?? 0)
        usleep(1000)
    }
    if !isWarmUp { guard waitpid(child, &status, 0) == child else { return } }
    let seconds = Double(DispatchTime.now().uptimeNanoseconds - start) / 1e9
    measurement.output = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
    unlink(output)
    if !isWarmUp { measurement.seconds.append(status == 0 ? seconds : .nan) }
}

var arguments = Array(CommandLine.arguments.dropFirst())
var runs = 5
if let index = arguments.firstIndex(of: "--short") {
    runs = 1
    arguments.remove(at: index)
}
if let index = arguments.firstIndex(of: "--runs"), index + 1 < arguments.count, let count = Int(arguments[index + 1]) {
    runs = count
    arguments.removeSubrange(index ... index + 1)
}
let folder = "examples/benchmarks"
let names = (try? FileManager.default.contentsOfDirectory(atPath: folder))?.filter { $0.hasSuffix(".tr") }
    .map { String($0.dropLast(3)) }.filter { arguments.isEmpty || arguments.contains($0) }.sorted() ?? []
guard !names.isEmpty else {
    print("tinybench: run it from the repository's root; no benchmark matches in \(folder)")
    exit(2)
}
let own = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().appendingPathComponent("tinyrun").path
let python = ProcessInfo.processInfo.environment["TINYBENCH_PYTHON"] ?? "python3"
let peers = [("tinyrun", own, ".tr"), ("python3", python, ".tr"), ("pypy3", "pypy3", ".tr"), ("lua5.4", "lua5.4", ".lua")]
    .compactMap { name, command, suffix in find(command).map { Peer(name: name, path: $0, suffix: suffix) } }

func pad(_ text: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - text.count)) + text }

print("medians of \(runs) alternating runs, seconds; ratios of tinyrun's time and peak memory to python3's (\(python)), and of its")
print("time to lua5.4's where there is a twin")
print(
    "program".padding(toLength: 18, withPad: " ", startingAt: 0) + peers.map { pad($0.name, 10) }.joined()
        + pad("time", 8) + pad("memory", 8) + pad("lua", 8))

/// Geometric means of the ratios so far.
struct Mean {
    var logarithms = 0.0
    var count = 0.0
    mutating func add(_ ratio: Double) -> String {
        guard ratio.isFinite, ratio > 0 else { return "-" }
        logarithms += log(ratio)
        count += 1
        return String(format: "%.2f", ratio)
    }
    var text: String { count == 0 ? "-" : String(format: "%.2f", exp(logarithms / count)) }
}

var times = Mean()
var memories = Mean()
var luas = Mean()
let pythonIndex = peers.firstIndex { $0.name == "python3" }
let luaIndex = peers.firstIndex { $0.name == "lua5.4" }
for name in names {
    var results = [Measurement](repeating: Measurement(), count: peers.count)
    for round in 0 ... runs {
        for (index, peer) in peers.enumerated() {
            let file = "\(folder)/\(name)\(peer.suffix)"
            guard FileManager.default.fileExists(atPath: file) else { continue }
            run(peer.path, file, into: &results[index], isWarmUp: round == 0)
        }
    }
    var line = name.padding(toLength: 18, withPad: " ", startingAt: 0)
    for result in results { line += pad(result.seconds.isEmpty || result.median.isNaN ? "-" : String(format: "%.3f", result.median), 10) }
    if let pythonIndex, results[pythonIndex].median.isFinite {
        line += pad(times.add(results[0].median / results[pythonIndex].median), 8)
        line += pad(memories.add(Double(results[0].kilobytes) / Double(results[pythonIndex].kilobytes)), 8)
    }
    if let luaIndex, !results[luaIndex].seconds.isEmpty { line += pad(luas.add(results[0].median / results[luaIndex].median), 8) }
    // A peer that lacks a package (greenlet, gevent) has no figures.
    if let pythonIndex, results[pythonIndex].median.isFinite, results[0].output != results[pythonIndex].output { line += "  OUTPUT DIFFERS" }
    print(line)
}
print(
    "geometric mean".padding(toLength: 18 + 10 * peers.count, withPad: " ", startingAt: 0) + pad(times.text, 8)
        + pad(memories.text, 8) + pad(luas.text, 8))
