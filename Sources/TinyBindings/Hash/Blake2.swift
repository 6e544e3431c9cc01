// `_blake2`: BLAKE2b and BLAKE2s (RFC 7693) with key, salt, personalisation and tree parameters, which OpenSSL's
// interface does not offer.
import TinyRuntime

/// What both widths share: the state is kept as 64-bit words, which BLAKE2s uses the lower half of.
final class Blake2 {
    nonisolated(unsafe) private static var wideClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var narrowClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private let isWide: Bool
    private let size: Int
    private var state: [UInt64]
    private var buffer: [UInt8] = []
    private var counted: UInt64 = 0
    private let isLastNode: Bool

    private var blockSize: Int { isWide ? 128 : 64 }

    private static let wideStart: [UInt64] = [
        0x6A09_E667_F3BC_C908, 0xBB67_AE85_84CA_A73B, 0x3C6E_F372_FE94_F82B, 0xA54F_F53A_5F1D_36F1,
        0x510E_527F_ADE6_82D1, 0x9B05_688C_2B3E_6C1F, 0x1F83_D9AB_FB41_BD6B, 0x5BE0_CD19_137E_2179,
    ]
    private static let order: [[Int]] = [
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15], [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
        [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4], [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
        [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13], [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
        [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11], [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
        [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5], [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
    ]

    /// - Parameter parameters: the parameter block: 64 octets, or 32 for BLAKE2s.
    private init(isWide: Bool, size: Int, parameters: [UInt8], key: [UInt8], isLastNode: Bool) {
        self.isWide = isWide
        self.size = size
        self.isLastNode = isLastNode
        let step = isWide ? 8 : 4
        state = (0 ..< 8).map { word in
            var value: UInt64 = 0
            for octet in 0 ..< step { value |= UInt64(parameters[word * step + octet]) << UInt64(octet * 8) }
            return (isWide ? Blake2.wideStart[word] : Blake2.wideStart[word] >> 32) ^ value
        }
        if !key.isEmpty { buffer = key + [UInt8](repeating: 0, count: blockSize - key.count) }
    }

    private init(copying other: Blake2) {
        isWide = other.isWide
        size = other.size
        state = other.state
        buffer = other.buffer
        counted = other.counted
        isLastNode = other.isLastNode
    }

    // MARK: Computing

    private func add(_ octets: UnsafeBufferPointer<UInt8>) {
        buffer.append(contentsOf: octets)
        var offset = 0
        // The last block waits: it is compressed differently.
        while buffer.count - offset > blockSize {
            counted += UInt64(blockSize)
            compress(buffer[offset ..< offset + blockSize], isLast: false)
            offset += blockSize
        }
        if offset > 0 { buffer.removeFirst(offset) }
    }

    private func finished() -> [UInt8] {
        let copy = Blake2(copying: self)
        copy.counted += UInt64(buffer.count)
        let last = buffer + [UInt8](repeating: 0, count: blockSize - buffer.count)
        copy.compress(last[...], isLast: true)
        let step = isWide ? 8 : 4
        return (0 ..< size).map { UInt8(truncatingIfNeeded: copy.state[$0 / step] >> UInt64($0 % step * 8)) }
    }

    private func compress(_ block: ArraySlice<UInt8>, isLast: Bool) {
        let step = isWide ? 8 : 4
        var words = [UInt64](repeating: 0, count: 16)
        for (index, octet) in block.enumerated() { words[index / step] |= UInt64(octet) << UInt64(index % step * 8) }
        var v = state + (isWide ? Blake2.wideStart : Blake2.wideStart.map { $0 >> 32 })
        let mask: UInt64 = isWide ? .max : 0xFFFF_FFFF
        if isWide { v[12] ^= counted } else {
            v[12] ^= counted & mask
            v[13] ^= counted >> 32
        }
        if isLast {
            v[14] ^= mask
            if isLastNode { v[15] ^= mask }
        }
        let turns: [UInt64] = isWide ? [32, 24, 16, 63] : [16, 12, 8, 7]
        let width: UInt64 = isWide ? 64 : 32
        func rotate(_ x: UInt64, _ n: UInt64) -> UInt64 { (x >> n | x << (width - n)) & mask }
        v.withUnsafeMutableBufferPointer { v in
            func mix(_ a: Int, _ b: Int, _ c: Int, _ d: Int, _ x: UInt64, _ y: UInt64) {
                v[a] = (v[a] &+ v[b] &+ x) & mask
                v[d] = rotate(v[d] ^ v[a], turns[0])
                v[c] = (v[c] &+ v[d]) & mask
                v[b] = rotate(v[b] ^ v[c], turns[1])
                v[a] = (v[a] &+ v[b] &+ y) & mask
                v[d] = rotate(v[d] ^ v[a], turns[2])
                v[c] = (v[c] &+ v[d]) & mask
                v[b] = rotate(v[b] ^ v[c], turns[3])
            }
            for round in 0 ..< (isWide ? 12 : 10) {
                let s = Blake2.order[round % 10]
                mix(0, 4, 8, 12, words[s[0]], words[s[1]])
                mix(1, 5, 9, 13, words[s[2]], words[s[3]])
                mix(2, 6, 10, 14, words[s[4]], words[s[5]])
                mix(3, 7, 11, 15, words[s[6]], words[s[7]])
                mix(0, 5, 10, 15, words[s[8]], words[s[9]])
                mix(1, 6, 11, 12, words[s[10]], words[s[11]])
                mix(2, 7, 8, 13, words[s[12]], words[s[13]])
                mix(3, 4, 9, 14, words[s[14]], words[s[15]])
            }
        }
        for index in 0 ..< 8 { state[index] ^= v[index] ^ v[index + 8] }
    }

    // MARK: What the script sees

    static let nativeModule = NativeModule(
        "_blake2", doc: "_blake2 provides BLAKE2b and BLAKE2s for hashlib", functions: { [] },
        prepare: { contents throws(Raised) in
            wideClass = contents.add(table("blake2b", isWide: true))
            narrowClass = contents.add(table("blake2s", isWide: false))
            for (cls, sizes) in [(wideClass, [16, 16, 64, 64]), (narrowClass, [8, 8, 32, 32])] {
                for (name, size) in zip(["SALT_SIZE", "PERSON_SIZE", "MAX_KEY_SIZE", "MAX_DIGEST_SIZE"], sizes) {
                    cls.pointee.namespace.set(StrTables.intern(name), Value(size))
                }
            }
        })

    private static func of(_ value: Value) throws(Raised) -> Blake2 {
        guard let own = value.boxed(Blake2.self) else { throw typeError("a blake2 object is required") }
        return own
    }

    private static func number(_ value: Value, _ name: String, _ range: ClosedRange<Int>, default fallback: Int) throws(Raised) -> Int {
        if value.isAbsent { return fallback }
        guard let number = machineInt(try indexValue(value)), number >= 0 else {
            if isNegative(try indexValue(value)) { throw valueError("value must be positive") }
            throw raise(.overflowError, "\(name) is too large")
        }
        guard range.contains(number) else {
            if name == "leaf_size" || name == "node_offset" { throw raise(.overflowError, "\(name) is too large") }
            throw valueError("\(name) must be between \(range.lowerBound) and \(range.upperBound)\(name == "digest_size" ? " bytes" : "")")
        }
        return number
    }

    /// Up to 64 bits, or 48 for BLAKE2s.
    private static func nodeOffset(_ value: Value, isWide: Bool) throws(Raised) -> UInt64 {
        if value.isAbsent { return 0 }
        let given = try indexValue(value)
        if isNegative(given) { throw valueError("value must be positive") }
        let fits = bitLength(given) <= (isWide ? 64 : 48)
        guard fits else { throw raise(.overflowError, "node_offset is too large") }
        if let small = machineInt(given) { return UInt64(small) }
        return UInt64(given.object(IntObject.self).limbs[0])
    }

    private static func octets(_ value: Value, _ limit: Int, _ message: String) throws(Raised) -> [UInt8] {
        if value.isAbsent { return [] }
        let octets = Array(try BufferView(value).octets)
        guard octets.count <= limit else { throw valueError(message) }
        return octets
    }

    private static func make(_ args: Arguments, isWide: Bool) throws(Raised) -> Value {
        let values = try bindNames(
            // The data has no name.
            args, ["", "digest_size", "key", "salt", "person", "fanout", "depth", "leaf_size", "node_offset",
                   "node_depth", "inner_size", "last_node", "usedforsecurity"],
            required: 0, function: isWide ? "blake2b" : "blake2s")
        defer { values.deallocate() }
        let most = isWide ? 64 : 32
        let size = try number(values[1], "digest_size", 1 ... most, default: most)
        let key = try octets(values[2], most, "maximum key length is \(most) bytes")
        let salt = try octets(values[3], most / 4, "maximum salt length is \(most / 4) bytes")
        let person = try octets(values[4], most / 4, "maximum person length is \(most / 4) bytes")
        var block = [UInt8](repeating: 0, count: most)
        block[0] = UInt8(size)
        block[1] = UInt8(key.count)
        block[2] = UInt8(try number(values[5], "fanout", 0 ... 255, default: 1))
        block[3] = UInt8(try number(values[6], "depth", 1 ... 255, default: 1))
        let leaf = try number(values[7], "leaf_size", 0 ... 0xFFFF_FFFF, default: 0)
        for index in 0 ..< 4 { block[4 + index] = UInt8(truncatingIfNeeded: leaf >> (index * 8)) }
        let offset = try nodeOffset(values[8], isWide: isWide)
        for index in 0 ..< (isWide ? 8 : 6) { block[8 + index] = UInt8(truncatingIfNeeded: offset >> (index * 8)) }
        block[isWide ? 16 : 14] = UInt8(try number(values[9], "node_depth", 0 ... 255, default: 0))
        block[isWide ? 17 : 15] = UInt8(try number(values[10], "inner_size", 0 ... most, default: 0))
        for (index, octet) in salt.enumerated() { block[most / 2 + index] = octet }
        for (index, octet) in person.enumerated() { block[most * 3 / 4 + index] = octet }
        let isLastNode = values[11].isAbsent ? false : try truth(values[11])
        let own = Blake2(isWide: isWide, size: size, parameters: block, key: key, isLastNode: isLastNode)
        if !values[0].isAbsent { try own.update(values[0]) }
        return BoxedObject.make(own, args[0].object(ClassObject.self))
    }

    private func update(_ value: Value) throws(Raised) {
        if value.isKind(.str) { throw typeError("Strings must be encoded before hashing") }
        guard let view = try BufferView.view(value) else { throw typeError("object supporting the buffer API required") }
        add(view.octets)
    }

    private static func table(_ name: StaticString, isWide: Bool) -> NativeClass {
        NativeClass(
            name, kind: .box, doc: "Return a new BLAKE2 hash object.", methods: [
                Native("update(self, data, /)", "Update this hash object's state with the provided bytes-like object.", .method) { args throws(Raised) in
                    try of(args[0]).update(args[1])
                    return .none
                },
                Native("digest(self, /)", "Return the digest value as a bytes object.", .method) { args throws(Raised) in
                    BytesObject.make(try of(args[0]).finished())
                },
                Native("hexdigest(self, /)", "Return the digest value as a string of hexadecimal digits.", .method) { args throws(Raised) in
                    Digest.hex(try of(args[0]).finished())
                },
                Native("copy(self, /)", "Return a copy of the hash object.", .method) { args throws(Raised) in
                    BoxedObject.make(Blake2(copying: try of(args[0])), args[0].cls)
                },
            ],
            attributes: [
                Accessors("name") { _ in Value(StrTables.intern(name)) },
                Accessors("digest_size") { object throws(Raised) in Value(try of(object).size) },
                Accessors("block_size") { object throws(Raised) in Value(try of(object).blockSize) },
            ],
            construct: { args throws(Raised) in try make(args, isWide: isWide) })
    }
}
