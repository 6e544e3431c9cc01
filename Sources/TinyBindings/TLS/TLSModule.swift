// `_ssl`: TLS on OpenSSL's libssl, without sockets: a connection reads and writes two buffers in memory (MemoryBIO).
//
// `ssl` moves the octets between the buffers and a socket with the socket's own methods. So whatever holds for sockets holds for TLS too:
// they let go of the interpreter's lock while they wait, and gevent's sockets switch to another greenlet.
import CCrypto
import Glibc
import TinyRuntime

enum TLSModule {
    static let nativeModule = NativeModule(
        "_ssl", doc: "TLS on OpenSSL, over buffers in memory.", functions: { functions },
        prepare: { contents throws(Raised) in
            TLSBuffer.cls = contents.add(TLSBuffer.nativeClass)
            TLSContext.cls = contents.add(TLSContext.nativeClass)
            TLSConnection.cls = contents.add(TLSConnection.nativeClass)
            CertificateObject.cls = contents.add(CertificateObject.nativeClass)
            TLSSession.cls = contents.add(TLSSession.nativeClass)
            TLSConstants.add(to: contents)
            TLSError.prepare(contents)
            contents.set("OPENSSL_VERSION", String(cString: OpenSSL_version(OPENSSL_VERSION)))
            contents.set("OPENSSL_VERSION_NUMBER", Int(OpenSSL_version_num()))
            contents.set("_DEFAULT_CIPHERS", TLSContext.defaultCiphers)
            let number = Int(OpenSSL_version_num())
            let version = Value(Tuple.make(
                Value(number >> 28 & 0xFF), Value(number >> 20 & 0xFF), Value(number >> 12 & 0xFF), Value(number >> 4 & 0xFF), Value(number & 0xF)))
            contents.set("OPENSSL_VERSION_INFO", version)
            contents.set("_OPENSSL_API_VERSION", version)
        })

    private static let functions: [Native] = [
        Native("RAND_bytes(n, /)", "Generate n cryptographically strong pseudo-random bytes.") { args throws(Raised) in
            let count = try index(args[0])
            guard count >= 0 else { throw valueError("num must be positive") }
            guard count <= Int(Int32.max) else { throw raise(.overflowError, "Python int too large to convert to C int") }
            var bytes = [UInt8](repeating: 0, count: count)
            guard RAND_bytes(&bytes, Int32(count)) == 1 else { throw TLSError.last() }
            return BytesObject.make(bytes)
        },
        Native("RAND_status()", "Whether the generator has been seeded with enough data.") { _ in Value(RAND_status() == 1) },
        Native("RAND_add(string, entropy, /)", "Mix string into the generator's state.") { args throws(Raised) in
            let octets = args[0].isKind(.str) ? args[0].object(Str.self).buffer : try BufferView(args[0]).octets
            guard octets.count <= Int(Int32.max) else { throw raise(.overflowError, "string too long") }
            RAND_add(octets.baseAddress, Int32(octets.count), Double(octets.count))
            return .none
        },
        Native("get_default_verify_paths()", "Where OpenSSL looks for certificates: (env, file, env, directory).") { _ in
            func text(_ pointer: UnsafePointer<CChar>?) -> Value { pointer.map { Value(Str.make(String(cString: $0))) } ?? .none }
            return Value(Tuple.make(
                text(X509_get_default_cert_file_env()), text(X509_get_default_cert_file()),
                text(X509_get_default_cert_dir_env()), text(X509_get_default_cert_dir())))
        },
        Native("txt2obj(txt, name=False)", "An object of ASN.1 by its number, or its name: (nid, short name, long name, number).") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("txt2obj() argument 'txt' must be str, not \(typeName(args[0]))") }
            let object = OBJ_txt2obj(args[0].object(Str.self).string, try truth(args[1]) ? 0 : 1)
            ERR_clear_error()
            guard let object else { throw valueError("unknown object '\(try str(args[0]).string.prefix(100))'") }
            defer { ASN1_OBJECT_free(object) }
            return description(of: object)
        },
        Native("nid2obj(nid, /)", "An object of ASN.1 by OpenSSL's number for it.") { args throws(Raised) in
            let number = try index(args[0])
            guard number >= 0 else { throw valueError("NID must be positive.") }
            guard number <= Int(Int32.max), let object = OBJ_nid2obj(Int32(number)) else {
                ERR_clear_error()
                throw valueError("unknown NID \(number)")
            }
            defer { ASN1_OBJECT_free(object) }
            guard OBJ_obj2nid(object) != NID_undef else { throw valueError("Unknown object") }
            return description(of: object)
        },
        Native("_test_decode_cert(path, /)", "The fields of a certificate in a PEM file.") { args throws(Raised) in
            guard let file = BIO_new_file(try TLSContext.path(args[0]), "r") else { throw osError(errno == 0 ? ENOENT : errno) }
            defer { BIO_free(file) }
            guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { throw TLSError.last() }
            defer { X509_free(certificate) }
            return try Certificate.fields(certificate)
        },
    ]

    /// (nid, short name, long name, number with dots or None)
    private static func description(of object: OpaquePointer) -> Value {
        let number = OBJ_obj2nid(object)
        func text(_ pointer: UnsafePointer<CChar>?) -> Value { pointer.map { Value(Str.make(String(cString: $0))) } ?? .none }
        let dotted = Certificate.dotted(object)
        return Value(Tuple.make(Value(Int(number)), text(OBJ_nid2sn(number)), text(OBJ_nid2ln(number)), dotted.isEmpty ? .none : Value(Str.make(dotted))))
    }
}

