// What can be set in a context: versions, options, how certificates are verified, ciphers, curves, tickets.
import CCrypto
import Glibc
import TinyRuntime

extension TLSContext {
    private static func number(_ value: Value) throws(Raised) -> Int {
        guard isInteger(value) else { throw typeError("argument must be int, not \(typeName(value))") }
        return try index(value)
    }

    /// Options as a number without sign.
    private static func options(_ value: Value) throws(Raised) -> UInt64 {
        guard isInteger(value) else { throw typeError("argument must be int, not \(typeName(value))") }
        guard let number = machineInt(try indexValue(value)) else { throw raise(.overflowError, "int too big to convert") }
        guard number >= 0 else { throw raise(.overflowError, "can't convert negative int to unsigned") }
        return UInt64(number)
    }

    private static let oldVersions = [0x300: "SSLv3", 0x301: "TLSv1", 0x302: "TLSv1_1"]

    /// The lowest or the highest version. -2 and -1 are the lowest and highest that there are.
    private static func limit(_ name: StaticString, isLowest: Bool) -> Accessors {
        Accessors(name) { object throws(Raised) in
            let context = try own(object).context
            let version = isLowest ? tiny_tls_get_minimum(context) : tiny_tls_get_maximum(context)
            return Value(version == 0 ? (isLowest ? -2 : -1) : Int(version))
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let version = try number(value)
            guard context.hasLimits else {
                throw valueError("The context's protocol doesn't support modification of highest and lowest version.")
            }
            guard version == -2 || version == -1 || (0x300 ... 0x304).contains(version) else {
                throw valueError("Unsupported TLS/SSL version 0x\(String(UInt32(truncatingIfNeeded: version), radix: 16))")
            }
            if let old = oldVersions[version] { try warn(.deprecationWarning, "ssl.TLSVersion.\(old) is deprecated", stackLevel: 2) }
            let told: Int32 = switch version {
            case -2: isLowest ? 0 : 0x301
            case -1: isLowest ? 0x304 : 0
            default: Int32(version)
            }
            let done = isLowest ? tiny_tls_minimum(context.context, told) : tiny_tls_maximum(context.context, told)
            guard done == 1 else { throw valueError("Unsupported protocol version 0x\(String(version, radix: 16))") }
        }
    }

    static let settings: [Accessors] = [
        Accessors("protocol") { object throws(Raised) in Value(try own(object).protocol) },
        Accessors("check_hostname", "Must the certificate be for the host that was asked for?") { object throws(Raised) in
            Value(try own(object).checksHostName)
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let checks = try truth(value)
            if checks, context.verifyMode == 0 { context.verifyMode = 2 }
            context.checksHostName = checks
        },
        Accessors("_host_flags") { object throws(Raised) in
            Value(Int(try own(object).hostFlags))
        } set: { object, value throws(Raised) in
            let context = try own(object)
            context.hostFlags = UInt32(truncatingIfNeeded: try number(value))
            X509_VERIFY_PARAM_set_hostflags(SSL_CTX_get0_param(context.context), context.hostFlags)
        },
        Accessors("verify_flags", "How certificates are verified.") { object throws(Raised) in
            Value(Int(X509_VERIFY_PARAM_get_flags(SSL_CTX_get0_param(try own(object).context))))
        } set: { object, value throws(Raised) in
            let parameters = SSL_CTX_get0_param(try own(object).context)
            let wanted = UInt(truncatingIfNeeded: try number(value))
            let present = X509_VERIFY_PARAM_get_flags(parameters)
            X509_VERIFY_PARAM_clear_flags(parameters, present & ~wanted)
            X509_VERIFY_PARAM_set_flags(parameters, wanted & ~present)
        },
        Accessors("verify_mode", "Whether the other side must have a certificate that can be verified.") { object throws(Raised) in
            Value(try own(object).verifyMode)
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let mode = try number(value)
            guard mode >= 0, mode <= 2 else { throw valueError("invalid value for verify_mode") }
            if mode == 0, context.checksHostName {
                throw valueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
            }
            context.verifyMode = mode
        },
        Accessors("options") { object throws(Raised) in
            Value(Int(SSL_CTX_get_options(try own(object).context)))
        } set: { object, value throws(Raised) in
            let context = try own(object).context
            let wanted = try options(value)
            let present = SSL_CTX_get_options(context)
            let added = wanted & ~present
            if added & 0x3E00_0000 != 0 {
                try warn(.deprecationWarning, "ssl.OP_NO_SSL*/ssl.OP_NO_TLS* options are deprecated", stackLevel: 2)
            }
            SSL_CTX_clear_options(context, present & ~wanted)
            SSL_CTX_set_options(context, added)
        },
        limit("minimum_version", isLowest: true),
        limit("maximum_version", isLowest: false),
        Accessors("num_tickets", "How many tickets a server sends after a handshake of TLS 1.3.") { object throws(Raised) in
            Value(SSL_CTX_get_num_tickets(try own(object).context))
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let count = try index(value)
            guard count >= 0 else { throw valueError("value must be non-negative") }
            guard context.protocol == 17 else { throw valueError("SSLContext is not a server context.") }
            guard SSL_CTX_set_num_tickets(context.context, count) == 1 else { throw valueError("failed to set num tickets.") }
        },
        Accessors("security_level", "OpenSSL's level of what is safe enough.") { object throws(Raised) in
            Value(Int(SSL_CTX_get_security_level(try own(object).context)))
        },
        Accessors("post_handshake_auth", "May the server ask for the client's certificate after the handshake?") { object throws(Raised) in
            Value(try own(object).asksAfterHandshake)
        } set: { object, value throws(Raised) in
            guard !value.isAbsent else { throw raise(.attributeError, "cannot delete attribute") }
            try own(object).asksAfterHandshake = try truth(value)
        },
    ]

