// What the compiler hands to the runtime: one unit of code per module, function, class body, lambda and
// comprehension. Pure data, so that it can be printed, compared and cached; the runtime lays it out in raw memory.
import TinySyntax

/// Properties of a unit of code, with the values of CPython's `co_flags`.
public struct CodeFlags: OptionSet, Sendable {
    /// The number that `co_flags` shows.
    public let rawValue: UInt32
    @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Locals are registers: a function.
    @inlinable public static var optimized: CodeFlags { CodeFlags(rawValue: 0x1) }
    /// Each call has a namespace of its own.
    @inlinable public static var newLocals: CodeFlags { CodeFlags(rawValue: 0x2) }
    /// Takes `*args`.
    @inlinable public static var variadic: CodeFlags { CodeFlags(rawValue: 0x4) }
    /// Takes `**kwargs`.
    @inlinable public static var variadicKeywords: CodeFlags { CodeFlags(rawValue: 0x8) }
    /// Stands in a function.
    @inlinable public static var nested: CodeFlags { CodeFlags(rawValue: 0x10) }
    /// A generator function.
    @inlinable public static var generator: CodeFlags { CodeFlags(rawValue: 0x20) }
    /// A coroutine function.
    @inlinable public static var coroutine: CodeFlags { CodeFlags(rawValue: 0x80) }
    /// An asynchronous generator function.
    @inlinable public static var asyncGenerator: CodeFlags { CodeFlags(rawValue: 0x200) }
    /// Unequal is written `<>` here.
    @inlinable public static var futureBarryAsFLUFL: CodeFlags { CodeFlags(rawValue: 0x400000) }
    /// Annotations are kept as text.
    @inlinable public static var futureAnnotations: CodeFlags { CodeFlags(rawValue: 0x1000000) }
    /// The first constant is the documentation string.
    @inlinable public static var hasDocstring: CodeFlags { CodeFlags(rawValue: 0x4000000) }
    /// Stands in a class.
    @inlinable public static var method: CodeFlags { CodeFlags(rawValue: 0x8000000) }
    /// Exceptions that pass leave no line in their traceback: code that stands for what is written in C elsewhere.
    @inlinable public static var unlisted: CodeFlags { CodeFlags(rawValue: 0x1000_0000) }
}

/// A constant in the pool.
public enum CodeConstant: Sendable {
    case literal(Constant)
    /// A string that stands in an image for good.
    case text(ImageText)
    case tuple([CodeConstant])
    case frozenSet([CodeConstant])
    case code(CodeUnit)

    /// The octets of a string.
    var string: [UInt8]? {
        switch self {
        case .literal(.string(let bytes)): bytes
        case .text(let text): text.bytes
        case .literal, .tuple, .frozenSet, .code: nil
        }
    }
}

/// ASCII octets in a constant of the binary: the library's strings become objects without an array in between.
public struct ImageText: @unchecked Sendable {
    /// The octets, which are there as long as the program.
    public let octets: UnsafeBufferPointer<UInt8>

    /// A copy of them.
    public var bytes: [UInt8] { Array(octets) }
}

/// An instruction range that is protected: an exception raised in words start ..< end goes to `target`, with the
/// exception in R[exceptionRegister]. Inner entries come before the outer ones that enclose them.
public struct HandlerEntry: Sendable, Equatable {
    /// The first word that is protected.
    public var start: Int32
    /// The word behind the last one.
    public var end: Int32
    /// Where control goes.
    public var target: Int32
    /// Where the exception is put.
    public var exceptionRegister: UInt16

    public init(start: Int32, end: Int32, target: Int32, exceptionRegister: UInt16) {
        self.start = start
        self.end = end
        self.target = target
        self.exceptionRegister = exceptionRegister
    }
}

/// The source range of the instruction words from `start` up to the next entry.
public struct PositionEntry: Sendable, Equatable {
    /// The first word that it is about.
    public var start: Int32
    /// Where in the source text these words come from.
    public var range: SourceRange

