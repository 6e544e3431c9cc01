// Hash objects: a running message digest of OpenSSL's, and HMAC built from two of them.
import CCrypto
import Glibc
import TinyRuntime

final class Digest: UntracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var extendableCls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let name: String
    private let context: OpaquePointer

    /// hashlib's names and OpenSSL's.
    private static let methods: [(String, String)] = [
        ("md5", "MD5"), ("sha1", "SHA1"), ("sha224", "SHA224"), ("sha256", "SHA256"), ("sha384", "SHA384"),
        ("sha512", "SHA512"), ("sha512_224", "SHA512-224"), ("sha512_256", "SHA512-256"), ("sha3_224", "SHA3-224"),
        ("sha3_256", "SHA3-256"), ("sha3_384", "SHA3-384"), ("sha3_512", "SHA3-512"), ("shake_128", "SHAKE128"),
        ("shake_256", "SHAKE256"), ("sm3", "SM3"), ("ripemd160", "RIPEMD160"), ("md5-sha1", "MD5-SHA1"),
    ]

    static var names: [String] { methods.map { $0.0 }.filter { method($0) != nil } }

    /// An algorithm, with the name that hashlib gives it.
    struct Algorithm {
        let name: String
        let method: OpaquePointer
    }

    /// What was found for a name. With the GIL. (OpenSSL looks for an algorithm's implementation each time that one is begun with a
    /// method that was not fetched: 0.4 µs.)
    nonisolated(unsafe) private static var found: [String: Algorithm] = [:]

    /// The algorithm of a name in either spelling.
    static func algorithm(_ name: String) -> Algorithm? {
        if let known = found[name] { return known }
        let lower = name.lowercased()
        let row = methods.first { $0.0 == lower || $0.1.lowercased() == lower }
        guard let method = EVP_get_digestbyname(row?.1 ?? name) else { return nil }
        let fetched = EVP_MD_fetch(nil, row?.1 ?? name, nil)
        if fetched == nil { ERR_clear_error() }
        let algorithm = Algorithm(name: row?.0 ?? lower, method: fetched ?? method)
        found[name] = algorithm
        return algorithm
    }

    static func method(_ name: String) -> OpaquePointer? { algorithm(name)?.method }

    static func failure() -> Raised {
        let code = ERR_get_error()
        var message = [CChar](repeating: 0, count: 256)
        ERR_error_string_n(code, &message, 256)
        return valueError(message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" })
    }

    convenience init(named name: String) throws(Raised) {
        guard let algorithm = Digest.algorithm(name) else { throw valueError("unsupported hash type \(name)") }
        try self.init(algorithm)
    }

    init(_ algorithm: Algorithm) throws(Raised) {
        guard let context = EVP_MD_CTX_new() else { throw raise(.memoryError) }
        name = algorithm.name
        self.context = context
        guard EVP_DigestInit_ex(context, algorithm.method, nil) == 1 else { throw Digest.failure() }
    }

    private init(copying other: Digest) throws(Raised) {
        guard let context = EVP_MD_CTX_new() else { throw raise(.memoryError) }
        name = other.name
        self.context = context
        guard EVP_MD_CTX_copy_ex(context, other.context) == 1 else { throw Digest.failure() }
    }

    deinit { EVP_MD_CTX_free(context) }

    func copied() throws(Raised) -> Digest { try Digest(copying: self) }

    var size: Int { isExtendable ? 0 : Int(EVP_MD_get_size(EVP_MD_CTX_get0_md(context))) }
    var blockSize: Int { Int(EVP_MD_get_block_size(EVP_MD_CTX_get0_md(context))) }
    var isExtendable: Bool { name.hasPrefix("shake") }

    func update(_ value: Value) throws(Raised) {
        if value.isKind(.str) { throw typeError("Strings must be encoded before hashing") }
        guard let view = try BufferView.view(value) else {
            throw typeError("object supporting the buffer API required")
        }
        add(view.octets)
    }

    func add(_ octets: UnsafeBufferPointer<UInt8>) { EVP_DigestUpdate(context, octets.baseAddress, octets.count) }

    /// The digest so far; of so many octets for the extendable ones.
    func finished(_ length: Int? = nil) throws(Raised) -> [UInt8] {
        let copy = try copied()
        var result = [UInt8](repeating: 0, count: length ?? size)
        let done = length == nil ? EVP_DigestFinal_ex(copy.context, &result, nil) : EVP_DigestFinalXOF(copy.context, &result, result.count)
        guard done == 1 || length == 0 else { throw Digest.failure() }
        return result
    }

    // MARK: What the script sees

    private static func of(_ value: Value) throws(Raised) -> Digest {
        guard let digest = value.boxed(Digest.self) else { throw typeError("a hash object is required") }
        return digest
    }

    static func hex(_ octets: [UInt8]) -> Value {
        var text = TextBuffer(capacity: octets.count * 2)
        for octet in octets {
            text.append(hexDigit(UInt32(octet >> 4)))
            text.append(hexDigit(UInt32(octet & 15)))
        }
        return Value(text.makeStr())
    }

    private static func length(_ own: Digest, _ value: Value) throws(Raised) -> Int? {
        guard own.isExtendable else {
            guard value.isAbsent else { throw typeError("digest() takes no arguments (1 given)") }
            return nil
        }
        guard !value.isAbsent else { throw typeError("digest() missing required argument 'length' (pos 1)") }
        let length = try index(value)
        guard length >= 0, length < largestBuffer else { throw valueError("value must be positive") }
        return length
    }

    /// A hash object in the heap.
    static func make(_ digest: Digest) -> Value { BoxedObject.make(digest, digest.isExtendable ? extendableCls : cls) }

    /// What gives digests of any length (SHAKE).
    static let extendableClass = NativeClass("HASHXOF", kind: .box, doc: "A hash is an object used to calculate a checksum of a string of information.")

    static let nativeClass = NativeClass(
        "HASH", kind: .box, doc: "A hash is an object used to calculate a checksum of a string of information.",
        methods: [
            Native("update(self, obj, /)", "Update this hash object's state with the provided string.", .method) { args throws(Raised) in
                try of(args[0]).update(args[1])
                return .none
            },
            Native("digest(self, length=?)", "Return the digest value as a bytes object.", .method) { args throws(Raised) in
                let own = try of(args[0])
                return BytesObject.make(try own.finished(try length(own, args[1])))
            },
            Native("hexdigest(self, length=?)", "Return the digest value as a string of hexadecimal digits.", .method) { args throws(Raised) in
                let own = try of(args[0])
                return hex(try own.finished(try length(own, args[1])))
            },
            Native("copy(self, /)", "Return a copy of the hash object.", .method) { args throws(Raised) in
                Digest.make(try of(args[0]).copied())
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("<\(try of(args[0]).name) \(qualifiedClassName(args[0].cls)) object @ \(addressText(args[0]))>"))
            },
        ],
        attributes: [
            Accessors("name", "algorithm name.") { object throws(Raised) in Value(Str.make(try of(object).name)) },
            Accessors("digest_size") { object throws(Raised) in Value(try of(object).size) },
            Accessors("block_size") { object throws(Raised) in Value(try of(object).blockSize) },
        ])
}

