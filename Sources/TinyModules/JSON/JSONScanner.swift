// Reading JSON: one pass of recursive descent over the bytes of the text.
//
// `make_scanner(context)` gives `scan_once(text, index) -> (value, index behind it)`. Keys are kept in a dict while a
// text is read, so that equal keys are one object.

import Glibc
import TinyRuntime

final class JSONScanner: TracedObject {
    private let isStrict: Bool
    private let objectHook: Value
    private let pairsHook: Value
    private let parseFloat: Value
    private let parseInt: Value
    private let parseConstant: Value
    private let isPlainFloat: Bool
    private let isPlainInt: Bool

    private init(_ context: Value) throws(Raised) {
        func option(_ name: StaticString) throws(Raised) -> Value { try getAttribute(context, StrTables.intern(name)) }
        isStrict = try truth(try option("strict"))
        objectHook = try option("object_hook")
        pairsHook = try option("object_pairs_hook")
        parseFloat = try option("parse_float")
        parseInt = try option("parse_int")
        parseConstant = try option("parse_constant")
        isPlainFloat = parseFloat == Value(Shapes.table[Int(Kind.float.rawValue)].pointee.cls)
        isPlainInt = parseInt == Value(Shapes.table[Int(Kind.int.rawValue)].pointee.cls)
    }

    func trace(_ marker: inout Marker) {
        for value in [objectHook, pairsHook, parseFloat, parseInt, parseConstant] { marker.mark(value) }
    }

    static let nativeClass = NativeClass(
        "Scanner", kind: .box, doc: "JSON scanner object", flags: .isBase, methods: [
            Native("__call__(self, string, idx)", "Call self as a function.") { args throws(Raised) in
                guard let own = args[0].boxed(JSONScanner.self) else { return .none }
                guard args[1].isKind(.str) else {
                    throw typeError("first argument must be a string, not \(typeName(args[1]))")
                }
                let text = args[1].object(Str.self)
                let start = try index(args[2])
                if start < 0 { throw valueError("idx cannot be negative") }
                var reader = JSONReader(text, Dict.make())
                defer { reader.dispose() }
                guard start < text.count else { throw reader.stop(at: text.pointee.byteCount) }
                reader.position = text.byteOffset(start)
                let value = try own.read(&reader)
                return Value(Tuple.make(value, Value(reader.index)))
            }
        ],
        attributes: [Accessors("strict") { Value($0.boxed(JSONScanner.self)?.isStrict ?? true) }],
        construct: { args throws(Raised) in
            let values = try bindNames(args, ["context"], required: 1, function: "make_scanner")
            defer { values.deallocate() }
            return BoxedObject.make(try JSONScanner(values[0]), args[0].object(ClassObject.self))
        })

    // MARK: Values

    private func read(_ reader: inout JSONReader) throws(Raised) -> Value {
        guard reader.position < reader.count else { throw reader.stop(at: reader.position) }
        switch reader.bytes[reader.position] {
        case UInt8(ascii: "\""):
            reader.position += 1
            return Value(try reader.string(strict: isStrict))
        case UInt8(ascii: "{"): return try readObject(&reader)
        case UInt8(ascii: "["): return try readArray(&reader)
        case UInt8(ascii: "n"): if reader.skip("null") { return .none }
        case UInt8(ascii: "t"): if reader.skip("true") { return .true }
        case UInt8(ascii: "f"): if reader.skip("false") { return .false }
        case UInt8(ascii: "N"): if reader.skip("NaN") { return try callValue(parseConstant, Value(Str.make("NaN"))) }
        case UInt8(ascii: "I"):
            if reader.skip("Infinity") { return try callValue(parseConstant, Value(Str.make("Infinity"))) }
        case UInt8(ascii: "-"):
            if reader.skip("-Infinity") { return try callValue(parseConstant, Value(Str.make("-Infinity"))) }
            return try readNumber(&reader)
        case UInt8(ascii: "0") ... UInt8(ascii: "9"): return try readNumber(&reader)
        default: break
        }
        throw reader.stop(at: reader.position)
    }

