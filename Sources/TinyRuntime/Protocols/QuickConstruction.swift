// `cls(value)` for the built-in classes that programs call most.
//
// The general way (Instantiation.swift) makes a tuple of the arguments, binds names and calls `__init__`. With one argument
// without a name there is nothing to bind, and what these classes do with it no script can replace. (Measured, instructions of the
// processor: `int("123")` 2,960 the general way, `type(x)` 440.)

/// Conversions that need no call and can't fail; nil: not one of them.
@inline(never)
func convertQuickly(_ cls: ClassRef, _ value: Value) -> Value? {
    switch cls.pointee.instanceKind {
    case .class: return cls == Runtime.typeClass ? Value(value.cls) : nil
    case .int where cls.shapeID == ShapeID(Kind.int.rawValue):
        if value.isInlineInt { return value }
        if value.isFloat {
            // Beyond this the integer is not inline.
            return abs(value.float) < 1e15 ? Value(inline: Int(value.float)) : nil
        }
        return value.isExactly(.str) ? IntMethods.plainDecimal(value.object(Str.self)) : nil
    case .float where cls.shapeID == ShapeID(Kind.float.rawValue):
        if value.isFloat { return value }
        return value.isInlineInt ? Value(Double(value.inlineInt)) : nil
    case .str where cls.shapeID == Str.shape: return value.isExactly(.str) ? value : nil
    case .tuple where cls.shapeID == Tuple.shape:
        if value.isExactly(.tuple) { return value }
        guard value.isExactly(.list), value.object(List.self).count > 0 else { return nil }
        return Value(Tuple.make(value.object(List.self).items, value.object(List.self).count))
    case .range:
        guard value.isInlineInt else { return nil }
        return RangeObject.make(0, value.inlineInt, 1)
    default:
        return cls == Value.true.cls ? quickTruth(value).map { Value($0) } : nil
    }
}

/// `cls()` of the containers; nil: not one of them.
func constructEmpty(_ cls: ClassRef) -> Value? {
    switch cls.pointee.instanceKind {
    case .list where cls.shapeID == List.shape: return Value(List.make())
    case .dict where cls.shapeID == Dict.shape: return Value(Dict.make())
    case .set where cls.shapeID == ShapeID(Kind.set.rawValue): return Value(SetObject.make(.set))
    default: return nil
    }
}

/// Conversions that may call the script; nil: not one of them. The caller has left its frame (`ThreadState.leave`).
func construct(_ cls: ClassRef, from value: Value) throws(Raised) -> Value? {
    switch cls.pointee.instanceKind {
    case .int where cls.shapeID == ShapeID(Kind.int.rawValue): return try IntMethods.number(value)
    case .float where cls.shapeID == ShapeID(Kind.float.rawValue): return Value(try FloatMethods.number(value))
    case .str where cls.shapeID == Str.shape: return Value(try str(value))
    case .tuple where cls.shapeID == Tuple.shape: return Value(try makeTuple(value))
    case .list where cls.shapeID == List.shape: return Value(try makeList(value))
    case .set where cls.shapeID == ShapeID(Kind.set.rawValue): return Value(try SetObject.make(from: value, .set))
    case .frozenset where cls.shapeID == ShapeID(Kind.frozenset.rawValue):
        return value.isExactly(.frozenset) ? value : Value(try SetObject.make(from: value, .frozenset))
    case .dict where cls.shapeID == Dict.shape: return value.isExactly(.dict) ? Value(value.object(Dict.self).copy()) : nil
    case .box where cls == ReverseIterator.cls: return try ReverseIterator.over(value)
    default: return cls == Value.true.cls ? Value(try truth(value)) : nil
    }
}
