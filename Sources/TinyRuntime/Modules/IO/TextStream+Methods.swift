// What a script sees of TextIOWrapper.
import CTiny
import Glibc

extension TextStream {
    static func own(_ value: Value) throws(Raised) -> TextStream {
        guard let stream = value.boxed(TextStream.self) else { throw typeError("a TextIOWrapper is required, not '\(typeName(value))'") }
        return stream
    }

    private static func attached(_ value: Value) throws(Raised) -> TextStream {
        let stream = try own(value)
        try stream.checkAttached()
        return stream
    }

    /// A stream that has, or had, a buffer.
    private static func known(_ value: Value) throws(Raised) -> TextStream {
        let stream = try own(value)
        if !stream.wasDetached { try stream.checkAttached() }
        return stream
    }

    private static func question(_ signature: StaticString, _ name: @escaping @Sendable () -> StrRef) -> Native {
        Native(signature, "") { args throws(Raised) in try callMethod(try attached(args[0]).buffer, name()) }
    }

    static func checkText(_ value: Value, _ name: String) throws(Raised) {
        guard value.isNone || value.isKind(.str) else { throw typeError("TextIOWrapper() argument '\(name)' must be str or None, not \(typeName(value))") }
        guard value.isKind(.str) else { return }
        let text = value.object(Str.self)
        if text.hasSurrogates { _ = try Codecs.encode(text, Str.make("utf-8"), Str.make("strict")) }
        if text.buffer.contains(0) { throw valueError("embedded null character") }
    }

