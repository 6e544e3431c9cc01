// One Expat parser: its handlers, its state, and how it is fed.
//
// Expat calls C functions (XMLEvents.swift), which call the script. An exception there can't pass through Expat's frames:
// it waits in `failure`, Expat is stopped, no further handler runs, and `parse` raises it. Text comes in pieces; with
// `buffer_text` it is gathered and given when something else comes, when the buffer is full or at the end.
import CExpat
import TinyRuntime

final class XMLParser: TracedObject {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped

    let parser: OpaquePointer
    /// The parser of the document that refers to this entity: Expat shares its tables, so it must live longer.
    private let parent: XMLParser?
    /// By XMLEvent; None where there is none.
    private var handlers: [Value] = Array(repeating: .none, count: XMLEvent.allCases.count)
    var intern: Value
    private var failure = Value.absent
    private var isCalling = false
    private var isParsing = false

    var buffersText = false
    var bufferSize = 8192
    private(set) var buffer: [UInt8] = []
    var ordersAttributes = false
    var onlySpecifiedAttributes = false
    var givesPrefixes = false
    /// Whether names in a namespace begin with `{`, as elements have them, where Expat gives only the `}` between the two.
    var bracketsNamespaces = false
    /// Whether Expat waits for more input before it looks at an unfinished token again.
    private(set) var defersReparsing = false

    init(_ encoding: String?, _ separator: UInt32?, _ intern: Value) throws(Raised) {
        let made: OpaquePointer?
        if let separator {
            // Expat takes one octet.
            made = XML_ParserCreateNS(encoding, XML_Char(truncatingIfNeeded: separator))
        } else {
            made = XML_ParserCreate(encoding)
        }
        guard let made else { throw raise(.memoryError) }
        parser = made
        parent = nil
        self.intern = intern
        XML_SetHashSalt(parser, UInt.random(in: 1 ... .max))
        adopt()
    }

    /// A parser for an external entity of what `parent` parses, with the same handlers and settings.
    init(_ parent: XMLParser, context: String?, encoding: String?) throws(Raised) {
        guard let made = XML_ExternalEntityParserCreate(parent.parser, context, encoding) else { throw raise(.memoryError) }
        parser = made
        self.parent = parent
        intern = parent.intern
        buffersText = parent.buffersText
        bufferSize = parent.bufferSize
        ordersAttributes = parent.ordersAttributes
        onlySpecifiedAttributes = parent.onlySpecifiedAttributes
        givesPrefixes = parent.givesPrefixes
        bracketsNamespaces = parent.bracketsNamespaces
        adopt()
        for event in XMLEvent.allCases where !parent.handlers[event.rawValue].isNone {
            handlers[event.rawValue] = parent.handlers[event.rawValue]
            event.install(on: parser, true)
        }
    }

    /// As of 2.6. Versions before that may know it too (Debian's 2.5 does), but promise events at once.
    private static let knowsDeferral: Bool = {
        let version = XML_ExpatVersionInfo()
        return version.major > 2 || version.major == 2 && version.minor >= 6
    }()

    func setDeferral(_ isOn: Bool) {
        defersReparsing = isOn && XMLParser.knowsDeferral
        XML_SetReparseDeferralEnabled(parser, defersReparsing ? 1 : 0)
    }

    private func adopt() {
        setDeferral(parent?.defersReparsing ?? true)
        XML_SetUserData(parser, Unmanaged.passUnretained(self).toOpaque())
        XML_SetUnknownEncodingHandler(parser, XMLParser.unknownEncoding, Unmanaged.passUnretained(self).toOpaque())
    }

    deinit { XML_ParserFree(parser) }

    func trace(_ marker: inout Marker) {
        for handler in handlers { marker.mark(handler) }
        marker.mark(intern)
        marker.mark(failure)
        parent?.trace(&marker)
    }

    static func of(_ value: Value) throws(Raised) -> XMLParser {
        guard let own = value.boxed(XMLParser.self) else { throw typeError("an XML parser is required") }
        return own
    }

    // MARK: Handlers

    /// Whether one of the script's handlers runs.
    var isWithinHandler: Bool { isCalling }

    func handler(_ event: XMLEvent) -> Value { handlers[event.rawValue] }

    func setHandler(_ event: XMLEvent, _ value: Value) throws(Raised) {
        if event == .characterData { try flushText() }
        handlers[event.rawValue] = value
        // Expat must not lose its handler of text while it is within it.
        event.install(on: parser, !value.isNone || event == .characterData && isCalling)
    }

    /// Whether the script wants to hear of an event, and nothing has gone wrong.
    func wants(_ event: XMLEvent) -> Bool { failure.isAbsent && !handlers[event.rawValue].isNone }

    /// Calls a handler with what `arguments` makes, text that waits first. Nil if it failed.
    @discardableResult
    func tell(_ event: XMLEvent, _ arguments: () throws(Raised) -> [Value]) -> Value? {
        guard wants(event) else { return nil }
        do throws(Raised) {
            try flushText()
            // The text's handler may have taken this one away.
            guard wants(event) else { return nil }
            return try call(event, arguments)
        } catch {
            stop()
            return nil
        }
    }

