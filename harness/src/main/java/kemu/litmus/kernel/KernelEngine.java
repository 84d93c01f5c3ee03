package kemu.litmus.kernel;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import kemu.check.story.Story;
import kemu.host.Stop;
import kemu.hw.cache.MemoryModel;
import kemu.hw.explore.Dpor;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Scheduler;
import kemu.hw.explore.Trail;
import kemu.hw.mem.KernelBug;
import kemu.hw.mem.KernelOops;
import kemu.litmus.LitmusEngine;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.path.SharedMemory;
import kemu.rcu.Rcu;

/**
 * The kernel engine: executes tests on emulated CPUs with kemu's own locks and RCU, along every interleaving or many
 * random ones. What it shows, the hardware and the kernel code together can do; it never shows that more is allowed.
 * Immutable; safe to use by several threads.
 */
public final class KernelEngine implements LitmusEngine {
    /** Executions of a random search, unless told otherwise. */
    public static final long EXECUTIONS = 10_000;
    /** Executions after which an exhaustive search is given up, unless told otherwise. */
    public static final long MOST_EXECUTIONS = 1_000_000;

    /** Marked accesses after which an execution is given up. */
    private static final int MAX_STEPS = 100_000;
    /** Marked accesses that cost as much as a step of the interpreted engine. */
    private static final long STEPS = 64;
    /** What an execution costs besides its accesses. */
    private static final long OVERHEAD = 50;
    /** Turns of a waiting loop in a random execution. */
    private static final int RANDOM_TURNS = 200;

    /** How executions are chosen. */
    public enum Kind {
        /** Every interleaving where that is possible, else random ones. */
        EXHAUSTIVE,
        /** Random ones. */
        RANDOM,
        /** Every state, whatever the model, unless the test waits for grace periods. */
        STATES
    }

    private final Options options;
    private final Function<Rcu, RcuUse> use;

    /**
     * What to explore.
     *
     * @param model of the hardware
     * @param search how
     * @param executions how many of them, 0 for the default of the search
     * @param seed of a random search
     * @param unroll turns of a waiting loop in an exhaustive search
     * @param spinLock name of the spinlock algorithm
     * @param rcu name of the flavour of RCU
     * @param limit work on a test before it is given up, in steps of the interpreted engine
     * @param weakened names of barriers that are to do nothing, to see what they are for
     */
    public record Options(
            MemoryModel model,
            Kind search,
            long executions,
            long seed,
            int unroll,
            String spinLock,
            String rcu,
            List<String> weakened,
            long limit) {
        /** Whether every interleaving is tried, unless the test waits for grace periods. */
        boolean tries() {
            return search == Kind.STATES || search == Kind.EXHAUSTIVE && model.coverable();
        }

        /** Whether operations are noted for whoever tells an execution: it finds ways through states. */
        boolean told() {
            return search == Kind.STATES;
        }

        /** Turns of a waiting loop. */
        int turns() {
            return tries() ? unroll : RANDOM_TURNS;
        }
    }

    /** An engine with {@code options}. */
    public KernelEngine(Options options) {
        this(options, RcuUse::of);
    }

    /** An engine whose processes use RCU in another way. */
    KernelEngine(Options options, Function<Rcu, RcuUse> use) {
        this.options = options;
        this.use = use;
    }

    @Override
    public LitmusOutcome run(LitmusTest test) {
        Run run = new Run(test);
        try {
            return run.explore();
        } finally {
            run.kernel.close();
        }
    }

    /** The first execution of {@code test} that shows its outcome, told; or that there is none. */
    public Shown show(LitmusTest test) {
        Run run = new Run(test);
        try {
            return run.show();
        } finally {
            run.kernel.close();
        }
    }

    /**
     * What was shown.
     *
     * @param story the execution; null if none shows the outcome
     * @param outcome the final state of it
     * @param executions how many there were up to it
     */
    public record Shown(Story story, String outcome, long executions) {}

    /** One test. */
    private final class Run {
        private final FinalStates states;
        private final KernelScene kernel;
        private final boolean exhaustive;
        private final long limit;
        private final long[] values;
        private final Set<String> flags = new TreeSet<>();
        private long executions;
        private boolean cut;
        /** True if it was given up. */
        private boolean given;

