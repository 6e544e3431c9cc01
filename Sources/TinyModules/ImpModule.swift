// `_imp`: what importlib and runpy ask the import machinery.
import TinyCompiler
import TinyRuntime

enum ImpModule {
    /// Whether FrozenImporter is to find its modules: 1, -1, or 0 for whatever is usual.
    nonisolated(unsafe) private static var frozenOverride = 0

    /// Marks the code of a function, of what wraps one, or of all functions of a class as unlisted.
    private static func leaveOut(_ value: Value) {
        switch value.kind {
        case .function: value.object(Function.self).pointee.code.pointee.flags |= CodeFlags.unlisted.rawValue
        case .classMethod: leaveOut(value.object(ClassMethod.self).pointee.callable)
        case .staticMethod: leaveOut(value.object(StaticMethod.self).pointee.callable)
        case .property:
            let property = value.object(Property.self).pointee
            for function in [property.getter, property.setter, property.deleter] { leaveOut(function) }
        case .class:
            let namespace = value.object(ClassObject.self).pointee.namespace
            var position = 0
            while let entry = namespace.next(&position) {
                if !entry.pointee.value.isKind(.class) { leaveOut(entry.pointee.value) }
            }
        default: break
        }
    }

    static let nativeModule = NativeModule("_imp", doc: "Access to the import machinery.", functions: {
        [
            Native("is_builtin(name, /)", "1 if the module is native, else 0.") { args throws(Raised) in
                guard args[0].isKind(.str) else {
                    throw typeError("is_builtin() argument must be str, not \(typeName(args[0]))")
                }
                return Value(NativeModules.find(args[0].object(Str.self)) == nil ? 0 : 1)
            },
            Native("extension_suffixes()", "The file name suffixes of extension modules: there are none, since they are written for CPython.") { _ in
                Value(List.make())
            },
            Native("create_dynamic(spec, file=None, /)", "Create an extension module.") { args throws(Raised) in
                let name = try getAttribute(args[0], StrTables.intern("name"))
                throw raise(.importError, "extension modules can't be loaded: \(try repr(name).string)")
            },
            Native("is_frozen(name, /)", "Returns True if the module name corresponds to a frozen module.") { _ in .false },
            Native("is_frozen_package(name, /)", "Returns True if the module name is of a frozen package.") { args throws(Raised) in
                throw raise(.importError, "No such frozen object named \(try str(args[0]).string)")
            },
            Native("get_frozen_object(name, data=None, /)", "Create a code object for a frozen module.") { args throws(Raised) in
                let name = try str(args[0]).string
                throw raise(.importError, args[1].isNone ? "No such frozen object named \(name)" : "Frozen object named '\(name)' is invalid")
            },
            Native("find_frozen(name, /, *, withdata=False)", "Return info about the corresponding frozen module (if there is one) or None.") { _ in .none },
            Native("embedded_modules(path, /)", "(name, is it a package) of the modules in a folder of the embedded library.") { args throws(Raised) in
                guard args[0].isKind(.str) else { throw typeError("path must be str, not \(typeName(args[0]))") }
                let list = List.make()
                for (name, isPackage) in EmbeddedLibrary.modules(in: args[0].object(Str.self).string) {
                    list.append(Value(Tuple.make(Value(Str.make(name)), isPackage ? .true : .false)))
                }
                return Value(list)
            },
            Native("name_with_module(cls, /)", "Let messages name a class with its module, as those of modules in C are; returns it.") { args throws(Raised) in
                guard args[0].isKind(.class) else { throw typeError("a class is needed, not \(typeName(args[0]))") }
                args[0].object(ClassObject.self).pointee.flags.insert(.isNamedWithModule)
                return args[0]
            },
            Native("immutable(cls, /)", "Let nobody set the attributes of a class, as of those in C; returns it.") { args throws(Raised) in
                guard args[0].isKind(.class) else { throw typeError("a class is needed, not \(typeName(args[0]))") }
                args[0].object(ClassObject.self).pointee.flags.insert(.isImmutable)
                return args[0]
            },
            Native("join_unions(cls, /)", "Let instances of a class be parts of `X | Y`; returns it.") { args throws(Raised) in
                guard args[0].isKind(.class) else { throw typeError("a class is needed, not \(typeName(args[0]))") }
                args[0].object(ClassObject.self).pointee.flags.insert(.joinsUnions)
                return args[0]
            },
            Native("unlisted(owner, /)", "Let exceptions that pass through a function, or the methods of a class, leave no line in tracebacks, as with those in C; returns it.") { args throws(Raised) in
                leaveOut(args[0])
                return args[0]
            },
            Native("union(left, right, /)", "`left | right` of what may be parts of a union; else NotImplemented.") { args throws(Raised) in
                try unionOf(args[0], args[1])
            },
            Native("create_builtin(name, /)", "A native module, made if need be.") { args throws(Raised) in
                guard args[0].isKind(.str), let native = NativeModules.find(args[0].object(Str.self)) else {
                    throw raise(.importError, "no native module \(try repr(args[0]).string)")
                }
                return try NativeModules.make(native)
            },
            Native("acquire_lock()", "Acquires the interpreter's import lock for the current thread.") { _ throws(Raised) in
                try ImportLocks.hold()
                return .none
            },
            Native("release_lock()", "Release the interpreter's import lock.") { _ throws(Raised) in
                guard ImportLocks.letGo() else { throw raise(.runtimeError, "not holding the import lock") }
                return .none
            },
            Native("lock_held()", "Return True if the import lock is currently held, else False.") { _ in Value(ImportLocks.isHeld) },
            Native("_override_frozen_modules_for_tests(override, /)", "1: frozen modules are used; -1: they are not; 0: as is usual.") { args throws(Raised) in
                frozenOverride = try index(args[0])
                return .none
            },
            Native("frozen_override()", "What _override_frozen_modules_for_tests was told last.") { _ in Value(frozenOverride) },
            Native("_fix_co_filename(code, path, /)", "Changes code.co_filename to specify the passed-in file path.") { args throws(Raised) in
                guard args[0].isKind(.code) else {
                    throw typeError("_fix_co_filename() argument 1 must be code, not \(typeName(args[0]))")
                }
                CodeParts.move(args[0].object(Code.self), to: Value(try strArgument(args[1], "_fix_co_filename", "argument 2")))
                return .none
            },
            Native("source_hash(key, source)", "The hash of a source text that files of compiled code are checked by.") { args throws(Raised) in
                _ = try index(args[0])
                return BytesObject.make(BytecodeFile.hash(Array(try BufferView(args[1]).octets)))
            },
            Native("magic()", "What files of compiled code begin with.") { _ in BytesObject.make(BytecodeFile.magic) },
            Native("find_source(name, path=None, /)", "(text, file name, folder of submodules or None) of a module written in the language; None if there is no such module.") { args throws(Raised) in
                guard args[0].isKind(.str) else {
                    throw typeError("find_source() argument must be str, not \(typeName(args[0]))")
                }
                let found = try findSource(args[0].object(Str.self).string, args[1].isNone ? .absent : args[1])
                guard let found, found.portions.isEmpty else { return .none }
                let folder: Value = found.searchPath.map { Value(Str.make($0)) } ?? .none
                return Value(Tuple.make(BytesObject.make(found.text), Value(Str.make(found.fileName)), folder))
            },
        ]
    }, prepare: { contents in
        // What files of compiled code that are checked by a hash are: "default", "always" or "never".
        contents.set("check_hash_based_pycs", "default")
    })
}
