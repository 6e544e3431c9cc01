// Code objects as plain data, for `marshal`, and compared by what they say.
//
// What the compiler has made is written as an image (CodeImage), with the mark of this program and the file's name in front; what
// a script has put together from parts as a state, a tuple of numbers, strings, octets and tuples that says all there is to it.
// Whoever reads one may read nonsense: what comes back is checked as the compiler's own output is (CodeVerifier) before it may run.
import TinyCompiler
import TinySyntax

/// Code objects in a form that can be written to files.
public enum CodeState {
    /// The number of fields, and what tells one layout of instructions from another.
    private static let size = 19
    private static let mark = 1000 + Opcode.allCases.count

    /// The tuple of numbers, strings, octets and tuples that says all about a code object; `read` takes it back.
    public static func make(_ code: CodeRef) -> Value {
        code.readBody()
        let unit = code.unit
        let state = blankTuple(size)
        func text(_ names: [String]) -> Value { Value(Tuple.make(names.map { Value(StrTables.intern($0)) })) }
        let numbers = [
            mark, unit.firstLine, Int(code.pointee.flags), unit.argumentCount, unit.positionalOnlyCount,
            unit.keywordOnlyCount, unit.registerCount,
        ]
        for (index, number) in numbers.enumerated() { state.items[index] = Value(number) }
        let values: [Value] = [code.pointee.name, code.pointee.qualifiedName, code.pointee.fileName]
        for index in 0 ..< 3 { state.items[7 + index] = values[index] }
        state.items[10] = text(unit.localNames)
        state.items[11] = BytesObject.make(octets(unit.cellLocals.map { Int32(truncatingIfNeeded: $0) }))
        state.items[12] = text(unit.freeNames)
        state.items[13] = BytesObject.make(unit.words.flatMap { word in (0 ..< 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } })
        state.items[14] = Value(Tuple.make(code.constants, Int(code.pointee.constantCount)))
        state.items[15] = BytesObject.make(
            octets(unit.handlers.flatMap { [$0.start, $0.end, $0.target, Int32($0.exceptionRegister)] }))
        state.items[16] = BytesObject.make(
            octets(unit.positions.flatMap {
                [$0.start, $0.range.line, $0.range.column, $0.range.endLine, $0.range.endColumn]
            }))
        state.items[17] = BytesObject.make(
            octets(unit.frameBlocks.flatMap { [Int32($0.kind.rawValue), Int32($0.register), $0.outer] }))
        state.items[18] = BytesObject.make(
            octets(unit.statements.flatMap { [$0.start, $0.block, $0.isStatement ? 1 : 0] }))
        return Value(state)
    }

    /// The code object that a state or an image (bytes) describes. Throws ValueError if it describes none.
    public static func read(_ value: Value) throws(Raised) -> Value {
        if value.isKind(.bytes) {
            guard let code = read(image: value.object(BytesObject.self).buffer) else { throw damaged }
            return Value(code)
        }
        guard value.isKind(.tuple), value.object(Tuple.self).count == size,
            machineInt(value.object(Tuple.self).items[0]) == mark
        else { throw damaged }
        let state = value.object(Tuple.self)
        let words = try bytes(state.items[13])
        guard words.count % 8 == 0, state.items[14].isKind(.tuple) else { throw damaged }
        let constants = state.items[14].object(Tuple.self)
        let unit = CodeUnit(
            name: try text(state.items[7]), qualifiedName: try text(state.items[8]), fileName: try text(state.items[9]),
            firstLine: try number(state.items[1]), flags: CodeFlags(rawValue: UInt32(truncatingIfNeeded: try number(state.items[2]))),
            argumentCount: try number(state.items[3]), positionalOnlyCount: try number(state.items[4]),
            keywordOnlyCount: try number(state.items[5]), registerCount: try number(state.items[6]),
            localNames: try names(state.items[10]), cellLocals: try numbers(state.items[11], 1).map { Int($0[0]) },
            freeNames: try names(state.items[12]),
            words: stride(from: 0, to: words.count, by: 8).map { start in
                (0 ..< 8).reduce(UInt64(0)) { $0 | UInt64(words[start + $1]) << ($1 * 8) }
            },
            constants: (0 ..< constants.count).map { constant(constants.items[$0]) },
            handlers: try numbers(state.items[15], 4).map {
                HandlerEntry(start: $0[0], end: $0[1], target: $0[2], exceptionRegister: UInt16(truncatingIfNeeded: $0[3]))
            },
            positions: try numbers(state.items[16], 5).map {
                PositionEntry(start: $0[0], range: SourceRange(line: $0[1], column: $0[2], endLine: $0[3], endColumn: $0[4]))
            },
            frameBlocks: try blocks(state.items[17]),
            statements: try numbers(state.items[18], 3).map {
                StatementEntry(start: $0[0], block: $0[1], isStatement: $0[2] != 0)
            })
        guard isSound(unit), CodeVerifier.problems(in: unit).isEmpty else { throw damaged }
        let code = Code.make(unit)
        for index in 0 ..< constants.count { code.constants[index] = constants.items[index] }
        return Value(code)
    }

