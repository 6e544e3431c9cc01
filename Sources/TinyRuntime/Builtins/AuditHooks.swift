// `sys.addaudithook`: functions that are told of what a program does, and may forbid it by raising.
//
// Nobody listens as a rule, so that a place that tells costs one test of a flag: `if AuditHooks.listen { try AuditHooks.tell(…) }`.
// Hooks stay for good, and tracing is off while they run unless a hook has a true `__cantrace__`.

/// The audit hooks (PEP 578). Guarded by the GIL.
public enum AuditHooks {
    /// Whether there are any hooks.
    nonisolated(unsafe) public private(set) static var listen = false
    /// The hooks, a list; a permanent root.
    nonisolated(unsafe) private static var hooks: ListRef?

    /// Calls every hook with the name of an event and its arguments. What a hook raises goes on to who did it.
    public static func tell(_ event: StaticString, _ arguments: Value...) throws(Raised) {
        try tell(Value(StrTables.intern(event)), Value(Tuple.make(arguments)))
    }

    static func tell(_ event: Value, _ arguments: Value) throws(Raised) {
        guard let hooks else { return }
        var place = 0
        while place < hooks.count {
            let hook = hooks.items[place]
            place += 1
            try call(hook, event, arguments)
        }
    }

    private static func call(_ hook: Value, _ event: Value, _ arguments: Value) throws(Raised) {
        let thread = currentThread()
        let tracer = thread.pointee.traceFunction
        guard !tracer.isNone, !tracer.isAbsent else {
            _ = try callValue(hook, event, arguments)
            return
        }
        let flag = try getAttribute(hook, StrTables.intern("__cantrace__"), default: .false)
        if try truth(flag) {
            _ = try callValue(hook, event, arguments)
            return
        }
        thread.setTracer(.none, isProfiler: false)
        defer { thread.setTracer(tracer, isProfiler: false) }
        _ = try callValue(hook, event, arguments)
    }

    /// Adds a hook; one that is there already may keep it out by raising an Exception.
    static func add(_ hook: Value) throws(Raised) {
        do throws(Raised) { try tell("sys.addaudithook") } catch {
            guard currentThread().raisedIs(.exception) else { throw error }
            _ = currentThread().takeRaised()
            return
        }
        if hooks == nil {
            let made = List.make()
            heap.permanentRoots.append(Value(made))
            hooks = made
        }
        hooks?.append(hook)
        listen = true
    }
}
