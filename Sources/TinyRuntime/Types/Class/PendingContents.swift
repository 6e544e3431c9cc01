// What is yet to be put into the namespace of a built-in class.
//
// A program uses a few dozen of the two hundred built-in classes, and their methods are most of what start-up would have to make
// (measured: a third of its instructions, a quarter of its page faults). So a class comes to be with its name, order and layout, and
// its methods are made by the first look at its namespace. Invariant: nothing has looked at the namespace before, so no cache knows
// the class and none needs to be told.

final class PendingContents {
    private let cls: ClassRef
    private var steps: [(ClassRef) -> Void]

    init(_ cls: ClassRef, _ step: @escaping (ClassRef) -> Void) {
        self.cls = cls
        steps = [step]
    }

    func add(_ step: @escaping (ClassRef) -> Void) { steps.append(step) }

    /// Fills the namespace. What the steps themselves see of it is what those before them have put there.
    func run() {
        guard let own = cls.pointee.pending else { return }
        cls.pointee.pending = nil
        for step in steps { step(cls) }
        own.release()
    }
}

extension ClassRef {
    /// Has `step` fill the namespace when somebody looks at it, after what waits already. It must keep no values of the language.
    func fillLater(_ step: @escaping (ClassRef) -> Void) {
        if let pending = pointee.pending?.takeUnretainedValue() { return pending.add(step) }
        pointee.pending = Unmanaged.passRetained(PendingContents(self, step))
    }
}
