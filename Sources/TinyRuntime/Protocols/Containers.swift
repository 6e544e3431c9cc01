// Subscripts, length and membership from native code: built-in containers first, then the methods of the class.

/// `object[key]`.
public func getItem(_ object: Value, _ key: Value) throws(Raised) -> Value {
    if object.isExactly(.dict) {
        let value = try object.object(Dict.self).get(key)
        if value.isAbsent { throw raise(.keyError, arguments: key) }
        return value
    }
    if key.isInlineInt {
        if object.isExactly(.tuple), let index = place(key.inlineInt, among: object.object(Tuple.self).count) {
            return object.object(Tuple.self).items[index]
        }
        if object.isExactly(.list), let index = place(key.inlineInt, among: object.object(List.self).count) {
            return object.object(List.self).items[index]
        }
    }
    let method = object.cls.special(.getitem)
    if method.isAbsent {
        if object.isKind(.class) { return try subscriptClass(object, key) }
        throw typeError("'\(typeName(object))' object is not subscriptable")
    }
    return try callUnbound(method, object, key)
}

/// `cls[key]`: `__class_getitem__`.
private func subscriptClass(_ object: Value, _ key: Value) throws(Raised) -> Value {
    let method = try getOptionalAttribute(object, SpecialName.classGetitem.string)
    guard !method.isAbsent, !method.isNone else {
        if object == Value(Runtime.typeClass) { return GenericAlias.make(object, key) }
        throw typeError("type '\(object.object(ClassObject.self).nameText)' is not subscriptable")
    }
    return try callValue(method, key)
}

/// `object[key] = value`.
public func setItem(_ object: Value, _ key: Value, _ value: Value) throws(Raised) {
    if object.isExactly(.dict) { return try object.object(Dict.self).set(key, value) }
    if object.isExactly(.list), key.isKind(.slice) {
        return try List.assign(object.object(List.self), key.object(SliceObject.self), value)
    }
    let method = object.cls.special(.setitem)
    guard !method.isAbsent else { throw typeError("'\(typeName(object))' object does not support item assignment") }
    _ = try callUnbound(method, object, key, value)
}

