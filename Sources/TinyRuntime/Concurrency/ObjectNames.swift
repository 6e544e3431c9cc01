// How the script itself calls what reports speak of: its tasks, and its locks and queues, by the variables, attributes and items
// in which they are found. All is looked up when a report is made; nothing is kept for it while the script runs.

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

    /// `T1 "ann", started at dine.tr:20,`: to be followed by what it does.
    static func introduction(of task: ScriptTask) -> String {
        label(of: task) + (task.spawnSite.map { ", started at \($0)," } ?? "")
    }

    /// `T1 "ann", started at dine.tr:20, still has lock (dine.tr:7)`: what an error that ended a task is to say about it. Empty
    /// for the main thread, unless it has a lock that others may wait for. With the GIL.
    /// - Parameter traceback: the traceback of the error, in whose variables locks are looked for, or None.
    static func farewell(of task: ScriptTask, traceback: Value, _ given: String?) -> String {
        let held = ObjectNames(traceback: traceback).locks(of: task)
        if given == nil, task.spawnSite == nil, held.isEmpty || Threads.count < 2 { return "" }
        let text = given.map { $0 + "," } ?? introduction(of: task)
        if held.isEmpty { return String(text.dropLast()) }
        return "\(text) still has " + held.map { DeadlockReport.told($0.lock, $0.name) }.joined(separator: ", ")
    }
}

/// Finds the names of objects in what some tasks see: globals, locals, and the attributes and items of those.
struct ObjectNames {
    /// Names and values that the tasks see, nearest first; globals before locals.
    private var seen: [(name: String, value: Value)] = []
    private static let limit = 20_000

    init(_ tasks: [ScriptTask]) {
        var frames = SeenFrames()
        for task in tasks { frames.add(task.state.scriptFrame) }
        seen = frames.entries
    }

    /// What the frames of a traceback see: they have ended.
    init(traceback: Value) {
        var frames = SeenFrames()
        frames.add(traceback: traceback)
        seen = frames.entries
    }

    /// Names and values, collected frame by frame.
    private struct SeenFrames {
        var locals: [(name: String, value: Value)] = []
        var modules: [DictRef] = []

        var entries: [(name: String, value: Value)] {
            var entries: [(name: String, value: Value)] = []
            for globals in modules { ObjectNames.addEntries(globals, to: &entries) }
            return entries + locals
        }

        mutating func add(_ innermost: Registers?) {
            var frame = innermost
            while let current = frame {
                let header = current.header
                if !Place.isLibrary(header.pointee.code) { add(header.pointee.code, header.pointee.globals) { current[$0] } }
                frame = scriptCaller(of: current)
            }
        }

        mutating func add(traceback: Value) {
            var entry = traceback
            while entry.isKind(.traceback) {
                let frame = entry.object(TracebackObject.self).pointee.frame
                if !Place.isLibrary(frame.pointee.code) {
                    let kept = frame.pointee.variables
                    add(frame.pointee.code, frame.pointee.globals) { index in
                        if let registers = frame.pointee.registers { return registers[index] }
                        return kept.isKind(.list) && index < kept.object(List.self).count ? kept.object(List.self).items[index] : .absent
                    }
                }
                entry = entry.object(TracebackObject.self).pointee.next
            }
        }

        private mutating func add(_ code: CodeRef, _ globals: DictRef, _ variable: (Int) -> Value) {
            if !modules.contains(globals) { modules.append(globals) }
            guard code.pointee.localNames.isKind(.tuple) else { return }
            let count = min(Int(code.pointee.localCount), code.pointee.localNames.object(Tuple.self).count)
            for index in 0 ..< count where locals.count < limit {
                var value = variable(index)
                if value.isKind(.cell) { value = value.object(Cell.self).pointee.value }
                if !value.isAbsent { locals.append((code.localName(index).string, value)) }
            }
        }
    }

