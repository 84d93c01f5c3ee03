package kemu.cli;

import kemu.mm.huge.HugePages;
import kemu.mm.ksm.rules.KsmRuleSets;
import kemu.option.Sizes;
import kemu.option.UsageException;
import kemu.workload.WorkloadProvider;
import picocli.CommandLine.Option;

/** Options of {@code kemu run} that have the kernel move or merge pages of processes, which it does not by default. */
final class PageMovingOptions {
    private static final int MOST_SCANNED = 1_000_000;

    @Option(
            names = "--compact",
            paramLabel = "T",
            converter = Sizes.Millis.class,
            description = "a kernel thread compacts memory, moving pages, every so often (default: never)")
    private Long compact;

    @Option(
            names = "--ksm",
            paramLabel = "N",
            description = "ksmd merges equal pages of all private memory, looking at N pages in each tick (default: no"
                    + " page is merged; of ksm, mix and migrate: those that their processes offer)")
    private Integer ksm;

    @Option(
            names = "--thp",
            paramLabel = "WHEN",
            description = "never or always: anonymous memory is mapped by huge pages of 2 MiB where they fit (default:"
                    + " never; of thp and mix: always)")
    private String thp;

    @Option(
            names = "--khugepaged",
            paramLabel = "N",
            description = "khugepaged makes huge pages of small ones where huge pages are mapped, looking at N pages in"
                    + " each tick; 0 for none (default: none; of thp and mix: 4096)")
    private Integer khugepaged;

    @Option(
            names = "--move-stacks",
            description = "exec builds the stack of a program at the top of its memory and moves it to its place, with"
                    + " two pages of arguments (default: it is mapped where it will be, empty)")
    private boolean moveStacks;

    /** Refuses what is not allowed with {@code chosen}. */
    void check(WorkloadProvider chosen) {
        if (thp != null) {
            UsageException.requireOneOf("--thp", thp, HugePages.NAMES);
        }
        if (chosen.needsHugePages() && huge(chosen.thp()).equals(HugePages.NEVER)) {
            throw new UsageException("--thp: " + thp + " (allowed of " + chosen.name() + ": always)");
        }
        if (khugepaged != null) {
            UsageException.requireRange("--khugepaged", khugepaged, 0, MOST_SCANNED);
        }
        if (khugepaged(chosen) > 0 && huge(chosen.thp()).equals(HugePages.NEVER)) {
            throw new UsageException("--khugepaged: there are no huge pages without --thp always");
        }
        if (ksm == null) {
            return;
        }
        UsageException.requireRange("--ksm", ksm, 1, MOST_SCANNED);
        if (!chosen.mergesAny()) {
            throw new UsageException("--ksm: " + chosen.name() + " says itself what is merged");
        }
    }

    /** How often memory is compacted; 0 for never. */
    long compactMillis() {
        return compact == null ? 0 : compact;
    }

    /** The rules by which pages are merged, those of the workload being {@code own}. */
    String merging(String own) {
        return ksm == null ? own : KsmRuleSets.CURRENT;
    }

    /** Pages of any private memory that ksmd looks at in each tick; 0 if the workload says what is merged. */
    int ksmScan() {
        return ksm == null ? 0 : ksm;
    }

    /** Whether memory is mapped by huge pages, where the workload says {@code own}. */
    String huge(String own) {
        return thp == null ? own : thp;
    }

    /** Pages that khugepaged looks at in each tick, of {@code chosen}. */
    int khugepaged(WorkloadProvider chosen) {
        boolean never = huge(chosen.thp()).equals(HugePages.NEVER);
        return khugepaged != null ? khugepaged : never ? 0 : chosen.khugepaged();
    }

    /** Whether exec moves stacks. */
    boolean moveStacks() {
        return moveStacks;
    }

    /** What was chosen, for the first line of a run; empty by default. */
    String chosen() {
        return (compact == null ? "" : " compact=" + compact + "ms")
                + (ksm == null ? "" : " ksm=" + ksm)
                + (thp == null || thp.equals(HugePages.NEVER) ? "" : " thp=" + thp)
                + (khugepaged == null ? "" : " khugepaged=" + khugepaged)
                + (moveStacks ? " move-stacks=on" : "");
    }
}
