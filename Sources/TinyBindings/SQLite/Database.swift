// One connection to an SQLite database, below the DB-API (which is `stdlib/sqlite3`).
//
// SQLite works without the GIL (`working`). Where it calls a function of the script meanwhile, the thread takes the GIL
// again for as long as that runs (`calledBack`): `worker` says which thread that is, and SQLite's own mutex, held around
// the work, guards `worker`. Callables that SQLite refers to are kept in `callbacks`, which the collector sees.
import CSQLite
import Glibc
import TinyRuntime

final class Database: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// sqlite3.enable_callback_tracebacks.
    nonisolated(unsafe) static var reportsCallbackErrors = false

    private(set) var handle: OpaquePointer?
    /// How long to wait for a lock, in milliseconds.
    private var timeout: Int32 = 0
    private var worker: ScriptThread?
    private var callbacks: [ObjectIdentifier: SQLCallback] = [:]
    private var statements: [ObjectIdentifier: Unmanaged<SQLStatement>] = [:]
    private var blobs: [ObjectIdentifier: Unmanaged<SQLBlob>] = [:]
    var authorizer: SQLCallback?
    var progress: SQLCallback?
    var trace: SQLCallback?

    init(_ path: [CChar], flags: Int32, timeout: Double) throws(Raised) {
        var opened: OpaquePointer?
        DirtyStreams.flushAll()
        let code = Threads.blocking { () -> Int32 in
            sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE, nil)
        }
        guard let opened else { throw raise(.memoryError) }
        guard code == SQLITE_OK else {
            let raised = SQLiteErrors.last(opened)
            sqlite3_close_v2(opened)
            throw raised
        }
        handle = opened
        self.timeout = Int32(min(max(timeout * 1000, 0), Double(Int32.max)))
        sqlite3_busy_handler(opened, Database.busy, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit {
        guard let handle else { return }
        sqlite3_busy_handler(handle, nil, nil)
        sqlite3_close_v2(handle)
    }

    /// Frees the locks of cursors that nobody can reach any more: they were left in the midst of their rows, and the
    /// collector has not been there yet. The second collection finishes the sweep of the first.
    static func releaseDead() {
        heap.collect()
        heap.collect()
    }

    /// Called by SQLite when the database is locked, the first time with 0: whether to try again. Waits as SQLite's own
    /// handler does.
    private static let busy: @convention(c) (UnsafeMutableRawPointer?, Int32) -> Int32 = { user, count in
        guard let user else { return 0 }
        let own = Unmanaged<Database>.fromOpaque(user).takeUnretainedValue()
        if count == 0 {
            own.calledBack { releaseDead() }
            return 1
        }
        let delays: [Int32] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
        let round = Int(count) - 1
        let waited = delays.prefix(round).reduce(0, +) &+ Int32(truncatingIfNeeded: max(0, round - delays.count) * 100)
        let delay = min(delays[min(round, delays.count - 1)], own.timeout - waited)
        guard delay > 0 else { return 0 }
        sqlite3_sleep(delay)
        return 1
    }

    func trace(_ marker: inout Marker) {
        for callback in callbacks.values { callback.trace(&marker) }
        authorizer?.trace(&marker)
        progress?.trace(&marker)
        trace?.trace(&marker)
    }

    static func of(_ value: Value) throws(Raised) -> Database {
        guard let own = value.boxed(Database.self) else { throw typeError("a database is required, not '\(typeName(value))'") }
        return own
    }

    /// The handle of an open connection.
    func open() throws(Raised) -> OpaquePointer {
        guard let handle else { throw SQLiteErrors.fail(.programming, "Cannot operate on a closed database.") }
        return handle
    }

    /// Closes the connection; statements and blobs end first, save one that is running right now.
    func close() {
        guard let handle else { return }
        for statement in statements.values { statement.takeUnretainedValue().finalize() }
        for blob in blobs.values { blob.takeUnretainedValue().close() }
        if authorizer != nil { sqlite3_set_authorizer(handle, nil, nil) }
        if progress != nil { sqlite3_progress_handler(handle, 0, nil, nil) }
        if trace != nil { sqlite3_trace_v2(handle, 0, nil, nil) }
        sqlite3_busy_handler(handle, nil, nil)
        self.handle = nil
        sqlite3_close_v2(handle)
    }

    // MARK: What belongs to the connection

    func adopt(_ statement: SQLStatement) { statements[ObjectIdentifier(statement)] = Unmanaged.passUnretained(statement) }
    func forget(_ statement: SQLStatement) { statements[ObjectIdentifier(statement)] = nil }
    func adopt(_ blob: SQLBlob) { blobs[ObjectIdentifier(blob)] = Unmanaged.passUnretained(blob) }
    func forget(_ blob: SQLBlob) { blobs[ObjectIdentifier(blob)] = nil }
    func forget(_ callback: SQLCallback) { callbacks[ObjectIdentifier(callback)] = nil }

    /// A callable that SQLite keeps until it says that it no longer needs it (`SQLCallback.destroy`).
    func keep(_ callable: Value) -> UnsafeMutableRawPointer {
        let callback = SQLCallback(callable, self)
        callbacks[ObjectIdentifier(callback)] = callback
        return Unmanaged.passRetained(callback).toOpaque()
    }

    // MARK: The GIL

    /// Runs SQLite without the GIL. `body` touches no values, save through `calledBack`.
    func working<Result>(_ handle: OpaquePointer, _ body: () -> Result) -> Result {
        guard let thread = Threads.current() else { return body() }
        DirtyStreams.flushAll()
        Threads.leaveForSystem(thread)
        let mutex = sqlite3_db_mutex(handle)
        sqlite3_mutex_enter(mutex)
        let before = worker
        worker = thread
        let result = body()
        worker = before
        sqlite3_mutex_leave(mutex)
        Threads.returnFromSystem(thread)
        return result
    }

    /// Runs the script's part of what SQLite does, with the GIL.
    func calledBack<Result>(_ body: () -> Result) -> Result {
        guard let thread = worker else { return body() }
        worker = nil
        Threads.returnFromSystem(thread)
        let result = body()
        Threads.leaveForSystem(thread)
        worker = thread
        return result
    }

    /// Works, and throws what goes wrong.
    func checked(_ body: (OpaquePointer) -> Int32) throws(Raised) {
        let handle = try open()
        var message = ""
        let code = working(handle) { () -> Int32 in
            let code = body(handle)
            if code != SQLITE_OK { message = String(cString: sqlite3_errmsg(handle)) }
            return code
        }
        guard code == SQLITE_OK else { throw SQLiteErrors.fail(code: code == SQLITE_MISUSE ? code : max(code, sqlite3_extended_errcode(handle)), message) }
    }
}
