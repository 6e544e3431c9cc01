// `_hub`: what is native of gevent. The event loop, its watchers, the waits of greenlets, and Greenlet's fields; the rest of
// gevent, with all names that programs use, is in stdlib/gevent.
import CTiny

enum HubModule {
    nonisolated(unsafe) private(set) static var callback = SlottedClass(cls: ClassRef(bitPattern: 8).unsafelyUnwrapped, count: 0)
    nonisolated(unsafe) private(set) static var watcher = callback
    nonisolated(unsafe) private(set) static var timer = callback
    nonisolated(unsafe) private(set) static var io = callback
    nonisolated(unsafe) private(set) static var waiter = callback
    nonisolated(unsafe) private(set) static var itemWaiter = callback
    nonisolated(unsafe) private(set) static var gathering = callback
    nonisolated(unsafe) private(set) static var queue = callback
    nonisolated(unsafe) private(set) static var handleError = StrRef(bitPattern: 8).unsafelyUnwrapped
    /// What a greenlet that sleeps for no time waits for.
    nonisolated(unsafe) private(set) static var turn = Value.none
    /// Makes a thread's hub; raises one of gevent's exceptions by name; the exception that ends a hub. Set by gevent.hub.
    nonisolated(unsafe) private static var maker = Value.none
    nonisolated(unsafe) private(set) static var complaint = Value.none
    nonisolated(unsafe) private static var destroyed = Value.none

    static let nativeModule = NativeModule(
        "_hub", doc: "The native half of gevent.", functions: { functions },
        prepare: { contents throws(Raised) in
            _ = try importModule("_greenlet")
            callback = SlottedClass.add(HubWatchers.callbackTable, slots: [".function", ".arguments"], to: contents)
            watcher = SlottedClass.add(
                HubWatchers.watcherTable,
                slots: ["loop", ".function", ".arguments", ".keeps", ".first", ".second", ".number", "_state"], to: contents)
            timer = SlottedClass.add(HubWatchers.timerTable, slots: [], base: watcher, to: contents)
            io = SlottedClass.add(HubWatchers.ioTable, slots: [], base: watcher, to: contents)
            waiter = SlottedClass.add(HubWaiters.table, slots: ["hub", "greenlet", "value", "_exception"], to: contents)
            itemWaiter = SlottedClass.add(HubWaiters.itemTable, slots: ["item", "queue"], base: waiter, to: contents)
            // A patched `time.sleep` tells whose it is.
            HubWaiting.sleepFunction.install(in: contents.namespace, moduleName: Value(StrTables.intern("gevent.hub")))
            handleError = StrTables.intern("handle_error")
            gathering = SlottedClass.add(HubWaiters.gatheringTable, slots: ["count", "found", "waiter"], to: contents)
            queue = SlottedClass.add(HubQueues.table, slots: HubQueues.slots, to: contents)
            HubQueues.prepare(queue.cls)
            HubWaiters.prepare()
            EventLoop.cls = contents.add(LoopObject.table)
            let hub = contents.add(HubWaiting.hubTable, base: GreenletModule.cls)
            HubGreenlet.cls = contents.add(HubGreenlet.table, base: GreenletModule.cls)
            HubGreenlet.prepare()
            turn = Value(StrTables.intern("its turn"))
            heap.permanentRoots.append(turn)
            mark(contents.namespace.get(StrTables.intern("sleep")), .hubSleep)
            mark(hub.lookup(StrTables.intern("wait")), .hubWait)
            mark(hub.lookup(StrTables.intern("wait_for")), .hubWaitFor)
            mark(waiter.cls.lookup(StrTables.intern("get")), .waiterGet)
            mark(gathering.cls.lookup(StrTables.intern("add")), .gather)
            mark(HubGreenlet.cls.lookup(StrTables.intern("_call_run")), .callRun)
        })

    static func mark(_ value: Value, _ intrinsic: NativeIntrinsic) {
        if value.isKind(.native) { value.object(NativeFunction.self).pointee.record.pointee.intrinsic = intrinsic }
    }

    /// The hub of the thread, made when first asked for.
    static func hub(_ t: ThreadRef) throws(Raised) -> FiberRef {
        if let hub = t.pointee.hub { return hub }
        let made = try callValue(maker)
        try setHub(made, t)
        return made.object(Fiber.self)
    }

