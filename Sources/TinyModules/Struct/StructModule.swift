// `_struct`: functions and the class Struct; formats are compiled in StructFormat, values coded in StructCoding.
import TinyRuntime

enum StructModule {
    static let nativeModule = NativeModule(
        "_struct", doc: "Functions to convert between Python values and C structs.", functions: { functions },
        prepare: { contents throws(Raised) in
            StructFormat.error = contents.addException("error")
            StructFormat.error.pointee.namespace.set(Names.module, Value(StrTables.intern("struct")))
            CompiledStruct.iteratorClass = contents.add(StructIterator.nativeClass)
            _ = contents.namespace.remove(StrTables.intern("unpack_iterator"))
            contents.add(CompiledStruct.nativeClass)
        })

    fileprivate static func pack(_ format: StructFormat, _ values: UnsafePointer<Value>, _ count: Int) throws(Raised) -> Value {
        guard count == format.valueCount else {
            throw StructFormat.fail("pack expected \(format.valueCount) items for packing (got \(count))")
        }
        let bytes = BytesObject.allocate(format.size)
        bytes.bytes.update(repeating: 0, count: format.size)
        try format.pack(values, into: bytes.bytes)
        return Value(bytes)
    }

    fileprivate static func packInto(
        _ format: StructFormat, _ target: Value, _ offset: Value, _ values: UnsafePointer<Value>, _ count: Int
    ) throws(Raised) -> Value {
        guard count == format.valueCount else {
            throw StructFormat.fail("pack_into expected \(format.valueCount) items for packing (got \(count))")
        }
        let packed = try pack(format, values, count)
        if target.isKind(.instance), target.cls.special(.buffer).isKind(.function) {
            let view = try MemoryView.make(target, flags: MemoryView.writableRequest)
            let result = try packInto(format, Value(view), offset, values, count)
            try view.letGo()
            return result
        }
        guard target.isKind(.bytearray) || target.isKind(.memoryview) || target.isKind(.box) else {
            throw typeError("pack_into() argument must be read-write bytes-like object, not \(typeName(target))")
        }
        if target.isKind(.memoryview), target.object(MemoryView.self).pointee.isReadOnly {
            throw typeError("pack_into() argument must be read-write bytes-like object, not \(typeName(target))")
        }
        let view = try BufferView(target)
        var start = try index(offset)
        if start < 0 {
            guard start <= -format.size else {
                throw StructFormat.fail("no space to pack \(format.size) bytes at offset \(start)")
            }
            guard start >= -view.count else {
                throw StructFormat.fail("offset \(start) out of range for \(view.count)-byte buffer")
            }
            start += view.count
        }
        guard view.count - start >= format.size else {
            throw StructFormat.fail(
                "pack_into requires a buffer of at least \(UInt(bitPattern: start) &+ UInt(bitPattern: format.size)) bytes for packing \(format.size) bytes at offset \(start) (actual buffer size is \(view.count))")
        }
        if let base = view.octets.baseAddress {
            UnsafeMutablePointer(mutating: base + start).update(from: packed.object(BytesObject.self).bytes, count: format.size)
        }
        return .none
    }

    fileprivate static func unpack(_ format: StructFormat, _ buffer: Value) throws(Raised) -> Value {
        let view = try BufferView(buffer)
        guard view.count == format.size else { throw StructFormat.fail("unpack requires a buffer of \(format.size) bytes") }
        return format.unpack(view.octets.baseAddress ?? empty)
    }

    fileprivate static func unpackFrom(_ format: StructFormat, _ buffer: Value, _ offset: Value) throws(Raised) -> Value {
        let view = try BufferView(buffer)
        var start = try index(offset)
        if start < 0 {
            guard start <= -format.size else {
                throw StructFormat.fail("not enough data to unpack \(format.size) bytes at offset \(start)")
            }
            guard start >= -view.count else {
                throw StructFormat.fail("offset \(start) out of range for \(view.count)-byte buffer")
            }
            start += view.count
        }
        guard view.count - start >= format.size else {
            throw StructFormat.fail(
                "unpack_from requires a buffer of at least \(UInt(bitPattern: start) &+ UInt(bitPattern: format.size)) bytes for unpacking \(format.size) bytes at offset \(start) (actual buffer size is \(view.count))")
        }
        return format.unpack((view.octets.baseAddress ?? empty) + start)
    }

    nonisolated(unsafe) fileprivate static let empty: UnsafePointer<UInt8> = UnsafePointer(UnsafeMutablePointer<UInt8>.allocate(capacity: 1))

    fileprivate static func iterate(_ format: StructFormat, _ buffer: Value) throws(Raised) -> Value {
        if format.size == 0 { throw StructFormat.fail("cannot iteratively unpack with a struct of length 0") }
        let count = try BufferView(buffer).count
        if count % format.size != 0 {
            throw StructFormat.fail("iterative unpacking requires a buffer of a multiple of \(format.size) bytes")
        }
        return BoxedObject.make(StructIterator(format, buffer), CompiledStruct.iteratorClass)
    }

