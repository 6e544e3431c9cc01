// Paths as octets: what can be said of them without asking the file system.

enum PathText {
    private static let slash: UInt8 = 0x2F
    private static let dot: UInt8 = 0x2E

    /// The path without `//`, `/./` and `/../`; `.` for none. Nil: it is so already. (Two slashes in front mean something of their own to
    /// POSIX, three are one.)
    static func normalised(_ path: UnsafeBufferPointer<UInt8>) -> [UInt8]? {
        if path.isEmpty { return [dot] }
        var result: [UInt8] = []
        result.reserveCapacity(path.count)
        var position = 0
        while position < path.count, path[position] == slash { position += 1 }
        let root = position == 2 ? 2 : min(position, 1)
        result.append(contentsOf: repeatElement(slash, count: root))
        // How many parts at the end `..` may take away.
        var depth = 0
        while position < path.count {
            var end = position
            while end < path.count, path[end] != slash { end += 1 }
            let part = path[position ..< end]
            position = end + 1
            if part.isEmpty || part.count == 1 && part[part.startIndex] == dot { continue }
            let isUp = part.count == 2 && part[part.startIndex] == dot && part[part.startIndex + 1] == dot
            if isUp, depth > 0 {
                depth -= 1
                while result.count > root, result.removeLast() != slash {}
                continue
            }
            if isUp, root > 0 { continue }
            if result.count > root { result.append(slash) }
            result.append(contentsOf: part)
            if !isUp { depth += 1 }
        }
        if result.isEmpty { return [dot] }
        return result.count == path.count && result.elementsEqual(path) ? nil : result
    }
}
