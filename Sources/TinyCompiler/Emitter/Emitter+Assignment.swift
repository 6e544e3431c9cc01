// Assignment, augmented and annotated assignment, deletion, unpacking.
import TinySyntax

extension Emitter {
    // MARK: Targets

    /// target = R[source].
    func store(_ target: Expression, from source: Int) throws(SyntaxDiagnostic) {
        try context.stack.check()
        let mark = nextRegister
        switch target.node {
        case .name(let name):
            range = target.range
            try storeName(name, from: source)
        case .attribute(let object, let name):
            let register = try operand(object)
            range = attributeRange(target)
            emit(.storeAttribute, a: register, b: source, c: try nameSlot(mangle(name)))
        case .subscript(let object, let index):
            let register = try operand(object)
            let key = try operand(index)
            range = target.range
            emit(.storeItem, a: register, b: key, c: source)
        case .tuple(let items), .list(let items): try unpack(source, to: items, target.range)
        case .starred:
            throw SyntaxDiagnostic("starred assignment target must be in a list or tuple", at: target.range)
        case .constant, .joinedString, .formatted, .slice, .call, .unary, .binary, .boolean, .compare, .conditional,
            .named, .lambda, .set, .dictionary, .listComprehension, .setComprehension, .dictionaryComprehension,
            .generator, .await, .yield, .yieldFrom:
            throw SyntaxDiagnostic("cannot assign to this expression", at: target.range)
        }
        nextRegister = mark
    }

    private func unpack(_ source: Int, to targets: [Expression], _ range: SourceRange) throws(SyntaxDiagnostic) {
        let stars = targets.indices.filter { targets[$0].isStarred }
        if stars.count > 1 { throw SyntaxDiagnostic("multiple starred expressions in assignment", at: range) }
        if let star = stars.first {
            if star > 255 || targets.count - star - 1 > Int(UInt16.max) {
                throw SyntaxDiagnostic("too many expressions in star-unpacking assignment", at: range)
            }
        } else if let first = consecutiveRegisters(targets), !(first ..< first + targets.count).contains(source) {
            self.range = range
            emit(.unpack, a: first, b: source, c: targets.count)
            for register in first ..< first + targets.count { assigned.insert(register) }
            return
        }
        let first = try allocate(targets.count)
        self.range = range
        if let star = stars.first {
            append(Instruction(.unpackStar, a: first, b: source, c: targets.count - star - 1, d: star))
        } else {
            emit(.unpack, a: first, b: source, c: targets.count)
        }
        for (index, target) in targets.enumerated() {
            if case .starred(let inner) = target.node {
                try store(inner, from: first + index)
            } else {
                try store(target, from: first + index)
            }
        }
    }

    /// The first register, if the targets are variables that lie side by side.
    private func consecutiveRegisters(_ targets: [Expression]) -> Int? {
        var first: Int?
        for (index, target) in targets.enumerated() {
            guard case .name(let name) = target.node, let register = targetRegister(name) else { return nil }
            if let first, register != first + index { return nil }
            if first == nil { first = register }
        }
        return first
    }

    // MARK: Assignment

