// sys.settrace and sys.setprofile: what a traced thread tells its functions.
//
// A thread that is traced runs its instructions one by one (runObserved). Before each, the events that it stands for are
// told: a frame that begins (`call`), a new line (`line`), a value that leaves a frame (`return`), a native function that
// is called. Exceptions are told by the unwinder. A thread that is not traced pays nothing: settrace sets a bit of the
// eval breaker, and the next call, back-edge or return of an observed frame goes on in here.
import CTiny
import TinyCompiler

extension ThreadRef {
    /// Whether events are to be told at the moment: not while a tracing function itself runs.
    var isTraced: Bool {
        !pointee.isInTracer && hasTracer
    }

    /// Whether this native stretch of the loop is the traced one.
    fileprivate var isTracedHere: Bool { isTraced && pointee.tracedAt == pointee.scanTop }

    /// Sets the function of sys.settrace or sys.setprofile (None: no more).
    func setTracer(_ function: Value, isProfiler: Bool) {
        if isProfiler { pointee.profileFunction = function } else { pointee.traceFunction = function }
        updateTraceRequest()
    }

    /// A thread ends; nothing of it is to be traced any more.
    func forgetTracers() {
        guard !pointee.traceFunction.isNone || !pointee.profileFunction.isNone else { return }
        setTracer(.none, isProfiler: true)
        setTracer(.none, isProfiler: false)
    }

    fileprivate var hasTracer: Bool { Monitoring.isActive || AllocationTrace.isOn || !pointee.traceFunction.isNone || !pointee.profileFunction.isNone }

    /// Where a safepoint goes on if the thread is to be traced and is not yet; nil: where it was.
    func startTracing(_ r: Registers, _ pc: PC, mayAdvance: Bool) -> Next? {
        guard isTraced, pointee.tracedAt != pointee.scanTop else { return nil }
        // Whoever enters a frame still has something to write into it: tracing begins with its first instruction.
        return mayAdvance ? runTraced(self, Next(r, pc)) : Next(r, observeWord)
    }
}

/// The bit is all threads': calls of any of them take the slow way while one is traced.
func updateTraceRequest() {
    if Threads.all.contains(where: { $0.state.hasTracer }) { requestBreak(.trace) } else { withdrawBreak(.trace) }
}

/// An instruction that goes on at the frame's first one, traced.
nonisolated(unsafe) private let observeWord: PC = {
    let word = PC.allocate(capacity: 1)
    word.initialize(to: Instruction(.observe).word)
    return word
}()

@inline(never)
func slowObserve(_ r: Registers, _ t: ThreadRef) -> Next {
    runTraced(t, Next(r, r.header.pointee.code.pointee.words))
}

/// Runs traced until this native stretch ends or tracing does.
@inline(never)
func runTraced(_ t: ThreadRef, _ start: Next) -> Next {
    let outer = t.pointee.tracedAt
    t.pointee.tracedAt = t.pointee.scanTop
    defer { t.pointee.tracedAt = outer }
    var next = start
    var previous: Next?
    while next.pc != leaveLoopWord, t.isTraced {
        let callable: Value
        do throws(Raised) {
            callable = try announce(&next, previous, t)
        } catch {
            previous = next
            next = unwind(next.r, next.pc + 1, t)
            continue
        }
        guard t.isTraced else { return next }
        previous = next
        let unwound = t.pointee.unwound
        next = runObserved(t, next, instructions: 1)
        guard t.isTraced, next.pc != leaveLoopWord else { continue }
        let hasRaised = t.pointee.unwound != unwound
        // A call that uses up a generator has only begun.
        if callable.isKind(.native), next.r == previous?.r || hasRaised {
            t.leave(next.r, next.pc + 1)
            do throws(Raised) {
                try tellProfiler(hasRaised ? "c_exception" : "c_return", next.r, callable, t)
            } catch { next = unwind(next.r, next.pc + 1, t) }
        }
        if Monitoring.isActive, let previous {
            t.leave(next.r, next.pc + 1)
            do throws(Raised) {
                try monitorOutcome(callable, previous, next, t, hasRaised: hasRaised)
            } catch { next = unwind(next.r, next.pc + 1, t) }
        }
    }
    return next
}

