// Loads and stores of constants, locals, cells and globals.
import TinyCompiler

@inline(__always)
func move(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = r[i.b]
    return Next(r, pc)
}

@inline(__always)
func loadConstant(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = r.constants[i.bc]
    return Next(r, pc)
}

@inline(__always)
func checkBound(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    r[i.a].isAbsent ? slowUnbound(i, r, pc, t) : Next(r, pc)
}

@inline(__always)
func deleteLocal(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    if r[i.a].isAbsent { return slowUnbound(i, r, pc, t) }
    r[i.a] = .absent
    return Next(r, pc)
}

@inline(never)
private func slowUnbound(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    fail(unboundLocal(r.name(i.b)), r, pc, t)
}

@inline(never)
private func unboundLocal(_ name: StrRef) -> Raised {
    raise(.unboundLocalError, "cannot access local variable '\(name.string)' where it is not associated with a value")
}

@inline(__always)
func clearLocal(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = .absent
    return Next(r, pc)
}

// MARK: Cells

@inline(__always)
func makeCell(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(Cell.make(r[i.a]))
    return Next(r, pc)
}

@inline(__always)
func loadCell(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let value = r[i.b].object(Cell.self).pointee.value
    if value.isAbsent { return slowUnboundCell(i, r, pc, t) }
    r[i.a] = value
    return Next(r, pc)
}

@inline(never)
private func slowUnboundCell(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    fail(unboundLocal(r.name(i.c)), r, pc, t)
}

@inline(__always)
func storeCell(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a].object(Cell.self).set(r[i.b])
    return Next(r, pc)
}

@inline(__always)
func deleteCell(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let cell = r[i.a].object(Cell.self)
    if cell.pointee.value.isAbsent { return slowUnbound(i, r, pc, t) }
    cell.pointee.value = .absent
    return Next(r, pc)
}

@inline(__always)
private func closureCell(_ index: Int, _ r: Registers) -> Value {
    let function = r.header.pointee.callable.object(Function.self)
    return function.pointee.closure.object(Tuple.self).items[index]
}

@inline(__always)
func loadFree(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let value = closureCell(i.b, r).object(Cell.self).pointee.value
    if value.isAbsent { return slowUnboundFree(i.b, r, pc, t) }
    r[i.a] = value
    return Next(r, pc)
}

@inline(never)
private func slowUnboundFree(_ index: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let name = r.header.pointee.code.freeName(index).string
    return fail(
        raise(
            .nameError,
            "cannot access free variable '\(name)' where it is not associated with a value in enclosing scope"),
        r, pc, t)
}

@inline(__always)
func storeFree(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    closureCell(i.b, r).object(Cell.self).set(r[i.a])
    return Next(r, pc)
}

@inline(__always)
func deleteFree(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let cell = closureCell(i.a, r).object(Cell.self)
    if cell.pointee.value.isAbsent { return slowUnboundFree(i.a, r, pc, t) }
    cell.pointee.value = .absent
    return Next(r, pc)
}

@inline(__always)
func loadClosureCell(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = closureCell(i.b, r)
    return Next(r, pc)
}

// MARK: Globals

/// Cache: word 1 = keys version of globals | entry index << 32.
@inline(__always)
func loadGlobalModule(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let globals = r.header.pointee.globals
    let cache = pc[0]
    if UInt32(truncatingIfNeeded: cache) == globals.pointee.keysVersion {
        // A named set of keys has entries.
        r[i.a] = globals.pointee.entries.unsafelyUnwrapped[Int(cache >> 32)].value
        return Next(r, pc + 2)
    }
    return slowLoadGlobal(i, r, pc, t)
}

/// Cache: word 1 = keys version of globals | keys version of builtins << 32, word 2 = entry index in builtins.
@inline(__always)
func loadGlobalBuiltin(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let cache = pc[0]
    let builtins = Runtime.builtins
    if UInt32(truncatingIfNeeded: cache) == r.header.pointee.globals.pointee.keysVersion
        && UInt32(truncatingIfNeeded: cache >> 32) == builtins.pointee.keysVersion
    {
        r[i.a] = builtins.pointee.entries.unsafelyUnwrapped[Int(pc[1])].value
        return Next(r, pc + 2)
    }
    return slowLoadGlobal(i, r, pc, t)
}

@inline(never)
func slowLoadGlobal(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let globals = r.header.pointee.globals
    let name = r.name(i.b)
    let index = globals.find(name)
    if index >= 0, let entries = globals.pointee.entries {
        r[i.a] = entries[index].value
        pc[0] = UInt64(globals.nameKeys()) | UInt64(index) << 32
        quicken(pc - 1, .loadGlobalModule)
        return Next(r, pc + 2)
    }
    if !Value(globals).isExactly(.dict), Value(globals).cls.has(.missing) {
        // Globals of a subclass may make up what is missing.
        t.leave(r, pc)
        do {
            r[i.a] = try getItem(Value(globals), Value(name))
            return Next(r, pc + 2)
        } catch {
            guard t.raisedIs(.keyError) else { return unwind(r, pc, t) }
            _ = t.takeRaised()
        }
    }
    let builtins = builtins(of: globals)
    if builtins == Value(Runtime.builtins) {
        let index = Runtime.builtins.find(name)
        if index >= 0, let entries = Runtime.builtins.pointee.entries {
            r[i.a] = entries[index].value
            pc[0] = UInt64(globals.nameKeys()) | UInt64(Runtime.builtins.nameKeys()) << 32
            pc[1] = UInt64(index)
            quicken(pc - 1, .loadGlobalBuiltin)
            return Next(r, pc + 2)
        }
        return fail(undefined(name), r, pc, t)
    }
    t.leave(r, pc)
    do {
        let value = try lookUp(builtins, name)
        if value.isAbsent { throw undefined(name) }
        r[i.a] = value
        return Next(r, pc + 2)
    } catch { return unwind(r, pc, t) }
}

