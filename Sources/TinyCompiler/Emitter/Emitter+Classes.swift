// Classes: `__build_class__(body, name, *bases, **keywords)`, where the body is a function without parameters whose
// namespace the runtime provides. The body returns the cell of `__class__` (or None), and leaves it in the namespace
// as `__classcell__`, as CPython's does.
import TinySyntax

extension Emitter {
    @inline(never)
    func emitClass(_ definition: ClassDefinition, _ range: SourceRange) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        try emitDecorated(definition.decorators, name: definition.name, range) { emitter, destination throws(SyntaxDiagnostic) in
            let firstLine = Int(definition.decorators.first?.range.line ?? range.line)
            emitter.range = range
            if definition.typeParameters.isEmpty {
                try emitter.emitBuildClass(definition, range, firstLine, genericBase: nil, into: destination)
            } else {
                try emitter.emitGenericClass(definition, range, firstLine, into: destination)
            }
        }
        nextRegister = mark
    }

    /// R[destination] = the class. `genericBase` is a further base, as an expression.
    func emitBuildClass(
        _ definition: ClassDefinition, _ range: SourceRange, _ firstLine: Int, genericBase: Expression?,
        into destination: Int
    ) throws(SyntaxDiagnostic) {
        try checkKeywords(definition.keywords)
        let code = try compileClass(definition, range, firstLine)
        let bases = definition.bases + [genericBase].compactMap { $0 }
        let mark = nextRegister
        let callable = try allocateCall()
        let base = nextRegister
        let isDirect = bases.count + definition.keywords.count <= Emitter.longestRun
            && !bases.contains(where: \.isStarred) && definition.keywords.allSatisfy { $0.name != nil }
        self.range = range
        emit(.loadBuildClass, a: callable)
        let positional = isDirect ? base : try allocate()
        let function = try allocate(), name = try allocate()
        let temporaries = nextRegister
        try emitFunctionObject(code, first: temporaries, parts: [], into: function)
        nextRegister = temporaries
        loadString(definition.name, into: name)
        if isDirect {
            for base in bases { try emit(base, into: try allocate()) }
            for keyword in definition.keywords { try emit(keyword.value, into: try allocate()) }
            emitCallInstruction(
                base: base, count: 2 + bases.count + definition.keywords.count, destination, isMethod: false,
                keywords: definition.keywords.map { $0.name ?? "" }, range: range)
        } else {
            try emitSpreadArguments(bases, into: positional, leading: 2, range)
            nextRegister = positional + 1
            let named = try allocate()
            try emitSpreadKeywords(definition.keywords, into: named, callable: callable, range)
            self.range = range
            emit(.callSpread, a: destination, b: base)
        }
        nextRegister = mark
    }

    private func compileClass(
        _ definition: ClassDefinition, _ range: SourceRange, _ firstLine: Int
    ) throws(SyntaxDiagnostic) -> CodeUnit {
        let emitter = try inner(try scopeInside(.class, range), name: definition.name, firstLine: firstLine)
        try emitter.emitClassBody(definition, firstLine)
        return try emitter.finish()
    }

    private func emitClassBody(_ definition: ClassDefinition, _ firstLine: Int) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        for cell in registers.cells.prefix(registers.ownCellCount) { emit(.makeCell, a: cell) }
        range = SourceRange(line: Int32(firstLine), column: 0, endLine: Int32(firstLine), endColumn: 0)
        let register = try allocate()
        try loadName("__name__", into: register)
        try storeName("__module__", from: register)
        loadString(qualifiedName, into: register)
        try storeName("__qualname__", from: register)
        loadConstant(.literal(.integer(Int64(firstLine))), into: register)
        try storeName("__firstlineno__", from: register)
        if !definition.typeParameters.isEmpty {
            try loadName(".type_params", into: register)
            try storeName("__type_params__", from: register)
        }
        if scope.needsClassDictionary, let cell = registers.existing("__classdict__") {
            emit(.loadNamespace, a: register)
            emit(.storeCell, a: cell, b: register)
        }
        nextRegister = mark
        try emitBody(definition.body[...])
        let last = try allocate()
        let names = scope.staticAttributes.sorted().map { CodeConstant.literal(.string(Array($0.utf8))) }
        try withoutLine { () throws(SyntaxDiagnostic) in
            loadConstant(.tuple(names), into: last)
            try storeName("__static_attributes__", from: last)
        }
        if scope.needsClassDictionary, let cell = registers.existing("__classdict__") {
            try storeName("__classdictcell__", from: cell)
        }
        if scope.needsClassCell, let cell = registers.existing("__class__") {
            try storeName("__classcell__", from: cell)
            emit(.returnValue, a: cell)
        } else {
            emitEnd()
        }
        nextRegister = mark
    }

    /// The body of a module or class: `__annotations__`, `__doc__`, statements.
    func emitBody(_ body: ArraySlice<Statement>) throws(SyntaxDiagnostic) {
        if scope.hasAnnotations {
            emit(.setupAnnotations)
        }
        var body = body
        if let text = body.docstring, let first = body.first {
            body = body.dropFirst()
            if context.options.optimizationLevel < 2 {
                let mark = nextRegister
                let register = try allocate()
                range = first.range
                loadConstant(.literal(.string(Docstring.cleaned(text))), into: register)
                try storeName("__doc__", from: register)
                nextRegister = mark
            }
        }
        try emit(Array(body))
    }
}
