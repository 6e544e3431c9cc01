// The classes `bytes` and `bytearray`: what each has of its own beside the shared methods.
import Glibc

extension BytesObject {
    static let nativeClass = NativeClass(
        "bytes", kind: .bytes,
        doc: """
            bytes(iterable_of_ints) -> bytes
            bytes(string, encoding[, errors]) -> bytes
            bytes(bytes_or_buffer) -> immutable copy of bytes_or_buffer
            bytes(int) -> bytes object of size given by the parameter initialized with null bytes
            bytes() -> empty bytes object

            Construct an immutable array of bytes from:
              - an iterable yielding integers in range(256)
              - a text string encoded using the specified encoding
              - any object implementing the buffer API.
              - an integer
            """,
        flags: [.isBase, .matchSelf],
        methods: MemoryView.bufferRows + BytesOperators.methods + BytesSearch.methods + BytesText.methods + ownMethods,
        construct: construct,
        quick: { cls, base, count throws(Raised) in
            // Zeros, mostly.
            guard count == 1, cls.isBuiltin, base[0].isInlineInt, 2 ... 1 << 20 ~= base[0].inlineInt else { return nil }
            let bytes = allocate(base[0].inlineInt)
            bytes.bytes.update(repeating: 0, count: base[0].inlineInt)
            return Value(bytes)
        })

    private static let ownMethods: [Native] = [
        Native("__hash__(self, /)", "Return hash(self).") { a throws(Raised) in
            let bytes = a[0].object(BytesObject.self)
            if bytes.pointee.hash == 0 { bytes.pointee.hash = Str.hash(bytes.bytes, bytes.pointee.count) }
            return Value(bytes.pointee.hash)
        },
        Native("__bytes__(self, /)", "The bytes themselves.", .method) { a throws(Raised) in
            BytesArguments.unchanged(a[0])
        },
        Native("__getnewargs__(self, /)", "The arguments that make equal bytes.", .method) { a throws(Raised) in
            Value(Tuple.make(BytesArguments.unchanged(a[0])))
        },
        Native("fromhex(cls, string, /)", "Bytes from hexadecimal digits.", .classMethod) { a throws(Raised) in
            let bytes = BytesObject.make(try BytesText.parseHex(a[1]))
            return a[0] == Value(bytes.cls) ? bytes : try callValue(a[0], bytes)
        },
    ]

    private static func construct(_ a: Arguments) throws(Raised) -> Value {
        let cls = a[0].object(ClassObject.self)
        let given = try ConstructorArguments(a, "bytes", "source", "encoding", "errors")
        if given.first.isExactly(.bytes), given.second.isAbsent, given.third.isAbsent,
            !cls.pointee.flags.contains(.isHeapType)
        {
            return given.first
        }
        // `bytes(x)` hands on what a `__bytes__` of the script gives, be it of a subclass.
        if !cls.pointee.flags.contains(.isHeapType), given.first.isPointer, given.second.isAbsent, given.third.isAbsent,
            given.first.cls.pointee.flags.contains(.isHeapType)
        {
            let method = given.first.cls.special(.bytes)
            if !method.isAbsent { return try BytesOperators.ownBytes(given.first, method) }
        }
        if given.first.isExactly(.bytearray) || given.first.isKind(.memoryview), given.second.isAbsent, given.third.isAbsent {
            return make(try BufferView(given.first).octets, cls)
        }
        let octets = try BytesOperators.collect(given.first, given.second, given.third, "bytes")
        return octets.withUnsafeBufferPointer { make($0, cls) }
    }
}

extension ByteArray {
    static let nativeClass = NativeClass(
        "bytearray", kind: .bytearray,
        doc: """
            bytearray(iterable_of_ints) -> bytearray
            bytearray(string, encoding[, errors]) -> bytearray
            bytearray(bytes_or_buffer) -> mutable copy of bytes_or_buffer
            bytearray(int) -> bytes array of size given by the parameter initialized with null bytes
            bytearray() -> empty bytes array

            Construct a mutable bytearray object from:
              - an iterable yielding integers in range(256)
              - a text string encoded using the specified encoding
              - a bytes or a buffer object
              - any object implementing the buffer API.
              - an integer
            """,
        flags: [.isBase, .matchSelf],
        methods: MemoryView.bufferRows + BytesOperators.methods + BytesSearch.methods + BytesText.methods + changingMethods + ownMethods,
        construct: construct,
        quick: { cls, base, count throws(Raised) in
            guard count == 1, cls.isBuiltin, base[0].isExactly(.bytes) || base[0].isExactly(.bytearray) else { return nil }
            return Value(make(BytesArguments.own(base[0])))
        })

    private static let ownMethods: [Native] = [
        Native("__init__(self, /, source=?, encoding=?, errors=?)", "Initialize self.") { a throws(Raised) in
            let octets = try BytesOperators.collect(a[1], a[2], a[3], "bytearray")
            let array = a[0].object(ByteArray.self)
            try octets.withRaisingBuffer { buffer throws(Raised) in try array.replace(0, array.pointee.count, buffer) }
            return .none
        },
        Native("fromhex(cls, string, /)", "A bytearray from hexadecimal digits.", .classMethod) { a throws(Raised) in
            let octets = try BytesText.parseHex(a[1])
            let cls = a[0].object(ClassObject.self)
            if cls.pointee.flags.contains(.isHeapType) { return try callValue(a[0], BytesObject.make(octets)) }
            return Value(octets.withUnsafeBufferPointer { ByteArray.make($0) })
        },
        Native("copy(self, /)", "A copy.") { a throws(Raised) in
            Value(ByteArray.make(BytesArguments.own(a[0])))
        },
        Native("__alloc__(self, /)", "The bytes of the buffer.", .method) { a throws(Raised) in
            // With room for a zero behind the last octet, as in CPython.
            Value(a[0].object(ByteArray.self).pointee.capacity + 1)
        },
        Native("__reduce__(self, /)", "What pickle needs.", .method) { a throws(Raised) in try reduce(a[0]) },
        Native("__reduce_ex__(self, proto=0, /)", "What pickle needs.", .method) { a throws(Raised) in try reduce(a[0]) },
    ]

    private static func reduce(_ value: Value) throws(Raised) -> Value {
        let dictionary = ownDictionary(value, create: false).map { Value($0) } ?? .none
        let octets = Tuple.make(BytesObject.make(BytesArguments.own(value)))
        return Value(Tuple.make(Value(value.cls), Value(octets), dictionary))
    }

    /// An empty array; `__init__` fills it.
    private static func construct(_ a: Arguments) throws(Raised) -> Value {
        let cls = a[0].object(ClassObject.self)
        let empty = Octets(start: nil, count: 0)
        guard cls.pointee.flags.contains(.isHeapType) else { return Value(make(empty)) }
        // A class that can be instantiated has a root shape.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        return finishSubclass(Value(make(empty, shape: shape, extra: 8)), cls)
    }
}

extension Array where Element == UInt8 {
    /// `withUnsafeBufferPointer` for bodies that raise.
    func withRaisingBuffer<Result>(_ body: (Octets) throws(Raised) -> Result) throws(Raised) -> Result {
        var outcome: Swift.Result<Result, Raised>?
        withUnsafeBufferPointer { buffer in
            do throws(Raised) { outcome = .success(try body(buffer)) } catch { outcome = .failure(error) }
        }
        // The closure has run.
        return try outcome.unsafelyUnwrapped.get()
    }
}
