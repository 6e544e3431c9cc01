// re.Pattern: a compiled pattern, what it may be matched against, and its loops (findall, split, finditer).
//
// All offsets in here are byte offsets into the subject's UTF-8; they become indices of characters only where the
// script asks for them (Match.start and friends), so long non-ASCII subjects cost nothing extra.
import Glibc
import TinyRuntime

final class RegexPattern: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    /// The pattern as the script wrote it: str or bytes.
    let source: Value
    let flags: Int
    let code: PatternCode
    let isText: Bool
    /// Name to number.
    let groupIndex: DictRef
    /// Names by number; None for those without.
    let groupNames: TupleRef
    /// For each group from 1 the place of its `)` among all.
    private let closingOrder: [Int]
    /// Whether marks tell which group was closed last.
    private let hasMarks: Bool

    init(
        source: Value, flags: Int, code: PatternCode, isText: Bool, groupIndex: DictRef, groupNames: TupleRef,
        closingOrder: [Int], hasMarks: Bool
    ) {
        self.source = source
        self.flags = flags
        self.code = code
        self.isText = isText
        self.groupIndex = groupIndex
        self.groupNames = groupNames
        self.closingOrder = closingOrder
        self.hasMarks = hasMarks
    }

    func trace(_ marker: inout Marker) {
        marker.mark(source)
        marker.mark(groupIndex)
        marker.mark(groupNames)
    }

    /// Words that hold the offsets of the whole match and of every group.
    var registerCount: Int { (code.groups + 1) * 2 }

    static func of(_ value: Value) throws(Raised) -> RegexPattern {
        guard let pattern = value.boxed(RegexPattern.self) else { throw typeError("a re.Pattern is required") }
        return pattern
    }

    // MARK: Subjects

    /// What a pattern is matched against, between two byte offsets.
    struct Subject {
        let value: Value
        let octets: UnsafeBufferPointer<UInt8>
        let isASCII: Bool
        /// `pos` and `endpos`.
        let start: Int
        let end: Int

        /// The part up to `endpos`.
        var searched: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: octets.baseAddress, count: end) }
    }

    /// The octets of a str or bytes-like object. Throws TypeError for what this pattern can't be matched against.
    func octets(_ value: Value) throws(Raised) -> (octets: UnsafeBufferPointer<UInt8>, isASCII: Bool) {
        if value.isKind(.str) {
            guard isText else { throw typeError("cannot use a bytes pattern on a string-like object") }
            let str = value.object(Str.self)
            return (str.buffer, str.isASCII)
        }
        guard let view = try BufferView.view(value) else {
            throw typeError("expected string or bytes-like object, got '\(typeName(value))'")
        }
        guard !isText else { throw typeError("cannot use a string pattern on a bytes-like object") }
        return (view.octets, false)
    }

    func subject(_ value: Value, _ start: Value = .absent, _ end: Value = .absent) throws(Raised) -> Subject {
        let (octets, isASCII) = try self.octets(value)
        var (from, to) = (0, octets.count)
        if !start.isAbsent { from = try offset(start, value, octets.count) }
        if !end.isAbsent { to = try offset(end, value, octets.count) }
        return Subject(value: value, octets: octets, isASCII: isASCII, start: from, end: to)
    }

    /// The byte offset of an index, which is clamped to the subject.
    private func offset(_ value: Value, _ subject: Value, _ size: Int) throws(Raised) -> Int {
        let int = try indexValue(value)
        guard let index = machineInt(int) else {
            throw raise(.overflowError, "Python int too large to convert to C ssize_t")
        }
        if index <= 0 { return 0 }
        guard subject.isKind(.str) else { return min(index, size) }
        let str = subject.object(Str.self)
        return index >= str.count ? size : str.byteOffset(index)
    }

    // MARK: One match

    /// Looks for one match; nil if there is none.
    func find(_ form: MatchForm, _ subject: Subject, from start: Int, notEmptyAtStart: Bool = false) throws(Raised) -> RegexMatch? {
        guard start <= subject.end else { return nil }
        let match = RegexMatch(self, subject)
        var mark = 0
        let outcome = try code.run(
            form, subject.searched, isASCII: subject.isASCII, start: start, notEmptyAtStart: notEmptyAtStart,
            into: match.registers, mark: &mark)
        guard outcome == .found else { return nil }
        match.lastIndex = hasMarks ? mark : lastClosed(match.registers)
        return match
    }

    func findObject(_ form: MatchForm, _ args: Arguments) throws(Raised) -> Value {
        let subject = try subject(args[1], args[2], args[3])
        return try find(form, subject, from: subject.start)?.boxed ?? .none
    }

    /// The group that was closed last: it ends last, and of several its parenthesis comes last. (Not so where groups
    /// lie in assertions; such patterns have marks.)
    private func lastClosed(_ registers: UnsafePointer<Int>) -> Int {
        var best = 0
        for group in stride(from: 1, through: code.groups, by: 1) where registers[group * 2] >= 0 {
            let (end, bestEnd) = (registers[group * 2 + 1], registers[best * 2 + 1])
            if best == 0 || end > bestEnd || end == bestEnd && closingOrder[group - 1] > closingOrder[best - 1] { best = group }
        }
        return best
    }

    // MARK: Loops

    /// Calls `body` with the offsets of each match that `findall` would find, until it returns false.
    func forEachMatch(_ subject: Subject, _ body: (UnsafePointer<Int>) throws(Raised) -> Bool) throws(Raised) {
        let registers = UnsafeMutablePointer<Int>.allocate(capacity: registerCount)
        defer { registers.deallocate() }
        var start = subject.start
        var wasEmpty = false
        while start <= subject.end {
            let outcome = try code.run(
                .search, subject.searched, isASCII: subject.isASCII, start: start, notEmptyAtStart: wasEmpty, into: registers)
            guard outcome == .found, try body(registers) else { return }
            wasEmpty = registers[0] == registers[1]
            start = registers[1]
        }
    }

    /// A view on what could change its size while matches are looked for; None for what can't.
    static func pin(_ subject: Value) throws(Raised) -> Value {
        subject.isKind(.str) || subject.isKind(.bytes) ? .none : Value(try MemoryView.make(subject))
    }

    static func unpin(_ view: Value) throws(Raised) {
        if view.isKind(.memoryview) { _ = try callMethod(view, StrTables.intern("release")) }
    }

    /// The part of a subject between two byte offsets: a str or bytes.
    static func part(_ subject: Value, _ octets: UnsafeBufferPointer<UInt8>, _ start: Int, _ end: Int) -> Value {
        if subject.isKind(.str) { return Value(subject.object(Str.self).substring(start, end)) }
        let start = min(start, octets.count)
        let end = max(start, min(end, octets.count))
        if subject.isExactly(.bytes), start == 0, end == octets.count { return subject }
        return BytesObject.make(UnsafeBufferPointer(rebasing: octets[start ..< end]))
    }

    func findAll(_ subject: Subject) throws(Raised) -> ListRef {
        let list = List.make()
        let groups = code.groups
        try forEachMatch(subject) { registers in
            func group(_ index: Int) -> Value {
                let start = max(0, registers[index * 2])
                return Self.part(subject.value, subject.octets, start, max(start, registers[index * 2 + 1]))
            }
            if groups <= 1 {
                list.append(group(groups))
            } else {
                let tuple = Tuple.allocate(groups)
                for index in 0 ..< groups { tuple.items[index] = group(index + 1) }
                list.append(Value(tuple))
            }
            return true
        }
        return list
    }

    func split(_ subject: Subject, limit: Int) throws(Raised) -> ListRef {
        let list = List.make()
        var last = 0
        var count = 0
        if limit >= 0 {
            try forEachMatch(subject) { registers in
                list.append(Self.part(subject.value, subject.octets, last, registers[0]))
                for index in stride(from: 2, to: self.registerCount, by: 2) {
                    list.append(
                        registers[index] < 0
                            ? .none : Self.part(subject.value, subject.octets, registers[index], registers[index + 1]))
                }
                last = registers[1]
                count += 1
                return limit == 0 || count < limit
            }
        }
        list.append(Self.part(subject.value, subject.octets, last, subject.octets.count))
        return list
    }
}

