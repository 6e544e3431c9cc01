// Making functions; what class bodies, imports and type parameters need.
import TinyCompiler

@inline(never)
func makeFunction(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let header = r.header
    let function = Function.make(r.constants[i.b].object(Code.self), header.pointee.globals)
    let parts = FunctionParts(rawValue: UInt8(i.d))
    var operand = r + i.c
    if parts.contains(.defaults) {
        function.pointee.defaults = operand[0]
        operand += 1
    }
    if parts.contains(.keywordDefaults) {
        function.pointee.keywordDefaults = operand[0]
        operand += 1
    }
    if parts.contains(.annotations) {
        function.pointee.annotations = operand[0]
        operand += 1
    }
    if parts.contains(.closure) { function.pointee.closure = operand[0] }
    let module = header.pointee.globals.get(Names.name)
    function.pointee.module = module.isAbsent ? .none : module
    r[i.a] = Value(function)
    return Next(r, pc)
}

@inline(never)
func slowLoadBuildClass(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try builtin(Names.buildClass, for: r.header.pointee.globals)
        if r[i.a].isAbsent { throw raise(.nameError, "__build_class__ not found") }
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowSetupAnnotations(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let mapping = namespace(r)
        if mapping.isKind(.dict) {
            let dict = mapping.object(Dict.self)
            if dict.find(Names.annotations) < 0 { dict.set(Names.annotations, Value(Dict.make())) }
        } else {
            do {
                _ = try getItem(mapping, Value(Names.annotations))
            } catch {
                guard t.raisedIs(.keyError) else { throw error }
                _ = t.takeRaised()
                try setItem(mapping, Value(Names.annotations), Value(Dict.make()))
            }
        }
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

// MARK: Imports

@inline(never)
func slowImportName(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let options = r.constants[i.c].object(Tuple.self)
        r[i.a] = try importFromStatement(
            r.name(i.b), level: options.items[0], fromList: options.items[1], globals: r.header.pointee.globals,
            locals: namespace(r))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowImportFrom(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try importAttribute(r[i.b], r.name(i.c))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowImportStar(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        try importAll(r[i.a], into: namespace(r))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

// MARK: Intrinsics

@inline(never)
func slowIntrinsic(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try intrinsic(Intrinsic(rawValue: UInt8(i.d)) ?? .display, r[i.b], r[i.c])
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

private func intrinsic(_ which: Intrinsic, _ b: Value, _ c: Value) throws(Raised) -> Value {
    switch which {
    case .display:
        let hook = Runtime.sysModule.pointee.namespace.get(Names.displayhook)
        guard !hook.isAbsent else { throw raise(.runtimeError, "lost sys.displayhook") }
        return try callValue(hook, b)
    case .typeVariable: return try typingCall("_make_typevar", b, .none, .none, .none)
    case .typeVariableWithBound: return try typingCall("_make_typevar", b, c, .none, .none)
    case .typeVariableWithConstraints: return try typingCall("_make_typevar", b, .none, c, .none)
    case .typeVariableTuple: return try typingCall("_make_typevartuple", b, .none)
    case .parameterSpecification: return try typingCall("_make_paramspec", b, .none)
    case .setTypeParameterDefault:
        try setAttribute(b, StrTables.intern("_default_thunk"), c)
        return b
    case .subscriptGeneric: return try typingCall("_generic_base", b)
    case .typeAlias:
        let parts = b.object(Tuple.self)
        return try typingCall("_make_type_alias", parts.items[0], parts.items[1], parts.items[2])
    case .setFunctionTypeParameters:
        writeBarrier(b.address)
        b.object(Function.self).pointee.typeParameters = c
        return b
    case .copyMapping:
        let dict = Dict.make()
        try updateDictionary(dict, from: b)
        return Value(dict)
    }
}

/// Calls one of the functions of `typing` that the syntax of type parameters stands on.
private func typingCall(_ name: String, _ arguments: Value...) throws(Raised) -> Value {
    let module = try importModule("typing")
    return try callValue(try getAttribute(module, StrTables.intern(name)), Tuple.make(arguments))
}

// MARK: Matching

@inline(never)
func matchSequence(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    let cls = r[i.b].cls
    r[i.a] = Value(cls.pointee.flags.contains(.matchesSequence))
    return Next(r, pc)
}

@inline(never)
func matchMapping(_ i: Instruction, _ r: Registers, _ pc: PC) -> Next {
    r[i.a] = Value(r[i.b].cls.pointee.flags.contains(.matchesMapping))
    return Next(r, pc)
}

@inline(never)
func slowGetLength(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = Value(try length(r[i.b]))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowMatchKeys(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try matchKeys(r[i.b], r[i.c].object(Tuple.self))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

private func matchKeys(_ subject: Value, _ keys: TupleRef) throws(Raised) -> Value {
    let seen = SetObject.make()
    let values = List.make(capacity: keys.count)
    let get = keys.count == 0 ? .none : try getAttribute(subject, Names.get)
    for index in 0 ..< keys.count {
        let key = keys.items[index]
        if try seen.contains(key) {
            throw valueError("mapping pattern checks duplicate key (\(try repr(key).string))")
        }
        try seen.add(key)
        let value = try callValue(get, key, Runtime.missing)
        if value == Runtime.missing { return .none }
        values.append(value)
    }
    return Value(values.count == 0 ? Tuple.make() : Tuple.make(values.items, values.count))
}

@inline(never)
func slowMatchClass(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    let names = r.constants[Int(pc[0])].object(Tuple.self)
    t.leave(r, pc + 1)
    do {
        r[i.a] = try matchClass(r[i.b], r[i.c], positional: i.d, names)
        return Next(r, pc + 1)
    } catch { return unwind(r, pc + 1, t) }
}

private func matchClass(
    _ subject: Value, _ cls: Value, positional: Int, _ names: TupleRef
) throws(Raised) -> Value {
    guard cls.isKind(.class) else { throw typeError("called match pattern must be a class") }
    guard try isInstance(subject, cls) else { return .none }
    let result = List.make(capacity: positional + names.count)
    let seen = SetObject.make()
    let className = cls.object(ClassObject.self).nameText
    func collect(_ name: Value) throws(Raised) -> Bool {
        if try seen.contains(name) {
            throw typeError("\(className)() got multiple sub-patterns for attribute \(try repr(name).string)")
        }
        try seen.add(name)
        let value = try getAttribute(subject, StrTables.intern(name.object(Str.self)), default: .absent)
        guard !value.isAbsent else { return false }
        result.append(value)
        return true
    }
    if positional > 0 {
        let matchArguments = try getAttribute(cls, Names.matchArgs, default: .absent)
        if matchArguments.isAbsent, cls.object(ClassObject.self).pointee.flags.contains(.matchSelf) {
            guard positional == 1 else {
                throw typeError("\(className)() accepts 1 positional sub-pattern (\(positional) given)")
            }
            result.append(subject)
        } else {
            guard matchArguments.isAbsent || matchArguments.isKind(.tuple) else {
                throw typeError("\(className).__match_args__ must be a tuple (got \(typeName(matchArguments)))")
            }
            let allowed = matchArguments.isAbsent ? 0 : matchArguments.object(Tuple.self).count
            guard positional <= allowed else {
                let plural = allowed == 1 ? "" : "s"
                throw typeError(
                    "\(className)() accepts \(allowed) positional sub-pattern\(plural) (\(positional) given)")
            }
            for index in 0 ..< positional {
                let name = matchArguments.object(Tuple.self).items[index]
                guard name.isKind(.str) else {
                    throw typeError("__match_args__ elements must be strings (got \(typeName(name)))")
                }
                if try !collect(name) { return .none }
            }
        }
    }
    for index in 0 ..< names.count where try !collect(names.items[index]) { return .none }
    return result.count == 0 ? Value(Tuple.make()) : Value(Tuple.make(result.items, result.count))
}

// MARK: except*

@inline(never)
func slowMatchExceptionGroup(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        let parts = try splitForHandler(r[i.b], r[i.c])
        r[i.a] = parts.matching
        r[i.a + 1] = parts.rest
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}

@inline(never)
func slowPrepareGroupReraise(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
    t.leave(r, pc)
    do {
        r[i.a] = try groupToReraise(r[i.b], r[i.c].object(List.self))
        return Next(r, pc)
    } catch { return unwind(r, pc, t) }
}
