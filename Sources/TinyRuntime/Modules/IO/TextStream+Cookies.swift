// Positions in a text whose codec is the script's own.
//
// A character's place is the octets in front of it and the state that the decoder is in there. `tell` packs both into one
// integer, as CPython does: 64 bits each for the position of a place where the decoder holds nothing back, its state
// there, the octets to feed from there, the characters of those to skip; and whether the end must be told. `seek` takes it apart.

extension TextStream {
    var hasScriptDecoder: Bool { !scriptDecoder.isAbsent }

    nonisolated(unsafe) private static let getState = StrTables.intern("getstate")
    nonisolated(unsafe) private static let setState = StrTables.intern("setstate")

    /// The decoder's state: (octets it holds back, flags).
    private func scriptState() throws(Raised) -> (held: [UInt8], flags: Value) {
        let state = try callMethod(scriptDecoder, TextStream.getState)
        guard state.isKind(.tuple), state.object(Tuple.self).count == 2 else { throw typeError("illegal decoder state") }
        let items = state.object(Tuple.self).items
        guard let view = try BufferView.view(items[0]) else {
            throw typeError("illegal decoder state: the first item should be a bytes object, not '\(typeName(items[0]))'")
        }
        guard isInteger(items[1]) else { throw typeError("illegal decoder state") }
        return (Array(view.octets), items[1])
    }

    /// Notes the state in front of a new piece; the octets that belong to it.
    func rememberScriptState() throws(Raised) -> [UInt8] {
        let state = try scriptState()
        scriptFlags = state.flags
        return state.held
    }

    private func setScriptState(_ held: [UInt8], _ flags: Value) throws(Raised) {
        _ = try callMethod(scriptDecoder, TextStream.setState, Value(Tuple.make(BytesObject.make(held), flags)))
    }

    /// Decodes octets and gives their characters, newlines translated.
    private func decode(_ octets: [UInt8], _ translator: inout NewlineTranslator?, isFinal: Bool) throws(Raised) -> [UInt8] {
        let answer = try callMethod(scriptDecoder, StrTables.intern("decode"), BytesObject.make(octets), Value(isFinal))
        guard answer.isKind(.str) else { throw typeError("decoder should return a string result, not '\(typeName(answer))'") }
        let text = answer.object(Str.self).buffer
        return translator?.feed(text, isFinal: isFinal) ?? Array(text)
    }

    private static func pack(_ parts: [Value]) throws(Raised) -> Value {
        var result = Value(inline: 0)
        for (place, part) in parts.enumerated() {
            result = try binary(10, result, try binary(8, part, Value(inline: place * 64)))
        }
        return result
    }

    /// The decoder's flags with the translator's one: a "\r" that waits for what follows.
    private func flags(_ own: Value, _ translator: NewlineTranslator?) throws(Raised) -> Value {
        guard let translator else { return own }
        return try binary(10, try binary(8, own, Value(inline: 1)), Value(inline: translator.hasPendingReturn ? 1 : 0))
    }

    func tellCookie() throws(Raised) -> Value {
        try checkOpen()
        guard isSeekable else { throw unsupportedOperation("underlying stream is not seekable") }
        guard tells else { throw raise(.osError, "telling position disabled by next() call") }
        try flush()
        var start = try tellBuffer() - fed.count
        if fed.isEmpty { return Value(start) }
        var toSkip = chars[0 ..< position].withUnsafeBufferPointer { Str.countCodePoints($0) }
        var translator = translatorBefore
        var startFlags = try flags(scriptFlags, translator)
        if toSkip == 0 { return try TextStream.pack([Value(start), startFlags]) }
        let saved = try scriptState()
        var toFeed = 0, made = 0, needsEnd = 0
        try IOBase.both({ () throws(Raised) in
            try setScriptState([], scriptFlags)
            var isReached = false
            for octet in fed {
                toFeed += 1
                made += try decode([octet], &translator, isFinal: false).withUnsafeBufferPointer { Str.countCodePoints($0) }
                let state = try scriptState()
                if state.held.isEmpty, made <= toSkip {
                    start += toFeed
                    toSkip -= made
                    startFlags = try flags(state.flags, translator)
                    toFeed = 0
                    made = 0
                }
                if made >= toSkip {
                    isReached = true
                    break
                }
            }
            if !isReached {
                made += try decode([], &translator, isFinal: true).withUnsafeBufferPointer { Str.countCodePoints($0) }
                needsEnd = 1
                if made < toSkip { throw raise(.osError, "can't reconstruct logical file position") }
            }
        }, { () throws(Raised) in try setScriptState(saved.held, saved.flags) })
        return try TextStream.pack([Value(start), startFlags, Value(inline: toFeed), Value(inline: toSkip), Value(inline: needsEnd)])
    }

    func seek(cookie: Value) throws(Raised) -> Value {
        try checkOpen()
        guard isSeekable else { throw unsupportedOperation("underlying stream is not seekable") }
        let cookie = try indexValue(cookie)
        if let small = machineInt(cookie), small < 0 { throw valueError("negative seek position \(small)") }
        var rest = cookie
        let mask = try binary(1, try binary(8, Value(inline: 1), Value(inline: 64)), Value(inline: 1))
        func part() throws(Raised) -> Value {
            let result = try binary(12, rest, mask)
            rest = try binary(9, rest, Value(inline: 64))
            return result
        }
        let start = try index(try part())
        let packed = try part()
        let (toFeed, toSkip, needsEnd) = (try index(try part()), try index(try part()), try truth(rest))
        _ = try seek(start, 0)
        if machineInt(cookie) == 0 { return cookie }
        var own = packed
        if translator != nil {
            translator?.hasPendingReturn = try truth(try binary(12, packed, Value(inline: 1)))
            own = try binary(9, packed, Value(inline: 1))
        }
        try setScriptState([], own)
        scriptFlags = own
        translatorBefore = translator
        guard toSkip > 0 else { return cookie }
        var octets: [UInt8] = []
        while octets.count < toFeed {
            let piece = try callMethod(buffer, IOBase.read, Value(inline: toFeed - octets.count))
            guard let view = try BufferView.view(piece) else { throw typeError("underlying read() should have returned a bytes-like object, not '\(typeName(piece))'") }
            if view.octets.isEmpty { break }
            octets += Array(view.octets)
        }
        chars = try decode(octets, &translator, isFinal: needsEnd)
        fed = octets
        position = 0
        var left = toSkip
        while left > 0, position < chars.count {
            position += Str.sequenceLength(chars[position])
            left -= 1
        }
        guard left == 0 else { throw raise(.osError, "can't restore logical file position") }
        return cookie
    }
}
