// What one thread of the script has to itself. In raw memory: the interpreter's loop and its slow paths reach it
// through one pointer, and `current` is always the holder of the GIL.
import CTiny
import Glibc
import TinyCompiler

/// The state of one thread of the script. Its own thread reads and writes it, with the GIL.
public struct ThreadState {
    /// Registers of the running frame, as of the last call out of the loop.
    var frame: Registers?
    /// First free register above everything in use, as of the last call out of the loop.
    var top: Registers
    /// The segment that `top` lies in.
    var segmentStart: Registers
    var segmentEnd: Registers
    /// The exception that is being raised; absent when none is.
    public var raised: Value = .absent
    /// The exception that is being handled (sys.exception()), or None.
    var handled: Value = .none
    /// What the frame that left the loop returned.
    var result: Value = .none
    /// Frames in use, and the limit (sys.setrecursionlimit).
    public var depth = 0
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
    /// The box of the thread's ScriptContext; None until somebody asks.
    public var contextVariables: Value = .none
    /// The functions of sys.settrace and sys.setprofile, or None; whether one of them is running.
    var traceFunction: Value = .none
    var profileFunction: Value = .none
    var isInTracer = false
    /// What is being told to a tracing function, and of which frame.
    var tracedEvent = TracedEvent.none
    var tracedFrame: Registers?
    /// Where the native stack was when the loop began to be traced; 0: it is not.
    var tracedAt: UInt = 0
    /// Counts exceptions that left or reached a frame while traced.
    var unwound = 0
    /// Number of the task that runs here.
    public var taskNumber = 0
    /// Where the native stack was when the thread began to let go of the GIL (see Breaker); 0: it doesn't.
    var lettingGoAt: UInt = 0
    /// The fiber that runs; nil until somebody asks for it. And the thread's first.
    var fiber: FiberRef?
    var rootFiber: FiberRef?
    /// Calls from native code into the script that are under way in the running fiber.
    var nest = 0
    /// The native stack in use, if it is not the thread's own; and those with nothing to run.
    var carrier: CarrierRef?
    var idleCarriers: CarrierRef?
    /// What a carrier that was woken is to run.
    var nextFiber: FiberRef?
    var nextTransfer = Value.none
    var nextIsRaised = false
    /// `greenlet.settrace`, or None; and the fiber that the last switch came from.
    var fiberTracer = Value.none
    var previousFiber: FiberRef?
    /// gevent's hub of this thread, and its loop (a box with an EventLoop).
    var hub: FiberRef?
    var hubLoop = Value.none
    /// What extensions keep for the thread.
    var threadDictionary: DictRef?
    /// Fibers that another thread's collector found dead, for this one to end.
    var doomed: ListRef?
    /// Nothing has run here since the collector cleared what lies above `top`.
    var isClean = false
}

struct Segment {
    var start: Registers
    var end: Registers
    var previous: UnsafeMutablePointer<Segment>?
}

/// The state of a thread: what the interpreter and natives hand on to one another.
public typealias ThreadRef = UnsafeMutablePointer<ThreadState>

/// The state of the thread that holds the GIL.
@inline(__always)
public func currentThread() -> ThreadRef {
    // Set before the first instruction runs, and by every acquisition of the GIL.
    tiny_hot().unsafelyUnwrapped.pointee.thread.unsafelyUnwrapped.assumingMemoryBound(to: ThreadState.self)
}

extension ThreadState {
    static let firstSegmentWords = 16 * 1024
    static let segmentWords = 128 * 1024
    /// Registers kept free at a segment's end: natives' defaults are filled in behind their arguments.
    static let slack = 128
    /// The same for the small segments that fibers begin with. No native has more parameters than this.
    static let smallSlack = 40
    /// From this size on segments are mapped, below they are allocated.
    static let mappedWords = 2048

    /// First segments of threads that have ended, cleared: giving them back would make the system tell all other
    /// processors. With the GIL.
    nonisolated(unsafe) private static var pool: [UnsafeMutablePointer<Segment>] = []

    /// First segments of fibers that have ended. With the GIL.
    fileprivate struct SegmentPool {
        var first: UnsafeMutablePointer<Segment>?
        var count = 0
    }

