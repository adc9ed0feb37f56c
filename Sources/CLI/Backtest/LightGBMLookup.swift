import FoundationEssentials
import Glibc
import Optimizer

/// Finds the LightGBM library where the server finds it: `INFRAMIND_LIGHTGBM`; `../lib/` beside the program's folder;
/// the program's folder; `.build/vendor/lightgbm/` in the folders above it, where a development build keeps it.
struct LightGBMLookup {
    private static let fileName = "lib_lightgbm.so"
    static let variable = "INFRAMIND_LIGHTGBM"

    var environment: [String: String]
    /// The folder the running program lies in.
    var executableFolder: String

    /// Files to try, first to last; a path somebody named is the only one.
    var candidates: [String] {
        if let named { return [named] }
        var folders = [executableFolder + "/../lib", executableFolder]
        var ancestor = executableFolder[...]
        while !ancestor.isEmpty {
            folders.append(ancestor + "/.build/vendor/lightgbm")
            ancestor = ancestor[..<(ancestor.lastIndex(of: "/") ?? ancestor.startIndex)]
        }
        return folders.map { $0 + "/" + Self.fileName }
    }

    private var named: String? {
        environment[Self.variable].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// - Returns: the library; `nil` when there is none.
    /// - Throws: `LightGBMError` when the one somebody named cannot be loaded.
    func load() throws -> LightGBM? {
        for path in candidates where named != nil || access(path, R_OK) == 0 {
            do { return try LightGBM(path: path) } catch { if named != nil { throw error } }
        }
        return nil
    }

    /// The folder of this program.
    static var runningExecutableFolder: String {
        let path =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        return String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
    }
}
