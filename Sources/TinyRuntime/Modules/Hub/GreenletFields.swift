// gevent's Greenlet, its native half: a fiber with a result that others can wait for. Its fields lie behind the fiber
// itself (a dict for each would be twice as large as all the rest); `gevent.greenlet` has the other half.

struct GreenletFields {
    /// The function, its arguments (a tuple) and keywords (a dict); absent where a subclass has `_run`, or once it has ended.
    var run = Value.absent
    var arguments = Value.absent
    var keywords = Value.absent
    var value = Value.none
    /// None until it has ended; then (None, None, None), or what ended it.
    var excInfo = Value.none
    /// What is called at its end: absent, the only link, or a list of them.
    var links = Value.absent
    /// The callback that will call the links.
    var notifier = Value.none
    /// None until it is started; then what starts it.
    var startEvent = Value.none
    /// A weak reference to the greenlet that made it; and what all share that were spawned, directly or not, by the same
    /// greenlet of the main one's (a dict, made when somebody asks or spawns).
    var spawner = Value.none
    var tree = Value.none
    /// Where it was made.
    var spawnSite = CodeSite()

    /// The links as a list, which they are from now on.
    mutating func linkList() -> ListRef {
        if links.isKind(.list) { return links.object(List.self) }
        let list = List.make()
        if !links.isAbsent { list.append(links) }
        links = Value(list)
        return list
    }

    var linkCount: Int { links.isAbsent ? 0 : links.isKind(.list) ? links.object(List.self).count : 1 }

    mutating func addLink(_ link: Value) {
        // Mostly there is one. (One that is itself a list, of a class that can be called, must not be taken for several.)
        if links.isAbsent, !link.isKind(.list) { links = link } else { linkList().append(link) }
    }

    /// Takes the first link out; there is one.
    mutating func popLink() -> Value {
        guard links.isKind(.list) else {
            defer { links = .absent }
            return links
        }
        let list = links.object(List.self)
        let link = list.items[0]
        list.replace(0, 1, UnsafeBufferPointer(start: nil, count: 0))
        return link
    }

    func trace(_ marker: inout Marker) {
        // One by one: a list of them would be an allocation for each of a hundred thousand.
        marker.mark(run)
        marker.mark(arguments)
        marker.mark(keywords)
        marker.mark(value)
        marker.mark(excInfo)
        marker.mark(links)
        marker.mark(notifier)
        marker.mark(startEvent)
        marker.mark(spawner)
        marker.mark(tree)
        marker.mark(spawnSite.code)
    }
}

extension FiberRef {
    /// The fields of a Greenlet (`hasFields`).
    var fields: UnsafeMutablePointer<GreenletFields> {
        (UnsafeMutableRawPointer(self) + MemoryLayout<Fiber>.stride).assumingMemoryBound(to: GreenletFields.self)
    }
}

enum HubGreenlet {
    nonisolated(unsafe) static var cls = ClassRef(bitPattern: 8).unsafelyUnwrapped
    /// (None, None, None), shared; and what stands for a start that is over.
    nonisolated(unsafe) static var success = Value.none
    nonisolated(unsafe) static var completed = Value.none
    /// Called with each greenlet that is started, if not None.
    nonisolated(unsafe) static var spawnCallback = Value.none
    nonisolated(unsafe) private static var runName = StrRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var treeName = StrRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var startName = StrRef(bitPattern: 8).unsafelyUnwrapped
    /// The weak reference that the last greenlet got: greenlets are mostly made by the same one. `recent` keeps it alive.
    nonisolated(unsafe) private static var lastReference = Value.none
    nonisolated(unsafe) private static var recent = ListRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var ownInit = Value.none
    nonisolated(unsafe) private static var ownStart = Value.none
    nonisolated(unsafe) private static var ownNotify = Value.none

    private static func own(_ value: Value) throws(Raised) -> FiberRef {
        guard value.isKind(.fiber), value.object(Fiber.self).pointee.hasFields else {
            throw typeError("a Greenlet is required, not '\(typeName(value))'")
        }
        return value.object(Fiber.self)
    }

    /// The loop of the hub that the greenlet belongs to.
    private static func loop(of fiber: FiberRef, _ t: ThreadRef) throws(Raised) -> EventLoop {
        if let parent = fiber.pointee.parent {
            if parent == t.pointee.hub { return try EventLoop.of(t.pointee.hubLoop) }
            return try EventLoop.of(try getAttribute(Value(parent), Names.loop))
        }
        throw raise(.attributeError, "'NoneType' object has no attribute 'loop'")
    }

    // MARK: Life

