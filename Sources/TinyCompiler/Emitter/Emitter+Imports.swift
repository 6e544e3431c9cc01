// import and from … import.
import TinySyntax

extension Emitter {
    /// `import a.b` binds a; `import a.b as c` binds what a.b is.
    func emitImport(_ alias: ImportAlias, _ range: SourceRange) throws(SyntaxDiagnostic) {
        let mark = nextRegister
        let register = try allocate()
        self.range = range
        let plan = pool.slot(.tuple([.literal(.integer(0)), .literal(.none)]))
        emit(.importName, a: register, b: try nameSlot(alias.name), c: try smallSlot(plan))
        if let target = alias.alias {
            for part in alias.name.split(separator: ".").dropFirst() {
                emit(.importFrom, a: register, b: register, c: try nameSlot(String(part)))
            }
            try storeName(target, from: register)
        } else {
            try storeName(String(alias.name.prefix { $0 != "." }), from: register)
        }
        nextRegister = mark
    }

    @inline(never)
    func emitImportFrom(
        _ module: String?, _ names: [ImportAlias], _ level: Int, _ range: SourceRange
    ) throws(SyntaxDiagnostic) {
        if level == 0, module == "__future__", !context.futures.isEarly(range) {
            throw SyntaxDiagnostic("from __future__ imports must occur at the beginning of the file", at: range)
        }
        let mark = nextRegister
        let register = try allocate()
        self.range = range
        let list = CodeConstant.tuple(names.map { .literal(.string(Array($0.name.utf8))) })
        let plan = pool.slot(.tuple([.literal(.integer(Int64(level))), list]))
        emit(.importName, a: register, b: try nameSlot(module ?? ""), c: try smallSlot(plan))
        for alias in names {
            if alias.name == "*" {
                emit(.importStar, a: register)
                continue
            }
            let item = try allocate()
            self.range = range
            emit(.importFrom, a: item, b: register, c: try nameSlot(alias.name))
            try storeName(alias.alias ?? alias.name, from: item)
            nextRegister = item
        }
        nextRegister = mark
    }
}
