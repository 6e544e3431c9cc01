// `_dateparts`: what `datetime`, which is written in the language, asks of the system's calendar and of usual texts: plain numbers, where
// `time.localtime()` makes an object of eleven fields.
import Glibc
import TinyRuntime

enum DatePartsModule {
    static let nativeModule = NativeModule("_dateparts", doc: "Numbers for datetime.", functions: { functions })

    private static let functions: [Native] = [
        Native("civil(seconds, utc, /)", "(year, month, day, hour, minute, second, fold) of a time stamp, in UTC or local time.") { args throws(Raised) in
            let moment = try seconds(args[0])
            guard try !truth(args[1]) else { return row(try broken(moment, gmtime_r), fold: 0) }
            let local = try broken(moment, localtime_r)
            // In an hour that is repeated: is this the second time?
            let jump = local.tm_gmtoff - (try broken(moment - 86400, localtime_r)).tm_gmtoff
            let isSecond = jump < 0 ? (try broken(moment + jump, localtime_r)).tm_gmtoff + jump == local.tm_gmtoff : false
            return row(local, fold: isSecond ? 1 : 0)
        },
        Native("offset(seconds, /)", "Local time minus UTC at a time stamp, in seconds.") { args throws(Raised) in
            Value(Int(try broken(try seconds(args[0]), localtime_r).tm_gmtoff))
        },
        Native("plain_text(text, /)", "The numbers in YYYY-MM-DD[?HH:MM:SS[.ffffff]], ? being any character; None for any other text.") { args throws(Raised) in
            guard args[0].isExactly(.str), args[0].object(Str.self).isASCII else { return .none }
            return numbers(args[0].object(Str.self).buffer) ?? .none
        },
    ]

    private static func seconds(_ value: Value) throws(Raised) -> time_t {
        guard let moment = machineInt(try indexValue(value)) else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
        return moment
    }

    private static func broken(
        _ moment: time_t, _ convert: (UnsafePointer<time_t>, UnsafeMutablePointer<tm>) -> UnsafeMutablePointer<tm>?
    ) throws(Raised) -> tm {
        var (moment, parts) = (moment, tm())
        guard convert(&moment, &parts) != nil else { throw raise(.overflowError, "timestamp out of range for platform time_t") }
        return parts
    }

    private static func row(_ parts: tm, fold: Int) -> Value {
        let result = Tuple.allocate(7)
        result.items[0] = Value(Int(parts.tm_year) + 1900)
        result.items[1] = Value(inline: Int(parts.tm_mon) + 1)
        result.items[2] = Value(inline: Int(parts.tm_mday))
        result.items[3] = Value(inline: Int(parts.tm_hour))
        result.items[4] = Value(inline: Int(parts.tm_min))
        // (A leap second is the last one once more.)
        result.items[5] = Value(inline: min(Int(parts.tm_sec), 59))
        result.items[6] = Value(inline: fold)
        return Value(result)
    }

    private static func numbers(_ text: UnsafeBufferPointer<UInt8>) -> Value? {
        guard text.count == 10 || text.count == 19 || text.count == 26 else { return nil }
        var isFine = true
        func number(_ start: Int, _ end: Int) -> Value {
            var number = 0
            for index in start ..< end {
                let digit = text[index] &- 0x30
                isFine = isFine && digit < 10
                number = number * 10 + Int(digit)
            }
            return Value(inline: number)
        }
        let date = (number(0, 4), number(5, 7), number(8, 10))
        guard isFine, text[4] == 0x2D, text[7] == 0x2D else { return nil }
        if text.count == 10 { return Value(Tuple.make(date.0, date.1, date.2)) }
        let clock = (number(11, 13), number(14, 16), number(17, 19), text.count == 26 ? number(20, 26) : Value(inline: 0))
        guard isFine, text[13] == 0x3A, text[16] == 0x3A, text.count == 19 || text[19] == 0x2E else { return nil }
        let result = Tuple.allocate(7)
        (result.items[0], result.items[1], result.items[2]) = date
        (result.items[3], result.items[4], result.items[5], result.items[6]) = clock
        return Value(result)
    }
}
