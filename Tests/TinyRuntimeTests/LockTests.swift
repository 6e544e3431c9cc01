// Locks, the parking place and the hand-over of the GIL, with real threads.
import Testing

@testable import TinyRuntime

@Suite struct LockTests {
    @Test func aFreeLockIsTakenOnce() {
        let taken = RuntimeThread.run {
            let lock = Lock()
            let t = currentThread()
            let first = lock.tryAcquire(t)
            let second = lock.tryAcquire(t)
            let owner = lock.ownerNumber
            lock.release(t)
            return (first, second, owner, lock.ownerNumber, lock.isLocked, lock.isPassedAround)
        }
        #expect(taken == (true, false, 0, -1, false, false))
    }

    @Test func aWaitEndsAtItsDeadline() {
        let outcome = RuntimeThread.run { () -> (Bool, Bool, Int) in
            let lock = Lock()
            _ = lock.tryAcquire(currentThread())
            let start = Clock.real()
            let isTaken = (try? lock.acquire(until: Clock.deadline(after: 0.02))) ?? true
            return (isTaken, Clock.real() - start >= 20_000_000, lock.waiters.count)
        }
        #expect(outcome == (false, true, 0))
    }

    @Test func theFirstWaiterIsWokenFirst() {
        let notes = RuntimeThread.notes(of: """
            import _thread, time
            lock = _thread.allocate_lock()
            lock.acquire()
            done = _thread.allocate_lock()
            done.acquire()

            def wait(name):
                with lock:
                    notes.append(name)
                    if len(notes) == 3:
                        done.release()

            for name in "abc":
                _thread.start_new_thread(wait, (name,))
                time.sleep(0.01)
            lock.release()
            done.acquire()
            """)
        #expect(notes == ["a", "b", "c"])
    }

    @Test func aLockThatIsTakenAllTheTimeIsHandedToItsWaiter() {
        // The loop lets the lock go and takes it again at once; without the hand-over its waiter would come too late for ever.
        let notes = RuntimeThread.notes(of: """
            import _thread, time
            lock = _thread.allocate_lock()
            got = []

            def wait():
                with lock:
                    got.append(True)

            lock.acquire()
            _thread.start_new_thread(wait, ())
            end = time.monotonic() + 20
            while not got and time.monotonic() < end:
                lock.release()
                lock.acquire()
            notes.append(bool(got))
            """)
        #expect(notes == ["True"])
    }

    @Test func onlyOneIsInside() {
        let notes = RuntimeThread.notes(of: """
            import _thread, time
            lock = _thread.allocate_lock()
            inside = 0
            most = 0
            left = 4

            def work():
                global inside, most, left
                for _ in range(300):
                    lock.acquire()
                    inside += 1
                    most = max(most, inside)
                    inside -= 1
                    lock.release()
                left -= 1

            for _ in range(4):
                _thread.start_new_thread(work, ())
            while left:
                time.sleep(0.001)
            notes.append(most)
            notes.append(lock.locked())
            """)
        #expect(notes == ["1", "False"])
    }

    @Test func twoThreadsTakeTurns() {
        let notes = RuntimeThread.notes(of: """
            import _thread
            ping, pong, done = (_thread.allocate_lock() for _ in range(3))
            pong.acquire(); done.acquire()

            def play(mine, other, name):
                for _ in range(100):
                    mine.acquire()
                    notes.append(name)
                    other.release()
                if name == "pong":
                    done.release()

            _thread.start_new_thread(play, (ping, pong, "ping"))
            _thread.start_new_thread(play, (pong, ping, "pong"))
            done.acquire()
            """)
        #expect(notes == (0 ..< 200).map { $0 % 2 == 0 ? "ping" : "pong" })
    }

    @Test func whoeverWaitsForItselfIsTold() {
        let notes = RuntimeThread.notes(of: """
            import _thread
            lock = _thread.allocate_lock()
            lock.acquire()
            try:
                lock.acquire()
            except RuntimeError as error:
                notes.append(type(error).__name__)
            """)
        #expect(notes == ["DeadlockError"])
    }
}
