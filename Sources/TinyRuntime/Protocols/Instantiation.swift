// Calling a class: `type.__call__`.
//
// A class of the script with a plain `__init__` gets its instance and enters `__init__` as a frame at once; everything
// else goes through `__new__` and `__init__` in general form.
import TinyCompiler

let CallLayoutWords = CallLayout.headerWords

func callClass(
    _ cls: ClassRef, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int, _ action: ReturnAction,
    _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    let metaclass = Value(cls).cls
    if metaclass != Runtime.typeClass {
        let call = metaclass.special(.call)
        if call != Runtime.typeCall, !call.isKind(.function), !NativeShapes.takesReceiver(call) {
            t.leave(r, pc)
            do {
                base.header.pointee.callable = try getDescriptor(call, Value(cls), metaclass)
            } catch { return unwind(r, pc, t) }
            return slowCall(base, count, names, destination, action, r, pc, t)
        }
        if call != Runtime.typeCall {
            var index = count
            while index > 0 {
                base[index] = base[index - 1]
                index -= 1
            }
            base[0] = Value(cls)
            base.header.pointee.callable = call
            return slowCall(base, count + 1, names, destination, action, r, pc, t)
        }
    }
    if cls.pointee.instanceKind == .instance, cls.special(.new) == Runtime.objectNew,
        !cls.pointee.flags.contains(.isAbstract)
    {
        let initializer = cls.special(.`init`)
        if initializer.isKind(.function), action == .store || action == .exit {
            let instance = Value(Instance.allocate(cls))
            return construct(initializer, instance, base, count, names, destination, action, r, pc, t)
        }
        if initializer == Runtime.objectInit, count == 0 {
            return deliver(Value(Instance.allocate(cls)), action, destination, .absent, 0, r, pc, t)
        }
    }
    if count == 1, names == nil, cls.pointee.instanceKind == .decimal, let decimals = DecimalOperations.imported, cls == decimals.cls {
        t.leave(r, pc)
        t.pointee.top = t.top(t.topOf(r), covering: base, count + 1)
        do {
            return deliver(try decimals.construct(base[0]), action, destination, .absent, 0, r, pc, t)
        } catch { return unwind(r, pc, t) }
    }
    if count == 1, names == nil, action == .store, base[0].isExactly(.generator),
        let fold = collectingFold(cls), let next = beginFold(fold, place: 0, base, 1, nil, destination, r, pc, t)
    {
        return next
    }
    if count == 0, !cls.pointee.flags.contains(.isHeapType), let value = constructEmpty(cls) {
        return deliver(value, action, destination, .absent, 0, r, pc, t)
    }
    if let names, count == names.count, cls.shapeID == Dict.shape {
        let dict = Dict.make()
        for index in 0 ..< count { dict.set(names.items[index].object(Str.self), base[index]) }
        return deliver(Value(dict), action, destination, .absent, 0, r, pc, t)
    }
    if count == 1, names == nil, !cls.pointee.flags.contains(.isHeapType) {
        if let value = convertQuickly(cls, base[0]) { return deliver(value, action, destination, .absent, 0, r, pc, t) }
        t.leave(r, pc)
        t.pointee.top = t.top(t.topOf(r), covering: base, count + 1)
        do {
            if let value = try construct(cls, from: base[0]) {
                return deliver(value, action, destination, .absent, 0, r, pc, t)
            }
        } catch { return unwind(r, pc, t) }
    }
    if cls.pointee.instanceKind == .exception, !cls.pointee.flags.contains(.keepsFields), names == nil,
        cls.special(.new) == Runtime.exceptionNew
    {
        let initializer = cls.special(.`init`)
        if initializer == Runtime.exceptionInit {
            let exception = ExceptionObject.make(cls, Tuple.make(base, count))
            return deliver(Value(exception), action, destination, .absent, 0, r, pc, t)
        }
        if initializer.isKind(.function), action == .store {
            let exception = Value(ExceptionObject.make(cls, Tuple.make(base, count)))
            return construct(initializer, exception, base, count, nil, destination, action, r, pc, t)
        }
    }
    if !cls.isBuiltin, let function = plainConstructor(cls) {
        shiftUp(base, count)
        base[0] = Value(cls)
        base.header.pointee.callable = function
        return slowCall(base, count + 1, names, destination, action, r, pc, t)
    }
    t.leave(r, pc)
    t.pointee.top = t.top(t.topOf(r), covering: base, count + 1)
    do {
        if names == nil, let quick = cls.pointee.construct?.takeUnretainedValue().quick, let value = try quick(cls, base, count) {
            return deliver(value, action, destination, .absent, 0, r, pc, t)
        }
        return deliver(
            try instantiate(cls, base, count, names), action, destination, .absent, 0, r, pc, t)
    } catch { return unwind(r, pc, t) }
}

