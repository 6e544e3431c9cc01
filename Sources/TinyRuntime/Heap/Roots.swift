// Where the collector starts: everything that is reachable without going through another object.
import CTiny

extension Heap {
    /// - Parameter all: of the interned strings, those too that the last collection has seen.
    func markRoots(_ marker: inout Marker, all: Bool) {
        if all { StrTables.markAll(&marker) } else { StrTables.markNew(&marker) }
        for value in pendingFinalizers { marker.mark(value) }
        for value in pendingCallbacks { marker.mark(value) }
        for value in permanentRoots { marker.mark(value) }
        for value in allocationTrace?.files ?? [] { marker.mark(value) }
        for value in [Runtime.originalImport, AsyncHooks.firstIteration, AsyncHooks.finalizer] { marker.mark(value) }
        Threads.forEach { markThread($0, &marker) }
        for thread in Threads.leftBehind { markThread(thread.state, &marker) }
    }

    private func markThread(_ thread: ThreadRef, _ marker: inout Marker) {
        marker.mark(thread.pointee.raised)
        marker.mark(thread.pointee.handled)
        marker.mark(thread.pointee.result)
        marker.mark(thread.pointee.pending)
        marker.mark(thread.pointee.contextVariables)
        marker.mark(thread.pointee.traceFunction)
        marker.mark(thread.pointee.profileFunction)
        marker.mark(thread.pointee.reprStack)
        marker.mark(thread.pointee.fiber)
        marker.mark(thread.pointee.rootFiber)
        marker.mark(thread.pointee.nextFiber)
        marker.mark(thread.pointee.nextTransfer)
        marker.mark(thread.pointee.fiberTracer)
        marker.mark(thread.pointee.previousFiber)
        marker.mark(thread.pointee.doomed)
        marker.mark(thread.pointee.hub)
        marker.mark(thread.pointee.threadDictionary)
        marker.mark(thread.pointee.hubLoop)
        markSegments(thread.pointee.segments, thread.pointee.top, &marker)
        // What is stale above would be taken for registers of a later frame.
        thread.clearAbove()
        markFrames(thread.pointee.frame, &marker)
        guard let low = UnsafeRawPointer(bitPattern: thread.pointee.scanTop),
            let high = UnsafeRawPointer(bitPattern: thread.pointee.nativeBase), low < high
        else { return }
        scanConservatively(from: low, to: high, &marker)
    }
}

// MARK: Finalisers

/// Calls `__del__` of dead objects and the callbacks of dead weak references.
///
/// Each runs to its end before the next begins: a safepoint within one leaves the others waiting.
public func runFinalizers() throws(Raised) {
    let t = currentThread()
    try GreenletModule.endDoomed(t)
    guard !heap.finalizing.contains(t) else { return }
    heap.finalizing.append(t)
    defer { heap.finalizing.removeAll { $0 == t } }
    while let value = heap.pendingFinalizers.popLast() {
        let raised = t.pointee.raised
        t.pointee.raised = .absent
        do {
            if value.isKind(.fiber) {
                try GreenletModule.endAbandoned(value.object(Fiber.self), t)
            } else if value.isKind(.generator) {
                try finalize(value.object(GeneratorObject.self))
            } else {
                let method = value.cls.special(.del)
                if !method.isAbsent { _ = try callUnbound(method, value) }
            }
        } catch {
            // Of an object of the script the method itself is told.
            let method = value.isKind(.generator) ? .absent : value.cls.special(.del)
            reportUnraisable(t.takeRaised(), method.isKind(.function) ? method : value)
        }
        t.pointee.raised = raised
    }
    while let value = heap.pendingCallbacks.popLast() {
        let reference = value.object(WeakReference.self)
        do {
            _ = try callValue(reference.pointee.callback, value)
        } catch { reportUnraisable(t.takeRaised(), reference.pointee.callback) }
    }
}

/// What becomes of a generator that nobody will resume: its `finally` clauses run, a coroutine that was never awaited
/// is warned about, an asynchronous generator goes to the hook of its event loop.
private func finalize(_ generator: GeneratorRef) throws(Raised) {
    let shape = generator.pointee.header.shape
    let hook = generator.pointee.finalizer
    if shape == GeneratorObject.asyncGeneratorShape, !hook.isAbsent, !hook.isNone {
        if generator.pointee.state == .suspended { _ = try callValue(hook, Value(generator)) }
        return
    }
    if shape == GeneratorObject.coroutineShape, generator.pointee.state == .created {
        return try warnUnawaited(generator)
    }
    guard generator.pointee.state == .suspended else { return }
    _ = try GeneratorObject.closeGenerator(generator)
}

