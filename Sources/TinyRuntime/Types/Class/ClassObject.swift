// Classes.
//
// A class holds its namespace (a dict), its bases and C3 order, and what instances look like in memory. Special methods
// are found through `specials`, one word per SpecialName, filled on demand: `a + b` costs an indexed load, not a look-up
// by name. A change of a class clears the words of it and its subclasses, renews `Classes.epoch` (which the look-up
// cache compares) and, if an inline cache has ever remembered something of the class, empties all inline caches.
import CTiny

/// A class: built-in, or the script's.
public struct ClassObject {
    var header: ObjectHeader
    /// `__name__`: a str.
    public var name: Value
    /// `__qualname__`: a str.
    public var qualifiedName: Value
    /// Tuples of classes.
    var bases: Value
    /// `__mro__`: a tuple of classes, the class itself first.
    public var mro: Value
    /// The namespace as far as it is filled; what looks at it goes through `namespace`.
    var ownNamespace: DictRef
    /// What is yet to be put there.
    var pending: Unmanaged<PendingContents>?
    /// The base whose memory layout instances extend.
    var base: UnsafeMutablePointer<ClassObject>?
    /// The shape of a new instance; replaced when instances turn out to need more inline slots.
    var rootShape: ShapeRef?
    /// The shape of instances whose attributes lie in a dict.
    var dictShape: ShapeRef?
    var specials: UnsafeMutablePointer<Value>?
    /// What the class allows, and what the runtime notes about it.
    public var flags: ClassFlags
    /// Memory layout of instances.
    public var instanceKind: Kind
    /// `__slots__` members, which take the first slots of an instance.
    public var slotCount: Int32
    /// Slots that a new instance gets room for.
    var inlineHint: Int32
    /// Times that a change of this class emptied the inline caches.
    var flushes: Int32
    /// Subclasses, weak: entries are taken out when a subclass dies.
    var subclasses: Unmanaged<SubclassList>?
    /// The Swift side of a class whose instances are boxes, and native construction.
    var construct: Unmanaged<NativeConstructor>?
}

extension ClassObject {
    /// What the class itself defines (`__dict__`), filled first if it is a built-in class that nobody has looked at.
    public var namespace: DictRef {
        if let pending { pending.takeUnretainedValue().run() }
        return ownNamespace
    }
}

/// A class in the heap.
public typealias ClassRef = UnsafeMutablePointer<ClassObject>

final class SubclassList {
    var classes: [ClassRef] = []
}

extension ClassRef {
    /// Whether no script has made the class.
    @inline(__always)
    public var isBuiltin: Bool { !pointee.flags.contains(.isHeapType) }
}

/// What calling a class with so many positional arguments does, `__init__` included, without a tuple of them. Nil: not for this
/// class (one that overrides something) or these arguments.
public typealias QuickConstruction = @Sendable (ClassRef, Registers, Int) throws(Raised) -> Value?

/// How instances of a built-in class (and of subclasses that don't override `__new__`) come to be.
class NativeConstructor {
    let body: NativeBody
    let quick: QuickConstruction?
    init(_ body: @escaping NativeBody, quick: QuickConstruction? = nil) {
        self.body = body
        self.quick = quick
    }
}

/// Properties of a class that are asked for too often to be looked up.
public struct ClassFlags: OptionSet, Sendable {
    /// The flags as they lie in the class.
    public let rawValue: UInt32

    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Made by a script (or mutable like one).
    public static let isHeapType = ClassFlags(rawValue: 1)
    /// May be subclassed.
    public static let isBase = ClassFlags(rawValue: 2)
    /// Instances have `__dict__`.
    public static let hasDict = ClassFlags(rawValue: 4)
    /// Has abstract methods (`__abstractmethods__` is not empty): can't be instantiated.
    public static let isAbstract = ClassFlags(rawValue: 8)
    /// Derives from BaseException: may be raised and caught.
    public static let isException = ClassFlags(rawValue: 16)
    static let isMetaclass = ClassFlags(rawValue: 32)
    /// Has `__del__`: its instances are noted when they are made.
    public static let hasDel = ClassFlags(rawValue: 64)
    /// An inline cache remembers something of this class.
    static let isCached = ClassFlags(rawValue: 128)
    /// Changes so often that inline caches leave it alone.
    static let isVolatile = ClassFlags(rawValue: 256)
    /// `__weakref__` is possible.
    public static let isWeakReferenceable = ClassFlags(rawValue: 512)
    /// match: sequence or mapping pattern.
    static let matchesSequence = ClassFlags(rawValue: 1024)
    /// match: mapping pattern.
    public static let matchesMapping = ClassFlags(rawValue: 2048)
    /// match: `cls(pattern)` takes the object itself.
    static let matchSelf = ClassFlags(rawValue: 8192)
    /// An exception that keeps more than `args` (see ExceptionRef.initializeFields).
    static let keepsFields = ClassFlags(rawValue: 16384)
    /// Messages say `module.name` of it, as CPython's do of what is written in C.
    public static let isNamedWithModule = ClassFlags(rawValue: 32768)
    /// Instances may be parts of `X | Y`, as classes are (aliases that `type X = …` makes).
    public static let joinsUnions = ClassFlags(rawValue: 65536)
    /// collections.OrderedDict and what derives from it.
    static let isOrdered = ClassFlags(rawValue: 131072)
    /// Written in the language in place of what is written in C: its attributes can't be set.
    public static let isImmutable = ClassFlags(rawValue: 262144)
}

