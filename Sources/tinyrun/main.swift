// tinyrun: the command line.
import Glibc
import TinyBindings
import TinyLibrary
import TinyModules
import TinyNumbers
import TinyRuntime
import TinySystem

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

EmbeddedLibrary.paths = embeddedPaths
EmbeddedLibrary.texts = embeddedTexts
EmbeddedLibrary.images = embeddedImages
EmbeddedLibrary.places = embeddedPlaces
EmbeddedLibrary.fingerprint = embeddedFingerprint
private var settings = Settings()
private let arguments: [String]
do throws(Mistake) {
    arguments = Array(try Options.read(Runtime.processArguments.dropFirst(), into: &settings))
} catch { fail("\(error.text)\n\(Options.usage)") }
private let language = settings.language
private let skipsFirstLine = settings.skipsFirstLine
if let answer = settings.answer {
    do throws(Mistake) {
        print(try answer(), terminator: "")
        exit(0)
    } catch { fail("tinyrun: \(error.text)") }
}
if settings.wantsHelp {
    print(Options.help, terminator: "")
    exit(0)
}
if settings.wantsVersion > 0 {
    print("Tiny 3.13.0" + (settings.wantsVersion > 1 ? " (the language of Python 3.13) [Swift]" : ""))
    exit(0)
}
if let problem = settings.concurrency.apply() { fail("tinyrun: \(problem)") }

/// Starts the runtime; `folder` is the script's, or what runs itself: its modules are found whatever the options say.
private func start(_ words: [String], folder: String, isRunnable: Bool = false) {
    if let problem = language.problem {
        writeError("Fatal Python error: \(problem)\n")
        exit(1)
    }
    NativeModules.add(SystemModules.all + LanguageModules.all + NumberModules.all + BindingModules.all)
    Runtime.hashSeed = language.hashSeed
    Runtime.start()
    language.apply()
    Runtime.setArguments(words, firstPath: language.hasSafePath && !isRunnable ? nil : folder, extra: language.searchPath)
    if !language.leavesOutSite {
        Runtime.addInstalledPackages()
        Runtime.customize(language.searchPath)
    }
}

/// The folder that a script lies in, where its links lead to.
private func folder(of file: String) -> String {
    guard let resolved = realpath(file, nil) else { return "" }
    defer { free(resolved) }
    let path = String(cString: resolved)
    return path.lastIndex(of: "/").map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ""
}

/// What is to run at a path: the file, or a folder's `__main__`. Absolute, as the script may change its folder.
private func script(_ path: String) -> (text: [UInt8], file: String, folder: String) {
    var file = absolute(path)
    var status = stat()
    var folder = folder(of: file)
    if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
        folder = file.hasSuffix("/") && file != "/" ? String(file.dropLast()) : file
        let mains = [".tr", ".py", ".pyc"].map { folder + "/__main__" + $0 }
        guard let main = mains.first(where: { access($0, R_OK) == 0 }) else {
            writeError("tinyrun: can't find '__main__' module in '\(folder)'\n")
            exit(1)
        }
        file = main
    }
    let descriptor = open(file, O_RDONLY)
    guard descriptor >= 0 else {
        fail("tinyrun: can't open file '\(file)': [Errno \(errno)] \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var text = readAll(descriptor)
    if skipsFirstLine { text = Array(text.drop { $0 != 0x0A }) }
    return (text, file, folder)
}

private func currentFolder() -> String? {
    guard let folder = getcwd(nil, 0) else { return nil }
    defer { free(folder) }
    return String(cString: folder)
}

private func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/"), let folder = currentFolder() else { return path }
    return folder + "/" + path
}

/// Whether a file is a Zip archive, perhaps behind a line that says what runs it.
private func isArchive(_ text: [UInt8]) -> Bool {
    var contents = text[...]
    if contents.starts(with: "#!".utf8), let end = contents.firstIndex(of: 10) { contents = contents[(end + 1)...] }
    return contents.starts(with: "PK\u{3}\u{4}".utf8)
}

if settings.checks {
    start([""], folder: "")
    exit(Runtime.runTool("_check", "main", arguments))
}
switch arguments.first {
case "-c" where arguments.count > 1:
    guard Runtime.isText(argument: Runtime.processArguments.count - arguments.count + 1) else {
        writeError("Unable to decode the command from the command line:\nUnicodeEncodeError: surrogates not allowed\n")
        exit(1)
    }
    start(["-c"] + arguments[2...], folder: "")
    exit(Runtime.runMain(Array((arguments[1] + "\n").utf8), fileName: "<string>", setsFile: false, options: language))
case "-m" where arguments.count > 1:
    start(["-m"] + arguments[2...], folder: currentFolder() ?? "")
    exit(Runtime.runModule(arguments[1], options: language))
case let path? where path != "-":
    let (text, file, folder) = script(path)
    if isArchive(text) {
        start(arguments, folder: file, isRunnable: true)
        exit(Runtime.runModule("__main__", isNamed: false, options: language))
    }
    if file != absolute(path) {
        // A folder is run as an archive is: `__main__` is a module in it, and has a spec.
        start(arguments, folder: folder, isRunnable: true)
        exit(Runtime.runModule("__main__", isNamed: false, options: language))
    }
    start(arguments, folder: folder, isRunnable: false)
    exit(Runtime.runMain(text, fileName: file, options: language))
default:
    start(arguments.isEmpty ? [""] : arguments, folder: "")
    if isatty(0) == 1 || language.isInteractive { exit(Runtime.runPrompt(language)) }
    exit(Runtime.runMain(readAll(0), fileName: "<stdin>", setsFile: false, options: language))
}
