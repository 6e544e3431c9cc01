// translate and maketrans: replacing characters by a table.

extension Str {
    static let translateMethods: [Native] = [
        Native("translate(self, table, /)", "A copy with each character replaced as a table says.") { a throws(Raised) in
            Value(try translate(a[0].object(Str.self), a[1]))
        },
        Native("maketrans(x, y=?, z=?, /)", "A table for translate.", .staticMethod) { a throws(Raised) in
            a.has(1) ? try pairTable(a) : try mappingTable(a[0])
        },
    ]

    private static func translate(_ text: StrRef, _ table: Value) throws(Raised) -> StrRef {
        var buffer = TextBuffer(capacity: text.pointee.byteCount)
        try text.forEachCodePoint { codePoint throws(Raised) in
            let replacement = try lookUp(table, codePoint)
            if replacement.isAbsent {
                buffer.append(codePoint: codePoint)
            } else if replacement.isKind(.str) {
                buffer.append(replacement.object(Str.self))
            } else if isInteger(replacement) {
                guard let number = machineInt(replacement), 0 ... 0x10FFFF ~= number else {
                    throw valueError("character mapping must be in range(0x110000)")
                }
                buffer.append(codePoint: UInt32(number))
            } else if !replacement.isNone {
                throw typeError("character mapping must return integer, None or str")
            }
        }
        return buffer.makeStr()
    }

    /// What a table has for a code point; absent if it has nothing (LookupError).
    private static func lookUp(_ table: Value, _ codePoint: UInt32) throws(Raised) -> Value {
        let key = Value(inline: Int(codePoint))
        if table.isExactly(.dict) { return try table.object(Dict.self).get(key) }
        do { return try getItem(table, key) } catch {
            guard currentThread().raisedIs(.lookupError) else { throw error }
            _ = currentThread().takeRaised()
            return .absent
        }
    }

    private static func mappingTable(_ mapping: Value) throws(Raised) -> Value {
        guard mapping.isKind(.dict) else {
            throw typeError("if you give only one argument to maketrans it must be a dict")
        }
        let source = mapping.object(Dict.self)
        let result = Dict.make()
        var position = 0
        while let entry = source.next(&position) {
            let key = entry.pointee.key
            if key.isKind(.str) {
                guard key.object(Str.self).count == 1 else {
                    throw valueError("string keys in translate table must be of length 1")
                }
                try result.set(Value(inline: Int(key.object(Str.self).codePoint(at: 0))), entry.pointee.value)
            } else if isInteger(key) {
                try result.set(key, entry.pointee.value)
            } else {
                throw typeError("keys in translate table must be strings or integers")
            }
        }
        return Value(result)
    }

    private static func pairTable(_ a: Arguments) throws(Raised) -> Value {
        guard a[0].isKind(.str) else {
            throw typeError("first maketrans argument must be a string if there is a second argument")
        }
        let from = a[0].object(Str.self)
        let to = try strArgument(a[1], "maketrans", "argument 2")
        let dropped = a.has(2) ? try strArgument(a[2], "maketrans", "argument 3") : empty
        guard from.count == to.count else {
            throw valueError("the first two maketrans arguments must have equal length")
        }
        let result = Dict.make()
        var target = 0
        try from.forEachCodePoint { codePoint throws(Raised) in
            let (replacement, length) = decode(to.bytes + target)
            target += length
            try result.set(Value(inline: Int(codePoint)), Value(inline: Int(replacement)))
        }
        try dropped.forEachCodePoint { codePoint throws(Raised) in
            try result.set(Value(inline: Int(codePoint)), .none)
        }
        return Value(result)
    }
}
