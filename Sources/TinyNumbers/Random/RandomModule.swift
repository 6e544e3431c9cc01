// `_random`: the Mersenne Twister MT19937 (Matsumoto and Nishimura), with CPython's ways of seeding and drawing.
import CGMP
import Glibc
import TinyRuntime

enum RandomModule {
    static let nativeModule = NativeModule(
        "_random", doc: "Module implements the Mersenne Twister random number generator.", functions: { [] },
        prepare: { contents throws(Raised) in contents.add(MersenneTwister.nativeClass) })
}

final class MersenneTwister {
    private static let size = 624
    private static let distance = 397
    private var state = [UInt32](repeating: 0, count: size)
    private var place = size

    // MARK: Seeding

    private func seed(_ number: UInt32) {
        state[0] = number
        for index in 1 ..< Self.size {
            state[index] = 1_812_433_253 &* (state[index - 1] ^ state[index - 1] >> 30) &+ UInt32(index)
        }
        place = Self.size
    }

    private func seed(_ key: [UInt32]) {
        seed(19_650_218)
        var (i, j) = (1, 0)
        for _ in 0 ..< max(Self.size, key.count) {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_664_525) &+ key[j] &+ UInt32(truncatingIfNeeded: j)
            i += 1
            j += 1
            if i >= Self.size {
                state[0] = state[Self.size - 1]
                i = 1
            }
            if j >= key.count { j = 0 }
        }
        for _ in 0 ..< Self.size - 1 {
            state[i] = (state[i] ^ (state[i - 1] ^ state[i - 1] >> 30) &* 1_566_083_941) &- UInt32(i)
            i += 1
            if i >= Self.size {
                state[0] = state[Self.size - 1]
                i = 1
            }
        }
        state[0] = 0x8000_0000
    }

    private func seedFromSystem() {
        // The generator of the system's randomness.
        var source = SystemRandomNumberGenerator()
        seed((0 ..< Self.size).map { _ in source.next() })
    }

    private func seed(_ value: Value) throws(Raised) {
        if value.isNone { return seedFromSystem() }
        // An int counts by its magnitude, anything else by its hash, taken as unsigned.
        if isInteger(value) {
            let key = try withLimbs(value) { operand throws(Raised) in
                var words: [UInt32] = []
                for index in 0 ..< operand.count {
                    words.append(UInt32(truncatingIfNeeded: operand.limbs[index]))
                    words.append(UInt32(truncatingIfNeeded: operand.limbs[index] >> 32))
                }
                return words
            }
            return seed(trimmed(key))
        }
        let hash = UInt(bitPattern: try TinyRuntime.hash(value))
        seed(trimmed([UInt32(truncatingIfNeeded: hash), UInt32(truncatingIfNeeded: hash >> 32)]))
    }

    private func trimmed(_ key: [UInt32]) -> [UInt32] {
        var key = key
        while key.count > 1, key[key.count - 1] == 0 { key.removeLast() }
        return key.isEmpty ? [0] : key
    }

    // MARK: Drawing

    private func refill() {
        state.withUnsafeMutableBufferPointer { state in
            for index in 0 ..< Self.size {
                let y = state[index] & 0x8000_0000 | state[(index + 1) % Self.size] & 0x7FFF_FFFF
                state[index] = state[(index + Self.distance) % Self.size] ^ y >> 1 ^ (y & 1 == 0 ? 0 : 0x9908_B0DF)
            }
        }
        place = 0
    }

    @inline(__always)
    private func next() -> UInt32 {
        if place >= Self.size { refill() }
        var y = state[place]
        place += 1
        y ^= y >> 11
        y ^= y << 7 & 0x9D2C_5680
        y ^= y << 15 & 0xEFC6_0000
        return y ^ y >> 18
    }

    private func double() -> Double {
        let (a, b) = (next() >> 5, next() >> 6)
        return (Double(a) * 67_108_864 + Double(b)) * (1 / 9_007_199_254_740_992)
    }

    private func bits(_ count: Int) throws(Raised) -> Value {
        if count < 0 { throw valueError("number of bits must be non-negative") }
        if count == 0 { return Value(inline: 0) }
        if count <= 32 { return Value(inline: Int(next() >> UInt32(32 - count))) }
        if count > largestBuffer { throw raise(.memoryError) }
        let words = (count + 31) / 32
        let limbs = (words + 1) / 2
        let result = IntObject.allocate(limbs: limbs)
        var left = count
        for index in 0 ..< limbs {
            var limb = mp_limb_t(word(&left))
            if left > 0 { limb |= mp_limb_t(word(&left)) << 32 }
            result.limbs[index] = limb
        }
        return IntObject.normalized(result)
    }

    private func word(_ left: inout Int) -> UInt32 {
        let number = left < 32 ? next() >> UInt32(32 - left) : next()
        left = max(0, left - 32)
        return number
    }

    // MARK: The class

    private static func own(_ value: Value) throws(Raised) -> MersenneTwister {
        guard let twister = value.boxed(MersenneTwister.self) else { throw typeError("a Random object is required") }
        return twister
    }

    private func restore(_ value: Value) throws(Raised) {
        guard value.isKind(.tuple) else { throw typeError("state vector must be a tuple") }
        let tuple = value.object(Tuple.self)
        guard tuple.count == Self.size + 1 else { throw valueError("state vector is the wrong size") }
        var words = [UInt32](repeating: 0, count: Self.size)
        for index in 0 ..< Self.size {
            guard isInteger(tuple.items[index]) else { throw typeError("an integer is required") }
            guard let word = machineInt(tuple.items[index]), word >= 0 else {
                throw raise(.overflowError, "can't convert negative value to unsigned int")
            }
            words[index] = UInt32(truncatingIfNeeded: word)
        }
        let place = try index(tuple.items[Self.size])
        guard place >= 0, place <= Self.size else { throw valueError("invalid state") }
        state = words
        self.place = place
    }

    static let nativeClass = NativeClass(
        "Random", kind: .box, doc: "Random() -> create a random number generator with its own internal state.", flags: .isBase,
        methods: [
            Native("__init__(self, seed=None, /)", "Initialize self.") { args throws(Raised) in
                try own(args[0]).seed(args[1])
                return .none
            },
            Native("seed(self, n=None, /)", "seed([n]) -> None.", .method) { args throws(Raised) in
                try own(args[0]).seed(args[1])
                return .none
            },
            Native("random(self, /)", "random() -> x in the interval [0, 1).", .method) { args throws(Raised) in
                Value(try own(args[0]).double())
            },
            Native("getrandbits(self, k, /)", "getrandbits(k) -> x.  Generates an int with k random bits.", .method) { args throws(Raised) in
                try own(args[0]).bits(try index(args[1]))
            },
            Native("getstate(self, /)", "getstate() -> tuple containing the current state.", .method) { args throws(Raised) in
                let own = try own(args[0])
                let result = Tuple.allocate(size + 1)
                for index in 0 ..< size { result.items[index] = Value(inline: Int(own.state[index])) }
                result.items[size] = Value(inline: own.place)
                return Value(result)
            },
            Native("setstate(self, state, /)", "setstate(state) -> None.  Restores generator state.", .method) { args throws(Raised) in
                try own(args[0]).restore(args[1])
                return .none
            },
        ],
        construct: { args throws(Raised) in
            let twister = MersenneTwister()
            twister.seed(5489)
            return BoxedObject.make(twister, args[0].object(ClassObject.self))
        })
}
