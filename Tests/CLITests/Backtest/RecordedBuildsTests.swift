import ArgumentParser
import Builds
import Foundation
import Scaffolding
import Testing

@testable import CLI

@Suite("Recorded builds from CSV")
struct RecordedBuildsTests {
    /// The excerpt lies beside the tests of the optimizer; its README says whose it is.
    static let spackPath = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "../../OptimizerTests/Backtest/Fixtures/spack-builds-300.csv"
    ).path

    private func load(_ text: String, _ arguments: [String], limit: Int? = nil) throws -> LoadedHistory {
        let folder = try TemporaryFolder()
        try folder.write(text, to: "builds.csv")
        let path = folder.path + "/builds.csv"
        return try load(path: path, arguments, limit: limit)
    }

    private func load(path: String, _ arguments: [String] = [], limit: Int? = nil) throws -> LoadedHistory {
        let options = try ColumnOptions.parse(["--csv", path] + arguments)
        return try CSVBuildSource(path: path, mapping: { try options.mapping(header: $0) }, limitRows: limit).load()
    }

    private static let own = ["--pipeline-column", "job", "--peak-column", "peak"]

    @Test("The package CI's own columns are recognised, and say what its clients would have said")
    func spack() throws {
        let loaded = try load(path: Self.spackPath)
        #expect(loaded.history.builds.count == 300)
        #expect(loaded.skipped.isEmpty)
        #expect(loaded.requestCount == 0)
        #expect(loaded.history.memoryCapGiB == 64)
        let first = loaded.history.builds[0]
        #expect(first.question.step == StepIdentity(pipeline: "camp", stage: "build", step: "build"))
        #expect(first.question.context.tool == "gcc")
        #expect(first.question.context.image == "gcc-linux-ubuntu20.04-x86_64_v3")
        #expect(first.question.context.architecture == "linux-ubuntu20.04-x86_64_v3")
        #expect(first.question.context.branch == "main")
        #expect(first.question.context.repository == "camp")
        #expect(
            first.question.context.extra
                == ["package": "camp", "compiler_name": "gcc", "compiler_version": "11.4.0"])
        #expect(first.result.peakGiB == 3_842_973_696 / Units.bytesPerGiB)
        #expect(first.result.wallSeconds == 665.256627)
    }

    @Test("A monorepo CI's own columns are recognised, with its requests and jobs")
    func sap() throws {
        let header =
            "time,location,component,make_type,arch,compiler,opt,distributed_jobs,local_jobs,target_cnt,branch,"
            + "memreq_gib,max_rss_gib,max_cache_gib,memory_fail_count,targets,ts_phase,ts_status\n"
        let rows =
            "2025-04-26 18:15:27.787,location_1,component_1,dbg,x86_64,gcc,debug,500,26,2,branch_13,321.0,73.5,1,0,"
            + "\"all,dist\",building,ok\n"
            + "2025-04-26 18:14:51.608,location_1,component_0,opt,x86_64,gcc,optimized,500,36,3,branch_47,153.0,78.25,"
            + "1,0,all,testing,canceled\n"
        let loaded = try load(header + rows, [])
        #expect(loaded.history.builds.map(\.result.peakGiB) == [78.25, 73.5])
        #expect(loaded.requestCount == 2)
        #expect(!loaded.history.hasDurations)
        let second = loaded.history.builds[1].question
        #expect(second.requestedGiB == 321)
        #expect(second.jobs == 26)
        #expect(second.context.image == "gcc-debug-x86_64")
        #expect(second.context.branch == "branch_13")
        #expect(second.context.extra["concurrency"] == 26)
        #expect(second.context.extra["requested_mem_gb"] == 321)
        #expect(second.context.extra["targets"] == "all,dist")
        #expect(second.context.extra["target_cnt"] == 2)
        #expect(second.groups.count == 5)
        #expect(second.groups.last == loaded.history.builds[0].question.groups.last)
        #expect(Set(second.groups).isDisjoint(with: loaded.history.builds[0].question.groups.dropLast()))
        #expect(try load(header + rows, ["--status-column", "ts_status"]).skipped == [.unfinished: 1])
    }

    @Test("Rows that are no finished build are counted, and the others are kept")
    func skipped() throws {
        let text = """
            n,job,peak,s,status
            3,app,100,10,success
            1,app,100,10,success
            4,,100,10,success
            5,app,,10,success
            6,app,0,10,success
            7,app,-5,10,success
            8,app,nan,10,success
            9,app,1e30,10,success
            10,app,100,,success
            11,app,100,0,success
            12,app,100,10,Running
            ,app,100,10,success
            3,app,100,10,success
            13,app,words,10,failed
            2,app,200,20,failed
            """
        let loaded = try load(
            text,
            Self.own + [
                "--peak-unit", "mib", "--duration-column", "s", "--order-column", "n", "--status-column", "status",
            ])
        let peaksMiB = loaded.history.builds.map { $0.result.peakGiB * 1024 }
        #expect(peaksMiB == [100, 200, 100])
        #expect(
            loaded.skipped == [
                .withoutPipeline: 1, .withoutPeak: 5, .absurdPeak: 1, .unfinished: 3, .withoutOrder: 1, .repeated: 1,
            ])
    }

    @Test(
        "Order is by number where all are numbers, else by text, else as in the file",
        arguments: [
            (["--order-column", "n"], [2.0, 9, 10]), (["--order-column", "day"], [10, 2, 9]), ([], [9, 10, 2]),
        ])
    func order(_ options: [String], _ peaks: [Double]) throws {
        let text = "n,day,job,peak\n9,2026-01-03,app,9\n10,2026-01-01,app,10\n2,2026-01-02,app,2\n"
        let loaded = try load(text, Self.own + ["--peak-unit", "gib"] + options)
        #expect(loaded.history.builds.map(\.result.peakGiB) == peaks)
        #expect(try load(text, Self.own + ["--peak-unit", "gib"] + options, limit: 2).history.builds.count == 2)
    }

    @Test("Keys make groups from fine to coarse, and a key of the wire contract means the same here")
    func keys() throws {
        let text = "job,step,branch,cache_state,size,peak\napp,link,main,warm,3,5\napp,link,dev,cold,x,5\n"
        let loaded = try load(
            text,
            Self.own + [
                "--peak-unit", "gib", "--step-column", "step", "--key-column", "branch", "--key-column", "cache_state",
                "--key-column", "size",
            ])
        let (first, second) = (loaded.history.builds[0].question, loaded.history.builds[1].question)
        #expect(first.step == StepIdentity(pipeline: "app", stage: "build", step: "link"))
        #expect(first.context.branch == "main")
        #expect(second.context.cacheState == .cold)
        #expect(first.context.extra == ["size": "3"], "a column with a word in it is all words")
        #expect(first.groups.count == 5)
        #expect(first.groups.suffix(3) == second.groups.suffix(3))
        #expect(Set(first.groups.prefix(2)).isDisjoint(with: second.groups))
        #expect(loaded.history.sizeLevel == 2)
    }

    @Test(
        "A file that is no table of builds is refused in one sentence",
        arguments: [
            ("", "it is empty"), ("job,peak\n", "none of its 0 rows"), ("job,peak\napp\n", "line 2: there are 1 cells"),
            ("job,job,peak\n", "names the column 'job' twice"), ("job,peak\napp,x\n", "none of its 1 rows"),
        ])
    func refused(_ text: String, _ words: String) throws {
        let error = #expect(throws: UnreadableCSV.self) { try load(text, Self.own) }
        let sentence = try #require(error).description
        #expect(sentence.contains(words), "\(sentence)")
        #expect(!sentence.contains("\n"))
    }

    @Test("A column that is not there, and a header nobody knows, are asked wrongly")
    func columns() throws {
        let missing = #expect(throws: ValidationError.self) { try load("job,rss\na,1\n", Self.own) }
        #expect(missing?.message == "The file has no column 'peak'; it has: job, rss.")
        let unknown = #expect(throws: ValidationError.self) { try load("job,rss\u{1B}\na,1\n", []) }
        #expect(unknown?.message.hasPrefix("No preset fits the header.") == true)
        #expect(unknown?.message.contains("\u{1B}") == false)
        let meaning = #expect(throws: ValidationError.self) {
            try load("job,peak,cache_state\na,1e9,tepid\n", Self.own + ["--key-column", "cache_state"])
        }
        #expect(meaning?.message.contains("'cache_state' has a meaning of its own") == true)
    }

    @Test("A file that is missing or a folder is refused", arguments: ["/nowhere.csv", "/"])
    func absent(_ path: String) {
        #expect(throws: UnreadableCSV.self) { try load(path: path, Self.own) }
    }

    @Test("More rows than fit are refused, not half read")
    func tooLarge() {
        let bytes = Array("job,peak\na,1\na,2\na,3\n".utf8)
        var rest = bytes[...]
        let error = #expect(throws: CSVError.self) {
            try CSVTable(limits: CSVLimits(rows: 2), wanted: { _ in [0] }) { buffer in
                let count = min(buffer.count, rest.count)
                for (index, byte) in rest.prefix(count).enumerated() { buffer[index] = byte }
                rest = rest.dropFirst(count)
                return count
            }
        }
        #expect(error?.line == 4)
    }
}
