// Code as a text of octets, and back: how the standard library's code lies in the binary, compiled when that was built.
//
//     image  = count of strings, strings (size, text), unit
//     unit   = names (numbers of strings), counts, size of the body, body, size of the tables, tables
//     body   = words, constants
//     tables = handlers, positions, blocks, statements
//
// Numbers are written seven bits at a time, the lowest first, signed ones folded (0, -1, 1, -2 …); an instruction word is
// an octet that says which of its eight are not zero, and those. As the image goes through a string literal of Swift, which
// is UTF-8, an octet above 0x7F takes two (the form of U+0080 … U+00FF); sizes are those of this form. What an image says is
// not checked here, but reading one ends, whatever it says; who has it from elsewhere than from the binary checks the unit
// (CodeVerifier).
import TinySyntax

/// Images of code.
public enum CodeImage {
    /// The image of a unit and of those in it.
    public static func write(_ unit: CodeUnit) -> [UInt8] {
        var writer = Writer()
        writer.unit(unit)
        let body = writer.octets
        writer.octets = []
        writer.number(writer.strings.count)
        for string in writer.strings { writer.part { $0.octets += Array(string.utf8) } }
        return (writer.octets + body).flatMap { $0 < 0x80 ? [$0] : [0xC0 | $0 >> 6, 0x80 | $0 & 0x3F] }
    }

    /// The unit of an image, with all that is in it; nil if the image ends too early.
    public static func read(_ image: UnsafeBufferPointer<UInt8>, fileName: String) -> CodeUnit? {
        var reader = Reader(image, fileName: fileName)
        let unit = reader.unit()
        return reader.isOver ? nil : unit
    }

    /// The unit of an image that stays where it is for good: bodies and tables are read when they are asked for. Nil if the image
    /// ends too early.
    public static func open(_ image: UnsafeBufferPointer<UInt8>, fileName: String) -> CodeUnit? {
        var reader = Reader(image, fileName: fileName)
        reader.leavesParts = true
        let unit = reader.unit()
        return reader.isOver ? nil : unit
    }

    /// Where in an image a part of a unit stands.
    struct Place: @unchecked Sendable {
        /// The image is a constant of the binary.
        let octets: UnsafeBufferPointer<UInt8>
        let strings: Strings
    }

    /// The strings of an image, which are read when they are asked for.
    final class Strings: @unchecked Sendable {
        /// Constant from the moment that the image's reader has filled it.
        fileprivate(set) var places: [UnsafeBufferPointer<UInt8>] = []
    }

    static func body(at place: Place, fileName: String) -> CodeBody {
        var reader = Reader(place, fileName: fileName)
        return reader.body()
    }

    static func tables(at place: Place, fileName: String) -> CodeTables {
        var reader = Reader(place, fileName: fileName)
        return reader.tables()
    }
}

private struct Writer {
    var octets: [UInt8] = []
    var strings: [String] = []
    private var numbers: [String: Int] = [:]

