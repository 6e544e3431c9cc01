// How much of the native stack a pass over a tree may use. Trees are up to 2,000 levels high and fibers have small
// stacks: each recursive step checks, and a pass that runs out is begun again on a large stack (see Compile).
import TinySyntax

struct StackGuard {
    /// The address that must not be passed; stacks grow downwards.
    private let limit: Int

    /// A guard for the stack that this is called on.
    init(budget: Int) { limit = StackGuard.position() - budget }

    @inline(__always)
    func check() throws(SyntaxDiagnostic) {
        if StackGuard.position() < limit { throw StackGuard.exhausted }
    }

    static let exhausted = SyntaxDiagnostic(kind: .memoryOrRecursion, message: "too complex")

    @inline(never)
    private static func position() -> Int {
        var mark: UInt8 = 0
        return withUnsafeMutablePointer(to: &mark) { Int(bitPattern: $0) }
    }
}
