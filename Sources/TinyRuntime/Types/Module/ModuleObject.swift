// Modules: a namespace with a class. `__name__`, `__file__` and the rest are entries of the namespace.

/// A module of any origin.
public struct ModuleObject {
    var header: ObjectHeader
    /// `__dict__`: the module's attributes, and the globals of its functions.
    public var namespace: DictRef

    /// A module with nothing but `__name__` and, None yet, the other names that every module has. Not in `sys.modules`.
    public static func make(_ name: StrRef, shape: ShapeID = ShapeID(Kind.module.rawValue)) -> ModuleRef {
        // Any module may become one of a subclass (`module.__class__ = …`), whose instances have an extra word.
        let size = MemoryLayout<ModuleObject>.stride
        let module = allocateObject(size + 8, .module, shape).assumingMemoryBound(to: ModuleObject.self)
        (UnsafeMutableRawPointer(module) + size).storeBytes(of: 0, as: UInt64.self)
        if Shapes.table[Int(shape)].pointee.cls.pointee.flags.contains(.isHeapType) { beginExtra(Value(module)) }
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

/// A module in the heap.
public typealias ModuleRef = UnsafeMutablePointer<ModuleObject>
