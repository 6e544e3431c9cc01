// uuencode: three octets as four printable characters from space to underscore; a line begins with the count of its octets.
//
// Many programs strip spaces from line ends, so a missing character counts as a space, and a backquote may stand for one.

enum UUEncoding {
    struct Flaw: Error { var message: String }

    /// A line for at most 45 octets.
    static func encode(_ octets: Octets, backtick: Bool) -> [UInt8] {
        func letter(_ six: UInt8) -> UInt8 { six == 0 && backtick ? 0x60 : six + 0x20 }
        var line = [letter(UInt8(octets.count))]
        var index = 0
        while index < octets.count {
            let a = octets[index]
            let b = index + 1 < octets.count ? octets[index + 1] : 0
            let c = index + 2 < octets.count ? octets[index + 2] : 0
            line += [letter(a >> 2), letter((a & 3) << 4 | b >> 4), letter((b & 15) << 2 | c >> 6), letter(c & 63)]
            index += 3
        }
        line.append(0x0A)
        return line
    }

    /// The octets of a line.
    static func decode(_ text: Octets) -> Result<[UInt8], Flaw> {
        guard text.count > 0 else { return .success([]) }
        var left = Int((text[0] &- 0x20) & 63)
        var result: [UInt8] = []
        var index = 1
        var buffer: UInt32 = 0
        var bits: UInt32 = 0
        while left > 0 {
            var six: UInt8 = 0
            if index < text.count {
                let byte = text[index]
                if byte != 0x0A, byte != 0x0D {
                    guard byte >= 0x20, byte <= 0x60 else { return .failure(Flaw(message: "Illegal char")) }
                    six = (byte - 0x20) & 63
                }
            }
            index += 1
            buffer = (buffer << 6 | UInt32(six)) & 0xFFFF
            bits += 6
            if bits >= 8 {
                bits -= 8
                result.append(UInt8(truncatingIfNeeded: buffer >> bits))
                left -= 1
            }
        }
        while index < text.count {
            let byte = text[index]
            guard byte == 0x20 || byte == 0x60 || byte == 0x0A || byte == 0x0D else { return .failure(Flaw(message: "Trailing garbage")) }
            index += 1
        }
        return .success(result)
    }
}
