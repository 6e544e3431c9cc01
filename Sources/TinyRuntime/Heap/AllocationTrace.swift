// Where memory was asked for: what `tracemalloc` shows.
//
// Nothing is paid while nobody traces: objects come from free lists that are popped in line. While somebody does, the lists lie hidden
// in here, so that every request takes the slow way (Heap.allocate) and its place is noted: the frames of the thread, which runs
// instruction by instruction meanwhile (Tracing.swift), so that its place is known. The dead are forgotten at each collection, while
// the marks tell. What an object takes is worked out when somebody asks, as sys.getsizeof does it, buffers included.
import CTiny
import TinyCompiler

/// The allocations since tracing began.
final class AllocationTrace {
    private struct Entry {
        var place: Int32
        var size: Int
    }

    /// Where frames stood, the newest first: the number of a file's name << 32 | a line.
    private struct Place: Hashable {
        var frames: [UInt64]
        var depth: Int
    }

    /// Whether there is one: threads run instruction by instruction then.
    nonisolated(unsafe) static var isOn = false

    /// Of how many frames the places are kept.
    let limit: Int
    /// The lists of free cells, by size class.
    private var hidden = [UnsafeMutableRawPointer?](repeating: nil, count: Heap.classCount)
    private var entries: [UInt: Entry] = [:]
    private var numbers: [Place: Int32] = [:]
    private var places: [Place] = []
    private var fileNumbers: [UInt64: Int] = [:]
    /// Names of files, by number; roots.
    private(set) var files: [Value] = []
    /// Octets that were asked for and are not known to be garbage, and the most that there were.
    private var used = 0
    private var peak = 0

    init(limit: Int) {
        self.limit = limit
        hideCells()
    }

    // MARK: What the heap tells

    /// Takes the free cells away, so that nobody gets one unnoticed.
    func hideCells() {
        let lists = tiny_free_lists().unsafelyUnwrapped
        for sizeClass in 0 ..< Heap.classCount {
            guard let first = lists[sizeClass] else { continue }
            if let rest = hidden[sizeClass] {
                var last = first
                while let next = Heap.nextFree(last) { last = next }
                Heap.writeFree(last, rest)
            }
            hidden[sizeClass] = first
            lists[sizeClass] = nil
        }
    }

    /// Gives back the free cells of a size class.
    func showCells(_ sizeClass: Int) {
        tiny_free_lists().unsafelyUnwrapped[sizeClass] = hidden[sizeClass]
        hidden[sizeClass] = nil
    }

    /// The lists are of no worth: all cells will be swept.
    func forgetCells() { for sizeClass in 0 ..< Heap.classCount { hidden[sizeClass] = nil } }

    /// An object has been allocated.
    func note(_ object: UnsafeMutableRawPointer, _ size: Int, _ kind: Kind) {
        note(size)
        // Buffers count with whose they are.
        guard kind != .storage, let place = presentPlace() else { return }
        entries[UInt(bitPattern: object)] = Entry(place: place, size: size)
    }

    /// Memory outside of the pages has been allocated.
    func note(_ size: Int) {
        used += size
        peak = max(peak, used)
    }

    /// Marking is over: what is not marked is dead. `isKnown` tells whether there is (or was, before) an object at an address.
    func forgetDead(isKnown: (UInt) -> Bool) {
        entries = entries.filter { address, _ in
            guard isKnown(address), let header = UnsafeMutablePointer<ObjectHeader>(bitPattern: address) else { return false }
            return header.pointee.flags.contains(.marked)
        }
        used = entries.values.reduce(0) { $0 + $1.size }
    }

    private func presentPlace() -> Int32? {
        var place = Place(frames: [], depth: 0)
        var frame = currentThread().scriptFrame
        // A frame that makes its cells has not begun.
        if let r = frame, r.header.pointee.pc != Code.readBodyWord, Instruction(word: r.header.pointee.pc[-1]).opcode == .makeCell {
            frame = scriptCaller(of: r)
        }
        while let r = frame {
            place.depth += 1
            if place.frames.count < limit { place.frames.append(position(of: r)) }
            frame = scriptCaller(of: r)
        }
        guard place.depth > 0 else { return nil }
        if let known = numbers[place] { return known }
        let number = Int32(truncatingIfNeeded: places.count)
        numbers[place] = number
        places.append(place)
        return number
    }

    private func position(of r: Registers) -> UInt64 {
        let code = r.header.pointee.code
        let name = code.pointee.fileName
        var file = fileNumbers[name.bits] ?? -1
        if file < 0 {
            file = files.count
            fileNumbers[name.bits] = file
            files.append(name)
        }
        let line = code.range(at: max(0, code.offset(of: r.header.pointee.pc) - 1)).line
        return UInt64(file) << 32 | UInt64(UInt32(max(0, line)))
    }

    // MARK: What the script asks for

    /// Nothing has been allocated yet.
    func clear() {
        entries = [:]
        used = 0
        peak = 0
    }

    func resetPeak() { peak = measure() }

    /// What is used now (after a collection), and the most that ever was.
    func memory() -> (used: Int, peak: Int) {
        let now = measure()
        peak = max(peak, now)
        return (now, peak)
    }

    private func measure() -> Int {
        // What is asked may allocate: a copy.
        let known = entries
        return known.keys.reduce(0) { $0 + AllocationTrace.size($1) }
    }

    private static func size(_ address: UInt) -> Int {
        guard let object = UnsafeMutableRawPointer(bitPattern: address) else { return 0 }
        return ReportedSize.known(Value(address: object))
    }

    /// (domain, size, places, number of frames) of every object that lives (after a collection).
    func traces() -> ListRef {
        let known = entries
        let list = List.make(capacity: known.count)
        var shown: [Int32: Value] = [:]
        for (address, entry) in known {
            let tuple = shown[entry.place] ?? frames(entry.place)
            shown[entry.place] = tuple
            list.append(Value(Tuple.make(
                Value(0), Value(AllocationTrace.size(address)), tuple, Value(places[Int(entry.place)].depth))))
        }
        return list
    }

    /// The frames where an object was made and how many there were, or nil.
    func place(of object: Value) -> (frames: Value, depth: Int)? {
        guard object.isPointer, let entry = entries[UInt(bitPattern: object.address)] else { return nil }
        return (frames(entry.place), places[Int(entry.place)].depth)
    }

    private func frames(_ place: Int32) -> Value {
        Value(Tuple.make(places[Int(place)].frames.map {
            Value(Tuple.make(files[Int($0 >> 32)], Value(Int($0 & 0xFFFF_FFFF))))
        }))
    }
}
