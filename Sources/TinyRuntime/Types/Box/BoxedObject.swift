// Cold kinds of object (files, locks, native iterators …): one slot that holds a Swift object, released by the sweep.
//
// A Swift object that keeps values of the language must be a TracedObject, or the collector would not see them.

/// A Swift object that refers to values.
public protocol TracedObject: AnyObject {
    /// Marks every value that it refers to.
    func trace(_ marker: inout Marker)
}

/// A Swift object that refers to no values: where that is known when the box is made, a cast is saved. (It costs a look at every
/// conformance of the program, the first time that its type is met.)
public protocol UntracedObject: AnyObject {}

/// A Swift object that iterates (itertools and the like). A class: its `next` costs a virtual call, where a protocol costs a dynamic cast.
open class IteratorObject: TracedObject {
    /// For subclasses.
    public init() {}

    /// The next item, or absent at the end. For the subclass to override; called with the GIL.
    open func next() throws(Raised) -> Value { .absent }
    /// The next item, itself a row of `count` values, written to registers: what `for a, b in zip(…)` needs, without a
    /// tuple for each row. An iterator that has no such rows answers `unsupported` and has not moved.
    func nextRow(_ count: Int, into target: Registers) throws(Raised) -> RowOutcome { .unsupported }
    /// Marks every value that it refers to: none here. For the subclass to override; called by the collector, with the GIL.
    open func trace(_ marker: inout Marker) {}
}

/// A Swift object that the script calls with one argument and nothing else, mostly as a key of `sorted` or a step of `map`: so it is called
/// without the binding of arguments.
open class SingleArgumentCallable: TracedObject {
    /// For subclasses.
    public init() {}

    /// The result of a call. For the subclass to override; called with the GIL.
    open func call(_ argument: Value) throws(Raised) -> Value { .none }
    /// Marks every value that it refers to: none here. For the subclass to override; called by the collector, with the GIL.
    open func trace(_ marker: inout Marker) {}
}

/// A Swift object whose call is that of another object with more arguments: functools.partial.
open class ForwardingCallable: TracedObject {
    /// What is called.
    public var function: Value
    /// Its first arguments.
    public var leading: TupleRef
    /// Its named arguments, which those of the call replace.
    public var named: DictRef

    /// How many leading arguments a call puts before its own where those lie.
    static let mostInPlace = 8

    public init(_ function: Value, _ leading: TupleRef, _ named: DictRef) {
        self.function = function
        self.leading = leading
        self.named = named
    }

    public func trace(_ marker: inout Marker) {
        marker.mark(function)
        marker.mark(leading)
        marker.mark(named)
    }
}

/// What `nextRow` did.
enum RowOutcome { case filled, ended, unsupported }

/// The heap's side of a Swift object: an ordinary object whose one slot retains it.
public struct BoxedObject {
    var header: ObjectHeader
    private(set) var object: AnyObject
    /// The object once more, as what the collector asks it for: found once, not by a cast at each use. (Nil for an IteratorObject, which
    /// is known by the `detail`.)
    private(set) var traced: (any TracedObject)?

    /// `detail` of a box that holds an IteratorObject.
    static let iteratorDetail: UInt8 = 1
    /// The same for a Lock: locks are taken too often to be found by a cast.
    static let lockDetail: UInt8 = 2
    /// The same for a Deque, an EventLoop, a SocketObject, a SingleArgumentCallable and a ForwardingCallable.
    static let dequeDetail: UInt8 = 3
    static let loopDetail: UInt8 = 4
    static let socketDetail: UInt8 = 5
    static let callableDetail: UInt8 = 6
    static let forwarderDetail: UInt8 = 7

    /// A box of a class (or a subclass of it that the script made). Generic, so that the compiler answers what casts
    /// would find out anew for each type at start-up.
    @inline(__always)
    public static func make<Object: AnyObject>(_ object: Object, _ cls: ClassRef) -> Value {
        make(object, cls, traced: object as? any TracedObject, detail: object is IteratorObject ? iteratorDetail : 0)
    }

    /// A box of an object that refers to no values. `cls` must be one whose instances are boxes.
    @inline(__always)
    public static func make<Object: UntracedObject>(_ object: Object, _ cls: ClassRef) -> Value {
        make(object, cls, traced: nil, detail: 0)
    }

    /// As above for an object that the collector traces.
    @inline(__always)
    public static func make<Object: TracedObject>(_ object: Object, _ cls: ClassRef) -> Value {
        make(
            object, cls, traced: object,
            detail: object is Deque ? dequeDetail : object is EventLoop ? loopDetail : object is SocketObject ? socketDetail
                : object is SingleArgumentCallable ? callableDetail : object is ForwardingCallable ? forwarderDetail : 0)
    }