/// Warns by `warnings._warn_unawaited_coroutine`, which tells where the coroutine was made; plainly if that can't be had.
func warnUnawaited(_ coroutine: GeneratorRef) throws(Raised) {
    let t = currentThread()
    let function = try getOptionalAttribute(try importModule("warnings"), StrTables.intern("_warn_unawaited_coroutine"))
    if !function.isAbsent {
        do {
            _ = try callValue(function, Value(coroutine))
            return
        } catch {
            if t.raisedIs(.runtimeWarning) { throw error }
            reportUnraisable(t.takeRaised(), Value(coroutine))
        }
    }
    let name = try str(coroutine.pointee.qualifiedName).string
    try warn(.runtimeWarning, "coroutine '\(name)' was never awaited")
}

/// An exception that nobody can catch: told on standard error.
/// - Parameter task: the task that it has ended, if it has ended one.
public func reportUnraisable(_ exception: Value, _ object: Value, _ what: String = "Exception ignored in", task: String = "") {
    do {
        let hook = Runtime.sysModule.pointee.namespace.get(StrTables.intern("unraisablehook"))
        if !hook.isAbsent, hook != Runtime.sysModule.pointee.namespace.get(StrTables.intern("__unraisablehook__")) {
            let cls = try getAttribute(Value(Runtime.sysModule), "UnraisableHookArgs")
            let traceback = exception.isKind(.exception) ? exception.object(ExceptionObject.self).pointee.traceback : .none
            let text = what == "Exception ignored in" ? Value.none : Value(Str.make(what))
            _ = try callValue(hook, try callValue(cls, Value(Tuple.make(Value(exception.cls), exception, traceback, text, object))))
            return
        }
        let shown = object.isNone && what != "Exception ignored in" ? "" : " " + (try repr(object).string)
        try writeText(
            Runtime.sysModule.pointee.namespace.get(Names.stderr), Array("\(what):\(shown)\n".utf8))
        try printException(exception, task: task)
    } catch { _ = currentThread().takeRaised() }
}

/// As `reportUnraisable`, with the object in the text: "Exception ignored in atexit callback <function …>".
func reportUnraisable(_ exception: Value, shown object: Value, _ what: String, task: String = "") {
    do { reportUnraisable(exception, .none, "\(what) \(try repr(object).string)", task: task) } catch {
        _ = currentThread().takeRaised()
        reportUnraisable(exception, .none, what, task: task)
    }
}

/// Shows an exception with its traceback on sys.stderr.
/// - Parameter task: the task that it has ended, to be named with it; empty for none.
func printException(_ exception: Value, task: String = "") throws(Raised) {
    guard exception.isKind(.exception) else { return }
    let stderr = Runtime.sysModule.pointee.namespace.get(Names.stderr)
    if stderr.isNone || stderr.isAbsent { return }
    let lines = List.make()
    do {
        let traceback = try importModule("traceback")
        let formatted = try callValue(try getAttribute(traceback, "_format_uncaught"), exception, Value(Str.make(task)))
        try extend(lines, formatted)
    } catch {
        // The traceback module itself is broken: say what can be said.
        _ = currentThread().takeRaised()
        lines.pointee.count = 0
        lines.append(Value(Str.make("\(plainTraceback(exception))\(plainDescription(exception))\n")))
    }
    for index in 0 ..< lines.count { try writeText(stderr, Array(try str(lines.items[index]).buffer)) }
    _ = try callMethod(stderr, Names.flush)
}

private func plainDescription(_ exception: Value) -> String {
    let name = qualifiedClassName(exception.cls)
    guard let text = try? str(exception).string else { return name }
    return text.isEmpty ? name : "\(name): \(text)"
}

private func plainTraceback(_ exception: Value) -> String {
    var text = "Traceback (most recent call last):\n"
    var link = exception.object(ExceptionObject.self).pointee.traceback
    while link.isKind(.traceback) {
        let traceback = link.object(TracebackObject.self)
        let code = traceback.pointee.frame.pointee.code
        text += "  File \"\(code.pointee.fileName.object(Str.self).string)\", line \(code.range(at: traceback.pointee.offset).line), in \(code.pointee.name.object(Str.self).string)\n"
        link = traceback.pointee.next
    }
    return text
}
