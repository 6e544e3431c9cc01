// Names and places for reports: which task, which line, and how the script itself calls a lock. All is looked up when a
// report is made; nothing is kept for it while the script runs.

/// A line of a file.
struct Place: CustomStringConvertible {
    var file: String
    var line: Int

    init(_ code: CodeRef, _ pc: PC) {
        let name = code.pointee.fileName.isKind(.str) ? code.pointee.fileName.object(Str.self).string : "?"
        file = name.lastIndex(of: "/").map { String(name[name.index(after: $0)...]) } ?? name
        line = Int(code.range(at: max(0, code.offset(of: pc) - 1)).line)
    }

    /// Where a task is: the innermost line that is not the library's.
    init?(of task: ScriptTask) {
        guard let frame = Place.frame(of: task) else { return nil }
        self.init(frame.header.pointee.code, frame.header.pointee.pc)
    }

    var description: String { "\(file):\(line)" }

    static func isLibrary(_ frame: Registers) -> Bool {
        let name = frame.header.pointee.code.pointee.fileName
        guard name.isKind(.str) else { return false }
        let text = name.object(Str.self).string
        return text.hasPrefix(EmbeddedLibrary.prefix) || text.contains("/stdlib/")
    }

    /// The innermost frame of the script that is not the library's; else the innermost of all.
    static func frame(of task: ScriptTask) -> Registers? {
        let innermost = task.state.scriptFrame
        var frame = innermost
        while let current = frame {
            if !isLibrary(current) { return current }
            frame = scriptCaller(of: current)
        }
        return innermost
    }
}

enum TaskNames {
    /// What `threading` calls the task's thread; else its number.
    static func name(of task: ScriptTask) -> String {
        if let name = task.lastName { return name }
        let fallback = task.number == 0 ? "MainThread" : "thread \(task.number)"
        guard let thread = task as? ScriptThread else { return fallback }
        let module = Runtime.modules.get(StrTables.intern("threading"))
        guard module.isKind(.module) else { return fallback }
        let active = module.object(ModuleObject.self).pointee.namespace.get(StrTables.intern("_active"))
        guard active.isKind(.dict), let object = try? active.object(Dict.self).get(Value(thread.identifier)) else { return fallback }
        return threadName(object) ?? fallback
    }

    /// The name in a `threading.Thread`.
    static func threadName(_ object: Value) -> String? {
        guard object.isKind(.instance) else { return nil }
        let name = object.object(Instance.self).get(StrTables.intern("_name"))
        return name.isKind(.str) ? name.object(Str.self).string : nil
    }

    /// `T1 "ann"`
    static func label(of task: ScriptTask) -> String {
        let name = name(of: task)
        if task.number == 0 { return name == "MainThread" ? "main" : "main \"\(name)\"" }
        return "T\(task.number) \"\(name)\""
    }
}

/// Finds the names of objects in what some tasks see: globals, locals, and the attributes and items of those.
struct ObjectNames {
    /// Names and values that the tasks see, nearest first; globals before locals.
    private var seen: [(name: String, value: Value)] = []
    private static let limit = 20_000

    init(_ tasks: [ScriptTask]) {
        var locals: [(name: String, value: Value)] = []
        var modules: [DictRef] = []
        for task in tasks {
            var frame = task.state.scriptFrame
            while let current = frame {
                if !Place.isLibrary(current) {
                    ObjectNames.addLocals(current, to: &locals)
                    let globals = current.header.pointee.globals
                    if !modules.contains(globals) { modules.append(globals) }
                }
                frame = scriptCaller(of: current)
            }
        }
        for globals in modules { ObjectNames.addEntries(globals, to: &seen) { $0 } }
        seen += locals
    }

    private static func addEntries(_ dict: DictRef, to list: inout [(name: String, value: Value)], _ label: (String) -> String) {
        var position = 0
        while let entry = dict.next(&position), list.count < limit {
            guard entry.pointee.key.isKind(.str) else { continue }
            list.append((label(entry.pointee.key.object(Str.self).string), entry.pointee.value))
        }
    }

