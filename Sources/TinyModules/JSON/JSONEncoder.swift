// Writing JSON: the value is walked once and its text collected in one buffer.
import TinyRuntime

final class JSONEncoder: TracedObject {
    private let markers: Value
    private let fallback: Value
    private let stringEncoder: Value
    private let keySeparator: StrRef
    private let itemSeparator: StrRef
    private let sortsKeys: Bool
    private let skipsKeys: Bool
    private let allowsNaN: Bool
    /// What each level is moved in by; nil: all in one line.
    private let indent: StrRef?
    private var level = 0
    private let form: JSONText.Form?

    private init(_ values: UnsafePointer<Value>) throws(Raised) {
        guard values[0].isNone || values[0].isKind(.dict) else {
            throw typeError("make_encoder() argument 1 must be dict or None, not \(typeName(values[0]))")
        }
        for index in 4 ... 5 where !values[index].isKind(.str) {
            throw typeError("make_encoder() argument \(index + 1) must be str, not \(typeName(values[index]))")
        }
        guard values[3].isNone || values[3].isKind(.str) else {
            throw typeError("make_encoder() argument 4 must be str or None, not \(typeName(values[3]))")
        }
        indent = values[3].isNone ? nil : values[3].object(Str.self)
        markers = values[0]
        fallback = values[1]
        stringEncoder = values[2]
        keySeparator = values[4].object(Str.self)
        itemSeparator = values[5].object(Str.self)
        sortsKeys = try truth(values[6])
        skipsKeys = try truth(values[7])
        allowsNaN = try truth(values[8])
        form = JSONText.form(of: values[2])
    }

    func trace(_ marker: inout Marker) {
        for value in [markers, fallback, stringEncoder] { marker.mark(value) }
        if let indent { marker.mark(indent) }
        marker.mark(keySeparator)
        marker.mark(itemSeparator)
    }

    static let nativeClass = NativeClass(
        "Encoder", kind: .box, doc: "Encoder(markers, default, encoder, indent, key_separator, item_separator, sort_keys, skipkeys, allow_nan)",
        flags: .isBase, methods: [
            Native("__call__(self, obj, _current_indent_level)", "Call self as a function.") { args throws(Raised) in
                guard let own = args[0].boxed(JSONEncoder.self) else { return .none }
                own.level = try index(args[2])
                var buffer = TextBuffer()
                try own.write(args[1], &buffer)
                return Value(Tuple.make(Value(buffer.makeStr())))
            }
        ],
        construct: { args throws(Raised) in
            let values = try bindNames(
                args,
                ["markers", "default", "encoder", "indent", "key_separator", "item_separator", "sort_keys", "skipkeys", "allow_nan"],
                required: 9, function: "make_encoder")
            defer { values.deallocate() }
            return BoxedObject.make(try JSONEncoder(values), args[0].object(ClassObject.self))
        })

    // MARK: Values

    private func write(_ value: Value, _ buffer: inout TextBuffer) throws(Raised) {
        if try writeScalar(value, &buffer) { return }
        try currentThread().checkNativeStack()
        if value.isKind(.list) || value.isKind(.tuple) { return try guarded(value, &buffer, writeItems) }
        if value.isKind(.dict) { return try guarded(value, &buffer, writeEntries) }
        try guarded(value, &buffer) { value, buffer throws(Raised) in
            try write(try callValue(fallback, value), &buffer)
        }
    }

    private func writeScalar(_ value: Value, _ buffer: inout TextBuffer) throws(Raised) -> Bool {
        if value.isKind(.str) {
            try writeString(value, &buffer)
        } else if value.isNone {
            buffer.append("null" as StaticString)
        } else if value.isBool {
            buffer.append(value.isTrue ? "true" as StaticString : "false")
        } else if value.isInlineInt {
            appendInteger(value.inlineInt, &buffer)
        } else if value.isKind(.int) {
            buffer.append(IntObject.text(value))
        } else if value.isFloat || value.isKind(.float) {
            try writeFloat(floatOf(value) ?? 0, value, &buffer)
        } else {
            return false
        }
        return true
    }

    private func appendInteger(_ number: Int, _ buffer: inout TextBuffer) {
        if number >= 0, number < 10 { return buffer.append(UInt8(0x30 + number)) }
        withIntegerText(number) { buffer.append($0) }
    }

    private func writeFloat(_ number: Double, _ value: Value, _ buffer: inout TextBuffer) throws(Raised) {
        if number.isFinite { return withFloatText(number) { buffer.append($0) } }
        if !allowsNaN { throw valueError("Out of range float values are not JSON compliant: \(try repr(value).string)") }
        buffer.append(number.isNaN ? "NaN" : number < 0 ? "-Infinity" : "Infinity" as StaticString)
    }