    public init(start: Int32, range: SourceRange) {
        self.start = start
        self.range = range
    }
}

/// What code inside a block relies on: a register that the block filled when it was entered. A debugger that jumps may
/// leave blocks, but enter none, except by taking the register over from one of the same kind.
public struct FrameBlock: Sendable, Equatable {
    /// What the register holds.
    public enum Kind: UInt8, Sendable {
        /// The iterator of a `for`.
        case iterator
        /// What was handled before the exception that is being handled.
        case handled
        /// The exception that the end of a `finally` raises again.
        case reraised
        /// `__exit__` of a `with`, followed by the one with its self.
        case manager
    }

    /// What the register holds.
    public let kind: Kind
    /// The register.
    public let register: UInt16
    /// Index of the block around, or -1.
    public let outer: Int32

    public init(kind: Kind, register: UInt16, outer: Int32) {
        self.kind = kind
        self.register = register
        self.outer = outer
    }
}

/// The innermost frame block of the instruction words from `start` up to the next entry, and whether a statement begins.
public struct StatementEntry: Sendable, Equatable {
    /// The first word that it is about.
    public let start: Int32
    /// Index of the innermost block, or -1.
    public let block: Int32
    /// Whether a statement begins here.
    public let isStatement: Bool

    public init(start: Int32, block: Int32, isStatement: Bool) {
        self.start = start
        self.block = block
        self.isStatement = isStatement
    }
}

/// What a unit does: its instructions and the constants that they name.
public struct CodeBody: Sendable {
    /// Instructions, each followed by the words that its opcode wants.
    public let words: [UInt64]
    /// What instructions load and name by number.
    public let constants: [CodeConstant]

    /// The names of the attributes that are stored on the object in a register.
    fileprivate func attributesSet(on register: Int) -> [String] {
        var names: [String] = []
        var offset = 0
        while offset < words.count {
            let i = Instruction(word: words[offset])
            guard let opcode = i.opcode else { break }
            if opcode == .storeAttribute, i.a == register, constants.indices.contains(i.c),
                let bytes = constants[i.c].string
            {
                let name = String(decoding: bytes, as: UTF8.self)
                if !names.contains(name) { names.append(name) }
            }
            offset += 1 + opcode.extraWords
        }
        return names
    }
}

/// What is asked of a unit when something goes wrong, or somebody looks on.
struct CodeTables: Sendable {
    let handlers: [HandlerEntry]
    let positions: [PositionEntry]
    let frameBlocks: [FrameBlock]
    let statements: [StatementEntry]
}

/// One unit of compiled code.
///
/// A unit of the standard library lies in an image in the binary (CodeImage) and reads its body when it is first called, its
/// tables when they are first asked for: most functions of a module that is imported are never called.
public final class CodeUnit: Sendable {
    /// `__name__` of what is made of it.
    public let name: String
    /// `__qualname__` of what is made of it.
    public let qualifiedName: String
    /// The file in tracebacks.
    public let fileName: String
    /// The line of the definition or its first decorator, from 1.
    public let firstLine: Int
    /// What kind of code it is.
    public let flags: CodeFlags
    /// Positional parameters, the positional-only ones included.
    public let argumentCount: Int
    /// How many of these can't be given by name.
    public let positionalOnlyCount: Int
    /// Parameters that can only be given by name.
    public let keywordOnlyCount: Int
    /// Size of the register file; includes the headers and arguments of the calls that this code makes.
    public let registerCount: Int
    /// The names of the first registers: parameters (positional, keyword-only, `*args`, `**kwargs`), then other
    /// locals. A local that is a cell variable keeps its place: its register holds the cell.
    public let localNames: [String]
    /// Indices into `localNames` of the variables that live in cells (captured by inner functions).
    public let cellLocals: [Int]
    /// The variables of functions around it that it uses, in the order of its closure.
    public let freeNames: [String]
    /// The names of the attributes that the code stores on its first parameter, which is almost always `self`.
    public let attributesSet: [String]
    /// How many constants the body has, known without reading it.
    public let constantCount: Int
    /// The line in which a call begins: that of the definition, none for a module.
    public var definitionLine: Int { qualifiedName == "<module>" ? 0 : firstLine }
    private let ownBody: Part<CodeBody>
    private let ownTables: Part<CodeTables>
    /// Tables that were read from an image. Two threads that read them at once would get the same; the runtime's hold the GIL.
    nonisolated(unsafe) private var readTables: CodeTables?

