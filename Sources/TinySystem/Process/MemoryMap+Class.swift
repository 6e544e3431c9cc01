// mmap.mmap: what the script sees.
import Glibc
import TinyRuntime

extension MemoryMap {
    static let nativeClass = NativeClass(
        "mmap", kind: .box, doc: "Maps length bytes from the file specified by the file descriptor fileno.",
        flags: [.isBase, .isWeakReferenceable], methods: life + reading + writing + items,
        attributes: [
            Accessors("closed") { object throws(Raised) in Value(object.boxed(MemoryMap.self)?.isClosed ?? true) }
        ],
        construct: construct)

    private static let life: [Native] = [
        Native("close(self, /)", "", .method) { args throws(Raised) in
            try args[0].boxed(MemoryMap.self)?.close()
            return .none
        },
        Native("__enter__(self, /)", "", .method) { args throws(Raised) in
            _ = try of(args[0])
            return args[0]
        },
        Native("__exit__(self, exc_type, exc_value, traceback, /)", "", .method) { args throws(Raised) in
            try args[0].boxed(MemoryMap.self)?.close()
            return .none
        },
        Native("resize(self, newsize, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let size = try index(args[1])
            try map.checkOpen()
            try map.resize(size)
            return .none
        },
        Native("flush(self, offset=0, size=?, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let offset = try index(args[1])
            let length = args.has(2) ? try index(args[2]) : nil
            try map.checkOpen()
            try map.flush(offset, length ?? map.count - min(max(0, offset), map.count))
            return .none
        },
        Native("madvise(self, option, start=0, length=?, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let (option, start, length) = (try Posix.int32(args[1]), try index(args[2]), args.has(3) ? try index(args[3]) : nil)
            try map.checkOpen()
            try map.advise(option, start, length)
            return .none
        },
        Native("size(self, /)", "", .method) { args throws(Raised) in Value(try of(args[0]).fileSize()) },
        Native("__repr__(self, /)", "") { args throws(Raised) in
            guard let map = args[0].boxed(MemoryMap.self) else { throw typeError("an mmap is required") }
            if map.isClosed { return Value(Str.make("<mmap.mmap closed=True>")) }
            let access = ["DEFAULT", "READ", "WRITE", "COPY"][map.access.rawValue]
            return Value(Str.make("<mmap.mmap closed=False, access=ACCESS_\(access), length=\(map.count), pos=\(map.position), offset=\(map.offset)>"))
        },
    ]

    /// Takes so many octets from the position on.
    private func take(_ wanted: Int) -> Value {
        let start = min(position, count)
        let end = wanted < 0 ? count : min(count, start + min(wanted, count))
        position = end
        return BytesObject.make(octets.part(start, end))
    }

    private static func find(_ args: Arguments, last: Bool) throws(Raised) -> Value {
        let map = try of(args[0])
        let needle = try BufferView(args[1])
        let start = args.has(2) ? try clampedBound(args[2], map.count) : map.position
        let end = args.has(3) ? try clampedBound(args[3], map.count) : map.count
        try map.checkOpen()
        guard start <= end else { return Value(-1) }
        return Value(last ? map.octets.findLast(needle.octets, start, end) : map.octets.find(needle.octets, start, end))
    }

    private static let reading: [Native] = [
        Native("read(self, n=None, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let wanted = args[1].isNone ? -1 : try index(args[1])
            try map.checkOpen()
            return map.take(wanted)
        },
        Native("read_byte(self, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            guard map.position < map.count else { throw valueError("read byte out of range") }
            map.position += 1
            return Value(Int(map.octets[map.position - 1]))
        },
        Native("readline(self, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let start = min(map.position, map.count)
            let end = map.octets[start...].firstIndex(of: 10)
            return map.take(end.map { $0 + 1 - start } ?? -1)
        },
        Native("find(self, sub, start=?, end=?, /)", "", .method) { args throws(Raised) in try find(args, last: false) },
        Native("rfind(self, sub, start=?, end=?, /)", "", .method) { args throws(Raised) in try find(args, last: true) },
        Native("tell(self, /)", "", .method) { args throws(Raised) in Value(try of(args[0]).position) },
        Native("seekable(self, /)", "", .method) { _ in .true },
        Native("seek(self, pos, whence=0, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let (distance, whence) = (try index(args[1]), try index(args[2]))
            try map.checkOpen()
            let start: Int
            switch whence {
            case 0: start = 0
            case 1: start = map.position
            case 2: start = map.count
            default: throw valueError("unknown seek type")
            }
            let (target, overflows) = start.addingReportingOverflow(distance)
            guard !overflows, target >= 0, target <= map.count else { throw valueError("seek out of range") }
            map.position = target
            return Value(target)
        },
    ]

