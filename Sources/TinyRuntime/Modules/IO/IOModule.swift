// `_io`: open, and the standard streams.
import CTiny
import Glibc

enum IOModule {
    static let nativeModule = NativeModule(
        "_io", doc: "The io module provides the Python interfaces to stream handling.", functions: { functions },
        prepare: { contents throws(Raised) in
            for (name, cls) in [
                ("_IOBase", IOClasses.base), ("_RawIOBase", IOClasses.raw), ("_BufferedIOBase", IOClasses.buffered),
                ("_TextIOBase", IOClasses.text), ("FileIO", IOClasses.file), ("BytesIO", IOClasses.bytes),
                ("StringIO", IOClasses.string), ("BufferedReader", IOClasses.reader), ("BufferedWriter", IOClasses.writer),
                ("BufferedRandom", IOClasses.random), ("BufferedRWPair", IOClasses.pair), ("TextIOWrapper", IOClasses.wrapper),
                ("IncrementalNewlineDecoder", IOClasses.newlineDecoder), ("UnsupportedOperation", IOClasses.unsupported),
                ("BlockingIOError", ExceptionName.blockingIOError.cls),
            ] { contents.set(name, Value(cls)) }
            contents.set("DEFAULT_BUFFER_SIZE", 8192)
            contents.set("open", try Runtime.builtin("open"))
        })

    /// The encoding of the locale.
    static let defaultEncoding: Value = {
        for name in ["LC_ALL", "LC_CTYPE", "LANG"] {
            guard let raw = getenv(name), raw.pointee != 0 else { continue }
            let text = String(cString: raw)
            return Value(StrTables.intern(text == "C" || text == "POSIX" ? "utf-8" : "UTF-8"))
        }
        return Value(StrTables.intern("utf-8"))
    }()

    static let openNative = Native(
        "open(file, mode='r', buffering=-1, encoding=None, errors=None, newline=None, closefd=True, opener=None)",
        "Open file and return a stream.  Raise OSError upon failure.", .function, open)

    private static let functions: [Native] = [
        Native("open_code(path)", "Opens the provided file with the intent to import the contents.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("open_code() argument 'path' must be str, not \(typeName(args[0]))") }
            return try callValue(try Runtime.builtin("open"), args[0], Value(StrTables.intern("rb")))
        },
        Native("text_encoding(encoding, stacklevel=2, /)", "A helper function to choose the text encoding.") { args throws(Raised) in
            guard args[0].isNone else { return args[0] }
            try warnOfDefault(stackLevel: try index(args[1]))
            let flags = Runtime.sysModule.pointee.namespace.get(StrTables.intern("flags"))
            let isMode = flags.isKind(.tuple) && flags.object(Tuple.self).count > 14 && flags.object(Tuple.self).items[14] == Value(inline: 1)
            return Value(StrTables.intern(isMode ? "utf-8" : "locale"))
        },
    ]

    /// `-X warn_default_encoding`: who gave no encoding is told.
    static func warnOfDefault(stackLevel: Int) throws(Raised) {
        guard Runtime.warnsOfDefaultEncoding else { return }
        try warn(.encodingWarning, "'encoding' argument not specified", stackLevel: stackLevel)
    }

