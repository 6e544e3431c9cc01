// Generators, coroutines and asynchronous generators: an object that holds a frame.
//
//     GeneratorObject { … } | frame header (8 words) | R0 R1 …
//
// Resuming links the frame on top of whoever resumes (header.caller) and goes on at its pc; yielding unlinks it. What a
// running generator calls is placed on the thread's segment. Class and behaviour (iterator, awaitable, asynchronous
// iterator) come from the shape.
import CTiny
import Glibc
import TinyCompiler

struct GeneratorObject {
    var header: ObjectHeader
    var state: State
    /// Whether the frame is in an `except` or `finally` of its own.
    var isHandling = false
    /// The exception that the generator's own frame is handling, while it is suspended.
    var handled: Value
    /// What the resumer was handling, while the generator runs.
    var outerHandled: Value
    /// First free register of the segment while the generator runs: above everything that its resumer uses.
    var entryTop: Registers
    var name: Value
    var qualifiedName: Value
    /// Asynchronous generators: whether `aclose`, `athrow` or `asend` is under way, and the hooks' finaliser.
    var asyncRunning: Value
    var finalizer: Value
    /// Coroutines: where they were made, if asked for.
    var origin: Value

    enum State: UInt8 { case created, suspended, running, finished }
}

typealias GeneratorRef = UnsafeMutablePointer<GeneratorObject>

extension GeneratorRef {
    var registers: Registers {
        (UnsafeMutableRawPointer(self) + MemoryLayout<GeneratorObject>.stride)
            .assumingMemoryBound(to: Value.self) + CallLayout.headerWords
    }

    /// Whether a yield that is suspended delegates to another iterator (`yield from`, `await`), and which.
    var delegate: Value {
        guard pointee.state == .suspended else { return .none }
        let frame = registers
        let i = Instruction(word: frame.header.pointee.pc[-1])
        return i.opcodeByte == Opcode.yieldValue.rawValue && i.d == 1 ? frame[i.c] : .none
    }
}

extension GeneratorObject {
    nonisolated(unsafe) static var coroutineShape: ShapeID = 0
    nonisolated(unsafe) static var asyncGeneratorShape: ShapeID = 0

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let generator = object.assumingMemoryBound(to: GeneratorObject.self)
        marker.mark(generator.pointee.handled)
        marker.mark(generator.pointee.outerHandled)
        marker.mark(generator.pointee.name)
        marker.mark(generator.pointee.qualifiedName)
        marker.mark(generator.pointee.asyncRunning)
        marker.mark(generator.pointee.finalizer)
        marker.mark(generator.pointee.origin)
        let frame = generator.registers
        marker.mark(frame.header.pointee.callable)
        if frame.header.pointee.flags.contains(.hasFrameObject) { marker.mark(frame.header.pointee.frameObject) }
        guard generator.pointee.state != .finished else { return }
        marker.mark(frame.header.pointee.globals)
        marker.mark(frame.header.pointee.code)
        if generator.pointee.state == .suspended { forgetYielded(frame) }
        marker.mark(frame, count: Int(frame.header.pointee.code.pointee.registerCount))
    }

    /// What was yielded still lies where the sent value will be put. Unless that is a variable it is no reference.
    private static func forgetYielded(_ frame: Registers) {
        let last = Instruction(word: frame.header.pointee.pc[-1])
        guard last.opcodeByte == Opcode.yieldValue.rawValue, last.a >= Int(frame.header.pointee.code.pointee.localCount) else { return }
        frame[last.a] = .none
    }
}

/// makeGenerator: moves the frame into a new object and returns that to the caller.
@inline(never)
func slowMakeGenerator(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let header = r.header
    let code = header.pointee.code
    let count = Int(code.pointee.registerCount)
    let flags = code.codeFlags
    let shape = flags.contains(.coroutine) ? GeneratorObject.coroutineShape
        : flags.contains(.asyncGenerator) ? GeneratorObject.asyncGeneratorShape : ShapeID(Kind.generator.rawValue)
    let size = MemoryLayout<GeneratorObject>.stride + (CallLayout.headerWords + count) * 8
    let generator = allocateObject(size, .generator, shape).assumingMemoryBound(to: GeneratorObject.self)
    let function = header.pointee.callable
    let isFunction = function.isKind(.function)
    generator.initialize(
        to: GeneratorObject(
            header: generator.pointee.header, state: .created, isHandling: false, handled: .absent, outerHandled: .none, entryTop: r,
            name: isFunction ? function.object(Function.self).pointee.name : code.pointee.name,
            qualifiedName: isFunction ? function.object(Function.self).pointee.qualifiedName : code.pointee.qualifiedName,
            asyncRunning: .false, finalizer: .absent, origin: .none))
    if CoroutineOrigins.depth > 0, flags.contains(.coroutine) { generator.pointee.origin = CoroutineOrigins.current(r) }
    let frame = generator.registers
    frame.header.pointee = header.pointee
    frame.header.pointee.pc = pc
    frame.header.pointee.flags = .inGenerator
    frame.header.pointee.extra = Value(generator)
    frame.header.pointee.frameObject = .absent
    let locals = Int(code.pointee.localCount)
    frame.update(from: r, count: locals)
    for index in locals ..< count { frame[index] = .absent }
    if !flags.contains(.generator) || code.hasHandlers {
        // An abandoned generator with handlers must run its `finally`.
        heap.finalizeInTime(UnsafeMutableRawPointer(generator))
    }
    return returnValue(Value(generator), r, pc, t)
}

