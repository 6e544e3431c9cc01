// `errno`: names of the system's error numbers; and OSError for a failed system call.
import CTiny
import Glibc

enum ErrnoModule {
    private static let names: [(String, Int32)] = [
        ("EPERM", EPERM), ("ENOENT", ENOENT), ("ESRCH", ESRCH), ("EINTR", EINTR), ("EIO", EIO), ("ENXIO", ENXIO), ("E2BIG", E2BIG),
        ("ENOEXEC", ENOEXEC), ("EBADF", EBADF), ("ECHILD", ECHILD), ("EAGAIN", EAGAIN), ("EWOULDBLOCK", EAGAIN), ("ENOMEM", ENOMEM),
        ("EACCES", EACCES), ("EFAULT", EFAULT), ("EBUSY", EBUSY), ("EEXIST", EEXIST), ("EXDEV", EXDEV), ("ENODEV", ENODEV),
        ("ENOTDIR", ENOTDIR), ("EISDIR", EISDIR), ("EINVAL", EINVAL), ("ENFILE", ENFILE), ("EMFILE", EMFILE), ("ENOTTY", ENOTTY),
        ("EFBIG", EFBIG), ("ENOSPC", ENOSPC), ("ESPIPE", ESPIPE), ("EROFS", EROFS), ("EMLINK", EMLINK), ("EPIPE", EPIPE),
        ("EDOM", EDOM), ("ERANGE", ERANGE), ("EDEADLK", EDEADLK), ("ENAMETOOLONG", ENAMETOOLONG), ("ENOLCK", ENOLCK),
        ("ENOSYS", ENOSYS), ("ENOTEMPTY", ENOTEMPTY), ("ELOOP", ELOOP), ("ETIME", ETIME), ("EPROTO", EPROTO), ("EBADMSG", EBADMSG),
        ("EOVERFLOW", EOVERFLOW), ("EILSEQ", EILSEQ), ("ENOTSOCK", ENOTSOCK), ("EDESTADDRREQ", EDESTADDRREQ), ("EMSGSIZE", EMSGSIZE),
        ("EPROTOTYPE", EPROTOTYPE), ("ENOPROTOOPT", ENOPROTOOPT), ("EPROTONOSUPPORT", EPROTONOSUPPORT), ("EOPNOTSUPP", EOPNOTSUPP),
        ("ENOTSUP", EOPNOTSUPP), ("EAFNOSUPPORT", EAFNOSUPPORT), ("EADDRINUSE", EADDRINUSE), ("EADDRNOTAVAIL", EADDRNOTAVAIL),
        ("ENETDOWN", ENETDOWN), ("ENETUNREACH", ENETUNREACH), ("ECONNABORTED", ECONNABORTED), ("ECONNRESET", ECONNRESET),
        ("ENOBUFS", ENOBUFS), ("EISCONN", EISCONN), ("ENOTCONN", ENOTCONN), ("ESHUTDOWN", ESHUTDOWN), ("ETIMEDOUT", ETIMEDOUT),
        ("ECONNREFUSED", ECONNREFUSED), ("EHOSTDOWN", EHOSTDOWN), ("EHOSTUNREACH", EHOSTUNREACH), ("EALREADY", EALREADY),
        ("EINPROGRESS", EINPROGRESS), ("ESTALE", ESTALE), ("EDQUOT", EDQUOT), ("ECANCELED", ECANCELED),
        ("EDEADLOCK", EDEADLK),
        ("EADV", EADV), ("EBADE", EBADE), ("EBADFD", EBADFD), ("EBADR", EBADR), ("EBADRQC", EBADRQC), ("EBADSLT", EBADSLT),
        ("EBFONT", EBFONT), ("ECHRNG", ECHRNG), ("ECOMM", ECOMM), ("EDOTDOT", EDOTDOT), ("EIDRM", EIDRM), ("EISNAM", EISNAM),
        ("EKEYEXPIRED", EKEYEXPIRED), ("EKEYREJECTED", EKEYREJECTED), ("EKEYREVOKED", EKEYREVOKED), ("EL2HLT", EL2HLT),
        ("EL2NSYNC", EL2NSYNC), ("EL3HLT", EL3HLT), ("EL3RST", EL3RST), ("ELIBACC", ELIBACC), ("ELIBBAD", ELIBBAD),
        ("ELIBEXEC", ELIBEXEC), ("ELIBMAX", ELIBMAX), ("ELIBSCN", ELIBSCN), ("ELNRNG", ELNRNG), ("EMEDIUMTYPE", EMEDIUMTYPE),
        ("EMULTIHOP", EMULTIHOP), ("ENAVAIL", ENAVAIL), ("ENETRESET", ENETRESET), ("ENOANO", ENOANO), ("ENOCSI", ENOCSI),
        ("ENODATA", ENODATA), ("ENOKEY", ENOKEY), ("ENOLINK", ENOLINK), ("ENOMEDIUM", ENOMEDIUM), ("ENOMSG", ENOMSG),
        ("ENONET", ENONET), ("ENOPKG", ENOPKG), ("ENOSR", ENOSR), ("ENOSTR", ENOSTR), ("ENOTBLK", ENOTBLK), ("ENOTNAM", ENOTNAM),
        ("ENOTRECOVERABLE", ENOTRECOVERABLE), ("ENOTUNIQ", ENOTUNIQ), ("EOWNERDEAD", EOWNERDEAD), ("EPFNOSUPPORT", EPFNOSUPPORT),
        ("EREMCHG", EREMCHG), ("EREMOTE", EREMOTE), ("EREMOTEIO", EREMOTEIO), ("ERESTART", ERESTART), ("ERFKILL", ERFKILL),
        ("ESOCKTNOSUPPORT", ESOCKTNOSUPPORT), ("ESRMNT", ESRMNT), ("ESTRPIPE", ESTRPIPE), ("ETOOMANYREFS", ETOOMANYREFS),
        ("ETXTBSY", ETXTBSY), ("EUCLEAN", EUCLEAN), ("EUNATCH", EUNATCH), ("EUSERS", EUSERS), ("EXFULL", EXFULL),
    ]

    static let nativeModule = NativeModule(
        "errno", doc: "This module makes available standard errno system symbols.", functions: { [] },
        prepare: { contents throws(Raised) in
            let codes = Dict.make()
            for (name, code) in names {
                contents.set(name, Int(code))
                if try codes.get(Value(Int(code))).isAbsent { try codes.set(Value(Int(code)), Value(StrTables.intern(name))) }
            }
            contents.set("errorcode", Value(codes))
        })
}

/// OSError for an errno, with the file it was about (absent: none).
public func osError(_ code: Int32, _ file: Value = .absent, _ second: Value = .absent) -> Raised {
    let name = Runtime.exceptionClass(errno: Int(code))
    let message = Value(Str.make(String(cString: strerror(code))))
    let exception = ExceptionObject.make(name.cls, Tuple.make(Value(Int(code)), message))
    exception.setField(0, Value(Int(code)))
    exception.setField(1, message)
    if !file.isAbsent { exception.setField(2, file) }
    if !second.isAbsent { exception.setField(3, second) }
    return raise(exception)
}

/// Runs a system call that may block, without the GIL, again after EINTR (once the script's signal handlers have run).
func blockingCall(_ body: () -> Int) throws(Raised) -> Int {
    while true {
        var code: Int32 = 0
        let result = Threads.blocking { () -> Int in
            let result = body()
            code = errno
            return result
        }
        if result >= 0 { return result }
        guard code == EINTR else { throw osError(code) }
        try Signals.handleArrived()
    }
}
