// `pyexpat.xmlparser`: what the script sees of a parser.
import CExpat
import TinyRuntime

extension XMLParser {
    static let nativeClass = NativeClass(
        "xmlparser", kind: .box, doc: "XML parser", methods: methods, attributes: settings + places + XMLEvent.allCases.map(handlerAccessors))

    private static func handlerAccessors(_ event: XMLEvent) -> Accessors {
        Accessors(XMLEvent.names[event.rawValue]) { object throws(Raised) in try of(object).handler(event) } set: { object, value throws(Raised) in
            guard !value.isAbsent else { throw raise(.runtimeError, "Cannot delete attribute") }
            try of(object).setHandler(event, value)
        }
    }

    private func parseText(_ data: Value, isFinal: Bool) throws(Raised) {
        if data.isKind(.str) {
            let encoded = try callMethod(data, StrTables.intern("encode"), Value(StrTables.intern("utf-8")))
            // Whatever the document says of itself: this is how it comes.
            XML_SetEncoding(parser, "utf-8")
            try parse(try BufferView(encoded).octets, isFinal: isFinal)
        } else {
            // A handler may change a bytearray while Expat reads it.
            let own = data.isExactly(.bytes) ? data : BytesObject.make(try BufferView(data).octets)
            try parse(own.object(BytesObject.self).buffer, isFinal: isFinal)
        }
    }

    private func parseFile(_ file: Value) throws(Raised) {
        let read = try getAttribute(file, StrTables.intern("read"), default: .absent)
        guard !read.isAbsent else { throw typeError("argument must have 'read' attribute") }
        let size = 2048
        while true {
            let data = try callValue(read, Value(size))
            guard data.isKind(.bytes) || data.isKind(.bytearray) else {
                throw typeError("read() did not return a bytes object (type=\(typeName(data)))")
            }
            let count = try BufferView(data).count
            guard count <= size else { throw valueError("read() returned too much data: \(size) bytes requested, \(count) returned") }
            try parseText(data, isFinal: count == 0)
            if count == 0 { return }
        }
    }

    private static func text(_ value: Value, _ function: String) throws(Raised) -> String? {
        if value.isNone { return nil }
        guard value.isKind(.str) else { throw typeError("\(function) argument must be str, not \(typeName(value))") }
        let text = value.object(Str.self).string
        if text.utf8.contains(0) { throw valueError("embedded null character") }
        return text
    }

    private static let methods: [Native] = [
        Native("Parse(self, data, isfinal=False, /)", "Parse XML data.", .method) { args throws(Raised) in
            try of(args[0]).parseText(args[1], isFinal: try truth(args[2]))
            return Value(1)
        },
        Native("ParseFile(self, file, /)", "Parse XML data from file-like object.", .method) { args throws(Raised) in
            try of(args[0]).parseFile(args[1])
            return Value(1)
        },
        Native("SetBase(self, base, /)", "Set the base URL for the parser.", .method) { args throws(Raised) in
            guard XML_SetBase(try of(args[0]).parser, try text(args[1], "SetBase()")) != XML_STATUS_ERROR else { throw raise(.memoryError) }
            return .none
        },
        Native("GetBase(self, /)", "Return base URL string for the parser.", .method) { args throws(Raised) in
            string(XML_GetBase(try of(args[0]).parser))
        },
        Native("GetInputContext(self, /)", "Return the untranslated text of the input that caused the current event.", .method) { args throws(Raised) in
            let own = try of(args[0])
            var (offset, size): (Int32, Int32) = (0, 0)
            guard own.isWithinHandler, let start = XML_GetInputContext(own.parser, &offset, &size), offset >= 0, size >= offset else { return .none }
            let octets = UnsafeRawPointer(start + Int(offset)).assumingMemoryBound(to: UInt8.self)
            return BytesObject.make(UnsafeBufferPointer(start: octets, count: Int(size - offset)))
        },
        Native("ExternalEntityParserCreate(self, context, encoding=?, /)", "Create a parser for parsing an external entity.", .method) { args throws(Raised) in
            let context = try text(args[1], "ExternalEntityParserCreate()")
            let encoding = args.has(2) ? try text(args[2], "ExternalEntityParserCreate()") : nil
            return BoxedObject.make(try XMLParser(try of(args[0]), context: context, encoding: encoding), cls)
        },
        Native("SetParamEntityParsing(self, flag, /)", "Controls parsing of parameter entities (including the external DTD subset).", .method) { args throws(Raised) in
            let flag = UInt32(bitPattern: try Posix.int32(args[1]))
            return Value(Int(XML_SetParamEntityParsing(try of(args[0]).parser, XML_ParamEntityParsing(rawValue: flag))))
        },
        Native("UseForeignDTD(self, flag=True, /)", "Allows the application to provide an artificial external subset.", .method) { args throws(Raised) in
            let own = try of(args[0])
            let code = XML_UseForeignDTD(own.parser, try truth(args[1]) ? 1 : 0)
            guard code == XML_ERROR_NONE else { throw ExpatModule.failure(own.parser, code: code) }
            return .none
        },
        Native("SetReparseDeferralEnabled(self, enabled, /)", "Enable/Disable reparse deferral; enabled by default.", .method) { args throws(Raised) in
            try of(args[0]).setDeferral(try truth(args[1]))
            return .none
        },
        Native("GetReparseDeferralEnabled(self, /)", "Retrieve reparse deferral enabled status.", .method) { args throws(Raised) in
            Value(try of(args[0]).defersReparsing)
        },
    ]

