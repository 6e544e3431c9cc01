// sys.monitoring: tools that are told of events of the interpreter, all threads' at once.
//
// Up to six tools (a debugger, a profiler, what measures coverage) each have a callback per event and say which events they
// want, everywhere or of one code object. A callback that returns DISABLE is not called again for that event at that
// instruction, until `restart_events`. Events arise where sys.settrace's do (Tracing.swift, Unwind.swift); while no tool
// wants any, nothing is observed and nothing paid.
import CTiny
import TinyCompiler

/// An event; its bit in a set of events is `1 << rawValue`.
enum MonitoredEvent: Int, CaseIterable {
    case start, resume, `return`, yield, call, line, instruction, jump, branch, stopIteration
    case raise, exceptionHandled, unwind, `throw`, reraise, nativeReturn, nativeRaise

    /// Those that belong to an instruction, so that they can be wanted of one code object and switched off at one place.
    static let localCount = 10
    static var count: Int { MonitoredEvent.nativeRaise.rawValue + 1 }

    var bit: UInt32 { 1 << UInt32(rawValue) }
    var isLocal: Bool { rawValue < MonitoredEvent.localCount }

    var name: StaticString {
        switch self {
        case .start: "PY_START"
        case .resume: "PY_RESUME"
        case .return: "PY_RETURN"
        case .yield: "PY_YIELD"
        case .call: "CALL"
        case .line: "LINE"
        case .instruction: "INSTRUCTION"
        case .jump: "JUMP"
        case .branch: "BRANCH"
        case .stopIteration: "STOP_ITERATION"
        case .raise: "RAISE"
        case .exceptionHandled: "EXCEPTION_HANDLED"
        case .unwind: "PY_UNWIND"
        case .throw: "PY_THROW"
        case .reraise: "RERAISE"
        case .nativeReturn: "C_RETURN"
        case .nativeRaise: "C_RAISE"
        }
    }
}

enum Monitoring {
    static let toolCount = 6
    /// The tool that profilers are to be.
    static let profilerTool = 2

    /// What tools want of one code object, and where they have switched an event off.
    private final class CodeEvents {
        var wanted = [UInt32](repeating: 0, count: toolCount)
        /// By word offset and event: a bit for each tool.
        var disabled: [Int: UInt8] = [:]
        /// The line that each word belongs to, or 0; and whether the code of a line begins with it.
        private let lines: [(line: Int32, isStart: Bool)]

        init(_ code: CodeRef) {
            let words = 0 ..< Int(code.pointee.wordCount)
            lines = words.map { (code.exactRange(at: $0).line, isLineStart(code, $0)) }
        }

        /// The line that is begun, or begun again, by the instruction at an offset, coming from another.
        func line(at offset: Int, from previous: Int?, isSend: Bool) -> Int? {
            guard lines.indices.contains(offset), lines[offset].line > 0 else { return nil }
            if lines[offset].isStart { return Int(lines[offset].line) }
            guard let previous, !isSend, lines.indices.contains(previous), lines[previous].line != lines[offset].line else { return nil }
            return Int(lines[offset].line)
        }
    }

    /// Whether any tool wants any event.
    nonisolated(unsafe) private(set) static var isActive = false
    /// All events that any tool wants anywhere.
    nonisolated(unsafe) private static var union: UInt32 = 0
    /// The entry of `codes` that was asked for last: it is asked for at every instruction.
    nonisolated(unsafe) private static var recent: (key: UInt64, entry: CodeEvents)?
    nonisolated(unsafe) private static var wanted = [UInt32](repeating: 0, count: toolCount)
    /// By address of the code object, which `keptAlive` holds.
    nonisolated(unsafe) private static var codes: [UInt64: CodeEvents] = [:]
    /// One list: what tools are called (None: not in use), then each tool's callbacks, DISABLE, MISSING, and code objects.
    nonisolated(unsafe) private static var kept: ListRef = {
        let list = List.make()
        heap.permanentRoots.append(Value(list))
        for _ in 0 ..< toolCount * (1 + MonitoredEvent.count) { list.append(.none) }
        for _ in 0 ..< 2 { list.append(Value(Instance.allocate(Runtime.objectClass))) }
        list.append(Value(List.make()))
        return list
    }()
    private static let markers = toolCount * (1 + MonitoredEvent.count)

    static var disable: Value { kept.items[markers] }
    static var missing: Value { kept.items[markers + 1] }
    private static var keptAlive: ListRef { kept.items[markers + 2].object(List.self) }

    // MARK: What tools want

    static func name(of tool: Int) -> Value { kept.items[tool] }
    static func setName(of tool: Int, _ name: Value) { kept.put(name, at: tool) }
    static func events(of tool: Int) -> UInt32 { wanted[tool] }
    static func events(of tool: Int, in code: CodeRef) -> UInt32 { codes[Value(code).bits]?.wanted[tool] ?? 0 }

