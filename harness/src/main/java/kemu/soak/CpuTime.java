package kemu.soak;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import kemu.hw.cpu.Mode;
import kemu.hw.cpu.NativeCpu;
import kemu.hw.machine.NativeMachine;

/** Processor time of a run: of the whole JVM, and of the part spent inside emulated kernel code. */
final class CpuTime {
    private static final double NANOS = 1e9;

    private CpuTime() {}

    /** User and system seconds of the JVM since it started, compiler and collector included. */
    static double processSeconds() {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean os) {
            return os.getProcessCpuTime() / NANOS;
        }
        return 0;
    }

    /**
     * Seconds of processor time in {@code mode} over all CPUs: each CPU thread's processor time, shared out by the wall
     * time its CPU spent in each mode while not idle. Call it while the CPU threads live.
     */
    static double modeSeconds(NativeMachine machine, int mode) {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        double total = 0;
        for (int i = 0; i < machine.cpus(); i++) {
            NativeCpu cpu = machine.cpu(i);
            Thread host = cpu.hostThread();
            double busy = (double) cpu.modeNanos(Mode.KERNEL) + cpu.modeNanos(Mode.USER);
            if (host != null && busy > 0) {
                double spent = Math.min(busy, Math.max(0, threads.getThreadCpuTime(host.threadId())));
                total += spent * (cpu.modeNanos(mode) / busy) / NANOS;
            }
        }
        return total;
    }
}
