// One prepared statement: its parameters, its rows.
import CSQLite
import Glibc
import TinyRuntime

final class SQLStatement {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// What SQLite is told of memory that is ours: copy it.
    nonisolated(unsafe) static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    private let database: Database
    /// Nil for a text without a statement, and once it is ended.
    private(set) var handle: OpaquePointer?
    private let changesRows: Bool
    private var isRunning = false
    /// Since the last reset: whether it had a row, was run at all, and came to its end.
    private var hasRow = false
    private var hasRun = false
    private var isDone = false

    private init(_ database: Database, _ handle: OpaquePointer?, changesRows: Bool) {
        self.database = database
        self.handle = handle
        self.changesRows = changesRows
        database.adopt(self)
    }

    deinit {
        database.forget(self)
        if let handle { sqlite3_finalize(handle) }
    }

    static func of(_ value: Value) throws(Raised) -> SQLStatement {
        guard let own = value.boxed(SQLStatement.self) else { throw typeError("a statement is required, not '\(typeName(value))'") }
        return own
    }

    // MARK: Preparing

    /// Where the first word of SQL begins: behind blanks and comments. Nil if there is none.
    static func firstWord(_ text: UnsafePointer<UInt8>) -> UnsafePointer<UInt8>? {
        var place = text
        while true {
            switch place[0] {
            case 0: return nil
            case 0x20, 0x09, 0x0A, 0x0D, 0x0C: place += 1
            case 0x2D where place[1] == 0x2D:
                while place[0] != 0, place[0] != 0x0A { place += 1 }
            case 0x2F where place[1] == 0x2A:
                place += 2
                while place[0] != 0, !(place[0] == 0x2A && place[1] == 0x2F) { place += 1 }
                if place[0] == 0 { return nil }
                place += 2
            default: return place
            }
        }
    }

    private static func starts(_ text: UnsafePointer<UInt8>, _ word: StaticString) -> Bool {
        word.withUTF8Buffer { letters in
            var index = 0
            while index < letters.count {
                if text[index] & 0xDF != letters[index] { return false }
                index += 1
            }
            return true
        }
    }

    /// SQL as SQLite takes it.
    static func octets(_ sql: Value) throws(Raised) -> [UInt8] {
        let encoded = try BufferView(try Codecs.encode(sql.object(Str.self), .utf8, .strict)).octets
        return Array(encoded) + [0]
    }

