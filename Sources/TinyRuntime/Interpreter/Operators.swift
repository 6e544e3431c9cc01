// Operators on anything: what the handlers' fast paths leave over.
//
// One ladder, as the language reference has it: in-place method, then the left operand's method, then the right one's
// reflected (first, if its class is a subclass that overrides it). Methods of the script run as frames whose action
// brings NotImplemented back here; `stage` says which rung comes next.
import TinyCompiler

@inline(never)
func slowBinary(
    _ operatorIndex: Int, _ i: Instruction, _ first: Value, _ second: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    // A sum or product whose constant stood on the left.
    let (a, b) = i.d == 2 ? (second, first) : (first, second)
    if let value = mixedBinary(operatorIndex, a, b) {
        r[i.a] = value
        return Next(r, pc)
    }
    t.leave(r, pc)
    do {
        if let value = try quickBinary(operatorIndex, a, b, inPlace: i.d == 1) {
            r[i.a] = value
            return Next(r, pc)
        }
    } catch { return unwind(r, pc, t) }
    return binaryFrom(stage: i.d == 1 ? 0 : 1, operatorIndex, i, a, b, r, pc, t)
}

/// A float and an inline integer (exact as a double) under the plain operators; nil: anything else.
@inline(__always)
private func mixedBinary(_ operatorIndex: Int, _ a: Value, _ b: Value) -> Value? {
    let x: Double
    let y: Double
    if a.isFloat {
        guard b.isInlineInt || b.isFloat else { return nil }
        x = a.float
        y = b.isFloat ? b.float : Double(b.inlineInt)
    } else {
        guard a.isInlineInt, b.isFloat else { return nil }
        x = Double(a.inlineInt)
        y = b.float
    }
    switch operatorIndex {
    case 0: return Value(x + y)
    case 1: return Value(x - y)
    case 2: return Value(x * y)
    case 4: return y != 0 ? Value(x / y) : nil
    default: return nil
    }
}

/// A method of the script said NotImplemented: the next rung.
func continueBinary(_ stage: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let i = Instruction(word: pc[-1])
    let opcode = (i.opcode ?? .add).single
    switch opcode {
    case .constantSubtract: return binaryFrom(stage: stage + 1, 1, i, r.constants[i.c], r[i.b], r, pc, t)
    case .constantDivide: return binaryFrom(stage: stage + 1, 4, i, r.constants[i.c], r[i.b], r, pc, t)
    default: break
    }
    if opcode.rawValue >= Opcode.addConstant.rawValue {
        let index = Int(opcode.rawValue - Opcode.addConstant.rawValue)
        let (a, b) = i.d == 2 ? (r.constants[i.c], r[i.b]) : (r[i.b], r.constants[i.c])
        return binaryFrom(stage: stage + 1, index, i, a, b, r, pc, t)
    }
    return binaryFrom(stage: stage + 1, Int(opcode.rawValue - Opcode.add.rawValue), i, r[i.b], r[i.c], r, pc, t)
}

private func binaryFrom(
    stage: Int, _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let plan = BinaryPlan(operatorIndex, a, b)
    var stage = stage
    while stage <= 2 {
        let step = stage == 0 ? plan.inPlace : stage == 1 ? plan.first : plan.second
        if let step, !step.isForeignRepetition(operatorIndex) {
            if step.method.isKind(.function) {
                return callSpecial(
                    step.method, step.receiver, step.argument, .absent, count: 2, i.a, .binary, stage: stage, r, pc, t)
            }
            t.leave(r, pc)
            do {
                let value = try callUnbound(step.method, step.receiver, step.argument)
                if value != .notImplemented {
                    r[i.a] = value
                    return Next(r, pc)
                }
            } catch { return unwind(r, pc, t) }
        }
        stage += 1
    }
    t.leave(r, pc)
    return fail(unsupported(operatorIndex, a, b, inPlace: i.d == 1), r, pc, t)
}

