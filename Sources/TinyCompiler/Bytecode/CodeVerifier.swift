// Whether a unit of code is sound: jumps land on instructions, registers and constants exist, handlers protect whole
// instructions, control never runs off the end. The interpreter trusts code; tests run this over everything compiled.
import TinySyntax

/// Checks code.
public enum CodeVerifier {
    /// What is wrong with the unit or those inside it; empty if nothing.
    public static func problems(in unit: CodeUnit) -> [String] {
        var checker = Checker(unit: unit, places: Disassembler.instructions(unit))
        checker.run()
        var problems = checker.problems.map { "\(unit.qualifiedName): \($0)" }
        for case .code(let inner) in unit.constants { problems += CodeVerifier.problems(in: inner) }
        return problems
    }

    private struct Checker {
        let unit: CodeUnit
        let places: [Disassembler.Place]
        var problems: [String] = []
        var starts: Set<Int> = []

        init(unit: CodeUnit, places: [Disassembler.Place]) {
            self.unit = unit
            self.places = places
            starts = Set(places.map(\.offset))
        }

        mutating func require(_ isSound: Bool, _ problem: @autoclosure () -> String) {
            if !isSound { problems.append(problem()) }
        }

        mutating func run() {
            for place in places { check(place) }
            require(places.last?.next == unit.words.count, "the last instruction is cut off")
            require(places.last?.opcode?.form.endsBlock == true, "control runs off the end")
            for handler in unit.handlers { check(handler) }
            for (first, second) in zip(unit.handlers, unit.handlers.dropFirst()) {
                require(first.end <= second.start, "handlers overlap at \(second.start)")
            }
            for (first, second) in zip(unit.positions, unit.positions.dropFirst()) {
                require(first.start < second.start, "positions out of order at \(second.start)")
            }
            require(unit.localNames.count <= unit.registerCount, "more locals than registers")
            for cell in unit.cellLocals {
                require(unit.localNames.indices.contains(cell), "no local \(cell) to be a cell")
            }
        }

        private mutating func check(_ handler: HandlerEntry) {
            require(handler.start < handler.end, "an empty handler range at \(handler.start)")
            require(starts.contains(Int(handler.start)), "a handler begins within an instruction, \(handler.start)")
            require(
                starts.contains(Int(handler.end)) || Int(handler.end) == unit.words.count,
                "a handler ends within an instruction, \(handler.end)")
            require(starts.contains(Int(handler.target)), "a handler's target is no instruction, \(handler.target)")
            require(Int(handler.exceptionRegister) < unit.registerCount, "no register for an exception")
            require(
                Int(handler.exceptionRegister) >= unit.localNames.count, "an exception register is a local")
        }

        private mutating func check(_ place: Disassembler.Place) {
            guard let opcode = place.opcode else { return problems.append("no opcode at \(place.offset)") }
            let form = opcode.form, instruction = place.instruction
            if opcode == .raise { return checkRaise(place) }
            check(form.a, instruction.a, place)
            if case .unused = form.bc {
                check(form.b, instruction.b, place)
                if !(opcode == .formatValue && instruction.c == 0xFFFF) { check(form.c, instruction.c, place) }
            } else {
                check(form.bc, instruction.bc, place)
            }
            check(form.wordOne, Int(truncatingIfNeeded: place.wordOne), place)
            checkConstant(place, opcode)
            if let target = place.jumpTarget {
                require(starts.contains(target), "a jump into the middle at \(place.offset)")
                // only these look at the eval breaker
                let mayGoBack = opcode == .jumpBack || opcode == .jump || opcode.isFusedJump
                require(target > place.offset || mayGoBack, "a silent jump backwards at \(place.offset)")
            }
            require(
                highestRegister(place) < unit.registerCount, "registers end before those used at \(place.offset)")
            if opcode == .yieldValue, instruction.d == 1 { checkDelegation(place) }
        }

        /// A bare `raise` names no register, `raise x` one.
        private mutating func checkRaise(_ place: Disassembler.Place) {
            if place.instruction.d > 0 { check(.source, place.instruction.a, place) }
            if place.instruction.d > 1 { check(.source, place.instruction.b, place) }
        }

        private mutating func check(_ form: OperandForm, _ value: Int, _ place: Disassembler.Place) {
            switch form {
            case .unused, .jump, .count, .flag: break
            case .target, .source, .updated:
                require(value < unit.registerCount, "no register \(value) at \(place.offset)")
            case .constant:
                require(unit.constants.indices.contains(value), "no constant \(value) at \(place.offset)")
            case .name: require(unit.name(at: value) != "?", "constant \(value) is no name at \(place.offset)")
            case .free: require(unit.freeNames.indices.contains(value), "no free name \(value) at \(place.offset)")
            }
        }

        /// Constants of which the interpreter takes the kind for granted.
        private mutating func checkConstant(_ place: Disassembler.Place, _ opcode: Opcode) {
            func constant(_ index: Int) -> CodeConstant? { unit.constants.indices.contains(index) ? unit.constants[index] : nil }
            let isRight: Bool
            switch opcode {
            case .makeFunction:
                if case .code = constant(place.instruction.b) { isRight = true } else { isRight = false }
            case .buildSetFromConstant:
                if case .frozenSet = constant(place.instruction.bc) { isRight = true } else { isRight = false }
            case .buildListFromConstant:
                if case .tuple = constant(place.instruction.bc) { isRight = true } else { isRight = false }
            case .importName:
                if case .tuple(let options) = constant(place.instruction.c) { isRight = options.count == 2 } else { isRight = false }
            case .callKeywords, .callMethodKeywords, .matchClass:
                if case .tuple(let names) = constant(Int(truncatingIfNeeded: place.wordOne)) {
                    isRight = names.allSatisfy { $0.string != nil }
                } else {
                    isRight = false
                }
            default: return
            }
            require(isRight, "a constant of the wrong kind at \(place.offset)")
        }

        /// The runtime finds the way out of a delegation through the jump behind its yield.
        private mutating func checkDelegation(_ place: Disassembler.Place) {
            guard let index = places.firstIndex(where: { $0.offset == place.next }), places[index].opcode == .jump,
                let target = places[index].jumpTarget,
                let send = places.first(where: { $0.offset == target })
            else { return problems.append("a delegating yield without its jump at \(place.offset)") }
            require(send.opcode == .send, "a delegating yield whose jump leads to no send at \(place.offset)")
        }

        /// The last register of the runs of registers that an instruction touches.
        private func highestRegister(_ place: Disassembler.Place) -> Int {
            guard let opcode = place.opcode else { return -1 }
            let (a, b, c, d) = (
                place.instruction.a, place.instruction.b, place.instruction.c, place.instruction.d
            )
            return switch opcode.form.run {
            case .none: -1
            case .items: b + max(c, 1) - 1
            case .pairs: b + max(2 * c, 1) - 1
            case .unpacked: a + c - 1
            case .starred: a + c + d
            case .arguments: b + c - 1
            case .methodArguments: b + c
            case .spread: b + 1
            case .triple: b + 2
            case .bounds: c + 1
            case .halves: a + 1
            case .thirds: a + 2
            case .parts: d == 0 ? a : c + d.nonzeroBitCount - 1
            }
        }
    }
}

extension Opcode {
    /// A comparison and a jump in one.
    public var isFusedJump: Bool {
        rawValue >= Opcode.jumpIfLess.rawValue && rawValue <= Opcode.jumpIfGreaterEqualConstant.rawValue
    }
}
