// Faults on purpose: calls of the system that fail, or do less than they were asked, as a test has said beforehand.
//
// What happens rarely (EMFILE, EINTR, a reset, half a write) is met in programs that run for months; here a script asks
// for it (`import _faults`). The shim asks only while faults are waiting: otherwise a call costs one test of a flag.
import Glibc

/// The faults that a test has asked for.
public enum SystemFaults {
    enum Outcome {
        /// The call fails with this errno.
        case failure(Int32)
        /// It transfers at most so many octets.
        case short(Int)
    }

    private struct Fault {
        let call: String
        let outcome: Outcome
        var skipped: Int
        var times: Int
    }

    nonisolated(unsafe) static var isActive = false
    nonisolated(unsafe) private static var waiting: [Fault] = []
    /// The calls are made without the GIL.
    nonisolated(unsafe) private static let mutex: UnsafeMutablePointer<pthread_mutex_t> = {
        let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        pthread_mutex_init(mutex, nil)
        return mutex
    }()

    static func add(_ call: String, _ outcome: Outcome, times: Int, after skipped: Int) {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        waiting.append(Fault(call: call, outcome: outcome, skipped: skipped, times: times))
        isActive = true
    }

    static func clear() -> Int {
        pthread_mutex_lock(mutex)
        defer {
            waiting = []
            isActive = false
            pthread_mutex_unlock(mutex)
        }
        return waiting.reduce(0) { $0 + $1.times }
    }

    /// What is to happen to this call; nil: what happens by itself.
    static func take(_ call: String) -> Outcome? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard let place = waiting.firstIndex(where: { $0.call == call }) else { return nil }
        if waiting[place].skipped > 0 {
            waiting[place].skipped -= 1
            return nil
        }
        let outcome = waiting[place].outcome
        waiting[place].times -= 1
        if waiting[place].times <= 0 { waiting.remove(at: place) }
        isActive = !waiting.isEmpty
        return outcome
    }

    /// How many octets the call may transfer, of those wanted; nil: it fails, errno says why.
    @inline(__always)
    public static func room(_ call: StaticString, _ wanted: Int) -> Int? { isActive ? slowRoom(call.description, wanted) : wanted }

    @inline(never)
    private static func slowRoom(_ call: String, _ wanted: Int) -> Int? {
        switch take(call) {
        case nil: return wanted
        case .failure(let code):
            errno = code
            return nil
        case .short(let most): return min(most, wanted)
        }
    }

    static let nativeModule = NativeModule("_faults", doc: "Makes calls of the system fail, for tests.", functions: {
        [
            Native("fail(call, errno, times=1, after=0, /)", "The next calls of recv, send, accept, connect, read or write fail with an errno.") { args throws(Raised) in
                add(try name(args[0]), .failure(try Posix.int32(args[1])), times: try index(args[2]), after: try index(args[3]))
                return .none
            },
            Native("shorten(call, most, times=1, after=0, /)", "The next calls of recv, send, read or write transfer at most so many octets.") { args throws(Raised) in
                let most = try index(args[1])
                guard most > 0 else { throw valueError("a call that transfers nothing is the end of the file") }
                add(try name(args[0]), .short(most), times: try index(args[2]), after: try index(args[3]))
                return .none
            },
            Native("clear()", "Forgets the faults that have not happened; how many those were.") { _ in Value(clear()) },
        ]
    })

    private static func name(_ value: Value) throws(Raised) -> String {
        guard value.isKind(.str), ["recv", "send", "accept", "connect", "read", "write"].contains(value.object(Str.self).string) else {
            throw valueError("no such call can be made to fail")
        }
        return value.object(Str.self).string
    }
}
