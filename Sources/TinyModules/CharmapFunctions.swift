// `charmap_encode` and `charmap_decode`: codecs by a mapping of the script.
import TinyRuntime

enum CharmapFunctions {
    static let natives: [Native] = [
        Native("charmap_build(map, /)", "The encoding map of a decoding table.") { a throws(Raised) in
            let table = try strArgument(a[0], "charmap_build")
            let result = Dict.make()
            var octet = 0
            try table.forEachCodePoint { codePoint throws(Raised) in
                if codePoint != 0xFFFE { try result.set(Value(inline: Int(codePoint)), Value(inline: octet)) }
                octet += 1
            }
            return Value(result)
        },
        Native("charmap_decode(data, errors=None, mapping=None, /)", "") { a throws(Raised) in
            if a[2].isNone { return try CodecFunctions.decode(.latin1, a[0], a[1], isFinal: true) }
            return try decode(try BufferView(a[0]), a[1], a[2])
        },
        Native("charmap_encode(str, errors=None, mapping=None, /)", "") { a throws(Raised) in
            if a[2].isNone { return try CodecFunctions.encode(.latin1, a[0], a[1]) }
            return try encode(try strArgument(a[0], "charmap_encode", "argument 1"), a[1], a[2])
        },
    ]

    private static func policy(_ errors: Value) throws(Raised) -> ErrorPolicy {
        ErrorPolicy(errors.isNone ? nil : try strArgument(errors, "charmap", "argument 2"))
    }

    private static func decode(_ view: BufferView, _ errors: Value, _ mapping: Value) throws(Raised) -> Value {
        // Looking up may run the script; the octets are kept in an object of their own.
        let source = try BufferView(BytesObject.make(view.octets))
        var decoder = Decoder(source, try policy(errors), "charmap", isFinal: true)
        var position = 0
        while position < source.count {
            if try append(source.octets[position], mapping, &decoder.output) {
                position += 1
            } else {
                position = try decoder.problem(position, position + 1, "character maps to <undefined>")
            }
        }
        return Value(Tuple.make(Value(decoder.output.makeStr()), Value(source.count)))
    }

    private static func append(_ octet: UInt8, _ mapping: Value, _ output: inout TextBuffer) throws(Raised) -> Bool {
        if mapping.isKind(.str) {
            let table = mapping.object(Str.self)
            guard Int(octet) < table.count else { return false }
            let codePoint = table.codePoint(at: table.byteOffset(Int(octet)))
            if codePoint == 0xFFFE { return false }
            output.append(codePoint: codePoint)
            return true
        }
        let found = try lookUp(mapping, Int(octet))
        if found.isAbsent || found.isNone { return false }
        if found.isKind(.str) {
            if found.object(Str.self).equals("\u{FFFE}") { return false }
            output.append(found.object(Str.self))
            return true
        }
        guard isInteger(found) else { throw typeError("character mapping must return integer, None or str") }
        guard let number = machineInt(found), 0 ... 0x10FFFF ~= number else {
            throw typeError("character mapping must be in range(0x110000)")
        }
        if number == 0xFFFE { return false }
        output.append(codePoint: UInt32(number))
        return true
    }

    private static func lookUp(_ mapping: Value, _ key: Int) throws(Raised) -> Value {
        do { return try getItem(mapping, Value(inline: key)) } catch {
            guard currentThread().raisedIs(.lookupError) else { throw error }
            _ = currentThread().takeRaised()
            return .absent
        }
    }

    private static func encode(_ text: StrRef, _ errors: Value, _ mapping: Value) throws(Raised) -> Value {
        let policy = try policy(errors)
        var output: [UInt8] = []
        var index = 0
        let count = text.count
        while index < count {
            if try append(text.codePoint(at: text.byteOffset(index)), mapping, &output) {
                index += 1
                continue
            }
            let exception = CodecErrors.make(
                .unicodeEncodeError, "charmap", Value(text), index, index + 1, "character maps to <undefined>")
            switch policy {
            case .strict: throw raise(exception.object(ExceptionObject.self))
            case .ignore: index += 1
            default:
                let handler = try CodecErrors.handler(errors.object(Str.self))
                let answer = try CodecErrors.call(handler, exception, count, "encoding", "str/bytes")
                if answer.replacement.isKind(.bytes) {
                    output.append(contentsOf: answer.replacement.object(BytesObject.self).buffer)
                } else {
                    let replacement = answer.replacement.object(Str.self)
                    for position in 0 ..< replacement.count {
                        let codePoint = replacement.codePoint(at: replacement.byteOffset(position))
                        guard try append(codePoint, mapping, &output) else {
                            throw raise(exception.object(ExceptionObject.self))
                        }
                    }
                }
                index = answer.position
            }
        }
        return Value(Tuple.make(BytesObject.make(output), Value(count)))
    }

    private static func append(_ codePoint: UInt32, _ mapping: Value, _ output: inout [UInt8]) throws(Raised) -> Bool {
        let found = try lookUp(mapping, Int(codePoint))
        if found.isAbsent || found.isNone { return false }
        if found.isKind(.bytes) {
            output.append(contentsOf: found.object(BytesObject.self).buffer)
            return true
        }
        guard isInteger(found) else {
            throw typeError("character mapping must return integer, bytes or None, not \(typeName(found))")
        }
        guard let number = machineInt(found), 0 ... 255 ~= number else {
            throw typeError("character mapping must be in range(256)")
        }
        output.append(UInt8(number))
        return true
    }
}
