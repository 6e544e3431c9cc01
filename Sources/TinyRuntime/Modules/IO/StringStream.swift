// `_io.StringIO`: text in memory. The position counts code points; the octet offset that belongs to it is kept beside it.
import CTiny
import Glibc

final class StringStream: TracedObject {
    private var text: [UInt8] = []
    /// Code points of `text`.
    private var count = 0
    private var position = 0
    /// Of `position`, if that lies in the text.
    private var offset = 0
    private var isClosed = false
    private var newline = StringStream.plainNewline
    private var translator: NewlineTranslator?

    private static let plainNewline = NewlineMode.lineFeed

    func trace(_ marker: inout Marker) {}

    private static func own(_ value: Value) throws(Raised) -> StringStream {
        guard let stream = value.boxed(StringStream.self) else { throw typeError("a StringIO is required, not '\(typeName(value))'") }
        return stream
    }

    private static func open(_ value: Value) throws(Raised) -> StringStream {
        let stream = try own(value)
        if stream.isClosed { throw valueError("I/O operation on closed file") }
        return stream
    }

    /// The octet offset behind so many code points from `start`, at most the end.
    private func advance(_ start: Int, _ points: Int) -> Int {
        if count == text.count { return min(text.count, start + min(points, text.count)) }
        var result = start
        var left = points
        while left > 0, result < text.count {
            result += Str.sequenceLength(text[result])
            left -= 1
        }
        return min(result, text.count)
    }

    private func moveTo(_ target: Int) {
        position = target
        offset = target >= count ? text.count : advance(0, target)
    }

    private func clear() {
        text = []
        (count, position, offset) = (0, 0, 0)
    }

    private func write(_ string: StrRef) {
        if translator == nil, position == count, newline.writesAsGiven(string.buffer) {
            text.append(contentsOf: string.buffer)
            count += string.count
            position = count
            offset = text.count
            return
        }
        var octets: [UInt8]
        if var current = translator {
            octets = current.feed(string.buffer, isFinal: true)
            translator = current
        } else {
            octets = newline.toWrite(string.buffer) ?? Array(string.buffer)
        }
        if octets.isEmpty { return }
        let points = octets.withUnsafeBufferPointer { Str.countCodePoints($0) }
        if position >= count {
            if position > count {
                text.append(contentsOf: repeatElement(0, count: position - count))
                count = position
            }
            text.append(contentsOf: octets)
            count += points
        } else {
            let end = advance(offset, points)
            let removed = text[offset ..< end].withUnsafeBufferPointer { Str.countCodePoints($0) }
            text.replaceSubrange(offset ..< end, with: octets)
            count += points - removed
            position += points
            offset += octets.count
            return
        }
        position = count
        offset = text.count
    }

    private func taken(to end: Int) -> Value {
        let result = text.withUnsafeBufferPointer { Str.make($0.part(offset, end)) }
        offset = end
        position += result.count
        return Value(result)
    }

    private func line(_ limit: Int) -> Value {
        if position >= count || limit == 0 { return Value(StrTables.intern("")) }
        var end = text.withUnsafeBufferPointer { newline.readEnd.find($0, offset) } ?? text.count
        if limit >= 0 { end = min(end, advance(offset, limit)) }
        return taken(to: end)
    }

    private static func always(_ signature: StaticString, _ answer: Value) -> Native {
        Native(signature, "") { args throws(Raised) in
            _ = try open(args[0])
            return answer
        }
    }

