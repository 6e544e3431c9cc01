// Subscripts, slices and the building of containers.
import TinyCompiler

@inline(__always)
func loadItem(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef, _ key: Value) -> Next {
    let object = r[i.b]
    if object.isExactly(.list) && key.isInlineInt {
        let list = object.object(List.self)
        if let index = place(key.inlineInt, among: list.count) {
            r[i.a] = list.items[index]
            return Next(r, pc)
        }
    }
    return slowLoadItem(i, key, r, pc, t)
}

/// A tuple's item; a function without a stack frame, as what follows is not.
@inline(never)
func slowLoadItem(_ i: Instruction, _ key: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    if object.isExactly(.tuple), key.isInlineInt {
        let tuple = object.object(Tuple.self)
        if let index = place(key.inlineInt, among: tuple.count) {
            r[i.a] = tuple.items[index]
            return Next(r, pc)
        }
    }
    return loadAnyItem(i, key, r, pc, t)
}

@inline(never)
private func loadAnyItem(_ i: Instruction, _ key: Value, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.b]
    if let value = quickItem(object, key) {
        r[i.a] = value
        return Next(r, pc)
    }
    if object.isKind(.instance) {
        let method = object.cls.special(.getitem)
        if method.isKind(.function) {
            return callSpecial(method, object, key, .absent, count: 2, i.a, .store, r, pc, t)
        }
    }
    t.leave(r, pc)
    do {
        r[i.a] = try getItem(object, key)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// The item of a built-in container where no script code can be asked and nothing goes wrong; else nil.
@inline(__always)
private func quickItem(_ object: Value, _ key: Value) -> Value? {
    guard object.isPointer else { return nil }
    switch object.header.pointee.kind {
    case .instance: return nil
    case .dict where object.isExactly(.dict):
        guard key.isExactly(.str) else { return nil }
        let value = object.object(Dict.self).get(key.object(Str.self))
        return value.isAbsent ? nil : value
    case .str where object.isExactly(.str):
        let str = object.object(Str.self)
        guard key.isInlineInt, let index = place(key.inlineInt, among: str.count) else { return nil }
        return Value(Str.make(codePoint: str.codePoint(at: str.byteOffset(index))))
    case .bytes where object.isExactly(.bytes):
        let bytes = object.object(BytesObject.self)
        guard key.isInlineInt, let index = place(key.inlineInt, among: bytes.pointee.count) else { return nil }
        return Value(inline: Int(bytes.bytes[index]))
    case .bytearray where object.isExactly(.bytearray):
        let buffer = object.object(ByteArray.self).buffer
        guard key.isInlineInt, let index = place(key.inlineInt, among: buffer.count) else { return nil }
        return Value(inline: Int(buffer[index]))
    default:
        if object.header.pointee.shape == NumberArray.shape, key.isInlineInt { return NumberArray.loadQuickly(object, key.inlineInt) }
        if let deque = object.deque, object.cls == Deque.cls, key.isInlineInt, let index = place(key.inlineInt, among: deque.count) {
            return deque[index]
        }
        return inheritedItem(object, key)
    }
}

/// The item of a tuple or a dict whose class is the script's (a namedtuple, a Counter) but leaves `[]` to its base; nil: there is none, or
/// it is something else.
private func inheritedItem(_ object: Value, _ key: Value) -> Value? {
    guard object.isPointer else { return nil }
    let kind = object.header.pointee.kind
    guard kind == .tuple && key.isInlineInt || kind == .dict && key.isExactly(.str),
        object.cls.special(.getitem) == Shapes.table[Int(kind.rawValue)].pointee.cls.special(.getitem)
    else { return nil }
    if kind == .tuple {
        let tuple = object.object(Tuple.self)
        return place(key.inlineInt, among: tuple.count).map { tuple.items[$0] }
    }
    let value = object.object(Dict.self).get(key.object(Str.self))
    return value.isAbsent ? nil : value
}

@inline(__always)
func storeItem(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.a]
    let key = r[i.b]
    if object.isExactly(.list) && key.isInlineInt {
        let list = object.object(List.self)
        if let index = place(key.inlineInt, among: list.count) {
            list.put(r[i.c], at: index)
            return Next(r, pc)
        }
    }
    return slowStoreItem(i, r, pc, t)
}

