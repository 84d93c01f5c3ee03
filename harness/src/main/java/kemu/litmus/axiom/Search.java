package kemu.litmus.axiom;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import kemu.litmus.LitmusEngine;
import kemu.litmus.LitmusOutcome;
import kemu.litmus.Model;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.lower.Names;
import kemu.litmus.path.Cookies;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.Path;
import kemu.litmus.path.Paths;
import kemu.litmus.path.SharedMemory;
import kemu.litmus.path.Sym;

/** The interpreted engine. Immutable; safe to use by several threads. */
public final class Search implements LitmusEngine {
    /** Steps before a test is given up, unless told otherwise: some tens of seconds. */
    public static final long DEFAULT_LIMIT = 2_000_000;
    /** Turns of a loop whose end depends on what is read; what herd7 does by default. */
    public static final int DEFAULT_UNROLL = 2;

    private static final int MAX_STATES = 100_000;
    private static final int MAX_EVENTS = 1024;
    /** What it costs to tell why an execution is forbidden, in grains for every pair of events. */
    private static final long EXPLAINING = 16;

    private final Axioms axioms;
    private final Model model;
    private final long limit;
    private final int unroll;

    /** An engine that gives up after {@code limit} steps. */
    public Search(Model model, long limit, int unroll) {
        this.axioms = axioms(model);
        this.model = model;
        this.limit = limit;
        this.unroll = unroll;
    }

    private Search(Search other, boolean coherent) {
        this.axioms = new Unrestricted(other.axioms, coherent);
        this.model = other.model;
        this.limit = other.limit;
        this.unroll = other.unroll;
    }

    private static Axioms axioms(Model model) {
        if (model.axioms() == null) {
            throw new IllegalArgumentException("model without axioms: " + model);
        }
        return switch (model.axioms()) {
            case SC -> new Hardware(Hardware.Kind.SC);
            case TSO -> new Hardware(Hardware.Kind.TSO);
            case WEAK -> new Hardware(Hardware.Kind.WEAK);
            case LKMM -> new Lkmm(true);
            case LKMM_6_1 -> new Lkmm(false);
        };
    }

    private static boolean isLkmm(Model model) {
        return model.equals(Model.LKMM) || model.equals(Model.LKMM_6_1);
    }

    /** Whether the model says what is wrong with a test. */
    private boolean judgesUse() {
        return isLkmm(model);
    }

    @Override
    public LitmusOutcome run(LitmusTest test) {
        return new Run(test, null).outcome();
    }

    /** At most {@code most} executions that show what is asked for; of a {@code forall}, ones that break it. */
    public Witnesses witnesses(LitmusTest test, int most) {
        Witnesses found = new Witnesses(test, most);
        Run run = new Run(test, found);
        found.searched(run.scene, run.outcome().complete());
        return found;
    }

    /**
     * Why an outcome that no execution shows cannot be: first among coherent executions, and if none of them has it,
     * among all.
     */
    public Why why(LitmusTest test) {
        Why why = new Search(this, true).forbidden(test);
        return why.axiom() == null && why.notForbidden() == 0 && why.complete()
                ? new Search(this, false).forbidden(test)
                : why;
    }

    private Why forbidden(LitmusTest test) {
        Run run = new Run(test, null);
        run.why = new Why(run.scene);
        if (!run.outcome().complete()) {
            run.why.incomplete();
        }
        return run.why;
    }

    /** One test. */
    private final class Run {
        private final LitmusTest test;
        /** Takes executions that show the outcome; null if only states are wanted. */
        private final Witnesses witnesses;

        /** Takes what is forbidden; null if only states are wanted. */
        private Why why;

        private final SharedMemory scene;
        private final List<Item> shown;
        private final Budget budget = new Budget(limit);
        private final Map<List<Long>, String> states = new TreeMap<>(Run::compare);
        private final Set<String> flags = new TreeSet<>();
        private final int conditionSize;
        private boolean unrolled;
        private Paths paths;
        private final Misuse misuse;
        private long executions;
        private long positive;
        private long negative;
        private boolean complete = true;

