// format(): the mini-language as decimals understand it, `n` with the locale's or given marks.
import TinyRuntime

/// A specification: `[[fill]align][sign][z][#][0][width][,][.precision][type]`.
private struct DecimalSpecification {
    var fill: UInt32 = 0x20
    var align: UInt8 = 0x3E
    var sign: UInt8 = 0x2D
    var coercesNegativeZero = false
    var isAlternate = false
    var padsWithZeros = false
    /// A width or precision that no machine integer holds.
    private(set) var isBeyondMachine = false
    var width = 0
    var hasComma = false
    var precision: Int?
    /// A letter or `%`; 0: none.
    var type: UInt8 = 0

    /// The specification of a text; nil: it is none.
    init?(_ text: StrRef) {
        var scanner = CodePointScanner(text)
        func isAlignment(_ codePoint: UInt32?) -> Bool {
            codePoint == 0x3C || codePoint == 0x3E || codePoint == 0x3D || codePoint == 0x5E
        }
        var hasAlign = false
        if let first = scanner.peek(0), isAlignment(scanner.peek(1)) {
            fill = first
            scanner.skip()
        }
        if let mark = scanner.peek(0), isAlignment(mark) {
            align = UInt8(truncatingIfNeeded: mark)
            hasAlign = true
            scanner.skip()
        }
        if let mark = scanner.peek(0), mark == 0x2B || mark == 0x2D || mark == 0x20 {
            sign = UInt8(truncatingIfNeeded: mark)
            scanner.skip()
        }
        coercesNegativeZero = scanner.take(0x7A)
        isAlternate = scanner.take(0x23)
        if scanner.take(0x30) {
            // Zeros as padding and an alignment contradict each other.
            if hasAlign { return nil }
            padsWithZeros = true
            align = 0x3D
            fill = 0x30
        }
        if scanner.peek(0) == 0x30 { return nil }
        width = number(&scanner) ?? 0
        hasComma = scanner.take(0x2C)
        if scanner.take(0x2E) {
            guard let number = number(&scanner) else { return nil }
            precision = number
        }
        if let last = scanner.peek(0) {
            guard last < 0x80, "eEfFgGnN%".utf8.contains(UInt8(last)) else { return nil }
            type = UInt8(last)
            scanner.skip()
        }
        guard scanner.isAtEnd else { return nil }
        if type | 0x20 == 0x6E, hasComma { return nil }
    }

    private mutating func number(_ scanner: inout CodePointScanner) -> Int? {
        var result: Int?
        while let codePoint = scanner.peek(0), 0x30 ... 0x39 ~= codePoint {
            let (product, overflow) = (result ?? 0).multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(codePoint) - 0x30)
            if overflow || carry { isBeyondMachine = true }
            result = isBeyondMachine ? 0 : sum
            scanner.skip()
        }
        return result
    }
}

/// The marks of a locale.
private struct DecimalMarks {
    var point: [UInt8] = [0x2E]
    var separator: [UInt8] = []
    /// Sizes of the groups from the right; the last repeats.
    var grouping: [Int] = []
    /// The list ends in a mark that says: no more groups.
    var endsGrouping = false

    /// The digits in groups, with zeros in front until they are as wide as wanted.
    func group(_ digits: ArraySlice<UInt8>, least: Int) -> [UInt8] {
        guard !separator.isEmpty, !grouping.isEmpty else {
            return Array(repeating: 0x30, count: max(0, least - digits.count)) + digits
        }
        let wide = separator.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        var reversed: [UInt8] = []
        var width = 0
        var left = Array(digits)
        var groupIndex = 0
        var size = grouping[0]
        while !left.isEmpty || width < least {
            if width > 0, size == 0 {
                reversed += separator.reversed()
                width += wide
                if groupIndex + 1 < grouping.count {
                    groupIndex += 1
                    size = grouping[groupIndex]
                } else {
                    size = endsGrouping ? Int.max : grouping[groupIndex]
                }
            }
            reversed.append(left.popLast() ?? 0x30)
            width += 1
            size -= 1
        }
        return reversed.reversed()
    }
}

