// Import: `sys.modules`, native modules, the embedded standard library, and files on `sys.path`.
//
// `.tr` comes before `.py`; a package is a folder with `__init__.tr` or `__init__.py`. Order of the search: native
// modules, then sys.path entries (TINYPATH, the script's folder, …), then the embedded library, so that a file of the
// user's can stand in front of a library module, as in CPython.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

/// A module's source text.
struct ModuleSource {
    var text: [UInt8]
    var fileName: String
    /// For a package: where its submodules are looked for.
    var searchPath: String?
}

// MARK: The statements

/// `import a.b` / `from a import …`.
func importFromStatement(
    _ name: StrRef, level: Value, fromList: Value, globals: DictRef, locals: Value
) throws(Raised) -> Value {
    let own = try builtin(Names.importName, for: globals)
    if own != Runtime.originalImport {
        guard !own.isAbsent else { throw raise(.importError, "__import__ not found") }
        return try callValue(own, Value(name), Value(globals), locals, fromList, level)
    }
    return try importByName(name, globals: globals, fromList: fromList, level: level.inlineInt)
}

/// What `__import__` does.
func importByName(_ name: StrRef, globals: DictRef?, fromList: Value, level: Int) throws(Raised) -> Value {
    if level < 0 { throw valueError("level must be >= 0") }
    let absolute = level == 0 ? name.string : try resolveRelative(name.string, level, globals)
    if absolute.isEmpty { throw valueError("Empty module name") }
    let module = try importModule(absolute)
    if try truth(fromList) {
        try importSubmodules(module, absolute, fromList)
        return module
    }
    if level > 0, name.pointee.byteCount > 0 {
        // `import` statements are never relative; `__import__("x.y", level=1)` gives the package of x.
        let tail = name.string.split(separator: ".").count - 1
        let parts = absolute.split(separator: ".")
        return try importModule(parts.dropLast(tail).joined(separator: "."))
    }
    guard level == 0, let dot = absolute.firstIndex(of: ".") else { return module }
    return try importModule(String(absolute[..<dot]))
}

/// The absolute name of a relative import.
private func resolveRelative(_ name: String, _ level: Int, _ globals: DictRef?) throws(Raised) -> String {
    var package = ""
    if let globals {
        let own = globals.get(Names.package)
        if own.isKind(.str) {
            package = own.object(Str.self).string
        } else {
            let moduleName = globals.get(Names.name)
            guard moduleName.isKind(.str) else { throw raise(.keyError, arguments: Value(Names.name)) }
            package = moduleName.object(Str.self).string
            try warn(
                .importWarning,
                "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__")
            if globals.find(Names.path) < 0 {
                package = package.lastIndex(of: ".").map { String(package[..<$0]) } ?? ""
            }
        }
    }
    guard !package.isEmpty else {
        throw raise(.importError, "attempted relative import with no known parent package")
    }
    var parts = package.split(separator: ".").map { String($0) }
    guard parts.count >= level else { throw raise(.importError, "attempted relative import beyond top-level package") }
    parts.removeLast(level - 1)
    return name.isEmpty ? parts.joined(separator: ".") : (parts + [name]).joined(separator: ".")
}

/// Imports the submodules that a `from package import a, b` names.
private func importSubmodules(_ module: Value, _ name: String, _ fromList: Value) throws(Raised) {
    guard module.isKind(.module) else { return }
    let namespace = module.object(ModuleObject.self).pointee.namespace
    guard namespace.find(Names.path) >= 0 else { return }
    let wanted = try makeList(fromList)
    for index in 0 ..< wanted.count where wanted.items[index].isKind(.str) {
        let item = wanted.items[index].object(Str.self)
        if item.equals("*") {
            let all = namespace.get(Names.all)
            if !all.isAbsent { try importSubmodules(module, name, all) }
        } else if try getAttribute(module, StrTables.intern(item), default: .absent).isAbsent {
            do {
                _ = try importModule("\(name).\(item.string)")
            } catch {
                // "No such submodule" is told by `from`, with the words for that.
                let t = currentThread()
                guard t.raisedIs(.moduleNotFoundError),
                    t.pointee.raised.object(ExceptionObject.self).field(1).isKind(.str),
                    t.pointee.raised.object(ExceptionObject.self).field(1).object(Str.self).string == "\(name).\(item.string)"
                else { throw error }
                _ = t.takeRaised()
            }
        }
    }
}

