// `_ssl.SSLSession`: what two sides have agreed on, by which a later connection is made with less work.
import CCrypto
import TinyRuntime

final class TLSSession: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let session: OpaquePointer
    /// The context that it was made with, the only one that may use it.
    let context: Value

    /// Takes over a reference to the session.
    init(_ session: OpaquePointer, _ context: Value) {
        self.session = session
        self.context = context
    }

    deinit { SSL_SESSION_free(session) }

    func trace(_ marker: inout Marker) { marker.mark(context) }

    private static func own(_ value: Value) throws(Raised) -> TLSSession {
        guard let session = value.boxed(TLSSession.self) else { throw typeError("Value is not a SSLSession.") }
        return session
    }

    private var id: [UInt8] {
        var count: UInt32 = 0
        guard let start = SSL_SESSION_get_id(session, &count) else { return [] }
        return Array(UnsafeBufferPointer(start: start, count: Int(count)))
    }

    static let nativeClass = NativeClass(
        "SSLSession", kind: .box, doc: "A session that another connection can go on with.", methods: [
            Native("__eq__(self, other, /)", "") { args throws(Raised) in
                guard let other = args[1].boxed(TLSSession.self) else { return .notImplemented }
                return Value(try own(args[0]).id == other.id)
            },
        ], attributes: [
            Accessors("id", "Session ID.") { object throws(Raised) in BytesObject.make(try own(object).id) },
            Accessors("time", "Session creation time (seconds since epoch).") { object throws(Raised) in
                Value(SSL_SESSION_get_time(try own(object).session))
            },
            Accessors("timeout", "Session timeout (delta in seconds).") { object throws(Raised) in
                Value(SSL_SESSION_get_timeout(try own(object).session))
            },
            Accessors("ticket_lifetime_hint", "Ticket life time hint.") { object throws(Raised) in
                Value(Int(SSL_SESSION_get_ticket_lifetime_hint(try own(object).session)))
            },
            Accessors("has_ticket", "Does the session contain a ticket?") { object throws(Raised) in
                Value(SSL_SESSION_has_ticket(try own(object).session) == 1)
            },
        ])
}
