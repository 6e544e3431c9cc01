// What changes a bytearray: item and slice assignment, in-place operators, append, insert, pop and so on.
//
// Everything that changes the size asks first whether views forbid it (checkResizable), before it looks at pointers.
import Glibc

extension ByteArray {
    static let changingMethods: [Native] = [
        Native("__setitem__(self, key, value, /)", "Set self[key] to value.") { a throws(Raised) in
            try setItem(a[0].object(ByteArray.self), a[1], a[2])
            return .none
        },
        Native("__delitem__(self, key, /)", "Delete self[key].") { a throws(Raised) in
            try deleteItem(a[0].object(ByteArray.self), a[1])
            return .none
        },
        Native("__iadd__(self, value, /)", "Implement self+=value.") { a throws(Raised) in
            guard let view = try BufferView.view(a[1]) else {
                throw typeError("can't concat \(typeName(a[1])) to \(typeName(a[0]))")
            }
            try append(a[0].object(ByteArray.self), Array(view.octets))
            return a[0]
        },
        Native("__imul__(self, value, /)", "Implement self*=value.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            guard BytesArguments.isIndex(a[1]) else { return .notImplemented }
            let times = try repetitions(a[1])
            let unit = array.pointee.count
            let size = try repeatedSize(unit, times)
            guard size != unit else { return a[0] }
            try array.checkResizable()
            array.reserve(size)
            if size > 0, let bytes = array.pointee.bytes { fillRepeated(bytes, unit: unit, total: size) }
            array.pointee.count = size
            return a[0]
        },
        Native("append(self, item, /)", "Append an octet.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            let byte = try BytesArguments.octet(a[1])
            try array.checkResizable()
            array.push(byte)
            return .none
        },
        Native("extend(self, iterable_of_ints, /)", "Append the octets of an iterable.") { a throws(Raised) in
            let octets: [UInt8]
            if a[1].isKind(.bytes) {
                let array = a[0].object(ByteArray.self)
                let added = a[1].object(BytesObject.self).buffer
                if !added.isEmpty { try array.replace(array.pointee.count, array.pointee.count, added) }
                return .none
            }
            if let view = try BufferView.view(a[1]) {
                octets = Array(view.octets)
            } else if a[1].isKind(.str) {
                throw typeError("expected iterable of integers; got: 'str'")
            } else if isIterable(a[1]) {
                octets = try BytesOperators.octets(of: a[1], "bytearray")
            } else {
                throw typeError("can't extend bytearray with \(typeName(a[1]))")
            }
            try append(a[0].object(ByteArray.self), octets)
            return .none
        },
        Native("insert(self, index, item, /)", "Insert an octet before an index.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            let position = try index(a[1])
            let byte = try BytesArguments.octet(a[2])
            let count = array.pointee.count
            let start = position < 0 ? max(0, position &+ count) : min(position, count)
            try [byte].withRaisingBuffer { buffer throws(Raised) in try array.replace(start, start, buffer) }
            return .none
        },
        Native("pop(self, index=-1, /)", "Remove and return an octet.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            guard array.pointee.count > 0 else { throw raise(.indexError, "pop from empty bytearray") }
            let position = try sequenceIndex(a[1], array.pointee.count, "pop index out of range")
            try array.checkResizable()
            let byte = array.buffer[position]
            try array.replace(position, position + 1, Octets(start: nil, count: 0))
            return Value(inline: Int(byte))
        },
        Native("remove(self, value, /)", "Remove the first occurrence of an octet.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            let byte = try BytesArguments.octet(a[1])
            guard let position = array.buffer.firstIndex(of: byte) else { throw valueError("value not found in bytearray") }
            try array.replace(position, position + 1, Octets(start: nil, count: 0))
            return .none
        },
        Native("clear(self, /)", "Remove all octets.") { a throws(Raised) in
            let array = a[0].object(ByteArray.self)
            try array.replace(0, array.pointee.count, Octets(start: nil, count: 0))
            return .none
        },
        Native("reverse(self, /)", "Turn the order round, in place.") { a throws(Raised) in
            var low = 0
            let buffer = a[0].object(ByteArray.self).buffer
            var high = buffer.count - 1
            while low < high {
                buffer.swapAt(low, high)
                low += 1
                high -= 1
            }
            return .none
        },
    ]

    private static func append(_ array: ByteArrayRef, _ octets: [UInt8]) throws(Raised) {
        guard !octets.isEmpty else { return }
        try octets.withRaisingBuffer { buffer throws(Raised) in
            try array.replace(array.pointee.count, array.pointee.count, buffer)
        }
    }

    private static func setItem(_ array: ByteArrayRef, _ key: Value, _ value: Value) throws(Raised) {
        if BytesArguments.isIndex(key) {
            _ = try sequenceIndex(key, array.pointee.count, "bytearray index out of range")
            let byte = try BytesArguments.octet(value)
            let position = try sequenceIndex(key, array.pointee.count, "bytearray index out of range")
            array.buffer[position] = byte
            return
        }
        guard key.isKind(.slice) else {
            throw typeError("bytearray indices must be integers or slices, not \(typeName(key))")
        }
        let octets: [UInt8]
        if BufferView.isBytesLike(value) {
            octets = Array(try BufferView(value).octets)
        } else if BytesArguments.isIndex(value) || value.isKind(.str) {
            throw typeError("can assign only bytes, buffers, or iterables of ints in range(0, 256)")
        } else {
            octets = try BytesOperators.collect(value, .absent, .absent, "bytearray")
        }
        let slice = try key.object(SliceObject.self).resolve(array.pointee.count)
        if slice.step == 1 {
            try octets.withRaisingBuffer { buffer throws(Raised) in
                try array.replace(slice.start, slice.start + slice.count, buffer)
            }
            return
        }
        if octets.isEmpty { return try deleteSlice(array, slice) }
        guard octets.count == slice.count else {
            throw valueError(
                "attempt to assign bytes of size \(octets.count) to extended slice of size \(slice.count)")
        }
        var index = slice.start
        for byte in octets {
            array.buffer[index] = byte
            index &+= slice.step
        }
    }

    private static func deleteItem(_ array: ByteArrayRef, _ key: Value) throws(Raised) {
        if BytesArguments.isIndex(key) {
            let position = try sequenceIndex(key, array.pointee.count, "bytearray index out of range")
            return try array.replace(position, position + 1, Octets(start: nil, count: 0))
        }
        guard key.isKind(.slice) else {
            throw typeError("bytearray indices must be integers or slices, not \(typeName(key))")
        }
        try deleteSlice(array, try key.object(SliceObject.self).resolve(array.pointee.count))
    }

    private static func deleteSlice(_ array: ByteArrayRef, _ slice: ResolvedSlice) throws(Raised) {
        guard slice.count > 0 else { return }
        if slice.step == 1 {
            return try array.replace(slice.start, slice.start + slice.count, Octets(start: nil, count: 0))
        }
        try array.checkResizable()
        let step = abs(slice.step)
        let first = slice.step > 0 ? slice.start : slice.start + (slice.count - 1) * slice.step
        let buffer = array.buffer
        var target = first
        for source in first ..< buffer.count {
            let distance = source - first
            if distance % step == 0, distance / step < slice.count { continue }
            buffer[target] = buffer[source]
            target += 1
        }
        array.pointee.count = target
    }
}

extension ByteArrayRef {
    func push(_ byte: UInt8) {
        if pointee.count == pointee.capacity { reserve(pointee.count + pointee.count >> 3 + 8) }
        pointee.bytes?[pointee.count] = byte
        pointee.count += 1
    }
}
