// Comparisons and `in` on anything: what the handlers' fast paths leave over.
//
// As with the other operators (Operators.swift), but a comparison has no in-place form and its reflection is another comparison; two
// operands that both decline are compared by identity, or not at all. Truths decide jumps without becoming values.
import TinyCompiler

@inline(never)
func slowCompare(
    _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    if a.isKind(.instance), let next = enterComparison(operatorIndex, i, a, b, .compare, r, pc, t) { return next }
    if let truth = quickCompare(operatorIndex, a, b) {
        r[i.a] = Value(truth)
        return Next(r, pc)
    }
    return compareFrom(stage: 1, operatorIndex, i, a, b, .compare, r, pc, t)
}

@inline(never)
func slowJumpIfCompare(
    _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    if a.isKind(.instance), let next = enterComparison(operatorIndex, i, a, b, .compareTest, r, pc, t) { return next }
    if let truth = quickCompare(operatorIndex, a, b) {
        return truth == (i.d != 0) ? jumpTo(pc + i.signedC, r, t) : Next(r, pc)
    }
    return compareFrom(stage: 1, operatorIndex, i, a, b, .compareTest, r, pc, t)
}

/// The frame of the left operand's method, which is an object of a class of the script, where its method is as well. Nil: the general way.
@inline(never)
private func enterComparison(
    _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ action: ReturnAction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    guard !comesFirst(b, a.cls, .swappedComparison(operatorIndex)) else { return nil }
    return enterSpecial(a.cls.special(.comparison(operatorIndex)), a, b, .absent, count: 2, i.a, action, stage: 1, r, pc, t)
}

/// Whether both are tuples, lists or sets whose classes leave this comparison to the built-in one.
private func areContainers(_ operatorIndex: Int, _ a: Value, _ b: Value) -> Bool {
    guard a.isPointer, b.isPointer else { return false }
    let kind = a.header.pointee.kind
    switch kind {
    case .tuple, .list:
        return b.header.pointee.kind == kind && (a.isExactly(kind) || leaves(.comparison(operatorIndex), a.cls, to: kind))
            && (b.isExactly(kind) || leaves(.swappedComparison(operatorIndex), b.cls, to: kind))
    case .set, .frozenset: return isExactlySet(a) && isExactlySet(b)
    default: return false
    }
}

/// Whether a class derived from a built-in one has that one's method.
private func leaves(_ name: SpecialName, _ cls: ClassRef, to kind: Kind) -> Bool {
    cls.special(name) == Shapes.table[Int(kind.rawValue)].pointee.cls.special(name)
}

/// Whether this is a set or a frozenset, of no script's subclass.
func isExactlySet(_ value: Value) -> Bool { value.isExactly(.set) || value.isExactly(.frozenset) }

/// Compares what `areContainers`.
private func compareContainers(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    try currentThread().checkNativeStack()
    switch a.kind {
    case .tuple: return try a.object(Tuple.self).compare(operatorIndex, b.object(Tuple.self))
    case .list: return try a.object(List.self).compare(operatorIndex, b.object(List.self))
    default: return Value(try SetObject.compare(operatorIndex, a.object(SetObject.self), b.object(SetObject.self)))
    }
}

/// A comparison method of the script said NotImplemented: the next rung.
func continueCompare(_ stage: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let i = Instruction(word: pc[-1])
    let opcode = i.opcodeByte
    if opcode >= Opcode.jumpIfLessConstant.rawValue {
        let index = Int(opcode - Opcode.jumpIfLessConstant.rawValue)
        return compareFrom(stage: stage + 1, index, i, r[i.a], r.constants[i.b], .compareTest, r, pc, t)
    }
    if opcode >= Opcode.jumpIfLess.rawValue {
        let index = Int(opcode - Opcode.jumpIfLess.rawValue)
        return compareFrom(stage: stage + 1, index, i, r[i.a], r[i.b], .compareTest, r, pc, t)
    }
    return compareFrom(stage: stage + 1, Int(opcode - Opcode.less.rawValue), i, r[i.b], r[i.c], .compare, r, pc, t)
}

