// Turns the emitter's list of items (instructions whose jumps name labels) into words.
//
// Distances are only known once every item has its place, and a fused compare-and-jump reaches 32,767 words. One that
// has to go further becomes two items: its inverse hops over a plain `jump`, whose distance has 32 bits. Enlarging an
// item moves the others, so sizes are computed until nothing changes; they only grow, so that ends.
//
// Handlers are kept per item (the innermost handler in force), and the table is the list of runs of equal handlers:
// entries never overlap, because an exception that a handler lets out is raised by an item of the handler itself.
import TinySyntax

/// The place of an item that is not yet known.
struct Label: Hashable {
    let index: Int
}

/// An instruction before it has an address.
struct Item {
    var instruction: Instruction
    /// Where it jumps to, if it does.
    var label: Label?
    /// Operand in the word behind it (`OpcodeForm.wordOne`), unless that is the label.
    var wordOne: UInt64 = 0
    /// Index of the innermost handler that protects it, or -1.
    var handler: Int32
    var range: SourceRange
    /// The innermost frame block around it, or -1.
    var frameBlock: Int32 = -1
    /// Whether it is the first of a statement.
    var isStatement = false
}

/// An exception handler: where it begins, and the register that holds the exception there.
struct HandlerTarget {
    var label: Label
    var exceptionRegister: Int
}

/// What the assembler makes of the items.
struct AssembledCode {
    let words: [UInt64]
    let handlers: [HandlerEntry]
    let positions: [PositionEntry]
    let statements: [StatementEntry]
}

struct Assembler {
    let items: [Item]
    /// Item index of each label.
    let labels: [Int]
    let handlers: [HandlerTarget]

    private(set) var words: [UInt64] = []
    private var addresses: [Int32] = []
    private var isLong: [Bool] = []

    init(items: [Item], labels: [Int], handlers: [HandlerTarget]) {
        self.items = items
        self.labels = labels
        self.handlers = handlers
    }

    /// Lays out the items. Returns nil if the code is too large for 32-bit addresses.
    mutating func assemble() -> AssembledCode? {
        guard items.count < 100_000_000 else { return nil }
        isLong = [Bool](repeating: false, count: items.count)
        repeat { placeItems() } while lengthenJumps()
        words.reserveCapacity(Int(addresses[items.count]))
        for index in items.indices { write(index) }
        return AssembledCode(
            words: words, handlers: handlerTable(), positions: positionTable(), statements: statementTable())
    }

    private mutating func placeItems() {
        addresses = []
        addresses.reserveCapacity(items.count + 1)
        var address: Int32 = 0
        for (index, item) in items.enumerated() {
            addresses.append(address)
            address += Int32(1 + extraWords(item)) + (isLong[index] ? 2 : 0)
        }
        addresses.append(address)
    }

    private func extraWords(_ item: Item) -> Int { item.instruction.opcode?.extraWords ?? 0 }

    private func hasShortJump(_ item: Item) -> Bool {
        if case .jump? = item.instruction.opcode?.form.c { return true }
        return false
    }

    private func address(of label: Label) -> Int { Int(addresses[labels[label.index]]) }

    private mutating func lengthenJumps() -> Bool {
        var changed = false
        for (index, item) in items.enumerated() where !isLong[index] {
            guard let label = item.label, hasShortJump(item) else { continue }
            let distance = address(of: label) - Int(addresses[index + 1])
            if distance > Int(Int16.max) || distance < Int(Int16.min) {
                isLong[index] = true
                changed = true
            }
        }
        return changed
    }

