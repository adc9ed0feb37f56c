import Glibc
import Telemetry

/// Finds the pods that are labelled as a step: by the files of their own volumes, else by asking the kubelet.
struct PodWatch {
    struct Configuration {
        /// The kubelet's read-only port, `http://127.0.0.1:10255`; `nil` asks nobody.
        var kubelet: ServerAddress?
        var connect: HTTPExchange.Connector = HTTPExchange.plain
        /// How long the kubelet may take for its whole answer.
        var exchangeSeconds = 5.0
    }

    struct Found {
        var key: StepKey
        var uid: String
        var places: CgroupAccount.Places
    }

    /// A pod whose labels are not known.
    private struct Unknown {
        var path: String
        var sinceSeconds: Double
    }

    /// Why the kubelet could not be asked, for the log; `nil` when it could, or was not.
    private(set) var trouble: String?

    private let roots: KernelRoots
    private let kubeletPaths: [String]
    private let configuration: Configuration
    private var cgroups: PodCgroups?
    /// Pods that have been judged, whatever they are.
    private var known: Set<String> = []
    private var unknown: [String: Unknown] = [:]
    private var exchange: HTTPExchange?
    private var askAgainSeconds = 0.0
    private var answered: [Found] = []

    /// A pod's cgroup is made before its volumes are filled; images may be pulled in between, but volumes come first.
    private static let patienceSeconds = 60.0
    /// The list of a full node is some megabytes to make and to read.
    private static let pauseSeconds = 5.0

    init(_ roots: KernelRoots, kubeletPaths: [String], _ configuration: Configuration) {
        self.roots = roots
        self.kubeletPaths = kubeletPaths
        self.configuration = configuration
    }

    /// What to wait for; `nil` while nobody is asked.
    var interest: DescriptorInterest? { exchange?.interest }

    /// The labelled pods that were not known before.
    mutating func scan(at moment: Moment) -> [Found] {
        defer { answered = [] }
        let isHere = kubeletPaths.contains { access($0, F_OK) == 0 }
        guard isHere || configuration.kubelet != nil else { return answered }
        let cgroups = cgroups ?? PodCgroups(roots)
        self.cgroups = cgroups
        let paths = cgroups.paths()
        known = known.filter { paths[$0] != nil }
        unknown = unknown.filter { paths[$0.key] != nil }
        var found = answered
        for (uid, path) in paths where !known.contains(uid) {
            let pod = unknown[uid] ?? Unknown(path: path, sinceSeconds: moment.monotonicSeconds)
            if let key = PodLabels.key(podUID: uid, kubeletPaths: kubeletPaths) {
                judge(uid)
                found.append(Found(key: key, uid: uid, places: cgroups.places(path)))
            } else if moment.monotonicSeconds - pod.sinceSeconds > Self.patienceSeconds {
                judge(uid)
            } else {
                unknown[uid] = pod
            }
        }
        ask(moment)
        return found
    }

    /// Goes on with a question to the kubelet; what it brings comes with the next ``scan(at:)``.
    mutating func advance(at moment: Moment) {
        guard let outcome = exchange?.advance(at: moment.monotonicSeconds) else { return }
        exchange = nil
        askAgainSeconds = moment.monotonicSeconds + Self.pauseSeconds
        switch outcome {
        case .failed(let reason): trouble = "the kubelet's /pods: \(reason)"
        case .answer(let answer):
            guard answer.status == 200, let list = PodList(answer.body) else {
                trouble = "the kubelet's /pods: answer \(answer.status) is no list of pods"
                return
            }
            trouble = nil
            take(list)
        }
    }

    private mutating func take(_ list: PodList) {
        for pod in list.pods {
            guard let waiting = unknown[pod.uid] else { continue }
            // A pod the kubelet lists has the labels it was made with: without ours it is nobody we follow.
            judge(pod.uid)
            if let key = StepKey(labels: { pod.value($0) }), let cgroups {
                answered.append(Found(key: key, uid: pod.uid, places: cgroups.places(waiting.path)))
            }
        }
    }

    private mutating func judge(_ uid: String) {
        known.insert(uid)
        unknown[uid] = nil
    }

    private mutating func ask(_ moment: Moment) {
        guard let kubelet = configuration.kubelet, exchange == nil, !unknown.isEmpty,
            moment.monotonicSeconds >= askAgainSeconds
        else { return }
        exchange = HTTPExchange(
            kubelet, request: HTTPExchange.request("GET", "/pods", to: kubelet), bodyLimitBytes: PodList.limitBytes,
            deadlineSeconds: moment.monotonicSeconds + configuration.exchangeSeconds, connect: configuration.connect)
    }
}
