// `sys`.
import TinySyntax
import CTiny
import Glibc

/// The module `sys`, which `Runtime.start` makes.
public enum SysModule {
    /// Kept for who asks: libraries are opened with flags of their own.
    nonisolated(unsafe) private static var libraryFlags = Int(RTLD_NOW)

    static let functions: [Native] = [
        Native("exit(status=None, /)", "Exit the interpreter by raising SystemExit(status).") { args throws(Raised) in
            if args[0].isKind(.tuple) {
                throw raise(try exceptionToRaise(try callValue(Value(ExceptionName.systemExit.cls), args[0].object(Tuple.self))))
            }
            throw raise(.systemExit, arguments: args[0])
        },
        Native("exc_info()", "Return current exception information: (type, value, traceback).") { _ in
            let handled = currentThread().pointee.handled
            guard handled.isKind(.exception) else { return Value(Tuple.make(.none, .none, .none)) }
            return Value(
                Tuple.make(Value(handled.cls), handled, handled.object(ExceptionObject.self).pointee.traceback))
        },
        Native("exception()", "Return the current exception.") { _ in currentThread().pointee.handled },
        Native("getrecursionlimit()", "Return the current value of the recursion limit.") { _ in
            Value(Int(tiny_hot().pointee.depth_limit))
        },
        Native("setrecursionlimit(limit, /)", "Set the maximum depth of the interpreter stack to n.") { args throws(Raised) in
            let limit = try index(args[0])
            guard limit >= 1 else { throw valueError("recursion limit must be greater or equal than 1") }
            guard limit > currentThread().pointee.depth else {
                throw raise(.recursionError, "cannot set the recursion limit to \(limit) at the recursion depth \(currentThread().pointee.depth): the limit is too low")
            }
            tiny_hot().pointee.depth_limit = UInt32(min(limit, Int(UInt32.max)))
            return .none
        },
        Native("getswitchinterval()", "Return the current thread switch interval in seconds.") { _ in
            Value(Threads.switchInterval)
        },
        Native("setswitchinterval(interval, /)", "Set the ideal thread switching delay inside the interpreter.") { args throws(Raised) in
            guard let interval = try realOf(args[0]) else { throw typeError("must be real number, not \(typeName(args[0]))") }
            guard interval > 0 else { throw valueError("switch interval must be strictly positive") }
            Threads.switchInterval = interval
            return .none
        },
        Native("intern(string, /)", "``Intern'' the given string.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("intern() argument must be str, not \(typeName(args[0]))") }
            guard args[0].isExactly(.str) else { throw typeError("can't intern \(typeName(args[0]))") }
            return Value(StrTables.intern(args[0].object(Str.self)))
        },
        Native("_is_interned(string, /)", "Return True if the given string is \"interned\".") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("_is_interned() argument must be str, not \(typeName(args[0]))") }
            return Value(args[0].header.pointee.flags.contains(.interned))
        },
        Native("_getframe(depth=0, /)", "Return a frame object from the call stack.") { args throws(Raised) in
            var depth = try index(args[0])
            var frame = currentThread().scriptFrame
            while depth > 0, let current = frame {
                frame = scriptCaller(of: current)
                depth -= 1
            }
            guard let frame else { throw valueError("call stack is not deep enough") }
            let object = Value(frameObject(of: frame))
            if AuditHooks.listen { try AuditHooks.tell("sys._getframe", object) }
            return object
        },
        Native("_current_frames()", "Return a dict mapping each thread's thread id to its current stack frame.") { _ throws(Raised) in
            let frames = Dict.make()
            for thread in Threads.all {
                guard let frame = thread.state.scriptFrame else { continue }
                try frames.set(Value(thread.identifier), Value(frameObject(of: frame)))
            }
            return Value(frames)
        },
        Native("_current_exceptions()", "Return a dict mapping each thread's identifier to its current raised exception.") { _ throws(Raised) in
            let exceptions = Dict.make()
            for thread in Threads.all { try exceptions.set(Value(thread.identifier), thread.state.pointee.handled) }
            return Value(exceptions)
        },
        Native("_getframemodulename(depth=0)", "Return the name of the module for a calling frame.") { args throws(Raised) in
            var depth = try index(args[0])
            if AuditHooks.listen { try AuditHooks.tell("sys._getframemodulename", args[0]) }
            var frame = currentThread().scriptFrame
            while depth > 0, let current = frame {
                frame = scriptCaller(of: current)
                depth -= 1
            }
            let name = frame?.header.pointee.globals.get(Names.name) ?? .absent
            return name.isAbsent ? .none : name
        },
        Native("getsizeof(object, default=?)", "Return the size of object in bytes.") { args throws(Raised) in
            let method = args[0].cls.special(.sizeof)
            do throws(Raised) {
                guard !method.isAbsent else { throw typeError("Type \(typeName(args[0])) doesn't define __sizeof__") }
                let size = try index(try callUnbound(method, args[0]))
                if size < 0 { throw valueError("__sizeof__() should return >= 0") }
                return Value(size + ReportedSize.collectorWords(args[0]))
            } catch {
                guard args.has(1), currentThread().raisedIs(.typeError) else { throw error }
                _ = currentThread().takeRaised()
                return args[1]
            }
        },
        Native("getallocatedblocks()", "Return the number of objects that the heap holds.") { _ in
            var count = 0
            heap.forEachObject { _ in count += 1 }
            return Value(count)
        },
        Native("getunicodeinternedsize(*, _only_immortal=False)", "Return the number of interned strings.") { _ in Value(StrTables.count) },
        Native("activate_stack_trampoline(backend, /)", "Activate stack profiler trampoline: there is none here.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("activate_stack_trampoline() argument must be str, not \(typeName(args[0]))") }
            throw valueError("perf trampoline not available")
        },
        Native("deactivate_stack_trampoline()", "Deactivate the current stack profiler trampoline backend.") { _ in .none },
        Native("is_stack_trampoline_active()", "Return *True* if a stack profiler trampoline is active.") { _ in .false },
        Native("getrefcount(object, /)", "Tiny does not count references: a constant.") { _ in Value(2) },
        Native("getdefaultencoding()", "") { _ in Value(StrTables.intern("utf-8")) },
        Native("getfilesystemencoding()", "") { _ in Value(StrTables.intern("utf-8")) },
        Native("getfilesystemencodeerrors()", "") { _ in Value(StrTables.intern("surrogateescape")) },
        Native("displayhook(object, /)", "Print an object to sys.stdout and also save it in builtins._") { args throws(Raised) in
            if args[0].isNone { return .none }
            Runtime.builtins.set(Names.underscore, .none)
            let output = Runtime.sysModule.pointee.namespace.get(Names.stdout)
            if output.isAbsent || output.isNone { throw raise(.runtimeError, "lost sys.stdout") }
            let text = try repr(args[0])
            do throws(Raised) { try writeText(output, Array(text.buffer)) } catch {
                guard currentThread().raisedIs(.unicodeEncodeError) else { throw error }
                _ = currentThread().takeRaised()
                try writeEscaped(output, text)
            }
            try writeText(output, [0x0A])
            Runtime.builtins.set(Names.underscore, args[0])
            return .none
        },
        Native("excepthook(exctype, value, traceback, /)", "Handle an exception by displaying it with a traceback on sys.stderr.") { args throws(Raised) in
            guard args[1].isKind(.exception) else {
                let output = Runtime.sysModule.pointee.namespace.get(Names.stderr)
                guard !output.isNone, !output.isAbsent else { return .none }
                let problem = "TypeError: print_exception(): Exception expected for value, \(typeName(args[1])) found\n"
                try writeText(output, Array(problem.utf8))
                return .none
            }
            try printException(args[1])
            return .none
        },
        Native("is_finalizing()", "Return True if the interpreter is shutting down.") { _ in Value(Threads.isFinalizing) },
        Native("call_tracing(func, args, /)", "Call func(*args).") { args throws(Raised) in
            // The tracing function that calls this may be traced itself within.
            let t = currentThread()
            let wasInTracer = t.pointee.isInTracer
            t.pointee.isInTracer = false
            defer { t.pointee.isInTracer = wasInTracer }
            return try callValue(args[0], try makeTuple(args[1]))
        },
        Native("getdlopenflags()", "Return the current value of the flags that are used for dlopen calls.") { _ in Value(libraryFlags) },
        Native("setdlopenflags(flags, /)", "Set the flags used by the interpreter for dlopen calls.") { args throws(Raised) in
            libraryFlags = try index(args[0])
            return .none
        },
        Native("get_asyncgen_hooks()", "Return the installed asynchronous generators hooks.") { _ in
            StructSequence.make(asyncHooksClass, [AsyncHooks.firstIteration, AsyncHooks.finalizer])
        },
        Native("set_asyncgen_hooks(firstiter=?, finalizer=?)", "Set a finalizer for async generators objects.") { args throws(Raised) in
            if args.has(0) { AsyncHooks.firstIteration = args[0] }
            if args.has(1) { AsyncHooks.finalizer = args[1] }
            return .none
        },
        Native("get_coroutine_origin_tracking_depth()", "Check status of origin tracking for coroutine objects.") { _ in
            Value(CoroutineOrigins.depth)
        },
        Native("set_coroutine_origin_tracking_depth(depth)", "Enable or disable origin tracking for coroutine objects.") { args throws(Raised) in
            let depth = try index(args[0])
            guard depth >= 0 else { throw valueError("depth must be >= 0") }
            CoroutineOrigins.depth = depth
            return .none
        },
        Native("settrace(function, /)", "Set the global debug tracing function.") { args throws(Raised) in
            currentThread().setTracer(args[0], isProfiler: false)
            return .none
        },
        Native("_settraceallthreads(function, /)", "Set the global debug tracing function in all running threads.") { args throws(Raised) in
            for thread in Threads.all { thread.state.setTracer(args[0], isProfiler: false) }
            return .none
        },
        Native("_setprofileallthreads(function, /)", "Set the profiling function in all running threads.") { args throws(Raised) in
            for thread in Threads.all { thread.state.setTracer(args[0], isProfiler: true) }
            return .none
        },
        Native("gettrace()", "Return the global debug tracing function.") { _ in currentThread().pointee.traceFunction },
        Native("setprofile(function, /)", "Set the profiling function.") { args throws(Raised) in
            currentThread().setTracer(args[0], isProfiler: true)
            return .none
        },
        Native("getprofile()", "Return the profiling function.") { _ in currentThread().pointee.profileFunction },
        Native("set_int_max_str_digits(maxdigits)", "Set the maximum string digits limit for non-binary int<->str conversions.") { args throws(Raised) in
            let limit = try index(args[0])
            guard limit == 0 || limit >= 640 else { throw valueError("maxdigits must be 0 or larger than 640") }
            maximumDigits = limit
            return .none
        },
        Native("get_int_max_str_digits()", "") { _ in Value(maximumDigits) },
        Native("_clear_type_cache()", "") { _ in .none },
        Native("_is_gil_enabled()", "Return True if the GIL is currently enabled and False if it is disabled.") { _ in .true },
        Native("audit(event, /, *args)", "Passes the event to any hooks that are attached.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("expected str for argument 'event', not \(typeName(args[0]))") }
            if AuditHooks.listen { try AuditHooks.tell(args[0], args[1]) }
            return .none
        },
        Native("addaudithook(hook)", "Adds a new audit hook callback.") { args throws(Raised) in
            try AuditHooks.add(args[0])
            return .none
        },
        Native("_get_cpu_count_config()", "How many processors -X cpu_count or PYTHON_CPU_COUNT say that there are; -1: nothing.") { _ in
            Value(Runtime.processorCount ?? -1)
        },
        Native("unraisablehook(unraisable, /)", "Handle an unraisable exception.") { args throws(Raised) in
            let message = try getAttribute(args[0], StrTables.intern("err_msg"), default: .none)
            let object = try getAttribute(args[0], StrTables.intern("object"), default: .none)
            let prefix = message.isNone ? "Exception ignored in" : try str(message).string
            try writeText(
                Runtime.sysModule.pointee.namespace.get(Names.stderr), Array("\(prefix): \(try repr(object).string)\n".utf8))
            try printException(try getAttribute(args[0], StrTables.intern("exc_value"), default: .none))
            return .none
        },
        Native("__interactivehook__()", "What the prompt of CPython calls before it begins: completion and the history of the keyboard.") { _ throws(Raised) in
            try callValue(try getAttribute(try importModule("site"), "register_readline"))
        },
        Native("breakpointhook(*args, **kws)", "This hook function is called by built-in breakpoint().") { args throws(Raised) in
            let environment = try getAttribute(try importModule("os"), "environ")
            let given = try callMethod(environment, StrTables.intern("get"), Value(Str.make("PYTHONBREAKPOINT")))
            let text = given.isKind(.str) ? given.object(Str.self).string : ""
            if text == "0" { return .none }
            let path = text.isEmpty ? "pdb.set_trace" : text
            let dot = path.lastIndex(of: ".")
            let module = dot.map { String(path[..<$0]) } ?? "builtins"
            let name = dot.map { String(path[path.index(after: $0)...]) } ?? path
            let hook: Value
            do throws(Raised) {
                if module.isEmpty { throw valueError("Empty module name") }
                hook = try getAttribute(try importModule(module), StrTables.intern(name))
            } catch {
                _ = currentThread().takeRaised()
                try warn(.runtimeWarning, "Ignoring unimportable $PYTHONBREAKPOINT: \"\(text)\"")
                return .none
            }
            return try callValue(hook, args[0].object(Tuple.self), args[1].object(Dict.self))
        },
    ]

    /// Writes a text to a stream whose encoding has not got all of its characters.
    private static func writeEscaped(_ output: Value, _ text: StrRef) throws(Raised) {
        let encoding = try getAttribute(output, "encoding")
        guard encoding.isKind(.str) else { throw typeError("encoding must be str, not \(typeName(encoding))") }
        let octets = try Codecs.encode(text, encoding.object(Str.self), StrTables.intern("backslashreplace"))
        let buffer = try getAttribute(output, StrTables.intern("buffer"), default: .absent)
        if buffer.isAbsent {
            let escaped = try Codecs.decode(try BufferView(octets), encoding.object(Str.self), nil)
            try writeText(output, Array(escaped.buffer))
        } else {
            _ = try callMethod(output, StrTables.intern("flush"))
            _ = try callMethod(buffer, StrTables.intern("write"), octets)
        }
    }

    /// Longest decimal text that int() reads and str() writes.
    nonisolated(unsafe) public static var maximumDigits = 4300 {
        didSet { NumberLiteral.maximumDigits = maximumDigits }
    }

    static func prepare(_ contents: ModuleContents) {
        func text(_ string: String) -> Value { Value(Str.make(string)) }
        StandardStreams.install(contents)
        contents.set("argv", Value(List.make()))
        contents.set("orig_argv", Value(List.make()))
        contents.set("path", Value(List.make()))
        contents.set("meta_path", Value(List.make()))
        contents.set("path_hooks", Value(List.make()))
        contents.set("path_importer_cache", Value(Dict.make()))
        contents.set("warnoptions", Value(List.make()))
        contents.set("_xoptions", Value(Dict.make()))
        contents.set("platform", "linux")
        contents.set("byteorder", "little")
        contents.set("maxsize", Int.max)
        contents.set("maxunicode", 0x10FFFF)
        contents.set("hexversion", 0x030D_00F0)
        contents.set("api_version", 1013)
        contents.set("_git", Value(Tuple.make(["Tiny", "", ""].map { Value(StrTables.intern($0)) })))
        contents.set("copyright", "Tiny: a small interpreter of the Python language.")
        contents.set("version", "3.13.0 (tiny) [Swift]")
        contents.set("float_repr_style", "short")
        contents.set("prefix", VirtualEnvironment.current?.folder ?? "/usr")
        contents.set("exec_prefix", VirtualEnvironment.current?.folder ?? "/usr")
        contents.set("base_prefix", "/usr")
        contents.set("base_exec_prefix", "/usr")
        contents.set("platlibdir", "lib")
        contents.set("abiflags", "")
        contents.set("_framework", "")
        contents.set("_home", .none)
        contents.set("_stdlib_dir", .none)
        // Where the source comes from: nothing that is told.
        contents.set("_git", Value(Tuple.make(Value(Str.make("CPython")), Value(Str.make("")), Value(Str.make("")))))
        contents.set("pycache_prefix", .none)
        contents.set("monitoring", MonitoringModule.make())
        contents.set("dont_write_bytecode", .false)
        let executable = text(executablePath())
        contents.set("executable", VirtualEnvironment.current.map { text($0.executable) } ?? executable)
        contents.set("_base_executable", VirtualEnvironment.current?.baseExecutable.map { text($0) } ?? executable)
        contents.set("builtin_module_names", Value(Tuple.make(NativeModules.all.map { Value(Str.make($0.name)) } + [text("builtins"), text("sys")])))
        contents.set("stdlib_module_names", SetObject.frozen(EmbeddedLibrary.topNames().map { Value($0) }
            + NativeModules.all.map { Value(StrTables.intern($0.name)) } + [text("builtins"), text("sys")]))
        contents.set("excepthook", contents.namespace.get(Names.excepthook))
        contents.set("__excepthook__", contents.namespace.get(Names.excepthook))
        contents.set("__displayhook__", contents.namespace.get(Names.displayhook))
        contents.set("__unraisablehook__", contents.namespace.get(StrTables.intern("unraisablehook")))
        contents.set("__breakpointhook__", contents.namespace.get(StrTables.intern("breakpointhook")))
        StructSequence.prepareSys(contents)
        asyncHooksClass = StructSequence.makeClass(
            "asyncgen_hooks", module: "builtins", fields: ["firstiter", "finalizer"], constructible: false)
        heap.permanentRoots.append(Value(asyncHooksClass))
    }

    /// Of what `sys.get_asyncgen_hooks` returns.
    nonisolated(unsafe) private static var asyncHooksClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func executablePath() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = buffer.withUnsafeMutableBytes { readlink("/proc/self/exe", $0.baseAddress.unsafelyUnwrapped, $0.count) }
        return count > 0 ? String(decoding: buffer[0 ..< count], as: UTF8.self) : ""
    }
}
