// Delegation (`yield from`, `await`) and the asynchronous protocols.
import TinyCompiler

/// Whether one number is larger than another; nil unless both are small integers or both floats.
@inline(__always)
private func isLarger(_ a: Value, than b: Value) -> Bool? {
    if Value.bothInlineInts(a, b) { return a.inlineInt > b.inlineInt }
    return a.isFloat && b.isFloat ? a.float > b.float : nil
}

/// Natives that the interpreter knows: `g.send(x)`, `next(g)` and the folds run as frames, not as native calls. Nil: the
/// arguments are not of that kind.
func runIntrinsic(
    _ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers, _ count: Int, _ names: TupleRef?,
    _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    let fold: Fold
    switch record.pointee.intrinsic {
    case .none, .gather: return nil
    case .next, .send:
        let isSend = record.pointee.intrinsic == .send
        guard names == nil, count == (isSend ? 2 : 1), base[0].isExactly(.generator) else { return nil }
        let generator = base[0].object(GeneratorObject.self)
        let value = isSend ? base[1] : .none
        if generator.pointee.state == .created, !value.isNone { return nil }
        return resume(generator, value, destination, .store, r, pc, t)
    case .newObject:
        guard count == 1, names == nil, base[0].isKind(.class), base[0].object(ClassObject.self).makesPlainInstances else { return nil }
        r[destination] = Value(Instance.allocate(base[0].object(ClassObject.self)))
        return Next(r, pc)
    case .min, .max:
        guard count == 2, names == nil, let larger = isLarger(base[1], than: base[0]) else { return nil }
        // The first of equal ones.
        let isSecond = record.pointee.intrinsic == .max ? larger : isLarger(base[0], than: base[1]) == true
        r[destination] = base[isSecond ? 1 : 0]
        return Next(r, pc)
    case .switchFiber, .throwFiber:
        return GreenletModule.switchFromLoop(record.pointee.intrinsic, base, count, names, destination, r, pc, t)
    case .hubSleep, .hubWait, .hubWaitFor, .waiterGet:
        return HubWaiting.waitFromLoop(record.pointee.intrinsic, base, count, names, destination, r, pc, t)
    case .socketReceive, .socketSend, .socketSendAll:
        return HubSockets.callFromLoop(record.pointee.intrinsic, base, count, names, destination, r, pc, t)
    case .callRun: return HubGreenlet.callRunFromLoop(base, count, names, destination, r, pc, t)
    case .sum: fold = .sum
    case .any: fold = .any
    case .all: fold = .all
    case .sorted: fold = .arguments
    case .join:
        guard names == nil, count == 2, base[0].isKind(.str), base[1].isExactly(.generator) else { return nil }
        return beginFold(.arguments, place: 1, base, count, names, destination, r, pc, t)
    }
    guard count > 0, base[0].isExactly(.generator) else { return nil }
    switch fold {
    case .any, .all: guard count == 1, names == nil else { return nil }
    case .sum: guard count == 1 || count == 2 && (base[1].isInlineInt || base[1].isFloat), names == nil else { return nil }
    case .list, .arguments: guard count > (names?.count ?? 0) else { return nil }
    }
    return beginFold(fold, place: 0, base, count, names, destination, r, pc, t)
}