/// The rungs for an operator and two operands.
struct BinaryPlan {
    struct Step {
        var method: Value
        var receiver: Value
        var argument: Value

        /// `[1] * "a"`: the sequence's method would complain in its own words, the operator has others.
        func isForeignRepetition(_ operatorIndex: Int) -> Bool {
            operatorIndex == 2 && isSequence(receiver) && method.isKind(.native) && !isIndex(argument)
        }

        /// What the method says; nil: NotImplemented.
        func answer() throws(Raised) -> Value? {
            let value = try callUnbound(method, receiver, argument)
            return value == .notImplemented ? nil : value
        }
    }
    var inPlace: Step?
    var first: Step?
    var second: Step?

    init(_ operatorIndex: Int, _ a: Value, _ b: Value) {
        let left = a.cls
        let right = b.cls
        let inPlaceMethod = left.special(.inPlace(operatorIndex))
        if !inPlaceMethod.isAbsent { inPlace = Step(method: inPlaceMethod, receiver: a, argument: b) }
        let method = left.special(.binary(operatorIndex))
        let forward = method.isAbsent ? nil : Step(method: method, receiver: a, argument: b)
        guard left != right else {
            first = forward
            return
        }
        let reflected = right.special(.reflected(operatorIndex))
        let backward = reflected.isAbsent ? nil : Step(method: reflected, receiver: b, argument: a)
        // Concatenating and repeating are what sequences do when the other operand has no answer.
        let yields = (operatorIndex == 0 || operatorIndex == 2) && isSequence(a) && method.isKind(.native)
        if backward != nil, yields || right.isSubclass(of: left) && reflected != left.special(.reflected(operatorIndex)) {
            first = backward
            second = forward
        } else {
            first = forward
            second = backward
        }
    }
}

/// A binary operator from native code.
public func binary(_ op: BinaryOperatorIndex, _ a: Value, _ b: Value, inPlace: Bool = false) throws(Raised) -> Value {
    if let value = try quickBinary(op, a, b, inPlace: inPlace) { return value }
    let plan = BinaryPlan(op, a, b)
    if inPlace, let step = plan.inPlace, !step.isForeignRepetition(op), let value = try step.answer() { return value }
    if let step = plan.first, !step.isForeignRepetition(op), let value = try step.answer() { return value }
    if let step = plan.second, !step.isForeignRepetition(op), let value = try step.answer() { return value }
    throw unsupported(op, a, b, inPlace: inPlace)
}

/// Index in the compiler's BinaryOperator.
public typealias BinaryOperatorIndex = Int

private let operatorTexts = ["+", "-", "*", "@", "/", "//", "%", "** or pow()", "<<", ">>", "|", "^", "&"]

func unsupported(_ operatorIndex: Int, _ a: Value, _ b: Value, inPlace: Bool) -> Raised {
    var text = operatorTexts[operatorIndex]
    if inPlace { text = operatorIndex == 7 ? "**=" : text + "=" }
    if operatorIndex == 0, a.isKind(.str) || a.isKind(.list) || a.isKind(.tuple) || a.isKind(.bytes) || a.isKind(.bytearray) {
        return concatenationError(a, b)
    }
    if operatorIndex == 2 {
        if isSequence(a), !isIndex(b) {
            return typeError("can't multiply sequence by non-int of type '\(typeName(b))'")
        }
        if isSequence(b), !isIndex(a) {
            return typeError("can't multiply sequence by non-int of type '\(typeName(a))'")
        }
    }
    // Python 2 printed to a file by `print >>file, text`.
    let isPrint = operatorIndex == 9 && !inPlace && a.isKind(.native)
        && a.object(NativeFunction.self).pointee.record.pointee.name.equals("print")
    let hint = isPrint ? ". Did you mean \"print(<message>, file=<output_stream>)\"?" : ""
    return typeError("unsupported operand type(s) for \(text): '\(typeName(a))' and '\(typeName(b))'\(hint)")
}