    mutating func number(_ value: Int) {
        var rest = UInt64(truncatingIfNeeded: value)
        while rest >= 0x80 {
            octets.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        octets.append(UInt8(truncatingIfNeeded: rest))
    }

    mutating func signed(_ value: Int) { number(value << 1 ^ value >> 63) }

    mutating func raw(_ bytes: [UInt8]) {
        number(bytes.count)
        octets += bytes
    }

    /// The number of a string, which is new or was met before.
    mutating func name(_ string: String) {
        let next = strings.count
        let known = numbers[string, default: next]
        if known == next {
            numbers[string] = next
            strings.append(string)
        }
        number(known)
    }

    mutating func names(_ strings: [String]) {
        number(strings.count)
        for string in strings { name(string) }
    }

    /// Something with its size before it.
    mutating func part(_ write: (inout Writer) -> Void) {
        let before = octets
        octets = []
        write(&self)
        let inner = octets
        octets = before
        number(inner.reduce(0) { $0 + ($1 < 0x80 ? 1 : 2) })
        octets += inner
    }

    mutating func unit(_ unit: CodeUnit) {
        name(unit.name)
        name(unit.qualifiedName)
        number(unit.firstLine)
        number(Int(unit.flags.rawValue))
        number(unit.argumentCount)
        number(unit.positionalOnlyCount)
        number(unit.keywordOnlyCount)
        number(unit.registerCount)
        names(unit.localNames)
        number(unit.cellLocals.count)
        for index in unit.cellLocals { number(index) }
        names(unit.freeNames)
        names(unit.attributesSet)
        number(unit.constantCount)
        let body = unit.body
        part { writer in
            writer.number(body.words.count)
            for value in body.words { writer.word(value) }
            writer.constants(body.constants)
        }
        part { $0.tables(unit) }
    }

    private mutating func tables(_ unit: CodeUnit) {
        number(unit.handlers.count)
        for entry in unit.handlers {
            number(Int(entry.start))
            number(Int(entry.end))
            number(Int(entry.target))
            number(Int(entry.exceptionRegister))
        }
        positions(unit.positions)
        number(unit.frameBlocks.count)
        for block in unit.frameBlocks {
            number(Int(block.kind.rawValue))
            number(Int(block.register))
            signed(Int(block.outer))
        }
        number(unit.statements.count)
        var start = 0
        for entry in unit.statements {
            number(Int(entry.start) - start)
            signed(Int(entry.block))
            number(entry.isStatement ? 1 : 0)
            start = Int(entry.start)
        }
    }

    private mutating func word(_ word: UInt64) {
        let place = octets.count
        octets.append(0)
        for index in 0 ..< 8 {
            let octet = UInt8(truncatingIfNeeded: word >> UInt64(index * 8))
            guard octet != 0 else { continue }
            octets[place] |= 1 << UInt8(index)
            octets.append(octet)
        }
    }

    private mutating func positions(_ positions: [PositionEntry]) {
        number(positions.count)
        var start = 0
        var line = 0
        for entry in positions {
            number(Int(entry.start) - start)
            signed(Int(entry.range.line) - line)
            signed(Int(entry.range.endLine) - Int(entry.range.line))
            signed(Int(entry.range.column))
            signed(Int(entry.range.endColumn) - Int(entry.range.column))
            start = Int(entry.start)
            line = Int(entry.range.line)
        }
    }

    private mutating func constants(_ constants: [CodeConstant]) {
        number(constants.count)
        for constant in constants { self.constant(constant) }
    }

    private mutating func constant(_ constant: CodeConstant) {
        switch constant {
        case .literal(let literal): self.literal(literal)
        case .text(let text): self.literal(.string(text.bytes))
        case .tuple(let items):
            octets.append(Tag.tuple.rawValue)
            constants(items)
        case .frozenSet(let items):
            octets.append(Tag.frozenSet.rawValue)
            constants(items)
        case .code(let unit):
            octets.append(Tag.code.rawValue)
            self.unit(unit)
        }
    }

    private mutating func literal(_ literal: Constant) {
        func tag(_ tag: Tag) { octets.append(tag.rawValue) }
        switch literal {
        case .none: tag(.none)
        case .true: tag(.true)
        case .false: tag(.false)
        case .ellipsis: tag(.ellipsis)
        case .integer(let value):
            tag(.integer)
            signed(Int(value))
        case .bigInteger(let digits, let radix):
            tag(.bigInteger)
            name(digits)
            number(radix)
        case .float(let value):
            tag(.float)
            word(value.bitPattern)
        case .imaginary(let value):
            tag(.imaginary)
            word(value.bitPattern)
        case .string(let bytes):
            // A text with lone surrogates is no String.
            if let string = String(validating: bytes, as: UTF8.self) {
                tag(.string)
                name(string)
            } else {
                tag(.wideString)
                raw(bytes)
            }
        case .bytes(let bytes):
            tag(.bytes)
            raw(bytes)
        }
    }
}

private enum Tag: UInt8 {
    case none, `true`, `false`, ellipsis, integer, bigInteger, float, imaginary, string, wideString, bytes, tuple, frozenSet, code
}

private struct Reader {
    private var next: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let fileName: String
    private let strings: CodeImage.Strings
    /// Units keep the places of their parts instead of what they say.
    var leavesParts = false
    /// It was asked for more than there is.
    private(set) var isOver = false
    /// How deep constants lie in constants; no source nests as deep as the limit.
    private var depth = 0
    private static let deepest = 1000

