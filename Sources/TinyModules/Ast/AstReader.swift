// Node objects of `ast` back to a tree that the compiler takes: what `compile(tree, …)` does.
//
// A node is what its class derives from among the classes of the grammar. Whatever a script may have put into a field is
// checked here, in CPython's words; a tree that contains itself ends in RecursionError.
import TinyCompiler
import TinyRuntime
import TinySyntax

struct AstReader {
    enum Context: String { case load = "Load", store = "Store", delete = "Del" }

    /// The grammar's classes: name by address.
    private let names: [UInt: String]

    init(_ classes: DictRef) {
        var names: [UInt: String] = [:]
        var position = 0
        while let entry = classes.next(&position) {
            guard entry.pointee.value.isKind(.class), entry.pointee.key.isKind(.str) else { continue }
            names[UInt(bitPattern: entry.pointee.value.object(ClassObject.self))] = entry.pointee.key.object(Str.self).string
        }
        self.names = names
    }

    // MARK: Building blocks

    /// The name of the nearest class of the grammar; nil: no node at all.
    func kind(_ node: Value) -> String? {
        guard node.isPointer else { return nil }
        let order = node.cls.pointee.mro.object(Tuple.self)
        for index in 0 ..< order.count {
            if let name = names[UInt(bitPattern: order.items[index].object(ClassObject.self))] { return name }
        }
        return nil
    }

    private func owner(_ node: Value) -> String { kind(node) ?? typeName(node) }

    func field(_ node: Value, _ name: StaticString) throws(Raised) -> Value {
        let value = try getAttribute(node, StrTables.intern(name), default: .absent)
        if value.isAbsent { throw typeError("required field \"\(name)\" missing from \(owner(node))") }
        return value
    }

    /// A field that may be missing, which is the same as None.
    func optionalField(_ node: Value, _ name: StaticString) throws(Raised) -> Value? {
        let value = try getAttribute(node, StrTables.intern(name), default: .none)
        return value.isNone ? nil : value
    }

    func required(_ node: Value, _ name: StaticString) throws(Raised) -> Value {
        let value = try field(node, name)
        if value.isNone { throw valueError("field '\(name)' is required for \(owner(node))") }
        return value
    }

    func items<Element>(
        _ node: Value, _ name: StaticString, _ read: (Value) throws(Raised) -> Element
    ) throws(Raised) -> [Element] {
        let value = try getAttribute(node, StrTables.intern(name), default: .absent)
        if value.isAbsent { return [] }
        guard value.isKind(.list) else {
            throw typeError("\(owner(node)) field \"\(name)\" must be a list, not a \(typeName(value))")
        }
        let list = value.object(List.self)
        let count = list.count
        var result: [Element] = []
        result.reserveCapacity(count)
        for index in 0 ..< count {
            guard index < list.count else {
                throw raise(.runtimeError, "\(owner(node)) field \"\(name)\" changed size during iteration")
            }
            result.append(try read(list.items[index]))
        }
        return result
    }

    func identifier(_ value: Value) throws(Raised) -> String {
        guard value.isKind(.str) else { throw typeError("AST identifier must be of type str") }
        let text = value.object(Str.self).string
        if ["None", "True", "False"].contains(text) {
            throw valueError("identifier field can't represent '\(text)' constant")
        }
        return text
    }

    func identifier(_ node: Value, _ name: StaticString) throws(Raised) -> String {
        try identifier(try required(node, name))
    }

    func optionalIdentifier(_ node: Value, _ name: StaticString) throws(Raised) -> String? {
        guard let value = try optionalField(node, name) else { return nil }
        return try identifier(value)
    }

    func integer(_ node: Value, _ name: StaticString) throws(Raised) -> Int {
        let value = try field(node, name)
        guard isInteger(value), let int = machineInt(value) else {
            throw valueError("invalid integer value: \(try repr(value).string)")
        }
        return int
    }

