// The wait-for graph, and the deadlocks in it.
//
// It is walked whenever a task is about to wait without a deadline. From the task to what it waits for, to who could end
// that, to what that one waits for …: if this comes back to the task, nobody on the way will ever run again (a partial
// deadlock, though others may still run). And if nobody at all could run (every other task waits without a deadline, no
// call of the system is under way, no handler of the script may still be called by a signal) all wait for ever, whatever
// they wait for. DeadlockError is raised in the task that closes the cycle, so its `finally` clauses run and let go.
//
// No false alarms: an owner counts only if nobody else may let its lock go. A reentrant lock can't be; nor may one that
// `with` took. A plain lock may be, so one that was ever passed around, and a task that waits for a lock which it took
// itself with acquire(), wait for "somebody", not for the owner.

import Glibc

enum WaitGraph {
    /// `--deadlock off` gives CPython's hang.
    nonisolated(unsafe) static var isOn = true
    static var errorClass: ClassRef { ExceptionName.deadlockError.cls }

    /// The task is about to wait for ever, its `wait` says for what. Throws DeadlockError if that is true for good.
    static func check(_ task: ScriptThread) throws(Raised) {
        guard isOn else { return }
        // Whoever has been woken or sent an exception does not sleep.
        if task.parking == .unparked || !task.state.pointee.pending.isAbsent || task === Threads.main && Signals.hasArrived { return }
        if let cycle = cycle(from: task) { throw raise(error(cycle, isCycle: true)) }
        guard everybody(task) != nil, try !ParkedCollection.findsGarbageToFinalize() else { return }
        if let stuck = everybody(task) { throw raise(error(stuck, isCycle: false)) }
    }

    /// A thread ends: if that leaves only tasks that wait for ever, the oldest gets the error (the main thread first).
    static func checkAtEnd(of task: ScriptThread) {
        guard isOn, everybody(task) != nil else { return }
        if ParkedCollection.findsGarbage() {
            do { try runFinalizers() } catch { reportUnraisable(task.state.takeRaised(), .none, "Exception ignored in a finalizer") }
        }
        guard let stuck = everybody(task), let victim = stuck.first(where: { $0 !== task }) else { return }
        victim.state.pointee.pending = Value(error(stuck.filter { $0 !== task }, isCycle: false))
        Threads.interrupt(victim)
    }

    /// Whether the task would wait for itself, were it to wait for this.
    static func wouldClose(_ task: ScriptThread, _ wait: Wait) -> Bool {
        task.wait = wait
        defer { task.wait = nil }
        return cycle(from: task) != nil
    }

    /// Whether the task, about to wait for what only others of this process could bring about, is the only one that could still do
    /// anything. Handlers of signals that could wake it count, but for so many.
    static func isLast(_ task: ScriptThread, besides tolerated: Int) -> Bool { isOn && everybody(task, handlers: tolerated) != nil }

    // MARK: Walking

    private static func isCertain(_ wait: Wait, isAlone: Bool) -> Bool {
        switch wait.kind {
        case .join, .reentrantLock: return true
        case .lock:
            guard let lock = wait.object as? Lock else { return false }
            return lock.isScoped || !isAlone && !lock.isPassedAround
        case .signal, .queue, .sleep, .system: return false
        }
    }

    /// The tasks of a cycle that the task closes, beginning with it.
    private static func cycle(from task: ScriptThread) -> [ScriptTask]? {
        pthread_mutex_lock(Threads.mutex)
        defer { pthread_mutex_unlock(Threads.mutex) }
        var path: [ScriptTask] = [task]
        while let wait = path[path.count - 1].wait, wait.deadline == nil, let owner = wait.owner, !owner.isDone {
            if owner === task {
                let isAlone = path.count == 1
                return path.allSatisfy { $0.wait.map { isCertain($0, isAlone: isAlone) } ?? false } ? path : nil
            }
            guard owner.parking == .parked, !path.contains(where: { $0 === owner }) else { return nil }
            path.append(owner)
        }
        return nil
    }

    /// All tasks, if none of them can run once `task` doesn't.
    private static func everybody(_ task: ScriptThread, handlers: Int = 0) -> [ScriptTask]? {
        pthread_mutex_lock(Threads.mutex)
        defer { pthread_mutex_unlock(Threads.mutex) }
        guard Threads.outside == 0, Threads.policy.isEmpty, Signals.scriptHandlers <= handlers else { return nil }
        for other in Threads.all where other !== task {
            guard other.parking == .parked, let wait = other.wait, wait.deadline == nil else { return nil }
        }
        return Threads.all.filter { !$0.isDone }
    }

    private static func error(_ tasks: [ScriptTask], isCycle: Bool) -> ExceptionRef {
        let text = DeadlockReport.text(tasks, isCycle: isCycle)
        return ExceptionObject.make(errorClass, Tuple.make(Value(Str.make(text))))
    }
}
