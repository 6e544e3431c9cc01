// What the event loop watches: times (`Timer`), descriptors (`IO`), and whatever subclasses of `Watcher` in the language
// bring (`_begin`, `_end`, `feed`). And `Callback`, a call that the loop will make once.
import CTiny
import Glibc

/// Slots of a Callback.
enum CallbackSlot {
    static let function = 0
    static let arguments = 1
}

/// Slots of a Watcher.
enum WatcherSlot {
    static let loop = 0
    /// What is called: a callable, or a fiber that is switched to; None: the watcher is not active.
    static let function = 1
    /// A tuple; absent: the watcher itself is the one argument; a socket: the loop is to receive from it (HubSockets).
    static let arguments = 2
    /// Whether it keeps the loop running while it is active.
    static let keeps = 3
    /// Timer: seconds until it happens, and from then to each next time. IO: descriptor and events.
    static let first = 4
    static let second = 5
    /// Timer: number of its entry in the loop's heap while active. IO: a number once it was started.
    static let number = 6
    /// Subclasses: has begun.
    static let state = 7
}

enum HubWatchers {
    static let readable = 1
    static let writable = 2

    /// Nanoseconds from one time to the next of a timer; 0: it happens once.
    static func repetition(of watcher: InstanceRef) -> UInt64 {
        guard let seconds = floatOf(SlottedClass.slot(watcher, WatcherSlot.second)), seconds > 0 else { return 0 }
        return UInt64(max(1, min(seconds, 9e9) * 1e9))
    }

    /// What a watcher of a file wants of epoll.
    static func mask(of watcher: InstanceRef) -> UInt32 {
        let events = watcher.inlineSlots[WatcherSlot.second]
        guard events.isInlineInt else { return 0 }
        return (events.inlineInt & readable != 0 ? EPOLLIN.rawValue : 0) | (events.inlineInt & writable != 0 ? EPOLLOUT.rawValue : 0)
    }

    static func own(_ value: Value) throws(Raised) -> InstanceRef {
        guard let watcher = HubModule.watcher.instance(value) else { throw typeError("a watcher is required") }
        return watcher
    }

    /// The watcher's loop; none once it was closed.
    static func loop(of watcher: InstanceRef) throws(Raised) -> EventLoop {
        let loop = SlottedClass.slot(watcher, WatcherSlot.loop)
        if loop.isNone { throw valueError("operation on a closed watcher") }
        return try EventLoop.of(loop)
    }

    /// Notes that a watcher does not wait any longer; what its kind needs besides is the caller's.
    static func deactivate(_ watcher: InstanceRef, _ loop: EventLoop) {
        watcher.inlineSlots[WatcherSlot.function] = .none
        watcher.inlineSlots[WatcherSlot.arguments] = .none
        if watcher.inlineSlots[WatcherSlot.keeps] == .true { loop.references -= 1 }
    }

    /// Makes a watcher active: it calls `function(*arguments)`, or switches to a fiber.
    static func start(_ value: Value, _ function: Value, _ arguments: Value) throws(Raised) {
        let watcher = try own(value)
        let loop = try loop(of: watcher)
        if !SlottedClass.slot(watcher, WatcherSlot.function).isNone { try stop(value) }
        watcher.inlineSlots[WatcherSlot.function] = function
        watcher.inlineSlots[WatcherSlot.arguments] = arguments
        if watcher.inlineSlots[WatcherSlot.keeps] == .true { loop.references += 1 }
        let cls = value.cls
        if cls == HubModule.timer.cls || cls.isSubclass(of: HubModule.timer.cls) {
            let seconds = try realOf(SlottedClass.slot(watcher, WatcherSlot.first)) ?? 0
            watcher.inlineSlots[WatcherSlot.number] = Value(loop.addTimer(watcher, at: Clock.deadline(after: seconds)))
        } else if cls == HubModule.io.cls || cls.isSubclass(of: HubModule.io.cls) {
            let isNew = SlottedClass.slot(watcher, WatcherSlot.number).isNone
            watcher.inlineSlots[WatcherSlot.number] = Value(1)
            loop.files.add(watcher, try descriptor(of: watcher), isNew: isNew)
        } else {
            _ = try callValue(try getAttribute(value, "_begin"))
        }
    }

