// `str`, `repr`, `ascii` and `format` of anything.

/// `repr(value)`.
public func repr(_ value: Value) throws(Raised) -> StrRef {
    if value.isInlineInt { return Str.make(value.inlineInt) }
    if value.isFloat { return Str.make(value.float) }
    if value.isExactly(.str) { return strRepr(value.object(Str.self)) }
    try currentThread().checkNativeStack()
    let method = value.cls.special(.repr)
    guard !method.isAbsent else { return defaultRepr(value) }
    let result = try callUnbound(method, value)
    guard result.isKind(.str) else {
        throw typeError("__repr__ returned non-string (type \(typeName(result)))")
    }
    return result.object(Str.self)
}

/// `str(value)`.
public func str(_ value: Value) throws(Raised) -> StrRef {
    if value.isExactly(.str) { return value.object(Str.self) }
    if value.isInlineInt || value.isFloat { return try repr(value) }
    // (None, True and False can't be changed by a script either.)
    if value.isBool { return StrTables.intern(value.isTrue ? "True" : "False") }
    try currentThread().checkNativeStack()
    let method = value.cls.special(.str)
    if method.isAbsent || method == Runtime.objectStr { return try repr(value) }
    let result = try callUnbound(method, value)
    guard result.isKind(.str) else {
        throw typeError("__str__ returned non-string (type \(typeName(result)))")
    }
    return result.object(Str.self)
}

/// `ascii(value)`.
public func ascii(_ value: Value) throws(Raised) -> StrRef { strAscii(try repr(value)) }

/// `format(value, specification)`; nil is the empty one.
public func format(_ value: Value, _ specification: StrRef?) throws(Raised) -> StrRef {
    let isEmpty = specification == nil || specification?.pointee.byteCount == 0
    if isEmpty, value.isExactly(.str) || value.isInlineInt || value.isFloat { return try str(value) }
    if let specification {
        if value.isExactly(.str) { return try formatString(value.object(Str.self), specification) }
        if value.isInlineInt { return try formatInt(value, specification) }
        if value.isFloat { return try formatFloat(value.float, specification) }
    }
    let method = value.cls.special(.format)
    guard !method.isAbsent else { throw typeError("unsupported format string passed to \(typeName(value)).__format__") }
    let result = try callUnbound(method, value, specification.map { Value($0) } ?? Value(StrTables.intern("")))
    guard result.isKind(.str) else {
        throw typeError("__format__ must return a str, not \(typeName(result))")
    }
    return result.object(Str.self)
}

/// `<module.Class object at 0x…>`.
func defaultRepr(_ value: Value) -> StrRef {
    let cls = value.cls
    return Str.make("<\(qualifiedClassName(cls)) object at \(addressText(value))>")
}

/// `0x` and at least twelve digits, as CPython's reprs show an address.
public func addressText(_ value: Value) -> String {
    let hex = String(value.bits & Value.addressMask, radix: 16)
    return "0x" + String(repeating: "0", count: max(0, 12 - hex.count)) + hex
}

/// The class's qualified name with its module, unless that is builtins. A class whose module is no text has its plain name only.
public func qualifiedClassName(_ cls: ClassRef) -> String {
    let name = cls.pointee.qualifiedName.isKind(.str) ? cls.pointee.qualifiedName.object(Str.self).string : "?"
    let module = cls.pointee.namespace.get(Names.module)
    guard module.isKind(.str), !module.object(Str.self).equals("builtins") else {
        return cls.pointee.flags.contains(.isHeapType) ? cls.nameText : name
    }
    return "\(module.object(Str.self).string).\(name)"
}

/// The name of an object's class as messages of newer date give it: with its module, save for builtins and the script.
func fullTypeName(_ value: Value) -> String {
    let name = qualifiedClassName(value.cls)
    return name.hasPrefix("__main__.") ? String(name.dropFirst(9)) : name
}

/// Collects text piece by piece; the language's `str` at the end.
public struct TextBuilder {
    private(set) var bytes: [UInt8] = []

    /// Empty.
    public init() {}
    /// Empty, with room for so many bytes, which a short text then does not outgrow.
    init(capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Copies the text, surrogates included.
    public mutating func append(_ str: StrRef) { bytes.append(contentsOf: str.buffer) }
    /// Text of the implementation's own.
    public mutating func append(_ text: String) { bytes.append(contentsOf: text.utf8) }
    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
    /// The text so far; the builder may go on.
    public func make() -> StrRef { Str.make(bytes) }
}

/// Runs `body` unless `value` is already being shown further out; then the result is `placeholder` (`[...]`).
public func guardingRecursion(_ value: Value, _ placeholder: String, _ body: () throws(Raised) -> StrRef) throws(Raised) -> StrRef {
    let t = currentThread()
    let stack = t.pointee.reprStack ?? List.make()
    t.pointee.reprStack = stack
    for index in 0 ..< stack.count where stack.items[index] == value { return Str.make(placeholder) }
    stack.append(value)
    defer { stack.pointee.count -= 1 }
    return try body()
}

/// `[a, b]` and the like: items shown by repr between brackets.
public func showItems(_ open: StaticString, _ close: StaticString, count: () -> Int, _ item: (Int) -> Value) throws(Raised) -> StrRef {
    var text = TextBuilder()
    text.append(open)
    var index = 0
    while index < count() {
        if index > 0 { text.append(", ") }
        text.append(try repr(item(index)))
        index += 1
    }
    text.append(close)
    return text.make()
}
