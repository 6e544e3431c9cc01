// Import: `sys.modules`, native modules, the embedded standard library, and files on `sys.path`.
//
// `.tr` comes before `.py`; a package is a folder with `__init__.tr` or `__init__.py`. Order of the search: native
// modules, then sys.path entries (TINYPATH, the script's folder, …), then the embedded library, so that a file of the
// user's can stand in front of a library module, as in CPython.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

/// Where a module's code comes from.
public struct ModuleSource {
    enum Content {
        case text([UInt8])
        /// A source file; what it was compiled to may be kept beside it (see BytecodeFile).
        case file
        /// Compiled code without its source.
        case bytecode
        /// Of the embedded library: the text, and what it was compiled to (see CodeImage).
        case embedded(text: UnsafeBufferPointer<UInt8>, image: UnsafeBufferPointer<UInt8>)
    }

    var content: Content
    /// `__file__` of the module to be.
    public var fileName: String
    /// For a package: where its submodules are looked for.
    public var searchPath: String?
    /// For a package without `__init__`: its folders. Such a package has no text.
    public var portions: [String] = []

    /// The source; empty if there is none (compiled code alone) or it can't be read.
    public var text: [UInt8] {
        switch content {
        case .text(let text): text
        case .file: readFile(fileName) ?? []
        case .bytecode: []
        case .embedded(let text, _): Array(text)
        }
    }

    /// Where the compiled code is kept, or what it was read from; None for what is in the binary or an archive.
    var cached: Value {
        switch content {
        case .file: BytecodeFile.path(of: fileName).map { Value(Str.make($0)) } ?? .none
        case .bytecode: Value(Str.make(fileName))
        case .text, .embedded: .none
        }
    }

