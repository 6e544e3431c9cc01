// Calls from native code, and the binding of arguments to parameters.
import CTiny
import TinyCompiler

extension ThreadRef {
    /// Runs the interpreter from native code until the frame that `enter` pushes ends. `enter` gets a base frame's
    /// registers (a stand-in for the caller) and returns where to go on.
    ///
    /// Never inlined: what the caller keeps on its stack frame must lie above the scan's start, which is in ours.
    @inline(never)
    func runNested(_ enter: (Registers) throws(Raised) -> Next) throws(Raised) -> Value {
        try checkNativeStack()
        let frame = pointee.frame
        let top = pointee.top
        let scanTop = pointee.scanTop
        let start = pointee.segmentStart
        // A frame of no code: what the callee returns to. It lies above everything in use.
        var base = top + CallLayout.headerWords
        if !hasRoom(base, 32) { base = pushWindow(32) }
        base.header.pointee = FrameHeader(
            callable: .absent, code: Runtime.nativeCode, pc: leaveLoopWord, caller: frame, destination: 0, action: .exit,
            flags: .none, spare: 0, extra: .absent, frameObject: .absent, globals: Runtime.builtins)
        base[0] = .absent
        pointee.top = base + 1
        pointee.frame = base
        pointee.nest += 1
        // From here upwards the native stack may hold values; what our callers keep in registers is put there too.
        var registers = tiny_registers()
        defer {
            pointee.frame = frame
            pointee.top = top
            pointee.scanTop = scanTop
            pointee.nest -= 1
            if pointee.segmentStart != start { slowPopSegments(to: top) }
        }
        return try withUnsafeMutablePointer(to: &registers) { saved throws(Raised) in
            tiny_spill(saved)
            pointee.scanTop = UInt(bitPattern: saved)
            return try run(self, try enter(base))
        }
    }

    /// Calls anything with arguments that lie in `arguments`, the last of them named by `names`.
    func call(
        _ callable: Value, _ arguments: UnsafePointer<Value>, _ count: Int, names: TupleRef? = nil
    ) throws(Raised) -> Value {
        try runNested { base throws(Raised) in
            var window = base + 1 + CallLayout.headerWords
            if window + count + 32 > pointee.segmentEnd { window = pushWindow(count + 32) }
            window.update(from: arguments, count: count)
            window.header.pointee.callable = callable
            return slowCall(window, count, names, 0, .exit, base, leaveLoopWord, self)
        }
    }
}

/// Calls with positional arguments.
public func callValue(_ callable: Value, _ arguments: Value...) throws(Raised) -> Value {
    try callWith(callable, arguments)
}

/// Calls with the items of an array that the caller has just made (they need no other root: the callee's frame holds
/// them before anything can collect).
public func callWith(_ callable: Value, _ arguments: [Value]) throws(Raised) -> Value {
    let t = currentThread()
    // Natives that need no frame of the script are called at once.
    var outcome: Result<Value, Raised> = .success(.none)
    arguments.withUnsafeBufferPointer { buffer in
        outcome = callBuffer(t, callable, buffer)
    }
    return try outcome.get()
}

private func callBuffer(_ t: ThreadRef, _ callable: Value, _ buffer: UnsafeBufferPointer<Value>) -> Result<Value, Raised> {
    do {
        if callable.isKind(.native), buffer.count <= 3 {
            func argument(_ index: Int) -> Value { index < buffer.count ? buffer[index] : .absent }
            return .success(
                try callNative(callable.object(NativeFunction.self), argument(0), argument(1), argument(2), count: buffer.count))
        }
        if let base = buffer.baseAddress { return .success(try t.call(callable, base, buffer.count)) }
        return try withUnsafeTemporaryAllocation(of: Value.self, capacity: 1) { empty throws(Raised) in
            // A temporary allocation of one value has an address.
            .success(try t.call(callable, UnsafePointer(empty.baseAddress.unsafelyUnwrapped), 0))
        }
    } catch { return .failure(Raised()) }
}

/// Calls with a tuple of positional arguments and an optional dict of keywords.
public func callValue(_ callable: Value, _ arguments: TupleRef, _ keywords: DictRef? = nil) throws(Raised) -> Value {
    let t = currentThread()
    guard let keywords, keywords.pointee.count > 0 else { return try t.call(callable, arguments.items, arguments.count) }
    return try t.runNested { base in
        callSpread(callable, arguments, Value(keywords), 0, .exit, base + 1 + CallLayout.headerWords, base, leaveLoopWord, t)
    }
}

