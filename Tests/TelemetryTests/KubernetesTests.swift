import Testing

@testable import Telemetry

@Suite struct KubernetesTests {
    static let uid = "0b4f3a6e-1c2d-4e5f-8a9b-0c1d2e3f4a5b"
    static let escaped = "0b4f3a6e_1c2d_4e5f_8a9b_0c1d2e3f4a5b"

    @Test(
        "A cgroup's path tells its pod, whichever driver made it",
        arguments: [
            ("/kubepods/burstable/pod\(uid)/4f5e", uid, "/kubepods/burstable/pod\(uid)"),
            ("/kubepods/pod\(uid)", uid, "/kubepods/pod\(uid)"),
            (
                "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(escaped).slice/cri-containerd-9a.scope",
                uid, "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod\(escaped).slice"
            ),
            ("/kubepods.slice/kubepods-pod\(escaped).slice", uid, "/kubepods.slice/kubepods-pod\(escaped).slice"),
            (
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod\(escaped).slice/x",
                uid,
                "/kubelet.slice/kubelet-kubepods.slice/kubelet-kubepods-besteffort.slice/kubelet-kubepods-besteffort-pod\(escaped).slice"
            ),
            (
                "/kubepods/besteffort/podfb5d1f2a3c4e5b6a7d8e9f0011223344/c", "fb5d1f2a3c4e5b6a7d8e9f0011223344",
                "/kubepods/besteffort/podfb5d1f2a3c4e5b6a7d8e9f0011223344"
            ),
            ("/", nil, nil), ("/system.slice/podman.service", nil, nil), ("/kubepods/burstable", nil, nil),
            ("/user.slice/podcast-pod\(escaped).slice", nil, nil), ("/kubepods/pod../../x", nil, nil),
            ("/kubepods/pod\(uid)0000", nil, nil),
        ] as [(String, String?, String?)])
    func paths(path: String, uid: String?, podPath: String?) {
        let found = PodCgroupPath(path)
        #expect(found?.podUID == uid)
        #expect(found?.podPath == podPath)
    }

    @Test("A downward API file is read line by line, and what is no label is left out")
    func downward() {
        let text = """
            app="builder"
            inframind.io/run-id="build/7 \\"quoted\\" \\\\ done"
            empty=""
            broken="x
            also=broken
            ="nameless"
            nul="\\x00"
            inner="a"b"
            last="no line feed"
            """
        #expect(
            DownwardAPIFile.values(KernelText(text)) == [
                "app": "builder", "inframind.io/run-id": #"build/7 "quoted" \ done"#, "empty": "",
                "last": "no line feed",
            ])
    }

    @Test("The kubelet's list gives UID, labels and annotations of each pod")
    func list() throws {
        let text = """
            {"kind":"PodList","metadata":{},"items":[
              {"metadata":{"name":"a","uid":"\(Self.uid)","labels":{"inframind.io/run-id":"r-1"},"annotations":null},
               "spec":{"containers":[{"name":"c","env":[{"name":"x","value":"]}\\""}]}]},"status":{"n":-1.5e3,"b":true}},
              {"metadata":{"labels":{},"uid":"api-uid","annotations":{"kubernetes.io/config.hash":"abc",
               "inframind.io/run-id":"gruppe/\\u00fc"}}},
              {"metadata":{"name":"without uid"}}
            ]}
            """
        let list = try #require(PodList(Array(text.utf8)))
        #expect(list.pods.map(\.uid) == [Self.uid, "abc"])
        #expect(list.pods[0].value("inframind.io/run-id") == "r-1")
        #expect(list.pods[1].value("inframind.io/run-id") == "gruppe/ü")
        #expect(PodList(Array(#"{"items":[]}"#.utf8))?.pods == [])
    }

    @Test(
        "What is no list of pods is refused, never crashed on",
        arguments: [
            "", "{", "[]", "null", #"{"items":{}}"#, #"{"items":[1]}"#, #"{"items":[{"metadata":{"uid":7}}]}"#,
            #"{"items":[]} trailing"#, #"{"items":[{"metadata":{"uid":"x"#, #"{"a":"\"#,
            #"{"items":[{"metadata":{"uid":"\u12"}}]}"#,
            String(repeating: #"{"a":"#, count: 100_000), String(repeating: "[", count: 100_000),
        ])
    func hostile(text: String) {
        #expect(PodList(Array(text.utf8)) == nil)
    }

    @Test("Every prefix of a list is refused")
    func prefixes() {
        let text = Array(#"{"items":[{"metadata":{"uid":"u","labels":{"a":"b\n"}},"spec":[1,{}]}]}"#.utf8)
        #expect(PodList(text) != nil)
        for length in text.indices { #expect(PodList(Array(text[..<length])) == nil) }
    }
}