/// `del object[key]`.
public func deleteItem(_ object: Value, _ key: Value) throws(Raised) {
    if object.isExactly(.dict) {
        if try object.object(Dict.self).remove(key).isAbsent { throw raise(.keyError, arguments: key) }
        return
    }
    let method = object.cls.special(.delitem)
    guard !method.isAbsent else {
        let isSequence = key.isInlineInt && object.isPointer && object.cls.has(.len) || object.cls.pointee.flags.contains(.isHeapType) && key.isInlineInt
        throw typeError("'\(typeName(object))' object \(isSequence ? "doesn't" : "does not") support item deletion")
    }
    _ = try callUnbound(method, object, key)
}

/// `len(object)`.
public func length(_ object: Value) throws(Raised) -> Int {
    switch object.kind {
    case .list where object.isExactly(.list): return object.object(List.self).count
    case .str where object.isExactly(.str): return object.object(Str.self).count
    case .dict where object.isExactly(.dict): return object.object(Dict.self).pointee.count
    case .tuple where object.isExactly(.tuple): return object.object(Tuple.self).count
    case .box where object.cls == Deque.cls: if let deque = object.deque { return deque.count }
    default: break
    }
    let method = object.cls.special(.len)
    guard !method.isAbsent else { throw typeError("object of type '\(typeName(object))' has no len()") }
    return try checkedLength(try callUnbound(method, object))
}

/// What `__len__` gave as a machine integer.
func checkedLength(_ value: Value) throws(Raised) -> Int {
    let int = try indexValue(value)
    if isNegative(int) { throw valueError("__len__() should return >= 0") }
    guard let result = machineInt(int) else {
        throw raise(.overflowError, "cannot fit '\(typeName(int))' into an index-sized integer")
    }
    return result
}

/// `item in container`.
public func contains(_ container: Value, _ item: Value) throws(Raised) -> Bool {
    switch container.kind {
    case .dict where container.isExactly(.dict): return try !container.object(Dict.self).get(item).isAbsent
    case .set where container.isExactly(.set), .frozenset where container.isExactly(.frozenset): return try container.object(SetObject.self).containsKeyOrSet(item)
    case .list where container.isExactly(.list):
        let list = container.object(List.self)
        var index = 0
        while index < list.count {
            if try equal(list.items[index], item) { return true }
            index += 1
        }
        return false
    case .tuple where container.isExactly(.tuple):
        let tuple = container.object(Tuple.self)
        for index in 0 ..< tuple.count where try equal(tuple.items[index], item) { return true }
        return false
    case .str where container.isExactly(.str) && item.isExactly(.str):
        return container.object(Str.self).contains(item.object(Str.self))
    case .range where item.isInlineInt:
        if let found = container.object(RangeObject.self).containsQuickly(item.inlineInt) { return found }
    default: break
    }
    let method = container.cls.special(.contains)
    if method.isNone { throw typeError("'\(typeName(container))' object is not a container") }
    if !method.isAbsent { return try truth(callUnbound(method, container, item)) }
    guard isIterable(container) else { throw typeError("argument of type '\(typeName(container))' is not iterable") }
    var found = false
    try forEach(container) { value throws(Raised) in
        found = try equal(value, item)
        return !found
    }
    return found
}

// MARK: Truth, index, hash

/// The truth of built-in values that need no call; nil: ask the class.
@inline(__always)
func quickTruth(_ value: Value) -> Bool? {
    if value.isBool { return value.isTrue }
    if value.isNone { return false }
    if value.isInlineInt { return value.inlineInt != 0 }
    if value.isFloat { return value.float != 0 }
    guard value.isPointer else { return nil }
    switch value.header.pointee.kind {
    case .str where value.isExactly(.str): return value.object(Str.self).pointee.byteCount != 0
    case .list where value.isExactly(.list): return value.object(List.self).count != 0
    case .dict where value.isExactly(.dict): return value.object(Dict.self).pointee.count != 0
    case .tuple where value.isExactly(.tuple): return value.object(Tuple.self).count != 0
    default: return slowQuickTruth(value)
    }
}

/// As `quickTruth`, of what is rarer: sets, and instances that have nothing to say about it.
@inline(never)
private func slowQuickTruth(_ value: Value) -> Bool? {
    switch value.header.pointee.kind {
    case .set where value.isExactly(.set), .frozenset where value.isExactly(.frozenset):
        return value.object(SetObject.self).pointee.count != 0
    case .instance:
        let cls = value.cls
        return cls.special(.bool).isAbsent && cls.special(.len).isAbsent ? true : nil
    default: return nil
    }
}

/// `bool(value)`.
public func truth(_ value: Value) throws(Raised) -> Bool {
    if let truth = quickTruth(value) { return truth }
    let cls = value.cls
    if cls == Deque.cls, let deque = value.deque { return deque.count > 0 }
    let method = cls.special(.bool)
    if !method.isAbsent {
        let result = try callUnbound(method, value)
        guard result.isBool else { throw notTruth(result) }
        return result.isTrue
    }
    let length = cls.special(.len)
    if length.isAbsent { return true }
    return try checkedLength(try callUnbound(length, value)) != 0
}

/// `__bool__` returned something else.
@inline(never)
func notTruth(_ result: Value) -> Raised { typeError("__bool__ should return bool, returned \(typeName(result))") }

/// The machine integer of anything with `__index__`. Throws OverflowError where it does not fit.
public func index(_ value: Value) throws(Raised) -> Int {
    if value.isInlineInt { return value.inlineInt }
    let int = try indexValue(value)
    guard let machine = machineInt(int) else {
        throw raise(.overflowError, "Python int too large to convert to C ssize_t")
    }
    return machine
}

/// The int that `__index__` gives.
public func indexValue(_ value: Value) throws(Raised) -> Value {
    if value.isInlineInt || value.isKind(.int) { return value }
    if value.isBool { return Value(inline: value.isTrue ? 1 : 0) }
    let method = value.cls.special(.index)
    guard !method.isAbsent else {
        throw typeError("'\(typeName(value))' object cannot be interpreted as an integer")
    }
    let result = try callUnbound(method, value)
    guard result.isInlineInt || result.isKind(.int) || result.isBool else {
        throw typeError("__index__ returned non-int (type \(typeName(result)))")
    }
    if result.isInlineInt || result.isExactly(.int) { return result }
    try warn(
        .deprecationWarning,
        "__index__ returned non-int (type \(typeName(result))).  The ability to return an instance of a strict subclass of int is deprecated, and may not be supported in a future version of Python.")
    return result.isBool ? Value(inline: result.isTrue ? 1 : 0) : result
}

/// `hash(value)`. Throws TypeError for what is unhashable.
public func hash(_ value: Value) throws(Raised) -> Int {
    if value.isInlineInt { return hashInline(value.inlineInt) }
    if value.isExactly(.str) { return value.object(Str.self).hashValue }
    if let number = hashNumber(value) { return number }
    if value.isExactly(.tuple) { return try hashTuple(value.object(Tuple.self)) }
    if value.isNone { return 0xFCA8_6420 }
    if !value.isPointer { return Int(truncatingIfNeeded: value.bits & 0xFFFF) &* 0x9E37 }
    let method = value.cls.special(.hash)
    if method == Runtime.objectHash { return identityHash(value) }
    // Subclasses that leave hashing to the built-in class.
    if value.isKind(.tuple), method == Runtime.tupleHash { return try hashTuple(value.object(Tuple.self)) }
    if value.isKind(.str), method == Runtime.strHash { return value.object(Str.self).hashValue }
    guard !method.isAbsent, !method.isNone else { throw typeError("unhashable type: '\(typeName(value))'") }
    // A slot of that name that holds nothing.
    if method.isKind(.member), try getOptionalAttribute(value, SpecialName.hash.string).isAbsent {
        throw typeError("unhashable type: '\(typeName(value))'")
    }
    let result = try callUnbound(method, value)
    if result.isInlineInt { return result.inlineInt == -1 ? -2 : result.inlineInt }
    guard result.isKind(.int) || result.isBool else { throw typeError("__hash__ method should return an integer") }
    return machineInt(result) ?? hashNumber(result) ?? 0
}

/// The hash of an integer that is no object. (-1 means an error in CPython, so it is no hash there, nor here.)
@inline(__always)
func hashInline(_ number: Int) -> Int { number == -1 ? -2 : hashSmall(number) }

/// What `object.__hash__` gives: the address, without the four bits in which objects don't differ.
public func identityHash(_ value: Value) -> Int { Int(truncatingIfNeeded: (value.bits & Value.addressMask) >> 4) }

/// CPython's tuple hash (xxHash-based), bit by bit. A slice's leaves out the count.
private struct TupleHash {
    private var accumulator: UInt64 = 2_870_177_450_012_600_261

    mutating func combine(_ hash: Int) {
        accumulator &+= UInt64(bitPattern: Int64(hash)) &* 14_029_467_366_897_019_727
        accumulator = accumulator << 31 | accumulator >> 33
        accumulator &*= 11_400_714_785_074_694_791
    }

    func finish(count: Int?) -> Int {
        let result = count.map { accumulator &+ (UInt64($0) ^ (2_870_177_450_012_600_261 ^ 3_527_539)) } ?? accumulator
        return result == UInt64.max ? 1_546_275_796 : Int(Int64(bitPattern: result))
    }
}

func tupleHash(_ items: Value..., mixesCount: Bool) throws(Raised) -> Int {
    var result = TupleHash()
    for item in items { result.combine(try hash(item)) }
    return result.finish(count: mixesCount ? items.count : nil)
}

/// Tuples in tuples take the native stack a few levels deep and a stack of our own below.
func hashTuple(_ tuple: TupleRef, depth: Int = 0) throws(Raised) -> Int {
    var state = TupleHash()
    for index in 0 ..< tuple.count {
        let item = tuple.items[index]
        if item.isInlineInt {
            state.combine(item.inlineInt == -1 ? -2 : item.inlineInt)
        } else if !hashesAsTuple(item) {
            state.combine(try hash(item))
        } else if depth < 16 {
            state.combine(try hashTuple(item.object(Tuple.self), depth: depth + 1))
        } else {
            state.combine(try hashDeep(item.object(Tuple.self)))
        }
    }
    return state.finish(count: tuple.count)
}

/// Whether a value is a tuple whose class has not redefined hashing.
@inline(__always)
private func hashesAsTuple(_ value: Value) -> Bool {
    value.isKind(.tuple) && (value.isExactly(.tuple) || value.cls.special(.hash) == Runtime.tupleHash)
}

/// As `hashTuple`, with a stack of our own. The outermost tuple keeps all of them alive.
private func hashDeep(_ tuple: TupleRef) throws(Raised) -> Int {
    var current = TupleHash()
    var owner = tuple
    var index = 0
    var outer: [(state: TupleHash, tuple: TupleRef, index: Int)] = []
    while true {
        if index < owner.count {
            let item = owner.items[index]
            index += 1
            if hashesAsTuple(item) {
                outer.append((current, owner, index))
                (current, owner, index) = (TupleHash(), item.object(Tuple.self), 0)
            } else {
                current.combine(try hash(item))
            }
            continue
        }
        let result = current.finish(count: owner.count)
        guard let last = outer.popLast() else { return result }
        (current, owner, index) = last
        current.combine(result)
    }
}
