// What the command line calls: run a file, a command or standard input as `__main__`, and end the process properly.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

extension Runtime {
    /// What sys.path began with: the folder of the script, "" for the working directory, nil if there is none.
    nonisolated(unsafe) static var firstFolder: String?

    /// What the process was started with, its name included. (`CommandLine.arguments` reads /proc/self/maps to find it: 0.1 ms.)
    public static var processArguments: [String] {
        var arguments: [String] = []
        while let text = tiny_process_arguments()?[arguments.count] { arguments.append(String(cString: text)) }
        return arguments
    }

    /// Whether the process's argument of that number is UTF-8.
    public static func isText(argument: Int) -> Bool {
        guard let text = tiny_process_arguments()?[argument] else { return true }
        return String(validatingCString: text) != nil
    }

    /// Sets sys.argv and sys.path. `firstPath` is where the script is, `extra` what TINYPATH holds.
    public static func setArguments(_ arguments: [String], firstPath: String?, extra: String?) {
        let original = List.make()
        while let text = tiny_process_arguments()?[original.count] {
            do { original.append(try SystemPath.decode(text)) } catch { original.append(Value(Str.make(String(cString: text)))) }
        }
        sysModule.pointee.namespace.set(StrTables.intern("orig_argv"), Value(original))
        // The arguments are the last ones of the process, but for a first one that was put there; octets that are no text stand as surrogates.
        let list = List.make()
        let before = original.count - arguments.count
        let given = processArguments
        for (place, argument) in arguments.enumerated() {
            let isOriginal = before + place >= 0 && before + place < given.count && given[before + place] == argument
            list.append(isOriginal ? original.items[before + place] : Value(Str.make(argument)))
        }
        sysModule.pointee.namespace.set(StrTables.intern("argv"), Value(list))
        let path = List.make()
        firstFolder = firstPath
        if let firstPath { path.append(Value(Str.make(firstPath))) }
        if let extra {
            for entry in extra.split(separator: ":") { path.append(Value(Str.make(String(entry)))) }
        }
        path.append(Value(Str.make(EmbeddedLibrary.prefix)))
        sysModule.pointee.namespace.set(StrTables.intern("path"), Value(path))
    }

    /// Puts the packages of the virtual environment that the program was called in on sys.path, if it is in one.
    public static func addInstalledPackages() {
        guard VirtualEnvironment.current != nil else { return }
        do {
            _ = try callValue(try getAttribute(try importModule("site"), "venv"), .none)
        } catch { _ = report() }
    }

    /// Runs `sitecustomize` and `usercustomize`, if one is in a folder that the environment names: there stands what every process is
    /// to do first.
    public static func customize(_ folders: String?) {
        guard let folders else { return }
        for name in ["sitecustomize", "usercustomize"] {
            let isThere = folders.split(separator: ":").contains { folder in
                [".py", ".tr"].contains { access("\(folder)/\(name)\($0)", R_OK) == 0 }
            }
            guard isThere else { continue }
            do { _ = try importModule(name) } catch { _ = report() }
        }
    }

    /// Makes the module `__main__`.
    private static func makeMain() -> DictRef {
        let name = StrTables.intern("__main__")
        let main = ModuleObject.make(name)
        modules.set(name, Value(main))
        main.pointee.namespace.set(StrTables.intern("__annotations__"), Value(Dict.make()))
        main.pointee.namespace.set(Names.builtins, Value(builtinsModule))
        Signals.installInterrupt()
        return main.pointee.namespace
    }

    /// Runs a text as the module `__main__`; then the prompt, if the options say so. The process's exit status.
    public static func runMain(_ text: [UInt8], fileName: String, setsFile: Bool = true, options: LanguageOptions = LanguageOptions()) -> Int32 {
        let namespace = makeMain()
        if setsFile {
            namespace.set(Names.file, Value(Str.make(fileName)))
            namespace.set(Names.cached, .none)
        }
        var status: Int32 = 0
        do {
            if mentionsLoader(text) { try Finders.setLoader(ofMain: namespace) }
            let code = setsFile && BytecodeFile.isOne(text)
                ? try BytecodeFile.code(of: text, path: fileName, name: "__main__")
                : try compile(text, fileName: fileName, mode: .file, origin: setsFile || fileName == "<stdin>" ? .file : .text)
            PromptCollection.begin()
            _ = try execute(code, globals: namespace)
        } catch { status = report(keepsExit: options.inspects) }
        return finish(inspected(status, options))
    }

