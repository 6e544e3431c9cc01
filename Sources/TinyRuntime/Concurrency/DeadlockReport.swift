// What is said about a deadlock: each task with what it holds and where it took it, what it waits for and where, by the
// names that the script gives to tasks and locks; and how to mend it.

enum DeadlockReport {
    private static let limit = 12

    static func text(_ tasks: [ScriptTask], isCycle: Bool) -> String {
        let tasks = tasks.sorted { $0.number < $1.number }
        let names = ObjectNames(tasks)
        var text: String
        if isCycle, tasks.count > 1 {
            text = "\(tasks.count) tasks wait for each other for ever"
        } else if isCycle {
            text = "the task waits for itself for ever"
        } else {
            text = tasks.count == 1 ? "the only task waits for ever" : "all \(tasks.count) tasks wait for ever"
        }
        for task in tasks.prefix(limit) { text += "\n  " + line(task, tasks, names) }
        if tasks.count > limit { text += "\n  and \(tasks.count - limit) more" }
        if let hint = hint(tasks, isCycle: isCycle, names) { text += "\n  hint: " + hint }
        return text
    }

    /// `T1 "ann", started at dine.tr:20, holds fork1 (dine.tr:7) and waits for fork2 at dine.tr:8`
    private static func line(_ task: ScriptTask, _ tasks: [ScriptTask], _ names: ObjectNames) -> String {
        var text = TaskNames.introduction(of: task)
        let held = locksHeld(by: task, among: tasks)
        let isAlone = task.wait?.owner === task
        if !held.isEmpty, !isAlone {
            text += " holds " + held.map { told($0, names.name(of: $0)) }.joined(separator: ", ") + " and"
        }
        text += " waits for " + target(of: task, names)
        if let place = Place(of: task) { text += " at \(place)" }
        if let lock = task.wait?.object as? Lock, let owner = lock.owner, owner.isDone {
            text += "; \(TaskNames.label(of: owner)) took it" + (lock.site.map { " (\($0))" } ?? "") + " and has ended"
        }
        return text
    }

    /// `fork1 (dine.tr:7)`: a lock and where it was taken.
    static func told(_ lock: Lock, _ name: String) -> String { name + (lock.site.map { " (\($0))" } ?? "") }

    /// The locks that others of these tasks wait for and this one has.
    private static func locksHeld(by task: ScriptTask, among tasks: [ScriptTask]) -> [Lock] {
        var held: [Lock] = []
        for other in tasks {
            guard let lock = other.wait?.object as? Lock, lock.owner === task, !held.contains(where: { $0 === lock }) else { continue }
            held.append(lock)
        }
        return held
    }

    private static func target(of task: ScriptTask, _ names: ObjectNames) -> String {
        guard let wait = task.wait else { return "something" }
        switch wait.kind {
        case .lock, .reentrantLock:
            guard let lock = wait.object as? Lock else { return "a lock" }
            let name = names.name(of: lock)
            guard let owner = lock.owner else { return name }
            if owner === task { return "\(name), which it has itself" + (lock.site.map { " (\($0))" } ?? "") }
            return name
        case .join:
            guard let other = wait.object as? ScriptTask else { return "a task's end" }
            return "the end of \(TaskNames.label(of: other))"
        case .signal, .queue: return names.nameOfLibraryObject(task)
        case .sleep: return "a time"
        case .system: return "the system"
        }
    }

    private static func hint(_ tasks: [ScriptTask], isCycle: Bool, _ names: ObjectNames) -> String? {
        let locks = tasks.compactMap { $0.wait?.object as? Lock }.filter { !$0.isSignal }
        if tasks.count == 1, let lock = locks.first, lock.owner === tasks[0] {
            return "a Lock can't be taken twice by one task; an RLock can"
        }
        if isCycle, locks.count == tasks.count {
            let order = locks.map { names.name(of: $0) }.sorted()
            return "take the locks in one order everywhere (\(order.joined(separator: " before ")))"
        }
        if isCycle, !locks.isEmpty { return "let the lock go before waiting for a task that needs it" }
        if isCycle { return "tasks that wait for each other's end never end" }
        if let left = locks.first(where: { $0.owner?.isDone ?? true }), left.isLocked {
            return "let a lock go whatever happens: 'with \(names.name(of: left)):' does"
        }
        if tasks.contains(where: { $0.wait?.kind == .signal || $0.wait?.kind == .queue }) {
            return "nobody is left who could put, set, notify or release; give the wait a timeout, or end it with a last item"
        }
        return nil
    }
}
