package kemu.check.dump;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import kemu.hw.machine.MachineConfig;
import kemu.hw.machine.NativeMachine;
import kemu.hw.mem.PhysMem;
import kemu.kernel.task.KernelCore;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.mm.huge.HugePages;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.mm.page.Page;
import kemu.mm.vma.lookup.VmaLookups;

/**
 * The machine and the kernel of a run, and both as one line of text: a dump of the run is opened on the same.
 *
 * @param machine how the machine is built
 * @param kernel how the kernel is built
 */
public record RunMachine(MachineConfig machine, KernelConfig kernel) {
    /** What stands in a dump in the place of a scenario. */
    static final String SCENARIO = "run";

    private static final int TASK_SLOTS = 4096;
    private static final long MOST_MEMORY = 1L << 40;
    private static final long MOST_JIFFIES = Integer.MAX_VALUE;
    private static final long HASH_FACTOR = 0x9e37_79b9_7f4a_7c15L;

    /** A kernel that was booted on a machine. */
    public record Booted(NativeMachine machine, Kernel kernel) {}

    /** A machine with the slots for tasks that a run needs. */
    public static MachineConfig machineOf(
            long memoryBytes, int cpus, long seed, boolean preemptible, String spinLock, boolean pollBeforeLocks) {
        return new MachineConfig(memoryBytes, cpus, seed, preemptible, spinLock, TASK_SLOTS)
                .withPollBeforeLocks(pollBeforeLocks);
    }

    /** Builds the machine and boots the kernel; kernel threads are not started. */
    public Booted boot() {
        NativeMachine booted = KernelCore.bootNative(machine);
        try {
            return new Booted(booted, new Kernel(booted, kernel));
        } catch (RuntimeException | Error failed) {
            booted.close();
            throw failed;
        }
    }

    /** As {@link #of} reads it. */
    String options() {
        return "memory=" + machine.memoryBytes() + " cpus=" + machine.cpus() + " seed=" + machine.seed() + " preempt="
                + machine.preemptible() + " spinlock=" + machine.spinLock() + " poll=" + machine.pollBeforeLocks()
                + " swap_pages=" + kernel.swapPages() + " anon_vma=" + kernel.anonVma() + " rcu=" + kernel.rcu()
                + (kernel.vmaLookup().equals(VmaLookups.DEFAULT) ? "" : " vma_lookup=" + kernel.vmaLookup())
                + (kernel.ksm().equals(KsmRuleSets.OFF) ? "" : " ksm=" + kernel.ksm())
                + (kernel.compactJiffies() == 0 ? "" : " compact=" + kernel.compactJiffies())
                + (kernel.hasHuge() ? " thp=" + kernel.thp() : "")
                + (kernel.khugepaged() == 0 ? "" : " khugepaged=" + kernel.khugepaged())
                + (kernel.moveStacks() ? " move_stacks=true" : "");
    }

    /** What {@link #options} has written. @throws IllegalArgumentException if it names something unknown */
    static RunMachine of(String options, Consumer<String> log) {
        Map<String, String> values = new HashMap<>();
        for (String option : options.split(" ")) {
            int at = option.indexOf('=');
            if (at > 0) {
                values.put(option.substring(0, at), option.substring(at + 1));
            }
        }
        long memory = number(values, "memory", PhysMem.PAGE_SIZE, MOST_MEMORY);
        MachineConfig machine = machineOf(
                memory,
                (int) number(values, "cpus", 1, MachineConfig.MAX_CPUS),
                number(values, "seed", Long.MIN_VALUE, Long.MAX_VALUE),
                Boolean.parseBoolean(text(values, "preempt")),
                text(values, "spinlock"),
                Boolean.parseBoolean(text(values, "poll")));
        int swapPages = (int) number(values, "swap_pages", 0, MOST_MEMORY >>> PhysMem.PAGE_SHIFT);
        return new RunMachine(
                machine,
                new KernelConfig(text(values, "anon_vma"), swapPages, log)
                        .withRcu(text(values, "rcu"))
                        .withVmaLookup(values.getOrDefault("vma_lookup", VmaLookups.DEFAULT))
                        .withKsm(values.getOrDefault("ksm", KsmRuleSets.OFF))
                        .withThp(values.getOrDefault("thp", HugePages.NEVER))
                        .withKhugepaged(
                                values.containsKey("khugepaged")
                                        ? (int) number(values, "khugepaged", 1, MOST_JIFFIES)
                                        : 0)
                        .withMoveStacks(Boolean.parseBoolean(values.get("move_stacks")))
                        .withCompactJiffies(
                                values.containsKey("compact") ? number(values, "compact", 1, MOST_JIFFIES) : 0));
    }

    private static String text(Map<String, String> values, String key) {
        String value = values.get(key);
        if (value == null) {
            throw new IllegalArgumentException("options are incomplete: no " + key);
        }
        return value;
    }

    private static long number(Map<String, String> values, String key, long least, long most) {
        long value = Long.parseLong(text(values, key));
        if (value < least || value > most) {
            throw new IllegalArgumentException(key + ": " + value + " (allowed: " + least + ".." + most + ")");
        }
        return value;
    }

    /** Tells builds apart whose memory is laid out differently: caches, their structs, and what boot has taken. */
    static long layoutHash(Kernel kernel) {
        StringBuilder text = new StringBuilder();
        for (var cache : kernel.slabs().caches()) {
            if (cache != null) {
                text.append(cache.name()).append(structOf(cache.name())).append('\n');
            }
        }
        for (String name : new String[] {"task_struct", "page", "spinlock", "rw_semaphore"}) {
            text.append(name).append(structOf(name)).append('\n');
        }
        long hash = kernel.pages().pageOfPfn(0) ^ Page.LAYOUT.sizeBytes();
        for (int i = 0; i < text.length(); i++) {
            hash = Long.rotateLeft((hash ^ text.charAt(i)) * HASH_FACTOR, 31);
        }
        return hash;
    }

    private static String structOf(String name) {
        var layout = kemu.hw.layout.StructLayout.named(name);
        StringBuilder text = new StringBuilder();
        if (layout != null) {
            text.append(layout.sizeBytes());
            layout.members()
                    .forEach(member -> text.append(' ').append(member.name()).append(member.offset()));
        }
        return text.toString();
    }
}