    private static func open(_ args: Arguments) throws(Raised) -> Value {
        let file = args[0]
        let isNumber = isInteger(file)
        let path = isNumber ? file : file.isKind(.str) || file.isKind(.bytes) ? file : try SystemPath.fspath(file)
        guard args[1].isKind(.str) else { throw typeError("open() argument 'mode' must be str, not \(typeName(args[1]))") }
        let mode = args[1].object(Str.self)
        var buffering = try index(args[2])
        var seen: [UInt8: Int] = [:]
        for byte in mode.buffer {
            seen[byte, default: 0] += 1
            guard [0x78, 0x72, 0x77, 0x61, 0x2B, 0x74, 0x62].contains(byte), seen[byte] == 1 else {
                throw valueError("invalid mode: \(try repr(args[1]).string)")
            }
        }
        func has(_ character: Unicode.Scalar) -> Bool { seen[UInt8(ascii: character)] != nil }
        let isBinary = has("b")
        if has("t"), isBinary { throw valueError("can't have text and binary mode at once") }
        let kinds = [has("x"), has("r"), has("w"), has("a")].filter { $0 }.count
        guard kinds == 1 else {
            throw valueError(
                kinds > 1 ? "must have exactly one of create/read/write/append mode"
                    : "Must have exactly one of create/read/write/append mode and at most one plus")
        }
        if isBinary {
            if !args[3].isNone { throw valueError("binary mode doesn't take an encoding argument") }
            if !args[4].isNone { throw valueError("binary mode doesn't take an errors argument") }
            if !args[5].isNone { throw valueError("binary mode doesn't take a newline argument") }
        }
        if !isBinary {
            for (position, name) in [(3, "encoding"), (4, "errors")] {
                guard args[position].isNone || args[position].isKind(.str) else {
                    throw typeError("open() argument '\(name)' must be str or None, not \(typeName(args[position]))")
                }
            }
        }
        if isBinary, buffering == 1 {
            try warn(
                .runtimeWarning,
                "line buffering (buffering=1) isn't supported in binary mode, the default buffer size will be used")
        }
        if !isBinary, args[3].isNone { try warnOfDefault(stackLevel: 1) }
        let rawMode = Str.make(String(mode.string.filter { $0 != "b" && $0 != "t" }))
        let raw = FileStream()
        try raw.open(path, rawMode, closesDescriptor: try truth(args[6]), opener: args[7])
        let rawValue = BoxedObject.make(raw, IOClasses.file)
        do {
            let isTerminal = buffering < 0 && Glibc.isatty(raw.descriptor) == 1
            let isLineBuffered = buffering == 1 && !isBinary || isTerminal
            if buffering < 0 || buffering == 1 { buffering = max(8192, min(raw.blockSize, 8192)) }
            guard buffering >= 0 else { throw valueError("invalid buffering size") }
            if buffering == 0 {
                guard isBinary else { throw valueError("can't have unbuffered text I/O") }
                return rawValue
            }
            let buffered = BufferedStream()
            let cls: ClassRef
            if has("+") {
                guard raw.isSeekable else { throw unsupportedOperation("File or stream is not seekable.") }
                cls = IOClasses.random
            } else {
                cls = has("r") ? IOClasses.reader : IOClasses.writer
            }
            buffered.attach(rawValue, reading: has("r") || has("+"), writing: !has("r") || has("+"), size: buffering)
            let bufferedValue = BoxedObject.make(buffered, cls)
            if isBinary { return bufferedValue }
            let text = try TextStream()
            let textValue = BoxedObject.make(text, IOClasses.wrapper)
            let isDefault = args[3].isNone || args[3].object(Str.self).equals("locale")
            text.isLineBuffered = isLineBuffered
            try text.attach(
                bufferedValue, encoding: isDefault ? defaultEncoding : args[3],
                errors: args[4].isNone ? Value(StrTables.intern("strict")) : args[4], newline: try NewlineMode(args[5], "open() argument 'newline'"))
            text.mode = args[1]
            return textValue
        } catch {
            let t = currentThread()
            let exception = t.takeRaised()
            try? raw.close()
            throw raise(exception.object(ExceptionObject.self))
        }
    }
}

// MARK: The standard streams

enum StandardStreams {
    /// sys.stdin, stdout and stderr; None for a descriptor that is closed.
    static func install(_ contents: ModuleContents) {
        for (descriptor, name, mode, errors) in [(0, "stdin", "r", "strict"), (1, "stdout", "w", "strict"), (2, "stderr", "w", "backslashreplace")] {
            let stream = make(Int32(descriptor), "<\(name)>", mode, errors) ?? .none
            contents.set(name, stream)
            contents.set("__\(name)__", stream)
        }
    }

