// How classes come to be: the built-in ones from tables, the script's from `type(name, bases, namespace)`.

/// A built-in class as a table: what an object type adds to the language in one place.
public struct NativeClass: Sendable {
    /// `__name__`; the module is that which adds the class.
    public let name: StaticString
    /// How instances lie in memory.
    public let kind: Kind
    let doc: StaticString
    /// What may be done with the class and its instances.
    public let flags: ClassFlags
    /// Made when the class is first looked at (see PendingContents).
    let methods: @Sendable () -> [Native]
    let attributes: @Sendable () -> [Accessors]
    let construct: NativeBody?
    let quick: QuickConstruction?

    /// - Parameters:
    ///   - kind: how instances lie in memory; `.box` for Swift objects.
    ///   - construct: what calling the class does: args[0] is the class, args[1] a tuple, args[2] a dict of keywords.
    ///   - quick: the same and `__init__` in one, where objects of the class are made often.
    public init(
        _ name: StaticString, kind: Kind, doc: StaticString = "", flags: ClassFlags = [],
        methods: @autoclosure @escaping @Sendable () -> [Native] = [], attributes: @autoclosure @escaping @Sendable () -> [Accessors] = [],
        construct: NativeBody? = nil, quick: QuickConstruction? = nil
    ) {
        self.name = name
        self.kind = kind
        self.doc = doc
        self.flags = flags
        self.methods = methods
        self.attributes = attributes
        self.construct = construct
        self.quick = quick
    }
}

extension ClassObject {
    /// Memory for a class of this metaclass, with everything but names, bases and order unset.
    static func allocate(_ metaShape: ShapeID) -> ClassRef {
        let cls = allocateObject(MemoryLayout<ClassObject>.size, .class, metaShape).assumingMemoryBound(to: ClassObject.self)
        let header = cls.pointee.header
        cls.initialize(
            to: ClassObject(
                header: header, name: .none, qualifiedName: .none, bases: .none, mro: .none, ownNamespace: Dict.make(),
                base: nil, rootShape: nil, dictShape: nil, specials: nil, flags: [], instanceKind: .instance,
                slotCount: 0, inlineHint: 0, flushes: 0, subclasses: nil, construct: nil))
        cls.pointee.header.flags.insert(.releases)
        return cls
    }

    /// A built-in class. `shape`: its fixed number, if its kind has one of its own.
    public static func makeNative(
        _ name: String, kind: Kind, bases: [ClassRef], shape: ShapeID? = nil, flags: ClassFlags = [],
        module: String = "builtins", metaclass: ClassRef? = nil
    ) -> ClassRef {
        let metaShape = metaclass?.pointee.rootShape?.pointee.id ?? ShapeID(Kind.class.rawValue)
        let cls = allocate(metaShape)
        heap.permanentRoots.append(Value(cls))
        cls.pointee.name = Value(StrTables.intern(name))
        cls.pointee.qualifiedName = cls.pointee.name
        cls.pointee.bases = Value(Tuple.make(bases.map { Value($0) }))
        cls.pointee.base = bases.first
        cls.pointee.instanceKind = kind
        cls.pointee.flags = flags.contains(.isException) ? flags : flags.union(.isNamedWithModule)
        if let base = bases.first {
            cls.pointee.flags.formUnion(base.pointee.flags.intersection(inheritedFlags))
            if cls.pointee.construct == nil, let construct = base.pointee.construct {
                cls.pointee.construct = Unmanaged.passRetained(construct.takeUnretainedValue())
            }
        }
        // The bases of built-in classes always have a consistent order.
        let order = (try? linearize(cls, bases)) ?? [Value(cls)]
        cls.pointee.mro = Value(Tuple.make(order))
        for base in bases { base.register(cls) }
        cls.pointee.rootShape = Shapes.make(cls, id: shape)
        if module != "builtins" { cls.pointee.ownNamespace.set(Names.module, Value(StrTables.intern(module))) }
        return cls
    }

    /// Docstrings of built-in classes whose namespace has another `__doc__`; a handful.
    nonisolated(unsafe) static var nativeDocs: [(cls: ClassRef, doc: StaticString)] = []