    private static func descriptor(of watcher: InstanceRef) throws(Raised) -> Int {
        let number = try index(SlottedClass.slot(watcher, WatcherSlot.first))
        guard number >= 0, number < 1 << 24 else { throw valueError("fd must be non-negative: \(number)") }
        return number
    }

    /// The watcher does not wait any longer.
    static func stop(_ value: Value) throws(Raised) {
        let watcher = try own(value)
        guard !SlottedClass.slot(watcher, WatcherSlot.function).isNone else { return }
        let loop = try loop(of: watcher)
        deactivate(watcher, loop)
        let cls = value.cls
        if cls == HubModule.timer.cls || cls.isSubclass(of: HubModule.timer.cls) {
            watcher.inlineSlots[WatcherSlot.number] = .none
            loop.dropTimer()
        } else if cls == HubModule.io.cls || cls.isSubclass(of: HubModule.io.cls) {
            loop.files.remove(watcher, try descriptor(of: watcher))
        } else {
            _ = try callValue(try getAttribute(value, "_end"))
        }
    }

    /// What is called, as the script sees it.
    private static func shown(_ function: Value) throws(Raised) -> Value {
        function.isKind(.fiber) ? try getAttribute(function, "switch") : function
    }

    private static func checkInactive(_ watcher: InstanceRef, _ name: String) throws(Raised) {
        guard SlottedClass.slot(watcher, WatcherSlot.function).isNone else {
            throw raise(.attributeError, "'\(typeName(Value(watcher)))' object attribute '\(name)' is read-only while active")
        }
    }

    static let callbackTable = NativeClass(
        "callback", kind: .instance, doc: "A call that the loop will make once.", flags: [.isBase, .isHeapType],
        methods: [
            Native("__init__(self, callback, args, /)", "") { args throws(Raised) in
                guard let own = HubModule.callback.instance(args[0]) else { throw typeError("a callback is required") }
                own.inlineSlots[CallbackSlot.function] = args[1]
                own.inlineSlots[CallbackSlot.arguments] = args[2]
                return .none
            },
            Native("stop(self, /)", "It will not be called.") { args throws(Raised) in
                if let own = HubModule.callback.instance(args[0]) { HubWaiting.cancel(own) }
                return .none
            },
            Native("close(self, /)", "It will not be called.") { args throws(Raised) in
                if let own = HubModule.callback.instance(args[0]) { HubWaiting.cancel(own) }
                return .none
            },
            Native("__bool__(self, /)", "True if it waits or is being called.") { args throws(Raised) in
                guard let own = HubModule.callback.instance(args[0]) else { return .false }
                return Value(!own.inlineSlots[CallbackSlot.arguments].isNone)
            },
        ],
        attributes: [
            Accessors("callback") { object throws(Raised) in
                try shown(SlottedClass.slot(object.object(Instance.self), CallbackSlot.function))
            } set: { object, value throws(Raised) in
                object.object(Instance.self).inlineSlots[CallbackSlot.function] = value.isAbsent ? .none : value
            },
            Accessors("args") { object throws(Raised) in
                let value = object.object(Instance.self).inlineSlots[CallbackSlot.arguments]
                return value.isAbsent ? Value(Tuple.make()) : value
            } set: { object, value throws(Raised) in
                object.object(Instance.self).inlineSlots[CallbackSlot.arguments] = value.isAbsent ? .none : value
            },
            Accessors("pending") { object throws(Raised) in
                Value(!SlottedClass.slot(object.object(Instance.self), CallbackSlot.function).isNone)
            },
        ],
        construct: { args throws(Raised) in Value(HubModule.callback.make(args[0].object(ClassObject.self))) })

