// `gc`: the collector, from the script.
//
// The collector is a tracing one, and what is dead in CPython at once, when its last reference goes, is found here with the rest.
// So that the numbers mean the same, a collection that is asked for tells which of the dead objects only a collector could find
// there: those in cycles, and what these refer to (Heap/Garbage.swift).

import CTiny
import TinyRuntime

enum GCModule {
    nonisolated(unsafe) private static var thresholds = [2000, 10, 0]
    nonisolated(unsafe) private static var debugFlags = 0
    private static let saveAll = 32
    /// Of the collections that were asked for, by generation.
    nonisolated(unsafe) private static var statistics = [(collections: Int, collected: Int)](repeating: (0, 0), count: 3)
    /// How many objects `freeze` found.
    nonisolated(unsafe) private static var frozenCount = 0
    /// `gc.garbage`; a root.
    nonisolated(unsafe) private static let garbage: ListRef = {
        let list = List.make()
        heap.permanentRoots.append(Value(list))
        return list
    }()
    /// Called when a collection that was asked for begins and ends; a root.
    nonisolated(unsafe) private static let callbacks: ListRef = {
        let list = List.make()
        heap.permanentRoots.append(Value(list))
        return list
    }()

    private static func tellCallbacks(_ phase: StaticString, _ generation: Int, _ collected: Int) throws(Raised) {
        var index = 0
        while index < callbacks.count {
            let information = Dict.make()
            information.set(StrTables.intern("generation"), Value(generation))
            information.set(StrTables.intern("collected"), Value(collected))
            information.set(StrTables.intern("uncollectable"), Value(0))
            let callback = callbacks.items[index]
            index += 1
            do throws(Raised) {
                _ = try callValue(callback, Tuple.make(Value(StrTables.intern(phase)), Value(information)))
            } catch { reportUnraisable(currentThread().takeRaised(), callback) }
        }
    }

    static let nativeModule = NativeModule("gc", doc: "This module provides access to the garbage collector.", functions: {
        [
            Native("collect(generation=2)", "Run the garbage collector.") { args throws(Raised) in
                let generation = try index(args[0])
                guard generation >= 0, generation <= 2 else { throw valueError("invalid generation") }
                // A finaliser asks for it: the collection that found its object is still under way.
                if heap.finalizing.contains(currentThread()) { return Value(0) }
                try tellCallbacks("start", generation, 0)
                Threads.forEach { $0.clearStaleWords() }
                heap.garbage = GarbageWatch(saves: debugFlags & saveAll != 0)
                heap.sparesReferences = false
                // A whole collection closes the files and sockets that are found dead.
                if generation == 2 { heap.collectWhole() } else { heap.collect() }
                let found = heap.garbage ?? GarbageWatch(saves: false)
                heap.garbage = nil
                for object in found.saved { garbage.append(object) }
                statistics[generation].collections += 1
                statistics[generation].collected += found.count
                try runFinalizers()
                if heap.sparesReferences {
                    heap.sparesReferences = false
                    heap.collect()
                    try runFinalizers()
                }
                try tellCallbacks("stop", generation, found.count)
                return Value(found.count)
            },
            Native("enable()", "Enable automatic garbage collection.") { _ in
                heap.isEnabled = true
                return .none
            },
            Native("disable()", "Disable automatic garbage collection.") { _ in
                heap.isEnabled = false
                return .none
            },
            Native("isenabled()", "Returns true if automatic garbage collection is enabled.") { _ in Value(heap.isEnabled) },
            Native("get_count()", "Return a three-tuple of the current collection counts.") { _ in
                Value(Tuple.make(Value(tiny_hot().pointee.allocated >> 10), Value(0), Value(0)))
            },
            Native("_used_memory()", "Octets that were alive at the last collection, and those allocated since.") { _ in
                Value(Tuple.make(Value(heap.marker.liveBytes), Value(tiny_hot().pointee.allocated)))
            },
            Native("get_threshold()", "Return the current collection thresholds.") { _ in
                Value(Tuple.make(thresholds.map { Value($0) }))
            },
            Native("set_threshold(threshold0, threshold1=?, threshold2=?, /)", "Kept for get_threshold; the threshold is a number of bytes here.") { args throws(Raised) in
                thresholds[0] = try index(args[0])
                if !args[1].isAbsent { thresholds[1] = try index(args[1]) }
                return .none
            },
            Native("get_debug()", "Get the garbage collection debugging flags.") { _ in Value(debugFlags) },
            Native("set_debug(flags, /)", "Set the garbage collection debugging flags.") { args throws(Raised) in
                debugFlags = try index(args[0])
                return .none
            },
            Native("get_stats()", "Return a list of dictionaries containing per-generation statistics.") { _ in
                let list = List.make()
                for generation in 0 ..< 3 {
                    let dict = Dict.make()
                    let (collections, collected) = statistics[generation]
                    // Those that were not asked for are whole ones.
                    let others = generation == 2 ? heap.collections - statistics.reduce(0) { $0 + $1.collections } : 0
                    dict.set(StrTables.intern("collections"), Value(collections + others))
                    dict.set(StrTables.intern("collected"), Value(collected))
                    dict.set(StrTables.intern("uncollectable"), Value(0))
                    list.append(Value(dict))
                }
                return Value(list)
            },
            Native("is_tracked(obj, /)", "Returns true if the object is tracked by the garbage collector.") { args throws(Raised) in
                Value(HeapWalk.isTracked(args[0]))
            },
            Native("is_finalized(obj, /)", "Returns true if the object has been already finalized.") { args throws(Raised) in
                Value(args[0].isPointer && args[0].header.pointee.flags.contains(.finalized))
            },
            Native("freeze()", "Freeze all current tracked objects: the collector looks at them as before, but they are counted.") { _ in
                frozenCount = HeapWalk.countTracked()
                return .none
            },
            Native("unfreeze()", "Unfreeze all objects in the permanent generation.") { _ in
                frozenCount = 0
                return .none
            },
            Native("get_freeze_count()", "Return the number of objects in the permanent generation.") { _ in Value(frozenCount) },
            Native("_stress(every, /)", "Collect at every so many safepoints (0: no more): finds what the collector does not see.") { args throws(Raised) in
                heap.stress = max(0, try index(args[0]))
                if heap.stress > 0 { requestBreak(.collect) }
                return .none
            },
        ] + HeapWalk.functions
    }, prepare: { contents throws(Raised) in
        contents.set("callbacks", Value(callbacks))
        contents.set("garbage", Value(garbage))
        for (index, name) in ["DEBUG_STATS", "DEBUG_COLLECTABLE", "DEBUG_UNCOLLECTABLE"].enumerated() { contents.set(name, 1 << index) }
        contents.set("DEBUG_SAVEALL", saveAll)
        contents.set("DEBUG_LEAK", 38)
    })
}