    private static func make(_ cls: ClassRef, _ t: ThreadRef) throws(Raised) -> FiberRef {
        if cls.pointee.flags.contains(.isAbstract) { throw abstractInstantiation(cls) }
        try GreenletModule.endDoomed(t)
        let fiber = Fiber.make(cls, parent: t.currentFiber(), moreBytes: MemoryLayout<GreenletFields>.stride)
        fiber.pointee.hasFields = true
        fiber.fields.initialize(to: GreenletFields())
        if let site = Place.site(t.scriptFrame) { fiber.fields.pointee.spawnSite = site }
        let spawner = t.currentFiber()
        if !lastReference.isKind(.weakReference) || lastReference.object(WeakReference.self).pointee.referent != Value(spawner) {
            lastReference = try callValue(Value(Shapes.table[Int(Kind.weakReference.rawValue)].pointee.cls), Value(spawner))
            recent.put(lastReference, at: 0)
        }
        fiber.fields.pointee.spawner = lastReference
        if spawner.pointee.hasFields {
            fiber.fields.pointee.tree = sharedTree(of: spawner)
        } else if spawner.pointee.parent != nil, let attributes = ownDictionary(Value(spawner), create: true) {
            // What the main greenlet spawns has nothing in common; what another plain one does, it keeps as an attribute.
            var tree = attributes.get(treeName)
            if tree.isAbsent {
                tree = Value(Dict.make())
                attributes.set(treeName, tree)
            }
            fiber.fields.pointee.tree = tree
        }
        return fiber
    }

    private static func sharedTree(of fiber: FiberRef) -> Value {
        if fiber.fields.pointee.tree.isNone { fiber.fields.pointee.tree = Value(Dict.make()) }
        return fiber.fields.pointee.tree
    }

    private static func initialize(_ fiber: FiberRef, _ run: Value, _ arguments: Value, _ keywords: Value, _ t: ThreadRef) throws(Raised) {
        guard fiber.pointee.state == .fresh else { throw raise(.attributeError, "run cannot be set after the start of the greenlet") }
        fiber.pointee.parent = try HubModule.hub(t)
        let fields = fiber.fields
        fields.pointee.arguments = arguments
        fields.pointee.keywords = keywords.isKind(.dict) && keywords.object(Dict.self).pointee.count > 0 ? keywords : .absent
        let isCallable: Bool
        if run.isNone {
            isCallable = try getAttribute(Value(fiber), runName).cls.has(.call)
        } else {
            isCallable = run.cls.has(.call)
            if Value(fiber).cls.lookup(runName).isKind(.getSet) {
                fields.pointee.run = run
            } else {
                ownDictionary(Value(fiber), create: true)?.set(runName, run)
            }
        }
        guard isCallable else { throw typeError("The run argument or self._run must be callable") }
    }

    private static func start(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        guard fiber.fields.pointee.startEvent.isNone else { return }
        if !spawnCallback.isNone { _ = try callValue(spawnCallback, Value(fiber)) }
        fiber.fields.pointee.startEvent = Value(try loop(of: fiber, t).schedule(Value(fiber)))
    }

    /// `spawn(cls, *args, **kwargs)`
    private static func spawn(_ cls: ClassRef, _ arguments: TupleRef, _ keywords: Value) throws(Raised) -> Value {
        let t = currentThread()
        let isNative = cls == self.cls || cls.lookup(SpecialName.`init`.string) == ownInit && cls.lookup(SpecialName.new.string) == self.cls.lookup(SpecialName.new.string)
        guard isNative, arguments.count > 0, !hasRunKeyword(keywords), cls.lookup(startName) == ownStart else {
            let new = try callValue(Value(cls), arguments, keywords.isKind(.dict) ? keywords.object(Dict.self) : nil)
            _ = try callValue(try getAttribute(new, "start"))
            return new
        }
        let fiber = try make(cls, t)
        let rest = arguments.count == 1 ? Value.absent : Value(Tuple.make(UnsafePointer(arguments.items + 1), arguments.count - 1))
        try initialize(fiber, arguments.items[0], rest, keywords, t)
        try start(fiber, t)
        return Value(fiber)
    }

    private static func hasRunKeyword(_ keywords: Value) -> Bool {
        keywords.isKind(.dict) && !keywords.object(Dict.self).get(Names.run).isAbsent
    }

    /// It runs: what started it is over.
    private static func begin(_ fields: UnsafeMutablePointer<GreenletFields>) throws(Raised) {
        let event = fields.pointee.startEvent
        fields.pointee.startEvent = completed
        if let callback = HubModule.callback.instance(event) {
            HubWaiting.cancel(callback)
        } else if event.isPointer, event != completed {
            _ = try callValue(try getAttribute(event, "stop"))
            _ = try callValue(try getAttribute(event, "close"))
        }
    }

    /// Its function and arguments are not needed any more.
    private static func free(_ fiber: FiberRef) {
        fiber.fields.pointee.run = .absent
        fiber.fields.pointee.arguments = .absent
        fiber.fields.pointee.keywords = .absent
        if let dictionary = fiber.pointee.dictionary { _ = dictionary.remove(runName) }
    }