    static let inheritedFlags: ClassFlags = [
        .isException, .isMetaclass, .hasDict, .hasDel, .matchesSequence, .matchesMapping, .isWeakReferenceable,
        .matchSelf, .keepsFields, .isOrdered,
    ]
}

extension ClassRef {
    /// Gives a class what its table says: how it is made at once, its methods and attributes when they are first looked for.
    public func fill(_ table: NativeClass) {
        if let construct = table.construct {
            pointee.construct?.release()
            pointee.construct = Unmanaged.passRetained(NativeConstructor(construct, quick: table.quick))
        }
        pointee.flags.formUnion(table.flags)
        fillLater { $0.fillNamespace(table) }
    }

    private func fillNamespace(_ table: NativeClass) {
        let ownKind: Kind? = [.instance, .box, .exception, .member].contains(table.kind) ? nil : table.kind
        for native in table.methods() { native.install(in: self, selfKind: ownKind) }
        for attribute in table.attributes() { attribute.install(in: self) }
        if table.construct != nil, self != Runtime.objectClass { ObjectMethods.installNew(in: self) }
        let namespace = pointee.namespace
        switch table.kind {
        // What compares by value and can change is unhashable.
        case .list, .dict, .set, .bytearray: namespace.set(SpecialName.hash.string, .none)
        default: break
        }
        guard table.doc.utf8CodeUnitCount > 0 else { return }
        if namespace.find(Names.doc) < 0 {
            namespace.set(Names.doc, Value(Str.make(table.doc)))
        } else {
            // Instances have a `__doc__` of their own, through the descriptor that stands there.
            ClassObject.nativeDocs.append((self, table.doc))
        }
    }
}

// MARK: Method resolution order

/// The C3 order of a class with these bases (Barrett et al., "A Monotonic Superclass Linearization for Dylan").
func linearize(_ cls: ClassRef, _ bases: [ClassRef]) throws(Raised) -> [Value] {
    if bases.count == 1 {
        let order = bases[0].pointee.mro.object(Tuple.self)
        return [Value(cls)] + UnsafeBufferPointer(start: order.items, count: order.count)
    }
    var sequences: [[ClassRef]] = []
    for base in bases {
        let order = base.pointee.mro.object(Tuple.self)
        sequences.append((0 ..< order.count).map { order.items[$0].object(ClassObject.self) })
    }
    sequences.append(bases)
    var result = [Value(cls)]
    while true {
        sequences.removeAll { $0.isEmpty }
        if sequences.isEmpty { return result }
        var candidate: ClassRef?
        for sequence in sequences {
            let head = sequence[0]
            if !sequences.contains(where: { $0.dropFirst().contains(head) }) {
                candidate = head
                break
            }
        }
        guard let candidate else {
            var names: [String] = []
            for sequence in sequences where !names.contains(sequence[0].nameText) { names.append(sequence[0].nameText) }
            throw typeError(
                "Cannot create a consistent method resolution order (MRO) for bases \(names.joined(separator: ", "))")
        }
        result.append(Value(candidate))
        for index in sequences.indices where sequences[index].first == candidate { sequences[index].removeFirst() }
    }
}

// MARK: Classes of the script

