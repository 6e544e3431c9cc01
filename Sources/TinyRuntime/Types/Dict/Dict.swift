// dict: a compact hash table that keeps the order of insertion (Hettinger's layout, as CPython and PyPy have it).
//
//     entries   [hash, key, value] in the order they came; a deleted one has the key `tombstone` (and the value `absent` if no index names it)
//     indices   open addressing, linear probing: 0 is free, else entry + 1; absent up to 8 entries, which are scanned
//
// Look-ups of interned names compare pointers (measured: 2.4 ns; Swift's Dictionary 40). A key's `__eq__` may run
// script code that changes this very dict: after each such call the search starts over if the entries moved.
// `keysVersion` names the set of keys and their places: inline caches of globals compare it. 0: not yet named.
import CTiny
import Glibc

/// dict.
public struct Dict {
    var header: ObjectHeader
    /// Living entries.
    public internal(set) var count: Int
    /// The table in order of insertion, deleted entries included; nil before the first.
    public var entries: UnsafeMutablePointer<DictEntry>?
    var indices: UnsafeMutablePointer<UInt32>?
    /// Entries used, the deleted ones included.
    var used: Int32
    var capacity: Int32
    /// Size of `indices` - 1.
    var mask: Int32
    var keysVersion: UInt32
    /// Some key is no exact str: only then can a str equal a key that a look-up by name does not find.
    var hasForeignKeys: Bool
    /// No living entry lies before this one: taking from the front again and again is not quadratic.
    var first: Int32

    /// The shape of exact dicts, as against those of subclasses.
    public static let shape = ShapeID(Kind.dict.rawValue)
    /// Up to so many entries a dict is scanned and has no index.
    static let smallCapacity = 8
    nonisolated(unsafe) static var lastVersion: UInt32 = 0
}

/// One row of a dict's table.
public struct DictEntry {
    var hash: Int
    /// Tombstone once deleted.
    public var key: Value
    /// Says nothing in a deleted entry.
    public var value: Value
}

/// A dict in the heap.
public typealias DictRef = UnsafeMutablePointer<Dict>

extension Dict {
    /// An empty dict; memory for entries comes with the first. `extra`: bytes behind it that instances of a subclass have.
    public static func make(shape: ShapeID = Dict.shape, extra: Int = 0) -> DictRef {
        let dict = allocateObject(MemoryLayout<Dict>.stride + extra, .dict, shape).assumingMemoryBound(to: Dict.self)
        dict.pointee.count = 0
        dict.pointee.entries = nil
        dict.pointee.indices = nil
        dict.pointee.used = 0
        dict.pointee.capacity = 0
        dict.pointee.mask = 0
        dict.pointee.keysVersion = 0
        dict.pointee.hasForeignKeys = false
        dict.pointee.first = 0
        return dict
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let dict = object.assumingMemoryBound(to: Dict.self)
        if dict.pointee.header.detail == 1 { marker.mark(DefaultDict.factory(Value(dict))) }
        guard let entries = dict.pointee.entries else { return }
        let used = Int(dict.pointee.used)
        if used <= Marker.few {
            for index in 0 ..< used {
                marker.mark(entries[index].key)
                marker.mark(entries[index].value)
            }
        } else {
            for index in 0 ..< used {
                if index + Marker.distance < used {
                    marker.expect(entries[index + Marker.distance].key)
                    marker.expect(entries[index + Marker.distance].value)
                }
                marker.markNow(entries[index].key)
                marker.markNow(entries[index].value)
            }
        }
        marker.mark(storage: entries, dict.entryBytes)
        if dict.pointee.indices != nil { marker.mark(storage: dict.pointee.indices, dict.indexBytes) }
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let dict = object.assumingMemoryBound(to: Dict.self)
        dict.releaseTables()
    }
}

