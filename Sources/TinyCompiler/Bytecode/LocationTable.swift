// Positions of instructions as `co_linetable` has them: CPython's format, so that tools which read it need not know the machine.
//
// An entry is one octet, 0x80 | form << 3 | (instructions - 1), and what its form needs behind it: columns of a line near the
// last one in one or two octets, else numbers of six bits an octet, the lowest first. Instructions are counted in units of two octets, four of which are a word.
import TinySyntax

/// Writes and reads such tables.
public enum LocationTable {
    /// How many units of the table a word of code is.
    public static let unitsPerWord = 4

    /// The table of positions, each of which lasts until the next begins.
    public static func encode(_ positions: [PositionEntry], words: Int, firstLine: Int) -> [UInt8] {
        var octets: [UInt8] = []
        var line = firstLine
        var isCovered = 0
        func add(_ range: SourceRange, _ count: Int) {
            var left = count * unitsPerWord
            while left > 0 {
                entry(range, min(left, 8), &line, &octets)
                left -= 8
            }
        }
        for (index, position) in positions.enumerated() {
            let start = min(Int(position.start), words)
            if start > isCovered { add(.none, start - isCovered) }
            let end = index + 1 < positions.count ? min(Int(positions[index + 1].start), words) : words
            add(position.range, end - start)
            isCovered = max(isCovered, end)
        }
        if isCovered < words { add(.none, words - isCovered) }
        return octets
    }

    private static func entry(_ range: SourceRange, _ count: Int, _ line: inout Int, _ octets: inout [UInt8]) {
        func head(_ form: Int) { octets.append(UInt8(0x80 | form << 3 | (count - 1))) }
        guard range.line > 0 else { return head(15) }
        let (column, endColumn) = (Int(range.column), Int(range.endColumn))
        let delta = Int(range.line) - line
        line = Int(range.line)
        if range.endLine == range.line, column >= 0, endColumn >= column {
            if delta == 0, column < 80, endColumn - column < 16 {
                head(column >> 3)
                octets.append(UInt8((column & 7) << 4 | (endColumn - column)))
                return
            }
            if (0 ..< 3).contains(delta), column < 128, endColumn < 128 {
                head(10 + delta)
                octets += [UInt8(column), UInt8(endColumn)]
                return
            }
        }
        head(14)
        signed(delta, &octets)
        number(max(0, Int(range.endLine - range.line)), &octets)
        number(max(0, column + 1), &octets)
        number(max(0, endColumn + 1), &octets)
    }

    private static func number(_ value: Int, _ octets: inout [UInt8]) {
        var rest = value
        while rest >= 64 {
            octets.append(UInt8(0x40 | rest & 63))
            rest >>= 6
        }
        octets.append(UInt8(rest))
    }

    private static func signed(_ value: Int, _ octets: inout [UInt8]) { number(value < 0 ? -value << 1 | 1 : value << 1, &octets) }

    /// Lines alone, as CPython had them before 3.10: pairs (octets of instructions, lines) to go on, the second one signed.
    public static func lines(_ positions: [PositionEntry], firstLine: Int) -> [UInt8] {
        var octets: [UInt8] = []
        var (offset, line) = (0, firstLine)
        for position in positions where position.range.line > 0 && Int(position.range.line) != line {
            var distance = Int(position.start) * unitsPerWord * 2 - offset
            while distance > 255 {
                octets += [255, 0]
                distance -= 255
            }
            var delta = Int(position.range.line) - line
            while !(-128 ... 127).contains(delta) {
                let step = delta > 0 ? 127 : -128
                octets += [UInt8(distance), UInt8(bitPattern: Int8(step))]
                distance = 0
                delta -= step
            }
            octets += [UInt8(distance), UInt8(bitPattern: Int8(delta))]
            offset = Int(position.start) * unitsPerWord * 2
            line = Int(position.range.line)
        }
        return octets
    }

    /// The positions that a table tells of; instructions that it does not reach have none.
    public static func decode(_ octets: [UInt8], firstLine: Int) -> [PositionEntry] {
        guard !octets.isEmpty else { return [] }
        var positions: [PositionEntry] = []
        var place = 0
        var start: Int32 = 0
        let units = Int32(unitsPerWord)
        var line = Int32(clamping: firstLine)
        func octet() -> Int32 {
            guard place < octets.count else { return 0 }
            place += 1
            return Int32(octets[place - 1])
        }
        func number() -> Int32 {
            var (value, shift) = (Int32(0), Int32(0))
            while true {
                let next = octet()
                if shift < 30 { value |= (next & 63) << shift }
                shift += 6
                if next & 0x40 == 0 { return value }
            }
        }
        func signed() -> Int32 {
            let value = number()
            return value & 1 != 0 ? -(value >> 1) : value >> 1
        }
        while place < octets.count {
            let head = octet()
            let form = head >> 3 & 15
            var range = SourceRange.none
            switch form {
            case 15: break
            case 14:
                line &+= signed()
                let endLine = line &+ number()
                range = SourceRange(line: line, column: number() - 1, endLine: endLine, endColumn: number() - 1)
            case 13:
                line &+= signed()
                range = SourceRange(line: line, column: -1, endLine: line, endColumn: -1)
            case 10 ... 12:
                line &+= form - 10
                range = SourceRange(line: line, column: octet(), endLine: line, endColumn: octet())
            default:
                let columns = octet()
                let column = form << 3 | columns >> 4 & 7
                range = SourceRange(line: line, column: column, endLine: line, endColumn: column + (columns & 15))
            }
            // A range of more than eight units is in several entries.
            if start % units == 0, positions.last?.range != range { positions.append(PositionEntry(start: start / units, range: range)) }
            start &+= head & 7 + 1
        }
        if positions.last?.range != SourceRange.none { positions.append(PositionEntry(start: (start + units - 1) / units, range: .none)) }
        return positions
    }
}
