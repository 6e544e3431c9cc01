// `iter(tuple[int])`: gives `*tuple[int]` once.
//
// A class of its own for the sake of copies: an unpacked alias is made again from the plain one by `next(iter(alias))`, so this
// iterator must be remembered by the plain alias and not by what it gives.

final class AliasIterator: IteratorObject {
    /// What it gives; None when that is done.
    private var item: Value

    private init(_ item: Value) { self.item = item }

    static func box(_ item: Value) -> Value {
        BoxedObject.make(AliasIterator(item), cls)
    }

    override func next() throws(Raised) -> Value {
        let given = item
        item = .none
        return given.isNone ? .absent : given
    }

    override func trace(_ marker: inout Marker) { marker.mark(item) }

    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeClass = NativeClass("generic_alias_iterator", kind: .box, methods: nativeIteratorMethods + [
        Native("__reduce__(self, /)", "Return state information for pickling.") { args throws(Raised) in
            guard let own = args[0].boxed(AliasIterator.self) else { throw typeError("a generic_alias_iterator is required") }
            let source = own.item.isNone ? Value(Tuple.make()) : GenericAlias.withoutStar(own.item)
            return Value(Tuple.make(try Runtime.builtin("iter"), Value(Tuple.make(source))))
        },
    ])
}
