// What a context loads: its own certificate and key, certificates of authorities, and what it tells of them.
import CCrypto
import Glibc
import TinyRuntime

extension TLSContext {
    /// Where the password for a private key comes from. OpenSSL asks through a function with one pointer.
    private final class Password {
        /// Text, bytes or a function of the script.
        let source: Value
        var failure: Raised?

        init(_ source: Value) { self.source = source }

        /// The password's octets.
        func octets() throws(Raised) -> [UInt8] {
            var given = source
            if !Password.isText(given) {
                given = try callValue(source)
                guard Password.isText(given) else { throw typeError("password callback must return a string") }
            }
            let octets = given.isKind(.str) ? Array(given.object(Str.self).buffer) : Array(try BufferView(given).octets)
            guard octets.count <= 1024 else { throw valueError("password cannot be longer than 1024 bytes") }
            return octets
        }

        static func isText(_ value: Value) -> Bool { value.isKind(.str) || value.isKind(.bytes) || value.isKind(.bytearray) }

        static let ask: @convention(c) (UnsafeMutablePointer<CChar>?, Int32, Int32, UnsafeMutableRawPointer?) -> Int32 = { buffer, size, _, user in
            guard let buffer, let user else { return -1 }
            let own = Unmanaged<Password>.fromOpaque(user).takeUnretainedValue()
            do throws(Raised) {
                let octets = try own.octets()
                let count = min(octets.count, Int(size))
                memcpy(buffer, octets, count)
                return Int32(count)
            } catch {
                own.failure = error
                return -1
            }
        }
    }

    private func loadChain(_ certificate: String, _ key: String, _ password: Value) throws(Raised) {
        for file in [certificate, key] where access(file, R_OK) != 0 { throw osError(errno) }
        guard password.isNone || Password.isText(password) || password.cls.has(.call) else {
            throw typeError("password should be a string or callable")
        }
        ERR_clear_error()
        let asked = Password(password)
        // On the stack, where the collector sees what it refers to while the script runs.
        try withExtendedLifetime((asked, password)) { () throws(Raised) in
            if !password.isNone {
                SSL_CTX_set_default_passwd_cb_userdata(context, Unmanaged.passUnretained(asked).toOpaque())
                SSL_CTX_set_default_passwd_cb(context, Password.ask)
            }
            let isLoaded = SSL_CTX_use_certificate_chain_file(context, certificate) == 1
                && SSL_CTX_use_PrivateKey_file(context, key, 1) == 1 && SSL_CTX_check_private_key(context) == 1
            SSL_CTX_set_default_passwd_cb(context, nil)
            SSL_CTX_set_default_passwd_cb_userdata(context, nil)
            if let failure = asked.failure {
                ERR_clear_error()
                throw failure
            }
            guard isLoaded else { throw TLSError.last() }
        }
    }

    /// Adds certificates given as PEM text or DER octets.
    private func addAuthorities(_ octets: UnsafeBufferPointer<UInt8>, isText: Bool) throws(Raised) {
        guard octets.count > 0, octets.count <= Int(Int32.max) else { throw valueError("Empty certificate data") }
        guard let bio = BIO_new_mem_buf(octets.baseAddress, Int32(octets.count)) else { throw raise(.memoryError) }
        defer { BIO_free(bio) }
        ERR_clear_error()
        let store = SSL_CTX_get_cert_store(context)
        var count = 0
        while let certificate = isText ? PEM_read_bio_X509(bio, nil, nil, nil) : d2i_X509_bio(bio, nil) {
            X509_STORE_add_cert(store, certificate)
            X509_free(certificate)
            count += 1
        }
        let code = ERR_peek_last_error()
        let (library, reason) = (tiny_tls_error_library(code), tiny_tls_error_reason(code))
        if count == 0 {
            ERR_clear_error()
            throw TLSError.make(.plain, 0, isText ? "no start line: cadata does not contain a certificate"
                : "not enough data: cadata does not contain a certificate")
        }
        // The end of the data looks like that.
        let isEnd = isText ? library == ERR_LIB_PEM && reason == PEM_R_NO_START_LINE : library == ERR_LIB_ASN1 && reason == ASN1_R_HEADER_TOO_LONG
        guard code == 0 || isEnd else { throw TLSError.last() }
        ERR_clear_error()
    }