/// HMAC (RFC 2104).
final class KeyedDigest: UntracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private let inner: Digest
    private let outer: Digest

    init(_ key: UnsafeBufferPointer<UInt8>, _ name: String) throws(Raised) {
        guard Digest.method(name) != nil else { throw HashModule.UnsupportedDigest.error(name) }
        let digest = try Digest(named: name)
        guard !digest.isExtendable else { throw HashModule.UnsupportedDigest.error(name) }
        var block = Array(key)
        if block.count > digest.blockSize {
            let long = try Digest(named: name)
            long.add(key)
            block = try long.finished()
        }
        block += [UInt8](repeating: 0, count: max(0, digest.blockSize - block.count))
        inner = digest
        outer = try Digest(named: name)
        block.map { $0 ^ 0x36 }.withUnsafeBufferPointer { inner.add($0) }
        block.map { $0 ^ 0x5C }.withUnsafeBufferPointer { outer.add($0) }
    }

    private init(_ inner: Digest, _ outer: Digest) {
        self.inner = inner
        self.outer = outer
    }

    func update(_ value: Value) throws(Raised) { try inner.update(value) }

    func finished() throws(Raised) -> [UInt8] {
        let last = try outer.copied()
        try inner.finished().withUnsafeBufferPointer { last.add($0) }
        return try last.finished()
    }

    private static func of(_ value: Value) throws(Raised) -> KeyedDigest {
        guard let keyed = value.boxed(KeyedDigest.self) else { throw typeError("an HMAC object is required") }
        return keyed
    }

    static let nativeClass = NativeClass(
        "HMAC", kind: .box, doc: "The object used to calculate HMAC of a message.",
        methods: [
            Native("update(self, msg)", "Update the HMAC object with msg.", .method) { args throws(Raised) in
                try of(args[0]).update(args[1])
                return .none
            },
            Native("digest(self, /)", "Return the digest of the bytes passed to the update() method so far.", .method) { args throws(Raised) in
                BytesObject.make(try of(args[0]).finished())
            },
            Native("hexdigest(self, /)", "Return hexadecimal digest of the bytes passed to the update() method so far.", .method) { args throws(Raised) in
                Digest.hex(try of(args[0]).finished())
            },
            Native("copy(self, /)", "Return a copy of the HMAC object.", .method) { args throws(Raised) in
                let own = try of(args[0])
                return BoxedObject.make(KeyedDigest(try own.inner.copied(), try own.outer.copied()), KeyedDigest.cls)
            },
            Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
                Value(Str.make("<\(try of(args[0]).inner.name) HMAC object @ \(addressText(args[0]))>"))
            },
        ],
        attributes: [
            Accessors("name") { object throws(Raised) in Value(Str.make("hmac-" + (try of(object).inner.name))) },
            Accessors("digest_size") { object throws(Raised) in Value(try of(object).inner.size) },
            Accessors("block_size") { object throws(Raised) in Value(try of(object).inner.blockSize) },
        ])
}
