// `sys.monitoring`: what a tool calls to say which events it wants (see Interpreter/Monitoring.swift).

enum MonitoringModule {
    /// The module object, which is an attribute of `sys` and not importable by itself.
    static func make() -> Value {
        let name = StrTables.intern("sys.monitoring")
        let module = ModuleObject.make(name)
        let namespace = module.pointee.namespace
        for native in functions { native.install(in: namespace, moduleName: Value(name)) }
        namespace.set(StrTables.intern("DEBUGGER_ID"), Value(0))
        namespace.set(StrTables.intern("COVERAGE_ID"), Value(1))
        namespace.set(StrTables.intern("PROFILER_ID"), Value(Monitoring.profilerTool))
        namespace.set(StrTables.intern("OPTIMIZER_ID"), Value(5))
        namespace.set(StrTables.intern("DISABLE"), Monitoring.disable)
        namespace.set(StrTables.intern("MISSING"), Monitoring.missing)
        // A dict at once: this is on the way to the first instruction of each script, and as many shapes cost ten times as much.
        let bits = Dict.make()
        var number = 0
        while let event = MonitoredEvent(rawValue: number) {
            bits.set(StrTables.intern(event.name), Value(Int(event.bit)))
            number += 1
        }
        bits.set(StrTables.intern("NO_EVENTS"), Value(0))
        let events = Instance.allocate(StructSequence.namespaceClass)
        events.setDictionary(bits)
        namespace.set(StrTables.intern("events"), Value(events))
        return Value(module)
    }

    private static let functions: [Native] = [
        Native("use_tool_id(tool_id, name, /)", "Claim a tool id under a name.") { args throws(Raised) in
            let tool = try tool(args[0])
            guard args[1].isKind(.str) else { throw valueError("tool name must be a str") }
            guard Monitoring.name(of: tool).isNone else { throw valueError("tool \(tool) is already in use") }
            Monitoring.setName(of: tool, args[1])
            return .none
        },
        Native("free_tool_id(tool_id, /)", "Give a tool id up, with all its events and callbacks.") { args throws(Raised) in
            Monitoring.free(try tool(args[0]))
            return .none
        },
        Native("get_tool(tool_id, /)", "The name under which a tool id is in use, or None.") { args throws(Raised) in
            Monitoring.name(of: try tool(args[0]))
        },
        Native("register_callback(tool_id, event, func, /)", "Set the function that is told of an event; return the one before.") { args throws(Raised) in
            let tool = try tool(args[0])
            let bits = try index(args[1])
            guard bits > 0, bits.nonzeroBitCount == 1 else { throw valueError("The callback can only be set for one event at a time") }
            guard let event = MonitoredEvent(rawValue: bits.trailingZeroBitCount) else { throw valueError("invalid event \(bits)") }
            if AuditHooks.listen { try AuditHooks.tell("sys.monitoring.register_callback", args[2]) }
            return Monitoring.setCallback(tool, event, args[2])
        },
        Native("get_events(tool_id, /)", "The events that a tool wants everywhere.") { args throws(Raised) in
            Value(Int(Monitoring.events(of: try tool(args[0]))))
        },
        Native("set_events(tool_id, event_set, /)", "Set the events that a tool wants everywhere.") { args throws(Raised) in
            let tool = try tool(args[0])
            let events = try eventSet(args[1], count: MonitoredEvent.count, "invalid event set")
            try checkUse(tool)
            Monitoring.want(events, tool)
            return .none
        },
        Native("get_local_events(tool_id, code, /)", "The events that a tool wants of a code object.") { args throws(Raised) in
            let code = try code(args[1])
            return Value(Int(Monitoring.events(of: try tool(args[0]), in: code)))
        },
        Native("set_local_events(tool_id, code, event_set, /)", "Set the events that a tool wants of a code object.") { args throws(Raised) in
            let code = try code(args[1])
            let tool = try tool(args[0])
            let events = try eventSet(args[2], count: MonitoredEvent.localCount, "invalid local event set")
            try checkUse(tool)
            Monitoring.want(events, tool, in: code)
            return .none
        },
        Native("restart_events()", "Let events be told again that callbacks have disabled.") { _ in
            Monitoring.restart()
            return .none
        },
        Native("_all_events()", "The events that are wanted everywhere, by name, with a bit for each tool.") { _ throws(Raised) in
            let result = Dict.make()
            for event in MonitoredEvent.allCases {
                var tools = 0
                for tool in 0 ..< Monitoring.toolCount where Monitoring.events(of: tool) & event.bit != 0 { tools |= 1 << tool }
                if tools != 0 { result.set(StrTables.intern(event.name), Value(tools)) }
            }
            return Value(result)
        },
    ]

    private static func tool(_ value: Value) throws(Raised) -> Int {
        let tool = try index(value)
        guard tool >= 0, tool < Monitoring.toolCount else { throw valueError("invalid tool \(tool) (must be between 0 and 5)") }
        return tool
    }

    private static func checkUse(_ tool: Int) throws(Raised) {
        guard !Monitoring.name(of: tool).isNone else { throw valueError("tool \(tool) is not in use") }
    }

    private static func code(_ value: Value) throws(Raised) -> CodeRef {
        guard value.isKind(.code) else { throw typeError("code must be a code object") }
        return value.object(Code.self)
    }

    /// A set of events. The ends of native calls come with calls and can't be wanted alone.
    private static func eventSet(_ value: Value, count: Int, _ complaint: String) throws(Raised) -> UInt32 {
        let number = try index(value)
        let ends = Int(MonitoredEvent.nativeReturn.bit | MonitoredEvent.nativeRaise.bit)
        guard number >= 0, number < 1 << MonitoredEvent.count else {
            throw valueError("\(complaint) 0x\(String(UInt(bitPattern: number), radix: 16))")
        }
        if number & ends != 0, number & ends != ends || number & Int(MonitoredEvent.call.bit) == 0 {
            throw valueError("cannot set C_RETURN or C_RAISE events independently")
        }
        let events = number & ~ends
        guard events < 1 << count else { throw valueError("\(complaint) 0x\(String(UInt(bitPattern: events), radix: 16))") }
        return UInt32(truncatingIfNeeded: events)
    }
}