    static func want(_ events: UInt32, _ tool: Int) {
        wanted[tool] = events
        noteActivity()
    }

    static func want(_ events: UInt32, _ tool: Int, in code: CodeRef) {
        entry(code).wanted[tool] = events
        noteActivity()
    }

    /// Replaces a callback and returns the one before.
    static func setCallback(_ tool: Int, _ event: MonitoredEvent, _ callback: Value) -> Value {
        let place = toolCount + tool * MonitoredEvent.count + event.rawValue
        let old = kept.items[place]
        kept.put(callback, at: place)
        return old
    }

    /// Nothing is switched off any more.
    static func restart() {
        for entry in codes.values { entry.disabled.removeAll() }
        forgetIdleCodes()
    }

    /// A tool is given up: its events, everywhere, and its callbacks.
    static func free(_ tool: Int) {
        for event in MonitoredEvent.allCases { _ = setCallback(tool, event, .none) }
        for entry in codes.values { entry.wanted[tool] = 0 }
        setName(of: tool, .none)
        want(0, tool)
        forgetIdleCodes()
    }

    private static func known(_ code: CodeRef) -> CodeEvents? {
        let key = Value(code).bits
        if let recent, recent.key == key { return recent.entry }
        guard let entry = codes[key] else { return nil }
        recent = (key, entry)
        return entry
    }

    private static func entry(_ code: CodeRef) -> CodeEvents {
        if let known = known(code) { return known }
        code.readBody()
        let made = CodeEvents(code)
        codes[Value(code).bits] = made
        keptAlive.append(Value(code))
        return made
    }

    private static func forgetIdleCodes() {
        recent = nil
        codes = codes.filter { !$0.value.disabled.isEmpty || $0.value.wanted.contains { $0 != 0 } }
        let list = List.make()
        for index in 0 ..< keptAlive.count where codes[keptAlive.items[index].bits] != nil { list.append(keptAlive.items[index]) }
        kept.put(Value(list), at: markers + 2)
    }

    private static func noteActivity() {
        union = codes.values.reduce(into: wanted.reduce(0, |)) { all, entry in all |= entry.wanted.reduce(0, |) }
        isActive = union != 0
        updateTraceRequest()
    }

    // MARK: Telling

    /// Whether any tool wants an event, somewhere.
    static func wants(_ event: MonitoredEvent) -> Bool { union & event.bit != 0 }

    /// Whether any tool wants to know what has become of an instruction.
    static var wantsOutcomes: Bool { union & (MonitoredEvent.jump.bit | MonitoredEvent.branch.bit | MonitoredEvent.call.bit) != 0 }

    /// The line that an instruction begins, or nil.
    static func line(_ code: CodeRef, at offset: Int, from previous: Int?, isSend: Bool) -> Int? {
        entry(code).line(at: offset, from: previous, isSend: isSend)
    }

    /// Tells the tools that want to know of an event at the instruction that the frame's pc lies behind. Events have a place
    /// (the instruction's offset; a line's number) and up to two values more.
    static func tell(
        _ event: MonitoredEvent, _ r: Registers, _ t: ThreadRef, place: Int? = nil, _ first: Value = .absent, _ second: Value = .absent
    ) throws(Raised) {
        guard isActive, !t.pointee.isInTracer else { return }
        let code = r.header.pointee.code
        let entry = codes.isEmpty ? nil : known(code)
        // A call's end goes with its beginning.
        let bit = event == .nativeReturn || event == .nativeRaise ? MonitoredEvent.call.bit : event.bit
        var tools = 0
        for tool in 0 ..< toolCount where (wanted[tool] | (entry?.wanted[tool] ?? 0)) & bit != 0 { tools |= 1 << tool }
        guard tools != 0, !code.isStandIn else { return }
        let offset = code.offset(of: r.header.pointee.pc) - 1
        let key = offset << 5 | event.rawValue
        if let entry { tools &= ~Int(entry.disabled[key] ?? 0) }
        guard tools != 0 else { return }
        let arguments = List.make()
        arguments.append(Value(code))
        arguments.append(Value(place ?? offset * Code.octetsPerWord))
        if !first.isAbsent { arguments.append(first) }
        if !second.isAbsent { arguments.append(second) }
        let all = Tuple.make(arguments.items, arguments.count)
        t.pointee.isInTracer = true
        defer { t.pointee.isInTracer = false }
        for tool in 0 ..< toolCount where tools & 1 << tool != 0 {
            let callback = kept.items[toolCount + tool * MonitoredEvent.count + event.rawValue]
            guard !callback.isNone else { continue }
            guard try callValue(callback, all) == disable else { continue }
            guard event.isLocal else {
                _ = setCallback(tool, event, .none)
                throw valueError("Cannot disable \(event.name) events. Callback removed.")
            }
            Monitoring.entry(code).disabled[key, default: 0] |= 1 << UInt8(tool)
        }
    }

