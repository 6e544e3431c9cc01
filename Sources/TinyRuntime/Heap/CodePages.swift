// Memory that the program's own code takes.
import CTiny
import Glibc

enum CodePages {
    nonisolated(unsafe) private static var areGivenBack = false

    /// Lets go, once, of the pages of code and of the library's images that have been used so far: the program has got going, and much
    /// of what its start, the compiler and its imports needed is not needed again (measured: 2.5 MB of 6). With the GIL.
    static func giveBack() {
        if areGivenBack { return }
        areGivenBack = true
        tiny_give_code_back()
        // Pages that hold nothing else: they are the file's, as those of code are.
        let images = EmbeddedLibrary.imageMemory
        guard let first = images.baseAddress?.alignedUp(toMultipleOf: 4096), let end = images.baseAddress.map({ $0 + images.count }),
            first < end
        else { return }
        madvise(UnsafeMutableRawPointer(mutating: first), (end - first) & ~4095, MADV_DONTNEED)
    }
}