    private func call(_ event: XMLEvent, _ arguments: () throws(Raised) -> [Value]) throws(Raised) -> Value {
        let wasCalling = isCalling
        isCalling = true
        defer { isCalling = wasCalling }
        return try callWith(handlers[event.rawValue], try arguments())
    }

    /// Stops because a handler gave something else than a number.
    func refuse(_ answer: Value) -> Int32 {
        _ = typeError("'\(typeName(answer))' object cannot be interpreted as an integer")
        stop()
        return 0
    }

    /// Keeps what was raised and makes Expat stop.
    private func stop() {
        failure = currentThread().takeRaised()
        buffer.removeAll()
        XML_StopParser(parser, 0)
    }

    /// Text of the document.
    func text(_ octets: UnsafeBufferPointer<UInt8>) {
        guard wants(.characterData) else { return }
        do throws(Raised) {
            if buffersText {
                if octets.count + buffer.count > bufferSize { try flushText() }
                guard wants(.characterData) else { return }
                if octets.count <= bufferSize {
                    buffer.append(contentsOf: octets)
                    return
                }
            }
            _ = try call(.characterData) { [Value(Str.make(octets))] }
        } catch {
            stop()
        }
    }

    func flushText() throws(Raised) {
        guard !buffer.isEmpty else { return }
        let text = buffer
        buffer.removeAll(keepingCapacity: true)
        guard !handlers[XMLEvent.characterData.rawValue].isNone else { return }
        _ = try call(.characterData) { [Value(Str.make(text))] }
    }

    /// A name of the document: one object for each, as long as the parser lives.
    func name(_ text: UnsafePointer<XML_Char>?) -> Value {
        guard let text else { return .none }
        let name = XMLParser.string(text)
        guard intern.isKind(.dict), name.isKind(.str) else { return name }
        let dict = intern.object(Dict.self)
        let known = dict.get(name.object(Str.self))
        if !known.isAbsent { return known }
        let shown = bracketsNamespaces && name.object(Str.self).buffer.contains(0x7D) ? bracketed(name.object(Str.self)) : name
        dict.set(name.object(Str.self), shown)
        return shown
    }

    private func bracketed(_ name: StrRef) -> Value {
        var text = TextBuffer(capacity: name.buffer.count + 1)
        text.append(0x7B)
        text.append(name.buffer)
        return Value(text.makeStr())
    }

    static func string(_ text: UnsafePointer<XML_Char>?) -> Value {
        guard let text else { return .none }
        return UnsafeRawPointer(text).withMemoryRebound(to: UInt8.self, capacity: 1) { octets in
            var count = 0
            while octets[count] != 0 { count += 1 }
            return Value(Str.make(UnsafeBufferPointer(start: octets, count: count)))
        }
    }

    // MARK: Feeding

    /// Feeds octets; the last ones say so.
    func parse(_ octets: UnsafeBufferPointer<UInt8>, isFinal: Bool) throws(Raised) {
        guard !isParsing else { throw raise(.runtimeError, "cannot feed an XML parser from within its own handler") }
        isParsing = true
        defer { isParsing = false }
        var offset = 0
        repeat {
            let count = min(octets.count - offset, 1 << 20)
            let isLast = offset + count == octets.count
            let start = octets.baseAddress.map { UnsafeRawPointer($0 + offset).assumingMemoryBound(to: CChar.self) }
            let status = XML_Parse(parser, start, Int32(count), isLast && isFinal ? 1 : 0)
            if !failure.isAbsent {
                let exception = failure
                failure = .absent
                currentThread().pointee.raised = exception
                throw Raised()
            }
            guard status != XML_STATUS_ERROR else { throw ExpatModule.failure(parser, code: XML_GetErrorCode(parser)) }
            offset += count
        } while offset < octets.count
        try flushText()
    }

    /// Called by Expat for an encoding it does not know: the 256 characters of one of ours.
    private static let unknownEncoding: @convention(c) (
        UnsafeMutableRawPointer?, UnsafePointer<XML_Char>?, UnsafeMutablePointer<XML_Encoding>?
    ) -> Int32 = { user, name, target in
        guard let user, let name, let target else { return 0 }
        let own = Unmanaged<XMLParser>.fromOpaque(user).takeUnretainedValue()
        guard own.failure.isAbsent else { return 0 }
        do throws(Raised) {
            let octets = BytesObject.make((0 ... 255).map { UInt8($0) })
            let decoded = try callMethod(octets, StrTables.intern("decode"), string(name), Value(StrTables.intern("replace")))
            guard decoded.isKind(.str), decoded.object(Str.self).count == 256 else {
                throw valueError("multi-byte encodings are not supported")
            }
            var index = 0
            for scalar in decoded.object(Str.self).string.unicodeScalars where index < 256 {
                withUnsafeMutableBytes(of: &target.pointee.map) { map in
                    map.bindMemory(to: Int32.self)[index] = scalar.value == 0xFFFD ? -1 : Int32(scalar.value)
                }
                index += 1
            }
            target.pointee.data = nil
            target.pointee.convert = nil
            target.pointee.release = nil
            return 1
        } catch {
            own.failure = currentThread().takeRaised()
            return 0
        }
    }
}
