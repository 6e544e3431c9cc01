// The runtime as a whole: assembles the floors, and is the entry for whoever embeds it.
//
// Start-up makes the built-in classes in an order in which each finds what it needs, then `builtins` and `sys`. No script
// code runs before the first module is imported.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

/// The runtime of the process: what is made at start-up and stays where it is. Guarded by the GIL.
public enum Runtime {
    // Set once by `start`; not optional, so that the interpreter's fast paths need no check. Before `start` they hold the
    // address of nothing and nothing runs that would follow it.
    /// The namespace of the module `builtins`.
    nonisolated(unsafe) public static var builtins = DictRef(bitPattern: 8).unsafelyUnwrapped
    /// What import takes for `sys.modules`: modules by full name.
    nonisolated(unsafe) public static var modules = DictRef(bitPattern: 8).unsafelyUnwrapped
    /// The module `sys`, which exists from the start.
    nonisolated(unsafe) public static var sysModule = ModuleRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var builtinsModule = ModuleRef(bitPattern: 8).unsafelyUnwrapped
    /// The class `object`.
    nonisolated(unsafe) public static var objectClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// The class `type`: the class of classes that name no other metaclass.
    nonisolated(unsafe) public static var typeClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var superClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var longRangeIterator = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var nativeCode = CodeRef(bitPattern: 8).unsafelyUnwrapped
    /// The first frame of a fiber: R0 = the call in the window at `fiberWindow`, return R0.
    nonisolated(unsafe) static var fiberCode = CodeRef(bitPattern: 8).unsafelyUnwrapped
    static let fiberWindow = 1 + CallLayout.headerWords
    /// The instruction `return R0`.
    nonisolated(unsafe) static var returnFirstWord = PC(bitPattern: 8).unsafelyUnwrapped
    // What the fast paths compare class attributes against.
    nonisolated(unsafe) static var objectGetattribute = Value.absent
    nonisolated(unsafe) static var typeGetattribute = Value.absent
    nonisolated(unsafe) static var objectSetattr = Value.absent
    nonisolated(unsafe) static var objectDelattr = Value.absent
    nonisolated(unsafe) static var objectHash = Value.absent
    nonisolated(unsafe) static var tupleHash = Value.absent
    nonisolated(unsafe) static var strHash = Value.absent
    nonisolated(unsafe) static var objectStr = Value.absent
    /// `object.__new__`.
    nonisolated(unsafe) public static var objectNew = Value.absent
    nonisolated(unsafe) static var objectInit = Value.absent
    /// `BaseException.__new__` and `__init__`, which most exceptions have.
    nonisolated(unsafe) static var exceptionNew = Value.absent
    nonisolated(unsafe) static var exceptionInit = Value.absent
    nonisolated(unsafe) static var typeCall = Value.absent
    /// Stands for "no value" where None is one.
    nonisolated(unsafe) public static var missing = Value.absent

    /// Makes the runtime ready to run scripts on the calling thread, which becomes the main thread and holds the GIL.
    public static func start() {
        let hot = tiny_hot().unsafelyUnwrapped
        hot.pointee.depth_limit = 1000
        seedHashes()
        let thread = ThreadState.make()
        hot.pointee.thread = UnsafeMutableRawPointer(thread)
        thread.measureNativeStack()
        makeLeaveLoopWord()
        makeFirstClasses()
        StrTables.prepare()
        makeBuiltinClasses()
        makeExceptions()
        makeStandIns(thread)
        makeBuiltins()
        makeSys()
        Threads.start(thread)
    }

    /// Set by options that make runs alike: hashes and random numbers come from it.
    nonisolated(unsafe) static var fixedSeed: UInt64?
    /// The seed of the hashes of strings, from the environment.
    nonisolated(unsafe) public static var hashSeed: UInt64?
    /// `-X cpu_count=N`
    nonisolated(unsafe) public static var processorCount: Int?
    /// `-X warn_default_encoding`
    nonisolated(unsafe) static var warnsOfDefaultEncoding = false
    /// Whether code knows columns: not with `-X no_debug_ranges`.
    nonisolated(unsafe) static var hasColumns = true
    /// `-X dev`: the names of error handlers are checked even where nothing is wrong.
    nonisolated(unsafe) static var isDevelopment = false

    private static func seedHashes() {
        if let fixedSeed {
            Str.hashKey = fixedSeed &* 0x9E37_79B9_7F4A_7C15 | 1
            return
        }
        if let hashSeed {
            Str.hashKey = hashSeed &* 0x9E37_79B9_7F4A_7C15 | 1
            return
        }
        var key: UInt64 = 0
        if getentropy(&key, 8) == 0 { Str.hashKey = key | 1 }
    }

