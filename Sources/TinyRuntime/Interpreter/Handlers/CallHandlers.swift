// Calls.
//
// `call` and `callMethod` enter a plain function of the script at once: its arguments already lie where its first
// registers will be. All else goes through `slowCall`, one ladder over the kinds of callable (of natives:
// NativeCallHandlers). What the machine itself calls, special methods, has a window above the frame (SpecialCalls).
import CTiny
import TinyCompiler

@inline(__always)
func call(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    let callable = base.header.pointee.callable
    if callable.isKind(.function) {
        let function = callable.object(Function.self)
        let code = function.pointee.code
        if Int(code.pointee.plainArgumentCount) == i.c {
            return enter(function, code, base, i.c, i.a, .store, r, pc, t)
        }
        return slowCallFunction(function, base, i.c, i.a, .store, r, pc, t)
    }
    if callable.isKind(.native) {
        return slowCallNative(callable.object(NativeFunction.self), base, i.c, i.a, r, pc, t)
    }
    if callable.isKind(.class) { return slowCallClass(base, i.c, i.a, r, pc, t) }
    return slowCall(base, i.c, nil, i.a, .store, r, pc, t)
}

/// Calls a function of the script that gets the defaults of its last parameters or has `*` and `**`, or wants its arguments sorted.
@inline(never)
private func slowCallFunction(
    _ function: FunctionRef, _ base: Registers, _ count: Int, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let code = function.pointee.code
    let window = t.calleeWindow(base, r)
    guard tiny_breaker() == 0, t.pointee.depth < Int(tiny_hot().pointee.depth_limit),
        t.hasRoom(window, max(count, Int(code.pointee.registerCount)))
    else { return slowCall(base, count, nil, destination, action, r, pc, t) }
    if window != base { window.update(from: base, count: count) }
    guard fillParameters(function, code, window, count) else {
        return slowCall(base, count, nil, destination, action, r, pc, t)
    }
    return open(window, function, code, Int(code.pointee.parameterCount), destination, action, .none, r, pc, t)
}

/// Makes `count` positional arguments the parameters of a function: with the defaults of those that are missing, what is too much as the
/// tuple `*`, and an empty dict as `**`. False, and nothing is changed: they don't fit, or some parameters are keyword-only.
@inline(__always)
private func fillParameters(_ function: FunctionRef, _ code: CodeRef, _ window: Registers, _ count: Int) -> Bool {
    let positional = Int(code.pointee.argumentCount)
    if count < positional {
        guard function.pointee.defaults.isKind(.tuple), code.pointee.keywordOnlyCount == 0 else { return false }
        let defaults = function.pointee.defaults.object(Tuple.self)
        let first = positional - defaults.count
        guard count >= first else { return false }
        var index = count
        while index < positional {
            window[index] = defaults.items[index - first]
            index &+= 1
        }
    }
    if Int(code.pointee.parameterCount) == positional { return count <= positional }
    let flags = code.codeFlags
    guard code.pointee.keywordOnlyCount == 0, count <= positional || flags.contains(.variadic) else { return false }
    var slot = positional
    if flags.contains(.variadic) {
        window[slot] = Value(count > positional ? Tuple.make(window + positional, count - positional) : Tuple.make())
        slot &+= 1
    }
    if flags.contains(.variadicKeywords) { window[slot] = Value(Dict.make()) }
    return true
}

/// `cls(…)`: mostly `type(x)`, `int(x)` and the like, which need no frame, or a class of the script whose `__init__` is entered.
@inline(never)
private func slowCallClass(_ base: Registers, _ count: Int, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let cls = base.header.pointee.callable.object(ClassObject.self)
    if cls.pointee.flags.contains(.isHeapType) {
        if let next = enterInitializer(cls, base, count, destination, r, pc, t) { return next }
    } else if count == 1, let value = convertQuickly(cls, base[0]) {
        r[destination] = value
        return Next(r, pc)
    }
    return slowCall(base, count, nil, destination, .store, r, pc, t)
}

