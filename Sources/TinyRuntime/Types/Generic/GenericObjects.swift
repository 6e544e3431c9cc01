// types.GenericAlias (`list[int]`), types.UnionType (`int | str`), and the wrapper of an asynchronous generator's yield.

struct GenericAlias {
    var header: ObjectHeader
    var origin: Value
    /// Tuples.
    var arguments: Value
    var parameters: Value
    var isUnpacked: Bool

    static func make(_ origin: Value, _ arguments: Value) -> Value {
        let alias = allocateObject(MemoryLayout<GenericAlias>.stride, .genericAlias, ShapeID(Kind.genericAlias.rawValue))
            .assumingMemoryBound(to: GenericAlias.self)
        alias.pointee.origin = origin
        alias.pointee.arguments = arguments.isExactly(.tuple) ? arguments : Value(Tuple.make(arguments))
        alias.pointee.parameters = .absent
        alias.pointee.isUnpacked = false
        return Value(alias)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let alias = object.assumingMemoryBound(to: GenericAlias.self)
        marker.mark(alias.pointee.origin)
        marker.mark(alias.pointee.arguments)
        marker.mark(alias.pointee.parameters)
        traceExtra(object, .genericAlias, &marker)
    }
}

struct UnionType {
    var header: ObjectHeader
    /// Tuple.
    var arguments: Value

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: UnionType.self).pointee.arguments)
    }
}

/// A value that an asynchronous generator yields, as opposed to one that an `await` inside it passes through.
struct AsyncYield {
    var header: ObjectHeader
    var value: Value

    static func make(_ value: Value) -> Value {
        let wrapper = allocateObject(MemoryLayout<AsyncYield>.size, .asyncYield, ShapeID(Kind.asyncYield.rawValue))
            .assumingMemoryBound(to: AsyncYield.self)
        wrapper.pointee.value = value
        return Value(wrapper)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: AsyncYield.self).pointee.value)
    }
}
