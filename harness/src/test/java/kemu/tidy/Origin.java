package kemu.tidy;

import java.util.HashSet;
import java.util.Set;
import org.objectweb.asm.tree.analysis.Value;

/**
 * A value of a method as bytecode is followed: how wide it is, and the fields and parameters it may come from.
 *
 * @param size slots on the stack
 * @param from names of fields, {@code owner.name}, and numbers of parameters after {@link #PARAMETER}
 */
record Origin(int size, Set<String> from) implements Value {
    static final String PARAMETER = "#";

    Origin or(Origin other) {
        if (from.containsAll(other.from) && size <= other.size) {
            return this;
        }
        Set<String> both = new HashSet<>(from);
        both.addAll(other.from);
        return new Origin(Math.min(size, other.size), both);
    }

    @Override
    public int getSize() {
        return size;
    }
}
