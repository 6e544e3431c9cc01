// A callable of the script that SQLite calls: functions, aggregates, collations, and the connection's hooks.
//
// What a callable raises can't pass through SQLite: SQLite is told that it failed, and the exception is reported or
// dropped (`sqlite3.enable_callback_tracebacks`).
import CSQLite
import TinyRuntime

final class SQLCallback {
    let callable: Value
    /// It may outlive the connection's object by a moment, while SQLite takes itself apart.
    private weak var database: Database?
    /// The aggregates being computed, by number; SQLite remembers the number.
    private var instances: [Int: Value] = [:]
    private var lastInstance = 0

    init(_ callable: Value, _ database: Database) {
        self.callable = callable
        self.database = database
    }

    func trace(_ marker: inout Marker) {
        marker.mark(callable)
        for instance in instances.values { marker.mark(instance) }
    }

    /// SQLite no longer needs it.
    static let destroy: @convention(c) (UnsafeMutableRawPointer?) -> Void = { user in
        guard let user else { return }
        let own = Unmanaged<SQLCallback>.fromOpaque(user).takeRetainedValue()
        own.database?.forget(own)
    }

    static func of(_ user: UnsafeMutableRawPointer?) -> SQLCallback? { user.map { Unmanaged<SQLCallback>.fromOpaque($0).takeUnretainedValue() } }

    /// Runs `body` with the GIL; nil if it raised, which `failed` hears with the exception at hand.
    func run<Result>(_ body: () throws(Raised) -> Result, failed: (Value) -> Void = { _ in }) -> Result? {
        guard let database else { return nil }
        return database.calledBack {
            do throws(Raised) { return try body() } catch {
                let exception = currentThread().takeRaised()
                failed(exception)
                if Database.reportsCallbackErrors { reportUnraisable(exception, callable) }
                return nil
            }
        }
    }

    // MARK: Values

    static func text(_ start: UnsafePointer<UInt8>?, _ count: Int) throws(Raised) -> Value {
        let octets = UnsafeBufferPointer(start: start, count: start == nil ? 0 : count)
        guard UTF8Text.validEnd(octets, from: 0) == octets.count else {
            // Says what is wrong, as decoding does.
            return Value(try Codecs.decode(try BufferView(BytesObject.make(octets)), .utf8, .strict))
        }
        return Value(Str.make(octets))
    }