    private static func flag(
        _ name: StaticString, _ path: ReferenceWritableKeyPath<XMLParser, Bool>, then: @escaping @Sendable (XMLParser) throws(Raised) -> Void = { _ in }
    ) -> Accessors {
        nonisolated(unsafe) let path = path
        return Accessors(name) { object throws(Raised) in Value(try of(object)[keyPath: path]) } set: { object, value throws(Raised) in
            guard !value.isAbsent else { throw raise(.runtimeError, "Cannot delete attribute") }
            let own = try of(object)
            own[keyPath: path] = try truth(value)
            try then(own)
        }
    }

    private static let settings: [Accessors] = [
        flag("buffer_text", \.buffersText) { own throws(Raised) in if !own.buffersText { try own.flushText() } },
        flag("namespace_prefixes", \.givesPrefixes) { own in XML_SetReturnNSTriplet(own.parser, own.givesPrefixes ? 1 : 0) },
        flag("ordered_attributes", \.ordersAttributes),
        flag("_brackets_namespaces", \.bracketsNamespaces),
        flag("specified_attributes", \.onlySpecifiedAttributes),
        Accessors("intern") { object throws(Raised) in try of(object).intern },
        Accessors("buffer_used") { object throws(Raised) in Value(try of(object).buffer.count) },
        Accessors("buffer_size") { object throws(Raised) in Value(try of(object).bufferSize) } set: { object, value throws(Raised) in
            guard !value.isAbsent else { throw raise(.runtimeError, "Cannot delete attribute") }
            guard isInteger(value) else { throw typeError("buffer_size must be an integer") }
            let size = machineInt(value) ?? Int.max
            guard size > 0 else { throw valueError("buffer_size must be greater than zero") }
            guard size <= Int(Int32.max) else { throw valueError("buffer_size must not be greater than \(Int32.max)") }
            let own = try of(object)
            try own.flushText()
            own.bufferSize = size
        },
    ]

    private static let places: [Accessors] = [
        Accessors("ErrorCode") { object throws(Raised) in Value(Int(XML_GetErrorCode(try of(object).parser).rawValue)) },
        Accessors("ErrorLineNumber") { object throws(Raised) in Value(Int(XML_GetCurrentLineNumber(try of(object).parser))) },
        Accessors("ErrorColumnNumber") { object throws(Raised) in Value(Int(XML_GetCurrentColumnNumber(try of(object).parser))) },
        Accessors("ErrorByteIndex") { object throws(Raised) in Value(Int(XML_GetCurrentByteIndex(try of(object).parser))) },
        Accessors("CurrentLineNumber") { object throws(Raised) in Value(Int(XML_GetCurrentLineNumber(try of(object).parser))) },
        Accessors("CurrentColumnNumber") { object throws(Raised) in Value(Int(XML_GetCurrentColumnNumber(try of(object).parser))) },
        Accessors("CurrentByteIndex") { object throws(Raised) in Value(Int(XML_GetCurrentByteIndex(try of(object).parser))) },
    ]
}