    static let watcherTable = NativeClass(
        "Watcher", kind: .instance, doc: "Something that the loop waits for.", flags: [.isBase, .isHeapType, .hasDict, .isWeakReferenceable],
        methods: [
            Native("__init__(self, loop, ref=True)", "") { args throws(Raised) in
                let watcher = try own(args[0])
                _ = try EventLoop.of(args[1])
                watcher.inlineSlots[WatcherSlot.loop] = args[1]
                watcher.inlineSlots[WatcherSlot.keeps] = Value(try truth(args[2]))
                return .none
            },
            Native("start(self, callback, /, *args)", "Calls `callback(*args)` when it happens.") { args throws(Raised) in
                guard args[1].cls.has(.call) || args[1].isKind(.fiber) else {
                    throw typeError("Expected callable, not \(try repr(args[1]).string)")
                }
                try start(args[0], args[1], args[2])
                return .none
            },
            Native("stop(self, /)", "Does not wait any longer.") { args throws(Raised) in
                try stop(args[0])
                return .none
            },
            Native("feed(self, /)", "It has happened: the callback is called.") { args throws(Raised) in
                let watcher = try own(args[0])
                if !SlottedClass.slot(watcher, WatcherSlot.function).isNone { try loop(of: watcher).fire(watcher, currentThread()) }
                return .none
            },
            Native("__enter__(self, /)", "") { args throws(Raised) in args[0] },
            Native("__exit__(self, /, *details)", "") { args throws(Raised) in
                _ = try callValue(try getAttribute(args[0], "close"))
                return .none
            },
        ],
        attributes: [
            Accessors("callback") { object throws(Raised) in
                try shown(SlottedClass.slot(object.object(Instance.self), WatcherSlot.function))
            } set: { object, value throws(Raised) in
                guard value.isAbsent || value.isNone || value.cls.has(.call) else {
                    throw typeError("Expected callable, not \(try repr(value).string)")
                }
                object.object(Instance.self).inlineSlots[WatcherSlot.function] = value.isAbsent ? .none : value
            },
            Accessors("args") { object throws(Raised) in
                let own = object.object(Instance.self)
                let value = own.inlineSlots[WatcherSlot.arguments]
                return value.isKind(.tuple) || value.isNone ? value : Value(Tuple.make(object))
            } set: { object, value throws(Raised) in
                guard value.isAbsent || value.isNone || value.isKind(.tuple) else {
                    throw typeError("args must be a tuple or None, not \(typeName(value))")
                }
                object.object(Instance.self).inlineSlots[WatcherSlot.arguments] = value.isAbsent ? .none : value
            },
            Accessors("active") { object throws(Raised) in
                Value(!SlottedClass.slot(object.object(Instance.self), WatcherSlot.function).isNone)
            },
            Accessors("ref") { object throws(Raised) in
                Value(object.object(Instance.self).inlineSlots[WatcherSlot.keeps] == .true)
            } set: { object, value throws(Raised) in
                let own = object.object(Instance.self)
                let keeps = value.isAbsent ? false : try truth(value)
                let before = own.inlineSlots[WatcherSlot.keeps] == .true
                own.inlineSlots[WatcherSlot.keeps] = Value(keeps)
                if before != keeps, !SlottedClass.slot(own, WatcherSlot.function).isNone {
                    try loop(of: own).references += keeps ? 1 : -1
                }
            },
        ],
        construct: { args throws(Raised) in Value(HubModule.watcher.make(args[0].object(ClassObject.self))) })

