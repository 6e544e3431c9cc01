// `_sqlite3._Database`: what the DB-API asks of a connection.
import CSQLite
import Glibc
import TinyRuntime

extension Database {
    static let nativeClass = NativeClass(
        "_Database", kind: .box, doc: "A connection to a database.", methods: life + callbacks + settings + copies,
        attributes: [
            Accessors("is_open") { object throws(Raised) in Value(try of(object).handle != nil) },
            Accessors("in_transaction") { object throws(Raised) in
                let handle = try of(object).open()
                return Value(sqlite3_get_autocommit(handle) == 0)
            },
            Accessors("changes") { object throws(Raised) in Value(Int(sqlite3_changes64(try of(object).open()))) },
            Accessors("total_changes") { object throws(Raised) in Value(Int(sqlite3_total_changes64(try of(object).open()))) },
            Accessors("last_row") { object throws(Raised) in Value(Int(sqlite3_last_insert_rowid(try of(object).open()))) },
        ],
        construct: { args throws(Raised) in
            let given = args[1].object(Tuple.self)
            guard given.count == 3 else { throw typeError("_Database() takes a path, flags and a timeout") }
            let path = try Array(BufferView(given.items[0]).octets)
            guard !path.contains(0) else { throw valueError("embedded null byte") }
            let timeout = try doubleArgument(given.items[2])
            let own = try Database((path + [0]).map { CChar(bitPattern: $0) }, flags: try Posix.int32(given.items[1]), timeout: timeout.isNaN ? 0 : timeout)
            return BoxedObject.make(own, args[0].object(ClassObject.self))
        })

    private static func text(_ value: Value, _ what: String) throws(Raised) -> String {
        guard value.isKind(.str) else { throw typeError("\(what) must be str, not \(typeName(value))") }
        let text = value.object(Str.self)
        if text.hasSurrogates { _ = try Codecs.encode(text, .utf8, .strict) }
        let string = text.string
        if string.utf8.contains(0) { throw valueError("embedded null character") }
        return string
    }

    private static let life: [Native] = [
        Native("close(self, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            DirtyStreams.flushAll()
            own.close()
            return .none
        },
        Native("prepare(self, sql, /)", "A statement.", .method) { args throws(Raised) in try SQLStatement.make(try of(args[0]), args[1]) },
        Native("run_script(self, sql, /)", "Run all statements of a text.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let text = try SQLStatement.octets(args[1])
            guard text.firstIndex(of: 0) == text.count - 1 else { throw valueError("embedded null character") }
            guard text.count - 1 <= Int(sqlite3_limit(handle, SQLITE_LIMIT_SQL_LENGTH, -1)) else {
                throw SQLiteErrors.fail(.data, "query string is too large")
            }
            try own.checked { handle in
                text.withUnsafeBufferPointer { buffer in
                    var rest = UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
                    while let start = rest, start[0] != 0 {
                        var statement: OpaquePointer?
                        let code = sqlite3_prepare_v2(handle, start, -1, &statement, &rest)
                        guard code == SQLITE_OK else { return code }
                        while sqlite3_step(statement) == SQLITE_ROW {}
                        let end = sqlite3_finalize(statement)
                        guard end == SQLITE_OK else { return end }
                    }
                    return SQLITE_OK
                }
            }
            return .none
        },
        Native("interrupt(self, /)", "", .method) { args throws(Raised) in
            sqlite3_interrupt(try of(args[0]).open())
            return .none
        },
        Native("open_blob(self, table, column, row, name, readonly, /)", "", .method) { args throws(Raised) in
            try SQLBlob.make(
                try of(args[0]), try text(args[1], "blobopen() argument 1"), try text(args[2], "blobopen() argument 2"), row: try index(args[3]),
                name: try text(args[4], "blobopen() argument 'name'"), readOnly: try truth(args[5]))
        },
    ]

