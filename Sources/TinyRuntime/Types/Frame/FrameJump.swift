// Setting `frame.f_lineno`: a debugger makes a frame go on at another line.
//
// Variables keep their values. What a frame holds beside them belongs to the blocks it is in (FrameBlock): a jump may
// leave blocks, so that what they were handling is no longer handled, and may change one for another of the same kind,
// which takes over what it holds; it enters no other, for there would be nothing for it to work with. It goes to the
// first instruction of a statement, where nothing else is in registers. The compiler leaves out checks of variables that
// must be bound; the jump may have gone around what binds them, so unbound ones become None, as in CPython.
import TinyCompiler

/// What a traced thread is telling, as far as it matters to jumps.
enum TracedEvent: UInt8 {
    case none, line, call, yield, other
}

extension FrameObjectRef {
    /// Makes the frame go on at a line. Throws ValueError, with CPython's text, if it can't.
    func jump(to value: Value) throws(Raised) {
        guard isInteger(value), !value.isBool else { throw valueError("lineno must be an integer") }
        let t = currentThread()
        guard !pointee.trace.isNone || t.pointee.tracedEvent != .none else {
            throw valueError("f_lineno can only be set in a trace function")
        }
        guard let registers = pointee.registers, t.pointee.tracedFrame == registers else {
            throw valueError("f_lineno can only be set in a trace function")
        }
        switch t.pointee.tracedEvent {
        case .line, .yield: break
        case .call: throw valueError("can't jump from the 'call' trace event of a new frame")
        case .none, .other: throw valueError("can only jump from a 'line' trace event")
        }
        let number = try index(value)
        let line = try executableLine(number)
        let unit = pointee.code.unit
        // A second thought starts from where the first did.
        let source = pointee.jumpTarget < 0 ? instructionOffset : pointee.jumpSource
        let blocksHere = unit.blocks(at: Int32(source))
        var best: (offset: Int32, blocks: [FrameBlock])?
        var problem = "cannot find bytecode for specified line"
        for (offset, isStatement) in unit.places(ofLine: line) {
            let blocks = unit.blocks(at: offset)
            let isReachable = isStatement && blocks.count <= blocksHere.count
                && zip(blocks, blocksHere).allSatisfy { $0.kind == $1.kind }
            if isReachable {
                if best.map({ $0.blocks.count < blocks.count }) ?? true { best = (offset, blocks) }
            } else {
                problem = explain(blocks, isStatement, offset)
            }
        }
        guard let best else { throw valueError(problem) }
        try bindVariables(registers)
        if pointee.jumpTarget < 0 { pointee.jumpSource = source }
        pointee.jumpTarget = Int(best.offset)
        pointee.shownOffset = Int(best.offset)
        pointee.tracedLine = line
    }

    /// Carries a jump out that the tracing function has asked for: where the frame goes on.
    func takeJump(_ t: ThreadRef) -> PC? {
        guard pointee.jumpTarget >= 0, let registers = pointee.registers else { return nil }
        let unit = pointee.code.unit
        leave(unit.blocks(at: Int32(pointee.jumpSource)), for: unit.blocks(at: Int32(pointee.jumpTarget)), registers, t)
        let pc = pointee.code.pointee.words + pointee.jumpTarget
        pointee.jumpTarget = -1
        return pc
    }

    /// The first line from a given one on that has code.
    private func executableLine(_ number: Int) throws(Raised) -> Int {
        let unit = pointee.code.unit
        if number < unit.firstLine { throw valueError("line \(number) comes before the current code block") }
        let lines = unit.positions.lazy.map { Int($0.range.line) }.filter { $0 >= number && $0 > 0 }
        guard let line = lines.min() else { throw valueError("line \(number) comes after the current code block") }
        return line
    }

    /// Why one can't jump to an instruction.
    private func explain(_ blocks: [FrameBlock], _ isStatement: Bool, _ offset: Int32) -> String {
        let opcode = Instruction(word: pointee.code.pointee.words[Int(offset)]).opcode
        let innermost = blocks.last?.kind
        if opcode == .pushHandled || innermost == .handled {
            return "can't jump into an 'except' block as there's no exception"
        }
        if isStatement, innermost == .iterator { return "can't jump into the body of a for loop" }
        return "incompatible stacks"
    }

    /// Variables that have no value get None.
    private func bindVariables(_ registers: Registers) throws(Raised) {
        let count = Int(pointee.code.pointee.localCount)
        let unbound = (0 ..< count).filter { registers[$0].isAbsent }.count
        if unbound == 0 { return }
        try warn(.runtimeWarning, "assigning None to \(unbound) unbound local\(unbound == 1 ? "" : "s")")
        for index in 0 ..< count where registers[index].isAbsent { registers[index] = .none }
    }

    /// Leaves blocks for others, which take over what those of the same depth hold.
    private func leave(_ source: [FrameBlock], for target: [FrameBlock], _ registers: Registers, _ t: ThreadRef) {
        for block in source[target.count...].reversed() where block.kind == .handled {
            _ = popHandled(Instruction(.popHandled, a: Int(block.register)), registers, registers.header.pointee.pc, t)
        }
        for (from, to) in zip(source, target) where from != to {
            registers[Int(to.register)] = registers[Int(from.register)]
            if from.kind == .manager { registers[Int(to.register) + 1] = registers[Int(from.register) + 1] }
        }
    }
}

extension CodeUnit {
    /// The blocks around an instruction, outermost first.
    fileprivate func blocks(at offset: Int32) -> [FrameBlock] {
        var index = statements.last { $0.start <= offset }?.block ?? -1
        var result: [FrameBlock] = []
        while index >= 0 {
            result.append(frameBlocks[Int(index)])
            index = frameBlocks[Int(index)].outer
        }
        return result.reversed()
    }

    /// Where code of a line begins, and whether a statement does there.
    fileprivate func places(ofLine line: Int) -> [(Int32, Bool)] {
        var result: [(Int32, Bool)] = []
        var previous: Int32 = -1
        for position in positions {
            if Int(position.range.line) == line, previous != position.range.line {
                let isStatement = statements.contains { $0.isStatement && $0.start == position.start }
                result.append((position.start, isStatement))
            }
            previous = position.range.line
        }
        return result
    }
}
