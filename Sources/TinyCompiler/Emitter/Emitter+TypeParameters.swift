// Generic functions and classes, and type aliases (PEP 695, 696). The type parameters live in a hidden function around
// the definition, `<generic parameters of f>`, which is called on the spot; bounds, defaults and aliased values are
// functions, called when somebody asks.
import TinySyntax

extension Emitter {
    // MARK: Definitions

    @inline(never)
    func emitGenericFunction(
        _ function: FunctionDefinition, _ range: SourceRange, _ firstLine: Int, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let callable = try allocateCall()
        let base = nextRegister
        let parts = try emitDefaults(function.parameters, range)
        let argumentCount = nextRegister - base
        let emitter = try hiddenFunction(function.name, range, firstLine, argumentCount: argumentCount)
        let typeParameters = try emitter.emitTypeParameters(function.typeParameters, range)
        let made = try emitter.allocate()
        let first = emitter.nextRegister
        for name in [".defaults", ".kwdefaults"] where emitter.scope.places[name] != nil {
            try emitter.loadName(name, into: try emitter.allocate())
        }
        try emitter.emitPlainFunction(function, range, firstLine, first, parts, into: made)
        emitter.emitIntrinsic(.setFunctionTypeParameters, made, made, typeParameters)
        emitter.emit(.returnValue, a: made)
        try callHidden(emitter, callable, base, argumentCount, range, into: destination)
        nextRegister = mark
    }

    @inline(never)
    func emitGenericClass(
        _ definition: ClassDefinition, _ range: SourceRange, _ firstLine: Int, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let callable = try allocateCall()
        let base = nextRegister
        let emitter = try hiddenFunction(definition.name, range, firstLine, argumentCount: 0)
        let tuple = try emitter.emitTypeParameters(definition.typeParameters, range)
        try emitter.storeName(".type_params", from: tuple)
        emitter.emitIntrinsic(.subscriptGeneric, tuple, tuple, tuple)
        try emitter.storeName(".generic_base", from: tuple)
        let result = try emitter.allocate()
        try emitter.emitBuildClass(
            definition, range, firstLine, genericBase: Expression(.name(".generic_base"), range), into: result)
        emitter.range = range
        emitter.emit(.returnValue, a: result)
        try callHidden(emitter, callable, base, 0, range, into: destination)
        nextRegister = mark
    }

    @inline(never)
    func emitTypeAlias(
        _ name: String, _ parameters: [TypeParameter], _ value: Expression, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let callable = try allocateCall()
        let base = nextRegister
        let result = try allocate()
        if parameters.isEmpty {
            try emitAlias(name, typeParameters: nil, value, range, into: result)
        } else {
            let emitter = try hiddenFunction(name, range, Int(range.line), argumentCount: 0)
            let tuple = try emitter.emitTypeParameters(parameters, range)
            try emitter.emitAlias(name, typeParameters: tuple, value, range, into: tuple)
            emitter.emit(.returnValue, a: tuple)
            try callHidden(emitter, callable, base, 0, range, into: result)
        }
        self.range = range
        try storeName(name, from: result)
        nextRegister = mark
    }

    private func emitAlias(
        _ name: String, typeParameters: Int?, _ value: Expression, _ range: SourceRange, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        self.range = range
        let first = try allocate(3)
        loadString(name, into: first)
        if let typeParameters { move(typeParameters, to: first + 1) } else { loadNone(into: first + 1) }
        try emitLazy(value, .typeAlias, name, range, into: first + 2)
        self.range = range
        emit(.buildTuple, a: first, b: first, c: 3)
        emitIntrinsic(.typeAlias, destination, first, first)
        nextRegister = mark
    }

    // MARK: The hidden function

    private func hiddenFunction(
        _ name: String, _ range: SourceRange, _ firstLine: Int, argumentCount: Int
    ) throws(SyntaxDiagnostic) -> Emitter {
        let emitter = try inner(
            try scopeInside(.typeParameters, range), name: "<generic parameters of \(name)>", firstLine: firstLine)
        emitter.argumentCount = argumentCount
        emitter.emitEntry()
        return emitter
    }

    private func callHidden(
        _ emitter: Emitter, _ callable: Int, _ base: Int, _ count: Int, _ range: SourceRange, into destination: Int
    ) throws(SyntaxDiagnostic) {
        self.range = range
        nextRegister = base + count
        try emitFunctionObject(try emitter.finish(), first: nextRegister, parts: [], into: callable)
        emit(.call, a: destination, b: base, c: count)
    }

    // MARK: Parameters

    /// Binds the type parameters; the register returned holds the tuple of them.
    private func emitTypeParameters(
        _ parameters: [TypeParameter], _ range: SourceRange
    ) throws(SyntaxDiagnostic) -> Int {
        let tuple = try allocate()
        let first = nextRegister
        for parameter in parameters {
            let register = try allocate()
            self.range = parameter.range
            loadString(parameter.name, into: register)
            switch parameter.form {
            case .typeVariable: try emitTypeVariable(parameter, register)
            case .typeVariableTuple: emitIntrinsic(.typeVariableTuple, register, register, register)
            case .parameterSpecification: emitIntrinsic(.parameterSpecification, register, register, register)
            }
            if let value = parameter.defaultValue {
                let function = try allocate()
                try emitLazy(value, .typeDefault, parameter.name, parameter.range, into: function)
                emitIntrinsic(.setTypeParameterDefault, register, register, function)
                nextRegister = function
            }
            try storeName(parameter.name, from: register)
        }
        self.range = range
        emit(.buildTuple, a: tuple, b: first, c: parameters.count)
        nextRegister = first
        return tuple
    }

    private func emitTypeVariable(_ parameter: TypeParameter, _ register: Int) throws(SyntaxDiagnostic) {
        guard let bound = parameter.bound else { return emitIntrinsic(.typeVariable, register, register, register) }
        let function = try allocate()
        try emitLazy(bound, .typeBound, parameter.name, parameter.range, into: function)
        var intrinsic = Intrinsic.typeVariableWithBound
        if case .tuple = bound.node { intrinsic = .typeVariableWithConstraints }
        emitIntrinsic(intrinsic, register, register, function)
        nextRegister = function
    }

    /// R[destination] = a function that computes the expression.
    private func emitLazy(
        _ value: Expression, _ kind: Scope.Kind, _ name: String, _ range: SourceRange, into destination: Int
    ) throws(SyntaxDiagnostic) {
        let emitter = try inner(try scopeInside(kind, range), name: name, firstLine: Int(range.line))
        emitter.emitEntry()
        let place = kind == .typeAlias ? range : value.range
        if case .starred(let inner) = value.node {
            // `*Ts = *tuple[int]`: the default is what is unpacked, which is one
            let tuple = Expression(.tuple([Expression(.starred(inner), value.range)]), value.range)
            let first = Expression(.subscript(tuple, Expression(.constant(.integer(0)), value.range)), value.range)
            try emitter.emitReturn(of: first, blamed: place)
        } else {
            try emitter.emitReturn(of: value, blamed: place)
        }
        let mark = nextRegister
        self.range = place
        try emitFunctionObject(try emitter.finish(), first: mark, parts: [], into: destination)
        nextRegister = mark
    }

    private func emitIntrinsic(_ intrinsic: Intrinsic, _ destination: Int, _ first: Int, _ second: Int) {
        append(Instruction(.intrinsic, a: destination, b: first, c: second, d: Int(intrinsic.rawValue)))
    }
}
