import Testing

@testable import CLI

@Suite struct BuildToolTests {
    @Test(
        "Every tool is known by its executable",
        arguments: [
            ("make", "make"), ("/usr/bin/gmake", "make"), ("cmake", "cmake"), ("ctest", "ctest"),
            ("ninja-build", "ninja"),
            ("cargo", "cargo"), ("go", "go"), ("./gradlew", "gradle"), ("mvnw", "maven"), ("py.test", "pytest"),
            ("yarn", "npm"), ("bazelisk", "bazel"),
        ])
    func matches(executable: String, name: String) {
        #expect(buildTool(in: [executable])?.tool.name == name)
    }

    @Test(
        "Prefixes are looked through, other programs are not",
        arguments: [
            (["env", "A=1", "-i", "make", "-j3"], "make", 3), (["nice", "-n", "10", "cargo"], "cargo", 3),
            (["time", "-p", "nohup", "ninja"], "ninja", 3),
        ])
    func prefixes(arguments: [String], name: String, index: Int) {
        let found = buildTool(in: arguments)
        #expect(found?.tool.name == name)
        #expect(found?.index == index)
    }

    @Test("What is no tool is none", arguments: [[], ["env"], ["sh", "-c", "make"], ["remake"], ["nice", "-n"]])
    func noTool(arguments: [String]) {
        #expect(buildTool(in: arguments) == nil)
    }

    struct StatedRow: Sendable {
        var tool: any BuildTool
        var arguments: [String]
        var stated: JobsOption.Stated?
    }

    @Test(
        "The number of jobs a command line states is found",
        arguments: [
            StatedRow(tool: Make(), arguments: ["-j8", "all"], stated: .count(8)),
            StatedRow(tool: Make(), arguments: ["-j", "8"], stated: .count(8)),
            StatedRow(tool: Make(), arguments: ["--jobs=8"], stated: .count(8)),
            StatedRow(tool: Make(), arguments: ["--jobs", "8"], stated: .count(8)),
            StatedRow(tool: Make(), arguments: ["-j8", "-j2"], stated: .count(2)),
            StatedRow(tool: Make(), arguments: ["-j"], stated: .unbounded),
            StatedRow(tool: Make(), arguments: ["-j", "all"], stated: .unbounded),
            StatedRow(tool: Make(), arguments: ["-j0"], stated: .unbounded),
            StatedRow(tool: Make(), arguments: ["-j99999999999999999999"], stated: .unbounded),
            StatedRow(tool: Make(), arguments: ["--", "-j8"], stated: nil),
            StatedRow(tool: Make(), arguments: ["all", "-k", "--jobserver-style=fifo"], stated: nil),
            StatedRow(tool: Make(), arguments: ["-kj8"], stated: .count(8)),
            StatedRow(tool: Make(), arguments: ["-sj4", "all"], stated: .count(4)),
            StatedRow(tool: Make(), arguments: ["-ksj", "4"], stated: .count(4)),
            StatedRow(tool: Make(), arguments: ["-kj"], stated: .unbounded),
            StatedRow(tool: Make(), arguments: ["-Cdj8", "-fkj8"], stated: nil),
            StatedRow(tool: Ninja(), arguments: ["-kj8"], stated: nil),
            StatedRow(tool: CMake(), arguments: ["--build", ".", "--parallel", "4"], stated: .count(4)),
            StatedRow(tool: Ninja(), arguments: ["-j4"], stated: .count(4)),
            StatedRow(tool: GoTool(), arguments: ["build", "-p=4"], stated: .count(4)),
            StatedRow(tool: GoTool(), arguments: ["build", "-p", "4"], stated: .count(4)),
            StatedRow(tool: GoTool(), arguments: ["test", "-parallel", "4"], stated: nil),
            StatedRow(tool: Gradle(), arguments: ["-Dorg.gradle.workers.max=3"], stated: .count(3)),
            StatedRow(tool: Maven(), arguments: ["-T1C"], stated: .unbounded),
            StatedRow(tool: Maven(), arguments: ["-T4"], stated: .count(4)),
            StatedRow(tool: Pytest(), arguments: ["-n", "auto"], stated: .unbounded),
            StatedRow(tool: Bazel(), arguments: ["build", "--jobs=9"], stated: .count(9)),
        ])
    func stated(row: StatedRow) {
        #expect(row.tool.jobsOption.stated(in: row.arguments) == row.stated)
    }

