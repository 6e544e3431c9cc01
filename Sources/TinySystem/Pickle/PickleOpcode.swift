// The opcodes of CPython's pickle protocols 0 to 5, and what both directions share.
import TinyRuntime

enum PickleOpcode {
    static let mark: UInt8 = 0x28, stop: UInt8 = 0x2E, pop: UInt8 = 0x30, popMark: UInt8 = 0x31, dup: UInt8 = 0x32
    static let float: UInt8 = 0x46, int: UInt8 = 0x49, binint: UInt8 = 0x4A, binint1: UInt8 = 0x4B
    static let long: UInt8 = 0x4C, binint2: UInt8 = 0x4D, none: UInt8 = 0x4E, persid: UInt8 = 0x50
    static let binpersid: UInt8 = 0x51, reduce: UInt8 = 0x52, string: UInt8 = 0x53, binstring: UInt8 = 0x54
    static let shortBinstring: UInt8 = 0x55, unicode: UInt8 = 0x56, binunicode: UInt8 = 0x58
    static let append: UInt8 = 0x61, build: UInt8 = 0x62, global: UInt8 = 0x63, dict: UInt8 = 0x64
    static let emptyDict: UInt8 = 0x7D, appends: UInt8 = 0x65, get: UInt8 = 0x67, binget: UInt8 = 0x68
    static let inst: UInt8 = 0x69, longBinget: UInt8 = 0x6A, list: UInt8 = 0x6C, emptyList: UInt8 = 0x5D
    static let obj: UInt8 = 0x6F, put: UInt8 = 0x70, binput: UInt8 = 0x71, longBinput: UInt8 = 0x72
    static let setitem: UInt8 = 0x73, tuple: UInt8 = 0x74, emptyTuple: UInt8 = 0x29, setitems: UInt8 = 0x75
    static let binfloat: UInt8 = 0x47
    // Protocol 2
    static let proto: UInt8 = 0x80, newobj: UInt8 = 0x81, ext1: UInt8 = 0x82, ext2: UInt8 = 0x83, ext4: UInt8 = 0x84
    static let tuple1: UInt8 = 0x85, tuple2: UInt8 = 0x86, tuple3: UInt8 = 0x87, newtrue: UInt8 = 0x88
    static let newfalse: UInt8 = 0x89, long1: UInt8 = 0x8A, long4: UInt8 = 0x8B
    // Protocol 3
    static let binbytes: UInt8 = 0x42, shortBinbytes: UInt8 = 0x43
    // Protocol 4
    static let shortBinunicode: UInt8 = 0x8C, binunicode8: UInt8 = 0x8D, binbytes8: UInt8 = 0x8E
    static let emptySet: UInt8 = 0x8F, additems: UInt8 = 0x90, frozenset: UInt8 = 0x91, newobjEx: UInt8 = 0x92
    static let stackGlobal: UInt8 = 0x93, memoize: UInt8 = 0x94, frame: UInt8 = 0x95
    // Protocol 5
    static let bytearray8: UInt8 = 0x96, nextBuffer: UInt8 = 0x97, readonlyBuffer: UInt8 = 0x98
}

enum Pickle {
    static let highestProtocol = 5
    static let defaultProtocol = 4
    static let frameTarget = 64 << 10
    static let frameMinimum = 4
    /// FRAME and its length.
    static let frameHeader = 9
    static let batch = 1000

    nonisolated(unsafe) static var error = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var picklingError = ClassRef(bitPattern: 8).unsafelyUnwrapped
    nonisolated(unsafe) static var unpicklingError = ClassRef(bitPattern: 8).unsafelyUnwrapped

    static func cannotPickle(_ message: String) -> Raised {
        raise(ExceptionObject.make(picklingError, Tuple.make(Value(Str.make(message)))))
    }

    static func cannotUnpickle(_ message: String) -> Raised {
        raise(ExceptionObject.make(unpicklingError, Tuple.make(Value(Str.make(message)))))
    }

    /// An idle pickler and an idle unpickler (their boxes) for the next `dumps` and `loads`; None while in use. A small message
    /// takes less time than making one. A root.
    nonisolated(unsafe) private static let idle: ListRef = {
        let list = List.make()
        for _ in 0 ..< 2 { list.append(.none) }
        heap.permanentRoots.append(Value(list))
        return list
    }()

    static var sparePickler: Value {
        get { idle.items[0] }
        set { idle.put(newValue, at: 0) }
    }

    static var spareUnpickler: Value {
        get { idle.items[1] }
        set { idle.put(newValue, at: 1) }
    }

    /// A table of copyreg or _compat_pickle.
    static func table(_ module: String, _ name: String) throws(Raised) -> Value {
        try getAttribute(try importModule(module), name)
    }
}
