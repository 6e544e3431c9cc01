// `threading.local`: an object with other attributes in each thread.
//
// The object holds a dict for each thread that has used it, so that all die with it; a thread that ends takes its own out.
/// `_thread._local`: attributes of which each thread has its own set.
final class ThreadLocal: TracedObject {
    private let arguments: Value
    private let keywords: Value
    /// The attributes of each thread that has used the object, by thread.
    private var dictionaries: [ObjectIdentifier: DictRef] = [:]

    init(_ arguments: Value, _ keywords: Value) {
        self.arguments = arguments
        self.keywords = keywords
    }

    func trace(_ marker: inout Marker) {
        marker.mark(arguments)
        marker.mark(keywords)
        for dictionary in dictionaries.values { marker.mark(dictionary) }
    }

    deinit {
        for thread in Threads.all { thread.locals[ObjectIdentifier(self)] = nil }
    }

    /// The thread has ended.
    func forget(_ thread: ScriptThread) { dictionaries[ObjectIdentifier(thread)] = nil }

    private func makeDictionary(for thread: ScriptThread) -> DictRef {
        let made = Dict.make()
        dictionaries[ObjectIdentifier(thread)] = made
        thread.locals[ObjectIdentifier(self)] = .passUnretained(self)
        return made
    }

    /// The calling thread's attributes; `__init__` runs once in each thread that uses the object.
    private static func dictionary(_ object: Value) throws(Raised) -> DictRef {
        guard let own = object.boxed(ThreadLocal.self), let thread = Threads.current() else { throw typeError("not a local") }
        if let known = own.dictionaries[ObjectIdentifier(thread)] { return known }
        let made = own.makeDictionary(for: thread)
        let initializer = object.cls.special(.`init`)
        if initializer.isKind(.function) {
            let count = own.arguments.object(Tuple.self).count
            let all = Tuple.allocate(count + 1)
            all.items[0] = object
            for index in 0 ..< count { all.items[index + 1] = own.arguments.object(Tuple.self).items[index] }
            _ = try callValue(initializer, all, own.keywords.isKind(.dict) ? own.keywords.object(Dict.self) : nil)
        }
        return made
    }

    static let nativeClass = NativeClass("_local", kind: .box, doc: "Thread-local data", flags: [.isBase, .isWeakReferenceable], methods: [
        Native("__init__(self, /, *args, **kwargs)", "") { _ in .none },
        Native("__getattribute__(self, name, /)", "Return getattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            let own = try dictionary(args[0])
            if name.equals("__dict__") { return Value(own) }
            let found = args[0].cls.lookup(name)
            if !found.isAbsent, isDataDescriptor(found) { return try getDescriptor(found, args[0], args[0].cls) }
            let value = own.get(name)
            if !value.isAbsent { return value }
            if found.isAbsent { throw noAttribute(args[0], name) }
            return try getDescriptor(found, args[0], args[0].cls)
        },
        Native("__setattr__(self, name, value, /)", "Implement setattr(self, name, value).") { args throws(Raised) in
            let name = try attributeName(args[1])
            if name.equals("__dict__") {
                throw raise(.attributeError, "'\(typeName(args[0]))' object attribute '__dict__' is read-only")
            }
            let found = args[0].cls.lookup(name)
            if found.isKind(.property) {
                try found.object(Property.self).set(args[0], args[2])
            } else {
                try dictionary(args[0]).set(name, args[2])
            }
            return .none
        },
        Native("__delattr__(self, name, /)", "Implement delattr(self, name).") { args throws(Raised) in
            let name = try attributeName(args[1])
            if name.equals("__dict__") {
                throw raise(.attributeError, "'\(typeName(args[0]))' object attribute '__dict__' is read-only")
            }
            let own = try dictionary(args[0])
            if !own.remove(name) { throw noAttribute(args[0], name) }
            return .none
        },
    ], construct: { args throws(Raised) in
        let cls = args[0].object(ClassObject.self)
        let hasArguments = args[1].object(Tuple.self).count > 0 || args[2].isKind(.dict)
        if hasArguments, !cls.special(.`init`).isKind(.function) {
            throw typeError("Initialization arguments are not supported")
        }
        let local = ThreadLocal(args[1], args[2])
        // `__init__` is about to run for this thread.
        if let thread = Threads.current() { _ = local.makeDictionary(for: thread) }
        return BoxedObject.make(local, cls)
    })
}
