// What can run script code and can be made to wait: a task. Today every task is a thread; a fiber will be another.
//
// Whatever blocks (a lock, a join, a queue, a sleep, a system call) gives the task a `Wait` while it blocks, so that at any
// moment the runtime can say what everybody waits for, since when, and who could end it. File and line of a wait are not
// noted: a task that waits keeps its frames, and whoever wants to tell reads them there.
import CTiny
import Glibc

/// What a blocked task waits for.
public struct Wait {
    /// What can end the wait.
    public enum Kind {
        /// A lock that has an owner.
        case lock, reentrantLock
        /// A lock that was made to be let go by somebody else: the inside of conditions, events, semaphores, queues.
        case signal
        case queue, join, sleep
        /// A call of the system that may take long.
        case system
    }

    var kind: Kind
    /// The Lock, the task, or the queue.
    var object: AnyObject?
    /// On the runtime's clock; nil: for ever.
    var deadline: UInt64?
    var since: UInt64 = 0
    /// Signals are handled only after it: who takes a lock again that it gave up for a while must have it when it goes on.
    var isMasked = false

    /// - Parameters:
    ///   - object: the lock, task or queue that is waited for; nil: none that could be named.
    ///   - deadline: on the runtime's clock; nil: for ever.
    public init(_ kind: Kind, _ object: AnyObject? = nil, until deadline: UInt64? = nil) {
        self.kind = kind
        self.object = object
        self.deadline = deadline
    }

    /// Who alone can end the wait, as far as the runtime knows.
    var owner: ScriptTask? {
        switch kind {
        case .lock, .reentrantLock: return (object as? Lock)?.owner
        case .join: return object as? ScriptTask
        case .signal, .queue, .sleep, .system: return nil
        }
    }
}

/// A task of the script.
public class ScriptTask {
    /// Where a task is between running and waiting; guarded by `Threads.mutex`.
    enum Parking {
        /// Runs, or is ready to.
        case no
        case parked
        /// Ready again: because it was woken, because its time is over, because a signal or an exception came, because
        /// nobody has done anything for a while.
        case unparked, timedOut, interrupted, idle
    }

    /// 0 for the first thread, then in order of creation.
    let number: Int
    /// What the interpreter knows of the thread that the task runs in.
    public let state: ThreadRef
    /// How much of its slice it had when it was interrupted for one that came back; guarded by the mutex.
    var sliceUsed: UInt64 = 0
    /// What it waits for, while it does; written with the GIL or the mutex.
    var wait: Wait?
    var parking = Parking.no
    /// Set once it will run no more.
    var isDone = false
    /// The line that started it; nil for the main thread.
    var spawnSite: Place?
    /// What `threading` called it, once it has ended.
    var lastName: String?
    /// Who waits for its end.
    var joiners = WaitQueue()

    init(_ state: ThreadRef, number: Int) {
        self.state = state
        self.number = number
    }

    /// The task that runs. With the GIL.
    @inline(__always)
    public static func current() -> ScriptTask? { currentThread().pointee.owner?.takeUnretainedValue() }
}

/// A task that is a thread of the operating system.
public final class ScriptThread: ScriptTask {
    /// What the thread sleeps on; posted when it is given the GIL, and by signal handlers.
    let semaphore: UnsafeMutablePointer<sem_t>
    /// What `threading.get_ident()` gives; 0 until the thread has begun.
    public var identifier: Int = 0
    var nativeIdentifier: Int = 0
    var handle = pthread_t()
    var isDaemon = false
    /// Thread-local objects that hold a dictionary for this thread; they take themselves out when they die.
    var locals: [ObjectIdentifier: Unmanaged<ThreadLocal>] = [:]
    /// When it last became ready, on the real clock; guarded by the mutex.
    var readySince: UInt64 = 0
    /// It waits for the GIL because it has had its slice; guarded by the mutex.
    var isPreempted = false
    /// What to release once it runs: it was brought to the processor of who handed the GIL over; guarded by the mutex.
    var ownProcessors: UnsafeMutableRawPointer?
    var statistics = LockStatistics()

    override init(_ state: ThreadRef, number: Int) {
        semaphore = .allocate(capacity: 1)
        semaphore.initialize(to: sem_t())
        sem_init(semaphore, 0, 0)
        super.init(state, number: number)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    /// Makes the thread look whether its turn has come. Also from a signal handler.
    func wake() { sem_post(semaphore) }

    /// Sleeps until woken, at most until the deadline (by the real clock). Without the GIL and the mutex.
    /// - Parameter watching: for how many nanoseconds it watches the semaphore before it sleeps: only where the wake-up is near
    ///   and comes from another processor. (In every wait, ping-pong between two threads is 3 times slower on a busy
    ///   machine: who watches takes the place of the one it waits for.)
    func awaitWake(until deadline: UInt64?, watching: UInt64 = 0) {
        if watching > 0, Self.hasOtherProcessors {
            let start = Clock.real()
            repeat {
                for _ in 0 ..< 16 {
                    if sem_trywait(semaphore) == 0 { return }
                    tiny_pause()
                }
            } while Clock.real() &- start < watching
        }
        if let deadline { tiny_wait_until(semaphore, deadline) } else { sem_wait(semaphore) }
    }

    private static let hasOtherProcessors = sysconf(Int32(_SC_NPROCESSORS_ONLN)) > 1
}

/// Tasks in the order in which they came; the first is taken in constant time.
public struct TaskQueue {
    private var tasks: [ScriptTask] = []
    private var head = 0

    /// An empty queue.
    public init() {}

    var isEmpty: Bool { head == tasks.count }
    var count: Int { tasks.count - head }

    subscript(index: Int) -> ScriptTask { tasks[head + index] }

    /// Adds a task behind all others.
    public mutating func append(_ task: ScriptTask) { tasks.append(task) }

    mutating func insertFirst(_ task: ScriptTask) {
        if head > 0 {
            head -= 1
            tasks[head] = task
        } else {
            tasks.insert(task, at: 0)
        }
    }

    /// Takes out the first task; nil: nobody waits.
    public mutating func popFirst() -> ScriptTask? {
        guard head < tasks.count else { return nil }
        let first = tasks[head]
        head += 1
        if head == tasks.count {
            tasks.removeAll(keepingCapacity: tasks.capacity <= 64)
            head = 0
        } else if head >= 32, head * 2 > tasks.count {
            tasks.removeFirst(head)
            head = 0
        }
        return first
    }

    mutating func remove(at index: Int) -> ScriptTask { tasks.remove(at: head + index) }

    /// False if the task was not in it.
    @discardableResult
    public mutating func remove(_ task: ScriptTask) -> Bool {
        var index = head
        while index < tasks.count {
            if tasks[index] === task {
                tasks.remove(at: index)
                return true
            }
            index += 1
        }
        return false
    }

    mutating func removeAll() {
        tasks = []
        head = 0
    }
}

/// The tasks that wait for one thing.
public typealias WaitQueue = TaskQueue
