// Iteration from native code: `iter`, `next`, and a loop over anything.

/// `iter(object)`. Throws TypeError if the object is not iterable.
public func iterator(_ object: Value) throws(Raised) -> Value {
    switch object.kind {
    case .list where object.isExactly(.list), .tuple where object.isExactly(.tuple),
        .str where object.isExactly(.str):
        return SequenceIterator.make(object)
    case .range: return object.object(RangeObject.self).iterator()
    case .generator where object.header.pointee.shape == ShapeID(Kind.generator.rawValue): return object
    case .dict where object.isExactly(.dict): return DictIterator.make(object.object(Dict.self), .keys)
    default: break
    }
    let cls = object.cls
    let method = cls.special(.iter)
    if method.isAbsent {
        if cls.has(.getitem), !object.isKind(.dict) { return SequenceIterator.make(object) }
        throw typeError("'\(typeName(object))' object is not iterable")
    }
    guard !method.isNone else { throw typeError("'\(typeName(object))' object is not iterable") }
    let result = try callUnbound(method, object)
    guard result.cls.has(.next) else {
        throw typeError("iter() returned non-iterator of type '\(typeName(result))'")
    }
    return result
}

/// Whether the class has `__iter__` (and not None in its place) or else `__getitem__`. Neither is called.
public func isIterable(_ object: Value) -> Bool {
    let method = object.cls.special(.iter)
    return method.isAbsent ? object.cls.has(.getitem) : !method.isNone
}

/// The next item of an iterator, or absent at its end (StopIteration is not raised, and one raised by the script is
/// taken as the end).
public func next(_ iterator: Value) throws(Raised) -> Value {
    switch iterator.kind {
    case .sequenceIterator: return try iterator.object(SequenceIterator.self).next()
    case .rangeIterator: return iterator.object(RangeIterator.self).next()
    case .dictIterator: return try iterator.object(DictIterator.self).next()
    case .setIterator: return try iterator.object(SetIterator.self).next()
    case .generator where iterator.header.pointee.shape == ShapeID(Kind.generator.rawValue):
        return try resumeFromNative(iterator.object(GeneratorObject.self), .none)
    case .box where iterator.iteratesNatively:
        return try iterator.object(BoxedObject.self).withIterator { native throws(Raised) in try native.next() }
    default: break
    }
    let method = iterator.cls.special(.next)
    guard !method.isAbsent else { throw typeError("'\(typeName(iterator))' object is not an iterator") }
    do {
        return try callUnbound(method, iterator)
    } catch {
        guard currentThread().raisedIs(.stopIteration) else { throw error }
        _ = currentThread().takeRaised()
        return .absent
    }
}

/// Calls `body` with each item, until it returns false.
public func forEach(_ iterable: Value, _ body: (Value) throws(Raised) -> Bool) throws(Raised) {
    if iterable.isExactly(.list) {
        let list = iterable.object(List.self)
        var index = 0
        // The body may change the list.
        while index < list.count {
            guard try body(list.items[index]) else { return }
            index += 1
        }
        return
    }
    if iterable.isExactly(.tuple) {
        let tuple = iterable.object(Tuple.self)
        for index in 0 ..< tuple.count where try !body(tuple.items[index]) { return }
        return
    }
    let source = try iterator(iterable)
    while true {
        let item = try next(source)
        if item.isAbsent { return }
        guard try body(item) else { return }
    }
}

/// A new list of the items.
public func makeList(_ iterable: Value) throws(Raised) -> ListRef {
    let list = List.make(capacity: sizeHint(iterable))
    try extend(list, iterable)
    return list
}

/// A new tuple of the items; an exact tuple itself.
public func makeTuple(_ iterable: Value) throws(Raised) -> TupleRef {
    if iterable.isExactly(.tuple) { return iterable.object(Tuple.self) }
    let list = try makeList(iterable)
    return list.count == 0 ? Tuple.make() : Tuple.make(list.items, list.count)
}

/// A cheap guess at the number of items.
private func sizeHint(_ iterable: Value) -> Int {
    switch iterable.kind {
    case .list: iterable.object(List.self).count
    case .tuple: iterable.object(Tuple.self).count
    case .dict: iterable.object(Dict.self).pointee.count
    case .range: min(iterable.object(RangeObject.self).smallCount ?? 0, 1 << 26)
    default: 0
    }
}

