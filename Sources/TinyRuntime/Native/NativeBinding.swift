// Binding arguments to the parameters of a native function: the signature string is parsed at the first call.
import Glibc
import TinyCompiler

/// Rearranges the arguments at `base` for a native function. No script code runs.
@inline(__always)
func bindNative(
    _ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers, _ count: Int, _ names: TupleRef?, _ r: Registers,
    _ t: ThreadRef
) throws(Raised) -> Arguments {
    if names == nil, count >= Int(record.pointee.plainMinimum), count <= Int(record.pointee.plainMaximum),
        isPlainReceiver(record, base)
    {
        let total = Int(record.pointee.plainTotal)
        if count < total, let defaults = record.pointee.plainDefaults {
            var index = count
            while index < total {
                base[index] = defaults[index]
                index &+= 1
            }
        }
        t.pointee.top = t.top(r == base ? base : t.topOf(r), covering: base, total)
        return Arguments(base, total)
    }
    if names == nil, record.pointee.gathersBehind >= 0, count >= Int(record.pointee.plainMinimum), isPlainReceiver(record, base) {
        let total = Int(record.pointee.plainTotal)
        t.pointee.top = t.top(r == base ? base : t.topOf(r), covering: base, max(count, total))
        gather(record, base, count)
        return Arguments(base, total)
    }
    return try slowBindNative(record, base, count, names, r, t)
}

/// Binds `count` positional arguments to a native function with `*args`, whose plain parameters they suffice for: a tuple of what is too
/// much, the defaults of the others, an empty dict for `**kwargs`.
func gather(_ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers, _ count: Int) {
    guard let binding = record.pointee.binding, let defaults = record.pointee.plainDefaults else { return }
    let slot = Int(record.pointee.gathersBehind)
    let rest = count > slot ? Tuple.make(base + slot, count - slot) : Tuple.make()
    var index = min(count, slot)
    while index < Int(record.pointee.plainTotal) {
        base[index] = defaults[index]
        index &+= 1
    }
    base[slot] = Value(rest)
    if let keywords = binding.pointee.keywordsSlot { base[keywords] = Value(Dict.make()) }
}

@inline(__always)
func isPlainReceiver(_ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers) -> Bool {
    switch record.pointee.receiverCheck {
    case .any: true
    // (A number that is no object is of a class, too.)
    case .kind(let kind): base[0].isPointer ? base[0].header.pointee.kind == kind : isOfSubclass(record, base[0])
    case .subclass: base[0].isKind(.class) && isSubclassOfOwner(record, base[0])
    case .owner: base[0].isPointer && base[0].cls == record.pointee.owner || isOfSubclass(record, base[0])
    }
}

@inline(never)
private func isSubclassOfOwner(_ record: UnsafeMutablePointer<NativeRecord>, _ cls: Value) -> Bool {
    record.pointee.owner.map { cls.object(ClassObject.self).isSubclass(of: $0) } ?? false
}

@inline(never)
private func isOfSubclass(_ record: UnsafeMutablePointer<NativeRecord>, _ receiver: Value) -> Bool {
    record.pointee.owner.map { receiver.cls.isSubclass(of: $0) } ?? false
}

@inline(never)
private func slowBindNative(
    _ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers, _ count: Int, _ names: TupleRef?, _ r: Registers,
    _ t: ThreadRef
) throws(Raised) -> Arguments {
    let binding = record.pointee.binding ?? parse(record)
    t.pointee.top = t.top(r == base ? base : t.topOf(r), covering: base, max(count, binding.pointee.total) + 1)
    try checkReceiver(record, base, count)
    let named = names?.count ?? 0
    let given = count - named
    let total = binding.pointee.total
    if named > 0, !takesNames(binding) { throw noNames(record, base) }
    if given > binding.pointee.positional, binding.pointee.variadicSlot == nil {
        throw wrongCount(record, binding, given, named)
    }
    if named > 0, count > total, binding.pointee.variadicSlot == nil, binding.pointee.keywordsSlot == nil {
        throw tooMany(record, binding, count, isNamed: given == Arity(record, binding).receiver)
    }
    let namedValues = named == 0 ? nil : UnsafeMutablePointer<Value>.allocate(capacity: named)
    defer { namedValues?.deallocate() }
    namedValues?.update(from: base + given, count: named)
    let positional = min(given, binding.pointee.positional)
    let rest = binding.pointee.variadicSlot == nil ? .none : Value(Tuple.make(base + positional, given - positional))
    for index in positional ..< max(total, positional) { base[index] = .absent }
    if let slot = binding.pointee.variadicSlot { base[slot] = rest }
    var keywords: DictRef?
    if let slot = binding.pointee.keywordsSlot {
        let dict = Dict.make()
        base[slot] = Value(dict)
        keywords = dict
    }
    // What is missing is told before what is too much.
    var strange: StrRef?
    if let names, let namedValues {
        for index in 0 ..< named {
            guard names.items[index].isKind(.str) else { throw typeError("keywords must be strings") }
            let name = names.items[index].object(Str.self)
            if try !bindKeyword(record, binding, name, namedValues[index], base, keywords), strange == nil { strange = name }
        }
    }
    for index in positional ..< total where base[index].isAbsent {
        if binding.pointee.isRequired[index] { throw missing(record, binding, index, given) }
        base[index] = binding.pointee.defaults[index]
    }
    if let strange { throw unexpected(record, binding, strange) }
    return Arguments(base, total)
}

