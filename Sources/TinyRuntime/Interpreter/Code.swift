// Code objects: a CodeUnit of the compiler, laid out for the interpreter.
//
//     Code { header … words, counts … } | K[0] K[1] …
//
// The constants follow the struct, so that an instruction reaches one with two loads (frame header → code, constant).
// The instruction words are the code's own copy: quickening and inline caches write into them. Code that lies in an image has
// neither words nor constants until it is called or somebody asks (`readBody`): it begins with an instruction that reads them.
import CTiny
import Glibc
import TinyCompiler
import TinySyntax

/// The registers of a frame, R0 first; its header lies before them.
public typealias Registers = UnsafeMutablePointer<Value>
/// A place among the instruction words of a code.
public typealias PC = UnsafeMutablePointer<UInt64>

/// A code object. Its constants follow it in memory.
public struct Code {
    var header: ObjectHeader
    var words: PC
    var wordCount: Int32
    var registerCount: Int32
    /// Registers that hold variables (parameters and locals); the rest are temporaries.
    var localCount: Int32
    var argumentCount: Int32
    var positionalOnlyCount: Int32
    var keywordOnlyCount: Int32
    /// Parameters of all kinds, `*args` and `**kwargs` included: the registers that a call fills.
    var parameterCount: Int32
    var constantCount: Int32
    /// What a call must match to take the fast path: the number of arguments, or -1 if the parameters are not plain.
    var plainArgumentCount: Int32
    /// Raw value of the compiler's CodeFlags.
    public var flags: UInt32
    /// Where InlineCaches lists it; -1: its body is still in the image.
    var registration: Int32
    /// Whether it has handlers of exceptions, which are in tables that are read late; nil: nobody has asked yet.
    var hasHandlers: Bool?
    /// `co_name`: a str.
    public var name: Value
    var qualifiedName: Value
    /// `co_filename`: a str.
    public var fileName: Value
    /// What the tables and names are read from: handlers, positions, local names.
    var unit: Unmanaged<CodeUnit>
    /// Tuples of names, made once.
    var localNames: Value
    var freeNames: Value
}

/// A code object in the heap.
public typealias CodeRef = UnsafeMutablePointer<Code>

extension UnsafeMutablePointer<Code> {
    @inline(__always)
    var constants: UnsafeMutablePointer<Value> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<Code>.stride).assumingMemoryBound(to: Value.self)
    }

    /// What the compiler made: the tables that are too rarely read for a copy here.
    public var unit: CodeUnit { pointee.unit.takeUnretainedValue() }

    /// Whether an exception in it, or the end of a generator, has something to run.
    var hasHandlers: Bool {
        if let known = pointee.hasHandlers { return known }
        let has = !unit.handlers.isEmpty
        pointee.hasHandlers = has
        return has
    }
    var codeFlags: CodeFlags { CodeFlags(rawValue: pointee.flags) }

    func localName(_ index: Int) -> StrRef { pointee.localNames.object(Tuple.self).items[index].object(Str.self) }
    func freeName(_ index: Int) -> StrRef { pointee.freeNames.object(Tuple.self).items[index].object(Str.self) }

    /// Reads the words and constants of code in an image, unless that has been done.
    public func readBody() {
        if pointee.registration < 0 { Code.fill(self, unit.body) }
    }

    /// The index of the instruction word at or before a pc that points behind it. A frame that has yet to read its body stands
    /// before its first instruction, whatever others have made of the code since.
    public func offset(of pc: PC) -> Int {
        pc == Code.readBodyWord || pc == Code.readBodyWord + 1 ? 0 : pc - pointee.words
    }

    /// The source range of the instruction at a word offset; of one that belongs to no line, the range before it.
    public func range(at offset: Int) -> SourceRange {
        var index = positionIndex(at: offset)
        while index >= 0, unit.positions[index].range.line <= 0 { index -= 1 }
        if index >= 0 { return unit.positions[index].range }
        // A function that was interrupted before its body was read stands at its beginning.
        var range = SourceRange.none
        if pointee.words == Code.readBodyWord { range.line = Int32(clamping: unit.firstLine) }
        return range
    }

    /// The source range of the instruction at a word offset, if it has one.
    func exactRange(at offset: Int) -> SourceRange {
        let index = positionIndex(at: offset)
        return index < 0 ? .none : unit.positions[index].range
    }

    /// The first word of the instructions that share the source range of the one at a word offset.
    func startOfRange(at offset: Int) -> Int {
        let index = positionIndex(at: offset)
        return index < 0 ? 0 : Int(unit.positions[index].start)
    }

    /// The entry of the table of positions for a word offset, or -1.
    private func positionIndex(at offset: Int) -> Int {
        let positions = unit.positions
        var low = 0
        var high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if Int(positions[middle].start) <= offset { low = middle + 1 } else { high = middle }
        }
        return low - 1
    }
}

