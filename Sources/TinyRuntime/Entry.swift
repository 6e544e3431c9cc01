// What the command line calls: run a file, a command or standard input as `__main__`, and end the process properly.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

extension Runtime {
    /// Sets sys.argv and the front of sys.path.
    public static func setArguments(_ arguments: [String], firstPath: String?) {
        let list = List.make()
        for argument in arguments { list.append(Value(Str.make(argument))) }
        sysModule.pointee.namespace.set(StrTables.intern("argv"), Value(list))
        let path = List.make()
        if let firstPath { path.append(Value(Str.make(firstPath))) }
        if let extra = getenv("TINYPATH").map({ String(cString: $0) }) {
            for entry in extra.split(separator: ":") { path.append(Value(Str.make(String(entry)))) }
        }
        path.append(Value(Str.make(EmbeddedLibrary.prefix)))
        sysModule.pointee.namespace.set(StrTables.intern("path"), Value(path))
    }

    /// Runs a text as the module `__main__`. The process's exit status.
    public static func runMain(_ text: [UInt8], fileName: String, setsFile: Bool = true) -> Int32 {
        let name = StrTables.intern("__main__")
        let main = ModuleObject.make(name)
        modules.set(name, Value(main))
        if setsFile { main.pointee.namespace.set(Names.file, Value(Str.make(fileName))) }
        main.pointee.namespace.set(Names.builtins, Value(builtinsModule))
        main.pointee.namespace.set(Names.annotations, Value(Dict.make()))
        _ = main.pointee.namespace.remove(Names.annotations)
        Signals.installInterrupt()
        var status: Int32 = 0
        do {
            let code = try compile(text, fileName: fileName, mode: .file)
            _ = try execute(code, globals: main.pointee.namespace)
        } catch { status = report() }
        return finish(status)
    }

    /// `-m`: runs a module as `__main__`.
    public static func runModule(_ name: String) -> Int32 {
        Signals.installInterrupt()
        var status: Int32 = 0
        do {
            let run = try getAttribute(try importModule("runpy"), "_run_module_as_main")
            _ = try callValue(run, Value(Str.make(name)))
        } catch { status = report() }
        return finish(status)
    }

    /// Says what ended the script; the exit status.
    static func report() -> Int32 {
        let t = currentThread()
        let exception = t.takeRaised()
        if exception.isKind(.exception), exception.cls.isSubclass(of: ExceptionName.systemExit.cls) {
            let code = exception.object(ExceptionObject.self).field(0)
            if code.isNone { return 0 }
            if let number = machineInt(code) { return Int32(truncatingIfNeeded: number & 0xFF) }
            do {
                let text = try str(code)
                try writeText(sysModule.pointee.namespace.get(Names.stderr), Array(text.buffer) + [0x0A])
            } catch { _ = t.takeRaised() }
            return 1
        }
        flush(Names.stdout)
        do {
            let hook = sysModule.pointee.namespace.get(Names.excepthook)
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

    /// Joins threads, runs exit handlers, flushes.
    static func finish(_ status: Int32) -> Int32 {
        var status = status
        let t = currentThread()
        for (module, function) in [("threading", "_shutdown"), ("atexit", "_run_exitfuncs")] {
            let object = modules.get(StrTables.intern(module))
            guard object.isKind(.module) else { continue }
            do {
                let hook = try getAttribute(object, StrTables.intern(function), default: .absent)
                if !hook.isAbsent { _ = try callValue(hook) }
            } catch {
                let exception = t.pointee.raised
                if exception.cls.isSubclass(of: ExceptionName.deadlockError.cls) {
                    status = report()
                } else {
                    reportUnraisable(t.takeRaised(), object, "Exception ignored on threading shutdown")
                }
            }
        }
        Threads.isFinalizing = true
        finalizeMain()
        let isFlushed = flush(Names.stdout)
        flush(Names.stderr)
        DirtyStreams.flushAll()
        if !isFlushed, status == 0 { status = 120 }
        ConcurrencyOptions.finish()
        if status == -SIGINT {
            signal(SIGINT, SIG_DFL)
            kill(getpid(), SIGINT)
        }
        return status
    }

    /// Objects that have a `__del__` and that only the main module keeps end before the streams do: the module is forgotten,
    /// and what is dead without it is finalised while all that it refers to is still whole.
    private static func finalizeMain() {
        guard !heap.finalizable.isEmpty, modules.remove(StrTables.intern("__main__")) else { return }
        heap.collect()
        do { try runFinalizers() } catch { _ = currentThread().takeRaised() }
    }

    /// False if what was written could not get out. An error is reported, a closed stream is fine.
    @discardableResult
    private static func flush(_ name: StrRef) -> Bool {
        let stream = sysModule.pointee.namespace.get(name)
        guard !stream.isAbsent, !stream.isNone else { return true }
        do {
            let closed = try getAttribute(stream, IOBase.closed, default: .false)
            if try truth(closed) { return true }
            _ = try callMethod(stream, Names.flush)
            return true
        } catch {
            let exception = currentThread().takeRaised()
            if exception.cls.isSubclass(of: ExceptionName.brokenPipeError.cls) { return false }
            if exception.isKind(.exception) { exception.object(ExceptionObject.self).pointee.traceback = .none }
            if name == Names.stdout { reportUnraisable(exception, stream, "Exception ignored in") }
            return false
        }
    }
}