/// What `type.__new__` does: a new class from a name, a tuple of classes and a namespace that it copies.
func makeClass(
    _ metaclass: ClassRef, _ name: StrRef, _ bases: TupleRef, _ namespace: DictRef, _ keywords: DictRef?
) throws(Raised) -> ClassRef {
    var baseClasses: [ClassRef] = []
    for index in 0 ..< bases.count {
        let base = bases.items[index]
        guard base.isKind(.class) else {
            throw typeError("bases must be types")
        }
        let cls = base.object(ClassObject.self)
        guard cls.pointee.flags.contains(.isBase) || cls.pointee.flags.contains(.isHeapType) else {
            throw typeError("type '\(qualifiedClassName(cls))' is not an acceptable base type")
        }
        // Its order is being found out by a metaclass's mro() that makes classes itself.
        if cls.pointee.rootShape == nil { throw typeError("Cannot extend an incomplete type '\(cls.nameText)'") }
        if baseClasses.contains(cls) { throw typeError("duplicate base class \(cls.nameText)") }
        baseClasses.append(cls)
    }
    if baseClasses.isEmpty { baseClasses = [Runtime.objectClass] }
    let solid = try solidBase(baseClasses)
    let cls = ClassObject.allocate(metaclass.pointee.rootShape.unsafelyUnwrapped.pointee.id)
    cls.pointee.name = Value(name)
    cls.pointee.qualifiedName = Value(name)
    cls.pointee.bases = Value(Tuple.make(baseClasses.map { Value($0) }))
    cls.pointee.base = solid
    cls.pointee.instanceKind = solid.pointee.instanceKind
    cls.pointee.flags = [.isHeapType, .isBase]
    for base in baseClasses {
        cls.pointee.flags.formUnion(base.pointee.flags.intersection(ClassObject.inheritedFlags))
    }
    if let construct = solid.pointee.construct {
        cls.pointee.construct = Unmanaged.passRetained(construct.takeUnretainedValue())
    }
    cls.pointee.ownNamespace = namespace.copy()
    try warnOfForeignKeys(cls)
    let doc = cls.pointee.namespace.get(Names.doc)
    if doc.isKind(.str) { _ = try Codecs.encode(doc.object(Str.self), .utf8, ErrorPolicy(nil)) }
    try finishNamespace(cls)
    try addSlots(cls, solid)
    // A class with __eq__ and no __hash__ (which may be a slot) is unhashable.
    if cls.pointee.namespace.find(SpecialName.eq.string) >= 0, cls.pointee.namespace.find(SpecialName.hash.string) < 0 {
        cls.pointee.namespace.set(SpecialName.hash.string, .none)
    }
    if cls.pointee.namespace.find(Names.doc) < 0 { cls.pointee.namespace.set(Names.doc, .none) }
    let order = try classOrder(cls, metaclass, baseClasses)
    cls.pointee.mro = Value(Tuple.make(order))
    // Which pattern of `match` it fits is said by the first class of its order that fits one.
    cls.pointee.flags.subtract([.matchesSequence, .matchesMapping])
    if let first = order.dropFirst().first(where: {
        !$0.object(ClassObject.self).pointee.flags.isDisjoint(with: [.matchesSequence, .matchesMapping])
    }) {
        let flags = first.object(ClassObject.self).pointee.flags
        cls.pointee.flags.formUnion(flags.contains(.matchesMapping) ? .matchesMapping : .matchesSequence)
    }
    if cls.pointee.namespace.find(SpecialName.del.string) >= 0 { cls.pointee.flags.insert(.hasDel) }
    for base in baseClasses { base.register(cls) }
    if cls.pointee.instanceKind == .instance {
        cls.pointee.inlineHint = max(cls.pointee.inlineHint, cls.pointee.slotCount + Int32(guessSlots(cls)))
    }
    cls.pointee.rootShape = cls.makeRootShape()
    try announceNames(cls)
    try initSubclass(cls, keywords)
    return cls
}

private func warnOfForeignKeys(_ cls: ClassRef) throws(Raised) {
    var position = 0
    while let entry = cls.pointee.namespace.next(&position) {
        if entry.pointee.key.isKind(.str) { continue }
        try warn(.runtimeWarning, "non-string key in the __dict__ of class \(cls.nameText)")
        return
    }
}

/// A class's name must be one that C could take.
func checkClassName(_ name: StrRef) throws(Raised) {
    if name.buffer.contains(0) { throw valueError("type name must not contain null characters") }
    _ = try Codecs.encode(name, .utf8, ErrorPolicy(nil))
}

/// `metaclass.mro()` if the script overrides it, C3 otherwise.
func classOrder(_ cls: ClassRef, _ metaclass: ClassRef, _ bases: [ClassRef]) throws(Raised) -> [Value] {
    let order = try linearize(cls, bases)
    cls.pointee.mro = Value(Tuple.make(order))
    let method = metaclass.lookup(Names.mro)
    guard method.isKind(.function) else { return order }
    let list = try makeList(try callUnbound(method, Value(cls)))
    if list.count == 0 { throw typeError("type MRO must not be empty") }
    let layout = layoutOwner(cls)
    for index in 0 ..< list.count {
        let entry = list.items[index]
        guard entry.isKind(.class) else { throw typeError("mro() returned a non-class ('\(typeName(entry))')") }
        guard layout.isSubclass(of: layoutOwner(entry.object(ClassObject.self))) else {
            throw typeError(
                "mro() returned base with unsuitable layout ('\(entry.object(ClassObject.self).nameText)')")
        }
    }
    return (0 ..< list.count).map { list.items[$0] }
}