/// Links a generator's frame on top of the running one and goes on in it. `value` is what its `yield` gives. What it
/// delegates to goes on at once, unless it is to be `isAlone`.
@inline(never)
func resume(
    _ generator: GeneratorRef, _ value: Value, _ destination: Int, _ action: ReturnAction, _ r: Registers, _ pc: PC,
    _ t: ThreadRef, isAlone: Bool = false
) -> Next {
    var isDelegating = false
    let frame = generator.registers
    let header = frame.header
    switch generator.pointee.state {
    case .finished:
        if action == .next { return Next(r, pc + Instruction(word: pc[-1]).signedC) }
        t.leave(r, pc)
        return fail(raise(.stopIteration), r, pc, t)
    case .running:
        t.leave(r, pc)
        return fail(valueError("\(generatorNoun(generator)) already executing"), r, pc, t)
    case .created:
        break
    case .suspended:
        let last = Instruction(word: header.pointee.pc[-1])
        frame[last.a] = value
        isDelegating = last.d == 1
    }
    if t.pointee.depth >= Int(tiny_hot().pointee.depth_limit) {
        t.leave(r, pc)
        return fail(raise(.recursionError, "maximum recursion depth exceeded"), r, pc, t)
    }
    t.pointee.depth += 1
    r.header.pointee.pc = pc
    generator.pointee.entryTop = t.topOf(r)
    header.pointee.caller = r
    header.pointee.destination = UInt16(truncatingIfNeeded: destination)
    header.pointee.action = action
    generator.pointee.state = .running
    takeHandled(generator, t)
    // What a fold uses lies on top of the segment; it is not noted yet.
    if isDelegating, !isAlone, action != .fold, !t.isTraced { return resumeDelegates(of: frame, value, t) }
    return Next(frame, header.pointee.pc)
}

/// What the resumer handles is seen inside, unless the generator is itself handling something.
@inline(__always)
private func takeHandled(_ generator: GeneratorRef, _ t: ThreadRef) {
    generator.pointee.outerHandled = t.pointee.handled
    if !generator.pointee.handled.isAbsent {
        t.pointee.handled = generator.pointee.handled
        generator.pointee.handled = .absent
    }
}

/// Goes on in the innermost of a chain of generators that delegate to each other; `start` is the outermost's frame. What
/// would be a jump and a `send` per generator is a step of this loop (measured: a walk over a tree of 100,000 nodes took
/// 1.6 of CPython's time).
@inline(never)
private func resumeDelegates(of start: Registers, _ value: Value, _ t: ThreadRef) -> Next {
    var r = start
    let top = r.header.pointee.extra.object(GeneratorObject.self).pointee.entryTop
    while true {
        // Behind the yield stands the jump back to `send`.
        let pc = r.header.pointee.pc
        let send = pc + 1 + Instruction(word: pc.pointee).bc
        let i = Instruction(word: send.pointee)
        let target = r[i.b]
        guard target.isKind(.generator), t.pointee.depth < Int(tiny_hot().pointee.depth_limit),
            target.object(GeneratorObject.self).pointee.state == .suspended
        else {
            r[i.c] = value
            return Next(r, pc)
        }
        let generator = target.object(GeneratorObject.self)
        let frame = generator.registers
        let header = frame.header
        t.pointee.depth += 1
        r.header.pointee.pc = send + 2
        generator.pointee.entryTop = top
        header.pointee.caller = r
        header.pointee.destination = UInt16(truncatingIfNeeded: i.a)
        header.pointee.action = generator.pointee.header.shape == GeneratorObject.asyncGeneratorShape ? .asyncStep : .sendDelegate
        generator.pointee.state = .running
        takeHandled(generator, t)
        let last = Instruction(word: header.pointee.pc[-1])
        if last.d != 1 {
            frame[last.a] = value
            return Next(frame, header.pointee.pc)
        }
        r = frame
    }
}