    static func string(_ text: UnsafePointer<CChar>?) throws(Raised) -> Value {
        guard let text else { return .none }
        let start = UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self)
        var count = 0
        while start[count] != 0 { count += 1 }
        return try SQLCallback.text(start, count)
    }

    private static func value(_ value: OpaquePointer?) throws(Raised) -> Value {
        switch sqlite3_value_type(value) {
        case SQLITE_INTEGER: return Value(Int(sqlite3_value_int64(value)))
        case SQLITE_FLOAT: return Value(sqlite3_value_double(value))
        case SQLITE_TEXT:
            let start = sqlite3_value_text(value)
            return try text(start, Int(sqlite3_value_bytes(value)))
        case SQLITE_BLOB:
            let start = sqlite3_value_blob(value)
            let count = Int(sqlite3_value_bytes(value))
            return BytesObject.make(UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: start == nil ? 0 : count))
        default: return .none
        }
    }

    private static func arguments(_ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?) throws(Raised) -> [Value] {
        var result: [Value] = []
        guard let values else { return result }
        for index in 0 ..< Int(count) { result.append(try value(values[index])) }
        return result
    }

    /// Gives SQLite a result.
    private static func set(_ context: OpaquePointer?, _ value: Value) throws(Raised) {
        if value.isNone {
            sqlite3_result_null(context)
        } else if isInteger(value) {
            guard let number = machineInt(value) else { throw raise(.overflowError, "Python int too large to convert to SQLite INTEGER") }
            sqlite3_result_int64(context, Int64(number))
        } else if let number = floatOf(value), value.isFloat || value.isKind(.float) {
            sqlite3_result_double(context, number)
        } else if value.isKind(.str) {
            let text = try BufferView(try Codecs.encode(value.object(Str.self), .utf8, .strict)).octets
            guard let count = Int32(exactly: text.count) else { throw raise(.overflowError, "string is longer than INT_MAX bytes") }
            text.withMemoryRebound(to: CChar.self) { sqlite3_result_text(context, $0.baseAddress, count, SQLStatement.copied) }
            if text.isEmpty { sqlite3_result_text(context, "", 0, SQLStatement.copied) }
        } else if BufferView.isBytesLike(value) {
            let octets = try BufferView(contiguous: value).octets
            guard let count = Int32(exactly: octets.count) else { throw raise(.overflowError, "BLOB longer than INT_MAX bytes") }
            if octets.isEmpty { sqlite3_result_zeroblob(context, 0) } else { sqlite3_result_blob(context, octets.baseAddress, count, SQLStatement.copied) }
        } else {
            throw SQLiteErrors.fail(.programming, "User-defined functions cannot return '\(typeName(value))' values to SQLite")
        }
    }

    private static func fail(_ context: OpaquePointer?, _ exception: Value, _ message: String) {
        if exception.cls.isSubclass(of: ExceptionName.memoryError.cls) {
            sqlite3_result_error_nomem(context)
        } else if exception.cls.isSubclass(of: ExceptionName.overflowError.cls) {
            sqlite3_result_error_toobig(context)
        } else {
            sqlite3_result_error(context, message, -1)
        }
    }

    // MARK: Functions

    static let function: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, count, values in
        guard let own = of(sqlite3_user_data(context)) else { return }
        _ = own.run { () throws(Raised) in
            if count == 1, let value = values?[0] {
                try set(context, try callValue(own.callable, try SQLCallback.value(value)))
            } else {
                try set(context, try callWith(own.callable, try arguments(count, values)))
            }
        } failed: { fail(context, $0, "user-defined function raised exception") }
    }

    static let collation: @convention(c) (
        UnsafeMutableRawPointer?, Int32, UnsafeRawPointer?, Int32, UnsafeRawPointer?
    ) -> Int32 = { user, firstCount, first, secondCount, second in
        guard let own = of(user) else { return 0 }
        return own.run { () throws(Raised) in
            let a = try text(first?.assumingMemoryBound(to: UInt8.self), Int(firstCount))
            let b = try text(second?.assumingMemoryBound(to: UInt8.self), Int(secondCount))
            let order = try callWith(own.callable, [a, b])
            let number = try indexValue(order)
            let sign = isNegative(number) ? -1 : machineInt(number) == 0 ? 0 : 1
            return Int32(sign)
        } ?? 0
    }

    // MARK: Aggregates

    /// The aggregate that a context belongs to; made where `makes` and there is none.
    private func instance(_ context: OpaquePointer?, makes: Bool) throws(Raised) -> Value {
        guard let slot = sqlite3_aggregate_context(context, makes ? Int32(MemoryLayout<Int>.size) : 0)?.assumingMemoryBound(to: Int.self) else { return .absent }
        if let known = instances[slot.pointee] { return known }
        guard makes else { return .absent }
        let made = try callWith(callable, [])
        lastInstance += 1
        instances[lastInstance] = made
        slot.pointee = lastInstance
        return made
    }

    /// How far a call of an aggregate's method has come, which is part of the message if it fails. (Called for each row: a message that
    /// nobody reads would cost more than the rest.)
    private enum AggregateStage {
        case making, finding, calling

        func message(_ name: StaticString) -> String {
            switch self {
            case .making: "user-defined aggregate's '__init__' method raised error"
            case .finding: "user-defined aggregate's '\(name)' method not defined"
            case .calling: "user-defined aggregate's '\(name)' method raised error"
            }
        }
    }

    private func step(_ context: OpaquePointer?, _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?, _ name: StaticString) {
        var stage = AggregateStage.making
        _ = run { () throws(Raised) in
            let instance = try instance(context, makes: true)
            guard !instance.isAbsent else { throw raise(.memoryError) }
            stage = .finding
            let method = try getAttribute(instance, StrTables.intern(name))
            stage = .calling
            if count == 1, let value = values?[0] {
                _ = try callValue(method, try SQLCallback.value(value))
            } else {
                _ = try callWith(method, try SQLCallback.arguments(count, values))
            }
        } failed: { SQLCallback.fail(context, $0, stage.message(name)) }
    }

    private func finish(_ context: OpaquePointer?, _ name: StaticString, ends: Bool) {
        var stage = AggregateStage.making
        _ = run { () throws(Raised) in
            // Without a row there is none, and none is made where making it failed.
            let instance = try instance(context, makes: false)
            guard !instance.isAbsent else { return }
            if ends, let slot = sqlite3_aggregate_context(context, 0)?.assumingMemoryBound(to: Int.self) {
                instances[slot.pointee] = nil
                slot.pointee = 0
            }
            stage = .finding
            let method = try getAttribute(instance, StrTables.intern(name))
            stage = .calling
            try SQLCallback.set(context, try callWith(method, []))
        } failed: { SQLCallback.fail(context, $0, stage.message(name)) }
    }

    static let aggregateStep: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, count, values in
        of(sqlite3_user_data(context))?.step(context, count, values, "step")
    }
    static let aggregateInverse: @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void = { context, count, values in
        of(sqlite3_user_data(context))?.step(context, count, values, "inverse")
    }
    static let aggregateValue: @convention(c) (OpaquePointer?) -> Void = { context in
        of(sqlite3_user_data(context))?.finish(context, "value", ends: false)
    }
    static let aggregateEnd: @convention(c) (OpaquePointer?) -> Void = { context in
        of(sqlite3_user_data(context))?.finish(context, "finalize", ends: true)
    }

    // MARK: Hooks of the connection

    static let authorizer: @convention(c) (
        UnsafeMutableRawPointer?, Int32, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?, UnsafePointer<CChar>?
    ) -> Int32 = { user, action, first, second, name, source in
        guard let own = of(user) else { return SQLITE_DENY }
        return own.run { () throws(Raised) in
            let answer = try callWith(
                own.callable, [Value(Int(action)), try string(first), try string(second), try string(name), try string(source)])
            guard isInteger(answer) else { return SQLITE_DENY }
            guard let number = machineInt(answer), let code = Int32(exactly: number) else { throw raise(.overflowError, "Python int too large to convert to C int") }
            return code
        } ?? SQLITE_DENY
    }

    static let progress: @convention(c) (UnsafeMutableRawPointer?) -> Int32 = { user in
        guard let own = of(user) else { return 0 }
        return own.run { () throws(Raised) in try truth(try callWith(own.callable, [])) ? 1 : 0 } ?? 1
    }

    static let trace: @convention(c) (
        UInt32, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?, UnsafeMutableRawPointer?
    ) -> Int32 = { kind, user, statement, text in
        guard kind == UInt32(SQLITE_TRACE_STMT), let own = of(user), let text else { return 0 }
        _ = own.run { () throws(Raised) in
            let written = text.assumingMemoryBound(to: CChar.self)
            // A comment stands for what a trigger does.
            if written[0] == 0x2D, written[1] == 0x2D {
                _ = try callWith(own.callable, [try string(written)])
            } else if let expanded = sqlite3_expanded_sql(OpaquePointer(statement)) {
                defer { sqlite3_free(expanded) }
                _ = try callWith(own.callable, [try string(expanded)])
            } else {
                let code = sqlite3_errcode(sqlite3_db_handle(OpaquePointer(statement)))
                guard code != SQLITE_NOMEM else { throw raise(.memoryError) }
                _ = SQLiteErrors.fail(.data, "Expanded SQL string exceeds the maximum string length")
                let exception = currentThread().takeRaised()
                if Database.reportsCallbackErrors { reportUnraisable(exception, own.callable) }
                _ = try callWith(own.callable, [try string(sqlite3_sql(OpaquePointer(statement)))])
            }
        }
        return 0
    }
}