    /// Tells of an exception, which is kept aside meanwhile: of what a callback raises the thread's `raised` is left instead.
    static func tellException(_ event: MonitoredEvent, _ r: Registers, _ t: ThreadRef) {
        guard isActive, !t.pointee.isInTracer else { return }
        let exception = t.pointee.raised
        guard exception.isKind(.exception) else { return }
        t.pointee.raised = .absent
        do throws(Raised) {
            try tell(event, r, t, exception)
            t.pointee.raised = exception
        } catch { return }
    }
}

// MARK: Events of instructions

/// Before an instruction: a frame that begins or goes on has been told of already.
func monitorInstruction(_ i: Instruction, _ opcode: Opcode, _ next: Next, _ previous: Next?, _ t: ThreadRef) throws(Raised) {
    let r = next.r
    let code = r.header.pointee.code
    // What prepares a frame belongs to no line that runs.
    if Monitoring.wants(.line), opcode != .makeGenerator, opcode != .makeCell {
        let before = previous.flatMap { $0.r == r ? code.offset(of: $0.pc) : nil }
        if let line = Monitoring.line(code, at: code.offset(of: next.pc), from: before, isSend: opcode == .send) {
            try Monitoring.tell(.line, r, t, place: line)
        }
    }
    if Monitoring.wants(.instruction) { try Monitoring.tell(.instruction, r, t) }
    switch opcode {
    case .returnValue: try Monitoring.tell(.return, r, t, r[i.a])
    case .returnConstant: try Monitoring.tell(.return, r, t, r.constants[i.bc])
    case .yieldValue:
        let value = r[i.b]
        try Monitoring.tell(.yield, r, t, value.isKind(.asyncYield) ? value.object(AsyncYield.self).pointee.value : value)
    case .call, .callMethod, .callKeywords, .callMethodKeywords, .callSpread:
        try Monitoring.tell(.call, r, t, (r + i.b).header.pointee.callable, firstArgument(i, opcode, r))
    default: break
    }
}

/// After an instruction: where a jump or branch has gone, or what became of a call of something that is no function of the script.
func monitorOutcome(_ callable: Value, _ previous: Next, _ next: Next, _ t: ThreadRef, hasRaised: Bool) throws(Raised) {
    guard previous.r == next.r, next.pc != leaveLoopWord, Monitoring.wantsOutcomes else { return }
    let r = next.r
    let i = Instruction(word: previous.pc.pointee)
    guard let opcode = i.opcode?.general.single else { return }
    // The event is the instruction's that has run.
    let pc = r.header.pointee.pc
    r.header.pointee.pc = previous.pc + 1
    defer { r.header.pointee.pc = pc }
    let target = Value(r.header.pointee.code.offset(of: next.pc) * Code.octetsPerWord)
    switch opcode {
    case .jump, .jumpBack:
        if !isJumpOverHandler(previous.pc, next.pc, r.header.pointee.code) { try Monitoring.tell(.jump, r, t, target) }
    case .jumpIfTrue, .jumpIfFalse, .jumpIfNone, .jumpIfNotNone, .forIterate, .jumpIfLess, .jumpIfLessEqual, .jumpIfEqual,
        .jumpIfNotEqual, .jumpIfGreater, .jumpIfGreaterEqual, .jumpIfLessConstant, .jumpIfLessEqualConstant, .jumpIfEqualConstant,
        .jumpIfNotEqualConstant, .jumpIfGreaterConstant, .jumpIfGreaterEqualConstant:
        if !hasRaised { try Monitoring.tell(.branch, r, t, target) }
    default:
        guard !callable.isAbsent, !callable.isKind(.function) else { return }
        try Monitoring.tell(hasRaised ? .nativeRaise : .nativeReturn, r, t, callable, firstArgument(i, opcode, r))
    }
}

/// Whether a jump leads nowhere, or from the end of a `try` over its handlers, which CPython keeps out of the way.
private func isJumpOverHandler(_ pc: PC, _ target: PC, _ code: CodeRef) -> Bool {
    let behind = Int32(code.offset(of: pc) + 1)
    return target == pc + 1 || target > pc && code.unit.handlers.contains { $0.target == behind }
}

/// The first argument of the call that an instruction makes, or MISSING.
private func firstArgument(_ i: Instruction, _ opcode: Opcode, _ r: Registers) -> Value {
    switch opcode {
    case .call, .callKeywords: return i.c > 0 ? r[i.b] : Monitoring.missing
    case .callMethod, .callMethodKeywords:
        if !r[i.b].isAbsent { return r[i.b] }
        return i.c > 0 ? r[i.b + 1] : Monitoring.missing
    default:
        guard r[i.b].isKind(.tuple), r[i.b].object(Tuple.self).count > 0 else { return Monitoring.missing }
        return r[i.b].object(Tuple.self).items[0]
    }
}
