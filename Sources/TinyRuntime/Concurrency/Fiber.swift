// Fibers: stretches of the script that are switched by hand. `greenlet.greenlet` is their face in the language.
//
// A fiber is a small chain of register segments and a note of where it goes on. It is in one of these states:
//
//     fresh       not begun; no segments yet
//     current     runs: its state lies in the ThreadState, the fields here are stale
//     suspended   in frames: between two instructions, `registers` waits for a value; a switch to it is a jump in the loop
//                 natively: inside a native call (always so for a thread's first fiber), `pointer` is where its stack goes on
//     dead        has ended; its segments are gone
//
// A fiber belongs to the thread that made it. The GIL guards all of it.
import CTiny
import TinyCompiler

struct Fiber {
    var header: ObjectHeader
    var state = State.fresh
    var isSuspendedNatively = false
    /// The first fiber of its thread: it has the program's own native frames below it and never ends before the thread.
    var isRoot = false
    /// Nothing has run in it since the collector cleared what lies above its top.
    var isClean = false
    /// What `transfer` is: a value to give, or an exception to raise.
    var transferIsRaised = false
    /// A gevent Greenlet: its fields lie behind this (GreenletFields).
    var hasFields = false
    /// Register of `registers` that a value given goes to.
    var destination: UInt16 = 0
    var thread: ThreadRef?
    /// Which thread `thread` was: an address may come to be another's.
    var threadNumber = 0
    var parent: FiberRef?
    /// The callable that it runs; absent once it has begun.
    var function = Value.absent
    var transfer = Value.none
    var dictionary: DictRef?
    /// What it waits for in the hub, for people; and what will wake it (see HubWaiting), or None.
    var waiting = Value.none
    var wakeup = Value.none
    /// While it is suspended: what the ThreadState holds when it runs.
    var saved = SavedState()

    enum State: UInt8 { case fresh, current, suspended, dead }

    struct SavedState {
        var frame: Registers?
        var top: Registers?
        var segments: UnsafeMutablePointer<Segment>?
        var handled = Value.none
        var contextVariables = Value.none
        var reprStack: ListRef?
        var depth = 0
        /// Suspended natively only. It lies on the native stack that was left: a million fibers that wait need none.
        var native: UnsafeMutablePointer<NativeState>?
    }

    /// What goes with a native stack.
    struct NativeState {
        var pointer: UnsafeMutableRawPointer?
        var carrier: CarrierRef?
        var nest: Int
        var lettingGoAt: UInt
        var nativeLimit: UInt
        var nativeBase: UInt
        var scanTop: UInt
    }
}

typealias FiberRef = UnsafeMutablePointer<Fiber>

extension Fiber {
    /// Registers of a fiber's first segment: enough for a function or two that call natives.
    static let firstSegmentWords = 80
    /// The same for gevent's Greenlets, whose function lies above `run`.
    static let greenletSegmentWords = 112
    /// And for hubs, each of which calls what others wait for.
    static let hubSegmentWords = 1024

    static func make(_ cls: ClassRef, parent: FiberRef?, moreBytes: Int = 0) -> FiberRef {
        // The root shape of a ready class exists.
        let shape = cls.pointee.rootShape.unsafelyUnwrapped.pointee.id
        let fiber = allocateObject(MemoryLayout<Fiber>.stride + moreBytes, .fiber, shape).assumingMemoryBound(to: Fiber.self)
        let header = fiber.pointee.header
        let thread = currentThread()
        fiber.initialize(to: Fiber(header: header, thread: thread, threadNumber: thread.pointee.taskNumber, parent: parent))
        fiber.pointee.header.flags.insert(.releases)
        return fiber
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let fiber = object.assumingMemoryBound(to: Fiber.self)
        marker.mark(fiber.pointee.parent)
        marker.mark(fiber.pointee.function)
        marker.mark(fiber.pointee.transfer)
        marker.mark(fiber.pointee.dictionary)
        marker.mark(fiber.pointee.waiting)
        marker.mark(fiber.pointee.wakeup)
        if fiber.pointee.hasFields { fiber.fields.pointee.trace(&marker) }
        marker.mark(fiber.pointee.saved.contextVariables)
        guard fiber.pointee.state == .suspended else { return }
        let saved = fiber.pointee.saved
        marker.mark(saved.handled)
        marker.mark(saved.reprStack)
        if let segments = saved.segments, let top = saved.top {
            markSegments(segments, top, &marker)
            if !fiber.pointee.isClean { segments.clear(above: top) }
            fiber.pointee.isClean = true
        }
        markFrames(saved.frame, &marker)
        if fiber.pointee.isSuspendedNatively, fiber.hasThread, let native = saved.native, let pointer = native.pointee.pointer,
            let high = UnsafeRawPointer(bitPattern: native.pointee.nativeBase)
        {
            heap.scanConservatively(from: pointer, to: high, &marker)
        }
        marker.liveBytes += (fiber.pointee.hasFields ? greenletSegmentWords : firstSegmentWords) * 8
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let fiber = object.assumingMemoryBound(to: Fiber.self)
        guard fiber.pointee.state == .suspended else { return }
        // Only of a thread that has ended: no finaliser could run in it.
        fiber.releaseSegments()
        if fiber.pointee.isSuspendedNatively, !fiber.pointee.isRoot, let carrier = fiber.pointee.saved.native?.pointee.carrier {
            Carrier.release(carrier)
        }
    }
}

