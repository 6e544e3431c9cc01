// Memory for the numbers in the middle of an operation, and the powers of ten.
//
// Operations on decimals take what they need from the top of one block and give all of it back at the end
// (`Scratch.using`): no allocation, nothing to be released one by one. What is too large comes from malloc, until the end
// of the operation too. One block serves all threads: whoever works holds the GIL, and no operation calls into a script.
import CGMP
import Glibc
import TinyRuntime

enum Scratch {
    private static let capacity = 8192
    nonisolated(unsafe) private static var block: UnsafeMutablePointer<UInt>?
    nonisolated(unsafe) private static var used = 0
    nonisolated(unsafe) private static var large: [UnsafeMutableRawPointer] = []
    /// Where the limbs of a number without limbs lie.
    nonisolated(unsafe) static let nothing: UnsafeMutablePointer<UInt> = {
        let word = UnsafeMutablePointer<UInt>.allocate(capacity: 1)
        word.initialize(to: 0)
        return word
    }()

    /// Runs an operation; what it has taken is given back, so its result must be made an object inside.
    @inline(__always)
    static func using<Result>(_ body: () throws(Raised) -> Result) throws(Raised) -> Result {
        let mark = used
        let largeMark = large.count
        defer {
            used = mark
            if large.count > largeMark { slowRelease(largeMark) }
        }
        return try body()
    }

    /// Memory for so many limbs, not initialised. Throws MemoryError where that is absurd.
    @inline(__always)
    static func take(_ count: Int) throws(Raised) -> UnsafeMutablePointer<UInt> {
        if let block, count <= capacity - used {
            defer { used += count }
            return block + used
        }
        return try slowTake(count)
    }

    @inline(never)
    private static func slowTake(_ count: Int) throws(Raised) -> UnsafeMutablePointer<UInt> {
        if block == nil {
            block = .allocate(capacity: capacity)
            if count <= capacity - used { return try take(count) }
        }
        guard count < 1 << 29, let memory = malloc(count * 8) else { throw raise(.memoryError) }
        large.append(memory)
        return memory.assumingMemoryBound(to: UInt.self)
    }

    @inline(never)
    private static func slowRelease(_ mark: Int) {
        while large.count > mark { free(large.removeLast()) }
    }
}

/// 10^k for every k: one word up to 10^19; kept up to 10^639; of the larger ones the last few are kept.
enum PowerOfTen {
    static let mostInWord = 19
    static let tableSize = 640

    /// 10^0 … 10^19.
    nonisolated(unsafe) static let words: UnsafeMutablePointer<UInt> = {
        let table = UnsafeMutablePointer<UInt>.allocate(capacity: 20)
        var power: UInt = 1
        for k in 0 ..< 20 {
            (table + k).initialize(to: power)
            power = power &* 10
        }
        return table
    }()

    nonisolated(unsafe) private static let table: UnsafeMutablePointer<Natural?> = {
        let table = UnsafeMutablePointer<Natural?>.allocate(capacity: tableSize)
        table.initialize(repeating: nil, count: tableSize)
        return table
    }()

    private struct Recent {
        var exponent: Int
        var number: __mpz_struct
    }
    nonisolated(unsafe) private static var recent: [Recent] = []
    nonisolated(unsafe) private static var oldest = 0

    /// 10^k; it stays as it is for the rest of the operation.
    static func natural(_ k: Int) throws(Raised) -> Natural {
        if k <= mostInWord { return Natural(words + max(0, k), count: 1) }
        if k < tableSize, let known = table[k] { return known }
        return try slowNatural(k)
    }

    @inline(never)
    private static func slowNatural(_ k: Int) throws(Raised) -> Natural {
        for entry in recent where entry.exponent == k { return Natural(entry.number._mp_d, count: Int(entry.number._mp_size)) }
        guard k < 1 << 32 else { throw raise(.memoryError) }
        var power = __mpz_struct()
        __gmpz_init(&power)
        __gmpz_ui_pow_ui(&power, 10, UInt(k))
        let count = Int(power._mp_size)
        if k < tableSize {
            let natural = Natural(power._mp_d, count: count)
            table[k] = natural
            return natural
        }
        // An operation has at most three of them in use at a time. Very long ones are not worth their memory.
        if count < 1 << 17 {
            if recent.count < 8 {
                recent.append(Recent(exponent: k, number: power))
            } else {
                oldest = (oldest + 1) & 7
                __gmpz_clear(&recent[oldest].number)
                recent[oldest] = Recent(exponent: k, number: power)
            }
            return Natural(power._mp_d, count: count)
        }
        defer { __gmpz_clear(&power) }
        let copy = try Scratch.take(count)
        copy.update(from: power._mp_d, count: count)
        return Natural(copy, count: count)
    }
}