/// Calls a native function from native code with up to three arguments: no frame, no list of arguments.
@inline(__always)
private func callNative(_ native: NativeRef, _ a: Value, _ b: Value, _ c: Value, count: Int) throws(Raised) -> Value {
    let t = currentThread()
    try t.checkNativeStack()
    let top = t.pointee.top
    var base = top
    if !t.hasRoom(base, 8) { base = t.pushWindow(16) }
    var count = count
    if native.pointee.receiver.isAbsent {
        base[0] = a
        base[1] = b
        base[2] = c
    } else {
        base[0] = native.pointee.receiver
        base[1] = a
        base[2] = b
        base[3] = c
        count += 1
    }
    defer {
        t.pointee.top = top
        if base < top || base > top { t.slowPopSegments(to: top) }
    }
    let arguments = try bindNative(native.pointee.record, base, count, nil, base, t)
    return try native.pointee.record.call(arguments)
}

/// Calls what is no native function with up to three arguments: no list of them is made.
private func callFrame(_ callable: Value, _ a: Value, _ b: Value, _ c: Value, count: Int) throws(Raised) -> Value {
    let t = currentThread()
    return try t.runNested { base throws(Raised) in
        // (runNested has made room for so few.)
        let window = base + 1 + CallLayout.headerWords
        window[0] = a
        window[1] = b
        window[2] = c
        window.header.pointee.callable = callable
        if callable.isKind(.function) {
            let function = callable.object(Function.self)
            if Int(function.pointee.code.pointee.plainArgumentCount) == count {
                return enter(function, function.pointee.code, window, count, 0, .exit, base, leaveLoopWord, t)
            }
        }
        return slowCall(window, count, nil, 0, .exit, base, leaveLoopWord, t)
    }
}

/// Calls a method found on the class with its receiver: functions directly, other descriptors bound first.
public func callUnbound(_ method: Value, _ receiver: Value) throws(Raised) -> Value {
    if NativeShapes.takesReceiver(method) { return try callNative(method.object(NativeFunction.self), receiver, .absent, .absent, count: 1) }
    if method.isKind(.function) { return try callFrame(method, receiver, .absent, .absent, count: 1) }
    return try callWith(try bindDescriptor(method, receiver), [])
}

func callUnbound(_ method: Value, _ receiver: Value, _ argument: Value) throws(Raised) -> Value {
    if NativeShapes.takesReceiver(method) { return try callNative(method.object(NativeFunction.self), receiver, argument, .absent, count: 2) }
    if method.isKind(.function) { return try callFrame(method, receiver, argument, .absent, count: 2) }
    return try callWith(try bindDescriptor(method, receiver), [argument])
}

func callUnbound(_ method: Value, _ receiver: Value, _ first: Value, _ second: Value) throws(Raised) -> Value {
    if NativeShapes.takesReceiver(method) { return try callNative(method.object(NativeFunction.self), receiver, first, second, count: 3) }
    if method.isKind(.function) { return try callFrame(method, receiver, first, second, count: 3) }
    return try callWith(try bindDescriptor(method, receiver), [first, second])
}

/// One argument, the most frequent call of all: a key function, `map`, a callback.
public func callValue(_ callable: Value, _ argument: Value) throws(Raised) -> Value {
    if callable.isKind(.native) { return try callNative(callable.object(NativeFunction.self), argument, .absent, .absent, count: 1) }
    if callable.isKind(.class) {
        let cls = callable.object(ClassObject.self)
        if !cls.pointee.flags.contains(.isHeapType), callable.cls == Runtime.typeClass {
            if let value = convertQuickly(cls, argument) { return value }
            if let value = try construct(cls, from: argument) { return value }
        }
    }
    if let native = callable.singleArgumentCallable { return try native.call(argument) }
    return try callFrame(callable, argument, .absent, .absent, count: 1)
}

/// Two arguments: a comparison, a step of `reduce`.
public func callValue(_ callable: Value, _ first: Value, _ second: Value) throws(Raised) -> Value {
    if callable.isKind(.native) { return try callNative(callable.object(NativeFunction.self), first, second, .absent, count: 2) }
    return try callFrame(callable, first, second, .absent, count: 2)
}

/// Calls a method found on the class with its receiver: functions directly, other descriptors bound first.
func callUnbound(_ method: Value, _ receiver: Value, _ arguments: Value...) throws(Raised) -> Value {
    if method.isKind(.function) || NativeShapes.takesReceiver(method) { return try callWith(method, [receiver] + arguments) }
    return try callWith(try bindDescriptor(method, receiver), arguments)
}

/// Calls the method of that name.
public func callMethod(_ object: Value, _ name: StrRef, _ arguments: Value...) throws(Raised) -> Value {
    let method = object.cls.usesPlainGetattribute && !object.isKind(.class) && !hasOwnDictionary(object) && !object.isKind(.instance)
        ? object.cls.lookup(name) : .absent
    if method.isKind(.function) || method.isKind(.native) && NativeShapes.isUnboundMethod(method) {
        return try callWith(method, [object] + arguments)
    }
    return try callWith(try getAttribute(object, name), arguments)
}

