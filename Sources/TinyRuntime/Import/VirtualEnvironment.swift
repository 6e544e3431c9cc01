// Virtual environments: a folder with `pyvenv.cfg` and, in its bin/, a link to this program or a copy. Called there the program
// takes the folder for `sys.prefix` and has the packages on `sys.path` that are installed there (`site.venv`).
import CTiny
import Glibc

/// Where the program was called from, if that is in a virtual environment.
struct VirtualEnvironment {
    /// What holds `pyvenv.cfg`.
    let folder: String
    /// What was called: a link to the program, or a copy of it.
    let executable: String
    /// The program that the environment was made with, if `pyvenv.cfg` says it and it is still there.
    let baseExecutable: String?

    /// Nil: the program was called by a name of its own. What else `pyvenv.cfg` says is for `site`.
    static let current: VirtualEnvironment? = {
        guard let called = calledPath(), let binaries = parent(called) else { return nil }
        for folder in [binaries, parent(binaries)] {
            guard let folder, let settings = readFile(folder + "/pyvenv.cfg") else { continue }
            return VirtualEnvironment(folder: folder, executable: called, baseExecutable: baseExecutable(settings))
        }
        return nil
    }()

    private static func baseExecutable(_ settings: [UInt8]) -> String? {
        for line in settings.split(separator: 0x0A) where line.starts(with: "executable".utf8) {
            guard let equals = line.firstIndex(of: UInt8(ascii: "=")) else { continue }
            let path = String(decoding: line[(equals + 1)...].drop { $0 == 0x20 }, as: UTF8.self)
            return access(path, X_OK) == 0 ? path : nil
        }
        return nil
    }

    private static func parent(_ path: String) -> String? {
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { return nil }
        return String(path[..<slash])
    }

    /// The absolute path that the program was called by, links and all; nil if that cannot be told.
    private static func calledPath() -> String? {
        guard let name = Runtime.processArguments.first, !name.isEmpty else { return nil }
        var candidates: [String] = []
        if name.hasPrefix("/") {
            candidates = [name]
        } else if name.contains("/") {
            guard let folder = getcwd(nil, 0) else { return nil }
            defer { free(folder) }
            candidates = [String(cString: folder) + "/" + (name.hasPrefix("./") ? String(name.dropFirst(2)) : name)]
        } else if let path = getenv("PATH") {
            candidates = String(cString: path).split(separator: ":").map { "\($0)/\(name)" }
        }
        guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
        // Whoever starts a program may call it anything.
        var (own, called) = (stat(), stat())
        guard stat("/proc/self/exe", &own) == 0, stat(found, &called) == 0, own.st_ino == called.st_ino, own.st_dev == called.st_dev
        else { return nil }
        return found
    }
}