    private static let callbacks: [Native] = [
        Native("create_function(self, name, narg, func, deterministic, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let (name, count) = (try text(args[1], "name"), try Posix.int32(args[2]))
            let flags = SQLITE_UTF8 | (try truth(args[4]) ? SQLITE_DETERMINISTIC : 0)
            let code = args[3].isNone
                ? sqlite3_create_function_v2(handle, name, count, flags, nil, nil, nil, nil, nil)
                : sqlite3_create_function_v2(handle, name, count, flags, own.keep(args[3]), SQLCallback.function, nil, nil, SQLCallback.destroy)
            guard code == SQLITE_OK else { throw SQLiteErrors.fail(.operational, "Error creating function") }
            return .none
        },
        Native("create_aggregate(self, name, narg, cls, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let (name, count) = (try text(args[1], "name"), try Posix.int32(args[2]))
            let code = args[3].isNone
                ? sqlite3_create_function_v2(handle, name, count, SQLITE_UTF8, nil, nil, nil, nil, nil)
                : sqlite3_create_function_v2(
                    handle, name, count, SQLITE_UTF8, own.keep(args[3]), nil, SQLCallback.aggregateStep, SQLCallback.aggregateEnd, SQLCallback.destroy)
            guard code == SQLITE_OK else { throw SQLiteErrors.fail(.operational, "Error creating aggregate") }
            return .none
        },
        Native("create_window_function(self, name, narg, cls, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let (name, count) = (try text(args[1], "name"), try Posix.int32(args[2]))
            let code = args[3].isNone
                ? sqlite3_create_window_function(handle, name, count, SQLITE_UTF8, nil, nil, nil, nil, nil, nil)
                : sqlite3_create_window_function(
                    handle, name, count, SQLITE_UTF8, own.keep(args[3]), SQLCallback.aggregateStep, SQLCallback.aggregateEnd,
                    SQLCallback.aggregateValue, SQLCallback.aggregateInverse, SQLCallback.destroy)
            guard code == SQLITE_OK else {
                if code == SQLITE_MISUSE { throw SQLiteErrors.fail(.programming, String(cString: sqlite3_errstr(code))) }
                throw SQLiteErrors.last(handle)
            }
            return .none
        },
        Native("create_collation(self, name, callback, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let name = try text(args[1], "name")
            if args[2].isNone {
                guard sqlite3_create_collation_v2(handle, name, SQLITE_UTF8, nil, nil, nil) == SQLITE_OK else { throw SQLiteErrors.last(handle) }
                return .none
            }
            let kept = own.keep(args[2])
            guard sqlite3_create_collation_v2(handle, name, SQLITE_UTF8, kept, SQLCallback.collation, SQLCallback.destroy) == SQLITE_OK else {
                // Of a collation that it refuses SQLite lets the caller dispose.
                SQLCallback.destroy(kept)
                throw SQLiteErrors.last(handle)
            }
            return .none
        },
        Native("set_authorizer(self, callback, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let callback = args[1].isNone ? nil : SQLCallback(args[1], own)
            sqlite3_set_authorizer(handle, callback == nil ? nil : SQLCallback.authorizer, callback.map { Unmanaged.passUnretained($0).toOpaque() })
            own.authorizer = callback
            return .none
        },
        Native("set_progress_handler(self, callback, n, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let callback = args[1].isNone ? nil : SQLCallback(args[1], own)
            sqlite3_progress_handler(
                handle, try Posix.int32(args[2]), callback == nil ? nil : SQLCallback.progress, callback.map { Unmanaged.passUnretained($0).toOpaque() })
            own.progress = callback
            return .none
        },
        Native("set_trace_callback(self, callback, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let callback = args[1].isNone ? nil : SQLCallback(args[1], own)
            sqlite3_trace_v2(
                handle, callback == nil ? 0 : UInt32(SQLITE_TRACE_STMT), callback == nil ? nil : SQLCallback.trace,
                callback.map { Unmanaged.passUnretained($0).toOpaque() })
            own.trace = callback
            return .none
        },
    ]

    private static let settings: [Native] = [
        Native("limit(self, category, limit, /)", "", .method) { args throws(Raised) in
            let old = sqlite3_limit(try of(args[0]).open(), try Posix.int32(args[1]), try Posix.int32(args[2]))
            guard old >= 0 else { throw SQLiteErrors.fail(.programming, "'category' is out of bounds") }
            return Value(Int(old))
        },
        Native("config(self, op, value, /)", "Set (1, 0) or ask (-1) for a setting.", .method) { args throws(Raised) in
            let handle = try of(args[0]).open()
            var actual: Int32 = 0
            guard tiny_sqlite_config(handle, try Posix.int32(args[1]), try Posix.int32(args[2]), &actual) == SQLITE_OK else { throw SQLiteErrors.last(handle) }
            return Value(actual != 0)
        },
    ]

    private static let copies: [Native] = [
        Native("backup(self, target, pages, progress, name, sleep, /)", "", .method) { args throws(Raised) in
            let (source, target) = (try of(args[0]), try of(args[1]))
            let (from, to) = (try source.open(), try target.open())
            let pages = try Posix.int32(args[2])
            let name = try text(args[4], "backup() argument 'name'")
            let pause = Int32(min(max(try doubleArgument(args[5]) * 1000, 0), 1e9))
            guard let backup = source.working(from, { sqlite3_backup_init(to, "main", from, name) }) else { throw SQLiteErrors.last(to) }
            var code = SQLITE_OK
            do throws(Raised) {
                repeat {
                    code = source.working(from) { sqlite3_backup_step(backup, pages) }
                    if !args[3].isNone {
                        _ = try callWith(
                            args[3], [Value(Int(code)), Value(Int(sqlite3_backup_remaining(backup))), Value(Int(sqlite3_backup_pagecount(backup)))])
                        guard source.handle != nil, target.handle != nil else { throw SQLiteErrors.fail(.programming, "Cannot operate on a closed database.") }
                    }
                    if code == SQLITE_BUSY || code == SQLITE_LOCKED { _ = Threads.blocking { sqlite3_sleep(pause) } }
                } while code == SQLITE_OK || code == SQLITE_BUSY || code == SQLITE_LOCKED
            } catch {
                sqlite3_backup_finish(backup)
                throw error
            }
            code = source.working(from) { sqlite3_backup_finish(backup) }
            guard code == SQLITE_OK else { throw SQLiteErrors.last(to) }
            return .none
        },
        Native("serialize(self, name, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let name = try text(args[1], "serialize() argument 'name'")
            var size: sqlite3_int64 = 0
            guard let data = own.working(handle, { sqlite3_serialize(handle, name, &size, 0) }) else {
                throw SQLiteErrors.fail(.operational, "unable to serialize '\(name)'")
            }
            defer { sqlite3_free(data) }
            return BytesObject.make(UnsafeBufferPointer(start: data, count: Int(size)))
        },
        Native("deserialize(self, data, name, /)", "", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let octets = try BufferView(contiguous: args[1]).octets
            let name = try text(args[2], "deserialize() argument 'name'")
            guard let memory = sqlite3_malloc64(UInt64(max(1, octets.count)))?.assumingMemoryBound(to: UInt8.self) else { throw raise(.memoryError) }
            if let base = octets.baseAddress { memcpy(memory, base, octets.count) }
            let size = sqlite3_int64(octets.count)
            let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
            let code = own.working(handle) { sqlite3_deserialize(handle, name, memory, size, size, flags) }
            guard code == SQLITE_OK else { throw SQLiteErrors.last(handle) }
            return .none
        },
    ]
}
