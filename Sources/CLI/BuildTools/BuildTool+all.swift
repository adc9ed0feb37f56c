/// The tools we know. A new one is a file of its own and a line here.
let allBuildTools: [any BuildTool] = [
    Make(), CMake(), CTest(), Ninja(), Cargo(), GoTool(), Gradle(), Maven(), Pytest(), NodePackageManager(), Bazel(),
]

/// The tool that `arguments` run, and where its executable stands; looks through `env`, `nice`, `nohup` and `time`.
func buildTool(in arguments: [String]) -> (tool: any BuildTool, index: Int)? {
    var index = 0
    // Four prefixes deep is already more than anybody writes.
    for _ in 0..<4 {
        guard index < arguments.count else { return nil }
        let executable = baseName(arguments[index])
        if let tool = allBuildTools.first(where: { $0.matches(executable: executable) }) { return (tool, index) }
        guard ["env", "nice", "nohup", "time"].contains(executable) else { return nil }
        index += 1
        while index < arguments.count {
            let argument = arguments[index]
            if argument == "-n" || argument == "-u" {
                index += 2
            } else if argument.hasPrefix("-") || (executable == "env" && argument.contains("=" as Character)) {
                index += 1
            } else {
                break
            }
        }
    }
    return nil
}

/// The last component of a path.
func baseName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
}