    static func prepare(_ database: Database, _ sql: Value) throws(Raised) -> SQLStatement {
        let handle = try database.open()
        let text = try octets(sql)
        guard text.count - 1 <= Int(sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, -1)) else {
            throw SQLiteErrors.fail(.data, "query string is too large")
        }
        guard text.firstIndex(of: 0) == text.count - 1 else { throw SQLiteErrors.fail(.programming, "the query contains a null character") }
        var made: OpaquePointer?
        var hasMore = false
        var changes = false
        text.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress, let word = firstWord(start) else { return }
            changes = ["INSERT", "UPDATE", "DELETE", "REPLACE"].contains { starts(word, $0) }
        }
        try database.checked { handle in
            text.withUnsafeBufferPointer { buffer in
                var tail: UnsafePointer<CChar>?
                let start = UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
                let code = sqlite3_prepare_v2(handle, start, Int32(buffer.count), &made, &tail)
                if code == SQLITE_OK, let tail { hasMore = firstWord(UnsafeRawPointer(tail).assumingMemoryBound(to: UInt8.self)) != nil }
                return code
            }
        }
        guard !hasMore else {
            sqlite3_finalize(made)
            throw SQLiteErrors.fail(.programming, "You can only execute one statement at a time.")
        }
        return SQLStatement(database, made, changesRows: changes)
    }

    /// Ends it, unless SQLite is in the midst of it: then it ends with this object.
    func finalize() {
        guard !isRunning, let handle else { return }
        self.handle = nil
        sqlite3_finalize(handle)
    }

    private func reset() {
        guard !isRunning, hasRun, let handle else { return }
        hasRow = false
        hasRun = false
        // At its end there is nothing left to do that takes time, unless another thread is at work with the connection.
        if isDone, let mutex = sqlite3_db_handle(handle).flatMap({ sqlite3_db_mutex($0) }), sqlite3_mutex_try(mutex) == SQLITE_OK {
            sqlite3_reset(handle)
            sqlite3_mutex_leave(mutex)
        } else {
            _ = database.working(handle: handle) { sqlite3_reset(handle) }
        }
        isDone = false
    }

    // MARK: Parameters

    /// Binds a sequence or a mapping. `adapt` makes something that SQLite can keep of other objects.
    private func bind(_ parameters: Value, _ adapt: Value, always: Bool) throws(Raised) {
        let needed = handle.map { Int(sqlite3_bind_parameter_count($0)) } ?? 0
        let isSequence = parameters.isKind(.tuple) || parameters.isKind(.list)
            || !parameters.isKind(.dict) && parameters.cls.has(.getitem)
        if isSequence {
            let count = try length(parameters)
            guard count == needed else {
                throw SQLiteErrors.fail(
                    .programming, "Incorrect number of bindings supplied. The current statement uses \(needed), and there are \(count) supplied.")
            }
            for index in 0 ..< needed {
                try bind(index, try getItem(parameters, Value(index)), adapt, always: always, name: nil)
            }
        } else if parameters.isKind(.dict) {
            for index in 0 ..< needed {
                guard let handle, let name = sqlite3_bind_parameter_name(handle, Int32(index + 1)) else {
                    throw SQLiteErrors.fail(.programming, "Binding \(index + 1) has no name, but you supplied a dictionary (which has only names).")
                }
                let key = String(cString: name + 1)
                let item: Value
                do throws(Raised) {
                    item = try getItem(parameters, Value(Str.make(key)))
                } catch {
                    guard currentThread().raisedIs(.lookupError) else { throw error }
                    _ = currentThread().takeRaised()
                    throw SQLiteErrors.fail(.programming, "You did not supply a value for binding parameter :\(key).")
                }
                try bind(index, item, adapt, always: always, name: key)
            }
        } else {
            throw SQLiteErrors.fail(.programming, "parameters are of unsupported type")
        }
    }

    private static func isPlain(_ value: Value) -> Bool {
        value.isNone || value.isInlineInt || value.isFloat || value.isExactly(.int) || value.isExactly(.str) || value.isExactly(.bytes)
            || value.isExactly(.bytearray)
    }

    private func bind(_ index: Int, _ given: Value, _ adapt: Value, always: Bool, name: String?) throws(Raised) {
        let value = !always && SQLStatement.isPlain(given) ? given : try callValue(adapt, given)
        guard let handle else { throw SQLiteErrors.fail(.programming, "Cannot operate on a closed database.") }
        let place = Int32(index + 1)
        let code: Int32
        if value.isNone {
            code = sqlite3_bind_null(handle, place)
        } else if isInteger(value) {
            guard let number = machineInt(value) else { throw raise(.overflowError, "Python int too large to convert to SQLite INTEGER") }
            code = sqlite3_bind_int64(handle, place, Int64(number))
        } else if value.isFloat || value.isKind(.float), let number = floatOf(value) {
            code = sqlite3_bind_double(handle, place, number)
        } else if value.isKind(.str) {
            let text = value.object(Str.self)
            let octets = text.hasSurrogates ? try BufferView(try Codecs.encode(text, .utf8, .strict)).octets : text.buffer
            guard let count = Int32(exactly: octets.count) else { throw raise(.overflowError, "string longer than INT_MAX bytes") }
            let start = UnsafeRawPointer(octets.baseAddress)?.assumingMemoryBound(to: CChar.self)
            code = sqlite3_bind_text(handle, place, start, count, SQLStatement.copied)
        } else if BufferView.isBytesLike(value) {
            let octets = try BufferView(contiguous: value).octets
            guard let count = Int32(exactly: octets.count) else { throw raise(.overflowError, "BLOB longer than INT_MAX bytes") }
            code = octets.isEmpty
                ? sqlite3_bind_zeroblob(handle, place, 0) : sqlite3_bind_blob(handle, place, octets.baseAddress, count, SQLStatement.copied)
        } else {
            throw SQLiteErrors.fail(
                .programming, "Error binding parameter \(name.map { "':\($0)'" } ?? "\(index + 1)"): type '\(typeName(value))' is not supported")
        }
        guard code == SQLITE_OK else { throw SQLiteErrors.last(try database.open()) }
    }

    // MARK: Rows

    /// Goes on to the next row; false if there is none.
    private func step(isSecondTry: Bool = false) throws(Raised) -> Bool {
        guard let handle else { return false }
        guard !isRunning else { throw SQLiteErrors.fail(.programming, "Recursive use of a statement not allowed.") }
        isRunning = true
        hasRun = true
        isDone = false
        var message = ""
        var extended: Int32 = 0
        let code = database.working(handle: handle) { () -> Int32 in
            let code = sqlite3_step(handle)
            if code != SQLITE_ROW, code != SQLITE_DONE {
                let connection = sqlite3_db_handle(handle)
                message = String(cString: sqlite3_errmsg(connection))
                extended = sqlite3_extended_errcode(connection)
            }
            return code
        }
        isRunning = false
        if code == SQLITE_ROW {
            hasRow = true
            return true
        }
        if code == SQLITE_DONE {
            isDone = true
            return false
        }
        if code & 0xFF == SQLITE_LOCKED, !isSecondTry, !hasRow {
            // Perhaps by a cursor of this connection that is dead.
            Database.releaseDead()
            reset()
            return try step(isSecondTry: true)
        }
        throw SQLiteErrors.fail(code: extended, message)
    }

    private func column(_ index: Int32, _ handle: OpaquePointer, _ factory: Value) throws(Raised) -> Value {
        switch sqlite3_column_type(handle, index) {
        case SQLITE_INTEGER: return Value(Int(sqlite3_column_int64(handle, index)))
        case SQLITE_FLOAT: return Value(sqlite3_column_double(handle, index))
        case SQLITE_TEXT:
            let start = sqlite3_column_text(handle, index)
            let octets = UnsafeBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_column_bytes(handle, index)))
            if factory.isNone {
                if UTF8Text.validEnd(octets, from: 0) == octets.count { return Value(Str.make(octets)) }
                let name = sqlite3_column_name(handle, index).map { String(cString: $0) } ?? "<unknown column name>"
                throw SQLiteErrors.fail(.operational, "Could not decode to UTF-8 column '\(name)' with text '\(String(decoding: octets, as: UTF8.self))'")
            }
            return try callValue(factory, BytesObject.make(octets))
        case SQLITE_BLOB: return blob(index, handle)
        default: return .none
        }
    }

    private func blob(_ index: Int32, _ handle: OpaquePointer) -> Value {
        let start = sqlite3_column_blob(handle, index)
        let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, index))
        return BytesObject.make(UnsafeBufferPointer(start: start?.assumingMemoryBound(to: UInt8.self), count: count))
    }

    /// The row at hand. `converters`: a tuple with a callable or None for each column, or None; `factory`: what makes text,
    /// None for str.
    private func row(_ converters: Value, _ factory: Value) throws(Raised) -> Value {
        guard let first = handle else { return .none }
        let count = Int(sqlite3_data_count(first))
        let result = Tuple.allocate(count)
        for index in 0 ..< count { result.items[index] = .none }
        for index in 0 ..< count {
            // A converter may have ended the statement.
            guard let handle else { throw SQLiteErrors.fail(.programming, "Cannot operate on a closed database.") }
            let converter = converters.isKind(.tuple) && index < converters.object(Tuple.self).count
                ? converters.object(Tuple.self).items[index] : Value.none
            if converter.isNone {
                result.items[index] = try column(Int32(index), handle, factory)
            } else if sqlite3_column_blob(handle, Int32(index)) != nil {
                // Neither NULL nor an empty blob.
                result.items[index] = try callValue(converter, blob(Int32(index), handle))
            }
        }
        return Value(result)
    }

    /// (number, name) of each parameter that has a name.
    private func namedParameters() throws(Raised) -> Value {
        let list = List.make()
        let count = handle.map { sqlite3_bind_parameter_count($0) } ?? 0
        var number: Int32 = 1
        while number <= count, let handle {
            if let name = SQLStatement.parameterName(handle, number) {
                list.append(Value(Tuple.make(Value(Int(number)), try SQLCallback.string(name))))
            }
            number += 1
        }
        return Value(list)
    }

    /// Whether any parameter has a name; makes no list of them.
    private static func hasNamedParameters(_ handle: OpaquePointer) -> Bool {
        let count = sqlite3_bind_parameter_count(handle)
        return count > 0 && (1 ... count).contains { parameterName(handle, $0) != nil }
    }

    /// The name of a parameter with its first character (":name", "@name", "$name"); "?" and "?3" are no names.
    private static func parameterName(_ handle: OpaquePointer, _ number: Int32) -> UnsafePointer<CChar>? {
        sqlite3_bind_parameter_name(handle, number).flatMap { $0[0] == 0x3F ? nil : UnsafePointer($0) }
    }

    private func texts(_ text: (OpaquePointer, Int32) -> UnsafePointer<CChar>?) throws(Raised) -> Value {
        guard let handle else { return Value(Tuple.make()) }
        let count = Int(sqlite3_column_count(handle))
        let result = Tuple.allocate(count)
        for index in 0 ..< count { result.items[index] = .none }
        for index in 0 ..< count { result.items[index] = try SQLCallback.string(text(handle, Int32(index))) }
        return Value(result)
    }

    static let nativeClass = NativeClass("_Statement", kind: .box, doc: "A prepared statement.", methods: [
        Native("bind(self, parameters, adapt, always, /)", "Bind a sequence or a mapping.", .method) { args throws(Raised) in
            try of(args[0]).bind(args[1], args[2], always: try truth(args[3]))
            return .none
        },
        Native("step(self, /)", "Whether there is another row.", .method) { args throws(Raised) in Value(try of(args[0]).step()) },
        Native("row(self, converters, text_factory, /)", "The row at hand as a tuple.", .method) { args throws(Raised) in
            try of(args[0]).row(args[1], args[2])
        },
        Native("reset(self, /)", "Back to the start.", .method) { args throws(Raised) in
            try of(args[0]).reset()
            return .none
        },
        Native("finalize(self, /)", "End the statement.", .method) { args throws(Raised) in
            try of(args[0]).finalize()
            return .none
        },
        Native("named_parameters(self, /)", "(number, name) of each parameter that has a name.", .method) { args throws(Raised) in
            try of(args[0]).namedParameters()
        },
        Native("column_names(self, /)", "The names of the columns.", .method) { args throws(Raised) in
            try of(args[0]).texts { sqlite3_column_name($0, $1) }
        },
        Native("column_types(self, /)", "The types that the columns were declared with, or None.", .method) { args throws(Raised) in
            try of(args[0]).texts { sqlite3_column_decltype($0, $1) }
        },
    ], attributes: [
        Accessors("changes_rows", "Whether it is an INSERT, UPDATE, DELETE or REPLACE.") { object throws(Raised) in Value(try of(object).changesRows) },
        Accessors("has_named_parameters", "Whether anything can be bound by its name.") { object throws(Raised) in
            Value(try of(object).handle.map { SQLStatement.hasNamedParameters($0) } ?? false)
        },
        Accessors("is_readonly", "Whether it leaves the database as it is.") { object throws(Raised) in
            Value(try of(object).handle.map { sqlite3_stmt_readonly($0) != 0 } ?? true)
        },
        Accessors("is_open", "Whether there is a statement that has not ended.") { object throws(Raised) in Value(try of(object).handle != nil) },
    ])

    /// Makes the statement for the script.
    static func make(_ database: Database, _ sql: Value) throws(Raised) -> Value {
        BoxedObject.make(try prepare(database, sql), cls)
    }
}

extension Database {
    /// As `working(_:_:)`, for a statement of the connection.
    func working<Result>(handle statement: OpaquePointer, _ body: () -> Result) -> Result {
        guard let connection = sqlite3_db_handle(statement) else { return body() }
        return working(connection, body)
    }
}
