// for loops: the iterators of ranges, lists and tuples at once, generators and the script's iterators as frames.
import TinyCompiler

@inline(__always)
func forIterate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isExactly(.rangeIterator) {
        let range = iterator.object(RangeIterator.self)
        if range.pointee.remaining > 0 {
            let current = range.pointee.current
            range.pointee.remaining &-= 1
            range.pointee.current = current &+ range.pointee.step
            r[i.a] = Value(inline: current)
            return Next(r, pc)
        }
        return Next(r, pc + i.signedC)
    }
    if iterator.isKind(.sequenceIterator) {
        let sequence = iterator.object(SequenceIterator.self)
        let index = sequence.pointee.index
        if sequence.pointee.sequence.isExactly(.list) {
            let list = sequence.pointee.sequence.object(List.self)
            if index < list.count {
                sequence.pointee.index = index &+ 1
                r[i.a] = list.items[index]
                return Next(r, pc)
            }
        } else if sequence.pointee.sequence.isExactly(.tuple) {
            let tuple = sequence.pointee.sequence.object(Tuple.self)
            if index < tuple.count {
                sequence.pointee.index = index &+ 1
                r[i.a] = tuple.items[index]
                return Next(r, pc)
            }
        }
    }
    return slowForIterate(i, r, pc, t)
}

@inline(never)
func slowForIterate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let iterator = r[i.b]
    if iterator.isExactly(.generator) {
        return resume(iterator.object(GeneratorObject.self), .none, i.a, .next, r, pc, t)
    }
    if iterator.isKind(.instance) {
        let method = iterator.cls.special(.next)
        if method.isKind(.function) {
            return callSpecial(method, iterator, .absent, .absent, count: 1, i.a, .next, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        let value = try next(iterator)
        if value.isAbsent { return Next(r, pc + i.signedC) }
        r[i.a] = value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
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
