// `pyexpat`: Expat's parser, on which everything in `stdlib/xml` stands.
import CExpat
import TinyRuntime

enum ExpatModule {
    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeModule = NativeModule("pyexpat", doc: "Python wrapper for Expat parser.", functions: { functions }, prepare: { contents throws(Raised) in
        error = contents.addException("ExpatError")
        error.pointee.namespace.set(Names.module, Value(StrTables.intern("xml.parsers.expat")))
        contents.set("error", Value(error))
        XMLParser.cls = contents.add(XMLParser.nativeClass)
        _ = contents.namespace.remove(StrTables.intern("xmlparser"))
        contents.set("XMLParserType", Value(XMLParser.cls))
        contents.set("EXPAT_VERSION", String(cString: XML_ExpatVersion()))
        contents.set("native_encoding", "UTF-8")
        let version = XML_ExpatVersionInfo()
        contents.set("version_info", Value(Tuple.make(Value(Int(version.major)), Value(Int(version.minor)), Value(Int(version.micro)))))
        contents.set("features", Value(features()))
        contents.set("XML_PARAM_ENTITY_PARSING_NEVER", 0)
        contents.set("XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE", 1)
        contents.set("XML_PARAM_ENTITY_PARSING_ALWAYS", 2)
        contents.set("errors", try errors())
        contents.set("model", try model())
    })

    private static func features() -> ListRef {
        let list = List.make()
        guard var feature = XML_GetFeatureList() else { return list }
        while feature.pointee.feature != XML_FEATURE_END {
            let name = feature.pointee.name.map { String(cString: $0) } ?? ""
            list.append(Value(Tuple.make(Value(Str.make(name)), Value(Int(feature.pointee.value)))))
            feature += 1
        }
        return list
    }

    private static func submodule(_ name: String, _ doc: String) throws(Raised) -> DictRef {
        let name = StrTables.intern("pyexpat." + name)
        let module = ModuleObject.make(name)
        module.pointee.namespace.set(Names.doc, Value(Str.make(doc)))
        try Runtime.modules.set(Value(name), Value(module))
        return module.pointee.namespace
    }

    /// Names of Expat's errors; the first has code 1.
    private static let errorNames: [StaticString] = [
        "NO_MEMORY", "SYNTAX", "NO_ELEMENTS", "INVALID_TOKEN", "UNCLOSED_TOKEN", "PARTIAL_CHAR", "TAG_MISMATCH", "DUPLICATE_ATTRIBUTE",
        "JUNK_AFTER_DOC_ELEMENT", "PARAM_ENTITY_REF", "UNDEFINED_ENTITY", "RECURSIVE_ENTITY_REF", "ASYNC_ENTITY", "BAD_CHAR_REF",
        "BINARY_ENTITY_REF", "ATTRIBUTE_EXTERNAL_ENTITY_REF", "MISPLACED_XML_PI", "UNKNOWN_ENCODING", "INCORRECT_ENCODING",
        "UNCLOSED_CDATA_SECTION", "EXTERNAL_ENTITY_HANDLING", "NOT_STANDALONE", "UNEXPECTED_STATE", "ENTITY_DECLARED_IN_PE",
        "FEATURE_REQUIRES_XML_DTD", "CANT_CHANGE_FEATURE_ONCE_PARSING", "UNBOUND_PREFIX", "UNDECLARING_PREFIX", "INCOMPLETE_PE",
        "XML_DECL", "TEXT_DECL", "PUBLICID", "SUSPENDED", "NOT_SUSPENDED", "ABORTED", "FINISHED", "SUSPEND_PE", "RESERVED_PREFIX_XML",
        "RESERVED_PREFIX_XMLNS", "RESERVED_NAMESPACE_URI", "INVALID_ARGUMENT", "NO_BUFFER", "AMPLIFICATION_LIMIT_BREACH", "NOT_STARTED",
    ]

    static func message(_ code: Int) -> String? {
        guard code >= 0, let code = UInt32(exactly: code) else { return nil }
        return XML_ErrorString(XML_Error(rawValue: code)).map { String(cString: $0) }
    }

