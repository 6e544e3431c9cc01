// `_hashlib`: message digests, HMAC and key derivation on OpenSSL's libcrypto.
//
// blake2 with a key, a salt or a shorter digest is not in OpenSSL's EVP interface: see Blake2.
import CCrypto
import Glibc
import TinyRuntime

enum HashModule {
    static let nativeModule = NativeModule(
        "_hashlib", doc: "OpenSSL interface for hashlib module", functions: { functions + constructors },
        prepare: { contents throws(Raised) in
            Digest.cls = contents.add(Digest.nativeClass)
            Digest.extendableCls = contents.add(Digest.extendableClass, base: Digest.cls)
            KeyedDigest.cls = contents.add(KeyedDigest.nativeClass)
            UnsupportedDigest.cls = contents.addException("UnsupportedDigestmodError", base: .valueError)
            contents.set("openssl_md_meth_names", try names())
        })

    /// The names of all digests, as hashlib spells them.
    private static func names() throws(Raised) -> Value {
        let list = List.make()
        for name in Digest.names { list.append(Value(StrTables.intern(name))) }
        return try callValue(Value(Shapes.table[Int(Kind.frozenset.rawValue)].pointee.cls), Value(list))
    }

    enum UnsupportedDigest {
        nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
        static func error(_ name: String) -> Raised {
            raise(ExceptionObject.make(cls, Tuple.make(Value(Str.make("Unsupported digestmod \(name)")))))
        }
    }

    private static func text(_ value: Value, _ what: String) throws(Raised) -> String {
        guard value.isKind(.str) else { throw typeError("\(what) must be a string, not \(typeName(value))") }
        return value.object(Str.self).string
    }

    /// An algorithm's name, given as such or as the constructor of its hash objects (`hashlib.sha256`, `_hashlib.openssl_sha256`).
    private static func algorithm(_ value: Value) throws(Raised) -> String {
        if value.isKind(.str) { return value.object(Str.self).string }
        let name = try getOptionalAttribute(value, StrTables.intern("__name__"))
        if name.isKind(.str) {
            let name = name.object(Str.self).string
            return name.hasPrefix("openssl_") ? String(name.dropFirst(8)) : name
        }
        throw typeError("digestmod must be a string, not \(typeName(value))")
    }

