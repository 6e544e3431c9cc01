// Items and slices of memoryviews: reading, assigning, comparing, casting.

extension MemoryViewRef {
    /// The memory of the item that an index or a tuple of indices denotes.
    private func address(_ key: Value) throws(Raised) -> UnsafeMutableRawPointer {
        if key.isInlineInt, !pointee.shape.isKind(.tuple) {
            return try memory(try offset(key, pointee.count, 1) * pointee.stride)
        }
        let dimensions = dimensions
        guard key.isKind(.tuple) else {
            guard dimensions.count == 1 else {
                if dimensions.isEmpty { throw typeError("invalid indexing of 0-dim memory") }
                guard BytesArguments.isIndex(key) else { throw typeError("memoryview: invalid slice key") }
                throw raise(.notImplementedError, "multi-dimensional sub-views are not implemented")
            }
            let offset = try offset(key, dimensions[0], 1) * pointee.stride
            return try memory(offset)
        }
        let keys = key.object(Tuple.self)
        if keys.count > 0, (0 ..< keys.count).allSatisfy({ keys.items[$0].isKind(.slice) }) {
            throw raise(.notImplementedError, "multi-dimensional slicing is not implemented")
        }
        guard (0 ..< keys.count).allSatisfy({ BytesArguments.isIndex(keys.items[$0]) }) else { throw typeError("memoryview: invalid slice key") }
        guard keys.count <= dimensions.count else {
            throw typeError("cannot index \(dimensions.count)-dimension view with \(keys.count)-element tuple")
        }
        guard keys.count == dimensions.count else { throw raise(.notImplementedError, "sub-views are not implemented") }
        var size = rowSize
        var total = 0
        for index in 0 ..< keys.count {
            let position = try offset(keys.items[index], dimensions[index], index + 1)
            if index == 0 {
                total = position * pointee.stride
            } else {
                size /= dimensions[index]
                total += position * size
            }
        }
        return try memory(total)
    }

    private func memory(_ offset: Int) throws(Raised) -> UnsafeMutableRawPointer {
        guard let base = try baseAddress() else { throw raise(.indexError, "index out of bounds on dimension 1") }
        return UnsafeMutableRawPointer(base + pointee.start + offset)
    }

    private func offset(_ key: Value, _ length: Int, _ dimension: Int) throws(Raised) -> Int {
        guard BytesArguments.isIndex(key) else { throw typeError("memoryview: invalid slice key") }
        guard let given = machineInt(try indexValue(key)) else {
            throw raise(.indexError, "cannot fit '\(typeName(key))' into an index-sized integer")
        }
        let position = given < 0 ? given &+ length : given
        guard position >= 0, position < length else {
            throw raise(.indexError, "index out of bounds on dimension \(dimension)")
        }
        return position
    }

    /// `self[key]`.
    func get(_ key: Value) throws(Raised) -> Value {
        try checkReleased()
        if key.isKind(.slice) {
            try checkUsable()
            guard pointee.shape.isNone || pointee.shape.object(Tuple.self).count > 0 else {
                throw typeError("invalid indexing of 0-dim memory")
            }
            // The new view holds the object before an `__index__` can release this one.
            let view = MemoryView.make(like: self)
            view.narrow(try key.object(SliceObject.self).resolve(pointee.count))
            return Value(view)
        }
        if key == .ellipsis, dimensions.isEmpty { return Value(self) }
        return item.load(try address(key))
    }

    /// Leaves the part of the first dimension that a slice means.
    private func narrow(_ slice: ResolvedSlice) {
        pointee.start += slice.start * pointee.stride
        pointee.count = slice.count
        pointee.stride = pointee.stride &* slice.step
        if pointee.shape.isKind(.tuple) {
            let old = pointee.shape.object(Tuple.self)
            let shape = Tuple.make(old.items, old.count)
            shape.items[0] = Value(slice.count)
            pointee.shape = Value(shape)
        }
    }

    /// `self[key] = value`.
    func set(_ key: Value, _ value: Value) throws(Raised) {
        try checkReleased()
        if pointee.isReadOnly { throw typeError("cannot modify read-only memory") }
        if key.isKind(.slice), dimensions.count == 1 {
            return try assign(try key.object(SliceObject.self).resolve(pointee.count), value)
        }
        _ = try address(key)
        // Converting may run the script, which may release the view.
        try withUnsafeTemporaryAllocation(byteCount: 8, alignment: 8) { buffer throws(Raised) in
            // A temporary allocation has an address.
            let scratch = buffer.baseAddress.unsafelyUnwrapped
            try item.store(value, scratch)
            try address(key).copyMemory(from: scratch, byteCount: item.size)
        }
    }

