// Entries of sys.path that are Zip archives, or lead into one: `zipimport` reads them, which is in the library.
import Glibc

enum Archives {
    /// zipimport is being imported, or asked: what it imports itself is in no archive. Guarded by the GIL.
    nonisolated(unsafe) private static var isAsking = false

    /// The source of a module in an archive, or its folder there; nil if the entry is none, or has no such module.
    static func find(_ name: String, in entry: String) throws(Raised) -> ModuleSource? {
        guard !isAsking, leadsIntoFile(entry) else { return nil }
        isAsking = true
        defer { isAsking = false }
        let found = try callValue(
            try getAttribute(try importModule("zipimport"), "_read"), Value(Str.make(entry)), Value(Str.make(name)))
        guard found.isKind(.tuple), found.object(Tuple.self).count == 3 else { return nil }
        let parts = found.object(Tuple.self).items
        guard parts[1].isKind(.str) else { return nil }
        guard parts[0].isKind(.bytes) else {
            let folder = parts[1].object(Str.self).string
            return ModuleSource(content: .text([]), fileName: "<namespace>", searchPath: folder, portions: [folder])
        }
        return ModuleSource(
            content: .text(Array(parts[0].object(BytesObject.self).buffer)), fileName: parts[1].object(Str.self).string,
            searchPath: parts[2].isKind(.str) ? parts[2].object(Str.self).string : nil)
    }

    /// Whether a path is a file, or has one where a folder should be.
    static func leadsIntoFile(_ path: String) -> Bool {
        var information = stat()
        guard !path.isEmpty else { return false }
        if stat(path, &information) == 0 { return information.st_mode & S_IFMT == S_IFREG }
        return errno == ENOTDIR
    }
}
