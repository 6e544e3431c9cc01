// Signals: the C handler only notes the number, sets the breaker and wakes the main thread, should it be parked; handlers of
// the script run in the main thread.
import CTiny
import Glibc

/// Signals on their way to the script.
public enum Signals {
    /// Bits of signals that have arrived; atomic.
    nonisolated(unsafe) private static var low: UInt32 = 0
    nonisolated(unsafe) private static var high: UInt32 = 0
    /// What the main thread sleeps on.
    nonisolated(unsafe) static var mainSemaphore: UnsafeMutablePointer<sem_t>?
    /// Where the number of each signal is written (signal.set_wakeup_fd), or -1.
    nonisolated(unsafe) public static var wakeup: Int32 = -1
    /// Whether a full pipe behind `wakeup` is told about (`warn_on_full_buffer`).
    nonisolated(unsafe) public static var warnsOnFullWakeup = true
    /// errno of a write to it that failed, for the main thread to tell.
    nonisolated(unsafe) static var wakeupError: Int32 = 0
    /// Handlers by signal number: callables, None, or integers SIG_DFL and SIG_IGN. A root through permanentRoots.
    nonisolated(unsafe) public static let handlers: DictRef = {
        let dict = Dict.make()
        heap.permanentRoots.append(Value(dict))
        return dict
    }()
    /// How many handlers the script has set, other than that for SIGINT from the start.
    nonisolated(unsafe) static var scriptHandlers = 0

    /// Whether a signal waits for the main thread to handle it. From any thread, with or without the GIL.
    public static var hasArrived: Bool { tiny_load(&low) | tiny_load(&high) != 0 }

    /// Async-signal-safe.
    public static func note(_ number: Int32) {
        guard number > 0, number < 65 else { return }
        let bit = UInt32(number - 1)
        if bit < 32 { tiny_or(&low, 1 << bit) } else { tiny_or(&high, 1 << (bit - 32)) }
        requestBreak(.signal)
        if let mainSemaphore { sem_post(mainSemaphore) }
        if wakeup >= 0 {
            let code = errno
            var octet = UInt8(truncatingIfNeeded: number)
            if write(wakeup, &octet, 1) < 0, warnsOnFullWakeup || errno != EAGAIN {
                wakeupError = errno
            }
            errno = code
        }
    }

    /// Calls the script's handlers of what has arrived. In the main thread, with the GIL.
    public static func handlePending() throws(Raised) {
        withdrawBreak(.signal)
        if wakeupError != 0 {
            let code = wakeupError
            wakeupError = 0
            _ = osError(code)
            reportUnraisable(currentThread().takeRaised(), .none, "Exception ignored when trying to write to the signal wakeup fd")
        }
        let arrived = UInt64(tiny_take(&low)) | UInt64(tiny_take(&high)) << 32
        for number in 1 ..< 65 where arrived >> UInt64(number - 1) & 1 == 1 {
            do {
                try handle(number)
            } catch {
                // What has not been handled yet comes again.
                for later in number + 1 ..< 65 where arrived >> UInt64(later - 1) & 1 == 1 { note(Int32(later)) }
                throw error
            }
        }
    }

    private static func handle(_ number: Int) throws(Raised) {
        let handler = try handlers.get(Value(number))
        if handler.isAbsent {
            if number == SIGINT { throw raise(.keyboardInterrupt) }
            return
        }
        guard handler.cls.has(.call) else { return }
        let frame = currentThread().scriptFrame.map { Value(frameObject(of: $0)) } ?? .none
        _ = try callValue(handler, Value(number), frame)
    }

    /// Counts the script's own handlers anew, after a change: with one there is hope for a thread that waits for ever.
    /// - Throws: what a look-up in `handlers` raises.
    public static func countHandlers() throws(Raised) {
        let standard = try handlers.get(Value(Int(SIGINT)))
        var count = 0
        for number in 1 ..< 65 {
            let handler = try handlers.get(Value(number))
            guard !handler.isAbsent, !handler.isNone, !isInteger(handler) else { continue }
            if number == SIGINT, handler.isKind(.native), handler == standard, handler == initialHandler { continue }
            count += 1
        }
        scriptHandlers = count
    }

    /// `signal.default_int_handler`, once the module has been imported.
    nonisolated(unsafe) public static var initialHandler = Value.absent

    /// In the main thread: handles what has arrived.
    public static func handleArrived() throws(Raised) {
        if hasArrived, Threads.isMain(currentThread()) { try handlePending() }
    }

    static func installInterrupt() {
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { Signals.note($0) }
        sigaction(SIGINT, &action, nil)
        signal(SIGPIPE, SIG_IGN)
        signal(SIGXFSZ, SIG_IGN)
    }
}
