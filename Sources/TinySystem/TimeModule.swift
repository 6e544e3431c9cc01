// `time`.
import CTiny
import Glibc
import TinyRuntime

enum TimeModule {
    nonisolated(unsafe) private static var structTime = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func clock(_ id: clockid_t) -> Int { Clock.read(id) }

    private static func seconds(_ nanoseconds: Int) -> Value { Value(Double(nanoseconds) / 1e9) }

    static let nativeModule = NativeModule(
        "time", doc: "This module provides various functions to manipulate time values.", functions: { functions + SystemClocks.functions },
        prepare: { contents throws(Raised) in
            structTime = StructSequence.makeClass(
                "struct_time", module: "time",
                fields: [
                    "tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst", "tm_zone",
                    "tm_gmtoff",
                ], visible: 9)
            contents.set("struct_time", Value(structTime))
            tzset()
            contents.set("_STRUCT_TM_ITEMS", 11)
            for (name, clock) in SystemClocks.names { contents.set(name.description, Int(clock)) }
            setZone(contents)
        })

    private static func setZone(_ contents: ModuleContents) {
        // The two halves of the year tell whether there is summer time, and which half has it.
        let year = (365 * 24 + 6) * 3600
        var start = Clock.read(CLOCK_REALTIME) / 1_000_000_000 / year * year
        var middle = start + year / 2
        var january = tm()
        var july = tm()
        localtime_r(&start, &january)
        localtime_r(&middle, &july)
        let (winter, summer) = january.tm_gmtoff > july.tm_gmtoff ? (july, january) : (january, july)
        contents.set("timezone", -Int(winter.tm_gmtoff))
        contents.set("altzone", -Int(summer.tm_gmtoff))
        contents.set("daylight", winter.tm_gmtoff == summer.tm_gmtoff ? 0 : 1)
        func name(_ parts: tm) -> Value { Value(Str.make(parts.tm_zone.map { String(cString: $0) } ?? "UTC")) }
        contents.set("tzname", Value(Tuple.make(name(winter), name(summer))))
    }