    /// Of plain fibers, and of gevent's; and their second ones.
    nonisolated(unsafe) private static let fiberPools: UnsafeMutablePointer<SegmentPool> = {
        let pools = UnsafeMutablePointer<SegmentPool>.allocate(capacity: 4)
        pools.initialize(repeating: SegmentPool(), count: 4)
        return pools
    }()

    fileprivate static func fiberPool(_ words: Int) -> UnsafeMutablePointer<SegmentPool>? {
        switch words {
        case Fiber.firstSegmentWords: fiberPools
        case Fiber.greenletSegmentWords: fiberPools + 1
        case 2 * Fiber.firstSegmentWords: fiberPools + 2
        case 2 * Fiber.greenletSegmentWords: fiberPools + 3
        default: nil
        }
    }

    fileprivate static func recycle(_ segment: UnsafeMutablePointer<Segment>) {
        guard pool.count < 8, segment.words == firstSegmentWords else { return segment.release() }
        segment.clear(above: segment.pointee.start)
        pool.append(segment)
    }

    static func make() -> ThreadRef {
        let segment = pool.popLast() ?? makeSegment(words: firstSegmentWords, previous: nil)
        let thread = ThreadRef.allocate(capacity: 1)
        thread.initialize(
            to: ThreadState(
                frame: nil, top: segment.pointee.start + CallLayout.headerWords, segmentStart: segment.pointee.start,
                segmentEnd: segment.pointee.end - slack, segments: segment))
        return thread
    }

    static func makeSegment(words: Int, previous: UnsafeMutablePointer<Segment>?) -> UnsafeMutablePointer<Segment> {
        if words < mappedWords {
            if let pool = fiberPool(words), let segment = pool.pointee.first {
                pool.pointee.first = segment.pointee.previous
                pool.pointee.count -= 1
                segment.pointee.start.update(repeating: .absent, count: words)
                segment.pointee.previous = previous
                return segment
            }
            // In one piece: its description, then its registers.
            let bytes = MemoryLayout<Segment>.stride + words * MemoryLayout<Value>.stride
            let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 16)
            let segment = raw.bindMemory(to: Segment.self, capacity: 1)
            let memory = (raw + MemoryLayout<Segment>.stride).bindMemory(to: Value.self, capacity: words)
            memory.initialize(repeating: .absent, count: words)
            segment.initialize(to: Segment(start: memory, end: memory + words, previous: previous))
            return segment
        }
        let segment = UnsafeMutablePointer<Segment>.allocate(capacity: 1)
        // Straight from the system: zero (the float 0, harmless to the collector), and pages that are never touched cost
        // nothing; a thread that waits has touched one or two.
        guard let raw = mmap(nil, words * 8, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0), raw != MAP_FAILED
        else { outOfMemory() }
        let memory = raw.bindMemory(to: Value.self, capacity: words)
        segment.initialize(to: Segment(start: memory, end: memory + words, previous: previous))
        return segment
    }
}

extension UnsafeMutablePointer<Segment> {
    var words: Int { pointee.end - pointee.start }

    /// The last register that a window may begin at.
    var usableEnd: Registers {
        pointee.end - (words < ThreadState.mappedWords ? ThreadState.smallSlack : ThreadState.slack)
    }

    func release() {
        if let pool = ThreadState.fiberPool(words), pool.pointee.count < 256 {
            pointee.previous = pool.pointee.first
            pool.pointee.first = self
            pool.pointee.count += 1
            return
        }
        if words >= ThreadState.mappedWords { munmap(pointee.start, words * 8) }
        deallocate()
    }

    /// Clears what is stale above a register.
    func clear(above top: Registers, keeping: Int = 2048) {
        let end = pointee.end
        var stale = top
        guard stale >= pointee.start, stale < end else { return }
        // The nearest pages may be needed again soon (`keeping` words); what lies beyond goes back to the system, which gives zeros.
        let isMapped = words >= ThreadState.mappedWords
        let near = isMapped
            ? UnsafeMutableRawPointer(stale + keeping).alignedUp(toMultipleOf: 4096).assumingMemoryBound(to: Value.self) : end
        while stale < end, stale < near {
            stale.pointee = .absent
            stale += 1
        }
        if near < end { madvise(near, (end - near) * 8, MADV_DONTNEED) }
    }
}

