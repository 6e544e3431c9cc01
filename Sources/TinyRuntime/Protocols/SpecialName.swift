// The special method names that the runtime looks up on classes; each class keeps one word per name.

enum SpecialName: UInt8, CaseIterable {
    case new, `init`, del, repr, str, bytes, format, hash, bool, len, lengthHint, getattr, getattribute, setattr, delattr
    case dir, get, set, delete, setName, call, getitem, setitem, delitem, missing, contains, iter, next, reversed
    case lt, le, eq, ne, gt, ge
    case add, sub, mul, matmul, truediv, floordiv, mod, pow, lshift, rshift, or, xor, and
    case radd, rsub, rmul, rmatmul, rtruediv, rfloordiv, rmod, rpow, rlshift, rrshift, ror, rxor, rand
    case iadd, isub, imul, imatmul, itruediv, ifloordiv, imod, ipow, ilshift, irshift, ior, ixor, iand
    case neg, pos, abs, invert, int, float, complex, index, round, trunc, floor, ceil, divmod, rdivmod
    case enter, exit, aenter, aexit, await, aiter, anext, instancecheck, subclasscheck, initSubclass, classGetitem
    case prepare, fspath, reduce, reduceEx, copy, deepcopy, dict, cls, sizeof, buffer, mroEntries, abstractMethods
    case getnewargs, getnewargsEx, getstate, setstate

    /// The name as the script spells it.
    var text: String {
        switch self {
        case .lengthHint: "__length_hint__"
        case .setName: "__set_name__"
        case .initSubclass: "__init_subclass__"
        case .classGetitem: "__class_getitem__"
        case .reduceEx: "__reduce_ex__"
        case .cls: "__class__"
        case .mroEntries: "__mro_entries__"
        case .abstractMethods: "__abstractmethods__"
        case .getnewargsEx: "__getnewargs_ex__"
        default: "__\(self)__"
        }
    }

    /// The interned string.
    var string: StrRef { SpecialName.strings[Int(rawValue)] }

    nonisolated(unsafe) private static let strings: UnsafeMutablePointer<StrRef> = {
        let words = UnsafeMutablePointer<StrRef>.allocate(capacity: allCases.count)
        for name in allCases { (words + Int(name.rawValue)).initialize(to: StrTables.intern(name.text)) }
        return words
    }()

    // The groups below stand in the order of the compiler's BinaryOperator and ComparisonOperator.

    static func binary(_ operatorIndex: Int) -> SpecialName { at(SpecialName.add, operatorIndex) }
    static func reflected(_ operatorIndex: Int) -> SpecialName { at(SpecialName.radd, operatorIndex) }
    static func inPlace(_ operatorIndex: Int) -> SpecialName { at(SpecialName.iadd, operatorIndex) }

    /// less, lessEqual, equal, notEqual, greater, greaterEqual.
    static func comparison(_ operatorIndex: Int) -> SpecialName { at(SpecialName.lt, operatorIndex) }
    /// The comparison that holds when the operands are exchanged.
    static func swappedComparison(_ operatorIndex: Int) -> SpecialName {
        switch operatorIndex {
        case 0: .gt
        case 1: .ge
        case 4: .lt
        case 5: .le
        default: comparison(operatorIndex)
        }
    }

    private static func at(_ first: SpecialName, _ index: Int) -> SpecialName {
        // The groups have an entry for every operator.
        SpecialName(rawValue: first.rawValue + UInt8(index)) ?? first
    }
}
