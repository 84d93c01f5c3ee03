package kemu.litmus.path;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import kemu.litmus.ast.Cond;
import kemu.litmus.ast.Item;
import kemu.litmus.ast.LitmusException;
import kemu.litmus.ast.LitmusTest;
import kemu.litmus.lower.Uses;

/** The shared memory of a test: locations with addresses and initial values. Elements of an array are neighbours. */
public final class SharedMemory {
    /**
     * Addresses lie above what tests compute with; names lie apart, so that arithmetic never leaves an array unseen.
     */
    private static final long BASE = 1L << 40;

    private static final long APART = 4096;
    private static final int MAX_WILD = 64;
    private static final int MAX_NAMES = 256;
    private static final int MAX_SPOKEN_OF = 64;

    private final Map<String, Long> addressOf = new LinkedHashMap<>();
    private final Map<Long, Integer> indexOf = new HashMap<>();
    private final List<Item.Loc> locations = new ArrayList<>();
    private final List<Long> addresses = new ArrayList<>();
    private final List<Long> initial = new ArrayList<>();
    private final List<Long> spokenOf;
    private int wild;

    /** Lays out everything that {@code test} names. */
    public SharedMemory(LitmusTest test) {
        for (LitmusTest.Global global : test.globals()) {
            add(global.name(), global.elements());
        }
        for (LitmusTest.Process process : test.processes()) {
            process.parameters().forEach(name -> add(name, 1));
        }
        for (LitmusTest.Global global : test.globals()) {
            global.initial().forEach(this::addNamed);
        }
        test.registers().stream()
                .filter(register -> register.value() != null)
                .forEach(register -> addNamed(register.value()));
        test.locations().forEach(this::addNamed);
        addAll(test.condition());
        if (test.filter() != null) {
            addAll(test.filter());
        }
        for (LitmusTest.Global global : test.globals()) {
            int first = indexOf.get(addressOf.get(global.name()));
            for (int i = 0; i < global.initial().size(); i++) {
                initial.set(first + i, value(global.initial().get(i)));
            }
        }
        spokenOf = spokenOf(test);
    }

    /** Numbers and addresses of the test and one number more, the fewest that tell all conditions apart. */
    private List<Long> spokenOf(LitmusTest test) {
        Set<Long> values = new TreeSet<>(initial);
        collect(test.condition(), values);
        if (test.filter() != null) {
            collect(test.filter(), values);
        }
        for (LitmusTest.Process process : test.processes()) {
            values.addAll(new Uses(process).numbers());
        }
        values.addAll(addresses);
        long fresh = 1;
        while (values.contains(fresh)) {
            fresh++;
        }
        values.add(fresh);
        return values.stream().limit(MAX_SPOKEN_OF).toList();
    }

    private void collect(Cond cond, Set<Long> values) {
        if (cond instanceof Cond.Equal e) {
            for (Item item : List.of(e.left(), e.right())) {
                if (item instanceof Item.Num || item instanceof Item.Address) {
                    values.add(value(item));
                }
            }
        } else if (cond instanceof Cond.Not n) {
            collect(n.of(), values);
        } else if (cond instanceof Cond.And a) {
            collect(a.left(), values);
            collect(a.right(), values);
        } else if (cond instanceof Cond.Or o) {
            collect(o.left(), values);
            collect(o.right(), values);
        }
    }

    /** Values that are tried where nothing decides: those that the test speaks of, and another. */
    public List<Long> spokenOf() {
        return spokenOf;
    }

    private void add(String name, int elements) {
        if (addressOf.containsKey(name)) {
            return;
        }
        if (addressOf.size() == MAX_NAMES) {
            throw new LitmusException(1, "more than " + MAX_NAMES + " shared variables");
        }
        long address = BASE + APART * addressOf.size();
        addressOf.put(name, address);
        for (int i = 0; i < elements; i++) {
            indexOf.put(address + i, locations.size());
            addresses.add(address + i);
            locations.add(new Item.Loc(name, i));
            initial.add(0L);
        }
    }

    private void addNamed(Item item) {
        if (item instanceof Item.Loc loc) {
            add(loc.name(), loc.index() + 1);
            if (!indexOf.containsKey(addressOf.get(loc.name()) + loc.index())) {
                throw new LitmusException(0, "no element " + loc.label());
            }
        } else if (item instanceof Item.Address address) {
            add(address.name(), 1);
        }
    }

    private void addAll(Cond cond) {
        if (cond instanceof Cond.Equal e) {
            addNamed(e.left());
            addNamed(e.right());
        } else if (cond instanceof Cond.Not n) {
            addAll(n.of());
        } else if (cond instanceof Cond.And a) {
            addAll(a.left());
            addAll(a.right());
        } else if (cond instanceof Cond.Or o) {
            addAll(o.left());
            addAll(o.right());
        }
    }

    /** Number of locations. */
    public int size() {
        return locations.size();
    }

    /** Location at {@code address}, or -1. */
    public int at(long address) {
        Integer index = indexOf.get(address);
        return index == null ? -1 : index;
    }

    /** As {@link #at}; where nothing is, a location without a name appears, as long as there are few. */
    public int reach(long address) {
        int known = at(address);
        if (known >= 0 || wild == MAX_WILD) {
            return known;
        }
        wild++;
        indexOf.put(address, locations.size());
        addresses.add(address);
        locations.add(new Item.Loc(Long.toString(address), 0));
        initial.add(0L);
        return locations.size() - 1;
    }

    /** Whether some execution went to an address where nothing is. */
    public boolean wild() {
        return wild > 0;
    }

    /** Index of a location that is named in the test. */
    public int index(Item.Loc loc) {
        return indexOf.get(addressOf.get(loc.name()) + loc.index());
    }

    /** Address of {@code name}, or null. */
    public Long address(String name) {
        return addressOf.get(name);
    }

    /** Address of the location with number {@code index}. */
    public long addressAt(int index) {
        return addresses.get(index);
    }

    /** Name of the location with number {@code index}. */
    public String name(int index) {
        Item.Loc loc = locations.get(index);
        return loc.index() == 0 ? loc.name() : loc.name() + "[" + loc.index() + "]";
    }

    /** Value at the start. */
    public long initial(int location) {
        return initial.get(location);
    }

    /** What a number or an address stands for. */
    public long value(Item item) {
        if (item instanceof Item.Num n) {
            return n.value();
        }
        Item.Address a = (Item.Address) item;
        return addressOf.get(a.name()) + a.index();
    }

    /** As herd7 prints it: an address by its name. */
    public String show(long value) {
        int index = at(value);
        if (index < 0 || value < BASE) {
            return Long.toString(value);
        }
        Item.Loc loc = locations.get(index);
        return loc.index() == 0 ? loc.name() : loc.name() + "+" + loc.index();
    }
}
