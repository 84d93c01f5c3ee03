package kemu.check;

import static kemu.check.scenario.Expectation.fails;
import static kemu.check.scenario.Expectation.hides;
import static kemu.check.scenario.Expectation.inapplicable;

import kemu.check.scenario.Expectation;
import kemu.check.scenario.Subject;
import kemu.hw.explore.Result.Verdict;
import kemu.hw.mem.FailureKind;

/** How {@code --slab-reuse} changes what must be found: what cannot happen when freed objects are kept back. */
final class ExpectedReuse {
    private static final String DELAYED = "delayed";

    private static final String OBJECT_RCU = "object-rcu";

    /**
     * Scenarios whose premise does not come about: the mode, or empty for each that keeps objects back; the scenario;
     * and what it needs.
     */
    private static final String[][] NEEDS = {
        {"", "rmap-object-rcu", "the child's anon_vma must be reused by the write after its exit"},
        {"", "rmap-stale-ok", "the owner's anon_vma must be reused by the write after its exit"},
        {"", "rmap-no-mapped-test", "the slab page of the anon_vma must be given back in it"},
        {DELAYED, "slab-page-recycle", "the object's page must go to a slab of another type in it"},
        {DELAYED, "slab-norcu-reader", "the object's page must go to a slab of another type in it"},
    };

    private ExpectedReuse() {}

    /** What must be found of {@code subject}, of which {@code usual} is found with slabs as the variant has them. */
    static Expectation with(Subject subject, Expectation usual) {
        String reuse = subject.slabReuse();
        String scenario = subject.scenario();
        if (scenario.equals("slab-quarantine") || scenario.equals("slab-objrcu")) {
            return reuse.isEmpty()
                    ? ofVariant(subject, usual)
                    : inapplicable("its variants are ways of reuse themselves");
        }
        if (reuse.isEmpty() || reuse.equals("fast")) {
            return usual;
        }
        for (String[] row : NEEDS) {
            if (row[1].equals(scenario) && (row[0].isEmpty() || row[0].equals(reuse))) {
                return inapplicable(row[2] + ", and --slab-reuse " + reuse + " keeps freed objects back");
            }
        }
        if (reuse.equals(OBJECT_RCU) && scenario.equals("slab-norcu-reader") && usual.verdict() == Verdict.FAIL) {
            // The object waits for one grace period and its page for another. No tick in the lookup ends both, so the
            // type stays; one tick ends the first, and what the lookup then reads is free.
            return fails(FailureKind.USE_AFTER_FREE, FailureKind.DATA_RACE);
        }
        boolean hidden = usual.verdict() == Verdict.FAIL && isFaultOfReuse(usual);
        return hidden ? hides("--slab-reuse " + reuse + " keeps back the object whose reuse shows the fault") : usual;
    }

    private static Expectation ofVariant(Subject subject, Expectation usual) {
        return subject.scenario().equals("slab-quarantine") && subject.variant().equals(DELAYED)
                ? hides("the lookup is wrong: late reuse hides the hang")
                : usual;
    }

    /** True of the faults that need an object's next life: what a stale lookup does to it, or the other way round. */
    private static boolean isFaultOfReuse(Expectation usual) {
        return usual.kinds().contains(FailureKind.HANG)
                || usual.kinds().contains(FailureKind.WRONG_OBJECT)
                || usual.kinds().contains(FailureKind.DATA_RACE);
    }
}
