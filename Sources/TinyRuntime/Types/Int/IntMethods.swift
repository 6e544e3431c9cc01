// int and bool: methods and operators.

enum IntMethods {
    static let nativeClass = NativeClass("int", kind: .int, flags: [.isBase, .matchSelf], methods: [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in Value(Str.make(IntObject.text(args[0]))) }
    ])
}

enum BoolMethods {
    static let nativeClass = NativeClass("bool", kind: .immediate, methods: [
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            Value(StrTables.intern(args[0].isTrue ? "True" : "False"))
        }
    ], construct: { args throws(Raised) in
        let positional = args[1].object(Tuple.self)
        guard positional.count <= 1 else { throw typeError("bool expected at most 1 argument, got \(positional.count)") }
        return positional.count == 0 ? .false : Value(try truth(positional.items[0]))
    })
}

enum FloatMethods {
    static let nativeClass = NativeClass("float", kind: .float, flags: [.isBase, .matchSelf], methods: [])
}

enum ComplexMethods {
    static let nativeClass = NativeClass("complex", kind: .complex, flags: [.isBase], methods: [])
}
