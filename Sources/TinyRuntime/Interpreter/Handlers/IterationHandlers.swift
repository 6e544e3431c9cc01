// for loops: the iterators of ranges, lists and tuples at once, generators and the script's iterators as frames.
import CTiny
import TinyCompiler

@inline(__always)
func forIterate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isExactly(.rangeIterator) {
        guard let number = iterator.object(RangeIterator.self).takeNumber() else { return Next(r, pc + i.signedC) }
        r[i.a] = Value(inline: number)
        return Next(r, pc)
    }
    if iterator.isPointer, let place = iterator.nextPlace {
        r[i.a] = place.pointee
        iterator.advance()
        return Next(r, pc)
    }
    if iterator.isExactly(.generator) {
        return resume(iterator.object(GeneratorObject.self), .none, i.a, .next, r, pc, t)
    }
    return forIterateQuickly(iterator, i, r, pc, t)
}

/// The jump back to the head of a loop and, over a range or a list, the head.
@inline(__always)
func jumpBackToIterate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    tiny_breaker() == 0 ? nextRound(i, r, pc) : slowBreak(r, pc + i.bc, t)
}

/// Where the next round of a loop goes on, given the jump that leads to it: behind the head, if that needs no call.
@inline(__always)
func nextRound(_ jump: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let head = pc + jump.bc
    let i = Instruction(word: head.pointee)
    let iterator = r[i.b]
    if iterator.isExactly(.rangeIterator) {
        if let number = iterator.object(RangeIterator.self).takeNumber() {
            r[i.a] = Value(inline: number)
            return Next(r, head + 1)
        }
    } else if iterator.isPointer, let place = iterator.nextPlace {
        r[i.a] = place.pointee
        iterator.advance()
        return Next(r, head + 1)
    }
    return Next(r, head)
}

/// As `nextRound`, and over a zip of two lists or tuples the `unpack` as well. (Not for the handlers of the loop itself: the compiler
/// does not inline what contains this, and a round of any `for` then takes a fifth more.)
@inline(__always)
func nextRoundOrRow(_ jump: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let head = pc + jump.bc
    let i = Instruction(word: head.pointee)
    guard i.opcodeByte == Opcode.forIterateZip.rawValue else { return nextRound(jump, r, pc) }
    let iterator = r[i.b]
    return iterator.isZip && Zip.fillPair(r, head + 1, from: iterator) ? Next(r, head + 2) : Next(r, head)
}

/// A round of a for loop over a dict, its views, a set, a string, bytes or a reversed list, and of `for a, b in zip(…)` or `enumerate(…)` over
/// lists and tuples, while there is an item. Calls nothing but what it ends with, so that it needs no stack.
@inline(never)
private func forIterateQuickly(_ iterator: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    guard iterator.isPointer else { return slowForIterate(i, r, pc, t) }
    let following = Instruction(word: pc[0])
    switch iterator.header.pointee.kind {
    case .dictIterator:
        let rows = iterator.object(DictIterator.self)
        if rows.pointee.form == .items {
            guard takesApart(i, r, pc), following.c == 2, let entry = rows.nextQuickly() else { break }
            r[following.a] = entry.pointee.key
            r[following.a + 1] = entry.pointee.value
            return Next(r, pc + 1)
        }
        guard let entry = rows.nextQuickly() else { break }
        r[i.a] = rows.pointee.form == .keys ? entry.pointee.key : entry.pointee.value
        return Next(r, pc)
    case .sequenceIterator:
        let value = iterator.object(SequenceIterator.self).nextCharacterOrOctet()
        guard !value.isAbsent else { break }
        r[i.a] = value
        return Next(r, pc)
    case .setIterator:
        guard let entry = iterator.object(SetIterator.self).nextQuickly() else { break }
        r[i.a] = entry.pointee.key
        return Next(r, pc)
    case .box:
        let shape = iterator.header.pointee.shape
        if shape == ReverseIterator.listShape {
            let value = ReverseIterator.nextQuickly(iterator)
            guard !value.isAbsent else { break }
            r[i.a] = value
            return Next(r, pc)
        }
        guard takesApart(i, r, pc) else { return slowIterateBox(i, r, pc, t) }
        guard shape == Zip.shape || shape == Enumerate.shape else { break }
        let isFilled = shape == Zip.shape
            ? Zip.fillQuickly(r + following.a, following.c, from: iterator)
            : Enumerate.fillQuickly(r + following.a, following.c, from: iterator)
        if isFilled {
            if shape == Zip.shape, following.c == 2 {
                (pc - 1).pointee = pc[-1] & ~0xFF | UInt64(Opcode.forIterateZip.rawValue)
            }
            return Next(r, pc + 1)
        }
    default: break
    }
    return slowForIterate(i, r, pc, t)
}