    private static let functions: [Native] = [
        Native("time()", "Return the current time in seconds since the Epoch.") { _ in seconds(clock(CLOCK_REALTIME)) },
        Native("time_ns()", "Return the current time in nanoseconds since the Epoch.") { _ in Value(clock(CLOCK_REALTIME)) },
        Native("monotonic()", "Monotonic clock, cannot go backward.") { _ in seconds(clock(CLOCK_MONOTONIC)) },
        Native("monotonic_ns()", "Monotonic clock, cannot go backward, as nanoseconds.") { _ in Value(clock(CLOCK_MONOTONIC)) },
        Native("perf_counter()", "Performance counter for benchmarking.") { _ in seconds(clock(CLOCK_MONOTONIC)) },
        Native("perf_counter_ns()", "Performance counter for benchmarking as nanoseconds.") { _ in Value(clock(CLOCK_MONOTONIC)) },
        Native("process_time()", "Process time for profiling: sum of the kernel and user-space CPU time.") { _ in seconds(clock(CLOCK_PROCESS_CPUTIME_ID)) },
        Native("process_time_ns()", "Process time for profiling as nanoseconds.") { _ in Value(clock(CLOCK_PROCESS_CPUTIME_ID)) },
        Native("thread_time()", "Thread time for profiling.") { _ in seconds(clock(CLOCK_THREAD_CPUTIME_ID)) },
        Native("thread_time_ns()", "Thread time for profiling as nanoseconds.") { _ in Value(clock(CLOCK_THREAD_CPUTIME_ID)) },
        Native("sleep(seconds, /)", "Delay execution for a given number of seconds.") { args throws(Raised) in
            if AuditHooks.listen { try AuditHooks.tell("time.sleep", args[0]) }
            guard let duration = try realOf(args[0].isFloat || isInteger(args[0]) ? args[0] : Value(try FloatMethods.number(args[0]))) else {
                throw typeError("'\(typeName(args[0]))' object cannot be interpreted as an integer")
            }
            guard !(duration < 0) else { throw valueError("sleep length must be non-negative") }
            guard !duration.isNaN else { throw valueError("Invalid value NaN (not a number)") }
            guard duration < 9.2e9 else { throw raise(.overflowError, "timestamp too large to convert to C PyTime_t") }
            let wait = Wait(.sleep, until: Clock.deadline(after: duration))
            while try Threads.park(wait) {}
            return .none
        },
        Native("localtime(seconds=None, /)", "Convert seconds since the Epoch to a time tuple expressing local time.") { args throws(Raised) in
            var moment = try moment(args[0])
            var parts = tm()
            guard localtime_r(&moment, &parts) != nil else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
            return tuple(parts)
        },
        Native("gmtime(seconds=None, /)", "Convert seconds since the Epoch to a time tuple expressing UTC.") { args throws(Raised) in
            var moment = try moment(args[0])
            var parts = tm()
            guard gmtime_r(&moment, &parts) != nil else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
            return tuple(parts)
        },
        Native("mktime(tuple, /)", "Convert a time tuple in local time to seconds since the Epoch.") { args throws(Raised) in
            var parts = try parts(args[0])
            parts.tm_wday = -1
            let result = mktime(&parts)
            if result == -1, parts.tm_wday == -1 { throw raise(.overflowError, "mktime argument out of range") }
            return Value(Double(result))
        },
        Native("strftime(format, tuple=None, /)", "Convert a time tuple to a string according to a format specification.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("strftime() argument 1 must be str, not \(typeName(args[0]))") }
            for byte in args[0].object(Str.self).buffer where byte == 0 { throw valueError("embedded null character") }
            var parts = tm()
            if args[1].isNone {
                var now = Clock.read(CLOCK_REALTIME) / 1_000_000_000
                localtime_r(&now, &parts)
            } else {
                parts = try shownParts(args[1])
            }
            return Value(format(args[0].object(Str.self), parts))
        },
        Native("strptime(string, format='%a %b %d %H:%M:%S %Y', /)", "Parse a string to a time tuple according to a format specification.") { args throws(Raised) in
            try callValue(try getAttribute(try importModule("_strptime"), "_strptime_time"), args[0], args[1])
        },
        Native("asctime(tuple=None, /)", "Convert a time tuple to a string.") { args throws(Raised) in
            var parts = tm()
            if args[0].isNone {
                var now = Clock.read(CLOCK_REALTIME) / 1_000_000_000
                localtime_r(&now, &parts)
            } else {
                parts = try shownParts(args[0])
            }
            return Value(asctime(parts))
        },
        Native("ctime(seconds=None, /)", "Convert a time in seconds since the Epoch to a string in local time.") { args throws(Raised) in
            var moment = try moment(args[0])
            var parts = tm()
            localtime_r(&moment, &parts)
            return Value(asctime(parts))
        },
        Native("tzset()", "Initialize, or reinitialize, the local timezone.") { args throws(Raised) in
            tzset()
            let module = try importModule("time").object(ModuleObject.self)
            setZone(ModuleContents(namespace: module.pointee.namespace, name: StrTables.intern("time")))
            return .none
        },
        Native("get_clock_info(name, /)", "Get information of the specified clock.") { args throws(Raised) in
            let name = try str(args[0]).string
            guard ["time", "monotonic", "perf_counter", "process_time", "thread_time"].contains(name) else {
                throw valueError("unknown clock")
            }
            let info = Instance.allocate(StructSequence.namespaceClass)
            info.set(StrTables.intern("implementation"), Value(Str.make("clock_gettime()")))
            info.set(StrTables.intern("monotonic"), Value(name != "time"))
            info.set(StrTables.intern("adjustable"), Value(name == "time"))
            info.set(StrTables.intern("resolution"), Value(1e-9))
            return Value(info)
        },
    ]

    private static func moment(_ value: Value) throws(Raised) -> time_t {
        if value.isNone { return Clock.read(CLOCK_REALTIME) / 1_000_000_000 }
        guard let seconds = try realOf(value) else {
            throw typeError("'\(typeName(value))' object cannot be interpreted as an integer")
        }
        guard abs(seconds) < 6.7e16 else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
        return time_t(seconds.rounded(.down))
    }

