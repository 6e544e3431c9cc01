// The standard library inside the binary: an archive of (name length, name, text length, text) records that the build
// makes from `stdlib/` (see Sources/CTiny/stdlib.S). Modules are named by their path: "collections/abc.tr".
import CTiny

enum EmbeddedLibrary {
    /// What stands for a folder in `__file__` and `__path__` of embedded modules.
    static let prefix = "<stdlib>"

    nonisolated(unsafe) private static let index: [String: UnsafeBufferPointer<UInt8>] = {
        var result: [String: UnsafeBufferPointer<UInt8>] = [:]
        guard let begin = tiny_stdlib_start(), let end = tiny_stdlib_limit() else { return result }
        var position = begin
        func number() -> Int {
            var value = 0
            for shift in 0 ..< 4 { value |= Int(position[shift]) << (8 * shift) }
            position += 4
            return value
        }
        while position + 8 <= end {
            let nameLength = number()
            let name = String(decoding: UnsafeBufferPointer(start: position, count: nameLength), as: UTF8.self)
            position += nameLength
            let length = number()
            result[name] = UnsafeBufferPointer(start: position, count: length)
            position += length
        }
        return result
    }()

    /// The source of an embedded module.
    static func find(_ name: String) -> ModuleSource? {
        let path = name.split(separator: ".").joined(separator: "/")
        if let text = index["\(path)/__init__.tr"] {
            return ModuleSource(
                text: Array(text), fileName: "\(prefix)/\(path)/__init__.tr", searchPath: "\(prefix)/\(path)")
        }
        guard let text = index["\(path).tr"] else { return nil }
        return ModuleSource(text: Array(text), fileName: "\(prefix)/\(path).tr", searchPath: nil)
    }

    /// The text of an embedded file, by the name that `__file__` gives.
    static func text(fileName: String) -> UnsafeBufferPointer<UInt8>? {
        guard fileName.hasPrefix(prefix + "/") else { return nil }
        return index[String(fileName.dropFirst(prefix.count + 1))]
    }

    static var names: [String] { index.keys.sorted() }
}