extension Code {
    /// What code in an image begins with.
    nonisolated(unsafe) static let readBodyWord: PC = {
        let word = PC.allocate(capacity: 1)
        word.initialize(to: Instruction(.readBody).word)
        return word
    }()

    /// What scripts see of instructions are octets: eight a word, so that `co_code` says all. Offsets (`f_lasti`, `co_lines`) count them.
    static let octetsPerWord = 8
    /// CPython counts instructions in units of two octets, of which each has a place in `co_positions`.
    static let unitsPerWord = LocationTable.unitsPerWord

    static func make(_ unit: CodeUnit) -> CodeRef { make(unit, fileName: Value(StrTables.intern(unit.fileName))) }

    private static func make(_ unit: CodeUnit, fileName: Value) -> CodeRef {
        let size = MemoryLayout<Code>.stride + unit.constantCount * 8
        let code = allocateObject(size, .code, ShapeID(Kind.code.rawValue)).assumingMemoryBound(to: Code.self)
        // The shorter-lived values made below are reachable from here; no collection can come in between.
        let flags = unit.flags
        let isPlain = flags.intersection([.variadic, .variadicKeywords]).isEmpty && unit.keywordOnlyCount == 0
        var parameters = unit.argumentCount + unit.keywordOnlyCount
        if flags.contains(.variadic) { parameters += 1 }
        if flags.contains(.variadicKeywords) { parameters += 1 }
        let header = code.pointee.header
        code.initialize(
            to: Code(
                header: header, words: readBodyWord, wordCount: 0,
                registerCount: Int32(unit.registerCount), localCount: Int32(unit.localNames.count),
                argumentCount: Int32(unit.argumentCount), positionalOnlyCount: Int32(unit.positionalOnlyCount),
                keywordOnlyCount: Int32(unit.keywordOnlyCount), parameterCount: Int32(parameters),
                constantCount: Int32(unit.constantCount),
                plainArgumentCount: isPlain ? Int32(unit.argumentCount) : -1, flags: flags.rawValue, registration: -1, hasHandlers: nil,
                name: Value(StrTables.intern(unit.name)), qualifiedName: Value(StrTables.intern(unit.qualifiedName)),
                fileName: fileName, unit: Unmanaged.passRetained(unit),
                localNames: Value(Tuple.make(unit.localNames.map { Value(StrTables.intern($0)) })),
                freeNames: Value(Tuple.make(unit.freeNames.map { Value(StrTables.intern($0)) }))))
        code.pointee.header.flags.insert(.releases)
        for index in 0 ..< unit.constantCount { code.constants[index] = .none }
        if !unit.isBodyInImage { fill(code, unit.body) }
        return code
    }

    /// Gives the code its words and constants.
    fileprivate static func fill(_ code: CodeRef, _ body: CodeBody) {
        let words = PC.allocate(capacity: body.words.count + 1)
        for (index, word) in body.words.enumerated() { words[index] = word }
        writeBarrier(code)
        code.pointee.words = words
        code.pointee.wordCount = Int32(body.words.count)
        for (index, constant) in body.constants.prefix(Int(code.pointee.constantCount)).enumerated() {
            code.constants[index] = value(constant, code.pointee.fileName)
        }
        InlineCaches.register(code)
    }

    private static func value(_ constant: CodeConstant, _ fileName: Value) -> Value {
        switch constant {
        case .literal(let literal): value(literal)
        case .text(let text): stringConstant(text.octets)
        case .tuple(let items): Value(Tuple.make(items.map { value($0, fileName) }))
        case .frozenSet(let items): SetObject.frozen(items.map { value($0, fileName) })
        case .code(let unit): Value(make(unit, fileName: fileName))
        }
    }

