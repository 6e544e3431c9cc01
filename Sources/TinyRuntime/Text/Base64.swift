// Base64 and quoted-printable text.

/// Base64 (RFC 4648), as `binascii` has it.
public enum Base64 {
    /// Text that is no Base64; the message is that of `binascii.Error`.
    public struct Flaw: Error { public let message: String }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 0xFF, count: 256)
        for (index, byte) in alphabet.enumerated() { table[Int(byte)] = UInt8(index) }
        return table
    }()

    /// - Parameter newline: whether a line feed follows.
    public static func encode(_ octets: Octets, newline: Bool) -> [UInt8] {
        let size = (octets.count + 2) / 3 * 4 + (newline ? 1 : 0)
        return [UInt8](unsafeUninitializedCapacity: size) { result, count in
            alphabet.withUnsafeBufferPointer { alphabet in
                var index = 0, end = 0
                while index + 2 < octets.count {
                    let group = Int(octets[index]) << 16 | Int(octets[index + 1]) << 8 | Int(octets[index + 2])
                    result[end] = alphabet[group >> 18]
                    result[end + 1] = alphabet[group >> 12 & 63]
                    result[end + 2] = alphabet[group >> 6 & 63]
                    result[end + 3] = alphabet[group & 63]
                    index += 3
                    end += 4
                }
                let left = octets.count - index
                if left > 0 {
                    let group = Int(octets[index]) << 16 | (left > 1 ? Int(octets[index + 1]) << 8 : 0)
                    result[end] = alphabet[group >> 18]
                    result[end + 1] = alphabet[group >> 12 & 63]
                    result[end + 2] = left > 1 ? alphabet[group >> 6 & 63] : 0x3D
                    result[end + 3] = 0x3D
                    end += 4
                }
                if newline { result[end] = 0x0A }
            }
            count = size
        }
    }

    /// Decodes groups of four characters of the alphabet, up to the first other one.
    /// - Returns: how many characters that were.
    private static func decodeGroups(_ text: Octets, into result: inout [UInt8]) -> Int {
        var index = 0
        result = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3) { result, count in
            values.withUnsafeBufferPointer { values in
                while index + 3 < text.count {
                    let first = values[Int(text[index])], second = values[Int(text[index + 1])]
                    let third = values[Int(text[index + 2])], fourth = values[Int(text[index + 3])]
                    if first | second | third | fourth > 63 { break }
                    result[count] = first << 2 | second >> 4
                    result[count + 1] = second << 4 | third >> 2
                    result[count + 2] = third << 6 | fourth
                    count += 3
                    index += 4
                }
            }
        }
        return index
    }

    /// Characters outside the alphabet are skipped, unless `strict`.
    public static func decode(_ text: Octets, strict: Bool) -> Result<[UInt8], Flaw> {
        if strict, text.first == 0x3D { return .failure(Flaw(message: "Leading padding not allowed")) }
        var result: [UInt8] = []
        let start = decodeGroups(text, into: &result)
        var quad = 0
        var padding = 0
        var isPadding = false
        var carry: UInt8 = 0
        for index in start ..< text.count {
            let byte = text[index]
            if byte == 0x3D {
                if strict, quad == 0 { return .failure(Flaw(message: "Excess padding not allowed")) }
                isPadding = true
                if quad >= 2 { padding += 1 }
                if quad >= 2, quad + padding >= 4 {
                    if strict, index + 1 < text.count { return .failure(Flaw(message: "Excess data after padding")) }
                    return .success(result)
                }
                continue
            }
            let value = values[Int(byte)]
            if value == 0xFF {
                if strict { return .failure(Flaw(message: "Only base64 data is allowed")) }
                continue
            }
            if strict, isPadding { return .failure(Flaw(message: "Discontinuous padding not allowed")) }
            padding = 0
            switch quad {
            case 0: carry = value
            case 1:
                result.append(carry << 2 | value >> 4)
                carry = value & 0x0F
            case 2:
                result.append(carry << 4 | value >> 2)
                carry = value & 0x03
            default: result.append(carry << 6 | value)
            }
            quad = (quad + 1) & 3
        }
        if quad == 0 { return .success(result) }
        if quad == 1 {
            let count = result.count / 3 * 4 + 1
            return .failure(
                Flaw(
                    message:
                        "Invalid base64-encoded string: number of data characters (\(count)) cannot be 1 more than a multiple of 4"
                ))
        }
        return .failure(Flaw(message: "Incorrect padding"))
    }
}