@inline(never)
func slowSend(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let target = r[i.b]
    let value = r[i.c]
    let pc = pc + 1
    if target.isKind(.generator) {
        let generator = target.object(GeneratorObject.self)
        let isStep = generator.pointee.header.shape == GeneratorObject.asyncGeneratorShape
        if generator.pointee.state == .created && value.isNone || generator.pointee.state == .suspended {
            return resume(generator, value, i.a, isStep ? .asyncStep : .sendDelegate, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        if target.isKind(.generator), target.header.pointee.shape == GeneratorObject.coroutineShape,
            target.object(GeneratorObject.self).pointee.state == .finished
        {
            throw raise(.runtimeError, "cannot reuse already awaited coroutine")
        }
        let yielded = try sendOrNext(target, value)
        if yielded.isAbsent {
            r[i.a] = t.pointee.result
            if t.isTraced, target.boxed(AsyncStep.self) != nil { try announceStep(r, r[i.a], t) }
            return Next(r, pc + Int(Int64(bitPattern: pc[-1])))
        }
        r[i.a] = yielded
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// Sends a value to any iterator. Absent: it has ended, and the thread's `result` is its return value.
func sendOrNext(_ target: Value, _ value: Value) throws(Raised) -> Value {
    let t = currentThread()
    do throws(Raised) {
        if target.isKind(.generator) {
            if let step = AsyncStep.underWay(target) { return try step.send(value) }
            return try resumeFromNative(target.object(GeneratorObject.self), value)
        }
        if value.isNone {
            // Iterators of the script end with a StopIteration, which carries the value.
            let method = target.cls.special(.next)
            if !target.isKind(.box) && !target.isKind(.sequenceIterator) || target.isKind(.box) && !target.object(BoxedObject.self).isIteratorObject,
                !method.isAbsent
            {
                return try callUnbound(method, target)
            }
            let item = try next(target)
            if item.isAbsent { t.pointee.result = .none }
            return item
        }
        return try callMethod(target, Names.send, value)
    } catch {
        guard t.raisedIs(.stopIteration) else { throw error }
        t.pointee.result = t.takeRaised().object(ExceptionObject.self).stopValue
        return .absent
    }
}

/// Resumes a generator from native code. Absent: it has finished, and the thread's `result` is its return value.
func resumeFromNative(_ generator: GeneratorRef, _ value: Value) throws(Raised) -> Value {
    let t = currentThread()
    try t.checkNativeStack()
    switch generator.pointee.state {
    case .finished:
        t.pointee.result = .none
        return .absent
    case .running:
        throw valueError("\(generatorNoun(generator)) already executing")
    case .created:
        if !value.isNone { throw typeError("can't send non-None value to a just-started \(generatorNoun(generator))") }
    case .suspended:
        break
    }
    let result = try t.runNested { base in
        generator.pointee.entryTop = t.pointee.top
        return resume(generator, value, 0, .exit, base, leaveLoopWord, t)
    }
    if generator.pointee.state == .finished {
        t.pointee.result = result
        return .absent
    }
    return result
}

/// Raises what the thread has in `raised` inside a suspended generator.
func throwIntoGenerator(_ generator: GeneratorRef, _ exception: Value) throws(Raised) -> Value {
    let t = currentThread()
    try t.checkNativeStack()
    if generator.pointee.state == .created {
        generator.pointee.state = .finished
    }
    guard generator.pointee.state == .suspended else {
        t.pointee.raised = exception
        throw Raised()
    }
    let result = try t.runNested { base in
        generator.pointee.entryTop = t.pointee.top
        let next = resume(generator, .none, 0, .exit, base, leaveLoopWord, t, isAlone: true)
        t.pointee.raised = exception
        // What the generator itself handles, not what its resumer does: that one's exception keeps the context it has.
        if generator.pointee.isHandling { exception.object(ExceptionObject.self).setContext(t.pointee.handled) }
        if Monitoring.isActive {
            next.r.header.pointee.pc = next.pc
            Monitoring.tellException(.throw, next.r, t)
        }
        return unwind(next.r, next.pc, t)
    }
    if generator.pointee.state == .finished {
        t.pointee.result = result
        return .absent
    }
    return result
}

@inline(never)
func slowGetDelegate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    t.leave(r, pc)
    do {
        if object.isKind(.generator), object.header.pointee.shape == GeneratorObject.coroutineShape {
            guard r.header.pointee.code.codeFlags.contains(.coroutine) || isIterableCoroutine(r) else {
                throw typeError("cannot 'yield from' a coroutine object in a non-coroutine generator")
            }
            r[i.a] = object
        } else if object.isKind(.instance), object.cls.special(.iter).isKind(.function) {
            return slowGetIterator(i, r, pc, t)
        } else {
            r[i.a] = try iterator(object)
        }
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

private func isIterableCoroutine(_ r: Registers) -> Bool { r.header.pointee.code.pointee.flags & 0x100 != 0 }

@inline(never)
func slowGetAwaitable(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try awaitableIterator(r[i.b], context: i.d)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// The iterator that `await object` delegates to.
func awaitableIterator(_ object: Value, context: Int = 0) throws(Raised) -> Value {
    if object.isKind(.generator) {
        let generator = object.object(GeneratorObject.self)
        if generator.pointee.header.shape == GeneratorObject.coroutineShape {
            if !generator.delegate.isNone, generator.pointee.state == .suspended {
                throw raise(.runtimeError, "coroutine is being awaited already")
            }
            return object
        }
        if generator.registers.header.pointee.code.pointee.flags & 0x100 != 0 { return object }
    }
    let method = object.cls.special(.await)
    guard !method.isAbsent else {
        let noun = typeName(object)
        switch context {
        case 1:
            throw typeError("'async with' received an object from __aenter__ that does not implement __await__: \(noun)")
        case 2:
            throw typeError("'async with' received an object from __aexit__ that does not implement __await__: \(noun)")
        default: throw typeError("object \(noun) can't be used in 'await' expression")
        }
    }
    let result = try callUnbound(method, object)
    if result.isKind(.generator), result.header.pointee.shape == GeneratorObject.coroutineShape {
        throw typeError("__await__() returned a coroutine")
    }
    guard result.cls.has(.next) else {
        throw typeError("__await__() returned non-iterator of type '\(typeName(result))'")
    }
    return result
}

@inline(never)
func slowGetAsyncIterator(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let object = r[i.b]
        let method = object.cls.special(.aiter)
        guard !method.isAbsent else {
            throw typeError("'async for' requires an object with __aiter__ method, got \(typeName(object))")
        }
        if method.isKind(.function) {
            return callSpecial(method, object, .absent, .absent, count: 1, i.a, .asyncIterator, r, pc, t)
        }
        let result = try callUnbound(method, object)
        guard result.cls.has(.anext) else { throw notAsyncIterator(result) }
        r[i.a] = result
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

func notAsyncIterator(_ value: Value) -> Raised {
    typeError("'async for' received an object from __aiter__ that does not implement __anext__: \(typeName(value))")
}

/// R[a] = what to await for the next item. For an asynchronous generator that is the generator itself, taken for a step
/// (`send` makes it a frame): nobody can see the awaitable that would stand between the two.
@inline(never)
func slowGetAsyncNext(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let object = r[i.b]
        if object.isKind(.generator), !t.isTraced, try AsyncStep.beginInLoop(object) {
            r[i.a] = object
            return Next(r, pc)
        }
        let method = object.cls.special(.anext)
        guard !method.isAbsent else {
            throw typeError("'async for' requires an iterator with __anext__ method, got \(typeName(object))")
        }
        let result = try callUnbound(method, object)
        do {
            r[i.a] = try awaitableIterator(result)
        } catch {
            let cause = t.takeRaised()
            let raised = typeError("'async for' received an invalid object from __anext__: \(typeName(result))")
            t.pointee.raised.object(ExceptionObject.self).pointee.cause = cause
            throw raised
        }
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowEndAsyncFor(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    if r[i.a].cls.isSubclass(of: ExceptionName.stopAsyncIteration.cls) { return Next(r, pc) }
    t.leave(r, pc)
    t.pointee.raised = r[i.a]
    return unwind(r, pc, t, isReraise: true)
}

@inline(never)
func wrapAsyncYield(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    if r.header.pointee.action == .asyncStep, !t.isTraced { return endAsyncStep(r[i.b], r, pc + 1, t) }
    r[i.a] = AsyncYield.make(r[i.b])
    return Next(r, pc)
}