    /// Where the node says that it stands.
    func range(_ node: Value, _ family: String) throws(Raised) -> SourceRange {
        func number(_ name: StaticString, _ fallback: Int?) throws(Raised) -> Int {
            let value = try getAttribute(node, StrTables.intern(name), default: .absent)
            if value.isAbsent || value.isNone && fallback != nil {
                if let fallback { return fallback }
                throw typeError("required field \"\(name)\" missing from \(family)")
            }
            guard isInteger(value), let int = machineInt(value) else {
                throw valueError("invalid integer value: \(try repr(value).string)")
            }
            return int
        }
        let line = try number("lineno", nil)
        let column = try number("col_offset", nil)
        let endLine = try number("end_lineno", line)
        let endColumn = try number("end_col_offset", column)
        if line > endLine { throw valueError("AST node line range (\(line), \(endLine)) is not valid") }
        if line < 0 && endLine != line || column < 0 && endColumn != column {
            throw valueError("AST node column range (\(column), \(endColumn)) for line range (\(line), \(endLine)) is not valid")
        }
        if line == endLine, column > endColumn {
            throw valueError("line \(line), column \(column)-\(endColumn) is not a valid range")
        }
        return SourceRange(
            line: Int32(clamping: line), column: Int32(clamping: column), endLine: Int32(clamping: endLine),
            endColumn: Int32(clamping: endColumn))
    }

    func wrong(_ value: Value, _ family: String) throws(Raised) -> Raised {
        typeError("expected some sort of \(family), but got \(try repr(value).string)")
    }

    // MARK: Expressions

    func expression(_ node: Value, _ name: StaticString, _ context: Context = .load) throws(Raised) -> Expression {
        try expression(try required(node, name), context)
    }

    func optionalExpression(_ node: Value, _ name: StaticString, _ context: Context = .load) throws(Raised) -> Expression? {
        guard let value = try optionalField(node, name) else { return nil }
        return try expression(value, context)
    }

    func expressions(_ node: Value, _ name: StaticString, _ context: Context = .load) throws(Raised) -> [Expression] {
        try items(node, name) { value throws(Raised) in
            if value.isNone { throw valueError("None disallowed in expression list") }
            return try expression(value, context)
        }
    }

    /// What may be assigned to or deleted says so itself.
    private func checkContext(_ node: Value, _ wanted: Context) throws(Raised) {
        let own = try required(node, "ctx")
        guard let name = kind(own), let context = Context(rawValue: name) else { throw try wrong(own, "expr_context") }
        if context != wanted {
            throw valueError("expression must have \(wanted.rawValue) context but has \(name) instead")
        }
    }

    func expression(_ node: Value, _ context: Context = .load) throws(Raised) -> Expression {
        try currentThread().checkNativeStack()
        guard let name = kind(node) else { throw try wrong(node, "expr") }
        let place = try range(node, "expr")
        func made(_ form: Expression.Node) -> Expression { Expression(form, place) }
        switch name {
        case "Name":
            try checkContext(node, context)
            return made(.name(try identifier(node, "id")))
        case "Attribute":
            try checkContext(node, context)
            return made(.attribute(try expression(node, "value"), try identifier(node, "attr")))
        case "Subscript":
            try checkContext(node, context)
            return made(.subscript(try expression(node, "value"), try expression(node, "slice")))
        case "Starred":
            try checkContext(node, context)
            return made(.starred(try expression(node, "value", context)))
        case "List":
            try checkContext(node, context)
            return made(.list(try expressions(node, "elts", context)))
        case "Tuple":
            try checkContext(node, context)
            return made(.tuple(try expressions(node, "elts", context)))
        default:
            if context != .load {
                let verb = context == .store ? "assigned to" : "deleted"
                throw valueError("expression which can't be \(verb) in \(context.rawValue) context")
            }
        }
        switch name {
        case "Constant": return try constant(try field(node, "value"), place)
        case "BoolOp":
            let values = try expressions(node, "values")
            if values.count < 2 { throw valueError("BoolOp with less than 2 values") }
            return made(.boolean(try operation(node, "boolop") == "And" ? .and : .or, values))
        case "NamedExpr":
            guard kind(try required(node, "target")) == "Name" else { throw typeError("NamedExpr target must be a Name") }
            return made(.named(target: try expression(node, "target", .store), value: try expression(node, "value")))
        case "BinOp":
            return made(.binary(try expression(node, "left"), try binaryOperator(node), try expression(node, "right")))
        case "UnaryOp":
            let op = try unaryOperator(node)
            return made(.unary(op, try expression(node, "operand")))
        case "Lambda": return made(.lambda(try parameters(try required(node, "args")), body: try expression(node, "body")))
        case "IfExp":
            return made(
                .conditional(
                    test: try expression(node, "test"), body: try expression(node, "body"), orElse: try expression(node, "orelse")))
        case "Dict":
            let keys = try items(node, "keys") { key throws(Raised) -> Expression? in
                if key.isNone { return nil }
                return try expression(key)
            }
            let values = try expressions(node, "values")
            guard keys.count == values.count else { throw valueError("Dict doesn't have the same number of keys as values") }
            return made(.dictionary(zip(keys, values).map { DictionaryItem(key: $0, value: $1) }))
        case "Set": return made(.set(try expressions(node, "elts")))
        case "ListComp", "SetComp", "GeneratorExp":
            let clauses = try clauses(node)
            let element = try expression(node, "elt")
            return made(
                name == "ListComp" ? .listComprehension(element, clauses)
                    : name == "SetComp" ? .setComprehension(element, clauses) : .generator(element, clauses))
        case "DictComp":
            let clauses = try clauses(node)
            return made(.dictionaryComprehension(key: try expression(node, "key"), value: try expression(node, "value"), clauses))
        case "Await": return made(.await(try expression(node, "value")))
        case "Yield": return made(.yield(try optionalExpression(node, "value")))
        case "YieldFrom": return made(.yieldFrom(try expression(node, "value")))
        case "Compare": return made(try compare(node))
        case "Call":
            return made(
                .call(
                    function: try expression(node, "func"), arguments: try expressions(node, "args"), keywords: try keywords(node)))
        case "FormattedValue":
            let code = try integer(node, "conversion")
            guard code == -1 || [97, 114, 115].contains(code) else {
                throw raise(.systemError, "Unrecognized conversion character \(code)")
            }
            let conversion = code < 0 ? nil : Character(UnicodeScalar(UInt8(code)))
            return made(
                .formatted(
                    value: try expression(node, "value"), conversion: conversion,
                    format: try optionalExpression(node, "format_spec")))
        case "JoinedStr": return made(.joinedString(try expressions(node, "values")))
        case "Slice":
            return made(
                .slice(
                    lower: try optionalExpression(node, "lower"), upper: try optionalExpression(node, "upper"),
                    step: try optionalExpression(node, "step")))
        default: throw try wrong(node, "expr")
        }
    }

