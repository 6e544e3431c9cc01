// `_codecs`: what the module `codecs` (stdlib/codecs.tr) is built on.
import TinyRuntime

enum CodecsModule {
    static let nativeModule = NativeModule(
        "_codecs", doc: "Encoders, decoders and error handlers.",
        functions: { registryNatives + CodecFunctions.natives + CodecHandlers.natives + CharmapFunctions.natives + SystemConverter.natives },
        prepare: { contents throws(Raised) in
            for name in CodecHandlers.names {
                let handler = contents.namespace.get(StrTables.intern(name + "_errors"))
                if CodecErrors.handlers.get(StrTables.intern(name)).isAbsent {
                    CodecErrors.handlers.set(StrTables.intern(name), handler)
                }
            }
        })

    private static let registryNatives: [Native] = [
        Native("register(search_function, /)", "Register a codec search function.") { a throws(Raised) in
            guard a[0].cls.has(.call) || a[0].isKind(.function) || a[0].isKind(.native) || a[0].isKind(.class) else {
                throw typeError("argument must be callable")
            }
            CodecRegistry.searchFunctions.append(a[0])
            return .none
        },
        Native("unregister(search_function, /)", "Forget a codec search function and what it found.") { a throws(Raised) in
            let list = CodecRegistry.searchFunctions
            for index in 0 ..< list.count where list.items[index] == a[0] {
                list.replace(index, index + 1, UnsafeBufferPointer(start: nil, count: 0))
                CodecRegistry.cache.clear()
                break
            }
            return .none
        },
        Native("lookup(encoding, /)", "The CodecInfo of an encoding.") { a throws(Raised) in
            try CodecRegistry.lookup(try strArgument(a[0], "lookup"))
        },
        Native("encode(obj, encoding='utf-8', errors='strict')", "Encode an object with a codec.") { a throws(Raised) in
            let encoding = try strArgument(a[1], "encode", "argument 'encoding'")
            let errors = try strArgument(a[2], "encode", "argument 'errors'")
            if a[0].isKind(.str), let codec = Codec.named(encoding) {
                return try Codecs.encode(a[0].object(Str.self), codec, ErrorPolicy(errors))
            }
            return try CodecRegistry.call(try CodecRegistry.lookup(encoding), encoding, isEncoding: true, a[0], errors)
        },
        Native("decode(obj, encoding='utf-8', errors='strict')", "Decode an object with a codec.") { a throws(Raised) in
            let encoding = try strArgument(a[1], "decode", "argument 'encoding'")
            let errors = try strArgument(a[2], "decode", "argument 'errors'")
            if BufferView.isBytesLike(a[0]), let codec = Codec.named(encoding) {
                return Value(try Codecs.decode(try BufferView(a[0]), codec, ErrorPolicy(errors)))
            }
            return try CodecRegistry.call(try CodecRegistry.lookup(encoding), encoding, isEncoding: false, a[0], errors)
        },
        Native("register_error(errors, handler, /)", "Register a function that handles encoding errors.") {
            a throws(Raised) in
            let name = try strArgument(a[0], "register_error", "argument 1")
            guard a[1].cls.has(.call) || a[1].isKind(.function) || a[1].isKind(.native) || a[1].isKind(.class) else {
                throw typeError("handler must be callable")
            }
            CodecErrors.handlers.set(StrTables.intern(name), a[1])
            return .none
        },
        Native("lookup_error(name, /)", "The function that handles errors under a name.") { a throws(Raised) in
            try CodecErrors.handler(try strArgument(a[0], "lookup_error"))
        },
        Native("builtin_name(encoding, /)", "The canonical name of an encoding that the runtime knows, or None.") {
            a throws(Raised) in
            Codec.named(try strArgument(a[0], "builtin_name")).map { Value(Str.make($0.name)) } ?? .none
        },
        Native("builtin_aliases()", "Other names of the encodings that the runtime knows: name, module of `encodings`.") { _ throws(Raised) in
            let result = Dict.make()
            for (name, module) in Codec.aliases.sorted(by: { $0.name < $1.name }) {
                try result.set(Value(Str.make(name)), Value(Str.make(module)))
            }
            return Value(result)
        },
        Native("builtin_encode(name, str, errors='strict', /)", "Encode with a codec of the runtime: (bytes, length).") {
            a throws(Raised) in
            guard let codec = Codec.named(try strArgument(a[0], "builtin_encode")) else {
                throw raise(.lookupError, "unknown encoding: \(try str(a[0]).string)")
            }
            return try CodecFunctions.encode(codec, a[1], a[2])
        },
        Native(
            "builtin_decode(name, data, errors='strict', final=True, /)",
            "Decode with a codec of the runtime: (str, length)."
        ) { a throws(Raised) in
            guard let codec = Codec.named(try strArgument(a[0], "builtin_decode")) else {
                throw raise(.lookupError, "unknown encoding: \(try str(a[0]).string)")
            }
            return try CodecFunctions.decode(codec, a[1], a[2], isFinal: try truth(a[3]))
        },
    ]
}

/// `utf_8_encode` and its like: each returns its result and how much it used.
enum CodecFunctions {
    static func encode(_ codec: Codec, _ value: Value, _ errors: Value) throws(Raised) -> Value {
        guard value.isKind(.str) else { throw typeError("encode() argument 1 must be str, not \(typeName(value))") }
        let text = value.object(Str.self)
        let policy = ErrorPolicy(errors.isNone ? nil : try strArgument(errors, "encode", "argument 2"))
        return Value(Tuple.make(try Codecs.encode(text, codec, policy), Value(text.count)))
    }

