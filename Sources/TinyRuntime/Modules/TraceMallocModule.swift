// `_tracemalloc`: tracing of allocations (Heap/AllocationTrace.swift), switched on and asked.

enum TraceMallocModule {
    /// Only while nothing holds unrooted values: as `gc.collect()` does it.
    private static func traced() -> AllocationTrace? {
        guard heap.allocationTrace != nil else { return nil }
        Threads.forEach { $0.clearStaleWords() }
        heap.collectWhole()
        return heap.allocationTrace
    }

    /// Traces from now on, so many frames of each allocation.
    static func begin(limit: Int) {
        lastLimit = limit
        heap.traceAllocations(limit: limit)
        updateTraceRequest()
    }

    static let nativeModule = NativeModule("_tracemalloc", doc: "Debug module to trace memory blocks allocated by Python.", functions: {
        [
            Native("start(nframe=1, /)", "Start tracing Python memory allocations.") { args throws(Raised) in
                let limit = try index(args[0])
                guard 1 ... 65535 ~= limit else { throw valueError("the number of frames must be in range [1; 65535]") }
                if heap.allocationTrace == nil { begin(limit: limit) }
                return .none
            },
            Native("stop()", "Stop tracing Python memory allocations.") { _ in
                heap.stopTracingAllocations()
                updateTraceRequest()
                return .none
            },
            Native("is_tracing()", "Return True if the tracemalloc module is tracing Python memory allocations.") { _ in
                Value(heap.allocationTrace != nil)
            },
            Native("get_traceback_limit()", "Get the maximum number of frames stored in the traceback of a trace.") { _ in Value(lastLimit) },
            Native("clear_traces()", "Clear traces of memory blocks allocated by Python.") { _ in
                heap.allocationTrace?.clear()
                return .none
            },
            Native("reset_peak()", "Set the peak size of memory blocks traced by tracemalloc to the current size.") { _ in
                traced()?.resetPeak()
                return .none
            },
            Native("get_traced_memory()", "Get the current size and peak size of memory blocks traced by tracemalloc.") { _ in
                let (used, peak) = traced()?.memory() ?? (0, 0)
                return Value(Tuple.make(Value(used), Value(peak)))
            },
            Native("get_tracemalloc_memory()", "Get the memory usage in bytes of the tracemalloc module: it is none of the heap's.") { _ in Value(0) },
            Native("_get_traces()", "Get traces of all memory blocks allocated by Python.") { _ in
                Value(traced()?.traces() ?? List.make())
            },
            Native("_get_object_traceback(obj, /)", "Get the traceback where the Python object obj was allocated.") { args in
                guard let place = heap.allocationTrace?.place(of: args[0]) else { return .none }
                return Value(Tuple.make(place.frames, Value(place.depth)))
            },
        ]
    })

    /// Of the last start. Guarded by the GIL.
    nonisolated(unsafe) private static var lastLimit = 1
}
