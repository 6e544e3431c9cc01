// Jumps. Every taken conditional jump looks at the eval breaker: loops are inverted, so any may be a back-edge.
import CTiny
import TinyCompiler

@inline(__always)
func jumpTo(_ target: PC, _ r: Registers, _ t: ThreadRef) -> Next {
    tiny_breaker() == 0 ? Next(r, target) : slowBreak(r, target, t)
}

@inline(__always)
func jumpBack(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    jumpTo(pc + i.bc, r, t)
}

@inline(__always)
func jumpIf(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ wanted: Bool) -> Next {
    let a = r[i.a]
    if a.isBool { return a.isTrue == wanted ? jumpTo(pc + i.bc, r, t) : Next(r, pc) }
    return slowJumpIf(i, r, pc, t, wanted)
}

@inline(never)
func slowJumpIf(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ wanted: Bool) -> Next {
    let a = r[i.a]
    if let truth = quickTruth(a) { return truth == wanted ? jumpTo(pc + i.bc, r, t) : Next(r, pc) }
    if a.isKind(.instance) {
        let method = a.cls.special(.bool)
        if method.isKind(.function) { return callSpecial(method, a, .absent, .absent, count: 1, 0, .jump, r, pc, t) }
    }
    t.leave(r, pc)
    do {
        return try truth(a) == wanted ? jumpTo(pc + i.bc, r, t) : Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowNot(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = Value(try !truth(r[i.b]))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