private func isSequence(_ value: Value) -> Bool {
    switch value.kind {
    case .str, .bytes, .bytearray, .list, .tuple: true
    case .box: value.cls.pointee.flags.contains(.matchesSequence)
    default: false
    }
}

private func isIndex(_ value: Value) -> Bool {
    value.isInlineInt || value.isBool || value.isKind(.int) || value.cls.has(.index)
}

func concatenationError(_ a: Value, _ b: Value) -> Raised {
    switch a.kind {
    case .str: typeError("can only concatenate str (not \"\(typeName(b))\") to str")
    case .list: typeError("can only concatenate list (not \"\(typeName(b))\") to list")
    case .tuple: typeError("can only concatenate tuple (not \"\(typeName(b))\") to tuple")
    case .bytearray: typeError("can't concat \(typeName(b)) to bytearray")
    default: typeError("can't concat \(typeName(b)) to bytes")
    }
}

/// The hot combinations of built-in operands; nil: use the ladder.
func quickBinary(_ operatorIndex: Int, _ a: Value, _ b: Value, inPlace: Bool) throws(Raised) -> Value? {
    if let value = try numberBinary(operatorIndex, a, b) { return value }
    if a.isExactly(.decimal) || b.isExactly(.decimal) { return try DecimalOperations.imported?.operate(operatorIndex, a, b) }
    guard a.isPointer else { return nil }
    switch operatorIndex {
    case 0:
        if a.isExactly(.str), b.isExactly(.str) { return Value(try concatenate(a.object(Str.self), b.object(Str.self))) }
        if a.isExactly(.list) {
            if inPlace {
                try extend(a.object(List.self), b)
                return a
            }
            if b.isExactly(.list) { return List.concatenation(a.object(List.self), b.object(List.self)) }
        }
        if a.isExactly(.tuple), b.isExactly(.tuple) { return Tuple.concatenation(a.object(Tuple.self), b.object(Tuple.self)) }
    case 2 where b.isInlineInt:
        if a.isExactly(.str) { return Value(try a.object(Str.self).repeated(b.inlineInt)) }
        if a.isExactly(.list), !inPlace { return try List.multiply(a, b) }
        if a.isExactly(.tuple) { return try Tuple.multiply(a, b) }
    // (A frozenset is not changed in place.)
    case 1, 10, 11, 12:
        guard isExactlySet(a), isExactlySet(b), !inPlace || a.isExactly(.frozenset) else { break }
        switch operatorIndex {
        case 1: return Value(try SetObject.difference(a, b))
        case 10: return Value(try SetObject.union(a, b))
        case 11: return Value(try SetObject.symmetricDifference(a, b))
        default: return Value(try SetObject.intersection(a, b))
        }
    case 6:
        if a.isExactly(.str), !b.isKind(.str) || b.isExactly(.str) { return Value(try percentFormat(a.object(Str.self), b)) }
    default:
        break
    }
    return nil
}

/// The concatenation of two strings.
func concatenate(_ a: StrRef, _ b: StrRef) throws(Raised) -> StrRef {
    if b.pointee.byteCount == 0 { return a }
    if a.pointee.byteCount == 0 { return b }
    try checkSize(a.pointee.byteCount + b.pointee.byteCount)
    if let grown = Str.append(b, to: a) { return grown }
    let result = Str.allocate(byteCount: a.pointee.byteCount + b.pointee.byteCount, count: a.count + b.count)
    result.bytes.update(from: a.bytes, count: a.pointee.byteCount)
    (result.bytes + a.pointee.byteCount).update(from: b.bytes, count: b.pointee.byteCount)
    Str.noteSum(result)
    return result
}

/// Throws MemoryError for a buffer that no object may have.
public func checkSize(_ bytes: Int) throws(Raised) {
    if bytes > largestBuffer { throw raise(.memoryError) }
}

// MARK: Unary

