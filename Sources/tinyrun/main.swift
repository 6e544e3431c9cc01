// tinyrun: the command line.
import Glibc
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

private let arguments = CommandLine.arguments
if arguments.count > 2, arguments[1] == "-c" {
    Runtime.start()
    Runtime.setArguments(["-c"] + arguments[3...], firstPath: "")
    exit(Runtime.runMain(Array((arguments[2] + "\n").utf8), fileName: "<string>", setsFile: false))
}
if arguments.count > 2, arguments[1] == "-m" {
    Runtime.start()
    Runtime.setArguments(["-m"] + arguments[3...], firstPath: "")
    exit(Runtime.runModule(arguments[2]))
}
if arguments.count > 1, arguments[1] != "-" {
    let path = arguments[1]
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else {
        fail("tinyrun: can't open file '\(path)': [Errno \(errno)] \(String(cString: strerror(errno)))")
    }
    let text = readAll(descriptor)
    close(descriptor)
    Runtime.start()
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    Runtime.setArguments(Array(arguments[1...]), firstPath: folder)
    exit(Runtime.runMain(text, fileName: path))
}
Runtime.start()
Runtime.setArguments([""], firstPath: "")
exit(Runtime.runMain(readAll(0), fileName: "<stdin>", setsFile: false))
