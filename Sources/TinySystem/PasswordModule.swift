// `pwd` and `grp`: the system's users and groups.
import CTiny
import Glibc
import TinyRuntime

enum PasswordModule {
    nonisolated(unsafe) private static var entryClass = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) private static var groupClass = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let users = NativeModule(
        "pwd", doc: "This module provides access to the Unix password database.", functions: { userFunctions },
        prepare: { contents throws(Raised) in
            entryClass = StructSequence.makeClass(
                "struct_passwd", module: "pwd",
                fields: ["pw_name", "pw_passwd", "pw_uid", "pw_gid", "pw_gecos", "pw_dir", "pw_shell"])
            contents.set("struct_passwd", Value(entryClass))
        })

    static let groups = NativeModule(
        "grp", doc: "Access to the Unix group database.", functions: { groupFunctions },
        prepare: { contents throws(Raised) in
            groupClass = StructSequence.makeClass(
                "struct_group", module: "grp", fields: ["gr_name", "gr_passwd", "gr_gid", "gr_mem"])
            contents.set("struct_group", Value(groupClass))
        })

    /// A user's or group's number; nil when no such number can be.
    private static func number(_ value: Value) throws(Raised) -> UInt32? {
        do throws(Raised) { return UInt32(exactly: try index(value)) } catch {
            guard currentThread().raisedIs(.overflowError) else { throw error }
            _ = currentThread().takeRaised()
            return nil
        }
    }

    private static func text(_ pointer: UnsafeMutablePointer<CChar>?) throws(Raised) -> Value {
        guard let pointer else { return .none }
        return try SystemPath.decode(UnsafePointer(pointer))
    }

    private static func user(_ entry: passwd) throws(Raised) -> Value {
        let fields = Tuple.make(
            try text(entry.pw_name), try text(entry.pw_passwd), Value(Int(entry.pw_uid)), Value(Int(entry.pw_gid)),
            try text(entry.pw_gecos), try text(entry.pw_dir), try text(entry.pw_shell))
        return StructSequence.make(entryClass, (0 ..< 7).map { fields.items[$0] })
    }

    private static func group(_ entry: Glibc.group) throws(Raised) -> Value {
        let members = List.make()
        var member = entry.gr_mem
        while let name = member?.pointee {
            members.append(try text(name))
            member = member.map { $0 + 1 }
        }
        let fields = Tuple.make(try text(entry.gr_name), try text(entry.gr_passwd), Value(Int(entry.gr_gid)), Value(members))
        return StructSequence.make(groupClass, (0 ..< 4).map { fields.items[$0] })
    }

    private static let userFunctions: [Native] = [
        Native("getpwuid(uidobj, /)", "Return the password database entry for the given numeric user ID.") { args throws(Raised) in
            guard let id = try number(args[0]), let entry = Glibc.getpwuid(id) else {
                throw raise(.keyError, "getpwuid(): uid not found: \(try repr(args[0]).string)")
            }
            return try user(entry.pointee)
        },
        Native("getpwnam(name, /)", "Return the password database entry for the given user name.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("getpwnam() argument must be str, not \(typeName(args[0]))") }
            let name = try SystemPath.encode(args[0])
            guard !name.contains(0) else { throw valueError("embedded null byte") }
            guard let entry = Glibc.getpwnam(name + [0]) else {
                throw raise(.keyError, "getpwnam(): name not found: \(try repr(args[0]).string)")
            }
            return try user(entry.pointee)
        },
        Native("getpwall()", "Return a list of all available password database entries, in arbitrary order.") { _ throws(Raised) in
            let list = List.make()
            setpwent()
            defer { endpwent() }
            while let entry = getpwent() { list.append(try user(entry.pointee)) }
            return Value(list)
        },
    ]

    private static let groupFunctions: [Native] = [
        Native("getgrgid(id)", "Return the group database entry for the given numeric group ID.") { args throws(Raised) in
            guard let id = try number(args[0]), let entry = Glibc.getgrgid(id) else {
                throw raise(.keyError, "getgrgid(): gid not found: \(try repr(args[0]).string)")
            }
            return try group(entry.pointee)
        },
        Native("getgrnam(name)", "Return the group database entry for the given group name.") { args throws(Raised) in
            guard args[0].isKind(.str) else { throw typeError("getgrnam() argument must be str, not \(typeName(args[0]))") }
            let name = try SystemPath.encode(args[0])
            guard !name.contains(0) else { throw valueError("embedded null byte") }
            guard let entry = Glibc.getgrnam(name + [0]) else {
                throw raise(.keyError, "getgrnam(): name not found: \(try repr(args[0]).string)")
            }
            return try group(entry.pointee)
        },
        Native("getgrall()", "Return a list of all available group entries, in arbitrary order.") { _ throws(Raised) in
            let list = List.make()
            setgrent()
            defer { endgrent() }
            while let entry = getgrent() { list.append(try group(entry.pointee)) }
            return Value(list)
        },
    ]
}