    private mutating func write(_ index: Int) {
        let item = items[index]
        let instruction = item.instruction
        guard let opcode = instruction.opcode else { return }
        let form = opcode.form
        guard let label = item.label else {
            words.append(instruction.word & ~0xFF | UInt64(fused(index, opcode).rawValue))
            for position in 0 ..< form.extraWords { words.append(position == 0 ? item.wordOne : 0) }
            return
        }
        let target = address(of: label)
        if case .jump = form.wordOne {
            words.append(instruction.word)
            words.append(UInt64(bitPattern: Int64(target - words.count - 1)))
        } else if case .jump = form.bc {
            words.append(Instruction(fusedJump(opcode, label), a: instruction.a, bc: target - words.count - 1).word)
        } else if !isLong[index] {
            let distance = target - words.count - 1 - form.extraWords
            words.append(Instruction(opcode, a: instruction.a, b: instruction.b, c: distance, d: instruction.d).word)
            for _ in 0 ..< form.extraWords { words.append(0) }
        } else if case .forIterate = opcode {
            // next: fall into a hop over the long jump; exhausted: land on it
            words.append(Instruction(opcode, a: instruction.a, b: instruction.b, c: 1).word)
            for _ in 0 ..< form.extraWords { words.append(0) }
            words.append(Instruction(.jump, bc: 1).word)
            words.append(Instruction(.jump, bc: target - words.count - 1).word)
        } else {
            // the inverse condition hops over the long jump (one word of the two reserved stays a no-op jump)
            let inverted = instruction.d == 0 ? 1 : 0
            words.append(Instruction(opcode, a: instruction.a, b: instruction.b, c: 2, d: inverted).word)
            words.append(Instruction(.jump, bc: 0).word)
            words.append(Instruction(target < words.count ? .jumpBack : .jump, bc: target - words.count - 1).word)
        }
    }

    /// The opcode of a jump: that of both where it leads to the next round of a `for` loop.
    private func fusedJump(_ opcode: Opcode, _ label: Label) -> Opcode {
        let target = labels[label.index]
        guard opcode == .jumpBack, items.indices.contains(target), items[target].instruction.opcode == .forIterate else { return opcode }
        return .jumpBackToIterate
    }

    /// The opcode of an item: that of both where a product is used at once.
    private func fused(_ index: Int, _ opcode: Opcode) -> Opcode {
        guard opcode == .multiply || opcode == .multiplyConstant, index + 1 < items.count else { return opcode }
        let product = items[index].instruction.a
        let second = items[index + 1].instruction
        let isLeft = second.b == product
        let isConstant = opcode == .multiplyConstant
        switch second.opcode {
        case .add where isLeft != (second.c == product): return isConstant ? .multiplyConstantThenAdd : .multiplyThenAdd
        case .yieldValue where isLeft && second.d == 0: return isConstant ? .multiplyConstantThenYield : .multiplyThenYield
        case .addConstant where isLeft: return isConstant ? .multiplyConstantThenAddConstant : .multiplyThenAddConstant
        case .subtract where isLeft != (second.c == product):
            if isLeft { return isConstant ? .multiplyConstantThenSubtract : .multiplyThenSubtract }
            return isConstant ? .multiplyConstantThenSubtractFrom : .multiplyThenSubtractFrom
        default: return opcode
        }
    }

    private func handlerTable() -> [HandlerEntry] {
        var table: [HandlerEntry] = []
        var index = 0
        while index < items.count {
            let handler = items[index].handler
            var end = index + 1
            while end < items.count, items[end].handler == handler { end += 1 }
            if handler >= 0 {
                let target = handlers[Int(handler)]
                table.append(HandlerEntry(
                    start: addresses[index], end: addresses[end], target: addresses[labels[target.label.index]],
                    exceptionRegister: UInt16(truncatingIfNeeded: target.exceptionRegister)))
            }
            index = end
        }
        return table
    }

    /// Where statements begin, and where the block around changes.
    private func statementTable() -> [StatementEntry] {
        var table: [StatementEntry] = []
        for (index, item) in items.enumerated() where item.isStatement || (table.last?.block ?? -1) != item.frameBlock {
            table.append(StatementEntry(start: addresses[index], block: item.frameBlock, isStatement: item.isStatement))
        }
        return table
    }

    private func positionTable() -> [PositionEntry] {
        var table: [PositionEntry] = []
        for (index, item) in items.enumerated() where table.last?.range != item.range {
            table.append(PositionEntry(start: addresses[index], range: item.range))
        }
        return table
    }
}
