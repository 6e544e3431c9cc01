// Uuencoded lines: a length and then six bits a character, from the blank on.

/// Uuencoded text, line by line, as `binascii` has it.
public enum Uuencode {
    /// What is wrong with a line.
    public enum Failure: String, Error { case illegal = "Illegal char", trailing = "Trailing garbage" }

    /// A line of at most 45 octets; zero bits are blanks or backticks.
    public static func encode(_ octets: UnsafeBufferPointer<UInt8>, backtick: Bool) -> [UInt8] {
        func character(_ bits: UInt32) -> UInt8 { bits == 0 && backtick ? 0x60 : UInt8(truncatingIfNeeded: bits + 32) }
        var line = [character(UInt32(octets.count))]
        for start in stride(from: 0, to: octets.count, by: 3) {
            var group: UInt32 = 0
            for offset in 0 ..< 3 { group = group << 8 | (start + offset < octets.count ? UInt32(octets[start + offset]) : 0) }
            for shift in stride(from: UInt32(18), through: 0, by: -6) { line.append(character(group >> shift & 63)) }
        }
        line.append(0x0A)
        return line
    }

    /// The octets of a line; what is missing at its end counts as zero bits. An empty line has none.
    public static func decode(_ line: UnsafeBufferPointer<UInt8>) throws(Failure) -> [UInt8] {
        guard let first = line.first else { return [] }
        let count = Int((first &- 32) & 63)
        var output: [UInt8] = []
        var position = 1
        var bits: UInt32 = 0
        var width: UInt32 = 0
        while output.count < count {
            // What is missing at the end of a line stands for zero bits: blanks get lost in transport.
            let character = position < line.count ? line[position] : 0x0A
            position += 1
            var value: UInt32 = 0
            if character != 0x0A, character != 0x0D, position <= line.count {
                guard character >= 32, character <= 96 else { throw .illegal }
                value = UInt32(character - 32) & 63
            }
            bits = bits << 6 | value
            width += 6
            if width >= 8 {
                width -= 8
                output.append(UInt8(truncatingIfNeeded: bits >> width))
                bits &= 1 << width - 1
            }
        }
        while position < line.count {
            let character = line[position]
            position += 1
            guard [0x20, 0x60, 0x0A, 0x0D].contains(character) else { throw .trailing }
        }
        return output
    }
}