    private func writeString(_ value: Value, _ buffer: inout TextBuffer) throws(Raised) {
        if let form { return JSONText.quote(value.object(Str.self), form, &buffer) }
        let text = try callValue(stringEncoder, value)
        guard text.isKind(.str) else { throw typeError("encoder() must return a string, not \(typeName(text))") }
        buffer.append(text.object(Str.self))
    }

    // MARK: Containers

    private func guarded(
        _ value: Value, _ buffer: inout TextBuffer, _ body: (Value, inout TextBuffer) throws(Raised) -> Void
    ) throws(Raised) {
        guard markers.isKind(.dict) else { return try body(value, &buffer) }
        let open = markers.object(Dict.self)
        let mark = Value(Int(bitPattern: UInt(value.bits & Value.addressMask)))
        if try !open.get(mark).isAbsent { throw valueError("Circular reference detected") }
        try open.set(mark, value)
        try body(value, &buffer)
        _ = try open.remove(mark)
    }

    /// The line break behind what opens a container, in front of what closes one, and between items.
    private func breakLine(_ change: Int, _ buffer: inout TextBuffer) {
        guard let indent else { return }
        level += change
        buffer.append(UInt8(ascii: "\n"))
        for _ in 0 ..< max(level, 0) { buffer.append(indent) }
    }

    private func writeItems(_ value: Value, _ buffer: inout TextBuffer) throws(Raised) {
        let isPlain = value.isExactly(.list) || value.isExactly(.tuple)
        let list = isPlain ? value : Value(try makeList(value))
        func count() -> Int { list.isKind(.list) ? list.object(List.self).count : list.object(Tuple.self).count }
        buffer.append(UInt8(ascii: "["))
        var index = 0
        while index < count() {
            if index > 0 { buffer.append(itemSeparator) }
            breakLine(index > 0 ? 0 : 1, &buffer)
            try write(list.isKind(.list) ? list.object(List.self).items[index] : list.object(Tuple.self).items[index], &buffer)
            index += 1
        }
        if index > 0 { breakLine(-1, &buffer) }
        buffer.append(UInt8(ascii: "]"))
    }

    private func writeEntries(_ value: Value, _ buffer: inout TextBuffer) throws(Raised) {
        buffer.append(UInt8(ascii: "{"))
        var isFirst = true
        // With an indentation, one whose keys are all skipped is not empty.
        var isEmpty = value.object(Dict.self).pointee.count == 0
        if sortsKeys || !value.isExactly(.dict) {
            let items = try makeList(try callMethod(value, Names.items))
            isEmpty = items.count == 0
            if sortsKeys { try sort(items, key: .none, reverse: false) }
            if !isEmpty { breakLine(1, &buffer) }
            for index in 0 ..< items.count {
                guard items.items[index].isKind(.tuple), items.items[index].object(Tuple.self).count == 2 else {
                    throw valueError("items must return 2-tuples")
                }
                let pair = items.items[index].object(Tuple.self)
                try writeEntry(pair.items[0], pair.items[1], &isFirst, &buffer)
            }
        } else {
            if !isEmpty { breakLine(1, &buffer) }
            var position = 0
            while let entry = value.object(Dict.self).next(&position) {
                try writeEntry(entry.pointee.key, entry.pointee.value, &isFirst, &buffer)
            }
        }
        if !isEmpty { breakLine(-1, &buffer) }
        buffer.append(UInt8(ascii: "}"))
    }

    private func writeEntry(_ key: Value, _ value: Value, _ isFirst: inout Bool, _ buffer: inout TextBuffer) throws(Raised) {
        let isText = key.isKind(.str)
        let isOther = key.isNone || key.isBool || key.isInlineInt || key.isKind(.int) || key.isFloat || key.isKind(.float)
        guard isText || isOther else {
            if skipsKeys { return }
            throw typeError("keys must be str, int, float, bool or None, not \(typeName(key))")
        }
        if !isFirst {
            buffer.append(itemSeparator)
            breakLine(0, &buffer)
        }
        isFirst = false
        if isText {
            try writeString(key, &buffer)
        } else {
            buffer.append(UInt8(ascii: "\""))
            _ = try writeScalar(key, &buffer)
            buffer.append(UInt8(ascii: "\""))
        }
        buffer.append(keySeparator)
        try write(value, &buffer)
    }
}
