// array.array: what the script sees.

extension NumberArray {
    static func of(_ value: Value) throws(Raised) -> NumberArray {
        guard let array = value.boxed(NumberArray.self) else { throw typeError("an array is required") }
        return array
    }

    private static func make(_ code: UInt8, _ octets: [UInt8], _ cls: ClassRef = NumberArray.cls) throws(Raised) -> Value {
        let array = NumberArray(code, size(code) ?? 1)
        try array.replace(0, 0, octets)
        return BoxedObject.make(array, cls)
    }

    private var all: [UInt8] { Array(buffer) }

    private func item(_ code: Value) throws(Raised) -> UInt8 {
        code.object(Str.self).bytes[0]
    }

    static func construct(_ args: Arguments) throws(Raised) -> Value {
        let cls = args[0].object(ClassObject.self)
        let positional = args[1].object(Tuple.self)
        if cls == NumberArray.cls, args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 {
            throw typeError("array.array() takes no keyword arguments")
        }
        guard 1 ... 2 ~= positional.count else {
            throw typeError("array() takes \(positional.count == 0 ? "at least 1" : "at most 2") argument\(positional.count == 0 ? "" : "s") (\(positional.count) given)")
        }
        let letter = positional.items[0]
        guard letter.isKind(.str), letter.object(Str.self).count == 1 else {
            throw typeError(letter.isKind(.str)
                ? "array() argument 1 must be a unicode character, not a string of length \(letter.object(Str.self).count)"
                : "array() argument 1 must be a unicode character, not \(typeName(letter))")
        }
        let code = letter.object(Str.self).bytes[0]
        guard let size = size(code) else { throw valueError("bad typecode (must be b, B, u, h, H, i, I, l, L, q, Q, f or d)") }
        if code == UInt8(ascii: "u") {
            try warn(.deprecationWarning, "The 'u' type code is deprecated and will be removed in Python 3.16")
        }
        let own = NumberArray(code, size)
        let box = BoxedObject.make(own, cls)
        guard positional.count == 2 else { return box }
        let source = positional.items[1]
        if source.isKind(.str), !own.isText {
            throw typeError("cannot use a str to initialize an array with typecode '\(letter.object(Str.self).string)'")
        }
        if let other = source.boxed(NumberArray.self), other.isText, !own.isText {
            throw typeError("cannot use a unicode array to initialize an array with typecode '\(letter.object(Str.self).string)'")
        }
        if source.isKind(.bytes) || source.isKind(.bytearray) {
            try own.addBytes(Array(try BufferView(source).octets))
        } else {
            try own.extend(source)
        }
        return box
    }

    private func addBytes(_ octets: [UInt8]) throws(Raised) {
        guard octets.count % size == 0 else { throw valueError("bytes length not a multiple of item size") }
        try replace(count, count, octets)
    }

    private func extend(_ source: Value) throws(Raised) {
        if let other = source.boxed(NumberArray.self) {
            if other.code == code { return try replace(count, count, other.all) }
        }
        try forEach(source) { value throws(Raised) in
            try self.append(value)
            return true
        }
    }

    private func find(_ value: Value, from start: Int, to end: Int) throws(Raised) -> Int? {
        var index = start
        while index < min(end, count) {
            if try equal(self[index], value) { return index }
            index += 1
        }
        return nil
    }

    private func place(_ key: Value) throws(Raised) -> Int { try position(key, count, "array") }

    private func assign(_ key: Value, _ value: Value) throws(Raised) {
        guard key.isKind(.slice) else {
            guard isInteger(key) || key.cls.has(.index) else { throw typeError("array indices must be integers") }
            let int = try indexValue(key)
            guard var index = machineInt(int) else { throw raise(.indexError, "cannot fit '\(typeName(key))' into an index-sized integer") }
            if index < 0 { index += count }
            guard index >= 0, index < count else { throw raise(.indexError, "array assignment index out of range") }
            if value.isAbsent { return try replace(index, index + 1, []) }
            let word = try encoded(value)
            guard index < count else { throw raise(.indexError, "array assignment index out of range") }
            return store(word, at: index)
        }
        var octets: [UInt8] = []
        if !value.isAbsent {
            guard let other = value.boxed(NumberArray.self) else {
                throw typeError("can only assign array (not \"\(typeName(value))\") to array slice")
            }
            guard other.code == code else { throw typeError("bad argument type for built-in operation") }
            octets = other.all
        }
        let slice = try key.object(SliceObject.self).resolve(count)
        if slice.step == 1 { return try replace(slice.start, max(slice.start, slice.stop), octets) }
        if value.isAbsent {
            var kept: [UInt8] = []
            var gone = Set<Int>()
            for step in 0 ..< slice.count { gone.insert(slice.start + step * slice.step) }
            for index in 0 ..< count where !gone.contains(index) { kept += all[index * size ..< (index + 1) * size] }
            return try replace(0, count, kept)
        }
        guard octets.count / size == slice.count else {
            throw valueError("attempt to assign array of size \(octets.count / size) to extended slice of size \(slice.count)")
        }
        for step in 0 ..< slice.count {
            for offset in 0 ..< size { buffer[(slice.start + step * slice.step) * size + offset] = octets[step * size + offset] }
        }
    }