/// Makes an instance of a class whose `__new__` and whose call are the usual ones, and enters its `__init__`. Nil: the general way.
@inline(__always)
private func enterInitializer(
    _ cls: ClassRef, _ base: Registers, _ count: Int, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    let initializer = cls.special(.`init`)
    let metaclass = Value(cls).cls
    guard initializer.isKind(.function), cls.makesPlainInstances, cls.special(.new) == Runtime.objectNew,
        metaclass == Runtime.typeClass || metaclass.special(.call) == Runtime.typeCall, tiny_breaker() == 0,
        t.pointee.depth < Int(tiny_hot().pointee.depth_limit)
    else { return nil }
    let function = initializer.object(Function.self)
    let code = function.pointee.code
    let window = t.calleeWindow(base, r)
    // (An `__init__(*args)` gets the instance in its tuple.)
    guard t.hasRoom(window, max(count + 1, Int(code.pointee.registerCount))), code.pointee.keywordOnlyCount == 0,
        code.pointee.argumentCount > 0
    else { return nil }
    var index = count
    while index > 0 {
        window[index] = base[index - 1]
        index &-= 1
    }
    guard fillParameters(function, code, window, count + 1) else {
        // As it was, for the general way.
        if window == base { base.update(from: base + 1, count: count) }
        return nil
    }
    let instance = Value(Instance.allocate(cls))
    window[0] = instance
    let next = open(
        window, function, code, Int(code.pointee.parameterCount), destination, .construct, .none, r, pc, t)
    window.header.pointee.extra = instance
    return next
}

@inline(__always)
func callMethod(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    let callable = base.header.pointee.callable
    if base[0].isAbsent { return slowCallAbsentSelf(i, r, pc, t) }
    if callable.isKind(.function) {
        let function = callable.object(Function.self)
        let code = function.pointee.code
        if Int(code.pointee.plainArgumentCount) == i.c + 1 {
            return enter(function, code, base, i.c + 1, i.a, .store, r, pc, t)
        }
        return slowCallFunction(function, base, i.c + 1, i.a, .store, r, pc, t)
    }
    if callable.isKind(.native) {
        return slowCallNative(callable.object(NativeFunction.self), base, i.c + 1, i.a, r, pc, t)
    }
    return slowCall(base, i.c + 1, nil, i.a, .store, r, pc, t)
}

/// There is no self: the call's window begins one register higher.
@inline(never)
private func slowCallAbsentSelf(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    let callable = base.header.pointee.callable
    (base + 1).header.pointee.callable = callable
    if callable.isKind(.function) {
        let function = callable.object(Function.self)
        let code = function.pointee.code
        if Int(code.pointee.plainArgumentCount) == i.c {
            return enter(function, code, base + 1, i.c, i.a, .store, r, pc, t)
        }
        return slowCallFunction(function, base + 1, i.c, i.a, .store, r, pc, t)
    }
    if callable.isKind(.native) {
        return slowCallNative(callable.object(NativeFunction.self), base + 1, i.c, i.a, r, pc, t)
    }
    if callable.isKind(.class) { return slowCallClass(base + 1, i.c, i.a, r, pc, t) }
    return slowCall(base + 1, i.c, nil, i.a, .store, r, pc, t)
}

/// Enters a function whose `count` arguments lie at `base` and are all its parameters.
@inline(__always)
func enter(
    _ function: FunctionRef, _ code: CodeRef, _ base: Registers, _ count: Int, _ destination: Int,
    _ action: ReturnAction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    if base + Int(code.pointee.registerCount) > t.pointee.segmentEnd || base < t.pointee.segmentStart
        || t.pointee.depth >= Int(tiny_hot().pointee.depth_limit) || tiny_breaker() != 0
    {
        return slowEnter(function, base, count, destination, action, r, pc, t)
    }
    let header = base.header
    header.pointee.code = code
    header.pointee.caller = r
    header.pointee.destination = UInt16(truncatingIfNeeded: destination)
    header.pointee.action = action
    header.pointee.flags = .none
    // Written too because the collector reads the whole word as a value: it must not look like a pointer.
    header.pointee.spare = 0
    header.pointee.globals = function.pointee.globals
    r.header.pointee.pc = pc
    t.pointee.depth &+= 1
    var index = count
    while index < Int(code.pointee.localCount) {
        base[index] = .absent
        index &+= 1
    }
    return Next(base, code.pointee.words)
}

