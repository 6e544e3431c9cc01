// The iterators of sequences, ranges and dicts.

/// Iterates by index over a list, tuple, str or anything with `__getitem__`.
struct SequenceIterator {
    var header: ObjectHeader
    /// An object always: `exhausted` once it is.
    var sequence: Value
    var index: Int
    /// Byte offset of the next character of a str.
    var offset: Int

    /// Stands for the sequence of an iterator that has ended: an empty tuple that is no other's. A permanent root.
    nonisolated(unsafe) static var exhausted = Value.none

    /// One that has ended.
    nonisolated(unsafe) static let ended: UnsafeMutablePointer<SequenceIterator> = {
        let iterator = make(exhausted)
        heap.permanentRoots.append(iterator)
        return iterator.object()
    }()

    var isExhausted: Bool { sequence == SequenceIterator.exhausted }

    static func make(_ sequence: Value) -> Value {
        let iterator = allocateObject(
            MemoryLayout<SequenceIterator>.size, .sequenceIterator, shape(for: sequence)
        ).assumingMemoryBound(to: SequenceIterator.self)
        iterator.pointee.sequence = sequence
        iterator.pointee.index = 0
        iterator.pointee.offset = 0
        return Value(iterator)
    }

    /// The class of the iterators of each kind of sequence; all others have `iterator`.
    static let names: [(kind: Kind, name: StaticString)] = [
        (.list, "list_iterator"), (.tuple, "tuple_iterator"), (.str, "str_ascii_iterator"), (.bytes, "bytes_iterator"),
        (.bytearray, "bytearray_iterator"), (.memoryview, "memory_iterator"),
    ]
    /// Their shapes, by the kind's raw value, and that of the iterators of strings with other characters.
    nonisolated(unsafe) static let shapes: UnsafeMutablePointer<ShapeID> = {
        let shapes = UnsafeMutablePointer<ShapeID>.allocate(capacity: 256)
        shapes.initialize(repeating: ShapeID(Kind.sequenceIterator.rawValue), count: 256)
        return shapes
    }()
    nonisolated(unsafe) static var textShape = ShapeID(Kind.sequenceIterator.rawValue)

    @inline(__always)
    private static func shape(for sequence: Value) -> ShapeID {
        let kind = sequence.kind
        if kind == .str, !sequence.object(Str.self).isASCII { return textShape }
        return shapes[Int(kind.rawValue)]
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let iterator = object.assumingMemoryBound(to: SequenceIterator.self)
        if !iterator.pointee.isExhausted { marker.mark(iterator.pointee.sequence) }
    }
}

extension Value {
    /// The next item, if this is the iterator of a list or tuple that has one; else absent, and nothing has moved.
    @inline(__always)
    var nextOfSequence: Value {
        guard isPointer, let place = nextPlace else { return .absent }
        advance()
        return place.pointee
    }
}

extension Value {
    /// Of what `iter` has given, which is an object: where the next item lies, if this is the iterator of a list or tuple that has one.
    @inline(__always)
    var nextPlace: Registers? {
        header.pointee.kind == .sequenceIterator ? object(SequenceIterator.self).nextPlace : nil
    }

    /// Goes on behind the `nextPlace`.
    @inline(__always)
    func advance() { object(SequenceIterator.self).advance() }
}

extension UnsafeMutablePointer<SequenceIterator> {
    /// Where the next item lies, if there is one and this goes over a list or tuple.
    @inline(__always)
    var nextPlace: Registers? {
        let sequence = pointee.sequence
        if sequence.header.pointee.shape == List.shape {
            let list = sequence.object(List.self)
            let index = pointee.index
            return index < list.count ? list.items + index : nil
        }
        guard sequence.header.pointee.shape == Tuple.shape else { return nil }
        let tuple = sequence.object(Tuple.self)
        let index = pointee.index
        return index < tuple.count ? tuple.items + index : nil
    }

    /// Goes on behind the `nextPlace`.
    @inline(__always)
    func advance() { pointee.index &+= 1 }

