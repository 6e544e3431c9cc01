// Calls that no instruction spells: special methods, getters and setters, the functions of map() and the like.
import CTiny
import TinyCompiler

/// Calls what an instruction needs with up to three arguments, `count` of them, the receiver first; as a frame where it can be one.
/// `stage`: for the operators, which rung of their ladder this is.
@inline(never)
func callSpecial(
    _ callable: Value, _ receiver: Value, _ first: Value, _ second: Value, count: Int, _ destination: Int,
    _ action: ReturnAction, stage: Int = 0, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    enterSpecial(callable, receiver, first, second, count: count, destination, action, stage: stage, r, pc, t)
        ?? slowCallSpecial(callable, receiver, first, second, count: count, destination, action, stage: stage, r, pc, t)
}

/// Enters a function of the script that has no parameters but these arguments, in a window above the frame. Nil: it is something else, or
/// there is more to do.
@inline(__always)
func enterSpecial(
    _ callable: Value, _ receiver: Value, _ first: Value, _ second: Value, count: Int, _ destination: Int,
    _ action: ReturnAction, stage: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    guard callable.isKind(.function), tiny_breaker() == 0, t.pointee.depth < Int(tiny_hot().pointee.depth_limit) else { return nil }
    let function = callable.object(Function.self)
    let code = function.pointee.code
    let window = t.topOf(r) + CallLayout.headerWords
    guard Int(code.pointee.plainArgumentCount) == count, t.hasRoom(window, Int(code.pointee.registerCount)) else { return nil }
    window[0] = receiver
    if count > 1 { window[1] = first }
    if count > 2 { window[2] = second }
    return open(window, function, code, count, destination, action, .none, stage: stage, r, pc, t)
}

@inline(never)
private func slowCallSpecial(
    _ callable: Value, _ receiver: Value, _ first: Value, _ second: Value, count: Int, _ destination: Int,
    _ action: ReturnAction, stage: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    t.leave(r, pc)
    var base = t.pointee.top + CallLayout.headerWords
    var isOnTop = false
    if !t.hasRoom(base, 16) {
        base = t.pushWindow(16)
        isOnTop = true
    }
    base[0] = receiver
    base[1] = first
    base[2] = second
    var count = count
    var callable = callable
    if !callable.isKind(.function), !callable.isKind(.native) {
        do {
            callable = try bindDescriptor(callable, receiver)
        } catch { return unwind(r, pc, t) }
        base[0] = first
        base[1] = second
        count -= 1
    }
    base.header.pointee.callable = callable
    let next = slowCall(base, count, nil, destination, action, r, pc, t)
    if next.r == base {
        base.header.pointee.spare = UInt32(truncatingIfNeeded: stage)
        if isOnTop { base.header.pointee.flags.insert(.onTop) }
    }
    return next
}
