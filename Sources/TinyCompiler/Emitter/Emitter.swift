// The emitter: from the tree of one unit (module, function, class body …) to its instructions.
//
// It walks the tree once. Expressions are emitted towards a destination register (`emit(_:into:)`), so that results
// are computed where they are wanted; a local that is only read is used where it lies (`operand`). Two rules keep
// that right:
//   - a destination that is a local variable is written by the last instruction of an expression only, because what
//     comes before may still read the old value, or fail;
//   - a local that an assignment expression might rebind is copied before it is used as an operand.
// Registers above the locals are a stack: take with `allocate`, give back by resetting `nextRegister`.
//
// Code that cannot be reached is walked (it may hold errors) but not emitted: see `append`.
import TinySyntax

/// What all units of one compilation share.
final class CompileContext {
    let fileName: String
    let options: CompileOptions
    let scopes: ScopeTable
    let futures: FutureFeatures
    let stack: StackGuard
    var warnings: [SyntaxDiagnostic] = []

    init(
        fileName: String, options: CompileOptions, scopes: ScopeTable, futures: FutureFeatures, stack: StackGuard
    ) {
        self.stack = stack
        self.fileName = fileName
        self.options = options
        self.scopes = scopes
        self.futures = futures
    }

    func warn(_ message: String, at range: SourceRange) {
        let warning = SyntaxDiagnostic(message, at: range, kind: .syntaxWarning)
        // a `finally` body is emitted several times, and says it once
        if !warnings.contains(warning) { warnings.append(warning) }
    }
}

final class Emitter {
    let context: CompileContext
    /// The scope of this unit of code.
    let scope: Scope
    /// The unit around.
    unowned let parent: Emitter?
    let name: String
    let qualifiedName: String

    // What is emitted.
    var items: [Item] = []
    var labelItems: [Int] = []
    var labelStates: [AssignedRegisters?] = []
    /// Where the last label was placed.
    private var lastPlace = -1
    var handlers: [HandlerTarget] = []
    var pool = ConstantPool()

    // Where the emitter is.
    /// The place that the next instruction is blamed on.
    var range = SourceRange.none
    /// The place of a statement that does nothing by itself (`pass`, `try:`): what follows takes it over or, if that has a
    /// line of its own, an instruction that does nothing stands for it, so that tracing functions are told of the line.
    private var idlePlace: SourceRange?
    /// Whether what is emitted belongs to no line: it has that of what runs before it.
    private var isArtificial = false
    var isReachable = true
    var assigned = AssignedRegisters()
    var currentHandler: Int32 = -1
    var blocks: [Block] = []
    var frameBlocks: [FrameBlock] = []
    /// Whether the next instruction is a statement's first.
    private var isAtStatement = true
    /// The comprehensions being inlined, innermost last.
    var inlined: [InlinedScope] = []
    /// How many units are around this one. Code is walked recursively, too.
    var depth = 0
    static let deepestNesting = 400
    /// How deep constant folding is in its operand.
    var foldingDepth = 0

    // Registers.
    let registers: LocalRegisters
    var nextRegister = 0
    var registerCount = 0
    let freeNames: [String]
    let freeIndices: [String: Int]

    var argumentCount = 0
    var positionalOnlyCount = 0
    var keywordOnlyCount = 0
    var flags: CodeFlags = []
    var firstLine = 1

    init(
        context: CompileContext, scope: Scope, parent: Emitter?, name: String, qualifiedName: String
    ) throws(SyntaxDiagnostic) {
        self.context = context
        self.scope = scope
        self.parent = parent
        self.name = name
        self.qualifiedName = qualifiedName
        freeNames = scope.freeNames.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
        // A loop: the types of `enumerated().map` cost the Swift runtime 0.3 million instructions to find, in every run.
        var indices: [String: Int] = [:]
        for (index, name) in freeNames.enumerated() { indices[name] = index }
        freeIndices = indices
        registers = LocalRegisters(scope: scope)
        nextRegister = registers.count
        registerCount = nextRegister
        if registers.count > Emitter.registerLimit { throw tooMany("local variables") }
    }

    /// The largest register number an instruction can name, with room for a call's header.
    static let registerLimit = 65_000

    func tooMany(_ what: String) -> SyntaxDiagnostic {
        SyntaxDiagnostic("too many \(what) in '\(name)'", at: range)
    }

    // MARK: Instructions

