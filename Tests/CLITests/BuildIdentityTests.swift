import Builds
import Scaffolding
import Testing

@testable import CLI

@Suite struct BuildIdentityTests {
    private func identity(
        _ environment: [String: String], pipeline: String? = nil, directory: String = "/nonexistent/tree"
    ) -> BuildIdentity {
        BuildIdentity(
            pipeline: pipeline, stage: nil, environment: environment, directory: directory, hostName: "host",
            random: 0xABC)
    }

    struct Row: Sendable {
        var environment: [String: String]
        var pipeline: String
        var stage = ""
        var branch = ""
        var commit = ""
        var runID: String
        var system: String?
        var url: String?
        var attempt: Int?
    }

    @Test(
        "Each CI system is understood by its own variables",
        arguments: [
            Row(
                environment: [
                    "JENKINS_URL": "http://j/", "JOB_NAME": "app/main", "BUILD_NUMBER": "7",
                    "GIT_BRANCH": "origin/main",
                    "GIT_COMMIT": "abc", "BUILD_URL": "http://j/7", "STAGE_NAME": "Build",
                ],
                pipeline: "app/main", stage: "Build", branch: "origin/main", commit: "abc",
                runID: "jenkins-app/main-7-00000abc", system: "jenkins", url: "http://j/7"),
            Row(
                environment: [
                    "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "o/r", "GITHUB_WORKFLOW": "CI",
                    "GITHUB_JOB": "build",
                    "GITHUB_HEAD_REF": "", "GITHUB_REF_NAME": "main", "GITHUB_SHA": "abc", "GITHUB_RUN_ID": "99",
                    "GITHUB_RUN_ATTEMPT": "2", "GITHUB_SERVER_URL": "https://github.com",
                ],
                pipeline: "o/r/CI", stage: "build", branch: "main", commit: "abc",
                runID: "github-99-2-build-00000abc", system: "github",
                url: "https://github.com/o/r/actions/runs/99", attempt: 2),
            Row(
                environment: [
                    "GITLAB_CI": "true", "CI_PROJECT_PATH": "g/p", "CI_JOB_NAME": "compile",
                    "CI_COMMIT_REF_NAME": "dev",
                    "CI_COMMIT_SHA": "abc", "CI_PIPELINE_ID": "1", "CI_JOB_ID": "2", "CI_JOB_URL": "https://g/2",
                ],
                pipeline: "g/p", stage: "compile", branch: "dev", commit: "abc", runID: "gitlab-1-2-00000abc",
                system: "gitlab", url: "https://g/2"),
            Row(
                environment: [
                    "CIRCLECI": "true", "CIRCLE_PROJECT_USERNAME": "o", "CIRCLE_PROJECT_REPONAME": "r",
                    "CIRCLE_JOB": "build", "CIRCLE_BRANCH": "b", "CIRCLE_SHA1": "abc", "CIRCLE_BUILD_NUM": "5",
                ],
                pipeline: "o/r", stage: "build", branch: "b", commit: "abc", runID: "circleci-r-5-00000abc",
                system: "circleci"),
            Row(
                environment: [
                    "BUILDKITE": "true", "BUILDKITE_PIPELINE_SLUG": "p", "BUILDKITE_BRANCH": "b",
                    "BUILDKITE_COMMIT": "abc", "BUILDKITE_BUILD_ID": "u", "BUILDKITE_RETRY_COUNT": "0",
                ],
                pipeline: "p", branch: "b", commit: "abc", runID: "buildkite-u-00000abc", system: "buildkite",
                attempt: 1),
            Row(environment: [:], pipeline: "tree", runID: "local-00000abc"),
        ])
    func systems(row: Row) {
        let found = identity(row.environment)
        #expect(found.pipeline == row.pipeline)
        #expect(found.stage == row.stage)
        #expect(found.branch == row.branch)
        #expect(found.commit == row.commit)
        #expect(found.runID.rawValue == row.runID)
        #expect(found.isRunIDGenerated)
        #expect(found.ci == row.system.map { CISystem(system: $0, url: row.url, attempt: row.attempt) })
        #expect(found.node == "host")
    }