        /** True if the last execution came to its end, with {@link #values} as its final state. */
        private boolean ended;

        private long spent;
        private boolean loose;
        /** True if some execution hung or failed: then who knows what its final state would have been. */
        private boolean stuck;

        Run(LitmusTest test) {
            SharedMemory scene = new SharedMemory(test);
            states = new FinalStates(test, scene);
            kernel = new KernelScene(test, scene, states.items(), options, use);
            exhaustive = options.tries() && !kernel.hasClock();
            long most = exhaustive ? MOST_EXECUTIONS : EXECUTIONS;
            limit = options.executions() == 0 ? most : options.executions();
            values = new long[states.items().size()];
        }

        LitmusOutcome explore() {
            Exploration exploration = exploration();
            Scheduler scheduler = scheduler(exploration);
            boolean all = false;
            for (long n = 0; n < limit && !all && !given; n++) {
                if (scheduler.begin(n)) {
                    execute(exploration, scheduler, n);
                } else {
                    all = true;
                }
            }
            boolean everyState = scheduler instanceof StateSearch search && search.complete();
            boolean covered = all && (scheduler.exhaustive() || everyState) && !loose && !cut;
            return new LitmusOutcome(
                    states.lines(),
                    states.count(true),
                    states.count(false),
                    flags,
                    executions > 0 && !stuck && !given,
                    cut,
                    new LitmusOutcome.Explored(executions, scheduler.describe(), covered));
        }

        private Exploration exploration() {
            long steps = Math.min(MAX_STEPS, Math.min(MAX_STEPS, options.limit()) * STEPS);
            return new Exploration(kernel.machine(), (int) steps);
        }

        Shown show() {
            Exploration exploration = exploration();
            Scheduler scheduler = scheduler(exploration);
            for (long n = 0; n < limit && !given && scheduler.begin(n); n++) {
                execute(exploration, scheduler, n);
                if (ended && states.shows(values)) {
                    Trail trail = exploration.trail().copy();
                    kernel.begin(options.seed(), n);
                    Story story = Story.of(kernel.machine(), exploration, trail);
                    return new Shown(story, states.line(values), n + 1);
                }
            }
            return new Shown(null, "", executions);
        }

        private Scheduler scheduler(Exploration exploration) {
            if (!exhaustive) {
                return new KernelWalk(kernel, options.seed());
            }
            if (options.search() != Kind.STATES) {
                return new Dpor();
            }
            StateSearch search = new StateSearch(kernel.machine(), exploration, false, MOST_EXECUTIONS);
            kernel.machine().record(search);
            return search;
        }

        private void execute(Exploration exploration, Scheduler scheduler, long number) {
            kernel.begin(options.seed(), number);
            kemu.hw.explore.Outcome how = exploration.execute(scheduler);
            loose |= exploration.loose() && exhaustive && options.search() != Kind.STATES;
            ended = kernel.over() && how != kemu.hw.explore.Outcome.FAILED;
            if (ended) {
                executions++;
                kernel.machine().settleBuffers();
                kernel.state(values);
                states.add(values);
            } else {
                note(how, exploration);
            }
            spent += OVERHEAD + exploration.trail().steps();
            given = spent / STEPS > options.limit() || Stop.requested();
            exploration.rewind();
        }

        /** An execution that did not come to its end. */
        private void note(kemu.hw.explore.Outcome how, Exploration exploration) {
            if (kernel.cutOff()) {
                cut = true;
                return;
            }
            switch (how) {
                case FAILED -> failed(exploration.failure());
                case HUNG -> stuck("hang");
                case LIMIT -> stuck("endless");
                case REFUSED -> throw new IllegalStateException("the test does not repeat");
                default -> {}
            }
        }

        private void stuck(String flag) {
            flags.add(flag);
            stuck = true;
        }

        private void failed(Throwable failure) {
            if (failure instanceof Local.CutOff) {
                cut = true;
            } else if (failure instanceof Local.Wild) {
                flags.add("wild-access");
            } else if (failure instanceof KernelOops || failure instanceof KernelBug) {
                stuck("kernel-bug: " + failure.getMessage().lines().findFirst().orElse(""));
            } else if (failure instanceof RuntimeException own) {
                throw own;
            } else {
                throw new IllegalStateException(failure);
            }
        }
    }
}