/// The base whose layout instances extend; two that don't contain each other can't be joined.
private func solidBase(_ bases: [ClassRef]) throws(Raised) -> ClassRef {
    var winner = bases[0]
    for base in bases.dropFirst() {
        let (own, other) = (layoutOwner(winner), layoutOwner(base))
        if own.isSubclass(of: other) { continue }
        guard other.isSubclass(of: own) else { throw typeError("multiple bases have instance lay-out conflict") }
        winner = base
    }
    return winner
}

/// The nearest class in the chain of layouts that adds something: slots, or what a built-in class keeps of its own.
private func layoutOwner(_ cls: ClassRef) -> ClassRef {
    var current = cls
    while let base = current.pointee.base {
        let flags = current.pointee.flags
        let addsSlots = flags.contains(.isHeapType) && current.pointee.slotCount > base.pointee.slotCount
        let isOwnLayout = !flags.contains(.isHeapType) && current.pointee.namespace.find(SpecialName.new.string) >= 0
        // An exception with fields (`OSError`): here all exceptions lie the same in memory, but their fields share the places.
        let addsFields = flags.contains(.keepsFields) && !base.pointee.flags.contains(.keepsFields)
        if addsSlots || isOwnLayout || addsFields || current.pointee.instanceKind != base.pointee.instanceKind { return current }
        current = base
    }
    return current
}

/// Takes what has a place of its own out of the namespace, and wraps what is implicitly a class or static method.
private func finishNamespace(_ cls: ClassRef) throws(Raised) {
    let namespace = cls.pointee.namespace
    let qualified = namespace.get(Names.qualname)
    if !qualified.isAbsent {
        guard qualified.isKind(.str) else {
            throw typeError("type __qualname__ must be a str, not \(typeName(qualified))")
        }
        cls.pointee.qualifiedName = qualified
        _ = namespace.remove(Names.qualname)
    }
    // What functions inside refer to: the class, and (what is computed late) its namespace as it is then.
    for (name, value) in [(Names.classcell, Value(cls)), (Names.classdictcell, Value(namespace))] {
        let cell = namespace.get(name)
        if cell.isAbsent { continue }
        guard cell.isKind(.cell) else { throw typeError("\(name.string) must be a nonlocal cell, not \(typeName(cell))") }
        cell.object(Cell.self).set(value)
        _ = namespace.remove(name)
    }
    let new = namespace.get(SpecialName.new.string)
    if new.isKind(.function) { namespace.set(SpecialName.new.string, StaticMethod.make(new)) }
    for name in [SpecialName.initSubclass, .classGetitem] {
        let value = namespace.get(name.string)
        if value.isKind(.function) { namespace.set(name.string, ClassMethod.make(value)) }
    }
    if namespace.find(Names.module) < 0, let frame = currentThread().scriptFrame {
        let module = frame.header.pointee.globals.get(Names.name)
        if !module.isAbsent { namespace.set(Names.module, module) }
    }
}

/// Gives a class whose instances are the first to have a dict the attribute `__dict__`.
private func addDictionaryAttribute(_ cls: ClassRef, _ base: ClassRef) {
    guard base.lookup(Names.dict).isAbsent, cls.pointee.namespace.find(Names.dict) < 0 else { return }
    dictionaryAccessors.install(in: cls)
}

/// Gives a class whose instances are the first to allow weak references the attribute `__weakref__`.
private func addWeakReferenceAttribute(_ cls: ClassRef) {
    let name = StrTables.intern("__weakref__")
    guard !cls.pointee.flags.contains(.isWeakReferenceable), cls.pointee.namespace.find(name) < 0 else { return }
    weakReferenceAccessors.install(in: cls)
}

private let weakReferenceAccessors = Accessors("__weakref__", "list of weak references to the object") { object in
    guard object.isPointer, let head = heap.weakReferences[UInt(bitPattern: object.address)] else { return .none }
    // The newest is at the head of the chain; the shared one without callback is the oldest.
    var reference = head
    while let next = reference.pointee.next { reference = next }
    return Value(reference)
}