    /// Calls `body` with every certificate that is loaded for checking others.
    private func forEachAuthority(_ body: (OpaquePointer) throws(Raised) -> Void) throws(Raised) {
        let objects = X509_STORE_get1_all_certs(SSL_CTX_get_cert_store(context))
        defer { OPENSSL_sk_free(objects) }
        var failure: Raised?
        for index in 0 ..< max(0, Int(OPENSSL_sk_num(objects))) {
            guard let raw = OPENSSL_sk_value(objects, Int32(index)) else { continue }
            let certificate = OpaquePointer(raw)
            defer { X509_free(certificate) }
            if failure != nil { continue }
            do throws(Raised) { try body(certificate) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    static let certificateMethods: [Native] = [
        Native("load_cert_chain(self, certfile, keyfile=None, password=None)", "Load a certificate and its private key.") { args throws(Raised) in
            let certificate = try path(args[1], "certfile")
            try own(args[0]).loadChain(certificate, args[2].isNone ? certificate : try path(args[2], "keyfile"), args[3])
            return .none
        },
        Native("load_verify_locations(self, cafile=None, capath=None, cadata=None)", "Load certificates of authorities.") { args throws(Raised) in
            let context = try own(args[0])
            if args[1].isNone, args[2].isNone, args[3].isNone { throw typeError("cafile, capath and cadata cannot be all omitted") }
            let file: String? = args[1].isNone ? nil : try path(args[1], "cafile")
            let folder: String? = args[2].isNone ? nil : try path(args[2], "capath")
            if !args[3].isNone {
                let isText = args[3].isKind(.str)
                guard isText || BufferView.isBytesLike(args[3]) else { throw typeError("cadata should be an ASCII string or a bytes-like object") }
                let octets = isText ? args[3].object(Str.self).buffer : try BufferView(args[3]).octets
                if isText, octets.contains(where: { $0 >= 0x80 }) { throw typeError("cadata should be an ASCII string or a bytes-like object") }
                try context.addAuthorities(octets, isText: isText)
            }
            if file != nil || folder != nil {
                if let file, access(file, R_OK) != 0 { throw osError(errno) }
                ERR_clear_error()
                guard SSL_CTX_load_verify_locations(context.context, file, folder) == 1 else { throw TLSError.last() }
            }
            return .none
        },
        Native("load_dh_params(self, path, /)", "Load parameters for the exchange of keys after Diffie and Hellman.") { args throws(Raised) in
            let context = try own(args[0])
            let path = try path(args[1])
            if AuditHooks.listen { try AuditHooks.tell("open", args[1], Value(Str.make("rb")), Value(0)) }
            guard access(path, R_OK) == 0, let file = BIO_new_file(path, "r") else {
                ERR_clear_error()
                throw osError(errno, args[1])
            }
            defer { BIO_free(file) }
            ERR_clear_error()
            guard tiny_tls_load_dh(context.context, file) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("set_default_verify_paths(self, /)", "Load the system's certificates of authorities.") { args throws(Raised) in
            guard SSL_CTX_set_default_verify_paths(try own(args[0]).context) == 1 else { throw TLSError.last() }
            return .none
        },
        Native("cert_store_stats(self, /)", "How many certificates are loaded.") { args throws(Raised) in
            let context = try own(args[0])
            var (count, authorities) = (0, 0)
            try context.forEachAuthority { certificate in
                count += 1
                if X509_check_ca(certificate) > 0 { authorities += 1 }
            }
            var lists = 0
            let objects = X509_STORE_get0_objects(SSL_CTX_get_cert_store(context.context))
            for index in 0 ..< tiny_store_count(objects) where tiny_store_kind(objects, index) == 2 { lists += 1 }
            let result = Dict.make()
            result.set(StrTables.intern("x509"), Value(count))
            result.set(StrTables.intern("crl"), Value(lists))
            result.set(StrTables.intern("x509_ca"), Value(authorities))
            return Value(result)
        },
        Native("get_ca_certs(self, binary_form=False)", "The certificates of authorities that are loaded.") { args throws(Raised) in
            let binary = try truth(args[1])
            let list = List.make()
            try own(args[0]).forEachAuthority { certificate throws(Raised) in
                guard X509_check_ca(certificate) > 0 else { return }
                list.append(binary ? BytesObject.make(Certificate.encoded(certificate)) : try Certificate.fields(certificate))
            }
            return Value(list)
        },
    ]
}