/// The builtins that code with these globals sees: the dict of all of them, or what the globals have as `__builtins__`.
func builtins(of globals: DictRef) -> Value {
    let own = globals.get(Names.builtins)
    if own.isKind(.module) { return Value(own.object(ModuleObject.self).pointee.namespace) }
    return own.isAbsent ? Value(Runtime.builtins) : own
}

/// A builtin that the language itself looks up; absent if the globals' builtins have none.
func builtin(_ name: StrRef, for globals: DictRef) throws(Raised) -> Value {
    try lookUp(builtins(of: globals), name)
}

@inline(never)
func undefined(_ name: StrRef) -> Raised {
    let raised = raise(.nameError, "name '\(name.string)' is not defined")
    currentThread().pointee.raised.object(ExceptionObject.self).setField(0, Value(name))
    return raised
}

/// Overwrites the opcode of an instruction.
@inline(__always)
func quicken(_ word: PC, _ opcode: Opcode) {
    word.pointee = word.pointee & ~0xFF | UInt64(opcode.rawValue)
    InlineCaches.note(word)
}

@inline(__always)
func storeGlobalModule(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let globals = r.header.pointee.globals
    let cache = pc[0]
    if UInt32(truncatingIfNeeded: cache) == globals.pointee.keysVersion {
        writeBarrier(globals)
        globals.pointee.entries.unsafelyUnwrapped[Int(cache >> 32)].value = r[i.a]
        return Next(r, pc + 2)
    }
    return slowStoreGlobal(i, r, pc, t)
}

@inline(never)
func slowStoreGlobal(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let globals = r.header.pointee.globals
    let name = r.name(i.b)
    globals.set(name, r[i.a])
    let index = globals.find(name)
    if index >= 0 {
        pc[0] = UInt64(globals.nameKeys()) | UInt64(index) << 32
        quicken(pc - 1, .storeGlobalModule)
    }
    return Next(r, pc + 2)
}

@inline(never)
func slowDeleteGlobal(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let name = r.name(i.b)
    return r.header.pointee.globals.remove(name) ? Next(r, pc) : fail(undefined(name), r, pc, t)
}

// MARK: Names of class bodies and exec

@inline(never)
func loadNamespace(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let header = r.header
    r[i.a] = header.pointee.flags.contains(.hasNamespace) ? header.pointee.extra : Value(header.pointee.globals)
    return Next(r, pc)
}

/// The frame's namespace, which may be any mapping.
func namespace(_ r: Registers) -> Value {
    let header = r.header
    return header.pointee.flags.contains(.hasNamespace) ? header.pointee.extra : Value(header.pointee.globals)
}

/// mapping[name], or absent if it has none.
private func lookUp(_ mapping: Value, _ name: StrRef) throws(Raised) -> Value {
    if mapping.isExactly(.dict) { return mapping.object(Dict.self).get(name) }
    do {
        return try getItem(mapping, Value(name))
    } catch {
        guard currentThread().raisedIs(.keyError) else { throw error }
        _ = currentThread().takeRaised()
        return .absent
    }
}

/// `asks`: globals of a subclass may make up what is missing (not for what a class body itself looks up, as in CPython).
private func globalOrBuiltin(_ r: Registers, _ name: StrRef, asks: Bool) throws(Raised) -> Value {
    let globals = r.header.pointee.globals
    var value = asks ? try lookUp(Value(globals), name) : globals.get(name)
    if value.isAbsent { value = try lookUp(builtins(of: globals), name) }
    if value.isAbsent { throw undefined(name) }
    return value
}

@inline(never)
func slowLoadName(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let name = r.name(i.b)
        let value = try lookUp(namespace(r), name)
        r[i.a] = value.isAbsent ? try globalOrBuiltin(r, name, asks: false) : value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowStoreName(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let mapping = namespace(r)
    if mapping.isExactly(.dict) {
        mapping.object(Dict.self).set(r.name(i.b), r[i.a])
        return Next(r, pc)
    }
    t.leave(r, pc)
    do {
        try setItem(mapping, Value(r.name(i.b)), r[i.a])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowDeleteName(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    let name = r.name(i.b)
    do {
        try deleteItem(namespace(r), Value(name))
        return Next(r, pc)
    } catch {
        if t.raisedIs(.keyError) {
            _ = t.takeRaised()
            _ = undefined(name)
        }
        return unwind(r, pc, t)
    }
}

@inline(never)
func slowLoadFromMappingOrGlobal(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let name = r.name(i.c)
        let value = try lookUp(r[i.b], name)
        r[i.a] = value.isAbsent ? try globalOrBuiltin(r, name, asks: true) : value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowLoadNameOrFree(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    loadMappingOrFree(namespace(r), i, r, pc, t)
}

@inline(never)
func slowLoadFromMappingOrFree(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    loadMappingOrFree(r[i.c], i, r, pc, t)
}

private func loadMappingOrFree(_ mapping: Value, _ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let value = try lookUp(mapping, r.header.pointee.code.freeName(i.b))
        if value.isAbsent { return loadFree(i, r, pc, t) }
        r[i.a] = value
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
