// `syslog`: messages to the system's log.
import CTiny
import Glibc
import TinyRuntime

enum SyslogModule {
    /// What the log was opened with; the system keeps a pointer to the name.
    nonisolated(unsafe) private static var name: UnsafeMutablePointer<CChar>?
    nonisolated(unsafe) private static var isOpen = false

    static let nativeModule = NativeModule("syslog", functions: { functions }, prepare: { contents throws(Raised) in
        for (name, value) in [
            ("LOG_EMERG", 0), ("LOG_ALERT", 1), ("LOG_CRIT", 2), ("LOG_ERR", 3), ("LOG_WARNING", 4), ("LOG_NOTICE", 5), ("LOG_INFO", 6),
            ("LOG_DEBUG", 7), ("LOG_KERN", 0), ("LOG_USER", 8), ("LOG_MAIL", 16), ("LOG_DAEMON", 24), ("LOG_AUTH", 32), ("LOG_SYSLOG", 40),
            ("LOG_LPR", 48), ("LOG_NEWS", 56), ("LOG_UUCP", 64), ("LOG_CRON", 72), ("LOG_AUTHPRIV", 80), ("LOG_FTP", 88),
            ("LOG_LOCAL0", 128), ("LOG_LOCAL1", 136), ("LOG_LOCAL2", 144), ("LOG_LOCAL3", 152), ("LOG_LOCAL4", 160), ("LOG_LOCAL5", 168),
            ("LOG_LOCAL6", 176), ("LOG_LOCAL7", 184), ("LOG_PID", 1), ("LOG_CONS", 2), ("LOG_ODELAY", 4), ("LOG_NDELAY", 8),
            ("LOG_NOWAIT", 16), ("LOG_PERROR", 32),
        ] { contents.set(name, value) }
    })

    private static func text(_ value: Value) throws(Raised) -> String {
        guard value.isKind(.str) else { throw typeError("an str is required, not '\(typeName(value))'") }
        let text = try BufferView(try Codecs.encode(value.object(Str.self), .utf8, .strict)).octets
        guard !text.contains(0) else { throw valueError("embedded null character") }
        return String(decoding: text, as: UTF8.self)
    }

    /// The script's name without its folder, as the log shows who speaks.
    private static func ownName() throws(Raised) -> String? {
        let arguments = Runtime.sysModule.pointee.namespace.get(StrTables.intern("argv"))
        guard arguments.isKind(.list), arguments.object(List.self).count > 0, arguments.object(List.self).items[0].isKind(.str) else { return nil }
        let path = arguments.object(List.self).items[0].object(Str.self).string
        let last = path.split(separator: "/", omittingEmptySubsequences: false).last.map(String.init) ?? path
        return last.isEmpty ? nil : last
    }

    private static func open(_ given: String?, _ options: Int32, _ facility: Int32) throws(Raised) {
        if AuditHooks.listen {
            let ident: Value = given.map { Value(Str.make($0)) } ?? .none
            try AuditHooks.tell("syslog.openlog", ident, Value(Int(options)), Value(Int(facility)))
        }
        let old = name
        name = given.map { strdup($0) } ?? nil
        openlog(name, options, facility)
        free(old)
        isOpen = true
    }

    private static let functions: [Native] = [
        Native("openlog(ident=?, logoption=0, facility=8)", "Set logging options of subsequent syslog() calls.") { args throws(Raised) in
            let given = args.has(0) && !args[0].isNone ? try text(args[0]) : try ownName()
            try open(given, try Posix.int32(args[1]), try Posix.int32(args[2]))
            return .none
        },
        Native("syslog(*args)", "Send the string message to the system logger.") { args throws(Raised) in
            let given = args[0].object(Tuple.self)
            guard 1 ... 2 ~= given.count else { throw typeError("syslog.syslog requires 1 to 2 arguments") }
            let priority = given.count == 2 ? try Posix.int32(given.items[0]) : LOG_INFO
            let message = try text(given.items[given.count - 1])
            if AuditHooks.listen { try AuditHooks.tell("syslog.syslog", Value(Int(priority)), given.items[given.count - 1]) }
            if !isOpen { try open(try ownName(), 0, LOG_USER) }
            message.withCString { message in Threads.blocking { withVaList([message]) { vsyslog(priority, "%s", $0) } } }
            return .none
        },
        Native("closelog()", "Reset the syslog module values and call the system library closelog().") { _ throws(Raised) in
            if isOpen {
                if AuditHooks.listen { try AuditHooks.tell("syslog.closelog") }
                Glibc.closelog()
                free(name)
                name = nil
                isOpen = false
            }
            return .none
        },
        Native("setlogmask(maskpri, /)", "Set the priority mask to maskpri and return the previous mask value.") { args throws(Raised) in
            Value(Int(Glibc.setlogmask(try Posix.int32(args[0]))))
        }.telling("syslog.setlogmask", 0),
        Native("LOG_MASK(pri, /)", "Calculates the mask for the individual priority pri.") { args throws(Raised) in
            Value(1 << (try priority(args[0])))
        },
        Native("LOG_UPTO(pri, /)", "Calculates the mask for all priorities up to and including pri.") { args throws(Raised) in
            Value((1 << (try priority(args[0]) + 1)) - 1)
        },
    ]

    private static func priority(_ value: Value) throws(Raised) -> Int { Int(try Posix.int32(value)) & 31 }
}
