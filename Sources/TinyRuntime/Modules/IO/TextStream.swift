// `_io.TextIOWrapper`: text over a stream of bytes.
//
// Decoded text waits as UTF-8 in `chars`. Beside it lie the octets that it was decoded from (`fed`) and the decoder's
// state in front of them, so that `tell` can find the octet that belongs to a character. Over a native buffered stream
// the methods of the language are not called; written text goes straight into that stream's buffer.
import CTiny
import Glibc

final class TextStream: TracedObject {
    /// Absent: not initialised, or detached.
    var buffer: Value = .absent
    /// The buffer if it is exactly a native buffered stream.
    var native: BufferedStream?
    var encoding: Value = .none
    var errors: Value = .none
    var mode: Value = .absent
    var newline: NewlineMode
    var isLineBuffered = false
    var writesThrough = false
    var chunkSize = 8192
    var wasDetached = false
    private var codec: Codec?
    private var canRead = false
    private var canWrite = false
    private(set) var isSeekable = false
    /// Positions can be told; not while `next` reads lines.
    var tells = false
    // Reading.
    private var decoder: IncrementalTextDecoder?
    /// The decoder of a codec of the script.
    var scriptDecoder: Value = .absent
    /// What that decoder was to be told to be in the state in front of `fed`: an int.
    var scriptFlags = Value(inline: 0)
    var translator: NewlineTranslator?
    var chars: [UInt8] = []
    var position = 0
    var fed: [UInt8] = []
    private var decoderBefore: IncrementalTextDecoder?
    var translatorBefore: NewlineTranslator?
    /// `chars` is `fed`, octet by octet.
    private var isIdentity = true
    private(set) var hasRead = false
    // Writing.
    /// The encoder of a codec of the script, if it has one that keeps state; else each text is encoded by itself.
    private var scriptEncoder: Value = .absent
    private var pending: [UInt8] = []
    private var hasWritten = false

    init() throws(Raised) { newline = try NewlineMode(.none, "TextIOWrapper() argument 'newline'") }

    func trace(_ marker: inout Marker) {
        marker.mark(buffer)
        marker.mark(encoding)
        marker.mark(errors)
        marker.mark(mode)
        marker.mark(scriptDecoder)
        marker.mark(scriptEncoder)
        marker.mark(scriptFlags)
    }

    deinit {
        if !pending.isEmpty, let native { pending.withUnsafeBufferPointer { try? native.write($0) } }
    }

    // MARK: Setting up

    func attach(_ buffer: Value, encoding: Value, errors: Value, newline: NewlineMode) throws(Raised) {
        self.buffer = buffer
        let isNative = buffer.cls == IOClasses.reader || buffer.cls == IOClasses.writer || buffer.cls == IOClasses.random
        native = isNative ? buffer.boxed(BufferedStream.self) : nil
        if let native {
            try native.checkAttached()
            canRead = native.canRead
            canWrite = native.canWrite
            if let file = native.file { isSeekable = file.isSeekable } else { isSeekable = try truth(try callMethod(buffer, IOBase.seekable)) }
        } else {
            isSeekable = try truth(try callMethod(buffer, IOBase.seekable))
            canRead = try truth(try callMethod(buffer, IOBase.readable))
            canWrite = try truth(try callMethod(buffer, IOBase.writable))
        }
        tells = isSeekable
        wasDetached = false
        pending = []
        forgetRead()
        try setEncoding(encoding, errors, newline)
        try startEncoding()
    }

    /// From here on text is written in an encoding that nothing has been written in.
    func startEncoding() throws(Raised) {
        hasWritten = false
        if isSeekable, canWrite {
            // Text appended to a file gets no byte order mark.
            switch codec {
            case .utf16(nil)?, .utf32(nil)?, .utf8Signature?: hasWritten = try tellBuffer() != 0
            default: break
            }
        }
    }