enum DecimalFormat {
    static func format(_ value: Value, _ specification: Value, _ override: Value) throws(Raised) -> Value {
        guard specification.isKind(.str) else { throw typeError("format arg must be str") }
        if !override.isAbsent, !override.isKind(.dict) { throw typeError("optional argument must be a dict") }
        let context = try DecimalContext.current()
        let text = specification.object(Str.self)
        if text.pointee.byteCount == 0, override.isAbsent { return Value(try value.object(DecimalObject.self).text()) }
        if text.pointee.byteCount > 0, text.bytes[text.pointee.byteCount - 1] == 0x4E {
            try warn(.deprecationWarning, "Format specifier 'N' is deprecated")
        }
        guard var parsed = DecimalSpecification(text) else { throw valueError("invalid format string") }
        var marks = DecimalMarks()
        let isLocal = parsed.type | 0x20 == 0x6E
        if isLocal { parsed.type = parsed.type == 0x6E ? 0x67 : 0x47 }
        if parsed.hasComma {
            marks.separator = [0x2C]
            marks.grouping = [3]
        }
        if isLocal || !override.isAbsent { try readMarks(override, &marks) }
        let isFinite = value.object(DecimalObject.self).isFinite
        if parsed.isBeyondMachine, isFinite { throw raise(.overflowError, "cannot fit 'int' into an index-sized integer") }
        if max(parsed.width, parsed.precision ?? 0) > Rules.mostPrecision {
            throw valueError("format specification exceeds internal limits of _decimal")
        }
        try checkSize(parsed.width)
        if let precision = parsed.precision, isFinite { try checkSize(precision) }
        return try Scratch.using { () throws(Raised) in
            try layOut(Number(value.object(DecimalObject.self)), parsed, marks, context)
        }
    }

