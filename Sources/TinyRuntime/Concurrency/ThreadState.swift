// What one thread of the script has to itself. In raw memory: the interpreter's loop and its slow paths reach it
// through one pointer, and `current` is always the holder of the GIL.
import CTiny
import Glibc
import TinyCompiler

struct ThreadState {
    /// Registers of the running frame, as of the last call out of the loop.
    var frame: Registers?
    /// First free register above everything in use, as of the last call out of the loop.
    var top: Registers
    /// The segment that `top` lies in.
    var segmentStart: Registers
    var segmentEnd: Registers
    /// The exception that is being raised; absent when none is.
    var raised: Value = .absent
    /// The exception that is being handled (sys.exception()), or None.
    var handled: Value = .none
    /// What the frame that left the loop returned.
    var result: Value = .none
    /// Frames in use, and the limit (sys.setrecursionlimit).
    var depth = 0
    /// Lowest native stack address that calls out of the loop may reach.
    var nativeLimit: UInt = 0
    /// The native stack between these may hold values: from the innermost call back into the script, downward in time.
    var scanTop: UInt = 0
    var nativeBase: UInt = 0
    /// Segments, newest last.
    var segments: UnsafeMutablePointer<Segment>
    var next: UnsafeMutablePointer<ThreadState>?
    /// The Swift side: identity, parking, locals.
    var owner: Unmanaged<ScriptTask>?
    /// Nesting of `repr` of containers, and the like.
    var reprStack: ListRef?
    /// An asynchronous exception for this thread (KeyboardInterrupt, Timeout), or absent.
    var pending: Value = .absent
    var contextVariables: Value = .none
    /// Number of the task that runs here.
    var taskNumber = 0
    /// Where the native stack was when the thread began to let go of the GIL (see Breaker); 0: it doesn't.
    var lettingGoAt: UInt = 0
    /// A segment that was given back, for the next time.
    var spare: UnsafeMutablePointer<Segment>?
}

struct Segment {
    var start: Registers
    var end: Registers
    var previous: UnsafeMutablePointer<Segment>?
}

typealias ThreadRef = UnsafeMutablePointer<ThreadState>

/// The state of the thread that holds the GIL.
@inline(__always)
func currentThread() -> ThreadRef {
    // Set before the first instruction runs, and by every acquisition of the GIL.
    tiny_hot().unsafelyUnwrapped.pointee.thread.unsafelyUnwrapped.assumingMemoryBound(to: ThreadState.self)
}

extension ThreadState {
    static let firstSegmentWords = 16 * 1024
    static let segmentWords = 128 * 1024
    /// What a thread begins with: 10,000 that wait should cost little. Later segments are ever larger.
    static let smallSegmentWords = 512
    /// Registers kept free at a segment's end: natives' defaults are filled in behind their arguments.
    static let slack = 128

    static func make(words: Int = firstSegmentWords) -> ThreadRef {
        let segment = makeSegment(words: words, previous: nil)
        let thread = ThreadRef.allocate(capacity: 1)
        thread.initialize(
            to: ThreadState(
                frame: nil, top: segment.pointee.start + CallLayout.headerWords, segmentStart: segment.pointee.start,
                segmentEnd: segment.pointee.end - slack, segments: segment))
        return thread
    }

    static func makeSegment(words: Int, previous: UnsafeMutablePointer<Segment>?) -> UnsafeMutablePointer<Segment> {
        let memory = Registers.allocate(capacity: words)
        memory.initialize(repeating: .absent, count: words)
        let segment = UnsafeMutablePointer<Segment>.allocate(capacity: 1)
        segment.initialize(to: Segment(start: memory, end: memory + words, previous: previous))
        return segment
    }
}

extension UnsafeMutablePointer<Segment> {
    fileprivate func release() {
        pointee.start.deallocate()
        deallocate()
    }
}

extension ThreadRef {
    /// The thread has ended, nothing refers to its registers any more.
    func dispose() {
        pointee.spare?.release()
        var segment: UnsafeMutablePointer<Segment>? = pointee.segments
        while let current = segment {
            segment = current.pointee.previous
            current.release()
        }
        deinitialize(count: 1)
        deallocate()
    }

    /// Finds out how far the native stack of this OS thread reaches. Called on the thread itself.
    func measureNativeStack() {
        var lowest: UnsafeMutableRawPointer?
        var size = 0
        guard tiny_stack_bounds(&lowest, &size) == 0 else { return }
        let bottom = UInt(bitPattern: lowest)
        let reserve = UInt(Swift.min(512 << 10, size / 3))
        pointee.nativeLimit = bottom + reserve
        pointee.nativeBase = bottom + UInt(size)
        pointee.scanTop = pointee.nativeBase
    }

    /// A window of `count` registers for a frame that can't lie in its caller's; its header lies below. The window is
    /// given back by restoring `top` to what it was.
    func pushWindow(_ count: Int) -> Registers {
        var base = pointee.top + CallLayout.headerWords
        if base + count > pointee.segmentEnd { base = slowPushSegment(count) }
        return base
    }

    /// A new segment with room for `count` registers; the first register for a frame's use in it.
    @inline(never)
    func slowPushSegment(_ count: Int) -> Registers {
        let last = pointee.segments.pointee.end - pointee.segments.pointee.start
        let words = Swift.max(Swift.min(ThreadState.segmentWords, last * 8), count + 4 * ThreadState.slack)
        let segment: UnsafeMutablePointer<Segment>
        if let spare = pointee.spare, spare.pointee.end - spare.pointee.start >= words {
            segment = spare
            segment.pointee.previous = pointee.segments
            pointee.spare = nil
        } else {
            segment = ThreadState.makeSegment(words: words, previous: pointee.segments)
        }
        pointee.segments = segment
        pointee.segmentStart = segment.pointee.start
        pointee.segmentEnd = segment.pointee.end - ThreadState.slack
        return segment.pointee.start + CallLayout.headerWords
    }

    /// Drops the segments above the one that holds `registers`.
    @inline(never)
    func slowPopSegments(to registers: Registers) {
        while let previous = pointee.segments.pointee.previous,
            !(registers >= pointee.segments.pointee.start && registers < pointee.segments.pointee.end)
        {
            // One is kept: a loop whose calls just cross the boundary would make it anew each time. What is stale in it
            // is cleared here, for the collector.
            let left = pointee.segments
            pointee.segments = previous
            if let spare = pointee.spare, spare.pointee.end - spare.pointee.start >= left.pointee.end - left.pointee.start {
                left.release()
            } else {
                pointee.spare?.release()
                pointee.spare = left
            }
        }
        pointee.segmentStart = pointee.segments.pointee.start
        pointee.segmentEnd = pointee.segments.pointee.end - ThreadState.slack
    }

    /// Throws RecursionError if the native stack is nearly used up.
    @inline(__always)
    func checkNativeStack() throws(Raised) {
        if UInt(bitPattern: tiny_stack_address()) < pointee.nativeLimit {
            throw raise(.recursionError, "maximum recursion depth exceeded")
        }
    }
}
