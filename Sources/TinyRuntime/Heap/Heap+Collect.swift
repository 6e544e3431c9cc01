// Mark and sweep.
//
// Marking stops the world (whoever collects holds the GIL) and starts from Roots.swift; most collections mark and sweep only what
// is young (Generations.swift). Sweeping is lazy: each size
// class sweeps its pages as it needs cells. VM frames are scanned precisely; native stacks below a call back into the
// script conservatively: every aligned word that points into a live cell keeps it.
import CTiny
import Glibc

extension Heap {
    /// Collects everything that can't be reached. Only at a safepoint: between instructions, or from a native that
    /// holds no unrooted value.
    public mutating func collect() {
        finishSweep()
        beginCycle()
        forgetMarks()
        markRoots(&marker, all: true)
        marker.drain()
        if garbage != nil { noteGarbage() } else { keepGarbageIfDisabled() }
        finishCycle(isFull: true)
        liveAfterFull = marker.liveBytes
        leastBufferBytes = bufferBytes
        CodePages.giveBack()
        giveIdlePagesBack()
    }

    /// The system gets the memory of the pages back that nobody has taken since the last full collection. (They are taken from the end
    /// of the list, so those at its beginning are idle.)
    private mutating func giveIdlePagesBack() {
        for index in givenBackPages ..< max(idlePages, givenBackPages) {
            madvise(region + Int(emptyPages[index]) << Heap.pageShift, Heap.pageSize, MADV_DONTNEED)
        }
        givenBackPages = max(idlePages, givenBackPages)
        idlePages = emptyPages.count
    }

    mutating func beginCycle() {
        // In order, for the search of conservative scanning.
        largeObjects.sort(by: <)
        collections += 1
    }

    /// What follows the marking: the dead are told of, and their cells will be swept.
    mutating func finishCycle(isFull: Bool) {
        clearReferencesToDead()
        resurrectFinalizable()
        clearWeakReferences()
        Classes.forgetDead(isFull: isFull)
        forgetTraces()
        sweepLarge()
        for sizeClass in 0 ..< Heap.classCount {
            prepareSweep(sizeClass, isFull: isFull)
            tiny_free_lists()[sizeClass] = nil
        }
        let hot = tiny_hot().unsafelyUnwrapped
        hot.pointee.allocated = 0
        hot.pointee.settle_at = 0
        let threshold = Heap.threshold(live: marker.liveBytes, unguarded: marker.unguarded.count)
        hot.pointee.threshold = isEnabled || !isFull ? threshold : max(threshold, Heap.thresholdIfDisabled)
        if !pendingFinalizers.isEmpty || !pendingCallbacks.isEmpty { requestBreak(.finalize) }
    }

    /// Allocations that are traced: the dead ones are forgotten, and the free cells, which will be swept.
    private func forgetTraces() {
        guard let allocationTrace else { return }
        let large = Set(largeObjects.map { UInt(bitPattern: $0) })
        let start = UInt(bitPattern: region)
        let pages = start ..< start + UInt(pagesInUse) << UInt(Heap.pageShift)
        allocationTrace.forgetDead { pages.contains($0) || large.contains($0) }
        allocationTrace.forgetCells()
    }

    /// The least such number behind a collection of all while they are switched off: where something dies that must be kept, each is one.
    private static let thresholdIfDisabled = 4 << 20

    /// How many bytes may be handed out before the next collection: what fits the processor's cache, more in a large heap, since
    /// each collection asks some questions of the whole, and more beside many objects that each must look into (100,000 greenlets),
    /// up to two thirds of what lives.
    private static func threshold(live: Int, unguarded: Int) -> Int { max(initialThreshold, live / 6, min(512 * unguarded, live / 3 * 2)) }

    /// Pages that are to be swept; in a collection of the young, those without a free cell hold nothing that could have died.
    private mutating func prepareSweep(_ sizeClass: Int, isFull: Bool) {
        var next = classPages[sizeClass]
        classPages[sizeClass] = 0
        while next != 0 {
            let page = Int(next) - 1
            let link = next
            next = pages[page].next
            if !isFull, pages[page].isFull {
                pages[page].next = classPages[sizeClass]
                pages[page].sweptAfter = UInt32(truncatingIfNeeded: collections)
                classPages[sizeClass] = link
            } else {
                pages[page].next = sweepCursor[sizeClass]
                sweepCursor[sizeClass] = link
            }
        }
    }