    /// What the interpreter relies on beside what CodeVerifier looks at; of the units inside as well.
    static func isSound(_ unit: CodeUnit) -> Bool {
        let parameters = unit.argumentCount &+ unit.keywordOnlyCount
            &+ (unit.flags.contains(.variadic) ? 1 : 0) &+ (unit.flags.contains(.variadicKeywords) ? 1 : 0)
        let counts = [unit.argumentCount, unit.keywordOnlyCount, unit.positionalOnlyCount, unit.registerCount, parameters, unit.firstLine]
        guard counts.allSatisfy({ 0 ... 0xFFFF_FFFF ~= $0 }), parameters <= unit.localNames.count,
            unit.positionalOnlyCount <= unit.argumentCount, unit.registerCount <= Int(UInt16.max),
            unit.frameBlocks.allSatisfy({ Int($0.register) + ($0.kind == .manager ? 1 : 0) < unit.registerCount }),
            unit.frameBlocks.indices.allSatisfy({ Int(unit.frameBlocks[$0].outer) < $0 }),
            unit.statements.allSatisfy({ Int($0.block) < unit.frameBlocks.count }),
            !yields(unit) || !unit.flags.isDisjoint(with: [.generator, .coroutine, .asyncGenerator])
        else { return false }
        return unit.constants.allSatisfy { constant in
            if case .code(let inner) = constant { isSound(inner) } else { true }
        }
    }

    /// Whether the code yields or awaits, which only frames of generators and their like may do.
    private static func yields(_ unit: CodeUnit) -> Bool {
        var offset = 0
        while offset < unit.words.count {
            let opcode = Instruction(word: unit.words[offset]).opcode ?? .move
            if opcode == .yieldValue { return true }
            offset += 1 + opcode.extraWords
        }
        return false
    }

    // MARK: Images

    /// The code as an image; nil if it is not as the compiler left it (`replace` has put other constants into it).
    public static func image(_ code: CodeRef) throws(Raised) -> [UInt8]? {
        let image = CodeImage.write(code.unit)
        let copy = image.withUnsafeBufferPointer { CodeImage.read($0, fileName: code.unit.fileName) }
        guard let copy, try areEqual(code, Code.make(copy)) else { return nil }
        return imageMark + fourOctets(code.unit.fileName.utf8.count) + Array(code.unit.fileName.utf8) + image
    }

    /// The code of an image. `fileName`: that of its source now, if that is known better. Nil if the image is not one of this program's.
    static func read(image octets: Octets, fileName: String? = nil) -> CodeRef? {
        let mark = imageMark
        let head = mark.count + 4
        guard octets.count >= head, octets.part(0, mark.count).elementsEqual(mark) else { return nil }
        let nameLength = (0 ..< 4).reduce(0) { $0 | Int(octets[mark.count + $1]) << ($1 * 8) }
        guard nameLength <= octets.count - head else { return nil }
        let name = fileName ?? String(decoding: octets.part(head, head + nameLength), as: UTF8.self)
        let rest = UnsafeBufferPointer(rebasing: octets[(head + nameLength)...])
        guard let unit = CodeImage.read(rest, fileName: name), isSound(unit), CodeVerifier.problems(in: unit).isEmpty else { return nil }
        return Code.make(unit)
    }

    /// What tells an image of this program from one of another compiler.
    private static var imageMark: [UInt8] {
        let print = EmbeddedLibrary.fingerprint
        return (0 ..< 8).map { UInt8(truncatingIfNeeded: print >> ($0 * 8)) }
    }

