// Codecs of the script: search functions, and what they found.
//
// A search function gets the normalised name and returns a tuple of four (codecs.CodecInfo): encode, decode, a stream
// reader and a stream writer. The module `encodings` registers the first one when the first unknown name is sought.

/// What `codecs.register` and `codecs.lookup` keep. Guarded by the GIL.
public enum CodecRegistry {
    nonisolated(unsafe) private static var functions: ListRef?
    nonisolated(unsafe) private static var found: DictRef?
    nonisolated(unsafe) private static var isPrepared = false

    /// The search functions; a permanent root.
    public static var searchFunctions: ListRef {
        if let functions { return functions }
        let made = List.make()
        heap.permanentRoots.append(Value(made))
        functions = made
        return made
    }

    /// What was found, by normalised name; a permanent root.
    public static var cache: DictRef {
        if let found { return found }
        let made = Dict.make()
        heap.permanentRoots.append(Value(made))
        found = made
        return made
    }

    /// The tuple of a codec. Throws LookupError if no function knows the name.
    public static func lookup(_ name: StrRef) throws(Raised) -> Value {
        for byte in name.buffer where byte == 0 { throw valueError("embedded null character") }
        if name.hasSurrogates { _ = try Codecs.encode(name, .utf8, ErrorPolicy(nil)) }
        let key = Str.make(Codec.normalized(name))
        let known = cache.get(StrTables.intern(key))
        if !known.isAbsent { return known }
        if !isPrepared {
            isPrepared = true
            _ = try importModule("encodings")
        }
        let list = searchFunctions
        var index = 0
        while index < list.count {
            let result = try callValue(list.items[index], Value(key))
            index += 1
            if result.isNone { continue }
            guard result.isKind(.tuple), result.object(Tuple.self).count == 4 else {
                throw typeError("codec search functions must return 4-tuples")
            }
            cache.set(StrTables.intern(key), result)
            return result
        }
        throw raise(.lookupError, "unknown encoding: \(name.string)")
    }

    /// Calls the encoder or decoder of a codec; its result without the count.
    public static func call(
        _ info: Value, _ name: StrRef, isEncoding: Bool, _ object: Value, _ errors: StrRef?
    ) throws(Raised) -> Value {
        let function = info.object(Tuple.self).items[isEncoding ? 0 : 1]
        let result: Value
        do {
            result = errors == nil
                ? try callValue(function, object) : try callValue(function, object, errors.map { Value($0) } ?? .none)
        } catch {
            let raised = currentThread().pointee.raised
            if raised.isKind(.exception) {
                raised.object(ExceptionObject.self).addNote(
                    "\(isEncoding ? "encoding" : "decoding") with '\(name.string)' codec failed")
            }
            throw error
        }
        guard result.isKind(.tuple), result.object(Tuple.self).count == 2 else {
            throw typeError("\(isEncoding ? "encoder" : "decoder") must return a tuple (object, integer)")
        }
        return result.object(Tuple.self).items[0]
    }

    /// As above, for `str.encode` and `bytes.decode`: only codecs between text and bytes.
    static func callText(
        _ name: StrRef, isEncoding: Bool, _ object: Value, _ errors: StrRef?
    ) throws(Raised) -> Value {
        let info = try lookup(name)
        let flag = info.isExactly(.tuple) ? .absent : try getAttribute(info, StrTables.intern("_is_text_encoding"), default: .absent)
        if !flag.isAbsent, !(try truth(flag)) {
            let function = isEncoding ? "encode" : "decode"
            throw raise(
                .lookupError,
                "'\(name.string)' is not a text encoding; use codecs.\(function)() to handle arbitrary codecs")
        }
        return try call(info, name, isEncoding: isEncoding, object, errors)
    }
}