    private static func layOut(
        _ given: Number, _ specification: DecimalSpecification, _ marks: DecimalMarks, _ context: DecimalContext
    ) throws(Raised) -> Value {
        var isNegative = given.isNegative
        let body: [UInt8]
        if given.isFinite {
            var number = given
            let style = specification.type | 0x20
            body = try finite(&number, specification, style, marks, context) { rounded in
                isNegative = rounded.isNegative && !(specification.coercesNegativeZero && rounded.isZero)
                return isNegative || specification.sign != 0x2D ? 1 : 0
            }
        } else {
            body = try given.with(sign: false).text(capitals: true) + (specification.type == 0x25 ? [0x25] : [])
        }
        var buffer = TextBuffer()
        let signMark: UInt8 = isNegative ? 0x2D : specification.sign == 0x2D ? 0 : specification.sign
        let width = body.reduce(signMark == 0 ? 0 : 1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        let missing = max(0, specification.width - width)
        // Zeros are no padding for what is no number.
        let isPlain = !given.isFinite && specification.padsWithZeros
        let fill = isPlain ? 0x20 : specification.fill
        let align = isPlain ? 0x3E : specification.align
        let left = align == 0x3E ? missing : align == 0x5E ? missing / 2 : 0
        let middle = align == 0x3D ? missing : 0
        try buffer.append(repeating: fill, count: left)
        if signMark != 0 { buffer.append(signMark) }
        try buffer.append(repeating: fill, count: middle)
        buffer.append(body)
        try buffer.append(repeating: fill, count: missing - left - middle)
        return Value(buffer.makeStr())
    }

    /// Digits, point and exponent. `signWidth` is told the rounded number and says how wide its sign is.
    private static func finite(
        _ number: inout Number, _ specification: DecimalSpecification, _ style: UInt8, _ marks: DecimalMarks,
        _ context: DecimalContext, _ signWidth: (Number) -> Int
    ) throws(Raised) -> [UInt8] {
        let isPercent = specification.type == 0x25
        let isFixed = style == 0x66 || isPercent
        if isPercent { number.exponent += 2 }
        let rounding = context.rules.rounding
        if let precision = specification.precision {
            if isFixed {
                try number.rescale(-precision, rounding)
            } else if style == 0x65 {
                if !number.isZero { try number.round(precision + 1, rounding) }
            } else if try number.digits() > max(1, precision) {
                try number.round(max(1, precision), rounding)
            }
        }
        if number.isZero, number.exponent > 0, isFixed { number.exponent = 0 }
        let digits = try number.coefficient.text()
        let left = number.exponent + digits.count
        let point: Int
        if style == 0x65 {
            point = number.isZero && specification.precision != nil ? 1 - (specification.precision ?? 0) : 1
        } else if isFixed || number.exponent <= 0 && left > -6 {
            point = left
        } else {
            point = 1
        }
        var whole: [UInt8]
        var fraction: [UInt8] = []
        if point < 0 {
            try checkSize(-point)
            whole = [0x30]
            fraction = Array(repeating: 0x30, count: -point) + digits
        } else if point > digits.count {
            try checkSize(point)
            whole = digits + Array(repeating: 0x30, count: point - digits.count)
        } else {
            whole = point == 0 ? [0x30] : Array(digits[..<point])
            fraction = Array(digits[point...])
        }
        var rest: [UInt8] = fraction.isEmpty && !specification.isAlternate ? [] : marks.point + fraction
        let exponent = left - point
        if exponent != 0 || style == 0x65 {
            let isUpper = specification.type == 0 ? context.capitals == 1 : specification.type & 0x20 == 0
            rest.append(isUpper ? 0x45 : 0x65)
            if exponent >= 0 { rest.append(0x2B) }
            rest += Array(String(exponent).utf8)
        }
        if isPercent { rest.append(0x25) }
        let pads = specification.padsWithZeros && specification.align == 0x3D
        let width = rest.reduce(signWidth(number)) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        return marks.group(whole[...], least: pads && !marks.separator.isEmpty ? specification.width - width : 0) + rest
    }

    // MARK: Locales

    /// The marks that the locale, or the given dict, has.
    private static func readMarks(_ override: Value, _ marks: inout DecimalMarks) throws(Raised) {
        var source = override
        if override.isAbsent {
            source = try callValue(try getAttribute(try importModule("locale"), "localeconv"))
        }
        guard source.isKind(.dict) else { throw typeError("optional argument must be a dict") }
        let dict = source.object(Dict.self)
        func entry(_ name: String) throws(Raised) -> StrRef? {
            let value = dict.get(StrTables.intern(name))
            if value.isAbsent { return nil }
            guard value.isKind(.str) else { throw typeError("bad argument type for built-in operation") }
            let text = value.object(Str.self)
            guard override.isAbsent || text.pointee.byteCount <= 4 else { throw valueError("invalid override dict") }
            return text
        }
        if let point = try entry("decimal_point") { marks.point = Array(point.buffer) }
        if let separator = try entry("thousands_sep") { marks.separator = Array(separator.buffer) }
        let grouping = dict.get(StrTables.intern("grouping"))
        if !grouping.isAbsent { marks.grouping = [] }
        if grouping.isKind(.list) {
            let list = grouping.object(List.self)
            for index in 0 ..< list.count { add(machineInt(list.items[index]) ?? 0, to: &marks) }
        } else if grouping.isKind(.str) {
            for byte in grouping.object(Str.self).buffer {
                guard byte <= 127 else { throw valueError("invalid override dict") }
                add(Int(byte), to: &marks)
            }
        } else if !grouping.isAbsent {
            throw typeError("bad argument type for built-in operation")
        }
    }

    private static func add(_ size: Int, to marks: inout DecimalMarks) {
        if size >= 127 { marks.endsGrouping = true }
        if size > 0, size < 127, !marks.endsGrouping { marks.grouping.append(size) }
    }
}

extension Number {
    /// The number with another exponent, rounded.
    fileprivate mutating func rescale(_ exponent: Int, _ rounding: DecimalRounding) throws(Raised) {
        if self.exponent > exponent || isZero {
            if !isZero { coefficient = try coefficient.appending(self.exponent - exponent) }
            self.exponent = exponent
        } else if self.exponent < exponent {
            _ = try drop(exponent - self.exponent, rounding)
        }
    }

    /// The number with so many digits, rounded.
    fileprivate mutating func round(_ places: Int, _ rounding: DecimalRounding) throws(Raised) {
        try rescale(try adjusted() + 1 - places, rounding)
        if try digits() > places { try rescale(try adjusted() + 1 - places, rounding) }
    }
}