    /// Whether a program says `__loader__`, which is only made for those that do.
    private static func mentionsLoader(_ text: [UInt8]) -> Bool {
        text.withUnsafeBytes { octets in
            guard let start = octets.baseAddress else { return false }
            return tiny_memmem(start, octets.count, "__loader__", 10) != nil
        }
    }

    /// `-m` runs a module as `__main__`; an archive, which is the first entry of sys.path, has its own `__main__`.
    /// - Parameter isNamed: whether the module was named on the command line: then sys.argv[0] becomes its file.
    public static func runModule(_ name: String, isNamed: Bool = true, options: LanguageOptions = LanguageOptions()) -> Int32 {
        _ = makeMain()
        var status: Int32 = 0
        do {
            let run = try getAttribute(try importModule("runpy"), "_run_module_as_main")
            _ = try callValue(run, Value(Str.make(name)), Value(isNamed))
        } catch { status = report(keepsExit: options.inspects) }
        return finish(inspected(status, options))
    }

    /// The prompt, on a terminal or (`-i`) on any standard input.
    public static func runPrompt(_ options: LanguageOptions) -> Int32 {
        let namespace = makeMain()
        // Most of what the prompt imports stays: a collection on the way would find little.
        heap.putOffCollection(Heap.initialThreshold / 2)
        return finish(call("_repl", "run", Value(namespace), Value(options.isQuiet), options.variable("STARTUP").map { Value(Str.make($0)) } ?? .none))
    }

    /// Calls a function of a module of the library: the tools behind options. Its result is the exit status.
    public static func runTool(_ module: String, _ function: String, _ arguments: [String]) -> Int32 {
        _ = makeMain()
        let list = List.make()
        for argument in arguments { list.append(Value(Str.make(argument))) }
        return finish(call(module, function, Value(list)))
    }

    private static func call(_ module: String, _ function: String, _ arguments: Value...) -> Int32 {
        do {
            let result = try callWith(try getAttribute(try importModule(module), StrTables.intern(function)), arguments)
            return machineInt(result).map { Int32(truncatingIfNeeded: $0 & 0xFF) } ?? 0
        } catch { return report() }
    }

    /// `-i` and TINYINSPECT (which the script may have set): the prompt in the script's namespace.
    private static func inspected(_ status: Int32, _ options: LanguageOptions) -> Int32 {
        guard options.inspects, options.isInteractive || isatty(0) == 1 else { return status }
        let main = modules.get(StrTables.intern("__main__"))
        guard main.isKind(.module) else { return status }
        return call("_repl", "run", Value(main.object(ModuleObject.self).pointee.namespace), .true, .none)
    }

    /// Says what ended the script; the exit status.
    static func report(keepsExit: Bool = false) -> Int32 {
        let t = currentThread()
        let exception = t.takeRaised()
        if !keepsExit, exception.isKind(.exception), exception.cls.isSubclass(of: ExceptionName.systemExit.cls) {
            let code = exception.object(ExceptionObject.self).field(0)
            if code.isNone { return 0 }
            if let number = machineInt(code) { return Int32(truncatingIfNeeded: number & 0xFF) }
            do {
                let text = try str(code)
                try writeText(sysModule.pointee.namespace.get(Names.stderr), Array(text.buffer) + [0x0A])
            } catch { _ = t.takeRaised() }
            return 1
        }
        let isFlushed = flush(Names.stdout)
        if exception.cls.isSubclass(of: ExceptionName.brokenPipeError.cls), !isFlushed || outputIsBroken { return 1 }
        rememberLast(exception)
        do {
            let hook = sysModule.pointee.namespace.get(Names.excepthook)
            if AuditHooks.listen {
                let traceback = exception.object(ExceptionObject.self).pointee.traceback
                try AuditHooks.tell("sys.excepthook", hook.isAbsent ? .none : hook, Value(exception.cls), exception, traceback)
            }
            if hook.isAbsent {
                try printException(exception)
            } else {
                let traceback = exception.object(ExceptionObject.self).pointee.traceback
                _ = try callValue(hook, Value(exception.cls), exception, traceback)
            }
        } catch {
            let second = t.takeRaised()
            if second.cls.isSubclass(of: ExceptionName.systemExit.cls) {
                return Int32(truncatingIfNeeded: machineInt(second.object(ExceptionObject.self).field(0)) ?? 1)
            }
            try? printException(second)
        }
        if exception.cls.isSubclass(of: ExceptionName.keyboardInterrupt.cls) { return -SIGINT }
        return 1
    }