/// The script's `__new__` of a class, if whatever that returns is the result of the call: there is no `__init__` to be called on it.
private func plainConstructor(_ cls: ClassRef) -> Value? {
    let name = SpecialName.new.string
    if let entry = AttributeCache.find(.construct, name, Value(cls).bits) { return Value(bits: entry.pointee.value) }
    let new = cls.special(.new)
    guard new.isKind(.staticMethod), !new.hasScriptAccess, cls.leavesInitToObject else { return nil }
    let function = new.object(StaticMethod.self).pointee.callable
    guard function.isKind(.function) else { return nil }
    AttributeCache.remember(.construct, name, Value(cls).bits, .value, value: function.bits)
    return function
}

/// How a built-in container takes the items of a generator; nil: the class does something else with it.
private func collectingFold(_ cls: ClassRef) -> Fold? {
    let table = Shapes.table
    if cls == table[Int(Kind.list.rawValue)].pointee.cls { return .list }
    if cls == table[Int(Kind.tuple.rawValue)].pointee.cls || cls == table[Int(Kind.set.rawValue)].pointee.cls
        || cls == table[Int(Kind.frozenset.rawValue)].pointee.cls || cls == table[Int(Kind.dict.rawValue)].pointee.cls
    {
        return .arguments
    }
    return nil
}

/// Enters `__init__` of the script with the arguments at `base`; the instance is the call's result.
private func construct(
    _ initializer: Value, _ instance: Value, _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int,
    _ action: ReturnAction, _ r: Registers, _ pc: PC, _ t: ThreadRef
) -> Next {
    var index = count
    while index > 0 {
        base[index] = base[index - 1]
        index -= 1
    }
    base[0] = instance
    base.header.pointee.callable = initializer
    let count = count + 1
    if action == .exit {
        // Native code called: the stand-in frame below delivers the instance when `__init__` returns None.
        r[0] = instance
        t.pointee.depth += 1 // given back by the return of the stand-in frame
        let next = slowCall(base, count, names, 0, .construct, r, r.deliverWord, t)
        return markConstruction(next, r, instance)
    }
    let next = slowCall(base, count, names, destination, .construct, r, pc, t)
    return markConstruction(next, r, instance)
}

@inline(__always)
private func markConstruction(_ next: Next, _ r: Registers, _ instance: Value) -> Next {
    // If a frame was entered, it is `__init__`'s; otherwise the exception is on its way.
    if next.r.header.pointee.action == .construct, next.r.header.pointee.caller == r {
        next.r.header.pointee.extra = instance
    }
    return next
}

extension Registers {
    /// In a stand-in frame of native code: the instruction that returns R0 to it.
    var deliverWord: PC { Runtime.returnFirstWord }
}

/// `cls(*args, **keywords)` in general form; the arguments lie at `base`.
func instantiate(_ cls: ClassRef, _ base: Registers, _ count: Int, _ names: TupleRef?) throws(Raised) -> Value {
    let named = names?.count ?? 0
    let arguments = count - named == 0 ? Tuple.make() : Tuple.make(base, count - named)
    var keywords: DictRef?
    if let names, named > 0 {
        let dict = Dict.make()
        for index in 0 ..< named { dict.set(names.items[index].object(Str.self), base[count - named + index]) }
        keywords = dict
    }
    // Reachable while `__new__` and `__init__` run: the registers of the window hold them.
    base[0] = Value(arguments)
    base[1] = keywords.map { Value($0) } ?? .none
    return try instantiate(cls, arguments, keywords)
}