extension ClassRef {
    /// Whether a script may set its attributes.
    var isMutable: Bool { pointee.flags.intersection([.isHeapType, .isImmutable]) == .isHeapType }
}

enum Classes {
    /// Renewed by every change of a class.
    nonisolated(unsafe) static var epoch: UInt32 = 1
    /// Classes that have or had subclasses.
    nonisolated(unsafe) fileprivate static var withSubclasses: [ClassRef] = []
    fileprivate static let cacheSize = 4096
    nonisolated(unsafe) fileprivate static var cache: UnsafeMutablePointer<CacheEntry>?

    fileprivate struct CacheEntry {
        var cls: UInt
        var name: UInt
        var epoch: UInt32
        var value: Value
    }

    /// Whether a class has come since the last collection: among the young, no others die.
    nonisolated(unsafe) fileprivate static var hasNew = false

    /// Takes out classes that the collector has found dead. Called between marking and sweeping. The epoch is renewed where that was a
    /// full one, which may free what an entry of a look-up table holds though its class no longer has it. (Renewed each time, every
    /// collection of the young would empty the tables of attributes. A class that is swept renews it anyway.)
    static func forgetDead(isFull: Bool) {
        guard isFull || hasNew else { return }
        hasNew = false
        epoch &+= 1
        withSubclasses.removeAll { !$0.pointee.header.flags.contains(.marked) }
        for cls in withSubclasses {
            cls.pointee.subclasses?.takeUnretainedValue().classes.removeAll { !$0.pointee.header.flags.contains(.marked) }
        }
    }

    fileprivate static func makeCache() -> UnsafeMutablePointer<CacheEntry> {
        // Zeros are entries of no class; what no look-up touches never becomes resident.
        let memory = allocateZeroed(CacheEntry.self, cacheSize)
        cache = memory
        return memory
    }
}

extension UnsafeMutablePointer<ClassObject> {
    /// `__name__` as a Swift string.
    public var nameText: String { pointee.name.object(Str.self).string }

    /// The value that the class or a class in its order has under an interned name, or absent.
    public func lookup(_ name: StrRef) -> Value {
        let cache = Classes.cache ?? Classes.makeCache()
        let slot = Int((UInt(bitPattern: self) >> 4 &* 31 ^ UInt(bitPattern: name) >> 4) & UInt(Classes.cacheSize - 1))
        let entry = cache + slot
        if entry.pointee.name == UInt(bitPattern: name), entry.pointee.cls == UInt(bitPattern: self),
            entry.pointee.epoch == Classes.epoch
        {
            return entry.pointee.value
        }
        let value = slowLookup(name)
        entry.pointee = .init(cls: UInt(bitPattern: self), name: UInt(bitPattern: name), epoch: Classes.epoch, value: value)
        return value
    }

    @inline(never)
    private func slowLookup(_ name: StrRef) -> Value {
        let order = pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count {
            let value = order.items[index].object(ClassObject.self).pointee.namespace.get(name)
            if !value.isAbsent { return value }
        }
        return .absent
    }

    /// The special method, looked up on the class, or absent.
    @inline(__always)
    public func special(_ name: SpecialName) -> Value {
        if let specials = pointee.specials {
            let value = specials[Int(name.rawValue)]
            if value != .tombstone { return value }
        }
        return slowSpecial(name)
    }

    @inline(never)
    private func slowSpecial(_ name: SpecialName) -> Value {
        if pointee.specials == nil {
            let words = UnsafeMutablePointer<Value>.allocate(capacity: SpecialName.allCases.count)
            words.initialize(repeating: .tombstone, count: SpecialName.allCases.count)
            pointee.specials = words
        }
        let value = slowLookup(name.string)
        pointee.specials?[Int(name.rawValue)] = value
        return value
    }

    /// Whether the class or one in its order defines the method; None in its place counts.
    public func has(_ name: SpecialName) -> Bool { !special(name).isAbsent }