private func compareFrom(
    stage: Int, _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    if areContainers(operatorIndex, a, b) {
        t.leave(r, pc)
        do {
            return deliver(try compareContainers(operatorIndex, a, b), action, i.a, .absent, stage, r, pc, t)
        } catch { return unwind(r, pc, t) }
    }
    let plan = ComparePlan(operatorIndex, a, b)
    var stage = stage
    while stage <= 2 {
        if let step = stage == 1 ? plan.first : plan.second {
            if step.method.isKind(.function) {
                return callSpecial(
                    step.method, step.receiver, step.argument, .absent, count: 2, i.a, action, stage: stage, r, pc, t)
            }
            t.leave(r, pc)
            do {
                let value = try plan.call(step)
                if value != .notImplemented { return deliver(value, action, i.a, .absent, stage, r, pc, t) }
            } catch { return unwind(r, pc, t) }
        }
        stage += 1
    }
    t.leave(r, pc)
    switch operatorIndex {
    case 2: return deliver(Value(isIdentical(a, b)), action, i.a, .absent, 2, r, pc, t)
    case 3: return deliver(Value(!isIdentical(a, b)), action, i.a, .absent, 2, r, pc, t)
    default: return fail(notComparable(operatorIndex, a, b), r, pc, t)
    }
}

/// The rungs for a comparison.
struct ComparePlan {
    var first: BinaryPlan.Step?
    var second: BinaryPlan.Step?

    init(_ operatorIndex: Int, _ a: Value, _ b: Value) {
        let left = a.cls
        let right = b.cls
        let method = left.special(.comparison(operatorIndex))
        let forward = method.isAbsent ? nil : BinaryPlan.Step(method: method, receiver: a, argument: b)
        let swapped = right.special(.swappedComparison(operatorIndex))
        let backward = swapped.isAbsent ? nil : BinaryPlan.Step(method: swapped, receiver: b, argument: a)
        if left != right, backward != nil, right.isSubclass(of: left) {
            first = backward
            second = forward
        } else {
            first = forward
            second = backward
        }
    }

    /// Calls a rung's method. A descriptor that refuses to give one (a property that raises) is no comparison at all.
    func call(_ step: BinaryPlan.Step) throws(Raised) -> Value {
        if step.method.isKind(.function) || step.method.isKind(.native) {
            return try callUnbound(step.method, step.receiver, step.argument)
        }
        let bound = ComparePlan.bound(step)
        return bound.isAbsent ? .notImplemented : try callValue(bound, step.argument)
    }

    /// What a descriptor that is no function gives for the receiver; absent if it raises.
    @inline(never)
    private static func bound(_ step: BinaryPlan.Step) -> Value {
        do {
            return try bindDescriptor(step.method, step.receiver)
        } catch {
            _ = currentThread().takeRaised()
            return .absent
        }
    }
}

private let comparisonTexts = ["<", "<=", "==", "!=", ">", ">="]

func notComparable(_ operatorIndex: Int, _ a: Value, _ b: Value) -> Raised {
    typeError(
        "'\(comparisonTexts[operatorIndex])' not supported between instances of '\(typeName(a))' and '\(typeName(b))'")
}

