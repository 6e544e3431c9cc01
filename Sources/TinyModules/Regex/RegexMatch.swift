// re.Match: the byte offsets of a match and its groups, and the subject that they point into.
import Glibc
import TinyRuntime

final class RegexMatch: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let pattern: RegexPattern
    /// The script's object of the pattern; found when asked for.
    fileprivate var patternObject: Value = .absent
    let subject: Value
    fileprivate let start: Int
    fileprivate let end: Int
    /// Two words for the match and for each group; -1 where a group took no part.
    let registers: UnsafeMutablePointer<Int>
    var lastIndex = 0

    init(_ pattern: RegexPattern, _ subject: RegexPattern.Subject) {
        self.pattern = pattern
        self.subject = subject.value
        start = subject.start
        end = subject.end
        registers = UnsafeMutablePointer<Int>.allocate(capacity: pattern.registerCount)
    }

    deinit { registers.deallocate() }

    var boxed: Value { BoxedObject.make(self, RegexMatch.cls) }

    func trace(_ marker: inout Marker) {
        marker.mark(subject)
        marker.mark(patternObject)
        pattern.trace(&marker)
    }

    static func of(_ value: Value) throws(Raised) -> RegexMatch {
        guard let match = value.boxed(RegexMatch.self) else { throw typeError("a re.Match is required") }
        return match
    }

    // MARK: Groups

    /// The number of a group given by number or name.
    func groupNumber(_ key: Value) throws(Raised) -> Int {
        if key.isInlineInt || isInteger(key) || key.isPointer && key.cls.has(.index) {
            if let number = machineInt(try indexValue(key)), number >= 0, number <= pattern.code.groups { return number }
        } else if key.isKind(.str) || key.isKind(.bytes) {
            let number = try pattern.groupIndex.get(key)
            if number.isInlineInt { return number.inlineInt }
        }
        throw raise(.indexError, "no such group")
    }

    /// The text of a group, or `fallback` if it took no part.
    func group(_ number: Int, default fallback: Value = .none) throws(Raised) -> Value {
        let start = registers[number * 2]
        guard start >= 0 else { return fallback }
        let octets = subject.isKind(.str) ? UnsafeBufferPointer<UInt8>(start: nil, count: 0) : try BufferView(subject).octets
        return RegexPattern.part(subject, octets, start, registers[number * 2 + 1])
    }

    /// The index of a byte offset; -1 stays.
    fileprivate func place(_ offset: Int) -> Int {
        offset < 0 || !subject.isKind(.str) ? offset : subject.object(Str.self).codePointIndex(offset)
    }

    fileprivate func span(_ number: Int) -> Value {
        Value(Tuple.make(Value(place(registers[number * 2])), Value(place(registers[number * 2 + 1]))))
    }

    fileprivate func groupTuple(_ fallback: Value) throws(Raised) -> Value {
        let count = pattern.code.groups
        if count == 0 { return Value(Tuple.make()) }
        let tuple = Tuple.allocate(count)
        for index in 0 ..< count { tuple.items[index] = try group(index + 1, default: fallback) }
        return Value(tuple)
    }
}

// MARK: What the script sees

extension RegexMatch {
    static let nativeClass = NativeClass(
        "Match", kind: .box, doc: "The result of re.match() and re.search().", methods: methods,
        attributes: [
            Accessors("string", "The string passed to match() or search().") { object throws(Raised) in try of(object).subject },
            Accessors("re", "The regular expression object.") { object throws(Raised) in
                let own = try of(object)
                if own.patternObject.isAbsent { own.patternObject = BoxedObject.make(own.pattern, RegexPattern.cls) }
                return own.patternObject
            },
            Accessors("pos", "The index into the string at which the RE engine started looking for a match.") { object throws(Raised) in
                let own = try of(object)
                return Value(own.place(own.start))
            },
            Accessors("endpos", "The index into the string beyond which the RE engine will not go.") { object throws(Raised) in
                let own = try of(object)
                return Value(own.place(own.end))
            },
            Accessors("lastindex", "The integer index of the last matched capturing group.") { object throws(Raised) in
                let last = try of(object).lastIndex
                return last == 0 ? .none : Value(last)
            },
            Accessors("lastgroup", "The name of the last matched capturing group.") { object throws(Raised) in
                let own = try of(object)
                return own.lastIndex == 0 ? .none : own.pattern.groupNames.items[own.lastIndex]
            },
            Accessors("regs") { object throws(Raised) in
                let own = try of(object)
                let tuple = Tuple.allocate(own.pattern.code.groups + 1)
                for index in 0 ..< tuple.count { tuple.items[index] = own.span(index) }
                return Value(tuple)
            },
        ])

    private static let methods: [Native] = [
        Native("group(self, /, *groups)", "Return subgroup(s) of the match by indices or names.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let keys = args[1].object(Tuple.self)
            switch keys.count {
            case 0: return try own.group(0)
            case 1: return try own.group(try own.groupNumber(keys.items[0]))
            default:
                let list = List.make(capacity: keys.count)
                for index in 0 ..< keys.count { list.append(try own.group(try own.groupNumber(keys.items[index]))) }
                return Value(Tuple.make(list.items, list.count))
            }
        },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let own = try of(args[0])
            return try own.group(try own.groupNumber(args[1]))
        },
        Native("groups(self, /, default=None)", "Return a tuple containing all the subgroups of the match, from 1.", .method) { args throws(Raised) in
            try of(args[0]).groupTuple(args[1])
        },
        Native("groupdict(self, /, default=None)", "Return a dictionary containing all the named subgroups of the match, keyed by the subgroup name.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let dict = Dict.make()
            var position = 0
            while let entry = own.pattern.groupIndex.next(&position) {
                let (key, number) = (entry.pointee.key, entry.pointee.value)
                try dict.set(key, try own.group(number.isInlineInt ? number.inlineInt : 0, default: args[1]))
            }
            return Value(dict)
        },
        Native("start(self, group=0, /)", "Return index of the start of the substring matched by group.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(own.place(own.registers[try own.groupNumber(args[1]) * 2]))
        },
        Native("end(self, group=0, /)", "Return index of the end of the substring matched by group.", .method) { args throws(Raised) in
            let own = try of(args[0])
            return Value(own.place(own.registers[try own.groupNumber(args[1]) * 2 + 1]))
        },
        Native("span(self, group=0, /)", "For match object m, return the 2-tuple (m.start(group), m.end(group)).", .method) { args throws(Raised) in
            let own = try of(args[0])
            return own.span(try own.groupNumber(args[1]))
        },
        Native("expand(self, /, template)", "Return the string obtained by doing backslash substitution on the string template, as done by the sub() method.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let template = try RegexSubstitution.template(own.pattern, args[1])
            return try RegexSubstitution.expand(template, own)
        },
        Native("__copy__(self, /)", "", .method) { args in args[0] },
        Native("__deepcopy__(self, memo, /)", "", .method) { args in args[0] },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let own = try of(args[0])
            let span = try repr(own.span(0)).string
            let text = try repr(try own.group(0)).string
            return Value(Str.make("<\(qualifiedClassName(args[0].cls)) object; span=\(span), match=\(String(text.unicodeScalars.prefix(50).map { Character($0) }))>"))
        },
        classGetItem,
    ]
}