/// What `finditer` returns, and the machine of `scanner()`: remembers where the next search begins.
final class RegexScanner: IteratorObject {
    nonisolated(unsafe) static var scannerClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var iteratorClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let pattern: Value
    private let subject: Value
    private let first: Value
    private let last: Value
    private var start: Int
    private var wasEmpty = false
    private var isDone = false
    /// A view that keeps a bytearray from changing its size meanwhile; None for what can't.
    private var pin = Value.none

    init(_ pattern: Value, _ subject: Value, _ first: Value, _ last: Value) throws(Raised) {
        self.pattern = pattern
        self.subject = subject
        self.first = first
        self.last = last
        start = try RegexPattern.of(pattern).subject(subject, first, last).start
        pin = try RegexPattern.pin(subject)
    }

    override func trace(_ marker: inout Marker) {
        marker.mark(pattern)
        marker.mark(subject)
        marker.mark(first)
        marker.mark(last)
        marker.mark(pin)
    }

    /// The next match, or None. The subject is looked at anew each time.
    func advance(_ form: MatchForm) throws(Raised) -> Value {
        if isDone { return .none }
        let own = try RegexPattern.of(pattern)
        let subject = try own.subject(subject, first, last)
        guard let match = try own.find(form, subject, from: start, notEmptyAtStart: wasEmpty) else {
            isDone = true
            try RegexPattern.unpin(pin)
            return .none
        }
        wasEmpty = match.registers[0] == match.registers[1]
        start = match.registers[1]
        return match.boxed
    }

    override func next() throws(Raised) -> Value {
        let match = try advance(.search)
        return match.isNone ? .absent : match
    }

    static let iterator = NativeClass("callable_iterator", kind: .box, methods: nativeIteratorMethods)

    static let scanner = NativeClass("SRE_Scanner", kind: .box, methods: [
        Native("match(self, /)", "The match at the place where the last one ended.", .method) { args throws(Raised) in
            guard let own = args[0].boxed(RegexScanner.self) else { throw typeError("an SRE_Scanner is required") }
            return try own.advance(.match)
        },
        Native("search(self, /)", "The next match.", .method) { args throws(Raised) in
            guard let own = args[0].boxed(RegexScanner.self) else { throw typeError("an SRE_Scanner is required") }
            return try own.advance(.search)
        },
    ], attributes: [
        Accessors("pattern") { object throws(Raised) in object.boxed(RegexScanner.self)?.pattern ?? .none }
    ])
}