    private static func addLocals(_ frame: Registers, to list: inout [(name: String, value: Value)]) {
        let code = frame.header.pointee.code
        guard code.pointee.localNames.isKind(.tuple) else { return }
        let count = min(Int(code.pointee.localCount), code.pointee.localNames.object(Tuple.self).count)
        for index in 0 ..< count where list.count < limit {
            var value = frame[index]
            if value.isKind(.cell) { value = value.object(Cell.self).pointee.value }
            if !value.isAbsent { list.append((code.localName(index).string, value)) }
        }
    }

    func name(of lock: Lock) -> String {
        func isIt(_ value: Value) -> Bool {
            value.isKind(.box) && value.object(BoxedObject.self).swiftObject === lock
        }
        return find(isIt) ?? (lock.isReentrant ? "an RLock" : "a Lock")
    }

    /// The queue, event, condition … in whose methods a task waits: the `self` of the outermost of the library's frames
    /// that lie above the script's.
    func nameOfLibraryObject(_ task: ScriptTask) -> String {
        var object = Value.absent
        var frame = task.state.scriptFrame
        while let current = frame, Place.isLibrary(current) {
            let code = current.header.pointee.code
            if code.pointee.argumentCount > 0, code.localName(0).equals("self") {
                // `self` lies in a cell if a lambda of the method uses it.
                let first = current[0].isKind(.cell) ? current[0].object(Cell.self).pointee.value : current[0]
                if first.isPointer { object = first }
            }
            frame = scriptCaller(of: current)
        }
        if object.isAbsent {
            guard let waited = task.wait?.object else { return "somebody" }
            return find { $0.isKind(.box) && $0.object(BoxedObject.self).swiftObject === waited } ?? "somebody"
        }
        let kind = object.cls.nameText
        return find({ $0 == object }).map { "\(kind) \($0)" } ?? "a \(kind)"
    }

    private func find(_ isIt: (Value) -> Bool) -> String? {
        for (name, value) in seen where isIt(value) { return name }
        var budget = ObjectNames.limit
        for (name, value) in seen where !name.hasPrefix("__") {
            if let found = ObjectNames.findInside(name, value, isIt, &budget) { return found }
            if budget <= 0 { break }
        }
        return nil
    }

    /// One level down: attributes, and items of lists, tuples and dicts.
    private static func findInside(_ name: String, _ value: Value, _ isIt: (Value) -> Bool, _ budget: inout Int) -> String? {
        if value.isKind(.instance) {
            let instance = value.object(Instance.self)
            if let dict = instance.dictionary { return findEntry(dict, isIt, &budget).map { "\(name).\($0)" } }
            let shape = instance.shape
            for (index, attribute) in shape.names.enumerated() {
                budget -= 1
                if isIt(instance.slot(index, shape).pointee) { return "\(name).\(attribute.string)" }
            }
        } else if value.isKind(.list) || value.isKind(.tuple) {
            let items = value.isKind(.list) ? value.object(List.self).pointee.items : value.object(Tuple.self).items
            let count = value.isKind(.list) ? value.object(List.self).count : value.object(Tuple.self).count
            guard let items else { return nil }
            for index in 0 ..< min(count, 1000) {
                budget -= 1
                if isIt(items[index]) { return "\(name)[\(index)]" }
            }
        } else if value.isKind(.dict) {
            var position = 0
            while let entry = value.object(Dict.self).next(&position), budget > 0 {
                budget -= 1
                guard isIt(entry.pointee.value) else { continue }
                if entry.pointee.key.isKind(.str) { return "\(name)['\(entry.pointee.key.object(Str.self).string)']" }
                if let number = machineInt(entry.pointee.key) { return "\(name)[\(number)]" }
            }
        }
        return nil
    }

    private static func findEntry(_ dict: DictRef, _ isIt: (Value) -> Bool, _ budget: inout Int) -> String? {
        var position = 0
        while let entry = dict.next(&position), budget > 0 {
            budget -= 1
            if isIt(entry.pointee.value), entry.pointee.key.isKind(.str) { return entry.pointee.key.object(Str.self).string }
        }
        return nil
    }
}
