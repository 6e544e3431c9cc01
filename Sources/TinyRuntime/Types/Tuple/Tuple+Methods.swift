// tuple: methods and operators.

extension Tuple {
    private static func tuple(_ value: Value) -> TupleRef { value.object(Tuple.self) }

    static let nativeClass = NativeClass(
        "tuple", kind: .tuple, doc: "Built-in immutable sequence.", flags: [.isBase, .matchesSequence, .matchSelf],
        methods: [
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(tuple(args[0]).count) },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SequenceIterator.make(args[0]) },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(
                    try guardingRecursion(args[0], "(...)") { () throws(Raised) in
                        let items = tuple(args[0])
                        return try items.count == 1
                            ? showItems("(", ",)", count: { 1 }) { items.items[$0] }
                            : showItems("(", ")", count: { items.count }) { items.items[$0] }
                    })
            },
        ])
}
