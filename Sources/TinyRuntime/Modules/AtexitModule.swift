// `atexit`: what runs when the process ends (Entry.swift).

enum AtexitModule {
    /// Pairs of (function, arguments tuple, keywords); a root.
    nonisolated(unsafe) private static let callbacks: ListRef = {
        let list = List.make()
        heap.permanentRoots.append(Value(list))
        return list
    }()

    static let nativeModule = NativeModule("atexit", doc: "allow programmer to define multiple exit functions to be executed upon normal program termination.", functions: {
        [
            Native("register(func, /, *args, **kwargs)", "Register a function to be executed upon normal program termination.") { args throws(Raised) in
                guard args[0].cls.has(.call) else { throw typeError("the first argument must be callable") }
                callbacks.append(Value(Tuple.make(args[0], args[1], args[2])))
                return args[0]
            },
            Native("unregister(func, /)", "Unregister an exit function which was previously registered.") { args throws(Raised) in
                var index = callbacks.count - 1
                while index >= 0 {
                    if index < callbacks.count, try equal(callbacks.items[index].object(Tuple.self).items[0], args[0]) {
                        callbacks.replace(index, index + 1, UnsafeBufferPointer(start: nil, count: 0))
                    }
                    index -= 1
                }
                return .none
            },
            Native("_clear()", "Clear the list of previously registered exit functions.") { _ in
                callbacks.pointee.count = 0
                return .none
            },
            Native("_ncallbacks()", "Return the number of registered exit functions.") { _ in Value(callbacks.count) },
            Native("_run_exitfuncs()", "Run all registered exit functions.") { _ in
                runAll()
                return .none
            },
        ]
    })

    /// Calls the functions, the last that was registered first, also those that are registered meanwhile.
    static func runAll() {
        while callbacks.count > 0 {
            callbacks.pointee.count -= 1
            let entry = callbacks.items[callbacks.count].object(Tuple.self)
            do {
                _ = try callValue(entry.items[0], entry.items[1].object(Tuple.self), entry.items[2].object(Dict.self))
            } catch {
                reportUnraisable(currentThread().takeRaised(), shown: entry.items[0], "Exception ignored in atexit callback")
            }
        }
    }
}
