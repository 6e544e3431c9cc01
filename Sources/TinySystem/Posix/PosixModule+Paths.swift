// `posix`: names in the file system.
import CTiny
import Glibc
import TinyRuntime

extension PosixModule {
    private static func workingDirectory() throws(Raised) -> [UInt8] {
        var buffer = [CChar](repeating: 0, count: 4096)
        guard Glibc.getcwd(&buffer, buffer.count) != nil else { throw osError(errno) }
        return buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
    }

    private static func remove(_ args: Arguments, _ function: String, _ flags: Int32) throws(Raised) -> Value {
        let path = try SystemPath(args[0], function)
        let directory = try Posix.directory(args[1])
        _ = try Posix.check(path) { Int(unlinkat(directory, path.text, flags)) }
        return .none
    }

    private static func rename(_ args: Arguments, _ function: String) throws(Raised) -> Value {
        let source = try SystemPath(args[0], function, argument: "src")
        let target = try SystemPath(args[1], function, argument: "dst")
        let from = try Posix.directory(args[2])
        let to = try Posix.directory(args[3])
        _ = try Posix.check(source, target) { Int(renameat(from, source.text, to, target.text)) }
        return .none
    }

    static let pathFunctions: [Native] = [
        Native("_path_normpath(path)", "Normalize path, eliminating double slashes, etc.") { args throws(Raised) in
            let path = try SystemPath.fspath(args[0])
            if path.isKind(.str) {
                let text = path.object(Str.self)
                return Value(PathText.normalised(text.buffer).map { Str.make($0) } ?? text.exact)
            }
            let octets = path.object(BytesObject.self).buffer
            return PathText.normalised(octets).map { BytesObject.make($0) } ?? BytesObject.make(octets)
        },
        Native("fspath(path)", "Return the file system path representation of the object.") { args throws(Raised) in
            try SystemPath.fspath(args[0])
        },
        Native("getcwd()", "Return a unicode string representing the current working directory.") { _ throws(Raised) in
            let octets = try workingDirectory()
            return try octets.withUnsafeBufferPointer { buffer throws(Raised) in try SystemPath.decode(buffer) }
        },
        Native("getcwdb()", "Return a bytes string representing the current working directory.") { _ throws(Raised) in
            BytesObject.make(try workingDirectory())
        },
        Native("chdir(path)", "Change the current working directory to the specified path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "chdir", allowsDescriptor: true)
            _ = try Posix.check(path) { Int(path.descriptor.map { Glibc.fchdir($0) } ?? Glibc.chdir(path.text)) }
            return .none
        }.telling("os.chdir", 0),
        Native("fchdir(fd)", "Change to the directory of the given file descriptor.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            _ = try Posix.check(nil) { Int(Glibc.fchdir(descriptor)) }
            return .none
        }.telling("os.chdir", 0),
        Native("listdir(path=None)", "Return a list containing the names of the files in the directory.") { args throws(Raised) in
            let path = try SystemPath(args[0], "listdir", allowsDescriptor: true, allowsNone: true)
            let scan = try DirectoryScan(path)
            defer { scan.close() }
            let list = List.make()
            while let entry = try scan.read() { list.append(entry.name) }
            return Value(list)
        }.telling("os.listdir", 0),
        Native("scandir(path=None)", "Return an iterator of DirEntry objects for given path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "scandir", allowsDescriptor: true, allowsNone: true)
            return BoxedObject.make(try DirectoryScan(path), DirectoryScan.cls)
        }.telling("os.scandir", 0),
        Native("mkdir(path, mode=511, *, dir_fd=None)", "Create a directory.") { args throws(Raised) in
            let path = try SystemPath(args[0], "mkdir")
            let mode = mode_t(truncatingIfNeeded: try index(args[1]))
            let directory = try Posix.directory(args[2])
            _ = try Posix.check(path) { Int(mkdirat(directory, path.text, mode)) }
            return .none
        }.telling("os.mkdir", 0, 1, directories: [2]),
        Native("rmdir(path, *, dir_fd=None)", "Remove a directory.") { args throws(Raised) in try remove(args, "rmdir", AT_REMOVEDIR) }.telling("os.rmdir", 0, directories: [1]),
        Native("unlink(path, *, dir_fd=None)", "Remove a file (same as remove()).") { args throws(Raised) in try remove(args, "unlink", 0) }.telling("os.remove", 0, directories: [1]),
        Native("remove(path, *, dir_fd=None)", "Remove a file (same as unlink()).") { args throws(Raised) in try remove(args, "remove", 0) }.telling("os.remove", 0, directories: [1]),
        Native("rename(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Rename a file or directory.") { args throws(Raised) in
            try rename(args, "rename")
        }.telling("os.rename", 0, 1, directories: [2, 3]),
        Native("replace(src, dst, *, src_dir_fd=None, dst_dir_fd=None)", "Rename a file or directory, overwriting the destination.") { args throws(Raised) in
            try rename(args, "replace")
        }.telling("os.rename", 0, 1, directories: [2, 3]),
        Native("link(src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=True)", "Create a hard link to a file.") { args throws(Raised) in
            let source = try SystemPath(args[0], "link", argument: "src")
            let target = try SystemPath(args[1], "link", argument: "dst")
            let from = try Posix.directory(args[2])
            let to = try Posix.directory(args[3])
            let flags = try truth(args[4]) ? AT_SYMLINK_FOLLOW : 0
            _ = try Posix.check(source, target) { Int(linkat(from, source.text, to, target.text, flags)) }
            return .none
        }.telling("os.link", 0, 1, directories: [2, 3]),
        Native("symlink(src, dst, target_is_directory=False, *, dir_fd=None)", "Create a symbolic link pointing to src named dst.") { args throws(Raised) in
            let source = try SystemPath(args[0], "symlink", argument: "src")
            let target = try SystemPath(args[1], "symlink", argument: "dst")
            let directory = try Posix.directory(args[3])
            _ = try Posix.check(source, target) { Int(symlinkat(source.text, directory, target.text)) }
            return .none
        }.telling("os.symlink", 0, 1, directories: [3]),
        Native("readlink(path, *, dir_fd=None)", "Return a string representing the path to which the symbolic link points.") { args throws(Raised) in
            let path = try SystemPath(args[0], "readlink")
            let directory = try Posix.directory(args[1])
            var buffer = [CChar](repeating: 0, count: 4097)
            let count = try Posix.check(path) { readlinkat(directory, path.text, &buffer, 4096) }
            let octets = buffer.prefix(count).map { UInt8(bitPattern: $0) }
            return try octets.withUnsafeBufferPointer { view throws(Raised) in try path.name(view) }
        },
        Native("access(path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)", "Use the real uid/gid to test for access to a path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "access")
            let mode = try Posix.int32(args[1])
            let directory = try Posix.directory(args[2])
            var flags: Int32 = try truth(args[3]) ? AT_EACCESS : 0
            if try !truth(args[4]) { flags |= AT_SYMLINK_NOFOLLOW }
            return Value(faccessat(directory, path.text, mode, flags) == 0)
        },
        Native("chmod(path, mode, *, dir_fd=None, follow_symlinks=True)", "Change the access permissions of a file.") { args throws(Raised) in
            let path = try SystemPath(args[0], "chmod", allowsDescriptor: true)
            let mode = mode_t(truncatingIfNeeded: try index(args[1]))
            let directory = try Posix.directory(args[2])
            let flags = try truth(args[3]) ? 0 : AT_SYMLINK_NOFOLLOW
            if flags != 0, path.descriptor == nil {
                // A symbolic link has no mode of its own on most file systems.
                let done = fchmodat(directory, path.text, mode, flags) == 0
                if done { return .none }
                if errno == EOPNOTSUPP { throw raise(.notImplementedError, "chmod: follow_symlinks unavailable on this platform") }
            }
            _ = try Posix.check(path) { Int(path.descriptor.map { Glibc.fchmod($0, mode) } ?? fchmodat(directory, path.text, mode, flags)) }
            return .none
        }.telling("os.chmod", 0, 1, directories: [2]),
        Native("fchmod(fd, mode)", "Change the access permissions of the file given by file descriptor fd.") { args throws(Raised) in
            let descriptor = try descriptorNumber(args[0])
            let mode = mode_t(truncatingIfNeeded: try index(args[1]))
            _ = try Posix.check(nil) { Int(Glibc.fchmod(descriptor, mode)) }
            return .none
        },
        Native("chown(path, uid, gid, *, dir_fd=None, follow_symlinks=True)", "Change the owner and group id of path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "chown", allowsDescriptor: true)
            let (user, group) = (try Posix.identity(args[1], "uid"), try Posix.identity(args[2], "gid"))
            let directory = try Posix.directory(args[3])
            let flags = try truth(args[4]) ? 0 : AT_SYMLINK_NOFOLLOW
            _ = try Posix.check(path) { Int(path.descriptor.map { Glibc.fchown($0, user, group) } ?? fchownat(directory, path.text, user, group, flags)) }
            return .none
        }.telling("os.chown", 0, 1, 2, directories: [3]),
        Native("utime(path, times=None, *, ns=?, dir_fd=None, follow_symlinks=True)", "Set the access and modified time of path.") { args throws(Raised) in
            let path = try SystemPath(args[0], "utime", allowsDescriptor: true)
            let directory = try Posix.directory(args[3])
            let flags = try truth(args[4]) ? 0 : AT_SYMLINK_NOFOLLOW
            if args.has(2), !args[1].isNone { throw valueError("utime: you may specify either 'times' or 'ns' but not both") }
            var times = [timespec(tv_sec: 0, tv_nsec: Int((1 << 30) - 1)), timespec(tv_sec: 0, tv_nsec: Int((1 << 30) - 1))]
            let given = args.has(2) ? args[2] : args[1]
            if !given.isNone {
                guard given.isKind(.tuple), given.object(Tuple.self).count == 2 else {
                    throw typeError(args.has(2) ? "utime: 'ns' must be a tuple of two ints" : "utime: 'times' must be either a tuple of two ints or None")
                }
                for position in 0 ..< 2 {
                    let item = given.object(Tuple.self).items[position]
                    if args.has(2) || isInteger(item) {
                        let number = try index(item)
                        let unit = args.has(2) ? 1_000_000_000 : 1
                        let seconds = number >= 0 ? number / unit : -((-number + unit - 1) / unit)
                        times[position] = timespec(tv_sec: seconds, tv_nsec: number - seconds * unit)
                    } else {
                        guard let seconds = try realOf(item), abs(seconds) < 9e15 else { throw typeError("'\(typeName(item))' object cannot be interpreted as an integer") }
                        let whole = seconds.rounded(.down)
                        times[position] = timespec(tv_sec: Int(whole), tv_nsec: min(999_999_999, Int((seconds - whole) * 1e9)))
                    }
                }
            }
            _ = try Posix.check(path) { Int(path.descriptor.map { futimens($0, times) } ?? utimensat(directory, path.text, times, flags)) }
            return .none
        }.telling("os.utime", 0, 1, 2, directories: [3]),
        Native("truncate(path, length)", "Truncate a file, specified by path, to a specific length.") { args throws(Raised) in
            let path = try SystemPath(args[0], "truncate", allowsDescriptor: true)
            let length = try index(args[1])
            _ = try Posix.check(path) { Int(path.descriptor.map { Glibc.ftruncate($0, length) } ?? Glibc.truncate(path.text, length)) }
            return .none
        }.telling("os.truncate", 0, 1),
        Native("mkfifo(path, mode=438, *, dir_fd=None)", "Create a FIFO (a POSIX named pipe).") { args throws(Raised) in
            let path = try SystemPath(args[0], "mkfifo")
            let mode = mode_t(truncatingIfNeeded: try index(args[1]))
            let directory = try Posix.directory(args[2])
            _ = try Posix.check(path) { Int(mkfifoat(directory, path.text, mode)) }
            return .none
        },
        Native("umask(mask, /)", "Set the current numeric umask and return the previous umask.") { args throws(Raised) in
            Value(Int(Glibc.umask(mode_t(truncatingIfNeeded: try index(args[0])))))
        },
        Native("sync()", "Force write of everything to disk.") { _ in
            Glibc.sync()
            return .none
        },
    ]
}
