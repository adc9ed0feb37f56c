import Glibc
import Scaffolding
import Testing

@testable import Optimizer

@Suite("Workers that cannot train", .serialized, .enabled(if: LightGBMLocation.path != nil, LightGBMLocation.absent))
struct TrainWorkerFaultTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func worker(
        _ rank: Int, _ machines: String, _ shard: TrainingShard, timeout: String = "20"
    ) throws -> WorkerProcess {
        let path = "\(folder.path)/shard-\(rank)"
        try shard.write(to: path)
        return try WorkerProcess([
            "rank": "\(rank)", "machines": machines, "shard": path, "model": "\(folder.path)/model-\(rank)",
            "timeout": timeout,
        ])
    }

    private func expect(_ worker: WorkerProcess, status: Int32 = 1, complains sentence: String) throws {
        let (ended, complaint) = try worker.end()
        #expect(ended == status)
        // LightGBM has its own words for a connection that breaks, and says them on standard error too.
        let ours = complaint.split(separator: "\n").filter { !$0.hasPrefix("[LightGBM]") }
        #expect(ours == ["train-worker: \(sentence)"], "\(complaint)")
    }

    @Test("Worker 0 says who did not come, and so do those who did")
    func missing() throws {
        let machines = try FreePorts.machines(4)
        let shards = try SimulatedRows.set(200).shards(4)
        let first = try worker(0, machines, shards[0], timeout: "2")
        let second = try worker(1, machines, shards[1], timeout: "2")
        try expect(first, complains: "workers 2, 3 did not come within 2 s")
        try expect(second, complains: "workers 2, 3 did not come within 2 s")
        #expect(!folder.names().contains { $0.hasPrefix("model") })
    }

    @Test("A worker says when worker 0 is not there")
    func unreachable() throws {
        let machines = try FreePorts.machines(2)
        let lonely = try worker(1, machines, SimulatedRows.set(200).shards(2)[1], timeout: "1")
        let first = machines.split(separator: ",")[0]
        try expect(lonely, complains: "worker 0 did not answer at \(first) within 1 s")
    }

    @Test("A port that another program listens on is named", arguments: [0, 1])
    func taken(_ rank: Int) throws {
        let port = try FreePorts.next()
        let holder = try TrainWorkerSocket.listening(on: port)
        let free = "127.0.0.1:\(try FreePorts.next())"
        let machines = rank == 0 ? "127.0.0.1:\(port),\(free)" : "\(free),127.0.0.1:\(port)"
        let blocked = try worker(rank, machines, SimulatedRows.set(200).shards(2)[rank])
        try expect(blocked, complains: "port \(port) is taken by another program")
        withExtendedLifetime(holder) {}
    }

    @Test("Shards with different features are not trained together")
    func features() throws {
        let machines = try FreePorts.machines(2)
        let first = try worker(0, machines, SimulatedRows.set(200).shards(2)[0])
        let second = try worker(1, machines, SimulatedRows.set(200, features: 7).shards(2)[1])
        for each in [first, second] {
            try expect(each, complains: "the rows of worker 1 have 7 features, those of worker 0 have 10")
        }
    }

    @Test("Shards of different sets are not trained together, nor workers with different lists")
    func mixed() throws {
        var machines = try FreePorts.machines(2)
        var first = try worker(0, machines, SimulatedRows.set(200).shards(2)[0])
        var second = try worker(1, machines, SimulatedRows.set(200, seed: 9).shards(2)[1])
        for each in [first, second] {
            try expect(each, complains: "worker 1 holds a shard of another training set than worker 0")
        }
        machines = try FreePorts.machines(2)
        let shards = try SimulatedRows.set(200).shards(2)
        first = try worker(0, machines, shards[0])
        second = try worker(1, machines.split(separator: ",")[0] + ",localhost:\(FreePorts.next())", shards[1])
        for each in [first, second] {
            try expect(each, complains: "worker 1 was given another list of machines than worker 0")
        }
    }

    @Test("When a worker is killed while they train, the others end and say which", arguments: [0, 1, 2])
    func killed(_ victim: Int) throws {
        let machines = try FreePorts.machines(3)
        let workers = try SimulatedRows.set(30_000).shards(3).map { try worker($0.rank, machines, $0) }
        try workers[victim].waitUntilJoined()
        workers[victim].kill()
        for (rank, survivor) in workers.enumerated() where rank != victim {
            try expect(survivor, complains: "worker \(victim) left before the training ended")
        }
    }

    @Test("Strangers on the port of worker 0 are passed over")
    func strangers() throws {
        let machines = try FreePorts.machines(2)
        let roster = try TrainWorkerRoster(machines)
        let shards = try SimulatedRows.set(200).shards(2)
        let first = try worker(0, machines, shards[0])
        let soon = ContinuousClock.now + .seconds(10)
        let talker = try #require(try TrainWorkerSocket.connected(to: roster.addresses[0], until: soon))
        let request = Array("GET / HTTP/1.1\r\n\r\n".utf8)
        _ = write(talker.descriptor, request, request.count)
        let silent = try TrainWorkerSocket.connected(to: roster.addresses[0], until: soon)
        let second = try worker(1, machines, shards[1])
        for each in [first, second] { #expect(try each.end() == (0, "")) }
        withExtendedLifetime(silent) {}
    }

    @Test("A shard that is damaged, absent, empty or somebody else's is refused")
    func shards() throws {
        let machines = try FreePorts.machines(2)
        let shards = try SimulatedRows.set(200).shards(2)
        func complaint(_ bytes: [UInt8]?) throws -> String {
            let path = folder.path + "/bad"
            if let bytes { try WorkerFile.write(bytes, to: path, writer: 0) } else { unlink(path) }
            let worker = try WorkerProcess(["rank": "0", "machines": machines, "shard": path, "model": "\(path)-model"])
            let (status, complaint) = try worker.end()
            #expect(status == 1)
            return complaint.replacing(folder.path + "/", with: "")
        }
        var damaged = shards[0].encoded()
        damaged[300] ^= 1
        let prefix = "train-worker: this is no shard to train on: "
        #expect(try complaint(damaged) == prefix + "it is damaged: the fingerprint at its end does not fit\n")
        #expect(try complaint([]) == prefix + "it does not begin with IM-SHARD\n")
        #expect(try complaint(nil) == "train-worker: bad: No such file or directory\n")
        #expect(
            try complaint(shards[1].encoded())
                == "train-worker: the shard is part 1 of 2, the worker is 0 of 2\n")
        let empty = TrainingShard(
            rank: 0, workerCount: 2, training: 1, observedRuns: 0, heldOutCount: 0,
            matrix: TrainingMatrix(columns: 3, values: [], targets: []))
        #expect(try complaint(empty.encoded()) == prefix + "it holds no rows\n")
    }

    @Test(
        "Flags that mean nothing are refused as misuse",
        arguments: [
            ("2", "a:1,b:1", "60", "the rank of one of 2 machines is not 2"),
            ("x", "a:1,b:1", "60", "a rank is a whole number, not 'x'"),
            ("0", "a:1,b", "60", "a machine is HOST:PORT, not 'b'"),
            ("0", "", "60", "a machine is HOST:PORT, not ''"),
            ("0", "a:1,a:1", "60", "a:1 is named twice"),
            ("0", "a:0", "60", "a machine is HOST:PORT, not 'a:0'"),
            ("0", "a:1", "nan", "a timeout is 1 to 86400 s"),
            ("0", "a:1", "soon", "a timeout is a number of seconds, not 'soon'"),
        ])
    func usage(_ rank: String, _ machines: String, _ timeout: String, _ sentence: String) throws {
        let worker = try WorkerProcess([
            "rank": rank, "machines": machines, "timeout": timeout, "shard": "s", "model": "m",
        ])
        try expect(worker, status: 2, complains: sentence)
    }
}
