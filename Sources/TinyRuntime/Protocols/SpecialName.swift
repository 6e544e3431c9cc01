// The special method names that the runtime looks up on classes; each class keeps one word per name.

/// A special method by its number: what `ClassRef.special` and `has` look up without a name.
public enum SpecialName: UInt8, CaseIterable, Sendable {
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

    /// The names as the script spells them, in the order of the cases. Written out: the names of cases come from
    /// reflection, which would be a fifth of the time that an empty script takes.
    private static let texts: [StaticString] = [
        "__new__", "__init__", "__del__", "__repr__", "__str__", "__bytes__", "__format__", "__hash__", "__bool__",
        "__len__", "__length_hint__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__dir__",
        "__get__", "__set__", "__delete__", "__set_name__", "__call__", "__getitem__", "__setitem__", "__delitem__",
        "__missing__", "__contains__", "__iter__", "__next__", "__reversed__", "__lt__", "__le__", "__eq__", "__ne__",
        "__gt__", "__ge__", "__add__", "__sub__", "__mul__", "__matmul__", "__truediv__", "__floordiv__", "__mod__",
        "__pow__", "__lshift__", "__rshift__", "__or__", "__xor__", "__and__", "__radd__", "__rsub__", "__rmul__",
        "__rmatmul__", "__rtruediv__", "__rfloordiv__", "__rmod__", "__rpow__", "__rlshift__", "__rrshift__",
        "__ror__", "__rxor__", "__rand__", "__iadd__", "__isub__", "__imul__", "__imatmul__", "__itruediv__",
        "__ifloordiv__", "__imod__", "__ipow__", "__ilshift__", "__irshift__", "__ior__", "__ixor__", "__iand__",
        "__neg__", "__pos__", "__abs__", "__invert__", "__int__", "__float__", "__complex__", "__index__",
        "__round__", "__trunc__", "__floor__", "__ceil__", "__divmod__", "__rdivmod__", "__enter__", "__exit__",
        "__aenter__", "__aexit__", "__await__", "__aiter__", "__anext__", "__instancecheck__", "__subclasscheck__",
        "__init_subclass__", "__class_getitem__", "__prepare__", "__fspath__", "__reduce__", "__reduce_ex__",
        "__copy__", "__deepcopy__", "__dict__", "__class__", "__sizeof__", "__buffer__", "__mro_entries__",
        "__abstractmethods__", "__getnewargs__", "__getnewargs_ex__", "__getstate__", "__setstate__",
    ]

    /// The interned string.
    public var string: StrRef { SpecialName.strings[Int(rawValue)] }

    nonisolated(unsafe) private static let strings: UnsafeMutablePointer<StrRef> = {
        let words = UnsafeMutablePointer<StrRef>.allocate(capacity: allCases.count)
        precondition(texts.count == allCases.count, "a special name without its text")
        for (index, text) in texts.enumerated() { (words + index).initialize(to: StrTables.intern(text)) }
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
        // The groups have an entry for every operator, and the cases are numbered without gaps.
        unsafeBitCast(first.rawValue &+ UInt8(truncatingIfNeeded: index), to: SpecialName.self)
    }
}
