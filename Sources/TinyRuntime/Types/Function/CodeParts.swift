// Code objects from their parts: `types.CodeType(…)`, as pickles of functions call it, and `code.replace(…)`.
//
// The parts have CPython's names and types. `co_code` holds the instruction words, eight octets each, `co_stacksize` the registers
// that are no variables, and `co_exceptiontable` what only this interpreter has: the places of cells among the variables, handlers,
// blocks and statements. Names stand among the constants too, so other `co_names` become constants behind those that were given.
// Who gives the parts may give nonsense: they are checked as the compiler's own output is (CodeVerifier) before they are code.
import TinyCompiler

/// The attributes of code objects, both ways: what `co_…` gives, and code made of given parts (`types.CodeType`, `code.replace`).
public enum CodeParts {
    /// In the order of the constructor.
    private static let fields = [
        "co_argcount", "co_posonlyargcount", "co_kwonlyargcount", "co_nlocals", "co_stacksize", "co_flags", "co_code", "co_consts",
        "co_names", "co_varnames", "co_filename", "co_name", "co_qualname", "co_firstlineno", "co_linetable", "co_exceptiontable",
        "co_freevars", "co_cellvars",
    ]
    private static let firstLine = 13
    /// Flags that scripts see.
    static let visibleFlags: UInt32 = 0x1FF_FFFF
    /// Flags that say how a call of the code is run.
    private static let shapingFlags: CodeFlags = [
        .optimized, .newLocals, .variadic, .variadicKeywords, .generator, .coroutine, .asyncGenerator,
    ]
    /// What tells one layout of instructions from another.
    private static let mark = Int32(1000 + Opcode.allCases.count)

    // MARK: What scripts see

    /// `co_nlocals`: variables that live in cells count only if they are parameters.
    static func variableCount(_ unit: CodeUnit) -> Int {
        unit.localNames.count - unit.cellLocals.count { $0 >= parameterCount(unit) }
    }

    private static func parameterCount(_ unit: CodeUnit) -> Int {
        unit.argumentCount + unit.keywordOnlyCount + (unit.flags.contains(.variadic) ? 1 : 0)
            + (unit.flags.contains(.variadicKeywords) ? 1 : 0)
    }

    /// `co_code`.
    static func octets(_ words: [UInt64]) -> [UInt8] {
        words.flatMap { word in (0 ..< 8).map { UInt8(truncatingIfNeeded: word >> ($0 * 8)) } }
    }

    /// `co_exceptiontable`.
    static func tables(_ code: CodeRef) -> [UInt8] {
        let unit = code.unit
        var numbers: [Int32] = [mark, Int32(truncatingIfNeeded: code.pointee.flags >> 25)]
        func add(_ rows: [[Int32]]) {
            numbers.append(Int32(truncatingIfNeeded: rows.count))
            for row in rows { numbers += row }
        }
        add(unit.cellLocals.map { [Int32(truncatingIfNeeded: $0)] })
        add(unit.handlers.map { [$0.start, $0.end, $0.target, Int32($0.exceptionRegister)] })
        add(unit.frameBlocks.map { [Int32($0.kind.rawValue), Int32($0.register), $0.outer] })
        add(unit.statements.map { [$0.start, $0.block, $0.isStatement ? 1 : 0] })
        return CodeState.octets(numbers)
    }

    /// The instructions that name something, and the index of the constant that says it: (word, is it operand C?, constant).
    private static func namePlaces(_ count: Int, _ word: (Int) -> UInt64) -> [(offset: Int, isLast: Bool, constant: Int)] {
        var places: [(offset: Int, isLast: Bool, constant: Int)] = []
        var offset = 0
        while offset < count {
            let i = Instruction(word: word(offset))
            let opcode = i.opcode ?? .move
            let form = opcode.form
            switch opcode {
            // Names of variables, for messages.
            case .checkBound, .deleteLocal, .loadCell, .deleteCell: break
            default:
                if case .name = form.b { places.append((offset, false, i.b)) }
                if case .name = form.c { places.append((offset, true, i.c)) }
            }
            offset += 1 + form.extraWords
        }
        return places
    }

    /// `co_names`: what the code looks up by name, in the order of the first use.
    static func globalNames(_ code: CodeRef) -> [Value] {
        code.readBody()
        var result: [Value] = []
        for place in namePlaces(Int(code.pointee.wordCount), { code.pointee.words[$0] }) {
            let name = code.constants[place.constant]
            if !result.contains(name) { result.append(name) }
        }
        return result
    }

