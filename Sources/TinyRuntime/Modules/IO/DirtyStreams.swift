// Buffered writers that hold unwritten octets.
//
// A tracing collector closes unreferenced files late; so that what a script wrote can be read back in time, all of these
// are flushed before any file is opened, before a process is started, and at exit. The standard streams are not among
// them: the script never drops those, and their timing is CPython's.

/// The buffered writers that have something to write. Guarded by the GIL.
public enum DirtyStreams {
    nonisolated(unsafe) private static var streams: [ObjectIdentifier: Unmanaged<BufferedStream>] = [:]

    static func add(_ stream: BufferedStream) { streams[ObjectIdentifier(stream)] = .passUnretained(stream) }
    static func remove(_ stream: BufferedStream) { streams[ObjectIdentifier(stream)] = nil }

    /// Writes out what can be written; errors will show when the script itself flushes.
    public static func flushAll() {
        if streams.isEmpty { return }
        for (_, stream) in streams { stream.takeUnretainedValue().writeQuietly() }
    }
}
