/// Readers of cgroup v2 files, one extension for each.
public enum CgroupV2 {}
