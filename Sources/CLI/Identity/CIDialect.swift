import Builds

/// The environment variables by which one CI system says what it runs.
///
/// Each list is tried in order; the first variable that is set and not empty counts.
struct CIDialect: Sendable {
    var name: String
    /// Set when, and only when, this system runs the build.
    var markers: [String]
    /// Each alternative is a list of variables joined by `/`; all of them must be set.
    var pipeline: [[String]]
    var stage: [String] = []
    var branch: [String]
    var commit: [String]
    var url: [String] = []
    var image: [String] = []
    var repository: [String] = []
    /// Joined by `-`; those that are not set are left out.
    var runKey: [String]
    var attempt: String?
    /// Added to the number in `attempt`: some systems count retries from 0.
    var attemptOffset = 0

    static let all: [CIDialect] = [github, gitlab, circleCI, buildkite, jenkins]

    static let github = CIDialect(
        name: "github", markers: ["GITHUB_ACTIONS"], pipeline: [["GITHUB_REPOSITORY", "GITHUB_WORKFLOW"]],
        stage: ["GITHUB_JOB"], branch: ["GITHUB_HEAD_REF", "GITHUB_REF_NAME"], commit: ["GITHUB_SHA"],
        repository: ["GITHUB_REPOSITORY"], runKey: ["GITHUB_RUN_ID", "GITHUB_RUN_ATTEMPT", "GITHUB_JOB"],
        attempt: "GITHUB_RUN_ATTEMPT")

    static let gitlab = CIDialect(
        name: "gitlab", markers: ["GITLAB_CI"], pipeline: [["CI_PROJECT_PATH"]],
        stage: ["CI_JOB_NAME", "CI_JOB_STAGE"],
        branch: ["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_BRANCH", "CI_COMMIT_REF_NAME"],
        commit: ["CI_COMMIT_SHA"], url: ["CI_JOB_URL", "CI_PIPELINE_URL"], image: ["CI_JOB_IMAGE"],
        repository: ["CI_PROJECT_PATH"], runKey: ["CI_PIPELINE_ID", "CI_JOB_ID"])

    static let circleCI = CIDialect(
        name: "circleci", markers: ["CIRCLECI"],
        pipeline: [["CIRCLE_PROJECT_USERNAME", "CIRCLE_PROJECT_REPONAME"], ["CIRCLE_PROJECT_REPONAME"]],
        stage: ["CIRCLE_JOB"], branch: ["CIRCLE_BRANCH", "CIRCLE_TAG"], commit: ["CIRCLE_SHA1"],
        url: ["CIRCLE_BUILD_URL"], repository: ["CIRCLE_REPOSITORY_URL"],
        runKey: ["CIRCLE_PROJECT_REPONAME", "CIRCLE_BUILD_NUM"])

    static let buildkite = CIDialect(
        name: "buildkite", markers: ["BUILDKITE"],
        pipeline: [["BUILDKITE_ORGANIZATION_SLUG", "BUILDKITE_PIPELINE_SLUG"], ["BUILDKITE_PIPELINE_SLUG"]],
        stage: ["BUILDKITE_LABEL"], branch: ["BUILDKITE_BRANCH"], commit: ["BUILDKITE_COMMIT"],
        url: ["BUILDKITE_BUILD_URL"], repository: ["BUILDKITE_REPO"],
        runKey: ["BUILDKITE_BUILD_ID", "BUILDKITE_JOB_ID"],
        attempt: "BUILDKITE_RETRY_COUNT", attemptOffset: 1)

    static let jenkins = CIDialect(
        name: "jenkins", markers: ["JENKINS_URL", "BUILD_TAG"], pipeline: [["JOB_NAME"]], stage: ["STAGE_NAME"],
        branch: ["CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"], commit: ["GIT_COMMIT"], url: ["BUILD_URL"],
        repository: ["GIT_URL"], runKey: ["JOB_NAME", "BUILD_NUMBER"])
}

extension CIDialect {
    /// The system that runs this build; `nil` outside CI, and inside one we do not know.
    static func detect(_ environment: [String: String]) -> CIDialect? {
        all.first { dialect in dialect.markers.contains { environment[$0]?.isEmpty == false } }
    }

    func first(_ names: [String], in environment: [String: String]) -> String? {
        names.lazy.compactMap { environment[$0] }.first { !$0.isEmpty }
    }

    func pipelineName(in environment: [String: String]) -> String? {
        for names in pipeline {
            let values = names.compactMap { environment[$0] }.filter { !$0.isEmpty }
            if values.count == names.count { return values.joined(separator: "/") }
        }
        return nil
    }

    /// Which run this is, the same for every command of one job.
    func key(in environment: [String: String]) -> String? {
        let values = runKey.compactMap { environment[$0] }.filter { !$0.isEmpty }
        return values.isEmpty ? nil : ([name] + values).joined(separator: "-")
    }

    func ciSystem(in environment: [String: String]) -> CISystem {
        var link = first(url, in: environment)
        if link == nil, let server = environment["GITHUB_SERVER_URL"],
            let repository = environment["GITHUB_REPOSITORY"],
            let run = environment["GITHUB_RUN_ID"]
        {
            link = "\(server)/\(repository)/actions/runs/\(run)"
        }
        let number = attempt.flatMap { environment[$0] }.flatMap(Int.init)
        let counted = number.flatMap { (0..<10_000).contains($0) ? $0 + attemptOffset : nil }
        return CISystem(system: name, url: link, attempt: counted.map { max(1, $0) })
    }
}
