// `__sizeof__` and sys.getsizeof of the built-in kinds: the sizes that programs know from CPython on a 64-bit machine.
//
// What a value takes here is another matter (an int of 51 bits takes nothing). But programs print these figures to compare one
// way of holding data with another, and the documents about them say 28 for an int and 56 for an empty list. So a size is worked
// out from what the value holds, as if it lay in CPython's structs; of a list the room counts that it really has.

enum ReportedSize {
    static func int(bits: Int) -> Int { 24 + 4 * max(1, (bits + 29) / 30) }

    static func str(_ str: StrRef) -> Int {
        let count = str.count + 1
        if str.isASCII { return 40 + count }
        var most: UInt32 = 0
        str.forEachCodePoint { most = max(most, $0) }
        return 56 + count * (most < 0x100 ? 1 : most < 0x10000 ? 2 : 4)
    }

    /// The entries and the index table that so many insertions lead to.
    static func dict(_ dict: DictRef) -> Int {
        let count = dict.pointee.count
        guard count > 0 else { return 48 }
        var logarithm = 3
        while usable(logarithm) < count {
            let wanted = usable(logarithm) * 3
            while 1 << logarithm < wanted { logarithm += 1 }
        }
        var hasPlainKeys = true
        var position = 0
        while let entry = dict.next(&position) {
            if !entry.pointee.key.isExactly(.str) { hasPlainKeys = false; break }
        }
        let indexWidth = logarithm < 8 ? 1 : logarithm < 16 ? 2 : logarithm < 32 ? 4 : 8
        return 48 + 32 + indexWidth << logarithm + usable(logarithm) * (hasPlainKeys ? 16 : 24)
    }

    private static func usable(_ logarithm: Int) -> Int { (2 << logarithm) / 3 }

    /// A set's own table holds eight; a larger one is grown when three fifths are taken.
    static func set(count: Int) -> Int {
        var size = 8
        while true {
            let most = ((size - 1) * 3 + 4) / 5
            if count < most { break }
            let wanted = most > 50_000 ? most * 2 : most * 4
            while size <= wanted { size *= 2 }
        }
        return 200 + (size == 8 ? 0 : size * 16)
    }

    /// Of kinds without a size of their own.
    static func object(_ value: Value) -> Int {
        guard value.isPointer else { return value.isFloat ? 24 : 16 }
        switch value.header.pointee.kind {
        case .tuple: return 24 + 8 * value.object(Tuple.self).count
        case .function: return 144
        case .slice: return 40
        case .instance:
            let cls = value.cls
            if cls == Runtime.objectClass { return 16 }
            return 16 + (cls.pointee.flags.contains(.hasDict) ? 16 : 0) + 8 * Int(cls.pointee.slotCount)
        default:
            let sizeClass = value.header.pointee.sizeClass
            return sizeClass == Heap.largeClass ? 4096 : Int(sizeClass) * 16
        }
    }

    /// What sys.getsizeof says of an object, unless its class is the script's and has a `__sizeof__` of its own.
    static func known(_ value: Value) -> Int {
        guard value.isPointer else { return object(value) }
        let method = value.cls.pointee.flags.contains(.isHeapType) ? .absent : value.cls.special(.sizeof)
        if !method.isAbsent, method.isKind(.native) {
            do { return try index(try callUnbound(method, value)) + collectorWords(value) } catch { _ = currentThread().takeRaised() }
        }
        return object(value) + collectorWords(value)
    }

    /// What sys.getsizeof adds: the words before an object that its collector keeps.
    static func collectorWords(_ value: Value) -> Int {
        guard value.isPointer, value.cls != Runtime.objectClass else { return 0 }
        switch value.header.pointee.kind {
        case .tuple, .list, .dict, .set, .frozenset, .slice, .instance, .class, .function: return 16
        default: return 0
        }
    }
}
