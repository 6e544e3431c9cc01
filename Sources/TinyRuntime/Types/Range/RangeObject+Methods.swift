// range: methods and operators.

extension RangeObject {
    static let nativeClass = NativeClass(
        "range", kind: .range, flags: .matchesSequence, methods: [
            Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
                args[0].object(RangeObject.self).iterator()
            }
        ], construct: { args throws(Raised) in
            let positional = args[1].object(Tuple.self)
            switch positional.count {
            case 0: throw typeError("range expected at least 1 argument, got 0")
            case 1: return try make(Value(inline: 0), try indexValue(positional.items[0]), Value(inline: 1))
            case 2: return try make(try indexValue(positional.items[0]), try indexValue(positional.items[1]), Value(inline: 1))
            case 3:
                let step = try indexValue(positional.items[2])
                if isZero(step) { throw valueError("range() arg 3 must not be zero") }
                return try make(try indexValue(positional.items[0]), try indexValue(positional.items[1]), step)
            default: throw typeError("range expected at most 3 arguments, got \(positional.count)")
            }
        })
}

extension SliceObject {
    static let nativeClass = NativeClass("slice", kind: .slice, methods: [])
}
