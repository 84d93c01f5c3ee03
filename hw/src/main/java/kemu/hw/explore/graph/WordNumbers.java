package kemu.hw.explore.graph;

import kemu.hw.cache.Granule;
import kemu.hw.machine.EmuMachine;
import org.agrona.collections.Long2LongHashMap;
import org.agrona.collections.LongHashSet;

/**
 * Numbers of the words that events are about. A granule of which events touch the whole at one time and a half at
 * another is two words if whole ones are only stored: each of its halves has an order of stores of its own. It is one
 * word if some load is of all of it: then each of its stores makes another version of all of it.
 */
final class WordNumbers {
    private final EmuMachine machine;
    private final Long2LongHashMap numbers = new Long2LongHashMap(-1);
    private final Long2LongHashMap widths = new Long2LongHashMap(0);
    private final LongHashSet mixed = new LongHashSet();
    private final LongHashSet loaded = new LongHashSet();
    private boolean grown;

    WordNumbers(EmuMachine machine) {
        this.machine = machine;
    }

    /** True once after a granule turned out to be other words than it was taken for. */
    boolean grown() {
        boolean result = grown;
        grown = false;
        return result;
    }

    /** Forgets the numbers, not which granules are one word. */
    void renumber() {
        numbers.clear();
    }

    int count() {
        return numbers.size();
    }

    void learn(Ev event) {
        long granule = Granule.of(event.address());
        long width = widths.get(granule);
        if (width == 0) {
            widths.put(granule, event.width());
        } else if (width != event.width() && mixed.add(granule)) {
            grown = true;
        }
        boolean whole = event.width() == Long.BYTES && event.kind() != Ev.STORE;
        if (whole && loaded.add(granule) && mixed.contains(granule)) {
            grown = true;
        }
    }

    /** The word that {@code event} is about: of two, the first. */
    int of(Ev event) {
        return number(isOne(event) ? Granule.of(event.address()) : event.address());
    }

    /** The second word that the store {@code event} is about, or NONE. */
    int otherOf(Ev event) {
        boolean two = event.width() == Long.BYTES && isMixed(event) && !isOne(event);
        return two ? number(event.address() + Integer.BYTES) : Graph.NONE;
    }

    private int number(long key) {
        long number = numbers.get(key);
        if (number < 0) {
            number = numbers.size();
            numbers.put(key, number);
        }
        return (int) number;
    }

    private boolean isMixed(Ev event) {
        return mixed.contains(Granule.of(event.address()));
    }

    /** True if the granule of {@code event} is one word, of which events touch the whole or a half. */
    boolean isOne(Ev event) {
        return isMixed(event) && loaded.contains(Granule.of(event.address()));
    }

    /** What the word held as executions begin; while memory is as then. */
    long initial(Ev event) {
        long granule = machine.memoryWord(Granule.of(event.address()));
        return Granule.extract(event.address(), event.width(), granule);
    }
}