    private static let writing: [Native] = [
        Native("write(self, bytes, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            let base = try map.writable()
            let view = try BufferView(args[1])
            guard view.count <= map.count - min(map.position, map.count) else { throw valueError("data out of range") }
            if let source = view.octets.baseAddress { memmove(base + map.position, source, view.count) }
            map.position += view.count
            return Value(view.count)
        },
        Native("write_byte(self, byte, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            _ = try map.writable()
            guard let octet = UInt8(exactly: try index(args[1])) else { throw raise(.overflowError, "unsigned byte integer is greater than maximum") }
            try map.checkOpen()
            let base = try map.writable()
            guard map.position < map.count else { throw valueError("write byte out of range") }
            base[map.position] = octet
            map.position += 1
            return .none
        },
        Native("move(self, dest, src, count, /)", "", .method) { args throws(Raised) in
            let map = try of(args[0])
            _ = try map.writable()
            let (target, source, length) = (try index(args[1]), try index(args[2]), try index(args[3]))
            try map.checkOpen()
            let base = try map.writable()
            guard target >= 0, source >= 0, length >= 0, target <= map.count, source <= map.count, length <= map.count - max(target, source) else {
                throw valueError("source, destination, or count out of range")
            }
            memmove(base + target, base + source, length)
            return .none
        },
    ]

    private static func octet(_ value: Value) throws(Raised) -> UInt8 {
        guard isInteger(value) || value.cls.has(.index) else { throw typeError("mmap item value must be an int") }
        guard let octet = UInt8(exactly: try index(value)) else { throw valueError("mmap item value must be in range(0, 256)") }
        return octet
    }

    private static let items: [Native] = [
        Native("__len__(self, /)", "Return len(self).") { args throws(Raised) in Value(try of(args[0]).count) },
        Native("__getitem__(self, key, /)", "Return self[key].") { args throws(Raised) in
            let map = try of(args[0])
            guard args[1].isKind(.slice) else {
                let key = args[1].isPointer && args[1].cls.has(.index) ? try indexValue(args[1]) : args[1]
                try map.checkOpen()
                return Value(Int(map.octets[try TinyRuntime.position(key, map.count, "mmap")]))
            }
            let slice = try args[1].object(SliceObject.self).resolve(map.count)
            try map.checkOpen()
            if slice.step == 1 { return BytesObject.make(map.octets.part(slice.start, max(slice.start, slice.stop))) }
            return BytesObject.make((0 ..< slice.count).map { map.octets[slice.start + $0 * slice.step] })
        },
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { args throws(Raised) in
            let map = try of(args[0])
            guard args[1].isKind(.slice) else {
                let key = args[1].isPointer && args[1].cls.has(.index) ? try indexValue(args[1]) : args[1]
                try map.checkOpen()
                let place = try TinyRuntime.position(key, map.count, "mmap")
                let octet = try octet(args[2])
                try map.checkOpen()
                try map.writable()[place] = octet
                return .none
            }
            let slice = try args[1].object(SliceObject.self).resolve(map.count)
            try map.checkOpen()
            let base = try map.writable()
            let view = try BufferView(args[2])
            guard view.count == slice.count else { throw raise(.indexError, "mmap slice assignment is wrong size") }
            if slice.step == 1 {
                if let source = view.octets.baseAddress { memmove(base + slice.start, source, view.count) }
            } else {
                for step in 0 ..< slice.count { base[slice.start + step * slice.step] = view.octets[step] }
            }
            return .none
        },
    ]
}
