package kemu.soak;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/**
 * Everything that a run depends on, as given on the command line.
 *
 * @param workload name of the workload
 * @param cpus emulated CPUs
 * @param memoryBytes emulated memory
 * @param swapBytes size of the swap area
 * @param seed the one seed
 * @param anonVma anon_vma locking strategy
 * @param vmaLookup how a fault finds its VMA
 * @param mlock how pages are mlocked
 * @param compactMillis how often memory is compacted; 0 for never
 * @param ksm rules by which equal pages are merged
 * @param ksmScan pages of any private memory that ksmd looks at in each tick; 0 if the workload says what to merge
 * @param thp whether anonymous memory is mapped by huge pages
 * @param moveStacks whether exec builds stacks elsewhere and moves them
 * @param khugepaged pages that khugepaged looks at in each tick; 0 for none
 * @param spinLock spinlock algorithm
 * @param preemptible whether the kernel is preemptible
 * @param rcu flavour of RCU
 * @param pollBeforeLocks whether spinlocks serve interrupts first: a bias towards readers that are preempted
 * @param durationMillis stop starting work after this long; 0 for no limit
 * @param allowed what may be lost without weakening the verdict
 * @param measured what is measured beside counters
 * @param arguments the command line as typed, without the program's name
 * @param out directory for the report files, or null
 */
public record RunConfig(
        String workload,
        int cpus,
        long memoryBytes,
        long swapBytes,
        long seed,
        String anonVma,
        String vmaLookup,
        String mlock,
        long compactMillis,
        String ksm,
        int ksmScan,
        String thp,
        boolean moveStacks,
        int khugepaged,
        String spinLock,
        boolean preemptible,
        String rcu,
        boolean pollBeforeLocks,
        long durationMillis,
        Set<LostWork> allowed,
        Measured measured,
        List<String> arguments,
        Path out) {}