extension Dict {
    /// Where the probing for a hash begins. Integers hash to themselves and objects to their address, so the low bits of
    /// hashes are often alike (multiples of 1024, objects of one size), which linear probing can't stand: Fibonacci hashing
    /// spreads every arithmetic progression.
    @inline(__always)
    static func home(_ hash: Int, _ mask: Int) -> Int {
        Int(truncatingIfNeeded: (UInt(bitPattern: hash) &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
    }
}

extension DictRef {
    fileprivate var entryBytes: Int { Int(pointee.capacity) * MemoryLayout<DictEntry>.stride }
    fileprivate var indexBytes: Int { (Int(pointee.mask) + 1) * 4 }

    fileprivate func releaseTables() {
        if pointee.entries != nil { Storage.release(pointee.entries, entryBytes) }
        if pointee.indices != nil { Storage.release(pointee.indices, indexBytes) }
    }
}

// MARK: Looking up

extension UnsafeMutablePointer<Dict> {
    /// The entry of an interned or any other string key, or -1. Runs no script code if all keys are strings; a
    /// non-string key that is equal to a string is found by `find`.
    @inline(__always)
    func find(_ name: StrRef) -> Int {
        guard let entries = pointee.entries else { return -1 }
        let key = Value(name)
        let hash = name.hashValue
        if let indices = pointee.indices {
            let mask = Int(pointee.mask)
            var slot = Dict.home(hash, mask)
            while true {
                let index = Int(indices[slot]) - 1
                if index < 0 { return -1 }
                if entries[index].key == key { return index }
                if entries[index].hash == hash, entries[index].key.isKind(.str),
                    entries[index].key.object(Str.self).equals(name)
                {
                    return index
                }
                slot = (slot + 1) & mask
            }
        }
        let used = Int(pointee.used)
        var index = 0
        while index < used {
            if entries[index].key == key { return index }
            index += 1
        }
        index = 0
        while index < used {
            if entries[index].hash == hash, entries[index].key.isKind(.str),
                entries[index].key.object(Str.self).equals(name)
            {
                return index
            }
            index += 1
        }
        return -1
    }

    /// The value of a string key, or absent.
    @inline(__always)
    public func get(_ name: StrRef) -> Value {
        let index = find(name)
        // A found entry lies in the entries.
        return index < 0 ? .absent : pointee.entries.unsafelyUnwrapped[index].value
    }

    /// The entry of a key, or -1. May run `__eq__` of the script.
    public func find(_ key: Value, hash: Int) throws(Raised) -> Int {
        if key.isExactly(.str) { return try findStr(key.object(Str.self), hash) }
        search: while true {
            guard let entries = pointee.entries else { return -1 }
            if let indices = pointee.indices {
                let mask = Int(pointee.mask)
                var slot = Dict.home(hash, mask)
                while true {
                    let index = Int(indices[slot]) - 1
                    if index < 0 { return -1 }
                    if entries[index].key == key { return index }
                    if entries[index].hash == hash, entries[index].key != .tombstone {
                        let candidate = entries[index].key
                        let isEqual = try equal(candidate, key)
                        if moved(entries, index, candidate) { continue search }
                        if isEqual { return index }
                    }
                    slot = (slot + 1) & mask
                }
            }
            var index = 0
            while index < Int(pointee.used) {
                if entries[index].key == key { return index }
                if entries[index].hash == hash, entries[index].key != .tombstone {
                    let candidate = entries[index].key
                    let isEqual = try equal(candidate, key)
                    if moved(entries, index, candidate) { continue search }
                    if isEqual { return index }
                }
                index += 1
            }
            return -1
        }
    }

    /// A str may equal a key that is no str only through that key's `__eq__`.
    private func findStr(_ name: StrRef, _ hash: Int) throws(Raised) -> Int {
        let index = find(name)
        if index >= 0 || !pointee.hasForeignKeys { return index }
        var candidate = 0
        while candidate < Int(pointee.used), let entries = pointee.entries {
            let entry = entries[candidate]
            if entry.hash == hash, entry.key.isPointer, entry.key != .tombstone, !entry.key.isExactly(.str),
                try equal(entry.key, Value(name))
            {
                return candidate
            }
            // Only small tables are scanned to the end; in large ones an equal hash is looked up below.
            if pointee.indices != nil { return try findForeign(name, hash) }
            candidate += 1
        }
        return -1
    }

    private func findForeign(_ name: StrRef, _ hash: Int) throws(Raised) -> Int {
        let mask = Int(pointee.mask)
        var slot = Dict.home(hash, mask)
        while let indices = pointee.indices, let entries = pointee.entries {
            let index = Int(indices[slot & Int(pointee.mask)]) - 1
            if index < 0 { return -1 }
            let entry = entries[index]
            if entry.hash == hash, entry.key.isPointer, !entry.key.isExactly(.str), try equal(entry.key, Value(name)) {
                return index
            }
            slot = (slot + 1) & mask
        }
        return -1
    }

    private func moved(_ entries: UnsafeMutablePointer<DictEntry>, _ index: Int, _ key: Value) -> Bool {
        pointee.entries != entries || index >= Int(pointee.used) || entries[index].key != key
    }

    /// The value at a key, or absent. Throws what hashing or comparing the key raises.
    public func get(_ key: Value) throws(Raised) -> Value {
        let index = try find(key, hash: try TinyRuntime.hash(key))
        guard index >= 0, let entries = pointee.entries else { return .absent }
        return entries[index].value
    }
}

// MARK: Changing

extension UnsafeMutablePointer<Dict> {
    /// Binds a string key.
    public func set(_ name: StrRef, _ value: Value) {
        let index = find(name)
        if index >= 0 {
            // A found entry lies in the entries.
            writeBarrier(self)
            pointee.entries.unsafelyUnwrapped[index].value = value
        } else {
            append(Value(name), name.hashValue, value)
        }
    }

    /// Binds a key. Throws what hashing or comparing it raises.
    public func set(_ key: Value, _ value: Value) throws(Raised) {
        try set(key, hash: try TinyRuntime.hash(key), value)
    }

    /// As above for a key whose hash is known. Throws what the `__eq__` of a key raises.
    public func set(_ key: Value, hash: Int, _ value: Value) throws(Raised) {
        let index = try find(key, hash: hash)
        if index >= 0, let entries = pointee.entries {
            writeBarrier(self)
            entries[index].value = value
        } else {
            append(key, hash, value)
        }
    }

    /// Adds an entry for a key that is known not to be there.
    func append(_ key: Value, _ hash: Int, _ value: Value) {
        writeBarrier(self)
        if pointee.used == pointee.capacity { grow() }
        let index = Int(pointee.used)
        // `grow` has left room for one entry more.
        pointee.entries.unsafelyUnwrapped[index] = DictEntry(hash: hash, key: key, value: value)
        pointee.used += 1
        pointee.count += 1
        pointee.keysVersion = 0
        if !key.isExactly(.str) { pointee.hasForeignKeys = true }
        if let indices = pointee.indices { Self.place(indices, Int(pointee.mask), hash, index) }
    }

    @inline(__always)
    private static func place(_ indices: UnsafeMutablePointer<UInt32>, _ mask: Int, _ hash: Int, _ index: Int) {
        var slot = Dict.home(hash, mask)
        while indices[slot] != 0 { slot = (slot + 1) & mask }
        indices[slot] = UInt32(truncatingIfNeeded: index + 1)
    }

    /// Makes room for another entry: drops the deleted ones, or takes a larger table.
    private func grow() {
        let capacity = Int(pointee.capacity)
        reserve(pointee.count < capacity / 2 ? capacity : Swift.max(4, pointee.count * 2))
    }

    /// Moves to tables that hold `capacity` entries, of which the first `gap` stay free for `moveToFront`.
    public func reserve(_ capacity: Int, gap: Int = 0) {
        writeBarrier(self)
        let capacity = Swift.max(capacity, pointee.count + gap + 1)
        let bytes = capacity * MemoryLayout<DictEntry>.stride
        let entries = Storage.allocate(bytes).bindMemory(to: DictEntry.self, capacity: capacity)
        if !Storage.isCell(bytes) { pointee.header.flags.insert(.releases) }
        for index in 0 ..< gap { entries[index] = DictEntry(hash: 0, key: .tombstone, value: .absent) }
        var used = gap
        if let old = pointee.entries {
            for index in 0 ..< Int(pointee.used) where old[index].key != .tombstone {
                entries[used] = old[index]
                used += 1
            }
        }
        if let old = pointee.entries { Storage.replace(old, entryBytes) }
        if let old = pointee.indices { Storage.replace(old, indexBytes) }
        pointee.entries = entries
        pointee.indices = nil
        pointee.used = Int32(used)
        pointee.first = Int32(gap)
        pointee.capacity = Int32(capacity)
        pointee.keysVersion = 0
        if capacity > Dict.smallCapacity { buildIndex() }
    }

    private func buildIndex() {
        var size = 16
        while size < Int(pointee.capacity) * 2 { size *= 2 }
        let indices = Storage.allocate(size * 4).bindMemory(to: UInt32.self, capacity: size)
        if !Storage.isCell(size * 4) { pointee.header.flags.insert(.releases) }
        indices.initialize(repeating: 0, count: size)
        if let entries = pointee.entries {
            for index in Int(pointee.first) ..< Int(pointee.used) { Self.place(indices, size - 1, entries[index].hash, index) }
        }
        pointee.indices = indices
        pointee.mask = Int32(size - 1)
    }

    /// Deletes the entry at an index that `find` returned.
    public func remove(at index: Int) {
        guard let entries = pointee.entries else { return }
        entries[index].key = .tombstone
        entries[index].value = .none
        pointee.count -= 1
        pointee.keysVersion = 0
        if pointee.count == 0 {
            clear()
        } else if index == Int(pointee.used) - 1 {
            dropTail()
        } else {
            while entries[Int(pointee.first)].key == .tombstone { pointee.first += 1 }
        }
    }

    /// Forgets deleted entries at the end, so that `popitem` stays fast.
    private func dropTail() {
        guard let entries = pointee.entries else { return }
        while pointee.used > 0, entries[Int(pointee.used) - 1].key == .tombstone {
            if let indices = pointee.indices { unplace(indices, entries, Int(pointee.used) - 1) }
            pointee.used -= 1
        }
    }

    /// Makes the entry at an index that `find` returned the last one, or the first. Nothing changes if it is that already.
    func move(at index: Int, toEnd: Bool) {
        guard let entries = pointee.entries else { return }
        let entry = entries[index]
        let others = toEnd ? index + 1 ..< Int(pointee.used) : Int(pointee.first) ..< index
        guard others.contains(where: { entries[$0].key != .tombstone }) else { return }
        guard toEnd else { return moveToFront(index) }
        remove(at: index)
        append(entry.key, entry.hash, entry.value)
    }

    /// Where an entry stands in the index.
    private func slot(_ indices: UnsafeMutablePointer<UInt32>, _ hash: Int, of index: Int) -> Int {
        let mask = Int(pointee.mask)
        var slot = Dict.home(hash, mask)
        while Int(indices[slot]) != index + 1 { slot = (slot + 1) & mask }
        return slot
    }

    /// Takes an entry out of the index: those behind it that it had pushed away move up.
    private func unplace(_ indices: UnsafeMutablePointer<UInt32>, _ entries: UnsafeMutablePointer<DictEntry>, _ index: Int) {
        // It may stand nowhere: see `moveToFront`.
        if entries[index].value.isAbsent { return }
        let mask = Int(pointee.mask)
        var free = slot(indices, entries[index].hash, of: index)
        var slot = free
        while true {
            slot = (slot + 1) & mask
            let entry = Int(indices[slot]) - 1
            if entry < 0 { break }
            let home = Dict.home(entries[entry].hash, mask)
            // It may move if its home does not lie between the free slot and its own.
            if (slot - home) & mask >= (slot - free) & mask {
                indices[free] = indices[slot]
                free = slot
            }
        }
        indices[free] = 0
    }

    /// Makes the entry at an index that `find` returned the first.
    private func moveToFront(_ index: Int) {
        guard let entries = pointee.entries, index > Int(pointee.first) else { return }
        let entry = entries[index]
        guard pointee.first > 0 else {
            reserve(pointee.count * 2 + 8, gap: pointee.count / 2 + 4)
            if let moved = try? find(entry.key, hash: entry.hash), moved > 0 { moveToFront(moved) }
            return
        }
        let place = Int(pointee.first) - 1
        if let indices = pointee.indices { indices[slot(indices, entry.hash, of: index)] = UInt32(truncatingIfNeeded: place + 1) }
        entries[place] = entry
        // Its old place is in no index now, as those of the gap are: the absent value says so.
        entries[index].key = .tombstone
        entries[index].value = .absent
        pointee.first = Int32(place)
        pointee.keysVersion = 0
        if pointee.indices == nil { dropTail() }
    }

    /// Deletes a key; its value, or absent if it was not there.
    public func remove(_ key: Value) throws(Raised) -> Value {
        let index = try find(key, hash: try TinyRuntime.hash(key))
        guard index >= 0, let entries = pointee.entries else { return .absent }
        let value = entries[index].value
        remove(at: index)
        return value
    }

    /// Deletes the entry of a name. Runs no script code if all keys are strings. Whether there was one.
    public func remove(_ name: StrRef) -> Bool {
        let index = find(name)
        if index >= 0 { remove(at: index) }
        return index >= 0
    }

    /// Deletes every entry.
    public func clear() {
        releaseTables()
        pointee.entries = nil
        pointee.indices = nil
        pointee.used = 0
        pointee.first = 0
        pointee.capacity = 0
        pointee.count = 0
        pointee.keysVersion = 0
    }

    /// The number of the present keys and places, given out on demand.
    func nameKeys() -> UInt32 {
        if pointee.keysVersion == 0 {
            Dict.lastVersion &+= 1
            if Dict.lastVersion == 0 { Dict.lastVersion = 1 }
            pointee.keysVersion = Dict.lastVersion
        }
        return pointee.keysVersion
    }

    /// The next living entry at or after a position, or nil at the end. The position is advanced past it.
    @inline(__always)
    public func next(_ position: inout Int) -> UnsafeMutablePointer<DictEntry>? {
        guard let entries = pointee.entries else { return nil }
        if position < Int(pointee.first) { position = Int(pointee.first) }
        while position < Int(pointee.used) {
            let entry = entries + position
            position += 1
            if entry.pointee.key != .tombstone { return entry }
        }
        return nil
    }

    /// A new dict of the same entries.
    public func copy() -> DictRef {
        let result = Dict.make()
        if pointee.count > 0 { result.reserve(pointee.count) }
        var position = 0
        while let entry = next(&position) { result.append(entry.pointee.key, entry.pointee.hash, entry.pointee.value) }
        return result
    }
}
