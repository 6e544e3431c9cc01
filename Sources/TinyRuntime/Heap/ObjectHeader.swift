// What every heap object begins with, and the list of kinds of object.
//
// The kind says how the memory is laid out (one Swift struct per kind); the shape says what the object is to the
// language: its class and, for instances, where its attributes lie. Subclasses of `list` have the kind `list` and a
// shape of their own, so layout and class are asked separately and each costs one load.

/// The first eight bytes of a heap object.
public struct ObjectHeader {
    /// Index into the runtime's table of shapes. What inline caches compare.
    public var shape: ShapeID
    /// How the memory is laid out; `.free` in a cell of a free list.
    public var kind: Kind
    /// What the collector and a few kinds note about the object.
    public var flags: ObjectFlags
    /// Index of the free list the memory goes back to; 255: a large object with memory of its own.
    var sizeClass: UInt8
    /// Free for the kind's own use (str: ASCII; tuple, …).
    public var detail: UInt8
}

/// The number of a shape: its index in `Shapes.table`. Never used again for another.
public typealias ShapeID = UInt32

/// Bits of the header that hold for objects of any kind.
public struct ObjectFlags: OptionSet, Sendable {
    /// The flags as they lie in the header.
    public let rawValue: UInt8
    @inline(__always) public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// No flag. Not `[]`: an empty array literal costs a retain and a release where this is written.
    static let none: ObjectFlags = []
    /// Reached in the last full collection or one of the young since: old. In a collection under way, reached.
    static let marked = ObjectFlags(rawValue: 1)
    /// Weak references to it exist (Heap.weakReferences).
    static let weaklyReferenced = ObjectFlags(rawValue: 2)
    /// `__del__` has run or is queued.
    public static let finalized = ObjectFlags(rawValue: 4)
    /// A str that is in the table of interned names.
    static let interned = ObjectFlags(rawValue: 8)
    /// The kind has a release function that the sweep must call.
    static let releases = ObjectFlags(rawValue: 16)
    /// Old, and in the remembered set: it may refer to something younger.
    static let remembered = ObjectFlags(rawValue: 32)
}

/// How an object's memory is laid out. To add one: a case, its struct in Types/, its row in KindTable.
public enum Kind: UInt8, CaseIterable, Sendable {
    /// A cell on a free list.
    case free
    /// No heap object at all: inline integers, floats, None, …
    case immediate
    case int, float, complex, decimal
    case str, bytes, bytearray, memoryview
    case tuple, list, dict, set, frozenset
    case range, slice
    case instance, `class`, module
    case function, boundMethod, native, code, cell
    case property, classMethod, staticMethod, getSet, member
    case generator, frame, traceback, exception
    case sequenceIterator, rangeIterator, dictIterator, setIterator
    case dictView, mappingProxy, superObject, weakReference, asyncYield, genericAlias, unionType
    /// A cold kind: one slot that holds a Swift object (BoxedObject).
    case box
    /// A greenlet.
    case fiber
    /// The buffer of a container (Storage); no value of the language.
    case storage
}