    private func compare(_ node: Value) throws(Raised) -> Expression.Node {
        let left = try expression(node, "left")
        let operators = try items(node, "ops") { op throws(Raised) in try comparison(op) }
        let right = try expressions(node, "comparators")
        if right.isEmpty { throw valueError("Compare with no comparators") }
        guard right.count == operators.count else {
            throw valueError("Compare has a different number of comparators and operands")
        }
        return .compare(left, zip(operators, right).map { Comparison($0, $1) })
    }

    /// A value that a script has put into a tree; tuples and frozensets may hold others.
    private func constant(_ value: Value, _ place: SourceRange) throws(Raised) -> Expression {
        try currentThread().checkNativeStack()
        func made(_ constant: Constant) -> Expression { Expression(.constant(constant), place) }
        func parts(_ value: Value) throws(Raised) -> [Expression] {
            let list = try makeList(value)
            var parts: [Expression] = []
            for index in 0 ..< list.count { parts.append(try constant(list.items[index], place)) }
            return parts
        }
        if value.isNone { return made(.none) }
        if value.isBool { return made(value.isTrue ? .true : .false) }
        if value == .ellipsis { return made(.ellipsis) }
        if value.isFloat { return made(.float(value.float)) }
        if value.isInlineInt || value.isExactly(.int) {
            if let int = machineInt(value) { return made(.integer(Int64(int))) }
            let isNegative = TinyRuntime.isNegative(value)
            let digits = String(decoding: IntObject.text(isNegative ? negateInt(value) : value, radix: 16), as: UTF8.self)
            let magnitude = made(.bigInteger(digits: digits, radix: 16))
            return isNegative ? Expression(.unary(.minus, magnitude), place) : magnitude
        }
        if value.isExactly(.str) { return made(.string(Array(value.object(Str.self).buffer))) }
        if value.isExactly(.bytes) { return made(.bytes(Array(value.object(BytesObject.self).buffer))) }
        if value.isExactly(.complex) {
            let complex = value.object(ComplexObject.self).pointee
            let imaginary = made(.imaginary(complex.imaginary))
            return complex.real == 0 ? imaginary : Expression(.binary(made(.float(complex.real)), .add, imaginary), place)
        }
        if value.isExactly(.tuple) { return Expression(.tuple(try parts(value)), place) }
        if value.isExactly(.frozenset) {
            let items = Expression(.tuple(try parts(value)), place)
            return Expression(.call(function: Expression(.name("frozenset"), place), arguments: [items], keywords: []), place)
        }
        throw typeError("got an invalid type in Constant: \(typeName(value))")
    }