    private static func repeated(_ value: Value, _ times: Value) throws(Raised) -> Value {
        let own = try of(value)
        let count = try repetitions(times, length: own.count * own.size)
        var octets: [UInt8] = []
        for _ in 0 ..< count { octets += own.all }
        return try make(own.code, octets)
    }

    private func list() -> ListRef {
        let list = List.make(capacity: count)
        for index in 0 ..< count { list.append(self[index]) }
        return list
    }

    private func text() throws(Raised) -> StrRef {
        guard isText else { throw valueError("tounicode() may only be called on unicode type arrays ('u' or 'w')") }
        var text = TextBuffer(capacity: count)
        for index in 0 ..< count {
            let point = octets.map { UnsafeRawPointer($0 + index * size).loadUnaligned(as: UInt32.self) } ?? 0
            guard point <= 0x10FFFF else {
                throw valueError("character U+\(String(point, radix: 16)) is not in range [U+0000; U+10ffff]")
            }
            text.append(self[index].object(Str.self))
        }
        return text.makeStr()
    }

    private var letter: String { String(UnicodeScalar(code)) }

    static let nativeClass = NativeClass(
        "array", kind: .box, doc: "array(typecode [, initializer]) -> array", flags: [.isBase, .isWeakReferenceable, .matchesSequence],
        methods: changing + reading + operators,
        attributes: [
            Accessors("typecode", "the typecode character used to create the array") { object throws(Raised) in Value(Str.make(try of(object).letter)) },
            Accessors("itemsize", "the size, in bytes, of one array item") { object throws(Raised) in Value(try of(object).size) },
        ],
        construct: construct)

