// tinyrun: the command line.
import Glibc
import TinyLibrary
import TinyRuntime

private func fail(_ message: String) -> Never {
    writeError(message + "\n")
    exit(2)
}

private func readAll(_ descriptor: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return bytes }
        bytes.append(contentsOf: chunk[0 ..< count])
    }
}

/// The text of a file, or nil.
func readText(_ path: String) -> String? {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    return String(decoding: readAll(descriptor), as: UTF8.self)
}

EmbeddedLibrary.files = embeddedFiles
private var settings = Settings()
private let arguments: [String]
switch Options.read(CommandLine.arguments.dropFirst(), into: &settings) {
case .failure(let mistake): fail("tinyrun: \(mistake.text) (--help lists the options)")
case .success(let rest): arguments = Array(rest)
}
if settings.wantsHelp {
    print(Options.help, terminator: "")
    exit(0)
}
if let problem = settings.concurrency.apply() { fail("tinyrun: \(problem)") }

private func start(_ language: LanguageOptions) {
    Runtime.start()
    language.apply()
}

if arguments.count > 1, arguments[0] == "-c" {
    start(settings.language)
    Runtime.setArguments(["-c"] + arguments[2...], firstPath: "")
    exit(Runtime.runMain(Array((arguments[1] + "\n").utf8), fileName: "<string>", setsFile: false))
}
if arguments.count > 1, arguments[0] == "-m" {
    start(settings.language)
    Runtime.setArguments(["-m"] + arguments[2...], firstPath: "")
    exit(Runtime.runModule(arguments[1]))
}
if let path = arguments.first, path != "-" {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
        fail("tinyrun: can't open file '\(path)': [Errno \(errno)] \(String(cString: strerror(errno)))")
    }
    let text = readAll(descriptor)
    close(descriptor)
    start(settings.language)
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    Runtime.setArguments(arguments, firstPath: folder)
    exit(Runtime.runMain(text, fileName: path))
}
start(settings.language)
Runtime.setArguments([""], firstPath: "")
exit(Runtime.runMain(readAll(0), fileName: "<stdin>", setsFile: false))
