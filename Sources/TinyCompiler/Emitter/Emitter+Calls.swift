// Calls. The callable goes eight registers below the first argument (CallLayout), so that the callee's frame begins
// where its arguments already lie.
import TinySyntax

extension Emitter {
    @inline(never)
    func emitCall(_ expression: Expression, into destination: Int) throws(SyntaxDiagnostic) {
        guard case .call(let function, let arguments, let keywords) = expression.node else { return }
        warnOfCall(function, expression.range)
        try checkKeywords(keywords)
        let mark = nextRegister
        let callable = try allocateCall()
        let base = nextRegister
        if case .attribute(let object, let name) = function.node, isDirect(arguments, keywords) {
            try emitMethod(function, object, name, callable)
            try emitArguments(
                arguments, keywords, base, destination, isMethod: true,
                range: Emitter.narrowed(expression.range, toAttributeAt: function.range, name))
        } else {
            nextRegister = callable + 1
            try emit(function, into: callable)
            nextRegister = base
            if isDirect(arguments, keywords) {
                try emitArguments(arguments, keywords, base, destination, isMethod: false, range: expression.range)
            } else {
                try emitSpreadCall(arguments, keywords, base, destination, range: expression.range)
            }
        }
        nextRegister = mark
    }

    /// The most arguments that are laid out in registers.
    private static let mostArguments = 200

    private func isDirect(_ arguments: [Expression], _ keywords: [Keyword]) -> Bool {
        arguments.count + keywords.count <= Emitter.mostArguments && !arguments.contains(where: \.isStarred)
            && keywords.allSatisfy { $0.name != nil }
    }

    func checkKeywords(_ keywords: [Keyword]) throws(SyntaxDiagnostic) {
        var seen: Set<String> = []
        for keyword in keywords {
            if keyword.name == "__debug__" { throw SyntaxDiagnostic("cannot assign to __debug__", at: keyword.range) }
            if let name = keyword.name, !seen.insert(name).inserted {
                throw SyntaxDiagnostic("keyword argument repeated: \(name)", at: keyword.range)
            }
        }
    }

    // MARK: Methods

    @inline(never)
    private func emitMethod(
        _ function: Expression, _ object: Expression, _ name: String, _ callable: Int
    ) throws(SyntaxDiagnostic) {
        let base = callable + CallLayout.headerWords
        let slot = try nameSlot(mangle(name))
        if let call = superCall(object), name != "__class__" {
            nextRegister = base + 1
            let operands = try emitSuperOperands(call)
            range = attributeRange(function)
            emit(.loadSuperMethod, a: base, b: operands, c: slot, d: call.arguments.isEmpty ? 0 : 1)
        } else {
            // the object may use the header's registers: they are not needed yet
            nextRegister = callable
            let source = try operand(object)
            range = attributeRange(function)
            emit(.loadMethod, a: base, b: source, c: slot)
        }
        nextRegister = base
        _ = try allocate()
    }

    /// The arguments and the call itself. For a method R[base] is taken already.
    func emitArguments(
        _ arguments: [Expression], _ keywords: [Keyword], _ base: Int, _ destination: Int, isMethod: Bool,
        range: SourceRange
    ) throws(SyntaxDiagnostic) {
        for argument in arguments { try emit(argument, into: try allocate()) }
        for keyword in keywords { try emit(keyword.value, into: try allocate()) }
        emitCallInstruction(
            base: base, count: arguments.count + keywords.count, destination, isMethod: isMethod,
            keywords: keywords.map { $0.name ?? "" }, range: range)
    }

    func emitCallInstruction(
        base: Int, count: Int, _ destination: Int, isMethod: Bool, keywords: [String], range: SourceRange
    ) {
        self.range = range
        if keywords.isEmpty {
            emit(isMethod ? .callMethod : .call, a: destination, b: base, c: count)
        } else {
            let names = CodeConstant.tuple(keywords.map { .literal(.string(Array($0.utf8))) })
            append(
                Instruction(isMethod ? .callMethodKeywords : .callKeywords, a: destination, b: base, c: count),
                wordOne: UInt64(pool.slot(names)))
        }
    }

    // MARK: super()

    /// A call of the builtin `super`.
    struct SuperCall {
        let arguments: [Expression]
        /// Where the name stands.
        let range: SourceRange
    }

    /// A call of `super` whose attribute can be had without calling it; nil for any other.
    func superCall(_ expression: Expression) -> SuperCall? {
        guard case .call(let function, let arguments, let keywords) = expression.node,
            case .name("super") = function.node, keywords.isEmpty, scope.isFunctionLike,
            context.scopes.root.places["super"] ?? .globalImplicit != .local,
            !arguments.contains(where: \.isStarred)
        else { return nil }
        guard case .global = access("super") else { return nil }
        let call = SuperCall(arguments: arguments, range: function.range)
        if arguments.count == 2 { return call }
        guard arguments.isEmpty, argumentCount > 0, freeIndices["__class__"] != nil else { return nil }
        return call
    }