    @inline(never)
    func emitAssign(_ targets: [Expression], _ value: Expression) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        defer { nextRegister = mark }
        if targets.count == 1 {
            if case .name(let name) = targets[0].node { return try emitBinding(name, targets[0].range, value) }
            if let items = targets[0].items, let values = value.items, items.count == values.count,
                items.count <= Emitter.longestRun, !items.contains(where: \.isStarred),
                !values.contains(where: \.isStarred) {
                return try emitParallel(items, values)
            }
        }
        let source = try operand(value)
        // a first target must not change what the next one is given
        let isStable = targets.count == 1 || !isLocal(source)
        let register = isStable ? source : try allocate()
        range = value.range
        move(source, to: register)
        for target in targets { try store(target, from: register) }
    }

    /// A single name: the value is computed in the variable's register.
    private func emitBinding(_ name: String, _ range: SourceRange, _ value: Expression) throws(SyntaxDiagnostic) {
        if let register = targetRegister(name) {
            try emit(value, into: register)
            assigned.insert(register)
        } else {
            let register = try operand(value)
            self.range = range
            try storeName(name, from: register)
        }
    }

    /// `a, b = b, a`: all values are computed, then all targets stored; no tuple is made.
    private func emitParallel(_ targets: [Expression], _ values: [Expression]) throws(SyntaxDiagnostic) {
        var written: Set<Int> = []
        var sources: [Int?] = []
        for (target, value) in zip(targets, values) {
            // a constant waits until it is stored; a variable is used where it lies, unless an earlier target
            // overwrites it
            if foldedConstant(value) != nil {
                sources.append(nil)
            } else if let register = try stableRegister(value), !written.contains(register) {
                sources.append(register)
            } else {
                let register = try allocate()
                try emit(value, into: register)
                sources.append(register)
            }
            if case .name(let name) = target.node {
                if let register = targetRegister(name) { written.insert(register) }
            } else if target.items != nil {
                noteWritten(target, &written)
            }
        }
        for (index, target) in targets.enumerated() {
            if let source = sources[index] {
                try store(target, from: source)
            } else {
                try emitAssign([target], values[index])
            }
        }
    }

    private func noteWritten(_ target: Expression, _ written: inout Set<Int>) {
        if case .name(let name) = target.node, let register = targetRegister(name) { written.insert(register) }
        if case .starred(let inner) = target.node { noteWritten(inner, &written) }
        for item in target.items ?? [] { noteWritten(item, &written) }
    }

    // MARK: Augmented assignment

    @inline(never)
    func emitAugmented(
        _ target: Expression, _ op: BinaryOperator, _ value: Expression, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        defer { nextRegister = mark }
        switch target.node {
        case .name(let name):
            if let register = try stableRegister(target) {
                return try emitOperation(op, register, register, value, inPlace: true, range: range)
            }
            let register = try allocate()
            self.range = target.range
            try loadName(name, into: register)
            try emitOperation(op, register, register, value, inPlace: true, range: range)
            try storeName(name, from: register)
        case .attribute(let object, let name):
            let slot = try nameSlot(mangle(name))
            let source = try operand(object)
            let register = try allocate()
            self.range = attributeRange(target)
            emit(.loadAttribute, a: register, b: source, c: slot)
            try emitOperation(op, register, register, value, inPlace: true, range: range)
            self.range = attributeRange(target)
            emit(.storeAttribute, a: source, b: register, c: slot)
        case .subscript(let object, let index):
            let source = try operand(object)
            let key = try operand(index)
            let register = try allocate()
            self.range = target.range
            emit(.loadItem, a: register, b: source, c: key)
            try emitOperation(op, register, register, value, inPlace: true, range: range)
            self.range = target.range
            emit(.storeItem, a: source, b: key, c: register)
        case .constant, .joinedString, .formatted, .slice, .starred, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            throw SyntaxDiagnostic("illegal expression for augmented assignment", at: target.range)
        }
    }

    // MARK: Annotated assignment

    @inline(never)
    func emitAnnotated(
        _ target: Expression, _ annotation: Expression, _ value: Expression?, _ isSimple: Bool, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        if let value { try emitAssign([target], value) }
        let mark = nextRegister
        defer { nextRegister = mark }
        let isRecorded = !scope.isFunctionLike
        if case .name(let name) = target.node {
            guard isSimple, isRecorded else {
                if isRecorded, !context.futures.contains(.annotations) { try emitDiscarded(annotation) }
                return
            }
            let register = try allocate(3)
            try emitAnnotation(annotation, into: register)
            self.range = range
            try loadName("__annotations__", into: register + 1)
            loadString(mangle(name), into: register + 2)
            emit(.storeItem, a: register + 1, b: register + 2, c: register)
            return
        }
        if value == nil { try emitTargetParts(target) }
        if isRecorded, !context.futures.contains(.annotations) { try emitDiscarded(annotation) }
    }

    /// What `object.name: annotation` evaluates of its target.
    private func emitTargetParts(_ target: Expression) throws(SyntaxDiagnostic) {
        switch target.node {
        case .attribute(let object, _): try emitDiscarded(object)
        case .subscript(let object, let index):
            try emitDiscarded(object)
            try emitDiscarded(index)
        case .constant, .name, .joinedString, .formatted, .slice, .starred, .call, .unary, .binary, .boolean,
            .compare, .conditional, .named, .lambda, .tuple, .list, .set, .dictionary, .listComprehension,
            .setComprehension, .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            break
        }
    }

    // MARK: Deletion

    func emitDelete(_ target: Expression) throws(SyntaxDiagnostic) {
        try context.stack.check()
        let mark = nextRegister
        defer { nextRegister = mark }
        switch target.node {
        case .name(let name):
            range = target.range
            try deleteName(name)
        case .attribute(let object, let name):
            let register = try operand(object)
            range = attributeRange(target)
            emit(.deleteAttribute, a: register, c: try nameSlot(mangle(name)))
        case .subscript(let object, let index):
            let register = try operand(object)
            let key = try operand(index)
            range = target.range
            emit(.deleteItem, a: register, b: key)
        case .tuple(let items), .list(let items):
            for item in items { try emitDelete(item) }
        case .constant, .joinedString, .formatted, .slice, .starred, .call, .unary, .binary, .boolean, .compare,
            .conditional, .named, .lambda, .set, .dictionary, .listComprehension, .setComprehension,
            .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            throw SyntaxDiagnostic("cannot delete this expression", at: target.range)
        }
    }
}

extension Expression {
    /// The items of a tuple or list.
    var items: [Expression]? {
        switch node {
        case .tuple(let items), .list(let items): items
        case .constant, .name, .joinedString, .formatted, .attribute, .subscript, .slice, .starred, .call, .unary,
            .binary, .boolean, .compare, .conditional, .named, .lambda, .set, .dictionary, .listComprehension,
            .setComprehension, .dictionaryComprehension, .generator, .await, .yield, .yieldFrom:
            nil
        }
    }
}
