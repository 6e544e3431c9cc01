// Generations: most objects die young, so most collections look at the young ones only.
//
// Objects never move, so the mark of the last collection tells old from young ("sticky mark bits", Demers, Weiser, Hayes, Boehm,
// Bobrow and Shenker 1990): what has survived a collection keeps its mark, and a young collection goes no further than to marked
// objects. What it must know of those is which of them may refer to something younger:
//
// - Kinds that are guarded (`Kind.isGuarded`) tell: whoever stores a reference into such an object calls `writeBarrier` first, which
//   puts an old one into the remembered set. All others, which change all the time or from many places (generators, frames,
//   boxes, classes), are looked into at each collection ("write-barrier unprotected objects", Sasada 2014).
// - An object that a native stack refers to may be under construction by a native that calls back into the script (a row of
//   `zip`): it is looked into at this collection and once more at the next, and needs no barrier.
//
// A full collection takes all marks away first. It comes when the old ones have grown by a third, and whenever a script asks
// for a collection.
import CTiny
import Glibc

/// Notes that a reference is about to be stored into a guarded object that may be old. Nothing to do for one that was allocated
/// after the last safepoint. With the GIL.
/// - Parameter object: the address of its header.
@inline(__always)
public func writeBarrier(_ object: UnsafeMutableRawPointer) {
    if object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.isOldAndForgotten { slowRemember(object) }
}

/// As above for a pointer to the object's struct.
@inline(__always)
public func writeBarrier<Object>(_ object: UnsafeMutablePointer<Object>) { writeBarrier(UnsafeMutableRawPointer(object)) }

extension ObjectFlags {
    /// Survived a collection, and is not in the remembered set.
    @inline(__always)
    fileprivate var isOldAndForgotten: Bool {
        rawValue & (ObjectFlags.marked.rawValue | ObjectFlags.remembered.rawValue) == ObjectFlags.marked.rawValue
    }
}

@inline(never)
private func slowRemember(_ object: UnsafeMutableRawPointer) {
    object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.insert(.remembered)
    heap.remembered.append(object)
}

extension Kind {
    /// Whether every store of a reference into an old object of the kind is behind `writeBarrier`.
    var isGuarded: Bool {
        switch self {
        case .free, .immediate, .storage, .int, .float, .complex, .decimal, .str, .bytes, .range, .slice: true
        case .tuple, .list, .dict, .set, .frozenset, .instance, .function, .boundMethod, .native, .code, .cell, .getSet, .member: true
        default: false
        }
    }
}

extension Heap {
    /// How much the old objects may grow before all are looked at: by so many bytes at least, and by a third.
    private static let leastGrowth = 1 << 18
    /// What a native hands out at once (a document that is parsed), far beyond what makes a collection due, is no nursery: most of it
    /// lives, and would be old when it dies.
    private static let mostAtOnce = 2 << 20

    /// What a safepoint makes when memory has been handed out: mostly a collection of the young.
    mutating func collectAsDue() {
        let grown = marker.liveBytes - liveAfterFull
        let hot = tiny_hot().unsafelyUnwrapped
        leastBufferBytes = min(leastBufferBytes, bufferBytes)
        // The last question is for buffers of old objects, which may have grown since they were counted.
        if grown > max(Heap.leastGrowth, liveAfterFull / 3)
            || hot.pointee.allocated > max(Heap.mostAtOnce, marker.liveBytes / 3, hot.pointee.threshold / 2 * 3)
            || bufferBytes - leastBufferBytes > 2 * max(liveAfterFull, Heap.initialThreshold)
        {
            collect()
        } else {
            collectYoung()
        }
    }

    /// Collects what has come since the last collection and can't be reached. Only at a safepoint, as `collect`. Pages that nobody
    /// has needed since the last one are left as they are: what is dead in them stays so.
    private mutating func collectYoung() {
        beginCycle()
        let before = marker.fromStacks
        marker.fromStacks.removeAll(keepingCapacity: true)
        markRoots(&marker, all: false)
        for object in remembered {
            object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.remove(.remembered)
            lookAgain(object)
        }
        remembered.removeAll(keepingCapacity: true)
        for object in before where Value(address: object).kind.isGuarded { lookAgain(object) }
        for object in marker.unguarded { lookAgain(object) }
        // Greenlets have native stacks of their own, which are found on the way.
        var seen = 0
        repeat {
            marker.drain()
            // What many words point at is looked into once. (Sorted: a Swift set would bring pages of Swift's library into memory.)
            marker.fromStacks[seen...].sort(by: <)
            var last: UnsafeMutableRawPointer?
            for object in marker.fromStacks[seen...] where object != last {
                if Value(address: object).kind.isGuarded { lookAgain(object) }
                last = object
            }
            seen = marker.fromStacks.count
            marker.drain()
        } while seen < marker.fromStacks.count
        if stress > 0 { verifyBarriers() }
        // Who refers to whom among the dead can be told only in a heap that is swept, of which nothing is old.
        if mustKeepGarbage { collect() } else { finishCycle(isFull: false) }
    }

    /// Looks into an old object once more; one that has no mark yet will be found otherwise.
    private mutating func lookAgain(_ object: UnsafeMutableRawPointer) {
        let header = object.assumingMemoryBound(to: ObjectHeader.self)
        guard header.pointee.flags.contains(.marked) else { return }
        // What lives was counted when it was marked.
        let liveBytes = marker.liveBytes
        marker.markNow(object: UnsafeMutableRawPointer(Shapes.table[Int(header.pointee.shape)].pointee.cls))
        kindTable[Int(header.pointee.kind.rawValue)].trace(object, &marker)
        marker.liveBytes = liveBytes
    }

    /// Takes all marks away: everything is young again, and the next collection must be a full one.
    mutating func forgetMarks() {
        forEachCell { cell in
            let header = cell.assumingMemoryBound(to: ObjectHeader.self)
            header.pointee.flags.subtract([.marked, .remembered])
        }
        for page in 0 ..< pagesInUse { pages[page].isFull = false }
        remembered.removeAll(keepingCapacity: true)
        marker.fromStacks.removeAll(keepingCapacity: true)
        marker.unguarded.removeAll(keepingCapacity: true)
        marker.liveBytes = 0
        liveAfterFull = Heap.mustBeFull
    }

    /// In stress mode: that whatever a marked object refers to is marked, too. What is not was stored without a barrier.
    private mutating func verifyBarriers() {
        var check = Marker()
        defer { check.dispose() }
        forEachCell { cell in
            let header = cell.assumingMemoryBound(to: ObjectHeader.self)
            guard header.pointee.flags.contains(.marked), header.pointee.kind != .free else { return }
            check.freshStorage = 0
            kindTable[Int(header.pointee.kind.rawValue)].trace(cell, &check)
            var missed = check.freshStorage == 0 ? nil : Kind.storage
            check.takeFresh { child in
                let child = child.assumingMemoryBound(to: ObjectHeader.self)
                if !child.pointee.flags.contains(.marked) { missed = child.pointee.kind }
            }
            if let missed {
                writeError("tinyrun: no write barrier: \(header.pointee.kind) of class \(Value(address: cell).cls.nameText) -> \(missed)\n")
                abort()
            }
        }
    }
}
