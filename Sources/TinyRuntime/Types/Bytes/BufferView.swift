// Reading anything bytes-like: bytes, bytearray, memoryview, and what other modules make so.
//
// A view is a pointer and a count; it is valid until the script runs again (it could resize a bytearray) unless the
// owner is pinned by an export. Views that are not contiguous are copied together first, into a bytes object that the
// view then owns, so that the collector sees it on the stack.

/// A Swift object in a box whose octets others may read (array, mmap).
public protocol BufferExporter: AnyObject {
    /// The octets, the struct code of the items and their size; valid while exported or until the script runs.
    func exportedBuffer() -> (octets: UnsafeMutableBufferPointer<UInt8>, format: UInt8, itemSize: Int, isReadOnly: Bool)
    /// Counts the views that forbid resizing.
    var exports: ExportCounter { get }
}

/// A look at the octets of anything bytes-like. Keep it no longer than until the script runs again.
public struct BufferView {
    /// What the octets belong to.
    let owner: Value
    /// The octets, side by side.
    public let octets: UnsafeBufferPointer<UInt8>

    /// Octets in all, whatever the items of the owner are.
    public var count: Int { octets.count }

    /// - Throws: TypeError "a bytes-like object is required, not 'int'".
    public init(_ value: Value) throws(Raised) {
        guard let view = try BufferView.view(value) else {
            throw typeError("a bytes-like object is required, not '\(typeName(value))'")
        }
        self = view
    }

    /// As above, but for those who take only octets that lie side by side.
    /// - Throws: BufferError for a memoryview with a stride.
    public init(contiguous value: Value) throws(Raised) {
        if value.isKind(.memoryview), !value.object(MemoryView.self).isContiguous {
            throw raise(.bufferError, "memoryview: underlying buffer is not C-contiguous")
        }
        try self.init(value)
    }

    private init(owner: Value, octets: UnsafeBufferPointer<UInt8>) {
        self.owner = owner
        self.octets = octets
    }

    /// Whether the object has octets to read.
    public static func isBytesLike(_ value: Value) -> Bool {
        switch value.kind {
        case .bytes, .bytearray, .memoryview: true
        case .box where value.object(BoxedObject.self).swiftObject is any BufferExporter: true
        default: value.isPointer && value.cls.special(.buffer).isKind(.function)
        }
    }

    /// The octets of a bytes-like object; nil for others. Throws ValueError for a released memoryview.
    public static func view(_ value: Value) throws(Raised) -> BufferView? {
        switch value.kind {
        case .bytes: return BufferView(owner: value, octets: value.object(BytesObject.self).buffer)
        case .bytearray:
            return BufferView(owner: value, octets: UnsafeBufferPointer(value.object(ByteArray.self).buffer))
        case .memoryview:
            let view = value.object(MemoryView.self)
            try view.checkReleased()
            if view.isContiguous, let base = try view.baseAddress() {
                return BufferView(owner: value, octets: UnsafeBufferPointer(start: base + view.pointee.start, count: view.byteCount))
            }
            let copy = try view.copied()
            return BufferView(owner: copy, octets: copy.object(BytesObject.self).buffer)
        case .box:
            guard let exporter = value.object(BoxedObject.self).swiftObject as? any BufferExporter else { return try scripted(value) }
            return BufferView(owner: value, octets: UnsafeBufferPointer(exporter.exportedBuffer().octets))
        default: return try scripted(value)
        }
    }

    private static func scripted(_ value: Value) throws(Raised) -> BufferView? {
        guard let copy = try MemoryView.octets(ofScripted: value) else { return nil }
        return BufferView(owner: copy, octets: copy.object(BytesObject.self).buffer)
    }
}
