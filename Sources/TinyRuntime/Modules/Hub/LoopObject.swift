// The event loop as the script sees it: `_hub.Loop`, the base of `gevent._loop.Loop`.

enum LoopObject {
    static let table = NativeClass(
        "Loop", kind: .box, doc: "Callbacks that are ready, timers, and files.", flags: [.isBase, .hasDict, .isWeakReferenceable],
        methods: [
            Native("run_callback(self, func, /, *args)", "Calls the function in the next round.") { args throws(Raised) in
                guard args[1].cls.has(.call) else { throw typeError("Expected callable, got \(try repr(args[1]).string)") }
                let arguments = args[2].object(Tuple.self).count == 0 ? Value.absent : args[2]
                return Value(try EventLoop.of(args[0]).schedule(args[1], arguments))
            },
            Native("run_callback_threadsafe(self, func, /, *args)", "As run_callback, from any thread or signal handler.") { args throws(Raised) in
                guard args[1].cls.has(.call) else { throw typeError("Expected callable, got \(try repr(args[1]).string)") }
                let loop = try EventLoop.of(args[0])
                let arguments = args[2].object(Tuple.self).count == 0 ? Value.absent : args[2]
                let callback = loop.schedule(args[1], arguments)
                try loop.wake()
                return Value(callback)
            },
            Native("prepare_wakeup(self, /)", "From now on other threads may wake the loop.") { args throws(Raised) in
                try EventLoop.of(args[0]).files.prepareWakeup()
                return .none
            },
            Native("_run(self, once=False, nowait=False, /)", "Runs until there is nothing left that could happen.") { args throws(Raised) in
                try EventLoop.of(args[0]).run(currentThread(), once: try truth(args[1]), mayWait: !(try truth(args[2])))
                return .none
            },
            Native("_renew(self, /)", "After fork, in the child: what the system knew of the files is the parent's.") { args throws(Raised) in
                try EventLoop.of(args[0]).files.renew()
                return .none
            },
            Native("_end(self, /)", "Forgets everything.") { args throws(Raised) in
                let loop = try EventLoop.of(args[0])
                loop.ready.clear()
                loop.firing.clear()
                loop.files.end()
                return .none
            },
            Native("_list(self, which, watcher, add, /)", "Adds a watcher to those told before and after each wait, or when idle.") { args throws(Raised) in
                let loop = try EventLoop.of(args[0])
                _ = try HubWatchers.own(args[2])
                let list: Deque
                switch try index(args[1]) {
                case 0: list = loop.beforeWait
                case 1: list = loop.afterWait
                default: list = loop.whenIdle
                }
                if try truth(args[3]) {
                    list.append(args[2])
                } else {
                    for _ in 0 ..< list.count {
                        let entry = list.popFirst()
                        if entry != args[2] { list.append(entry) }
                    }
                }
                return .none
            },
        ],
        attributes: [
            Accessors("references") { object throws(Raised) in Value(try EventLoop.of(object).references) } set: { object, value throws(Raised) in
                try EventLoop.of(object).references = try index(value.isAbsent ? Value(0) : value)
            },
            Accessors("error_handler") { object throws(Raised) in try EventLoop.of(object).errorHandler } set: { object, value throws(Raised) in
                try EventLoop.of(object).errorHandler = value.isAbsent ? .none : value
            },
            Accessors("ready") { object throws(Raised) in Value(try EventLoop.of(object).ready.count) },
            Accessors("iteration") { object throws(Raised) in Value(try EventLoop.of(object).iteration) },
            Accessors("activecnt") { object throws(Raised) in Value(try EventLoop.of(object).references) },
            Accessors("pendingcnt") { object throws(Raised) in
                let loop = try EventLoop.of(object)
                return Value(loop.ready.count + loop.firing.count)
            },
            Accessors("_epoll_fd") { object throws(Raised) in Value(Int(try EventLoop.of(object).files.descriptor)) },
            dictionaryAccessors,
        ],
        construct: { args throws(Raised) in BoxedObject.make(EventLoop(), args[0].object(ClassObject.self)) })
}