    func append(_ instruction: Instruction, label: Label? = nil, wordOne: UInt64 = 0) {
        guard isReachable else { return }
        if !isArtificial, let place = idlePlace, place.line != range.line { emitIdle() }
        let place = isArtificial ? idlePlace ?? (lastPlace == items.count ? .none : items.last?.range ?? .none) : range
        items.append(
            Item(
                instruction: instruction, label: label, wordOne: wordOne, handler: currentHandler, range: place,
                frameBlock: blocks.last?.frameBlock ?? -1, isStatement: isAtStatement || idlePlace != nil))
        isAtStatement = false
        // a jump that stands for a statement is kept even if it goes to the next instruction
        if idlePlace != nil { lastPlace = items.count }
        idlePlace = nil
        if instruction.opcode?.form.endsBlock == true { isReachable = false }
    }

    func emit(_ opcode: Opcode, a: Int = 0, b: Int = 0, c: Int = 0, d: Int = 0) {
        append(Instruction(opcode, a: a, b: b, c: c, d: d))
    }

    func emit(_ opcode: Opcode, a: Int = 0, bc: Int) {
        append(Instruction(opcode, a: a, bc: bc))
    }

    /// Notes a statement that does nothing by itself.
    func stand(for place: SourceRange) {
        if idlePlace != nil { emitIdle() }
        if isReachable { idlePlace = place }
    }

    /// An instruction that does nothing, for the line of a statement that does not either.
    private func emitIdle() {
        guard let place = idlePlace else { return }
        idlePlace = nil
        guard isReachable else { return }
        items.append(
            Item(
                instruction: Instruction(.jump, bc: 0), label: nil, handler: currentHandler, range: place,
                frameBlock: blocks.last?.frameBlock ?? -1, isStatement: true))
    }

    /// Notes that a statement begins with the next instruction: a debugger may jump there.
    func beginStatement() { isAtStatement = true }

    /// Emits what belongs to no line of its own: the jump at the end of a body, the return at the end of a function.
    func withoutLine(_ emit: () throws(SyntaxDiagnostic) -> Void) throws(SyntaxDiagnostic) {
        let outer = isArtificial
        isArtificial = true
        defer { isArtificial = outer }
        try emit()
    }

    func jumpWithoutLine(_ opcode: Opcode = .jump, to label: Label) {
        let outer = isArtificial
        isArtificial = true
        emitJump(opcode, to: label)
        isArtificial = outer
    }

    func emitWithoutLine(_ instruction: Instruction, to label: Label? = nil) {
        let outer = isArtificial
        isArtificial = true
        if let label { noteJump(to: label) }
        append(instruction, label: label)
        isArtificial = outer
    }

    /// The end of a function, module or class body.
    func emitEnd() {
        let outer = isArtificial
        isArtificial = true
        emit(.returnConstant, bc: pool.slot(.literal(.none)))
        isArtificial = outer
    }

    // MARK: Labels

    func newLabel() -> Label {
        labelItems.append(-1)
        labelStates.append(nil)
        return Label(index: labelItems.count - 1)
    }

    /// Notes that control may go from here to `label`.
    private func noteJump(to label: Label) {
        guard isReachable, labelItems[label.index] < 0 else { return }
        if labelStates[label.index] == nil {
            labelStates[label.index] = assigned
        } else {
            labelStates[label.index]?.formIntersection(assigned)
        }
    }

    func emitJump(_ opcode: Opcode, a: Int = 0, b: Int = 0, d: Int = 0, c: Int = 0, to label: Label) {
        noteJump(to: label)
        append(Instruction(opcode, a: a, b: b, c: c, d: d), label: label)
    }

    func jump(to label: Label) { emitJump(.jump, to: label) }

    /// The place of a label that is jumped to forwards.
    func place(_ label: Label) {
        emitIdle()
        dropJump(to: label)
        if let state = labelStates[label.index] {
            if isReachable { assigned.formIntersection(state) } else { assigned = state }
            isReachable = true
        }
        setPlace(label)
    }

    private func setPlace(_ label: Label) {
        labelItems[label.index] = items.count
        lastPlace = items.count
    }

    /// A jump to the instruction that follows it is left out, if no label has been placed in between.
    private func dropJump(to label: Label) {
        guard let last = items.last, last.label == label, last.instruction.opcode == .jump,
            lastPlace < items.count
        else { return }
        items.removeLast()
    }