    // MARK: From scripts

    /// `types.CodeType(…)`.
    static func construct(_ args: Arguments) throws(Raised) -> Value {
        let given = args[1].object(Tuple.self)
        if args[2].isKind(.dict), args[2].object(Dict.self).pointee.count > 0 { throw typeError("code() takes no keyword arguments") }
        guard given.count >= 16 else { throw typeError("code expected at least 16 arguments, got \(given.count)") }
        guard given.count <= fields.count else { throw typeError("code expected at most 18 arguments, got \(given.count)") }
        let parts = blankTuple(fields.count)
        for index in 0 ..< fields.count { parts.items[index] = index < given.count ? given.items[index] : Value(Tuple.make()) }
        let places = Dictionary(uniqueKeysWithValues: fields.enumerated().map { ($1, $0 + 1) })
        try check(parts) { "code() argument \(places[$0] ?? 0)" }
        for (index, name) in ["argcount", "posonlyargcount", "kwonlyargcount", "nlocals"].enumerated() where isNegative(parts.items[index]) {
            throw valueError("code: \(name) must not be negative")
        }
        if isNegative(parts.items[4]) || isNegative(parts.items[5]) { throw badCall }
        return try make(parts)
    }

    /// `code.replace(…)`: a copy with other parts.
    static func replace(_ code: CodeRef, _ changes: DictRef) throws(Raised) -> Value {
        var position = 0
        var isShallow = true
        while let entry = changes.next(&position) {
            let name = entry.pointee.key.object(Str.self).string
            guard let index = fields.firstIndex(of: name) else {
                throw typeError("replace() got an unexpected keyword argument '\(name)'")
            }
            if !(10 ... 12).contains(index), index != 5 { isShallow = false }
        }
        let flags = changes.get(StrTables.intern(fields[5]))
        var newFlags = code.pointee.flags
        if !flags.isAbsent { newFlags = UInt32(truncatingIfNeeded: try index(flags)) & visibleFlags | newFlags & ~visibleFlags }
        if isShallow, (newFlags ^ code.pointee.flags) & shapingFlags.rawValue == 0 { return try copy(code, newFlags, changes) }
        let parts = blankTuple(fields.count)
        for (index, name) in fields.enumerated() {
            let change = changes.get(StrTables.intern(name))
            parts.items[index] = change.isAbsent ? try getAttribute(Value(code), StrTables.intern(name)) : change
        }
        try check(parts) { "replace() argument '\($0)'" }
        for index in 0 ..< 6 where isNegative(parts.items[index]) { throw valueError("\(fields[index]) must be a positive integer") }
        return try make(parts)
    }

    /// Lets code, and the code inside that is of the same file, say that it is of another one.
    public static func move(_ code: CodeRef, to fileName: Value) {
        code.readBody()
        let old = code.pointee.fileName
        writeBarrier(code)
        code.pointee.fileName = fileName
        for index in 0 ..< Int(code.pointee.constantCount) where code.constants[index].isKind(.code) {
            let inner = code.constants[index].object(Code.self)
            if inner.pointee.fileName == old { move(inner, to: fileName) }
        }
    }

    /// A copy under other names: of code that moves to another file there are many.
    private static func copy(_ code: CodeRef, _ flags: UInt32, _ changes: DictRef) throws(Raised) -> Value {
        code.readBody()
        let copy = Code.make(code.unit)
        copy.readBody()
        copy.pointee.flags = flags
        for index in 0 ..< Int(code.pointee.constantCount) { copy.constants[index] = code.constants[index] }
        func part(_ index: Int, _ old: Value) throws(Raised) -> Value {
            let change = changes.get(StrTables.intern(fields[index]))
            if change.isAbsent { return old }
            guard change.isKind(.str) else { throw typeError("replace() argument '\(fields[index])' must be str, not \(typeName(change))") }
            return change
        }
        copy.pointee.fileName = try part(10, code.pointee.fileName)
        copy.pointee.name = try part(11, code.pointee.name)
        copy.pointee.qualifiedName = try part(12, code.pointee.qualifiedName)
        return Value(copy)
    }

    /// The types of the parts; numbers become ints.
    private static func check(_ parts: TupleRef, _ title: (String) -> String) throws(Raised) {
        for (index, name) in fields.enumerated() {
            let value = parts.items[index]
            let expected: (kind: Kind, name: String)
            switch index {
            case 0 ... 5, firstLine:
                parts.items[index] = Value(try TinyRuntime.index(value))
                continue
            case 6, 14, 15: expected = (.bytes, "bytes")
            case 10 ... 12: expected = (.str, "str")
            default: expected = (.tuple, "tuple")
            }
            guard value.isKind(expected.kind) else { throw typeError("\(title(name)) must be \(expected.name), not \(typeName(value))") }
        }
    }