        Run(LitmusTest test, Witnesses witnesses) {
            this.test = test;
            this.witnesses = witnesses;
            this.scene = new SharedMemory(test);
            this.shown = shown(test);
            conditionSize = conditionSize(test);
            misuse = new Misuse(model, scene, test);
            Names names = new Names(test);
            for (Item item : test.locations()) {
                if (names.missing(item) != null) {
                    flags.add("nothing-is-called-" + item.label());
                }
            }
        }

        LitmusOutcome outcome() {
            try {
                paths = new Paths(test, scene, unroll, budget);
                unrolled = paths.cut();
                if (model.equals(Model.LKMM_6_1)) {
                    misuse.refuse(paths);
                }
                combine(new ArrayList<>());
            } catch (Budget.Spent spent) {
                complete = false;
            }
            if (scene.wild()) {
                flags.add("wild-access");
            }
            if (complete && executions == 0) {
                flags.add(paths.all().stream().anyMatch(Run::locks) ? "deadlock" : "no-execution");
            } else if (complete && positive + negative == 0) {
                flags.add("filter-excludes-all");
            }
            return new LitmusOutcome(List.copyOf(states.values()), positive, negative, flags, complete, unrolled);
        }

        private static int conditionSize(LitmusTest test) {
            int[] items = {0};
            Names.items(test.condition(), item -> items[0]++);
            if (test.filter() != null) {
                Names.items(test.filter(), item -> items[0]++);
            }
            return items[0] + test.locations().size();
        }

        private static boolean locks(Path path) {
            return path.events().stream().anyMatch(event -> event.has(MemoryEvent.LOCK_READ));
        }

        private void combine(List<Path> chosen) {
            int process = chosen.size();
            if (process < paths.ofProcess().size()) {
                for (Path path : paths.ofProcess().get(process)) {
                    chosen.add(path);
                    combine(chosen);
                    chosen.remove(process);
                }
                return;
            }
            int events = chosen.stream().mapToInt(path -> path.events().size()).sum();
            if (events > MAX_EVENTS) {
                throw new LitmusException(1, events + " events in one execution (allowed: " + MAX_EVENTS + ")");
            }
            budget.frame(events);
            Frame frame = new Frame(List.copyOf(chosen), axioms.srcuAccesses());
            new Sources(frame, axioms, scene, budget, this::orders).run();
        }

        private void orders(Candidate candidate) {
            Axioms.Check check = axioms.check(candidate);
            if (check == null) {
                return;
            }
            List<List<int[]>> perLocation = new ArrayList<>();
            budget.spend((long) scene.size() * candidate.frame.size / 8);
            for (int location = 0; location < scene.size(); location++) {
                Orders orders = new Orders(candidate, location, budget, axioms.coherent());
                if (orders.tooMany()) {
                    throw new Budget.Spent();
                }
                if (orders.found().isEmpty()) {
                    return;
                }
                perLocation.add(orders.found());
            }
            judge(candidate, check, perLocation, new int[scene.size()][]);
        }

        private void judge(Candidate candidate, Axioms.Check check, List<List<int[]>> perLocation, int[][] order) {
            for (int location = 0; location < order.length; location++) {
                if (order[location] == null) {
                    for (int[] one : perLocation.get(location)) {
                        order[location] = one;
                        judge(candidate, check, perLocation, order);
                    }
                    order[location] = null;
                    return;
                }
            }
            Frame f = candidate.frame;
            budget.judge(f.size, GracePeriods.any(f));
            Rel co = new Rel(f.size);
            Rel fr = new Rel(f.size);
            for (int[] writes : order) {
                for (int i = 0; i < writes.length; i++) {
                    for (int j = i + 1; j < writes.length; j++) {
                        co.add(writes[i], writes[j]);
                    }
                }
            }
            for (int read : f.readEvent) {
                if (!f.reads(read)) {
                    continue;
                }
                for (int write : order[candidate.location[read]]) {
                    if (candidate.source[read] < 0 || co.has(candidate.source[read], write)) {
                        fr.add(read, write);
                    }
                }
            }
            Set<String> wrong = new LinkedHashSet<>();
            if (check.allows(co, fr, wrong)) {
                record(candidate, order, wrong, co, fr);
            }
        }