func generatorNoun(_ generator: GeneratorRef) -> String {
    let shape = generator.pointee.header.shape
    return shape == GeneratorObject.coroutineShape ? "coroutine"
        : shape == GeneratorObject.asyncGeneratorShape ? "async generator" : "generator"
}

/// yieldValue: hands `value` to whoever resumed the generator.
@inline(__always)
func yieldValue(_ value: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, isObserved: Bool) -> Next {
    let header = r.header
    let generator = header.pointee.extra.object(GeneratorObject.self)
    let action = header.pointee.action
    // The hint keeps this question the first: a loop over a generator has more to do for an item than a fold.
    if _fastPath(action == .fold), !generator.pointee.isHandling {
        guard isObserved else { return yieldToFold(value, i, r, pc, t) }
        guard foldQuickly(value, generator, r) else { return slowYield(i, generator, r, pc, t) }
        r[i.a] = .none
        return Next(r, pc)
    }
    if action == .next || action == .store, !generator.pointee.isHandling {
        suspend(generator, at: pc, r, t)
        // A frame with the action `next` has the frame of a for loop as its caller; with `store`, that of a call of `send` or `next`.
        let caller = header.pointee.caller.unsafelyUnwrapped
        caller[Int(header.pointee.destination)] = value
        return Next(caller, caller.header.pointee.pc)
    }
    return slowYield(i, generator, r, pc, t)
}

/// A yield to a fold. A sum takes numbers here, one after the other as long as the generator does nothing but multiply for the next
/// one: that its frame runs, for what, and that it handles nothing need not be asked again for each. (Of what a product of two
/// vectors took, 170 instructions of the processor per item, a third is left out.)
@inline(never)
private func yieldToFold(_ value: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let generator = r.header.pointee.extra.object(GeneratorObject.self)
    var (value, i, pc) = (value, i, pc)
    while sumQuickly(value, generator, r) {
        let next = goOnAfterYield(i, r, pc)
        let following = Instruction(word: next.pc.pointee)
        guard following.opcodeByte == Opcode.multiplyThenYield.rawValue, let product = quickProduct(r[following.b], r[following.c])
        else { return next }
        r[following.a] = product
        value = product
        i = Instruction(word: next.pc[1])
        pc = next.pc + 2
    }
    return slowYieldToFold(value, i, r, pc, t)
}

@inline(never)
private func slowYieldToFold(_ value: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let generator = r.header.pointee.extra.object(GeneratorObject.self)
    return foldQuickly(value, generator, r) ? goOnAfterYield(i, r, pc) : slowYield(i, generator, r, pc, t)
}

/// Nobody is to see that the generator yielded: it goes on, mostly with the next round of a loop.
@inline(__always)
private func goOnAfterYield(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = .none
    let following = Instruction(word: pc.pointee)
    guard following.opcodeByte == Opcode.jumpBackToIterate.rawValue, tiny_breaker() == 0 else { return Next(r, pc) }
    return nextRoundOrRow(following, r, pc + 1)
}

@inline(__always)
private func suspend(_ generator: GeneratorRef, at pc: PC, _ r: Registers, _ t: ThreadRef) {
    r.header.pointee.pc = pc
    generator.pointee.state = .suspended
    t.pointee.depth &-= 1
}

@inline(never)
private func slowYield(_ i: Instruction, _ generator: GeneratorRef, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let header = r.header
    let value = r[i.b]
    if header.pointee.action == .asyncStep, value.isKind(.asyncYield) {
        return endAsyncStep(value.object(AsyncYield.self).pointee.value, r, pc, t)
    }
    suspend(generator, at: pc, r, t)
    suspendHandled(generator, t)
    if header.pointee.action == .sendDelegate || header.pointee.action == .asyncStep, !t.isTraced {
        return yieldThroughDelegates(value, header, t)
    }
    return give(value, header, t)
}