    static let nativeClass = NativeClass("TextIOWrapper", kind: .box, doc: "Character and line based layer over a BufferedIOBase object, buffer.", flags: [.isBase, .hasDict, .isWeakReferenceable], methods: [
        Native("__init__(self, buffer, encoding=None, errors=None, newline=None, line_buffering=False, write_through=False)", "Initialize self.") { args throws(Raised) in
            let stream = try own(args[0])
            try checkText(args[2], "encoding")
            try checkText(args[3], "errors")
            if args[2].isNone { try IOModule.warnOfDefault(stackLevel: 1) }
            // What fails here leaves the object as if it had never been initialised.
            stream.buffer = .absent
            stream.native = nil
            let newline = try NewlineMode(args[4], "TextIOWrapper() argument 'newline'")
            let isDefault = args[2].isNone || args[2].object(Str.self).equals("locale")
            stream.isLineBuffered = try truth(args[5])
            stream.writesThrough = try truth(args[6])
            try stream.attach(
                args[1], encoding: isDefault ? IOModule.defaultEncoding : args[2],
                errors: args[3].isNone ? Value(StrTables.intern("strict")) : args[3], newline: newline)
            return .none
        },
        Native("read(self, size=-1, /)", "Read at most size characters from stream.") { args throws(Raised) in
            let stream = try attached(args[0])
            let size = try IOBase.size(args[1])
            return size < 0 ? try stream.readAll() : try stream.read(size)
        },
        Native("readline(self, size=-1, /)", "Read until newline or EOF.") { args throws(Raised) in
            try attached(args[0]).readLine(try IOBase.size(args[1]))
        },
        Native("__next__(self, /)", "Implement next(self).") { args throws(Raised) in
            let stream = try attached(args[0])
            if args[0].cls != IOClasses.wrapper {
                let line = try callMethod(args[0], IOBase.readline)
                if try length(line) == 0 { throw raise(.stopIteration) }
                return line
            }
            let line = try stream.nextLine()
            if line.object(Str.self).pointee.byteCount == 0 { throw raise(.stopIteration) }
            return line
        },
        Native("write(self, text, /)", "Write string s to stream.") { args throws(Raised) in
            guard args[1].isKind(.str) else { throw typeError("write() argument must be str, not \(typeName(args[1]))") }
            let text = args[1].object(Str.self)
            try attached(args[0]).write(text)
            return Value(text.count)
        },
        Native("flush(self, /)", "Flush write buffers, if applicable.") { args throws(Raised) in
            let stream = try attached(args[0])
            try stream.checkOpen()
            try stream.flush()
            return .none
        },
        Native("close(self, /)", "Flush and close the IO object.") { args throws(Raised) in
            let stream = try attached(args[0])
            if try stream.isClosed() { return .none }
            try IOBase.both({ () throws(Raised) in
                if IOBase.isPlain(args[0], IOClasses.wrapper) { try stream.flush() } else { _ = try callMethod(args[0], Names.flush) }
            }, { () throws(Raised) in _ = try callMethod(stream.buffer, Names.close) })
            return .none
        },
        Native("detach(self, /)", "Separate the underlying buffer from the TextIOBase and return it.") { args throws(Raised) in
            let stream = try attached(args[0])
            try stream.flush()
            let buffer = stream.buffer
            stream.buffer = .absent
            stream.native = nil
            stream.wasDetached = true
            return buffer
        },
        Native("seek(self, cookie, whence=0, /)", "Set the stream position, and return the new stream position.") { args throws(Raised) in
            let stream = try attached(args[0])
            let whence = try index(args[2])
            if whence == 0, stream.hasScriptDecoder { return try stream.seek(cookie: args[1]) }
            if whence == 1, stream.hasScriptDecoder, try index(args[1]) == 0 { return try stream.seek(cookie: try stream.tellCookie()) }
            return Value(try stream.seek(try index(args[1]), whence))
        },
        Native("tell(self, /)", "Return the stream position as an opaque number.") { args throws(Raised) in
            let stream = try attached(args[0])
            return stream.hasScriptDecoder ? try stream.tellCookie() : Value(try stream.tell())
        },
        Native("truncate(self, pos=None, /)", "Truncate file to size bytes.") { args throws(Raised) in
            let stream = try attached(args[0])
            try stream.flush()
            let position = args[1].isNone && stream.isSeekable ? Value(try stream.tell()) : args[1]
            return try callMethod(stream.buffer, IOBase.truncate, position)
        },
        Native("reconfigure(self, *, encoding=None, errors=None, newline=?, line_buffering=None, write_through=None)", "Reconfigure the text stream with new parameters.") { args throws(Raised) in
            let stream = try attached(args[0])
            if args[1].isKind(.str), args[1].object(Str.self).buffer.contains(0) {
                throw raise(.lookupError, "unknown encoding: \(args[1].object(Str.self).string)")
            }
            try checkText(args[1], "encoding")
            try checkText(args[2], "errors")
            if stream.hasRead, !args[1].isNone || !args[2].isNone || args.has(3) {
                throw unsupportedOperation("It is not possible to set the encoding or newline of stream after the first read")
            }
            let lines = args[4].isNone ? stream.isLineBuffered : try index(args[4]) != 0
            let through = args[5].isNone ? stream.writesThrough : try index(args[5]) != 0
            let newline = args.has(3) ? try NewlineMode(args[3], "reconfigure() argument 'newline'") : stream.newline
            try stream.flush()
            if !args[1].isNone || !args[2].isNone || args.has(3) {
                let encoding = args[1].isNone ? stream.encoding : args[1].object(Str.self).equals("locale") ? IOModule.defaultEncoding : args[1]
                let errors = !args[2].isNone ? args[2] : args[1].isNone ? stream.errors : Value(StrTables.intern("strict"))
                try stream.setEncoding(encoding, errors, newline)
                try stream.startEncoding()
            }
            stream.isLineBuffered = lines
            stream.writesThrough = through
            return .none
        },
        question("seekable(self, /)") { IOBase.seekable }, question("readable(self, /)") { IOBase.readable },
        question("writable(self, /)") { IOBase.writable }, question("fileno(self, /)") { IOBase.fileno },
        question("isatty(self, /)") { IOBase.isatty },
        Native("__repr__(self, /)", "Return repr(self).") { args throws(Raised) in
            let stream = try own(args[0])
            if stream.buffer.isAbsent, !stream.wasDetached { try stream.checkAttached() }
            var text = "<" + qualifiedClassName(args[0].cls)
            let name = stream.buffer.isAbsent ? .absent : try IOBase.nameShown(stream.buffer)
            if !name.isAbsent { text += " name=\(try repr(name).string)" }
            if !stream.mode.isAbsent { text += " mode=\(try repr(stream.mode).string)" }
            return Value(Str.make(text + " encoding=\(try repr(stream.encoding).string)>"))
        },
        Native("__reduce_ex__(self, protocol, /)", "") { args throws(Raised) in throw typeError("cannot pickle '\(typeName(args[0]))' instances") },
    ], attributes: [
        dictionaryAccessors,
        Accessors("closed") { object throws(Raised) in Value(try own(object).isClosed()) },
        Accessors("name") { object throws(Raised) in try getAttribute(try attached(object).buffer, IOBase.name) },
        Accessors("mode") { object throws(Raised) in
            let mode = try own(object).mode
            guard !mode.isAbsent else { throw noAttribute(object, IOBase.mode) }
            return mode
        } set: { object, value throws(Raised) in try own(object).mode = value },
        Accessors("buffer") { object throws(Raised) in try attached(object).buffer },
        Accessors("encoding") { object throws(Raised) in try own(object).encoding },
        Accessors("errors") { object throws(Raised) in try known(object).errors },
        Accessors("line_buffering") { object throws(Raised) in Value(try known(object).isLineBuffered) },
        Accessors("write_through") { object throws(Raised) in Value(try known(object).writesThrough) },
        Accessors("newlines") { object throws(Raised) in try attached(object).translator?.newlines ?? .none },
        Accessors("_CHUNK_SIZE") { object throws(Raised) in Value(try attached(object).chunkSize) } set: { object, value throws(Raised) in
            if value.isAbsent { throw raise(.attributeError, "cannot delete attribute") }
            let size = try index(value)
            guard size > 0 else { throw valueError("a strictly positive integer is required") }
            try attached(object).chunkSize = size
        },
    ], construct: { args throws(Raised) in BoxedObject.make(try TextStream(), args[0].object(ClassObject.self)) })
}