/// Lays out `__slots__`.
private func addSlots(_ cls: ClassRef, _ base: ClassRef) throws(Raised) {
    let namespace = cls.pointee.namespace
    let slots = namespace.get(Names.slots)
    cls.pointee.slotCount = base.pointee.slotCount
    cls.pointee.inlineHint = max(base.pointee.inlineHint, base.pointee.slotCount)
    guard !slots.isAbsent else {
        cls.pointee.flags.insert(.hasDict)
        switch cls.pointee.instanceKind {
        // Nor have these a place for weak references; classes have one already.
        case .int, .tuple, .bytes: break
        case .class: cls.pointee.flags.insert(.isWeakReferenceable)
        default:
            addWeakReferenceAttribute(cls)
            cls.pointee.flags.insert(.isWeakReferenceable)
        }
        addDictionaryAttribute(cls, base)
        return
    }
    let names = slots.isKind(.str) ? List.make() : try makeList(slots)
    if slots.isKind(.str) { names.append(slots) }
    // In the order of their names: classes with the same slots lie the same in memory.
    if (0 ..< names.count).allSatisfy({ names.items[$0].isKind(.str) }) { try sort(names, key: .none, reverse: false) }
    // Integers, tuples and bytes end with their data: there is no place behind it.
    switch cls.pointee.instanceKind {
    case .int, .tuple, .bytes, .class:
        guard names.count == 0 else { throw typeError("nonempty __slots__ not supported for subtype of '\(base.nameText)'") }
    default: break
    }
    var added: [StrRef] = []
    for index in 0 ..< names.count {
        guard names.items[index].isKind(.str) else {
            throw typeError("__slots__ items must be strings, not '\(typeName(names.items[index]))'")
        }
        let text = names.items[index].object(Str.self).string
        guard isIdentifier(text) else { throw typeError("__slots__ must be identifiers") }
        if text == "__dict__" {
            if cls.pointee.flags.contains(.hasDict) || cls.pointee.flags.contains(.isException) {
                throw typeError("__dict__ slot disallowed: we already got one")
            }
            cls.pointee.flags.insert(.hasDict)
            addDictionaryAttribute(cls, base)
            continue
        }
        if text == "__weakref__" {
            if cls.pointee.flags.contains(.isWeakReferenceable) {
                throw typeError("__weakref__ slot disallowed: we already got one")
            }
            addWeakReferenceAttribute(cls)
            cls.pointee.flags.insert(.isWeakReferenceable)
            continue
        }
        let name = StrTables.intern(mangle(text, cls.nameText))
        if added.contains(name) { continue }
        added.append(name)
        // The class's own docstring is none if `__doc__` is a slot.
        if namespace.find(name) >= 0, text != "__doc__" || !namespace.get(name).isNone {
            throw valueError("'\(text)' in __slots__ conflicts with class variable")
        }
        let slot: Int
        if cls.pointee.instanceKind == .instance {
            slot = Int(cls.pointee.slotCount)
            cls.pointee.slotCount += 1
        } else {
            slot = MemberDescriptor.extraSlot
        }
        namespace.set(name, MemberDescriptor.make(name, cls, slot: slot))
    }
    cls.pointee.inlineHint = max(cls.pointee.inlineHint, cls.pointee.slotCount)
}

/// How many attributes the methods set on their first parameter, which is almost always self: so many slots go into an
/// instance from the start. A wrong guess costs a little memory, or the overflow buffer.
private func guessSlots(_ cls: ClassRef) -> Int {
    guard cls.pointee.flags.contains(.hasDict) else { return 0 }
    let most = 16
    var names: Set<String> = []
    let order = cls.pointee.mro.object(Tuple.self)
    for index in 0 ..< order.count {
        let namespace = order.items[index].object(ClassObject.self).pointee.namespace
        var position = 0
        while let entry = namespace.next(&position) {
            guard entry.pointee.value.isKind(.function) else { continue }
            names.formUnion(entry.pointee.value.object(Function.self).pointee.code.unit.attributesSet)
            if names.count >= most { return most }
        }
    }
    return names.count
}

