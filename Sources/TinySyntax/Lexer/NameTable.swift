// Names of one source text, each stored once: the parser compares and passes numbers, and every mention of a name in
// the tree shares one String. The keywords take the first numbers, so one look-up tells a keyword from a name; the soft
// keywords (`match`, `case`, `type`, `_`) follow, and have fixed numbers too.

/// An open-addressing hash table from spelling to number.
struct NameTable {
    private(set) var names: [String] = []
    private var hashes: [UInt32] = []
    private var slots: [Int32]
    private var mask: Int

    static let keywordCount = Int32(TokenKind.keywords.count)
    static let match = keywordCount
    static let `case` = keywordCount + 1
    static let type = keywordCount + 2
    static let underscore = keywordCount + 3

    static func isSoftKeyword(_ name: Int32) -> Bool { name >= match && name <= underscore }

    init() {
        slots = Array(repeating: -1, count: 256)
        mask = 255
        names.reserveCapacity(128)
        hashes.reserveCapacity(128)
        for keyword in TokenKind.keywords {
            _ = number(of: UnsafeBufferPointer(start: keyword.utf8Start, count: keyword.utf8CodeUnitCount))
        }
        for word: StaticString in ["match", "case", "type", "_"] {
            _ = number(of: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
        }
    }

    /// The number of a spelling, new if it was not seen before.
    mutating func number(of text: UnsafeBufferPointer<UInt8>) -> Int32 {
        var hash: UInt32 = 2_166_136_261
        for byte in text { hash = (hash ^ UInt32(byte)) &* 16_777_619 }
        var slot = Int(hash) & mask
        while true {
            let index = slots[slot]
            if index < 0 { break }
            if hashes[Int(index)] == hash, equals(Int(index), text) { return index }
            slot = (slot + 1) & mask
        }
        let index = Int32(names.count)
        names.append(String(decoding: text, as: UTF8.self))
        hashes.append(hash)
        slots[slot] = index
        if names.count * 2 > slots.count { grow() }
        return index
    }

    private func equals(_ index: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        let utf8 = names[index].utf8
        guard utf8.count == text.count else { return false }
        return utf8.elementsEqual(text)
    }

    private mutating func grow() {
        let size = slots.count * 2
        slots = Array(repeating: -1, count: size)
        mask = size - 1
        for index in names.indices {
            var slot = Int(hashes[index]) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index)
        }
    }
}
