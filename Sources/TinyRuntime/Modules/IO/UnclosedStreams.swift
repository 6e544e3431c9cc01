// What becomes of a stream that nobody has closed and nobody can reach: a ResourceWarning, and `close()`.
//
// The collector hands dead streams over newest first, so that a text stream comes before the buffered one below it, and that
// before the file: whoever is outermost warns and closes all. Streams in memory have nothing to close.
import Glibc

public enum UnclosedStreams {
    /// `_io._IOBase.__del__`.
    static func finalize(_ stream: Value) throws(Raised) {
        // A view of its octets may outlive it, which here doesn't refer to it.
        if stream.boxed(BytesStream.self) != nil, !stream.cls.pointee.flags.contains(.isHeapType) { return }
        do throws(Raised) {
            if try IOBase.isClosed(stream) { return }
        } catch {
            // Half made, or detached: there is nothing to close.
            _ = currentThread().takeRaised()
            return
        }
        if let file = file(below: stream) {
            guard file.isStillItsOwn else { return file.forget() }
            if file.closesDescriptor {
                do throws(Raised) { try warn(stream, "file") } catch { reportUnraisable(currentThread().takeRaised(), stream) }
            }
        }
        _ = try callMethod(stream, Names.close)
    }

    /// Whether it matters, when the program ends, that an object with a finaliser is finalised: of a stream that is closed or
    /// detached, or is one of the standard ones, it does not.
    static func matters(_ object: Value) -> Bool {
        if let text = object.boxed(TextStream.self) {
            if text.buffer.isAbsent { return false }
        } else if let buffered = object.boxed(BufferedStream.self) {
            if buffered.raw.isAbsent { return false }
        } else if object.boxed(FileStream.self) == nil {
            return true
        }
        guard let file = file(below: object) else { return true }
        return file.descriptor > STDERR_FILENO
    }

    /// The file that a native stream reads or writes in the end.
    private static func file(below stream: Value) -> FileStream? {
        if let text = stream.boxed(TextStream.self) { return text.buffer.isAbsent ? nil : file(below: text.buffer) }
        if let buffered = stream.boxed(BufferedStream.self) { return buffered.raw.boxed(FileStream.self) }
        return stream.boxed(FileStream.self)
    }

    /// The ResourceWarning that something (a `noun`, if its repr doesn't say what it is) was not closed.
    public static func warn(_ unclosed: Value, _ noun: String = "") throws(Raised) {
        let keywords = Dict.make()
        keywords.set(StrTables.intern("source"), unclosed)
        let text = "unclosed \(noun.isEmpty ? "" : noun + " ")\(try repr(unclosed).string)"
        _ = try callValue(
            try getAttribute(try importModule("warnings"), StrTables.intern("warn")),
            Tuple.make(Value(Str.make(text)), Value(ExceptionName.resourceWarning.cls)), keywords)
    }
}
