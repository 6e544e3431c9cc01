// `itertools`: the table of its classes, and what their constructors share.
import TinyRuntime

enum ItertoolsModule {
    static let nativeModule = NativeModule(
        "itertools", doc: "Functional tools for creating and using iterators.",
        functions: {
            [
                Native("tee(iterable, n=2, /)", "Returns a tuple of n independent iterators.") { args throws(Raised) in
                    try Tee.make(args[0], args[1])
                }
            ]
        },
        prepare: { contents throws(Raised) in
            for table in [
                Accumulate.nativeClass, Batched.nativeClass, Chain.nativeClass, Combinations.nativeClass,
                CombinationsWithReplacement.nativeClass, Compress.nativeClass, Count.nativeClass, Cycle.nativeClass,
                DropWhile.nativeClass, FilterFalse.nativeClass, GroupBy.nativeClass, ISlice.nativeClass,
                Pairwise.nativeClass, Permutations.nativeClass, Product.nativeClass, Repeat.nativeClass,
                StarMap.nativeClass, TakeWhile.nativeClass, ZipLongest.nativeClass,
            ] {
                contents.add(table)
            }
            Tee.cls = contents.add(Tee.nativeClass)
            Group.cls = contents.add(Group.nativeClass)
        })

    /// Throws TypeError unless a constructor got so many positional arguments and no keywords.
    static func exactly(_ count: Int, _ args: Arguments, _ name: String) throws(Raised) -> TupleRef {
        try rejectKeywords(args, name)
        let positional = args[1].object(Tuple.self)
        guard positional.count == count else {
            throw typeError("\(name) expected \(count) argument\(count == 1 ? "" : "s"), got \(positional.count)")
        }
        return positional
    }

    static func cls(_ args: Arguments) -> ClassRef { args[0].object(ClassObject.self) }

    /// The argument `r` of the combinatoric iterators.
    static func size(_ value: Value) throws(Raised) -> Int {
        let size = try index(value)
        if size < 0 { throw valueError("r must be non-negative") }
        return size
    }
}
