package kemu.hw.explore.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import kemu.hw.cpu.Pending;
import kemu.hw.explore.Exploration;
import kemu.hw.explore.Lanes;
import kemu.hw.explore.Scheduler;
import kemu.hw.machine.Area;
import kemu.hw.machine.EmuMachine;

/**
 * Every execution on a model that reorders loads and stores, up to who reads from whom and the order of stores to each
 * word. An execution is led to where a choice was left open ({@link Plan}), and from there goes on as on a machine that
 * reorders nothing, the first CPU that can go on first; what it might have done else is left open ({@link Branches}).
 *
 * <p>It gives up, so that nothing is proved, at what it does not know: tasks of one CPU that preempt each other, an
 * interrupt that ends a wait, a loop that names no word it waits for, tasks that draw what they do, and a machine that
 * cannot follow a graph.
 */
public final class ReadsFrom implements Scheduler {
    private static final int NONE = Graph.NONE;

    private final EmuMachine machine;
    private final Exploration exploration;
    private final int cpus;
    private final List<Ev> happened = new ArrayList<>();
    private final EventTape[] tapes;
    private final Deque<Choice> open = new ArrayDeque<>();
    private final Constraints constraints = new Constraints();
    private WordNumbers words;
    private Branches branches;
    private Beginning beginning;
    private Plan plan;
    private Graph graph;
    private boolean leading;
    private boolean ended;
    private String trouble;
    private final List<Ev> waiting = new ArrayList<>();

    /** Explores the executions of {@code machine} that {@code exploration} drives. */
    public ReadsFrom(EmuMachine machine, Exploration exploration) {
        this.machine = machine;
        this.exploration = exploration;
        cpus = machine.cpus();
        tapes = new EventTape[cpus];
        for (int cpu = 0; cpu < cpus; cpu++) {
            tapes[cpu] = new EventTape(cpu, Area.PENDING.of(machine.cpu(cpu).area()), happened);
        }
    }

    @Override
    public String describe() {
        return "exhaustive";
    }

    @Override
    public boolean exhaustive() {
        return trouble == null;
    }

    /** Why it gave up, or null. */
    public String trouble() {
        return trouble;
    }

    @Override
    public boolean preempts() {
        return false;
    }

    @Override
    public boolean begin(long execution) {
        if (execution == 0) {
            words = new WordNumbers(machine);
            trouble = null;
            restart();
        } else if (trouble == null) {
            branch();
        }
        if (trouble != null) {
            return false;
        }
        while (graph == null || !plan.begin(graph)) {
            Choice choice = open.poll();
            if (choice == null) {
                return false;
            }
            graph = beginning.of(choice);
        }
        happened.clear();
        for (int cpu = 0; cpu < cpus; cpu++) {
            tapes[cpu].clear();
            machine.cpu(cpu).path().tell(tapes[cpu]);
        }
        waiting.clear();
        leading = true;
        ended = false;
        return true;
    }

    private void restart() {
        open.clear();
        plan = new Plan(machine, tapes);
        beginning = new Beginning(words, cpus);
        branches = new Branches(constraints, open, cpus);
        graph = new Graph(words, cpus, 0);
    }

    @Override
    public int choose(Lanes lanes, int last) {
        if (trouble != null) {
            return PRUNE;
        }
        if (leading) {
            int lane = plan.next(lanes);
            if (lane >= 0) {
                return lane;
            }
            if (lane == Plan.LOST) {
                return giveUp("the machine cannot follow a graph: " + plan.why());
            }
            leading = false;
        }
        return byDefault(lanes);
    }

    private int giveUp(String why) {
        trouble = trouble == null ? why : trouble;
        return PRUNE;
    }