private func isIdentifier(_ text: String) -> Bool {
    guard let first = text.unicodeScalars.first, first == "_" || first.properties.isXIDStart else { return false }
    return text.unicodeScalars.allSatisfy { $0.properties.isXIDContinue }
}

/// Private names are mangled with the class's name.
func mangle(_ name: String, _ cls: String) -> String {
    guard name.hasPrefix("__"), !name.hasSuffix("__"), !name.contains(".") else { return name }
    let stripped = cls.drop { $0 == "_" }
    return stripped.isEmpty ? name : "_\(stripped)\(name)"
}

/// Calls `__set_name__` of every attribute that has it.
private func announceNames(_ cls: ClassRef) throws(Raised) {
    let snapshot = cls.pointee.namespace.copy()
    var position = 0
    while let entry = snapshot.next(&position) {
        let value = entry.pointee.value
        if value.isExactly(.property), entry.pointee.key.isKind(.str) {
            if value.object(Property.self).pointee.name.isAbsent { value.object(Property.self).pointee.name = entry.pointee.key }
            continue
        }
        guard value.isPointer else { continue }
        let method = value.cls.special(.setName)
        guard !method.isAbsent else { continue }
        let key = entry.pointee.key
        do {
            _ = try callUnbound(method, value, Value(cls), key)
        } catch {
            let thread = currentThread()
            if thread.pointee.raised.isKind(.exception) {
                let note =
                    "Error calling __set_name__ on '\(typeName(value))' instance '\(key.object(Str.self).string)' in '\(cls.nameText)'"
                thread.pointee.raised.object(ExceptionObject.self).addNote(note)
            }
            throw error
        }
    }
}

/// Calls the next class's `__init_subclass__` with the keywords of the class statement.
private func initSubclass(_ cls: ClassRef, _ keywords: DictRef?) throws(Raised) {
    let order = cls.pointee.mro.object(Tuple.self)
    // `super(cls, cls)`, which finds the method, needs a class that is in its own order; a metaclass's mro() may have left it out.
    guard let own = (0 ..< order.count).first(where: { order.items[$0] == Value(cls) }) else {
        let name = cls.nameText
        throw typeError("super(type, obj): obj (type \(name)) is not an instance or subtype of type (\(name)).")
    }
    for index in own + 1 ..< order.count {
        let found = order.items[index].object(ClassObject.self).pointee.namespace.get(SpecialName.initSubclass.string)
        if found.isAbsent { continue }
        if order.items[index] == Value(Runtime.objectClass) {
            if let keywords, keywords.pointee.count > 0 {
                throw typeError("\(cls.pointee.qualifiedName.object(Str.self).string).__init_subclass__() takes no keyword arguments")
            }
            return
        }
        _ = try callValue(try getDescriptor(found, .absent, cls), Tuple.make(), keywords)
        return
    }
}

// MARK: The class statement

/// `__build_class__(body, name, *bases, metaclass=…, **keywords)`.
func buildClass(_ arguments: Arguments) throws(Raised) -> Value {
    let body = arguments[0]
    let name = arguments[1]
    guard body.isKind(.function), name.isKind(.str) else { throw typeError("__build_class__: func must be a function") }
    let originalBases = arguments[2].object(Tuple.self)
    let keywords = arguments[3].object(Dict.self).copy()
    let bases = try resolveBases(originalBases)
    var metaclass = keywords.get(Names.metaclass)
    if !metaclass.isAbsent { _ = keywords.remove(Names.metaclass) }
    if metaclass.isAbsent { metaclass = bases.count == 0 ? Value(Runtime.typeClass) : Value(bases.items[0].cls) }
    if metaclass.isKind(.class) {
        metaclass = Value(try mostDerivedMetaclass(metaclass.object(ClassObject.self), bases))
    }
    let prepare = try getOptionalAttribute(metaclass, SpecialName.prepare.string)
    let namespace = prepare.isAbsent
        ? Value(Dict.make()) : try callValue(prepare, Tuple.make(name, Value(bases)), keywords)
    guard namespace.isKind(.dict) || namespace.cls.has(.getitem) else {
        let shown = metaclass.isKind(.class) ? metaclass.object(ClassObject.self).nameText : "<metaclass>"
        throw typeError("\(shown).__prepare__() must return a mapping, not \(typeName(namespace))")
    }
    let cell = try runBody(body.object(Function.self), namespace)
    if bases != originalBases { try setItem(namespace, Value(Names.origBases), Value(originalBases)) }
    let cls = try callValue(metaclass, Tuple.make(name, Value(bases), namespace), keywords)
    if cell.isKind(.cell), cls.isKind(.class) {
        let held = cell.object(Cell.self).pointee.value
        if held.isAbsent {
            throw raise(
                .runtimeError,
                "__class__ not set defining '\(name.object(Str.self).string)' as \(try repr(cls).string). Was __classcell__ propagated to type.__new__?")
        }
        if held != cls {
            throw typeError(
                "__class__ set to \(try repr(held).string) defining '\(name.object(Str.self).string)' as \(try repr(cls).string)")
        }
    }
    return cls
}