    init(_ image: UnsafeBufferPointer<UInt8>, fileName: String) {
        // An empty buffer may have no address; then nothing is read through this one.
        next = image.baseAddress ?? UnsafePointer(bitPattern: 8).unsafelyUnwrapped
        end = next + image.count
        self.fileName = fileName
        strings = CodeImage.Strings()
        strings.places = several { $0.part() }
    }

    /// Within an image that another reader has opened.
    init(_ place: CodeImage.Place, fileName: String) {
        next = place.octets.baseAddress ?? UnsafePointer(bitPattern: 8).unsafelyUnwrapped
        end = next + place.octets.count
        self.fileName = fileName
        strings = place.strings
        leavesParts = true
    }

    /// Something with its size before it.
    private mutating func part() -> UnsafeBufferPointer<UInt8> {
        let count = count()
        let part = UnsafeBufferPointer(start: next, count: count)
        next += count
        return part
    }

    @inline(__always)
    private mutating func octet() -> UInt8 {
        guard next < end else {
            isOver = true
            return 0
        }
        let first = next.pointee
        next += 1
        if first < 0x80 { return first }
        guard next < end else {
            isOver = true
            return 0
        }
        let second = next.pointee
        next += 1
        return first << 6 | second & 0x3F
    }

    mutating func number() -> Int {
        var result: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            let octet = octet()
            result |= UInt64(octet & 0x7F) << shift
            if octet < 0x80 { return Int(truncatingIfNeeded: result) }
            shift += 7
        }
    }

    private mutating func number32() -> Int32 { Int32(truncatingIfNeeded: number()) }

    private mutating func signed() -> Int {
        let folded = UInt64(bitPattern: Int64(number()))
        return Int(truncatingIfNeeded: folded >> 1) ^ -Int(truncatingIfNeeded: folded & 1)
    }

    /// A count of things that take at least an octet each.
    private mutating func count() -> Int {
        let count = number()
        guard count >= 0, count <= end - next else {
            isOver = true
            return 0
        }
        return count
    }

    private mutating func several<Item>(_ item: (inout Reader) -> Item) -> [Item] {
        let count = count()
        // Swift would write its count into the one empty array that all threads share.
        if count == 0 { return [] }
        return [Item](unsafeUninitializedCapacity: count) { buffer, filled in
            for index in 0 ..< count { (buffer.baseAddress.unsafelyUnwrapped + index).initialize(to: item(&self)) }
            filled = count
        }
    }

    private mutating func raw() -> [UInt8] { several { $0.octet() } }

    /// Where the octets of a string stand.
    private mutating func place() -> UnsafeBufferPointer<UInt8> {
        let index = number()
        guard strings.places.indices.contains(index) else {
            isOver = true
            return UnsafeBufferPointer(start: nil, count: 0)
        }
        return strings.places[index]
    }

    /// Writes the octets of a string, of which those above 0x7F stand in two; the last may be cut off in an image that is damaged.
    @inline(__always)
    private static func copy(_ place: UnsafeBufferPointer<UInt8>, to buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var (count, from) = (0, 0)
        while from < place.count {
            let isDouble = place[from] >= 0x80 && from + 1 < place.count
            buffer[count] = isDouble ? place[from] << 6 | place[from + 1] & 0x3F : place[from]
            from += isDouble ? 2 : 1
            count += 1
        }
        return count
    }

    private mutating func name() -> String {
        let place = place()
        return String(unsafeUninitializedCapacity: place.count) { Reader.copy(place, to: $0) }
    }

    /// A string as a constant has it.
    private mutating func text() -> CodeConstant {
        let place = place()
        if leavesParts, place.allSatisfy({ $0 < 0x80 }) { return .text(ImageText(octets: place)) }
        if place.isEmpty { return .literal(.string([])) }
        return .literal(.string([UInt8](unsafeUninitializedCapacity: place.count) { $1 = Reader.copy(place, to: $0) }))
    }

    private mutating func word() -> UInt64 {
        var mask = octet()
        var word: UInt64 = 0
        while mask != 0 {
            let index = mask.trailingZeroBitCount
            word |= UInt64(octet()) << UInt64(index * 8)
            mask &= mask &- 1
        }
        return word
    }

