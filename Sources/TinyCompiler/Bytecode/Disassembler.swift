// Code as text: offset, line, opcode, and operands with the names, constants and targets that they stand for.
import TinySyntax

/// Writes code as text.
public enum Disassembler {
    /// The unit and all units inside it.
    public static func text(_ unit: CodeUnit) -> String {
        var lines = listing(unit)
        for case .code(let inner) in unit.constants {
            lines.append("")
            lines.append(text(inner))
        }
        return lines.joined(separator: "\n")
    }

    /// The unit alone.
    public static func listing(_ unit: CodeUnit) -> [String] {
        var lines = [header(unit)]
        var lastLine: Int32 = 0
        for place in instructions(unit) {
            let line = unit.position(at: place.offset).line
            let lineText = line != lastLine && line > 0 ? String(line) : ""
            lastLine = line
            let isTarget = place.isTarget ? ">" : " "
            lines.append(
                pad(lineText, 5, left: true) + " " + isTarget + pad(String(place.offset), 4, left: true) + "  "
                    + (pad(place.name, 27) + operands(place, unit)).trimmedEnd)
        }
        for handler in unit.handlers {
            lines.append(
                "      handler \(handler.start) ..< \(handler.end) to \(handler.target), "
                    + "exception in \(register(Int(handler.exceptionRegister), unit))")
        }
        return lines
    }

    /// An instruction as the module `dis` shows it.
    public struct Row: Sendable {
        /// Its place among the words.
        public let offset: Int
        /// The number of its opcode.
        public let opcode: Int
        /// Its operands with what they stand for, as text.
        public let operands: String
        /// The word that it jumps to, if it jumps.
        public let jumpTarget: Int?
        /// Whether something jumps to it.
        public let isTarget: Bool
        /// The index of the constant that it loads or returns; of an import's (level, names).
        public let constant: Int?
    }

    /// The instructions of the unit alone.
    public static func rows(_ unit: CodeUnit) -> [Row] {
        instructions(unit).map {
            Row(
                offset: $0.offset, opcode: Int($0.opcode?.rawValue ?? $0.instruction.opcodeByte), operands: operands($0, unit),
                jumpTarget: $0.jumpTarget, isTarget: $0.isTarget,
                constant: constant($0))
        }
    }

    private static func constant(_ place: Place) -> Int? {
        if place.opcode == .importName { return place.instruction.c }
        return place.opcode == .loadConstant || place.opcode == .returnConstant ? place.instruction.bc : nil
    }

    /// An instruction and its place. Two in one are shown as the two that they are.
    struct Place {
        let offset: Int
        let instruction: Instruction
        let opcode: Opcode?
        let wordOne: UInt64
        var isTarget = false
        var next: Int { offset + 1 + (opcode?.extraWords ?? 0) }
        var name: String { opcode.map { "\($0)" } ?? "?" }

        /// Where it jumps to, if it does.
        var jumpTarget: Int? {
            guard let form = opcode?.form else { return nil }
            if case .jump = form.bc { return next + instruction.bc }
            if case .jump = form.c { return next + instruction.signedC }
            if case .jump = form.wordOne { return next + Int(Int64(bitPattern: wordOne)) }
            return nil
        }
    }

    static func instructions(_ unit: CodeUnit) -> [Place] {
        var places: [Place] = []
        var targets = Set(unit.handlers.map { Int($0.target) })
        var offset = 0
        while offset < unit.words.count {
            let instruction = Instruction(word: unit.words[offset])
            let wordOne = offset + 1 < unit.words.count ? unit.words[offset + 1] : 0
            let place = Place(offset: offset, instruction: instruction, opcode: instruction.opcode?.single, wordOne: wordOne)
            if let target = place.jumpTarget { targets.insert(target) }
            places.append(place)
            offset = place.next
        }
        for index in places.indices { places[index].isTarget = targets.contains(places[index].offset) }
        return places
    }

    private static func header(_ unit: CodeUnit) -> String {
        var text = "\(unit.qualifiedName) (line \(unit.firstLine)): \(unit.registerCount) registers"
        if !unit.localNames.isEmpty { text += ", locals " + unit.localNames.joined(separator: " ") }
        if !unit.cellLocals.isEmpty {
            text += ", cells " + unit.cellLocals.map { unit.localNames[$0] }.joined(separator: " ")
        }
        if !unit.freeNames.isEmpty { text += ", free " + unit.freeNames.joined(separator: " ") }
        return text
    }

    // MARK: Operands

    private static func operands(_ place: Place, _ unit: CodeUnit) -> String {
        guard let opcode = place.opcode else { return "" }
        let form = opcode.form
        let instruction = place.instruction
        var texts = [operand(form.a, instruction.a, place, unit)]
        if case .unused = form.bc {
            texts.append(operand(form.b, instruction.b, place, unit))
            texts.append(operand(form.c, instruction.c, place, unit))
        } else {
            texts.append(operand(form.bc, instruction.bc, place, unit))
        }
        if case .unused = form.d {} else { texts.append(flag(opcode, instruction.d)) }
        texts.append(operand(form.wordOne, Int(truncatingIfNeeded: place.wordOne), place, unit))
        return texts.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    private static func operand(_ form: OperandForm, _ value: Int, _ place: Place, _ unit: CodeUnit) -> String {
        switch form {
        case .unused: ""
        case .target, .source, .updated: value == 0xFFFF ? "-" : register(value, unit)
        case .constant: unit.constants.indices.contains(value) ? ConstantText.text(unit.constants[value]) : "?"
        case .name: unit.name(at: value)
        case .free: unit.freeNames.indices.contains(value) ? "^" + unit.freeNames[value] : "?"
        case .jump: "to \(place.jumpTarget ?? -1)"
        case .count: "\(value)"
        case .flag: "\(value)"
        }
    }

    private static func flag(_ opcode: Opcode, _ value: Int) -> String {
        if opcode == .intrinsic { return Intrinsic(rawValue: UInt8(value)).map { "\($0)" } ?? "?" }
        if opcode == .loadSpecial { return SpecialMethod(rawValue: UInt8(value)).map { "\($0)" } ?? "?" }
        return value == 0 ? "" : "#\(value)"
    }

    private static func register(_ index: Int, _ unit: CodeUnit) -> String {
        index < unit.localNames.count ? "\(unit.localNames[index])" : "r\(index)"
    }

    private static func pad(_ text: String, _ width: Int, left: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return left ? space + text : text + space
    }
}

extension CodeUnit {
    /// The source range of the instruction at `offset`.
    public func position(at offset: Int) -> SourceRange {
        var low = 0, high = positions.count
        while low < high {
            let middle = (low + high) / 2
            if Int(positions[middle].start) <= offset { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? positions[low - 1].range : .none
    }

    /// The name in constant `slot`.
    func name(at slot: Int) -> String {
        guard constants.indices.contains(slot), let bytes = constants[slot].string else { return "?" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = self
        while text.last == " " { text.removeLast() }
        return text
    }
}