/// A round of a for loop over a Swift object: mostly itertools and the like.
@inline(never)
private func slowIterateBox(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    guard iterator.iteratesNatively, !iterator.isExactlyMap else { return slowForIterate(i, r, pc, t) }
    t.leave(r, pc)
    do {
        let value = try iterator.object(BoxedObject.self).withIterator { native throws(Raised) in try native.next() }
        if value.isAbsent { return Next(r, pc + i.signedC) }
        r[i.a] = value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// `for a, b in zip(…)`, or whatever runs where that has run before.
@inline(__always)
func forIterateZip(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isZip, Zip.fillPair(r, pc, from: iterator) { return Next(r, pc + 1) }
    return slowForIterateZip(i, r, pc, t)
}

@inline(never)
private func slowForIterateZip(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isZip { return slowForIterate(i, r, pc, t) }
    (pc - 1).pointee = pc[-1] & ~0xFF | UInt64(Opcode.forIterate.rawValue)
    return forIterate(i, r, pc, t)
}

/// Whether the item is a temporary that the next instruction takes apart: no need to put it together first.
@inline(__always)
private func takesApart(_ i: Instruction, _ r: Registers, _ pc: PC) -> Bool {
    let following = Instruction(word: pc[0])
    return following.opcodeByte == Opcode.unpack.rawValue && following.b == i.a && i.a >= Int(r.header.pointee.code.pointee.localCount)
}

@inline(never)
func slowForIterate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isKind(.instance) {
        let method = iterator.cls.special(.next)
        if method.isKind(.function) {
            return callSpecial(method, iterator, .absent, .absent, count: 1, i.a, .next, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        if takesApart(i, r, pc) {
            let following = Instruction(word: pc[0])
            switch try nextRow(iterator, following.c, into: r + following.a) {
            case .filled: return Next(r, pc + 1)
            case .ended: return Next(r, pc + i.signedC)
            case .unsupported: break
            }
        }
        if iterator.isExactlyMap, let step = try mapStep(iterator, i, r, pc, t) { return step }
        let value = try next(iterator)
        if value.isAbsent { return Next(r, pc + i.signedC) }
        r[i.a] = value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

extension Value {
    /// Whether this is a `zip`, no instance of a subclass.
    @inline(__always)
    fileprivate var isZip: Bool { isPointer && header.pointee.shape == Zip.shape }

    /// Whether this is a `map`, no instance of a subclass.
    @inline(__always)
    fileprivate var isExactlyMap: Bool { isKind(.box) && header.pointee.shape == MapIterator.shape }
}

/// A round of `for x in map(function, source)` as a frame of the function. Nil: the function or the sources are of
/// another kind.
private func mapStep(_ iterator: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) throws(Raised) -> Next? {
    let map = unsafeDowncast(iterator.object(BoxedObject.self).pointee.object, to: MapIterator.self)
    guard let source = map.onlySource, map.function.isKind(.function) else { return nil }
    let item = try next(source)
    if item.isAbsent { return Next(r, pc + i.signedC) }
    return callSpecial(map.function, item, .absent, .absent, count: 1, i.a, .next, r, pc, t)
}

/// The next item of an iterator whose items are rows of `width`, written to registers.
@inline(__always)
private func nextRow(_ iterator: Value, _ width: Int, into target: Registers) throws(Raised) -> RowOutcome {
    if iterator.isKind(.box) {
        let box = iterator.object(BoxedObject.self)
        guard iterator.iteratesNatively else { return .unsupported }
        return try box.withIterator { native throws(Raised) in try native.nextRow(width, into: target) }
    }
    if width == 2, iterator.isKind(.dictIterator), iterator.object(DictIterator.self).pointee.form == .items {
        return try iterator.object(DictIterator.self).nextRow(into: target)
    }
    return .unsupported
}

@inline(never)
func slowGetIterator(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    if object.isKind(.instance) {
        let method = object.cls.special(.iter)
        if method.isKind(.function) {
            return callSpecial(method, object, .absent, .absent, count: 1, i.a, .iterator, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        r[i.a] = try iterator(object)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
