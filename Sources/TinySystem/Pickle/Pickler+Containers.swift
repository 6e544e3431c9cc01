// Writing pickles: octets, tuples, lists, dicts, sets.
import TinyRuntime

extension Pickler {
    // MARK: Octets

    func saveBytes(_ value: Value) throws(Raised) {
        if version >= 3 { return try saveOctets(value.object(BytesObject.self).buffer, memoizing: value) }
        // Python 2's protocols know no octets: they travel as Latin-1 text.
        let octets = value.object(BytesObject.self)
        if octets.pointee.count == 0 {
            let cls = Value(Shapes.table[Int(Kind.bytes.rawValue)].pointee.cls)
            return try saveReduction(Value(Tuple.make(cls, Value(Tuple.make()))), of: value)
        }
        var text = TextBuffer(capacity: octets.pointee.count)
        for octet in octets.buffer { text.append(codePoint: UInt32(octet)) }
        let encode = try getAttribute(try importModule("codecs"), "encode")
        try saveReduction(
            Value(Tuple.make(encode, Value(Tuple.make(Value(text.makeStr()), Value(Str.make("latin1")))))), of: value)
    }

    private func saveOctets(_ octets: UnsafeBufferPointer<UInt8>, memoizing value: Value) throws(Raised) {
        if octets.count <= 0xFF {
            try put(header: (PickleOpcode.shortBinbytes, octets.count, bytes: 1), octets)
        } else if octets.count <= 0xFFFF_FFFF {
            try put(header: (PickleOpcode.binbytes, octets.count, bytes: 4), octets)
        } else if version >= 4 {
            try put(header: (PickleOpcode.binbytes8, octets.count, bytes: 8), octets)
        } else {
            throw raise(.overflowError, "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher")
        }
        memoize(value)
    }

    func saveByteArray(_ value: Value) throws(Raised) {
        let octets = UnsafeBufferPointer(value.object(ByteArray.self).buffer)
        if version >= 5 {
            try put(header: (PickleOpcode.bytearray8, octets.count, bytes: 8), octets)
            return memoize(value)
        }
        let arguments = octets.count == 0 ? Tuple.make() : Tuple.make(BytesObject.make(octets))
        try saveReduction(Value(Tuple.make(Value(value.cls), Value(arguments))), of: value)
    }

    func savePickleBuffer(_ value: Value) throws(Raised) {
        if version < 5 { throw Pickle.cannotPickle("PickleBuffer can only be pickled with protocol >= 5") }
        guard let own = value.boxed(PickleBuffer.self) else { return }
        let view = try own.contiguousView("PickleBuffer can not be pickled when pointing to a non-contiguous buffer")
        if !bufferCallback.isNone, try !truth(callValue(bufferCallback, value)) {
            put(PickleOpcode.nextBuffer)
            if view.object(MemoryView.self).pointee.isReadOnly { put(PickleOpcode.readonlyBuffer) }
            return
        }
        let octets = try BufferView(view).octets
        if view.object(MemoryView.self).pointee.isReadOnly { return try saveOctets(octets, memoizing: value) }
        try put(header: (PickleOpcode.bytearray8, octets.count, bytes: 8), octets)
        memoize(value)
    }

    // MARK: Tuples

    func saveTuple(_ value: Value) throws(Raised) {
        let tuple = value.object(Tuple.self)
        let count = tuple.count
        if count == 0 {
            if isBinary { return put(PickleOpcode.emptyTuple) }
            put(PickleOpcode.mark)
            return put(PickleOpcode.tuple)
        }
        let isShort = count <= 3 && version >= 2
        if !isShort { put(PickleOpcode.mark) }
        for index in 0 ..< count { try save(tuple.items[index]) }
        if let number = memo.number(value) {
            // The tuple holds itself: it has been written meanwhile, so what lies on the stack is thrown away.
            if isShort {
                for _ in 0 ..< count { put(PickleOpcode.pop) }
            } else if isBinary {
                put(PickleOpcode.popMark)
            } else {
                for _ in 0 ... count { put(PickleOpcode.pop) }
            }
            return putGet(number)
        }
        put(isShort ? PickleOpcode.tuple1 + UInt8(count - 1) : PickleOpcode.tuple)
        memoize(value)
    }

    // MARK: Lists

    func saveList(_ value: Value) throws(Raised) {
        if isBinary {
            put(PickleOpcode.emptyList)
        } else {
            put(PickleOpcode.mark)
            put(PickleOpcode.list)
        }
        memoize(value)
        let list = value.object(List.self)
        guard list.count > 0 else { return }
        guard isBinary else { return try saveItems(try iterator(value)) }
        if list.count == 1 {
            try save(list.items[0])
            return put(PickleOpcode.append)
        }
        var index = 0
        repeat {
            put(PickleOpcode.mark)
            let end = index + Pickle.batch
            while index < end, index < list.count {
                try save(list.items[index])
                index += 1
            }
            put(PickleOpcode.appends)
        } while index < list.count
    }

