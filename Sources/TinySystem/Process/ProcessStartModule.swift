// `_posixsubprocess`: starts a program in a new process, for subprocess.
//
// What the child does before exec is C (process.c). Without a `preexec_fn` the child is made by vfork, which copies no page
// tables and so costs the same however large the heap is; with one it is a real fork, since script runs in the child.
import CTiny
import Glibc
import TinyRuntime

enum ProcessStartModule {
    static let nativeModule = NativeModule(
        "_posixsubprocess", doc: "A POSIX helper for the subprocess module.",
        functions: {
            [
                Native(
                    "fork_exec(args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, allow_vfork=True, /)",
                    "Spawn a fresh new child process.", .function, start)
            ]
        })

    /// What `preexec_fn` needs in the child.
    private final class Preparation {
        let function: Value
        init(_ function: Value) { self.function = function }
    }

    private static func strings(_ value: Value, _ vector: CStringVector) throws(Raised) {
        let items = try makeList(value)
        for position in 0 ..< items.count {
            let octets = try SystemPath.encode(try SystemPath.fspath(items.items[position]))
            guard !octets.contains(0) else { throw valueError("embedded null byte") }
            vector.append(octets)
        }
        vector.finish()
    }

    private static func kept(_ value: Value) throws(Raised) -> [Int32] {
        guard value.isKind(.tuple) else { throw typeError("fork_exec() argument 4 must be tuple, not \(typeName(value))") }
        var result: [Int32] = []
        let items = value.object(Tuple.self)
        for position in 0 ..< items.count {
            guard isInteger(items.items[position]), let number = machineInt(items.items[position]), let short = Int32(exactly: number),
                short >= 0, short > result.last ?? -1
            else { throw valueError("bad value(s) in fds_to_keep") }
            result.append(short)
        }
        return result
    }

    private static func identifier(_ value: Value) throws(Raised) -> Int32 {
        value.isNone ? -1 : Int32(truncatingIfNeeded: try index(value))
    }

    private static let start: NativeBody = { args throws(Raised) in
        let closesOthers = try truth(args[2])
        let errorPipe = try Posix.int32(args[13])
        if closesOthers, errorPipe < 3 { throw valueError("errpipe_write must be >= 3") }
        let descriptors = try kept(args[3])
        let hasPreparation = !args[21].isNone
        let (arguments, programs, environment) = (CStringVector(), CStringVector(), CStringVector())
        guard args[0].isKind(.list) || args[0].isKind(.tuple) else {
            throw typeError("sequence expected, \(typeName(args[0])) found")
        }
        try strings(args[0], arguments)
        try strings(args[1], programs)
        if !args[5].isNone { try strings(args[5], environment) }
        if hasPreparation, Threads.isFinalizing {
            throw raise(.pythonFinalizationError, "preexec_fn not supported at interpreter shutdown")
        }
        var directory: [CChar]?
        if !args[4].isNone {
            let octets = try SystemPath.encode(try SystemPath.fspath(args[4]))
            guard !octets.contains(0) else { throw valueError("embedded null byte") }
            directory = octets + [0]
        }
        var groups: [gid_t] = []
        if !args[18].isNone {
            guard args[18].isKind(.list) else { throw typeError("setgroups argument must be a sequence") }
            let items = args[18].object(List.self)
            guard items.count <= 65536 else { throw valueError("too many extra_groups") }
            for position in 0 ..< items.count {
                guard let number = machineInt(try indexValue(items.items[position])), let group = gid_t(exactly: number) else {
                    throw valueError("invalid group id")
                }
                groups.append(group)
            }
        }
        var program = tiny_exec()
        program.standard = (try Posix.int32(args[6]), try Posix.int32(args[9]), try Posix.int32(args[11]))
        program.error_pipe = errorPipe
        program.closes_others = closesOthers ? 1 : 0
        program.restores_signals = try truth(args[14]) ? 1 : 0
        program.starts_session = try truth(args[15]) ? 1 : 0
        program.process_group = try Posix.int32(args[16])
        program.gid = try identifier(args[17])
        program.uid = try identifier(args[19])
        program.umask = try Posix.int32(args[20])
        program.groups_count = args[18].isNone ? -1 : Int32(groups.count)
        DirtyStreams.flushAll()
        let mayShare = try truth(args[22]) && !hasPreparation && program.gid < 0 && program.uid < 0 && args[18].isNone
        let preparation = Preparation(args[21])
        if hasPreparation {
            program.context = Unmanaged.passUnretained(preparation).toOpaque()
            program.prepare = { context in
                guard let context else { return 1 }
                let preparation = Unmanaged<Preparation>.fromOpaque(context).takeUnretainedValue()
                do throws(Raised) {
                    _ = try callValue(preparation.function)
                    DirtyStreams.flushAll()
                    return 0
                } catch {
                    _ = currentThread().takeRaised()
                    return 1
                }
            }
        }
        return try withExtendedLifetime(preparation) { () throws(Raised) in
            try run(&program, arguments, programs, args[5].isNone ? nil : environment, directory, descriptors, groups, mayShare)
        }
    }

    /// Makes the child, with the texts in place.
    private static func run(
        _ program: inout tiny_exec, _ arguments: CStringVector, _ programs: CStringVector, _ environment: CStringVector?,
        _ directory: [CChar]?, _ descriptors: [Int32], _ groups: [gid_t], _ mayShare: Bool
    ) throws(Raised) -> Value {
        func pinned<Item>(_ items: [Item]) -> UnsafeMutablePointer<Item> {
            let memory = UnsafeMutablePointer<Item>.allocate(capacity: max(1, items.count))
            memory.initialize(from: items, count: items.count)
            return memory
        }
        let argumentTable = pinned(arguments.pointers)
        let programTable = pinned(programs.pointers)
        let environmentTable = environment.map { pinned($0.pointers) }
        let path = directory.map { pinned($0) }
        let keptTable = pinned(descriptors)
        let groupTable = pinned(groups)
        defer {
            argumentTable.deallocate()
            programTable.deallocate()
            environmentTable?.deallocate()
            path?.deallocate()
            keptTable.deallocate()
            groupTable.deallocate()
        }
        program.arguments = UnsafePointer(argumentTable)
        program.programs = UnsafePointer(programTable)
        program.environment = environmentTable.map { UnsafePointer($0) }
        program.directory = path.map { UnsafePointer($0) }
        program.kept = UnsafePointer(keptTable)
        program.kept_count = descriptors.count
        program.groups = UnsafePointer(groupTable)
        if mayShare {
            let child = tiny_vfork_exec(&program)
            if child < 0 { throw osError(errno) }
            return Value(Int(child))
        }
        let child = try PosixModule.fork(runsHooks: program.prepare != nil)
        if child == 0 {
            tiny_slice_restore()
            tiny_child_exec(&program)
            _exit(255)
        }
        return Value(child)
    }
}
