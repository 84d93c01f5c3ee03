package kemu.workload;

import java.util.List;

/** Operations on files: each thread's own, mapped shared and privately, and the one that is everybody's. */
final class FileOperations {
    static final List<StormOperation> ALL = List.of(
            new StormOperation("file-write", 6, false, (cpu, on) -> on.file().write(cpu, on.access(), on.random())),
            new StormOperation("file-copy", 6, true, (cpu, on) -> on.file().copy(cpu, on.access(), on.random())),
            new StormOperation("file-read", 5, true, (cpu, on) -> on.file().read(cpu, on.access(), on.random())),
            new StormOperation("file-remap", 2, true, (cpu, on) -> on.file().remap(cpu, on.user(), on.random())),
            new StormOperation("ftruncate", 3, false, (cpu, on) -> on.file().truncate(cpu, on.user(), on.random())),
            new StormOperation(
                    "fallocate", 2, false, (cpu, on) -> on.file().punch(cpu, on.user(), on.access(), on.random())),
            new StormOperation("fsync", 1, false, (cpu, on) -> on.file().sync(cpu, on.user())),
            new StormOperation(
                    "common-file",
                    6,
                    true,
                    (cpu, on) -> on.commonFile().call(cpu, on.user(), on.access(), on.random())));

    private FileOperations() {}
}
