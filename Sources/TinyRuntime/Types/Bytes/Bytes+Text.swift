// The text-like methods of bytes and bytearray: ASCII case and predicates, stripping, padding, translate, hex, decode.
import Glibc

/// Methods of bytes and bytearray that look at octets as ASCII.
public enum BytesText {
    private typealias Args = BytesArguments

    static let methods: [Native] = caseMethods + predicateMethods + paddingMethods + codecMethods

    private static let caseMethods: [Native] = [
        Native("upper(self, /)", "A copy with ASCII letters in upper case.") { a throws(Raised) in
            Args.mapped(a[0], ASCII.upper)
        },
        Native("lower(self, /)", "A copy with ASCII letters in lower case.") { a throws(Raised) in
            Args.mapped(a[0], ASCII.lower)
        },
        Native("swapcase(self, /)", "A copy with upper and lower case exchanged.") { a throws(Raised) in
            Args.mapped(a[0]) { ASCII.isAlpha($0) ? $0 ^ 0x20 : $0 }
        },
        Native("capitalize(self, /)", "A copy with the first character in upper case, the others in lower case.") {
            a throws(Raised) in
            var result = Args.own(a[0]).map(ASCII.lower)
            if let first = result.first { result[0] = ASCII.upper(first) }
            return Args.make(result, like: a[0])
        },
        Native("title(self, /)", "A copy in which words start in upper case.") { a throws(Raised) in
            var previousIsCased = false
            var result: [UInt8] = []
            for byte in Args.own(a[0]) {
                result.append(previousIsCased ? ASCII.lower(byte) : ASCII.upper(byte))
                previousIsCased = ASCII.isAlpha(byte)
            }
            return Args.make(result, like: a[0])
        },
    ]

    private static let predicateMethods: [Native] = [
        Native("isalnum(self, /)", "Whether all are ASCII letters or digits.") { a throws(Raised) in
            Value(all(a) { ASCII.isAlpha($0) || ASCII.isDigit($0) })
        },
        Native("isalpha(self, /)", "Whether all are ASCII letters.") { a throws(Raised) in Value(all(a, ASCII.isAlpha)) },
        Native("isascii(self, /)", "Whether all are ASCII.") { a throws(Raised) in
            Value(Args.own(a[0]).allSatisfy { $0 < 0x80 })
        },
        Native("isdigit(self, /)", "Whether all are ASCII digits.") { a throws(Raised) in Value(all(a, ASCII.isDigit)) },
        Native("isspace(self, /)", "Whether all are ASCII spaces.") { a throws(Raised) in Value(all(a, ASCII.isSpace)) },
        Native("islower(self, /)", "Whether there are letters and all are lower case.") { a throws(Raised) in
            Value(Args.own(a[0]).contains(where: ASCII.isLower) && !Args.own(a[0]).contains(where: ASCII.isUpper))
        },
        Native("isupper(self, /)", "Whether there are letters and all are upper case.") { a throws(Raised) in
            Value(Args.own(a[0]).contains(where: ASCII.isUpper) && !Args.own(a[0]).contains(where: ASCII.isLower))
        },
        Native("istitle(self, /)", "Whether upper case starts every word and stands nowhere else.") { a throws(Raised) in
            var found = false
            var previousIsCased = false
            for byte in Args.own(a[0]) {
                if ASCII.isUpper(byte) ? previousIsCased : ASCII.isLower(byte) && !previousIsCased { return .false }
                previousIsCased = ASCII.isAlpha(byte)
                if previousIsCased { found = true }
            }
            return Value(found)
        },
    ]

    private static func all(_ a: Arguments, _ test: (UInt8) -> Bool) -> Bool {
        let own = Args.own(a[0])
        return own.count > 0 && own.allSatisfy(test)
    }