    private static let changing: [Native] = [
        Native("append(self, v, /)", "Append new value v to the end of the array.", .method) { args throws(Raised) in
            try of(args[0]).append(args[1])
            return .none
        },
        Native("extend(self, bb, /)", "Append items to the end of the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            if let other = args[1].boxed(NumberArray.self), other.code != own.code {
                throw typeError("can only extend with array of same kind")
            }
            try own.extend(args[1])
            return .none
        },
        Native("fromlist(self, list, /)", "Append items to array from list.", .method) { args throws(Raised) in
            guard args[1].isKind(.list) else { throw typeError("arg must be list") }
            let own = try of(args[0])
            let before = own.count
            do throws(Raised) {
                try own.extend(args[1])
            } catch {
                let raised = currentThread().takeRaised()
                try own.replace(before, own.count, [])
                currentThread().pointee.raised = raised
                throw error
            }
            return .none
        },
        Native("frombytes(self, buffer, /)", "Appends items from the string, interpreting it as an array of machine values.", .method) { args throws(Raised) in
            try of(args[0]).addBytes(Array(try BufferView(args[1]).octets))
            return .none
        },
        Native("fromfile(self, f, n, /)", "Read n objects from the file object f and append them to the end of the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let wanted = try index(args[2])
            guard wanted >= 0 else { throw valueError("negative count") }
            let data = try callMethod(args[1], StrTables.intern("read"), Value(wanted * own.size))
            guard data.isKind(.bytes) else { throw typeError("read() didn't return bytes") }
            let octets = Array(data.object(BytesObject.self).buffer)
            try own.addBytes(octets)
            if octets.count < wanted * own.size { throw raise(.eofError, "read() didn't return enough bytes") }
            return .none
        },
        Native("fromunicode(self, ustr, /)", "Extends this array with data from the unicode string ustr.", .method) { args throws(Raised) in
            let own = try of(args[0])
            guard args[1].isKind(.str) else { throw typeError("fromunicode() argument must be str, not \(typeName(args[1]))") }
            guard own.isText else { throw valueError("fromunicode() may only be called on unicode type arrays ('u' or 'w')") }
            try own.extend(args[1])
            return .none
        },
        Native("insert(self, i, v, /)", "Insert a new item v into the array before position i.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let index = try clampedBound(args[1], own.count)
            let word = try own.encoded(args[2])
            try own.replace(index, index, [UInt8](repeating: 0, count: own.size))
            own.store(word, at: index)
            return .none
        },
        Native("pop(self, i=-1, /)", "Return the i-th element and delete it from the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            var index = try index(args[1])
            if own.count == 0 { throw raise(.indexError, "pop from empty array") }
            if index < 0 { index += own.count }
            guard index >= 0, index < own.count else { throw raise(.indexError, "pop index out of range") }
            let value = own[index]
            try own.replace(index, index + 1, [])
            return value
        },
        Native("remove(self, v, /)", "Remove the first occurrence of v in the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            guard let index = try own.find(args[1], from: 0, to: .max) else { throw valueError("array.remove(x): x not in array") }
            try own.replace(index, index + 1, [])
            return .none
        },
        Native("clear(self, /)", "Remove all items from the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            try own.replace(0, own.count, [])
            return .none
        },
        Native("reverse(self, /)", "Reverse the order of the items in the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let reversed = own.octetsCopy(ResolvedSlice(start: own.count - 1, stop: -1, step: -1, count: own.count))
            try own.replace(0, own.count, reversed)
            return .none
        },
        Native("byteswap(self, /)", "Byteswap all items of the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let buffer = own.buffer
            for index in 0 ..< own.count {
                for offset in 0 ..< own.size / 2 {
                    buffer.swapAt(index * own.size + offset, (index + 1) * own.size - 1 - offset)
                }
            }
            return .none
        },
    ]

    private static let reading: [Native] = [
        Native("tolist(self, /)", "Convert array to an ordinary list with the same items.", .method) { args throws(Raised) in Value(try of(args[0]).list()) },
        Native("tobytes(self, /)", "Convert the array to an array of machine values and return the bytes representation.", .method) { args throws(Raised) in
            BytesObject.make(try of(args[0]).all)
        },
        Native("tounicode(self, /)", "Extends this array with data from the unicode string ustr.", .method) { args throws(Raised) in Value(try of(args[0]).text()) },
        Native("tofile(self, f, /)", "Write all items (as machine values) to the file object f.", .method) { args throws(Raised) in
            _ = try callMethod(args[1], Names.write, BytesObject.make(try of(args[0]).all))
            return .none
        },
        Native("buffer_info(self, /)", "Return a tuple (address, length) giving the current memory address and the length in items of the buffer used to hold array's contents.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(Tuple.make(Value(Int(bitPattern: own.octets)), Value(own.count)))
        },
        Native("count(self, v, /)", "Return number of occurrences of v in the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            var (found, start) = (0, 0)
            while let index = try own.find(args[1], from: start, to: .max) {
                found += 1
                start = index + 1
            }
            return Value(found)
        },
        Native("index(self, v, start=0, stop=9223372036854775807, /)", "Return index of first occurrence of v in the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            guard let index = try own.find(args[1], from: try clampedBound(args[2], own.count), to: try clampedBound(args[3], own.count)) else {
                throw valueError("array.index(x): x not in array")
            }
            return Value(index)
        },
        Native("__copy__(self, /)", "Return a copy of the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return try make(own.code, own.all)
        },
        Native("__deepcopy__(self, unused, /)", "Return a copy of the array.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return try make(own.code, own.all)
        },
        Native("__reduce_ex__(self, value, /)", "Return state information for pickling.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let dict = try getOptionalAttribute(args[0], Names.dict)
            let state: Value = dict.isAbsent ? .none : dict
            let code = Value(Str.make(own.letter))
            guard try index(args[1]) >= 3 else {
                return Value(Tuple.make(Value(args[0].cls), Value(Tuple.make(code, Value(own.list()))), state))
            }
            let make = try getAttribute(try importModule("array"), "_array_reconstructor")
            return Value(Tuple.make(
                make, Value(Tuple.make(Value(args[0].cls), code, Value(own.machineFormat), BytesObject.make(own.all))), state))
        },
        Native("__sizeof__(self, /)", "Size of the array in memory, in bytes.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(64 + own.count * own.size)
        },
        classGetItem,
    ]

    /// CPython's number of a machine format (little-endian).
    private var machineFormat: Int {
        switch code {
        case 0x62: 1
        case 0x42: 0
        case 0x48: 2
        case 0x68: 4
        case 0x49: 6
        case 0x69: 8
        case 0x4C, 0x51: 10
        case 0x6C, 0x71: 12
        case 0x66: 14
        case 0x64: 16
        default: 20
        }
    }

    static func reconstruct(_ args: Arguments) throws(Raised) -> Value {
        guard args[0].isKind(.class), args[0].object(ClassObject.self).isSubclass(of: NumberArray.cls) else {
            throw typeError("first argument must be a type object that is a subtype of array.array")
        }
        guard args[1].isKind(.str), args[1].object(Str.self).count == 1, let size = size(args[1].object(Str.self).bytes[0]) else {
            throw valueError("second argument must be a valid type code")
        }
        let format = try index(args[2])
        guard 0 ... 21 ~= format else { throw valueError("third argument must be a valid machine format code.") }
        guard args[3].isKind(.bytes) else { throw typeError("fourth argument should be bytes, not \(typeName(args[3]))") }
        let own = NumberArray(args[1].object(Str.self).bytes[0], size)
        let box = BoxedObject.make(own, args[0].object(ClassObject.self))
        // How many octets an item has there, and whether the first is the highest.
        let sizes = [1, 1, 2, 2, 2, 2, 4, 4, 4, 4, 8, 8, 8, 8, 4, 4, 8, 8, 2, 2, 4, 4]
        let wide = sizes[format]
        let octets = Array(args[3].object(BytesObject.self).buffer)
        guard octets.count % wide == 0 else { throw valueError("bytes length not a multiple of item size") }
        let isBig = format >= 2 && format % 2 == 1
        let isSigned = [1, 4, 5, 8, 9, 12, 13].contains(format)
        // The first half of a pair of UTF-16, of which a character is made with the second.
        var high: UInt32?
        for start in stride(from: 0, to: octets.count, by: wide) {
            let item = isBig ? Array(octets[start ..< start + wide]) : octets[start ..< start + wide].reversed()
            if format >= 18 {
                var codePoint = item.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                if let first = high.take() {
                    if 0xDC00 ... 0xDFFF ~= codePoint {
                        codePoint = 0x10000 + (first & 0x3FF) << 10 + codePoint & 0x3FF
                    } else {
                        try own.append(Value(Str.make(codePoint: first)))
                    }
                }
                if wide == 2, 0xD800 ... 0xDBFF ~= codePoint, start + wide < octets.count {
                    high = codePoint
                    continue
                }
                guard codePoint <= 0x10FFFF else { throw valueError("character out of range") }
                try own.append(Value(Str.make(codePoint: codePoint)))
            } else if format >= 14 {
                let bits = item.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
                try own.append(Value(wide == 8 ? Double(bitPattern: bits) : Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits)))))
            } else {
                try own.append(IntMethods.fromBytes(item, signed: isSigned))
            }
        }
        return box
    }

    private static let operators: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try of(args[0]).count) },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let own = try of(args[0])
            if args[1].isKind(.slice) { return try make(own.code, own.octetsCopy(try args[1].object(SliceObject.self).resolve(own.count))) }
            guard isInteger(args[1]) || args[1].cls.has(.index) else { throw typeError("array indices must be integers") }
            return own[try own.place(args[1])]
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            try of(args[0]).assign(args[1], args[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { args throws(Raised) in
            try of(args[0]).assign(args[1], .absent)
            return .none
        },
        Native("__iter__(self, /)", "Implement iter(self).") { args throws(Raised) in
            _ = try of(args[0])
            return SequenceIterator.make(args[0])
        },
        Native("__contains__(self, key, /)", "Return bool(key in self).") { args throws(Raised) in
            Value(try of(args[0]).find(args[1], from: 0, to: .max) != nil)
        },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try of(args[0])
            let name = args[0].cls.nameText
            if own.count == 0 { return Value(Str.make("\(name)('\(own.letter)')")) }
            let items = own.isText ? try repr(Value(try own.text())).string : try repr(Value(own.list())).string
            return Value(Str.make("\(name)('\(own.letter)', \(items))"))
        },
        Native("__add__(self, value, /)", "Return self+value.") { args throws(Raised) in
            let own = try of(args[0])
            guard let other = args[1].boxed(NumberArray.self) else {
                throw typeError("can only append array (not \"\(typeName(args[1]))\") to array")
            }
            guard other.code == own.code else { throw typeError("bad argument type for built-in operation") }
            return try make(own.code, own.all + other.all)
        },
        Native("__iadd__(self, value, /)", "Implement self+=value.") { args throws(Raised) in
            guard let other = args[1].boxed(NumberArray.self) else {
                throw typeError("can only extend with array (not \"\(typeName(args[1]))\")")
            }
            let own = try of(args[0])
            guard other.code == own.code else { throw typeError("can only extend with array of same kind") }
            try own.extend(args[1])
            return args[0]
        },
        Native("__mul__(self, value, /)", "Return self*value.") { args throws(Raised) in try repeated(args[0], args[1]) },
        Native("__rmul__(self, value, /)", "Return value*self.") { args throws(Raised) in try repeated(args[0], args[1]) },
        Native("__imul__(self, value, /)", "Implement self*=value.") { args throws(Raised) in
            let own = try of(args[0])
            let count = try repetitions(args[1], length: own.count * own.size)
            var octets: [UInt8] = []
            for _ in 0 ..< count { octets += own.all }
            try own.replace(0, own.count, octets)
            return args[0]
        },
        Native("__hash__(self, /)", "") { args throws(Raised) in throw typeError("unhashable type: 'array.array'") },
    ]
        + comparisonRows { operatorIndex, a, b throws(Raised) in
            guard let x = a.boxed(NumberArray.self), let y = b.boxed(NumberArray.self) else { return .notImplemented }
            return try compareSequences(operatorIndex, x, y, byValue: true)
        }
}
