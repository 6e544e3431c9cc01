// The order of strings: that of their code points. UTF-8 was made so that its bytes order the same way (lone
// surrogates, held as three bytes, included), so one memcmp decides.
import Glibc

extension UnsafeMutablePointer<Str> {
    /// Negative, zero or positive, as this string stands before, at or behind the other.
    func compare(_ other: StrRef) -> Int {
        let mine = pointee.byteCount
        let others = other.pointee.byteCount
        let order = memcmp(bytes, other.bytes, Swift.min(mine, others))
        return order != 0 ? Int(order) : mine - others
    }

    /// Whether all bytes of the text are these.
    func equals(_ other: UnsafeBufferPointer<UInt8>) -> Bool {
        guard pointee.byteCount == other.count else { return false }
        guard let base = other.baseAddress else { return true }
        return memcmp(bytes, base, other.count) == 0
    }
}
