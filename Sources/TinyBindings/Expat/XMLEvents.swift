// The events of an XML document: the C function that Expat calls for each, and what it tells the script.
import CExpat
import TinyRuntime

/// In the order of `names`.
enum XMLEvent: Int, CaseIterable {
    case startElement, endElement, processingInstruction, characterData, unparsedEntity, notation, startNamespace, endNamespace
    case comment, startCdata, endCdata, `default`, defaultExpand, notStandalone, externalEntity, startDoctype, endDoctype
    case entity, xmlDeclaration, element, attributes, skippedEntity

    /// The attributes of a parser that hold the handlers.
    static let names: [StaticString] = [
        "StartElementHandler", "EndElementHandler", "ProcessingInstructionHandler", "CharacterDataHandler", "UnparsedEntityDeclHandler",
        "NotationDeclHandler", "StartNamespaceDeclHandler", "EndNamespaceDeclHandler", "CommentHandler", "StartCdataSectionHandler",
        "EndCdataSectionHandler", "DefaultHandler", "DefaultHandlerExpand", "NotStandaloneHandler", "ExternalEntityRefHandler",
        "StartDoctypeDeclHandler", "EndDoctypeDeclHandler", "EntityDeclHandler", "XmlDeclHandler", "ElementDeclHandler",
        "AttlistDeclHandler", "SkippedEntityHandler",
    ]

    /// Makes Expat call the event's function, or none.
    func install(on parser: OpaquePointer, _ isOn: Bool) {
        switch self {
        case .startElement: XML_SetStartElementHandler(parser, isOn ? Handlers.startElement : nil)
        case .endElement: XML_SetEndElementHandler(parser, isOn ? Handlers.endElement : nil)
        case .processingInstruction: XML_SetProcessingInstructionHandler(parser, isOn ? Handlers.processingInstruction : nil)
        case .characterData: XML_SetCharacterDataHandler(parser, isOn ? Handlers.characterData : nil)
        case .unparsedEntity: XML_SetUnparsedEntityDeclHandler(parser, isOn ? Handlers.unparsedEntity : nil)
        case .notation: XML_SetNotationDeclHandler(parser, isOn ? Handlers.notation : nil)
        case .startNamespace: XML_SetStartNamespaceDeclHandler(parser, isOn ? Handlers.startNamespace : nil)
        case .endNamespace: XML_SetEndNamespaceDeclHandler(parser, isOn ? Handlers.endNamespace : nil)
        case .comment: XML_SetCommentHandler(parser, isOn ? Handlers.comment : nil)
        case .startCdata: XML_SetStartCdataSectionHandler(parser, isOn ? Handlers.startCdata : nil)
        case .endCdata: XML_SetEndCdataSectionHandler(parser, isOn ? Handlers.endCdata : nil)
        case .default: XML_SetDefaultHandler(parser, isOn ? Handlers.default : nil)
        case .defaultExpand: XML_SetDefaultHandlerExpand(parser, isOn ? Handlers.defaultExpand : nil)
        case .notStandalone: XML_SetNotStandaloneHandler(parser, isOn ? Handlers.notStandalone : nil)
        case .externalEntity: XML_SetExternalEntityRefHandler(parser, isOn ? Handlers.externalEntity : nil)
        case .startDoctype: XML_SetStartDoctypeDeclHandler(parser, isOn ? Handlers.startDoctype : nil)
        case .endDoctype: XML_SetEndDoctypeDeclHandler(parser, isOn ? Handlers.endDoctype : nil)
        case .entity: XML_SetEntityDeclHandler(parser, isOn ? Handlers.entity : nil)
        case .xmlDeclaration: XML_SetXmlDeclHandler(parser, isOn ? Handlers.xmlDeclaration : nil)
        case .element: XML_SetElementDeclHandler(parser, isOn ? Handlers.element : nil)
        case .attributes: XML_SetAttlistDeclHandler(parser, isOn ? Handlers.attributes : nil)
        case .skippedEntity: XML_SetSkippedEntityHandler(parser, isOn ? Handlers.skippedEntity : nil)
        }
    }
}

private typealias User = UnsafeMutableRawPointer?
private typealias Text = UnsafePointer<XML_Char>?

/// The parser that Expat's user data stands for: it is alive, for the script is within one of its methods.
private func parser(_ user: User) -> XMLParser? { user.map { Unmanaged<XMLParser>.fromOpaque($0).takeUnretainedValue() } }
private func string(_ text: Text) -> Value { XMLParser.string(text) }

private func piece(_ text: Text, _ count: Int32) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: text.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }, count: Int(max(0, count)))
}