/// The errors of `ssl`, all kinds of SSLError.
enum TLSError {
    nonisolated(unsafe) private static var classes: [ClassRef] = []
    private static let names = ["SSLError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError",
                                "SSLCertVerificationError"]
    enum Name: Int { case plain, zeroReturn, wantRead, wantWrite, syscall, endOfFile, verification }

    static func prepare(_ contents: ModuleContents) {
        let base = ClassObject.makeNative(
            names[0], kind: .exception, bases: [ExceptionName.osError.cls], flags: [.isBase, .isException, .hasDict], module: "ssl")
        contents.set(names[0], Value(base))
        Native("__str__(self, /)", "Return str(self).") { args throws(Raised) in
            let exception = args[0].object(ExceptionObject.self)
            let message = exception.field(1)
            return message.isKind(.str) ? message : Value(try str(exception.pointee.args))
        }.install(in: base, selfKind: .exception)
        classes = [base]
        for name in names.dropFirst() {
            let cls = ClassObject.makeNative(
                name, kind: .exception, bases: name == names[6] ? [base, ExceptionName.valueError.cls] : [base],
                flags: [.isBase, .isException, .hasDict], module: "ssl")
            contents.set(name, Value(cls))
            classes.append(cls)
        }
        for cls in classes {
            cls.pointee.namespace.set(Names.module, Value(StrTables.intern("ssl")))
            cls.pointee.namespace.set(StrTables.intern("library"), .none)
            cls.pointee.namespace.set(StrTables.intern("reason"), .none)
            heap.permanentRoots.append(Value(cls))
        }
    }

    /// An error of a kind, with a number and a message.
    static func make(_ name: Name, _ number: Int, _ message: String, reason: String? = nil, library: String? = nil) -> Raised {
        let exception: Value
        do throws(Raised) {
            exception = try callValue(Value(classes[name.rawValue]), Value(number), Value(Str.make(message)))
            if let reason { try setAttribute(exception, StrTables.intern("reason"), Value(Str.make(reason))) }
            if let library { try setAttribute(exception, StrTables.intern("library"), Value(Str.make(library))) }
        } catch { return error }
        return raise(exception.object(ExceptionObject.self))
    }

    /// What OpenSSL noted last, as CPython tells it: "[SSL: WRONG_VERSION_NUMBER] wrong version number". `number`: the error's, if it
    /// is not the reason's.
    static func last(_ name: Name = .plain, number: Int? = nil) -> Raised {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return make(name, 1, "unknown error") }
        let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
        let library = libraries[Int(tiny_tls_error_library(code))]
        let hasReason = tiny_tls_reason_is_common(code) == 0
        let reason = hasReason ? String(text.uppercased().map { $0 == " " || $0 == "-" ? "_" : $0 }) : nil
        let start = library.map { $0 + (reason.map { ": " + $0 } ?? "") }
        return make(
            name, number ?? Int(tiny_tls_error_reason(code)), start.map { "[\($0)] \(text)" } ?? text, reason: reason, library: library)
    }

    private static let libraries = [
        3: "BN", 4: "RSA", 5: "DH", 6: "EVP", 7: "BUF", 8: "OBJ", 9: "PEM", 10: "DSA", 11: "X509", 13: "ASN1", 14: "CONF", 15: "CRYPTO", 16: "EC",
        20: "SSL", 32: "BIO", 33: "PKCS7", 34: "X509V3", 35: "PKCS12", 36: "RAND", 37: "DSO", 38: "ENGINE", 39: "OCSP", 40: "UI", 41: "COMP",
        46: "CMS", 47: "TS", 50: "CT", 51: "ASYNC", 52: "KDF", 53: "SM2",
    ]
}