    private static let paddingMethods: [Native] = [
        Native("strip(self, bytes=None, /)", "A copy without spaces (or these bytes) at both ends.") { a throws(Raised) in
            try strip(a, left: true, right: true)
        },
        Native("lstrip(self, bytes=None, /)", "A copy without spaces (or these bytes) at its start.") { a throws(Raised) in
            try strip(a, left: true, right: false)
        },
        Native("rstrip(self, bytes=None, /)", "A copy without spaces (or these bytes) at its end.") { a throws(Raised) in
            try strip(a, left: false, right: true)
        },
        Native("ljust(self, width, fillchar=b' ', /)", "The bytes at the left of a field.") { a throws(Raised) in
            let missing = try missing(a)
            return try pad(a, "ljust", 0, missing)
        },
        Native("rjust(self, width, fillchar=b' ', /)", "The bytes at the right of a field.") { a throws(Raised) in
            let missing = try missing(a)
            return try pad(a, "rjust", missing, 0)
        },
        Native("center(self, width, fillchar=b' ', /)", "The bytes in the middle of a field.") { a throws(Raised) in
            let missing = try missing(a)
            let left = missing / 2 + (missing & (missing + Args.own(a[0]).count) & 1)
            return try pad(a, "center", left, missing - left)
        },
        Native("zfill(self, width, /)", "The bytes with zeros behind the sign up to a width.") { a throws(Raised) in
            let missing = try missing(a)
            guard missing > 0 else { return Args.unchanged(a[0]) }
            let own = Args.own(a[0])
            let sign = own.first == 0x2B || own.first == 0x2D ? 1 : 0
            return Args.make(
                own.prefix(sign) + [UInt8](repeating: 0x30, count: missing) + own.dropFirst(sign), like: a[0])
        },
        Native("expandtabs(self, /, tabsize=8)", "A copy with tabs as spaces.") { a throws(Raised) in
            let size = try index(a[1])
            var result: [UInt8] = []
            var column = 0
            for byte in Args.own(a[0]) {
                if byte == 0x09 {
                    guard size > 0 else { continue }
                    let step = size - column % size
                    try checkSize(result.count &+ step)
                    result.append(contentsOf: repeatElement(0x20, count: step))
                    column += step
                } else {
                    result.append(byte)
                    column = byte == 0x0A || byte == 0x0D ? 0 : column + 1
                }
            }
            return Args.make(result, like: a[0])
        },
    ]

    private static func strip(_ a: Arguments, left: Bool, right: Bool) throws(Raised) -> Value {
        let own = Args.own(a[0])
        let drop = a[1].isNone ? nil : OctetSet(try BufferView(a[1]).octets)
        func drops(_ byte: UInt8) -> Bool { drop?.contains(byte) ?? ASCII.isSpace(byte) }
        var start = 0
        var end = own.count
        while left, start < end, drops(own[start]) { start += 1 }
        while right, start < end, drops(own[end - 1]) { end -= 1 }
        return Args.part(a[0], start, end)
    }

    private static func missing(_ a: Arguments) throws(Raised) -> Int {
        let width = try index(a[1])
        let count = Args.own(a[0]).count
        let missing = width > count ? width - count : 0
        try checkSize(missing)
        return missing
    }

    private static func pad(_ a: Arguments, _ function: StaticString, _ left: Int, _ right: Int) throws(Raised) -> Value {
        let fill = a[2].isKind(.bytes) || a[2].isKind(.bytearray) ? Args.own(a[2]) : nil
        guard let fill, fill.count == 1 else {
            throw typeError("\(function)() argument 2 must be a byte string of length 1, not \(typeName(a[2]))")
        }
        if left == 0, right == 0 { return Args.unchanged(a[0]) }
        let result = [UInt8](repeating: fill[0], count: left) + Args.own(a[0]) + [UInt8](repeating: fill[0], count: right)
        return Args.make(result, like: a[0])
    }

