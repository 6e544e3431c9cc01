// The format mini-language: `[[fill]align][sign][z][#][0][width][grouping][.precision][type]`.
//
// Parsed as CPython does it, in one pass over the code points, because the texts of its errors depend on the order in
// which the parts are looked at. Which parts a type of object allows is decided by its own formatter.

struct FormatSpecification {
    enum Grouping { case none, comma, underscore }

    var fill: UInt32 = 0x20
    /// `<`, `>`, `=` or `^`.
    var align: UInt8
    /// `+`, `-`, a space, or 0.
    var sign: UInt8 = 0
    var coercesNegativeZero = false
    var isAlternate = false
    /// -1: not given.
    var width = -1
    var grouping = Grouping.none
    var precision = -1
    /// The code point that ends the specification; 0: none.
    var type: UInt32

    /// - Parameters:
    ///   - typeName: the class of what is formatted, for the error.
    init(_ text: StrRef, defaultType: UInt32, defaultAlign: UInt8, typeName: @autoclosure () -> String) throws(Raised) {
        type = defaultType
        align = defaultAlign
        var scanner = CodePointScanner(text)
        var hasAlign = false
        let first = scanner.peek(0)
        if let second = scanner.peek(1), FormatSpecification.isAlignment(second), let first {
            fill = first
            align = UInt8(truncatingIfNeeded: second)
            hasAlign = true
            scanner.skip()
            scanner.skip()
        } else if let first, FormatSpecification.isAlignment(first) {
            align = UInt8(truncatingIfNeeded: first)
            hasAlign = true
            scanner.skip()
        }
        let hasFill = scanner.offset > 1
        if let next = scanner.peek(0), next == 0x20 || next == 0x2B || next == 0x2D {
            sign = UInt8(truncatingIfNeeded: next)
            scanner.skip()
        }
        if scanner.take(0x7A) { coercesNegativeZero = true }
        if scanner.take(0x23) { isAlternate = true }
        if !hasFill, scanner.take(0x30) {
            fill = 0x30
            if !hasAlign, defaultAlign == 0x3E { align = 0x3D }
        }
        width = try scanner.number() ?? -1
        try parseGrouping(&scanner)
        if scanner.take(0x2E) {
            guard let number = try scanner.number() else { throw valueError("Format specifier missing precision") }
            precision = number
        }
        if scanner.peek(1) != nil {
            throw valueError("Invalid format specifier '\(text.string)' for object of type '\(typeName())'")
        }
        if let last = scanner.peek(0) { type = last }
        try checkGrouping()
    }

    private mutating func parseGrouping(_ scanner: inout CodePointScanner) throws(Raised) {
        if scanner.take(0x2C) { grouping = .comma }
        if scanner.peek(0) == 0x5F {
            guard grouping == .none else { throw valueError("Cannot specify both ',' and '_'.") }
            grouping = .underscore
            scanner.skip()
        }
        if scanner.peek(0) == 0x2C, grouping == .underscore { throw valueError("Cannot specify both ',' and '_'.") }
    }

    private func checkGrouping() throws(Raised) {
        guard grouping != .none else { return }
        switch type {
        case 0, 0x64, 0x65, 0x66, 0x67, 0x45, 0x46, 0x47, 0x25: return
        case 0x62, 0x6F, 0x78, 0x58: if grouping == .underscore { return }
        default: break
        }
        let mark = grouping == .comma ? "," : "_"
        throw valueError("Cannot specify '\(mark)' with '\(FormatSpecification.shown(type))'.")
    }

    /// Bytes that a number's text mostly has.
    var expectedSize: Int { max(min(width, 1000), 24) + 8 }

    private static func isAlignment(_ codePoint: UInt32) -> Bool {
        codePoint == 0x3C || codePoint == 0x3E || codePoint == 0x3D || codePoint == 0x5E
    }

    /// A type code as errors show it.
    static func shown(_ type: UInt32) -> String {
        type > 32 && type < 128 ? String(Unicode.Scalar(UInt8(type))) : "\\x" + String(type, radix: 16)
    }

    func unknownType(_ typeName: String) -> Raised {
        valueError("Unknown format code '\(FormatSpecification.shown(type))' for object of type '\(typeName)'")
    }

    /// Appends text of `count` code points with its padding.
    func pad(_ text: UnsafeBufferPointer<UInt8>, count: Int, into buffer: inout TextBuffer) throws(Raised) {
        let missing = width > count ? width - count : 0
        let left = align == 0x3E ? missing : align == 0x5E ? missing / 2 : 0
        try buffer.append(repeating: fill, count: left)
        buffer.append(text)
        try buffer.append(repeating: fill, count: missing - left)
    }
}

/// Reads the code points of a str one by one.
public struct CodePointScanner {
    let text: StrRef
    private(set) var offset = 0

    /// Stands before the first code point.
    public init(_ text: StrRef) { self.text = text }

    /// Whether no code point is left.
    public var isAtEnd: Bool { offset >= text.pointee.byteCount }

    /// The next code point, or the one behind it.
    public func peek(_ ahead: Int) -> UInt32? {
        var position = offset
        var left = ahead
        if text.isASCII {
            position += ahead
            return position < text.pointee.byteCount ? UInt32(text.bytes[position]) : nil
        }
        while position < text.pointee.byteCount {
            let (codePoint, length) = Str.decode(text.bytes + position)
            if left == 0 { return codePoint }
            left -= 1
            position += length
        }
        return nil
    }

    /// Steps over the next code point, if there is one.
    public mutating func skip() {
        if offset < text.pointee.byteCount { offset += Str.sequenceLength(text.bytes[offset]) }
    }

    /// Steps over the next code point if it is this ASCII character.
    public mutating func take(_ codePoint: UInt32) -> Bool {
        guard offset < text.pointee.byteCount, text.bytes[offset] == UInt8(truncatingIfNeeded: codePoint) else { return false }
        offset += 1
        return true
    }

    /// A run of decimal digits (of any script), or nil if there is none. Throws ValueError if it is too large.
    mutating func number() throws(Raised) -> Int? {
        var result: Int?
        while let codePoint = peek(0), let digit = CodePoint.decimal(codePoint) {
            let (product, overflow) = (result ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(digit)
            if overflow || carry { throw valueError("Too many decimal digits in format string") }
            result = sum
            skip()
        }
        return result
    }
}
