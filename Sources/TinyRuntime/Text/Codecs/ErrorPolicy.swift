// What to do about text that can't be encoded and octets that can't be decoded: the `errors` argument.
//
// The built-in policies are handled without a call; any other name is a function that the script registered, called
// with the UnicodeError, which returns the replacement and where to go on.

/// What `errors` says: a policy of the runtime's own, or the name of a handler.
public enum ErrorPolicy {
    case strict, ignore, replace, backslashReplace, xmlReplace, nameReplace, surrogateEscape, surrogatePass
    case registered(StrRef)

    /// The policy of a name; nil: strict. A name that is not built in need not be registered yet.
    public init(_ name: StrRef?) {
        guard let name else {
            self = .strict
            return
        }
        if name.equals("strict") {
            self = .strict
        } else if name.equals("ignore") {
            self = .ignore
        } else if name.equals("replace") {
            self = .replace
        } else if name.equals("backslashreplace") {
            self = .backslashReplace
        } else if name.equals("xmlcharrefreplace") {
            self = .xmlReplace
        } else if name.equals("namereplace") {
            self = .nameReplace
        } else if name.equals("surrogateescape") {
            self = .surrogateEscape
        } else if name.equals("surrogatepass") {
            self = .surrogatePass
        } else {
            self = .registered(name)
        }
    }

    var isRegistered: Bool {
        if case .registered = self { return true }
        return false
    }
}

/// The handlers of `codecs.register_error`, and the errors that they get. Guarded by the GIL.
public enum CodecErrors {
    /// Handlers by name; a permanent root.
    nonisolated(unsafe) private static var table: DictRef?

    /// Registered handlers by name, the script's own; made when first asked for.
    public static var handlers: DictRef {
        if let table { return table }
        let made = Dict.make()
        heap.permanentRoots.append(Value(made))
        table = made
        return made
    }

    /// Throws LookupError if nobody handles errors under a name.
    static func check(_ name: StrRef?) throws(Raised) {
        if let name, ErrorPolicy(name).isRegistered { _ = try handler(name) }
    }

    /// A registered handler. Throws LookupError if there is none.
    public static func handler(_ name: StrRef) throws(Raised) -> Value {
        let handler = handlers.get(StrTables.intern(name))
        guard !handler.isAbsent else { throw raise(.lookupError, "unknown error handler name '\(name.string)'") }
        return handler
    }

    /// A UnicodeDecodeError or UnicodeEncodeError that is not raised yet.
    public static func make(
        _ name: ExceptionName, _ encoding: String, _ object: Value, _ start: Int, _ end: Int, _ reason: String
    ) -> Value {
        let arguments = Tuple.make(
            Value(Str.make(encoding)), object, Value(inline: start), Value(inline: end), Value(Str.make(reason)))
        let exception = ExceptionObject.make(name.cls, arguments)
        for index in 0 ..< 5 { exception.setField(index, arguments.items[index]) }
        return Value(exception)
    }

    /// Calls a handler; its replacement and the position to go on at.
    public static func call(
        _ handler: Value, _ exception: Value, _ count: Int, _ what: StaticString, _ result: StaticString
    ) throws(Raised) -> (replacement: Value, position: Int) {
        let answer = try callValue(handler, exception)
        guard answer.isKind(.tuple), answer.object(Tuple.self).count == 2,
            isInteger(answer.object(Tuple.self).items[1])
        else { throw typeError("\(what) error handler must return (\(result), int) tuple") }
        let pair = answer.object(Tuple.self)
        let replacement = pair.items[0]
        guard replacement.isKind(.str) || result.utf8CodeUnitCount > 3 && replacement.isKind(.bytes) else {
            throw typeError("\(what) error handler must return (\(result), int) tuple")
        }
        // A handler of a decoder may have put other octets in place.
        let object = exception.object(ExceptionObject.self).field(1)
        let isDecoding = result.utf8CodeUnitCount == 3
        guard !isDecoding || object.isKind(.bytes) else { throw typeError("object attribute must be bytes") }
        let count = isDecoding ? object.object(BytesObject.self).pointee.count : count
        let given = machineInt(pair.items[1]) ?? Int.max
        let position = given < 0 ? given &+ count : given
        guard position >= 0, position <= count else {
            throw raise(.indexError, "position \(given) from error handler out of bounds")
        }
        return (replacement, position)
    }
}
