// Reading, binding and unbinding names.
import TinySyntax

/// How the code of a unit reaches a name.
enum NameAccess {
    case register(Int)
    /// The register that holds the cell.
    case cell(Int)
    /// Index into the closure.
    case free(Int)
    case global
    /// The namespace of a class body or of `exec`.
    case namespace
    /// A class body's namespace, then the closure.
    case namespaceOrFree(Int)
    /// The namespace of the class around an annotation scope, then globals; then the closure.
    case classOrGlobal
    case classOrFree(Int)
}

extension Emitter {
    /// How to reach the (mangled) name from here.
    func access(_ name: String) -> NameAccess {
        for comprehension in inlined.reversed() {
            guard let place = comprehension.scope.places[name] else { continue }
            switch place {
            case .local: if let register = comprehension.registers[name] { return .register(register) }
            case .cell: if let register = comprehension.registers[name] { return .cell(register) }
            case .free: continue
            case .globalExplicit: return .global
            case .globalImplicit:
                if scope.isFunctionLike { return scope.seesClassScope ? .classOrGlobal : .global }
                return scope.kind == .class ? .global : moduleAccess
            }
        }
        return unitAccess(name)
    }

    private var moduleAccess: NameAccess { context.options.usesNamespace ? .namespace : .global }

    private func unitAccess(_ name: String) -> NameAccess {
        let isClass = scope.kind == .class
        if isClass, !inlined.isEmpty, let free = freeAccess(name) { return free }
        // a name that only an inlined comprehension uses is not the unit's own
        if scope.places[name] == nil, let free = freeAccess(name) { return free }
        switch scope.places[name] ?? .globalImplicit {
        case .local:
            if scope.isFunctionLike { return .register(registers.register(of: name)) }
            return isClass ? .namespace : moduleAccess
        case .cell: return .cell(registers.register(of: name))
        case .free:
            guard let index = freeIndices[name] else { return .global }
            if isClass, scope.symbols[name]?.contains(.nonlocal) != true { return .namespaceOrFree(index) }
            return scope.seesClassScope ? .classOrFree(index) : .free(index)
        case .globalExplicit: return .global
        case .globalImplicit:
            if scope.isFunctionLike {
                return scope.seesClassScope && name != "__classdict__" ? .classOrGlobal : .global
            }
            return isClass ? .namespace : moduleAccess
        }
    }

    /// A variable of the functions around.
    private func freeAccess(_ name: String) -> NameAccess? { freeIndices[name].map { .free($0) } }

    // MARK: Reading

    /// R[destination] = the variable.
    func loadName(_ source: String, into destination: Int) throws(SyntaxDiagnostic) {
        let name = mangle(source)
        let slot = try nameSlot(name)
        switch access(name) {
        case .register(let register):
            checkBound(register, slot)
            move(register, to: destination)
        case .cell(let register): emit(.loadCell, a: destination, b: register, c: slot)
        case .free(let index): emit(.loadFree, a: destination, b: index)
        case .global: emit(.loadGlobal, a: destination, b: slot)
        case .namespace: emit(.loadName, a: destination, b: slot)
        case .namespaceOrFree(let index): emit(.loadNameOrFree, a: destination, b: index)
        case .classOrGlobal:
            let mapping = try loadClassNamespace()
            emit(.loadFromMappingOrGlobal, a: destination, b: mapping, c: slot)
            nextRegister = mapping
        case .classOrFree(let index):
            let mapping = try loadClassNamespace()
            emit(.loadFromMappingOrFree, a: destination, b: index, c: mapping)
            nextRegister = mapping
        }
    }

    private func loadClassNamespace() throws(SyntaxDiagnostic) -> Int {
        let register = try allocate()
        if let index = freeIndices["__classdict__"] { emit(.loadFree, a: register, b: index) }
        return register
    }

    func checkBound(_ register: Int, _ slot: Int) {
        if !assigned.contains(register) {
            emit(.checkBound, a: register, b: slot)
            assigned.insert(register)
        }
    }

    /// The register of a local that may be read where it lies.
    func stableRegister(_ expression: Expression) throws(SyntaxDiagnostic) -> Int? {
        guard case .name(let source) = expression.node else { return nil }
        let name = mangle(source)
        guard case .register(let register) = access(name), !scope.walrusNames.contains(name) else { return nil }
        if !assigned.contains(register) {
            range = expression.range
            checkBound(register, try nameSlot(name))
        }
        return register
    }

    // MARK: Binding

    /// The variable = R[source].
    func storeName(_ target: String, from source: Int) throws(SyntaxDiagnostic) {
        let name = mangle(target)
        switch access(name) {
        case .register(let register):
            move(source, to: register)
            assigned.insert(register)
        case .cell(let register): emit(.storeCell, a: register, b: source)
        case .free(let index), .classOrFree(let index): emit(.storeFree, a: source, b: index)
        case .global, .classOrGlobal: emit(.storeGlobal, a: source, b: try nameSlot(name))
        case .namespace, .namespaceOrFree: emit(.storeName, a: source, b: try nameSlot(name))
        }
    }

    /// The register of the variable, if binding it is writing a register.
    func targetRegister(_ target: String) -> Int? {
        if case .register(let register) = access(mangle(target)) { return register }
        return nil
    }

    /// Emits a value and binds the variable to it.
    func bind(_ target: String, to value: Expression) throws(SyntaxDiagnostic) {
        if let register = targetRegister(target) {
            try emit(value, into: register)
            assigned.insert(register)
        } else {
            let mark = nextRegister
            let register = try operand(value)
            try storeName(target, from: register)
            nextRegister = mark
        }
    }

    // MARK: Unbinding

    func deleteName(_ target: String) throws(SyntaxDiagnostic) {
        let name = mangle(target)
        let slot = try nameSlot(name)
        switch access(name) {
        case .register(let register):
            emit(.deleteLocal, a: register, b: slot)
            if isReachable { assigned.remove(register) }
        case .cell(let register): emit(.deleteCell, a: register, b: slot)
        case .free(let index), .classOrFree(let index): emit(.deleteFree, a: index)
        case .global, .classOrGlobal: emit(.deleteGlobal, b: slot)
        case .namespace, .namespaceOrFree: emit(.deleteName, b: slot)
        }
    }

    /// The end of `except … as name`: unbinds it, bound or not.
    func clearName(_ target: String) throws(SyntaxDiagnostic) {
        if let register = targetRegister(target) {
            emit(.clearLocal, a: register)
            if isReachable { assigned.remove(register) }
            return
        }
        let mark = nextRegister
        let register = try allocate()
        loadNone(into: register)
        try storeName(target, from: register)
        try deleteName(target)
        nextRegister = mark
    }

    /// `name` as the innermost scope stores it.
    func mangle(_ name: String) -> String { (inlined.last?.scope ?? scope).mangle(name) }

    // MARK: Closures

    /// R[destination] = the cell of a variable that an inner function needs.
    func loadCellItself(_ name: String, into destination: Int) {
        for comprehension in inlined.reversed() where comprehension.scope.places[name] == .cell {
            if let register = comprehension.registers[name] { return move(register, to: destination) }
        }
        if scope.kind == .class, let register = registers.existing(name) {
            move(register, to: destination)
        } else if scope.places[name] == .cell {
            move(registers.register(of: name), to: destination)
        } else if let index = freeIndices[name] {
            emit(.loadClosureCell, a: destination, b: index)
        }
    }
}
