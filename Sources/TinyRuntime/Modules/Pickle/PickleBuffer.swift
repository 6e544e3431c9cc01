// pickle.PickleBuffer: a view on an object's octets that may travel beside the pickle instead of in it.

/// pickle.PickleBuffer (PEP 574).
public final class PickleBuffer: TracedObject, BufferExporter {
    /// The class. Set when `_pickle` is made.
    nonisolated(unsafe) public static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// A memoryview; None once released.
    private var view: Value
    /// Counts the views made of this.
    public let exports = ExportCounter()

    private init(_ view: Value) { self.view = view }

    /// Marks the view. For the collector, which holds the GIL.
    public func trace(_ marker: inout Marker) { marker.mark(view) }

    /// The octets of the object underneath, with its item format; none once released.
    public func exportedBuffer() -> (octets: UnsafeMutableBufferPointer<UInt8>, format: UInt8, itemSize: Int, isReadOnly: Bool) {
        guard view.isKind(.memoryview), let own = try? BufferView(view) else {
            return (UnsafeMutableBufferPointer(start: nil, count: 0), 0x42, 1, true)
        }
        let memory = view.object(MemoryView.self).pointee
        return (UnsafeMutableBufferPointer(mutating: own.octets), memory.format, memory.itemSize, memory.isReadOnly)
    }

    /// The view that views of this are made like. Throws ValueError once released.
    func innerView() throws(Raised) -> Value {
        guard view.isKind(.memoryview) else { throw valueError("operation forbidden on released PickleBuffer object") }
        return view
    }

    private static func of(_ value: Value) throws(Raised) -> PickleBuffer {
        guard let buffer = value.boxed(PickleBuffer.self) else { throw typeError("a PickleBuffer is required") }
        return buffer
    }

    /// The view. Throws BufferError if its octets don't lie one behind the other.
    public func contiguousView(_ message: String) throws(Raised) -> Value {
        guard view.isKind(.memoryview) else { throw valueError("operation forbidden on released PickleBuffer object") }
        guard view.object(MemoryView.self).isContiguous else { throw raise(.bufferError, message) }
        return view
    }

    /// The class as a table, for `_pickle` to add.
    public static let nativeClass = NativeClass(
        "PickleBuffer", kind: .box, doc: "Wrapper for potentially out-of-band buffers", flags: [.isBase, .isWeakReferenceable],
        methods: [
            Native("raw(self, /)", "Return a memoryview of the raw memory underlying this buffer.", .method) { args throws(Raised) in
                let view = try of(args[0]).contiguousView("cannot extract raw buffer from non-contiguous buffer")
                return try callMethod(view, StrTables.intern("cast"), Value(Str.make("B")))
            },
            Native("release(self, /)", "Release the underlying buffer held by the PickleBuffer object.", .method) { args throws(Raised) in
                let own = try of(args[0])
                if own.view.isKind(.memoryview) { _ = try callMethod(own.view, StrTables.intern("release")) }
                own.view = .none
                return .none
            },
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["object"], required: 1, function: "PickleBuffer")
            defer { values.deallocate() }
            let view = Value(try MemoryView.make(values[0]))
            return BoxedObject.make(PickleBuffer(view), args[0].object(ClassObject.self))
        })
}