    private static var badCall: Raised { raise(.systemError, "bad argument to internal function") }

    private static func make(_ parts: TupleRef) throws(Raised) -> Value {
        func number(_ index: Int) -> Int { machineInt(parts.items[index]) ?? 0 }
        func octets(_ index: Int) -> Octets { parts.items[index].object(BytesObject.self).buffer }
        let tables = try readTables(octets(15))
        let code = octets(6)
        guard code.count > 0, code.count % 8 == 0 else { throw valueError("code: co_code is malformed") }
        var words = stride(from: 0, to: code.count, by: 8).map { start in
            (0 ..< 8).reduce(UInt64(0)) { $0 | UInt64(code[start + $1]) << ($1 * 8) }
        }
        // What the interpreter makes of instructions while it runs them is no part of the code.
        var offset = 0
        while offset < words.count {
            let opcode = Instruction(word: words[offset]).opcode ?? .move
            if opcode.general != opcode { words[offset] = words[offset] & ~0xFF | UInt64(opcode.general.rawValue) }
            offset += 1 + opcode.extraWords
        }
        let flags = CodeFlags(rawValue: UInt32(truncatingIfNeeded: number(5)) & visibleFlags | tables.flags)
        let variables = try names(parts.items[9])
        let cells = try names(parts.items[17])
        let free = try names(parts.items[16])
        guard number(3) == variables.count else { throw valueError("code: co_nlocals != len(co_varnames)") }
        guard number(1) <= number(0) else { throw badCall }
        let parameters = number(0) + number(2) + (flags.contains(.variadic) ? 1 : 0) + (flags.contains(.variadicKeywords) ? 1 : 0)
        guard parameters <= variables.count else { throw valueError("code: co_varnames is too small") }
        guard cells.count == tables.cells.count else { throw valueError("code: co_cellvars is of the wrong size") }
        var locals: [String] = []
        var (nextVariable, places) = (0, Dictionary(uniqueKeysWithValues: zip(tables.cells.sorted(), cells.indices)))
        for index in 0 ..< variables.count + tables.cells.count(where: { $0 >= parameters }) {
            if let cell = places.removeValue(forKey: index), index >= parameters {
                locals.append(cells[cell])
            } else if nextVariable < variables.count {
                locals.append(variables[nextVariable])
                nextVariable += 1
            }
        }
        guard places.isEmpty, nextVariable == variables.count else { throw valueError("code: co_cellvars do not fit the code") }
        let constants = try constants(parts, &words)
        let unit = CodeUnit(
            name: parts.items[11].object(Str.self).string, qualifiedName: parts.items[12].object(Str.self).string,
            fileName: parts.items[10].object(Str.self).string, firstLine: number(firstLine), flags: flags,
            argumentCount: number(0), positionalOnlyCount: number(1), keywordOnlyCount: number(2),
            registerCount: number(4) + locals.count, localNames: locals, cellLocals: tables.cells, freeNames: free, words: words,
            constants: (0 ..< constants.count).map { CodeState.constant(constants.items[$0]) }, handlers: tables.handlers,
            positions: LocationTable.decode(Array(octets(14)), firstLine: number(firstLine)).filter { $0.start < words.count },
            frameBlocks: tables.blocks, statements: tables.statements)
        guard CodeState.isSound(unit), CodeVerifier.problems(in: unit).isEmpty else {
            throw valueError("code: the parts are no code of this interpreter")
        }
        let made = Code.make(unit)
        for index in 0 ..< constants.count { made.constants[index] = constants.items[index] }
        made.pointee.fileName = parts.items[10]
        made.pointee.name = parts.items[11]
        made.pointee.qualifiedName = parts.items[12]
        return Value(made)
    }

