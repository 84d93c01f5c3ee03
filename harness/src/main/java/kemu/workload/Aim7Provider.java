package kemu.workload;

import java.util.List;
import java.util.function.BiFunction;
import kemu.mm.Kernel;
import kemu.mm.KernelConfig;
import kemu.option.UsageException;
import picocli.CommandLine.Option;

/** {@code kemu run aim7}. */
final class Aim7Provider implements WorkloadProvider {
    /** An anon_vma for each process, chained: 2.6.34. */
    private static final String CHAINS = "chains";
    /** One anon_vma for a parent and all its children: until 2.6.33. */
    private static final String ONE = "one";

    private static final String ONE_FOR_FAMILY = "one-for-family";

    @Option(
            names = "--children",
            paramLabel = "N",
            defaultValue = "1000",
            description = "children alive at once (default 1000)")
    private int children;

    @Option(
            names = "--pages",
            paramLabel = "P",
            defaultValue = "16",
            description = "pages of the parent, which each child copies (default 16)")
    private int pages;

    @Option(
            names = "--anon-vmas",
            paramLabel = "chains|one",
            defaultValue = CHAINS,
            description = "an anon_vma for each process, or one for the parent and all its children, as until 2.6.33"
                    + " (default chains)")
    private String anonVmas;

    @Option(names = "--rounds", paramLabel = "N", description = "parents one after the other (default 1)")
    private Long rounds;

    @Override
    public String name() {
        return "aim7";
    }

    @Override
    public String description() {
        return "children of one parent copy its pages and stay alive while all are reclaimed: how long rmap walks are";
    }

    @Override
    public List<String> latencies() {
        return List.of("mmap", "fork", "exit", "fault_anon", "fault_cow", "fault_reuse");
    }

    @Override
    public void check(boolean timed) {
        UsageException.requireRange("--children", children, 1, Aim7.MOST_CHILDREN);
        UsageException.requireRange("--pages", pages, 1, Aim7.MOST_PAGES);
        UsageException.requireOneOf("--anon-vmas", anonVmas, List.of(CHAINS, ONE));
        WorkloadProvider.requireOneLimit("--rounds", rounds, 1_000_000_000L, timed);
    }

    @Override
    public KernelConfig kernel(KernelConfig usual) {
        return anonVmas.equals(ONE) ? usual.withAnonVmaRules(ONE_FOR_FAMILY) : usual;
    }

    @Override
    public BiFunction<Kernel, Counts, Workload> workload(boolean timed) {
        long many = rounds != null ? rounds : timed ? 0 : 1;
        return (kernel, counts) -> new Aim7(kernel, counts, new Aim7.Plan(children, pages, many));
    }
}