extension ThreadRef {
    /// The thread has ended, nothing refers to its registers any more.
    func dispose() {
        var segment: UnsafeMutablePointer<Segment>? = pointee.segments
        while let current = segment {
            segment = current.pointee.previous
            if segment == nil { ThreadState.recycle(current) } else { current.release() }
        }
        while let carrier = pointee.idleCarriers {
            pointee.idleCarriers = carrier.pointee.next
            Carrier.release(carrier)
        }
        deinitialize(count: 1)
        deallocate()
    }

    /// Clears the newest segment above the top: what is stale there would be taken for registers of a later frame.
    func clearAbove() {
        if pointee.isClean { return }
        pointee.isClean = self != currentThread()
        pointee.segments.clear(above: pointee.top, keeping: pointee.isClean ? 0 : 2048)
    }

    /// As `measureNativeStack`, on a thread whose function has just begun on a stack of known size: asking the system costs
    /// more than all the rest of a short thread.
    func assumeNativeStack(size: Int) {
        let here = UInt(bitPattern: tiny_stack_address())
        // The system's own data lie above us, within a few pages.
        let usable = UInt(Swift.max(size - (32 << 10), 64 << 10))
        pointee.nativeLimit = here - usable + UInt(Swift.min(512 << 10, size / 3))
        pointee.nativeBase = here
        pointee.scanTop = here
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
        let base = pointee.top + CallLayout.headerWords
        return hasRoom(base, count) ? base : slowPushWindow(count)
    }

    /// The first free register above a frame's own and above `count` arguments at `base`. The two may lie in different
    /// segments (a generator's frame lies in none), where addresses can't be compared: then the newest segment counts.
    @inline(__always)
    func top(_ top: Registers, covering base: Registers, _ count: Int) -> Registers {
        guard base >= pointee.segmentStart, base <= pointee.segments.pointee.end else { return top }
        let end = base + count
        return top >= pointee.segmentStart && top <= pointee.segments.pointee.end ? Swift.max(top, end) : end
    }

    /// Whether a window lies in the newest segment.
    @inline(__always)
    func hasRoom(_ base: Registers, _ count: Int) -> Bool {
        base >= pointee.segmentStart && base + count <= pointee.segmentEnd
    }

    @inline(never)
    private func slowPushWindow(_ count: Int) -> Registers {
        // The top may lie in an older segment: then nothing in the newer ones is in use any more.
        let base = pointee.top + CallLayout.headerWords
        if !(pointee.top >= pointee.segmentStart && pointee.top <= pointee.segments.pointee.end) {
            slowPopSegments(to: pointee.top)
            if hasRoom(base, count) { return base }
        }
        return slowPushSegment(count)
    }

    /// A new segment with room for `count` registers; the first register for a frame's use in it.
    @inline(never)
    func slowPushSegment(_ count: Int) -> Registers {
        // Those of fibers grow slowly at first: a million that have called one function more than fits need that much each.
        let last = pointee.segments.words
        let larger = last < ThreadState.mappedWords / 4 ? last * 2 : last * 4
        let slack = larger < ThreadState.mappedWords / 2 && count < 512 ? ThreadState.smallSlack + 24 : 4 * ThreadState.slack
        let words = Swift.max(larger < ThreadState.segmentWords / 4 ? larger : ThreadState.segmentWords, count + slack)
        let segment = ThreadState.makeSegment(words: words, previous: pointee.segments)
        pointee.segments = segment
        pointee.segmentStart = segment.pointee.start
        pointee.segmentEnd = segment.usableEnd
        return segment.pointee.start + CallLayout.headerWords
    }

    /// Drops the segments above the one that holds `registers`.
    @inline(never)
    func slowPopSegments(to registers: Registers) {
        while let previous = pointee.segments.pointee.previous,
            !(registers >= pointee.segments.pointee.start && registers < pointee.segments.pointee.end)
        {
            pointee.segments.release()
            pointee.segments = previous
        }
        pointee.segmentStart = pointee.segments.pointee.start
        pointee.segmentEnd = pointee.segments.usableEnd
    }

    /// Throws RecursionError if the native stack is nearly used up.
    @inline(__always)
    public func checkNativeStack() throws(Raised) {
        if UInt(bitPattern: tiny_stack_address()) < pointee.nativeLimit {
            throw raise(.recursionError, "maximum recursion depth exceeded")
        }
    }
}
