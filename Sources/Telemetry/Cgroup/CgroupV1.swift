/// Readers of cgroup v1 files, one extension for each.
public enum CgroupV1 {}
