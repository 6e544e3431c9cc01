// The built-in descriptors: property, classmethod, staticmethod, and the attributes that native classes define.

/// property.
public struct Property {
    var header: ObjectHeader
    /// `fget`, or None.
    public var getter: Value
    /// `fset`, or None.
    public var setter: Value
    /// `fdel`, or None.
    public var deleter: Value
    var doc: Value
    /// The name it was bound to in a class body, for error messages; absent if none.
    var name: Value

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let property = object.assumingMemoryBound(to: Property.self)
        marker.mark(property.pointee.getter)
        marker.mark(property.pointee.setter)
        marker.mark(property.pointee.deleter)
        marker.mark(property.pointee.doc)
        marker.mark(property.pointee.name)
        traceExtra(object, .property, &marker)
    }
}

extension UnsafeMutablePointer<Property> {
    func get(_ instance: Value) throws(Raised) -> Value {
        guard !pointee.getter.isNone else { throw missing("getter", instance) }
        return try callValue(pointee.getter, instance)
    }

    /// Sets, or deletes if the value is absent.
    func set(_ instance: Value, _ value: Value) throws(Raised) {
        if value.isAbsent {
            guard !pointee.deleter.isNone else { throw missing("deleter", instance) }
            _ = try callValue(pointee.deleter, instance)
        } else {
            guard !pointee.setter.isNone else { throw missing("setter", instance) }
            _ = try callValue(pointee.setter, instance, value)
        }
    }

    private func missing(_ part: String, _ instance: Value) -> Raised {
        let cls = instance.cls.pointee.qualifiedName.object(Str.self).string
        if pointee.name.isKind(.str) {
            return raise(
                .attributeError, "property '\(pointee.name.object(Str.self).string)' of '\(cls)' object has no \(part)")
        }
        return raise(.attributeError, "property of '\(cls)' object has no \(part)")
    }
}

/// classmethod.
public struct ClassMethod {
    var header: ObjectHeader
    /// `__func__`: what is bound to the class.
    public var callable: Value
    var dictionary: DictRef?

    static func make(_ callable: Value) -> Value {
        let method = allocateObject(MemoryLayout<ClassMethod>.size, .classMethod, ShapeID(Kind.classMethod.rawValue))
            .assumingMemoryBound(to: ClassMethod.self)
        method.pointee.callable = callable
        method.pointee.dictionary = nil
        return Value(method)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let method = object.assumingMemoryBound(to: ClassMethod.self)
        marker.mark(method.pointee.callable)
        marker.mark(method.pointee.dictionary)
        traceExtra(object, .classMethod, &marker)
    }
}

/// staticmethod.
public struct StaticMethod {
    var header: ObjectHeader
    /// `__func__`: what is handed out as it is.
    public var callable: Value
    var dictionary: DictRef?

    static func make(_ callable: Value) -> Value {
        let method = allocateObject(MemoryLayout<StaticMethod>.size, .staticMethod, ShapeID(Kind.staticMethod.rawValue))
            .assumingMemoryBound(to: StaticMethod.self)
        method.pointee.callable = callable
        method.pointee.dictionary = nil
        return Value(method)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let method = object.assumingMemoryBound(to: StaticMethod.self)
        marker.mark(method.pointee.callable)
        marker.mark(method.pointee.dictionary)
        traceExtra(object, .staticMethod, &marker)
    }
}

/// An attribute of a native class, computed by Swift functions. It begins as a MemberDescriptor does, and has that one's class if
/// it is a member in CPython.
struct GetSetDescriptor {
    var header: ObjectHeader
    var name: StrRef
    var owner: ClassRef
    /// The functions; immortal.
    var accessors: Unmanaged<Accessors>

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let descriptor = object.assumingMemoryBound(to: GetSetDescriptor.self)
        marker.mark(descriptor.pointee.name)
        marker.mark(descriptor.pointee.owner)
    }
}

/// A row that defines an attribute of a native class.
public final class Accessors: Sendable {
    /// Gets the object; returns the attribute.
    public typealias Getter = @Sendable (Value) throws(Raised) -> Value
    /// The value is absent when the attribute is deleted.
    public typealias Setter = @Sendable (Value, Value) throws(Raised) -> Void
    let name: StaticString
    let doc: StaticString
    let getter: Getter
    let setter: Setter?
    /// Whether it shows as a `member_descriptor`.
    let isMember: Bool

    /// Without a setter the attribute is read-only: AttributeError says so.
    public convenience init(_ name: StaticString, _ doc: StaticString = "", _ getter: @escaping Getter, set setter: Setter? = nil) {
        self.init(name, doc, isMember: false, getter, setter)
    }

    private init(_ name: StaticString, _ doc: StaticString, isMember: Bool, _ getter: @escaping Getter, _ setter: Setter?) {
        self.name = name
        self.doc = doc
        self.getter = getter
        self.setter = setter
        self.isMember = isMember
    }