    /// The next item of an ASCII str or of bytes, if there is one; else absent, and nothing has moved.
    @inline(__always)
    func nextCharacterOrOctet() -> Value {
        let sequence = pointee.sequence
        if sequence.isKind(.str) {
            let str = sequence.object(Str.self)
            guard str.isASCII, pointee.offset < str.pointee.byteCount,
                let character = StrTables.latin1(str.bytes[pointee.offset])
            else { return .absent }
            pointee.index &+= 1
            pointee.offset &+= 1
            return Value(character)
        }
        guard sequence.isKind(.bytes) else { return .absent }
        let octets = sequence.object(BytesObject.self)
        guard pointee.index < octets.pointee.count else { return .absent }
        pointee.index &+= 1
        return Value(inline: Int(octets.bytes[pointee.index &- 1]))
    }

    func next() throws(Raised) -> Value {
        let sequence = pointee.sequence
        let index = pointee.index
        switch sequence.kind {
        case .list:
            let list = sequence.object(List.self)
            if index < list.count {
                pointee.index += 1
                return list.items[index]
            }
        case .tuple:
            let tuple = sequence.object(Tuple.self)
            if index < tuple.count {
                pointee.index += 1
                return tuple.items[index]
            }
        case .str:
            let str = sequence.object(Str.self)
            let offset = pointee.offset
            if offset < str.pointee.byteCount {
                pointee.index += 1
                let (codePoint, length) = Str.decode(str.bytes + offset)
                pointee.offset = offset + length
                return Value(Str.make(codePoint: codePoint))
            }
        case .bytes, .bytearray:
            let octets = BytesArguments.own(sequence)
            if index < octets.count {
                pointee.index += 1
                return Value(inline: Int(octets[index]))
            }
        default:
            return try nextItem(sequence, index)
        }
        pointee.sequence = SequenceIterator.exhausted
        return .absent
    }

    private func nextItem(_ sequence: Value, _ index: Int) throws(Raised) -> Value {
        do {
            let value = try getItem(sequence, Value(index))
            pointee.index += 1
            return value
        } catch {
            let t = currentThread()
            guard t.raisedIs(.indexError) || t.raisedIs(.stopIteration) else { throw error }
            _ = t.takeRaised()
            pointee.sequence = SequenceIterator.exhausted
            return .absent
        }
    }
}

/// Iterates over a range of inline integers.
struct RangeIterator {
    var header: ObjectHeader
    var current: Int
    var step: Int
    var remaining: Int

    static func make(_ start: Int, _ step: Int, _ count: Int) -> Value {
        let iterator = allocateObject(
            MemoryLayout<RangeIterator>.size, .rangeIterator, ShapeID(Kind.rangeIterator.rawValue)
        ).assumingMemoryBound(to: RangeIterator.self)
        iterator.pointee.current = start
        iterator.pointee.step = step
        iterator.pointee.remaining = count
        return Value(iterator)
    }
}

extension UnsafeMutablePointer<RangeIterator> {
    /// The next number, which is gone by; nil behind the last.
    @inline(__always)
    func takeNumber() -> Int? {
        guard pointee.remaining > 0 else { return nil }
        let current = pointee.current
        pointee.remaining &-= 1
        pointee.current = current &+ pointee.step
        return current
    }

    func next() -> Value { takeNumber().map { Value($0) } ?? .absent }
}

/// Iterates over the keys, values or items of a dict.
public struct DictIterator {
    var header: ObjectHeader
    var dict: DictRef?
    var position: Int
    var expectedCount: Int
    /// The number of the keys that the dict had, and how many of them are still to come.
    var expectedKeys: UInt32
    var left: Int
    var form: Form
    var isReversed: Bool
    /// Of an OrderedDict: every change of its keys and their order is complained about at once.
    var isOrdered: Bool

    /// What an iterator or a view of a dict gives; pairs for `items`.
    public enum Form: UInt8 { case keys, values, items }

