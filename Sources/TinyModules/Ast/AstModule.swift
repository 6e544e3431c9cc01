// `_ast`: a text's tree as node objects of the classes that `ast` (written in the language) defines.
import TinyRuntime
import TinySyntax

enum AstModule {
    static let nativeModule = NativeModule("_ast", doc: "Trees of source texts.", functions: {
        [
            Native("__getattr__(name, /)", "The classes of nodes, which are made with the module ast.") { args throws(Raised) in
                let name = try strArgument(args[0], "__getattr__")
                _ = try importModule("ast")
                let made = try importModule("_ast").object(ModuleObject.self).pointee.namespace.get(name)
                guard made.isAbsent else { return made }
                throw raise(.attributeError, "module '_ast' has no attribute '\(name.string)'")
            },
            Native("_parse(source, filename, mode, classes, /)", "The tree of a text, made of the given node classes (a dict by name).") { args throws(Raised) in
                var text: [UInt8]
                switch args[0].kind {
                case .str: text = Array(args[0].object(Str.self).buffer)
                case .bytes: text = Array(args[0].object(BytesObject.self).buffer)
                case .bytearray: text = Array(args[0].object(ByteArray.self).buffer)
                default: throw typeError("compile() arg 1 must be a string, bytes or AST object")
                }
                guard args[1].isKind(.str), args[2].isKind(.str), args[3].isKind(.dict) else { throw typeError("_parse() takes two strings and a dict") }
                let mode: Parse.Mode
                switch args[2].object(Str.self).string {
                case "exec": mode = .file
                case "eval": mode = .expression
                case "single": mode = .interactive
                default: throw valueError("compile() mode must be 'exec', 'eval', 'single' or 'func_type'")
                }
                let fileName = args[1].object(Str.self).string
                var origin = args[0].isKind(.str) ? Parse.Origin.text : .bytes
                if origin == .bytes, let encoding = Parse.foreignEncoding(text) {
                    text = try Runtime.decodeSource(text, encoding, fileName: fileName)
                    origin = .text
                }
                let parsed: ParseResult
                do throws(SyntaxDiagnostic) {
                    parsed = try Parse.parse(text, name: fileName, mode: mode, origin: origin)
                } catch {
                    try Runtime.report(error.earlierWarnings, fileName: fileName)
                    throw Runtime.raiseSyntaxError(error, fileName: fileName)
                }
                try Runtime.report(parsed.warnings, fileName: fileName)
                return try AstBuilder(args[3].object(Dict.self), text).module(parsed.module)
            },
            Native("_compile(tree, filename, classes, flags, optimize, /)", "The code of a tree.") { args throws(Raised) in
                guard args[1].isKind(.str), args[2].isKind(.dict) else { throw typeError("_compile() takes a tree, a string and a dict") }
                let module = try AstReader(args[2].object(Dict.self)).module(args[0])
                var options = Runtime.compileOptions
                options.usesNamespace = true
                if case .interactive = module { options.isInteractive = true }
                options.allowsTopLevelAwait = try index(args[3]) & 0x2000 != 0
                let level = try index(args[4])
                if level >= 0 { options.optimizationLevel = level }
                return Value(try Runtime.compile(module, fileName: args[1].object(Str.self).string, options: options))
            },
        ]
    }, prepare: { contents throws(Raised) in
        contents.set("PyCF_ONLY_AST", 0x400)
        contents.set("PyCF_TYPE_COMMENTS", 0x1000)
        contents.set("PyCF_ALLOW_TOP_LEVEL_AWAIT", 0x2000)
        contents.set("PyCF_OPTIMIZED_AST", 0x8400)
    })
}

/// Makes node objects. Runs no script code, so nothing is collected meanwhile.
struct AstBuilder {
    enum Context { case load, store, delete }

    let classes: DictRef
    private let source: [UInt8]
    /// Where each line of the source begins.
    private let lines: [Int]
    private let load: Value
    private let store: Value
    private let delete: Value

    init(_ classes: DictRef, _ source: [UInt8]) throws(Raised) {
        self.classes = classes
        self.source = source
        var lines = [source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0]
        for (index, byte) in source.enumerated()
        where byte == 0x0A || byte == 0x0D && !(index + 1 < source.count && source[index + 1] == 0x0A) {
            lines.append(index + 1)
        }
        self.lines = lines
        load = try AstBuilder.make("Load", classes)
        store = try AstBuilder.make("Store", classes)
        delete = try AstBuilder.make("Del", classes)
    }

    private static func make(_ name: String, _ classes: DictRef) throws(Raised) -> Value {
        let cls = classes.get(StrTables.intern(name))
        guard cls.isKind(.class), cls.object(ClassObject.self).pointee.instanceKind == .instance else {
            throw raise(.runtimeError, "ast has no class \(name)")
        }
        return Value(Instance.allocate(cls.object(ClassObject.self)))
    }