/// Tells the events of the instruction that comes next. The result is what it calls, if a profiler or a monitoring tool
/// wants to know what becomes of the call, or absent. A debugger's jump makes another instruction come next.
private func announce(_ next: inout Next, _ previous: Next?, _ t: ThreadRef) throws(Raised) -> Value {
    let r = next.r
    let code = r.header.pointee.code
    guard !code.isStandIn else { return .absent }
    if next.pc == Code.readBodyWord { next = slowReadBody(r) }
    r.header.pointee.pc = next.pc + 1
    t.pointee.frame = r
    t.pointee.top = t.topOf(r)
    // A generator that native code drives may go on at once after its yield.
    let hasJustYielded = previous.map { Instruction(word: $0.pc.pointee).opcode == .yieldValue } ?? false
    if previous?.r != r || hasJustYielded, isEntry(next) { try announceCall(r, t) }
    if r.header.pointee.flags.contains(.hasFrameObject) {
        // One asked for when the frame yielded comes first.
        takeJump(&next, t)
        try announceLine(next, previous, t)
        takeJump(&next, t)
    }
    let i = Instruction(word: next.pc.pointee)
    guard let opcode = i.opcode else { return .absent }
    if Monitoring.isActive { try monitorInstruction(i, opcode, next, previous, t) }
    switch opcode {
    case .returnValue, .yieldValue:
        let value = opcode == .yieldValue ? r[i.b] : r[i.a]
        try announceReturn(
            r, value.isKind(.asyncYield) ? value.object(AsyncYield.self).pointee.value : value, t,
            isYield: opcode == .yieldValue)
        if opcode == .returnValue { try announceStop(r, value, t) }
    case .returnConstant:
        try announceReturn(r, r.constants[i.bc], t)
        try announceStop(r, r.constants[i.bc], t)
    case .call, .callMethod, .callKeywords, .callMethodKeywords, .callSpread:
        var callable = (r + i.b).header.pointee.callable
        if callable.isKind(.boundMethod) { callable = callable.object(BoundMethod.self).pointee.function }
        if callable.isKind(.native) { try tellProfiler("c_call", r, callable, t) }
        return callable
    default: break
    }
    return .absent
}

private func takeJump(_ next: inout Next, _ t: ThreadRef) {
    guard let pc = frameObject(of: next.r).takeJump(t) else { return }
    next.r.header.pointee.pc = pc + 1
    next = Next(next.r, pc)
}

/// Whether a frame begins, or a generator's frame goes on, with this instruction.
private func isEntry(_ next: Next) -> Bool {
    let header = next.r.header
    let code = header.pointee.code
    guard header.pointee.flags.contains(.inGenerator) else {
        // The call that makes a generator runs nothing of its body.
        return next.pc == code.pointee.words
            && code.codeFlags.isDisjoint(with: [.generator, .coroutine, .asyncGenerator])
    }
    let last = Instruction(word: next.pc[-1]).opcode
    return last == .yieldValue || last == .makeGenerator
}

private func announceCall(_ r: Registers, _ t: ThreadRef) throws(Raised) {
    let isResumed = r.header.pointee.flags.contains(.inGenerator)
        && Instruction(word: r.header.pointee.pc[-2]).opcode == .yieldValue
    try Monitoring.tell(isResumed ? .resume : .start, r, t)
    guard !t.pointee.traceFunction.isNone || !t.pointee.profileFunction.isNone else { return }
    let frame = frameObject(of: r)
    // A generator that goes on does so where its yield stands.
    frame.pointee.shownOffset = isResumed ? frame.instructionOffset - 1 : -1
    if !isResumed { frame.pointee.tracedLine = -1 }
    defer { frame.pointee.shownOffset = -2 }
    if !t.pointee.traceFunction.isNone {
        // None: a generator that goes on keeps the function that it has.
        let local = try tell(t.pointee.traceFunction, frame, "call", .none, t, .call)
        if !local.isNone { frame.pointee.trace = local }
    }
    try tellProfiler("call", r, .none, t)
}

