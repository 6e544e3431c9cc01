// The heap: where objects come from.
//
//     region (reserved address space)            page table (16 bytes a page)
//     +--------+--------+--------+----           +----+----+----+--
//     | 64 KiB | 64 KiB | 64 KiB | …             | cell size, links of the page |
//     +--------+--------+--------+----           +----+----+----+--
//       cells of one size each; a free cell holds the link of its size's free list
//
// A page's cells are put on the free list a few at a time, so that memory nobody asks for is never touched; what lies
// beyond `readyCells` is not yet a cell. A page in which a whole cycle used no cell goes to whichever size needs one.
//
// Objects never move. Up to 1 KiB they are cells in pages of one size each (16-byte steps), taken from a free list
// (measured: 1.4 ns for an allocation and its share of the sweep; malloc 10.7); larger ones are malloc'ed and listed.
// Collection is in Heap+Collect.swift; it runs only at safepoints of the interpreter, so a native function that never
// calls back into a script may keep values in its variables. Whoever holds the GIL may use the heap; nobody else.
import CTiny
import Glibc

struct PageInfo {
    /// Bytes of a cell; 0: the page is in no size class.
    var cellSize: UInt16 = 0
    /// Cells from the start of the page that have been handed to the free list.
    var readyCells: UInt16 = 0
    /// Next page of the same size class, +1; 0 ends the list.
    var next: UInt32 = 0
    /// The collection after which it was swept last, or came into use.
    var sweptAfter: UInt32 = 0
    /// When it was swept last, no cell of it was free: what is young lies elsewhere.
    var isFull = false
}

/// The one heap of the process. Guarded by the GIL.
public struct Heap {
    static let pageShift = 16
    static let pageSize = 1 << pageShift
    /// How much of a page becomes cells at a time: a page of the operating system.
    static let growth = 4096
    static let largestCell = 1024
    static let classCount = largestCell / 16 + 1
    static let largeClass: UInt8 = 255

    var region: UnsafeMutableRawPointer
    var regionPages: Int
    var pagesInUse = 0
    let pages: UnsafeMutablePointer<PageInfo>
    /// Each size class's pages that are swept (+1), and those whose lazy sweep is still to come.
    let classPages: UnsafeMutablePointer<UInt32>
    let sweepCursor: UnsafeMutablePointer<UInt32>
    /// The page of each size class that still has memory beyond its ready cells (+1).
    let growingPage: UnsafeMutablePointer<UInt32>
    /// Pages that no cell of was in use for a whole cycle, free for any class.
    var emptyPages: [UInt32] = []
    /// The least number of these since the last full collection, and how many of them, from the beginning, have no memory.
    var idlePages = 0
    var givenBackPages = 0
    var largeObjects: [UnsafeMutableRawPointer] = []

    /// Bytes handed out, external buffers included, until the first collection is due.
    static let initialThreshold = 7 << 17
    /// Whether collections start by themselves (`gc.enable`, `gc.disable`).
    public var isEnabled = true
    /// Collect at every so many safepoints (the tests' stress mode); 0: when memory has been handed out.
    public var stress = 0
    private var safepointsToCollection = 0
    /// Collections begun since the start: what is remembered of objects by address compares it.
    public var collections = 0
    /// The tracer; its `liveBytes` tell between collections what the last one found.
    public var marker = Marker()
    /// Old objects that have been stored into since the last collection.
    var remembered: [UnsafeMutableRawPointer] = []
    /// Bytes that lived after the last full collection (far below zero: the next must be one).
    var liveAfterFull = Heap.mustBeFull
    static let mustBeFull = -1 << 40
    /// Bytes of buffers that have been taken and not given back (a few kinds of small ones never are), and the least of these since the
    /// last full collection: what old objects that nobody looks at may hold.
    var bufferBytes = 0
    var leastBufferBytes = 0
    /// Heads of the lists of weak references, by referent.
    public var weakReferences: [UInt: UnsafeMutablePointer<WeakReference>] = [:]
    /// Objects whose class has `__del__`.
    var finalizable: [UnsafeMutableRawPointer] = []
    /// Dead objects that wait for `__del__`, and weak references whose callback is due. Roots.
    var pendingFinalizers: [Value] = []
    var pendingCallbacks: [Value] = []
    /// Weak references to the dead were left to their finalisers: another collection clears them.
    public var sparesReferences = false
    /// Where what is allocated was asked for; nil: nobody wants to know.
    private(set) var allocationTrace: AllocationTrace?
    /// A collection that was asked for is to tell what garbage it finds.
    public var garbage: GarbageWatch?
    /// The threads that are running finalisers. (Another one that collects runs what is still to be run, and waits for nobody.)
    public var finalizing: [ThreadRef] = []

