// Who runs next: the one place where it is decided, behind one small protocol.
//
// Every switch asks the policy: when the holder of the GIL blocks, ends, or has run its slice. A policy knows the tasks
// that are ready (never those that wait), and says how long the holder may go on while others are ready. All calls come
// with `Threads.mutex` held.

/// Why a task is ready.
enum ReadyReason {
    case started
    /// Back from a call of the system, or from waiting for a time.
    case returned
    /// Woken by another task: what it waited for has happened.
    case woken
    /// It had the GIL for its slice and was asked to let go.
    case preempted
    /// The same before its slice was over.
    case interrupted
}

/// Why another task is wanted.
enum SwitchReason: String {
    case interval, wait, system, exit
}

/// How long the holder may run while others are ready.
enum Slice {
    case nanoseconds(UInt64)
    case instructions(Int)
}

protocol SchedulingPolicy: AnyObject {
    var name: String { get }
    var isEmpty: Bool { get }
    func add(_ task: ScriptTask, _ reason: ReadyReason)
    /// Takes out the task that is to run; nil if none is ready.
    func next(after task: ScriptTask?, _ reason: SwitchReason) -> ScriptTask?
    /// The slice of the holder, now that others are ready, of which it had `used` nanoseconds before it was interrupted.
    /// Asked once for each slice counted in instructions.
    func slice(used: UInt64) -> Slice
    /// How many instructions the holder still runs once its time is over, so that the switch may fall between any two.
    func delay() -> Int
    /// Whether a call of the system that would not block keeps the GIL.
    var keepsLockWhenReady: Bool { get }
    /// Within how many nanoseconds who comes back from the system mostly has the GIL; 0: that may take long.
    var returningTime: UInt64 { get }
    func removeAll()
}

extension SchedulingPolicy {
    var returningTime: UInt64 { 0 }
}

/// A generator of small quality and great speed (xorshift*), for choices.
struct Choices {
    private var state: UInt64

    init(seed: UInt64) {
        // Spread the seed (splitmix64), so that 1 and 2 differ at once; zero would stay zero.
        var z = seed &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        state = (z ^ (z >> 31)) | 1
    }

    mutating func next() -> UInt64 {
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return state &* 0x2545_F491_4F6C_DD1D
    }

    /// From 0 to `count` - 1.
    mutating func below(_ count: Int) -> Int {
        count <= 1 ? 0 : Int(truncatingIfNeeded: (next() >> 33) % UInt64(truncatingIfNeeded: count))
    }
}

/// The default. Three queues. Who comes back from the system goes first, and the holder lets go as soon as it has had 10
/// microseconds (and goes on with its slice afterwards). Who was woken by another task comes next, after half a
/// millisecond: the waker mostly blocks before that, and if it fills a queue it should get somewhere before the other
/// empties it. Who was preempted waits the interval. First come, first served within each; after 16 in a row from the
/// first two comes one of the third, so nobody starves. (CPython's single class makes a thread that does IO beside a
/// busy one wait 5 ms each time: the convoy of bpo-7946.)
final class IOFirstPolicy: SchedulingPolicy {
    let name = "io-first"
    let keepsLockWhenReady = true
    private var returned = TaskQueue()
    private var woken = TaskQueue()
    private var preempted = TaskQueue()
    private var streak = 0
    private var choices = Choices(seed: 1)
    private let instructions: Int?
    /// Shorter than a round trip to another process: who answers requests beside a busy thread then loses less than half of
    /// its rate. Much shorter, and the busy one would only be handing over.
    private let returningSlice: UInt64 = 10_000
    private let wakingSlice: UInt64 = 500_000
    var returningTime: UInt64 { 2 * returningSlice }
    private let streakLimit = 16

    init(instructions: Int?) { self.instructions = instructions }

    var isEmpty: Bool { returned.isEmpty && woken.isEmpty && preempted.isEmpty }

    func add(_ task: ScriptTask, _ reason: ReadyReason) {
        switch reason {
        case .returned: returned.append(task)
        case .woken: woken.append(task)
        case .started, .preempted: preempted.append(task)
        case .interrupted: preempted.insertFirst(task)
        }
    }

    func next(after task: ScriptTask?, _ reason: SwitchReason) -> ScriptTask? {
        if streak < streakLimit || preempted.isEmpty, let first = returned.popFirst() ?? woken.popFirst() {
            streak += 1
            return first
        }
        streak = 0
        return preempted.popFirst()
    }

    func slice(used: UInt64) -> Slice {
        if let instructions { return .instructions(instructions) }
        let interval = Threads.switchIntervalNanoseconds
        if !returned.isEmpty { return .nanoseconds(min(returningSlice, interval)) }
        if !woken.isEmpty { return .nanoseconds(min(wakingSlice, interval)) }
        return .nanoseconds(interval - min(used, interval))
    }

    func delay() -> Int { choices.below(16) }

    func removeAll() {
        returned.removeAll()
        woken.removeAll()
        preempted.removeAll()
    }
}

/// One queue, first come, first served. As `fifo` a slice is the switch interval. As `timed` it is CPython's lock: besides,
/// every call of the system lets go, ready or not, so that a thread doing IO beside a busy one falls into the convoy. As
/// `ticks100` it is Python 2's: a slice is 100 instructions.
final class OneQueuePolicy: SchedulingPolicy {
    let name: String
    let keepsLockWhenReady: Bool
    private var ready = TaskQueue()
    private var choices = Choices(seed: 1)
    private let instructions: Int?

    init(name: String, keepsLockWhenReady: Bool, instructions: Int?) {
        self.name = name
        self.keepsLockWhenReady = keepsLockWhenReady
        self.instructions = instructions
    }

    var isEmpty: Bool { ready.isEmpty }
    func add(_ task: ScriptTask, _ reason: ReadyReason) { ready.append(task) }
    func next(after task: ScriptTask?, _ reason: SwitchReason) -> ScriptTask? { ready.popFirst() }

    func slice(used: UInt64) -> Slice {
        let interval = Threads.switchIntervalNanoseconds
        return instructions.map { .instructions($0) } ?? .nanoseconds(interval - min(used, interval))
    }

    func delay() -> Int { choices.below(16) }
    func removeAll() { ready.removeAll() }
}

/// Every choice comes from a chooser: from a seed, or from a recording. Slices are counted in instructions, short and long
/// ones mixed: short ones tear statements, long ones let others get somewhere.
final class ChoosingPolicy: SchedulingPolicy {
    let name: String
    let keepsLockWhenReady = true
    private var ready = TaskQueue()
    private let chooser: any Chooser

    init(name: String, _ chooser: any Chooser) {
        self.name = name
        self.chooser = chooser
    }

    var isEmpty: Bool { ready.isEmpty }
    func add(_ task: ScriptTask, _ reason: ReadyReason) { ready.append(task) }

    func next(after task: ScriptTask?, _ reason: SwitchReason) -> ScriptTask? {
        guard !ready.isEmpty else { return nil }
        return ready.remove(at: chooser.task(from: ready, after: task, reason))
    }

    func slice(used: UInt64) -> Slice { .instructions(chooser.slice()) }
    func delay() -> Int { 0 }
    func removeAll() { ready.removeAll() }
}