    func setEncoding(_ encoding: Value, _ errors: Value, _ newline: NewlineMode) throws(Raised) {
        let name = encoding.object(Str.self)
        let known = Codec.named(name)
        var script = Value.absent
        var writing = Value.absent
        if known == nil {
            let info = try CodecRegistry.lookup(name)
            let flag = info.isExactly(.tuple) ? .absent : try getAttribute(info, StrTables.intern("_is_text_encoding"), default: .absent)
            if !flag.isAbsent, !(try truth(flag)) {
                throw raise(.lookupError, "'\(name.string)' is not a text encoding; use codecs.open() to handle arbitrary codecs")
            }
            if canRead { script = try callValue(try getAttribute(info, "incrementaldecoder"), errors) }
            if canWrite {
                let maker = try getAttribute(info, StrTables.intern("incrementalencoder"), default: .none)
                if !maker.isNone { writing = try callValue(maker, errors) }
            }
        }
        if Runtime.isDevelopment, errors.isKind(.str) { try CodecErrors.check(errors.object(Str.self)) }
        codec = known
        scriptDecoder = script
        scriptEncoder = writing
        self.encoding = encoding
        self.errors = errors
        self.newline = newline
        decoder = known.map { IncrementalTextDecoder($0, errors: errors.object(Str.self).string) }
        translator = newline.isUniversal ? NewlineTranslator(translates: newline.translates) : nil
    }

    func checkAttached() throws(Raised) {
        if buffer.isAbsent { throw valueError(wasDetached ? "underlying buffer has been detached" : "I/O operation on uninitialized object") }
    }

    func isClosed() throws(Raised) -> Bool {
        try checkAttached()
        if let native { return try native.isClosed() }
        return try IOBase.isClosed(buffer)
    }

    func checkOpen() throws(Raised) {
        if try isClosed() { throw valueError("I/O operation on closed file.") }
    }

    // MARK: Reading

    func forgetRead() {
        chars = []
        position = 0
        fed = []
        decoderBefore = nil
        isIdentity = true
    }

    private func prepareReading() throws(Raised) {
        try checkOpen()
        guard canRead else { throw unsupportedOperation("not readable") }
        if !pending.isEmpty { try flush() }
    }

    /// Decodes one more piece behind `chars`; false at the end.
    private func readMore(_ size: Int) throws(Raised) -> Bool {
        let data: [UInt8]
        if let native {
            data = try native.piece(max(size, native.bufferSize)) ?? []
        } else {
            let hasRead1 = !(try getOptionalAttribute(buffer, IOBase.read1)).isAbsent
            let piece = try callMethod(buffer, hasRead1 ? IOBase.read1 : IOBase.read, Value(max(size, chunkSize)))
            guard let view = try BufferView.view(piece) else {
                throw typeError("underlying \(hasRead1 ? "read1" : "read")() should have returned a bytes-like object, not '\(typeName(piece))'")
            }
            data = Array(view.octets)
        }
        do throws(Raised) {
            try take(data, isFinal: data.isEmpty)
        } catch {
            // The piece is gone, and with it the line that it would have ended: who asks again goes on behind it.
            if currentThread().raisedIs(.unicodeError) { forgetRead() }
            throw error
        }
        return !data.isEmpty
    }

