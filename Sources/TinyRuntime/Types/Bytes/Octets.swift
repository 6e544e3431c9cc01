// Searching in octets: what str, bytes and bytearray have in common.
//
// UTF-8 never contains the encoding of one character inside another's, so text is searched as octets too. The C
// library's memchr and memmem do the work.
import CTiny
import Glibc

/// Octets in memory that belongs to somebody else.
public typealias Octets = UnsafeBufferPointer<UInt8>

extension UnsafeBufferPointer<UInt8> {
    /// The part between two offsets.
    @inline(__always)
    public func part(_ start: Int, _ end: Int) -> Octets { Octets(rebasing: self[start ..< end]) }

    func isSame(as other: Octets) -> Bool {
        guard count == other.count else { return false }
        guard let mine = baseAddress, let others = other.baseAddress else { return true }
        return memcmp(mine, others, count) == 0
    }

    /// Negative, zero or positive.
    func compare(_ other: Octets) -> Int {
        guard let mine = baseAddress, let others = other.baseAddress else { return count - other.count }
        let order = memcmp(mine, others, Swift.min(count, other.count))
        return order != 0 ? Int(order) : count - other.count
    }

    func hasPart(_ other: Octets, at offset: Int) -> Bool {
        guard offset >= 0, offset + other.count <= count else { return false }
        guard let mine = baseAddress, let others = other.baseAddress else { return true }
        return memcmp(mine + offset, others, other.count) == 0
    }

    /// The first occurrence at or behind `start`, in front of `end`; -1 if there is none.
    @inline(__always)
    public func find(_ needle: Octets, _ start: Int, _ end: Int) -> Int {
        if needle.count == 0 { return start <= end ? start : -1 }
        guard end - start >= needle.count, let base = baseAddress, let sought = needle.baseAddress else { return -1 }
        if needle.count > 1, end - start <= 64 { return findNearby(needle, start, end) }
        let found = needle.count == 1
            ? memchr(base + start, Int32(sought[0]), end - start)
            : tiny_memmem(base + start, end - start, sought, needle.count)
        guard let found else { return -1 }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The same among few octets: what `memmem` prepares takes longer than to try wherever the first one is. The needle is neither
    /// empty nor longer than the range.
    private func findNearby(_ needle: Octets, _ start: Int, _ end: Int) -> Int {
        guard let base = baseAddress, let sought = needle.baseAddress else { return -1 }
        var offset = start
        let last = end - needle.count
        while offset <= last, let found = memchr(base + offset, Int32(sought[0]), last + 1 - offset) {
            offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(base + offset, sought, needle.count) == 0 { return offset }
            offset += 1
        }
        return -1
    }

    /// The last occurrence between `start` and `end`; -1 if there is none.
    public func findLast(_ needle: Octets, _ start: Int, _ end: Int) -> Int {
        if needle.count == 0 { return start <= end ? end : -1 }
        guard end - start >= needle.count, let base = baseAddress, let sought = needle.baseAddress else { return -1 }
        // Candidates are the occurrences of the first octet.
        var limit = end - needle.count + 1
        while limit > start {
            guard let found = tiny_memrchr(base + start, Int32(sought[0]), limit - start) else { return -1 }
            let offset = UnsafeRawPointer(found) - UnsafeRawPointer(base)
            if memcmp(base + offset, sought, needle.count) == 0 { return offset }
            limit = offset
        }
        return -1
    }

    /// Occurrences that don't overlap, at most `limit`; the needle is not empty.
    func occurrences(_ needle: Octets, _ start: Int, _ end: Int, limit: Int = Int.max) -> Int {
        var count = 0
        var offset = start
        while count < limit {
            let found = find(needle, offset, end)
            if found < 0 { break }
            count += 1
            offset = found + needle.count
        }
        return count
    }

    /// Copies of the octets with occurrences of one part replaced by another; `target` has room for the result.
    func replace(_ old: Octets, _ new: Octets, count limit: Int, into target: UnsafeMutablePointer<UInt8>) {
        guard let base = baseAddress else { return }
        var to = target
        var offset = 0
        for _ in 0 ..< limit {
            let found = find(old, offset, count)
            if found < 0 { break }
            memcpy(to, base + offset, found - offset)
            to += found - offset
            if let source = new.baseAddress { memcpy(to, source, new.count) }
            to += new.count
            offset = found + old.count
        }
        memcpy(to, base + offset, count - offset)
    }
}

/// Start and end of a search as CPython adjusts them: from the end if negative, then cut to the length.
func searchRange(_ start: Value, _ end: Value, _ count: Int) throws(Raised) -> (start: Int, end: Int) {
    var first = try sliceBound(start, 0)
    var last = try sliceBound(end, count)
    if last > count { last = count } else if last < 0 { last = max(0, last &+ count) }
    if first < 0 { first = max(0, first &+ count) }
    return (first, last)
}

/// An optional bound of a slice as a machine integer.
func sliceBound(_ value: Value, _ fallback: Int) throws(Raised) -> Int {
    if value.isInlineInt { return value.inlineInt }
    if value.isNone || value.isAbsent { return fallback }
    guard isInteger(value) || value.cls.has(.index) else {
        throw typeError("slice indices must be integers or None or have an __index__ method")
    }
    let int = try indexValue(value)
    return machineInt(int) ?? (isNegative(int) ? Int.min / 2 : Int.max / 2)
}

/// How often a sequence is repeated. Throws OverflowError for integers beyond the machine's.
func repetitions(_ value: Value) throws(Raised) -> Int {
    guard let count = machineInt(try indexValue(value)) else {
        throw raise(.overflowError, "cannot fit '\(typeName(value))' into an index-sized integer")
    }
    return max(0, count)
}

/// The size of `count` copies of `size` octets. Throws MemoryError if no object may be that large.
func repeatedSize(_ size: Int, _ count: Int) throws(Raised) -> Int {
    let (total, overflow) = size.multipliedReportingOverflow(by: count)
    try checkSize(overflow ? Int.max : total)
    return total
}

/// Fills memory with copies of its first `unit` octets.
func fillRepeated(_ target: UnsafeMutablePointer<UInt8>, unit: Int, total: Int) {
    if unit == 1 {
        memset(target, Int32(target[0]), total)
        return
    }
    var done = unit
    while done < total {
        let step = min(done, total - done)
        memcpy(target + done, target, step)
        done += step
    }
}

/// The machine integer of an index into a sequence of `count` items, from the end if negative.
func sequenceIndex(_ value: Value, _ count: Int, _ message: StaticString) throws(Raised) -> Int {
    var position = value.isInlineInt ? value.inlineInt : 0
    if !value.isInlineInt {
        guard let machine = machineInt(try indexValue(value)) else {
            throw raise(.indexError, "cannot fit '\(typeName(value))' into an index-sized integer")
        }
        position = machine
    }
    if position < 0 { position &+= count }
    guard position >= 0, position < count else { throw raise(.indexError, message.description) }
    return position
}

/// A set of octets.
struct OctetSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    init(_ octets: Octets) {
        for octet in octets {
            let bit = UInt64(1) << UInt64(octet & 63)
            switch octet >> 6 {
            case 0: words.0 |= bit
            case 1: words.1 |= bit
            case 2: words.2 |= bit
            default: words.3 |= bit
            }
        }
    }

    @inline(__always)
    func contains(_ octet: UInt8) -> Bool {
        let word = octet < 128 ? (octet < 64 ? words.0 : words.1) : (octet < 192 ? words.2 : words.3)
        return word >> UInt64(octet & 63) & 1 != 0
    }
}