    /// Whether any thread is running finalisers.
    public var isFinalizing: Bool { !finalizing.isEmpty }
    /// Values that natives keep alive for good.
    public var permanentRoots: [Value] = []

    init() {
        var bytes = 1 << 36
        var memory = Heap.reserve(bytes)
        while memory == MAP_FAILED, bytes > 1 << 28 {
            bytes >>= 1
            memory = Heap.reserve(bytes)
        }
        guard let memory, memory != MAP_FAILED else {
            writeError("tinyrun: cannot reserve memory for the heap\n")
            exit(71)
        }
        let slack = Int(bitPattern: memory) & (Heap.pageSize - 1)
        region = slack == 0 ? memory : memory + (Heap.pageSize - slack)
        regionPages = bytes >> Heap.pageShift - 1
        let table = Heap.reserve(regionPages * MemoryLayout<PageInfo>.stride)
        guard let table, table != MAP_FAILED else {
            writeError("tinyrun: cannot reserve memory for the heap\n")
            exit(71)
        }
        pages = table.bindMemory(to: PageInfo.self, capacity: regionPages)
        tiny_hot().pointee.threshold = Heap.initialThreshold
        classPages = .allocate(capacity: Heap.classCount)
        classPages.initialize(repeating: 0, count: Heap.classCount)
        sweepCursor = .allocate(capacity: Heap.classCount)
        sweepCursor.initialize(repeating: 0, count: Heap.classCount)
        growingPage = .allocate(capacity: Heap.classCount)
        growingPage.initialize(repeating: 0, count: Heap.classCount)
    }

    /// Whether a safepoint at which a collection was asked for shall make it: not always in stress mode.
    mutating func isCollectionDue() -> Bool {
        safepointsToCollection -= 1
        guard safepointsToCollection <= 0 else { return false }
        safepointsToCollection = stress
        return true
    }

    /// Remembers a new object whose death something must be done about.
    mutating func finalizeInTime(_ object: UnsafeMutableRawPointer) {
        finalizable.append(object)
        WatchedDeaths.note([.ofNew, .any])
    }

    /// Lets so many bytes more be handed out before the next collection.
    func putOffCollection(_ bytes: Int) { tiny_hot().pointee.threshold += bytes }

    private static func reserve(_ bytes: Int) -> UnsafeMutableRawPointer? {
        mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    }
}

/// The one heap. Guarded by the GIL.
nonisolated(unsafe) public var heap = Heap()

// MARK: Allocation

/// Memory for an object of `size` bytes whose header is written here; the caller writes every other field before the
/// next safepoint.
@inline(__always)
public func allocateObject(_ size: Int, _ kind: Kind, _ shape: ShapeID) -> UnsafeMutableRawPointer {
    let sizeClass = (size + 15) >> 4
    let lists = tiny_free_lists()
    guard size <= Heap.largestCell, let cell = lists.unsafelyUnwrapped[sizeClass] else {
        return slowAllocate(size, kind, shape)
    }
    lists.unsafelyUnwrapped[sizeClass] = cell.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    cell.storeBytes(
        of: ObjectHeader(shape: shape, kind: kind, flags: .none, sizeClass: UInt8(truncatingIfNeeded: sizeClass), detail: 0),
        as: ObjectHeader.self)
    return cell
}

