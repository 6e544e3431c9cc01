// The heap: what is reachable stays, the rest goes, and memory is used again.
import Testing

@testable import TinyRuntime

@Suite struct HeapTests {
    @Test func aCellIsUsedAgainOnceItsObjectIsDead() {
        let pages = RuntimeThread.run { () -> (Int, Int) in
            heap.collect()
            var before = 0
            for round in 0 ..< 40 {
                for number in 0 ..< 20_000 { _ = Tuple.make(Value(number), Value(round)) }
                heap.collect()
                if round == 4 { before = heap.pagesInUse }
            }
            return (before, heap.pagesInUse)
        }
        #expect(pages.1 <= pages.0 + 1)
    }

    @Test func whatARootReachesStays() {
        let texts = RuntimeThread.run { () -> [String] in
            let list = List.make()
            heap.permanentRoots.append(Value(list))
            defer { heap.permanentRoots.removeLast() }
            for number in 0 ..< 5000 { list.append(Value(Tuple.make(Value(Str.make("text \(number)"))))) }
            for _ in 0 ..< 3 {
                heap.collect()
                for number in 0 ..< 5000 { _ = Str.make("rubbish \(number)") }
            }
            return (0 ..< 5000).map { list.items[$0].object(Tuple.self).items[0].object(Str.self).string }
        }
        #expect(texts == (0 ..< 5000).map { "text \($0)" })
    }

    @Test func deepDataIsMarkedWithoutRecursion() {
        let depth = RuntimeThread.run { () -> Int in
            let list = List.make()
            heap.permanentRoots.append(Value(list))
            defer { heap.permanentRoots.removeLast() }
            list.append(Value(Tuple.make()))
            for _ in 0 ..< 1_000_000 { list.items[0] = Value(Tuple.make(list.items[0])) }
            heap.collect()
            var depth = 0
            var value = list.items[0]
            while value.object(Tuple.self).count > 0 {
                value = value.object(Tuple.self).items[0]
                depth += 1
            }
            list.items[0] = .none
            heap.collect()
            return depth
        }
        #expect(depth == 1_000_000)
    }

    @Test func weakReferencesAreClearedAndFinalizersRun() {
        let notes = RuntimeThread.notes(of: """
            import gc
            from _weakref import ref

            class Node:
                def __del__(self):
                    notes.append(f"del {self.name}")

            def make():
                a, b = Node(), Node()
                a.name, b.name = "a", "b"
                a.other, b.other = b, a
                return ref(a, lambda reference: notes.append("cleared"))

            reference = make()
            def bury(depth):
                return bury(depth - 1) if depth else None
            bury(50)
            gc.collect()
            notes.append(reference() is None)
            """)
        #expect(notes.sorted() == ["True", "cleared", "del a", "del b"])
    }

    @Test func largeObjectsGoToo() {
        let counts = RuntimeThread.run { () -> (Int, Int) in
            heap.collect()
            let before = heap.largeObjects.count
            for _ in 0 ..< 100 { _ = Tuple.make([Value](repeating: .none, count: 1000)) }
            for depth in 0 ..< 2 { _ = depth; heap.collect() }
            return (before, heap.largeObjects.count)
        }
        // One may still be seen on the native stack.
        #expect(counts.1 <= counts.0 + 2)
    }

    @Test(arguments: [0, 1, -1, 1 << 50 - 1, -(1 << 50), 1 << 50, -(1 << 50) - 1, Int.max, Int.min])
    func anIntegerIsWhatItWas(_ number: Int) {
        let (text, isInline) = RuntimeThread.run {
            let value = Value(number)
            return ((try? str(value).string) ?? "?", value.isInlineInt)
        }
        #expect(text == String(number))
        #expect(isInline == (number >= -(1 << 50) && number < 1 << 50))
    }

    @Test(arguments: [0.0, -0.0, 1.5, .infinity, -.infinity, .nan, Double.leastNonzeroMagnitude, 1.7976931348623157e308])
    func aDoubleIsWhatItWas(_ number: Double) {
        let back = RuntimeThread.run { Value(number).float }
        #expect(back.isNaN ? number.isNaN : back.bitPattern == number.bitPattern)
    }
}