    private static let functions: [Native] = [
        Native("get_fips_mode()", "Determine the OpenSSL FIPS mode of operation.") { _ in Value(0) },
        Native("new(name, string=b'', *, usedforsecurity=True)", "Return a new hash object using the named algorithm.") { args throws(Raised) in
            let digest = try Digest(named: try text(args[0], "name"))
            if !args[1].isAbsent { try digest.update(args[1]) }
            return Digest.make(digest)
        },
        Native("hmac_new(key, msg=b'', digestmod=None)", "Return a new hmac object.") { args throws(Raised) in
            if args[2].isAbsent || args[2].isNone { throw typeError("Missing required parameter 'digestmod'.") }
            let keyed = try KeyedDigest(try BufferView(args[0]).octets, try algorithm(args[2]))
            if !args[1].isAbsent, !args[1].isNone { try keyed.update(args[1]) }
            return BoxedObject.make(keyed, KeyedDigest.cls)
        },
        Native("hmac_digest(key, msg, digest)", "Single-shot HMAC.") { args throws(Raised) in
            let keyed = try KeyedDigest(try BufferView(args[0]).octets, try algorithm(args[2]))
            try keyed.update(args[1])
            return BytesObject.make(try keyed.finished())
        },
        Native("compare_digest(a, b, /)", "Return 'a == b'.") { args throws(Raised) in
            if args[0].isKind(.str), args[1].isKind(.str) {
                let (a, b) = (args[0].object(Str.self), args[1].object(Str.self))
                guard a.isASCII, b.isASCII else {
                    throw typeError("comparing strings with non-ASCII characters is not supported")
                }
                return Value(equal(a.buffer, b.buffer))
            }
            guard let a = try BufferView.view(args[0]), let b = try BufferView.view(args[1]) else {
                throw typeError("unsupported operand types(s) or combination of types: '\(typeName(args[0]))' and '\(typeName(args[1]))'")
            }
            return Value(equal(a.octets, b.octets))
        },
        Native("pbkdf2_hmac(hash_name, password, salt, iterations, dklen=None)", "Password based key derivation function 2 (PKCS #5 v2.0) with HMAC as pseudorandom function.") { args throws(Raised) in
            let name = try text(args[0], "hash_name")
            guard let method = Digest.method(name) else { throw valueError("unsupported hash type \(name)") }
            let iterations = try index(args[3])
            guard iterations >= 1 else { throw valueError("iteration value must be greater than 0.") }
            guard iterations <= Int(Int32.max) else { throw raise(.overflowError, "iteration value is too great.") }
            let size = args[4].isNone ? Int(EVP_MD_get_size(method)) : try index(args[4])
            guard size >= 1 else { throw valueError("key length must be greater than 0.") }
            guard size <= Int(Int32.max) else { throw raise(.overflowError, "key length is too great.") }
            let password = Array(try BufferView(args[1]).octets)
            let salt = Array(try BufferView(args[2]).octets)
            var key = [UInt8](repeating: 0, count: size)
            let done = password.withUnsafeBytes { password in
                PKCS5_PBKDF2_HMAC(
                    password.baseAddress?.assumingMemoryBound(to: CChar.self), Int32(password.count), salt, Int32(salt.count),
                    Int32(iterations), method, Int32(size), &key)
            }
            guard done == 1 else { throw Digest.failure() }
            return BytesObject.make(key)
        },
        Native("scrypt(password, *, salt=None, n=None, r=None, p=None, maxmem=0, dklen=64)", "scrypt password-based key derivation function.") { args throws(Raised) in
            try scrypt(args)
        },
    ]

    /// In a time that does not depend on where they differ.
    private static func equal(_ a: UnsafeBufferPointer<UInt8>, _ b: UnsafeBufferPointer<UInt8>) -> Bool {
        guard a.count == b.count else { return false }
        var difference: UInt8 = 0
        for index in 0 ..< a.count { difference |= a[index] ^ b[index] }
        return difference == 0
    }

    private static func scrypt(_ args: Arguments) throws(Raised) -> Value {
        let password = Array(try BufferView(args[0]).octets)
        guard !args[1].isNone else { throw typeError("salt is required") }
        let salt = Array(try BufferView(args[1]).octets)
        guard isInteger(args[2]), let n = machineInt(args[2]), n >= 2, n & (n - 1) == 0 else {
            throw args[2].isNone ? typeError("n is required and must be an unsigned int") : valueError("n must be a power of 2.")
        }
        guard isInteger(args[3]), let r = machineInt(args[3]), r > 0 else { throw typeError("r is required and must be an unsigned int") }
        guard isInteger(args[4]), let p = machineInt(args[4]), p > 0 else { throw typeError("p is required and must be an unsigned int") }
        let memory = try index(args[5])
        guard memory >= 0, memory <= Int(Int32.max) else { throw valueError("maxmem must be positive and smaller than \(Int32.max)") }
        let size = try index(args[6])
        guard size >= 1, size <= Int(Int32.max) else { throw valueError("dklen must be greater than 0 and smaller than \(Int32.max)") }
        var key = [UInt8](repeating: 0, count: size)
        let done = password.withUnsafeBytes { password in
            EVP_PBE_scrypt(
                password.baseAddress?.assumingMemoryBound(to: CChar.self), password.count, salt, salt.count, UInt64(n),
                UInt64(r), UInt64(p), UInt64(memory), &key, size)
        }
        guard done == 1 else { throw valueError("Invalid parameter combination for n, r, p, maxmem.") }
        return BytesObject.make(key)
    }
}