    private static let codecMethods: [Native] = [
        Native("decode(self, /, encoding='utf-8', errors='strict')", "The bytes as text.") { a throws(Raised) in
            let encoding = try strArgument(a[1], "decode", "argument 'encoding'")
            let errors = try strArgument(a[2], "decode", "argument 'errors'")
            return Value(try Codecs.decode(try BufferView(a[0]), encoding, errors))
        },
        Native("hex(self, sep=?, bytes_per_sep=1)", "The bytes as hexadecimal digits.") { a throws(Raised) in
            Value(try hexText(Args.own(a[0]), a[1], a[2]))
        },
        Native("translate(self, table, /, delete=b'')", "A copy mapped by a table of 256 bytes, without some.") {
            a throws(Raised) in
            let table = a[1].isNone ? nil : try BufferView(a[1]).octets
            if let table, table.count != 256 { throw valueError("translation table must be 256 characters long") }
            let octets = Args.own(a[0])
            let unwanted = try BufferView(a[2]).octets
            if unwanted.count == 0, let table = table?.baseAddress { return Args.mapped(a[0]) { table[Int($0)] } }
            let dropped = OctetSet(unwanted)
            let result = [UInt8](unsafeUninitializedCapacity: octets.count) { result, count in
                for byte in octets where !dropped.contains(byte) {
                    result[count] = table?[Int(byte)] ?? byte
                    count += 1
                }
            }
            return Args.make(result, like: a[0])
        },
        Native("maketrans(frm, to, /)", "A table for translate.", .staticMethod) { a throws(Raised) in
            let from = try BufferView(a[0]).octets
            let to = try BufferView(a[1]).octets
            guard from.count == to.count else { throw valueError("maketrans arguments must have same length") }
            var table = (0 ... 255).map { UInt8($0) }
            for (index, byte) in from.enumerated() { table[Int(byte)] = to[index] }
            return BytesObject.make(table)
        },
    ]

    /// Hexadecimal digits with a separator every so many bytes, counted from the right (from the left if negative).
    public static func hexText(_ octets: Octets, _ separator: Value, _ perGroup: Value) throws(Raised) -> StrRef {
        var mark: UInt8?
        if !separator.isAbsent {
            if separator.isKind(.str) {
                guard separator.object(Str.self).count == 1 else { throw valueError("sep must be length 1.") }
                guard separator.object(Str.self).isASCII else { throw valueError("sep must be ASCII.") }
                mark = separator.object(Str.self).bytes[0]
            } else if separator.isKind(.bytes) {
                guard separator.object(BytesObject.self).pointee.count == 1 else { throw valueError("sep must be length 1.") }
                guard separator.object(BytesObject.self).bytes[0] < 0x80 else { throw valueError("sep must be ASCII.") }
                mark = separator.object(BytesObject.self).bytes[0]
            } else {
                guard try length(separator) == 1 else { throw valueError("sep must be length 1.") }
                throw typeError("sep must be str or bytes.")
            }
        }
        let group = try index(perGroup)
        try checkSize(octets.count * 3)
        if mark == nil || group == 0 { return plainHexText(octets) }
        var text = TextBuffer(capacity: octets.count * 3)
        for (position, byte) in octets.enumerated() {
            if let mark, group != 0, position > 0 {
                let distance = group > 0 ? octets.count - position : position
                if distance % (group == Int.min ? Int.max : abs(group)) == 0 { text.append(mark) }
            }
            text.append(hexDigit(UInt32(byte >> 4)))
            text.append(hexDigit(UInt32(byte & 15)))
        }
        return text.makeStr()
    }

    private static func plainHexText(_ octets: Octets) -> StrRef {
        let text = Str.allocate(byteCount: 2 * octets.count, count: 2 * octets.count)
        writeHex(octets, to: text.bytes)
        return text
    }

    /// Two digits for each octet.
    public static func writeHex(_ octets: Octets, to digits: UnsafeMutablePointer<UInt8>) {
        // Without a branch: what is above 9 is moved on to the letters.
        @inline(__always) func digit(_ nibble: UInt8) -> UInt8 { nibble &+ 0x30 &+ (nibble > 9 ? 39 : 0) }
        for position in 0 ..< octets.count {
            let octet = octets[position]
            digits[2 &* position] = digit(octet >> 4)
            digits[2 &* position &+ 1] = digit(octet & 15)
        }
    }

    /// The octets that `fromhex` reads.
    static func parseHex(_ value: Value) throws(Raised) -> [UInt8] {
        let text = try strArgument(value, "fromhex")
        let bytes = text.buffer
        var result: [UInt8] = []
        var offset = 0
        while offset < bytes.count {
            if ASCII.isSpace(bytes[offset]) {
                offset += 1
                continue
            }
            var position = offset
            if let high = ASCII.hexValue(bytes[offset]) {
                position = offset + 1
                if position < bytes.count, let low = ASCII.hexValue(bytes[position]) {
                    result.append(high << 4 | low)
                    offset += 2
                    continue
                }
            }
            throw valueError(
                "non-hexadecimal number found in fromhex() arg at position \(text.codePointIndex(min(position, bytes.count)))")
        }
        return result
    }
}
