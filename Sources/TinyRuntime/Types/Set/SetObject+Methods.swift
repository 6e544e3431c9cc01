// set and frozenset: methods and operators.

extension SetObject {
    static let nativeClass = NativeClass("set", kind: .set, flags: [.isBase, .matchSelf, .isWeakReferenceable], methods: [])
    static let frozenClass = NativeClass("frozenset", kind: .frozenset, flags: [.isBase, .matchSelf, .isWeakReferenceable], methods: [])
}