    /// `self._run(*self.args, **self.kwargs)` as a call of the interpreter's loop.
    static func callRunFromLoop(
        _ base: Registers, _ count: Int, _ names: TupleRef?, _ destination: Int, _ r: Registers, _ pc: PC, _ t: ThreadRef
    ) -> Next? {
        guard count == 1, names == nil, base[0].isKind(.fiber), base[0].object(Fiber.self).pointee.hasFields else { return nil }
        let fiber = base[0].object(Fiber.self)
        let fields = fiber.fields
        t.leave(r, pc)
        do {
            try begin(fields)
            let function = fields.pointee.run.isAbsent ? try getAttribute(base[0], runName) : fields.pointee.run
            let arguments = fields.pointee.arguments.isKind(.tuple) ? fields.pointee.arguments.object(Tuple.self) : Tuple.make()
            let keywords = fields.pointee.keywords.isAbsent ? Value.none : fields.pointee.keywords
            return callSpread(function, arguments, keywords, destination, .store, base, r, pc, t)
        } catch { return unwind(r, pc, t) }
    }

    /// It has ended: those who wait are told in the next round.
    private static func scheduleLinks(_ fiber: FiberRef, _ t: ThreadRef) throws(Raised) {
        let fields = fiber.fields
        guard fields.pointee.linkCount > 0, fields.pointee.notifier.isNone else { return }
        let method = Value(BoundMethod.make(ownNotify, Value(fiber)))
        fields.pointee.notifier = Value(try loop(of: fiber, t).schedule(method))
    }

    private static func isReady(_ fiber: FiberRef) -> Bool { !fiber.fields.pointee.excInfo.isNone || fiber.pointee.state == .dead }

    private static func notifyLinks(_ fiber: FiberRef) throws(Raised) {
        let t = currentThread()
        let fields = fiber.fields
        fields.pointee.notifier = .none
        while fields.pointee.linkCount > 0 {
            let link = fields.pointee.popLink()
            do {
                if let target = switched(by: link), target.pointee.state == .suspended, target.pointee.thread == t {
                    _ = try t.switchNatively(to: target, Transfer(value: Value(fiber)))
                } else if link.isKind(.native), link.object(NativeFunction.self).pointee.record.pointee.intrinsic == .gather {
                    try HubWaiters.gather(link.object(NativeFunction.self).pointee.receiver, Value(fiber), t)
                } else {
                    _ = try callValue(link, Value(fiber))
                }
            } catch {
                let exception = t.takeRaised()
                guard !HubModule.endsHub(exception.cls), let parent = fiber.pointee.parent else {
                    t.pointee.raised = exception
                    throw Raised()
                }
                try EventLoop.tell(Value(parent), Value(Tuple.make(link, Value(fiber))), exception)
            }
        }
        fields.pointee.links = .absent
    }

    // MARK: The class

    private static func field(_ name: StaticString, _ path: WritableKeyPath<GreenletFields, Value> & Sendable, absent: Value = .none) -> Accessors {
        Accessors(name) { object throws(Raised) in
            let value = try own(object).fields.pointee[keyPath: path]
            return value.isAbsent ? absent : value
        } set: { object, value throws(Raised) in
            try own(object).fields.pointee[keyPath: path] = value
        }
    }