    @Test("A run id from outside is taken, and inside a wrapped command the run is the outer one's")
    func runID() {
        let given = identity(["INFRAMIND_RUN_ID": "mine"])
        #expect(given.runID.rawValue == "mine" && !given.isRunIDGenerated && !given.isNested)
        #expect(identity(["INFRAMIND_RUN_ID": "mine", "INFRAMIND_STEP_ID": "s"]).isNested)
        #expect(!identity(["INFRAMIND_STEP_ID": "s"]).isNested)
    }

    @Test("An explicit pipeline wins, and an attempt may be stated")
    func explicit() {
        let found = identity(["GITLAB_CI": "1", "CI_PROJECT_PATH": "g/p", "INFRAMIND_ATTEMPT": "3"], pipeline: "mine")
        #expect(found.pipeline == "mine")
        #expect(found.ci?.attempt == 3)
    }

    @Test("Names lose control characters and what is too long")
    func clean() {
        #expect(BuildIdentity.clean("a\n\u{7F}b\u{1B}[31m") == "ab[31m")
        #expect(BuildIdentity.clean(String(repeating: "é", count: 2000)).utf8.count == 1024)
        #expect(identity(["INFRAMIND_RUN_ID": "\n"]).isRunIDGenerated)
        #expect(
            identity(["BUILD_TAG": "1", "JOB_NAME": String(repeating: "x", count: 5000)]).runID.rawValue.utf8.count
                <= 1024)
    }
}

@Suite struct GitCheckoutTests {
    private let commit = String(repeating: "a", count: 40)

    @Test("Branch, commit and remote are read from the files")
    func loose() throws {
        let folder = try TemporaryFolder()
        try folder.write("ref: refs/heads/feature/x\n", to: ".git/HEAD")
        try folder.write(commit + "\n", to: ".git/refs/heads/feature/x")
        try folder.write(
            "[core]\n\turl = no\n[remote \"origin\"]\n\turl = https://u:secret@h/o/r.git\n", to: ".git/config")
        try folder.write("", to: "src/deep/file")
        let git = try #require(GitCheckout(directory: folder.path + "/src/deep"))
        #expect(git.branch == "feature/x" && git.commit == commit && git.remote == "https://h/o/r.git")
        let identity = BuildIdentity(
            pipeline: nil, stage: nil, environment: [:], directory: folder.path, hostName: nil, random: 0)
        #expect(
            identity.pipeline == "o/r" && identity.branch == "feature/x" && identity.repository == "https://h/o/r.git")
    }

    @Test("A packed reference, a linked work tree and a detached head are followed")
    func variants() throws {
        let folder = try TemporaryFolder()
        try folder.write("ref: refs/heads/main\n", to: "main/.git/HEAD")
        try folder.write("# pack-refs\n\(commit) refs/heads/main\n", to: "main/.git/packed-refs")
        #expect(GitCheckout(directory: folder.path + "/main")?.commit == commit)
        try folder.write("gitdir: ../main/.git/worktrees/w\n", to: "w/.git")
        try folder.write("ref: refs/heads/main\n", to: "main/.git/worktrees/w/HEAD")
        try folder.write("../..\n", to: "main/.git/worktrees/w/commondir")
        let linked = try #require(GitCheckout(directory: folder.path + "/w"))
        #expect(linked.branch == "main" && linked.commit == commit)
        try folder.write(commit + "\n", to: "d/.git/HEAD")
        let detached = try #require(GitCheckout(directory: folder.path + "/d"))
        #expect(detached.branch == nil && detached.commit == commit)
    }

    @Test("Odd files say nothing and hurt nobody", arguments: ["", "\n", "ref: ", "ref: ../../../etc/passwd", "zzz"])
    func odd(head: String) throws {
        let folder = try TemporaryFolder()
        try folder.write(head, to: ".git/HEAD")
        #expect(GitCheckout(directory: folder.path)?.commit == nil)
    }

    @Test(
        "A remote address gives the project's path",
        arguments: [
            ("https://github.com/o/r.git", "o/r"), ("git@host:g/sub/p.git", "g/sub/p"), ("ssh://git@h:22/o/r", "o/r"),
            ("https://h", nil), ("/srv/git/app.git", "srv/git/app"),
        ])
    func projectPath(remote: String, path: String?) {
        #expect(GitCheckout.projectPath(remote: remote) == path)
    }
}
