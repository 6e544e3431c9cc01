// Modules: a namespace with a class. `__name__`, `__file__` and the rest are entries of the namespace.

struct ModuleObject {
    var header: ObjectHeader
    var namespace: DictRef

    static func make(_ name: StrRef, shape: ShapeID = ShapeID(Kind.module.rawValue)) -> ModuleRef {
        let isHeap = Shapes.table[Int(shape)].pointee.cls.pointee.flags.contains(.isHeapType)
        let module = allocateObject(MemoryLayout<ModuleObject>.stride + (isHeap ? 8 : 0), .module, shape)
            .assumingMemoryBound(to: ModuleObject.self)
        if isHeap { beginExtra(Value(module)) }
        module.pointee.namespace = Dict.make()
        for entry in [Names.name, Names.doc, Names.package, Names.loader, Names.spec] {
            module.pointee.namespace.set(entry, entry == Names.name ? Value(name) : .none)
        }
        return module
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: ModuleObject.self).pointee.namespace)
        traceExtra(object, .module, &marker)
    }
}

typealias ModuleRef = UnsafeMutablePointer<ModuleObject>
