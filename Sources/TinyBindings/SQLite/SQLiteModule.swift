// `_sqlite3`: SQLite for `stdlib/sqlite3`, which makes the DB-API of it.
import CSQLite
import TinyRuntime

enum SQLiteModule {
    static let nativeModule = NativeModule("_sqlite3", functions: { functions }, prepare: { contents throws(Raised) in
        SQLiteErrors.prepare(contents)
        Database.cls = contents.add(Database.nativeClass)
        SQLStatement.cls = contents.add(SQLStatement.nativeClass)
        SQLBlob.cls = contents.add(SQLBlob.nativeClass)
        for (name, code) in SQLiteConstants.results + SQLiteConstants.others { contents.set("SQLITE_\(name)", code) }
        contents.set("sqlite_version", String(cString: sqlite3_libversion()))
        contents.set("threadsafety", sqlite3_threadsafe() == 0 ? 0 : sqlite3_threadsafe() == 1 ? 3 : 1)
    })

    private static let functions: [Native] = [
        Native("complete_statement(statement)", "Checks if a string contains a complete SQL statement.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("complete_statement() argument 'statement' must be str, not \(typeName(args[0]))") }
            return Value(sqlite3_complete(args[0].object(Str.self).string) != 0)
        },
        Native("enable_callback_tracebacks(enable, /)", "Enable or disable callback functions throwing errors to stderr.") { args throws(Raised) in
            Database.reportsCallbackErrors = try truth(args[0])
            return .none
        },
    ]
}