    /// An attribute that CPython keeps as a field of the C struct: a `member_descriptor`.
    public static func member(_ name: StaticString, _ doc: StaticString = "", _ getter: @escaping Getter, set setter: Setter? = nil) -> Accessors {
        Accessors(name, doc, isMember: true, getter, setter)
    }

    func install(in cls: ClassRef) {
        let name = StrTables.intern(name)
        cls.pointee.namespace.set(name, descriptor(name, cls))
    }

    /// What stands for the attribute in a class, under a name that need not be the row's.
    func descriptor(_ name: StrRef, _ cls: ClassRef) -> Value {
        let shape = ShapeID((isMember ? Kind.member : .getSet).rawValue)
        let descriptor = allocateObject(MemoryLayout<GetSetDescriptor>.size, .getSet, shape)
            .assumingMemoryBound(to: GetSetDescriptor.self)
        descriptor.pointee.name = name
        descriptor.pointee.owner = cls
        descriptor.pointee.accessors = Unmanaged.passRetained(self)
        return Value(descriptor)
    }
}

extension UnsafeMutablePointer<GetSetDescriptor> {
    private func check(_ instance: Value) throws(Raised) {
        guard instance.cls.isSubclass(of: pointee.owner) else {
            throw typeError(
                "descriptor '\(pointee.name.string)' for '\(pointee.owner.nameText)' objects doesn't apply to a '\(typeName(instance))' object")
        }
    }

    func get(_ instance: Value) throws(Raised) -> Value {
        try check(instance)
        return try pointee.accessors.takeUnretainedValue().getter(instance)
    }

    func set(_ instance: Value, _ value: Value) throws(Raised) {
        try check(instance)
        let accessors = pointee.accessors.takeUnretainedValue()
        guard let setter = accessors.setter else {
            throw raise(
                .attributeError,
                accessors.isMember ? "readonly attribute"
                    : "attribute '\(pointee.name.string)' of '\(pointee.owner.nameText)' objects is not writable")
        }
        try setter(instance, value)
    }
}

/// A `__slots__` member, or a field of a native exception.
struct MemberDescriptor {
    var header: ObjectHeader
    var name: StrRef
    var owner: ClassRef
    /// The slot of an instance; negative: field -1-slot of an exception; `extraSlot`: an entry of the extra dict.
    var slot: Int

    static let extraSlot = Int.min

    static func make(_ name: StrRef, _ owner: ClassRef, slot: Int) -> Value {
        let member = allocateObject(MemoryLayout<MemberDescriptor>.size, .member, ShapeID(Kind.member.rawValue))
            .assumingMemoryBound(to: MemberDescriptor.self)
        member.pointee.name = name
        member.pointee.owner = owner
        member.pointee.slot = slot
        return Value(member)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let member = object.assumingMemoryBound(to: MemberDescriptor.self)
        marker.mark(member.pointee.name)
        marker.mark(member.pointee.owner)
    }
}

extension UnsafeMutablePointer<MemberDescriptor> {
    private func check(_ instance: Value) throws(Raised) {
        guard instance.cls.isSubclass(of: pointee.owner) else {
            throw typeError(
                "descriptor '\(pointee.name.string)' for '\(pointee.owner.nameText)' objects doesn't apply to a '\(typeName(instance))' object")
        }
    }

    /// The dict behind an instance of a built-in class's subclass; an exception has its own.
    private func extraSlots(of instance: Value, create: Bool) -> DictRef? {
        if instance.isKind(.exception) { return ownDictionary(instance, create: create) }
        guard let slot = extraDictionarySlot(instance) else { return nil }
        if slot.pointee == nil, create { setExtraDictionary(instance, Dict.make()) }
        return slot.pointee
    }

    /// A field of exceptions that most have not got at all: `OSError.characters_written`.
    private var isOptionalField: Bool { pointee.slot == -5 && pointee.owner == ExceptionName.osError.cls }

    func get(_ instance: Value) throws(Raised) -> Value {
        try check(instance)
        let value: Value
        if pointee.slot == MemberDescriptor.extraSlot {
            value = extraSlots(of: instance, create: false)?.get(pointee.name) ?? .absent
        } else if pointee.slot < 0 {
            let field = instance.object(ExceptionObject.self).field(-1 - pointee.slot)
            if field.isNone, isOptionalField { throw raise(.attributeError, pointee.name.string) }
            return field
        } else {
            let object = instance.object(Instance.self)
            value = object.slot(pointee.slot, object.shape).pointee
        }
        if value.isAbsent {
            throw withPlace(
                raise(.attributeError, "'\(fullTypeName(instance))' object has no attribute '\(pointee.name.string)'"),
                instance, pointee.name)
        }
        return value
    }

