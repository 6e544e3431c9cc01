// The registers of a unit's variables: parameters, then locals in the order in which code first touches them (as
// CPython's `co_varnames`), then locals that are cells, then the variables of inlined comprehensions.
//
// Comprehensions that don't enclose one another share registers for variables of the same name.

/// A comprehension that is being emitted into the code of the unit around it.
struct InlinedScope {
    let scope: Scope
    /// The registers of its own variables.
    let registers: [String: Int]
}

final class LocalRegisters {
    private(set) var names: [String] = []
    private(set) var cells: [Int] = []
    /// How many of `cells` belong to the unit itself, and are made when it begins.
    private(set) var ownCellCount = 0
    private var places: [String: Int] = [:]
    /// Where the next plain local goes.
    private var nextPlain = 0
    private var comprehensions: [ObjectIdentifier: [String: Int]] = [:]

    var count: Int { names.count }

    init(scope: Scope) {
        guard scope.isFunctionLike else {
            if scope.needsClassCell { addCell("__class__") }
            if scope.needsClassDictionary { addCell("__classdict__") }
            ownCellCount = cells.count
            addComprehensions(of: scope)
            return
        }
        for name in scope.parameters {
            places[name] = names.count
            if scope.places[name] == .cell { cells.append(names.count) }
            names.append(name)
        }
        let others = scope.order.filter { places[$0] == nil }
        nextPlain = names.count
        for name in others where scope.places[name] == .local { names.append(name) }
        for name in others.sorted() where scope.places[name] == .cell { addCell(name) }
        ownCellCount = cells.count
        addComprehensions(of: scope)
    }

    private func addCell(_ name: String) {
        places[name] = names.count
        cells.append(names.count)
        names.append(name)
    }

    /// The register of a variable that the scope says is local; taken at first touch.
    func register(of name: String) -> Int {
        if let register = places[name] { return register }
        places[name] = nextPlain
        names[nextPlain] = name
        nextPlain += 1
        return nextPlain - 1
    }

    /// The register of a variable, if it has one by now.
    func existing(_ name: String) -> Int? { places[name] }

    /// The registers of an inlined comprehension's variables.
    func registers(of comprehension: Scope) -> [String: Int] {
        comprehensions[ObjectIdentifier(comprehension)] ?? [:]
    }

    private struct Key: Hashable {
        let name: String
        let isCell: Bool
        let depth: Int
    }

    private func addComprehensions(of scope: Scope) {
        guard scope.children.contains(where: \.isInlined) else { return }
        var taken: [Key: Int] = [:]
        for child in scope.children where child.isInlined { add(child, depth: 0, &taken) }
    }

    private func add(_ scope: Scope, depth: Int, _ taken: inout [Key: Int]) {
        var registers: [String: Int] = [:]
        for name in scope.order where name != ".0" {
            let place = scope.places[name]
            guard place == .local || place == .cell else { continue }
            let key = Key(name: name, isCell: place == .cell, depth: depth)
            if let register = taken[key] {
                registers[name] = register
            } else {
                taken[key] = names.count
                registers[name] = names.count
                if place == .cell { cells.append(names.count) }
                names.append(name)
            }
        }
        comprehensions[ObjectIdentifier(scope)] = registers
        for child in scope.children where child.isInlined { add(child, depth: depth + 1, &taken) }
    }
}
