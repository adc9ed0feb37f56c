import Foundation

/// A small C project: many sources, each a second of nobody's life and some hundred milliseconds of a compiler's.
public final class BuildProject {
    public let path: String

    public init(sources: Int) throws {
        path = NSTemporaryDirectory() + "inframind-attribution-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for number in 0..<sources {
            var text = "#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
            for function in 0..<40 {
                text += """
                    int f\(number)_\(function)(int *a, int n) {
                        int s = \(function);
                        for (int i = 0; i < n; i++) for (int j = 0; j < i; j++) s += a[j] * (i ^ \(function)) - a[i];
                        if (s > 17) printf("%d %s\\n", s, getenv("PATH")); else s = (int) strlen("x") * s;
                        return s;
                    }

                    """
            }
            try text.write(toFile: "\(path)/s\(number).c", atomically: false, encoding: .utf8)
        }
        let objects = (0..<sources).map { "s\($0).o" }.joined(separator: " ")
        // Each object by a shell that starts the compiler: processes below processes, none of them long-lived.
        let makefile = """
            all: \(objects)
            \t@true
            %.o: %.c
            \t@sh -c 'cc -O2 -c -o $@ $<; true'

            """
        try makefile.write(toFile: path + "/Makefile", atomically: false, encoding: .utf8)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