    /// R[n] = super, R[n+1] = the class, R[n+2] = self.
    func emitSuperOperands(_ call: SuperCall) throws(SyntaxDiagnostic) -> Int {
        let arguments = call.arguments
        range = call.range
        let first = try allocate(3)
        let mark = nextRegister
        try loadName("super", into: first)
        if arguments.count == 2 {
            try emit(arguments[0], into: first + 1)
            try emit(arguments[1], into: first + 2)
        } else if let index = freeIndices["__class__"] {
            emit(.loadFree, a: first + 1, b: index)
            if scope.places[registers.names[0]] == .cell {
                emit(.loadCell, a: first + 2, b: 0, c: try nameSlot(registers.names[0]))
            } else {
                checkBound(0, try nameSlot(registers.names[0]))
                move(0, to: first + 2)
            }
        }
        nextRegister = mark
        return first
    }

    // MARK: Stars

    /// `f(*args, **named)`: a tuple, or the only starred argument; a dict, or the only mapping.
    @inline(never)
    func emitSpreadCall(
        _ arguments: [Expression], _ keywords: [Keyword], _ base: Int, _ destination: Int, range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let positional = try allocate()
        // What is there already is not copied first: the call takes it apart.
        if arguments.count == 1, case .starred(let values) = arguments[0].node {
            try emit(values, into: positional)
        } else {
            try emitSpreadArguments(arguments, into: positional, leading: 0, range)
        }
        let named = try allocate()
        let isMapping = keywords.count == 1 && keywords[0].name == nil
        if isMapping {
            try emit(keywords[0].value, into: named)
        } else {
            try emitSpreadKeywords(keywords, into: named, callable: CallLayout.callableRegister(base: base), range)
        }
        self.range = range
        append(Instruction(.callSpread, a: destination, b: base, d: isMapping ? 1 : 0))
    }

    /// R[list] = the tuple of the arguments, before which come those already in the `leading` top registers.
    func emitSpreadArguments(
        _ arguments: [Expression], into list: Int, leading: Int, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let head = arguments.prefix(Emitter.longestRun).prefix { !$0.isStarred }
        let mark = nextRegister - leading
        if head.count == arguments.count {
            for argument in head { try emit(argument, into: try allocate()) }
            self.range = range
            emit(.buildTuple, a: list, b: leading + head.count == 0 ? list : mark, c: leading + head.count)
            nextRegister = mark
            return
        }
        for argument in head { try emit(argument, into: try allocate()) }
        self.range = range
        emit(.buildList, a: list, b: leading + head.count == 0 ? list : mark, c: leading + head.count)
        nextRegister = mark
        for argument in arguments.dropFirst(head.count) {
            if case .starred(let inner) = argument.node {
                let source = try operand(inner)
                self.range = range
                append(Instruction(.listExtend, a: list, b: source, d: 1))
            } else {
                let source = try operand(argument)
                self.range = range
                emit(.listAppend, a: list, b: source)
            }
            nextRegister = mark
        }
        self.range = range
        emit(.listToTuple, a: list, b: list)
    }

    func emitSpreadKeywords(
        _ keywords: [Keyword], into dictionary: Int, callable: Int, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        guard !keywords.isEmpty else {
            self.range = range
            return loadNone(into: dictionary)
        }
        let mark = nextRegister
        var isFirst = true
        var rest = keywords[...]
        while let keyword = rest.first {
            let group = rest.prefix(Emitter.longestRun / 4).prefix { $0.name != nil }
            if group.isEmpty {
                rest = rest.dropFirst()
                self.range = range
                if isFirst { emit(.buildDictionary, a: dictionary, b: dictionary, c: 0) }
                let source = try operand(keyword.value)
                self.range = range
                emit(.dictionaryMerge, a: dictionary, b: source, c: callable)
            } else {
                rest = rest.dropFirst(group.count)
                let target = isFirst ? dictionary : try allocate()
                let first = nextRegister
                for named in group {
                    self.range = named.range
                    loadString(named.name ?? "", into: try allocate())
                    try emit(named.value, into: try allocate())
                }
                self.range = range
                emit(.buildDictionary, a: target, b: first, c: group.count)
                if !isFirst { emit(.dictionaryMerge, a: dictionary, b: target, c: callable) }
            }
            isFirst = false
            nextRegister = mark
        }
    }
}
