// Native stacks for fibers.
//
// The interpreter's loop needs no native stack per fiber: fibers that are suspended between two instructions are data, and
// one loop runs them in turn. But the first fiber of a thread has the program's own native frames below its loop, and a
// fiber that was left inside a native function (a key function of `sorted` that switches away) has native frames that must
// survive. So the loop that runs all others has stacks of its own, here called carriers; one that a fiber was left on
// belongs to that fiber until it goes on. Carriers come from a pool: 256 KiB of addresses and a guard page, of which two or
// three pages are ever touched.
import CTiny
import Glibc

/// A native stack on which a loop runs fibers.
struct Carrier {
    let lowest: UnsafeMutableRawPointer
    let size: Int
    /// Where to go on when the carrier is idle and is given a fiber to run.
    var pointer: UnsafeMutableRawPointer?
    /// ThreadState.lettingGoAt as the loop on it left it.
    var lettingGoAt: UInt = 0
    /// The next of a list of idle ones.
    var next: CarrierRef?

    var highest: UInt { UInt(bitPattern: lowest) + UInt(size) }
    /// How far calls may go down, some room left for the system's own.
    var limit: UInt { UInt(bitPattern: lowest) + UInt(Carrier.guardSize + Carrier.reserve) }

    static let defaultSize = 256 << 10
    private static let guardSize = 4096
    private static let reserve = 48 << 10
    private nonisolated(unsafe) static var pool: CarrierRef?
    private nonisolated(unsafe) static var poolCount = 0

    /// A carrier that begins by calling `entry`, or nil if there is no memory. With the GIL.
    static func make(_ entry: @convention(c) (UnsafeMutableRawPointer?) -> Void, _ argument: UnsafeMutableRawPointer) -> CarrierRef? {
        let carrier: CarrierRef
        if let pooled = pool {
            pool = pooled.pointee.next
            poolCount -= 1
            carrier = pooled
        } else {
            let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK
            guard let memory = mmap(nil, defaultSize, PROT_READ | PROT_WRITE, flags, -1, 0), memory != MAP_FAILED else { return nil }
            mprotect(memory, guardSize, PROT_NONE)
            carrier = .allocate(capacity: 1)
            carrier.initialize(to: Carrier(lowest: memory, size: defaultSize))
        }
        carrier.pointee.next = nil
        carrier.pointee.lettingGoAt = 0
        carrier.pointee.pointer = tiny_stack_make(carrier.pointee.lowest + carrier.pointee.size, entry, argument)
        return carrier
    }

    /// Gives a carrier back whose frames are all dead. With the GIL, on another stack.
    static func release(_ carrier: CarrierRef) {
        guard poolCount < 64 else {
            munmap(carrier.pointee.lowest, carrier.pointee.size)
            carrier.deallocate()
            return
        }
        poolCount += 1
        carrier.pointee.next = pool
        pool = carrier
    }
}

typealias CarrierRef = UnsafeMutablePointer<Carrier>
