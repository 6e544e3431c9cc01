// Pattern.sub, Pattern.subn and Match.expand.
//
// A template is what `re._compile_template` makes of a replacement with backslashes: a str (or bytes) that stands for
// itself, or a tuple that alternates texts and group numbers. A callable is called with each match.
import TinyRuntime

enum RegexSubstitution {
    /// The template of a replacement that is not callable.
    static func template(_ pattern: RegexPattern, _ replacement: Value) throws(Raised) -> Value {
        if try !hasBackslash(replacement) { return replacement }
        let module = try Runtime.modules.get(Value(StrTables.intern("re")))
        guard !module.isAbsent else { throw raise(.runtimeError, "re is gone") }
        return try callValue(
            try getAttribute(module, "_compile_template"), BoxedObject.make(pattern, RegexPattern.cls), replacement)
    }

    private static func hasBackslash(_ replacement: Value) throws(Raised) -> Bool {
        if replacement.isKind(.str) { return replacement.object(Str.self).buffer.contains(0x5C) }
        if let view = try BufferView.view(replacement) { return view.octets.contains(0x5C) }
        // Something else: compiling the template tells what is wrong with it.
        return true
    }

    /// The text of a template for a match.
    static func expand(_ template: Value, _ match: RegexMatch) throws(Raised) -> Value {
        guard template.isKind(.tuple) else { return template }
        var output: [UInt8] = []
        try append(template, match.pattern, match.subject, match.registers, &output)
        return made(output, match.pattern.isText)
    }

    private static func made(_ octets: [UInt8], _ isText: Bool) -> Value { isText ? Value(Str.make(octets)) : BytesObject.make(octets) }

    /// Appends a template's texts and groups.
    private static func append(
        _ template: Value, _ pattern: RegexPattern, _ subject: Value, _ registers: UnsafePointer<Int>, _ output: inout [UInt8]
    ) throws(Raised) {
        let parts = template.object(Tuple.self)
        let (octets, _) = try pattern.octets(subject)
        for index in 0 ..< parts.count {
            let part = parts.items[index]
            guard part.isInlineInt else {
                try append(part, pattern, 0, &output)
                continue
            }
            guard part.inlineInt >= 0, part.inlineInt <= pattern.code.groups else { throw raise(.indexError, "no such group") }
            let start = registers[part.inlineInt * 2]
            let end = min(registers[part.inlineInt * 2 + 1], octets.count)
            if start >= 0, start < end { output.append(contentsOf: octets[start ..< end]) }
        }
    }

    /// Appends a str or bytes-like object: item `place` of what would be joined.
    private static func append(_ value: Value, _ pattern: RegexPattern, _ place: Int, _ output: inout [UInt8]) throws(Raised) {
        if pattern.isText {
            guard value.isKind(.str) else {
                throw typeError("sequence item \(place): expected str instance, \(typeName(value)) found")
            }
            output.append(contentsOf: value.object(Str.self).buffer)
        } else {
            guard let view = try BufferView.view(value) else {
                throw typeError("sequence item \(place): expected a bytes-like object, \(typeName(value)) found")
            }
            output.append(contentsOf: view.octets)
        }
    }

    /// The subject with up to `limit` matches (0: all) replaced, and how many there were.
    static func run(_ patternObject: Value, _ replacement: Value, _ text: Value, limit: Int) throws(Raised) -> (text: Value, count: Int) {
        let pattern = try RegexPattern.of(patternObject)
        _ = try pattern.octets(text)
        let pin = try RegexPattern.pin(text)
        do {
            let result = try replace(pattern, replacement, text, limit: limit)
            try RegexPattern.unpin(pin)
            return result
        } catch {
            let raised = currentThread().takeRaised()
            try RegexPattern.unpin(pin)
            currentThread().pointee.raised = raised
            throw error
        }
    }

    private static func replace(
        _ pattern: RegexPattern, _ replacement: Value, _ text: Value, limit: Int
    ) throws(Raised) -> (text: Value, count: Int) {
        let isCallable = replacement.isPointer && !replacement.isKind(.str) && isCallableObject(replacement)
        let template = isCallable ? replacement : try self.template(pattern, replacement)
        var output: [UInt8] = []
        var (copied, count, pieces) = (0, 0, 0)
        let subject = try pattern.subject(text)
        var (start, wasEmpty) = (0, false)
        let registers = UnsafeMutablePointer<Int>.allocate(capacity: pattern.registerCount)
        defer { registers.deallocate() }
        while limit == 0 || count < limit, start <= subject.end {
            let (from, to): (Int, Int)
            if isCallable {
                guard let match = try pattern.find(.search, subject, from: start, notEmptyAtStart: wasEmpty) else { break }
                (from, to) = (match.registers[0], match.registers[1])
                if copied < from {
                    output.append(contentsOf: subject.octets[copied ..< from])
                    pieces += 1
                }
                let made = try callValue(replacement, match.boxed)
                if !made.isNone {
                    try append(made, pattern, pieces, &output)
                    pieces += 1
                }
            } else {
                let outcome = try pattern.code.run(
                    .search, subject.searched, isASCII: subject.isASCII, start: start, notEmptyAtStart: wasEmpty, into: registers)
                guard outcome == .found else { break }
                (from, to) = (registers[0], registers[1])
                if copied < from { output.append(contentsOf: subject.octets[copied ..< from]) }
                if template.isKind(.tuple) {
                    try append(template, pattern, text, registers, &output)
                } else {
                    try append(template, pattern, copied < from ? 1 : 0, &output)
                }
            }
            count += 1
            wasEmpty = from == to
            start = min(to, subject.octets.count)
            copied = start
        }
        if count == 0 { return (RegexPattern.part(text, subject.octets, 0, subject.octets.count), 0) }
        if copied < subject.octets.count { output.append(contentsOf: subject.octets[copied...]) }
        return (made(output, pattern.isText), count)
    }

    private static func isCallableObject(_ value: Value) -> Bool {
        value.isKind(.function) || value.isKind(.native) || value.isKind(.class) || value.cls.has(.call)
    }
}
