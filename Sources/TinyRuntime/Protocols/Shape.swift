// Shapes (hidden classes): what an object's header names instead of its class alone.
//
// A shape says to which class an object belongs and, for instances, which attribute lies in which slot. Instances that
// got the same attributes in the same order share a shape, so an inline cache compares one 32-bit number and then knows
// class and slot at once (the object model of Self and V8; design section 3). Shapes are never freed: a number that an
// inline cache remembers can therefore never come to mean another class.
//
// The first numbers are fixed: the exact built-in class of each kind has the kind's own raw value as its shape.
import CTiny

/// A hidden class: what all objects with one number in their header have in common. Never freed.
public struct Shape {
    /// Its place in `Shapes.table`.
    public let id: ShapeID
    /// The class of the objects.
    public var cls: UnsafeMutablePointer<ClassObject>
    /// The shape without the last attribute; nil for the first shape of a class.
    var parent: UnsafeMutablePointer<Shape>?
    /// The last attribute: an interned name, and its slot is `count - 1`.
    var name: UnsafeMutablePointer<Str>?
    /// Attribute slots in use.
    var count: Int
    /// Slots that lie in the object itself; later ones lie in its overflow buffer.
    var inlineCapacity: Int
    /// The attributes lie in a dict instead.
    public var isDictionary: Bool
    var transitions: [Transition] = []
    /// Slots by name, built when a longer shape is first searched.
    var index: [UInt: Int]?

    struct Transition {
        var name: UnsafeMutablePointer<Str>
        var shape: UnsafeMutablePointer<Shape>
    }
}

/// A shape stays where it is, so a pointer to one is as good as its number.
public typealias ShapeRef = UnsafeMutablePointer<Shape>

/// All shapes, by number. Guarded by the GIL.
public enum Shapes {
    nonisolated(unsafe) private static var count = 0
    nonisolated(unsafe) private static var capacity = 0

    /// The shapes that exist; indexed with a ShapeID. Moves when it grows: to be asked anew after a shape has been made.
    @inline(__always)
    public static var table: UnsafeMutablePointer<ShapeRef> {
        // Set before the first object exists.
        UnsafeMutableRawPointer(tiny_hot().unsafelyUnwrapped.pointee.shapes.unsafelyUnwrapped)
            .assumingMemoryBound(to: ShapeRef.self)
    }

    /// The numbers of the immediate values' classes, beside those of the kinds.
    public static let bool: ShapeID = 100
    static let none: ShapeID = 101
    static let ellipsis: ShapeID = 102
    static let notImplemented: ShapeID = 103
    /// Below it lie the built-in classes' own shapes.
    static let firstFree = 104

    /// A new shape; `id` only for the fixed ones.
    static func make(
        _ cls: UnsafeMutablePointer<ClassObject>, id: ShapeID? = nil, parent: ShapeRef? = nil,
        name: UnsafeMutablePointer<Str>? = nil, count: Int = 0, inlineCapacity: Int = 0, isDictionary: Bool = false
    ) -> ShapeRef {
        reserve()
        let number: Int
        if let id {
            number = Int(id)
        } else {
            number = Shapes.count
            Shapes.count += 1
        }
        let shape = ShapeRef.allocate(capacity: 1)
        shape.initialize(
            to: Shape(
                id: ShapeID(number), cls: cls, parent: parent, name: name, count: count,
                inlineCapacity: inlineCapacity, isDictionary: isDictionary))
        table[number] = shape
        return shape
    }

    private static func reserve() {
        guard count + 1 >= capacity else { return }
        let larger = max(1024, capacity * 2)
        let memory = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: larger)
        memory.initialize(repeating: nil, count: larger)
        if capacity > 0, let old = tiny_hot().pointee.shapes {
            memory.update(from: old, count: capacity)
            old.deallocate()
        }
        tiny_hot().pointee.shapes = memory
        capacity = larger
        count = max(count, firstFree)
    }
}

extension UnsafeMutablePointer<Shape> {
    /// The slot of an attribute, or nil. `name` is interned.
    func slot(of name: UnsafeMutablePointer<Str>) -> Int? {
        if pointee.count > 8 {
            if pointee.index == nil { buildIndex() }
            return pointee.index?[UInt(bitPattern: name)]
        }
        var shape: ShapeRef? = self
        while let current = shape, let last = current.pointee.name {
            if last == name { return current.pointee.count - 1 }
            shape = current.pointee.parent
        }
        return nil
    }

    private func buildIndex() {
        var index: [UInt: Int] = [:]
        var shape: ShapeRef? = self
        while let current = shape, let last = current.pointee.name {
            index[UInt(bitPattern: last)] = current.pointee.count - 1
            shape = current.pointee.parent
        }
        pointee.index = index
    }

    /// The shape that gains the attribute `name`, interned.
    func adding(_ name: UnsafeMutablePointer<Str>) -> ShapeRef {
        for transition in pointee.transitions where transition.name == name { return transition.shape }
        let next = Shapes.make(
            pointee.cls, parent: self, name: name, count: pointee.count + 1, inlineCapacity: pointee.inlineCapacity)
        pointee.transitions.append(.init(name: name, shape: next))
        return next
    }

    /// The attributes' names, first slot first.
    public var names: [UnsafeMutablePointer<Str>] {
        var names: [UnsafeMutablePointer<Str>] = []
        var shape: ShapeRef? = self
        while let current = shape, let last = current.pointee.name {
            names.append(last)
            shape = current.pointee.parent
        }
        return names.reversed()
    }
}

extension Value {
    /// What inline caches compare: the shape of an object, a fixed number for immediate values.
    @inline(__always)
    var shapeID: ShapeID { isPointer ? header.pointee.shape : immediateShape }

    private var immediateShape: ShapeID {
        if isInlineInt { return ShapeID(Kind.int.rawValue) }
        if isFloat { return ShapeID(Kind.float.rawValue) }
        if isBool { return Shapes.bool }
        if isNone { return Shapes.none }
        return self == .ellipsis ? Shapes.ellipsis : Shapes.notImplemented
    }

    /// The class of any value.
    @inline(__always)
    public var cls: UnsafeMutablePointer<ClassObject> { Shapes.table[Int(shapeID)].pointee.cls }

    /// Whether the value is an object of exactly the built-in class of the kind, no subclass.
    @inline(__always)
    public func isExactly(_ kind: Kind) -> Bool { isPointer && header.pointee.shape == ShapeID(kind.rawValue) }
}