    /// As `collect`, and what is dead is swept at once: files and sockets are closed.
    public mutating func collectWhole() {
        collect()
        finishSweep()
    }

    /// Dead objects with `__del__` live on until it has run; they and what they refer to are marked.
    private mutating func resurrectFinalizable() {
        var kept: [UnsafeMutableRawPointer] = []
        kept.reserveCapacity(finalizable.count)
        var dead: [UnsafeMutableRawPointer] = []
        for object in finalizable {
            let header = object.assumingMemoryBound(to: ObjectHeader.self)
            if header.pointee.flags.contains(.marked) {
                kept.append(object)
            } else if header.pointee.kind == .generator, object.assumingMemoryBound(to: GeneratorObject.self).pointee.state == .finished {
                continue
            } else {
                header.pointee.flags.insert(.finalized)
                dead.append(object)
            }
        }
        finalizable = kept
        guard !dead.isEmpty else { return }
        let known = garbage?.isKnown ?? false
        let referents = known ? weakReferences.keys.filter { UnsafeMutableRawPointer(bitPattern: $0).map { !Heap.isMarked($0) } ?? false } : []
        for object in inOrderOfDeath(dead) { pendingFinalizers.append(Value(address: object)) }
        for value in pendingFinalizers { marker.mark(value) }
        marker.drain()
        if referents.contains(where: { UnsafeMutableRawPointer(bitPattern: $0).map(Heap.isMarked) ?? false }) { sparesReferences = true }
    }