        private void record(Candidate candidate, int[][] order, Set<String> wrong, Rel co, Rel fr) {
            executions++;
            budget.spend(conditionSize);
            Map<Item, Long> values = new HashMap<>();
            Cond condition = test.condition();
            if (test.filter() != null && !test.filter().holds(item -> value(item, candidate, order))) {
                return;
            }
            if (why != null) {
                explain(candidate, co, fr, condition.holds(item -> value(item, candidate, order)));
                return;
            }
            for (Item item : shown) {
                values.put(item, value(item, candidate, order));
            }
            boolean holds = condition.holds(item -> value(item, candidate, order));
            positive += holds ? 1 : 0;
            negative += holds ? 0 : 1;
            List<Long> key = shown.stream().map(values::get).toList();
            if (witnesses != null && holds != test.quantifier().equals("forall")) {
                witnesses.add(candidate, co, fr, axioms, show(key));
            }
            if (!states.containsKey(key)) {
                if (states.size() == MAX_STATES) {
                    throw new Budget.Spent();
                }
                states.put(key, show(key));
            }
            if (judgesUse()) {
                flags.addAll(wrong);
                misuse.judge(candidate, flags);
            }
        }

        private void explain(Candidate candidate, Rel co, Rel fr, boolean holds) {
            if (holds == test.quantifier().equals("forall")) {
                return;
            }
            budget.spend(EXPLAINING * candidate.frame.size * candidate.frame.size);
            Axioms.Forbidden forbidden = axioms.forbids(candidate, co, fr);
            if (forbidden == null) {
                why.allowed();
            } else {
                why.add(candidate, forbidden.axiom(), forbidden.cycle());
            }
        }

        private long value(Item item, Candidate candidate, int[][] order) {
            long value;
            if (item instanceof Item.Reg reg) {
                Sym sym = candidate.frame.paths.get(reg.process()).registers().get(reg.name());
                value = sym == null ? 0 : sym.eval(candidate.values, candidate.frame.readBase[reg.process()]);
            } else if (item instanceof Item.Loc loc) {
                int index = scene.index(loc);
                int[] writes = order[index];
                if (writes.length == 0) {
                    value = scene.initial(index);
                } else {
                    int last = writes[writes.length - 1];
                    value = candidate.value(candidate.frame.events[last].value(), last);
                }
            } else {
                value = scene.value(item);
            }
            return Cookies.isCookie(value) ? 0 : value;
        }

        private String show(List<Long> key) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < shown.size(); i++) {
                line.append(i == 0 ? "" : " ").append(shown.get(i).label()).append('=');
                line.append(scene.show(key.get(i))).append(';');
            }
            return line.toString();
        }

        private static int compare(List<Long> a, List<Long> b) {
            for (int i = 0; i < a.size(); i++) {
                int order = Long.compare(a.get(i), b.get(i));
                if (order != 0) {
                    return order;
                }
            }
            return 0;
        }
    }

    /** What a state consists of: the items of the condition and of {@code locations}. */
    public static List<Item> shown(LitmusTest test) {
        Set<Item> items = new TreeSet<>(Item.ORDER);
        items.addAll(test.locations());
        collect(test.condition(), items);
        for (Item item : items) {
            if (item instanceof Item.Reg reg
                    && reg.process() >= test.processes().size()) {
                throw new LitmusException(0, "no process of " + reg.label());
            }
        }
        return List.copyOf(items);
    }

    private static void collect(Cond cond, Set<Item> items) {
        if (cond instanceof Cond.Equal e) {
            for (Item item : Arrays.asList(e.left(), e.right())) {
                if (item instanceof Item.Reg || item instanceof Item.Loc) {
                    items.add(item);
                }
            }
        } else if (cond instanceof Cond.Not n) {
            collect(n.of(), items);
        } else if (cond instanceof Cond.And a) {
            collect(a.left(), items);
            collect(a.right(), items);
        } else if (cond instanceof Cond.Or o) {
            collect(o.left(), items);
            collect(o.right(), items);
        }
    }
}
