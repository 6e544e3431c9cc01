// What list, tuple and other sequences share: indexing, repetition, comparison, searching.

/// The position that an index value means in a sequence. Throws IndexError outside, TypeError for what is no index.
///
/// The length is asked for after `__index__` has run, which may change the sequence.
public func position(
    _ key: Value, _ length: @autoclosure () -> Int, _ noun: StaticString, _ verb: StaticString = "index"
) throws(Raised) -> Int {
    guard key.isInlineInt || isInteger(key) || key.cls.has(.index) else {
        throw typeError("\(noun) indices must be integers or slices, not \(typeName(key))")
    }
    let int = try indexValue(key)
    guard let index = machineInt(int) else { throw raise(.indexError, "cannot fit '\(typeName(key))' into an index-sized integer") }
    guard let found = place(index, among: length()) else { throw raise(.indexError, "\(noun) \(verb) out of range") }
    return found
}

/// A count of repetitions: negative is none. Throws where the result would be absurdly large.
func repetitions(_ value: Value, length: Int) throws(Raised) -> Int {
    guard let count = machineInt(try indexValue(value)) else {
        throw raise(.overflowError, "cannot fit '\(typeName(value))' into an index-sized integer")
    }
    if count <= 0 || length == 0 { return 0 }
    let (size, overflow) = count.multipliedReportingOverflow(by: length)
    if overflow || size > largestBuffer / 8 { throw raise(.memoryError) }
    return count
}

/// What is compared item by item. The items may change meanwhile: they are asked for anew each time.
protocol ComparedSequence {
    var count: Int { get }
    subscript(index: Int) -> Value { get }
}

/// Compares two sequences item by item, as all of them do.
func compareSequences<Items: ComparedSequence>(
    _ operatorIndex: Int, _ x: Items, _ y: Items, byValue: Bool = false
) throws(Raised) -> Value {
    if operatorIndex == 2 || operatorIndex == 3, x.count != y.count { return Value(operatorIndex == 3) }
    var index = 0
    while index < x.count, index < y.count {
        let (a, b) = (x[index], y[index])
        // Items that are made anew each time are never the same, so that a NaN differs from itself.
        if try byValue ? !compareTruth(2, a, b) : !equal(a, b) {
            // Comparing may have shortened one of them.
            if index >= x.count || index >= y.count { break }
            if operatorIndex == 2 { return .false }
            if operatorIndex == 3 { return .true }
            return try richCompare(operatorIndex, a, b)
        }
        index += 1
    }
    return Value(holds(operatorIndex, order: x.count - y.count))
}

private struct TupleItems: ComparedSequence {
    let tuple: TupleRef
    var count: Int { tuple.count }
    subscript(index: Int) -> Value { tuple.items[index] }
}

private struct ListItems: ComparedSequence {
    let list: ListRef
    var count: Int { list.count }
    subscript(index: Int) -> Value { list.items[index] }
}

extension TupleRef {
    func compare(_ operatorIndex: Int, _ other: TupleRef) throws(Raised) -> Value {
        try compareSequences(operatorIndex, TupleItems(tuple: self), TupleItems(tuple: other))
    }
}

extension ListRef {
    func compare(_ operatorIndex: Int, _ other: ListRef) throws(Raised) -> Value {
        try compareSequences(operatorIndex, ListItems(list: self), ListItems(list: other))
    }
}

/// The place that a machine integer means among `count` items, negative ones from the end; nil: out of range.
@inline(__always)
func place(_ index: Int, among count: Int) -> Int? {
    let place = index < 0 ? index + count : index
    return UInt(bitPattern: place) < UInt(bitPattern: count) ? place : nil
}

/// The index that `start`/`stop` arguments of `index()` mean.
public func clampedBound(_ value: Value, _ count: Int) throws(Raised) -> Int { try clampedBound(value) { count } }

/// As above for a sequence that `__index__` may change.
func clampedBound(_ value: Value, _ length: () -> Int) throws(Raised) -> Int {
    if !value.isInlineInt, !isInteger(value), !value.cls.has(.index) {
        throw typeError("slice indices must be integers or have an __index__ method")
    }
    let int = try indexValue(value)
    let count = length()
    guard var index = machineInt(int) else { return isNegative(int) ? 0 : count }
    if index < 0 { index = max(0, index + count) }
    return min(index, count)
}

/// Rows for the six comparisons.
public func comparisonRows(_ body: @escaping @Sendable (Int, Value, Value) throws(Raised) -> Value) -> [Native] {
    let rows: [(StaticString, Int)] = [
        ("__lt__(self, value, /)", 0), ("__le__(self, value, /)", 1), ("__eq__(self, value, /)", 2),
        ("__ne__(self, value, /)", 3), ("__gt__(self, value, /)", 4), ("__ge__(self, value, /)", 5),
    ]
    return rows.map { signature, operatorIndex in
        Native(signature, "Compare self with value.", .slotWrapper) { args throws(Raised) in
            try body(operatorIndex, args[0], args[1])
        }
    }
}

/// `__class_getitem__` of generic built-in classes.
public let classGetItem = Native("__class_getitem__(cls, object, /)", "See PEP 585", .classMethod) { args throws(Raised) in
    GenericAlias.make(args[0], args[1])
}