private func announceLine(_ next: Next, _ previous: Next?, _ t: ThreadRef) throws(Raised) {
    let frame = frameObject(of: next.r)
    guard !frame.pointee.trace.isNone, !t.pointee.traceFunction.isNone else { return }
    let code = next.r.header.pointee.code
    let offset = code.offset(of: next.pc)
    // What comes before the first statement is nobody's line.
    if Instruction(word: next.pc.pointee).opcode == .makeCell { return }
    let line = Int(code.exactRange(at: offset).line)
    if line > 0, line != frame.pointee.tracedLine || jumpsBack(previous, next) && isAgain(previous, next, code, line) {
        frame.pointee.tracedLine = line
        if frame.pointee.tracesLines { try tellLocal(frame, "line", .none, t, .line) }
        frame.pointee.shownOffset = -2
    }
    if frame.pointee.tracesOpcodes, !frame.pointee.trace.isNone { try tellLocal(frame, "opcode", .none, t) }
}

/// Whether a line is begun again: a round of a loop.
private func jumpsBack(_ previous: Next?, _ next: Next) -> Bool { previous.map { $0.r == next.r && $0.pc > next.pc } ?? false }

/// Whether a jump back goes to where a line begins, or to another place of its own line (but not to ask a generator once more).
private func isAgain(_ previous: Next?, _ next: Next, _ code: CodeRef, _ line: Int) -> Bool {
    if isLineStart(code, code.offset(of: next.pc)) { return true }
    if Instruction(word: next.pc.pointee).opcode == .send { return false }
    return previous.map { Int(code.exactRange(at: code.offset(of: $0.pc)).line) == line } ?? false
}

/// Whether the code of a line begins at this offset.
func isLineStart(_ code: CodeRef, _ offset: Int) -> Bool {
    offset == 0 || code.exactRange(at: offset).line != code.exactRange(at: offset - 1).line
}

private func announceReturn(_ r: Registers, _ value: Value, _ t: ThreadRef, isYield: Bool = false) throws(Raised) {
    if r.header.pointee.flags.contains(.hasFrameObject), !t.pointee.traceFunction.isNone {
        let frame = frameObject(of: r)
        // A return that has no line of its own is in the line that ran last.
        let unit = frame.pointee.code.unit
        if frame.pointee.tracedLine > 0, frame.pointee.code.exactRange(at: frame.instructionOffset).line <= 0,
            let entry = unit.positions.first(where: { Int($0.range.line) == frame.pointee.tracedLine }) {
            frame.pointee.shownOffset = Int(entry.start)
        }
        defer { frame.pointee.shownOffset = -2 }
        if !frame.pointee.trace.isNone { try tellLocal(frame, "return", value, t, isYield ? .yield : .other) }
    }
    try tellProfiler("return", r, value, t)
}

/// A generator or coroutine ends: who delegates to it, or loops over it and does not get at what it returns, is told of a
/// StopIteration, as if there had been one.
private func announceStop(_ r: Registers, _ value: Value, _ t: ThreadRef) throws(Raised) {
    let header = r.header
    guard header.pointee.flags.contains(.inGenerator), let caller = header.pointee.caller, !caller.header.pointee.code.isStandIn,
        header.pointee.action == .sendDelegate || header.pointee.action == .next
    else { return }
    if Monitoring.isActive { try Monitoring.tell(.stopIteration, caller, t, Value(makeStop(value))) }
    guard !t.pointee.traceFunction.isNone, header.pointee.action == .sendDelegate || !value.isNone,
        caller.header.pointee.flags.contains(.hasFrameObject)
    else { return }
    let frame = frameObject(of: caller)
    guard !frame.pointee.trace.isNone else { return }
    try tellLocal(frame, "exception", Value(Tuple.make(Value(ExceptionName.stopIteration.cls), Value(makeStop(value)), .none)), t)
}

