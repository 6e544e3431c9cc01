// set and frozenset: open addressing as CPython's, so that small integers come out in the same order there and here.
//
// The table is probed linearly for nine entries, then by a perturbed sequence; iteration follows the table. So what a script
// sees depends on the table's size too: when it grows, and to what, is CPython's rule (Objects/setobject.c) in every operation.
import CTiny

/// set and frozenset; the object's kind tells them apart.
public struct SetObject {
    var header: ObjectHeader
    /// Living entries.
    public var count: Int
    /// Entries in use, deleted ones included.
    var fill: Int
    var mask: Int
    var table: UnsafeMutablePointer<SetEntry>?
    /// Cached hash of a frozenset; 0: not yet computed. In a set: where `pop` goes on looking, so that popping everything is not quadratic.
    var hash: Int

    static let linearProbes = 9
    /// Entries of the smallest table.
    static let smallest = 8
}

/// One place of the table.
public struct SetEntry {
    /// Absent: free; tombstone: deleted, which a new key may take.
    public var key: Value
    var hash: Int
}

/// A set or frozenset in the heap.
public typealias SetRef = UnsafeMutablePointer<SetObject>

extension SetObject {
    /// An empty set (or frozenset); memory for entries comes with the first. `shape`: that of a subclass.
    public static func make(_ kind: Kind = .set, shape: ShapeID? = nil, extra: Int = 0) -> SetRef {
        let set = allocateObject(MemoryLayout<SetObject>.stride + extra, kind, shape ?? ShapeID(kind.rawValue))
            .assumingMemoryBound(to: SetObject.self)
        set.pointee.count = 0
        set.pointee.fill = 0
        set.pointee.mask = 0
        set.pointee.table = nil
        set.pointee.hash = 0
        return set
    }

    /// A frozenset of literals (which hash without running script code). CPython's compiler makes one, and then another of what
    /// that has, when it looks whether a constant is there already; their order may differ.
    static func frozen(_ items: [Value]) -> Value {
        let first = make(.frozenset)
        for item in items { _ = try? first.add(item) }
        let set = make(.frozenset)
        var position = 0
        while let entry = first.next(&position) { set.addNew(entry.pointee.key, hash: entry.pointee.hash) }
        return Value(set)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let set = object.assumingMemoryBound(to: SetObject.self)
        if let table = set.pointee.table {
            for index in 0 ... set.pointee.mask {
                if index + Marker.distance <= set.pointee.mask { marker.expect(table[index + Marker.distance].key) }
                marker.markNow(table[index].key)
            }
            marker.mark(storage: table, set.tableBytes)
        }
        traceExtra(object, .set, &marker)
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        object.assumingMemoryBound(to: SetObject.self).releaseTable()
    }
}

extension SetRef {
    fileprivate var tableBytes: Int { (pointee.mask + 1) * MemoryLayout<SetEntry>.stride }

    fileprivate func releaseTable() {
        if pointee.table != nil { Storage.release(pointee.table, tableBytes) }
    }

    /// Makes a new table of `size` entries, not initialised, the set's own; the old one must have been given back.
    fileprivate func takeTable(_ size: Int) -> UnsafeMutablePointer<SetEntry> {
        writeBarrier(self)
        let table = Storage.allocate(size * MemoryLayout<SetEntry>.stride).bindMemory(to: SetEntry.self, capacity: size)
        pointee.table = table
        pointee.mask = size - 1
        if !Storage.isCell(tableBytes) { pointee.header.flags.insert(.releases) }
        return table
    }
}

extension SetRef {
    /// The entry that holds the key, or nil. May run `__eq__` of the script.
    func find(_ key: Value, _ hash: Int) throws(Raised) -> UnsafeMutablePointer<SetEntry>? {
        restart: while true {
            guard let table = pointee.table else { return nil }
            let mask = pointee.mask
            var perturb = UInt(bitPattern: hash)
            var index = hash & mask
            while true {
                let limit = index + SetObject.linearProbes <= mask ? index + SetObject.linearProbes : index
                for probe in index ... limit {
                    let entry = table + probe
                    if entry.pointee.key.isAbsent { return nil }
                    if entry.pointee.hash == hash, entry.pointee.key != .tombstone {
                        if entry.pointee.key == key { return entry }
                        let candidate = entry.pointee.key
                        let isEqual = try equal(candidate, key)
                        if pointee.table != table || entry.pointee.key != candidate { continue restart }
                        if isEqual { return entry }
                    }
                }
                perturb >>= 5
                index = (index &* 5 &+ 1 &+ Int(bitPattern: perturb)) & mask
            }
        }
    }

