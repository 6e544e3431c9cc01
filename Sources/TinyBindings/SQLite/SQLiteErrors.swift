// The exceptions of `sqlite3`, and which of them a code of SQLite becomes.
import CSQLite
import TinyRuntime

enum SQLiteErrors {
    /// The hierarchy of the DB-API, in an order in which each follows its base.
    enum Name: Int, CaseIterable {
        case warning, error, interface, database, `internal`, operational, programming, integrity, data, notSupported
    }

    private static let names = [
        "Warning", "Error", "InterfaceError", "DatabaseError", "InternalError", "OperationalError", "ProgrammingError", "IntegrityError",
        "DataError", "NotSupportedError",
    ]
    nonisolated(unsafe) private static var classes: [ClassRef] = []

    static func prepare(_ contents: ModuleContents) {
        for (index, name) in names.enumerated() {
            let cls = ClassObject.makeNative(
                name, kind: .exception, bases: [index < 2 ? ExceptionName.exception.cls : index < 4 ? classes[1] : classes[3]],
                flags: [.isBase, .isException, .isHeapType], module: "sqlite3")
            classes.append(cls)
            contents.set(name, Value(cls))
        }
    }

    static func fail(_ name: Name, _ message: String) -> Raised {
        raise(ExceptionObject.make(classes[name.rawValue], Tuple.make(Value(Str.make(message)))))
    }

    /// The exception for a code, with the code in it.
    static func fail(code: Int32, _ message: String) -> Raised {
        let name: Name
        switch code & 0xFF {
        case SQLITE_INTERNAL, SQLITE_NOTFOUND: name = .internal
        case SQLITE_NOMEM: return raise(.memoryError)
        case SQLITE_ERROR, SQLITE_PERM, SQLITE_ABORT, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_READONLY, SQLITE_INTERRUPT, SQLITE_IOERR,
            SQLITE_FULL, SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_EMPTY, SQLITE_SCHEMA:
            name = .operational
        case SQLITE_TOOBIG: name = .data
        case SQLITE_CONSTRAINT, SQLITE_MISMATCH: name = .integrity
        case SQLITE_MISUSE, SQLITE_RANGE: name = .interface
        default: name = .database
        }
        let raised = fail(name, message)
        let exception = currentThread().pointee.raised
        let shown = SQLiteConstants.results.first { $0.code == Int(code) }?.name
        do throws(Raised) {
            try setAttribute(exception, StrTables.intern("sqlite_errorcode"), Value(Int(code)))
            try setAttribute(exception, StrTables.intern("sqlite_errorname"), Value(Str.make(shown.map { "SQLITE_\($0)" } ?? "unknown")))
        } catch { return error }
        return raised
    }

    /// The exception for what went wrong last on a connection.
    static func last(_ handle: OpaquePointer) -> Raised {
        fail(code: sqlite3_extended_errcode(handle), String(cString: sqlite3_errmsg(handle)))
    }
}
