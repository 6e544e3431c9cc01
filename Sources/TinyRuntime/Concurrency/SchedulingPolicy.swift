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
    /// Whether the kernel, too, is to run who comes back from the system before those that compute (`tiny_slice_shorten`).
    var prefersReturning: Bool { get }
    func removeAll()
}

extension SchedulingPolicy {
    var returningTime: UInt64 { 0 }
    var prefersReturning: Bool { false }
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

/// The default: four classes, first come, first served within each. Who comes back from the system goes first, and the holder
/// lets go as soon as it has had 10 microseconds (and goes on with its slice afterwards); a holder that came back itself
/// has 100, in which it mostly does what it came for: were threads that all do IO to interrupt each other, they would do
/// little else. Who was woken by another task comes next, after half a millisecond: the waker mostly blocks before that,
/// and if it fills a queue it should get somewhere before the other empties it. Then who was interrupted or begins, and last who
/// has had its slice: they wait the interval. A class that has been passed over too often in a row has its turn, so
/// nobody starves. (CPython's single class makes a thread that does IO beside a busy one wait 5 ms each time: the convoy
/// of bpo-7946.)
final class IOFirstPolicy: SchedulingPolicy {
    private struct Class {
        var tasks = TaskQueue()
        /// How often in a row it may be passed over, and has been.
        let patience: Int
        var passedOver = 0

        mutating func takeFirst() -> ScriptTask? {
            passedOver = 0
            return tasks.popFirst()
        }
    }

    private static let returned = 0, woken = 1, interrupted = 2, preempted = 3

    let name = "io-first"
    let keepsLockWhenReady = true
    private var classes = [Class(patience: .max), Class(patience: 8), Class(patience: 16), Class(patience: 256)]
    /// How many tasks are ready, in all classes.
    private var count = 0
    /// The class that the holder was taken from.
    private var current = preempted
    private var choices = Choices(seed: 1)
    private let instructions: Int?
    /// Shorter than a round trip to another process: who answers requests beside a busy thread then loses less than half of
    /// its rate. Much shorter, and the busy one would only be handing over.
    private let returningSlice: UInt64 = 10_000
    private let backSlice: UInt64 = 100_000
    private let wakingSlice: UInt64 = 500_000
    var returningTime: UInt64 { 2 * returningSlice }
    let prefersReturning = true

    init(instructions: Int?) { self.instructions = instructions }

    var isEmpty: Bool { count == 0 }

    func add(_ task: ScriptTask, _ reason: ReadyReason) {
        let index = switch reason {
        case .returned: Self.returned
        case .woken: Self.woken
        case .interrupted, .started: Self.interrupted
        case .preempted: Self.preempted
        }
        classes[index].tasks.append(task)
        count += 1
    }

    func next(after task: ScriptTask?, _ reason: SwitchReason) -> ScriptTask? {
        if count == 0 { return nil }
        var chosen: Int?
        for index in classes.indices where !classes[index].tasks.isEmpty {
            if chosen == nil {
                chosen = index
            } else if classes[index].passedOver >= classes[index].patience {
                chosen = index
                break
            }
        }
        guard let chosen else { return nil }
        count -= 1
        if count > 0 {
            for index in chosen + 1 ..< classes.count where !classes[index].tasks.isEmpty { classes[index].passedOver += 1 }
        }
        current = chosen
        return classes[chosen].takeFirst()
    }

    func slice(used: UInt64) -> Slice {
        if let instructions { return .instructions(instructions) }
        let interval = Threads.switchIntervalNanoseconds
        if !classes[Self.returned].tasks.isEmpty {
            return .nanoseconds(min(current <= Self.woken ? backSlice : returningSlice, interval))
        }
        if !classes[Self.woken].tasks.isEmpty { return .nanoseconds(min(wakingSlice, interval)) }
        return .nanoseconds(interval - min(used, interval))
    }

    func delay() -> Int { choices.below(16) }

    func removeAll() {
        for index in classes.indices { classes[index].tasks.removeAll() }
        count = 0
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