    static let settingMethods: [Native] = [
        Native("set_ciphers(self, cipherlist, /)", "Set the ciphers that may be used.") { args throws(Raised) in
            let context = try own(args[0])
            guard args[1].isKind(.str) else { throw typeError("set_ciphers() argument must be str, not \(typeName(args[1]))") }
            guard SSL_CTX_set_cipher_list(context.context, args[1].object(Str.self).string) == 1 else {
                ERR_clear_error()
                throw TLSError.make(.plain, 0, "No cipher can be selected.")
            }
            return .none
        },
        Native("get_ciphers(self, /)", "The ciphers that may be used, best first.") { args throws(Raised) in
            let list = List.make()
            guard let ciphers = SSL_CTX_get_ciphers(try own(args[0]).context) else { return Value(list) }
            for index in 0 ..< tiny_ciphers_count(ciphers) {
                if let cipher = tiny_cipher_at(ciphers, index) { list.append(description(of: cipher)) }
            }
            return Value(list)
        },
        Native("_set_alpn_protocols(self, protos, /)", "Offer application protocols, in the form of the wire.") { args throws(Raised) in
            try own(args[0]).setApplicationProtocols(Array(try BufferView(args[1]).octets))
            return .none
        },
        Native("set_ecdh_curve(self, name, /)", "Choose the curve for the exchange of keys.") { args throws(Raised) in
            let context = try own(args[0])
            let name = try path(args[1])
            guard OBJ_sn2nid(name) != NID_undef else { throw valueError("unknown elliptic curve name \(try repr(args[1]).string)") }
            guard tiny_tls_groups(context.context, name) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("session_stats(self, /)", "How often sessions were begun, gone on with and missed.") { args throws(Raised) in
            let context = try own(args[0]).context
            let result = Dict.make()
            for (name, command) in counters {
                result.set(StrTables.intern(name), Value(SSL_CTX_ctrl(context, command, 0, nil)))
            }
            return Value(result)
        },
    ]

    private static let counters: [(String, Int32)] = [
        ("number", SSL_CTRL_SESS_NUMBER), ("connect", SSL_CTRL_SESS_CONNECT), ("connect_good", SSL_CTRL_SESS_CONNECT_GOOD),
        ("connect_renegotiate", SSL_CTRL_SESS_CONNECT_RENEGOTIATE), ("accept", SSL_CTRL_SESS_ACCEPT), ("accept_good", SSL_CTRL_SESS_ACCEPT_GOOD),
        ("accept_renegotiate", SSL_CTRL_SESS_ACCEPT_RENEGOTIATE), ("hits", SSL_CTRL_SESS_HIT), ("misses", SSL_CTRL_SESS_MISSES),
        ("timeouts", SSL_CTRL_SESS_TIMEOUTS), ("cache_full", SSL_CTRL_SESS_CACHE_FULL),
    ]

    /// A cipher as `get_ciphers()` tells it.
    private static func description(of cipher: OpaquePointer) -> Value {
        func text(_ pointer: UnsafePointer<CChar>?) -> Value { pointer.map { Value(Str.make(String(cString: $0))) } ?? .none }
        func long(_ number: Int32) -> Value { number == NID_undef ? .none : text(OBJ_nid2ln(number)) }
        let row = Dict.make()
        var bits: Int32 = 0
        let strength = SSL_CIPHER_get_bits(cipher, &bits)
        var shown = [CChar](repeating: 0, count: 512)
        SSL_CIPHER_description(cipher, &shown, 512)
        var line = shown.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        while line.last == 10 { line.removeLast() }
        row.set(StrTables.intern("id"), Value(Int(SSL_CIPHER_get_id(cipher))))
        row.set(StrTables.intern("name"), text(SSL_CIPHER_get_name(cipher)))
        row.set(StrTables.intern("protocol"), text(SSL_CIPHER_get_version(cipher)))
        row.set(StrTables.intern("description"), Value(Str.make(String(decoding: line, as: UTF8.self))))
        row.set(StrTables.intern("strength_bits"), Value(Int(strength)))
        row.set(StrTables.intern("alg_bits"), Value(Int(bits)))
        row.set(StrTables.intern("aead"), Value(SSL_CIPHER_is_aead(cipher) == 1))
        row.set(StrTables.intern("symmetric"), long(SSL_CIPHER_get_cipher_nid(cipher)))
        row.set(StrTables.intern("digest"), long(SSL_CIPHER_get_digest_nid(cipher)))
        row.set(StrTables.intern("kea"), long(SSL_CIPHER_get_kx_nid(cipher)))
        row.set(StrTables.intern("auth"), long(SSL_CIPHER_get_auth_nid(cipher)))
        return Value(row)
    }
}
