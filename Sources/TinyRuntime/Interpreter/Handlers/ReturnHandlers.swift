// Returns: what a result means to the caller (`ReturnAction`).
import CTiny
import TinyCompiler

@inline(__always)
func returnValue(_ value: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let header = r.header
    if header.pointee.action == .store && header.pointee.flags.rawValue == 0 {
        // Only frames that native code entered have no caller, and their action is `exit`.
        let caller = header.pointee.caller.unsafelyUnwrapped
        caller[Int(header.pointee.destination)] = value
        t.pointee.depth &-= 1
        return Next(caller, caller.header.pointee.pc)
    }
    // A frame object keeps the line that it returned from.
    header.pointee.pc = pc
    return slowReturn(value, r, t)
}

/// Returns from what an instruction called itself, an `__init__`, or what native code called.
@inline(never)
func slowReturn(_ value: Value, _ r: Registers, _ t: ThreadRef) -> Next {
    let header = r.header
    guard header.pointee.flags.rawValue == 0, tiny_breaker() == 0, let caller = header.pointee.caller else {
        return slowerReturn(value, r, t)
    }
    let pc = caller.header.pointee.pc
    var result = value
    switch header.pointee.action {
    case .next: break
    case .binary, .compare:
        if value == .notImplemented { return slowerReturn(value, r, t) }
    case .iterator:
        guard value.isExactly(.generator) else { return slowerReturn(value, r, t) }
    case .construct:
        guard value.isNone else { return slowerReturn(value, r, t) }
        result = header.pointee.extra
    case .discard:
        t.pointee.depth &-= 1
        return Next(caller, pc)
    case .test, .compareTest, .jump, .truth, .untruth:
        guard value.isBool else { return slowerReturn(value, r, t) }
        t.pointee.depth &-= 1
        switch header.pointee.action {
        case .jump: return jumpWhere(value.isTrue, caller, pc, t)
        case .truth: caller[Int(header.pointee.destination)] = value
        case .untruth: caller[Int(header.pointee.destination)] = Value(!value.isTrue)
        default: return jumpWhereCompared(value.isTrue, caller, pc, t)
        }
        return Next(caller, pc)
    case .exit:
        t.pointee.depth &-= 1
        t.pointee.result = value
        return Next(r, leaveLoopWord)
    default: return slowerReturn(value, r, t)
    }
    t.pointee.depth &-= 1
    caller[Int(header.pointee.destination)] = result
    return Next(caller, pc)
}

/// What is left when the frame has more to give back, its result is not what is expected, or something wants attention.
@inline(never)
private func slowerReturn(_ value: Value, _ r: Registers, _ t: ThreadRef) -> Next {
    let header = r.header.pointee
    t.pointee.depth -= 1
    detachFrameObject(r)
    if header.flags.contains(.inGenerator) { return finishGenerator(value, r, t) }
    if header.action == .fiber { return t.endFiber(value) }
    guard let caller = header.caller, header.action != .exit else {
        t.pointee.result = value
        return Next(r, leaveLoopWord)
    }
    if header.flags.contains(.onTop) { popWindow(r, caller, t) }
    let next = deliver(
        value, header.action, Int(header.destination), header.extra, Int(header.spare), caller,
        caller.header.pointee.pc, t)
    if tiny_breaker() & BreakRequest.trace.rawValue != 0, next.pc != leaveLoopWord,
        let traced = t.startTracing(next.r, next.pc, mayAdvance: true)
    {
        return traced
    }
    return next
}

/// Gives back a window that `pushWindow` gave, when the frame in it ends.
func popWindow(_ r: Registers, _ caller: Registers, _ t: ThreadRef) {
    let top = t.topOf(caller)
    if !(top >= t.pointee.segmentStart && top <= t.pointee.segments.pointee.end) {
        t.slowPopSegments(to: top)
    }
}

/// Does with a result what the caller's instruction wants.
func deliver(
    _ value: Value, _ action: ReturnAction, _ destination: Int, _ extra: Value, _ stage: Int,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    switch action {
    case .store, .next, .sendDelegate, .asyncStep, .fold:
        r[destination] = value
    case .exit, .fiber:
        t.pointee.result = value
        return Next(r, leaveLoopWord)
    case .discard:
        break
    case .construct:
        guard value.isNone else {
            return fail(typeError("__init__() should return None, not '\(typeName(value))'"), r, pc, t)
        }
        r[destination] = extra
    case .test, .truth, .untruth:
        return deliverTruth(value, action, destination, r, pc, t)
    case .jump:
        guard value.isBool else { return fail(notTruth(value), r, pc, t) }
        return jumpWhere(value.isTrue, r, pc, t)
    case .binary:
        guard value == .notImplemented else {
            r[destination] = value
            break
        }
        return continueBinary(stage, r, pc, t)
    case .compare, .compareTest:
        guard value == .notImplemented else {
            if action == .compare {
                r[destination] = value
                break
            }
            return deliverTruth(value, .test, destination, r, pc, t)
        }
        return continueCompare(stage, r, pc, t)
    case .iterator:
        guard value.cls.has(.next) else {
            return fail(typeError("iter() returned non-iterator of type '\(typeName(value))'"), r, pc, t)
        }
        r[destination] = value
    case .asyncIterator:
        guard value.cls.has(.anext) else { return fail(notAsyncIterator(value), r, pc, t) }
        r[destination] = value
    }
    return Next(r, pc)
}

private func deliverTruth(
    _ value: Value, _ action: ReturnAction, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    t.leave(r, pc)
    do {
        let isTrue = try truth(value)
        if action == .test { return jumpWhereCompared(isTrue, r, pc, t) }
        r[destination] = Value(isTrue == (action == .truth))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// The jump of the comparison before `pc`, whose outcome is there now.
@inline(__always)
private func jumpWhereCompared(_ outcome: Bool, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let i = Instruction(word: pc[-1])
    return outcome == (i.d != 0) ? jumpTo(pc + i.signedC, r, t) : Next(r, pc)
}

/// The jumpIfTrue or jumpIfFalse before `pc`, whose value's truth is there now.
@inline(__always)
private func jumpWhere(_ isTrue: Bool, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let i = Instruction(word: pc[-1])
    return isTrue == (i.opcodeByte == Opcode.jumpIfTrue.rawValue) ? jumpTo(pc + i.bc, r, t) : Next(r, pc)
}
