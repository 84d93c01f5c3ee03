package kemu.mm.slab;

import java.util.Arrays;
import java.util.List;

/** When a freed object is handed out again; the default comes first. */
public enum ReusePolicy {
    /** At once. */
    FAST("fast", "2.6.22 and later (SLUB): what was freed last is handed out first"),
    /** After a quarantine. */
    DELAYED("delayed", "freed objects rest for a while, as with KASAN's quarantine: hides bugs of early reuse"),
    /** What readers may look at: after a grace period. */
    OBJECT_RCU("object-rcu", "objects of SLAB_DESTROY_BY_RCU caches rest for a grace period each");

    private final String label;
    private final String description;

    ReusePolicy(String label, String description) {
        this.label = label;
        this.description = description;
    }

    /** Its name on the command line. */
    public String label() {
        return label;
    }

    /** What it does, in half a line. */
    public String description() {
        return description;
    }

    /** All names. */
    public static List<String> names() {
        return Arrays.stream(values()).map(ReusePolicy::label).toList();
    }

    /**
     * The policy called {@code name}.
     *
     * @throws IllegalArgumentException naming what is allowed
     */
    public static ReusePolicy byName(String name) {
        return Arrays.stream(values())
                .filter(one -> one.label.equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        "slab-reuse: " + name + " (allowed: " + String.join(", ", names()) + ")"));
    }
}
