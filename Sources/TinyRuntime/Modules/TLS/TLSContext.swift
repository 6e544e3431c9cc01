// `_SSLContext`: certificates, keys and settings from which connections are made.
import CCrypto
import Glibc

final class TLSContext: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let context: OpaquePointer
    let `protocol`: Int
    var checksHostName = false
    var verifyFlags = 0x8000        // trusted first, as OpenSSL has it from the start
    /// The application protocols offered, in the form of the wire; nil for none.
    private var offered: [UInt8] = []
    private var chosenByServer: [UInt8] = []

    /// `ssl.PROTOCOL_TLS_CLIENT` and so on.
    init(protocol: Int) throws(Raised) {
        let method = `protocol` == 16 ? TLS_client_method() : `protocol` == 17 ? TLS_server_method() : TLS_method()
        guard let context = SSL_CTX_new(method) else { throw TLSError.last() }
        self.context = context
        self.protocol = `protocol`
        tiny_tls_plain_modes(context)
        SSL_CTX_set_options(context, 0x0000_0000_8000_0000 | 0x0002_0000)       // all workarounds that are safe; no compression
        tiny_tls_minimum(context, 0x0303)
        if `protocol` == 16 {
            checksHostName = true
            SSL_CTX_set_verify(context, 1, nil)
        }
    }

    deinit { SSL_CTX_free(context) }

    func trace(_ marker: inout Marker) {}

    static func own(_ value: Value) throws(Raised) -> TLSContext {
        guard let context = value.boxed(TLSContext.self) else { throw typeError("an SSLContext is required, not '\(typeName(value))'") }
        return context
    }

    /// A path as text.
    static func path(_ value: Value) throws(Raised) -> String {
        if value.isKind(.str) { return value.object(Str.self).string }
        if value.isKind(.bytes) { return String(decoding: try BufferView(value).octets, as: UTF8.self) }
        throw typeError("path should be a string or bytes, not \(typeName(value))")
    }

    private static func isThere(_ path: String) -> Bool { access(path, R_OK) == 0 }

    private func loadChain(_ certificate: String, _ key: String, _ password: [UInt8]?) throws(Raised) {
        for file in [certificate, key] where !TLSContext.isThere(file) { throw osError(errno) }
        ERR_clear_error()
        // OpenSSL asks for the password through a function with one pointer: a C string that lives for this call.
        var secret = password.map { $0 + [0] } ?? [0]
        let isLoaded = secret.withUnsafeMutableBytes { secret in
            SSL_CTX_set_default_passwd_cb_userdata(context, secret.baseAddress)
            SSL_CTX_set_default_passwd_cb(context) { buffer, size, _, user in
                guard let buffer, let user else { return 0 }
                let length = min(strlen(user.assumingMemoryBound(to: CChar.self)), Int(size))
                memcpy(buffer, user, length)
                return Int32(length)
            }
            let done = SSL_CTX_use_certificate_chain_file(context, certificate) == 1
                && SSL_CTX_use_PrivateKey_file(context, key, 1) == 1 && SSL_CTX_check_private_key(context) == 1
            SSL_CTX_set_default_passwd_cb(context, nil)
            SSL_CTX_set_default_passwd_cb_userdata(context, nil)
            return done
        }
        guard isLoaded else { throw TLSError.last() }
    }

    /// Adds certificates given as PEM text or DER octets; how many.
    private func addAuthorities(_ octets: UnsafeBufferPointer<UInt8>, isText: Bool) throws(Raised) -> Int {
        guard octets.count > 0, octets.count <= Int(Int32.max) else { throw valueError("Empty certificate data") }
        guard let bio = BIO_new_mem_buf(octets.baseAddress, Int32(octets.count)) else { throw raise(.memoryError) }
        defer { BIO_free(bio) }
        let store = SSL_CTX_get_cert_store(context)
        var count = 0
        while true {
            guard let certificate = isText ? PEM_read_bio_X509(bio, nil, nil, nil) : d2i_X509_bio(bio, nil) else { break }
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
            count += 1
        }
        if count == 0 {
            ERR_clear_error()
            throw TLSError.make(.plain, 0, isText ? "no start line: cadata does not contain a certificate"
                : "not enough data: cadata does not contain a certificate")
        }
        ERR_clear_error()
        return count
    }

    /// Called by OpenSSL on the server's side: the first of the server's protocols that the client offers.
    private static let choose: @convention(c) (
        OpaquePointer?, UnsafeMutablePointer<UnsafePointer<UInt8>?>?, UnsafeMutablePointer<UInt8>?, UnsafePointer<UInt8>?, UInt32,
        UnsafeMutableRawPointer?
    ) -> Int32 = { _, chosen, length, client, count, user in
        guard let chosen, let length, let client, let user else { return 3 }
        let own = Unmanaged<TLSContext>.fromOpaque(user).takeUnretainedValue().chosenByServer
        var index = 0
        while index < own.count {
            let size = Int(own[index])
            var place = 0
            while place < Int(count) {
                let other = Int(client[place])
                if other == size, place + 1 + other <= Int(count), index + 1 + size <= own.count,
                    (0 ..< size).allSatisfy({ own[index + 1 + $0] == client[place + 1 + $0] }) {
                    chosen.pointee = client + place + 1
                    length.pointee = UInt8(size)
                    return 0
                }
                place += 1 + other
            }
            index += 1 + size
        }
        return 3
    }

    private func setApplicationProtocols(_ wire: [UInt8]) {
        offered = wire
        chosenByServer = wire
        SSL_CTX_set_alpn_protos(context, wire, UInt32(wire.count))
        SSL_CTX_set_alpn_select_cb(context, TLSContext.choose, Unmanaged.passUnretained(self).toOpaque())
    }

    static let nativeClass = NativeClass("_SSLContext", kind: .box, doc: "Settings for TLS connections.", flags: [.isBase, .isWeakReferenceable], methods: [
        Native("load_cert_chain(self, certfile, keyfile=None, password=None)", "Load a certificate and its private key.") { args throws(Raised) in
            let certificate = try path(args[1])
            let password: [UInt8]? = args[3].isNone ? nil : args[3].isKind(.str) ? Array(args[3].object(Str.self).buffer) : Array(try BufferView(args[3]).octets)
            try own(args[0]).loadChain(certificate, args[2].isNone ? certificate : try path(args[2]), password)
            return .none
        },
        Native("load_verify_locations(self, cafile=None, capath=None, cadata=None)", "Load certificates of authorities.") { args throws(Raised) in
            let context = try own(args[0])
            if args[1].isNone, args[2].isNone, args[3].isNone { throw typeError("cafile, capath and cadata cannot be all omitted") }
            if !args[3].isNone {
                let isText = args[3].isKind(.str)
                let octets = isText ? args[3].object(Str.self).buffer : try BufferView(args[3]).octets
                _ = try context.addAuthorities(octets, isText: isText)
            }
            if !args[1].isNone || !args[2].isNone {
                let file: String? = args[1].isNone ? nil : try path(args[1])
                let folder: String? = args[2].isNone ? nil : try path(args[2])
                if let file, !isThere(file) { throw osError(errno) }
                ERR_clear_error()
                guard SSL_CTX_load_verify_locations(context.context, file, folder) == 1 else { throw TLSError.last() }
            }
            return .none
        },
        Native("set_default_verify_paths(self, /)", "Load the system's certificates of authorities.") { args throws(Raised) in
            guard SSL_CTX_set_default_verify_paths(try own(args[0]).context) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("set_ciphers(self, cipherlist, /)", "Set the ciphers that may be used.") { args throws(Raised) in
            let context = try own(args[0])
            guard args[1].isKind(.str) else { throw typeError("argument must be str, not \(typeName(args[1]))") }
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
                guard let cipher = tiny_cipher_at(ciphers, index) else { continue }
                let row = Dict.make()
                var strength: Int32 = 0
                let bits = SSL_CIPHER_get_bits(cipher, &strength)
                row.set(StrTables.intern("id"), Value(Int(SSL_CIPHER_get_id(cipher))))
                row.set(StrTables.intern("name"), Value(Str.make(String(cString: SSL_CIPHER_get_name(cipher)))))
                row.set(StrTables.intern("protocol"), Value(Str.make(String(cString: SSL_CIPHER_get_version(cipher)))))
                row.set(StrTables.intern("strength_bits"), Value(Int(bits)))
                row.set(StrTables.intern("alg_bits"), Value(Int(strength)))
                list.append(Value(row))
            }
            return Value(list)
        },
        Native("_set_alpn_protocols(self, protos, /)", "Offer application protocols, in the form of the wire.") { args throws(Raised) in
            try own(args[0]).setApplicationProtocols(Array(try BufferView(args[1]).octets))
            return .none
        },
        Native("set_session_id_context(self, sid, /)", "Tell sessions of this program from others.") { args throws(Raised) in
            let octets = Array(try BufferView(args[1]).octets)
            guard SSL_CTX_set_session_id_context(try own(args[0]).context, octets, UInt32(octets.count)) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("cert_store_stats(self, /)", "How many certificates are loaded.") { args throws(Raised) in
            let objects = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(try own(args[0]).context))
            let count = Int(OPENSSL_sk_num(objects))
            var authorities = 0
            for index in 0 ..< max(0, count) {
                guard let raw = OPENSSL_sk_value(objects, Int32(index)) else { continue }
                let certificate = OpaquePointer(raw)
                if X509_check_ca(certificate) > 0 { authorities += 1 }
                X509_free(certificate)
            }
            OPENSSL_sk_free(objects)
            let result = Dict.make()
            result.set(StrTables.intern("x509"), Value(max(0, count)))
            result.set(StrTables.intern("crl"), Value(0))
            result.set(StrTables.intern("x509_ca"), Value(authorities))
            return Value(result)
        },
        Native("get_ca_certs(self, binary_form=False)", "The certificates of authorities that are loaded.") { args throws(Raised) in
            let binary = try truth(args[1])
            let list = List.make()
            let objects = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(try own(args[0]).context))
            defer { OPENSSL_sk_free(objects) }
            for index in 0 ..< max(0, Int(OPENSSL_sk_num(objects))) {
                guard let raw = OPENSSL_sk_value(objects, Int32(index)) else { continue }
                let certificate = OpaquePointer(raw)
                defer { X509_free(certificate) }
                if X509_check_ca(certificate) <= 0 { continue }
                list.append(binary ? BytesObject.make(Certificate.encoded(certificate)) : try Certificate.fields(certificate))
            }
            return Value(list)
        },
        Native("_connect(self, incoming, outgoing, server_side, server_hostname, /)", "A connection over two buffers.") { args throws(Raised) in
            let name: String? = args[4].isNone ? nil : args[4].object(Str.self).string
            return BoxedObject.make(
                try TLSConnection(try own(args[0]), try TLSBuffer.own(args[1]), try TLSBuffer.own(args[2]), isServer: try truth(args[3]), name),
                TLSConnection.cls)
        },
    ], attributes: [
        Accessors("protocol") { object throws(Raised) in Value(try own(object).protocol) },
        Accessors("_check_hostname") { object throws(Raised) in
            Value(try own(object).checksHostName)
        } set: { object, value throws(Raised) in
            try own(object).checksHostName = try truth(value)
        },
        Accessors("verify_flags") { object throws(Raised) in
            Value(try own(object).verifyFlags)
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let flags = try index(value)
            guard flags >= 0 else { throw valueError("invalid verify flags") }
            let parameters = SSL_CTX_get0_param(context.context)
            X509_VERIFY_PARAM_clear_flags(parameters, UInt(context.verifyFlags))
            X509_VERIFY_PARAM_set_flags(parameters, UInt(flags))
            context.verifyFlags = flags
        },
        Accessors("verify_mode") { object throws(Raised) in
            Value([0: 0, 1: 2, 3: 2][Int(SSL_CTX_get_verify_mode(try own(object).context))] ?? 1)
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let mode = try index(value)
            guard mode >= 0, mode <= 2 else { throw valueError("invalid value for verify_mode") }
            if mode == 0, context.checksHostName {
                throw valueError("Cannot set verify_mode to CERT_NONE when check_hostname is enabled.")
            }
            context.isOptional = mode == 1
            SSL_CTX_set_verify(context.context, mode == 0 ? 0 : mode == 1 ? 5 : 3, nil)
        },
        Accessors("options") { object throws(Raised) in
            Value(Int(SSL_CTX_get_options(try own(object).context)))
        } set: { object, value throws(Raised) in
            let context = try own(object).context
            let wanted = try index(value)
            guard wanted >= 0 else { throw valueError("options must be positive") }
            let present = SSL_CTX_get_options(context)
            SSL_CTX_clear_options(context, present & ~UInt64(wanted))
            SSL_CTX_set_options(context, UInt64(wanted) & ~present)
        },
        limit("_minimum", \.lowest, tiny_tls_minimum),
        limit("_maximum", \.highest, tiny_tls_maximum),
    ], construct: { args throws(Raised) in
        let arguments = args[1].object(Tuple.self)
        let kind = arguments.count > 0 ? try index(arguments.items[0]) : 2
        guard [2, 3, 4, 5, 16, 17].contains(kind) else { throw valueError("invalid or unsupported protocol version") }
        return BoxedObject.make(try TLSContext(protocol: kind), args[0].object(ClassObject.self))
    })

    /// Whether a peer may come without a certificate (CERT_OPTIONAL).
    var isOptional = false
    /// The lowest and the highest version allowed; 0 for what OpenSSL offers.
    var limits = Limits()

    struct Limits {
        var lowest = 0x0303
        var highest = 0
    }

    /// An attribute for one of the limits; `tell` sets it in OpenSSL.
    private static func limit(
        _ name: StaticString, _ field: any WritableKeyPath<Limits, Int> & Sendable, _ tell: @escaping @Sendable (OpaquePointer?, Int32) -> Int
    ) -> Accessors {
        Accessors(name) { object throws(Raised) in
            Value(try own(object).limits[keyPath: field])
        } set: { object, value throws(Raised) in
            let context = try own(object)
            let version = try index(value)
            guard version >= 0, version <= 0xFFFF, tell(context.context, Int32(version)) == 1 else {
                throw valueError("Unsupported protocol version 0x\(String(version, radix: 16))")
            }
            context.limits[keyPath: field] = version
        }
    }
}
