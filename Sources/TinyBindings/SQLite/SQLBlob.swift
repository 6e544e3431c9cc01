// A blob that is read and written in place.
import CSQLite
import TinyRuntime

final class SQLBlob {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    private let database: Database
    private var handle: OpaquePointer?

    private init(_ database: Database, _ handle: OpaquePointer) {
        self.database = database
        self.handle = handle
        database.adopt(self)
    }

    deinit {
        database.forget(self)
        if let handle { sqlite3_blob_close(handle) }
    }

    func close() {
        if let handle { sqlite3_blob_close(handle) }
        handle = nil
    }

    private static func of(_ value: Value) throws(Raised) -> SQLBlob {
        guard let own = value.boxed(SQLBlob.self) else { throw typeError("a blob is required, not '\(typeName(value))'") }
        return own
    }

    private func open() throws(Raised) -> OpaquePointer {
        guard let handle else { throw SQLiteErrors.fail(.programming, "Cannot operate on a closed blob.") }
        return handle
    }

    /// Throws what a reading or writing complains about.
    private func check(_ code: Int32) throws(Raised) {
        guard code != SQLITE_ABORT else { throw SQLiteErrors.fail(.operational, "Cannot operate on an expired blob.") }
        guard code == SQLITE_OK else { throw SQLiteErrors.last(try database.open()) }
    }

    static func make(_ database: Database, _ table: String, _ column: String, row: Int, name: String, readOnly: Bool) throws(Raised) -> Value {
        var made: OpaquePointer?
        try database.checked { sqlite3_blob_open($0, name, table, column, Int64(row), readOnly ? 0 : 1, &made) }
        guard let made else { throw raise(.memoryError) }
        return BoxedObject.make(SQLBlob(database, made), cls)
    }

    static let nativeClass = NativeClass("_Blob", kind: .box, doc: "A blob that is read and written in place.", methods: [
        Native("close(self, /)", "", .method) { args throws(Raised) in
            try of(args[0]).close()
            return .none
        },
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(Int(sqlite3_blob_bytes(try of(args[0]).open()))) },
        Native("read(self, length, offset, /)", "Octets from a place on.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let (count, offset) = (try Posix.int32(args[1]), try Posix.int32(args[2]))
            let size = sqlite3_blob_bytes(handle)
            guard count >= 0, offset >= 0, offset <= size, count <= size - offset else { throw valueError("data longer than blob length") }
            var bytes = [UInt8](repeating: 0, count: Int(count))
            if count > 0 { try own.check(sqlite3_blob_read(handle, &bytes, count, offset)) }
            return BytesObject.make(bytes)
        },
        Native("write(self, data, offset, /)", "Put octets at a place.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let handle = try own.open()
            let octets = Array(try BufferView(contiguous: args[1]).octets)
            let offset = try Posix.int32(args[2])
            let size = sqlite3_blob_bytes(handle)
            guard offset >= 0, offset <= size, octets.count <= Int(size - offset) else { throw valueError("data longer than blob length") }
            if !octets.isEmpty { try own.check(sqlite3_blob_write(handle, octets, Int32(octets.count), offset)) }
            return .none
        },
    ], attributes: [
        Accessors("closed", "Whether it can't be used any more.") { object throws(Raised) in Value(try of(object).handle == nil) }
    ])
}
