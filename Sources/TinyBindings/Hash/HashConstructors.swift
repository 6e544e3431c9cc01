// `_hashlib.openssl_sha256(…)` and its like: one function for each digest that hashlib always has.
//
// They are native functions, as in CPython, so that a class may hold one (`digest_method = hashlib.sha256`) and its instances
// see it unbound.
import TinyRuntime

extension HashModule {
    static let constructors: [Native] = [
        constructor("md5", "openssl_md5(string=b'', *, usedforsecurity=True)"),
        constructor("sha1", "openssl_sha1(string=b'', *, usedforsecurity=True)"),
        constructor("sha224", "openssl_sha224(string=b'', *, usedforsecurity=True)"),
        constructor("sha256", "openssl_sha256(string=b'', *, usedforsecurity=True)"),
        constructor("sha384", "openssl_sha384(string=b'', *, usedforsecurity=True)"),
        constructor("sha512", "openssl_sha512(string=b'', *, usedforsecurity=True)"),
        constructor("sha3_224", "openssl_sha3_224(string=b'', *, usedforsecurity=True)"),
        constructor("sha3_256", "openssl_sha3_256(string=b'', *, usedforsecurity=True)"),
        constructor("sha3_384", "openssl_sha3_384(string=b'', *, usedforsecurity=True)"),
        constructor("sha3_512", "openssl_sha3_512(string=b'', *, usedforsecurity=True)"),
        constructor("shake_128", "openssl_shake_128(string=b'', *, usedforsecurity=True)"),
        constructor("shake_256", "openssl_shake_256(string=b'', *, usedforsecurity=True)"),
    ]

    private static func constructor(_ name: String, _ signature: StaticString) -> Native {
        Native(signature, "A hash object of this algorithm, fed with `string`.") { args throws(Raised) in
            let digest = try Digest(named: name)
            if !args[0].isAbsent { try digest.update(args[0]) }
            return Digest.make(digest)
        }
    }
}