    private static func fourOctets(_ number: Int) -> [UInt8] { (0 ..< 4).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) } }

    /// Whether two code objects say the same.
    static func areEqual(_ a: CodeRef, _ b: CodeRef) throws(Raised) -> Bool {
        if a == b { return true }
        a.readBody()
        b.readBody()
        let (one, other) = (a.unit, b.unit)
        guard one.words == other.words, one.firstLine == other.firstLine, a.pointee.flags == b.pointee.flags,
            one.argumentCount == other.argumentCount, one.positionalOnlyCount == other.positionalOnlyCount,
            one.keywordOnlyCount == other.keywordOnlyCount, one.localNames == other.localNames,
            one.freeNames == other.freeNames, one.handlers == other.handlers, one.positions == other.positions,
            a.pointee.constantCount == b.pointee.constantCount, try equal(a.pointee.name, b.pointee.name)
        else { return false }
        for index in 0 ..< Int(a.pointee.constantCount) {
            if try !areSame(a.constants[index], b.constants[index]) { return false }
        }
        return true
    }

    /// Whether two constants are one: 1, True and 1.0 are three, 0.0 and -0.0 are two.
    private static func areSame(_ a: Value, _ b: Value) throws(Raised) -> Bool {
        guard a.cls == b.cls else { return false }
        if a.isKind(.code) { return try areEqual(a.object(Code.self), b.object(Code.self)) }
        if a.isKind(.tuple) {
            let (x, y) = (a.object(Tuple.self), b.object(Tuple.self))
            guard x.count == y.count else { return false }
            for index in 0 ..< x.count {
                if try !areSame(x.items[index], y.items[index]) { return false }
            }
            return true
        }
        if a.isFloat || a.isKind(.complex) || a.isKind(.frozenset) { return try equal(Value(try repr(a)), Value(try repr(b))) }
        return try equal(a, b)
    }

    static func hash(_ code: CodeRef) throws(Raised) -> Value {
        var result = UInt64(truncatingIfNeeded: try TinyRuntime.hash(code.pointee.name))
        for number in [code.unit.firstLine, Int(code.pointee.registerCount), Int(code.pointee.constantCount)] {
            result = (result ^ UInt64(truncatingIfNeeded: number)) &* 0x100_0000_01B3
        }
        for word in code.unit.words { result = (result ^ word ^ word >> 32) &* 0x100_0000_01B3 }
        return Value(inline: Int(result >> 16))
    }

    // MARK: Parts

    private static var damaged: Raised { valueError("bad marshal data (no code of this interpreter)") }

    static func octets(_ numbers: [Int32]) -> [UInt8] {
        numbers.flatMap { number in (0 ..< 4).map { UInt8(truncatingIfNeeded: number >> (Int32($0) * 8)) } }
    }

    private static func bytes(_ value: Value) throws(Raised) -> Octets {
        guard value.isKind(.bytes) else { throw damaged }
        return value.object(BytesObject.self).buffer
    }

    /// Rows of numbers of 32 bits.
    private static func numbers(_ value: Value, _ width: Int) throws(Raised) -> [[Int32]] {
        let octets = try bytes(value)
        guard octets.count % (width * 4) == 0 else { throw damaged }
        return stride(from: 0, to: octets.count, by: width * 4).map { start in
            (0 ..< width).map { column in
                (0 ..< 4).reduce(Int32(0)) { $0 | Int32(truncatingIfNeeded: UInt32(octets[start + column * 4 + $1]) << UInt32($1 * 8)) }
            }
        }
    }

    private static func blocks(_ value: Value) throws(Raised) -> [FrameBlock] {
        var result: [FrameBlock] = []
        for row in try numbers(value, 3) {
            guard let raw = UInt8(exactly: row[0]), let kind = FrameBlock.Kind(rawValue: raw), row[2] < result.count else {
                throw damaged
            }
            result.append(FrameBlock(kind: kind, register: UInt16(truncatingIfNeeded: row[1]), outer: row[2]))
        }
        return result
    }

    private static func number(_ value: Value) throws(Raised) -> Int {
        guard let number = machineInt(value), 0 ... 0xFFFF_FFFF ~= number else { throw damaged }
        return number
    }

    private static func text(_ value: Value) throws(Raised) -> String {
        guard value.isKind(.str) else { throw damaged }
        return value.object(Str.self).string
    }

    private static func names(_ value: Value) throws(Raised) -> [String] {
        guard value.isKind(.tuple) else { throw damaged }
        let items = value.object(Tuple.self)
        var result: [String] = []
        for index in 0 ..< items.count { result.append(try text(items.items[index])) }
        return result
    }

    /// A constant as the compiler has it. The code object keeps the value itself; this serves the checks and listings.
    static func constant(_ value: Value) -> CodeConstant {
        if value.isKind(.code) { return .code(value.object(Code.self).unit) }
        if value.isKind(.str) { return .literal(.string(Array(value.object(Str.self).buffer))) }
        if value.isBool { return .literal(value.isTrue ? .true : .false) }
        if value.isFloat { return .literal(.float(value.float)) }
        if value.isKind(.bytes) { return .literal(.bytes(Array(value.object(BytesObject.self).buffer))) }
        if isInteger(value), let number = machineInt(value) { return .literal(.integer(Int64(number))) }
        if value.isKind(.tuple) {
            let items = value.object(Tuple.self)
            return .tuple((0 ..< items.count).map { constant(items.items[$0]) })
        }
        if value.isKind(.frozenset) {
            var items: [CodeConstant] = []
            var position = 0
            while let entry = value.object(SetObject.self).next(&position) { items.append(constant(entry.pointee.key)) }
            return .frozenSet(items)
        }
        return .literal(.none)
    }
}