/// A call from a generator: the frame lies above all that runs below the generator, which is in the newest segment mostly. Nil: it
/// isn't, or there is more to do.
@inline(__always)
private func enterFromGenerator(
    _ function: FunctionRef, _ code: CodeRef, _ base: Registers, _ count: Int, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    guard r.header.pointee.flags.contains(.inGenerator), tiny_breaker() == 0,
        t.pointee.depth < Int(tiny_hot().pointee.depth_limit)
    else { return nil }
    let window = r.header.pointee.extra.object(GeneratorObject.self).pointee.entryTop + CallLayout.headerWords
    guard t.hasRoom(window, max(count, Int(code.pointee.registerCount))) else { return nil }
    // Mostly there are few.
    if count > 0 { window[0] = base[0] }
    if count > 1 { window[1] = base[1] }
    if count > 2 { for index in 2 ..< count { window[index] = base[index] } }
    return open(window, function, code, count, destination, action, .none, r, pc, t)
}

/// Begins a frame in a window that holds its `count` arguments, wherever that lies. `stage`: what the action wants to know when it
/// returns.
@inline(__always)
func open(
    _ window: Registers, _ function: FunctionRef, _ code: CodeRef, _ count: Int, _ destination: Int, _ action: ReturnAction,
    _ flags: FrameFlags, stage: Int = 0, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    window.header.pointee = FrameHeader(
        callable: Value(function), code: code, pc: code.pointee.words, caller: r,
        destination: UInt16(truncatingIfNeeded: destination), action: action, flags: flags,
        spare: UInt32(truncatingIfNeeded: stage), extra: .absent, frameObject: .absent, globals: function.pointee.globals)
    var index = count
    while index < Int(code.pointee.localCount) {
        window[index] = .absent
        index &+= 1
    }
    r.header.pointee.pc = pc
    t.pointee.depth &+= 1
    return Next(window, code.pointee.words)
}

/// As `enter`, when the frame must lie elsewhere, the stack is too deep, or something wants attention.
@inline(never)
func slowEnter(
    _ function: FunctionRef, _ base: Registers, _ count: Int, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    enterFromGenerator(function, function.pointee.code, base, count, destination, action, r, pc, t)
        ?? slowerEnter(function, base, count, destination, action, r, pc, t)
}

/// What is left when the call comes from no generator, or there is more to do. By itself, so that the above keeps all it works with in
/// machine registers.
@inline(never)
private func slowerEnter(
    _ function: FunctionRef, _ base: Registers, _ count: Int, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let code = function.pointee.code
    if t.pointee.depth >= Int(tiny_hot().pointee.depth_limit) {
        return fail(raise(.recursionError, "maximum recursion depth exceeded"), r, pc, t)
    }
    var window = base
    var flags = FrameFlags.none
    let need = Int(code.pointee.registerCount)
    if base + need > t.pointee.segmentEnd || base < t.pointee.segmentStart {
        t.leave(r, pc)
        window = t.pushWindow(need + count)
        window.update(from: base, count: count)
        flags = .onTop
    }
    let next = open(window, function, code, count, destination, action, flags, r, pc, t)
    return tiny_breaker() == 0 ? next : slowBreak(next.r, next.pc, t, mayAdvance: false)
}

// MARK: Other callables

