// The modules `builtins` and `sys`, and the raw output that exists before `io` is imported.
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
        builtins.set(StrTables.intern("EnvironmentError"), Value(ExceptionName.osError.cls))
        builtins.set(StrTables.intern("IOError"), Value(ExceptionName.osError.cls))
        builtins.set(StrTables.intern("None"), .none)
        builtins.set(StrTables.intern("True"), .true)
        builtins.set(StrTables.intern("False"), .false)
        builtins.set(StrTables.intern("Ellipsis"), .ellipsis)
        builtins.set(StrTables.intern("NotImplemented"), .notImplemented)
        builtins.set(StrTables.intern("__debug__"), .true)
        buildClass = builtins.get(StrTables.intern("__build_class__"))
        let next = builtins.get(StrTables.intern("next"))
        if next.isKind(.native) { nextRecord = next.object(NativeFunction.self).pointee.record }
        let send = Shapes.table[Int(Kind.generator.rawValue)].pointee.cls.lookup(Names.send)
        if send.isKind(.native) { sendRecord = send.object(NativeFunction.self).pointee.record }
        let table = Dict.make()
        heap.permanentRoots.append(Value(table))
        modules = table
        modules.set(name, Value(builtinsModule))
    }

    static func makeSys() {
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

/// Writes text to a file-like object; standard streams that are still raw are written at once.
func writeText(_ file: Value, _ bytes: [UInt8]) throws(Raised) {
    if let stream = file.boxed(RawStream.self) {
        stream.write(bytes)
        return
    }
    _ = try callMethod(file, Names.write, Value(Str.make(bytes)))
}

/// Standard output and error before `io` replaces them: buffered text on a descriptor.
final class RawStream {
    let descriptor: Int32
    private var buffer: [UInt8] = []
    private let isLineBuffered: Bool

    init(_ descriptor: Int32) {
        self.descriptor = descriptor
        isLineBuffered = descriptor == 2 || isatty(descriptor) == 1
    }

    func write(_ bytes: [UInt8]) {
        buffer.append(contentsOf: bytes)
        if buffer.count > 1 << 14 || isLineBuffered && bytes.contains(0x0A) { flush() }
    }

    func flush() {
        var offset = 0
        while offset < buffer.count {
            let written = buffer.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress.map { $0 + offset }, $0.count - offset) }
            if written < 0 {
                if errno == EINTR { continue }
                break
            }
            offset += written
        }
        buffer.removeAll(keepingCapacity: true)
    }

    static let nativeClass = NativeClass("RawStream", kind: .box, methods: [
        Native("write(self, text, /)", "Write text.") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("write() argument must be str, not \(typeName(args[1]))") }
            args[0].boxed(RawStream.self)?.write(Array(args[1].object(Str.self).buffer))
            return Value(args[1].object(Str.self).count)
        },
        Native("flush(self, /)", "Write out what is buffered.") { args throws(Raised) in
            args[0].boxed(RawStream.self)?.flush()
            return .none
        },
        Native("fileno(self, /)", "") { args throws(Raised) in Value(Int(args[0].boxed(RawStream.self)?.descriptor ?? -1)) },
        Native("isatty(self, /)", "") { args throws(Raised) in
            Value(isatty(args[0].boxed(RawStream.self)?.descriptor ?? -1) == 1)
        },
    ], attributes: [Accessors("encoding") { _ in Value(StrTables.intern("utf-8")) }])

    static func make(_ descriptor: Int32, _ cls: ClassRef) -> Value { BoxedObject.make(RawStream(descriptor), cls) }
}

// MARK: Syntax errors

extension Runtime {
    /// Raises what a diagnostic says.
    static func raiseSyntaxError(_ diagnostic: SyntaxDiagnostic, fileName: String) -> Raised {
        let name: ExceptionName
        switch diagnostic.exceptionName {
        case "IndentationError": name = .indentationError
        case "TabError": name = .tabError
        case "MemoryError": name = .memoryError
        default: name = .syntaxError
        }
        if name == .memoryError { return raise(.memoryError, diagnostic.message) }
        let hasPlace = diagnostic.line > 0
        let details = Tuple.make(
            Value(Str.make(fileName)), hasPlace ? Value(Int(diagnostic.line)) : .none,
            hasPlace ? Value(Int(diagnostic.offset)) : .none, diagnostic.text.map { Value(Str.make($0)) } ?? .none,
            hasPlace ? Value(Int(diagnostic.endLine)) : .none, hasPlace ? Value(Int(diagnostic.endOffset)) : .none)
        return raise(name, arguments: Value(Str.make(diagnostic.message)), Value(details))
    }
}
