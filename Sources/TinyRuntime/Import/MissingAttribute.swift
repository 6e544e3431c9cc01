// What is said about an attribute that a module does not have: often the module is not the one that was meant, or not
// yet complete.
import Glibc

extension ModuleObject {
    /// The message of the AttributeError.
    static func missing(_ name: String, in module: UnsafeMutablePointer<ModuleObject>) -> String {
        let given = module.pointee.namespace.get(Names.name)
        guard given.isKind(.str) else { return "module has no attribute '\(name)'" }
        let own = given.object(Str.self).string
        let file = module.pointee.namespace.get(Names.file)
        let origin = file.isKind(.str) ? file.object(Str.self).string : nil
        let shadows = origin.map(liesInFirstFolder) ?? false
        if shadows, let origin, isStandard(given) {
            return "module '\(own)' has no attribute '\(name)' (consider renaming '\(origin)' since it has the same name as the standard library module named '\(own)' and the import system gives it precedence)"
        }
        if Runtime.initializing.contains(own) {
            if shadows, let origin {
                return "module '\(own)' has no attribute '\(name)' (consider renaming '\(origin)' if it has the same name as a third-party module you intended to import)"
            }
            let place = origin.map { " from '\($0)'" } ?? ""
            return "partially initialized module '\(own)'\(place) has no attribute '\(name)' (most likely due to a circular import)"
        }
        if Runtime.initializing.contains("\(own).\(name)") {
            return "cannot access submodule '\(name)' of module '\(own)' (most likely due to a circular import)"
        }
        return "module '\(own)' has no attribute '\(name)'"
    }

    /// Whether a file lies where scripts are looked for first, in which case it hides others of its name.
    private static func liesInFirstFolder(_ file: String) -> Bool {
        guard let first = Runtime.firstFolder else { return false }
        var parts = file.split(separator: "/", omittingEmptySubsequences: false)
        let last = parts.popLast()
        if last == "__init__.py" || last == "__init__.tr" { _ = parts.popLast() }
        return parts.joined(separator: "/") == (first.isEmpty ? workingDirectory : first)
    }

    private static var workingDirectory: String {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard Glibc.getcwd(&buffer, buffer.count) != nil else { return "" }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func isStandard(_ name: Value) -> Bool {
        let names = Runtime.sysModule.pointee.namespace.get(StrTables.intern("stdlib_module_names"))
        guard names.isKind(.frozenset) || names.isKind(.set), name.isExactly(.str) else { return false }
        return (try? names.object(SetObject.self).contains(name)) ?? false
    }
}
