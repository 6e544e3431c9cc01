// list: methods and operators.

extension List {
    private static func list(_ value: Value) -> ListRef { value.object(List.self) }

    static let nativeClass = NativeClass(
        "list", kind: .list, doc: "Built-in mutable sequence.", flags: [.isBase, .matchesSequence, .matchSelf],
        methods: [
            Native("append(self, object, /)", "Append object to the end of the list.") { args throws(Raised) in
                list(args[0]).append(args[1])
                return .none
            },
            Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(list(args[0]).count) },
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in SequenceIterator.make(args[0]) },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(
                    try guardingRecursion(args[0], "[...]") { () throws(Raised) in
                        try showItems("[", "]", count: { list(args[0]).count }) { list(args[0]).items[$0] }
                    })
            },
        ], construct: { args throws(Raised) in
            let cls = args[0].object(ClassObject.self)
            let isHeap = cls.pointee.flags.contains(.isHeapType)
            let result = List.make(shape: cls.shapeID, extra: isHeap ? 8 : 0)
            if isHeap { extraDictionarySlot(Value(result))?.pointee = nil }
            return Value(result)
        })
}
