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
    if a.isKind(.instance) || b.isKind(.instance), let next = enterOperator(operatorIndex, i, a, b, r, pc, t) { return next }
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

/// The frame of the method that is asked first, where one operand is an object of a class of the script and its method is as well. Nil: up
/// the ladder.
@inline(never)
private func enterOperator(
    _ operatorIndex: Int, _ i: Instruction, _ a: Value, _ b: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next? {
    guard a.isKind(.instance) else {
        // Numbers know nothing of such objects.
        guard !a.isPointer, b.isKind(.instance) else { return nil }
        return enterSpecial(b.cls.special(.reflected(operatorIndex)), b, a, .absent, count: 2, i.a, .binary, stage: 2, r, pc, t)
    }
    let left = a.cls
    var method = i.d == 1 ? left.special(.inPlace(operatorIndex)) : .absent
    let isInPlace = !method.isAbsent
    if !isInPlace {
        if comesFirst(b, left, .reflected(operatorIndex)) { return nil }
        method = left.special(.binary(operatorIndex))
    }
    return enterSpecial(method, a, b, .absent, count: 2, i.a, .binary, stage: isInPlace ? 0 : 1, r, pc, t)
}

/// Whether the right operand may have to be asked before one of the class on the left: it is of a subclass with that method. (Only
/// instances can be of a subclass of a class that has instances.)
@inline(__always)
func comesFirst(_ right: Value, _ left: ClassRef, _ reflected: SpecialName) -> Bool {
    guard right.isKind(.instance), right.cls != left else { return false }
    return !right.cls.special(reflected).isAbsent && right.cls.isSubclass(of: left)
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
    if operatorIndex == 0, a.isExactly(.str), b.isExactly(.str) { return Value(try concatenate(a.object(Str.self), b.object(Str.self))) }
    if let value = try numberBinary(operatorIndex, a, b) { return value }
    if a.isExactly(.decimal) || b.isExactly(.decimal) { return try DecimalOperations.imported?.operate(operatorIndex, a, b) }
    guard a.isPointer else { return nil }
    switch operatorIndex {
    case 0:
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
