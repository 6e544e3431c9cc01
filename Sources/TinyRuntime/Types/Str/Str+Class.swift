// The class `str`: its construction and operators; the methods stand in the files beside this one, by theme.

extension Str {
    static let nativeClass = NativeClass(
        "str", kind: .str,
        doc: """
            str(object='') -> str
            str(bytes_or_buffer[, encoding[, errors]]) -> str

            Create a new string object from the given object. If encoding or
            errors is specified, then the object must expose a data buffer
            that will be decoded using the given encoding and error handler.
            Otherwise, returns the result of object.__str__() (if defined)
            or repr(object).
            encoding defaults to 'utf-8'.
            errors defaults to 'strict'.
            """,
        flags: [.isBase, .matchSelf],
        methods: operatorMethods + searchMethods + splitMethods + caseMethods + predicateMethods + paddingMethods
            + translateMethods + formatMethods,
        construct: construct)

    private static let operatorMethods: [Native] = [
        Native("__add__(self, value, /)", "Return self+value.") { a throws(Raised) in
            guard a[1].isKind(.str) else { throw concatenationError(a[0], a[1]) }
            return Value(try concatenate(a[0].object(Str.self).exact, a[1].object(Str.self).exact))
        },
        Native("__mul__(self, value, /)", "Return self*value.") { a throws(Raised) in try multiply(a) },
        Native("__rmul__(self, value, /)", "Return value*self.") { a throws(Raised) in try multiply(a) },
        Native("__mod__(self, value, /)", "Return self%value.") { a throws(Raised) in
            Value(try percentFormat(a[0].object(Str.self), a[1]))
        },
        Native("__rmod__(self, value, /)", "Return value%self.") { a throws(Raised) in
            guard a[1].isKind(.str) else { return .notImplemented }
            return Value(try percentFormat(a[1].object(Str.self), a[0]))
        },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { a throws(Raised) in
            guard a[1].isKind(.str) else {
                throw typeError("'in <string>' requires string as left operand, not \(typeName(a[1]))")
            }
            return Value(a[0].object(Str.self).contains(a[1].object(Str.self)))
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { a throws(Raised) in
            Value(try a[0].object(Str.self).item(a[1]))
        },
        Native("__len__(self, /)", "Return len(self).") { a throws(Raised) in Value(a[0].object(Str.self).count) },
        Native("__iter__(self, /)", "Implement iter(self).") { a throws(Raised) in SequenceIterator.make(a[0]) },
        Native("__lt__(self, value, /)", "Return self<value.") { a throws(Raised) in compare(0, a) },
        Native("__le__(self, value, /)", "Return self<=value.") { a throws(Raised) in compare(1, a) },
        Native("__eq__(self, value, /)", "Return self==value.") { a throws(Raised) in compare(2, a) },
        Native("__ne__(self, value, /)", "Return self!=value.") { a throws(Raised) in compare(3, a) },
        Native("__gt__(self, value, /)", "Return self>value.") { a throws(Raised) in compare(4, a) },
        Native("__ge__(self, value, /)", "Return self>=value.") { a throws(Raised) in compare(5, a) },
        Native("__hash__(self, /)", "Return hash(self).") { a throws(Raised) in Value(a[0].object(Str.self).hashValue) },
        Native("__str__(self, /)", "Return str(self).") { a throws(Raised) in Value(a[0].object(Str.self).exact) },
        Native("__repr__(self, /)", "Return repr(self).") { a throws(Raised) in Value(strRepr(a[0].object(Str.self))) },
        Native("__format__(self, format_spec, /)", "Return a formatted version of the string.", .method) {
            a throws(Raised) in
            let specification = try strArgument(a[1], "__format__")
            if specification.pointee.byteCount == 0, !a[0].isExactly(.str) { return Value(try str(a[0])) }
            return Value(try formatString(a[0].object(Str.self), specification).exact)
        },
        Native("__getnewargs__(self, /)", "The arguments that make an equal string.", .method) { a throws(Raised) in
            // Another object, also of an exact string.
            Value(Tuple.make(Value(Str.make(a[0].object(Str.self).buffer))))
        },
        Native("__sizeof__(self, /)", "The size of the string in memory, in bytes.", .method) { a throws(Raised) in
            Value(ReportedSize.str(a[0].object(Str.self)))
        },
        Native("encode(self, /, encoding='utf-8', errors='strict')", "The text as bytes.") { a throws(Raised) in
            let encoding = try strArgument(a[1], "encode", "argument 'encoding'")
            let errors = try strArgument(a[2], "encode", "argument 'errors'")
            return try Codecs.encode(a[0].object(Str.self), encoding, errors)
        },
    ]

    private static func multiply(_ a: Arguments) throws(Raised) -> Value {
        Value(try a[0].object(Str.self).repeated(try repetitions(a[1])))
    }

    private static func compare(_ operatorIndex: Int, _ a: Arguments) -> Value {
        guard a[1].isKind(.str) else { return .notImplemented }
        let left = a[0].object(Str.self)
        let right = a[1].object(Str.self)
        switch operatorIndex {
        case 2: return Value(left.equals(right))
        case 3: return Value(!left.equals(right))
        default: return Value(holds(operatorIndex, order: left.compare(right)))
        }
    }

    // MARK: Construction

    /// `str(object='', encoding='utf-8', errors='strict')`, for subclasses too.
    private static func construct(_ a: Arguments) throws(Raised) -> Value {
        let cls = a[0].object(ClassObject.self)
        let given = try ConstructorArguments(a, "str", "object", "encoding", "errors")
        let text = try text(given)
        if !cls.pointee.flags.contains(.isHeapType) { return Value(text) }
        return make(text, cls)
    }

    private static func text(_ given: ConstructorArguments) throws(Raised) -> StrRef {
        if given.second.isAbsent, given.third.isAbsent {
            return given.first.isAbsent ? empty : try str(given.first)
        }
        let encoding = given.second.isAbsent ? nil : try strArgument(given.second, "str", "argument 'encoding'")
        let errors = given.third.isAbsent ? nil : try strArgument(given.third, "str", "argument 'errors'")
        if given.first.isAbsent { return empty }
        if given.first.isKind(.str) { throw typeError("decoding str is not supported") }
        guard let view = try BufferView.view(given.first) else {
            throw typeError("decoding to str: need a bytes-like object, \(typeName(given.first)) found")
        }
        return try Codecs.decode(view, encoding, errors)
    }

    /// An instance of a script's subclass with this text.
    static func make(_ text: StrRef, _ cls: ClassRef) -> Value {
        // A class that can be instantiated has a root shape.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let copy = allocate(byteCount: text.pointee.byteCount, count: text.count, shape: shape, extra: 8)
        copy.bytes.update(from: text.bytes, count: text.pointee.byteCount)
        return finishSubclass(Value(copy), cls)
    }
}

/// Completes an instance of a script's subclass of a built-in class: no attributes yet, and `__del__` noted.
func finishSubclass(_ value: Value, _ cls: ClassRef) -> Value {
    beginExtra(value)
    return value
}

/// The arguments of a constructor with up to three parameters that may be named; absent where not given.
struct ConstructorArguments {
    var first = Value.absent
    var second = Value.absent
    var third = Value.absent

