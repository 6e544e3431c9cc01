// `_lsprof`: the profiler of `cProfile`. It is told of calls as a function of sys.setprofile is (Interpreter/Tracing.swift), but
// without a call into the script.
//
// Each function has an entry; each call in progress a context on a stack. A function that is on the stack several times
// counts its total time once, with the outermost call: `depth` says how often it is.

final class CallProfiler: TracedObject {
    nonisolated(unsafe) private static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var entryClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var subentryClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// What is known of a function, or of its calls by one other function.
    private final class Entry {
        let code: Value
        var calls = 0
        var recursiveCalls = 0
        var total = 0.0
        var own = 0.0
        var depth = 0
        var callees: [UInt64: Entry] = [:]
        init(_ code: Value) { self.code = code }

        func begin() { depth += 1 }

        func end(_ elapsed: Double, _ own: Double) {
            depth -= 1
            if depth == 0 { total += elapsed } else { recursiveCalls += 1 }
            self.own += own
            calls += 1
        }
    }

    private struct Context {
        let key: UInt64
        let entry: Entry
        let start: Double
        /// Time spent in what it called.
        var below = 0.0
    }

    private let timer: Value
    private let unit: Double
    private var countsCallees: Bool
    private var countsNatives: Bool
    private var entries: [UInt64: Entry] = [:]
    private var order: [Entry] = []
    private var stack: [Context] = []
    private var isOn = false
    private var isAskingTimer = false

    private init(timer: Value, unit: Double, countsCallees: Bool, countsNatives: Bool) {
        self.timer = timer
        self.unit = unit
        self.countsCallees = countsCallees
        self.countsNatives = countsNatives
    }

    func trace(_ marker: inout Marker) {
        marker.mark(timer)
        // What callees are is among these too.
        for entry in order { marker.mark(entry.code) }
        for context in stack { marker.mark(context.entry.code) }
    }

    private static func of(_ value: Value) throws(Raised) -> CallProfiler {
        guard let own = value.boxed(CallProfiler.self) else { throw typeError("a Profiler object is required") }
        return own
    }

    // MARK: Events

    /// An event of sys.setprofile.
    func hear(_ event: StaticString, _ code: CodeRef, _ argument: Value) throws(Raised) {
        switch event.description {
        case "call": try enter(Value(code).bits, Value(code))
        case "return": try leave()
        case "c_call" where countsNatives:
            let native = argument.object(NativeFunction.self)
            let key = UInt64(UInt(bitPattern: native.pointee.record))
            try enter(key, entries[key]?.code ?? Value(CallProfiler.label(native)))
        case "c_return" where countsNatives, "c_exception" where countsNatives: try leave()
        default: break
        }
    }

    /// How a native function is called in reports.
    private static func label(_ native: NativeRef) -> StrRef {
        let name = native.pointee.record.pointee.name.string
        if let owner = native.pointee.record.pointee.owner {
            return Str.make("<method '\(name)' of '\(qualifiedClassName(owner))' objects>")
        }
        let module = native.pointee.module
        return Str.make(module.isKind(.str) ? "<built-in method \(module.object(Str.self).string).\(name)>" : "<built-in method \(name)>")
    }

    private func now() throws(Raised) -> Double {
        guard !timer.isNone else { return Double(Clock.real()) * 1e-9 }
        isAskingTimer = true
        defer { isAskingTimer = false }
        let answer: Value
        do throws(Raised) { answer = try callValue(timer) } catch {
            reportUnraisable(currentThread().takeRaised(), timer)
            return 0
        }
        if isInteger(answer) { return doubleValue(answer) * (unit > 0 ? unit : 1) }
        if let number = floatOf(answer) { return number }
        _ = typeError("must be real number, not \(typeName(answer))")
        reportUnraisable(currentThread().takeRaised(), timer)
        return 0
    }

    private func enter(_ key: UInt64, _ code: Value) throws(Raised) {
        let entry: Entry
        if let known = entries[key] {
            entry = known
        } else {
            entry = Entry(code)
            entries[key] = entry
            order.append(entry)
        }
        if countsCallees, let caller = stack.last?.entry {
            if caller.callees[key] == nil { caller.callees[key] = Entry(code) }
            caller.callees[key]?.begin()
        }
        entry.begin()
        let start = try now()
        guard isOn else { return }
        stack.append(Context(key: key, entry: entry, start: start))
    }

