// The class `memoryview`.

extension MemoryView {
    static let nativeClass = NativeClass(
        "memoryview", kind: .memoryview, doc: "Create a new memoryview object which references the given object.",
        flags: [.matchesSequence, .isWeakReferenceable], methods: methods + bufferRows, attributes: attributes,
        construct: { a throws(Raised) in
            let given = try ConstructorArguments(a, "memoryview", "object")
            guard !given.first.isAbsent else {
                throw typeError("memoryview() missing required argument 'object' (pos 1)")
            }
            return Value(try make(given.first))
        })

    private static func view(_ value: Value) throws(Raised) -> MemoryViewRef {
        let view = value.object(MemoryView.self)
        try view.checkReleased()
        return view
    }

    private static let methods: [Native] = [
        Native("tobytes(self, /, order='C')", "The items as bytes.") { a throws(Raised) in try view(a[0]).copied() },
        Native("tolist(self, /)", "The items as a list.") { a throws(Raised) in try view(a[0]).list() },
        Native("hex(self, sep=?, bytes_per_sep=1)", "The octets as hexadecimal digits.") { a throws(Raised) in
            let text = try view(a[0]).gathered().withRaisingBuffer { octets throws(Raised) in
                try BytesText.hexText(octets, a[1], a[2])
            }
            return Value(text)
        },
        Native("cast(self, format, shape=None)", "The same octets as items of another format.") { a throws(Raised) in
            try view(a[0]).cast(a[1], a[2])
        },
        Native("toreadonly(self, /)", "A view that can't be written through.") { a throws(Raised) in
            try a[0].object(MemoryView.self).checkUsable()
            let copy = make(like: a[0].object(MemoryView.self))
            copy.pointee.isReadOnly = true
            return Value(copy)
        },
        Native("release(self, /)", "Let go of the object.") { a throws(Raised) in
            try a[0].object(MemoryView.self).letGo()
            return .none
        },
        Native("_from_flags(cls, object, flags)", "A view as PyObject_GetBuffer() with these flags would give it.", .classMethod) { a throws(Raised) in
            Value(try make(a[1], flags: try index(a[2])))
        },
        Native("__enter__(self, /)", "", .method) { a throws(Raised) in
            _ = try view(a[0])
            return a[0]
        },
        Native("__exit__(self, /, *args)", "", .method) { a throws(Raised) in
            try a[0].object(MemoryView.self).letGo()
            return .none
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { a throws(Raised) in
            try a[0].object(MemoryView.self).get(a[1])
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { a throws(Raised) in
            try a[0].object(MemoryView.self).set(a[1], a[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { a throws(Raised) in
            throw typeError("cannot delete memory")
        },
        Native("__len__(self, /)", "Return len(self).") { a throws(Raised) in
            let view = try view(a[0])
            if view.dimensions.isEmpty { throw typeError("0-dim memory has no length") }
            return Value(view.pointee.count)
        },
        Native("__iter__(self, /)", "Implement iter(self).") { a throws(Raised) in
            _ = try view(a[0])
            return SequenceIterator.make(a[0])
        },
        Native("__eq__(self, value, /)", "Return self==value.") { a throws(Raised) in try equality(a, wanted: true) },
        Native("__ne__(self, value, /)", "Return self!=value.") { a throws(Raised) in try equality(a, wanted: false) },
        Native("__hash__(self, /)", "Return hash(self).") { a throws(Raised) in
            let view = a[0].object(MemoryView.self)
            if view.pointee.hash != 0 { return Value(view.pointee.hash) }
            try view.checkReleased()
            guard view.pointee.isReadOnly else { throw valueError("cannot hash writable memoryview object") }
            guard view.item.isOctet else {
                throw valueError("memoryview: hashing is restricted to formats 'B', 'b' or 'c'")
            }
            let octets = try view.gathered()
            view.pointee.hash = octets.withUnsafeBufferPointer { buffer in
                var none: UInt8 = 0
                return buffer.baseAddress.map { Str.hash($0, buffer.count) } ?? Str.hash(&none, 0)
            }
            return Value(view.pointee.hash)
        },
        Native("__repr__(self, /)", "Return repr(self).") { a throws(Raised) in
            let isReleased = a[0].object(MemoryView.self).pointee.owner.isNone
            return Value(Str.make("<\(isReleased ? "released " : "")memory at \(addressText(a[0]))>"))
        },
    ]

    private static func equality(_ a: Arguments, wanted: Bool) throws(Raised) -> Value {
        let view = a[0].object(MemoryView.self)
        if view.pointee.owner.isNone || a[1].isKind(.memoryview) && a[1].object(MemoryView.self).pointee.owner.isNone {
            return Value((a[0] == a[1]) == wanted)
        }
        guard BufferView.isBytesLike(a[1]) else { return .notImplemented }
        let other = try make(a[1])
        defer { other.dropExport() }
        return Value(try view.isEqual(other) == wanted)
    }

    private static let attributes: [Accessors] = [
        Accessors("obj", "The object that the octets belong to.") { value throws(Raised) in
            try view(value).pointee.owner
        },
        Accessors("nbytes", "The size in bytes.") { value throws(Raised) in Value(try view(value).byteCount) },
        Accessors("itemsize", "The size of an item in bytes.") { value throws(Raised) in
            Value(try view(value).pointee.itemSize)
        },
        Accessors("format", "The format of the items.") { value throws(Raised) in
            Value(Str.make([try view(value).pointee.format]))
        },
        Accessors("ndim", "The number of dimensions.") { value throws(Raised) in
            Value(try view(value).dimensions.count)
        },
        Accessors("shape", "The lengths of the dimensions.") { value throws(Raised) in
            Value(Tuple.make(try view(value).dimensions.map { Value($0) }))
        },
        Accessors("strides", "The distance of items in each dimension, in bytes.") { value throws(Raised) in
            let view = try view(value)
            var strides: [Int] = []
            var size = view.pointee.itemSize
            for length in view.dimensions.dropFirst().reversed() {
                strides.insert(size, at: 0)
                size *= length
            }
            if !view.dimensions.isEmpty { strides.insert(view.pointee.stride, at: 0) }
            return Value(Tuple.make(strides.map { Value($0) }))
        },
        Accessors("suboffsets", "Always empty.") { value throws(Raised) in
            _ = try view(value)
            return Value(Tuple.make())
        },
        Accessors("readonly", "Whether the octets can't be written.") { value throws(Raised) in
            Value(try view(value).pointee.isReadOnly)
        },
        Accessors("c_contiguous", "Whether the items lie one behind the other.") { value throws(Raised) in
            Value(try view(value).isContiguous)
        },
        Accessors("f_contiguous", "Whether the items lie in Fortran order.") { value throws(Raised) in
            let view = try view(value)
            return Value(view.isContiguous && view.dimensions.count <= 1)
        },
        Accessors("contiguous", "Whether the items lie without gaps.") { value throws(Raised) in
            Value(try view(value).isContiguous)
        },
    ]
}