    /// `sys.last_exc` and its older names: for `-i` and whoever looks at it afterwards.
    private static func rememberLast(_ exception: Value) {
        let namespace = sysModule.pointee.namespace
        for (name, value) in [
            ("last_type", Value(exception.cls)), ("last_value", exception), ("last_exc", exception),
            ("last_traceback", exception.object(ExceptionObject.self).pointee.traceback),
        ] {
            namespace.set(StrTables.intern(name), value.isAbsent ? .none : value)
        }
    }

    /// Nobody reads standard output any more (`… | head`): then an error about it is of no use to anybody.
    private static var outputIsBroken: Bool {
        var question = pollfd(fd: 1, events: Int16(POLLOUT), revents: 0)
        return poll(&question, 1, 0) > 0 && Int32(question.revents) & POLLERR != 0
    }

    /// Joins threads, runs exit handlers, flushes.
    static func finish(_ status: Int32) -> Int32 {
        var status = status
        let t = currentThread()
        let threading = modules.get(StrTables.intern("threading"))
        if threading.isKind(.module) {
            do {
                let shutdown = try getAttribute(threading, StrTables.intern("_shutdown"), default: .absent)
                if !shutdown.isAbsent { _ = try callValue(shutdown) }
            } catch {
                let exception = t.pointee.raised
                if exception.cls.isSubclass(of: ExceptionName.deadlockError.cls) {
                    status = report()
                } else {
                    reportUnraisable(t.takeRaised(), threading, "Exception ignored on threading shutdown")
                }
            }
        }
        AtexitModule.runAll()
        Threads.isFinalizing = true
        finalizeModules()
        let isFlushed = [flush(Names.stdout), flush(Names.stderr)].allSatisfy { $0 }
        DirtyStreams.flushAll()
        if !isFlushed, status != -SIGINT { status = 120 }
        ConcurrencyOptions.finish()
        if status == -SIGINT {
            signal(SIGINT, SIG_DFL)
            kill(getpid(), SIGINT)
        }
        return status
    }

    /// Objects that have a `__del__` and that only modules keep end before the streams do: the main module is forgotten, then the
    /// others, and what is dead without them is finalised while all that it refers to is still whole.
    private static func finalizeModules() {
        func finalizeDead() {
            heap.collect()
            // In the order in which they were made, as modules let go of them.
            heap.pendingFinalizers.reverse()
            do { try runFinalizers() } catch { _ = currentThread().takeRaised() }
        }
        var isNeeded: Bool { heap.finalizable.contains { UnclosedStreams.matters(Value(address: $0)) } }
        guard isNeeded else { return }
        if modules.remove(StrTables.intern("__main__")) { finalizeDead() }
        guard isNeeded else { return }
        var names: [StrRef] = []
        var position = 0
        while let entry = modules.next(&position) {
            guard entry.pointee.key.isKind(.str) else { continue }
            let name = entry.pointee.key.object(Str.self)
            if !name.equals("sys"), !name.equals("builtins") { names.append(name) }
        }
        for name in names { _ = modules.remove(name) }
        finalizeDead()
        guard isNeeded else { return }
        // Modules that a script put into these two would stay for ever.
        for namespace in [sysModule.pointee.namespace, builtinsModule.pointee.namespace] {
            var kept: [StrRef] = []
            var position = 0
            while let entry = namespace.next(&position) {
                if entry.pointee.key.isKind(.str), entry.pointee.value.isKind(.module) { kept.append(entry.pointee.key.object(Str.self)) }
            }
            for name in kept { _ = namespace.remove(name) }
        }
        finalizeDead()
    }

    /// False if what was written could not get out. An error is reported, a closed stream is fine.
    private static func flush(_ name: StrRef) -> Bool {
        let stream = sysModule.pointee.namespace.get(name)
        guard !stream.isAbsent, !stream.isNone else { return true }
        do {
            if IOBase.isPlain(stream, IOClasses.wrapper), let text = stream.boxed(TextStream.self) {
                if try !text.isClosed() { try text.flush() }
                return true
            }
            let closed = try getAttribute(stream, IOBase.closed, default: .false)
            if try truth(closed) { return true }
            _ = try callMethod(stream, Names.flush)
            return true
        } catch {
            let exception = currentThread().takeRaised()
            if exception.cls.isSubclass(of: ExceptionName.brokenPipeError.cls) { return false }
            if exception.isKind(.exception) { exception.object(ExceptionObject.self).pointee.traceback = .none }
            if name == Names.stdout { reportUnraisable(exception, .none, "Exception ignored on flushing sys.stdout") }
            return false
        }
    }
}
