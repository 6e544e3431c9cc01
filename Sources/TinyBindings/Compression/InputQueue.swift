// What the decompressors of `_bz2`, `_lzma` and `zlib` share: their methods and attributes, input that has not been used yet, and output up to a limit.
//
// A decompressor may be told to give at most so many octets; what it has not looked at then waits here for the next call.
// Invariant: `needsInput` is false as long as a call without new data could give more.
import TinyRuntime

/// Input that waits, and the outcome of feeding it to a stream.
struct InputQueue {
    private(set) var waiting: [UInt8] = []
    private(set) var unused: [UInt8] = []
    private(set) var needsInput = true
    private(set) var isFinished = false

    /// One step of a stream: takes input, fills room; says how much of each it used and whether the stream ended.
    typealias Step = (UnsafeMutableBufferPointer<UInt8>, UnsafeMutableBufferPointer<UInt8>) throws(Raised) -> StepOutcome

    struct StepOutcome {
        var used: Int
        var written: Int
        var ended: Bool
    }

    /// Feeds what waits and `data` until the input is used up, the stream ends or `limit` octets came out.
    ///
    /// - Parameter keepsOutput: whether a stream whose output is full may hold more, though all input is used.
    mutating func run(_ data: [UInt8], limit: Int?, keepsOutput: Bool, _ step: Step) throws(Raised) -> [UInt8] {
        var input = waiting.isEmpty ? data : waiting + data
        waiting = []
        var offset = 0
        var output: [UInt8] = []
        var isFull = limit == 0
        while !isFull || keepsOutput && limit == 0 {
            let room = min(1 << 16, limit.map { $0 - output.count } ?? 1 << 16)
            var chunk = [UInt8](repeating: 0, count: room)
            var outcome = Result<StepOutcome, Raised>.success(StepOutcome(used: 0, written: 0, ended: false))
            input.withUnsafeMutableBufferPointer { source in
                chunk.withUnsafeMutableBufferPointer { target in
                    let rest = UnsafeMutableBufferPointer(rebasing: source[offset...])
                    do throws(Raised) { outcome = .success(try step(rest, target)) } catch { outcome = .failure(error) }
                }
            }
            let result = try outcome.get()
            offset += result.used
            output.append(contentsOf: chunk[0 ..< result.written])
            isFull = limit.map { output.count >= $0 } ?? false
            if result.ended {
                isFinished = true
                break
            }
            // Nothing more to be had: all input is in, and the stream did not fill what it was given.
            if offset == input.count, result.written < room || room == 0 { break }
            if result.used == 0, result.written == 0 { break }
        }
        if isFinished {
            unused = Array(input[offset...])
            needsInput = false
        } else {
            waiting = Array(input[offset...])
            needsInput = waiting.isEmpty && !(keepsOutput && isFull)
        }
        return output
    }
}

/// A decompressor that keeps what it has not looked at yet: `decompress`, `eof`, `needs_input` and `unused_data`.
protocol QueueingStream: AnyObject, SendableMetatype {
    var queue: InputQueue { get }
    /// What is said to whoever goes on after the end of the stream.
    static var endText: String { get }
    /// The decompressor in a box, or TypeError.
    static func of(_ value: Value) throws(Raised) -> Self
    /// What comes of more input, at most so many octets (nil: all).
    func decompress(_ data: [UInt8], limit: Int?) throws(Raised) -> Value
}

extension QueueingStream {
    static var methods: [Native] {
        [
            Native("decompress(self, /, data, max_length=-1)", "Decompress data, returning uncompressed data as bytes.", .method) { args throws(Raised) in
                let own = try of(args[0])
                let input = Array(try BufferView(args[1]).octets)
                let limit = try index(args[2])
                guard !own.queue.isFinished else { throw raise(.eofError, endText) }
                return try own.decompress(input, limit: limit < 0 ? nil : limit)
            }
        ]
    }

    static var attributes: [Accessors] {
        [
            Accessors("eof", "True if the end-of-stream marker has been reached.") { object throws(Raised) in Value(try of(object).queue.isFinished) },
            Accessors("needs_input", "True if more input is needed before more decompressed data can be produced.") { object throws(Raised) in
                Value(try of(object).queue.needsInput)
            },
            Accessors("unused_data", "Data found after the end of the compressed stream.") { object throws(Raised) in
                BytesObject.make(try of(object).queue.unused)
            },
        ]
    }
}
