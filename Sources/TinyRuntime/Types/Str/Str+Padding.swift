// Adding and removing at the ends: strip, center, ljust, rjust, zfill, expandtabs.
import Glibc

extension Str {
    static let paddingMethods: [Native] = [
        Native("strip(self, chars=None, /)", "The text without spaces (or these characters) at both ends.") {
            a throws(Raised) in
            Value(try stripped(a, "strip", left: true, right: true))
        },
        Native("lstrip(self, chars=None, /)", "The text without spaces (or these characters) at its start.") {
            a throws(Raised) in
            Value(try stripped(a, "lstrip", left: true, right: false))
        },
        Native("rstrip(self, chars=None, /)", "The text without spaces (or these characters) at its end.") {
            a throws(Raised) in
            Value(try stripped(a, "rstrip", left: false, right: true))
        },
        Native("ljust(self, width, fillchar=' ', /)", "The text at the left of a field.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let missing = try missing(text, a[1])
            return Value(try padded(text, 0, missing, try fillCharacter(a[2])))
        },
        Native("rjust(self, width, fillchar=' ', /)", "The text at the right of a field.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let missing = try missing(text, a[1])
            return Value(try padded(text, missing, 0, try fillCharacter(a[2])))
        },
        Native("center(self, width, fillchar=' ', /)", "The text in the middle of a field.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let missing = try missing(text, a[1])
            let left = missing / 2 + (missing & (missing + text.count) & 1)
            return Value(try padded(text, left, missing - left, try fillCharacter(a[2])))
        },
        Native("zfill(self, width, /)", "The text with zeros behind its sign up to a width.") { a throws(Raised) in
            let text = a[0].object(Str.self)
            let missing = try missing(text, a[1])
            guard missing > 0 else { return Value(text.exact) }
            let hasSign = text.pointee.byteCount > 0 && (text.bytes[0] == 0x2B || text.bytes[0] == 0x2D)
            if !hasSign { return Value(try padded(text, missing, 0, 0x30)) }
            var buffer = TextBuffer(capacity: text.pointee.byteCount + missing)
            buffer.append(text.bytes[0])
            try buffer.append(repeating: 0x30, count: missing)
            buffer.append(text.buffer.part(1, text.pointee.byteCount))
            return Value(buffer.makeStr())
        },
        Native("expandtabs(self, /, tabsize=8)", "The text with its tabs as spaces.") { a throws(Raised) in
            Value(try expandTabs(a[0].object(Str.self), try index(a[1])))
        },
    ]

    private static func missing(_ text: StrRef, _ width: Value) throws(Raised) -> Int {
        let width = try index(width)
        let missing = width > text.count ? width - text.count : 0
        try checkSize(missing)
        return missing
    }

    private static func fillCharacter(_ value: Value) throws(Raised) -> UInt32 {
        guard value.isKind(.str) else {
            throw typeError("The fill character must be a unicode character, not \(typeName(value))")
        }
        let text = value.object(Str.self)
        guard text.count == 1 else { throw typeError("The fill character must be exactly one character long") }
        return text.codePoint(at: 0)
    }

    private static func padded(_ text: StrRef, _ left: Int, _ right: Int, _ fill: UInt32) throws(Raised) -> StrRef {
        if left == 0, right == 0 { return text.exact }
        if text.isASCII, fill < 0x80 {
            let count = text.pointee.byteCount
            let result = Str.allocate(byteCount: left + count + right, count: left + count + right)
            memset(result.bytes, Int32(fill), left)
            memcpy(result.bytes + left, text.bytes, count)
            memset(result.bytes + left + count, Int32(fill), right)
            return result
        }
        var buffer = TextBuffer(capacity: text.pointee.byteCount + left + right)
        try buffer.append(repeating: fill, count: left)
        buffer.append(text)
        try buffer.append(repeating: fill, count: right)
        return buffer.makeStr()
    }

    private static func stripped(
        _ a: Arguments, _ function: StaticString, left: Bool, right: Bool
    ) throws(Raised) -> StrRef {
        let text = a[0].object(Str.self)
        if a[1].isNone { return strip(text, left, right, CodePoint.isSpace) }
        guard a[1].isKind(.str) else { throw typeError("\(function) arg must be None or str") }
        let characters = a[1].object(Str.self)
        if characters.isASCII, characters.pointee.byteCount == 1 {
            let wanted = UInt32(characters.bytes[0])
            return strip(text, left, right) { $0 == wanted }
        }
        return strip(text, left, right) { contains(characters, $0) }
    }

    /// Whether a code point is among the characters.
    private static func contains(_ characters: StrRef, _ codePoint: UInt32) -> Bool {
        var offset = 0
        while offset < characters.pointee.byteCount {
            let (candidate, length) = decode(characters.bytes + offset)
            if candidate == codePoint { return true }
            offset += length
        }
        return false
    }

    @inline(__always)
    private static func strip(_ text: StrRef, _ left: Bool, _ right: Bool, _ drop: (UInt32) -> Bool) -> StrRef {
        var start = 0
        var end = text.pointee.byteCount
        while left, start < end {
            let (codePoint, length) = decode(text.bytes + start)
            guard drop(codePoint) else { break }
            start += length
        }
        while right, start < end {
            let (codePoint, length) = text.codePoint(before: end)
            guard drop(codePoint) else { break }
            end -= length
        }
        return text.substring(start, end)
    }

    private static func expandTabs(_ text: StrRef, _ size: Int) throws(Raised) -> StrRef {
        if memchr(text.bytes, 0x09, text.pointee.byteCount) == nil { return text.exact }
        var buffer = TextBuffer(capacity: text.pointee.byteCount)
        var column = 0
        try text.forEachCodePoint { codePoint throws(Raised) in
            if codePoint == 0x09 {
                guard size > 0 else { return }
                let step = size - column % size
                try checkSize(buffer.bytes.count &+ step)
                try buffer.append(repeating: 0x20, count: step)
                column += step
            } else {
                buffer.append(codePoint: codePoint)
                column = codePoint == 0x0A || codePoint == 0x0D ? 0 : column + 1
            }
        }
        return buffer.makeStr()
    }
}