    /// Whether a key with that hash is there. Mostly the first place tells: it is free, or holds the same object.
    @inline(__always)
    func contains(_ key: Value, hash: Int) throws(Raised) -> Bool {
        guard let table = pointee.table else { return false }
        let first = table[hash & pointee.mask].key
        if first == key { return true }
        if first.isAbsent { return false }
        return try find(key, hash) != nil
    }

    func contains(_ key: Value) throws(Raised) -> Bool { try find(key, try TinyRuntime.hash(key)) != nil }

    /// As `in` asks: an unhashable set stands for the frozenset of its items.
    func containsKeyOrSet(_ key: Value) throws(Raised) -> Bool {
        do {
            return try contains(key)
        } catch {
            guard key.isKind(.set), currentThread().raisedIs(.typeError) else { throw error }
            _ = currentThread().takeRaised()
            return try contains(Value(try key.object(SetObject.self).copy(.frozenset)))
        }
    }

    /// Adds a key; false if it was there. Throws what hashing or comparing raises.
    @discardableResult
    public func add(_ key: Value) throws(Raised) -> Bool { try add(key, hash: try TinyRuntime.hash(key)) }

    @discardableResult
    func add(_ key: Value, hash: Int) throws(Raised) -> Bool {
        if let table = pointee.table {
            // Mostly the first place tells: it is free, or holds the same object.
            let first = table[hash & pointee.mask].key
            if first == key { return false }
            if !first.isAbsent, try find(key, hash) != nil { return false }
        }
        addNew(key, hash: hash)
        return true
    }

    /// Adds a key that is known not to be there.
    func addNew(_ key: Value, hash: Int) {
        if pointee.table == nil { resize(SetObject.smallest) }
        writeBarrier(self)
        insert(key, hash)
        if pointee.fill * 5 >= pointee.mask * 3 { resizeByCount() }
    }

    /// Makes room for as many keys again, or more; leaves out what was deleted.
    private func resizeByCount() { resize(for: pointee.count > 50000 ? pointee.count * 2 : pointee.count * 4) }

    /// Makes room for `wanted` keys.
    private func resize(for wanted: Int) {
        var size = SetObject.smallest
        while size <= wanted { size *= 2 }
        resize(size)
    }

    /// Before `more` keys of another set or dict are added.
    func makeRoom(for more: Int) {
        let mask = pointee.table == nil ? SetObject.smallest - 1 : pointee.mask
        if (pointee.fill + more) * 5 >= mask * 3 {
            resize(for: (pointee.count + more) * 2)
        } else if pointee.table == nil {
            resize(SetObject.smallest)
        }
    }

    /// Adds the keys of another set.
    func merge(_ other: SetRef) throws(Raised) {
        guard other != self, other.pointee.count > 0 else { return }
        makeRoom(for: other.pointee.count)
        if pointee.fill == 0, let table = pointee.table, let source = other.pointee.table {
            if pointee.mask == other.pointee.mask, other.pointee.fill == other.pointee.count {
                writeBarrier(self)
                table.update(from: source, count: pointee.mask + 1)
                pointee.fill = other.pointee.fill
                pointee.count = other.pointee.count
            } else {
                insertAll(of: source, other.pointee.mask + 1)
            }
            return
        }
        var position = 0
        while let entry = other.next(&position) { try add(entry.pointee.key, hash: entry.pointee.hash) }
    }

    /// Puts the keys of a table into this one, which holds none.
    private func insertAll(of source: UnsafeMutablePointer<SetEntry>, _ count: Int) {
        writeBarrier(self)
        for index in 0 ..< count where !source[index].key.isAbsent && source[index].key != Value.tombstone {
            insert(source[index].key, source[index].hash)
        }
    }

    /// After keys were taken out one by one: gets rid of what marks their places, if that is more than a quarter of the table.
    func tidyAfterRemovals() {
        if pointee.table != nil, pointee.fill - pointee.count > pointee.mask / 4 { resizeByCount() }
    }

    /// Puts a key that is not there into the first free place of its probe sequence, or that of the last deleted key before it.
    /// (The caller has told the collector.)
    @inline(__always)
    private func insert(_ key: Value, _ hash: Int) {
        guard let table = pointee.table else { return }
        let first = table + (hash & pointee.mask)
        guard first.pointee.key.isAbsent else { return insertFurther(table, key, hash) }
        first.pointee = SetEntry(key: key, hash: hash)
        pointee.fill &+= 1
        pointee.count &+= 1
    }