    /// Sets, or deletes if the value is absent.
    func set(_ instance: Value, _ value: Value) throws(Raised) {
        try check(instance)
        if pointee.slot == MemberDescriptor.extraSlot {
            // Of tuples only struct sequences have such: what they keep beside the items.
            if pointee.owner.pointee.instanceKind == .tuple { throw raise(.attributeError, "readonly attribute") }
            guard let slots = extraSlots(of: instance, create: true) else { return }
            if value.isAbsent {
                if !slots.remove(pointee.name) { throw raise(.attributeError, pointee.name.string) }
            } else {
                slots.set(pointee.name, value)
            }
        } else if pointee.slot < 0 {
            // What a group is made of can't be changed.
            if pointee.owner == ExceptionName.baseExceptionGroup.cls { throw raise(.attributeError, "readonly attribute") }
            let object = instance.object(ExceptionObject.self)
            if value.isAbsent, isOptionalField, object.field(-1 - pointee.slot).isNone { throw raise(.attributeError, pointee.name.string) }
            object.setField(-1 - pointee.slot, value.isAbsent ? .none : value)
        } else {
            let object = instance.object(Instance.self)
            let slot = object.slot(pointee.slot, object.shape)
            if value.isAbsent, slot.pointee.isAbsent { throw raise(.attributeError, pointee.name.string) }
            writeBarrier(object)
            slot.pointee = value
        }
    }
}

// MARK: The extra word of subclasses of built-in classes

/// A new instance of a script's subclass of a built-in class: it has no attributes yet, and its `__del__` is noted.
public func beginExtra(_ object: Value) {
    extraDictionarySlot(object)?.pointee = nil
    if object.cls.pointee.flags.contains(.hasDel) { heap.finalizeInTime(object.address) }
}

/// Instances of a script's subclass of a built-in class end with one word: their dict, made on demand.
public func extraDictionarySlot(_ object: Value) -> UnsafeMutablePointer<DictRef?>? {
    guard object.isPointer else { return nil }
    guard object.cls.hasExtraWord(object.header.pointee.kind) else { return nil }
    return extraWord(object.address, object.header.pointee.kind)
}

/// Puts a dict into the word at an object's end. With it, the object gets a shape that says so: what inline caches know of objects
/// without attributes of their own goes for it no more.
public func setExtraDictionary(_ object: Value, _ dictionary: DictRef) {
    guard let slot = extraDictionarySlot(object) else { return }
    writeBarrier(object.address)
    slot.pointee = dictionary
    object.header.pointee.shape = object.cls.dictionaryShape(inlineCapacity: 0)
}

extension ClassRef {
    /// Whether instances that are no plain ones end in a word for a dict: those of classes that scripts make, and boxes of
    /// native classes that say so (streams).
    func hasExtraWord(_ kind: Kind) -> Bool {
        pointee.flags.contains(.isHeapType) || kind == .box && pointee.flags.contains(.hasDict)
    }
}

/// The word itself; nil for kinds that have none.
private func extraWord(_ object: UnsafeMutableRawPointer, _ kind: Kind) -> UnsafeMutablePointer<DictRef?>? {
    let size: Int
    switch kind {
    case .str:
        let str = object.assumingMemoryBound(to: Str.self)
        let payload = Str.bytesOffset + str.pointee.byteCount
        size = str.isASCII ? (payload + 7) & ~7 : (payload + 7) & ~7 + 16
    case .tuple: size = 16 + object.assumingMemoryBound(to: Tuple.self).count * 8
    case .int: size = IntObject.size(object)
    case .decimal: size = DecimalObject.size(object)
    case .bytes: size = BytesObject.size(object)
    default:
        guard let fixed = kind.fixedSize else { return nil }
        size = fixed
    }
    return (object + size).assumingMemoryBound(to: DictRef?.self)
}

/// Marks the extra word of a subclass's instance.
func traceExtra(_ object: UnsafeMutableRawPointer, _ kind: Kind, _ marker: inout Marker) {
    let shape = object.assumingMemoryBound(to: ObjectHeader.self).pointee.shape
    guard shape >= 104, Shapes.table[Int(shape)].pointee.cls.hasExtraWord(kind) else { return }
    if let dictionary = extraWord(object, kind)?.pointee { marker.mark(dictionary) }
}

extension Kind {
    /// Bytes of the struct of kinds that a script may subclass and that have a fixed size.
    var fixedSize: Int? {
        switch self {
        case .float: MemoryLayout<FloatObject>.stride
        case .complex: MemoryLayout<ComplexObject>.stride
        case .list: MemoryLayout<List>.stride
        case .dict: MemoryLayout<Dict>.stride
        case .set, .frozenset: MemoryLayout<SetObject>.stride
        case .bytearray: MemoryLayout<ByteArray>.stride
        case .property: MemoryLayout<Property>.stride
        case .classMethod, .staticMethod: MemoryLayout<ClassMethod>.stride
        case .module: MemoryLayout<ModuleObject>.stride
        case .box: MemoryLayout<BoxedObject>.stride
        case .superObject: MemoryLayout<SuperObject>.stride
        case .weakReference: MemoryLayout<WeakReference>.stride
        case .genericAlias: MemoryLayout<GenericAlias>.stride
        default: nil
        }
    }
}