/// Runs a class body in a namespace; what it returns is its `__class__` cell or None.
func runBody(_ function: FunctionRef, _ namespace: Value) throws(Raised) -> Value {
    let t = currentThread()
    return try t.runNested { base in
        let window = base + 1 + CallLayoutWords
        window.header.pointee.callable = Value(function)
        let next = enterBody(function, window, base, t)
        if next.r == window {
            next.r.header.pointee.extra = namespace
            next.r.header.pointee.flags.insert(.hasNamespace)
        }
        return next
    }
}

/// Replaces bases that are no classes by what their `__mro_entries__` gives.
private func resolveBases(_ bases: TupleRef) throws(Raised) -> TupleRef {
    var needsWork = false
    for index in 0 ..< bases.count where !bases.items[index].isKind(.class) { needsWork = true }
    guard needsWork else { return bases }
    let list = List.make()
    var isChanged = false
    for index in 0 ..< bases.count {
        let base = bases.items[index]
        let method = base.isKind(.class) ? .absent : try getOptionalAttribute(base, SpecialName.mroEntries.string)
        if method.isAbsent {
            list.append(base)
            continue
        }
        let entries = try callValue(method, Value(bases))
        guard entries.isKind(.tuple) else { throw typeError("__mro_entries__ must return a tuple") }
        isChanged = true
        try extend(list, entries)
    }
    guard isChanged else { return bases }
    return list.count == 0 ? Tuple.make() : Tuple.make(list.items, list.count)
}

/// The metaclass that all bases' metaclasses agree to.
func mostDerivedMetaclass(_ metaclass: ClassRef, _ bases: TupleRef) throws(Raised) -> ClassRef {
    var winner = metaclass
    for index in 0 ..< bases.count {
        let candidate = bases.items[index].cls
        if winner.isSubclass(of: candidate) { continue }
        guard candidate.isSubclass(of: winner) else {
            throw typeError(
                "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases")
        }
        winner = candidate
    }
    return winner
}

// MARK: Attributes of classes

/// `cls.name = value`, or its deletion if the value is absent.
func setClassAttribute(_ cls: ClassRef, _ name: StrRef, _ value: Value) throws(Raised) {
    let metaclass = Value(cls).cls
    let meta = metaclass.lookup(name)
    if meta.isKind(.getSet) {
        return try meta.object(GetSetDescriptor.self).set(Value(cls), value)
    }
    if meta.isKind(.property), !meta.hasScriptAccess { return try meta.object(Property.self).set(Value(cls), value) }
    if meta.isPointer, isDataDescriptor(meta) {
        let method = meta.cls.special(value.isAbsent ? .delete : .set)
        if !method.isAbsent {
            _ = value.isAbsent ? try callUnbound(method, meta, Value(cls)) : try callUnbound(method, meta, Value(cls), value)
            return
        }
    }
    guard cls.isMutable else { throw typeError("cannot set '\(name.string)' attribute of immutable type '\(cls.shownName)'") }
    if value.isAbsent {
        guard cls.pointee.namespace.remove(name) else { throw noAttribute(Value(cls), name) }
        cls.changed()
        return
    }
    cls.setAttribute(StrTables.intern(name), value)
    if name.equals("__del__") { cls.pointee.flags.insert(.hasDel) }
}