    /// As `insert`, when the first place is taken.
    @inline(never)
    private func insertFurther(_ table: UnsafeMutablePointer<SetEntry>, _ key: Value, _ hash: Int) {
        let mask = pointee.mask
        var perturb = UInt(bitPattern: hash)
        var index = hash & mask
        var deleted: Int?
        while true {
            let limit = index + SetObject.linearProbes <= mask ? index + SetObject.linearProbes : index
            for probe in index ... limit {
                let present = table[probe].key
                if present.isAbsent {
                    table[deleted ?? probe] = SetEntry(key: key, hash: hash)
                    if deleted == nil { pointee.fill += 1 }
                    pointee.count += 1
                    return
                }
                if present == .tombstone { deleted = probe }
            }
            perturb >>= 5
            index = (index &* 5 &+ 1 &+ Int(bitPattern: perturb)) & mask
        }
    }

    private func resize(_ size: Int) {
        let old = pointee.table
        let oldCount = old == nil ? 0 : pointee.mask + 1
        takeTable(size).initialize(repeating: SetEntry(key: .absent, hash: 0), count: size)
        pointee.fill = 0
        pointee.count = 0
        if let old {
            insertAll(of: old, oldCount)
            Storage.replace(old, oldCount * MemoryLayout<SetEntry>.stride)
        }
    }

    /// Removes a key; false if it was not there.
    func remove(_ key: Value) throws(Raised) -> Bool {
        try discard(key, try TinyRuntime.hash(key))
    }

    /// As `remove`, of a key whose hash is known.
    func discard(_ key: Value, _ hash: Int) throws(Raised) -> Bool {
        guard let entry = try find(key, hash) else { return false }
        entry.pointee.key = .tombstone
        pointee.count -= 1
        return true
    }

    /// As `remove` and `discard` ask: see `containsKeyOrSet`.
    func removeKeyOrSet(_ key: Value) throws(Raised) -> Bool {
        do {
            return try remove(key)
        } catch {
            guard key.isKind(.set), currentThread().raisedIs(.typeError) else { throw error }
            _ = currentThread().takeRaised()
            return try remove(Value(try key.object(SetObject.self).copy(.frozenset)))
        }
    }

    func clear() {
        releaseTable()
        pointee.table = nil
        pointee.mask = 0
        pointee.fill = 0
        pointee.count = 0
    }

    /// The next key at or after a table position; nil at the end.
    @inline(__always)
    public func next(_ position: inout Int) -> UnsafeMutablePointer<SetEntry>? {
        guard let table = pointee.table else { return nil }
        while position <= pointee.mask {
            let entry = table + position
            position += 1
            if !entry.pointee.key.isAbsent, entry.pointee.key != .tombstone { return entry }
        }
        return nil
    }

    /// Takes some key out of a set; absent if it is empty.
    func pop() -> Value {
        guard let table = pointee.table, pointee.count > 0 else { return .absent }
        var index = pointee.hash & pointee.mask
        while table[index].key.isAbsent || table[index].key == .tombstone { index = index == pointee.mask ? 0 : index + 1 }
        let key = table[index].key
        table[index].key = .tombstone
        pointee.count -= 1
        pointee.hash = index + 1
        return key
    }

    /// A copy of the given kind.
    func copy(_ kind: Kind = .set) throws(Raised) -> SetRef {
        let result = SetObject.make(kind)
        try result.merge(self)
        return result
    }
}

/// Iterates over a set in table order.
struct SetIterator {
    var header: ObjectHeader
    var set: SetRef?
    var position: Int
    var expectedCount: Int

    static func make(_ set: SetRef) -> Value {
        let iterator = allocateObject(MemoryLayout<SetIterator>.size, .setIterator, ShapeID(Kind.setIterator.rawValue))
            .assumingMemoryBound(to: SetIterator.self)
        iterator.pointee.set = set
        iterator.pointee.position = 0
        iterator.pointee.expectedCount = set.pointee.count
        return Value(iterator)
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        marker.mark(object.assumingMemoryBound(to: SetIterator.self).pointee.set)
    }
}

extension UnsafeMutablePointer<SetIterator> {
    /// The next entry, if there is one and the set is as it was; else nil, and nothing has moved.
    @inline(__always)
    func nextQuickly() -> UnsafeMutablePointer<SetEntry>? {
        guard let set = pointee.set, set.pointee.count == pointee.expectedCount else { return nil }
        var position = pointee.position
        guard let entry = set.next(&position) else { return nil }
        pointee.position = position
        return entry
    }

    /// Keys still to come.
    var remaining: Int {
        guard let set = pointee.set, set.pointee.count == pointee.expectedCount else { return 0 }
        var position = pointee.position
        var count = 0
        while set.next(&position) != nil { count += 1 }
        return count
    }

    func next() throws(Raised) -> Value {
        guard let set = pointee.set else { return .absent }
        guard set.pointee.count == pointee.expectedCount else {
            pointee.expectedCount = -1
            throw raise(.runtimeError, "Set changed size during iteration")
        }
        guard let entry = set.next(&pointee.position) else {
            pointee.set = nil
            return .absent
        }
        return entry.pointee.key
    }
}
