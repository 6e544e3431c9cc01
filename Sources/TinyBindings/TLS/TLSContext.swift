// `_SSLContext`: certificates, keys and settings from which connections are made.
//
// What can be loaded is in TLSContext+Certificates, what can be set in TLSContext+Settings, and what of the script OpenSSL calls
// (for a server's name, pre-shared keys, messages and key logs) in TLSContext+Callbacks. OpenSSL knows the context by an
// unretained pointer: a connection keeps both the context that it began with and its present one, so the pointer holds.
import CCrypto
import Glibc
import TinyRuntime

final class TLSContext: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let context: OpaquePointer
    let `protocol`: Int
    var checksHostName = false
    var hostFlags: UInt32 = 4           // no partial wildcards
    var asksAfterHandshake = false
    /// The application protocols offered, in the form of the wire.
    var applicationProtocols: [UInt8] = []
    // What the script is called with; None: nothing.
    var onServerName = Value.none
    var onMessage = Value.none
    var onClientKey = Value.none
    var onServerKey = Value.none
    var keyLog: UnsafeMutablePointer<FILE>?
    var keyLogName = Value.none

    /// What CPython allows unless told otherwise.
    static let defaultCiphers = "@SECLEVEL=2:ECDH+AESGCM:ECDH+CHACHA20:ECDH+AES:DHE+AES:!aNULL:!eNULL:!aDSS:!SHA1:!AESCCM"

    /// `ssl.PROTOCOL_TLS_CLIENT` and so on.
    init(protocol: Int) throws(Raised) {
        let method = switch `protocol` {
        case 3: tiny_tls_method(1)
        case 4: tiny_tls_method(2)
        case 5: tiny_tls_method(3)
        case 16: TLS_client_method()
        case 17: TLS_server_method()
        default: TLS_method()
        }
        guard let context = SSL_CTX_new(method) else { throw TLSError.last() }
        self.context = context
        self.protocol = `protocol`
        tiny_tls_plain_modes(context)
        SSL_CTX_set_options(context, 0x8252_0050)
        SSL_CTX_set_cipher_list(context, TLSContext.defaultCiphers)
        // A client's pre-shared keys come without one.
        if `protocol` != 16 { SSL_CTX_set_session_id_context(context, Array("Python".utf8), 6) }
        X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), UInt(X509_V_FLAG_TRUSTED_FIRST))
        if hasLimits { tiny_tls_minimum(context, 0x0303) }
        if `protocol` == 16 {
            checksHostName = true
            verifyMode = 2
        }
    }

    deinit {
        SSL_CTX_free(context)
        if let keyLog { fclose(keyLog) }
    }

    func trace(_ marker: inout Marker) {
        marker.mark(onServerName)
        marker.mark(onMessage)
        marker.mark(onClientKey)
        marker.mark(onServerKey)
        marker.mark(keyLogName)
    }

    /// Whether the lowest and highest version can be chosen: not for those protocols that name one.
    var hasLimits: Bool { `protocol` < 3 || `protocol` > 5 }

    /// CERT_NONE, CERT_OPTIONAL or CERT_REQUIRED.
    var verifyMode: Int {
        get {
            switch SSL_CTX_get_verify_mode(context) & 3 {
            case 0: 0
            case 1: 1
            default: 2
            }
        }
        set { SSL_CTX_set_verify(context, newValue == 0 ? 0 : newValue == 1 ? 1 : 3, nil) }
    }

    static func own(_ value: Value) throws(Raised) -> TLSContext {
        guard let context = value.boxed(TLSContext.self) else { throw typeError("an SSLContext is required, not '\(typeName(value))'") }
        return context
    }

    /// A path as text.
    static func path(_ value: Value, _ name: String? = nil) throws(Raised) -> String {
        if let name, !value.isKind(.str), !value.isKind(.bytes) {
            guard value.isPointer, value.cls.lookup(StrTables.intern("__fspath__")) != .absent else {
                throw typeError("\(name) should be a valid filesystem path")
            }
        }
        let octets = try SystemPath.encode(try SystemPath.fspath(value))
        guard !octets.contains(0) else { throw valueError("embedded null byte") }
        return String(decoding: octets.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    static let nativeClass = NativeClass(
        "_SSLContext", kind: .box, doc: "Settings for TLS connections.", flags: [.isBase, .isWeakReferenceable],
        methods: certificateMethods + settingMethods + callbackMethods + [
            Native(
                "_wrap_bio(self, incoming, outgoing, server_side, server_hostname=None, *, owner=None, session=None)",
                "A connection over two buffers."
            ) { args throws(Raised) in
                let context = try own(args[0])
                let (incoming, outgoing) = (args[1].boxed(TLSBuffer.self), args[2].boxed(TLSBuffer.self))
                guard let incoming else { throw typeError("_wrap_bio() argument 'incoming' must be _ssl.MemoryBIO, not \(typeName(args[1]))") }
                guard let outgoing else { throw typeError("_wrap_bio() argument 'outgoing' must be _ssl.MemoryBIO, not \(typeName(args[2]))") }
                let connection = try TLSConnection(
                    context, args[0], incoming, outgoing, isServer: try truth(args[3]), try hostName(args[4]), owner: args[5])
                let result = BoxedObject.make(connection, TLSConnection.cls)
                connection.itself = result
                if !args[6].isNone { try connection.setSession(args[6]) }
                return result
            }
        ],
        attributes: settings + callbackSettings,
        construct: { args throws(Raised) in
            let arguments = args[1].object(Tuple.self)
            let kind = arguments.count > 0 ? try index(arguments.items[0]) : 2
            guard [2, 3, 4, 5, 16, 17].contains(kind) else { throw valueError("invalid or unsupported protocol version \(kind)") }
            if let name = oldNames[kind] { try warn(.deprecationWarning, "ssl.\(name) is deprecated", stackLevel: 2) }
            return BoxedObject.make(try TLSContext(protocol: kind), args[0].object(ClassObject.self))
        })

    private static let oldNames = [2: "PROTOCOL_TLS", 3: "PROTOCOL_TLSv1", 4: "PROTOCOL_TLSv1_1", 5: "PROTOCOL_TLSv1_2"]

    private static func hostName(_ value: Value) throws(Raised) -> String? {
        if value.isNone { return nil }
        let octets = value.isKind(.str) ? value.object(Str.self).buffer : try BufferView(value).octets
        guard !octets.contains(0) else { throw typeError("argument must be encoded string without null bytes, not \(typeName(value))") }
        return String(decoding: octets, as: UTF8.self)
    }
}
