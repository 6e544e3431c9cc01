// Relative imports: which package `.` stands for.
//
// `__package__` says it, else `__spec__.parent`, else (with a warning) `__name__`; where the first two differ, that is told.

/// The absolute name of a relative import.
func resolveRelative(_ name: String, _ level: Int, _ globals: DictRef?) throws(Raised) -> String {
    guard let globals else { throw raise(.keyError, "'__name__' not in globals") }
    let package = try packageName(globals)
    guard !package.isEmpty else {
        throw raise(.importError, "attempted relative import with no known parent package")
    }
    var parts = package.split(separator: ".").map { String($0) }
    guard parts.count >= level else { throw raise(.importError, "attempted relative import beyond top-level package") }
    parts.removeLast(level - 1)
    return name.isEmpty ? parts.joined(separator: ".") : (parts + [name]).joined(separator: ".")
}

/// The package of the module with this namespace.
private func packageName(_ globals: DictRef) throws(Raised) -> String {
    let own = globals.get(Names.package)
    let spec = globals.get(Names.spec)
    let hasSpec = !spec.isAbsent && !spec.isNone
    if !own.isAbsent, !own.isNone {
        guard own.isKind(.str) else { throw typeError("package must be a string") }
        if hasSpec {
            let parent = try getAttribute(spec, StrTables.intern("parent"))
            if try !equal(own, parent) {
                try warn(.deprecationWarning, "__package__ != __spec__.parent (\(try repr(own).string) != \(try repr(parent).string))")
            }
        }
        return own.object(Str.self).string
    }
    if hasSpec {
        let parent = try getAttribute(spec, StrTables.intern("parent"))
        guard parent.isKind(.str) else { throw typeError("__spec__.parent must be a string") }
        return parent.object(Str.self).string
    }
    try warn(.importWarning, "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__")
    let moduleName = globals.get(Names.name)
    if moduleName.isAbsent { throw raise(.keyError, "'__name__' not in globals") }
    guard moduleName.isKind(.str) else { throw typeError("__name__ must be a string") }
    let name = moduleName.object(Str.self).string
    if globals.find(Names.path) >= 0 { return name }
    return name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
}