    init(
        _ a: Arguments, _ function: StaticString, _ names: StaticString...
    ) throws(Raised) {
        let positional = a[1].object(Tuple.self)
        let keywords = a[2].isNone ? nil : a[2].object(Dict.self)
        let total = positional.count + (keywords?.pointee.count ?? 0)
        if total > names.count {
            let plural = names.count == 1 ? "" : "s"
            // `str` words it otherwise than the others.
            if keywords == nil, function.utf8CodeUnitCount == 3 {
                throw typeError("\(function) expected at most \(names.count) argument\(plural), got \(total)")
            }
            throw typeError("\(function)() takes at most \(names.count) argument\(plural) (\(total) given)")
        }
        for index in 0 ..< positional.count { self[index] = positional.items[index] }
        guard let keywords else { return }
        var position = 0
        while let entry = keywords.next(&position) {
            let key = entry.pointee.key.object(Str.self)
            guard let index = names.firstIndex(where: { key.equals($0) }) else {
                throw typeError("\(function)() got an unexpected keyword argument '\(key.string)'")
            }
            guard self[index].isAbsent else {
                throw typeError(
                    "argument for \(function)() given by name ('\(key.string)') and position (\(index + 1))")
            }
            self[index] = entry.pointee.value
        }
    }

    private subscript(index: Int) -> Value {
        get { index == 0 ? first : index == 1 ? second : third }
        set {
            switch index {
            case 0: first = newValue
            case 1: second = newValue
            default: third = newValue
            }
        }
    }
}
