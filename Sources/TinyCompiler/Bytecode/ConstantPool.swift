// The constants of one unit of code. Equal constants share a slot, where equal means indistinguishable: 1, 1.0 and
// True compare equal in the language and are three constants, as are 0.0 and -0.0.
import TinySyntax

/// What makes two constants the same slot.
indirect enum ConstantKey: Hashable {
    case literal(Constant)
    case float(UInt64)
    case imaginary(UInt64)
    case tuple([ConstantKey])
    case frozenSet([ConstantKey])

    /// Nil for code, which is never shared.
    init?(_ constant: CodeConstant) {
        switch constant {
        case .literal(.float(let value)): self = .float(value.bitPattern)
        case .literal(.imaginary(let value)): self = .imaginary(value.bitPattern)
        case .literal(let literal): self = .literal(literal)
        case .tuple(let items):
            let keys = items.compactMap { ConstantKey($0) }
            guard keys.count == items.count else { return nil }
            self = .tuple(keys)
        case .frozenSet(let items):
            let keys = items.compactMap { ConstantKey($0) }
            guard keys.count == items.count else { return nil }
            self = .frozenSet(keys)
        case .code: return nil
        }
    }
}

struct ConstantPool {
    private(set) var constants: [CodeConstant] = []
    private var slots: [ConstantKey: Int] = [:]

    /// The slot of `constant`, which is added if there is none.
    mutating func slot(_ constant: CodeConstant) -> Int {
        guard let key = ConstantKey(constant) else {
            constants.append(constant)
            return constants.count - 1
        }
        if let slot = slots[key] { return slot }
        constants.append(constant)
        slots[key] = constants.count - 1
        return constants.count - 1
    }

    /// The slot of a name.
    mutating func slot(name: String) -> Int { slot(.literal(.string(Array(name.utf8)))) }
}