    /// A part of a unit: at hand, or where it can be read.
    enum Part<Content: Sendable>: Sendable {
        case known(Content)
        case later(CodeImage.Place)
    }

    init(
        name: String, qualifiedName: String, fileName: String, firstLine: Int, flags: CodeFlags,
        argumentCount: Int, positionalOnlyCount: Int, keywordOnlyCount: Int, registerCount: Int,
        localNames: [String], cellLocals: [Int], freeNames: [String], attributesSet: [String], constantCount: Int, body: Part<CodeBody>, tables: Part<CodeTables>
    ) {
        self.name = name
        self.qualifiedName = qualifiedName
        self.fileName = fileName
        self.firstLine = firstLine
        self.flags = flags
        self.argumentCount = argumentCount
        self.positionalOnlyCount = positionalOnlyCount
        self.keywordOnlyCount = keywordOnlyCount
        self.registerCount = registerCount
        self.localNames = localNames
        self.cellLocals = cellLocals
        self.freeNames = freeNames
        self.attributesSet = attributesSet
        self.constantCount = constantCount
        ownBody = body
        ownTables = tables
    }

    public convenience init(
        name: String, qualifiedName: String, fileName: String, firstLine: Int, flags: CodeFlags,
        argumentCount: Int, positionalOnlyCount: Int, keywordOnlyCount: Int, registerCount: Int,
        localNames: [String], cellLocals: [Int], freeNames: [String], words: [UInt64],
        constants: [CodeConstant], handlers: [HandlerEntry], positions: [PositionEntry],
        frameBlocks: [FrameBlock] = [], statements: [StatementEntry] = []
    ) {
        let body = CodeBody(words: words, constants: constants)
        self.init(
            name: name, qualifiedName: qualifiedName, fileName: fileName, firstLine: firstLine, flags: flags,
            argumentCount: argumentCount, positionalOnlyCount: positionalOnlyCount, keywordOnlyCount: keywordOnlyCount,
            registerCount: registerCount, localNames: localNames, cellLocals: cellLocals, freeNames: freeNames,
            attributesSet: argumentCount > 0 ? body.attributesSet(on: 0) : [], constantCount: constants.count, body: .known(body),
            tables: .known(CodeTables(handlers: handlers, positions: positions, frameBlocks: frameBlocks, statements: statements)))
    }

    /// Whether the body is still to be read from an image.
    public var isBodyInImage: Bool { if case .later = ownBody { true } else { false } }

    /// The body; one in an image is read anew each time.
    public var body: CodeBody {
        switch ownBody {
        case .known(let body): body
        case .later(let place): CodeImage.body(at: place, fileName: fileName)
        }
    }

    /// Instructions; see `body`.
    public var words: [UInt64] { body.words }
    /// Constants; see `body`.
    public var constants: [CodeConstant] { body.constants }

    private var tables: CodeTables {
        switch ownTables {
        case .known(let tables): return tables
        case .later(let place):
            if let readTables { return readTables }
            let tables = CodeImage.tables(at: place, fileName: fileName)
            readTables = tables
            return tables
        }
    }

    /// Which words are protected, the inner ranges first.
    public var handlers: [HandlerEntry] { tables.handlers }
    /// Where words come from, by their offset.
    public var positions: [PositionEntry] { tables.positions }
    /// The blocks that a debugger may not jump into.
    public var frameBlocks: [FrameBlock] { tables.frameBlocks }
    /// Where statements and blocks begin, by their offset.
    public var statements: [StatementEntry] { tables.statements }
}
