// `format % arguments` for str and bytes.
//
// One engine for both: a conversion is parsed into `PercentConversion`, its argument becomes text, and the text is
// laid out with sign, prefix and padding. The format is scanned as octets; everything it looks for is ASCII.
import Glibc

/// `str % arguments`.
func percentFormat(_ format: StrRef, _ arguments: Value) throws(Raised) -> StrRef {
    var engine = PercentFormatter(format.buffer, owner: Value(format), arguments, isBytes: false)
    try engine.run()
    return engine.output.makeStr()
}

/// `bytes % arguments`: the octets of the result.
func bytesPercentFormat(
    _ format: UnsafeBufferPointer<UInt8>, owner: Value, _ arguments: Value
) throws(Raised) -> [UInt8] {
    var engine = PercentFormatter(format, owner: owner, arguments, isBytes: true)
    try engine.run()
    return engine.output.bytes
}

/// The parts of one conversion.
struct PercentConversion {
    var leftAligned = false
    var plus = false
    var blank = false
    var alternate = false
    var zero = false
    var width = -1
    var precision = -1
    var type: UInt32 = 0
}

struct PercentFormatter {
    let format: UnsafeBufferPointer<UInt8>
    /// What the format's octets belong to.
    let owner: Value
    let isBytes: Bool
    var position = 0
    var output: TextBuffer
    /// The tuple of arguments; nil: there is the one in `single`.
    private var tuple: TupleRef?
    private var tupleIndex = 0
    private var single: Value
    private var singleIsUsed = false
    /// What `%(key)s` looks in; absent if the arguments are no mapping.
    private let mapping: Value

    init(_ format: UnsafeBufferPointer<UInt8>, owner: Value, _ arguments: Value, isBytes: Bool) {
        self.format = format
        self.owner = owner
        self.isBytes = isBytes
        output = TextBuffer(capacity: format.count + 32)
        single = arguments
        tuple = arguments.isKind(.tuple) ? arguments.object(Tuple.self) : nil
        let isText = isBytes ? arguments.isKind(.bytes) || arguments.isKind(.bytearray) : arguments.isKind(.str)
        mapping = tuple == nil && !isText && (arguments.isKind(.dict) || arguments.cls.has(.getitem)) ? arguments : .absent
    }

    mutating func run() throws(Raised) {
        while position < format.count, let base = format.baseAddress {
            guard let mark = memchr(base + position, 0x25, format.count - position) else {
                output.append(UnsafeBufferPointer(rebasing: format[position...]))
                break
            }
            let next = UnsafeRawPointer(mark) - UnsafeRawPointer(base)
            output.append(UnsafeBufferPointer(rebasing: format[position ..< next]))
            position = next + 1
            try convert()
        }
        let unused = tuple.map { tupleIndex < $0.count } ?? !singleIsUsed
        if unused, mapping.isAbsent {
            throw typeError("not all arguments converted during \(isBytes ? "bytes" : "string") formatting")
        }
    }

    // MARK: Parsing

    private func incomplete() -> Raised { valueError("incomplete format") }

    private func peek() throws(Raised) -> UInt8 {
        guard position < format.count else { throw incomplete() }
        return format[position]
    }

    private mutating func convert() throws(Raised) {
        if try peek() == 0x25 {
            output.append(0x25)
            position += 1
            return
        }
        var conversion = PercentConversion()
        let first = format[position]
        if !isBytes, first == 0x73 || first == 0x64 {
            // Nothing but a letter, as it mostly is.
            position += 1
            let argument = try nextArgument()
            if first == 0x73 || argument.isInlineInt { return output.append(try str(argument)) }
            conversion.type = UInt32(first)
            return try write(conversion, argument, position - 1)
        }
        if first == 0x28 { try takeKey() }
        try parseFlags(&conversion)
        try parseWidth(&conversion)
        try parsePrecision(&conversion)
        let modifier = try peek()
        if modifier == 0x68 || modifier == 0x6C || modifier == 0x4C { position += 1 }
        _ = try peek()
        let start = position
        if isBytes {
            conversion.type = UInt32(format[position])
            position += 1
        } else {
            // The scan stands at the start of a character.
            let (codePoint, length) = Str.decode(format.baseAddress.unsafelyUnwrapped + position)
            conversion.type = codePoint
            position += length
        }
        let argument = try nextArgument()
        try write(conversion, argument, start)
    }

    private mutating func takeKey() throws(Raised) {
        guard !mapping.isAbsent else { throw typeError("format requires a mapping") }
        position += 1
        let start = position
        var depth = 1
        while depth > 0 {
            guard position < format.count else { throw valueError("incomplete format key") }
            if format[position] == 0x28 { depth += 1 }
            if format[position] == 0x29 { depth -= 1 }
            position += 1
        }
        let text = UnsafeBufferPointer(rebasing: format[start ..< position - 1])
        let key = isBytes ? BytesObject.make(text) : Value(Str.make(text))
        single = try getItem(mapping, key)
        singleIsUsed = false
        tuple = nil
    }

    private mutating func parseFlags(_ conversion: inout PercentConversion) throws(Raised) {
        while true {
            switch try peek() {
            case 0x2D: conversion.leftAligned = true
            case 0x2B: conversion.plus = true
            case 0x20: conversion.blank = true
            case 0x23: conversion.alternate = true
            case 0x30: conversion.zero = true
            default: return
            }
            position += 1
        }
    }

    private mutating func parseWidth(_ conversion: inout PercentConversion) throws(Raised) {
        if try peek() == 0x2A {
            position += 1
            let width = try starArgument("ssize_t")
            if width < 0 { conversion.leftAligned = true }
            conversion.width = width == Int.min ? Int.max : abs(width)
        } else if let number = try parseNumber(limit: Int.max, "width too big") {
            conversion.width = number
        }
    }

    private mutating func parsePrecision(_ conversion: inout PercentConversion) throws(Raised) {
        guard try peek() == 0x2E else { return }
        position += 1
        if try peek() == 0x2A {
            position += 1
            conversion.precision = max(0, try starArgument("int"))
        } else {
            conversion.precision = try parseNumber(limit: Int(Int32.max), "precision too big") ?? 0
        }
    }

    private mutating func starArgument(_ cType: String) throws(Raised) -> Int {
        let value = try nextArgument()
        guard isInteger(value) else { throw typeError("* wants int") }
        let limit = cType == "int" ? Int(Int32.max) : Int.max
        guard let int = machineInt(value), int <= limit, int >= -limit else {
            throw raise(.overflowError, "Python int too large to convert to C \(cType)")
        }
        return int
    }

    private mutating func parseNumber(limit: Int, _ message: String) throws(Raised) -> Int? {
        var number: Int?
        while position < format.count, format[position] &- 0x30 < 10 {
            let digit = Int(format[position] - 0x30)
            let sofar = number ?? 0
            guard sofar <= (limit - digit) / 10 else { throw valueError(message) }
            number = sofar * 10 + digit
            position += 1
        }
        _ = try peek()
        return number
    }

    private mutating func nextArgument() throws(Raised) -> Value {
        if let tuple {
            if tupleIndex < tuple.count {
                tupleIndex += 1
                return tuple.items[tupleIndex - 1]
            }
        } else if !singleIsUsed {
            singleIsUsed = true
            return single
        }
        throw typeError("not enough arguments for format string")
    }
}
