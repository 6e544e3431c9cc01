// Native functions that use up a generator: `sum(x * x for …)`, `any(…)`, `sorted(…)`, `", ".join(…)`, `list(…)`.
//
// Called as natives they would start the interpreter anew for each item. Here the generator's frame runs in the loop that
// is already running, with the action `fold`: its yield hands the item to the fold and goes on in the generator at once.
// Folds that need all items first (`sorted`, `join`) collect them and then call the function with the list.
//
// The call's arguments and the fold's state lie in registers directly below the generator's entry top, above all that the
// caller uses, where the collector looks; `spare` of the generator's frame says which fold it is.
import TinyCompiler

/// What is done with the items of a generator.
enum Fold: UInt8 {
    /// 0, for which there is a test of bits.
    case sum
    /// Collect them; the list is the result.
    case list
    /// Collect them and call the function with the list in the generator's place.
    case arguments
    case any, all
}

/// Registers of a fold, behind a header for the call that may follow: up to `arguments` arguments, then the state.
private enum FoldLayout {
    static let arguments = 4
    static let accumulator = 4
    /// Sum of floats: what rounding lost so far.
    static let compensation = 5
    static let names = 6
    static let count = 7
}

/// Starts a fold over the generator that is argument `place` of the call at `base`. Nil: call the native as usual.
@inline(never)
func beginFold(
    _ fold: Fold, place: Int, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    let generator = base[place].object(GeneratorObject.self)
    let window = t.top(t.topOf(r), covering: base, count) + CallLayout.headerWords
    guard generator.pointee.state == .created || generator.pointee.state == .suspended, count <= FoldLayout.arguments,
        t.topOf(r) >= t.pointee.segmentStart, window + FoldLayout.count <= t.pointee.segmentEnd
    else { return nil }
    for index in 0 ..< FoldLayout.arguments { window[index] = index < count ? base[index] : .none }
    window.header.pointee.callable = base.header.pointee.callable
    switch fold {
    case .list, .arguments: window[FoldLayout.accumulator] = Value(List.make())
    case .sum: window[FoldLayout.accumulator] = count > 1 ? base[1] : Value(inline: 0)
    case .any: window[FoldLayout.accumulator] = .false
    case .all: window[FoldLayout.accumulator] = .true
    }
    window[FoldLayout.compensation] = Value(0.0)
    window[FoldLayout.names] = names.map { Value($0) } ?? .none
    let frame = generator.registers
    let next = resume(generator, .none, destination, .fold, r, pc, t)
    guard generator.pointee.state == .running, next.r == frame else { return next }
    frame.header.pointee.spare = UInt32(fold.rawValue) | UInt32(place) << 4 | UInt32(count) << 8
    generator.pointee.entryTop = window + FoldLayout.count
    return next
}

private struct FoldState {
    let fold: Fold
    let place: Int
    let count: Int
    let base: Registers

    init(_ spare: UInt32, _ entryTop: Registers) {
        // beginFold wrote it; to look for it among the cases would be a call, for each item.
        fold = unsafeBitCast(UInt8(spare & 15), to: Fold.self)
        place = Int(spare >> 4 & 15)
        count = Int(spare >> 8 & 15)
        base = entryTop - FoldLayout.count
    }
}

/// As `foldQuickly`, for what is added: short enough to stand in the yield itself.
@inline(__always)
func sumQuickly(_ value: Value, _ generator: GeneratorRef, _ r: Registers) -> Bool {
    guard r.header.pointee.spare & 15 == UInt32(Fold.sum.rawValue) else { return false }
    let state = generator.pointee.entryTop - FoldLayout.count
    return addQuickly(value, state + FoldLayout.accumulator, state + FoldLayout.compensation)
}

/// Takes an item that is yielded, if that needs no call at all (and so no stack) and the fold goes on afterwards.
@inline(never)
func foldQuickly(_ value: Value, _ generator: GeneratorRef, _ r: Registers) -> Bool {
    let state = FoldState(r.header.pointee.spare, generator.pointee.entryTop)
    switch state.fold {
    case .list, .arguments: return state.base[FoldLayout.accumulator].object(List.self).appendIfRoom(value)
    case .sum: return addQuickly(value, state.base + FoldLayout.accumulator, state.base + FoldLayout.compensation)
    case .any, .all: return value.isBool && value.isTrue != (state.fold == .any)
    }
}