    // MARK: Building blocks

    func node(_ name: String, _ range: SourceRange?, _ fields: [(StaticString, Value)] = []) throws(Raised) -> Value {
        let made = try AstBuilder.make(name, classes)
        let instance = made.object(Instance.self)
        for (field, value) in fields { instance.set(StrTables.intern(field), value) }
        if let range {
            instance.set(StrTables.intern("lineno"), Value(Int(range.line)))
            instance.set(StrTables.intern("col_offset"), Value(Int(range.column)))
            instance.set(StrTables.intern("end_lineno"), Value(Int(range.endLine)))
            instance.set(StrTables.intern("end_col_offset"), Value(Int(range.endColumn)))
        }
        return made
    }

    func list<Element>(_ elements: [Element], _ make: (Element) throws(Raised) -> Value) throws(Raised) -> Value {
        let list = List.make(capacity: elements.count)
        for element in elements { list.append(try make(element)) }
        return Value(list)
    }

    func text(_ text: String) -> Value { Value(StrTables.intern(text)) }
    func optional(_ text: String?) -> Value { text.map { self.text($0) } ?? .none }

    func optional(_ value: Expression?, _ context: Context = .load) throws(Raised) -> Value {
        guard let value else { return .none }
        return try expression(value, context)
    }

    func expressions(_ values: [Expression], _ context: Context = .load) throws(Raised) -> Value {
        try list(values) { value throws(Raised) in try expression(value, context) }
    }

    func block(_ body: [Statement]) throws(Raised) -> Value { try list(body) { item throws(Raised) in try statement(item) } }
    func operation(_ name: String) throws(Raised) -> Value { try node(name, nil) }

    func module(_ module: Module) throws(Raised) -> Value {
        switch module {
        case .file(let body): try node("Module", nil, [("body", try block(body)), ("type_ignores", Value(List.make()))])
        case .interactive(let body): try node("Interactive", nil, [("body", try block(body))])
        case .expression(let body): try node("Expression", nil, [("body", try expression(body))])
        }
    }

    private func value(_ context: Context) -> Value {
        switch context {
        case .load: load
        case .store: store
        case .delete: delete
        }
    }

    /// "u" for a string that is written with this prefix, else None.
    private func kind(_ constant: Constant, _ place: SourceRange) -> Value {
        guard case .string = constant, Int(place.line) - 1 < lines.count, place.line > 0 else { return .none }
        let start = lines[Int(place.line) - 1] + Int(place.column)
        guard start >= 0, start < source.count, source[start] | 0x20 == UInt8(ascii: "u") else { return .none }
        return text("u")
    }

    // MARK: Expressions