/// A method's first argument must be of its class.
private func checkReceiver(_ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers, _ count: Int) throws(Raised) {
    guard let owner = record.pointee.owner, record.pointee.form != .staticMethod else { return }
    guard count > 0, !base[0].isAbsent else {
        let name = record.pointee.name.string
        if record.pointee.form == .slotWrapper || record.pointee.form == .classMethod {
            throw typeError("descriptor '\(name)' of '\(owner.nameText)' object needs an argument")
        }
        throw typeError("unbound method \(owner.nameText).\(name)() needs an argument")
    }
    if record.pointee.form == .classMethod {
        // (Counted as the method's `__get__` counts.)
        guard base[0].isKind(.class) else {
            throw typeError(
                "descriptor '\(record.pointee.name.string)' for type '\(owner.nameText)' needs a type, not a '\(typeName(base[0]))' as arg 2")
        }
        guard !isSubclassOfOwner(record, base[0]) else { return }
        throw typeError(
            "descriptor '\(record.pointee.name.string)' requires a subtype of '\(owner.nameText)' but received '\(base[0].object(ClassObject.self).nameText)'")
    }
    if let kind = record.pointee.selfKind {
        if kind != .immediate, base[0].kind == kind { return }
        if kind == .immediate || !base[0].isPointer, base[0].cls.isSubclass(of: owner) { return }
    } else if base[0].cls.isSubclass(of: owner) {
        return
    }
    let name = record.pointee.name.string
    if record.pointee.form == .slotWrapper {
        throw typeError(
            "descriptor '\(name)' requires a '\(owner.nameText)' object but received a '\(typeName(base[0]))'")
    }
    throw typeError(
        "descriptor '\(name)' for '\(owner.nameText)' objects doesn't apply to a '\(typeName(base[0]))' object")
}

/// Whether any parameter may be given by name.
private func takesNames(_ binding: UnsafeMutablePointer<NativeBinding>) -> Bool {
    binding.pointee.keywordsSlot != nil || binding.pointee.keywordOnly > 0
        || binding.pointee.positionalOnly < binding.pointee.positional
}

/// Puts an argument that was given by name into its place; false if no parameter has the name.
private func bindKeyword(
    _ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>, _ name: StrRef,
    _ value: Value, _ base: Registers, _ keywords: DictRef?
) throws(Raised) -> Bool {
    for slot in namedSlots(binding) where binding.pointee.names[slot].equals(name) {
        guard base[slot].isAbsent else {
            let receiver = record.pointee.owner != nil && record.pointee.form != .staticMethod ? 1 : 0
            throw typeError(
                "argument for \(shownName(record))() given by name ('\(name.string)') and position (\(slot - receiver + 1))")
        }
        base[slot] = value
        return true
    }
    guard let keywords else { return false }
    keywords.set(name, value)
    return true
}

/// The places of the parameters that may be given by name. Lazy: an array took as long as the rest of a call with a keyword.
@inline(__always)
private func namedSlots(_ binding: UnsafeMutablePointer<NativeBinding>) -> LazyMapSequence<Range<Int>, Int> {
    let last = binding.pointee.positional + binding.pointee.keywordOnly
    return (binding.pointee.positionalOnly ..< last).lazy.map { index in
        index < binding.pointee.positional ? index : index + (binding.pointee.variadicSlot == nil ? 0 : 1)
    }
}

