package kemu.check;

import static kemu.check.Expectation.hides;

/** How {@code --slab-reuse} changes what must be found: what cannot happen when freed objects are kept back. */
final class ExpectedReuse {
    private ExpectedReuse() {}

    /** What must be found of {@code subject}, of which {@code usual} is found with slabs as the variant has them. */
    static Expectation with(Subject subject, Expectation usual) {
        if (subject.scenario().equals("slab-quarantine") && subject.variant().equals("delayed")) {
            return hides("the lookup is wrong: late reuse hides the hang");
        }
        return usual;
    }
}