    struct VariableRow: Sendable {
        var tool: any BuildTool
        var existing: [String: String] = [:]
        var overrides = false
        var variables: [String: String]
    }

    @Test(
        "Each tool is told through its own variables, and what a user set there stays",
        arguments: [
            VariableRow(tool: Make(), variables: ["MAKEFLAGS": "-j5"]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": "k"], variables: ["MAKEFLAGS": "k -j5"]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": "-j2"], overrides: true, variables: [:]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": "kj2"], variables: [:]),
            VariableRow(
                tool: Make(), existing: ["MAKEFLAGS": " --jobserver-auth=3,4"], overrides: true, variables: [:]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": "-- OBJ=j"], variables: ["MAKEFLAGS": "-j5 -- OBJ=j"]),
            VariableRow(
                tool: Make(), existing: ["MAKEFLAGS": "k -- FOO=bar"], variables: ["MAKEFLAGS": "k -j5 -- FOO=bar"]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": " -j2 -- FOO=bar"], variables: [:]),
            VariableRow(tool: Make(), existing: ["MAKEFLAGS": "-kj2"], variables: [:]),
            VariableRow(tool: CMake(), variables: ["CMAKE_BUILD_PARALLEL_LEVEL": "5"]),
            VariableRow(tool: CMake(), existing: ["CMAKE_BUILD_PARALLEL_LEVEL": "2"], variables: [:]),
            VariableRow(
                tool: CMake(), existing: ["CMAKE_BUILD_PARALLEL_LEVEL": "2"], overrides: true,
                variables: ["CMAKE_BUILD_PARALLEL_LEVEL": "5"]),
            VariableRow(tool: CTest(), variables: ["CTEST_PARALLEL_LEVEL": "5"]),
            VariableRow(tool: Ninja(), variables: [:]),
            VariableRow(tool: Cargo(), variables: ["CARGO_BUILD_JOBS": "5"]),
            VariableRow(
                tool: GoTool(), existing: ["GOFLAGS": "-mod=vendor"],
                variables: ["GOFLAGS": "-mod=vendor -p=5", "GOMAXPROCS": "5"]),
            VariableRow(tool: GoTool(), existing: ["GOFLAGS": "-p=1", "GOMAXPROCS": "1"], variables: [:]),
            VariableRow(
                tool: Gradle(), existing: ["GRADLE_OPTS": "-Xmx1g"],
                variables: ["GRADLE_OPTS": "-Xmx1g -Dorg.gradle.workers.max=5"]),
            VariableRow(tool: Maven(), variables: ["MAVEN_ARGS": "-T5"]),
            VariableRow(tool: Maven(), existing: ["MAVEN_ARGS": "-T1C"], variables: [:]),
            VariableRow(tool: Pytest(), variables: ["PYTEST_XDIST_AUTO_NUM_WORKERS": "5"]),
            VariableRow(tool: NodePackageManager(), variables: ["npm_config_jobs": "5", "JOBS": "5"]),
            VariableRow(tool: Bazel(), variables: [:]),
        ])
    func variables(row: VariableRow) {
        #expect(row.tool.variables(jobs: 5, existing: row.existing, overrides: row.overrides) == row.variables)
    }

    @Test("Defaults follow the tools' own rules")
    func defaults() {
        #expect([1, 2, 8].map { Ninja().defaultJobs(cores: $0) } == [2, 3, 10])
        #expect(Make().defaultJobs(cores: 8) == 1)
        #expect(Cargo().defaultJobs(cores: 8) == 8)
        #expect(CMake().defaultJobs(cores: 8) == nil)
    }
}