    private static func make(_ descriptor: Int32, _ name: String, _ mode: String, _ errors: String) -> Value? {
        guard tiny_fcntl(descriptor, F_GETFD, 0) >= 0 else { return nil }
        let file = FileStream()
        file.descriptor = descriptor
        file.closesDescriptor = false
        file.isReadable = mode == "r"
        file.isWritable = mode == "w"
        file.name = Value(StrTables.intern(name))
        let buffered = BufferedStream()
        buffered.isStandard = true
        buffered.attach(BoxedObject.make(file, IOClasses.file), reading: mode == "r", writing: mode == "w", size: 8192)
        let cls = mode == "r" ? IOClasses.reader : IOClasses.writer
        do {
            let text = try TextStream()
            text.isLineBuffered = descriptor == 2 || isatty(descriptor) == 1
            try text.attach(
                BoxedObject.make(buffered, cls), encoding: Value(StrTables.intern("utf-8")),
                errors: Value(StrTables.intern(errors)), newline: try NewlineMode(mode == "r" ? .none : Value(Str.make("\n")), "open() argument 'newline'"))
            text.mode = Value(StrTables.intern(mode))
            return BoxedObject.make(text, IOClasses.wrapper)
        } catch { return nil }
    }
}

/// Writes text to a file-like object; to a native text stream without making a str.
func writeText(_ file: Value, _ bytes: [UInt8]) throws(Raised) {
    if IOClasses.takesWholeLines(file), let stream = file.boxed(TextStream.self) {
        try stream.checkAttached()
        let isPlain = try bytes.withUnsafeBufferPointer { octets throws(Raised) in try stream.writePlain(octets) }
        if isPlain { return }
        return try stream.write(Str.make(bytes))
    }
    if file.isNone || file.isAbsent { return }
    _ = try callMethod(file, Names.write, Value(Str.make(bytes)))
}

/// `input()`.
enum ConsoleInput {
    /// Whether the stream is that descriptor, and a terminal.
    private static func isTerminal(_ stream: Value, _ descriptor: Int32) throws(Raised) -> Bool {
        guard Glibc.isatty(descriptor) == 1, stream.isKind(.box), stream.cls == IOClasses.wrapper else { return false }
        return machineInt(try callMethod(stream, IOBase.fileno)) == Int(descriptor)
    }

    /// A stream that can't be flushed is no reason not to read.
    private static func flush(_ stream: Value) {
        do throws(Raised) { _ = try callMethod(stream, Names.flush) } catch { _ = currentThread().takeRaised() }
    }

    static let native = Native("input(prompt='', /)", "Read a string from standard input.  The trailing newline is stripped.") { args throws(Raised) in
        let namespace = Runtime.sysModule.pointee.namespace
        let input = namespace.get(Names.stdin)
        let output = namespace.get(Names.stdout)
        let errors = namespace.get(Names.stderr)
        guard !input.isAbsent, !input.isNone else { throw raise(.runtimeError, "input(): lost sys.stdin") }
        guard !output.isAbsent, !output.isNone else { throw raise(.runtimeError, "input(): lost sys.stdout") }
        if !errors.isAbsent, !errors.isNone { flush(errors) }
        let prompt = try str(args[0])
        if ReadlineModule.isActive, try isTerminal(input, 0), try isTerminal(output, 1) {
            flush(output)
            let line = try ReadlineModule.read(prompt.string)
            ReadlineModule.remember(line)
            return line
        }
        if prompt.pointee.byteCount > 0 { try writeText(output, Array(prompt.buffer)) }
        flush(output)
        let line = try callMethod(input, IOBase.readline)
        guard line.isKind(.str) else { throw typeError("object.readline() returned non-string") }
        let text = line.object(Str.self)
        guard text.pointee.byteCount > 0 else { throw raise(.eofError, "EOF when reading a line") }
        guard text.buffer.last == 0x0A else { return line }
        return Value(Str.make(text.buffer.part(0, text.pointee.byteCount - 1)))
    }
}