    static let timerTable = NativeClass(
        "timer", kind: .instance, doc: "Happens after a time, and perhaps again and again.", flags: [.isBase, .isHeapType, .hasDict],
        methods: [
            Native("__init__(self, loop, after=0.0, repeat=0.0, ref=True, priority=None)", "") { args throws(Raised) in
                let watcher = try own(args[0])
                _ = try EventLoop.of(args[1])
                guard let after = try realOf(args[2]), let again = try realOf(args[3]) else { throw typeError("must be real number") }
                if again < 0 { throw valueError("repeat must be positive or zero: \(again)") }
                watcher.inlineSlots[WatcherSlot.loop] = args[1]
                watcher.inlineSlots[WatcherSlot.keeps] = Value(try truth(args[4]))
                watcher.inlineSlots[WatcherSlot.first] = Value(max(after, 0))
                watcher.inlineSlots[WatcherSlot.second] = Value(again)
                return .none
            },
            Native("again(self, callback, /, *args, update=True)", "Starts anew, with `repeat` as the time.") { args throws(Raised) in
                let watcher = try own(args[0])
                let again = SlottedClass.slot(watcher, WatcherSlot.second)
                let after = watcher.inlineSlots[WatcherSlot.first]
                if let seconds = floatOf(again), seconds > 0 { watcher.inlineSlots[WatcherSlot.first] = again }
                defer { watcher.inlineSlots[WatcherSlot.first] = after }
                try start(args[0], args[1], args[2])
                return .none
            },
            Native("start(self, callback, /, *args, update=None)", "Calls `callback(*args)` when the time has come.") { args throws(Raised) in
                guard args[1].cls.has(.call) || args[1].isKind(.fiber) else {
                    throw typeError("Expected callable, not \(try repr(args[1]).string)")
                }
                try start(args[0], args[1], args[2])
                return .none
            },
        ],
        attributes: [
            Accessors("after") { object throws(Raised) in SlottedClass.slot(object.object(Instance.self), WatcherSlot.first) } set: { object, value throws(Raised) in
                object.object(Instance.self).inlineSlots[WatcherSlot.first] = value.isAbsent ? Value(0.0) : value
            },
            Accessors("repeat") { object throws(Raised) in SlottedClass.slot(object.object(Instance.self), WatcherSlot.second) } set: { object, value throws(Raised) in
                object.object(Instance.self).inlineSlots[WatcherSlot.second] = value.isAbsent ? Value(0.0) : value
            },
        ])

    static let ioTable = NativeClass(
        "io", kind: .instance, doc: "Happens as often as a descriptor is ready.", flags: [.isBase, .isHeapType, .hasDict],
        methods: [
            Native("__init__(self, loop, fd, events, ref=True, priority=None)", "") { args throws(Raised) in
                let watcher = try own(args[0])
                _ = try EventLoop.of(args[1])
                let number = try index(args[2])
                let events = try index(args[3])
                if number < 0 { throw valueError("fd must be non-negative: \(number)") }
                if events & ~3 != 0 { throw valueError("illegal event mask: \(events)") }
                watcher.inlineSlots[WatcherSlot.loop] = args[1]
                watcher.inlineSlots[WatcherSlot.keeps] = Value(try truth(args[4]))
                watcher.inlineSlots[WatcherSlot.first] = Value(number)
                watcher.inlineSlots[WatcherSlot.second] = Value(events)
                return .none
            }
        ],
        attributes: [
            Accessors("fd") { object throws(Raised) in SlottedClass.slot(object.object(Instance.self), WatcherSlot.first) } set: { object, value throws(Raised) in
                try checkInactive(object.object(Instance.self), "fd")
                let number = try index(value.isAbsent ? Value(-1) : value)
                guard number >= 0 else { throw valueError("fd must be non-negative: \(number)") }
                object.object(Instance.self).inlineSlots[WatcherSlot.first] = Value(number)
                object.object(Instance.self).inlineSlots[WatcherSlot.number] = .none
            },
            Accessors("events") { object throws(Raised) in SlottedClass.slot(object.object(Instance.self), WatcherSlot.second) } set: { object, value throws(Raised) in
                try checkInactive(object.object(Instance.self), "events")
                object.object(Instance.self).inlineSlots[WatcherSlot.second] = Value(try index(value.isAbsent ? Value(0) : value) & 3)
            },
        ])
}
