package kemu.bench;

import java.util.List;
import java.util.function.Consumer;
import kemu.check.scenario.OwnVariants;
import kemu.hw.cpu.Cpu;
import kemu.kernel.task.Sched;
import kemu.mm.Kernel;
import kemu.mm.page.Gfp;

/** Two CPUs that do nothing but access memory of their own: what an access costs with all oracles on. */
final class OwnAccesses implements OwnVariants {
    /** Rounds of each task; with {@link #PER_ROUND} the number of accesses. */
    static final int ROUNDS = 5_000;

    /** Accesses of a round: five plain loads, two plain stores, two marked loads, one marked store. */
    static final int PER_ROUND = 10;

    @Override
    public String name() {
        return "accesses";
    }

    @Override
    public String description() {
        return "accesses of two CPUs to their own memory";
    }

    @Override
    public List<String> variants() {
        return List.of("kernel");
    }

    @Override
    public Consumer<Cpu> build(Kernel kernel, String variant) {
        for (int i = 0; i < cpus(); i++) {
            Cpu boot = kernel.machine().cpu(i);
            long frame = kernel.pages().frameOf(kernel.pages().allocPages(boot, Gfp.KERNEL | Gfp.ZERO, 0));
            Sched.of(kernel.machine()).spawn(boot, cpu -> access(cpu, frame), i, "accesses", 0);
        }
        return cpu -> {};
    }

    private static void access(Cpu cpu, long frame) {
        for (int round = 0; round < ROUNDS; round++) {
            long at = frame + (round & 31) * 64L;
            long sum = cpu.read64(at) + cpu.read64(at + 8) + cpu.read64(at + 16) + cpu.read64(at + 24);
            cpu.write64(at, sum + 1);
            cpu.write64(at + 8, sum);
            sum += cpu.readOnce64(at + 32) + cpu.readOnce64(at + 40) + cpu.read64(at + 48);
            cpu.writeOnce64(at + 32, sum);
        }
    }
}
