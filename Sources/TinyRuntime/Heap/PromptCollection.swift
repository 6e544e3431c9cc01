// Collections where a script is likely to have dropped the last reference to something.
//
// Objects die when the collector finds them, and it looks when memory has been handed out. A script that says `del x` or
// `x = None` may count on `__del__`, on the callback of a weak reference or on a generator's `finally` clause just there, as
// with counted references. So behind such statements (`settle`, which the compiler puts there) it looks at once, if anything
// exists that could tell. What is in a cycle lives on, as it would there (GarbageWatch knows). A collection of a small program
// takes 30 µs, more if much has died; in the long run all of them together may take an eighth of what the others take, so that
// a loop over a big heap is not slowed down: there, things die later.
import CTiny
import TinyCompiler

/// Whose death a script could notice: what a look that mostly finds nothing to do needs of the heap. A bit may stand for what has died.
struct WatchedDeaths: OptionSet {
    let rawValue: UInt32
    /// Objects with `__del__` and the like that were not there at the last look.
    static let ofNew = WatchedDeaths(rawValue: 1)
    /// Such objects, or weak references, at all.
    static let any = WatchedDeaths(rawValue: 2)

    @inline(__always)
    static func note(_ deaths: WatchedDeaths) { tiny_hot().pointee.watched_deaths |= deaths.rawValue }
    static func forget(_ deaths: WatchedDeaths) { tiny_hot().pointee.watched_deaths &= ~deaths.rawValue }
}

enum PromptCollection {
    /// Bytes that such collections may mark at the beginning, and save up at most, in a small heap and in any: 0.06 s of marking.
    private static let usual = 24 << 20
    private static let most = 128 << 20
    /// So many collections in a row may be afforded.
    private static let row = 16
    /// What a collection costs at least, in bytes to mark.
    private static let least = 256 << 10
    nonisolated(unsafe) private static var credit = usual
    /// What has been given beyond what was handed out: a heap that has grown gets more of it once.
    nonisolated(unsafe) private static var given = usual
    /// The number of all collections after the last look.
    nonisolated(unsafe) private static var seen = 0

    /// How many objects with `__del__` there were then.
    nonisolated(unsafe) private static var known = 0
    /// Whether an exception was being handled, which may have kept some of them.
    nonisolated(unsafe) private static var sparesHandled = false

    /// The script begins: what is there is the library's.
    static func begin() { known = heap.finalizable.count }

    /// Whether there is anything whose death somebody could see; after a mere call, an object with `__del__` that was not there
    /// at the last look, or that an exception may have kept.
    private static func isDue(_ occasion: Int) -> Bool {
        let hasNew = heap.finalizable.count > known || occasion == 3 && sparesHandled
        let hasAny = !heap.finalizable.isEmpty || !heap.weakReferences.isEmpty
        if !hasNew { WatchedDeaths.forget(.ofNew) }
        if !hasAny { WatchedDeaths.forget(.any) }
        // What a module says when it is first imported is about the library's own objects.
        return occasion == 1 && !ImportLocks.isAnyBusy ? hasAny : hasNew
    }

    /// `settle`: mostly there is nothing to look for.
    @inline(__always)
    static func settle(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
        let watched = i.d != 0 ? WatchedDeaths.any : .ofNew
        guard i.d == 2 || tiny_hot().pointee.watched_deaths & watched.rawValue != 0
            && tiny_hot().pointee.allocated >= tiny_hot().pointee.settle_at
        else { return Next(r, pc) }
        return slowSettle(i, r, pc, t)
    }

    /// Collects and runs finalisers, if that may be afforded. What lies in the frame's registers from R[A] on is dead; with D = 2
    /// it is only cleared, as the script collects itself.
    @inline(never)
    private static func slowSettle(_ i: Instruction, _ r: Registers, _ pc: PC, _ t: ThreadRef) -> Next {
        if i.d == 2 {
            clear(i.a, r)
            return Next(r, pc)
        }
        guard isDue(i.d), !heap.finalizing.contains(t), affords() else { return Next(r, pc) }
        clear(i.a, r)
        t.leave(r, pc)
        sparesHandled = !t.pointee.handled.isNone
        do {
            try collect()
            if heap.sparesReferences {
                // Nobody is to find by a weak reference what has been finalized: the second is not put off.
                _ = affords()
                try collect()
            }
        } catch { return unwind(r, pc, t) }
        return Next(r, pc)
    }

    /// Clears the frame's registers from R[first] on.
    private static func clear(_ first: Int, _ r: Registers) {
        var register = first
        while register < Int(r.header.pointee.code.pointee.registerCount) {
            r[register] = .absent
            register &+= 1
        }
    }

    private static func collect() throws(Raised) {
        Threads.forEach { $0.clearStaleWords() }
        heap.garbage = GarbageWatch(saves: true)
        heap.sparesReferences = false
        heap.collectWhole()
        heap.garbage = nil
        seen = heap.collections
        known = heap.finalizable.count
        try runFinalizers()
    }

    /// Takes a collection's cost from the credit, to which what has been handed out since the last look is added.
    private static func affords() -> Bool {
        let fresh = tiny_hot().pointee.allocated
        let handedOut = fresh + (heap.collections - seen) * Heap.initialThreshold
        // Of what has died it is found out who refers to whom, which takes several times as long as marking.
        let cost = max(least, heap.marker.liveBytes + 4 * fresh)
        let limit = min(most, max(usual, row * heap.marker.liveBytes))
        if limit > given {
            credit += limit - given
            given = limit
        }
        let available = min(limit, credit + handedOut / 8)
        guard available >= cost else {
            // When to ask again: more is saved up while memory is handed out, if the cost does not rise with it.
            tiny_hot().pointee.settle_at = cost > least ? .max : fresh + 8 * (cost - available)
            return false
        }
        credit = available - cost
        return true
    }
}