    /// The constants, strings that look like names interned; where `co_names` are not those of the code, its instructions are changed.
    private static func constants(_ parts: TupleRef, _ words: inout [UInt64]) throws(Raised) -> TupleRef {
        let given = parts.items[7].object(Tuple.self)
        let wanted = parts.items[8].object(Tuple.self)
        _ = try names(parts.items[8])
        let words0 = words
        let places = namePlaces(words0.count) { words0[$0] }
        var known: [Int] = []
        for place in places {
            guard place.constant < given.count, given.items[place.constant].isExactly(.str) else {
                throw valueError("code: co_consts do not fit the code")
            }
            var isNew = true
            for constant in known where isNew { isNew = try !equal(given.items[constant], given.items[place.constant]) }
            if isNew { known.append(place.constant) }
        }
        guard wanted.count == known.count else { throw valueError("code: co_names is of the wrong size") }
        var others: [Int: Int] = [:]
        var added: [Int] = []
        for (index, constant) in known.enumerated() {
            if try equal(given.items[constant], wanted.items[index]) { continue }
            others[constant] = given.count + added.count
            added.append(index)
        }
        let result = blankTuple(given.count + added.count)
        for index in 0 ..< given.count { result.items[index] = interned(given.items[index]) }
        for (index, name) in added.enumerated() { result.items[given.count + index] = interned(wanted.items[name]) }
        for place in places where !others.isEmpty {
            for (constant, other) in others {
                guard try equal(given.items[place.constant], given.items[constant]) else { continue }
                let shift = UInt64(place.isLast ? 48 : 32)
                words[place.offset] = words[place.offset] & ~(0xFFFF << shift) | UInt64(UInt16(truncatingIfNeeded: other)) << shift
            }
        }
        return result
    }

    /// Look-ups of attributes compare pointers: all strings of code are interned, also those in tuples (names of keyword arguments).
    private static func interned(_ value: Value) -> Value {
        if value.isExactly(.str) { return Value(StrTables.intern(value.object(Str.self))) }
        guard value.isExactly(.tuple) else { return value }
        let items = value.object(Tuple.self)
        let result = blankTuple(items.count)
        for index in 0 ..< items.count { result.items[index] = interned(items.items[index]) }
        return Value(result)
    }

    private static func names(_ value: Value) throws(Raised) -> [String] {
        let items = value.object(Tuple.self)
        var result: [String] = []
        for index in 0 ..< items.count {
            guard items.items[index].isKind(.str) else {
                throw typeError("name tuples must contain only strings, not '\(typeName(items.items[index]))'")
            }
            result.append(items.items[index].object(Str.self).string)
        }
        return result
    }

    private struct Tables {
        var flags: UInt32 = 0
        var cells: [Int] = []
        var handlers: [HandlerEntry] = []
        var blocks: [FrameBlock] = []
        var statements: [StatementEntry] = []
    }

    /// What `tables` wrote; nothing if there are no octets.
    private static func readTables(_ octets: Octets) throws(Raised) -> Tables {
        var result = Tables()
        if octets.isEmpty { return result }
        // Made where it is thrown: an exception that is made is under way.
        var malformed: Raised { valueError("code: co_exceptiontable is malformed") }
        guard octets.count % 4 == 0 else { throw malformed }
        let numbers = stride(from: 0, to: octets.count, by: 4).map { start in
            (0 ..< 4).reduce(Int32(0)) { $0 | Int32(truncatingIfNeeded: UInt32(octets[start + $1]) << UInt32($1 * 8)) }
        }
        guard numbers.count >= 2, numbers[0] == mark else { throw malformed }
        result.flags = UInt32(bitPattern: numbers[1]) << 25
        var place = 2
        func rows(_ width: Int) throws(Raised) -> [[Int32]] {
            guard place < numbers.count, 0 ... (numbers.count - place) / width ~= Int(numbers[place]) else { throw malformed }
            let (start, count) = (place + 1, Int(numbers[place]))
            guard start + count * width <= numbers.count else { throw malformed }
            place = start + count * width
            return (0 ..< count).map { row in Array(numbers[(start + row * width) ..< (start + (row + 1) * width)]) }
        }
        for row in try rows(1) {
            guard row[0] >= 0, !result.cells.contains(Int(row[0])) else { throw malformed }
            result.cells.append(Int(row[0]))
        }
        result.handlers = try rows(4).map {
            HandlerEntry(start: $0[0], end: $0[1], target: $0[2], exceptionRegister: UInt16(truncatingIfNeeded: $0[3]))
        }
        for row in try rows(3) {
            guard let raw = UInt8(exactly: row[0]), let kind = FrameBlock.Kind(rawValue: raw) else { throw malformed }
            result.blocks.append(FrameBlock(kind: kind, register: UInt16(truncatingIfNeeded: row[1]), outer: row[2]))
        }
        result.statements = try rows(3).map { StatementEntry(start: $0[0], block: $0[1], isStatement: $0[2] != 0) }
        return result
    }
}
