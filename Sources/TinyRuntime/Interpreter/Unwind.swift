// Exceptions: finding the handler.
//
// Nothing is paid for a `try` that nothing is raised in: each code has a table of protected ranges. Unwinding walks the
// frames of this native stretch; each frame that is left adds its line to the traceback. A frame whose action gives the
// exception a meaning (StopIteration ends a for loop …) stops it there.
import TinyCompiler

/// Goes on at the handler of the thread's `raised`; the frame's pc lies behind the instruction that raised. `keepsPlace`: if
/// this frame is left, it was last where the exception is passed on.
@inline(never)
func unwind(_ registers: Registers, _ pc: PC, _ t: ThreadRef, isReraise: Bool = false, keepsPlace: Bool = false) -> Next {
    var r = registers
    var pc = pc
    var isReraise = isReraise
    var keepsPlace = keepsPlace
    while true {
        let header = r.header
        header.pointee.pc = pc
        t.pointee.frame = r
        var exception = t.pointee.raised
        let code = header.pointee.code
        if !isReraise, !code.isStandIn {
            if code.pointee.flags & CodeFlags.unlisted.rawValue == 0 { addTraceback(exception, r) }
            if t.isTraced {
                announceException(r, t)
                exception = t.pointee.raised
            }
        } else if isReraise, Monitoring.isActive {
            Monitoring.tellException(.reraise, r, t)
            exception = t.pointee.raised
        }
        isReraise = false
        let offset = Int32(code.offset(of: pc) - 1)
        for entry in code.unit.handlers where entry.start <= offset && offset < entry.end {
            if Monitoring.isActive {
                Monitoring.tellException(.exceptionHandled, r, t)
                exception = t.pointee.raised
            }
            t.pointee.raised = .absent
            r[Int(entry.exceptionRegister)] = exception
            return Next(r, code.pointee.words + Int(entry.target))
        }
        // The frame is left. What it was doing is what raised, not the clean-up that passed the exception on.
        if !keepsPlace, header.pointee.flags.contains(.hasFrameObject), exception.isKind(.exception) {
            let traceback = exception.object(ExceptionObject.self).pointee.traceback
            if traceback.isKind(.traceback), Value(traceback.object(TracebackObject.self).pointee.frame) == header.pointee.frameObject {
                header.pointee.pc = code.pointee.words + traceback.object(TracebackObject.self).pointee.offset + 1
            }
        }
        keepsPlace = false
        if t.isTraced { announceExit(r, t) }
        t.pointee.depth -= 1
        detachFrameObject(r)
        let flags = header.pointee.flags
        if flags.contains(.inGenerator) { leaveGenerator(r, t) }
        if header.pointee.action == .fiber { return t.failFiber() }
        guard header.pointee.action != .exit, let caller = header.pointee.caller else { return Next(r, leaveLoopWord) }
        // The frame may lie in a segment that goes away with it.
        let action = header.pointee.action
        if flags.contains(.onTop) { popWindow(r, caller, t) }
        pc = caller.header.pointee.pc
        if let next = absorb(action, caller, pc, t) { return next }
        r = caller
    }
}

/// What a generator's frame does with an exception that leaves it: StopIteration may not get out.
private func leaveGenerator(_ r: Registers, _ t: ThreadRef) {
    let generator = r.header.pointee.extra.object(GeneratorObject.self)
    close(generator, r, t)
    if r.header.pointee.action == .asyncStep {
        AsyncStep.leave(generator, isClosed: t.raisedIs(.generatorExit) || t.raisedIs(.stopAsyncIteration))
    }
    let isAsync = generator.pointee.header.shape == GeneratorObject.asyncGeneratorShape
    let isStop = t.raisedIs(.stopIteration)
    guard isStop || isAsync && t.raisedIs(.stopAsyncIteration) else { return }
    let noun = isAsync ? "async generator" : generatorNoun(generator)
    let cause = t.takeRaised()
    _ = raise(.runtimeError, "\(noun) raised \(isStop ? "StopIteration" : "StopAsyncIteration")")
    let error = t.pointee.raised.object(ExceptionObject.self)
    error.pointee.cause = cause
    error.pointee.context = cause
    error.pointee.suppressesContext = true
}

/// Where the caller goes on if the exception of what it called has a meaning there; nil: it is passed on.
private func absorb(_ action: ReturnAction, _ caller: Registers, _ pc: PC, _ t: ThreadRef) -> Next? {
    switch action {
    case .next:
        guard t.raisedIs(.stopIteration) else { return nil }
        if t.isTraced {
            announceException(caller, t)
            guard t.raisedIs(.stopIteration) else { return nil }
        }
        _ = t.takeRaised()
        return Next(caller, pc + Instruction(word: pc[-1]).signedC)
    case .sendDelegate, .asyncStep:
        return nil
    case .store, .exit, .construct, .discard, .test, .jump, .truth, .untruth, .binary, .compare, .compareTest, .iterator,
        .asyncIterator, .fold, .fiber:
        return nil
    }
}