    private func assign(_ slice: ResolvedSlice, _ value: Value) throws(Raised) {
        guard BufferView.isBytesLike(value) else {
            throw typeError("a bytes-like object is required, not '\(typeName(value))'")
        }
        let source = try MemoryView.make(value)
        defer { source.dropExport() }
        guard source.pointee.format == pointee.format, source.pointee.count == slice.count, source.pointee.shape.isNone else {
            throw valueError("memoryview assignment: lvalue and rvalue have different structures")
        }
        // The two may overlap.
        let octets = try source.gathered()
        guard let base = try baseAddress() else { return }
        let size = pointee.itemSize
        for index in 0 ..< slice.count {
            let target = base + pointee.start + (slice.start + index * slice.step) * pointee.stride
            for byte in 0 ..< size { target[byte] = octets[index * size + byte] }
        }
    }

    /// Whether shape and items are equal.
    func isEqual(_ other: MemoryViewRef) throws(Raised) -> Bool {
        guard dimensions == other.dimensions else { return false }
        let mine = try gathered()
        let others = try other.gathered()
        let plain = !item.isFloat && !other.item.isFloat
        if pointee.format == other.pointee.format, plain { return mine == others }
        let first = item
        let second = other.item
        let total = dimensions.reduce(1, *)
        for index in 0 ..< total {
            let a = mine.withUnsafeBytes { $0.baseAddress.map { first.load($0 + index * first.size) } ?? .none }
            let b = others.withUnsafeBytes { $0.baseAddress.map { second.load($0 + index * second.size) } ?? .none }
            guard quickCompare(2, a, b) ?? (a == b) else { return false }
        }
        return true
    }

    /// `self.cast(format, shape)`.
    func cast(_ format: Value, _ shape: Value) throws(Raised) -> Value {
        try checkUsable()
        guard format.isKind(.str) else { throw typeError("memoryview: format argument must be a string") }
        guard isContiguous else { throw typeError("memoryview: casts are restricted to C-contiguous views") }
        let text = format.object(Str.self)
        let code = text.pointee.byteCount == 1
            ? text.bytes[0] : text.pointee.byteCount == 2 && text.bytes[0] == 0x40 ? text.bytes[1] : 0
        guard let target = NativeItem(code) else {
            throw valueError(
                "memoryview: destination format must be a native single character format prefixed with an optional '@'")
        }
        guard shape.isNone || dimensions.count == 1 || dimensions.isEmpty else {
            throw typeError("memoryview: cast must be 1D -> ND or ND -> 1D")
        }
        guard item.isOctet || target.isOctet else {
            throw typeError("memoryview: cannot cast between two non-byte formats")
        }
        guard byteCount % target.size == 0 else { throw typeError("memoryview: length is not a multiple of itemsize") }
        let lengths = try shape.isNone ? nil : shapeLengths(shape)
        let bytes = byteCount
        if let lengths, lengths.reduce(target.size, { $0 &* $1 }) != bytes {
            throw typeError("memoryview: product(shape) * itemsize != buffer size")
        }
        let view = MemoryView.make(like: self)
        view.pointee.format = code
        view.pointee.itemSize = target.size
        view.pointee.shape = .none
        view.pointee.count = bytes / target.size
        view.pointee.stride = target.size
        if let lengths, lengths.count != 1 {
            view.pointee.shape = Value(Tuple.make(lengths.map { Value($0) }))
            view.pointee.count = lengths.first ?? 1
            view.pointee.stride = view.rowSize
        }
        return Value(view)
    }

    private func shapeLengths(_ shape: Value) throws(Raised) -> [Int] {
        guard shape.isKind(.list) || shape.isKind(.tuple) else { throw typeError("shape must be a list or a tuple") }
        let tuple = try makeTuple(shape)
        var lengths: [Int] = []
        for index in 0 ..< tuple.count {
            guard isInteger(tuple.items[index]) else {
                throw typeError("memoryview.cast(): elements of shape must be integers")
            }
            guard let length = machineInt(tuple.items[index]), length > 0 else {
                throw valueError("memoryview.cast(): elements of shape must be integers > 0")
            }
            lengths.append(length)
        }
        return lengths
    }
}