    /// A new iterator over a dict, which raises RuntimeError at its next step if the dict has changed its size.
    public static func make(_ dict: DictRef, _ form: Form, reversed: Bool = false) -> Value {
        let isOrdered = dict.pointee.header.shape != Dict.shape && Value(dict).cls.pointee.flags.contains(.isOrdered)
        let shape = isOrdered ? orderedShape : shapes[Int(form.rawValue) + (reversed ? 3 : 0)]
        let iterator = allocateObject(MemoryLayout<DictIterator>.size, .dictIterator, shape)
            .assumingMemoryBound(to: DictIterator.self)
        iterator.pointee.dict = dict
        iterator.pointee.position = reversed ? Int(dict.pointee.used) : 0
        iterator.pointee.expectedCount = dict.pointee.count
        iterator.pointee.expectedKeys = dict.nameKeys()
        iterator.pointee.left = dict.pointee.count
        iterator.pointee.form = form
        iterator.pointee.isReversed = reversed
        iterator.pointee.isOrdered = isOrdered
        return Value(iterator)
    }

    /// odict_iterator; made with the module `_collections`.
    nonisolated(unsafe) static var orderedShape = shapes[0]

    /// dict_keyiterator, dict_valueiterator, dict_itemiterator, and the reverse ones.
    nonisolated(unsafe) static var shapes = [ShapeID](repeating: ShapeID(Kind.dictIterator.rawValue), count: 6)

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: DictIterator.self).pointee.dict)
    }
}

extension UnsafeMutablePointer<DictIterator> {
    /// The next entry, if there is one and the dict is as it was; else nil, and nothing has moved.
    @inline(__always)
    func nextQuickly() -> UnsafeMutablePointer<DictEntry>? {
        guard let dict = pointee.dict, dict.pointee.count == pointee.expectedCount, pointee.left > 0, !pointee.isReversed else { return nil }
        if pointee.isOrdered, dict.pointee.keysVersion != pointee.expectedKeys { return nil }
        var position = pointee.position
        guard let entry = dict.next(&position) else { return nil }
        pointee.position = position
        pointee.left &-= 1
        return entry
    }

    /// The next key and value of an iterator over items, written to two registers.
    func nextRow(into target: Registers) throws(Raised) -> RowOutcome {
        guard let entry = try nextEntry() else { return .ended }
        target[0] = entry.pointee.key
        target[1] = entry.pointee.value
        return .filled
    }

    func next() throws(Raised) -> Value {
        guard let entry = try nextEntry() else { return .absent }
        switch pointee.form {
        case .keys: return entry.pointee.key
        case .values: return entry.pointee.value
        case .items: return Value(Tuple.make(entry.pointee.key, entry.pointee.value))
        }
    }

    @inline(__always)
    private func nextEntry() throws(Raised) -> UnsafeMutablePointer<DictEntry>? {
        guard let dict = pointee.dict else { return nil }
        if pointee.isOrdered {
            guard pointee.left > 0 else {
                pointee.dict = nil
                return nil
            }
            guard dict.pointee.keysVersion == pointee.expectedKeys else { throw raise(.runtimeError, "OrderedDict mutated during iteration") }
        }
        guard dict.pointee.count == pointee.expectedCount else {
            pointee.expectedCount = -1
            throw raise(.runtimeError, "dictionary changed size during iteration")
        }
        let entry = pointee.isReversed ? previous(dict) : dict.next(&pointee.position)
        guard let entry, pointee.left > 0 else {
            pointee.dict = nil
            // As many keys as at the start, but others: some were deleted, some added.
            if dict.pointee.keysVersion != pointee.expectedKeys, dict.pointee.count > 0, pointee.left == 0 {
                throw raise(.runtimeError, "dictionary keys changed during iteration")
            }
            return nil
        }
        pointee.left -= 1
        return entry
    }

    /// Items still to come.
    var remaining: Int {
        guard let dict = pointee.dict, let entries = dict.pointee.entries,
            dict.pointee.count == pointee.expectedCount
        else { return 0 }
        let places = pointee.isReversed ? 0 ..< pointee.position : min(pointee.position, Int(dict.pointee.used)) ..< Int(dict.pointee.used)
        return places.reduce(0) { $0 + (entries[$1].key == .tombstone ? 0 : 1) }
    }

    private func previous(_ dict: DictRef) -> UnsafeMutablePointer<DictEntry>? {
        guard let entries = dict.pointee.entries else { return nil }
        while pointee.position > 0 {
            pointee.position -= 1
            if entries[pointee.position].key != .tombstone { return entries + pointee.position }
        }
        return nil
    }
}
