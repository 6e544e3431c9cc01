// `_foreign`: memory by its address, shared libraries, and calls of C functions through libffi. `ctypes` is built on it.
//
// Whoever asks for an address gets it: a wrong one ends the process, here as in C. Calls let go of the GIL if they are
// told so; a C function that calls back takes it again and runs the script on the same thread. An exception in a callback is
// reported, and C gets 0.
import CFFI
import Glibc
import TinyRuntime

enum ForeignModule {
    static let nativeModule = NativeModule("_foreign", doc: "Memory, libraries and functions of C.", functions: { memory + calls }) { contents throws(Raised) in
        ForeignBlock.cls = contents.add(ForeignBlock.nativeClass)
    }

    private static func pointer(_ value: Value) throws(Raised) -> UnsafeMutableRawPointer {
        guard let pointer = UnsafeMutableRawPointer(bitPattern: try index(value)) else { throw valueError("NULL pointer access") }
        return pointer
    }

    private static func size(_ value: Value) throws(Raised) -> Int {
        let size = try index(value)
        guard size >= 0 else { throw valueError("negative size") }
        return size
    }

    private static func address(_ pointer: UnsafeMutableRawPointer?) -> Value { Value(Int(bitPattern: pointer)) }

    private static let memory: [Native] = [
        Native("allocate(size, /)", "Zeroed memory of the C library: its address.") { args throws(Raised) in
            guard let memory = calloc(1, max(1, try size(args[0]))) else { throw raise(.memoryError) }
            return address(memory)
        },
        Native("release(address, /)", "Give memory back.") { args throws(Raised) in
            free(try pointer(args[0]))
            return .none
        },
        Native("read(address, size, /)", "The bytes at an address.") { args throws(Raised) in
            let count = try size(args[1])
            if count == 0 { return BytesObject.make([UInt8]()) }
            try checkSize(count)
            return BytesObject.make(UnsafeBufferPointer(start: try pointer(args[0]).assumingMemoryBound(to: UInt8.self), count: count))
        },
        Native("write(address, data, /)", "Put bytes to an address.") { args throws(Raised) in
            let data = try BufferView(args[1]).octets
            guard data.count > 0, let base = data.baseAddress else { return .none }
            memmove(try pointer(args[0]), base, data.count)
            return .none
        },
        Native("view(address, size, owner, /)", "A memoryview of the bytes at an address, which keeps their owner alive.") { args throws(Raised) in
            let block = ForeignBlock(try pointer(args[0]), try size(args[1]), args[2])
            return Value(try MemoryView.make(BoxedObject.make(block, ForeignBlock.cls)))
        },
        Native("length(address, /)", "How many bytes stand before the first zero.") { args throws(Raised) in
            Value(strlen(try pointer(args[0]).assumingMemoryBound(to: CChar.self)))
        },
        Native("buffer_address(object, /)", "Where the bytes of a writable buffer lie.") { args throws(Raised) in
            let octets = try BufferView(args[0]).octets
            return Value(Int(bitPattern: octets.baseAddress))
        },
    ]

    private static let calls: [Native] = [
        Native("open(name, mode, /)", "The handle of a shared library; of the program itself if the name is None.") { args throws(Raised) in
            let mode = Int32(truncatingIfNeeded: try index(args[1]))
            let handle = args[0].isNone ? dlopen(nil, mode) : dlopen(try strArgument(args[0], "open").string, mode)
            guard let handle else { throw raise(.osError, dlerror().map { String(cString: $0) } ?? "dlopen() failed") }
            return address(handle)
        },
        Native("close(handle, /)", "Close a library.") { args throws(Raised) in Value(Int(dlclose(try pointer(args[0])))) },
        Native("symbol(handle, name, /)", "The address of what a library calls so; AttributeError if there is none.") { args throws(Raised) in
            let name = try strArgument(args[1], "symbol").string
            guard let found = dlsym(try pointer(args[0]), name) else {
                throw raise(.attributeError, dlerror().map { String(cString: $0) } ?? "undefined symbol: \(name)")
            }
            return address(found)
        },
        Native("call(address, codes, arguments, result, errno, holds_lock, /)", "(what a C function gives, errno).") { args throws(Raised) in
            let function = try pointer(args[0])
            let codes = try strArgument(args[1], "call").string
            guard args[2].isKind(.tuple), let result = try strArgument(args[3], "call").string.utf8.first else {
                throw typeError("call() takes a tuple and a code")
            }
            let given = args[2].object(Tuple.self)
            guard codes.utf8.count == given.count, given.count <= Int(TINY_FFI_MOST) else { throw typeError("too many arguments") }
            var slots: [UInt64] = []
            for (place, code) in codes.utf8.enumerated() { slots.append(try slot(given.items[place], code)) }
            var output: UInt64 = 0
            var error = Int32(truncatingIfNeeded: try index(args[4]))
            let count = Int32(given.count)
            func call() -> Int32 { tiny_ffi_call(function, codes, count, &slots, CChar(bitPattern: result), &output, &error) }
            guard Threads.callingOut(holdsLock: try truth(args[5]), call) == 0 else { throw raise(.systemError, "ffi_prep_cif failed") }
            return Value(Tuple.make(value(output, result), Value(Int(error))))
        },
        Native("callback(callable, codes, result, /)", "The address of a C function that calls a callable, which must be kept alive.") { args throws(Raised) in
            let codes = try strArgument(args[1], "callback").string
            guard let result = try strArgument(args[2], "callback").string.utf8.first else { throw typeError("callback() takes a code") }
            callbacks.append(Callback(callable: args[0], codes: Array(codes.utf8), result: result))
            let made = tiny_ffi_closure(
                codes, Int32(codes.utf8.count), CChar(bitPattern: result), ForeignModule.enter, UInt(callbacks.count - 1))
            guard let made else { throw raise(.memoryError) }
            return address(made)
        },
    ]