/// The generator has yielded an item that `foldQuickly` leaves to this (and is marked as suspended).
@inline(never)
func foldStep(_ value: Value, _ generator: GeneratorRef, _ r: Registers, _ t: ThreadRef) -> Next {
    let header = r.header
    // A frame with the action `fold` was resumed by a call.
    let caller = header.pointee.caller.unsafelyUnwrapped
    let state = FoldState(header.pointee.spare, generator.pointee.entryTop)
    let accumulator = state.base + FoldLayout.accumulator
    switch state.fold {
    case .list, .arguments:
        accumulator.pointee.object(List.self).append(value)
    case .sum:
        if !addQuickly(value, accumulator, state.base + FoldLayout.compensation) {
            t.leave(caller, caller.header.pointee.pc)
            t.pointee.top = state.base + FoldLayout.count
            do {
                let total = settledSum(accumulator.pointee, state.base[FoldLayout.compensation])
                accumulator.pointee = try binary(0, total, value)
                state.base[FoldLayout.compensation] = Value(0.0)
            } catch { return unwind(caller, caller.header.pointee.pc, t) }
        }
    case .any, .all:
        var isTrue = value.isTrue
        if !value.isBool {
            t.leave(caller, caller.header.pointee.pc)
            t.pointee.top = state.base + FoldLayout.count
            do { isTrue = try truth(value) } catch { return unwind(caller, caller.header.pointee.pc, t) }
        }
        if isTrue == (state.fold == .any) {
            caller[Int(header.pointee.destination)] = Value(isTrue)
            return Next(caller, caller.header.pointee.pc)
        }
    }
    let spare = header.pointee.spare
    let top = generator.pointee.entryTop
    let next = resume(generator, .none, Int(header.pointee.destination), .fold, caller, caller.header.pointee.pc, t)
    header.pointee.spare = spare
    generator.pointee.entryTop = top
    return next
}

/// Adds what needs no method and no memory: integers that stay small, floats (with compensation, as CPython since 3.12).
@inline(__always)
private func addQuickly(_ value: Value, _ total: Registers, _ compensation: Registers) -> Bool {
    let sum = total.pointee
    if sum.isFloat {
        if value.isFloat { return addFloats(sum.float, value.float, total, compensation) }
        return value.isInlineInt && addFloats(sum.float, Double(value.inlineInt), total, compensation)
    }
    if Value.bothInlineInts(sum, value) {
        let (next, overflow) = sum.shiftedInt.addingReportingOverflow(value.shiftedInt)
        if !overflow { total.pointee = Value(shifted: next) }
        return !overflow
    }
    return sum.isInlineInt && value.isFloat && addFloats(Double(sum.inlineInt), value.float, total, compensation)
}

/// As `addQuickly`, where the total is `high` and the item `x`.
@inline(__always)
private func addFloats(_ high: Double, _ x: Double, _ total: Registers, _ compensation: Registers) -> Bool {
    let next = high + x
    // What rounding lost, exactly, whichever of the two is larger (Knuth's TwoSum; CPython compares them and comes to the same).
    let part = next - high
    let lost = (high - (next - part)) + (x - part)
    // Where the sum is no number, neither is this.
    guard let correction = Value(number: compensation.pointee.float + lost) else { return false }
    compensation.pointee = correction
    total.pointee = Value(bits: next.bitPattern)
    return true
}

private func settledSum(_ total: Value, _ compensation: Value) -> Value {
    guard total.isFloat, compensation.float != 0, compensation.float.isFinite else { return total }
    return Value(total.float + compensation.float)
}

/// The generator has ended: the result, or the call that was waiting for the items.
func finishFold(_ r: Registers, _ t: ThreadRef) -> Next {
    let header = r.header
    let caller = header.pointee.caller.unsafelyUnwrapped
    let state = FoldState(header.pointee.spare, header.pointee.extra.object(GeneratorObject.self).pointee.entryTop)
    let destination = Int(header.pointee.destination)
    let pc = caller.header.pointee.pc
    let result = state.base[FoldLayout.accumulator]
    header.pointee.spare = 0
    switch state.fold {
    case .list, .any, .all: caller[destination] = result
    case .sum: caller[destination] = settledSum(result, state.base[FoldLayout.compensation])
    case .arguments:
        state.base[state.place] = result
        let names = state.base[FoldLayout.names]
        var count = state.count
        let callable = state.base.header.pointee.callable
        if callable.isKind(.native), !callable.object(NativeFunction.self).pointee.receiver.isAbsent {
            // A bound method (`f = ", ".join`) brings its receiver along again.
            count -= 1
            for index in 0 ..< count { state.base[index] = state.base[index + 1] }
        }
        return slowCall(
            state.base, count, names.isNone ? nil : names.object(Tuple.self), destination, .store, caller, pc, t)
    }
    return Next(caller, pc)
}
