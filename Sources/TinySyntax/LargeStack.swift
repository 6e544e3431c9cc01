// A thread with a large native stack, for the rare text that nests too deeply for the caller's own.
//
// The memory is only reserved: pages that are not touched cost nothing.

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Runs a function on a native stack of its own.
public enum LargeStack {
    /// How large that stack is, in octets.
    public static let size = 64 << 20

    private final class Job {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// Runs `body` on such a stack and waits for it; nil if no thread could be had.
    public static func run<Result>(_ body: () -> Result) -> Result? {
        var result: Result?
        let isRun = withoutActuallyEscaping({ result = body() }) { escaping in start(escaping) }
        return isRun ? result : nil
    }

    private static func start(_ body: @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        guard pthread_attr_init(&attributes) == 0 else { return false }
        defer { pthread_attr_destroy(&attributes) }
        guard pthread_attr_setstacksize(&attributes, size) == 0 else { return false }
        let job = Unmanaged.passRetained(Job(body))
        #if canImport(Darwin)
            var thread: pthread_t?
            let entry: @convention(c) (UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? = { raw in
                Unmanaged<Job>.fromOpaque(raw).takeUnretainedValue().body()
                return nil
            }
            guard pthread_create(&thread, &attributes, entry, job.toOpaque()) == 0, let thread else {
                job.release()
                return false
            }
        #else
            var thread = pthread_t()
            let entry: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { raw in
                if let raw { Unmanaged<Job>.fromOpaque(raw).takeUnretainedValue().body() }
                return nil
            }
            guard pthread_create(&thread, &attributes, entry, job.toOpaque()) == 0 else {
                job.release()
                return false
            }
        #endif
        pthread_join(thread, nil)
        job.release()
        return true
    }
}
