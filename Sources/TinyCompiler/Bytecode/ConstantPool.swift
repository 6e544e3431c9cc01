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
        case .text(let text): self = .literal(.string(text.bytes))
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
    /// What makes each constant itself; nil for code.
    private var keys: [ConstantKey?] = []
    /// The slots by key, once there are too many to look at each.
    private var slots: [ConstantKey: Int]?

    /// The slot of `constant`, which is added if there is none.
    mutating func slot(_ constant: CodeConstant) -> Int {
        let key = ConstantKey(constant)
        if let key, let slot = slots.map({ $0[key] }) ?? keys.firstIndex(of: key) { return slot }
        let slot = constants.count
        constants.append(constant)
        keys.append(key)
        if slots == nil, slot == 16 {
            var all: [ConstantKey: Int] = [:]
            for (slot, key) in keys.enumerated() { if let key { all[key] = slot } }
            slots = all
        } else if let key {
            slots?[key] = slot
        }
        return slot
    }

    /// The slot of a name.
    mutating func slot(name: String) -> Int { slot(.literal(.string(Array(name.utf8)))) }
}