    /// The value of a literal as the compiler has it; new at each call, save strings that look like names.
    public static func value(_ literal: Constant) -> Value {
        switch literal {
        case .none: .none
        case .true: .true
        case .false: .false
        case .ellipsis: .ellipsis
        case .integer(let int): Value(Int(int))
        case .bigInteger(let digits, let radix): IntObject.parse(digits, radix: radix) ?? .none
        case .float(let double): Value(double)
        case .imaginary(let double): ComplexObject.make(0, double)
        case .string(let bytes): bytes.withUnsafeBufferPointer { stringConstant($0) }
        case .bytes(let bytes): BytesObject.make(bytes)
        }
    }

    /// Strings that look like names are shared, however long: look-ups of attributes compare pointers.
    private static func stringConstant(_ bytes: UnsafeBufferPointer<UInt8>) -> Value {
        let isName = bytes.allSatisfy { $0 == 0x5F || $0 & 0x80 != 0 || isAlphanumeric($0) }
        let str = Str.make(bytes)
        return Value(isName ? StrTables.intern(str) : str)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A
    }

    static func trace(_ object: UnsafeMutableRawPointer, _ marker: inout Marker) {
        let code = object.assumingMemoryBound(to: Code.self)
        marker.mark(code.pointee.name)
        marker.mark(code.pointee.qualifiedName)
        marker.mark(code.pointee.fileName)
        marker.mark(code.pointee.localNames)
        marker.mark(code.pointee.freeNames)
        marker.mark(code.constants, count: Int(code.pointee.constantCount))
        marker.liveBytes += Int(code.pointee.wordCount) * 8
    }

    static func release(_ object: UnsafeMutableRawPointer) {
        let code = object.assumingMemoryBound(to: Code.self)
        if code.pointee.registration >= 0 {
            InlineCaches.unregister(code)
            code.pointee.words.deallocate()
        }
        code.pointee.unit.release()
    }
}

/// The first instruction of code in an image.
@inline(never)
func slowReadBody(_ r: Registers) -> Next {
    let code = r.header.pointee.code
    code.readBody()
    return Next(r, code.pointee.words)
}

/// All code whose inline caches must be emptied when a class changes under them.
enum InlineCaches {
    /// Each knows its place here.
    nonisolated(unsafe) private static var codes: [CodeRef] = []
    /// The instructions quickened since the last flush, as long as none of their codes has been freed: a flush visits
    /// these few instead of every instruction of the program (measured: 1 ms with a large module loaded, per change of a class).
    nonisolated(unsafe) private static var quickened: [PC] = []
    nonisolated(unsafe) private static var isListWhole = true

    static func register(_ code: CodeRef) {
        code.pointee.registration = Int32(truncatingIfNeeded: codes.count)
        codes.append(code)
    }

    static func unregister(_ code: CodeRef) {
        let place = Int(code.pointee.registration)
        codes[codes.count - 1].pointee.registration = code.pointee.registration
        codes.swapAt(place, codes.count - 1)
        codes.removeLast()
        if !quickened.isEmpty { forgetList() }
    }

    /// Notes that an instruction has got a form of its own.
    static func note(_ word: PC) {
        guard isListWhole else { return }
        if quickened.count >= 1 << 16 { return forgetList() }
        quickened.append(word)
    }

    private static func forgetList() {
        quickened.removeAll(keepingCapacity: true)
        isListWhole = false
    }

    /// Turns every quickened instruction back into its general form.
    static func flush() {
        defer {
            quickened.removeAll(keepingCapacity: true)
            isListWhole = true
        }
        guard isListWhole else { return flushAll() }
        for word in quickened {
            let opcode = Instruction(word: word.pointee).opcode ?? .move
            word.pointee = word.pointee & ~0xFF | UInt64(opcode.general.rawValue)
        }
    }

    private static func flushAll() {
        for code in codes {
            var offset = 0
            while offset < Int(code.pointee.wordCount) {
                let word = code.pointee.words + offset
                // Code in the registry comes from the assembler, whose every word at an instruction start is one.
                let opcode = Instruction(word: word.pointee).opcode ?? .move
                if opcode.general != opcode { word.pointee = word.pointee & ~0xFF | UInt64(opcode.general.rawValue) }
                offset += 1 + opcode.extraWords
            }
        }
    }
}