private enum Handlers {
    static let startElement: XML_StartElementHandler = { user, name, attributes in
        guard let own = parser(user) else { return }
        own.tell(.startElement) {
            let count = own.onlySpecifiedAttributes ? Int(XML_GetSpecifiedAttributeCount(own.parser)) : Int.max
            let list = List.make()
            let dict = Dict.make()
            var index = 0
            while let attributes, index < count, let key = attributes[index] {
                let (name, value) = (own.name(key), string(attributes[index + 1]))
                if own.ordersAttributes {
                    list.append(name)
                    list.append(value)
                } else {
                    dict.set(name.object(Str.self), value)
                }
                index += 2
            }
            return [own.name(name), own.ordersAttributes ? Value(list) : Value(dict)]
        }
    }
    static let endElement: XML_EndElementHandler = { user, name in
        guard let own = parser(user) else { return }
        own.tell(.endElement) { [own.name(name)] }
    }
    static let processingInstruction: XML_ProcessingInstructionHandler = { user, target, data in
        guard let own = parser(user) else { return }
        own.tell(.processingInstruction) { [own.name(target), string(data)] }
    }
    static let characterData: XML_CharacterDataHandler = { user, text, count in
        parser(user)?.text(piece(text, count))
    }
    static let unparsedEntity: XML_UnparsedEntityDeclHandler = { user, name, base, system, publicID, notation in
        guard let own = parser(user) else { return }
        own.tell(.unparsedEntity) { [own.name(name), own.name(base), own.name(system), own.name(publicID), own.name(notation)] }
    }
    static let notation: XML_NotationDeclHandler = { user, name, base, system, publicID in
        guard let own = parser(user) else { return }
        own.tell(.notation) { [own.name(name), own.name(base), own.name(system), own.name(publicID)] }
    }
    static let startNamespace: XML_StartNamespaceDeclHandler = { user, prefix, uri in
        guard let own = parser(user) else { return }
        own.tell(.startNamespace) { [own.name(prefix), own.name(uri)] }
    }
    static let endNamespace: XML_EndNamespaceDeclHandler = { user, prefix in
        guard let own = parser(user) else { return }
        own.tell(.endNamespace) { [own.name(prefix)] }
    }
    static let comment: XML_CommentHandler = { user, text in
        parser(user)?.tell(.comment) { [string(text)] }
    }
    static let startCdata: XML_StartCdataSectionHandler = { user in parser(user)?.tell(.startCdata) { [] } }
    static let endCdata: XML_EndCdataSectionHandler = { user in parser(user)?.tell(.endCdata) { [] } }
    static let `default`: XML_DefaultHandler = { user, text, count in
        parser(user)?.tell(.default) { [Value(Str.make(piece(text, count)))] }
    }
    static let defaultExpand: XML_DefaultHandler = { user, text, count in
        parser(user)?.tell(.defaultExpand) { [Value(Str.make(piece(text, count)))] }
    }
    static let notStandalone: XML_NotStandaloneHandler = { user in
        guard let own = parser(user) else { return 0 }
        return own.decision(.notStandalone) { [] }
    }
    static let externalEntity: XML_ExternalEntityRefHandler = { machine, context, base, system, publicID in
        // Expat gives the parser here; its user data is its first field.
        guard let machine, let own = parser(UnsafePointer<User>(machine).pointee) else { return 0 }
        return own.decision(.externalEntity) { [string(context), own.name(base), own.name(system), own.name(publicID)] }
    }
    static let startDoctype: XML_StartDoctypeDeclHandler = { user, name, system, publicID, hasSubset in
        guard let own = parser(user) else { return }
        own.tell(.startDoctype) { [own.name(name), own.name(system), own.name(publicID), Value(Int(hasSubset))] }
    }
    static let endDoctype: XML_EndDoctypeDeclHandler = { user in parser(user)?.tell(.endDoctype) { [] } }
    static let entity: XML_EntityDeclHandler = { user, name, isParameter, value, count, base, system, publicID, notation in
        guard let own = parser(user) else { return }
        own.tell(.entity) {
            [
                own.name(name), Value(Int(isParameter)), value == nil ? .none : Value(Str.make(piece(value, count))), own.name(base),
                own.name(system), own.name(publicID), own.name(notation),
            ]
        }
    }
    static let xmlDeclaration: XML_XmlDeclHandler = { user, version, encoding, standalone in
        parser(user)?.tell(.xmlDeclaration) { [string(version), string(encoding), Value(Int(standalone))] }
    }
    static let element: XML_ElementDeclHandler = { user, name, model in
        guard let own = parser(user), let model else { return }
        defer { XML_FreeContentModel(own.parser, model) }
        own.tell(.element) { () throws(Raised) in [own.name(name), try own.model(model.pointee)] }
    }
    static let attributes: XML_AttlistDeclHandler = { user, element, attribute, type, value, isRequired in
        guard let own = parser(user) else { return }
        own.tell(.attributes) { [own.name(element), own.name(attribute), string(type), string(value), Value(Int(isRequired))] }
    }
    static let skippedEntity: XML_SkippedEntityHandler = { user, name, isParameter in
        guard let own = parser(user) else { return }
        own.tell(.skippedEntity) { [own.name(name), Value(Int(isParameter))] }
    }
}

extension XMLParser {
    /// What a handler says that decides whether Expat goes on: 0 for no.
    fileprivate func decision(_ event: XMLEvent, _ arguments: () throws(Raised) -> [Value]) -> Int32 {
        tell(event) { () throws(Raised) in try arguments() }.map { answer in
            guard isInteger(answer), let number = machineInt(answer) else { return refuse(answer) }
            return Int32(truncatingIfNeeded: number)
        } ?? 0
    }

    /// An element's content as (type, quantifier, name, children).
    fileprivate func model(_ content: XML_Content) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        let children = Tuple.allocate(Int(content.numchildren))
        for index in 0 ..< children.count { children.items[index] = .none }
        if let parts = content.children {
            for index in 0 ..< children.count { children.items[index] = try model(parts[index]) }
        }
        return Value(Tuple.make(Value(Int(content.type.rawValue)), Value(Int(content.quant.rawValue)), name(content.name), Value(children)))
    }
}
