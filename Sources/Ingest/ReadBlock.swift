import Builds
import Contract
import Storage

/// A block of lines, read: what to write, and what is wrong with the other lines.
struct ReadBlock: Sendable {
    var entries: [BatchEntry] = []
    /// The number of each entry's line.
    var lines: [Int] = []
    var problems: [LineProblem] = []

    /// - Parameter lastLine: lines with a greater number are refused unread.
    init(_ block: LineBlock, receivedAt now: Timestamp, longestLine: Int, lastLine: Int) {
        if block.isTooLong {
            problems.append(.tooLong(block.firstLine, limit: longestLine))
            return
        }
        block.bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            var line = block.firstLine
            while start < bytes.count {
                var end = start
                while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
                read(
                    UnsafeBufferPointer(rebasing: bytes[start..<end]), line, receivedAt: now,
                    longestLine: longestLine, lastLine: lastLine)
                start = end + 1
                line += 1
            }
        }
    }

    private mutating func read(
        _ bytes: UnsafeBufferPointer<UInt8>, _ line: Int, receivedAt now: Timestamp, longestLine: Int, lastLine: Int
    ) {
        if bytes.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }) { return }
        guard line <= lastLine else {
            problems.append(.tooMany(line, limit: lastLine))
            return
        }
        guard bytes.count <= longestLine else {
            problems.append(.tooLong(line, limit: longestLine))
            return
        }
        do {
            entries.append(BatchEntry(try BatchLine(bytes, receivedAt: now)))
            lines.append(line)
        } catch {
            problems.append(LineProblem(line, error))
        }
    }
}

extension BatchEntry {
    init(_ line: BatchLine) {
        self =
            switch line {
            case .start(let run): .startRun(run)
            case .step(.start(let step)): .startStep(step)
            case .step(.stop(let step, let stop)): .stopStep(step, stop)
            case .step(.usage(let observation)): .observe(observation)
            case .complete(let id, let completion): .completeRun(id, completion)
            case .run(let run, let steps): .wholeRun(run, steps: steps)
            }
    }
}