/// Hands what a generator yielded, which is suspended, to whoever resumed it.
@inline(__always)
private func give(_ value: Value, _ header: UnsafeMutablePointer<FrameHeader>, _ t: ThreadRef) -> Next {
    if header.pointee.action == .fold {
        let generator = header.pointee.extra.object(GeneratorObject.self)
        return foldStep(value, generator, generator.registers, t)
    }
    if header.pointee.action == .exit {
        t.pointee.result = value
        return Next(header.pointee.extra.object(GeneratorObject.self).registers, leaveLoopWord)
    }
    let caller = header.pointee.caller.unsafelyUnwrapped
    return deliver(
        value, header.pointee.action, Int(header.pointee.destination), .absent, 0, caller, caller.header.pointee.pc, t)
}

/// Suspends all that delegate to a generator that has yielded, from the inside out, and hands the value to whoever
/// resumed the outermost: as `resumeDelegates`, the other way.
private func yieldThroughDelegates(_ value: Value, _ yielded: UnsafeMutablePointer<FrameHeader>, _ t: ThreadRef) -> Next {
    var header = yielded
    while header.pointee.action == .sendDelegate || header.pointee.action == .asyncStep {
        let frame = header.pointee.caller.unsafelyUnwrapped
        let outer = frame.header
        // Behind the `send` stands the yield of what it gave.
        let pc = outer.pointee.pc
        guard outer.pointee.flags.contains(.inGenerator), Instruction(word: pc.pointee).opcodeByte == Opcode.yieldValue.rawValue else { break }
        let generator = outer.pointee.extra.object(GeneratorObject.self)
        suspend(generator, at: pc + 1, frame, t)
        suspendHandled(generator, t)
        header = outer
    }
    return give(value, header, t)
}

/// An asynchronous generator that `async for` steps has yielded an item: the step's `send` gives it and ends.
func endAsyncStep(_ value: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let header = r.header
    let generator = header.pointee.extra.object(GeneratorObject.self)
    suspend(generator, at: pc, r, t)
    suspendHandled(generator, t)
    AsyncStep.leave(generator, isClosed: false)
    return endSend(value, header)
}

/// What was delegated to has a result: the `send` of its caller leads to word 1's target.
@inline(__always)
private func endSend(_ value: Value, _ header: UnsafeMutablePointer<FrameHeader>) -> Next {
    let caller = header.pointee.caller.unsafelyUnwrapped
    let pc = caller.header.pointee.pc
    caller[Int(header.pointee.destination)] = value
    return Next(caller, pc + Int(Int64(bitPattern: pc[-1])))
}

/// Separates what the generator handles from what its resumer does: `outerHandled` was noted when it was resumed.
private func suspendHandled(_ generator: GeneratorRef, _ t: ThreadRef) {
    guard generator.pointee.isHandling else { return }
    generator.pointee.handled = t.pointee.handled
    t.pointee.handled = generator.pointee.outerHandled
}

/// A generator's frame has returned.
func finishGenerator(_ value: Value, _ r: Registers, _ t: ThreadRef) -> Next {
    let header = r.header
    let generator = header.pointee.extra.object(GeneratorObject.self)
    close(generator, r, t)
    switch header.pointee.action {
    case .exit:
        t.pointee.result = value
        return Next(r, leaveLoopWord)
    case .next:
        let caller = header.pointee.caller.unsafelyUnwrapped
        let pc = caller.header.pointee.pc
        let i = Instruction(word: pc[-1])
        return Next(caller, pc + i.signedC)
    case .fold:
        return finishFold(r, t)
    case .sendDelegate:
        return endSend(value, header)
    case .asyncStep:
        let caller = header.pointee.caller.unsafelyUnwrapped
        AsyncStep.leave(generator, isClosed: true)
        t.leave(caller, caller.header.pointee.pc)
        return fail(raise(.stopAsyncIteration), caller, caller.header.pointee.pc, t)
    default:
        let caller = header.pointee.caller.unsafelyUnwrapped
        let pc = caller.header.pointee.pc
        t.leave(caller, pc)
        return fail(stopIteration(value), caller, pc, t)
    }
}

/// Marks a generator as finished and restores what its resumer was handling.
func close(_ generator: GeneratorRef, _ r: Registers, _ t: ThreadRef) {
    t.pointee.handled = generator.pointee.outerHandled
    generator.pointee.handled = .absent
    generator.pointee.isHandling = false
    generator.pointee.state = .finished
    // It needs no finalizer any more; the one that was made last is often the first to end.
    if heap.finalizable.last == UnsafeMutableRawPointer(generator) { heap.finalizable.removeLast() }
}

/// StopIteration that carries a value, wrapped so that tuples and exceptions arrive whole.
func stopIteration(_ value: Value) -> Raised {
    value.isNone ? raise(.stopIteration) : raise(.stopIteration, arguments: value)
}