    private static func addEntries(_ dict: DictRef, to list: inout [(name: String, value: Value)]) {
        var position = 0
        while let entry = dict.next(&position), list.count < limit {
            guard entry.pointee.key.isKind(.str) else { continue }
            list.append((entry.pointee.key.object(Str.self).string, entry.pointee.value))
        }
    }

    func name(of lock: Lock) -> String {
        find { ObjectNames.lock($0) === lock } ?? (lock.isReentrant ? "an RLock" : "a Lock")
    }

    /// The locks that the task has, among those that can be found, with their names.
    func locks(of task: ScriptTask) -> [(name: String, lock: Lock)] {
        var found: [(name: String, lock: Lock)] = []
        walk { value, name in
            if let lock = ObjectNames.lock(value), lock.isLocked, lock.owner === task, !found.contains(where: { $0.lock === lock }) {
                found.append((name(), lock))
            }
            return false
        }
        return found
    }

    private static func lock(_ value: Value) -> Lock? {
        value.isKind(.box) ? value.object(BoxedObject.self).swiftObject as? Lock : nil
    }

    /// The queue, event, condition … in whose methods a task waits: the `self` of the outermost of the library's frames
    /// that lie above the script's.
    func nameOfLibraryObject(_ task: ScriptTask) -> String {
        var object = Value.absent
        var frame = task.state.scriptFrame
        while let current = frame, Place.isLibrary(current.header.pointee.code) {
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
        var found: String?
        walk { value, name in
            if isIt(value) { found = name() }
            return found != nil
        }
        return found
    }

    /// Calls `visit` with what has a name, and a function that makes the name, until it returns true: first variables, then
    /// the attributes and items of those.
    private func walk(_ visit: (Value, () -> String) -> Bool) {
        for (name, value) in seen where visit(value, { name }) { return }
        var budget = ObjectNames.limit
        for (name, value) in seen where !name.hasPrefix("__") {
            if ObjectNames.walkInside(name, value, &budget, visit) || budget <= 0 { return }
        }
    }

    /// One level down: attributes, and items of lists, tuples and dicts. True once `visit` has said so.
    private static func walkInside(_ name: String, _ value: Value, _ budget: inout Int, _ visit: (Value, () -> String) -> Bool) -> Bool {
        if value.isKind(.instance) {
            let instance = value.object(Instance.self)
            if let dict = instance.dictionary { return walkEntries(dict, &budget, visit) { $0.isKind(.str) ? "\(name).\(text($0))" : nil } }
            let shape = instance.shape
            for (index, attribute) in shape.names.enumerated() {
                budget -= 1
                if visit(instance.slot(index, shape).pointee, { "\(name).\(attribute.string)" }) { return true }
            }
        } else if value.isKind(.list) || value.isKind(.tuple) {
            let items = value.isKind(.list) ? value.object(List.self).pointee.items : value.object(Tuple.self).items
            let count = value.isKind(.list) ? value.object(List.self).count : value.object(Tuple.self).count
            guard let items else { return false }
            for index in 0 ..< min(count, 1000) {
                budget -= 1
                if visit(items[index], { "\(name)[\(index)]" }) { return true }
            }
        } else if value.isKind(.dict) {
            return walkEntries(value.object(Dict.self), &budget, visit) { key in
                key.isKind(.str) ? "\(name)['\(text(key))']" : machineInt(key).map { "\(name)[\($0)]" }
            }
        }
        return false
    }

    private static func walkEntries(
        _ dict: DictRef, _ budget: inout Int, _ visit: (Value, () -> String) -> Bool, _ label: @escaping (Value) -> String?
    ) -> Bool {
        var position = 0
        while let entry = dict.next(&position), budget > 0 {
            budget -= 1
            let key = entry.pointee.key
            guard key.isKind(.str) || machineInt(key) != nil else { continue }
            if visit(entry.pointee.value, { label(key) ?? "?" }) { return true }
        }
        return false
    }

    private static func text(_ key: Value) -> String { key.object(Str.self).string }
}
