package kemu.hw.mem;

import java.util.Arrays;

/**
 * What kind of failure convicts a kernel, set where the failure is raised. What the matrix of checks expects are sets
 * of these; reports, schedules and JSON spell them as {@link #word} does.
 */
public enum FailureKind {
    /** Nobody can go on, now or when the scenario ends. */
    HANG("hang"),
    /** An execution goes on and on. */
    LIVELOCK("livelock"),
    /** The lock released is not the lock acquired: invariant I4 of anon_vmas, and of every lock. */
    BAD_UNLOCK("bad-unlock"),
    /** A task ends with a lock held. */
    LOCK_HELD("lock-held"),
    /** A lock is made anew, or cleared, while somebody holds it. */
    LOCK_WIPED("lock-wiped"),
    /** What a lock is to keep apart was seen half done, or done twice. */
    EXCLUSION("exclusion"),
    /** Two plain accesses race. */
    DATA_RACE("data-race"),
    /** Orders of locks that can deadlock. */
    LOCK_ORDER("lock-order"),
    /** A lock is taken in an interrupt, and elsewhere with interrupts on. */
    LOCK_IRQ("lock-irq"),
    /** Memory with a held lock in it is freed. */
    HELD_LOCK_FREED("held-lock-freed"),
    /** What may sleep is called where sleeping is forbidden. */
    ATOMIC_CONTEXT("sleep-in-atomic"),
    /** RCU is not used as it must be. */
    RCU_USAGE("rcu-usage"),
    /** A grace period ends before a reader that it had to wait for. */
    RCU_OUTLIVED("rcu-outlived"),
    /** RCU's own bookkeeping contradicts itself. */
    RCU_STATE("rcu-state"),
    /** rcu_barrier returns before a callback is over. */
    CALLBACK_LOST("callback-lost"),
    /** Freed memory is read, written or freed; so is the cache of a callback. */
    USE_AFTER_FREE("use-after-free"),
    /** Memory is used as what it is not, or not any more. */
    TYPE_CONFUSION("type-confusion"),
    /** An object is used before it was allocated. */
    USE_BEFORE_ALLOCATION("use-before-allocation"),
    /** An access beside an object. */
    OUT_OF_BOUNDS("out-of-bounds"),
    /** Freed twice. */
    DOUBLE_FREE("double-free"),
    /** What is freed was never allocated there. */
    INVALID_FREE("invalid-free"),
    /** A wild, misaligned or NULL access. */
    WILD_ACCESS("wild-access"),
    /** What was looked up and pinned is not what is used: the slot's next life. */
    WRONG_OBJECT("wrong-object"),
    /** A reader finds an object without its contents. */
    HALF_MADE("half-made"),
    /** Invariant I1 of KERNEL-FACTS A.4: a page is mapped, and the anon_vma it names has no VMAs. */
    RMAP_I1("rmap-i1"),
    /** I3: a page is mapped in a VMA that its anon_vma does not know. */
    RMAP_I3("rmap-i3"),
    /** I5: a walk changes a pte that does not map its page. */
    RMAP_I5("rmap-i5"),
    /** I6: a lookup without a reference on the page returns the anon_vma of the page's last life. */
    RMAP_I6("rmap-i6"),
    /** I8: a root is freed before its children, or an anon_vma that is in use. */
    RMAP_I8("rmap-i8"),
    /** I10: VMAs of one anon_vma have different chains. */
    RMAP_I10("rmap-i10"),
    /** A walk that must find every pte of a page has missed one. */
    RMAP_MISSED("rmap-missed"),
    /** A page's reverse mapping is changed in a way that is not allowed. */
    RMAP_USAGE("rmap-usage"),
    /** A process reads what it has not written, or another's memory. */
    USER_MEMORY("user-memory"),
    /** A page is mapped beyond the end of its file. */
    BEYOND_END("beyond-end"),
    /** Something is allocated that nobody can free any more. */
    LEAK("leak"),
    /** Counts do not add up when all is quiet. */
    ACCOUNTING("accounting"),
    /** A page is on a list where nobody looks for it. */
    STRANDED_PAGE("stranded-page"),
    /** A page is freed or handed out with traces of use. */
    BAD_PAGE_STATE("bad-page-state"),
    /** A list, tree or free list contradicts itself. */
    CORRUPTION("corruption"),
    /** No memory is left, and nobody to kill. */
    OUT_OF_MEMORY("out-of-memory"),
    /** Memory that processes could share was copied. */
    NEEDLESS_COPY("needless-copy"),
    /** The condition of a scenario of another author. */
    CONDITION("condition"),
    /** A bug that does not say what it is: the default of a {@link KernelBug} of a plugin. Expected of nothing. */
    UNKNOWN_BUG("kernel-bug");

    private final String word;

    FailureKind(String word) {
        this.word = word;
    }

    /** In one word, as reports and {@code SUMMARY} lines say it. */
    public String word() {
        return word;
    }

    @Override
    public String toString() {
        return word;
    }

    /** The kind called {@code word}, or null. */
    public static FailureKind byWord(String word) {
        return Arrays.stream(values())
                .filter(one -> one.word.equals(word))
                .findFirst()
                .orElse(null);
    }

    /**
     * The kind of what an execution was stopped by: a bug says it itself, a condition that does not hold is the word of
     * whoever asserts it.
     */
    public static FailureKind of(Throwable failure) {
        if (failure instanceof KernelBug bug) {
            return bug.kind();
        }
        return failure instanceof AssertionError ? CONDITION : UNKNOWN_BUG;
    }
}