private func unexpected(
    _ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>, _ name: StrRef
) -> Raised {
    let known: [String] = namedSlots(binding).map { binding.pointee.names[$0].string }
    let hint = Suggestions.nearest(to: name.string, among: known).map { ". Did you mean '\($0)'?" } ?? ""
    return typeError("\(shownName(record))() got an unexpected keyword argument '\(name.string)'\(hint)")
}

private func noNames(_ record: UnsafeMutablePointer<NativeRecord>, _ base: Registers) -> Raised {
    let name: String
    if record.pointee.form == .classMethod, base[0].isKind(.class) {
        name = "\(base[0].object(ClassObject.self).pointee.qualifiedName.object(Str.self).string).\(record.pointee.name.string)"
    } else if record.pointee.form == .slotWrapper, record.pointee.name != SpecialName.`init`.string {
        name = "wrapper \(record.pointee.name.string)"
    } else {
        name = qualifiedName(record)
    }
    return typeError("\(name)() takes no keyword arguments")
}

/// What messages call the function: the class for `__init__`, which callers know by it.
private func shownName(_ record: UnsafeMutablePointer<NativeRecord>) -> String {
    if record.pointee.name == SpecialName.`init`.string, let owner = record.pointee.owner { return owner.nameText }
    return record.pointee.name.string
}

private func qualifiedName(_ record: UnsafeMutablePointer<NativeRecord>) -> String {
    if record.pointee.owner == nil, let module = record.pointee.module, !module.equals("builtins") {
        return "\(module.string).\(record.pointee.name.string)"
    }
    guard let owner = record.pointee.owner, record.pointee.name != SpecialName.`init`.string else { return shownName(record) }
    return "\(owner.nameText).\(record.pointee.name.string)"
}

/// How many arguments a function takes, as messages count them: without the receiver of a method.
private struct Arity {
    var least: Int
    var most: Int
    /// Some parameter may be given by name.
    var hasKeywords: Bool
    /// Of the required ones, how many can't be given by name.
    var leastPositionalOnly: Int
    var receiver: Int

    init(_ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>) {
        receiver = record.pointee.owner != nil && record.pointee.form != .staticMethod ? 1 : 0
        least = binding.pointee.required - receiver
        most = binding.pointee.positional - receiver
        hasKeywords = record.pointee.form != .plainFunction
            && (binding.pointee.positionalOnly < binding.pointee.positional || binding.pointee.keywordOnly > 0)
        leastPositionalOnly = min(binding.pointee.required, binding.pointee.positionalOnly) - receiver
    }
}

private func plural(_ count: Int) -> String { count == 1 ? "" : "s" }

private func wrongCount(
    _ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>, _ given: Int, _ named: Int
) -> Raised {
    let arity = Arity(record, binding)
    let had = given - arity.receiver
    if arity.hasKeywords {
        let name = shownName(record)
        // A call that could not even be completed by names counts all parameters.
        if given + named > binding.pointee.total, binding.pointee.keywordsSlot == nil { return tooMany(record, binding, given + named, isNamed: false) }
        if arity.most == 0 { return typeError("\(name)() takes no positional arguments") }
        let bound = arity.least < arity.most ? "at most" : "exactly"
        return typeError("\(name)() takes \(bound) \(arity.most) positional argument\(plural(arity.most)) (\(had) given)")
    }
    return wrongPositionalCount(record, arity, had)
}

private func tooMany(
    _ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>, _ count: Int, isNamed: Bool
) -> Raised {
    let receiver = Arity(record, binding).receiver
    let most = binding.pointee.total - receiver
    let noun = isNamed ? "keyword argument" : "argument"
    return typeError("\(shownName(record))() takes at most \(most) \(noun)\(plural(most)) (\(count - receiver) given)")
}

