// `_ssl._SSLSocket`: one connection. Each operation does what it can with what lies in the buffers, and raises SSLWantReadError when
// octets of the other side must come first.
import CCrypto
import Glibc
import TinyRuntime

final class TLSConnection: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private let connection: OpaquePointer
    private(set) var context: TLSContext
    /// The context as the script knows it.
    private(set) var contextValue: Value
    /// What it began with: OpenSSL goes on to refer to that, too.
    private let firstContext: TLSContext
    private let firstContextValue: Value
    // They must live as long as the connection does.
    private let incoming: TLSBuffer
    private let outgoing: TLSBuffer
    private let isServer: Bool
    private let hostName: String?
    /// The SSLSocket or SSLObject that callbacks are told of.
    private var owner: Value
    /// The box of this connection, which outlives every operation. Not traced: it would keep itself alive.
    var itself = Value.none
    /// What a watcher of messages has raised.
    var failure = Value.none

    init(
        _ context: TLSContext, _ contextValue: Value, _ incoming: TLSBuffer, _ outgoing: TLSBuffer, isServer: Bool, _ hostName: String?,
        owner: Value
    ) throws(Raised) {
        if isServer, context.protocol == 16 { throw TLSError.make(.plain, 0, "Cannot create a server socket with a PROTOCOL_TLS_CLIENT context") }
        if !isServer, context.protocol == 17 { throw TLSError.make(.plain, 0, "Cannot create a client socket with a PROTOCOL_TLS_SERVER context") }
        ERR_clear_error()
        guard let connection = SSL_new(context.context) else { throw TLSError.last() }
        self.connection = connection
        self.context = context
        self.contextValue = contextValue
        self.firstContext = context
        self.firstContextValue = contextValue
        self.incoming = incoming
        self.outgoing = outgoing
        self.isServer = isServer
        self.hostName = hostName
        self.owner = owner
        SSL_set_ex_data(connection, 0, Unmanaged.passUnretained(self).toOpaque())
        // The connection frees one reference to each buffer.
        BIO_up_ref(incoming.bio)
        BIO_up_ref(outgoing.bio)
        SSL_set_bio(connection, incoming.bio, outgoing.bio)
        isServer ? SSL_set_accept_state(connection) : SSL_set_connect_state(connection)
        if context.asksAfterHandshake {
            if !isServer {
                SSL_set_post_handshake_auth(connection, 1)
            } else if context.verifyMode != 0 {
                SSL_set_verify(connection, SSL_get_verify_mode(connection) | SSL_VERIFY_POST_HANDSHAKE, nil)
            }
        }
        guard let hostName, !isServer else { return }
        let parameters = SSL_get0_param(connection)
        var address = in6_addr()
        let isAddress = inet_pton(AF_INET, hostName, &address) == 1 || inet_pton(AF_INET6, hostName, &address) == 1
        if !isAddress { tiny_tls_server_name(connection, hostName) }
        guard context.checksHostName else { return }
        if isAddress {
            X509_VERIFY_PARAM_set1_ip_asc(parameters, hostName)
        } else {
            X509_VERIFY_PARAM_set_hostflags(parameters, context.hostFlags)
            X509_VERIFY_PARAM_set1_host(parameters, hostName, hostName.utf8.count)
        }
    }

    func trace(_ marker: inout Marker) {
        marker.mark(contextValue)
        marker.mark(firstContextValue)
        marker.mark(owner)
        marker.mark(failure)
    }

    /// What callbacks are told of.
    var face: Value { owner.isNone ? itself : owner }

    deinit { SSL_free(connection) }

    static func own(_ value: Value) throws(Raised) -> TLSConnection {
        guard let connection = value.boxed(TLSConnection.self) else { throw typeError("a TLS connection is required, not '\(typeName(value))'") }
        return connection
    }

    /// An operation has returned: raises what a watcher of messages raised meanwhile.
    private func settle() throws(Raised) {
        guard !failure.isNone else { return }
        let exception = failure
        failure = .none
        ERR_clear_error()
        throw raise(exception.object(ExceptionObject.self))
    }

    /// The error for an operation that did not go through.
    private func failure(_ outcome: Int32) -> Raised {
        let watched = failure
        failure = .none
        let raised = reason(outcome)
        let exception = currentThread().pointee.raised
        if !watched.isNone, exception.isKind(.exception) { exception.object(ExceptionObject.self).pointee.context = watched }
        return raised
    }

    private func reason(_ outcome: Int32) -> Raised {
        switch SSL_get_error(connection, outcome) {
        case SSL_ERROR_ZERO_RETURN:
            return TLSError.make(.zeroReturn, 6, "TLS/SSL connection has been closed (EOF)")
        case SSL_ERROR_WANT_READ:
            return TLSError.make(.wantRead, 2, "The operation did not complete (read)")
        case SSL_ERROR_WANT_WRITE:
            return TLSError.make(.wantWrite, 3, "The operation did not complete (write)")
        case SSL_ERROR_SYSCALL:
            return TLSError.make(.endOfFile, 8, "EOF occurred in violation of protocol")
        default:
            let code = ERR_peek_last_error()
            let reason = tiny_tls_error_reason(code)
            if reason == SSL_R_CERTIFICATE_VERIFY_FAILED { return verificationFailure() }
            if reason == SSL_R_UNEXPECTED_EOF_WHILE_READING {
                ERR_clear_error()
                return TLSError.make(.endOfFile, 8, "EOF occurred in violation of protocol")
            }
            return TLSError.last(number: 1)
        }
    }

    /// SSLCertVerificationError, which tells what is wrong with the certificate.
    private func verificationFailure() -> Raised {
        ERR_clear_error()
        let result = SSL_get_verify_result(connection)
        let host = hostName ?? ""
        let why = switch Int32(truncatingIfNeeded: result) {
        case X509_V_ERR_HOSTNAME_MISMATCH: "Hostname mismatch, certificate is not valid for '\(host)'."
        case X509_V_ERR_IP_ADDRESS_MISMATCH: "IP address mismatch, certificate is not valid for '\(host)'."
        default: X509_verify_cert_error_string(result).map { String(cString: $0) } ?? "unknown error"
        }
        let raised = TLSError.make(
            .verification, 1, "[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: \(why)",
            reason: "CERTIFICATE_VERIFY_FAILED", library: "SSL")
        let exception = currentThread().pointee.raised
        do throws(Raised) {
            try setAttribute(exception, StrTables.intern("verify_code"), Value(Int(result)))
            try setAttribute(exception, StrTables.intern("verify_message"), Value(Str.make(why)))
        } catch { return error }
        return raised
    }

    private func read(_ count: Int) throws(Raised) -> [UInt8] {
        guard count > 0 else { return [] }
        ERR_clear_error()
        var bytes = [UInt8](repeating: 0, count: min(count, 1 << 20))
        let got = SSL_read(connection, &bytes, Int32(bytes.count))
        guard got > 0 else { throw failure(got) }
        try settle()
        return Array(bytes.prefix(Int(got)))
    }

    /// Goes on with a session of an earlier connection.
    func setSession(_ value: Value) throws(Raised) {
        guard let session = value.boxed(TLSSession.self) else { throw typeError("Value is not a SSLSession.") }
        guard session.context == contextValue else { throw valueError("Session refers to a different SSLContext.") }
        guard !isServer else { throw valueError("Cannot set session for server-side SSLSocket.") }
        guard SSL_is_init_finished(connection) == 0 else { throw valueError("Cannot set session after handshake.") }
        // A copy, for OpenSSL marks a session that a connection has ended badly.
        guard let copy = SSL_SESSION_dup(session.session) else { throw raise(.memoryError) }
        defer { SSL_SESSION_free(copy) }
        guard SSL_set_session(connection, copy) == 1 else { throw TLSError.last() }
    }

    /// The ciphers that both sides offer.
    private var sharedCiphers: Value {
        guard let offered = SSL_get_client_ciphers(connection), let own = SSL_get_ciphers(connection) else { return .none }
        let list = List.make()
        for index in 0 ..< tiny_ciphers_count(own) {
            guard let cipher = tiny_cipher_at(own, index) else { continue }
            let isShared = (0 ..< tiny_ciphers_count(offered)).contains { tiny_cipher_at(offered, $0) == cipher }
            if isShared { list.append(TLSConnection.row(cipher)) }
        }
        return Value(list)
    }

    /// (name, protocol, bits)
    private static func row(_ cipher: OpaquePointer) -> Value {
        Value(Tuple.make(
            Value(Str.make(String(cString: SSL_CIPHER_get_name(cipher)))), Value(Str.make(String(cString: SSL_CIPHER_get_version(cipher)))),
            Value(Int(SSL_CIPHER_get_bits(cipher, nil)))))
    }

    private var peer: OpaquePointer? { SSL_get1_peer_certificate(connection) }

    private static func chain(_ stack: OpaquePointer?) -> Value {
        guard let stack else { return .none }
        let list = List.make()
        for index in 0 ..< tiny_chain_count(stack) {
            if let certificate = tiny_chain_at(stack, index) { list.append(CertificateObject.make(certificate)) }
        }
        return Value(list)
    }

    static let nativeClass = NativeClass("_SSLSocket", kind: .box, doc: "A TLS connection over buffers in memory.", methods: [
        Native("do_handshake(self, /)", "Go on with the handshake.") { args throws(Raised) in
            let own = try own(args[0])
            ERR_clear_error()
            let outcome = SSL_do_handshake(own.connection)
            guard outcome == 1 else { throw own.failure(outcome) }
            try own.settle()
            return .none
        },
        Native("read(self, size, /)", "At most size bytes that have been decrypted.") { args throws(Raised) in
            let count = try index(args[1])
            guard count >= 0 else { throw valueError("size should not be negative") }
            return BytesObject.make(try own(args[0]).read(count))
        },
        Native("write(self, b, /)", "Encrypt bytes; how many were taken.") { args throws(Raised) in
            let own = try own(args[0])
            let view = try BufferView(args[1])
            guard view.count <= Int(Int32.max) else { throw raise(.overflowError, "string longer than \(Int32.max) bytes") }
            guard view.count > 0 else { return Value(0) }
            ERR_clear_error()
            let taken = SSL_write(own.connection, view.octets.baseAddress, Int32(view.count))
            guard taken > 0 else { throw own.failure(taken) }
            try own.settle()
            return Value(Int(taken))
        },
        Native("shutdown(self, /)", "Say goodbye, or hear that the other side did.") { args throws(Raised) in
            let own = try own(args[0])
            ERR_clear_error()
            var outcome = SSL_shutdown(own.connection)
            if outcome == 0 { outcome = SSL_shutdown(own.connection) }
            guard outcome >= 0 else { throw own.failure(outcome) }
            try own.settle()
            return .none
        },
        Native("get_verified_chain(self, /)", "The certificates by which the other side was vouched for, its own first.") { args throws(Raised) in
            chain(SSL_get0_verified_chain(try own(args[0]).connection))
        },
        Native("get_unverified_chain(self, /)", "The certificates that the other side has sent, its own first.") { args throws(Raised) in
            let own = try own(args[0])
            let list = chain(SSL_get_peer_cert_chain(own.connection))
            // A server is not sent the client's own with the others.
            if SSL_is_server(own.connection) == 1, let certificate = own.peer {
                defer { X509_free(certificate) }
                let all = List.make()
                all.append(CertificateObject.make(certificate))
                if list.isKind(.list) { try extend(all, list) }
                return Value(all)
            }
            return list
        },
        Native("pending(self, /)", "How many decrypted bytes wait.") { args throws(Raised) in Value(Int(SSL_pending(try own(args[0]).connection))) },
        Native("getpeercert(self, der=False, /)", "The certificate of the other side.") { args throws(Raised) in
            let own = try own(args[0])
            guard SSL_is_init_finished(own.connection) == 1 else { throw valueError("handshake not done yet") }
            guard let certificate = own.peer else { return .none }
            defer { X509_free(certificate) }
            if try truth(args[1]) { return BytesObject.make(Certificate.encoded(certificate)) }
            return SSL_get_verify_mode(own.connection) & 1 == 0 ? Value(Dict.make()) : try Certificate.fields(certificate)
        },
        Native("cipher(self, /)", "(name, protocol, bits) of the cipher in use.") { args throws(Raised) in
            guard let cipher = SSL_get_current_cipher(try own(args[0]).connection) else { return .none }
            return row(cipher)
        },
        Native("shared_ciphers(self, /)", "The ciphers that both sides offer, or None.") { args throws(Raised) in try own(args[0]).sharedCiphers },
        Native("compression(self, /)", "How the octets are compressed, or None.") { args throws(Raised) in
            guard let method = SSL_get_current_compression(try own(args[0]).connection) else { return .none }
            guard let name = OBJ_nid2sn(COMP_get_type(method)) else { return .none }
            return Value(Str.make(String(cString: name)))
        },
        Native("verify_client_post_handshake(self, /)", "Ask the client for its certificate.") { args throws(Raised) in
            ERR_clear_error()
            guard SSL_verify_client_post_handshake(try own(args[0]).connection) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("version(self, /)", "The protocol in use, such as 'TLSv1.3', or None.") { args throws(Raised) in
            let own = try own(args[0])
            guard SSL_is_init_finished(own.connection) == 1, let version = SSL_get_version(own.connection) else { return .none }
            return Value(Str.make(String(cString: version)))
        },
        Native("selected_alpn_protocol(self, /)", "The application protocol agreed on, or None.") { args throws(Raised) in
            var start: UnsafePointer<UInt8>?
            var count: UInt32 = 0
            SSL_get0_alpn_selected(try own(args[0]).connection, &start, &count)
            guard let start, count > 0 else { return .none }
            return Value(Str.make(String(decoding: UnsafeBufferPointer(start: start, count: Int(count)), as: UTF8.self)))
        },
        Native("server_name(self, /)", "The name that the client asked for, or None.") { args throws(Raised) in
            guard let name = SSL_get_servername(try own(args[0]).connection, 0) else { return .none }
            return Value(Str.make(String(cString: name)))
        },
        Native("get_channel_binding(self, cb_type='tls-unique', /)", "What ties other protocols to this connection.") { args throws(Raised) in
            let own = try own(args[0])
            guard args[1].isKind(.str), args[1].object(Str.self).equals("tls-unique") else { throw valueError("'\(try str(args[1]).string)' channel binding type not implemented") }
            guard SSL_is_init_finished(own.connection) == 1 else { return .none }
            var bytes = [UInt8](repeating: 0, count: 128)
            let isOurs = (SSL_session_reused(own.connection) == 1) != !own.isServer
            let count = isOurs ? SSL_get_finished(own.connection, &bytes, 128) : SSL_get_peer_finished(own.connection, &bytes, 128)
            return count == 0 ? .none : BytesObject.make(Array(bytes.prefix(min(128, count))))
        },
    ], attributes: [
        Accessors("session_reused", "Was an earlier session gone on with?") { object throws(Raised) in
            Value(SSL_session_reused(try own(object).connection) == 1)
        },
        Accessors("server_side") { object throws(Raised) in Value(try own(object).isServer) },
        Accessors("server_hostname") { object throws(Raised) in try own(object).hostName.map { Value(Str.make($0)) } ?? .none },
        Accessors("owner", "The SSLSocket or SSLObject that the connection belongs to.") { object throws(Raised) in
            try own(object).owner
        } set: { object, value throws(Raised) in
            try own(object).owner = value.isAbsent ? .none : value
        },
        Accessors("context", "Another context may take over during the handshake.") { object throws(Raised) in
            try own(object).contextValue
        } set: { object, value throws(Raised) in
            let own = try own(object)
            guard let context = value.boxed(TLSContext.self) else { throw typeError("The value must be a SSLContext") }
            SSL_set_SSL_CTX(own.connection, context.context)
            own.context = context
            own.contextValue = value
        },
        Accessors("session", "What a later connection can go on with, or None.") { object throws(Raised) in
            let own = try own(object)
            guard let present = SSL_get1_session(own.connection) else { return .none }
            defer { SSL_SESSION_free(present) }
            guard let copy = SSL_SESSION_dup(present) else { throw raise(.memoryError) }
            return BoxedObject.make(TLSSession(copy, own.contextValue), TLSSession.cls)
        } set: { object, value throws(Raised) in
            try own(object).setSession(value)
        },
    ], construct: { args throws(Raised) in throw typeError("cannot create '\(qualifiedClassName(args[0].object(ClassObject.self)))' instances") })
}
