// memoryview: a window on the octets of another object.
//
// One dimension with any stride, or several that lie one behind the other (C order); the first may have a stride. The
// owner counts its views (ExportCounter) and does not change its size while one exists; a view gives its count back when
// it is released or swept.

/// memoryview. Its octets are found through the owner at each use.
public struct MemoryView {
    var header: ObjectHeader
    /// bytes, bytearray or whatever exports octets; None once released.
    public var owner: Value
    /// Offset of the first item in the owner's octets.
    var start: Int
    /// Items of the first dimension (1 if there is none), and the distance between them in bytes.
    var count: Int
    var stride: Int
    /// The lengths of all dimensions as a tuple; None for one dimension.
    var shape: Value
    var format: UInt8
    /// Whether writing through the view raises TypeError.
    public var isReadOnly: Bool
    var itemSize: Int
    var hash: Int
    /// An object of the script that is told (`__release_buffer__`) when this view ends, and the view it had handed out; else None.
    var exporter = Value.none
    var given = Value.none
    /// Whether the view is being let go, so that no other may be made from it.
    var isRestricted = false
    private var counter: Unmanaged<ExportCounter>?

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.owner)
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.shape)
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.exporter)
        marker.mark(object.assumingMemoryBound(to: MemoryView.self).pointee.given)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        object.assumingMemoryBound(to: MemoryView.self).dropExport()
    }

    /// What `memoryview` asks a script's `__buffer__` for: PyBUF_FULL_RO.
    public static let fullReadOnlyRequest = 284
    /// What is asked of a `__buffer__` whose octets are to be written: PyBUF_WRITABLE.
    public static let writableRequest = 1
    nonisolated(unsafe) fileprivate static let releaseName = StrTables.intern("__release_buffer__")

    /// `__buffer__` and its counterpart, of every built-in class that has a buffer.
    static let bufferRows: [Native] = [
        Native("__buffer__(self, flags, /)", "Return a buffer object that exposes the underlying memory of the object.") { args throws(Raised) in
            let flags = try index(args[1])
            return Value(try checkingWritable(try makeNative(args[0]), flags))
        },
        Native("__release_buffer__(self, buffer, /)", "Release the buffer object that exposes the underlying memory of the object.") { args throws(Raised) in
            guard args[1].isKind(.memoryview) else { throw typeError("expected a memoryview object") }
            let view = args[1].object(MemoryView.self)
            if view.pointee.owner.isNone { throw valueError("memoryview's buffer has already been released") }
            guard view.pointee.owner == args[0] else { throw valueError("memoryview's buffer is not this object") }
            try view.letGo()
            return .none
        },
    ]

    /// A view on all octets of a bytes-like object, as its class hands it out.
    public static func make(_ source: Value, flags: Int = fullReadOnlyRequest) throws(Raised) -> MemoryViewRef {
        guard source.isPointer, source.cls.pointee.flags.contains(.isHeapType) else {
            return try checkingWritable(try makeNative(source), flags)
        }
        let method = source.cls.special(.buffer)
        if method.isKind(.function) {
            let given = try callUnbound(method, source, Value(inline: flags))
            guard given.isKind(.memoryview) else { throw typeError("__buffer__ returned non-memoryview object") }
            return make(source, given.object(MemoryView.self))
        }
        let view = try checkingWritable(try makeNative(source), flags)
        guard source.cls.lookup(releaseName).isKind(.function) else { return view }
        view.pointee.isRestricted = true
        return make(source, view)
    }

    /// A view like one that an object of the script has handed out; the object is told when it ends.
    private static func make(_ exporter: Value, _ given: MemoryViewRef) -> MemoryViewRef {
        let view = make(like: given)
        view.pointee.exporter = exporter
        view.pointee.given = Value(given)
        return view
    }

    /// - Throws: BufferError if somebody wants to write to octets that nobody may.
    private static func checkingWritable(_ view: MemoryViewRef, _ flags: Int) throws(Raised) -> MemoryViewRef {
        if flags & writableRequest != 0, view.pointee.isReadOnly { throw raise(.bufferError, "Object is not writable.") }
        return view
    }

    /// The octets of an object whose `__buffer__` is the script's, as they are now: the object is told at once that they are done with.
    static func octets(ofScripted source: Value) throws(Raised) -> Value? {
        guard source.isPointer, source.cls.special(.buffer).isKind(.function) else { return nil }
        let view = try make(source)
        let copy = try view.copied()
        try view.letGo()
        return copy
    }

    /// A view on all octets of an object of a built-in class.
    private static func makeNative(_ source: Value) throws(Raised) -> MemoryViewRef {
        if source.isKind(.memoryview) {
            let other = source.object(MemoryView.self)
            try other.checkUsable()
            return make(like: other)
        }
        if let buffer = source.boxed(PickleBuffer.self) { return try make(try buffer.innerView()) }
        var format: UInt8 = 0x42
        var itemSize = 1
        var isReadOnly = true
        var counter: ExportCounter?
        let count: Int
        switch source.kind {
        case .bytes: count = source.object(BytesObject.self).pointee.count
        case .bytearray:
            count = source.object(ByteArray.self).pointee.count
            counter = source.object(ByteArray.self).exportCounter
            isReadOnly = false
        default:
            guard source.isKind(.box), let exporter = source.object(BoxedObject.self).swiftObject as? any BufferExporter
            else { throw typeError("memoryview: a bytes-like object is required, not '\(typeName(source))'") }
            let exported = exporter.exportedBuffer()
            format = exported.format
            itemSize = exported.itemSize
            isReadOnly = exported.isReadOnly
            counter = exporter.exports
            count = exported.octets.count / max(1, itemSize)
        }
        return allocate(
            source, 0, count, itemSize, .none, format: format, itemSize: itemSize, isReadOnly: isReadOnly, counter)
    }

    /// Another view of the same octets.
    static func make(like other: MemoryViewRef) -> MemoryViewRef {
        let view = other.pointee
        return allocate(
            view.owner, view.start, view.count, view.stride, view.shape, format: view.format, itemSize: view.itemSize,
            isReadOnly: view.isReadOnly, view.counter?.takeUnretainedValue())
    }

    private static func allocate(
        _ owner: Value, _ start: Int, _ count: Int, _ stride: Int, _ shape: Value, format: UInt8, itemSize: Int,
        isReadOnly: Bool, _ counter: ExportCounter?
    ) -> MemoryViewRef {
        let view = allocateObject(MemoryLayout<MemoryView>.size, .memoryview, ShapeID(Kind.memoryview.rawValue))
            .assumingMemoryBound(to: MemoryView.self)
        let header = view.pointee.header
        view.initialize(
            to: MemoryView(
                header: header, owner: owner, start: start, count: count, stride: stride, shape: shape, format: format,
                isReadOnly: isReadOnly, itemSize: itemSize, hash: 0,
                counter: counter.map { Unmanaged.passRetained($0) }))
        view.pointee.header.flags.insert(.releases)
        counter?.count += 1
        return view
    }

    fileprivate mutating func takeCounter() -> Unmanaged<ExportCounter>? {
        let taken = counter
        counter = nil
        return taken
    }
}