    /// Images are of what is compiled without `-O`. `name`: the module's, for messages. Throws SyntaxError (of the language), OSError
    /// and ImportError.
    func code(_ name: String) throws(Raised) -> CodeRef {
        switch content {
        case .embedded(let text, let image):
            if Runtime.compileOptions.optimizationLevel == 0, let unit = CodeImage.open(image, fileName: fileName) { return Code.make(unit) }
            return try Runtime.compile(Array(text), fileName: fileName, mode: .file)
        case .file: return try BytecodeFile.code(ofSource: fileName)
        case .bytecode: return try BytecodeFile.code(in: fileName, name: name)
        case .text(let text):
            // An archive may hold compiled code.
            if BytecodeFile.isOne(text) { return try BytecodeFile.code(of: text, path: fileName, name: name) }
            return try Runtime.compile(text, fileName: fileName, mode: .file)
        }
    }
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
    if level == 0, let module = loadedModule(name, fromList) { return module }
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

/// The module of an absolute name where nothing is left to do: it is there, nobody is importing anything, and it is no submodule whose
/// package is wanted, nor a package whose submodules may be. Nil: find out in full.
private func loadedModule(_ name: StrRef, _ fromList: Value) -> Value? {
    guard !ImportLocks.isAnyBusy else { return nil }
    let module = Runtime.modules.get(name)
    guard module.isKind(.module) else { return nil }
    if fromList.isNone { return memchr(name.bytes, 0x2E, name.pointee.byteCount) == nil ? module : nil }
    guard fromList.isExactly(.tuple), fromList.object(Tuple.self).count > 0 else { return nil }
    return module.object(ModuleObject.self).pointee.namespace.find(Names.path) < 0 ? module : nil
}

/// Imports the submodules that a `from package import a, b` names.
private func importSubmodules(_ module: Value, _ name: String, _ fromList: Value, isAll: Bool = false) throws(Raised) {
    if module.isKind(.module) {
        guard module.object(ModuleObject.self).pointee.namespace.find(Names.path) >= 0 else { return }
    } else if try getAttribute(module, Names.path, default: .absent).isAbsent {
        // What a module has put in its own place may be no package.
        return
    }
    let wanted = try makeList(fromList)
    for index in 0 ..< wanted.count {
        guard wanted.items[index].isKind(.str) else {
            let place = isAll ? "\(name).__all__" : "``from list''"
            throw typeError("Item in \(place) must be str, not \(typeName(wanted.items[index]))")
        }
        let item = wanted.items[index].object(Str.self)
        if item.equals("*") {
            let all = try getAttribute(module, Names.all, default: .absent)
            if !all.isAbsent, !isAll { try importSubmodules(module, name, all, isAll: true) }
        } else if try getAttribute(module, StrTables.intern(item), default: .absent).isAbsent {
            do {
                _ = try importModule("\(name).\(item.string)")
            } catch {
                // "No such submodule" is told by `from`, with the words for that.
                let t = currentThread()
                let submodule = StrTables.intern("\(name).\(item.string)")
                guard t.raisedIs(.moduleNotFoundError), !Runtime.modules.get(submodule).isNone,
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
            let place = try str(getAttribute(module, Names.name)).string
            throw typeError("\(all.isAbsent ? "Key in \(place).__dict__" : "Item in \(place).__all__") must be str, not \(typeName(name))")
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
public func importModule(_ name: String) throws(Raised) -> Value {
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
    let module = try loadModule(name, key, searchPath, parent)
    if !parent.isAbsent, let dot = name.lastIndex(of: ".") {
        try addToPackage(module, String(name[..<dot]), String(name[name.index(after: dot)...]))
    }
    return module
}

/// Makes a module an attribute of its package: of the one in `sys.modules` now, which the module may have imported anew. A package
/// that takes no attributes gives a warning.
private func addToPackage(_ module: Value, _ parentName: String, _ child: String) throws(Raised) {
    let key = StrTables.intern(parentName)
    let parent = Runtime.modules.get(key)
    guard !parent.isAbsent else { throw raise(.keyError, arguments: Value(key)) }
    do {
        try setAttribute(parent, StrTables.intern(child), module)
    } catch {
        let t = currentThread()
        guard t.raisedIs(.attributeError) else { throw error }
        _ = t.takeRaised()
        try warn(.importWarning, "Cannot set an attribute on '\(parentName)' for child module '\(child)'")
    }
}

private func moduleNotFound(_ name: String, _ message: String) -> Raised {
    let raised = raise(.moduleNotFoundError, message)
    currentThread().pointee.raised.object(ExceptionObject.self).setField(1, Value(Str.make(name)))
    return raised
}

private func loadModule(_ name: String, _ key: StrRef, _ searchPath: Value, _ parent: Value) throws(Raised) -> Value {
    guard name.hasPrefix("encodings.") else { return try findModule(name, key, searchPath) }
    do {
        return try findModule(name, key, searchPath)
    } catch {
        // Codecs of the runtime and of the C library are modules of `encodings` too, without a file.
        let t = currentThread()
        guard t.raisedIs(.moduleNotFoundError) else { throw error }
        let missing = t.pointee.raised.object(ExceptionObject.self).field(1)
        guard missing.isKind(.str), missing.object(Str.self).string == name else { throw error }
        _ = t.takeRaised()
        let find = try getAttribute(parent, StrTables.intern("_without_file"))
        let module = try callValue(find, Value(Str.make(String(name.dropFirst("encodings.".count)))))
        guard module.isNone else { return module }
        throw moduleNotFound(name, "No module named '\(name)'")
    }
}

private func findModule(_ name: String, _ key: StrRef, _ searchPath: Value) throws(Raised) -> Value {
    if AuditHooks.listen {
        let contents = Runtime.sysModule.pointee.namespace
        let lists = ["path", "meta_path", "path_hooks"].map { contents.get(StrTables.intern($0)) }.map { $0.isAbsent ? Value.none : $0 }
        try AuditHooks.tell("import", Value(key), .none, lists[0], lists[1], lists[2])
    }
    if let finders = Finders.listed() { return try loadThroughFinders(finders, name, key, searchPath) }
    if let native = NativeModules.find(key) { return try NativeModules.make(native) }
    guard let source = try findSource(name, searchPath) else { throw moduleNotFound(name, "No module named '\(name)'") }
    return try load(source, name, key)
}

/// Makes a module of source text and runs it.
private func load(_ source: ModuleSource, _ name: String, _ key: StrRef) throws(Raised) -> Value {
    let module = ModuleObject.make(key)
    let namespace = module.pointee.namespace
    if !source.portions.isEmpty {
        let list = List.make()
        for folder in source.portions { list.append(Value(Str.make(folder))) }
        // Its path follows the path that it is on, which importlib sees to.
        if Finders.bootstrap() == nil, Runtime.modules.get(StrTables.intern("importlib._bootstrap")).isAbsent {
            _ = try importModule("importlib._bootstrap")
        }
        namespace.set(Names.file, .none)
        namespace.set(Names.path, Value(list))
        namespace.set(Names.package, Value(key))
    } else {
        namespace.set(Names.file, Value(Str.make(source.fileName)))
        namespace.set(Names.cached, source.cached)
        if let path = source.searchPath {
            let list = List.make()
            list.append(Value(Str.make(path)))
            namespace.set(Names.path, Value(list))
            namespace.set(Names.package, Value(key))
        } else {
            let package = name.lastIndex(of: ".").map { String(name[..<$0]) } ?? ""
            namespace.set(Names.package, Value(Str.make(package)))
        }
    }
    try Finders.describe(Value(module))
    Runtime.modules.set(key, Value(module))
    Runtime.initializing.insert(name)
    defer { Runtime.initializing.remove(name) }
    do {
        _ = try Runtime.execute(try source.code(name), globals: namespace)
    } catch {
        _ = Runtime.modules.remove(key)
        throw error
    }
    // The module may have put something else in its place.
    let final = Runtime.modules.get(key)
    if final.isAbsent { throw raise(.keyError, arguments: Value(key)) }
    return final
}

/// `sys.meta_path`: empty until somebody puts a finder there or imports importlib, which puts the three usual ones there. The usual
/// ones stand for the search that is done natively; what others find is loaded by importlib.
enum Finders {
    private static let bootstrapName = "importlib._bootstrap"

    /// The list to go by, or nil while only the native search counts.
    static func listed() -> ListRef? {
        let finders = Runtime.sysModule.pointee.namespace.get(StrTables.intern("meta_path"))
        guard finders.isKind(.list) else { return nil }
        let list = finders.object(List.self)
        return list.count > 0 || bootstrap() != nil ? list : nil
    }

    /// The module `importlib._bootstrap`, once it is complete.
    static func bootstrap() -> ModuleRef? {
        let module = Runtime.modules.get(StrTables.intern(bootstrapName))
        guard module.isKind(.module), !Runtime.initializing.contains(bootstrapName) else { return nil }
        return module.object(ModuleObject.self)
    }

    /// Gives a module its `__spec__` and `__loader__`, if importlib is there; else importlib does so when it comes.
    static func describe(_ module: Value) throws(Raised) {
        guard let bootstrap = bootstrap() else { return }
        let function = bootstrap.pointee.namespace.get(StrTables.intern("_describe"))
        if !function.isAbsent { _ = try callValue(function, module) }
    }

    /// `module.__spec__` was asked for and is None: importlib knows better. The main program has none, but a loader; it is
    /// what stands in sys.modules, whatever multiprocessing calls it in a spawned child.
    static func fill(_ module: ModuleRef, _ name: StrRef) throws(Raised) -> Value? {
        if Value(module) == Runtime.modules.get(StrTables.intern("__main__")) {
            guard name == Names.loader else { return nil }
            try setLoader(ofMain: module.pointee.namespace)
            return module.pointee.namespace.get(name)
        }
        guard bootstrap() == nil, !module.pointee.namespace.get(Names.name).isAbsent,
            Runtime.modules.get(StrTables.intern(bootstrapName)).isAbsent
        else { return nil }
        _ = try importModule(bootstrapName)
        let filled = module.pointee.namespace.get(name)
        return filled.isAbsent ? nil : filled
    }

    /// Gives the main program's namespace the `__loader__` that would have loaded it. Only for those who ask: importlib is there
    /// for no other reason.
    static func setLoader(ofMain namespace: DictRef) throws(Raised) {
        let file = namespace.get(Names.file)
        guard file.isKind(.str) else {
            return namespace.set(Names.loader, try getAttribute(try importModule(bootstrapName), "BuiltinImporter"))
        }
        let kind = file.object(Str.self).string.hasSuffix(".pyc") ? "SourcelessFileLoader" : "SourceFileLoader"
        let loader = try getAttribute(try importModule("_frozen_importlib_external"), kind)
        namespace.set(Names.loader, try callValue(loader, Value(StrTables.intern("__main__")), file))
    }
}

/// Finders of the script may rely on it that no two threads ask one at once.
private func askFinder(_ find: Value, _ name: String, _ searchPath: Value) throws(Raised) -> Value {
    try ImportLocks.hold()
    defer { _ = ImportLocks.letGo() }
    return try callValue(find, Value(Str.make(name)), searchPath.isAbsent ? .none : searchPath, .none)
}

/// Asks each finder in turn.
private func loadThroughFinders(_ finders: ListRef, _ name: String, _ key: StrRef, _ searchPath: Value) throws(Raised) -> Value {
    let stands = StrTables.intern("_stands_for")
    let isBare = Finders.bootstrap() == nil
    var index = 0
    while index < finders.count {
        let finder = finders.items[index]
        index += 1
        // On the class itself: a subclass of the script's has a search of its own.
        let kind = finder.isKind(.class) ? finder.object(ClassObject.self).pointee.namespace.get(stands) : .absent
        if kind.isKind(.str) {
            if kind.object(Str.self).equals("native modules") {
                if searchPath.isAbsent, let native = NativeModules.find(key) {
                    let module = try NativeModules.make(native)
                    try Finders.describe(module)
                    return module
                }
                continue
            }
            if try hasOnlyUsualHooks() {
                if let source = try findSource(name, searchPath) { return try load(source, name, key) }
                continue
            }
        }
        let find = try getOptionalAttribute(finder, StrTables.intern("find_spec"))
        if find.isAbsent { continue }
        let spec = try askFinder(find, name, searchPath)
        if spec.isNone { continue }
        return try callValue(try getAttribute(try importModule("importlib._bootstrap"), "_load_unlocked"), spec)
    }
    if isBare {
        // The script's own finders know nothing of it; the usual ones are not listed yet.
        if let native = NativeModules.find(key) { return try NativeModules.make(native) }
        if let source = try findSource(name, searchPath) { return try load(source, name, key) }
    }
    throw moduleNotFound(name, "No module named '\(name)'")
}

/// Whether `sys.path_hooks` holds nothing but what importlib put there, and no finder of the script's is cached.
private func hasOnlyUsualHooks() throws(Raised) -> Bool {
    let hooks = Runtime.sysModule.pointee.namespace.get(StrTables.intern("path_hooks"))
    guard hooks.isKind(.list) else { return true }
    let list = hooks.object(List.self)
    let usual = StrTables.intern("_is_usual")
    for index in 0 ..< list.count where try getOptionalAttribute(list.items[index], usual).isAbsent { return false }
    return list.count > 0
}

/// The source of a module: files first, then the embedded library.
public func findSource(_ name: String, _ searchPath: Value) throws(Raised) -> ModuleSource? {
    let tail = name.lastIndex(of: ".").map { String(name[name.index(after: $0)...]) } ?? name
    let path = searchPath.isAbsent ? Runtime.sysModule.pointee.namespace.get(Names.path.string == "__path__" ? StrTables.intern("path") : Names.path) : searchPath
    // "" and "a." name nothing.
    guard !tail.isEmpty else { return nil }
    var portions: [String] = []
    if isIterable(path) {
        let entries = try makeList(path)
        for index in 0 ..< entries.count where entries.items[index].isKind(.str) {
            let folder = entries.items[index].object(Str.self).string
            if folder.hasPrefix(EmbeddedLibrary.prefix) { continue }
            if let source = findFile(tail, in: folder) { return source }
            if let source = try Archives.find(tail, in: folder) {
                if source.portions.isEmpty { return source }
                portions += source.portions
                continue
            }
            let base = pathOf(tail, in: folder)
            if isDirectory(base) { portions.append(base) }
        }
    }
    if let source = EmbeddedLibrary.find(name) { return source }
    return portions.isEmpty ? nil : ModuleSource(content: .text([]), fileName: "<namespace>", searchPath: portions[0], portions: portions)
}

/// A path of modules' own: it stays right when the program changes its directory.
private func pathOf(_ name: String, in folder: String) -> String {
    if folder.hasPrefix("/") { return folder.hasSuffix("/") ? folder + name : folder + "/" + name }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX) + 1)
    guard getcwd(&buffer, buffer.count) != nil else { return folder.isEmpty ? name : folder + "/" + name }
    let here = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    var folder = Substring(folder)
    while folder.hasPrefix("./") { folder = folder.dropFirst(2) }
    while folder.hasSuffix("/") { folder = folder.dropLast() }
    if folder == "." { folder = "" }
    return [here == "/" ? "" : here, String(folder), name].enumerated().filter { $0.offset == 0 || !$0.element.isEmpty }
        .map(\.element).joined(separator: "/")
}

private func isDirectory(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFDIR
}

private func findFile(_ name: String, in folder: String) -> ModuleSource? {
    let base = pathOf(name, in: folder)
    func source(_ path: String, searchPath: String?) -> ModuleSource? {
        for suffix in [".tr", ".py", BytecodeFile.suffix] where isFile(path + suffix) {
            return ModuleSource(
                content: suffix == BytecodeFile.suffix ? .bytecode : .file, fileName: path + suffix, searchPath: searchPath)
        }
        return nil
    }
    return (isDirectory(base) ? source(base + "/__init__", searchPath: base) : nil) ?? source(base, searchPath: nil)
}

private func isFile(_ path: String) -> Bool {
    var information = stat()
    return stat(path, &information) == 0 && information.st_mode & S_IFMT != S_IFDIR
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