/// A rich comparison from native code.
public func richCompare(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Value {
    if let truth = quickCompare(operatorIndex, a, b) { return Value(truth) }
    if areContainers(operatorIndex, a, b) { return try compareContainers(operatorIndex, a, b) }
    let plan = ComparePlan(operatorIndex, a, b)
    if let value = try plan.first?.answer() { return value }
    if let value = try plan.second?.answer() { return value }
    switch operatorIndex {
    case 2: return Value(isIdentical(a, b))
    case 3: return Value(!isIdentical(a, b))
    default: throw notComparable(operatorIndex, a, b)
    }
}

/// `a < b` and so on as a truth.
public func compareTruth(_ operatorIndex: Int, _ a: Value, _ b: Value) throws(Raised) -> Bool {
    if Value.bothInlineInts(a, b) {
        return holds(operatorIndex, order: (a.inlineInt > b.inlineInt ? 1 : 0) - (a.inlineInt < b.inlineInt ? 1 : 0))
    }
    if let truth = quickCompare(operatorIndex, a, b) { return truth }
    return try truth(richCompare(operatorIndex, a, b))
}

/// `a is b or a == b`: how containers compare.
@inline(__always)
public func equal(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    if a == b { return true }
    if Value.bothInlineInts(a, b) { return false }
    return try slowEqual(a, b)
}

@inline(never)
private func slowEqual(_ a: Value, _ b: Value) throws(Raised) -> Bool {
    if let truth = quickCompare(2, a, b) { return truth }
    return try truth(richCompare(2, a, b))
}

/// `a is b`. Floats are identical if their bits are.
@inline(__always)
public func isIdentical(_ a: Value, _ b: Value) -> Bool { a == b }

/// Comparisons of built-in operands that run no script code; nil: use the ladder.
func quickCompare(_ operatorIndex: Int, _ a: Value, _ b: Value) -> Bool? {
    if a.isExactly(.str), b.isExactly(.str) {
        let x = a.object(Str.self)
        let y = b.object(Str.self)
        switch operatorIndex {
        case 2: return x.equals(y)
        case 3: return !x.equals(y)
        default: return holds(operatorIndex, order: x.compare(y))
        }
    }
    if let order = compareNumbers(a, b) {
        // An unordered pair (NaN) is only unequal.
        return order == unordered ? operatorIndex == 3 : holds(operatorIndex, order: order)
    }
    if a.isExactly(.decimal) || b.isExactly(.decimal) {
        return DecimalOperations.imported?.order(a, b).map { holds(operatorIndex, order: $0) }
    }
    if areContainers(operatorIndex, a, b) { return nil }
    if a.isNone || b.isNone, operatorIndex == 2 || operatorIndex == 3 {
        let other = a.isNone ? b : a
        if other.isNone || !other.isPointer { return (a == b) == (operatorIndex == 2) }
    }
    return inheritedCompare(operatorIndex, a, b)
}

/// Comparisons of operands whose classes both leave it to `object`, or both to the same built-in class.
private func inheritedCompare(_ operatorIndex: Int, _ a: Value, _ b: Value) -> Bool? {
    let name = SpecialName.comparison(operatorIndex)
    let left = a.cls
    let right = b.cls
    let method = left.special(name)
    guard right.special(name) == method else { return nil }
    if operatorIndex == 2 || operatorIndex == 3 {
        let base = Runtime.objectClass
        if method == base.special(name) {
            // `object.__ne__` asks `__eq__`.
            let equality = base.special(.eq)
            guard operatorIndex == 2 || left.special(.eq) == equality && right.special(.eq) == equality else { return nil }
            return (a == b) == (operatorIndex == 2)
        }
    } else {
        // A subclass's own method for the exchanged operands comes first.
        let swapped = SpecialName.swappedComparison(operatorIndex)
        guard left.special(swapped) == right.special(swapped) else { return nil }
    }
    if isInteger(a), isInteger(b), method == Value(inline: 0).cls.special(name) {
        return holds(operatorIndex, order: compareInts(a, b))
    }
    if a.isKind(.str), b.isKind(.str), method == Value(Str.empty).cls.special(name) {
        return holds(operatorIndex, order: a.object(Str.self).compare(b.object(Str.self)))
    }
    return nil
}

/// Whether a comparison holds for operands in this order (negative, zero, positive).
@inline(__always)
public func holds(_ operatorIndex: Int, order: Int) -> Bool {
    switch operatorIndex {
    case 0: order < 0
    case 1: order <= 0
    case 2: order == 0
    case 3: order != 0
    case 4: order > 0
    default: order >= 0
    }
}

// MARK: in

@inline(never)
func slowContains(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, wanted: Bool) -> Next {
    let item = r[i.b]
    let container = r[i.c]
    if let isThere = containsQuickly(container, item) {
        r[i.a] = Value(isThere == wanted)
        return Next(r, pc)
    }
    if container.isKind(.instance) {
        let method = container.cls.special(.contains)
        if method.isKind(.function) {
            return callSpecial(
                method, container, item, .absent, count: 2, i.a, wanted ? .truth : .untruth, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        r[i.a] = Value(try contains(container, item) == wanted)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// Whether a string is a key of a dict, or a string or small integer in a set, where a look at the table tells; nil: ask the container.
@inline(never)
private func containsQuickly(_ container: Value, _ item: Value) -> Bool? {
    if item.isExactly(.str), container.isExactly(.dict) {
        let dict = container.object(Dict.self)
        if dict.find(item.object(Str.self)) >= 0 { return true }
        // Keys that are no strings may be equal to one.
        return dict.pointee.hasForeignKeys ? nil : false
    }
    guard isExactlySet(container), item.isInlineInt || item.isExactly(.str) else { return nil }
    let set = container.object(SetObject.self)
    guard let table = set.pointee.table else { return false }
    let hash = item.isInlineInt ? hashInline(item.inlineInt) : item.object(Str.self).hashValue
    let first = table[hash & set.pointee.mask].key
    return first == item ? true : first.isAbsent ? false : nil
}
