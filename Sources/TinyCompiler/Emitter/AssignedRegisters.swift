// Which local registers are certainly bound at a point of the code: a set of small numbers.
//
// The emitter keeps one for "here" and one for each label jumped to; where paths meet, sets are intersected. A read of
// a register that is not in the set needs a `checkBound`.

struct AssignedRegisters {
    private var words: [UInt64] = []

    func contains(_ register: Int) -> Bool {
        register >> 6 < words.count && words[register >> 6] & (1 << UInt64(register & 63)) != 0
    }

    mutating func insert(_ register: Int) {
        while words.count <= register >> 6 { words.append(0) }
        words[register >> 6] |= 1 << UInt64(register & 63)
    }

    mutating func remove(_ register: Int) {
        guard register >> 6 < words.count else { return }
        words[register >> 6] &= ~(1 << UInt64(register & 63))
    }

    mutating func formIntersection(_ other: AssignedRegisters) {
        if words.count > other.words.count { words.removeLast(words.count - other.words.count) }
        for index in words.indices { words[index] &= other.words[index] }
    }
}