    /// Decodes octets behind `chars`.
    private func take(_ data: [UInt8], isFinal: Bool) throws(Raised) {
        hasRead = true
        dropConsumed()
        if position == chars.count {
            chars.removeAll(keepingCapacity: true)
            fed.removeAll(keepingCapacity: true)
            position = 0
            isIdentity = true
            decoderBefore = decoder
            translatorBefore = translator
            if !scriptDecoder.isAbsent, isSeekable { fed = try rememberScriptState() }
        }
        let isQuick = try data.withUnsafeBufferPointer { octets throws(Raised) -> Bool in
            if codec == .utf8, decoder?.waiting.isEmpty == true, UTF8Text.validEnd(octets, from: 0) == octets.count {
                guard var current = translator else {
                    chars.append(contentsOf: data)
                    return true
                }
                if !current.hasPendingReturn, !octets.contains(0x0D) {
                    if current.seen & 2 == 0, octets.contains(0x0A) {
                        current.seen |= 2
                        translator = current
                    }
                    chars.append(contentsOf: data)
                    return true
                }
                isIdentity = false
                chars.append(contentsOf: current.feed(octets, isFinal: isFinal))
                translator = current
                return true
            }
            return false
        }
        if tells || isSeekable { fed.append(contentsOf: data) }
        if isQuick { return }
        isIdentity = false
        let text: StrRef
        if var current = decoder {
            text = try data.withUnsafeBufferPointer { octets throws(Raised) in try current.feed(octets, isFinal: isFinal) }
            decoder = current
        } else {
            let answer = try callMethod(scriptDecoder, StrTables.intern("decode"), BytesObject.make(data), Value(isFinal))
            guard answer.isKind(.str) else { throw typeError("decoder should return a string result, not '\(typeName(answer))'") }
            text = answer.object(Str.self)
        }
        if var current = translator {
            chars.append(contentsOf: current.feed(text.buffer, isFinal: isFinal))
            translator = current
        } else {
            chars.append(contentsOf: text.buffer)
        }
    }

    /// Lets go of what has been read, so that a long file does not pile up.
    private func dropConsumed() {
        guard position > 0, position < chars.count else { return }
        if !isSeekable {
            chars.removeFirst(position)
            position = 0
        } else if isIdentity {
            chars.removeFirst(position)
            fed.removeFirst(min(position, fed.count))
            position = 0
        } else if let offset = quickOffset() {
            fed.removeFirst(offset)
            chars.removeFirst(position)
            position = 0
            translatorBefore?.hasPendingReturn = false
        }
    }

    /// How many octets of `fed` make the text in front of `position`, if one character follows from the octets alone.
    private func quickOffset() -> Int? {
        if isIdentity { return position }
        guard decoderBefore?.waiting.isEmpty == true, translatorBefore?.hasPendingReturn != true else { return nil }
        var target = position
        switch codec {
        case .utf8?, .ascii?:
            if fed.withUnsafeBufferPointer({ UTF8Text.validEnd($0, from: 0) }) < fed.count - 3 { return nil }
        case .latin1?: target = chars[0 ..< position].withUnsafeBufferPointer { Str.countCodePoints($0) }
        default: return nil
        }
        let translates = translator?.translates ?? false
        var offset = 0
        var made = 0
        while made < target, offset < fed.count {
            if translates, fed[offset] == 0x0D, offset + 1 < fed.count, fed[offset + 1] == 0x0A { offset += 1 }
            offset += 1
            made += 1
        }
        return offset
    }

    func readAll() throws(Raised) -> Value {
        try prepareReading()
        let rest: [UInt8]
        if let native {
            rest = try native.readAll() ?? []
        } else {
            let answer = try callMethod(buffer, IOBase.read)
            guard let view = try BufferView.view(answer) else { throw typeError("underlying read() should have returned a bytes-like object, not '\(typeName(answer))'") }
            rest = Array(view.octets)
        }
        try take(rest, isFinal: true)
        let result = chars.withUnsafeBufferPointer { Str.make($0.part(position, chars.count)) }
        forgetRead()
        return Value(result)
    }

    func read(_ count: Int) throws(Raised) -> Value {
        try prepareReading()
        var end = position
        var left = count
        while left > 0 {
            while left > 0, end < chars.count {
                end += Str.sequenceLength(chars[end])
                left -= 1
            }
            if left == 0 { break }
            let ahead = end - position
            let isMore = try readMore(left)
            end = position + ahead
            if !isMore, end >= chars.count { break }
        }
        return taken(to: min(end, chars.count))
    }