@inline(never)
func slowUnary(_ name: SpecialName, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let a = r[i.b]
    if a.isKind(.instance) {
        let method = a.cls.special(name)
        if method.isKind(.function) {
            return callSpecial(method, a, .absent, .absent, count: 1, i.a, .store, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        r[i.a] = try unary(name, a)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// `-a`, `+a`, `~a` for anything.
public func unary(_ name: SpecialName, _ a: Value) throws(Raised) -> Value {
    // The inversion of a truth value warns: that is its class's business.
    if name != .invert || !a.isBool, let value = numberUnary(name, a) { return value }
    let method = a.cls.special(name)
    guard !method.isAbsent else {
        let text = name == .neg ? "-" : name == .pos ? "+" : "~"
        throw typeError("bad operand type for unary \(text): '\(typeName(a))'")
    }
    return try callUnbound(method, a)
}

// MARK: Comparison

@inline(never)
func slowCompare(
    _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
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
    if let truth = quickCompare(operatorIndex, a, b) {
        return truth == (i.d != 0) ? jumpTo(pc + i.signedC, r, t) : Next(r, pc)
    }
    return compareFrom(stage: 1, operatorIndex, i, a, b, .compareTest, r, pc, t)
}

/// Whether both are tuples, lists or sets, and of no script's subclass.
private func areContainers(_ a: Value, _ b: Value) -> Bool {
    guard a.isPointer, b.isPointer else { return false }
    switch a.header.pointee.kind {
    case .tuple: return a.isExactly(.tuple) && b.isExactly(.tuple)
    case .list: return a.isExactly(.list) && b.isExactly(.list)
    case .set, .frozenset: return isExactlySet(a) && isExactlySet(b)
    default: return false
    }
}

private func isExactlySet(_ value: Value) -> Bool { value.isExactly(.set) || value.isExactly(.frozenset) }

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
    if areContainers(a, b) {
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
    if areContainers(a, b) { return try compareContainers(operatorIndex, a, b) }
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
    if areContainers(a, b) { return nil }
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

// MARK: divmod and pow

/// `divmod(a, b)`: no operator of the machine, but a protocol as those have it.
public func divmod(_ a: Value, _ b: Value) throws(Raised) -> Value {
    if (a.isInlineInt || a.isExactly(.int)) && (b.isInlineInt || b.isExactly(.int)) { return try IntMethods.divmod(a, b) }
    let (left, right) = (a.cls, b.cls)
    var steps: [(Value, Value, Value)] = []
    let forward = left.special(.divmod)
    let backward = right.special(.rdivmod)
    if !forward.isAbsent { steps.append((forward, a, b)) }
    if left != right, !backward.isAbsent {
        steps.insert((backward, b, a), at: right.isSubclass(of: left) ? 0 : steps.count)
    }
    for (method, receiver, argument) in steps {
        let result = try callUnbound(method, receiver, argument)
        if result != .notImplemented { return result }
    }
    throw typeError("unsupported operand type(s) for divmod(): '\(typeName(a))' and '\(typeName(b))'")
}

/// `pow(base, exponent, modulus)`; without a modulus (None) the operator.
public func power(_ base: Value, _ exponent: Value, modulus: Value) throws(Raised) -> Value {
    if modulus.isNone { return try binary(7, base, exponent) }
    let forward = base.cls.special(.pow)
    if !forward.isAbsent {
        let result = try callUnbound(forward, base, exponent, modulus)
        if result != .notImplemented { return result }
    }
    // A `__rpow__` of the script is not asked when there is a modulus.
    let backward = exponent.cls.special(.rpow)
    if base.cls != exponent.cls, backward.isKind(.native) {
        let result = try callUnbound(backward, exponent, base, modulus)
        if result != .notImplemented { return result }
    }
    throw typeError(
        "unsupported operand type(s) for ** or pow(): '\(typeName(base))', '\(typeName(exponent))', '\(typeName(modulus))'")
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