    /// The place of a label that is jumped to backwards: whatever the loop unbinds may be unbound here.
    func placeLoopHead(_ label: Label) {
        emitIdle()
        forgetUnbindable()
        setPlace(label)
    }

    /// The place where a handler begins, given what was bound when its protection began.
    func placeHandler(_ label: Label, assigned state: AssignedRegisters, isUsed: Bool) {
        isReachable = isUsed
        assigned = state
        forgetUnbindable()
        setPlace(label)
    }

    private func forgetUnbindable() {
        for name in scope.unboundNames {
            if let register = registers.existing(name) { assigned.remove(register) }
        }
    }

    // MARK: Protection

    /// Begins a stretch in which exceptions go to a new handler.
    func protect(exceptionRegister: Int) -> Protection {
        emitIdle()
        let label = newLabel()
        handlers.append(HandlerTarget(label: label, exceptionRegister: exceptionRegister))
        let protection = Protection(
            label: label, handler: Int32(handlers.count - 1), outer: currentHandler, firstItem: items.count,
            assigned: assigned)
        currentHandler = protection.handler
        return protection
    }

    func endProtection(_ protection: Protection) {
        emitIdle()
        currentHandler = protection.outer
    }

    /// The place of the handler; code follows that is protected as the outside is.
    func beginHandler(_ protection: Protection) {
        let isUsed = items.dropFirst(protection.firstItem).contains { $0.handler == protection.handler }
        currentHandler = protection.outer
        placeHandler(protection.label, assigned: protection.assigned, isUsed: isUsed)
    }

    struct Protection {
        let label: Label
        let handler: Int32
        let outer: Int32
        let firstItem: Int
        let assigned: AssignedRegisters
    }

    // MARK: Registers and constants

    func allocate(_ count: Int = 1) throws(SyntaxDiagnostic) -> Int {
        let register = nextRegister
        nextRegister += count
        if nextRegister > registerCount {
            registerCount = nextRegister
            if registerCount > Emitter.registerLimit { throw tooMany("registers") }
        }
        return register
    }

    /// Takes the registers of a callee's header; the first argument comes next, and its register exists even if no
    /// argument does. Returns where the callable goes.
    func allocateCall() throws(SyntaxDiagnostic) -> Int {
        let callable = try allocate(CallLayout.headerWords + 1)
        nextRegister -= 1
        return callable
    }

    /// Whether a register holds a variable, which must not be used for what comes in between.
    func isLocal(_ register: Int) -> Bool { register < registers.count }

    /// `destination` if it may hold intermediate values, else a temporary.
    func scratch(for destination: Int) throws(SyntaxDiagnostic) -> Int {
        isLocal(destination) ? try allocate() : destination
    }

    func move(_ source: Int, to destination: Int) {
        if source != destination { emit(.move, a: destination, b: source) }
    }

    func loadConstant(_ constant: CodeConstant, into register: Int) {
        emit(.loadConstant, a: register, bc: pool.slot(constant))
    }

    func loadNone(into register: Int) { loadConstant(.literal(.none), into: register) }

    func loadString(_ text: String, into register: Int) {
        loadConstant(.literal(.string(Array(text.utf8))), into: register)
    }

    /// The slot of a name as an operand of 16 bits.
    func nameSlot(_ name: String) throws(SyntaxDiagnostic) -> Int {
        try smallSlot(pool.slot(name: name))
    }

    func smallSlot(_ slot: Int) throws(SyntaxDiagnostic) -> Int {
        if slot > Int(UInt16.max) { throw tooMany("constants") }
        return slot
    }

    // MARK: The end

    /// The finished unit.
    func finish() throws(SyntaxDiagnostic) -> CodeUnit {
        var assembler = Assembler(items: items, labels: labelItems, handlers: handlers)
        guard let code = assembler.assemble() else { throw tooMany("instructions") }
        if registerCount > Int(UInt16.max) { throw tooMany("registers") }
        return CodeUnit(
            name: name, qualifiedName: qualifiedName, fileName: context.fileName, firstLine: firstLine,
            flags: flags, argumentCount: argumentCount, positionalOnlyCount: positionalOnlyCount,
            keywordOnlyCount: keywordOnlyCount, registerCount: registerCount, localNames: registers.names,
            cellLocals: registers.cells, freeNames: freeNames, words: code.words, constants: pool.constants,
            handlers: code.handlers, positions: code.positions, frameBlocks: frameBlocks, statements: code.statements)
    }
}