@inline(never)
func slowStoreItem(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let object = r[i.a]
    let key = r[i.b]
    if object.isKind(.instance) {
        let method = object.cls.special(.setitem)
        if method.isKind(.function) {
            return callSpecial(method, object, key, r[i.c], count: 3, 0, .discard, r, pc, t)
        }
    } else if object.isExactly(.bytearray), key.isInlineInt, r[i.c].isInlineInt {
        let buffer = object.object(ByteArray.self).buffer
        if let index = place(key.inlineInt, among: buffer.count), let octet = UInt8(exactly: r[i.c].inlineInt) {
            buffer[index] = octet
            return Next(r, pc)
        }
    } else if object.isPointer, object.header.pointee.shape == NumberArray.shape, key.isInlineInt,
        NumberArray.storeQuickly(object, key.inlineInt, r[i.c])
    {
        return Next(r, pc)
    }
    t.leave(r, pc)
    do {
        try setItem(object, key, r[i.c])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowDeleteItem(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try deleteItem(r[i.a], r[i.b])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(__always)
func buildSlice(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let base = r + i.b
    r[i.a] = SliceObject.make(base[0], base[1], base[2])
    return Next(r, pc)
}

@inline(never)
func slowLoadSlice(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let bounds = r + i.c
        if let value = quickSlice(r[i.b], bounds[0], bounds[1]) {
            r[i.a] = value
            return Next(r, pc)
        }
        r[i.a] = try getItem(r[i.b], SliceObject.make(bounds[0], bounds[1], .none))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

/// `object[start:stop]` of an exact list, tuple or str with plain bounds; nil: the general way.
private func quickSlice(_ object: Value, _ start: Value, _ stop: Value) -> Value? {
    let count: Int
    if object.isExactly(.list) {
        count = object.object(List.self).count
    } else if object.isExactly(.str) {
        count = object.object(Str.self).count
    } else if object.isExactly(.tuple) {
        count = object.object(Tuple.self).count
    } else {
        return nil
    }
    guard start.isInlineInt || start.isNone, stop.isInlineInt || stop.isNone else { return nil }
    func bound(_ value: Value, _ fallback: Int) -> Int {
        if value.isNone { return fallback }
        let index = value.inlineInt
        return min(max(index < 0 ? index + count : index, 0), count)
    }
    let low = bound(start, 0)
    let length = max(0, bound(stop, count) - low)
    switch object.header.pointee.kind {
    case .list: return Value(length == 0 ? List.make() : List.make(object.object(List.self).items + low, length))
    case .tuple where length == count: return object
    case .tuple: return Value(Tuple.make(object.object(Tuple.self).items + low, length))
    default:
        let str = object.object(Str.self)
        return Value(str.substring(str.byteOffset(low), str.byteOffset(low + length)))
    }
}

// MARK: Building

@inline(__always)
func buildTuple(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(Tuple.make(r + i.b, i.c))
    return Next(r, pc)
}

@inline(__always)
func buildList(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(List.make(r + i.b, i.c))
    return Next(r, pc)
}

@inline(never)
func buildListFromConstant(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let tuple = r.constants[i.bc].object(Tuple.self)
    r[i.a] = Value(List.make(tuple.items, tuple.count))
    return Next(r, pc)
}

@inline(__always)
func listAppend(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a].object(List.self).append(r[i.b])
    return Next(r, pc)
}

@inline(never)
func listToTuple(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let list = r[i.b].object(List.self)
    r[i.a] = list.count == 0 ? Value(Tuple.make()) : Value(Tuple.make(list.items, list.count))
    return Next(r, pc)
}

@inline(never)
func slowBuildSet(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let set = SetObject.make()
        // Adding may call the script; the register keeps the set alive.
        for index in 0 ..< i.c { try set.add((r + i.b)[index]) }
        r[i.a] = Value(set)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowBuildSetFromConstant(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = Value(try r.constants[i.bc].object(SetObject.self).copy())
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowBuildDictionary(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    let dict = Dict.make()
    if i.c > 0 { dict.reserve(i.c) }
    t.leave(r, pc)
    do {
        for index in 0 ..< i.c {
            let key = base[index * 2]
            if key.isExactly(.str) {
                dict.set(key.object(Str.self), base[index * 2 + 1])
            } else {
                try dict.set(key, base[index * 2 + 1])
            }
        }
        r[i.a] = Value(dict)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowSetAdd(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try r[i.a].object(SetObject.self).add(r[i.b])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowDictionaryInsert(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try r[i.a].object(Dict.self).set(r[i.b], r[i.c])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowListExtend(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let source = r[i.b]
        if !isIterable(source), i.d == 1 {
            throw typeError("Value after * must be an iterable, not \(typeName(source))")
        }
        try extend(r[i.a].object(List.self), source)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowSetUpdate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try SetObject.update(r[i.a].object(SetObject.self), r[i.b])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowDictionaryUpdate(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let source = r[i.b]
        guard source.isKind(.dict) || source.cls.lookup(Names.keys) != .absent else {
            throw typeError("'\(typeName(source))' object is not a mapping")
        }
        try updateDictionary(r[i.a].object(Dict.self), from: source)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowDictionaryMerge(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try mergeKeywords(r[i.a].object(Dict.self), from: r[i.b], callable: r[i.c])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

// MARK: Text

@inline(never)
func slowBuildString(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let base = r + i.b
    var bytes = 0
    var count = 0
    for index in 0 ..< i.c {
        let piece = base[index].object(Str.self)
        bytes += piece.pointee.byteCount
        count += piece.count
    }
    let result = Str.allocate(byteCount: bytes, count: count)
    var target = result.bytes
    for index in 0 ..< i.c {
        let piece = base[index].object(Str.self)
        target.update(from: piece.bytes, count: piece.pointee.byteCount)
        target += piece.pointee.byteCount
    }
    r[i.a] = Value(result)
    return Next(r, pc)
}

@inline(never)
func slowFormatValue(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    var value = r[i.b]
    let hasSpecification = i.c != 0xFFFF
    if i.d == 0, !hasSpecification, value.isExactly(.str) {
        r[i.a] = value
        return Next(r, pc)
    }
    t.leave(r, pc)
    do {
        switch i.d {
        case 1: value = Value(try str(value))
        case 2: value = Value(try repr(value))
        case 3: value = Value(try ascii(value))
        default: break
        }
        r[i.a] = Value(try format(value, hasSpecification ? r[i.c].object(Str.self) : nil))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

// MARK: Unpacking

@inline(__always)
func unpack(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let source = r[i.b]
    if source.isExactly(.tuple) {
        let tuple = source.object(Tuple.self)
        if tuple.count == i.c {
            for index in 0 ..< i.c { r[i.a + index] = tuple.items[index] }
            return Next(r, pc)
        }
    }
    return slowUnpack(i, r, pc, t)
}

@inline(never)
func slowUnpack(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try unpackIterable(r[i.b], into: r + i.a, count: i.c)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowUnpackStar(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try unpackIterable(r[i.b], into: r + i.a, before: i.d, after: i.c)
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
