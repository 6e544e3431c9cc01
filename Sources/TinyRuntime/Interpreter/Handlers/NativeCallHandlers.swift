// Calls of native functions from the loop.
//
// Mostly the arguments lie in the window's registers as the function wants them; `bindNative` sorts out the rest. Some natives the
// interpreter knows by sight (`runIntrinsic`) and runs as frames or as switches.
import CTiny
import TinyCompiler

/// Calls a native function that is given all its parameters: what lies in the window's registers are its arguments.
@inline(never)
func slowCallNative(
    _ native: NativeRef, _ base: Registers, _ count: Int, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let record = native.pointee.record
    guard count == Int(record.pointee.quickCount), native.pointee.receiver.isAbsent, isPlainReceiver(record, base) else {
        return slowerCallNative(native, base, count, destination, r, pc, t)
    }
    t.leave(r, pc)
    do {
        r[destination] = try record.call(Arguments(base, count))
        return afterNative(r, pc, t)
    } catch { return unwind(r, pc, t) }
}

/// Calls a native function that the interpreter knows by sight, one that is bound beforehand (`append = list.append`), or one whose
/// arguments need no binding but defaults; any other goes the general way.
@inline(never)
private func slowerCallNative(
    _ native: NativeRef, _ base: Registers, _ count: Int, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let record = native.pointee.record
    let receiver = native.pointee.receiver
    var count = count
    // Behind a generator's own registers there is no room for more than it calls with.
    let hasRoom = base >= t.pointee.segmentStart && base <= t.pointee.segmentEnd
    let isBound = !receiver.isAbsent
    if isBound {
        guard hasRoom else { return slowCall(base, count, nil, destination, .store, r, pc, t) }
        // As if it had been called as a method.
        shiftUp(base, count)
        base[0] = receiver
        count += 1
    }
    if record.pointee.intrinsic != .none, let next = runIntrinsic(record, base, count, nil, destination, r, pc, t) { return next }
    let total = Int(record.pointee.plainTotal)
    let gathers = record.pointee.gathersBehind >= 0
    guard count >= Int(record.pointee.plainMinimum), gathers || count <= Int(record.pointee.plainMaximum),
        isPlainReceiver(record, base), hasRoom || total <= count && !gathers
    else {
        if isBound {
            count -= 1
            base.update(from: base + 1, count: count)
        }
        return slowCall(base, count, nil, destination, .store, r, pc, t)
    }
    if gathers {
        gather(record, base, count)
    } else if count < total, let defaults = record.pointee.plainDefaults {
        var index = count
        while index < total {
            base[index] = defaults[index]
            index &+= 1
        }
    }
    r.header.pointee.pc = pc
    t.pointee.frame = r
    // A generator's temporaries lie in its own block, far from the segments that `top` is about.
    t.pointee.top = t.top(t.topOf(r), covering: base, total)
    do {
        r[destination] = try record.call(Arguments(base, total))
        return afterNative(r, pc, t)
    } catch { return unwind(r, pc, t) }
}

/// Goes on behind a call of a native function, which may have been sys.settrace or have led to it: the frames that run
/// already are traced from their next line on.
@inline(__always)
private func afterNative(_ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    guard tiny_breaker() & BreakRequest.trace.rawValue != 0 else { return Next(r, pc) }
    return slowBreak(r, pc, t)
}

/// Binds arguments to a native function's parameters and calls it, for `slowCall`.
func callNative(
    _ native: NativeRef, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int,
    _ action: ReturnAction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    var count = count
    if !native.pointee.receiver.isAbsent {
        shiftUp(base, count)
        base[0] = native.pointee.receiver
        count += 1
    }
    let record = native.pointee.record
    r.header.pointee.pc = pc
    t.pointee.frame = r
    if record.pointee.intrinsic != .none, action == .store,
        let next = runIntrinsic(record, base, count, names, destination, r, pc, t)
    {
        return next
    }
    do {
        let arguments = try bindNative(record, base, count, names, r, t)
        let value = try record.call(arguments)
        if action == .store {
            r[destination] = value
            return afterNative(r, pc, t)
        }
        return deliver(value, action, destination, .absent, 0, r, pc, t)
    } catch { return unwind(r, pc, t) }
}