    private static func isMarked(_ object: UnsafeMutableRawPointer) -> Bool {
        object.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked)
    }

    /// References to what only finalisers will see again say so from now on, as CPython's collector does it with garbage. Where it is
    /// known what counted references would have freed, those to that stay: there, finalisers run before.
    private mutating func clearReferencesToDead() {
        if let garbage, garbage.isKnown { return }
        clearReferences { _ in true }
    }

    /// Clears the references to those dead objects that are meant.
    mutating func clearReferences(to isMeant: (UnsafeMutableRawPointer) -> Bool) {
        for (address, head) in weakReferences {
            guard let referent = UnsafeMutableRawPointer(bitPattern: address), !Heap.isMarked(referent), isMeant(referent) else { continue }
            let known = pendingCallbacks.count
            var next: UnsafeMutablePointer<WeakReference>? = head
            while let reference = next {
                next = reference.pointee.next
                reference.pointee.referent = .absent
                reference.pointee.next = nil
                if !reference.pointee.callback.isNone, reference.pointee.header.flags.contains(.marked) {
                    pendingCallbacks.append(Value(reference))
                }
            }
            pendingCallbacks[known...].reverse()
            weakReferences[address] = nil
        }
    }

    private mutating func clearWeakReferences() {
        for (address, head) in weakReferences {
            guard let referent = UnsafeMutableRawPointer(bitPattern: address) else { continue }
            let isAlive = referent.assumingMemoryBound(to: ObjectHeader.self).pointee.flags.contains(.marked)
            // In the order of the list, the newest first, which is also the order of the callbacks (the last pending one is called first).
            let known = pendingCallbacks.count
            var survivors: UnsafeMutablePointer<WeakReference>?
            var last: UnsafeMutablePointer<WeakReference>?
            var next: UnsafeMutablePointer<WeakReference>? = head
            while let reference = next {
                next = reference.pointee.next
                guard reference.pointee.header.flags.contains(.marked) else { continue }
                if isAlive {
                    reference.pointee.next = nil
                    if let last { last.pointee.next = reference } else { survivors = reference }
                    last = reference
                } else {
                    reference.pointee.referent = .absent
                    reference.pointee.next = nil
                    if !reference.pointee.callback.isNone {
                        pendingCallbacks.append(Value(reference))
                    }
                }
            }
            pendingCallbacks[known...].reverse()
            // Mostly nothing has changed; a dictionary that is written to while it is walked over is copied.
            if survivors != head { weakReferences[address] = survivors }
        }
        // A callback needs its weak reference and the function; both are marked, being reached through it.
        marker.drain()
    }

    /// Sweeps what the last cycle had no need of. Pages that turn out empty are free for any size.
    /// - Parameter forPage: whether one of those is enough.
    mutating func finishSweep(forPage: Bool = false) {
        for sizeClass in 1 ..< Heap.classCount {
            while sweepCursor[sizeClass] != 0 {
                let page = Int(sweepCursor[sizeClass]) - 1
                let list = tiny_free_lists()[sizeClass]
                guard sweepNext(sizeClass) == Int(pages[page].readyCells) else { continue }
                tiny_free_lists()[sizeClass] = list
                classPages[sizeClass] = pages[page].next
                if Int(growingPage[sizeClass]) == page + 1 { growingPage[sizeClass] = 0 }
                pages[page] = PageInfo()
                emptyPages.append(UInt32(page))
                if forPage { return }
            }
        }
        allocationTrace?.hideCells()
    }

    /// Sweeps the next page of a size class; the number of cells freed.
    mutating func sweepNext(_ sizeClass: Int) -> Int {
        let page = Int(sweepCursor[sizeClass]) - 1
        sweepCursor[sizeClass] = pages[page].next
        pages[page].next = classPages[sizeClass]
        pages[page].sweptAfter = UInt32(truncatingIfNeeded: collections)
        classPages[sizeClass] = UInt32(page + 1)
        let freed = sweep(page, sizeClass)
        pages[page].isFull = freed == 0
        return freed
    }

    private mutating func sweepLarge() {
        var kept = 0
        for index in largeObjects.indices {
            let object = largeObjects[index]
            let header = object.assumingMemoryBound(to: ObjectHeader.self)
            if header.pointee.flags.contains(.marked) {
                largeObjects[kept] = object
                kept += 1
            } else {
                if header.pointee.flags.contains(.releases) {
                    kindTable[Int(header.pointee.kind.rawValue)].release?(object)
                }
                free(object)
            }
        }
        largeObjects.removeLast(largeObjects.count - kept)
    }

    /// Frees the unmarked cells of a page; the number of its free ones.
    private mutating func sweep(_ page: Int, _ sizeClass: Int) -> Int {
        let cellSize = sizeClass * 16
        let lists = tiny_free_lists().unsafelyUnwrapped
        var list = lists[sizeClass]
        var freed = 0
        var cell = region + page << Heap.pageShift
        for _ in 0 ..< Int(pages[page].readyCells) {
            let header = cell.assumingMemoryBound(to: ObjectHeader.self)
            if !header.pointee.flags.contains(.marked) {
                if header.pointee.flags.contains(.releases) {
                    kindTable[Int(header.pointee.kind.rawValue)].release?(cell)
                }
                Heap.writeFree(cell, list)
                list = cell
                freed += 1
            }
            cell += cellSize
        }
        lists[sizeClass] = list
        return freed
    }

    // MARK: Conservative scanning

    /// Marks every object that an aligned word between the two addresses points at or into.
    /// (What it finds is looked into in any case: Generations.swift.)
    func scanConservatively(from lowest: UnsafeRawPointer, to highest: UnsafeRawPointer, _ marker: inout Marker) {
        var word = UnsafeRawPointer(bitPattern: (UInt(bitPattern: lowest) + 7) & ~7)
        while let address = word, address + 8 <= highest {
            let bits = tiny_peek(address)
            if let object = objectContaining(bits & Value.addressMask) {
                marker.mark(object: object)
                marker.fromStacks.append(object)
            }
            word = address + 8
        }
    }

    /// The live object whose memory holds the address, if there is one.
    private func objectContaining(_ bits: UInt64) -> UnsafeMutableRawPointer? {
        let address = UInt(bits)
        let start = UInt(bitPattern: region)
        if address >= start, address < start + UInt(pagesInUse) << UInt(Heap.pageShift) {
            let page = Int(address - start) >> Heap.pageShift
            let cellSize = Int(pages[page].cellSize)
            guard cellSize != 0 else { return nil }
            let offset = Int(address - start) & (Heap.pageSize - 1)
            let index = offset / cellSize
            guard index < Int(pages[page].readyCells) else { return nil }
            let cell = region + page << Heap.pageShift + index * cellSize
            let header = cell.assumingMemoryBound(to: ObjectHeader.self)
            // What has no mark in a page that has yet to be swept is dead.
            let isSwept = pages[page].sweptAfter == UInt32(truncatingIfNeeded: collections &- 1)
            return header.pointee.kind == .free || !isSwept && !header.pointee.flags.contains(.marked) ? nil : cell
        }
        var low = 0
        var high = largeObjects.count
        while low < high {
            let middle = (low + high) / 2
            if UInt(bitPattern: largeObjects[middle]) < address { low = middle + 1 } else { high = middle }
        }
        return low < largeObjects.count && UInt(bitPattern: largeObjects[low]) == address ? largeObjects[low] : nil
    }
}