    /// The frame that native code calls from: its code is one instruction.
    private static func makeStandIns(_ thread: ThreadRef) {
        let unit = CodeUnit(
            name: "<native>", qualifiedName: "<native>", fileName: "<native>", firstLine: 0, flags: [], argumentCount: 0,
            positionalOnlyCount: 0, keywordOnlyCount: 0, registerCount: 1, localNames: [], cellLocals: [], freeNames: [],
            words: [Instruction(.leaveLoop).word], constants: [], handlers: [], positions: [])
        nativeCode = Code.make(unit)
        heap.permanentRoots.append(Value(nativeCode))
        let first = CodeUnit(
            name: "<fiber>", qualifiedName: "<fiber>", fileName: "<native>", firstLine: 0, flags: [], argumentCount: 0,
            positionalOnlyCount: 0, keywordOnlyCount: 0, registerCount: fiberWindow + 2, localNames: [], cellLocals: [],
            freeNames: [],
            words: [Instruction(.callSpread, a: 0, b: fiberWindow).word, Instruction(.returnValue, a: 0).word],
            constants: [], handlers: [], positions: [])
        fiberCode = Code.make(first)
        heap.permanentRoots.append(Value(fiberCode))
        let word = PC.allocate(capacity: 1)
        word.pointee = Instruction(.returnValue, a: 0).word
        returnFirstWord = word
        missing = Value(Instance.allocate(objectClass))
        heap.permanentRoots.append(missing)
    }

    // MARK: Running

    /// How files are compiled: what `-O` sets.
    nonisolated(unsafe) public static var compileOptions = {
        var options = CompileOptions()
        options.settles = true
        return options
    }()

    /// Compiles a text to code. Throws SyntaxError (of the language).
    static func compile(
        _ text: [UInt8], fileName: String, mode: Parse.Mode, origin: Parse.Origin = .bytes,
        options: CompileOptions = Runtime.compileOptions
    ) throws(Raised) -> CodeRef {
        if origin != .text, let encoding = Parse.foreignEncoding(text) {
            let decoded = try decodeSource(text, encoding, fileName: fileName, isFile: origin == .file)
            return try compile(decoded, fileName: fileName, mode: mode, origin: .text, options: options)
        }
        let warnings: [SyntaxDiagnostic]
        let code: CodeRef
        do throws(SyntaxDiagnostic) {
            let parsed = try Parse.parse(
                text, name: fileName, mode: mode, origin: origin, isBarrys: options.inheritedFeatures.contains(.barryAsFLUFL))
            let compilation = try Compile.module(parsed.module, fileName: fileName, options: options)
            warnings = parsed.warnings + compilation.warnings
            code = Code.make(compilation.code)
        } catch {
            try report(error.earlierWarnings, fileName: fileName)
            var diagnostic = error
            // Whoever reads a file line by line has forgotten the last one when it ends: CPython shows no place in it.
            // (An indent that fits nothing is told of earlier.)
            if origin == .file, error.endOffset == -1, !error.message.hasPrefix("unindent ") { diagnostic.offset = 0 }
            throw raiseSyntaxError(diagnostic, fileName: fileName)
        }
        try report(warnings, fileName: fileName)
        return code
    }

    /// Code of a tree that a script has made.
    public static func compile(_ module: Module, fileName: String, options: CompileOptions) throws(Raised) -> CodeRef {
        let compilation: Compilation
        do throws(SyntaxDiagnostic) {
            compilation = try Compile.module(module, fileName: fileName, options: options)
        } catch {
            throw raiseSyntaxError(error, fileName: fileName)
        }
        try report(compilation.warnings, fileName: fileName)
        return Code.make(compilation.code)
    }

    /// The UTF-8 of source in an encoding that only the codecs know; a SyntaxError if they don't or it is malformed.
    public static func decodeSource(_ text: [UInt8], _ encoding: String, fileName: String, isFile: Bool = false) throws(Raised) -> [UInt8] {
        let t = currentThread()
        do {
            let decoded = try Codecs.decode(try BufferView(BytesObject.make(text)), Str.make(encoding), nil)
            return Array(decoded.buffer)
        } catch {
            guard t.raisedIs(.lookupError) || t.raisedIs(.unicodeError) else { throw error }
            let isUnknown = t.raisedIs(.lookupError)
            let reason = try str(t.takeRaised()).string
            if isUnknown, isFile { throw raise(.syntaxError, arguments: Value(Str.make("encoding problem: \(encoding)"))) }
            let message = isUnknown ? "unknown encoding: \(encoding)" : reason
            throw raiseSyntaxError(
                SyntaxDiagnostic(kind: .encodingError, message: message, line: 0, offset: -1), fileName: fileName)
        }
    }

    /// Runs code in a namespace. `locals` differs from `globals` in class-like `exec`.
    static func execute(_ code: CodeRef, globals: DictRef, locals: Value? = nil, closure: Value = .none) throws(Raised) -> Value {
        if globals.find(Names.builtins) < 0 { globals.set(Names.builtins, Value(builtins)) }
        let function = Function.make(code, globals)
        function.pointee.closure = closure
        let t = currentThread()
        return try t.runNested { base in
            var window = base + 1 + CallLayoutWords
            if window + Int(code.pointee.registerCount) > t.pointee.segmentEnd {
                window = t.pushWindow(Int(code.pointee.registerCount))
            }
            window.header.pointee.callable = Value(function)
            let next = enterBody(function, window, base, t)
            if let locals, next.r == window {
                next.r.header.pointee.extra = locals
                next.r.header.pointee.flags.insert(.hasNamespace)
            }
            return next
        }
    }
}
