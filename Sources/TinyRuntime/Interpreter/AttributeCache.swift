// The second level behind the inline caches of attributes: one direct-mapped table for the whole program.
//
// An inline cache knows one shape. Where an instruction meets several (a base class's method, say), every other shape
// would take the full look-up; here it takes one hash and three comparisons. The table also holds what has no inline form:
// properties, constants of classes, attributes of class objects, `super()` methods. Entries are valid while the epoch they
// carry is the current one, so a change of a class empties the table at no cost. Guarded by the GIL.
import CTiny

/// What an entry says to do.
enum AttributeAction: UInt8 {
    case none
    /// The value at `offset` in the object; absent there means "look again".
    case slot
    /// `value` is a function: bind it to the object, or call it with the object as self.
    case method
    /// The same for objects with a dict of their own, where something else may have this name.
    case methodUnlessOwn
    /// `value` is a classmethod's function: call it with the object's class in front.
    case classMethod
    /// `value` itself.
    case value
    /// `value` is the getter (or setter) of a property: a frame.
    case accessor
    /// Store at `offset` and take on the shape `value`.
    case add
    /// The item number `offset` of the tuple: a field of a namedtuple.
    case item
}

/// Which instruction asks: the same attribute means different things to each.
enum AttributeRole: UInt {
    case load, method, store, superMethod

    /// The call of a class (by its address, under the name `__new__`): `value` is the function to call with the class in front, whose
    /// result is that of the call. Shares its number with the look-up for `super()`, whose owners are shapes.
    static let construct = superMethod
}

struct AttributeEntry {
    /// Address of the interned name; the role is in the low bits, which an address leaves free.
    var name: UInt = 0
    /// A shape, or for a class object its address.
    var owner: UInt64 = 0
    /// For `super()`: the class to start behind.
    var start: UInt64 = 0
    var epoch: UInt32 = 0
    var offset: UInt32 = 0
    var action = AttributeAction.none
    var value: UInt64 = 0
}

enum AttributeCache {
    private static let size: UInt = 2048
    private nonisolated(unsafe) static var table: UnsafeMutablePointer<AttributeEntry>?

    /// The place for a key, filled or not.
    @inline(__always)
    private static func place(_ name: UInt, _ owner: UInt64, _ start: UInt64) -> UnsafeMutablePointer<AttributeEntry> {
        let hash = (name >> 4) &* 0x9E37_79B1 ^ UInt(owner) &* 0x85EB_CA6B ^ UInt(start >> 4) ^ name & 3
        return (table ?? makeTable()) + Int((hash ^ hash >> 15) & (size - 1))
    }

    @inline(never)
    private static func makeTable() -> UnsafeMutablePointer<AttributeEntry> {
        let memory = allocateZeroed(AttributeEntry.self, Int(size))
        table = memory
        return memory
    }

    /// The entry for a key, if it is there and still holds.
    @inline(__always)
    static func find(
        _ role: AttributeRole, _ name: StrRef, _ owner: UInt64, start: UInt64 = 0
    ) -> UnsafeMutablePointer<AttributeEntry>? {
        let key = UInt(bitPattern: name) | role.rawValue
        let entry = place(key, owner, start)
        guard entry.pointee.name == key, entry.pointee.owner == owner, entry.pointee.epoch == Classes.epoch,
            entry.pointee.start == start
        else { return nil }
        return entry
    }

    /// Remembers what to do for a key.
    static func remember(
        _ role: AttributeRole, _ name: StrRef, _ owner: UInt64, start: UInt64 = 0, _ action: AttributeAction,
        offset: Int = 0, value: UInt64 = 0
    ) {
        let key = UInt(bitPattern: name) | role.rawValue
        place(key, owner, start).pointee = AttributeEntry(
            name: key, owner: owner, start: start, epoch: Classes.epoch, offset: UInt32(truncatingIfNeeded: offset),
            action: action, value: value)
    }
}

extension Value {
    /// What the cache knows an object by: its shape, or itself if it is a class.
    @inline(__always)
    var attributeOwner: UInt64 { isKind(.class) ? bits : UInt64(shapeID) }

    /// What a class attribute is when it is read through the class: the value itself, a function to be called with the
    /// class (a classmethod), or nil where a descriptor must be asked.
    var throughClass: (value: Value, isMethod: Bool)? {
        switch kind {
        case .function, .class: return (self, false)
        // Only a native classmethod is bound when it is read through the class.
        case .native: return header.pointee.shape == NativeShapes.classMethodDescriptor ? nil : (self, false)
        case .staticMethod where hasScriptAccess, .classMethod where hasScriptAccess: return nil
        case .staticMethod: return (object(StaticMethod.self).pointee.callable, false)
        case .classMethod:
            let wrapped = object(ClassMethod.self).pointee.callable
            return wrapped.isKind(.function) ? (wrapped, true) : nil
        default: return isPlainData ? (self, false) : nil
        }
    }
}
