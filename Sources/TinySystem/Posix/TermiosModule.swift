// `termios`: settings of terminals.
import CTiny
import Glibc
import TinyRuntime

enum TermiosModule {
    nonisolated(unsafe) private static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static let nativeModule = NativeModule(
        "termios", doc: "This module provides an interface to the Posix calls for tty I/O control.", functions: { functions },
        prepare: { contents throws(Raised) in
            error = contents.addException("error")
            NamedNumbers(TermiosConstants.all).install(in: contents.namespace)
        })

    /// `termios.error` for errno, as (number, text).
    private static func fail() -> Raised {
        let code = errno
        return raise(ExceptionObject.make(error, Tuple.make(Value(Int(code)), Value(Str.make(String(cString: strerror(code)))))))
    }

    /// Makes a call that may block, until no signal is in its way.
    private static func call(_ body: () -> Int32) throws(Raised) {
        while true {
            var code: Int32 = 0
            let result = Threads.blocking { () -> Int32 in
                let result = body()
                code = errno
                return result
            }
            if result == 0 { return }
            errno = code
            guard code == EINTR else { throw fail() }
            try Signals.handleArrived()
        }
    }

    private static func attributes(_ descriptor: Int32) throws(Raised) -> termios {
        var mode = termios()
        guard tcgetattr(descriptor, &mode) == 0 else { throw fail() }
        return mode
    }

    /// How many control characters there are; beyond, the system's struct has room that means nothing.
    private static let controls = 32

    private static func list(_ mode: termios) -> Value {
        var mode = mode
        let isCanonical = mode.c_lflag & tcflag_t(ICANON) != 0
        let characters = List.make()
        withUnsafeBytes(of: &mode.c_cc) { octets in
            for index in 0 ..< controls {
                // Without lines these two are numbers.
                let isNumber = !isCanonical && (index == Int(VMIN) || index == Int(VTIME))
                characters.append(isNumber ? Value(Int(octets[index])) : BytesObject.make([octets[index]]))
            }
        }
        let list = List.make()
        for flags in [mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag] { list.append(Value(Int(flags))) }
        list.append(Value(Int(cfgetispeed(&mode))))
        list.append(Value(Int(cfgetospeed(&mode))))
        list.append(Value(characters))
        return Value(list)
    }

    private static func flags(_ value: Value) throws(Raised) -> tcflag_t {
        guard isInteger(value) else { throw typeError("an integer is required (got type \(typeName(value)))") }
        guard let number = machineInt(value), let flags = tcflag_t(exactly: number) else {
            throw raise(.overflowError, "Python int too large to convert to C unsigned int")
        }
        return flags
    }

    private static func mode(_ descriptor: Int32, _ value: Value) throws(Raised) -> termios {
        guard value.isKind(.list), value.object(List.self).count == 7 else { throw typeError("tcsetattr, arg 3: must be 7 element list") }
        let items = value.object(List.self).items
        // What the list does not tell stays as it is.
        var mode = try attributes(descriptor)
        let speeds = (try flags(items[4]), try flags(items[5]))
        (mode.c_iflag, mode.c_oflag, mode.c_cflag, mode.c_lflag) =
            (try flags(items[0]), try flags(items[1]), try flags(items[2]), try flags(items[3]))
        guard items[6].isKind(.list), items[6].object(List.self).count == controls else {
            throw typeError("tcsetattr: attributes[6] must be \(controls) element list")
        }
        for index in 0 ..< controls {
            let item = items[6].object(List.self).items[index]
            let octet: UInt8
            if item.isKind(.bytes), let only = item.object(BytesObject.self).buffer.first, item.object(BytesObject.self).buffer.count == 1 {
                octet = only
            } else if isInteger(item) {
                guard let number = machineInt(item) else { throw raise(.overflowError, "Python int too large to convert to C long") }
                guard let small = UInt8(exactly: number) else { throw raise(.overflowError, "integer out of range for a character") }
                octet = small
            } else {
                throw typeError("tcsetattr: elements of attributes must be characters or integers")
            }
            withUnsafeMutableBytes(of: &mode.c_cc) { $0[index] = octet }
        }
        guard cfsetispeed(&mode, speeds.0) == 0, cfsetospeed(&mode, speeds.1) == 0 else { throw fail() }
        return mode
    }

    private static let functions: [Native] = [
        Native("tcgetattr(fd, /)", "Get the tty attributes for file descriptor fd.") { args throws(Raised) in
            list(try attributes(try openDescriptor(args[0])))
        },
        Native("tcsetattr(fd, when, attributes, /)", "Set the tty attributes for file descriptor fd.") { args throws(Raised) in
            let (descriptor, when) = (try openDescriptor(args[0]), try Posix.int32(args[1]))
            var wanted = try mode(descriptor, args[2])
            DirtyStreams.flushAll()
            try call { tcsetattr(descriptor, when, &wanted) }
            return .none
        },
        Native("tcsendbreak(fd, duration, /)", "Send a break on file descriptor fd.") { args throws(Raised) in
            let (descriptor, duration) = (try openDescriptor(args[0]), try Posix.int32(args[1]))
            try call { tcsendbreak(descriptor, duration) }
            return .none
        },
        Native("tcdrain(fd, /)", "Wait until all output written to file descriptor fd has been transmitted.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            try call { tcdrain(descriptor) }
            return .none
        },
        Native("tcflush(fd, queue, /)", "Discard queued data on file descriptor fd.") { args throws(Raised) in
            let (descriptor, queue) = (try openDescriptor(args[0]), try Posix.int32(args[1]))
            try call { tcflush(descriptor, queue) }
            return .none
        },
        Native("tcflow(fd, action, /)", "Suspend or resume input or output on file descriptor fd.") { args throws(Raised) in
            let (descriptor, action) = (try openDescriptor(args[0]), try Posix.int32(args[1]))
            try call { tcflow(descriptor, action) }
            return .none
        },
        Native("tcgetwinsize(fd, /)", "Get the tty winsize for file descriptor fd.") { args throws(Raised) in
            var size = winsize()
            guard tiny_ioctl(try openDescriptor(args[0]), UInt(TIOCGWINSZ), &size) == 0 else { throw fail() }
            return Value(Tuple.make(Value(Int(size.ws_row)), Value(Int(size.ws_col))))
        },
        Native("tcsetwinsize(fd, winsize, /)", "Set the tty winsize for file descriptor fd.") { args throws(Raised) in
            let descriptor = try openDescriptor(args[0])
            guard !args[1].isKind(.dict), !args[1].isKind(.set), args[1].cls.has(.getitem) else {
                throw typeError("tcsetwinsize, arg 2: must be a two-item sequence")
            }
            guard try length(args[1]) == 2 else { throw typeError("tcsetwinsize, arg 2: must be a two-item sequence") }
            var size = winsize()
            guard tiny_ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 else { throw fail() }
            for place in 0 ..< 2 {
                let item = try getItem(args[1], Value(place))
                guard isInteger(item) else { throw typeError("an integer is required (got type \(typeName(item)))") }
                guard let number = machineInt(item), let short = UInt16(exactly: number) else {
                    throw raise(.overflowError, "winsize value(s) out of range.")
                }
                if place == 0 { size.ws_row = short } else { size.ws_col = short }
            }
            guard tiny_ioctl(descriptor, UInt(TIOCSWINSZ), &size) == 0 else { throw fail() }
            return .none
        },
    ]
}