    static let table = NativeClass(
        "GreenletBase", kind: .fiber, doc: "What is native of gevent's Greenlet.", flags: [.isBase, .isWeakReferenceable, .hasDict],
        methods: [
            Native("__init__(self, run=None, *args, **kwargs)", "") { args throws(Raised) in
                try initialize(try own(args[0]), args[1], args[2], args[3], currentThread())
                return .none
            },
            Native("spawn(cls, /, *args, **kwargs)", "Makes a greenlet and starts it.", .classMethod) { args throws(Raised) in
                try spawn(args[0].object(ClassObject.self), args[1].object(Tuple.self), args[2])
            },
            Native("start(self)", "Runs in the next round of the loop.") { args throws(Raised) in
                try start(try own(args[0]), currentThread())
                return .none
            },
            Native("_call_run(self)", "It runs: self._run(*self.args, **self.kwargs)") { args throws(Raised) in
                let fields = try own(args[0]).fields
                try begin(fields)
                let function = fields.pointee.run.isAbsent ? try getAttribute(args[0], runName) : fields.pointee.run
                let arguments = fields.pointee.arguments.isKind(.tuple) ? fields.pointee.arguments.object(Tuple.self) : Tuple.make()
                return try callValue(function, arguments, fields.pointee.keywords.isKind(.dict) ? fields.pointee.keywords.object(Dict.self) : nil)
            },
            Native("_report_result(self, result)", "It has ended with a value.") { args throws(Raised) in
                let fiber = try own(args[0])
                fiber.fields.pointee.excInfo = success
                fiber.fields.pointee.value = args[1]
                free(fiber)
                try scheduleLinks(fiber, currentThread())
                return .none
            },
            Native("_schedule_links(self)", "Tells who waits, in the next round.") { args throws(Raised) in
                try scheduleLinks(try own(args[0]), currentThread())
                return .none
            },
            Native("_free(self)", "It has ended: its function and arguments are not needed any more.") { args throws(Raised) in
                free(try own(args[0]))
                return .none
            },
            Native("ready(self)", "Whether it has ended.") { args throws(Raised) in Value(isReady(try own(args[0]))) },
            Native("successful(self)", "Whether it has ended without an exception (GreenletExit is none).") { args throws(Raised) in
                let info = try own(args[0]).fields.pointee.excInfo
                return Value(info.isKind(.tuple) && info.object(Tuple.self).count > 1 && info.object(Tuple.self).items[1].isNone)
            },
            Native("rawlink(self, callback)", "Calls the callback with this greenlet, in the hub, once it has ended.") { args throws(Raised) in
                guard args[1].cls.has(.call) else { throw typeError("Expected callable: \(try repr(args[1]).string)") }
                let fiber = try own(args[0])
                fiber.fields.pointee.addLink(args[1])
                if isReady(fiber) { try scheduleLinks(fiber, currentThread()) }
                return .none
            },
            Native("unlink(self, callback)", "Takes a link back.") { args throws(Raised) in
                let fields = try own(args[0]).fields
                if fields.pointee.linkCount == 0 { return .none }
                let list = fields.pointee.linkList()
                var index = 0
                while index < list.count {
                    if try equal(list.items[index], args[1]) {
                        if index < list.count { list.replace(index, index + 1, UnsafeBufferPointer(start: nil, count: 0)) }
                        break
                    }
                    index += 1
                }
                return .none
            },
            Native("unlink_all(self)", "Takes all links back.") { args throws(Raised) in
                try own(args[0]).fields.pointee.links = .absent
                return .none
            },
            Native("has_links(self)", "How many links there are.") { args throws(Raised) in
                Value(try own(args[0]).fields.pointee.linkCount)
            },
            Native("_notify_links(self)", "Tells who waits.") { args throws(Raised) in
                try notifyLinks(try own(args[0]))
                return .none
            },
        ],
        attributes: [
            Accessors("_run") { object throws(Raised) in
                let run = try own(object).fields.pointee.run
                return run.isAbsent ? try getAttribute(object, "_run_nothing") : run
            } set: { object, value throws(Raised) in
                try own(object).fields.pointee.run = value
            },
            field("args", \.arguments, absent: Value(Tuple.make())),
            Accessors("kwargs") { object throws(Raised) in
                let own = try own(object)
                if own.fields.pointee.keywords.isAbsent { own.fields.pointee.keywords = Value(Dict.make()) }
                return own.fields.pointee.keywords
            } set: { object, value throws(Raised) in
                try own(object).fields.pointee.keywords = value.isKind(.dict) ? value : .absent
            },
            field("value", \.value),
            field("_exc_info", \.excInfo),
            field("_notifier", \.notifier),
            field("_start_event", \.startEvent),
            field("spawning_greenlet", \.spawner),
            Accessors("spawned_at") { object throws(Raised) in
                try own(object).fields.pointee.spawnSite.place.map { Value(Str.make($0.description)) } ?? .none
            },
            Accessors("_spawned_in") { object throws(Raised) in
                let site = try own(object).fields.pointee.spawnSite
                guard let place = site.place else { return .none }
                let code = site.code.object(Code.self)
                return Value(Tuple.make(code.pointee.fileName, Value(place.line), code.pointee.name))
            },
            Accessors("spawn_tree_locals") { object throws(Raised) in sharedTree(of: try own(object)) } set: { object, value throws(Raised) in
                try own(object).fields.pointee.tree = value.isAbsent ? .none : value
            },
            Accessors("_links") { object throws(Raised) in
                Value(try own(object).fields.pointee.linkList())
            },
        ],
        construct: { args throws(Raised) in Value(try make(args[0].object(ClassObject.self), currentThread())) })

    /// After the class exists.
    static func prepare() {
        runName = StrTables.intern("_run")
        ownInit = cls.lookup(SpecialName.`init`.string)
        startName = StrTables.intern("start")
        treeName = StrTables.intern("spawn_tree_locals")
        ownStart = cls.lookup(startName)
        ownNotify = cls.lookup(StrTables.intern("_notify_links"))
        success = Value(Tuple.make(.none, .none, .none))
        recent = List.make()
        recent.append(.none)
        for value in [success, Value(recent)] { heap.permanentRoots.append(value) }
    }
}
