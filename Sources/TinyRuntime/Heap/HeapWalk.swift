// Looking at the heap from the script: `gc.get_objects`, `get_referents`, `get_referrers`.
//
// All three collect first, so that only what lives is seen, and take the marks away: the tracer then serves to find what an
// object refers to.
import CTiny

extension Heap {
    /// Calls `body` with every object that lives. After `collectWhole`, and only until the next allocation.
    func forEachObject(_ body: (UnsafeMutableRawPointer) -> Void) {
        forEachCell { if $0.assumingMemoryBound(to: ObjectHeader.self).pointee.kind != .free { body($0) } }
    }

    /// As above, free cells too.
    func forEachCell(_ body: (UnsafeMutableRawPointer) -> Void) {
        for page in 0 ..< pagesInUse where pages[page].cellSize != 0 {
            let size = Int(pages[page].cellSize)
            var cell = region + page << Heap.pageShift
            for _ in 0 ..< Int(pages[page].readyCells) {
                body(cell)
                cell += size
            }
        }
        for object in largeObjects { body(object) }
    }
}

/// What the module `gc` shows of the heap.
public enum HeapWalk {
    /// Whether the script may see an object: not buffers, nor what natives keep with holes in it.
    private static func isVisible(_ object: UnsafeMutableRawPointer) -> Bool {
        let value = Value(address: object)
        switch value.kind {
        case .free, .immediate, .storage, .asyncYield: return false
        case .tuple:
            let tuple = value.object(Tuple.self)
            return !(0 ..< tuple.count).contains { tuple.items[$0].isAbsent }
        case .list:
            let list = value.object(List.self)
            return !(0 ..< list.count).contains { list.items[$0].isAbsent }
        default: return true
        }
    }

    /// Whether it can refer to others.
    private static func isContainer(_ object: UnsafeMutableRawPointer) -> Bool {
        switch Value(address: object).kind {
        case .int, .float, .complex, .decimal, .str, .bytes, .range, .rangeIterator: false
        default: isVisible(object)
        }
    }

    /// Whether CPython's collector would look at an object: it can be in a cycle.
    public static func isTracked(_ value: Value) -> Bool {
        guard value.isPointer else { return false }
        switch value.kind {
        case .free, .immediate, .storage, .asyncYield, .decimal, .code, .range, .rangeIterator: return false
        case .int, .float, .complex, .str, .bytes, .bytearray: return value.cls.pointee.flags.contains(.isHeapType)
        case .class: return value.object(ClassObject.self).pointee.flags.contains(.isHeapType)
        case .instance: return value.cls != Runtime.objectClass
        default: return true
        }
    }

    /// How many such objects live.
    public static func countTracked() -> Int {
        collect()
        var count = 0
        heap.forEachObject { if isVisible($0), isTracked(Value(address: $0)) { count += 1 } }
        return count
    }

    /// What a container of the language holds, numbers too; nil: it is something else.
    private static func contents(of value: Value) -> [Value]? {
        switch value.kind {
        case .tuple:
            let tuple = value.object(Tuple.self)
            return (0 ..< tuple.count).map { tuple.items[$0] }
        case .list:
            let list = value.object(List.self)
            return (0 ..< list.count).map { list.items[$0] }
        case .dict:
            var result: [Value] = []
            var position = 0
            while let entry = value.object(Dict.self).next(&position) { result += [entry.pointee.key, entry.pointee.value] }
            return result
        default: return nil
        }
    }

    private static func collect() {
        Threads.forEach { $0.clearStaleWords() }
        Threads.keepingValues(currentThread()) { heap.collectWhole() }
        heap.forgetMarks()
    }

    private static func list(of objects: [UnsafeMutableRawPointer]) -> Value {
        let list = List.make()
        for object in objects { list.append(Value(address: object)) }
        return Value(list)
    }

    /// What an object refers to directly; what only natives see is looked through.
    private static func referents(of object: UnsafeMutableRawPointer) -> [UnsafeMutableRawPointer] {
        var marker = Marker()
        defer { marker.dispose() }
        let value = Value(address: object)
        kindTable[Int(value.kind.rawValue)].trace(object, &marker)
        // An object knows its class by its shape, which no trace follows.
        if !value.isKind(.class), value.cls.pointee.flags.contains(.isHeapType) { marker.mark(value.cls) }
        return marker.takeReached().filter { $0 != object && isVisible($0) }
    }

    /// Rows for `gc`. Each of them collects first.
    public static let functions: [Native] = [
        Native("get_objects(generation=None)", "Return a list of objects tracked by the collector (excluding the list returned).") { args throws(Raised) in
            if AuditHooks.listen { try AuditHooks.tell("gc.get_objects", args[0].isNone ? Value(inline: -1) : args[0]) }
            if !args[0].isNone {
                let generation = try index(args[0])
                guard generation >= 0 else { throw valueError("generation parameter cannot be negative") }
                guard generation <= 2 else { throw valueError("generation parameter must be less than the number of available generations (3)") }
            }
            collect()
            var found: [UnsafeMutableRawPointer] = []
            heap.forEachObject { if isContainer($0) { found.append($0) } }
            return list(of: found)
        },
        Native("get_referrers(*objs)", "Return the list of objects that directly refer to any of 'objs'.") { args throws(Raised) in
            if AuditHooks.listen { try AuditHooks.tell("gc.get_referrers", args[0]) }
            let wanted = args[0].object(Tuple.self)
            collect()
            var found: [UnsafeMutableRawPointer] = []
            heap.forEachObject { object in
                guard object != args[0].address, isContainer(object) else { return }
                let refers = referents(of: object).contains { reached in
                    (0 ..< wanted.count).contains { wanted.items[$0].isPointer && wanted.items[$0].address == reached }
                }
                if refers { found.append(object) }
            }
            return list(of: found)
        },
        Native("get_referents(*objs)", "Return the list of objects that are directly referred to by 'objs'.") { args throws(Raised) in
            if AuditHooks.listen { try AuditHooks.tell("gc.get_referents", args[0]) }
            let given = args[0].object(Tuple.self)
            collect()
            let found = List.make()
            for index in 0 ..< given.count where given.items[index].isPointer {
                let all = contents(of: given.items[index]) ?? referents(of: given.items[index].address).map { Value(address: $0) }
                for value in all { found.append(value) }
            }
            return Value(found)
        },
    ]
}