/// `from module import name`.
func importAttribute(_ module: Value, _ name: StrRef) throws(Raised) -> Value {
    let value = try getAttribute(module, name, default: .absent)
    if !value.isAbsent { return value }
    let moduleName = try getAttribute(module, Names.name, default: .absent)
    var shown = "<unknown module name>"
    if moduleName.isKind(.str) {
        shown = moduleName.object(Str.self).string
        let submodule = Runtime.modules.get(Str.make("\(shown).\(name.string)"))
        if !submodule.isAbsent { return submodule }
    }
    let file = try getAttribute(module, Names.file, default: .absent)
    let place = file.isKind(.str) ? file.object(Str.self).string : "unknown location"
    let isInitializing = module.isKind(.module) && Runtime.initializing.contains(shown)
    let raised = isInitializing
        ? raise(.importError, "cannot import name '\(name.string)' from partially initialized module '\(shown)' (most likely due to a circular import) (\(place))")
        : raise(.importError, "cannot import name '\(name.string)' from '\(shown)' (\(place))")
    let exception = currentThread().pointee.raised.object(ExceptionObject.self)
    exception.setField(1, Value(Str.make(shown)))
    exception.setField(2, file.isAbsent ? .none : file)
    exception.setField(3, Value(name))
    throw raised
}

/// `from module import *`.
func importAll(_ module: Value, into namespace: Value) throws(Raised) {
    let all = try getAttribute(module, Names.all, default: .absent)
    let names: ListRef
    if all.isAbsent {
        let dict = try getAttribute(module, Names.dict)
        names = try makeList(dict)
    } else {
        names = try makeList(all)
    }
    for index in 0 ..< names.count {
        let name = names.items[index]
        guard name.isKind(.str) else {
            throw typeError("Item in \(try str(getAttribute(module, Names.name)).string).__all__ must be str, not \(typeName(name))")
        }
        if all.isAbsent, name.object(Str.self).pointee.byteCount > 0, name.object(Str.self).bytes[0] == 0x5F { continue }
        let value = try getAttribute(module, StrTables.intern(name.object(Str.self)))
        try setItem(namespace, name, value)
    }
}

// MARK: Modules

extension Runtime {
    /// `builtins.__import__` as it was made: as long as it is there, imports take the short way.
    nonisolated(unsafe) static var originalImport = Value.absent
    /// Modules whose code is running.
    nonisolated(unsafe) static var initializing: Set<String> = []
}

/// The module of an absolute name, imported if need be, its parents first.
func importModule(_ name: String) throws(Raised) -> Value {
    let key = StrTables.intern(name)
    let known = Runtime.modules.get(key)
    if !known.isAbsent {
        if known.isNone {
            throw moduleNotFound(name, "import of \(name) halted; None in sys.modules")
        }
        if ImportLocks.isBusy(name), try ImportLocks.wait(name) { return try importModule(name) }
        return known
    }
    try currentThread().checkNativeStack()
    var searchPath: Value = .absent
    var parent = Value.absent
    if let dot = name.lastIndex(of: ".") {
        let parentName = String(name[..<dot])
        parent = try importModule(parentName)
        let again = Runtime.modules.get(key)
        if !again.isAbsent { return again }
        searchPath = try getAttribute(parent, Names.path, default: .absent)
        if searchPath.isAbsent {
            throw moduleNotFound(name, "No module named '\(name)'; '\(parentName)' is not a package")
        }
    }
    let isOurs = try ImportLocks.take(name)
    defer { if isOurs { ImportLocks.release(name) } }
    // Somebody else may have been faster while we waited.
    let fresh = Runtime.modules.get(key)
    if isOurs, !fresh.isAbsent, !fresh.isNone { return fresh }
    let module = try loadModule(name, key, searchPath)
    if !parent.isAbsent, let dot = name.lastIndex(of: ".") {
        try setAttribute(parent, StrTables.intern(String(name[name.index(after: dot)...])), module)
    }
    return module
}

private func moduleNotFound(_ name: String, _ message: String) -> Raised {
    let raised = raise(.moduleNotFoundError, message)
    currentThread().pointee.raised.object(ExceptionObject.self).setField(1, Value(Str.make(name)))
    return raised
}

