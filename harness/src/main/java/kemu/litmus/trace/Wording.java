package kemu.litmus.trace;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.ir.Marking;
import kemu.litmus.ir.MemoryOrder;
import kemu.litmus.ir.Operation;
import kemu.litmus.path.Cookies;
import kemu.litmus.path.MemoryEvent;
import kemu.litmus.path.SharedMemory;

/** Names of events, locations and values as the reader of the test knows them. */
final class Wording {
    private static final int LONGEST = 44;

    private final SharedMemory scene;
    private final List<String> source;

    Wording(LitmusTest test, SharedMemory scene) {
        this.scene = scene;
        this.source = test.source().lines().toList();
    }

    /**
     * The statement that {@code event} comes from; what it is called if its line holds more than that, or is not there.
     *
     * @param location what it accesses, -1 for fences
     */
    String statement(MemoryEvent event, int location) {
        return statement(name(event), event.line(), event.isAccess() ? location : -1);
    }

    /** The statement in line {@code line}; {@code name}, and of what, if the line holds more, or is not there. */
    String statement(String name, int line, int location) {
        String named = name + (location >= 0 ? " " + location(location) : "");
        if (line < 1 || line > source.size()) {
            return named;
        }
        String text = source.get(line - 1)
                .replaceAll("/\\*.*?(\\*/|$)|//.*", " ")
                .trim()
                .replaceAll("\\s+", " ")
                .replaceFirst(";$", "");
        boolean more = text.isEmpty() || text.contains(";") || text.contains("{") || text.contains("}");
        if (more) {
            return named;
        }
        return text.length() > LONGEST ? text.substring(0, LONGEST - 3) + "..." : text;
    }

    /** What {@code event} is called. */
    static String name(MemoryEvent event) {
        String kind = words(event.kind());
        if (event.has(MemoryEvent.LOCK_READ)) {
            return "lock";
        }
        if (event.has(MemoryEvent.UNLOCK)) {
            return "unlock";
        }
        return kind
                + (event.has(MemoryEvent.ACQUIRE) ? " acquire" : "")
                + (event.has(MemoryEvent.RELEASE) ? " release" : "")
                + (event.isAccess() && event.has(MemoryEvent.PLAIN) ? " plain" : "");
    }

    /** What {@code operation} is called. */
    static String name(Operation operation) {
        if (operation instanceof Operation.Load load) {
            return "read" + ordered(load.order()) + (load.marking() == Marking.PLAIN ? " plain" : "");
        }
        if (operation instanceof Operation.Store store) {
            return "write" + ordered(store.order()) + (store.marking() == Marking.PLAIN ? " plain" : "");
        }
        if (operation instanceof Operation.Fence fence) {
            return words(fence.kind());
        }
        if (operation instanceof Operation.Lock lock) {
            return words(lock.action()).replaceFirst(" irq$", "");
        }
        if (operation instanceof Operation.Rcu rcu) {
            return "rcu " + words(rcu.action());
        }
        return operation instanceof Operation.Await ? "wait" : "atomic";
    }

    private static String ordered(MemoryOrder order) {
        return order == MemoryOrder.RELAXED ? "" : " " + words(order);
    }

    private static String words(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** {@code x=1}. */
    String holds(long location, long value) {
        return location(location) + "=" + value(value);
    }

    String location(long location) {
        return scene.name((int) location);
    }

    String value(long value) {
        return Cookies.isCookie(value) ? "cookie" : scene.show(value);
    }

    List<String> all(List<long[]> pairs) {
        List<String> texts = new ArrayList<>();
        pairs.forEach(pair -> texts.add(holds(pair[0], pair[1])));
        return texts;
    }
}