extension NativeShapes {
    /// Whether a value found on a class is a native method, which is called with the receiver first: no function of a
    /// module and no method that is bound already.
    @inline(__always)
    static func takesReceiver(_ value: Value) -> Bool {
        guard value.isKind(.native) else { return false }
        let shape = value.header.pointee.shape
        return shape != ShapeID(Kind.native.rawValue) && shape != methodWrapper && shape != classMethodDescriptor
    }

    static func isUnboundMethod(_ value: Value) -> Bool {
        let shape = value.header.pointee.shape
        return shape == methodDescriptor || shape == slotWrapper
    }
}

// MARK: Binding the arguments of a script's function

/// Rearranges the arguments at `base` (the last ones named by `names`) into one register per parameter.
func bindArguments(
    _ function: FunctionRef, _ base: Registers, _ count: Int, _ names: TupleRef?
) throws(Raised) {
    let code = function.pointee.code
    let named = names?.count ?? 0
    let given = count - named
    let positional = Int(code.pointee.argumentCount)
    let keywordOnly = Int(code.pointee.keywordOnlyCount)
    let flags = code.codeFlags
    let total = Int(code.pointee.parameterCount)
    if let names, given <= positional, named <= mostNamedQuickly, flags.isDisjoint(with: [.variadic, .variadicKeywords]),
        bindQuickly(code, base, given, names)
    {
        return try fillDefaults(function, base, given)
    }
    let variadicSlot = flags.contains(.variadic) ? positional + keywordOnly : -1
    let keywordsSlot = flags.contains(.variadicKeywords) ? total - 1 : -1
    // Nothing below runs script code, so the values may lie outside the registers for the moment.
    let namedValues = named == 0 ? nil : UnsafeMutablePointer<Value>.allocate(capacity: named)
    defer { namedValues?.deallocate() }
    namedValues?.update(from: base + given, count: named)
    let extra = max(0, given - positional)
    if extra > 0, variadicSlot < 0 {
        if let names, let namedValues {
            // What is wrong with the keywords is said first.
            for index in min(given, positional) ..< total { base[index] = .absent }
            let keywords = keywordsSlot >= 0 ? Dict.make() : nil
            for index in 0 ..< named {
                try bindKeyword(function, names.items[index], namedValues[index], base, keywords, names)
            }
        }
        throw tooManyPositional(function, given, namedValues, names)
    }
    let rest = variadicSlot >= 0 ? Value(Tuple.make(base + min(given, positional), extra)) : .none
    for index in min(given, positional) ..< total { base[index] = .absent }
    if variadicSlot >= 0 { base[variadicSlot] = rest }
    let keywords = keywordsSlot >= 0 ? Dict.make() : nil
    if let keywords { base[keywordsSlot] = Value(keywords) }
    if let names, let namedValues {
        for index in 0 ..< named {
            try bindKeyword(function, names.items[index], namedValues[index], base, keywords, names)
        }
    }
    try fillDefaults(function, base, given)
    _ = keywordOnly
}

/// How many named arguments `bindQuickly` takes.
private let mostNamedQuickly = 16

/// Where it keeps them for the moment; whoever holds the GIL may use it, until the next call.
nonisolated(unsafe) private let namedQuickly = UnsafeMutablePointer<Value>.allocate(capacity: mostNamedQuickly)

/// Puts the named arguments in their places, if each names a parameter (by its very string, which both the call and the function
/// have interned) that has no argument yet. Else false, and all is as it was.
private func bindQuickly(_ code: CodeRef, _ base: Registers, _ given: Int, _ names: TupleRef) -> Bool {
    let named = names.count
    namedQuickly.update(from: base + given, count: named)
    for index in given ..< Int(code.pointee.parameterCount) { base[index] = .absent }
    let first = max(given, Int(code.pointee.positionalOnlyCount))
    let last = Int(code.pointee.argumentCount + code.pointee.keywordOnlyCount)
    let parameters = code.pointee.localNames.object(Tuple.self).items
    for index in 0 ..< named {
        var place = first
        while place < last, parameters[place] != names.items[index] { place += 1 }
        guard place < last, base[place].isAbsent else {
            (base + given).update(from: namedQuickly, count: named)
            return false
        }
        base[place] = namedQuickly[index]
    }
    return true
}

