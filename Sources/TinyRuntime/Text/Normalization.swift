// Unicode normal forms.
//
// Canonical decomposition and composition are those of Swift's standard library, which its String comparison is built
// on; compatibility forms replace characters by what they stand for first. Lone surrogates are in no form but stand
// where they are.
@_spi(_Unicode) import Swift
import TinySyntax

/// The four normal forms; the raw value is the name that `unicodedata.normalize` takes.
public enum NormalForm: String {
    case nfc = "NFC", nfd = "NFD", nfkc = "NFKC", nfkd = "NFKD"

    private var isCompatible: Bool { self == .nfkc || self == .nfkd }
    private var composes: Bool { self == .nfc || self == .nfkc }

    /// The text in this form; the very same str if it is ASCII.
    public func apply(_ text: StrRef) -> StrRef {
        if text.isASCII { return text }
        // Below U+0300, whose first octet is 0xCC, nothing combines.
        if self == .nfc, text.buffer.allSatisfy({ $0 < 0xCC }) { return text }
        var output = TextBuffer(capacity: text.pointee.byteCount)
        var segment = String.UnicodeScalarView()
        text.forEachCodePoint { codePoint in
            // What Unicode 15.1 does not know decomposes into nothing else.
            guard let scalar = Unicode.Scalar(codePoint), CodePoint.properties(codePoint) != nil else {
                flush(&segment, &output)
                output.append(codePoint: codePoint)
                return
            }
            if isCompatible { CompatibilityForms.expand(scalar, into: &segment) } else { segment.append(scalar) }
        }
        flush(&segment, &output)
        return output.makeStr()
    }

    private func flush(_ segment: inout String.UnicodeScalarView, _ output: inout TextBuffer) {
        guard !segment.isEmpty else { return }
        let string = String(segment)
        if composes {
            for scalar in string._nfc { output.append(codePoint: scalar.value) }
        } else {
            for scalar in string._nfd { output.append(codePoint: scalar.value) }
        }
        segment = String.UnicodeScalarView()
    }

    /// The canonical decomposition of a character, one step; empty if it has none.
    public static func decomposition(_ scalar: Unicode.Scalar) -> [UInt32] {
        if 0xAC00 ... 0xD7A3 ~= scalar.value { return [] }
        let full = Array(String(Character(scalar))._nfd)
        if full.count == 1 {
            guard full[0] != scalar else { return [] }
            return [composed(full)[0]]
        }
        let own = composed([scalar])
        if own.count == 1, own[0] != scalar.value { return own }
        // A pair whose first half may be composed itself.
        let head = composed(full.dropLast())
        if head.count == 1, head[0] != scalar.value { return [head[0], full[full.count - 1].value] }
        switch scalar.value {
        // Composed halves that normalisation never composes.
        case 0xFB2C, 0xFB2D: return [0xFB49, full[full.count - 1].value]
        case 0x1D160 ... 0x1D164: return [0x1D15F, full[full.count - 1].value]
        case 0x1D1BD, 0x1D1BF: return [0x1D1BB, full[full.count - 1].value]
        case 0x1D1BE, 0x1D1C0: return [0x1D1BC, full[full.count - 1].value]
        default: return full.map { $0.value }
        }
    }

    private static func composed(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt32] {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)._nfc.map { $0.value }
    }
}