    static let nativeClass = NativeClass("StringIO", kind: .box, doc: "Text I/O implementation using an in-memory buffer.", flags: [.isBase, .hasDict, .isWeakReferenceable], methods: [
        Native("__init__(self, initial_value='', newline='\\n')", "Initialize self.") { args throws(Raised) in
            let stream = try own(args[0])
            guard args[1].isNone || args[1].isKind(.str) else { throw typeError("initial_value must be str or None, not \(typeName(args[1]))") }
            stream.newline = try NewlineMode(args[2], "newline")
            stream.translator = stream.newline.isUniversal ? NewlineTranslator(translates: stream.newline.translates) : nil
            stream.isClosed = false
            stream.clear()
            if args[1].isKind(.str) { stream.write(args[1].object(Str.self)) }
            stream.moveTo(0)
            return .none
        },
        Native("read(self, size=-1, /)", "Read at most size characters, returned as a string.") { args throws(Raised) in
            let stream = try open(args[0])
            let size = try IOBase.size(args[1])
            if stream.position >= stream.count { return Value(StrTables.intern("")) }
            return stream.taken(to: size < 0 ? stream.text.count : stream.advance(stream.offset, size))
        },
        Native("readline(self, size=-1, /)", "Read until newline or EOF.") { args throws(Raised) in
            try open(args[0]).line(try IOBase.size(args[1]))
        },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let stream = try open(args[0])
            if args[0].cls != IOClasses.string {
                let line = try callMethod(args[0], IOBase.readline)
                if try length(line) == 0 { throw raise(.stopIteration) }
                return line
            }
            if stream.position >= stream.count { throw raise(.stopIteration) }
            return stream.line(-1)
        },
        Native("write(self, s, /)", "Write string to file.") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("string argument expected, got '\(typeName(args[1]))'") }
            try open(args[0]).write(args[1].object(Str.self))
            return Value(args[1].object(Str.self).count)
        },
        Native("getvalue(self, /)", "Retrieve the entire contents of the object.") { args throws(Raised) in
            Value(Str.make(try open(args[0]).text))
        },
        Native("seek(self, pos, whence=0, /)", "Change stream position.") { args throws(Raised) in
            let stream = try open(args[0])
            let target = try index(args[1])
            switch try index(args[2]) {
            case 0:
                guard target >= 0 else { throw valueError("Negative seek position \(target)") }
                stream.moveTo(target)
            case 1:
                guard target == 0 else { throw raise(.osError, "Can't do nonzero cur-relative seeks") }
            case 2:
                guard target == 0 else { throw raise(.osError, "Can't do nonzero cur-relative seeks") }
                stream.moveTo(stream.count)
            case let whence: throw valueError("Invalid whence (\(whence), should be 0, 1 or 2)")
            }
            return Value(stream.position)
        },
        Native("tell(self, /)", "Tell the current file position.") { args throws(Raised) in Value(try open(args[0]).position) },
        Native("truncate(self, pos=None, /)", "Truncate size to pos.") { args throws(Raised) in
            let stream = try open(args[0])
            let size = args[1].isNone ? stream.position : try index(args[1])
            guard size >= 0 else { throw valueError("Negative size value \(size)") }
            if size < stream.count {
                stream.text.removeSubrange(stream.advance(0, size)...)
                stream.count = size
                stream.moveTo(stream.position)
            }
            return Value(size)
        },
        Native("close(self, /)", "Close the IO object.") { args throws(Raised) in
            let stream = try own(args[0])
            stream.isClosed = true
            stream.clear()
            return .none
        },
        always("readable(self, /)", .true), always("writable(self, /)", .true), always("seekable(self, /)", .true),
        Native("__getstate__(self, /)", "") { args throws(Raised) in
            let stream = try open(args[0])
            let newline = stream.newline.given.map { Value(Str.make($0)) } ?? .none
            return Value(Tuple.make(Value(Str.make(stream.text)), newline, Value(stream.position), IOBase.attributes(of: args[0])))
        },
        Native("__setstate__(self, state, /)", "") { args throws(Raised) in
            let stream = try open(args[0])
            guard args[1].isKind(.tuple), args[1].object(Tuple.self).count == 4 else {
                throw typeError("_io.StringIO.__setstate__ argument should be 4-tuple, got \(typeName(args[1]))")
            }
            let state = args[1].object(Tuple.self)
            guard state.items[0].isKind(.str) else {
                throw typeError("initial_value must be str or None, not \(typeName(state.items[0]))")
            }
            stream.newline = try NewlineMode(state.items[1], "newline")
            stream.translator = stream.newline.isUniversal ? NewlineTranslator(translates: stream.newline.translates) : nil
            stream.text = Array(state.items[0].object(Str.self).buffer)
            stream.count = state.items[0].object(Str.self).count
            guard isInteger(state.items[2]) else {
                throw typeError("third item of state must be an integer, got \(typeName(state.items[2]))")
            }
            let position = try index(state.items[2])
            guard position >= 0 else { throw valueError("position value cannot be negative") }
            stream.moveTo(position)
            try IOBase.setAttributes(of: args[0], state.items[3], "fourth item of state")
            return .none
        },
    ], attributes: [
        dictionaryAccessors,
        Accessors("closed") { object throws(Raised) in Value(try own(object).isClosed) },
        Accessors("newlines") { object throws(Raised) in try open(object).translator?.newlines ?? .none },
        Accessors("line_buffering") { object throws(Raised) in
            _ = try open(object)
            return .false
        },
    ], construct: { args throws(Raised) in BoxedObject.make(StringStream(), args[0].object(ClassObject.self)) })
}