/// Counts memory outside the pages towards the next collection.
@inline(__always)
public func noteExternal(_ bytes: Int) {
    let hot = tiny_hot().unsafelyUnwrapped
    hot.pointee.allocated &+= bytes
    if hot.pointee.allocated >= hot.pointee.threshold { slowRequestCollection() }
}

/// No free cell is at hand. Out of line, with the look-up of `heap` (a lazy global).
@inline(never)
private func slowAllocate(_ size: Int, _ kind: Kind, _ shape: ShapeID) -> UnsafeMutableRawPointer {
    heap.allocate(size, kind, shape)
}

@inline(never)
private func slowRequestCollection() {
    requestBreak(.collect)
}

extension Heap {
    fileprivate mutating func allocate(_ size: Int, _ kind: Kind, _ shape: ShapeID) -> UnsafeMutableRawPointer {
        if size > Heap.largestCell { return allocateLarge(size, kind, shape) }
        let sizeClass = (size + 15) >> 4
        guard let allocationTrace else {
            refill(sizeClass)
            return allocateObject(size, kind, shape)
        }
        allocationTrace.showCells(sizeClass)
        let lists = tiny_free_lists().unsafelyUnwrapped
        if lists[sizeClass] == nil { refill(sizeClass) }
        let object = allocateObject(size, kind, shape)
        allocationTrace.hideCells()
        allocationTrace.note(object, sizeClass * 16, kind)
        return object
    }

    /// Begins to note where objects are allocated.
    mutating func traceAllocations(limit: Int) {
        allocationTrace = AllocationTrace(limit: limit)
        AllocationTrace.isOn = true
    }

    /// Forgets what was noted.
    mutating func stopTracingAllocations() {
        guard let trace = allocationTrace else { return }
        AllocationTrace.isOn = false
        allocationTrace = nil
        for sizeClass in 0 ..< Heap.classCount { trace.showCells(sizeClass) }
    }

    private mutating func allocateLarge(_ size: Int, _ kind: Kind, _ shape: ShapeID) -> UnsafeMutableRawPointer {
        guard let memory = malloc(size) else { outOfMemory() }
        return adoptLarge(memory, size, kind, shape)
    }

    /// Makes memory that came from malloc a large object.
    mutating func adoptLarge(_ memory: UnsafeMutableRawPointer, _ size: Int, _ kind: Kind, _ shape: ShapeID) -> UnsafeMutableRawPointer {
        memory.storeBytes(
            of: ObjectHeader(shape: shape, kind: kind, flags: .none, sizeClass: Heap.largeClass, detail: 0),
            as: ObjectHeader.self)
        largeObjects.append(memory)
        noteExternal(size)
        allocationTrace?.note(memory, size, kind)
        return memory
    }

    /// Puts at least one cell on the free list of the size class.
    private mutating func refill(_ sizeClass: Int) {
        while sweepCursor[sizeClass] != 0 {
            let freed = sweepNext(sizeClass)
            if freed > 0 {
                noteExternal(freed * sizeClass * 16)
                return
            }
        }
        if growingPage[sizeClass] == 0 { addPage(sizeClass) }
        growPage(sizeClass)
    }

    private mutating func addPage(_ sizeClass: Int) {
        // Before the heap grows: what another size left may be a page that nobody uses any more. It would be swept anyway.
        if emptyPages.isEmpty { finishSweep(forPage: true) }
        let page: Int
        if let empty = emptyPages.popLast() {
            page = Int(empty)
            idlePages = min(idlePages, emptyPages.count)
            givenBackPages = min(givenBackPages, emptyPages.count)
        } else {
            guard pagesInUse < regionPages else { outOfMemory() }
            page = pagesInUse
            pagesInUse += 1
        }
        pages[page] = PageInfo(
            cellSize: UInt16(sizeClass * 16), next: classPages[sizeClass], sweptAfter: UInt32(truncatingIfNeeded: collections))
        classPages[sizeClass] = UInt32(page + 1)
        growingPage[sizeClass] = UInt32(page + 1)
    }

