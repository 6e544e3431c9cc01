// `time`: the clocks of the system by their numbers (clock_gettime(2), clock_settime(2), pthread_getcpuclockid(3)).
//
// What a clock says goes through `Clock`, so that it is virtual where time is; whether there is such a clock, the system says.
import CTiny
import Glibc
import TinyRuntime

enum SystemClocks {
    static let names: [(StaticString, clockid_t)] = [
        ("CLOCK_REALTIME", CLOCK_REALTIME), ("CLOCK_MONOTONIC", CLOCK_MONOTONIC), ("CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW),
        ("CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID), ("CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID),
        ("CLOCK_BOOTTIME", CLOCK_BOOTTIME), ("CLOCK_TAI", CLOCK_TAI),
    ]

    static let functions: [Native] = [
        Native("clock_gettime(clk_id, /)", "Return the time of the specified clock as a float.") { args throws(Raised) in
            Value(Double(try read(args[0])) / 1e9)
        },
        Native("clock_gettime_ns(clk_id, /)", "Return the time of the specified clock as nanoseconds.") { args throws(Raised) in
            Value(try read(args[0]))
        },
        Native("clock_getres(clk_id, /)", "Return the resolution (precision) of the specified clock.") { args throws(Raised) in
            let resolution = try resolution(try identifier(args[0]))
            return Value(Double(resolution.tv_sec) + Double(resolution.tv_nsec) / 1e9)
        },
        Native("clock_settime(clk_id, time, /)", "Set the time of the specified clock; the time is in seconds.") { args throws(Raised) in
            let clock = try identifier(args[0])
            let time = args[1]
            guard time.isFloat else {
                try set(clock, seconds: try machine(try indexValue(time)), nanoseconds: 0)
                return .none
            }
            if time.float.isNaN { throw valueError("Invalid value NaN (not a number)") }
            let seconds = time.float.rounded(.down)
            guard let whole = Int(exactly: seconds) else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
            try set(clock, seconds: whole, nanoseconds: Int((time.float - seconds) * 1e9))
            return .none
        },
        Native("clock_settime_ns(clk_id, time, /)", "Set the time of the specified clock; the time is in nanoseconds.") { args throws(Raised) in
            let clock = try identifier(args[0])
            guard isInteger(args[1]) else { throw typeError("expect int, got \(typeName(args[1]))") }
            let (seconds, nanoseconds) = try machine(args[1]).quotientAndRemainder(dividingBy: 1_000_000_000)
            try set(clock, seconds: nanoseconds < 0 ? seconds - 1 : seconds, nanoseconds: nanoseconds < 0 ? nanoseconds + 1_000_000_000 : nanoseconds)
            return .none
        },
        Native("pthread_getcpuclockid(thread_id, /)", "Return the clock of a thread's processor time.") { args throws(Raised) in
            var clock = clockid_t()
            let code = Glibc.pthread_getcpuclockid(try Threads.handle(args[0]), &clock)
            guard code == 0 else { throw osError(code) }
            return Value(Int(clock))
        },
    ]

    private static func identifier(_ value: Value) throws(Raised) -> clockid_t {
        guard isInteger(value), let number = machineInt(value), let clock = clockid_t(exactly: number) else {
            throw typeError("clk_id should be integer, not \(typeName(value))")
        }
        return clock
    }

    private static func machine(_ value: Value) throws(Raised) -> Int {
        guard let number = machineInt(value) else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
        return number
    }

    private static func read(_ value: Value) throws(Raised) -> Int {
        let clock = try identifier(value)
        var now = timespec()
        guard clock_gettime(clock, &now) == 0 else { throw osError(errno) }
        return Clock.read(clock)
    }

    private static func resolution(_ clock: clockid_t) throws(Raised) -> timespec {
        var resolution = timespec()
        guard clock_getres(clock, &resolution) == 0 else { throw osError(errno) }
        return resolution
    }

    private static func set(_ clock: clockid_t, seconds: Int, nanoseconds: Int) throws(Raised) {
        var time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        guard clock_settime(clock, &time) == 0 else { throw osError(errno) }
    }
}
