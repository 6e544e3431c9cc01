// What a pickler has written, by identity: each object's number.
//
// An entry of the table is 8 octets, part of the object's address and its number, so that a memo of many objects stays in
// the cache; which object it is the list says, which also holds on to the objects, so that no address is used twice.
import Glibc
import TinyRuntime

struct PickleMemo {
    private(set) var objects = List.make()
    /// 31 bits of a number, counted from 1, below 33 bits of an address; 0: free.
    private var table = UnsafeMutablePointer<UInt64>.allocate(capacity: smallest)
    private var size = smallest

    private static let smallest = 64
    /// What an idle memo keeps.
    private static let kept = 4096
    private static let numberBits: UInt64 = 31
    private static let numberMask: UInt64 = 1 << numberBits - 1

    init() { memset(table, 0, size * 8) }

    /// The memo is not used after this.
    func deallocate() { table.deallocate() }

    var count: Int { objects.count }

    // Objects that were made one after the other lie side by side here too: most look-ups find their line in the cache. Where
    // objects of several sizes meet, steps that grow get out of the crowd.
    @inline(__always)
    private static func place(_ bits: UInt64) -> Int { Int(truncatingIfNeeded: (bits >> 4) ^ (bits >> 21)) }

    @inline(__always)
    private static func tag(_ bits: UInt64) -> UInt64 { (bits >> 4) << numberBits }

    /// The number of an object, or nil.
    @inline(__always)
    func number(_ value: Value) -> Int? {
        let tag = PickleMemo.tag(value.bits)
        var index = PickleMemo.place(value.bits) & (size - 1)
        var step = 0
        while case let entry = table[index], entry != 0 {
            if entry & ~PickleMemo.numberMask == tag {
                let number = Int(truncatingIfNeeded: entry & PickleMemo.numberMask) - 1
                if objects.items[number] == value { return number }
            }
            step += 1
            index = (index + step) & (size - 1)
        }
        return nil
    }

    /// Gives the next number.
    @inline(__always)
    mutating func add(_ value: Value) -> Int {
        let number = objects.count
        objects.append(value)
        if objects.count * 2 > size { grow() } else { insert(value.bits, number) }
        return number
    }

    /// Gives a number to something that is no object: nothing will ask for it.
    mutating func addNameless() { objects.append(.none) }

    private func insert(_ bits: UInt64, _ number: Int) {
        var index = PickleMemo.place(bits) & (size - 1)
        var step = 0
        while table[index] != 0 {
            step += 1
            index = (index + step) & (size - 1)
        }
        table[index] = PickleMemo.tag(bits) | UInt64(truncatingIfNeeded: number + 1) & PickleMemo.numberMask
    }

    private mutating func resize(_ larger: Int) {
        table.deallocate()
        size = larger
        table = .allocate(capacity: size)
        memset(table, 0, size * 8)
    }

    @inline(never)
    private mutating func grow() {
        resize(size * 4)
        for number in 0 ..< objects.count where objects.items[number].isPointer { insert(objects.items[number].bits, number) }
    }

    /// Forgets everything; memory for the next use stays, but not much.
    mutating func clear() {
        if objects.pointee.capacity > PickleMemo.kept { objects = List.make() }
        if size > PickleMemo.kept {
            resize(PickleMemo.smallest)
        } else if objects.count > 0 || size > PickleMemo.smallest {
            memset(table, 0, size * 8)
        }
        objects.pointee.count = 0
    }

    /// Holds what another memo holds.
    mutating func take(from other: PickleMemo) {
        let values = List.make(capacity: other.count)
        for value in other.objects.buffer { values.append(value) }
        clear()
        for index in 0 ..< values.count {
            if values.items[index].isPointer { _ = add(values.items[index]) } else { addNameless() }
        }
    }
}