/// As CPython's functions without keywords say it; they come in three kinds: none, exactly one, a range.
private func wrongPositionalCount(_ record: UnsafeMutablePointer<NativeRecord>, _ arity: Arity, _ had: Int) -> Raised {
    let (least, most) = (arity.least, arity.most)
    if record.pointee.form == .slotWrapper, record.pointee.name != SpecialName.`init`.string {
        let count = had < least ? least : most
        // Those of several arguments check them by another function, whose message begins with the (empty) name.
        let bound = most < 2 ? "expected " : least == most ? " expected " : had < least ? " expected at least " : " expected at most "
        return typeError("\(bound)\(count) argument\(plural(count)), got \(had)")
    }
    if most == 0 { return typeError("\(qualifiedName(record))() takes no arguments (\(had) given)") }
    if least == most, most == 1, record.pointee.form != .plainFunction, record.pointee.name != SpecialName.`init`.string {
        return typeError("\(qualifiedName(record))() takes exactly one argument (\(had) given)")
    }
    let bound = least == most ? "" : had < least ? "at least " : "at most "
    let count = had < least ? least : most
    return typeError("\(shownName(record)) expected \(bound)\(count) argument\(plural(count)), got \(had)")
}

private func missing(
    _ record: UnsafeMutablePointer<NativeRecord>, _ binding: UnsafeMutablePointer<NativeBinding>, _ index: Int,
    _ given: Int
) -> Raised {
    let arity = Arity(record, binding)
    let had = max(0, given - arity.receiver)
    if index < binding.pointee.positionalOnly {
        guard arity.hasKeywords else { return wrongPositionalCount(record, arity, had) }
        let bound = arity.leastPositionalOnly < arity.most ? "at least" : "exactly"
        let count = arity.leastPositionalOnly
        return typeError("\(shownName(record))() takes \(bound) \(count) positional argument\(plural(count)) (\(had) given)")
    }
    return typeError(
        "\(shownName(record))() missing required argument '\(binding.pointee.names[index].string)' (pos \(index - arity.receiver + 1))")
}

// MARK: Parsing signatures

/// Parses "name(a, b=1, /, c=None, *args, d=?, **kwargs)".
public func parse(_ record: UnsafeMutablePointer<NativeRecord>) -> UnsafeMutablePointer<NativeBinding> {
    var binding = NativeBinding(
        names: [], defaults: [], isRequired: [], positional: 0, positionalOnly: 0, required: 0, keywordOnly: 0,
        variadicSlot: nil, keywordsSlot: nil, total: 0, defaultTexts: [])
    let signature = record.pointee.signature
    let text = UnsafeBufferPointer(start: signature.utf8Start, count: signature.utf8CodeUnitCount)
    var opening = 0
    while opening < text.count, text[opening] != UInt8(ascii: "(") { opening += 1 }
    var keywordOnly = false
    // Between the parentheses; nothing stands behind the second.
    let start = min(opening + 1, text.count)
    for parameter in splitParameters(text.part(start, max(start, text.count - 1))) {
        var stars = 0
        while stars < parameter.count, parameter[stars] == UInt8(ascii: "*") { stars += 1 }
        let words = parameter.part(stars, parameter.count)
        if words.isEmpty {
            keywordOnly = true
            continue
        }
        if words.count == 1, words[0] == UInt8(ascii: "/") {
            binding.positionalOnly = binding.names.count
            continue
        }
        let (isVariadic, isKeywords) = (stars > 0, stars > 1)
        var end = 0
        while end < words.count, words[end] != UInt8(ascii: "=") { end += 1 }
        let equals = end < words.count ? end : nil
        let slot = binding.names.count
        binding.names.append(StrTables.intern(Str.make(words.part(0, end))))
        let defaultText = equals.map { String(decoding: words.part($0 + 1, words.count), as: UTF8.self) } ?? ""
        binding.defaultTexts.append(defaultText)
        let value = equals.map { defaultValue(words.part($0 + 1, words.count)) } ?? .absent
        if value.isPointer { heap.permanentRoots.append(value) }
        binding.defaults.append(value)
        binding.isRequired.append(equals == nil && !isVariadic)
        if isKeywords {
            binding.keywordsSlot = slot
        } else if isVariadic {
            binding.variadicSlot = slot
            keywordOnly = true
        } else if keywordOnly {
            binding.keywordOnly += 1
        } else {
            binding.positional += 1
            if equals == nil { binding.required += 1 }
        }
    }
    binding.total = binding.names.count
    let memory = UnsafeMutablePointer<NativeBinding>.allocate(capacity: 1)
    let behind = binding.isRequired.suffix(binding.keywordOnly + (binding.keywordsSlot == nil ? 0 : 1))
    let isPlain = binding.variadicSlot == nil && binding.keywordsSlot == nil && !behind.contains(true)
    let gathers = binding.variadicSlot == binding.positional && !behind.contains(true)
    memory.initialize(to: binding)
    record.pointee.binding = memory
    if isPlain || gathers {
        let defaults = UnsafeMutablePointer<Value>.allocate(capacity: max(1, binding.total))
        for (index, value) in binding.defaults.enumerated() { (defaults + index).initialize(to: value) }
        record.pointee.plainDefaults = defaults
        record.pointee.plainTotal = Int32(binding.total)
        record.pointee.plainMinimum = Int32(binding.required)
        if gathers {
            record.pointee.gathersBehind = Int32(binding.positional)
            return memory
        }
        record.pointee.plainMaximum = Int32(binding.positional)
        if binding.positional == binding.total, record.pointee.intrinsic == .none { record.pointee.quickCount = Int32(binding.total) }
    }
    return memory
}

