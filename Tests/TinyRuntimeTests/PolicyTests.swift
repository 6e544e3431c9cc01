// Who runs next: the policies alone, without threads.
import Testing

@testable import TinyRuntime

@Suite struct PolicyTests {
    /// Tasks that never run, numbered from 0.
    private func tasks(_ count: Int) -> [ScriptTask] {
        RuntimeThread.run { (0 ..< count).map { ScriptTask(ThreadState.make(), number: $0) } }
    }

    private func order(_ policy: any SchedulingPolicy) -> [Int] {
        var numbers: [Int] = []
        while let task = policy.next(after: nil, .wait) { numbers.append(task.number) }
        return numbers
    }

    @Test func whoComesBackFromTheSystemGoesFirst() {
        let task = tasks(5)
        let policy = IOFirstPolicy(instructions: nil)
        policy.add(task[0], .started)
        policy.add(task[1], .woken)
        policy.add(task[2], .preempted)
        policy.add(task[3], .returned)
        policy.add(task[4], .returned)
        #expect(order(policy) == [3, 4, 1, 0, 2])
        #expect(policy.isEmpty)
    }

    @Test func whoWasInterruptedGoesOnBeforeTheOthersOfItsClass() {
        let task = tasks(3)
        let policy = IOFirstPolicy(instructions: nil)
        policy.add(task[0], .preempted)
        policy.add(task[1], .interrupted)
        policy.add(task[2], .returned)
        #expect(order(policy) == [2, 1, 0])
    }

    @Test(arguments: [(ReadyReason.woken, 8), (.interrupted, 16), (.started, 16), (.preempted, 256)])
    func nobodyStarves(_ reason: ReadyReason, patience: Int) {
        let task = tasks(301)
        let policy = IOFirstPolicy(instructions: nil)
        policy.add(task[300], reason)
        for number in 0 ..< 300 { policy.add(task[number], .returned) }
        #expect(order(policy).firstIndex(of: 300) == patience)
    }

    @Test func nobodyStarvesAmongTheInterrupted() {
        let task = tasks(300)
        let policy = IOFirstPolicy(instructions: nil)
        policy.add(task[0], .preempted)
        for number in 1 ..< 300 { policy.add(task[number], .interrupted) }
        #expect(order(policy) == Array(1 ... 256) + [0] + Array(257 ..< 300))
    }

    @Test func slicesAreShortWhileSomebodyIsBack() {
        func length(_ policy: any SchedulingPolicy, used: UInt64 = 0) -> UInt64 {
            if case .nanoseconds(let count) = policy.slice(used: used) { return count }
            return 0
        }
        let task = tasks(3)
        let policy = IOFirstPolicy(instructions: nil)
        policy.add(task[0], .preempted)
        #expect(length(policy) == 5_000_000)
        #expect(length(policy, used: 4_000_000) == 1_000_000)
        #expect(length(policy, used: 9_000_000) == 0)
        policy.add(task[1], .woken)
        #expect(length(policy) == 500_000)
        policy.add(task[2], .returned)
        #expect(length(policy) == 10_000)
        _ = policy.next(after: nil, .wait)
        policy.add(task[2], .returned)
        #expect(length(policy) == 100_000)
    }

    @Test func oneQueueIsFirstComeFirstServed() {
        let task = tasks(4)
        let policy = OneQueuePolicy(name: "timed", keepsLockWhenReady: false, instructions: nil)
        policy.add(task[2], .preempted)
        policy.add(task[0], .returned)
        policy.add(task[3], .woken)
        policy.add(task[1], .interrupted)
        #expect(order(policy) == [2, 0, 3, 1])
    }

    @Test(arguments: [1, 7, 123_456] as [UInt64]) func aSeedChoosesTheSameEachTime(_ seed: UInt64) {
        let task = tasks(30)
        func choices() -> [Int] {
            let policy = ChoosingPolicy(name: "seed", SeededChooser(seed: seed))
            for one in task { policy.add(one, .returned) }
            return order(policy)
        }
        let first = choices()
        #expect(first.sorted() == Array(0 ..< 30))
        #expect(first != Array(0 ..< 30))
        #expect(first == choices())
    }

    @Test func queueKeepsItsOrderHoweverItIsUsed() {
        let task = tasks(200)
        var queue = TaskQueue()
        for one in task { queue.append(one) }
        var numbers: [Int] = []
        for _ in 0 ..< 100 { if let first = queue.popFirst() { numbers.append(first.number) } }
        #expect(numbers == Array(0 ..< 100))
        queue.insertFirst(task[5])
        let isFound = queue.remove(task[150])
        let isFoundAgain = queue.remove(task[150])
        #expect(isFound && !isFoundAgain)
        #expect(queue.count == 100)
        let first = queue.popFirst()?.number
        let second = queue.remove(at: 1).number
        #expect(first == 5 && second == 101)
        #expect(queue[0].number == 100)
    }
}
