// The outside of a string literal: its prefix and quotes.

struct StringShape {
    var isRaw = false
    var isBytes = false
    /// The content lies from `start` up to `stop`.
    let start: Int
    let stop: Int

    init(_ bytes: UnsafePointer<UInt8>, _ token: Token) {
        var position = Int(token.start)
        scanning: while true {
            switch bytes[position] | 0x20 {
            case UInt8(ascii: "r"): isRaw = true
            case UInt8(ascii: "b"): isBytes = true
            case UInt8(ascii: "u"): break
            default: break scanning
            }
            position += 1
        }
        let quote = bytes[position]
        let length = Int(token.end) - position
        let isTriple = length >= 6 && bytes[position + 1] == quote && bytes[position + 2] == quote
        start = position + (isTriple ? 3 : 1)
        stop = Int(token.end) - (isTriple ? 3 : 1)
    }
}