private func loadModule(_ name: String, _ key: StrRef, _ searchPath: Value) throws(Raised) -> Value {
    if let native = NativeModules.find(key) { return try NativeModules.make(native) }
    if let module = try findThroughMetaPath(name, searchPath) { return module }
    guard let source = try findSource(name, searchPath) else {
        throw moduleNotFound(name, "No module named '\(name)'")
    }
    let module = ModuleObject.make(key)
    let namespace = module.pointee.namespace
    namespace.set(Names.file, Value(Str.make(source.fileName)))
    namespace.set(Names.cached, .none)
    if let path = source.searchPath {
        let list = List.make()
        list.append(Value(Str.make(path)))
        namespace.set(Names.path, Value(list))
        namespace.set(Names.package, Value(key))
    } else {
        let package = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
        namespace.set(Names.package, Value(Str.make(package)))
    }
    Runtime.modules.set(key, Value(module))
    Runtime.initializing.insert(name)
    defer { Runtime.initializing.remove(name) }
    do {
        let code = try Runtime.compile(source.text, fileName: source.fileName, mode: .file)
        _ = try Runtime.execute(code, globals: namespace)
    } catch {
        _ = Runtime.modules.remove(key)
        throw error
    }
    // The module may have put something else in its place.
    let final = Runtime.modules.get(key)
    if final.isAbsent { throw raise(.keyError, arguments: Value(key)) }
    return final
}

/// Finders that the script has put on sys.meta_path.
private func findThroughMetaPath(_ name: String, _ searchPath: Value) throws(Raised) -> Value? {
    let finders = Runtime.sysModule.pointee.namespace.get(StrTables.intern("meta_path"))
    guard finders.isKind(.list), finders.object(List.self).count > 0 else { return nil }
    let list = finders.object(List.self)
    var index = 0
    while index < list.count {
        let find = try getOptionalAttribute(list.items[index], StrTables.intern("find_spec"))
        index += 1
        if find.isAbsent { continue }
        let spec = try callValue(find, Value(Str.make(name)), searchPath.isAbsent ? .none : searchPath, .none)
        if spec.isNone { continue }
        return try callValue(try getAttribute(try importModule("importlib._bootstrap"), "_load"), spec)
    }
    return nil
}

/// The source of a module: files first, then the embedded library.
func findSource(_ name: String, _ searchPath: Value) throws(Raised) -> ModuleSource? {
    let tail = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    let path = searchPath.isAbsent ? Runtime.sysModule.pointee.namespace.get(Names.path.string == "__path__" ? StrTables.intern("path") : Names.path) : searchPath
    if isIterable(path) {
        let entries = try makeList(path)
        for index in 0 ..< entries.count where entries.items[index].isKind(.str) {
            let folder = entries.items[index].object(Str.self).string
            if folder.hasPrefix(EmbeddedLibrary.prefix) { continue }
            if let source = findFile(tail, in: folder) { return source }
        }
    }
    return EmbeddedLibrary.find(name)
}

private func findFile(_ name: String, in folder: String) -> ModuleSource? {
    let base = folder.isEmpty ? name : folder.hasSuffix("/") ? folder + name : folder + "/" + name
    for suffix in [".tr", ".py"] {
        if let text = readFile(base + "/__init__" + suffix) {
            return ModuleSource(text: text, fileName: base + "/__init__" + suffix, searchPath: base)
        }
    }
    for suffix in [".tr", ".py"] {
        if let text = readFile(base + suffix) { return ModuleSource(text: text, fileName: base + suffix, searchPath: nil) }
    }
    return nil
}

/// The bytes of a regular file, or nil.
func readFile(_ path: String) -> [UInt8]? {
    let descriptor = tiny_open(path, O_RDONLY | O_CLOEXEC, 0)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var information = stat()
    guard fstat(descriptor, &information) == 0, information.st_mode & S_IFMT != S_IFDIR else { return nil }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: max(4096, min(Int(information.st_size) + 1, 1 << 20)))
    while true {
        let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
        if count < 0 {
            if errno == EINTR { continue }
            return nil
        }
        if count == 0 { return bytes }
        bytes.append(contentsOf: chunk[0 ..< count])
    }
}
