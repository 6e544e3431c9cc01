// The modules `builtins` and `sys` as they come to be at the start.
import CTiny
import Glibc
import TinySyntax

extension Runtime {
    static func makeBuiltins() {
        let name = StrTables.intern("builtins")
        builtinsModule = ModuleObject.make(name)
        heap.permanentRoots.append(Value(builtinsModule))
        builtins = builtinsModule.pointee.namespace
        for native in BuiltinFunctions.all { native.install(in: builtins, moduleName: Value(name)) }
        exportClasses(to: builtins)
        IOModule.openNative.install(in: builtins, moduleName: Value(StrTables.intern("_io")))
        ConsoleInput.native.install(in: builtins, moduleName: Value(name))
        builtins.set(StrTables.intern("EnvironmentError"), Value(ExceptionName.osError.cls))
        builtins.set(StrTables.intern("IOError"), Value(ExceptionName.osError.cls))
        builtins.set(StrTables.intern("None"), .none)
        builtins.set(StrTables.intern("True"), .true)
        builtins.set(StrTables.intern("False"), .false)
        builtins.set(StrTables.intern("Ellipsis"), .ellipsis)
        builtins.set(StrTables.intern("NotImplemented"), .notImplemented)
        builtins.set(StrTables.intern("__debug__"), .true)
        markIntrinsics()
        let table = Dict.make()
        heap.permanentRoots.append(Value(table))
        modules = table
        modules.set(name, Value(builtinsModule))
    }

    static func markIntrinsic(_ value: Value, _ intrinsic: NativeIntrinsic) {
        if value.isKind(.native) { value.object(NativeFunction.self).pointee.record.pointee.intrinsic = intrinsic }
    }

    /// Tells the interpreter which functions of `builtins` it knows by sight.
    private static func markIntrinsics() {
        let functions: [(String, NativeIntrinsic)] = [
            ("next", .next), ("sum", .sum), ("any", .any), ("all", .all), ("sorted", .sorted),
            ("min", .min), ("max", .max),
        ]
        for (name, intrinsic) in functions { markIntrinsic(builtins.get(StrTables.intern(name)), intrinsic) }
    }

    static func makeSys() {
        IOClasses.prepare()
        let name = StrTables.intern("sys")
        sysModule = ModuleObject.make(name)
        heap.permanentRoots.append(Value(sysModule))
        modules.set(name, Value(sysModule))
        let namespace = sysModule.pointee.namespace
        namespace.set(Names.modules, Value(modules))
        for native in SysModule.functions { native.install(in: namespace, moduleName: Value(name)) }
        SysModule.prepare(ModuleContents(namespace: namespace, name: name))
    }
}

// MARK: Syntax errors

extension Runtime {
    /// A line of a file, with its line feed; nil without such a file or line.
    private static func sourceLine(_ fileName: String, _ line: Int) -> String? {
        guard line > 0, let bytes = EmbeddedLibrary.text(fileName: fileName).map({ Array($0) }) ?? readFile(fileName) else { return nil }
        let lines = bytes.split(separator: 0x0A, maxSplits: line, omittingEmptySubsequences: false)
        return line <= lines.count ? String(decoding: lines[line - 1], as: UTF8.self) + "\n" : nil
    }

    /// Raises what a diagnostic says.
    public static func raiseSyntaxError(_ diagnostic: SyntaxDiagnostic, fileName: String) -> Raised {
        let name: ExceptionName
        switch diagnostic.exceptionName {
        case "IndentationError": name = .indentationError
        case "TabError": name = .tabError
        case "MemoryError": name = .memoryError
        default: name = .syntaxError
        }
        if name == .memoryError { return raise(.memoryError, diagnostic.message) }
        if diagnostic.line < 0 { return raise(name, arguments: Value(Str.make(diagnostic.message))) }
        let hasPlace = diagnostic.line > 0
        if !hasPlace, diagnostic.kind == .syntaxError {
            // An empty expression: it stands nowhere, which CPython calls line 0.
            let nothing = Value(StrTables.intern(""))
            let zero = Value(inline: 0)
            return raise(
                name, arguments: Value(Str.make(diagnostic.message)),
                Value(Tuple.make([Value(Str.make(fileName)), zero, zero, nothing, zero, zero])))
        }
        if !hasPlace, diagnostic.kind == .encodingError {
            let place = [Value(Str.make(fileName)), Value(inline: 0), Value(inline: -1), .none]
            return raise(name, arguments: Value(Str.make(diagnostic.message)), Value(Tuple.make(place)))
        }
        // The compiler knows no more than the place; the line is in the file, if there is one.
        let text = diagnostic.text ?? sourceLine(fileName, diagnostic.line)
        let details = Tuple.make(
            Value(Str.make(fileName)), hasPlace ? Value(Int(diagnostic.line)) : .none,
            hasPlace ? Value(Int(diagnostic.offset)) : .none, text.map { Value(Str.make($0)) } ?? .none,
            hasPlace ? Value(Int(diagnostic.endLine)) : .none, hasPlace ? Value(Int(diagnostic.endOffset)) : .none)
        return raise(name, arguments: Value(Str.make(diagnostic.message)), Value(details))
    }
}
