package kemu.litmus.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.ToLongFunction;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.axiom.Search;
import kemu.litmus.path.SharedMemory;

/** The final states that were met, and how often. Each is judged once. */
final class FinalStates {
    /** One state. */
    private static final class Met {
        private final long[] values;
        private final boolean counts;
        private final boolean holds;
        private long times;

        Met(long[] values, boolean counts, boolean holds) {
            this.values = values;
            this.counts = counts;
            this.holds = holds;
        }
    }

    /** Values of a state as a key. */
    private record Key(long[] values) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Key k && Arrays.equals(values, k.values);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(values);
        }
    }

    private final LitmusTest test;
    private final SharedMemory scene;
    private final List<Item> shown;
    private final List<Item> items;
    private final Map<Item, Integer> places = new HashMap<>();
    private final Map<Key, Met> met = new LinkedHashMap<>();

    FinalStates(LitmusTest test, SharedMemory scene) {
        this.test = test;
        this.scene = scene;
        shown = Search.shown(test);
        Set<Item> all = new LinkedHashSet<>(shown);
        if (test.filter() != null) {
            collect(test.filter(), all);
        }
        items = List.copyOf(all);
        for (int i = 0; i < items.size(); i++) {
            places.put(items.get(i), i);
        }
    }

    private static void collect(Cond cond, Set<Item> into) {
        if (cond instanceof Cond.Equal e) {
            for (Item item : List.of(e.left(), e.right())) {
                if (item instanceof Item.Reg || item instanceof Item.Loc) {
                    into.add(item);
                }
            }
        } else if (cond instanceof Cond.Not n) {
            collect(n.of(), into);
        } else if (cond instanceof Cond.And a) {
            collect(a.left(), into);
            collect(a.right(), into);
        } else if (cond instanceof Cond.Or o) {
            collect(o.left(), into);
            collect(o.right(), into);
        }
    }

    /** What a state consists of, in the order of {@link #add}. */
    List<Item> items() {
        return items;
    }

    /** An execution ended so. */
    void add(long[] values) {
        Met one = met.get(new Key(values));
        if (one == null) {
            long[] own = values.clone();
            ToLongFunction<Item> state = state(own);
            boolean counts = test.filter() == null || test.filter().holds(state);
            one = new Met(own, counts, test.condition().holds(state));
            met.put(new Key(own), one);
        }
        one.times++;
    }

    /** Whether {@code values} are what the test asks for: its condition, or what breaks a {@code forall}. */
    boolean shows(long[] values) {
        ToLongFunction<Item> state = state(values);
        boolean counts = test.filter() == null || test.filter().holds(state);
        return counts && test.condition().holds(state) != test.quantifier().equals("forall");
    }

    private ToLongFunction<Item> state(long[] values) {
        return item -> {
            Integer place = places.get(item);
            return place == null ? scene.value(item) : values[place];
        };
    }

    /** Executions whose state satisfies the condition, or not. */
    long count(boolean holding) {
        return met.values().stream()
                .filter(one -> one.counts && one.holds == holding)
                .mapToLong(one -> one.times)
                .sum();
    }

    /** The states as printed, in order. */
    List<String> lines() {
        List<Met> sorted = new ArrayList<>(met.values());
        sorted.sort(Comparator.comparing(one -> one.values, Arrays::compare));
        Set<String> lines = new LinkedHashSet<>();
        for (Met one : sorted) {
            if (one.counts) {
                lines.add(line(one.values));
            }
        }
        return List.copyOf(lines);
    }

    /** {@code values} as printed. */
    String line(long[] values) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < shown.size(); i++) {
            line.append(i == 0 ? "" : " ").append(shown.get(i).label()).append('=');
            line.append(scene.show(values[i])).append(';');
        }
        return line.toString();
    }
}
