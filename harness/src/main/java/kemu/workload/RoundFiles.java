package kemu.workload;

import java.util.ArrayList;
import java.util.List;
import kemu.hw.cpu.Cpu;
import kemu.mm.Kernel;

/** The files of a round: one of each thread, and one that is everybody's. They go with their round. */
final class RoundFiles {
    private static final int PAGE = UserProgram.pageSize();

    private final Kernel kernel;
    private final StormLayout layout;
    private final Syscalls syscalls;
    private final MlockCalls calls;
    private final List<Long> files = new ArrayList<>();
    private final long firstKey;
    private final CommonFile common;

    /** Of {@code tasks} threads, in round {@code round}. Context: may sleep. */
    RoundFiles(Kernel kernel, Cpu cpu, StormLayout layout, int tasks, long round, Syscalls syscalls, MlockCalls calls) {
        this.kernel = kernel;
        this.layout = layout;
        this.syscalls = syscalls;
        this.calls = calls;
        firstKey = 1 + round * (tasks + 1);
        for (int i = 0; i <= tasks; i++) {
            int pages = i < tasks ? layout.filePages() : layout.commonPages();
            files.add(kernel.files().open(cpu, firstKey + i, (long) pages * PAGE));
        }
        common = new CommonFile(syscalls, calls, files.get(tasks), firstKey + tasks, layout.commonPages());
    }

    /** False if there was no memory for them. */
    boolean made() {
        return !files.contains(Cpu.NULL);
    }

    /** The file of all. */
    CommonFile common() {
        return common;
    }

    /** The file of task number {@code task}. */
    OwnFile own(int task) {
        return new OwnFile(layout.place(task, files.get(task), firstKey + task), syscalls, calls);
    }

    /** What files hold goes with their round. Context: no process is left. */
    void end(Cpu cpu) {
        for (long file : files) {
            if (file != Cpu.NULL) {
                kernel.truncate().ftruncate(cpu, file, 0);
                kernel.files().put(cpu, file);
            }
        }
        kernel.files().dropCaches(cpu);
    }
}