/// Quoted-printable text (RFC 2045), as `binascii` has it.
public enum QuotedPrintable {
    /// The octets; what is no code stays as it is. `header`: underscores are blanks (RFC 2047).
    public static func decode(_ text: Octets, header: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var index = 0
        while index < text.count {
            let byte = text[index]
            index += 1
            if byte == 0x5F, header {
                result.append(0x20)
            } else if byte != 0x3D {
                result.append(byte)
            } else if index >= text.count {
                break
            } else if text[index] == 0x0A || text[index] == 0x0D {
                // A soft line break.
                while index < text.count, text[index] != 0x0A { index += 1 }
                index += 1
            } else if text[index] == 0x3D {
                result.append(0x3D)
                index += 1
            } else if index + 1 < text.count, let high = ASCII.hexValue(text[index]), let low = ASCII.hexValue(text[index + 1]) {
                result.append(high << 4 | low)
                index += 2
            } else {
                result.append(0x3D)
            }
        }
        return result
    }

    /// - Parameters:
    ///   - quoteTabs: blanks and tabs are coded wherever they stand.
    ///   - isText: line ends stay line ends.
    ///   - header: blanks become underscores (RFC 2047).
    public static func encode(_ octets: Octets, quoteTabs: Bool, isText: Bool, header: Bool) -> [UInt8] {
        var result: [UInt8] = []
        var column = 0
        let usesCRLF = octets.firstIndex(of: 0x0A).map { $0 > 0 && octets[$0 - 1] == 0x0D } ?? false
        func isLineEnd(after index: Int) -> Bool {
            let rest = octets[min(index + 1, octets.count)...].prefix(2)
            return rest.first == 0x0A || rest.elementsEqual([0x0D, 0x0A])
        }
        for (index, byte) in octets.enumerated() {
            let next = index + 1 < octets.count ? octets[index + 1] : nil
            let isBreak = isText && (byte == 0x0A || byte == 0x0D && next == 0x0A)
            if isBreak {
                if byte == 0x0D { continue }
                if usesCRLF { result.append(0x0D) }
                result.append(0x0A)
                column = 0
                continue
            }
            let isBlank = byte == 0x20 || byte == 0x09
            // A blank before a line end is coded too, but as CPython does it: without a look at the line's length.
            let isCodedLate = isText && isBlank && !quoteTabs && isLineEnd(after: index) && !(header && byte == 0x20)
            let endsLine = next == nil
            let quotes = byte > 126 || byte == 0x3D || header && byte == 0x5F
                || byte == 0x2E && column == 0 && (next == nil || next == 0x0A || next == 0x0D || next == 0)
                || isBlank && (quoteTabs || endsLine)
                || !isBlank && byte < 33 && !(isText && byte == 0x0D)
            let width = quotes ? 3 : 1
            if column + width >= 76, quotes || (next != nil && next != 0x0A) {
                result.append(0x3D)
                if usesCRLF { result.append(0x0D) }
                result.append(0x0A)
                column = 0
            }
            if quotes || isCodedLate {
                result.append(0x3D)
                for nibble in [byte >> 4, byte & 15] { result.append(nibble < 10 ? 0x30 + nibble : 0x41 + nibble - 10) }
            } else {
                result.append(header && byte == 0x20 ? 0x5F : byte)
            }
            column += width
        }
        return result
    }
}