    /// Makes cells of the next stretch of the size class's growing page.
    private mutating func growPage(_ sizeClass: Int) {
        let page = Int(growingPage[sizeClass]) - 1
        let cellSize = sizeClass * 16
        let first = Int(pages[page].readyCells)
        let capacity = Heap.pageSize / cellSize
        let end = min(capacity, (first * cellSize + Heap.growth) / cellSize)
        pages[page].readyCells = UInt16(end)
        pages[page].isFull = false
        if end == capacity { growingPage[sizeClass] = 0 }
        let base = region + page << Heap.pageShift
        let lists = tiny_free_lists().unsafelyUnwrapped
        var next = lists[sizeClass]
        for index in (first ..< end).reversed() {
            Heap.writeFree(base + index * cellSize, next)
            next = base + index * cellSize
        }
        lists[sizeClass] = next
        noteExternal((end - first) * cellSize)
    }

    /// A cell that the one object that knew it needs no longer can be handed out again at once. (Not while its page waits to be
    /// swept, which will find it.)
    mutating func giveBack(_ cell: UnsafeMutableRawPointer) {
        let page = (cell - region) >> Heap.pageShift
        guard pages[page].sweptAfter == UInt32(truncatingIfNeeded: collections), allocationTrace == nil else { return }
        let lists = tiny_free_lists().unsafelyUnwrapped
        pages[page].isFull = false
        let sizeClass = Int(pages[page].cellSize) / 16
        Heap.writeFree(cell, lists[sizeClass])
        lists[sizeClass] = cell
    }

    @inline(__always)
    static func nextFree(_ cell: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
        cell.load(fromByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    }

    @inline(__always)
    static func writeFree(_ cell: UnsafeMutableRawPointer, _ next: UnsafeMutableRawPointer?) {
        cell.storeBytes(
            of: ObjectHeader(shape: 0, kind: .free, flags: .none, sizeClass: 0, detail: 0), as: ObjectHeader.self)
        cell.storeBytes(of: next, toByteOffset: 8, as: UnsafeMutableRawPointer?.self)
    }
}

/// malloc that counts towards the next collection and never returns nil: requests that may be absurdly large are
/// checked against `largestBuffer` first, by whoever takes them from a script.
func allocateBuffer(_ bytes: Int) -> UnsafeMutableRawPointer {
    guard let memory = malloc(bytes) else { outOfMemory() }
    noteExternal(bytes)
    heap.bufferBytes &+= bytes
    heap.allocationTrace?.note(bytes)
    return memory
}

/// Gives back a buffer of so many bytes.
func freeBuffer(_ memory: UnsafeMutableRawPointer?, _ bytes: Int) {
    guard let memory else { return }
    free(memory)
    heap.bufferBytes &-= bytes
}

/// As `allocateBuffer`, growing or shrinking a buffer that came from it.
func reallocateBuffer(_ old: UnsafeMutableRawPointer?, _ bytes: Int, was oldBytes: Int) -> UnsafeMutableRawPointer {
    guard let memory = realloc(old, bytes) else { outOfMemory() }
    heap.bufferBytes &+= bytes - oldBytes
    if bytes > oldBytes {
        noteExternal(bytes - oldBytes)
        heap.allocationTrace?.note(bytes - oldBytes)
    }
    return memory
}

/// The most that one object's buffer may take: larger requests are a MemoryError before anything is allocated.
public let largestBuffer = 1 << 36

/// The machine has no more memory for a small request; nothing can go on.
public func outOfMemory() -> Never {
    writeError("tinyrun: out of memory\n")
    _exit(71)
}

/// A table of values for which all zeros are a value and need no release.
func allocateZeroed<Entry>(_ type: Entry.Type, _ count: Int) -> UnsafeMutablePointer<Entry> {
    guard let memory = calloc(count, MemoryLayout<Entry>.stride) else { outOfMemory() }
    return memory.bindMemory(to: type, capacity: count)
}

/// Writes a message to standard error without the runtime's help.
public func writeError(_ message: String) {
    let bytes = Array(message.utf8)
    bytes.withUnsafeBytes { _ = write(2, $0.baseAddress, $0.count) }
}