    /// `pyexpat.errors`: a text for each name, and both ways between codes and texts.
    private static func errors() throws(Raised) -> Value {
        let namespace = try submodule("errors", "Constants used to describe error conditions.")
        let codes = Dict.make()
        let messages = Dict.make()
        for (index, name) in errorNames.enumerated() {
            guard let text = message(index + 1) else { continue }
            let shown = Value(StrTables.intern(text))
            namespace.set(StrTables.intern("XML_ERROR_\(name)"), shown)
            try codes.set(shown, Value(index + 1))
            try messages.set(Value(index + 1), shown)
        }
        namespace.set(StrTables.intern("codes"), Value(codes))
        namespace.set(StrTables.intern("messages"), Value(messages))
        return try Runtime.modules.get(Value(StrTables.intern("pyexpat.errors")))
    }

    /// `pyexpat.model`: what the tuples of an element's declaration mean.
    private static func model() throws(Raised) -> Value {
        let namespace = try submodule("model", "Constants used to interpret content model information.")
        for (index, name) in ["EMPTY", "ANY", "MIXED", "NAME", "CHOICE", "SEQ"].enumerated() {
            namespace.set(StrTables.intern("XML_CTYPE_" + name), Value(index + 1))
        }
        for (index, name) in ["NONE", "OPT", "REP", "PLUS"].enumerated() {
            namespace.set(StrTables.intern("XML_CQUANT_" + name), Value(index))
        }
        return try Runtime.modules.get(Value(StrTables.intern("pyexpat.model")))
    }

    /// ExpatError with the place where the parser is.
    static func failure(_ parser: OpaquePointer, code: XML_Error) -> Raised {
        let line = Int(XML_GetCurrentLineNumber(parser))
        let column = Int(XML_GetCurrentColumnNumber(parser))
        let text = "\(message(Int(code.rawValue)) ?? "unknown error"): line \(line), column \(column)"
        let exception = ExceptionObject.make(error, Tuple.make(Value(Str.make(text))))
        let raised = raise(exception)
        do throws(Raised) {
            try setAttribute(Value(exception), StrTables.intern("code"), Value(Int(code.rawValue)))
            try setAttribute(Value(exception), StrTables.intern("offset"), Value(column))
            try setAttribute(Value(exception), StrTables.intern("lineno"), Value(line))
        } catch { return error }
        return raised
    }

    private static func text(_ value: Value, _ name: String) throws(Raised) -> String? {
        if value.isNone { return nil }
        guard value.isKind(.str) else { throw typeError("ParserCreate() argument '\(name)' must be str or None, not \(typeName(value))") }
        let text = value.object(Str.self).string
        if text.utf8.contains(0) { throw valueError("embedded null character") }
        return text
    }

    private static let functions: [Native] = [
        Native("ParserCreate(encoding=None, namespace_separator=None, intern=?)", "Return a new XML parser object.") { args throws(Raised) in
            let encoding = try text(args[0], "encoding")
            let separator: UInt32?
            if args[1].isNone {
                separator = nil
            } else {
                guard args[1].isKind(.str) else {
                    throw typeError("ParserCreate() argument 'namespace_separator' must be str or None, not \(typeName(args[1]))")
                }
                let scalars = args[1].object(Str.self).string.unicodeScalars
                guard scalars.count <= 1 else { throw valueError("namespace_separator must be at most one character, omitted, or None") }
                separator = scalars.first?.value ?? 0
            }
            let intern: Value = !args.has(2) ? Value(Dict.make()) : args[2]
            guard intern.isNone || intern.isKind(.dict) else { throw typeError("intern must be a dictionary") }
            return BoxedObject.make(try XMLParser(encoding, separator, intern), XMLParser.cls)
        },
        Native("ErrorString(code, /)", "Returns string error for given number.") { args throws(Raised) in
            message(try index(args[0])).map { Value(Str.make($0)) } ?? .none
        },
    ]
}