    /// As above for an iterator, which loops then ask directly.
    @inline(__always)
    public static func make<Object: IteratorObject>(_ object: Object, _ cls: ClassRef) -> Value {
        make(object, cls, traced: nil, detail: iteratorDetail)
    }

    static func make(_ object: Lock, _ cls: ClassRef) -> Value { make(object, cls, traced: object, detail: lockDetail) }

    private static func make(
        _ object: AnyObject, _ cls: ClassRef, traced: (any TracedObject)?, detail: UInt8
    ) -> Value {
        let extra = cls.hasExtraWord(.box) ? 8 : 0
        // A class that can be instantiated has a root shape.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let box = allocateObject(MemoryLayout<BoxedObject>.stride + extra, .box, shape)
            .assumingMemoryBound(to: BoxedObject.self)
        let header = box.pointee.header
        box.initialize(to: BoxedObject(header: header, object: object, traced: traced))
        box.pointee.header.flags.insert(.releases)
        box.pointee.header.detail = detail
        if extra > 0 { extraDictionarySlot(Value(box))?.pointee = nil }
        if cls.pointee.flags.contains(.hasDel) { heap.finalizeInTime(UnsafeMutableRawPointer(box)) }
        return Value(box)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let box = object.assumingMemoryBound(to: BoxedObject.self)
        if box.isIteratorObject {
            box.withBorrowed(IteratorObject.self) { $0.trace(&marker) }
        } else {
            box.pointee.traced?.trace(&marker)
        }
        traceExtra(object, .box, &marker)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        object.assumingMemoryBound(to: BoxedObject.self).deinitialize(count: 1)
    }
}

extension UnsafeMutablePointer<BoxedObject> {
    /// Whether the object is an IteratorObject.
    @inline(__always)
    var isIteratorObject: Bool { pointee.header.detail == BoxedObject.iteratorDetail }

    /// Calls `body` with the IteratorObject that this is known to be; the box keeps it alive, so nothing is counted.
    @inline(__always)
    func withIterator<Result>(_ body: (IteratorObject) throws(Raised) -> Result) throws(Raised) -> Result {
        let unmanaged = Unmanaged.passUnretained(unsafeDowncast(pointee.object, to: IteratorObject.self))
        let outcome: Swift.Result<Result, Raised> = unmanaged._withUnsafeGuaranteedRef { iterator in
            do throws(Raised) { return .success(try body(iterator)) } catch { return .failure(error) }
        }
        return try outcome.get()
    }

    /// Calls `body` with the object, which is known to be of that class; the box keeps it alive, so nothing is counted.
    @inline(__always)
    func withBorrowed<Object: AnyObject, Result>(_ type: Object.Type, _ body: (Object) -> Result) -> Result {
        Unmanaged.passUnretained(unsafeDowncast(pointee.object, to: Object.self))._withUnsafeGuaranteedRef(body)
    }

    /// What is in the box, whatever its type.
    public var swiftObject: AnyObject { pointee.object }
}

extension Value {
    /// The object in a box that is called with one argument.
    @inline(__always)
    var singleArgumentCallable: SingleArgumentCallable? {
        guard isKind(.box) else { return nil }
        let box = object(BoxedObject.self)
        return box.pointee.header.detail == BoxedObject.callableDetail ? unsafeDowncast(box.swiftObject, to: SingleArgumentCallable.self) : nil
    }

    /// The object in a box that is called by calling another.
    @inline(__always)
    var forwarder: ForwardingCallable? {
        guard isKind(.box) else { return nil }
        let box = object(BoxedObject.self)
        return box.pointee.header.detail == BoxedObject.forwarderDetail ? unsafeDowncast(box.swiftObject, to: ForwardingCallable.self) : nil
    }

    /// Whether this, which is a box, holds an IteratorObject, whose own `next` the class has for `__next__`.
    @inline(__always)
    var iteratesNatively: Bool {
        object(BoxedObject.self).isIteratorObject
            && (!cls.pointee.flags.contains(.isHeapType) || cls.special(.next).isKind(.native))
    }

    /// The deque in a box that holds one.
    @inline(__always)
    var deque: Deque? {
        guard isKind(.box) else { return nil }
        let box = object(BoxedObject.self)
        return box.pointee.header.detail == BoxedObject.dequeDetail ? unsafeDowncast(box.swiftObject, to: Deque.self) : nil
    }

    /// The Swift object of a boxed value, if it is of that type.
    public func boxed<Object: AnyObject>(_ type: Object.Type = Object.self) -> Object? {
        guard isKind(.box) else { return nil }
        return object(BoxedObject.self).swiftObject as? Object
    }
}
