// The standard library inside the binary: the files of `stdlib/`, handed over by the command line at start-up.

public enum EmbeddedLibrary {
    /// What stands for a folder in `__file__` and `__path__` of embedded modules.
    static let prefix = "<stdlib>"

    /// Path ("collections/abc.tr") and text of every file. Set before the runtime starts.
    nonisolated(unsafe) public static var files: [(path: StaticString, text: StaticString)] = []

    private static func text(path: String) -> UnsafeBufferPointer<UInt8>? {
        var path = path
        return path.withUTF8 { wanted in
            // The files are sorted by path.
            var low = 0
            var high = files.count
            while low < high {
                let middle = (low + high) / 2
                let candidate = UnsafeBufferPointer(start: files[middle].path.utf8Start, count: files[middle].path.utf8CodeUnitCount)
                if candidate.lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
            }
            guard low < files.count else { return nil }
            let found = files[low]
            guard UnsafeBufferPointer(start: found.path.utf8Start, count: found.path.utf8CodeUnitCount).elementsEqual(wanted)
            else { return nil }
            return UnsafeBufferPointer(start: found.text.utf8Start, count: found.text.utf8CodeUnitCount)
        }
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
        for file in files {
            let text = UnsafeBufferPointer(start: file.path.utf8Start, count: file.path.utf8CodeUnitCount)
            guard let end = text.firstIndex(where: { $0 == 0x2F || $0 == 0x2E }) else { continue }
            let name = String(decoding: text[..<end], as: UTF8.self)
            if names.last != name { names.append(name) }
        }
        return names
    }

    /// The modules and packages of a folder, given as `__path__` gives it.
    static func modules(in folder: String) -> [(name: String, isPackage: Bool)] {
        guard folder == prefix || folder.hasPrefix(prefix + "/") else { return [] }
        let start = Array(String(folder.dropFirst(prefix.count + 1) + (folder == prefix ? "" : "/")).utf8)
        var found: [(name: String, isPackage: Bool)] = []
        for file in files {
            let path = UnsafeBufferPointer(start: file.path.utf8Start, count: file.path.utf8CodeUnitCount)
            guard path.starts(with: start) else { continue }
            let rest = path[start.count...]
            guard let end = rest.firstIndex(where: { $0 == 0x2F || $0 == 0x2E }) else { continue }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            if name != "__init__", found.last?.name != name { found.append((name, rest[end] == 0x2F)) }
        }
        return found
    }

    /// The text of an embedded file, by the name that `__file__` gives.
    static func text(fileName: String) -> UnsafeBufferPointer<UInt8>? {
        fileName.hasPrefix(prefix + "/") ? text(path: String(fileName.dropFirst(prefix.count + 1))) : nil
    }
}
