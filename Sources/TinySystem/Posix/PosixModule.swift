// `posix`: the module object, its constants and the environment.
import CTiny
import Glibc
import TinyRuntime

enum PosixModule {
    static let nativeModule = NativeModule(
        "posix", doc: "This module provides access to operating system functionality that is standardized by the C Standard and the POSIX standard.",
        functions: {
            pathFunctions + statFunctions + descriptorFunctions + processFunctions + waitFunctions + spawnFunctions + systemFunctions
                + identityFunctions + schedulingFunctions + transferFunctions + extendedAttributeFunctions + fileSystemFunctions
                + memoryFileFunctions + terminalFunctions
        },
        prepare: { contents throws(Raised) in
            contents.set("error", Value(ExceptionName.osError.cls))
            for (name, number) in constants { contents.set(name, number) }
            NamedNumbers(moreConstants).install(in: contents.namespace)
            contents.set("sysconf_names", Configuration.dict(Configuration.system))
            contents.set("pathconf_names", Configuration.dict(Configuration.paths))
            contents.set("confstr_names", Configuration.dict(Configuration.texts))
            contents.set("_have_functions", Value(List.make()))
            contents.set("environ", Value(try environment()))
            prepareStat(contents)
            prepareScheduling(contents)
            prepareFiles(contents)
            prepareWait(contents)
            DirectoryEntry.cls = contents.add(DirectoryEntry.nativeClass)
            DirectoryScan.cls = contents.add(DirectoryScan.nativeClass)
            terminalSize = StructSequence.makeClass("terminal_size", module: "os", fields: ["columns", "lines"])
            unameResult = StructSequence.makeClass(
                "uname_result", module: "posix", fields: ["sysname", "nodename", "release", "version", "machine"])
            timesResult = StructSequence.makeClass(
                "times_result", module: "posix", fields: ["user", "system", "children_user", "children_system", "elapsed"])
            contents.set("terminal_size", Value(terminalSize))
            contents.set("uname_result", Value(unameResult))
            contents.set("times_result", Value(timesResult))
        })

    nonisolated(unsafe) static var terminalSize = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var unameResult = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var timesResult = ClassRef(bitPattern: 8).unsafelyUnwrapped

    private static func environment() throws(Raised) -> DictRef {
        let result = Dict.make()
        guard var entry = tiny_environ() else { return result }
        while let text = entry.pointee {
            let octets = Octets(start: UnsafeRawPointer(text).assumingMemoryBound(to: UInt8.self), count: strlen(text))
            if let equals = octets.firstIndex(of: 0x3D), equals > 0 {
                let key = BytesObject.make(octets.part(0, equals))
                if try result.get(key).isAbsent { try result.set(key, BytesObject.make(octets.part(equals + 1, octets.count))) }
            }
            entry += 1
        }
        return result
    }

    private static let constants: [(String, Int)] = [
        ("O_RDONLY", Int(O_RDONLY)), ("O_WRONLY", Int(O_WRONLY)), ("O_RDWR", Int(O_RDWR)), ("O_APPEND", Int(O_APPEND)),
        ("O_CREAT", Int(O_CREAT)), ("O_EXCL", Int(O_EXCL)), ("O_TRUNC", Int(O_TRUNC)), ("O_NONBLOCK", Int(O_NONBLOCK)),
        ("O_NDELAY", Int(O_NONBLOCK)), ("O_SYNC", Int(O_SYNC)), ("O_DSYNC", Int(O_DSYNC)), ("O_NOCTTY", Int(O_NOCTTY)),
        ("O_CLOEXEC", Int(O_CLOEXEC)), ("O_DIRECTORY", 0o200000), ("O_NOFOLLOW", 0o400000), ("O_PATH", 0o10000000),
        ("F_OK", 0), ("R_OK", 4), ("W_OK", 2), ("X_OK", 1),
        ("WNOHANG", 1), ("WUNTRACED", 2), ("WCONTINUED", 8), ("WEXITED", 4), ("WSTOPPED", 2), ("WNOWAIT", 0x1000000),
        ("P_ALL", 0), ("P_PID", 1), ("P_PGID", 2), ("SEEK_DATA", 3), ("SEEK_HOLE", 4),
        ("EX_OK", 0), ("EX_USAGE", 64), ("EX_DATAERR", 65), ("EX_NOINPUT", 66), ("EX_NOUSER", 67), ("EX_NOHOST", 68),
        ("EX_UNAVAILABLE", 69), ("EX_SOFTWARE", 70), ("EX_OSERR", 71), ("EX_OSFILE", 72), ("EX_CANTCREAT", 73),
        ("EX_IOERR", 74), ("EX_TEMPFAIL", 75), ("EX_PROTOCOL", 76), ("EX_NOPERM", 77), ("EX_CONFIG", 78),
        ("POSIX_SPAWN_OPEN", 0), ("POSIX_SPAWN_CLOSE", 1), ("POSIX_SPAWN_DUP2", 2), ("GRND_NONBLOCK", 1), ("GRND_RANDOM", 2),
        ("NGROUPS_MAX", 65536), ("TMP_MAX", 238328), ("PRIO_PROCESS", 0), ("PRIO_PGRP", 1), ("PRIO_USER", 2),
        ("F_LOCK", 1), ("F_TLOCK", 2), ("F_ULOCK", 0), ("F_TEST", 3),
    ]
}