/// Adds the frame's present line to the exception's traceback.
private func addTraceback(_ exception: Value, _ r: Registers) {
    guard exception.isKind(.exception) else { return }
    let object = exception.object(ExceptionObject.self)
    let code = r.header.pointee.code
    let frame = frameObject(of: r)
    object.pointee.traceback = TracebackObject.make(
        next: object.pointee.traceback, frame: frame, offset: code.offset(of: r.header.pointee.pc) - 1)
}

/// Goes on at the handler of the exception that was just raised.
@inline(never)
func fail(_ raised: Raised, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    r.header.pointee.pc = pc
    return unwind(r, pc, t)
}

// MARK: Handlers of the exception instructions

@inline(never)
func slowRaise(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        if i.d == 0 {
            guard !t.pointee.handled.isNone else {
                throw raise(.runtimeError, "No active exception to reraise")
            }
            t.pointee.raised = t.pointee.handled
            return unwind(r, pc, t, isReraise: true)
        }
        let exception = try exceptionToRaise(r[i.a])
        if i.d == 2 { try setCause(exception, r[i.b]) }
        throw raise(exception)
    } catch { return unwind(r, pc, t) }
}

/// The exception object for what `raise` was given: an instance, or a class to call.
func exceptionToRaise(_ value: Value) throws(Raised) -> ExceptionRef {
    if value.isKind(.exception) { return value.object(ExceptionObject.self) }
    if value.isKind(.class), value.object(ClassObject.self).pointee.flags.contains(.isException) {
        let made = try callValue(value)
        guard made.isKind(.exception) else {
            throw typeError(
                "calling \(try repr(value).string) should have returned an instance of BaseException, not \(typeName(made))")
        }
        return made.object(ExceptionObject.self)
    }
    throw typeError("exceptions must derive from BaseException")
}

private func setCause(_ exception: ExceptionRef, _ cause: Value) throws(Raised) {
    if cause.isNone {
        exception.pointee.cause = .none
    } else if cause.isKind(.exception) {
        exception.pointee.cause = cause
    } else if cause.isKind(.class), cause.object(ClassObject.self).pointee.flags.contains(.isException) {
        exception.pointee.cause = Value(try exceptionToRaise(cause))
    } else {
        throw typeError("exception causes must derive from BaseException")
    }
    exception.pointee.suppressesContext = true
}

@inline(never)
func slowReraise(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    t.pointee.raised = r[i.a]
    return unwind(r, pc, t, isReraise: true, keepsPlace: i.b == 1)
}

/// Enters a handler. The outermost one of a generator's frame keeps `absent` instead of what was handled before: that is
/// its resumer's, and the next resumer's is another.
@inline(__always)
func pushHandled(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    r[i.a] = t.pointee.handled
    if r.header.pointee.flags.contains(.inGenerator) {
        let generator = r.header.pointee.extra.object(GeneratorObject.self)
        if !generator.pointee.isHandling {
            generator.pointee.isHandling = true
            r[i.a] = .absent
        }
    }
    t.pointee.handled = r[i.b]
    return Next(r, pc)
}

@inline(__always)
func popHandled(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.pointee.handled = r[i.a]
    if r[i.a].isAbsent {
        let generator = r.header.pointee.extra.object(GeneratorObject.self)
        generator.pointee.isHandling = false
        t.pointee.handled = generator.pointee.outerHandled
    }
    return Next(r, pc)
}

@inline(never)
func slowMatchException(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let pattern = r[i.c]
    if pattern.isKind(.class), pattern.object(ClassObject.self).pointee.flags.contains(.isException) {
        r[i.a] = Value(r[i.b].cls.isSubclass(of: pattern.object(ClassObject.self)))
        return Next(r, pc)
    }
    t.leave(r, pc)
    do {
        r[i.a] = Value(try matches(r[i.b], pattern))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// Whether an exception is caught by `except pattern`.
func matches(_ exception: Value, _ pattern: Value) throws(Raised) -> Bool {
    func check(_ cls: Value) throws(Raised) -> ClassRef {
        guard cls.isKind(.class), cls.object(ClassObject.self).pointee.flags.contains(.isException) else {
            throw typeError("catching classes that do not inherit from BaseException is not allowed")
        }
        return cls.object(ClassObject.self)
    }
    if pattern.isKind(.tuple) {
        let classes = pattern.object(Tuple.self)
        for index in 0 ..< classes.count { _ = try check(classes.items[index]) }
        for index in 0 ..< classes.count where exception.cls.isSubclass(of: classes.items[index].object(ClassObject.self)) {
            return true
        }
        return false
    }
    return exception.cls.isSubclass(of: try check(pattern))
}

@inline(never)
func loadExitArguments(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let exception = r[i.b]
    r[i.a] = Value(exception.cls)
    r[i.a + 1] = exception
    r[i.a + 2] = exception.isKind(.exception) ? exception.object(ExceptionObject.self).pointee.traceback : .none
    return Next(r, pc)
}

@inline(never)
func loadAssertionError(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(ExceptionName.assertionError.cls)
    return Next(r, pc)
}
