// `_ssl`: TLS on OpenSSL's libssl, without sockets: a connection reads and writes two buffers in memory (MemoryBIO).
//
// `ssl.tr` moves the octets between the buffers and a socket with the socket's own methods. So whatever holds for sockets holds for TLS too:
// they let go of the interpreter's lock while they wait, and gevent's sockets switch to another greenlet.
import CCrypto
import Glibc

enum TLSModule {
    static let nativeModule = NativeModule(
        "_ssl", doc: "TLS on OpenSSL, over buffers in memory.", functions: { functions },
        prepare: { contents throws(Raised) in
            TLSBuffer.cls = contents.add(TLSBuffer.nativeClass)
            TLSContext.cls = contents.add(TLSContext.nativeClass)
            TLSConnection.cls = contents.add(TLSConnection.nativeClass)
            CertificateObject.cls = contents.add(CertificateObject.nativeClass)
            contents.set("ENCODING_PEM", 1)
            contents.set("ENCODING_DER", 2)
            TLSError.prepare(contents)
            contents.set("OPENSSL_VERSION", String(cString: OpenSSL_version(OPENSSL_VERSION)))
            contents.set("OPENSSL_VERSION_NUMBER", Int(OpenSSL_version_num()))
            contents.set("HAS_SNI", .true)
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
        Native("_test_decode_cert(path, /)", "The fields of a certificate in a PEM file.") { args throws(Raised) in
            guard let file = BIO_new_file(try TLSContext.path(args[0]), "r") else { throw osError(errno == 0 ? ENOENT : errno) }
            defer { BIO_free(file) }
            guard let certificate = PEM_read_bio_X509(file, nil, nil, nil) else { throw TLSError.last() }
            defer { X509_free(certificate) }
            return try Certificate.fields(certificate)
        },
    ]
}

/// The errors of `ssl`, all kinds of SSLError.
enum TLSError {
    nonisolated(unsafe) private static var classes: [ClassRef] = []
    private static let names = ["SSLError", "SSLZeroReturnError", "SSLWantReadError", "SSLWantWriteError", "SSLSyscallError", "SSLEOFError",
                                "SSLCertVerificationError"]
    enum Name: Int { case plain, zeroReturn, wantRead, wantWrite, syscall, endOfFile, verification }

    static func prepare(_ contents: ModuleContents) {
        let base = contents.addException(names[0], base: .osError)
        classes = [base]
        for name in names.dropFirst() {
            let cls = ClassObject.makeNative(
                name, kind: .exception, bases: name == names[6] ? [base, ExceptionName.valueError.cls] : [base],
                flags: [.isBase, .isException, .isHeapType], module: "ssl")
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

    /// What OpenSSL noted last, as CPython tells it: "[SSL: WRONG_VERSION_NUMBER] wrong version number".
    static func last(_ name: Name = .plain, suffix: String = "") -> Raised {
        let code = ERR_peek_last_error()
        ERR_clear_error()
        guard code != 0 else { return make(name, 1, "unknown error") }
        let library = ERR_lib_error_string(code).map { String(cString: $0) } ?? "unknown"
        let text = ERR_reason_error_string(code).map { String(cString: $0) } ?? "unknown error"
        let upper = library == "SSL routines" ? "SSL" : library.uppercased().replacing(" ROUTINES")
        let reason = String(text.uppercased().map { $0 == " " ? "_" : $0 })
        return make(name, Int(tiny_tls_error_library(code)) == Int(ERR_LIB_SSL) ? 1 : Int(tiny_tls_error_reason(code)),
                    "[\(upper): \(reason)] \(text)\(suffix)", reason: reason, library: upper)
    }
}

extension String {
    /// The text without an ending.
    fileprivate func replacing(_ ending: String) -> String { hasSuffix(ending) ? String(dropLast(ending.count)) : self }
}