    private func readNumber(_ reader: inout JSONReader) throws(Raised) -> Value {
        let bytes = reader.bytes
        let start = reader.position
        var place = start
        let isNegative = bytes[place] == UInt8(ascii: "-")
        if isNegative { place += 1 }
        func isDigit(_ place: Int) -> Bool { place < reader.count && bytes[place] &- 0x30 < 10 }
        guard isDigit(place) else { throw reader.stop(at: start) }
        var number = 0
        if bytes[place] == 0x30 {
            place += 1
        } else {
            while isDigit(place) {
                number = number &* 10 &+ Int(bytes[place] &- 0x30)
                place += 1
            }
        }
        let integerEnd = place
        var isFloat = false
        if place < reader.count, bytes[place] == UInt8(ascii: "."), isDigit(place + 1) {
            isFloat = true
            place += 2
            while isDigit(place) { place += 1 }
        }
        if place < reader.count, bytes[place] | 0x20 == UInt8(ascii: "e") {
            var end = place + 1
            if end < reader.count, bytes[end] == UInt8(ascii: "+") || bytes[end] == UInt8(ascii: "-") { end += 1 }
            if isDigit(end) {
                isFloat = true
                while isDigit(end) { end += 1 }
                place = end
            }
        }
        reader.position = place
        if !isFloat, isPlainInt, integerEnd - start < 15 { return Value(inline: isNegative ? -number : number) }
        let digits = UnsafeBufferPointer(start: bytes + start, count: place - start)
        if isFloat, isPlainFloat, let double = quickDouble(digits) { return Value(double) }
        let text = Value(Str.make(digits))
        if isFloat, isPlainFloat, place - start < 64 {
            // Str ends in a zero byte only by chance: parse a copy that does.
            return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 65) { buffer in
                for index in 0 ..< place - start { buffer[index] = CChar(bitPattern: bytes[start + index]) }
                buffer[place - start] = 0
                // A temporary allocation of 65 bytes has an address.
                return Value(strtod(buffer.baseAddress.unsafelyUnwrapped, nil))
            }
        }
        return try callValue(isFloat ? parseFloat : parseInt, text)
    }

    private func readArray(_ reader: inout JSONReader) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        reader.position += 1
        reader.skipBlanks()
        let list = List.make()
        if reader.peek == UInt8(ascii: "]") {
            reader.position += 1
            return Value(list)
        }
        while true {
            list.append(try readElement(&reader))
            reader.skipBlanks()
            let byte = reader.peek
            if byte == UInt8(ascii: "]") {
                reader.position += 1
                return Value(list)
            }
            guard byte == UInt8(ascii: ",") else { throw reader.fail("Expecting ',' delimiter", reader.position) }
            let comma = reader.position
            reader.position += 1
            reader.skipBlanks()
            if reader.peek == UInt8(ascii: "]") { throw reader.fail("Illegal trailing comma before end of array", comma) }
        }
    }

    /// A value inside a container: where none is, JSONDecodeError arises further out from StopIteration.
    @inline(__always)
    private func readElement(_ reader: inout JSONReader) throws(Raised) -> Value { try read(&reader) }

    private func readObject(_ reader: inout JSONReader) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        reader.position += 1
        reader.skipBlanks()
        let dict = Dict.make()
        let pairs = pairsHook.isNone ? nil : List.make()
        if reader.peek != UInt8(ascii: "}") {
            while true {
                guard reader.peek == UInt8(ascii: "\"") else {
                    throw reader.fail("Expecting property name enclosed in double quotes", reader.position)
                }
                reader.position += 1
                let key = try reader.key(strict: isStrict)
                reader.skipBlanks()
                guard reader.peek == UInt8(ascii: ":") else { throw reader.fail("Expecting ':' delimiter", reader.position) }
                reader.position += 1
                reader.skipBlanks()
                let value = try readElement(&reader)
                if let pairs { pairs.append(Value(Tuple.make(Value(key), value))) } else { dict.set(key, value) }
                reader.skipBlanks()
                let byte = reader.peek
                if byte == UInt8(ascii: "}") { break }
                guard byte == UInt8(ascii: ",") else { throw reader.fail("Expecting ',' delimiter", reader.position) }
                let comma = reader.position
                reader.position += 1
                reader.skipBlanks()
                if reader.peek == UInt8(ascii: "}") { throw reader.fail("Illegal trailing comma before end of object", comma) }
            }
        }
        reader.position += 1
        if let pairs { return try callValue(pairsHook, Value(pairs)) }
        return objectHook.isNone ? Value(dict) : try callValue(objectHook, Value(dict))
    }
}
