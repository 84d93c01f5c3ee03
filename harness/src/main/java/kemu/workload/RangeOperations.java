package kemu.workload;

import java.util.List;
import kemu.hw.cpu.Cpu;

/** Operations on anonymous memory: a thread's own, and what the threads of its process have in common. */
final class RangeOperations {
    static final List<StormOperation> ALL = List.of(
            own("access", 20, ThreadStorm.Call.FAULTS),
            own("mmap", 3, ThreadStorm.Call.MMAP),
            own("munmap", 3, ThreadStorm.Call.MUNMAP),
            own("mprotect", 3, ThreadStorm.Call.MPROTECT),
            own("madvise", 2, ThreadStorm.Call.MADVISE),
            own("mremap", 2, ThreadStorm.Call.MREMAP),
            new StormOperation("sweep", 1, true, (cpu, on) -> on.own().sweep(cpu, on.user(), on.random())),
            new StormOperation("common-access", 6, true, (cpu, on) -> common(cpu, on, ThreadStorm.Call.FAULTS)),
            new StormOperation("common-change", 4, true, RangeOperations::change),
            new StormOperation(
                    "stripe-write", 5, true, (cpu, on) -> on.stripes().write(cpu, on.user(), on.random())),
            new StormOperation("stripe-read", 3, true, (cpu, on) -> on.stripes().read(cpu, on.user(), on.random())),
            new StormOperation(
                    "stripe-protect", 4, true, (cpu, on) -> on.stripes().protect(cpu, on.user(), on.random())),
            new StormOperation("reclaim", 1, true, RangeOperations::reclaim));

    private static final ThreadStorm.Call[] CHANGES = {
        ThreadStorm.Call.MMAP,
        ThreadStorm.Call.MUNMAP,
        ThreadStorm.Call.MPROTECT,
        ThreadStorm.Call.MADVISE,
        ThreadStorm.Call.MREMAP
    };

    private RangeOperations() {}

    private static StormOperation own(String name, int weight, ThreadStorm.Call call) {
        return new StormOperation(name, weight, true, (cpu, on) -> on.own().call(cpu, on.user(), on.random(), call));
    }

    private static boolean common(Cpu cpu, StormThread on, ThreadStorm.Call call) {
        return on.common().call(cpu, on.user(), on.random(), call);
    }

    private static boolean change(Cpu cpu, StormThread on) {
        return common(cpu, on, CHANGES[on.random().nextInt(CHANGES.length)]);
    }

    private static boolean reclaim(Cpu cpu, StormThread on) {
        on.storm().syscalls().reclaim(cpu);
        return true;
    }
}