    private func clauses(_ node: Value) throws(Raised) -> [ComprehensionClause] {
        let clauses = try items(node, "generators") { clause throws(Raised) in
            guard kind(clause) == "comprehension" else { throw try wrong(clause, "comprehension") }
            return ComprehensionClause(
                target: try expression(clause, "target", .store), iterable: try expression(clause, "iter"),
                conditions: try expressions(clause, "ifs"), isAsync: try integer(clause, "is_async") != 0)
        }
        if clauses.isEmpty { throw valueError("comprehension with no generators") }
        return clauses
    }

    func keywords(_ node: Value) throws(Raised) -> [Keyword] {
        try items(node, "keywords") { keyword throws(Raised) in
            guard kind(keyword) == "keyword" else { throw try wrong(keyword, "keyword") }
            return Keyword(
                name: try optionalIdentifier(keyword, "arg"), value: try expression(keyword, "value"),
                range: try range(keyword, "keyword"))
        }
    }

    func parameters(_ node: Value) throws(Raised) -> Parameters {
        guard kind(node) == "arguments" else { throw try wrong(node, "arguments") }
        func parameter(_ value: Value, _ defaultValue: Expression?) throws(Raised) -> Parameter {
            guard kind(value) == "arg" else { throw try wrong(value, "arg") }
            return Parameter(
                name: try identifier(value, "arg"), annotation: try optionalExpression(value, "annotation"),
                defaultValue: defaultValue, range: try range(value, "arg"))
        }
        func one(_ name: StaticString) throws(Raised) -> Parameter? {
            guard let value = try optionalField(node, name) else { return nil }
            return try parameter(value, nil)
        }
        func group(_ name: StaticString, _ defaults: [Expression?]) throws(Raised) -> [Parameter] {
            var index = 0
            return try items(node, name) { value throws(Raised) in
                defer { index += 1 }
                return try parameter(value, index < defaults.count ? defaults[index] : nil)
            }
        }
        let defaults = try expressions(node, "defaults")
        let counts = (
            try items(node, "posonlyargs") { $0.bits }.count, try items(node, "args") { $0.bits }.count
        )
        if defaults.count > counts.0 + counts.1 { throw valueError("more positional defaults than args on arguments") }
        let padded: [Expression?] = Array(repeating: nil, count: counts.0 + counts.1 - defaults.count) + defaults
        let keywordDefaults = try items(node, "kw_defaults") { value throws(Raised) -> Expression? in
            if value.isNone { return nil }
            return try expression(value)
        }
        var result = Parameters()
        result.positionalOnly = try group("posonlyargs", Array(padded.prefix(counts.0)))
        result.positional = try group("args", Array(padded.dropFirst(counts.0)))
        result.variadic = try one("vararg")
        result.keywordOnly = try group("kwonlyargs", keywordDefaults)
        result.variadicKeywords = try one("kwarg")
        guard keywordDefaults.count == result.keywordOnly.count else {
            throw valueError("length of kwonlyargs is not the same as kw_defaults on arguments")
        }
        return result
    }

    // MARK: Operators

    private func operation(_ node: Value, _ family: String) throws(Raised) -> String {
        let op = try required(node, "op")
        guard let name = kind(op) else { throw try wrong(op, family) }
        return name
    }

    func binaryOperator(_ node: Value) throws(Raised) -> BinaryOperator {
        let name = try operation(node, "operator")
        guard let op = BinaryOperator.allCases.first(where: { TreePrinter.operatorName($0) == name }) else {
            throw try wrong(try required(node, "op"), "operator")
        }
        return op
    }

    private func unaryOperator(_ node: Value) throws(Raised) -> UnaryOperator {
        switch try operation(node, "unaryop") {
        case "Invert": return .invert
        case "Not": return .not
        case "UAdd": return .plus
        case "USub": return .minus
        default: throw try wrong(try required(node, "op"), "unaryop")
        }
    }

    private func comparison(_ node: Value) throws(Raised) -> ComparisonOperator {
        guard let name = kind(node), let op = ComparisonOperator.allCases.first(where: { TreePrinter.operatorName($0) == name })
        else { throw try wrong(node, "cmpop") }
        return op
    }
}
