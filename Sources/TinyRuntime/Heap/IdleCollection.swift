// Collections while a thread waits for the outside world.
//
// Objects die when the collector finds them, and it looks when memory has been handed out. A program that waits hands out
// none; and what it waits for may be the end of one of its own dead objects: a server waits for the next request on a
// connection whose other end is held by a response that nobody refers to. So a thread that has waited for a moment collects
// once before it waits on. A heap in which that would take long is left alone.
import CTiny

/// Collections at the beginning of a long wait. Guarded by the GIL.
public enum IdleCollection {
    /// How long a wait lasts before that, in milliseconds.
    public static let patience: Int32 = 20
    /// Bytes that live, at most: a collection takes about a millisecond for each megabyte of them.
    private static let limit = 64 << 20
    /// The state of the heap after the last such collection: nothing has happened since if it is the same.
    nonisolated(unsafe) private static var seen = (collections: -1, allocated: -1)

    /// Whether a wait of so many milliseconds (negative: for ever) should begin with a short one.
    public static func isDue(_ milliseconds: Int32) -> Bool {
        guard milliseconds < 0 || milliseconds > patience else { return false }
        return heap.isEnabled && heap.marker.liveBytes < limit
            && (seen.collections != heap.collections || seen.allocated != tiny_hot().pointee.allocated)
    }

    /// Collects, and runs what is to be run when objects die. The caller is about to wait on.
    public static func run() throws(Raised) {
        Threads.forEach { $0.clearStaleWords() }
        Threads.keepingValues(currentThread()) { heap.collectWhole() }
        try runFinalizers()
        seen = (heap.collections, tiny_hot().pointee.allocated)
    }
}
