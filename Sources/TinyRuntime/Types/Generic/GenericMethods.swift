// types.GenericAlias and types.UnionType.

extension GenericAlias {
    static let nativeClass = NativeClass("types.GenericAlias", kind: .genericAlias, methods: [])
}

extension UnionType {
    static let nativeClass = NativeClass("types.UnionType", kind: .unionType, methods: [])

    static func make(_ arguments: TupleRef) -> Value {
        let union = allocateObject(MemoryLayout<UnionType>.size, .unionType, ShapeID(Kind.unionType.rawValue))
            .assumingMemoryBound(to: UnionType.self)
        union.pointee.arguments = Value(arguments)
        return Value(union)
    }
}

/// `a | b` of types; NotImplemented if one is no type.
func unionOf(_ a: Value, _ b: Value) throws(Raised) -> Value {
    let members = List.make()
    for operand in [a, b] {
        let parts = operand.isKind(.unionType) ? operand.object(UnionType.self).pointee.arguments.object(Tuple.self) : Tuple.make(operand)
        for index in 0 ..< parts.count {
            var part = parts.items[index]
            if part.isNone { part = Value(part.cls) }
            guard part.isKind(.class) || part.isKind(.genericAlias) else { return notImplemented }
            var isKnown = false
            for known in 0 ..< members.count where try equal(members.items[known], part) { isKnown = true }
            if !isKnown { members.append(part) }
        }
    }
    return members.count == 1 ? members.items[0] : UnionType.make(Tuple.make(members.items, members.count))
}
