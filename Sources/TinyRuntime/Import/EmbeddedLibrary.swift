// The standard library inside the binary: the files of `stdlib/`, handed over by the command line at start-up.

public enum EmbeddedLibrary {
    /// What stands for a folder in `__file__` and `__path__` of embedded modules.
    static let prefix = "<stdlib>"

    /// Paths ("collections/abc.tr"), each with a line feed behind it, in the order of their bytes. Set before the
    /// runtime starts.
    nonisolated(unsafe) public static var paths: StaticString = ""
    /// The text of each.
    nonisolated(unsafe) public static var texts: [StaticString] = []

    /// Calls `body` with each path in turn until it returns false.
    private static func eachPath(_ body: (Int, UnsafeBufferPointer<UInt8>) -> Bool) {
        let all = UnsafeBufferPointer(start: paths.utf8Start, count: paths.utf8CodeUnitCount)
        var start = 0
        for index in texts.indices {
            guard let end = all[start...].firstIndex(of: 0x0A) else { return }
            guard body(index, UnsafeBufferPointer(rebasing: all[start ..< end])) else { return }
            start = end + 1
        }
    }

    private static func text(path: String) -> UnsafeBufferPointer<UInt8>? {
        var path = path
        var found: Int?
        path.withUTF8 { wanted in
            eachPath { index, candidate in
                if candidate.elementsEqual(wanted) { found = index }
                return found == nil
            }
        }
        return found.map { UnsafeBufferPointer(start: texts[$0].utf8Start, count: texts[$0].utf8CodeUnitCount) }
    }

    /// The source of an embedded module.
    static func find(_ name: String) -> ModuleSource? {
        let path = String(name.map { $0 == "." ? "/" : $0 })
        if let text = text(path: path + "/__init__.tr") {
            return ModuleSource(
                text: Array(text), fileName: "\(prefix)/\(path)/__init__.tr", searchPath: "\(prefix)/\(path)")
        }
        guard let text = text(path: path + ".tr") else { return nil }
        return ModuleSource(text: Array(text), fileName: "\(prefix)/\(path).tr", searchPath: nil)
    }

    /// The names of the modules and packages at the top.
    static func topNames() -> [String] {
        var names: [String] = []
        eachPath { _, path in
            if let end = path.firstIndex(where: { $0 == 0x2F || $0 == 0x2E }) {
                let name = String(decoding: path[..<end], as: UTF8.self)
                if names.last != name { names.append(name) }
            }
            return true
        }
        return names
    }

    /// The modules and packages of a folder, given as `__path__` gives it.
    static func modules(in folder: String) -> [(name: String, isPackage: Bool)] {
        guard folder == prefix || folder.hasPrefix(prefix + "/") else { return [] }
        let start = folder == prefix ? [] : Array((String(folder.dropFirst(prefix.count + 1)) + "/").utf8)
        var found: [(name: String, isPackage: Bool)] = []
        eachPath { _, path in
            guard path.starts(with: start) else { return true }
            let rest = path[start.count...]
            guard let end = rest.firstIndex(where: { $0 == 0x2F || $0 == 0x2E }) else { return true }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            if name != "__init__", found.last?.name != name { found.append((name, rest[end] == 0x2F)) }
            return true
        }
        return found
    }

    /// The text of an embedded file, by the name that `__file__` gives.
    static func text(fileName: String) -> UnsafeBufferPointer<UInt8>? {
        fileName.hasPrefix(prefix + "/") ? text(path: String(fileName.dropFirst(prefix.count + 1))) : nil
    }
}