    mutating func unit() -> CodeUnit {
        let (name, qualifiedName) = (name(), name())
        let (firstLine, flags) = (number(), CodeFlags(rawValue: UInt32(truncatingIfNeeded: number())))
        let (argumentCount, positionalOnlyCount, keywordOnlyCount, registerCount) = (number(), number(), number(), number())
        let localNames = several { $0.name() }
        let cellLocals = several { $0.number() }
        let freeNames = several { $0.name() }
        let attributesSet = several { $0.name() }
        let constantCount = number()
        let (body, tables): (CodeUnit.Part<CodeBody>, CodeUnit.Part<CodeTables>)
        if leavesParts {
            body = .later(CodeImage.Place(octets: part(), strings: strings))
            tables = .later(CodeImage.Place(octets: part(), strings: strings))
        } else {
            _ = count()
            let known = self.body()
            if known.constants.count != constantCount { isOver = true }
            body = .known(known)
            _ = count()
            tables = .known(self.tables())
        }
        return CodeUnit(
            name: name, qualifiedName: qualifiedName, fileName: fileName, firstLine: firstLine, flags: flags,
            argumentCount: argumentCount, positionalOnlyCount: positionalOnlyCount, keywordOnlyCount: keywordOnlyCount,
            registerCount: registerCount, localNames: localNames, cellLocals: cellLocals, freeNames: freeNames,
            attributesSet: attributesSet, constantCount: constantCount, body: body, tables: tables)
    }

    mutating func body() -> CodeBody {
        let words = several { $0.word() }
        return CodeBody(words: words, constants: several { $0.constant() })
    }

    mutating func tables() -> CodeTables {
        let handlers = several { reader in
            HandlerEntry(
                start: reader.number32(), end: reader.number32(), target: reader.number32(),
                exceptionRegister: UInt16(truncatingIfNeeded: reader.number()))
        }
        let positions = positions()
        let frameBlocks = several { reader in
            FrameBlock(
                kind: FrameBlock.Kind(rawValue: reader.octet()) ?? .iterator,
                register: UInt16(truncatingIfNeeded: reader.number()), outer: Int32(truncatingIfNeeded: reader.signed()))
        }
        var start: Int32 = 0
        let statements = several { reader in
            start &+= reader.number32()
            return StatementEntry(start: start, block: Int32(truncatingIfNeeded: reader.signed()), isStatement: reader.octet() != 0)
        }
        return CodeTables(handlers: handlers, positions: positions, frameBlocks: frameBlocks, statements: statements)
    }

    private mutating func positions() -> [PositionEntry] {
        var start: Int32 = 0
        var line: Int32 = 0
        return several { reader in
            start &+= reader.number32()
            line &+= Int32(truncatingIfNeeded: reader.signed())
            let endLine = line &+ Int32(truncatingIfNeeded: reader.signed())
            let column = Int32(truncatingIfNeeded: reader.signed())
            return PositionEntry(
                start: start,
                range: SourceRange(
                    line: line, column: column, endLine: endLine, endColumn: column &+ Int32(truncatingIfNeeded: reader.signed())))
        }
    }

    private mutating func constant() -> CodeConstant {
        depth += 1
        defer { depth -= 1 }
        guard depth < Reader.deepest else {
            isOver = true
            next = end
            return .literal(.none)
        }
        switch Tag(rawValue: octet()) {
        case .none?, nil: return .literal(.none)
        case .true?: return .literal(.true)
        case .false?: return .literal(.false)
        case .ellipsis?: return .literal(.ellipsis)
        case .integer?: return .literal(.integer(Int64(signed())))
        case .bigInteger?: return .literal(.bigInteger(digits: name(), radix: number()))
        case .float?: return .literal(.float(Double(bitPattern: word())))
        case .imaginary?: return .literal(.imaginary(Double(bitPattern: word())))
        case .string?: return text()
        case .wideString?: return .literal(.string(raw()))
        case .bytes?: return .literal(.bytes(raw()))
        case .tuple?: return .tuple(several { $0.constant() })
        case .frozenSet?: return .frozenSet(several { $0.constant() })
        case .code?: return .code(unit())
        }
    }
}