    private func taken(to end: Int) -> Value {
        let result = chars.withUnsafeBufferPointer { Str.make($0.part(position, end)) }
        position = end
        return Value(result)
    }

    /// A line, at most `limit` code points of it; empty at the end.
    func readLine(_ limit: Int) throws(Raised) -> Value {
        try prepareReading()
        var searched = 0
        while true {
            let found = chars.withUnsafeBufferPointer { newline.readEnd.find($0, position + searched) }
            if limit >= 0 {
                var end = position
                var left = limit
                let bound = found ?? chars.count
                while left > 0, end < bound {
                    end += Str.sequenceLength(chars[end])
                    left -= 1
                }
                if left == 0 { return taken(to: end) }
            }
            if let found { return taken(to: found) }
            // A "\r\n" may lie across the border.
            searched = max(0, chars.count - position - 1)
            if newline.readEnd == .lf { searched = chars.count - position }
            if try !readMore(0) {
                let last = chars.withUnsafeBufferPointer { newline.readEnd.find($0, position) }
                if let last, limit < 0 { return taken(to: last) }
                if limit < 0 || last == nil, position >= chars.count || limit < 0 { return taken(to: chars.count) }
                var end = position
                var left = limit
                while left > 0, end < last ?? chars.count {
                    end += Str.sequenceLength(chars[end])
                    left -= 1
                }
                return taken(to: end)
            }
        }
    }

    /// What `next` gives; positions can't be told until the end.
    func nextLine() throws(Raised) -> Value {
        tells = false
        let line = try readLine(-1)
        if line.object(Str.self).pointee.byteCount == 0 { tells = isSeekable }
        return line
    }

    // MARK: Writing

    func write(_ text: StrRef) throws(Raised) {
        if native == nil || native?.file == nil || native?.file?.descriptor ?? -1 < 0 { try checkOpen() }
        guard canWrite else { throw unsupportedOperation("not writable") }
        if codec == .utf8, newline.written == nil, !text.hasSurrogates { return try writeOctets(text.buffer) }
        let source: StrRef = newline.toWrite(text.buffer).map { Str.make($0) } ?? text
        var kind = codec
        if hasWritten {
            // The byte order mark came with the first text.
            if kind == .utf16(nil) { kind = .utf16(.little) }
            if kind == .utf32(nil) { kind = .utf32(.little) }
            if kind == .utf8Signature { kind = .utf8 }
        }
        let policy = errors.object(Str.self)
        let encoded: Value
        if let kind {
            encoded = try Codecs.encode(source, kind, ErrorPolicy(policy))
        } else if !scriptEncoder.isAbsent {
            encoded = try callMethod(scriptEncoder, StrTables.intern("encode"), Value(source))
            guard encoded.isKind(.bytes) else { throw typeError("encoder should return a bytes object, not '\(typeName(encoded))'") }
        } else {
            encoded = try Codecs.encode(source, encoding.object(Str.self), policy)
        }
        if source.pointee.byteCount > 0 { hasWritten = true }
        try writeOctets(try BufferView(encoded).octets)
    }

    /// Writes UTF-8 as it is, if the stream takes it so.
    func writePlain(_ octets: Octets) throws(Raised) -> Bool {
        guard codec == .utf8, newline.written == nil, canWrite, let file = native?.file, file.descriptor >= 0 else { return false }
        // A surrogate begins with 0xED.
        if let base = octets.baseAddress, memchr(base, 0xED, octets.count) != nil { return false }
        try writeOctets(octets)
        return true
    }