    /// Whether it is `other` or derives from it: by `__mro__` alone, no `__subclasscheck__` is asked.
    @inline(__always)
    public func isSubclass(of other: ClassRef) -> Bool {
        if self == other { return true }
        let order = pointee.mro.object(Tuple.self)
        let wanted = Value(other)
        for index in 0 ..< order.count where order.items[index] == wanted { return true }
        return false
    }

    /// Tells that the namespace of the class has changed in a way that look-ups must notice.
    func changed() {
        Classes.epoch &+= 1
        forgetSpecials()
        if isCachedAnywhere {
            pointee.flushes += 1
            if pointee.flushes > 8 { pointee.flags.insert(.isVolatile) }
            InlineCaches.flush()
        }
    }

    private var isCachedAnywhere: Bool {
        if pointee.flags.contains(.isCached) { return true }
        return pointee.subclasses?.takeUnretainedValue().classes.contains { $0.isCachedAnywhere } ?? false
    }

    private func forgetSpecials() {
        pointee.specials?.update(repeating: .tombstone, count: SpecialName.allCases.count)
        for subclass in pointee.subclasses?.takeUnretainedValue().classes ?? [] { subclass.forgetSpecials() }
    }

    /// Binds a name in the namespace and tells the caches.
    func setAttribute(_ name: StrRef, _ value: Value) {
        let old = pointee.namespace.get(name)
        pointee.namespace.set(name, value)
        if old.isAbsent || !old.isPlainData || !value.isPlainData || name.isDunder { changed() } else { Classes.epoch &+= 1 }
    }

    /// Whether `object.__new__` has nothing more to do than to hand out an instance.
    var makesPlainInstances: Bool {
        pointee.instanceKind == .instance && pointee.flags.contains(.isHeapType) && !pointee.flags.contains(.isAbstract)
            && pointee.construct == nil
    }

    /// Whether instances of the class, and of all derived from it, have no `__init__` of their own.
    var leavesInitToObject: Bool {
        special(.`init`) == Runtime.objectInit
            && pointee.subclasses?.takeUnretainedValue().classes.contains { !$0.leavesInitToObject } != true
    }

    func register(_ subclass: ClassRef) {
        Classes.hasNew = true
        // How this class is called may depend on what is derived from it (callClass).
        if pointee.flags.contains(.isHeapType), special(.new) != Runtime.objectNew { Classes.epoch &+= 1 }
        if pointee.subclasses == nil {
            pointee.subclasses = Unmanaged.passRetained(SubclassList())
            Classes.withSubclasses.append(self)
        }
        if pointee.subclasses?.takeUnretainedValue().classes.contains(subclass) != true {
            pointee.subclasses?.takeUnretainedValue().classes.append(subclass)
        }
    }

    func unregister(_ subclass: ClassRef) {
        pointee.subclasses?.takeUnretainedValue().classes.removeAll { $0 == subclass }
    }
}

extension Value {
    /// Whether a class attribute of this value is no descriptor: instances simply see it, and may have their own.
    var isPlainData: Bool {
        switch kind {
        case .immediate: true
        case .int, .float, .complex, .decimal, .str, .bytes, .tuple, .list, .dict, .set, .frozenset:
            // Classes of the script that derive from these may be descriptors.
            !isPointer || header.pointee.shape < 104 || !isScriptDescriptor
        case .instance: !isScriptDescriptor
        default: false
        }
    }

    /// Whether a property, classmethod or staticmethod is of a class of the script with a `__get__`, `__set__` or `__delete__`
    /// of its own: then the functions that it holds are not all there is to it.
    var hasScriptAccess: Bool {
        guard header.pointee.shape >= 104 else { return false }
        let cls = cls
        for name in [SpecialName.get, .set, .delete] {
            let method = cls.special(name)
            if !method.isAbsent, !method.isKind(.native) { return true }
        }
        return false
    }

    /// Whether the class, one of the script's, has any of the methods that make descriptors.
    private var isScriptDescriptor: Bool { cls.has(.get) || cls.has(.set) || cls.has(.delete) }
}

extension StrRef {
    var isDunder: Bool { pointee.byteCount > 4 && bytes[0] == 0x5F && bytes[1] == 0x5F }
}

extension ClassObject {
    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let cls = object.assumingMemoryBound(to: ClassObject.self)
        marker.mark(cls.pointee.name)
        marker.mark(cls.pointee.qualifiedName)
        marker.mark(cls.pointee.bases)
        marker.mark(cls.pointee.mro)
        marker.mark(cls.pointee.ownNamespace)
        marker.mark(cls.pointee.base)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let cls = object.assumingMemoryBound(to: ClassObject.self)
        // Another class may come to lie at this address: caches that know classes by address must forget it.
        Classes.epoch &+= 1
        cls.pointee.pending?.release()
        cls.pointee.specials?.deallocate()
        cls.pointee.subclasses?.release()
        cls.pointee.construct?.release()
    }
}
