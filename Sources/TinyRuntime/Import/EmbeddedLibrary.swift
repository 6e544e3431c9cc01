// The standard library inside the binary: the files of `stdlib/`, handed over by the command line at start-up.
import CTiny
import Glibc

/// The modules that lie in the binary.
public enum EmbeddedLibrary {
    /// What stands for a folder in `__file__` and `__path__` of embedded modules.
    static let prefix = "<stdlib>"

    /// Paths ("collections/abc.tr"), each with a line feed behind it, in the order of their bytes. Set before the
    /// runtime starts.
    nonisolated(unsafe) public static var paths: StaticString = ""
    /// The text of each.
    nonisolated(unsafe) public static var texts: [StaticString] = []

    /// What they compile to, as CodeImage writes it, in an order of their own.
    nonisolated(unsafe) public static var images: [StaticString] = []

    /// Where in that order each file's is.
    nonisolated(unsafe) public static var places: [UInt16] = []

    /// Tells the compiler that made the images from any other.
    nonisolated(unsafe) public static var fingerprint: UInt64 = 0

    /// Where each path begins, and where the one behind the last would.
    private static let starts: [Int] = {
        let all = UnsafeBufferPointer(start: paths.utf8Start, count: paths.utf8CodeUnitCount)
        return [0] + all.indices.filter { all[$0] == 0x0A }.map { $0 + 1 }
    }()

    private static func path(_ index: Int) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: paths.utf8Start + starts[index], count: starts[index + 1] - starts[index] - 1)
    }

    private static func index(of path: String) -> Int? {
        var path = path
        return path.withUTF8 { wanted in
            var (low, high) = (0, texts.count)
            while low < high {
                let middle = (low + high) / 2
                if self.path(middle).lexicographicallyPrecedes(wanted) { low = middle + 1 } else { high = middle }
            }
            return low < texts.count && self.path(low).elementsEqual(wanted) ? low : nil
        }
    }

    /// The memory that the images lie in, among other data that nobody writes to.
    static var imageMemory: UnsafeRawBufferPointer {
        var (start, end) = (UInt.max, UInt.min)
        for image in images where image.utf8CodeUnitCount > 0 {
            let address = UInt(bitPattern: image.utf8Start)
            start = min(start, address)
            end = max(end, address + UInt(image.utf8CodeUnitCount))
        }
        guard start < end else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: start), count: Int(end - start))
    }

    private static func octets(_ text: StaticString) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// The embedded module of that name.
    static func find(_ name: String) -> ModuleSource? {
        let path = String(name.map { $0 == "." ? "/" : $0 })
        if let index = index(of: path + "/__init__.tr") {
            return source(index, fileName: "\(prefix)/\(path)/__init__.tr", searchPath: "\(prefix)/\(path)")
        }
        return index(of: path + ".tr").map { source($0, fileName: "\(prefix)/\(path).tr", searchPath: nil) }
    }

    private static func source(_ index: Int, fileName: String, searchPath: String?) -> ModuleSource {
        ModuleSource(
            content: .embedded(text: octets(texts[index]), image: octets(images[Int(places[index])])), fileName: fileName, searchPath: searchPath)
    }

    /// The names of the modules and packages at the top. Every start asks for them, so it is one pass over the text of the paths.
    static func topNames() -> [StrRef] {
        var names: [StrRef] = []
        var (position, last) = (paths.utf8Start, UnsafeBufferPointer<UInt8>(start: nil, count: 0))
        let end = position + paths.utf8CodeUnitCount
        while position < end {
            var length = 0
            while position[length] != 0x2F, position[length] != 0x2E, position[length] != 0x0A { length += 1 }
            // A module's files stand together.
            if length != last.count || last.baseAddress.map({ memcmp(position, $0, length) != 0 }) ?? true {
                last = UnsafeBufferPointer(start: position, count: length)
                names.append(StrTables.intern(Str.make(last)))
            }
            guard let lineFeed = memchr(position + length, 0x0A, end - position - length) else { break }
            position = UnsafePointer(lineFeed.assumingMemoryBound(to: UInt8.self)) + 1
        }
        return names
    }

    /// The modules and packages of a folder, given as `__path__` gives it.
    public static func modules(in folder: String) -> [(name: String, isPackage: Bool)] {
        guard folder == prefix || folder.hasPrefix(prefix + "/") else { return [] }
        let start = folder == prefix ? [] : Array((String(folder.dropFirst(prefix.count + 1)) + "/").utf8)
        var found: [(name: String, isPackage: Bool)] = []
        for path in texts.indices.map(path) where path.starts(with: start) {
            let rest = path[start.count...]
            guard let end = rest.firstIndex(where: { $0 == 0x2F || $0 == 0x2E }) else { continue }
            let name = String(decoding: rest[..<end], as: UTF8.self)
            if name != "__init__", found.last?.name != name { found.append((name, rest[end] == 0x2F)) }
        }
        return found
    }

    /// MFD_CLOEXEC, which the module map does not have.
    private static let closesOnExec: UInt32 = 1

    /// A descriptor to read an embedded file from, by a path as `__file__` gives it or made absolute; nil if there is none.
    public static func descriptor(path: [CChar]) -> Int32? {
        guard path.count > prefix.utf8.count, path.contains(0x3C) else { return nil }
        let name = String(upToZero: path)
        let start = name.hasPrefix(prefix) ? name.startIndex : name.range(ofLast: "/" + prefix + "/")
        guard let start, let text = text(fileName: String(name[start...].drop { $0 == "/" })) else { return nil }
        let descriptor = tiny_memfd_create("stdlib", EmbeddedLibrary.closesOnExec)
        guard descriptor >= 0 else { return nil }
        guard write(descriptor, text.baseAddress, text.count) == text.count, lseek(descriptor, 0, SEEK_SET) == 0 else {
            close(descriptor)
            return nil
        }
        return descriptor
    }

    /// The text of an embedded file, by the name that `__file__` gives.
    static func text(fileName: String) -> UnsafeBufferPointer<UInt8>? {
        guard fileName.hasPrefix(prefix + "/") else { return nil }
        return index(of: String(fileName.dropFirst(prefix.count + 1))).map { octets(texts[$0]) }
    }
}

extension String {
    /// Where the last occurrence begins.
    fileprivate func range(ofLast part: String) -> Index? {
        indices.last { self[$0...].hasPrefix(part) }
    }
}
