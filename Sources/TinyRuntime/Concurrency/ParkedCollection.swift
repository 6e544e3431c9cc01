// Collections while the main thread is parked and nobody does anything (IdleCollection: while one waits for the world outside).
//
// A program may wait for what only the end of a dead object brings: an executor that was dropped tells its workers to end, and
// somebody joins them. Where objects die at once that just works. Here the main thread, parked for a while during which nobody
// holds the GIL, collects, once for each wait. Not with virtual time, where equal runs must stay equal.
import CTiny

enum ParkedCollection {
    /// How long nobody has to have done anything, in nanoseconds: longer than most waits, and soon for people and tests.
    private static let quietTime: UInt64 = 50_000_000
    /// With more than that alive a collection takes so long that whoever wakes the main thread would notice; then it is made
    /// only if a good part is new.
    private static let smallHeap = 32 << 20

    /// When a task that parks now is to collect, if nobody does anything until then; nil: never.
    static func time(for thread: ScriptThread) -> UInt64? {
        guard thread === Threads.main, !Clock.isVirtual, heap.isEnabled, let hot = tiny_hot() else { return nil }
        let isWorthIt = hot.pointee.allocated > (heap.marker.liveBytes < smallHeap ? 0 : heap.marker.liveBytes / 8)
        return isWorthIt ? Clock.real() &+ quietTime : nil
    }

    static func run() {
        // No thread could be started: then the end of what is dead comes later.
        do { _ = try findsGarbageToFinalize() } catch { _ = currentThread().takeRaised() }
    }

    /// What nobody refers to any more may still end a wait: `__del__` and callbacks of weak references let go of things. They
    /// can't run here, in the middle of a wait: a thread does it, at whose end the wait-for graph is looked at again. False if
    /// there is nothing to be run.
    static func findsGarbageToFinalize() throws(Raised) -> Bool {
        guard findsGarbage() else { return false }
        let collect = try getAttribute(try importModule("gc"), StrTables.intern("collect"))
        _ = try Threads.spawn(collect, Value(Tuple.make([])), .none, isDaemon: true)
        return true
    }

    static func findsGarbage() -> Bool {
        Threads.forEach { $0.clearStaleWords() }
        // The second collection finishes the sweep of the first.
        heap.collect()
        heap.collect()
        return !heap.pendingFinalizers.isEmpty || !heap.pendingCallbacks.isEmpty
    }
}
