// `posix`: waiting for children. All of these wait without the GIL, and again after a signal's handler has run.
import CTiny
import Glibc
import TinyRuntime

extension PosixModule {
    nonisolated(unsafe) private static var waitidResult = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func prepareWait(_ contents: ModuleContents) {
        waitidResult = StructSequence.makeClass(
            "waitid_result", module: "posix", fields: ["si_pid", "si_uid", "si_signo", "si_status", "si_code"])
        contents.set("waitid_result", Value(waitidResult))
    }

    private static func wait(_ pid: Int32, _ options: Int32) throws(Raised) -> (Int, Int32, rusage) {
        var status: Int32 = 0
        var usage = rusage()
        DirtyStreams.flushAll()
        let result = try Posix.blocking(nil) { Int(wait4(pid, &status, options, &usage)) }
        return (result, status, usage)
    }

    /// (pid, status, resources used).
    private static func waitForUsage(_ pid: Int32, _ options: Int32) throws(Raised) -> Value {
        let result = try wait(pid, options)
        // The class is the resource module's.
        _ = try importModule("resource")
        return Value(Tuple.make(Value(result.0), Value(Int(result.1)), ResourceModule.value(of: result.2)))
    }

    static let waitFunctions: [Native] = [
        Native("wait()", "Wait for completion of a child process.") { _ throws(Raised) in
            let result = try wait(-1, 0)
            return Value(Tuple.make(Value(result.0), Value(Int(result.1))))
        },
        Native("waitpid(pid, options, /)", "Wait for completion of a given child process.") { args throws(Raised) in
            let result = try wait(try Posix.int32(args[0]), try Posix.int32(args[1]))
            return Value(Tuple.make(Value(result.0), Value(Int(result.1))))
        },
        Native("wait3(options)", "Wait for completion of a child process.") { args throws(Raised) in
            try waitForUsage(-1, try Posix.int32(args[0]))
        },
        Native("wait4(pid, options)", "Wait for completion of a specific child process.") { args throws(Raised) in
            try waitForUsage(try Posix.int32(args[0]), try Posix.int32(args[1]))
        },
        Native("waitid(idtype, id, options, /)", "Returns the result of waiting for a process or processes.") { args throws(Raised) in
            let kind = try Posix.int32(args[0])
            let id = UInt32(truncatingIfNeeded: try index(args[1]))
            let options = try Posix.int32(args[2])
            var fields = [Int](repeating: 0, count: 5)
            DirtyStreams.flushAll()
            _ = try Posix.blocking(nil) { Int(tiny_waitid(kind, id, options, &fields)) }
            return fields[0] == 0 ? .none : StructSequence.make(waitidResult, fields.map { Value($0) })
        },
        Native("pidfd_open(pid, flags=0)", "Return a file descriptor referring to the process *pid*.") { args throws(Raised) in
            let pid = try Posix.int32(args[0])
            let flags = UInt32(truncatingIfNeeded: try index(args[1]))
            return Value(try Posix.check(nil) { Int(tiny_pidfd_open(pid, flags)) })
        },
    ]
}