/// Calls what is in the callee's place of the window at `base`: `count` arguments, of which the last are named by
/// `names`. The window lies above everything live.
@inline(never)
func slowCall(
    _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    if base < t.pointee.segmentStart || base > t.pointee.segmentEnd {
        return slowCallFromGenerator(base, count, names, destination, action, r, pc, t)
    }
    var count = count
    var steps = 0
    while true {
        steps += 1
        if steps > Int(tiny_hot().pointee.depth_limit) || base + count + 8 > t.pointee.segmentEnd + ThreadState.slack {
            t.leave(r, pc)
            return fail(raise(.recursionError, "maximum recursion depth exceeded"), r, pc, t)
        }
        let callable = base.header.pointee.callable
        switch callable.kind {
        case .function:
            return callFunction(callable.object(Function.self), base, count, names, destination, action, r, pc, t)
        case .native:
            return callNative(callable.object(NativeFunction.self), base, count, names, destination, action, r, pc, t)
        case .boundMethod:
            let method = callable.object(BoundMethod.self)
            shiftUp(base, count)
            base[0] = method.pointee.receiver
            base.header.pointee.callable = method.pointee.function
            count += 1
        case .class:
            return callClass(callable.object(ClassObject.self), base, count, names, destination, action, r, pc, t)
        default:
            if count == 1, names == nil, let native = callable.singleArgumentCallable {
                t.leave(r, pc)
                t.pointee.top = t.top(t.topOf(r), covering: base, 2)
                do {
                    return deliver(try native.call(base[0]), action, destination, .absent, 0, r, pc, t)
                } catch { return unwind(r, pc, t) }
            }
            let method = callable.cls.special(.call)
            if method.isKind(.native), let forwarder = callable.forwarder, forwarder.leading.count <= ForwardingCallable.mostInPlace,
                forwarder.named.pointee.count == 0
            {
                let leading = forwarder.leading
                var index = count
                while index > 0 {
                    index -= 1
                    base[leading.count + index] = base[index]
                }
                base.update(from: leading.items, count: leading.count)
                base.header.pointee.callable = forwarder.function
                count += leading.count
                continue
            }
            guard !method.isAbsent else {
                t.leave(r, pc)
                return fail(typeError("'\(typeName(callable))' object is not callable"), r, pc, t)
            }
            if method.isKind(.function) || NativeShapes.takesReceiver(method) {
                shiftUp(base, count)
                base[0] = callable
                base.header.pointee.callable = method
                count += 1
            } else {
                t.leave(r, pc)
                do {
                    base.header.pointee.callable = try bindDescriptor(method, callable)
                } catch { return unwind(r, pc, t) }
            }
        }
    }
}

/// As `slowCall` for a window in a generator's own registers, which end where its code needs no more: binding would
/// write behind them. The call is made from a window on the segment.
@inline(never)
private func slowCallFromGenerator(
    _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    t.leave(r, pc)
    let start = t.pointee.segmentStart
    let fiber = t.pointee.fiber
    let window = t.pushWindow(count + 32)
    window.update(from: base, count: count)
    window.header.pointee.callable = base.header.pointee.callable
    let next = slowCall(window, count, names, destination, action, r, pc, t)
    // The call may have been a switch: then the segments are another fiber's.
    if t.pointee.segmentStart != start, fiber == nil || t.pointee.fiber == fiber {
        if next.r >= t.pointee.segmentStart, next.r <= t.pointee.segmentEnd {
            next.r.header.pointee.flags.insert(.onTop)
        } else {
            t.slowPopSegments(to: t.topOf(next.r))
        }
    }
    return next
}

/// Moves the arguments one register up.
@inline(__always)
func shiftUp(_ base: Registers, _ count: Int) {
    var index = count
    while index > 0 {
        base[index] = base[index - 1]
        index -= 1
    }
}

/// Binds arguments to the parameters of a function of the script and enters it.
private func callFunction(
    _ function: FunctionRef, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int,
    _ action: ReturnAction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let code = function.pointee.code
    if names == nil, Int(code.pointee.plainArgumentCount) == count {
        return enter(function, code, base, count, destination, action, r, pc, t)
    }
    t.leave(r, pc)
    var base = base
    let room = max(count, Int(code.pointee.parameterCount)) + Int(code.pointee.registerCount)
    if base < t.pointee.segmentStart || base + room > t.pointee.segmentEnd {
        let callable = base.header.pointee.callable
        let larger = t.pushWindow(room)
        larger.update(from: base, count: count)
        larger.header.pointee.callable = callable
        base = larger
        do {
            try bindArguments(function, base, count, names)
        } catch { return unwind(r, pc, t) }
        return enterOnTop(function, base, destination, action, r, pc, t)
    }
    do {
        try bindArguments(function, base, count, names)
    } catch { return unwind(r, pc, t) }
    return enter(function, code, base, Int(code.pointee.parameterCount), destination, action, r, pc, t)
}

