package kemu.litmus.lower;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusTest;

/** What the names of a test stand for. */
public final class Names {
    /** The one constant of C that tests use. */
    static final String NULL = "NULL";

    private final LitmusTest test;
    private final List<Uses> uses = new ArrayList<>();
    private final List<Set<String>> locals = new ArrayList<>();
    private final Set<String> shared = new HashSet<>();

    /** Of {@code test}. */
    public Names(LitmusTest test) {
        this.test = test;
        test.globals().forEach(global -> shared.add(global.name()));
        for (LitmusTest.Process process : test.processes()) {
            Uses used = new Uses(process);
            uses.add(used);
            locals.add(new HashSet<>(used.locals()));
            shared.addAll(process.parameters());
        }
        for (LitmusTest.Register register : test.registers()) {
            int process = register.register().process();
            if (process >= 0 && process < locals.size()) {
                locals.get(process).add(register.register().name());
            }
        }
    }

    /** What the body of {@code process} speaks of. */
    public Uses uses(int process) {
        return uses.get(process);
    }

    /** Whether the process has a local variable or a parameter, or C a constant, of that name. */
    public boolean knows(int process, String name) {
        return NULL.equals(name)
                || locals.get(process).contains(name)
                || test.processes().get(process).parameters().contains(name);
    }

    /** Whether a shared variable of that name is declared by the init section or is a parameter. */
    public boolean isShared(String name) {
        return shared.contains(name);
    }

    /** Why {@code item} stands for nothing; null if it does. */
    public String missing(Item item) {
        if (item instanceof Item.Reg reg) {
            if (reg.process() < 0 || reg.process() >= locals.size()) {
                return "no process of " + reg.label();
            }
            return knows(reg.process(), reg.name())
                    ? null
                    : "P" + reg.process() + " has no variable '" + reg.name() + "'";
        }
        String name = item instanceof Item.Loc loc ? loc.name() : item instanceof Item.Address a ? a.name() : null;
        return name == null || shared.contains(name) ? null : "no shared variable '" + name + "'";
    }

    /** Passes everything that {@code cond} compares. */
    public static void items(Cond cond, Consumer<Item> sink) {
        if (cond instanceof Cond.Equal e) {
            sink.accept(e.left());
            sink.accept(e.right());
        } else if (cond instanceof Cond.Not n) {
            items(n.of(), sink);
        } else if (cond instanceof Cond.And a) {
            items(a.left(), sink);
            items(a.right(), sink);
        } else if (cond instanceof Cond.Or o) {
            items(o.left(), sink);
            items(o.right(), sink);
        }
    }
}