    private func leave() throws(Raised) {
        guard !stack.isEmpty else { return }
        let time = try now()
        // The timer may have ended it all.
        guard let context = stack.popLast() else { return }
        let elapsed = time - context.start
        let own = elapsed - context.below
        context.entry.end(elapsed, own)
        guard !stack.isEmpty else { return }
        stack[stack.count - 1].below += elapsed
        if countsCallees { stack[stack.count - 1].entry.callees[context.key]?.end(elapsed, own) }
    }

    // MARK: What the script sees

    static let nativeModule = NativeModule("_lsprof", doc: "Fast profiler", functions: { [] }, prepare: { contents throws(Raised) in
        cls = contents.add(nativeClass)
        entryClass = StructSequence.makeClass(
            "profiler_entry", module: "_lsprof", fields: ["code", "callcount", "reccallcount", "totaltime", "inlinetime", "calls"])
        subentryClass = StructSequence.makeClass(
            "profiler_subentry", module: "_lsprof", fields: ["code", "callcount", "reccallcount", "totaltime", "inlinetime"])
        contents.set("profiler_entry", Value(entryClass))
        contents.set("profiler_subentry", Value(subentryClass))
    })

    private func stop() throws(Raised) {
        let t = currentThread()
        if t.pointee.profileFunction.boxed(CallProfiler.self) === self { t.setTracer(.none, isProfiler: true) }
        if isOn { Monitoring.setName(of: Monitoring.profilerTool, .none) }
        isOn = false
        while !stack.isEmpty { try leave() }
    }

    private func statistics() throws(Raised) -> Value {
        let list = List.make(capacity: order.count)
        // Nothing below runs script code.
        for entry in order where entry.calls > 0 {
            var calls = Value.none
            let callees = entry.callees.values.filter { $0.calls > 0 }
            if !callees.isEmpty {
                let sublist = List.make(capacity: callees.count)
                for callee in callees {
                    sublist.append(StructSequence.make(CallProfiler.subentryClass, CallProfiler.numbers(callee)))
                }
                calls = Value(sublist)
            }
            list.append(StructSequence.make(CallProfiler.entryClass, CallProfiler.numbers(entry) + [calls]))
        }
        return Value(list)
    }

    private static func numbers(_ entry: Entry) -> [Value] {
        [entry.code, Value(entry.calls), Value(entry.recursiveCalls), Value(entry.total), Value(entry.own)]
    }

    private static let nativeClass = NativeClass(
        "Profiler", kind: .box, doc: "Build a profiler object using the specified timer function.", flags: [.isBase], methods: [
            Native("enable(self, /, subcalls=True, builtins=True)", "Start collecting profiling information.", .method) { args throws(Raised) in
                let own = try of(args[0])
                own.countsCallees = try truth(args[1])
                own.countsNatives = try truth(args[2])
                let t = currentThread()
                let active = t.pointee.profileFunction.boxed(CallProfiler.self)
                let isTaken = !own.isOn && !Monitoring.name(of: Monitoring.profilerTool).isNone
                guard active == nil && !isTaken || active === own else { throw valueError("Another profiling tool is already active") }
                Monitoring.setName(of: Monitoring.profilerTool, Value(StrTables.intern("cProfile")))
                own.isOn = true
                t.setTracer(args[0], isProfiler: true)
                return .none
            },
            Native("disable(self, /)", "Stop collecting profiling information.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.isAskingTimer else { throw raise(.runtimeError, "cannot disable profiler in external timer") }
                try own.stop()
                return .none
            },
            Native("clear(self, /)", "Clear all profiling information collected so far.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.isAskingTimer else { throw raise(.runtimeError, "cannot clear profiler in external timer") }
                own.entries = [:]
                own.order = []
                own.stack = []
                return .none
            },
            Native("getstats(self, /)", "A list of profiler_entry objects.", .method) { args throws(Raised) in
                let own = try of(args[0])
                guard !own.isAskingTimer else { throw raise(.runtimeError, "cannot get statistics in external timer") }
                return try own.statistics()
            },
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["timer", "timeunit", "subcalls", "builtins"], required: 0, function: "Profiler")
            defer { values.deallocate() }
            let timer = values[0].isAbsent ? Value.none : values[0]
            let unit = values[1].isAbsent || values[1].isNone ? 0 : try doubleArgument(values[1])
            let countsCallees = values[2].isAbsent ? true : try truth(values[2])
            let countsNatives = values[3].isAbsent ? true : try truth(values[3])
            let own = CallProfiler(timer: timer, unit: unit, countsCallees: countsCallees, countsNatives: countsNatives)
            return BoxedObject.make(own, args[0].object(ClassObject.self))
        })
}