/// Enters a function whose bound arguments already lie in a window that `pushWindow` gave.
func enterOnTop(
    _ function: FunctionRef, _ base: Registers, _ destination: Int, _ action: ReturnAction, _ r: Registers,
    _ pc: PC, _ t: ThreadRef
) -> Next {
    let next = enter(function, function.pointee.code, base, Int(function.pointee.code.pointee.parameterCount), destination, action, r, pc, t)
    if next.r == base { base.header.pointee.flags.insert(.onTop) }
    return next
}

@inline(never)
func slowCallKeywords(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let names = r.constants[Int(pc[0])].object(Tuple.self)
    let base = r + i.b
    let callable = base.header.pointee.callable
    if callable.isKind(.function), base >= t.pointee.segmentStart, base <= t.pointee.segmentEnd {
        return callFunction(callable.object(Function.self), base, i.c, names, i.a, .store, r, pc + 1, t)
    }
    return slowCall(base, i.c, names, i.a, .store, r, pc + 1, t)
}

@inline(never)
func slowCallMethodKeywords(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let names = r.constants[Int(pc[0])].object(Tuple.self)
    let base = r + i.b
    if base[0].isAbsent {
        (base + 1).header.pointee.callable = base.header.pointee.callable
        return slowCall(base + 1, i.c, names, i.a, .store, r, pc + 1, t)
    }
    return slowCall(base, i.c + 1, names, i.a, .store, r, pc + 1, t)
}

@inline(never)
func slowCallSpread(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    if !base[0].isExactly(.tuple) || i.d == 1 && !base[1].isExactly(.dict) {
        t.leave(r, pc)
        do {
            try makeSpreadable(base, hasMapping: i.d == 1)
        } catch { return unwind(r, pc, t) }
    }
    return callSpread(
        base.header.pointee.callable, base[0].object(Tuple.self), base[1], i.a, .store, base, r, pc, t)
}

/// Makes the mapping of `f(*values, **mapping)` a dict, then the values a tuple.
@inline(never)
private func makeSpreadable(_ base: Registers, hasMapping: Bool) throws(Raised) {
    let callable = base.header.pointee.callable
    if hasMapping, !base[1].isExactly(.dict) {
        let dict = Dict.make()
        try mergeKeywords(dict, from: base[1], callable: callable)
        base[1] = Value(dict)
    }
    guard !base[0].isExactly(.tuple) else { return }
    guard isIterable(base[0]) else {
        throw typeError("\(try callableText(callable)) argument after * must be an iterable, not \(typeName(base[0]))")
    }
    base[0] = Value(try makeTuple(base[0]))
}

/// Calls with the items of a tuple and of a keyword dict (or None). `base`: a window free for use.
func callSpread(
    _ callable: Value, _ arguments: TupleRef, _ keywords: Value, _ destination: Int, _ action: ReturnAction,
    _ base: Registers, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let named = keywords.isNone ? nil : keywords.object(Dict.self)
    let count = arguments.count + (named?.pointee.count ?? 0)
    t.leave(r, pc)
    var window = t.calleeWindow(base, r)
    var isOnTop = false
    // Room for self and the like; what natives fill in goes into the segment's slack.
    if !t.hasRoom(window, count + 16) {
        window = t.pushWindow(count + 16)
        isOnTop = true
    }
    if callable.isKind(.function), count == arguments.count, !isOnTop {
        window.update(from: arguments.items, count: count)
        window.header.pointee.callable = callable
        return slowCallFunction(callable.object(Function.self), window, count, destination, action, r, pc, t)
    }
    window.header.pointee.callable = callable
    var names: TupleRef?
    if let named, named.pointee.count > 0 {
        let keys = Tuple.allocate(named.pointee.count)
        var position = 0
        var index = 0
        while let entry = named.next(&position) {
            guard entry.pointee.key.isKind(.str) else { return fail(typeError("keywords must be strings"), r, pc, t) }
            keys.items[index] = entry.pointee.key
            window[arguments.count + index] = entry.pointee.value
            index += 1
        }
        names = keys
    }
    window.update(from: arguments.items, count: arguments.count)
    let next = slowCall(window, count, names, destination, action, r, pc, t)
    if isOnTop, next.r == window { window.header.pointee.flags.insert(.onTop) }
    return next
}