/// list += iterable.
public func extend(_ list: ListRef, _ iterable: Value) throws(Raised) {
    if iterable.isExactly(.list) || iterable.isExactly(.tuple) {
        let isList = iterable.isExactly(.list)
        let count = isList ? iterable.object(List.self).count : iterable.object(Tuple.self).count
        guard count > 0 else { return }
        if list.count + count > list.pointee.capacity { list.grow(list.count + count) }
        writeBarrier(list)
        let source = isList ? iterable.object(List.self).items : iterable.object(Tuple.self).items
        (list.items + list.count).update(from: source, count: count)
        list.pointee.count += count
        return
    }
    if iterable.isKind(.range) {
        // A range knows how long it is: one that can't fit is refused before memory runs out.
        guard let count = machineInt(iterable.object(RangeObject.self).pointee.count) else {
            throw raise(.overflowError, "Python int too large to convert to C ssize_t")
        }
        guard count < largestBuffer / 8 else { throw raise(.memoryError) }
        if let count = iterable.object(RangeObject.self).smallCount {
            if list.count + count > list.pointee.capacity { list.grow(list.count + count) }
            // (Numbers alone need no barrier.)
            let (start, step) = (iterable.object(RangeObject.self).pointee.start.inlineInt, iterable.object(RangeObject.self).pointee.step.inlineInt)
            if count > 0 {
                let target = list.items + list.count
                for index in 0 ..< count { target[index] = Value(inline: start &+ index &* step) }
            }
            list.pointee.count += count
            return
        }
    }
    // Objects of the script are asked how many items they have: what that raises is raised.
    if iterable.isKind(.instance), iterable.cls.has(.len) || iterable.cls.has(.lengthHint) {
        let items = try iterator(iterable)
        _ = try lengthHint(iterable, 8)
        while true {
            let item = try next(items)
            if item.isAbsent { return }
            list.append(item)
        }
    }
    try forEach(iterable) { value throws(Raised) in
        list.append(value)
        return true
    }
}

/// How many items an object says it has, by `len()` or `__length_hint__`; `fallback` if it can't tell.
public func lengthHint(_ object: Value, _ fallback: Int) throws(Raised) -> Int {
    if object.cls.has(.len) {
        do { return try length(object) } catch {
            guard currentThread().raisedIs(.typeError) else { throw error }
            _ = currentThread().takeRaised()
        }
    }
    let hint = object.cls.special(.lengthHint)
    if hint.isAbsent || hint.isNone { return fallback }
    let result: Value
    do { result = try callUnbound(hint, object) } catch {
        guard currentThread().raisedIs(.typeError) else { throw error }
        _ = currentThread().takeRaised()
        return fallback
    }
    if result == .notImplemented { return fallback }
    guard isInteger(result) else { throw typeError("__length_hint__ must be an integer, not \(typeName(result))") }
    let count = try TinyRuntime.index(result)
    if count < 0 { throw valueError("__length_hint__() should return >= 0") }
    return count
}

// MARK: Unpacking

/// Fills exactly `count` registers from an iterable.
func unpackIterable(_ source: Value, into target: Registers, count: Int) throws(Raised) {
    if source.isExactly(.list), source.object(List.self).count == count {
        for index in 0 ..< count { target[index] = source.object(List.self).items[index] }
        return
    }
    guard isIterable(source) else { throw typeError("cannot unpack non-iterable \(typeName(source)) object") }
    let items = try iterator(source)
    for index in 0 ..< count {
        let value = try next(items)
        if value.isAbsent {
            throw valueError("not enough values to unpack (expected \(count), got \(index))")
        }
        target[index] = value
    }
    guard try next(items).isAbsent else {
        throw valueError("too many values to unpack (expected \(count))")
    }
}

/// Fills `before` registers, one with the list of what is left, and `after` more.
func unpackIterable(_ source: Value, into target: Registers, before: Int, after: Int) throws(Raised) {
    guard isIterable(source) else { throw typeError("cannot unpack non-iterable \(typeName(source)) object") }
    let list = try makeList(source)
    guard list.count >= before + after else {
        throw valueError("not enough values to unpack (expected at least \(before + after), got \(list.count))")
    }
    for index in 0 ..< before { target[index] = list.items[index] }
    let middle = list.count - before - after
    for index in 0 ..< after { target[before + 1 + index] = list.items[before + middle + index] }
    target[before] = Value(List.make(list.pointee.items.map { UnsafePointer($0 + before) } ?? UnsafePointer(target), middle))
}