private func bindKeyword(
    _ function: FunctionRef, _ key: Value, _ value: Value, _ base: Registers, _ keywords: DictRef?, _ names: TupleRef?
) throws(Raised) {
    let code = function.pointee.code
    guard key.isKind(.str) else { throw typeError("keywords must be strings") }
    let name = key.object(Str.self)
    let last = Int(code.pointee.argumentCount + code.pointee.keywordOnlyCount)
    let localNames = code.pointee.localNames.object(Tuple.self)
    var index = Int(code.pointee.positionalOnlyCount)
    while index < last {
        if localNames.items[index] == key || localNames.items[index].object(Str.self).equals(name) {
            guard base[index].isAbsent else {
                throw typeError("\(functionName(function))() got multiple values for argument '\(name.string)'")
            }
            base[index] = value
            return
        }
        index += 1
    }
    if let keywords {
        keywords.set(name, value)
        return
    }
    let positionalOnly = (0 ..< Int(code.pointee.positionalOnlyCount)).map { localNames.items[$0].object(Str.self) }
    if positionalOnly.contains(where: { $0.equals(name) }), let names {
        let given = positionalOnly.filter { parameter in
            (0 ..< names.count).contains { names.items[$0].isKind(.str) && names.items[$0].object(Str.self).equals(parameter) }
        }
        throw typeError(
            "\(functionName(function))() got some positional-only arguments passed as keyword arguments: '\(given.map { $0.string }.joined(separator: ", "))'")
    }
    let known = (Int(code.pointee.positionalOnlyCount) ..< Int(code.pointee.argumentCount + code.pointee.keywordOnlyCount)).map {
        localNames.items[$0].object(Str.self).string
    }
    let hint = Suggestions.nearest(to: name.string, among: known).map { ". Did you mean '\($0)'?" } ?? ""
    throw typeError("\(functionName(function))() got an unexpected keyword argument '\(name.string)'\(hint)")
}

private func fillDefaults(_ function: FunctionRef, _ base: Registers, _ given: Int) throws(Raised) {
    let code = function.pointee.code
    let positional = Int(code.pointee.argumentCount)
    if given < positional {
        let defaults = function.pointee.defaults.isNone ? nil : function.pointee.defaults.object(Tuple.self)
        let defaultCount = defaults?.count ?? 0
        let firstDefault = positional - defaultCount
        var missing: [String] = []
        for index in given ..< positional where base[index].isAbsent {
            if index >= firstDefault, let defaults {
                base[index] = defaults.items[index - firstDefault]
            } else {
                missing.append(code.localName(index).string)
            }
        }
        if !missing.isEmpty { throw missingArguments(function, missing, "positional") }
    }
    let keywordOnly = Int(code.pointee.keywordOnlyCount)
    guard keywordOnly > 0 else { return }
    let defaults = function.pointee.keywordDefaults.isNone ? nil : function.pointee.keywordDefaults.object(Dict.self)
    var missing: [String] = []
    for index in positional ..< positional + keywordOnly where base[index].isAbsent {
        let value = defaults?.get(code.localName(index)) ?? .absent
        if value.isAbsent { missing.append(code.localName(index).string) } else { base[index] = value }
    }
    if !missing.isEmpty { throw missingArguments(function, missing, "keyword-only") }
}

private func functionName(_ function: FunctionRef) -> String { function.pointee.qualifiedName.object(Str.self).string }

private func missingArguments(_ function: FunctionRef, _ names: [String], _ what: String) -> Raised {
    let quoted = names.map { "'\($0)'" }
    let list: String
    switch quoted.count {
    case 1: list = quoted[0]
    case 2: list = "\(quoted[0]) and \(quoted[1])"
    default: list = quoted.dropLast().joined(separator: ", ") + ", and " + (quoted.last ?? "")
    }
    let plural = names.count == 1 ? "" : "s"
    return typeError("\(functionName(function))() missing \(names.count) required \(what) argument\(plural): \(list)")
}

private func tooManyPositional(
    _ function: FunctionRef, _ given: Int, _ namedValues: UnsafeMutablePointer<Value>?, _ names: TupleRef?
) -> Raised {
    let code = function.pointee.code
    let positional = Int(code.pointee.argumentCount)
    let defaults = function.pointee.defaults.isNone ? 0 : function.pointee.defaults.object(Tuple.self).count
    var keywordOnlyGiven = 0
    if let names {
        for index in 0 ..< names.count {
            for slot in positional ..< positional + Int(code.pointee.keywordOnlyCount)
            where code.localName(slot).equals(names.items[index].object(Str.self)) {
                keywordOnlyGiven += 1
            }
        }
    }
    let takes: String
    let plural: Bool
    if defaults > 0 {
        takes = "from \(positional - defaults) to \(positional)"
        plural = true
    } else {
        takes = "\(positional)"
        plural = positional != 1
    }
    var had = "\(given)"
    if keywordOnlyGiven > 0 {
        had += " positional argument\(given == 1 ? "" : "s") (and \(keywordOnlyGiven) keyword-only argument\(keywordOnlyGiven == 1 ? "" : "s"))"
    }
    return typeError(
        "\(functionName(function))() takes \(takes) positional argument\(plural ? "s" : "") but \(had) \(given == 1 && keywordOnlyGiven == 0 ? "was" : "were") given")
}