/// A step of an asynchronous generator has ended with a value: the frame that awaits it is told of the StopIteration.
func announceStep(_ r: Registers, _ value: Value, _ t: ThreadRef) throws(Raised) {
    guard t.isTracedHere, r.header.pointee.flags.contains(.hasFrameObject), !t.pointee.traceFunction.isNone else { return }
    let frame = frameObject(of: r)
    guard !frame.pointee.trace.isNone else { return }
    try tellLocal(frame, "exception", Value(Tuple.make(Value(ExceptionName.stopIteration.cls), Value(makeStop(value)), .none)), t)
}

/// The StopIteration that stands for what a generator returns.
private func makeStop(_ value: Value) -> ExceptionRef {
    let arguments = value.isNone ? [] : [value]
    let stop = ExceptionObject.make(ExceptionName.stopIteration.cls, Tuple.make(arguments))
    stop.initializeFields(arguments)
    return stop
}

/// What the unwinder tells: an exception passes through a frame. A tracing function that raises takes its place.
@inline(never)
func announceException(_ r: Registers, _ t: ThreadRef) {
    t.pointee.unwound &+= 1
    Monitoring.tellException(.raise, r, t)
    guard t.isTracedHere, r.header.pointee.flags.contains(.hasFrameObject), !t.pointee.traceFunction.isNone else { return }
    let frame = frameObject(of: r)
    let exception = t.pointee.raised
    guard !frame.pointee.trace.isNone, exception.isKind(.exception) else { return }
    t.pointee.raised = .absent
    let details = Tuple.make(
        Value(exception.cls), exception, exception.object(ExceptionObject.self).pointee.traceback)
    do throws(Raised) {
        try tellLocal(frame, "exception", Value(details), t)
        t.pointee.raised = exception
    } catch { return }
}

/// A frame is left by an exception.
@inline(never)
func announceExit(_ r: Registers, _ t: ThreadRef) {
    Monitoring.tellException(.unwind, r, t)
    guard t.isTracedHere, !r.header.pointee.code.isStandIn else { return }
    let exception = t.pointee.raised
    t.pointee.raised = .absent
    do throws(Raised) {
        try announceReturn(r, .none, t)
        t.pointee.raised = exception
    } catch { return }
}

// MARK: Telling

private func tellLocal(
    _ frame: FrameObjectRef, _ event: StaticString, _ argument: Value, _ t: ThreadRef, _ kind: TracedEvent = .other
) throws(Raised) {
    let result = try tell(frame.pointee.trace, frame, event, argument, t, kind)
    if !result.isNone { frame.pointee.trace = result }
}

private func tellProfiler(_ event: StaticString, _ r: Registers, _ argument: Value, _ t: ThreadRef) throws(Raised) {
    guard !t.pointee.profileFunction.isNone, t.isTraced else { return }
    if let profiler = t.pointee.profileFunction.boxed(CallProfiler.self) {
        t.pointee.isInTracer = true
        defer { t.pointee.isInTracer = false }
        try profiler.hear(event, r.header.pointee.code, argument)
        return
    }
    _ = try tell(t.pointee.profileFunction, frameObject(of: r), event, argument, t, isProfiler: true)
}

/// Calls a tracing function, untraced. One that raises is not called again.
private func tell(
    _ function: Value, _ frame: FrameObjectRef, _ event: StaticString, _ argument: Value, _ t: ThreadRef,
    _ kind: TracedEvent = .other, isProfiler: Bool = false
) throws(Raised) -> Value {
    t.pointee.isInTracer = true
    t.pointee.tracedEvent = kind
    t.pointee.tracedFrame = frame.pointee.registers
    defer {
        t.pointee.isInTracer = false
        t.pointee.tracedEvent = .none
        t.pointee.tracedFrame = nil
    }
    do {
        return try callValue(function, Tuple.make(Value(frame), Value(StrTables.intern(event)), argument))
    } catch {
        t.setTracer(.none, isProfiler: isProfiler)
        frame.pointee.trace = .none
        throw error
    }
}
