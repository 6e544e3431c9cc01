// dict_keys, dict_values, dict_items, and the read-only mappingproxy.

/// What `keys()`, `values()` and `items()` return: a window on the living dict.
public struct DictView {
    var header: ObjectHeader
    var dict: DictRef
    var form: DictIterator.Form

    /// Shapes of the three classes.
    nonisolated(unsafe) static var shapes = [ShapeID](repeating: ShapeID(Kind.dictView.rawValue), count: 3)

    /// The same for the views of an OrderedDict; made with the module `_collections`.
    nonisolated(unsafe) static var orderedShapes = shapes

    /// A new view; `isOrdered`: one of the classes that an OrderedDict's views have.
    public static func make(_ dict: DictRef, _ form: DictIterator.Form, isOrdered: Bool = false) -> Value {
        let view = allocateObject(MemoryLayout<DictView>.size, .dictView, (isOrdered ? orderedShapes : shapes)[Int(form.rawValue)])
            .assumingMemoryBound(to: DictView.self)
        view.pointee.dict = dict
        view.pointee.form = form
        return Value(view)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: DictView.self).pointee.dict)
    }
}

/// types.MappingProxyType: a mapping that can only be read through it.
public struct MappingProxy {
    var header: ObjectHeader
    var mapping: Value

    /// A proxy of a dict or another mapping, which is not copied.
    public static func make(_ mapping: Value) -> Value {
        let proxy = allocateObject(MemoryLayout<MappingProxy>.size, .mappingProxy, ShapeID(Kind.mappingProxy.rawValue))
            .assumingMemoryBound(to: MappingProxy.self)
        proxy.pointee.mapping = mapping
        return Value(proxy)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: MappingProxy.self).pointee.mapping)
    }
}