/// A memoryview in the heap.
public typealias MemoryViewRef = UnsafeMutablePointer<MemoryView>

extension MemoryViewRef {
    /// Gives the owner's count back, once.
    func dropExport() {
        guard let counter = pointee.takeCounter() else { return }
        counter.takeUnretainedValue().count -= 1
        counter.release()
    }

    /// Ends the view, and tells the object of the script that had handed it out.
    public func letGo() throws(Raised) {
        dropExport()
        let (exporter, given) = (pointee.exporter, pointee.given)
        pointee.owner = .none
        pointee.exporter = .none
        pointee.given = .none
        guard !exporter.isNone, given.isKind(.memoryview) else { return }
        let method = exporter.cls.lookup(MemoryView.releaseName)
        if method.isKind(.function) {
            do throws(Raised) { _ = try callUnbound(method, exporter, given) } catch { reportUnraisable(currentThread().takeRaised(), exporter) }
        }
        // What the object has of its own class (not what it borrowed elsewhere) ends with it.
        let lent = given.object(MemoryView.self)
        if lent.pointee.owner == exporter { try lent.letGo() }
    }

    /// - Throws: ValueError if no view can be made from this one.
    func checkUsable() throws(Raised) {
        try checkReleased()
        if pointee.isRestricted { throw valueError("cannot create new view on restricted memoryview") }
    }

    func checkReleased() throws(Raised) {
        if pointee.owner.isNone { throw valueError("operation forbidden on released memoryview object") }
    }

    /// The lengths of the dimensions.
    var dimensions: [Int] {
        guard pointee.shape.isKind(.tuple) else { return [pointee.count] }
        return pointee.shape.object(Tuple.self).buffer.map { $0.inlineInt }
    }

    /// Bytes of one item of the first dimension.
    var rowSize: Int { dimensions.dropFirst().reduce(pointee.itemSize, *) }

    var byteCount: Int { dimensions.reduce(pointee.itemSize, *) }

    /// Whether all octets lie one behind the other.
    public var isContiguous: Bool { pointee.count <= 1 || pointee.stride == rowSize }

    /// The owner's octets as they lie now; nil if it has none.
    func baseAddress() throws(Raised) -> UnsafeMutablePointer<UInt8>? {
        try checkReleased()
        switch pointee.owner.kind {
        case .bytes: return pointee.owner.object(BytesObject.self).bytes
        case .bytearray: return pointee.owner.object(ByteArray.self).pointee.bytes
        default:
            let exporter = pointee.owner.object(BoxedObject.self).swiftObject as? any BufferExporter
            return exporter?.exportedBuffer().octets.baseAddress
        }
    }

    /// The items one behind the other.
    func gathered() throws(Raised) -> [UInt8] {
        guard let base = try baseAddress() else { return [] }
        if isContiguous { return Array(Octets(start: base + pointee.start, count: byteCount)) }
        var result: [UInt8] = []
        result.reserveCapacity(byteCount)
        let size = rowSize
        for index in 0 ..< pointee.count {
            result.append(contentsOf: Octets(start: base + pointee.start + index * pointee.stride, count: size))
        }
        return result
    }

    /// The same as a bytes object.
    func copied() throws(Raised) -> Value { BytesObject.make(try gathered()) }

    /// How items are read. The format of a view is always a native one.
    var item: NativeItem { NativeItem(pointee.format) ?? NativeItem(0x42).unsafelyUnwrapped }

    /// The items as (nested) lists.
    func list() throws(Raised) -> Value {
        let octets = try gathered()
        let item = item
        let dimensions = dimensions
        func build(_ dimension: Int, _ offset: inout Int, _ base: UnsafeRawPointer) -> Value {
            if dimension == dimensions.count {
                defer { offset += item.size }
                return item.load(base + offset)
            }
            let list = List.make(capacity: dimensions[dimension])
            for _ in 0 ..< dimensions[dimension] { list.append(build(dimension + 1, &offset, base)) }
            return Value(list)
        }
        var offset = 0
        return octets.withUnsafeBytes { buffer in
            guard let base = buffer.baseAddress else { return Value(List.make()) }
            return build(0, &offset, base)
        }
    }
}
