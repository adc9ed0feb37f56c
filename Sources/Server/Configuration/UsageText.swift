/// What `--help` prints.
enum UsageText {
    static var text: String {
        let width = 30
        let flags = ConfigurationKey.all.map { key in
            let flag = "  --\(key.name) \(key.value)"
            return flag + String(repeating: " ", count: max(2, width - flag.count)) + key.help
        }
        let commands = ServerCommand.allCases.map { command in
            "  " + command.rawValue + String(repeating: " ", count: width - 2 - command.rawValue.count)
                + command.summary
        }
        return """
            InfraMind's server: takes in what builds did, learns what they need, sizes the next one.

            Usage: inframind-server [command] [flags]

            \(commands.joined(separator: "\n"))

            \(flags.joined(separator: "\n"))
              --config FILE               configuration file (inframind.yaml in the working directory, if there is one)
              --help, --version

            Every flag is also an environment variable, INFRAMIND_PORT for --port, and a key of the file, port: 8080.
            Flags win over the environment, the environment over the file.

            Examples:
              inframind-server                                 try it on this machine
              inframind-server --port 0 --data /tmp/demo       a free port, its own folder
              inframind-server backup --data /var/lib/inframind --to /backup/monday.db
              inframind-server copy --from sqlite:/var/lib/inframind/inframind.db --to postgresql://inframind@db/inframind
              inframind-server notify-test --destination ops --config /etc/inframind/inframind.yaml
              INFRAMIND_TOKENS=payments=SECRET1,search=SECRET2 \\
                inframind-server --host 0.0.0.0 --environment production --data /var/lib/inframind --log-format json
            """
    }
}