    private static let functions: [Native] = [
        Native("calcsize(format, /)", "Return size in bytes of the struct described by the format string.") { args throws(Raised) in
            Value(try StructFormat.of(args[0]).size)
        },
        Native("pack(format, /, *values)", "Return a bytes object containing the values packed according to the format string.") { args throws(Raised) in
            try pack(try StructFormat.of(args[0]), args[1].object(Tuple.self).items, args[1].object(Tuple.self).count)
        },
        Native("pack_into(format, buffer, offset, /, *values)", "Pack values and write the packed bytes into writable buffer starting at offset.") { args throws(Raised) in
            try packInto(try StructFormat.of(args[0]), args[1], args[2], args[3].object(Tuple.self).items, args[3].object(Tuple.self).count)
        },
        Native("unpack(format, buffer, /)", "Return a tuple containing values unpacked according to the format string.") { args throws(Raised) in
            try unpack(try StructFormat.of(args[0]), args[1])
        },
        Native("unpack_from(format, /, buffer, offset=0)", "Return a tuple containing values unpacked according to the format string.") { args throws(Raised) in
            try unpackFrom(try StructFormat.of(args[0]), args[1], args[2])
        },
        Native("iter_unpack(format, buffer, /)", "Return an iterator yielding tuples unpacked from the given bytes.") { args throws(Raised) in
            try iterate(try StructFormat.of(args[0]), args[1])
        },
        Native("_clearcache()", "Clear the internal cache.") { args throws(Raised) in
            StructFormat.clearCache()
            return .none
        },
    ]
}

final class StructIterator: IteratorObject {
    private let format: StructFormat
    private var buffer: Value
    private var offset = 0

    init(_ format: StructFormat, _ buffer: Value) {
        self.format = format
        self.buffer = buffer
    }

    override func next() throws(Raised) -> Value {
        if buffer.isNone { return .absent }
        let view = try BufferView(buffer)
        guard offset + format.size <= view.count, let base = view.octets.baseAddress else {
            buffer = .none
            return .absent
        }
        offset += format.size
        return format.unpack(base + offset - format.size)
    }

    override func trace(_ marker: inout Marker) { marker.mark(buffer) }

    static let nativeClass = NativeClass(
        "unpack_iterator", kind: .box, methods: nativeIteratorMethods + [
            Native("__length_hint__(self, /)", "How many tuples are left.", .method) { args throws(Raised) in
                guard let own = args[0].boxed(StructIterator.self), !own.buffer.isNone else { return Value(inline: 0) }
                return Value((try BufferView(own.buffer).count - own.offset) / own.format.size)
            }
        ])
}

/// struct.Struct.
final class CompiledStruct {
    nonisolated(unsafe) static var iteratorClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private var format: StructFormat

    init(_ format: StructFormat) { self.format = format }

    private static func own(_ value: Value) throws(Raised) -> StructFormat {
        guard let compiled = value.boxed(CompiledStruct.self) else { throw typeError("a Struct is required") }
        return compiled.format
    }

    static let nativeClass = NativeClass(
        "Struct", kind: .box, doc: "Struct(fmt) --> compiled struct object", flags: [.isBase, .isWeakReferenceable], methods: [
            Native("__init__(self, format)", "Initialize self.") { args throws(Raised) in
                args[0].boxed(CompiledStruct.self)?.format = try StructFormat.of(args[1])
                return .none
            },
            Native("pack(self, /, *values)", "S.pack(v1, v2, ...) -> bytes", .method) { args throws(Raised) in
                try StructModule.pack(try own(args[0]), args[1].object(Tuple.self).items, args[1].object(Tuple.self).count)
            },
            Native("pack_into(self, buffer, offset, /, *values)", "S.pack_into(buffer, offset, v1, v2, ...)", .method) { args throws(Raised) in
                try StructModule.packInto(
                    try own(args[0]), args[1], args[2], args[3].object(Tuple.self).items, args[3].object(Tuple.self).count)
            },
            Native("unpack(self, buffer, /)", "Return a tuple containing unpacked values.", .method) { args throws(Raised) in
                try StructModule.unpack(try own(args[0]), args[1])
            },
            Native("unpack_from(self, /, buffer, offset=0)", "Return a tuple containing unpacked values.", .method) { args throws(Raised) in
                try StructModule.unpackFrom(try own(args[0]), args[1], args[2])
            },
            Native("iter_unpack(self, buffer, /)", "Return an iterator yielding tuples.", .method) { args throws(Raised) in
                try StructModule.iterate(try own(args[0]), args[1])
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("\(qualifiedClassName(args[0].cls).split(separator: ".").last.map(String.init) ?? "Struct")(\(try repr(Value(Str.make(try own(args[0]).text))).string))"))
            },
        ], attributes: [
            Accessors("format", "struct format string") { object throws(Raised) in Value(Str.make(try own(object).text)) },
            Accessors("size", "struct size in bytes") { object throws(Raised) in Value(try own(object).size) },
        ],
        construct: { args throws(Raised) in
            BoxedObject.make(CompiledStruct(try StructFormat([])), args[0].object(ClassObject.self))
        })
}