    static func decode(_ codec: Codec, _ value: Value, _ errors: Value, isFinal: Bool) throws(Raised) -> Value {
        let view: BufferView
        if value.isKind(.str), codec == .unicodeEscape || codec == .rawUnicodeEscape {
            view = try BufferView(BytesObject.make(value.object(Str.self).buffer))
        } else {
            view = try BufferView(value)
        }
        let policy = ErrorPolicy(errors.isNone ? nil : try strArgument(errors, "decode", "argument 2"))
        let result = try Codecs.decode(view, codec, policy, isFinal: isFinal)
        return Value(Tuple.make(Value(result.text), Value(result.consumed)))
    }

    /// utf_16_ex_decode: the byte order as -1, 0 or 1 in and out.
    private static func decodeOrdered(_ a: Arguments, unit: Int) throws(Raised) -> Value {
        let given = try index(a[2])
        let order: ByteOrder? = given < 0 ? .little : given > 0 ? .big : nil
        let policy = ErrorPolicy(a[1].isNone ? nil : try strArgument(a[1], "decode", "argument 2"))
        let result = try Codecs.decode(
            try BufferView(a[0]), unit == 2 ? .utf16(order) : .utf32(order), policy, isFinal: try truth(a[3]))
        let found = result.order == nil ? 0 : result.order == .little ? -1 : 1
        return Value(Tuple.make(Value(result.text), Value(result.consumed), Value(found)))
    }

    private static func encodeOrdered(_ a: Arguments, unit: Int) throws(Raised) -> Value {
        let given = try index(a[2])
        let order: ByteOrder? = given < 0 ? .little : given > 0 ? .big : nil
        return try encode(unit == 2 ? .utf16(order) : .utf32(order), a[0], a[1])
    }

    static let natives: [Native] = [
        Native("utf_8_encode(str, errors=None, /)", "") { a throws(Raised) in try encode(.utf8, a[0], a[1]) },
        Native("utf_8_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf8, a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_16_encode(str, errors=None, byteorder=0, /)", "") { a throws(Raised) in
            try encodeOrdered(a, unit: 2)
        },
        Native("utf_16_le_encode(str, errors=None, /)", "") { a throws(Raised) in
            try encode(.utf16(.little), a[0], a[1])
        },
        Native("utf_16_be_encode(str, errors=None, /)", "") { a throws(Raised) in try encode(.utf16(.big), a[0], a[1]) },
        Native("utf_16_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf16(nil), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_16_le_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf16(.little), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_16_be_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf16(.big), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_16_ex_decode(data, errors=None, byteorder=0, final=False, /)", "") { a throws(Raised) in
            try decodeOrdered(a, unit: 2)
        },
        Native("utf_32_encode(str, errors=None, byteorder=0, /)", "") { a throws(Raised) in
            try encodeOrdered(a, unit: 4)
        },
        Native("utf_32_le_encode(str, errors=None, /)", "") { a throws(Raised) in
            try encode(.utf32(.little), a[0], a[1])
        },
        Native("utf_32_be_encode(str, errors=None, /)", "") { a throws(Raised) in try encode(.utf32(.big), a[0], a[1]) },
        Native("utf_32_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf32(nil), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_32_le_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf32(.little), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_32_be_decode(data, errors=None, final=False, /)", "") { a throws(Raised) in
            try decode(.utf32(.big), a[0], a[1], isFinal: truth(a[2]))
        },
        Native("utf_32_ex_decode(data, errors=None, byteorder=0, final=False, /)", "") { a throws(Raised) in
            try decodeOrdered(a, unit: 4)
        },
        Native("latin_1_encode(str, errors=None, /)", "") { a throws(Raised) in try encode(.latin1, a[0], a[1]) },
        Native("latin_1_decode(data, errors=None, /)", "") { a throws(Raised) in
            try decode(.latin1, a[0], a[1], isFinal: true)
        },
        Native("ascii_encode(str, errors=None, /)", "") { a throws(Raised) in try encode(.ascii, a[0], a[1]) },
        Native("ascii_decode(data, errors=None, /)", "") { a throws(Raised) in
            try decode(.ascii, a[0], a[1], isFinal: true)
        },
        Native("unicode_escape_encode(str, errors=None, /)", "") { a throws(Raised) in
            try encode(.unicodeEscape, a[0], a[1])
        },
        Native("unicode_escape_decode(data, errors=None, final=True, /)", "") { a throws(Raised) in
            try decode(.unicodeEscape, a[0], a[1], isFinal: truth(a[2]))
        },
        Native("raw_unicode_escape_encode(str, errors=None, /)", "") { a throws(Raised) in
            try encode(.rawUnicodeEscape, a[0], a[1])
        },
        Native("raw_unicode_escape_decode(data, errors=None, final=True, /)", "") { a throws(Raised) in
            try decode(.rawUnicodeEscape, a[0], a[1], isFinal: truth(a[2]))
        },
        Native("readbuffer_encode(data, errors=None, /)", "") { a throws(Raised) in
            let bytes = a[0].isKind(.str) ? BytesObject.make(a[0].object(Str.self).buffer) : BytesObject.make(try BufferView(a[0]).octets)
            return Value(Tuple.make(bytes, Value(bytes.object(BytesObject.self).pointee.count)))
        },
    ] + EscapeCodec.natives
}
