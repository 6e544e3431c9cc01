// The one clock. Deadlines, sleeps and timeouts are on it, and so is what `time` tells the script.
//
// Real, it is the system's monotonic clock. Virtual (`--virtual-time`, `--seed`), it stands still while somebody runs, save
// a microsecond at each reading (so that a loop that waits for a time ends), and jumps to the next deadline when nobody
// can run: sleeping costs nothing, and the same script reads the same times on every run.
import CTiny
import Glibc

/// What time it is, real or virtual. Points in time are nanoseconds.
public enum Clock {
    nonisolated(unsafe) private(set) static var isVirtual = false
    nonisolated(unsafe) private static var virtualTime: UInt64 = 0
    /// Virtual wall time at virtual time 0, in nanoseconds since 1970.
    nonisolated(unsafe) private static var virtualStart: Int = 0

    /// From now on time is virtual. `isFixed`: it starts at the same date on every run.
    static func makeVirtual(isFixed: Bool) {
        isVirtual = true
        virtualTime = 1_000_000_000
        virtualStart = isFixed ? 1_700_000_000_000_000_000 : system(CLOCK_REALTIME)
    }

    static func system(_ id: clockid_t) -> Int {
        var time = timespec()
        clock_gettime(id, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }

    /// Nanoseconds of the real monotonic clock: for slices of the GIL and statistics.
    @inline(__always)
    public static func real() -> UInt64 { UInt64(truncatingIfNeeded: system(CLOCK_MONOTONIC)) }

    /// Nanoseconds on which deadlines are.
    public static func now() -> UInt64 { isVirtual ? virtualTime : real() }

    /// What a clock of `time` tells the script.
    public static func read(_ id: clockid_t) -> Int {
        guard isVirtual else { return system(id) }
        virtualTime += 1000
        let time = Int(truncatingIfNeeded: virtualTime)
        return id == CLOCK_REALTIME ? virtualStart + time : time
    }

    /// Virtual time goes on with the work that is done.
    static func pass(instructions: Int) {
        if isVirtual { virtualTime += UInt64(truncatingIfNeeded: max(0, instructions)) * 20 }
    }

    static func jump(to time: UInt64) { virtualTime = max(virtualTime, time) }

    /// The deadline that a timeout in seconds from now means.
    public static func deadline(after seconds: Double) -> UInt64 {
        let bounded = seconds > 0 ? min(seconds, 9e9) : 0
        return now() &+ UInt64(bounded * 1e9)
    }
}