/// As above with the arguments as a tuple and a dict.
func instantiate(_ cls: ClassRef, _ arguments: TupleRef, _ keywords: DictRef?) throws(Raised) -> Value {
    if cls == Runtime.typeClass, arguments.count == 1, keywords == nil {
        return Value(arguments.items[0].cls)
    }
    let new = cls.special(.new)
    let object: Value
    let callable = new.isKind(.staticMethod) ? new.object(StaticMethod.self).pointee.callable : new
    if callable == Runtime.objectNew || callable.isKind(.native) && callable.header.pointee.detail == 1 {
        object = try constructNative(cls, arguments, keywords)
    } else if new.isKind(.staticMethod) {
        object = try callPrefixed(callable, Value(cls), arguments, keywords)
    } else {
        object = try callPrefixed(try getDescriptor(new, .absent, cls), Value(cls), arguments, keywords)
    }
    guard object.cls.isSubclass(of: cls) else { return object }
    let initializer = object.cls.special(.`init`)
    if initializer == Runtime.objectInit {
        try checkObjectInit(object.cls, arguments, keywords)
        return object
    }
    if initializer.isKind(.function) || initializer.isKind(.native) {
        let result: Value
        let items = arguments.items
        // Few arguments need no other tuple, nor a native `__init__` a frame.
        switch keywords == nil ? arguments.count : .max {
        case 0: result = try callUnbound(initializer, object)
        case 1: result = try callUnbound(initializer, object, items[0])
        case 2: result = try callUnbound(initializer, object, items[0], items[1])
        default: result = try callPrefixed(initializer, object, arguments, keywords)
        }
        guard result.isNone else { throw typeError("__init__() should return None, not '\(typeName(result))'") }
    } else {
        let result = try callValue(try bindDescriptor(initializer, object), arguments, keywords)
        guard result.isNone else { throw typeError("__init__() should return None, not '\(typeName(result))'") }
    }
    return object
}

private func callPrefixed(_ callable: Value, _ first: Value, _ arguments: TupleRef, _ keywords: DictRef?) throws(Raised) -> Value {
    let all = Tuple.allocate(arguments.count + 1)
    all.items[0] = first
    for index in 0 ..< arguments.count { all.items[index + 1] = arguments.items[index] }
    return try callValue(callable, all, keywords)
}

/// What `object.__new__` (and the `__new__` of every built-in class) does.
func constructNative(_ cls: ClassRef, _ arguments: TupleRef, _ keywords: DictRef?) throws(Raised) -> Value {
    try currentThread().checkNativeStack()
    if let construct = cls.pointee.construct?.takeUnretainedValue() {
        return try withUnsafeTemporaryAllocation(of: Value.self, capacity: 3) { buffer throws(Raised) in
            // A temporary allocation of three values has an address.
            let base = buffer.baseAddress.unsafelyUnwrapped
            base[0] = Value(cls)
            base[1] = Value(arguments)
            base[2] = keywords.map { Value($0) } ?? .none
            return try construct.body(Arguments(base, 3))
        }
    }
    guard cls.pointee.instanceKind == .instance else {
        throw typeError("cannot create '\(qualifiedClassName(cls))' instances")
    }
    if cls.pointee.flags.contains(.isAbstract) { throw abstractInstantiation(cls) }
    if arguments.count > 0 || (keywords?.pointee.count ?? 0) > 0 {
        let newIsOwn = cls.special(.new) != Runtime.objectNew
        if newIsOwn { throw typeError("object.__new__() takes exactly one argument (the type to instantiate)") }
        if cls.special(.`init`) == Runtime.objectInit { throw typeError("\(cls.nameText)() takes no arguments") }
    }
    return Value(Instance.allocate(cls))
}

private func checkObjectInit(_ cls: ClassRef, _ arguments: TupleRef, _ keywords: DictRef?) throws(Raised) {
    guard cls.pointee.instanceKind == .instance, arguments.count > 0 || (keywords?.pointee.count ?? 0) > 0 else { return }
    if cls.special(.new) == Runtime.objectNew { throw typeError("\(cls.nameText)() takes no arguments") }
}

func abstractInstantiation(_ cls: ClassRef) -> Raised {
    var names: [String] = []
    let set = cls.pointee.namespace.get(SpecialName.abstractMethods.string)
    if !set.isAbsent, let list = try? makeList(set) {
        names = (0 ..< list.count).compactMap { list.items[$0].isKind(.str) ? list.items[$0].object(Str.self).string : nil }
    }
    let quoted = names.sorted().map { "'\($0)'" }.joined(separator: ", ")
    let plural = names.count == 1 ? "" : "s"
    return typeError(
        "Can't instantiate abstract class \(cls.nameText) without an implementation for abstract method\(plural) \(quoted)")
}

/// Enters a class body or module: a frame without arguments.
func enterBody(_ function: FunctionRef, _ window: Registers, _ base: Registers, _ t: ThreadRef) -> Next {
    enter(function, function.pointee.code, window, 0, 0, .exit, base, leaveLoopWord, t)
}