    private static func setHub(_ hub: Value, _ t: ThreadRef) throws(Raised) {
        guard !hub.isNone else {
            t.pointee.hub = nil
            t.pointee.hubLoop = .none
            return
        }
        guard hub.isKind(.fiber) else { throw typeError("a hub must be a greenlet, not '\(typeName(hub))'") }
        let loop = try getAttribute(hub, Names.loop)
        _ = try EventLoop.of(loop)
        t.pointee.hub = hub.object(Fiber.self)
        t.pointee.hubLoop = loop
    }

    /// Whether an exception that is raised in the hub's greenlet ends it.
    static func endsHub(_ cls: ClassRef) -> Bool {
        destroyed.isKind(.class) && cls.isSubclass(of: destroyed.object(ClassObject.self))
    }

    /// The fibers of a thread that wait in its hub, and what for.
    private static func waiting(_ t: ThreadRef) -> ListRef {
        let list = List.make()
        func add(_ fiber: FiberRef) {
            if fiber.pointee.thread == t, fiber.hasThread, !fiber.pointee.waiting.isNone {
                list.append(Value(Tuple.make(Value(fiber), fiber.pointee.waiting)))
            }
        }
        if let root = t.pointee.rootFiber { add(root) }
        forEachFiber(add)
        return list
    }

    private static func forEachFiber(_ body: (FiberRef) -> Void) {
        for object in heap.finalizable where Value(address: object).isKind(.fiber) {
            body(object.assumingMemoryBound(to: Fiber.self))
        }
    }

    private static let functions: [Native] = [
        Native("get_hub()", "The hub of this thread, made at the first call.") { _ throws(Raised) in Value(try hub(currentThread())) },
        Native("get_hub_if_exists()", "The hub of this thread, or None.") { _ throws(Raised) in
            currentThread().pointee.hub.map { Value($0) } ?? .none
        },
        Native("set_hub(hub, /)", "This is the hub of this thread from now on.") { args throws(Raised) in
            try setHub(args[0], currentThread())
            return .none
        },
        Native("_set_up(maker, complaint, destroyed, completed, /)", "What the native half needs of the other.") { args throws(Raised) in
            (maker, complaint, destroyed, HubGreenlet.completed) = (args[0], args[1], args[2], args[3])
            for index in 0 ..< 4 { heap.permanentRoots.append(args[index]) }
            return .none
        },
        Native("_set_spawn_callback(callback, /)", "Called with each Greenlet that is started; None: nothing is.") { args throws(Raised) in
            HubGreenlet.spawnCallback = args[0]
            heap.permanentRoots.append(args[0])
            return .none
        },
        CooperativeFiles.letFilesWait,
        Native("_taken()", "Who takes a lock now, and where: the greenlet, its code and the place in it.") { _ in
            let t = currentThread()
            guard let site = Place.site(t.scriptFrame), let pc = site.pc else { return Value(Tuple.make(Value(t.currentFiber()), .none, Value(0))) }
            return Value(Tuple.make(Value(t.currentFiber()), site.code, Value(site.code.object(Code.self).offset(of: pc))))
        },
        Native("_place(code, offset, /)", "`file:line` of a place in a code, or None.") { args throws(Raised) in
            guard args[0].isKind(.code) else { return .none }
            return Value(Str.make(Place(args[0].object(Code.self), offset: try index(args[1])).description))
        },
        Native("_let_locks_wait_in_hub()", "A lock of another greenlet in the same thread is waited for in the hub from now on.") { _ in
            Lock.waitsInHub = true
            return .none
        },
        Native("waiting()", "Pairs of each greenlet that waits in this thread's hub and what it waits for.") { _ throws(Raised) in
            Value(waiting(currentThread()))
        },
        Native("waiting_for(greenlet, /)", "What a greenlet waits for in the hub, or None.") { args throws(Raised) in
            guard args[0].isKind(.fiber) else { throw typeError("a greenlet is required") }
            return args[0].object(Fiber.self).pointee.waiting
        },
        Native("living(all=False)", "The Greenlets that have begun and not ended; `all`: every greenlet.") { args throws(Raised) in
            let list = List.make()
            let all = try truth(args[0])
            forEachFiber { fiber in
                if fiber.isActive, fiber.hasThread, all || fiber.pointee.hasFields { list.append(Value(fiber)) }
            }
            return Value(list)
        },
    ]
}