extension FiberRef {
    /// Whether it has begun and not ended.
    var isActive: Bool { pointee.state == .current || pointee.state == .suspended }

    /// Whether the thread that it belongs to still runs.
    var hasThread: Bool { Threads.isAlive(pointee.threadNumber) }

    func releaseSegments() {
        var segment = pointee.saved.segments
        while let current = segment {
            segment = current.pointee.previous
            current.release()
        }
        pointee.saved.segments = nil
    }

    /// Takes the thread's running state into the fiber.
    func save(from t: ThreadRef) {
        // Only the tracer asks; else it would keep a fiber alive that nobody needs.
        if !t.pointee.fiberTracer.isNone { t.pointee.previousFiber = self }
        pointee.saved = Fiber.SavedState(
            frame: t.pointee.frame, top: t.pointee.top, segments: t.pointee.segments, handled: t.pointee.handled,
            contextVariables: t.pointee.contextVariables, reprStack: t.pointee.reprStack, depth: t.pointee.depth, native: nil)
        pointee.state = .suspended
    }

    /// Makes the fiber's state the thread's. Where its native stack is the thread's business only if it is left natively.
    func load(into t: ThreadRef) {
        let saved = pointee.saved
        // A suspended fiber has a segment and a top in it.
        let segments = saved.segments.unsafelyUnwrapped
        t.pointee.frame = saved.frame
        t.pointee.top = saved.top.unsafelyUnwrapped
        t.pointee.segmentStart = segments.pointee.start
        t.pointee.segmentEnd = segments.usableEnd
        t.pointee.segments = segments
        t.pointee.handled = saved.handled
        t.pointee.contextVariables = saved.contextVariables
        t.pointee.reprStack = saved.reprStack
        t.pointee.depth = saved.depth
        t.pointee.isClean = false
        pointee.isClean = false
        if pointee.isSuspendedNatively, let native = saved.native {
            t.pointee.nest = native.pointee.nest
            t.pointee.carrier = native.pointee.carrier
            t.pointee.nativeLimit = native.pointee.nativeLimit
            t.pointee.nativeBase = native.pointee.nativeBase
            t.pointee.scanTop = native.pointee.scanTop
            t.pointee.lettingGoAt = native.pointee.lettingGoAt
        } else {
            t.pointee.nest = 0
        }
        t.pointee.fiber = self
        pointee.state = .current
    }
}

/// Marks the values of a chain of segments: older ones in whole, the newest up to `top`.
func markSegments(_ newest: UnsafeMutablePointer<Segment>, _ top: Registers, _ marker: inout Marker) {
    var segment: UnsafeMutablePointer<Segment>? = newest
    while let current = segment {
        let limit = current == newest ? min(top, current.pointee.end) : current.pointee.end
        marker.mark(current.pointee.start, count: max(0, limit - current.pointee.start))
        segment = current.pointee.previous
    }
}

/// Marks what a chain of frames refers to outside the segments: a generator that is running lies there, and whoever runs
/// it may be all that refers to it.
func markFrames(_ innermost: Registers?, _ marker: inout Marker) {
    var frame = innermost
    while let registers = frame {
        if registers.header.pointee.flags.contains(.inGenerator) { marker.mark(registers.header.pointee.extra) }
        marker.mark(registers.header.pointee.callable)
        frame = registers.header.pointee.caller
    }
}