    /// Octets of text in the stream's encoding.
    func writeOctets(_ octets: Octets) throws(Raised) {
        // What is read ahead of a stream without positions is not in the way of what is written.
        if isSeekable, !chars.isEmpty || !fed.isEmpty {
            forgetRead()
            decoder?.reset()
        }
        let flushes = writesThrough || isLineBuffered && (octets.contains(0x0A) || octets.contains(0x0D))
        if let native {
            try native.write(octets)
            if flushes { try native.flushOutput() }
            return
        }
        if pending.count + octets.count > chunkSize {
            let copy = Array(octets)
            // The stream below may write here, too.
            while !pending.isEmpty, pending.count + copy.count > chunkSize { try flushPending() }
            pending.append(contentsOf: copy)
        } else {
            pending.append(contentsOf: octets)
        }
        if flushes || pending.count >= chunkSize {
            try flushPending()
            if flushes, !writesThrough { _ = try callMethod(buffer, Names.flush) }
        }
    }

    func flushPending() throws(Raised) {
        if pending.isEmpty { return }
        let data = pending
        pending = []
        _ = try callMethod(buffer, Names.write, BytesObject.make(data))
    }

    func flush() throws(Raised) {
        try flushPending()
        if let native {
            try native.check("I/O operation on closed file.")
            if native.canWrite { try native.flush() }
        } else {
            _ = try callMethod(buffer, Names.flush)
        }
    }

    // MARK: Positions

    func tellBuffer() throws(Raised) -> Int {
        if let native { return try native.tell() }
        return try index(try callMethod(buffer, IOBase.tell))
    }

    func tell() throws(Raised) -> Int {
        try checkOpen()
        guard isSeekable else { throw unsupportedOperation("underlying stream is not seekable") }
        guard tells else { throw raise(.osError, "telling position disabled by next() call") }
        try flush()
        let end = try tellBuffer()
        if fed.isEmpty, chars.isEmpty { return end }
        if fed.isEmpty || position == chars.count && decoder?.waiting.isEmpty == true && translator?.hasPendingReturn != true { return end }
        return end - fed.count + (try consumed())
    }

    private func consumed() throws(Raised) -> Int {
        if let offset = quickOffset() { return offset }
        guard var decoder = decoderBefore else { return fed.count }
        var translator = translatorBefore
        var made = 0
        for offset in fed.indices {
            if made >= position { return offset }
            let text = try fed[offset ... offset].withUnsafeBufferPointer { octets throws(Raised) in try decoder.feed(octets, isFinal: false) }
            let count = translator?.feed(text.buffer, isFinal: false).count ?? text.pointee.byteCount
            if made + count > position { return offset }
            made += count
        }
        return fed.count
    }

    func seek(_ cookie: Int, _ whence: Int) throws(Raised) -> Int {
        try checkOpen()
        guard isSeekable else { throw unsupportedOperation("underlying stream is not seekable") }
        var target = cookie
        switch whence {
        case 0: break
        case 1:
            guard cookie == 0 else { throw unsupportedOperation("can't do nonzero cur-relative seeks") }
            tells = isSeekable
            target = try tell()
        case 2:
            guard cookie == 0 else { throw unsupportedOperation("can't do nonzero end-relative seeks") }
        default: throw valueError("invalid whence (\(whence), should be 0, 1 or 2)")
        }
        guard target >= 0 else { throw valueError("negative seek position \(target)") }
        try flush()
        let result: Int
        if let native {
            result = try native.seek(target, whence == 2 ? 2 : 0)
        } else {
            result = try index(try callMethod(buffer, IOBase.seek, Value(target), Value(whence == 2 ? 2 : 0)))
        }
        forgetRead()
        tells = isSeekable
        translator?.hasPendingReturn = false
        if result == 0 { decoder?.reset() } else { decoder?.resume() }
        if !scriptDecoder.isAbsent { _ = try callMethod(scriptDecoder, StrTables.intern("reset")) }
        if !scriptEncoder.isAbsent {
            // Only at the beginning does a byte order mark stand.
            _ = result == 0 ? try callMethod(scriptEncoder, StrTables.intern("reset"))
                : try callMethod(scriptEncoder, StrTables.intern("setstate"), Value(inline: 0))
        }
        hasWritten = result != 0
        return result
    }
}