/// The parameters between the commas of a signature, which has a space behind each comma and no other. (Of plain pointers: slices
/// of slices are generic code, which looks its types up at every first call of a function.)
private func splitParameters(_ text: UnsafeBufferPointer<UInt8>) -> [UnsafeBufferPointer<UInt8>] {
    var result: [UnsafeBufferPointer<UInt8>] = []
    var (start, index, depth) = (0, 0, 0)
    var quote: UInt8?
    while index < text.count {
        let octet = text[index]
        if let open = quote {
            if octet == open { quote = nil }
            index += 1
            continue
        }
        switch octet {
        case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = octet
        case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
        case UInt8(ascii: ",") where depth == 0:
            result.append(text.part(start, index))
            start = index + 1
        case UInt8(ascii: " ") where start == index: start = index + 1
        default: break
        }
        index += 1
    }
    if start < text.count { result.append(text.part(start, text.count)) }
    return result
}

/// The value of a default as written in a signature: a small literal, or `?` for "absent". (Octets, not strings: a signature is read
/// when its class is first looked at, which may be late, and Swift's strings are code that many programs run for nothing else.)
private func defaultValue(_ text: UnsafeBufferPointer<UInt8>) -> Value {
    func reads(_ word: StaticString) -> Bool {
        text.count == word.utf8CodeUnitCount && text.baseAddress.map { memcmp($0, word.utf8Start, text.count) == 0 } ?? false
    }
    guard let first = text.first, !reads("?") else { return .absent }
    if reads("None") { return .none }
    if reads("True") { return .true }
    if reads("False") { return .false }
    if reads("()") { return Value(Tuple.make()) }
    let isNegative = first == UInt8(ascii: "-")
    var number = 0
    var digits = isNegative ? 1 : 0
    while digits < text.count, text[digits] &- 0x30 < 10 {
        let (tens, isLarge) = number.multipliedReportingOverflow(by: 10)
        let (next, isLarger) = tens.addingReportingOverflow(Int(text[digits] &- 0x30))
        if isLarge || isLarger { return .absent }
        number = next
        digits += 1
    }
    if digits == text.count, digits > (isNegative ? 1 : 0) { return Value(isNegative ? -number : number) }
    if first &- 0x30 < 10 || isNegative {
        var copy = [CChar](repeating: 0, count: text.count + 1)
        for index in 0 ..< text.count { copy[index] = CChar(bitPattern: text[index]) }
        return Value(strtod(copy, nil))
    }
    let isBytes = text.count >= 3 && first == UInt8(ascii: "b") && text[1] == UInt8(ascii: "'")
    guard isBytes || first == UInt8(ascii: "'") || first == UInt8(ascii: "\""), text.count >= 2 else { return .absent }
    var contents: [UInt8] = []
    var isEscaped = false
    for index in (isBytes ? 2 : 1) ..< text.count - 1 {
        let octet = text[index]
        if isEscaped {
            contents.append(octet == UInt8(ascii: "n") ? 0x0A : octet == UInt8(ascii: "t") ? 0x09 : octet)
            isEscaped = false
        } else if octet == UInt8(ascii: "\\") {
            isEscaped = true
        } else {
            contents.append(octet)
        }
    }
    if isBytes { return BytesObject.make(contents) }
    return Value(contents.withUnsafeBufferPointer { StrTables.intern(Str.make($0)) })
}
