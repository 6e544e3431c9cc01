// How a run is scheduled, as the command line asks for it.
import Glibc

/// The options of scheduling; read once, before the runtime starts.
public struct ConcurrencyOptions: Sendable {
    /// `--gil-policy`: CPython's way, Tiny's, in order of arrival, and slices of a hundred instructions as Python 2 had them.
    public enum Policy: String, CaseIterable, Sendable {
        case timed
        case ioFirst = "io-first"
        case fifo
        case ticks100
    }

    /// Not asked if a seed, a recording or a replay chooses.
    public var policy = Policy.ioFirst
    /// Slices of so many instructions instead of time.
    public var instructions: Int?
    /// Every choice comes from this number, and time is virtual.
    public var seed: UInt64?
    /// `--virtual-time`: sleeps and timeouts cost nothing.
    public var hasVirtualTime = false
    /// Where to write the choices that were made.
    public var recording: String?
    /// The text of a recording to replay.
    public var replay: String?
    /// `--deadlock`: raise DeadlockError where tasks would wait for ever.
    public var findsDeadlocks = true
    /// `--gil-stats`: tell at the end who held the GIL and who waited for it.
    public var showsStatistics = false

    /// Those of a command line without options.
    public init() {}

    nonisolated(unsafe) static var recorder: RecordingChooser?

    /// Sets the runtime up, before it starts. What is wrong with the options, or nil.
    public func apply() -> String? {
        WaitGraph.isOn = findsDeadlocks
        LockReport.isWanted = showsStatistics
        if hasVirtualTime { Clock.makeVirtual(isFixed: false) }
        switch policy {
        case .ioFirst: Threads.policy = IOFirstPolicy(instructions: instructions)
        case .fifo: Threads.policy = OneQueuePolicy(name: policy.rawValue, keepsLockWhenReady: true, instructions: instructions)
        case .timed: Threads.policy = OneQueuePolicy(name: policy.rawValue, keepsLockWhenReady: false, instructions: instructions)
        case .ticks100:
            Threads.policy = OneQueuePolicy(name: policy.rawValue, keepsLockWhenReady: false, instructions: instructions ?? 100)
        }
        if let replay {
            guard let chooser = ReplayingChooser(replay) else { return "what --replay names is no recording" }
            choose(chooser, name: "replay", seed: chooser.seed)
        } else if seed != nil || recording != nil {
            var number = seed ?? 0
            if seed == nil { _ = getentropy(&number, 8) }
            let chooser = SeededChooser(seed: number)
            guard let recording else {
                choose(chooser, name: "seed \(number)", seed: number)
                return nil
            }
            guard let recorder = RecordingChooser(chooser, path: recording, seed: number) else {
                return "can't write '\(recording)': \(String(cString: strerror(errno)))"
            }
            ConcurrencyOptions.recorder = recorder
            choose(recorder, name: "seed \(number), recorded", seed: number)
        }
        return nil
    }

    /// What else could differ from run to run is fixed too: the time, and the hashes of strings.
    private func choose(_ chooser: any Chooser, name: String, seed: UInt64) {
        Threads.policy = ChoosingPolicy(name: name, chooser)
        Clock.makeVirtual(isFixed: true)
        Runtime.fixedSeed = seed
    }

    /// At the end of the process.
    static func finish() {
        recorder?.finish()
        if LockReport.isWanted { writeError(LockReport.text(Threads.all)) }
    }
}