    /** The first CPU that can go on, which sees what is newest; its stores are seen at once. */
    private int byDefault(Lanes lanes) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            if (isEnabled(lanes, lanes.drain(cpu, 0))) {
                return lanes.drain(cpu, 0);
            }
        }
        for (int cpu = 0; cpu < cpus; cpu++) {
            if (isEnabled(lanes, cpu)) {
                if (isEnabled(lanes, lanes.deliver(cpu, 0))) {
                    return lanes.deliver(cpu, 0);
                }
                boolean loops = machine.cpu(cpu).pending().kind() == Pending.RELAX;
                return loops ? giveUp("a loop names no word it waits for") : cpu;
            }
        }
        return giveUp("nobody can go on");
    }

    private static boolean isEnabled(Lanes lanes, int lane) {
        return (lanes.enabled() & 1L << lane) != 0;
    }

    @Override
    public void end(Lanes lanes) {
        for (int cpu = 0; cpu < cpus; cpu++) {
            machine.cpu(cpu).path().tell(null);
            Pending pending = machine.cpu(cpu).pending();
            if (pending.kind() == Pending.WAIT && !isEnabled(lanes, cpu)) {
                waiting.add(tapes[cpu].waiting(pending.address(), pending.width()));
            } else if (pending.kind() == Pending.IDLE && !isEnabled(lanes, cpu)) {
                waiting.add(tapes[cpu].idling());
            }
        }
        if (exploration.loose() && trouble == null) {
            trouble = "an interrupt ends a wait, or tasks of one CPU preempt each other";
        }
        if (machine.lotDrawn() && trouble == null) {
            trouble = "its tasks draw what they do";
        }
        ended = !leading || plan.next(lanes) == Plan.OVER;
    }

    /** What the last execution leaves open; memory is as in the beginning. */
    private void branch() {
        for (Ev event : happened) {
            if (event.kind() != Ev.FENCE) {
                words.learn(event);
            }
        }
        for (Ev event : waiting) {
            words.learn(event);
        }
        if (words.grown()) {
            // What was explored so far took the halves of a word for words of their own.
            words.renumber();
            restart();
            return;
        }
        if (!ended) {
            giveUp("an execution ended before its graph");
            return;
        }
        Graph whole = whole();
        if (whole == null) {
            return;
        }
        if (!branches.add(whole, order(whole))) {
            giveUp(branches.why());
            return;
        }
        for (Ev event : waiting) {
            branches.waits(event);
        }
        graph = null;
    }

    /** The graph of the last execution; null if it is not what was planned. */
    private Graph whole() {
        Graph whole = new Graph(words, cpus, happened.size());
        for (int id = 0; id < graph.size; id++) {
            Ev planned = graph.events[id];
            EventTape tape = tapes[planned.cpu()];
            if (planned.at() >= tape.size() || !planned.same(tape.event(planned.at()))) {
                giveUp("the machine did not follow a graph: no " + planned);
                return null;
            }
            whole.add(tape.event(planned.at()));
            whole.from[id] = graph.from[id];
        }
        for (int word = 0; word < graph.first.length; word++) {
            int before = NONE;
            for (int id = graph.first[word]; id != NONE; id = graph.next(id, word)) {
                whole.place(id, before, word);
                before = id;
            }
        }
        whole.fresh = graph.fresh;
        for (Ev event : happened) {
            if (whole.id(event.cpu(), event.at()) == NONE) {
                int id = whole.add(event);
                if (event.reads()) {
                    whole.from[id] = whole.last(whole.word[id]);
                } else if (event.writes()) {
                    whole.append(id);
                }
            }
        }
        return agrees(whole) ? whole : null;
    }

    /** True if every load got what the store holds from which it reads. */
    private boolean agrees(Graph whole) {
        for (int id = 0; id < whole.size; id++) {
            Ev event = whole.events[id];
            if (event.reads() && whole.value(whole.from[id], event) != event.value()) {
                giveUp("the machine did not follow a graph: " + event + " should have read "
                        + whole.value(whole.from[id], event));
                return false;
            }
        }
        return true;
    }

    private int[] order(Graph whole) {
        int[] order = new int[whole.size];
        Arrays.setAll(
                order, i -> whole.id(happened.get(i).cpu(), happened.get(i).at()));
        return order;
    }
}