    func expression(_ expression: Expression, _ context: Context = .load) throws(Raised) -> Value {
        try currentThread().checkNativeStack()
        let place = expression.range
        switch expression.node {
        case .constant(let constant): return try node("Constant", place, [("value", Code.value(constant)), ("kind", kind(constant, place))])
        case .name(let name): return try node("Name", place, [("id", text(name)), ("ctx", value(context))])
        case .joinedString(let pieces): return try node("JoinedStr", place, [("values", try list(pieces) { piece throws(Raised) in
            guard case .constant(let constant) = piece.node else { return try self.expression(piece) }
            return try node("Constant", piece.range, [("value", Code.value(constant)), ("kind", .none)])
        })])
        case .formatted(let inner, let conversion, let format):
            let code = conversion.flatMap { $0.asciiValue }.map { Int($0) } ?? -1
            return try node("FormattedValue", place, [
                ("value", try self.expression(inner)), ("conversion", Value(code)), ("format_spec", try optional(format)),
            ])
        case .attribute(let inner, let name):
            return try node("Attribute", place, [("value", try self.expression(inner)), ("attr", text(name)), ("ctx", value(context))])
        case .subscript(let inner, let slice):
            return try node("Subscript", place, [
                ("value", try self.expression(inner)), ("slice", try self.expression(slice)), ("ctx", value(context)),
            ])
        case .slice(let lower, let upper, let step):
            return try node("Slice", place, [("lower", try optional(lower)), ("upper", try optional(upper)), ("step", try optional(step))])
        case .starred(let inner):
            return try node("Starred", place, [("value", try self.expression(inner, context)), ("ctx", value(context))])
        case .call(let function, let arguments, let keywords):
            return try node("Call", place, [
                ("func", try self.expression(function)), ("args", try expressions(arguments)),
                ("keywords", try list(keywords) { item throws(Raised) in try keyword(item) }),
            ])
        case .unary(let op, let operand):
            return try node("UnaryOp", place, [("op", try operation(TreePrinter.operatorName(op))), ("operand", try self.expression(operand))])
        case .binary(let left, let op, let right):
            return try node("BinOp", place, [
                ("left", try self.expression(left)), ("op", try operation(TreePrinter.operatorName(op))), ("right", try self.expression(right)),
            ])
        case .boolean(let op, let values):
            return try node("BoolOp", place, [("op", try operation(op == .and ? "And" : "Or")), ("values", try expressions(values))])
        case .compare(let left, let links):
            return try node("Compare", place, [
                ("left", try self.expression(left)),
                ("ops", try list(links) { link throws(Raised) in try operation(TreePrinter.operatorName(link.op)) }),
                ("comparators", try list(links) { link throws(Raised) in try self.expression(link.right) }),
            ])
        case .conditional(let test, let body, let orElse):
            return try node("IfExp", place, [
                ("test", try self.expression(test)), ("body", try self.expression(body)), ("orelse", try self.expression(orElse)),
            ])
        case .named(let target, let inner):
            return try node("NamedExpr", place, [("target", try self.expression(target, .store)), ("value", try self.expression(inner))])
        case .lambda(let parameters, let body):
            return try node("Lambda", place, [("args", try self.parameters(parameters)), ("body", try self.expression(body))])
        case .tuple(let items):
            return try node("Tuple", place, [("elts", try expressions(items, context)), ("ctx", value(context))])
        case .list(let items):
            return try node("List", place, [("elts", try expressions(items, context)), ("ctx", value(context))])
        case .set(let items): return try node("Set", place, [("elts", try expressions(items))])
        case .dictionary(let items):
            return try node("Dict", place, [
                ("keys", try list(items) { item throws(Raised) in try optional(item.key) }),
                ("values", try list(items) { item throws(Raised) in try self.expression(item.value) }),
            ])
        case .listComprehension(let element, let clauses): return try comprehension("ListComp", place, element, clauses)
        case .setComprehension(let element, let clauses): return try comprehension("SetComp", place, element, clauses)
        case .generator(let element, let clauses): return try comprehension("GeneratorExp", place, element, clauses)
        case .dictionaryComprehension(let key, let inner, let clauses):
            return try node("DictComp", place, [
                ("key", try self.expression(key)), ("value", try self.expression(inner)), ("generators", try self.clauses(clauses)),
            ])
        case .await(let inner): return try node("Await", place, [("value", try self.expression(inner))])
        case .yield(let inner): return try node("Yield", place, [("value", try optional(inner))])
        case .yieldFrom(let inner): return try node("YieldFrom", place, [("value", try self.expression(inner))])
        }
    }

    private func comprehension(
        _ name: String, _ place: SourceRange, _ element: Expression, _ clauses: [ComprehensionClause]
    ) throws(Raised) -> Value {
        try node(name, place, [("elt", try expression(element)), ("generators", try self.clauses(clauses))])
    }

    private func clauses(_ clauses: [ComprehensionClause]) throws(Raised) -> Value {
        try list(clauses) { clause throws(Raised) in
            try node("comprehension", nil, [
                ("target", try expression(clause.target, .store)), ("iter", try expression(clause.iterable)),
                ("ifs", try expressions(clause.conditions)), ("is_async", Value(clause.isAsync ? 1 : 0)),
            ])
        }
    }

    func keyword(_ keyword: Keyword) throws(Raised) -> Value {
        try node("keyword", keyword.range, [("arg", optional(keyword.name)), ("value", try expression(keyword.value))])
    }

    func parameters(_ parameters: Parameters) throws(Raised) -> Value {
        func parameter(_ parameter: Parameter) throws(Raised) -> Value {
            try node("arg", parameter.range, [
                ("arg", text(parameter.name)), ("annotation", try optional(parameter.annotation)), ("type_comment", .none),
            ])
        }
        func parameters2(_ group: [Parameter]) throws(Raised) -> Value { try list(group) { item throws(Raised) in try parameter(item) } }
        let defaults = (parameters.positionalOnly + parameters.positional).compactMap { $0.defaultValue }
        var variadic = Value.none
        var keywords = Value.none
        if let own = parameters.variadic { variadic = try parameter(own) }
        if let own = parameters.variadicKeywords { keywords = try parameter(own) }
        return try node("arguments", nil, [
            ("posonlyargs", try parameters2(parameters.positionalOnly)), ("args", try parameters2(parameters.positional)),
            ("vararg", variadic), ("kwonlyargs", try parameters2(parameters.keywordOnly)),
            ("kw_defaults", try list(parameters.keywordOnly) { item throws(Raised) in try optional(item.defaultValue) }),
            ("kwarg", keywords), ("defaults", try expressions(defaults)),
        ])
    }
}