    /// The items of an iterator, appended to the object on the stack.
    func saveItems(_ items: Value) throws(Raised) {
        if !isBinary {
            while case let item = try next(items), !item.isAbsent {
                try save(item)
                put(PickleOpcode.append)
            }
            return
        }
        var count = 0
        repeat {
            let first = try next(items)
            if first.isAbsent { return }
            let second = try next(items)
            if second.isAbsent {
                try save(first)
                return put(PickleOpcode.append)
            }
            put(PickleOpcode.mark)
            try save(first)
            count = 1
            var item = second
            while !item.isAbsent {
                try save(item)
                count += 1
                if count == Pickle.batch { break }
                item = try next(items)
            }
            put(PickleOpcode.appends)
        } while count == Pickle.batch
    }

    // MARK: Dicts

    func saveDict(_ value: Value) throws(Raised) {
        if isBinary {
            put(PickleOpcode.emptyDict)
        } else {
            put(PickleOpcode.mark)
            put(PickleOpcode.dict)
        }
        memoize(value)
        let dict = value.object(Dict.self)
        let size = dict.pointee.count
        guard size > 0 else { return }
        guard isBinary else { return try savePairs(try iterator(try callMethod(value, Names.items))) }
        var position = 0
        var count: Int
        repeat {
            count = 0
            if size > 1 { put(PickleOpcode.mark) }
            while let entry = dict.next(&position) {
                let (key, item) = (entry.pointee.key, entry.pointee.value)
                try save(key)
                try save(item)
                if dict.pointee.count != size { throw raise(.runtimeError, "dictionary changed size during iteration") }
                if size == 1 { return put(PickleOpcode.setitem) }
                count += 1
                if count == Pickle.batch { break }
            }
            put(PickleOpcode.setitems)
        } while count == Pickle.batch
    }

    /// The (key, value) pairs of an iterator, put into the object on the stack.
    func savePairs(_ pairs: Value) throws(Raised) {
        func savePair(_ pair: Value) throws(Raised) {
            guard pair.isKind(.tuple), pair.object(Tuple.self).count == 2 else {
                throw typeError("dict items iterator must return 2-tuples")
            }
            try save(pair.object(Tuple.self).items[0])
            try save(pair.object(Tuple.self).items[1])
        }
        if !isBinary {
            while case let pair = try next(pairs), !pair.isAbsent {
                try savePair(pair)
                put(PickleOpcode.setitem)
            }
            return
        }
        var count = 0
        repeat {
            let first = try next(pairs)
            if first.isAbsent { return }
            let second = try next(pairs)
            if second.isAbsent {
                try savePair(first)
                return put(PickleOpcode.setitem)
            }
            put(PickleOpcode.mark)
            try savePair(first)
            count = 1
            var pair = second
            while !pair.isAbsent {
                try savePair(pair)
                count += 1
                if count == Pickle.batch { break }
                pair = try next(pairs)
            }
            put(PickleOpcode.setitems)
        } while count == Pickle.batch
    }

    // MARK: Sets

    private func saveAsListed(_ value: Value) throws(Raised) {
        let list = Value(try makeList(value))
        try saveReduction(Value(Tuple.make(Value(value.cls), Value(Tuple.make(list)))), of: value)
    }

    func saveSet(_ value: Value) throws(Raised) {
        if version < 4 { return try saveAsListed(value) }
        put(PickleOpcode.emptySet)
        memoize(value)
        let set = value.object(SetObject.self)
        let size = set.pointee.count
        guard size > 0 else { return }
        var position = 0
        var count: Int
        repeat {
            count = 0
            put(PickleOpcode.mark)
            while let entry = set.next(&position) {
                try save(entry.pointee.key)
                if set.pointee.count != size { throw raise(.runtimeError, "set changed size during iteration") }
                count += 1
                if count == Pickle.batch { break }
            }
            put(PickleOpcode.additems)
        } while count == Pickle.batch
    }

    func saveFrozenSet(_ value: Value) throws(Raised) {
        if version < 4 { return try saveAsListed(value) }
        put(PickleOpcode.mark)
        let set = value.object(SetObject.self)
        var position = 0
        while let entry = set.next(&position) { try save(entry.pointee.key) }
        if let number = memo.number(value) {
            put(PickleOpcode.popMark)
            return putGet(number)
        }
        put(PickleOpcode.frozenset)
        memoize(value)
    }
}