    /// One argument as the eight bytes that libffi reads it from.
    private static func slot(_ value: Value, _ code: UInt8) throws(Raised) -> UInt64 {
        switch code {
        case UInt8(ascii: "d"): return (floatOf(value) ?? 0).bitPattern
        case UInt8(ascii: "f"): return UInt64(Float(floatOf(value) ?? 0).bitPattern)
        default: return UInt64(bitPattern: Int64(try index(value)))
        }
    }

    /// What eight bytes mean as a result. Small integers come widened to a register.
    private static func value(_ bits: UInt64, _ code: UInt8) -> Value {
        switch code {
        case UInt8(ascii: "d"): Value(Double(bitPattern: bits))
        case UInt8(ascii: "f"): Value(Double(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case UInt8(ascii: "b"): Value(Int(Int8(truncatingIfNeeded: bits)))
        case UInt8(ascii: "B"): Value(Int(UInt8(truncatingIfNeeded: bits)))
        case UInt8(ascii: "h"): Value(Int(Int16(truncatingIfNeeded: bits)))
        case UInt8(ascii: "H"): Value(Int(UInt16(truncatingIfNeeded: bits)))
        case UInt8(ascii: "i"): Value(Int(Int32(truncatingIfNeeded: bits)))
        case UInt8(ascii: "I"): Value(Int(UInt32(truncatingIfNeeded: bits)))
        case UInt8(ascii: "v"): .none
        default: Value(Int(truncatingIfNeeded: bits))
        }
    }

    // MARK: Callbacks

    private struct Callback {
        /// Kept alive by `ctypes`.
        let callable: Value
        let codes: [UInt8]
        let result: UInt8
    }

    /// Guarded by the GIL.
    nonisolated(unsafe) private static var callbacks: [Callback] = []

    private static let enter: tiny_ffi_body = { context, arguments, result in
        Threads.callingBack { ForeignModule.run(context, arguments, result) }
    }

    private static func run(_ context: UInt, _ arguments: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ result: UnsafeMutableRawPointer?) {
        let callback = ForeignModule.callbacks[Int(context)]
        let values = List.make()
        for (place, code) in callback.codes.enumerated() {
            guard let source = arguments?[place] else { continue }
            var bits: UInt64 = 0
            memcpy(&bits, source, ForeignModule.width(code))
            values.append(ForeignModule.value(bits, code))
        }
        var output: UInt64 = 0
        do {
            let given = try callValue(callback.callable, Tuple.make(values.items, values.count))
            if callback.result != UInt8(ascii: "v") { output = try ForeignModule.slot(given, callback.result) }
        } catch {
            reportUnraisable(currentThread().takeRaised(), callback.callable, "Exception ignored on calling ctypes callback function")
        }
        if let result, callback.result != UInt8(ascii: "v") { memcpy(result, &output, 8) }
    }

    private static func width(_ code: UInt8) -> Int {
        switch code {
        case UInt8(ascii: "b"), UInt8(ascii: "B"): 1
        case UInt8(ascii: "h"), UInt8(ascii: "H"): 2
        case UInt8(ascii: "i"), UInt8(ascii: "I"), UInt8(ascii: "f"): 4
        default: 8
        }
    }
}