    private static func tuple(_ parts: tm) -> Value {
        let zone = parts.tm_zone.map { String(cString: $0) } ?? "UTC"
        return StructSequence.make(
            structTime,
            [
                Value(Int(parts.tm_year) + 1900), Value(Int(parts.tm_mon) + 1), Value(Int(parts.tm_mday)),
                Value(Int(parts.tm_hour)), Value(Int(parts.tm_min)), Value(Int(parts.tm_sec)),
                Value((Int(parts.tm_wday) + 6) % 7), Value(Int(parts.tm_yday) + 1), Value(Int(parts.tm_isdst)),
                Value(Str.make(zone)), Value(Int(parts.tm_gmtoff)),
            ])
    }

    private static func parts(_ value: Value) throws(Raised) -> tm {
        guard value.isKind(.tuple) else { throw typeError("Tuple or struct_time argument required") }
        let items = value.object(Tuple.self)
        guard items.count == 9 else { throw typeError("function takes exactly 9 arguments (\(items.count) given)") }
        var numbers: [Int32] = []
        for index in 0 ..< 9 {
            guard let number = Int32(exactly: try TinyRuntime.index(items.items[index])) else {
                throw raise(.overflowError, index == 0 ? "year out of range" : "signed integer is out of the range of C int")
            }
            numbers.append(number)
        }
        guard numbers[0] >= Int32.min + 1900 else { throw raise(.overflowError, "year out of range") }
        var result = tm()
        result.tm_year = numbers[0] - 1900
        result.tm_mon = numbers[1] &- 1
        result.tm_mday = numbers[2]
        result.tm_hour = numbers[3]
        result.tm_min = numbers[4]
        result.tm_sec = numbers[5]
        result.tm_wday = (numbers[6] &+ 1) % 7
        result.tm_yday = numbers[7] &- 1
        result.tm_isdst = numbers[8]
        return result
    }

    /// The parts of a time that is to be shown: in range, where mktime would put them right.
    private static func shownParts(_ value: Value) throws(Raised) -> tm {
        var result = try parts(value)
        if result.tm_mon == -1 { result.tm_mon = 0 }
        if result.tm_mday == 0 { result.tm_mday = 1 }
        if result.tm_yday == -1 { result.tm_yday = 0 }
        guard result.tm_mon >= 0, result.tm_mon <= 11 else { throw valueError("month out of range") }
        guard result.tm_mday >= 1, result.tm_mday <= 31 else { throw valueError("day of month out of range") }
        guard result.tm_hour >= 0, result.tm_hour <= 23 else { throw valueError("hour out of range") }
        guard result.tm_min >= 0, result.tm_min <= 59 else { throw valueError("minute out of range") }
        guard result.tm_sec >= 0, result.tm_sec <= 61 else { throw valueError("seconds out of range") }
        guard result.tm_wday >= 0 else { throw valueError("day of week out of range") }
        guard result.tm_yday >= 0, result.tm_yday <= 365 else { throw valueError("day of year out of range") }
        return result
    }

    static func format(_ format: StrRef, _ parts: tm) -> StrRef {
        var parts = parts
        if format.pointee.byteCount == 0 { return format }
        var capacity = 256
        while capacity < 1 << 20 {
            var buffer = [CChar](repeating: 0, count: capacity)
            let count = strftime(&buffer, capacity, format.string, &parts)
            if count > 0 { return Str.make(buffer.prefix(count).map { UInt8(bitPattern: $0) }) }
            capacity *= 4
        }
        return StrTables.intern("")
    }

    private static func asctime(_ parts: tm) -> StrRef {
        let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        func two(_ number: Int32, _ pad: String = "0") -> String { number < 10 ? pad + "\(number)" : "\(number)" }
        let day = days[Int(parts.tm_wday) % 7]
        let month = months[Int(parts.tm_mon) % 12]
        return Str.make(
            "\(day) \(month) \(two(parts.tm_mday, " ")) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) \(Int(parts.tm_year) + 1900)")
    }
}
