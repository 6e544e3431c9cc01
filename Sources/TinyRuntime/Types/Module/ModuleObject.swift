// Modules: a namespace with a class. `__name__`, `__file__` and the rest are entries of the namespace.

struct ModuleObject {
    var header: ObjectHeader
    var namespace: DictRef

    static func make(_ name: StrRef, shape: ShapeID = ShapeID(Kind.module.rawValue)) -> ModuleRef {
        let module = allocateObject(MemoryLayout<ModuleObject>.stride, .module, shape).assumingMemoryBound(to: ModuleObject.self)
        module.pointee.namespace = Dict.make()
        for entry in [Names.name, Names.doc, Names.package, Names.loader, Names.spec] {
            module.pointee.namespace.set(entry, entry == Names.name ? Value(name) : .none)
        }
        return module
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: ModuleObject.self).pointee.namespace)
    }
}

typealias ModuleRef = UnsafeMutablePointer<ModuleObject>
