// Operators of bytes and bytearray, and how both are made.
import Glibc

enum BytesOperators {
    private typealias Args = BytesArguments

    /// Shared by bytes and bytearray.
    static let methods: [Native] = [
        Native("__add__(self, value, /)", "Return self+value.") { a throws(Raised) in
            guard BufferView.isBytesLike(a[1]) else { throw concatenationError(a[0], a[1]) }
            let other = try BufferView(a[1]).octets
            let own = Args.own(a[0])
            try checkSize(own.count + other.count)
            return concatenate(own, other, like: a[0])
        },
        Native("__mul__(self, value, /)", "Return self*value.") { a throws(Raised) in try multiply(a) },
        Native("__rmul__(self, value, /)", "Return value*self.") { a throws(Raised) in try multiply(a) },
        Native("__mod__(self, value, /)", "Return self%value.") { a throws(Raised) in
            Args.make(try bytesPercentFormat(Args.own(a[0]), owner: a[0], a[1]), like: a[0])
        },
        Native("__rmod__(self, value, /)", "Return value%self.") { a throws(Raised) in
            guard a[1].isKind(a[0].kind) else { return .notImplemented }
            return Args.make(try bytesPercentFormat(Args.own(a[1]), owner: a[1], a[0]), like: a[0])
        },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { a throws(Raised) in
            let own = Args.own(a[0])
            if Args.isIndex(a[1]) {
                let byte = try Args.octet(a[1])
                return Value(own.contains(byte))
            }
            return Value(own.find(try BufferView(a[1]).octets, 0, own.count) >= 0)
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { a throws(Raised) in try item(a) },
        Native("__len__(self, /)", "Return len(self).") { a throws(Raised) in Value(Args.own(a[0]).count) },
        Native("__iter__(self, /)", "Implement iter(self).") { a throws(Raised) in SequenceIterator.make(a[0]) },
        Native("__lt__(self, value, /)", "Return self<value.") { a throws(Raised) in try compare(0, a) },
        Native("__le__(self, value, /)", "Return self<=value.") { a throws(Raised) in try compare(1, a) },
        Native("__eq__(self, value, /)", "Return self==value.") { a throws(Raised) in try compare(2, a) },
        Native("__ne__(self, value, /)", "Return self!=value.") { a throws(Raised) in try compare(3, a) },
        Native("__gt__(self, value, /)", "Return self>value.") { a throws(Raised) in try compare(4, a) },
        Native("__ge__(self, value, /)", "Return self>=value.") { a throws(Raised) in try compare(5, a) },
        Native("__str__(self, /)", "Return str(self).") { a throws(Raised) in shown(a[0]) },
        Native("__repr__(self, /)", "Return repr(self).") { a throws(Raised) in shown(a[0]) },
        Native("__sizeof__(self, /)", "The size in memory, in bytes.", .method) { a throws(Raised) in
            let count = Args.own(a[0]).count
            return Value(count + (a[0].isKind(.bytes) ? 33 : count == 0 ? 56 : 57))
        },
    ]

    private static func concatenate(_ first: Octets, _ second: Octets, like value: Value) -> Value {
        let size = first.count + second.count
        if value.isKind(.bytes) {
            let result = BytesObject.allocate(size)
            if let base = first.baseAddress { memcpy(result.bytes, base, first.count) }
            if let base = second.baseAddress { memcpy(result.bytes + first.count, base, second.count) }
            return Value(result)
        }
        return Args.make(Array(first) + Array(second), like: value)
    }

    private static func multiply(_ a: Arguments) throws(Raised) -> Value {
        let own = Args.own(a[0])
        let times = try repetitions(a[1])
        let size = try repeatedSize(own.count, times)
        if times == 1 { return Args.unchanged(a[0]) }
        // New, as every product is.
        guard size > 0, let base = own.baseAddress else {
            return a[0].isKind(.bytes) ? Value(BytesObject.allocate(0)) : Args.make([], like: a[0])
        }
        if a[0].isKind(.bytes) {
            let result = BytesObject.allocate(size)
            memcpy(result.bytes, base, own.count)
            fillRepeated(result.bytes, unit: own.count, total: size)
            return Value(result)
        }
        let result = ByteArray.make(own)
        result.reserve(size)
        if let bytes = result.pointee.bytes { fillRepeated(bytes, unit: own.count, total: size) }
        result.pointee.count = size
        return Value(result)
    }

    private static func item(_ a: Arguments) throws(Raised) -> Value {
        let isBytes = a[0].isKind(.bytes)
        if a[1].isKind(.slice) {
            let slice = try a[1].object(SliceObject.self).resolve(Args.own(a[0]).count)
            if slice.step == 1 { return Args.part(a[0], slice.start, slice.start + slice.count) }
            let own = Args.own(a[0])
            var result = [UInt8]()
            result.reserveCapacity(slice.count)
            var index = slice.start
            for _ in 0 ..< slice.count {
                result.append(own[index])
                index &+= slice.step
            }
            return Args.make(result, like: a[0])
        }
        guard Args.isIndex(a[1]) else {
            throw typeError("\(isBytes ? "byte" : "bytearray") indices must be integers or slices, not \(typeName(a[1]))")
        }
        let own = Args.own(a[0])
        let index = try sequenceIndex(a[1], own.count, isBytes ? "index out of range" : "bytearray index out of range")
        return Value(inline: Int(Args.own(a[0])[index]))
    }

    private static func compare(_ operatorIndex: Int, _ a: Arguments) throws(Raised) -> Value {
        // Bytes compare with their like only; other objects with octets say themselves whether they are equal.
        guard a[0].isKind(.bytearray) ? BufferView.isBytesLike(a[1]) : a[1].isKind(.bytes) || a[1].isKind(.bytearray) else {
            return .notImplemented
        }
        if a[1].isKind(.memoryview), operatorIndex != 2, operatorIndex != 3 { return .notImplemented }
        let own = Args.own(a[0])
        let other = try BufferView(a[1]).octets
        if operatorIndex == 2 || operatorIndex == 3, own.count != other.count { return Value(operatorIndex == 3) }
        return Value(holds(operatorIndex, order: own.compare(other)))
    }

    private static func shown(_ value: Value) -> Value {
        if value.isKind(.bytes) { return Value(bytesRepr(Args.own(value))) }
        var text = TextBuffer()
        text.append(typeName(value))
        text.append("(")
        bytesRepr(Args.own(value), into: &text)
        text.append(")")
        return Value(text.makeStr())
    }

    // MARK: Making

    /// The octets that `bytes(source, encoding, errors)` makes; `name` for the errors.
    /// The integer of an object with `__index__`; nil if that says TypeError, so that its octets may count.
    private static func sizeWanted(_ source: Value) throws(Raised) -> Value? {
        do { return try indexValue(source) } catch {
            guard currentThread().raisedIs(.typeError), !isInteger(source) else { throw error }
            _ = currentThread().takeRaised()
            return nil
        }
    }

    static func collect(
        _ source: Value, _ encoding: Value, _ errors: Value, _ name: StaticString
    ) throws(Raised) -> [UInt8] {
        // What is no string at all is complained about before what it is given for.
        let codec = encoding.isAbsent ? nil : try strArgument(encoding, name, "argument 'encoding'")
        let handler = errors.isAbsent ? nil : try strArgument(errors, name, "argument 'errors'")
        if source.isAbsent {
            if !encoding.isAbsent || !errors.isAbsent {
                throw typeError("\(encoding.isAbsent ? "errors" : "encoding") without a string argument")
            }
            return []
        }
        if source.isKind(.str), source.isExactly(.str) || !encoding.isAbsent || !errors.isAbsent || source.cls.special(.bytes).isAbsent {
            guard let codec else { throw typeError("string argument without an encoding") }
            let bytes = try Codecs.encode(source.object(Str.self), codec, handler)
            return Array(try BufferView(bytes).octets)
        }
        if !encoding.isAbsent || !errors.isAbsent {
            throw typeError("\(encoding.isAbsent ? "errors" : "encoding") without a string argument")
        }
        let isBytes = name.utf8CodeUnitCount == 5
        let method = source.isPointer && isBytes ? source.cls.special(.bytes) : .absent
        if !method.isAbsent, source.cls.pointee.flags.contains(.isHeapType) || !BufferView.isBytesLike(source) {
            return Array(try ownBytes(source, method).object(BytesObject.self).buffer)
        }
        if Args.isIndex(source), let size = try sizeWanted(source) {
            guard let count = machineInt(size) else {
                throw raise(.overflowError, "cannot fit '\(typeName(source))' into an index-sized integer")
            }
            if count < 0 { throw valueError("negative count") }
            try checkSize(count)
            return [UInt8](repeating: 0, count: count)
        }
        if BufferView.isBytesLike(source) { return Array(try BufferView(source).octets) }
        guard isIterable(source) else { throw typeError("cannot convert '\(typeName(source))' object to \(name)") }
        return try octets(of: source, name)
    }

    /// What a `__bytes__` gives.
    static func ownBytes(_ source: Value, _ method: Value) throws(Raised) -> Value {
        if method.isNone { throw typeError("'\(typeName(source))' object is not callable") }
        let result = try callUnbound(method, source)
        guard result.isKind(.bytes) else { throw typeError("__bytes__ returned non-bytes (type \(typeName(result)))") }
        return result
    }

    /// The items of an iterable as octets.
    static func octets(of iterable: Value, _ name: StaticString) throws(Raised) -> [UInt8] {
        let message: StaticString = name.utf8CodeUnitCount == 5 ? "bytes must be in range(0, 256)" : "byte must be in range(0, 256)"
        var result: [UInt8] = []
        // Objects of the script are asked how many items they have: what that raises is raised.
        if iterable.isKind(.instance) { result.reserveCapacity(min(try lengthHint(iterable, 64), 1 << 20)) }
        try forEach(iterable) { item throws(Raised) in
            result.append(try Args.octet(item, message))
            return true
        }
        return result
    }
}
